//! The nouns come out of the tables, all of one moment.

use crate::model::{
    AirStation, City, Confidence, Department, Device, Division, DivisionKind, Enterprise,
    EnterpriseId, Factor, FactorId, Limit, LimitBound, Medium, MonitoringPoint, Name, Outlet,
    PointDetail, PointId, PointKind, Position, WaterBody, WaterSection,
};
use crate::snapshot::Content;
use crate::{RegistryError, Snapshot, precedence};
use rulebook::{Decimal, Period};
use sqlx::any::AnyRow;
use sqlx::{Decode, Row as _, Type};
use std::collections::HashMap;
use std::str::FromStr;
use store::{Store, Transaction};

/// Everything that the store holds of its city.
pub(crate) async fn read(store: &Store) -> Result<Snapshot, RegistryError> {
    let mut transaction = store.snapshot().await?;
    let city = all(&mut transaction, "city", CITY, city).await?.pop();
    let city = city.ok_or(RegistryError::NoCity)?;
    let factors = all(&mut transaction, "factor", FACTORS, factor).await?;
    let ids: HashMap<String, FactorId> =
        factors.iter().map(|factor| (factor.code.clone(), factor.id)).collect();
    let device = |row: &Row<'_>| device(row, &ids);
    let content = Content {
        city,
        divisions: all(&mut transaction, "division", DIVISIONS, division).await?,
        departments: all(&mut transaction, "department", DEPARTMENTS, department).await?,
        enterprises: all(&mut transaction, "enterprise", ENTERPRISES, enterprise).await?,
        points: all(&mut transaction, "monitoring_point", POINTS, point).await?,
        devices: all(&mut transaction, "device", DEVICES, device).await?,
        limits: precedence::by_rank(limits(&mut transaction).await?),
        factors,
    };
    Ok(Snapshot::new(content))
}

const CITY: &str = "SELECT key, name_zh, name_en, code, west_e7, south_e7, east_e7, north_e7, \
    is_demo FROM city";
const FACTORS: &str = "SELECT id, code, name_zh, name_en, unit, decimals, air_unit, \
    air_decimals, is_listed FROM factor ORDER BY is_listed DESC, id";
const DIVISIONS: &str = "SELECT code, name_zh, name_en, kind, parent, valid_from, valid_to \
    FROM division ORDER BY place_in_file";
const DEPARTMENTS: &str = "SELECT code, name_zh, name_en, is_lead FROM department \
    ORDER BY place_in_file";
const ENTERPRISES: &str = "SELECT id, code, name_zh, name_en, division, industry, \
    is_fictitious FROM enterprise ORDER BY is_listed DESC, place_in_file, id";
const POINTS: &str = "SELECT id, kind, code, name_zh, name_en, division, longitude_e7, \
    latitude_e7, position_note, valid_from, valid_to, is_listed, source, confidence, \
    enterprise, medium, permit_outlet_number, network, is_control_point, water, body, \
    target_class FROM monitoring_point ORDER BY is_listed DESC, place_in_file, id";
const DEVICES: &str = "SELECT mn, password, point, system_type, factors, realtime_interval_s, \
    minute_interval_min, hour_interval_h FROM device ORDER BY place_in_file";
const LIMITS: &str = "SELECT point, factor, period, at_least, at_most, on_converted, \
    valid_from, valid_to, source FROM permit_limit ORDER BY place_in_file";

const INSTALLED_LIMITS: &str = "SELECT point, factor, period, at_least, at_most, on_converted, \
    valid_from, valid_to, source, place_in_rank FROM installed_limit ORDER BY owner, place";

/// Limits of the city's files and of whoever installed others, with their ranks.
async fn limits(transaction: &mut Transaction) -> Result<Vec<(u8, Limit)>, RegistryError> {
    let listed = all(transaction, "permit_limit", LIMITS, limit).await?;
    let ranked = |row: &Row<'_>| Ok((row.small("place_in_rank")?, limit(row)?));
    let installed = all(transaction, "installed_limit", INSTALLED_LIMITS, ranked).await?;
    Ok(listed.into_iter().map(|limit| (0, limit)).chain(installed).collect())
}

async fn all<T>(
    transaction: &mut Transaction,
    table: &'static str,
    query: &'static str,
    read: impl Fn(&Row<'_>) -> Result<T, RegistryError>,
) -> Result<Vec<T>, RegistryError> {
    let rows = sqlx::query(query).fetch_all(&mut **transaction).await?;
    rows.iter().map(|row| read(&Row { table, row })).collect()
}

/// A row that says in which table it stands when it cannot be read.
struct Row<'a> {
    table: &'static str,
    row: &'a AnyRow,
}

impl Row<'_> {
    fn get<'r, T>(&'r self, column: &str) -> Result<T, RegistryError>
    where
        T: Decode<'r, sqlx::Any> + Type<sqlx::Any>,
    {
        Ok(self.row.try_get(column)?)
    }

    fn wrong(&self, column: &str, value: &str) -> RegistryError {
        RegistryError::Content { table: self.table, what: format!("{column} is {value:?}") }
    }

    fn name(&self) -> Result<Name, RegistryError> {
        Ok(Name { zh: self.get("name_zh")?, en: self.get("name_en")? })
    }

    fn yes(&self, column: &str) -> Result<bool, RegistryError> {
        Ok(self.get::<i64>(column)? != 0)
    }

    fn small<T: TryFrom<i64>>(&self, column: &str) -> Result<T, RegistryError> {
        let value: i64 = self.get(column)?;
        T::try_from(value).map_err(|_| self.wrong(column, &value.to_string()))
    }

    fn small_or_none<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, RegistryError> {
        let value: Option<i64> = self.get(column)?;
        value.map(|_| self.small(column)).transpose()
    }

    fn word<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, RegistryError> {
        let word: String = self.get(column)?;
        parse(&word).ok_or_else(|| self.wrong(column, &word))
    }

    fn parsed<T: FromStr>(&self, column: &str) -> Result<Option<T>, RegistryError> {
        let text: Option<String> = self.get(column)?;
        text.map(|text| text.parse().map_err(|_| self.wrong(column, &text))).transpose()
    }

    fn needed<T: FromStr>(&self, column: &str) -> Result<T, RegistryError> {
        self.parsed(column)?.ok_or_else(|| self.wrong(column, ""))
    }
}

fn degrees(e7: i64) -> f64 {
    e7 as f64 / 1e7
}

pub(super) fn factor_id(id: i64) -> Result<FactorId, RegistryError> {
    u16::try_from(id)
        .map(FactorId)
        .map_err(|_| RegistryError::Content { table: "factor", what: format!("id is {id}") })
}

fn city(row: &Row<'_>) -> Result<City, RegistryError> {
    let edge = |column: &str| row.get(column).map(degrees);
    Ok(City {
        key: row.get("key")?,
        name: row.name()?,
        code: row.get("code")?,
        bounds: [edge("west_e7")?, edge("south_e7")?, edge("east_e7")?, edge("north_e7")?],
        is_demo: row.yes("is_demo")?,
    })
}

fn factor(row: &Row<'_>) -> Result<Factor, RegistryError> {
    Ok(Factor {
        id: factor_id(row.get("id")?)?,
        code: row.get("code")?,
        name: row.name()?,
        unit: row.get("unit")?,
        decimals: row.small("decimals")?,
        air_unit: row.get("air_unit")?,
        air_decimals: row.small_or_none("air_decimals")?,
        is_listed: row.yes("is_listed")?,
    })
}

fn division(row: &Row<'_>) -> Result<Division, RegistryError> {
    Ok(Division {
        code: row.get("code")?,
        name: row.name()?,
        kind: row.word("kind", DivisionKind::parse)?,
        parent: row.get("parent")?,
        valid_from: row.parsed("valid_from")?,
        valid_to: row.parsed("valid_to")?,
    })
}

fn department(row: &Row<'_>) -> Result<Department, RegistryError> {
    Ok(Department { code: row.get("code")?, name: row.name()?, is_lead: row.yes("is_lead")? })
}

fn enterprise(row: &Row<'_>) -> Result<Enterprise, RegistryError> {
    Ok(Enterprise {
        id: EnterpriseId(row.get("id")?),
        code: row.get("code")?,
        name: row.name()?,
        division: row.get("division")?,
        industry: row.get("industry")?,
        is_fictitious: row.yes("is_fictitious")?,
    })
}

fn point(row: &Row<'_>) -> Result<(MonitoringPoint, bool), RegistryError> {
    let longitude: Option<i64> = row.get("longitude_e7")?;
    let latitude: Option<i64> = row.get("latitude_e7")?;
    let position = longitude.zip(latitude).map(|(longitude, latitude)| Position {
        longitude: degrees(longitude),
        latitude: degrees(latitude),
    });
    let point = MonitoringPoint {
        id: PointId(row.get("id")?),
        code: row.get("code")?,
        name: row.name()?,
        division: row.get("division")?,
        position,
        position_note: row.get("position_note")?,
        source: row.get("source")?,
        confidence: row.word("confidence", Confidence::parse)?,
        valid_from: row.parsed("valid_from")?,
        valid_to: row.parsed("valid_to")?,
        detail: detail(row)?,
    };
    Ok((point, row.yes("is_listed")?))
}

fn detail(row: &Row<'_>) -> Result<PointDetail, RegistryError> {
    Ok(match row.word("kind", PointKind::parse)? {
        PointKind::Outlet => PointDetail::Outlet(Outlet {
            enterprise: EnterpriseId(row.get("enterprise")?),
            medium: row.word("medium", Medium::parse)?,
            permit_outlet_number: row.get("permit_outlet_number")?,
        }),
        PointKind::AirStation => PointDetail::AirStation(AirStation {
            network: row.get("network")?,
            is_control_point: row.yes("is_control_point")?,
        }),
        PointKind::WaterSection => PointDetail::WaterSection(WaterSection {
            network: row.get("network")?,
            water: row.get("water")?,
            body: row.word("body", WaterBody::parse)?,
            target_class: row.small_or_none("target_class")?,
        }),
    })
}

fn device(row: &Row<'_>, factors: &HashMap<String, FactorId>) -> Result<Device, RegistryError> {
    let codes: String = row.get("factors")?;
    let factor = |code: &str| factors.get(code).copied().ok_or_else(|| row.wrong("factors", code));
    Ok(Device {
        mn: row.get("mn")?,
        password: row.get("password")?,
        point: PointId(row.get("point")?),
        realtime_interval_s: row.small_or_none("realtime_interval_s")?,
        minute_interval_min: row.small_or_none("minute_interval_min")?,
        hour_interval_h: row.small_or_none("hour_interval_h")?,
        system_type: row.small("system_type")?,
        factors: codes.split_ascii_whitespace().map(factor).collect::<Result<_, _>>()?,
    })
}

fn limit(row: &Row<'_>) -> Result<Limit, RegistryError> {
    let (least, most) = (row.parsed::<Decimal>("at_least")?, row.needed::<Decimal>("at_most")?);
    let period: i64 = row.get("period")?;
    Ok(Limit {
        point: PointId(row.get("point")?),
        factor: factor_id(row.get("factor")?)?,
        period: Period::from_code(period)
            .ok_or_else(|| row.wrong("period", &period.to_string()))?,
        bound: match least {
            Some(least) => LimitBound::Within(least, most),
            None => LimitBound::AtMost(most),
        },
        on_converted: row.yes("on_converted")?,
        valid_from: row.needed("valid_from")?,
        valid_to: row.parsed("valid_to")?,
        source: row.get("source")?,
    })
}
