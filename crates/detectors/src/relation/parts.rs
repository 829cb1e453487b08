//! A part that is larger than its whole.

use super::{Look, Told, at, mean};
use crate::Sign;
use crate::role::PARTS;
use crate::sign::input;
use rulebook::Text;

/// NO above NOx, ammonia nitrogen above total nitrogen, and the like.
pub(super) fn part_exceeds_whole(look: &Look<'_>) -> Vec<Sign> {
    let mut signs = Vec::new();
    for (part, whole) in PARTS {
        let (Some(part), Some(whole)) = (look.hours_of(part), look.hours_of(whole)) else {
            continue;
        };
        let bound = 1.0 + look.parameters.relation_tolerance;
        let ratio = |cell: usize| {
            let (part, whole) = (part.value(cell)?, at(whole, part, cell)?);
            (part > 0.0 && whole > 0.0).then_some(part / whole)
        };
        let beyond = (0..part.len()).map(|cell| ratio(cell).map_or(0.0, |ratio| ratio / bound));
        signs.extend(look.signs(&Told {
            finding: "part_exceeds_whole",
            series: part,
            beyond: beyond.collect(),
            tell: &|cells| {
                let times = mean(cells.iter().filter_map(|cell| ratio(*cell)));
                let (hours, whole) = (cells.len(), whole.factor());
                let sentence = Text::new(
                    format!("{hours} 小时内是 {whole} 的 {times:.2} 倍,而它只是其中一部分。"),
                    format!(
                        "For {hours} hours it is {times:.2} times {whole}, of which it is a part."
                    ),
                );
                (sentence, vec![input("与总量之比", "over the whole", times, "")])
            },
        }));
    }
    signs
}
