//! The document as Word: the few parts of OOXML that it needs, in a ZIP archive.

mod body;
mod parts;

use crate::DocumentError;
use crate::model::Document;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

pub(crate) fn write(document: &Document) -> Result<Vec<u8>, DocumentError> {
    let failed = |error: zip::result::ZipError| DocumentError::Word(error.to_string());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // A fixed time: the same document gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let files = [
        ("[Content_Types].xml", parts::CONTENT_TYPES.to_owned()),
        ("_rels/.rels", parts::RELATIONS.to_owned()),
        ("docProps/core.xml", parts::properties(document)),
        ("word/_rels/document.xml.rels", parts::DOCUMENT_RELATIONS.to_owned()),
        ("word/document.xml", body::xml(document)),
        ("word/fontTable.xml", parts::FONT_TABLE.to_owned()),
        ("word/footer1.xml", parts::footer(document)),
        ("word/styles.xml", parts::styles(document.layout)),
    ];
    for (name, text) in files {
        archive.start_file(name, options).map_err(failed)?;
        archive
            .write_all(text.as_bytes())
            .map_err(|error| DocumentError::Word(error.to_string()))?;
    }
    Ok(archive.finish().map_err(failed)?.into_inner())
}

/// A text as XML holds it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            other if other.is_control() || matches!(other, '\u{FFFE}' | '\u{FFFF}') => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_text_is_escaped() {
        assert_eq!(escaped("a<b> & \"c\"\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot;");
    }
}
