//! Reads the files of a plan: their shape, with the line of everything that is wrong. What a sound
//! shape means is checked in `check`.

use declaration::{Codes, Entry, Problem, Reader};
use jiff::civil::Date;
use rulebook::Text;

use crate::indicator::definition;
use crate::model::{Chapter, Due, Duty, Everyone, Head, Measure, Module, Plan, SetClock, Target};
use crate::words::{Binding, Operator, Rhythm};

/// What may be wrong with the shape of a file.
pub(crate) const CODES: Codes = declaration::codes!("plan");
const DUE_RULES: [&str; 4] = ["end_of_period", "days_after_period", "on_day", "open"];

impl Plan {
    /// Reads the files of a plan, given as names and texts; each may hold any of its parts.
    ///
    /// # Errors
    /// Everything in the shape of the files that is wrong.
    ///
    /// # Example
    /// ```
    /// use plan::Plan;
    /// let text = "[[measures]]\nnumber = \"one\"";
    /// let problems = Plan::parse(&[("plan.toml".into(), text.into())]).unwrap_err();
    /// let number = problems.iter().find(|problem| problem.place.ends_with("number")).unwrap();
    /// assert_eq!(number.line, Some(2));
    /// assert_eq!(number.what.en, "must be a whole number that is not negative");
    /// ```
    pub fn parse(files: &[(String, String)]) -> Result<Self, Vec<Problem>> {
        let (mut plan, mut problems) = (Self::default(), Vec::new());
        for (file, text) in files {
            let mut reader = Reader::new(file, text, CODES);
            match toml::de::DeTable::parse(text) {
                Ok(table) => part(&mut reader, table.get_ref(), &mut plan),
                Err(error) => reader.syntax(&error),
            }
            let (mut wrong, lines) = reader.finish();
            wrong.sort_by_key(|problem| problem.line);
            problems.append(&mut wrong);
            for (place, line) in lines {
                plan.lines.entry(place).or_insert_with(|| (file.clone(), line));
            }
        }
        plan.measures.sort_by_key(|measure| measure.number);
        plan.chapters.sort_by_key(|chapter| chapter.number);
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }
}

fn part(reader: &mut Reader<'_>, table: &toml::de::DeTable<'_>, plan: &mut Plan) {
    let mut top = Entry::top(table);
    if top.has("plan") {
        plan.head = head(reader, &mut top);
    }
    plan.chapters.extend(reader.entries(&mut top, "chapters", |reader, entry| Chapter {
        number: reader.required_whole(entry, "number"),
        title: reader.required_text(entry, "title"),
    }));
    plan.measures.extend(reader.entries(&mut top, "measures", measure));
    plan.targets.extend(reader.entries(&mut top, "targets", target));
    plan.duties.extend(reader.entries(&mut top, "duties", duty));
    plan.clocks.extend(reader.entries(&mut top, "clocks", clock));
    plan.indicators.extend(reader.entries(&mut top, "indicators", definition));
    reader.close(&top);
}

fn head(reader: &mut Reader<'_>, top: &mut Entry<'_>) -> Head {
    let Some(mut entry) = reader.required_table(top, "plan") else { return Head::default() };
    let head = Head {
        title: reader.required_text(&mut entry, "title"),
        number: reader.string(&mut entry, "number"),
        date: reader.required_day(&mut entry, "date"),
        issued_by: reader.required_text(&mut entry, "issued_by"),
        source: reader.required_string(&mut entry, "source"),
        years: (year(reader, &mut entry, "first_year"), year(reader, &mut entry, "last_year")),
        lead_rule: reader.required_text(&mut entry, "lead_rule"),
        everyone: everyone(reader, &mut entry),
    };
    reader.close(&entry);
    head
}

fn year(reader: &mut Reader<'_>, entry: &mut Entry<'_>, key: &'static str) -> i16 {
    i16::try_from(reader.required_whole(entry, key)).unwrap_or(i16::MAX)
}

fn everyone(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Option<Everyone> {
    let mut inner = reader.table(entry, "everyone")?;
    let everyone = Everyone {
        kinds: reader.strings(&mut inner, "kinds"),
        text: reader.required_text(&mut inner, "text"),
        source: reader.required_string(&mut inner, "source"),
    };
    reader.close(&inner);
    Some(everyone)
}

fn measure(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Measure {
    Measure {
        number: reader.required_whole(entry, "number"),
        chapter: reader.required_whole(entry, "chapter"),
        title: reader.required_text(entry, "title"),
        summary: reader.required_text(entry, "summary"),
        lead: reader.strings(entry, "lead"),
        assisting: reader.strings(entry, "assisting"),
        indicators: reader.strings(entry, "indicators"),
        modules: reader.entries(entry, "modules", |reader, entry| Module {
            path: reader.required_string(entry, "path"),
            title: Text::new(
                reader.required_string(entry, "zh"),
                reader.required_string(entry, "en"),
            ),
        }),
        not_in_software: reader.text(entry, "not_in_software"),
    }
}

fn target(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Target {
    Target {
        id: reader.required_string(entry, "id"),
        indicator: reader.required_string(entry, "indicator"),
        year: year(reader, entry, "year"),
        operator: reader.required_word(entry, "operator").unwrap_or(Operator::Equals),
        value: reader.decimal(entry, "value"),
        decided_by: reader.text(entry, "decided_by"),
        binding: reader.required_word(entry, "binding").unwrap_or(Binding::Unstated),
        stated: reader.required_text(entry, "stated"),
        measures: reader.wholes(entry, "measures"),
    }
}

fn duty(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Duty {
    Duty {
        id: reader.required_string(entry, "id"),
        measure: reader.required_whole(entry, "measure"),
        title: reader.required_text(entry, "title"),
        rhythm: reader.required_word(entry, "rhythm").unwrap_or(Rhythm::Once),
        due: due(reader, entry),
        who: reader.strings(entry, "who"),
        proof: reader.words(entry, "proof"),
    }
}

fn clock(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> SetClock {
    SetClock {
        duty: reader.required_string(entry, "duty"),
        due: due(reader, entry),
        valid_from: reader.required_day(entry, "valid_from"),
    }
}

fn due(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Due {
    let open = || Due::Open { decided_by: Text::default() };
    let Some(mut inner) = reader.required_table(entry, "due") else { return open() };
    let due = match reader.required_choice(&mut inner, "rule", &DUE_RULES) {
        Some("end_of_period") => {
            Due::EndOfPeriod { source: reader.required_string(&mut inner, "source") }
        }
        Some("days_after_period") => Due::DaysAfterPeriod {
            days: reader.required_whole(&mut inner, "days"),
            source: reader.required_string(&mut inner, "source"),
        },
        Some("on_day") => Due::OnDay {
            day: reader.required_day(&mut inner, "day"),
            source: reader.required_string(&mut inner, "source"),
        },
        Some("open") => Due::Open { decided_by: reader.required_text(&mut inner, "decided_by") },
        _ => return open(),
    };
    reader.close(&inner);
    due
}

/// The first and last day that a plan may speak of.
pub(crate) fn is_a_year(year: i16) -> bool {
    (1949..=2100).contains(&year)
}

/// Whether a day was written.
pub(crate) fn is_written(day: Date) -> bool {
    day != Date::default()
}
