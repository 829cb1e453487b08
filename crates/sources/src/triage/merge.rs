//! Which alarms belong together: those of one outlet whose times overlap or lie close. Pure, and
//! the same whatever the order in which the alarms came.

use super::model::{FindingId, Member, Origin};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Members that are one finding, with the findings that had some of them before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The members, the oldest first.
    pub(super) members: Vec<Member>,
    /// The findings that held some of them, the oldest first; the first goes on.
    pub(super) known: BTreeSet<FindingId>,
}

/// Puts the members of one outlet together. What was in one finding stays in one: a sign that is
/// later seen to be shorter tears nothing apart.
pub(super) fn groups(
    members: Vec<Member>,
    known: &BTreeMap<(Origin, i64), FindingId>,
    apart: SignedDuration,
    now: Timestamp,
) -> Vec<Group> {
    let mut members = members;
    members.sort_by_key(|member| (member.began_at, member.key()));
    let mut groups: Vec<Group> = Vec::new();
    let mut reaches: Option<Timestamp> = None;
    for member in members {
        let is_close =
            reaches.is_some_and(|reaches| member.began_at.duration_since(reaches) <= apart);
        reaches = reaches.filter(|_| is_close).max(Some(member.until(now)));
        let found = known.get(&member.key()).copied();
        match groups.last_mut().filter(|_| is_close) {
            Some(group) => {
                group.known.extend(found);
                group.members.push(member);
            }
            None => {
                groups.push(Group { known: found.into_iter().collect(), members: vec![member] });
            }
        }
    }
    joined(groups)
}

/// Joins groups that hold members of the same earlier finding.
fn joined(groups: Vec<Group>) -> Vec<Group> {
    let mut all: Vec<Group> = Vec::new();
    for mut group in groups {
        while let Some(place) = all.iter().position(|other| !other.known.is_disjoint(&group.known))
        {
            let mut other = all.remove(place);
            other.members.append(&mut group.members);
            other.known.append(&mut group.known);
            group = other;
        }
        group.members.sort_by_key(|member| (member.began_at, member.key()));
        all.push(group);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry::PointId;

    fn member(reference: i64, from: i64, to: i64) -> Member {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).expect("a time");
        Member {
            origin: Origin::Alert,
            reference,
            what: "exceedance".into(),
            point: PointId(1),
            factor: None,
            began_at: at(from),
            ended_at: at(to),
            found_at: at(to),
            is_open: false,
            times: None,
            count: 1,
        }
    }

    /// Groups as lists of references.
    fn check(spans: &[(i64, i64, i64)], known: &[(i64, i64)], wanted: &[&[i64]]) {
        let known: BTreeMap<_, _> =
            known.iter().map(|(one, id)| ((Origin::Alert, *one), FindingId(*id))).collect();
        let members = || spans.iter().map(|(id, from, to)| member(*id, *from, *to));
        let apart = SignedDuration::from_hours(6);
        let ids = |groups: &[Group]| -> Vec<Vec<i64>> {
            groups
                .iter()
                .map(|group| group.members.iter().map(|member| member.reference).collect())
                .collect()
        };
        let now = Timestamp::UNIX_EPOCH;
        let found = groups(members().collect(), &known, apart, now);
        assert_eq!(ids(&found), wanted, "{spans:?}");
        let turned = groups(members().rev().collect(), &known, apart, now);
        assert_eq!(found, turned, "the order in which alarms came changes nothing");
    }

    #[test]
    fn alarms_that_overlap_or_lie_close_are_one_finding() {
        check(&[(1, 0, 2), (2, 1, 5)], &[], &[&[1, 2]]);
        check(&[(1, 0, 2), (2, 8, 9)], &[], &[&[1, 2]]);
        check(&[(1, 0, 2), (2, 9, 9)], &[], &[&[1], &[2]]);
        // A long one holds together what lies apart.
        check(&[(1, 0, 40), (2, 3, 4), (3, 30, 31)], &[], &[&[1, 2, 3]]);
    }

    #[test]
    fn an_alarm_that_goes_on_reaches_up_to_now() {
        let now = Timestamp::from_second(100 * 3600).expect("a time");
        let goes_on = Member { is_open: true, ..member(1, 0, 1) };
        let members = vec![goes_on, member(2, 50, 51)];
        let apart = SignedDuration::from_hours(6);
        assert_eq!(groups(members, &BTreeMap::new(), apart, now).len(), 1);
    }

    #[test]
    fn what_was_one_finding_stays_one() {
        check(&[(1, 0, 1), (2, 20, 21), (3, 40, 41)], &[(1, 7), (3, 7)], &[&[2], &[1, 3]]);
    }

    #[test]
    fn two_findings_that_grow_together_become_the_older_one() {
        let known = BTreeMap::from([
            ((Origin::Alert, 1), FindingId(7)),
            ((Origin::Alert, 2), FindingId(5)),
        ]);
        let members = vec![member(1, 0, 1), member(2, 10, 11), member(3, 2, 9)];
        let apart = SignedDuration::from_hours(6);
        let found = groups(members, &known, apart, Timestamp::UNIX_EPOCH);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].known.first(), Some(&FindingId(5)));
    }
}
