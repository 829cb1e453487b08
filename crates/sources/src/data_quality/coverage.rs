//! Coverage (联网覆盖): which outlets must be connected, and which are. Pure.

use super::duties::{Due, Duty, Rule, Why};
use super::pass_marks::OwnMark;
use jiff::civil::Date;
use registry::{FactorId, MonitoringPoint, PointId, PointKind, Snapshot};
use rulebook::Text;
use std::collections::{BTreeMap, BTreeSet};
use validity::Month;

/// The city's tables, as read from its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tables {
    /// Who must be connected.
    pub(super) duties: Vec<Duty>,
    /// What the plan covers.
    pub(super) rules: Vec<Rule>,
    /// What the rate has to reach, where the city says so itself.
    pub(super) pass_marks: Vec<OwnMark>,
    /// What is wrong in the files, with line and cure.
    pub(super) wrong: Vec<String>,
}

/// How far an outlet that must be connected has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// No device with the factors due (未安装).
    Missing,
    /// A device is registered, nothing due was received in the month (已安装未联网).
    Installed,
    /// Every factor due was received in the month (已联网).
    Connected,
}

/// An outlet that must be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Must {
    /// Its code, `ENTERPRISE/DW001`.
    pub code: String,
    /// The unit's name where the city's enterprises do not give it.
    pub name: Option<Text>,
    /// The division in which it lies.
    pub division: String,
    /// The outlet in the registry; `None`: not even that is there.
    pub point: Option<PointId>,
    /// The duties that hold, each with the rule of the plan by which it does.
    pub reasons: Vec<Reason>,
    /// How far it has come.
    pub stage: Stage,
    /// Factors that are due and that no device measures, by code.
    pub not_installed: Vec<String>,
    /// Factors that are due and were not received in the month, by code.
    pub not_received: Vec<String>,
}

/// Why an outlet must be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Why.
    pub why: Why,
    /// The rule's id, where it is the plan's.
    pub rule: Option<String>,
    /// The river, where one is named.
    pub river: Option<String>,
    /// Who says so.
    pub source: String,
    /// True when the row is invented for the demonstration.
    pub is_fictitious: bool,
}

/// Factors of which something was received in a month, by outlet.
pub(super) type Received = BTreeMap<PointId, BTreeSet<FactorId>>;

/// The day for which a month's duties are asked: its last one, or today in the month that runs.
pub(super) fn day_of(month: Month, today: Date) -> Date {
    month.last_day().min(today).max(month.first_day())
}

/// Every outlet that must be connected on a day, by code.
pub(super) fn must_be(
    tables: &Tables,
    snapshot: &Snapshot,
    received: &Received,
    day: Date,
) -> Vec<Must> {
    let mut all: BTreeMap<String, (Must, BTreeSet<String>)> = BTreeMap::new();
    for duty in &tables.duties {
        let Due::Yes(rule) = duty.due(&tables.rules, day) else { continue };
        let code = duty.code();
        let (must, factors) = all.entry(code).or_insert_with_key(|code| {
            let point = snapshot.point_by_code(PointKind::Outlet, code);
            (begun(duty, code, point), BTreeSet::new())
        });
        factors.extend(duty.factors.iter().cloned());
        must.reasons.push(Reason {
            why: duty.why,
            rule: rule.map(|rule| rule.id.clone()),
            river: duty.river.clone(),
            source: rule.map_or_else(|| duty.source.clone(), |rule| rule.source.clone()),
            is_fictitious: duty.confidence == registry::Confidence::Fictitious,
        });
    }
    all.into_values()
        .map(|(mut must, factors)| {
            judge(&mut must, &factors, snapshot, received);
            must
        })
        .collect()
}

fn begun(duty: &Duty, code: &str, point: Option<&MonitoringPoint>) -> Must {
    Must {
        code: code.to_owned(),
        name: duty.name.clone(),
        // The registry knows better where an outlet lies that it lists.
        division: point.map_or_else(|| duty.division.clone(), |point| point.division.clone()),
        point: point.map(|point| point.id),
        reasons: Vec::new(),
        stage: Stage::Missing,
        not_installed: Vec::new(),
        not_received: Vec::new(),
    }
}

/// How far an outlet has come: by the devices registered and by what was received.
fn judge(must: &mut Must, factors: &BTreeSet<String>, snapshot: &Snapshot, received: &Received) {
    let measured: BTreeSet<FactorId> = must
        .point
        .into_iter()
        .flat_map(|point| snapshot.devices_of(point))
        .flat_map(|device| device.factors.iter().copied())
        .collect();
    let none = BTreeSet::new();
    let came = must.point.and_then(|point| received.get(&point)).unwrap_or(&none);
    let id = |code: &String| snapshot.factor_by_code(code).map(|factor| factor.id);
    let lacking = |there: &BTreeSet<FactorId>| -> Vec<String> {
        let is_there = |code: &&String| !id(code).is_some_and(|id| there.contains(&id));
        factors.iter().filter(is_there).cloned().collect()
    };
    must.not_installed = lacking(&measured);
    must.not_received = lacking(came);
    let is_installed = !measured.is_empty() && must.not_installed.is_empty();
    let is_connected = is_installed && !came.is_empty() && must.not_received.is_empty();
    must.stage = match (is_installed, is_connected) {
        (_, true) => Stage::Connected,
        (true, false) => Stage::Installed,
        (false, _) => Stage::Missing,
    };
}

impl Must {
    /// Whether the plan covers it: for the count of outfalls on the plan's rivers.
    pub fn is_of_the_plan(&self) -> bool {
        self.reasons.iter().any(|reason| reason.why == Why::Plan)
    }
}

/// What can be said of the tables against the city: rows that name what the city does not know.
pub(super) fn doubts(tables: &Tables, snapshot: &Snapshot) -> Vec<String> {
    let mut doubts = tables.wrong.clone();
    for duty in &tables.duties {
        let code = duty.code();
        if snapshot.enterprise_by_code(&duty.unit).is_none() && duty.name.is_none() {
            doubts.push(format!(
                "{code}: the city has no enterprise {}; write its name in unit_name_zh",
                duty.unit
            ));
        }
        if snapshot.division(&duty.division).is_none() {
            doubts.push(format!("{code}: the city has no division {}", duty.division));
        }
        for factor in duty.factors.iter().filter(|code| snapshot.factor_by_code(code).is_none()) {
            doubts.push(format!("{code}: the city has no factor {factor}; see factors.csv"));
        }
    }
    doubts
}

/// What a stage is called.
pub(super) const fn stage_text(stage: Stage) -> Text {
    match stage {
        Stage::Missing => Text::fixed("未安装", "not installed"),
        Stage::Installed => Text::fixed("已安装未联网", "installed, not connected"),
        Stage::Connected => Text::fixed("已联网", "connected"),
    }
}
