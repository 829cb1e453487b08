//! The HTTP kernel: layout, components, problems, downloads, live updates, assets, routes.
//!
//! It knows no measure: slices of the areas bring pages, interfaces and panels, [`router`] puts
//! them together.

mod assets;
pub mod components;
mod door;
mod download;
mod gallery;
mod home;
mod layout;
mod live;
mod map;
mod operator;
mod problem;
mod reader;
mod reference;
mod room;
mod routes;
mod sign_in;
mod single_sign_on;
mod slice;
mod state;
mod text;
mod upload;
mod visitor;

pub use assets::{BuiltPart, addresses_of_every_page, built_part, document_fonts};
pub use door::{DoorSettings, Throttle};
pub use download::{Cell, Sheet, wants_csv};
pub use layout::{Crumb, Page};
pub use live::{Live, LiveEvent};
pub use map::MapFeature;
pub use problem::Problem;
pub use reader::Reader;
pub use routes::router;
pub use rulebook::Language;
pub use single_sign_on::SingleSignOn;
pub use slice::{
    Area, Duty, EnterpriseDuties, EnterprisePanel, EnterpriseTimeline, Happening, HomePanel, Later,
    MapLayer, Navigation, Panel, Slice,
};
pub use state::{AppState, Parts};
pub use text::{
    decimal, duration, encode, local_date, local_hour, local_minute, local_second, unit,
};
pub use upload::workbook;
pub use visitor::{Allowed, SignedIn, Visitor};
