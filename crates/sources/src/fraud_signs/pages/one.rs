//! One sign: the picture that shows why, the numbers, what else it may be, what to do, and what
//! officers concluded.

use super::super::access::Officer;
use super::super::model::{Conclusion, StoredSign, Verdict};
use super::super::{plots, queries, words};
use super::{PATH, no_proof, numbers};
use crate::words as area;
use axum::extract::{Path, State};
use maud::{Markup, html};
use registry::Snapshot;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn, local_date};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let (sign, verdicts) = queries::one(&state, &snapshot, &officer, id).await?;
    let charts = plots::of(&state, &snapshot, &reader, &sign).await?;
    let may_conclude = officer.may_conclude(&snapshot, &sign).is_ok();
    let content = html! {
        (no_proof(&reader))
        (components::section("why", reader.pick("为什么", "Why"), html! {
            p { strong { (reader.text(&sign.evidence.sentence)) } }
            @for chart in &charts { (chart.render()) }
            @if charts.is_empty() {
                p class="hint" {
                    (reader.pick("这段时间的数据已不在库中,无法作图。",
                        "The values of that time are no longer there to be drawn."))
                }
            }
            (facts(&snapshot, &reader, &sign))
            (numbers(&reader, &sign))
        }))
        (components::section("else", reader.pick("还可能是什么", "What else it may be"),
            innocent(&reader, &sign)))
        (components::section("do", reader.pick("怎么核查", "What to do"), html! {
            p { (reader.text(&sign.detector.definition().advice)) }
        }))
        (components::section("verdict", reader.pick("核查结论", "Verdict"), html! {
            (history(&reader, &verdicts))
            @if may_conclude { (form(&reader, &sign)) }
        }))
        (components::section("definition", reader.pick("检测器定义", "The detector"),
            definition(&reader, &sign)))
    };
    let title = words::title(&snapshot, &reader, &sign);
    let page = Page::new(title).under(PATH, reader.pick("造假线索", "Signs of fraud"));
    Ok(page.render(&state, &reader, content))
}

fn facts(snapshot: &Snapshot, reader: &Reader, sign: &StoredSign) -> Markup {
    let place = |id: registry::PointId| {
        let name = words::outlet(snapshot, reader, id);
        let to = snapshot.point(id).map(area::path);
        html! { @if let Some(to) = to { a href=(to) { (name) } } @else { (name) } }
    };
    let mut facts = vec![
        (reader.pick("排放口", "Outlet").to_owned(), place(sign.point)),
        (reader.pick("时段", "When").to_owned(), html! { (words::span(sign.span)) }),
    ];
    if let Some(twin) = sign.twin {
        facts.push((
            reader.pick("雷同对象", "It resembles").to_owned(),
            html! {
                @if twin.point == sign.point {
                    (reader.pick("本排放口较早的一段", "an earlier stretch of this outlet"))
                } @else {
                    (place(twin.point))
                }
                " · " (words::span(twin.span))
            },
        ));
    }
    let score = queries::score(sign);
    facts.push((
        reader.pick("强度", "Strength").to_owned(),
        html! {
            (format!("{:.2}", sign.strength as f64 / 1000.0)) " "
            span class="muted" {
                (reader.pick("(1 为阈值;得分", "(1 is the threshold; score")) " "
                (words::score(score)) ")"
            }
        },
    ));
    facts.push((
        reader.pick("首次发现", "First found").to_owned(),
        html! {
            (components::moment(sign.first_found_at)) " · "
            (reader.pick("最近一次", "last")) " " (components::moment(sign.last_found_at))
        },
    ));
    if let Some(at) = sign.withdrawn_at {
        facts.push((
            reader.pick("已撤回", "Withdrawn").to_owned(),
            html! {
                (components::moment(at)) " · "
                (reader.pick("重新计算时不再成立(数据有更新)",
                    "no longer found when it was computed again: the values have changed"))
            },
        ));
    }
    components::definition_list(&facts)
}

fn innocent(reader: &Reader, sign: &StoredSign) -> Markup {
    html! {
        ul {
            @for cause in sign.detector.definition().innocent {
                li { (reader.text(cause)) }
            }
        }
    }
}

fn history(reader: &Reader, verdicts: &[Verdict]) -> Markup {
    html! {
        @if verdicts.is_empty() {
            p { (reader.pick("尚无结论。", "No verdict yet.")) }
        }
        ol class="timeline" {
            @for verdict in verdicts {
                li {
                    (components::moment(verdict.given_at)) " · "
                    strong { (reader.text(&verdict.conclusion.text())) } " · " (verdict.who)
                    @if let Some(day) = verdict.visited_on {
                        " · " (reader.pick("现场检查", "visited")) " " (day)
                    }
                    @if !verdict.note.is_empty() { br; (verdict.note) }
                }
            }
        }
    }
}

fn form(reader: &Reader, sign: &StoredSign) -> Markup {
    html! {
        form class="filters" method="post" action={ (PATH) "/" (sign.id) "/verdicts" } {
            label {
                (reader.pick("结论", "Conclusion"))
                select name="conclusion" required {
                    option value="" { (reader.pick("请选择", "choose")) }
                    @for conclusion in Conclusion::ALL {
                        option value=(conclusion.as_str()) { (reader.text(&conclusion.text())) }
                    }
                }
            }
            label {
                (reader.pick("现场检查日(可空)", "Day of the visit (may be empty)"))
                input type="date" name="visited_on" max=(local_date(sign.last_found_at));
            }
            label {
                (reader.pick("说明", "In your words"))
                input name="note" maxlength="1000" required;
            }
            button type="submit" { (reader.pick("记录结论", "Record the verdict")) }
        }
        p class="hint" {
            (reader.pick("结论连同姓名、时间写入审计记录,不可删改,可再作新结论;准确率由结论计算并公布。\
                 填写的检查日会用于“检查日下降”检测。",
                "A verdict is kept with your name and time and cannot be changed, only followed by \
                 another; the published precision is computed from verdicts. The day of the visit \
                 is used to look for drops on days of inspection."))
        }
    }
}

fn definition(reader: &Reader, sign: &StoredSign) -> Markup {
    let definition = sign.detector.definition();
    html! {
        p { (reader.text(&definition.looks_at)) }
        details class="folded" {
            summary { (reader.pick("计算方法", "How it is computed")) }
            p { (reader.text(&definition.formula)) }
            p class="muted" { (sign.edition) }
        }
        p {
            a href={ (PATH) "/detectors#" (sign.detector.as_str()) } {
                (reader.pick("全部定义、参数与准确率", "All definitions, parameters and precision"))
            }
        }
    }
}
