//! The kinds that ship and the kinds of the tests: read, checked, walked through.

mod checks;
mod common;
mod how_to;
mod properties;
mod stories;
