//! Draws a declaration.

use rulebook::Language;

use crate::model::CaseKind;

impl CaseKind {
    /// The states and transitions as a Mermaid `stateDiagram-v2`.
    pub fn draw(&self, _language: Language) -> String {
        String::new()
    }

    /// The states and transitions as a picture.
    pub fn draw_svg(&self, _language: Language) -> String {
        String::new()
    }

    /// The states, transitions and clocks as plain text.
    pub fn draw_text(&self, _language: Language) -> String {
        String::new()
    }
}
