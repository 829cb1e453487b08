//! Opens the case of each duty for each unit in its period, and follows it.

use super::model::DutyRow;
use super::store;
use crate::GovernanceError;
use crate::city_plan::{city_plan, units};
use crate::indicators::inputs::{Reading, Sources};
use crate::names::unit_name;
use authority::{Organisation, OrganisationKind, Principal, Role};
use cases::{By, CaseId, Cases, Channel, NewCase, Viewer};
use jiff::civil::Date;
use plan::indicator::Item;
use plan::{DueDay, Duty, DutyPeriod, Plan, Proof, Rhythm};
use registry::Snapshot;
use rulebook::{Decimal, beijing_offset};
use std::collections::HashSet;
use web::AppState;

/// The kind of case that a duty becomes.
pub(super) const KIND: &str = "plan_duty";
/// The name under which this part of the program acts.
const NAME: &str = "plan";

/// Opens what is to be opened today and follows what is open. Where the installation handles no
/// cases, nothing is done.
///
/// # Errors
/// When the plan is wrong or the store fails: the next look does the rest.
pub async fn look(state: &AppState) -> Result<u32, GovernanceError> {
    let Some(cases) = state.handle::<Cases>() else { return Ok(0) };
    if cases.kind(KIND).is_none() {
        return Ok(0);
    }
    let Some(city) = city_plan(&state.store).await? else { return Ok(0) };
    let opened = open_due(state, &cases, &city.plan).await?;
    follow(state, &cases).await?;
    Ok(opened)
}

async fn open_due(state: &AppState, cases: &Cases, plan: &Plan) -> Result<u32, GovernanceError> {
    let snapshot = state.snapshot();
    let now = state.now();
    let today = beijing_offset().to_datetime(now).date();
    let units = units(&snapshot, today);
    let organisations = state.authority.organisations().await?;
    let known: HashSet<(String, String, String)> = store::all(&state.store)
        .await?
        .into_iter()
        .map(|row| (row.duty, row.unit, row.period))
        .collect();
    let mut opened = 0;
    for duty in &plan.duties {
        let period = plan.period_on(duty, today);
        let due = plan.due_day(duty, &period);
        // What is done once and has no day waits until somebody sets one.
        if duty.rhythm == Rhythm::Once && matches!(due, DueDay::Open(_)) {
            continue;
        }
        for unit in plan.units_of(duty, &units) {
            if known.contains(&(duty.id.clone(), unit.clone(), period.key.clone())) {
                continue;
            }
            let wanted = Wanted { plan, duty, period: &period, due: &due, unit: &unit };
            let new = new_case(&snapshot, &organisations, &wanted);
            let made = match cases.open_case(&By::System { name: NAME }, new, now).await {
                Ok(made) => made,
                // One that is refused does not hold up the others.
                Err(error) if error.texts().is_some() => {
                    tracing::warn!(duty = duty.id, unit, %error, "a duty became no case");
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let row = DutyRow {
                duty: duty.id.clone(),
                unit,
                period: period.key.clone(),
                case: made.id,
                opened_at: now,
                due_on: day_of(&due),
                state: "to_do".to_owned(),
                done_on: None,
            };
            store::tie(&state.store, &row).await?;
            opened += u32::from(made.is_new);
        }
    }
    Ok(opened)
}

fn day_of(due: &DueDay) -> Option<Date> {
    match due {
        DueDay::On(day, _) => Some(*day),
        DueDay::Open(_) => None,
    }
}

/// A duty of a unit to be opened.
struct Wanted<'plan> {
    plan: &'plan Plan,
    duty: &'plan Duty,
    period: &'plan DutyPeriod,
    due: &'plan DueDay,
    unit: &'plan str,
}

/// The case that it makes: the same duty of a unit in a period has the same key.
fn new_case(snapshot: &Snapshot, organisations: &[Organisation], wanted: &Wanted<'_>) -> NewCase {
    let Wanted { plan, duty, period, due, unit } = wanted;
    let division = match snapshot.division(unit) {
        Some(division) => division.code.clone(),
        None => snapshot.city.code.clone(),
    };
    let mut new = NewCase::new(KIND, &division, Channel::Import);
    let (name, when) = (unit_name(snapshot, unit), period.text());
    new.title = format!("{}：{}（{}）", name.zh, duty.title.zh, when.zh).chars().take(80).collect();
    new.text = format!("{} {} · {} {}", duty.title.zh, when.zh, duty.title.en, when.en);
    new.responsible = organisation(organisations, unit);
    let mut fill = |field: &str, value: &str| {
        new.fields.insert(field.to_owned(), value.chars().take(200).collect());
    };
    fill("duty", &duty.title.zh);
    fill("period_name", &when.zh);
    let is_meeting = duty.proof.contains(&Proof::Minutes) || duty.proof.contains(&Proof::Attendees);
    fill("form", if is_meeting { "meeting" } else { "document" });
    fill("day", if day_of(due).is_some() { "stated" } else { "open" });
    let proof: Vec<String> = duty.proof.iter().map(|it| it.text().zh.into_owned()).collect();
    if !proof.is_empty() {
        fill("proof", &proof.join("、"));
    }
    if let Some(measure) = plan.measure(duty.measure) {
        fill("measure", &format!("{} {}", measure.number, measure.title.zh));
    }
    match due {
        DueDay::On(day, source) => {
            fill("due_on", &day.to_string());
            fill("due_rule", source);
        }
        DueDay::Open(who) => fill("due_rule", &format!("方案未载明，由{}确定", who.zh)),
    }
    new.origin_key = Some(format!("plan:{}:{}:{}", duty.id, unit, period.key));
    new
}

/// The organisation of the administration that a unit's code names.
pub(crate) fn organisation(all: &[Organisation], unit: &str) -> Option<authority::OrganisationId> {
    let kinds = [
        OrganisationKind::City,
        OrganisationKind::County,
        OrganisationKind::Zone,
        OrganisationKind::Department,
    ];
    all.iter().find(|known| known.code == unit && kinds.contains(&known.kind)).map(|it| it.id)
}

/// Writes down how the cases of duties stand that are not closed yet.
async fn follow(state: &AppState, cases: &Cases) -> Result<(), GovernanceError> {
    let reader = Principal::of_role(Role::Auditor);
    for row in store::all(&state.store).await? {
        if matches!(row.state.as_str(), "accepted" | "void") {
            continue;
        }
        let seen = cases.case(&Viewer::Person(&reader), row.case, state.now()).await?;
        let field = |id: &str| {
            let field = seen.fields.iter().find(|field| field.id == id)?;
            field.value.trim().parse::<Date>().ok()
        };
        // A day that the plan states is not moved by what somebody writes into the case.
        let is_stated = seen.case.fields.get("day").is_some_and(|day| day == "stated");
        let now = DutyRow {
            state: seen.case.state.clone(),
            due_on: if is_stated { row.due_on } else { field("due_on") },
            done_on: field("done_on"),
            ..row.clone()
        };
        if now != row {
            store::follow(&state.store, &now).await?;
        }
    }
    Ok(())
}

/// Duties of the year whose day has come, and those of them done on time.
pub(crate) async fn gather(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    let today = beijing_offset().to_datetime(reading.now).date();
    for row in store::all(reading.store).await? {
        let Some(due_on) = row.due_on.filter(|due| due.year() == year) else { continue };
        let standing = row.standing(today);
        let is_done = matches!(standing, super::Lateness::Done | super::Lateness::DoneLate);
        if standing == super::Lateness::Void || (due_on >= today && !is_done) {
            continue;
        }
        let item = Item {
            key: format!("{} {} {}", row.unit, row.duty, row.period),
            on: due_on,
            value: Decimal::ONE,
            link: case_page(row.case),
        };
        if standing == super::Lateness::Done {
            sources.entry("duties.on_time".to_owned()).or_default().push(item.clone());
        }
        sources.entry("duties.ended".to_owned()).or_default().push(item);
    }
    if let Some(ended) =
        sources.get("duties.ended").filter(|_| !sources.contains_key("duties.on_time"))
    {
        // None was on time: zero, not unknown.
        let zero = ended.iter().map(|item| Item { value: Decimal::ZERO, ..item.clone() });
        let zeros = zero.collect();
        sources.insert("duties.on_time".to_owned(), zeros);
    }
    Ok(())
}

/// The page of a case.
pub(super) fn case_page(case: CaseId) -> String {
    format!("/cases/{}", case.0)
}
