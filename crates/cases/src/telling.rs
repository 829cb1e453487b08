//! Words for what happened, replies from templates, and who is told.

use crate::desk::{Draft, File, TO_LEADERS, to_enterprise, to_unit, to_user};
use crate::engine::Engine;
use crate::seal::Secret;
use crate::{CaseError, CaseId, EventKind};
use authority::OrganisationId;
use caseflow::{CaseKind, EscalateTo, FieldForm, Owner, Template, Told};
use delivery::{Channel, Message};
use jiff::Timestamp;
use rulebook::{Language, Text};

/// What an entry tells of, in words.
pub(crate) fn what(kind: &CaseKind, entry: EventKind, about: &str) -> Text {
    let clock = |id: &str| kind.clock(id).map_or_else(|| Text::plain(id), |it| it.name.clone());
    let of = |zh: &str, en: &str, text: &Text| {
        Text::new(format!("{zh}:{}", text.zh), format!("{en}: {}", text.en))
    };
    match entry {
        EventKind::Opened => Text::fixed("登记", "opened"),
        EventKind::Act => match kind.transition(about) {
            Some(transition) => transition.name.clone(),
            None => Text::plain(about),
        },
        EventKind::Comment => Text::fixed("批注", "comment"),
        EventKind::Assigned if about == "correction" => {
            Text::fixed("更正区划或企业", "division or enterprise corrected")
        }
        EventKind::Assigned => Text::fixed("派办", "assigned"),
        EventKind::Linked => Text::fixed("关联事项", "linked"),
        EventKind::Merged => Text::fixed("并入相同来件", "another report merged into it"),
        EventKind::Attached => Text::fixed("上传材料", "file attached"),
        EventKind::Warned => of("即将到期", "due soon", &clock(about)),
        EventKind::Overdue => of("时限届满", "overdue", &clock(about)),
        EventKind::Escalated => {
            let (id, to) = about.split_once(' ').unwrap_or((about, ""));
            let to = EscalateTo::parse(to).map(EscalateTo::text).unwrap_or_default();
            let name = clock(id);
            Text::new(
                format!("升级至{}:{}", to.zh, name.zh),
                format!("escalated to the {}: {}", to.en, name.en),
            )
        }
        EventKind::Rated => Text::fixed("反映人评价", "rated by the reporter"),
        EventKind::ReviewAsked => Text::fixed("反映人申请复查", "review asked for"),
        EventKind::Claimed => Text::fixed("凭码领取奖励", "reward claimed by its code"),
        EventKind::Flagged => Text::fixed("列为重点件", "flagged as a key case"),
    }
}

/// A field's value for a reader: the name of a choice, yes or no in words.
pub(crate) fn shown(kind: &CaseKind, id: &str, value: &str) -> Text {
    let Some(field) = kind.field(id) else { return Text::new(value.to_owned(), value.to_owned()) };
    let choice = field.choices.iter().find(|choice| choice.id == value);
    match (field.form, choice, value) {
        (_, Some(choice), _) => choice.name.clone(),
        (FieldForm::YesNo, _, "yes") => Text::fixed("是", "yes"),
        (FieldForm::YesNo, _, "no") => Text::fixed("否", "no"),
        _ => Text::new(value.to_owned(), value.to_owned()),
    }
}

/// An official reply, filled. A personal field stays out of it.
pub(crate) fn reply(
    engine: &Engine,
    kind: &CaseKind,
    template: &Template,
    file: &File,
    note: &str,
    now: Timestamp,
) -> Text {
    let case = &file.case;
    let day = |at: Timestamp| crate::clocks::day_of(at).to_string();
    let fill = |language: Language| {
        let text = |text: Text| text.in_language(language).to_owned();
        template.fill(language, |place| match place {
            "number" => Some(case.number.clone()),
            "title" => Some(case.title.clone()),
            "kind" => Some(text(kind.name.clone())),
            "state" => kind.state(&case.state).map(|state| text(state.name.clone())),
            "unit" => Some(text(engine.unit_name(case.responsible))),
            "opened_on" => Some(day(case.opened_at)),
            "today" => Some(day(now)),
            "due_on" => {
                // A day ends at 24:00, which is 0:00 of the next.
                let last = case.due_at.map(|due| due - jiff::SignedDuration::from_millis(1));
                Some(last.map(day).unwrap_or_default())
            }
            "note" => Some(note.to_owned()),
            id => match kind.field(id) {
                Some(field) if !field.personal => {
                    let value = case.fields.get(id).map_or("", String::as_str);
                    Some(text(shown(kind, id, value)))
                }
                _ => Some(String::new()),
            },
        })
    };
    Text::new(fill(Language::Chinese), fill(Language::English))
}

/// Something that is told.
pub(crate) struct Telling<'a> {
    pub(crate) kind: &'a CaseKind,
    pub(crate) sequence: i64,
    pub(crate) what: Text,
    pub(crate) reply: Option<&'a Template>,
    pub(crate) note: &'a str,
    pub(crate) at: Timestamp,
}

/// Tells those whom a declaration names.
pub(crate) fn tell(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &File,
    told: &[Told],
    telling: &Telling<'_>,
) -> Result<(), CaseError> {
    let (case, sequence, at) = (&file.case, telling.sequence, telling.at);
    for one in told {
        match one {
            Told::Reporter => tell_reporters(engine, draft, file, telling)?,
            Told::Responsible => {
                for unit in case.responsible.iter().chain(&case.assisting) {
                    draft.tell(to_unit(*unit), file, sequence, at);
                }
            }
            Told::Assignee => {
                if let Some(user) = case.assignee {
                    draft.tell(to_user(user), file, sequence, at);
                }
            }
            Told::Enterprise => tell_enterprise(draft, file, sequence, at),
            Told::Watchers => {}
            Told::Leader => draft.tell(TO_LEADERS.to_owned(), file, sequence, at),
        }
    }
    tell_watchers(draft, file, sequence, at);
    Ok(())
}

/// Who watches a case is told of everything.
pub(crate) fn tell_watchers(draft: &mut Draft<'_>, file: &File, sequence: i64, at: Timestamp) {
    for user in draft.watchers(file.case.id).to_vec() {
        draft.tell(to_user(user), file, sequence, at);
    }
}

/// The enterprise is told once it sees the case.
fn tell_enterprise(draft: &mut Draft<'_>, file: &File, sequence: i64, at: Timestamp) {
    if let Some(code) = file.case.enterprise.as_ref().filter(|_| file.enterprise_sees) {
        draft.tell(to_enterprise(code), file, sequence, at);
    }
}

/// Tells the owner of a clock.
pub(crate) fn tell_owner(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &File,
    owner: Owner,
    sequence: i64,
    at: Timestamp,
) {
    let case = &file.case;
    match (owner, case.assignee, case.responsible) {
        (Owner::Enterprise, ..) => {
            tell_enterprise(draft, file, sequence, at);
            // The unit that waits for it is told as well.
            if let Some(unit) = case.responsible {
                draft.tell(to_unit(unit), file, sequence, at);
            }
        }
        (Owner::Reporter, ..) => {}
        (Owner::Leader, ..) => draft.tell(TO_LEADERS.to_owned(), file, sequence, at),
        (Owner::SuperiorUnit, ..) => {
            if let Some(unit) = engine.unit_above(case.responsible) {
                draft.tell(to_unit(unit), file, sequence, at);
            }
        }
        (Owner::Assignee, Some(user), _) => draft.tell(to_user(user), file, sequence, at),
        (Owner::Responsible | Owner::Assignee, assignee, unit) => {
            if let Some(user) = assignee {
                draft.tell(to_user(user), file, sequence, at);
            }
            match unit {
                Some(unit) => draft.tell(to_unit(unit), file, sequence, at),
                None => draft.tell(TO_LEADERS.to_owned(), file, sequence, at),
            }
        }
    }
    tell_watchers(draft, file, sequence, at);
}

/// The unit to which a clock goes up.
pub(crate) fn audience_of(engine: &Engine, to: EscalateTo, unit: Option<OrganisationId>) -> String {
    match to {
        EscalateTo::Leader => TO_LEADERS.to_owned(),
        EscalateTo::SuperiorUnit => {
            engine.unit_above(unit).map_or_else(|| TO_LEADERS.to_owned(), to_unit)
        }
    }
}

/// Tells the reporter of a case and those of all that were merged into it: each under the number
/// that they know.
fn tell_reporters(
    engine: &Engine,
    draft: &mut Draft<'_>,
    file: &File,
    telling: &Telling<'_>,
) -> Result<(), CaseError> {
    let mut own = vec![file.clone()];
    for merged in draft.merged_into(file.case.id) {
        let mut theirs = file.clone();
        theirs.case.number.clone_from(&merged.case.number);
        theirs.case.opened_at = merged.case.opened_at;
        theirs.case.id = merged.case.id;
        own.push(theirs);
    }
    for one in own {
        let Some(secret) = secret_of(engine, draft, one.case.id)? else { continue };
        let text = if let Some(template) = telling.reply {
            reply(engine, telling.kind, template, &one, telling.note, telling.at)
        } else {
            let (number, what) = (&one.case.number, &telling.what);
            Text::new(
                format!("您反映的事项 {number} 有新进展:{}。", what.zh),
                format!("Your case {number} has moved on: {}.", what.en),
            )
        };
        let key =
            format!("case-{}-{}-reporter-{}", file.case.id.0, telling.sequence, one.case.id.0);
        if let Some(message) = message(engine, &secret, &one.case.number, &text, key) {
            draft.rows.messages.push((message, telling.at));
        }
    }
    Ok(())
}

fn secret_of(engine: &Engine, draft: &Draft<'_>, id: CaseId) -> Result<Option<Secret>, CaseError> {
    draft.sealed(id).map(|sealed| engine.seal.reveal(id, &sealed.body)).transpose()
}

/// A message to a citizen by the way that they left and that is open: a text message, else an
/// e-mail.
fn message(
    engine: &Engine,
    secret: &Secret,
    number: &str,
    text: &Text,
    key: String,
) -> Option<Message> {
    let reporter = secret.reporter();
    if !reporter.phone.is_empty() && engine.outbox.offers(Channel::Sms) {
        return Some(Message {
            channel: Channel::Sms,
            to: reporter.phone,
            subject: String::new(),
            body: text.zh.to_string(),
            key,
        });
    }
    if !reporter.email.is_empty() && engine.outbox.offers(Channel::Email) {
        return Some(Message {
            channel: Channel::Email,
            to: reporter.email,
            subject: format!("{number} 办理进展 / progress"),
            body: format!("{}\n\n{}\n", text.zh, text.en),
            key,
        });
    }
    None
}
