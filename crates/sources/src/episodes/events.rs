//! Episodes are counted as acts: people may merge what is one act and split what is two. What was
//! computed stays as it is; decisions lie on top of it. Pure.

use super::model::{Choice, Decision, Episode, Event, at};

/// The acts of one factor at one outlet, in the order of time. A withdrawn decision has no effect;
/// a later one wins over an earlier one.
pub(super) fn events(episodes: &[&Episode], decisions: &[Decision]) -> Vec<Event> {
    let mut ordered: Vec<&&Episode> = episodes.iter().collect();
    ordered.sort_by_key(|episode| episode.computed.began_at());
    let mut events: Vec<Event> = Vec::new();
    for episode in ordered {
        for (place, over) in episode.computed.over.iter().enumerate() {
            let is_joined = match (place, events.last()) {
                (_, None) => false,
                (0, Some(before)) => {
                    let end = before.over.last().map_or(0, |over| over.start);
                    is_merged(decisions, end, over.start)
                }
                (_, Some(_)) => !is_split(decisions, over.start),
            };
            match events.last_mut().filter(|_| is_joined) {
                Some(event) => {
                    event.over.push(over.clone());
                    if event.episodes.last() != Some(&episode.id) {
                        event.episodes.push(episode.id);
                    }
                }
                None => {
                    events.push(Event { episodes: vec![episode.id], over: vec![over.clone()] });
                }
            }
        }
    }
    events
}

/// Whether the newest decision that bears on the room between two periods merges them.
fn is_merged(decisions: &[Decision], end: i64, start: i64) -> bool {
    let bears = |decision: &&Decision| {
        decision.withdrawn_at.is_none()
            && match decision.choice {
                Choice::Merge => decision.from <= at(end) && decision.to >= at(start),
                Choice::Split => decision.from > at(end) && decision.from <= at(start),
            }
    };
    let newest = decisions.iter().filter(bears).max_by_key(|decision| decision.id);
    newest.is_some_and(|decision| decision.choice == Choice::Merge)
}

/// Whether the newest decision that bears on the beginning of a period splits there.
fn is_split(decisions: &[Decision], start: i64) -> bool {
    let bears = |decision: &&Decision| {
        decision.withdrawn_at.is_none()
            && match decision.choice {
                Choice::Split => decision.from == at(start),
                Choice::Merge => decision.from < at(start) && decision.to > at(start),
            }
    };
    let newest = decisions.iter().filter(bears).max_by_key(|decision| decision.id);
    newest.is_some_and(|decision| decision.choice == Choice::Split)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::episodes::model::{Computed, Over};
    use jiff::Timestamp;
    use registry::{FactorId, PointId};
    use rulebook::{Decimal, Period};

    const HOUR: i64 = 3_600_000;

    /// An episode of these hours.
    fn episode(id: i64, hours: &[i64]) -> Episode {
        let over = hours.iter().map(|hour| Over {
            start: hour * HOUR,
            value: Decimal::from(60),
            excess: None,
            amount_kg: None,
            excess_kg: None,
            limit: String::new(),
            limit_source: String::new(),
        });
        let computed = Computed {
            point: PointId(1),
            factor: FactorId(1),
            period: Period::Hour,
            over: over.collect(),
            beside: Vec::new(),
            is_apart: false,
            is_open: false,
            basis: Vec::new(),
        };
        Episode {
            id,
            computed,
            computed_at: Timestamp::UNIX_EPOCH,
            fingerprint: String::new(),
            superseded_at: None,
            superseded_by: None,
        }
    }

    fn decision(id: i64, choice: Choice, from: i64, to: i64) -> Decision {
        Decision {
            id,
            choice,
            from: at(from * HOUR),
            to: at(to * HOUR),
            reason: "why".into(),
            who: "duty".into(),
            made_at: Timestamp::UNIX_EPOCH,
            withdrawn_at: None,
        }
    }

    #[test]
    fn acts_follow_the_newest_decision_that_was_not_taken_back() {
        let (one, two) = (episode(1, &[1, 2, 3]), episode(2, &[6, 7]));
        let merge = decision(1, Choice::Merge, 1, 8);
        let split = decision(2, Choice::Split, 3, 3);
        let apart = decision(3, Choice::Split, 6, 6);
        let again = decision(4, Choice::Merge, 1, 8);
        let mut taken_back = merge.clone();
        taken_back.withdrawn_at = Some(Timestamp::UNIX_EPOCH);
        // How many periods each act has.
        let all = [merge, split, apart, again];
        let cases: [(&[Decision], &[usize]); 6] = [
            (&[], &[3, 2]),
            (&[taken_back], &[3, 2]),
            (&all[..1], &[5]),
            (&all[..2], &[2, 3]),
            (&all[..3], &[2, 1, 2]),
            (&all, &[5]),
        ];
        for (decisions, wanted) in cases {
            let found = events(&[&two, &one], decisions);
            let sizes: Vec<usize> = found.iter().map(|event| event.over.len()).collect();
            assert_eq!(sizes, wanted, "{decisions:?}");
        }
    }
}
