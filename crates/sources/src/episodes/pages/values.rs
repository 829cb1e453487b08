//! The course of an episode: its picture, its periods with their three layers of marks.

use super::super::model::{Episode, length_ms};
use super::super::words;
use crate::fraud_signs::chart::{Axis, Chart, Line, Look};
use crate::words as area;
use maud::{Markup, html};
use registry::Snapshot;
use rulebook::Decimal;
use validity::{MonthRecord, PeriodState};
use web::Reader;
use web::components::{self, Column, Table};

/// So many periods around the episode are shown.
const AROUND: i64 = 12;

fn around<'a>(
    episode: &Episode,
    records: &'a [MonthRecord],
) -> Vec<(&'a MonthRecord, &'a PeriodState)> {
    let computed = &episode.computed;
    let room = AROUND * length_ms(computed.period);
    let from = computed.began_at().as_millisecond() - room;
    let to = computed.ended_at().as_millisecond() + room;
    let mut found: Vec<(&MonthRecord, &PeriodState)> = Vec::new();
    for record in records {
        for state in record.of(computed.factor, computed.period) {
            // The hours of today are told by a record that also holds the days before.
            let is_told = found.last().is_some_and(|(_, last)| state.start <= last.start);
            if !is_told && (from..to).contains(&state.start.as_millisecond()) {
                found.push((record, state));
            }
        }
    }
    found
}

pub(super) fn chart(
    snapshot: &Snapshot,
    reader: &Reader,
    episode: &Episode,
    records: &[MonthRecord],
) -> Markup {
    let computed = &episode.computed;
    let float = |value: Decimal| value.to_string().parse::<f64>().unwrap_or_default();
    let place = |state: &PeriodState| state.start.as_second() as f64;
    let mut chart = Chart::new(chart_words(snapshot, reader, episode, records), Axis::Time);
    chart.unit = words::unit(snapshot, computed);
    chart.from_zero = true;
    let near = around(episode, records);
    let line = |words: &str, look, of: fn(&PeriodState) -> Option<Decimal>| Line {
        words: words.to_owned(),
        look,
        points: near.iter().map(|(_, state)| (place(state), of(state).map(float))).collect(),
    };
    let has_converted = near.iter().any(|(_, state)| state.converted.is_some());
    let measured = reader.pick("实测", "measured");
    if has_converted {
        let converted = reader.pick("折算", "converted");
        chart.lines.push(line(converted, Look::First, |state| state.converted));
        chart.lines.push(line(measured, Look::Second, |state| state.concentration));
    } else {
        chart.lines.push(line(measured, Look::First, |state| state.concentration));
    }
    let seconds = |milliseconds: i64| milliseconds as f64 / 1000.0;
    let (from, to) = (computed.began_at(), computed.ended_at());
    let length = length_ms(computed.period);
    chart.bands = vec![(seconds(from.as_millisecond()), seconds(to.as_millisecond() - length))];
    reader.pick("超标过程", "the episode").clone_into(&mut chart.band_words);
    let mut levels: Vec<String> = Vec::new();
    for over in &computed.over {
        for number in over.limit.split(|c: char| !c.is_ascii_digit() && c != '.') {
            if let Ok(level) = number.parse::<f64>()
                && !levels.iter().any(|known| known == number)
            {
                levels.push(number.to_owned());
                chart.across.push((level, format!("{} {number}", reader.pick("限值", "limit"))));
            }
        }
    }
    if chart.is_empty() {
        return components::empty(
            reader.pick("没有可画的数据", "Nothing to draw"),
            reader
                .pick("判定记录不可用；数值见下表。", "The record is not at hand; see the table."),
        );
    }
    chart.render()
}

/// What the picture shows: the factor, and from when to when.
fn chart_words(
    snapshot: &Snapshot,
    reader: &Reader,
    episode: &Episode,
    records: &[MonthRecord],
) -> String {
    let computed = &episode.computed;
    let factor = words::factor(snapshot, computed);
    let near = around(episode, records);
    let moment = |place: Option<&(&MonthRecord, &PeriodState)>| {
        place.map_or_else(String::new, |(_, state)| {
            words::start(computed.period, state.start.as_millisecond())
        })
    };
    format!("{} {} – {}", reader.text(&factor), moment(near.first()), moment(near.last()))
}

/// The periods of the episode; those around it are folded away.
pub(super) fn values(
    snapshot: &Snapshot,
    reader: &Reader,
    episode: &Episode,
    records: &[MonthRecord],
) -> Markup {
    let computed = &episode.computed;
    let near = around(episode, records);
    let (within, beyond): (Vec<_>, Vec<_>) = near.into_iter().partition(|(_, state)| {
        state.start >= computed.began_at() && state.start < computed.ended_at()
    });
    let shown = if within.is_empty() {
        without_records(snapshot, reader, episode)
    } else {
        let words = reader.pick(
            "仪器、单位、审核三层标记互不覆盖",
            "The three layers of marks never overwrite each other",
        );
        table(snapshot, reader, episode, &within, words)
    };
    let around = reader.pick("前后各 12 个时段", "Twelve periods before and after");
    html! {
        (shown)
        @if !beyond.is_empty() {
            details class="folded" {
                summary { (around) }
                (table(snapshot, reader, episode, &beyond, around))
            }
        }
        @if !computed.beside.is_empty() {
            p class="hint" {
                (reader.pick("过程中另列、不计入超标的时段：", "Listed apart, not counted: "))
                @for (place, beside) in computed.beside.iter().enumerate() {
                    @if place > 0 { (reader.pick("；", "; ")) }
                    (words::start(computed.period, beside.start)) " "
                    (reader.pick(&beside.zh, &beside.en))
                }
            }
        }
    }
}

fn columns(reader: &Reader) -> Vec<Column> {
    vec![
        Column::words(reader.pick("时段", "Period")),
        Column::numbers(reader.pick("实测", "Measured")),
        Column::numbers(reader.pick("折算", "Converted")),
        Column::numbers(reader.pick("排放量 kg", "Amount, kg")),
        Column::words(reader.pick("限值", "Limit")),
        Column::numbers(reader.pick("超标倍数", "Multiple")),
        Column::words(reader.pick("仪器标记", "Instrument")),
        Column::words(reader.pick("单位标记", "Enterprise")),
        Column::words(reader.pick("审核决定", "Bureau")),
        Column::words(reader.pick("状态", "State")),
        Column::words(reader.pick("数据包", "Packet")),
    ]
}

fn table(
    snapshot: &Snapshot,
    reader: &Reader,
    episode: &Episode,
    periods: &[(&MonthRecord, &PeriodState)],
    words: &str,
) -> Markup {
    let computed = &episode.computed;
    let places = words::places(snapshot, computed);
    let mut table = Table::new(words, columns(reader));
    for (record, state) in periods {
        let start = state.start.as_millisecond();
        let is_over = computed.over.iter().any(|over| over.start == start);
        let limit = record.limit_of(state);
        let (zh, en) = state.state.names();
        let instrument = state
            .layers
            .instrument
            .map_or("—".to_owned(), |letter| char::from(letter).to_string());
        let bureau = state.layers.bureau.map_or("—".to_owned(), |one| format!("#{}", one.0));
        table.marked_row(
            is_over.then_some("exceeds"),
            vec![
                html! { (words::start(computed.period, start)) },
                html! { (words::number(state.concentration, places)) },
                html! { (words::number(state.converted, places)) },
                html! { (words::number(state.amount_kg, 3)) },
                html! { (limit.map_or_else(|| "—".to_owned(), |limit| area::bound(&limit.bound))) },
                html! { (words::number(state.excess, 2)) },
                html! { (instrument) },
                html! { @if let Some(mark) = state.layers.enterprise {
                    a href={ "/marks/" (mark.0) } { "#" (mark.0) }
                } @else { "—" } },
                html! { (bureau) },
                html! { (reader.pick(zh, en))
                @if state.exemption.is_some() { " · " (reader.pick("豁免", "exempted")) } },
                html! { @if let Some(source) = state.source {
                    a href={ "/packets/" (source.block) "/" (source.index) } {
                        (source.block) "/" (source.index)
                    }
                } @else { "—" } },
            ],
        );
    }
    table.render()
}

/// What the episode itself keeps, where its record cannot be read.
fn without_records(snapshot: &Snapshot, reader: &Reader, episode: &Episode) -> Markup {
    let computed = &episode.computed;
    let places = words::places(snapshot, computed);
    let words = reader.pick("过程自身保存的数值", "What the episode itself keeps");
    let mut table = Table::new(words, columns(reader));
    for over in &computed.over {
        let mut cells = vec![
            html! { (words::start(computed.period, over.start)) },
            html! { (words::number(Some(over.value), places)) },
            html! { "—" },
            html! { (words::number(over.amount_kg, 3)) },
            html! { (over.limit) },
            html! { (words::number(over.excess, 2)) },
        ];
        cells.extend((0..5).map(|_| html! { "—" }));
        table.row(cells);
    }
    table.render()
}
