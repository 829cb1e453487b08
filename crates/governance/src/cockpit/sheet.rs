//! The plan as a table to be taken away: what the page shows, one line for each indicator.

use super::overview::Overview;
use super::pages::seen;
use super::words;
use crate::access::Officer;
use crate::names::unit_word;
use axum::extract::State;
use axum::response::Response;
use registry::Snapshot;
use web::{AppState, Cell, Problem, Reader, Sheet, SignedIn};

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    Officer::of(&signed_in)?;
    let seen = seen(&state).await?;
    sheet(&reader, &state.snapshot(), &seen).xlsx()
}

fn sheet(reader: &Reader, snapshot: &Snapshot, seen: &Overview) -> Sheet {
    let columns = [
        ("序号", "No."),
        ("措施", "Measure"),
        ("状态", "State"),
        ("牵头单位", "Leads"),
        ("配合单位", "Assist"),
        ("指标", "Indicator"),
        ("年份", "Year"),
        ("值", "Value"),
        ("单位", "Unit"),
        ("缺数据原因", "Why no value"),
        ("目标", "Target"),
        ("结果", "Result"),
        ("逾期任务", "Late duties"),
    ];
    let mut rows = Vec::new();
    for measure in &seen.city.plan.measures {
        let Some(row) = seen.row(measure.number) else { continue };
        for indicator in &row.indicators {
            let Some(definition) = seen.city.definition(&indicator.id) else { continue };
            let kept = indicator.kept.as_ref();
            let target = row.targets.iter().find(|it| it.target.indicator == indicator.id);
            let why = kept.filter(|it| it.value.is_none()).map(|it| {
                let who = it.delivers.as_ref().unwrap_or(&it.why);
                reader.text(who).to_owned()
            });
            rows.push(vec![
                Cell::Number(measure.number.into()),
                reader.text(&measure.title).into(),
                reader.text(&row.state.text()).into(),
                words::units(reader, snapshot, &measure.lead).into(),
                words::units(reader, snapshot, &measure.assisting).into(),
                reader.text(&definition.name).into(),
                kept.map_or(Cell::Empty, |it| Cell::Number(it.year.into())),
                Cell::from(indicator.value()),
                web::unit(unit_word(reader, &definition.unit)).into(),
                why.map_or(Cell::Empty, Cell::from),
                target.map_or(Cell::Empty, |it| words::wanted(reader, &seen.city, it).into()),
                target.map_or(Cell::Empty, |it| reader.text(&it.state.text()).into()),
                Cell::Number(row.late.len().into()),
            ]);
        }
    }
    Sheet {
        name: format!("plan-{}", seen.today),
        columns: columns.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows,
    }
}
