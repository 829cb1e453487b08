//! Which outlets must be monitored automatically and connected (应装应联): the city's dated tables.
//!
//! A duty either stands for itself (the unit is on the key-unit list, its permit says so) or is
//! what a rule of the plan makes of facts: a rule states medium, capacity and rivers as data.

use super::tables::{self, Fault, Line};
use jiff::civil::Date;
use registry::{Confidence, Medium};
use rulebook::{Decimal, Text};

/// The file of a city in which its duties stand.
pub(super) const DUTIES: &str = "rules/monitoring_duties.csv";
/// The file of a city in which the rules of its plan stand.
pub(super) const RULES: &str = "rules/coverage_rules.csv";

const DUTY_COLUMNS: [&str; 15] = [
    "unit",
    "unit_name_zh",
    "unit_name_en",
    "division",
    "outlet",
    "factors",
    "why",
    "kind",
    "capacity_t_per_day",
    "river",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
    "note",
];

const RULE_COLUMNS: [&str; 11] = [
    "id",
    "kind",
    "medium",
    "capacity_t_per_day_at_least",
    "rivers",
    "only_new",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
    "note",
];

/// Why an outlet must be connected (依据).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The unit is on the list of key units (重点排污单位名录).
    KeyUnit,
    /// The discharge permit says so (排污许可证).
    Permit,
    /// A rule of the plan covers it (方案任务).
    Plan,
}

impl Why {
    const ALL: [Self; 3] = [Self::KeyUnit, Self::Permit, Self::Plan];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyUnit => "key_unit",
            Self::Permit => "permit",
            Self::Plan => "plan",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::KeyUnit => Text::fixed("重点排污单位名录", "key-unit list"),
            Self::Permit => Text::fixed("排污许可证", "discharge permit"),
            Self::Plan => Text::fixed("实施方案", "the plan"),
        }
    }
}

/// What kind of unit a rule of the plan speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum UnitKind {
    /// A sewage plant (污水处理厂).
    SewagePlant,
    /// A key discharging unit (重点排污单位).
    KeyUnit,
}

impl UnitKind {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "sewage_plant" => Some(Self::SewagePlant),
            "key_unit" => Some(Self::KeyUnit),
            _ => None,
        }
    }
}

/// A line of the table of duties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Duty {
    /// The unit's code; it need not be among the city's enterprises yet.
    pub(super) unit: String,
    /// Its name, where the city's enterprises do not give it.
    pub(super) name: Option<Text>,
    /// The division in which it lies.
    pub(super) division: String,
    /// The outlet's number, `DW001`.
    pub(super) outlet: String,
    /// The factors that must be measured; empty: the source names none.
    pub(super) factors: Vec<String>,
    /// Why.
    pub(super) why: Why,
    /// What kind of unit it is, for rules of the plan.
    pub(super) kind: Option<UnitKind>,
    /// Its capacity in tonnes a day.
    pub(super) capacity_t_per_day: Option<Decimal>,
    /// The river into which it discharges.
    pub(super) river: Option<String>,
    /// The first day of the duty, or of the unit's operation.
    pub(super) valid_from: Option<Date>,
    /// The last day.
    pub(super) valid_to: Option<Date>,
    /// Who says so.
    pub(super) source: String,
    /// How far that can be trusted.
    pub(super) confidence: Confidence,
    /// What else to know.
    pub(super) note: String,
}

impl Duty {
    /// The code of the outlet, `ENTERPRISE/DW001`.
    pub(super) fn code(&self) -> String {
        format!("{}/{}", self.unit, self.outlet)
    }

    /// Waste water or waste gas, by the outlet's number.
    pub(super) fn medium(&self) -> Medium {
        if self.outlet.starts_with("DA") { Medium::Gas } else { Medium::Water }
    }

    fn covers(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|first| first <= day)
            && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Whether it holds on a day, and the rule by which it does, where it is the plan's.
    pub(super) fn due<'rules>(&self, rules: &'rules [Rule], day: Date) -> Due<'rules> {
        if !self.covers(day) {
            return Due::No;
        }
        match self.why {
            Why::KeyUnit | Why::Permit => Due::Yes(None),
            Why::Plan => match rules.iter().find(|rule| rule.wants(self, day)) {
                Some(rule) => Due::Yes(Some(rule)),
                None => Due::NoRule,
            },
        }
    }
}

/// Whether a duty holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due<'rules> {
    /// It does; by this rule of the plan, where it is the plan's.
    Yes(Option<&'rules Rule>),
    /// Its days are over or have not begun.
    No,
    /// No rule of the plan covers these facts.
    NoRule,
}

/// A line of the table of rules: which facts make a duty (方案规定的范围).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its id.
    pub(super) id: String,
    /// Of this kind of unit; `None`: any.
    pub(super) kind: Option<UnitKind>,
    /// Of this medium; `None`: any.
    pub(super) medium: Option<Medium>,
    /// With at least this capacity, in tonnes a day; `None`: of any.
    pub(super) capacity_t_per_day_at_least: Option<Decimal>,
    /// On one of these rivers; empty: on any.
    pub(super) rivers: Vec<String>,
    /// Only what began on the rule's first day or later (新增).
    pub(super) only_new: bool,
    /// The first day on which it holds.
    pub(super) valid_from: Date,
    /// The last day.
    pub(super) valid_to: Option<Date>,
    /// Who says so.
    pub(super) source: String,
    /// How far that can be trusted.
    pub(super) confidence: Confidence,
    /// What else to know.
    pub(super) note: String,
}

impl Rule {
    /// Whether it covers the facts of a duty on a day. What is not known is not covered: a plant
    /// of unknown capacity is named by hand or not at all.
    fn wants(&self, duty: &Duty, day: Date) -> bool {
        let is_of_kind = self.kind.is_none_or(|kind| duty.kind == Some(kind));
        let is_of_medium = self.medium.is_none_or(|medium| duty.medium() == medium);
        let is_large = self
            .capacity_t_per_day_at_least
            .is_none_or(|least| duty.capacity_t_per_day.is_some_and(|has| has >= least));
        let is_on_river = self.rivers.is_empty()
            || duty.river.as_ref().is_some_and(|river| self.rivers.contains(river));
        let is_new =
            !self.only_new || duty.valid_from.is_some_and(|first| first >= self.valid_from);
        let is_in_force = self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last);
        is_of_kind && is_of_medium && is_large && is_on_river && is_new && is_in_force
    }
}

/// Reads the table of duties.
pub(super) fn read_duties(text: &[u8]) -> Result<Vec<Duty>, Vec<String>> {
    tables::read(DUTIES, &DUTY_COLUMNS, text, duty)
}

/// Reads the table of rules.
pub(super) fn read_rules(text: &[u8]) -> Result<Vec<Rule>, Vec<String>> {
    tables::read(RULES, &RULE_COLUMNS, text, rule)
}

fn duty(line: &Line<'_>) -> Result<Duty, Fault> {
    let why = Why::parse(line.cell("why"))
        .ok_or_else(|| ("why", "write key_unit, permit or plan".to_owned()))?;
    let name = line.optional("unit_name_zh").map(|zh| {
        let en = line.optional("unit_name_en").unwrap_or_else(|| zh.clone());
        Text::new(zh, en)
    });
    let outlet = line.needed("outlet")?;
    if !(outlet.starts_with("DW") || outlet.starts_with("DA")) {
        let cure = "write the number of the permit: DW001 for water, DA001 for gas".to_owned();
        return Err(("outlet", cure));
    }
    Ok(Duty {
        unit: line.needed("unit")?,
        name,
        division: line.needed("division")?,
        outlet,
        factors: line.cell("factors").split_whitespace().map(str::to_owned).collect(),
        why,
        kind: kind(line)?,
        capacity_t_per_day: line.amount("capacity_t_per_day")?,
        river: line.optional("river"),
        valid_from: line.day("valid_from")?,
        valid_to: line.day("valid_to")?,
        source: line.needed("source")?,
        confidence: line.confidence()?,
        note: line.cell("note").to_owned(),
    })
}

fn rule(line: &Line<'_>) -> Result<Rule, Fault> {
    let medium = line.optional("medium").map(|word| {
        Medium::parse(&word).ok_or_else(|| ("medium", "write water, gas or nothing".to_owned()))
    });
    let only_new = match line.cell("only_new") {
        "yes" => true,
        "no" | "" => false,
        _ => return Err(("only_new", "write yes or no".to_owned())),
    };
    Ok(Rule {
        id: line.needed("id")?,
        kind: kind(line)?,
        medium: medium.transpose()?,
        capacity_t_per_day_at_least: line.amount("capacity_t_per_day_at_least")?,
        rivers: line.list("rivers"),
        only_new,
        valid_from: line
            .day("valid_from")?
            .ok_or_else(|| ("valid_from", "it must not be empty".to_owned()))?,
        valid_to: line.day("valid_to")?,
        source: line.needed("source")?,
        confidence: line.confidence()?,
        note: line.cell("note").to_owned(),
    })
}

fn kind(line: &Line<'_>) -> Result<Option<UnitKind>, Fault> {
    let cure = "write sewage_plant, key_unit or nothing";
    let read = |word: String| UnitKind::parse(&word).ok_or_else(|| ("kind", cure.to_owned()));
    line.optional("kind").map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn rules() -> Vec<Rule> {
        let text = format!(
            "{}\nplants,sewage_plant,water,500,东溪;鹿溪,no,2021-12-10,,plan,official,\n\
             new-units,key_unit,water,,东溪;鹿溪,yes,2021-12-10,2027-12-31,plan,official,\n",
            RULE_COLUMNS.join(",")
        );
        read_rules(text.as_bytes()).expect("right rules")
    }

    fn one(line: &str) -> Duty {
        let text = format!("{}\n{line}\n", DUTY_COLUMNS.join(","));
        let mut duties = read_duties(text.as_bytes()).expect("a right table");
        duties.pop().expect("one duty")
    }

    #[test]
    fn a_plan_covers_what_its_rows_say_and_nothing_else() {
        let rules = rules();
        for (facts, wanted) in [
            ("sewage_plant,500,东溪,2015-01-01", Some("plants")),
            ("sewage_plant,499.9,东溪,2015-01-01", None),
            ("sewage_plant,,东溪,2015-01-01", None),
            ("sewage_plant,8000,北溪,2015-01-01", None),
            ("sewage_plant,8000,,2015-01-01", None),
            ("key_unit,,鹿溪,2022-03-31", Some("new-units")),
            ("key_unit,,鹿溪,2021-12-09", None),
            ("key_unit,,鹿溪,", None),
        ] {
            let duty = one(&format!("U,甲厂,Works A,350602,DW001,,plan,{facts},,list,fictitious,"));
            let found = match duty.due(&rules, date("2026-10-31")) {
                Due::Yes(rule) => rule.map(|rule| rule.id.as_str()),
                Due::No | Due::NoRule => None,
            };
            assert_eq!(found, wanted, "{facts}");
        }
        let new = one("U,甲厂,,350602,DW001,,plan,key_unit,,鹿溪,2022-03-31,,list,fictitious,");
        assert_eq!(new.due(&rules, date("2028-01-01")), Due::NoRule, "the rule is over");
        let gas = one("U,甲厂,,350602,DA001,,plan,key_unit,,鹿溪,2022-03-31,,list,fictitious,");
        assert_eq!(gas.due(&rules, date("2026-10-31")), Due::NoRule, "it speaks of water");
    }

    #[test]
    fn a_listed_unit_needs_no_rule() {
        let listed =
            one("U,,,350602,DA001,a34013 a21026,key_unit,,,,2026-01-01,2026-12-31,list,official,");
        assert_eq!(listed.due(&[], date("2026-10-31")), Due::Yes(None));
        assert_eq!(listed.due(&[], date("2027-01-01")), Due::No);
        assert_eq!(listed.code(), "U/DA001");
        assert_eq!(listed.factors, ["a34013", "a21026"]);
    }

    #[test]
    fn everything_wrong_in_a_table_is_told_with_its_line() {
        let text = format!(
            "{}\n,,,350602,DW001,,plan,,,,,,s,official,\n\
             U,,,350602,XX,,plan,,,,,,s,official,\n\
             U,,,350602,DW001,,law,,,,,,s,official,\n\
             U,,,350602,DW001,,plan,mine,,,,,s,official,\n\
             U,,,350602,DW001,,plan,,-5,,,,s,official,\n\
             U,,,350602,DW001,,plan,,,,May,,s,official,\n\
             U,,,350602,DW001,,plan,,,,,,s,sure,\n",
            DUTY_COLUMNS.join(",")
        );
        let wrong = read_duties(text.as_bytes()).expect_err("refused");
        let columns =
            ["unit", "outlet", "why", "kind", "capacity_t_per_day", "valid_from", "confidence"];
        assert_eq!(wrong.len(), columns.len(), "{wrong:#?}");
        for ((line, column), told) in (2..).zip(columns).zip(&wrong) {
            assert!(told.contains(&format!(":{line}, column {column}:")), "{told}");
        }
        assert!(read_rules(b"id,kind\n").is_err());
    }
}
