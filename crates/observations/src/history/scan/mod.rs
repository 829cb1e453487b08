//! The fixed questions: series, daily means, percentiles, exceedances, exports, over recent rows
//! and history alike.
//!
//! Of the files only the pages are read that hold the series and the columns asked for; row groups
//! are unpacked on every processor at once. A row that stands in the store counts as it stands
//! there, whatever a file says of it.

mod days;
mod exact;
mod exceedances;
mod export;
mod percentiles;
mod question;
mod series;
mod walk;

#[cfg(test)]
mod tests;

pub use days::{DayMean, daily_means};
pub use exceedances::{Exceedances, exceedances};
pub use export::{CSV_HEADER, ExportFormat, Exported, export};
pub use percentiles::{Percentiles, percentiles};
pub use question::{Flags, Number, Question};
pub use series::{FactorSeries, factor_series};
