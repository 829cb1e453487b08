//! What a file is, by its bytes; and whether its name says the same.

use crate::zip;
use crate::{EvidenceError, MediaType};

/// Endings of programs.
const PROGRAMS: &[&str] = &[
    "apk", "app", "bat", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "jar", "js", "lnk",
    "mjs", "msi", "php", "pl", "ps1", "py", "scr", "sh", "so", "vbs", "wasm", "wsf",
];
/// Endings of documents that can run what they carry.
const ACTIVE: &[&str] = &[
    "doc", "docm", "dot", "dotm", "htm", "html", "mht", "mhtml", "ppt", "pptm", "rtf", "shtml",
    "svg", "swf", "xhtml", "xla", "xlam", "xls", "xlsb", "xlsm", "xml", "xsl", "xslt",
];
/// How programs begin: Windows, Unix, macOS (four ways), Java, Android, WebAssembly, scripts.
const PROGRAM_STARTS: &[&[u8]] = &[
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
    b"\0asm",
    b"#!",
];
/// How an older office document begins, and how one of rich text does.
const ACTIVE_STARTS: &[&[u8]] = &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"];
/// The kinds of film within the container of MP4; pictures of the kind HEIF have others.
const FILM_BRANDS: &[&[u8]] = &[
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso8", b"mp41", b"mp42", b"mp71",
    b"avc1", b"dash", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"mmp4", b"3gp4", b"3gp5", b"3gp6",
    b"3gp7", b"3gs7", b"3ge6", b"3g2a", b"qt  ",
];
/// What a page or a drawing begins with, after a `<`, in small letters.
const ACTIVE_TAGS: &[&[u8]] =
    &[b"script", b"html", b"!doctype", b"svg", b"iframe", b"object", b"embed", b"?xml", b"?php"];

/// The type of these bytes, when it is one that is taken and `name` says no other.
pub(crate) fn recognise(name: &str, bytes: &[u8]) -> Result<MediaType, EvidenceError> {
    if bytes.is_empty() {
        return Err(EvidenceError::Empty);
    }
    let ending = ending(&visible(name));
    let says = |list: &[&str]| ending.as_deref().is_some_and(|ending| list.contains(&ending));
    if says(PROGRAMS) {
        return Err(EvidenceError::Executable);
    }
    if says(ACTIVE) {
        return Err(EvidenceError::Active);
    }
    let found = type_of(bytes)?;
    match ending {
        Some(ending) if !found.endings().contains(&ending.as_str()) => {
            Err(EvidenceError::named(&ending, found))
        }
        _ => Ok(found),
    }
}

/// The type of a picture by its first bytes.
pub(crate) fn picture(bytes: &[u8]) -> Option<MediaType> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        Some(MediaType::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(MediaType::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(MediaType::Webp)
    } else {
        None
    }
}

fn type_of(bytes: &[u8]) -> Result<MediaType, EvidenceError> {
    let begins = |list: &[&[u8]]| list.iter().any(|start| bytes.starts_with(start));
    if let Some(picture) = picture(bytes) {
        return Ok(picture);
    }
    if bytes.starts_with(b"%PDF-") {
        return Ok(MediaType::Pdf);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let is_film = bytes.get(8..12).is_some_and(|brand| FILM_BRANDS.contains(&brand));
        return if is_film { Ok(MediaType::Mp4) } else { Err(EvidenceError::Type) };
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return office(bytes);
    }
    if begins(PROGRAM_STARTS) {
        return Err(EvidenceError::Executable);
    }
    if begins(ACTIVE_STARTS) {
        return Err(EvidenceError::Active);
    }
    text(bytes)
}

/// A workbook or a document, by the names within its archive; nothing is unpacked.
fn office(bytes: &[u8]) -> Result<MediaType, EvidenceError> {
    let names = zip::names(bytes).ok_or(EvidenceError::Type)?;
    let holds = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    let may_run = |name: &String| {
        let name = name.to_ascii_lowercase();
        ["vbaproject", "/activex/", "/macrosheets/"].iter().any(|part| name.contains(part))
    };
    if names.iter().any(may_run) {
        return Err(EvidenceError::Active);
    }
    if !holds("[Content_Types].xml") {
        return Err(EvidenceError::Type);
    }
    match (holds("xl/workbook.xml"), holds("word/document.xml")) {
        (true, false) => Ok(MediaType::Xlsx),
        (false, true) => Ok(MediaType::Docx),
        _ => Err(EvidenceError::Type),
    }
}

/// Text in UTF-8 or GB 18030, without control characters, and no page in disguise.
fn text(bytes: &[u8]) -> Result<MediaType, EvidenceError> {
    let is_control = |byte: &u8| (*byte < 0x20 && !b"\t\n\r\x0c".contains(byte)) || *byte == 0x7f;
    if bytes.iter().any(is_control) {
        return Err(EvidenceError::Type);
    }
    let chinese = || {
        let code = encoding_rs::GB18030;
        code.decode_without_bom_handling_and_without_replacement(bytes).is_some()
    };
    if std::str::from_utf8(bytes).is_err() && !chinese() {
        return Err(EvidenceError::Type);
    }
    if is_page(bytes) { Err(EvidenceError::Active) } else { Ok(MediaType::Text) }
}

fn is_page(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'<').skip(1).any(|after| {
        ACTIVE_TAGS
            .iter()
            .any(|tag| after.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
    })
}

/// The ending of a name in small letters, when it is one: a number behind a point is none.
fn ending(name: &str) -> Option<String> {
    let (_, ending) = name.rsplit_once('.')?;
    let has_letter = ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_ending = ending.len() <= 8 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (has_letter && is_ending).then(|| ending.to_ascii_lowercase())
}

/// How many characters of a name are kept.
const NAME_LETTERS_MAX: usize = 120;

/// A name without folders, control characters, turned writing, and what file systems dislike; with
/// an ending of its type.
pub(crate) fn clean_name(name: &str, found: MediaType) -> String {
    let name = visible(name);
    let (stem, ending) = match (ending(&name), name.rsplit_once('.')) {
        (Some(ending), Some((stem, _))) => (stem, ending),
        _ => (name.as_str(), found.endings()[0].to_owned()),
    };
    let stem: String = stem.trim_end().chars().take(NAME_LETTERS_MAX).collect();
    let stem = if stem.is_empty() { "file" } else { stem.as_str() };
    format!("{stem}.{ending}")
}

/// What is seen of a name, without its folders.
fn visible(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|letter| !letter.is_control() && !is_invisible(*letter))
        .map(|letter| if "<>:\"|?*".contains(letter) { '_' } else { letter })
        .collect();
    kept.trim_matches(|letter: char| letter == '.' || letter.is_whitespace()).to_owned()
}

/// Characters that change what is seen and are not seen themselves.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{061c}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(name: &str, bytes: &[u8]) -> &'static str {
        match recognise(name, bytes) {
            Ok(found) => found.as_str(),
            Err(problem) => problem.code(),
        }
    }

    #[test]
    fn bytes_decide_and_the_name_may_not_say_otherwise() {
        let film = b"\0\0\0\x18ftypmp42\0\0\0\0";
        for (name, bytes, wanted) in [
            ("a.jpg", &b"\xff\xd8\xff\xe0rest"[..], "image/jpeg"),
            ("A.JPEG", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            ("image", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            ("2026.11.29", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            ("a.png", b"\xff\xd8\xff\xe0rest", "evidence.name"),
            ("a.pdf", b"\xff\xd8\xff\xe0rest", "evidence.name"),
            ("a.exe", b"\xff\xd8\xff\xe0rest", "evidence.executable"),
            ("a.ex\u{200b}e. ", b"\xff\xd8\xff\xe0rest", "evidence.executable"),
            ("a.exe/photo", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            ("a.svg", b"\xff\xd8\xff\xe0rest", "evidence.active_content"),
            ("a.png", b"\x89PNG\r\n\x1a\nrest", "image/png"),
            ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            ("a.webp", b"RIFF\0\0\0\0WAVEfmt ", "evidence.type"),
            ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
            ("a.mp4", film, "video/mp4"),
            ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0", "video/mp4"),
            ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "evidence.type"),
            ("说明.txt", "黑烟从东侧烟囱冒出".as_bytes(), "text/plain"),
            ("gbk.csv", b"\xba\xda\xd1\xcc,1\r\n", "text/plain"),
            ("a.txt", b"MZ\x90\0", "evidence.executable"),
            ("a.txt", b"\x7fELF\x02", "evidence.executable"),
            ("a.txt", b"#!/bin/sh\nrm", "evidence.executable"),
            ("a.txt", b"  <!DOCTYPE html><p>", "evidence.active_content"),
            ("a.txt", b"words <ScRiPt>alert(1)", "evidence.active_content"),
            ("a.jpg", b"<svg onload=x>", "evidence.active_content"),
            ("a.txt", b"1 < 2 and 3 > 2", "text/plain"),
            ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "evidence.active_content"),
            ("a", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "evidence.active_content"),
            ("a.txt", b"a\0b", "evidence.type"),
            ("a.txt", b"\xff\xff\xff", "evidence.type"),
            ("a.zip", b"PK\x03\x04rest", "evidence.type"),
            ("a.txt", b"", "evidence.empty"),
        ] {
            assert_eq!(code(name, bytes), wanted, "{name} {bytes:?}");
        }
    }

    #[test]
    fn names_lose_what_surprises() {
        for (name, wanted) in [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/photo.JPG", "photo.jpg"),
            ("C:\\fakepath\\现场 1.jpg", "现场 1.jpg"),
            ("gpj\u{202e}exe.jpg", "gpjexe.jpg"),
            ("a\r\nb\".jpg", "ab_.jpg"),
            ("", "file.jpg"),
            ("..", "file.jpg"),
            ("blob", "blob.jpg"),
            ("2026.11.29", "2026.11.29.jpg"),
        ] {
            assert_eq!(clean_name(name, MediaType::Jpeg), wanted, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_under_any_name_are_answered(
            name in ".{0,40}",
            start in prop::sample::select(vec![
                &b""[..], b"PK\x03\x04", b"\xff\xd8\xff", b"%PDF-", b"\0\0\0\x18ftyp", b"RIFF",
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let bytes = [start, rest.as_slice()].concat();
            if let Ok(found) = recognise(&name, &bytes) {
                let clean = clean_name(&name, found);
                prop_assert!(!clean.contains(['/', '\\', '\r', '\n', '"']));
                prop_assert!(clean.chars().count() <= NAME_LETTERS_MAX + 9);
                prop_assert!(recognise(&clean, &bytes).is_ok(), "{clean}");
            }
        }
    }
}
