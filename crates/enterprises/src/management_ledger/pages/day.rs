//! The page of a day: its form for who fills it in, what stands there for who reads it.

use super::super::access::seen;
use super::super::changes::parse_day;
use super::super::facts::{Facts, Past};
use super::super::model::{LedgerPage, of_level};
use super::super::store;
use super::PATH;
use crate::checks::controls::{beside_list, control, shown};
use crate::checks::{Checks, slots};
use crate::entry::{Content, Explained, place};
use crate::execution_reports::day_of;
use crate::execution_reports::shape::FactorRow;
use axum::extract::{Path, Query, State};
use maud::{Markup, html};
use plausibility::{Entry, Field, Key, Level, Value};
use rulebook::Decimal;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    version: Option<u32>,
}

/// What a page shows: of a version, or as it was typed.
pub(in crate::management_ledger) struct Shown<'page> {
    pub(in crate::management_ledger) content: &'page Content,
    pub(in crate::management_ledger) findings: &'page [Explained],
    /// The last version that the reader saw; 0 for none.
    pub(in crate::management_ledger) seen: u32,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path((permit, day)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let seen = seen(&state, &signed_in, &permit).await?;
    let day = parse_day(&day)?;
    let version = seen.on(day)?;
    let past = Past::of(&state.store, version, day, day).await?;
    let facts = Facts::of(&state.store, &state.snapshot(), version, day, &past).await?;
    let versions = store::versions(&state.store, version.permit.id, day).await?;
    let today = day_of(state.now());
    if asked.version.is_none() && seen.filler.is_ok() && day <= today {
        let content = versions.first().map_or_else(
            || {
                let mut begun = Content::default();
                begun.put(place(&Key::head(), "recorded_on"), &today.to_string());
                begun
            },
            |page| page.content.clone(),
        );
        let newest = versions.first();
        let findings = newest.map_or(&[][..], |page| &page.findings);
        let seen = newest.map_or(0, |page| page.version);
        let shown = Shown { content: &content, findings, seen };
        return Ok(form_page(&state, &reader, &facts, &versions, &shown, false));
    }
    let wanted = match asked.version {
        None => versions.first(),
        Some(number) => Some(versions.iter().find(|it| it.version == number).ok_or_else(|| {
            Problem::not_found(
                format!("{day} 的台账没有第 {number} 版"),
                format!("the page of {day} has no version {number}"),
            )
        })?),
    };
    let content = html! {
        (standing(&reader, &facts, &versions))
        @match wanted {
            Some(page) => (recorded(&state, &reader, &facts, page)),
            None => (components::empty(reader.pick("这一天没有台账记录", "Nothing is recorded"),
                reader.pick("台账由排污单位填写。", "The enterprise fills in its ledger."))),
        }
    };
    Ok(framed(&state, &reader, &facts, content))
}

fn framed(state: &AppState, reader: &Reader, facts: &Facts, content: Markup) -> Markup {
    let permit = &facts.version.permit;
    let name = super::list::enterprise(&state.snapshot(), reader, permit.enterprise);
    let title = reader.pick("环境管理台账", "management ledger");
    Page::new(format!("{name} {title} {}", facts.day))
        .under(PATH, reader.pick("环境管理台账", "Management ledger"))
        .under(month_of(facts), name)
        .render(state, reader, content)
}

fn month_of(facts: &Facts) -> String {
    let month = validity::Month::of(facts.day);
    format!("{PATH}/{}?month={month}", facts.version.permit.number)
}

/// The page of a day for who fills it in.
pub(in crate::management_ledger) fn form_page(
    state: &AppState,
    reader: &Reader,
    facts: &Facts,
    versions: &[LedgerPage],
    shown: &Shown<'_>,
    was_refused: bool,
) -> Markup {
    let checks = Checks::of(state);
    let form = Form { reader, facts, shown, checks: &checks };
    let content = html! {
        (standing(reader, facts, versions))
        @if was_refused {
            (components::notice("error", html! {
                p { (reader.pick("尚未记录：请填写内容，改正或写明下面标出处的原因。",
                    "Not recorded yet: fill it in, mend or explain what is marked below.")) }
            }))
        }
        (form.render())
    };
    framed(state, reader, facts, content)
}

/// Whose page it is, its versions, the days beside it.
fn standing(reader: &Reader, facts: &Facts, versions: &[LedgerPage]) -> Markup {
    let number = &facts.version.permit.number;
    let path = |day| format!("{PATH}/{number}/{day}");
    html! {
        section id="standing" {
            p class="row" {
                @if let Ok(day) = facts.day.yesterday() {
                    a href=(path(day)) { (reader.pick("前一天", "Day before")) }
                }
                @if let Ok(day) = facts.day.tomorrow() {
                    a href=(path(day)) { (reader.pick("后一天", "Day after")) }
                }
                a href=(month_of(facts)) { (reader.pick("本月台账", "This month")) }
                span { (reader.pick("排污许可证", "Permit")) " " (number) }
            }
            @if !versions.is_empty() {
                ul {
                    @for page in versions {
                        li {
                            a href={ (path(facts.day)) "?version=" (page.version) } {
                                (reader.pick("第", "version ")) (page.version)
                                (reader.pick("版", ""))
                            }
                            " · " (components::moment(page.recorded_at))
                            " · " (page.recorded_name)
                        }
                    }
                }
            }
        }
    }
}

/// What was recorded, with what the checks found.
fn recorded(state: &AppState, reader: &Reader, facts: &Facts, page: &LedgerPage) -> Markup {
    let checks = Checks::of(state);
    let mut table = Table::new(
        format!("{} {} v{}", reader.pick("台账", "Ledger"), page.day, page.version),
        vec![
            Column::words(reader.pick("填报项", "Field")),
            Column::words(reader.pick("内容", "Entered")),
            Column::words(reader.pick("对照", "Beside it")),
        ],
    );
    let mut row = |key: &Key, field: &Field, name: String, unit: &str| {
        let value = Value::read(field.kind, page.content.get(key, field.id));
        table.row(vec![
            html! { (name) },
            html! {
                @match &value {
                    Some(value) => { (shown(reader, value)) " "
                        span class="unit" { (web::unit(unit)) } }
                    None => span class="none" { "—" },
                }
            },
            beside_list(&beside(reader, facts, key, field)),
        ]);
    };
    for field in of_level(Level::Head) {
        row(&Key::head(), field, reader.text(&field.name).to_owned(), field.unit);
    }
    for outlet in &facts.outlets {
        for factor in &outlet.factors {
            for field in of_level(Level::Factor) {
                let (of, name) = (reader.text(&outlet.name), reader.text(&factor.name));
                let name = format!("{of} {name} {}", reader.text(&field.name));
                row(&factor.key, field, name, &factor.unit);
            }
        }
    }
    html! {
        (table.render())
        @if !page.findings.is_empty() {
            (components::section("findings", reader.pick("检查结果", "Findings"), html! {
                @for one in &page.findings { (slots::finding(reader, &checks, one, false)) }
            }))
        }
    }
}

struct Form<'page> {
    reader: &'page Reader,
    facts: &'page Facts,
    shown: &'page Shown<'page>,
    checks: &'page Checks,
}

impl Form<'_> {
    fn render(&self) -> Markup {
        let reader = self.reader;
        let path = format!("{PATH}/{}/{}", self.facts.version.permit.number, self.facts.day);
        html! {
            form id="form" class="entry-form" method="post" action=(path)
                data-island="entry-check" data-check={ (path) "/check" } {
                input type="hidden" name="seen" value=(self.shown.seen);
                (self.slot(slots::GENERAL))
                (components::section("head", reader.pick("生产与治理设施", "Production, facilities"),
                    html! {
                        div class="entry-fields" {
                            @for field in of_level(Level::Head) { (self.labelled(field)) }
                        }
                    }))
                @for outlet in &self.facts.outlets {
                    (components::section(outlet.number.as_deref().unwrap_or("outlet"),
                        reader.text(&outlet.name),
                        self.factors(reader.text(&outlet.name), &outlet.factors)))
                }
                div class="entry-summary" data-summary aria-live="polite" {
                    (slots::summary(reader, self.shown.findings))
                }
                button type="submit" { (reader.pick("检查并记录", "Check and record")) }
                p class="hint" {
                    (reader.pick("每次记录保存为新的一版，原版本保留；法规要求台账保存 5 年。",
                        "Each time a new version is kept beside the old ones; the law has a ledger \
                         kept for 5 years."))
                }
            }
        }
    }

    fn labelled(&self, field: &Field) -> Markup {
        let key = Key::head();
        let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
        html! {
            div class="entry-field" {
                label for=(place(&key, field.id)) {
                    (self.reader.text(&field.name)) (web::unit(&unit))
                }
                (self.field(&key, field, self.reader.text(&field.name)))
            }
        }
    }

    fn factors(&self, title: &str, factors: &[FactorRow]) -> Markup {
        let reader = self.reader;
        let mut columns = vec![Column::words(reader.pick("污染物", "Factor"))];
        columns.extend(of_level(Level::Factor).map(|it| Column::words(reader.text(&it.name))));
        let mut table = Table::new(title, columns);
        for row in factors {
            let name = reader.text(&row.name);
            let mut cells = vec![html! {
                (name) @if !row.unit.is_empty() { br; span class="unit" { (web::unit(&row.unit)) } }
            }];
            cells.extend(of_level(Level::Factor).map(|field| {
                self.field(&row.key, field, &format!("{name} {}", reader.text(&field.name)))
            }));
            table.row(cells);
        }
        table.render()
    }

    fn field(&self, key: &Key, field: &Field, label: &str) -> Markup {
        let name = place(key, field.id);
        let typed = self.shown.content.get(key, field.id);
        html! {
            (control(self.reader, field, &name, typed, label, field.id == "recorder"))
            (beside_list(&beside(self.reader, self.facts, key, field)))
            (self.slot(&name))
        }
    }

    fn slot(&self, wanted: &str) -> Markup {
        let names = &self.facts.names;
        slots::slot(self.reader, self.checks, names, self.shown.findings, wanted)
    }
}

/// What is known beside a field: measured, permitted, the day before, last year, the last page.
fn beside<'words>(
    reader: &'words Reader,
    facts: &Facts,
    key: &Key,
    field: &Field,
) -> Vec<(&'words str, String)> {
    let past = |entry: Option<&Entry>| {
        entry.and_then(|it| it.get(key, field.id)).map(|value| shown(reader, value))
    };
    let number = |word: &str| facts.known.get(key, word).map(plain);
    let range = |least: &str, most: &str| {
        let most = number(most)?;
        Some(number(least).map_or_else(|| most.clone(), |least| format!("{least}–{most}")))
    };
    let daily = "measured.concentration_mean";
    let (measured, permitted) = match field.id {
        "concentration_out" => (
            number(daily)
                .or_else(|| range("measured.concentration_min", "measured.concentration_max")),
            range("permit.at_least", "permit.at_most"),
        ),
        "water_out" => (number("measured.flow"), None),
        _ => (None, None),
    };
    // Days and names of persons are not compared.
    let has_past = !matches!(field.id, "recorded_on" | "recorder" | "stop_reason");
    let history = &facts.history;
    let last = facts.last.as_ref().filter(|_| has_past);
    [
        (reader.pick("当日监测", "measured on the day"), measured),
        (reader.pick("许可限值", "limit of the permit"), permitted),
        (reader.pick("前一天", "day before"), past(history.last.as_ref().filter(|_| has_past))),
        (reader.pick("上次记录", "last page"), {
            let value = past(last.map(|(_, entry)| entry));
            value.zip(last).map(|(value, (day, _))| format!("{value} ({day})"))
        }),
        (
            reader.pick("去年同日", "same day last year"),
            past(history.last_year.as_ref().filter(|_| has_past)),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}
