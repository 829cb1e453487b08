//! The nouns: a report, its state, its content, what the checks found in it.

use authority::UserId;
use jiff::Timestamp;
use jiff::civil::Date;
use permits::{PermitId, ReportCycle};
use plausibility::{Entry, Finding, Form, Key, PeriodKind, Severity, Span};
use registry::EnterpriseId;
use rulebook::{Text, beijing_offset};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A report on keeping to a permit (排污许可证执行报告), one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Its number in the store.
    pub(super) id: i64,
    /// Whose.
    pub(super) enterprise: EnterpriseId,
    /// What it is about.
    pub(super) subject: ReportSubject,
    /// The version of the permit that held at the end of the period.
    pub(super) permit_version: u32,
    /// Its version, from 1.
    pub(super) version: u32,
    /// How far it is.
    pub(super) state: State,
    /// How often a draft was saved.
    pub(super) revision: i64,
    /// What was filled in.
    pub(super) content: Content,
    /// What the checks found when it was last saved, with reasons.
    pub(super) findings: Vec<Explained>,
    /// When it is due, where the permit says so.
    pub(super) due_on: Option<Date>,
    /// Who began it.
    pub(super) begun: Done,
    /// Who filed it.
    pub(super) filed: Option<Done>,
    /// Who accepted or returned it.
    pub(super) decided: Option<Done>,
    /// What they wrote.
    pub(super) decision_note: String,
}

/// A version of a report as lists need it, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its number in the store.
    pub(super) id: i64,
    /// What it is about.
    pub(super) subject: ReportSubject,
    /// Its version, from 1.
    pub(super) version: u32,
    /// How far it is.
    pub(super) state: State,
    /// How grave the gravest finding is; `None` where nothing was found.
    pub(super) gravest: Option<Severity>,
    /// When it was filed.
    pub(super) filed_at: Option<Timestamp>,
}

/// What a report is about: a permit and a period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ReportSubject {
    /// The permit.
    pub(super) permit: PermitId,
    /// Its number, 22 characters.
    pub(super) permit_number: String,
    /// How long the period is.
    pub(super) cycle: ReportCycle,
    /// Its first day.
    pub(super) from: Date,
    /// Its last day.
    pub(super) to: Date,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Done {
    /// When.
    pub(super) at: Timestamp,
    /// The user.
    pub(super) by: Option<UserId>,
    /// Their name.
    pub(super) name: String,
}

/// How far a report is (状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum State {
    /// Being filled in (草稿).
    Draft,
    /// Filed (已提交).
    Filed,
    /// Returned to be mended (已退回).
    Returned,
    /// Accepted and public (已受理).
    Accepted,
}

impl State {
    /// All states.
    pub(super) const ALL: [Self; 4] = [Self::Draft, Self::Filed, Self::Returned, Self::Accepted];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Filed => "filed",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }

    /// The state of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What it is called.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Draft => Text::fixed("草稿", "draft"),
            Self::Filed => Text::fixed("已提交，待审核", "filed, to be looked at"),
            Self::Returned => Text::fixed("已退回", "returned"),
            Self::Accepted => Text::fixed("已通过", "accepted"),
        }
    }

    /// The tone of its badge.
    pub(super) const fn tone(self) -> &'static str {
        match self {
            Self::Draft => "quiet",
            Self::Filed => "warning",
            Self::Returned => "bad",
            Self::Accepted => "good",
        }
    }
}

/// How a cycle is called by the checks.
pub(super) const fn period_kind(cycle: ReportCycle) -> PeriodKind {
    match cycle {
        ReportCycle::Year => PeriodKind::Year,
        ReportCycle::Quarter => PeriodKind::Quarter,
        ReportCycle::Month => PeriodKind::Month,
    }
}

/// What was filled in, as typed, by place and field: `DW001/w01018/amount`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    values: BTreeMap<String, String>,
}

impl Content {
    /// What stands in a field; empty where nothing does.
    pub(super) fn get(&self, key: &Key, field: &str) -> &str {
        self.values.get(&place(key, field)).map_or("", String::as_str)
    }

    /// Writes into a field.
    pub(super) fn put(&mut self, place: String, typed: &str) {
        let typed = typed.trim();
        if typed.is_empty() {
            self.values.remove(&place);
        } else {
            self.values.insert(place, typed.to_owned());
        }
    }

    /// All fields that are filled in.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(place, typed)| (place.as_str(), typed.as_str()))
    }

    /// As kept.
    pub(super) fn to_json(&self) -> Json {
        let pairs = self.values.iter().map(|(place, typed)| (place.clone(), json!(typed)));
        Json::Object(pairs.collect::<Map<_, _>>())
    }

    /// What [`Content::to_json`] wrote; `None` when it is nothing of the kind.
    pub(super) fn of_json(json: &Json) -> Option<Self> {
        let pairs = json.as_object()?.iter();
        let values = pairs.map(|(place, typed)| Some((place.clone(), typed.as_str()?.to_owned())));
        Some(Self { values: values.collect::<Option<_>>()? })
    }

    /// As the checks read it.
    pub(super) fn entry(&self, subject: &ReportSubject, today: Date) -> Entry {
        let mut entry = Entry::new(Form::ExecutionReport);
        let kind = period_kind(subject.cycle);
        entry.span = Some(Span { kind, from: subject.from, to: subject.to });
        entry.today = Some(today);
        for (place, typed) in &self.values {
            if let Some((key, field)) = parse_place(place) {
                entry.put(key, field, typed);
            }
        }
        entry
    }
}

/// The name of a field in forms and files: `DW001/w01018/amount`.
pub(super) fn place(key: &Key, field: &str) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
    format!("{}/{}/{field}", part(&key.outlet), part(&key.factor))
}

/// What [`place`] wrote.
pub(super) fn parse_place(place: &str) -> Option<(Key, &str)> {
    let mut parts = place.splitn(3, '/');
    let mut part = || parts.next().map(|part| (part != "-").then(|| part.to_owned()));
    let (outlet, factor) = (part()?, part()?);
    Some((Key { outlet, factor }, parts.next()?))
}

/// A finding with the reason that was given for it (说明).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Explained {
    /// The finding.
    pub(super) finding: Finding,
    /// Why it is right all the same; empty where nobody said.
    pub(super) reason: String,
}

impl Explained {
    /// Whether it keeps a report from being filed.
    pub(super) fn is_in_the_way(&self) -> bool {
        let severity = self.finding.severity;
        severity.refuses() || (severity.asks_for_a_reason() && self.reason.is_empty())
    }

    /// As kept and as programs read it.
    pub(super) fn to_json(&self) -> Json {
        let finding = &self.finding;
        let compared = finding.compared.as_ref().map(|it| {
            json!({ "zh": it.name.zh, "en": it.name.en, "value": it.value, "ratio": it.ratio })
        });
        json!({
            "check": finding.check, "version": finding.version,
            "severity": finding.severity.as_str(), "outlet": finding.key.outlet,
            "factor": finding.key.factor, "field": finding.field, "value": finding.value,
            "compared": compared, "reason": self.reason,
        })
    }

    /// What [`Explained::to_json`] wrote.
    pub(super) fn of_json(json: &Json) -> Option<Self> {
        let word = |of: &Json, name: &str| of[name].as_str().map(str::to_owned);
        let compared = &json["compared"];
        let compared = compared.is_object().then(|| plausibility::Compared {
            name: Text::new(
                word(compared, "zh").unwrap_or_default(),
                word(compared, "en").unwrap_or_default(),
            ),
            value: word(compared, "value").unwrap_or_default(),
            ratio: word(compared, "ratio"),
        });
        Some(Self {
            finding: Finding {
                check: word(json, "check")?,
                version: u32::try_from(json["version"].as_u64()?).ok()?,
                severity: Severity::parse(json["severity"].as_str()?)?,
                form: Form::ExecutionReport,
                key: Key { outlet: word(json, "outlet"), factor: word(json, "factor") },
                field: word(json, "field")?,
                value: word(json, "value")?,
                compared,
            },
            reason: word(json, "reason")?,
        })
    }
}

/// How grave the gravest finding is, from 0 for none to 5: for lists and their filters.
pub(super) fn gravest(findings: &[Explained]) -> i64 {
    let worst = findings.iter().map(|it| it.finding.severity).max();
    worst.map_or(0, rank)
}

/// The severity of a number that [`gravest`] gave.
pub(super) fn severity_of(rank: i64) -> Option<Severity> {
    Severity::ALL.iter().copied().find(|severity| self::rank(*severity) == rank)
}

/// A severity as a number from 1 to 5.
fn rank(severity: Severity) -> i64 {
    Severity::ALL.iter().zip(1..).find(|(it, _)| **it == severity).map_or(0, |(_, rank)| rank)
}

/// How a period is called: `2026年第3季度`, `2026 Q3`.
pub(super) fn period_text(cycle: ReportCycle, from: Date) -> Text {
    let (year, month) = (from.year(), from.month());
    match cycle {
        ReportCycle::Year => Text::new(format!("{year}年"), year.to_string()),
        ReportCycle::Quarter => {
            let quarter = (month + 2) / 3;
            Text::new(format!("{year}年第{quarter}季度"), format!("{year} Q{quarter}"))
        }
        ReportCycle::Month => Text::new(format!("{year}年{month}月"), format!("{year}-{month:02}")),
    }
}

/// A day in Beijing.
pub(super) fn day_of(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_content_come_back_as_they_were_written() {
        for key in [Key::head(), Key::outlet("DW001"), Key::factor("DW001", "w01018")] {
            let written = place(&key, "amount");
            assert_eq!(parse_place(&written), Some((key, "amount")), "{written}");
        }
        assert_eq!(parse_place("amount"), None);
        let mut content = Content::default();
        content.put("DW001/w01018/amount".into(), " 1.2 ");
        content.put("-/-/product_unit".into(), "");
        assert_eq!(content.get(&Key::factor("DW001", "w01018"), "amount"), "1.2");
        assert_eq!(Content::of_json(&content.to_json()), Some(content));
        assert_eq!(Content::of_json(&json!([])), None);
    }

    #[test]
    fn periods_are_called_as_officials_write_them() {
        let day = |month| jiff::civil::date(2026, month, 1);
        assert_eq!(period_text(ReportCycle::Year, day(1)).zh, "2026年");
        assert_eq!(period_text(ReportCycle::Quarter, day(7)).zh, "2026年第3季度");
        assert_eq!(period_text(ReportCycle::Month, day(9)).en, "2026-09");
    }
}
