//! HJ 356: online monitoring of wastewater, valid data and substitution
//! (水污染源在线监测系统数据有效性判别).
//!
//! Edition: HJ 356-2019. Table: `parameters.csv`, from memory: the text was seen only in excerpts.
//! Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("HJ356-2019", "HJ 356-2019", date(2020, 3, 24), None)];

static PARAMETERS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("hj356/parameters", include_str!("parameters.csv"), &["parameter"])
        .expect("the table shipped with this crate is sound")
});

fn parameter(name: &str, on: Date) -> Result<(u32, &'static Row), NotComputable> {
    let table: &'static Table = &PARAMETERS;
    table
        .in_force(on)
        .find(|row| table.cell(row, "parameter") == name)
        .and_then(|row| Some((table.cell(row, "value").parse().ok()?, row)))
        .ok_or(NotComputable::NoEdition { standard: "HJ 356", on })
}

/// One value of an analyser with the water that flowed in its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// The concentration, `None` where it is missing or not valid.
    pub concentration: Option<Decimal>,
    /// The water of the period, m3.
    pub flow: Decimal,
}

/// Returns the daily mean of a concentration, weighted by flow, not rounded.
///
/// # Standard
/// HJ 356-2019 (from memory); HJ 212-2017 annex D for the formula. Not for pH.
///
/// # Formula
/// `C = Σ C_i Q_i / Σ Q_i` over the valid values; at least 75 % of the values due.
///
/// # Units
/// mg/L, m3.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer valid values; [`NotComputable::Missing`] when nothing
/// flowed; [`NotComputable::NoEdition`] before 2020-03-24.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj356_wastewater::{Portion, daily_mean};
/// let portion = |concentration: i64, flow: i64| Portion {
///     concentration: Some(Decimal::from(concentration)),
///     flow: Decimal::from(flow),
/// };
/// let day = [portion(40, 3), portion(60, 1)];
/// assert_eq!(daily_mean(&day, 2, date(2026, 6, 1)).unwrap().value, Decimal::from(45));
/// ```
pub fn daily_mean(
    portions: &[Portion],
    due: u32,
    on: Date,
) -> Result<Judged<Decimal>, NotComputable> {
    let (percent, row) = parameter("valid_percent_of_a_day", on)?;
    let wanted = (u64::from(due) * u64::from(percent)).div_ceil(100) as u32;
    let valid =
        || portions.iter().filter_map(|portion| Some((portion.concentration?, portion.flow)));
    let counted = valid().count() as u32;
    if counted < wanted.max(1) {
        let what = Text::fixed("有效数据", "valid values");
        return Err(NotComputable::TooFew { what, counted, wanted: wanted.max(1) });
    }
    let sums = valid().try_fold((Decimal::ZERO, Decimal::ZERO), |(load, water), (value, flow)| {
        Some((load.checked_add(value.checked_mul(flow)?)?, water.checked_add(flow)?))
    });
    let mean = sums.and_then(|(load, water)| load.checked_div(water));
    let what = Text::fixed("流量", "every flow");
    Ok(Judged {
        value: mean.ok_or(NotComputable::Missing { what })?,
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("有效数据个数", "valid values"), Decimal::from(counted), ""),
            Input::new(Text::fixed("应有个数", "values due"), Decimal::from(due), ""),
        ],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Returns the daily load that stands in for a day without a valid mean.
///
/// # Standard
/// HJ 356-2019, from memory: the largest of the last 30 valid days before the last passed check;
/// concentration and flow are not substituted.
///
/// # Units
/// kg; `valid_before` lists the loads of valid days, the latest last.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer than 30 valid days; [`NotComputable::NoEdition`] before
/// 2020-03-24.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj356_wastewater::substitute_load;
/// let loads: Vec<Decimal> = (1..=30).map(Decimal::from).collect();
/// let found = substitute_load(&loads, date(2026, 6, 1)).unwrap();
/// assert_eq!(found.value, Decimal::from(30));
/// ```
pub fn substitute_load(
    valid_before: &[Decimal],
    on: Date,
) -> Result<Judged<Decimal>, NotComputable> {
    let (wanted, row) = parameter("days_looked_back", on)?;
    let counted = valid_before.len() as u32;
    let from = valid_before.len().saturating_sub(wanted as usize);
    let largest = valid_before[from..].iter().max().filter(|_| counted >= wanted);
    let what = Text::fixed("此前有效日", "valid days before");
    let value = *largest.ok_or(NotComputable::TooFew { what, counted, wanted })?;
    let days = Input::new(Text::fixed("回溯天数", "days looked back"), Decimal::from(wanted), "d");
    Ok(Judged {
        value,
        by: row.citation(),
        inputs: vec![days],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Returns the mean of a month from its valid days, not rounded.
///
/// # Standard
/// HJ 356-2019 (from memory): at least 75 % of the days due.
///
/// # Formula
/// The arithmetic mean of the valid daily means.
///
/// # Units
/// mg/L.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer valid days; [`NotComputable::NoEdition`] before 2020-03-24.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj356_wastewater::monthly_mean;
/// let mut days = vec![Some(Decimal::TEN); 30];
/// days[..7].fill(None);
/// let on = date(2026, 6, 30);
/// assert_eq!(monthly_mean(&days, 30, on).unwrap().value, Decimal::TEN);
/// days[7] = None;
/// assert!(monthly_mean(&days, 30, on).is_err());
/// ```
pub fn monthly_mean(
    days: &[Option<Decimal>],
    due: u32,
    on: Date,
) -> Result<Judged<Decimal>, NotComputable> {
    let (percent, row) = parameter("valid_percent_of_a_month", on)?;
    let wanted = ((u64::from(due) * u64::from(percent)).div_ceil(100) as u32).max(1);
    let counted = days.iter().flatten().count() as u32;
    if counted < wanted {
        let what = Text::fixed("有效日", "valid days");
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    let mean = crate::air::hj663_ambient_air_assessment::mean(days.iter().flatten().copied())?;
    Ok(Judged {
        value: mean,
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("有效日", "valid days"), Decimal::from(counted), "d"),
            Input::new(Text::fixed("应有日数", "days due"), Decimal::from(due), "d"),
        ],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains a substituted load.
///
/// # Standard
/// As [`substitute_load`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::monitoring::hj356_wastewater::{explain_substitute, substitute_load};
/// let loads: Vec<Decimal> = (1..=30).map(Decimal::from).collect();
/// let found = substitute_load(&loads, date(2026, 6, 1)).unwrap();
/// let plain = explain_substitute(&found).to_plain(Language::English);
/// assert!(plain.starts_with("a load of 30 kg/d stands in"));
/// ```
pub fn explain_substitute(verdict: &Judged<Decimal>) -> Explanation {
    let (load, by) = (verdict.value, verdict.by.text());
    verdict.explained(Text::new(
        format!("以 {load} kg/d 替代当日排放量，浓度和流量不替代（{}）", by.zh),
        format!("a load of {load} kg/d stands in, not for concentration or flow ({})", by.en),
    ))
}

/// Explains a daily mean.
///
/// # Standard
/// As [`daily_mean`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::monitoring::hj356_wastewater::{Portion, daily_mean, explain};
/// let portion = Portion { concentration: Some(Decimal::TEN), flow: Decimal::ONE };
/// let found = daily_mean(&[portion], 1, date(2026, 6, 1)).unwrap();
/// let plain = explain(&found).to_plain(Language::English);
/// assert!(plain.starts_with("daily mean weighted by flow 10 mg/L (HJ 356-2019)"));
/// ```
pub fn explain(verdict: &Judged<Decimal>) -> Explanation {
    let shown = verdict.value.round_dp(3).normalize();
    verdict.explained(Text::new(
        format!("日均值（流量加权）{shown} mg/L（{}）", verdict.by.edition),
        format!("daily mean weighted by flow {shown} mg/L ({})", verdict.by.edition),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&PARAMETERS]
}
