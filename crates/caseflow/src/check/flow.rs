//! The ways through a kind: every state is reached and left, every clock is started and stopped.
//!
//! Each clock is followed by itself over the pairs of state and how it stands there; a start
//! under a condition may or may not happen.

use std::collections::{BTreeMap, BTreeSet};

use rulebook::Text;

use super::{Checker, at_transition};
use crate::model::{CaseKind, Clock, ClockLength, Transition};
use crate::words::{EnterpriseSees, Who};

pub(super) fn check(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    ends(checker);
    states(checker);
    for clock in &kind.clocks {
        started_and_stopped(checker, clock);
        day_is_known(checker, clock);
        rights(checker, clock);
        day_stays(checker, clock);
    }
    shared_before_asked(checker);
    for transition in kind.transitions.iter().filter(|it| it.who == Who::System) {
        if !transition.roles.is_empty() {
            checker.report(
                "case_kind.nobody",
                &format!("{}.roles", at_transition(&transition.id)),
                Text::fixed("平台没有角色", "the platform has no role"),
                Text::fixed("删去 roles，或改 who", "remove `roles`, or change `who`"),
            );
        }
    }
}

fn ends(checker: &mut Checker<'_>) {
    if !checker.kind.states.iter().any(|state| state.is_final) {
        checker.report(
            "case_kind.no_end",
            "states",
            Text::fixed("没有终结状态", "no state is final"),
            Text::fixed("给终结状态写 final = true", "write final = true in the last state"),
        );
    }
}

/// The states after a transition from one.
fn after<'kind>(transition: &'kind Transition, from: &'kind str) -> &'kind str {
    transition.to.as_deref().unwrap_or(from)
}

fn leaving<'kind>(
    kind: &'kind CaseKind,
    state: &'kind str,
) -> impl Iterator<Item = &'kind Transition> {
    kind.transitions.iter().filter(move |transition| transition.from.iter().any(|id| id == state))
}

/// Everything reached from somewhere, itself included.
fn reached<'kind>(kind: &'kind CaseKind, from: &'kind str) -> BTreeSet<&'kind str> {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(state) = open.pop() {
        for transition in leaving(kind, state) {
            let next = after(transition, state);
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    seen
}

fn states(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    let seen = reached(kind, &kind.initial);
    for state in &kind.states {
        let place = format!("states.{}", state.id);
        if !seen.contains(state.id.as_str()) {
            checker.report(
                "case_kind.unreachable",
                &place,
                Text::new(
                    format!("没有任何途径到达“{}”", state.name.zh),
                    format!("nothing leads to “{}”", state.name.en),
                ),
                Text::fixed("添加到达它的操作，或删去", "add a transition to it, or remove it"),
            );
        } else if !state.is_final {
            let ends = reached(kind, &state.id);
            if !kind.states.iter().any(|end| end.is_final && ends.contains(end.id.as_str())) {
                checker.report(
                    "case_kind.no_way_out",
                    &place,
                    Text::new(
                        format!("从“{}”不能办结", state.name.zh),
                        format!("no way leads from “{}” to an end", state.name.en),
                    ),
                    Text::fixed(
                        "添加通向终结状态的操作，或写 final = true",
                        "add a transition towards a final state, or write final = true",
                    ),
                );
            }
        }
    }
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    Off,
    Running,
    Still,
}

/// How a clock may stand after a transition.
fn moved(clock: &Clock, transition: &Transition, stands: Stands) -> Vec<Stands> {
    let names = |ids: &[String]| ids.contains(&clock.id);
    let stands = if names(&transition.stops) { Stands::Off } else { stands };
    let stands = match stands {
        Stands::Running if names(&transition.suspends) => Stands::Still,
        Stands::Still if names(&transition.resumes) => Stands::Running,
        stands => stands,
    };
    match (names(&transition.starts), clock.only_when.is_empty()) {
        (false, _) => vec![stands],
        (true, true) => vec![Stands::Running],
        (true, false) => vec![stands, Stands::Running],
    }
}

/// Every pair of a state and how the clock may stand in it, with the transition that led there.
fn walk<'kind>(
    kind: &'kind CaseKind,
    clock: &Clock,
) -> BTreeMap<(&'kind str, Stands), Option<&'kind Transition>> {
    let begin = match (clock.starts_at_open, clock.only_when.is_empty()) {
        (true, true) => vec![Stands::Running],
        (true, false) => vec![Stands::Running, Stands::Off],
        (false, _) => vec![Stands::Off],
    };
    let mut open: Vec<(&str, Stands)> =
        begin.into_iter().map(|stands| (kind.initial.as_str(), stands)).collect();
    let mut seen: BTreeMap<_, _> = open.iter().map(|pair| (*pair, None)).collect();
    while let Some((state, stands)) = open.pop() {
        for transition in leaving(kind, state) {
            for stands in moved(clock, transition, stands) {
                let pair = (after(transition, state), stands);
                seen.entry(pair).or_insert_with(|| {
                    open.push(pair);
                    Some(transition)
                });
            }
        }
    }
    seen
}

fn started_and_stopped(checker: &mut Checker<'_>, clock: &Clock) {
    let kind = checker.kind;
    let place = format!("clocks.{}", clock.id);
    let seen = walk(kind, clock);
    if !seen.keys().any(|(_, stands)| *stands == Stands::Running) {
        checker.report(
            "case_kind.never_started",
            &place,
            Text::new(format!("期限 {} 从不起算", clock.id), format!("{} never starts", clock.id)),
            Text::fixed(
                "写 starts = \"open\"，或写入某个操作的 starts",
                "write starts = \"open\", or name it in `starts` of a transition",
            ),
        );
        return;
    }
    let is_final = |id: &str| kind.state(id).is_some_and(|state| state.is_final);
    for ((state, stands), by) in &seen {
        if *stands == Stands::Off || clock.is_right || !is_final(state) {
            continue;
        }
        let place = by.map_or_else(|| place.clone(), |it| at_transition(&it.id) + ".stops");
        checker.report(
            "case_kind.runs_after_end",
            &place,
            Text::new(
                format!("到达终结状态 {state} 时期限 {} 可能仍在计时", clock.id),
                format!("clock {} may still run in the final state {state}", clock.id),
            ),
            Text::fixed(
                "写入 stops，或给期限写 right = true（权利期限）",
                "name it in `stops`, or write right = true where it is a right that lapses",
            ),
        );
    }
    touched_in_vain(checker, clock, &seen);
}

/// Transitions that do something to a clock that cannot be so where they are taken.
fn touched_in_vain(
    checker: &mut Checker<'_>,
    clock: &Clock,
    seen: &BTreeMap<(&str, Stands), Option<&Transition>>,
) {
    use Stands::{Running, Still};
    for transition in &checker.kind.transitions {
        let extends = transition.extends.iter().any(|extension| extension.clock == clock.id);
        let names = |ids: &[String]| ids.contains(&clock.id);
        for (key, is_named, wanted) in [
            ("suspends", names(&transition.suspends), &[Running][..]),
            ("resumes", names(&transition.resumes), &[Still]),
            ("extends", extends, &[Running, Still]),
            ("needs.running", names(&transition.needs.running), &[Running, Still]),
            ("needs.over", names(&transition.needs.over), &[Running, Still]),
        ] {
            let possible = |from: &String| {
                wanted.iter().any(|stands| seen.contains_key(&(from.as_str(), *stands)))
            };
            if is_named && !transition.from.iter().any(possible) {
                checker.report(
                    "case_kind.in_vain",
                    &format!("{}.{key}", at_transition(&transition.id)),
                    Text::new(
                        format!("此时期限 {} 不可能处于相应状态", clock.id),
                        format!("clock {} never stands so there", clock.id),
                    ),
                    Text::fixed("核对该期限的起算、中止与停止", "check where it starts and stops"),
                );
            }
        }
    }
}

/// A clock up to a day in a field starts only where that day is known.
fn day_is_known(checker: &mut Checker<'_>, clock: &Clock) {
    let ClockLength::UntilField(field) = &clock.length else { return };
    let kind = checker.kind;
    let opens = &kind.opens;
    if opens.needs.contains(field) {
        return;
    }
    let starting = kind.transitions.iter().filter(|it| it.starts.contains(&clock.id));
    let unknown = starting.filter(|it| !it.takes_field(field));
    let mut places: Vec<String> =
        unknown.map(|it| format!("{}.needs.fields", at_transition(&it.id))).collect();
    let at_open = clock.starts_at_open && !opens.may_fill.contains(field);
    places.extend(at_open.then(|| "opens.needs".to_owned()));
    for place in places {
        checker.report(
            "case_kind.day_unknown",
            &place,
            Text::new(
                format!("起算期限 {} 时应当能填 {field}", clock.id),
                format!("clock {} starts here, where {field} cannot be filled in", clock.id),
            ),
            Text::new(format!("加上 {field}"), format!("add {field} here")),
        );
    }
}

/// A clock up to a day in a field is moved by changing the field.
fn day_stays(checker: &mut Checker<'_>, clock: &Clock) {
    let ClockLength::UntilField(field) = &clock.length else { return };
    for transition in &checker.kind.transitions {
        let extends = transition.extends.iter().any(|extension| extension.clock == clock.id);
        for (key, is_named) in [
            ("suspends", transition.suspends.contains(&clock.id)),
            ("resumes", transition.resumes.contains(&clock.id)),
            ("extends", extends),
        ] {
            if is_named {
                checker.report(
                    "case_kind.day_stays",
                    &format!("{}.{key}", at_transition(&transition.id)),
                    Text::new(
                        format!("期限 {} 由字段 {field} 指定，不能中止或延期", clock.id),
                        format!("clock {} ends on the day in {field}", clock.id),
                    ),
                    Text::new(
                        format!("让该操作重新填写 {field} 并写入 starts"),
                        format!("let the transition fill {field} again and start the clock"),
                    ),
                );
            }
        }
    }
}

fn rights(checker: &mut Checker<'_>, clock: &Clock) {
    if clock.is_right && !clock.escalate.is_empty() {
        checker.report(
            "case_kind.right",
            &format!("clocks.{}.escalate", clock.id),
            Text::fixed("权利期限届满只是失效，不会逾期", "a right lapses, nothing is overdue"),
            Text::fixed("删去 escalate，或删去 right", "remove `escalate`, or `right`"),
        );
    }
}

/// An enterprise is asked only about a case that it was shown.
fn shared_before_asked(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    if kind.enterprise_sees != EnterpriseSees::WhenShared {
        return;
    }
    let sharing = kind.transitions.iter().filter(|transition| transition.shares_with_enterprise);
    let shared: BTreeSet<&str> = sharing
        .flat_map(|it| it.from.iter().map(|from| after(it, from)))
        .flat_map(|state| reached(kind, state))
        .collect();
    for transition in kind.transitions.iter().filter(|it| it.who == Who::Enterprise) {
        if !transition.from.iter().any(|from| shared.contains(from.as_str())) {
            checker.report(
                "case_kind.nobody",
                &format!("{}.who", at_transition(&transition.id)),
                Text::fixed("此时尚未推送给企业", "the case was never shared before it"),
                Text::fixed(
                    "在此前的操作写 shares_with_enterprise = true",
                    "write shares_with_enterprise = true in a transition before it",
                ),
            );
        }
    }
}
