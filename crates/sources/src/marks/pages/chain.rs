//! How one hour or day of a factor came to count or not: the chain in sentences, its three layers,
//! its packet, and the officer's own decision.

use super::super::{access, form, queries};
use super::{PATH, path_of_month};
use authority::Action;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use registry::{Factor, MonitoringPoint, PointKind, Snapshot};
use rulebook::{Period, beijing_offset};
use serde::Deserialize;
use validity::{
    Decision, EnterpriseMark, MarkFilter, Month, MonthRecord, PeriodState, Telling, decisions,
    explain, marks,
};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn, local_date, local_hour};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Look {
    factor: Option<String>,
}

/// The address of an hour or a day.
pub(crate) fn path(
    point: &MonitoringPoint,
    period: Period,
    start: Timestamp,
    factor: Option<&str>,
) -> String {
    let local = beijing_offset().to_datetime(start);
    let place = match period {
        Period::Day => local.strftime("days/%Y-%m-%d"),
        _ => local.strftime("hours/%Y-%m-%dT%H00"),
    };
    let query = factor.map(|code| format!("?factor={code}")).unwrap_or_default();
    format!("/outlets/{}/{place}{query}", point.code)
}

pub(super) async fn of_hour(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path((enterprise, number, time)): Path<(String, String, String)>,
    Query(look): Query<Look>,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let digits: String = time.chars().filter(char::is_ascii_digit).take(10).collect();
    let parts = (digits.get(0..4), digits.get(4..6), digits.get(6..8), digits.get(8..10));
    let text = match parts {
        (Some(year), Some(month), Some(day), Some(hour)) => {
            format!("{year}-{month}-{day}T{hour}:00")
        }
        _ => String::new(),
    };
    let start = form::time(&text).ok_or_else(|| {
        Problem::bad_request(
            format!("时间 {time:?} 应如 2026-10-05T0800"),
            format!("{time:?} is no hour like 2026-10-05T0800"),
        )
    })?;
    let asked = (Period::Hour, start, look.factor);
    page(&state, &reader, &signed_in, &format!("{enterprise}/{number}"), asked).await
}

pub(super) async fn of_day(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path((enterprise, number, day)): Path<(String, String, String)>,
    Query(look): Query<Look>,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let found = day.parse::<Date>().ok();
    let start = found.and_then(|day| beijing_offset().to_timestamp(day.at(0, 0, 0, 0)).ok());
    let start = start.ok_or_else(|| {
        Problem::bad_request(
            format!("日期 {day:?} 应如 2026-10-05"),
            format!("{day:?} is no day like 2026-10-05"),
        )
    })?;
    let asked = (Period::Day, start, look.factor);
    page(&state, &reader, &signed_in, &format!("{enterprise}/{number}"), asked).await
}

async fn page(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    code: &str,
    (period, start, factor): (Period, Timestamp, Option<String>),
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let point = queries::outlet(&snapshot, code)?;
    access::may_see(signed_in, &snapshot, point)?;
    let month = queries::month(state, &Month::at(start).to_string())?;
    // Days that are over stand in the stored record.
    let is_today = local_date(start) == local_date(state.now());
    let record = queries::record(state, &snapshot, point, month, is_today).await?;
    let here: Vec<&PeriodState> = record
        .periods
        .iter()
        .filter(|state| state.period == period && state.start == start)
        .collect();
    let asked = factor.as_deref().filter(|code| !code.is_empty());
    let asked = asked.and_then(|code| snapshot.factor_by_code(code)).map(|factor| factor.id);
    let shown = here
        .iter()
        .find(|state| Some(state.factor) == asked)
        .or_else(|| here.iter().find(|state| state.limit.is_some()))
        .or_else(|| here.first());
    let label = if period == Period::Day { local_date(start) } else { local_hour(start) };
    let title = format!("{} {label}", reader.text(&crate::words::point(&snapshot, point)));
    let content = match shown.and_then(|state| Some((state, snapshot.factor(state.factor)?))) {
        None => components::empty(
            reader.pick("这个时段没有判定", "Nothing is judged here"),
            reader.pick(
                "该时段尚未结束，或既不应报也没有数据。当月列表中有已判定的时段。",
                "It is not over yet, or nothing was due and nothing came. The month lists what \
                 is judged.",
            ),
        ),
        Some((shown, factor)) => {
            let near = Nearby::read(state, point, shown).await?;
            let may_decide =
                access::may(signed_in.principal(), Action::DecideMarks, &snapshot, point);
            let may_mark = access::may(signed_in.principal(), Action::MarkData, &snapshot, point);
            html! {
                (components::tabs(reader.pick("因子", "Factor"),
                    &tabs(&snapshot, reader, point, &here, shown)))
                (chain(reader, &record, shown, factor, &near))
                (layers(reader, shown, &near))
                @if may_mark {
                    p {
                        a class="button" href={ (PATH) "/new?outlet=" (point.code)
                            "&factor=" (factor.code)
                            "&from=" (form::field(shown.start)) "&to=" (form::field(shown.end())) } {
                            (reader.pick("标记这个时段", "Mark this stretch"))
                        }
                    }
                }
                @if may_decide { (decide(reader, point, shown, factor)) }
                (about(reader, point, &record))
            }
        }
    };
    let page = Page::new(title)
        .under("/outlets", reader.pick("排放口", "Outlets"))
        .under(path_of_month(point, month), month.to_string());
    Ok(page.render(state, reader, content))
}

/// The marks and decisions that touch a period, withdrawn and overruled ones among them.
struct Nearby {
    marks: Vec<EnterpriseMark>,
    decisions: Vec<Decision>,
}

impl Nearby {
    async fn read(
        state: &AppState,
        point: &MonitoringPoint,
        shown: &PeriodState,
    ) -> Result<Self, Problem> {
        let filter = MarkFilter {
            points: Some(vec![point.id]),
            from: Some(shown.start),
            until: Some(shown.end()),
            ..MarkFilter::default()
        };
        let is_about =
            |factor: Option<registry::FactorId>| factor.is_none_or(|factor| factor == shown.factor);
        let mut marks = marks(&state.store, &filter).await?;
        marks.retain(|mark| is_about(mark.factor));
        let mut decisions = decisions(&state.store, point.id, shown.start, shown.end()).await?;
        decisions.retain(|decision| is_about(decision.factor));
        Ok(Self { marks, decisions })
    }
}

fn tabs(
    snapshot: &Snapshot,
    reader: &Reader,
    point: &MonitoringPoint,
    here: &[&PeriodState],
    shown: &PeriodState,
) -> Vec<(String, String, bool)> {
    here.iter()
        .filter_map(|state| {
            let factor = snapshot.factor(state.factor)?;
            let to = path(point, state.period, state.start, Some(&factor.code));
            let is_shown = state.factor == shown.factor;
            Some((to, reader.name(&factor.name).to_owned(), is_shown))
        })
        .collect()
}

fn chain(
    reader: &Reader,
    record: &MonthRecord,
    shown: &PeriodState,
    factor: &Factor,
    near: &Nearby,
) -> Markup {
    let unit = web::unit(factor.unit_at(PointKind::Outlet));
    let told = explain(Telling {
        record,
        state: shown,
        marks: &near.marks,
        decisions: &near.decisions,
        unit: &unit,
    });
    let mut table = Table::new(
        reader.pick("判定链，从数据包到排放量", "The chain, from the packet to the amount"),
        vec![
            Column::words(reader.pick("步骤", "Step")),
            Column::words(reader.pick("结果", "What it gave")),
            Column::words(reader.pick("依据", "By")),
        ],
    );
    if let Some(source) = shown.source {
        table.row(vec![
            html! { (reader.pick("原始数据包", "Raw packet")) },
            html! {
                a href={ "/packets/" (source.block) "/" (source.index) } {
                    (source.block) "/" (source.index)
                }
            },
            html! {},
        ]);
    }
    for step in &told {
        table.row(vec![
            html! { (reader.text(&step.title)) },
            html! { (reader.text(&step.text)) },
            html! { span class="muted" { (step.rule) } },
        ]);
    }
    let (zh, en) = shown.state.names();
    let tone = match (shown.is_valid(), shown.is_exceedance()) {
        (_, true) => "bad",
        (true, false) => "good",
        (false, false) => "quiet",
    };
    let over = reader.pick("超标", "over the limit");
    components::section(
        "chain",
        reader.pick("为什么", "Why"),
        html! {
            p {
                strong { (reader.name(&factor.name)) } " "
                (components::status_badge(tone, reader.pick(zh, en)))
                @if shown.is_exceedance() { " " (components::status_badge("bad", over)) }
            }
            (table.render())
        },
    )
}

fn layers(reader: &Reader, shown: &PeriodState, near: &Nearby) -> Markup {
    let mut table = Table::new(
        reader.pick("三层标记，互不覆盖", "Three layers, none overwrites another"),
        vec![
            Column::words(reader.pick("层", "Layer")),
            Column::words(reader.pick("内容", "What")),
            Column::words(reader.pick("谁、何时", "Who, when")),
            Column::words(reader.pick("理由", "Why")),
        ],
    );
    let letter = shown.layers.instrument.map(validity::flag_name);
    table.row(vec![
        html! { (reader.pick("仪器", "Instrument")) },
        html! { @match &letter { Some(name) => { (reader.text(name)) } None => { "—" } } },
        html! { (reader.pick("数采仪", "the logger")) },
        html! { "—" },
    ]);
    for mark in near.marks.iter().rev() {
        let decision = near.decisions.iter().rev().find(|one| one.mark == Some(mark.id));
        let (_, standing) = super::super::words::standing(mark, decision);
        table.row(vec![
            html! { (reader.pick("排污单位", "Enterprise")) },
            html! {
                a href={ (PATH) "/" (mark.id.0) } {
                    (reader.text(&super::super::words::kind(mark))) " #" (mark.id.0)
                } " · " (reader.text(&standing))
            },
            html! { (mark.author) " · " (components::moment(mark.at)) },
            html! { (mark.reason) },
        ]);
    }
    for decision in &near.decisions {
        table.row(vec![
            html! { (reader.pick("生态环境部门", "Bureau")) },
            html! {
                (reader.text(&super::super::words::verdict(decision.verdict)))
                @if let Some(mark) = decision.mark { " #" (mark.0) }
            },
            html! { (decision.author) " · " (components::moment(decision.at)) },
            html! { (decision.reason) },
        ]);
    }
    components::section("layers", reader.pick("三层状态", "Three layers"), table.render())
}

fn decide(
    reader: &Reader,
    point: &MonitoringPoint,
    shown: &PeriodState,
    factor: &Factor,
) -> Markup {
    components::section(
        "decide",
        reader.pick("对数据作出认定", "Decide on the data"),
        html! {
            p class="hint" {
                (reader.pick(
                    "认定优先于仪器标记和排污单位标记，但不改写它们。以现场核查为依据。",
                    "It stands above the device's and the enterprise's marks and does not rewrite \
                     them. It rests on what was seen at the site."))
            }
            form class="stack" method="post" action={ "/outlets/" (point.code) "/decisions" } {
                input type="hidden" name="factor" value=(factor.code);
                label {
                    (reader.pick("开始（含）", "From, counted"))
                    input type="datetime-local" name="from" required
                        value=(form::field(shown.start));
                }
                label {
                    (reader.pick("结束（不含）", "Until, not counted"))
                    input type="datetime-local" name="to" required value=(form::field(shown.end()));
                }
                label {
                    (reader.pick("理由与依据", "Reason"))
                    textarea name="reason" rows="3" required minlength="4" maxlength="1000" {}
                }
                div class="row" {
                    button type="submit" name="verdict" value="valid" {
                        (reader.pick("认定有效", "Hold it valid"))
                    }
                    button type="submit" name="verdict" value="invalid" {
                        (reader.pick("认定无效", "Hold it invalid"))
                    }
                }
            }
        },
    )
}

fn about(reader: &Reader, point: &MonitoringPoint, record: &MonthRecord) -> Markup {
    let digest = record.digest_text();
    html! {
        p class="hint" {
            a href=(path_of_month(point, record.month)) {
                (reader.pick("当月全部时段", "All of the month"))
            } " · "
            @if record.version == 0 {
                (reader.pick("当天数据，尚未存档", "data of today, not kept yet"))
            } @else {
                (reader.pick("判定记录第 ", "record, version ")) (record.version)
                (reader.pick(" 版", "")) " · "
                (components::moment(record.computed_at)) " · SHA-256 "
                code { (digest.get(..16).unwrap_or_default()) "…" }
            }
        }
    }
}
