//! The catalogue of checks, and one with its example.

use super::Checks;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use plausibility::{Case, Check, Example, Form, Key, Severity, field_of, known};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet};

pub(super) const PATH: &str = "/checks";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list))
        .route("/checks.xlsx", get(file))
        .route("/checks/{id}", get(one))
}

/// The tone in which a severity is shown.
pub(crate) const fn tone(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "quiet",
        Severity::Question | Severity::Implausible => "warning",
        Severity::Contradiction | Severity::Impossible => "bad",
    }
}

/// A severity with its word.
pub(crate) fn severity_badge(reader: &Reader, severity: Severity) -> Markup {
    components::status_badge(tone(severity), reader.text(&severity.text()))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    form: String,
    #[serde(default)]
    severity: String,
}

impl Asked {
    fn holds(&self, check: &Check) -> bool {
        let form = Form::parse(&self.form);
        let severity = Severity::parse(&self.severity);
        form.is_none_or(|form| check.applies_to.form == form)
            && severity.is_none_or(|severity| check.severity == severity)
    }
}

async fn list(State(state): State<AppState>, reader: Reader, Query(asked): Query<Asked>) -> Markup {
    let checks = Checks::of(&state);
    let shown: Vec<&Check> = checks.0.iter().filter(|check| asked.holds(check)).collect();
    let content = html! {
        p {
            (reader.pick("填报执行报告、台账、许可限值和许可排放量时，系统按下列规则逐项核对。\
                 除“不可能”外都不拦截：写明原因即可提交，原因随报告保存，供审核人员查看。",
                "Reports, ledgers, limits and amounts are looked at by these checks while they are \
                 typed. Only what is impossible is refused: everything else passes with a reason, \
                 which is kept with the report for whoever accepts it."))
        }
        (severities(&reader))
        (filters(&reader, &asked))
        p class="row" {
            (reader.pick("共", "There are")) " " (shown.len()) " " (reader.pick("条", "checks")) " · "
            a href={ "/checks.xlsx?form=" (asked.form) "&severity=" (asked.severity) } {
                (reader.pick("导出 XLSX", "Export XLSX"))
            }
        }
        @if shown.is_empty() {
            (components::empty(reader.pick("没有符合条件的规则", "No check fits"),
                reader.pick("请放宽筛选条件。", "Widen the filter.")))
        } @else {
            (table(&reader, &shown))
        }
    };
    Page::new(reader.pick("填报检查规则", "Checks of entries")).render(&state, &reader, content)
}

fn severities(reader: &Reader) -> Markup {
    let mut table = Table::new(
        reader.pick("五级严重程度", "Five severities"),
        vec![
            Column::words(reader.pick("级别", "Severity")),
            Column::words(reader.pick("处理", "What follows")),
        ],
    );
    for severity in Severity::ALL {
        let follows = match severity {
            Severity::Note => ("仅提示，可不写原因", "told; a reason may be given"),
            Severity::Impossible => ("拒绝提交，须改正", "refused until it is mended"),
            _ => ("写明原因后可以提交", "passes with a reason"),
        };
        table.row(vec![
            severity_badge(reader, *severity),
            html! { (reader.pick(follows.0, follows.1)) },
        ]);
    }
    table.render()
}

fn filters(reader: &Reader, asked: &Asked) -> Markup {
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("表单", "Form"))
                select name="form" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for form in Form::ALL {
                        option value=(form.as_str()) selected[asked.form == form.as_str()] {
                            (reader.text(&form.text()))
                        }
                    }
                }
            }
            label {
                (reader.pick("严重程度", "Severity"))
                select name="severity" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for severity in Severity::ALL {
                        option value=(severity.as_str())
                            selected[asked.severity == severity.as_str()] {
                            (reader.text(&severity.text()))
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn table(reader: &Reader, checks: &[&Check]) -> Markup {
    let mut table = Table::new(
        reader.pick("规则", "Checks"),
        vec![
            Column::words(reader.pick("规则", "Check")),
            Column::words(reader.pick("级别", "Severity")),
            Column::words(reader.pick("表单", "Form")),
            Column::words(reader.pick("发现什么", "What it finds")),
            Column::numbers(reader.pick("版本", "Version")),
        ],
    );
    for check in checks {
        table.row(vec![
            html! { a href={ (PATH) "/" (check.id) } { (reader.text(&check.name)) } },
            severity_badge(reader, check.severity),
            html! { (reader.text(&check.applies_to.form.text())) },
            html! { (reader.text(&check.what)) },
            html! { (check.version) },
        ]);
    }
    table.render()
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let checks = Checks::of(&state);
    let titles = [
        ("编号", "Id"),
        ("名称", "Name"),
        ("级别", "Severity"),
        ("表单", "Form"),
        ("发现什么", "What"),
        ("为什么重要", "Why"),
        ("怎么办", "What to do"),
        ("版本", "Version"),
    ];
    let row = |check: &Check| -> Vec<Cell> {
        vec![
            check.id.as_str().into(),
            reader.text(&check.name).into(),
            reader.text(&check.severity.text()).into(),
            reader.text(&check.applies_to.form.text()).into(),
            reader.text(&check.what).into(),
            reader.text(&check.why).into(),
            reader.text(&check.cure).into(),
            Cell::Number(check.version.into()),
        ]
    };
    let sheet = Sheet {
        name: "checks".to_owned(),
        columns: titles.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows: checks.0.iter().filter(|check| asked.holds(check)).map(row).collect(),
    };
    sheet.xlsx()
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let checks = Checks::of(&state);
    let check = checks.get(&id).ok_or_else(|| {
        Problem::not_found(format!("没有规则 {id}"), format!("there is no check {id:?}"))
    })?;
    let form = check.applies_to.form;
    let content = html! {
        (facts(&reader, check))
        (components::section("what", reader.pick("发现什么", "What it finds"),
            html! { p { (reader.text(&check.what)) } }))
        (components::section("why", reader.pick("为什么重要", "Why it matters"),
            html! { p { (reader.text(&check.why)) } }))
        (components::section("do", reader.pick("怎么办", "What to do"),
            html! { p { (reader.text(&check.cure)) } }))
        @if !check.parameters.is_empty() {
            (components::section("parameters", reader.pick("参数", "Parameters"),
                parameters(&reader, check)))
        }
        (components::section("example", reader.pick("示例", "Example"), html! {
            @for finding in check.fires.case(form).findings(check) {
                p { strong { (reader.pick("触发：", "It finds something: ")) }
                    (reader.text(&finding.numbers())) }
            }
            (example(&reader, &check.fires, form))
            p { strong { (reader.pick("不触发：", "It finds nothing: ")) } }
            (example(&reader, &check.passes, form))
        }))
    };
    let page = Page::new(reader.text(&check.name).to_owned())
        .under(PATH, reader.pick("填报检查规则", "Checks of entries"));
    Ok(page.render(&state, &reader, content).into_response())
}

fn facts(reader: &Reader, check: &Check) -> Markup {
    let form = check.applies_to.form;
    let fields = check.applies_to.fields.iter().map(|id| {
        field_of(form, id).map_or(id.as_str(), |field| reader.text(&field.name)).to_owned()
    });
    let fields: Vec<String> = fields.collect();
    components::definition_list(&[
        (reader.pick("级别", "Severity").to_owned(), severity_badge(reader, check.severity)),
        (reader.pick("表单", "Form").to_owned(), html! { (reader.text(&form.text())) }),
        (
            reader.pick("填报项", "Fields").to_owned(),
            html! { (fields.join(reader.pick("、", ", "))) },
        ),
        (reader.pick("编号", "Id").to_owned(), html! { code { (check.id) } }),
        (reader.pick("版本", "Version").to_owned(), html! { (check.version) }),
    ])
}

fn parameters(reader: &Reader, check: &Check) -> Markup {
    let mut table = Table::new(
        reader.pick("参数", "Parameters"),
        vec![
            Column::words(reader.pick("名称", "Name")),
            Column::numbers(reader.pick("数值", "Value")),
            Column::words(reader.pick("来源", "Source")),
            Column::words(reader.pick("依据", "Basis")),
        ],
    );
    for parameter in &check.parameters {
        table.row(vec![
            html! { code { (parameter.id) } },
            html! { (parameter.value) @if parameter.unit != "1" { " " (web::unit(&parameter.unit)) } },
            html! { (reader.text(&parameter.source.text())) },
            html! { (reader.text(&parameter.basis)) },
        ]);
    }
    table.render()
}

fn example(reader: &Reader, example: &Example, form: Form) -> Markup {
    let Case { entry, .. } = example.case(form);
    let named = |key: &Key| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{} {}", part(&key.outlet), part(&key.factor)).trim().to_owned()
    };
    let mut table = Table::new(
        reader.pick("填报内容", "What is entered"),
        vec![
            Column::words(reader.pick("填报项", "Field")),
            Column::words(reader.pick("位置", "Where")),
            Column::words(reader.pick("内容", "Entered")),
        ],
    );
    for (key, row) in &entry.rows {
        for (id, value) in row {
            let name = field_of(form, id).map_or(id.as_str(), |field| reader.text(&field.name));
            table.row(vec![html! { (name) }, html! { (named(key)) }, html! { (value.typed()) }]);
        }
    }
    let beside = [
        ("", "", &example.known),
        ("去年同期", "last year", &example.last_year),
        ("上一期", "last period", &example.last),
        ("历次", "earlier", &example.earlier),
    ];
    let beside: Vec<String> = beside
        .into_iter()
        .flat_map(|(zh, en, values)| {
            values.iter().map(move |(name, values)| (zh, en, name, values))
        })
        .map(|(zh, en, name, values)| {
            let word = name.rsplit('/').next().unwrap_or(name);
            let named = field_of(form, word).map(|it| &it.name).or_else(|| known(word));
            let named = named.map_or(word, |text| reader.text(text));
            let said = format!("{} {named} {}", reader.pick(zh, en), values.join(", "));
            said.trim().to_owned()
        })
        .collect();
    html! {
        @if table.is_empty() {
            p { (reader.pick("（未填写任何内容）", "(nothing is filled in)")) }
        } @else {
            (table.render())
        }
        @if !beside.is_empty() {
            p class="hint" {
                (reader.pick("已知：", "Known: ")) (beside.join(reader.pick("；", "; ")))
            }
        }
    }
}
