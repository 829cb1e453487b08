//! A city's files go into the tables, in one transaction.

use super::{day, to_e7};
use crate::RegistryError;
use crate::load::{CityFiles, Listed, ListedDetail, ListedDevice, ListedEnterprise};
use crate::load::{ListedFactor, ListedLimit, ListedPoint};
use crate::model::{City, LimitBound, PointKind};
use sqlx::Row as _;
use std::collections::HashMap;
use store::{Store, Transaction};

/// How many rows a city brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Divisions, dated ones counted singly.
    pub divisions: usize,
    /// Departments.
    pub departments: usize,
    /// Factors.
    pub factors: usize,
    /// Enterprises.
    pub enterprises: usize,
    /// Air stations.
    pub air_stations: usize,
    /// Water sections.
    pub water_sections: usize,
    /// Outlets.
    pub outlets: usize,
    /// Devices.
    pub devices: usize,
    /// Limits.
    pub limits: usize,
    /// Files kept as they are.
    pub kept_files: usize,
}

/// Brings the store to what the city's files say, in one transaction.
///
/// # Errors
/// When the store serves another city or refuses.
pub async fn install(store: &Store, files: &CityFiles) -> Result<Installed, RegistryError> {
    let mut transaction = store.begin().await?;
    install_city(&mut transaction, &files.city).await?;
    install_divisions(&mut transaction, files).await?;
    install_departments(&mut transaction, files).await?;
    let factors = install_factors(&mut transaction, &files.factors).await?;
    let enterprises = install_enterprises(&mut transaction, &files.enterprises).await?;
    let points = install_points(&mut transaction, &files.points, &enterprises).await?;
    install_devices(&mut transaction, &files.devices, &points).await?;
    install_limits(&mut transaction, &files.limits, &points, &factors).await?;
    install_files(&mut transaction, files).await?;
    transaction.commit().await?;
    let of_kind = |kind| files.points.iter().filter(|row| row.what.kind() == kind).count();
    Ok(Installed {
        divisions: files.divisions.len(),
        departments: files.departments.len(),
        factors: files.factors.len(),
        enterprises: files.enterprises.len(),
        air_stations: of_kind(PointKind::AirStation),
        water_sections: of_kind(PointKind::WaterSection),
        outlets: of_kind(PointKind::Outlet),
        devices: files.devices.len(),
        limits: files.limits.len(),
        kept_files: files.kept_files.len(),
    })
}

async fn install_city(transaction: &mut Transaction, city: &City) -> Result<(), RegistryError> {
    let installed: Option<String> =
        sqlx::query_scalar("SELECT key FROM city").fetch_optional(&mut **transaction).await?;
    if let Some(installed) = installed.filter(|installed| *installed != city.key) {
        return Err(RegistryError::OtherCity { installed, offered: city.key.clone() });
    }
    sqlx::query("DELETE FROM city").execute(&mut **transaction).await?;
    let [west, south, east, north] = city.bounds.map(to_e7);
    sqlx::query(
        "INSERT INTO city (key, name_zh, name_en, code, west_e7, south_e7, east_e7, north_e7, \
         is_demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&city.key)
    .bind(&city.name.zh)
    .bind(&city.name.en)
    .bind(&city.code)
    .bind(west)
    .bind(south)
    .bind(east)
    .bind(north)
    .bind(i64::from(city.is_demo))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn install_divisions(
    transaction: &mut Transaction,
    files: &CityFiles,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM division").execute(&mut **transaction).await?;
    for (place, Listed { what, source, confidence }) in files.divisions.iter().enumerate() {
        sqlx::query(
            "INSERT INTO division (place_in_file, code, name_zh, name_en, kind, parent, \
             valid_from, valid_to, source, confidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(place as i64)
        .bind(&what.code)
        .bind(&what.name.zh)
        .bind(&what.name.en)
        .bind(what.kind.as_str())
        .bind(what.parent.clone())
        .bind(what.valid_from.map(day))
        .bind(what.valid_to.map(day))
        .bind(source)
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn install_departments(
    transaction: &mut Transaction,
    files: &CityFiles,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM department").execute(&mut **transaction).await?;
    for (place, Listed { what, source, confidence }) in files.departments.iter().enumerate() {
        sqlx::query(
            "INSERT INTO department (place_in_file, code, name_zh, name_en, is_lead, source, \
             confidence) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(place as i64)
        .bind(&what.code)
        .bind(&what.name.zh)
        .bind(&what.name.en)
        .bind(i64::from(what.is_lead))
        .bind(source)
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The numbers that codes have, and the next free one.
struct Numbers<Key> {
    known: HashMap<Key, i64>,
    next: i64,
}

impl<Key: std::hash::Hash + Eq + Clone> Numbers<Key> {
    fn new(known: HashMap<Key, i64>) -> Self {
        let next = known.values().max().map_or(1, |id| id + 1);
        Self { known, next }
    }

    fn of(&mut self, key: &Key) -> i64 {
        if let Some(&id) = self.known.get(key) {
            return id;
        }
        let id = self.next;
        self.next += 1;
        self.known.insert(key.clone(), id);
        id
    }
}

async fn install_factors(
    transaction: &mut Transaction,
    factors: &[Listed<ListedFactor>],
) -> Result<HashMap<String, i64>, RegistryError> {
    let rows = sqlx::query("SELECT id, code FROM factor").fetch_all(&mut **transaction).await?;
    let known = rows.iter().map(|row| Ok((row.try_get(1)?, row.try_get(0)?)));
    let mut numbers = Numbers::new(known.collect::<Result<HashMap<String, i64>, sqlx::Error>>()?);
    sqlx::query("UPDATE factor SET is_listed = 0").execute(&mut **transaction).await?;
    for Listed { what, source, confidence } in factors {
        sqlx::query(
            "INSERT INTO factor (id, code, name_zh, name_en, unit, decimals, air_unit, \
             air_decimals, is_listed, source, confidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10) \
             ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, \
             name_en = excluded.name_en, unit = excluded.unit, decimals = excluded.decimals, \
             air_unit = excluded.air_unit, air_decimals = excluded.air_decimals, is_listed = 1, \
             source = excluded.source, confidence = excluded.confidence",
        )
        .bind(numbers.of(&what.code))
        .bind(&what.code)
        .bind(&what.name.zh)
        .bind(&what.name.en)
        .bind(&what.unit)
        .bind(i64::from(what.decimals))
        .bind(what.air_unit.clone())
        .bind(what.air_decimals.map(i64::from))
        .bind(source)
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(numbers.known)
}

async fn install_enterprises(
    transaction: &mut Transaction,
    enterprises: &[Listed<ListedEnterprise>],
) -> Result<HashMap<String, i64>, RegistryError> {
    let rows = sqlx::query("SELECT id, code FROM enterprise").fetch_all(&mut **transaction).await?;
    let known = rows.iter().map(|row| Ok((row.try_get(1)?, row.try_get(0)?)));
    let mut numbers = Numbers::new(known.collect::<Result<HashMap<String, i64>, sqlx::Error>>()?);
    sqlx::query("UPDATE enterprise SET is_listed = 0").execute(&mut **transaction).await?;
    for (place, Listed { what, source, confidence }) in enterprises.iter().enumerate() {
        sqlx::query(
            "INSERT INTO enterprise (id, code, place_in_file, name_zh, name_en, division, \
             industry, is_fictitious, is_listed, source, confidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10) \
             ON CONFLICT (id) DO UPDATE SET place_in_file = excluded.place_in_file, \
             name_zh = excluded.name_zh, name_en = excluded.name_en, \
             division = excluded.division, industry = excluded.industry, \
             is_fictitious = excluded.is_fictitious, is_listed = 1, source = excluded.source, \
             confidence = excluded.confidence",
        )
        .bind(numbers.of(&what.code))
        .bind(&what.code)
        .bind(place as i64)
        .bind(&what.name.zh)
        .bind(&what.name.en)
        .bind(&what.division)
        .bind(&what.industry)
        .bind(i64::from(what.is_fictitious))
        .bind(source)
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(numbers.known)
}

/// Kind and code of a point.
type PointKey = (String, String);

async fn install_points(
    transaction: &mut Transaction,
    points: &[Listed<ListedPoint>],
    enterprises: &HashMap<String, i64>,
) -> Result<HashMap<PointKey, i64>, RegistryError> {
    let rows = sqlx::query("SELECT id, kind, code FROM monitoring_point")
        .fetch_all(&mut **transaction)
        .await?;
    let known = rows.iter().map(|row| Ok(((row.try_get(1)?, row.try_get(2)?), row.try_get(0)?)));
    let mut numbers = Numbers::new(known.collect::<Result<HashMap<PointKey, i64>, sqlx::Error>>()?);
    sqlx::query("UPDATE monitoring_point SET is_listed = 0").execute(&mut **transaction).await?;
    for (place, row) in points.iter().enumerate() {
        let key = (row.what.kind().as_str().to_owned(), row.what.code.clone());
        let id = numbers.of(&key);
        install_point(transaction, id, place as i64, row).await?;
        install_detail(transaction, id, &row.what.detail, enterprises).await?;
    }
    Ok(numbers.known)
}

async fn install_point(
    transaction: &mut Transaction,
    id: i64,
    place: i64,
    Listed { what, source, confidence }: &Listed<ListedPoint>,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO monitoring_point (id, kind, code, place_in_file, name_zh, name_en, division, \
         longitude_e7, latitude_e7, position_note, valid_from, valid_to, is_listed, source, \
         confidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14) \
         ON CONFLICT (id) DO UPDATE SET place_in_file = excluded.place_in_file, \
         name_zh = excluded.name_zh, name_en = excluded.name_en, division = excluded.division, \
         longitude_e7 = excluded.longitude_e7, latitude_e7 = excluded.latitude_e7, \
         position_note = excluded.position_note, valid_from = excluded.valid_from, \
         valid_to = excluded.valid_to, is_listed = 1, source = excluded.source, \
         confidence = excluded.confidence",
    )
    .bind(id)
    .bind(what.kind().as_str())
    .bind(&what.code)
    .bind(place)
    .bind(&what.name.zh)
    .bind(&what.name.en)
    .bind(&what.division)
    .bind(what.position.map(|position| to_e7(position.longitude)))
    .bind(what.position.map(|position| to_e7(position.latitude)))
    .bind(what.position_note.clone())
    .bind(what.valid_from.map(day))
    .bind(what.valid_to.map(day))
    .bind(source)
    .bind(confidence.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn install_detail(
    transaction: &mut Transaction,
    id: i64,
    detail: &ListedDetail,
    enterprises: &HashMap<String, i64>,
) -> Result<(), RegistryError> {
    let query = match detail {
        ListedDetail::Outlet { enterprise, number, medium } => sqlx::query(
            "UPDATE monitoring_point SET enterprise = $2, medium = $3, permit_outlet_number = $4 \
             WHERE id = $1",
        )
        .bind(id)
        .bind(enterprises.get(enterprise).copied())
        .bind(medium.as_str())
        .bind(number),
        ListedDetail::AirStation { network, is_control_point } => sqlx::query(
            "UPDATE monitoring_point SET network = $2, is_control_point = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(network)
        .bind(i64::from(*is_control_point)),
        ListedDetail::WaterSection { network, water, body, target_class } => sqlx::query(
            "UPDATE monitoring_point SET network = $2, water = $3, body = $4, target_class = $5 \
             WHERE id = $1",
        )
        .bind(id)
        .bind(network)
        .bind(water)
        .bind(body.as_str())
        .bind(target_class.map(i64::from)),
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}

async fn install_devices(
    transaction: &mut Transaction,
    devices: &[Listed<ListedDevice>],
    points: &HashMap<PointKey, i64>,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM device").execute(&mut **transaction).await?;
    for (place, Listed { what, source, confidence }) in devices.iter().enumerate() {
        let key = (what.point_kind.as_str().to_owned(), what.point.clone());
        sqlx::query(
            "INSERT INTO device (mn, place_in_file, password, point, system_type, factors, \
             realtime_interval_s, minute_interval_min, hour_interval_h, source, confidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&what.mn)
        .bind(place as i64)
        .bind(&what.password)
        .bind(points.get(&key).copied())
        .bind(i64::from(what.system_type))
        .bind(what.factors.join(" "))
        .bind(what.realtime_interval_s.map(i64::from))
        .bind(what.minute_interval_min.map(i64::from))
        .bind(what.hour_interval_h.map(i64::from))
        .bind(source)
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn install_limits(
    transaction: &mut Transaction,
    limits: &[Listed<ListedLimit>],
    points: &HashMap<PointKey, i64>,
    factors: &HashMap<String, i64>,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM permit_limit").execute(&mut **transaction).await?;
    for (place, Listed { what, source, confidence }) in limits.iter().enumerate() {
        let key = (PointKind::Outlet.as_str().to_owned(), what.point.clone());
        let (least, most) = match &what.bound {
            LimitBound::AtMost(most) => (None, most),
            LimitBound::Within(least, most) => (Some(least.to_string()), most),
        };
        sqlx::query(
            "INSERT INTO permit_limit (place_in_file, point, factor, period, at_least, at_most, \
             on_converted, valid_from, valid_to, source, confidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(place as i64)
        .bind(points.get(&key).copied())
        .bind(factors.get(&what.factor).copied())
        .bind(what.period.code())
        .bind(least)
        .bind(most.to_string())
        .bind(i64::from(what.on_converted))
        .bind(day(what.valid_from))
        .bind(what.valid_to.map(day))
        .bind(source)
        .bind(confidence.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn install_files(
    transaction: &mut Transaction,
    files: &CityFiles,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM city_file").execute(&mut **transaction).await?;
    for (path, content) in &files.kept_files {
        sqlx::query("INSERT INTO city_file (path, content) VALUES ($1, $2)")
            .bind(path)
            .bind(content.clone())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
