//! A check as declared in its file.

use rulebook::{Decimal, Text};

use crate::entry::Key;
use crate::words::{Form, PeriodKind, Severity, Shape, Source};

/// A check of what people enter (合理性检查规则).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The file that declares it.
    pub file: String,
    /// Its id, unique among all checks.
    pub id: String,
    /// Its version: raised when what it finds changes.
    pub version: u32,
    /// Its name.
    pub name: Text,
    /// How much its finding says.
    pub severity: Severity,
    /// What it looks at.
    pub applies_to: AppliesTo,
    /// It looks only while each of these is positive, yes or filled in.
    pub while_positive: Vec<Operand>,
    /// It looks only while each of these is zero or no.
    pub while_zero: Vec<Operand>,
    /// It looks only while each of these is not filled in or not known.
    pub while_missing: Vec<Operand>,
    /// It is not told where one of these is told of the same field: the same mistake is told once.
    pub unless: Vec<String>,
    /// When it finds something.
    pub formula: Formula,
    /// Its numbers.
    pub parameters: Vec<Parameter>,
    /// What was found.
    pub what: Text,
    /// Why it matters.
    pub why: Text,
    /// What to do.
    pub cure: Text,
    /// An entry in which it finds something.
    pub fires: Example,
    /// An entry in which it finds nothing.
    pub passes: Example,
}

/// What a check looks at (适用范围).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliesTo {
    /// The form.
    pub form: Form,
    /// The fields, each looked at by itself.
    pub fields: Vec<String>,
    /// The periods; empty: all.
    pub periods: Vec<PeriodKind>,
    /// Beginnings of factor codes: `w` water, `a` gas, `w01001` pH; empty: all.
    pub factors: Vec<String>,
    /// Beginnings of factor codes that are left out.
    pub not_factors: Vec<String>,
}

/// A number of a check (参数).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its word in the formula.
    pub id: String,
    /// Its value.
    pub value: Decimal,
    /// Its unit, `1` where it has none.
    pub unit: String,
    /// Who sets it.
    pub source: Source,
    /// The clause, or why this number.
    pub basis: Text,
}

/// With what a value is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Another field of the same form.
    Field(String),
    /// A field of another factor at the same outlet.
    Other {
        /// The field.
        field: String,
        /// The factor's code.
        factor: String,
    },
    /// The same period of the year before.
    LastYear(String),
    /// The period or version right before.
    Last(String),
    /// The median of at least three earlier entries.
    Median(String),
    /// What the platform knows: `measured.amount`.
    Known(String),
    /// The hours of the period.
    PeriodHours,
    /// The days of the period.
    PeriodDays,
    /// The first day of the period.
    PeriodFrom,
    /// The last day of the period.
    PeriodTo,
    /// Today.
    Today,
}

/// When a check finds something: one of a small set, with its operands and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// What was typed is no number, no day, neither yes nor no.
    Unreadable,
    /// Below zero.
    Negative,
    /// Zero.
    Zero,
    /// Above zero.
    Positive,
    /// Not filled in.
    Missing,
    /// More than so many times another value that is above zero.
    RatioAbove {
        /// The other value.
        to: Operand,
        /// How many times.
        times: Decimal,
    },
    /// Less than so many times another value that is above zero.
    RatioBelow {
        /// The other value.
        to: Operand,
        /// How many times.
        times: Decimal,
    },
    /// A thousand or a million times another value, or a thousandth or a millionth of it: mg for
    /// µg, kg for t.
    UnitSlip {
        /// The other value.
        to: Operand,
        /// How far from the exact factor it may lie, as a share.
        tolerance: Decimal,
    },
    /// Away from another value by more than a share of it.
    Differs {
        /// The other value.
        to: Operand,
        /// The share.
        share: Decimal,
    },
    /// Equal to another value, both not zero.
    Equals {
        /// The other value.
        to: Operand,
    },
    /// Above another value.
    Above {
        /// The other value.
        than: Operand,
    },
    /// Below another value.
    Below {
        /// The other value.
        than: Operand,
    },
    /// Outside a range.
    Outside {
        /// Its lower end.
        at_least: Option<Decimal>,
        /// Its upper end.
        at_most: Option<Decimal>,
    },
    /// More decimals than another value says.
    Decimals {
        /// How many there may be.
        than: Operand,
    },
    /// Not zero and a whole multiple of a round number.
    MultipleOf {
        /// The round number.
        of: Decimal,
    },
    /// Not what others add up to.
    Balance {
        /// What is added.
        plus: Vec<Operand>,
        /// What is taken away.
        minus: Vec<Operand>,
        /// How far the two may lie apart, as a share of the larger.
        share: Decimal,
    },
    /// The row of no outlet differs from the sum of the outlets' rows of its factor.
    OutletsSum {
        /// How far the two may lie apart, as a share of the larger.
        share: Decimal,
    },
    /// Not what concentration times volume gives.
    Product {
        /// The concentration.
        concentration: Operand,
        /// The volume.
        volume: Operand,
        /// Their product is divided by this to have the unit of the field.
        per: Decimal,
        /// How far the two may lie apart, as a share of the larger.
        share: Decimal,
    },
    /// Fields that are not in ascending order.
    Ascending {
        /// The fields, the smallest first.
        fields: Vec<Operand>,
    },
    /// Fields that are all equal and not zero.
    AllEqual {
        /// The fields.
        fields: Vec<Operand>,
    },
    /// Every value of the field is that of an earlier entry.
    SameSeries {
        /// Which entry: the field of it.
        to: Operand,
        /// With at least so many values.
        at_least: Decimal,
    },
    /// Several rows have the very same value of at least three digits.
    SameAcross {
        /// At least so many.
        at_least: Decimal,
    },
    /// A day before one or after another.
    DayOutside {
        /// The first good day.
        from: Option<Operand>,
        /// The last good day.
        to: Option<Operand>,
    },
    /// A day later than so many days after another.
    DaysAfter {
        /// The other day.
        from: Operand,
        /// How many days.
        more_than: Decimal,
    },
    /// Words shorter than so many letters.
    WordsShort {
        /// How many letters.
        at_least: Decimal,
    },
    /// Words that are nothing but one of these phrases.
    WordsOnly {
        /// The phrases.
        words: Vec<String>,
    },
    /// The answer is no.
    SaysNo,
    /// The answer is yes.
    SaysYes,
    /// Words that are not of a form.
    Shape {
        /// The form.
        of: Shape,
    },
}

/// An entry written into the file of a check (示例).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// The period: `2026`, `2026Q3`, `2026-09`, `2026-09-14`.
    pub period: Option<String>,
    /// Today.
    pub today: Option<String>,
    /// Values of the whole and of the row.
    pub row: Vec<(String, Vec<String>)>,
    /// Values of further rows: outlet/factor, field, value in one text.
    pub rows: Vec<(String, Vec<String>)>,
    /// What the platform knows of the row.
    pub known: Vec<(String, Vec<String>)>,
    /// The year before.
    pub last_year: Vec<(String, Vec<String>)>,
    /// The period before.
    pub last: Vec<(String, Vec<String>)>,
    /// Earlier ones: a list of values for each field.
    pub earlier: Vec<(String, Vec<String>)>,
    /// Where the row is.
    pub key: Key,
}
