//! Documents for people (公文与报告): one small model, drawn as PDF and written as Word.
//!
//! The layout follows GB/T 9704-2012 where a letter is asked for; a report is denser. The same
//! document, the same fonts and the same date give the same bytes.

mod docx;
mod error;
mod fonts;
mod lines;
mod model;
mod numbering;
mod pdf;
mod trailer;

pub use error::DocumentError;
pub use fonts::{FontShelf, Fonts, Shipped};
pub use model::{
    Alignment, Attachment, Block, Cell, Column, Document, Layout, LineChart, Row, Series, Table,
    Threshold, Verification,
};
pub use numbering::{chinese_date, chinese_number};
pub use trailer::{append as append_trailer, split as split_trailer};

impl Document {
    /// The document as PDF, with the glyphs that it needs embedded.
    ///
    /// # Errors
    /// When a character of the text stands in no font or the PDF cannot be written.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
        pdf::write(self, fonts)
    }

    /// The document as Word (OOXML), with fonts named and not embedded.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn docx(&self) -> Result<Vec<u8>, DocumentError> {
        docx::write(self)
    }
}
