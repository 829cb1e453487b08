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
