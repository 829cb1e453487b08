//! Check values, properties and a second implementation of HJ 633.

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

/// A day with every pollutant, none of them above an index of 50.
fn clean_day() -> Concentrations {
    [
        (Item::So2Day, 5),
        (Item::No2Day, 10),
        (Item::CoDay, 1),
        (Item::O3EightHours, 60),
        (Item::Pm10Day, 20),
        (Item::Pm25Day, 10),
    ]
    .into_iter()
    .fold(Concentrations::default(), |air, (item, value)| air.with(item, Decimal::from(value)))
}

#[test]
fn every_vector_is_reproduced() {
    let report = crate::conformance::air::run(include_str!("vectors.csv"));
    assert_eq!(report.failures, Vec::<String>::new());
    assert_eq!((report.passed, report.apart.len()), (120, 23), "{:?}", report.apart);
    // One peer alone vouches for A1006, and its table of sulphur dioxide is known to be mixed up.
    let other: Vec<&String> =
        report.apart.iter().filter(|line| !line.contains(") as expected ")).collect();
    assert!(matches!(other[..], [one] if one.starts_with("A1006 ")), "{other:?}");
}

/// The formula as fractions in lowest terms, written from the text a second time.
mod second_implementation {
    use super::*;

    fn greatest_divisor(one: i128, other: i128) -> i128 {
        if other == 0 { one.abs() } else { greatest_divisor(other, one % other) }
    }

    #[derive(Clone, Copy)]
    struct Fraction(i128, i128);

    impl Fraction {
        fn new(over: i128, under: i128) -> Self {
            let divisor = greatest_divisor(over, under).max(1);
            Self(over / divisor, under / divisor)
        }
        fn minus(self, other: Self) -> Self {
            Self::new(self.0 * other.1 - other.0 * self.1, self.1 * other.1)
        }
        fn times(self, other: Self) -> Self {
            Self::new(self.0 * other.0, self.1 * other.1)
        }
        fn plus(self, other: Self) -> Self {
            Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
        }
        fn ceiling(self) -> i128 {
            let (quotient, rest) = (self.0.div_euclid(self.1), self.0.rem_euclid(self.1));
            quotient + i128::from(rest != 0)
        }
    }

    /// `points` as (index, concentration); the concentration in thousandths.
    fn index(points: &[(i128, i128)], thousandths: i128) -> Option<i128> {
        let concentration = Fraction::new(thousandths, 1000);
        points.windows(2).find(|pair| thousandths <= pair[1].1 * 1000).map(|pair| {
            let [(low, from), (high, to)] = [pair[0], pair[1]];
            let slope = Fraction::new(high - low, to - from);
            slope
                .times(concentration.minus(Fraction::new(from, 1)))
                .plus(Fraction::new(low, 1))
                .ceiling()
        })
    }

    #[test]
    fn agrees_on_every_tenth_of_every_item() {
        let levels = [0, 50, 100, 150, 200, 300, 400, 500];
        let tables: [(Item, &[i128]); 10] = [
            (Item::So2Day, &[0, 50, 150, 475, 800, 1600, 2100, 2620]),
            (Item::So2Hour, &[0, 150, 500, 650, 800]),
            (Item::No2Day, &[0, 40, 80, 180, 280, 565, 750, 940]),
            (Item::No2Hour, &[0, 100, 200, 700, 1200, 2340, 3090, 3840]),
            (Item::CoDay, &[0, 2, 4, 14, 24, 36, 48, 60]),
            (Item::CoHour, &[0, 5, 10, 35, 60, 90, 120, 150]),
            (Item::O3EightHours, &[0, 100, 160, 215, 265, 800]),
            (Item::O3Hour, &[0, 160, 200, 300, 400, 800, 1000, 1200]),
            (Item::Pm10Day, &[0, 50, 150, 250, 350, 420, 500, 600]),
            (Item::Pm25Day, &[0, 35, 75, 115, 150, 250, 350, 500]),
        ];
        let mut compared = 0;
        for (item, concentrations) in tables {
            let points: Vec<_> = levels.into_iter().zip(concentrations.iter().copied()).collect();
            let top = concentrations[concentrations.len() - 1] * 10;
            for tenths in 0..=top {
                let expected = index(&points, tenths * 100).expect("within the table");
                let concentration = Decimal::from_i128_with_scale(tenths, 1);
                let found = individual_index(Edition::Hj633_2012, item, concentration);
                assert_eq!(
                    found.map(|found| i128::from(found.index)),
                    Ok(expected),
                    "{item:?} {tenths}"
                );
                compared += 1;
            }
        }
        assert!(compared > 100_000);
    }
}

#[test]
fn the_2026_edition_differs_at_one_point_of_two_items() {
    for item in Item::ALL {
        let changed = matches!(item.pollutant(), Pollutant::Pm10 | Pollutant::Pm25);
        let [old, new] = Edition::ALL.map(|edition| &Curve::get(edition, item).points);
        let differences = old
            .iter()
            .zip(new)
            .filter(|(old, new)| old.concentration != new.concentration)
            .map(|(_, new)| (new.index, new.concentration))
            .collect::<Vec<_>>();
        let expected = match item.pollutant() {
            Pollutant::Pm10 => vec![(100, 120)],
            Pollutant::Pm25 => vec![(100, 60)],
            _ => vec![],
        };
        assert_eq!(differences, expected, "{item:?}");
        assert_eq!(changed, !expected.is_empty());
    }
}

#[test]
fn concentrations_are_rounded_first_only_in_2026() {
    let index = |edition, item, text| {
        individual_index(edition, item, decimal(text)).expect("computable").index
    };
    assert_eq!(index(Edition::Hj633_2026, Item::Pm25Day, "35.5"), 52);
    assert_eq!(index(Edition::Hj633_2026, Item::Pm25Day, "35.4"), 50);
    assert_eq!(index(Edition::Hj633_2012, Item::Pm25Day, "35.4"), 51);
    assert_eq!(index(Edition::Hj633_2026, Item::CoDay, "2.04"), 50);
    assert_eq!(index(Edition::Hj633_2012, Item::CoDay, "2.04"), 51);
    assert_eq!(index(Edition::Hj633_2026, Item::CoDay, "2.2"), 55);
}

#[test]
fn above_800_each_edition_has_its_own_rule() {
    for (item, ends_at) in [(Item::So2Hour, 200), (Item::O3EightHours, 300)] {
        let at = |edition, value| individual_index(edition, item, Decimal::from(value));
        assert_eq!(at(Edition::Hj633_2012, 800).expect("on the point").index, ends_at);
        assert_eq!(at(Edition::Hj633_2026, 800).expect("on the point").index, ends_at);
        assert_eq!(at(Edition::Hj633_2026, 9000).expect("capped").index, ends_at);
        let reason = at(Edition::Hj633_2012, 801).expect_err("not computed");
        assert_eq!(reason.code(), "judgement.above_table");
    }
    let hour = Concentrations::default()
        .with(Item::So2Hour, Decimal::from(900))
        .with(Item::So2Day, Decimal::from(150));
    let method = Method::as_written(Edition::Hj633_2012, Report::Hourly);
    assert_eq!(air_quality_index(method, &hour).index, Ok(100));
    let day = clean_day()
        .with(Item::O3EightHours, Decimal::from(801))
        .with(Item::O3Hour, Decimal::from(900));
    let method = Method::as_written(Edition::Hj633_2012, Report::Daily);
    let air = air_quality_index(method, &day);
    assert_eq!((air.index.clone(), air.primary.symbols(";")), (Ok(350), "O3".to_owned()));
}

#[test]
fn a_negative_concentration_is_no_zero() {
    let reason = individual_index(Edition::Hj633_2026, Item::CoDay, decimal("-0.1"));
    assert_eq!(reason.expect_err("not computable").code(), "judgement.invalid");
    let rounded = individual_index(Edition::Hj633_2026, Item::CoDay, decimal("-0.04"));
    assert_eq!(rounded.expect("rounds to zero").index, 0);
}

#[test]
fn with_a_pollutant_missing_2026_publishes_only_above_100() {
    let method = Method::as_written(Edition::Hj633_2026, Report::Daily);
    let without = |air: Concentrations| air.with_option(Item::No2Day, None);
    let air = air_quality_index(method, &without(clean_day()));
    let reason = air.index.clone().expect_err("withheld");
    assert_eq!(reason.code(), "judgement.withheld");
    assert!(air.primary.is_empty() && air.category().is_none());
    assert_eq!(air.of(Pollutant::Pm25).as_ref().expect("still shown").index, 15);

    let dusty = without(clean_day().with(Item::Pm10Day, Decimal::from(200)));
    assert_eq!(air_quality_index(method, &dusty).index, Ok(131));

    let planned = without(clean_day()).without(Pollutant::No2, NotMonitored::Harmless);
    assert_eq!(air_quality_index(method, &planned).index, Ok(30));
    let unproven = without(clean_day()).without(Pollutant::No2, NotMonitored::NotShownHarmless);
    assert!(air_quality_index(method, &unproven).index.is_err());
}

#[test]
fn a_daily_report_of_2012_is_made_of_the_concentrations_that_it_prints() {
    // 75.4 is printed as 75, whose index is 100; the text of 2012 rounds nothing first.
    let day = clean_day().with(Item::Pm25Day, decimal("75.4")).with(Item::CoDay, decimal("2.04"));
    let published = air_quality_index(Method::PUBLISHED_DAILY_2012, &day);
    assert_eq!(
        (published.index.clone(), published.primary.symbols(";")),
        (Ok(100), "PM2.5".into())
    );
    assert_eq!(published.of(Pollutant::Co).as_ref().expect("computed").index, 50);
    let text = Method::as_written(Edition::Hj633_2012, Report::Daily);
    assert_eq!(air_quality_index(text, &day).index, Ok(101));
    // The verdict keeps what was measured, and says what was rounded.
    let verdict = published.judged().expect("complete");
    assert!(verdict.inputs.iter().any(|input| input.value == decimal("75.4")));
    assert_eq!(verdict.rounding.len(), 7);
    let plain = published.explain().to_plain(Language::Chinese);
    assert!(plain.contains("浓度先修约为发布值"), "{plain}");
}

#[test]
fn a_verdict_of_2026_names_every_rounding_and_keeps_what_was_measured() {
    let method = Method::as_written(Edition::Hj633_2026, Report::Daily);
    let day = clean_day().with(Item::Pm25Day, decimal("60.5"));
    let verdict = air_quality_index(method, &day).judged().expect("complete");
    assert_eq!(verdict.value, 100);
    assert!(verdict.inputs.iter().any(|input| input.value == decimal("60.5")));
    let how: Vec<RoundingRule> = verdict.rounding.iter().map(|one| one.how).collect();
    assert_eq!(how.iter().filter(|how| **how == RoundingRule::HalfEven(0)).count(), 5);
    assert_eq!(how.iter().filter(|how| **how == RoundingRule::HalfEven(1)).count(), 1);
    assert_eq!(how.last(), Some(&RoundingRule::Up(0)));
}

#[test]
fn practices_of_2012_differ_from_its_text() {
    let hour = Concentrations::default()
        .with(Item::Pm25Hour, Decimal::from(75))
        .with(Item::O3Hour, Decimal::from(10));
    let feed = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &hour);
    assert_eq!(feed.index, Ok(100));
    assert_eq!(feed.likely_withheld, None);
    let text = Method::as_written(Edition::Hj633_2012, Report::Hourly);
    assert_eq!(air_quality_index(text, &hour).index, Ok(4));
    let moving = hour.with(Item::Pm25Day, Decimal::from(40));
    assert_eq!(air_quality_index(text, &moving).index, Ok(57));

    let gases = Concentrations::default().with(Item::O3Hour, Decimal::from(10));
    let feed = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &gases);
    assert_eq!(feed.index, Ok(4));
    assert_eq!(feed.likely_withheld.expect("particles are missing").code(), "judgement.withheld");

    let day = clean_day().with(Item::O3Hour, Decimal::from(300));
    assert_eq!(air_quality_index(Method::PUBLISHED_DAILY_2012, &day).index, Ok(30));
    let text = Method::as_written(Edition::Hj633_2012, Report::Daily);
    assert_eq!(air_quality_index(text, &day).index, Ok(150));
    let short = clean_day().with_option(Item::CoDay, None);
    assert!(air_quality_index(Method::PUBLISHED_DAILY_2012, &short).index.is_err());
}

#[test]
fn nothing_measured_is_no_zero() {
    for edition in Edition::ALL {
        for report in [Report::Daily, Report::Hourly] {
            let method = Method::as_written(edition, report);
            let air = air_quality_index(method, &Concentrations::default());
            assert_eq!(air.index.expect_err("nothing there").code(), "judgement.missing");
        }
    }
}

#[test]
fn classes_end_where_the_texts_say() {
    for edition in Edition::ALL {
        assert_eq!(categories(edition).len(), 6);
        for (index, level) in [
            (0, 1),
            (50, 1),
            (51, 2),
            (100, 2),
            (101, 3),
            (150, 3),
            (151, 4),
            (200, 4),
            (201, 5),
            (300, 5),
            (301, 6),
            (500, 6),
        ] {
            assert_eq!(category(edition, index).level, level, "{index}");
        }
    }
    assert_eq!(category(Edition::Hj633_2026, 250).hex(), "#99004C");
}

#[test]
fn editions_follow_the_day() {
    assert_eq!(Edition::parse("HJ 633-2026"), Some(Edition::Hj633_2026));
    assert_eq!(Edition::parse("hj633-2012"), Some(Edition::Hj633_2012));
    assert_eq!(Edition::parse("HJ 633"), None);
    assert!(Edition::in_force(date(2015, 12, 31)).is_err());
}

#[test]
fn an_explanation_names_what_is_missing() {
    let method = Method::as_written(Edition::Hj633_2026, Report::Daily);
    let air = air_quality_index(method, &clean_day().with_option(Item::So2Day, None));
    let plain = air.explain().to_plain(Language::Chinese);
    assert!(plain.starts_with("没有 AQI：按 HJ 633-2026 5.3.1 不发布"), "{plain}");
    assert!(plain.contains("缺少SO2 24 小时平均浓度"), "{plain}");
    assert_eq!(air.explain().rows.len(), 6);
}

#[test]
fn a_verdict_keeps_text_and_inputs() {
    let method = Method::as_written(Edition::Hj633_2026, Report::Daily);
    let verdict = air_quality_index(method, &clean_day()).judged().expect("complete");
    assert_eq!((verdict.value, verdict.inputs.len()), (30, 6));
    assert_eq!(verdict.confidence, Confidence::Certain);
    assert_eq!(verdict.by.edition, "HJ 633-2026");
}

fn any_item() -> impl Strategy<Value = Item> {
    (0..Item::COUNT).prop_map(|place| Item::ALL[place])
}

fn any_edition() -> impl Strategy<Value = Edition> {
    prop_oneof![Just(Edition::Hj633_2012), Just(Edition::Hj633_2026)]
}

proptest! {
    #[test]
    fn a_higher_concentration_never_has_a_lower_index(
        edition in any_edition(),
        item in any_item(),
        one in 0_i64..4_000_000,
        more in 0_i64..1_000_000,
    ) {
        let index = |thousandths| individual_index(edition, item, Decimal::new(thousandths, 3));
        match (index(one), index(one + more)) {
            (Ok(low), Ok(high)) => prop_assert!(low.index <= high.index),
            (Err(_), high) => prop_assert!(high.is_err()),
            (Ok(_), Err(reason)) => prop_assert_eq!(reason.code(), "judgement.above_table"),
        }
    }

    #[test]
    fn any_decimal_gives_a_value_or_a_reason(
        edition in any_edition(), item in any_item(), mantissa in any::<i64>(), scale in 0_u32..=28,
    ) {
        let concentration = Decimal::from_i128_with_scale(i128::from(mantissa), scale);
        if let Ok(found) = individual_index(edition, item, concentration) {
            prop_assert!(found.index <= 500);
        }
        let huge = if mantissa < 0 { Decimal::MIN } else { Decimal::MAX };
        let ends = item.ends_at_800() && edition == Edition::Hj633_2012;
        let found = individual_index(edition, item, huge);
        prop_assert_eq!(found.is_ok(), mantissa >= 0 && !ends);
    }

    #[test]
    fn the_index_is_the_largest_and_its_pollutants_are_primary(
        edition in any_edition(), values in proptest::array::uniform6(0_i64..900),
    ) {
        let items = [
            Item::So2Day,
            Item::No2Day,
            Item::Pm10Day,
            Item::Pm25Day,
            Item::CoDay,
            Item::O3EightHours,
        ];
        let with = |air: Concentrations, (item, value)| air.with(item, Decimal::from(value));
        let air = items.into_iter().zip(values).fold(Concentrations::default(), with);
        let verdict = air_quality_index(Method::as_written(edition, Report::Daily), &air);
        let index = verdict.index.clone().expect("something is there");
        for pollutant in Pollutant::ALL {
            let own = verdict.of(pollutant).as_ref().map_or(0, |found| found.index);
            prop_assert!(own <= index);
            prop_assert_eq!(verdict.primary.contains(pollutant), index > 50 && own == index);
        }
    }
}
