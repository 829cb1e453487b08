//! What stands in the way of a transition, one guard each.

use std::collections::BTreeMap;

use rulebook::Text;

use super::refusal::{Refusal, list, refused};
use super::{Actor, Asked, ClockStanding, Standing};
use crate::model::{CaseKind, Transition};
use crate::value::check_value;
use crate::words::Who;

pub(super) fn holds_role(wanted: &[String], held: &[&str]) -> bool {
    wanted.is_empty() || wanted.iter().any(|role| held.contains(&role.as_str()))
}

pub(super) fn its_turn(transition: &Transition, actor: Actor<'_>) -> Result<(), Box<Refusal>> {
    let (is_turn, roles) = match actor {
        Actor::Reporter => (transition.who == Who::Reporter, None),
        Actor::System => (transition.who == Who::System, None),
        Actor::Person { roles, is_responsible, is_enterprise, .. } => {
            let is_turn = match transition.who {
                Who::Responsible => is_responsible && !is_enterprise,
                Who::Enterprise => is_enterprise,
                Who::Any => !is_enterprise,
                Who::Reporter | Who::System => false,
            };
            (is_turn, Some(roles))
        }
    };
    if !is_turn {
        let who = transition.who.text();
        return Err(refused(
            "case.not_your_turn",
            Text::new(
                format!("“{}”由{}办理", transition.name.zh, who.zh),
                format!("“{}” is for the {}", transition.name.en, who.en),
            ),
            Text::new(format!("等待{}办理", who.zh), format!("wait for the {}", who.en)),
        ));
    }
    if roles.is_some_and(|held| !holds_role(&transition.roles, held)) {
        return Err(refused(
            "case.no_role",
            Text::new(
                format!("您的角色不能“{}”", transition.name.zh),
                format!("your roles do not allow “{}”", transition.name.en),
            ),
            Text::new(
                format!("请有该角色的人员办理：{}", transition.roles.join("、")),
                format!("ask somebody with one of the roles {}", transition.roles.join(", ")),
            ),
        ));
    }
    Ok(())
}

pub(super) fn another(
    kind: &CaseKind,
    standing: &Standing<'_>,
    transition: &Transition,
    actor: Actor<'_>,
) -> Result<(), Box<Refusal>> {
    let Actor::Person { id: person, .. } = actor else { return Ok(()) };
    let own = |id: &&String| standing.doers.get(*id).is_some_and(|doer| doer == person);
    let Some(done) = transition.needs.another_than.iter().find(own) else { return Ok(()) };
    let name = kind.transition(done).map_or_else(|| Text::plain(done), |it| it.name.clone());
    Err(refused(
        "case.same_person",
        Text::new(
            format!("“{}”是您本人办理的，不能再由您“{}”", name.zh, transition.name.zh),
            format!("you did “{}” yourself, so “{}” is for another", name.en, transition.name.en),
        ),
        Text::fixed("请另一名有权限的人员办理", "ask another person with the role"),
    ))
}

pub(super) fn right_is_open(
    kind: &CaseKind,
    standing: &Standing<'_>,
    transition: &Transition,
) -> Result<(), Box<Refusal>> {
    let wanted = &transition.needs.running;
    let is_open = |clock: &ClockStanding| wanted.contains(&clock.clock) && !clock.is_past_due;
    if wanted.is_empty() || standing.clocks.iter().any(is_open) {
        return Ok(());
    }
    let names = list(wanted.iter().filter_map(|id| kind.clock(id)).map(|it| it.name.clone()));
    Err(refused(
        "case.clock_not_running",
        Text::new(
            format!("“{}”已不在期限内：{}", transition.name.zh, names.zh),
            format!("“{}” is no longer in time: {}", transition.name.en, names.en),
        ),
        Text::fixed("可另行登记新事项", "open a new case instead"),
    ))
}

pub(super) fn notice_is_over(
    kind: &CaseKind,
    standing: &Standing<'_>,
    transition: &Transition,
) -> Result<(), Box<Refusal>> {
    let is_over =
        |id: &String| standing.clocks.iter().any(|clock| clock.clock == *id && clock.is_past_due);
    let Some(id) = transition.needs.over.iter().find(|id| !is_over(id)) else { return Ok(()) };
    let name = kind.clock(id).map(|clock| clock.name.clone()).unwrap_or_default();
    Err(refused(
        "case.clock_not_over",
        Text::new(
            format!("“{}”要等“{}”期满", transition.name.zh, name.zh),
            format!("“{}” waits until “{}” has run out", transition.name.en, name.en),
        ),
        Text::fixed("期满后再办理", "take it after that day"),
    ))
}

pub(super) fn extensions_left(
    kind: &CaseKind,
    standing: &Standing<'_>,
    transition: &Transition,
) -> Result<(), Box<Refusal>> {
    for extension in &transition.extends {
        let clock = standing.clocks.iter().find(|clock| clock.clock == extension.clock);
        let name = kind.clock(&extension.clock).map(|it| it.name.clone()).unwrap_or_default();
        let (code, zh, en) = match clock {
            Some(clock) if clock.is_past_due => {
                ("case.clock_over", "期限已届满", "the clock has already run out")
            }
            Some(clock) if clock.extensions >= extension.at_most => {
                ("case.extension_used", "延期次数已用完", "no extension is left")
            }
            Some(_) => continue,
            None => ("case.clock_not_running", "期限未在计时", "the clock does not run"),
        };
        return Err(refused(
            code,
            Text::new(format!("不能延期“{}”：{zh}", name.zh), format!("{}: {en}", name.en)),
            Text::fixed("在期限内办结，或说明逾期原因", "finish, or say why it is late"),
        ));
    }
    Ok(())
}

pub(super) fn check_fields(
    kind: &CaseKind,
    fields: &BTreeMap<String, String>,
    allowed: impl Fn(&str) -> bool,
) -> Result<(), Box<Refusal>> {
    for (id, value) in fields {
        let field = kind.field(id).filter(|_| allowed(id));
        let Some(field) = field else {
            let mut refusal = refused(
                "case.field_not_here",
                Text::new(format!("此处不能填写 {id:?}"), format!("{id:?} is not filled in here")),
                Text::fixed("去掉该字段后再提交", "leave it out"),
            );
            refusal.missing.push(id.clone());
            return Err(refusal);
        };
        if value.trim().is_empty() {
            continue;
        }
        if let Err(cure) = check_value(field, value) {
            let what = Text::new(
                format!("“{}”填写有误", field.name.zh),
                format!("“{}” is not as it should be", field.name.en),
            );
            let mut refusal = refused("case.field_invalid", what, cure);
            refusal.missing.push(id.clone());
            return Err(refusal);
        }
    }
    Ok(())
}

pub(super) fn missing(
    kind: &CaseKind,
    transition: &Transition,
    asked: &Asked<'_>,
    fields: &BTreeMap<String, String>,
) -> Vec<String> {
    let needs = &transition.needs;
    let empty = |id: &&String| fields.get(*id).is_none_or(|value| value.trim().is_empty());
    let known = |id: &&String| kind.field(id).is_some();
    let mut missing: Vec<String> =
        needs.fields.iter().filter(known).filter(empty).cloned().collect();
    let link = needs.link.is_some_and(|link| !asked.links.contains(&link));
    for (is_missing, word) in [
        (needs.note && !asked.has_note, "note"),
        (needs.evidence > asked.evidence, "evidence"),
        (needs.unit && !asked.names_unit, "unit"),
        (needs.assignee && !asked.names_assignee, "assignee"),
        (link, "link"),
    ] {
        if is_missing {
            missing.push(word.to_owned());
        }
    }
    missing
}
