//! The permits that a reader asked for.

use jiff::civil::Date;
use permits::clocks::Radar;
use permits::{ManagementClass, PermitVersion, versions};
use registry::{Enterprise, Snapshot};
use rulebook::beijing_offset;
use serde::Deserialize;
use web::{AppState, Problem};

/// What a reader asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// A division's code.
    pub(super) division: Option<String>,
    /// A class.
    pub(super) class: Option<String>,
    /// How near the expiry is.
    pub(super) expiry: Option<String>,
    /// A part of a number or a name.
    pub(super) text: Option<String>,
    /// How many come before.
    pub(super) after: Option<usize>,
}

/// A permit in the list.
pub(super) struct Row {
    /// The version that holds, or the last that did.
    pub(super) version: PermitVersion,
    pub(super) radar: Radar,
}

impl Row {
    /// The holder.
    pub(super) fn holder<'snapshot>(
        &self,
        snapshot: &'snapshot Snapshot,
    ) -> Option<&'snapshot Enterprise> {
        snapshot.enterprise(self.version.permit.enterprise)
    }
}

/// The day in Beijing.
pub(super) fn today(state: &AppState) -> Date {
    beijing_offset().to_datetime(state.now()).date()
}

/// Every permit that fits, the one that expires first in front; those that ended or expired stand
/// with the others by their day.
pub(super) async fn rows(
    state: &AppState,
    snapshot: &Snapshot,
    asked: &Asked,
) -> Result<Vec<Row>, Problem> {
    let today = today(state);
    let all = permits::all(&state.store).await.map_err(super::problem)?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let division = given(&asked.division);
    let class = given(&asked.class).map(|word| known_class(&word)).transpose()?;
    let expiry = given(&asked.expiry).map(|word| known_radar(&word)).transpose()?;
    let text = given(&asked.text).map(|text| text.trim().to_lowercase());
    let shown = versions::by_permit(&all).into_iter().filter_map(|of| versions::shown(of, today));
    let mut rows: Vec<Row> = shown
        .map(|version| Row { radar: Radar::of(version, today), version: version.clone() })
        .filter(|row| {
            let holder = row.holder(snapshot);
            let is_in = |code: &String| holder.is_some_and(|holder| holder.division == *code);
            let says = |text: &String| {
                let names = holder.map(|it| format!("{} {}", it.name.en, it.code));
                let all = [&row.version.permit.number, &row.version.holder];
                all.iter().any(|one| one.to_lowercase().contains(text.as_str()))
                    || names.is_some_and(|names| names.to_lowercase().contains(text.as_str()))
            };
            division.as_ref().is_none_or(is_in)
                && class.is_none_or(|class| row.version.class == class)
                && expiry.is_none_or(|radar| row.radar == radar)
                && text.as_ref().is_none_or(says)
        })
        .collect();
    rows.sort_by(|one, other| {
        let key = |row: &Row| (row.version.valid_to, row.version.permit.number.clone());
        key(one).cmp(&key(other))
    });
    Ok(rows)
}

fn known_class(word: &str) -> Result<ManagementClass, Problem> {
    ManagementClass::parse(word).ok_or_else(|| {
        let known = ManagementClass::ALL.map(ManagementClass::as_str).join(", ");
        Problem::bad_request(
            format!("管理类别应为 {known} 之一"),
            format!("class is one of {known}"),
        )
    })
}

fn known_radar(word: &str) -> Result<Radar, Problem> {
    Radar::parse(word).ok_or_else(|| {
        let known = Radar::ALL.map(Radar::as_str).join(", ");
        Problem::bad_request(
            format!("到期情况应为 {known} 之一"),
            format!("expiry is one of {known}"),
        )
    })
}
