//! Pages of the outlets: all, one.

use super::panel::standing;
use super::queries::{OutletNow, Standing, no_outlet, outlet_now, outlets_now};
use crate::automatic_monitoring::unusable;
use crate::points::{self, Past};
use crate::words;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use evaluation::{Outcome, StoredVerdict};
use jiff::Timestamp;
use maud::{Markup, html};
use observations::Row;
use registry::{Factor, FactorId, Medium, MonitoringPoint, PointKind, Snapshot};
use rulebook::Period;
use serde::Deserialize;
use std::collections::HashMap;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, local_minute};

/// Outlets on one page of the list.
const A_PAGE: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/outlets", get(all))
        .route("/outlets/{enterprise}/{number}", get(one))
        .route("/outlets/{enterprise}/{number}/{file}", get(file))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    division: Option<String>,
    medium: Option<String>,
    standing: Option<String>,
    after: Option<usize>,
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let chosen = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let (division, medium) = (chosen(&wanted.division), chosen(&wanted.medium));
    let of_standing = chosen(&wanted.standing);
    let outlets: Vec<OutletNow> = outlets_now(&state)
        .await?
        .into_iter()
        .filter(|outlet| division.as_ref().is_none_or(|code| outlet.point.division == *code))
        .filter(|outlet| medium.as_ref().is_none_or(|m| word_of(outlet.outlet.medium) == m))
        .filter(|outlet| of_standing.as_ref().is_none_or(|s| outlet.standing().as_str() == s))
        .collect();
    let from = wanted.after.unwrap_or(0).min(outlets.len());
    let shown = &outlets[from..outlets.len().min(from + A_PAGE)];
    let next = (from + A_PAGE < outlets.len()).then(|| (from + A_PAGE).to_string());
    let content = html! {
        (filters(&snapshot, &reader, &wanted))
        p class="hint" { (reader.pick("共", "In all")) " " (outlets.len()) }
        (list(&snapshot, &reader, shown))
        (components::pages(&reader, next.as_deref()))
    };
    Ok(Page::new(reader.pick("排放口", "Outlets")).live().render(&state, &reader, content))
}

const fn word_of(medium: Medium) -> &'static str {
    match medium {
        Medium::Water => "water",
        Medium::Gas => "gas",
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted) -> Markup {
    let any = reader.pick("全部", "all");
    let option = |value: &str, words: &str, chosen: &Option<String>| {
        html! { option value=(value) selected[chosen.as_deref() == Some(value)] { (words) } }
    };
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", any, &None))
                    @for division in &snapshot.divisions {
                        (option(&division.code, reader.name(&division.name), &wanted.division))
                    }
                }
            }
            label {
                (reader.pick("类型", "Kind"))
                select name="medium" {
                    (option("", any, &None))
                    (option("water", reader.pick("废水", "waste water"), &wanted.medium))
                    (option("gas", reader.pick("废气", "waste gas"), &wanted.medium))
                }
            }
            label {
                (reader.pick("状态", "State"))
                select name="standing" {
                    (option("", any, &None))
                    @for one in Standing::ALL {
                        @let words = match one {
                            Standing::Exceeding => reader.pick("超标告警", "exceedance alert"),
                            Standing::Alerting => reader.pick("有告警", "alert open"),
                            Standing::Silent => reader.pick("无新数据", "no new data"),
                            Standing::Good => reader.pick("正常", "normal"),
                        };
                        (option(one.as_str(), words, &wanted.standing))
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn list(snapshot: &Snapshot, reader: &Reader, outlets: &[OutletNow]) -> Markup {
    let mut table = Table::new(
        reader.pick("排放口现状", "Outlets now"),
        vec![
            Column::words(reader.pick("排放口", "Outlet")),
            Column::words(reader.pick("类型", "Kind")),
            Column::words(reader.pick("区县", "Division")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("最近数据", "Newest data")),
        ],
    );
    for outlet in outlets {
        let division = snapshot
            .division(&outlet.point.division)
            .map_or(outlet.point.division.as_str(), |division| reader.name(&division.name));
        table.keyed_row(
            format!("point-{}", outlet.point.id.0),
            vec![
                html! {
                    a href=(words::path(&outlet.point)) {
                        (reader.text(&words::point(snapshot, &outlet.point)))
                    }
                },
                html! {
                    @match outlet.outlet.medium {
                        Medium::Water => { (reader.pick("废水", "waste water")) }
                        Medium::Gas => { (reader.pick("废气", "waste gas")) }
                    }
                },
                html! { (division) },
                standing(reader, outlet.standing()),
                html! {
                    @match &outlet.newest {
                        Some(row) => { (components::moment(row.received_at)) }
                        None => { "—" }
                    }
                },
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有符合条件的排放口", "No outlet fits"),
            reader.pick("放宽筛选条件再试。", "Widen the filter and try again."),
        );
    }
    table.render()
}

#[derive(Debug, Default, Deserialize)]
struct Look {
    period: Option<String>,
    factor: Option<String>,
}

fn find(snapshot: &Snapshot, enterprise: &str, number: &str) -> Result<MonitoringPoint, Problem> {
    let code = format!("{enterprise}/{number}");
    snapshot.point_by_code(PointKind::Outlet, &code).cloned().ok_or_else(|| no_outlet(&code))
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path((enterprise, number)): Path<(String, String)>,
    Query(look): Query<Look>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let point = find(&snapshot, &enterprise, &number)?;
    let now = outlet_now(&state, &point).await?;
    let period = look.period.as_deref().and_then(Period::parse).unwrap_or(Period::Hour);
    let past = points::past(&state, &point, period).await?;
    let factor = chosen_factor(&snapshot, &point, &past, look.factor.as_deref());
    let base = words::path(&point);
    let content = html! {
        @if now.enterprise.is_fictitious {
            (components::notice("note", html! {
                (reader.pick("虚构企业:仅用于演示,与任何真实单位无关。",
                    "A fictitious enterprise, for demonstration only; any likeness is chance."))
            }))
        }
        (components::section("now", reader.pick("现在", "Now"), now_block(&snapshot, &reader, &now)))
        (components::section(
            "limits", reader.pick("许可限值", "Limits of the permit"),
            limits(&snapshot, &reader, &point)))
        (components::section("series", reader.pick("变化", "Over time"), html! {
            (components::tabs(reader.pick("时段", "Period"), &tabs(&reader, &base, period, factor)))
            @if let Some(factor) = factor {
                (components::tabs(reader.pick("因子", "Factor"),
                    &factor_tabs(&reader, &base, period, &past, &snapshot, factor)))
                (components::island_series(
                    &format!("/api/v1/points/{}/series?period={}&factor={}", point.id.0,
                        period.as_str(), factor.code),
                    reader.name(&factor.name),
                    reader.pick("图表加载中;下表内容相同。", "The chart is loading; the table below says the same.")))
            }
            details class="folded" open[past.rows.len() <= 24] {
                summary { (reader.pick("数值表", "Table of values")) " (" (past.rows.len()) ")" }
                (values(&snapshot, &reader, &past))
            }
            (revisions(&snapshot, &reader, &past))
            ul class="downloads" {
                li { a class="button" href={ (base) "/" (period.as_str()) ".csv" } { "CSV" } }
                li { a class="button" href={ (base) "/" (period.as_str()) ".xlsx" } { "XLSX" } }
                @if reader.is_signed_in {
                    li { a class="button" href={ (base) "/months/" (local_month(state.now())) } {
                        (reader.pick("有效数据与标记", "Data that count"))
                    } }
                }
                li { a class="button" href={ "/outlets/compare?outlet=" (point.code) } {
                    (reader.pick("与其他排放口对比", "Compare with others"))
                } }
            }
        }))
        (components::section("about", reader.pick("资料", "About"), about(&snapshot, &reader, &now)))
    };
    let title = reader.text(&words::point(&snapshot, &point)).to_owned();
    let page = Page::new(title).under("/outlets", reader.pick("排放口", "Outlets")).live();
    Ok(page.render(&state, &reader, content))
}

/// The month of a time, `2026-11`.
fn local_month(at: jiff::Timestamp) -> String {
    web::local_date(at).chars().take(7).collect()
}

/// The factor asked for; else the first with a limit, else the first there is.
fn chosen_factor<'a>(
    snapshot: &'a Snapshot,
    point: &MonitoringPoint,
    past: &Past,
    code: Option<&str>,
) -> Option<&'a Factor> {
    let asked = code.and_then(|code| snapshot.factor_by_code(code));
    let limited = || snapshot.limits_of(point.id).iter().map(|limit| limit.factor).next();
    let any = || past.factors.first().copied();
    asked.or_else(|| snapshot.factor(limited().or_else(any)?))
}

fn tabs(
    reader: &Reader,
    base: &str,
    period: Period,
    factor: Option<&Factor>,
) -> Vec<(String, String, bool)> {
    let kept = factor.map(|factor| format!("&factor={}", factor.code)).unwrap_or_default();
    Period::ALL
        .into_iter()
        .map(|one| {
            let to = format!("{base}?period={}{kept}", one.as_str());
            (to, reader.text(&words::period(one)).to_owned(), one == period)
        })
        .collect()
}

fn factor_tabs(
    reader: &Reader,
    base: &str,
    period: Period,
    past: &Past,
    snapshot: &Snapshot,
    shown: &Factor,
) -> Vec<(String, String, bool)> {
    past.factors
        .iter()
        .filter_map(|id| snapshot.factor(*id))
        .map(|factor| {
            let to = format!("{base}?period={}&factor={}", period.as_str(), factor.code);
            (to, reader.name(&factor.name).to_owned(), factor.id == shown.id)
        })
        .collect()
}

fn now_block(snapshot: &Snapshot, reader: &Reader, now: &OutletNow) -> Markup {
    let Some(row) = &now.newest else {
        return components::empty(
            reader.pick("还没有数据", "No data yet"),
            reader.pick("该排放口尚未上报。", "This outlet has not reported yet."),
        );
    };
    html! {
        p { (standing(reader, now.standing())) }
        div class="stats" {
            @for value in &row.values {
                @if let Some(factor) = snapshot.factor(value.factor) {
                    @let marked = unusable(value.flag);
                    (components::stat(
                        reader.name(&factor.name),
                        components::number(value.value, factor.decimals, &factor.unit),
                        marked.as_ref().map(|text| reader.text(text))))
                }
            }
        }
        p class="hint" {
            (reader.text(&words::period(row.period))) " · " (components::moment(row.observed_at))
            " · " (reader.pick("收到", "received")) " " (components::moment(row.received_at))
            " · " a href={ "/packets/" (row.source.block) "/" (row.source.index) } {
                (reader.pick("原始数据包", "raw packet"))
            }
        }
    }
}

fn limits(snapshot: &Snapshot, reader: &Reader, point: &MonitoringPoint) -> Markup {
    let mut table = Table::new(
        reader.pick("现行与历史限值", "Limits, present and past"),
        vec![
            Column::words(reader.pick("因子", "Factor")),
            Column::words(reader.pick("限值", "Limit")),
            Column::words(reader.pick("均值时段", "Mean over")),
            Column::words(reader.pick("来源", "Source")),
            Column::words(reader.pick("有效期", "Valid")),
        ],
    );
    for limit in snapshot.limits_of(point.id) {
        let Some(factor) = snapshot.factor(limit.factor) else { continue };
        let until = limit.valid_to.map_or_else(|| "…".to_owned(), |last| last.to_string());
        table.row(vec![
            html! { (reader.name(&factor.name)) },
            html! {
                (words::bound(&limit.bound)) " " (web::unit(&factor.unit))
                @if limit.on_converted { " " span class="hint" { (reader.pick("折算", "converted")) } }
            },
            html! { (reader.text(&words::period(limit.period))) },
            html! { (limit.source) },
            html! { (limit.valid_from) " – " (until) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有限值", "No limits"),
            reader.pick(
                "许可限值由生态环境部门登记在城市文件中。",
                "Limits come from the permit; the bureau enters them in the city's files.",
            ),
        );
    }
    table.render()
}

/// What was judged of a value.
fn verdict_of<'a>(
    verdicts: &'a HashMap<(Timestamp, FactorId), StoredVerdict>,
    row: &Row,
    factor: FactorId,
) -> Option<&'a StoredVerdict> {
    verdicts.get(&(row.observed_at, factor))
}

fn values(snapshot: &Snapshot, reader: &Reader, past: &Past) -> Markup {
    let factors: Vec<&Factor> =
        past.factors.iter().filter_map(|factor| snapshot.factor(*factor)).collect();
    let mut columns = vec![Column::words(reader.pick("时间", "Time"))];
    columns.extend(factors.iter().map(|factor| {
        let unit = if factor.unit.is_empty() {
            String::new()
        } else {
            format!(" ({})", web::unit(&factor.unit))
        };
        Column::numbers(format!("{}{unit}", reader.name(&factor.name)))
    }));
    columns.push(Column::words(reader.pick("来源", "Source")));
    let caption = reader.pick(
        "新的在前;超标、维护等以文字标注",
        "The newest first; exceedance, maintenance and the like are told in words",
    );
    let mut table = Table::new(caption, columns);
    let mut after: Option<&Row> = None;
    for row in past.rows.iter().rev() {
        let exceeds = factors.iter().any(|factor| {
            verdict_of(&past.verdicts, row, factor.id)
                .is_some_and(|stored| stored.verdict.outcome == Outcome::Exceeds)
        });
        let mut cells = vec![html! { (components::moment(row.observed_at)) }];
        cells.extend(factors.iter().map(|factor| cell(reader, row, factor, &past.verdicts)));
        cells.push(html! {
            a href={ "/packets/" (row.source.block) "/" (row.source.index) } {
                (reader.pick("数据包", "packet"))
            }
            @if row.version > 1 { " " span class="hint" { "v" (row.version) } }
        });
        if let Some(after) = after.replace(row) {
            for at in points::missing_between(row, after).into_iter().rev() {
                table.marked_row(Some("missing"), missing(reader, at, factors.len()));
            }
        }
        table.marked_row(exceeds.then_some("exceeds"), cells);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("这一时段没有数据", "No data in this span"),
            reader.pick("换一个时段,或等待上报。", "Choose another span, or wait for reports."),
        );
    }
    table.render()
}

/// What was reported before it was sent again, with the time that ended it.
fn revisions(snapshot: &Snapshot, reader: &Reader, past: &Past) -> Markup {
    let mut table = Table::new(
        reader.pick("被取代的数值", "Values that were superseded"),
        vec![
            Column::words(reader.pick("时间", "Time")),
            Column::words(reader.pick("先前的数值", "What was reported before")),
            Column::words(reader.pick("被取代于", "Superseded at")),
            Column::words(reader.pick("来源", "Source")),
        ],
    );
    for revision in &past.revisions {
        let row = &revision.row;
        let values: Vec<String> = row
            .values
            .iter()
            .filter_map(|value| Some((snapshot.factor(value.factor)?, value.value?)))
            .map(|(factor, value)| {
                let value = web::decimal(value, factor.decimals);
                format!("{} {value} {}", reader.name(&factor.name), web::unit(&factor.unit))
            })
            .collect();
        table.row(vec![
            html! { (components::moment(row.observed_at)) " v" (row.version) },
            html! { (values.join(" · ")) },
            html! { (components::moment(revision.superseded_at)) },
            html! {
                a href={ "/packets/" (row.source.block) "/" (row.source.index) } {
                    (reader.pick("先前的数据包", "the older packet"))
                }
                " → "
                a href={ "/packets/" (revision.superseded_by.block) "/"
                    (revision.superseded_by.index) } {
                    (reader.pick("取代它的数据包", "the newer packet"))
                }
            },
        ]);
    }
    html! { @if !table.is_empty() { (table.render()) } }
}

/// The row of an hour or day for which nothing came.
fn missing(reader: &Reader, at: Timestamp, factors: usize) -> Vec<Markup> {
    let word = || html! { span class="none" { (reader.pick("缺失", "missing")) } };
    let mut cells = vec![components::moment(at)];
    cells.extend((0..factors).map(|_| word()));
    cells.push(html! { "—" });
    cells
}

fn cell(
    reader: &Reader,
    row: &Row,
    factor: &Factor,
    verdicts: &HashMap<(Timestamp, FactorId), StoredVerdict>,
) -> Markup {
    let Some(value) = row.factor(factor.id) else {
        return html! { span class="none" { (reader.pick("缺失", "missing")) } };
    };
    let verdict = verdict_of(verdicts, row, factor.id);
    html! {
        (components::number(value.value, factor.decimals, ""))
        @if let Some(converted) = value.converted {
            " " span class="hint" {
                (reader.pick("折算", "converted")) " " (web::decimal(converted, factor.decimals))
            }
        }
        @if let Some(text) = unusable(value.flag) { " " span class="hint" { (reader.text(&text)) } }
        @if let Some(stored) = verdict {
            @if stored.verdict.outcome != Outcome::Meets {
                " " a href={ "/verdicts/" (stored.id) } {
                    (reader.text(&words::outcome(stored.verdict.outcome)))
                }
            }
        }
    }
}

fn about(snapshot: &Snapshot, reader: &Reader, now: &OutletNow) -> Markup {
    let division = snapshot
        .division(&now.point.division)
        .map_or(now.point.division.as_str(), |division| reader.name(&division.name));
    components::definition_list(&[
        (
            reader.pick("企业", "Enterprise").to_owned(),
            html! {
                a href={ "/enterprises/" (now.enterprise.code) } {
                    (reader.name(&now.enterprise.name))
                }
                " " code { (now.enterprise.code) }
            },
        ),
        (
            reader.pick("排放口编号", "Number in the permit").to_owned(),
            html! { code { (now.outlet.permit_outlet_number) } },
        ),
        (reader.pick("所在地", "Division").to_owned(), html! { (division) }),
        (reader.pick("资料来源", "Source").to_owned(), html! { (now.point.source) }),
    ])
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    Path((enterprise, number, file)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let point = find(&snapshot, &enterprise, &number)?;
    let wrong = || {
        Problem::not_found(
            "文件名应为 realtime、minute、hour 或 day 加 .csv 或 .xlsx",
            "the file is realtime, minute, hour or day with .csv or .xlsx",
        )
    };
    let (word, ending) = file.split_once('.').ok_or_else(wrong)?;
    let period = Period::parse(word).ok_or_else(wrong)?;
    let past = points::past(&state, &point, period).await?;
    let sheet = sheet(&snapshot, &reader, &point, period, &past);
    match ending {
        "csv" => sheet.csv(),
        "xlsx" => sheet.xlsx(),
        _ => Err(wrong()),
    }
}

fn sheet(
    snapshot: &Snapshot,
    reader: &Reader,
    point: &MonitoringPoint,
    period: Period,
    past: &Past,
) -> Sheet {
    let factors: Vec<&Factor> =
        past.factors.iter().filter_map(|factor| snapshot.factor(*factor)).collect();
    let mut columns = vec![reader.pick("时间", "Time").to_owned()];
    for factor in &factors {
        let name = reader.name(&factor.name);
        columns.push(format!("{name} ({})", web::unit(&factor.unit)));
        columns.push(format!("{name} {}", reader.pick("标记", "flag")));
        columns.push(format!("{name} {}", reader.pick("评判", "verdict")));
    }
    let rows = past
        .rows
        .iter()
        .rev()
        .map(|row| {
            let mut cells = vec![Cell::from(local_minute(row.observed_at))];
            for factor in &factors {
                let value = row.factor(factor.id);
                let flag = value.and_then(|value| value.flag);
                let verdict = verdict_of(&past.verdicts, row, factor.id);
                cells.push(Cell::from(value.and_then(|value| value.value)));
                cells.push(flag.map_or(Cell::Empty, |flag| char::from(flag).to_string().into()));
                cells.push(verdict.map_or(Cell::Empty, |stored| {
                    Cell::from(reader.text(&words::outcome(stored.verdict.outcome)))
                }));
            }
            cells
        })
        .collect();
    Sheet {
        name: format!("outlet-{}-{}", point.code.replace('/', "-"), period.as_str()),
        columns,
        rows,
    }
}
