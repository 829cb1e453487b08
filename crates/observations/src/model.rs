//! The nouns: a row, its values, the packet it came from, what a delivery did.

use crate::trace::TracePlace;
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::ops::BitOr;
use std::sync::Arc;

/// What identifies a row: one point, one period, one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// The monitoring point.
    pub point: PointId,
    /// The averaging period.
    pub period: Period,
    /// Start of the period, or the instant of a real-time value; whole seconds count.
    pub observed_at: Timestamp,
}

/// Where a row came from: a packet in a block of the commit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The block, in the order of commits.
    pub block: i64,
    /// The packet within the block, from 0.
    pub index: u32,
}

/// All factors of one point, period and time, as they stand now.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The monitoring point.
    pub point: PointId,
    /// The averaging period.
    pub period: Period,
    /// Start of the period; the instant for [`Period::RealTime`].
    pub observed_at: Timestamp,
    /// When the packet came that last changed the row.
    pub received_at: Timestamp,
    /// That packet.
    pub source: Source,
    /// 1 at first, one more for each packet that added to or changed the row.
    pub version: u32,
    /// The factors, in the order in which they came.
    pub values: Vec<FactorValue>,
}

impl Row {
    /// What identifies the row.
    pub const fn key(&self) -> RowKey {
        RowKey { point: self.point, period: self.period, observed_at: self.observed_at }
    }

    /// The order of time.
    pub(crate) fn cmp_time(&self, other: &Self) -> std::cmp::Ordering {
        self.observed_at.cmp(&other.observed_at)
    }

    /// The value of a factor, if the row holds it.
    pub fn factor(&self, factor: FactorId) -> Option<&FactorValue> {
        self.values.iter().find(|value| value.factor == factor)
    }
}

/// One factor of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorValue {
    /// The factor.
    pub factor: FactorId,
    /// The instantaneous value (`Rtd`) or the mean of the period (`Avg`).
    pub value: Option<Decimal>,
    /// The smallest in the period (`Min`).
    pub min: Option<Decimal>,
    /// The largest in the period (`Max`).
    pub max: Option<Decimal>,
    /// The quantity discharged in the period (`Cou`, 累计值).
    pub sum: Option<Decimal>,
    /// `value` converted to the reference oxygen content (`ZsRtd`, `ZsAvg`, 折算值).
    pub converted: Option<Decimal>,
    /// `min` converted (`ZsMin`).
    pub converted_min: Option<Decimal>,
    /// `max` converted (`ZsMax`).
    pub converted_max: Option<Decimal>,
    /// The letter of `Flag` that the device gave (数据标记): `N`, `D`, `M`, … in ASCII.
    pub flag: Option<u8>,
    /// What the platform has noted about the value.
    pub marks: Marks,
}

impl FactorValue {
    /// A factor about which nothing is known yet.
    pub const fn empty(factor: FactorId) -> Self {
        Self {
            factor,
            value: None,
            min: None,
            max: None,
            sum: None,
            converted: None,
            converted_min: None,
            converted_max: None,
            flag: None,
            marks: Marks::NONE,
        }
    }

    /// A factor with one value.
    pub const fn of(factor: FactorId, value: Decimal) -> Self {
        let mut this = Self::empty(factor);
        this.value = Some(value);
        this
    }

    /// True when neither a number nor a flag is present.
    pub fn is_empty(&self) -> bool {
        self.flag.is_none() && self.numbers().iter().all(Option::is_none)
    }

    /// The numbers in the order of the fields.
    pub(crate) const fn numbers(&self) -> [Option<Decimal>; 7] {
        [
            self.value,
            self.min,
            self.max,
            self.sum,
            self.converted,
            self.converted_min,
            self.converted_max,
        ]
    }

    /// The same fields, to be written.
    pub(crate) const fn numbers_mut(&mut self) -> [&mut Option<Decimal>; 7] {
        [
            &mut self.value,
            &mut self.min,
            &mut self.max,
            &mut self.sum,
            &mut self.converted,
            &mut self.converted_min,
            &mut self.converted_max,
        ]
    }
}

/// What the platform has noted about a value, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(pub u32);

impl Marks {
    /// Nothing noted.
    pub const NONE: Self = Self(0);
    /// Came long after it was due: backlog or answer to a request for history (补传).
    pub const LATE: Self = Self(1);
    /// Read from a file that a person imported (人工导入).
    pub const FROM_FILE: Self = Self(1 << 1);
    /// Read from a publication feed (公开发布).
    pub const FROM_FEED: Self = Self(1 << 2);
    /// Generated for demonstration (演示数据).
    pub const DEMO: Self = Self(1 << 3);
    /// The packet broke the protocol in a way that the receiver tolerates.
    pub const QUIRK: Self = Self(1 << 4);

    /// True when all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Who sent a packet, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The device's MN.
    pub device: Option<Arc<str>>,
    /// The network address, or the name of the file or feed.
    pub peer: Arc<str>,
}

/// One packet (or file, or response of a feed) to be recorded with the rows read from it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// When they came.
    pub received_at: Timestamp,
    /// From whom.
    pub origin: Origin,
    /// What was read from them; may be empty, the packet is kept all the same.
    pub rows: Vec<NewRow>,
}

/// A row to be recorded.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The monitoring point.
    pub point: PointId,
    /// The averaging period.
    pub period: Period,
    /// Start of the period; the instant for [`Period::RealTime`].
    pub observed_at: Timestamp,
    /// The factors.
    pub values: Vec<FactorValue>,
}

impl NewRow {
    /// What identifies the row.
    pub const fn key(&self) -> RowKey {
        RowKey { point: self.point, period: self.period, observed_at: self.observed_at }
    }
}

/// What recording did with one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The first of its key.
    New,
    /// Everything in it was known already (重传).
    Duplicate,
    /// It added factors or fields to what was known.
    Merged,
    /// It said something else than was known; the older state is kept as a [`Revision`].
    Revised,
}

/// Where a delivery is kept and what became of its rows, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The packet's place in the commit log.
    pub source: Source,
    /// One outcome a row.
    pub outcomes: Vec<Outcome>,
}

/// What a row was before another packet changed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The older state, with its own source and time of receipt.
    pub row: Row,
    /// When the packet came that superseded it.
    pub superseded_at: Timestamp,
    /// That packet.
    pub superseded_by: Source,
}

/// A packet as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawPacket {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// When they came.
    pub received_at: Timestamp,
    /// The device's MN, if one was known.
    pub device: Option<String>,
    /// The network address, or the name of the file or feed.
    pub peer: String,
}

/// A block of the commit log as it is stored, for whoever vouches for every byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlock {
    /// The commit's number.
    pub id: i64,
    /// When its first packet came, in milliseconds since 1970.
    pub first_received_at_ms: i64,
    /// When its last packet came.
    pub last_received_at_ms: i64,
    /// How many packets.
    pub packets: i64,
    /// Their bytes before compression.
    pub size: i64,
    /// How it is compressed.
    pub codec: i64,
    /// The packed keys of the rows touched.
    pub touched: Vec<u8>,
    /// The compressed packets.
    pub bytes: Vec<u8>,
}

/// The rows that one commit added or changed, in the state after it.
#[derive(Clone, Debug)]
pub struct CommittedBatch {
    /// The commit's number: they rise without end.
    pub block: i64,
    /// The rows; a row is here once even if several packets of the commit touched it.
    pub rows: Arc<[Arc<Row>]>,
    /// Where the commit stands in a trace; nowhere when it is read from the store.
    pub trace: TracePlace,
}

/// How far a stream of deliveries is recorded by a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamPosition {
    /// The stream, by a name that no other stream ever had.
    pub stream: Arc<str>,
    /// The number of the last message that was recorded before; 0 before the first.
    pub before: u64,
    /// The number of the last message that is recorded by this submission.
    pub sequence: u64,
}
