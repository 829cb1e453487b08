//! `lucid migrate`: all rows from the embedded SQLite into PostgreSQL, compared before they count.

use clap::Subcommand;
use serde_json::json;
use store::backup::Progress;
use store::{Engine, Store};

use crate::arguments::Common;
use crate::commands::backup::existing;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::{progress, say};

#[derive(Subcommand, Debug)]
pub(crate) enum Migrate {
    /// Copy every row of the data folder's SQLite into an empty PostgreSQL database
    #[command(after_help = "\
Example:
  lucid migrate sqlite-to-postgres --data /var/lib/lucid \\
      --to postgres://lucid:secret@127.0.0.1/lucid

Stop the server first. All rows go in one transaction, are read back and compared by number and
digest, table by table; only then are they kept. When it breaks off, the database is empty as
before: run the same command again. The SQLite file is only read. History, evidence and keys stay in
the data folder, which goes on being used. docs/how-to/move-to-postgresql.md tells it step by step.")]
    SqliteToPostgres {
        /// The empty database
        #[arg(long, value_name = "URL", env = "LUCID_MIGRATE_TO")]
        to: String,
    },
}

pub(crate) fn run(what: &Migrate, common: &Common) -> Outcome {
    let Migrate::SqliteToPostgres { to } = what;
    let settings = Settings::load(&common.given())?;
    if !settings.database_url().starts_with("sqlite:") {
        let what = "database.url names a server already, not the SQLite of the data folder";
        let cure = "Take that line out of the configuration, or set LUCID_DATABASE_URL to \
                    sqlite:FILE.";
        return Err(Failure::of_use("migrate.source", what, cure));
    }
    let is_server = Engine::of(to).is_ok_and(|engine| engine == Engine::Postgres);
    if !is_server {
        let cure = "Write --to postgres://USER:PASSWORD@HOST/NAME.";
        return Err(Failure::of_use("migrate.target", "--to names no PostgreSQL database", cure));
    }
    existing(&settings)?;
    let _lock = opened::lock(&settings.data())?;
    let copied = opened::block_on(async {
        let source = opened::store(&settings).await?;
        let target = Store::open(to, &opened::migrations()).await.map_err(|error| {
            let cure = "Check that the server runs, and that the database of --to is there, is \
                        empty and lets this user make tables.";
            Failure::caused(error.code(), &error, cure)
        })?;
        let bar = progress(0, "rows, written and read back");
        let copied = store::copy(&source, &target, |at: Progress<'_>| {
            bar.set_length(at.rows_total);
            bar.set_position(at.rows_done);
        });
        let copied = copied.await;
        bar.finish_and_clear();
        source.close().await;
        target.close().await;
        copied.map_err(|error| {
            let cure = "Nothing was kept, and the SQLite file is as it was. Mend what is said, or \
                        name an empty database (DROP DATABASE and CREATE DATABASE), and run the \
                        same command again.";
            Failure::caused(error.code(), &error, cure)
        })
    })??;
    let rows: u64 = copied.iter().map(|one| one.rows).sum();
    if common.json {
        let tables = copied
            .iter()
            .map(|one| json!({ "table": one.table, "rows": one.rows, "digest": one.digest }));
        say!("{}", json!({ "rows": rows, "tables": tables.collect::<Vec<_>>() }));
        return Ok(Exit::Ok);
    }
    for one in copied.iter().filter(|one| one.rows > 0) {
        say!("{:>12} {:<32} {}", one.rows, one.table, &one.digest[..16]);
    }
    say!("{rows} rows of {} tables stand in the database, read back and compared", copied.len());
    say!("");
    say!("now let the server use it, in {}:", configuration_file(&settings));
    say!("  [database]");
    say!("  url = \"{}\"", shown(to));
    say!("history, evidence and keys stay in {}", settings.data().display());
    say!("put the SQLite file away when `lucid doctor --deep` finds nothing");
    Ok(Exit::Ok)
}

/// The file in which settings belong.
fn configuration_file(settings: &Settings) -> String {
    match &settings.file {
        Some(file) => file.display().to_string(),
        None => format!("{}/lucid.toml", settings.text(keys::DATA)),
    }
}

/// The address with its password left out: terminals are looked at.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user
                .split_once(':')
                .map_or(user.to_owned(), |(name, _)| format!("{name}:PASSWORD"));
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(shown("postgres://lucid:a@b@host/city"), "postgres://lucid:PASSWORD@host/city");
        assert_eq!(shown("postgres://lucid@host/city"), "postgres://lucid@host/city");
        assert_eq!(shown("postgres://host/city"), "postgres://host/city");
    }
}
