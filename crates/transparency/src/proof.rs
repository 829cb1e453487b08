//! Proofs that an entry is in the log: made from stored tiles, checked by a pure function.

use crate::note::{Checkpoint, Note, VerifierKey};
use crate::sequencer::{audit_text, block_pairs};
use crate::tile::{TileId, Tiles};
use crate::tree::{self, climb, hash_of, inclusion, nodes_of};
use crate::{Entry, EntryName, Hash, LogError, Logged, store as sql};
use ::store::Store;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A proof that an entry is in the tree of a signed checkpoint (包含证明).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The entry.
    pub entry: Entry,
    /// Its place in the log, from 0.
    pub position: u64,
    /// The hashes from the leaf's sibling up to the root's child.
    pub path: Vec<Hash>,
    /// The signed checkpoint, a note.
    pub checkpoint: String,
}

/// One step from the leaf to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The left hash.
    pub left: Hash,
    /// The right hash.
    pub right: Hash,
    /// What both give.
    pub result: Hash,
    /// Whether the hash that the proof brings stands left.
    pub is_from_left: bool,
}

/// Why a proof does not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The proof is not of the form.
    #[error("the proof is not of the form of GET /api/v1/log/proof")]
    Form,
    /// The checkpoint is no checkpoint.
    #[error("the proof holds no checkpoint")]
    Checkpoint,
    /// None of the keys has signed the checkpoint.
    #[error("the checkpoint is not signed by the key of the log")]
    Signature,
    /// The path leads to another root.
    #[error("the path does not lead from the entry to the root of the checkpoint")]
    Path,
}

impl ProofError {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "log.proof_form",
            Self::Checkpoint => "log.proof_checkpoint",
            Self::Signature => "log.proof_signature",
            Self::Path => "log.proof_path",
        }
    }
}

impl Proof {
    /// The hash of the leaf.
    pub fn leaf(&self) -> Hash {
        Hash::of_leaf(self.entry.to_text().as_bytes())
    }

    /// The proof as JSON.
    pub fn to_json(&self) -> Value {
        let head = self.head();
        json!({
            "id": self.entry.name().to_string(),
            "entry": self.entry.to_json(),
            "position": self.position,
            "leaf_hash": self.leaf().to_base64(),
            "path": self.path.iter().map(|hash| hash.to_base64()).collect::<Vec<_>>(),
            "size": head.map(|head| head.size),
            "root": head.map(|head| head.root.to_base64()),
            "checkpoint": self.checkpoint,
            "tlog_proof": self.to_text(),
        })
    }

    /// Reads what [`Proof::to_json`] wrote; what follows from other members is not read.
    ///
    /// # Errors
    /// When it is not of the form.
    pub fn of_json(value: &Value) -> Result<Self, ProofError> {
        let path = value["path"].as_array().ok_or(ProofError::Form)?;
        let path = path.iter().map(|hash| Hash::from_base64(hash.as_str()?));
        Ok(Self {
            entry: Entry::of_json(&value["entry"]).ok_or(ProofError::Form)?,
            position: value["position"].as_u64().ok_or(ProofError::Form)?,
            path: path.collect::<Option<_>>().ok_or(ProofError::Form)?,
            checkpoint: value["checkpoint"].as_str().ok_or(ProofError::Form)?.to_owned(),
        })
    }

    /// The proof in the form of C2SP tlog-proof, which other programs read.
    pub fn to_text(&self) -> String {
        let mut text = format!("c2sp.org/tlog-proof@v1\nindex {}\n", self.position);
        for hash in &self.path {
            let _ = writeln!(text, "{}", hash.to_base64());
        }
        text + "\n" + &self.checkpoint
    }

    /// The tree that the checkpoint states, if it is one.
    pub fn head(&self) -> Option<tree::TreeHead> {
        let note: Note = self.checkpoint.parse().ok()?;
        Some(note.text.parse::<Checkpoint>().ok()?.head)
    }

    /// The steps from the leaf to the root, for people to follow.
    pub fn steps(&self) -> Vec<Step> {
        let Some(head) = self.head() else { return Vec::new() };
        let mut steps = Vec::with_capacity(self.path.len());
        let mut hash = self.leaf();
        for (range, other) in inclusion(self.position, head.size).into_iter().zip(&self.path) {
            let is_from_left = range.start < self.position;
            let (left, right) = if is_from_left { (*other, hash) } else { (hash, *other) };
            hash = Hash::of_children(left, right);
            steps.push(Step { left, right, result: hash, is_from_left });
        }
        steps
    }
}

/// Whether the entry of a proof is in the tree of a checkpoint that one of the keys has signed.
///
/// # Errors
/// Why not.
pub fn check_proof(proof: &Proof, keys: &[VerifierKey]) -> Result<Checkpoint, ProofError> {
    let note: Note = proof.checkpoint.parse().map_err(|_| ProofError::Checkpoint)?;
    let checkpoint: Checkpoint = note.text.parse().map_err(|_| ProofError::Checkpoint)?;
    let signed = |key: &&VerifierKey| key.name() == checkpoint.origin && key.check(&note).is_ok();
    keys.iter().find(signed).ok_or(ProofError::Signature)?;
    let root = climb(proof.position, checkpoint.head.size, proof.leaf(), &proof.path);
    if root == Some(checkpoint.head.root) { Ok(checkpoint) } else { Err(ProofError::Path) }
}

/// Makes proofs of one checkpoint, reading each tile once.
pub(crate) struct Prover<'store> {
    store: &'store Store,
    note: String,
    size: u64,
    tiles: Tiles,
}

impl<'store> Prover<'store> {
    /// Proofs of the newest checkpoint; `None` where there is none.
    pub(crate) async fn open(store: &'store Store) -> Result<Option<Self>, LogError> {
        let newest = sql::latest_checkpoint(store).await?;
        Ok(newest.map(|stored| Self {
            store,
            note: stored.note,
            size: stored.size,
            tiles: Tiles::default(),
        }))
    }

    /// The versions of an entry that are in the tree of the checkpoint, the first one first.
    pub(crate) async fn logged(&self, name: &EntryName) -> Result<Vec<Logged>, LogError> {
        let mut versions = sql::entries_of(self.store, name).await?;
        versions.retain(|logged| logged.position < self.size);
        Ok(versions)
    }

    /// The proof of an entry.
    pub(crate) async fn prove(&mut self, logged: &Logged) -> Result<Proof, LogError> {
        let ranges = inclusion(logged.position, self.size);
        let wanted = ranges.iter().cloned().flat_map(nodes_of).map(TileId::of);
        let wanted: Vec<TileId> = wanted.filter(|id| !self.tiles.0.contains_key(id)).collect();
        self.tiles.0.extend(sql::tiles(self.store, wanted).await?.0);
        let path = ranges.into_iter().map(|range| hash_of(range, &self.tiles));
        let missing = || LogError::Damaged(format!("tiles behind entry {}", logged.position));
        Ok(Proof {
            entry: logged.entry()?,
            position: logged.position,
            path: path.collect::<Option<_>>().ok_or_else(missing)?,
            checkpoint: self.note.clone(),
        })
    }
}

/// The proof of an entry by its name, of its last version or a given one; `None` where the log
/// holds no such entry.
///
/// # Errors
/// When the store fails or the stored log is damaged.
pub async fn prove(
    store: &Store,
    name: &EntryName,
    version: Option<i64>,
) -> Result<Option<Proof>, LogError> {
    // The checkpoint is read first: an entry that comes meanwhile is not in its tree.
    let Some(mut prover) = Prover::open(store).await? else { return Ok(None) };
    let wanted = prover.logged(name).await?.into_iter().rfind(|logged| {
        let is_wanted = |version| version == logged.version;
        version.is_none_or(is_wanted)
    });
    match wanted {
        Some(logged) => Ok(Some(prover.prove(&logged).await?)),
        None => Ok(None),
    }
}

/// What opens a salted digest: for whoever may read the record or the packets, never published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Of an audit record.
    Audit {
        /// The salt.
        salt: Vec<u8>,
        /// The canonical text of the record; `None` where the record is gone.
        text: Option<String>,
    },
    /// Of the packets of an hour.
    Packets {
        /// The salt.
        salt: Vec<u8>,
        /// Number and digest of each block.
        blocks: Vec<(i64, Hash)>,
    },
}

impl Opening {
    /// The digest that the entry must hold.
    pub fn digest(&self) -> Option<Hash> {
        match self {
            Self::Audit { salt, text } => Some(Hash::of(&[salt, text.as_ref()?.as_bytes()])),
            Self::Packets { salt, blocks } => {
                Some(Hash::of(&[salt, &crate::sequencer::pairs_as_bytes(blocks)]))
            }
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Audit { salt, text } => {
                json!({ "salt": base16ct::lower::encode_string(salt), "text": text })
            }
            Self::Packets { salt, blocks } => {
                let blocks: Vec<Value> = blocks
                    .iter()
                    .map(|(block, digest)| json!({ "block": block, "digest": digest.to_hex() }))
                    .collect();
                json!({ "salt": base16ct::lower::encode_string(salt), "blocks": blocks })
            }
        }
    }
}

/// What opens the digest of an entry; `None` for figures, which need none, and unknown names.
///
/// # Errors
/// When the store fails.
pub async fn opening(store: &Store, name: &EntryName) -> Result<Option<Opening>, LogError> {
    match name {
        EntryName::Audit(record) => {
            let secrets = sql::audit_secrets(store, *record, *record).await?;
            let Some(secret) = secrets.into_values().next() else { return Ok(None) };
            let found = authority::audit::after(store, record - 1, 1).await?;
            let found = found.into_iter().find(|found| found.id == *record);
            let text = found.map(|found| audit_text(&found));
            Ok(Some(Opening::Audit { salt: secret.salt, text }))
        }
        EntryName::Packets(hour) => {
            let secret = sql::packets_secret(store, *hour).await?;
            Ok(secret.map(|secret| Opening::Packets {
                salt: secret.salt,
                blocks: block_pairs(&secret.blocks),
            }))
        }
        EntryName::Figure { .. } => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Signer;
    use crate::tile::Growing;
    use proptest::prelude::*;

    fn signer() -> Signer {
        Signer::new("lucid.example/log", [7; 32]).expect("a key")
    }

    fn entry(number: u64) -> Entry {
        Entry::Audit { record: number as i64, digest: Hash::of(&[&number.to_be_bytes()]) }
    }

    fn proof(position: u64, size: u64) -> Proof {
        let (mut growing, mut tiles) = (Growing::default(), Tiles::default());
        for number in 0..size {
            growing.push(Hash::of_leaf(entry(number).to_text().as_bytes()));
        }
        tiles.0.extend(growing.take_full());
        tiles.0.extend(growing.partial().clone());
        let origin = signer().public().name().to_owned();
        let head = tree::TreeHead { size, root: growing.root() };
        let path = inclusion(position, size).into_iter().map(|range| hash_of(range, &tiles));
        Proof {
            entry: entry(position),
            position,
            path: path.collect::<Option<_>>().expect("every hash"),
            checkpoint: signer().sign(&Checkpoint { origin, head }.to_string()),
        }
    }

    #[test]
    fn a_proof_comes_back_from_json_and_checks() {
        let given = proof(5, 300);
        let keys = [signer().public().clone()];
        let read = Proof::of_json(&given.to_json()).expect("of the form");
        assert_eq!(read, given);
        assert_eq!(check_proof(&read, &keys).map(|found| found.head.size), Ok(300));
        let last = read.steps().last().copied().expect("steps");
        assert_eq!(Some(last.result), read.head().map(|head| head.root));
        assert!(read.to_text().starts_with("c2sp.org/tlog-proof@v1\nindex 5\n"));
        assert!(read.to_text().ends_with(&given.checkpoint));
        assert_eq!(Proof::of_json(&json!({})), Err(ProofError::Form));
    }

    #[test]
    fn what_is_tampered_is_told_apart() {
        let good = proof(5, 300);
        let keys = [signer().public().clone()];
        let check = |change: fn(&mut Proof)| {
            let mut proof = good.clone();
            change(&mut proof);
            check_proof(&proof, &keys).map(|_| ())
        };
        assert_eq!(check(|_| {}), Ok(()));
        assert_eq!(check(|proof| proof.entry = entry(6)), Err(ProofError::Path));
        assert_eq!(check(|proof| proof.position = 4), Err(ProofError::Path));
        assert_eq!(check(|proof| proof.path[0].0[0] ^= 1), Err(ProofError::Path));
        assert_eq!(check(|proof| proof.path.truncate(3)), Err(ProofError::Path));
        let larger = |proof: &mut Proof| {
            proof.checkpoint = proof.checkpoint.replace("\n300\n", "\n301\n");
        };
        assert_eq!(check(larger), Err(ProofError::Signature));
        assert_eq!(check(|proof| proof.checkpoint.clear()), Err(ProofError::Checkpoint));
        let stranger = Signer::new("lucid.example/log", [8; 32]).expect("a key");
        assert_eq!(check_proof(&good, &[stranger.public().clone()]), Err(ProofError::Signature));
        let renamed = Signer::new("lucid.example/other", [7; 32]).expect("a key");
        assert_eq!(check_proof(&good, &[renamed.public().clone()]), Err(ProofError::Signature));
    }

    proptest! {
        #[test]
        fn every_entry_of_every_tree_has_its_steps(size in 1_u64..600, position in any::<u64>()) {
            let proof = proof(position % size, size);
            let root = proof.steps().last().map_or(proof.leaf(), |step| step.result);
            prop_assert_eq!(Some(root), proof.head().map(|head| head.root));
            prop_assert!(check_proof(&proof, &[signer().public().clone()]).is_ok());
        }
    }
}
