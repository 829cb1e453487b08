//! What stands in the log: entries without personal data, and their names.

use crate::{Hash, canonical};
use jiff::Timestamp;
use rulebook::Period;
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// An entry (日志条目) as everybody may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An audit record (审计记录): its number, and a digest over a secret salt and its text.
    Audit {
        /// The record's number.
        record: i64,
        /// SHA-256 over salt and canonical text.
        digest: Hash,
    },
    /// The packets received in an hour (原始数据包): a digest over a secret salt and every block.
    Packets {
        /// The hour.
        hour: Timestamp,
        /// How many blocks.
        blocks: u64,
        /// SHA-256 over salt, numbers and digests of the blocks.
        digest: Hash,
    },
    /// What was published of a point and hour (公开数据): anyone can compute the digest.
    Figure {
        /// The point, `air-station/1001A`.
        point: String,
        /// The period.
        period: Period,
        /// Its start.
        time: Timestamp,
        /// 1 at first, one more for each correction.
        version: i64,
        /// SHA-256 over the canonical figure.
        digest: Hash,
        /// SHA-256 over the canonical verdict, where the figure was judged.
        verdict: Option<Hash>,
    },
}

/// The kinds of entries, as words.
pub const KINDS: [&str; 3] = ["audit", "packets", "figure"];

impl Entry {
    /// The kind as a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Audit { .. } => KINDS[0],
            Self::Packets { .. } => KINDS[1],
            Self::Figure { .. } => KINDS[2],
        }
    }

    /// Under which name it is found.
    pub fn name(&self) -> EntryName {
        match self {
            Self::Audit { record, .. } => EntryName::Audit(*record),
            Self::Packets { hour, .. } => EntryName::Packets(*hour),
            Self::Figure { point, period, time, .. } => {
                EntryName::Figure { point: point.clone(), period: *period, time: *time }
            }
        }
    }

    /// 1, and more where what the name means was corrected.
    pub const fn version(&self) -> i64 {
        match self {
            Self::Audit { .. } | Self::Packets { .. } => 1,
            Self::Figure { version, .. } => *version,
        }
    }

    /// The entry as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Audit { record, digest } => {
                json!({ "kind": self.kind(), "record": record, "digest": digest.to_hex() })
            }
            Self::Packets { hour, blocks, digest } => json!({
                "kind": self.kind(),
                "hour": hour.to_string(),
                "blocks": blocks,
                "digest": digest.to_hex(),
            }),
            Self::Figure { point, period, time, version, digest, verdict } => json!({
                "kind": self.kind(),
                "point": point,
                "period": period.as_str(),
                "time": time.to_string(),
                "version": version,
                "digest": digest.to_hex(),
                "verdict": verdict.map(Hash::to_hex),
            }),
        }
    }

    /// The bytes that are hashed into the tree.
    pub fn to_text(&self) -> String {
        canonical(&self.to_json())
    }

    /// Reads what [`Entry::to_text`] wrote; `None` where it is not exactly that.
    pub fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let entry = Self::of_json(&value)?;
        (entry.to_text() == text).then_some(entry)
    }

    /// Reads what [`Entry::to_json`] wrote.
    pub fn of_json(value: &Value) -> Option<Self> {
        let word = |name: &str| value[name].as_str();
        let digest = Hash::from_hex(word("digest")?)?;
        match word("kind")? {
            "audit" => Some(Self::Audit { record: value["record"].as_i64()?, digest }),
            "packets" => Some(Self::Packets {
                hour: word("hour")?.parse().ok()?,
                blocks: value["blocks"].as_u64()?,
                digest,
            }),
            "figure" => Some(Self::Figure {
                point: word("point")?.to_owned(),
                period: Period::parse(word("period")?)?,
                time: word("time")?.parse().ok()?,
                version: value["version"].as_i64()?,
                digest,
                verdict: match &value["verdict"] {
                    Value::Null => None,
                    digits => Some(Hash::from_hex(digits.as_str()?)?),
                },
            }),
            _ => None,
        }
    }
}

/// How an entry is asked for: `audit:17`, `packets:2026-11-29T03:00:00Z`,
/// `figure:air-station/1001A:hour:2026-11-29T03:00:00Z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryName {
    /// An audit record by its number.
    Audit(i64),
    /// The packets of an hour.
    Packets(Timestamp),
    /// A published figure.
    Figure {
        /// The point, `air-station/1001A`.
        point: String,
        /// The period.
        period: Period,
        /// Its start.
        time: Timestamp,
    },
}

/// A text that names no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no entry: audit:NUMBER, packets:HOUR or figure:POINT:PERIOD:TIME, as in \
     figure:air-station/1001A:hour:2026-11-29T03:00:00Z"
)]
pub struct EntryNameError(String);

impl fmt::Display for EntryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audit(record) => write!(formatter, "audit:{record}"),
            Self::Packets(hour) => write!(formatter, "packets:{hour}"),
            Self::Figure { point, period, time } => {
                write!(formatter, "figure:{point}:{}:{time}", period.as_str())
            }
        }
    }
}

impl FromStr for EntryName {
    type Err = EntryNameError;

    fn from_str(text: &str) -> Result<Self, EntryNameError> {
        named(text.trim()).ok_or_else(|| EntryNameError(text.to_owned()))
    }
}

fn named(text: &str) -> Option<EntryName> {
    let (kind, rest) = text.split_once(':')?;
    match kind {
        "audit" => Some(EntryName::Audit(rest.parse().ok()?)),
        "packets" => Some(EntryName::Packets(rest.parse().ok()?)),
        "figure" => {
            let (point, rest) = rest.split_once(':')?;
            let (period, time) = rest.split_once(':')?;
            Some(EntryName::Figure {
                point: point.to_owned(),
                period: Period::parse(period)?,
                time: time.parse().ok()?,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time() -> Timestamp {
        "2026-11-29T03:00:00Z".parse().expect("a time")
    }

    fn some() -> [Entry; 4] {
        let digest = Hash::of(&[b"x"]);
        let figure = |version, verdict| Entry::Figure {
            point: "air-station/1001A".into(),
            period: Period::Hour,
            time: time(),
            version,
            digest,
            verdict,
        };
        [
            Entry::Audit { record: 17, digest },
            Entry::Packets { hour: time(), blocks: 3, digest },
            figure(1, None),
            figure(2, Some(digest)),
        ]
    }

    #[test]
    fn entries_come_back_from_their_text_and_nothing_else_does() {
        for entry in some() {
            let text = entry.to_text();
            assert_eq!(Entry::parse(&text), Some(entry));
            assert_eq!(Entry::parse(&text.replace(':', ": ")), None, "blanks are not canonical");
            assert_eq!(Entry::parse(&text.replace("digest", "digits")), None);
        }
        assert_eq!(Entry::parse("{}"), None);
        assert!(some()[0].to_text().starts_with("{\"digest\":\""));
    }

    #[test]
    fn names_come_back_and_others_are_refused() {
        for entry in some() {
            let name = entry.name();
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for wrong in [
            "",
            "audit",
            "audit:x",
            "packets:",
            "packets:yesterday",
            "figure:a:hour",
            "figure:a:week:2026-11-29T03:00:00Z",
            "case:1",
        ] {
            let error = wrong.parse::<EntryName>().expect_err(wrong);
            assert!(error.to_string().contains("audit:NUMBER"), "{error}");
        }
    }
}
