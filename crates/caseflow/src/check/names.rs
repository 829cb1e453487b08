//! Names: well formed, each once, and every one that is used declared.

use std::collections::BTreeSet;

use rulebook::Text;

use super::{Checker, at_transition};
use crate::model::{Field, Transition, When};
use crate::template::PLACES;
use crate::value::check_value;
use crate::words::FieldForm;

/// The letters that a prefix may have.
const PREFIX_LETTERS_MAX: usize = 6;

pub(super) fn check(checker: &mut Checker<'_>) {
    heads(checker);
    ids(checker);
    for field in &checker.kind.fields {
        choices(checker, field);
    }
    opening(checker);
    for transition in &checker.kind.transitions {
        references(checker, transition);
    }
    for clock in &checker.kind.clocks {
        conditions(checker, &format!("clocks.{}.only_when", clock.id), &clock.only_when);
    }
    templates(checker);
    unused(checker);
}

fn heads(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    let prefix = kind.prefix.as_str();
    let letters = prefix.bytes().all(|byte| byte.is_ascii_uppercase());
    if !letters || prefix.is_empty() || prefix.len() > PREFIX_LETTERS_MAX {
        checker.report(
            "case_kind.prefix",
            "prefix",
            Text::new(format!("{prefix:?} 不能作编号前缀"), format!("{prefix:?} is no prefix")),
            Text::fixed("用 1 至 6 个大写拉丁字母，如 TS", "write 1 to 6 capital letters, as TS"),
        );
    }
    if kind.version == 0 {
        checker.report(
            "case_kind.version",
            "version",
            Text::fixed("版本从 1 开始", "versions begin at 1"),
            Text::fixed("写 version = 1", "write version = 1"),
        );
    }
    if kind.state(&kind.initial).is_none() {
        let known = ids_of(kind.states.iter().map(|state| &state.id));
        checker.unknown("initial", &kind.initial, STATE, &known);
    }
}

const STATE: (&str, &str) = ("状态", "state");
const FIELD: (&str, &str) = ("字段", "field");
const CLOCK: (&str, &str) = ("期限", "clock");
const TEMPLATE: (&str, &str) = ("模板", "template");
const TRANSITION: (&str, &str) = ("操作", "transition");

fn ids_of<'kind>(ids: impl Iterator<Item = &'kind String>) -> Vec<&'kind str> {
    ids.map(String::as_str).collect()
}

fn ids(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    let mut all = vec![(String::new(), vec![&kind.id])];
    for (folder, ids) in [
        ("fields", kind.fields.iter().map(|it| &it.id).collect::<Vec<_>>()),
        ("states", kind.states.iter().map(|it| &it.id).collect()),
        ("transitions", kind.transitions.iter().map(|it| &it.id).collect()),
        ("clocks", kind.clocks.iter().map(|it| &it.id).collect()),
        ("templates", kind.templates.iter().map(|it| &it.id).collect()),
    ] {
        all.push((format!("{folder}."), ids));
    }
    for (folder, ids) in all {
        let mut seen = BTreeSet::new();
        for id in ids {
            let place = if folder.is_empty() { "id".to_owned() } else { format!("{folder}{id}") };
            if !is_id(id) {
                checker.report(
                    "case_kind.id",
                    &place,
                    Text::new(format!("{id:?} 不能作标识"), format!("{id:?} is no identifier")),
                    Text::fixed(
                        "用小写拉丁字母、数字和下划线，以字母开头",
                        "write small letters, digits and _, a letter first",
                    ),
                );
            }
            if !seen.insert(id) {
                checker.report(
                    "case_kind.twice",
                    &place,
                    Text::new(format!("{id} 出现两次"), format!("{id} is declared twice")),
                    Text::fixed("改名或删去一处", "rename or remove one of them"),
                );
            }
        }
    }
}

fn is_id(id: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let reserved = matches!(id, "all" | "same");
    id.len() <= 60
        && !reserved
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.bytes().all(rest)
}

fn choices(checker: &mut Checker<'_>, field: &Field) {
    let place = format!("fields.{}.choices", field.id);
    let is_choice = field.form == FieldForm::Choice;
    if is_choice == field.choices.is_empty() {
        let (what, cure) = if is_choice {
            (
                Text::fixed("选项字段没有选项", "a choice without choices"),
                Text::fixed("写 choices", "write `choices`"),
            )
        } else {
            (
                Text::fixed("只有选项字段可有选项", "only a choice has choices"),
                Text::fixed(
                    "改为 form = \"choice\" 或删去",
                    "write form = \"choice\" or remove them",
                ),
            )
        };
        checker.report("case_kind.choices", &place, what, cure);
    }
    let mut seen = BTreeSet::new();
    for choice in &field.choices {
        if !seen.insert(&choice.id) {
            checker.report(
                "case_kind.twice",
                &place,
                Text::new(
                    format!("选项 {} 出现两次", choice.id),
                    format!("choice {} is declared twice", choice.id),
                ),
                Text::fixed("改名或删去一处", "rename or remove one of them"),
            );
        }
    }
}

pub(super) fn fields(checker: &mut Checker<'_>, place: &str, ids: &[String]) {
    let known = ids_of(checker.kind.fields.iter().map(|field| &field.id));
    for id in ids.iter().filter(|id| !known.contains(&id.as_str())) {
        checker.unknown(place, id, FIELD, &known);
    }
}

fn clocks(checker: &mut Checker<'_>, place: &str, ids: &[String]) {
    let known = ids_of(checker.kind.clocks.iter().map(|clock| &clock.id));
    for id in ids.iter().filter(|id| !known.contains(&id.as_str())) {
        checker.unknown(place, id, CLOCK, &known);
    }
}

fn template(checker: &mut Checker<'_>, place: &str, id: Option<&String>) {
    let known = ids_of(checker.kind.templates.iter().map(|template| &template.id));
    if let Some(id) = id.filter(|id| !known.contains(&id.as_str())) {
        checker.unknown(place, id, TEMPLATE, &known);
    }
}

fn opening(checker: &mut Checker<'_>) {
    let opens = &checker.kind.opens;
    fields(checker, "opens.needs", &opens.needs);
    fields(checker, "opens.may_fill", &opens.may_fill);
    template(checker, "opens.template", opens.template.as_ref());
}

fn references(checker: &mut Checker<'_>, transition: &Transition) {
    let at = |key: &str| format!("{}.{key}", at_transition(&transition.id));
    let kind = checker.kind;
    let states = ids_of(kind.states.iter().map(|state| &state.id));
    if transition.from.is_empty() {
        checker.report(
            "case_kind.from",
            &at("from"),
            Text::fixed("没有说明在哪些状态可以办理", "says no state in which it may be taken"),
            Text::fixed("写 from = [\"…\"]", "write from = [\"…\"]"),
        );
    }
    for id in transition.from.iter().filter(|id| !states.contains(&id.as_str())) {
        checker.unknown(&at("from"), id, STATE, &states);
    }
    if let Some(id) = transition.to.as_deref().filter(|id| !states.contains(id)) {
        checker.unknown(&at("to"), id, STATE, &states);
    }
    let needs = &transition.needs;
    fields(checker, &at("needs.fields"), &needs.fields);
    fields(checker, &at("may_fill"), &transition.may_fill);
    for (key, ids) in [
        ("starts", &transition.starts),
        ("stops", &transition.stops),
        ("suspends", &transition.suspends),
        ("resumes", &transition.resumes),
        ("needs.running", &needs.running),
        ("needs.over", &needs.over),
    ] {
        clocks(checker, &at(key), ids);
    }
    let others = ids_of(kind.transitions.iter().map(|transition| &transition.id));
    for id in needs.another_than.iter().filter(|id| !others.contains(&id.as_str())) {
        checker.unknown(&at("needs.another_than"), id, TRANSITION, &others);
    }
    for extension in &transition.extends {
        clocks(checker, &at("extends"), std::slice::from_ref(&extension.clock));
    }
    template(checker, &at("template"), transition.template.as_ref());
    conditions(checker, &at("only_when"), &transition.only_when);
    twice(checker, transition);
}

/// One clock in two of the lists of a transition.
fn twice(checker: &mut Checker<'_>, transition: &Transition) {
    let lists = [
        ("starts", &transition.starts),
        ("suspends", &transition.suspends),
        ("resumes", &transition.resumes),
    ];
    for (index, (key, ids)) in lists.iter().enumerate() {
        for id in *ids {
            let other = lists[index + 1..].iter().find(|(_, others)| others.contains(id));
            let Some((other, _)) = other else { continue };
            checker.report(
                "case_kind.contradiction",
                &format!("{}.{key}", at_transition(&transition.id)),
                Text::new(
                    format!("期限 {id} 同时出现在 {key} 和 {other}"),
                    format!("clock {id} stands in both {key} and {other}"),
                ),
                Text::fixed("只保留一处", "keep one of them"),
            );
        }
    }
}

fn conditions(checker: &mut Checker<'_>, place: &str, all: &[When]) {
    for when in all {
        fields(checker, place, std::slice::from_ref(&when.field));
        let Some(field) = checker.kind.field(&when.field) else { continue };
        let wrong =
            when.is.iter().find(|value| !value.is_empty() && check_value(field, value).is_err());
        let what = match wrong {
            Some(value) => Text::new(
                format!("字段 {} 不会是 {value:?}", field.id),
                format!("field {} is never {value:?}", field.id),
            ),
            None if when.is.is_empty() => {
                Text::fixed("没有写任何值，条件永远不成立", "names no value, so it never holds")
            }
            None => continue,
        };
        let values: Vec<&str> = field.choices.iter().map(|choice| choice.id.as_str()).collect();
        checker.report(
            "case_kind.condition",
            place,
            what,
            Text::new(
                format!("写 is = [\"…\"]，可用：{}", values.join("、")),
                format!("write is = [\"…\"] with values of the field: {}", values.join(", ")),
            ),
        );
    }
}

fn templates(checker: &mut Checker<'_>) {
    for template in &checker.kind.templates {
        let place = format!("templates.{}", template.id);
        for name in template.places() {
            let field = checker.kind.field(name);
            let known = PLACES.iter().any(|(known, _)| *known == name) || field.is_some();
            if !known {
                let known: Vec<&str> = PLACES.iter().map(|(name, _)| *name).collect();
                checker.unknown(&place, name, ("可填项", "place to fill"), &known);
            }
            if field.is_some_and(|field| field.personal) {
                checker.report(
                    "case_kind.personal",
                    &place,
                    Text::new(format!("答复含个人信息 {name}"), format!("holds personal {name}")),
                    Text::fixed("答复中不写个人信息", "leave personal data out of replies"),
                );
            }
        }
    }
}

fn unused(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    for field in &kind.fields {
        let at_open =
            kind.opens.needs.contains(&field.id) || kind.opens.may_fill.contains(&field.id);
        if !at_open && !kind.transitions.iter().any(|it| it.takes_field(&field.id)) {
            checker.report(
                "case_kind.unused",
                &format!("fields.{}", field.id),
                Text::fixed("没有任何环节可以填写", "nothing lets anybody fill it in"),
                Text::fixed(
                    "写入某个操作的 needs.fields 或 may_fill，或删去",
                    "name it in needs.fields or may_fill of a transition, or remove it",
                ),
            );
        }
    }
    for template in &kind.templates {
        let used = |id: Option<&String>| id == Some(&template.id);
        let at_open = used(kind.opens.template.as_ref());
        if !at_open && !kind.transitions.iter().any(|it| used(it.template.as_ref())) {
            checker.report(
                "case_kind.unused",
                &format!("templates.{}", template.id),
                Text::fixed("没有任何操作使用", "no transition uses it"),
                Text::fixed(
                    "写入某个操作的 template，或删去",
                    "name it in a transition, or remove it",
                ),
            );
        }
    }
}
