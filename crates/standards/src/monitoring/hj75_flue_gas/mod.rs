//! HJ 75: continuous monitoring of flue gas, valid data and substitution (固定污染源烟气排放连续监测).
//!
//! Edition: HJ 75-2017. Table: `parameters.csv`, mostly from memory: the text was seen only in
//! excerpts, so every number is a parameter with its confidence. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{
    Citation, Confidence, Decimal, Explanation, Input, Judged, NotComputable, Rounding,
    RoundingRule, Row, Table, Text, round_half_even,
};

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("HJ75-2017", "HJ 75-2017", date(2018, 3, 1), None)];

static PARAMETERS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("hj75/parameters", include_str!("parameters.csv"), &["parameter"])
        .expect("the table shipped with this crate is sound")
});

/// Numbers of the rules. Public fields: what is from memory can be set by who has the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Fewest valid minutes of an hour.
    pub minutes_of_an_hour: u32,
    /// Fewest valid hours of a day.
    pub hours_of_a_day: u32,
    /// Fewest valid days of a month.
    pub days_of_a_month: u32,
    /// Fewest valid days of February.
    pub days_of_february: u32,
    /// The capture rate of a quarter that passes, percent.
    pub capture_percent: u32,
    /// The capture rate from which the shorter windows apply, percent.
    pub good_capture_percent: u32,
    /// Up to so many hours an outage is short.
    pub short_outage_hours: u32,
    /// Valid hours looked back over: good capture rate, short outage.
    pub window_good_short: u32,
    /// The same for a long outage.
    pub window_good_long: u32,
    /// The same for a fair capture rate.
    pub window_fair: u32,
    /// The edition.
    pub by: Citation,
    /// The weakest confidence of the numbers.
    pub confidence: Confidence,
}

impl Parameters {
    /// The numbers in force on a day.
    ///
    /// # Standard
    /// HJ 75-2017, mostly from memory; each row says so.
    ///
    /// # Not computable
    /// [`NotComputable::NoEdition`] before 2018-03-01.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::monitoring::hj75_flue_gas::Parameters;
    /// assert_eq!(Parameters::in_force(date(2026, 6, 1)).unwrap().minutes_of_an_hour, 45);
    /// ```
    pub fn in_force(on: Date) -> Result<Self, NotComputable> {
        let table: &'static Table = &PARAMETERS;
        let none = || NotComputable::NoEdition { standard: "HJ 75", on };
        let rows: Vec<&'static Row> = table.in_force(on).collect();
        let number = |name: &str| {
            rows.iter()
                .find(|row| table.cell(row, "parameter") == name)
                .and_then(|row| table.cell(row, "value").parse::<u32>().ok())
                .ok_or_else(none)
        };
        Ok(Self {
            minutes_of_an_hour: number("minutes_of_an_hour")?,
            hours_of_a_day: number("hours_of_a_day")?,
            days_of_a_month: number("days_of_a_month")?,
            days_of_february: number("days_of_february")?,
            capture_percent: number("capture_percent")?,
            good_capture_percent: number("good_capture_percent")?,
            short_outage_hours: number("short_outage_hours")?,
            window_good_short: number("window_good_short")?,
            window_good_long: number("window_good_long")?,
            window_fair: number("window_fair")?,
            by: rows.first().ok_or_else(none)?.citation(),
            confidence: rows
                .iter()
                .map(|row| row.confidence())
                .min()
                .unwrap_or(Confidence::Unknown),
        })
    }
}

/// Returns the mean of an hour from its valid minutes, not rounded.
///
/// # Standard
/// HJ 212-2017 annex D, HJ 76 annex B: at least 45 valid minutes.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer.
///
/// # Note
/// Where a device sends means of several minutes the number of valid minutes is not known; pass
/// one value for each minute of a record.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj75_flue_gas::{Parameters, hourly_mean};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let mut minutes = vec![Some(Decimal::TEN); 60];
/// minutes[..15].fill(None);
/// assert_eq!(hourly_mean(&minutes, &parameters), Ok(Decimal::TEN));
/// minutes[15] = None;
/// assert!(hourly_mean(&minutes, &parameters).is_err());
/// ```
pub fn hourly_mean(
    minutes: &[Option<Decimal>],
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    let what = Text::fixed("有效分钟", "valid minutes");
    mean_of(minutes, parameters.minutes_of_an_hour, what)
}

/// Returns the mean of a day from its valid hours, not rounded.
///
/// # Standard
/// HJ 212-2017 annex D, HJ 76 annex B: at least 20 valid hours.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj75_flue_gas::{Parameters, daily_mean};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let hours = vec![Some(Decimal::TEN); 20];
/// assert_eq!(daily_mean(&hours, &parameters), Ok(Decimal::TEN));
/// assert!(daily_mean(&hours[..19], &parameters).is_err());
/// ```
pub fn daily_mean(
    hours: &[Option<Decimal>],
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    mean_of(hours, parameters.hours_of_a_day, Text::fixed("有效小时", "valid hours"))
}

/// Returns the mean of a month from its valid days, not rounded.
///
/// # Standard
/// HJ 76 annex B as quoted: at least 25 valid days, 23 in February.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj75_flue_gas::{Parameters, monthly_mean};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let days = vec![Some(Decimal::TEN); 24];
/// assert_eq!(monthly_mean(&days, 2, &parameters), Ok(Decimal::TEN));
/// assert!(monthly_mean(&days, 3, &parameters).is_err());
/// ```
pub fn monthly_mean(
    days: &[Option<Decimal>],
    month: i8,
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    let wanted = if month == 2 { parameters.days_of_february } else { parameters.days_of_a_month };
    mean_of(days, wanted, Text::fixed("有效日", "valid days"))
}

fn mean_of(values: &[Option<Decimal>], wanted: u32, what: Text) -> Result<Decimal, NotComputable> {
    let counted = values.iter().flatten().count() as u32;
    if counted < wanted {
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    crate::air::hj663_ambient_air_assessment::mean(values.iter().flatten().copied())
}

/// The hours of a quarter of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterHours {
    /// Hours of the quarter.
    pub all: u32,
    /// Hours without valid data while the source ran.
    pub invalid: u32,
    /// Hours in which the source was stopped.
    pub stopped: u32,
}

/// Returns the capture rate of a quarter (季度有效数据捕集率) and whether it passes.
///
/// # Standard
/// HJ 75-2017 12.1.3, from memory.
///
/// # Formula
/// `(all - invalid - stopped) / (all - stopped)`, percent with one decimal; passes at 75 %,
/// compared unrounded.
///
/// # Not computable
/// [`NotComputable::Missing`] when the source was stopped all the time;
/// [`NotComputable::Invalid`] when the hours do not add up.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::monitoring::hj75_flue_gas::{Parameters, QuarterHours, capture_rate};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let hours = QuarterHours { all: 2160, invalid: 216, stopped: 0 };
/// let (rate, passes) = capture_rate(hours, &parameters).unwrap().value;
/// assert_eq!((rate.to_string().as_str(), passes), ("90.0", true));
/// ```
pub fn capture_rate(
    hours: QuarterHours,
    parameters: &Parameters,
) -> Result<Judged<(Decimal, bool)>, NotComputable> {
    let what = || Text::fixed("小时数", "the hours");
    let why = Text::fixed("相互矛盾", "they contradict each other");
    let ran = hours.all.checked_sub(hours.stopped);
    let valid = ran.and_then(|ran| ran.checked_sub(hours.invalid));
    let (Some(ran), Some(valid)) = (ran, valid) else {
        return Err(NotComputable::Invalid { what: what(), why });
    };
    if ran == 0 {
        let what = Text::fixed("运行小时", "every hour of operation");
        return Err(NotComputable::Missing { what });
    }
    let exact = Decimal::from(u64::from(valid) * 100) / Decimal::from(ran);
    let input = |zh, en, hours: u32| Input::new(Text::fixed(zh, en), Decimal::from(hours), "h");
    Ok(Judged {
        value: (round_half_even(exact, 1), exact >= Decimal::from(parameters.capture_percent)),
        by: parameters.by.clone(),
        inputs: vec![
            input("季度小时", "hours of the quarter", hours.all),
            input("无效小时", "hours without valid data", hours.invalid),
            input("停运小时", "hours stopped", hours.stopped),
        ],
        rounding: vec![Rounding {
            of: Text::fixed("捕集率", "capture rate"),
            how: RoundingRule::HalfEven(1),
        }],
        confidence: parameters.confidence,
    })
}

/// Returns the amount that stands in for each hour of an outage (缺失数据处理).
///
/// # Standard
/// HJ 75-2017 table 5, from memory: out of control and overdue calibration. Only the amount
/// emitted is substituted, never the concentration or the parameters of the flue gas.
///
/// # Formula
/// The largest of the valid hours looked back over: 180 with a capture rate from 90 % and an
/// outage up to 24 h, 720 for a longer outage, 2160 with a capture rate from 75 %.
/// `valid_before` lists the amounts of valid hours, the latest last.
///
/// # Units
/// kg/h.
///
/// # Not computable
/// [`NotComputable::TooFew`] when fewer valid hours are known than the window wants;
/// [`NotComputable::NotInTable`] below 75 %.
///
/// # Note
/// Whether the largest or the mean is meant differs between the editions as remembered; it must be
/// checked before a fee rests on it.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj75_flue_gas::{Parameters, substitute};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let before: Vec<Decimal> = (1..=180).map(Decimal::from).collect();
/// let found = substitute(&before, Decimal::from(95), 6, &parameters).unwrap();
/// assert_eq!(found.value, Decimal::from(180));
/// ```
pub fn substitute(
    valid_before: &[Decimal],
    capture_percent: Decimal,
    outage_hours: u32,
    parameters: &Parameters,
) -> Result<Judged<Decimal>, NotComputable> {
    let at_least = |percent: u32| capture_percent >= Decimal::from(percent);
    let window = if at_least(parameters.good_capture_percent) {
        if outage_hours <= parameters.short_outage_hours {
            parameters.window_good_short
        } else {
            parameters.window_good_long
        }
    } else if at_least(parameters.capture_percent) {
        parameters.window_fair
    } else {
        let what =
            Text::fixed("捕集率低于要求时的替代", "substitution below the capture rate wanted");
        return Err(NotComputable::NotInTable { what, edition: "HJ 75-2017" });
    };
    let (counted, wanted) = (valid_before.len() as u32, window);
    let from = valid_before.len().saturating_sub(window as usize);
    let largest = valid_before[from..].iter().max().filter(|_| counted >= wanted);
    let what = Text::fixed("此前有效小时", "valid hours before");
    let value = *largest.ok_or(NotComputable::TooFew { what, counted, wanted })?;
    Ok(Judged {
        value,
        by: parameters.by.clone(),
        inputs: vec![
            Input::new(Text::fixed("捕集率", "capture rate"), capture_percent, "%"),
            Input::new(Text::fixed("缺失时长", "outage"), Decimal::from(outage_hours), "h"),
            Input::new(Text::fixed("回溯小时", "hours looked back"), Decimal::from(window), "h"),
        ],
        rounding: Vec::new(),
        confidence: parameters.confidence,
    })
}

/// Explains a substituted amount.
///
/// # Standard
/// As [`substitute`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::monitoring::hj75_flue_gas::{Parameters, explain_substitute, substitute};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let before: Vec<Decimal> = (1..=180).map(Decimal::from).collect();
/// let found = substitute(&before, Decimal::from(95), 6, &parameters).unwrap();
/// let plain = explain_substitute(&found).to_plain(rulebook::Language::English);
/// assert!(plain.starts_with("180 kg/h stands in for each hour of the outage"));
/// ```
pub fn explain_substitute(verdict: &Judged<Decimal>) -> Explanation {
    let (amount, by) = (verdict.value, verdict.by.text());
    verdict.explained(Text::new(
        format!("缺失的每个小时以 {amount} kg/h 替代，只替代排放量（{}）", by.zh),
        format!(
            "{amount} kg/h stands in for each hour of the outage, for the amount only ({})",
            by.en
        ),
    ))
}

/// Explains a capture rate.
///
/// # Standard
/// As [`capture_rate`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::monitoring::hj75_flue_gas::{Parameters, QuarterHours, capture_rate, explain};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let hours = QuarterHours { all: 2160, invalid: 216, stopped: 0 };
/// let found = capture_rate(hours, &parameters).unwrap();
/// let plain = explain(&found).to_plain(rulebook::Language::English);
/// assert!(plain.starts_with("capture rate of the quarter 90.0 %, passes (HJ 75-2017)"));
/// ```
pub fn explain(verdict: &Judged<(Decimal, bool)>) -> Explanation {
    let (rate, passes) = verdict.value;
    let (zh, en) = if passes { ("合格", "passes") } else { ("不合格", "does not pass") };
    verdict.explained(Text::new(
        format!("季度有效数据捕集率 {rate}%，{zh}（{}）", verdict.by.edition),
        format!("capture rate of the quarter {rate} %, {en} ({})", verdict.by.edition),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&PARAMETERS]
}
