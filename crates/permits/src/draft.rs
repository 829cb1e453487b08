//! A permit as somebody brings it, not kept yet.

use crate::background::Background;
use crate::model::{PermitContent, PermitVersion};
use crate::{PermitError, store};
use ::store::Store;
use registry::Snapshot;

/// A version of a permit as a file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitDraft {
    /// The permit's number.
    pub number: String,
    /// The code of the enterprise in the city's files.
    pub enterprise: String,
    /// What the version says.
    pub content: PermitContent,
    /// Approvals and quotas; `None` where the file says nothing of them, so that they stay.
    pub background: Option<Background>,
}

impl PermitDraft {
    /// A stored version as it would be brought again, with approvals and quotas as they stand.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(
        store: &Store,
        snapshot: &Snapshot,
        version: &PermitVersion,
    ) -> Result<Self, PermitError> {
        let holder = snapshot.enterprise(version.permit.enterprise);
        Ok(Self {
            number: version.permit.number.clone(),
            enterprise: holder.map(|holder| holder.code.clone()).unwrap_or_default(),
            content: version.content.clone(),
            background: Some(store::background_of(store, version.permit.id).await?),
        })
    }
}
