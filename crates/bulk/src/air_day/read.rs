//! A piece of a file becomes the days of its stations; the first and the last day of each may go
//! on in another piece.

use std::collections::HashMap;
use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use super::hours::DayHours;
use super::place;
use crate::column::Found;
use crate::input::{
    Content, CsvPiece, Head, ParquetPiece, Piece, dates, numbers, row_of, texts, times, width,
};
use crate::method::Settings;
use crate::micro::{self, MISSING, Read};
use crate::problem::{Problem, quoted};
use crate::run::Refused;
use crate::time::{Clock, DAY, HourLabel, day_number};

/// What a piece amounts to.
pub(crate) struct Part {
    pub(crate) file: PathBuf,
    pub(crate) weight: u64,
    pub(crate) rows: u64,
    pub(crate) rounded: u64,
    /// Stations with their cities, by the numbers that the days use.
    pub(crate) units: Vec<(String, String)>,
    /// Of each station: its first day here, and the row that ended it if one did.
    pub(crate) heads: Vec<Option<(DayHours, Option<u64>)>>,
    /// Days between, with the row that ended each.
    pub(crate) between: Vec<(u64, DayHours)>,
    /// Of each station with two days or more: its last.
    pub(crate) tails: Vec<Option<DayHours>>,
}

/// A file must say when its hours are.
pub(super) fn check(head: &Head) -> Result<(), Problem> {
    let has = |place: usize| head.bound[place].is_some();
    let parts = [place::YEAR, place::MONTH, place::DAY, place::HOUR];
    let is_dated =
        has(place::TIME) || (has(place::DATE) && has(place::HOUR)) || parts.into_iter().all(has);
    if !is_dated {
        let what = "there is no column time";
        let cure = "Add `time`, or `date` and `hour`, or `year`, `month`, `day` and `hour`.";
        return Err(Problem::of_file("columns.missing", what, cure));
    }
    if !(place::FIRST_POLLUTANT..place::FIRST_POLLUTANT + 6).any(has) {
        let what = "there is no pollutant";
        let cure = "Add at least one of so2, no2, co, o3, pm10, pm25.";
        return Err(Problem::of_file("columns.missing", what, cure));
    }
    Ok(())
}

/// Reads a piece.
pub(super) fn read(
    settings: &Settings,
    piece: Result<Piece, (PathBuf, Problem)>,
) -> Result<Part, Refused> {
    let piece = piece.map_err(|(file, problem)| Refused { file, problems: vec![problem] })?;
    let mut reader = Reader::new(settings.label, &piece.head);
    let done = match &piece.content {
        Content::Csv(lines) => reader.lines(&piece, lines),
        Content::Rows(_) => reader.rows(&piece),
        Content::Parquet(group) => reader.group(&piece, group),
    };
    let failed = |problem| Refused { file: piece.head.path.clone(), problems: vec![problem] };
    done.map_err(failed)?;
    Ok(reader.part(&piece))
}

/// Reads hours.
struct Reader<'head> {
    label: HourLabel,
    head: &'head Head,
    clock: Clock,
    known: HashMap<String, HashMap<String, u32>>,
    /// The station and city of the row before, and their number.
    last: (String, String, u32),
    part: Part,
}

impl<'head> Reader<'head> {
    fn new(label: HourLabel, head: &'head Head) -> Self {
        let part = Part {
            file: head.path.clone(),
            weight: 0,
            rows: 0,
            rounded: 0,
            units: Vec::new(),
            heads: Vec::new(),
            between: Vec::new(),
            tails: Vec::new(),
        };
        let last = (String::new(), String::new(), u32::MAX);
        Self { label, head, clock: Clock::default(), known: HashMap::new(), last, part }
    }

    fn part(mut self, piece: &Piece) -> Part {
        self.part.weight = piece.weight;
        self.part
    }

    fn lines(&mut self, piece: &Piece, lines: &CsvPiece) -> Result<(), Problem> {
        let decoded = lines.decoded();
        let mut reader = lines.reader(&decoded);
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    let row = row_of(piece, record.position()).unwrap_or(piece.first_row);
                    width(piece, row, record.len())?;
                    self.row(row, |place| record.get(place).unwrap_or_default())?;
                }
                Err(error) => return Err(crate::input::unreadable(&piece.head.path, &error)),
            }
        }
    }

    fn rows(&mut self, piece: &Piece) -> Result<(), Problem> {
        let mut found = Ok(());
        piece.each_row(|row, cells| {
            if found.is_ok() {
                let cell = |place: usize| cells.get(place).map_or(&[][..], |cell| cell.as_bytes());
                found = self.row(row, cell);
            }
        })?;
        found
    }

    /// A row of texts.
    fn row<'row>(&mut self, row: u64, cell: impl Fn(usize) -> &'row [u8]) -> Result<(), Problem> {
        let head = self.head;
        let at = |place: usize| head.bound[place].map(|found: Found| (cell(found.place), found));
        let (day, hour) = self.when(row, &at)?;
        let text = |bytes: &'row [u8]| std::str::from_utf8(bytes).unwrap_or_default().trim();
        let station = at(place::STATION).map_or("", |(cell, _)| text(cell));
        if station.is_empty() {
            let what = "the cell is empty";
            return Err(self.problem(row, place::STATION, what, "Name the station."));
        }
        let city = at(place::CITY).map_or("", |(cell, _)| text(cell));
        let unit = self.unit(station, city);
        let mut values = [MISSING; 6];
        for (index, value) in values.iter_mut().enumerate() {
            let index = place::FIRST_POLLUTANT + index;
            let Some((cell, found)) = at(index) else { continue };
            *value = match micro::shifted(micro::parse(cell), found.shift) {
                Read::Exact(value) => value,
                Read::Rounded(value) => {
                    self.part.rounded += 1;
                    value
                }
                Read::Missing => MISSING,
                Read::Wrong => {
                    let what = format!("{} is no concentration", quoted(text(cell)));
                    let cure = "Write a decimal number without unit, or leave the cell empty.";
                    return Err(self.problem(row, index, what, cure));
                }
            };
        }
        self.take(row, unit, day, hour, &values)
    }

    /// The day and the hour of a row.
    fn when<'row>(
        &mut self,
        row: u64,
        at: &impl Fn(usize) -> Option<(&'row [u8], Found)>,
    ) -> Result<(i32, u8), Problem> {
        let number = |place: usize| {
            let cell = std::str::from_utf8(at(place)?.0).ok()?.trim();
            cell.parse::<u32>().ok().or_else(|| whole(cell))
        };
        let (place, seconds) = if let Some((cell, _)) = at(place::TIME) {
            (place::TIME, self.clock.seconds(cell))
        } else if let Some((cell, _)) = at(place::DATE) {
            let day = self.clock.day(cell.trim_ascii());
            (place::HOUR, day.zip(number(place::HOUR)).and_then(|(day, hour)| of_hour(day, hour)))
        } else {
            let date = (number(place::YEAR), number(place::MONTH), number(place::DAY));
            let day = match date {
                (Some(year), Some(month), Some(day)) => day_number(year as i32, month, day),
                _ => None,
            };
            let day = day.map(i64::from);
            (place::HOUR, day.zip(number(place::HOUR)).and_then(|(day, hour)| of_hour(day, hour)))
        };
        seconds.and_then(|seconds| self.label.hour(seconds)).ok_or_else(|| {
            let cell = at(place).map_or(&[][..], |(cell, _)| cell);
            let cell = String::from_utf8_lossy(cell).into_owned();
            let what = format!("{} is no full hour", quoted(&cell));
            self.problem(row, place, what, "Write hours as 2025-06-01 08:00.")
        })
    }

    fn group(&mut self, piece: &Piece, group: &ParquetPiece) -> Result<(), Problem> {
        let mut places: Vec<usize> =
            self.head.bound.iter().flatten().map(|found| found.place).collect();
        places.sort_unstable();
        group.each_batch(piece, &places, |first_row, batch| {
            let column = |index: usize| {
                let found = self.head.bound[index]?;
                let position = places.iter().position(|place| *place == found.place)?;
                Some((batch.column(position).clone(), found.shift))
            };
            self.batch(first_row, batch, &column)
        })
    }

    fn batch(
        &mut self,
        first_row: u64,
        batch: &RecordBatch,
        column: &impl Fn(usize) -> Option<(ArrayRef, i32)>,
    ) -> Result<(), Problem> {
        let rows = batch.num_rows();
        let units = self.units(first_row, rows, column)?;
        let seconds = self.seconds(rows, column)?;
        let mut values: [Option<Vec<i64>>; 6] = Default::default();
        for (index, values) in values.iter_mut().enumerate() {
            let index = place::FIRST_POLLUTANT + index;
            let Some((column, shift)) = column(index) else { continue };
            let Some((found, rounded)) = numbers(&column, shift) else {
                let what = "a cell of the column is no number";
                return Err(self.problem(first_row, index, what, "Write the column as numbers."));
            };
            self.part.rounded += rounded;
            *values = Some(found);
        }
        for place in 0..rows {
            let row = first_row + place as u64;
            let Some((day, hour)) = self.label.hour(seconds[place]) else {
                let what = "there is no full hour";
                return Err(self.problem(row, place::TIME, what, "Give hours as timestamps."));
            };
            let at = |index: usize| values[index].as_ref().map_or(MISSING, |cells| cells[place]);
            let cells = [at(0), at(1), at(2), at(3), at(4), at(5)];
            self.take(row, units[place], day, hour, &cells)?;
        }
        Ok(())
    }

    /// The number of the station of each row.
    fn units(
        &mut self,
        first_row: u64,
        rows: usize,
        column: &impl Fn(usize) -> Option<(ArrayRef, i32)>,
    ) -> Result<Vec<u32>, Problem> {
        let Some((stations, _)) = column(place::STATION) else { return Ok(Vec::new()) };
        let city = column(place::CITY).map(|(column, _)| column);
        let empty = |reader: &Self, row: usize| {
            let what = "the cell is empty";
            reader.problem(first_row + row as u64, place::STATION, what, "Name the station.")
        };
        let (Some((keys, names)), Some((city_keys, cities))) = (
            words(&stations),
            city.as_ref().map_or(Some((vec![0; rows], vec![String::new()])), words),
        ) else {
            let what = "the column cannot be read as texts";
            return Err(self.problem(first_row, place::STATION, what, "Write it as texts."));
        };
        let mut known: HashMap<(i32, i32), u32> = HashMap::new();
        let mut last = ((-1, -1), 0);
        let mut units = Vec::with_capacity(rows);
        for (row, pair) in keys.into_iter().zip(city_keys).enumerate() {
            if pair != last.0 {
                let unit = match known.get(&pair) {
                    Some(unit) => *unit,
                    None => {
                        let name = usize::try_from(pair.0).ok().map_or("", |key| names[key].trim());
                        let city =
                            usize::try_from(pair.1).ok().map_or("", |key| cities[key].trim());
                        if name.is_empty() {
                            return Err(empty(self, row));
                        }
                        let unit = self.unit(name, city);
                        known.insert(pair, unit);
                        unit
                    }
                };
                last = (pair, unit);
            }
            units.push(last.1);
        }
        Ok(units)
    }

    /// Seconds since 1970 of each row.
    fn seconds(
        &self,
        rows: usize,
        column: &impl Fn(usize) -> Option<(ArrayRef, i32)>,
    ) -> Result<Vec<i64>, Problem> {
        let wrong = |place: usize| {
            let what = "a cell of the column cannot be read as a time";
            let problem = self.problem(0, place, what, "Write it as timestamps.");
            Problem { row: None, ..problem }
        };
        if let Some((time, _)) = column(place::TIME) {
            return times(&time).ok_or_else(|| wrong(place::TIME));
        }
        let whole = |place: usize| {
            let (column, _) = column(place)?;
            let (numbers, _) = numbers(&column, 0)?;
            Some(numbers.into_iter().map(|number| number / micro::ONE).collect::<Vec<i64>>())
        };
        let hours = whole(place::HOUR).ok_or_else(|| wrong(place::HOUR))?;
        let days = match column(place::DATE) {
            Some((date, _)) => dates(&date).ok_or_else(|| wrong(place::DATE))?,
            None => {
                let parts = (whole(place::YEAR), whole(place::MONTH), whole(place::DAY));
                let (Some(years), Some(months), Some(days)) = parts else {
                    return Err(wrong(place::DAY));
                };
                let day = |row: usize| {
                    let (month, day) = (months[row].try_into().ok()?, days[row].try_into().ok()?);
                    day_number(years[row].try_into().ok()?, month, day).map(i64::from)
                };
                (0..rows).map(|row| day(row).unwrap_or(MISSING)).collect()
            }
        };
        let second = |(day, hour): (i64, i64)| {
            let hour = u32::try_from(hour).ok()?;
            (day != MISSING).then(|| of_hour(day, hour)).flatten()
        };
        // One second is no full hour: the row is refused where it is judged.
        Ok(days.into_iter().zip(hours).map(|pair| second(pair).unwrap_or(1)).collect())
    }

    fn unit(&mut self, station: &str, city: &str) -> u32 {
        if self.last.2 != u32::MAX && self.last.0 == station && self.last.1 == city {
            return self.last.2;
        }
        let found = self.known.get(station).and_then(|cities| cities.get(city)).copied();
        let unit = found.unwrap_or_else(|| {
            let unit = self.part.units.len() as u32;
            self.part.units.push((station.to_owned(), city.to_owned()));
            self.part.heads.push(None);
            self.part.tails.push(None);
            self.known.entry(station.to_owned()).or_default().insert(city.to_owned(), unit);
            unit
        });
        self.last = (station.to_owned(), city.to_owned(), unit);
        unit
    }

    /// Adds an hour to the day that it belongs to.
    #[inline]
    fn take(
        &mut self,
        row: u64,
        unit: u32,
        day: i32,
        hour: u8,
        values: &[i64; 6],
    ) -> Result<(), Problem> {
        if let Some(index) = values.iter().position(|value| *value < 0 && *value != MISSING) {
            let what = "the concentration is negative";
            let cure = "Leave the cell empty where the value is not valid.";
            return Err(self.problem(row, place::FIRST_POLLUTANT + index, what, cure));
        }
        self.part.rows += 1;
        let part = &mut self.part;
        let at = unit as usize;
        let open = match (&mut part.tails[at], &mut part.heads[at]) {
            (Some(tail), _) => tail,
            (None, Some((head, None))) => head,
            (None, empty) => &mut empty.insert((DayHours::new(unit, day, row), None)).0,
        };
        if open.day == day {
            if open.add(hour, values) {
                return Ok(());
            }
            return Err(super::merge::twice(&part.units[at].0, day, u32::from(hour), row));
        }
        if open.day > day {
            return Err(super::merge::goes_back(&part.units[at].0, open.day, day, row));
        }
        let mut next = DayHours::new(unit, day, row);
        next.add(hour, values);
        match part.tails[at].replace(next) {
            Some(ended) => part.between.push((row, ended)),
            None => {
                if let Some((_, ended_by)) = &mut part.heads[at] {
                    *ended_by = Some(row);
                }
            }
        }
        Ok(())
    }

    fn problem(
        &self,
        row: u64,
        place: usize,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Problem {
        let title = self.head.bound[place].map(|found| self.head.titles[found.place].as_str());
        let title = title.unwrap_or(super::METHOD.columns[place].name);
        Problem::of_file("row.value", what, cure).in_row(row).in_column(title)
    }
}

/// Keys and words of a column of texts; a key below zero where there is none.
fn words(column: &ArrayRef) -> Option<(Vec<i32>, Vec<String>)> {
    match column.data_type() {
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary_opt::<Int32Type>()?;
            let keys = dictionary.keys().iter().map(|key| key.unwrap_or(-1)).collect();
            Some((keys, texts(dictionary.values())))
        }
        _ => {
            // Codes written as numbers: each row brings its own word.
            let all = texts(column);
            let mut places: HashMap<&str, i32> = HashMap::new();
            let mut names: Vec<String> = Vec::new();
            let keys = all
                .iter()
                .map(|word| {
                    *places.entry(word).or_insert_with(|| {
                        names.push(word.clone());
                        names.len() as i32 - 1
                    })
                })
                .collect();
            Some((keys, names))
        }
    }
}

/// Seconds since 1970 of an hour 0 to 24 of a day.
fn of_hour(day: i64, hour: u32) -> Option<i64> {
    (hour <= 24).then(|| day * DAY + i64::from(hour) * 3_600)
}

/// A whole number written with decimals, `8.0`.
fn whole(cell: &str) -> Option<u32> {
    let (whole, rest) = cell.split_once('.')?;
    rest.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok()).flatten()
}
