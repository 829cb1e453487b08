//! Published figures against their digests: values from the rows, verdicts as they are kept.

use super::{Finding, Work};
use crate::figure::{digest_of_verdict, figure_of, point_name};
use crate::sequencer::{rows_of, verdict_of};
use crate::store::{FigureState, figure_states, logged_verdicts};
use crate::{Entry, EntryName, LogError, Logged, Publication};
use evaluation::{EvaluationError, StoredVerdict, VerdictHead};
use observations::history::{Month, forgotten_months};
use observations::{ObservationError, Row, RowKey};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Verdicts looked at together.
const AT_ONCE: u32 = 1000;

type Rows = HashMap<RowKey, Result<Row, ObservationError>>;

impl Work<'_> {
    /// Computes the digests of the figures among these entries.
    pub(super) async fn figures(
        &mut self,
        positions: Range<u64>,
        entries: &[(Logged, Entry)],
    ) -> Result<(), LogError> {
        let states = figure_states(self.store, positions).await?;
        let keys: Vec<RowKey> = states.values().map(|state| state.row).collect();
        let rows = rows_of(self.store, &keys).await?;
        let is_gone = |state: &FigureState| !rows.contains_key(&state.row);
        let forgotten = if states.values().any(is_gone) {
            forgotten_months(self.store).await?
        } else {
            HashSet::new()
        };
        let is_forgotten =
            |key: &RowKey| forgotten.contains(&(key.period, Month::of(key.observed_at)));
        for (logged, entry) in entries {
            let Entry::Figure { .. } = entry else { continue };
            match states.get(&logged.position) {
                None => self.report.found(Finding::figure_missing(&logged.name)),
                Some(state) if is_gone(state) && is_forgotten(&state.row) => {
                    self.report.forgotten += 1;
                }
                Some(state) => self.figure(logged, entry, state, &rows).await?,
            }
        }
        Ok(())
    }

    async fn figure(
        &mut self,
        logged: &Logged,
        entry: &Entry,
        state: &FigureState,
        rows: &Rows,
    ) -> Result<(), LogError> {
        let Entry::Figure { point, period, version, digest, verdict, .. } = entry else {
            return Ok(());
        };
        let Some(publication) = self.publications.of_point(point, *period) else {
            // Published once, by an area that this program no longer has.
            self.report.found(Finding::figure_missing(&logged.name));
            return Ok(());
        };
        let judged = match state.verdict {
            Some(kept) => self.verdict(publication, state.row, kept).await?,
            None => None,
        };
        if judged.as_ref().map(digest_of_verdict) != *verdict {
            let number = state.verdict.map_or(0, |(id, _)| id);
            self.report.found(Finding::figure_verdict(&logged.name, number));
        }
        if state.edition != i64::from(publication.edition()) {
            // What was shown then, and is not any more, is not what this program would show.
            self.report.earlier_forms += 1;
            return Ok(());
        }
        let row = match rows.get(&state.row) {
            None => {
                self.report.found(Finding::figure_missing(&logged.name));
                return Ok(());
            }
            Some(found) => self.row(state, found).await?,
        };
        let judged = judged.as_ref().map(|stored| &stored.verdict);
        let figure = row
            .map(|row| figure_of(publication, self.snapshot, point.clone(), &row, judged).digest());
        if figure != Some(*digest) && !self.is_told(&logged.name) {
            self.report.found(Finding::figure_values(&logged.name, *version));
        }
        Ok(())
    }

    /// Whether a finding names this figure already: a changed verdict changes its index too.
    fn is_told(&self, name: &str) -> bool {
        self.report.findings.last().is_some_and(|last| last.subject == name)
    }

    /// The verdict as it was when the figure was logged.
    async fn verdict(
        &self,
        publication: &dyn Publication,
        key: RowKey,
        (id, version): (i64, i64),
    ) -> Result<Option<StoredVerdict>, LogError> {
        let Ok(now) = verdict_of(self.store, publication.rule(), key).await? else {
            return Ok(None);
        };
        if let Some(now) = now
            && now.id == id
            && now.version == version
        {
            return Ok(Some(now));
        }
        match evaluation::verdict_versions(self.store, id).await {
            Ok(before) => Ok(before.into_iter().find(|stored| stored.version == version)),
            Err(EvaluationError::Content { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The row as it was when the figure was logged.
    async fn row(
        &self,
        state: &FigureState,
        found: &Result<Row, ObservationError>,
    ) -> Result<Option<Row>, LogError> {
        if let Ok(row) = found
            && i64::from(row.version) == state.row_version
        {
            return Ok(Some(row.clone()));
        }
        match observations::revisions(self.store, state.row).await {
            Ok(before) => Ok(before
                .into_iter()
                .map(|revision| revision.row)
                .find(|row| i64::from(row.version) == state.row_version)),
            Err(ObservationError::Damaged(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Names verdicts on published rows, judged from commits up to `until`, that are not logged.
    pub(super) async fn unlogged_figures(&mut self, until: i64) -> Result<(), LogError> {
        let mut after = i64::MIN;
        loop {
            let heads = evaluation::verdict_heads(self.store, after, AT_ONCE).await?;
            let (Some(first), Some(last)) = (heads.first(), heads.last()) else { return Ok(()) };
            let logged = logged_verdicts(self.store, first.id, last.id).await?;
            after = last.id;
            for head in &heads {
                let is_logged = logged.get(&head.id) == Some(&head.version);
                if !is_logged
                    && head.block <= until
                    && let Some(name) = self.published(head)
                {
                    self.report.found(Finding::figure_unlogged(&name.to_string(), head.id));
                }
            }
        }
    }

    /// The figure that a verdict judges, where it is one that is published.
    fn published(&self, head: &VerdictHead) -> Option<EntryName> {
        let point = self.snapshot.point(head.row.point)?;
        let publication = self.publications.of(point.kind(), head.row.period)?;
        (head.factor.is_none() && head.rule == publication.rule()).then(|| EntryName::Figure {
            point: point_name(point),
            period: head.row.period,
            time: head.row.observed_at,
        })
    }
}
