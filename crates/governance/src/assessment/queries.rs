//! Sheets as they stand.

use super::store::{self, Entered};
use crate::GovernanceError;
use ::assessment::{Book, Event, Sheet, replay};
use ::store::Store;
use rulebook::Text;

/// A sheet with the history that it is computed from.
pub(super) struct Standing {
    pub(super) sheet: Sheet,
    pub(super) history: Vec<Entered>,
}

/// The sheet of a unit as it stands.
pub(super) async fn standing(
    store: &Store,
    book: &Book,
    unit: &str,
) -> Result<Standing, GovernanceError> {
    let history = store::history(store, &book.id, unit).await?;
    let events: Vec<Event> = history.iter().map(|entered| entered.event.clone()).collect();
    let sheet = replay(book, unit, &events).map_err(|problem| {
        // The book was changed under a history that it no longer explains.
        GovernanceError::Kept(format!("the sheet of {unit} by {}: {problem}", book.id))
    })?;
    Ok(Standing { sheet, history })
}

/// Every sheet of a unit with its book's name, the newest year first.
///
/// # Errors
/// When the store fails.
pub(crate) async fn sheets_of(
    store: &Store,
    unit: &str,
) -> Result<Vec<(Text, Sheet)>, GovernanceError> {
    let mut sheets = Vec::new();
    for book in super::books::read(store).await?.sound {
        if book.assessed.iter().any(|known| known == unit) {
            sheets.push((book.name.clone(), standing(store, &book, unit).await?.sheet));
        }
    }
    Ok(sheets)
}
