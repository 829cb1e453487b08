//! The list of refused packets, and one with its bytes.

use authority::Action;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use ingest::RefusedPacket;
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{Allowed, AppState, Page, Problem, Reader};

/// Packets on one page.
pub(super) const A_PAGE: u32 = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/operator/refused", get(all)).route("/operator/refused/{id}", get(one))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    after: Option<i64>,
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let packets = ingest::refused_packets(&state.store, wanted.after, A_PAGE).await?;
    let mut table = Table::new(
        reader.pick("最近被拒的数据包", "Packets refused of late"),
        vec![
            Column::words(reader.pick("时间", "Time")),
            Column::words(reader.pick("原因", "Reason")),
            Column::words("MN"),
            Column::words(reader.pick("来自", "From")),
            Column::numbers(reader.pick("字节", "Bytes")),
        ],
    );
    for packet in &packets {
        table.row(vec![
            html! {
                a href={ "/operator/refused/" (packet.id) } {
                    (components::moment(packet.received_at))
                }
            },
            html! { code { (packet.reason) } },
            html! { (packet.mn.as_deref().unwrap_or("—")) },
            html! { (packet.peer) },
            html! { (packet.size) },
        ]);
    }
    let next = packets.last().filter(|_| packets.len() == A_PAGE as usize);
    let content = html! {
        @if table.is_empty() {
            (components::empty(
                reader.pick("没有被拒的数据包", "No packet was refused"),
                reader.pick("坏 CRC、未知 MN、错误密码等会出现在这里。",
                    "Wrong checks, unknown devices, wrong passwords and the like appear here.")))
        } @else { (table.render()) }
        (components::pages(&reader, next.map(|packet| packet.id.to_string()).as_deref()))
    };
    let page = Page::new(reader.pick("被拒数据包", "Refused packets"))
        .under("/operator", reader.pick("运维", "Operations"));
    Ok(page.render(&state, &reader, content))
}

/// The refused packet with this number.
pub(super) async fn find(state: &AppState, id: i64) -> Result<RefusedPacket, Problem> {
    ingest::refused_packet(&state.store, id).await?.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的被拒数据包,或已不再保留"),
            format!("there is no refused packet with the number {id}, or it is no longer kept"),
        )
    })
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let packet = find(&state, id).await?;
    let content = html! {
        (components::section("why", reader.pick("原因", "Why"), facts(&reader, &packet)))
        (components::section("bytes", reader.pick("原文", "The bytes"), html! {
            @if packet.size > packet.raw.len() as u64 {
                p class="hint" {
                    (reader.pick("只保留开头部分。", "Only the beginning is kept."))
                }
            }
            (components::hex_view(&crate::raw_packets::masked(&packet.raw),
                reader.pick("数据包原文,口令已遮盖", "The packet's bytes, its password masked")))
        }))
    };
    let page = Page::new(reader.pick("被拒数据包", "A refused packet"))
        .under("/operator", reader.pick("运维", "Operations"))
        .under("/operator/refused", reader.pick("被拒数据包", "Refused packets"));
    Ok(page.render(&state, &reader, content))
}

fn facts(reader: &Reader, packet: &RefusedPacket) -> Markup {
    let cure = hj212::decode_whole(&packet.raw).err().map(|rejection| rejection.reason.cure());
    let mut facts = vec![
        (reader.pick("原因", "Reason").to_owned(), html! { code { (packet.reason) } }),
        (reader.pick("说明", "Explanation").to_owned(), html! { (packet.explanation) }),
    ];
    if let Some((zh, en)) = cure {
        facts.push((
            reader.pick("如何改正", "How to mend it").to_owned(),
            html! { (reader.pick(zh, en)) },
        ));
    }
    facts.extend([
        (reader.pick("收到", "Received").to_owned(), components::moment(packet.received_at)),
        (reader.pick("来自", "From").to_owned(), html! { (packet.peer) }),
        ("MN".to_owned(), html! { (packet.mn.as_deref().unwrap_or("—")) }),
    ]);
    components::definition_list(&facts)
}
