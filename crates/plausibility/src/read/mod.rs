//! Reads the file of a check: its shape, its words, and the line of everything that is wrong.

mod formula;

use declaration::{Codes, Entry, Problem, Reader};
use rulebook::Text;
use toml::de::DeValue;

use crate::entry::Key;
use crate::model::{AppliesTo, Check, Example, Parameter};
use crate::vocabulary::fields;
use crate::words::{Form, Severity, Source};

/// What may be wrong with the shape of a file.
const CODES: Codes = declaration::codes!("check");
const PAIRS: Text =
    Text::fixed("文字对照表 { 项 = \"值\" }", "a table of texts, { name = \"value\" }");
const FIELD: Text = Text::fixed("填报项", "field");

impl Check {
    /// Reads and checks a declaration; `file` is its name in messages.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of its lines; also an example that does not do what
    /// it is there for.
    pub fn load(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(file, text, CODES);
        let check = match toml::de::DeTable::parse(text) {
            Ok(table) => Some(check(&mut reader, table.get_ref())),
            Err(error) => {
                reader.syntax(&error);
                None
            }
        };
        let (mut problems, lines) = reader.finish();
        problems.sort_by_key(|problem| problem.line);
        match check {
            Some(check) if problems.is_empty() => {
                let problems = crate::example::problems(&check, &lines);
                if problems.is_empty() { Ok(check) } else { Err(problems) }
            }
            _ => Err(problems),
        }
    }
}

fn check(reader: &mut Reader<'_>, table: &toml::de::DeTable<'_>) -> Check {
    let mut top = Entry::top(table);
    let id = reader.required_string(&mut top, "id");
    let version = reader.required_whole(&mut top, "version");
    let name = reader.required_text(&mut top, "name");
    let severity = reader.required_word(&mut top, "severity").unwrap_or(Severity::Note);
    let what = reader.required_text(&mut top, "what");
    let why = reader.required_text(&mut top, "why");
    let cure = reader.required_text(&mut top, "cure");
    let applies_to = applies_to(reader, &mut top);
    let form = applies_to.form;
    let parameters = reader.entries(&mut top, "parameters", parameter);
    let while_positive = formula::operands(reader, &mut top, "while_positive", form);
    let while_zero = formula::operands(reader, &mut top, "while_zero", form);
    let while_missing = formula::operands(reader, &mut top, "while_missing", form);
    let unless = reader.strings(&mut top, "unless");
    let formula = formula::read(reader, &mut top, form, &parameters);
    let fires = example(reader, &mut top, "fires", form);
    let passes = example(reader, &mut top, "passes", form);
    reader.close(&top);
    Check {
        file: reader.file().to_owned(),
        id,
        version,
        name,
        severity,
        applies_to,
        while_positive,
        while_zero,
        while_missing,
        unless,
        formula,
        parameters,
        what,
        why,
        cure,
        fires,
        passes,
    }
}

fn applies_to(reader: &mut Reader<'_>, top: &mut Entry<'_>) -> AppliesTo {
    let mut applies = AppliesTo {
        form: Form::ExecutionReport,
        fields: Vec::new(),
        periods: Vec::new(),
        factors: Vec::new(),
        not_factors: Vec::new(),
    };
    let Some(mut entry) = reader.required_table(top, "applies_to") else { return applies };
    if let Some(form) = reader.required_word(&mut entry, "form") {
        applies.form = form;
    }
    applies.fields = reader.required_strings(&mut entry, "fields");
    applies.periods = reader.words(&mut entry, "periods");
    applies.factors = reader.strings(&mut entry, "factors");
    applies.not_factors = reader.strings(&mut entry, "not_factors");
    reader.close(&entry);
    let known: Vec<&str> = fields(applies.form).iter().map(|field| field.id).collect();
    for field in &applies.fields {
        if !known.contains(&field.as_str()) {
            not_there(reader, &entry, "fields", field, &FIELD, &known);
        }
    }
    applies
}

fn parameter(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Parameter {
    Parameter {
        id: reader.required_string(entry, "id"),
        value: reader.required_decimal(entry, "value").unwrap_or_default(),
        unit: reader.required_string(entry, "unit"),
        source: reader.required_word(entry, "source").unwrap_or(Source::House),
        basis: reader.required_text(entry, "basis"),
    }
}

fn example(reader: &mut Reader<'_>, top: &mut Entry<'_>, key: &'static str, form: Form) -> Example {
    let mut example = Example { key: Key::factor("DW001", "w01018"), ..Example::default() };
    let Some(mut entry) = reader.required_table(top, key) else { return example };
    if let Some(outlet) = reader.string(&mut entry, "outlet") {
        example.key.outlet = (outlet != "-").then_some(outlet);
    }
    if let Some(factor) = reader.string(&mut entry, "factor") {
        example.key.factor = Some(factor);
    }
    example.period = reader.string(&mut entry, "period");
    example.today = reader.string(&mut entry, "today");
    example.row = pairs(reader, &mut entry, "row");
    example.rows = pairs(reader, &mut entry, "rows");
    example.known = pairs(reader, &mut entry, "known");
    example.last_year = pairs(reader, &mut entry, "last_year");
    example.last = pairs(reader, &mut entry, "last");
    example.earlier = pairs(reader, &mut entry, "earlier");
    reader.close(&entry);
    let known: Vec<&str> = fields(form).iter().map(|field| field.id).collect();
    let named = [&example.row, &example.last_year, &example.last, &example.earlier];
    for (name, _) in named.into_iter().flatten() {
        let field = name.rsplit('/').next().unwrap_or(name);
        if !known.contains(&field) {
            not_there(reader, &entry, "row", field, &FIELD, &known);
        }
    }
    example
}

/// Says that something named is not there.
fn not_there(
    reader: &mut Reader<'_>,
    entry: &Entry<'_>,
    key: &str,
    named: &str,
    what: &Text,
    known: &[&str],
) {
    reader.problem(
        "check.not_there",
        entry.at(key),
        Text::new(
            format!("没有{}“{named}”", what.zh),
            format!("there is no {} {named:?}", what.en),
        ),
        Text::new(
            format!("可用的有：{}", known.join("、")),
            format!("write one of: {}", known.join(", ")),
        ),
    );
}

/// Every pair of a table of texts, or of lists of texts.
fn pairs(
    reader: &mut Reader<'_>,
    entry: &mut Entry<'_>,
    key: &'static str,
) -> Vec<(String, Vec<String>)> {
    let one = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
    let values = |value: &DeValue<'_>| match value.as_array() {
        Some(many) => many.iter().map(|it| one(it.get_ref())).collect(),
        None => one(value).map(|value| vec![value]),
    };
    let all = |value: &DeValue<'_>| {
        let pairs = value.as_table()?.iter();
        let pair = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = name.get_ref();
            Some((name.to_string(), values(value.get_ref())?))
        };
        pairs.map(pair).collect::<Option<Vec<_>>>()
    };
    reader.take(entry, key, &PAIRS, all).unwrap_or_default()
}
