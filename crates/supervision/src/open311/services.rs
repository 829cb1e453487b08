//! Services: what may be reported, made of the kinds of case that a citizen may open.

use super::answer::Element;
use crate::citizen::citizen_fields;
use caseflow::{CaseKind, Field, FieldForm};
use cases::Cases;
use rulebook::{Language, Text};
use std::sync::Arc;

/// Something that may be reported.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// Its code.
    pub(super) code: String,
    /// The kind of case that it opens.
    pub(super) kind: Arc<CaseKind>,
    /// The field and the choice that it stands for.
    pub(super) choice: Option<(String, String)>,
    /// What it is called.
    pub(super) name: Text,
}

/// All services, in the order of the declarations.
pub(super) fn services(cases: &Cases) -> Vec<Service> {
    let public = cases.kinds().iter().filter(|kind| kind.opens.public);
    public.flat_map(services_of).collect()
}

fn services_of(kind: &Arc<CaseKind>) -> Vec<Service> {
    let asked = asked(kind);
    let Some(field) = asked.iter().find(|field| field.form == FieldForm::Choice) else {
        let (code, name) = (kind.id.clone(), kind.name.clone());
        return vec![Service { code, kind: Arc::clone(kind), choice: None, name }];
    };
    let of_choice = |choice: &caseflow::Choice| Service {
        code: format!("{}-{}", kind.id, choice.id),
        kind: Arc::clone(kind),
        choice: Some((field.id.clone(), choice.id.clone())),
        name: choice.name.clone(),
    };
    field.choices.iter().map(of_choice).collect()
}

fn asked(kind: &CaseKind) -> Vec<&Field> {
    citizen_fields(kind).map(|(field, _)| field).collect()
}

impl Service {
    /// What a client asks beside the fixed arguments.
    pub(super) fn attributes(&self) -> Vec<&Field> {
        let own = self.choice.as_ref().map(|(field, _)| field.as_str());
        asked(&self.kind).into_iter().filter(|field| Some(field.id.as_str()) != own).collect()
    }

    /// Whether a field must be filled.
    pub(super) fn is_required(&self, field: &str) -> bool {
        self.kind.opens.needs.iter().any(|needed| needed == field)
    }

    /// A line of the list of services.
    pub(super) fn listed(&self, language: Language) -> Element {
        let say = |text: &Text| Element::text(text.in_language(language));
        Element::Parts(vec![
            ("service_code", Element::text(&*self.code)),
            ("service_name", say(&self.name)),
            ("description", say(&self.kind.purpose)),
            ("metadata", Element::Flag(!self.attributes().is_empty())),
            ("type", Element::text("realtime")),
            ("keywords", Element::text(format!("{}, {}", self.name.zh, self.name.en))),
            ("group", say(&self.kind.name)),
        ])
    }

    /// Its definition: the attributes.
    pub(super) fn definition(&self, language: Language) -> Element {
        let attributes = self.attributes();
        let attributes =
            (1_u32..).zip(attributes).map(|(order, field)| self.attribute(field, order, language));
        Element::Parts(vec![
            ("service_code", Element::text(&*self.code)),
            ("attributes", Element::List("attribute", attributes.collect())),
        ])
    }

    fn attribute(&self, field: &Field, order: u32, language: Language) -> Element {
        let say = |text: &Text| Element::text(text.in_language(language));
        let mut parts = vec![
            ("variable", Element::Flag(true)),
            ("code", Element::text(&*field.id)),
            ("datatype", Element::text(datatype(field.form))),
            ("required", Element::Flag(self.is_required(&field.id))),
            ("datatype_description", say(&field.help)),
            ("order", Element::Number(order.to_string())),
            ("description", say(&field.name)),
        ];
        let values = values(field, language);
        if !values.is_empty() {
            parts.push(("values", Element::List("value", values)));
        }
        Element::Parts(parts)
    }
}

fn values(field: &Field, language: Language) -> Vec<Element> {
    let value = |key: &str, name: &Text| {
        let name = Element::text(name.in_language(language));
        Element::Parts(vec![("key", Element::text(key)), ("name", name)])
    };
    if field.form == FieldForm::YesNo {
        return vec![
            value("yes", &Text::fixed("是", "yes")),
            value("no", &Text::fixed("否", "no")),
        ];
    }
    field.choices.iter().map(|choice| value(&choice.id, &choice.name)).collect()
}

const fn datatype(form: FieldForm) -> &'static str {
    match form {
        FieldForm::LongText => "text",
        FieldForm::Choice | FieldForm::YesNo => "singlevaluelist",
        FieldForm::Date => "datetime",
        FieldForm::Number | FieldForm::Money => "number",
        _ => "string",
    }
}
