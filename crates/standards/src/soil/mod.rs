//! Soil (土壤): screening and control values of building land and farm land.

pub mod gb15618_agricultural_land;
pub mod gb36600_construction_land;

use rulebook::Text;

/// What a concentration in soil means (风险水平), the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// At most the screening value.
    UpToScreening,
    /// Above the screening value, at most the control value.
    AboveScreening,
    /// Above the control value.
    AboveControl,
}

impl Risk {
    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::UpToScreening => Text::fixed("不超过筛选值", "up to the screening value"),
            Self::AboveScreening => Text::fixed("超过筛选值", "above the screening value"),
            Self::AboveControl => Text::fixed("超过管制值", "above the control value"),
        }
    }

    pub(crate) fn of(
        value: rulebook::Decimal,
        screening: rulebook::Decimal,
        control: Option<rulebook::Decimal>,
    ) -> Self {
        if control.is_some_and(|control| value > control) {
            Self::AboveControl
        } else if value > screening {
            Self::AboveScreening
        } else {
            Self::UpToScreening
        }
    }
}

/// A verdict on soil in a sentence and a table.
pub(crate) fn explain_risk(verdict: &rulebook::Judged<Risk>) -> rulebook::Explanation {
    let name = verdict.value.name();
    let (zh, en) = verdict
        .inputs
        .first()
        .map(|input| {
            (
                format!("{} {} mg/kg ", input.name.zh, input.value),
                format!("{} {} mg/kg ", input.name.en, input.value),
            )
        })
        .unwrap_or_default();
    verdict.explained(Text::new(
        format!("{zh}{}（{}）", name.zh, verdict.by.text().zh),
        format!("{en}{} ({})", name.en, verdict.by),
    ))
}
