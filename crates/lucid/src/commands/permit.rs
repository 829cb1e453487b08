//! `lucid permit`: permits listed, checked, imported, exported; also while the server runs.

use authority::audit::Actor;
use clap::Subcommand;
use jiff::Timestamp;
use permits::clocks::{self, Radar};
use permits::{Fault, PermitDraft, PermitError, PermitVersion, check, versions, workbook};
use registry::{Registry, Snapshot};
use rulebook::{Language, beijing_offset};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::Store;

use crate::arguments::Common;
use crate::city;
use crate::commands::backup::existing;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::{note, say};

#[derive(Subcommand, Debug)]
pub(crate) enum PermitCommand {
    /// Name every permit: number, holder, class, version, expiry
    List,
    /// Say everything that is wrong with a workbook, without keeping anything
    #[command(after_help = "\
Example:
  lucid permit check permit.xlsx

Each problem names sheet, row, column and cure. Exit code 1 when something is wrong.")]
    Check {
        /// The workbook
        file: PathBuf,
    },
    /// Keep a workbook as a new version of its permit; a workbook that says the same makes none
    #[command(after_help = "\
Examples:
  lucid permit template permit.xlsx             an empty form with choices
  lucid permit import permit.xlsx

All of a workbook is taken or nothing. A running server judges by the new limits within a minute.")]
    Import {
        /// The workbook
        file: PathBuf,
    },
    /// Write a version of a permit as a workbook: the one that holds today, or another
    Export {
        /// The permit's number
        number: String,
        /// The file to write
        file: PathBuf,
        /// The version
        #[arg(long)]
        version: Option<u32>,
    },
    /// Write an empty form
    Template {
        /// The file to write
        file: PathBuf,
    },
}

pub(crate) fn run(what: &PermitCommand, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    let json = common.json;
    match what {
        PermitCommand::List => with_store(&settings, async |store, city| {
            let all = permits::all(store).await.map_err(|error| failed(&error))?;
            list(&all, &city.snapshot(), json);
            Ok(Exit::Ok)
        }),
        PermitCommand::Check { file } => checked(&settings, file, json),
        PermitCommand::Import { file } => with_store(&settings, async |store, city| {
            import(store, &city.snapshot(), file, json).await
        }),
        PermitCommand::Export { number, file, version } => {
            with_store(&settings, async |store, city| {
                let draft = draft_of(store, &city.snapshot(), number, *version).await?;
                let book = workbook::write(&draft, &city.snapshot());
                write(file, book.map_err(|error| failed(&error))?)
            })
        }
        PermitCommand::Template { file } => {
            let form = workbook::template(&nouns(&settings)?).map_err(|error| failed(&error))?;
            write(file, form)
        }
    }
}

fn failed(error: &PermitError) -> Failure {
    Failure::caused(error.code(), error, "")
}

fn with_store(
    settings: &Settings,
    work: impl AsyncFnOnce(&Store, &Registry) -> Outcome,
) -> Outcome {
    existing(settings)?;
    opened::block_on(async {
        let store = opened::store(settings).await?;
        let done = match Registry::open(&store).await {
            Ok(registry) => work(&store, &registry).await,
            Err(error) => {
                Err(Failure::caused(error.code(), &error, "Load a city with `lucid init`."))
            }
        };
        store.close().await;
        done
    })?
}

/// The city's nouns: those of the data folder, else those of the city that the settings name.
fn nouns(settings: &Settings) -> Result<Snapshot, Failure> {
    if existing(settings).is_err() {
        return Ok(Snapshot::of_files(&city::read(settings.text(keys::CITY))?));
    }
    opened::block_on(async {
        let store = opened::store(settings).await?;
        let registry = Registry::open(&store).await;
        store.close().await;
        let registry = registry.map_err(|error| {
            Failure::caused(error.code(), &error, "Load a city with `lucid init`.")
        })?;
        Ok(Snapshot::clone(&registry.snapshot()))
    })?
}

fn today() -> jiff::civil::Date {
    beijing_offset().to_datetime(Timestamp::now()).date()
}

fn list(all: &[PermitVersion], snapshot: &Snapshot, as_json: bool) {
    let today = today();
    let shown = versions::by_permit(all).into_iter().filter_map(|of| versions::shown(of, today));
    if as_json {
        let rows: Vec<Value> = shown
            .map(|version| {
                let holder = snapshot.enterprise(version.permit.enterprise);
                json!({ "number": version.permit.number, "class": version.class.as_str(),
                    "enterprise": holder.map(|it| it.code.clone()), "holder": version.holder,
                    "version": version.version, "valid_to": version.valid_to.to_string(),
                    "days_left": clocks::days_left(version, today),
                    "radar": Radar::of(version, today).as_str() })
            })
            .collect();
        say!("{}", json!({ "permits": rows }));
        return;
    }
    let mut count = 0;
    for version in shown {
        count += 1;
        say!(
            "{}  {}  v{}  {}  {}  {}",
            version.permit.number,
            version.valid_to,
            version.version,
            Radar::of(version, today).text().zh,
            version.class.text().zh,
            version.holder
        );
    }
    if count == 0 {
        note!("no permits: `lucid permit template permit.xlsx` writes a form to fill in");
    }
}

fn read(file: &Path, snapshot: &Snapshot) -> Result<Result<PermitDraft, Vec<Fault>>, Failure> {
    let bytes = std::fs::read(file).map_err(|error| {
        let what = format!("{} cannot be read: {error}", file.display());
        Failure::of_use("permits.file", what, "Name the workbook of a permit.")
    })?;
    Ok(workbook::read(&bytes, snapshot))
}

fn tell(faults: &[Fault], as_json: bool) {
    if as_json {
        let all: Vec<Value> = faults
            .iter()
            .map(|fault| {
                json!({ "place": fault.place(Language::English), "row": fault.row,
                    "column": fault.column, "what": fault.what.en, "cure": fault.cure.en })
            })
            .collect();
        say!("{}", json!({ "problems": all }));
        return;
    }
    for fault in faults {
        say!("{}", fault.line(Language::English));
    }
}

fn checked(settings: &Settings, file: &Path, as_json: bool) -> Outcome {
    let snapshot = nouns(settings)?;
    match read(file, &snapshot)? {
        Err(faults) => {
            tell(&faults, as_json);
            Ok(Exit::Found)
        }
        Ok(draft) => {
            let notes = check::notes(&draft, &snapshot);
            if as_json {
                tell(&notes, true);
            } else {
                for fault in &notes {
                    note!("{}", fault.line(Language::English));
                }
                say!("{}: nothing is wrong", draft.number);
            }
            Ok(Exit::Ok)
        }
    }
}

async fn import(store: &Store, snapshot: &Snapshot, file: &Path, as_json: bool) -> Outcome {
    let draft = match read(file, snapshot)? {
        Ok(draft) => draft,
        Err(faults) => {
            tell(&faults, as_json);
            note!("nothing was taken");
            return Ok(Exit::Found);
        }
    };
    if !as_json {
        for fault in check::notes(&draft, snapshot) {
            note!("{}", fault.line(Language::English));
        }
    }
    let Some(holder) = snapshot.enterprise_by_code(&draft.enterprise) else {
        let what = format!("there is no enterprise {:?}", draft.enterprise);
        return Err(Failure::of_use("permits.enterprise", what, "Correct the workbook."));
    };
    let actor = Actor::console();
    let kept = permits::keep(store, &actor, snapshot, holder.id, &draft, Timestamp::now()).await;
    let kept = kept.map_err(|error| failed(&error))?;
    if as_json {
        say!(
            "{}",
            json!({ "number": draft.number, "version": kept.version,
                "new_background": kept.has_new_background, "limits": kept.limits })
        );
        return Ok(Exit::Ok);
    }
    match kept.version {
        Some(version) => say!(
            "{}: version {version} from {}, {} limits",
            draft.number,
            draft.content.in_force_from,
            kept.limits
        ),
        None if kept.has_new_background => {
            say!("{}: approvals and quotas were replaced, no new version", draft.number);
        }
        None => say!("{}: nothing has changed", draft.number),
    }
    Ok(Exit::Ok)
}

async fn draft_of(
    store: &Store,
    snapshot: &Snapshot,
    number: &str,
    version: Option<u32>,
) -> Result<PermitDraft, Failure> {
    let all = permits::by_number(store, number).await.map_err(|error| failed(&error))?;
    let found = match version {
        Some(wanted) => all.iter().find(|it| it.version == wanted),
        None => versions::shown(&all, today()),
    };
    let Some(found) = found else {
        let what = format!("there is no such version of a permit {number:?}");
        return Err(Failure::of_use("permits.unknown", what, "`lucid permit list` names all."));
    };
    PermitDraft::of(store, snapshot, found).await.map_err(|error| failed(&error))
}

fn write(file: &Path, bytes: Vec<u8>) -> Outcome {
    std::fs::write(file, bytes).map_err(|error| {
        let what = format!("{} cannot be written: {error}", file.display());
        Failure::of_environment("permits.output", what, "Choose a file that can be written.")
    })?;
    Ok(Exit::Ok)
}
