//! Items that the tables name in Chinese only, for readers of English.

use std::collections::HashMap;
use std::sync::LazyLock;

use rulebook::Text;

static NAMES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("item_names.tsv").lines().filter_map(|line| line.split_once('\t')).collect()
});

/// An item by its name in a table, in both languages; a name that is not known here as it is.
pub(crate) fn named(item: &'static str) -> Text {
    NAMES.get(item).map_or(Text::same(item), |english| Text::fixed(item, english))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_of_every_table_reads_in_english() {
        let mut counted = 0;
        for standard in crate::ALL.iter().filter(|one| !one.folder.starts_with("codes/")) {
            for table in (standard.tables)() {
                let column = ["item", "name"].into_iter().find(|one| {
                    table.columns().iter().any(|column| column == one)
                        && table.rows().iter().all(|row| !table.cell(row, one).is_empty())
                });
                let Some(column) = column else { continue };
                for row in table.rows() {
                    let text = named(table.cell(row, column));
                    assert!(
                        text.en.is_ascii()
                            || !text.en.contains(|letter: char| {
                                ('\u{4e00}'..='\u{9fff}').contains(&letter)
                            }),
                        "{} line {}: {}",
                        table.name(),
                        row.line(),
                        text.en
                    );
                    counted += 1;
                }
            }
        }
        assert!(counted > 700, "{counted}");
        assert_eq!(named("无机氮(以N计)").en, "inorganic nitrogen (as N)");
        assert_eq!(named("nobody knows").en, "nobody knows");
    }
}
