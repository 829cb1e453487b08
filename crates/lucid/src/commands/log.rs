//! `lucid log`: verify the log against the database, prove an entry, show the key; works beside a
//! running server.

use clap::Subcommand;
use registry::Registry;
use store::Store;
use transparency::{EntryName, LogError, Report, VerifierKey, opening, prove, read_key, verify};

use crate::arguments::Common;
use crate::commands::backup::existing;
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::{progress, say};

#[derive(Subcommand, Debug)]
pub(crate) enum Log {
    /// Compute every digest anew from the database and compare it with the log
    #[command(after_help = "\
Examples:
  lucid log verify --data /var/lib/lucid
  lucid log verify --json | jq '.findings[]'
  lucid log verify --key 'lucid.example/log+1f2e3d4c+AbC…'    with a key kept elsewhere

Recomputed are: every audit record with its salt, every block of raw packets, every published
figure with its verdict, every tile, and root and signature of every checkpoint.
Exit code 1 when anything is not as the log says; each finding names the record.")]
    Verify {
        /// A verifier key that you trust instead of the data folder's; may be given many times,
        /// as after a move to another machine
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Prove that an entry is in the log, as JSON
    #[command(after_help = "\
Examples:
  lucid log prove audit:17
  lucid log prove figure:air-station/1001A:hour:2026-11-29T03:00:00Z
  lucid log prove packets:2026-11-29T03:00:00Z

For audit records and packets `opening` holds the secret salt and what the digest is made of: show
it only to whoever may read the record. Exit code 1 when the log holds no such entry.")]
    Prove {
        /// audit:NUMBER, figure:POINT:PERIOD:TIME or packets:HOUR
        id: String,
        /// Which version of a figure [default: the last one]
        #[arg(long)]
        version: Option<i64>,
    },
    /// The public key by which anybody verifies the log's checkpoints
    Key,
}

pub(crate) fn run(what: &Log, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    match what {
        Log::Key => {
            let key = key(&settings)?;
            if common.json {
                say!("{}", serde_json::json!({ "key": key.to_string() }));
            } else {
                say!("{key}");
            }
            Ok(Exit::Ok)
        }
        Log::Verify { keys } => {
            let keys = if keys.is_empty() { vec![key(&settings)?] } else { given(keys)? };
            with_store(&settings, async |store| verified(store, &keys, common.json).await)
        }
        Log::Prove { id, version } => {
            let name: EntryName = id.parse().map_err(|error: transparency::EntryNameError| {
                let cure = "`lucid log prove --help` shows each form.";
                Failure::of_use("log.id", error.to_string(), cure)
            })?;
            with_store(&settings, async |store| proven(store, &name, *version).await)
        }
    }
}

fn with_store(settings: &Settings, work: impl AsyncFnOnce(&Store) -> Outcome) -> Outcome {
    existing(settings)?;
    opened::block_on(async {
        let store = opened::store(settings).await?;
        let done = work(&store).await;
        store.close().await;
        done
    })?
}

/// The key of the data folder.
fn key(settings: &Settings) -> Result<VerifierKey, Failure> {
    let signer = read_key(&settings.data()).map_err(|error| failed(&error))?;
    signer.map(|signer| signer.public().clone()).ok_or_else(|| {
        let what = format!("there is no {} in this data folder", transparency::KEY_FILE);
        let cure = "`lucid serve` makes it at its first start; a key kept elsewhere is given with \
                    --key.";
        Failure::of_environment("log.key", what, cure)
    })
}

fn given(keys: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let read = |key: &String| {
        key.parse().map_err(|error| {
            let what = format!("{key:?} is no verifier key: {error}");
            Failure::of_use("log.key", what, "`lucid log key` and /log/key print it.")
        })
    };
    keys.iter().map(read).collect()
}

async fn verified(store: &Store, keys: &[VerifierKey], as_json: bool) -> Outcome {
    let registry = Registry::open(store)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "Load a city with `lucid init`."))?;
    let bar = progress(0, "entries");
    let shown = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let publications = environment::publications();
    let report = verify(store, &registry.snapshot(), &publications, keys, shown).await;
    bar.finish_and_clear();
    let report = report.map_err(|error| failed(&error))?;
    if as_json {
        say!("{}", report.to_json());
    } else {
        summarize(&report);
    }
    Ok(if report.is_clean() { Exit::Ok } else { Exit::Found })
}

fn summarize(report: &Report) {
    for finding in &report.findings {
        say!("{:<28} {}\n{:<28} [{}]", finding.subject, finding.text.en, "", finding.code);
    }
    let entries: Vec<String> =
        report.entries.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if let Some(head) = report.head {
        say!("size {}, root {}", head.size, head.root.to_base64());
    }
    say!("{}; {} checkpoints", entries.join(", "), report.checkpoints);
    if report.earlier_forms > 0 {
        say!("{} figures were published in an earlier form", report.earlier_forms);
    }
    if report.forgotten > 0 {
        say!("{} figures are of months that were forgotten by rule", report.forgotten);
    }
    match report.findings.len() {
        0 => say!("the database is as the log says"),
        found => say!("{found} findings: the database is not as the log says"),
    }
}

async fn proven(store: &Store, name: &EntryName, version: Option<i64>) -> Outcome {
    let proof = prove(store, name, version).await.map_err(|error| failed(&error))?;
    let Some(proof) = proof else {
        say!("{}", serde_json::json!({ "id": name.to_string(), "entry": null }));
        return Ok(Exit::Found);
    };
    let mut body = proof.to_json();
    if let Some(opening) = opening(store, name).await.map_err(|error| failed(&error))? {
        body["opening"] = opening.to_json();
    }
    say!("{}", serde_json::to_string_pretty(&body).unwrap_or_else(|_| body.to_string()));
    Ok(Exit::Ok)
}

fn failed(error: &LogError) -> Failure {
    Failure::caused(error.code(), error, "`lucid doctor` says more.")
}
