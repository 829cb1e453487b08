//! The parts of which pages are made. Colour is never the only carrier of meaning.

mod badges;
mod blocks;
mod bytes;
mod table;

pub use badges::{aqi_badge, severity_badge, status_badge, water_badge};
pub use blocks::{
    definition_list, empty, error_box, island_map, island_series, moment, notice, number, pages,
    section, stat, tabs,
};
pub use bytes::hex_view;
pub use table::{Align, Column, Table};
