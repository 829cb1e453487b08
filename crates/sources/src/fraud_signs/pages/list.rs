//! "Look here first": outlets with open signs, ranked, each with the picture of its strongest one.

use super::super::access::Officer;
use super::super::model::{Run, StoredSign, Verdict};
use super::super::queries::{self, Overview, Suspect, Wanted};
use super::super::{plots, words};
use super::{PATH, link, no_proof};
use crate::words as area;
use axum::extract::{Query, State};
use detectors::Detector;
use maud::{Markup, html};
use registry::Snapshot;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn, local_minute};

/// Outlets on one page.
const A_PAGE: usize = 8;
/// Signs of an outlet that are shown at once; the others are folded away.
const UNFOLDED: usize = 4;
/// Settled signs that are shown.
const SETTLED: usize = 30;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    division: Option<String>,
    detector: Option<String>,
    after: Option<usize>,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Wanted {
            division: given(&self.division),
            detector: given(&self.detector).as_deref().and_then(Detector::parse),
        }
    }
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let overview = queries::overview(&state, &snapshot, &officer, &asked.wanted()).await?;
    let from = asked.after.unwrap_or(0).min(overview.suspects.len());
    let to = overview.suspects.len().min(from + A_PAGE);
    let mut cards = Vec::new();
    for suspect in &overview.suspects[from..to] {
        cards.push(card(&state, &snapshot, &reader, suspect).await?);
    }
    let next = (to < overview.suspects.len()).then(|| to.to_string());
    let content = html! {
        (no_proof(&reader))
        (standing(&reader, &overview, officer.may_compute()))
        (filters(&snapshot, &reader, &asked))
        @if cards.is_empty() { (nothing(&reader, overview.run.as_ref())) }
        @for card in &cards { (card) }
        (components::pages(&reader, next.as_deref()))
        @if !overview.settled.is_empty() {
            (components::section("settled", reader.pick("已有结论", "Settled"),
                settled(&snapshot, &reader, &overview.settled)))
        }
    };
    let title = reader.pick("造假线索:先看这里", "Signs of fraud: look here first");
    Ok(Page::new(title).render(&state, &reader, content))
}

/// When it was computed, over what, and the way to do it again.
fn standing(reader: &Reader, overview: &Overview, may_compute: bool) -> Markup {
    let open: usize = overview.suspects.iter().map(|suspect| suspect.signs.len()).sum();
    html! {
        div class="stats" {
            (components::stat(reader.pick("有线索的排放口", "Outlets with signs"),
                html! { (overview.suspects.len()) }, None))
            (components::stat(reader.pick("未核查线索", "Open signs"), html! { (open) }, None))
            (components::stat(reader.pick("已有结论", "Settled"),
                html! { (overview.settled.len()) }, None))
            @if let Some(run) = &overview.run {
                (components::stat(reader.pick("检查过的排放口", "Outlets looked at"),
                    html! { (run.outlets) }, Some(&local_minute(run.ended_at))))
            }
        }
        div class="row" {
            @if may_compute {
                form method="post" action={ (PATH) "/run" } {
                    button type="submit" { (reader.pick("立即重新计算", "Compute again now")) }
                }
            }
            a class="button" href={ (PATH) "/detectors" } {
                (reader.pick("检测器定义与准确率", "Definitions and precision"))
            }
        }
        p class="hint" {
            (reader.pick("每晚计算一次,看最近 60 天的小时值与 2 天的分钟值;排序分为 0–100。",
                "Computed each night over the last 60 days of hours and 2 days of minutes; the \
                 ranking goes from 0 to 100."))
        }
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, asked: &Asked) -> Markup {
    let option = |value: &str, words: &str, chosen: &Option<String>| {
        html! { option value=(value) selected[chosen.as_deref() == Some(value)] { (words) } }
    };
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", reader.pick("全部", "all"), &None))
                    @for division in &snapshot.divisions {
                        (option(&division.code, reader.name(&division.name), &asked.division))
                    }
                }
            }
            label {
                (reader.pick("检测器", "Detector"))
                select name="detector" {
                    (option("", reader.pick("全部", "all"), &None))
                    @for detector in Detector::ALL {
                        (option(detector.as_str(), reader.text(words::detector(detector)),
                            &asked.detector))
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn nothing(reader: &Reader, run: Option<&Run>) -> Markup {
    match run {
        Some(_) => components::empty(
            reader.pick("没有未核查的线索", "No open sign"),
            reader.pick(
                "没有发现异常,或都已有结论;也可放宽筛选条件。",
                "Nothing was found, or all is settled; or widen the filter.",
            ),
        ),
        None => components::empty(
            reader.pick("尚未计算", "Not computed yet"),
            reader.pick(
                "首次计算会在服务启动后自动进行,也可立即重新计算。",
                "The first computation follows the start of the server; or compute now.",
            ),
        ),
    }
}

async fn card(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    suspect: &Suspect,
) -> Result<Markup, Problem> {
    let Some(strongest) = suspect.signs.first() else { return Ok(html! {}) };
    let charts = plots::of(state, snapshot, reader, strongest).await?;
    let name = words::outlet(snapshot, reader, suspect.point);
    let title = format!("{}. {name}", suspect.rank);
    let id = format!("outlet-{}", suspect.point.0);
    Ok(components::section(
        &id,
        &title,
        html! {
            p {
                strong { (reader.pick("排序分", "Score")) " " (words::score(suspect.score)) }
                @if let Some(point) = snapshot.point(suspect.point) {
                    " · " a href=(area::path(point)) { (reader.pick("排放口页", "the outlet")) }
                    @if let Some(division) = snapshot.division(&point.division) {
                        " · " (reader.name(&division.name))
                    }
                }
            }
            ul {
                @for sign in suspect.signs.iter().take(UNFOLDED) {
                    (item(snapshot, reader, suspect, sign))
                }
            }
            @if suspect.signs.len() > UNFOLDED {
                details class="folded" {
                    summary {
                        (reader.pick("更多线索", "More signs"))
                        " (" (suspect.signs.len() - UNFOLDED) ")"
                    }
                    ul {
                        @for sign in suspect.signs.iter().skip(UNFOLDED) {
                            (item(snapshot, reader, suspect, sign))
                        }
                    }
                }
            }
            @if let Some(chart) = charts.first() { (chart.render()) }
            p class="hint" {
                (reader.pick("可能的正常原因:", "It may also be: "))
                @for (place, cause) in strongest.detector.definition().innocent.iter().enumerate() {
                    @if place > 0 { (reader.pick(";", "; ")) }
                    (reader.text(cause))
                }
            }
        },
    ))
}

fn item(snapshot: &Snapshot, reader: &Reader, suspect: &Suspect, sign: &StoredSign) -> Markup {
    html! {
        li {
            (link(snapshot, reader, sign)) " "
            @if sign.point != suspect.point {
                span class="muted" {
                    "(" (reader.pick("与其雷同的是", "like it:")) " "
                    (words::outlet(snapshot, reader, sign.point)) ")"
                } " "
            }
            span class="muted" { (words::span(sign.span)) }
            br;
            (reader.text(&sign.evidence.sentence))
        }
    }
}

fn settled(snapshot: &Snapshot, reader: &Reader, all: &[(StoredSign, Verdict)]) -> Markup {
    let mut table = Table::new(
        reader.pick("已有结论的线索,新的在前", "Settled signs, the newest first"),
        vec![
            Column::words(reader.pick("线索", "Sign")),
            Column::words(reader.pick("排放口", "Outlet")),
            Column::words(reader.pick("结论", "Conclusion")),
            Column::words(reader.pick("结论人", "By")),
        ],
    );
    for (sign, verdict) in all.iter().take(SETTLED) {
        table.row(vec![
            link(snapshot, reader, sign),
            html! { (words::outlet(snapshot, reader, sign.point)) },
            html! { (reader.text(&verdict.conclusion.text())) },
            html! { (verdict.who) " · " (components::moment(verdict.given_at)) },
        ]);
    }
    table.render()
}
