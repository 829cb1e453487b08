//! Opening a case (登记).

use super::load::row_of_numbers;
use super::{audit, check_line, check_text};
use crate::clocks::{Kept, day_of};
use crate::desk::{Done, Draft, File, LastAct};
use crate::engine::Engine;
use crate::seal::{CodeUse, Secret};
use crate::store::citizens::{Code, Sealed};
use crate::store::links::LinkRow;
use crate::telling::{self, Telling};
use crate::who::Who;
use crate::{ActedAs, Case, CaseError, CaseId, Channel, Event, EventKind, NewCase, Opened, words};
use authority::{Action, Decision, Denial, Principal, decide};
use caseflow::{CaseKind, LinkKind, Visibility};
use jiff::Timestamp;
use rulebook::Text;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands in the place of a personal field.
pub(crate) const SEALED: &str = "●";
/// The follow code is told again only to who has a key that nobody guesses.
const KEY_LETTERS_MIN: usize = 16;

/// Opens a case, or finds the one that the same key had opened.
pub(super) fn open(
    engine: &Engine,
    draft: &mut Draft<'_>,
    who: &Who,
    new: &NewCase,
    assignee: Option<&Principal>,
    now: Timestamp,
) -> Result<Opened, CaseError> {
    let (declaration, kind) = engine.kinds.of_id(&new.kind)?;
    let kind = Arc::clone(kind);
    check(engine, new)?;
    let key = new
        .origin_key
        .as_ref()
        .map(|key| engine.seal.once(&format!("open {}", new.channel.as_str()), key));
    if let Some(done) = key.as_ref().and_then(|key| draft.done(key)) {
        return Ok(again(engine, draft, new, done));
    }
    let mut case = blank(new, declaration, &kind, now);
    let rule = may_open(who, &kind, &case)?;
    if let Some(assignee) = assignee {
        super::assign::check_assignee(assignee, &case, &kind)?;
    }
    let actor = opening_actor(who, &case);
    let opening = caseflow::open(&kind, actor.actor(), &new.fields).map_err(CaseError::Refused)?;
    case.state.clone_from(&opening.state.id);
    case.id = CaseId(draft.next("case"));
    let row = row_of_numbers(&kind.prefix, now);
    case.number = format!("{row}-{:06}", draft.next(&row));
    let mut secret = new.reporter.as_ref().map(Secret::of).unwrap_or_default();
    write_fields(&kind, &opening.fields, &mut case.fields, &mut secret);
    let clocks = opening
        .starts
        .iter()
        .map(|clock| Kept::start(clock, &opening.fields, day_of(now), now))
        .collect();
    let mut file = File {
        case,
        clocks,
        last_act: LastAct {
            kind: EventKind::Opened.as_str().to_owned(),
            about: String::new(),
            who: who.name(),
            as_who: actor.as_who.as_str().to_owned(),
            at: now.as_millisecond(),
        },
        next_at: crate::clocks::NEVER,
        enterprise_sees: false,
        is_warned: false,
    };
    flag_repeats(draft, &mut file, now)?;
    file.settle(&kind);
    let sequence = opened_event(engine, draft, &mut file, &kind, (who, &actor), now);
    flagged_event(draft, &mut file, now);
    let follow_code = keep_secrets(engine, draft, &mut file, (&kind, &secret), new, now)?;
    link(draft, &file, new, now)?;
    index(draft, &file, &kind, new);
    if let Some(key) = key {
        let done = Done {
            case: file.case.id,
            sequence,
            version: file.case.version,
            state: file.case.state.clone(),
        };
        draft.rows.done.push((key, done));
    }
    tell(engine, draft, &file, &kind, sequence, now)?;
    let told = serde_json::json!({ "kind": kind.id, "version": kind.version,
        "division": file.case.division, "enterprise": file.case.enterprise,
        "channel": file.case.channel.as_str(), "state": file.case.state });
    audit(draft, who, &rule, "case.open", &file, (None, Some(told)), now);
    let (id, number) = (file.case.id, file.case.number.clone());
    let has_helpers = !file.case.assisting.is_empty();
    draft.put(file);
    if has_helpers {
        draft.write_helpers(id);
    }
    Ok(Opened { id, number, follow_code, is_new: true })
}

fn check(engine: &Engine, new: &NewCase) -> Result<(), CaseError> {
    check_text(&new.text)?;
    check_line(&new.title)?;
    if new.division.trim().is_empty() {
        return Err(CaseError::input("须指明所在区划", "name the division in which it lies"));
    }
    for line in [Some(&new.division), new.enterprise.as_ref(), new.origin_key.as_ref()] {
        line.map_or(Ok(()), |line| check_line(line))?;
    }
    if let Some(place) = &new.place {
        check_line(&place.address)?;
        if crate::likeness::cell(place).is_none() {
            return Err(CaseError::input(
                "经纬度不在地球上,请重新定位",
                "the position is nowhere on earth: mark it again",
            ));
        }
    }
    if let Some(reporter) = &new.reporter {
        for line in [&reporter.name, &reporter.phone, &reporter.email, &reporter.address] {
            check_line(line)?;
        }
    }
    new.responsible.map_or(Ok(()), |unit| engine.check_unit(unit))
}

/// The case as it begins, without number and state.
fn blank(new: &NewCase, declaration: i64, kind: &CaseKind, now: Timestamp) -> Case {
    let title = match (new.title.trim(), new.text.trim()) {
        ("", "") => kind.name.zh.to_string(),
        ("", text) => text.lines().next().unwrap_or_default().chars().take(30).collect(),
        (title, _) => title.to_owned(),
    };
    Case {
        id: CaseId(0),
        number: String::new(),
        kind: kind.id.clone(),
        declaration,
        state: String::new(),
        version: 1,
        title,
        text: new.text.trim().to_owned(),
        division: new.division.trim().to_owned(),
        enterprise: new.enterprise.as_ref().map(|code| code.trim().to_owned()),
        place: new.place.clone(),
        fields: BTreeMap::new(),
        channel: new.channel,
        responsible: new.responsible,
        assisting: Vec::new(),
        assignee: new.assignee,
        opened_at: now,
        happened_at: new.happened_at.map(|at| at.min(now)),
        closed_at: None,
        shared_at: None,
        published_at: None,
        due_at: None,
        is_provisional: false,
        warn_at: None,
        was_late: false,
        escalation: 0,
        is_key: false,
        repeats: 0,
        merged_into: None,
        merged: 0,
        has_reporter: new.reporter.as_ref().is_some_and(|reporter| !reporter.is_empty()),
        satisfied: None,
        doers: BTreeMap::new(),
        last_sequence: 0,
    }
}

/// Whether somebody may open this case; gives the rule.
fn may_open(who: &Who, kind: &CaseKind, case: &Case) -> Result<String, CaseError> {
    let Who::Person(principal, _) = who else {
        let rule = if matches!(who, Who::System(_)) { "program" } else { "public" };
        return Ok(rule.to_owned());
    };
    let action = Action::parse(&kind.opens.by).ok_or(CaseError::Denied(Denial::NoRole))?;
    match decide(principal, action, &case.subject()) {
        Decision::Allowed { rule } => Ok(rule),
        // A citizen who has an account may do what every citizen may.
        Decision::Denied { .. } if kind.opens.public => Ok("public".to_owned()),
        Decision::Denied { why } => Err(CaseError::Denied(why)),
    }
}

/// Who opens, as caseflow asks for it.
struct Opener {
    doer: String,
    roles: Vec<&'static str>,
    as_who: ActedAs,
}

impl Opener {
    fn actor(&self) -> caseflow::Actor<'_> {
        match self.as_who {
            ActedAs::System => caseflow::Actor::System,
            ActedAs::Reporter => caseflow::Actor::Reporter,
            _ => caseflow::Actor::Person {
                id: &self.doer,
                roles: &self.roles,
                is_responsible: true,
                is_enterprise: false,
            },
        }
    }
}

fn opening_actor(who: &Who, case: &Case) -> Opener {
    let (roles, as_who) = match who {
        Who::Person(principal, _) => {
            let roles = crate::sight::roles(principal, case);
            let is_officer = decide(principal, Action::OpenCase, &case.subject()).is_allowed();
            (roles, if is_officer { ActedAs::Officer } else { ActedAs::Reporter })
        }
        Who::System(_) => (Vec::new(), ActedAs::System),
        Who::Reporter(..) | Who::Anonymous(_) => (Vec::new(), ActedAs::Reporter),
    };
    Opener { doer: who.doer(), roles, as_who }
}

/// Puts fields where they belong: personal ones are sealed, a sign stands in their place.
pub(super) fn write_fields(
    kind: &CaseKind,
    given: &BTreeMap<String, String>,
    fields: &mut BTreeMap<String, String>,
    secret: &mut Secret,
) {
    for (id, value) in given {
        let value = value.trim().to_owned();
        let is_personal = kind.field(id).is_some_and(|field| field.personal);
        if value.is_empty() {
            fields.remove(id);
            secret.fields.remove(id);
        } else if is_personal {
            secret.fields.insert(id.clone(), value);
            fields.insert(id.clone(), SEALED.to_owned());
        } else {
            fields.insert(id.clone(), value);
        }
    }
}

/// Counts what it repeats; often enough makes a key case.
fn flag_repeats(draft: &Draft<'_>, file: &mut File, now: Timestamp) -> Result<(), CaseError> {
    let earlier = draft.repeats().earlier;
    file.case.repeats = earlier;
    if earlier > 0 {
        let parameters = crate::likeness::Parameters::at(now)?;
        file.case.is_key = earlier + 1 >= parameters.repeat_count;
    }
    Ok(())
}

fn opened_event(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &mut File,
    kind: &CaseKind,
    (who, actor): (&Who, &Opener),
    now: Timestamp,
) -> i64 {
    let template = kind.opens.template.as_deref().and_then(|id| kind.template(id));
    let reply = template.map(|template| telling::reply(engine, kind, template, file, "", now));
    let event = Event {
        sequence: 0,
        at: now,
        happened_at: file.case.happened_at,
        kind: EventKind::Opened,
        what: Text::default(),
        about: String::new(),
        who: who.name(),
        as_who: actor.as_who,
        user: who.user(),
        state: file.case.state.clone(),
        note: String::new(),
        reply,
        visibility: Visibility::Parties,
        fields: file.case.fields.clone(),
    };
    draft.add_event(file, event)
}

fn flagged_event(draft: &mut Draft<'_>, file: &mut File, now: Timestamp) {
    if !file.case.is_key {
        return;
    }
    let event = Event {
        sequence: 0,
        at: now,
        happened_at: None,
        kind: EventKind::Flagged,
        what: Text::default(),
        about: file.case.repeats.to_string(),
        who: "cases".to_owned(),
        as_who: ActedAs::System,
        user: None,
        state: file.case.state.clone(),
        note: String::new(),
        reply: None,
        visibility: Visibility::Internal,
        fields: BTreeMap::new(),
    };
    let sequence = draft.add_event(file, event);
    draft.tell(crate::desk::TO_LEADERS.to_owned(), file, sequence, now);
}

/// Seals who reported and gives the follow code where somebody may come back with it.
fn keep_secrets(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &mut File,
    (kind, secret): (&CaseKind, &Secret),
    new: &NewCase,
    now: Timestamp,
) -> Result<Option<String>, CaseError> {
    let id = file.case.id;
    if *secret != Secret::default() {
        let contact = new.reporter.as_ref().and_then(|reporter| engine.seal.contact(reporter));
        let body = engine.seal.close(id, secret)?;
        draft.put_sealed(id, Sealed { body, contact });
    }
    if !has_follow_code(kind, &file.case) {
        return Ok(None);
    }
    let code = engine.seal.code(id, now, CodeUse::Follow);
    let digest = engine.seal.code_digest(id, CodeUse::Follow, &code);
    let row = Code { purpose: CodeUse::Follow.as_str(), digest, issued_at: now };
    draft.rows.codes.push((id, row));
    Ok(Some(code))
}

/// Whether somebody may come back to it with a code.
fn has_follow_code(kind: &CaseKind, case: &Case) -> bool {
    case.has_reporter || (kind.opens.public && case.channel != Channel::Alert)
}

/// What the same key had opened.
fn again(engine: &Engine, draft: &Draft<'_>, new: &NewCase, done: &Done) -> Opened {
    let file = draft.file(done.case).ok();
    let has_long_key =
        new.origin_key.as_ref().is_some_and(|key| key.chars().count() >= KEY_LETTERS_MIN);
    let has_code = |file: &&File| {
        let kind = engine.kinds.of(file.case.declaration);
        has_long_key && kind.is_ok_and(|kind| has_follow_code(kind, &file.case))
    };
    let code = file
        .as_ref()
        .filter(has_code)
        .map(|file| engine.seal.code(done.case, file.case.opened_at, CodeUse::Follow));
    Opened {
        id: done.case,
        number: file.map(|file| file.case.number).unwrap_or_default(),
        follow_code: code,
        is_new: false,
    }
}

fn link(
    draft: &mut Draft<'_>,
    file: &File,
    new: &NewCase,
    now: Timestamp,
) -> Result<(), CaseError> {
    for (kind, other) in &new.links {
        if *kind == LinkKind::MergedInto {
            return Err(CaseError::input(
                "登记时不能直接并案,请登记后办理并案",
                "a case is not merged while it is opened: open it, then merge it",
            ));
        }
        draft.file(*other)?;
        let link = LinkRow { case: file.case.id, kind: *kind, other: *other, at: now };
        draft.rows.links.push(link);
    }
    Ok(())
}

/// The words by which it is found: those of the reporter for officers alone.
fn index(draft: &mut Draft<'_>, file: &File, kind: &CaseKind, new: &NewCase) {
    let case = &file.case;
    let address = new.place.as_ref().map(|place| place.address.as_str()).unwrap_or_default();
    let text = format!("{}\n{}\n{address}", case.title, case.text);
    let of_enterprise = fields_text(kind, &case.fields, true);
    let others = fields_text(kind, &case.fields, false);
    add_words(draft, case.id, &text, &others, &of_enterprise);
}

/// The values of fields as they are read: those that the enterprise sees, or the others.
pub(super) fn fields_text(
    kind: &CaseKind,
    fields: &BTreeMap<String, String>,
    for_enterprise: bool,
) -> String {
    let mut text = String::new();
    for (id, value) in fields {
        let Some(field) = kind.field(id).filter(|field| !field.personal) else { continue };
        if field.enterprise == for_enterprise {
            text.push_str(&telling::shown(kind, id, value).zh);
            text.push('\n');
        }
    }
    text
}

/// Adds words to the index: of texts for officers alone, and of what the enterprise reads too.
pub(super) fn add_words(
    draft: &mut Draft<'_>,
    id: CaseId,
    text: &str,
    others: &str,
    of_enterprise: &str,
) {
    let shared = words::of_text(of_enterprise);
    let mut internal = words::of_text(text);
    internal.extend(words::of_text(others));
    for word in internal {
        if !shared.contains(&word) {
            draft.rows.words.push((word, id, false));
        }
    }
    draft.rows.words.extend(shared.into_iter().map(|word| (word, id, true)));
}

fn tell(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &File,
    kind: &CaseKind,
    sequence: i64,
    now: Timestamp,
) -> Result<(), CaseError> {
    let template = kind.opens.template.as_deref().and_then(|id| kind.template(id));
    let what = telling::what(kind, EventKind::Opened, "");
    let telling = Telling { kind, sequence, what, reply: template, note: "", at: now };
    telling::tell(engine, draft, file, &kind.opens.tells, &telling)
}
