//! All permits, the one that expires first in front.

use super::super::list::{Asked, Row, rows, today};
use super::super::{PATH, access};
use super::parts;
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use permits::ManagementClass;
use permits::clocks::{self, Radar};
use registry::Snapshot;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, Visitor, local_date};

/// Permits on one page.
const A_PAGE: usize = 50;

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let rows = rows(&state, &snapshot, &asked).await?;
    let from = asked.after.unwrap_or(0).min(rows.len());
    let to = rows.len().min(from + A_PAGE);
    let next = (to < rows.len()).then(|| to.to_string());
    let content = html! {
        (counts(&reader, &rows))
        div class="row" {
            a class="button" href={ (PATH) "/amounts" } {
                (reader.pick("四本账对照", "Four papers side by side"))
            }
            a class="button" href=(download(&reader)) { (reader.pick("导出 XLSX", "XLSX")) }
            @if access::manages(&visitor) {
                a class="button" href={ (PATH) "/import" } {
                    (reader.pick("导入许可证", "Import a permit"))
                }
            }
        }
        (filters(&snapshot, &reader, &asked))
        @if rows.is_empty() {
            (nothing(&reader, &asked))
        } @else {
            (table(&snapshot, &reader, &rows[from..to], today(&state)))
            (components::pages(&reader, next.as_deref()))
        }
        p class="hint" {
            (reader.pick(
                "许可证内容依法公开。到期提醒按剩余 90、60、30 天分级,为本平台惯例;延续申请须在届满 60 日前提出。",
                "What a permit says is public. The radar of 90, 60 and 30 days is a habit of this \
                 platform; a renewal is applied for 60 days before the expiry."))
        }
    };
    let title = reader.pick("排污许可", "Discharge permits");
    Ok(Page::new(title).render(&state, &reader, content))
}

/// The same list as a file.
fn download(reader: &Reader) -> String {
    let kept =
        reader.query.split('&').filter(|part| !part.is_empty() && !part.starts_with("after="));
    format!("{PATH}/list.xlsx?{}", kept.collect::<Vec<_>>().join("&"))
}

fn counts(reader: &Reader, rows: &[Row]) -> Markup {
    let of = |radar: Radar| rows.iter().filter(|row| row.radar == radar).count();
    html! {
        div class="stats" {
            (components::stat(reader.pick("许可证与登记", "Permits and registrations"),
                html! { (rows.len()) }, None))
            @for radar in [Radar::Expired, Radar::Within30, Radar::Within60, Radar::Within90] {
                (components::stat(reader.text(&radar.text()), html! { (of(radar)) }, None))
            }
        }
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, asked: &Asked) -> Markup {
    let option = |value: &str, words: &str, chosen: &Option<String>| {
        html! { option value=(value) selected[chosen.as_deref() == Some(value)] { (words) } }
    };
    let all = reader.pick("全部", "all");
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", all, &None))
                    @for division in &snapshot.divisions {
                        (option(&division.code, reader.name(&division.name), &asked.division))
                    }
                }
            }
            label {
                (reader.pick("管理类别", "Class"))
                select name="class" {
                    (option("", all, &None))
                    @for class in ManagementClass::ALL {
                        (option(class.as_str(), reader.text(&class.text()), &asked.class))
                    }
                }
            }
            label {
                (reader.pick("到期情况", "Expiry"))
                select name="expiry" {
                    (option("", all, &None))
                    @for radar in Radar::ALL {
                        (option(radar.as_str(), reader.text(&radar.text()), &asked.expiry))
                    }
                }
            }
            label {
                (reader.pick("编号或名称", "Number or name"))
                input name="text" value=(asked.text.as_deref().unwrap_or_default());
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn nothing(reader: &Reader, asked: &Asked) -> Markup {
    let is_filtered = [&asked.division, &asked.class, &asked.expiry, &asked.text]
        .into_iter()
        .any(|it| it.as_ref().is_some_and(|text| !text.is_empty()));
    if is_filtered {
        components::empty(
            reader.pick("没有符合条件的许可证", "No permit fits"),
            reader.pick("请放宽筛选条件。", "Widen the filter."),
        )
    } else {
        components::empty(
            reader.pick("尚未录入许可证", "No permits yet"),
            reader.pick(
                "县区经办员可用 XLSX 模板导入,或由 lucid permit import 导入。",
                "County officers import them as workbooks, here or with `lucid permit import`.",
            ),
        )
    }
}

fn table(snapshot: &Snapshot, reader: &Reader, rows: &[Row], today: jiff::civil::Date) -> Markup {
    let mut table = Table::new(
        reader.pick("许可证,先到期的在前", "Permits, the one that expires first in front"),
        vec![
            Column::words(reader.pick("单位", "Holder")),
            Column::words(reader.pick("许可证编号", "Number")),
            Column::words(reader.pick("区县", "Division")),
            Column::words(reader.pick("管理类别", "Class")),
            Column::words(reader.pick("有效期止", "Expires")),
            Column::numbers(reader.pick("剩余天数", "Days left")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("延续申请", "Apply for renewal")),
        ],
    );
    for row in rows {
        let version = &row.version;
        let holder = row.holder(snapshot);
        let name = holder.map_or(version.holder.as_str(), |holder| reader.name(&holder.name));
        let division = holder.and_then(|holder| snapshot.division(&holder.division));
        table.row(vec![
            html! { a href=(parts::path(&version.permit.number)) { (name) } },
            html! {
                code { (version.permit.number) } " "
                span class="muted" {
                    (reader.pick("第", "version ")) (version.version) (reader.pick("版", ""))
                }
            },
            html! {
                @if let Some(division) = division { (reader.name(&division.name)) }
            },
            html! { (reader.text(&version.class.text())) },
            html! { (version.valid_to) },
            html! { (clocks::days_left(version, today)) },
            parts::radar(reader, row.radar),
            parts::renewal(reader, version, today),
        ]);
    }
    table.render()
}

pub(super) async fn sheet(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let today = today(&state);
    let rows = rows(&state, &snapshot, &asked).await?;
    let columns = [
        ("许可证编号", "Number"),
        ("单位代码", "Enterprise"),
        ("单位名称", "Holder"),
        ("区县", "Division"),
        ("管理类别", "Class"),
        ("版本", "Version"),
        ("有效期起", "Valid from"),
        ("有效期止", "Valid to"),
        ("剩余天数", "Days left"),
        ("状态", "State"),
        ("延续申请最迟", "Apply for renewal by"),
    ];
    let cells = |row: &Row| {
        let version = &row.version;
        let holder = row.holder(&snapshot);
        let division = holder.and_then(|holder| snapshot.division(&holder.division));
        let renewal = clocks::renewal(version).map(|clock| clock.last_day.to_string());
        vec![
            Cell::from(version.permit.number.clone()),
            Cell::from(holder.map(|holder| holder.code.clone()).unwrap_or_default()),
            Cell::from(version.holder.clone()),
            Cell::from(division.map(|it| reader.name(&it.name)).unwrap_or_default()),
            Cell::from(reader.text(&version.class.text())),
            Cell::Number(version.version.into()),
            Cell::from(version.valid_from.to_string()),
            Cell::from(version.valid_to.to_string()),
            Cell::Number(clocks::days_left(version, today).into()),
            Cell::from(reader.text(&row.radar.text())),
            renewal.map_or(Cell::Empty, Cell::from),
        ]
    };
    let sheet = Sheet {
        name: format!("permits-{}", local_date(state.now())),
        columns: columns.map(|(zh, en)| reader.pick(zh, en).to_owned()).to_vec(),
        rows: rows.iter().map(cells).collect(),
    };
    sheet.xlsx()
}
