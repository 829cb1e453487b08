//! Permits as files, in the store, and in time.

mod calendar;
mod cities;
mod common;
mod store;
mod workbook;
