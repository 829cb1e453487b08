//! The evidence packet (证据包): a signed PDF of an episode with all that it rests on, issued once
//! for each content, kept by its hash, checked by anybody.

mod check;
mod document;
mod gather;
mod issue;
mod tables;

pub use check::{Checked, check_file, check_with_store};
pub use issue::Issuer;

use super::store::EpisodeError;
use evidence::Evidence;
use transparency::Log;
use web::AppState;

/// The media type of a packet.
pub(super) const MEDIA_TYPE: &str = "application/pdf";

/// What issues packets, put together from the handles of the installation.
///
/// # Errors
/// When the program was started without one of them.
pub(super) fn issuer(state: &AppState) -> Result<Issuer, EpisodeError> {
    let log = state.handle::<Log>().ok_or(EpisodeError::Missing("the log"))?;
    let evidence = state.handle::<Evidence>().ok_or(EpisodeError::Missing("evidence"))?;
    let shelf = state.handle::<documents::FontShelf>().ok_or(EpisodeError::Missing("fonts"))?;
    Ok(Issuer {
        store: state.store.clone(),
        snapshot: state.snapshot(),
        log: (*log).clone(),
        evidence: (*evidence).clone(),
        shelf,
        address: state.door().public_address.clone(),
    })
}
