//! Check values and properties of the share of good water.

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::Language;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.trim().parse().expect("a decimal in a test")
}

fn at(x: i64, y: i64) -> Place {
    Place { x: Decimal::from(x), y: Decimal::from(y) }
}

fn method(power: u32) -> Interpolation {
    Interpolation {
        power,
        nearest: None,
        reach_km: None,
        decimals: 6,
        source: Text::fixed("测试约定", "agreed for a test"),
        confidence: Confidence::Certain,
    }
}

/// A station where everything but nitrogen is class I.
fn station(place: Place, nitrogen: Decimal) -> Station {
    let values = NATIONAL_ITEMS
        .into_iter()
        .zip([decimal("8"), decimal("7"), decimal("1"), nitrogen, decimal("0.01"), decimal("0.01")])
        .map(|(item, value)| (item.to_owned(), value));
    Station { at: place, values: values.collect() }
}

fn sea() -> Vec<Cell> {
    cells_within(&[at(0, 0), at(4, 0), at(4, 2), at(0, 2)], Decimal::ONE).expect("a grid")
}

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let place = |text: &str| {
        let (x, y) = text.trim().split_once(' ').expect("two numbers");
        Place { x: decimal(x), y: decimal(y) }
    };
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let stations: Vec<Station> = row[1]
            .split(';')
            .map(|text| {
                let (position, value) = text.trim().rsplit_once(' ').expect("three numbers");
                Station { at: place(position), values: vec![("DIN".into(), decimal(value))] }
            })
            .collect();
        let mut method = method(row[3].parse().expect("a power"));
        method.nearest = row[4].parse().ok();
        let found = grid::interpolate(&stations, "DIN", place(&row[2]), &method);
        assert_eq!(found, Some(decimal(&row[5])), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn a_grid_fills_a_polygon_with_a_bay() {
    // An L of three by three without its north-eastern quarter of two by two.
    let polygon = [at(0, 0), at(3, 0), at(3, 1), at(1, 1), at(1, 3), at(0, 3)];
    let cells = cells_within(&polygon, Decimal::ONE).expect("a grid");
    assert_eq!(cells.len(), 5);
    let fine = cells_within(&polygon, decimal("0.5")).expect("a grid");
    assert_eq!(fine.iter().map(|cell| cell.area).sum::<Decimal>(), decimal("5"));
    for wrong in [cells_within(&polygon[..2], Decimal::ONE), cells_within(&polygon, Decimal::ZERO)]
    {
        assert_eq!(wrong.expect_err("no grid").code(), "judgement.invalid");
    }
    assert!(cells_within(&polygon, decimal("0.0001")).is_err());
}

#[test]
fn the_mean_of_the_surveys_is_rounded_once() {
    // Of eight cells: 4, 8 and 0 good.
    let survey = |west: &str, east: &str| {
        vec![station(at(0, 1), decimal(west)), station(at(4, 1), decimal(east))]
    };
    let surveys = [survey("0.10", "0.60"), survey("0.1", "0.1"), survey("0.55", "0.6")];
    let verdict = good_water_area(&surveys, &sea(), &method(2), date(2026, 5, 1)).expect("a share");
    let shares: Vec<String> =
        verdict.value.share_of_survey.iter().map(ToString::to_string).collect();
    assert_eq!(shares, ["50.0", "100.0", "0.0"]);
    assert_eq!(verdict.value.share.to_string(), "50.0");
    assert_eq!(verdict.value.areas[0].iter().sum::<Decimal>(), decimal("8"));
    assert_eq!(verdict.confidence, Confidence::Memory);
    let plain = explain(&verdict).to_plain(Language::Chinese);
    assert_eq!(
        plain,
        "近岸海域优良水质面积比例 50.0 %（GB 3097-1997 表 1；面积比例）\n\
         航次 | 一类 km2 | 二类 km2 | 三类 km2 | 四类 km2 | 劣四类 km2 | 优良比例\n\
         1 | 2 | 2 | 0 | 2 | 2 | 50.0 %\n2 | 8 | 0 | 0 | 0 | 0 | 100.0 %\n\
         3 | 0 | 0 | 0 | 0 | 8 | 0.0 %\n\
         航次：3\n站次：6\n网格单元：8\n总面积：8 km2\n距离幂次：2\n插值小数位：6\n\
         插值方法依据：测试约定\n\
         优良面积比例：按 GB/T 8170 修约到 1 位小数\n\
         依据：GB 3097-1997 表 1；面积比例（凭记忆录入，待核对）"
    );
    let english = explain(&verdict).to_plain(Language::English);
    assert!(
        english.starts_with(
            "good water covers 50.0 % of the sea area (GB 3097-1997 table 1; share of area)\nsurvey"
        ),
        "{english}"
    );
}

#[test]
fn what_is_missing_or_impossible_gives_no_share() {
    let on = date(2026, 5, 1);
    let survey = vec![station(at(0, 1), decimal("0.1"))];
    let code = |surveys: &[Vec<Station>], cells: &[Cell], method: &Interpolation| {
        good_water_area(surveys, cells, method, on).expect_err("no share").code()
    };
    let surveys = [survey.clone()];
    assert_eq!(code(&[], &sea(), &method(2)), "judgement.missing");
    assert_eq!(code(&surveys, &[], &method(2)), "judgement.missing");
    assert_eq!(code(&[Vec::new()], &sea(), &method(2)), "judgement.missing");
    assert_eq!(code(&surveys, &sea(), &method(0)), "judgement.invalid");
    let near = Interpolation { reach_km: Some(decimal("0.1")), ..method(2) };
    assert_eq!(code(&surveys, &sea(), &near), "judgement.missing");
    let flat = [Cell { centre: at(0, 0), area: Decimal::ZERO }];
    assert_eq!(code(&surveys, &flat, &method(2)), "judgement.invalid");
    let without_oil = Station { values: survey[0].values[..5].to_vec(), ..survey[0].clone() };
    assert_eq!(code(&[vec![without_oil]], &sea(), &method(2)), "judgement.missing");
}

proptest! {
    #[test]
    fn more_nitrogen_never_makes_more_good_water(
        values in proptest::collection::vec((0_i64..5, 0_i64..3, 0_i64..800), 1..6),
        more in 0_i64..400,
        power in 1_u32..=4,
    ) {
        let on = date(2026, 5, 1);
        let survey = |more: i64| -> Vec<Station> {
            values
                .iter()
                .map(|(x, y, value)| station(at(*x, *y), Decimal::new(value + more, 3)))
                .collect()
        };
        let share = |survey: Vec<Station>| {
            good_water_area(&[survey], &sea(), &method(power), on).expect("a share").value.share
        };
        let (before, after) = (share(survey(0)), share(survey(more)));
        prop_assert!(after <= before);
        let mut turned = survey(0);
        turned.reverse();
        prop_assert_eq!(share(turned), before);
    }

    #[test]
    fn a_value_between_stations_stays_between_theirs(
        values in proptest::collection::vec((0_i64..50, 0_i64..50, 0_i64..1_000), 1..9),
        x in 0_i64..50,
        y in 0_i64..50,
        power in 1_u32..=6,
    ) {
        let stations: Vec<Station> = values
            .iter()
            .map(|(x, y, value)| station(at(*x, *y), Decimal::new(*value, 3)))
            .collect();
        let found = grid::interpolate(&stations, "DIN", at(x, y), &method(power)).expect("a value");
        let all = || values.iter().map(|(_, _, value)| Decimal::new(*value, 3));
        prop_assert!(all().min() <= Some(found) && Some(found) <= all().max());
    }
}
