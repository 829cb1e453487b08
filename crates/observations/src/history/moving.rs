//! Moving a closed month into files, and writing a moved month anew.
//!
//! A move notes itself, writes files under names that were never used, reads them back, and makes
//! them current in one transaction; then it deletes the rows from the recent ones. Wherever it
//! ends, what is current is whole: files of a move that did not come so far belong to nothing and
//! are deleted, and deleting recent rows goes on where it stopped.

use super::format::{self, Part, Writer};
use super::manifest::{HeldFile, HeldMonth, HeldPart, manifest_now, open_part};
use super::store::{self, MonthState, NewPart};
use super::{Month, Step, Steps, merged};
use crate::error::ObservationError;
use crate::model::Row;
use ::store::{Objects, Store};
use jiff::{SignedDuration, Timestamp};
use registry::PointId;
use rulebook::Period;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

type Result<T> = std::result::Result<T, ObservationError>;

/// Rows deleted, and statements made, in one transaction of clearing: intake waits no longer.
const CLEAR_ROWS: u64 = 4096;
const CLEAR_STATEMENTS: u32 = 128;
/// Between two of them intake has its turn.
const CLEAR_PAUSE: Duration = Duration::from_millis(2);
/// A move says so often that it is under way.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// What a move did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Months written.
    pub months: u64,
    /// Rows in their files.
    pub rows: u64,
    /// Factors of rows in their files.
    pub factor_rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Rows deleted from the recent ones.
    pub cleared: u64,
}

impl Moved {
    pub(super) fn add(&mut self, other: Self) {
        self.months += other.months;
        self.rows += other.rows;
        self.factor_rows += other.factor_rows;
        self.bytes += other.bytes;
        self.cleared += other.cleared;
    }
}

/// A month being written.
struct Move<'move_> {
    store: &'move_ Store,
    objects: &'move_ Objects,
    id: i64,
    token: String,
    period: Period,
    month: Month,
    parts: Vec<NewPart>,
    heard: std::time::Instant,
    steps: Steps<'move_>,
}

/// Writes a closed month into files: its recent rows and, where it has moved before, what its
/// files hold. Nothing is done where another process moved it meanwhile.
pub(super) async fn write_month(
    store: &Store,
    (period, month): (Period, Month),
    now: Timestamp,
    steps: Steps<'_>,
) -> Result<Moved> {
    let objects = store.objects().ok_or(ObservationError::NoPlace)?;
    let token = token()?;
    let id = store::begin_move(store, &token, (period, month), now).await?;
    steps(Step::Begun { period, month });
    let heard = std::time::Instant::now();
    let mut this =
        Move { store, objects, id, token, period, month, parts: Vec::new(), heard, steps };
    let current = match this.write(now).await {
        Ok(Some(current)) => current,
        Ok(None) => {
            this.undo().await?;
            return Ok(Moved::default());
        }
        Err(error) => {
            // What cannot be undone now is undone at the next round.
            if let Err(problem) = this.undo().await {
                tracing::warn!(%problem, "the files of a failed move are deleted later");
            }
            return Err(error);
        }
    };
    let count = |of: fn(&HeldPart) -> u64| this.parts.iter().map(|new| of(&new.part)).sum();
    let mut moved = Moved {
        months: 1,
        rows: count(|part| part.row_count),
        factor_rows: count(|part| part.factor_row_count),
        bytes: count(|part| part.values.bytes + part.rows.bytes),
        cleared: 0,
    };
    moved.cleared = clear_month(store, current, steps).await?;
    Ok(moved)
}

impl Move<'_> {
    /// Writes the files and makes them current; `None` when there was nothing to write or another
    /// process was first.
    async fn write(&mut self, now: Timestamp) -> Result<Option<MonthState>> {
        let key = (self.period, self.month);
        let before = manifest_now(self.store).await?;
        let before = before.of(self.period).get(&self.month).cloned();
        let block = crate::store::last_block(self.store).await?;
        let range = self.month.begins()..self.month.ends();
        let points = self.points(before.as_ref(), &range).await?;
        let total = points.len();
        let mut writer = Writer::new(self.period, self.month);
        for (done, point) in points.into_iter().enumerate() {
            for stretch in stretches(self.period, &range) {
                let rows = self.rows(before.as_ref(), point, &stretch, block).await?;
                let pushed = tokio::task::spawn_blocking(move || push(writer, rows)).await;
                let (back, full) = pushed.map_err(joined)??;
                writer = back;
                for part in full {
                    self.upload(part).await?;
                }
                self.say_alive().await?;
            }
            (self.steps)(Step::Read { period: self.period, month: self.month, done, total });
        }
        let last = tokio::task::spawn_blocking(move || writer.finish()).await.map_err(joined)??;
        if let Some(part) = last {
            self.upload(part).await?;
        }
        if self.parts.is_empty() {
            return Ok(None);
        }
        (self.steps)(Step::Written { period: self.period, month: self.month });

        // Rows that were recorded while the files were written stay recent, and wait.
        let mut reader = self.store.snapshot().await?;
        let (mut late_rows, mut seen) = (0, block);
        loop {
            let (more, last) = store::touched_after(&mut reader, key, seen).await?;
            late_rows += more;
            if last == seen {
                break;
            }
            seen = last;
        }
        reader.rollback().await?;
        let mut transaction = store::begin_change(self.store).await?;
        let held = store::month(&mut transaction, self.period, self.month).await?;
        if held.map(|held| held.move_number) != before.map(|before| before.move_number) {
            transaction.rollback().await?;
            tracing::info!(period = %self.period.as_str(), month = %self.month,
                "another process has moved the month");
            return Ok(None);
        }
        loop {
            let (more, last) = store::touched_after(&mut transaction, key, seen).await?;
            late_rows += more;
            if last == seen {
                break;
            }
            seen = last;
        }
        let state = MonthState {
            period: self.period,
            month: self.month,
            move_number: self.id,
            sealed_block: block,
            sealed_at: now,
            is_cleared: false,
            late_rows,
        };
        store::make_current(&mut transaction, state, &self.parts).await?;
        store::end_move(&mut transaction, self.id).await?;
        transaction.commit().await?;
        (self.steps)(Step::Current { period: self.period, month: self.month });
        Ok(Some(state))
    }

    /// The points of the month, recent and moved, in order.
    async fn points(
        &self,
        before: Option<&HeldMonth>,
        range: &Range<Timestamp>,
    ) -> Result<BTreeSet<PointId>> {
        let recent = store::points_within(self.store, self.period, range).await?;
        let mut points: BTreeSet<PointId> = recent.into_iter().collect();
        for part in before.iter().flat_map(|month| &month.parts) {
            points.extend(open_part(self.store, part).await?.points());
        }
        Ok(points)
    }

    /// The rows of a point as the commit `block` left them.
    async fn rows(
        &self,
        before: Option<&HeldMonth>,
        point: PointId,
        range: &Range<Timestamp>,
        block: i64,
    ) -> Result<Vec<Row>> {
        let recent = store::rows_until(self.store, (point, self.period), range, block).await?;
        let mut held = Vec::new();
        for part in before.iter().flat_map(|month| &month.parts) {
            if part.points.contains(&point) {
                let open = open_part(self.store, part).await?;
                held.extend(open.rows(point, range.clone()).await?);
            }
        }
        Ok(merged(recent, held))
    }

    /// Puts the files of a part where history is kept and reads them back.
    async fn upload(&mut self, part: Part) -> Result<()> {
        let number = self.parts.len();
        let name = |kind: &str| {
            format!("{}/{}-{number:04}.parquet", folder(kind, self.period, self.month), self.token)
        };
        let mut files = Vec::with_capacity(2);
        for (name, bytes) in [(name("values"), part.values), (name("rows"), part.rows)] {
            let file =
                HeldFile { name, bytes: bytes.len() as u64, sha256: ::store::sha256_hex(&bytes) };
            self.objects.put(&file.name, bytes).await?;
            (self.steps)(Step::Put { period: self.period, month: self.month });
            super::verify::check_file(self.objects, &file).await?;
            self.say_alive().await?;
            files.push(file);
        }
        let (Some(rows), Some(values)) = (files.pop(), files.pop()) else { return Ok(()) };
        self.parts.push(NewPart {
            part: HeldPart {
                id: 0,
                period: self.period,
                month: self.month,
                values,
                rows,
                points: part.points,
                first: part.first,
                last: part.last,
                row_count: part.row_count,
                factor_row_count: part.factor_row_count,
            },
            format: format::VERSION,
        });
        Ok(())
    }

    async fn say_alive(&mut self) -> Result<()> {
        if self.heard.elapsed() >= HEARTBEAT {
            self.heard = std::time::Instant::now();
            store::note_alive(self.store, self.id, Timestamp::now()).await?;
        }
        Ok(())
    }

    async fn undo(&self) -> Result<()> {
        undo(self.store, self.objects, self.id, &self.token, (self.period, self.month)).await
    }
}

fn push(
    mut writer: Writer,
    rows: Vec<Row>,
) -> std::result::Result<(Writer, Vec<Part>), format::FormatError> {
    let mut full = Vec::new();
    for row in rows {
        full.extend(writer.push(row)?);
    }
    Ok((writer, full))
}

fn joined(error: tokio::task::JoinError) -> ObservationError {
    ObservationError::Interrupted(std::io::Error::other(error))
}

/// The folder of the files of one kind, period and month; engines that know the convention read
/// period and month from it.
pub(super) fn folder(kind: &str, period: Period, month: Month) -> String {
    format!("{kind}/period={}/month={month}", period.as_str())
}

/// What the names of one move's files begin with: never the same again.
fn token() -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| ObservationError::Interrupted(std::io::Error::other(error)))?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// Deletes the files of a move that will not be made current, and strikes it out.
pub(super) async fn undo(
    store: &Store,
    objects: &Objects,
    id: i64,
    token: &str,
    (period, month): (Period, Month),
) -> Result<()> {
    for kind in ["values", "rows"] {
        objects.delete_beginning(&folder(kind, period, month), token).await?;
    }
    let mut transaction = store.begin().await?;
    store::end_move(&mut transaction, id).await?;
    Ok(transaction.commit().await?)
}

/// Deletes the rows of a moved month from the recent ones, a little at a time.
pub(super) async fn clear_month(store: &Store, state: MonthState, steps: Steps<'_>) -> Result<u64> {
    let (period, month) = (state.period, state.month);
    let range = month.begins()..month.ends();
    let points = store::points_within(store, period, &range).await?;
    let told = |rows| steps(Step::Cleared { period, month, rows });
    let cleared =
        piecemeal(store, (period, month), &points, Some(state.sealed_block), &told).await?;
    store::note_cleared(store, state).await?;
    steps(Step::Done { period, month });
    Ok(cleared)
}

/// Deletes recent rows of a month a little at a time: those that no commit after `until` has
/// touched, but for the newest of each point; or all of them, with what they were before.
pub(super) async fn piecemeal(
    store: &Store,
    (period, month): (Period, Month),
    points: &[PointId],
    until: Option<i64>,
    told: &(dyn Fn(u64) + Send + Sync),
) -> Result<u64> {
    let slices = slices(period, &(month.begins()..month.ends()));
    let (mut next, end) = (0, points.len() * slices.len());
    let mut deleted = 0;
    while next < end {
        let (mut rows, mut statements) = (0, 0);
        let mut transaction = store.begin().await?;
        while next < end && rows < CLEAR_ROWS && statements < CLEAR_STATEMENTS {
            let (of, slice) = ((points[next / slices.len()], period), &slices[next % slices.len()]);
            rows += match until {
                Some(block) => store::clear(&mut transaction, of, slice, block).await?,
                None => store::delete(&mut transaction, of, slice).await?,
            };
            statements += 1;
            next += 1;
        }
        transaction.commit().await?;
        deleted += rows;
        told(deleted);
        tokio::time::sleep(CLEAR_PAUSE).await;
    }
    Ok(deleted)
}

/// A month cut so that the rows of one point in a piece are few thousand at most.
fn slices(period: Period, range: &Range<Timestamp>) -> Vec<Range<Timestamp>> {
    match period {
        // One value a second at the utmost.
        Period::RealTime => cut(range, 1),
        Period::Minute => cut(range, 48),
        Period::Hour | Period::Day => vec![range.clone()],
    }
}

/// A month cut so that the rows of one point in a piece lie well in memory.
fn stretches(period: Period, range: &Range<Timestamp>) -> Vec<Range<Timestamp>> {
    match period {
        Period::RealTime => cut(range, 12),
        Period::Minute | Period::Hour | Period::Day => vec![range.clone()],
    }
}

fn cut(range: &Range<Timestamp>, hours: i64) -> Vec<Range<Timestamp>> {
    let mut slices = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let until = from.checked_add(SignedDuration::from_hours(hours));
        let until = until.map_or(range.end, |until| until.min(range.end));
        slices.push(from..until);
        from = until;
    }
    slices
}
