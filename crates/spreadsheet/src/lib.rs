//! Cells of spreadsheets that people fill in (电子表格).

use calamine::Data;
use rulebook::Decimal;

/// A cell as a person would have typed it: numbers without the digits that a float adds, days as
/// 2026-11-29, nothing for nothing.
pub fn typed(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => Decimal::from_scientific(&format!("{number:e}"))
            .map_or_else(|_| number.to_string(), |decimal| decimal.normalize().to_string()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_read_as_it_was_typed() {
        for (cell, wanted) in [
            (Data::Int(7), "7"),
            (Data::Float(0.1), "0.1"),
            (Data::Float(1200.50), "1200.5"),
            (Data::Float(1e30), "1000000000000000000000000000000"),
            (Data::String(" 林地 ".into()), "林地"),
            (Data::Bool(true), "true"),
            (Data::Empty, ""),
        ] {
            assert_eq!(typed(&cell), wanted, "{cell:?}");
        }
    }
}
