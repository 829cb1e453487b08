//! A case that lives in memory: what the engine does with a step, without a store.

use std::collections::BTreeMap;

use caseflow::{
    Actor, Asked, CaseKind, ClockStanding, LinkKind, Opening, Refusal, Standing, Step, open, step,
};

/// The kinds that ship, by identifier.
pub(crate) const SHIPPED: &[(&str, &str)] = &[
    ("public_complaint", include_str!("../../../supervision/src/kinds/public_complaint.toml")),
    ("alert_disposal", include_str!("../../../supervision/src/kinds/alert_disposal.toml")),
    (
        "inspection_rectification",
        include_str!("../../../supervision/src/kinds/inspection_rectification.toml"),
    ),
    ("grid_event", include_str!("../../../supervision/src/kinds/grid_event.toml")),
    (
        "environmental_emergency",
        include_str!("../../../supervision/src/kinds/environmental_emergency.toml"),
    ),
];

/// A kind that ships.
pub(crate) fn shipped(id: &str) -> CaseKind {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == id).expect("a kind that ships");
    let problems = |problems: Vec<caseflow::Problem>| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    CaseKind::load(&format!("{id}.toml"), text).map_err(problems).expect("a sound kind")
}

/// A case in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) state: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) clocks: Vec<ClockStanding>,
    pub(crate) doers: BTreeMap<String, String>,
    pub(crate) is_shared: bool,
    pub(crate) is_published: bool,
}

/// What comes with a step beside its fields.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct With {
    pub(crate) note: bool,
    pub(crate) evidence: u32,
    pub(crate) unit: bool,
    pub(crate) assignee: bool,
    pub(crate) link: Option<LinkKind>,
}

impl Case {
    pub(crate) fn standing(&self) -> Standing<'_> {
        Standing {
            state: &self.state,
            fields: &self.fields,
            clocks: &self.clocks,
            doers: &self.doers,
        }
    }

    pub(crate) fn open(
        kind: &CaseKind,
        actor: Actor<'_>,
        fields: &BTreeMap<String, String>,
    ) -> Result<Self, Box<Refusal>> {
        let Opening { state, starts, fields } = open(kind, actor, fields)?;
        let mut case = Self { state: state.id.clone(), fields, ..Self::default() };
        case.start(starts.iter().map(|clock| clock.id.as_str()));
        Ok(case)
    }

    pub(crate) fn take(
        &mut self,
        kind: &CaseKind,
        transition: &str,
        actor: Actor<'_>,
        fields: &BTreeMap<String, String>,
        with: With,
    ) -> Result<(), Box<Refusal>> {
        let links: Vec<LinkKind> = with.link.into_iter().collect();
        let asked = Asked {
            transition,
            actor,
            fields,
            has_note: with.note,
            evidence: with.evidence,
            names_unit: with.unit,
            names_assignee: with.assignee,
            links: &links,
        };
        let taken = step(kind, &self.standing(), &asked)?;
        self.apply(taken, actor);
        Ok(())
    }

    fn apply(&mut self, taken: Step<'_>, actor: Actor<'_>) {
        self.state.clone_from(&taken.to.id);
        for (id, value) in taken.fields {
            if value.trim().is_empty() {
                self.fields.remove(&id);
            } else {
                self.fields.insert(id, value);
            }
        }
        self.clocks.retain(|clock| !taken.stops.iter().any(|stopped| stopped.id == clock.clock));
        for clock in &mut self.clocks {
            let is_in = |list: &[&caseflow::Clock]| list.iter().any(|it| it.id == clock.clock);
            clock.is_suspended |= is_in(&taken.suspends);
            clock.is_suspended &= !is_in(&taken.resumes);
            if taken.extends.iter().any(|extension| extension.clock == clock.clock) {
                clock.extensions += 1;
            }
        }
        self.start(taken.starts.iter().map(|clock| clock.id.as_str()));
        if let Actor::Person { id, .. } = actor {
            self.doers.insert(taken.transition.id.clone(), id.to_owned());
        }
        self.is_shared |= taken.transition.shares_with_enterprise;
        self.is_published |= taken.transition.publishes;
    }

    fn start<'clock>(&mut self, ids: impl Iterator<Item = &'clock str>) {
        for id in ids {
            self.clocks.retain(|clock| clock.clock != id);
            self.clocks.push(ClockStanding {
                clock: id.to_owned(),
                is_suspended: false,
                is_past_due: false,
                extensions: 0,
            });
        }
    }

    /// Lets a clock run out.
    pub(crate) fn pass(&mut self, id: &str) {
        let clock = self.clocks.iter_mut().find(|clock| clock.clock == id);
        clock.expect("a clock that runs").is_past_due = true;
    }

    /// The clocks in order, with `~` where one stands still and `!` where it has run out.
    pub(crate) fn clocks(&self) -> String {
        let mut clocks: Vec<String> = self
            .clocks
            .iter()
            .map(|clock| {
                let still = if clock.is_suspended { "~" } else { "" };
                let past = if clock.is_past_due { "!" } else { "" };
                format!("{}{still}{past}", clock.clock)
            })
            .collect();
        clocks.sort();
        clocks.join(" ")
    }
}
