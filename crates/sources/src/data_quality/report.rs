//! The data quality of a month (数据质量月报): one value that page, interface, file and command show.
//! Pure: what was counted, what must be connected and what holds as a pass are arguments.

use super::counts::{Counts, percent};
use super::coverage::{Must, Stage};
use jiff::Timestamp;
use jiff::civil::Date;
use registry::{EnterpriseId, Medium, PointDetail, PointId, Snapshot};
use rulebook::{Confidence, Decimal};
use std::collections::BTreeMap;
use validity::Month;

/// The rate from which a month passes (达标线), of the dated table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassMark {
    /// Per cent.
    pub percent: Decimal,
    /// Who says so.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// An outlet in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutletLine {
    /// Its number in the store.
    pub point: PointId,
    /// Its code.
    pub code: String,
    /// Whose it is.
    pub enterprise: EnterpriseId,
    /// The division in which it lies.
    pub division: String,
    /// Waste water or waste gas.
    pub medium: Medium,
    /// What was counted; `None` before the month was judged.
    pub counts: Option<Counts>,
    /// How far it has come, where it must be connected.
    pub stage: Option<Stage>,
}

/// What is added up over outlets: of a county, of an enterprise, of the city.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Outlets of the registry.
    pub outlets: i64,
    /// What was counted.
    pub counts: Counts,
    /// Outlets that must be connected (应联).
    pub must: i64,
    /// Of them, those with a device for every factor due (已安装).
    pub installed: i64,
    /// Of them, those from which every factor due was received (已联网).
    pub connected: i64,
    /// Of them, those whose rate passes (有效).
    pub valid: i64,
    /// Outlets that the plan covers (方案范围入河排污口).
    pub of_plan: i64,
    /// Of them, those connected.
    pub of_plan_connected: i64,
}

impl Line {
    /// Installed of those that must be connected, in per cent.
    pub fn installed_share(&self) -> Option<Decimal> {
        percent(self.installed, self.must)
    }

    /// Connected of installed, in per cent.
    pub fn connected_share(&self) -> Option<Decimal> {
        percent(self.connected, self.installed)
    }
}

/// A month.
#[derive(Clone, Debug)]
pub struct Report {
    /// The month.
    pub month: Month,
    /// The day for which duties were asked.
    pub day: Date,
    /// When the oldest of the records was made; `None` where there is none.
    pub computed_at: Option<Timestamp>,
    /// The rate from which it passes; `None` where no table says.
    pub pass: Option<PassMark>,
    /// The outlets, by code.
    pub outlets: Vec<OutletLine>,
    /// Those that must be connected, by code; some are not in the registry.
    pub must: Vec<Must>,
    /// What is wrong in the city's tables.
    pub doubts: Vec<String>,
}

/// What was counted of each outlet.
pub(super) type Counted = BTreeMap<PointId, Counts>;

/// The lines of all outlets in operation in the month.
pub(super) fn outlets(
    snapshot: &Snapshot,
    month: Month,
    counted: &Counted,
    must: &[Must],
) -> Vec<OutletLine> {
    let stages: BTreeMap<&str, Stage> =
        must.iter().map(|must| (must.code.as_str(), must.stage)).collect();
    let mut lines: Vec<OutletLine> = snapshot
        .points_of(registry::PointKind::Outlet)
        .filter(|point| {
            point.valid_from.is_none_or(|first| first <= month.last_day())
                && point.valid_to.is_none_or(|last| month.first_day() <= last)
        })
        .filter_map(|point| {
            let PointDetail::Outlet(outlet) = &point.detail else { return None };
            Some(OutletLine {
                point: point.id,
                code: point.code.clone(),
                enterprise: outlet.enterprise,
                division: point.division.clone(),
                medium: outlet.medium,
                counts: counted.get(&point.id).copied(),
                stage: stages.get(point.code.as_str()).copied(),
            })
        })
        .collect();
    lines.sort_by(|left, right| left.code.cmp(&right.code));
    lines
}

impl Report {
    /// Keeps only what fits.
    pub fn retain(&mut self, outlet: impl Fn(&OutletLine) -> bool, must: impl Fn(&Must) -> bool) {
        self.outlets.retain(outlet);
        self.must.retain(must);
    }

    /// Whether a rate passes; `None` where nothing was due or no table says.
    pub fn passes(&self, counts: &Counts) -> Option<bool> {
        let rate = counts.effective_rate()?;
        Some(rate >= self.pass.as_ref()?.percent)
    }

    /// By division, by code.
    pub fn by_division(&self) -> Vec<(String, Line)> {
        self.by(|line| line.division.clone(), |must| must.division.clone())
    }

    /// By enterprise, by its code.
    pub fn by_enterprise(&self) -> Vec<(String, Line)> {
        let unit = |code: &str| code.split_once('/').map_or(code, |(unit, _)| unit).to_owned();
        self.by(|line| unit(&line.code), |must| unit(&must.code))
    }

    /// By outlet, by its code; those that must be connected and are not in the registry too.
    pub fn by_outlet(&self) -> Vec<(String, Line)> {
        self.by(|line| line.code.clone(), |must| must.code.clone())
    }

    /// All of it.
    pub fn total(&self) -> Line {
        let mut all = self.by(|_| String::new(), |_| String::new());
        all.pop().map(|(_, line)| line).unwrap_or_default()
    }

    fn by(
        &self,
        of_outlet: impl Fn(&OutletLine) -> String,
        of_must: impl Fn(&Must) -> String,
    ) -> Vec<(String, Line)> {
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        let counts: BTreeMap<&str, Option<Counts>> =
            self.outlets.iter().map(|line| (line.code.as_str(), line.counts)).collect();
        for outlet in &self.outlets {
            let line = lines.entry(of_outlet(outlet)).or_default();
            line.outlets += 1;
            line.counts += outlet.counts.unwrap_or_default();
        }
        for must in &self.must {
            let line = lines.entry(of_must(must)).or_default();
            let counted = counts.get(must.code.as_str()).copied().flatten();
            let is_valid = counted.is_some_and(|counts| self.passes(&counts) == Some(true));
            let is_connected = must.stage == Stage::Connected;
            line.must += 1;
            line.installed += i64::from(must.stage >= Stage::Installed);
            line.connected += i64::from(is_connected);
            line.valid += i64::from(is_connected && is_valid);
            line.of_plan += i64::from(must.is_of_the_plan());
            line.of_plan_connected += i64::from(must.is_of_the_plan() && is_connected);
        }
        lines.into_iter().collect()
    }
}
