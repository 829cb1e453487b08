//! Every setting in one table: its name, form, default and meaning.

/// What a setting's text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A folder; relative ones are seen from the configuration file that names them.
    Folder,
    /// A file, or empty; relative ones are seen from the configuration file that names them.
    File,
    /// Any text.
    Text,
    /// `ADDRESS:PORT`.
    Address,
    /// `sqlite:FILE`, `postgres://…`, or empty.
    Database,
    /// A whole number within bounds.
    Count(u64, u64),
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Form {
    /// The form for a reader.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Folder => "folder".into(),
            Self::File => "file".into(),
            Self::Text => "text".into(),
            Self::Address => "address:port".into(),
            Self::Database => "sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME".into(),
            Self::Count(least, most) => format!("whole number, {least} to {most}"),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// Whether the value stands without quotes in TOML.
    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Count(..))
    }
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The name in the file, `http.listen`; in the environment it is `LUCID_HTTP_LISTEN`.
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) default: &'static str,
    /// What it does.
    pub(crate) meaning: &'static str,
    /// A value that somebody might want.
    pub(crate) example: &'static str,
}

impl Key {
    /// The environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("LUCID_{}", self.name.replace('.', "_").to_uppercase())
    }
}

pub(crate) const DATA: &str = "data";
pub(crate) const CITY: &str = "city";
pub(crate) const DATABASE_URL: &str = "database.url";
pub(crate) const HTTP_LISTEN: &str = "http.listen";
pub(crate) const PUBLIC_ADDRESS: &str = "http.public_address";
pub(crate) const TRUSTS_PROXY: &str = "http.trusts_proxy";
pub(crate) const BREACHED: &str = "accounts.breached_passwords";
pub(crate) const OIDC_ISSUER: &str = "oidc.issuer";
pub(crate) const OIDC_CLIENT: &str = "oidc.client_id";
pub(crate) const OIDC_SECRET: &str = "oidc.client_secret";
pub(crate) const OIDC_NAME: &str = "oidc.name";
pub(crate) const HJ212_LISTEN: &str = "hj212.listen";
pub(crate) const MAX_CONNECTIONS: &str = "hj212.max_connections";
pub(crate) const MAX_PER_ADDRESS: &str = "hj212.max_connections_per_address";
pub(crate) const IDLE_TIMEOUT: &str = "hj212.idle_timeout_s";
pub(crate) const MAX_RATE: &str = "hj212.max_packets_per_second";
pub(crate) const FILL_GAPS: &str = "hj212.fill_gaps";
pub(crate) const INITIALISE: &str = "hj212.initialise";
pub(crate) const INTAKE_NATS: &str = "intake.nats";
pub(crate) const INTAKE_STREAM: &str = "intake.stream";
pub(crate) const INTAKE_REPLICAS: &str = "intake.replicas";
pub(crate) const INTAKE_MAX: &str = "intake.max_megabytes";
pub(crate) const INTAKE_KEEP: &str = "intake.keep_minutes";
pub(crate) const INTAKE_USER: &str = "intake.user";
pub(crate) const INTAKE_PASSWORD: &str = "intake.password";
pub(crate) const INTAKE_CREDENTIALS: &str = "intake.credentials";
pub(crate) const INTAKE_CERTIFICATES: &str = "intake.certificates";
pub(crate) const INTAKE_OWN_CERTIFICATE: &str = "intake.own_certificate";
pub(crate) const INTAKE_OWN_KEY: &str = "intake.own_key";
pub(crate) const INTAKE_RECEIVER: &str = "intake.receiver";
pub(crate) const INTAKE_HTTP: &str = "intake.http";
pub(crate) const FORWARD: &str = "forward.target";
pub(crate) const SMTP_HOST: &str = "smtp.host";
pub(crate) const SMTP_PORT: &str = "smtp.port";
pub(crate) const SMTP_SECURITY: &str = "smtp.security";
pub(crate) const SMTP_USER: &str = "smtp.user";
pub(crate) const SMTP_PASSWORD: &str = "smtp.password";
pub(crate) const SMTP_FROM: &str = "smtp.from";
pub(crate) const SMS_GATEWAY: &str = "sms.gateway";
pub(crate) const SMS_SECRET: &str = "sms.secret";
pub(crate) const WEBHOOK_SECRET: &str = "webhook.secret";
pub(crate) const WEBHOOK_LOCAL: &str = "webhook.local";
pub(crate) const EXCHANGE_PARTNERS: &str = "exchange.partners";
pub(crate) const EXCHANGE_OWN_NAME: &str = "exchange.own_name";
pub(crate) const CERTIFICATES: &str = "delivery.certificates";
pub(crate) const BACKUP_FOLDER: &str = "backup.folder";
pub(crate) const BACKUP_EVERY: &str = "backup.every";
pub(crate) const BACKUP_KEEP: &str = "backup.keep";
pub(crate) const HOLIDAYS: &str = "calendar.holidays";
pub(crate) const DOCUMENT_FONT: &str = "documents.font";
pub(crate) const HISTORY_URL: &str = "history.url";
pub(crate) const HISTORY_ENDPOINT: &str = "history.endpoint";
pub(crate) const HISTORY_REGION: &str = "history.region";
pub(crate) const HISTORY_ACCESS_KEY: &str = "history.access_key";
pub(crate) const HISTORY_SECRET_KEY: &str = "history.secret_key";
pub(crate) const HISTORY_MOVE: &str = "history.move";
/// When a period moves, by the code of the period.
pub(crate) const HISTORY_KEEP: [&str; 4] = [
    "history.keep_days_realtime",
    "history.keep_days_minute",
    "history.keep_days_hour",
    "history.keep_days_day",
];
/// When a period is forgotten, by the code of the period.
pub(crate) const HISTORY_FORGET: [&str; 4] = [
    "history.forget_months_realtime",
    "history.forget_months_minute",
    "history.forget_months_hour",
    "history.forget_months_day",
];
pub(crate) const SQL_LISTEN: &str = "sql.listen";
pub(crate) const SQL_CERTIFICATE: &str = "sql.certificate";
pub(crate) const SQL_KEY: &str = "sql.key";
pub(crate) const SQL_SECONDS: &str = "sql.seconds";
pub(crate) const SQL_MEMORY: &str = "sql.memory_mib";
pub(crate) const SQL_ROWS: &str = "sql.rows";
pub(crate) const SQL_AT_ONCE: &str = "sql.at_once";
pub(crate) const LOG_LEVEL: &str = "log.level";
pub(crate) const LOG_FORM: &str = "log.form";
pub(crate) const LOG_FILE: &str = "log.file";
pub(crate) const LOG_MAX: &str = "log.max_mb";
pub(crate) const LOG_DAILY: &str = "log.daily";
pub(crate) const LOG_KEEP: &str = "log.keep";
pub(crate) const LOG_COMPRESS: &str = "log.compress";
pub(crate) const DISK_RESERVE: &str = "disk.reserve_mb";
pub(crate) const OTLP: &str = "telemetry.otlp";
pub(crate) const OTLP_HEADERS: &str = "telemetry.headers";
pub(crate) const OTLP_SAMPLED: &str = "telemetry.sampled_per_thousand";
pub(crate) const OTLP_NAME: &str = "telemetry.service_name";
pub(crate) const OTLP_INSTANCE: &str = "telemetry.instance";
pub(crate) const OTLP_CALLERS: &str = "telemetry.follows_callers";

/// Every setting, in the order in which they are shown.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: DATA,
        form: Form::Folder,
        default: "lucid-data",
        meaning: "The data folder: the embedded store and what belongs to it. \
                  Also the flag --data.",
        example: "/var/lib/lucid",
    },
    Key {
        name: CITY,
        form: Form::Text,
        default: "zhangzhou",
        meaning: "The city: the name of one that is built in, or a folder of a city's files. \
                  Read by `lucid init`.",
        example: "/etc/lucid/my-city",
    },
    Key {
        name: DATABASE_URL,
        form: Form::Database,
        default: "",
        meaning: "The store. Empty: SQLite in the file lucid.sqlite of the data folder.",
        example: "postgres://lucid:secret@127.0.0.1/lucid",
    },
    Key {
        name: HTTP_LISTEN,
        form: Form::Address,
        default: "127.0.0.1:8080",
        meaning: "Where the pages and the API are served. Use 0.0.0.0 only behind a proxy that \
                  speaks TLS.",
        example: "0.0.0.0:8080",
    },
    Key {
        name: PUBLIC_ADDRESS,
        form: Form::Text,
        default: "",
        meaning: "The address by which people reach the pages through the proxy. With https:// \
                  cookies are for TLS alone; forms are taken from this address only.",
        example: "https://lucid.example",
    },
    Key {
        name: TRUSTS_PROXY,
        form: Form::Choice(&["no", "yes"]),
        default: "no",
        meaning: "Whether a proxy stands before the server and says in X-Forwarded-For who comes. \
                  Say yes only then: it is what the throttle and the audit believe.",
        example: "yes",
    },
    Key {
        name: BREACHED,
        form: Form::Text,
        default: "",
        meaning: "A file of leaked passwords that nobody may choose: a line is a password, or its \
                  SHA-1 in hexadecimal. Well-known ones are refused without it.",
        example: "/etc/lucid/leaked.txt",
    },
    Key {
        name: OIDC_ISSUER,
        form: Form::Text,
        default: "",
        meaning: "The city's identity provider (OpenID Connect), by the address that its \
                  documents name. Empty: people sign in here.",
        example: "https://sso.example",
    },
    Key {
        name: OIDC_CLIENT,
        form: Form::Text,
        default: "lucid",
        meaning: "The name of this installation at the identity provider, with the way back \
                  PUBLIC_ADDRESS/sign-in/single/back.",
        example: "lucid",
    },
    Key {
        name: OIDC_SECRET,
        form: Form::Text,
        default: "",
        meaning: "The secret of this installation at the identity provider.",
        example: "from the provider",
    },
    Key {
        name: OIDC_NAME,
        form: Form::Text,
        default: "",
        meaning: "What people call the identity provider.",
        example: "漳州市统一身份认证",
    },
    Key {
        name: HJ212_LISTEN,
        form: Form::Address,
        default: "127.0.0.1:9212",
        meaning: "Where devices deliver HJ 212 packets over TCP.",
        example: "0.0.0.0:9212",
    },
    Key {
        name: MAX_CONNECTIONS,
        form: Form::Count(1, 100_000),
        default: "10000",
        meaning: "Device connections open at once; a further one is closed and counted.",
        example: "20000",
    },
    Key {
        name: MAX_PER_ADDRESS,
        form: Form::Count(1, 100_000),
        default: "2000",
        meaning: "Device connections open at once from one address. Many devices may stand behind \
                  one gateway.",
        example: "200",
    },
    Key {
        name: IDLE_TIMEOUT,
        form: Form::Count(5, 86_400),
        default: "5400",
        meaning: "Seconds after which a silent device connection is closed.",
        example: "300",
    },
    Key {
        name: MAX_RATE,
        form: Form::Count(1, 1_000_000),
        default: "1000",
        meaning: "Packets a second that one connection may send before it is slowed down.",
        example: "200",
    },
    Key {
        name: FILL_GAPS,
        form: Form::Choice(&["yes", "no"]),
        default: "yes",
        meaning: "Whether devices that are there again are asked for the hours and minutes that \
                  are missing (HJ 212 commands 2061 and 2051).",
        example: "no",
    },
    Key {
        name: INITIALISE,
        form: Form::Choice(&["yes", "no"]),
        default: "no",
        meaning: "Whether a device that connects for the first time is given clock, timeout and \
                  intervals at once (HJ 212-2017 6.7); else somebody does it on its page.",
        example: "yes",
    },
    Key {
        name: INTAKE_NATS,
        form: Form::Text,
        default: "",
        meaning: "The NATS servers (JetStream) through which packets come from receivers \
                  (`lucid receive`): addresses between commas, nats:// or tls://. Empty: \
                  none; the server alone receives.",
        example: "nats://10.0.0.1:4222,nats://10.0.0.2:4222,nats://10.0.0.3:4222",
    },
    Key {
        name: INTAKE_STREAM,
        form: Form::Text,
        default: "LUCID",
        meaning: "The name of the stream: letters and digits. Each installation has its own.",
        example: "LUCID",
    },
    Key {
        name: INTAKE_REPLICAS,
        form: Form::Count(1, 5),
        default: "3",
        meaning: "On how many NATS servers each packet is kept; a device is answered when \
                  most of them have it. With 1 a packet is lost with that server's disk.",
        example: "5",
    },
    Key {
        name: INTAKE_MAX,
        form: Form::Count(16, 100_000_000),
        default: "10240",
        meaning: "A stream of so many megabytes takes no more: devices are not answered and \
                  keep their data until the server has caught up.",
        example: "102400",
    },
    Key {
        name: INTAKE_KEEP,
        form: Form::Count(0, 100_000),
        default: "60",
        meaning: "Packets that are recorded stay in the stream for so long: a backup that is \
                  no older and is restored misses nothing.",
        example: "1500",
    },
    Key {
        name: INTAKE_USER,
        form: Form::Text,
        default: "",
        meaning: "The user of this program at the NATS servers, where they ask for one.",
        example: "lucid",
    },
    Key {
        name: INTAKE_PASSWORD,
        form: Form::Text,
        default: "",
        meaning: "The password of that user.",
        example: "from the servers' administrator",
    },
    Key {
        name: INTAKE_CREDENTIALS,
        form: Form::File,
        default: "",
        meaning: "A file of credentials (.creds, JWT and NKey) for the NATS servers, in \
                  place of user and password.",
        example: "/etc/lucid/nats.creds",
    },
    Key {
        name: INTAKE_CERTIFICATES,
        form: Form::File,
        default: "",
        meaning: "A file of root certificates (PEM) to believe of the NATS servers, in place \
                  of the system's.",
        example: "/etc/lucid/nats-ca.pem",
    },
    Key {
        name: INTAKE_OWN_CERTIFICATE,
        form: Form::File,
        default: "",
        meaning: "The certificate (PEM) by which the NATS servers know this program, where \
                  they ask for one.",
        example: "/etc/lucid/nats-client.pem",
    },
    Key {
        name: INTAKE_OWN_KEY,
        form: Form::File,
        default: "",
        meaning: "The key (PEM) of that certificate.",
        example: "/etc/lucid/nats-client.key",
    },
    Key {
        name: INTAKE_RECEIVER,
        form: Form::Text,
        default: "",
        meaning: "The name of this receiver, which no other of the installation has. Empty: \
                  the machine's name and the port for devices.",
        example: "receiver-1",
    },
    Key {
        name: INTAKE_HTTP,
        form: Form::Address,
        default: "127.0.0.1:9213",
        meaning: "Where a receiver tells a balancer whether it is ready (/readyz) and counts \
                  (/metrics).",
        example: "0.0.0.0:9213",
    },
    Key {
        name: FORWARD,
        form: Form::Text,
        default: "",
        meaning: "The higher platform to which accepted packets are handed on in order, as \
                  HOST:PORT. Empty: none. What comes after it is set is handed on.",
        example: "province.example:9000",
    },
    Key {
        name: SMTP_HOST,
        form: Form::Text,
        default: "",
        meaning: "The mail server that sends letters. Empty: no e-mail is sent.",
        example: "mail.example",
    },
    Key {
        name: SMTP_PORT,
        form: Form::Count(0, 65_535),
        default: "0",
        meaning: "The port of the mail server. 0: 587 with starttls, 465 with tls, 25 with none.",
        example: "587",
    },
    Key {
        name: SMTP_SECURITY,
        form: Form::Choice(delivery::Security::WORDS),
        default: "starttls",
        meaning: "How the way to the mail server is protected. Say none only for a server on this \
                  machine: letters and the password then go in the clear.",
        example: "tls",
    },
    Key {
        name: SMTP_USER,
        form: Form::Text,
        default: "",
        meaning: "The account at the mail server. Empty: none.",
        example: "lucid",
    },
    Key {
        name: SMTP_PASSWORD,
        form: Form::Text,
        default: "",
        meaning: "The password of that account.",
        example: "from the mail server's administrator",
    },
    Key {
        name: SMTP_FROM,
        form: Form::Text,
        default: "",
        meaning: "Whom letters are from.",
        example: "漳州市生态环境局 <lucid@example.org>",
    },
    Key {
        name: SMS_GATEWAY,
        form: Form::Text,
        default: "",
        meaning: "Where the city's gateway takes text messages, as docs/reference/exchange.md \
                  says. Empty: none are sent.",
        example: "http://10.0.0.7/sms",
    },
    Key {
        name: SMS_SECRET,
        form: Form::Text,
        default: "",
        meaning: "The secret with which requests to the gateway are signed.",
        example: "32 random characters",
    },
    Key {
        name: WEBHOOK_SECRET,
        form: Form::Text,
        default: "",
        meaning: "The secret with which webhooks are signed. Empty: nobody may set a webhook.",
        example: "32 random characters",
    },
    Key {
        name: WEBHOOK_LOCAL,
        form: Form::Text,
        default: "",
        meaning: "Addresses within the house to which webhooks may go, between spaces. All others \
                  have to be https:// and lie outside.",
        example: "http://10.0.0.5:8080",
    },
    Key {
        name: EXCHANGE_PARTNERS,
        form: Form::Text,
        default: "",
        meaning: "A file of the systems with which cases are exchanged, such as the hotline 12345: \
                  CSV with the columns name, address, secret. Without an address it only calls.",
        example: "/etc/lucid/partners.csv",
    },
    Key {
        name: EXCHANGE_OWN_NAME,
        form: Form::Text,
        default: "lucid",
        meaning: "The name under which those systems, gateways and webhooks know this \
                  installation.",
        example: "zhangzhou-environment",
    },
    Key {
        name: CERTIFICATES,
        form: Form::Text,
        default: "",
        meaning: "A file of root certificates (PEM) to believe when something is sent, in place of \
                  the well-known ones: for a network with a certificate authority of its own.",
        example: "/etc/ssl/certs/ca-certificates.crt",
    },
    Key {
        name: BACKUP_FOLDER,
        form: Form::File,
        default: "",
        meaning: "The folder in which the server keeps backups of itself, best on another disk. \
                  Empty: it makes none.",
        example: "/mnt/backup/lucid",
    },
    Key {
        name: BACKUP_EVERY,
        form: Form::Count(1, 8760),
        default: "24",
        meaning: "Hours from one backup to the next.",
        example: "6",
    },
    Key {
        name: BACKUP_KEEP,
        form: Form::Text,
        default: "7d 5w 12m",
        meaning: "Which backups are kept: the newest of each of so many days, weeks and months. \
                  The newest of all is never taken away.",
        example: "14d 12m",
    },
    Key {
        name: HOLIDAYS,
        form: Form::Text,
        default: "",
        meaning: "A list of holidays that came after this program: lines of date, OFF or WORK, name \
                  and source, as the notice of the State Council gives them. Without the notice of \
                  a year, deadlines that reach into it are shown as provisional.",
        example: "/etc/lucid/holidays-2027.csv",
    },
    Key {
        name: DOCUMENT_FONT,
        form: Form::Text,
        default: "",
        meaning: "A font file (TTF, OTF, TTC) for PDF documents, such as a licensed 仿宋. Without it \
                  the system's Noto Serif CJK draws them, else a font that the front end's build \
                  brings and that lacks rare characters.",
        example: "/etc/lucid/fangsong.ttf",
    },
    Key {
        name: HISTORY_URL,
        form: Form::Text,
        default: "",
        meaning: "Where closed months of values are kept as Parquet files: file:///FOLDER or \
                  s3://BUCKET/FOLDER. Empty: the folder history of the data folder. Several \
                  servers of one database name the same place.",
        example: "s3://lucid/history",
    },
    Key {
        name: HISTORY_ENDPOINT,
        form: Form::Text,
        default: "",
        meaning: "The address of the S3-compatible service. Empty: that of the environment \
                  (AWS_ENDPOINT), else AWS.",
        example: "http://10.0.0.9:8333",
    },
    Key {
        name: HISTORY_REGION,
        form: Form::Text,
        default: "",
        meaning: "The region of the service. Empty: that of the environment (AWS_REGION).",
        example: "us-east-1",
    },
    Key {
        name: HISTORY_ACCESS_KEY,
        form: Form::Text,
        default: "",
        meaning: "The name of the key to the service. Empty: that of the environment \
                  (AWS_ACCESS_KEY_ID).",
        example: "lucid",
    },
    Key {
        name: HISTORY_SECRET_KEY,
        form: Form::Text,
        default: "",
        meaning: "The key to the service. Empty: that of the environment (AWS_SECRET_ACCESS_KEY).",
        example: "from the service",
    },
    Key {
        name: HISTORY_MOVE,
        form: Form::Choice(&["yes", "no"]),
        default: "yes",
        meaning: "Whether the server moves closed months by itself, once an hour. With no, \
                  `lucid history move` does it; what has moved is read in any case.",
        example: "no",
    },
    Key {
        name: HISTORY_KEEP[0],
        form: Form::Count(1, 36_500),
        default: "8",
        meaning: "Days after the end of a month until its instantaneous values move.",
        example: "31",
    },
    Key {
        name: HISTORY_KEEP[1],
        form: Form::Count(1, 36_500),
        default: "40",
        meaning: "Days after the end of a month until its values of minutes move.",
        example: "90",
    },
    Key {
        name: HISTORY_KEEP[2],
        form: Form::Count(1, 36_500),
        default: "400",
        meaning: "Days after the end of a month until its values of hours move.",
        example: "800",
    },
    Key {
        name: HISTORY_KEEP[3],
        form: Form::Count(1, 36_500),
        default: "800",
        meaning: "Days after the end of a month until its values of days move.",
        example: "4000",
    },
    Key {
        name: HISTORY_FORGET[0],
        form: Form::Count(0, 1200),
        default: "0",
        meaning: "How many whole months of instantaneous values are kept before the present one; older ones are \
                  deleted for good, which is logged and audited. 0: all are kept, for ever.",
        example: "6",
    },
    Key {
        name: HISTORY_FORGET[1],
        form: Form::Count(0, 1200),
        default: "0",
        meaning: "How many whole months of values of minutes are kept before the present one; older ones are \
                  deleted for good, which is logged and audited. 0: all are kept, for ever.",
        example: "60",
    },
    Key {
        name: HISTORY_FORGET[2],
        form: Form::Count(0, 1200),
        default: "0",
        meaning: "How many whole months of values of hours are kept before the present one; older ones are \
                  deleted for good, which is logged and audited. 0: all are kept, for ever.",
        example: "240",
    },
    Key {
        name: HISTORY_FORGET[3],
        form: Form::Count(0, 1200),
        default: "0",
        meaning: "How many whole months of values of days are kept before the present one; older ones are \
                  deleted for good, which is logged and audited. 0: all are kept, for ever.",
        example: "600",
    },
    Key {
        name: SQL_LISTEN,
        form: Form::Text,
        default: "",
        meaning: "Where clients of PostgreSQL (psql, Grafana, DBeaver) ask with SQL, \
                  ADDRESS:PORT; the password is a token. Empty: nowhere.",
        example: "127.0.0.1:5433",
    },
    Key {
        name: SQL_CERTIFICATE,
        form: Form::Text,
        default: "",
        meaning: "The certificate (PEM) of that door; it may be opened to other machines with \
                  one alone.",
        example: "/etc/lucid/sql.pem",
    },
    Key {
        name: SQL_KEY,
        form: Form::Text,
        default: "",
        meaning: "The key (PEM) of that certificate.",
        example: "/etc/lucid/sql.key",
    },
    Key {
        name: SQL_SECONDS,
        form: Form::Count(1, 50),
        default: "30",
        meaning: "A question in SQL that takes longer is stopped.",
        example: "50",
    },
    Key {
        name: SQL_MEMORY,
        form: Form::Count(16, 1_000_000),
        default: "512",
        meaning: "A question in SQL that needs more MiB of memory is stopped.",
        example: "2048",
    },
    Key {
        name: SQL_ROWS,
        form: Form::Count(1, 10_000_000),
        default: "100000",
        meaning: "Rows of an answer in SQL; `lucid sql` has its own flag.",
        example: "1000000",
    },
    Key {
        name: SQL_AT_ONCE,
        form: Form::Count(1, 64),
        default: "2",
        meaning: "Questions in SQL answered at once; others wait.",
        example: "4",
    },
    Key {
        name: LOG_LEVEL,
        form: Form::Text,
        default: "info",
        meaning: "What is logged: error, warn, info, debug, trace, also for one part only.",
        example: "info,ingest=debug",
    },
    Key {
        name: LOG_FORM,
        form: Form::Choice(&["text", "json"]),
        default: "text",
        meaning: "Whether log lines are for people or for machines.",
        example: "json",
    },
    Key {
        name: LOG_FILE,
        form: Form::File,
        default: "",
        meaning: "The file that log lines go to. Empty: standard error, for a system that keeps \
                  them itself (journald, a container).",
        example: "/var/log/lucid/lucid.log",
    },
    Key {
        name: LOG_MAX,
        form: Form::Count(1, 100_000),
        default: "100",
        meaning: "Megabytes after which a new log file is begun.",
        example: "20",
    },
    Key {
        name: LOG_DAILY,
        form: Form::Choice(&["yes", "no"]),
        default: "yes",
        meaning: "Whether a new log file is begun each day (Beijing time) as well.",
        example: "no",
    },
    Key {
        name: LOG_KEEP,
        form: Form::Count(1, 10_000),
        default: "200",
        meaning: "How many earlier log files are kept; older ones are deleted. With a file a day \
                  200 are more than the six months that the Cybersecurity Law (网络安全法) asks \
                  of network logs.",
        example: "400",
    },
    Key {
        name: LOG_COMPRESS,
        form: Form::Choice(&["yes", "no"]),
        default: "yes",
        meaning: "Whether earlier log files are compressed (gzip).",
        example: "no",
    },
    Key {
        name: DISK_RESERVE,
        form: Form::Count(0, 1_000_000),
        default: "64",
        meaning: "Megabytes of the data folder's disk that are held back: with less free, packets \
                  stay unanswered and reports are refused, while what was accepted before is \
                  still judged and people can sign in and make room.",
        example: "1024",
    },
    Key {
        name: OTLP,
        form: Form::Text,
        default: "",
        meaning: "Where traces are sent: the address of an OpenTelemetry collector that takes \
                  OTLP over HTTP with protobuf; /v1/traces is added. Empty: nowhere.",
        example: "http://127.0.0.1:4318",
    },
    Key {
        name: OTLP_HEADERS,
        form: Form::Text,
        default: "",
        meaning: "Headers that the collector asks for: NAME=VALUE, several with commas between.",
        example: "authorization=Bearer from-the-provider",
    },
    Key {
        name: OTLP_SAMPLED,
        form: Form::Count(0, 1000),
        default: "10",
        meaning: "Of a thousand packets and requests, the traces of so many are sent.",
        example: "1000",
    },
    Key {
        name: OTLP_NAME,
        form: Form::Text,
        default: "lucid",
        meaning: "The name of this service among others in the traces (service.name).",
        example: "lucid-zhangzhou",
    },
    Key {
        name: OTLP_INSTANCE,
        form: Form::Text,
        default: "",
        meaning: "The name of this process among its like (service.instance.id). Empty: the \
                  machine's name.",
        example: "receiver-2",
    },
    Key {
        name: OTLP_CALLERS,
        form: Form::Choice(&["no", "yes"]),
        default: "no",
        meaning: "Whether a request that says by traceparent that it is traced belongs to that \
                  trace and is sent. Say yes where only one's own programs and a proxy that takes \
                  foreign headers away can ask; otherwise a caller is noted by a link.",
        example: "yes",
    },
];

/// The setting of a name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
