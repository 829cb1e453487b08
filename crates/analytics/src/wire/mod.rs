//! The wire protocol of PostgreSQL: psql, Grafana, DBeaver and drivers ask as they ask PostgreSQL.
//!
//! Who connects shows a token as the password; their name decides nothing. Each connection sees the
//! tables as its owner does.

mod encode;
mod errors;
mod handlers;
mod startup;

use crate::engine::SqlEngine;
use authority::Authority;
use datafusion_postgres::DfSessionService;
use datafusion_postgres::pgwire::api::auth::StartupHandler;
use datafusion_postgres::pgwire::api::cancel::{CancelHandler, DefaultCancelHandler};
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::api::{ConnectionManager, PgWireServerHandlers};
use datafusion_postgres::pgwire::tokio::process_socket;
use handlers::Asking;
use jiff::Timestamp;
use startup::Startup;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Connections at once.
const CONNECTIONS_MAX: usize = 64;
/// After a failure to take a connection, so long is waited.
const PAUSE: Duration = Duration::from_millis(200);

/// How the wire is served.
#[derive(Clone, Debug, Default)]
pub struct WireSettings {
    /// Certificate and key as PEM files; none: in the clear, for this machine alone.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl WireSettings {
    /// What greets with TLS, where there is a certificate.
    ///
    /// # Errors
    /// When certificate or key cannot be used: what is wrong with which file.
    pub fn acceptor(&self) -> Result<Option<TlsAcceptor>, String> {
        let Some((certificate, key)) = &self.certificate else { return Ok(None) };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| format!("{}: {error}", certificate.display()))?;
        if chain.is_empty() {
            return Err(format!("{} holds no certificate", certificate.display()));
        }
        let key = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| format!("{}: {error}", key.display()))?;
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|versions| versions.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| format!("{}: {error}", certificate.display()))?;
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

/// What a connection works with once it is known whose it is.
struct Session {
    context: Arc<datafusion::prelude::SessionContext>,
    /// Answers what clients say about themselves: `SET`, `SHOW`, transactions.
    manners: DfSessionService,
    actor: authority::Actor,
}

/// One connection: who it is becomes known at its beginning, once.
#[derive(Clone)]
struct Connection {
    engine: SqlEngine,
    authority: Authority,
    clock: fn() -> Timestamp,
    /// Whether who comes from elsewhere has to come with TLS.
    has_tls: bool,
    session: Arc<OnceLock<Session>>,
    /// The connections whose questions may be cancelled by another one that knows their secret.
    others: Arc<ConnectionManager>,
}

impl PgWireServerHandlers for Connection {
    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        Arc::new(Startup::new(self.clone()))
    }

    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        Arc::new(Asking(self.clone()))
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        Arc::new(Asking(self.clone()))
    }

    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        Arc::new(DefaultCancelHandler::new(Arc::clone(&self.others)))
    }
}

/// Serves connections until it is stopped.
pub async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    engine: SqlEngine,
    authority: Authority,
    clock: fn() -> Timestamp,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let others = Arc::new(ConnectionManager::new());
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let (socket, address) = match accepted {
            Ok(accepted) => accepted,
            Err(problem) => {
                tracing::warn!(%problem, "a connection for SQL could not be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(%address, "too many connections for SQL: one was turned away");
            continue;
        };
        let connection = Connection {
            engine: engine.clone(),
            authority: authority.clone(),
            clock,
            has_tls: acceptor.is_some(),
            session: Arc::default(),
            others: Arc::clone(&others),
        };
        let (acceptor, mut stopping) = (acceptor.clone(), stopping.clone());
        tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => {}
                ended = process_socket(socket, acceptor, Arc::new(connection)) => {
                    if let Err(problem) = ended {
                        tracing::debug!(%address, %problem, "a connection for SQL broke");
                    }
                }
            }
        });
    }
}
