//! The states of a month, hour by hour or day by day, as a list and as a workbook.

use super::super::{access, queries};
use super::chain;
use authority::Action;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use registry::{Factor, MonitoringPoint, PointKind, Snapshot};
use rulebook::{Decimal, Period};
use serde::Deserialize;
use validity::{Month, MonthRecord, PeriodState, Rates, VersionHead, bound_text, rates, versions};
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn, local_date, local_hour};

/// Rows on one page.
const A_PAGE: usize = 96;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Look {
    factor: Option<String>,
    period: Option<String>,
    /// `valid`, `missing`, `invalid`, `stopped`, `over`, `marked`, `substituted`.
    state: Option<String>,
    after: Option<usize>,
}

/// The states that can be asked for.
const STATES: [(&str, &str, &str); 7] = [
    ("valid", "有效", "valid"),
    ("missing", "缺失", "missing"),
    ("invalid", "无效", "invalid"),
    ("stopped", "停运", "stopped"),
    ("over", "超过限值", "over the limit"),
    ("marked", "有标记", "marked"),
    ("substituted", "排放量替代", "amount substituted"),
];

/// The address of a month of an outlet.
pub(in crate::marks) fn path(point: &MonitoringPoint, month: Month) -> String {
    format!("/outlets/{}/months/{month}", point.code)
}

struct Shown {
    record: MonthRecord,
    point: MonitoringPoint,
    month: Month,
    factor: Option<Factor>,
    period: Period,
}

impl Shown {
    async fn read(
        state: &AppState,
        signed_in: &SignedIn,
        snapshot: &Snapshot,
        (enterprise, number, month): &(String, String, String),
        look: &Look,
    ) -> Result<Self, Problem> {
        signed_in.scope(Action::ReadAlerts)?;
        let point = queries::outlet(snapshot, &format!("{enterprise}/{number}"))?;
        access::may_see(signed_in, snapshot, point)?;
        let month = queries::month(state, month)?;
        let record = queries::record(state, snapshot, point, month, false).await?;
        let asked = look.factor.as_deref().and_then(|code| snapshot.factor_by_code(code));
        let has_limit = |id| snapshot.limits_of(point.id).iter().any(|limit| limit.factor == id);
        // A concentration with a limit says more than pH, which comes first by its number.
        let rows = &record.inputs.setup.factors;
        let first = rows
            .iter()
            .find(|row| row.is_mass && has_limit(row.factor))
            .or_else(|| rows.first())
            .map(|row| row.factor);
        let factor = asked.or_else(|| snapshot.factor(first?)).cloned();
        let period = match look.period.as_deref().and_then(Period::parse) {
            Some(Period::Day) => Period::Day,
            _ => Period::Hour,
        };
        Ok(Self { record, point: point.clone(), month, factor, period })
    }

    fn states(&self, look: &Look) -> Vec<&PeriodState> {
        let Some(factor) = &self.factor else { return Vec::new() };
        let wanted = look.state.as_deref().unwrap_or_default();
        let fits = |state: &&PeriodState| match wanted {
            "over" => state.exceeds(),
            "marked" => state.layers.enterprise.is_some(),
            "substituted" => state.is_substituted(),
            "" => true,
            word => state.state.as_str() == word,
        };
        self.record.of(factor.id, self.period).filter(fits).collect()
    }
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(place): Path<(String, String, String)>,
    Query(look): Query<Look>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let shown = Shown::read(&state, &signed_in, &snapshot, &place, &look).await?;
    let states = shown.states(&look);
    let from = look.after.unwrap_or(0).min(states.len());
    let to = states.len().min(from + A_PAGE);
    let next = (to < states.len()).then(|| to.to_string());
    let kept = versions(&state.store, shown.point.id, shown.month).await?;
    let base = path(&shown.point, shown.month);
    let content = html! {
        (summary(&reader, &rates(&[&shown.record])))
        (filters(&snapshot, &reader, &shown, &look))
        @if from == to {
            (components::empty(
                reader.pick("没有符合条件的时段", "No period fits"),
                reader.pick("放宽筛选条件，或等当天结束后再看。",
                    "Widen the filter, or look again when the day is over.")))
        } @else {
            (table(&reader, &shown, states.get(from..to).unwrap_or_default()))
        }
        (components::pages(&reader, next.as_deref()))
        ul class="downloads" {
            li { a class="button" href={ (base) "/states.xlsx?" (reader.query) } { "XLSX" } }
            li { a class="button" href={ (base_of(&shown, -1)) } {
                (reader.pick("上月", "month before"))
            } }
        }
        (version_list(&reader, &kept))
    };
    let name = reader.text(&crate::words::point(&snapshot, &shown.point)).to_owned();
    let title = format!("{name} {} {}", shown.month, reader.pick("数据状态", "data states"));
    let page = Page::new(title)
        .under("/outlets", reader.pick("排放口", "Outlets"))
        .under(crate::words::path(&shown.point), name);
    Ok(page.render(&state, &reader, content))
}

fn base_of(shown: &Shown, months: i64) -> String {
    path(&shown.point, shown.month.before(-months))
}

fn summary(reader: &Reader, rates: &Rates) -> Markup {
    let percent = |rate: Option<Decimal>| {
        html! {
            @match rate { Some(rate) => { (rate) " %" } None => { "—" } }
        }
    };
    html! {
        div class="stats" {
            (components::stat(reader.pick("传输率", "Transmission rate"),
                percent(rates.transmission_rate), None))
            (components::stat(reader.pick("有效率", "Validity rate"),
                percent(rates.validity_rate), None))
            (components::stat(reader.pick("传输有效率", "Effective rate"),
                percent(rates.effective_rate), None))
            (components::stat(reader.pick("超标小时 / 日", "Hours / days over"),
                html! { (rates.exceedance_hours) " / " (rates.exceedance_days) }, None))
            (components::stat(reader.pick("未标记的缺口", "Unmarked gaps"),
                html! { (rates.unmarked_gaps) }, None))
        }
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, shown: &Shown, look: &Look) -> Markup {
    let chosen = shown.factor.as_ref().map(|factor| factor.id);
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("因子", "Factor"))
                select name="factor" {
                    @for row in &shown.record.inputs.setup.factors {
                        @if let Some(factor) = snapshot.factor(row.factor) {
                            option value=(factor.code) selected[chosen == Some(factor.id)] {
                                (reader.name(&factor.name))
                            }
                        }
                    }
                }
            }
            label {
                (reader.pick("时段", "Period"))
                select name="period" {
                    @for period in [Period::Hour, Period::Day] {
                        option value=(period.as_str()) selected[shown.period == period] {
                            (reader.text(&crate::words::period(period)))
                        }
                    }
                }
            }
            label {
                (reader.pick("状态", "State"))
                select name="state" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for (word, zh, en) in STATES {
                        option value=(word) selected[look.state.as_deref() == Some(word)] {
                            (reader.pick(zh, en))
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn label(state: &PeriodState) -> String {
    if state.period == Period::Day { local_date(state.start) } else { local_hour(state.start) }
}

fn table(reader: &Reader, shown: &Shown, states: &[&PeriodState]) -> Markup {
    let Some(factor) = &shown.factor else { return html! {} };
    let decimals = factor.decimals_at(PointKind::Outlet);
    let unit = web::unit(factor.unit_at(PointKind::Outlet));
    let concentration = format!("{} {unit}", reader.pick("浓度", "Measured"));
    let mut table = Table::new(
        format!("{} {}", reader.name(&factor.name), shown.month),
        vec![
            Column::words(reader.pick("时段", "Period")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("仪器", "Device")),
            Column::numbers(concentration),
            Column::numbers(reader.pick("折算", "Converted")),
            Column::numbers(reader.pick("限值", "Limit")),
            Column::numbers(reader.pick("排放量 kg", "Amount kg")),
        ],
    );
    for state in states {
        let to = chain::path(&shown.point, state.period, state.start, Some(&factor.code));
        let (zh, en) = state.state.names();
        let tone = match (state.is_exceedance(), state.is_valid()) {
            (true, _) => "bad",
            (false, true) => "good",
            (false, false) => "quiet",
        };
        let bound = shown.record.limit_of(state).map(bound_text);
        table.row(vec![
            html! { a href=(to) { (label(state)) } },
            html! {
                (components::status_badge(tone, reader.pick(zh, en)))
                @if state.is_exceedance() { " " (reader.pick("超标", "over")) }
                @if state.exemption.is_some() { " " (reader.pick("豁免", "exempted")) }
                @if state.layers.enterprise.is_some() { " " (reader.pick("有标记", "marked")) }
            },
            html! {
                @match state.layers.instrument {
                    Some(letter) => { (char::from(letter)) }
                    None => { "—" }
                }
            },
            match state.range {
                Some((low, high)) => html! { (low) "–" (high) },
                None => components::number(state.concentration, decimals, ""),
            },
            components::number(state.converted, decimals, ""),
            html! { @match &bound { Some(bound) => { (bound) } None => { "—" } } },
            html! {
                (components::number(state.amount_kg, 3, ""))
                @if state.is_substituted() { " " (reader.pick("（替代）", "(substituted)")) }
            },
        ]);
    }
    table.render()
}

fn version_list(reader: &Reader, kept: &[VersionHead]) -> Markup {
    html! {
        details class="folded" {
            summary { (reader.pick("判定记录的版本", "Versions of the record")) " (" (kept.len()) ")" }
            p class="hint" {
                (reader.pick(
                    "数据补传、标记、决定、限值或规则变化后产生新版本，旧版本保留，可按原输入重算出相同字节。",
                    "Late data, marks, decisions, limits or rules make a new version; the older \
                     ones stay and recompute to the same bytes."))
            }
            ul {
                @for head in kept.iter().rev() {
                    li {
                        "v" (head.version) " · " (components::moment(head.computed_at)) " · "
                        (reader.pick("截至 ", "up to ")) (components::moment(head.until)) " · "
                        code { (head.digest.get(..16).unwrap_or_default()) "…" }
                    }
                }
            }
        }
    }
}

/// The list as a workbook.
pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(place): Path<(String, String, String)>,
    Query(look): Query<Look>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let shown = Shown::read(&state, &signed_in, &snapshot, &place, &look).await?;
    let code = shown.factor.as_ref().map(|factor| factor.code.clone()).unwrap_or_default();
    let heads = [
        ("时段", "Period"),
        ("状态", "State"),
        ("超标", "Exceedance"),
        ("豁免", "Exempted"),
        ("仪器标记", "Device's mark"),
        ("排污单位标记", "Enterprise's mark"),
        ("审核决定", "Decision"),
        ("浓度", "Measured"),
        ("折算浓度", "Converted"),
        ("复算折算浓度", "Converted here"),
        ("限值", "Limit"),
        ("限值来源", "Limit's source"),
        ("比较值", "Compared"),
        ("超标倍数", "Multiple over"),
        ("流量 m³", "Flow m3"),
        ("排放量 kg", "Amount kg"),
        ("其中替代 kg", "Substituted kg"),
    ];
    let yes = |is_so: bool| if is_so { Cell::from(reader.pick("是", "yes")) } else { Cell::Empty };
    let id = |id: Option<i64>| id.map_or(Cell::Empty, |id| Cell::Text(id.to_string()));
    let row = |state: &&PeriodState| -> Vec<Cell> {
        let (zh, en) = state.state.names();
        let limit = shown.record.limit_of(state);
        vec![
            label(state).into(),
            reader.pick(zh, en).into(),
            yes(state.is_exceedance()),
            yes(state.exemption.is_some()),
            state
                .layers
                .instrument
                .map_or(Cell::Empty, |letter| char::from(letter).to_string().into()),
            id(state.layers.enterprise.map(|mark| mark.0)),
            id(state.layers.bureau.map(|decision| decision.0)),
            state.concentration.into(),
            state.converted.into(),
            state.recomputed.into(),
            limit.map_or(Cell::Empty, |limit| bound_text(limit).into()),
            limit.map_or(Cell::Empty, |limit| limit.source.clone().into()),
            state.compared.into(),
            state.excess.into(),
            state.flow.into(),
            state.amount_kg.into(),
            state.substituted_kg.into(),
        ]
    };
    let sheet = Sheet {
        name: format!("{}-{code}-{}", shown.point.code.replace('/', "-"), shown.month),
        columns: heads.map(|(zh, en)| reader.pick(zh, en).to_owned()).to_vec(),
        rows: shown.states(&look).iter().map(row).collect(),
    };
    sheet.xlsx()
}
