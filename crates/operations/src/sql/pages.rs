//! The page for analysts: a question, its answer, the tables, examples. Works without JavaScript.

use super::api::too_many;
use super::ask::{engine, place, question, status};
use super::{ColumnFile, Guide, Shown, Trouble};
use authority::Action;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn, encode};

/// Rows on the page; files hold all of them.
const ROWS_SHOWN: usize = 1_000;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/sql", get(form).post(ask))
}

#[derive(Debug, Default, Deserialize)]
struct Begun {
    /// A question to begin with.
    #[serde(default)]
    query: String,
}

async fn form(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(begun): Query<Begun>,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::QueryData)?;
    Ok(match engine(&state) {
        Ok(engine) => page(&state, &reader, &engine.guide(), &begun.query, None),
        Err(absent) => without_engine(&state, &reader, &absent),
    })
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    query: String,
    /// `table`, `csv`, `xlsx`, `parquet` or `arrow`.
    #[serde(default)]
    form: String,
}

async fn ask(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let question = question(&signed_in, &asked.query, "page")?;
    let engine = engine(&state)?;
    let columns = match asked.form.as_str() {
        "parquet" => Some((ColumnFile::Parquet, "parquet")),
        "arrow" => Some((ColumnFile::Arrow, "arrows")),
        _ => None,
    };
    let found = if let Some((form, ending)) = columns {
        engine.file(question, form).await.map(|bytes| attached(bytes, ending))
    } else if matches!(asked.form.as_str(), "csv" | "xlsx") {
        let most = engine.guide().limits.rows;
        match engine.show(question, most).await {
            Ok(shown) if shown.is_cut => return Err(too_many(most)),
            Ok(shown) if asked.form == "csv" => return sheet(shown).csv(),
            Ok(shown) => return sheet(shown).xlsx(),
            Err(trouble) => Err(trouble),
        }
    } else {
        let shown = engine.show(question, ROWS_SHOWN).await;
        shown.map(|shown| {
            let answer = answered(&reader, &shown);
            page(&state, &reader, &engine.guide(), &asked.query, Some(answer)).into_response()
        })
    };
    Ok(found.unwrap_or_else(|trouble| {
        let told = troubled(&reader, &trouble, &asked.query);
        let page = page(&state, &reader, &engine.guide(), &asked.query, Some(told));
        (status(trouble.kind), page).into_response()
    }))
}

fn attached(bytes: Vec<u8>, ending: &str) -> Response {
    let disposition = format!("attachment; filename=\"answer.{ending}\"");
    let kind = "application/octet-stream".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

/// An answer as a file for spreadsheets.
pub(super) fn sheet(shown: Shown) -> Sheet {
    let numbers: Vec<bool> = shown.columns.iter().map(|(_, _, is_number)| *is_number).collect();
    let cell = |(place, text): (usize, Option<String>)| match text {
        None => Cell::Empty,
        Some(text) => {
            let number = numbers[place].then(|| text.parse().ok()).flatten();
            number.map_or(Cell::Text(text), Cell::Number)
        }
    };
    Sheet {
        name: "answer".to_owned(),
        columns: shown.columns.into_iter().map(|(name, _, _)| name).collect(),
        rows: shown
            .rows
            .into_iter()
            .map(|row| row.into_iter().enumerate().map(cell).collect())
            .collect(),
    }
}

fn without_engine(state: &AppState, reader: &Reader, absent: &Problem) -> Markup {
    let (zh, en) = absent.texts();
    let content = components::empty(
        reader.pick("本程序未含 SQL", "This build has no SQL"),
        reader.pick(zh, en),
    );
    Page::new(reader.pick("SQL 查询", "Questions in SQL")).render(state, reader, content)
}

fn page(
    state: &AppState,
    reader: &Reader,
    guide: &Guide,
    text: &str,
    answer: Option<Markup>,
) -> Markup {
    let limits = guide.limits;
    let content = html! {
        (components::section("question", reader.pick("查询语句", "The question"), html! {
            form class="stack sql-question" method="post" action="/sql" {
                label {
                    (reader.pick(
                        "只读;一次一条语句。可查本页所列各表,国家标准可作函数用。",
                        "Read-only, one question at a time, over the tables below; the national \
                         standards are functions."))
                    textarea name="query" rows="9" spellcheck="false" required
                        maxlength=(super::ask::LETTERS_MAX)
                        placeholder="SELECT … FROM observation WHERE …" { (text) }
                }
                div class="downloads" {
                    button type="submit" name="form" value="table" {
                        (reader.pick("查询", "Ask"))
                    }
                    @for (form, words) in [("csv", "CSV"), ("xlsx", "XLSX"),
                        ("parquet", "Parquet"), ("arrow", "Arrow")]
                    {
                        button class="secondary" type="submit" name="form" value=(form) { (words) }
                    }
                }
                p class="hint" {
                    (reader.pick(
                        &format!("每次最长 {} 秒、内存 {} MiB、结果 {} 行;每次查询都留审计记录。",
                            limits.seconds, limits.memory_mib, limits.rows),
                        &format!("At most {} seconds, {} MiB of memory and {} rows; every question \
                            leaves an audit record.", limits.seconds, limits.memory_mib,
                            limits.rows)))
                }
            }
        }))
        @if let Some(answer) = answer {
            (components::section("answer", reader.pick("结果", "The answer"), answer))
        }
        (components::section("examples", reader.pick("示例", "Examples"), examples(reader, guide)))
        (components::section("tables", reader.pick("表", "Tables"), tables(reader, guide)))
        (components::section("functions", reader.pick("函数", "Functions"),
            functions(reader, guide)))
    };
    Page::new(reader.pick("SQL 查询", "Questions in SQL")).render(state, reader, content)
}

fn answered(reader: &Reader, shown: &Shown) -> Markup {
    let count = shown.rows.len();
    let seconds = format!("{}.{:03}", shown.milliseconds / 1000, shown.milliseconds % 1000);
    let caption = if shown.is_cut {
        let zh = format!("前 {count} 行,用时 {seconds} 秒;时间为北京时间");
        let en = format!("the first {count} rows, {seconds} s; times are Beijing time");
        reader.pick(&zh, &en).to_owned()
    } else {
        let zh = format!("{count} 行,用时 {seconds} 秒;时间为北京时间");
        let en = format!("{count} rows, {seconds} s; times are Beijing time");
        reader.pick(&zh, &en).to_owned()
    };
    if count == 0 {
        return components::empty(
            reader.pick("没有符合条件的行", "No row meets the conditions"),
            reader.pick(
                "放宽条件再试;日期与时刻注意时区。",
                "Widen them; mind the time zone of days and times.",
            ),
        );
    }
    let columns = shown.columns.iter().map(|(name, _, is_number)| {
        if *is_number { Column::numbers(name) } else { Column::words(name) }
    });
    let mut table = Table::new(caption, columns.collect());
    for row in &shown.rows {
        let cell = |text: &Option<String>| {
            html! {
                @if let Some(text) = text { (text) } @else { span class="none" { "—" } }
            }
        };
        table.row(row.iter().map(cell).collect());
    }
    html! {
        @if shown.is_cut {
            (components::notice("note", html! {
                (reader.pick(
                    "还有更多行:请下载文件取全部,或加 LIMIT。",
                    "There are more rows: take them all as a file, or add LIMIT."))
            }))
        }
        (table.render())
    }
}

fn troubled(reader: &Reader, trouble: &Trouble, text: &str) -> Markup {
    let language = reader.language;
    let line = trouble.place.and_then(|(line, column)| {
        let line = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
        Some((line, usize::try_from(column).ok()?.saturating_sub(1)))
    });
    components::notice(
        "error",
        html! {
            p {
                strong {
                    (place(trouble, language)) (trouble.what.in_language(language))
                }
            }
            @if let Some((line, column)) = line {
                @let before: String = line.chars().take(column).collect();
                @let after: String = line.chars().skip(column).collect();
                pre class="sql-place" { code { (before) mark { "▸" } (after) } }
            }
            @if !trouble.cure.is_empty() {
                p { (trouble.cure.in_language(language)) }
            }
        },
    )
}

fn examples(reader: &Reader, guide: &Guide) -> Markup {
    html! {
        ul class="sql-examples" {
            @for example in &guide.examples {
                li {
                    a href={ "/sql?query=" (encode(&example.text)) } { (reader.text(&example.title)) }
                }
            }
        }
    }
}

fn tables(reader: &Reader, guide: &Guide) -> Markup {
    html! {
        @for table in &guide.tables {
            details class="folded" {
                summary { code { (table.name) } " " (reader.text(&table.meaning)) }
                @let heads = vec![
                    Column::words(reader.pick("列", "Column")),
                    Column::words(reader.pick("类型", "Type")),
                    Column::words(reader.pick("含义", "Meaning")),
                ];
                @let rows = table.columns.iter().map(|column| vec![
                    html! { code { (column.name) } },
                    html! { code { (column.kind) } },
                    html! { (reader.text(&column.meaning)) },
                ]);
                (filled(table.name, heads, rows))
            }
        }
    }
}

fn functions(reader: &Reader, guide: &Guide) -> Markup {
    html! {
        @for function in &guide.functions {
            details class="folded" {
                summary {
                    code { (function.signature) } " → " code { (function.returns) }
                    @if function.is_aggregate {
                        " " span class="hint" { (reader.pick("聚合", "aggregate")) }
                    }
                }
                p { (reader.text(&function.meaning)) }
                pre { code { (function.example) } }
                p {
                    a href={ "/sql?query=" (encode(function.example)) } {
                        (reader.pick("放入查询框", "Put it into the question"))
                    }
                }
            }
        }
    }
}

fn filled(caption: &str, heads: Vec<Column>, rows: impl Iterator<Item = Vec<Markup>>) -> Markup {
    let mut table = Table::new(caption, heads);
    for row in rows {
        table.row(row);
    }
    table.render()
}
