//! The viewer: bytes on one side, decoded fields on the other.

use super::{is_secret, masked};
use authority::Action;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use hj212::{Frame, answer, decode_whole, field};
use maud::{Markup, html};
use observations::{RawPacket, Source};
use web::components::{self, Column, Table};
use web::{Allowed, AppState, Page, Problem, Reader};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/packets/{block}/{index}", get(one))
}

/// The packet at this place of the commit log.
pub(super) async fn find(state: &AppState, block: i64, index: u32) -> Result<RawPacket, Problem> {
    let source = Source { block, index };
    observations::raw_packet(&state.store, source).await?.ok_or_else(|| {
        Problem::not_found(
            format!("没有数据包 {block}/{index}"),
            format!("there is no packet {block}/{index}"),
        )
    })
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
    Path((block, index)): Path<(i64, u32)>,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let packet = find(&state, block, index).await?;
    let decoded = decode_whole(&packet.bytes);
    let content = html! {
        (components::section("received", reader.pick("接收", "Reception"), received(&reader, &packet)))
        div class="columns" {
            (components::section("bytes", reader.pick("原文", "The bytes"),
                components::hex_view(&masked(&packet.bytes),
                    reader.pick("数据包原文,口令已遮盖", "The packet's bytes, its password masked"))))
            (components::section("fields", reader.pick("解析", "What they say"), html! {
                @match &decoded {
                    Ok(frame) => { (fields(&state, &reader, frame)) }
                    Err(_) => {
                        (components::notice("note", html! {
                            (reader.pick("这不是 HJ 212 数据包(例如导入的文件)。",
                                "This is no HJ 212 packet: an imported file, for example."))
                        }))
                    }
                }
            }))
        }
    };
    let title = format!("{} {block}/{index}", reader.pick("原始数据包", "Raw packet"));
    let page = Page::new(title).under("/operator", reader.pick("运维", "Operations"));
    Ok(page.render(&state, &reader, content))
}

fn received(reader: &Reader, packet: &RawPacket) -> Markup {
    components::definition_list(&[
        (reader.pick("收到", "Received").to_owned(), components::moment(packet.received_at)),
        (reader.pick("来自", "From").to_owned(), html! { (packet.peer) }),
        (
            reader.pick("设备 MN", "Device MN").to_owned(),
            html! { code { (packet.device.as_deref().unwrap_or("—")) } },
        ),
        (reader.pick("字节", "Bytes").to_owned(), html! { (packet.bytes.len()) }),
    ])
}

fn fields(state: &AppState, reader: &Reader, frame: &Frame) -> Markup {
    let snapshot = state.snapshot();
    let packet = &frame.packet;
    let command = hj212::tables::command(packet.cn());
    let point = snapshot.device(packet.mn()).and_then(|device| snapshot.point(device.point));
    let unit = |factor: &registry::Factor| {
        web::unit(point.map_or(&factor.unit, |point| factor.unit_at(point.kind())))
    };
    let mut table = Table::new(
        reader.pick("字段", "Fields"),
        vec![
            Column::words(reader.pick("字段", "Field")),
            Column::words(reader.pick("值", "Value")),
            Column::words(reader.pick("含义", "Meaning")),
        ],
    );
    for (name, value) in packet.header_fields() {
        let meaning = match (name, command) {
            ("CN", Some(command)) => reader.pick(&command.name_zh, &command.name_en),
            _ => header_meaning(reader, name),
        };
        let shown = if is_secret(name) { "******" } else { value };
        table.row(vec![html! { code { (name) } }, html! { code { (shown) } }, html! { (meaning) }]);
    }
    for (name, value) in packet.pairs() {
        let factor = field::split(name).and_then(|(code, _)| snapshot.factor_by_code(code));
        let meaning = factor.map_or_else(String::new, |factor| {
            format!("{} {}", reader.name(&factor.name), unit(factor))
        });
        // A packet that sets a new password carries it in its data.
        let shown = if is_secret(name) { "******" } else { value };
        table.row(vec![html! { code { (name) } }, html! { code { (shown) } }, html! { (meaning) }]);
    }
    let quirks: Vec<String> = frame.quirks.iter().map(|quirk| quirk.code()).collect();
    let due = answer::wanted(packet).map(answer::Wanted::cn);
    html! {
        (table.render())
        (components::definition_list(&[
            (reader.pick("版本", "Edition").to_owned(), html! { "HJ 212-" (packet.edition().as_str()) }),
            (
                reader.pick("应答", "Answer due").to_owned(),
                html! { (due.unwrap_or_else(|| reader.pick("无", "none"))) },
            ),
            (
                reader.pick("格式偏差", "Quirks").to_owned(),
                html! {
                    @if quirks.is_empty() { (reader.pick("无", "none")) }
                    @else { code { (quirks.join(", ")) } }
                },
            ),
        ]))
    }
}

fn header_meaning<'a>(reader: &'a Reader, name: &str) -> &'a str {
    match name {
        "QN" => reader.pick("请求编码", "number of the exchange"),
        "ST" => reader.pick("系统编码", "system"),
        "CN" => reader.pick("命令编码", "command"),
        "PW" => reader.pick("访问密码(已遮盖)", "password, masked"),
        "MN" => reader.pick("设备唯一标识", "device"),
        "Flag" => reader.pick("拆分包及应答标志", "version, parts, answer wanted"),
        "PNUM" => reader.pick("总包数", "parts in all"),
        "PNO" => reader.pick("包号", "this part"),
        "RF" => reader.pick("补传标识", "sent again"),
        _ => "",
    }
}
