//! Reads a declaration: the shape of the file, with the line of everything that is wrong.
//! What a sound shape means is checked in `check`.

use std::collections::BTreeSet;

use law::{Length, Unit};
use rulebook::{Confidence, Text};

use crate::model::{
    Basis, CaseKind, Choice, Clock, ClockLength, Escalation, Extension, Field, Needs, Opens, State,
    Template, Transition, When,
};
use crate::words::{EnterpriseSees, PublicView, Visibility, Who};
use declaration::{Codes, Entry, Problem, Reader};

/// What may be wrong with the shape of a file.
const CODES: Codes = declaration::codes!("case_kind");
/// The word that stands for every clock that is no right.
const ALL_CLOCKS: &str = "all";
/// The word that stands for the state in which the case is.
const SAME_STATE: &str = "same";

impl CaseKind {
    /// Reads a declaration and checks it: a kind that may be used.
    ///
    /// # Errors
    /// Everything that [`CaseKind::parse`] or [`CaseKind::check`] finds wrong.
    ///
    /// # Example
    /// ```
    /// use caseflow::CaseKind;
    /// let problems = CaseKind::load("well.toml", "id = \"well\"\nversion = -1").unwrap_err();
    /// let version = problems.iter().find(|problem| problem.place == "version").unwrap();
    /// assert_eq!(version.line, Some(2));
    /// assert_eq!(version.what.en, "must be a whole number that is not negative");
    /// ```
    pub fn load(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let kind = Self::parse(file, text)?;
        let problems = kind.check();
        if problems.is_empty() { Ok(kind) } else { Err(problems) }
    }

    /// Reads a declaration; `file` is its name in messages.
    ///
    /// # Errors
    /// Everything in the shape of the file that is wrong, in the order of its lines.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(file, text, CODES);
        let kind = match toml::de::DeTable::parse(text) {
            Ok(table) => Some(kind(&mut reader, table.get_ref())),
            Err(error) => {
                reader.syntax(&error);
                None
            }
        };
        let (mut problems, lines) = reader.finish();
        problems.sort_by_key(|problem| problem.line);
        match kind {
            Some(kind) if problems.is_empty() => Ok(Self { text: text.to_owned(), lines, ..kind }),
            _ => Err(problems),
        }
    }
}

fn kind(reader: &mut Reader<'_>, table: &toml::de::DeTable<'_>) -> CaseKind {
    let mut top = Entry::top(table);
    let mut kind = CaseKind {
        file: reader.file().to_owned(),
        text: String::new(),
        id: reader.required_string(&mut top, "id"),
        version: reader.required_whole(&mut top, "version"),
        prefix: reader.required_string(&mut top, "prefix"),
        name: reader.required_text(&mut top, "name"),
        purpose: reader.required_text(&mut top, "purpose"),
        legal_basis: reader.entries(&mut top, "legal_basis", basis),
        opens: opens(reader, &mut top),
        enterprise_sees: reader.word(&mut top, "enterprise_sees").unwrap_or(EnterpriseSees::Never),
        public_view: reader.word(&mut top, "public_view").unwrap_or(PublicView::None),
        initial: reader.required_string(&mut top, "initial"),
        fields: reader.entries(&mut top, "fields", field),
        states: reader.entries(&mut top, "states", state),
        transitions: reader.entries(&mut top, "transitions", transition),
        clocks: reader.entries(&mut top, "clocks", clock),
        templates: reader.entries(&mut top, "templates", template),
        lines: std::collections::BTreeMap::new(),
    };
    reader.close(&top);
    spell_out(&mut kind);
    kind
}

/// Writes out what `all` stands for.
fn spell_out(kind: &mut CaseKind) {
    let duties: Vec<String> =
        kind.clocks.iter().filter(|clock| !clock.is_right).map(|clock| clock.id.clone()).collect();
    for transition in &mut kind.transitions {
        if transition.stops.iter().any(|id| id == ALL_CLOCKS) {
            let named: BTreeSet<String> = transition.stops.drain(..).collect();
            let rights = named.into_iter().filter(|id| id != ALL_CLOCKS && !duties.contains(id));
            transition.stops = duties.iter().cloned().chain(rights).collect();
        }
    }
}

fn basis(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Basis {
    Basis {
        text: reader.required_text(entry, "text"),
        source: reader.required_string(entry, "source"),
        confidence: reader.required_word(entry, "confidence").unwrap_or(Confidence::Unknown),
    }
}

fn opens(reader: &mut Reader<'_>, top: &mut Entry<'_>) -> Opens {
    let Some(mut entry) = reader.required_table(top, "opens") else {
        return Opens {
            by: String::new(),
            roles: Vec::new(),
            public: false,
            system: false,
            needs: Vec::new(),
            may_fill: Vec::new(),
            tells: Vec::new(),
            template: None,
        };
    };
    let opens = Opens {
        by: reader.required_string(&mut entry, "by"),
        roles: reader.strings(&mut entry, "roles"),
        public: reader.yes(&mut entry, "public"),
        system: reader.yes(&mut entry, "system"),
        needs: reader.strings(&mut entry, "needs"),
        may_fill: reader.strings(&mut entry, "may_fill"),
        tells: reader.words(&mut entry, "tells"),
        template: reader.string(&mut entry, "template"),
    };
    reader.close(&entry);
    opens
}

fn field(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Field {
    Field {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        form: reader.required_word(entry, "form").unwrap_or(crate::FieldForm::Text),
        choices: reader.entries(entry, "choices", choice),
        help: reader.text(entry, "help").unwrap_or_default(),
        public: reader.yes(entry, "public"),
        enterprise: reader.yes(entry, "enterprise"),
        reporter: reader.yes(entry, "reporter"),
        personal: reader.yes(entry, "personal"),
    }
}

fn choice(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Choice {
    Choice {
        id: reader.required_string(entry, "id"),
        name: Text::new(reader.required_string(entry, "zh"), reader.required_string(entry, "en")),
    }
}

fn state(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> State {
    State {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        meaning: reader.required_text(entry, "meaning"),
        is_final: reader.yes(entry, "final"),
        is_good: reader.boolean(entry, "good"),
    }
}

fn transition(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Transition {
    let to = reader.required_string(entry, "to");
    let who = reader.required_word(entry, "who").unwrap_or(Who::Any);
    let by = match who {
        Who::Reporter | Who::System => reader.string(entry, "by").unwrap_or_default(),
        _ => reader.required_string(entry, "by"),
    };
    Transition {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        from: reader.strings(entry, "from"),
        to: (to != SAME_STATE).then_some(to),
        by,
        roles: reader.strings(entry, "roles"),
        who,
        needs: needs(reader, entry),
        may_fill: reader.strings(entry, "may_fill"),
        only_when: reader.entries(entry, "only_when", when),
        starts: reader.strings(entry, "starts"),
        stops: reader.strings(entry, "stops"),
        suspends: reader.strings(entry, "suspends"),
        resumes: reader.strings(entry, "resumes"),
        extends: reader.entries(entry, "extends", extension),
        shares_with_enterprise: reader.yes(entry, "shares_with_enterprise"),
        publishes: reader.yes(entry, "publishes"),
        issues_claim_code: reader.yes(entry, "issues_claim_code"),
        tells: reader.words(entry, "tells"),
        template: reader.string(entry, "template"),
        visibility: reader.word(entry, "visibility").unwrap_or(Visibility::Internal),
    }
}

fn needs(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Needs {
    let Some(mut entry) = reader.table(entry, "needs") else { return Needs::default() };
    let needs = Needs {
        fields: reader.strings(&mut entry, "fields"),
        note: reader.yes(&mut entry, "note"),
        evidence: reader.whole(&mut entry, "evidence").unwrap_or(0),
        unit: reader.yes(&mut entry, "unit"),
        assignee: reader.yes(&mut entry, "assignee"),
        another_than: reader.strings(&mut entry, "another_than"),
        link: reader.word(&mut entry, "link"),
        running: reader.strings(&mut entry, "running"),
        over: reader.strings(&mut entry, "over"),
    };
    reader.close(&entry);
    needs
}

fn when(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> When {
    When { field: reader.required_string(entry, "field"), is: reader.strings(entry, "is") }
}

fn extension(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Extension {
    Extension {
        clock: reader.required_string(entry, "clock"),
        length: clock_length(reader, entry, false),
        at_most: reader.required_whole(entry, "at_most"),
    }
}

fn clock(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Clock {
    Clock {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        length: clock_length(reader, entry, true),
        starts_at_open: reader.choice_of(entry, "starts", &["transition", "open"]) == Some("open"),
        only_when: reader.entries(entry, "only_when", when),
        owner: reader.required_word(entry, "owner").unwrap_or(crate::Owner::Responsible),
        rolls: reader.yes(entry, "rolls"),
        is_right: reader.yes(entry, "right"),
        overdue: reader.required_text(entry, "overdue"),
        warn: reader.entries(entry, "warn", length),
        escalate: reader.entries(entry, "escalate", escalation),
    }
}

/// A row of the table of deadlines, or an amount with its source, or a field with a day.
fn clock_length(reader: &mut Reader<'_>, entry: &mut Entry<'_>, may_be_field: bool) -> ClockLength {
    let deadline = reader.string(entry, "deadline");
    let field = may_be_field.then(|| reader.string(entry, "until_field")).flatten();
    let has_amount = entry.has("amount");
    match (deadline, field, has_amount) {
        (Some(id), None, false) => ClockLength::Deadline(id),
        (None, Some(id), false) => ClockLength::UntilField(id),
        (None, None, true) => ClockLength::Stated {
            length: length(reader, entry),
            source: reader.required_string(entry, "source"),
            confidence: reader.required_word(entry, "confidence").unwrap_or(Confidence::Unknown),
        },
        _ => {
            let keys = ["amount", "unit", "source", "confidence"];
            for key in keys {
                entry.know(key);
            }
            no_length(reader, entry);
            ClockLength::Deadline(String::new())
        }
    }
}

fn length(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Length {
    let amount = reader.required_whole(entry, "amount");
    Length::new(amount, reader.required_word(entry, "unit").unwrap_or(Unit::CalendarDay))
}

fn escalation(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Escalation {
    let after = reader.required_table(entry, "after").map(|mut inner| {
        let after = length(reader, &mut inner);
        reader.close(&inner);
        after
    });
    Escalation {
        after: after.unwrap_or(Length::new(0, Unit::Hour)),
        to: reader.required_word(entry, "to").unwrap_or(crate::EscalateTo::Leader),
    }
}

fn template(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Template {
    Template {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        text: Text::new(reader.required_string(entry, "zh"), reader.required_string(entry, "en")),
    }
}

/// Says that a clock has no length, or more than one.
fn no_length(reader: &mut Reader<'_>, entry: &Entry<'_>) {
    reader.problem(
        "case_kind.length",
        entry.place().to_owned(),
        Text::fixed("期限长度应当有且只有一种写法", "its length must be said in exactly one way"),
        Text::fixed(
            "写 deadline（法定期限表中的编号），或 amount、unit、source、confidence，或 until_field",
            "write `deadline` (a row of the table of deadlines), or `amount`, `unit`, `source` and \
             `confidence`, or `until_field`",
        ),
    );
}
