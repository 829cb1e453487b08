//! One episode: figures, picture, values with their three layers of marks, limit and rule, what it
//! was computed from, alerts, cases, packets.

use super::super::model::{Episode, at};
use super::super::packet::{MEDIA_TYPE, issuer};
use super::super::store::{self, Packet};
use super::super::{access, queries, rules, words};
use super::list::state_badge;
use super::{PATH, counting, values};
use crate::words as area;
use authority::Action;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use registry::{PointDetail, Snapshot};
use rulebook::beijing_offset;
use validity::{Month, MonthRecord};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn, local_second};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    let snapshot = state.snapshot();
    let records = records(&state, &episode).await;
    let packets = store::packets_of(&state.store, id).await?;
    let counted = queries::counting(&state, &episode).await?;
    let may_decide = access::may_decide(&signed_in, &snapshot, &episode).is_ok();
    let content = html! {
        @if let Some(by) = episode.superseded_at.and(episode.superseded_by) {
            (components::notice("warning", html! {
                (reader.pick("判定记录变化后重新计算，已被取代：",
                    "Records changed and it was computed anew; see ")) " "
                a href={ (PATH) "/" (by) } { "#" (by) }
            }))
        } @else if episode.superseded_at.is_some() {
            (components::notice("warning", html! {
                (reader.pick("判定记录变化后重新计算，此过程不再成立；本页保留原结果。",
                    "Records changed: nothing is over the limit any longer; this is kept as it \
                     was."))
            }))
        }
        (components::section("figures", reader.pick("概况", "Figures"),
            figures(&snapshot, &reader, &episode)))
        (components::section("chart", reader.pick("过程曲线", "Course"),
            values::chart(&snapshot, &reader, &episode, &records)))
        (components::section("values", reader.pick("逐时段数据与标记", "Values and marks"),
            values::values(&snapshot, &reader, &episode, &records)))
        (components::section("basis", reader.pick("判定依据", "What it rests on"),
            basis(&snapshot, &reader, &episode)))
        (components::section("packet", reader.pick("证据包", "Evidence packet"),
            packet_part(&reader, &episode, &packets, may_decide)))
        (components::section("counting", reader.pick("行为认定", "How it is counted"),
            counting::part(&reader, &episode, &counted, may_decide)))
        (related(&state, &reader, &signed_in, &episode, !packets.is_empty()).await?)
    };
    let page = Page::new(reader.text(&words::title(&snapshot, &episode.computed)))
        .under(PATH, reader.pick("超标过程", "Exceedance episodes"));
    Ok(page.render(&state, &reader, content))
}

/// The newest stored records of its months: for what stands around it.
async fn records(state: &AppState, episode: &Episode) -> Vec<MonthRecord> {
    let computed = &episode.computed;
    let mut records = Vec::new();
    for basis in &computed.basis {
        let Some(month) = Month::parse(&basis.month) else { continue };
        let found = if basis.version > 0 {
            validity::version(&state.store, computed.point, month, basis.version)
                .await
                .ok()
                .flatten()
        } else {
            let (snapshot, now) = (state.snapshot(), state.now());
            validity::provisional(&state.store, &snapshot, computed.point, month, now).await.ok()
        };
        records.extend(found);
    }
    records
}

fn figures(snapshot: &Snapshot, reader: &Reader, episode: &Episode) -> Markup {
    let computed = &episode.computed;
    let figures = computed.figures();
    let (places, unit) = (words::places(snapshot, computed), words::unit(snapshot, computed));
    let lasted = computed.ended_at().duration_since(computed.began_at());
    let over = computed.over.first();
    let stat = |zh, en, value: String, note: Option<&str>| {
        components::stat(reader.pick(zh, en), html! { (value) }, note)
    };
    html! {
        p { (state_badge(reader, episode)) " " (words::span(computed)) }
        div class="stats" {
            (stat("历时", "Lasted", web::duration(lasted, reader.language), None))
            (stat("超标时段", "Periods over",
                reader.text(&words::count(computed.period, figures.periods)).to_owned(), None))
            (stat("最高值", "Highest", words::number(figures.highest, places), Some(&unit)))
            (stat("最高超标倍数", "Highest multiple", words::multiple(&figures), None))
            (stat("超标时段均值", "Mean", words::number(figures.mean, places), Some(&unit)))
            (stat("超标排放量", "Over the limit", words::number(figures.over_kg, 3), Some("kg")))
        }
        @if figures.without_amount > 0 {
            p class="hint" {
                (figures.without_amount)
                (reader.pick(" 个时段没有排放量数据，未计入超标排放量。",
                    " periods have no amount and are not in the amount over the limit."))
            }
        }
        @if let Some(over) = over {
            p {
                (reader.pick("限值", "Limit")) " " strong { (over.limit) " " (unit) } " · "
                (over.limit_source)
            }
        }
        p class="hint" { (reader.text(&words::FORMULA)) }
        @if computed.basis.iter().any(|basis| basis.version == 0) {
            p class="hint" { (reader.text(&words::PROVISIONAL)) }
        }
    }
}

fn basis(snapshot: &Snapshot, reader: &Reader, episode: &Episode) -> Markup {
    let computed = &episode.computed;
    let medium = snapshot.point(computed.point).and_then(|point| match &point.detail {
        PointDetail::Outlet(outlet) => Some(outlet.medium),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    });
    let code = snapshot.factor(computed.factor).map_or("", |factor| factor.code.as_str());
    let on = beijing_offset().to_datetime(at(computed.began_at().as_millisecond())).date();
    let rule = medium.and_then(|medium| {
        rules::recognition(&snapshot.city.code, medium, computed.period, code, on)
    });
    let mut table = Table::new(
        reader.pick(
            "判定记录，同一版本可复算出同一摘要",
            "Records; a version recomputes to its digest",
        ),
        vec![
            Column::words(reader.pick("月份", "Month")),
            Column::words(reader.pick("版本", "Version")),
            Column::words(reader.pick("摘要（SHA-256）", "Digest (SHA-256)")),
        ],
    );
    for basis in &computed.basis {
        let version = if basis.version == 0 {
            reader.pick("暂定", "provisional").to_owned()
        } else {
            basis.version.to_string()
        };
        table.row(vec![
            html! { (basis.month) },
            html! { (version) },
            html! { code { (basis.digest) } },
        ]);
    }
    html! {
        @match rule {
            Some(rule) => p {
                strong { (rule.standard) " " (rule.clause) } " · " (reader.text(&rule.text)) " "
                span class="muted" {
                    (rule.source) " (" (reader.text(&rule.confidence.text())) ")"
                }
            },
            None => p {
                (reader.pick(
                    "没有适用于该污染物和时段的认定规则（如 pH 单独判断，或本省规则未录入）；\
                     是否认定为超标由办案人员依照原文判断。",
                    "No rule of recognition is listed for this factor and period (pH is judged \
                     apart, or the province's rule is not entered); officers decide by the text."))
            },
        }
        (table.render())
        p class="hint" {
            (reader.pick("计算于 ", "Computed at ")) (local_second(episode.computed_at))
        }
    }
}

fn packet_part(reader: &Reader, episode: &Episode, packets: &[Packet], may_issue: bool) -> Markup {
    let is_issued = packets.iter().any(|packet| packet.fingerprint == episode.fingerprint);
    html! {
        p class="words" {
            (reader.pick(
                "证据包是签名的 PDF，含数据、三层标记、限值与许可证版本、原始数据包及其日志证明；\
                 同一结果只签发一次，此后下载的是同一文件。",
                "The packet is a signed PDF with values, marks, limit and permit version, raw \
                 packets and their proofs in the log; it is issued once for each result and is \
                 the same file ever after."))
        }
        @for packet in packets {
            p {
                a class="button" href={ (PATH) "/" (episode.id) "/packet.pdf" } {
                    (reader.pick("下载证据包 PDF", "Download the packet")) " "
                    (packet.year) "-" (packet.number)
                } " "
                span class="muted" {
                    (local_second(packet.issued_at)) " · " (packet.who) " · "
                    (reader.pick("验证码", "code")) " " (packet.code) " · SHA-256 "
                    code { (packet.file) }
                }
            }
        }
        @if may_issue && !is_issued {
            form method="post" action={ (PATH) "/" (episode.id) "/packet" } {
                button type="submit" { (reader.pick("签发证据包", "Issue the packet")) }
            }
        }
        @if !may_issue && packets.is_empty() {
            p class="hint" {
                (reader.pick("尚未签发；由值班或县区办理人员签发。",
                    "Not issued yet; officers on duty or of the county issue it."))
            }
        }
        p { a href="/evidence/verify" { (reader.pick("怎样核验", "How it is checked")) } }
    }
}

async fn related(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    episode: &Episode,
    has_packet: bool,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let alerts = queries::alerts(state, episode).await?;
    let earlier = store::earlier(&state.store, episode.id).await?;
    let case = store::case_of(&state.store, episode.id).await?;
    let mut findings = Vec::new();
    if access::may_decide(signed_in, &snapshot, episode).is_ok() {
        for alert in &alerts {
            let found = crate::triage::finding_of_alert(&state.store, alert.id).await?;
            findings.extend(found.filter(|finding| !findings.contains(finding)));
        }
    }
    let may_read_case = signed_in.scope(Action::ReadCase).is_ok();
    let may_open = access::may_open_case(signed_in, &snapshot, episode).is_ok();
    let point = snapshot.point(episode.computed.point);
    let content = html! {
        ul {
            @if let Some(point) = point {
                li { a href=(area::path(point)) { (reader.pick("排放口页", "The outlet")) } }
            }
            @for alert in &alerts {
                li {
                    a href={ "/alerts/" (alert.id) } { (reader.pick("告警", "Alert")) " #"
                        (alert.id) }
                    " · " (components::moment(alert.opened_at))
                }
            }
            @for earlier in &earlier {
                li {
                    a href={ (PATH) "/" (earlier) } {
                        (reader.pick("取代的结果", "What it superseded")) " #" (earlier)
                    }
                }
            }
            @for finding in &findings {
                li {
                    a href={ "/triage/" (finding) } {
                        (reader.pick("研判线索", "Finding")) " #" (finding)
                    }
                }
            }
            @if let Some(case) = case.filter(|_| may_read_case) {
                li { a href={ "/cases/" (case) } { (reader.pick("处置事项", "The case")) } }
            }
        }
        @if case.is_some() && may_open && has_packet {
            form class="actions" method="post" action={ (PATH) "/" (episode.id) "/case/packet" } {
                button type="submit" {
                    (reader.pick("将证据包附入事项", "Attach the packet to the case"))
                }
            }
        }
        @if case.is_none() && may_open {
            form class="actions" method="post" action={ (PATH) "/" (episode.id) "/case" } {
                button type="submit" { (reader.pick("登记处置事项", "Open a case")) }
            }
        }
    };
    Ok(components::section("related", reader.pick("相关", "Related"), content))
}

/// The episode of which an alert tells; where there is none, the way to have it computed.
pub(super) async fn of_alert(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let alert = crate::alerts::find(&state, id).await?;
    let snapshot = state.snapshot();
    access::may_see(&signed_in, &snapshot, alert.subject.point)?;
    let episodes = queries::of_alert(&state, &alert).await?;
    if let [episode] = episodes.as_slice() {
        let to = format!("{PATH}/{}", episode.id);
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
    }
    let may_compute = signed_in.scope(Action::DecideMarks).is_ok();
    let content = html! {
        @if episodes.is_empty() {
            (components::empty(
                reader.pick("此告警还没有对应的超标过程", "No episode tells of this alert yet"),
                reader.pick("过程由有效的小时均值（废气）或日均值（废水）计算，每小时更新；\
                     标记为无效的数据不计入。",
                    "Episodes are computed from valid hours (gas) or days (water), each hour; data \
                     marked as invalid do not count.")))
        } @else {
            (super::list::table(&snapshot, &reader, &episodes, may_compute))
        }
        @if may_compute {
            form class="actions" method="post" action={ (PATH) "/by-alert/" (id) } {
                button type="submit" { (reader.pick("立即计算", "Compute now")) }
            }
        }
        p { a href={ "/alerts/" (id) } { (reader.pick("回到告警", "Back to the alert")) } }
    };
    let page = Page::new(reader.pick("告警的超标过程", "The episode of an alert"))
        .under(PATH, reader.pick("超标过程", "Exceedance episodes"));
    Ok(page.render(&state, &reader, content).into_response())
}

/// The packet as a file.
pub(super) async fn packet(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    let packets = store::packets_of(&state.store, episode.id).await?;
    let newest = packets.last().ok_or_else(|| {
        Problem::not_found("此过程尚未签发证据包", "no packet was issued of this episode yet")
    })?;
    let bytes = issuer(&state)?.file(newest).await?;
    let name = format!("evidence-{}-{}.pdf", newest.year, newest.number);
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
