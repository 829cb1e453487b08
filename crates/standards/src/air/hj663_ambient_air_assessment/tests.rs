//! Check values and properties of the assessment of ambient air.

use jiff::civil::Date;
use proptest::prelude::*;
use rulebook::{Confidence, Decimal, Language};

use super::*;
use crate::air::Pollutant;
use crate::air::gb3095_ambient_air_quality::Zone;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

fn parameters() -> Parameters {
    Parameters::in_force(date(2025, 6, 1)).expect("an edition")
}

fn year(value: impl Fn(Date) -> Option<Decimal>) -> Vec<(Date, Option<Decimal>)> {
    let first = date(2025, 1, 1);
    (0..365)
        .map(|day| first.saturating_add(jiff::Span::new().days(day)))
        .map(|day| (day, value(day)))
        .collect()
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let values: Vec<Decimal> = row[2].split(' ').map(decimal).collect();
        let found = match &row[1] {
            "percentile" => percentile(&values, row[3].parse().expect("a number")),
            _ => spearman_trend(&values).map(|verdict| verdict.value.coefficient),
        };
        assert_eq!(found, Ok(decimal(&row[4])), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn both_editions_have_all_numbers_and_say_how_sure_they_are() {
    let old = Parameters::in_force(date(2026, 2, 28)).expect("2013");
    let new = Parameters::in_force(date(2026, 3, 1)).expect("2026");
    assert_eq!((old.by.edition.as_ref(), new.by.edition.as_ref()), ("HJ 663-2013", "HJ 663-2026"));
    assert_eq!((old.confidence, new.confidence), (Confidence::Memory, Confidence::Unknown));
    assert_eq!(new.statistics(Pollutant::Co), 2);
    assert_eq!(new.evaluation(Pollutant::Pm25), 0);
    assert!(Parameters::in_force(date(2013, 9, 30)).is_err());
}

#[test]
fn ozone_needs_14_windows_unless_it_exceeds() {
    let parameters = parameters();
    let mut hours = [Some(decimal("100")); 24];
    assert_eq!(daily_maximum_8_hours(&hours, decimal("160"), &parameters), Ok(decimal("100")));
    hours[..10].fill(None);
    // The windows labelled 16 to 24 have at least six valid hours: nine are too few.
    let short = daily_maximum_8_hours(&hours, decimal("160"), &parameters).expect_err("too few");
    assert_eq!(
        short,
        rulebook::NotComputable::TooFew {
            what: rulebook::Text::fixed("有效 8 小时平均", "valid 8 h means"),
            counted: 9,
            wanted: 14,
        }
    );
    assert_eq!(daily_maximum_8_hours(&hours, decimal("99"), &parameters), Ok(decimal("100")));
}

#[test]
fn the_largest_window_is_found_wherever_it_lies() {
    let parameters = parameters();
    for first in 0..=16_usize {
        let mut hours = [Some(decimal("10")); 24];
        hours[first..first + 8].fill(Some(decimal("90")));
        let found = daily_maximum_8_hours(&hours, decimal("160"), &parameters);
        assert_eq!(found, Ok(decimal("90")), "{first}");
    }
}

#[test]
fn a_city_needs_three_quarters_of_its_stations() {
    let parameters = parameters();
    let value = Some(decimal("30"));
    assert!(city_value(&[value, value, value, None], &parameters).is_ok());
    assert!(city_value(&[value, value, value, None, None], &parameters).is_err());
    assert!(city_value(&[value, value, None], &parameters).is_ok());
    assert!(city_value(&[value, None, None], &parameters).is_err());
    assert!(city_value(&[], &parameters).is_err());
}

#[test]
fn a_year_attains_by_mean_and_percentile() {
    let parameters = parameters();
    let calm = year(|_| Some(decimal("33")));
    let on = date(2025, 12, 31);
    let judge = |days: &DaySeries, on| {
        evaluate_year(Pollutant::Pm25, days, Zone::II, on, &parameters).expect("a full year")
    };
    let verdict = judge(&calm, on);
    assert!(verdict.value.attains());
    let tomorrow = judge(&calm, date(2026, 3, 1));
    assert!(!tomorrow.value.attains());
    assert_eq!(tomorrow.value.mean_multiple, Some(decimal("0.10")));
    let plain = explain(&tomorrow).to_plain(Language::Chinese);
    assert!(plain.starts_with("PM2.5 年评价不达标，超标 0.10 倍"), "{plain}");
    // Every tenth day is above the daily limit: the mean attains, the percentile does not.
    let peaks = year(|day| Some(decimal(if day.day_of_year() % 10 == 0 { "90" } else { "20" })));
    let verdict = judge(&peaks, on).value;
    assert_eq!((verdict.mean_attains, verdict.percentile_attains), (Some(true), false));
    assert_eq!(verdict.percentile_multiple, Some(decimal("0.20")));
}

#[test]
fn a_year_with_a_short_month_has_no_evaluation() {
    let days = year(|day| (day.month() != 5 || day.day() <= 26).then(|| decimal("20")));
    let found = evaluate_year(Pollutant::So2, &days, Zone::II, date(2025, 12, 31), &parameters());
    assert_eq!(
        found.expect_err("May is short").to_string(),
        "too few valid days of month 5: 26 of the 27 wanted"
    );
    let days = year(|day| (day.month() > 2).then(|| decimal("20")));
    assert!(
        evaluate_year(Pollutant::So2, &days, Zone::II, date(2025, 12, 31), &parameters()).is_err()
    );
}

#[test]
fn trends_need_a_critical_value() {
    let rising = |count: i64| (0..count).map(Decimal::from).collect::<Vec<_>>();
    assert_eq!(spearman_trend(&rising(4)).expect_err("too few").code(), "judgement.too_few");
    assert_eq!(spearman_trend(&rising(11)).expect_err("no value").code(), "judgement.not_in_table");
    let trend = spearman_trend(&rising(10)).expect("ten years").value;
    assert_eq!((trend.critical, trend.direction), (decimal("0.564"), Direction::Rising));
    let swaying = [3, 1, 4, 1, 5].map(Decimal::from);
    let trend = spearman_trend(&swaying).expect("five years").value;
    assert_eq!(trend.direction, Direction::NotSignificant);
}

#[test]
fn three_years_are_three() {
    let value = |number: i64| Some(Decimal::from(number));
    assert_eq!(three_year_mean([value(30), value(33), value(36)]), Ok(decimal("33")));
    assert!(three_year_mean([value(30), None, value(36)]).is_err());
    assert!(good_days([]).is_err());
}

#[test]
fn percentiles_are_rows_of_the_table() {
    let of =
        |on| Pollutant::ALL.map(|one| Parameters::in_force(on).expect("numbers").percentile(one));
    assert_eq!(of(date(2025, 1, 1)), [98, 98, 95, 95, 95, 90]);
    assert_eq!(of(date(2026, 6, 1)), of(date(2025, 1, 1)));
}

#[test]
fn a_month_needs_its_days_and_february_fewer() {
    let days = |month: i8, count: i8| -> Vec<(Date, Option<Decimal>)> {
        (1..=count).map(|day| (date(2025, month, day), Some(decimal("9")))).collect()
    };
    assert!(check_month(&days(5, 27), 5, &parameters()).is_ok());
    assert!(check_month(&days(5, 26), 5, &parameters()).is_err());
    assert!(check_month(&days(2, 25), 2, &parameters()).is_ok());
    assert!(check_month(&days(2, 24), 2, &parameters()).is_err());
    // Days of another month do not help, nor days without a value.
    assert!(check_month(&days(5, 31), 6, &parameters()).is_err());
    let empty: Vec<_> = days(5, 31).into_iter().map(|(day, _)| (day, None)).collect();
    assert!(check_month(&empty, 5, &parameters()).is_err());
}

#[test]
fn days_attain_after_they_are_rounded() {
    let day = |day: i8, value: &str| (date(2025, 5, day), Some(decimal(value)));
    let days = [day(1, "75.4"), day(2, "75.6"), (date(2025, 5, 3), None)];
    let rate = attainment_rate(Pollutant::Pm25, &days, Zone::II, &parameters());
    assert_eq!(rate, Ok(decimal("50.0")));
    let none = attainment_rate(Pollutant::Pm25, &days[2..], Zone::II, &parameters());
    assert_eq!(none.expect_err("no valid day").code(), "judgement.missing");
}

#[test]
fn what_is_left_out_is_kept_with_its_reason() {
    let exclusion = Exclusion {
        why: rulebook::Text::fixed("沙尘", "dust"),
        by: rulebook::Citation {
            standard: "环办监测〔2016〕120号".into(),
            edition: "环办监测〔2016〕120号".into(),
            clause: "".into(),
            source: "decision of a day".into(),
        },
    };
    let decision = ExceptionalDay {
        day: date(2025, 4, 2),
        pollutants: [Pollutant::Pm10].into_iter().collect(),
        exclusion: exclusion.clone(),
    };
    let days = [1, 2, 3].map(|day| (date(2025, 4, day), Some(Decimal::from(100 * i64::from(day)))));
    let found = exclude(Pollutant::Pm10, &days, std::slice::from_ref(&decision));
    assert!(
        found
            .iter()
            .zip(&days)
            .all(|(one, (day, value))| (one.day, one.measured) == (*day, *value))
    );
    let used: Vec<Option<Decimal>> = found.iter().map(DayValue::used).collect();
    assert_eq!(used, [Some(decimal("100")), None, Some(decimal("300"))]);
    assert_eq!(found[1].excluded, Some(exclusion));
    let fine = exclude(Pollutant::Pm25, &days, &[decision]);
    assert!(fine.iter().all(|one| one.excluded.is_none()));
}

#[test]
fn a_trend_is_explained() {
    let yearly = [48, 45, 40, 36, 33].map(Decimal::from);
    let plain = explain_trend(&spearman_trend(&yearly).expect("five")).to_plain(Language::Chinese);
    assert!(
        plain.starts_with("显著下降：r = -1, |r| ≥ 0.900（HJ 663-2013 秩相关系数法）"),
        "{plain}"
    );
}

proptest! {
    #[test]
    fn the_order_of_hours_does_not_matter_to_a_mean(
        values in proptest::collection::vec(0_i64..100_000, 24), turn in 0_usize..24,
    ) {
        let hours: [Option<Decimal>; 24] =
            std::array::from_fn(|place| Some(Decimal::new(values[place], 1)));
        let mut turned = hours;
        turned.rotate_left(turn);
        prop_assert_eq!(daily_mean(&hours, &parameters()), daily_mean(&turned, &parameters()));
    }

    #[test]
    fn percentiles_rise_and_stay_within_the_values(
        values in proptest::collection::vec(0_i64..100_000, 1..60),
        low in 0_u32..=100,
        high in 0_u32..=100,
    ) {
        let values: Vec<Decimal> = values.into_iter().map(|value| Decimal::new(value, 1)).collect();
        let (low, high) = (low.min(high), low.max(high));
        let of = |percent| percentile(&values, percent).expect("a value");
        let (one, other) = (of(low), of(high));
        prop_assert!(one <= other);
        prop_assert!(values.iter().min() <= Some(&one) && Some(&other) <= values.iter().max());
    }

    #[test]
    fn percentiles_agree_with_fractions(
        values in proptest::collection::vec(0_i64..100_000, 1..400), percent in 0_u32..=100,
    ) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        // 100 (k - 1) = (n - 1) p; the value in hundredths of its unit.
        let place = (values.len() as i64 - 1) * i64::from(percent);
        let (below, rest) = ((place / 100) as usize, place % 100);
        let next = sorted.get(below + 1).copied().unwrap_or(sorted[below]);
        let hundredths = sorted[below] * (100 - rest) + next * rest;
        let values: Vec<Decimal> = values.into_iter().map(Decimal::from).collect();
        let found = percentile(&values, percent).expect("a value");
        prop_assert_eq!(found, Decimal::new(hundredths, 2));
    }
}
