//! The map is tested: every path that a document names in backticks exists.

use crate::command::root;

const DOCUMENTS: [&str; 5] =
    ["ARCHITECTURE.md", "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "GLOSSARY.md"];
const FIRST_FOLDERS: [&str; 8] =
    ["crates/", "cities/", "docs/", "frontend/", "xtask/", "browser-tests/", ".ci/", ".cargo/"];

/// Adds a line for each path that is named and not there.
pub(crate) fn check(problems: &mut Vec<String>) -> Result<(), String> {
    for document in DOCUMENTS {
        let file = root().join(document);
        let text = std::fs::read_to_string(&file)
            .map_err(|problem| format!("{document} cannot be read: {problem}"))?;
        for (number, line) in text.lines().enumerate() {
            for word in line.split('`').skip(1).step_by(2) {
                let path = word.split(&[' ', ':', '#'][..]).next().unwrap_or_default();
                let is_path = FIRST_FOLDERS.iter().any(|folder| path.starts_with(folder));
                let is_pattern = path.contains(['<', '*', '{', '…']);
                if is_path && !is_pattern && !root().join(path).exists() {
                    problems.push(format!("{document}:{}: {path} does not exist", number + 1));
                }
            }
        }
    }
    Ok(())
}
