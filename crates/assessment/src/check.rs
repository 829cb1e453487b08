//! What is wrong with the meaning of a book whose shape is sound.

use std::collections::BTreeSet;

use declaration::{Level, Problem, nearest};
use rulebook::{Decimal, Text};

use crate::book::{Book, Rule, VetoEffect};
use crate::words::Better;

/// More points are a slip of the pen.
const MOST: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

impl Book {
    /// Everything that contradicts itself: names used twice or unknown, cuts and grades out of
    /// order, an item for nobody.
    pub fn check(&self) -> Vec<Problem> {
        let mut checker = Checker { book: self, problems: Vec::new() };
        checker.names();
        checker.items();
        checker.grades();
        checker.problems
    }
}

struct Checker<'book> {
    book: &'book Book,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report(&mut self, code: &'static str, place: &str, what: Text, cure: Text) {
        let line = nearest(&self.book.lines, place).copied();
        let (file, place) = (self.book.file.clone(), place.to_owned());
        self.problems.push(Problem { level: Level::Wrong, code, file, line, place, what, cure });
    }

    fn names(&mut self) {
        let book = self.book;
        let lists: [(&str, Vec<&str>); 5] = [
            ("groups", book.groups.iter().map(|it| it.id.as_str()).collect()),
            ("items", book.items.iter().map(|it| it.id.as_str()).collect()),
            ("adjustments", book.adjustments.iter().map(|it| it.id.as_str()).collect()),
            ("vetoes", book.vetoes.iter().map(|it| it.id.as_str()).collect()),
            ("grades", book.grades.iter().map(|it| it.id.as_str()).collect()),
        ];
        for (list, ids) in lists {
            let mut seen = BTreeSet::new();
            for id in ids.into_iter().filter(|id| !seen.insert(*id)) {
                self.report(
                    "assessment.twice",
                    &format!("{list}.{id}"),
                    Text::new(format!("{id} 出现了两次"), format!("{id:?} is there twice")),
                    Text::fixed("改名或删去其一", "rename or remove one of them"),
                );
            }
        }
    }

    fn items(&mut self) {
        let book = self.book;
        for item in &book.items {
            let place = format!("items.{}", item.id);
            if !book.groups.iter().any(|group| group.id == item.group) {
                self.unknown(&format!("{place}.group"), &item.group);
            }
            if item.full_marks <= Decimal::ZERO || item.full_marks > MOST {
                self.report(
                    "assessment.no_points",
                    &format!("{place}.full_marks"),
                    Text::fixed(
                        "满分应大于 0、不超过 10000",
                        "full marks go from above 0 to 10000",
                    ),
                    Text::fixed("写出该项的分值", "write what the item is worth"),
                );
            }
            let units = item.only.iter().chain(item.targets.iter().map(|target| &target.unit));
            let strange: Vec<String> =
                units.filter(|unit| !book.assessed.contains(unit)).cloned().collect();
            for unit in strange {
                self.unknown(&place, &unit);
            }
            if let Rule::Steps { better, cuts } = &item.rule {
                self.cuts(&place, *better, cuts, item.full_marks);
            }
        }
    }

    fn cuts(&mut self, place: &str, better: Better, cuts: &[crate::Cut], full: Decimal) {
        let in_order = cuts.windows(2).all(|pair| {
            let falls = match better {
                Better::Higher => pair[0].value > pair[1].value,
                Better::Lower => pair[0].value < pair[1].value,
            };
            falls && pair[0].points > pair[1].points
        });
        let within = cuts.iter().all(|cut| (Decimal::ZERO..=full).contains(&cut.points));
        if cuts.is_empty() || !in_order || !within {
            self.report(
                "assessment.cuts",
                &format!("{place}.rule"),
                Text::fixed(
                    "分档应由好到差排列，分值递减且不超过满分",
                    "cuts go from the best down, with fewer points each and none above full marks",
                ),
                Text::fixed("按顺序改正各档", "put the cuts in that order"),
            );
        }
    }

    fn grades(&mut self) {
        let book = self.book;
        if !book.grades.windows(2).all(|pair| pair[0].at_least > pair[1].at_least) {
            self.report(
                "assessment.grades",
                "grades",
                Text::fixed("等次应由高到低排列", "grades go from the best down"),
                Text::fixed(
                    "按 at_least 从大到小排列",
                    "order them by at_least, the largest first",
                ),
            );
        }
        let caps = book.vetoes.iter().filter_map(|veto| match &veto.effect {
            VetoEffect::CapsAt(grade) => Some((&veto.id, grade)),
            VetoEffect::Fails => None,
        });
        let strange: Vec<(String, String)> = caps
            .filter(|(_, grade)| !book.grades.iter().any(|known| &known.id == *grade))
            .map(|(veto, grade)| (format!("vetoes.{veto}.at_best"), grade.clone()))
            .collect();
        for (place, grade) in strange {
            self.unknown(&place, &grade);
        }
    }

    fn unknown(&mut self, place: &str, name: &str) {
        self.report(
            "assessment.unknown",
            place,
            Text::new(format!("没有声明 {name}"), format!("{name:?} is declared nowhere")),
            Text::fixed("改正代码，或先声明它", "mend the code, or declare it first"),
        );
    }
}
