//! The log's things in words.

use maud::{Markup, html};
use registry::{MonitoringPoint, PointKind, Snapshot};
use transparency::{Entry, EntryName, Log, Proof, point_name};
use web::components::{self, Column, Table};
use web::{Reader, local_minute};

/// A kind of entry.
pub(super) fn kind<'a>(reader: &'a Reader, kind: &'a str) -> &'a str {
    match kind {
        "audit" => reader.pick("审计记录", "Audit record"),
        "packets" => reader.pick("原始数据包", "Raw packets"),
        "figure" => reader.pick("公开数据", "Published figure"),
        other => other,
    }
}

/// What an entry is about.
pub(super) fn subject(snapshot: &Snapshot, reader: &Reader, name: &EntryName) -> String {
    match name {
        EntryName::Audit(record) => {
            format!("{} {record}", reader.pick("审计记录", "audit record"))
        }
        EntryName::Packets(hour) => {
            format!("{} {}", local_minute(*hour), reader.pick("起一小时", "for an hour"))
        }
        EntryName::Figure { point, time, .. } => {
            format!("{} · {}", point_words(snapshot, reader, point), local_minute(*time))
        }
    }
}

/// The name of a point of the log, for people.
pub(super) fn point_words(snapshot: &Snapshot, reader: &Reader, name: &str) -> String {
    let point = name
        .split_once('/')
        .and_then(|(kind, code)| snapshot.point_by_code(PointKind::parse(kind)?, code));
    point.map_or_else(|| name.to_owned(), |point| reader.name(&point.name).to_owned())
}

/// The name of a value in a figure, for people.
pub(super) fn value_words(snapshot: &Snapshot, reader: &Reader, name: &str) -> String {
    match (name, snapshot.factor_by_code(name)) {
        ("aqi", _) => "AQI".to_owned(),
        ("class", _) => reader.pick("类别", "class").to_owned(),
        (_, Some(factor)) => reader.name(&factor.name).to_owned(),
        (other, None) => other.to_owned(),
    }
}

/// The points whose figures the log holds.
pub(super) fn points<'a>(
    log: &'a Log,
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = (String, &'a MonitoringPoint)> {
    let published = log.publications().iter().map(transparency::Publication::kind);
    published.flat_map(|kind| snapshot.points_of(kind)).map(|point| (point_name(point), point))
}

/// The entry as JSON, as it is hashed.
pub(super) fn entry(reader: &Reader, entry: &Entry) -> Markup {
    html! {
        p { (reader.pick("条目(参与哈希的字节)", "The entry: the bytes that are hashed")) }
        pre class="log-text" { code { (entry.to_text()) } }
    }
}

/// The steps of a proof, from the leaf to the root.
pub(super) fn steps(reader: &Reader, proof: &Proof) -> Markup {
    let caption = reader.pick(
        "从叶到根:每一步对左右两个哈希再取 SHA-256(0x01‖左‖右)",
        "From the leaf to the root: each step is SHA-256(0x01 ‖ left ‖ right)",
    );
    // Several proofs may stand on one page.
    let mut table = Table::new(
        format!("{caption} · {} {}", reader.pick("条目", "entry"), proof.position),
        vec![
            Column::words(reader.pick("步", "Step")),
            Column::words(reader.pick("左", "Left")),
            Column::words(reader.pick("右", "Right")),
            Column::words(reader.pick("结果", "Result")),
        ],
    );
    let given = reader.pick("(证明给出)", "(given by the proof)");
    for (number, step) in (1..).zip(proof.steps()) {
        let cell = |hash: transparency::Hash, is_given: bool| {
            html! {
                code class="log-hash" { (hash.to_base64()) }
                @if is_given { " " span class="muted" { (given) } }
            }
        };
        table.row(vec![
            html! { span class="log-step" { (number) } },
            cell(step.left, step.is_from_left),
            cell(step.right, !step.is_from_left),
            cell(step.result, false),
        ]);
    }
    let head = proof.head();
    html! {
        (components::definition_list(&[
            (
                reader.pick("叶", "Leaf").to_owned(),
                html! { code class="log-hash" { (proof.leaf().to_base64()) }
                    " = SHA-256(0x00 ‖ " (reader.pick("条目", "entry")) ")" },
            ),
            (reader.pick("位置", "Position").to_owned(), html! { (proof.position) }),
        ]))
        @if !table.is_empty() { (table.render()) }
        @if let Some(head) = head {
            (components::definition_list(&[
                (
                    reader.pick("根", "Root").to_owned(),
                    html! { code class="log-hash" { (head.root.to_base64()) } },
                ),
                (reader.pick("树的大小", "Size of the tree").to_owned(), html! { (head.size) }),
            ]))
        }
    }
}
