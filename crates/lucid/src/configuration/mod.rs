//! Configuration: one TOML file, environment variables, flags, in rising priority.

mod file;
pub(crate) mod keys;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::exit::Failure;
use keys::{Form, KEYS, Key};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody said otherwise.
    Default,
    /// A line of the configuration file.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag of the command.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(file, line) => write!(formatter, "{}:{line}", file.display()),
            Self::Environment(variable) => write!(formatter, "environment {variable}"),
            Self::Flag(flag) => write!(formatter, "flag {flag}"),
        }
    }
}

/// What was given on the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// `--config`.
    pub(crate) file: Option<PathBuf>,
    /// Values by key, with the flag that gave them.
    pub(crate) values: Vec<(&'static str, &'static str, String)>,
    /// The data folder when nobody names one (the demo has its own).
    pub(crate) data_otherwise: Option<&'static str>,
}

/// One setting with its value.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) key: &'static Key,
    pub(crate) text: String,
    pub(crate) source: Source,
}

/// All settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Setting>,
    /// The configuration file that was read.
    pub(crate) file: Option<PathBuf>,
}

impl Settings {
    /// Puts together file, environment and flags.
    ///
    /// The file is the one that `--config` or `LUCID_CONFIG` names, else `lucid.toml` in the data
    /// folder where there is one.
    pub(crate) fn load(given: &Given) -> Result<Self, Failure> {
        let mut settings = Self { values: BTreeMap::new(), file: None };
        for key in KEYS {
            let text = match (key.name, given.data_otherwise) {
                (keys::DATA, Some(folder)) => folder.to_owned(),
                _ => key.default.to_owned(),
            };
            let setting = Setting { key, text, source: Source::Default };
            settings.values.insert(key.name, setting);
        }
        let mut outer = environment()?;
        for (name, flag, text) in &given.values {
            let Some(key) = keys::find(name) else { continue };
            file::check(key, text).map_err(|what| wrong(key, &what, flag))?;
            outer.push(Setting { key, text: text.clone(), source: Source::Flag(flag) });
        }
        let data = outer.iter().rev().find(|setting| setting.key.name == keys::DATA);
        let data = data.map_or(settings.text(keys::DATA), |setting| &setting.text);
        let named = given.file.clone().or_else(|| variable("LUCID_CONFIG").map(PathBuf::from));
        let in_data = Path::new(data).join("lucid.toml");
        let file = named.or_else(|| in_data.is_file().then_some(in_data));
        if let Some(file) = file {
            settings.read_file(&file)?;
        }
        for setting in outer {
            settings.values.insert(setting.key.name, setting);
        }
        Ok(settings)
    }

    fn read_file(&mut self, path: &Path) -> Result<(), Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let what = format!("cannot read the configuration file {}: {error}", path.display());
            let cure = "Write one with `lucid init --config FILE`, or leave --config out.";
            Failure::of_environment("configuration.file", what, cure)
        })?;
        let found = file::read(&text).map_err(|complaints| {
            let lines: Vec<_> = complaints
                .iter()
                .map(|found| {
                    let place = format!("{}:{}", path.display(), found.line);
                    format!("{place}: {}. {}", found.what, found.cure)
                })
                .collect();
            Failure::of_use(complaints[0].code, lines.join("\n"), "")
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for (name, found) in found {
            let Some(key) = keys::find(name) else { continue };
            let is_place = match key.form {
                Form::Folder => true,
                Form::File => !found.text.is_empty(),
                _ => false,
            };
            let is_relative = is_place && Path::new(&found.text).is_relative();
            let text = if is_relative {
                folder.join(&found.text).display().to_string()
            } else {
                found.text
            };
            let source = Source::File(path.to_owned(), found.line);
            self.values.insert(key.name, Setting { key, text, source });
        }
        self.file = Some(path.to_owned());
        Ok(())
    }

    /// Gives a setting another value where nobody has chosen one.
    pub(crate) fn default_to(&mut self, name: &str, text: &str) {
        if let Some(setting) = self.values.get_mut(name)
            && setting.source == Source::Default
        {
            text.clone_into(&mut setting.text);
        }
    }

    /// Every setting, in the order of the table.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Setting> {
        KEYS.iter().filter_map(|key| self.values.get(key.name))
    }

    /// The text of a setting.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |setting| setting.text.as_str())
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        PathBuf::from(self.text(keys::DATA))
    }

    /// The address of the store.
    pub(crate) fn database_url(&self) -> String {
        match self.text(keys::DATABASE_URL) {
            "" => format!("sqlite:{}", self.data().join("lucid.sqlite").display()),
            url => url.to_owned(),
        }
    }

    /// An address that was checked when it was read.
    pub(crate) fn address(&self, name: &str) -> SocketAddr {
        let unspecified = SocketAddr::from(([127, 0, 0, 1], 0));
        self.text(name).parse().unwrap_or(unspecified)
    }

    /// A number that was checked when it was read.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.text(name).replace('_', "").parse().unwrap_or_default()
    }
}

fn environment() -> Result<Vec<Setting>, Failure> {
    let mut found = Vec::new();
    for key in KEYS {
        let name = key.variable();
        let Some(text) = variable(&name) else { continue };
        file::check(key, &text).map_err(|what| wrong(key, &what, &name))?;
        found.push(Setting { key, text, source: Source::Environment(name) });
    }
    Ok(found)
}

/// Variables that look like settings and are none.
pub(crate) fn unknown_variables() -> Vec<String> {
    const OTHERS: [&str; 3] = ["LUCID_CONFIG", "LUCID_SHARED", "LUCID_SLOW_TESTS"];
    let is_known = |name: &str| {
        KEYS.iter().any(|key| key.variable() == name)
            || OTHERS.contains(&name)
            || name.starts_with("LUCID_TEST_")
    };
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with("LUCID_") && !is_known(name)).collect()
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn wrong(key: &Key, what: &str, place: &str) -> Failure {
    let cure = format!("It is a {}, for example {}.", key.form.describe(), key.example);
    Failure::of_use("configuration.value", format!("{place}: {what}"), cure)
}

/// The text of a configuration file in which every setting stands, explained and commented out
/// unless `values` gives it.
pub(crate) fn template(values: &BTreeMap<&'static str, String>) -> String {
    let mut text = String::from(
        "# Lucid. Every setting with its default; remove the # before one to change it.\n\
         # Environment variables (LUCID_HTTP_LISTEN for http.listen) and flags come before this \
         file.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (own_section, name) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        // Writing into a String cannot fail.
        if own_section != section {
            let _ = writeln!(text, "\n[{own_section}]");
            section = own_section;
        }
        let value = values.get(key.name).map_or(key.default, String::as_str);
        let value = if key.form.is_number() { value.to_owned() } else { format!("{value:?}") };
        let mark = if values.contains_key(key.name) { "" } else { "# " };
        let _ = writeln!(text, "\n# {}\n{mark}{name} = {value}", key.meaning);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_read_without_complaint() {
        let values = BTreeMap::from([(keys::CITY, "x".to_owned())]);
        let found = file::read(&template(&values)).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[keys::CITY].text, "x");
        let all: BTreeMap<_, _> =
            KEYS.iter().map(|key| (key.name, key.example.to_owned())).collect();
        assert_eq!(file::read(&template(&all)).unwrap().len(), KEYS.len());
    }

    #[test]
    fn flags_come_before_the_file_and_folders_are_seen_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lucid.toml");
        std::fs::write(&file, "data = \"values\"\ncity = \"a\"\n").unwrap();
        let given = Given {
            file: Some(file.clone()),
            values: vec![(keys::CITY, "--city", "b".into())],
            data_otherwise: None,
        };
        let settings = Settings::load(&given).unwrap();
        assert_eq!(settings.text(keys::CITY), "b");
        assert_eq!(settings.data(), folder.path().join("values"));
        let source = settings.all().find(|setting| setting.key.name == keys::DATA).unwrap();
        assert_eq!(source.source, Source::File(file, 1));
        assert!(settings.database_url().ends_with("values/lucid.sqlite"));
    }
}
