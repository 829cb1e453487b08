//! The list of standards, the tables of one on a day, and what changed between two days.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use jiff::civil::Date;
use maud::{Markup, html};
use rulebook::{Citation, Confidence, Edition, Row, Table as Dated};
use serde::Deserialize;
use standards::{ALL, Named, Standard, differences};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/standards", get(all))
        .route("/standards/{id}", get(one))
        .route("/standards/{id}/differences", get(changes))
}

/// Which day, or which two.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    on: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Wanted {
    /// The day asked for; that of the edition in the name; else today.
    pub(super) fn day(&self, state: &AppState, named: &Named) -> Result<Date, Problem> {
        let of_name = named.on.or_else(|| named.editions.first().map(|one| one.valid_from));
        Ok(read_day(self.on.as_deref())?.or(of_name).unwrap_or_else(|| today(state)))
    }
}

fn today(state: &AppState) -> Date {
    rulebook::beijing_offset().to_datetime(state.now()).date()
}

fn read_day(text: Option<&str>) -> Result<Option<Date>, Problem> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Problem::bad_request(
            format!("“{text}”不是日期，请写成 2026-06-01"),
            format!("{text:?} is no day; write it as 2026-06-01"),
        )
    })
}

/// The standard of a name in an address.
pub(super) fn find(id: &str) -> Result<Named, Problem> {
    Named::parse(id).ok_or_else(|| {
        Problem::not_found(
            format!("没有标准“{id}”，标准目录见 /standards"),
            format!("there is no standard {id:?}; /standards lists them"),
        )
    })
}

async fn all(State(state): State<AppState>, reader: Reader) -> Markup {
    let today = today(&state);
    let caption = reader.pick("标准与方法", "Standards and methods");
    let mut table = Table::new(
        caption,
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("名称", "Title")),
            Column::words(reader.pick("现行版本", "In force")),
            Column::words(reader.pick("全部版本", "All editions")),
        ],
    );
    for standard in ALL {
        let current = standard.in_force(today);
        table.row(vec![
            html! { a href={ "/standards/" (standard.id) } { (standard.id) } },
            html! { (reader.text(&standard.title())) },
            html! {
                @match current {
                    Some(edition) => (edition.number),
                    None => span class="none" { "—" },
                }
            },
            html! {
                @for edition in standard.editions {
                    a href={ "/standards/" (standard.id) "?on=" (edition.valid_from) } {
                        (edition.number)
                    }
                    " "
                }
            },
        ]);
    }
    let content = html! {
        p class="lead" {
            (reader.pick(
                "平台判定所依据的全部表格。每行都有条款、来源和可信度；按被判定之日选择版本。",
                "Every table by which this platform judges. Each row has its clause, source and \
                 confidence; the edition is chosen by the day of the thing judged."))
        }
        (table.render())
    };
    Page::new(reader.pick("标准", "Standards")).render(&state, &reader, content)
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let named = find(&id)?;
    let on = wanted.day(&state, &named)?;
    let standard = named.standard;
    let content = html! {
        (day_form(&reader, standard, on))
        (editions(&reader, standard, on))
        @let tables = (standard.tables)();
        @if tables.is_empty() {
            (components::empty(
                reader.pick("这一方法没有表格", "This method has no table"),
                reader.pick("它只有公式。", "It is a formula alone.")))
        }
        @for table in tables { (dated(&reader, table, on)) }
        p class="hint" {
            (reader.pick("计算代码：", "Computed in: "))
            code { "crates/standards/src/" (standard.folder) }
        }
    };
    let page = Page::new(format!("{} {}", standard.id, reader.text(&standard.title())))
        .under("/standards", reader.pick("标准", "Standards"));
    Ok(page.render(&state, &reader, content))
}

fn day_form(reader: &Reader, standard: &Standard, on: Date) -> Markup {
    html! {
        form class="filters" method="get" action={ "/standards/" (standard.id) } {
            label for="on" { (reader.pick("现行于", "In force on")) }
            input id="on" name="on" type="date" value=(on);
            button type="submit" { (reader.pick("查看", "Show")) }
        }
    }
}

fn editions(reader: &Reader, standard: &Standard, on: Date) -> Markup {
    let mut table = Table::new(
        reader.pick("版本", "Editions"),
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("自", "From")),
            Column::words(reader.pick("至", "To")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("与前一版本的差异", "Against the one before")),
        ],
    );
    let mut before: Option<&Edition> = None;
    for edition in standard.editions {
        let link = before.and_then(|before| before.valid_to).map(|last| {
            let first = edition.valid_from;
            format!("/standards/{}/differences?before={last}&after={first}", standard.id)
        });
        table.row(vec![
            html! { a href={ "/standards/" (standard.id) "?on=" (edition.valid_from) } {
            (edition.number) } },
            html! { (edition.valid_from) },
            html! { @match edition.valid_to {
                Some(last) => (last),
                None => (reader.pick("现行", "open")),
            } },
            html! { @if edition.covers(on) {
                (components::status_badge("good", reader.pick("当日有效", "in force that day")))
            } },
            html! { @if let Some(link) = link {
                a href=(link) { (reader.pick("查看差异", "Differences")) }
            } },
        ]);
        before = Some(edition);
    }
    if table.is_empty() {
        html! {}
    } else {
        table.render()
    }
}

/// Columns that say only when a row holds, or that stand above the table or behind the clause.
const HIDDEN: [&str; 7] =
    ["standard", "version", "stage", "valid_from", "valid_to", "source", "note"];

fn dated(reader: &Reader, table: &'static Dated, on: Date) -> Markup {
    let rows: Vec<&Row> = table.in_force(on).collect();
    if rows.is_empty() {
        return components::section(
            table.name(),
            table.name(),
            components::empty(
                reader.pick("这一天没有有效的行", "No row was in force on that day"),
                reader.pick("请另选日期。", "Choose another day."),
            ),
        );
    }
    let columns: Vec<&String> = table
        .columns()
        .iter()
        .filter(|column| !HIDDEN.contains(&column.as_str()))
        .filter(|column| rows.iter().any(|row| !table.cell(row, column).is_empty()))
        .collect();
    let is_number = |column: &str| {
        let number = |row: &&&Row| table.cell(row, column).parse::<rulebook::Decimal>().is_ok();
        rows.iter().filter(number).count() * 2 > rows.len()
    };
    let titles = columns
        .iter()
        .map(|column| {
            let title = title(reader, column);
            if is_number(column) { Column::numbers(title) } else { Column::words(title) }
        })
        .collect();
    let mut shown = Table::new(table.name(), titles);
    for row in rows {
        let cell = |column: &&String| {
            let text = table.cell(row, column);
            match column.as_str() {
                "confidence" => confidence(reader, text),
                "clause" => {
                    let clause = Citation::place(text);
                    let (source, note) = (table.cell(row, "source"), table.cell(row, "note"));
                    origin(reader.text(&clause), source, note)
                }
                _ => html! { (text) },
            }
        };
        shown.row(columns.iter().map(cell).collect());
    }
    shown.render()
}

/// The clause; source and note open behind it.
fn origin(clause: &str, source: &str, note: &str) -> Markup {
    if source.is_empty() && note.is_empty() {
        return html! { (clause) };
    }
    html! {
        details {
            summary { @if clause.is_empty() { "…" } @else { (clause) } }
            p { (source) }
            @if !note.is_empty() { p { (note) } }
        }
    }
}

/// A column's title for a reader; a column of the standard's own keeps its name.
fn title<'text>(reader: &Reader, column: &'text str) -> &'text str {
    match column {
        "clause" => reader.pick("条款与来源", "Clause and source"),
        "confidence" => reader.pick("可信度", "Confidence"),
        "unit" => reader.pick("单位", "Unit"),
        "item" => reader.pick("项目", "Item"),
        "pollutant" => reader.pick("污染物", "Pollutant"),
        "limit" => reader.pick("限值", "Limit"),
        "averaging" => reader.pick("平均时间", "Averaging"),
        "grade1" => reader.pick("一级", "Grade 1"),
        "grade2" => reader.pick("二级", "Grade 2"),
        "table" => reader.pick("表", "Table"),
        "state" => reader.pick("参比状态", "State"),
        "pollutant_zh" => reader.pick("名称", "Name in Chinese"),
        "value" => reader.pick("数值", "Value"),
        "name" => reader.pick("名称", "Name"),
        "name_zh" => reader.pick("中文名", "Name in Chinese"),
        "name_en" => reader.pick("英文名", "Name in English"),
        "grade_zh" => reader.pick("级别", "Grade in Chinese"),
        "grade_en" => reader.pick("英文级别", "Grade in English"),
        "category_zh" => reader.pick("类别", "Class in Chinese"),
        "category_en" => reader.pick("英文类别", "Class in English"),
        "no" => reader.pick("序号", "No."),
        "code" => reader.pick("代码", "Code"),
        "compare" => reader.pick("比较", "Comparison"),
        "parameter" => reader.pick("参数", "Parameter"),
        "rule" => reader.pick("规则", "Rule"),
        "scope" => reader.pick("适用对象", "Scope"),
        "grade" => reader.pick("分级", "Grade"),
        "basis" => reader.pick("取值方式", "Basis"),
        "class" => reader.pick("类别", "Class"),
        "place" => reader.pick("位置", "Place"),
        "day" => reader.pick("昼间", "Day"),
        "night" => reader.pick("夜间", "Night"),
        "level" => reader.pick("级", "Level"),
        "level_zh" => reader.pick("级别", "Level in Chinese"),
        "order" => reader.pick("次序", "Order"),
        "from" => reader.pick("不小于", "From"),
        "above" => reader.pick("大于", "Above"),
        "to" => reader.pick("不大于", "To"),
        "iaqi" => reader.pick("空气质量分指数", "Individual index"),
        "concentration" => reader.pick("浓度限值", "Concentration"),
        "decimals" => reader.pick("小数位数", "Decimals"),
        "use" => reader.pick("用途", "Use"),
        "period" => reader.pick("时段", "Period"),
        "periods" => reader.pick("时段数", "Periods"),
        "critical" => reader.pick("临界值", "Critical value"),
        "fewest_values" => reader.pick("最少数据个数", "Fewest values"),
        "minimum" => reader.pick("最少个数", "Minimum"),
        "counted" => reader.pick("计数对象", "What is counted"),
        "condition" => reader.pick("附加要求", "Condition"),
        "section" => reader.pick("门类", "Section"),
        "land" => reader.pick("用地", "Land"),
        "oxygen" => reader.pick("基准氧含量 %", "Reference oxygen, %"),
        "stack_m" => reader.pick("排气筒高度 m", "Stack height, m"),
        other => other,
    }
}

fn confidence(reader: &Reader, word: &str) -> Markup {
    let Some(degree) = Confidence::parse(word) else { return html! { (word) } };
    let tone = match degree {
        Confidence::Certain | Confidence::High => "good",
        Confidence::Medium => "quiet",
        _ => "warning",
    };
    components::status_badge(tone, reader.text(&degree.text()))
}

async fn changes(
    State(state): State<AppState>,
    reader: Reader,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let named = find(&id)?;
    let standard = named.standard;
    let before = read_day(wanted.before.as_deref())?.or_else(|| {
        let earlier = standard.editions.iter().rev().nth(1)?;
        earlier.valid_to
    });
    let after = read_day(wanted.after.as_deref())?
        .or_else(|| standard.editions.last().map(|edition| edition.valid_from));
    let (Some(before), Some(after)) = (before, after) else {
        return Err(Problem::bad_request(
            "请给出两个日期：?before=2026-02-28&after=2026-03-01",
            "name two days: ?before=2026-02-28&after=2026-03-01",
        ));
    };
    let mut table = Table::new(
        format!("{before} → {after}"),
        vec![
            Column::words(reader.pick("表", "Table")),
            Column::words(reader.pick("行", "Row")),
            Column::words(reader.pick("列", "Column")),
            Column::numbers(reader.pick("原", "Before")),
            Column::numbers(reader.pick("新", "After")),
        ],
    );
    for one in differences(standard, before, after) {
        for (column, old, new) in &one.columns {
            table.row(vec![
                html! { (one.table) },
                html! { (one.key) },
                html! { (title(&reader, column)) },
                html! { @if old.is_empty() { "—" } @else { (old) } },
                html! { strong { @if new.is_empty() { "—" } @else { (new) } } },
            ]);
        }
    }
    let content = html! {
        form class="filters" method="get"
            action={ "/standards/" (standard.id) "/differences" } {
            label for="before" { (reader.pick("从", "From")) }
            input id="before" name="before" type="date" value=(before);
            label for="after" { (reader.pick("到", "To")) }
            input id="after" name="after" type="date" value=(after);
            button type="submit" { (reader.pick("比较", "Compare")) }
        }
        @if table.is_empty() {
            (components::empty(
                reader.pick("两日之间没有差异", "Nothing differs between these days"),
                reader.pick("请另选日期。", "Choose other days.")))
        } @else {
            (table.render())
            p class="hint" {
                (reader.pick(
                    "“—”表示该日的表格没有这一行；未取得原文的内容不在表中。",
                    "“—”: the table of that day has no such row; texts not obtained are not in it."))
            }
        }
    };
    let words = reader.pick("版本差异", "Differences between editions");
    let page = Page::new(format!("{} {words}", standard.id))
        .under("/standards", reader.pick("标准", "Standards"))
        .under(format!("/standards/{}", standard.id), standard.id);
    Ok(page.render(&state, &reader, content))
}
