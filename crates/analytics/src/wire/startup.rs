//! The beginning of a connection: a token for a password, a session for its owner.

use super::errors::fatal;
use super::{Connection, Session};
use crate::session::CATALOGUE;
use crate::sight::Sight;
use async_trait::async_trait;
use datafusion_postgres::DfSessionService;
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_postgres::datafusion_pg_catalog::setup_pg_catalog;
use datafusion_postgres::pgwire::api::auth::{
    DefaultServerParameterProvider, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use datafusion_postgres::pgwire::api::{
    ClientInfo, PgWireConnectionState, PidSecretKeyGenerator, RandomPidSecretKeyGenerator,
};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::startup::Authentication;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use futures_util::{Sink, SinkExt as _};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// A wrong password is answered after so long: nobody tries many.
const HESITATION: Duration = Duration::from_secs(1);

/// Asks for the token and opens the session.
pub(super) struct Startup {
    connection: Connection,
    keys: RandomPidSecretKeyGenerator,
}

impl Startup {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, keys: RandomPidSecretKeyGenerator::default() }
    }

    /// The session of whoever shows this token.
    async fn session(&self, token: &str, origin: &str) -> PgWireResult<Session> {
        let Connection { engine, authority, clock, .. } = &self.connection;
        let found = authority.verify(token, clock()).await.map_err(|error| {
            tracing::error!(%error, "a token for SQL could not be looked up");
            fatal("58000", "tokens cannot be looked up", "try again in a moment")
        })?;
        let Some(principal) = found else {
            tokio::time::sleep(HESITATION).await;
            let cure = "the password is a token: make one on the page /account with the action \
                        \"ask with SQL\" (query_data)";
            return Err(fatal("28P01", "the token is wrong or has ended", cure));
        };
        let Some(actor) = operations::sql::asker(&principal, origin) else {
            let cure = "ask an administrator for a role with the action query_data, or make a \
                        token with it";
            return Err(fatal("42501", "neither role nor token may ask with SQL", cure));
        };
        let context = engine.session(Sight::of(&principal)).map_err(|trouble| {
            fatal("XX000", trouble.what.en.to_string(), "try again in a moment")
        })?;
        setup_pg_catalog(&context, CATALOGUE, EmptyContextProvider).map_err(|error| {
            tracing::error!(%error, "the catalogue for clients of PostgreSQL failed");
            fatal("XX000", "the catalogue cannot be made", "see the log of the server")
        })?;
        let context = Arc::new(context);
        Ok(Session { manners: DfSessionService::new(Arc::clone(&context)), context, actor })
    }
}

#[async_trait]
impl StartupHandler for Startup {
    async fn on_startup<C>(
        &self,
        client: &mut C,
        message: PgWireFrontendMessage,
    ) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match message {
            PgWireFrontendMessage::Startup(ref startup) => {
                protocol_negotiation(client, startup).await?;
                let is_from_here = client.socket_addr().ip().is_loopback();
                if self.connection.has_tls && !client.is_secure() && !is_from_here {
                    let cure = "connect with sslmode=require, or better verify-full";
                    return Err(fatal("28000", "tokens are taken through TLS alone", cure));
                }
                save_startup_parameters_to_metadata(client, startup);
                client.set_state(PgWireConnectionState::AuthenticationInProgress);
                let asked = Authentication::CleartextPassword;
                client.send(PgWireBackendMessage::Authentication(asked)).await?;
            }
            PgWireFrontendMessage::PasswordMessageFamily(shown) => {
                let shown = shown.into_password()?;
                let origin = client.socket_addr().ip().to_string();
                let session = self.session(&shown.password, &origin).await?;
                if self.connection.session.set(session).is_err() {
                    let cure = "connect anew to be somebody else";
                    return Err(fatal("08P01", "this connection is known already", cure));
                }
                let (number, secret) = self.keys.generate(client);
                client.set_pid_and_secret_key(number, secret);
                let (number, secret) = client.pid_and_secret_key();
                let (handle, guard) = self.connection.others.register(number, secret);
                client.session_extensions().insert(handle);
                client.session_extensions().insert(guard);
                let mut told = DefaultServerParameterProvider::default();
                told.is_superuser = false;
                told.default_transaction_read_only = true;
                finish_authentication(client, &told).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
