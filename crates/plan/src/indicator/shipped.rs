//! The definitions that come with the program, and a city's own beside them.

use super::{Definition, definition};
use crate::model::Lines;
use crate::read::CODES;
use declaration::{Entry, Problem, Reader};

/// The files that come with the program, by name.
const FILES: &[(&str, &str)] = &[
    ("air.toml", include_str!("../../indicators/air.toml")),
    ("water.toml", include_str!("../../indicators/water.toml")),
    ("work.toml", include_str!("../../indicators/work.toml")),
    ("reported.toml", include_str!("../../indicators/reported.toml")),
];

/// The definitions that come with the program.
///
/// # Errors
/// What is wrong with their files: a defect of the program.
pub fn shipped() -> Result<Vec<Definition>, Vec<Problem>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (file, text) in FILES {
        let (mut found, mut wrong, _) = read(file, text);
        all.append(&mut found);
        problems.append(&mut wrong);
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

/// The definitions that come with the program and a city's own: one with the id of another takes
/// its place.
pub fn registry(own: &[Definition]) -> Vec<Definition> {
    let mut all = shipped().unwrap_or_default();
    for definition in own {
        match all.iter_mut().find(|known| known.id == definition.id) {
            Some(known) => *known = definition.clone(),
            None => all.push(definition.clone()),
        }
    }
    all
}

fn read(file: &str, text: &str) -> (Vec<Definition>, Vec<Problem>, Lines) {
    let mut reader = Reader::new(file, text, CODES);
    let mut found = Vec::new();
    match toml::de::DeTable::parse(text) {
        Ok(table) => {
            let mut top = Entry::top(table.get_ref());
            found = reader.entries(&mut top, "indicators", definition);
            reader.close(&top);
        }
        Err(error) => reader.syntax(&error),
    }
    let (problems, lines) = reader.finish();
    let lines = lines.into_iter().map(|(place, line)| (place, (file.to_owned(), line))).collect();
    (found, problems, lines)
}

#[cfg(test)]
mod tests {
    use super::super::{Formula, is_source};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_definitions_that_come_with_the_program_are_sound() {
        let all = shipped().unwrap_or_else(|problems| panic!("{problems:#?}"));
        let ids: BTreeSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), all.len(), "an id stands twice");
        for one in &all {
            for source in one.formula.sources() {
                assert!(is_source(source), "{}: no source {source:?}", one.id);
                assert!(source != super::super::REPORTED || one.delivers.is_some(), "{}", one.id);
            }
            if let Formula::Change { of, .. } = &one.formula {
                assert!(ids.contains(of.as_str()), "{}: no indicator {of:?}", one.id);
            }
        }
    }
}
