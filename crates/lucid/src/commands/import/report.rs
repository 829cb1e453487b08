//! What an import has to say, kept until whoever asked can print it.

use std::path::PathBuf;

use ingest::files::Problem;
use serde_json::{Value, json};

use crate::commands::files;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::{note, say};

/// Lines for standard output and standard error, files to be written, and how it ended.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) lines: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) files: Vec<(PathBuf, String)>,
    pub(super) found: bool,
}

impl Report {
    /// Notes what is wrong in a file.
    pub(super) fn problems(&mut self, file: &std::path::Path, problems: &[Problem], json: bool) {
        self.notes.extend(files::described(file, problems, json));
    }

    /// Prints it and writes its files.
    pub(super) fn publish(self) -> Outcome {
        for line in &self.notes {
            note!("{line}");
        }
        for (file, text) in &self.files {
            files::write(Some(file), text.as_bytes())?;
        }
        for line in &self.lines {
            say!("{line}");
        }
        Ok(if self.found { Exit::Found } else { Exit::Ok })
    }

    pub(super) fn to_json(&self) -> Value {
        let files = self.files.iter().map(|(file, text)| json!([file.display().to_string(), text]));
        json!({
            "lines": self.lines,
            "notes": self.notes,
            "files": files.collect::<Vec<_>>(),
            "found": self.found,
        })
    }

    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let texts = |name: &str| {
            let all = value[name].as_array()?.iter();
            all.map(|text| text.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        let file =
            |pair: &Value| Some((PathBuf::from(pair[0].as_str()?), pair[1].as_str()?.to_owned()));
        Some(Self {
            lines: texts("lines")?,
            notes: texts("notes")?,
            files: value["files"].as_array()?.iter().map(file).collect::<Option<_>>()?,
            found: value["found"].as_bool()?,
        })
    }
}

/// A failure as a running server reports it.
pub(super) fn failure_to_json(failure: &Failure) -> Value {
    json!({ "failure": failure.to_json() })
}

/// The failure that a running server reported.
pub(super) fn failure_from_json(value: &Value) -> Option<Failure> {
    let text = |name: &str| value["failure"][name].as_str();
    Some(Failure::of_environment(text("code")?, text("what")?, text("cure")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_from_its_json() {
        let report = Report {
            lines: vec!["a".into()],
            notes: vec!["b".into(), "c".into()],
            files: vec![("x/y.csv".into(), "1,2\n".into())],
            found: true,
        };
        let back = Report::from_json(&report.to_json()).unwrap();
        assert_eq!(
            (back.lines, back.notes, back.files),
            (report.lines, report.notes, report.files)
        );
        assert!(back.found);
        assert!(Report::from_json(&json!({ "lines": 1 })).is_none());
        let failure = Failure::of_use("a.b", "what", "cure");
        let back = failure_from_json(&failure_to_json(&failure)).unwrap();
        assert_eq!((back.code, back.what, back.cure), (failure.code, failure.what, failure.cure));
    }
}
