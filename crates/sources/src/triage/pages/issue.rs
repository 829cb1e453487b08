//! The order before it is made: everything is filled in, one press confirms it.

use super::super::access::Officer;
use super::super::clocks::{Times, UnitClass};
use super::super::{order, queries, shown};
use super::DESK;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let finding = queries::one(&state, &snapshot, &officer, id).await?;
    officer.may_order(&snapshot, &finding)?;
    order::engine(&state)?;
    let orders = order::current(&state, &finding).await?;
    if let Some(running) = orders.iter().find(|order| order.ended_at.is_none()) {
        let path = format!("/cases/{}", running.case.0);
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response());
    }
    let filled = order::filled(&state, &finding).await?;
    let times = Times::of(&state);
    let (_, unit) = order::enterprise_of(&snapshot, &finding).ok_or_else(|| {
        Problem::not_found("此线索没有所属单位", "the finding has no unit on file")
    })?;
    let division = snapshot.point(finding.point).and_then(|it| snapshot.division(&it.division));
    let facts = vec![
        (
            reader.pick("送达企业", "To the enterprise").to_owned(),
            html! { (reader.name(&unit.name)) },
        ),
        (
            reader.pick("送达县区", "To the county").to_owned(),
            html! { @match division { Some(it) => { (reader.name(&it.name)) } None => { "—" } } },
        ),
        (
            reader.pick("问题", "What").to_owned(),
            html! { (shown::what(&snapshot, &reader, &finding)) },
        ),
    ];
    let content = html! {
        (components::definition_list(&facts))
        form class="card order-form" method="post" action={ "/triage/" (id) "/order" } {
            (class(&reader, &filled, &times))
            label {
                (reader.pick("企业反馈期限", "Answer by"))
                input type="date" name="answer_by" value=(filled.answer_by) required;
            }
            label {
                (reader.pick("督办要求", "What is asked"))
                textarea name="demand" rows="4" maxlength="2000" required { (filled.demand) }
            }
            button type="submit" { (reader.pick("确认下达", "Confirm the order")) }
        }
        p class="hint" {
            (reader.pick("确认后企业和县区立即在站内收到;督办不是处罚,结论由他人审核。",
                "The enterprise and the county have it at once. An order is no penalty; another \
                 person accepts what comes of it."))
        }
    };
    let title = format!("{} #{id}", reader.pick("下达督办单", "Make an order"));
    let page = Page::new(title)
        .under(DESK, reader.pick("值班台", "Duty desk"))
        .under(format!("/triage/{id}"), format!("#{id}"));
    Ok(page.render(&state, &reader, content).into_response())
}

fn class(reader: &Reader, filled: &order::Filled, times: &Times) -> Markup {
    let source = times.length(filled.class).map(|(_, source)| source);
    html! {
        label {
            (reader.pick("单位类别与现场核查时限", "Class of the unit, and time for the check"))
            select name="unit_class" {
                @for class in UnitClass::ALL {
                    option value=(class.as_str()) selected[class == filled.class] {
                        (reader.text(&class.text()))
                        @if let Some((length, _)) = times.length(class) {
                            " · " (length.as_hours()) " " (reader.pick("小时", "h"))
                        }
                    }
                }
            }
        }
        p class="hint" {
            (reader.text(&filled.why))
            @if let Some(source) = source { " · " (source) }
        }
    }
}
