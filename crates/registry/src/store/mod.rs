//! The registry's tables: a city's files go in, the nouns come out.
//!
//! Installing is idempotent: numbers stay with their codes, so that observations keep their point;
//! what the files no longer list stays with `is_listed = 0`, only its devices go.

mod install;
mod limits;
mod read;

pub use install::{Installed, install};
pub use limits::{InstalledLimit, install_limits_of};
pub(crate) use read::read;

use crate::RegistryError;
use crate::model::{Factor, Name};
use jiff::civil::Date;
use sqlx::Row as _;
use store::{Migration, Store};

/// The registry's part of the schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 202_611_230_100,
        name: "registry",
        sql: include_str!("../migrations/202611230100_registry.sql"),
    },
    Migration {
        version: 202_611_290_801,
        name: "installed limits",
        sql: include_str!("../migrations/202611290801_installed_limits.sql"),
    },
];

/// More codes than this are no protocol's but an attack on the memory.
const FACTORS_MAX: i64 = 8192;

/// Degrees as whole numbers of 1e-7 degree, a centimetre.
fn to_e7(degrees: f64) -> i64 {
    (degrees * 1e7).round() as i64
}

fn day(date: Date) -> String {
    date.to_string()
}

/// Registers a code that no city file lists, or finds the row that another process made.
pub(crate) async fn register_factor(store: &Store, code: &str) -> Result<Factor, RegistryError> {
    loop {
        let mut transaction = store.begin().await?;
        let row = sqlx::query("SELECT COALESCE(MAX(id), 0) FROM factor")
            .fetch_one(&mut *transaction)
            .await?;
        let highest: i64 = row.try_get(0)?;
        if highest >= FACTORS_MAX {
            let count = FACTORS_MAX as usize;
            return Err(RegistryError::TooManyFactors { code: code.to_owned(), count });
        }
        sqlx::query(
            "INSERT INTO factor (id, code, name_zh, name_en, unit, decimals, is_listed, source, \
             confidence) VALUES ($1, $2, $2, $2, '', 3, 0, 'sent by a device', 'unverified') \
             ON CONFLICT DO NOTHING",
        )
        .bind(highest + 1)
        .bind(code)
        .execute(&mut *transaction)
        .await?;
        let id: Option<i64> = sqlx::query_scalar("SELECT id FROM factor WHERE code = $1")
            .bind(code)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        // Without a row another process took the number for another code: take the next one.
        if let Some(id) = id {
            return unlisted(id, code);
        }
    }
}

fn unlisted(id: i64, code: &str) -> Result<Factor, RegistryError> {
    Ok(Factor {
        id: read::factor_id(id)?,
        code: code.to_owned(),
        name: Name { zh: code.to_owned(), en: code.to_owned() },
        unit: String::new(),
        decimals: 3,
        air_unit: None,
        air_decimals: None,
        is_listed: false,
    })
}

/// A file that the city keeps as it is, such as `geo/boundaries.geojson`.
///
/// # Errors
/// When the store cannot be read.
pub async fn city_file(store: &Store, path: &str) -> Result<Option<Vec<u8>>, RegistryError> {
    Ok(sqlx::query_scalar("SELECT content FROM city_file WHERE path = $1")
        .bind(path)
        .fetch_optional(store.reader())
        .await?)
}

/// The paths of the files that the city keeps.
///
/// # Errors
/// When the store cannot be read.
pub async fn city_files(store: &Store) -> Result<Vec<String>, RegistryError> {
    Ok(sqlx::query_scalar("SELECT path FROM city_file ORDER BY path")
        .fetch_all(store.reader())
        .await?)
}
