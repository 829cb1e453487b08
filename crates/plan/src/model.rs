//! The nouns of a plan.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rulebook::{Decimal, Text};

use crate::indicator::Definition;
use crate::words::{Binding, Operator, Proof, Rhythm};

/// Where each place of the files stands: file and line.
pub(crate) type Lines = BTreeMap<String, (String, u32)>;

/// A plan (实施方案) as its files declare it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Who made it, when, where it can be read.
    pub head: Head,
    /// Its chapters, in their order.
    pub chapters: Vec<Chapter>,
    /// Its measures, in their order.
    pub measures: Vec<Measure>,
    /// Its targets.
    pub targets: Vec<Target>,
    /// Its duties with a period or a deadline.
    pub duties: Vec<Duty>,
    /// Due days that the city has set where the document left them open.
    pub clocks: Vec<SetClock>,
    /// Definitions of indicators that the city adds or replaces.
    pub indicators: Vec<Definition>,
    /// Where each place stands.
    pub(crate) lines: Lines,
}

/// The head of a plan (文件信息).
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Its title.
    pub title: Text,
    /// The document's number; the source may not give one.
    pub number: Option<String>,
    /// The day of the document.
    pub date: Date,
    /// Who issued it.
    pub issued_by: Text,
    /// Where it can be read.
    pub source: String,
    /// The first and the last year that it speaks of.
    pub years: (i16, i16),
    /// Which of the listed units leads, and who says so.
    pub lead_rule: Text,
    /// The rule by which every division of some kinds answers for every measure.
    pub everyone: Option<Everyone>,
}

/// Every division of these kinds answers for every measure (以下均需…落实).
#[derive(Clone, Debug, Default)]
pub struct Everyone {
    /// The kinds: `county`, `zone`.
    pub kinds: Vec<String>,
    /// The rule in words.
    pub text: Text,
    /// Where the document says so.
    pub source: String,
}

/// A chapter (章).
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Its number.
    pub number: u32,
    /// Its title.
    pub title: Text,
}

/// A measure (措施).
#[derive(Clone, Debug)]
pub struct Measure {
    /// Its number.
    pub number: u32,
    /// The chapter in which it stands.
    pub chapter: u32,
    /// Its title.
    pub title: Text,
    /// What it asks for, in our words.
    pub summary: Text,
    /// The units that lead, by code.
    pub lead: Vec<String>,
    /// The units that assist, by code, in the order of the document.
    pub assisting: Vec<String>,
    /// The indicators that show it, by id.
    pub indicators: Vec<String>,
    /// The pages that carry it.
    pub modules: Vec<Module>,
    /// What of it no software carries, and why.
    pub not_in_software: Option<Text>,
}

/// A page that carries a measure.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its address.
    pub path: String,
    /// What it is called.
    pub title: Text,
}

/// A target (目标).
#[derive(Clone, Debug)]
pub struct Target {
    /// Its id.
    pub id: String,
    /// The indicator that shows it.
    pub indicator: String,
    /// The year by which.
    pub year: i16,
    /// How a value is held against it.
    pub operator: Operator,
    /// The value and its unit in the indicator; `None` where the document leaves it to somebody.
    pub value: Option<Decimal>,
    /// Who decides the value that the document leaves open.
    pub decided_by: Option<Text>,
    /// How far it binds.
    pub binding: Binding,
    /// What the document says, in few words.
    pub stated: Text,
    /// The measures that it judges beside those which show its indicator.
    pub measures: Vec<u32>,
}

/// A duty with a period or a deadline (任务).
#[derive(Clone, Debug)]
pub struct Duty {
    /// Its id.
    pub id: String,
    /// The measure that sets it.
    pub measure: u32,
    /// What is to be done.
    pub title: Text,
    /// How often.
    pub rhythm: Rhythm,
    /// By when.
    pub due: Due,
    /// Whose it is: codes of units, or `@county`, `@zone`, `@city`, `@lead`, `@responsible`.
    pub who: Vec<String>,
    /// What shows that it was done.
    pub proof: Vec<Proof>,
}

/// When a duty is due (到期规则).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// On the last day of its period.
    EndOfPeriod {
        /// Who says so.
        source: String,
    },
    /// So many calendar days after the last day of its period.
    DaysAfterPeriod {
        /// The days.
        days: u32,
        /// Who says so.
        source: String,
    },
    /// On a day.
    OnDay {
        /// The day.
        day: Date,
        /// Who says so.
        source: String,
    },
    /// The document does not say: nothing is invented.
    Open {
        /// Who decides it.
        decided_by: Text,
    },
}

/// A due day that the city has set where the document leaves it open (本市确定的时限).
#[derive(Clone, Debug)]
pub struct SetClock {
    /// The duty.
    pub duty: String,
    /// When it is due.
    pub due: Due,
    /// The first day of periods for which this holds.
    pub valid_from: Date,
}

impl Plan {
    /// The measure of a number.
    pub fn measure(&self, number: u32) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.number == number)
    }

    /// The chapter of a number.
    pub fn chapter(&self, number: u32) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| chapter.number == number)
    }

    /// The targets that judge a measure.
    pub fn targets_of<'plan>(
        &'plan self,
        measure: &'plan Measure,
    ) -> impl Iterator<Item = &'plan Target> {
        self.targets.iter().filter(|target| {
            target.measures.contains(&measure.number)
                || measure.indicators.contains(&target.indicator)
        })
    }

    /// The duties that a measure sets.
    pub fn duties_of(&self, measure: u32) -> impl Iterator<Item = &Duty> {
        self.duties.iter().filter(move |duty| duty.measure == measure)
    }

    /// The codes of the units whose duty it is; divisions are given with their kind.
    pub fn units_of(&self, duty: &Duty, divisions: &[(String, String)]) -> Vec<String> {
        let mut units: Vec<String> = Vec::new();
        let of_kind = |kind: &str| -> Vec<String> {
            let of_it = divisions.iter().filter(|(_, known)| known == kind);
            of_it.map(|(code, _)| code.clone()).collect()
        };
        let measure = self.measure(duty.measure);
        for who in &duty.who {
            let found = match who.strip_prefix('@') {
                None => vec![who.clone()],
                Some("lead") => measure.map(|it| it.lead.clone()).unwrap_or_default(),
                Some("responsible") => measure
                    .map(|it| [it.lead.clone(), it.assisting.clone()].concat())
                    .unwrap_or_default(),
                Some(kind) => of_kind(kind),
            };
            for unit in found {
                if !units.contains(&unit) {
                    units.push(unit);
                }
            }
        }
        units
    }
}
