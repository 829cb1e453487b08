//! Observations as a table: recent and history alike, read where the conditions point.
//!
//! This is the one place that reads values for SQL, through the public functions of `observations`.

use super::points::{POINT_COLUMNS, is_about, meeting, point_cell, points_wanted};
use super::rows::{Cell, Column, Kind, Rows, column, schema};
use super::span::{DAY, OBSERVED_AT, Span};
use super::{Ground, Point, Table, failed, wanted};
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use jiff::{SignedDuration, Timestamp};
use observations::history::scan::factor_series;
use observations::{FactorValue, Marks, Row};
use registry::{Factor, FactorId};
use rulebook::{Period, beijing_offset};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

const PERIOD: Column =
    column("period", Kind::Text, "realtime、minute、hour、day", "realtime, minute, hour or day");
const FACTOR_COLUMNS: [Column; 3] = [
    column("factor", Kind::Text, "因子编码(HJ 212),如 a34004", "code of the factor in HJ 212"),
    column("factor_name", Kind::Text, "因子名称(中文)", "name of the factor in Chinese"),
    column("factor_name_en", Kind::Text, "因子名称(英文)", "name of the factor in English"),
];

const COLUMNS: &[Column] = &[
    POINT_COLUMNS[0],
    POINT_COLUMNS[1],
    POINT_COLUMNS[2],
    POINT_COLUMNS[3],
    POINT_COLUMNS[4],
    POINT_COLUMNS[5],
    PERIOD,
    column(
        OBSERVED_AT,
        Kind::Time,
        "时段起点(UTC);实时值为时刻",
        "start of the period, UTC; the instant of a real-time value",
    ),
    column(DAY, Kind::Day, "时段起点所在日(北京时间)", "day in which it starts, Beijing time"),
    FACTOR_COLUMNS[0],
    FACTOR_COLUMNS[1],
    FACTOR_COLUMNS[2],
    column("unit", Kind::Text, "单位", "unit at this kind of point"),
    column(
        "value",
        Kind::Decimal,
        "瞬时值或时段均值;超过十位小数者按 GB/T 8170 修约",
        "instantaneous value or mean of the period; more than ten decimals are rounded",
    ),
    column("min", Kind::Decimal, "时段最小值", "the smallest in the period"),
    column("max", Kind::Decimal, "时段最大值", "the largest in the period"),
    column("sum", Kind::Decimal, "时段排放量(累计值)", "quantity discharged in the period"),
    column("converted", Kind::Decimal, "折算值", "value at the reference oxygen content"),
    column("converted_min", Kind::Decimal, "折算最小值", "min at the reference oxygen content"),
    column("converted_max", Kind::Decimal, "折算最大值", "max at the reference oxygen content"),
    column(
        "flag",
        Kind::Text,
        "数据标记(HJ 212):N 正常、D 故障……",
        "the device's mark (HJ 212): N normal, D fault, …",
    ),
    column(
        "is_usable",
        Kind::Truth,
        "标记为 N 或无标记:评价只用这些值",
        "marked N or not at all: only these are judged",
    ),
    column("is_late", Kind::Truth, "补传", "came long after it was due"),
    column("is_from_file", Kind::Truth, "人工导入", "imported from a file by a person"),
    column("received_at", Kind::Time, "收到时刻", "when the packet came that last changed it"),
    column("version", Kind::Integer, "第几版,首版为 1", "1 at first, one more each change"),
    column("block", Kind::Integer, "所在提交块,见 /packets/块/序号", "commit of its packet"),
    column("packet", Kind::Integer, "块内数据包序号", "place of its packet in the commit"),
];

/// The observations.
pub(crate) const OBSERVATION: Table = Table {
    name: "observation",
    zh: "监测值,近期与历史合一,一行一个因子",
    en: "values, recent and history alike, one row a factor",
    columns: COLUMNS,
    open: |_, ground| Arc::new(Observations { ground: ground.clone() }),
};

#[derive(Debug)]
struct Observations {
    ground: Ground,
}

/// The columns that tell of a whole row: when it came, from which packet.
const OF_ROWS: [usize; 4] = [24, 25, 26, 27];

/// How much is read at once: some thousand rows, whatever the period.
fn stride(period: Period) -> SignedDuration {
    SignedDuration::from_hours(match period {
        Period::RealTime => 12,
        Period::Minute => 7 * 24,
        Period::Hour => 92 * 24,
        Period::Day => 3_660 * 24,
    })
}

#[async_trait]
impl TableProvider for Observations {
    fn schema(&self) -> SchemaRef {
        schema(COLUMNS)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let is_known = |filter: &Expr| {
            [&POINT_COLUMNS[..], &FACTOR_COLUMNS[..], &[PERIOD][..]]
                .iter()
                .any(|columns| is_about(filter, columns))
        };
        let each = |filter: &&Expr| {
            if is_known(filter) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Inexact
            }
        };
        Ok(filters.iter().map(each).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let snapshot = &self.ground.snapshot;
        let points = points_wanted(state, filters, snapshot)?;
        let periods = periods_wanted(state, filters)?;
        let factors = factors_wanted(state, filters, snapshot.factors())?;
        let wanted: Arc<[usize]> = wanted(projection, COLUMNS).into();
        let count = state.config().target_partitions().max(1);
        let mut shares = vec![VecDeque::new(); count];
        let pairs = points.iter().flat_map(|point| periods.iter().map(move |p| (point, *p)));
        for (place, (point, period)) in pairs.enumerate() {
            shares[place % count].push_back((Arc::clone(point), period));
        }
        let chosen: Vec<Column> = wanted.iter().map(|place| COLUMNS[*place]).collect();
        let schema = schema(&chosen);
        let reading = Reading {
            ground: self.ground.clone(),
            span: Span::left_by(filters),
            chosen: (factors.len() < snapshot.factors().len())
                .then(|| factors.keys().copied().collect()),
            factors: Arc::new(factors),
            wanted,
            schema: Arc::clone(&schema),
            pairs: VecDeque::new(),
            series: None,
        };
        let share = |pairs: VecDeque<_>| -> Arc<dyn PartitionStream> {
            Arc::new(Share(Reading { pairs, ..reading.clone() }))
        };
        let shares = shares.into_iter().map(share).collect();
        StreamingTable::try_new(schema, shares)?.scan(state, None, &[], limit).await
    }
}

fn periods_wanted(state: &dyn Session, filters: &[Expr]) -> Result<Vec<Period>> {
    let mut rows = Rows::new(&[PERIOD], &[0]);
    for period in Period::ALL {
        rows.push(|_| Cell::Text(period.as_str()));
    }
    let met = meeting(state, filters, &[PERIOD], rows.finish()?)?;
    Ok(Period::ALL.into_iter().zip(met).filter(|(_, met)| *met).map(|(one, _)| one).collect())
}

fn factors_wanted(
    state: &dyn Session,
    filters: &[Expr],
    all: &[Factor],
) -> Result<HashMap<FactorId, Factor>> {
    let mut rows = Rows::new(&FACTOR_COLUMNS, &[0, 1, 2]);
    for factor in all {
        rows.push(|place| factor_cell(factor, place));
    }
    let met = meeting(state, filters, &FACTOR_COLUMNS, rows.finish()?)?;
    let kept = all.iter().zip(met).filter(|(_, met)| *met);
    Ok(kept.map(|(factor, _)| (factor.id, factor.clone())).collect())
}

fn factor_cell(factor: &Factor, place: usize) -> Cell<'_> {
    match place {
        0 => Cell::Text(&factor.code),
        1 => Cell::Text(&factor.name.zh),
        _ => Cell::Text(&factor.name.en),
    }
}

/// What is read of a point and period, from here to there.
#[derive(Clone, Debug)]
struct Series {
    point: Arc<Point>,
    period: Period,
    from: Timestamp,
    to: Timestamp,
}

/// A share of the points, being read.
#[derive(Clone, Debug)]
struct Reading {
    ground: Ground,
    span: Span,
    factors: Arc<HashMap<FactorId, Factor>>,
    /// The same as numbers, where they are not all.
    chosen: Option<Arc<[FactorId]>>,
    wanted: Arc<[usize]>,
    schema: SchemaRef,
    pairs: VecDeque<(Arc<Point>, Period)>,
    series: Option<Series>,
}

#[derive(Debug)]
struct Share(Reading);

impl PartitionStream for Share {
    fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches = futures_util::stream::try_unfold(self.0.clone(), |mut reading| async move {
            Ok(reading.next().await?.map(|batch| (batch, reading)))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.0.schema), batches))
    }
}

impl Reading {
    /// The next rows; `None` at the end.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let Some(series) = &mut self.series else {
                let Some((point, period)) = self.pairs.pop_front() else { return Ok(None) };
                self.series = self.extent(point, period).await?;
                continue;
            };
            let until = series.from.saturating_add(stride(series.period)).map_err(failed)?;
            let until = until.min(series.to);
            let (point, period) = (Arc::clone(&series.point), series.period);
            let range = series.from..until;
            if until >= series.to {
                self.series = None;
            } else {
                series.from = until;
            }
            let rows = self.read(&point, period, range).await?;
            if rows.len() > 0 {
                return Ok(Some(rows.finish()?));
            }
        }
    }

    /// From where to where there is something to read of a point and period.
    async fn extent(&self, point: Arc<Point>, period: Period) -> Result<Option<Series>> {
        let store = &self.ground.store;
        let oldest = observations::oldest(store, point.id, period).await.map_err(failed)?;
        let Some(oldest) = oldest else { return Ok(None) };
        let from = self.span.from.map_or(oldest, |from| from.max(oldest));
        let end = self.span.to.unwrap_or(Timestamp::MAX);
        let newest = observations::series_newest(store, point.id, period, end, 1).await;
        let Some(newest) = newest.map_err(failed)?.pop() else { return Ok(None) };
        let to = newest.observed_at + SignedDuration::from_secs(1);
        Ok((from < to).then_some(Series { point, period, from, to }))
    }

    /// The rows of a stretch. What is said of single factors alone is read factor by factor, of the
    /// files no other column; what is said of whole rows needs them whole.
    async fn read(&self, point: &Point, period: Period, range: Range<Timestamp>) -> Result<Rows> {
        let store = &self.ground.store;
        let mut rows = Rows::new(COLUMNS, &self.wanted);
        if self.wanted.iter().any(|place| OF_ROWS.contains(place)) {
            let found = observations::series(store, point.id, period, range).await;
            for row in &found.map_err(failed)? {
                for value in &row.values {
                    self.take(point, period, row.observed_at, value, Some(row), &mut rows);
                }
            }
            return Ok(rows);
        }
        let factors = self.chosen.as_deref();
        let found = factor_series(store, point.id, period, factors, range).await;
        for series in &found.map_err(failed)? {
            for (at, value) in &series.values {
                self.take(point, period, *at, value, None, &mut rows);
            }
        }
        Ok(rows)
    }

    fn take(
        &self,
        point: &Point,
        period: Period,
        at: Timestamp,
        value: &FactorValue,
        row: Option<&Row>,
        rows: &mut Rows,
    ) {
        let Some(factor) = self.factors.get(&value.factor) else { return };
        let day = beijing_offset().to_datetime(at).date();
        let flag = value.flag.map(|flag| [flag]);
        let flag = flag.as_ref().and_then(|flag| std::str::from_utf8(flag).ok());
        rows.push(|place| match (place, row) {
            (6, _) => Cell::Text(period.as_str()),
            (7, _) => Cell::Time(at),
            (8, _) => Cell::Day(day),
            (9..=11, _) => factor_cell(factor, place - 9),
            (12, _) => Cell::Text(factor.unit_at(point.kind())),
            (13..=19, _) => number(value, place - 13),
            (20, _) => Cell::text(flag),
            (21, _) => Cell::Truth(environment::air::is_usable_flag(value.flag)),
            (22, _) => Cell::Truth(value.marks.contains(Marks::LATE)),
            (23, _) => Cell::Truth(value.marks.contains(Marks::FROM_FILE)),
            (24, Some(row)) => Cell::Time(row.received_at),
            (25, Some(row)) => Cell::Integer(row.version.into()),
            (26, Some(row)) => Cell::Integer(row.source.block),
            (27, Some(row)) => Cell::Integer(row.source.index.into()),
            _ => point_cell(point, place),
        });
    }
}

fn number(value: &FactorValue, place: usize) -> Cell<'static> {
    Cell::decimal(match place {
        0 => value.value,
        1 => value.min,
        2 => value.max,
        3 => value.sum,
        4 => value.converted,
        5 => value.converted_min,
        _ => value.converted_max,
    })
}
