//! Pages of the ledgers: all of them, one with its rows, the history of a row.

use super::{PATH, access, declared, store, workbook};
use ::ledger::{Column as Field, Form, Ledger, Row, Rows, check_rows};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use registry::Snapshot;
use rulebook::Decimal;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, Visitor, local_minute};

/// Rows of one page.
const A_PAGE: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list))
        .route("/ledgers/{ledger}", get(one))
        .route("/ledgers/{ledger}/row", get(history))
}

/// 404.
pub(super) fn no_ledger() -> Problem {
    Problem::not_found("没有这本台账", "there is no such ledger")
}

async fn list(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let ledgers = declared::read(&state.store).await?;
    let counts = store::counts(&state.store).await?;
    let mut table = Table::new(
        reader.pick("台账", "Ledgers"),
        vec![
            Column::words(reader.pick("名称", "Name")),
            Column::words(reader.pick("措施", "Measures")),
            Column::numbers(reader.pick("行数", "Rows")),
            Column::words(reader.pick("由谁提供", "Who delivers")),
            Column::words(reader.pick("公开范围", "Readers")),
        ],
    );
    for ledger in ledgers.sound.iter().filter(|ledger| access::reads(&visitor, ledger)) {
        table.row(vec![
            html! {
                a href={ (PATH) "/" (ledger.id) } { (reader.text(&ledger.name)) }
                br; span class="muted" { (reader.text(&ledger.purpose)) }
            },
            html! {
                @for measure in &ledger.measures {
                    a href={ "/plan/measures/" (measure) } { (measure) } " "
                }
            },
            html! { (counts.get(&ledger.id).copied().unwrap_or_default()) },
            html! { (reader.text(&ledger.owner)) },
            html! { (reader.text(&ledger.readers.text())) },
        ]);
    }
    let content = html! {
        p class="hint" {
            (reader.pick(
                "方案中靠人工登记的事项。每行保留历史，可整表导入导出；本市可在 ledgers/ 目录增加台账。",
                "What the plan has kept by hand. Each row keeps its history; whole tables go in \
                 and out as spreadsheets; a city adds its own in ledgers/."))
        }
        @for (zh, en) in &ledgers.problems {
            (components::error_box(reader.pick("台账文件有误", "A ledger's file is wrong"),
                reader.pick(zh, en)))
        }
        (table.render())
    };
    Ok(Page::new(reader.pick("台账", "Ledgers")).render(&state, &reader, content))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    format: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    division: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    key: String,
    imported: Option<usize>,
}

impl Asked {
    /// Whether a row is among those asked for.
    fn holds(&self, ledger: &Ledger, row: &Row) -> bool {
        let part = |column: &Option<String>| column.as_ref().and_then(|id| row.get(id));
        let is = |wanted: &str, column| wanted.is_empty() || part(column) == Some(wanted);
        let words = self.words.trim();
        is(&self.division, &ledger.division)
            && is(self.year.trim(), &ledger.year)
            && (words.is_empty() || row.values.values().any(|value| value.contains(words)))
    }
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let ledgers = declared::read(&state.store).await?;
    let ledger = ledgers.get(&id).ok_or_else(no_ledger)?;
    access::to_read(&visitor, ledger)?;
    let snapshot = state.snapshot();
    let all = store::rows(&state.store, &id).await?;
    let found: Vec<&store::Kept> =
        all.iter().filter(|kept| asked.holds(ledger, &kept.row)).collect();
    if asked.format == "xlsx" || asked.format == "template" {
        let wanted = found.iter().map(|kept| &kept.row);
        let wanted = wanted.take(if asked.format == "xlsx" { usize::MAX } else { 0 });
        let body = workbook::write(ledger, &snapshot, &reader, wanted)?;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let name = format!("attachment; filename=\"{}.xlsx\"", ledger.id);
        let headers =
            [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
        return Ok((headers, body).into_response());
    }
    let content = html! {
        (head(&reader, ledger, found.len()))
        @if let Some(imported) = asked.imported {
            (components::notice("good", html! {
                (reader.pick("已写入（新增或有变化的行）：", "Written (new or changed rows): ")) (imported)
            }))
        }
        (filters(&snapshot, &reader, ledger, &asked))
        (components::section("rows", reader.pick("记录", "Rows"),
            table(&snapshot, &reader, ledger, &asked, (&all, &found))))
        @if access::may_keep(&visitor) { (forms(&snapshot, &reader, ledger, &asked, &all)) }
    };
    let page = Page::new(reader.text(&ledger.name)).under(PATH, reader.pick("台账", "Ledgers"));
    Ok(page.render(&state, &reader, content).into_response())
}

fn head(reader: &Reader, ledger: &Ledger, rows: usize) -> Markup {
    html! {
        p class="words" { (reader.text(&ledger.purpose)) }
        p class="muted" {
            (reader.pick("由谁提供：", "Delivered by: ")) (reader.text(&ledger.owner)) " · "
            (reader.pick("表式来源：", "Form from: ")) (ledger.source)
            " (" (ledger.confidence.as_str()) ") · "
            (reader.pick("措施", "measures"))
            @for measure in &ledger.measures {
                " " a href={ "/plan/measures/" (measure) } { (measure) }
            }
        }
        div class="row" {
            span { (rows) " " (reader.pick("行", "rows")) }
            a class="button" href=(reader.with("format", "xlsx")) {
                (reader.pick("导出 Excel", "Excel"))
            }
            a class="button" href="?format=template" { (reader.pick("下载模板", "Template")) }
        }
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, ledger: &Ledger, asked: &Asked) -> Markup {
    html! {
        form class="filters" method="get" {
            @if ledger.division.is_some() {
                label {
                    (reader.pick("区划", "Division"))
                    select name="division" {
                        option value="" { (reader.pick("全部", "all")) }
                        @for division in &snapshot.divisions {
                            option value=(division.code)
                                selected[division.code == asked.division] {
                                (reader.name(&division.name))
                            }
                        }
                    }
                }
            }
            @if ledger.year.is_some() {
                label {
                    (reader.pick("年份", "Year"))
                    input name="year" inputmode="numeric" size="6" value=(asked.year);
                }
            }
            label {
                (reader.pick("关键词", "Words"))
                input name="words" value=(asked.words);
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn table(
    snapshot: &Snapshot,
    reader: &Reader,
    ledger: &Ledger,
    asked: &Asked,
    (all, found): (&[store::Kept], &[&store::Kept]),
) -> Markup {
    if found.is_empty() {
        return components::empty(
            reader.pick("还没有记录", "No row yet"),
            reader.pick(
                "由提供单位逐行录入，或用模板整表导入；也可放宽筛选。",
                "Whoever delivers enters rows one by one or imports the template; or widen the \
                 filter.",
            ),
        );
    }
    let rows: Rows = all.iter().map(|kept| (kept.key.clone(), kept.row.clone())).collect();
    let findings = check_rows(ledger, &rows);
    let is_short = |field: &&Field| field.form != Form::LongText;
    let fields: Vec<&Field> = ledger.columns.iter().filter(is_short).collect();
    let columns = fields.iter().map(|field| {
        let unit = if field.unit.is_empty() { String::new() } else { format!(" {}", field.unit) };
        let title = format!("{}{unit}", reader.text(&field.name));
        if field.form.is_number() { Column::numbers(title) } else { Column::words(title) }
    });
    let mut table = Table::new(reader.text(&ledger.name), columns.collect());
    let rest = found.iter().filter(|kept| asked.after.is_empty() || kept.key > asked.after);
    let mut rest = rest.copied();
    let page: Vec<&store::Kept> = rest.by_ref().take(A_PAGE).collect();
    for kept in &page {
        let about = findings.iter().filter(|finding| finding.key == kept.key);
        let told: Vec<&str> = about.map(|finding| reader.text(&finding.what)).collect();
        let link = format!("{PATH}/{}/row?key={}", ledger.id, web::encode(&kept.key));
        let cells = fields.iter().enumerate().map(|(at, field)| {
            let value = kept.row.get(&field.id);
            let shown = value.map(|value| workbook::shown(snapshot, reader, field, value));
            let shown = shown.unwrap_or_else(|| "—".to_owned());
            html! {
                @if at == 0 {
                    a href=(link) { (shown) }
                    @for words in &told { br; span class="badge warning" { (words) } }
                } @else { (shown) }
            }
        });
        table.row(cells.collect());
    }
    let sums = fields.iter().filter(|field| field.is_summed).map(|field| {
        let values = found.iter().filter_map(|kept| kept.row.number(&field.id));
        (field, values.fold(Decimal::ZERO, Decimal::saturating_add).normalize())
    });
    let next = rest.next().and(page.last()).map(|last| last.key.as_str());
    html! {
        (table.render())
        (components::pages(reader, next))
        @for (field, sum) in sums {
            p class="muted" {
                (reader.pick("合计", "Sum")) " " (reader.text(&field.name)) ": " (sum) " "
                (field.unit)
            }
        }
    }
}

fn forms(
    snapshot: &Snapshot,
    reader: &Reader,
    ledger: &Ledger,
    asked: &Asked,
    all: &[store::Kept],
) -> Markup {
    let edited = all.iter().find(|kept| !asked.key.is_empty() && kept.key == asked.key);
    let path = format!("{PATH}/{}", ledger.id);
    html! {
        (components::section("enter", reader.pick("录入或修改一行", "Enter or change a row"), html! {
            p class="hint" {
                (reader.pick("关键字段相同的行会被替换，原内容留在历史里。",
                    "A row of the same key is replaced; what it was stays in its history."))
            }
            form method="post" action={ (path) "/rows" } class="stacked" {
                @for field in &ledger.columns {
                    (input(snapshot, reader, field,
                        edited.and_then(|kept| kept.row.get(&field.id)).unwrap_or_default()))
                }
                label {
                    (reader.pick("修改理由", "Why it is changed"))
                    input name="reason" maxlength="500";
                }
                button type="submit" { (reader.pick("保存", "Save")) }
            }
        }))
        (components::section("import", reader.pick("整表导入", "Import a table"), html! {
            form method="post" action={ (path) "/import" } enctype="multipart/form-data"
                class="stacked" {
                label {
                    (reader.pick("按模板填写的 .xlsx；有一处错误则整表不导入",
                        "An .xlsx made from the template; one wrong cell and none is taken"))
                    input type="file" name="file" accept=".xlsx" required;
                }
                button type="submit" { (reader.pick("导入", "Import")) }
            }
        }))
    }
}

fn input(snapshot: &Snapshot, reader: &Reader, field: &Field, value: &str) -> Markup {
    let required = field.is_required;
    let options: Vec<(&str, &str)> = match field.form {
        Form::Division => {
            snapshot.divisions.iter().map(|it| (it.code.as_str(), reader.name(&it.name))).collect()
        }
        Form::Department => snapshot
            .departments
            .iter()
            .map(|it| (it.code.as_str(), reader.name(&it.name)))
            .collect(),
        Form::Choice => {
            field.choices.iter().map(|it| (it.id.as_str(), reader.text(&it.name))).collect()
        }
        Form::YesNo => vec![("yes", reader.pick("是", "yes")), ("no", reader.pick("否", "no"))],
        _ => Vec::new(),
    };
    html! {
        label {
            (reader.text(&field.name))
            @if required { " *" }
            @if !field.unit.is_empty() { " (" (field.unit) ")" }
            @match field.form {
                Form::LongText => textarea name=(field.id) rows="3" required[required] { (value) }
                _ if !options.is_empty() => {
                    select name=(field.id) required[required] {
                        option value="" { "" }
                        @for (id, name) in &options {
                            option value=(id) selected[*id == value] { (name) }
                        }
                    }
                }
                Form::Date => input type="date" name=(field.id) value=(value) required[required];
                form => {
                    input name=(field.id) value=(value) required[required]
                        inputmode=[form.is_number().then_some("decimal")];
                }
            }
            @if let Some(help) = &field.help { span class="muted" { (reader.text(help)) } }
        }
    }
}

async fn history(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let ledgers = declared::read(&state.store).await?;
    let ledger = ledgers.get(&id).ok_or_else(no_ledger)?;
    access::to_read(&visitor, ledger)?;
    let history = store::history(&state.store, &id, &asked.key).await?;
    let newest = history
        .first()
        .ok_or_else(|| Problem::not_found("台账里没有这一行", "the ledger has no such row"))?;
    let snapshot = state.snapshot();
    let pairs: Vec<(String, Markup)> = ledger
        .columns
        .iter()
        .map(|field| {
            let value = newest.row.get(&field.id).map_or_else(
                || "—".to_owned(),
                |value| workbook::shown(&snapshot, &reader, field, value),
            );
            (reader.text(&field.name).to_owned(), html! { (value) " " (field.unit) })
        })
        .collect();
    let mut table = Table::new(
        reader.pick("历史，新的在前", "History, the newest first"),
        vec![
            Column::words(reader.pick("时间", "Time")),
            Column::words(reader.pick("录入人", "By")),
            Column::words(reader.pick("内容", "Values")),
            Column::words(reader.pick("理由", "Why")),
        ],
    );
    for (at, kept) in history.iter().enumerate() {
        let before = history.get(at + 1);
        let changed = ledger.columns.iter().filter(|field| {
            before.is_none_or(|before| before.row.get(&field.id) != kept.row.get(&field.id))
        });
        table.row(vec![
            html! { (local_minute(kept.entered_at)) },
            html! { (kept.who) },
            html! {
                @if kept.is_removed { (reader.pick("删除", "taken away")) } @else {
                    @for field in changed {
                        (reader.text(&field.name)) ": "
                        (kept.row.get(&field.id).map_or_else(|| "—".to_owned(), |value| {
                            workbook::shown(&snapshot, &reader, field, value) }))
                        br;
                    }
                }
            },
            html! { (kept.reason) },
        ]);
    }
    let path = format!("{PATH}/{id}");
    let content = html! {
        (components::definition_list(&pairs))
        @if access::may_keep(&visitor) && !newest.is_removed {
            div class="row" {
                a class="button" href={ (path) "?key=" (web::encode(&asked.key)) "#enter" } {
                    (reader.pick("修改", "Change"))
                }
            }
            form method="post" action={ (path) "/remove" } class="row" {
                input type="hidden" name="key" value=(asked.key);
                label {
                    (reader.pick("删除理由", "Why it is taken away"))
                    input name="reason" maxlength="500" required;
                }
                button type="submit" { (reader.pick("删除这一行", "Take this row away")) }
            }
        }
        (components::section("history", reader.pick("历史", "History"), table.render()))
    };
    let page = Page::new(reader.text(&ledger.name))
        .under(PATH, reader.pick("台账", "Ledgers"))
        .under(path, reader.text(&ledger.name));
    Ok(page.render(&state, &reader, content))
}
