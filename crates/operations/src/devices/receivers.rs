//! Receivers beside the server and the stream by which they deliver, where there are any.

use ingest::ReceiverState;
use ingest::stream::{IntakeStanding, StreamStanding};
use maud::{Markup, html};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use web::components::{self, Column, Table};
use web::{AppState, Problem, Reader};

/// A failure that is over so soon is none to show: a leader is being chosen.
const PASSES: Duration = Duration::from_secs(10);

/// What is known of the receivers.
pub(super) struct Receivers {
    standing: Arc<IntakeStanding>,
    all: Vec<ReceiverState>,
}

/// Looks at the receivers; `None` where the server receives alone.
pub(super) async fn take(state: &AppState) -> Result<Option<Receivers>, Problem> {
    let Some(standing) = state.handle::<IntakeStanding>() else { return Ok(None) };
    Ok(Some(Receivers { standing, all: ingest::receivers(&state.store).await? }))
}

impl Receivers {
    fn failure(&self) -> Option<String> {
        let (since, why) = self.standing.failure()?;
        (since.elapsed() > PASSES).then_some(why)
    }

    /// For programs.
    pub(super) fn to_json(&self) -> Value {
        let stream = self.standing.stream();
        json!({
            "recorded": self.standing.recorded(),
            "failure": self.failure(),
            "stream": stream.map(|stream| json!({
                "last": stream.last,
                "bytes": stream.bytes,
                "bytes_max": stream.bytes_max,
                "leader": stream.leader,
                "replicas": stream.replicas,
                "behind": stream.behind,
            })),
            "receivers": self.all.iter().map(|one| json!({
                "name": one.name,
                "address": one.address,
                "version": one.version,
                "started_at": one.started_at.to_string(),
                "seen_at": one.seen_at.to_string(),
                "connections": one.connections,
                "packets": one.packets,
            })).collect::<Vec<_>>(),
        })
    }

    /// The part of the operator's first page.
    pub(super) fn section(&self, reader: &Reader) -> Markup {
        let stream = self.standing.stream();
        components::section(
            "receivers",
            reader.pick("接收服务与消息流", "Receivers and stream"),
            html! {
                @if let Some(failure) = self.failure() {
                    (components::error_box(
                        reader.pick("消息流中的数据无法入库,设备照常应答",
                            "What came through the stream is not stored; devices are answered"),
                        &failure))
                }
                @if let Some(stream) = &stream { (self.figures(reader, stream)) }
                (self.table(reader))
            },
        )
    }

    fn figures(&self, reader: &Reader, stream: &StreamStanding) -> Markup {
        let waiting = stream.last.saturating_sub(self.standing.recorded());
        let sound = stream.replicas.saturating_sub(stream.behind.len());
        let megabytes = |bytes: u64| format!("{} MB", bytes / 1_000_000);
        html! {
            div class="stats" data-key="stream" {
                (components::stat(reader.pick("待入库消息", "Messages waiting"),
                    html! { (waiting) }, None))
                (components::stat(reader.pick("同步的副本", "Replicas in step"),
                    html! { (sound) }, Some(&format!("/ {}", stream.replicas))))
                (components::stat(reader.pick("消息流大小", "Size of the stream"),
                    html! { (megabytes(stream.bytes)) },
                    Some(&format!("/ {}", megabytes(stream.bytes_max)))))
            }
            @if !stream.behind.is_empty() {
                p { (components::status_badge("bad", reader.pick("副本缺失或落后", "gone or behind")))
                    " " (stream.behind.join(", ")) }
            }
        }
    }

    fn table(&self, reader: &Reader) -> Markup {
        let mut table = Table::new(
            reader.pick("正在运行的接收服务", "Receivers that run"),
            vec![
                Column::words(reader.pick("名称", "Name")),
                Column::words(reader.pick("地址", "Address")),
                Column::numbers(reader.pick("连接", "Connections")),
                Column::numbers(reader.pick("数据包", "Packets")),
                Column::words(reader.pick("启动", "Started")),
                Column::words(reader.pick("最近心跳", "Last seen")),
            ],
        );
        for one in &self.all {
            table.keyed_row(
                format!("receiver-{}", one.name),
                vec![
                    html! { (one.name) },
                    html! { code { (one.address) } },
                    html! { (one.connections) },
                    html! { (one.packets) },
                    html! { (components::moment(one.started_at)) },
                    html! { (components::moment(one.seen_at)) },
                ],
            );
        }
        if table.is_empty() {
            return components::empty(
                reader.pick("没有接收服务在运行", "No receiver runs"),
                reader.pick(
                    "设备只能连接本服务器;用 lucid receive 启动接收服务。",
                    "Devices can only come to this server; start one with `lucid receive`.",
                ),
            );
        }
        table.render()
    }
}
