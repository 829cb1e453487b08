//! One finding: why it stands where it stands, its alarms, what was decided before, the verdict.

use super::super::access::Officer;
use super::super::model::{Conclusion, Factor, Finding, Origin, Score, Verdict};
use super::super::queries::{self, Shown};
use super::super::store;
use super::super::{compute, shown, spark};
use super::DESK;
use crate::words as area;
use axum::extract::{Path, State};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use registry::Snapshot;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let finding = queries::one(&state, &snapshot, &officer, id).await?;
    let verdicts = store::of_finding(&state.store, finding.id).await?;
    let scores = store::scores(&state.store, finding.id).await?;
    let place = store::place(&state.store, &finding).await?;
    let row = queries::beside(&state, finding).await?;
    let may_judge = officer.may_judge(&snapshot, &row.finding).is_ok();
    let may_order = officer.may_order(&snapshot, &row.finding).is_ok();
    let content = html! {
        (shown::no_proof(&reader))
        (head(&state, &snapshot, &reader, &row, place, may_order))
        (components::section("why", reader.pick("为什么排在这里", "Why it stands here"),
            reasons(&reader, &row.finding.score)))
        (components::section("alarms", reader.pick("归并的告警", "Its alarms"),
            alarms(&snapshot, &reader, &row.finding)))
        (components::section("decisions", reader.pick("本排放口最近决定", "Last decisions here"),
            shown::decisions(&reader, &row)))
        (components::section("verdict", reader.pick("研判结论", "Verdict"), html! {
            (history(&reader, &verdicts))
            @if may_judge && row.finding.merged_into.is_none() { (form(&reader, &row.finding)) }
        }))
        (components::section("scores", reader.pick("排序分的变化", "Earlier scores"),
            changes(&reader, &scores)))
    };
    let title = format!("#{id} {}", shown::outlet(&snapshot, &reader, &row.finding));
    let page = Page::new(title).under(DESK, reader.pick("值班台", "Duty desk"));
    Ok(page.render(&state, &reader, content))
}

fn head(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    row: &Shown,
    place: Option<i64>,
    may_order: bool,
) -> Markup {
    let finding = &row.finding;
    let mut facts = vec![
        (
            reader.pick("排放口", "Outlet").to_owned(),
            html! {
                @match snapshot.point(finding.point) {
                    Some(point) => {
                        a href=(area::path(point)) { (shown::outlet(snapshot, reader, finding)) }
                    }
                    None => { (finding.point.0) }
                }
            },
        ),
        (
            reader.pick("问题", "What").to_owned(),
            html! { (shown::what(snapshot, reader, finding)) },
        ),
        (
            reader.pick("状态", "State").to_owned(),
            html! {
                (reader.text(&finding.state.text()))
                @if let Some(into) = finding.merged_into {
                    " " a href={ "/triage/" (into.0) } { "#" (into.0) }
                }
                @if let Some(place) = place {
                    " · " (reader.pick("队列第", "place")) " " (place)
                }
            },
        ),
        (
            reader.pick("时间", "When").to_owned(),
            html! {
                (components::moment(finding.opened_at)) " – " (components::moment(finding.last_at))
            },
        ),
        (reader.pick("标记", "Marks").to_owned(), html! { (shown::marks(reader, row)) }),
        (
            reader.pick("核查时限", "Check on site").to_owned(),
            shown::left(reader, row.due_at, state.now()),
        ),
    ];
    if let Some(worst) = shown::worst(reader, finding) {
        facts.push((reader.pick("最高", "At worst").to_owned(), html! { (worst) }));
    }
    html! {
        (components::section("what", reader.pick("概况", "What"), html! {
            (components::definition_list(&facts))
            (curve(snapshot, reader, row))
            p class="actions" {
                @if let Some((order, _)) = &row.order {
                    a class="button" href={ "/cases/" (order.case.0) } {
                        (reader.pick("督办单", "Order")) " " (order.number)
                    }
                } @else if may_order && finding.merged_into.is_none() {
                    a class="button" href={ "/triage/" (finding.id.0) "/order" } {
                        (reader.pick("下达督办单", "Make an order"))
                    }
                }
            }
        }))
    }
}

/// The last hours, drawn on the server, and the days around the finding, drawn in the browser.
fn curve(snapshot: &Snapshot, reader: &Reader, row: &Shown) -> Markup {
    let Some(factor) = row.curve.factor.and_then(|factor| snapshot.factor(factor)) else {
        return html! {};
    };
    let before = SignedDuration::from_hours(3 * 24);
    let from = row.finding.opened_at.saturating_sub(before).unwrap_or(row.finding.opened_at);
    let day = SignedDuration::from_hours(24);
    let to = row.finding.last_at.saturating_add(day).unwrap_or(row.finding.last_at);
    let src = format!(
        "/api/v1/points/{}/series?period=hour&factor={}&from={from}&to={to}",
        row.finding.point.0, factor.code
    );
    html! {
        (spark::draw(reader, &row.curve, reader.name(&factor.name)))
        (components::island_series(&src, reader.name(&factor.name),
            reader.pick("图表加载中;最近 24 小时见上。",
                "The chart is loading; the last 24 hours stand above.")))
    }
}

fn reasons(reader: &Reader, score: &Score) -> Markup {
    html! {
        p {
            strong { (reader.pick("排序分", "Score")) " " (shown::score(score.value())) }
            " = "
            @for (place, factor) in Factor::ALL.into_iter().enumerate() {
                @if place > 0 { " × " }
                (reader.text(&factor.text())) " " (shown::number_of(score, factor))
            }
        }
        @for factor in Factor::ALL {
            h3 { (reader.text(&factor.text())) " " (shown::number_of(score, factor)) }
            ul { @for text in score.reasons_of(factor) { li { (reader.text(text)) } } }
        }
    }
}

fn alarms(snapshot: &Snapshot, reader: &Reader, finding: &Finding) -> Markup {
    let mut table = Table::new(
        reader.pick("归并的告警,早的在前", "Its alarms, the oldest first"),
        vec![
            Column::words(reader.pick("告警", "Alarm")),
            Column::words(reader.pick("始于", "Since")),
            Column::words(reader.pick("止于", "Until")),
            Column::numbers(reader.pick("最差值/限值", "Worst over limit")),
        ],
    );
    for member in &finding.members {
        let name = compute::name_of(member);
        let factor = member.factor.and_then(|factor| snapshot.factor(factor));
        let words = factor.map_or_else(
            || reader.text(&name).to_owned(),
            |factor| format!("{} · {}", reader.name(&factor.name), reader.text(&name)),
        );
        let link = match member.origin {
            Origin::Alert => format!("/alerts/{}", member.reference),
            Origin::FraudSign => format!("/fraud-signs/{}", member.reference),
        };
        table.row(vec![
            html! { a href=(link) { (words) } },
            components::moment(member.began_at),
            html! {
                @if member.is_open { (reader.pick("持续中", "goes on")) }
                @else { (components::moment(member.ended_at)) }
            },
            html! { @match member.times { Some(times) => { (times.round_dp(2)) } None => { "—" } } },
        ]);
    }
    html! {
        (table.render())
        p class="hint" {
            (reader.pick("同一排放口、时间重叠或相隔不超过 6 小时的告警归并为一条线索。",
                "Alarms of one outlet that overlap or lie no more than 6 hours apart are one \
                 finding."))
        }
    }
}

fn history(reader: &Reader, verdicts: &[Verdict]) -> Markup {
    html! {
        @if verdicts.is_empty() { p { (reader.pick("尚无结论。", "No verdict yet.")) } }
        ol class="timeline" {
            @for verdict in verdicts {
                li {
                    (components::moment(verdict.given_at)) " · "
                    strong { (reader.text(&verdict.conclusion.text())) } " · " (verdict.who)
                    @if let Some(rank) = verdict.rank {
                        " · " span class="muted" {
                            (reader.pick("当时排第", "then at place")) " " (rank)
                        }
                    }
                    @if !verdict.reason.is_empty() { br; (verdict.reason) }
                }
            }
        }
    }
}

fn form(reader: &Reader, finding: &Finding) -> Markup {
    html! {
        form class="filters" method="post" action={ "/triage/" (finding.id.0) "/verdicts" } {
            label {
                (reader.pick("结论", "Conclusion"))
                select name="conclusion" required {
                    option value="" { (reader.pick("请选择", "choose")) }
                    @for conclusion in Conclusion::ALL {
                        option value=(conclusion.as_str()) { (reader.text(&conclusion.text())) }
                    }
                }
            }
            label {
                (reader.pick("依据", "Why"))
                input name="reason" maxlength="1000" required;
            }
            button type="submit" { (reader.pick("记录结论", "Record the verdict")) }
        }
        p class="hint" {
            (reader.pick("结论连同姓名、时间写入审计记录,不可删改,可再作新结论;排序的准确率由结论计算并公布。",
                "A verdict is kept with your name and time and cannot be changed, only followed by \
                 another; the published precision is computed from verdicts."))
        }
    }
}

fn changes(reader: &Reader, scores: &[(i64, Timestamp, Score)]) -> Markup {
    let mut columns = vec![
        Column::words(reader.pick("时间", "When")),
        Column::numbers(reader.pick("排序分", "Score")),
    ];
    columns.extend(Factor::ALL.map(|factor| Column::numbers(reader.text(&factor.text()))));
    let caption =
        reader.pick("排序分的各个版本,新的在前", "Versions of the score, the newest first");
    let mut table = Table::new(caption, columns);
    for (_, at, score) in scores {
        let mut cells = vec![components::moment(*at), html! { (shown::score(score.value())) }];
        cells.extend(Factor::ALL.map(|factor| html! { (shown::number_of(score, factor)) }));
        table.row(cells);
    }
    table.render()
}
