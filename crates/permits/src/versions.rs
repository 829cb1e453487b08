//! Which version holds on which days.

use crate::model::PermitVersion;
use jiff::civil::Date;

/// Versions of many permits, each permit's together; they come from the store in this order.
pub fn by_permit(versions: &[PermitVersion]) -> Vec<&[PermitVersion]> {
    versions.chunk_by(|one, other| one.permit.id == other.permit.id).collect()
}

/// The version of one permit that holds on a day: the last one entered of those that begin on the
/// latest day up to it. `None` before the first, after the expiry or the permit's end.
pub fn on(of_permit: &[PermitVersion], on: Date) -> Option<&PermitVersion> {
    let begun = of_permit.iter().filter(|version| version.in_force_from <= on);
    let newest = begun.max_by_key(|version| (version.in_force_from, version.version))?;
    let has_ended = newest.ended().is_some_and(|ended| ended.last_day < on);
    (newest.valid_from <= on && on <= newest.valid_to && !has_ended).then_some(newest)
}

/// The version of one permit to show on a day: the one that holds, or the last that did, or the
/// first that will.
pub fn shown(of_permit: &[PermitVersion], today: Date) -> Option<&PermitVersion> {
    let begun = of_permit.iter().filter(|version| version.in_force_from <= today);
    let newest = begun.max_by_key(|version| (version.in_force_from, version.version));
    newest.or_else(|| of_permit.iter().min_by_key(|version| version.in_force_from))
}

/// The versions of one permit that were not replaced from their first day on, each with the last
/// day before the next one; `None` for the newest, whose limits are judged until another version or
/// the permit's end is entered, also after its expiry.
pub fn stretches(of_permit: &[PermitVersion]) -> Vec<(&PermitVersion, Option<Date>)> {
    let mut order: Vec<&PermitVersion> = of_permit.iter().collect();
    order.sort_by_key(|version| (version.in_force_from, version.version));
    let mut kept: Vec<&PermitVersion> = Vec::new();
    for version in order {
        if kept.last().is_some_and(|last| last.in_force_from == version.in_force_from) {
            kept.pop();
        }
        kept.push(version);
    }
    let next = kept.iter().skip(1).map(|next| next.in_force_from.yesterday().ok());
    let ends: Vec<Option<Date>> = next
        .chain([None])
        .zip(&kept)
        .map(|(replaced, version)| {
            let ended = version.ended().map(|ended| ended.last_day);
            [replaced, ended].into_iter().flatten().min()
        })
        .collect();
    kept.into_iter().zip(ends).collect()
}
