//! The plan of the city that the store serves: read from its files, kept until they change.

use crate::GovernanceError;
use jiff::civil::Date;
use plan::indicator::{Definition, registry as all_definitions};
use plan::{Level, Plan, Problem};
use registry::Snapshot;
use rulebook::Text;
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// The folder of a city's files in which its plan stands.
pub const FOLDER: &str = "plan/";

/// A plan with all definitions that hold in its city.
#[derive(Debug)]
pub struct CityPlan {
    /// The plan.
    pub plan: Plan,
    /// The definitions that come with the program and the city's own.
    pub definitions: Vec<Definition>,
}

impl CityPlan {
    /// How an indicator is computed, for a reader.
    pub fn formula(&self, definition: &Definition) -> Text {
        definition.formula.text(|id| self.definition(id).map(|it| it.name.clone()))
    }

    /// The definition of an id.
    pub fn definition(&self, id: &str) -> Option<&Definition> {
        self.definitions.iter().find(|known| known.id == id)
    }
}

/// Files of a plan, by name and text.
type PlanFiles = Vec<(String, String)>;

/// The plan read last: files are few and seldom change.
static KEPT: Mutex<Option<(PlanFiles, Arc<CityPlan>)>> = Mutex::new(None);

/// The plan of the city in the store; `None` where it has none.
///
/// # Errors
/// When it is wrong or the store fails.
pub async fn city_plan(store: &Store) -> Result<Option<Arc<CityPlan>>, GovernanceError> {
    let mut files = Vec::new();
    for path in registry::store::city_files(store).await? {
        let Some(name) = path.strip_prefix(FOLDER) else { continue };
        if std::path::Path::new(name).extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let content = registry::store::city_file(store, &path).await?.unwrap_or_default();
        files.push((path.clone(), String::from_utf8_lossy(&content).into_owned()));
    }
    if files.is_empty() {
        return Ok(None);
    }
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((known, plan)) = kept
        && known == files
    {
        return Ok(Some(plan));
    }
    let plan = Plan::parse(&files).map_err(|problems| wrong(&problems))?;
    let definitions = all_definitions(&plan.indicators);
    let plan = Arc::new(CityPlan { plan, definitions });
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some((files, Arc::clone(&plan)));
    Ok(Some(plan))
}

fn wrong(problems: &[Problem]) -> GovernanceError {
    let first = problems.iter().find(|problem| problem.level == Level::Wrong);
    GovernanceError::Plan(first.map_or_else(String::new, ToString::to_string))
}

/// The units of a city on a day: divisions with their kind, departments without one.
pub fn units(snapshot: &Snapshot, on: Date) -> Vec<(String, String)> {
    let divisions = snapshot.divisions_on(on);
    let divisions = divisions.map(|it| (it.code.clone(), it.kind.as_str().to_owned()));
    let departments = snapshot.departments.iter().map(|it| (it.code.clone(), String::new()));
    divisions.chain(departments).collect()
}
