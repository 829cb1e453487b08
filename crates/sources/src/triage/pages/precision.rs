//! How the ranking is made and how often it was right: for everybody.

use super::super::model::Conclusion;
use super::super::parameters::Parameters;
use super::super::queries::{self, Band, Precision};
use super::super::ranking::times;
use axum::extract::State;
use maud::{Markup, html};
use rulebook::beijing_offset;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

pub(super) async fn page(State(state): State<AppState>, reader: Reader) -> Result<Markup, Problem> {
    let precision = queries::precision(&state).await?;
    let today = beijing_offset().to_datetime(state.now()).date();
    let content = html! {
        p class="words" {
            (reader.pick(
                "值班台把同一排放口的告警归并为线索,按真实可能性 × 危害程度 × 剩余时限排序。\
                 排序只提示先看哪里;结论由值班人员作出,下表由结论计算。",
                "The duty desk merges the alarms of an outlet into findings and ranks them by \
                 likely real × harm × clock left. The ranking says where to look first; officers \
                 conclude, and this table is computed from what they concluded."))
        }
        (components::section("precision", reader.pick("准确率", "Precision"),
            judged(&reader, &precision)))
        (components::section("base", reader.pick("对照", "To compare"), html! {
            p {
                (reader.pick("外地公布:10 个月 64,487 条预警任务查实线索 528 条,即 0.82 %。这是别处的数字,也是本排序的起点。",
                    "Published elsewhere: 528 leads from 64,487 alarm tasks in ten months, 0.82 %. It \
                     is another place's figure and where this ranking begins."))
            }
        }))
        (components::section("parameters", reader.pick("排序参数", "The numbers of the ranking"),
            parameters(&reader, &Parameters::on(today))))
    };
    let title = reader.pick("线索排序的准确率", "Precision of the ranking");
    Ok(Page::new(title).render(&state, &reader, content))
}

/// A share with how many it rests on.
fn share(band: &Band) -> String {
    match band.share() {
        Some(share) => format!("{share} % (n = {})", band.judged()),
        None => "— (n = 0)".to_owned(),
    }
}

fn judged(reader: &Reader, precision: &Precision) -> Markup {
    let all = precision.all();
    let mut columns = vec![
        Column::words(reader.pick("研判时的位置", "Place when it was judged")),
        Column::numbers(reader.pick("已研判", "Judged")),
    ];
    columns.extend(Conclusion::ALL.map(|it| Column::numbers(reader.text(&it.text()))));
    columns.push(Column::numbers(reader.pick("真实占比", "Share real")));
    let mut table = Table::new(
        reader.pick("结论按研判时在队列中的位置统计", "Verdicts by the place in the queue"),
        columns,
    );
    let names = [
        reader.pick("第 1–10 位", "1 to 10"),
        reader.pick("第 11–50 位", "11 to 50"),
        reader.pick("第 51 位以后", "51 and below"),
        reader.pick("不在队列", "not in the queue"),
    ];
    for (name, band) in names.iter().zip(&precision.bands) {
        let mut cells = vec![html! { (name) }, html! { (band.judged()) }];
        cells.extend(band.counts.iter().map(|count| html! { (count) }));
        cells.push(html! { (share(band)) });
        table.row(cells);
    }
    html! {
        div class="stats" {
            (components::stat(reader.pick("前 10 位准确率", "Precision at 10"),
                html! { (share(&precision.at_10())) }, None))
            (components::stat(reader.pick("前 50 位准确率", "Precision at 50"),
                html! { (share(&precision.at_50())) }, None))
            (components::stat(reader.pick("全部结论", "All verdicts"),
                html! { (share(&all)) }, None))
        }
        @if all.judged() < precision.enough {
            (components::notice("warning", html! {
                p {
                    (reader.pick("结论还太少,不足以评价排序。", "Too few verdicts to say anything of the ranking."))
                    " n = " (all.judged()) " < " (precision.enough)
                }
            }))
        }
        (table.render())
    }
}

/// Who sets a number, in the reader's language.
fn source<'a>(reader: &Reader, source: &'a str) -> &'a str {
    if source.starts_with("house") {
        reader.pick("本平台设定(house),没有标准规定", source)
    } else {
        reader.pick("东莞,十个月,据公开报道;不是本市数字", source)
    }
}

fn parameters(reader: &Reader, parameters: &Parameters) -> Markup {
    let mut table = Table::new(
        reader.pick(
            "全部参数;“house”是本平台的设定,没有标准规定",
            "All numbers; \"house\" is our own choice, no standard sets it",
        ),
        vec![
            Column::words(reader.pick("参数", "Name")),
            Column::words(reader.pick("含义", "Meaning")),
            Column::numbers(reader.pick("数值", "Value")),
            Column::words(reader.pick("来源", "Source")),
            Column::words(reader.pick("可信度", "Confidence")),
        ],
    );
    for one in parameters.list() {
        let value = if one.unit == "0.001" {
            times(one.value)
        } else {
            format!("{} {}", one.value, one.unit)
        };
        table.row(vec![
            html! { code { (one.name) } },
            html! { (reader.text(&one.meaning)) },
            html! { (value) },
            html! { (source(reader, one.source)) },
            html! { (reader.text(&one.confidence.text())) },
        ]);
    }
    table.render()
}
