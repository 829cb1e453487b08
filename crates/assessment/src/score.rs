//! Points of a value, and the sheet of a history.

use std::collections::BTreeMap;

use rulebook::{Decimal, Text};

use crate::book::{Book, Cut, Item, Rule, VetoEffect};
use crate::event::{Event, EventKind, Standing};
use crate::sheet::{AdjustmentRow, GroupRow, ItemRow, ReplayProblem, Sheet, VetoRow};
use crate::words::{AdjustmentKind, Better};

/// Points that a value of an item brings to a unit.
///
/// Linear: `clamp(full − points · max(0, gap / step), 0, full)`, where the gap is measured against
/// the unit's target in the direction that is worse. Steps: the points of the first cut that is
/// reached. Met: all or nothing. Judged: the value itself, from nothing to full marks.
///
/// # Example
/// ```
/// use assessment::{Book, points};
/// use rulebook::Decimal;
/// let book = Book::load("book.toml", include_str!("../tests/pm10.toml")).unwrap();
/// let item = book.item("pm10").unwrap();
/// let of = |value: i64| points(item, "350603", Decimal::from(value));
/// assert_eq!(of(60), Decimal::from(3));
/// assert_eq!(of(63), Decimal::new(15, 1));
/// assert_eq!(of(67), Decimal::ZERO);
/// ```
pub fn points(item: &Item, unit: &str, value: Decimal) -> Decimal {
    let full = item.full_marks;
    let target = item.target(unit).unwrap_or_default();
    let gap = |better: Better| match better {
        Better::Higher => target.saturating_sub(value),
        Better::Lower => value.saturating_sub(target),
    };
    let points = match &item.rule {
        Rule::Linear { better, step, points, is_whole_steps, .. } => {
            let steps = gap(*better).max(Decimal::ZERO).checked_div(*step);
            let steps = steps.unwrap_or(Decimal::MAX);
            let steps = if *is_whole_steps { steps.floor() } else { steps };
            full.saturating_sub(points.saturating_mul(steps))
        }
        Rule::Steps { better, cuts } => {
            let reached = |cut: &&Cut| match better {
                Better::Higher => value >= cut.value,
                Better::Lower => value <= cut.value,
            };
            cuts.iter().find(reached).map_or(Decimal::ZERO, |cut| cut.points)
        }
        Rule::Met { better, .. } if gap(*better) <= Decimal::ZERO => full,
        Rule::Met { .. } => Decimal::ZERO,
        Rule::Judged => value,
    };
    points.clamp(Decimal::ZERO, full).normalize()
}

/// What the history says of one item.
#[derive(Clone, Default)]
struct Known {
    stated: Option<Decimal>,
    verified: Option<Decimal>,
    claimed: Option<Decimal>,
    decided: Option<Decimal>,
    stated_by: Option<String>,
    verified_by: Option<String>,
    source: String,
}

impl Known {
    fn standing(&self) -> Standing {
        if self.claimed.is_some() {
            Standing::Appealed
        } else if self.decided.is_some() {
            Standing::Decided
        } else if self.verified.is_some() {
            Standing::Verified
        } else if self.stated.is_some() {
            Standing::Stated
        } else {
            Standing::Open
        }
    }
}

/// The history as it is read, entry by entry.
struct History<'book> {
    book: &'book Book,
    unit: &'book str,
    items: BTreeMap<&'book str, Known>,
    adjusted: BTreeMap<&'book str, (Decimal, u32)>,
    vetoed: BTreeMap<&'book str, String>,
    is_published: bool,
    last: i64,
}

/// The sheet of a unit from its history.
///
/// # Errors
/// The first entry that cannot have happened: an unknown item, a value verified by who stated it,
/// an appeal against nothing, anything after the publication.
pub fn replay(book: &Book, unit: &str, events: &[Event]) -> Result<Sheet, ReplayProblem> {
    let mut history = History {
        book,
        unit,
        items: BTreeMap::new(),
        adjusted: BTreeMap::new(),
        vetoed: BTreeMap::new(),
        is_published: false,
        last: i64::MIN,
    };
    for event in events {
        history.take(event).map_err(|what| ReplayProblem { event: event.number, what })?;
    }
    Ok(history.sheet())
}

impl<'book> History<'book> {
    fn take(&mut self, event: &Event) -> Result<(), Text> {
        if event.number <= self.last {
            return Err(Text::fixed(
                "记录的序号没有递增",
                "its number is not after the one before",
            ));
        }
        self.last = event.number;
        if self.is_published {
            return Err(Text::fixed("结果已公布，不能再改", "the result is published already"));
        }
        match &event.kind {
            EventKind::Stated { item, value, source } => {
                let known = self.known(item, *value)?;
                if known.verified.is_some() {
                    return Err(Text::fixed(
                        "该项已核定，请改用申诉",
                        "it is verified already: appeal instead",
                    ));
                }
                known.stated = Some(*value);
                known.source.clone_from(source);
                known.stated_by = Some(event.by.clone());
            }
            EventKind::Verified { item, value, source } => {
                let known = self.known(item, *value)?;
                if known.stated_by.as_ref() == Some(&event.by) {
                    return Err(Text::fixed(
                        "自评人不能核定自己的数",
                        "who stated a value cannot verify it",
                    ));
                }
                if known.claimed.is_some() || known.decided.is_some() {
                    return Err(Text::fixed(
                        "该项已申诉，请改用复核",
                        "it is under appeal or decided: decide it instead",
                    ));
                }
                known.verified = Some(*value);
                known.verified_by = Some(event.by.clone());
                known.source.clone_from(source);
            }
            EventKind::Appealed { item, value, .. } => {
                let known = self.known(item, *value)?;
                if known.verified.is_none() || known.decided.is_some() {
                    return Err(Text::fixed(
                        "只能对已核定且未经复核的项申诉",
                        "only what is verified and not decided can be appealed",
                    ));
                }
                known.claimed = Some(*value);
            }
            EventKind::Decided { item, value, .. } => {
                let known = self.known(item, *value)?;
                if known.verified_by.as_ref() == Some(&event.by) {
                    return Err(Text::fixed(
                        "核定人不能复核自己的核定",
                        "who verified a value cannot decide on the appeal",
                    ));
                }
                if known.claimed.take().is_none() {
                    return Err(Text::fixed("没有待复核的申诉", "there is no appeal to decide"));
                }
                known.decided = Some(*value);
            }
            EventKind::Adjusted { adjustment, points, .. } => self.adjust(adjustment, *points)?,
            EventKind::Vetoed { veto, reason } => {
                let id = self.veto(veto)?;
                self.vetoed.insert(id, reason.clone());
            }
            EventKind::VetoLifted { veto, .. } => {
                let id = self.veto(veto)?;
                if self.vetoed.remove(id).is_none() {
                    return Err(Text::fixed("该否决项未生效", "that veto does not apply"));
                }
            }
            EventKind::Published => self.publish()?,
        }
        Ok(())
    }

    fn known(&mut self, id: &str, value: Decimal) -> Result<&mut Known, Text> {
        let item = self.book.items_of(self.unit).find(|item| item.id == id).ok_or_else(|| {
            Text::new(format!("该单位没有考核项 {id}"), format!("the unit has no item {id:?}"))
        })?;
        let is_of_points = matches!(item.rule, Rule::Judged);
        if is_of_points && (value < Decimal::ZERO || value > item.full_marks) {
            return Err(Text::new(
                format!("评分应在 0 到 {} 之间", item.full_marks),
                format!("points go from 0 to {}", item.full_marks),
            ));
        }
        Ok(self.items.entry(&item.id).or_default())
    }

    fn adjust(&mut self, id: &str, points: Decimal) -> Result<(), Text> {
        let found = self.book.adjustments.iter().find(|known| known.id == id);
        let adjustment = found.ok_or_else(|| {
            Text::new(format!("没有加减分项 {id}"), format!("there is no adjustment {id:?}"))
        })?;
        if points < Decimal::ZERO {
            return Err(Text::fixed("分值不能为负", "its points must not be negative"));
        }
        let (sum, count) = self.adjusted.entry(&adjustment.id).or_default();
        *sum = sum.saturating_add(points);
        *count += 1;
        Ok(())
    }

    fn veto(&self, id: &str) -> Result<&'book str, Text> {
        let found = self.book.vetoes.iter().find(|veto| veto.id == id);
        found.map(|veto| veto.id.as_str()).ok_or_else(|| {
            Text::new(format!("没有否决项 {id}"), format!("there is no veto {id:?}"))
        })
    }

    fn publish(&mut self) -> Result<(), Text> {
        let open = self.book.items_of(self.unit).find(|item| {
            let standing = self.items.get(item.id.as_str()).map_or(Standing::Open, Known::standing);
            !matches!(standing, Standing::Verified | Standing::Decided)
        });
        if let Some(item) = open {
            return Err(Text::new(
                format!("“{}”尚未核定或复核", item.name.zh),
                format!("{:?} is not verified or under appeal", item.name.en),
            ));
        }
        self.is_published = true;
        Ok(())
    }

    fn sheet(&self) -> Sheet {
        let items: Vec<ItemRow> = self.book.items_of(self.unit).map(|it| self.row(it)).collect();
        let groups = self.book.groups.iter().filter_map(|group| {
            let of_it = || items.iter().filter(|item| item.group == group.id);
            of_it().next()?;
            Some(GroupRow {
                id: group.id.clone(),
                points: of_it().filter_map(|item| item.points).sum(),
                full_marks: of_it().map(|item| item.full_marks).sum(),
            })
        });
        let groups: Vec<GroupRow> = groups.collect();
        let points: Decimal = items.iter().filter_map(|item| item.points).sum();
        let full_marks: Decimal = items.iter().map(|item| item.full_marks).sum();
        let scaled = match self.book.scaled_to {
            // Two places, the half to the even digit; the points themselves are exact.
            Some(to) if !full_marks.is_zero() => {
                rulebook::round_half_even(to * points / full_marks, 2)
            }
            _ => points,
        };
        let adjustments = self.adjustments();
        let sum = |kind: AdjustmentKind, cap: Option<Decimal>| {
            let of_it = adjustments.iter().filter(|row| row.kind == kind);
            let sum: Decimal = of_it.map(|row| row.counted).sum();
            cap.map_or(sum, |cap| sum.min(cap))
        };
        let bonus = sum(AdjustmentKind::Bonus, self.book.bonus_at_most);
        let deduction = sum(AdjustmentKind::Deduction, self.book.deduction_at_most);
        let total = (scaled + bonus - deduction).max(Decimal::ZERO).normalize();
        let is_complete = items
            .iter()
            .all(|item| matches!(item.standing, Standing::Verified | Standing::Decided));
        let by_points = self.book.grades.iter().position(|grade| total >= grade.at_least);
        let by_points = by_points.or(self.book.grades.len().checked_sub(1));
        let vetoes: Vec<VetoRow> = self
            .vetoed
            .iter()
            .map(|(id, reason)| VetoRow { id: (*id).to_owned(), reason: reason.clone() })
            .collect();
        let at = by_points.map(|at| self.capped(at));
        Sheet {
            book: self.book.id.clone(),
            book_version: self.book.version,
            year: self.book.year,
            unit: self.unit.to_owned(),
            last_event: if self.last == i64::MIN { 0 } else { self.last },
            items,
            groups,
            points: points.normalize(),
            full_marks: full_marks.normalize(),
            scaled: scaled.normalize(),
            adjustments,
            bonus: bonus.normalize(),
            deduction: deduction.normalize(),
            total,
            vetoes,
            grade: at
                .filter(|_| is_complete)
                .and_then(|at| self.book.grades.get(at))
                .map(|grade| grade.id.clone()),
            is_complete,
            is_published: self.is_published,
        }
    }

    /// The grade after every veto that applies.
    fn capped(&self, by_points: usize) -> usize {
        let last = self.book.grades.len().saturating_sub(1);
        let place = |effect: &VetoEffect| match effect {
            VetoEffect::Fails => last,
            VetoEffect::CapsAt(id) => {
                self.book.grades.iter().position(|grade| &grade.id == id).unwrap_or(last)
            }
        };
        let applying =
            self.book.vetoes.iter().filter(|veto| self.vetoed.contains_key(veto.id.as_str()));
        applying.map(|veto| place(&veto.effect)).fold(by_points, usize::max)
    }

    fn row(&self, item: &Item) -> ItemRow {
        let known = self.items.get(item.id.as_str()).cloned().unwrap_or_default();
        let value = known.decided.or(known.verified).or(known.stated);
        ItemRow {
            id: item.id.clone(),
            group: item.group.clone(),
            target: item.target(self.unit).map(|target| target.normalize()),
            stated: known.stated.map(|value| value.normalize()),
            value: value.map(|value| value.normalize()),
            source: known.source.clone(),
            standing: known.standing(),
            points: value.map(|value| points(item, self.unit, value)),
            full_marks: item.full_marks.normalize(),
        }
    }

    fn adjustments(&self) -> Vec<AdjustmentRow> {
        let given = self.book.adjustments.iter().filter_map(|adjustment| {
            let (points, count) = self.adjusted.get(adjustment.id.as_str())?;
            Some(AdjustmentRow {
                id: adjustment.id.clone(),
                kind: adjustment.kind,
                count: *count,
                given: points.normalize(),
                counted: (*points).min(adjustment.at_most).normalize(),
            })
        });
        given.collect()
    }
}
