//! The kinds of cases that come with the program, and those that a city adds, read and checked.
//!
//! A kind is a file: `src/kinds/*.toml` here, `case_kinds/*.toml` in a city's folder. A city's file
//! whose `id` is that of a kind here takes its place.

use caseflow::{CaseKind, Problem};

/// The files that come with the program, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("alert_disposal.toml", include_str!("kinds/alert_disposal.toml")),
    ("assessment.toml", include_str!("kinds/assessment.toml")),
    ("environmental_emergency.toml", include_str!("kinds/environmental_emergency.toml")),
    ("grid_event.toml", include_str!("kinds/grid_event.toml")),
    ("inspection_rectification.toml", include_str!("kinds/inspection_rectification.toml")),
    ("plan_duty.toml", include_str!("kinds/plan_duty.toml")),
    ("public_complaint.toml", include_str!("kinds/public_complaint.toml")),
    ("supervision_order.toml", include_str!("kinds/supervision_order.toml")),
];

/// The kinds that come with the program, and after them a city's own, given as file names and
/// texts.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn all(city: &[(String, String)]) -> Result<Vec<CaseKind>, Vec<Problem>> {
    let built_in = BUILT_IN.iter().map(|(file, text)| (*file, *text));
    let own = city.iter().map(|(file, text)| (file.as_str(), text.as_str()));
    let mut kinds: Vec<CaseKind> = Vec::new();
    let mut problems = Vec::new();
    for (file, text) in built_in.chain(own) {
        match CaseKind::parse(file, text) {
            Err(mut found) => problems.append(&mut found),
            Ok(kind) => {
                problems.append(&mut kind.check());
                match kinds.iter_mut().find(|known| known.id == kind.id) {
                    Some(known) => *known = kind,
                    None => kinds.push(kind),
                }
            }
        }
    }
    if problems.is_empty() { Ok(kinds) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use authority::{Action, Role};

    fn own(id: &str) -> (String, String) {
        let of = BUILT_IN.iter().find(|(file, _)| file.starts_with("grid_event"));
        let (_, text) = of.expect("the kind is shipped");
        ("own.toml".to_owned(), text.replace("id = \"grid_event\"", &format!("id = \"{id}\"")))
    }

    #[test]
    fn the_kinds_that_come_with_the_program_are_sound() {
        let kinds = all(&[]).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(kinds.len(), BUILT_IN.len());
        let actions = Action::ALL.map(Action::as_str);
        let roles = Role::ALL.map(Role::as_str);
        for kind in &kinds {
            assert_eq!(kind.check_words(&actions, &roles), [], "{}", kind.id);
        }
    }

    #[test]
    fn a_city_adds_kinds_and_replaces_one_of_the_same_id() {
        let more = all(&[own("tree_felling")]).expect("sound");
        assert_eq!(more.len(), BUILT_IN.len() + 1);
        let same = all(&[own("grid_event")]).expect("sound");
        assert_eq!(same.len(), BUILT_IN.len());
        let replaced = same.iter().find(|kind| kind.id == "grid_event").expect("there");
        assert_eq!(replaced.file, "own.toml");
    }

    #[test]
    fn everything_wrong_with_a_citys_file_is_told() {
        let broken = ("broken.toml".to_owned(), "id = 7".to_owned());
        let problems = all(&[broken]).expect_err("refused");
        assert!(problems.iter().all(|problem| problem.file == "broken.toml"), "{problems:?}");
    }
}
