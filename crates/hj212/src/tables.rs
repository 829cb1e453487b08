//! The protocol's code tables as data: commands and factors, with their sources.
//!
//! `tables/commands.csv` and `tables/factors.csv` carry a source for every row; the 2025 rows are
//! quoted from its implementers and marked so.

use crate::answer::Wanted;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A command (命令编码).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// CN.
    pub cn: &'static str,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Who sends it, as the table says.
    pub direction: String,
    /// The editions that know it.
    pub editions: String,
    /// Where the row comes from.
    pub source: String,
    /// What a device that sends it with bit A wants in return.
    pub from_device: Option<Wanted>,
}

/// A factor (监测因子) of the code tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its code since 2017.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Its code of 2005, where it had one.
    pub code_2005: String,
    /// The unit of its concentration.
    pub unit: String,
    /// Where the row comes from.
    pub source: String,
}

/// The commands for which a device that wants an answer gets 9014: uploads of data.
const DATA: [&str; 15] = [
    "2011", "2013", "2021", "2031", "2041", "2051", "2052", "2061", "2062", "2071", "2081", "2111",
    "3015", "3019", "3020",
];
/// The commands for which it gets 9013: notices.
/// 1001 is one since 2025; in 2005 it is a request of the platform's.
const NOTICES: [&str; 5] = ["1001", "1013", "1014", "2072", "9015"];

static COMMANDS: LazyLock<HashMap<&'static str, Command>> = LazyLock::new(|| {
    rows(include_str!("tables/commands.csv"))
        .into_iter()
        .filter_map(|row| {
            let cn = row.text("cn")?;
            let from_device = if DATA.contains(&cn) {
                Some(Wanted::DataReceived)
            } else if NOTICES.contains(&cn) {
                Some(Wanted::NoticeReceived)
            } else if cn == "9021" {
                Some(Wanted::HeartbeatReceived)
            } else {
                None
            };
            let command = Command {
                cn,
                name_zh: row.owned("name_zh"),
                name_en: row.owned("name_en"),
                direction: row.owned("direction"),
                editions: row.owned("editions"),
                source: row.owned("source"),
                from_device,
            };
            Some((cn, command))
        })
        .collect()
});

static FACTORS: LazyLock<HashMap<&'static str, Factor>> = LazyLock::new(|| {
    rows(include_str!("tables/factors.csv"))
        .into_iter()
        .filter_map(|row| {
            let code = row.text("code")?;
            let factor = Factor {
                code: code.to_owned(),
                name_zh: row.owned("name_zh"),
                name_en: row.owned("name_en"),
                code_2005: row.owned("code_2005"),
                unit: row.owned("unit"),
                source: row.owned("source"),
            };
            Some((code, factor))
        })
        .collect()
});

/// The command with this CN.
pub fn command(cn: &str) -> Option<&'static Command> {
    COMMANDS.get(cn)
}

/// The factor with this code of 2017 or 2025.
pub fn factor(code: &str) -> Option<&'static Factor> {
    FACTORS.get(code)
}

/// All factors, in no order.
pub fn factors() -> impl Iterator<Item = &'static Factor> {
    FACTORS.values()
}

/// One row of a table, by column.
pub(crate) struct Line {
    columns: std::rc::Rc<Vec<&'static str>>,
    cells: Vec<(&'static str, String)>,
}

impl Line {
    fn index(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| *name == column)
    }

    pub(crate) fn text(&self, column: &str) -> Option<&'static str> {
        self.cells.get(self.index(column)?).map(|(raw, _)| *raw)
    }

    pub(crate) fn owned(&self, column: &str) -> String {
        self.index(column)
            .and_then(|index| self.cells.get(index))
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    }
}

/// Reads a table whose cells hold no line breaks; quoted cells may hold commas.
pub(crate) fn rows(text: &'static str) -> Vec<Line> {
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let columns = std::rc::Rc::new(columns);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| Line { columns: std::rc::Rc::clone(&columns), cells: cells(line) })
        .collect()
}

fn cells(line: &'static str) -> Vec<(&'static str, String)> {
    let (mut found, mut from, mut quoted) = (Vec::new(), 0, false);
    let ends = line.bytes().enumerate().chain(std::iter::once((line.len(), b',')));
    for (at, byte) in ends {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted || at == line.len() => {
                let raw = &line[from..at];
                let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
                found
                    .push((raw, inner.map_or_else(|| raw.to_owned(), |i| i.replace("\"\"", "\""))));
                from = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        assert_eq!(COMMANDS.len(), 53);
        // 602 rows, of which two repeat a code: the printed table does so.
        assert_eq!(FACTORS.len(), 600);
        for command in COMMANDS.values() {
            assert!(!command.source.is_empty(), "{} has no source", command.cn);
        }
        for known in DATA.iter().chain(&NOTICES) {
            assert!(command(known).is_some(), "{known} is not in the table");
        }
    }

    #[test]
    fn quoted_cells_keep_their_commas() {
        assert_eq!(factor("w01018").map(|factor| factor.unit.as_str()), Some("mg/L"));
        assert_eq!(command("1014").map(|command| command.editions.as_str()), Some("2025"));
        assert_eq!(
            command("2011").map(|command| command.editions.as_str()),
            Some("2005,2017,2025")
        );
    }
}
