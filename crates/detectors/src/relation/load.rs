//! The flow against how hard the plant works.

use super::{Look, Told, at, mean};
use crate::sign::input;
use crate::statistics::{median, robust};
use crate::view::HOUR_S;
use crate::{Role, Sign};
use rulebook::Text;

/// Below this share of its median a load says little.
const HALF: f64 = 0.5;
/// So many hours are needed to know what is usual.
const FEWEST: usize = 72;

/// A flow that no longer follows the load.
pub(super) fn flow_leaves_load(look: &Look<'_>) -> Vec<Sign> {
    let (Some(flow), Some(load)) =
        (look.outlet.in_role(Role::Flow, HOUR_S), look.outlet.in_role(Role::Load, HOUR_S))
    else {
        return Vec::new();
    };
    let mut loads: Vec<f64> = load.values().collect();
    let Some(usual_load) = median(&mut loads).filter(|usual| *usual > 0.0) else {
        return Vec::new();
    };
    // A flow of nothing while the plant works is as far off as can be: a thousandth.
    let mut flows: Vec<f64> = flow.values().collect();
    let Some(usual_flow) = median(&mut flows).filter(|usual| *usual > 0.0) else {
        return Vec::new();
    };
    let ratio = |cell: usize| {
        let load = at(load, flow, cell).filter(|load| *load > HALF * usual_load)?;
        Some((flow.value(cell)?.max(usual_flow * 1e-3) / load).ln())
    };
    let all: Vec<f64> = (0..flow.len()).filter_map(ratio).collect();
    let Some((usual, scale)) = robust(&all).filter(|_| all.len() >= FEWEST) else {
        return Vec::new();
    };
    let bound = look.parameters.relation_load.ln().max(look.parameters.relation_scales * scale);
    let off = |cell: usize| ratio(cell).map(|log| log - usual);
    let beyond = (0..flow.len()).map(|cell| off(cell).map_or(0.0, |off| off.abs() / bound));
    look.signs(&Told {
        finding: "flow_leaves_load",
        series: flow,
        beyond: beyond.collect(),
        tell: &|cells| {
            let times = mean(cells.iter().filter_map(|cell| off(*cell))).exp();
            let hours = cells.len();
            let sentence = Text::new(
                format!("{hours} 小时内流量是同负荷时的 {times:.2} 倍。"),
                format!("For {hours} hours the flow is {times:.2} times what belongs to the load."),
            );
            (sentence, vec![input("与同负荷流量之比", "over what belongs to the load", times, "")])
        },
    })
}
