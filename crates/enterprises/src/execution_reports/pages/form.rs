//! The form of a report: each field with what is known beside it and what the checks say below.

use super::super::access::Sight;
use super::super::facts::Facts;
use super::super::model::{Report, place};
use super::super::shape::{FactorRow, OutletRow, head_fields, of_level};
use super::{PATH, beside, title};
use crate::checks::controls::{beside_list, control};
use crate::checks::{Checks, slots};
use maud::{Markup, html};
use permits::ReportCycle;
use plausibility::{Field, Key, Level};
use std::collections::BTreeSet;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

/// The page of a draft, for who fills it in.
pub(in crate::execution_reports) async fn page(
    state: &AppState,
    reader: &Reader,
    report: &Report,
    facts: &Facts,
    sight: &Sight,
    was_filed: bool,
) -> Result<Markup, Problem> {
    let checks = Checks::of(state);
    let names = facts.shape.names(report.subject.cycle == ReportCycle::Year);
    let form = Form { reader, report, facts, checks: &checks, names };
    let content = html! {
        (super::one::standing(state, reader, report, sight).await?)
        @if was_filed {
            (components::notice("error", html! {
                p { (reader.pick("尚未提交：请改正或写明原因。已填内容已保存。",
                    "Not filed yet: mend or explain what is marked below. What you typed is saved."))
                }
            }))
        }
        (form.render())
        (files(reader, report))
    };
    let snapshot = state.snapshot();
    Ok(Page::new(title(&snapshot, reader, report))
        .under(PATH, reader.pick("执行报告", "Execution reports"))
        .render(state, reader, content))
}

/// The same form as a workbook, down and up.
fn files(reader: &Reader, report: &Report) -> Markup {
    let path = format!("{PATH}/{}", report.id);
    components::section(
        "files",
        reader.pick("用 Excel 填报", "Fill it in as a spreadsheet"),
        html! {
            p {
                a class="button" href={ (path) "/template.xlsx" } {
                    (reader.pick("下载本报告的 Excel 表", "Download this report as XLSX"))
                }
            }
            form class="filters" method="post" enctype="multipart/form-data"
                action={ (path) "/import" } {
                label {
                    (reader.pick("上传填好的 Excel 表", "Upload it when it is filled in"))
                    input type="file" name="file" accept=".xlsx" required;
                }
                button type="submit" { (reader.pick("导入到草稿", "Read it into the draft")) }
            }
        },
    )
}

struct Form<'page> {
    reader: &'page Reader,
    report: &'page Report,
    facts: &'page Facts,
    checks: &'page Checks,
    /// The names of its fields: each has its slot.
    names: BTreeSet<String>,
}

impl Form<'_> {
    fn render(&self) -> Markup {
        let reader = self.reader;
        let path = format!("{PATH}/{}", self.report.id);
        let is_year = self.report.subject.cycle == ReportCycle::Year;
        html! {
            form id="form" class="entry-form" method="post" action=(path)
                data-island="entry-check" data-check={ (path) "/check" } {
                input type="hidden" name="revision" value=(self.report.revision);
                @if !self.facts.is_measured {
                    p class="hint" { (not_measured(reader)) }
                }
                (self.slot(slots::GENERAL))
                (components::section("head", reader.pick("整体情况", "The whole unit"), html! {
                    div class="entry-fields" {
                        @for field in head_fields(is_year) {
                            (self.labelled(&Key::head(), field))
                        }
                    }
                }))
                @for outlet in &self.facts.shape.outlets { (self.outlet(outlet)) }
                div class="entry-summary" data-summary aria-live="polite" {
                    (slots::summary(reader, &self.report.findings))
                }
                div class="row" {
                    button type="submit" class="secondary" name="do" value="save" {
                        (reader.pick("保存并检查", "Save and check"))
                    }
                    button type="submit" name="do" value="file" {
                        (reader.pick("提交报告", "File the report"))
                    }
                }
            }
        }
    }

    fn outlet(&self, outlet: &OutletRow) -> Markup {
        let reader = self.reader;
        let id = format!("outlet-{}", outlet.number.as_deref().unwrap_or("unit"));
        components::section(
            &id,
            reader.text(&outlet.name),
            html! {
                @if let Some(number) = &outlet.number {
                    div class="entry-fields" {
                        @for field in of_level(Level::Outlet) {
                            (self.labelled(&Key::outlet(number.clone()), field))
                        }
                    }
                }
                @if !outlet.factors.is_empty() { (self.factors(outlet)) }
            },
        )
    }

    fn factors(&self, outlet: &OutletRow) -> Markup {
        let reader = self.reader;
        let fields: Vec<&Field> = of_level(Level::Factor).collect();
        let mut columns = vec![Column::words(reader.pick("污染物", "Factor"))];
        columns.extend(fields.iter().map(|field| {
            let name = reader.text(&field.name);
            let unit =
                if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
            Column::words(format!("{name}{unit}"))
        }));
        let title = format!("{} {}", reader.text(&outlet.name), reader.pick("排放", "discharge"));
        let mut table = Table::new(title, columns);
        for row in &outlet.factors {
            let mut cells = vec![html! { (reader.text(&row.name)) (unit(row)) }];
            for field in &fields {
                let has = row.fields().any(|it| it.id == field.id);
                cells.push(if has {
                    self.field(&row.key, field)
                } else {
                    html! { "—" }
                });
            }
            table.row(cells);
        }
        table.render()
    }

    fn labelled(&self, key: &Key, field: &Field) -> Markup {
        let name = self.reader.text(&field.name);
        let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
        html! {
            div class="entry-field" {
                label for=(place(key, field.id)) { (name) (web::unit(&unit)) }
                (self.field(key, field))
            }
        }
    }

    /// The control of a field, what is known beside it, and the place of its findings.
    fn field(&self, key: &Key, field: &Field) -> Markup {
        let name = place(key, field.id);
        let typed = self.report.content.get(key, field.id);
        let reader = self.reader;
        let known = beside::known(reader, self.facts, key, field);
        let label =
            format!("{} {}", key.factor.as_deref().unwrap_or_default(), reader.text(&field.name));
        html! {
            (control(reader, field, &name, typed, label.trim(), field.id == "product_unit"))
            (beside_list(&known))
            (self.slot(&name))
        }
    }

    fn slot(&self, wanted: &str) -> Markup {
        slots::slot(self.reader, self.checks, &self.names, &self.report.findings, wanted)
    }
}

/// What is said where no month of the period has been judged.
pub(super) fn not_measured(reader: &Reader) -> &str {
    reader.pick(
        "本期没有可用的自动监测有效数据，平台不能预填和比对监测值。",
        "No valid monitoring data of this period: nothing measured is filled in or compared.",
    )
}

fn unit(row: &FactorRow) -> Markup {
    html! {
        @if !row.unit.is_empty() { br; span class="unit" { (web::unit(&row.unit)) } }
    }
}
