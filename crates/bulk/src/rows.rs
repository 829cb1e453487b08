//! Rows of a place, a time and six concentrations, read without a detour over texts where the file
//! allows it.

mod lines;

use std::collections::HashMap;
use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use crate::column::Found;
use crate::input::{
    Content, CsvPiece, Head, ParquetPiece, Piece, Rows, dates, no_number, no_time, numbers, texts,
    times, width, worded,
};
use crate::micro::{self, MISSING, Read};
use crate::problem::{Problem, quoted};
use crate::run::Refused;
use crate::time::{Clock, DAY, day_number};

/// Which columns of a method hold what.
pub(crate) struct Layout {
    pub(crate) names: &'static [crate::column::Column],
    pub(crate) station: usize,
    /// False where rows without a station are those of a city.
    pub(crate) needs_station: bool,
    pub(crate) city: usize,
    pub(crate) when: When,
    /// The first of the six pollutants, in the order of `Pollutant::ALL`.
    pub(crate) first_pollutant: usize,
}

/// Which columns say when.
pub(crate) enum When {
    /// A time, or a date and an hour, or year, month, day and hour.
    Hour { time: usize, date: usize, year: usize, month: usize, day: usize, hour: usize },
    /// A day.
    Day(usize),
}

/// Takes rows.
pub(crate) trait Take {
    /// A new place got the next number.
    fn place(&mut self);

    /// A row: its number, its place, Beijing seconds since 1970, values in millionths.
    fn row(&mut self, row: u64, place: u32, seconds: i64, values: &[i64; 6]) -> Result<(), Wrong>;
}

/// Why a row is not taken.
pub(crate) enum Wrong {
    /// Its time is no full hour.
    Hour,
    /// As it says, of this place.
    Place(fn(&str, i32, i32, u64) -> Problem, i32, i32),
}

/// What was read of a piece.
pub(crate) struct Part<T> {
    pub(crate) file: PathBuf,
    pub(crate) weight: u64,
    pub(crate) rows: u64,
    pub(crate) rounded: u64,
    /// Stations with their cities, by their numbers.
    pub(crate) places: Vec<(String, String)>,
    pub(crate) taken: T,
}

/// A file must say when its rows are, and hold a pollutant.
pub(crate) fn check(layout: &Layout, head: &Head) -> Result<(), Problem> {
    let has = |place: usize| head.bound[place].is_some();
    let is_dated = match layout.when {
        When::Day(date) => has(date),
        When::Hour { time, date, year, month, day, hour } => {
            has(time) || (has(date) && has(hour)) || [year, month, day, hour].into_iter().all(has)
        }
    };
    if !is_dated {
        let what = "there is no column time";
        let cure = "Add `time`, or `date` and `hour`, or `year`, `month`, `day` and `hour`.";
        return Err(Problem::of_file("columns.missing", what, cure));
    }
    if !(layout.first_pollutant..layout.first_pollutant + 6).any(has) {
        let what = "there is no pollutant";
        let cure = "Add at least one of so2, no2, co, o3, pm10, pm25.";
        return Err(Problem::of_file("columns.missing", what, cure));
    }
    Ok(())
}

/// Reads a piece.
pub(crate) fn read<T: Take>(
    layout: &Layout,
    piece: Result<Piece, Box<(PathBuf, Problem)>>,
    taken: T,
) -> Result<Part<T>, Refused> {
    let piece = piece.map_err(|failed| Refused { file: failed.0, problems: vec![failed.1] })?;
    let part = Part {
        file: piece.head.path.clone(),
        weight: piece.weight,
        rows: 0,
        rounded: 0,
        places: Vec::new(),
        taken,
    };
    let mut reader = Reader {
        layout,
        head: &piece.head,
        clock: Clock::default(),
        known: HashMap::new(),
        last: (String::new(), String::new(), u32::MAX),
        last_cells: (Vec::new(), Vec::new(), u32::MAX),
        part,
    };
    let done = match &piece.content {
        Content::Csv(lines) => reader.lines(&piece, lines),
        Content::Rows(_) => reader.rows(&piece),
        Content::Batch(batch) => reader.columns(&piece, batch),
        Content::Parquet(group) => reader.group(&piece, group),
    };
    match done {
        Ok(()) => Ok(reader.part),
        Err(problem) => Err(Refused { file: piece.head.path.clone(), problems: vec![problem] }),
    }
}

/// Reads rows.
struct Reader<'run, T> {
    layout: &'run Layout,
    head: &'run Head,
    clock: Clock,
    known: HashMap<String, HashMap<String, u32>>,
    /// The station and city of the row before, and their number.
    last: (String, String, u32),
    /// The same as the cells were written.
    last_cells: (Vec<u8>, Vec<u8>, u32),
    part: Part<T>,
}

impl<T: Take> Reader<'_, T> {
    fn lines(&mut self, piece: &Piece, lines: &CsvPiece) -> Result<(), Problem> {
        let decoded = lines.decoded();
        if !decoded.contains('"') {
            return self.plain_lines(piece, decoded.as_bytes(), lines.separator);
        }
        let mut reader = lines.reader(&decoded);
        let mut record = csv::ByteRecord::new();
        let mut rows = Rows::of(piece, decoded.as_bytes());
        loop {
            let start = reader.position().byte();
            match reader.read_byte_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    let row = rows.at(start);
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
        let seconds = self.when(row, &at)?;
        let unit = self.place(row, &at)?;
        let mut values = [MISSING; 6];
        for (index, value) in values.iter_mut().enumerate() {
            let index = self.layout.first_pollutant + index;
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
        self.take(row, unit, seconds, &values)
    }

    /// The number of the place of a row.
    fn place<'row>(
        &mut self,
        row: u64,
        at: &impl Fn(usize) -> Option<(&'row [u8], Found)>,
    ) -> Result<u32, Problem> {
        let cell = |place: usize| at(place).map_or(&[][..], |(cell, _)| cell);
        let (station, city) = (cell(self.layout.station), cell(self.layout.city));
        let (last_station, last_city, last) = &self.last_cells;
        if *last != u32::MAX && last_station == station && last_city == city {
            return Ok(*last);
        }
        let name = text(station);
        if name.is_empty() && self.layout.needs_station {
            let what = "the cell is empty";
            return Err(self.problem(row, self.layout.station, what, "Name the station."));
        }
        let unit = self.unit(name, text(city));
        self.last_cells = (station.to_vec(), city.to_vec(), unit);
        Ok(unit)
    }

    /// Seconds since 1970 of a row.
    fn when<'row>(
        &mut self,
        row: u64,
        at: &impl Fn(usize) -> Option<(&'row [u8], Found)>,
    ) -> Result<i64, Problem> {
        let number = |place: usize| {
            let cell = std::str::from_utf8(at(place)?.0).ok()?.trim();
            cell.parse::<u32>().ok().or_else(|| whole(cell))
        };
        let (place, seconds) = match self.layout.when {
            When::Day(date) => {
                let cell = at(date).map_or(&[][..], |(cell, _)| cell);
                let seconds = self.clock.seconds(cell);
                (date, seconds.map(|seconds| seconds.div_euclid(DAY) * DAY))
            }
            When::Hour { time, date, year, month, day, hour } => {
                if let Some((cell, _)) = at(time) {
                    (time, self.clock.seconds(cell))
                } else if let Some((cell, _)) = at(date) {
                    let day = self.clock.day(cell.trim_ascii());
                    (hour, day.zip(number(hour)).and_then(|(day, hour)| of_hour(day, hour)))
                } else {
                    let day = match (number(year), number(month), number(day)) {
                        (Some(year), Some(month), Some(day)) => {
                            day_number(year as i32, month, day).map(i64::from)
                        }
                        _ => None,
                    };
                    (hour, day.zip(number(hour)).and_then(|(day, hour)| of_hour(day, hour)))
                }
            }
        };
        seconds.ok_or_else(|| {
            let cell = at(place).map_or(&[][..], |(cell, _)| cell);
            let cell = String::from_utf8_lossy(cell).into_owned();
            let (what, cure) = self.no_time(&cell);
            self.problem(row, place, what, cure)
        })
    }

    fn no_time(&self, cell: &str) -> (String, &'static str) {
        match self.layout.when {
            When::Day(_) => (format!("{} is no day", quoted(cell)), "Write days as 2025-06-01."),
            When::Hour { .. } => {
                (format!("{} is no full hour", quoted(cell)), "Write hours as 2025-06-01 08:00.")
            }
        }
    }

    fn columns(&mut self, piece: &Piece, batch: &RecordBatch) -> Result<(), Problem> {
        let read = |found: &Option<Found>| {
            let found = (*found)?;
            Some((worded(batch.column(found.place)), found.shift))
        };
        let columns: Vec<Option<(ArrayRef, i32)>> = self.head.bound.iter().map(read).collect();
        self.batch(piece.first_row, batch, &|index| columns[index].clone())
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
        let seconds = self.seconds(first_row, rows, column)?;
        let mut values: [Option<Vec<i64>>; 6] = Default::default();
        for (index, values) in values.iter_mut().enumerate() {
            let index = self.layout.first_pollutant + index;
            let Some((column, shift)) = column(index) else { continue };
            let Some((found, rounded)) = numbers(&column, shift) else {
                let (place, cell) = no_number(&column, shift).unwrap_or_default();
                let what = format!("{} is no concentration", quoted(&cell));
                let cure = "Write a decimal number without unit, or leave the cell empty.";
                return Err(self.problem(first_row + place as u64, index, what, cure));
            };
            self.part.rounded += rounded;
            *values = Some(found);
        }
        for place in 0..rows {
            let row = first_row + place as u64;
            let at = |index: usize| values[index].as_ref().map_or(MISSING, |cells| cells[place]);
            let cells = [at(0), at(1), at(2), at(3), at(4), at(5)];
            self.take(row, units[place], seconds[place], &cells)?;
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
        let of = |place: usize| match column(place) {
            Some((column, _)) => words(&column),
            None => Some((vec![0; rows], vec![String::new()])),
        };
        let station = self.layout.station;
        let (Some((keys, names)), Some((city_keys, cities))) = (of(station), of(self.layout.city))
        else {
            let what = "the column cannot be read as texts";
            return Err(self.problem(first_row, station, what, "Write it as texts."));
        };
        let mut known: HashMap<(i32, i32), u32> = HashMap::new();
        let mut last = ((-1, -1), 0);
        let mut units = Vec::with_capacity(rows);
        for (row, pair) in keys.into_iter().zip(city_keys).enumerate() {
            if pair != last.0 {
                let unit = if let Some(unit) = known.get(&pair) {
                    *unit
                } else {
                    let word = |key: i32, words: &[String]| {
                        usize::try_from(key)
                            .map_or_else(|_| String::new(), |key| words[key].clone())
                    };
                    let (name, city) = (word(pair.0, &names), word(pair.1, &cities));
                    if name.trim().is_empty() && self.layout.needs_station {
                        let row = first_row + row as u64;
                        let what = "the cell is empty";
                        return Err(self.problem(row, station, what, "Name the station."));
                    }
                    let unit = self.unit(name.trim(), city.trim());
                    known.insert(pair, unit);
                    unit
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
        first_row: u64,
        rows: usize,
        column: &impl Fn(usize) -> Option<(ArrayRef, i32)>,
    ) -> Result<Vec<i64>, Problem> {
        let wrong = |place: usize| {
            let found = column(place).and_then(|(column, _)| no_time(&column));
            let (row, cell) = found.unwrap_or_default();
            let (what, cure) = self.no_time(&cell);
            self.problem(first_row + row as u64, place, what, cure)
        };
        let (time, date, year, month, day, hour) = match self.layout.when {
            When::Day(date) => {
                let column = column(date).and_then(|(column, _)| dates(&column));
                let days = column.ok_or_else(|| wrong(date))?;
                let start = |day: i64| if day == MISSING { MISSING } else { day * DAY };
                return Ok(days.into_iter().map(start).collect());
            }
            When::Hour { time, date, year, month, day, hour } => {
                (time, date, year, month, day, hour)
            }
        };
        if let Some((column, _)) = column(time) {
            return times(&column).ok_or_else(|| wrong(time));
        }
        let whole = |place: usize| {
            let (column, _) = column(place)?;
            let (numbers, _) = numbers(&column, 0)?;
            Some(numbers.into_iter().map(|number| number / micro::ONE).collect::<Vec<i64>>())
        };
        let hours = whole(hour).ok_or_else(|| wrong(hour))?;
        let days = if let Some((column, _)) = column(date) {
            dates(&column).ok_or_else(|| wrong(date))?
        } else {
            let parts = (whole(year), whole(month), whole(day));
            let (Some(years), Some(months), Some(days)) = parts else {
                return Err(wrong(day));
            };
            let day = |row: usize| {
                let (month, day) = (months[row].try_into().ok()?, days[row].try_into().ok()?);
                day_number(years[row].try_into().ok()?, month, day).map(i64::from)
            };
            (0..rows).map(|row| day(row).unwrap_or(MISSING)).collect()
        };
        let second = |(day, hour): (i64, i64)| {
            let hour = u32::try_from(hour).ok()?;
            (day != MISSING).then(|| of_hour(day, hour)).flatten()
        };
        Ok(days.into_iter().zip(hours).map(|pair| second(pair).unwrap_or(MISSING)).collect())
    }

    fn unit(&mut self, station: &str, city: &str) -> u32 {
        if self.last.2 != u32::MAX && self.last.0 == station && self.last.1 == city {
            return self.last.2;
        }
        let found = self.known.get(station).and_then(|cities| cities.get(city)).copied();
        let unit = found.unwrap_or_else(|| {
            let unit = self.part.places.len() as u32;
            self.part.places.push((station.to_owned(), city.to_owned()));
            self.part.taken.place();
            self.known.entry(station.to_owned()).or_default().insert(city.to_owned(), unit);
            unit
        });
        self.last = (station.to_owned(), city.to_owned(), unit);
        unit
    }

    /// Hands a row on.
    #[inline]
    fn take(
        &mut self,
        row: u64,
        unit: u32,
        seconds: i64,
        values: &[i64; 6],
    ) -> Result<(), Problem> {
        if let Some(index) = values.iter().position(|value| *value < 0 && *value != MISSING) {
            let what = "the concentration is negative";
            let cure = "Leave the cell empty where the value is not valid.";
            return Err(self.problem(row, self.layout.first_pollutant + index, what, cure));
        }
        let place = match self.layout.when {
            When::Day(date) => date,
            When::Hour { time, .. } => time,
        };
        if seconds == MISSING {
            let (_, cure) = self.no_time("");
            return Err(self.problem(row, place, "there is no time", cure));
        }
        self.part.rows += 1;
        self.part.taken.row(row, unit, seconds, values).map_err(|wrong| match wrong {
            Wrong::Hour => {
                let cure = "Hours are full: 2025-06-01 08:00.";
                self.problem(row, place, "the time is no full hour", cure)
            }
            Wrong::Place(problem, one, other) => {
                problem(&self.part.places[unit as usize].0, one, other, row)
            }
        })
    }

    fn problem(
        &self,
        row: u64,
        place: usize,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Problem {
        let title = self.head.bound[place].map(|found| self.head.titles[found.place].as_str());
        let title = title.unwrap_or(self.layout.names[place].name);
        Problem::of_file("row.value", what, cure).in_row(row).in_column(title)
    }
}

/// A cell as text without blanks around it.
fn text(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default().trim()
}

/// Keys and words of a column of texts; a key below zero where there is none.
fn words(column: &ArrayRef) -> Option<(Vec<i32>, Vec<String>)> {
    if matches!(column.data_type(), DataType::Dictionary(..)) {
        let dictionary = column.as_dictionary_opt::<Int32Type>()?;
        let keys = dictionary.keys().iter().map(|key| key.unwrap_or(-1)).collect();
        return Some((keys, texts(dictionary.values())));
    }
    // Codes written as numbers: each row brings its own word.
    let all = texts(column);
    let mut places: HashMap<&str, i32> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut keys = Vec::with_capacity(all.len());
    for word in &all {
        keys.push(*places.entry(word).or_insert_with(|| {
            names.push(word.clone());
            names.len() as i32 - 1
        }));
    }
    Some((keys, names))
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
