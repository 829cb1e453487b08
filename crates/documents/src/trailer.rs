//! A signature behind the end of a PDF, in lines of comment that every reader passes over.
//!
//! A signature over a file cannot stand inside what it signs. It follows the last `%%EOF` as lines
//! that begin with `%~ `, so that one file can be handed on and checked alone: everything before
//! the first such line is what was signed.

/// What begins a line of the trailer.
const MARK: &str = "%~ ";
/// What begins an empty line of it.
const EMPTY: &str = "%~";
/// A trailer is at most so long; readers look for the end of the PDF near the end of the file.
const LONGEST: usize = 1000;

/// The PDF with a text behind its end; `None` where the text is too long for readers of PDF.
pub fn append(pdf: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut bytes = pdf.to_vec();
    if !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    let body = bytes.len();
    for line in text.lines() {
        let mark = if line.is_empty() { EMPTY } else { MARK };
        bytes.extend_from_slice(mark.as_bytes());
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    (bytes.len() - body <= LONGEST).then_some(bytes)
}

/// What was signed and the text behind it; `None` where there is no trailer.
pub fn split(bytes: &[u8]) -> Option<(&[u8], String)> {
    let from = bytes.len().saturating_sub(LONGEST);
    let behind = bytes.get(from..)?;
    let needle = format!("\n{MARK}");
    let at = behind.windows(needle.len()).position(|window| window == needle.as_bytes())?;
    let start = from + at + 1;
    let text = std::str::from_utf8(bytes.get(start..)?).ok()?;
    let mut lines = String::new();
    for line in text.lines() {
        lines.push_str(line.strip_prefix(MARK).or_else(|| line.strip_prefix(EMPTY))?);
        lines.push('\n');
    }
    Some((bytes.get(..start)?, lines))
}

#[cfg(test)]
mod tests {
    use super::{append, split};

    #[test]
    fn a_trailer_comes_back_with_what_it_follows() {
        let note = "lucid/350600/log\nsha256 00ff\n\n— lucid/350600/log AAAA\n";
        for pdf in [&b"%PDF-1.7\n%%EOF"[..], b"%PDF-1.7\n%%EOF\n"] {
            let whole = append(pdf, note).expect("short");
            let (body, text) = split(&whole).expect("a trailer");
            assert_eq!(body, b"%PDF-1.7\n%%EOF\n");
            assert_eq!(text, note);
        }
    }

    #[test]
    fn what_has_no_trailer_has_none() {
        assert_eq!(split(b"%PDF-1.7\n%%EOF\n"), None);
        assert_eq!(split(b""), None);
        assert_eq!(split(b"%PDF\n%~ a\nb\n"), None, "a foreign line spoils it");
        assert_eq!(append(b"%PDF", &"x".repeat(2000)), None);
    }
}
