//! Pages of the assessment: the books with their units, a unit's sheet, its bytes.

use super::queries::{self, Standing};
use super::{PATH, access, books, opening, words};
use ::assessment::{Book, EventKind, ItemRow, Sheet};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use rulebook::{Decimal, Text};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Visitor, local_minute};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list))
        .route("/plan/assessment/years", get(years))
        .route("/plan/assessment/{book}/{unit}", get(one))
        .route("/plan/assessment/{book}/{unit}/sheet.txt", get(bytes))
}

fn shown(value: Option<Decimal>) -> Markup {
    html! { @match value { Some(value) => (value), None => "—" } }
}

async fn list(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let books = books::read(&state.store).await?;
    let mut sections = Vec::new();
    for book in &books.sound {
        let mut rows = Vec::new();
        for unit in &book.assessed {
            let sheet = queries::standing(&state.store, book, unit).await?.sheet;
            let subject = access::subject(&state, &snapshot, unit).await?;
            rows.push((unit, access::sees(&visitor, &subject, &sheet).then_some(sheet)));
        }
        let open = |row: &(&String, Option<Sheet>)| row.1.as_ref().map(|sheet| sheet.total);
        rows.sort_by_key(|row| std::cmp::Reverse(open(row)));
        let mut table = Table::new(
            reader.pick("各单位得分，高者在前", "Units, the highest total first"),
            vec![
                Column::words(reader.pick("单位", "Unit")),
                Column::numbers(reader.pick("总分", "Total")),
                Column::words(reader.pick("等次", "Grade")),
                Column::words(reader.pick("进度", "State")),
            ],
        );
        for (unit, sheet) in &rows {
            let name = words::unit(&snapshot, &reader, unit);
            let Some(sheet) = sheet else {
                let not_yet = reader.pick("尚未公布", "not published yet");
                table.row(vec![
                    html! { (name) },
                    html! { "—" },
                    html! { "—" },
                    html! { (not_yet) },
                ]);
                continue;
            };
            table.row(vec![
                html! { a href={ (PATH) "/" (book.id) "/" (unit) } { (name) } },
                html! { (sheet.total) },
                html! { (reader.text(&words::grade(book, sheet.grade.as_deref()))) },
                html! { (reader.text(&progress(sheet))) },
            ]);
        }
        sections.push((book, table.render()));
    }
    let may_begin = visitor.signed_in.as_ref().is_some_and(access::keeps_all);
    let content = html! {
        p class="hint" {
            (reader.pick(
                "年度目标责任书：单位自评，市级核定，可申诉一次，由他人复核后公布。总分随记录逐条重算。",
                "The year's responsibility books: units assess themselves, the city verifies, an \
                 appeal is decided by another, then the result is published. Totals are computed \
                 from the entries each time."))
        }
        div class="row" {
            a class="button" href={ (PATH) "/years" } {
                (reader.pick("历年比较", "Compare years"))
            }
        }
        @for (zh, en) in &books.problems {
            (components::error_box(reader.pick("责任书文件有误", "A book's file is wrong"),
                reader.pick(zh, en)))
        }
        @if books.sound.is_empty() {
            (components::empty(reader.pick("本市没有责任书", "The city has no book"), reader.pick(
                "评分办法由省、市印发；把它写成 assessment/ 目录下的 TOML 文件后重新载入城市。",
                "Scoring rules come from the province and the city: write them as a TOML file \
                 in assessment/ and load the city again.")))
        }
        @for (book, table) in &sections {
            (components::section(&book.id, reader.text(&book.name), html! {
                p class="muted" {
                    (book.year) " · " (reader.pick("来源", "source")) ": " (book.source) " ("
                    (book.confidence.as_str()) ")"
                }
                (table)
                @if may_begin { (begin_form(&reader, book)) }
            }))
        }
    };
    let title = reader.pick("目标责任考核", "Assessment of duties");
    let page = Page::new(title).under("/plan", reader.pick("方案", "Plan"));
    Ok(page.render(&state, &reader, content))
}

/// Units against books: the comparison of years, and the list for personnel assessment.
async fn years(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let books = books::read(&state.store).await?.sound;
    let mut units: Vec<&String> = books.iter().flat_map(|book| &book.assessed).collect();
    units.sort();
    units.dedup();
    let mut lines = Vec::new();
    for unit in units {
        let subject = access::subject(&state, &snapshot, unit).await?;
        let mut cells = Vec::new();
        for book in &books {
            let is_assessed = book.assessed.contains(unit);
            let sheet = if is_assessed {
                Some(queries::standing(&state.store, book, unit).await?.sheet)
            } else {
                None
            };
            cells.push(sheet.filter(|sheet| access::sees(&visitor, &subject, sheet)));
        }
        lines.push((unit, cells));
    }
    let heads = books.iter().map(|book| reader.text(&book.name).to_owned());
    let heads: Vec<String> =
        std::iter::once(reader.pick("单位", "Unit").to_owned()).chain(heads).collect();
    let shown = |book: &Book, sheet: &Sheet| {
        let grade = words::grade(book, sheet.grade.as_deref());
        format!("{} {}", sheet.total, reader.text(&grade))
    };
    if asked.format == "xlsx" {
        let rows = lines.iter().map(|(unit, cells)| {
            let name = Cell::Text(words::unit(&snapshot, &reader, unit));
            let cells = cells.iter().zip(&books).map(|(sheet, book)| {
                sheet.as_ref().map_or(Cell::Empty, |sheet| Cell::Text(shown(book, sheet)))
            });
            std::iter::once(name).chain(cells).collect()
        });
        let rows = rows.collect();
        return web::Sheet { name: "assessment-years".to_owned(), columns: heads, rows }.xlsx();
    }
    let columns = heads.into_iter().map(Column::words).collect();
    let mut table = Table::new(reader.pick("各单位历年得分", "Totals over the years"), columns);
    for (unit, cells) in &lines {
        let name = html! { (words::unit(&snapshot, &reader, unit)) };
        let cells = cells.iter().zip(&books).map(|(sheet, book)| {
            html! {
                @match sheet {
                    None => "—",
                    Some(sheet) => a href={ (PATH) "/" (book.id) "/" (unit) } {
                        (shown(book, sheet))
                    },
                }
            }
        });
        table.row(std::iter::once(name).chain(cells).collect());
    }
    let content = html! {
        p class="hint" {
            (reader.pick(
                "供比较历年和干部综合评价取用；未公布的只对有权查看者显示。",
                "For comparison and for personnel assessment; what is not published is shown to \
                 those alone who may see it."))
        }
        div class="row" {
            a class="button" href="?format=xlsx" { (reader.pick("导出 Excel", "Excel")) }
        }
        (table.render())
    };
    let page = Page::new(reader.pick("历年考核", "Assessment over the years"))
        .under("/plan", reader.pick("方案", "Plan"))
        .under(PATH, reader.pick("目标考核", "Assessment"));
    Ok(page.render(&state, &reader, content).into_response())
}

/// Begins the assessment of a year: a case for each unit that has none yet.
fn begin_form(reader: &Reader, book: &Book) -> Markup {
    let day = |name: &str, words: &str| {
        html! { label { (words) input type="date" name=(name) required; } }
    };
    html! {
        details class="folded" {
            summary { (reader.pick("开始考核（为各单位开办事项）", "Begin (a case for each unit)")) }
            form method="post" action={ (PATH) "/" (book.id) "/begin" } class="filters" {
                (day("stated", reader.pick("自评期限", "Self-assessment by")))
                (day("verified", reader.pick("核定期限", "Verification by")))
                (day("published", reader.pick("公布期限", "Publication by")))
                button type="submit" { (reader.pick("开始", "Begin")) }
            }
        }
    }
}

fn progress(sheet: &Sheet) -> Text {
    if sheet.is_published {
        return Text::fixed("已公布", "published");
    }
    if sheet.is_complete {
        return Text::fixed("已核定，待公布", "verified, to be published");
    }
    let stated = sheet.items.iter().filter(|row| row.value.is_some()).count();
    Text::new(
        format!("{stated}/{} 项有数", sheet.items.len()),
        format!("{stated} of {} items have a value", sheet.items.len()),
    )
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    format: String,
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path((book, unit)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (book, standing) = super::api::found(&state, &visitor, &book, &unit).await?;
    if asked.format == "xlsx" {
        return table_of(&book, &standing.sheet, &reader).xlsx();
    }
    let snapshot = state.snapshot();
    let name = words::unit(&snapshot, &reader, &unit);
    let subject = access::subject(&state, &snapshot, &unit).await?;
    let sheet = &standing.sheet;
    let case = match &visitor.signed_in {
        Some(_) => opening::case_of(&state, &book, &unit).await?,
        None => None,
    };
    let form = match &visitor.signed_in {
        Some(signed_in) if !sheet.is_published => {
            let may = |kind: &EventKind| access::may(signed_in, &subject, kind);
            entry_form(&reader, &book, &unit, may)
        }
        _ => html! {},
    };
    let content = html! {
        (head(&reader, &book, sheet))
        @if let Some(case) = &case {
            p {
                (reader.pick("事项", "Case")) " "
                a href={ "/cases/" (case.number) } { (case.number) } " "
                (reader.text(&case.state))
            }
        }
        (components::section("items", reader.pick("指标", "Items"),
            items(&reader, &book, sheet)))
        @if !sheet.adjustments.is_empty() || !sheet.vetoes.is_empty() {
            (components::section("adjustments",
                reader.pick("加减分与否决", "Adjustments and vetoes"),
                beside(&reader, &book, sheet)))
        }
        (form)
        (components::section("entries", reader.pick("记录", "Entries"),
            entries(&reader, &book, &standing)))
    };
    let title = format!("{name} · {}", reader.text(&book.name));
    let page = Page::new(title)
        .under("/plan", reader.pick("方案", "Plan"))
        .under(PATH, reader.pick("目标考核", "Assessment"));
    Ok(page.render(&state, &reader, content).into_response())
}

fn head(reader: &Reader, book: &Book, sheet: &Sheet) -> Markup {
    let grade = words::grade(book, sheet.grade.as_deref());
    let sum = format!("{}/{}", sheet.points, sheet.full_marks);
    html! {
        div class="stats" {
            (components::stat(reader.pick("总分", "Total"), html! { (sheet.total) }, None))
            (components::stat(reader.pick("等次", "Grade"), html! { (reader.text(&grade)) }, None))
            (components::stat(reader.pick("指标得分", "Points of items"), html! { (sum) }, None))
            (components::stat(reader.pick("加分 / 扣分", "Bonus / deduction"),
                html! { "+" (sheet.bonus) " / −" (sheet.deduction) }, None))
            (components::stat(reader.pick("进度", "State"),
                html! { (reader.text(&progress(sheet))) }, None))
        }
        div class="row" {
            a class="button" href="?format=xlsx" { (reader.pick("导出 Excel", "Excel")) }
            a class="button" href={ (PATH) "/" (sheet.book) "/" (sheet.unit) "/sheet.txt" } {
                (reader.pick("可复算文本", "Bytes to recompute"))
            }
        }
    }
}

fn table_of(book: &Book, sheet: &Sheet, reader: &Reader) -> web::Sheet {
    let columns = [
        ("分组", "Group"),
        ("指标", "Item"),
        ("单位", "Unit"),
        ("目标", "Target"),
        ("自评", "Stated"),
        ("核定", "Value that holds"),
        ("状态", "State"),
        ("得分", "Points"),
        ("满分", "Full marks"),
        ("来源", "Source"),
    ];
    let rows = sheet.items.iter().map(|row| {
        let item = book.item(&row.id);
        vec![
            Cell::Text(group(book, row, reader)),
            Cell::Text(item.map_or(row.id.clone(), |it| reader.text(&it.name).to_owned())),
            Cell::Text(item.map_or(String::new(), |it| it.unit.clone())),
            row.target.into(),
            row.stated.into(),
            row.value.into(),
            Cell::Text(reader.text(&row.standing.text()).to_owned()),
            row.points.into(),
            Cell::Number(row.full_marks),
            Cell::Text(row.source.clone()),
        ]
    });
    web::Sheet {
        name: format!("{}-{}", sheet.book, sheet.unit),
        columns: columns.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows: rows.collect(),
    }
}

fn group(book: &Book, row: &ItemRow, reader: &Reader) -> String {
    let found = book.groups.iter().find(|group| group.id == row.group);
    found.map_or(row.group.clone(), |group| reader.text(&group.name).to_owned())
}

fn items(reader: &Reader, book: &Book, sheet: &Sheet) -> Markup {
    let mut table = Table::new(
        reader.pick("各项得分", "Points of each item"),
        vec![
            Column::words(reader.pick("分组", "Group")),
            Column::words(reader.pick("指标", "Item")),
            Column::numbers(reader.pick("目标", "Target")),
            Column::numbers(reader.pick("自评", "Stated")),
            Column::numbers(reader.pick("核定", "Value")),
            Column::words(reader.pick("状态", "State")),
            Column::numbers(reader.pick("得分", "Points")),
        ],
    );
    for row in &sheet.items {
        let item = book.item(&row.id);
        let name = item.map_or(row.id.as_str(), |item| reader.text(&item.name));
        let unit = item.map_or("", |item| item.unit.as_str());
        let indicator = item.and_then(|item| item.indicator.as_deref());
        table.row(vec![
            html! { (group(book, row, reader)) },
            html! {
                @match indicator {
                    Some(id) => a href={ "/plan/indicators/" (id) } { (name) },
                    None => (name),
                }
                @if !unit.is_empty() { " " span class="muted" { (unit) } }
            },
            shown(row.target),
            shown(row.stated),
            html! {
                (shown(row.value))
                @if !row.source.is_empty() { br; span class="muted" { (row.source) } }
            },
            html! { (reader.text(&row.standing.text())) },
            html! { (shown(row.points)) " / " (row.full_marks) },
        ]);
    }
    table.render()
}

fn beside(reader: &Reader, book: &Book, sheet: &Sheet) -> Markup {
    html! {
        ul {
            @for row in &sheet.adjustments {
                @let found = book.adjustments.iter().find(|it| it.id == row.id);
                li {
                    (reader.text(&row.kind.text())) ": "
                    (found.map_or(row.id.as_str(), |it| reader.text(&it.name))) " "
                    (row.counted)
                    @if row.given != row.counted {
                        " (" (reader.pick("共给", "given")) " " (row.given)
                        (reader.pick("，超过上限部分不计", ", the rest is above the cap")) ")"
                    }
                }
            }
            @for row in &sheet.vetoes {
                @let found = book.vetoes.iter().find(|it| it.id == row.id);
                li {
                    (reader.pick("否决", "Veto")) ": "
                    (found.map_or(row.id.as_str(), |it| reader.text(&it.name))) " — " (row.reason)
                }
            }
        }
    }
}

fn entries(reader: &Reader, book: &Book, standing: &Standing) -> Markup {
    if standing.history.is_empty() {
        return components::empty(
            reader.pick("还没有记录", "No entry yet"),
            reader.pick("从单位自评开始。", "It begins with the unit's own assessment."),
        );
    }
    let mut table = Table::new(
        reader.pick("记录，新的在前；只增不改", "Entries, the newest first; none is ever changed"),
        vec![
            Column::numbers(reader.pick("序号", "Number")),
            Column::words(reader.pick("时间", "Time")),
            Column::words(reader.pick("录入人", "By")),
            Column::words(reader.pick("内容", "What")),
            Column::words(reader.pick("来源或理由", "Source or reason")),
        ],
    );
    for entered in standing.history.iter().rev() {
        let kind = &entered.event.kind;
        let columns = super::store::columns(kind);
        table.row(vec![
            html! { (entered.event.number) },
            html! { (local_minute(entered.event.at)) },
            html! { (entered.who) },
            html! {
                (reader.text(&words::entry(kind))) " " (reader.text(&words::about(book, kind))) " "
                (columns.value.as_deref().unwrap_or_default())
            },
            html! { (columns.note) },
        ]);
    }
    table.render()
}

/// The form for what somebody may enter.
fn entry_form(
    reader: &Reader,
    book: &Book,
    unit: &str,
    may: impl Fn(&EventKind) -> bool,
) -> Markup {
    let kinds = [
        "stated",
        "verified",
        "appealed",
        "decided",
        "adjusted",
        "vetoed",
        "veto_lifted",
        "published",
    ];
    let allowed: Vec<(&str, EventKind)> = kinds
        .into_iter()
        .filter_map(|word| Some((word, super::store::kind(word, "", Some("0"), "")?)))
        .filter(|(_, kind)| may(kind))
        .collect();
    if allowed.is_empty() {
        return html! {};
    }
    let about = |group: &str, all: Vec<(&str, &Text)>| {
        html! {
            @if !all.is_empty() {
                optgroup label=(group) {
                    @for (id, name) in all { option value=(id) { (reader.text(name)) } }
                }
            }
        }
    };
    let form = html! {
        form method="post" action={ (PATH) "/" (book.id) "/" (unit) "/entries" } class="stacked" {
            label {
                (reader.pick("录入", "Enter"))
                select name="kind" {
                    @for (word, kind) in &allowed {
                        option value=(word) { (reader.text(&words::entry(kind))) }
                    }
                }
            }
            label {
                (reader.pick("关于", "About"))
                select name="item" {
                    (about(reader.pick("指标", "Items"),
                        book.items_of(unit).map(|it| (it.id.as_str(), &it.name)).collect()))
                    (about(reader.pick("加减分", "Adjustments"),
                        book.adjustments.iter().map(|it| (it.id.as_str(), &it.name)).collect()))
                    (about(reader.pick("否决", "Vetoes"),
                        book.vetoes.iter().map(|it| (it.id.as_str(), &it.name)).collect()))
                }
            }
            label {
                (reader.pick("数值或分值", "Value or points"))
                input name="value" inputmode="decimal" autocomplete="off";
            }
            label {
                (reader.pick("来源或理由", "Source or reason"))
                textarea name="note" rows="2" maxlength="1000" {}
            }
            button type="submit" { (reader.pick("录入", "Enter")) }
        }
    };
    components::section("enter", reader.pick("录入", "Enter"), form)
}

async fn bytes(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((book, unit)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (_, standing) = super::api::found(&state, &visitor, &book, &unit).await?;
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, standing.sheet.to_bytes()).into_response())
}
