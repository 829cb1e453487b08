//! The place of large files that never change: a folder by default, an S3-compatible service by
//! address.
//!
//! Names are relative and use `/`; a name is written once and never again.

use crate::StoreError;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientConfigKey, ObjectStore, ObjectStoreExt as _, RetryConfig};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How an S3-compatible service is reached; what is empty is taken from the environment
/// (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`).
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The address of the service, such as `http://10.0.0.9:8333`; empty for the cloud of AWS.
    pub endpoint: String,
    /// The region; most services in one's own house do not care.
    pub region: String,
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// A file among the objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// When it was written.
    pub written_at: Timestamp,
}

/// A place of objects. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
    folder: Option<PathBuf>,
}

impl Objects {
    /// A folder; it is made with the first file.
    ///
    /// # Errors
    /// When the name of the folder holds signs that objects cannot have.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, StoreError> {
        let place = folder.display().to_string();
        let wrong = |what: String| StoreError::ObjectsAddress { url: place.clone(), what };
        let folder = std::path::absolute(folder).map_err(|error| wrong(error.to_string()))?;
        let prefix = Path::from_absolute_path(&folder).map_err(|error| wrong(error.to_string()))?;
        let place = folder.display().to_string();
        Ok(Self { store: Arc::new(LocalFileSystem::new()), prefix, place, folder: Some(folder) })
    }

    /// The place that an address names: `file:///folder` or `s3://bucket/folder`.
    ///
    /// # Errors
    /// When the address is neither.
    pub fn at(url: &str, access: &Access) -> Result<Self, StoreError> {
        if let Some(folder) = url.strip_prefix("file://") {
            return Self::in_folder(std::path::Path::new(folder));
        }
        let wrong = |what: &str| StoreError::ObjectsAddress { url: url.into(), what: what.into() };
        let rest = url
            .strip_prefix("s3://")
            .ok_or_else(|| wrong("write file:///FOLDER or s3://BUCKET/FOLDER"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(wrong("the bucket is missing: s3://BUCKET/FOLDER"));
        }
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(RetryConfig {
                max_retries: 5,
                retry_timeout: Duration::from_secs(20),
                ..RetryConfig::default()
            })
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout), "5 seconds")
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), "300 seconds");
        if !access.endpoint.is_empty() {
            builder = builder
                .with_endpoint(&access.endpoint)
                .with_allow_http(access.endpoint.starts_with("http://"));
        }
        if !access.region.is_empty() {
            builder = builder.with_region(&access.region);
        }
        if !access.access_key.is_empty() {
            builder = builder
                .with_access_key_id(&access.access_key)
                .with_secret_access_key(&access.secret_key);
        }
        let store = builder.build().map_err(|error| wrong(&error.to_string()))?;
        let prefix = Path::parse(prefix).map_err(|error| wrong(&error.to_string()))?;
        Ok(Self { store: Arc::new(store), prefix, place: url.to_owned(), folder: None })
    }

    /// What keeps the objects, for libraries that read by themselves.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The full name of an object within [`Self::store`].
    pub fn path(&self, name: &str) -> Path {
        name.split('/').fold(self.prefix.clone(), Path::join)
    }

    /// The place in words for people: a folder or an address, without keys.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The folder, if the place is one.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// Writes an object; when this returns, it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written: no room, no right, no connection.
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<(), StoreError> {
        let path = self.path(name);
        self.store.put(&path, bytes.into()).await.map_err(|source| self.failed(name, source))?;
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let file = folder.join(name);
        let synced = tokio::task::spawn_blocking(move || sync(&file, &folder)).await;
        synced.map_err(std::io::Error::other).and_then(|done| done).map_err(|error| {
            let source = Box::new(error);
            self.failed(name, object_store::Error::Generic { store: "LocalFileSystem", source })
        })
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// When it is not there or cannot be read; [`StoreError::is_missing`] tells the two apart.
    pub async fn get(&self, name: &str) -> Result<Bytes, StoreError> {
        let found = self.store.get(&self.path(name)).await;
        let found = found.map_err(|source| self.failed(name, source))?;
        found.bytes().await.map_err(|source| self.failed(name, source))
    }

    /// Whether an object is there.
    ///
    /// # Errors
    /// When the place cannot be asked.
    pub async fn has(&self, name: &str) -> Result<bool, StoreError> {
        match self.store.head(&self.path(name)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.failed(name, source)),
        }
    }

    /// Deletes an object; one that is not there is deleted already.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete(&self, name: &str) -> Result<(), StoreError> {
        match self.store.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed(name, source)),
        }
    }

    /// Deletes the objects of a folder whose own names begin so, and what writing them may have
    /// left half done.
    ///
    /// # Errors
    /// When they cannot be listed or deleted.
    pub async fn delete_beginning(&self, folder: &str, beginning: &str) -> Result<(), StoreError> {
        for object in self.list(folder).await? {
            if last_part(&object.name).starts_with(beginning) {
                self.delete(&object.name).await?;
            }
        }
        let Some(own) = &self.folder else { return Ok(()) };
        // A file is written beside its name and renamed; one that a killed process left there is
        // not listed.
        let (within, beginning) = (own.join(folder), beginning.to_owned());
        let deleted = tokio::task::spawn_blocking(move || delete_files(&within, &beginning)).await;
        deleted.map_err(std::io::Error::other).and_then(|done| done).map_err(|error| {
            let source = Box::new(error);
            self.failed(folder, object_store::Error::Generic { store: "LocalFileSystem", source })
        })
    }

    /// All objects whose names begin with a folder; `""` for all that there are.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn list(&self, folder: &str) -> Result<Vec<Object>, StoreError> {
        let within = if folder.is_empty() { self.prefix.clone() } else { self.path(folder) };
        let listed: Vec<_> = self
            .store
            .list(Some(&within))
            .try_collect()
            .await
            .map_err(|source| self.failed(folder, source))?;
        let own = self.prefix.parts().count();
        let object = |meta: object_store::ObjectMeta| Object {
            name: meta.location.parts().skip(own).fold(String::new(), |name, part| {
                if name.is_empty() { part.as_ref().to_owned() } else { name + "/" + part.as_ref() }
            }),
            size: meta.size,
            written_at: Timestamp::from_millisecond(meta.last_modified.timestamp_millis())
                .unwrap_or(Timestamp::UNIX_EPOCH),
        };
        Ok(listed.into_iter().map(object).collect())
    }

    fn failed(&self, name: &str, source: object_store::Error) -> StoreError {
        let (name, place) = (name.to_owned(), self.place.clone());
        StoreError::Object { name, place, source: Box::new(source) }
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn delete_files(folder: &std::path::Path, beginning: &str) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(beginning) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Brings a file and the entries of the folders above it, up to the outermost, to the disk.
fn sync(file: &std::path::Path, outermost: &std::path::Path) -> std::io::Result<()> {
    File::open(file)?.sync_all()?;
    if cfg!(not(unix)) {
        return Ok(());
    }
    for folder in file.ancestors().skip(1) {
        File::open(folder)?.sync_all()?;
        if folder == outermost {
            // Its own entry, too: it may be new.
            if let Some(above) = folder.parent() {
                File::open(above)?.sync_all()?;
            }
            break;
        }
    }
    Ok(())
}
