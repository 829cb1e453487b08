//! The briefs that were issued: list, files, issuing again.

use super::issue::{self, Month};
use super::store::{self, Issued};
use crate::access::Officer;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use evidence::{Digest, Evidence};
use maud::{Markup, html};
use rulebook::beijing_offset;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn, local_minute};

const PATH: &str = "/plan/briefs";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list))
        .route("/plan/briefs/issue", post(again))
        .route("/plan/briefs/{digest}", get(file))
}

async fn list(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let all = store::all(&state.store).await?;
    let mut table = Table::new(
        reader.pick("已签发的月报，新的在前", "Briefs that were issued, the newest first"),
        vec![
            Column::words(reader.pick("月份", "Month")),
            Column::numbers(reader.pick("版本", "Version")),
            Column::words(reader.pick("签发", "Issued")),
            Column::words(reader.pick("文件", "Files")),
            Column::words(reader.pick("存证", "In the log")),
        ],
    );
    for issued in &all {
        let (year, month) = issued.month;
        table.row(vec![
            html! { (year) "-" (format!("{month:02}")) },
            html! { (issued.version) },
            html! { (local_minute(issued.issued_at)) " · " (who(&reader, issued)) },
            html! {
                a href={ (PATH) "/" (issued.word) } { "Word" }
                @if let Some(pdf) = issued.pdf { " · " a href={ (PATH) "/" (pdf) } { "PDF" } }
            },
            html! {
                (reader.pick("审计记录", "audit record")) " " (issued.audit)
                br; span class="muted" { (short(issued.word)) }
            },
        ]);
    }
    let this_month = beijing_offset().to_datetime(state.now()).date();
    let content = html! {
        p class="hint" {
            (reader.pick(
                "每月 1 日 6 时自动签发上月月报；再次签发产生新版本，旧版本保留。文件摘要写入审计记录并进入公开日志。",
                "The month before is issued on the first day of each month at 6; issuing again \
                 makes a new version, older ones stay. The digests stand in the audit record and \
                 so in the public log."))
        }
        div class="row" {
            a class="button" href="/plan/brief.docx" { (reader.pick("当前草稿 Word", "Draft, Word")) }
            a class="button" href="/plan/brief.pdf" { (reader.pick("当前草稿 PDF", "Draft, PDF")) }
        }
        @if officer.may_keep() {
            form method="post" action={ (PATH) "/issue" } class="filters" {
                label {
                    (reader.pick("月份", "Month"))
                    input type="month" name="month" required
                        value={ (this_month.year()) "-" (format!("{:02}", this_month.month())) };
                }
                button type="submit" { (reader.pick("签发", "Issue")) }
            }
        }
        @if all.is_empty() {
            (components::empty(reader.pick("还没有签发", "None was issued yet"), reader.pick(
                "到下月 1 日自动签发；也可立即签发。",
                "The first comes on the first day of next month; or issue one now.")))
        } @else { (table.render()) }
    };
    let page = Page::new(reader.pick("方案月报", "Monthly briefs"))
        .under("/plan", reader.pick("方案进展", "The plan"));
    Ok(page.render(&state, &reader, content))
}

fn who(reader: &Reader, issued: &Issued) -> String {
    if issued.who == "calendar" {
        return reader.pick("按日历", "by the calendar").to_owned();
    }
    issued.who.clone()
}

fn short(digest: Digest) -> String {
    digest.to_string().chars().take(16).collect()
}

#[derive(Debug, Default, Deserialize)]
struct Filled {
    #[serde(default)]
    month: String,
}

async fn again(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(filled): Form<Filled>,
) -> Result<Response, Problem> {
    let actor = Officer::of(&signed_in)?.to_keep()?;
    let today = beijing_offset().to_datetime(state.now()).date();
    let before = today.first_of_month().yesterday().unwrap_or(today);
    let is_near =
        |month: &Month| [today, before].iter().any(|day| *month == (day.year(), day.month()));
    let month = month(&filled.month).filter(is_near).ok_or_else(|| {
        Problem::bad_request(
            "只能签发本月或上月的月报，月份写成 2026-11：更早的数值已经更新",
            "this month or the one before, as 2026-11: values of earlier months have moved on",
        )
    })?;
    if !issue::is_told(&state, month).await? {
        return Err(Problem::bad_request(
            "该月结束前还没有计算过指标",
            "nothing was computed before that month was over",
        ));
    }
    issue::issue(&state, &actor, month).await?.ok_or_else(|| {
        Problem::not_found("本市没有方案文件，或未启用文件存储", "no plan, or no folder of files")
    })?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, PATH)]).into_response())
}

fn month(text: &str) -> Option<Month> {
    let (year, month) = text.trim().split_once('-')?;
    let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
    ((1..=12).contains(&month) && (2000..=2200).contains(&year)).then_some((year, month))
}

/// A file that was issued; any other file of the folder is none here.
async fn file(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(digest): Path<String>,
) -> Result<Response, Problem> {
    Officer::of(&signed_in)?;
    let none = || Problem::not_found("没有这份月报", "there is no such brief");
    let digest = Digest::parse(&digest).ok_or_else(none)?;
    let all = store::all(&state.store).await?;
    let is_it = |issued: &&Issued| issued.word == digest || issued.pdf == Some(digest);
    let issued = all.iter().find(is_it).ok_or_else(none)?;
    let evidence = state.handle::<Evidence>().ok_or_else(none)?;
    let bytes = evidence.read(digest).await?;
    let (kind, ending) = if issued.pdf == Some(digest) {
        ("application/pdf", "pdf")
    } else {
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
    };
    let (year, month) = issued.month;
    let name = format!(
        "attachment; filename=\"plan-brief-{year:04}-{month:02}-v{}.{ending}\"",
        issued.version
    );
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}
