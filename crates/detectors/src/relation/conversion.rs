//! The converted value against the measured one and oxygen.

use super::{Look, Told, at, mean, oxygen::AIR};
use crate::sign::input;
use crate::statistics::robust;
use crate::view::HOUR_S;
use crate::{Role, Sign};
use rulebook::Text;

/// Near air the conversion grows beyond all bounds: above this it is left out, per cent.
const TOO_NEAR_AIR: f64 = 19.0;
/// So many hours are needed to know what is usual.
const FEWEST: usize = 72;

/// A conversion to the reference oxygen that is not what it was.
pub(super) fn conversion_changed(look: &Look<'_>) -> Vec<Sign> {
    let Some(oxygen) = look.outlet.in_role(Role::Oxygen, HOUR_S) else { return Vec::new() };
    let mut signs = Vec::new();
    for converted in look.outlet.converted.iter().filter(|one| one.step_s() == HOUR_S) {
        let Some(measured) = look.hours_of(converted.factor()) else { continue };
        // Few digits make small concentrations jump: ten units of the last digit are needed.
        let (least, least_converted) = (measured.number(10), converted.number(10));
        let constant = |cell: usize| {
            let value = converted.value(cell).filter(|value| *value >= least_converted)?;
            let raw = at(measured, converted, cell).filter(|raw| *raw >= least)?;
            let oxygen = at(oxygen, converted, cell).filter(|oxygen| *oxygen < TOO_NEAR_AIR)?;
            Some((value * (AIR - oxygen) / raw).ln()).filter(|log| log.is_finite())
        };
        let all: Vec<f64> = (0..converted.len()).filter_map(constant).collect();
        let Some((usual, scale)) = robust(&all).filter(|_| all.len() >= FEWEST) else { continue };
        let bound = look.parameters.relation_conversion.ln_1p();
        let bound = bound.max(look.parameters.relation_scales * scale);
        let off = |cell: usize| constant(cell).map(|log| log - usual);
        let beyond =
            (0..converted.len()).map(|cell| off(cell).map_or(0.0, |off| off.abs() / bound));
        signs.extend(look.signs(&Told {
            finding: "conversion_changed",
            series: converted,
            beyond: beyond.collect(),
            tell: &|cells| {
                let times = mean(cells.iter().filter_map(|cell| off(*cell))).exp();
                let hours = cells.len();
                let sentence = Text::new(
                    format!("{hours} 小时内折算值是按惯常折算关系应有值的 {times:.2} 倍。"),
                    format!("For {hours} hours the converted value is {times:.2} times what the usual conversion gives."),
                );
                (sentence, vec![
                    input("与应有折算值之比", "over the usual conversion", times, ""),
                    input("惯常折算系数", "usual constant of conversion", usual.exp(), "%"),
                ])
            },
        }));
    }
    signs
}
