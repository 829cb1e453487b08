//! Marks of the data (数据标记) that bear on a finding: what the enterprise has said of the time, and
//! what the bureau has decided.

use super::model::Member;
use super::ranking::Marked;
use super::store::TriageError;
use jiff::Timestamp;
use registry::PointId;
use rulebook::Text;
use store::Store;
use validity::{BureauVerdict, Decision, EnterpriseMark, MarkFilter, MarkId};

/// Decisions are asked for on so many marks at once.
const AT_ONCE: usize = 500;

/// The marks and decisions of a stretch of an outlet's time.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// What the enterprise says, withdrawn ones left out.
    pub(super) marks: Vec<EnterpriseMark>,
    /// What the bureau has decided.
    pub(super) decisions: Vec<Decision>,
}

impl Marks {
    /// Those of these outlets, or of all, that touch a stretch of time.
    pub(super) async fn of(
        store: &Store,
        points: Option<&[PointId]>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Self, TriageError> {
        let filter = MarkFilter {
            points: points.map(<[PointId]>::to_vec),
            from: Some(from),
            until: Some(to),
            ..MarkFilter::default()
        };
        let mut marks = validity::marks(store, &filter).await?;
        marks.retain(|mark| mark.withdrawn.is_none());
        let ids: Vec<MarkId> = marks.iter().map(|mark| mark.id).collect();
        let mut decisions = Vec::new();
        for part in ids.chunks(AT_ONCE) {
            decisions.extend(validity::decisions_on(store, part).await?);
        }
        Ok(Self { marks, decisions })
    }

    /// How many of those that bear on a finding were accepted, and how many wait: at its outlet,
    /// in its time, of its factors or of all.
    pub(super) fn marked(
        &self,
        point: PointId,
        (from, to): (Timestamp, Timestamp),
        members: &[Member],
    ) -> Marked {
        let bears = |mark: &&EnterpriseMark| {
            let is_of_factor = |member: &Member| {
                mark.factor.is_none() || member.factor.is_none() || mark.factor == member.factor
            };
            mark.point == point
                && mark.from <= to
                && mark.to > from
                && members.iter().any(is_of_factor)
        };
        let decided = |mark: &EnterpriseMark| {
            let of = self.decisions.iter().filter(|decision| decision.mark == Some(mark.id));
            of.max_by_key(|decision| decision.id).map(|decision| decision.verdict)
        };
        let mut marked = Marked::default();
        for mark in self.marks.iter().filter(bears) {
            match decided(mark) {
                None => marked.waiting += 1,
                Some(BureauVerdict::Accepted) => marked.accepted += 1,
                Some(_) => {}
            }
        }
        marked
    }
}

/// What the bureau has decided, for a reader.
pub(super) const fn verdict(verdict: BureauVerdict) -> Text {
    match verdict {
        BureauVerdict::Accepted => Text::fixed("采纳", "accepted"),
        BureauVerdict::Rejected => Text::fixed("不采纳", "not accepted"),
        BureauVerdict::Invalid => Text::fixed("认定无效", "invalid"),
        BureauVerdict::Valid => Text::fixed("认定有效", "valid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::model::Origin;
    use registry::FactorId;
    use validity::DecisionId;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).expect("a time")
    }

    fn mark(id: i64, point: i64, factor: Option<u16>, from: i64, to: i64) -> EnterpriseMark {
        EnterpriseMark {
            id: MarkId(id),
            point: PointId(point),
            factor: factor.map(FactorId),
            from: at(from),
            to: at(to),
            kind: "maintenance".into(),
            facility: String::new(),
            reason: "a pump was replaced".into(),
            evidence: None,
            evidence_name: None,
            author: "manager".into(),
            at: at(to),
            is_late: false,
            withdrawn: None,
        }
    }

    fn decision(id: i64, mark: i64, verdict: BureauVerdict) -> Decision {
        Decision {
            id: DecisionId(id),
            mark: Some(MarkId(mark)),
            point: PointId(1),
            factor: None,
            from: at(0),
            to: at(9),
            verdict,
            reason: "seen".into(),
            evidence: None,
            author: "officer".into(),
            at: at(9),
        }
    }

    #[test]
    fn a_mark_bears_on_alarms_of_its_outlet_time_and_factor_by_its_last_decision() {
        let member = Member {
            origin: Origin::Alert,
            reference: 1,
            what: "exceedance".into(),
            point: PointId(1),
            factor: Some(FactorId(7)),
            began_at: at(2),
            ended_at: at(4),
            found_at: at(4),
            is_open: false,
            times: None,
            count: 2,
        };
        let of = |mark: EnterpriseMark, decisions: Vec<Decision>| {
            let marks = Marks { marks: vec![mark], decisions };
            let marked = marks.marked(PointId(1), (at(2), at(4)), std::slice::from_ref(&member));
            (marked.accepted, marked.waiting)
        };
        let (accepted, rejected) = (BureauVerdict::Accepted, BureauVerdict::Rejected);
        assert_eq!(of(mark(1, 1, None, 3, 5), Vec::new()), (0, 1));
        assert_eq!(of(mark(1, 1, Some(7), 3, 5), vec![decision(1, 1, accepted)]), (1, 0));
        let turned = vec![decision(1, 1, accepted), decision(2, 1, rejected)];
        assert_eq!(of(mark(1, 1, Some(7), 3, 5), turned), (0, 0));
        for elsewhere in [mark(1, 2, None, 3, 5), mark(1, 1, Some(8), 3, 5), mark(1, 1, None, 5, 6)]
        {
            assert_eq!(of(elsewhere, Vec::new()), (0, 0));
        }
    }
}
