//! The store, the city in it, and what waits to be judged.

use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::Recorder;
use registry::{PointKind, Registry};
use store::{Store, with_causes};

use super::{Check, stream};
use crate::casework::EVIDENCE;
use crate::commands::backup::existing;
use crate::configuration::Settings;
use crate::{opened, outbound};

/// A packet that seems to have come later than now by so much shows a clock set back.
const AHEAD: SignedDuration = SignedDuration::from_mins(2);

pub(super) async fn examine(settings: &Settings, checks: &mut Vec<Check>) {
    const WHY: &str = "nothing can be received or shown without it";
    if let Err(failure) = existing(settings) {
        checks.push(Check::bad("store", failure.what, WHY, failure.cure));
        return;
    }
    if let Some(check) = waiting_steps(settings).await {
        // Looking must not be the upgrade.
        checks.push(check);
        return;
    }
    let store = match opened::store(settings).await {
        Ok(store) => store,
        Err(failure) => {
            checks.push(Check::bad("store", failure.what, WHY, failure.cure));
            return;
        }
    };
    let steps = opened::migrations().len();
    checks.push(Check::good("store", format!("opens, its schema has all {steps} steps")));
    checks.push(city(&store).await);
    checks.extend(commits(&store).await);
    checks.push(judging(&store).await);
    checks.push(history(&store).await);
    checks.push(evidence(settings).await);
    checks.extend(deliveries(settings, &store).await);
    checks.extend(stream::waiting(settings, &store).await);
    store.close().await;
}

/// A store of an earlier release, which the next start brings to this one.
async fn waiting_steps(settings: &Settings) -> Option<Check> {
    let store = opened::store_as_it_is(settings).await.ok()?;
    let taken = store.steps().await;
    store.close().await;
    let taken = taken.ok()?;
    let waiting =
        opened::migrations().iter().filter(|migration| !taken.contains(&migration.version)).count();
    if waiting == 0 || taken.is_empty() {
        return None;
    }
    let last = taken.last().copied().unwrap_or_default();
    Some(Check::doubtful(
        "store",
        format!("stands at schema step {last}; this program takes {waiting} more at its start"),
        "an older program cannot open it afterwards",
        "take a backup with `lucid backup`, then start `lucid serve`: docs/how-to/upgrade.md",
    ))
}

async fn city(store: &Store) -> Check {
    const WHY: &str = "packets of unknown devices are refused";
    match Registry::open(store).await {
        Ok(registry) => {
            let snapshot = registry.snapshot();
            let count = |kind| snapshot.points_of(kind).count();
            Check::good(
                "city",
                format!(
                    "{}: {} air stations, {} water sections, {} outlets, {} devices",
                    snapshot.city.name.zh,
                    count(PointKind::AirStation),
                    count(PointKind::WaterSection),
                    count(PointKind::Outlet),
                    snapshot.devices().count()
                ),
            )
        }
        Err(error) => {
            Check::bad("city", with_causes(&error), WHY, "load a city's files with `lucid init`")
        }
    }
}

/// The newest commit against the clock, and how far judging lies behind it.
async fn commits(store: &Store) -> Vec<Check> {
    let last = match observations::last_block(store).await {
        Ok(last) => last,
        Err(error) => {
            let why = "observations cannot be read";
            return vec![Check::bad(
                "observations",
                with_causes(&error),
                why,
                "restore the last backup",
            )];
        }
    };
    let mut checks = Vec::new();
    if let Ok(packets) = observations::raw_block(store, last).await {
        let newest = packets.iter().map(|packet| packet.received_at).max();
        let now = Timestamp::now();
        if let Some(newest) = newest.filter(|newest| newest.duration_since(now) > AHEAD) {
            checks.push(Check::bad(
                "clock",
                format!("the newest packet came at {newest}, which is still to come"),
                "the clock was set back, and times of receipt are evidence",
                "let the machine follow a time server (timedatectl set-ntp true)",
            ));
        }
    }
    checks.push(Check::good("observations", format!("{last} commits can be read")));
    checks
}

/// How much waits to be judged when the server starts again.
async fn judging(store: &Store) -> Check {
    const NAME: &str = "evaluation";
    const WHY: &str = "what was received is not judged, and no alert opens";
    let unjudged = async {
        let registry = Registry::open(store).await.map_err(|error| with_causes(&error))?;
        let recorder = Recorder::open(store).await.map_err(|error| with_causes(&error))?;
        let opened = Worker::open(store, &registry, &recorder, Vec::new(), Timestamp::now).await;
        let judged = opened.map_err(|error| with_causes(&error))?.1.progress().block;
        let committed = recorder.health().block;
        recorder.close().await;
        Ok::<_, String>(committed - judged)
    };
    match unjudged.await {
        Ok(0) => Check::good(NAME, "everything received is judged"),
        Ok(commits) => {
            Check::good(NAME, format!("{commits} commits will be judged at the next start"))
        }
        Err(what) => Check::bad(NAME, what, WHY, "restore the last backup"),
    }
}

/// Whether the history is where the settings say; `--deep` reads all of it.
async fn history(store: &Store) -> Check {
    const NAME: &str = "history.place";
    const WHY: &str = "months that have moved cannot be read, and no further month moves";
    let place = store.objects().map_or("no place", store::Objects::place);
    match observations::history::ensure_place(store).await {
        Ok(()) => Check::good(NAME, format!("{place}: what was moved last is there")),
        Err(error) => Check::bad(
            NAME,
            with_causes(&error),
            WHY,
            "set history.url to the place of the months, the same for every program of this store",
        ),
    }
}

/// Whether files of evidence are still what they were when they were kept.
async fn evidence(settings: &Settings) -> Check {
    const NAME: &str = "evidence";
    const WHY: &str = "a file that was altered proves nothing";
    let cure = "take the file from a backup; its name is the SHA-256 of its content";
    let folder = settings.data().join(EVIDENCE);
    if !folder.is_dir() {
        return Check::good(NAME, "no file was kept yet");
    }
    let verified = async {
        let kept = evidence::Evidence::open(&folder)?;
        kept.verify_all(None).await
    };
    match verified.await {
        Ok(found) if found.altered.is_empty() => {
            Check::good(NAME, format!("{} files are what they were", found.sound))
        }
        Ok(found) => {
            let names: Vec<String> =
                found.altered.iter().take(5).map(ToString::to_string).collect();
            let what = format!("{} files were altered: {}", found.altered.len(), names.join(", "));
            Check::bad(NAME, what, WHY, cure)
        }
        Err(error) => Check::bad(NAME, with_causes(&error), WHY, cure),
    }
}

/// What could not be sent.
pub(super) async fn deliveries(settings: &Settings, store: &Store) -> Option<Check> {
    const NAME: &str = "deliveries";
    let why = "somebody was not told";
    let cure = "look at /operator/deliveries: mend what is named there, then send again";
    let outbox = outbound::outbox(store, settings).ok()?;
    let counts = match outbox.counts().await {
        Ok(counts) => counts,
        Err(error) => return Some(Check::bad(NAME, with_causes(&error), why, cure)),
    };
    let dead: u64 = counts.iter().map(|count| count.dead).sum();
    let waiting: u64 = counts.iter().map(|count| count.waiting).sum();
    Some(if dead == 0 {
        Check::good(NAME, format!("{waiting} wait, none was given up"))
    } else {
        Check::bad(NAME, format!("{dead} were given up"), why, cure)
    })
}
