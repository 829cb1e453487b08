//! The pure step: whether a transition may be taken now, and what it does.

use std::collections::BTreeMap;

use rulebook::Text;

use crate::model::{CaseKind, Clock, ClockLength, Extension, State, Template, Transition, When};
use crate::value::check_value;
use crate::words::{LinkKind, Who};

/// How a case stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The state.
    pub state: &'a str,
    /// What is written down.
    pub fields: &'a BTreeMap<String, String>,
    /// The clocks that run, stand still or have run out: all that were started and not stopped.
    pub clocks: &'a [ClockStanding],
    /// Who last took each transition, by its identifier.
    pub doers: &'a BTreeMap<String, String>,
}

/// How a clock of a case stands; one that was stopped is not there. A right that has lapsed is,
/// with `is_past_due`: a transition may wait for its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockStanding {
    /// The clock.
    pub clock: String,
    /// Whether it stands still.
    pub is_suspended: bool,
    /// Whether it has run out.
    pub is_past_due: bool,
    /// How often it was extended.
    pub extensions: u32,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// Somebody with an account.
    Person {
        /// By what they are told from others.
        id: &'a str,
        /// The words of the roles that they hold over this case.
        roles: &'a [&'a str],
        /// Whether they belong to a unit responsible or assisting.
        is_responsible: bool,
        /// Whether they speak for the enterprise concerned.
        is_enterprise: bool,
    },
    /// Who reported, without an account.
    Reporter,
    /// The platform.
    System,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The transition.
    pub transition: &'a str,
    /// Who asks.
    pub actor: Actor<'a>,
    /// What is written down with it; an empty value clears a field.
    pub fields: &'a BTreeMap<String, String>,
    /// Whether something is said.
    pub has_note: bool,
    /// How many pieces of evidence come with it.
    pub evidence: u32,
    /// Whether a unit is named.
    pub names_unit: bool,
    /// Whether an officer is named.
    pub names_assignee: bool,
    /// The links of the case to others, those that come with it among them.
    pub links: &'a [LinkKind],
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'kind> {
    /// The transition taken: what it shares, publishes and tells stands there.
    pub transition: &'kind Transition,
    /// The state after it.
    pub to: &'kind State,
    /// The clocks to start; one that runs already begins anew.
    pub starts: Vec<&'kind Clock>,
    /// The clocks to stop, of those that run or stand still.
    pub stops: Vec<&'kind Clock>,
    /// The clocks to suspend, of those that run.
    pub suspends: Vec<&'kind Clock>,
    /// The clocks to resume, of those that stand still.
    pub resumes: Vec<&'kind Clock>,
    /// The clocks to make longer.
    pub extends: Vec<&'kind Extension>,
    /// The fields to write, as they came.
    pub fields: BTreeMap<String, String>,
    /// The official reply that goes with it.
    pub template: Option<&'kind Template>,
}

/// What an opening does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'kind> {
    /// The state in which the case begins.
    pub state: &'kind State,
    /// The clocks to start.
    pub starts: Vec<&'kind Clock>,
    /// The fields to write.
    pub fields: BTreeMap<String, String>,
}

/// Why a transition may not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code: `case.missing`.
    pub code: &'static str,
    /// What is in the way.
    pub what: Text,
    /// How to get on.
    pub cure: Text,
    /// What is missing or wrong: identifiers of fields, and the words `note`, `evidence`,
    /// `unit`, `assignee`, `link`.
    pub missing: Vec<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}; {} [{}]", self.what.en, self.cure.en, self.code)
    }
}

impl std::error::Error for Refusal {}

fn refused(code: &'static str, what: Text, cure: Text) -> Box<Refusal> {
    Box::new(Refusal { code, what, cure, missing: Vec::new() })
}

/// The transitions that leave the state in which a case stands, each with the reason for which
/// this actor may not take it.
pub fn offered<'kind>(
    kind: &'kind CaseKind,
    standing: &Standing<'_>,
    actor: Actor<'_>,
) -> Vec<(&'kind Transition, Option<Box<Refusal>>)> {
    let here = |transition: &&Transition| transition.from.iter().any(|id| id == standing.state);
    let refusal = |transition| may_take(kind, standing, transition, actor).err();
    kind.transitions.iter().filter(here).map(|each| (each, refusal(each))).collect()
}

/// Whether an actor may take a transition as the case stands, whatever they fill in.
///
/// # Errors
/// A [`Refusal`] with the reason.
pub fn may_take(
    kind: &CaseKind,
    standing: &Standing<'_>,
    transition: &Transition,
    actor: Actor<'_>,
) -> Result<(), Box<Refusal>> {
    if !transition.from.iter().any(|id| id == standing.state) {
        let name = |id: &str| kind.state(id).map_or_else(|| Text::plain(id), |it| it.name.clone());
        let (now, wanted) = (name(standing.state), list(transition.from.iter().map(|id| name(id))));
        return Err(refused(
            "case.wrong_state",
            Text::new(
                format!("当前状态为“{}”，不能“{}”", now.zh, transition.name.zh),
                format!("the case is “{}”, not open to “{}”", now.en, transition.name.en),
            ),
            Text::new(
                format!("该操作适用于：{}", wanted.zh),
                format!("it may be taken when the case is: {}", wanted.en),
            ),
        ));
    }
    its_turn(transition, actor)?;
    another(kind, standing, transition, actor)?;
    right_is_open(kind, standing, transition)?;
    notice_is_over(kind, standing, transition)?;
    extensions_left(kind, standing, transition)?;
    let is_settled = |when: &&When| !transition.takes_field(&when.field);
    let broken =
        transition.only_when.iter().filter(is_settled).find(|when| !holds(when, standing.fields));
    broken.map_or(Ok(()), |when| Err(condition(kind, transition, when)))
}

/// Takes a transition: what it does, or why it may not be taken.
///
/// # Errors
/// A [`Refusal`] with the reason; nothing has happened then.
pub fn step<'kind>(
    kind: &'kind CaseKind,
    standing: &Standing<'_>,
    asked: &Asked<'_>,
) -> Result<Step<'kind>, Box<Refusal>> {
    let transition = kind.transition(asked.transition).ok_or_else(|| {
        refused(
            "case.no_such_transition",
            Text::new(
                format!("“{}”没有操作 {:?}", kind.name.zh, asked.transition),
                format!("{} has no transition {:?}", kind.id, asked.transition),
            ),
            Text::fixed("重新打开页面后再试", "open the page again and choose from its buttons"),
        )
    })?;
    may_take(kind, standing, transition, asked.actor)?;
    let allowed = |id: &str| transition.takes_field(id);
    check_fields(kind, asked.fields, allowed)?;
    let fields = merged(standing.fields, asked.fields);
    let missing = missing(kind, transition, asked, &fields);
    if !missing.is_empty() {
        return Err(lacking(kind, missing));
    }
    if let Some(when) = transition.only_when.iter().find(|when| !holds(when, &fields)) {
        return Err(condition(kind, transition, when));
    }
    let stands = |id: &str| standing.clocks.iter().find(|clock| clock.clock == id);
    let chosen = |ids: &[String], want: &dyn Fn(&ClockStanding) -> bool| {
        let known = ids.iter().filter(|id| stands(id).is_some_and(want));
        known.filter_map(|id| kind.clock(id)).collect::<Vec<_>>()
    };
    let state = transition.to.as_deref().unwrap_or(standing.state);
    let to = kind.state(state).ok_or_else(|| unknown_state(state))?;
    Ok(Step {
        transition,
        to,
        starts: starting(transition.starts.iter().filter_map(|id| kind.clock(id)), &fields),
        stops: chosen(&transition.stops, &|_| true),
        suspends: chosen(&transition.suspends, &|clock| !clock.is_suspended),
        resumes: chosen(&transition.resumes, &|clock| clock.is_suspended),
        extends: transition.extends.iter().collect(),
        fields: asked.fields.clone(),
        template: transition.template.as_deref().and_then(|id| kind.template(id)),
    })
}

/// Opens a case: where it begins and which clocks start, or why not.
///
/// # Errors
/// A [`Refusal`] with the reason.
pub fn open<'kind>(
    kind: &'kind CaseKind,
    actor: Actor<'_>,
    fields: &BTreeMap<String, String>,
) -> Result<Opening<'kind>, Box<Refusal>> {
    let opens = &kind.opens;
    let may = match actor {
        Actor::Person { roles, .. } => holds_role(&opens.roles, roles),
        Actor::Reporter => opens.public,
        Actor::System => opens.system,
    };
    if !may {
        return Err(refused(
            "case.may_not_open",
            Text::new(
                format!("无权登记“{}”", kind.name.zh),
                format!("not entitled to open: {}", kind.name.en),
            ),
            Text::fixed("请有权限的人员登记", "ask somebody with the role for it"),
        ));
    }
    let allowed = |id: &str| opens.needs.iter().chain(&opens.may_fill).any(|known| known == id);
    check_fields(kind, fields, allowed)?;
    let empty = |id: &&String| fields.get(*id).is_none_or(|value| value.trim().is_empty());
    let missing: Vec<String> = opens.needs.iter().filter(empty).cloned().collect();
    if !missing.is_empty() {
        return Err(lacking(kind, missing));
    }
    let state = kind.state(&kind.initial).ok_or_else(|| unknown_state(&kind.initial))?;
    let begin = kind.clocks.iter().filter(|clock| clock.starts_at_open);
    Ok(Opening { state, starts: starting(begin, fields), fields: fields.clone() })
}

impl Transition {
    /// Whether a field may be written with it.
    pub fn takes_field(&self, id: &str) -> bool {
        self.needs.fields.iter().chain(&self.may_fill).any(|known| known == id)
    }
}

fn starting<'kind>(
    clocks: impl Iterator<Item = &'kind Clock>,
    fields: &BTreeMap<String, String>,
) -> Vec<&'kind Clock> {
    let day_is_known = |clock: &Clock| match &clock.length {
        ClockLength::UntilField(id) => fields.get(id).is_some_and(|day| !day.trim().is_empty()),
        _ => true,
    };
    let begins = |clock: &&Clock| {
        day_is_known(clock) && clock.only_when.iter().all(|when| holds(when, fields))
    };
    clocks.filter(begins).collect()
}

fn holds(when: &When, fields: &BTreeMap<String, String>) -> bool {
    let value = fields.get(&when.field).map_or("", |value| value.trim());
    when.is.iter().any(|wanted| wanted == value)
}

fn merged(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut fields = old.clone();
    fields.extend(new.iter().map(|(id, value)| (id.clone(), value.clone())));
    fields
}

fn holds_role(wanted: &[String], held: &[&str]) -> bool {
    wanted.is_empty() || wanted.iter().any(|role| held.contains(&role.as_str()))
}

fn its_turn(transition: &Transition, actor: Actor<'_>) -> Result<(), Box<Refusal>> {
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

fn another(
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

fn right_is_open(
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

fn notice_is_over(
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

fn extensions_left(
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

fn check_fields(
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

fn missing(
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

fn lacking(kind: &CaseKind, missing: Vec<String>) -> Box<Refusal> {
    let name = |id: &String| match id.as_str() {
        "note" => Text::fixed("说明", "a note"),
        "evidence" => Text::fixed("证据材料", "evidence"),
        "unit" => Text::fixed("承办单位", "the unit"),
        "assignee" => Text::fixed("承办人", "the officer"),
        "link" => Text::fixed("关联事项", "the link to the other case"),
        _ => kind.field(id).map_or_else(|| Text::plain(id), |field| field.name.clone()),
    };
    let names = list(missing.iter().map(name));
    Box::new(Refusal {
        code: "case.missing",
        what: Text::new(format!("尚缺：{}", names.zh), format!("still missing: {}", names.en)),
        cure: Text::fixed("补齐后再提交", "add it and send again"),
        missing,
    })
}

fn condition(kind: &CaseKind, transition: &Transition, when: &When) -> Box<Refusal> {
    let field = kind.field(&when.field);
    let name = field.map(|field| field.name.clone()).unwrap_or_default();
    let value = |id: &String| {
        let choice = field.and_then(|field| field.choices.iter().find(|choice| choice.id == *id));
        match choice {
            Some(choice) => choice.name.clone(),
            None if id.is_empty() => Text::fixed("未填", "empty"),
            None => Text::plain(id),
        }
    };
    let values = list(when.is.iter().map(value));
    Box::new(Refusal {
        code: "case.condition",
        what: Text::new(
            format!("“{}”要求“{}”为：{}", transition.name.zh, name.zh, values.zh),
            format!("“{}” wants “{}” to be: {}", transition.name.en, name.en, values.en),
        ),
        cure: Text::fixed("核对该项后再办理", "check that field first"),
        missing: vec![when.field.clone()],
    })
}

fn unknown_state(state: &str) -> Box<Refusal> {
    refused(
        "case.unknown_state",
        Text::new(
            format!("事项类型没有状态 {state:?}"),
            format!("the kind has no state {state:?}"),
        ),
        Text::fixed("核对事项类型文件", "check the declaration of the kind"),
    )
}

/// Several texts as one.
fn list(texts: impl Iterator<Item = Text>) -> Text {
    let (zh, en): (Vec<String>, Vec<String>) =
        texts.map(|text| (text.zh.into_owned(), text.en.into_owned())).unzip();
    Text::new(zh.join("、"), en.join(", "))
}
