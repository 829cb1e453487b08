//! What is published of a section's sample, for the log.

use super::rules::{FACTORS, RULE_CLASS};
use evaluation::Verdict;
use observations::Row;
use registry::{PointKind, Snapshot};
use rulebook::{Decimal, Period, Text};
use standards::water::gb3838_surface_water::Class;
use transparency::{Part, Publication};

/// Class and items of a sample, as `/water/sections/{code}/hour.csv` has them.
pub struct SectionSample;

impl Publication for SectionSample {
    fn kind(&self) -> PointKind {
        PointKind::WaterSection
    }

    fn period(&self) -> Period {
        Period::Hour
    }

    fn rule(&self) -> &'static str {
        RULE_CLASS
    }

    fn edition(&self) -> u32 {
        1
    }

    fn parts(&self) -> Vec<Part> {
        let words =
            Class::ALL.iter().zip(1_i64..).map(|(class, level)| (class.name(), level.into()));
        let class =
            Part { name: "class", title: Text::fixed("类别", "Class"), words: words.collect() };
        let items = FACTORS.iter().map(|(item, code)| Part::number(code, item.name()));
        std::iter::once(class).chain(items).collect()
    }

    fn values(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        verdict: Option<&Verdict>,
    ) -> Vec<Option<Decimal>> {
        let class = verdict.and_then(|verdict| verdict.level).map(Decimal::from);
        let items = FACTORS.iter().map(|(_, code)| {
            let factor = snapshot.factor_by_code(code)?;
            row.factor(factor.id)?.value
        });
        std::iter::once(class).chain(items).collect()
    }
}
