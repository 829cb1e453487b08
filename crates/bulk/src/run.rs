//! Judges files by a method: reads in pieces, works in parallel, writes in order.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::column::bind;
use crate::input::{self, Cut, Head, Opened, Piece, STREAM};
use crate::method::{JudgeRow, Method, Row, Settings, Work};
use crate::output::{Cell, Gives, Output, Values};
use crate::parallel::in_order;
use crate::problem::{MOST_PROBLEMS, Problem};
use crate::{air_day, air_period};

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows read.
    pub rows: u64,
    /// Rows written.
    pub written: u64,
    /// Values with more than six decimals that were rounded to six.
    pub rounded: u64,
}

/// What was wrong, with the file where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file; empty for the result.
    pub file: PathBuf,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Told how far the work is: done and whole, in the same measure (see [`Measure`]).
pub type Progress<'call> = dyn FnMut(u64, u64) + 'call;

/// In what the progress of files is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Rows: every file says how many it has.
    Rows,
    /// Bytes of the files as they lie on the disk.
    Bytes,
}

impl Measure {
    /// The measure of these files.
    pub fn of(files: &[PathBuf]) -> Self {
        let counts_rows = |file: &PathBuf| input::extension(file) == "parquet";
        if files.iter().all(counts_rows) { Self::Rows } else { Self::Bytes }
    }
}

/// Judges files by a method into one table: CSV on standard output without a name.
///
/// # Errors
/// What is wrong with the files, and then there is no result.
pub fn run(
    method: &Method,
    settings: &Settings,
    files: &[PathBuf],
    into: Option<&Path>,
    progress: &mut Progress<'_>,
) -> Result<Summary, Refused> {
    let opened = open(method, settings, files)?;
    let output = Output::create(into, &result_columns(method, &opened)).map_err(refuse)?;
    judge(method, settings, opened, output, progress)
}

/// Judges a stream of Arrow record batches by a method into another, batch by batch.
///
/// The columns and values are those that [`run`] gives; `values` says in which form.
///
/// # Errors
/// What is wrong with the stream. What has gone out then is no result: it has no end mark.
pub fn run_stream(
    method: &Method,
    settings: &Settings,
    from: Box<dyn Read + Send>,
    into: Box<dyn Write>,
    values: Values,
) -> Result<Summary, Refused> {
    let opened = input::open_stream(from, cut(method), &|titles: Vec<String>| {
        let bound = bind(method.columns, &titles, &settings.units)?;
        Ok(Arc::new(Head { path: PathBuf::from(STREAM), titles, bound }))
    });
    let opened = opened.map_err(|problems| Refused { file: PathBuf::from(STREAM), problems })?;
    let opened = vec![opened];
    let columns = result_columns(method, &opened);
    let output = Output::stream(into, &columns, values).map_err(refuse)?;
    judge(method, settings, opened, output, &mut |_, _| {})
}

/// A problem of the result.
fn refuse(problem: Problem) -> Refused {
    Refused { file: PathBuf::new(), problems: vec![problem] }
}

fn judge(
    method: &Method,
    settings: &Settings,
    opened: Vec<Opened>,
    mut output: Output,
    progress: &mut Progress<'_>,
) -> Result<Summary, Refused> {
    let whole = opened.iter().map(|one| one.weight).sum();
    let done = match method.work {
        Work::AirDay => {
            air_day::run(settings, opened, &mut output, &mut |done| progress(done, whole))
        }
        Work::AirPeriod => {
            air_period::run(settings, opened, &mut output, &mut |done| progress(done, whole))
        }
        Work::Rows(judge) => {
            let work = RowWork { method, settings, judge };
            work.run(opened, &mut output, &mut |done| progress(done, whole))
        }
        Work::Groups(make) => {
            let mut groups = make(settings);
            let mut summary = Summary::default();
            let mut told = |done| progress(done, whole);
            gather(method, settings, opened, &mut *groups, &mut summary, &mut told)
                .and_then(|()| groups.finish(settings, &mut output).map_err(refuse))
                .map(|()| summary)
        }
    };
    match done {
        Ok(mut summary) => {
            summary.written = output.rows;
            output.finish().map_err(refuse)?;
            Ok(summary)
        }
        Err(refused) => {
            output.abandon();
            Err(refused)
        }
    }
}

fn cut(method: &Method) -> Cut {
    match method.work {
        Work::AirDay | Work::AirPeriod => Cut::Groups,
        Work::Groups(_) => Cut::Rows,
        Work::Rows(_) => Cut::Kept,
    }
}

fn open(method: &Method, settings: &Settings, files: &[PathBuf]) -> Result<Vec<Opened>, Refused> {
    let cut = cut(method);
    let open = |file: &PathBuf| {
        input::open(file, method.columns, &settings.units, cut)
            .map_err(|problems| Refused { file: file.clone(), problems })
    };
    let opened: Vec<Opened> = files.iter().map(open).collect::<Result<_, _>>()?;
    if let (Work::Rows(_), Some(first)) = (method.work, opened.first()) {
        let differs = |one: &&Opened| one.head.titles != first.head.titles;
        if let Some(other) = opened.iter().find(differs) {
            let what = format!("its columns are not those of {}", first.head.path.display());
            let cure = "Judge files of different columns one by one.";
            let problems = vec![Problem::of_file("columns.differ", what, cure)];
            return Err(Refused { file: other.head.path.clone(), problems });
        }
    }
    Ok(opened)
}

fn result_columns(method: &Method, opened: &[Opened]) -> Vec<(String, Gives)> {
    let given = method.gives.iter().map(|given| (given.name.to_owned(), given.gives));
    match (method.work, opened.first()) {
        (Work::Rows(_), Some(first)) => kept_columns(method, &first.head).chain(given).collect(),
        _ => given.collect(),
    }
}

/// The columns of the file itself, numbers where the method knows them as such.
fn kept_columns<'head>(
    method: &'head Method,
    head: &'head Head,
) -> impl Iterator<Item = (String, Gives)> + 'head {
    head.titles.iter().enumerate().map(|(place, title)| {
        let is_number = head.bound.iter().enumerate().any(|(index, found)| {
            found.is_some_and(|found| found.place == place) && method.is_number(index)
        });
        (title.clone(), if is_number { Gives::Number } else { Gives::Text })
    })
}

/// All pieces of all files.
pub(crate) fn pieces(
    opened: Vec<Opened>,
) -> impl Iterator<Item = Result<Piece, Box<(PathBuf, Problem)>>> + Send {
    opened.into_iter().flat_map(|one| {
        let path = one.head.path.clone();
        one.pieces.map(move |piece| piece.map_err(|problem| Box::new((path.clone(), problem))))
    })
}

/// The number of threads asked for.
pub(crate) fn workers(settings: &Settings) -> usize {
    match settings.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    }
}

struct RowWork<'run> {
    method: &'run Method,
    settings: &'run Settings,
    judge: JudgeRow,
}

/// What a piece of rows became.
struct Judged {
    file: PathBuf,
    weight: u64,
    rows: u64,
    lines: Vec<Vec<Cell<'static>>>,
    problems: Vec<Problem>,
}

impl RowWork<'_> {
    fn run(
        &self,
        opened: Vec<Opened>,
        output: &mut Output,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Summary, Refused> {
        let mut summary = Summary::default();
        let mut refused: Option<Refused> = None;
        let mut weight = 0;
        in_order(
            workers(self.settings),
            pieces(opened),
            |piece| self.judge(piece),
            |judged| {
                weight += judged.weight;
                progress(weight);
                summary.rows += judged.rows;
                if !judged.problems.is_empty() {
                    let known = refused
                        .get_or_insert_with(|| Refused { file: judged.file, problems: Vec::new() });
                    known.problems.extend(judged.problems);
                    known.problems.truncate(MOST_PROBLEMS);
                    return known.problems.len() < MOST_PROBLEMS;
                }
                if refused.is_none() {
                    for line in &judged.lines {
                        if let Err(problem) = output.row(line) {
                            refused =
                                Some(Refused { file: PathBuf::new(), problems: vec![problem] });
                            return false;
                        }
                    }
                }
                true
            },
        );
        refused.map_or(Ok(summary), Err)
    }

    fn judge(&self, piece: Result<Piece, Box<(PathBuf, Problem)>>) -> Judged {
        let mut judged = Judged {
            file: PathBuf::new(),
            weight: 0,
            rows: 0,
            lines: Vec::new(),
            problems: Vec::new(),
        };
        let piece = match piece {
            Ok(piece) => piece,
            Err(failed) => {
                judged.file = failed.0;
                judged.problems.push(failed.1);
                return judged;
            }
        };
        judged.file.clone_from(&piece.head.path);
        judged.weight = piece.weight;
        let ended = piece.each_row(|number, cells| {
            judged.rows += 1;
            let row = row(self.method, &piece.head, number, cells);
            match (self.judge)(self.settings, &row) {
                Ok(given) => {
                    let kept = cells.iter().map(|cell| owned(Cell::text(*cell)));
                    judged.lines.push(kept.chain(given.into_iter().map(owned)).collect());
                }
                Err(problem) => judged.problems.push(problem),
            }
        });
        judged.problems.extend(ended.err());
        judged
    }
}

fn owned(cell: Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Text(text) if text.is_empty() => Cell::None,
        Cell::Text(text) => Cell::Text(text.into_owned().into()),
        Cell::None => Cell::None,
        Cell::Micro(value) => Cell::Micro(value),
        Cell::Number(value) => Cell::Number(value),
        Cell::Whole(value) => Cell::Whole(value),
        Cell::Day(day) => Cell::Day(day),
        Cell::Truth(truth) => Cell::Truth(truth),
    }
}

pub(crate) fn row<'row>(
    method: &Method,
    head: &'row Head,
    number: u64,
    cells: &'row [&'row str],
) -> Row<'row> {
    Row { number, cells, bound: &head.bound, titles: &head.titles, columns: method.columns }
}

/// Hands every row to the groups, in order.
fn gather(
    method: &Method,
    settings: &Settings,
    opened: Vec<Opened>,
    groups: &mut dyn crate::method::Groups,
    summary: &mut Summary,
    progress: &mut dyn FnMut(u64),
) -> Result<(), Refused> {
    let mut weight = 0;
    let mut refused: Option<Refused> = None;
    for piece in pieces(opened) {
        let piece = piece.map_err(|failed| Refused { file: failed.0, problems: vec![failed.1] })?;
        let mut problems = Vec::new();
        let ended = piece.each_row(|number, cells| {
            summary.rows += 1;
            let row = row(method, &piece.head, number, cells);
            problems.extend(groups.take(settings, &row).err());
        });
        problems.extend(ended.err());
        if !problems.is_empty() {
            let file = piece.head.path.clone();
            let known = refused.get_or_insert_with(|| Refused { file, problems: Vec::new() });
            known.problems.extend(problems);
            known.problems.truncate(MOST_PROBLEMS);
        }
        weight += piece.weight;
        progress(weight);
    }
    refused.map_or(Ok(()), Err)
}
