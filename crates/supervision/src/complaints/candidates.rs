//! While a call is being taken down: open cases of the last days that may tell of the same.
//!
//! This is a hint for the ear on the phone. The engine looks thoroughly once the case is open.

use super::kind;
use crate::engine::refused;
use authority::Principal;
use cases::{CaseRow, Cases, Viewer, WorkFilter, WorkList};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeSet;
use web::components::{self, status_badge};
use web::{Problem, Reader};

/// How far back is looked.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Cases that are compared.
const COMPARED_MAX: u16 = 200;
/// Candidates that are shown.
const SHOWN_MAX: usize = 6;
/// So many per cent of the pairs of letters in common make a candidate.
const ALIKE_PERCENT_MIN: usize = 20;
/// A degree of latitude, in metres.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// What has been taken down so far.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Sketch {
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) division: String,
    #[serde(default)]
    pub(super) enterprise: String,
    #[serde(default)]
    pub(super) longitude: String,
    #[serde(default)]
    pub(super) latitude: String,
}

/// A case that may tell of the same.
pub(super) struct Alike {
    pub(super) row: CaseRow,
    pub(super) percent: usize,
    distance_m: Option<u32>,
}

/// The likeliest first.
pub(super) async fn alike(
    cases: &Cases,
    principal: &Principal,
    sketch: &Sketch,
    now: Timestamp,
) -> Result<Vec<Alike>, Problem> {
    if sketch.text.trim().chars().count() < 4 && sketch.enterprise.is_empty() {
        return Ok(Vec::new());
    }
    let filter = WorkFilter {
        kind: Some(kind(cases)?.id.clone()),
        is_open: Some(true),
        division: Some(sketch.division.clone()).filter(|code| !code.is_empty()),
        from: Some(now - LOOK_BACK),
        limit: COMPARED_MAX,
        ..WorkFilter::of(WorkList::All)
    };
    let rows = cases.list(principal, &filter, now).await.map_err(refused)?.rows;
    let words = pairs(&sketch.text);
    let mut found: Vec<Alike> = rows
        .into_iter()
        .map(|row| {
            let percent = common_percent(&words, &pairs(&row.title.zh));
            Alike { row, percent, distance_m: None }
        })
        .filter(|one| {
            let is_same = !sketch.enterprise.is_empty()
                && one.row.enterprise.as_deref() == Some(sketch.enterprise.as_str());
            is_same || one.percent >= ALIKE_PERCENT_MIN
        })
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.percent), std::cmp::Reverse(one.row.id)));
    found.truncate(SHOWN_MAX);
    let here: Option<(f64, f64)> = sketch.longitude.parse().ok().zip(sketch.latitude.parse().ok());
    for one in &mut found {
        let Some(here) = here else { break };
        one.distance_m = distance(cases, principal, one, here, now).await;
    }
    Ok(found)
}

async fn distance(
    cases: &Cases,
    principal: &Principal,
    one: &Alike,
    (longitude, latitude): (f64, f64),
    now: Timestamp,
) -> Option<u32> {
    let view = cases.case(&Viewer::Person(principal), one.row.id, now).await.ok()?;
    let place = view.case.place?;
    let there: (f64, f64) =
        (place.longitude.to_string().parse().ok()?, place.latitude.to_string().parse().ok()?);
    let north = (there.1 - latitude) * METRES_PER_DEGREE;
    let east = (there.0 - longitude) * METRES_PER_DEGREE * latitude.to_radians().cos();
    Some(north.hypot(east).round() as u32)
}

/// The pairs of letters of a text that stand side by side, signs and spaces left out.
fn pairs(text: &str) -> BTreeSet<(char, char)> {
    let letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// How many of the pairs of the shorter text the other has, in per cent.
fn common_percent(one: &BTreeSet<(char, char)>, other: &BTreeSet<(char, char)>) -> usize {
    let shorter = one.len().min(other.len());
    (one.intersection(other).count() * 100).checked_div(shorter).unwrap_or(0)
}

/// The list beside the form; exchanged as the operator types.
pub(super) fn list(reader: &Reader, found: &[Alike]) -> Markup {
    html! {
        aside id="candidates" data-island="candidates" data-form="#intake"
            data-src="/complaints/intake/candidates" aria-live="polite" {
            h2 { (reader.pick("可能是同一件事", "Perhaps the same")) }
            @if found.is_empty() {
                p class="muted" { (reader.pick("边录入边查找近 14 天未办结的举报。",
                    "Open complaints of the last 14 days are looked up as you type.")) }
            }
            ul class="candidates" {
                @for one in found {
                    li class="card" {
                        a href={ "/cases/" (one.row.number) } target="_blank" rel="noopener" {
                            (one.row.number)
                        }
                        p { (reader.text(&one.row.title)) }
                        p class="muted" {
                            (status_badge("quiet", reader.text(&one.row.state_name))) " "
                            (components::moment(one.row.opened_at))
                            " · " (reader.pick("文字相同 ", "in common ")) (one.percent) "%"
                            @if let Some(metres) = one.distance_m {
                                " · " (metres) " m"
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_alike_by_their_pairs_of_letters() {
        let percent = |one: &str, other: &str| common_percent(&pairs(one), &pairs(other));
        assert_eq!(percent("黑烟", "黑烟"), 100);
        assert!(percent("蓝田工业区烟囱冒黑烟", "蓝田工业区 有烟囱在冒黑烟!") >= 70);
        assert!(percent("蓝田工业区烟囱冒黑烟", "夜里施工噪声很大") < ALIKE_PERCENT_MIN);
        assert_eq!(percent("", "黑烟"), 0);
    }
}
