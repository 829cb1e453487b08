//! Whatever is typed, whatever was typed before: no check fails, and what it says holds.

use plausibility::{
    Entry, Form, History, Key, Kind, Measured, PeriodKind, Severity, Span, Value, check, fields,
    shipped,
};
use proptest::prelude::*;
use rulebook::Decimal;

const KNOWN: [&str; 8] = [
    "measured.amount",
    "measured.concentration_mean",
    "measured.concentration_max",
    "measured.exceedance_hours",
    "measured.flow",
    "permit.at_most",
    "permit.amount",
    "factor.decimals",
];

/// Numbers of every size, and what is none.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (any::<i64>(), 0_u32..29).prop_map(|(number, scale)| {
            Decimal::try_new(number, scale).unwrap_or_default().to_string()
        }),
        Just(Decimal::MAX.to_string()),
        Just(Decimal::MIN.to_string()),
        Just("0".to_owned()),
        Just("0.0000000000000000000000000001".to_owned()),
        Just("9999-12-31".to_owned()),
        Just("-9999-01-01".to_owned()),
        Just("是".to_owned()),
        ".{0,12}",
    ]
}

fn entry(form: Form) -> impl Strategy<Value = Entry> {
    let keys = prop_oneof![
        Just(Key::head()),
        Just(Key::outlet("DW001")),
        Just(Key::factor("DW001", "w01018")),
        Just(Key::factor("DW001", "w21003")),
        Just(Key::factor("DW001", "w21001")),
        Just(Key { outlet: None, factor: Some("w01018".into()) }),
        Just(Key::factor("DA001", "a21026")),
    ];
    let names: Vec<&'static str> = fields(form).iter().map(|field| field.id).collect();
    let value = (keys, proptest::sample::select(names), typed());
    (proptest::collection::vec(value, 0..40), any::<bool>()).prop_map(move |(values, is_year)| {
        let mut entry = Entry::new(form);
        let day = |year, month, day| jiff::civil::date(year, month, day);
        entry.span = Some(if is_year {
            Span { kind: PeriodKind::Year, from: day(2026, 1, 1), to: day(2026, 12, 31) }
        } else {
            Span { kind: PeriodKind::Month, from: day(2026, 2, 1), to: day(2026, 2, 28) }
        });
        entry.today = Some(day(2026, 3, 4));
        for (key, field, typed) in values {
            entry.put(key, field, &typed);
        }
        entry
    })
}

fn measured() -> impl Strategy<Value = Measured> {
    let value = (proptest::sample::select(KNOWN.to_vec()), any::<i64>(), 0_u32..29);
    proptest::collection::vec(value, 0..10).prop_map(|values| {
        let mut measured = Measured::default();
        for (word, number, scale) in values {
            let number = Decimal::try_new(number, scale).unwrap_or_default();
            measured.put(Key::factor("DW001", "w01018"), word, number);
        }
        measured
    })
}

fn case() -> impl Strategy<Value = (Entry, History, Measured)> {
    proptest::sample::select(Form::ALL.to_vec()).prop_flat_map(|form| {
        let past = || proptest::option::of(entry(form));
        let earlier = proptest::collection::vec(entry(form), 0..5);
        (entry(form), past(), past(), earlier, measured()).prop_map(
            |(entry, last_year, last, earlier, measured)| {
                (entry, History { last_year, last, earlier }, measured)
            },
        )
    })
}

proptest! {
    #[test]
    fn any_numbers_are_checked_without_a_failure((entry, history, measured) in case()) {
        let findings = check(shipped().expect("sound"), &entry, &history, &measured);
        for finding in &findings {
            prop_assert!(!finding.numbers().is_empty());
            prop_assert!(!finding.id().is_empty());
        }
        let gravest_first = findings.is_sorted_by(|a, b| a.severity >= b.severity);
        prop_assert!(gravest_first);
    }

    #[test]
    fn what_is_typed_is_read_back_as_it_was_kept(text in typed()) {
        for kind in Kind::ALL {
            let Some(value) = Value::read(*kind, &text) else { continue };
            prop_assert_eq!(Value::read(*kind, &value.typed()), Some(value));
        }
    }

    #[test]
    fn a_thousandfold_amount_is_always_seen(
        grams in 1_i64..1_000_000_000,
        percent in -20_i64..=20,
        is_larger: bool,
    ) {
        let usual = Decimal::new(grams, 6);
        let factor = Decimal::from(1000 * (100 + percent)) / Decimal::ONE_HUNDRED;
        let typed = if is_larger { usual * factor } else { usual / factor };
        let key = Key::factor("DW001", "w01018");
        let mut entry = Entry::new(Form::ExecutionReport);
        entry.put(key.clone(), "amount", &typed.to_string());
        let mut measured = Measured::default();
        measured.put(key, "measured.amount", usual);
        let checks = shipped().expect("sound");
        let findings = check(checks, &entry, &History::default(), &measured);
        let told: Vec<&str> = findings
            .iter()
            .filter(|it| it.field == "amount" && it.severity > Severity::Note)
            .map(|it| it.check.as_str())
            .collect();
        // Once, and by its name.
        prop_assert_eq!(told, ["amount_unit_slip_measured"], "{} for {}", typed, usual);
    }

    #[test]
    fn an_honest_amount_is_left_alone(grams in 1_i64..1_000_000_000, percent in -25_i64..=25) {
        let usual = Decimal::new(grams, 6);
        let typed = usual * Decimal::from(100 + percent) / Decimal::ONE_HUNDRED;
        let key = Key::factor("DW001", "w01018");
        let mut entry = Entry::new(Form::ExecutionReport);
        entry.put(key.clone(), "amount", &typed.to_string());
        let mut measured = Measured::default();
        measured.put(key, "measured.amount", usual);
        let checks = shipped().expect("sound");
        let findings = check(checks, &entry, &History::default(), &measured);
        let grave = findings.iter().find(|it| {
            it.field == "amount" && it.severity > Severity::Note
        });
        prop_assert!(grave.is_none(), "{grave:?}");
    }
}
