//! Editions of a standard: values chosen by the day of the thing judged.

use jiff::civil::Date;

/// One edition of a standard and the days on which it is in force (标准版本).
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Edition;
/// const EDITIONS: &[Edition] = &[
///     Edition::new("HJ633-2012", "HJ 633-2012", date(2016, 1, 1), Some(date(2026, 2, 28))),
///     Edition::new("HJ633-2026", "HJ 633-2026", date(2026, 3, 1), None),
/// ];
/// assert_eq!(Edition::in_force(EDITIONS, date(2026, 2, 28)).unwrap().id, "HJ633-2012");
/// assert_eq!(Edition::in_force(EDITIONS, date(2026, 3, 1)).unwrap().id, "HJ633-2026");
/// assert!(Edition::in_force(EDITIONS, date(2000, 1, 1)).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edition {
    /// The identifier in commands and files: no spaces.
    pub id: &'static str,
    /// The number as printed on the text.
    pub number: &'static str,
    /// The first day in force.
    pub valid_from: Date,
    /// The last day in force; `None` while it still is.
    pub valid_to: Option<Date>,
}

impl Edition {
    /// An edition in force from one day to another, both included.
    pub const fn new(
        id: &'static str,
        number: &'static str,
        valid_from: Date,
        valid_to: Option<Date>,
    ) -> Self {
        Self { id, number, valid_from, valid_to }
    }

    /// Whether this edition is in force on a day.
    pub fn covers(&self, on: Date) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }

    /// The edition in force on a day, or `None` where none of them is.
    pub fn in_force(editions: &[Self], on: Date) -> Option<&Self> {
        editions.iter().find(|edition| edition.covers(on))
    }

    /// The edition that an identifier or a printed number names, or `None`.
    pub fn find<'list>(editions: &'list [Self], name: &str) -> Option<&'list Self> {
        let same = |known: &str| {
            let letters = |word: &str| {
                word.chars()
                    .filter(|letter| !letter.is_whitespace())
                    .map(|letter| letter.to_ascii_uppercase())
                    .collect::<String>()
            };
            letters(known) == letters(name)
        };
        editions.iter().find(|edition| same(edition.id) || same(edition.number))
    }
}
