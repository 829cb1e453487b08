//! Reads a declaration.

use rulebook::Text;

use crate::model::CaseKind;
use crate::problem::Problem;

impl CaseKind {
    /// Reads a declaration; `file` is its name in messages.
    ///
    /// # Errors
    /// Everything that is no declaration.
    pub fn parse(file: &str, _text: &str) -> Result<Self, Vec<Problem>> {
        Err(vec![Problem {
            code: "case_kind.unreadable",
            file: file.to_owned(),
            line: None,
            place: String::new(),
            what: Text::fixed("尚不能读取", "cannot be read yet"),
            cure: Text::fixed("", ""),
        }])
    }
}
