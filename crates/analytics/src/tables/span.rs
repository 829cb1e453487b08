//! Which stretch of time conditions leave, so that no other is read.

use super::rows::day_number;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use rulebook::beijing_offset;

/// The column of instants.
pub(crate) const OBSERVED_AT: &str = "observed_at";
/// The column of days, Beijing time.
pub(crate) const DAY: &str = "day";

/// A stretch of time: from the first moment to before the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

impl Span {
    /// What these conditions leave, all of them holding. What it cannot read leaves everything.
    pub(crate) fn left_by(conditions: &[Expr]) -> Self {
        let mut span = Self::default();
        for condition in conditions {
            span.narrow(condition);
        }
        span
    }

    fn narrow(&mut self, condition: &Expr) {
        match condition {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                self.narrow(left);
                self.narrow(right);
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (&**left, &**right) {
                (Expr::Column(name), Expr::Literal(value, _)) => {
                    self.compare(&name.name, *op, value);
                }
                (Expr::Literal(value, _), Expr::Column(name)) => {
                    if let Some(turned) = op.swap() {
                        self.compare(&name.name, turned, value);
                    }
                }
                _ => {}
            },
            Expr::Between(Between { expr, negated: false, low, high }) => {
                if let (Expr::Column(name), Expr::Literal(low, _), Expr::Literal(high, _)) =
                    (&**expr, &**low, &**high)
                {
                    self.compare(&name.name, Operator::GtEq, low);
                    self.compare(&name.name, Operator::LtEq, high);
                }
            }
            _ => {}
        }
    }

    fn compare(&mut self, column: &str, operator: Operator, value: &ScalarValue) {
        // What the value covers: an instant, or a whole day.
        let covered = match column {
            OBSERVED_AT => instant(value).map(|at| (at, at + SignedDuration::from_nanos(1))),
            DAY => day(value).and_then(|day| Some((midnight(day), midnight(day.tomorrow().ok()?)))),
            _ => None,
        };
        let Some((first, after)) = covered else { return };
        match operator {
            Operator::Eq => {
                self.not_before(first);
                self.before(after);
            }
            Operator::GtEq => self.not_before(first),
            Operator::Gt => self.not_before(after),
            Operator::Lt => self.before(first),
            Operator::LtEq => self.before(after),
            _ => {}
        }
    }

    fn not_before(&mut self, at: Timestamp) {
        self.from = Some(self.from.map_or(at, |from| from.max(at)));
    }

    fn before(&mut self, at: Timestamp) {
        self.to = Some(self.to.map_or(at, |to| to.min(at)));
    }
}

/// The start of a day in Beijing.
pub(crate) fn midnight(day: Date) -> Timestamp {
    beijing_offset().to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}

fn instant(value: &ScalarValue) -> Option<Timestamp> {
    match value {
        ScalarValue::TimestampSecond(Some(at), Some(_)) => Timestamp::from_second(*at).ok(),
        ScalarValue::TimestampMillisecond(Some(at), Some(_)) => {
            Timestamp::from_millisecond(*at).ok()
        }
        ScalarValue::TimestampMicrosecond(Some(at), Some(_)) => {
            Timestamp::from_microsecond(*at).ok()
        }
        ScalarValue::TimestampNanosecond(Some(at), Some(_)) => {
            Timestamp::from_nanosecond((*at).into()).ok()
        }
        _ => None,
    }
}

/// The day of a number of days since 1970.
pub(crate) fn day_of_number(number: i32) -> Option<Date> {
    let day = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(number)).ok()?;
    (day_number(day) == number).then_some(day)
}

fn day(value: &ScalarValue) -> Option<Date> {
    match value {
        ScalarValue::Date32(Some(number)) => day_of_number(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::prelude::{col, lit};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn micros(text: &str) -> Expr {
        let zone = Some(super::super::rows::UTC.into());
        lit(ScalarValue::TimestampMicrosecond(Some(at(text).as_microsecond()), zone))
    }

    #[test]
    fn conditions_narrow_from_both_sides_and_days_are_those_of_beijing() {
        let first = micros("2026-03-01T00:00:00Z");
        let last = micros("2026-03-05T00:00:00Z");
        let conditions = [
            col("observed_at").gt_eq(first).and(last.clone().gt(col("observed_at"))),
            col("value").gt(lit(5)),
        ];
        let span = Span::left_by(&conditions);
        assert_eq!(span.from, Some(at("2026-03-01T00:00:00Z")));
        assert_eq!(span.to, Some(at("2026-03-05T00:00:00Z")));
        let number = day_number(Date::constant(2026, 3, 2));
        let span = Span::left_by(&[col("day").eq(lit(ScalarValue::Date32(Some(number))))]);
        assert_eq!(span.from, Some(at("2026-03-01T16:00:00Z")));
        assert_eq!(span.to, Some(at("2026-03-02T16:00:00Z")));
    }

    #[test]
    fn what_cannot_be_read_leaves_everything() {
        let either = col("day").eq(lit(1)).or(col("value").eq(lit(2)));
        assert_eq!(Span::left_by(&[either]), Span::default());
    }
}
