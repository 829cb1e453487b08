//! What each detector publishes about itself, with its parameters and how often it was right. For
//! everybody: whoever is pointed at may ask by what.

use super::super::model::{Conclusion, Record};
use super::super::{queries, words};
use axum::extract::State;
use detectors::Detector;
use maud::{Markup, html};
use rulebook::beijing_offset;
use std::collections::BTreeMap;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader};

pub(super) async fn page(State(state): State<AppState>, reader: Reader) -> Result<Markup, Problem> {
    let records = queries::records(&state).await?;
    let today = beijing_offset().to_datetime(state.now()).date();
    let content = html! {
        p {
            (reader.pick("检测器从历史数据中找出值得先去看的地方。线索不是证据,不作为处罚依据。\
                 定义、参数与准确率一并公布。",
                "Detectors look through the history for places worth a look. A sign is no proof and \
                 no ground for a penalty. Definitions, parameters and precision are published."))
        }
        (components::section("precision", reader.pick("核查结论与准确率", "Verdicts and precision"),
            precision(&reader, &records)))
        @for detector in Detector::ALL { (one(&reader, detector, today)) }
    };
    let title = reader.pick("造假线索的检测器", "The detectors of signs of fraud");
    Ok(Page::new(title).render(&state, &reader, content))
}

fn precision(reader: &Reader, records: &BTreeMap<Detector, Record>) -> Markup {
    let mut columns = vec![
        Column::words(reader.pick("检测器", "Detector")),
        Column::numbers(reader.pick("已核查", "Judged")),
    ];
    for conclusion in Conclusion::ALL {
        let words = match conclusion {
            Conclusion::Real => reader.pick("属实", "Real"),
            Conclusion::Device => reader.pick("设备原因", "Device"),
            Conclusion::Process => reader.pick("工况原因", "Process"),
            Conclusion::NotReal => reader.pick("不属实", "Not real"),
        };
        columns.push(Column::numbers(words));
    }
    columns.push(Column::numbers(reader.pick("属实率", "Precision")));
    let title = reader.pick("各检测器的核查结论", "How the signs of each detector were judged");
    let mut table = Table::new(title, columns);
    for detector in Detector::ALL {
        let record = records.get(&detector).copied().unwrap_or_default();
        let mut cells = vec![
            html! { a href={ "#" (detector.as_str()) } { (reader.text(words::detector(detector))) } },
            html! { (record.judged()) },
        ];
        cells.extend(record.counts.iter().map(|count| html! { (count) }));
        let precision = record.precision().map(|share| format!("{share:.0} %"));
        cells.push(html! { (precision.as_deref().unwrap_or("—")) });
        table.row(cells);
    }
    html! {
        (table.render())
        p class="hint" {
            (reader.pick("属实率 = 属实 ÷ 已核查,按每条线索的最新结论计算;未核查的不计。",
                "Precision = real over judged, by the newest verdict on each sign; open ones do not \
                 count."))
        }
    }
}

fn one(reader: &Reader, detector: Detector, today: jiff::civil::Date) -> Markup {
    let definition = detector.definition();
    let mut table = Table::new(
        reader.pick("参数", "Parameters"),
        vec![
            Column::words(reader.pick("含义", "Meaning")),
            Column::numbers(reader.pick("数值", "Value")),
            Column::words(reader.pick("名称", "Name")),
            Column::words(reader.pick("可信度", "Confidence")),
        ],
    );
    for parameter in detector.parameters(today) {
        table.row(vec![
            html! { (reader.text(&parameter.meaning)) },
            html! { (parameter.value) " " (parameter.unit) },
            html! { code { (parameter.name) } },
            html! { (reader.text(&parameter.confidence.text())) " · " (parameter.source) },
        ]);
    }
    components::section(
        detector.as_str(),
        reader.text(&definition.name),
        html! {
            p { (reader.text(&definition.looks_at)) }
            p { strong { (reader.pick("计算:", "Computed: ")) } (reader.text(&definition.formula)) }
            p { strong { (reader.pick("可能的正常原因:", "It may also be:")) } }
            ul {
                @for cause in definition.innocent { li { (reader.text(cause)) } }
            }
            p { strong { (reader.pick("核查:", "To do: ")) } (reader.text(&definition.advice)) }
            details class="folded" {
                summary { (reader.pick("参数", "Parameters")) }
                (table.render())
            }
        },
    )
}
