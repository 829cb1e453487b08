//! The operator's first page, and the list of devices.

use super::pulse::{Pulse, bytes, take};
use super::receivers;
use authority::Action;
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use ingest::{DeviceState, Devices, RefusedCount};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::HashMap;
use web::components::{self, Column, Table};
use web::{Allowed, AppState, Page, Problem, Reader, duration};

/// Devices on one page of the list.
const A_PAGE: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/operator", get(first)).route("/operator/devices", get(all))
}

async fn first(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let pulse = take(&state).await?;
    let refused = ingest::refused_counts(&state.store).await?;
    let receivers = receivers::take(&state).await?;
    let content = html! {
        @if let Some(failure) = &pulse.failure {
            (components::error_box(
                reader.pick("数据无法入库,设备暂不应答", "Data cannot be stored; devices are not answered"),
                failure))
        }
        (components::section("pulse", reader.pick("运行状况", "How it fares"),
            figures(&state, &reader, &pulse)))
        @if let Some(receivers) = &receivers { (receivers.section(&reader)) }
        (components::section("refused", reader.pick("被拒数据包", "Refused packets"), html! {
            (reasons(&reader, &refused))
            p { a href="/operator/refused" { (reader.pick("逐条查看", "One by one")) } }
        }))
        p class="row" {
            a class="button" href="/operator/devices" { (reader.pick("全部设备", "All devices")) }
            " "
            a class="button" href="/operator/commands" {
                (reader.pick("设备指令", "Commands to devices"))
            }
            " "
            a class="button" href="/operator/history" { (reader.pick("历史数据", "History")) }
        }
    };
    Ok(Page::new(reader.pick("运维", "Operations")).live().render(&state, &reader, content))
}

fn figures(state: &AppState, reader: &Reader, pulse: &Pulse) -> Markup {
    let rate = pulse.packets_per_second.map_or_else(|| "—".to_owned(), |rate| format!("{rate:.1}"));
    let age = pulse.committed_at.map_or_else(
        || "—".to_owned(),
        |at| duration(state.now().duration_since(at), reader.language),
    );
    let size = |count: Option<u64>| count.map_or_else(|| "—".to_owned(), bytes);
    let disk = pulse.disk.map(|disk| (bytes(disk.free), format!("/ {}", bytes(disk.total))));
    html! {
        div class="stats" data-key="operations" {
            (components::stat(reader.pick("在线设备", "Devices online"),
                html! { (pulse.online) }, Some(&format!("/ {}", pulse.devices))))
            (components::stat(reader.pick("每秒数据包", "Packets a second"), html! { (rate) },
                Some(&format!("{} {}", reader.pick("启动以来", "since the start"), pulse.packets))))
            (components::stat(reader.pick("被拒数据包", "Refused packets"),
                html! { (pulse.refused) }, None))
            (components::stat(reader.pick("评判滞后", "Judging behind"),
                html! { (pulse.commits_behind.max(0)) }, Some(reader.pick("次提交", "commits"))))
            (components::stat(reader.pick("待入库", "Waiting to be stored"),
                html! { (pulse.queued) }, None))
            (components::stat(reader.pick("最近入库", "Newest commit"), html! { (age) },
                Some(reader.pick("之前", "ago"))))
            @if let Some((free, total)) = &disk {
                (components::stat(reader.pick("磁盘可用", "Disk free"), html! { (free) }, Some(total)))
            }
            (components::stat(reader.pick("数据库大小", "Store"),
                html! { (size(pulse.store_bytes)) }, None))
            (components::stat(reader.pick("内存", "Memory"),
                html! { (size(pulse.memory_bytes)) }, None))
        }
    }
}

fn reasons(reader: &Reader, counts: &[RefusedCount]) -> Markup {
    let mut table = Table::new(
        reader
            .pick("按原因计数,含已不再保留的", "Counted by reason, those no longer kept included"),
        vec![
            Column::words(reader.pick("原因", "Reason")),
            Column::numbers(reader.pick("数量", "Packets")),
            Column::words(reader.pick("最近一次", "Last")),
        ],
    );
    for count in counts {
        table.row(vec![
            html! { code { (count.reason) } },
            html! { (count.packets) },
            html! { (components::moment(count.last_at)) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有被拒的数据包", "No packet was refused"),
            reader.pick(
                "每个被拒的数据包都会在这里留下原文与原因。",
                "Each refused packet leaves its bytes and the reason here.",
            ),
        );
    }
    table.render()
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    after: Option<usize>,
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let snapshot = state.snapshot();
    let states: HashMap<String, DeviceState> = state
        .handle::<Devices>()
        .map(|devices| devices.states())
        .unwrap_or_default()
        .into_iter()
        .map(|device| (device.mn.to_string(), device))
        .collect();
    let devices: Vec<_> = snapshot.devices().collect();
    let from = wanted.after.unwrap_or(0).min(devices.len());
    let until = devices.len().min(from + A_PAGE);
    let mut table = Table::new(
        reader.pick("登记的设备", "Registered devices"),
        vec![
            Column::words("MN"),
            Column::words(reader.pick("点位", "Point")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("版本", "Edition")),
            Column::words(reader.pick("最近数据包", "Last packet")),
            Column::words("DataTime"),
            Column::numbers(reader.pick("时钟偏差", "Clock offset")),
            Column::numbers(reader.pick("数据包/重复/被拒", "Packets / duplicates / refused")),
        ],
    );
    for device in &devices[from..until] {
        let point = snapshot.point(device.point);
        let name = point.map_or("—", |point| reader.name(&point.name));
        let seen = states.get(&device.mn);
        table.keyed_row(format!("device-{}", device.mn), vec![
            html! { a href={ "/operator/devices/" (device.mn) } { code { (device.mn) } } },
            html! { (name) },
            online(&reader, seen),
            html! { (seen.map_or("—", |seen| seen.edition.as_str())) },
            moment(seen.and_then(|seen| seen.last_packet_at)),
            moment(seen.and_then(|seen| seen.last_data_time)),
            html! { (offset(seen.and_then(|seen| seen.clock_offset_ms))) },
            html! {
                @match seen {
                    Some(seen) => { (seen.packets) " / " (seen.duplicates) " / " (seen.refused) }
                    None => { "—" }
                }
            },
        ]);
    }
    let next = (until < devices.len()).then(|| until.to_string());
    let content = html! {
        @if table.is_empty() {
            (components::empty(
                reader.pick("没有登记设备", "No device is registered"),
                reader.pick("在城市文件 devices.csv 中登记。", "Register them in the city's devices.csv.")))
        } @else { (table.render()) }
        (components::pages(&reader, next.as_deref()))
    };
    let page = Page::new(reader.pick("设备", "Devices"))
        .under("/operator", reader.pick("运维", "Operations"))
        .live();
    Ok(page.render(&state, &reader, content))
}

fn online(reader: &Reader, seen: Option<&DeviceState>) -> Markup {
    match seen {
        Some(seen) if seen.online => {
            components::status_badge("good", reader.pick("在线", "online"))
        }
        Some(_) => components::status_badge("bad", reader.pick("离线", "offline")),
        None => components::status_badge("quiet", reader.pick("从未连接", "never connected")),
    }
}

fn moment(at: Option<jiff::Timestamp>) -> Markup {
    html! { @match at { Some(at) => { (components::moment(at)) } None => { "—" } } }
}

fn offset(milliseconds: Option<i64>) -> String {
    milliseconds.map_or_else(
        || "—".to_owned(),
        |offset| {
            let sign = if offset < 0 { '-' } else { '+' };
            format!("{sign}{}.{} s", offset.abs() / 1000, offset.abs() % 1000 / 100)
        },
    )
}
