//! The form with which an enterprise marks a stretch of its data.

use super::super::{access, form};
use super::{PATH, clocks};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use registry::{MonitoringPoint, PointId, Snapshot};
use rulebook::beijing_offset;
use serde::Deserialize;
use validity::{MarkEffect, OTHER_FACILITY, facilities, mark_due, mark_hint, mark_kinds};
use web::{AppState, Page, Problem, Reader, SignedIn, components, local_minute};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    outlet: Option<String>,
    factor: Option<String>,
    from: Option<String>,
    to: Option<String>,
    kind: Option<String>,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let own = access::own(signed_in.principal(), &snapshot);
    if own.is_empty() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "marks.enterprise_only",
            "数据由排污单位自行标记；监管人员请在标记列表中审核",
            "an enterprise marks its own data; officers decide in the list of marks",
        ));
    }
    let content = html! {
        p {
            (reader.pick(
                "标记说明某段数据的情况。逾期标记须经审核采纳才生效；不标记视为对数据有效性无异议。\
                 虚假标记将依法处理。",
                "A mark says what was the matter with a stretch of data. A late one takes effect \
                 only when the bureau accepts it; what is not marked stands. False marks are \
                 punished."))
        }
        (entry_form(&state, &snapshot, &reader, &own, &asked))
        (clocks(&state, &reader))
    };
    let title = reader.pick("标记一段数据", "Mark a stretch of data");
    let page = Page::new(title).under(PATH, reader.pick("数据标记", "Data marks"));
    Ok(page.render(&state, &reader, content))
}

/// The hour that has ended last.
fn last_hour(now: Timestamp) -> Timestamp {
    let second = now.as_second().div_euclid(3600) * 3600;
    Timestamp::from_second(second).unwrap_or(now)
}

fn entry_form(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    own: &[&MonitoringPoint],
    asked: &Asked,
) -> Markup {
    let end = last_hour(state.now());
    let begin = end.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(end);
    let given = |text: &Option<String>, otherwise: Timestamp| {
        let at = text.as_deref().and_then(form::time);
        form::field(at.unwrap_or(otherwise))
    };
    let (from, to) = (given(&asked.from, begin), given(&asked.to, end));
    let due = mark_due(form::time(&to).unwrap_or(end));
    html! {
        form class="card narrow stack" method="post" action=(PATH) enctype="multipart/form-data" {
            label {
                (reader.pick("排放口", "Outlet"))
                select name="outlet" required {
                    @for point in own {
                        option value=(point.code)
                            selected[asked.outlet.as_deref() == Some(&point.code)] {
                            (reader.text(&crate::words::point(snapshot, point)))
                            " · " (number(point))
                        }
                    }
                }
            }
            label {
                (reader.pick("因子", "Factor"))
                select name="factor" {
                    option value="" { (reader.pick("全部因子", "all factors")) }
                    @for (code, name) in factors(snapshot, own) {
                        option value=(code) selected[asked.factor.as_deref() == Some(&*code)] {
                            (reader.name(&name))
                        }
                    }
                }
            }
            label {
                (reader.pick("开始（含）", "From, counted"))
                input type="datetime-local" name="from" required value=(from);
            }
            label {
                (reader.pick("结束（不含）", "Until, not counted"))
                input type="datetime-local" name="to" required value=(to);
            }
            p class="hint" {
                (reader.pick("按上面的结束时间，标记时限为 ", "For this end the mark is due by "))
                (local_minute(due)) (reader.pick("（北京时间）。", " (Beijing)."))
            }
            (kinds(state, reader, asked))
            label {
                (reader.pick("理由", "Reason"))
                textarea name="reason" rows="4" required minlength="4" maxlength="1000"
                    placeholder=(reader.pick("发生了什么、何时发现、如何处理",
                        "what happened, when it was noticed, what was done")) {}
            }
            label {
                (reader.pick("凭证（照片、运维记录、PDF）", "Proof: photograph, record, PDF"))
                input type="file" name="file"
                    accept="image/jpeg,image/png,image/webp,application/pdf,.xlsx,.docx,.txt";
            }
            button type="submit" { (reader.pick("提交标记", "Make the mark")) }
        }
    }
}

fn number(point: &MonitoringPoint) -> &str {
    point.code.rsplit('/').next().unwrap_or(&point.code)
}

/// The factors that these outlets report, each once.
fn factors(snapshot: &Snapshot, own: &[&MonitoringPoint]) -> Vec<(String, registry::Name)> {
    let mut all: Vec<(String, registry::Name)> = Vec::new();
    let of = |point: PointId| snapshot.devices_of(point).flat_map(|device| device.factors.iter());
    for id in own.iter().flat_map(|point| of(point.id)) {
        let Some(factor) = snapshot.factor(*id) else { continue };
        if all.iter().all(|(code, _)| *code != factor.code) {
            all.push((factor.code.clone(), factor.name.clone()));
        }
    }
    all
}

fn kinds(state: &AppState, reader: &Reader, asked: &Asked) -> Markup {
    let day = beijing_offset().to_datetime(state.now()).date();
    html! {
        label {
            (reader.pick("标记种类", "Kind"))
            select name="kind" required {
                option value="" { (reader.pick("请选择", "choose")) }
                @for kind in mark_kinds(day) {
                    option value=(kind.kind) selected[asked.kind.as_deref() == Some(&kind.kind)] {
                        (reader.pick(&kind.zh, &kind.en))
                        @if kind.effect == MarkEffect::Exempt && kind.phase != "fault" {
                            (reader.pick("（须选设施）", " (name the facility)"))
                        }
                    }
                }
            }
        }
        details class="folded" {
            summary { (reader.pick("各种标记的作用", "What each kind does")) }
            ul {
                @for kind in mark_kinds(day) {
                    li {
                        strong { (reader.pick(&kind.zh, &kind.en)) } ": "
                        (reader.text(&mark_hint(&kind.kind, day)))
                    }
                }
            }
        }
        label {
            (reader.pick("启停的设施（仅启停标记需要）", "Facility, for starts and stops only"))
            select name="facility" {
                option value="" { (reader.pick("不涉及", "none")) }
                @for (word, name) in facilities(day) {
                    option value=(word) { (reader.text(&name)) }
                }
                option value=(OTHER_FACILITY) {
                    (reader.pick("其他设施（无可引用的时限）", "another one, without an allowance"))
                }
            }
        }
        (components::notice("note", html! {
            p {
                (reader.pick(
                    "停运期间不要标记“设备故障”。启停豁免只在表列时限内有效，排放量照常计算。",
                    "Do not mark an instrument fault while the source stands. Starts and stops \
                     are exempted within the hours listed only; the amount counts all the same."))
            }
        }))
    }
}
