//! The page and what a phone keeps of it: the empty page, the worker, the manifest.

use super::tasks;
use crate::engine::engine;
use authority::Action;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde_json::{Value, json};
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn, addresses_of_every_page, built_part};

const MANIFEST: &str = "/patrol/manifest.webmanifest";
const WORKER: &str = "src/patrol/service-worker.ts";
/// The parts of the front end that the page needs without a network.
const PARTS: [&str; 3] = ["src/main.ts", "src/patrol/page.ts", "src/patrol/tasks_map.ts"];

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/patrol", get(page))
        .route("/patrol/page", get(empty_page))
        .route("/patrol/service-worker.js", get(worker))
        .route(MANIFEST, get(manifest))
}

fn frame(state: &AppState, reader: &Reader, inner: Markup) -> Markup {
    let content = html! { div id="patrol" data-island="patrol" { (inner) } };
    Page::new(reader.pick("巡查", "Patrol")).installable(MANIFEST).render(state, reader, content)
}

/// With scripts the page lives on the phone; without them it is the list.
async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::OpenCase)?;
    let cases = engine(&state)?;
    let principal = signed_in.principal();
    let user = principal.user.map_or(0, |user| user.0);
    let list = tasks::list(&cases, principal, user, state.now()).await?;
    let tasks = list["tasks"].as_array().cloned().unwrap_or_default();
    Ok(frame(&state, &reader, plain(&reader, &tasks)))
}

fn plain(reader: &Reader, tasks: &[Value]) -> Markup {
    if tasks.is_empty() {
        return components::empty(
            reader.pick("没有待办", "Nothing is to be done"),
            reader.pick("派给您的事项会显示在这里。", "What is given to you appears here."),
        );
    }
    let word = |task: &Value, name: &str| task[name].as_str().unwrap_or_default().to_owned();
    html! {
        ul class="patrol-tasks" {
            @for task in tasks {
                li class="card patrol-task" {
                    a href=(word(task, "path")) { strong { (word(task, "title")) } }
                    p class="muted" { (word(task, "number")) " · " (reader.json(&task["state"])) }
                    p { (word(task, "address")) }
                }
            }
        }
    }
}

/// The page without anybody's tasks: what a phone keeps.
async fn empty_page(State(state): State<AppState>, reader: Reader) -> Markup {
    let words = reader.pick("正在读取本机保存的任务……", "Reading the tasks kept on this phone…");
    frame(&state, &reader, html! { p class="muted" { (words) } })
}

/// The worker, with the list of what it keeps before it: a change of anything is a new worker.
async fn worker() -> Response {
    let Some(worker) = built_part(WORKER) else {
        return (StatusCode::NOT_FOUND, "the front end has not been built\n").into_response();
    };
    let mut addresses = addresses_of_every_page().to_vec();
    addresses.push(MANIFEST.to_owned());
    for part in PARTS.into_iter().filter_map(built_part) {
        addresses.extend(part.addresses);
    }
    addresses.sort();
    addresses.dedup();
    let version = addresses.iter().filter_map(|address| address.rsplit_once(['-', '=']));
    let version: Vec<&str> = version.map(|(_, end)| end).collect();
    let kept = json!({ "version": version.join("."), "addresses": addresses });
    let text = format!("self.LUCID_KEPT={kept};\n{}", worker.text);
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::HeaderName::from_static("service-worker-allowed"), "/patrol"),
    ];
    (headers, text).into_response()
}

/// How a phone shows the page when it is installed.
async fn manifest(State(state): State<AppState>, reader: Reader) -> Response {
    let city = state.snapshot().city.name.clone();
    let name = reader.pick("巡查", "Patrol");
    let body = json!({
        "id": "/patrol",
        "name": format!("{} · {name}", reader.name(&city)),
        "short_name": name,
        "lang": reader.pick("zh-CN", "en"),
        "start_url": "/patrol",
        "scope": "/patrol",
        "display": "standalone",
        "background_color": "#f3f7f7",
        "theme_color": "#0b4d5a",
        "icons": [
            { "src": "/assets/icon.svg", "sizes": "any", "type": "image/svg+xml" },
        ],
    });
    let kind = [(header::CONTENT_TYPE, "application/manifest+json")];
    (kind, body.to_string()).into_response()
}
