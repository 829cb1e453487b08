//! Which cases are wanted, in addresses of pages, files and interface alike.

use authority::{OrganisationId, UserId};
use cases::{Cursor, WorkFilter, WorkList};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rulebook::beijing_offset;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use web::Problem;

/// Cases on one page.
pub(super) const A_PAGE: u16 = 50;

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(default)]
pub(super) struct Wanted {
    /// `mine`, `unit`, `overdue`, `due_soon`, `escalated`, `watched` or `all` (the default).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) list: String,
    /// A kind of case, `public_complaint`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) kind: String,
    /// A state of that kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) state: String,
    /// `open` or `closed`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) open: String,
    /// A division's code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) division: String,
    /// An enterprise's code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) enterprise: String,
    /// The number of the unit that answers for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) unit: String,
    /// The number of the user to whom it is given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) assignee: String,
    /// `yes`: key cases alone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) key: String,
    /// Words that it holds, all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
    /// Opened on this day or later, Beijing time: `2026-03-01`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) from: String,
    /// Opened on this day or earlier.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) to: String,
    /// The cursor that the last page gave.
    #[serde(skip_serializing)]
    pub(super) after: String,
}

impl Wanted {
    /// The filter for the engine.
    pub(super) fn filter(&self) -> Result<WorkFilter, Problem> {
        let list = match self.list.as_str() {
            "" => WorkList::All,
            word => WorkList::parse(word).ok_or_else(|| wrong("list", word, &lists()))?,
        };
        let is_open = match self.open.as_str() {
            "" => None,
            "open" => Some(true),
            "closed" => Some(false),
            word => return Err(wrong("open", word, "open, closed")),
        };
        let is_key = match self.key.as_str() {
            "" => None,
            "yes" => Some(true),
            word => return Err(wrong("key", word, "yes")),
        };
        let to = day("to", &self.to)?.map(|day| day.tomorrow().unwrap_or(Date::MAX));
        let after = given(&self.after).map(|text| text.parse::<Cursor>());
        let after = after.transpose().map_err(|_| {
            wrong("after", &self.after, "the cursor of the last page / 上一页给出的游标")
        })?;
        Ok(WorkFilter {
            list,
            is_open,
            kind: given(&self.kind),
            state: given(&self.state),
            division: given(&self.division),
            enterprise: given(&self.enterprise),
            unit: number("unit", &self.unit)?.map(OrganisationId),
            assignee: number("assignee", &self.assignee)?.map(UserId),
            is_key,
            text: given(&self.text),
            from: day("from", &self.from)?.map(midnight),
            to: to.map(midnight),
            after,
            limit: A_PAGE,
        })
    }

    /// The same as the query of an address, without the place in the list.
    pub(super) fn query(&self) -> String {
        let pairs = serde_json::to_value(self).unwrap_or_default();
        let pairs = pairs.as_object().into_iter().flatten();
        let texts = pairs.filter_map(|(name, value)| {
            value.as_str().map(|value| format!("{name}={}", web::encode(value)))
        });
        texts.collect::<Vec<_>>().join("&")
    }

    /// Whether anything but the list narrows it.
    pub(super) fn is_narrowed(&self) -> bool {
        let bare = Self { list: self.list.clone(), ..Self::default() };
        self.query() != bare.query()
    }
}

fn lists() -> String {
    WorkList::ALL.map(WorkList::as_str).join(", ")
}

fn given(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(name: &str, text: &str) -> Result<Option<i64>, Problem> {
    super::people::number(name, text)
}

fn day(name: &str, text: &str) -> Result<Option<Date>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| wrong(name, text, "2026-03-01"))
}

/// 0:00 of a day in Beijing.
pub(super) fn midnight(day: Date) -> Timestamp {
    beijing_offset().to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}

fn wrong(name: &str, found: &str, wanted: &str) -> Problem {
    Problem::bad_request(
        format!("{name} 应为 {wanted},而不是 {found:?}"),
        format!("{name} is one of {wanted}, not {found:?}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_what_its_address_says() {
        let wanted = Wanted {
            list: "overdue".into(),
            division: "350603".into(),
            unit: "7".into(),
            text: "黑烟 夜间".into(),
            from: "2026-03-01".into(),
            to: "2026-03-01".into(),
            ..Wanted::default()
        };
        let filter = wanted.filter().unwrap_or_else(|_| panic!("a right filter"));
        assert_eq!(filter.list, WorkList::Overdue);
        assert_eq!(filter.unit, Some(OrganisationId(7)));
        assert_eq!(filter.from.map(|at| at.to_string()).as_deref(), Some("2026-02-28T16:00:00Z"));
        assert_eq!(filter.to.map(|at| at.to_string()).as_deref(), Some("2026-03-01T16:00:00Z"));
        let query = wanted.query();
        assert!(query.contains("text=%E9%BB%91%E7%83%9F%20%E5%A4%9C%E9%97%B4"), "{query}");
        assert!(!query.contains("after") && !query.contains("kind"), "{query}");
        assert!(wanted.is_narrowed());
        assert!(!Wanted { list: "mine".into(), ..Wanted::default() }.is_narrowed());
    }

    #[test]
    fn a_wrong_filter_is_refused_with_its_name() {
        for wanted in [
            Wanted { list: "hers".into(), ..Wanted::default() },
            Wanted { unit: "seven".into(), ..Wanted::default() },
            Wanted { from: "March".into(), ..Wanted::default() },
            Wanted { after: "here".into(), ..Wanted::default() },
            Wanted { open: "ajar".into(), ..Wanted::default() },
            Wanted { key: "no".into(), ..Wanted::default() },
        ] {
            assert!(wanted.filter().is_err(), "{wanted:?}");
        }
    }
}
