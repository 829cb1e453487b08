//! What was discharged: the daily amounts of the valid data of each outlet, added up.

use jiff::Timestamp;
use jiff::civil::Date;
use permits::{EiaApproval, PermitVersion, Quota};
use registry::{EnterpriseId, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::BTreeMap;
use validity::Month;
use web::{AppState, Problem};

/// Kilograms in a tonne.
const TONNE: u32 = 1000;
/// The months of a year.
const MONTHS: i8 = 12;

/// What an enterprise discharged in a year, by the code of the pollutant.
#[derive(Clone, Debug, Default)]
pub(super) struct Discharged {
    /// Tonnes.
    pub(super) tonnes: BTreeMap<String, Decimal>,
    /// The first and the last day that is counted; `None` where no month of the year is judged.
    pub(super) days: Option<(Date, Date)>,
}

/// What the outlets of an enterprise discharged in a year, as far as its months are judged and
/// kept. Nothing is estimated here.
///
/// # Errors
/// When the store fails.
pub(super) async fn discharged(
    state: &AppState,
    snapshot: &Snapshot,
    enterprise: EnterpriseId,
    year: i16,
) -> Result<Discharged, Problem> {
    let mut found = Discharged::default();
    let now = Month::at(state.now());
    for point in snapshot.outlets_of(enterprise) {
        for month in (1..=MONTHS).filter_map(|month| Month::new(year, month)) {
            if month > now {
                break;
            }
            let record = validity::stored(&state.store, point.id, month).await?;
            let Some(record) = record else { continue };
            for day in record.periods.iter().filter(|it| it.period == Period::Day) {
                let (Some(amount), Some(factor)) = (day.amount_kg, snapshot.factor(day.factor))
                else {
                    continue;
                };
                let tonnes = amount / Decimal::from(TONNE);
                *found.tonnes.entry(factor.code.clone()).or_default() += tonnes;
                let on = date(day.start);
                found.days = Some(
                    found.days.map_or((on, on), |(first, last)| (first.min(on), last.max(on))),
                );
            }
        }
    }
    Ok(found)
}

fn date(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

/// A pollutant of an enterprise in a year, by all four papers (四本账).
#[derive(Clone, Debug)]
pub(super) struct Beside {
    /// Its code.
    pub(super) pollutant: String,
    /// Tonnes that the impact assessments allow.
    pub(super) approved: Option<Decimal>,
    /// Tonnes that the permits allow.
    pub(super) permitted: Option<Decimal>,
    /// Tonnes of the quota.
    pub(super) quota: Option<Decimal>,
    /// Tonnes discharged.
    pub(super) actual: Option<Decimal>,
}

impl Beside {
    /// The smallest of what is allowed.
    pub(super) fn allowed(&self) -> Option<Decimal> {
        [self.approved, self.permitted, self.quota].into_iter().flatten().min()
    }

    /// The share of the permitted amount that is used, in per cent; the smallest allowed one where
    /// the permit sets none.
    pub(super) fn used_percent(&self) -> Option<Decimal> {
        let of = self.permitted.or_else(|| self.allowed()).filter(|of| !of.is_zero())?;
        Some(self.actual? / of * Decimal::ONE_HUNDRED)
    }

    /// Whether more was discharged than any of the papers allows.
    pub(super) fn is_over(&self) -> bool {
        self.actual.zip(self.allowed()).is_some_and(|(actual, allowed)| allowed < actual)
    }

    /// Whether the permit allows more than the impact assessment or the quota.
    pub(super) fn contradicts(&self) -> bool {
        let below = |paper: Option<Decimal>| {
            self.permitted.zip(paper).is_some_and(|(permitted, paper)| paper < permitted)
        };
        below(self.approved) || below(self.quota)
    }
}

/// All pollutants that any of the papers names, side by side. `versions` are those that hold in the
/// year, one of each permit.
pub(super) fn beside(
    versions: &[PermitVersion],
    approvals: &[EiaApproval],
    quotas: &[Quota],
    discharged: &Discharged,
    year: i16,
) -> Vec<Beside> {
    let mut codes: Vec<&str> = Vec::new();
    let of_permits = versions.iter().flat_map(|it| &it.amounts).map(|it| it.pollutant.as_str());
    let of_approvals = approvals.iter().flat_map(|it| &it.amounts).map(|it| it.pollutant.as_str());
    let of_quotas = quotas.iter().map(|it| it.pollutant.as_str());
    for code in of_permits.chain(of_approvals).chain(of_quotas) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let permitted = |code: &str| {
        let each = versions.iter().filter_map(|it| permits::permitted_amount(it, code, year));
        each.fold(None, |sum: Option<Decimal>, one| Some(sum.unwrap_or_default() + one))
    };
    codes
        .into_iter()
        .map(|code| Beside {
            pollutant: code.to_owned(),
            approved: permits::approved_amount(approvals, code, year),
            permitted: permitted(code),
            quota: permits::quota_amount(quotas, code, year),
            actual: discharged.tonnes.get(code).copied(),
        })
        .collect()
}
