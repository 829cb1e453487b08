//! Who reported: shown after a reason was given, each look written into the audit.

use super::changes::by;
use super::fields::required;
use super::one::find;
use crate::engine::{engine, refused};
use crate::form::Entered;
use authority::Action;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cases::{CaseError, CaseId, CaseView, PersonalData, Reporter, Viewer};
use maud::{Markup, html};
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

/// Reasons that are often true; the reader may write another.
const REASONS: [(&str, &str); 4] = [
    ("联系反映人核实情况", "to ask the reporter about the facts"),
    ("告知受理或办理结果", "to tell the reporter the result"),
    ("判断是否重复反映", "to see whether it is the same reporter"),
    ("核发举报奖励", "to pay a reward"),
];

async fn opened(
    state: &AppState,
    signed_in: &SignedIn,
    id: &str,
) -> Result<(CaseId, CaseView), Problem> {
    signed_in.scope(Action::ReadPersonalData)?;
    let engine = engine(state)?;
    let id = find(&engine, id).await?;
    let viewer = Viewer::Person(signed_in.principal());
    let view = engine.case(&viewer, id, state.now()).await.map_err(refused)?;
    signed_in.allowed(Action::ReadPersonalData, &view.case.subject())?;
    Ok((id, view))
}

pub(super) async fn form(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Markup, Problem> {
    let (_, view) = opened(&state, &signed_in, &id).await?;
    Ok(page(&state, &reader, &view, asked(&reader, None)))
}

pub(super) async fn reveal(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let (id, view) = opened(&state, &signed_in, &id).await?;
    let reason = entered.some("other").unwrap_or_else(|| entered.text("reason"));
    let found = engine(&state)?.reporter(&by(&signed_in), id, reason, state.now()).await;
    match found {
        Ok(data) => {
            let content = shown(&reader, &view, &data, reason);
            Ok(page(&state, &reader, &view, content).into_response())
        }
        Err(CaseError::Input(text)) => {
            let content = asked(&reader, Some(reader.text(&text)));
            let page = page(&state, &reader, &view, content);
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(error) => Err(refused(error)),
    }
}

fn page(state: &AppState, reader: &Reader, view: &CaseView, content: Markup) -> Markup {
    Page::new(reader.pick("反映人信息", "The reporter"))
        .under("/cases", reader.pick("事项", "Cases"))
        .under(format!("/cases/{}", view.case.id.0), view.case.number.clone())
        .render(state, reader, content)
}

fn asked(reader: &Reader, wrong: Option<&str>) -> Markup {
    html! {
        form class="card narrow stack" method="post" {
            @if let Some(wrong) = wrong {
                (components::notice("error", html! { (wrong) }))
            }
            p {
                (reader.pick("查看前请说明用途。您的姓名、时间、地址和理由会写入审计记录。",
                    "Say what for. Your name, the time, your address and the reason go into the \
                     audit."))
            }
            label {
                (reader.pick("理由", "Reason")) (required(reader))
                select name="reason" {
                    @for (zh, en) in REASONS {
                        @let words = reader.pick(zh, en);
                        option value=(words) { (words) }
                    }
                }
            }
            label {
                (reader.pick("其他理由", "Another reason"))
                input name="other" maxlength="200";
            }
            button type="submit" { (reader.pick("查看", "Look")) }
        }
    }
}

fn shown(reader: &Reader, view: &CaseView, data: &PersonalData, reason: &str) -> Markup {
    let field = |id: &str| -> String {
        view.kind.field(id).map_or(id, |field| reader.text(&field.name)).to_owned()
    };
    html! {
        (components::notice("warning", html! {
            (reader.pick("本次查看已写入审计记录,理由:", "This look is in the audit, for: "))
            (reason)
        }))
        (components::section("reporter", reader.pick("反映人", "The reporter"),
            reporter(reader, &data.reporter)))
        @if !data.fields.is_empty() {
            @let pairs: Vec<_> = data.fields.iter()
                .map(|(id, value)| (field(id), html! { (value) }))
                .collect();
            (components::section("fields", reader.pick("其他个人信息", "More personal data"),
                components::definition_list(&pairs)))
        }
        @if !data.merged.is_empty() {
            (components::section("merged", reader.pick("并入事项的反映人", "Of the merged cases"),
                html! {
                    @for (number, one) in &data.merged {
                        h3 class="case-number" { (number) }
                        (reporter(reader, one))
                    }
                }))
        }
    }
}

fn reporter(reader: &Reader, one: &Reporter) -> Markup {
    if one.is_empty() {
        return html! {
            p class="muted" { (reader.pick("匿名反映,没有留下信息。", "Anonymous: nothing is known.")) }
        };
    }
    let parts = [
        ("姓名", "Name", &one.name),
        ("电话", "Phone", &one.phone),
        ("电子邮箱", "E-mail", &one.email),
        ("地址", "Address", &one.address),
    ];
    let known = parts.into_iter().filter(|(_, _, value)| !value.is_empty());
    let pairs: Vec<_> =
        known.map(|(zh, en, value)| (reader.pick(zh, en).to_owned(), html! { (value) })).collect();
    components::definition_list(&pairs)
}
