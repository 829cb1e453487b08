//! The panel of an enterprise's page: rates of its outlets, and how much of the year's permitted
//! amount is used.

use super::super::amounts::{Forecast, Habit, Outlook, Progress};
use super::super::compute::{self, YearOfPollutant};
use super::super::words;
use super::{PATH, ground};
use crate::words as area;
use authority::{Action, Decision, Principal, Subject, decide};
use jiff::civil::Date;
use maud::{Markup, html};
use registry::{EnterpriseId, PointKind, Snapshot};
use rulebook::Decimal;
use std::sync::Arc;
use validity::Month;
use web::components::{self, Column, Table};
use web::{AppState, Later, Panel, Problem, Reader};

/// The panel of one enterprise, for its own people and for officers.
pub(in super::super) fn panel(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    principal: Option<Arc<Principal>>,
) -> Later<Result<Option<Panel>, Problem>> {
    Box::pin(async move {
        let snapshot = state.snapshot();
        let Some(enterprise) = snapshot.enterprise(enterprise) else { return Ok(None) };
        let subject = Subject::installation()
            .in_division(enterprise.division.as_str())
            .of_enterprise(enterprise.code.as_str());
        let may_see = principal.is_some_and(|principal| {
            matches!(decide(&principal, Action::ReadAlerts, &subject), Decision::Allowed { .. })
        });
        if !may_see {
            return Ok(None);
        }
        let years = compute::year_of(&ground(&state, &snapshot), enterprise).await?;
        let habit = Habit::on(ground(&state, &snapshot).today());
        let content = html! {
            (rates(&state, &snapshot, &reader, &enterprise.code).await?)
            h3 { (reader.pick("年度排放量与许可量", "The year's amounts and what is permitted")) }
            (amounts(&snapshot, &reader, &years, habit))
        };
        Ok(Some(Panel {
            anchor: "data-quality",
            order: 30,
            title: reader.pick("有效数据与排放量", "Valid data and amounts").to_owned(),
            content,
        }))
    })
}

async fn rates(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    code: &str,
) -> Result<Markup, Problem> {
    let running = Month::at(state.now());
    let mut table = Table::new(
        reader.pick("传输有效率", "Effective rate"),
        vec![
            Column::words(reader.pick("排放口", "Outlet")),
            Column::words(reader.pick("月份", "Month")),
            Column::numbers(reader.pick("传输有效率(%)", "Effective (%)")),
            Column::numbers(reader.pick("标记占应传(%)", "Marked (%)")),
            Column::numbers(reader.pick("未标记缺失", "Unmarked gaps")),
            Column::words(reader.pick("考核", "Result")),
        ],
    );
    for month in [running, running.before(1)] {
        let mut report = compute::report(&ground(state, snapshot), month).await?;
        let prefix = format!("{code}/");
        report.retain(|line| line.code.starts_with(&prefix), |must| must.code.starts_with(&prefix));
        for (code, line) in report.by_outlet() {
            let (tone, words) = words::standing(&report, &line);
            let point = snapshot.point_by_code(PointKind::Outlet, &code);
            let name = point.map(|point| reader.text(&area::point(snapshot, point)).to_owned());
            table.row(vec![
                html! {
                    a href={ (PATH) "/outlets/" (code) "?month=" (month) } {
                        (name.unwrap_or(code))
                    }
                },
                html! { (month) },
                html! { (words::rate(line.counts.effective_rate())) },
                html! { (words::rate(line.counts.marked_share())) },
                html! { (line.counts.unmarked_gaps) },
                components::status_badge(tone, reader.text(&words)),
            ]);
        }
    }
    Ok(if table.is_empty() {
        html! {}
    } else {
        table.render()
    })
}

/// The bars of the year.
fn amounts(
    snapshot: &Snapshot,
    reader: &Reader,
    years: &[YearOfPollutant],
    habit: Habit,
) -> Markup {
    if years.is_empty() {
        return components::empty(
            reader.pick("没有可计算的排放量", "No amount can be computed"),
            reader.pick(
                "排放量由浓度与流量计算;该企业没有同时上报两者的排放口,也没有许可排放量。",
                "Amounts are made of concentration and flow: no outlet reports both, and no \
                 permit sets an amount.",
            ),
        );
    }
    html! {
        @for year in years { (of_pollutant(snapshot, reader, year)) }
        p class="hint" { (method(reader, habit)) }
    }
}

/// How the forecast is made.
fn method(reader: &Reader, habit: Habit) -> String {
    let (days, parts) = (habit.days, habit.parts);
    match reader.language {
        web::Language::Chinese => format!(
            "预测:最近 {days} 天日均值;窗口分 {parts} 段,最大与最小的段均值给出最早与最晚日期\
             (本平台惯例,非标准规定)。"
        ),
        web::Language::English => format!(
            "Forecast: the mean of the last {days} days; of {parts} parts of the window the \
             largest and the smallest mean give the earliest and the latest day (a habit of this \
             platform, no standard's)."
        ),
    }
}

fn of_pollutant(snapshot: &Snapshot, reader: &Reader, year: &YearOfPollutant) -> Markup {
    let name = snapshot.factor(year.factor).map_or("", |factor| reader.name(&factor.name));
    let progress = &year.progress;
    html! {
        div class="amount" {
            p {
                strong { (name) } " " (progress.year) ": " (tonnes(progress.used)) " t"
                @match progress.permitted {
                    Some(permitted) => {
                        " / " (tonnes(permitted)) " t"
                        @if let Some(percent) = progress.percent() { " (" (words::rate(Some(percent))) "%)" }
                    }
                    None => { " · " (reader.pick("无许可排放量", "no permit amount")) }
                }
                @if !progress.substituted.is_zero() {
                    " · " (reader.pick("其中替代", "of it substituted")) " " (tonnes(progress.substituted)) " t"
                }
            }
            (bar(reader, progress, name))
            p class="hint" {
                (forecast(reader, &progress.forecast))
                @if year.days_without > 0 {
                    " " (reader.pick("今年无排放量数据的天数:", "Days of the year without an amount: "))
                    (year.days_without) (reader.pick("。", "."))
                }
                @for source in &year.sources { " " (source) }
            }
        }
    }
}

/// A bar that a screen reader reads as a number.
fn bar(reader: &Reader, progress: &Progress, name: &str) -> Markup {
    let Some(percent) = progress.percent() else { return html! {} };
    let width = percent.min(Decimal::ONE_HUNDRED).round_dp(1);
    let label = format!("{name} {}", reader.pick("年许可量使用比例", "share of the year's amount"));
    html! {
        progress class="amount-bar" max="100" value=(width) aria-label=(label) {
            (words::rate(Some(percent))) "%"
        }
    }
}

fn tonnes(kilograms: Decimal) -> String {
    web::decimal(kilograms / Decimal::ONE_THOUSAND, 3)
}

fn forecast(reader: &Reader, forecast: &Forecast) -> String {
    match forecast {
        Forecast::NoAmount => reader
            .pick(
                "没有现行许可证载明的年许可排放量,无法预测。",
                "No permit in force sets a yearly amount: nothing to forecast.",
            )
            .to_owned(),
        Forecast::UsedUp(day) => match reader.language {
            web::Language::Chinese => format!("已于 {day} 超过年许可排放量。"),
            web::Language::English => format!("The year's amount was passed on {day}."),
        },
        Forecast::TooFewDays { days, needed } => match reader.language {
            web::Language::Chinese => {
                format!("预测窗口内仅 {days} 天有排放量,少于 {needed} 天,不作预测。")
            }
            web::Language::English => {
                format!("Only {days} of the last days have an amount, {needed} are needed.")
            }
        },
        Forecast::GoesOn(outlook) => goes_on(reader, outlook),
    }
}

fn goes_on(reader: &Reader, outlook: &Outlook) -> String {
    let kilograms = |value: Decimal| web::decimal(value, 1);
    let day = |day: Option<Date>| {
        day.map_or_else(
            || reader.pick("年内不会用完", "not this year").to_owned(),
            |day| day.to_string(),
        )
    };
    let (mean, low, high) =
        (kilograms(outlook.mean), kilograms(outlook.low), kilograms(outlook.high));
    let (expected, earliest, latest) =
        (day(outlook.day), day(outlook.earliest), day(outlook.latest));
    let end = tonnes(outlook.at_year_end);
    match reader.language {
        web::Language::Chinese => format!(
            "日均 {mean} kg({low}–{high}),预计用完日期:{expected}(最早 {earliest},最晚 {latest});\
             全年预计 {end} t。"
        ),
        web::Language::English => format!(
            "{mean} kg a day ({low} to {high}); used up: {expected} (earliest {earliest}, latest \
             {latest}); the year comes to {end} t."
        ),
    }
}
