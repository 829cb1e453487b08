//! Why a transition may not be taken, in words: what is in the way and how to get on.

use rulebook::Text;

use crate::model::{CaseKind, Transition, When};

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

pub(super) fn refused(code: &'static str, what: Text, cure: Text) -> Box<Refusal> {
    Box::new(Refusal { code, what, cure, missing: Vec::new() })
}

pub(super) fn wrong_state(kind: &CaseKind, state: &str, transition: &Transition) -> Box<Refusal> {
    let name = |id: &str| kind.state(id).map_or_else(|| Text::plain(id), |it| it.name.clone());
    let (now, wanted) = (name(state), list(transition.from.iter().map(|id| name(id))));
    refused(
        "case.wrong_state",
        Text::new(
            format!("当前状态为“{}”，不能“{}”", now.zh, transition.name.zh),
            format!("the case is “{}”, not open to “{}”", now.en, transition.name.en),
        ),
        Text::new(
            format!("该操作适用于：{}", wanted.zh),
            format!("it may be taken when the case is: {}", wanted.en),
        ),
    )
}

pub(super) fn no_such_transition(kind: &CaseKind, asked: &str) -> Box<Refusal> {
    refused(
        "case.no_such_transition",
        Text::new(
            format!("“{}”没有操作 {asked:?}", kind.name.zh),
            format!("{} has no transition {asked:?}", kind.id),
        ),
        Text::fixed("重新打开页面后再试", "open the page again and choose from its buttons"),
    )
}

pub(super) fn may_not_open(kind: &CaseKind) -> Box<Refusal> {
    refused(
        "case.may_not_open",
        Text::new(
            format!("无权登记“{}”", kind.name.zh),
            format!("not entitled to open: {}", kind.name.en),
        ),
        Text::fixed("请有权限的人员登记", "ask somebody with the role for it"),
    )
}

pub(super) fn lacking(kind: &CaseKind, missing: Vec<String>) -> Box<Refusal> {
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

pub(super) fn condition(kind: &CaseKind, transition: &Transition, when: &When) -> Box<Refusal> {
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

pub(super) fn unknown_state(state: &str) -> Box<Refusal> {
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
pub(super) fn list(texts: impl Iterator<Item = Text>) -> Text {
    let (zh, en): (Vec<String>, Vec<String>) =
        texts.map(|text| (text.zh.into_owned(), text.en.into_owned())).unzip();
    Text::new(zh.join("、"), en.join(", "))
}
