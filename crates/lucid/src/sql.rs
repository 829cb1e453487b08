//! SQL as the server offers it: the engine behind the page, and the wire protocol of PostgreSQL. A
//! build without the feature `sql` has neither, and says how to get them.

#[cfg(not(feature = "sql"))]
use crate::exit::Failure;

/// How to get a build with SQL.
#[cfg(not(feature = "sql"))]
const CURE: &str = "Take a released build, or build one: \
                    cargo build --release -p lucid --features sql.";

/// The failure of a build without SQL that is asked for it.
#[cfg(not(feature = "sql"))]
pub(crate) fn absent(what: &str) -> Failure {
    Failure::of_use("sql.not_built", what, CURE)
}

#[cfg(feature = "sql")]
pub(crate) use with_engine::{equip, limits, listen, no_threads};
#[cfg(not(feature = "sql"))]
pub(crate) use without_engine::{equip, listen};

#[cfg(not(feature = "sql"))]
mod without_engine {
    use std::net::SocketAddr;

    use tokio::sync::watch;
    use tokio::task::JoinSet;
    use web::AppState;

    use crate::configuration::{Settings, keys};
    use crate::exit::Failure;

    /// The state as it is: the page says how to get SQL.
    pub(crate) fn equip(state: AppState, settings: &Settings) -> Result<AppState, Failure> {
        if settings.text(keys::SQL_LISTEN).is_empty() {
            return Ok(state);
        }
        Err(super::absent("sql.listen is set, and this build has no SQL"))
    }

    /// Nothing listens.
    pub(crate) async fn listen(
        _: &AppState,
        _: &Settings,
        _: &mut JoinSet<()>,
        _: &watch::Receiver<bool>,
    ) -> Result<Option<SocketAddr>, Failure> {
        Ok(None)
    }
}

#[cfg(feature = "sql")]
mod with_engine {
    use std::net::SocketAddr;
    use std::path::PathBuf;
    use std::sync::Arc;

    use analytics::{SqlEngine, WireSettings};
    use operations::sql::{EngineHandle, Limits};
    use tokio::net::TcpListener;
    use tokio::sync::watch;
    use tokio::task::JoinSet;
    use web::AppState;

    use crate::clock;
    use crate::configuration::{Settings, keys};
    use crate::exit::Failure;

    /// What a question may take, as the settings say.
    pub(crate) fn limits(settings: &Settings) -> Limits {
        let number = |key| usize::try_from(settings.count(key)).unwrap_or(usize::MAX);
        Limits {
            seconds: settings.count(keys::SQL_SECONDS),
            memory_mib: settings.count(keys::SQL_MEMORY),
            rows: number(keys::SQL_ROWS),
            at_once: number(keys::SQL_AT_ONCE),
        }
    }

    /// The failure of an engine without threads.
    pub(crate) fn no_threads(error: &std::io::Error) -> Failure {
        let cure = "The machine gives this process too few threads.";
        Failure::caused("sql.threads", error, cure)
    }

    /// The state with an engine.
    pub(crate) fn equip(state: AppState, settings: &Settings) -> Result<AppState, Failure> {
        let (store, registry) = (state.store.clone(), state.registry.clone());
        let engine = SqlEngine::new(store, registry, limits(settings), clock::now);
        let engine = engine.map_err(|error| no_threads(&error))?;
        Ok(state.with(EngineHandle(Arc::new(engine.clone()))).with(engine))
    }

    /// Serves clients of PostgreSQL where the settings say so, until the server stops.
    pub(crate) async fn listen(
        state: &AppState,
        settings: &Settings,
        working: &mut JoinSet<()>,
        stopping: &watch::Receiver<bool>,
    ) -> Result<Option<SocketAddr>, Failure> {
        let text = settings.text(keys::SQL_LISTEN);
        let (false, Some(engine)) = (text.is_empty(), state.handle::<SqlEngine>()) else {
            return Ok(None);
        };
        let wrong = |what: String, cure: &str| Failure::of_use("sql.listen", what, cure);
        let address: SocketAddr = text.parse().map_err(|_| {
            let cure = "Write ADDRESS:PORT, for example 127.0.0.1:5433, or leave it empty.";
            wrong(format!("sql.listen: {text:?} is no address"), cure)
        })?;
        let file = |key| Some(settings.text(key)).filter(|text| !text.is_empty());
        let files = (file(keys::SQL_CERTIFICATE), file(keys::SQL_KEY));
        let certificate = match files {
            (Some(certificate), Some(key)) => {
                Some((PathBuf::from(certificate), PathBuf::from(key)))
            }
            (None, None) if address.ip().is_loopback() => None,
            (None, None) => {
                let what = format!("sql.listen: {address} is open to others without TLS");
                let cure = "Tokens would go in the clear. Set sql.certificate and sql.key, or \
                            listen on 127.0.0.1.";
                return Err(wrong(what, cure));
            }
            _ => {
                let what = "one of sql.certificate and sql.key is set, the other is not";
                return Err(wrong(what.to_owned(), "Set both, or neither."));
            }
        };
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let what = format!("cannot serve SQL on {address}: {error}");
            let cure = "Choose another port (sql.listen), or stop the program that has it.";
            Failure::of_environment("sql.listen", what, cure)
        })?;
        let address = listener.local_addr().map_err(|error| {
            Failure::caused("sql.listen", &error, "Choose another address: sql.listen.")
        })?;
        let settings = WireSettings { certificate };
        let acceptor = settings.acceptor().map_err(|what| {
            wrong(what, "sql.certificate and sql.key name PEM files that this user may read.")
        })?;
        let served = analytics::serve(
            listener,
            acceptor,
            engine.as_ref().clone(),
            state.authority.clone(),
            clock::now,
            stopping.clone(),
        );
        working.spawn(served);
        Ok(Some(address))
    }
}
