//! Issuing: a number, a document, a signature, a record in the audit that the log vouches for.

use super::document::{Issue, document};
use super::gather::{Gathered, gather};
use crate::episodes::model::Episode;
use crate::episodes::store::{self, EpisodeError, Packet};
use crate::episodes::words;
use ::store::Store;
use authority::audit::{Actor, Record};
use documents::{FontShelf, append_trailer};
use evidence::{Evidence, Upload};
use jiff::Timestamp;
use registry::Snapshot;
use rulebook::beijing_offset;
use std::sync::Arc;
use tokio::sync::Mutex;
use transparency::{Hash, Log};

/// The first line of what is signed.
pub(super) const KIND: &str = "lucid evidence packet v1";
/// The action in the audit.
pub(super) const ACTION: &str = "evidence.issue";

/// One packet at a time: their numbers follow each other.
static ISSUING: Mutex<()> = Mutex::const_new(());

/// What packets are issued with.
pub struct Issuer {
    /// The store.
    pub store: Store,
    /// The city's nouns.
    pub snapshot: Arc<Snapshot>,
    /// The log, whose key signs.
    pub log: Log,
    /// Where files are kept.
    pub evidence: Evidence,
    /// The fonts.
    pub shelf: Arc<FontShelf>,
    /// Where the pages are reached, where that is known.
    pub address: String,
}

impl Issuer {
    /// The packet of an episode: the one that was issued of this content, or a new one.
    ///
    /// # Errors
    /// When there is no such episode, or a part fails.
    pub async fn issue(
        &self,
        episode: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Option<Packet>, EpisodeError> {
        let Some(episode) = store::episode(&self.store, episode).await? else { return Ok(None) };
        let _one = ISSUING.lock().await;
        let known = store::packet_of(&self.store, episode.id, &episode.fingerprint).await?;
        if let Some(packet) = known {
            return Ok(Some(packet));
        }
        let gathered = gather(&self.store, &self.snapshot, &episode, now).await?;
        self.make(&episode, gathered, actor, now).await.map(Some)
    }

    /// The bytes of a packet that was issued.
    ///
    /// # Errors
    /// When the file is gone or was altered.
    pub async fn file(&self, packet: &Packet) -> Result<Vec<u8>, EpisodeError> {
        let wrong =
            || EpisodeError::Content { what: "digest of a packet", found: packet.file.clone() };
        let digest = evidence::Digest::parse(&packet.file).ok_or_else(wrong)?;
        Ok(self.evidence.read(digest).await?)
    }

    async fn make(
        &self,
        episode: &Episode,
        gathered: Gathered,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Packet, EpisodeError> {
        let year = i64::from(beijing_offset().to_datetime(now).year());
        let mut transaction = self.store.begin().await?;
        let number = store::next_number(&mut transaction, year).await?;
        drop(transaction);
        let code = code(&episode.fingerprint, year, number, now);
        let issue = Issue {
            number: words::packet_number(year, number),
            code: code.clone(),
            issued_at: now,
            who: actor.name.clone(),
            address: self.address.clone(),
            key: self.log.key().to_string(),
        };
        let made = document(&self.snapshot, episode, &gathered, &issue);
        let shelf = Arc::clone(&self.shelf);
        let pdf = tokio::task::spawn_blocking(move || made.pdf(&*shelf.fonts()?)).await;
        let pdf = pdf.map_err(|_| EpisodeError::Missing("the thread that draws"))??;
        let (file, body) = self.signed(&pdf, &format!("{year}-{number}"), now)?;
        let size = file.len() as u64;
        let name = format!("evidence-{year}-{number}.pdf");
        let kept = self.evidence.keep(Upload { name, bytes: file }).await?;
        let mut packet = Packet {
            year,
            number,
            code,
            episode: episode.id,
            fingerprint: episode.fingerprint.clone(),
            file: kept.digest.to_string(),
            body: body.to_hex(),
            size,
            issued_at: now,
            who: actor.name.clone(),
            audit: 0,
        };
        let mut transaction = self.store.begin().await?;
        packet.audit = authority::audit::record(
            &mut transaction,
            Record {
                at: now,
                actor,
                action: ACTION,
                subject: format!("episode {}", episode.id),
                before: None,
                after: Some(
                    serde_json::json!({
                        "number": format!("{year}-{number}"), "sha256": packet.body,
                        "file": packet.file, "fingerprint": packet.fingerprint,
                    })
                    .to_string(),
                ),
            },
        )
        .await?;
        store::keep_packet(&mut transaction, &packet).await?;
        transaction.commit().await?;
        Ok(packet)
    }

    /// The file with its signature behind it, and the digest of what is signed.
    fn signed(
        &self,
        pdf: &[u8],
        number: &str,
        now: Timestamp,
    ) -> Result<(Vec<u8>, Hash), EpisodeError> {
        let mut body = pdf.to_vec();
        if !body.ends_with(b"\n") {
            body.push(b'\n');
        }
        let digest = Hash::of(&[&body]);
        let text = format!(
            "{KIND}\nnumber {number}\nsha256 {}\nsize {}\nissued {now}\n",
            digest.to_hex(),
            body.len()
        );
        let note = self.log.sign(&text).ok_or(EpisodeError::Missing("a signature"))?;
        let file = append_trailer(&body, &note).ok_or(EpisodeError::Missing("room to sign"))?;
        Ok((file, digest))
    }
}

/// What stands at the foot of the pages: twelve digits from which nothing can be guessed.
fn code(fingerprint: &str, year: i64, number: i64, now: Timestamp) -> String {
    let text = format!("{fingerprint} {year} {number} {}", now.as_nanosecond());
    let digits = Hash::of(&[text.as_bytes()]).to_hex().to_uppercase();
    let part = |from: usize| digits.get(from..from + 4).unwrap_or_default();
    format!("{}-{}-{}", part(0), part(4), part(8))
}
