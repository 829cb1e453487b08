//! The list of episodes, and the same as a file.

use super::super::model::Episode;
use super::super::queries::{self, A_FILE, A_PAGE, Wanted};
use super::super::words;
use super::PATH;
use authority::Action;
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use registry::Snapshot;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn};

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let (episodes, next) = queries::list(&state, &signed_in, &wanted, A_PAGE).await?;
    let may_compute = signed_in.scope(Action::DecideMarks).is_ok();
    let content = html! {
        p class="words" {
            (reader.pick(
                "超标过程是同一排放口、同一污染物连续的有效超标时段：废气按小时均值，废水按日均值。\
                 由判定记录自动计算，人工可合并或拆分；记录变化后重新计算，原结果保留。",
                "An episode is a run of consecutive valid periods over the limit of one factor \
                 at one outlet: hours of gas, days of water. It is computed from judged months; \
                 people may \
                 merge and split; when records change it is computed anew and the old one stays."))
        }
        (filters(&snapshot, &reader, &wanted))
        div class="row" {
            a class="button" href={ "/episodes/file.xlsx?" (query(&wanted)) } {
                (reader.pick("导出 XLSX", "Export XLSX"))
            }
            @if may_compute {
                form method="post" action="/episodes/run" {
                    button type="submit" { (reader.pick("立即重新计算", "Compute again now")) }
                }
            }
            a class="button" href="/evidence/verify" {
                (reader.pick("证据核验", "Check a packet"))
            }
        }
        (table(&snapshot, &reader, &episodes, may_compute))
        (components::pages(&reader, next.as_deref()))
    };
    let title = reader.pick("超标过程", "Exceedance episodes");
    Ok(Page::new(title).render(&state, &reader, content))
}

/// The filter as the query of an address.
fn query(wanted: &Wanted) -> String {
    let parts = [
        ("division", &wanted.division),
        ("outlet", &wanted.outlet),
        ("factor", &wanted.factor),
        ("from", &wanted.from),
        ("to", &wanted.to),
        ("state", &wanted.state),
    ];
    let given = parts.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref().filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", web::encode(value)))
    });
    given.collect::<Vec<_>>().join("&")
}

fn filters(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted) -> Markup {
    let option = |value: &str, words: &str, chosen: Option<&str>| {
        html! { option value=(value) selected[chosen == Some(value)] { (words) } }
    };
    let division = wanted.division.as_deref();
    let state = wanted.state.as_deref();
    html! {
        form class="filters" method="get" action=(PATH) {
            @if let Some(outlet) = wanted.outlet.as_deref().filter(|code| !code.is_empty()) {
                label {
                    (reader.pick("排放口", "Outlet"))
                    input name="outlet" value=(outlet);
                }
            }
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", reader.pick("全部", "all"), None))
                    @for one in &snapshot.divisions {
                        (option(&one.code, reader.name(&one.name), division))
                    }
                }
            }
            label {
                (reader.pick("从", "From"))
                input type="date" name="from" value=[wanted.from.as_deref()];
            }
            label {
                (reader.pick("到", "To"))
                input type="date" name="to" value=[wanted.to.as_deref()];
            }
            label {
                (reader.pick("范围", "Which"))
                select name="state" {
                    (option("current", reader.pick("现行", "current"), state))
                    (option("all", reader.pick("含已被取代", "with superseded"), state))
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

pub(super) fn table(
    snapshot: &Snapshot,
    reader: &Reader,
    episodes: &[Episode],
    may_compute: bool,
) -> Markup {
    if episodes.is_empty() {
        let advice = if may_compute {
            reader.pick(
                "没有超过限值的有效时段时这里是空的；也可放宽筛选条件，或立即重新计算。",
                "This is empty while nothing valid is over its limit; widen the filter, or compute \
                 again.",
            )
        } else {
            reader.pick(
                "没有超过限值的有效时段时这里是空的；也可放宽筛选条件。",
                "This is empty while nothing valid is over its limit; or widen the filter.",
            )
        };
        return components::empty(reader.pick("没有超标过程", "No episode"), advice);
    }
    let mut table = Table::new(
        reader.pick("超标过程，新的在前", "Episodes, the newest first"),
        vec![
            Column::words(reader.pick("排放口与污染物", "Outlet and factor")),
            Column::words(reader.pick("起止", "From and to")),
            Column::numbers(reader.pick("超标时段", "Over")),
            Column::numbers(reader.pick("最高值", "Highest")),
            Column::numbers(reader.pick("最高倍数", "Multiple")),
            Column::numbers(reader.pick("超标排放量 kg", "Over, kg")),
            Column::words(reader.pick("状态", "State")),
        ],
    );
    for episode in episodes {
        let computed = &episode.computed;
        let figures = computed.figures();
        let places = words::places(snapshot, computed);
        table.row(vec![
            html! {
                a href={ (PATH) "/" (episode.id) } {
                    (reader.text(&words::place(snapshot, computed)))
                }
            },
            html! { (words::span(computed)) },
            html! { (reader.text(&words::count(computed.period, figures.periods))) },
            html! {
                (words::number(figures.highest, places)) " " (words::unit(snapshot, computed))
            },
            html! { (words::multiple(&figures)) },
            html! { (words::number(figures.over_kg, 3)) },
            state_badge(reader, episode),
        ]);
    }
    table.render()
}

/// How an episode stands.
pub(super) fn state_badge(reader: &Reader, episode: &Episode) -> Markup {
    if episode.superseded_at.is_some() {
        return components::status_badge("quiet", reader.pick("已被取代", "superseded"));
    }
    if episode.computed.basis.iter().any(|basis| basis.version == 0) {
        return components::status_badge("warning", reader.pick("暂定", "provisional"));
    }
    if episode.computed.is_open {
        return components::status_badge("bad", reader.pick("未结束", "under way"));
    }
    components::status_badge("bad", reader.pick("已结束", "ended"))
}

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let (episodes, _) = queries::list(&state, &signed_in, &wanted, A_FILE).await?;
    let heads = [
        ("编号", "Number"),
        ("排放口", "Outlet"),
        ("排放口代码", "Code"),
        ("污染物", "Factor"),
        ("时段", "Period"),
        ("开始", "Began"),
        ("结束", "Ended"),
        ("超标时段数", "Periods over"),
        ("限值", "Limit"),
        ("限值来源", "Source of the limit"),
        ("最高值", "Highest"),
        ("最高超标倍数", "Highest multiple"),
        ("超标时段均值", "Mean"),
        ("单位", "Unit"),
        ("超标排放量 kg", "Amount over the limit, kg"),
        ("状态", "State"),
    ];
    let rows = episodes.iter().map(|episode| row(&snapshot, &reader, episode));
    let sheet = Sheet {
        name: queries::file_name(&snapshot),
        columns: heads.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows: rows.collect(),
    };
    sheet.xlsx()
}

fn row(snapshot: &Snapshot, reader: &Reader, episode: &Episode) -> Vec<Cell> {
    let computed = &episode.computed;
    let figures = computed.figures();
    let outlet = snapshot.point(computed.point);
    let first = computed.over.first();
    let text = |text: &rulebook::Text| Cell::from(reader.text(text));
    vec![
        Cell::from(episode.id.to_string()),
        text(&words::outlet(snapshot, computed)),
        Cell::from(outlet.map_or("", |point| point.code.as_str())),
        text(&words::factor(snapshot, computed)),
        text(&crate::words::period(computed.period)),
        Cell::from(web::local_minute(computed.began_at())),
        Cell::from(web::local_minute(computed.ended_at())),
        Cell::from(figures.periods.to_string()),
        Cell::from(first.map_or("", |over| over.limit.as_str())),
        Cell::from(first.map_or("", |over| over.limit_source.as_str())),
        Cell::from(figures.highest),
        Cell::from(figures.worst_excess),
        Cell::from(figures.mean),
        Cell::from(words::unit(snapshot, computed)),
        Cell::from(figures.over_kg),
        Cell::from(match (episode.superseded_at.is_some(), computed.is_open) {
            (true, _) => reader.pick("已被取代", "superseded"),
            (false, true) => reader.pick("未结束", "under way"),
            (false, false) => reader.pick("已结束", "ended"),
        }),
    ]
}
