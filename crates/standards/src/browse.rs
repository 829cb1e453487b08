//! Standards as people name them: `GB3095`, `GB 3095-2026`, `HJ633@2026-02-28`.

use jiff::civil::Date;
use rulebook::Edition;

use crate::catalogue::{ALL, Standard};

/// What a name means: a standard, and which of its editions.
#[derive(Clone, Debug)]
pub struct Named {
    /// The standard.
    pub standard: &'static Standard,
    /// The editions meant, the stages of one text apart; empty where the name has no edition.
    pub editions: Vec<&'static Edition>,
    /// The day written behind `@`.
    pub on: Option<Date>,
}

impl Named {
    /// Reads a name; letter case and blanks do not matter. `None` where nothing is named so.
    ///
    /// # Example
    /// ```
    /// use standards::Named;
    /// let of = |name| Named::parse(name).unwrap();
    /// assert_eq!(of("gb3095").standard.id, "GB3095");
    /// // Transition limits and final limits.
    /// assert_eq!(of("GB 3095-2026").editions.len(), 2);
    /// assert_eq!(of("HJ633@2026-02-28").on.unwrap().to_string(), "2026-02-28");
    /// assert!(Named::parse("GB1").is_none());
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        let (name, on) = match name.split_once('@') {
            Some((name, day)) => (name, Some(day.trim().parse().ok()?)),
            None => (name, None),
        };
        if let Some(standard) = ALL.iter().find(|one| bare(one.id) == bare(name)) {
            return Some(Self { standard, editions: Vec::new(), on });
        }
        let wanted = bare(name);
        let named = |edition: &&Edition| {
            let starts = |known: &str| {
                let known = bare(known);
                let rest = known.strip_prefix(&wanted);
                rest.is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_digit()))
            };
            wanted.contains('-') && (starts(edition.id) || starts(edition.number))
        };
        ALL.iter().find_map(|standard| {
            let editions: Vec<&Edition> = standard.editions.iter().filter(named).collect();
            (!editions.is_empty()).then_some(Self { standard, editions, on })
        })
    }

    /// The last day of what is named: the day behind `@`, else the last of its editions, their
    /// first where they have no end.
    pub fn last_day(&self) -> Option<Date> {
        let last = self.editions.last().or(self.standard.editions.last().as_ref()).copied();
        self.on.or_else(|| last.map(|last| last.valid_to.unwrap_or(last.valid_from)))
    }

    /// The first day of each stage of what is named.
    pub fn first_days(&self) -> Vec<Date> {
        if let Some(on) = self.on {
            return vec![on];
        }
        let all = || self.standard.editions.last().into_iter().collect();
        let stages = if self.editions.is_empty() { all() } else { self.editions.clone() };
        stages.into_iter().map(|edition| edition.valid_from).collect()
    }
}

/// A name without what does not matter.
fn bare(name: &str) -> String {
    let kept = |letter: &char| !letter.is_whitespace() && *letter != '/';
    name.chars().filter(kept).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_standard_and_edition_is_found_by_its_own_name() {
        for standard in ALL {
            let found = Named::parse(standard.id).expect("it is known");
            assert_eq!(found.standard.id, standard.id);
            for edition in standard.editions {
                let found = Named::parse(edition.id).expect("it is known");
                assert!(found.editions.contains(&edition), "{}", edition.id);
                let found = Named::parse(edition.number).expect("it is known");
                assert_eq!(found.standard.id, standard.id, "{}", edition.number);
            }
        }
    }

    #[test]
    fn the_stages_of_a_text_have_their_own_days() {
        let old = Named::parse("GB3095-2012").expect("it is known");
        assert_eq!(old.last_day(), Some(date(2026, 2, 28)));
        let new = Named::parse("gb 3095-2026").expect("it is known");
        assert_eq!(new.first_days(), [date(2026, 3, 1), date(2031, 1, 1)]);
        let transition = Named::parse("GB3095-2026-transition").expect("it is known");
        assert_eq!(transition.first_days(), [date(2026, 3, 1)]);
        let day = Named::parse("GB3095@2020-05-05").expect("it is known");
        assert_eq!((day.last_day(), day.first_days()), (day.on, vec![date(2020, 5, 5)]));
        for wrong in ["GB3095-20", "GB3095@May", "GB3095-1999", "", "-"] {
            assert!(Named::parse(wrong).is_none(), "{wrong}");
        }
    }
}
