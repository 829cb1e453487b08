//! The append-only log (透明日志): leaves, tiles, signed checkpoints, proofs, verification.
//!
//! Audit records and packets enter as salted digests, published figures as plain ones, so that
//! neither an administrator nor a city rewrites history unnoticed and nothing personal is shown.
//! The tree is that of RFC 9162, its form for readers that of C2SP tlog-tiles. What a digest is
//! made of stands in `docs/concepts/log.md`.

mod canonical;
mod entry;
mod error;
mod figure;
mod hash;
mod key_file;
mod log;
mod note;
mod proof;
mod sequencer;
mod store;
pub mod tile;
pub mod tree;
mod verify;

pub use canonical::canonical;
pub use entry::{Entry, EntryName, EntryNameError, KINDS};
pub use error::LogError;
pub use figure::{
    Figure, Part, Publication, Publications, ReadFigures, digest_of_verdict, figure_of, point_name,
    read as read_figures,
};
pub use hash::Hash;
pub use key_file::{KEY_FILE, open_key, read_key};
pub use log::{Checked, FigureAnswer, Log, Logged, Signed, VerdictAnswer};
pub use note::{Checkpoint, Note, NoteError, Signer, VerifierKey};
pub use proof::{Opening, Proof, ProofError, check_proof, opening, prove};
pub use sequencer::{Sequenced, Sequencer};
pub use verify::{Finding, Report, head_size, verify};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_290_100,
    name: "transparency",
    sql: include_str!("migrations/202611290100_transparency.sql"),
}];

/// Thirty-two random bytes.
fn secret() -> Result<[u8; 32], LogError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| LogError::Random(error.to_string()))?;
    Ok(bytes)
}
