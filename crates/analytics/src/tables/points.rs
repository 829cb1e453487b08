//! What many tables say of a point, and which points a question is about.

use super::rows::{Cell, Column, Kind, Rows, column, schema};
use datafusion::arrow::array::{Array as _, BooleanArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::Session;
use datafusion::common::ToDFSchema as _;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use registry::{MonitoringPoint, PointId, Snapshot};
use std::collections::HashSet;
use std::sync::Arc;

/// The columns by which rows name their point, first in each table that has one.
pub(crate) const POINT_COLUMNS: [Column; 6] = [
    column("point", Kind::Integer, "点位编号", "number of the monitoring point"),
    column(
        "kind",
        Kind::Text,
        "点位类型:air-station、water-section、outlet",
        "kind of point: air-station, water-section, outlet",
    ),
    column("code", Kind::Text, "点位编码,同类中唯一", "code of the point, unique within its kind"),
    column("name", Kind::Text, "点位名称(中文)", "name of the point in Chinese"),
    column("name_en", Kind::Text, "点位名称(英文)", "name of the point in English"),
    column("division", Kind::Text, "所在区划代码", "code of the division in which it lies"),
];

/// A point as rows name it.
pub(crate) type Point = MonitoringPoint;

/// What stands in one of [`POINT_COLUMNS`].
pub(crate) fn point_cell(point: &Point, place: usize) -> Cell<'_> {
    match place {
        0 => Cell::Integer(point.id.0),
        1 => Cell::Text(point.kind().as_str()),
        2 => Cell::Text(&point.code),
        3 => Cell::Text(&point.name.zh),
        4 => Cell::Text(&point.name.en),
        5 => Cell::Text(&point.division),
        _ => Cell::Null,
    }
}

/// Whether a condition speaks of these columns alone.
pub(crate) fn is_about(condition: &Expr, columns: &[Column]) -> bool {
    let named = condition.column_refs();
    !named.is_empty()
        && named.iter().all(|name| columns.iter().any(|column| column.name == name.name))
        && !condition.is_volatile()
}

/// Which of some things meet all conditions that speak of their columns alone.
///
/// The engine itself decides, over a batch of the things: whatever a condition says, it means here
/// what it means elsewhere.
pub(crate) fn meeting(
    state: &dyn Session,
    conditions: &[Expr],
    columns: &[Column],
    things: RecordBatch,
) -> Result<Vec<bool>> {
    let mut met = vec![true; things.num_rows()];
    let known = schema(columns).to_dfschema()?;
    for condition in conditions.iter().filter(|condition| is_about(condition, columns)) {
        let found = state
            .create_physical_expr(unqualified(condition)?, &known)?
            .evaluate(&things)?
            .into_array(things.num_rows())?;
        let found = found.as_any().downcast_ref::<BooleanArray>().ok_or_else(|| {
            DataFusionError::Plan(format!("{condition} is no condition: it is not true or false"))
        })?;
        for (place, met) in met.iter_mut().enumerate() {
            *met = *met && !found.is_null(place) && found.value(place);
        }
    }
    Ok(met)
}

/// A condition with its columns named without their table.
fn unqualified(condition: &Expr) -> Result<Expr> {
    use datafusion::common::Column as Name;
    use datafusion::common::tree_node::{Transformed, TreeNode as _};
    let plain = condition.clone().transform(|part| {
        Ok(match part {
            Expr::Column(name) if name.relation.is_some() => {
                Transformed::yes(Expr::Column(Name::new_unqualified(name.name)))
            }
            other => Transformed::no(other),
        })
    })?;
    Ok(plain.data)
}

/// The points that a question is about.
pub(crate) fn points_wanted(
    state: &dyn Session,
    conditions: &[Expr],
    snapshot: &Snapshot,
) -> Result<Vec<Arc<Point>>> {
    let all: Vec<&MonitoringPoint> = snapshot.every_point().collect();
    let mut rows = Rows::new(&POINT_COLUMNS, &[0, 1, 2, 3, 4, 5]);
    for point in &all {
        rows.push(|place| point_cell(point, place));
    }
    let met = meeting(state, conditions, &POINT_COLUMNS, rows.finish()?)?;
    Ok(all.into_iter().zip(met).filter(|(_, met)| *met).map(|(p, _)| Arc::new(p.clone())).collect())
}

/// Their numbers, where they are not all.
pub(crate) fn numbers(points: &[Arc<Point>], snapshot: &Snapshot) -> Option<Vec<PointId>> {
    let wanted: HashSet<PointId> = points.iter().map(|point| point.id).collect();
    let is_limited = snapshot.every_point().any(|point| !wanted.contains(&point.id));
    is_limited.then(|| wanted.into_iter().collect())
}
