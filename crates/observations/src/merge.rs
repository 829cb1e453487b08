//! What an arriving packet does to a row that is already there.

use crate::model::FactorValue;

/// The effect of arriving values on known ones.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// All was known.
    Nothing,
    /// Factors or fields were added, none contradicted.
    Added(Vec<FactorValue>),
    /// At least one field has another value now.
    Changed(Vec<FactorValue>),
}

/// Unites `arriving` with `known`, field by field: what arrives wins, what does not arrive stays.
///
/// Two decimals are the same when they are equal as numbers. Marks alone change nothing.
pub(crate) fn unite(known: &[FactorValue], arriving: &[FactorValue]) -> Effect {
    let mut added = false;
    let mut changed = false;
    let mut united = known.to_vec();
    for new in arriving {
        let Some(old) = united.iter_mut().find(|old| old.factor == new.factor) else {
            if !new.is_empty() {
                added = true;
                united.push(*new);
            }
            continue;
        };
        for (old, new) in old.numbers_mut().into_iter().zip(new.numbers()) {
            note(old, new, &mut added, &mut changed);
        }
        note(&mut old.flag, new.flag, &mut added, &mut changed);
        old.marks = old.marks | new.marks;
    }
    match (added, changed) {
        (_, true) => Effect::Changed(united),
        (true, false) => Effect::Added(united),
        (false, false) => Effect::Nothing,
    }
}

fn note<T: PartialEq + Copy>(
    old: &mut Option<T>,
    new: Option<T>,
    added: &mut bool,
    changed: &mut bool,
) {
    match (&old, new) {
        (_, None) => return,
        (None, Some(_)) => *added = true,
        (Some(before), Some(now)) if *before == now => return,
        (Some(_), Some(_)) => *changed = true,
    }
    *old = new;
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry::FactorId;
    use rulebook::Decimal;

    fn value(factor: u16, digits: i64) -> FactorValue {
        FactorValue::of(FactorId(factor), Decimal::new(digits, 1))
    }

    #[test]
    fn the_same_again_does_nothing() {
        let known = [value(1, 100), value(2, 200)];
        assert_eq!(unite(&known, &[value(2, 200)]), Effect::Nothing);
        let longer = FactorValue::of(FactorId(1), Decimal::new(1000, 2));
        assert_eq!(unite(&known, &[longer]), Effect::Nothing);
        assert_eq!(unite(&known, &[FactorValue::empty(FactorId(9))]), Effect::Nothing);
    }

    #[test]
    fn another_factor_or_field_is_added() {
        let known = [value(1, 100)];
        assert_eq!(unite(&known, &[value(2, 5)]), Effect::Added(vec![value(1, 100), value(2, 5)]));
        let flagged = FactorValue { flag: Some(b'D'), ..FactorValue::empty(FactorId(1)) };
        let both = FactorValue { flag: Some(b'D'), ..value(1, 100) };
        assert_eq!(unite(&known, &[flagged]), Effect::Added(vec![both]));
    }

    #[test]
    fn another_value_changes_and_keeps_what_did_not_come() {
        let known = FactorValue { max: Some(Decimal::ONE), ..value(1, 100) };
        let now = FactorValue { max: Some(Decimal::ONE), ..value(1, 101) };
        assert_eq!(
            unite(&[known], &[value(1, 101), value(2, 5)]),
            Effect::Changed(vec![now, value(2, 5)])
        );
    }
}
