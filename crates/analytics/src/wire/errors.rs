//! Trouble as clients of PostgreSQL expect it: a code, a message, a hint, a place.

use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError};
use operations::sql::{Trouble, TroubleKind};

/// The code of PostgreSQL for a kind of trouble.
const fn code(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::Wrong => "42000",
        TroubleKind::Refused => "25006",
        TroubleKind::TooMuch => "54000",
        TroubleKind::Busy => "53300",
        TroubleKind::Failed => "XX000",
    }
}

/// Trouble with a question, as the client is told.
pub(super) fn told(trouble: &Trouble, text: &str) -> PgWireError {
    let what = trouble.what.en.to_string();
    let mut info = ErrorInfo::new("ERROR".to_owned(), code(trouble.kind).to_owned(), what);
    info.hint = (!trouble.cure.is_empty()).then(|| trouble.cure.en.to_string());
    info.position = trouble.place.map(|place| position(text, place).to_string());
    PgWireError::UserError(Box::new(info))
}

/// A refusal before any question.
pub(super) fn fatal(code: &str, what: impl Into<String>, cure: &str) -> PgWireError {
    let mut info = ErrorInfo::new("FATAL".to_owned(), code.to_owned(), what.into());
    info.hint = Some(cure.to_owned());
    PgWireError::UserError(Box::new(info))
}

/// The letter of the text, from 1, at a line and a column.
fn position(text: &str, (line, column): (u32, u32)) -> u64 {
    let lines_before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let before: usize = text.lines().take(lines_before).map(|line| line.chars().count() + 1).sum();
    before as u64 + u64::from(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_letters() {
        assert_eq!(position("SELECT 1", (1, 8)), 8);
        assert_eq!(position("SELECT '空气'\nFROM x", (2, 6)), 18);
    }
}
