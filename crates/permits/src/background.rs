//! What stands beside a permit: the approval of the environmental impact assessment and the quota
//! of the total amount.

use crate::model::confidence;
use crate::written;
use jiff::civil::Date;
use registry::Confidence;
use rulebook::Decimal;
use serde::{Deserialize, Serialize};

/// An approved environmental impact assessment (环评批复) with the amounts that it allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EiaApproval {
    /// The number of the document (批复文号).
    pub document: String,
    /// The project.
    pub project: String,
    /// Who approved it.
    #[serde(default)]
    pub approved_by: String,
    /// When.
    #[serde(with = "written")]
    pub approved_on: Date,
    /// The last day on which its amounts count, where a later one replaces it.
    #[serde(default, with = "written::or_nothing")]
    pub valid_to: Option<Date>,
    /// The amounts, tonnes a year.
    #[serde(default)]
    pub amounts: Vec<ApprovedAmount>,
    /// Where it was read.
    pub source: String,
    /// How far it can be trusted.
    #[serde(default = "unverified", with = "confidence")]
    pub confidence: Confidence,
}

const fn unverified() -> Confidence {
    Confidence::Unverified
}

/// An amount that an approval allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedAmount {
    /// The factor's code.
    pub pollutant: String,
    /// Tonnes a year.
    #[serde(with = "written")]
    pub tonnes: Decimal,
}

/// A quota of the total amount (总量控制指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The number of the document.
    pub document: String,
    /// The factor's code.
    pub pollutant: String,
    /// Tonnes a year.
    #[serde(with = "written")]
    pub tonnes: Decimal,
    /// Where it came from (指标来源): allotted, replaced, bought.
    #[serde(default)]
    pub origin: String,
    /// The first year.
    pub from_year: i16,
    /// The last year; `None` while it holds.
    #[serde(default)]
    pub to_year: Option<i16>,
    /// Where it was read.
    pub source: String,
    /// How far it can be trusted.
    #[serde(default = "unverified", with = "confidence")]
    pub confidence: Confidence,
}

/// All that stands beside a permit, replaced as a whole when any of it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Approvals.
    #[serde(default)]
    pub approvals: Vec<EiaApproval>,
    /// Quotas.
    #[serde(default)]
    pub quotas: Vec<Quota>,
}
