//! The balance sheet of natural resources (自然资源资产负债表): opening stock, what came, what went,
//! closing stock, in physical units.
//!
//! Source: the identities that the trial system of balance sheets states (remembered, unverified:
//! 国办发〔2015〕82号 and the later trial system). No value in money is asked for.

use rulebook::{Confidence, Decimal, Text};

/// Where the identities come from.
pub const SOURCE: &str = "国办发〔2015〕82号 and the later trial system";
/// How sure they are.
pub const CONFIDENCE: Confidence = Confidence::Memory;

/// Why a stock changed (变动原因).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// By nature.
    pub natural: Decimal,
    /// By people.
    pub human: Decimal,
    /// Otherwise: surveys, corrections.
    pub other: Decimal,
}

impl Change {
    /// All of it.
    pub fn sum(&self) -> Decimal {
        self.natural.saturating_add(self.human).saturating_add(self.other)
    }

    fn has_negative(&self) -> bool {
        [self.natural, self.human, self.other].iter().any(|part| *part < Decimal::ZERO)
    }
}

/// One line of a balance sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The resource, as in `forest.stock`.
    pub resource: String,
    /// The unit: ha, m3, t.
    pub unit: String,
    /// The year.
    pub year: i16,
    /// The stock at its beginning.
    pub opening: Decimal,
    /// What came.
    pub increase: Change,
    /// What went.
    pub decrease: Change,
    /// The stock at its end.
    pub closing: Decimal,
}

/// A line that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imbalance {
    /// The stable code.
    pub code: &'static str,
    /// The resource.
    pub resource: String,
    /// The year.
    pub year: i16,
    /// What is wrong.
    pub what: Text,
}

/// What does not add up in lines of one division: in each, opening + increases − decreases =
/// closing; from one year to the next, closing = opening and the unit stays; nothing is negative;
/// no line is there twice.
///
/// # Example
/// ```
/// use assessment::balance::{Change, Line, check};
/// use rulebook::Decimal;
/// let line = Line {
///     resource: "forest.stock".into(),
///     unit: "m3".into(),
///     year: 2025,
///     opening: Decimal::from(100),
///     increase: Change { natural: Decimal::from(8), ..Change::default() },
///     decrease: Change { human: Decimal::from(5), ..Change::default() },
///     closing: Decimal::from(104),
/// };
/// assert_eq!(check(&[line.clone()])[0].code, "balance.does_not_add_up");
/// assert!(check(&[Line { closing: Decimal::from(103), ..line }]).is_empty());
/// ```
pub fn check(lines: &[Line]) -> Vec<Imbalance> {
    let mut found = Vec::new();
    let mut report = |line: &Line, code: &'static str, what: Text| {
        found.push(Imbalance { code, resource: line.resource.clone(), year: line.year, what });
    };
    for (index, line) in lines.iter().enumerate() {
        let stocks = [line.opening, line.closing].iter().any(|stock| *stock < Decimal::ZERO);
        if stocks || line.increase.has_negative() || line.decrease.has_negative() {
            report(
                line,
                "balance.negative",
                Text::fixed(
                    "存量和变动量不能为负；减少写在“减少”栏",
                    "stocks and changes are not negative; what went stands under decreases",
                ),
            );
        }
        let computed =
            line.opening.saturating_add(line.increase.sum()).saturating_sub(line.decrease.sum());
        if computed != line.closing {
            let difference = line.closing.saturating_sub(computed).normalize();
            report(
                line,
                "balance.does_not_add_up",
                Text::new(
                    format!(
                        "期初 + 增加 − 减少 = {}，期末填 {}，相差 {difference}",
                        computed.normalize(),
                        line.closing
                    ),
                    format!(
                        "opening + increases − decreases = {}, closing says {}: {difference} between them",
                        computed.normalize(),
                        line.closing
                    ),
                ),
            );
        }
        let same = |other: &&Line| other.resource == line.resource;
        if lines[..index].iter().filter(same).any(|other| other.year == line.year) {
            report(
                line,
                "balance.twice",
                Text::fixed("该资源该年度出现两行", "this year stands there twice"),
            );
        }
        let before =
            lines.iter().filter(same).find(|other| Some(other.year) == line.year.checked_sub(1));
        let Some(before) = before else { continue };
        if before.unit != line.unit {
            report(
                line,
                "balance.unit",
                Text::new(
                    format!("单位 {} 与上年 {} 不同", line.unit, before.unit),
                    format!("its unit {} differs from last year's {}", line.unit, before.unit),
                ),
            );
        } else if before.closing != line.opening {
            report(
                line,
                "balance.breaks",
                Text::new(
                    format!("期初 {} 不等于上年期末 {}", line.opening, before.closing),
                    format!(
                        "opening {} is not last year's closing {}",
                        line.opening, before.closing
                    ),
                ),
            );
        }
    }
    found
}
