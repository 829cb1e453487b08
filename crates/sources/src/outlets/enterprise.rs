//! The outlets on their enterprise's page: what each sends now beside its limit.

use super::panel::standing;
use super::queries::{OutletNow, outlet_now};
use crate::automatic_monitoring::unusable;
use crate::words;
use jiff::civil::Date;
use maud::{Markup, html};
use registry::{EnterpriseId, Factor, Limit, Snapshot};
use rulebook::{Period, beijing_offset};
use web::components::{self, Column, Table};
use web::{AppState, Panel, Problem, Reader};

/// Factors without a limit are told where there are no more than these: else they hide the limits.
const FEW: usize = 4;

/// The panel; none for an enterprise without outlets.
pub(super) async fn panel(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
) -> Result<Option<Panel>, Problem> {
    let snapshot = state.snapshot();
    let mut outlets = Vec::new();
    for point in snapshot.outlets_of(enterprise) {
        outlets.push(outlet_now(state, point).await?);
    }
    if outlets.is_empty() {
        return Ok(None);
    }
    let today = beijing_offset().to_datetime(state.now()).date();
    let codes: Vec<String> =
        outlets.iter().take(6).map(|one| format!("outlet={}", one.point.code)).collect();
    let content = html! {
        (table(&snapshot, reader, today, &outlets))
        @if outlets.len() > 1 {
            p { a href={ "/outlets/compare?" (codes.join("&")) } {
                (reader.pick("对比这些排放口", "Compare these outlets"))
            } }
        }
    };
    Ok(Some(Panel {
        anchor: "outlets",
        order: 20,
        title: reader.pick("排放口现状", "Outlets now").to_owned(),
        content,
    }))
}

fn table(snapshot: &Snapshot, reader: &Reader, today: Date, outlets: &[OutletNow]) -> Markup {
    let mut table = Table::new(
        reader.pick("最近一次上报与许可限值", "What was last reported, beside the limit"),
        vec![
            Column::words(reader.pick("排放口", "Outlet")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("因子", "Factor")),
            Column::numbers(reader.pick("最新值", "Newest value")),
            Column::numbers(reader.pick("限值", "Limit")),
            Column::words(reader.pick("时间", "Time")),
        ],
    );
    for outlet in outlets {
        let name = reader.text(&words::point(snapshot, &outlet.point)).to_owned();
        let head = || html! { a href=(words::path(&outlet.point)) { (name) } };
        let Some(row) = &outlet.newest else {
            let none = || html! { "—" };
            let cells =
                vec![head(), standing(reader, outlet.standing()), none(), none(), none(), none()];
            table.row(cells);
            continue;
        };
        let has_limits = !snapshot.limits_of(outlet.point.id).is_empty();
        for value in &row.values {
            let Some(factor) = snapshot.factor(value.factor) else { continue };
            let of = |period| snapshot.limit(outlet.point.id, factor.id, period, today);
            let limit = of(Period::Hour).or_else(|| of(Period::Day));
            if limit.is_none() && has_limits && row.values.len() > FEW {
                continue;
            }
            let marked = unusable(value.flag);
            let shown = if limit.is_some_and(|limit| limit.on_converted) {
                value.converted.or(value.value)
            } else {
                value.value
            };
            table.row(vec![
                head(),
                standing(reader, outlet.standing()),
                html! { (reader.name(&factor.name)) },
                html! {
                    (components::number(shown, factor.decimals, &factor.unit))
                    @if let Some(text) = &marked { " " span class="hint" { (reader.text(text)) } }
                },
                bound(reader, factor, limit),
                html! {
                    (reader.text(&words::period(row.period))) " "
                    (components::moment(row.observed_at))
                },
            ]);
        }
    }
    table.render()
}

fn bound(reader: &Reader, factor: &Factor, limit: Option<&Limit>) -> Markup {
    html! {
        @match limit {
            Some(limit) => {
                (words::bound(&limit.bound)) " " (web::unit(&factor.unit))
                " " span class="hint" { (reader.text(&words::period(limit.period))) }
                @if limit.on_converted { " " span class="hint" { (reader.pick("折算", "converted")) } }
            }
            None => { "—" }
        }
    }
}
