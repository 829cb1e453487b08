//! A clock that was set (时钟被改): hours that end before they are over, or come at another distance
//! from their end than before.
//!
//! Looks at when each hour came in by the platform's clock and when it ended by the device's.
//!
//! # Formula
//! `o = received − ended`, in minutes, packet by packet in the order of receipt. Packets of a
//! backlog are left out: those that come within ten minutes after another one whose hour is a
//! different one.
//! - `from_the_future`: `clock.packets` packets in a row with `o ≤ −2`.
//! - `shifted`: `clock.packets` packets in a row with `|o − m| ≥ clock.minutes`, `m` the median of
//!   all, that differ among themselves by less than half of it.
//!
//! `strength = packets in a row / clock.packets, at most 4, plus |mean o − m| / clock.minutes, at
//! most 4, halved`.

use crate::detector::Definition;
use crate::sign::{Span, input};
use crate::statistics::median;
use crate::{Detector, Outlet, Parameters, Receipt, Sign};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("时钟异常", "clock tampering"),
    looks_at: Text::fixed(
        "平台收到各小时数据的时刻与数据所属时段(按设备时钟)结束时刻之差。",
        "How long after the end of its hour, by the device's clock, each packet comes in by the platform's.",
    ),
    formula: Text::fixed(
        "o = 收到时刻 − 时段结束(分钟),补传除外。连续若干包 o ≤ −2(来自未来),或 |o−中位数| ≥ 界限且彼此相差不到其一半(时钟整体偏移)为线索。强度 = (包数 ÷ 下限(最大 4)+ 偏移 ÷ 界限(最大 4))÷ 2。",
        "o = received − ended, in minutes, without backlogs. So many packets in a row with o ≤ −2 (from the future), or off the median by the bound and alike among themselves (a shifted clock), are a sign. Strength = half of packets over the least number (at most 4) plus shift over the bound (at most 4).",
    ),
    innocent: &[
        Text::fixed(
            "断电后时钟电池失效,重新对时之前偏移",
            "the clock's battery was empty after a power cut",
        ),
        Text::fixed("对时服务中断", "time synchronisation was interrupted"),
        Text::fixed("更换数采仪", "the logger was replaced"),
    ],
    advice: Text::fixed(
        "核对设备时间与标准时间;查对时命令(1011/1012)记录、修改者与重启记录;对照该时段分析仪本地存储。",
        "Compare the device's time with a true clock; look at time commands (1011, 1012), who gave them, and restarts; hold the analyser's own memory against those hours.",
    ),
};

/// Packets that follow each other within this, for different hours, are a backlog.
const BACKLOG_S: i64 = 600;
/// Earlier than this a packet comes from the future, minutes.
const FUTURE: f64 = -2.0;
/// So many packets are needed to know what is usual.
const FEWEST: usize = 24;

/// Signs in one outlet.
pub(crate) fn signs(outlet: &Outlet, parameters: &Parameters) -> Vec<Sign> {
    let mut receipts = outlet.receipts.clone();
    receipts.sort_unstable();
    let receipts = without_backlogs(&receipts);
    let offsets: Vec<f64> = receipts.iter().map(offset).collect();
    if offsets.len() < FEWEST {
        return Vec::new();
    }
    let usual = median(&mut offsets.clone()).unwrap_or_default();
    let look = Look { outlet, receipts: &receipts, offsets: &offsets, usual, parameters };
    look.signs()
}

struct Look<'look> {
    outlet: &'look Outlet,
    receipts: &'look [Receipt],
    offsets: &'look [f64],
    usual: f64,
    parameters: &'look Parameters,
}

impl Look<'_> {
    fn signs(&self) -> Vec<Sign> {
        let bound = self.parameters.clock_minutes;
        let mut signs = Vec::new();
        let mut from = 0;
        while from < self.offsets.len() {
            let off = self.offsets[from] - self.usual;
            let is_off = self.offsets[from] <= FUTURE || off.abs() >= bound;
            if !is_off {
                from += 1;
                continue;
            }
            let alike =
                |offset: &&f64| (**offset - self.offsets[from]).abs() < off.abs().max(4.0) / 2.0;
            let count = self.offsets[from..].iter().take_while(alike).count().max(1);
            if count >= self.parameters.clock_packets as usize {
                signs.push(self.sign(from, from + count));
            }
            from += count;
        }
        signs
    }

    fn sign(&self, from: usize, to: usize) -> Sign {
        let mean = self.offsets[from..to].iter().sum::<f64>() / (to - from) as f64;
        let shift = mean - self.usual;
        let count = (to - from) as f64;
        let strength = (count / self.parameters.clock_packets.max(1.0)).min(4.0)
            + (shift.abs() / self.parameters.clock_minutes.max(1.0)).min(4.0);
        let is_future = mean <= FUTURE;
        let (zh, en) = if is_future {
            (
                format!("连续 {count:.0} 包的时段在收到之后才结束,早 {:.0} 分钟。", -mean),
                format!(
                    "{count:.0} packets in a row came {:.0} minutes before their hour ended.",
                    -mean
                ),
            )
        } else {
            (
                format!("连续 {count:.0} 包的时钟与平常相差 {shift:+.0} 分钟。"),
                format!("The clock of {count:.0} packets in a row is off by {shift:+.0} minutes."),
            )
        };
        let span =
            Span { from: self.receipts[from].received_at, to: self.receipts[to - 1].received_at };
        Sign {
            detector: Detector::Clock,
            finding: if is_future { "from_the_future" } else { "shifted" },
            outlet: self.outlet.id,
            factor: None,
            step_s: crate::view::HOUR_S,
            span,
            twin: None,
            strength: strength / 2.0,
            evidence: vec![
                input("包数", "packets", count, ""),
                input("时差", "received after the end", mean, "min"),
                input("惯常时差", "usually", self.usual, "min"),
            ],
            sentence: Text::new(zh, en),
        }
    }
}

/// Minutes from the end of the period to its receipt.
fn offset(receipt: &Receipt) -> f64 {
    receipt.received_at.duration_since(receipt.ended_at).as_secs_f64() / 60.0
}

/// The receipts that were not sent together with others.
fn without_backlogs(receipts: &[Receipt]) -> Vec<Receipt> {
    let is_joined = |one: &Receipt, other: &Receipt| {
        other.received_at.duration_since(one.received_at).as_secs() < BACKLOG_S
            && one.ended_at != other.ended_at
    };
    let mut kept = Vec::with_capacity(receipts.len());
    for (place, receipt) in receipts.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &receipts[before]);
        let after = receipts.get(place + 1);
        let joined = before.is_some_and(|before| is_joined(before, receipt))
            || after.is_some_and(|after| is_joined(receipt, after));
        if !joined {
            kept.push(*receipt);
        }
    }
    kept
}
