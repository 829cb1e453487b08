//! What a wrong file is told: the line, what is wrong, how to mend it.

use plausibility::Check;

const GOOD: &str = include_str!("../checks/execution_report/amount_tenfold_of_last_year.toml");

/// Replaces one thing in a good file and gives the code and the line of the first problem.
fn problem(from: &str, to: &str) -> (&'static str, String) {
    assert!(GOOD.contains(from), "{from:?} is not in the file");
    let text = GOOD.replacen(from, to, 1);
    let problems = Check::load("wrong.toml", &text).expect_err("it is wrong");
    let first = problems.first().expect("a problem");
    let line = first.line.and_then(|line| text.lines().nth(line as usize - 1));
    assert!(!first.cure.is_empty() && !first.what.is_empty());
    (first.code, line.unwrap_or_default().to_owned())
}

#[test]
fn each_mistake_is_named_with_its_line() {
    for (from, to, code, line) in [
        ("id = \"amount", "id \"amount", "check.syntax", "id \"amount"),
        ("severity = \"implausible\"", "severity = \"loud\"", "check.unknown_word", "severity"),
        ("version = 1", "version = -1", "check.wrong_form", "version"),
        ("fields = [\"amount\"]", "fields = [\"amuont\"]", "check.not_there", "fields"),
        ("kind = \"ratio_above\"", "kind = \"ratio\"", "check.not_there", "kind"),
        ("to = \"last_year.amount\"", "to = \"lastyear.amount\"", "check.not_there", "to"),
        ("times = \"times\"", "times = \"often\"", "check.not_there", "times"),
        ("value = \"10\"", "value = 10", "check.wrong_form", "value"),
        ("source = \"house\"", "source = \"somebody\"", "check.unknown_word", "source"),
        ("version = 1", "version = 1\nloudness = 3", "check.unknown_key", "loudness"),
        ("amount = \"15\"", "amount = \"5\"", "check.example", "[fires]"),
        ("amount = \"2.5\"", "amount = \"25\"", "check.example", "[passes]"),
    ] {
        let (found, at) = problem(from, to);
        assert_eq!(found, code, "{from} -> {to}");
        assert!(at.starts_with(line), "{from} -> {to}: the line is {at:?}");
    }
}

#[test]
fn a_missing_part_is_asked_for() {
    let text: String = GOOD
        .lines()
        .filter(|line| !line.starts_with("why"))
        .fold(String::new(), |all, line| all + line + "\n");
    let problems = Check::load("wrong.toml", &text).expect_err("it is wrong");
    assert_eq!((problems[0].code, problems[0].place.as_str()), ("check.missing", "why"));
}
