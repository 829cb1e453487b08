//! The packet as a document: what happened, what it rests on, how it is checked. In Chinese, as
//! officials file it.

use super::gather::{Gathered, lasted};
use super::tables;
use crate::episodes::model::{Episode, Figures};
use crate::episodes::{rules, words};
use documents::{Attachment, Block, Document, Layout, LineChart, Series, Threshold, Verification};
use jiff::Timestamp;
use registry::{LimitBound, PointDetail, Snapshot};
use rulebook::{Decimal, Language, Period, beijing_offset};
use serde_json::{Value, json};
use transparency::Proof;
use web::local_second;

/// What the issuing adds (签发信息).
pub(super) struct Issue {
    pub(super) number: String,
    pub(super) code: String,
    pub(super) issued_at: Timestamp,
    pub(super) who: String,
    pub(super) address: String,
    pub(super) key: String,
}

/// The packet of an episode. The same inputs give the same document.
pub(super) fn document(
    snapshot: &Snapshot,
    episode: &Episode,
    gathered: &Gathered,
    issue: &Issue,
) -> Document {
    let computed = &episode.computed;
    let today = beijing_offset().to_datetime(issue.issued_at).date();
    let mut document = Document::new(Layout::Report, "超标过程证据包", today);
    document.issuer = Some(format!("{}生态环境局", snapshot.city.name.zh));
    document.number = Some(issue.number.clone());
    document.subtitle = Some(format!(
        "{}　{}",
        words::outlet(snapshot, computed).zh,
        words::factor(snapshot, computed).zh
    ));
    if snapshot.city.is_demo {
        document.note("演示数据：数值由程序生成，企业均为虚构；本文件不作证据使用。");
    }
    let verify = if issue.address.is_empty() {
        "在本平台“证据核验”页核对".to_owned()
    } else {
        format!("{}/evidence/verify", issue.address.trim_end_matches('/'))
    };
    document.verification = Some(Verification { code: issue.code.clone(), address: verify });
    document.heading(1, "基本情况");
    document.push(Block::Facts(facts(snapshot, episode, issue)));
    document.note(words::FORMULA.zh.to_string());
    document.heading(1, "逐时段数据");
    document.push(Block::Chart(chart(snapshot, episode, gathered)));
    document.push(Block::Table(tables::values(snapshot, episode, gathered)));
    document.note(
        "仪器标记、排污单位标记、审核决定为三层，互不覆盖；加粗为计入本过程的超标时段。\
         “原始数据包”一列为接收块号与块内序号。",
    );
    if let Some(marks) = tables::marks(gathered) {
        document.push(Block::Table(marks));
    }
    if !computed.beside.is_empty() {
        document.push(Block::Table(tables::beside(snapshot, episode)));
    }
    document.heading(1, "判定依据");
    rule(&mut document, snapshot, episode);
    document.push(Block::Table(tables::limits(gathered)));
    document.push(Block::Table(tables::records(episode, gathered)));
    document.note(
        "判定记录由同一版本的输入重新计算，摘要一致即表示判定可以复算。\
         命令：lucid evidence recompute 过程编号。",
    );
    document.heading(1, "原始数据包");
    packets(&mut document, gathered);
    document.heading(1, "日志证明");
    proofs(&mut document, gathered, issue);
    document.heading(1, "核验方法");
    how(&mut document, issue);
    document.signed_by = Some(format!("{}生态环境局", snapshot.city.name.zh));
    document.attachments = attachments(snapshot, episode, gathered);
    document
}

fn facts(snapshot: &Snapshot, episode: &Episode, issue: &Issue) -> Vec<(String, String)> {
    let computed = &episode.computed;
    let figures = computed.figures();
    let places = words::places(snapshot, computed);
    let unit = words::unit(snapshot, computed);
    let outlet = snapshot.point(computed.point);
    let permitted = outlet.and_then(|point| match &point.detail {
        PointDetail::Outlet(outlet) => Some(outlet.permit_outlet_number.clone()),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    });
    let mut limits: Vec<String> = computed
        .over
        .iter()
        .map(|over| format!("{} {unit}（{}）", over.limit, over.limit_source))
        .collect();
    limits.dedup();
    let mut facts = vec![
        ("排放口", words::outlet(snapshot, computed).zh.into_owned()),
        ("许可证排放口编号", permitted.unwrap_or_else(|| "—".to_owned())),
        ("污染物", words::factor(snapshot, computed).zh.into_owned()),
        ("起止时间", format!("{}（北京时间）", words::span(computed))),
        ("历时", web::duration(lasted(episode), Language::Chinese)),
        ("超标时段数", words::count(computed.period, figures.periods).zh.into_owned()),
        ("执行限值", limits.join("；")),
        ("最高值", format!("{} {unit}", words::number(figures.highest, places))),
        ("最高超标倍数", words::multiple(&figures)),
        ("超标时段均值", format!("{} {unit}", words::number(figures.mean, places))),
        ("超标排放量", amount(&figures)),
        ("签发", format!("{}　{}", local_second(issue.issued_at), issue.who)),
    ];
    if computed.basis.iter().any(|basis| basis.version == 0) {
        facts.push(("状态", words::PROVISIONAL.zh.to_string()));
    }
    if computed.is_apart {
        facts.push(("说明", "该污染物单独判断，不按均值与排放量统计。".to_owned()));
    }
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn amount(figures: &Figures) -> String {
    match figures.over_kg {
        Some(kg) if figures.without_amount > 0 => {
            format!("{kg} kg（另有 {} 个时段无排放量数据，未计入）", figures.without_amount)
        }
        Some(kg) => format!("{kg} kg"),
        None => "无排放量数据，不能计算".to_owned(),
    }
}

fn chart(snapshot: &Snapshot, episode: &Episode, gathered: &Gathered) -> LineChart {
    let computed = &episode.computed;
    let shown = |value: Option<Decimal>| value;
    let states = &gathered.states;
    let is_in = |place: &usize| {
        states.get(*place).is_some_and(|(_, state)| Gathered::is_in(episode, state))
    };
    let first = (0..states.len()).find(is_in);
    let last = (0..states.len()).rev().find(is_in);
    let converted = states.iter().any(|(_, state)| state.converted.is_some());
    let mut series = vec![Series {
        name: "实测".to_owned(),
        values: states.iter().map(|(_, state)| shown(state.concentration)).collect(),
    }];
    if converted {
        let values = states.iter().map(|(_, state)| shown(state.converted)).collect();
        series.insert(0, Series { name: "折算".to_owned(), values });
    }
    let mut thresholds: Vec<Threshold> = Vec::new();
    for record in &gathered.records {
        for limit in record.inputs.limits.iter().filter(|limit| limit.factor == computed.factor) {
            if limit.period != computed.period {
                continue;
            }
            let levels: Vec<Decimal> = match &limit.bound {
                LimitBound::AtMost(most) => vec![*most],
                LimitBound::Within(least, most) => vec![*least, *most],
            };
            for at in levels {
                if thresholds.iter().all(|known| known.at != at) {
                    thresholds.push(Threshold { name: format!("限值 {at}"), at });
                }
            }
        }
    }
    let kind = if computed.period == Period::Day { "日均值" } else { "小时均值" };
    LineChart {
        caption: format!("图 1　{}{kind}", words::factor(snapshot, computed).zh),
        unit: words::unit(snapshot, computed),
        labels: states.iter().map(|(_, state)| tables::label(state)).collect(),
        series,
        thresholds,
        shaded: first.zip(last).map(|(first, last)| (first, last + 1)).into_iter().collect(),
    }
}

fn rule(document: &mut Document, snapshot: &Snapshot, episode: &Episode) {
    let computed = &episode.computed;
    let point = snapshot.point(computed.point);
    let medium = point.and_then(|point| match &point.detail {
        PointDetail::Outlet(outlet) => Some(outlet.medium),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    });
    let on = beijing_offset().to_datetime(computed.began_at()).date();
    let code = snapshot.factor(computed.factor).map_or("", |factor| factor.code.as_str());
    let found = medium.and_then(|medium| {
        rules::recognition(&snapshot.city.code, medium, computed.period, code, on)
    });
    document.paragraph(match found {
        Some(rule) => format!(
            "{} {}（自 {} 起施行）：{}。出处：{}（{}）。",
            rule.standard,
            rule.clause,
            rule.valid_from,
            rule.text.zh,
            rule.source,
            rule.confidence.text().zh
        ),
        None => "本平台没有适用于该污染物和时段的认定规则；是否认定为超标由办案人员依照原文判断。"
            .to_owned(),
    });
}

/// More packets than these are in the attachment only.
const PRINTED: usize = 60;

fn packets(document: &mut Document, gathered: &Gathered) {
    if gathered.packets.is_empty() {
        document.paragraph("判定记录没有指明原始数据包（例如由日数据文件导入）。");
        return;
    }
    document.push(Block::Table(tables::packets(gathered)));
    document.note(
        "以下为数据包原文（前若干个），设备口令以 ****** 代替；摘要（SHA-256）按未遮蔽的原文计算，\
         原文按块号保存在平台，可调取核对。",
    );
    let shown = gathered.packets.iter().take(PRINTED);
    let texts = shown.map(|behind| {
        format!(
            "[{}/{}] {}\n{}",
            behind.source.block,
            behind.source.index,
            local_second(behind.packet.received_at),
            tables::masked(&behind.packet.bytes)
        )
    });
    document.push(Block::Verbatim(texts.collect::<Vec<_>>().join("\n")));
    if gathered.packets.len() > PRINTED {
        document.note("其余数据包见附件 packets.json。");
    }
}

fn proofs(document: &mut Document, gathered: &Gathered, issue: &Issue) {
    document.paragraph(
        "每小时收到的原始数据包合为一条日志记录，其摘要写入只能追加的透明日志；检查点由日志私钥签名。\
         下列证明表示：这些数据包在检查点签名之前已经在日志中。",
    );
    document.push(Block::Table(tables::blocks(gathered)));
    let pending = gathered.blocks.values().filter(|block| block.entry.is_none()).count();
    if pending > 0 {
        document.note(format!(
            "有 {pending} 个数据块所在小时尚未写入日志（每小时结束后一分钟写入），\
             写入后可用 lucid log prove packets:小时 取得证明。"
        ));
    }
    for proof in &gathered.proofs {
        let head = proof.head();
        let text = format!(
            "{}\n位置 {}　叶摘要 {}\n路径 {}\n树规模 {}　根 {}",
            proof.entry.name(),
            proof.position,
            proof.leaf().to_base64(),
            proof.path.iter().map(|hash| hash.to_base64()).collect::<Vec<_>>().join(" "),
            head.map_or(0, |head| head.size),
            head.map_or_else(String::new, |head| head.root.to_base64()),
        );
        document.push(Block::Verbatim(text));
    }
    if let Some(proof) = gathered.proofs.first() {
        document.note("检查点原文：");
        document.push(Block::Verbatim(proof.checkpoint.clone()));
    }
    document.push(Block::Facts(vec![("日志公钥".to_owned(), issue.key.clone())]));
}

fn how(document: &mut Document, issue: &Issue) {
    let address = if issue.address.is_empty() { "本平台" } else { issue.address.as_str() };
    document.paragraph(format!(
        "一、网页核验：打开{address}的“证据核验”页（/evidence/verify），上传本文件。\
         二、命令核验：lucid evidence verify 文件.pdf --key 日志公钥。\
         三、自行核验：本文件末尾以“%~ ”开头的各行是签名；此前全部字节的 SHA-256 应与签名中所写的一致；\
         签名按 C2SP signed-note（Ed25519）校验。附件 proofs.json 为日志证明，\
         按 RFC 9162 由叶摘要逐级计算应得到检查点中的根。"
    ));
    document
        .note("附件：record.json（过程与判定）、packets.json（数据包）、proofs.json（日志证明）。");
}

fn attachments(snapshot: &Snapshot, episode: &Episode, gathered: &Gathered) -> Vec<Attachment> {
    let file = |name: &str, description: &str, value: &Value| Attachment {
        name: name.to_owned(),
        description: description.to_owned(),
        media_type: "application/json".to_owned(),
        bytes: serde_json::to_vec_pretty(value).unwrap_or_default(),
    };
    let proofs: Vec<Value> = gathered.proofs.iter().map(Proof::to_json).collect();
    vec![
        file("record.json", "the episode with its basis", &record(snapshot, episode)),
        file("packets.json", "raw packets, passwords masked", &tables::packets_json(gathered)),
        file("proofs.json", "proofs of the log", &json!({ "proofs": proofs })),
    ]
}

fn record(snapshot: &Snapshot, episode: &Episode) -> Value {
    let computed = &episode.computed;
    json!({
        "episode": episode.id,
        "fingerprint": episode.fingerprint,
        "outlet": snapshot.point(computed.point).map(|point| point.code.clone()),
        "factor": snapshot.factor(computed.factor).map(|factor| factor.code.clone()),
        "period": computed.period.as_str(),
        "began_at": computed.began_at().to_string(),
        "ended_at": computed.ended_at().to_string(),
        "over": computed.over,
        "beside": computed.beside,
        "basis": computed.basis,
    })
}
