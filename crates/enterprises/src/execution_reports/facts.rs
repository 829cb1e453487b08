//! What the platform knows beside a report: the permit, what was measured, what was filed before.

use jiff::ToSpan as _;
use jiff::civil::Date;
use permits::{PermitVersion, versions};
use plausibility::{Check, Form, History, Key, Measured};
use registry::{EnterpriseId, Snapshot};
use rulebook::Decimal;
use std::collections::BTreeMap;
use store::Store;

use super::due::DueReport;
use super::measured::measured;
use super::model::{Content, Explained, Report, ReportSubject, State, place};
use super::shape::Shape;
use super::store::{self as reports, Filter, ReportError};
use crate::entry::explained;

/// What the platform knows beside a report.
pub(super) struct Facts {
    /// The rows.
    pub(super) shape: Shape,
    /// Measured and permitted.
    pub(super) known: Measured,
    /// Whether anything was measured.
    pub(super) is_measured: bool,
    /// What was filed before.
    pub(super) history: History,
    /// The same as typed, for filling in.
    last: Option<Content>,
}

/// Everything known beside the report of a permit and period.
pub(super) async fn facts(
    store: &Store,
    snapshot: &Snapshot,
    enterprise: EnterpriseId,
    subject: &ReportSubject,
) -> Result<Facts, ReportError> {
    let of_permit = permits::by_number(store, &subject.permit_number).await?;
    let version = versions::shown(&of_permit, subject.to).ok_or(ReportError::NotAsked)?;
    let shape = Shape::of(version, snapshot, subject.to.year());
    let mut known = Measured::default();
    put_permit(&mut known, &shape, version, subject.to.year());
    let found = measured(store, snapshot, enterprise, subject.from, subject.to).await?;
    let is_measured = found.is_some();
    let mut hours = Decimal::ZERO;
    for at in found.unwrap_or_default() {
        for (field, value) in at.values() {
            known.put(at.key.clone(), &format!("measured.{field}"), value);
        }
        hours += at.exceedance_hours.unwrap_or_default();
    }
    if is_measured {
        known.put(Key::head(), "measured.exceedance_hours", hours);
    }
    let (history, last) = history(store, subject).await?;
    Ok(Facts { shape, known, is_measured, history, last })
}

fn put_permit(known: &mut Measured, shape: &Shape, version: &PermitVersion, year: i16) {
    for row in shape.factors() {
        let mut put = |word: &str, value: Option<Decimal>| {
            if let Some(value) = value {
                known.put(row.key.clone(), word, value);
            }
        };
        put("permit.at_most", row.at_most);
        put("permit.at_least", row.at_least);
        put("permit.amount", row.permitted);
        put("factor.decimals", row.decimals.map(Decimal::from));
        let code = row.key.factor.as_deref().unwrap_or_default();
        let in_all = permits::permitted_amount(version, code, year);
        let is_listed = row.has_amount && (row.permitted.is_some() || in_all.is_some());
        put("permit.listed", is_listed.then_some(Decimal::ONE));
        if let Some(amount) = in_all {
            let unit = Key { outlet: None, factor: row.key.factor.clone() };
            known.put(unit, "permit.amount", amount);
        }
    }
}

/// What was filed for the same permit and cycle before, the newest version of each period.
async fn history(
    store: &Store,
    subject: &ReportSubject,
) -> Result<(History, Option<Content>), ReportError> {
    let filter = Filter { permit: Some(subject.permit), ..Filter::default() };
    let mut by_period: BTreeMap<Date, Report> = BTreeMap::new();
    for report in reports::newest(store, filter).await? {
        let counts = matches!(report.state, State::Filed | State::Accepted);
        let is_earlier = report.subject.from < subject.from;
        if !counts || !is_earlier || report.subject.cycle != subject.cycle {
            continue;
        }
        let known = by_period.get(&report.subject.from);
        if known.is_none_or(|known| known.version < report.version) {
            by_period.insert(report.subject.from, report);
        }
    }
    let entry = |report: &Report| {
        let subject = &report.subject;
        report.content.entry(Form::ExecutionReport, subject.span(), subject.to)
    };
    let year_before = subject.from.checked_sub(1.year()).ok();
    let last = by_period.values().next_back();
    let is_right_before =
        |report: &&Report| report.subject.to.tomorrow().ok() == Some(subject.from);
    let history = History {
        last_year: year_before.and_then(|from| by_period.get(&from)).map(entry),
        last: last.filter(is_right_before).map(entry),
        earlier: by_period.values().map(entry).collect(),
    };
    Ok((history, last.map(|report| report.content.clone())))
}

impl Facts {
    /// What a new report begins with: what was measured, and what never changes.
    pub(super) fn filled_in(&self) -> Content {
        let mut content = Content::default();
        for row in self.shape.factors() {
            for field in row.fields() {
                let value = self.known.get(&row.key, &format!("measured.{}", field.id));
                if let Some(value) = value {
                    content.put(place(&row.key, field.id), &value.normalize().to_string());
                }
            }
        }
        for outlet in &self.shape.outlets {
            let Some(number) = &outlet.number else { continue };
            let key = Key::outlet(number.clone());
            if let Some(flow) = self.known.get(&key, "measured.flow") {
                content.put(place(&key, "flow"), &flow.normalize().to_string());
            }
        }
        if let Some(last) = &self.last {
            let unit = last.get(&Key::head(), "product_unit").to_owned();
            content.put(place(&Key::head(), "product_unit"), &unit);
        }
        content
    }

    /// What the checks find in a content, with the reasons given; it is read as filed today.
    pub(super) fn findings(
        &self,
        checks: &[Check],
        subject: &ReportSubject,
        content: &Content,
        reasons: &BTreeMap<String, String>,
        today: Date,
    ) -> Vec<Explained> {
        let mut entry = content.entry(Form::ExecutionReport, subject.span(), today);
        entry.put(Key::head(), "filed_on", &today.to_string());
        explained(checks, &entry, &self.history, &self.known, reasons)
    }
}

/// The report that a permit asks for, by its number, cycle and first day.
pub(super) async fn asked(
    store: &Store,
    permit_number: &str,
    cycle: permits::ReportCycle,
    from: Date,
) -> Result<DueReport, ReportError> {
    let of_permit = permits::by_number(store, permit_number).await?;
    super::due::one(&of_permit, cycle, from).ok_or(ReportError::NotAsked)
}
