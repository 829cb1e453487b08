//! Row groups that are encoded side by side stand in the file as they were handed over.

use super::names::Names;
use super::{ExportFormat, File, GROUP, Hand, Output, Rendered};
use crate::error::ObservationError;
use crate::model::FactorValue;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, TimestampMillisecondType};
use bytes::Bytes;
use jiff::Timestamp;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A file in memory that takes so many bytes.
#[derive(Clone)]
struct Sink {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: usize,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut held = self.bytes.lock().unwrap();
        if held.len() + bytes.len() > self.room {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Hands over batches of lines, numbered from 0 on, and gives what was written.
async fn given_out(batches: &[usize], room: usize) -> Result<Bytes, ObservationError> {
    let names = Names::none(Period::Minute);
    let sink = Sink { bytes: Arc::default(), room };
    let (file, encoder) = File::new(ExportFormat::Parquet, &names, 4, sink.clone())?;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let runtime = tokio::runtime::Handle::current();
    let writing = tokio::task::spawn_blocking(move || file.write(receiver, &runtime));
    let mut hand = Hand::new(sender, encoder);
    let mut line = 0_i64;
    let mut handed = Ok(());
    for count in batches {
        let mut output = Output::new(ExportFormat::Parquet, 4);
        for _ in 0..*count {
            let at = Timestamp::from_second(line * 60).unwrap();
            let value = Some(Decimal::new(line, 2));
            let value = FactorValue { value, ..FactorValue::empty(FactorId(1)) };
            output.value(&names, PointId(1), at, &value)?;
            line += 1;
        }
        let Rendered::Batch(batch) = output.finish(&names)? else { panic!("a batch") };
        handed = hand.over(Rendered::Batch(batch)).await;
        if handed.is_err() {
            break;
        }
    }
    if handed.is_ok() {
        handed = hand.rest().await;
    }
    drop(hand);
    let written = writing.await.unwrap()?;
    handed?;
    assert_eq!(written.lines, line as u64);
    let bytes = std::mem::take(&mut *sink.bytes.lock().unwrap());
    Ok(Bytes::from(bytes))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_groups_stand_in_the_order_of_their_lines() {
    let batches = [0, GROUP - 1, 3, GROUP, 0, 70_000, 11, 0];
    let file = given_out(&batches, usize::MAX).await.unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let groups: Vec<i64> =
        reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [GROUP as i64 + 2, GROUP as i64, 70_011]);
    let mut line = 0;
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let times = batch.column_by_name("observed_at").unwrap();
        let values = batch.column_by_name("value").unwrap().as_primitive::<Decimal128Type>();
        for (place, time) in
            times.as_primitive::<TimestampMillisecondType>().values().iter().enumerate()
        {
            assert_eq!((*time, values.value(place)), (line * 60_000, i128::from(line) * 100));
            line += 1;
        }
    }
    assert_eq!(line as usize, batches.iter().sum::<usize>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_a_file_without_lines() {
    for batches in [&[][..], &[0, 0]] {
        let file = given_out(batches, usize::MAX).await.unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        assert_eq!(reader.metadata().row_groups().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_takes_no_more_ends_the_export_with_its_reason() {
    let problem = given_out(&[GROUP, GROUP, GROUP, GROUP], 10_000).await.unwrap_err();
    let text = problem.to_string();
    assert!(text.contains("no storage space"), "{text}");
}
