//! The log as pages and programs read it.

use crate::figure::{Publication, figure_of};
use crate::note::{Checkpoint, Note, Signer, VerifierKey};
use crate::proof::Prover;
use crate::tile::{TilePath, WIDTH, bundle, bytes_of};
use crate::{
    Entry, EntryName, Figure, Hash, LogError, Proof, Publications, Sequencer, canonical, open_key,
    point_name, store as sql,
};
use ::store::Store;
use jiff::Timestamp;
use observations::RowKey;
use registry::{PointId, Registry, Snapshot};
use rulebook::Period;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its place in the log, from 0.
    pub position: u64,
    /// The kind as a word.
    pub kind: String,
    /// Its name, [`EntryName`] as a text.
    pub name: String,
    /// 1, and more where what the name means was corrected.
    pub version: i64,
    /// When it was appended.
    pub logged_at: Timestamp,
    /// The bytes that are hashed into the tree.
    pub text: String,
}

impl Logged {
    /// The entry.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn entry(&self) -> Result<Entry, LogError> {
        let damaged = || LogError::Damaged(format!("entry {}", self.position));
        Entry::parse(&self.text).ok_or_else(damaged)
    }
}

/// The newest checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The note as it is served.
    pub note: String,
    /// What it states.
    pub checkpoint: Checkpoint,
    /// When it was signed.
    pub made_at: Timestamp,
}

/// What the log says of something that somebody downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It was published exactly so.
    Found {
        /// The proof.
        proof: Box<Proof>,
        /// When it was appended.
        logged_at: Timestamp,
        /// The version published since, where it was corrected.
        corrected: Option<i64>,
    },
    /// Something else was published under this name.
    Altered {
        /// How many versions the log holds.
        versions: usize,
    },
    /// The log knows nothing of this name.
    NotFound,
}

/// A figure that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureAnswer {
    /// As it was given.
    pub figure: Figure,
    /// What the log says.
    pub checked: Checked,
    /// What is published now, where that differs from what was given.
    pub published: Option<Figure>,
}

/// A verdict that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictAnswer {
    /// Its number.
    pub id: i64,
    /// The name of the figure that it judges.
    pub name: Option<EntryName>,
    /// What the log says.
    pub checked: Checked,
}

/// The log of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    store: Store,
    inner: Arc<Inner>,
}

struct Inner {
    signer: Signer,
    publications: Publications,
}

impl Log {
    /// Opens the log: its key stands in the data folder and is made at the first start, for a log
    /// of this origin.
    ///
    /// # Errors
    /// When the key file cannot be used or the store fails.
    pub async fn open(
        store: &Store,
        folder: &Path,
        origin: &str,
        publications: Publications,
        now: Timestamp,
    ) -> Result<Self, LogError> {
        let signer = open_key(folder, origin)?;
        sql::begin_log(store, &signer, now).await?;
        if let Some(newest) = sql::latest_checkpoint(store).await? {
            let note = newest.note.parse::<Note>().ok();
            if note.is_none_or(|note| signer.public().check(&note).is_err()) {
                tracing::warn!(
                    key = %signer.public(),
                    "the log was signed by another key before; give both to `lucid log verify`"
                );
            }
        }
        Ok(Self { store: store.clone(), inner: Arc::new(Inner { signer, publications }) })
    }

    /// What appends to this log. One a log.
    pub fn sequencer(&self, registry: &Registry) -> Sequencer {
        let (store, publications) = (self.store.clone(), self.inner.publications.clone());
        Sequencer::new(store, self.inner.signer.clone(), publications, registry.clone())
    }

    /// Its public key.
    pub fn key(&self) -> &VerifierKey {
        self.inner.signer.public()
    }

    /// A text with the signature of the log's key under it; the text must end with a line break.
    ///
    /// Its first line must not be the name of the log: that is how a checkpoint begins, and what
    /// is signed here must never pass for one. Such a text is refused.
    pub fn sign(&self, text: &str) -> Option<String> {
        let is_like_a_checkpoint = text.lines().next() == Some(self.key().name());
        (text.ends_with('\n') && !is_like_a_checkpoint).then(|| self.inner.signer.sign(text))
    }

    /// What is published.
    pub fn publications(&self) -> &Publications {
        &self.inner.publications
    }

    /// The newest checkpoint.
    ///
    /// # Errors
    /// When the store fails or holds none.
    pub async fn signed(&self) -> Result<Signed, LogError> {
        let newest = sql::latest_checkpoint(&self.store).await?;
        let newest = newest.ok_or_else(|| LogError::Damaged("no checkpoint".into()))?;
        let checkpoint = newest.note.parse::<Note>().and_then(|note| note.text.parse());
        let checkpoint = checkpoint.map_err(|error| LogError::Damaged(error.to_string()))?;
        Ok(Signed { note: newest.note, checkpoint, made_at: newest.made_at })
    }

    /// The bytes of a tile or bundle; `None` where the log has not that many yet.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, LogError> {
        match path {
            TilePath::Hashes { tile, width } => {
                let hashes = sql::tile(&self.store, tile).await?;
                Ok(hashes.and_then(|hashes| Some(bytes_of(hashes.get(..width)?))))
            }
            TilePath::Entries { number, width } => {
                let Some(first) = number.checked_mul(WIDTH as u64) else { return Ok(None) };
                let last = first.saturating_add(width as u64);
                let entries = sql::entries_after(&self.store, first..last).await?;
                if entries.len() < width {
                    return Ok(None);
                }
                let texts = entries.iter().map(|entry| entry.text.as_bytes());
                bundle(texts)
                    .map(Some)
                    .ok_or_else(|| LogError::Damaged(format!("an entry of bundle {number}")))
            }
        }
    }

    /// Entries of a kind, or of all, before a position, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn entries(
        &self,
        kind: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Logged>, LogError> {
        sql::entries_newest(&self.store, kind, before, limit).await
    }

    /// The entry of a position.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn entry(&self, position: u64) -> Result<Option<Logged>, LogError> {
        sql::entry_at(&self.store, position).await
    }

    /// The proof of an entry; see [`crate::prove`].
    ///
    /// # Errors
    /// When the store fails or the stored log is damaged.
    pub async fn prove(
        &self,
        name: &EntryName,
        version: Option<i64>,
    ) -> Result<Option<Proof>, LogError> {
        crate::prove(&self.store, name, version).await
    }

    /// Whether these figures were published so.
    ///
    /// # Errors
    /// When the store fails or the stored log is damaged.
    pub async fn check_figures(
        &self,
        snapshot: &Snapshot,
        figures: Vec<Figure>,
    ) -> Result<Vec<FigureAnswer>, LogError> {
        let Some(mut prover) = Prover::open(&self.store).await? else { return Ok(Vec::new()) };
        let mut answers = Vec::with_capacity(figures.len());
        for figure in figures {
            let digest = figure.digest();
            let is_it = |entry: &Entry| match entry {
                Entry::Figure { digest: logged, .. } => *logged == digest,
                _ => false,
            };
            let checked = self.check(&mut prover, &figure.name(), is_it).await?;
            let published = match checked {
                Checked::Altered { .. } => self.published(snapshot, &figure).await?,
                _ => None,
            };
            answers.push(FigureAnswer { figure, checked, published });
        }
        Ok(answers)
    }

    /// Whether these verdicts, in the form of the interface, were published so.
    ///
    /// # Errors
    /// As [`Log::check_figures`].
    pub async fn check_verdicts(
        &self,
        snapshot: &Snapshot,
        verdicts: Vec<Value>,
    ) -> Result<Vec<VerdictAnswer>, LogError> {
        let Some(mut prover) = Prover::open(&self.store).await? else { return Ok(Vec::new()) };
        let mut answers = Vec::with_capacity(verdicts.len());
        for mut verdict in verdicts {
            let id = verdict["id"].as_i64().unwrap_or_default();
            let name = verdict_name(snapshot, &verdict);
            if let Some(members) = verdict.as_object_mut() {
                members.remove("before");
            }
            let digest = Hash::of(&[canonical(&verdict).as_bytes()]);
            let is_it = |entry: &Entry| match entry {
                Entry::Figure { verdict, .. } => *verdict == Some(digest),
                _ => false,
            };
            let checked = match &name {
                Some(name) => self.check(&mut prover, name, is_it).await?,
                None => Checked::NotFound,
            };
            answers.push(VerdictAnswer { id, name, checked });
        }
        Ok(answers)
    }

    async fn check(
        &self,
        prover: &mut Prover<'_>,
        name: &EntryName,
        is_it: impl Fn(&Entry) -> bool,
    ) -> Result<Checked, LogError> {
        let versions = prover.logged(name).await?;
        let mut found = None;
        for logged in &versions {
            if is_it(&logged.entry()?) {
                found = Some(logged);
            }
        }
        let Some(logged) = found else {
            return Ok(match versions.len() {
                0 => Checked::NotFound,
                versions => Checked::Altered { versions },
            });
        };
        let newest = versions.last().map_or(1, |last| last.version);
        Ok(Checked::Found {
            proof: Box::new(prover.prove(logged).await?),
            logged_at: logged.logged_at,
            corrected: (newest > logged.version).then_some(newest),
        })
    }

    /// What is published now in the place of a figure.
    async fn published(
        &self,
        snapshot: &Snapshot,
        figure: &Figure,
    ) -> Result<Option<Figure>, LogError> {
        let publication = self.inner.publications.of_point(&figure.point, figure.period);
        let (Some(publication), Some((_, code))) = (publication, figure.point.split_once('/'))
        else {
            return Ok(None);
        };
        let Some(point) = snapshot.point_by_code(publication.kind(), code) else {
            return Ok(None);
        };
        let key = RowKey { point: point.id, period: figure.period, observed_at: figure.time };
        self.figure(snapshot, publication, key, point_name(point)).await
    }

    async fn figure(
        &self,
        snapshot: &Snapshot,
        publication: &dyn Publication,
        key: RowKey,
        point: String,
    ) -> Result<Option<Figure>, LogError> {
        let Some(row) = observations::rows_at(&self.store, &[key]).await?.pop() else {
            return Ok(None);
        };
        let stored = evaluation::verdict_on(&self.store, publication.rule(), key).await?;
        let verdict = stored.as_ref().map(|stored| &stored.verdict);
        Ok(Some(figure_of(publication, snapshot, point, &row, verdict)))
    }
}

/// The figure that a verdict in the form of the interface judges.
fn verdict_name(snapshot: &Snapshot, verdict: &Value) -> Option<EntryName> {
    let point = snapshot.point(PointId(verdict["point"].as_i64()?))?;
    Some(EntryName::Figure {
        point: point_name(point),
        period: Period::parse(verdict["period"].as_str()?)?,
        time: verdict["observed_at"].as_str()?.parse().ok()?,
    })
}
