//! Which enterprises are asked for, in addresses of pages and interface alike.

use jiff::Timestamp;
use permits::ManagementClass;
use registry::{Enterprise, EnterpriseId, Snapshot};
use rulebook::beijing_offset;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;
use web::{AppState, Problem};

/// Enterprises on one page.
pub(super) const A_PAGE: usize = 100;

/// The management class of each enterprise with a permit.
pub(super) type Classes = HashMap<EnterpriseId, ManagementClass>;

#[derive(Debug, Default, Deserialize, IntoParams)]
pub(super) struct Wanted {
    /// Part of the name or of the code.
    pub(super) q: Option<String>,
    /// A division's code.
    pub(super) division: Option<String>,
    /// The beginning of a GB/T 4754 code: `26` is all of chemistry.
    pub(super) industry: Option<String>,
    /// `key`, `simplified`, `registration` or `none`.
    pub(super) class: Option<String>,
    /// The cursor that the last page gave.
    pub(super) after: Option<usize>,
}

/// Enterprises that fit, with how many come before and after.
pub(super) struct Found<'snapshot> {
    pub(super) all: Vec<&'snapshot Enterprise>,
    from: usize,
}

impl<'snapshot> Found<'snapshot> {
    pub(super) fn shown(&self) -> &[&'snapshot Enterprise] {
        &self.all[self.from..self.all.len().min(self.from + A_PAGE)]
    }

    pub(super) fn next(&self) -> Option<String> {
        let next = self.from + A_PAGE;
        (next < self.all.len()).then(|| next.to_string())
    }
}

/// The classes as they are today.
pub(super) async fn classes(state: &AppState) -> Result<Classes, Problem> {
    let today = date_of(state.now());
    permits::classes(&state.store, today).await.map_err(|error| Problem::internal(&error))
}

/// The day in Beijing.
pub(crate) fn date_of(at: Timestamp) -> jiff::civil::Date {
    beijing_offset().to_datetime(at).date()
}

impl Wanted {
    /// What is filled in of a field.
    fn given(field: Option<&String>) -> Option<&str> {
        field.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The enterprises that fit.
    ///
    /// # Errors
    /// 400 when the class is none.
    pub(super) fn find<'snapshot>(
        &self,
        snapshot: &'snapshot Snapshot,
        classes: &Classes,
    ) -> Result<Found<'snapshot>, Problem> {
        let class = Self::given(self.class.as_ref()).map(class_of).transpose()?;
        let search = Self::given(self.q.as_ref()).map(str::to_lowercase);
        let division = Self::given(self.division.as_ref());
        let industry = Self::given(self.industry.as_ref());
        let all: Vec<_> = snapshot
            .enterprises()
            .filter(|one| division.is_none_or(|code| one.division == code))
            .filter(|one| industry.is_none_or(|code| one.industry.starts_with(code)))
            .filter(|one| class.is_none_or(|class| classes.get(&one.id).copied() == class))
            .filter(|one| search.as_ref().is_none_or(|text| holds(one, text)))
            .collect();
        let from = self.after.unwrap_or(0).min(all.len());
        Ok(Found { all, from })
    }
}

fn holds(enterprise: &Enterprise, text: &str) -> bool {
    [&enterprise.name.zh, &enterprise.name.en, &enterprise.code]
        .iter()
        .any(|field| field.to_lowercase().contains(text))
}

/// A class by its word; `none` stands for those without a permit that is entered here.
fn class_of(word: &str) -> Result<Option<ManagementClass>, Problem> {
    if word == "none" {
        return Ok(None);
    }
    ManagementClass::parse(word).map(Some).ok_or_else(|| {
        Problem::bad_request(
            format!("没有管理类别 {word:?}:可选 key、simplified、registration、none"),
            format!("there is no class {word:?}: key, simplified, registration or none"),
        )
    })
}

/// The industries that occur, in order.
pub(super) fn industries(snapshot: &Snapshot) -> BTreeSet<&str> {
    snapshot.enterprises().map(|one| one.industry.as_str()).filter(|one| !one.is_empty()).collect()
}
