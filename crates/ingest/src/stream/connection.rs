//! The way to the stream: the connection, the stream as it has to be, what can be wrong with both.

use super::StreamSettings;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, RetentionPolicy, StorageType, Stream,
};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, rustls};
use std::time::Duration;
use store::with_causes;

/// A server is given up after so long, and another tried.
const CONNECT: Duration = Duration::from_secs(5);
/// A server answers a question within so long.
const ANSWER: Duration = Duration::from_secs(5);
/// A message that is published again within this time is kept once.
const SAME: Duration = Duration::from_mins(2);

/// What can be wrong with the stream, and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// No server answers.
    #[error(
        "no NATS server answers at {servers}: {why}; start the servers, or correct intake.nats"
    )]
    Connect {
        /// The addresses.
        servers: String,
        /// What was tried.
        why: String,
    },
    /// The servers do not let this program in.
    #[error(
        "the NATS servers at {servers} refuse this program: {why}; correct intake.user and \
         intake.password, or intake.credentials"
    )]
    Denied {
        /// The addresses.
        servers: String,
        /// What was said.
        why: String,
    },
    /// A file of certificates or credentials cannot be used, or the servers' is not believed.
    #[error(
        "no trusted connection to the NATS servers at {servers}: {why}; look at \
         intake.certificates, intake.own_certificate and intake.credentials"
    )]
    Trust {
        /// The addresses.
        servers: String,
        /// What is wrong.
        why: String,
    },
    /// The stream cannot be made or asked.
    #[error(
        "the stream {stream} cannot be used: {why}. It needs JetStream on as many servers as \
         intake.replicas says, and room for intake.max_megabytes on each"
    )]
    Stream {
        /// The stream.
        stream: String,
        /// What the servers said.
        why: String,
    },
    /// The stream would lose messages that nobody has recorded.
    #[error("the stream {stream} is not safe: {why}")]
    Unsafe {
        /// The stream.
        stream: String,
        /// What is wrong with it, and how to mend it.
        why: String,
    },
    /// The stream ends before what is recorded.
    #[error(
        "the stream {stream} ends with message {last}, but messages up to {recorded} are \
         recorded: its servers have lost some. If this does not pass by itself, stop the \
         receivers and this server, remove the stream (nats stream rm) and start them again: a \
         new stream is read from its beginning"
    )]
    Short {
        /// The stream.
        stream: String,
        /// Its last message.
        last: u64,
        /// The last message that is recorded.
        recorded: u64,
    },
    /// Messages cannot be read.
    #[error("messages of the stream {stream} cannot be read: {why}")]
    Read {
        /// The stream.
        stream: String,
        /// What is wrong.
        why: String,
    },
    /// What came cannot be recorded.
    #[error("what came through the stream is not recorded, and is tried again: {why}")]
    Record {
        /// Why.
        why: String,
    },
}

impl StreamError {
    /// Whether it may pass by itself: servers that start find each other within seconds.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Stream { .. } | Self::Read { .. })
    }

    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "stream.connect",
            Self::Denied { .. } => "stream.denied",
            Self::Trust { .. } => "stream.trust",
            Self::Stream { .. } => "stream.unusable",
            Self::Unsafe { .. } => "stream.unsafe",
            Self::Short { .. } => "stream.short",
            Self::Read { .. } => "stream.read",
            Self::Record { .. } => "stream.record",
        }
    }
}

/// An open way to the stream.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) settings: StreamSettings,
    pub(super) client: Client,
    pub(super) context: Context,
}

impl Connection {
    /// Connects once; `who` is the name under which the servers list this program.
    pub(super) async fn open(settings: &StreamSettings, who: &str) -> Result<Self, StreamError> {
        let options = options(settings, who).await?;
        let servers: Vec<&str> =
            settings.servers.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
        let client = options.connect(servers).await.map_err(|error| {
            let servers = without_passwords(&settings.servers);
            let why = with_causes(&error);
            match error.kind() {
                ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                    StreamError::Denied { servers, why }
                }
                ConnectErrorKind::Tls => StreamError::Trust { servers, why },
                // What is wrong with a certificate comes as a failure to read.
                _ if why.to_lowercase().contains("certificate") => {
                    StreamError::Trust { servers, why }
                }
                _ => StreamError::Connect { servers, why },
            }
        })?;
        let context = jetstream::ContextBuilder::new()
            .timeout(ANSWER)
            .ack_timeout(ANSWER)
            .build(client.clone());
        Ok(Self { settings: settings.clone(), client, context })
    }

    /// The stream; made where there is none, refused where it could lose what it has taken.
    pub(super) async fn stream(&self) -> Result<Stream, StreamError> {
        let failed = |error: &dyn std::error::Error| self.unusable(error);
        let stream = match self.context.get_stream(&self.settings.name).await {
            Ok(stream) => stream,
            Err(error) if is_absent(&error) => {
                let made = self.context.get_or_create_stream(self.config()).await;
                let made = made.map_err(|error| failed(&error))?;
                tracing::info!(stream = self.settings.name, "the stream is made");
                made
            }
            Err(error) => return Err(failed(&error)),
        };
        let problem = unsafe_in(&self.settings, &stream.cached_info().config);
        match problem {
            None => Ok(stream),
            Some(why) => Err(StreamError::Unsafe { stream: self.settings.name.clone(), why }),
        }
    }

    /// The stream as the settings want it: the server that records it lets it grow, receivers take
    /// it as it is.
    pub(super) async fn adjusted_stream(&self) -> Result<Stream, StreamError> {
        let found = self.context.get_stream(&self.settings.name).await;
        if let Ok(stream) = found {
            let (held, wanted) = (&stream.cached_info().config, self.config());
            let replicas = held.num_replicas.max(wanted.num_replicas);
            if held.max_bytes != wanted.max_bytes || held.num_replicas != replicas {
                let change =
                    Config { max_bytes: wanted.max_bytes, num_replicas: replicas, ..held.clone() };
                let changed = self.context.update_stream(change).await;
                changed.map_err(|error| self.unusable(&error))?;
                tracing::info!(stream = self.settings.name, "the stream is as the settings say");
            }
        }
        self.stream().await
    }

    fn config(&self) -> Config {
        let settings = &self.settings;
        Config {
            name: settings.name.clone(),
            description: Some("deliveries on their way from receivers to the recorder".to_owned()),
            subjects: vec![settings.subject()],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            num_replicas: settings.replicas,
            // What is not recorded yet is never thrown away: a full stream takes no more, the
            // devices are not answered and keep their data.
            discard: DiscardPolicy::New,
            max_bytes: i64::try_from(settings.bytes_max).unwrap_or(i64::MAX),
            duplicate_window: SAME,
            allow_direct: true,
            ..Config::default()
        }
    }

    pub(super) fn unusable(&self, error: &dyn std::error::Error) -> StreamError {
        StreamError::Stream { stream: self.settings.name.clone(), why: with_causes(error) }
    }
}

/// How the stream stands.
#[derive(Clone, Debug)]
pub struct StreamStanding {
    /// A name that no other stream ever has: that of the stream and when it was made.
    pub identity: String,
    /// The NATS server that answered, and its version.
    pub server: String,
    /// Which server leads it; empty on a single one.
    pub leader: String,
    /// On how many servers it is kept.
    pub replicas: usize,
    /// Of the other servers, those that are gone or do not keep up.
    pub behind: Vec<String>,
    /// The first message that is still there.
    pub first: u64,
    /// The last message.
    pub last: u64,
    /// The bytes of all messages.
    pub bytes: u64,
    /// The bytes at which it takes no more.
    pub bytes_max: u64,
}

impl StreamStanding {
    pub(super) fn of(info: &Info, client: &Client) -> Self {
        let cluster = info.cluster.as_ref();
        let server = client.server_info();
        let replicas = cluster.map(|cluster| cluster.replicas.as_slice()).unwrap_or_default();
        Self {
            identity: identity(info),
            server: format!("{} ({})", server.server_name, server.version),
            leader: cluster.and_then(|cluster| cluster.leader.clone()).unwrap_or_default(),
            replicas: info.config.num_replicas,
            behind: replicas
                .iter()
                .filter(|peer| peer.offline || !peer.current)
                .map(|peer| peer.name.clone())
                .collect(),
            first: info.state.first_sequence,
            last: info.state.last_sequence,
            bytes: info.state.bytes,
            bytes_max: u64::try_from(info.config.max_bytes).unwrap_or(u64::MAX),
        }
    }
}

/// Looks at the stream once, for whoever asks how it fares.
///
/// # Errors
/// When it cannot be reached or would lose messages.
pub async fn inspect(settings: &StreamSettings) -> Result<StreamStanding, StreamError> {
    let connection = Connection::open(settings, "lucid doctor").await?;
    let stream = connection.stream().await?;
    Ok(StreamStanding::of(stream.cached_info(), &connection.client))
}

/// A name that no other stream ever has.
pub(super) fn identity(info: &Info) -> String {
    let nanoseconds = info.created.unix_timestamp_nanos();
    let created = jiff::Timestamp::from_nanosecond(nanoseconds).unwrap_or_default();
    format!("{}@{created}", info.config.name)
}

/// What would let the stream lose a message that was acknowledged, and how to mend it.
fn unsafe_in(settings: &StreamSettings, config: &Config) -> Option<String> {
    let name = &config.name;
    if config.discard != DiscardPolicy::New {
        return Some(format!(
            "when it is full it throws the oldest messages away, recorded or not. Let it refuse \
             the newest: nats stream edit {name} --discard new"
        ));
    }
    if !config.max_age.is_zero() {
        return Some(format!(
            "it throws messages away by their age, recorded or not. Let them stay: nats stream \
             edit {name} --max-age 0"
        ));
    }
    if config.storage != StorageType::File {
        return Some("it is kept in memory. Remove it and let Lucid make it".to_owned());
    }
    if config.no_ack {
        return Some("it acknowledges nothing. Remove it and let Lucid make it".to_owned());
    }
    if config.retention != RetentionPolicy::Limits {
        return Some(
            "it keeps messages by what its readers say, not by what is recorded. Remove it and \
             let Lucid make it"
                .to_owned(),
        );
    }
    if !config.subjects.contains(&settings.subject()) {
        let subject = settings.subject();
        return Some(format!(
            "it does not take the subject {subject}: nats stream edit {name} --subjects {subject}"
        ));
    }
    if config.num_replicas < settings.replicas {
        let (has, wanted) = (config.num_replicas, settings.replicas);
        return Some(format!(
            "each message is kept on {has} servers and intake.replicas asks for {wanted}: nats \
             stream edit {name} --replicas {wanted}"
        ));
    }
    None
}

fn is_absent(error: &jetstream::context::GetStreamError) -> bool {
    use jetstream::context::GetStreamErrorKind;
    match error.kind() {
        GetStreamErrorKind::JetStream(error) => {
            error.error_code() == jetstream::ErrorCode::STREAM_NOT_FOUND
        }
        _ => false,
    }
}

/// Addresses without what stands before their `@`.
fn without_passwords(servers: &str) -> String {
    let one = |server: &str| match (server.find("://"), server.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &server[..scheme], &server[at..])
        }
        _ => server.to_owned(),
    };
    servers.split(',').map(|server| one(server.trim())).collect::<Vec<_>>().join(", ")
}

async fn options(settings: &StreamSettings, who: &str) -> Result<ConnectOptions, StreamError> {
    // Other libraries of the program bring other ciphers along; one has to be chosen. A second
    // choice finds the first, and that is as well.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let mut options = ConnectOptions::new()
        .name(who)
        .connection_timeout(CONNECT)
        .request_timeout(Some(ANSWER))
        // A way that is lost is found again, however long it takes.
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| {
            Duration::from_millis(50 << attempts.min(5)).min(Duration::from_secs(1))
        })
        .event_callback(told);
    if let Some((user, password)) = &settings.user {
        options = options.user_and_password(user.clone(), password.clone());
    }
    if let Some(file) = &settings.credentials {
        options = options.credentials_file(file).await.map_err(|error| StreamError::Trust {
            servers: without_passwords(&settings.servers),
            why: format!("{}: {error}", file.display()),
        })?;
    }
    if let Some(file) = &settings.certificates {
        options = options.add_root_certificates(file.clone());
    }
    if let Some((certificate, key)) = &settings.own_certificate {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}

async fn told(event: Event) {
    let connected = metrics::gauge!("lucid_stream_connected");
    match event {
        Event::Connected => {
            connected.set(1.0);
            tracing::info!("connected to NATS");
        }
        Event::Disconnected => {
            connected.set(0.0);
            metrics::counter!("lucid_stream_disconnections_total").increment(1);
            tracing::warn!("the connection to NATS is lost; it is sought again");
        }
        Event::Closed => connected.set(0.0),
        other => tracing::info!(event = %other, "NATS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(settings: &StreamSettings) -> Config {
        Config {
            name: settings.name.clone(),
            subjects: vec![settings.subject()],
            num_replicas: 3,
            discard: DiscardPolicy::New,
            ..Config::default()
        }
    }

    /// Makes a sound configuration an unsound one.
    type Change = fn(&mut Config);

    #[test]
    fn a_stream_that_could_lose_messages_is_refused_with_its_cure() {
        let settings = StreamSettings::at("nats://127.0.0.1:4222");
        assert_eq!(unsafe_in(&settings, &made(&settings)), None);
        let table: [(Change, &str); 7] = [
            (|config| config.discard = DiscardPolicy::Old, "--discard new"),
            (|config| config.max_age = Duration::from_secs(1), "--max-age 0"),
            (|config| config.storage = StorageType::Memory, "in memory"),
            (|config| config.no_ack = true, "acknowledges nothing"),
            (|config| config.retention = RetentionPolicy::WorkQueue, "what its readers say"),
            (|config| config.subjects.clear(), "--subjects lucid.LUCID.deliveries"),
            (|config| config.num_replicas = 1, "--replicas 3"),
        ];
        for (change, cure) in table {
            let mut config = made(&settings);
            change(&mut config);
            let why = unsafe_in(&settings, &config).expect(cure);
            assert!(why.contains(cure), "{why}");
        }
    }

    #[tokio::test]
    async fn servers_that_do_not_answer_are_named() {
        let settings = StreamSettings::at("nats://lucid:secret@127.0.0.1:1,nats://127.0.0.2:1");
        let Err(error) = inspect(&settings).await else { panic!("nobody listens there") };
        assert_eq!(error.code(), "stream.connect");
        let text = error.to_string();
        assert!(text.contains("nats://…@127.0.0.1:1, nats://127.0.0.2:1"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
