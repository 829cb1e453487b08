//! Permits as files, in the store, and in time.

mod calendar;
mod common;
mod store;
mod workbook;
