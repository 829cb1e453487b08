//! The configuration file: TOML, checked key by key, every complaint with its line.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Form, KEYS, Key, find};

/// A value found in the file.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Something wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) line: usize,
    pub(super) code: &'static str,
    pub(super) what: String,
    pub(super) cure: String,
}

/// Reads the text of a file into values by key, or says everything that is wrong with it.
pub(super) fn read(text: &str) -> Result<BTreeMap<&'static str, Found>, Vec<Complaint>> {
    let document = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let what = error.message().to_owned();
        let cure = "See https://toml.io for the form of the file.".to_owned();
        vec![Complaint { line, code: "configuration.form", what, cure }]
    })?;
    let mut reading = Reading { text, found: BTreeMap::new(), complaints: Vec::new() };
    reading.table("", document.get_ref());
    if reading.complaints.is_empty() { Ok(reading.found) } else { Err(reading.complaints) }
}

struct Reading<'a> {
    text: &'a str,
    found: BTreeMap<&'static str, Found>,
    complaints: Vec<Complaint>,
}

impl Reading<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let full = match prefix {
                "" => name.get_ref().to_string(),
                prefix => format!("{prefix}.{}", name.get_ref()),
            };
            let line = line_of(self.text, name.span().start);
            match value.get_ref() {
                DeValue::Table(inner) if is_section(&full) => self.table(&full, inner),
                _ => self.value(&full, line, value),
            }
        }
    }

    fn value(&mut self, name: &str, line: usize, value: &Spanned<DeValue<'_>>) {
        let Some(key) = find(name) else {
            let cure = match nearest(name) {
                Some(near) => format!("Did you mean {near}? "),
                None => String::new(),
            };
            self.complaints.push(Complaint {
                line,
                code: "configuration.unknown_key",
                what: format!("there is no setting {name}"),
                cure: format!("{cure}`lucid config show --explain` lists all settings."),
            });
            return;
        };
        match plain(key, value.get_ref()).and_then(|text| check(key, &text).map(|()| text)) {
            Ok(text) => {
                self.found.insert(key.name, Found { text, line });
            }
            Err(what) => self.complaints.push(Complaint {
                line,
                code: "configuration.value",
                what: format!("{name}: {what}"),
                cure: format!("It is a {}, for example {}.", key.form.describe(), key.example),
            }),
        }
    }
}

fn plain(key: &Key, value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) if !key.form.is_number() => Ok(text.to_string()),
        DeValue::Integer(number) if key.form.is_number() => Ok(number.to_string()),
        DeValue::String(_) => Err("a number is wanted, without quotes".into()),
        DeValue::Integer(_) => Err("a text is wanted, in quotes".into()),
        _ => Err("neither a list, a table, a date nor true or false is wanted".into()),
    }
}

/// Whether a text has the form of its key.
pub(super) fn check(key: &Key, text: &str) -> Result<(), String> {
    match key.form {
        Form::Folder if text.is_empty() => Err("is empty".into()),
        Form::Folder | Form::File | Form::Text => Ok(()),
        Form::Address => match text.parse::<std::net::SocketAddr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("{text:?} is no ADDRESS:PORT")),
        },
        Form::Database => {
            let known = ["sqlite:", "postgres://", "postgresql://"];
            if text.is_empty() || known.iter().any(|scheme| text.starts_with(scheme)) {
                return Ok(());
            }
            Err("it begins with neither sqlite: nor postgres://".into())
        }
        Form::Count(least, most) => match text.replace('_', "").parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(()),
            Ok(number) => Err(format!("{number} is not between {least} and {most}")),
            Err(_) => Err(format!("{text:?} is no whole number")),
        },
        Form::Choice(words) if words.contains(&text) => Ok(()),
        Form::Choice(_) => Err(format!("{text:?} is none of the words")),
    }
}

fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

fn line_of(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1
}

/// The setting that was probably meant.
fn nearest(name: &str) -> Option<&'static str> {
    let last = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
    let distances = KEYS.iter().map(|key| {
        let whole = distance(name, key.name);
        (whole.min(distance(&last(name), &last(key.name)) + 1), key.name)
    });
    distances.min().filter(|(distance, _)| *distance <= 3).map(|(_, name)| name)
}

/// How many letters differ (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_with_their_lines() {
        let text = "# city\ncity = \"x\"\n\n[http]\nlisten = \"127.0.0.1:81\"\n\
                    [hj212]\nidle_timeout_s = 60\n";
        let found = read(text).unwrap();
        assert_eq!((found["city"].text.as_str(), found["city"].line), ("x", 2));
        assert_eq!(found["http.listen"].line, 5);
        assert_eq!(found["hj212.idle_timeout_s"].text, "60");
    }

    #[test]
    fn every_complaint_names_line_and_cure() {
        let text = "citty = \"x\"\n[http]\nlisten = 8080\n[hj212]\nmax_connections = \"many\"\n\
                    idle_timeout_s = 1\n[log]\nform = \"xml\"\n[nothing]\na = 1\n";
        let mut complaints = read(text).unwrap_err();
        complaints.sort_by_key(|complaint| complaint.line);
        let found: Vec<_> =
            complaints.iter().map(|found| (found.line, found.code, found.what.as_str())).collect();
        assert_eq!(
            found,
            [
                (1, "configuration.unknown_key", "there is no setting citty"),
                (3, "configuration.value", "http.listen: a text is wanted, in quotes"),
                (
                    5,
                    "configuration.value",
                    "hj212.max_connections: a number is wanted, without quotes"
                ),
                (6, "configuration.value", "hj212.idle_timeout_s: 1 is not between 5 and 86400"),
                (8, "configuration.value", "log.form: \"xml\" is none of the words"),
                (9, "configuration.unknown_key", "there is no setting nothing"),
            ]
        );
        assert!(complaints[0].cure.starts_with("Did you mean city?"));
        assert_eq!(read("a = \n").unwrap_err()[0].line, 1);
        assert_eq!(read("city = \"a\"\ncity = \"b\"\n").unwrap_err()[0].line, 2);
    }

    #[test]
    fn every_key_accepts_its_default_and_its_example() {
        for key in KEYS {
            assert_eq!(check(key, key.default), Ok(()), "{}", key.name);
            assert_eq!(check(key, key.example), Ok(()), "{}", key.name);
            assert!(key.meaning.ends_with('.'), "{}", key.name);
        }
    }
}
