//! The file of a term of office (任期档案): what an audit of a leader who leaves asks for, as one
//! workbook: indicators, score sheets, cases, ledgers of the division and the years in office.

use crate::access::Officer;
use crate::{GovernanceError, assessment, city_plan, indicators, ledgers};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cases::{Cases, StatisticsFilter};
use jiff::civil::Date;
use ledger::{Form, Ledger, Row};
use maud::{Markup, html};
use registry::Snapshot;
use rulebook::beijing_offset;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Deserialize;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn, Slice, local_minute};

const PATH: &str = "/plan/term-file";

pub(crate) fn slice() -> Slice {
    Slice {
        name: "term_file",
        pages: || {
            Router::new().route(PATH, get(page)).route("/plan/term-file/workbook.xlsx", get(file))
        },
        api: utoipa_axum::router::OpenApiRouter::new,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    division: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// A division and a term.
struct Term {
    division: String,
    from: Date,
    to: Date,
}

impl Term {
    fn read(asked: &Asked, snapshot: &Snapshot) -> Result<Self, Problem> {
        let day = |text: &str| text.trim().parse::<Date>().ok();
        let (Some(from), Some(to)) = (day(&asked.from), day(&asked.to)) else {
            return Err(Problem::bad_request(
                "任期起止写成日期，如 2021-12-10",
                "write the term's first and last day as 2021-12-10",
            ));
        };
        if from > to {
            return Err(Problem::bad_request("任期止早于任期起", "the term ends before it begins"));
        }
        let known = snapshot.divisions.iter().any(|it| it.code == asked.division);
        if !known {
            return Err(Problem::bad_request("请选择区县", "choose a division"));
        }
        Ok(Self { division: asked.division.clone(), from, to })
    }

    fn holds_year(&self, year: i16) -> bool {
        (self.from.year()..=self.to.year()).contains(&year)
    }

    /// The term as instants: its first midnight, and the midnight after its last day.
    fn instants(&self) -> (jiff::Timestamp, jiff::Timestamp) {
        let midnight = |day: Date| {
            beijing_offset()
                .to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
                .unwrap_or(jiff::Timestamp::MIN)
        };
        (midnight(self.from), midnight(self.to.tomorrow().unwrap_or(self.to)))
    }
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let content = html! {
        p class="words" {
            (reader.pick(
                "按区县和任期导出一份工作簿，供自然资源资产离任审计取证：任期各年指标及其历次修订、考核评分表、事项办理统计、台账。",
                "One workbook for a division and a term, as evidence for a departure audit: \
                 indicators of each year with their revisions, score sheets, how cases went, \
                 ledgers."))
        }
        form method="get" action={ (PATH) "/workbook.xlsx" } class="stacked" {
            label {
                (reader.pick("区县", "Division"))
                select name="division" required {
                    @for division in &snapshot.divisions {
                        option value=(division.code) { (reader.name(&division.name)) }
                    }
                }
            }
            label {
                (reader.pick("任期起", "Term from"))
                input type="date" name="from" required;
            }
            label { (reader.pick("任期止", "Term to")) input type="date" name="to" required; }
            button type="submit" { (reader.pick("导出任期档案", "Export the file")) }
        }
        p class="hint" {
            (reader.pick("审计登记与结论记入", "Audits and their results are kept in")) " "
            a href={ (ledgers::PATH) "/departure_audits" } {
                (reader.pick("离任审计台账", "the ledger of departure audits"))
            }
            (reader.pick("，追责决定记入", ", decisions in")) " "
            a href={ (ledgers::PATH) "/accountability" } {
                (reader.pick("终身追究台账", "the ledger of accountability"))
            }
            (reader.pick("。", "."))
        }
        (components::notice("info", html! {
            (reader.pick("指标为全市口径；本平台没有分区县的年度值时不作推算。",
                "Indicators are of the whole city; where no value of a division is kept, none is \
                 guessed."))
        }))
    };
    let title = reader.pick("任期档案", "File of a term");
    let page = Page::new(title).under("/plan", reader.pick("方案", "Plan"));
    Ok(page.render(&state, &reader, content))
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Officer::of(&signed_in)?;
    signed_in.scope(authority::Action::ReadCase)?;
    let snapshot = state.snapshot();
    let term = Term::read(&asked, &snapshot)?;
    let tables = vec![
        about(&state, &reader, &snapshot, &term),
        values(&state, &reader, &term).await?,
        scores(&state, &reader, &term).await?,
        work(&state, &reader, &signed_in, &term).await?,
    ];
    let mut tables = tables;
    tables.extend(rows(&state, &reader, &snapshot, &term).await?);
    let body = workbook(&tables)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let name = format!("attachment; filename=\"term-{}-{}.xlsx\"", term.from, term.to);
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

/// A sheet of texts.
struct Table {
    name: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn workbook(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.name.chars().take(31).collect::<String>())?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, head) in (0_u16..).zip(&table.heads) {
            sheet.write_string_with_format(0, column, head, &bold)?;
            sheet.set_column_width(column, 20.0)?;
        }
        for (line, row) in (1_u32..).zip(&table.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                sheet.write_string(line, column, cell)?;
            }
        }
    }
    book.save_to_buffer()
}

fn heads(reader: &Reader, all: &[(&str, &str)]) -> Vec<String> {
    all.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect()
}

fn about(state: &AppState, reader: &Reader, snapshot: &Snapshot, term: &Term) -> Table {
    let division = crate::names::unit_name(snapshot, &term.division);
    let word = |zh: &str, en: &str| reader.pick(zh, en).to_owned();
    Table {
        name: word("说明", "About"),
        heads: heads(reader, &[("项目", "What"), ("内容", "Value")]),
        rows: vec![
            vec![word("区县", "Division"), reader.name(&division).to_owned()],
            vec![word("任期起", "Term from"), term.from.to_string()],
            vec![word("任期止", "Term to"), term.to.to_string()],
            vec![
                word("导出时间（北京时间）", "Exported (Beijing time)"),
                local_minute(state.now()),
            ],
            vec![word("城市", "City"), reader.name(&snapshot.city.name).to_owned()],
        ],
    }
}

/// Every value of the term's years, superseded ones too.
async fn values(state: &AppState, reader: &Reader, term: &Term) -> Result<Table, GovernanceError> {
    let mut rows = Vec::new();
    if let Some(city) = city_plan(&state.store).await? {
        for definition in &city.definitions {
            for kept in indicators::history(&state.store, &definition.id).await? {
                if !term.holds_year(kept.year) {
                    continue;
                }
                let none = || reader.text(&kept.why).to_owned();
                rows.push(vec![
                    reader.text(&definition.name).to_owned(),
                    definition.unit.clone(),
                    kept.year.to_string(),
                    kept.value.map_or_else(none, |value| value.to_string()),
                    kept.edition.clone(),
                    local_minute(kept.computed_at),
                    kept.superseded_at.map(local_minute).unwrap_or_default(),
                ]);
            }
        }
    }
    Ok(Table {
        name: reader.pick("指标", "Indicators").to_owned(),
        heads: heads(
            reader,
            &[
                ("指标", "Indicator"),
                ("单位", "Unit"),
                ("年份", "Year"),
                ("数值或缺数原因", "Value, or why there is none"),
                ("依据", "Edition"),
                ("计算时间", "Computed at"),
                ("被替代时间", "Superseded at"),
            ],
        ),
        rows,
    })
}

async fn scores(state: &AppState, reader: &Reader, term: &Term) -> Result<Table, GovernanceError> {
    let mut rows = Vec::new();
    for (name, sheet) in assessment::sheets_of(&state.store, &term.division).await? {
        if !i16::try_from(sheet.year).is_ok_and(|year| term.holds_year(year)) {
            continue;
        }
        rows.push(vec![
            reader.text(&name).to_owned(),
            sheet.year.to_string(),
            sheet.total.to_string(),
            sheet.grade.clone().unwrap_or_default(),
            reader
                .pick(
                    if sheet.is_published { "已公布" } else { "未公布" },
                    if sheet.is_published { "published" } else { "not published" },
                )
                .to_owned(),
        ]);
    }
    Ok(Table {
        name: reader.pick("考核", "Assessment").to_owned(),
        heads: heads(
            reader,
            &[
                ("责任书", "Book"),
                ("年份", "Year"),
                ("总分", "Total"),
                ("等次", "Grade"),
                ("状态", "State"),
            ],
        ),
        rows,
    })
}

/// How cases of the division went that were opened in the term.
async fn work(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    term: &Term,
) -> Result<Table, Problem> {
    let mut rows = Vec::new();
    if let Some(cases) = state.handle::<Cases>() {
        let (from, to) = term.instants();
        for kind in cases.kinds() {
            let filter = StatisticsFilter {
                kind: Some(kind.id.clone()),
                division: Some(term.division.clone()),
                from: Some(from),
                to: Some(to),
            };
            let (numbers, _, _) = cases.statistics(signed_in.principal(), &filter).await?;
            if numbers.opened == 0 {
                continue;
            }
            let percent = |it: Option<rulebook::Decimal>| {
                it.map_or_else(|| "—".to_owned(), |it| it.to_string())
            };
            rows.push(vec![
                reader.text(&kind.name).to_owned(),
                numbers.opened.to_string(),
                numbers.closed.to_string(),
                numbers.late_open.to_string(),
                percent(numbers.on_time_percent),
                percent(numbers.satisfaction_percent),
            ]);
        }
    }
    Ok(Table {
        name: reader.pick("事项", "Cases").to_owned(),
        heads: heads(
            reader,
            &[
                ("事项类型", "Kind"),
                ("登记", "Opened"),
                ("办结", "Closed"),
                ("未结且曾超期", "Open and late"),
                ("按期办结 %", "On time %"),
                ("满意 %", "Satisfied %"),
            ],
        ),
        rows,
    })
}

/// The rows of ledgers that lie in the division and the term.
async fn rows(
    state: &AppState,
    reader: &Reader,
    snapshot: &Snapshot,
    term: &Term,
) -> Result<Vec<Table>, GovernanceError> {
    let mut tables = Vec::new();
    for ledger in ledgers::all(&state.store).await? {
        let Some(column) = &ledger.division else { continue };
        let kept = ledgers::rows(&state.store, &ledger.id).await?;
        let own = kept.iter().filter(|kept| kept.row.get(column) == Some(&term.division));
        let rows: Vec<Vec<String>> = own
            .filter(|kept| is_within(&ledger, &kept.row, term))
            .map(|kept| {
                let value = |field: &ledger::Column| {
                    let value = kept.row.get(&field.id).unwrap_or_default();
                    ledgers::shown(snapshot, reader, field, value)
                };
                ledger.columns.iter().map(value).collect()
            })
            .collect();
        if !rows.is_empty() {
            tables.push(Table {
                name: reader.text(&ledger.name).to_owned(),
                heads: ledger.columns.iter().map(|it| reader.text(&it.name).to_owned()).collect(),
                rows,
            });
        }
    }
    Ok(tables)
}

/// Whether a row's year, or the first day that it has, lies in the term; a row without either
/// does.
fn is_within(ledger: &Ledger, row: &Row, term: &Term) -> bool {
    if let Some(year) = ledger.year.as_ref().and_then(|id| row.get(id)) {
        return year.parse().is_ok_and(|year| term.holds_year(year));
    }
    let mut days = ledger.columns.iter().filter(|column| column.form == Form::Date);
    let day = days.find_map(|column| row.get(&column.id)?.parse::<Date>().ok());
    day.is_none_or(|day| (term.from..=term.to).contains(&day))
}
