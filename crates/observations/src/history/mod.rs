//! History: closed months of observations as Parquet files, read together with the recent rows.

pub mod format;
mod month;

pub use month::Month;
