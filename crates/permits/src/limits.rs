//! The limits of a permit's versions as judges use them: each with the days on which it holds.

use crate::model::PermitVersion;
use crate::versions;
use jiff::ToSpan as _;
use jiff::civil::Date;
use registry::store::InstalledLimit;
use registry::{Limit, LimitBound, PointId, Snapshot};

/// A limit that always holds.
const ALWAYS: u8 = 1;
/// A limit of a season goes before one that always holds.
const OF_A_SEASON: u8 = 2;

/// The limits of all versions of one permit. What judges cannot apply by themselves, or what
/// belongs to an outlet or a factor that the city's files do not list, is left out.
pub(crate) fn of_permit(versions: &[PermitVersion], snapshot: &Snapshot) -> Vec<InstalledLimit> {
    let mut found = Vec::new();
    for (version, last) in versions::stretches(versions) {
        let outlets: Vec<(&str, PointId)> = snapshot
            .outlets_of(version.permit.enterprise)
            .filter_map(|point| match &point.detail {
                registry::PointDetail::Outlet(it) => {
                    Some((it.permit_outlet_number.as_str(), point.id))
                }
                _ => None,
            })
            .collect();
        for row in version.limits.iter().filter(|row| row.is_judged()) {
            let number = row.outlet_number.as_deref().unwrap_or_default();
            let point = outlets.iter().find(|(known, _)| *known == number).map(|(_, id)| *id);
            let factor = snapshot.factor_by_code(&row.pollutant);
            let (Some(point), Some(factor)) = (point, factor) else { continue };
            let bound = match row.at_least {
                Some(least) => LimitBound::Within(least, row.at_most),
                None => LimitBound::AtMost(row.at_most),
            };
            let season = row.condition.as_ref().and_then(|condition| condition.season);
            let days: Vec<(Date, Option<Date>)> = match season {
                None => vec![(version.in_force_from, last)],
                Some(season) => {
                    let end = last.unwrap_or_else(|| one_more_permit(version.valid_to));
                    let stretches = season.stretches(version.in_force_from, end);
                    stretches.into_iter().map(|(from, to)| (from, Some(to))).collect()
                }
            };
            found.extend(days.into_iter().map(|(valid_from, valid_to)| InstalledLimit {
                limit: Limit {
                    point,
                    factor: factor.id,
                    period: row.period,
                    bound: bound.clone(),
                    on_converted: row.on_converted,
                    valid_from,
                    valid_to,
                    source: format!("{}；{}", version.source(), row.citation),
                },
                rank: if season.is_some() { OF_A_SEASON } else { ALWAYS },
                confidence: version.confidence,
            }));
        }
    }
    found
}

/// Seasons need a last day: they are written down for one more validity of five years.
fn one_more_permit(expiry: Date) -> Date {
    expiry.checked_add(5.years()).unwrap_or(expiry)
}
