//! Every function that judges, computes or looks up says where its rule is printed and shows how it
//! is called; every row of a table says when, where, by whom and how surely.

use std::path::{Path, PathBuf};

/// Functions that only name, read or hold something: no rule stands behind them.
const PLAIN: &[&str] = &[
    "as_str",
    "code",
    "contains",
    "decimals",
    "edition",
    "find",
    "get",
    "hours",
    "index",
    "insert",
    "is_empty",
    "item",
    "items",
    "iter",
    "len",
    "micrograms",
    "milligrams",
    "name",
    "names",
    "names_in_feed",
    "new",
    "number",
    "oxygen",
    "parse",
    "pollutant",
    "practice",
    "published",
    "record",
    "report",
    "symbols",
    "tables",
    "title",
    "unit",
    "usable",
    "with",
    "with_option",
    "without",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // The list of standards and the suites of check values hold no rule of their own.
        if path.is_dir() && name != "conformance" {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !["tests.rs", "catalogue.rs", "browse.rs"].contains(&name.as_str())
        {
            found.push(path);
        }
    }
    found
}

/// The public functions of a source with the text above each.
fn functions(text: &str) -> Vec<(String, String)> {
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (mut above, mut found) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        let rest = line.strip_prefix("pub const fn ").or_else(|| line.strip_prefix("pub fn "));
        if let Some(rest) = rest {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            found.push((name.to_owned(), std::mem::take(&mut above)));
        } else if line.starts_with("///") {
            above.push_str(line);
            above.push('\n');
        } else if !line.starts_with("#[") {
            above.clear();
        }
    }
    found
}

#[test]
fn every_function_with_a_rule_cites_it_and_has_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut lacking, mut counted) = (Vec::new(), 0);
    for path in sources(&root) {
        let text = std::fs::read_to_string(&path).expect("a readable source");
        for (name, above) in functions(&text) {
            if PLAIN.contains(&name.as_str()) {
                continue;
            }
            counted += 1;
            for wanted in ["/// # Standard", "/// # Example"] {
                if !above.contains(wanted) {
                    let place = path.strip_prefix(&root).expect("below the root").display();
                    lacking.push(format!("{place} {name} lacks {wanted}"));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
    assert!(counted > 150, "only {counted} functions were found");
}

#[test]
fn functions_without_words_are_found() {
    let text = "/// It is.\n///\n/// # Standard\n/// GB 1\n#[must_use]\npub fn one(a: u8) -> u8 {\n\
                }\n    pub const fn two<T>() {}\n";
    let found = functions(text);
    assert_eq!(found[0].0, "one");
    assert!(found[0].1.contains("# Standard") && !found[0].1.contains("# Example"));
    assert_eq!((found[1].0.as_str(), found[1].1.as_str()), ("two", ""));
}

#[test]
fn every_row_says_when_where_and_how_surely_and_reads_in_chinese() {
    let mut rows = 0;
    for standard in standards::ALL {
        for table in (standard.tables)() {
            for row in table.rows() {
                let place = format!("{} line {}", table.name(), row.line());
                // The loader refuses empty cells; a source must also say more than a word.
                assert!(row.source().len() > 3, "{place}");
                let by = table
                    .rows()
                    .iter()
                    .find(|one| one.line() == row.line())
                    .map(rulebook::Row::citation)
                    .expect("the row itself");
                let zh = by.text().zh;
                // What is left of English: names of formulas, numbers of standards, symbols.
                let clause = zh.strip_prefix(by.edition.as_ref()).expect("it begins with the text");
                let words: Vec<&str> = clause
                    .split(|letter: char| !letter.is_ascii_alphabetic())
                    .filter(|word| word.len() > 1 && word.chars().any(char::is_lowercase))
                    .filter(|word| !matches!(*word, "Mn" | "chla" | "CODMn"))
                    .collect();
                assert!(words.is_empty(), "{place}: {zh} leaves {words:?}");
                rows += 1;
            }
        }
    }
    assert!(rows > 1_500, "{rows}");
}
