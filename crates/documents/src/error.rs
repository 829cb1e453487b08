//! What can fail in making a document.

use std::path::PathBuf;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// No font with Chinese characters was found.
    #[error(
        "no Chinese font was found: install Debian's fonts-noto-cjk, name a TTF, OTF or TTC file \
         by documents.font, or build the front end, which ships one"
    )]
    NoFont,
    /// The file that the setting names is no font.
    #[error("{path} is no font that can be read: {why}; documents.font names a TTF, OTF or TTC")]
    Font {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The PDF could not be written.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
    /// The Word file could not be written.
    #[error("the Word file could not be written: {0}")]
    Word(String),
}

impl DocumentError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoFont => "documents.no_font",
            Self::Font { .. } => "documents.font",
            Self::Pdf(_) => "documents.pdf",
            Self::Word(_) => "documents.word",
        }
    }
}
