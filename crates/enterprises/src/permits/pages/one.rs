//! One permit: what the version that holds says, its dates, its versions, what stands beside it.

use super::super::actual::{self, Discharged};
use super::super::list::today;
use super::super::{PATH, access, unknown};
use super::{amounts, duties, history, parts};
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use maud::{Markup, html};
use permits::clocks::{self, Radar};
use permits::{Background, PermitVersion, versions, words};
use registry::Snapshot;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, Visitor};

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
            duties::duties(&reader, &snapshot, shown, today)))
        (components::section("clocks", reader.pick("法定时限", "Clocks of the law"),
            duties::clocks_of_law(&reader, shown, today)))
        (components::section("versions", reader.pick("版本", "Versions"),
            history::history(&reader, &found)))
        (components::section("documents", reader.pick("文件", "Documents"),
            history::documents(&reader, &number, shown, &background)))
        @if may_manage {
            (components::section("manage", reader.pick("管理", "Manage"),
                history::manage(&reader, shown)))
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
        @if let Some(ended) = shown.ended() {
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
