//! Reports that may tell of the same thing (疑似重复).

use crate::likeness::{self, Likeness, Parameters};
use crate::reading::lists::row;
use crate::store::words::Alike;
use crate::{Candidate, CaseError, CaseId, Cases, SeenAs, sight, store, words};
use authority::{Denial, Principal};
use jiff::{SignedDuration, Timestamp};
use rulebook::Decimal;
use std::cmp::Reverse;

/// So many are shown, the likeliest.
const SHOWN_MOST: usize = 10;
/// So many of each sort are compared, the newest.
const COMPARED_MOST: i64 = 200;

impl Cases {
    /// Cases that may tell of the same thing, the likeliest first.
    ///
    /// # Errors
    /// When they may not read the case or the store fails.
    pub async fn duplicates(
        &self,
        principal: &Principal,
        id: CaseId,
        now: Timestamp,
    ) -> Result<Vec<Candidate>, CaseError> {
        let engine = &self.engine;
        let own = store::files::whole(&engine.store, id).await?.ok_or(CaseError::Unknown)?;
        let kind = engine.kinds.of(own.case.declaration)?;
        match sight::seen_as(principal, &own.case, kind) {
            Some(SeenAs::Officer) => {}
            Some(_) => return Err(CaseError::Denied(Denial::NoRole)),
            None => return Err(CaseError::Unknown),
        }
        let parameters = Parameters::at(now)?;
        let since =
            own.case.opened_at - SignedDuration::from_hours(24 * i64::from(parameters.days));
        let place = own.case.place.as_ref();
        let cells = place.map(|place| likeness::cells_around(place, parameters.distance_m));
        let sealed = store::citizens::sealed_of(&engine.store, id).await?;
        let alike = Alike {
            enterprise: own.case.enterprise.as_deref(),
            cells: cells.unwrap_or_default(),
            contact: sealed.and_then(|sealed| sealed.contact),
        };
        let mut connection = engine.store.reader().acquire().await?;
        let mut earlier =
            store::words::earlier(&mut connection, &own.case.kind, alike, since, COMPARED_MOST)
                .await?;
        earlier.retain(|one| one.id != id);
        let ids: Vec<i64> = earlier.iter().map(|one| one.id.0).collect();
        let files = store::words::with_texts(&mut connection, &ids).await?;
        drop(connection);
        let own_words = words::of_question(&format!("{}\n{}", own.case.title, own.case.text));
        let mut found = Vec::new();
        for file in &files {
            let case = &file.case;
            let kind = engine.kinds.of(case.declaration)?;
            let is_seen = sight::seen_as(principal, case, kind) == Some(SeenAs::Officer);
            // What was merged is shown by the case into which it went.
            if !is_seen || case.merged_into.is_some() {
                continue;
            }
            let Some(known) = earlier.iter().find(|one| one.id == case.id) else { continue };
            let apart = case.opened_at.duration_since(own.case.opened_at).abs();
            let likeness = Likeness {
                distance_m: place
                    .zip(case.place.as_ref())
                    .and_then(|(here, there)| likeness::distance_m(here, there)),
                hours_apart: u32::try_from(apart.as_hours()).unwrap_or(u32::MAX),
                similarity: words::similarity(
                    &own_words,
                    &words::of_question(&format!("{}\n{}", case.title, case.text)),
                ),
                same_enterprise: known.is_same_enterprise,
                same_reporter: known.is_same_reporter,
            };
            let reasons = likeness.reasons(&parameters);
            if !reasons.is_empty() {
                let candidate = Candidate {
                    case: row(file, kind, SeenAs::Officer, now),
                    distance_m: likeness.distance_m,
                    hours_apart: likeness.hours_apart,
                    similarity: Decimal::new(i64::from(likeness.similarity), 3),
                    reasons,
                };
                found.push((likeness.rank(&parameters), candidate));
            }
        }
        found.sort_by_key(|(rank, candidate)| (Reverse(*rank), candidate.case.id));
        found.truncate(SHOWN_MOST);
        Ok(found.into_iter().map(|(_, candidate)| candidate).collect())
    }
}
