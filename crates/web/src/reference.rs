//! The open interface described for people, made from the description for programs.

use crate::{AppState, Page, Reader, components};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;

/// The description in OpenAPI 3.1.
#[derive(Clone)]
pub(crate) struct Description(pub(crate) Arc<Value>);

pub(crate) fn json(description: &Description) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], description.0.to_string()).into_response()
}

pub(crate) fn page(
    State(state): &State<AppState>,
    reader: &Reader,
    description: &Description,
) -> Markup {
    let empty = serde_json::Map::new();
    let paths = description.0["paths"].as_object().unwrap_or(&empty);
    let content = html! {
        p {
            (reader.pick("机器可读的说明:", "For programs: "))
            a href="/api/v1/openapi.json" { "/api/v1/openapi.json" } " (OpenAPI 3.1)"
        }
        p {
            (reader.pick(
                "错误以 RFC 9457 problem details 返回;列表以 after 游标翻页;数据可按 Accept: text/csv 取 CSV;支持 ETag。",
                "Errors are problem details (RFC 9457); lists are paged by the cursor `after`; data come \
                 as CSV for Accept: text/csv; answers carry an ETag."))
        }
        @for (path, methods) in paths {
            @for (method, operation) in methods.as_object().into_iter().flatten() {
                (operation_block(reader, path, method, operation))
            }
        }
    };
    Page::new(reader.pick("开放接口", "Open interface")).render(state, reader, content)
}

fn operation_block(reader: &Reader, path: &str, method: &str, operation: &Value) -> Markup {
    let id = operation["operationId"].as_str().unwrap_or(path);
    let mut parameters = components::Table::new(
        reader.pick("参数", "Parameters"),
        vec![
            components::Column::words(reader.pick("名称", "Name")),
            components::Column::words(reader.pick("位置", "In")),
            components::Column::words(reader.pick("说明", "Meaning")),
        ],
    );
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let word = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
        parameters.row(vec![
            html! { code { (word("name")) } },
            html! { (word("in")) },
            html! { (word("description")) },
        ]);
    }
    let responses = operation["responses"].as_object();
    html! {
        section class="block" aria-labelledby=(id) {
            h2 id=(id) { code { (method.to_uppercase()) " " (path) } }
            p { (operation["summary"].as_str().unwrap_or_default()) }
            @if let Some(text) = operation["description"].as_str() {
                @if operation["summary"].as_str() != Some(text) { p { (text) } }
            }
            @if !parameters.is_empty() { (parameters.render()) }
            ul {
                @for (status, response) in responses.into_iter().flatten() {
                    li { code { (status) } " " (response["description"].as_str().unwrap_or_default()) }
                }
            }
        }
    }
}
