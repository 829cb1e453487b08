//! The names in a ZIP archive, from its central directory: enough to tell office documents apart.

/// The end of the central directory has 22 bytes and at most so long a comment behind it.
const COMMENT_MAX: usize = 65_535;
const END_SIZE: usize = 22;
const ENTRY_SIZE: usize = 46;
/// Office documents have some dozens of parts, with pictures some hundreds.
const ENTRIES_MAX: usize = 20_000;

/// The names of all parts, or `None` when this is no whole archive.
pub(crate) fn names(bytes: &[u8]) -> Option<Vec<String>> {
    let end = end_of_directory(bytes)?;
    let count = usize::from(short(end, 10)?);
    let size = long(end, 12)?;
    let start = long(end, 16)?;
    if count > ENTRIES_MAX {
        return None;
    }
    let mut rest = bytes.get(start..start.checked_add(size)?)?;
    let mut names = Vec::with_capacity(count);
    for _ in 0..count {
        if !rest.starts_with(b"PK\x01\x02") {
            return None;
        }
        let name = usize::from(short(rest, 28)?);
        let behind = usize::from(short(rest, 30)?) + usize::from(short(rest, 32)?);
        let text = rest.get(ENTRY_SIZE..ENTRY_SIZE + name)?;
        names.push(String::from_utf8_lossy(text).replace('\\', "/"));
        rest = rest.get(ENTRY_SIZE + name + behind..)?;
    }
    Some(names)
}

/// The record at the end, found from behind.
fn end_of_directory(bytes: &[u8]) -> Option<&[u8]> {
    let last = bytes.len().checked_sub(END_SIZE)?;
    let first = last.saturating_sub(COMMENT_MAX);
    (first..=last).rev().map(|at| &bytes[at..]).find(|end| {
        let is_end = end.starts_with(b"PK\x05\x06");
        is_end && short(end, 20).is_some_and(|comment| END_SIZE + usize::from(comment) == end.len())
    })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let value = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
    usize::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::recognise;
    use proptest::prelude::*;

    /// An archive of empty parts.
    fn archive(parts: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut directory = Vec::new();
        for part in parts {
            let at = bytes.len() as u32;
            let size = (part.len() as u16).to_le_bytes();
            let local = [&b"PK\x03\x04"[..], &[0; 22], &size, &[0; 2], part.as_bytes()].concat();
            bytes.extend(local);
            let entry = [&b"PK\x01\x02"[..], &[0; 24], &size, &[0; 12], &at.to_le_bytes()];
            directory.extend([&entry.concat()[..], part.as_bytes()].concat());
        }
        let (start, size) = (bytes.len() as u32, directory.len() as u32);
        let many = (parts.len() as u16).to_le_bytes();
        bytes.extend(directory);
        let end = [&b"PK\x05\x06"[..], &[0; 4], &many, &many, &size.to_le_bytes()];
        bytes.extend([&end.concat()[..], &start.to_le_bytes(), &[0; 2]].concat());
        bytes
    }

    #[test]
    fn office_documents_are_told_apart_by_their_parts() {
        let types = "[Content_Types].xml";
        for (name, parts, wanted) in [
            ("a.xlsx", vec![types, "xl/workbook.xml"], Ok("xlsx")),
            ("a.docx", vec![types, "word/document.xml"], Ok("docx")),
            ("a.docx", vec![types, "xl/workbook.xml"], Err("evidence.name")),
            (
                "a.xlsx",
                vec![types, "xl/workbook.xml", "xl/vbaProject.bin"],
                Err("evidence.active_content"),
            ),
            (
                "a.docx",
                vec![types, "word/document.xml", "word/activeX/activeX1.xml"],
                Err("evidence.active_content"),
            ),
            ("a.xlsx", vec!["xl/workbook.xml"], Err("evidence.type")),
            ("a.xlsx", vec![types], Err("evidence.type")),
            ("a.zip", vec!["a.txt"], Err("evidence.type")),
        ] {
            let found = recognise(name, &archive(&parts));
            let found = found.map(|found| found.endings()[0]).map_err(|problem| problem.code());
            assert_eq!(found, wanted, "{name} {parts:?}");
        }
    }

    #[test]
    fn an_archive_that_was_cut_has_no_names() {
        let whole = archive(&["[Content_Types].xml", "word/document.xml"]);
        assert_eq!(names(&whole).map(|names| names.len()), Some(2));
        for length in 0..whole.len() {
            assert_eq!(names(&whole[..length]), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn damaged_archives_are_answered(
            at in 0_usize..200,
            value in any::<u8>(),
            comment in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let mut bytes = archive(&["[Content_Types].xml", "word/document.xml"]);
            let length = bytes.len();
            bytes[at % length] = value;
            bytes.extend(comment);
            let found = names(&bytes).map_or(0, |names| names.len());
            prop_assert!(found <= bytes.len() / ENTRY_SIZE);
        }
    }
}
