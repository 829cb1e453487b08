//! Opening a store, reading from it, beginning a write.

use crate::attachment::Attachments;
use crate::{Migration, Objects, StoreError, Transaction, migration};
use sqlx::any::AnyPoolOptions;
use sqlx::{Connection as _, Executor as _};
use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Which database stands behind the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// A server, when `database.url` says so.
    Postgres,
}

impl Engine {
    /// The engine that an address names.
    ///
    /// # Errors
    /// When the address begins with none of the known schemes.
    pub fn of(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres)
        } else {
            Err(StoreError::Address { url: without_password(url) })
        }
    }
}

/// The address with its password left out, for messages.
pub(crate) fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

/// An open store: cheap to clone, shared by all.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    file: Option<PathBuf>,
    readers: sqlx::AnyPool,
    writers: sqlx::AnyPool,
    /// Where objects lie, if somebody said so …
    objects: OnceLock<Objects>,
    /// … else beside the SQLite file.
    objects_beside: Option<Objects>,
    attachments: Attachments,
    /// Bytes of the disk that are held back.
    reserve: AtomicU64,
}

/// The folder of objects beside a SQLite file.
const OBJECTS_BESIDE: &str = "history";

const SQLITE_ALWAYS: &str = "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; \
    PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456;";
const SQLITE_WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000; \
    PRAGMA journal_size_limit = 268435456;";
const SQLITE_READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -8192;";

impl Store {
    /// Opens the store at `url` (making a SQLite file and its folder where there is none) and
    /// brings its schema up to `migrations`.
    ///
    /// # Errors
    /// When the address is wrong, the database cannot be reached, or a migration fails.
    pub async fn open(url: &str, migrations: &[Migration]) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = Engine::of(url)?;
        let store = match engine {
            Engine::Sqlite => Self::open_sqlite(url).await?,
            Engine::Postgres => Self::open_postgres(url).await?,
        };
        store.bring_to(migrations).await?;
        Ok(store)
    }

    /// Opens the store at `url` in whatever schema it has: for a backup before an upgrade.
    ///
    /// # Errors
    /// When the address is wrong or the database cannot be reached.
    pub async fn open_as_it_is(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        match Engine::of(url)? {
            Engine::Sqlite => Self::open_sqlite(url).await,
            Engine::Postgres => Self::open_postgres(url).await,
        }
    }

    /// Takes the steps of `migrations` that the store lacks.
    ///
    /// # Errors
    /// When a step fails, or the store has steps that are not among these.
    pub async fn bring_to(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        migration::take(migrations, self.engine(), &self.inner.writers).await
    }

    /// The steps that have made the schema, in their order; none where the store is new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn steps(&self) -> Result<Vec<i64>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        crate::backup::catalogue::schema_if_any(self.engine(), &mut snapshot).await
    }

    async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let file = PathBuf::from(url.trim_start_matches("sqlite:").trim_start_matches("//"));
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
                folder: folder.display().to_string(),
                source,
            })?;
        }
        let address = format!("sqlite://{}?mode=rwc", file.display());
        let writers = sqlite_pool(1, SQLITE_WRITER).connect(&address).await?;
        let readers = sqlite_pool(6, SQLITE_READER).connect_lazy(&address)?;
        let objects_beside = Some(Objects::in_folder(&file.with_file_name(OBJECTS_BESIDE))?);
        Ok(Self::of(Engine::Sqlite, Some(file), readers, writers, objects_beside))
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let options = || {
            AnyPoolOptions::new()
                .acquire_timeout(Duration::from_secs(10))
                .idle_timeout(Duration::from_mins(10))
        };
        let writers = options().max_connections(8).connect(url).await?;
        let readers = options().max_connections(8).connect_lazy(url)?;
        Ok(Self::of(Engine::Postgres, None, readers, writers, None))
    }

    fn of(
        engine: Engine,
        file: Option<PathBuf>,
        readers: sqlx::AnyPool,
        writers: sqlx::AnyPool,
        objects_beside: Option<Objects>,
    ) -> Self {
        let (objects, attachments) = (OnceLock::new(), Attachments::default());
        let inner = Inner {
            engine,
            file,
            readers,
            writers,
            objects,
            objects_beside,
            attachments,
            reserve: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Which engine stands behind.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// The SQLite file, if the store is one.
    pub fn file(&self) -> Option<&Path> {
        self.inner.file.as_deref()
    }

    /// Says how many bytes of the disk are held back: see [`Self::ensure_room`].
    pub fn hold_back(&self, bytes: u64) {
        self.inner.reserve.store(bytes, Ordering::Relaxed);
    }

    /// The bytes that are held back; none where nobody said so.
    pub fn reserve(&self) -> u64 {
        self.inner.reserve.load(Ordering::Relaxed)
    }

    /// Says where large files lie; the first word counts.
    #[must_use]
    pub fn with_objects(self, objects: Objects) -> Self {
        if self.inner.objects.set(objects).is_err() {
            tracing::debug!("the place of objects was named before");
        }
        self
    }

    /// Where large files lie: what [`Self::with_objects`] said, else the folder `history` beside
    /// the SQLite file; none for a server of which nothing was said.
    pub fn objects(&self) -> Option<&Objects> {
        self.inner.objects.get().or(self.inner.objects_beside.as_ref())
    }

    /// What a crate keeps in memory beside the store: one value a type, the same for all clones.
    pub fn attachment<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        self.inner.attachments.of()
    }

    /// The pool for reading. On SQLite its connections refuse to write.
    pub fn reader(&self) -> &sqlx::AnyPool {
        &self.inner.readers
    }

    /// Begins a write transaction. On SQLite it waits for the one writer.
    ///
    /// # Errors
    /// When no connection comes free in ten seconds or the database refuses.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(match self.inner.engine {
            Engine::Sqlite => self.inner.writers.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.inner.writers.begin().await?,
        })
    }

    /// Begins a reading transaction that sees one state of the store throughout.
    ///
    /// # Errors
    /// When no connection comes free in time or the database refuses.
    pub async fn snapshot(&self) -> Result<Transaction, StoreError> {
        Ok(match self.inner.engine {
            Engine::Sqlite => self.inner.readers.begin().await?,
            Engine::Postgres => {
                let mut transaction = self.inner.readers.begin().await?;
                transaction
                    .execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?;
                transaction
            }
        })
    }

    /// Answers whether the store can be read now.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.reader()).await?;
        Ok(())
    }

    /// Closes all connections; SQLite then folds its log into the file.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writers.close().await;
    }
}

fn sqlite_pool(connections: u32, pragmas: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(SQLITE_ALWAYS).await?;
                connection.execute(pragmas).await?;
                Ok(())
            })
        })
        .after_release(|connection, _| Box::pin(is_fit(connection)))
}

/// Whether a connection may be used again. SQLite ends a transaction by itself when the disk is
/// full or fails; the driver counts it as open all the same and would begin no other on this
/// connection for ever.
async fn is_fit(connection: &mut sqlx::AnyConnection) -> Result<bool, sqlx::Error> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // What was dropped is rolled back first; then this is answered.
    connection.ping().await?;
    let is_spent = connection.is_in_transaction();
    if is_spent {
        tracing::info!("a connection is opened anew: its last transaction was cut off");
    }
    Ok(!is_spent)
}
