//! One function a file: a row becomes what it lists.

use super::ListedPoint;
use super::table::Row;
use super::{Listed, ListedDetail, ListedDevice, ListedEnterprise, ListedFactor, ListedLimit};
use crate::model::{
    Department, Division, DivisionKind, LimitBound, Medium, PointKind, Position, WaterBody,
};
use jiff::civil::Date;
use rulebook::Period;

/// Columns of `divisions.csv`.
pub(super) const DIVISIONS: &[&str] = &[
    "code",
    "name_zh",
    "name_en",
    "kind",
    "parent",
    "valid_from",
    "valid_to",
    "note",
    "source",
    "confidence",
];
/// Columns of `departments.csv`.
pub(super) const DEPARTMENTS: &[&str] = &["code", "name_zh", "name_en", "source", "confidence"];
/// Columns of `factors.csv`.
pub(super) const FACTORS: &[&str] = &[
    "code",
    "name_zh",
    "name_en",
    "unit",
    "decimals",
    "air_unit",
    "air_decimals",
    "source",
    "confidence",
];
/// Columns of `enterprises.csv`.
pub(super) const ENTERPRISES: &[&str] = &[
    "code",
    "name_zh",
    "name_en",
    "division",
    "industry",
    "is_fictitious",
    "source",
    "confidence",
];
/// Columns of `air_stations.csv`.
pub(super) const AIR_STATIONS: &[&str] = &[
    "code",
    "name_zh",
    "name_en",
    "division",
    "network",
    "is_control_point",
    "longitude",
    "latitude",
    "position_note",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
];
/// Columns of `water_sections.csv`.
pub(super) const WATER_SECTIONS: &[&str] = &[
    "code",
    "name_zh",
    "name_en",
    "division",
    "network",
    "water",
    "body",
    "target_class",
    "longitude",
    "latitude",
    "position_note",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
];
/// Columns of `outlets.csv`.
pub(super) const OUTLETS: &[&str] = &[
    "enterprise",
    "number",
    "name_zh",
    "name_en",
    "division",
    "medium",
    "longitude",
    "latitude",
    "position_note",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
];
/// Columns of `limits.csv`.
pub(super) const LIMITS: &[&str] = &[
    "enterprise",
    "number",
    "factor",
    "period",
    "at_least",
    "at_most",
    "on_converted",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
];
/// Columns of `devices.csv`.
pub(super) const DEVICES: &[&str] = &[
    "mn",
    "password",
    "point_kind",
    "point",
    "system_type",
    "factors",
    "realtime_interval_s",
    "minute_interval_min",
    "hour_interval_h",
    "source",
    "confidence",
];

const NETWORKS: &[&str] = &["national", "provincial", "municipal"];

fn listed<T>(row: &Row<'_>, what: Option<T>) -> Option<Listed<T>> {
    let (source, confidence) = (row.text("source"), row.confidence());
    Some(Listed { what: what?, source: source?, confidence: confidence? })
}

pub(super) fn division(row: &Row<'_>) -> Option<Listed<Division>> {
    let (code, name) = (row.text("code"), row.name());
    let kind = row.word("kind", DivisionKind::parse, "city, county, zone");
    let validity = row.validity();
    let parent = row.optional("parent").map(str::to_owned);
    let what = (|| {
        let (valid_from, valid_to) = validity?;
        Some(Division { code: code?, name: name?, kind: kind?, parent, valid_from, valid_to })
    })();
    listed(row, what)
}

pub(super) fn department(row: &Row<'_>, lead: &str) -> Option<Listed<Department>> {
    let (code, name) = (row.text("code"), row.name());
    let what = (|| {
        let code = code?;
        Some(Department { is_lead: code == lead, code, name: name? })
    })();
    listed(row, what)
}

#[expect(clippy::option_option, reason = "outer: it could be read; inner: the cell may be empty")]
fn decimals(row: &Row<'_>, column: &str) -> Option<Option<u32>> {
    let cure = "Write a whole number from 0 to 9";
    let decimals = row.parsed::<u32>(column, cure)?;
    if decimals.is_some_and(|decimals| decimals > 9) {
        row.complain(column, "too many decimals".to_owned(), cure);
        return None;
    }
    Some(decimals)
}

pub(super) fn factor(row: &Row<'_>) -> Option<Listed<ListedFactor>> {
    let (code, name, unit) = (row.text("code"), row.name(), row.cell("unit").to_owned());
    let (decimals, air_decimals) = (decimals(row, "decimals"), decimals(row, "air_decimals"));
    let air_unit = row.optional("air_unit").map(str::to_owned);
    if let Some(code) = &code
        && !crate::is_factor_code(code)
    {
        let cure = "Write a code of HJ 212 such as w01018: at most 20 letters and digits";
        row.complain("code", format!("{code:?} is no code of a factor"), cure);
        return None;
    }
    let what = (|| {
        let decimals = decimals?.unwrap_or(2);
        let air_decimals = air_decimals?;
        let (code, name) = (code?, name?);
        Some(ListedFactor { code, name, unit, decimals, air_unit, air_decimals })
    })();
    listed(row, what)
}

pub(super) fn enterprise(row: &Row<'_>) -> Option<Listed<ListedEnterprise>> {
    let (code, name, division) = (row.text("code"), row.name(), row.text("division"));
    let (industry, is_fictitious) = (row.text("industry"), row.yes("is_fictitious"));
    let what = (|| {
        Some(ListedEnterprise {
            code: code?,
            name: name?,
            division: division?,
            industry: industry?,
            is_fictitious: is_fictitious?,
        })
    })();
    listed(row, what)
}

/// The columns that all points share.
fn point(
    row: &Row<'_>,
    code: Option<String>,
    detail: Option<ListedDetail>,
) -> Option<Listed<ListedPoint>> {
    let (name, division) = (row.name(), row.text("division"));
    let (position, validity) = (position(row), row.validity());
    let position_note = row.optional("position_note").map(str::to_owned);
    let what = (|| {
        let (valid_from, valid_to) = validity?;
        Some(ListedPoint {
            code: code?,
            name: name?,
            division: division?,
            position: position?,
            position_note,
            valid_from,
            valid_to,
            detail: detail?,
        })
    })();
    listed(row, what)
}

#[expect(clippy::option_option, reason = "outer: it could be read; inner: cells may be empty")]
fn position(row: &Row<'_>) -> Option<Option<Position>> {
    let cure = "Write degrees of CGCS2000 or WGS 84, like 117.6569, or leave both cells empty";
    let longitude = row.parsed::<f64>("longitude", cure);
    let latitude = row.parsed::<f64>("latitude", cure);
    match (longitude?, latitude?) {
        (None, None) => Some(None),
        (Some(longitude), Some(latitude))
            if (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude) =>
        {
            Some(Some(Position { longitude, latitude }))
        }
        (Some(longitude), Some(latitude)) => {
            row.complain("longitude", format!("{longitude}, {latitude} is no place"), cure);
            None
        }
        _ => {
            row.complain("longitude", "half of a position".to_owned(), cure);
            None
        }
    }
}

fn network(row: &Row<'_>) -> Option<String> {
    let parse = |word: &str| NETWORKS.contains(&word).then(|| word.to_owned());
    row.word("network", parse, "national, provincial, municipal")
}

pub(super) fn air_station(row: &Row<'_>) -> Option<Listed<ListedPoint>> {
    let (network, control) = (network(row), row.yes("is_control_point"));
    let detail = network
        .zip(control)
        .map(|(network, is_control_point)| ListedDetail::AirStation { network, is_control_point });
    point(row, row.text("code"), detail)
}

pub(super) fn water_section(row: &Row<'_>) -> Option<Listed<ListedPoint>> {
    let network = network(row);
    let body = row.word("body", WaterBody::parse, "river, lake");
    let class = row.parsed::<u8>("target_class", "Write 1 to 5, or leave the cell empty");
    if let Some(Some(class)) = class
        && !(1..=5).contains(&class)
    {
        let cure = "Write 1 to 5 for classes I to V, or leave the cell empty";
        row.complain("target_class", format!("there is no class {class}"), cure);
    }
    let detail = (|| {
        Some(ListedDetail::WaterSection {
            network: network?,
            water: row.cell("water").to_owned(),
            body: body?,
            target_class: class?,
        })
    })();
    point(row, row.text("code"), detail)
}

/// The code of the outlet that a row names: `ENTERPRISE/NUMBER`.
fn outlet_code(row: &Row<'_>) -> Option<String> {
    let (enterprise, number) = (row.text("enterprise"), row.text("number"));
    Some(format!("{}/{}", enterprise?, number?))
}

pub(super) fn outlet(row: &Row<'_>) -> Option<Listed<ListedPoint>> {
    let medium = row.word("medium", Medium::parse, "water, gas");
    let detail = medium.map(|medium| ListedDetail::Outlet {
        enterprise: row.cell("enterprise").to_owned(),
        number: row.cell("number").to_owned(),
        medium,
    });
    point(row, outlet_code(row), detail)
}

pub(super) fn limit(row: &Row<'_>) -> Option<Listed<ListedLimit>> {
    let (point, factor) = (outlet_code(row), row.text("factor"));
    let judged = |word: &str| {
        Period::parse(word).filter(|period| matches!(period, Period::Hour | Period::Day))
    };
    let period = row.word("period", judged, "hour, day");
    let (bound, on_converted) = (bound(row), row.yes("on_converted"));
    let validity = row.validity();
    let what = (|| {
        let (from, valid_to) = validity?;
        let valid_from: Option<Date> = from;
        if valid_from.is_none() {
            let cure = "Write the first day on which the limit binds";
            row.complain("valid_from", "the cell is empty".to_owned(), cure);
        }
        Some(ListedLimit {
            point: point?,
            factor: factor?,
            period: period?,
            bound: bound?,
            on_converted: on_converted?,
            valid_from: valid_from?,
            valid_to,
        })
    })();
    listed(row, what)
}

fn bound(row: &Row<'_>) -> Option<LimitBound> {
    let (least, most) = (row.decimal("at_least"), row.decimal("at_most"));
    match (least?, most?) {
        (None, Some(most)) => Some(LimitBound::AtMost(most)),
        (Some(least), Some(most)) if least <= most => Some(LimitBound::Within(least, most)),
        (Some(least), Some(most)) => {
            let what = format!("{least} is more than {most}");
            row.complain("at_least", what, "Exchange the two cells");
            None
        }
        (_, None) => {
            let cure = "Write the limit into at_most; fill at_least too for a range such as pH";
            row.complain("at_most", "the cell is empty".to_owned(), cure);
            None
        }
    }
}

pub(super) fn device(row: &Row<'_>) -> Option<Listed<ListedDevice>> {
    let (mn, password, point) = (mn(row), password(row), row.text("point"));
    let kind = row.word("point_kind", PointKind::parse, "air-station, water-section, outlet");
    let system = row.parsed::<u8>("system_type", "Write the ST of the device, two digits");
    let factors: Vec<_> = row.cell("factors").split_ascii_whitespace().map(str::to_owned).collect();
    let realtime = row.interval("realtime_interval_s");
    let (minute, hour) = (row.interval("minute_interval_min"), row.interval("hour_interval_h"));
    let what = (|| {
        let system_type = system?;
        if system_type.is_none() {
            let cure = "Write 21 surface water, 22 air, 31 waste gas or 32 waste water";
            row.complain("system_type", "the cell is empty".to_owned(), cure);
        }
        Some(ListedDevice {
            mn: mn?,
            password: password?,
            point_kind: kind?,
            point: point?,
            system_type: system_type?,
            factors,
            realtime_interval_s: realtime?,
            minute_interval_min: minute?,
            hour_interval_h: hour?,
        })
    })();
    listed(row, what)
}

fn mn(row: &Row<'_>) -> Option<String> {
    let mn = row.text("mn")?;
    let printable = mn.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if printable && mn.len() <= 24 {
        return Some(mn);
    }
    let cure = "Copy the MN as set in the device: at most 24 letters and digits";
    row.complain("mn", format!("{mn:?} is no MN"), cure);
    None
}

fn password(row: &Row<'_>) -> Option<String> {
    let password = row.text("password")?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b';' | b'=' | b'&' | b'#');
    if password.bytes().all(plain) && password.len() <= 32 {
        return Some(password);
    }
    let cure = "Use at most 32 visible ASCII characters without ; = & #";
    row.complain("password", "not a password that PW can carry".to_owned(), cure);
    None
}
