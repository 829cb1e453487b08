//! An outlet of gas and one of water, and rows, marks, decisions in a few words.
#![allow(dead_code, reason = "each test file uses a part")]

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use observations::{FactorValue, Row, Source};
use registry::{FactorId, LimitBound, Medium, PointId};
use rulebook::{Decimal, Period};
use validity::{
    BureauVerdict, Decision, DecisionId, EnterpriseMark, FactorSetup, FlowSetup, Inputs, LimitRow,
    MarkId, Month, MonthInputs, ReferenceOxygen, Rules, Setup,
};

/// The outlet.
pub(crate) const POINT: PointId = PointId(7);
/// Nitrogen oxides of gas, COD of water.
pub(crate) const JUDGED: FactorId = FactorId(1);
/// The flow.
pub(crate) const FLOW: FactorId = FactorId(2);
/// Oxygen of gas, pH of water.
pub(crate) const OTHER: FactorId = FactorId(3);

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

pub(crate) fn month() -> Month {
    Month::new(2026, 10).expect("a month")
}

/// Hours after the beginning of the month.
pub(crate) fn hour(count: i64) -> Timestamp {
    month().begins() + SignedDuration::from_hours(count)
}

/// Minutes after the beginning of the month.
pub(crate) fn minute(count: i64) -> Timestamp {
    month().begins() + SignedDuration::from_mins(count)
}

pub(crate) fn rules() -> Rules {
    Rules {
        minutes_of_an_hour: 45,
        hours_of_a_day: 20,
        water_day_percent: 75,
        oxygen_meaningful_below: Decimal::from(19),
        conversion_percent: Decimal::ONE,
        capture_percent: 75,
        good_capture_percent: 90,
        short_outage_hours: 24,
        window_good_short: 180,
        window_good_long: 720,
        window_fair: 2160,
        water_days_looked_back: 30,
        tables: "test".into(),
    }
}

fn limit(factor: FactorId, period: Period, bound: LimitBound, on_converted: bool) -> LimitRow {
    LimitRow {
        factor,
        period,
        bound,
        on_converted,
        valid_from: date(2021, 1, 1),
        valid_to: None,
        source: "permit 1, version 1".into(),
    }
}

/// An empty month of an outlet, judged up to so many hours.
pub(crate) fn inputs(medium: Medium, hours: i64) -> MonthInputs {
    let factor = |factor, code: &str, is_mass, is_apart| FactorSetup {
        factor,
        code: code.into(),
        is_mass,
        is_apart,
        plausible: validity::plausible(code, is_mass),
    };
    let upto = |text: &str| LimitBound::AtMost(decimal(text));
    let (factors, limits, unit) = match medium {
        Medium::Gas => (
            vec![factor(JUDGED, "a21002", true, false)],
            vec![limit(JUDGED, Period::Hour, upto("50"), true)],
            "3600",
        ),
        Medium::Water => (
            vec![factor(JUDGED, "w01018", true, false), factor(OTHER, "w01001", false, true)],
            vec![
                limit(JUDGED, Period::Day, upto("50"), false),
                limit(OTHER, Period::Day, LimitBound::Within(decimal("6"), decimal("9")), false),
            ],
            "3.6",
        ),
    };
    let inputs = Inputs {
        block: 1,
        until: hour(hours),
        heard_since: Some(month().begins()),
        setup: Setup {
            medium,
            factors,
            flow: Some(FlowSetup { factor: FLOW, cubic_metres_an_hour: decimal(unit) }),
            oxygen: (medium == Medium::Gas).then_some(OTHER),
            reference_oxygen: Some(ReferenceOxygen {
                percent: Decimal::from(9),
                source: "GB 13271-2014 5.2".into(),
            }),
            minute_interval_min: Some(10),
            hour_interval_h: Some(1),
            valid_from: None,
            valid_to: None,
        },
        limits,
        rules: rules(),
        kinds: validity::mark_kinds(date(2026, 10, 31)),
        allowances: validity::allowances(date(2026, 10, 31)),
        marks: Vec::new(),
        withdrawn: Vec::new(),
        decisions: Vec::new(),
        before: Vec::new(),
    };
    MonthInputs {
        point: POINT,
        month: month(),
        version: 1,
        computed_at: hour(hours),
        inputs,
        hours: Vec::new(),
        minutes: Vec::new(),
        days: Vec::new(),
        marks: Vec::new(),
        decisions: Vec::new(),
        history: Vec::new(),
    }
}

/// A row of some factors: number, flag.
pub(crate) fn row(period: Period, at: Timestamp, values: &[(FactorId, &str, u8)]) -> Row {
    let value = |(factor, text, flag): &(FactorId, &str, u8)| FactorValue {
        value: (!text.is_empty()).then(|| decimal(text)),
        flag: Some(*flag),
        ..FactorValue::empty(*factor)
    };
    Row {
        point: POINT,
        period,
        observed_at: at,
        received_at: at,
        source: Source { block: 1, index: 0 },
        version: 1,
        values: values.iter().map(value).collect(),
    }
}

/// The hour of a stack: concentration, oxygen, flow in m3/s, flag of the concentration.
pub(crate) fn gas_hour(at: i64, value: &str, oxygen: &str, flow: &str, flag: u8) -> Row {
    let values = [(JUDGED, value, flag), (OTHER, oxygen, b'N'), (FLOW, flow, b'N')];
    row(Period::Hour, hour(at), &values)
}

/// The hour of a drain: COD, pH, flow in L/s, flag of COD.
pub(crate) fn water_hour(at: i64, value: &str, ph: &str, flow: &str, flag: u8) -> Row {
    let values = [(JUDGED, value, flag), (OTHER, ph, b'N'), (FLOW, flow, b'N')];
    row(Period::Hour, hour(at), &values)
}

/// A mark from one hour to before another, made in time.
pub(crate) fn mark(id: i64, kind: &str, from: i64, to: i64) -> EnterpriseMark {
    EnterpriseMark {
        id: MarkId(id),
        point: POINT,
        factor: None,
        from: hour(from),
        to: hour(to),
        kind: kind.into(),
        facility: String::new(),
        reason: "test".into(),
        evidence: None,
        evidence_name: None,
        author: "enterprise".into(),
        at: hour(to),
        is_late: false,
        withdrawn: None,
    }
}

/// A decision on a mark, or on data by themselves.
pub(crate) fn decision(
    id: i64,
    mark: Option<i64>,
    verdict: BureauVerdict,
    from: i64,
    to: i64,
) -> Decision {
    Decision {
        id: DecisionId(id),
        mark: mark.map(MarkId),
        point: POINT,
        factor: None,
        from: hour(from),
        to: hour(to),
        verdict,
        reason: "test".into(),
        evidence: None,
        author: "officer".into(),
        at: hour(to),
    }
}

/// The inputs with marks and decisions, and their numbers.
pub(crate) fn with(
    mut inputs: MonthInputs,
    marks: Vec<EnterpriseMark>,
    decisions: Vec<Decision>,
) -> MonthInputs {
    inputs.inputs.marks = marks.iter().map(|mark| mark.id).collect();
    inputs.inputs.decisions = decisions.iter().map(|decision| decision.id).collect();
    inputs.marks = marks;
    inputs.decisions = decisions;
    inputs
}
