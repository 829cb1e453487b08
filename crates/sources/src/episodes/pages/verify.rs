//! Where anybody checks an evidence packet: the file is sent, checked and not kept.

use super::super::packet::{Checked, check_with_store};
use super::super::store;
use axum::extract::{Multipart, Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use transparency::Log;
use web::components;
use web::{AppState, Page, Problem, Reader, Visitor, local_second};

/// Checks that one address may ask for in a minute.
const CHECKS_A_MINUTE: u32 = 30;

/// What the form of the code asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    code: String,
}

pub(super) async fn form(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let code = asked.code.trim().to_uppercase();
    let known = if code.is_empty() {
        None
    } else {
        throttle(&state, &visitor)?;
        Some(store::packet_by_code(&state.store, &code).await?)
    };
    let content = html! {
        @match known {
            None => {}
            Some(None) => (components::notice("warning", html! {
                (reader.pick("没有签发过此验证码的证据包。", "No packet of this code was issued."))
            })),
            Some(Some(packet)) => (components::notice("good", html! {
                (reader.pick("已签发：", "Issued: ")) (packet.year) "-" (packet.number) " · "
                (local_second(packet.issued_at)) " · SHA-256 " code { (packet.file) }
            })),
        }
        (fields(&state, &reader, &code))
    };
    Ok(page(&reader).render(&state, &reader, content))
}

fn page(reader: &Reader) -> Page {
    Page::new(reader.pick("证据核验", "Check an evidence packet"))
}

fn throttle(state: &AppState, visitor: &Visitor) -> Result<(), Problem> {
    let (address, now) = (&visitor.origin.address, state.now());
    state.throttle.check("evidence.verify", address, CHECKS_A_MINUTE, now)?;
    state.throttle.count("evidence.verify", address, now);
    Ok(())
}

pub(super) async fn check(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    form: Multipart,
) -> Result<Markup, Problem> {
    throttle(&state, &visitor)?;
    let bytes = read(form).await?;
    let log = log(&state)?;
    let found = check_with_store(&state.store, &bytes, std::slice::from_ref(log.key())).await?;
    let content = html! {
        (components::section("result", reader.pick("核验结果", "Result"), result(&reader, &found)))
        (fields(&state, &reader, ""))
    };
    Ok(page(&reader).render(&state, &reader, content))
}

fn log(state: &AppState) -> Result<std::sync::Arc<Log>, Problem> {
    state.handle::<Log>().ok_or_else(|| {
        Problem::not_found("本安装没有启用日志", "this installation has no log; `lucid serve` has")
    })
}

async fn read(mut form: Multipart) -> Result<Vec<u8>, Problem> {
    let cut =
        |_| Problem::bad_request("上传的文件不完整或过大", "the file is cut short or too large");
    while let Some(field) = form.next_field().await.map_err(cut)? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(cut)?;
            if !bytes.is_empty() {
                return Ok(bytes.to_vec());
            }
        }
    }
    Err(Problem::bad_request("请选择证据包 PDF 文件", "choose the PDF of a packet"))
}

fn result(reader: &Reader, found: &Checked) -> Markup {
    html! {
        @if found.is_right() {
            (components::notice("good", html! {
                strong { (reader.pick("核验通过：文件由本平台签发，未被改动。",
                    "It is right: issued by this platform and not altered.")) }
            }))
        } @else {
            (components::notice("error", html! {
                strong { (reader.pick("核验未通过", "It is not right")) }
            }))
        }
        ol {
            @for (is_right, text) in &found.steps {
                li { @if *is_right { "✓ " } @else { "✗ " } (reader.text(text)) }
            }
        }
        @if let Some(packet) = &found.packet {
            p {
                (reader.pick("编号", "Number")) " " (packet.year) "-" (packet.number) " · "
                (reader.pick("签发于", "issued at")) " " (local_second(packet.issued_at)) " · "
                (reader.pick("验证码", "code")) " " (packet.code)
            }
        }
        @if let Some(sha256) = &found.sha256 { p class="muted" { "SHA-256 " code { (sha256) } } }
    }
}

fn fields(state: &AppState, reader: &Reader, code: &str) -> Markup {
    let key = state.handle::<Log>().map(|log| log.key().to_string());
    html! {
        (components::section("file", reader.pick("上传文件核验", "Check a file"), html! {
            p class="words" {
                (reader.pick("上传收到的证据包 PDF。文件只用于核验，不保存。",
                    "Send the PDF of a packet as you received it. It is checked and not kept."))
            }
            form class="filters" method="post" enctype="multipart/form-data"
                action="/evidence/verify" {
                label {
                    (reader.pick("证据包 PDF", "The PDF"))
                    input type="file" name="file" accept="application/pdf" required;
                }
                button type="submit" { (reader.pick("核验", "Check")) }
            }
        }))
        (components::section("code", reader.pick("按验证码查询", "Look up a code"), html! {
            form class="filters" method="get" action="/evidence/verify" {
                label {
                    (reader.pick("页脚的验证码", "The code at the foot of a page"))
                    input name="code" value=(code) placeholder="7F3A-22C1-90BD" required;
                }
                button type="submit" { (reader.pick("查询", "Look up")) }
            }
        }))
        (components::section("yourself", reader.pick("自行核验", "Check it yourself"), html! {
            p class="words" {
                (reader.pick("文件末尾以“%~ ”开头的各行是签名；此前全部字节的 SHA-256 应与签名所写一致，\
                     签名按 Ed25519（C2SP signed-note）用下面的公钥校验。命令：",
                    "The lines at the end that begin with “%~ ” are the signature; the SHA-256 \
                     of all bytes before them is the one it states, and it is checked as a C2SP \
                     signed note (Ed25519) with the key below. By command: "))
                code { "lucid evidence verify FILE.pdf" }
            }
            @if let Some(key) = key { p { code { (key) } } }
        }))
    }
}
