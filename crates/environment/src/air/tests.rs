//! Means of several stations, days and months from hours.

use super::*;
use jiff::civil::date;
use rulebook::Decimal;
use standards::air::hj633_air_quality_index::{Concentrations, Item};

fn pm25(value: i64) -> Concentrations {
    Concentrations::default().with(Item::Pm25Hour, Decimal::from(value))
}

#[test]
fn a_mean_is_rounded_to_the_even_digit_and_wants_enough_stations() {
    let on = date(2026, 6, 1);
    let mean = |hours: &[Concentrations], stations| {
        concentrations(hours, stations, on).get(Item::Pm25Hour).map(|mean| mean.to_string())
    };
    assert_eq!(mean(&[pm25(34), pm25(37)], 2).as_deref(), Some("36"));
    assert_eq!(mean(&[pm25(60), pm25(61)], 2).as_deref(), Some("60"));
    assert_eq!(mean(&[pm25(60)], 2).as_deref(), Some("60"), "half of two is enough");
    assert_eq!(mean(&[pm25(60), pm25(60)], 4), None, "three of four are wanted");
    assert_eq!(mean(&[], 0), None);
}
