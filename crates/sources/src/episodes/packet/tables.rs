//! The tables of a packet.

use super::gather::{Behind, Gathered};
use crate::episodes::model::Episode;
use crate::episodes::words;
use crate::words as area;
use documents::{Cell, Column, Table};
use registry::Snapshot;
use rulebook::Period;
use serde_json::{Value, json};
use validity::{BureauVerdict, Layers, PeriodState};
use web::{local_date, local_second};

/// A period under the chart and in tables.
pub(super) fn label(state: &PeriodState) -> String {
    match state.period {
        Period::Day => local_date(state.start),
        // Without the year and the seconds.
        _ => web::local_minute(state.start).chars().skip(5).collect(),
    }
}

fn layers(layers: &Layers) -> [String; 3] {
    let dash = || "—".to_owned();
    [
        layers.instrument.map_or_else(dash, |letter| char::from(letter).to_string()),
        layers.enterprise.map_or_else(dash, |mark| format!("标记 {}", mark.0)),
        layers.bureau.map_or_else(dash, |decision| format!("决定 {}", decision.0)),
    ]
}

/// The judged periods.
pub(super) fn values(snapshot: &Snapshot, episode: &Episode, gathered: &Gathered) -> Table {
    let computed = &episode.computed;
    let places = words::places(snapshot, computed);
    let unit = words::unit(snapshot, computed);
    let columns = vec![
        Column::text("时段", 15),
        Column::number("实测", 9),
        Column::number("折算", 9),
        Column::number("流量 m³", 11),
        Column::number("排放量 kg", 10),
        Column::number("比较值", 9),
        Column::text("限值", 9),
        Column::number("超标倍数", 8),
        Column::text("仪器", 6),
        Column::text("单位标记", 9),
        Column::text("审核", 9),
        Column::text("状态", 10),
        Column::text("原始数据包", 12),
    ];
    let rows = gathered.states.iter().map(|(record, state)| {
        let limit = gathered.records.get(*record).and_then(|record| record.limit_of(state));
        let [instrument, enterprise, bureau] = layers(&state.layers);
        let source = state
            .source
            .map_or_else(|| "—".to_owned(), |source| format!("{}/{}", source.block, source.index));
        let texts = [
            label(state),
            words::number(state.concentration, places),
            words::number(state.converted, places),
            words::number(state.flow, 1),
            words::number(state.amount_kg, 3),
            words::number(state.compared, places),
            limit.map_or_else(|| "—".to_owned(), |limit| area::bound(&limit.bound)),
            words::number(state.excess, 2),
            instrument,
            enterprise,
            bureau,
            state.state.names().0.to_owned(),
            source,
        ];
        let start = state.start.as_millisecond();
        let is_strong = computed.over.iter().any(|over| over.start == start);
        texts.map(|text| Cell { text, is_strong }).to_vec()
    });
    let caption = Some(format!("表 1　各时段的数据、标记与判定（浓度单位 {unit}）"));
    Table { caption, columns, rows: rows.collect() }
}

/// The marks of the enterprise and the decisions of the bureau on the shown periods.
pub(super) fn marks(gathered: &Gathered) -> Option<Table> {
    if gathered.marks.is_empty() && gathered.decisions.is_empty() {
        return None;
    }
    let row = |name: String, what: String, span: String, who: String, reason: String| {
        [name, what, span, who, reason].map(Cell::from).to_vec()
    };
    let span = |from, to| format!("{} – {}", web::local_minute(from), web::local_minute(to));
    let marks = gathered.marks.iter().map(|mark| {
        let day = rulebook::beijing_offset().to_datetime(mark.from).date();
        let kind = validity::mark_kind(&mark.kind, day);
        let late = if mark.is_late { "（逾期）" } else { "" };
        row(
            format!("标记 {}", mark.id.0),
            kind.map_or_else(|| mark.kind.clone(), |kind| kind.zh) + late,
            span(mark.from, mark.to),
            format!("{}　{}", mark.author, local_second(mark.at)),
            mark.reason.clone(),
        )
    });
    let decisions = gathered.decisions.iter().map(|decision| {
        let what = match decision.verdict {
            BureauVerdict::Accepted => "采纳标记",
            BureauVerdict::Rejected => "不采纳标记",
            BureauVerdict::Invalid => "认定无效",
            BureauVerdict::Valid => "认定有效",
        };
        row(
            format!("决定 {}", decision.id.0),
            what.to_owned(),
            span(decision.from, decision.to),
            format!("{}　{}", decision.author, local_second(decision.at)),
            decision.reason.clone(),
        )
    });
    Some(Table {
        caption: Some("单位标记与审核决定".to_owned()),
        columns: vec![
            Column::text("编号", 12),
            Column::text("内容", 18),
            Column::text("时段", 32),
            Column::text("作出人与时间", 30),
            Column::text("理由", 40),
        ],
        rows: marks.chain(decisions).collect(),
    })
}

/// What is listed apart: exempted periods, and those without valid data.
pub(super) fn beside(snapshot: &Snapshot, episode: &Episode) -> Table {
    let computed = &episode.computed;
    let places = words::places(snapshot, computed);
    let rows = computed.beside.iter().map(|beside| {
        vec![
            words::start(computed.period, beside.start).into(),
            words::number(beside.value, places).into(),
            if beside.is_exempt { "超标，豁免" } else { "无有效数据" }.into(),
            beside.zh.clone().into(),
        ]
    });
    Table {
        caption: Some("表 2　过程中另列的时段（不计入超标）".to_owned()),
        columns: vec![
            Column::text("时段", 20),
            Column::number("数值", 15),
            Column::text("类别", 20),
            Column::text("原因与依据", 60),
        ],
        rows: rows.collect(),
    }
}

/// The limits that were compared with, as the records hold them.
pub(super) fn limits(gathered: &Gathered) -> Table {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let used = |place: usize, limit: u16| {
        gathered.states.iter().any(|(record, state)| *record == place && state.limit == Some(limit))
    };
    for (place, record) in gathered.records.iter().enumerate() {
        for (number, limit) in (0_u16..).zip(&record.inputs.limits) {
            if !used(place, number) {
                continue;
            }
            let until = limit.valid_to.map_or_else(|| "—".to_owned(), |day| day.to_string());
            let row: Vec<Cell> = vec![
                area::bound(&limit.bound).into(),
                area::period(limit.period).zh.into_owned().into(),
                if limit.on_converted { "折算值" } else { "实测值" }.into(),
                limit.valid_from.to_string().into(),
                until.into(),
                limit.source.clone().into(),
            ];
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    Table {
        caption: Some("表 3　执行的限值（许可证版本或标准）".to_owned()),
        columns: vec![
            Column::text("限值", 12),
            Column::text("时段", 10),
            Column::text("比较对象", 12),
            Column::text("自", 14),
            Column::text("至", 14),
            Column::text("来源", 60),
        ],
        rows,
    }
}

/// The records that the episode was computed from, and whether they recompute.
pub(super) fn records(episode: &Episode, gathered: &Gathered) -> Table {
    let rows = episode.computed.basis.iter().zip(&gathered.records).zip(&gathered.is_same).map(
        |((basis, record), is_same)| {
            let version = if basis.version == 0 {
                "暂定，未存档".to_owned()
            } else {
                basis.version.to_string()
            };
            let outcome = match (basis.version, is_same) {
                (0, _) => "—",
                (_, true) => "一致",
                (_, false) => "不一致",
            };
            vec![
                basis.month.clone().into(),
                version.into(),
                record.inputs.rules.tables.clone().into(),
                record.inputs.block.to_string().into(),
                basis.digest.clone().into(),
                outcome.into(),
            ]
        },
    );
    Table {
        caption: Some("表 4　判定记录".to_owned()),
        columns: vec![
            Column::text("月份", 10),
            Column::text("版本", 12),
            Column::text("规则表版本", 16),
            Column::text("数据截至块", 12),
            Column::text("摘要（SHA-256）", 50),
            Column::text("复算", 8),
        ],
        rows: rows.collect(),
    }
}

/// The raw packets with their digests.
pub(super) fn packets(gathered: &Gathered) -> Table {
    let rows = gathered.packets.iter().map(|behind| {
        vec![
            format!("{}/{}", behind.source.block, behind.source.index).into(),
            local_second(behind.packet.received_at).into(),
            behind.packet.device.clone().unwrap_or_else(|| "—".to_owned()).into(),
            behind.packet.bytes.len().to_string().into(),
            behind.digest.to_hex().into(),
        ]
    });
    Table {
        caption: Some("表 5　原始数据包".to_owned()),
        columns: vec![
            Column::text("块/序号", 12),
            Column::text("收到时间", 20),
            Column::text("设备 MN", 24),
            Column::number("字节数", 8),
            Column::text("摘要（SHA-256）", 60),
        ],
        rows: rows.collect(),
    }
}

/// The blocks with the entries of the log that vouch for them.
pub(super) fn blocks(gathered: &Gathered) -> Table {
    let rows = gathered.blocks.iter().map(|(block, vouched)| {
        vec![
            block.to_string().into(),
            vouched.digest.map_or_else(|| "—".to_owned(), transparency::Hash::to_hex).into(),
            vouched.entry.as_ref().map_or_else(|| "待写入".to_owned(), ToString::to_string).into(),
        ]
    });
    Table {
        caption: Some("表 6　数据块与日志记录".to_owned()),
        columns: vec![
            Column::text("块号", 10),
            Column::text("块摘要（SHA-256）", 60),
            Column::text("日志记录", 34),
        ],
        rows: rows.collect(),
    }
}

/// The bytes as text, without the device's password; what is no text in hexadecimal digits.
pub(super) fn masked(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return base16ct::lower::encode_string(bytes);
    };
    let text = text.trim_end();
    let Some(at) = text.find("PW=") else { return text.to_owned() };
    let (before, behind) = text.split_at(at + 3);
    let end = behind.find(';').unwrap_or(behind.len());
    let rest = behind.get(end..).unwrap_or_default();
    format!("{before}******{rest}")
}

fn packet_json(behind: &Behind) -> Value {
    json!({
        "block": behind.source.block,
        "index": behind.source.index,
        "received_at": behind.packet.received_at.to_string(),
        "device": behind.packet.device,
        "bytes": behind.packet.bytes.len(),
        "sha256": behind.digest.to_hex(),
        "text": masked(&behind.packet.bytes),
    })
}

/// The raw packets as JSON.
pub(super) fn packets_json(gathered: &Gathered) -> Value {
    json!({ "packets": gathered.packets.iter().map(packet_json).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn the_password_of_a_device_is_not_printed() {
        let packet = b"##0100QN=1;ST=31;CN=2061;PW=123456;MN=A;CP=&&&&1234\r\n";
        assert_eq!(masked(packet), "##0100QN=1;ST=31;CN=2061;PW=******;MN=A;CP=&&&&1234");
        assert_eq!(masked(b"PW=secret"), "PW=******");
        assert_eq!(masked(b"no password"), "no password");
        assert_eq!(masked(&[0xff, 0x00]), "ff00");
    }
}
