//! What everybody sees (公开): published results, without anything that tells who reported.

use crate::desk::File;
use crate::reading::case::{Sight, state_name};
use crate::{CaseError, Cases, Cursor, EventKind, Page, PublicCase, PublicFilter, SeenAs, store};
use caseflow::PublicView;
use jiff::Timestamp;
use jiff::civil::Time;
use rulebook::beijing_offset;

/// The longest page.
const ROWS_MAX: u16 = 200;

/// The day of a time, at 0:00 in Beijing: the hour of a report may tell who made it.
pub(crate) fn day(at: Timestamp) -> Timestamp {
    let day = beijing_offset().to_datetime(at).date().to_datetime(Time::midnight());
    beijing_offset().to_timestamp(day).unwrap_or(at)
}

impl Cases {
    /// Published cases, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn public_cases(&self, filter: &PublicFilter) -> Result<Page<PublicCase>, CaseError> {
        let engine = &self.engine;
        let limit = filter.limit.clamp(1, ROWS_MAX);
        let mut files =
            store::numbers::published(&engine.store, filter, u32::from(limit) + 1).await?;
        let is_more = files.len() > usize::from(limit);
        files.truncate(usize::from(limit));
        let last = files.last().map(|file| Cursor {
            key: store::stored(file.case.published_at).unwrap_or_default(),
            id: file.case.id.0,
        });
        let mut rows = Vec::with_capacity(files.len());
        for file in &files {
            if let Some(row) = self.public_case(file).await? {
                rows.push(row);
            }
        }
        Ok(Page { rows, next: last.filter(|_| is_more) })
    }

    async fn public_case(&self, file: &File) -> Result<Option<PublicCase>, CaseError> {
        let engine = &self.engine;
        let kind = engine.kinds.of(file.case.declaration)?;
        let Some(published_at) = file.case.published_at else { return Ok(None) };
        if kind.public_view != PublicView::Anonymised {
            return Ok(None);
        }
        let sight = Sight { seen_as: SeenAs::Public, kind, file };
        let words = store::events::of_case(&engine.store, file.case.id)
            .await?
            .into_iter()
            .filter_map(|event| sight.event(event))
            .filter(|event| event.kind != EventKind::Attached && !event.note.is_empty())
            .map(|event| event.note)
            .collect();
        Ok(Some(PublicCase {
            id: file.case.id,
            number: file.case.number.clone(),
            kind: file.case.kind.clone(),
            kind_name: kind.name.clone(),
            state_name: state_name(kind, &file.case),
            division: file.case.division.clone(),
            opened_on: day(file.case.opened_at),
            published_at,
            is_closed: !file.case.is_open(),
            fields: sight.fields().into_iter().map(|field| (field.name, field.shown)).collect(),
            words,
        }))
    }
}
