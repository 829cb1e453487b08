//! Which alerts become cases: a dated table of the city, and the decision. Pure.

use evaluation::alerts::{Alert, AlertKind, Severity};
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;
use rulebook::beijing_offset;

/// The file of a city in which its rules stand; without it no alert becomes a case by itself.
pub(crate) const FILE: &str = "rules/alert_disposal.csv";

/// The heads of the table.
const COLUMNS: [&str; 11] = [
    "id",
    "alert_kind",
    "severity_at_least",
    "hours_at_least",
    "division",
    "explain_days",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
    "note",
];

/// A line of the table (转办规则).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its id.
    pub(crate) id: String,
    /// Of this kind; `None`: of any.
    pub(crate) kind: Option<AlertKind>,
    /// At least as serious.
    pub(crate) severity: Severity,
    /// Lasting at least so long.
    pub(crate) hours: u32,
    /// In this division; `None`: anywhere.
    pub(crate) division: Option<String>,
    /// The enterprise is asked at once to explain within so many days; `None`: an officer asks.
    pub(crate) explain_days: Option<u32>,
    /// The first day on which it holds.
    pub(crate) valid_from: Date,
    /// The last day on which it holds.
    pub(crate) valid_to: Option<Date>,
    /// Who decided it.
    pub(crate) source: String,
    /// How far that can be trusted.
    pub(crate) confidence: String,
    /// What else to know.
    pub(crate) note: String,
}

impl Rule {
    /// Whether it holds on a day.
    pub(crate) fn covers(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    fn wants(&self, alert: &Alert, division: Option<&str>, now: Timestamp) -> bool {
        let began = beijing_offset().to_datetime(alert.opened_at).date();
        let lasts = now.duration_since(alert.opened_at);
        // A rule begins with the alerts of its first day, not with those that lasted already.
        self.covers(began)
            && self.kind.is_none_or(|kind| kind == alert.subject.kind)
            && alert.severity >= self.severity
            && lasts >= SignedDuration::from_hours(i64::from(self.hours))
            && self.division.as_deref().is_none_or(|wanted| division == Some(wanted))
    }
}

/// The first rule by which an alert is to become a case now.
pub(crate) fn wanted<'rules>(
    rules: &'rules [Rule],
    alert: &Alert,
    division: Option<&str>,
    now: Timestamp,
) -> Option<&'rules Rule> {
    rules.iter().find(|rule| rule.wants(alert, division, now))
}

/// Reads the table; everything wrong is told at once, with its line.
pub(crate) fn read(text: &[u8]) -> Result<Vec<Rule>, Vec<String>> {
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text);
    let heads = lines.headers().cloned().unwrap_or_default();
    if heads.iter().ne(COLUMNS) {
        return Err(vec![format!("{FILE}: the columns are {}", COLUMNS.join(","))]);
    }
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for line in lines.records() {
        match line {
            Err(error) => wrong.push(format!("{FILE}: {error}")),
            Ok(line) => match rule(&line) {
                Ok(rule) => rules.push(rule),
                Err((column, advice)) => {
                    let at = line.position().map_or(0, csv::Position::line);
                    wrong.push(format!("{FILE}:{at}, column {column}: {advice}"));
                }
            },
        }
    }
    if wrong.is_empty() { Ok(rules) } else { Err(wrong) }
}

fn rule(line: &csv::StringRecord) -> Result<Rule, (&'static str, &'static str)> {
    let cell = |name: &str| {
        let place = COLUMNS.iter().position(|known| *known == name);
        place.and_then(|place| line.get(place)).unwrap_or_default().trim()
    };
    let some = |name: &str| Some(cell(name)).filter(|text| !text.is_empty());
    let number = |name: &'static str| {
        some(name).map(|text| text.parse::<u32>().map_err(|_| (name, "write a whole number")))
    };
    let day = |name: &'static str| {
        some(name).map(|text| text.parse::<Date>().map_err(|_| (name, "write a day, 2026-03-01")))
    };
    let needed = |name: &'static str| some(name).ok_or((name, "it must not be empty"));
    let kinds = "write exceedance, missing_data, device_offline, constant_value, or nothing";
    Ok(Rule {
        id: needed("id")?.to_owned(),
        kind: some("alert_kind")
            .map(|word| AlertKind::parse(word).ok_or(("alert_kind", kinds)))
            .transpose()?,
        severity: Severity::parse(cell("severity_at_least"))
            .ok_or(("severity_at_least", "write notice, warning or serious"))?,
        hours: number("hours_at_least").transpose()?.unwrap_or_default(),
        division: some("division").map(str::to_owned),
        explain_days: number("explain_days").transpose()?,
        valid_from: day("valid_from").ok_or(("valid_from", "it must not be empty"))??,
        valid_to: day("valid_to").transpose()?,
        source: needed("source")?.to_owned(),
        confidence: needed("confidence")?.to_owned(),
        note: cell("note").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evaluation::alerts::Subject;
    use registry::PointId;

    const HEAD: &str = "id,alert_kind,severity_at_least,hours_at_least,division,explain_days,\
        valid_from,valid_to,source,confidence,note\n";

    fn rules(lines: &str) -> Vec<Rule> {
        read(format!("{HEAD}{lines}").as_bytes()).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
    }

    fn alert(kind: AlertKind, severity: Severity, opened_at: &str) -> Alert {
        let opened_at = opened_at.parse().expect("a time");
        Alert {
            id: 7,
            subject: Subject { kind, point: PointId(1), factor: None },
            severity,
            opened_at,
            last_at: opened_at,
            closed_at: None,
            count: 1,
            last_value: None,
            worst_value: None,
            bound: None,
            close_reason: None,
            evidence: serde_json::Value::Null,
        }
    }

    #[test]
    fn an_alert_becomes_a_case_by_the_first_rule_that_fits() {
        let rules = rules(
            "serious,exceedance,serious,2,,,2026-03-01,,city order 1,official,\n\
             all-of-350603,,notice,0,350603,3,2026-03-01,2026-06-30,city order 2,official,x\n",
        );
        let now: Timestamp = "2026-04-01T10:00:00Z".parse().expect("a time");
        let (over, offline) = (AlertKind::Exceedance, AlertKind::DeviceOffline);
        let (serious, notice) = (Severity::Serious, Severity::Notice);
        for (kind, severity, opened_at, division, wanted_rule) in [
            (over, serious, "2026-04-01T07:59:00Z", "350602", Some("serious")),
            (over, serious, "2026-04-01T08:01:00Z", "350602", None),
            (over, notice, "2026-04-01T01:00:00Z", "350602", None),
            (offline, serious, "2026-04-01T01:00:00Z", "350602", None),
            (offline, notice, "2026-04-01T09:59:00Z", "350603", Some("all-of-350603")),
            (over, serious, "2026-02-28T15:59:00Z", "350603", None),
            (over, serious, "2026-02-28T16:00:00Z", "350603", Some("serious")),
        ] {
            let alert = alert(kind, severity, opened_at);
            let found = wanted(&rules, &alert, Some(division), now);
            assert_eq!(found.map(|rule| rule.id.as_str()), wanted_rule, "{kind:?} {opened_at}");
        }
        assert_eq!(rules[1].explain_days, Some(3));
        assert!(!rules[1].covers("2026-07-01".parse().expect("a day")), "its last day is past");
    }

    #[test]
    fn without_a_rule_nothing_becomes_a_case() {
        let now: Timestamp = "2026-04-01T10:00:00Z".parse().expect("a time");
        let serious = alert(AlertKind::Exceedance, Severity::Serious, "2026-04-01T00:00:00Z");
        assert_eq!(wanted(&rules(""), &serious, None, now), None);
    }

    #[test]
    fn everything_wrong_in_a_table_is_told_with_its_line() {
        let text = format!(
            "{HEAD}a,smell,serious,1,,,2026-03-01,,s,official,\n\
             b,,grave,1,,,2026-03-01,,s,official,\n\
             c,,notice,one,,,2026-03-01,,s,official,\n\
             d,,notice,1,,,,,s,official,\n\
             e,,notice,1,,,2026-03-01,,,official,\n"
        );
        let wrong = read(text.as_bytes()).expect_err("refused");
        let columns = ["alert_kind", "severity_at_least", "hours_at_least", "valid_from", "source"];
        assert_eq!(wrong.len(), columns.len(), "{wrong:#?}");
        for ((line, column), told) in (2..).zip(columns).zip(&wrong) {
            assert!(told.contains(&format!(":{line}, column {column}:")), "{told}");
        }
        assert!(read(b"id,kind\n").is_err());
    }
}
