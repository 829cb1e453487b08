//! Cases that may tell of the same thing, side by side, and their merging.

use super::one::find;
use super::people::People;
use super::{lamp, parts, words};
use crate::engine::{engine, refused};
use authority::Action;
use axum::extract::{Path, Query, State};
use cases::{Candidate, CaseId, CaseView, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The candidate to stand beside the case.
    with: Option<i64>,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::ActOnCase)?;
    let engine = engine(&state)?;
    let id = find(&engine, &id).await?;
    let (principal, now) = (signed_in.principal(), state.now());
    let viewer = Viewer::Person(principal);
    let view = engine.case(&viewer, id, now).await.map_err(refused)?;
    signed_in.allowed(Action::ActOnCase, &view.case.subject())?;
    let found = engine.duplicates(principal, id, now).await.map_err(refused)?;
    let beside = asked.with.map(CaseId).or(found.first().map(|first| first.case.id));
    let other = match beside {
        Some(beside) => Some(engine.case(&viewer, beside, now).await.map_err(refused)?),
        None => None,
    };
    let people = People::read(&state).await?;
    let content = html! {
        (list(&reader, &view, &found, beside))
        @if let Some(other) = &other { (pair(&state, &reader, &people, &view, other)) }
    };
    Ok(Page::new(reader.pick("疑似重复件", "Duplicates"))
        .under("/cases", reader.pick("事项", "Cases"))
        .under(format!("/cases/{}", id.0), view.case.number.clone())
        .render(&state, &reader, content))
}

fn list(reader: &Reader, view: &CaseView, found: &[Candidate], beside: Option<CaseId>) -> Markup {
    let mut table = Table::new(
        reader.pick("最像的在前", "The likeliest first"),
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("事项", "Case")),
            Column::numbers(reader.pick("相距(米)", "Metres apart")),
            Column::numbers(reader.pick("相隔(小时)", "Hours apart")),
            Column::numbers(reader.pick("文字相似度", "Words shared")),
            Column::words(reader.pick("理由", "Why")),
        ],
    );
    for one in found {
        let address = format!("/cases/{}/duplicates?with={}", view.case.id.0, one.case.id.0);
        let is_shown = beside == Some(one.case.id);
        let percent = (one.similarity * rulebook::Decimal::ONE_HUNDRED).round();
        table.row(vec![
            html! {
                a class="case-number" href=(address) aria-current=[is_shown.then_some("true")] {
                    (one.case.number)
                }
            },
            html! { (reader.text(&one.case.title)) },
            html! { @match one.distance_m { Some(metres) => (metres), None => "—" } },
            html! { (one.hours_apart) },
            html! { (percent.normalize()) " %" },
            html! { @for reason in &one.reasons { (reader.text(reason)) br; } },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有疑似重复件", "Nothing looks like it"),
            reader.pick(
                "按地点、时间和文字比较,附近没有相似事项。",
                "By place, time and words no other case is like this one.",
            ),
        );
    }
    table.render()
}

/// Both cases beside each other, and which goes into which.
fn pair(
    state: &AppState,
    reader: &Reader,
    people: &People,
    view: &CaseView,
    other: &CaseView,
) -> Markup {
    html! {
        div class="columns pair" {
            (one(state, reader, people, view, reader.pick("本件", "This case")))
            (one(state, reader, people, other, reader.pick("疑似重复件", "The other")))
        }
        (components::section("merge", reader.pick("合并", "Merge"), html! {
            p {
                (reader.pick(
                    "合并后只办主件;被并入件的反映人保留编号、查询码和收到答复的权利。合并不可撤销。",
                    "Work goes on in one case; the other's reporter keeps the number, the code and the \
                     right to a reply. It cannot be undone."))
            }
            div class="row" {
                (merging(reader, view, other, "into_this"))
                (merging(reader, view, other, "into_other"))
            }
        }))
    }
}

fn merging(reader: &Reader, view: &CaseView, other: &CaseView, direction: &str) -> Markup {
    let (from, into) = match direction {
        "into_this" => (other, view),
        _ => (view, other),
    };
    html! {
        form method="post" action={ "/cases/" (view.case.id.0) "/merge" } {
            input type="hidden" name="other" value=(other.case.id.0);
            input type="hidden" name="direction" value=(direction);
            button class="secondary" type="submit" {
                @match reader.language {
                    web::Language::Chinese => {
                        "把 " (from.case.number) " 并入 " (into.case.number)
                    }
                    web::Language::English => {
                        "Merge " (from.case.number) " into " (into.case.number)
                    }
                }
            }
        }
    }
}

fn one(state: &AppState, reader: &Reader, people: &People, view: &CaseView, which: &str) -> Markup {
    let (case, snapshot, now) = (&view.case, state.snapshot(), state.now());
    let mut facts = vec![
        (reader.pick("状态", "State").to_owned(), html! { (reader.text(&view.state)) }),
        (
            reader.pick("登记", "Opened").to_owned(),
            html! {
                (components::moment(case.opened_at)) " · "
                (lamp::lasted(reader, case.opened_at, now))
            },
        ),
        (
            reader.pick("区县", "Division").to_owned(),
            html! { (words::division(reader, &snapshot, &case.division)) },
        ),
    ];
    if let Some(place) = &case.place {
        facts.push((reader.pick("地点", "Place").to_owned(), html! {
            (place.address) " "
            span class="muted" { (place.longitude.round_dp(5)) ", " (place.latitude.round_dp(5)) }
        }));
    }
    if let Some(code) = &case.enterprise {
        let name = words::enterprise(reader, &snapshot, code);
        facts.push((reader.pick("企业", "Enterprise").to_owned(), html! { (name) }));
    }
    html! {
        section class="block" aria-label=(which) {
            h2 { (which) " " a class="case-number" href={ "/cases/" (case.id.0) } { (case.number) } }
            p { strong { (case.title) } }
            @if !case.text.is_empty() { blockquote class="case-text" { (case.text) } }
            (components::definition_list(&facts))
            (parts::evidence(reader, people, view))
        }
    }
}
