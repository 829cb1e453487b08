//! What a command is called and what came of it, in the reader's language.

use hj212::conversation::End;
use hj212::request::Purpose;
use ingest::commands::{CommandState, DeviceCommand};
use maud::{Markup, html};
use web::{Reader, components};

pub(super) fn name(reader: &Reader, cn: &str) -> String {
    hj212::tables::command(cn).map_or_else(String::new, |command| {
        reader.pick(&command.name_zh, &command.name_en).to_owned()
    })
}

pub(super) fn purpose(reader: &Reader, purpose: Purpose) -> &'static str {
    let (zh, en) = match purpose {
        Purpose::Read => ("提取参数与状态", "read settings and states"),
        Purpose::Set => ("设置参数", "change settings"),
        Purpose::Recall => ("补取历史数据", "recall stored data"),
        Purpose::Start => ("启动上传", "start sending"),
        Purpose::Stop => ("停止上传", "stop sending"),
        Purpose::Act => ("校准、采样、清洗", "calibrate, sample, rinse"),
    };
    pick(reader, zh, en)
}

pub(super) fn state(reader: &Reader, state: CommandState) -> &'static str {
    let (zh, en) = state.names();
    pick(reader, zh, en)
}

pub(super) fn state_badge(reader: &Reader, command: &DeviceCommand) -> Markup {
    let tone = match command.state {
        CommandState::Done => "good",
        CommandState::Waiting | CommandState::NoResult | CommandState::NoAnswer => "warning",
        CommandState::Refused | CommandState::Failed => "bad",
        _ => "quiet",
    };
    html! {
        (components::status_badge(tone, state(reader, command.state)))
        @if let Some(words) = result(reader, command) { " " span class="muted" { (words) } }
    }
}

/// What the number of a result means.
pub(super) fn result(reader: &Reader, command: &DeviceCommand) -> Option<String> {
    let number = command.result?;
    let end = match command.state {
        CommandState::Refused => End::Refused(number),
        CommandState::Failed => End::Failed(number),
        _ => return None,
    };
    let (zh, en) = end.texts();
    Some(format!("{number} {}", pick(reader, zh, en)))
}

fn pick(reader: &Reader, zh: &'static str, en: &'static str) -> &'static str {
    match reader.language {
        web::Language::Chinese => zh,
        web::Language::English => en,
    }
}
