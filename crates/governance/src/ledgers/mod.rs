//! Ledgers (台账): tables that people keep by hand, declared in files, each row with its history,
//! in and out as a spreadsheet.

mod access;
mod api;
mod changes;
mod declared;
mod money;
mod pages;
mod store;
mod taking;
mod workbook;

pub(crate) use declared::all;
pub use declared::{FOLDER, shipped};
pub use money::Money;
pub(crate) use money::money;
pub use store::{Kept, rows};
pub(crate) use store::{counts, rows_of_all};
pub(crate) use workbook::shown;

use web::{Navigation, Slice};

/// Where the slice stands.
pub(crate) const PATH: &str = "/ledgers";

pub(crate) fn slice() -> Slice {
    Slice {
        name: "ledgers",
        pages: || pages::routes().merge(changes::routes()),
        api: api::routes,
        navigation: &[Navigation { path: PATH, zh: "台账", en: "Ledgers", needs: None }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
