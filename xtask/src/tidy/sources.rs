//! What every source file keeps to: a header, a bounded size, SQL in its place, no leftovers.

use crate::command::{program, root};

const LONGEST_FILE: usize = 1000;
const LONGEST_LINE: usize = 100;
/// Folders of the kernel in which SQL may stand outside `store.rs`: the door itself.
const SQL_DOOR: &str = "crates/store/";

/// Adds a line for each rule that a file breaks.
pub(crate) fn check(problems: &mut Vec<String>) -> Result<(), String> {
    let list =
        program("git").arguments(&["ls-files", "--cached", "--others", "--exclude-standard"]);
    for name in list.output()?.lines() {
        let Ok(text) = std::fs::read_to_string(root().join(name)) else { continue };
        if is_rust(name) {
            rust(problems, name, &text);
        }
        leftovers(problems, name, &text);
    }
    Ok(())
}

fn rust(problems: &mut Vec<String>, name: &str, text: &str) {
    let is_test = name.contains("/tests") || name.contains("/benches/");
    if !text.starts_with("//!") && !is_test {
        problems.push(format!("{name}: begins without `//!`: say what the file is for"));
    }
    let lines = text.lines().count();
    if lines > LONGEST_FILE && !is_test {
        problems.push(format!("{name}: {lines} lines; split by what a reader looks for"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.chars().count() > LONGEST_LINE && !line.contains("http") && !line.contains('"') {
            problems.push(format!("{name}:{}: longer than {LONGEST_LINE} columns", number + 1));
        }
    }
    let is_store = name.contains("/store") || name.starts_with(SQL_DOOR) || is_test;
    if !is_store && text.contains(concat!("sqlx::", "query")) {
        problems.push(format!("{name}: SQL stands in `store.rs` (or a `store/` folder) only"));
    }
}

/// Whether a file holds Rust.
fn is_rust(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|ending| ending == "rs")
}

/// Words that say a thing is not finished, and paths of one machine.
fn leftovers(problems: &mut Vec<String>, name: &str, text: &str) {
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX:")];
    let machine = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")];
    let is_source = [".rs", ".ts", ".toml", ".md", ".css", ".mjs", ".csv"]
        .iter()
        .any(|ending| name.ends_with(ending));
    if !is_source {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        for word in unfinished.iter().chain(&machine) {
            if line.contains(word) {
                problems.push(format!("{name}:{}: {word:?} has no place here", number + 1));
            }
        }
    }
}
