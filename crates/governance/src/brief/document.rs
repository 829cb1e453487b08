//! The brief as a document: built from the same overview as the page, so that both say the same.

use super::chart::chart;
use crate::cockpit::{IndicatorRow, MeasureRow, Overview, TargetRow};
use crate::names::unit_name;
use documents::{Block, Cell, Column, Document, Layout, Table, chinese_date};
use plan::indicator::Item;
use plan::{Measure, MeasureState};
use registry::Snapshot;
use web::local_minute;

/// What of an indicator's days is drawn.
pub(super) const DRAWN: &str = "air_pm25_mean";
/// Indicators of a measure that its line tells.
const TOLD: usize = 2;

/// The brief; `days` are what entered the indicator that is drawn.
pub fn document(seen: &Overview, snapshot: &Snapshot, days: &[Item]) -> Document {
    let (year, month) = (seen.today.year(), seen.today.month());
    let title = format!("《{}》进展月报", seen.city.plan.head.title.zh);
    let mut document = Document::new(Layout::Report, title, seen.today);
    document.subtitle = Some(format!("{year}年{month}月 · 截至{}", chinese_date(seen.today)));
    if snapshot.city.is_demo {
        document.note("演示数据：企业与数值均为虚构，本月报不得作为依据。");
    }
    overall(&mut document, seen);
    targets(&mut document, seen);
    if let Some(chart) = seen.city.definition(DRAWN).and_then(|it| chart(it, days)) {
        document.push(Block::Chart(chart));
    }
    late(&mut document, seen, snapshot);
    money(&mut document, seen);
    measures(&mut document, seen, snapshot);
    document.heading(1, "查证");
    document.paragraph(
        "表中“查证”一栏为本平台页面地址：措施页列明指标、目标和任务，指标页列明参与计算的每个值及其原始数据。\
         注“暂时”的年度值，有效数据不足全年要求。",
    );
    document
}

fn overall(document: &mut Document, seen: &Overview) {
    document.heading(1, "总体情况");
    let counts: Vec<String> = MeasureState::ALL
        .iter()
        .map(|state| format!("{} {} 条", state.text().zh, seen.count(*state)))
        .collect();
    let run = seen.run.map_or_else(
        || "指标尚未计算。".to_owned(),
        |run| format!("指标计算于 {}。", local_minute(run.ended_at)),
    );
    document.paragraph(format!(
        "方案共 {} 条措施，其中{}。{run}",
        seen.measures.len(),
        counts.join("、")
    ));
}

fn targets(document: &mut Document, seen: &Overview) {
    let mut told: Vec<&TargetRow> = Vec::new();
    for row in seen.measures.iter().flat_map(|row| &row.targets) {
        if told.iter().all(|known| known.target.id != row.target.id) {
            told.push(row);
        }
    }
    if told.is_empty() {
        return;
    }
    document.heading(1, "目标");
    let columns = vec![
        Column::text("目标", 40),
        Column::number("现值", 16),
        Column::text("结果", 16),
        Column::text("查证", 28),
    ];
    let row = |row: &TargetRow| -> Vec<Cell> {
        let unit = seen.city.definition(&row.target.indicator).map(|it| web::unit(&it.unit));
        let value = match (row.value, row.value_year) {
            (Some(value), Some(year)) => {
                format!("{value} {}（{year}）", unit.unwrap_or_default())
            }
            _ => "—".to_owned(),
        };
        vec![
            row.target.stated.zh.as_ref().into(),
            value.into(),
            Cell::from(row.state.text().zh.as_ref()),
            format!("/plan/indicators/{}", row.target.indicator).into(),
        ]
    };
    let rows = told.into_iter().map(row).collect();
    document.push(Block::Table(Table { caption: None, columns, rows }));
}

fn late(document: &mut Document, seen: &Overview, snapshot: &Snapshot) {
    document.heading(1, "任务");
    let open: usize = seen.measures.iter().map(|row| row.open.len()).sum();
    if seen.late_units.is_empty() {
        document.paragraph(format!("待办任务 {open} 项，没有逾期任务。"));
        return;
    }
    document.paragraph(format!("待办任务 {open} 项，逾期任务按单位如下。"));
    let columns =
        vec![Column::text("单位", 50), Column::number("逾期（项）", 18), Column::text("查证", 32)];
    let rows = seen
        .late_units
        .iter()
        .map(|it| {
            vec![
                unit_name(snapshot, &it.unit).zh.into(),
                it.count.to_string().into(),
                format!("/plan/duties?unit={}", it.unit).into(),
            ]
        })
        .collect();
    document.push(Block::Table(Table { caption: None, columns, rows }));
}

/// What the money of each measure's ledgers did.
fn money(document: &mut Document, seen: &Overview) {
    let rows: Vec<Vec<Cell>> = seen
        .measures
        .iter()
        .filter_map(|row| {
            let (money, measure) = (row.money.as_ref()?, seen.city.plan.measure(row.number)?);
            let pages = money.ledgers.iter().map(|id| format!("/ledgers/{id}"));
            Some(vec![
                format!("{}．{}", measure.number, measure.title.zh).into(),
                money.planned.normalize().to_string().into(),
                money.paid.normalize().to_string().into(),
                pages.collect::<Vec<_>>().join(" ").into(),
            ])
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    document.heading(1, "资金");
    let columns = vec![
        Column::text("措施", 36),
        Column::number("安排（元）", 20),
        Column::number("支付（元）", 20),
        Column::text("查证", 28),
    ];
    document.push(Block::Table(Table { caption: None, columns, rows }));
}

fn measures(document: &mut Document, seen: &Overview, snapshot: &Snapshot) {
    document.heading(1, "各条措施");
    for chapter in &seen.city.plan.chapters {
        let of_it: Vec<&Measure> =
            seen.city.plan.measures.iter().filter(|it| it.chapter == chapter.number).collect();
        if of_it.is_empty() {
            continue;
        }
        document.heading(2, chapter.title.zh.as_ref());
        let columns = vec![
            Column::text("措施", 28),
            Column::text("状态", 14),
            Column::text("指标", 30),
            Column::text("牵头", 14),
            Column::text("查证", 18),
        ];
        let rows = of_it
            .into_iter()
            .filter_map(|measure| Some(line(seen, snapshot, measure, seen.row(measure.number)?)))
            .collect();
        document.push(Block::Table(Table { caption: None, columns, rows }));
    }
}

fn line(seen: &Overview, snapshot: &Snapshot, measure: &Measure, row: &MeasureRow) -> Vec<Cell> {
    let lead = match measure.lead.first() {
        Some(code) => unit_name(snapshot, code).zh,
        None => "各县区、开发区".to_owned(),
    };
    vec![
        format!("{}．{}", measure.number, measure.title.zh).into(),
        Cell {
            text: row.state.text().zh.into_owned(),
            is_strong: matches!(row.state, MeasureState::Late | MeasureState::Behind),
        },
        told(seen, row).into(),
        lead.into(),
        format!("/plan/measures/{}", measure.number).into(),
    ]
}

/// Values of a measure in a line; without any, who must deliver them.
fn told(seen: &Overview, row: &MeasureRow) -> String {
    let value = |indicator: &IndicatorRow| {
        let (value, kept) = (indicator.value()?, indicator.kept.as_ref()?);
        let definition = seen.city.definition(&indicator.id)?;
        let provisional = if kept.is_provisional { "，暂时" } else { "" };
        Some(format!(
            "{} {value} {}（{}{provisional}）",
            definition.name.zh,
            web::unit(&definition.unit),
            kept.year
        ))
    };
    let values: Vec<String> = row.indicators.iter().filter_map(value).take(TOLD).collect();
    if !values.is_empty() {
        return values.join("；");
    }
    let mut who: Vec<String> = Vec::new();
    for indicator in &row.indicators {
        let delivers = seen.city.definition(&indicator.id).and_then(|it| it.delivers.clone());
        if let Some(delivers) = delivers
            && !who.contains(&delivers.zh.to_string())
        {
            who.push(delivers.zh.into_owned());
        }
    }
    format!("缺数据：须由{}提供", who.join("；"))
}
