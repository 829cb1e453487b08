//! What the city publishes hour by hour, in the form over which its digest is made.

mod read;
#[cfg(test)]
mod tests;

pub use read::{ReadFigures, read};

use crate::{Entry, EntryName, Hash, canonical};
use evaluation::{StoredVerdict, Verdict};
use jiff::Timestamp;
use observations::Row;
use registry::{MonitoringPoint, PointKind, Snapshot};
use rulebook::{Decimal, Period, Text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A published figure (公开数据): the values of a point for a period, as everybody can download them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The point, `air-station/1001A`.
    pub point: String,
    /// The period.
    pub period: Period,
    /// Its start.
    pub time: Timestamp,
    /// The values by the name of their factor; `None` where none was published.
    pub values: BTreeMap<String, Option<Decimal>>,
}

impl Figure {
    /// The figure as JSON: decimals as texts without zeroes at their end.
    pub fn to_json(&self) -> Value {
        let values: BTreeMap<&String, Option<String>> =
            self.values.iter().map(|(name, value)| (name, value.map(plain))).collect();
        json!({
            "point": self.point,
            "period": self.period.as_str(),
            "time": self.time.to_string(),
            "values": values,
        })
    }

    /// The canonical text, over which the digest is made.
    pub fn to_text(&self) -> String {
        canonical(&self.to_json())
    }

    /// The digest that the log holds.
    pub fn digest(&self) -> Hash {
        Hash::of(&[self.to_text().as_bytes()])
    }

    /// Under which name the log holds it.
    pub fn name(&self) -> EntryName {
        EntryName::Figure { point: self.point.clone(), period: self.period, time: self.time }
    }

    /// The entry of this figure.
    pub(crate) fn entry(&self, version: i64, verdict: Option<&StoredVerdict>) -> Entry {
        Entry::Figure {
            point: self.point.clone(),
            period: self.period,
            time: self.time,
            version,
            digest: self.digest(),
            verdict: verdict.map(digest_of_verdict),
        }
    }
}

/// A decimal as the canonical form wants it: `12.50` and `12.5` are the same number.
fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// The name of a point in the log.
pub fn point_name(point: &MonitoringPoint) -> String {
    format!("{}/{}", point.kind().as_str(), point.code)
}

/// The digest over a verdict as the interface gives it under `/api/v1/verdicts/{id}`, without
/// `before`.
pub fn digest_of_verdict(stored: &StoredVerdict) -> Hash {
    let verdict = &stored.verdict;
    let value = json!({
        "id": stored.id,
        "version": stored.version,
        "judged_at": stored.judged_at.to_string(),
        "point": verdict.point.0,
        "rule": verdict.rule,
        "period": verdict.period.as_str(),
        "observed_at": verdict.observed_at.to_string(),
        "edition": verdict.edition,
        "outcome": verdict.outcome.as_str(),
        "value": verdict.value.map(|value| value.to_string()),
        "level": verdict.level,
        "source": { "block": verdict.source.block, "index": verdict.source.index },
        "reasons": verdict.reasons,
    });
    Hash::of(&[canonical(&value).as_bytes()])
}

/// A value of a figure, and how files name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name in the figure: the factor's code, or `aqi`, `class`.
    pub name: &'static str,
    /// The head of its column in files, without the unit.
    pub title: Text,
    /// Words that stand for numbers in files: the names of classes.
    pub words: Vec<(Text, Decimal)>,
}

impl Part {
    /// A number.
    pub const fn number(name: &'static str, title: Text) -> Self {
        Self { name, title, words: Vec::new() }
    }
}

/// Something that an area publishes of each point of a kind, period by period.
pub trait Publication: Send + Sync {
    /// Of which points.
    fn kind(&self) -> PointKind;

    /// For which period.
    fn period(&self) -> Period;

    /// By which rule it is judged.
    fn rule(&self) -> &'static str;

    /// Which form of publication it is: a higher number whenever the same row and verdict are shown
    /// otherwise than before, since the past is then published anew.
    fn edition(&self) -> u32;

    /// The values, in the order of the columns of the area's files.
    fn parts(&self) -> Vec<Part>;

    /// The values of a row, in the order of [`Publication::parts`], exactly as pages, files and
    /// interface show them.
    fn values(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        verdict: Option<&Verdict>,
    ) -> Vec<Option<Decimal>>;
}

/// The figure of a row.
pub fn figure_of(
    publication: &dyn Publication,
    snapshot: &Snapshot,
    point: String,
    row: &Row,
    verdict: Option<&Verdict>,
) -> Figure {
    let names = publication.parts().into_iter().map(|part| part.name.to_owned());
    let values = publication.values(snapshot, row, verdict);
    Figure { point, period: row.period, time: row.observed_at, values: names.zip(values).collect() }
}

/// All that an installation publishes. Cheap to clone.
#[derive(Clone, Default)]
pub struct Publications(Arc<[Arc<dyn Publication>]>);

impl Publications {
    /// These.
    pub fn new(all: Vec<Arc<dyn Publication>>) -> Self {
        Self(all.into())
    }

    /// What is published of points of this kind for this period.
    pub fn of(&self, kind: PointKind, period: Period) -> Option<&dyn Publication> {
        self.iter().find(|one| one.kind() == kind && one.period() == period)
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Publication> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// All of them with their editions, as a text that changes when any of them does.
    pub(crate) fn editions(&self) -> String {
        let edition = |one: &dyn Publication| {
            format!("{}:{}:{}", one.kind().as_str(), one.period().as_str(), one.edition())
        };
        self.iter().map(edition).collect::<Vec<_>>().join(" ")
    }

    /// The publication to which the point of a figure belongs, by its name.
    pub fn of_point(&self, point: &str, period: Period) -> Option<&dyn Publication> {
        let kind = PointKind::parse(point.split_once('/')?.0)?;
        self.of(kind, period)
    }
}
