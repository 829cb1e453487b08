//! An answer: batches of columns, given out as texts, CSV, JSON, Parquet, Arrow.

use crate::tables::rows::SCALE;
use datafusion::arrow::array::{ArrayRef, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::error::Result;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use std::sync::Arc;
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
        let described = |field: &Arc<Field>| {
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
        let fields = self.schema.fields().iter();
        let fields = fields.map(|field| Field::new(field.name(), DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let fields = self.schema.fields().iter();
        let mut columns: Vec<StringBuilder> = fields.map(|_| StringBuilder::new()).collect();
        for row in self.texts()? {
            for (column, cell) in columns.iter_mut().zip(row) {
                column.append_option(cell);
            }
        }
        let columns =
            columns.into_iter().map(|mut column| -> ArrayRef { Arc::new(column.finish()) });
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch = RecordBatch::try_new_with_options(schema, columns.collect(), &options)?;
        Ok(pretty_format_batches(&[batch])?.to_string())
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
    let options = FormatOptions::new()
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"));
    let columns = batch.columns().iter().map(in_beijing).collect::<Result<Vec<_>>>()?;
    let formatters = columns
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let mut rows = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let cell = |(column, formatter): (&ArrayRef, &ArrayFormatter<'_>)| {
            let text = || -> Result<String> {
                Ok(plain(column.data_type(), formatter.value(row).try_to_string()?))
            };
            column.is_valid(row).then(text).transpose()
        };
        let cells = columns.iter().zip(&formatters).map(cell);
        rows.push(cells.collect::<Result<Vec<_>>>()?);
    }
    Ok(rows)
}

/// A decimal as a reader wants it: the places in which tables keep every number say nothing, those
/// to which one was rounded do.
fn plain(kind: &DataType, text: String) -> String {
    match kind {
        DataType::Decimal128(_, scale) if *scale >= SCALE && text.contains('.') => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shown_where_they_mean_something() {
        let shown = |scale, text: &str| plain(&DataType::Decimal128(38, scale), text.to_owned());
        assert_eq!(shown(10, "12.5000000000"), "12.5");
        assert_eq!(shown(10, "100.0000000000"), "100");
        assert_eq!(shown(14, "0.00000000000000"), "0");
        assert_eq!(shown(2, "0.30"), "0.30");
        assert_eq!(shown(0, "100"), "100");
    }
}
