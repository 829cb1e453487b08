//! Which requests are asked for: ids, services, states and a span of at most ninety days.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// The longest span of one question.
const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The arguments of `GET requests`.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) jurisdiction_id: Option<String>,
    service_request_id: Option<String>,
    service_code: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    status: Option<String>,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// These numbers alone, whatever else is said.
    pub(super) ids: Vec<String>,
    /// These services; empty: all.
    pub(super) services: Vec<String>,
    /// Open ones, closed ones; `None`: both.
    pub(super) is_open: Option<bool>,
    /// The span of time in which they were made.
    pub(super) span: (Timestamp, Timestamp),
}

impl Asked {
    /// The filter, or what is wrong with an argument.
    pub(super) fn filter(&self, now: Timestamp) -> Result<Filter, String> {
        Ok(Filter {
            ids: list(self.service_request_id.as_deref()),
            services: list(self.service_code.as_deref()),
            is_open: is_open(&list(self.status.as_deref()))?,
            span: self.span(now)?,
        })
    }

    fn span(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), String> {
        let time = |name: &str, text: Option<&str>| {
            let text = text.filter(|text| !text.is_empty());
            let parsed = text.map(|text| {
                // A plus that was not encoded comes as a space.
                text.replace(' ', "+")
                    .parse::<Timestamp>()
                    .map_err(|_| format!("{name} {text} is no time like 2010-01-01T00:00:00Z"))
            });
            parsed.transpose()
        };
        let start = time("start_date", self.start_date.as_deref())?;
        let end = time("end_date", self.end_date.as_deref())?;
        let span = match (start, end) {
            (Some(start), Some(end)) => (start, end),
            (Some(start), None) => (start, (start + SPAN_MAX).min(now)),
            (None, Some(end)) => (end - SPAN_MAX, end),
            (None, None) => (now - SPAN_MAX, now),
        };
        if span.1.duration_since(span.0) > SPAN_MAX {
            return Err("start_date and end_date may not span more than 90 days".to_owned());
        }
        Ok(span)
    }
}

fn list(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn is_open(words: &[String]) -> Result<Option<bool>, String> {
    if let Some(wrong) = words.iter().find(|word| !matches!(word.as_str(), "open" | "closed")) {
        return Err(format!("status {wrong} is neither open nor closed"));
    }
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    Ok(match (has("open"), has("closed")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-29T00:00:00Z".parse().expect("a time")
    }

    fn asked(start: &str, end: &str, status: &str) -> Asked {
        let some = |text: &str| Some(text.to_owned());
        let (start_date, end_date) = (some(start), some(end));
        Asked { start_date, end_date, status: some(status), ..Asked::default() }
    }

    #[test]
    fn empty_arguments_are_no_arguments() {
        let empty = asked("", "", "").filter(now()).expect("right");
        let none = Asked::default().filter(now()).expect("right");
        assert_eq!(empty, none);
        assert_eq!(empty.span.1.duration_since(empty.span.0), SPAN_MAX);
        assert_eq!(empty.is_open, None);
    }

    #[test]
    fn spans_are_at_most_ninety_days() {
        let right = asked("2010-05-24T00:00:00Z", "2010-06-24T00:00:00Z", "open");
        assert_eq!(right.filter(now()).expect("right").is_open, Some(true));
        let encoded =
            asked("2010-05-24T00:00:00+08:00", "2010-05-25T00:00:00 08:00", "open,closed");
        assert_eq!(encoded.filter(now()).expect("right").is_open, None);
        let one_sided = asked("", "2026-11-01T00:00:00Z", "closed").filter(now()).expect("right");
        assert_eq!(one_sided.is_open, Some(false));
        for wrong in [
            asked("2010-01-01T00:00:00Z", "2010-06-24T00:00:00Z", ""),
            asked("yesterday", "", ""),
            asked("2010-01-01", "", ""),
            asked("", "", "solved"),
        ] {
            assert!(wrong.filter(now()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn several_are_parted_by_commas() {
        let ids = Asked { service_request_id: Some("1, 2,,3 ".into()), ..Asked::default() };
        assert_eq!(ids.filter(now()).expect("right").ids, ["1", "2", "3"]);
    }
}
