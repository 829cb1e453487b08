//! Files as evidence (证据): kept by their hash, typed by their content, never altered.
//!
//! What a camera wrote into a picture is read out and kept apart; a picture that is shown is a
//! copy drawn anew, in which it does not stand.

mod camera;
mod error;
mod folder;
mod media_type;
mod model;
mod picture;
mod recognise;
mod zip;

pub use error::EvidenceError;
pub use media_type::MediaType;
pub use model::{Digest, Kept, Limits, Location, Upload, Verified};

use folder::Folder;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The store of files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Evidence {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: Folder,
    limits: Limits,
    /// A picture may take some hundred megabytes while it is drawn: not too many at once.
    drawing: Semaphore,
}

/// Pictures drawn at once.
const DRAWN_AT_ONCE: usize = 2;

impl Evidence {
    /// Opens the folder of files, making it where there is none.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn open(folder: &Path) -> Result<Self, EvidenceError> {
        Self::open_with(folder, Limits::default())
    }

    /// As [`Evidence::open`], with limits.
    ///
    /// # Errors
    /// As [`Evidence::open`].
    pub fn open_with(folder: &Path, limits: Limits) -> Result<Self, EvidenceError> {
        let drawing = Semaphore::new(DRAWN_AT_ONCE);
        let inner = Inner { folder: Folder::open(folder)?, limits, drawing };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What is taken at most.
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// Keeps a file: when this returns, it is on the disk. The same bytes are kept once.
    ///
    /// # Errors
    /// When the file is not taken, or the disk refuses.
    pub async fn keep(&self, upload: Upload) -> Result<Kept, EvidenceError> {
        let (size, limit) = (upload.bytes.len(), self.inner.limits.bytes_max);
        if size > limit {
            return Err(EvidenceError::TooLarge { size, limit });
        }
        let _turn = match recognise::picture(&upload.bytes) {
            Some(_) => {
                Some(self.inner.drawing.acquire().await.map_err(|_| EvidenceError::Stopped)?)
            }
            None => None,
        };
        self.apart(move |inner| inner.keep(&upload)).await
    }

    /// The bytes of a file, if they are those that were kept.
    ///
    /// # Errors
    /// When there is no such file, or it was altered on the disk.
    pub async fn read(&self, digest: Digest) -> Result<Vec<u8>, EvidenceError> {
        self.apart(move |inner| inner.folder.read(digest)).await
    }

    /// Reads every file and says which are not as they were kept. `expected`: the digests that
    /// the store speaks of; those without a file are missing.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn verify_all(
        &self,
        expected: Option<Vec<Digest>>,
    ) -> Result<Verified, EvidenceError> {
        self.apart(move |inner| inner.folder.verify(expected.as_deref())).await
    }

    /// Takes away what was being written when an earlier process ended, and says how many files
    /// that were. For the one process that has the data folder, before it keeps anything.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub async fn sweep(&self) -> Result<u64, EvidenceError> {
        self.apart(|inner| Ok(inner.folder.sweep()?)).await
    }

    /// Works on files beside the threads that answer.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, EvidenceError> + Send + 'static,
    ) -> Result<T, EvidenceError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|_| EvidenceError::Stopped)?
    }
}

impl Inner {
    fn keep(&self, upload: &Upload) -> Result<Kept, EvidenceError> {
        let media_type = recognise::recognise(&upload.name, &upload.bytes)?;
        let mut kept = Kept {
            digest: folder::digest_of(&upload.bytes),
            name: recognise::clean_name(&upload.name, media_type),
            size: upload.bytes.len() as u64,
            media_type,
            location: None,
            taken_at: None,
            thumbnail: None,
            public_copy: None,
        };
        if media_type.is_picture() {
            let copies = picture::draw(&upload.bytes, media_type, self.limits)?;
            (kept.location, kept.taken_at) = camera::read(&upload.bytes);
            kept.thumbnail = Some(self.folder.write(&copies.thumbnail)?);
            kept.public_copy = Some(self.folder.write(&copies.public)?);
        }
        self.folder.write(&upload.bytes)?;
        Ok(kept)
    }
}
