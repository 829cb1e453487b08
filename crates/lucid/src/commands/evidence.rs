//! `lucid evidence`: episodes of exceedance and their packets listed, issued, checked, recomputed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use authority::audit::Actor;
use clap::Subcommand;
use jiff::Timestamp;
use registry::Registry;
use serde_json::{Value, json};
use sources::episodes::{
    Checked, EpisodeError, Issuer, check_file, check_with_store, newest, recompute,
};
use store::Store;
use transparency::{Log, VerifierKey, read_key};

use crate::arguments::Common;
use crate::casework::EVIDENCE;
use crate::commands::backup::existing;
use crate::commands::font_shelf;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::say;

/// So many episodes are listed.
const LISTED: u32 = 200;

#[derive(Subcommand, Debug)]
pub(crate) enum EvidenceCommand {
    /// Name the newest episodes of exceedance with the packets that were issued
    List,
    /// Issue the evidence packet of an episode, or write the one that was issued
    #[command(after_help = "\
Example:
  lucid evidence list
  lucid evidence issue 7 --out packet.pdf")]
    Issue {
        /// The episode's number, as `lucid evidence list` names it
        episode: i64,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check a packet: signature, bytes, and with a data folder the issuing and the log
    #[command(after_help = "\
Examples:
  lucid evidence verify packet.pdf
  lucid evidence verify packet.pdf --key 'lucid.example/log+1f2e3d4c+AbC…'

With --key nothing but the file is needed. Exit code 1 when the packet is not right.")]
    Verify {
        /// The PDF
        file: PathBuf,
        /// The log's verifier key, from `lucid log key` or /log/key; may be given many times
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
    },
    /// Judge the months of an episode again: the same inputs must give the same digests
    Recompute {
        /// The episode's number
        episode: i64,
    },
}

pub(crate) fn run(what: &EvidenceCommand, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    match what {
        EvidenceCommand::List => {
            with_store(&settings, async |store| list(store, common.json).await)
        }
        EvidenceCommand::Issue { episode, out } => {
            with_store(&settings, async |store| issue(store, &settings, *episode, out).await)
        }
        EvidenceCommand::Verify { file, keys } => verify(&settings, file, keys, common.json),
        EvidenceCommand::Recompute { episode } => {
            with_store(&settings, async |store| again(store, *episode, common.json).await)
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

fn failed(error: &EpisodeError) -> Failure {
    Failure::caused(error.code(), error, "`lucid doctor` says more.")
}

fn unknown(episode: i64) -> Failure {
    let what = format!("there is no episode {episode}");
    Failure::of_use("evidence.episode", what, "`lucid evidence list` names them.")
}

async fn registry(store: &Store) -> Result<Registry, Failure> {
    let opened = Registry::open(store).await;
    opened.map_err(|error| Failure::caused(error.code(), &error, "Load a city with `lucid init`."))
}

async fn list(store: &Store, as_json: bool) -> Outcome {
    let snapshot = registry(store).await?.snapshot();
    let episodes = newest(store, &snapshot, LISTED).await.map_err(|error| failed(&error))?;
    if as_json {
        let rows: Vec<Value> = episodes
            .iter()
            .map(|told| {
                json!({
                    "id": told.id, "outlet": told.outlet.zh, "factor": told.factor.zh,
                    "span": told.span, "periods": told.periods,
                    "highest_multiple": told.multiple, "packets": told.packets,
                })
            })
            .collect();
        say!("{}", Value::from(rows));
        return Ok(Exit::Ok);
    }
    if episodes.is_empty() {
        say!("no episode of exceedance; a running server computes them each hour");
    }
    for told in &episodes {
        let packets = match told.packets.as_slice() {
            [] => String::new(),
            all => format!("  packet {}", all.join(", ")),
        };
        say!(
            "{:>6}  {}  {} · {}  {} periods, up to {} times over{packets}",
            told.id,
            told.span,
            told.outlet.zh,
            told.factor.zh,
            told.periods,
            told.multiple
        );
    }
    Ok(Exit::Ok)
}

async fn issue(store: &Store, settings: &Settings, episode: i64, out: &Path) -> Outcome {
    let data = settings.data();
    let key = signing_key(settings)?;
    let publications = environment::publications();
    let log = Log::open(store, &data, key.name(), publications, Timestamp::now()).await;
    let log = log.map_err(|error| Failure::caused(error.code(), &error, "See `lucid doctor`."))?;
    let evidence = evidence::Evidence::open(&data.join(EVIDENCE)).map_err(|error| {
        Failure::caused(error.code(), &error, "Let this user write into the data folder.")
    })?;
    let issuer = Issuer {
        store: store.clone(),
        snapshot: registry(store).await?.snapshot(),
        log,
        evidence,
        shelf: Arc::new(font_shelf(settings)),
        address: settings.text(keys::PUBLIC_ADDRESS).to_owned(),
    };
    let issued = issuer.issue(episode, &Actor::console(), Timestamp::now()).await;
    let packet = issued.map_err(|error| failed(&error))?.ok_or_else(|| unknown(episode))?;
    let bytes = issuer.file(&packet).await.map_err(|error| failed(&error))?;
    std::fs::write(out, &bytes).map_err(|error| {
        let what = format!("cannot write {}: {error}", out.display());
        Failure::of_environment("evidence.out", what, "Name another file with --out.")
    })?;
    say!("packet {}-{} of episode {episode}: {}", packet.year, packet.number, out.display());
    say!("sha256 {}", packet.file);
    Ok(Exit::Ok)
}

fn signing_key(settings: &Settings) -> Result<VerifierKey, Failure> {
    let signer = read_key(&settings.data())
        .map_err(|error| Failure::caused(error.code(), &error, "See `lucid doctor`."))?;
    signer.map(|signer| signer.public().clone()).ok_or_else(|| {
        let what = format!("there is no {} in this data folder", transparency::KEY_FILE);
        let cure = "`lucid serve` makes it at its first start; a key kept elsewhere is given with \
                    --key.";
        Failure::of_environment("log.key", what, cure)
    })
}

fn verify(settings: &Settings, file: &Path, given: &[String], as_json: bool) -> Outcome {
    let bytes = std::fs::read(file).map_err(|error| {
        let what = format!("cannot read {}: {error}", file.display());
        Failure::of_use("evidence.file", what, "Name the PDF of a packet.")
    })?;
    let read = |key: &String| {
        key.parse::<VerifierKey>().map_err(|error| {
            let what = format!("{key:?} is no verifier key: {error}");
            Failure::of_use("log.key", what, "`lucid log key` and /log/key print it.")
        })
    };
    if !given.is_empty() {
        let keys = given.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        return Ok(told(&check_file(&bytes, &keys), as_json));
    }
    let keys = vec![signing_key(settings)?];
    with_store(settings, async |store| {
        let found = check_with_store(store, &bytes, &keys).await;
        Ok(told(&found.map_err(|error| failed(&error))?, as_json))
    })
}

fn told(found: &Checked, as_json: bool) -> Exit {
    if as_json {
        let steps: Vec<Value> = found
            .steps
            .iter()
            .map(|(is_right, text)| json!({ "right": is_right, "text": text.en }))
            .collect();
        say!(
            "{}",
            json!({
                "right": found.is_right(), "number": found.number, "issued": found.issued,
                "sha256": found.sha256, "steps": steps,
            })
        );
    } else {
        for (is_right, text) in &found.steps {
            say!("{} {}", if *is_right { "ok   " } else { "WRONG" }, text.en);
        }
        if let (Some(number), Some(issued)) = (&found.number, &found.issued) {
            say!("packet {number}, issued {issued}");
        }
    }
    if found.is_right() { Exit::Ok } else { Exit::Found }
}

async fn again(store: &Store, episode: i64, as_json: bool) -> Outcome {
    let found = recompute(store, episode).await.map_err(|error| failed(&error))?;
    let found = found.ok_or_else(|| unknown(episode))?;
    let is_same = |one: &sources::episodes::Recomputed| one.again.as_ref() == Some(&one.digest);
    if as_json {
        let rows: Vec<Value> = found
            .iter()
            .map(|one| {
                json!({
                    "month": one.month, "version": one.version, "digest": one.digest,
                    "again": one.again, "same": is_same(one),
                })
            })
            .collect();
        say!("{}", Value::from(rows));
    } else {
        for one in &found {
            let outcome = match (&one.again, is_same(one)) {
                (None, _) => "provisional, not stored yet",
                (_, true) => "the same digest",
                (_, false) => "ANOTHER digest",
            };
            say!("{} version {}: {outcome} {}", one.month, one.version, one.digest);
        }
    }
    let is_right = found.iter().all(|one| one.again.is_none() || is_same(one));
    Ok(if is_right { Exit::Ok } else { Exit::Found })
}
