//! Pages of commands: a device with its console, the list, one command.

use super::{commands, keys, problem_of, words};
use authority::{Action, Subject};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use hj212::request::{Askable, Form, Parameter, Purpose, askable};
use ingest::commands::{CommandFilter, CommandId, CommandState, DeviceCommand};
use ingest::{DeviceState, Devices, Standing, forward_standings};
use maud::{Markup, html};
use registry::Device;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

/// Commands on one page.
const A_PAGE: u32 = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/operator/devices/{mn}", get(device))
        .route("/operator/commands", get(all))
        .route("/operator/commands/{id}", get(one))
}

/// Lets those in who read operations.
pub(super) fn reads(signed_in: &SignedIn) -> Result<(), Problem> {
    signed_in.allowed(Action::ReadOperations, &Subject::installation()).map(|_| ())
}

fn may_command(signed_in: &SignedIn) -> bool {
    signed_in.allowed(Action::CommandDevices, &Subject::installation()).is_ok()
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    cn: Option<String>,
    after: Option<i64>,
}

async fn device(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(mn): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Markup, Problem> {
    reads(&signed_in)?;
    let snapshot = state.snapshot();
    let device = snapshot.device(&mn).ok_or_else(|| no_device(&mn))?;
    let commands = commands(&state)?;
    let edition = commands.edition_of(&mn);
    let filter = CommandFilter {
        mn: mn.clone(),
        before: chosen.after,
        limit: A_PAGE + 1,
        ..CommandFilter::default()
    };
    let found = commands.list(&filter).await.map_err(problem_of)?;
    let (found, next) = page(found);
    let seen = state.handle::<Devices>().and_then(|devices| devices.state(&mn));
    let asked = chosen.cn.as_deref().and_then(|cn| askable(edition).find(|one| one.cn == cn));
    let content = html! {
        (facts(&state, &reader, device, seen.as_ref(), edition))
        @if may_command(&signed_in) {
            (components::section("console", reader.pick("下发指令", "Send a command"), html! {
                (choice(&reader, edition, asked))
                @if let Some(asked) = asked { (form(&reader, &mn, asked)) }
                (initialisation(&reader, &mn))
            }))
        }
        (keys::section(&reader, commands.keys(), &mn, may_command(&signed_in), state.now()))
        (components::section("commands", reader.pick("指令记录", "Commands"), html! {
            (list(&reader, &found, false))
            (components::pages(&reader, next.as_deref()))
        }))
    };
    Ok(Page::new(mn)
        .under("/operator", reader.pick("运维", "Operations"))
        .under("/operator/devices", reader.pick("设备", "Devices"))
        .render(&state, &reader, content))
}

pub(super) fn no_device(mn: &str) -> Problem {
    Problem::not_found(
        format!("没有登记 MN 为 {mn} 的设备"),
        format!("no device with the MN {mn} is registered"),
    )
}

fn facts(
    state: &AppState,
    reader: &Reader,
    device: &Device,
    seen: Option<&DeviceState>,
    edition: hj212::Edition,
) -> Markup {
    let snapshot = state.snapshot();
    let point = snapshot.point(device.point);
    let online = match seen {
        Some(seen) if seen.online => {
            components::status_badge("good", reader.pick("在线", "online"))
        }
        Some(_) => components::status_badge("bad", reader.pick("离线", "offline")),
        None => components::status_badge("quiet", reader.pick("从未连接", "never connected")),
    };
    let interval = |number: Option<u32>, unit: &str| {
        number.map_or_else(|| "—".to_owned(), |number| format!("{number} {unit}"))
    };
    components::definition_list(&[
        (
            reader.pick("点位", "Point").to_owned(),
            html! { (point.map_or("—", |point| reader.name(&point.name))) },
        ),
        (reader.pick("状态", "State").to_owned(), online),
        (
            reader.pick("最近数据包", "Last packet").to_owned(),
            html! {
                @match seen.and_then(|seen| seen.last_packet_at) {
                    Some(at) => { (components::moment(at)) }
                    None => { "—" }
                }
            },
        ),
        (
            reader.pick("协议版本", "Edition spoken").to_owned(),
            html! { "HJ 212-" (edition.as_str()) },
        ),
        (
            reader.pick("时钟偏差", "Clock ahead by").to_owned(),
            html! {
                @match seen.and_then(|seen| seen.clock_offset_ms) {
                    Some(offset) => { (format!("{:.1} s", offset as f64 / 1000.0)) }
                    None => { "—" }
                }
            },
        ),
        (
            reader.pick("应报间隔", "Values are due every").to_owned(),
            html! {
                (interval(device.realtime_interval_s, "s")) " · "
                (interval(device.minute_interval_min, "min")) " · "
                (interval(device.hour_interval_h, "h"))
            },
        ),
    ])
}

/// The commands that the device's edition knows, to choose one.
fn choice(reader: &Reader, edition: hj212::Edition, chosen: Option<&Askable>) -> Markup {
    let purposes =
        [Purpose::Recall, Purpose::Read, Purpose::Set, Purpose::Start, Purpose::Stop, Purpose::Act];
    html! {
        form class="filters" method="get" action="#console" {
            label {
                (reader.pick("指令", "Command"))
                select name="cn" {
                    @for purpose in purposes {
                        optgroup label=(words::purpose(reader, purpose)) {
                            @for one in askable(edition).filter(|one| one.purpose == purpose) {
                                option value=(one.cn)
                                    selected[chosen.is_some_and(|chosen| chosen.cn == one.cn)] {
                                    (one.cn) " " (words::name(reader, one.cn))
                                }
                            }
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("选择", "Choose")) }
        }
    }
}

/// The form that sends everything of a first connection.
fn initialisation(reader: &Reader, mn: &str) -> Markup {
    html! {
        details {
            summary { (reader.pick("初始化设备(首次连接)", "Initialise the device (first connection)")) }
            p class="hint" {
                (reader.pick(
                    "依次下发:校时 1012、超时与重发 1000、登记的上报间隔 1062/1064、开始上传 2011/2021\
                     (HJ 212-2017 第 6.7 节)。",
                    "Sends in order: clock 1012, timeout and repeats 1000, the registered intervals \
                     1062 and 1064, start of uploads 2011 and 2021 (HJ 212-2017 6.7)."))
            }
            form class="filters" method="post" action={ "/operator/devices/" (mn) "/initialise" } {
                label {
                    (reader.pick("原因(必填)", "Why (needed)"))
                    input name="reason" required maxlength="400";
                }
                button type="submit" { (reader.pick("初始化", "Initialise")) }
            }
        }
    }
}

fn form(reader: &Reader, mn: &str, asked: &Askable) -> Markup {
    html! {
        form class="filters" method="post" action={ "/operator/devices/" (mn) "/commands" } {
            input type="hidden" name="cn" value=(asked.cn);
            p { strong { (asked.cn) " " (words::name(reader, asked.cn)) } }
            @for (parameter, is_needed) in &asked.parameters {
                @if let Some(ending) = parameter.name.strip_prefix('*') {
                    label {
                        (reader.pick("编码", "Code of")) " " (ending)
                        input name={ "code" (ending) } required[*is_needed]
                            pattern="[A-Za-z0-9]{1,8}" maxlength="8";
                    }
                }
                label {
                    (reader.pick(&parameter.zh, &parameter.en)) " (" (parameter.name) ")"
                    (input(parameter, *is_needed))
                }
            }
            label {
                (reader.pick("原因(必填,随指令保存)", "Why (needed, kept with the command)"))
                input name="reason" required maxlength="400";
            }
            button type="submit" { (reader.pick("下发", "Send")) }
        }
        @if asked.needs_second_person {
            (components::notice("warning", html! { p {
                (reader.pick("此指令会改变测量、口令或归属,须由第二人同意后才会下发。",
                    "This changes what is measured or who is obeyed: it is sent when a second \
                     person has agreed."))
            } }))
        }
        p class="hint" { (reader.pick("依据", "Source")) ": " (asked.source) }
    }
}

fn input(parameter: &Parameter, is_needed: bool) -> Markup {
    let name = parameter.name;
    match &parameter.form {
        Form::Number(least, most) => html! {
            input type="number" name=(name) required[is_needed] min=(least) max=(most);
        },
        Form::Choice(values) => html! {
            select name=(name) {
                @if !is_needed { option value="" { "—" } }
                @for value in values { option value=(value) { (value) } }
            }
        },
        Form::Time => html! {
            input name=(name) required[is_needed] inputmode="numeric"
                pattern=(if name == "SystemTime" { "[0-9]{14}|now" } else { "[0-9]{14}" })
                placeholder=(if name == "SystemTime" { "now" } else { "20261129080000" });
        },
        Form::Clock => html! {
            input name=(name) required[is_needed] pattern="[0-9]{6}" placeholder="080000";
        },
        Form::Code(least, most) => html! {
            input name=(name) required[is_needed] minlength=(least) maxlength=(most)
                type=(if parameter.is_secret { "password" } else { "text" })
                autocomplete="off" pattern="[A-Za-z0-9]+";
        },
        Form::Decimal => html! {
            input name=(name) required[is_needed] inputmode="decimal"
                pattern="-?[0-9]+([.][0-9]+)?";
        },
        Form::Text(most) => html! {
            input name=(name) required[is_needed] maxlength=(most);
        },
    }
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    state: Option<String>,
    after: Option<i64>,
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    reads(&signed_in)?;
    let commands = commands(&state)?;
    let wanted_state = wanted.state.as_deref().filter(|word| !word.is_empty());
    let of_state = wanted_state.map(|word| {
        CommandState::parse(word).ok_or_else(|| {
            Problem::bad_request(
                format!("没有状态 {word:?}"),
                format!("there is no state {word:?}; choose one of the list"),
            )
        })
    });
    let filter = CommandFilter {
        state: of_state.transpose()?,
        before: wanted.after,
        limit: A_PAGE + 1,
        ..CommandFilter::default()
    };
    let (found, next) = page(commands.list(&filter).await.map_err(problem_of)?);
    let standings = forward_standings(&state.store).await;
    let standings = standings.map_err(|error| Problem::internal(&error))?;
    let content = html! {
        form class="filters" method="get" {
            label {
                (reader.pick("状态", "State"))
                select name="state" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for one in CommandState::ALL {
                        option value=(one.as_str()) selected[filter.state == Some(one)] {
                            (words::state(&reader, one))
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
        (list(&reader, &found, true))
        (components::pages(&reader, next.as_deref()))
        (components::section("forward", reader.pick("上级平台转发", "Hand-over to a higher platform"),
            upward(&state, &reader, &standings)))
    };
    Ok(Page::new(reader.pick("设备指令", "Commands to devices"))
        .under("/operator", reader.pick("运维", "Operations"))
        .render(&state, &reader, content))
}

fn page(mut found: Vec<DeviceCommand>) -> (Vec<DeviceCommand>, Option<String>) {
    let is_more = found.len() > A_PAGE as usize;
    found.truncate(A_PAGE as usize);
    let next = found.last().filter(|_| is_more).map(|last| last.id.0.to_string());
    (found, next)
}

fn upward(state: &AppState, reader: &Reader, standings: &[Standing]) -> Markup {
    let mut table = Table::new(
        reader.pick("每个上级平台的转发进度", "How far each target has been served"),
        vec![
            Column::words(reader.pick("目标", "Target")),
            Column::words(reader.pick("状态", "State")),
            Column::numbers(reader.pick("已应答数据包", "Packets answered")),
            Column::numbers(reader.pick("落后提交数", "Commits behind")),
            Column::words(reader.pick("最近应答", "Last answer")),
        ],
    );
    let end = state.recorder.health().block;
    for one in standings {
        table.row(vec![
            html! { code { (one.target) } },
            match one.failing_since {
                None => components::status_badge("good", reader.pick("正常", "well")),
                Some(since) => html! {
                    (components::status_badge("bad", reader.pick("中断", "interrupted")))
                    " " (components::moment(since)) " " span class="muted" { (one.problem) }
                },
            },
            html! { (one.forwarded) },
            html! { (end - one.block) },
            html! {
                @match one.answered_at {
                    Some(at) => { (components::moment(at)) }
                    None => { "—" }
                }
            },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("未配置上级平台", "No higher platform is configured"),
            reader.pick(
                "在配置 forward.target 中填写上级平台的 主机:端口。",
                "Name its host:port in the setting forward.target.",
            ),
        );
    }
    table.render()
}

fn list(reader: &Reader, found: &[DeviceCommand], with_device: bool) -> Markup {
    let mut columns = vec![Column::words(reader.pick("编号", "Number"))];
    if with_device {
        columns.push(Column::words("MN"));
    }
    columns.extend([
        Column::words(reader.pick("指令", "Command")),
        Column::words(reader.pick("状态", "State")),
        Column::words(reader.pick("申请人", "Asked by")),
        Column::words(reader.pick("原因", "Why")),
        Column::words(reader.pick("时间", "When")),
    ]);
    let mut table = Table::new(reader.pick("最新的在前", "The newest first"), columns);
    for command in found {
        let mut cells = vec![html! {
            a href={ "/operator/commands/" (command.id.0) } { (command.id.0) }
        }];
        if with_device {
            cells.push(html! {
                a href={ "/operator/devices/" (command.mn) } { code { (command.mn) } }
            });
        }
        cells.extend([
            html! { (command.cn) " " (words::name(reader, &command.cn)) },
            words::state_badge(reader, command),
            html! { (asker(reader, command)) },
            html! { (command.reason) },
            components::moment(command.asked_at),
        ]);
        table.row(cells);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有指令", "No command"),
            reader.pick(
                "在设备页选择指令下发;缺数会由平台自动补取。",
                "Send one from the page of a device; gaps are asked for by the platform itself.",
            ),
        );
    }
    table.render()
}

fn asker(reader: &Reader, command: &DeviceCommand) -> String {
    match command.asked_by.user {
        None if command.asked_by.name == "platform" => {
            reader.pick("平台自动", "the platform itself").to_owned()
        }
        _ => command.asked_by.name.clone(),
    }
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Markup, Problem> {
    reads(&signed_in)?;
    let commands = commands(&state)?;
    let found = commands.command(CommandId(id)).await.map_err(problem_of)?;
    let command = found.ok_or_else(|| no_command(id))?;
    let answers = commands.answers(command.id).await.map_err(problem_of)?;
    let mut table = Table::new(
        reader.pick("设备返回的内容", "What the device said"),
        vec![
            Column::words(reader.pick("时间", "When")),
            Column::words("CN"),
            Column::words(reader.pick("内容", "Content")),
        ],
    );
    for answer in &answers {
        table.row(vec![
            components::moment(answer.at),
            html! { code { (answer.cn) } },
            html! { code { (answer.content) } },
        ]);
    }
    let content = html! {
        (about(&reader, &command))
        @if may_command(&signed_in) { (buttons(&reader, &command)) }
        (components::section("answers", reader.pick("返回", "Answers"), html! {
            @if table.is_empty() {
                p { (reader.pick("没有参数返回;补取的历史数据已按监测数据入库。",
                    "No settings came back; recalled data are stored like any other.")) }
            } @else { (table.render()) }
        }))
    };
    Ok(Page::new(format!("{} {}", command.cn, words::name(&reader, &command.cn)))
        .under("/operator", reader.pick("运维", "Operations"))
        .under("/operator/commands", reader.pick("设备指令", "Commands to devices"))
        .render(&state, &reader, content))
}

pub(super) fn no_command(id: i64) -> Problem {
    Problem::not_found(
        format!("没有编号为 {id} 的指令"),
        format!("there is no command with the number {id}"),
    )
}

fn about(reader: &Reader, command: &DeviceCommand) -> Markup {
    let moment = |at: Option<jiff::Timestamp>| at.map_or_else(|| html! { "—" }, components::moment);
    components::definition_list(&[
        (
            reader.pick("设备", "Device").to_owned(),
            html! { a href={ "/operator/devices/" (command.mn) } { code { (command.mn) } } },
        ),
        (reader.pick("状态", "State").to_owned(), words::state_badge(reader, command)),
        (
            reader.pick("参数", "Parameters").to_owned(),
            html! {
                @for (name, value) in shown(command) { code { (name) "=" (value) } " " }
                @if command.parameters.is_empty() { "—" }
            },
        ),
        (reader.pick("申请人", "Asked by").to_owned(), html! { (asker(reader, command)) }),
        (reader.pick("原因", "Why").to_owned(), html! { (command.reason) }),
        (
            reader.pick("同意人", "Agreed by").to_owned(),
            html! { (command.agreed_by.as_deref().unwrap_or("—")) },
        ),
        (reader.pick("申请时间", "Asked at").to_owned(), components::moment(command.asked_at)),
        (
            reader.pick("下发时间", "Sent at").to_owned(),
            html! { (moment(command.sent_at))
                @if command.sent_times > 1 {
                    " × " (command.sent_times)
                }
            },
        ),
        (reader.pick("结束时间", "Ended at").to_owned(), moment(command.ended_at)),
        (reader.pick("返回数据包", "Packets of content").to_owned(), html! { (command.contents) }),
        ("QN".to_owned(), html! { code { (command.qn.as_deref().unwrap_or("—")) } }),
    ])
}

/// The parameters without passwords and keys, whatever the state.
pub(super) fn shown(command: &DeviceCommand) -> Vec<(String, String)> {
    let known = askable(command.edition).find(|one| one.cn == command.cn);
    let is_secret = |name: &str| {
        let mut parameters = known.iter().flat_map(|one| &one.parameters);
        parameters.any(|(parameter, _)| parameter.is_secret && parameter.name == name)
    };
    let covered = |(name, value): &(String, String)| {
        (name.clone(), if is_secret(name) { "••••••".to_owned() } else { value.clone() })
    };
    command.parameters.iter().map(covered).collect()
}

fn buttons(reader: &Reader, command: &DeviceCommand) -> Markup {
    let path = format!("/operator/commands/{}", command.id.0);
    html! {
        div class="row" {
            @if command.state == CommandState::Waiting {
                form method="post" action={ (path) "/agree" } {
                    button type="submit" { (reader.pick("同意下发", "Agree")) }
                }
            }
            @if matches!(command.state, CommandState::Waiting | CommandState::Queued) {
                form method="post" action={ (path) "/withdraw" } {
                    button type="submit" { (reader.pick("撤回", "Take back")) }
                }
            }
        }
    }
}
