//! Records: one form, whatever the order of what goes in; read back as they were written.

mod support;

use proptest::prelude::*;
use registry::Medium;
use support::{decision, gas_hour, inputs, mark, water_hour, with};
use validity::{BureauVerdict, History, MonthInputs, MonthRecord, judge_month};

const HOURS: i64 = 72;

/// What came in an hour: nothing, or a value with oxygen or acidity, flow and flag.
type Came = Option<(i64, i64, i64, u8)>;

fn came() -> impl Strategy<Value = Came> {
    let flag = prop_oneof![8 => Just(b'N'), 1 => Just(b'D'), 1 => Just(b'M')];
    proptest::option::weighted(0.9, (-5_i64..2000, 0_i64..240, 0_i64..300, flag))
}

fn text(tenths: i64) -> String {
    format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10)
}

fn kinds() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("device_fault", "")),
        Just(("stopped", "")),
        Just(("start_cold", "boiler")),
        Just(("shut_down", "other")),
        Just(("remark", "")),
        Just(("unknown", "")),
    ]
}

type Marked = ((&'static str, &'static str), i64, i64, bool);

fn month() -> impl Strategy<Value = MonthInputs> {
    let hours = proptest::collection::vec(came(), HOURS as usize);
    let marks = proptest::collection::vec((kinds(), 0_i64..HOURS, 1_i64..30, any::<bool>()), 0..5);
    let verdicts = proptest::collection::vec((0_usize..4, 0_i64..6, 0_i64..HOURS), 0..5);
    (any::<bool>(), hours, marks, verdicts).prop_map(|(is_gas, hours, marks, verdicts)| {
        built(if is_gas { Medium::Gas } else { Medium::Water }, &hours, &marks, &verdicts)
    })
}

fn built(
    medium: Medium,
    hours: &[Came],
    marks: &[Marked],
    verdicts: &[(usize, i64, i64)],
) -> MonthInputs {
    let mut given = inputs(medium, HOURS);
    for (at, came) in (0..).zip(hours) {
        let Some((value, other, flow, flag)) = came else { continue };
        let (value, other, flow) = (text(*value), text(*other), text(*flow));
        given.hours.push(match medium {
            Medium::Gas => gas_hour(at, &value, &other, &flow, *flag),
            Medium::Water => water_hour(at, &value, &other, &flow, *flag),
        });
    }
    let made = (1..).zip(marks).map(|(id, ((kind, facility), from, length, is_late))| {
        let mut made = mark(id, kind, *from, from + length);
        made.facility = (*facility).into();
        made.is_late = *is_late;
        made
    });
    let made: Vec<_> = made.collect();
    let decided = (1..).zip(verdicts).map(|(id, (verdict, on, from))| {
        let verdict = BureauVerdict::ALL[*verdict];
        let on = (verdict.is_about_a_mark()).then_some(*on);
        decision(id, on, verdict, *from, from + 5)
    });
    let decided: Vec<_> = decided.collect();
    given.history = vec![History {
        factor: support::JUDGED,
        amounts: (1..=200).map(rulebook::Decimal::from).collect(),
        due: 200,
        valid: 200,
        trailing: 2,
    }];
    with(given, made, decided)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_record_comes_back_as_it_was_written(given in month()) {
        let record = judge_month(&given);
        let bytes = record.to_bytes();
        let back = MonthRecord::from_bytes(&bytes).expect("what was written is read");
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(back.to_bytes(), bytes);
    }

    #[test]
    fn the_order_of_what_goes_in_does_not_matter(given in month(), turn in 0_usize..72) {
        let mut other = given.clone();
        other.hours.reverse();
        let turn = turn % other.hours.len().max(1);
        other.hours.rotate_left(turn);
        other.marks.reverse();
        other.decisions.reverse();
        prop_assert_eq!(judge_month(&given).to_bytes(), judge_month(&other).to_bytes());
    }

    #[test]
    fn bytes_that_were_changed_are_refused(given in month(), place in any::<usize>()) {
        let mut bytes = judge_month(&given).to_bytes();
        let place = place % bytes.len();
        bytes[place] ^= 1;
        prop_assert!(MonthRecord::from_bytes(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(MonthRecord::from_bytes(&bytes).is_err());
    }

    #[test]
    fn what_counts_has_a_number_and_no_substitute(given in month()) {
        for state in &judge_month(&given).periods {
            if state.is_valid() {
                prop_assert!(state.concentration.is_some() || state.range.is_some());
                let is_whole = state.period == rulebook::Period::Day;
                prop_assert!(is_whole || state.substituted_kg.is_none());
            }
            prop_assert!(!state.is_exceedance() || state.compared.is_some());
            prop_assert!(state.substituted_kg <= state.amount_kg || state.amount_kg.is_none());
        }
    }
}
