//! A year's assessment is begun: one case for each unit, with the days that the city sets.

use super::{PATH, store};
use crate::duties::organisation;
use crate::names::unit_name;
use ::assessment::Book;
use cases::{By, CaseId, CaseStanding, Cases, Channel, NewCase};
use jiff::civil::Date;
use web::{AppState, Problem, SignedIn};

/// The kind of case that a unit's assessment becomes.
pub(super) const KIND: &str = "assessment";

/// The days that the city sets: until when each step is done.
pub(super) struct Days {
    pub(super) stated: Date,
    pub(super) verified: Date,
    pub(super) published: Date,
}

/// Opens the case of each unit that has none by this book. Returns how many are new.
///
/// # Errors
/// 404 where the installation keeps no such cases; when one is refused or the store fails.
pub(super) async fn begin(
    state: &AppState,
    signed_in: &SignedIn,
    book: &Book,
    days: &Days,
) -> Result<usize, Problem> {
    let cases = state.handle::<Cases>().filter(|cases| cases.kind(KIND).is_some());
    let cases = cases.ok_or_else(|| {
        Problem::not_found("本系统未启用考核事项", "this installation keeps no such cases")
    })?;
    let snapshot = state.snapshot();
    let organisations = state.authority.organisations().await.map_err(Problem::of_people)?;
    let address = &signed_in.origin().address;
    let mut new_ones = 0;
    for unit in &book.assessed {
        let division = snapshot.division(unit).map_or(&snapshot.city.code, |it| &it.code);
        let mut new = NewCase::new(KIND, division, Channel::Web);
        let name = unit_name(&snapshot, unit);
        new.title = format!("{}：{}", name.zh, book.name.zh).chars().take(80).collect();
        new.text = format!("{} · {}", book.name.zh, book.name.en);
        new.responsible = organisation(&organisations, unit);
        for (field, value) in [
            ("book", book.name.zh.to_string()),
            ("sheet", format!("{PATH}/{}/{unit}", book.id)),
            ("state_by", days.stated.to_string()),
            ("verify_by", days.verified.to_string()),
            ("publish_by", days.published.to_string()),
        ] {
            new.fields.insert(field.to_owned(), value);
        }
        new.origin_key = Some(key(book, unit));
        let by = By::Person { principal: signed_in.principal(), address };
        let opened = cases.open_case(&by, new, state.now()).await?;
        store::tie(&state.store, (&book.id, unit), opened.id.0).await?;
        new_ones += usize::from(opened.is_new);
    }
    Ok(new_ones)
}

fn key(book: &Book, unit: &str) -> String {
    format!("assessment:{}:{unit}", book.id)
}

/// How the case of a unit's assessment stands; `None` where it was not begun.
pub(super) async fn case_of(
    state: &AppState,
    book: &Book,
    unit: &str,
) -> Result<Option<CaseStanding>, Problem> {
    let Some(cases) = state.handle::<Cases>() else { return Ok(None) };
    let Some(id) = store::case(&state.store, (&book.id, unit)).await? else { return Ok(None) };
    Ok(cases.standings(&[CaseId(id)]).await?.pop())
}
