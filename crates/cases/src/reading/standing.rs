//! How cases stand, for the part of the program that opened them.

use crate::reading::case::state_name;
use crate::{CaseError, CaseId, Cases, store};
use jiff::Timestamp;
use rulebook::Text;

/// How a case stands: nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseStanding {
    /// The case.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// The state in which it is, in words.
    pub state: Text,
    /// The earliest end of its running clocks.
    pub due_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl Cases {
    /// How these cases stand, in the order of their numbers; whoever shows it has decided who may
    /// see it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standings(&self, ids: &[CaseId]) -> Result<Vec<CaseStanding>, CaseError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut connection = self.engine.store.reader().acquire().await?;
        let files = store::files::by_ids(&mut connection, &ids).await?;
        let standing = |file: crate::desk::File| -> Result<CaseStanding, CaseError> {
            let kind = self.engine.kinds.of(file.case.declaration)?;
            Ok(CaseStanding {
                id: file.case.id,
                state: state_name(kind, &file.case),
                number: file.case.number,
                due_at: file.case.due_at,
                closed_at: file.case.closed_at,
            })
        };
        files.into_iter().map(standing).collect()
    }
}
