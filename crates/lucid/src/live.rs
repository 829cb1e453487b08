//! Tells open pages what happens: new values, alerts, and how the installation fares.
//!
//! Values are gathered for a moment and the last of each point and period is told, so that a page
//! is not flooded however fast devices send.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use evaluation::Evaluation;
use evaluation::alerts::Alert;
use observations::{CommittedBatch, Recorder, Row};
use registry::{PointId, PointKind, Registry, Snapshot};
use rulebook::Period;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;
use web::{Live, LiveEvent};

/// How long values are gathered before they are told.
const GATHERING: Duration = Duration::from_secs(1);

/// Tells until the recorder stops.
pub(crate) async fn tell(
    live: Live,
    registry: Registry,
    recorder: Recorder,
    evaluation: Evaluation,
) {
    let mut commits = recorder.live();
    let mut alerts = evaluation.alerts();
    let mut due = tokio::time::interval(GATHERING);
    let mut gathered: BTreeMap<(PointId, Period), Arc<Row>> = BTreeMap::new();
    let mut told_block = 0;
    loop {
        tokio::select! {
            commit = commits.recv() => match commit {
                Ok(batch) => gather(&mut gathered, &batch),
                // Pages that look at the newest lose nothing by what was passed over.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            alert = alerts.recv() => match alert {
                Ok(alert) => live.tell(of_alert(&alert, &registry.snapshot())),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            _ = due.tick() => {
                let snapshot = registry.snapshot();
                for row in std::mem::take(&mut gathered).into_values() {
                    if let Some(event) = of_row(&row, &snapshot) {
                        live.tell(event);
                    }
                }
                let health = recorder.health();
                if health.block != told_block {
                    told_block = health.block;
                    live.tell(of_health(&health, evaluation.progress().block));
                }
            }
        }
    }
}

fn gather(gathered: &mut BTreeMap<(PointId, Period), Arc<Row>>, batch: &CommittedBatch) {
    for row in batch.rows.iter() {
        let held = gathered.entry((row.point, row.period)).or_insert_with(|| row.clone());
        if row.observed_at >= held.observed_at {
            *held = row.clone();
        }
    }
}

fn of_row(row: &Row, city: &Snapshot) -> Option<LiveEvent> {
    let point = city.point(row.point)?;
    let mut fields = Map::new();
    for value in &row.values {
        if let (Some(number), Some(factor)) = (value.value, city.factor(value.factor)) {
            fields.insert(factor.code.clone(), Value::String(number.to_string()));
        }
    }
    let kind = match point.kind() {
        PointKind::AirStation => "station",
        PointKind::WaterSection => "section",
        PointKind::Outlet => "outlet",
    };
    let data = json!({
        "key": format!("{}/{}", point.kind().as_str(), point.code),
        "period": row.period.as_str(),
        "observed_at": row.observed_at.to_string(),
        "received_at": row.received_at.to_string(),
        "fields": fields,
    });
    Some(LiveEvent { kind, data })
}

fn of_alert(alert: &Alert, city: &Snapshot) -> LiveEvent {
    let subject = alert.subject;
    let point = city.point(subject.point);
    let factor = subject.factor.and_then(|factor| city.factor(factor));
    let data = json!({
        "key": format!("alert/{}", alert.id),
        "kind": subject.kind.as_str(),
        "point": point.map(|point| format!("{}/{}", point.kind().as_str(), point.code)),
        "fields": {
            "factor": factor.map(|factor| &factor.code),
            "opened_at": alert.opened_at.to_string(),
            "last_at": alert.last_at.to_string(),
            "closed_at": alert.closed_at.map(|at| at.to_string()),
            "count": alert.count,
            "last_value": alert.last_value.map(|value| value.to_string()),
        },
    });
    LiveEvent { kind: "alert", data }
}

fn of_health(health: &observations::Health, judged: i64) -> LiveEvent {
    let data = json!({
        "key": "operations",
        "fields": {
            "committed_at": health.committed_at.map(|at| at.to_string()),
            "block": health.block,
            "judged_block": judged,
            "queued": health.queued,
        },
    });
    LiveEvent { kind: "operations", data }
}
