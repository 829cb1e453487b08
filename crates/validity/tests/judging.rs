//! What counts, hour by hour and day by day: numbers of the facts, each as data and one check.

mod support;

use registry::Medium;
use rulebook::{Decimal, Period};
use support::{
    JUDGED, OTHER, decimal, decision, gas_hour, hour, inputs, mark, minute, row, water_hour, with,
};
use validity::{
    BureauVerdict, History, Invalidity, MonthInputs, MonthRecord, PeriodState, State, Steps,
    judge_month, rates,
};

fn first_hour(record: &MonthRecord) -> &PeriodState {
    record.find(JUDGED, Period::Hour, hour(0)).expect("the first hour")
}

fn first_day(record: &MonthRecord) -> &PeriodState {
    record.find(JUDGED, Period::Day, hour(0)).expect("the first day")
}

fn gas(hours: i64, value: &str, oxygen: &str, flag: u8) -> MonthInputs {
    let mut inputs = inputs(Medium::Gas, hours);
    inputs.hours = (0..hours).map(|at| gas_hour(at, value, oxygen, "10", flag)).collect();
    inputs
}

#[test]
fn an_hour_is_converted_to_the_reference_oxygen_and_compared() {
    // value, oxygen, converted, exceeds, multiple; the limit is 50, the reference 9 %.
    let cases = [
        ("25", "15", "50", false, None),
        ("25.2", "15", "50.4", false, None),
        ("25.3", "15", "50.6", true, Some("0.02")),
        ("40", "9", "40", false, None),
        ("100", "9", "100", true, Some("1")),
    ];
    for (value, oxygen, converted, exceeds, multiple) in cases {
        let record = judge_month(&gas(1, value, oxygen, b'N'));
        let state = first_hour(&record);
        assert_eq!(state.converted, Some(decimal(converted)), "{value} at {oxygen} %");
        assert_eq!(state.is_exceedance(), exceeds, "{value} at {oxygen} %");
        assert_eq!(state.excess.map(|excess| excess.normalize()), multiple.map(decimal));
        assert!(state.steps.contains(Steps::CONVERTED_HERE));
    }
}

#[test]
fn a_conversion_of_the_device_that_differs_by_more_than_one_percent_is_noted() {
    for (sent, is_noted) in [("50", false), ("50.4", false), ("51", false), ("52", true)] {
        let mut inputs = gas(1, "25", "15", b'N');
        inputs.hours[0].values[0].converted = Some(decimal(sent));
        let record = judge_month(&inputs);
        let state = first_hour(&record);
        assert_eq!(state.steps.contains(Steps::CONVERSION_DIFFERS), is_noted, "{sent}");
        assert_eq!((state.converted, state.recomputed), (Some(decimal(sent)), Some(decimal("50"))));
    }
}

#[test]
fn oxygen_like_that_of_air_means_no_comparison() {
    for (oxygen, is_compared) in [("18.9", true), ("19", false), ("20.9", false), ("21", false)] {
        let mut inputs = gas(1, "25", oxygen, b'N');
        inputs.hours[0].values[0].converted = Some(decimal("400"));
        let record = judge_month(&inputs);
        let state = first_hour(&record);
        assert_eq!(state.is_exceedance(), is_compared, "{oxygen} %");
        assert_eq!(state.steps.contains(Steps::OXYGEN_TOO_HIGH), !is_compared, "{oxygen} %");
    }
}

#[test]
fn an_hour_without_a_row_is_made_of_at_least_45_valid_minutes() {
    // Valid records of ten minutes: five are 50 minutes, four are 40.
    for (good, state) in
        [(6, State::Valid), (5, State::Valid), (4, State::Invalid(Invalidity::TooFew))]
    {
        let mut inputs = inputs(Medium::Gas, 1);
        inputs.minutes = (0..6)
            .map(|nth| {
                let flag = if nth < good { b'N' } else { b'C' };
                let values = [(JUDGED, "30", flag), (OTHER, "9", b'N')];
                row(Period::Minute, minute(nth * 10), &values)
            })
            .collect();
        let record = judge_month(&inputs);
        let hour = first_hour(&record);
        assert_eq!(hour.state, state, "{good} records");
        assert_eq!(hour.parts, good as u16 * 10);
        assert_eq!(hour.concentration, Some(decimal("30")));
    }
}

#[test]
fn a_day_of_gas_wants_20_valid_hours() {
    for (valid, state) in [(20, State::Valid), (19, State::Invalid(Invalidity::TooFew))] {
        let mut inputs = gas(24, "30", "9", b'N');
        for row in inputs.hours.iter_mut().skip(valid) {
            row.values[0].flag = Some(b'D');
        }
        let record = judge_month(&inputs);
        assert_eq!(first_day(&record).state, state, "{valid} hours");
        assert_eq!(usize::from(first_day(&record).parts), valid);
    }
}

#[test]
fn letters_of_the_device_keep_a_value_from_counting() {
    for letter in *b"FMSDCTBP0" {
        let record = judge_month(&gas(1, "90", "9", letter));
        let state = first_hour(&record);
        assert_eq!(state.state, State::Invalid(Invalidity::Instrument));
        assert_eq!(state.layers.instrument, Some(letter));
        assert!(!state.is_exceedance());
        assert_eq!(state.concentration, Some(decimal("90")), "what came stays to be seen");
    }
}

#[test]
fn a_day_of_water_is_weighted_by_flow_and_wants_75_percent() {
    let mut inputs = inputs(Medium::Water, 24);
    // 18 of 24 valid; half at 40 with three parts of water, half at 60 with one.
    inputs.hours = (0..24)
        .map(|at| {
            let (value, flow) = if at % 2 == 0 { ("40", "3") } else { ("60", "1") };
            water_hour(at, value, "7", flow, if at < 18 { b'N' } else { b'M' })
        })
        .collect();
    let record = judge_month(&inputs);
    let day = first_day(&record);
    assert_eq!((day.state, day.concentration), (State::Valid, Some(decimal("45"))));
    // 12 h x (3 + 1) L/s x 3.6 = 172.8 m3; x 45 g/m3 = 7.776 kg.
    assert_eq!((day.flow, day.amount_kg), (Some(decimal("172.8")), Some(decimal("7.776"))));
    inputs.hours[17].values[0].flag = Some(b'M');
    let record = judge_month(&inputs);
    assert_eq!(first_day(&record).state, State::Invalid(Invalidity::TooFew));
}

#[test]
fn water_without_flow_does_not_count_and_discharges_nothing() {
    let mut inputs = inputs(Medium::Water, 24);
    inputs.hours = (0..24).map(|at| water_hour(at, "40", "7", "0", b'N')).collect();
    let record = judge_month(&inputs);
    assert_eq!(first_hour(&record).state, State::Invalid(Invalidity::NoFlow));
    let day = first_day(&record);
    assert_eq!(day.state, State::Invalid(Invalidity::NoFlow));
    assert_eq!(day.amount_kg, Some(Decimal::ZERO));
}

#[test]
fn acidity_is_not_averaged_and_counted_apart() {
    let mut inputs = inputs(Medium::Water, 24);
    inputs.hours = (0..24).map(|at| water_hour(at, "40", "7.2", "1", b'N')).collect();
    inputs.hours[5].values[1].value = Some(decimal("5.6"));
    inputs.hours[6].values[1].value = Some(decimal("15"));
    let record = judge_month(&inputs);
    let day = record.find(OTHER, Period::Day, hour(0)).expect("the day of pH");
    assert_eq!(day.range, Some((decimal("5.6"), decimal("7.2"))), "15 cannot be");
    assert!(day.exceeds() && !day.is_exceedance(), "5.6 is not 6, and pH is no exceedance");
    let beyond = record.find(OTHER, Period::Hour, hour(6)).expect("the hour of 15");
    assert_eq!(beyond.state, State::Invalid(Invalidity::Implausible));
}

#[test]
fn a_mark_stands_by_its_time_and_by_what_the_bureau_says() {
    use BureauVerdict::{Accepted, Invalid, Rejected, Valid};
    let marked = State::Invalid(Invalidity::Marked);
    let held = State::Invalid(Invalidity::Decided);
    // late, decisions on the mark, decisions on the data, state of an hour over the limit.
    let cases: [(bool, &[BureauVerdict], &[BureauVerdict], State); 9] = [
        (false, &[], &[], marked),
        (false, &[Rejected], &[], State::Valid),
        (false, &[Rejected, Accepted], &[], marked),
        (true, &[], &[], State::Valid),
        (true, &[Accepted], &[], marked),
        (true, &[Accepted, Rejected], &[], State::Valid),
        (false, &[Accepted], &[Valid], State::Valid),
        (false, &[Rejected], &[Invalid], held),
        (false, &[], &[Invalid, Valid], State::Valid),
    ];
    for (is_late, on_mark, on_data, state) in cases {
        let mut made = mark(1, "device_fault", 0, 2);
        made.is_late = is_late;
        let mut decisions = Vec::new();
        for verdict in on_mark.iter().map(|one| (Some(1), *one)) {
            decisions.push(decision(decisions.len() as i64 + 1, verdict.0, verdict.1, 0, 2));
        }
        for verdict in on_data {
            decisions.push(decision(decisions.len() as i64 + 1, None, *verdict, 0, 2));
        }
        let record = judge_month(&with(gas(3, "90", "9", b'N'), vec![made], decisions));
        let first = first_hour(&record);
        assert_eq!(first.state, state, "late {is_late}, {on_mark:?}, {on_data:?}");
        assert_eq!(first.is_exceedance(), state == State::Valid);
        if on_mark.is_empty() && on_data.is_empty() {
            assert_eq!(first.steps.contains(Steps::MARK_LATE), is_late);
        }
        let third = record.find(JUDGED, Period::Hour, hour(2)).expect("the hour after");
        assert_eq!((third.state, third.layers.enterprise), (State::Valid, None));
    }
}

#[test]
fn a_withdrawn_mark_has_no_effect() {
    let mut given = with(gas(1, "90", "9", b'N'), vec![mark(1, "device_fault", 0, 1)], Vec::new());
    given.inputs.withdrawn = given.inputs.marks.clone();
    let record = judge_month(&given);
    assert_eq!(first_hour(&record).layers.enterprise, None);
    assert!(first_hour(&record).is_exceedance());
}

#[test]
fn a_stopped_source_owes_no_data() {
    let mut given = with(gas(24, "30", "9", b'N'), vec![mark(1, "stopped", 0, 24)], Vec::new());
    given.hours.truncate(3);
    let record = judge_month(&given);
    assert_eq!(first_day(&record).state, State::Stopped);
    let found = rates(&[&record]);
    assert_eq!((found.due, found.stopped, found.effective_rate), (0, 24, None));
}

#[test]
fn start_up_exempts_within_the_hours_of_its_facility() {
    // kind, facility, exempted hours of ten over the limit.
    let cases = [
        ("start_cold", "boiler", 4),
        ("start_hot", "boiler", 2),
        ("shut_down", "boiler", 1),
        ("start_cold", "thermal_power", 4),
        ("start_cold", "sinter", 8),
        ("start_cold", "cement_kiln", 0),
        ("start_cold", "other", 0),
        ("process_fault", "", 0),
    ];
    for (kind, facility, hours) in cases {
        let mut made = mark(1, kind, 0, 10);
        made.facility = facility.into();
        let record = judge_month(&with(gas(10, "90", "9", b'N'), vec![made], Vec::new()));
        let exempted = record.of(JUDGED, Period::Hour).filter(|one| one.exemption.is_some());
        assert_eq!(exempted.count(), hours, "{kind} of {facility:?}");
        let amounts = record.of(JUDGED, Period::Hour).filter(|one| one.amount_kg.is_some());
        assert_eq!(amounts.count(), 10, "exempted hours count for the amount");
        assert_eq!(rates(&[&record]).exceedance_hours as usize, 10 - hours);
    }
}

fn history(amounts: i64, due: u32, valid: u32) -> Vec<History> {
    let amounts = (1..=amounts).map(Decimal::from).collect();
    vec![History { factor: JUDGED, amounts, due, valid, trailing: 0 }]
}

#[test]
fn a_missing_amount_is_the_largest_of_the_window_and_only_the_amount() {
    // amounts known, due, valid, hours missing, amount of the first missing hour.
    let cases = [
        (2160, 2160, 2160, 6, Some(2160)),
        (180, 200, 180, 24, Some(180)),
        (180, 200, 180, 25, None),
        (720, 800, 720, 25, Some(720)),
        (720, 800, 719, 6, None),
        (2160, 2880, 2160, 6, Some(2160)),
        (2160, 2881, 2160, 6, None),
        (179, 180, 179, 1, None),
    ];
    for (known, due, valid, missing, amount) in cases {
        let mut given = inputs(Medium::Gas, missing);
        given.history = history(known, due, valid);
        let record = judge_month(&given);
        let first = first_hour(&record);
        let wanted = amount.map(Decimal::from);
        assert_eq!((first.amount_kg, first.substituted_kg), (wanted, wanted), "{known} {missing}");
        assert_eq!((first.concentration, first.state), (None, State::Missing));
        assert_eq!(first.steps.contains(Steps::NO_AMOUNT), wanted.is_none());
    }
}

#[test]
fn an_hour_of_gas_discharges_concentration_times_flow() {
    let record = judge_month(&gas(24, "50", "9", b'N'));
    // 50 mg/m3 x 10 m3/s x 3600 s = 1.8 kg; 24 of them a day.
    assert_eq!(first_hour(&record).amount_kg, Some(decimal("1.8")));
    assert_eq!(first_day(&record).amount_kg, Some(decimal("43.2")));
    assert_eq!(first_day(&record).substituted_kg, None);
}

#[test]
fn a_day_of_water_without_data_takes_the_largest_load_of_thirty() {
    for (known, amount) in [(30, Some(30)), (29, None)] {
        let mut given = inputs(Medium::Water, 24);
        given.history = history(known, 30, 30);
        let record = judge_month(&given);
        let day = first_day(&record);
        assert_eq!((day.state, day.amount_kg), (State::Missing, amount.map(Decimal::from)));
        assert_eq!(day.is_substituted(), amount.is_some());
    }
}

#[test]
fn rates_are_those_of_the_formula() {
    let mut given = gas(20, "30", "9", b'N');
    given.hours.remove(4);
    given.hours.remove(4);
    for row in given.hours.iter_mut().take(3) {
        row.values[0].flag = Some(b'D');
    }
    let record = judge_month(&given);
    let found = rates(&[&record]);
    assert_eq!((found.due, found.received, found.valid), (20, 18, 15));
    assert_eq!(found.transmission_rate, Some(decimal("90.00")));
    assert_eq!(found.validity_rate, Some(decimal("83.33")));
    assert_eq!(found.effective_rate, Some(decimal("75.00")));
    assert_eq!((found.unmarked_gaps, found.unmarked_gap_periods), (1, 2));
    let twice = rates(&[&record, &record]);
    assert_eq!((twice.due, twice.effective_rate), (40, found.effective_rate));
}

#[test]
fn nothing_is_due_before_the_first_data_of_an_outlet() {
    for (since, due) in [(Some(0), 10), (Some(4), 6), (None, 0)] {
        let mut given = inputs(Medium::Gas, 10);
        given.inputs.heard_since = since.map(|at| hour(at) + jiff::SignedDuration::from_mins(50));
        let record = judge_month(&given);
        assert_eq!(rates(&[&record]).due, due, "{since:?}");
    }
}

#[test]
fn the_label_is_the_start_of_the_hour() {
    let mut given = inputs(Medium::Gas, 3);
    given.hours = vec![gas_hour(1, "30", "9", "10", b'N')];
    let record = judge_month(&given);
    let states: Vec<State> = record.of(JUDGED, Period::Hour).map(|one| one.state).collect();
    assert_eq!(states, [State::Missing, State::Valid, State::Missing]);
}

#[test]
fn a_day_tells_of_the_mark_of_its_hours() {
    let made = mark(1, "device_fault", 3, 5);
    let rejected = decision(1, Some(1), BureauVerdict::Rejected, 3, 5);
    let record = judge_month(&with(gas(24, "90", "9", b'N'), vec![made], vec![rejected]));
    let day = first_day(&record);
    assert_eq!(day.layers.enterprise, Some(validity::MarkId(1)));
    assert!(day.is_valid() && day.steps.contains(Steps::MARK_REJECTED));
}
