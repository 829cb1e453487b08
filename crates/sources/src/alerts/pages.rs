//! Pages of the alerts: the list, one with its evidence.

use super::filter::{Wanted, allowed, page};
use crate::words;
use authority::{Action, Scope};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use evaluation::alerts::{Alert, AlertEvent, AlertKind};
use jiff::SignedDuration;
use maud::{Markup, html};
use registry::{Enterprise, PointDetail, Snapshot};
use rulebook::Period;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn, duration};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/alerts", get(all)).route("/alerts/{id}", get(one))
}

/// The alert with this number.
pub(crate) async fn find(state: &AppState, id: i64) -> Result<Alert, Problem> {
    evaluation::alert(&state.store, id).await?.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的告警"),
            format!("there is no alert with the number {id}"),
        )
    })
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let scope = signed_in.scope(Action::ReadAlerts)?;
    let snapshot = state.snapshot();
    let found = evaluation::list_alerts(&state.store, &wanted.filter(&snapshot, &scope)?).await?;
    let (alerts, next) = page(found);
    let counts = evaluation::open_alert_counts(&state.store).await?;
    let content = html! {
        // Counted over the whole installation: for those who see the whole of it.
        @if scope == Scope::Everything { div class="stats" {
            @for kind in AlertKind::ALL {
                @let number = counts.iter().find(|(of, _)| *of == kind).map_or(0, |(_, n)| *n);
                (components::stat(reader.text(&words::kind(kind)), html! { (number) },
                    Some(reader.pick("未关闭", "open"))))
            }
        } }
        (filters(&snapshot, &reader, &wanted))
        (list(&state, &snapshot, &reader, &alerts))
        (components::pages(&reader, next.as_deref()))
    };
    Ok(Page::new(reader.pick("告警", "Alerts")).live().render(&state, &reader, content))
}

fn filters(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted) -> Markup {
    let option = |value: &str, words: &str, chosen: &Option<String>| {
        html! { option value=(value) selected[chosen.as_deref() == Some(value)] { (words) } }
    };
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("状态", "State"))
                select name="state" {
                    (option("open", reader.pick("未关闭", "open"), &wanted.state))
                    (option("closed", reader.pick("已关闭", "closed"), &wanted.state))
                    (option("all", reader.pick("全部", "all"), &wanted.state))
                }
            }
            label {
                (reader.pick("类别", "Kind"))
                select name="kind" {
                    (option("", reader.pick("全部", "all"), &None))
                    @for kind in AlertKind::ALL {
                        (option(kind.as_str(), reader.text(&words::kind(kind)), &wanted.kind))
                    }
                }
            }
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", reader.pick("全部", "all"), &None))
                    @for division in &snapshot.divisions {
                        (option(&division.code, reader.name(&division.name), &wanted.division))
                    }
                }
            }
            label {
                (reader.pick("从", "From"))
                input type="date" name="from" value=[wanted.from.as_deref()];
            }
            label {
                (reader.pick("到", "To"))
                input type="date" name="to" value=[wanted.to.as_deref()];
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

pub(super) fn title(snapshot: &Snapshot, reader: &Reader, alert: &Alert) -> String {
    let point = snapshot.point(alert.subject.point);
    let place = point.map_or_else(
        || alert.subject.point.0.to_string(),
        |point| reader.text(&words::point(snapshot, point)).to_owned(),
    );
    let factor = alert.subject.factor.and_then(|factor| snapshot.factor(factor));
    let kind = words::kind(alert.subject.kind);
    let kind = reader.text(&kind);
    match factor {
        Some(factor) => format!("{place} · {} · {kind}", reader.name(&factor.name)),
        None => format!("{place} · {kind}"),
    }
}

fn state_badge(reader: &Reader, alert: &Alert) -> Markup {
    if alert.closed_at.is_some() {
        return components::status_badge("quiet", reader.pick("已关闭", "closed"));
    }
    let words = words::severity(alert.severity);
    components::severity_badge(alert.severity.as_str(), reader.text(&words))
}

pub(super) fn list(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    alerts: &[Alert],
) -> Markup {
    let mut table = Table::new(
        reader.pick("告警,新的在前", "Alerts, the newest first"),
        vec![
            Column::words(reader.pick("告警", "Alert")),
            Column::words(reader.pick("级别", "Severity")),
            Column::words(reader.pick("始于", "Since")),
            Column::words(reader.pick("持续", "For")),
            Column::words(reader.pick("最新 / 最差 / 限值", "Last / worst / limit")),
        ],
    );
    for alert in alerts {
        let until = alert.closed_at.unwrap_or_else(|| state.now());
        let numbers = [alert.last_value, alert.worst_value]
            .map(|value| value.map_or_else(|| "—".to_owned(), |value| value.to_string()));
        let bound = alert.bound.as_deref().unwrap_or("—");
        table.keyed_row(
            format!("alert-{}", alert.id),
            vec![
                html! { a href={ "/alerts/" (alert.id) } { (title(snapshot, reader, alert)) } },
                state_badge(reader, alert),
                html! { (components::moment(alert.opened_at)) },
                html! { (duration(until.duration_since(alert.opened_at), reader.language)) },
                html! { (numbers[0]) " / " (numbers[1]) " / " (bound) },
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有符合条件的告警", "No alert fits"),
            reader.pick(
                "一切正常时这里是空的;也可放宽筛选条件。",
                "This is empty when all is well; or widen the filter.",
            ),
        );
    }
    table.render()
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let snapshot = state.snapshot();
    let alert = find(&state, id).await?;
    allowed(&signed_in, &state.snapshot(), alert.subject.point)?;
    let events = evaluation::alert_events(&state.store, id).await?;
    let content = html! {
        (components::section("what", reader.pick("概况", "What"),
            facts(&state, &snapshot, &reader, &alert)))
        @if alert.subject.kind == AlertKind::Exceedance {
            p { a class="button" href={ "/episodes/by-alert/" (alert.id) } {
                (reader.pick("超标过程与证据包", "Episode and evidence packet"))
            } }
        }
        @if signed_in.scope(Action::ReadCase).is_ok() {
            // The area of cases knows whether the alert became one.
            p { a class="button" href={ "/cases/by-alert/" (alert.id) } {
                (reader.pick("告警处置事项", "The case of this alert"))
            } }
        }
        (components::section("evidence", reader.pick("证据", "Evidence"), html! {
            (chart(&snapshot, &reader, &alert))
            (evidence(&reader, &alert.evidence))
        }))
        (components::section("timeline", reader.pick("经过", "Timeline"), timeline(&reader, &events)))
    };
    let page = Page::new(title(&snapshot, &reader, &alert))
        .under("/alerts", reader.pick("告警", "Alerts"))
        .live();
    Ok(page.render(&state, &reader, content))
}

fn facts(state: &AppState, snapshot: &Snapshot, reader: &Reader, alert: &Alert) -> Markup {
    let until = alert.closed_at.unwrap_or_else(|| state.now());
    let lasts = duration(until.duration_since(alert.opened_at), reader.language);
    let number = |value: Option<rulebook::Decimal>| {
        html! { @match value { Some(value) => { (value) } None => { "—" } } }
    };
    let mut facts = vec![
        (reader.pick("状态", "State").to_owned(), state_badge(reader, alert)),
        (
            reader.pick("始于", "Since").to_owned(),
            html! { (components::moment(alert.opened_at)) " · " (lasts) },
        ),
        (reader.pick("次数", "Times seen").to_owned(), html! { (alert.count) }),
        (reader.pick("最新值", "Last value").to_owned(), number(alert.last_value)),
        (reader.pick("最差值", "Worst value").to_owned(), number(alert.worst_value)),
        (
            reader.pick("限值", "Limit").to_owned(),
            html! { (alert.bound.as_deref().unwrap_or("—")) },
        ),
    ];
    if let Some(point) = snapshot.point(alert.subject.point) {
        let name = words::point(snapshot, point);
        facts.insert(
            0,
            (
                reader.pick("点位", "Point").to_owned(),
                html! { a href=(words::path(point)) { (reader.text(&name)) } },
            ),
        );
    }
    if let Some(enterprise) = enterprise_of(snapshot, alert) {
        facts.insert(
            1,
            (
                reader.pick("企业", "Enterprise").to_owned(),
                html! {
                    a href={ "/enterprises/" (enterprise.code) } { (reader.name(&enterprise.name)) }
                },
            ),
        );
    }
    if let (Some(at), Some(reason)) = (alert.closed_at, &alert.close_reason) {
        facts.push((
            reader.pick("关闭", "Closed").to_owned(),
            html! { (components::moment(at)) " · " (reader.text(&words::close_reason(reason))) },
        ));
    }
    components::definition_list(&facts)
}

fn enterprise_of<'a>(snapshot: &'a Snapshot, alert: &Alert) -> Option<&'a Enterprise> {
    match &snapshot.point(alert.subject.point)?.detail {
        PointDetail::Outlet(outlet) => snapshot.enterprise(outlet.enterprise),
        _ => None,
    }
}

/// The values around the alert, a day before and after.
fn chart(snapshot: &Snapshot, reader: &Reader, alert: &Alert) -> Markup {
    let Some(factor) = alert.subject.factor.and_then(|factor| snapshot.factor(factor)) else {
        return html! {};
    };
    let period = match alert.evidence["rule"].as_str() {
        Some("permit.day") => Period::Day,
        Some("constant_value") => Period::Minute,
        _ => Period::Hour,
    };
    let day = SignedDuration::from_hours(if period == Period::Day { 24 * 14 } else { 24 });
    let from = alert.opened_at.saturating_sub(day).unwrap_or(alert.opened_at);
    let to = alert.last_at.saturating_add(day).unwrap_or(alert.last_at);
    // Of an alert that lasts for months the chart shows the newest part.
    let most = SignedDuration::from_hours(24 * if period == Period::Minute { 30 } else { 365 });
    let from = from.max(to.saturating_sub(most).unwrap_or(from));
    let src = format!(
        "/api/v1/points/{}/series?period={}&factor={}&from={from}&to={to}",
        alert.subject.point.0,
        period.as_str(),
        factor.code
    );
    components::island_series(
        &src,
        reader.name(&factor.name),
        reader.pick(
            "图表加载中;经过见下表。",
            "The chart is loading; the timeline below says the same.",
        ),
    )
}

fn evidence(reader: &Reader, evidence: &serde_json::Value) -> Markup {
    let text = |name: &str| evidence[name].as_str().map(str::to_owned);
    let rule = text("rule").unwrap_or_default();
    let mut facts = vec![(reader.pick("规则", "Rule").to_owned(), html! { code { (rule) } })];
    for (name, zh, en) in [
        ("observed_at", "时段始于", "The period began at"),
        ("since", "始于", "Since"),
        ("last_observed_at", "最后观测", "Last observed"),
        ("last_received_at", "最后收到", "Last received"),
        ("source", "参数来源", "Set by"),
    ] {
        let Some(value) = text(name) else { continue };
        let shown = value.parse().map_or_else(|_| html! { (value) }, components::moment);
        facts.push((reader.pick(zh, en).to_owned(), shown));
    }
    if let (Some(rows), Some(parameter)) =
        (evidence["rows"].as_u64(), evidence["parameter"].as_u64())
    {
        facts.push((
            reader.pick("连续不变", "Unchanged rows").to_owned(),
            html! { (rows) " (≥ " (parameter) ")" },
        ));
    }
    html! {
        @if let Some(reasons) = evidence.get("reasons") {
            (crate::verdicts::reasons(reader, reasons))
        }
        (components::definition_list(&facts))
    }
}

fn timeline(reader: &Reader, events: &[AlertEvent]) -> Markup {
    html! {
        ol class="timeline" {
            @for event in events {
                li {
                    (components::moment(event.happened_at)) " · "
                    strong { (reader.text(&words::event(&event.what))) }
                    @if let Some(value) = event.value { " · " (value) }
                    @if let Some(source) = event.source {
                        " · " a href={ "/packets/" (source.block) "/" (source.index) } {
                            (reader.pick("原始数据包", "raw packet"))
                        }
                    }
                }
            }
        }
    }
}
