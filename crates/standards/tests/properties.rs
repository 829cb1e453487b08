//! Properties that hold for any values: more pollution is never judged better, a set is as bad as
//! its worst member, and the index of waters agrees with fractions.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rulebook::{Decimal, Table};
use standards::Standard;
use standards::air::hj663_ambient_air_assessment as hj663;
use standards::flow::tennant;
use standards::noise::DayPart;
use standards::sea::{eutrophication, gb3097_sea_water as sea};
use standards::soil::{gb15618_agricultural_land as farm, gb36600_construction_land as site};
use standards::water::{
    black_odorous_water as black, city_water_quality_index as cwqi,
    gb3838_surface_water as surface, gbt14848_groundwater as ground, trophic_state as lake,
};

const ON: Date = date(2026, 5, 1);

fn milli(value: i64) -> Decimal {
    Decimal::new(value, 3)
}

/// The items of a table whose limits are upper ones.
fn items(id: &str) -> Vec<&'static str> {
    let table: &'static Table = (Standard::find(id).expect("a standard").tables)()[0];
    let upper = |row: &&rulebook::Row| table.cell(row, "compare") == "<=";
    table.rows().iter().filter(upper).map(|row| table.cell(row, "item")).collect()
}

proptest! {
    #[test]
    fn sea_water_is_as_bad_as_its_worst_item(
        values in proptest::collection::vec((0_usize..64, 0_i64..3_000), 1..8),
        more in 0_i64..3_000,
    ) {
        let items = items("GB3097");
        let sample: Vec<(&str, sea::Reading)> = values
            .iter()
            .map(|(place, value)| {
                (items[place % items.len()], sea::Reading::Value(milli(*value)))
            })
            .collect();
        let mut worst = sea::Class::I;
        for ((item, reading), (_, value)) in sample.iter().zip(&values) {
            let class = sea::class_of_item(item, *reading, ON).expect("a class");
            let raised = sea::Reading::Value(milli(value + more));
            prop_assert!(sea::class_of_item(item, raised, ON).expect("a class") >= class);
            worst = worst.max(class);
        }
        prop_assert_eq!(sea::class_of_sample(&sample, ON).expect("a class").value.class, worst);
        let mut turned = sample.clone();
        turned.reverse();
        prop_assert_eq!(sea::class_of_sample(&turned, ON).expect("a class").value.class, worst);
    }

    #[test]
    fn groundwater_is_as_bad_as_its_worst_item(
        values in proptest::collection::vec((0_usize..128, 0_i64..5_000_000), 1..8),
        more in 0_i64..5_000_000,
    ) {
        let items = items("GBT14848");
        let mut worst = ground::Class::I;
        let mut sample = Vec::new();
        for (place, value) in &values {
            let item = items[place % items.len()];
            let of = |value: i64| ground::Reading::Value(Decimal::new(value, 4));
            let class = ground::class_of_item(item, of(*value), ON).expect("a class");
            let raised = ground::class_of_item(item, of(value + more), ON).expect("a class");
            prop_assert!(raised >= class);
            worst = worst.max(class);
            sample.push((item, of(*value)));
        }
        prop_assert_eq!(ground::class_of_sample(&sample, ON).expect("a class").value.class, worst);
    }

    #[test]
    fn soil_with_more_in_it_is_never_safer(
        place in 0_usize..128,
        value in 0_i64..50_000_000,
        more in 0_i64..50_000_000,
        ph in 30_i64..100,
    ) {
        let items = items_of("GB36600");
        let item = items[place % items.len()];
        let rank = |risk: standards::soil::Risk| risk as u8;
        for land in [site::LandUse::TypeOne, site::LandUse::TypeTwo] {
            let of = |value: i64| site::risk(item, milli(value), land, None, ON);
            let before = of(value).expect("a risk").value;
            prop_assert!(rank(of(value + more).expect("a risk").value) >= rank(before));
        }
        let sensitive = site::risk(item, milli(value), site::LandUse::TypeOne, None, ON);
        let industry = site::risk(item, milli(value), site::LandUse::TypeTwo, None, ON);
        let (sensitive, industry) = (sensitive.expect("a risk"), industry.expect("a risk"));
        prop_assert!(rank(sensitive.value) >= rank(industry.value));
        let items = items_of("GB15618");
        let item = items[place % items.len()];
        let of = |land, value: i64| {
            let found = farm::risk(item, milli(value), Decimal::new(ph, 1), land, ON);
            rank(found.expect("a risk").value)
        };
        for land in [farm::Land::Paddy, farm::Land::Orchard, farm::Land::Other] {
            prop_assert!(of(land, value + more) >= of(land, value));
        }
        // In turn with paddy the stricter value counts, so nothing is safer than either.
        let rotation = of(farm::Land::Rotation, value);
        prop_assert!(rotation >= of(farm::Land::Other, value));
        prop_assert!(rotation >= of(farm::Land::Paddy, value));
    }

    #[test]
    fn louder_never_keeps_a_limit_that_quieter_breaks(
        level in 300_i64..1_000,
        more in 0_i64..300,
        zone in proptest::sample::select(vec!["0", "1", "2", "3", "4a", "4b"]),
    ) {
        use standards::noise::gb3096_acoustic_environment::meets;
        let of = |part, level: i64| {
            meets(zone, part, Decimal::new(level, 1), ON).expect("a verdict").value
        };
        for part in [DayPart::Day, DayPart::Night] {
            prop_assert!(of(part, level) || !of(part, level + more));
        }
        prop_assert!(of(DayPart::Day, level) || !of(DayPart::Night, level));
    }

    #[test]
    fn more_water_is_never_a_worse_flow(
        flow in 0_i64..3_000, more in 0_i64..3_000, month in 1_i8..=12,
    ) {
        let on = Date::new(2026, month, 15).expect("a day");
        let table: &'static Table = (Standard::find("Tennant").expect("a standard").tables)()[0];
        let place = |flow: i64| {
            let found = tennant::grade(milli(flow), Decimal::ONE, on).expect("a grade").value;
            let row = table.rows().iter().position(|row| table.cell(row, "grade_en") == found.en);
            row.expect("a grade of the table")
        };
        prop_assert!(place(flow + more) <= place(flow));
    }

    #[test]
    fn black_water_and_eutrophic_sea_do_not_get_better_by_more(
        value in 0_i64..30_000, more in 0_i64..30_000,
    ) {
        let of = |item, value: i64| {
            black::degree(&black::Measurement { item, value: milli(value), depth: None }, ON)
        };
        let ammonia = |value| of(black::Item::AmmoniaNitrogen, value).expect("a degree");
        prop_assert!(ammonia(value + more) >= ammonia(value));
        let oxygen = |value| of(black::Item::DissolvedOxygen, value).expect("a degree");
        prop_assert!(oxygen(value + more) <= oxygen(value));
        let index = |value: i64| {
            let one = Decimal::ONE;
            eutrophication::eutrophication(milli(value), one, one).expect("an index").value.index
        };
        prop_assert!(index(value + more) >= index(value));
    }

    #[test]
    fn a_lake_with_more_phosphorus_or_less_sight_is_never_poorer_in_food(
        value in 1_i64..20_000, more in 0_i64..20_000,
    ) {
        let of = |parameter, value: i64| {
            lake::index_of_parameter(parameter, milli(value)).expect("an index")
        };
        let phosphorus = |value| of(lake::Parameter::TotalPhosphorus, value);
        let sight = |value| of(lake::Parameter::Transparency, value);
        prop_assert!(phosphorus(value + more) >= phosphorus(value));
        prop_assert!(sight(value + more) <= sight(value));
    }

    #[test]
    fn the_order_of_days_does_not_matter_to_percentiles(
        values in proptest::collection::vec(0_i64..5_000, 1..60), percent in 0_u32..=100,
    ) {
        let mut days: Vec<Decimal> = values.iter().map(|value| Decimal::new(*value, 1)).collect();
        let found = hj663::percentile(&days, percent).expect("a percentile");
        days.reverse();
        prop_assert_eq!(hj663::percentile(&days, percent).expect("a percentile"), found);
        days.sort_unstable();
        prop_assert_eq!(hj663::percentile(&days, percent).expect("a percentile"), found);
    }

    #[test]
    fn the_index_of_waters_agrees_with_fractions(
        ph in 60_i128..90, oxygen in 1_i128..200, permanganate in 0_i128..300,
        ammonia in 0_i128..500, phosphorus in 0_i128..100, lake in any::<bool>(),
    ) {
        use surface::Item;
        let number = |value: i128, scale| Decimal::from_i128_with_scale(value, scale);
        let sample = surface::Sample::default()
            .with(Item::Ph, number(ph, 1))
            .with(Item::DissolvedOxygen, number(oxygen, 1))
            .with(Item::PermanganateIndex, number(permanganate, 1))
            .with(Item::AmmoniaNitrogen, number(ammonia, 2))
            .with(Item::TotalPhosphorus, number(phosphorus, 3));
        let (body, limit_of_phosphorus) =
            if lake { (surface::WaterBody::Lake, 50) } else { (surface::WaterBody::River, 200) };
        let found = cwqi::index_of_waters(body, &sample, 5).expect("an index");
        // Each as numerator and denominator, from the class III limits 5, 6, 1.0 and 0.2 or 0.05.
        let acid = if ph <= 70 { (70 - ph, 10) } else { (ph - 70, 20) };
        let phosphorus = (phosphorus, limit_of_phosphorus);
        let parts = [acid, (50, oxygen), (permanganate, 60), (ammonia, 100), phosphorus];
        let (over, under) = parts.into_iter().fold((0_i128, 1_i128), |(over, under), (a, b)| {
            (over * b + a * under, under * b)
        });
        // Ten decimals of both, cut: the divisions of the first have 28.
        let scale = 10_i128.pow(10);
        let shown = (found * Decimal::from_i128_with_scale(scale, 0)).trunc().mantissa();
        let exact = over * scale / under;
        prop_assert!((shown - exact).abs() <= 1, "{found} against {over}/{under}");
    }
}

/// The items of a table, whatever its limits are.
fn items_of(id: &str) -> Vec<&'static str> {
    let table: &'static Table = (Standard::find(id).expect("a standard").tables)()[0];
    let screened = |row: &&rulebook::Row| table.cell(row, "kind") != "control";
    table.rows().iter().filter(screened).map(|row| table.cell(row, "item")).collect()
}
