//! An answer: batches of columns, given out as texts, CSV, JSON, Parquet, Arrow.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::arrow::util::pretty::pretty_format_batches_with_options;
use datafusion::error::Result;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use std::time::Duration;

/// The zone in which people read times.
const BEIJING: &str = "+08:00";

/// The answer to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
    /// How many rows.
    pub rows: usize,
    /// True when there were more than were wanted.
    pub is_cut: bool,
    /// How long it took.
    pub took: Duration,
}

impl Answer {
    /// The columns: name, type in SQL, whether it holds numbers.
    pub fn columns(&self) -> Vec<(String, String, bool)> {
        let described = |field: &std::sync::Arc<datafusion::arrow::datatypes::Field>| {
            let kind = field.data_type();
            (field.name().clone(), sql_type(kind), kind.is_numeric())
        };
        self.schema.fields().iter().map(described).collect()
    }

    /// The rows as texts, `None` for null; times in Beijing time.
    ///
    /// # Errors
    /// When a column cannot be written as text.
    pub fn texts(&self) -> Result<Vec<Vec<Option<String>>>> {
        let mut rows = Vec::with_capacity(self.rows);
        for batch in &self.batches {
            rows.extend(cells(batch)?);
        }
        Ok(rows)
    }

    /// The answer as columns for people, null as nothing.
    ///
    /// # Errors
    /// When a column cannot be written as text.
    pub fn pretty(&self) -> Result<String> {
        let local = |batch: &RecordBatch| {
            let columns = batch.columns().iter().map(in_beijing).collect::<Result<Vec<_>>>()?;
            let names = self.schema.fields().iter().map(|field| field.name().as_str());
            Ok(RecordBatch::try_from_iter(names.zip(columns))?)
        };
        let mut batches = self.batches.iter().map(local).collect::<Result<Vec<_>>>()?;
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(self.schema.clone()));
        }
        Ok(pretty_format_batches_with_options(&batches, &forms())?.to_string())
    }

    /// The answer as Parquet.
    ///
    /// # Errors
    /// When a column has no form there.
    pub fn parquet(&self) -> Result<Vec<u8>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let mut bytes = Vec::new();
        let schema = self.schema.clone();
        let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties))?;
        for batch in &self.batches {
            writer.write(batch)?;
        }
        writer.close()?;
        Ok(bytes)
    }

    /// The answer as a stream of Arrow.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn arrow(&self) -> Result<Vec<u8>> {
        let mut writer = StreamWriter::try_new(Vec::new(), &self.schema)?;
        for batch in &self.batches {
            writer.write(batch)?;
        }
        Ok(writer.into_inner()?)
    }
}

/// The rows of a batch as texts.
///
/// # Errors
/// When a column cannot be written as text.
pub fn cells(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>> {
    let options = forms();
    let columns = batch.columns().iter().map(in_beijing).collect::<Result<Vec<_>>>()?;
    let formatters = columns
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let mut rows = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let cell = |(column, formatter): (&ArrayRef, &ArrayFormatter<'_>)| {
            column.is_valid(row).then(|| formatter.value(row).try_to_string()).transpose()
        };
        let cells = columns.iter().zip(&formatters).map(cell);
        rows.push(cells.collect::<std::result::Result<Vec<_>, _>>()?);
    }
    Ok(rows)
}

/// How times are written.
fn forms() -> FormatOptions<'static> {
    FormatOptions::new()
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"))
}

/// A column with its instants told in Beijing time.
fn in_beijing(column: &ArrayRef) -> Result<ArrayRef> {
    Ok(match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            cast(column, &DataType::Timestamp(*unit, Some(BEIJING.into())))?
        }
        _ => column.clone(),
    })
}

/// The name of a type in SQL.
fn sql_type(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::Float64 => "double precision".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision}, {scale})"),
        other => other.to_string().to_lowercase(),
    }
}
