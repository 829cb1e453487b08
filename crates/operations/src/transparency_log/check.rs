//! Where anybody checks what they downloaded: pasted or uploaded, JSON or CSV.

use super::{log, words};
use axum::Router;
use axum::extract::{Multipart, State};
use axum::routing::get;
use maud::{Markup, html};
use registry::Snapshot;
use rulebook::Decimal;
use transparency::{Checked, Figure, FigureAnswer, Log, Proof, VerdictAnswer, read_figures};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, Visitor, local_minute, local_second};

/// Proofs whose steps are shown on one page; the others are a link away.
const SHOWN_STEPS: usize = 12;
/// Checks that one address may ask for in a minute.
const CHECKS_A_MINUTE: u32 = 60;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/log/check", get(form).post(check))
}

/// What was sent.
#[derive(Default)]
struct Asked {
    text: String,
    point: String,
    file_name: String,
}

async fn form(State(state): State<AppState>, reader: Reader) -> Result<Markup, Problem> {
    let log = log(&state)?;
    let content = html! {
        (introduction(&reader))
        (components::section("data", reader.pick("数据", "Data"),
            fields(&state, &reader, &log, &Asked::default())))
        (recipe(&reader))
    };
    Ok(page(&reader).render(&state, &reader, content))
}

fn page(reader: &Reader) -> Page {
    Page::new(reader.pick("核对下载的数据", "Check what you downloaded"))
        .under("/log", reader.pick("透明日志", "Transparency log"))
}

async fn check(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    form: Multipart,
) -> Result<Markup, Problem> {
    let log = log(&state)?;
    let now = state.now();
    state.throttle.check("log.check", &visitor.origin.address, CHECKS_A_MINUTE, now)?;
    state.throttle.count("log.check", &visitor.origin.address, now);
    let asked = read(form).await?;
    let snapshot = state.snapshot();
    let point = Some(asked.point.clone())
        .filter(|point| !point.is_empty())
        .or_else(|| point_in(&log, &snapshot, &asked.file_name));
    let found = read_figures(&asked.text, log.publications(), point.as_deref());
    let figures = log.check_figures(&snapshot, found.figures).await?;
    let verdicts = log.check_verdicts(&snapshot, found.verdicts).await?;
    let content = html! {
        (components::section("result", reader.pick("结果", "Result"), html! {
            (summary(&reader, &figures, &verdicts))
            @for (zh, en) in found.problems.iter().take(20) {
                (components::notice("warning", html! { (reader.pick(zh, en)) }))
            }
            (answers(&snapshot, &reader, &figures, &verdicts))
            (proofs(&snapshot, &reader, &figures, &verdicts))
        }))
        (components::section("again", reader.pick("再核对", "Check again"),
            fields(&state, &reader, &log, &asked)))
        (recipe(&reader))
    };
    Ok(page(&reader).render(&state, &reader, content))
}

/// Reads the form; a file counts before what was pasted.
async fn read(mut form: Multipart) -> Result<Asked, Problem> {
    let cut = |_| {
        Problem::bad_request(
            "上传的内容不完整或超过 2 MB",
            "what was sent is cut short or larger than 2 MB",
        )
    };
    let mut asked = Asked::default();
    while let Some(field) = form.next_field().await.map_err(cut)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(cut)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "point" => asked.point = text,
            "text" if asked.file_name.is_empty() => asked.text = text,
            "file" if !bytes.is_empty() => {
                asked.text = text;
                asked.file_name = file_name;
            }
            _ => {}
        }
    }
    Ok(asked)
}

/// The point whose code stands in the name of a file of ours, `air-1001A-hour.csv`.
fn point_in(log: &Log, snapshot: &Snapshot, file_name: &str) -> Option<String> {
    let named = |code: &str| !code.is_empty() && file_name.contains(&format!("-{code}"));
    words::points(log, snapshot)
        .filter(|(_, point)| named(&point.code))
        .max_by_key(|(_, point)| point.code.len())
        .map(|(name, _)| name)
}

fn introduction(reader: &Reader) -> Markup {
    html! {
        p class="words" {
            (reader.pick(
                "把从本站下载的小时数据粘贴或上传到这里,系统在日志中查找它的摘要,并给出包含证明。",
                "Paste or upload hours that you downloaded here: their digests are looked up in the \
                 log, and the proof is shown."))
            " "
            (reader.pick("内容只用于核对,不保存。", "What you send is checked and not kept."))
        }
    }
}

fn fields(state: &AppState, reader: &Reader, log: &Log, asked: &Asked) -> Markup {
    let snapshot = state.snapshot();
    html! {
        form class="log-form" method="post" action="/log/check" enctype="multipart/form-data" {
            label {
                (reader.pick("站点或断面(CSV 需要)", "Station or section (a CSV needs it)"))
                select name="point" {
                    option value="" { (reader.pick("文件自己说明", "the file says it")) }
                    @for (name, point) in words::points(log, &snapshot) {
                        option value=(name) selected[name == asked.point] {
                            (reader.name(&point.name)) " (" (point.code) ")"
                        }
                    }
                }
            }
            label {
                (reader.pick("粘贴 JSON 或 CSV", "Paste JSON or CSV"))
                textarea name="text" rows="8" spellcheck="false" {
                    // What came as a file need not come back.
                    @if asked.file_name.is_empty() { (asked.text) }
                }
            }
            label {
                (reader.pick("或上传文件", "Or upload a file"))
                input type="file" name="file" accept=".csv,.json,text/csv,application/json";
            }
            button type="submit" { (reader.pick("核对", "Check")) }
        }
    }
}

fn recipe(reader: &Reader) -> Markup {
    html! {
        details class="folded" {
            summary { (reader.pick("自己计算摘要", "Compute the digest yourself")) }
            ol {
                li {
                    (reader.pick("写成规范化 JSON:键按字母排序,没有空格;小数写成文本,去掉末尾的零;没有数值写 null;时间为 UTC。",
                        "Write canonical JSON: keys sorted, no blanks; decimals as texts without zeroes \
                         at their end; null where there is no value; times in UTC."))
                    pre class="log-text" { code {
                        "{\"period\":\"hour\",\"point\":\"air-station/1001A\",\
                         \"time\":\"2026-11-29T03:00:00Z\",\"values\":{\"a05024\":\"103\",\
                         \"a21004\":\"12\",\"a21005\":\"0.5\",\"a21026\":\"4\",\"a34002\":\"38\",\
                         \"a34004\":\"21\",\"aqi\":\"52\"}}"
                    } }
                }
                li { (reader.pick("对它取摘要:", "Take its digest:")) " "
                    code { "sha256sum" } }
                li {
                    (reader.pick("取证明,比较 entry.digest:", "Fetch the proof and compare entry.digest:"))
                    " " code { "/api/v1/log/proof?id=figure:air-station/1001A:hour:2026-11-29T03:00:00Z" }
                }
            }
            p class="hint" {
                (reader.pick("站点小时数据 /api/v1/air/stations/编码/series、断面数据 /api/v1/water/sections/编码/series、评判 /api/v1/verdicts/编号 的回答可以原样粘贴。",
                    "Answers of /api/v1/air/stations/CODE/series, /api/v1/water/sections/CODE/series \
                     and /api/v1/verdicts/ID can be pasted as they are."))
            }
        }
    }
}

fn summary(reader: &Reader, figures: &[FigureAnswer], verdicts: &[VerdictAnswer]) -> Markup {
    let all = figures.iter().map(|one| &one.checked).chain(verdicts.iter().map(|one| &one.checked));
    let (mut found, mut altered, mut missing) = (0, 0, 0);
    for checked in all {
        match checked {
            Checked::Found { .. } => found += 1,
            Checked::Altered { .. } => altered += 1,
            Checked::NotFound => missing += 1,
        }
    }
    let tone = match (found, altered, missing) {
        (0, 0, 0) => return html! {},
        (_, 0, 0) => "good",
        (_, 0, _) => "warning",
        _ => "error",
    };
    components::notice(
        tone,
        html! {
            strong {
                (reader.pick("与日志一致", "found as published")) ": " (found)
                " · " (reader.pick("与日志不符", "altered")) ": " (altered)
                " · " (reader.pick("日志中没有", "not in the log")) ": " (missing)
            }
        },
    )
}

fn answers(
    snapshot: &Snapshot,
    reader: &Reader,
    figures: &[FigureAnswer],
    verdicts: &[VerdictAnswer],
) -> Markup {
    let mut table = Table::new(
        reader.pick("逐条结果,北京时间", "Each of them, Beijing time"),
        vec![
            Column::words(reader.pick("数据", "Figure")),
            Column::words(reader.pick("结果", "Result")),
            Column::words(reader.pick("说明", "Details")),
        ],
    );
    for answer in figures {
        let figure = &answer.figure;
        let point = words::point_words(snapshot, reader, &figure.point);
        table.row(vec![
            html! { (point) " · " (local_minute(figure.time)) },
            badge(reader, &answer.checked),
            html! {
                (details(reader, &answer.checked))
                @if let Some(published) = &answer.published {
                    (differences(snapshot, reader, figure, published))
                }
            },
        ]);
    }
    for answer in verdicts {
        table.row(vec![
            html! { (reader.pick("评判", "Verdict")) " " (answer.id) },
            badge(reader, &answer.checked),
            details(reader, &answer.checked),
        ]);
    }
    html! { @if !table.is_empty() { (table.render()) } }
}

fn badge(reader: &Reader, checked: &Checked) -> Markup {
    match checked {
        Checked::Found { corrected: None, .. } => {
            components::status_badge("good", reader.pick("一致", "Found"))
        }
        Checked::Found { corrected: Some(_), .. } => components::status_badge(
            "warning",
            reader.pick("一致,后已更正", "Found, corrected since"),
        ),
        Checked::Altered { .. } => components::status_badge("bad", reader.pick("不符", "Altered")),
        Checked::NotFound => {
            components::status_badge("quiet", reader.pick("日志中没有", "Not in the log"))
        }
    }
}

fn details(reader: &Reader, checked: &Checked) -> Markup {
    match checked {
        Checked::Found { proof, logged_at, corrected } => html! {
            (reader.pick("登记于", "entered at")) " " (local_second(*logged_at)) " · "
            a href={ "/log/entries/" (proof.position) } {
                (reader.pick("第", "entry ")) (proof.position) (reader.pick("条", ""))
            }
            @if let Some(version) = corrected {
                " · " (reader.pick("已有更正,现为", "corrected since, now")) " v" (version)
            }
        },
        Checked::Altered { versions } => html! {
            (reader.pick(
                "日志中有这个点位和时间,但摘要不同:这不是本站公布的数值。",
                "The log knows this point and time by another digest: these are not the values that \
                 were published."))
            @if *versions > 1 { " (" (versions) " " (reader.pick("个版本", "versions")) ")" }
        },
        Checked::NotFound => html! {
            (reader.pick(
                "日志中没有这个点位和时间。新数据几秒内登记。",
                "The log does not know this point and time. What is new enters within seconds."))
        },
    }
}

/// What was given beside what is published.
fn differences(snapshot: &Snapshot, reader: &Reader, given: &Figure, published: &Figure) -> Markup {
    let shown = |value: Option<Decimal>| value.map_or("—".into(), |v| v.normalize().to_string());
    let of = |figure: &Figure, name: &String| figure.values.get(name).copied().flatten();
    let names = published.values.keys().filter(|name| of(given, name) != of(published, name));
    let parts: Vec<String> = names
        .map(|name| {
            let words = words::value_words(snapshot, reader, name);
            let (given, published) = (shown(of(given, name)), shown(of(published, name)));
            match reader.language {
                rulebook::Language::Chinese => format!("{words}: 您的 {given},公布 {published}"),
                rulebook::Language::English => {
                    format!("{words}: yours {given}, published {published}")
                }
            }
        })
        .collect();
    html! { @if !parts.is_empty() { p class="hint" { (parts.join("; ")) } } }
}

fn proofs(
    snapshot: &Snapshot,
    reader: &Reader,
    figures: &[FigureAnswer],
    verdicts: &[VerdictAnswer],
) -> Markup {
    let of_figures = figures.iter().map(|answer| {
        let point = words::point_words(snapshot, reader, &answer.figure.point);
        let name = format!("{point} · {}", local_minute(answer.figure.time));
        (name, Some(answer.figure.to_text()), &answer.checked)
    });
    let of_verdicts = verdicts.iter().map(|answer| {
        (format!("{} {}", reader.pick("评判", "Verdict"), answer.id), None, &answer.checked)
    });
    let proven = of_figures.chain(of_verdicts).filter_map(|(name, text, checked)| match checked {
        Checked::Found { proof, .. } => Some((name, text, proof.as_ref())),
        _ => None,
    });
    let proven: Vec<(String, Option<String>, &Proof)> = proven.collect();
    let is_one = proven.len() == 1;
    html! {
        @for (name, text, proof) in proven.iter().take(SHOWN_STEPS) {
            details class="folded" open[is_one] {
                summary { (reader.pick("包含证明", "Proof of inclusion")) ": " (name) }
                @if let Some(text) = text {
                    p { (reader.pick("您的数据,规范化", "Your figure, canonical")) }
                    pre class="log-text" { code { (text) } }
                }
                (words::entry(reader, &proof.entry))
                (words::steps(reader, proof))
            }
        }
        @if proven.len() > SHOWN_STEPS {
            p class="hint" {
                (reader.pick("其余各条的证明见条目链接。",
                    "The proofs of the others are behind their links."))
            }
        }
    }
}
