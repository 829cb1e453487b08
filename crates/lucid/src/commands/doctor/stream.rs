//! The stream from receivers: whether it is there, keeps what it takes, and is taken in.

use ingest::stream::{StreamSettings, StreamStanding, inspect};
use jiff::{SignedDuration, Timestamp};
use store::{Store, with_causes};

use super::Check;
use crate::configuration::Settings;
use crate::{opened, stream};

const NAME: &str = "stream";
/// A receiver that has said nothing for so long is gone, or its clock is wrong.
const GONE: SignedDuration = SignedDuration::from_mins(1);
/// Messages that wait while the server stands still are nothing; so many want a look.
const MANY: u64 = 10_000;

/// How the stream fares; nothing where none is named.
pub(super) async fn examine(settings: &Settings) -> Vec<Check> {
    let wanted = match stream::settings(settings) {
        Ok(None) => return Vec::new(),
        Ok(Some(wanted)) => wanted,
        Err(failure) => {
            let why = "nothing comes from receivers";
            return vec![Check::bad(NAME, failure.what, why, failure.cure)];
        }
    };
    match inspect(&wanted).await {
        Ok(standing) => vec![servers(&wanted, &standing), room(&standing)],
        Err(error) => {
            let why = "receivers answer no device, and nothing that they took is recorded";
            let cure = "docs/how-to/run-several-receivers.md tells how the servers are set up";
            vec![Check::bad(NAME, with_causes(&error), why, cure)]
        }
    }
}

/// What waits in the stream, and who fills it; nothing where no stream is named.
pub(super) async fn waiting(settings: &Settings, store: &Store) -> Vec<Check> {
    let Ok(Some(wanted)) = stream::settings(settings) else { return Vec::new() };
    let mut checks = Vec::new();
    if let Ok(standing) = inspect(&wanted).await {
        checks.push(intake(store, &standing).await);
    }
    checks.extend(receivers(store).await);
    checks
}

/// The same beside a server that runs.
pub(super) async fn waiting_beside(settings: &Settings) -> Vec<Check> {
    if !matches!(stream::settings(settings), Ok(Some(_))) {
        return Vec::new();
    }
    let Ok(store) = opened::store_as_it_is(settings).await else { return Vec::new() };
    let checks = waiting(settings, &store).await;
    store.close().await;
    checks
}

fn servers(wanted: &StreamSettings, standing: &StreamStanding) -> Check {
    let leader = match &*standing.leader {
        "" => String::new(),
        leader => format!(", led by {leader}"),
    };
    let servers = match standing.replicas {
        1 => "one server".to_owned(),
        many => format!("{many} servers"),
    };
    let what = format!("{} on {servers}{leader}, asked at {}", wanted.name, standing.server);
    if !standing.behind.is_empty() {
        return Check::doubtful(
            NAME,
            format!("{what}; gone or behind: {}", standing.behind.join(", ")),
            "with one server more lost, devices are not answered",
            "start the servers named; they catch up by themselves",
        );
    }
    if standing.replicas < 3 {
        return Check::doubtful(
            NAME,
            what,
            "with fewer than three a lost server stops the intake, or loses packets",
            "run three servers and set intake.replicas = 3",
        );
    }
    Check::good(NAME, what)
}

fn room(standing: &StreamStanding) -> Check {
    const NAME: &str = "stream's room";
    let megabytes = |bytes: u64| bytes >> 20;
    let (held, most) = (standing.bytes, standing.bytes_max);
    let what = format!("{} of {} MB are taken", megabytes(held), megabytes(most));
    if held > most / 10 * 9 {
        return Check::bad(
            NAME,
            what,
            "a full stream takes no packet, and devices are not answered",
            "see why `lucid serve` records too little, or raise intake.max_megabytes",
        );
    }
    Check::good(NAME, what)
}

async fn intake(store: &Store, standing: &StreamStanding) -> Check {
    const NAME: &str = "intake";
    let why = "what devices were answered for is not recorded yet";
    let recorded = match observations::stream_position(store, &standing.identity).await {
        Ok(recorded) => recorded,
        Err(error) => return Check::bad(NAME, with_causes(&error), why, "restore the last backup"),
    };
    if standing.last < recorded {
        return Check::bad(
            NAME,
            format!("the stream ends at {}, recorded is {recorded}", standing.last),
            "the servers of the stream have lost messages; new ones would be passed over",
            "stop receivers and server, remove the stream (nats stream rm), start them again",
        );
    }
    if standing.first > recorded + 1 {
        let missing = standing.first - recorded - 1;
        return Check::bad(
            NAME,
            format!("{missing} messages between store and stream are gone"),
            "the store is older than the stream: was an old backup restored?",
            "restore a backup no older than intake.keep_minutes, or let hj212.fill_gaps ask the \
             devices",
        );
    }
    let waiting = standing.last - recorded;
    if waiting > MANY {
        let cure = "start `lucid serve`; if it runs, look at its log and at the database";
        return Check::doubtful(NAME, format!("{waiting} messages wait"), why, cure);
    }
    Check::good(NAME, format!("recorded up to message {recorded}, {waiting} wait"))
}

async fn receivers(store: &Store) -> Vec<Check> {
    const NAME: &str = "receivers";
    let found = match ingest::receivers(store).await {
        Ok(found) => found,
        Err(error) => {
            let why = "nothing is known of receivers";
            return vec![Check::bad(NAME, with_causes(&error), why, "restore the last backup")];
        }
    };
    let now = Timestamp::now();
    let mut checks: Vec<_> = found
        .iter()
        .filter(|one| now.duration_since(one.seen_at).abs() > GONE)
        .map(|one| {
            Check::doubtful(
                NAME,
                format!("{} ({}) was last seen at {}", one.name, one.address, one.seen_at),
                "its devices have to come by another receiver",
                "start it again, or set its clock; a receiver that is not wanted is forgotten \
                 by `lucid serve`",
            )
        })
        .collect();
    if checks.is_empty() {
        let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
        checks.push(if names.is_empty() {
            let why = "no device can deliver but to the server itself";
            Check::doubtful(NAME, "none runs", why, "start `lucid receive`")
        } else {
            Check::good(NAME, format!("{} run: {}", names.len(), names.join(", ")))
        });
    }
    checks
}
