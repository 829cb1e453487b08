//! Judged tables as they go out: CSV, XLSX, Parquet, and as a stream of Arrow; a reader never sees
//! half a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use jiff::civil::Date;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rulebook::Decimal;
use rust_xlsxwriter::{Format, Workbook};

use crate::input::extension;
use crate::micro;
use crate::problem::Problem;

/// What a column of a result holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Text.
    Text,
    /// A decimal number.
    Number,
    /// A whole number.
    Whole,
    /// A day.
    Day,
    /// True or false.
    Truth,
}

/// How a stream gives values (数值形式).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Values {
    /// As Parquet has them: decimal numbers as the nearest doubles, days, whole numbers, truths.
    #[default]
    Typed,
    /// As the very text that CSV has, with the decimals that a standard gives a number.
    Text,
}

/// A cell of a result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'text> {
    /// Nothing.
    None,
    /// Text.
    Text(Cow<'text, str>),
    /// Millionths.
    Micro(i64),
    /// A decimal number, written with the decimals that it has.
    Number(Decimal),
    /// A whole number.
    Whole(i64),
    /// A day.
    Day(Date),
    /// True or false.
    Truth(bool),
}

impl<'text> Cell<'text> {
    /// Text.
    pub(crate) fn text(text: impl Into<Cow<'text, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A number that may be missing.
    pub(crate) fn number(value: Option<Decimal>) -> Self {
        value.map_or(Self::None, Self::Number)
    }

    /// Millionths that may be missing.
    pub(crate) fn micro(value: i64) -> Self {
        if value == micro::MISSING { Self::None } else { Self::Micro(value) }
    }

    fn write(&self, into: &mut Vec<u8>) {
        match self {
            Self::None => {}
            Self::Text(text) => quote(text, into),
            Self::Micro(value) => micro::write(*value, into),
            Self::Number(value) => into.extend_from_slice(value.to_string().as_bytes()),
            Self::Whole(value) => into.extend_from_slice(value.to_string().as_bytes()),
            Self::Day(day) => into.extend_from_slice(day.to_string().as_bytes()),
            Self::Truth(truth) => into.extend_from_slice(truth.to_string().as_bytes()),
        }
    }

    fn double(&self) -> Option<f64> {
        match self {
            Self::Micro(value) => Some(*value as f64 / micro::ONE as f64),
            Self::Number(value) => value.to_string().parse().ok(),
            Self::Whole(value) => Some(*value as f64),
            Self::Text(text) => text.trim().parse().ok(),
            Self::None | Self::Day(_) | Self::Truth(_) => None,
        }
    }
}

/// Text as a cell of CSV.
fn quote(text: &str, into: &mut Vec<u8>) {
    if !text.contains([',', '"', '\n', '\r']) {
        into.extend_from_slice(text.as_bytes());
        return;
    }
    into.push(b'"');
    into.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    into.push(b'"');
}

/// A table that is being written.
pub(crate) struct Output {
    /// Rows written.
    pub(crate) rows: u64,
    place: Option<PathBuf>,
    form: Form,
    buffer: Vec<u8>,
}

enum Form {
    Csv(Box<dyn Write>),
    Xlsx(Box<Sheet>),
    Columns(Box<Columns>),
}

struct Sheet {
    book: Workbook,
    row: u32,
    day: Format,
}

struct Columns {
    schema: Arc<Schema>,
    writer: Packed,
    builders: Vec<Builder>,
    rows: usize,
}

/// Where columns go.
enum Packed {
    Parquet(ArrowWriter<File>),
    Stream(StreamWriter<Box<dyn Write>>),
}

enum Builder {
    Text(StringBuilder),
    Number(Float64Builder),
    Whole(Int64Builder),
    Day(Date32Builder),
    Truth(BooleanBuilder),
}

/// Rows of Parquet that are packed at once: few enough for their memory to be used again.
const BATCH: usize = 8_192;
/// A sheet of a workbook ends here.
const LAST_ROW: u32 = 1_048_575;
const STANDARD_OUTPUT: &str = "standard output";

impl Output {
    /// Begins a table; CSV on standard output without a file. The form is told by the ending.
    pub(crate) fn create(
        file: Option<&Path>,
        columns: &[(String, Gives)],
    ) -> Result<Self, Problem> {
        let Some(file) = file.filter(|file| *file != Path::new("-")) else {
            return Self::csv(None, Box::new(io::stdout().lock()), columns);
        };
        let part = part(file);
        let create = || File::create(&part).map_err(|error| unwritable(file, &error));
        match extension(file).as_str() {
            "xlsx" => Self::xlsx(file, columns),
            "parquet" => Self::parquet(file, create()?, columns),
            _ => Self::csv(
                Some(file),
                Box::new(BufWriter::with_capacity(1 << 20, create()?)),
                columns,
            ),
        }
    }

    fn csv(
        file: Option<&Path>,
        mut writer: Box<dyn Write>,
        columns: &[(String, Gives)],
    ) -> Result<Self, Problem> {
        let mut buffer = Vec::new();
        for (place, (name, _)) in columns.iter().enumerate() {
            if place > 0 {
                buffer.push(b',');
            }
            quote(name, &mut buffer);
        }
        buffer.push(b'\n');
        let shown = file.unwrap_or(Path::new(STANDARD_OUTPUT));
        writer.write_all(&buffer).map_err(|error| unwritable(shown, &error))?;
        Ok(Self { rows: 0, place: file.map(Path::to_owned), form: Form::Csv(writer), buffer })
    }

    fn xlsx(file: &Path, columns: &[(String, Gives)]) -> Result<Self, Problem> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = book.add_worksheet();
        for (place, (name, _)) in (0_u16..).zip(columns) {
            sheet
                .write_string_with_format(0, place, name, &bold)
                .and_then(|sheet| sheet.set_column_width(place, 14.0))
                .map_err(|error| unwritable(file, &error))?;
        }
        sheet.set_freeze_panes(1, 0).map_err(|error| unwritable(file, &error))?;
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = Sheet { book, row: 0, day };
        let form = Form::Xlsx(Box::new(sheet));
        Ok(Self { rows: 0, place: Some(file.to_owned()), form, buffer: Vec::new() })
    }

    fn parquet(file: &Path, part: File, columns: &[(String, Gives)]) -> Result<Self, Problem> {
        let kinds: Vec<Gives> = columns.iter().map(|(_, gives)| *gives).collect();
        let schema = schema(columns, &kinds);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = ArrowWriter::try_new(part, schema.clone(), Some(properties))
            .map_err(|error| unwritable(file, &error))?;
        let form = Form::Columns(Box::new(Columns::new(schema, Packed::Parquet(writer), &kinds)));
        Ok(Self { rows: 0, place: Some(file.to_owned()), form, buffer: Vec::new() })
    }

    /// Begins a stream.
    pub(crate) fn stream(
        into: Box<dyn Write>,
        columns: &[(String, Gives)],
        values: Values,
    ) -> Result<Self, Problem> {
        let kind = |(_, gives): &(String, Gives)| match values {
            Values::Typed => *gives,
            Values::Text => Gives::Text,
        };
        let kinds: Vec<Gives> = columns.iter().map(kind).collect();
        let schema = schema(columns, &kinds);
        let writer = StreamWriter::try_new(into, &schema)
            .map_err(|error| unwritable(Path::new(STANDARD_OUTPUT), &error))?;
        let form = Form::Columns(Box::new(Columns::new(schema, Packed::Stream(writer), &kinds)));
        Ok(Self { rows: 0, place: None, form, buffer: Vec::new() })
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Problem> {
        self.rows += 1;
        let written = match &mut self.form {
            Form::Csv(writer) => {
                self.buffer.clear();
                for (place, cell) in cells.iter().enumerate() {
                    if place > 0 {
                        self.buffer.push(b',');
                    }
                    cell.write(&mut self.buffer);
                }
                self.buffer.push(b'\n');
                writer.write_all(&self.buffer).map_err(|error| error.to_string())
            }
            Form::Xlsx(sheet) => sheet.row(cells),
            Form::Columns(columns) => columns.row(cells),
        };
        written.map_err(|error| unwritable(self.name(), &error))
    }

    /// Ends the table: only now its file has its name.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let name = self.name().to_owned();
        let failed = |error: &dyn std::fmt::Display| unwritable(&name, error);
        match self.form {
            Form::Csv(mut writer) => writer.flush().map_err(|error| failed(&error))?,
            Form::Xlsx(mut sheet) => {
                sheet.book.save(part(&name)).map_err(|error| failed(&error))?;
            }
            Form::Columns(columns) => columns.finish().map_err(|error| failed(&error))?,
        }
        match self.place {
            Some(place) => std::fs::rename(part(&place), &place).map_err(|error| failed(&error)),
            None => Ok(()),
        }
    }

    /// Gives the table up: nothing of it stays.
    pub(crate) fn abandon(self) {
        if let Some(place) = self.place {
            drop(self.form);
            // It may never have been begun.
            let _ = std::fs::remove_file(part(&place));
        }
    }

    fn name(&self) -> &Path {
        self.place.as_deref().unwrap_or(Path::new(STANDARD_OUTPUT))
    }
}

impl Sheet {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        self.row += 1;
        if self.row > LAST_ROW {
            return Err("a sheet holds 1,048,576 rows; write CSV or Parquet".to_owned());
        }
        let sheet = self.book.worksheet_from_index(0).map_err(|error| error.to_string())?;
        for (place, cell) in (0_u16..).zip(cells) {
            let written = match cell {
                Cell::None => continue,
                Cell::Text(text) => match number_of(text) {
                    Some(number) => sheet.write_number(self.row, place, number),
                    None => sheet.write_string(self.row, place, text.as_ref()),
                },
                Cell::Day(day) => {
                    let (year, month, date) = (day.year(), day.month(), day.day());
                    let at = rust_xlsxwriter::ExcelDateTime::from_ymd(
                        year.unsigned_abs(),
                        month.unsigned_abs(),
                        date.unsigned_abs(),
                    );
                    at.and_then(|at| {
                        sheet.write_datetime_with_format(self.row, place, &at, &self.day)
                    })
                }
                Cell::Truth(truth) => sheet.write_boolean(self.row, place, *truth),
                number => match number.double() {
                    Some(number) => sheet.write_number(self.row, place, number),
                    None => continue,
                },
            };
            written.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// A text that is a number and loses nothing by being one: codes with leading noughts stay texts.
fn number_of(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_code = text.starts_with('0') && !text.starts_with("0.") && text != "0";
    let is_plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'));
    (is_plain && !is_code && digits <= 11).then(|| text.parse().ok()).flatten()
}

fn schema(columns: &[(String, Gives)], kinds: &[Gives]) -> Arc<Schema> {
    let field =
        |((name, _), kind): (&(String, Gives), &Gives)| Field::new(name, kind.data_type(), true);
    Arc::new(Schema::new(columns.iter().zip(kinds).map(field).collect::<Vec<_>>()))
}

impl Columns {
    fn new(schema: Arc<Schema>, writer: Packed, kinds: &[Gives]) -> Self {
        let builders = kinds.iter().map(|kind| kind.builder()).collect();
        Self { schema, writer, builders, rows: 0 }
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            builder.append(cell);
        }
        self.rows += 1;
        if self.rows == BATCH { self.flush().map_err(|error| error.to_string()) } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let arrays: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)?;
        match &mut self.writer {
            Packed::Parquet(writer) => writer.write(&batch)?,
            Packed::Stream(writer) => {
                // Whoever reads along sees it now.
                writer.write(&batch)?;
                writer.flush()?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), Box<dyn std::error::Error>> {
        self.flush()?;
        match self.writer {
            Packed::Parquet(writer) => drop(writer.close()?),
            Packed::Stream(mut writer) => {
                writer.finish()?;
                writer.flush()?;
            }
        }
        Ok(())
    }
}

impl Gives {
    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Number => DataType::Float64,
            Self::Whole => DataType::Int64,
            Self::Day => DataType::Date32,
            Self::Truth => DataType::Boolean,
        }
    }

    fn builder(self) -> Builder {
        match self {
            Self::Text => Builder::Text(StringBuilder::new()),
            Self::Number => Builder::Number(Float64Builder::with_capacity(BATCH)),
            Self::Whole => Builder::Whole(Int64Builder::with_capacity(BATCH)),
            Self::Day => Builder::Day(Date32Builder::with_capacity(BATCH)),
            Self::Truth => Builder::Truth(BooleanBuilder::with_capacity(BATCH)),
        }
    }
}

impl Builder {
    fn append(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Self::Text(builder), Cell::None) => builder.append_null(),
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Text(builder), other) => {
                let mut text = Vec::new();
                other.write(&mut text);
                builder.append_value(String::from_utf8_lossy(&text));
            }
            (Self::Number(builder), cell) => builder.append_option(cell.double()),
            (Self::Whole(builder), Cell::Whole(value)) => builder.append_value(*value),
            (Self::Whole(builder), _) => builder.append_null(),
            (Self::Day(builder), Cell::Day(day)) => {
                let since = day.duration_since(jiff::civil::date(1970, 1, 1));
                builder.append_value((since.as_hours() / 24) as i32);
            }
            (Self::Day(builder), _) => builder.append_null(),
            (Self::Truth(builder), Cell::Truth(truth)) => builder.append_value(*truth),
            (Self::Truth(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Number(builder) => ArrayBuilder::finish(builder),
            Self::Whole(builder) => ArrayBuilder::finish(builder),
            Self::Day(builder) => ArrayBuilder::finish(builder),
            Self::Truth(builder) => ArrayBuilder::finish(builder),
        }
    }
}

/// The name of a file while it is being written.
fn part(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn unwritable(file: &Path, error: &dyn std::fmt::Display) -> Problem {
    let what = format!("cannot write {}: {error}", file.display());
    let cure = "Check that the folder exists, may be written and has room.";
    Problem::of_file("file.write", what, cure)
}
