//! The nouns of a responsibility book.

use std::collections::BTreeMap;

use rulebook::{Confidence, Decimal, Text};

use crate::words::{AdjustmentKind, Better};

/// A responsibility book of one year (目标责任书): who is assessed by what.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its id.
    pub id: String,
    /// The version of the file; a sheet names it.
    pub version: u32,
    /// The year that is assessed.
    pub year: u32,
    /// Its name.
    pub name: Text,
    /// Where the rules come from.
    pub source: String,
    /// How sure they are.
    pub confidence: Confidence,
    /// Codes of the units that are assessed: divisions or departments.
    pub assessed: Vec<String>,
    /// What the points of all items are scaled to; `None`: they are left as they are.
    pub scaled_to: Option<Decimal>,
    /// The most that all bonuses together may add.
    pub bonus_at_most: Option<Decimal>,
    /// The most that all deductions together may take.
    pub deduction_at_most: Option<Decimal>,
    /// Groups of items, in their order.
    pub groups: Vec<Group>,
    /// Items, in their order.
    pub items: Vec<Item>,
    /// Bonuses and deductions.
    pub adjustments: Vec<Adjustment>,
    /// Events that cap the grade or fail the unit.
    pub vetoes: Vec<Veto>,
    /// Grades, the best first.
    pub grades: Vec<Grade>,
    /// The name of the file.
    pub(crate) file: String,
    /// Where each place stands.
    pub(crate) lines: BTreeMap<String, u32>,
}

/// A group of items (一级指标).
#[derive(Clone, Debug)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// An item (考核指标).
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Its group.
    pub group: String,
    /// Its name.
    pub name: Text,
    /// The unit of its value; empty where points are given.
    pub unit: String,
    /// The most points.
    pub full_marks: Decimal,
    /// How a value becomes points.
    pub rule: Rule,
    /// The indicator that measures it, by id.
    pub indicator: Option<String>,
    /// Targets of single units that differ from the rule's.
    pub targets: Vec<UnitTarget>,
    /// The units to which it applies; empty: to all. Others are scaled without it.
    pub only: Vec<String>,
}

/// The target of one unit.
#[derive(Clone, Debug)]
pub struct UnitTarget {
    /// The unit's code.
    pub unit: String,
    /// Its target.
    pub target: Decimal,
}

/// How a value becomes points (计分方法).
#[derive(Clone, Debug)]
pub enum Rule {
    /// Full marks at the target; for each step beyond it so many points less, never below nothing:
    /// `clamp(full − points · max(0, gap / step), 0, full)`.
    Linear {
        /// Which way is better.
        better: Better,
        /// The target.
        target: Decimal,
        /// The step.
        step: Decimal,
        /// Points that each step costs.
        points: Decimal,
        /// Only whole steps count.
        is_whole_steps: bool,
    },
    /// The points of the first cut that the value reaches.
    Steps {
        /// Which way is better.
        better: Better,
        /// The cuts, the best first.
        cuts: Vec<Cut>,
    },
    /// Full marks when the target is met, else nothing.
    Met {
        /// Which way is better.
        better: Better,
        /// The target.
        target: Decimal,
    },
    /// Points are given by who verifies, from nothing to full marks.
    Judged,
}

/// A cut of [`Rule::Steps`].
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// The value that must be reached.
    pub value: Decimal,
    /// The points it brings.
    pub points: Decimal,
}

/// A bonus or a deduction (加分项、扣分项).
#[derive(Clone, Debug)]
pub struct Adjustment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it does.
    pub kind: AdjustmentKind,
    /// The most points for all its cases together.
    pub at_most: Decimal,
}

/// An event that outweighs the points (一票否决、降等).
#[derive(Clone, Debug)]
pub struct Veto {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it does.
    pub effect: VetoEffect,
}

/// What a veto does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VetoEffect {
    /// The unit gets the last grade.
    Fails,
    /// The unit gets at best this grade.
    CapsAt(String),
}

/// A grade (等次).
#[derive(Clone, Debug)]
pub struct Grade {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The total from which it is given.
    pub at_least: Decimal,
}

impl Book {
    /// An item by its id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The items of one unit.
    pub fn items_of<'book>(
        &'book self,
        unit: &'book str,
    ) -> impl Iterator<Item = &'book Item> + 'book {
        self.items.iter().filter(move |item| item.applies_to(unit))
    }

    /// The name of the file in messages.
    pub fn file(&self) -> &str {
        &self.file
    }
}

impl Item {
    /// Whether a unit is assessed by it.
    pub fn applies_to(&self, unit: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == unit)
    }

    /// The target of a unit; `None` where the rule has none.
    pub fn target(&self, unit: &str) -> Option<Decimal> {
        let own = self.targets.iter().find(|target| target.unit == unit);
        match (&self.rule, own) {
            (Rule::Linear { .. } | Rule::Met { .. }, Some(own)) => Some(own.target),
            (Rule::Linear { target, .. } | Rule::Met { target, .. }, None) => Some(*target),
            (Rule::Steps { .. } | Rule::Judged, _) => None,
        }
    }
}
