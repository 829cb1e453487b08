//! What the log is, how large, what came last; and one entry with its proof.

use super::{log, words};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use transparency::{Entry, EntryName, KINDS, Log, Logged, Signed, check_proof};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, local_second};

/// Entries on one page.
const A_PAGE: u32 = 50;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/log", get(all)).route("/log/entries/{position}", get(one))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    after: Option<u64>,
    #[serde(default)]
    kind: String,
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let log = log(&state)?;
    let signed = log.signed().await?;
    let kind = KINDS.into_iter().find(|kind| *kind == wanted.kind);
    let entries = log.entries(kind, wanted.after, A_PAGE).await?;
    let next = (entries.len() == A_PAGE as usize)
        .then(|| entries.last().map(|entry| entry.position.to_string()))
        .flatten();
    let content = html! {
        (introduction(&reader))
        (components::section("now", reader.pick("最新检查点", "The newest checkpoint"),
            checkpoint(&reader, &log, &signed)))
        (components::section("entries", reader.pick("条目", "Entries"), html! {
            (components::tabs(reader.pick("种类", "Kind"), &kinds(&reader, kind)))
            (table(&state, &reader, &entries))
            (components::pages(&reader, next.as_deref()))
        }))
        (components::section("verify", reader.pick("如何核验", "How to verify"),
            how_to(&reader, &log)))
    };
    Ok(Page::new(title(&reader)).render(&state, &reader, content))
}

/// The views of the list: everything, and each kind.
fn kinds(reader: &Reader, shown: Option<&str>) -> Vec<(String, String, bool)> {
    let all = ("/log".to_owned(), reader.pick("全部", "All").to_owned(), shown.is_none());
    let views = ["figure", "packets", "audit"].into_iter().map(|kind| {
        let words = words::kind(reader, kind).to_owned();
        (format!("/log?kind={kind}"), words, shown == Some(kind))
    });
    std::iter::once(all).chain(views).collect()
}

fn title(reader: &Reader) -> &str {
    reader.pick("透明日志", "Transparency log")
}

fn introduction(reader: &Reader) -> Markup {
    html! {
        p class="words" {
            (reader.pick(
                "这份日志只能追加:公开数据、原始数据包和审计记录一经登记,事后改动一个字节也会被发现,管理员也不例外。",
                "This log only grows: once a published figure, the raw packets of an hour or an audit \
                 record has entered, changing a single byte is found out, whoever does it."))
            " "
            (reader.pick(
                "日志里只有摘要,没有个人信息:审计记录与数据包的摘要加了保密的盐。",
                "It holds digests only and nothing personal: those of audit records and packets are \
                 salted with a secret."))
        }
        p { a class="button" href="/log/check" {
            (reader.pick("核对我下载的数据", "Check what I downloaded"))
        } }
    }
}

fn checkpoint(reader: &Reader, log: &Log, signed: &Signed) -> Markup {
    html! {
        (components::definition_list(&[
            (
                reader.pick("条目数", "Entries").to_owned(),
                html! { (signed.checkpoint.head.size) },
            ),
            (
                reader.pick("根哈希", "Root").to_owned(),
                html! { code class="log-hash" { (signed.checkpoint.head.root.to_base64()) } },
            ),
            (
                reader.pick("签名时间", "Signed at").to_owned(),
                html! {
                    time datetime=(signed.made_at.to_string()) { (local_second(signed.made_at)) }
                },
            ),
            (
                reader.pick("验签公钥", "Verifier key").to_owned(),
                html! { code class="log-hash" { (log.key()) } },
            ),
        ]))
        details {
            summary { (reader.pick("签名原文", "The signed note")) }
            pre class="log-text" { code { (signed.note) } }
        }
    }
}

fn table(state: &AppState, reader: &Reader, entries: &[Logged]) -> Markup {
    let snapshot = state.snapshot();
    let mut table = Table::new(
        reader.pick("最新的在前,北京时间", "The newest first, Beijing time"),
        vec![
            Column::words(reader.pick("位置", "Position")),
            Column::words(reader.pick("种类", "Kind")),
            Column::words(reader.pick("内容", "Of what")),
            Column::words(reader.pick("登记于", "Entered at")),
        ],
    );
    for entry in entries {
        let subject = entry
            .name
            .parse::<EntryName>()
            .map_or_else(|_| entry.name.clone(), |name| words::subject(&snapshot, reader, &name));
        table.keyed_row(
            format!("entry-{}", entry.position),
            vec![
                html! { a href={ "/log/entries/" (entry.position) } { (entry.position) } },
                html! { (words::kind(reader, &entry.kind)) },
                html! {
                    (subject)
                    @if entry.version > 1 {
                        " · " (reader.pick("更正", "corrected")) " v" (entry.version)
                    }
                },
                html! {
                    time datetime=(entry.logged_at.to_string()) { (local_second(entry.logged_at)) }
                },
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("还没有条目", "No entries yet"),
            reader.pick(
                "新的公开数据和审计记录几秒内登记。",
                "New figures and audit records enter within seconds.",
            ),
        );
    }
    table.render()
}

fn how_to(reader: &Reader, log: &Log) -> Markup {
    html! {
        ol {
            li {
                (reader.pick(
                    "保存今天的检查点;以后任何时候都能证明日志没有被改写。",
                    "Keep today's checkpoint: from then on anybody can prove that the log was not \
                     rewritten."))
                " " a href="/log/checkpoint" { code { "/log/checkpoint" } }
            }
            li {
                (reader.pick("核对一条公开数据:粘贴或上传下载的文件。",
                    "Check a published figure: paste or upload what you downloaded."))
                " " a href="/log/check" { code { "/log/check" } }
            }
            li {
                (reader.pick(
                    "用任何支持 C2SP tlog-tiles 的程序通读日志,地址前缀和公钥如下。",
                    "Read the whole log with any program that knows C2SP tlog-tiles, by this prefix \
                     and key."))
                " " code { "/log" } " · " a href="/log/key" { code { "/log/key" } }
            }
            li {
                (reader.pick(
                    "市里的审计人员在服务器上运行 lucid log verify,从数据库的每一行重新计算全部摘要。",
                    "The city's auditors run lucid log verify on the server: it computes every digest \
                     anew from the rows of the database."))
            }
        }
        p class="hint" {
            (reader.pick("公开数据的摘要:对规范化 JSON(RFC 8785)取 SHA-256,例如",
                "The digest of a figure: SHA-256 over its canonical JSON (RFC 8785), such as"))
        }
        pre class="log-text" { code {
            "{\"period\":\"hour\",\"point\":\"" (example(log))
            "\",\"time\":\"2026-11-29T03:00:00Z\",\"values\":{\"a05024\":\"103\",…,\"aqi\":\"57\"}}"
        } }
    }
}

/// The beginning of a point's name, of the first kind that is published.
fn example(log: &Log) -> String {
    let kind = log.publications().iter().next().map_or("point", |one| one.kind().as_str());
    format!("{kind}/1001A")
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(position): Path<u64>,
) -> Result<Markup, Problem> {
    let log = log(&state)?;
    let logged = log.entry(position).await?.ok_or_else(|| {
        Problem::not_found(
            format!("日志中没有第 {position} 条"),
            format!("the log has no entry {position}"),
        )
    })?;
    let entry = logged.entry()?;
    let proof = log.prove(&entry.name(), Some(entry.version())).await?;
    let content = html! {
        (components::section("entry", reader.pick("条目", "Entry"),
            facts(&state, &reader, &logged, &entry)))
        @if let Some(proof) = &proof {
            (components::section("proof", reader.pick("包含证明", "Proof of inclusion"), html! {
                @let is_right = check_proof(proof, &[log.key().clone()]).is_ok();
                @if is_right {
                    (components::notice("good", html! {
                        (reader.pick("证明成立:条目在已签名的树中。",
                            "The proof holds: the entry is in the signed tree."))
                    }))
                } @else {
                    (components::error_box(
                        reader.pick("证明不成立", "The proof does not hold"),
                        reader.pick("日志已被改动,请通知审计人员。",
                            "The log has been changed; tell the auditors.")))
                }
                (words::steps(&reader, proof))
                p {
                    a href={ "/api/v1/log/proof?id=" (logged.name) "&version=" (logged.version) } {
                        (reader.pick("证明(JSON)", "The proof as JSON"))
                    }
                }
            }))
        }
    };
    let title = format!("{} {position}", reader.pick("日志条目", "Entry"));
    let page = Page::new(title).under("/log", self::title(&reader));
    Ok(page.render(&state, &reader, content))
}

fn facts(state: &AppState, reader: &Reader, logged: &Logged, entry: &Entry) -> Markup {
    let snapshot = state.snapshot();
    html! {
        (components::definition_list(&[
            (
                reader.pick("种类", "Kind").to_owned(),
                html! { (words::kind(reader, entry.kind())) },
            ),
            (
                reader.pick("内容", "Of what").to_owned(),
                html! { (words::subject(&snapshot, reader, &entry.name())) },
            ),
            (reader.pick("编号", "Id").to_owned(), html! { code { (logged.name) } }),
            (
                reader.pick("登记于", "Entered at").to_owned(),
                html! {
                    time datetime=(logged.logged_at.to_string()) {
                        (local_second(logged.logged_at))
                    }
                },
            ),
        ]))
        (words::entry(reader, entry))
        p class="hint" { (meaning(reader, entry)) }
    }
}

fn meaning<'a>(reader: &'a Reader, entry: &Entry) -> &'a str {
    match entry {
        Entry::Audit { .. } => reader.pick(
            "digest 是对保密的盐和审计记录全文取的 SHA-256;有权查看该记录的人可用 lucid log prove 打开它。",
            "digest is SHA-256 over a secret salt and the whole record; whoever may read the record \
             opens it with lucid log prove.",
        ),
        Entry::Packets { .. } => reader.pick(
            "digest 是对保密的盐和该小时全部原始数据块的摘要取的 SHA-256。",
            "digest is SHA-256 over a secret salt and the digests of all blocks of that hour.",
        ),
        Entry::Figure { .. } => reader.pick(
            "digest 是对公开数据规范化 JSON 取的 SHA-256,verdict 是对评判全文取的 SHA-256,任何人都能计算。",
            "digest is SHA-256 over the canonical JSON of the figure, verdict over the whole verdict: \
             anybody can compute both.",
        ),
    }
}
