//! Suites of standards with one table each, named by their identifier in the list of standards:
//! an item or place, a value, what is expected.
//!
//! Columns: those of the file `vectors.csv` in the folder of the standard; `on` may give the day.

use jiff::civil::{Date, date};
use rulebook::{Decimal, NotComputable};

use super::{Cells, each_record};
use crate::class_table::Reading;
use crate::conformance::{Report, surface_water::number};
use crate::discharge::{self, EmissionLimit};
use crate::noise::gb12523_construction_noise;
use crate::noise::{DayPart, gb3096_acoustic_environment, gb12348_boundary_noise};
use crate::soil::{gb15618_agricultural_land, gb36600_construction_land};
use crate::water::{black_odorous_water, gb3838_surface_water, gbt14848_groundwater};
use crate::water::{city_water_quality_index, drinking_water_sources};
use crate::{flow, sea};

type Checked = Result<(String, String), String>;

/// The day of the thing judged where a record names none: within every edition of these tables.
const DAY: Date = date(2026, 1, 1);

/// Writes the suite of one standard: the columns that the file must have, and what one record
/// expects and what the rules give.
macro_rules! suites {
    ($($(#[$doc:meta])* $name:ident: [$($column:literal),*] => $check:expr;)*) => {
        $($(#[$doc])* pub(super) fn $name(text: &str) -> Report {
            let check: fn(&Cells<'_>) -> Checked = $check;
            each_record(text, &["id", $($column),*], check)
        })*
    };
}

suites! {
    /// GB 3097: `item`, `value`, `expected` (`I` to `InferiorIV`).
    sea_water: ["item", "value", "expected"] => |cells| {
        let (item, reading, on) = asked(cells)?;
        Ok(class(cells, sea::gb3097_sea_water::class_of_item(item, reading, on)))
    };
    /// GB 18668: `item`, `value`, `expected`.
    marine_sediment: ["item", "value", "expected"] => |cells| {
        let (item, reading, on) = asked(cells)?;
        Ok(class(cells, sea::gb18668_marine_sediment::class_of_item(item, reading, on)))
    };
    /// GB 18421: `item`, `value`, `expected`.
    marine_biota: ["item", "value", "expected"] => |cells| {
        let (item, reading, on) = asked(cells)?;
        Ok(class(cells, sea::gb18421_marine_biota::class_of_item(item, reading, on)))
    };
    /// GB/T 14848: `item`, `value`, `expected`.
    groundwater: ["item", "value", "expected"] => |cells| {
        let (item, reading, on) = asked(cells)?;
        Ok(class(cells, gbt14848_groundwater::class_of_item(item, reading, on)))
    };
    /// GB 36600: `item`, `value`, `use` (`I`, `II`), `background`, `expected`.
    development_land: ["item", "value", "expected"] => |cells| {
        use gb36600_construction_land::{LandUse, risk};
        let land = match cells.of("use") {
            "II" => LandUse::TypeTwo,
            "I" | "" => LandUse::TypeOne,
            other => return Err(format!("unknown use {other:?}")),
        };
        let (value, background) = (wanted(cells, "value")?, number(cells.of("background"))?);
        let found = risk(cells.of("item"), value, land, background, day(cells)?);
        Ok(class(cells, found.map(|verdict| verdict.value)))
    };
    /// GB 15618: `item`, `value`, `ph`, `land` (水田, 果园, 轮作, 其他), `expected`.
    agricultural_land: ["item", "value", "ph", "land", "expected"] => |cells| {
        use gb15618_agricultural_land::{Land, risk};
        let land = match cells.of("land") {
            "水田" => Land::Paddy,
            "果园" => Land::Orchard,
            "轮作" => Land::Rotation,
            "其他" | "" => Land::Other,
            other => return Err(format!("unknown land {other:?}")),
        };
        let (value, ph) = (wanted(cells, "value")?, wanted(cells, "ph")?);
        let found = risk(cells.of("item"), value, ph, land, day(cells)?);
        Ok(class(cells, found.map(|verdict| verdict.value)))
    };
    /// GB 3096: `class` (the zone), `part` (`Day`, `Night`), `value`, `meets`.
    noise_of_places: ["class", "part", "value", "meets"] => |cells| {
        use gb3096_acoustic_environment::meets;
        let level = wanted(cells, "value")?;
        let found = meets(cells.of("class"), part(cells)?, level, day(cells)?);
        Ok(kept(cells, found.map(|verdict| verdict.value)))
    };
    /// GB 12348: `place` (`boundary`, `room_a`, `room_b`), `class`, `part`, `value`, `meets`.
    noise_of_boundaries: ["place", "class", "part", "value", "meets"] => |cells| {
        use gb12348_boundary_noise::{Place, meets};
        let place = match cells.of("place") {
            "boundary" => Place::Boundary,
            "room_a" => Place::RoomA,
            "room_b" => Place::RoomB,
            other => return Err(format!("unknown place {other:?}")),
        };
        let level = wanted(cells, "value")?;
        let found = meets(place, cells.of("class"), part(cells)?, level, day(cells)?);
        Ok(kept(cells, found.map(|verdict| verdict.value)))
    };
    /// GB 12523: `place` (`boundary`, `indoors`), `part`, `quantity` (`equivalent`, `maximum`),
    /// `value`, `meets`.
    noise_of_construction: ["place", "part", "value", "meets"] => |cells| {
        use gb12523_construction_noise::{Place, meets, meets_night_maximum};
        let place = match cells.of("place") {
            "boundary" => Place::Boundary,
            "indoors" => Place::Indoors,
            other => return Err(format!("unknown place {other:?}")),
        };
        let level = wanted(cells, "value")?;
        let found = match (cells.of("quantity"), part(cells)?) {
            ("maximum", DayPart::Night) => meets_night_maximum(place, level, day(cells)?),
            ("equivalent" | "", part) => meets(place, part, level, day(cells)?),
            (other, _) => return Err(format!("no limit of {other:?} at that time")),
        };
        Ok(kept(cells, found.map(|verdict| verdict.value)))
    };
    /// GB 18918: `item`, `scope`, `grade`, `value`, `on`, `meets`.
    town_sewage_plants: ["item", "scope", "grade", "value", "meets"] => |cells| {
        emission(cells, discharge::gb18918_town_sewage_plants::limit)
    };
    /// GB 8978: as GB 18918.
    integrated_wastewater: ["item", "scope", "grade", "value", "meets"] => |cells| {
        emission(cells, discharge::gb8978_integrated_wastewater::limit)
    };
    /// GB 13271: as GB 18918.
    boilers: ["item", "scope", "grade", "value", "meets"] => |cells| {
        emission(cells, discharge::gb13271_boilers::limit)
    };
    /// GB 13223: as GB 18918.
    thermal_power: ["item", "scope", "grade", "value", "meets"] => |cells| {
        emission(cells, discharge::gb13223_thermal_power::limit)
    };
    /// GB 16297: as GB 18918.
    integrated_air: ["item", "scope", "grade", "value", "meets"] => |cells| {
        emission(cells, discharge::gb16297_integrated_air::limit)
    };
    /// DB35/1869: as GB 18918.
    rural_sewage: ["item", "scope", "grade", "value", "meets"] => |cells| {
        emission(cells, discharge::db35_1869_rural_sewage::limit)
    };
    /// Sources of drinking water: `item`, `value`, `meets`, tables 2 and 3 of GB 3838.
    drinking_water: ["item", "value", "meets"] => |cells| {
        let limit = drinking_water_sources::limit(cells.of("item"), day(cells)?);
        let value = wanted(cells, "value")?;
        Ok(kept(cells, limit.map(|limit| value <= limit)))
    };
    /// Black and odorous water: `item`, `value`, `depth`, `expected` (`none`, `light`, `severe`).
    black_odorous: ["item", "value", "expected"] => |cells| {
        use black_odorous_water::{Item, Measurement, degree};
        let word = cells.of("item");
        let item = Item::parse(word).ok_or_else(|| format!("unknown item {word:?}"))?;
        let (value, depth) = (wanted(cells, "value")?, number(cells.of("depth"))?);
        let found = degree(&Measurement { item, value, depth }, day(cells)?);
        let (expected, got) = class(cells, found);
        Ok((expected, got.to_lowercase()))
    };
    /// CWQI: `item`, `body` (`river`, `lake`), `value`, `expected` to four decimals.
    city_water_index: ["item", "body", "value", "expected"] => |cells| {
        use gb3838_surface_water::{Item, WaterBody};
        let (item, body) = (cells.of("item"), cells.of("body"));
        let item = Item::parse(item).ok_or_else(|| format!("unknown item {item:?}"))?;
        let body = WaterBody::parse(body).ok_or_else(|| format!("unknown water body {body:?}"))?;
        let found = city_water_quality_index::index_of_item(item, body, wanted(cells, "value")?);
        numbers(cells, found, 4)
    };
    /// Eutrophication of sea water: `cod`, `din`, `po4p`, `expected` to one decimal.
    eutrophication: ["cod", "din", "po4p", "expected"] => |cells| {
        let value = |column| wanted(cells, column);
        let (carbon, nitrogen) = (value("cod")?, value("din")?);
        let found = sea::eutrophication::eutrophication(carbon, nitrogen, value("po4p")?);
        numbers(cells, found.map(|verdict| verdict.value.index), 1)
    };
    /// Tennant: `flow`, `mean`, `month`, `expected` (the grade in English).
    tennant: ["flow", "mean", "month", "expected"] => |cells| {
        let month = cells.of("month").parse().map_err(|_| "column month is no number".to_owned())?;
        let on = Date::new(2026, month, 15).map_err(|error| error.to_string())?;
        let found = flow::tennant::grade(wanted(cells, "flow")?, wanted(cells, "mean")?, on);
        Ok((cells.of("expected").to_owned(), shown(found, |verdict| verdict.value.en.into_owned())))
    };
}

/// A limit of an emission standard by item, scope, grade and day.
type Lookup = fn(&str, &str, &str, Date) -> Result<EmissionLimit, NotComputable>;

/// `meets` is `unknown` where the number of the limit was not obtained.
fn emission(cells: &Cells<'_>, limit: Lookup) -> Checked {
    let limit = limit(cells.of("item"), cells.of("scope"), cells.of("grade"), day(cells)?);
    let limit = limit.map_err(|reason| reason.to_string())?;
    let value = number(cells.of("value"))?;
    let got = match value.map(|value| limit.meets(value)) {
        Some(Ok(true)) => "yes",
        Some(Ok(false)) => "no",
        Some(Err(_)) => "unknown",
        None => "no number",
    };
    Ok((cells.of("meets").to_owned(), got.to_owned()))
}

fn day(cells: &Cells<'_>) -> Result<Date, String> {
    match cells.of("on") {
        "" => Ok(DAY),
        text => text.parse().map_err(|_| format!("{text:?} in column on is no day")),
    }
}

fn part(cells: &Cells<'_>) -> Result<DayPart, String> {
    match cells.of("part") {
        "Day" => Ok(DayPart::Day),
        "Night" => Ok(DayPart::Night),
        other => Err(format!("unknown part of the day {other:?}")),
    }
}

fn wanted(cells: &Cells<'_>, column: &str) -> Result<Decimal, String> {
    number(cells.of(column))?.ok_or_else(|| format!("column {column} is empty"))
}

fn asked<'cells>(cells: &Cells<'cells>) -> Result<(&'cells str, Reading, Date), String> {
    let reading = match cells.of("value") {
        "ND" | "无" | "未检出" => Reading::NotDetected,
        "present" | "有" => Reading::Present,
        _ => Reading::Value(wanted(cells, "value")?),
    };
    Ok((cells.of("item"), reading, day(cells)?))
}

fn shown<T>(found: Result<T, NotComputable>, show: impl FnOnce(T) -> String) -> String {
    found.map_or_else(|reason| format!("NA ({reason})"), show)
}

fn class<Class: std::fmt::Debug>(
    cells: &Cells<'_>,
    found: Result<Class, NotComputable>,
) -> (String, String) {
    (cells.of("expected").to_owned(), shown(found, |class| format!("{class:?}")))
}

fn kept(cells: &Cells<'_>, found: Result<bool, NotComputable>) -> (String, String) {
    let word = |kept| String::from(if kept { "yes" } else { "no" });
    (cells.of("meets").to_owned(), shown(found, word))
}

fn numbers(cells: &Cells<'_>, found: Result<Decimal, NotComputable>, places: u32) -> Checked {
    let same = |value| rulebook::round_half_even(value, places).normalize().to_string();
    Ok((same(wanted(cells, "expected")?), shown(found, same)))
}
