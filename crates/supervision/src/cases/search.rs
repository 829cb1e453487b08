//! Full text search over the cases within one's jurisdiction.

use super::filter::Wanted as Filter;
use super::list::plain;
use super::people::People;
use crate::engine::{engine, refused};
use authority::Action;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use cases::{CaseError, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    words: String,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let words = wanted.words.trim();
    if let Some(address) = number(&state, &signed_in, words).await? {
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response());
    }
    let answer = if words.is_empty() {
        components::empty(
            reader.pick("输入关键词", "Type some words"),
            reader.pick(
                "在您管辖范围内的标题、内容、批注中查找;输入编号直接打开。",
                "Titles, texts and remarks within your reach are searched; a number opens its case.",
            ),
        )
    } else {
        found(&state, &reader, &signed_in, words, &filter).await?
    };
    let content = html! { (form(&reader, words)) (answer) };
    Ok(Page::new(reader.pick("检索事项", "Search cases"))
        .under("/cases", reader.pick("事项", "Cases"))
        .render(&state, &reader, content)
        .into_response())
}

/// The address of the case that has these words for its number, where there is one for them.
async fn number(
    state: &AppState,
    signed_in: &SignedIn,
    words: &str,
) -> Result<Option<String>, Problem> {
    let is_number = words.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !is_number || !words.contains('-') {
        return Ok(None);
    }
    let engine = engine(state)?;
    let found = match engine.find(&words.to_ascii_uppercase()).await {
        Ok(id) => {
            let viewer = Viewer::Person(signed_in.principal());
            engine.case(&viewer, id, state.now()).await
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(view) => Ok(Some(format!("/cases/{}", view.case.id.0))),
        Err(CaseError::Unknown) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

fn form(reader: &Reader, words: &str) -> Markup {
    html! {
        form class="filters" method="get" action="/cases/search" role="search" {
            label {
                (reader.pick("关键词或编号", "Words or a number"))
                input type="search" name="words" value=(words) required maxlength="100";
            }
            button type="submit" { (reader.pick("检索", "Search")) }
        }
    }
}

async fn found(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    words: &str,
    filter: &Filter,
) -> Result<Markup, Problem> {
    let engine = engine(state)?;
    let found = engine.search(signed_in.principal(), words, &filter.filter()?, state.now()).await;
    let found = match found {
        Err(CaseError::Input(text)) => {
            return Ok(components::notice("warning", html! { (reader.text(&text)) }));
        }
        other => other.map_err(refused)?,
    };
    if found.rows.is_empty() {
        return Ok(components::empty(
            reader.pick("没有找到", "Nothing was found"),
            reader.pick("换个说法,或减少关键词。", "Try other words, or fewer."),
        ));
    }
    let people = People::read(state).await?;
    let caption = reader.pick("含有全部关键词的事项", "Cases that hold all of the words");
    let next = found.next.map(|next| next.to_string());
    Ok(html! {
        (plain(state, reader, &people, caption, &found.rows))
        (components::pages(reader, next.as_deref()))
    })
}
