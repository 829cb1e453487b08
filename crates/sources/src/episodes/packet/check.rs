//! Checking a packet: is it as it was signed, and does the log know of it?

use super::issue::KIND;
use crate::episodes::store::{self, EpisodeError, Packet};
use ::store::Store;
use documents::split_trailer;
use rulebook::Text;
use transparency::{Entry, EntryName, Hash, Note, Opening, VerifierKey, check_proof};

/// What a check found (核验结果).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The packet's number, `2026-1`, as it was signed.
    pub number: Option<String>,
    /// When it was issued, as it was signed.
    pub issued: Option<String>,
    /// The digest of what is signed, computed from the file.
    pub sha256: Option<String>,
    /// What was looked at, in order, and how it came out.
    pub steps: Vec<(bool, Text)>,
    /// What was issued, where this installation knows it.
    pub packet: Option<Packet>,
}

impl Checked {
    /// Whether all that was looked at is right.
    pub fn is_right(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|(is_right, _)| *is_right)
    }

    fn step(&mut self, is_right: bool, zh: impl Into<String>, en: impl Into<String>) -> bool {
        self.steps.push((is_right, Text::new(zh.into(), en.into())));
        is_right
    }
}

/// Checks a file by itself: its signature by one of these keys, and its bytes against the
/// signature.
pub fn check_file(bytes: &[u8], keys: &[VerifierKey]) -> Checked {
    let mut found =
        Checked { number: None, issued: None, sha256: None, steps: Vec::new(), packet: None };
    let split = bytes.starts_with(b"%PDF-").then(|| split_trailer(bytes)).flatten();
    let note = split.as_ref().and_then(|(_, text)| text.parse::<Note>().ok());
    let (Some((body, _)), Some(note)) = (split, note) else {
        found.step(
            false,
            "不是本平台签发的证据包：文件末尾没有签名，或文件在末尾被改动",
            "no packet of this platform: no signature stands at its end, or the end was altered",
        );
        return found;
    };
    let line = |name: &str| {
        let lines = note.text.lines();
        lines.filter_map(|line| line.strip_prefix(name)).map(str::trim).next().map(str::to_owned)
    };
    let digest = Hash::of(&[body]).to_hex();
    found.number = line("number ");
    found.issued = line("issued ");
    found.sha256 = Some(digest.clone());
    let is_signed =
        note.text.lines().next() == Some(KIND) && keys.iter().any(|key| key.check(&note).is_ok());
    found.step(
        is_signed,
        if is_signed { "签名属于日志公钥" } else { "签名不属于所给的日志公钥" },
        if is_signed {
            "the signature is that of the log's key"
        } else {
            "the signature is not that of a given key of the log"
        },
    );
    let is_whole = line("sha256 ") == Some(digest) && line("size ") == Some(body.len().to_string());
    found.step(
        is_whole,
        if is_whole {
            "文件内容与签名一致"
        } else {
            "文件内容与签名不一致：文件被改动"
        },
        if is_whole {
            "the file is as it was signed"
        } else {
            "the file is not as it was signed: it was altered"
        },
    );
    found
}

/// Checks a file also against this installation: the packet that was issued, the audit record that
/// names its digest, the proof that the record is in the log.
///
/// # Errors
/// When the store fails.
pub async fn check_with_store(
    store: &Store,
    bytes: &[u8],
    keys: &[VerifierKey],
) -> Result<Checked, EpisodeError> {
    let mut found = check_file(bytes, keys);
    if !found.is_right() {
        return Ok(found);
    }
    let Some(digest) = found.sha256.clone() else { return Ok(found) };
    let packet = store::packet_by_body(store, &digest).await?;
    let Some(packet) = packet else {
        found.step(false, "本平台没有签发过此文件", "this installation has not issued this file");
        return Ok(found);
    };
    found.step(
        true,
        format!("本平台已签发：第 {}-{} 号", packet.year, packet.number),
        format!("issued here under the number {}-{}", packet.year, packet.number),
    );
    logged(store, &packet, &digest, keys, &mut found).await?;
    found.packet = Some(packet);
    Ok(found)
}

/// Whether the log vouches for the audit record of a packet.
async fn logged(
    store: &Store,
    packet: &Packet,
    digest: &str,
    keys: &[VerifierKey],
    found: &mut Checked,
) -> Result<(), EpisodeError> {
    let name = EntryName::Audit(packet.audit);
    let Some(proof) = transparency::prove(store, &name, None).await? else {
        found.step(
            false,
            "签发记录尚未写入日志，请数秒后再核验",
            "the record of issuing is not in the log yet; check again in some seconds",
        );
        return Ok(());
    };
    let is_proven = check_proof(&proof, keys).is_ok();
    let opened = transparency::opening(store, &name).await?;
    let names_it = match (&proof.entry, &opened) {
        (Entry::Audit { digest: logged, .. }, Some(opening @ Opening::Audit { text, .. })) => {
            opening.digest() == Some(*logged)
                && text.as_ref().is_some_and(|text| text.contains(digest))
        }
        _ => false,
    };
    let size = proof.head().map_or(0, |head| head.size);
    found.step(
        is_proven && names_it,
        if is_proven && names_it {
            format!("签发记录 audit:{} 在日志中（检查点规模 {size}）", packet.audit)
        } else {
            format!("日志不能证明签发记录 audit:{}", packet.audit)
        },
        if is_proven && names_it {
            format!("the record audit:{} is in the log (checkpoint of size {size})", packet.audit)
        } else {
            format!("the log does not prove the record audit:{}", packet.audit)
        },
    );
    Ok(())
}
