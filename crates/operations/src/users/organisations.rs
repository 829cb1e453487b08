//! The tree of organisations, and those outside it.

use super::changes::see;
use super::pages::{manager, organisation_select};
use authority::{NewOrganisation, Organisation, OrganisationId, OrganisationKind};
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::{Form, Router};
use maud::{Markup, html};
use serde::Deserialize;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/users/organisations", get(all).post(add))
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    manager(&signed_in)?;
    let organisations = state.authority.organisations().await?;
    let content = html! {
        @if organisations.is_empty() {
            (components::empty(reader.pick("还没有组织机构", "No organisation yet"),
                reader.pick("先添加市,再逐级向下。", "Add the city first, then downwards.")))
        } @else {
            (components::section("tree", reader.pick("组织机构", "Organisations"),
                below(&reader, &organisations, None)))
        }
        (components::section("add", reader.pick("新增", "Add"), form(&reader, &organisations)))
    };
    Ok(Page::new(reader.pick("组织机构", "Organisations"))
        .under("/users", reader.pick("用户", "Users"))
        .render(&state, &reader, content))
}

fn below(reader: &Reader, all: &[Organisation], parent: Option<OrganisationId>) -> Markup {
    let children: Vec<_> = all.iter().filter(|one| one.parent == parent).collect();
    html! {
        @if !children.is_empty() {
            ul {
                @for one in children {
                    li {
                        (super::pages::organisation_name(reader, all, Some(one.id))) " "
                        span class="muted" {
                            (reader.pick(one.kind.names().0, one.kind.names().1)) " "
                            code { (one.code) }
                        }
                        (below(reader, all, Some(one.id)))
                    }
                }
            }
        }
    }
}

fn form(reader: &Reader, organisations: &[Organisation]) -> Markup {
    html! {
        form class="filters" method="post" action="/users/organisations" {
            label {
                (reader.pick("类别", "Kind"))
                select name="kind" {
                    @for kind in OrganisationKind::ALL {
                        option value=(kind.as_str()) {
                            (reader.pick(kind.names().0, kind.names().1))
                        }
                    }
                }
            }
            label { (reader.pick("编码", "Code")) input name="code" required maxlength="40"; }
            label { (reader.pick("中文名称", "Name in Chinese")) input name="name_zh" required; }
            label { (reader.pick("英文名称", "Name in English")) input name="name_en"; }
            label {
                (reader.pick("上级", "Above"))
                (organisation_select(reader, organisations, reader.pick("无", "none")))
            }
            button type="submit" { (reader.pick("新增", "Add")) }
        }
    }
}

#[derive(Deserialize)]
struct Added {
    kind: String,
    code: String,
    name_zh: String,
    #[serde(default)]
    name_en: String,
    #[serde(default)]
    organisation: String,
}

async fn add(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(added): Form<Added>,
) -> Result<Response, Problem> {
    let actor = manager(&signed_in)?;
    let Some(kind) = OrganisationKind::parse(&added.kind) else {
        return Err(Problem::bad_request("没有这个类别", "there is no such kind"));
    };
    let new = NewOrganisation {
        parent: added.organisation.parse().ok().map(OrganisationId),
        kind,
        code: added.code.trim().to_owned(),
        name_zh: added.name_zh.trim().to_owned(),
        name_en: added.name_en.trim().to_owned(),
    };
    let done = state.authority.add_organisation(&actor, &new, state.now()).await;
    done.map_err(Problem::of_people)?;
    Ok(see("/users/organisations".to_owned()))
}
