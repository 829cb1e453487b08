//! What verification found.

use crate::Hash;
use crate::tree::TreeHead;
use rulebook::Text;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Something that is not as the log says (验证发现).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable code.
    pub code: &'static str,
    /// What it concerns: `audit:17`, `block 42`, `figure:…`, `entry 5`, `checkpoint 300`.
    pub subject: String,
    /// What was found.
    pub text: Text,
}

/// The outcome of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The newest checkpoint, as far as there is one.
    pub head: Option<TreeHead>,
    /// Entries by kind.
    pub entries: BTreeMap<&'static str, u64>,
    /// Checkpoints that were checked.
    pub checkpoints: u64,
    /// Figures in a form in which the city publishes no longer: of these the verdict is computed
    /// anew and the values are not.
    pub earlier_forms: u64,
    /// Figures whose month was forgotten by rule (`history.forget_months_*`): of these nothing is
    /// computed anew. That it was forgotten is in the log as an audit record.
    pub forgotten: u64,
    /// What is not as the log says; empty when all is well.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn found(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn count(&mut self, kind: &'static str) {
        *self.entries.entry(kind).or_default() += 1;
    }

    /// Whether all is as the log says.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The report for programs.
    pub fn to_json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "code": finding.code,
                    "subject": finding.subject,
                    "zh": finding.text.zh,
                    "en": finding.text.en,
                })
            })
            .collect();
        json!({
            "ok": self.is_clean(),
            "size": self.head.map(|head| head.size),
            "root": self.head.map(|head| head.root.to_base64()),
            "entries": self.entries,
            "checkpoints": self.checkpoints,
            "figures_of_earlier_forms": self.earlier_forms,
            "figures_forgotten": self.forgotten,
            "findings": findings,
        })
    }
}

fn finding(code: &'static str, subject: String, zh: String, en: String) -> Finding {
    Finding { code, subject, text: Text::new(zh, en) }
}

/// Of entries and the tree.
impl Finding {
    pub(super) fn entry_missing(position: u64) -> Self {
        finding(
            "log.entry_missing",
            format!("entry {position}"),
            format!("日志条目 {position} 已被删除"),
            format!("entry {position} of the log has been removed"),
        )
    }

    pub(super) fn entry_changed(position: u64, name: Option<&str>) -> Self {
        let name = name.unwrap_or("?");
        finding(
            "log.entry_changed",
            format!("entry {position}"),
            format!("日志条目 {position}({name})与树中的哈希不符"),
            format!("entry {position} ({name}) is not the one that was hashed into the tree"),
        )
    }

    pub(super) fn entry_unreadable(position: u64) -> Self {
        finding(
            "log.entry_unreadable",
            format!("entry {position}"),
            format!("日志条目 {position} 无法识别"),
            format!("entry {position} is of no known form"),
        )
    }

    pub(super) fn entry_name(position: u64, name: &str) -> Self {
        finding(
            "log.entry_name",
            format!("entry {position}"),
            format!("日志条目 {position} 登记的名称 {name} 与内容不符"),
            format!("entry {position} is kept under the name {name}, which is not its own"),
        )
    }

    pub(super) fn tile(level: u8, number: u64) -> Self {
        finding(
            "log.tile_changed",
            format!("tile {level}/{number}"),
            format!("瓦片 {level}/{number} 与条目不符"),
            format!("tile {level}/{number} is not that of the entries"),
        )
    }

    pub(super) fn checkpoint_unreadable(size: u64) -> Self {
        finding(
            "log.checkpoint_unreadable",
            format!("checkpoint {size}"),
            format!("大小为 {size} 的检查点无法识别"),
            format!("the checkpoint of size {size} is no checkpoint"),
        )
    }

    pub(super) fn checkpoint_signature(size: u64) -> Self {
        finding(
            "log.checkpoint_signature",
            format!("checkpoint {size}"),
            format!("大小为 {size} 的检查点不是由给出的密钥签名"),
            format!("the checkpoint of size {size} is not signed by a key that was given"),
        )
    }

    pub(super) fn checkpoint_root(size: u64, root: Hash) -> Self {
        let root = root.to_base64();
        finding(
            "log.checkpoint_root",
            format!("checkpoint {size}"),
            format!("大小为 {size} 的检查点与条目不符,条目的根为 {root}"),
            format!("the checkpoint of size {size} states another root than the entries: {root}"),
        )
    }

    pub(super) fn checkpoint_inconsistent(old: u64, new: u64) -> Self {
        finding(
            "log.checkpoint_inconsistent",
            format!("checkpoint {new}"),
            format!("大小为 {new} 的检查点不是 {old} 的延续"),
            format!("the checkpoint of size {new} does not continue that of size {old}"),
        )
    }

    pub(super) fn no_checkpoint(size: u64) -> Self {
        finding(
            "log.checkpoint_missing",
            "checkpoint".to_owned(),
            format!("日志有 {size} 条,但没有覆盖它们的检查点"),
            format!("there are {size} entries and no checkpoint that covers them"),
        )
    }
}

/// Of audit records.
impl Finding {
    pub(super) fn audit_changed(record: i64) -> Self {
        finding(
            "log.audit_changed",
            format!("audit:{record}"),
            format!("审计记录 {record} 在登记后被改动"),
            format!("audit record {record} has been changed since it was logged"),
        )
    }

    pub(super) fn audit_missing(record: i64) -> Self {
        finding(
            "log.audit_missing",
            format!("audit:{record}"),
            format!("审计记录 {record} 在登记后被删除"),
            format!("audit record {record} has been removed since it was logged"),
        )
    }

    pub(super) fn audit_unreadable(record: i64) -> Self {
        finding(
            "log.audit_unreadable",
            format!("audit:{record}"),
            format!("审计记录 {record} 无法读出,登记后被改动"),
            format!(
                "audit record {record} cannot be read: it has been changed since it was logged"
            ),
        )
    }

    pub(super) fn audit_salt(record: i64) -> Self {
        finding(
            "log.audit_salt",
            format!("audit:{record}"),
            format!("审计记录 {record} 的盐值已被删除"),
            format!("the salt of audit record {record} has been removed"),
        )
    }

    pub(super) fn audit_unlogged(record: i64) -> Self {
        finding(
            "log.audit_unlogged",
            format!("audit:{record}"),
            format!("审计记录 {record} 不在日志中:是后来插入的"),
            format!("audit record {record} is not in the log: it was inserted afterwards"),
        )
    }
}

/// Of packets.
impl Finding {
    pub(super) fn block_changed(block: i64, hour: &str) -> Self {
        finding(
            "log.block_changed",
            format!("block {block}"),
            format!("{hour} 时段的原始数据块 {block} 在登记后被改动"),
            format!("block {block} of raw packets ({hour}) has been changed since it was logged"),
        )
    }

    pub(super) fn block_missing(block: i64, hour: &str) -> Self {
        finding(
            "log.block_missing",
            format!("block {block}"),
            format!("{hour} 时段的原始数据块 {block} 在登记后被删除"),
            format!("block {block} of raw packets ({hour}) has been removed since it was logged"),
        )
    }

    pub(super) fn block_added(block: i64) -> Self {
        finding(
            "log.block_added",
            format!("block {block}"),
            format!("原始数据块 {block} 不在日志中:是后来插入的"),
            format!("block {block} of raw packets is not in the log: it was inserted afterwards"),
        )
    }

    pub(super) fn hour_changed(hour: &str) -> Self {
        finding(
            "log.hour_changed",
            format!("packets:{hour}"),
            format!("{hour} 时段的盐值或摘要表被改动或删除"),
            format!("the salt or the list of digests of {hour} has been changed or removed"),
        )
    }
}

/// Of figures.
impl Finding {
    pub(super) fn figure_values(name: &str, version: i64) -> Self {
        finding(
            "log.figure_values",
            name.to_owned(),
            format!("公开数据 {name}(第 {version} 版)的数值在登记后被改动"),
            format!(
                "the values of {name} (version {version}) have been changed since they were logged"
            ),
        )
    }

    pub(super) fn figure_verdict(name: &str, verdict: i64) -> Self {
        finding(
            "log.figure_verdict",
            name.to_owned(),
            format!("公开数据 {name} 的评判 {verdict} 在登记后被改动或删除"),
            format!("verdict {verdict} on {name} has been changed or removed since it was logged"),
        )
    }

    pub(super) fn figure_missing(name: &str) -> Self {
        finding(
            "log.figure_missing",
            name.to_owned(),
            format!("公开数据 {name} 在登记后被删除"),
            format!("{name} has been removed since it was logged"),
        )
    }

    pub(super) fn figure_unlogged(name: &str, verdict: i64) -> Self {
        finding(
            "log.figure_unlogged",
            name.to_owned(),
            format!("公开数据 {name} 的评判 {verdict} 不在日志中:是后来写入的"),
            format!("verdict {verdict} on {name} is not in the log: it was written afterwards"),
        )
    }
}
