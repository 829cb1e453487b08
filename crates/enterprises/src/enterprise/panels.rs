//! What the slices show of an enterprise, and what nobody shows yet.

use authority::Principal;
use maud::html;
use registry::EnterpriseId;
use std::sync::Arc;
use web::components::{self, Column, Table};
use web::{AppState, Panel, Problem, Reader};

/// The panels of all slices in their order; one that fails says so in its place.
pub(super) async fn all(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Arc<Principal>>,
) -> Vec<Panel> {
    let mut panels = Vec::new();
    for slice in state.slices() {
        let Some(make) = slice.enterprise else { continue };
        match make(state.clone(), reader.clone(), enterprise, principal.cloned()).await {
            Ok(Some(panel)) => panels.push(panel),
            Ok(None) => {}
            Err(problem) => panels.push(broken(reader, slice.name, &problem)),
        }
    }
    match documents(state, reader, enterprise).await {
        Ok(panel) => panels.extend(panel),
        Err(problem) => panels.push(broken(reader, "documents", &problem)),
    }
    panels.sort_by_key(|panel| panel.order);
    panels
}

/// The panels whose place lies between two, for somebody who has signed in.
pub(crate) async fn between(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: &Arc<Principal>,
    places: std::ops::Range<u16>,
) -> Vec<Panel> {
    let all = all(state, reader, enterprise, Some(principal)).await;
    all.into_iter().filter(|panel| places.contains(&panel.order)).collect()
}

fn broken(reader: &Reader, slice: &'static str, problem: &Problem) -> Panel {
    let (zh, en) = problem.texts();
    Panel {
        anchor: slice,
        order: u16::MAX,
        title: reader.pick("此栏暂时无法显示", "This part cannot be shown now").to_owned(),
        content: html! {
            (components::error_box(reader.pick(zh, en), reader.pick(
                "其余内容不受影响;请稍后刷新,或把本栏代号告知管理员。",
                "The rest is complete; try again later, or name this part to the administrator.")))
            p class="hint" { code { (slice) } }
        },
    }
}

/// The documents of an enterprise that anybody may take: its permits, version by version.
pub(super) async fn documents(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
) -> Result<Option<Panel>, Problem> {
    let all = permits::of(&state.store, enterprise).await;
    let all = all.map_err(|error| Problem::internal(&error))?;
    if all.is_empty() {
        return Ok(None);
    }
    let mut table = Table::new(
        reader.pick("许可证各版本", "The permit, version by version"),
        vec![
            Column::words(reader.pick("文件", "Document")),
            Column::words(reader.pick("生效", "From")),
            Column::words(reader.pick("下载", "File")),
        ],
    );
    for version in all.iter().rev() {
        let (number, which) = (&version.permit.number, version.version);
        table.row(vec![
            html! {
                a href={ "/permits/" (number) "?version=" (which) } {
                    (reader.pick("排污许可证", "Permit")) " " (number) " v" (which)
                }
            },
            html! { (version.in_force_from) },
            html! {
                a href={ "/permits/" (number) "/workbook.xlsx?version=" (which) } { "XLSX" }
            },
        ]);
    }
    let content = html! {
        (table.render())
        p class="hint" { (reader.pick(
            "执行报告、超标证据文件在各自栏目中。",
            "Execution reports and evidence packets stand in their own parts.")) }
    };
    let title = reader.pick("文件", "Documents").to_owned();
    Ok(Some(Panel { anchor: "documents", order: 80, title, content }))
}

/// Credit: nobody evaluates it here yet, and the page says so instead of showing a guess.
pub(super) fn credit(reader: &Reader) -> Panel {
    Panel {
        anchor: "credit",
        order: 90,
        title: reader.pick("环境信用", "Environmental credit").to_owned(),
        content: components::empty(
            reader.pick("本平台尚未评价企业环境信用", "Credit is not evaluated here yet"),
            reader.pick(
                "评价结果由生态环境主管部门公布;取得评价办法与结果来源后在此显示。",
                "The authority publishes it; it is shown here once its rules and source are known.",
            ),
        ),
    }
}
