//! The days of an indicator as a line: the last ones that entered its value.

use documents::{LineChart, Series};
use plan::indicator::{Definition, Item};
use rulebook::Decimal;
use std::collections::BTreeMap;

use jiff::civil::Date;

/// So many days are drawn.
const DAYS: usize = 31;

/// The newest days that entered; nothing where there are too few to draw.
pub(super) fn chart(definition: &Definition, inputs: &[Item]) -> Option<LineChart> {
    let by_day: BTreeMap<Date, Decimal> = inputs.iter().map(|item| (item.on, item.value)).collect();
    if by_day.len() < 2 {
        return None;
    }
    let days: Vec<(Date, Decimal)> =
        by_day.into_iter().rev().take(DAYS).collect::<Vec<_>>().into_iter().rev().collect();
    let values = days.iter().map(|(_, value)| Some(*value)).collect();
    Some(LineChart {
        caption: format!("近 {} 日：{}（每日值）", days.len(), definition.name.zh),
        unit: web::unit(&definition.unit),
        labels: days.iter().map(|(day, _)| day.strftime("%m-%d").to_string()).collect(),
        series: vec![Series { name: definition.name.zh.to_string(), values }],
        ..LineChart::default()
    })
}
