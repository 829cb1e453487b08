//! A permit as somebody brings it, not kept yet.

use crate::background::Background;
use crate::model::PermitContent;

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
