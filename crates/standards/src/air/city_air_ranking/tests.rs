//! Check values and properties of the composite index and of rankings.

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let values: PeriodConcentrations =
            std::array::from_fn(|place| Some(decimal(&row[place + 2])));
        let on = row[1].parse().expect("a date");
        let verdict = composite_index(&values, Weights::PLAIN, on).expect("computable");
        assert_eq!(verdict.value.index, decimal(&row[8]), "{}", &row[0]);
        assert_eq!(verdict.value.largest.symbols(";"), row[9], "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn five_of_six_make_no_index() {
    let mut values = [Some(Decimal::ONE); 6];
    values[Pollutant::O3.index()] = None;
    let reason = composite_index(&values, Weights::PLAIN, date(2025, 1, 31)).expect_err("missing");
    assert_eq!(reason.text().zh, "缺少臭氧");
    assert!(composite_index(&[Some(Decimal::ONE); 6], Weights::PLAIN, date(2015, 1, 1)).is_err());
}

#[test]
fn weights_are_a_choice_and_said_to_be_one() {
    let values = [
        Some(Decimal::ZERO),
        Some(decimal("40")),
        Some(Decimal::ZERO),
        Some(decimal("30")),
        Some(Decimal::ZERO),
        Some(Decimal::ZERO),
    ];
    let on = date(2026, 12, 31);
    let of = |weights| composite_index(&values, weights, on).expect("computable");
    assert_eq!(of(Weights::PLAIN).value.index, decimal("2"));
    assert_eq!(of(Weights([1, 2, 1, 3, 1, 2])).value.index, decimal("5"));
    let verdict = of(Weights::PLAIN);
    assert_eq!(verdict.confidence, Confidence::Low);
    let plain = explain(&verdict).to_plain(Language::English);
    assert!(
        plain.starts_with("composite index 2.00, main pollutant nitrogen dioxide, PM2.5"),
        "{plain}"
    );
}

#[test]
fn published_ties_of_fujian_are_ranked_alike() {
    // As published for 2023-04: two first, third, two fourth, sixth, two seventh.
    let index = [150, 150, 160, 170, 170, 180, 190, 190];
    let places: Vec<Vec<Decimal>> = index.iter().map(|one| vec![Decimal::new(*one, 2)]).collect();
    assert_eq!(rank(&places), [1, 1, 3, 4, 4, 6, 7, 7]);
    // 2023-09: one first, three second, fifth, two sixth.
    let index = [150, 160, 160, 160, 170, 180, 180];
    let places: Vec<Vec<Decimal>> = index.iter().map(|one| vec![Decimal::new(*one, 2)]).collect();
    assert_eq!(rank(&places), [1, 2, 2, 2, 5, 6, 6]);
}

#[test]
fn further_keys_break_ties() {
    let places = [
        vec![decimal("-96.4"), decimal("19")],
        vec![decimal("-96.4"), decimal("18")],
        vec![decimal("-99"), decimal("25")],
    ];
    assert_eq!(rank(&places), [3, 2, 1]);
    assert_eq!(rank(&[]), [0_usize; 0]);
}

#[test]
fn change_is_against_the_period_before() {
    assert_eq!(change_rate(decimal("2.75"), decimal("2.50")), Ok(decimal("-9.1")));
    assert!(change_rate(Decimal::ZERO, Decimal::ONE).is_err());
}

#[test]
fn thirds_that_add_up_to_a_tie_are_rounded_as_a_tie() {
    // 1/60 + 1/60 + 2/30 + 0.1/4 = 0.125 exactly, to the even digit 0.12.
    let values = ["1", "0", "1", "2", "0.1", "0"].map(|value| Some(decimal(value)));
    let found = composite_index(&values, Weights::PLAIN, date(2026, 12, 31)).expect("an index");
    assert_eq!(found.value.index, decimal("0.12"));
    let huge = [Some(Decimal::MAX); 6];
    let reason = composite_index(&huge, Weights::PLAIN, date(2026, 12, 31)).expect_err("too large");
    assert_eq!(reason.code(), "judgement.invalid");
}

/// `Σ C / S` in thousandths of the concentration, rounded half to even in integers: a second
/// implementation, over the product of the limits.
fn index_in_integers(thousandths: [i64; 6], limits: [i64; 6]) -> i64 {
    let common: i128 = limits.iter().map(|limit| i128::from(*limit)).product();
    let over: i128 = thousandths
        .iter()
        .zip(limits)
        .map(|(value, limit)| i128::from(*value) * (common / i128::from(limit)))
        .sum();
    // Hundredths of the index: over / (1000 common) * 100.
    let (floor, rest) = (over / (10 * common), over % (10 * common));
    let up = match (2 * rest).cmp(&(10 * common)) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => floor & 1,
        std::cmp::Ordering::Greater => 1,
    };
    i64::try_from(floor + up).expect("a small index")
}

proptest! {
    #[test]
    fn the_index_agrees_with_integers(
        values in proptest::array::uniform6(0_i64..300),
        tenths in 0_i64..40,
        year in 2025_i16..2033,
    ) {
        let limits = match year {
            ..=2025 => [60, 40, 70, 35, 4, 160],
            2026..=2030 => [60, 40, 60, 30, 4, 160],
            _ => [20, 30, 50, 25, 4, 160],
        };
        let mut thousandths = values.map(|value| value * 1_000);
        thousandths[Pollutant::Co.index()] = tenths * 100;
        let concentrations: PeriodConcentrations =
            thousandths.map(|value| Some(Decimal::new(value, 3)));
        let found = composite_index(&concentrations, Weights::PLAIN, date(year, 12, 31));
        let expected = Decimal::new(index_in_integers(thousandths, limits), 2);
        prop_assert_eq!(found.expect("an index").value.index, expected);
    }

    #[test]
    fn a_rank_is_one_more_than_the_places_before_it(
        keys in proptest::collection::vec(0_i64..20, 0..40),
    ) {
        let places: Vec<Vec<Decimal>> = keys.iter().map(|key| vec![Decimal::from(*key)]).collect();
        for (key, rank) in keys.iter().zip(rank(&places)) {
            prop_assert_eq!(rank, 1 + keys.iter().filter(|other| *other < key).count());
        }
    }
}
