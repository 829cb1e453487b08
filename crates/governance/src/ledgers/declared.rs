//! The ledgers of the city in the store: those that come with the program, and its own.

use crate::GovernanceError;
use ::ledger::Ledger;
use ::store::Store;
use rulebook::Language;
use std::sync::LazyLock;

/// The folder of a city's files in which its own ledgers stand.
pub const FOLDER: &str = "ledgers/";

/// The files that come with the program, by name.
const FILES: &[(&str, &str)] = &[
    ("accountability.toml", include_str!("../../ledgers/accountability.toml")),
    ("bay_patrols.toml", include_str!("../../ledgers/bay_patrols.toml")),
    ("cleaner_production.toml", include_str!("../../ledgers/cleaner_production.toml")),
    ("credit_records.toml", include_str!("../../ledgers/credit_records.toml")),
    ("damage_compensations.toml", include_str!("../../ledgers/damage_compensations.toml")),
    ("departure_audits.toml", include_str!("../../ledgers/departure_audits.toml")),
    ("education_bases.toml", include_str!("../../ledgers/education_bases.toml")),
    ("enterprise_duty_reviews.toml", include_str!("../../ledgers/enterprise_duty_reviews.toml")),
    ("facility_openings.toml", include_str!("../../ledgers/facility_openings.toml")),
    ("finance_projects.toml", include_str!("../../ledgers/finance_projects.toml")),
    ("fiscal_matters.toml", include_str!("../../ledgers/fiscal_matters.toml")),
    ("government_breaches.toml", include_str!("../../ledgers/government_breaches.toml")),
    ("green_parks.toml", include_str!("../../ledgers/green_parks.toml")),
    ("green_villages.toml", include_str!("../../ledgers/green_villages.toml")),
    (
        "industrial_capacity_plans.toml",
        include_str!("../../ledgers/industrial_capacity_plans.toml"),
    ),
    ("industry_firms.toml", include_str!("../../ledgers/industry_firms.toml")),
    ("infrastructure_projects.toml", include_str!("../../ledgers/infrastructure_projects.toml")),
    ("joint_actions.toml", include_str!("../../ledgers/joint_actions.toml")),
    ("local_rules.toml", include_str!("../../ledgers/local_rules.toml")),
    ("major_matters.toml", include_str!("../../ledgers/major_matters.toml")),
    ("market_access.toml", include_str!("../../ledgers/market_access.toml")),
    ("mine_restorations.toml", include_str!("../../ledgers/mine_restorations.toml")),
    ("monitoring_institutions.toml", include_str!("../../ledgers/monitoring_institutions.toml")),
    ("natural_resources.toml", include_str!("../../ledgers/natural_resources.toml")),
    ("phase_out.toml", include_str!("../../ledgers/phase_out.toml")),
    ("price_rules.toml", include_str!("../../ledgers/price_rules.toml")),
    ("public_funds.toml", include_str!("../../ledgers/public_funds.toml")),
    ("public_interest_suits.toml", include_str!("../../ledgers/public_interest_suits.toml")),
    ("public_notices.toml", include_str!("../../ledgers/public_notices.toml")),
    ("random_inspections.toml", include_str!("../../ledgers/random_inspections.toml")),
    ("responsibility_books.toml", include_str!("../../ledgers/responsibility_books.toml")),
    ("restorations.toml", include_str!("../../ledgers/restorations.toml")),
    ("rights_trades.toml", include_str!("../../ledgers/rights_trades.toml")),
    ("rural_facilities.toml", include_str!("../../ledgers/rural_facilities.toml")),
    ("siting_talks.toml", include_str!("../../ledgers/siting_talks.toml")),
    ("smart_projects.toml", include_str!("../../ledgers/smart_projects.toml")),
    ("social_groups.toml", include_str!("../../ledgers/social_groups.toml")),
    ("special_tasks.toml", include_str!("../../ledgers/special_tasks.toml")),
    ("third_party_projects.toml", include_str!("../../ledgers/third_party_projects.toml")),
    ("trainings.toml", include_str!("../../ledgers/trainings.toml")),
    ("volunteer_activities.toml", include_str!("../../ledgers/volunteer_activities.toml")),
];

static SHIPPED: LazyLock<Vec<Ledger>> = LazyLock::new(|| {
    // A test reads each of them; one that is wrong is left out rather than stopping the server.
    FILES.iter().filter_map(|(file, text)| Ledger::load(file, text).ok()).collect()
});

/// The ledgers that come with the program.
pub fn shipped() -> &'static [Ledger] {
    &SHIPPED
}

/// All ledgers, and what is wrong with files of the city.
#[derive(Debug, Default)]
pub(crate) struct Ledgers {
    /// Those that may be used, in the order of the first measure that they serve.
    pub(crate) sound: Vec<Ledger>,
    /// What is wrong with the others, in both languages.
    pub(crate) problems: Vec<(String, String)>,
}

impl Ledgers {
    /// A ledger by its id.
    pub(crate) fn get(&self, id: &str) -> Option<&Ledger> {
        self.sound.iter().find(|ledger| ledger.id == id)
    }
}

/// Reads the ledgers of the city; a file of its own takes the place of one of the same id.
///
/// # Errors
/// When the store fails.
pub(crate) async fn read(store: &Store) -> Result<Ledgers, GovernanceError> {
    let mut ledgers = Ledgers { sound: shipped().to_vec(), problems: Vec::new() };
    for path in registry::store::city_files(store).await? {
        if !path.starts_with(FOLDER) || !path.to_ascii_lowercase().ends_with(".toml") {
            continue;
        }
        let content = registry::store::city_file(store, &path).await?.unwrap_or_default();
        match Ledger::load(&path, &String::from_utf8_lossy(&content)) {
            Ok(own) => {
                ledgers.sound.retain(|known| known.id != own.id);
                ledgers.sound.push(own);
            }
            Err(problems) => ledgers.problems.extend(problems.iter().map(|problem| {
                (problem.to_plain(Language::Chinese), problem.to_plain(Language::English))
            })),
        }
    }
    let place = |ledger: &Ledger| ledger.measures.iter().min().copied().unwrap_or(u32::MAX);
    ledgers.sound.sort_by(|one, other| place(one).cmp(&place(other)).then(one.id.cmp(&other.id)));
    Ok(ledgers)
}

/// The ledgers of the city that are sound.
///
/// # Errors
/// When the store fails.
pub(crate) async fn all(store: &Store) -> Result<Vec<Ledger>, GovernanceError> {
    Ok(read(store).await?.sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_comes_with_the_program_is_sound_and_named_after_its_ledger() {
        for (file, text) in FILES {
            let ledger = Ledger::load(file, text).unwrap_or_else(|problems| {
                panic!(
                    "{}",
                    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
                )
            });
            assert_eq!(format!("{}.toml", ledger.id), *file);
            assert!(!ledger.measures.is_empty(), "{file} serves no measure");
        }
    }
}
