//! The list of users, and one with the roles granted to them.

use authority::{Action, Jurisdiction, Organisation, OrganisationId, Role, Subject, User, UserId};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use maud::{Markup, html};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/users", get(all)).route("/users/{id}", get(one))
}

/// Lets administrators in and gives who acts.
pub(super) fn manager(signed_in: &SignedIn) -> Result<authority::Actor, Problem> {
    signed_in.allowed(Action::ManageUsers, &Subject::installation())
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    manager(&signed_in)?;
    let users = state.authority.users().await?;
    let organisations = state.authority.organisations().await?;
    let mut table = Table::new(
        reader.pick("全部用户", "Every user"),
        vec![
            Column::words(reader.pick("登录名", "Login")),
            Column::words(reader.pick("姓名", "Name")),
            Column::words(reader.pick("单位", "Organisation")),
            Column::words(reader.pick("角色", "Roles")),
            Column::words(reader.pick("状态", "State")),
        ],
    );
    for (user, grants) in &users {
        table.row(vec![
            html! { a href={ "/users/" (user.id.0) } { (user.login) } },
            html! { (user.name) },
            html! { (organisation_name(&reader, &organisations, user.organisation)) },
            html! {
                @for (index, (role, place)) in grants.iter().enumerate() {
                    @if index > 0 { ", " }
                    (role_name(&reader, *role)) " "
                    span class="muted" { (place_name(&state, &reader, &organisations, place)) }
                }
                @if grants.is_empty() { "—" }
            },
            status(&reader, user),
        ]);
    }
    let content = html! {
        p { a href="/users/organisations" { (reader.pick("组织机构", "Organisations")) } }
        (table.render())
        (components::section("add", reader.pick("新增用户", "Add a user"),
            add_form(&reader, &organisations)))
    };
    Ok(Page::new(reader.pick("用户", "Users")).render(&state, &reader, content))
}

fn add_form(reader: &Reader, organisations: &[Organisation]) -> Markup {
    html! {
        form class="filters" method="post" action="/users" {
            label {
                (reader.pick("登录名", "Login"))
                input name="login" required minlength="2" maxlength="40" pattern="[a-z0-9._\\-]+"
                    autocapitalize="none" spellcheck="false";
            }
            label { (reader.pick("姓名", "Name")) input name="name" required maxlength="80"; }
            label {
                (reader.pick("单位", "Organisation"))
                (organisation_select(reader, organisations, reader.pick("无", "none")))
            }
            button type="submit" { (reader.pick("新增并生成链接", "Add and make a link")) }
        }
        p class="hint" {
            (reader.pick("不设初始密码:新用户用一次性链接自己设置密码,再授予角色。",
                "There is no first password: a new user chooses one by a one-time link; then grant \
                 roles."))
        }
    }
}

pub(super) fn organisation_select(
    reader: &Reader,
    organisations: &[Organisation],
    none: &str,
) -> Markup {
    html! {
        select name="organisation" {
            option value="" { (none) }
            @for one in organisations {
                option value=(one.id.0) {
                    (organisation_name(reader, organisations, Some(one.id)))
                }
            }
        }
    }
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    manager(&signed_in)?;
    user_page(&state, &reader, UserId(id), None).await
}

/// The page of a user; with the secret of a link that was made just now.
pub(super) async fn user_page(
    state: &AppState,
    reader: &Reader,
    id: UserId,
    link: Option<&str>,
) -> Result<Markup, Problem> {
    let users = state.authority.users().await?;
    let found = users.into_iter().find(|(user, _)| user.id == id);
    let Some((user, grants)) = found else {
        return Err(Problem::not_found("没有这个用户", "there is no such user"));
    };
    let organisations = state.authority.organisations().await?;
    let content = html! {
        @if let Some(link) = link { (link_notice(state, reader, link)) }
        (facts(reader, &organisations, &user))
        (components::section("roles", reader.pick("角色与管辖范围", "Roles and jurisdiction"), html! {
            (grants_table(state, reader, &organisations, &user, &grants))
            (grant_form(state, reader, &organisations, &user))
        }))
        (components::section("account", reader.pick("账号", "Account"), account(reader, &user)))
        p { a href={ "/audit?subject=user+" (user.id.0) } {
            (reader.pick("与此用户有关的审计记录", "Audit records about this user"))
        } }
    };
    Ok(Page::new(user.name.clone())
        .under("/users", reader.pick("用户", "Users"))
        .render(state, reader, content))
}

/// A link is shown once: nobody, not even the store, can show it again.
fn link_notice(state: &AppState, reader: &Reader, link: &str) -> Markup {
    let at = state.door().public_address.trim_end_matches('/').to_owned();
    let address = format!("{at}/sign-in/link?token={link}");
    components::notice(
        "warning",
        html! {
            p { (reader.pick("一次性链接,24 小时内有效,仅显示这一次;请经可靠渠道交给本人:",
                "A one-time link for 24 hours, shown this once; hand it to the person safely:")) }
            p { code id="link" { (address) } }
        },
    )
}

fn facts(reader: &Reader, organisations: &[Organisation], user: &User) -> Markup {
    let second = if user.has_second_factor {
        reader.pick("已启用", "on")
    } else {
        reader.pick("未启用", "off")
    };
    let organisation = organisation_name(reader, organisations, user.organisation);
    components::definition_list(&[
        (reader.pick("登录名", "Login").to_owned(), html! { code { (user.login) } }),
        (reader.pick("单位", "Organisation").to_owned(), html! { (organisation) }),
        (reader.pick("状态", "State").to_owned(), status(reader, user)),
        (reader.pick("第二步验证", "Second factor").to_owned(), html! { (second) }),
        (reader.pick("创建于", "Since").to_owned(), components::moment(user.created_at)),
    ])
}

fn grants_table(
    state: &AppState,
    reader: &Reader,
    organisations: &[Organisation],
    user: &User,
    grants: &[(Role, Jurisdiction)],
) -> Markup {
    let mut table = Table::new(
        reader.pick("已授予", "Granted"),
        vec![
            Column::words(reader.pick("角色", "Role")),
            Column::words(reader.pick("范围", "Where")),
            Column::words(reader.pick("操作", "Actions")),
            Column::words(""),
        ],
    );
    for (role, place) in grants {
        let (kind, code) = place.parts();
        table.row(vec![
            html! { (role_name(reader, *role)) },
            html! { (place_name(state, reader, organisations, place)) },
            html! { (action_names(reader, role.actions())) },
            html! {
                form method="post" action={ "/users/" (user.id.0) "/revoke" } {
                    input type="hidden" name="role" value=(role.as_str());
                    input type="hidden" name="kind" value=(kind);
                    input type="hidden" name="code" value=(code);
                    button type="submit" { (reader.pick("收回", "Take back")) }
                }
            },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("还没有角色", "No role yet"),
            reader
                .pick("没有角色的用户只能看公开内容。", "Without one a user sees what is public."),
        );
    }
    table.render()
}

fn grant_form(
    state: &AppState,
    reader: &Reader,
    organisations: &[Organisation],
    user: &User,
) -> Markup {
    let snapshot = state.snapshot();
    html! {
        form class="filters" method="post" action={ "/users/" (user.id.0) "/grant" } {
            label {
                (reader.pick("角色", "Role"))
                select name="role" {
                    @for role in Role::ALL {
                        option value=(role.as_str()) { (role_name(reader, role)) }
                    }
                }
            }
            label {
                (reader.pick("范围", "Where"))
                select name="place" {
                    option value="everything:" { (reader.pick("全部", "everything")) }
                    optgroup label=(reader.pick("区划及其下级", "a division and below")) {
                        @for row in &snapshot.divisions {
                            @if row.valid_to.is_none() {
                                option value={ "division:" (row.code) } { (reader.name(&row.name)) }
                            }
                        }
                    }
                    optgroup label=(reader.pick("单位及其下级", "an organisation and below")) {
                        @for one in organisations {
                            option value={ "organisation:" (one.id.0) } {
                                (reader.pick(&one.name_zh, &one.name_en))
                            }
                        }
                    }
                    optgroup label=(reader.pick("企业", "an enterprise")) {
                        @for one in snapshot.enterprises() {
                            option value={ "enterprise:" (one.code) } { (reader.name(&one.name)) }
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("授予", "Grant")) }
        }
    }
}

fn account(reader: &Reader, user: &User) -> Markup {
    let is_disabled = user.disabled_at.is_some();
    let (path, words) = if is_disabled {
        ("enable", reader.pick("恢复账号", "Enable"))
    } else {
        ("disable", reader.pick("停用账号", "Disable"))
    };
    html! {
        div class="row" {
            form method="post" action={ "/users/" (user.id.0) "/reset" } {
                button type="submit" { (reader.pick("重置并生成链接", "Reset and make a link")) }
            }
            form method="post" action={ "/users/" (user.id.0) "/" (path) } {
                button type="submit" { (words) }
            }
        }
        p class="hint" {
            (reader.pick("重置会清除密码、第二步验证和所有登录;停用会立即结束所有登录,令牌随之失效。",
                "A reset clears password, second factor and sessions; disabling ends sessions at \
                 once, and tokens with them."))
        }
    }
}

fn status(reader: &Reader, user: &User) -> Markup {
    match (user.disabled_at, user.has_password) {
        (Some(_), _) => components::status_badge("quiet", reader.pick("已停用", "disabled")),
        (None, true) => components::status_badge("good", reader.pick("正常", "active")),
        (None, false) => {
            components::status_badge("warning", reader.pick("待设密码", "no password yet"))
        }
    }
}

pub(crate) fn role_name(reader: &Reader, role: Role) -> &'static str {
    let (zh, en) = role.names();
    if reader.language == web::Language::Chinese { zh } else { en }
}

pub(crate) fn action_names(reader: &Reader, actions: &[Action]) -> String {
    let is_chinese = reader.language == web::Language::Chinese;
    let name = |action: &Action| if is_chinese { action.names().0 } else { action.names().1 };
    actions.iter().map(name).collect::<Vec<_>>().join(if is_chinese { "、" } else { ", " })
}

pub(crate) fn organisation_name(
    reader: &Reader,
    organisations: &[Organisation],
    id: Option<OrganisationId>,
) -> String {
    let found = id.and_then(|id| organisations.iter().find(|one| one.id == id));
    let name = |one: &Organisation| match one.name_en.as_str() {
        "" => one.name_zh.clone(),
        en => reader.pick(&one.name_zh, en).to_owned(),
    };
    found.map_or_else(|| "—".to_owned(), name)
}

pub(crate) fn place_name(
    state: &AppState,
    reader: &Reader,
    organisations: &[Organisation],
    place: &Jurisdiction,
) -> String {
    let snapshot = state.snapshot();
    match place {
        Jurisdiction::Everything => reader.pick("全部", "everything").to_owned(),
        Jurisdiction::Division(code) => snapshot
            .division(code)
            .map_or_else(|| code.clone(), |row| reader.name(&row.name).to_owned()),
        Jurisdiction::Organisation(id) => organisation_name(reader, organisations, Some(*id)),
        Jurisdiction::Enterprise(code) => snapshot
            .enterprise_by_code(code)
            .map_or_else(|| code.clone(), |one| reader.name(&one.name).to_owned()),
    }
}
