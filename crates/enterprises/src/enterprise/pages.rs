//! Pages of the enterprises: the list, one.

use super::list::{Classes, Wanted, classes, industries};
use super::{panels, timeline};
use authority::Principal;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use permits::ManagementClass;
use registry::{Enterprise, Snapshot};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, Visitor, local_minute};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/enterprises", get(all))
        .route("/enterprises/export/{file}", get(export))
        .route("/enterprises/{code}", get(one))
        .route("/enterprises/{code}/timeline.xlsx", get(told_file))
}

/// The enterprise with this code.
pub(super) fn find<'snapshot>(
    snapshot: &'snapshot Snapshot,
    code: &str,
) -> Result<&'snapshot Enterprise, Problem> {
    snapshot.enterprise_by_code(code).ok_or_else(|| {
        Problem::not_found(
            format!("没有代码为 {code} 的企业"),
            format!("there is no enterprise with the code {code}"),
        )
    })
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let classes = classes(&state).await?;
    let found = wanted.find(&snapshot, &classes)?;
    let content = html! {
        (filters(&snapshot, &reader, &wanted))
        p class="hint" { (reader.pick("共", "In all")) " " (found.all.len()) }
        (list(&snapshot, &reader, &classes, found.shown()))
        (components::pages(&reader, found.next().as_deref()))
        ul class="downloads" {
            li { a class="button" href=(export_address(&reader)) { "XLSX" } }
        }
    };
    Ok(Page::new(reader.pick("企业", "Enterprises")).render(&state, &reader, content))
}

/// The file of what the filters show.
fn export_address(reader: &Reader) -> String {
    if reader.query.is_empty() {
        "/enterprises/export/enterprises.xlsx".to_owned()
    } else {
        format!("/enterprises/export/enterprises.xlsx?{}", reader.query)
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted) -> Markup {
    let any = reader.pick("全部", "all");
    let option = |value: &str, words: &str, chosen: &Option<String>| {
        html! { option value=(value) selected[chosen.as_deref() == Some(value)] { (words) } }
    };
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("名称或代码", "Name or code"))
                input type="search" name="q" value=[wanted.q.as_deref()] maxlength="60";
            }
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", any, &None))
                    @for division in &snapshot.divisions {
                        (option(&division.code, reader.name(&division.name), &wanted.division))
                    }
                }
            }
            label {
                (reader.pick("行业(GB/T 4754)", "Industry (GB/T 4754)"))
                select name="industry" {
                    (option("", any, &None))
                    @for industry in industries(snapshot) {
                        (option(industry, industry, &wanted.industry))
                    }
                }
            }
            label {
                (reader.pick("管理类别", "Class of the permit"))
                select name="class" {
                    (option("", any, &None))
                    @for class in ManagementClass::ALL {
                        (option(class.as_str(), reader.text(&class.text()), &wanted.class))
                    }
                    (option("none", reader.pick("未登记许可", "no permit entered"), &wanted.class))
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn columns(reader: &Reader) -> [&str; 6] {
    [
        reader.pick("企业", "Enterprise"),
        reader.pick("代码", "Code"),
        reader.pick("区县", "Division"),
        reader.pick("行业", "Industry"),
        reader.pick("管理类别", "Class"),
        reader.pick("排放口", "Outlets"),
    ]
}

fn division<'a>(snapshot: &'a Snapshot, reader: &Reader, code: &'a str) -> &'a str {
    snapshot.division(code).map_or(code, |division| reader.name(&division.name))
}

fn class_of(reader: &Reader, classes: &Classes, one: &Enterprise) -> String {
    let class = classes.get(&one.id).map(|class| reader.text(&class.text()).to_owned());
    class.unwrap_or_else(|| "—".to_owned())
}

fn outlets(snapshot: &Snapshot) -> HashMap<registry::EnterpriseId, usize> {
    let mut counts = HashMap::new();
    for point in snapshot.points_of(registry::PointKind::Outlet) {
        if let registry::PointDetail::Outlet(outlet) = &point.detail {
            *counts.entry(outlet.enterprise).or_default() += 1;
        }
    }
    counts
}

fn list(snapshot: &Snapshot, reader: &Reader, classes: &Classes, shown: &[&Enterprise]) -> Markup {
    let [name, code, place, industry, class, number] = columns(reader);
    let mut table = Table::new(
        reader.pick("企业名录", "Enterprises"),
        vec![
            Column::words(name),
            Column::words(code),
            Column::words(place),
            Column::words(industry),
            Column::words(class),
            Column::numbers(number),
        ],
    );
    let counts = outlets(snapshot);
    for one in shown {
        table.row(vec![
            html! { a href={ "/enterprises/" (one.code) } { (reader.name(&one.name)) } },
            html! { code { (one.code) } },
            html! { (division(snapshot, reader, &one.division)) },
            html! { (one.industry) },
            html! { (class_of(reader, classes, one)) },
            html! { (counts.get(&one.id).copied().unwrap_or(0)) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有符合条件的企业", "No enterprise fits"),
            reader.pick("放宽筛选条件再试。", "Widen the filter and try again."),
        );
    }
    table.render()
}

async fn export(
    State(state): State<AppState>,
    reader: Reader,
    Path(file): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    if file != "enterprises.xlsx" && file != "enterprises.csv" {
        return Err(Problem::not_found(
            "文件名应为 enterprises.xlsx 或 enterprises.csv",
            "the file is enterprises.xlsx or enterprises.csv",
        ));
    }
    let snapshot = state.snapshot();
    let classes = classes(&state).await?;
    let found = wanted.find(&snapshot, &classes)?;
    let counts = outlets(&snapshot);
    let rows = found.all.iter().map(|one| {
        let number = counts.get(&one.id).copied().unwrap_or(0);
        vec![
            Cell::from(reader.name(&one.name)),
            Cell::from(one.code.as_str()),
            Cell::from(division(&snapshot, &reader, &one.division)),
            Cell::from(one.industry.as_str()),
            Cell::from(class_of(&reader, &classes, one)),
            Cell::Number(number.into()),
        ]
    });
    let sheet = Sheet {
        name: "enterprises".to_owned(),
        columns: columns(&reader).map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    if file == "enterprises.csv" { sheet.csv() } else { sheet.xlsx() }
}

#[derive(Debug, Default, Deserialize)]
struct Look {
    events: Option<usize>,
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(look): Query<Look>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let enterprise = find(&snapshot, &code)?;
    let principal = principal_of(&visitor);
    let classes = classes(&state).await?;
    let panels = panels::all(&state, &reader, enterprise.id, principal.as_ref()).await;
    let (told, silent) =
        timeline::happenings(&state, &reader, enterprise.id, principal.as_ref()).await;
    let shown = look.events.unwrap_or(timeline::A_PAGE).clamp(timeline::A_PAGE, 5000);
    let content = html! {
        @if enterprise.is_fictitious {
            (components::notice("note", html! {
                (reader.pick("虚构企业:仅用于演示,与任何真实单位无关。",
                    "A fictitious enterprise, for demonstration only; any likeness is chance."))
            }))
        }
        (head(&snapshot, &reader, &classes, enterprise))
        nav class="contents" aria-label=(reader.pick("本页内容", "On this page")) {
            ul {
                @for panel in &panels {
                    li { a href={ "#" (panel.anchor) } { (panel.title) } }
                }
                li { a href="#timeline" { (reader.pick("大事记", "Timeline")) } }
            }
        }
        @for panel in panels {
            (components::section(panel.anchor, &panel.title, panel.content))
        }
        (components::section("timeline", reader.pick("大事记", "Timeline"),
            html! {
                (timeline::list(&reader, &told, &silent, shown))
                @if !told.is_empty() {
                    ul class="downloads" { li { a class="button"
                        href={ "/enterprises/" (enterprise.code) "/timeline.xlsx" } { "XLSX" }
                    } }
                }
            }))
    };
    let page = Page::new(reader.name(&enterprise.name))
        .under("/enterprises", reader.pick("企业", "Enterprises"))
        .live();
    Ok(page.render(&state, &reader, content))
}

/// The timeline as a file, as far as the reader may see it.
async fn told_file(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let enterprise = find(&snapshot, &code)?;
    let principal = principal_of(&visitor);
    let (told, _) = timeline::happenings(&state, &reader, enterprise.id, principal.as_ref()).await;
    let columns = [
        reader.pick("时间", "When"),
        reader.pick("类别", "Kind"),
        reader.pick("事项", "What"),
        reader.pick("地址", "Address"),
    ];
    let rows = told.into_iter().map(|one| {
        let link = one.link.map_or(Cell::Empty, Cell::from);
        vec![Cell::from(local_minute(one.at)), one.kind.into(), one.title.into(), link]
    });
    Sheet {
        name: format!("timeline-{}", enterprise.code),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
    .xlsx()
}

/// Who reads, when they have signed in.
pub(super) fn principal_of(visitor: &Visitor) -> Option<Arc<Principal>> {
    visitor.signed_in.as_ref().map(|signed_in| Arc::new(signed_in.principal().clone()))
}

fn head(
    snapshot: &Snapshot,
    reader: &Reader,
    classes: &Classes,
    enterprise: &Enterprise,
) -> Markup {
    let class = classes.get(&enterprise.id).map_or_else(
        || reader.pick("本平台未登记许可", "no permit is entered here").to_owned(),
        |class| reader.text(&class.text()).to_owned(),
    );
    let number = snapshot.outlets_of(enterprise.id).count();
    components::definition_list(&[
        (reader.pick("统一社会信用代码", "Code").to_owned(), html! { code { (enterprise.code) } }),
        (
            reader.pick("所在区县", "Division").to_owned(),
            html! { (division(snapshot, reader, &enterprise.division)) },
        ),
        (
            reader.pick("行业(GB/T 4754)", "Industry (GB/T 4754)").to_owned(),
            html! { (enterprise.industry) },
        ),
        (reader.pick("排污许可管理类别", "Class of the permit").to_owned(), html! { (class) }),
        (reader.pick("自动监测排放口", "Outlets with monitoring").to_owned(), html! { (number) }),
    ])
}
