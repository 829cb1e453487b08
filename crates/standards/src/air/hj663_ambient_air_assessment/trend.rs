//! Trend of a series of periods by Spearman's rank correlation (秩相关系数法).

use std::sync::LazyLock;

use rulebook::{
    Decimal, Explanation, Input, Judged, NotComputable, Rounding, RoundingRule, Table, Text,
    round_half_even,
};

static CRITICAL: LazyLock<Table> = LazyLock::new(|| {
    Table::load("hj663/critical_values", include_str!("critical_values.csv"), &["periods"])
        .expect("the table shipped with this crate is sound")
});

/// Where a series goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Rising (上升): worse, for a concentration.
    Rising,
    /// No significant trend (无显著趋势).
    NotSignificant,
    /// Falling (下降).
    Falling,
}

/// The rank correlation with its critical value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trend {
    /// The coefficient, three decimals.
    pub coefficient: Decimal,
    /// The critical value of so many periods.
    pub critical: Decimal,
    /// Where the series goes.
    pub direction: Direction,
}

/// Returns the trend of values in order of time.
///
/// # Standard
/// HJ 663-2013, trend; 环办〔2011〕22号 for surface water.
///
/// # Formula
/// `r = 1 - 6 Σ d² / (n³ - n)`, `d` the rank of the value less that of its time; equal values
/// share the mean of their ranks; significant when `|r| >= Wp` (one-sided 0.05).
///
/// # Not computable
/// [`NotComputable::TooFew`] below five periods; [`NotComputable::NotInTable`] where no critical
/// value of so many periods is known.
///
/// # Note
/// The critical values and the sharing of ranks are from memory.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::{Direction, spearman_trend};
/// let yearly = [48, 45, 40, 36, 33].map(Decimal::from);
/// let trend = spearman_trend(&yearly).unwrap().value;
/// assert_eq!(trend.coefficient, Decimal::NEGATIVE_ONE);
/// assert_eq!(trend.direction, Direction::Falling);
/// ```
pub fn spearman_trend(values: &[Decimal]) -> Result<Judged<Trend>, NotComputable> {
    let n = values.len() as u32;
    if n < 5 {
        let what = Text::fixed("时段", "periods");
        return Err(NotComputable::TooFew { what, counted: n, wanted: 5 });
    }
    let table: &'static Table = &CRITICAL;
    let row = table.rows().iter().find(|row| table.cell(row, "periods") == n.to_string());
    let row = row.ok_or_else(|| NotComputable::NotInTable {
        what: Text::new(
            format!("{n} 个时段的秩相关临界值"),
            format!("the critical value of {n} periods"),
        ),
        edition: "HJ 663-2013",
    })?;
    let critical = table.decimal(row, "critical").ok().flatten().unwrap_or_default();
    // Ranks are doubled so that shared ranks stay whole numbers.
    let doubled_rank = |value: &Decimal| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        (2 * below + equal + 1) as i64
    };
    let squares: i64 = values
        .iter()
        .enumerate()
        .map(|(place, value)| (doubled_rank(value) - 2 * (place as i64 + 1)).pow(2))
        .sum();
    let n = i64::from(n);
    let exact = Decimal::ONE - Decimal::from(6 * squares) / Decimal::from(4 * (n.pow(3) - n));
    let direction = match (exact.abs() >= critical, exact.is_sign_positive()) {
        (false, _) => Direction::NotSignificant,
        (true, true) => Direction::Rising,
        (true, false) => Direction::Falling,
    };
    let coefficient = round_half_even(exact, 3).normalize();
    let input = |(place, value): (usize, &Decimal)| {
        Input::new(Text::plain(format_args!("{}", place + 1)), *value, "")
    };
    Ok(Judged {
        value: Trend { coefficient, critical, direction },
        by: row.citation(),
        inputs: values.iter().enumerate().map(input).collect(),
        rounding: vec![Rounding {
            of: Text::fixed("秩相关系数", "the coefficient"),
            how: RoundingRule::HalfEven(3),
        }],
        confidence: row.confidence(),
    })
}

impl Direction {
    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Rising => Text::fixed("显著上升", "rising"),
            Self::NotSignificant => Text::fixed("无显著趋势", "no significant trend"),
            Self::Falling => Text::fixed("显著下降", "falling"),
        }
    }
}

/// Explains a trend: the coefficient beside its critical value.
///
/// # Standard
/// As [`spearman_trend`].
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::air::hj663_ambient_air_assessment::{explain_trend, spearman_trend};
/// let yearly = [48, 45, 40, 36, 33].map(Decimal::from);
/// let plain = explain_trend(&spearman_trend(&yearly).unwrap()).to_plain(Language::English);
/// assert!(plain.starts_with("falling: r = -1, |r| ≥ 0.900"));
/// ```
pub fn explain_trend(verdict: &Judged<Trend>) -> Explanation {
    let found = &verdict.value;
    let name = found.direction.name();
    let sign = if found.direction == Direction::NotSignificant { "<" } else { "≥" };
    let numbers = format!("r = {}, |r| {sign} {}", found.coefficient, found.critical);
    let by = verdict.by.text();
    verdict.explained(Text::new(
        format!("{}：{numbers}（{}）", name.zh, by.zh),
        format!("{}: {numbers} ({})", name.en, by.en),
    ))
}

pub(super) fn tables() -> [&'static Table; 1] {
    [&CRITICAL]
}
