//! One permit: what the version that holds says, its dates, its versions, what stands beside it.

use super::super::actual::{self, Discharged};
use super::super::list::today;
use super::super::{PATH, access, unknown};
use super::{amounts, parts};
use axum::extract::{Path, Query, State};
use jiff::ToSpan as _;
use jiff::civil::Date;
use maud::{Markup, html};
use permits::clocks::{self, Radar};
use permits::{Background, DutyDate, PermitDuty, PermitVersion, duties_between, versions, words};
use registry::Snapshot;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, Visitor};

/// Dates of duties are shown for so many days ahead.
const AHEAD_DAYS: i64 = 120;

/// A permit with the version that is shown.
pub(super) struct Found {
    pub(super) all: Vec<PermitVersion>,
    pub(super) shown: PermitVersion,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    version: Option<u32>,
}

/// The permit of a number, with the version asked for or the one that holds.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn find(
    state: &AppState,
    number: &str,
    version: Option<u32>,
) -> Result<Found, Problem> {
    let all = permits::by_number(&state.store, number).await;
    let all = all.map_err(super::super::problem)?;
    let shown = match version {
        Some(wanted) => all.iter().find(|it| it.version == wanted),
        None => versions::shown(&all, today(state)),
    };
    let shown = shown.cloned().ok_or_else(|| unknown(number))?;
    Ok(Found { all, shown })
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let found = find(&state, &number, asked.version).await?;
    let (today, shown) = (today(&state), &found.shown);
    let background = permits::background_of(&state.store, shown.permit.id).await;
    let background = background.map_err(super::super::problem)?;
    let holder = snapshot.enterprise(shown.permit.enterprise);
    let discharged =
        actual::discharged(&state, &snapshot, shown.permit.enterprise, today.year()).await?;
    let may_manage = access::manages_of(&visitor, holder);
    let content = html! {
        (parts::confidence(&reader, shown.confidence))
        (standing(&reader, &found, today))
        (components::section("facts", reader.pick("基本信息", "What it is"),
            facts(&reader, &snapshot, shown)))
        (components::section("outlets", reader.pick("排放口", "Outlets"),
            outlets(&reader, &snapshot, shown)))
        (components::section("limits", reader.pick("许可限值", "Limits"),
            parts::limits(&reader, &snapshot, shown)))
        (components::section("amounts", reader.pick("许可排放量", "Amounts"),
            permitted(&reader, &snapshot, shown)))
        (components::section("beside", reader.pick("四本账对照", "Four papers side by side"),
            beside(&reader, &snapshot, shown, &background, &discharged, today)))
        (components::section("duties", reader.pick("义务与日历", "Duties and their dates"),
            duties(&reader, &snapshot, shown, today)))
        (components::section("versions", reader.pick("版本", "Versions"),
            history(&reader, &found)))
        (components::section("documents", reader.pick("文件", "Documents"),
            documents(&reader, &number, shown, &background)))
        @if may_manage {
            (components::section("manage", reader.pick("管理", "Manage"), manage(&reader, shown)))
        }
    };
    let name = holder.map_or(shown.holder.as_str(), |holder| reader.name(&holder.name));
    let title = format!("{} {name}", reader.pick("排污许可证", "Permit of"));
    let page = Page::new(title).under(PATH, reader.pick("排污许可", "Discharge permits"));
    Ok(page.render(&state, &reader, content))
}

/// Whether the shown version holds, and how near its expiry is.
fn standing(reader: &Reader, found: &Found, today: Date) -> Markup {
    let shown = &found.shown;
    let holds = versions::on(&found.all, today).is_some_and(|it| it.version == shown.version);
    let radar = Radar::of(shown, today);
    let label = reader.pick("版本", "Version");
    let now = versions::shown(&found.all, today);
    let note = match now {
        Some(now) if now.version == shown.version => {
            if holds {
                reader.pick("现行版本", "in force")
            } else {
                reader.text_of(radar)
            }
        }
        _ => reader.pick("不是现行版本", "another version is in force"),
    };
    html! {
        div class="stats" {
            (components::stat(label, html! { (shown.version) }, Some(note)))
            (components::stat(reader.pick("有效期止", "Expires"),
                html! { (shown.valid_to) }, None))
            (components::stat(reader.pick("剩余天数", "Days left"),
                html! { (clocks::days_left(shown, today)) }, None))
            (components::stat(reader.pick("延续申请最迟", "Apply for renewal by"),
                parts::renewal(reader, shown, today), None))
        }
        p { (parts::radar(reader, radar)) }
        @if let Some(ended) = &shown.permit.ended {
            (components::notice("warning", html! {
                p {
                    (reader.pick("许可证已于该日终止:", "The permit ended on: "))
                    (ended.last_day) " · " (ended.reason)
                }
            }))
        }
        @if radar == Radar::Expired {
            (components::notice("warning", html! {
                p {
                    (reader.pick(
                        "许可证已过有效期。在录入延续或终止之前,自动监测数据仍按最后一版限值判定。",
                        "The permit has expired. Until its renewal or end is entered, values are \
                         still judged by the limits of its last version."))
                }
            }))
        }
    }
}

/// The radar's words, borrowed for as long as the reader needs them.
trait RadarWords {
    fn text_of(&self, radar: Radar) -> &'static str;
}

impl RadarWords for Reader {
    fn text_of(&self, radar: Radar) -> &'static str {
        let (zh, en) = match radar {
            Radar::Ended => ("已终止", "ended"),
            Radar::Expired => ("已过期", "expired"),
            _ => ("尚未生效", "not in force yet"),
        };
        if self.language == web::Language::Chinese { zh } else { en }
    }
}

fn facts(reader: &Reader, snapshot: &Snapshot, shown: &PermitVersion) -> Markup {
    let holder = snapshot.enterprise(shown.permit.enterprise);
    let fact = |zh: &str, en: &str, value: Markup| (reader.pick(zh, en).to_owned(), value);
    let mut facts = vec![
        fact("许可证编号", "Number", html! { code { (shown.permit.number) } }),
        fact(
            "单位",
            "Holder",
            html! {
                @if let Some(holder) = holder {
                    a href={ "/enterprises/" (holder.code) } { (reader.name(&holder.name)) }
                } @else { (shown.holder) }
            },
        ),
        fact("管理类别", "Class", html! { (reader.text(&shown.class.text())) }),
        fact("行业类别", "Industry", html! { (shown.industry) }),
        fact("生产经营场所", "Place", html! { (shown.place) }),
        fact("核发机关", "Issued by", html! { (shown.issuer) }),
    ];
    if let Some(day) = shown.issued_on {
        facts.push(fact("发证日期", "Issued on", html! { (day) }));
    }
    facts.push(fact("有效期", "Validity", html! { (shown.valid_from) " – " (shown.valid_to) }));
    facts.push(fact("本版生效", "This version from", html! { (shown.in_force_from) }));
    facts.push(fact("资料来源", "Source", html! { (shown.source) }));
    components::definition_list(&facts)
}

fn outlets(reader: &Reader, snapshot: &Snapshot, shown: &PermitVersion) -> Markup {
    let mut table = Table::new(
        reader.pick("许可证载明的排放口", "Outlets that the permit names"),
        vec![
            Column::words(reader.pick("编号", "Number")),
            Column::words(reader.pick("名称", "Name")),
            Column::words(reader.pick("类别", "Medium")),
            Column::words(reader.pick("类型", "Kind")),
            Column::words(reader.pick("去向", "Where to")),
            Column::words(reader.pick("规律", "Manner")),
        ],
    );
    let listed: Vec<_> = snapshot.outlets_of(shown.permit.enterprise).collect();
    for outlet in &shown.outlets {
        let point =
            listed.iter().find(|point| point.code.ends_with(&format!("/{}", outlet.number)));
        table.row(vec![
            html! {
                @match point {
                    Some(point) => a href={ "/outlets/" (point.code) } { (outlet.number) },
                    None => (outlet.number),
                }
            },
            html! {
                @match point {
                    Some(point) => (reader.name(&point.name)),
                    None => (outlet.name),
                }
            },
            html! {
                (reader.text(&outlet.medium.text()))
                @if let Some(height) = outlet.height_m { ", " (height) " m" }
            },
            html! {
                @if outlet.is_main { (reader.pick("主要排放口", "main")) }
                @else { (reader.pick("一般排放口", "general")) }
            },
            html! { (outlet.destination) },
            html! { (outlet.manner) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有排放口", "No outlets"),
            reader.pick("登记管理可不载明排放口。", "A registration may name none."),
        );
    }
    table.render()
}

fn permitted(reader: &Reader, snapshot: &Snapshot, shown: &PermitVersion) -> Markup {
    let name = words::names(snapshot);
    let mut table = Table::new(
        reader.pick("许可排放量,吨", "Permitted amounts, tonnes"),
        vec![
            Column::words(reader.pick("污染物", "Pollutant")),
            Column::words(reader.pick("范围", "Of")),
            Column::words(reader.pick("时段", "Period")),
            Column::numbers(reader.pick("吨", "Tonnes")),
            Column::words(reader.pick("核算依据", "Basis")),
        ],
    );
    for amount in &shown.amounts {
        table.row(vec![
            html! { (reader.text(&name(&amount.pollutant))) },
            html! { (reader.text(&words::outlet(amount.outlet.as_deref()))) },
            html! { (reader.text(&words::amount_of(amount))) },
            parts::tonnes(Some(amount.tonnes)),
            html! { (amount.citation) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有许可排放量", "No amounts"),
            reader.pick(
                "简化管理的许可证可不载明许可排放量。",
                "A permit under simplified management may set none.",
            ),
        );
    }
    table.render()
}

fn beside(
    reader: &Reader,
    snapshot: &Snapshot,
    shown: &PermitVersion,
    background: &Background,
    discharged: &Discharged,
    today: Date,
) -> Markup {
    let versions = std::slice::from_ref(shown);
    let (approvals, quotas) = (&background.approvals, &background.quotas);
    let rows = actual::beside(versions, approvals, quotas, discharged, today.year());
    let holder = snapshot.enterprise(shown.permit.enterprise);
    html! {
        (amounts::counted(reader, discharged.days, today.year()))
        (amounts::table(reader, snapshot, &[(holder, rows)], today.year(), false))
    }
}

fn duties(reader: &Reader, snapshot: &Snapshot, shown: &PermitVersion, today: Date) -> Markup {
    let name = words::names(snapshot);
    let mut table = Table::new(
        reader.pick("许可证载明的义务", "What the permit asks"),
        vec![
            Column::words(reader.pick("义务", "Duty")),
            Column::words(reader.pick("期限或频次", "When")),
            Column::words(reader.pick("内容", "Content")),
        ],
    );
    for duty in &shown.duties {
        table.row(vec![
            html! { (reader.text(&words::duty(duty, &name))) },
            html! { (reader.text(&words::when(duty))) },
            html! { (words::content(duty)) },
        ]);
    }
    let until = today.checked_add(AHEAD_DAYS.days()).unwrap_or(today);
    let dates = duties_between(shown, today, until);
    html! {
        (coming(reader, snapshot, shown, &dates))
        details class="folded" {
            summary { (reader.pick("全部义务", "All duties")) " (" (shown.duties.len()) ")" }
            (table.render())
        }
    }
}

fn coming(
    reader: &Reader,
    snapshot: &Snapshot,
    shown: &PermitVersion,
    dates: &[DutyDate],
) -> Markup {
    let name = words::names(snapshot);
    let mut table = Table::new(
        reader.pick("今后 120 天内到期", "Due within 120 days"),
        vec![
            Column::words(reader.pick("到期", "Due")),
            Column::words(reader.pick("义务", "Duty")),
            Column::words(reader.pick("所属时段", "Period")),
        ],
    );
    for date in dates {
        let Some(duty) = date.of(shown) else { continue };
        table.row(vec![
            html! { (date.due) },
            html! {
                (reader.text(&words::duty(duty, &name)))
                @if date.is_replaced {
                    " " span class="muted" {
                        (reader.pick("(由年报、季报替代)", "(covered by a longer report)"))
                    }
                }
            },
            html! { (date.from) " – " (date.to) },
        ]);
    }
    let is_silent = shown
        .duties
        .iter()
        .any(|duty| matches!(duty, PermitDuty::ExecutionReport { due: None, .. }));
    html! {
        @if table.is_empty() {
            p { (reader.pick("今后 120 天内没有到期事项。", "Nothing is due within 120 days.")) }
        } @else { (table.render()) }
        @if is_silent {
            (components::notice("note", html! {
                p {
                    (reader.pick(
                        "许可证未载明部分报告的提交期限,平台不代为推定;请在许可证中查明后重新导入。",
                        "The permit does not say when some reports are due, and nobody guesses it \
                         here: find it in the permit and import it again."))
                }
            }))
        }
    }
}

fn history(reader: &Reader, found: &Found) -> Markup {
    let mut table = Table::new(
        reader.pick("版本,新的在前", "Versions, the newest first"),
        vec![
            Column::words(reader.pick("版本", "Version")),
            Column::words(reader.pick("生效", "From")),
            Column::words(reader.pick("有效期", "Validity")),
            Column::words(reader.pick("变更", "Why")),
            Column::words(reader.pick("录入", "Entered")),
            Column::words(reader.pick("比较", "Compare")),
        ],
    );
    let number = &found.shown.permit.number;
    let mut order: Vec<&PermitVersion> = found.all.iter().collect();
    order.sort_by_key(|it| (it.in_force_from, it.version));
    let before = std::iter::once(None).chain(order.iter().copied().map(Some));
    let pairs: Vec<_> = order.iter().copied().zip(before).collect();
    for (version, before) in pairs.into_iter().rev() {
        let path = parts::path(number);
        table.row(vec![
            html! {
                a href={ (path) "?version=" (version.version) } { (version.version) }
                @if version.version == found.shown.version {
                    " " span class="muted" { (reader.pick("(本页)", "(this page)")) }
                }
            },
            html! { (version.in_force_from) },
            html! { (version.valid_from) " – " (version.valid_to) },
            html! {
                (reader.text(&version.reason.text()))
                @if !version.reason_note.is_empty() { ": " (version.reason_note) }
            },
            html! { (components::moment(version.entered_at)) },
            html! {
                @if let Some(before) = before {
                    a href={ (path) "/versions?from=" (before.version) "&to=" (version.version) } {
                        (reader.pick("与第", "with version ")) (before.version)
                        (reader.pick("版比较", ""))
                    }
                }
            },
        ]);
    }
    table.render()
}

fn documents(
    reader: &Reader,
    number: &str,
    shown: &PermitVersion,
    background: &Background,
) -> Markup {
    html! {
        ul {
            li {
                a href={ (parts::path(number)) "/workbook.xlsx?version=" (shown.version) } {
                    (reader.pick("本版许可证 XLSX", "This version as XLSX"))
                }
            }
            @for approval in &background.approvals {
                li {
                    (reader.pick("环评批复", "Impact assessment")) " " (approval.document) " "
                    (approval.project) " · " (approval.approved_by) " · " (approval.approved_on)
                }
            }
            @for quota in quotas_once(background) {
                li { (reader.pick("总量指标", "Quota")) " " (quota) }
            }
        }
    }
}

fn quotas_once(background: &Background) -> Vec<&str> {
    let mut documents: Vec<&str> = Vec::new();
    for quota in &background.quotas {
        if !documents.contains(&quota.document.as_str()) {
            documents.push(&quota.document);
        }
    }
    documents
}

fn manage(reader: &Reader, shown: &PermitVersion) -> Markup {
    html! {
        p {
            a class="button" href={ (PATH) "/import" } {
                (reader.pick("导入新版本", "Import a new version"))
            }
        }
        @if shown.permit.ended.is_none() {
            form class="filters" method="post" action={ (parts::path(&shown.permit.number)) "/end" } {
                label {
                    (reader.pick("最后一天", "Last day"))
                    input type="date" name="last_day" required;
                }
                label {
                    (reader.pick("注销、撤销或吊销的决定", "Decision by which it ends"))
                    input name="reason" maxlength="400" required;
                }
                button type="submit" { (reader.pick("终止许可证", "End the permit")) }
            }
            p class="hint" {
                (reader.pick(
                    "终止后,自动监测数据在最后一天之后不再按本证限值判定。",
                    "After its last day values are no longer judged by the limits of this permit."))
            }
        }
    }
}
