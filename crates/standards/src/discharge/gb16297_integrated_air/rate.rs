//! The rate that a stack may emit, by its height (最高允许排放速率).

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};
use rust_decimal::MathematicalOps as _;

static RATES: LazyLock<Table> = LazyLock::new(|| {
    let key = ["item", "scope", "stack_m"];
    Table::load("gb16297_integrated_air/rates", include_str!("rates.csv"), &key)
        .expect("the table shipped with this crate is sound")
});

pub(super) fn table() -> &'static Table {
    &RATES
}

/// A stack (排气筒).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Its height, m.
    pub height_m: Decimal,
    /// Whether it is 5 m higher than every building within 200 m (7.1).
    pub overtops_buildings: bool,
}

/// Returns the rate that a stack may emit, kg/h.
///
/// # Standard
/// GB 16297-1996 table 2, 7.1 to 7.4, appendix B.
///
/// # Formula
/// Between two printed heights by interpolation; above the last and below the first
/// `Q = Q_b (h / h_b)²`; half of that below 15 m (7.4); half again for a stack that does not
/// overtop the buildings around (7.1). `grade` is 2 or 3, by the zone.
///
/// # Units
/// m, kg/h.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an item, scope or grade that is not printed;
/// [`NotComputable::Invalid`] for a height that is not above zero.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::gb16297_integrated_air::{Stack, rate_limit};
/// let stack = Stack { height_m: "17.5".parse().unwrap(), overtops_buildings: true };
/// let scope = "硫 二氧化硫 硫酸和其它含硫化合物生产";
/// let rate = rate_limit("二氧化硫", scope, 2, stack, date(2026, 6, 1)).unwrap();
/// assert_eq!(rate.value.to_string(), "3.45");
/// ```
pub fn rate_limit(
    item: &str,
    scope: &str,
    grade: u8,
    stack: Stack,
    on: Date,
) -> Result<Judged<Decimal>, NotComputable> {
    let table: &'static Table = &RATES;
    let column = match grade {
        2 => "rate_grade2",
        3 => "rate_grade3",
        _ => "",
    };
    let height = stack.height_m;
    if height <= Decimal::ZERO {
        let why = Text::fixed("高度不大于零", "it is not above zero");
        return Err(NotComputable::Invalid {
            what: Text::fixed("排气筒高度", "the height"), why
        });
    }
    let mut points: Vec<(Decimal, Decimal, &'static Row)> = table
        .in_force(on)
        .filter(|row| table.cell(row, "item") == item && table.cell(row, "scope") == scope)
        .filter_map(|row| {
            let number = |column| table.decimal(row, column).ok().flatten();
            Some((number("stack_m")?, number(column)?, row))
        })
        .collect();
    points.sort_by_key(|(height, _, _)| *height);
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        let what = Text::plain(format_args!("{item} ({scope}, {grade})"));
        return Err(NotComputable::NotInTable { what, edition: "GB 16297-1996" });
    };
    let by_square = |(base, rate, _): (Decimal, Decimal, &Row)| {
        let times = height / base;
        rate.checked_mul(times.checked_mul(times)?)
    };
    let rate = if height < first.0 {
        by_square(first)
    } else if height > last.0 {
        by_square(last)
    } else {
        Some(interpolate(&points, height).unwrap_or(last.1))
    };
    let why = Text::fixed("数值过大", "a number is too large");
    let what = Text::fixed("排放速率", "the rate");
    let mut rate = rate.ok_or(NotComputable::Invalid { what, why })?;
    if height < Decimal::from(15) {
        rate /= Decimal::TWO;
    }
    if !stack.overtops_buildings {
        rate /= Decimal::TWO;
    }
    Ok(Judged {
        value: rate.normalize(),
        by: first.2.citation(),
        inputs: vec![Input::new(Text::fixed("排气筒高度", "height of the stack"), height, "m")],
        rounding: Vec::new(),
        confidence: first.2.confidence(),
    })
}

fn interpolate(points: &[(Decimal, Decimal, &'static Row)], height: Decimal) -> Option<Decimal> {
    let above = points.iter().position(|(printed, _, _)| *printed >= height)?;
    let (high, rate_high, _) = points[above];
    let Some((low, rate_low, _)) = above.checked_sub(1).map(|below| points[below]) else {
        return Some(rate_high);
    };
    Some(rate_low + (rate_high - rate_low) * (height - low) / (high - low))
}

/// The height of the stack that two near stacks are counted as, m; `None` for negative heights.
///
/// # Standard
/// GB 16297-1996 appendix A.
///
/// # Formula
/// `h = sqrt((h1² + h2²) / 2)`.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::gb16297_integrated_air::equivalent_stack_height;
/// let height = equivalent_stack_height(Decimal::from(20), Decimal::from(20));
/// assert_eq!(height, Some(Decimal::from(20)));
/// ```
pub fn equivalent_stack_height(one: Decimal, other: Decimal) -> Option<Decimal> {
    if one < Decimal::ZERO || other < Decimal::ZERO {
        return None;
    }
    let squares = one.checked_mul(one)?.checked_add(other.checked_mul(other)?)?;
    (squares / Decimal::TWO).sqrt()
}

/// Where the stack that two near stacks are counted as stands, m from the first; `None` where
/// nothing is emitted.
///
/// # Standard
/// GB 16297-1996 appendix A: two stacks nearer than the sum of their heights, `Q = Q1 + Q2`.
///
/// # Formula
/// `x = a * Q2 / Q`.
///
/// # Units
/// `apart` in m, both rates in kg/h.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::gb16297_integrated_air::equivalent_stack_place;
/// let place = equivalent_stack_place(Decimal::from(30), Decimal::ONE, Decimal::TWO);
/// assert_eq!(place, Some(Decimal::from(20)));
/// ```
pub fn equivalent_stack_place(apart: Decimal, one: Decimal, other: Decimal) -> Option<Decimal> {
    apart.checked_mul(other)?.checked_div(one.checked_add(other)?)
}

/// Explains a rate: the height that it is for.
///
/// # Standard
/// As [`rate_limit`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::discharge::gb16297_integrated_air::{Stack, explain_rate, rate_limit};
/// let stack = Stack { height_m: "17.5".parse().unwrap(), overtops_buildings: true };
/// let scope = "硫 二氧化硫 硫酸和其它含硫化合物生产";
/// let rate = rate_limit("二氧化硫", scope, 2, stack, date(2026, 6, 1)).unwrap();
/// let plain = explain_rate(&rate).to_plain(Language::English);
/// assert!(plain.starts_with("at most 3.45 kg/h (GB 16297-1996 table 2)"));
/// ```
pub fn explain_rate(verdict: &Judged<Decimal>) -> Explanation {
    let (rate, by) = (verdict.value, verdict.by.text());
    verdict.explained(Text::new(
        format!("最高允许排放速率 {rate} kg/h（{}）", by.zh),
        format!("at most {rate} kg/h ({})", by.en),
    ))
}
