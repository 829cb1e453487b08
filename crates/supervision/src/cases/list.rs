//! The work lists: what is to be done, by whom, and how much time is left.

use super::filter::Wanted;
use super::lamp;
use super::people::People;
use super::words::{self, Marks};
use crate::engine::{engine, refused};
use authority::{Action, Scope, scope};
use axum::extract::{Query, State};
use cases::{CaseRow, Cases, Count, Counts, Page as Rows, SavedView, WorkList};
use maud::{Markup, html};
use registry::Snapshot;
use serde::Deserialize;
use web::components::{self, Column};
use web::{AppState, Page, Problem, Reader, SignedIn, local_date, local_minute};

/// What was done just before, told at the head of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    /// How many were given to somebody.
    assigned: Option<u32>,
}

/// Everything that a work list shows.
struct Desk<'a> {
    state: &'a AppState,
    reader: &'a Reader,
    signed_in: &'a SignedIn,
    engine: &'a Cases,
    snapshot: &'a Snapshot,
    people: &'a People,
    wanted: &'a Wanted,
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(mut wanted): Query<Wanted>,
    Query(done): Query<Done>,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let engine = engine(&state)?;
    let (principal, now) = (signed_in.principal(), state.now());
    let counts = engine.counts(principal, now).await.map_err(refused)?;
    if wanted.list.is_empty() {
        first(&counts, &wanted).as_str().clone_into(&mut wanted.list);
    }
    let found = engine.list(principal, &wanted.filter()?, now).await.map_err(refused)?;
    let views = engine.views(principal).await.map_err(refused)?;
    let people = People::read(&state).await?;
    let snapshot = state.snapshot();
    let desk = Desk {
        state: &state,
        reader: &reader,
        signed_in: &signed_in,
        engine: &engine,
        snapshot: &snapshot,
        people: &people,
        wanted: &wanted,
    };
    let content = html! {
        @if let Some(number) = done.assigned {
            (components::notice("good", html! {
                @match reader.language {
                    web::Language::Chinese => { "已派办 " (number) " 件。" }
                    web::Language::English => { (number) " cases were given." }
                }
            }))
        }
        (desk.ways(&counts))
        (desk.lists(&counts))
        (desk.views(&views))
        (desk.filters())
        (desk.rows(&found))
        (components::pages(&reader, found.next.map(|next| next.to_string()).as_deref()))
    };
    Ok(Page::new(reader.pick("事项", "Cases")).render(&state, &reader, content))
}

/// The list that somebody sees first: their own work, else their unit's, else all.
fn first(counts: &Counts, wanted: &Wanted) -> WorkList {
    if wanted.is_narrowed() {
        return WorkList::All;
    }
    match (counts.mine.number, counts.unit.number) {
        (0, 0) => WorkList::All,
        (0, _) => WorkList::Unit,
        _ => WorkList::Mine,
    }
}

impl Desk<'_> {
    fn may(&self, action: Action) -> bool {
        scope(self.signed_in.principal(), action) != Scope::Nothing
    }

    fn ways(&self, counts: &Counts) -> Markup {
        let reader = self.reader;
        html! {
            ul class="actions" {
                @if self.may(Action::OpenCase) {
                    li { a class="button primary" href="/cases/new" {
                        (reader.pick("登记事项", "Open a case"))
                    } }
                }
                li { a class="button" href="/cases/search" { (reader.pick("全文检索", "Search")) } }
                @if self.signed_in.principal().user.is_some() {
                    li { a class="button" href="/notifications" {
                        (reader.pick("通知", "Notices"))
                        @if counts.unread.number > 0 {
                            " " span class="count count-new" { (counts.unread) }
                        }
                    } }
                }
                li { a class="button" href="/cases/kinds" {
                    (reader.pick("事项类型与时限", "Kinds and clocks"))
                } }
            }
        }
    }

    fn lists(&self, counts: &Counts) -> Markup {
        let reader = self.reader;
        let count = |list: WorkList| -> Option<Count> {
            Some(match list {
                WorkList::Mine => counts.mine,
                WorkList::Unit => counts.unit,
                WorkList::Overdue => counts.overdue,
                WorkList::DueSoon => counts.due_soon,
                WorkList::Escalated => counts.escalated,
                WorkList::Watched | WorkList::All => return None,
            })
        };
        html! {
            nav class="tabs desk-lists" aria-label=(reader.pick("工作清单", "Work lists")) {
                ul {
                    @for list in WorkList::ALL {
                        @let (zh, en) = list.names();
                        @let is_shown = self.wanted.list == list.as_str();
                        li { a href={ "/cases?list=" (list.as_str()) }
                            aria-current=[is_shown.then_some("page")] {
                            (reader.pick(zh, en))
                            @if let Some(count) = count(list) {
                                " " span class={ "count" (urgent(list, count)) } { (count) }
                            } @else if list == WorkList::All {
                                " " span class="muted" {
                                    (reader.pick("在办", "open")) " " (counts.open)
                                }
                            }
                        } }
                    }
                }
            }
        }
    }

    fn views(&self, views: &[SavedView]) -> Markup {
        let reader = self.reader;
        html! {
            @if self.signed_in.principal().user.is_some() {
                div class="views" {
                    @if !views.is_empty() {
                        ul aria-label=(reader.pick("保存的视图", "Saved views")) {
                            @for view in views {
                                li class="chip" {
                                    a href={ "/cases?" (view.query) } { (view.name) }
                                    form method="post" action={ "/cases/views/" (view.id) "/delete" } {
                                        button class="plain" type="submit"
                                            aria-label={
                                                (reader.pick("删除视图", "Forget the view"))
                                                " " (view.name)
                                            } { "×" }
                                    }
                                }
                            }
                        }
                    }
                    @if self.wanted.is_narrowed() {
                        form class="save-view" method="post" action="/cases/views" {
                            input type="hidden" name="query" value=(self.wanted.query());
                            label class="visually-hidden" for="view-name" {
                                (reader.pick("视图名称", "Name of the view"))
                            }
                            input id="view-name" name="name" required maxlength="40"
                                placeholder=(reader.pick("视图名称", "Name of the view"));
                            button class="secondary" type="submit" {
                                (reader.pick("保存当前筛选", "Keep this filter"))
                            }
                        }
                    }
                }
            }
        }
    }

    fn filters(&self) -> Markup {
        let (reader, wanted) = (self.reader, self.wanted);
        let all = reader.pick("全部", "all");
        let option = |value: &str, words: &str, chosen: &str| {
            html! { option value=(value) selected[value == chosen] { (words) } }
        };
        let divisions = words::divisions(self.snapshot, self.signed_in, Action::ReadCase);
        html! {
            form class="filters" method="get" action="/cases" {
                input type="hidden" name="list" value=(wanted.list);
                label {
                    (reader.pick("关键词", "Words"))
                    input type="search" name="text" value=(wanted.text)
                        placeholder=(reader.pick("标题、内容、编号", "title, text, number"));
                }
                label {
                    (reader.pick("类型", "Kind"))
                    select name="kind" {
                        (option("", all, &wanted.kind))
                        @for kind in self.engine.kinds() {
                            (option(&kind.id, reader.text(&kind.name), &wanted.kind))
                        }
                    }
                }
                @if let Some(kind) = self.engine.kind(&wanted.kind) {
                    label {
                        (reader.pick("状态", "State"))
                        select name="state" {
                            (option("", all, &wanted.state))
                            @for state in &kind.states {
                                (option(&state.id, reader.text(&state.name), &wanted.state))
                            }
                        }
                    }
                }
                label {
                    (reader.pick("区县", "Division"))
                    select name="division" {
                        (option("", all, &wanted.division))
                        @for division in &divisions {
                            (option(&division.code, reader.name(&division.name), &wanted.division))
                        }
                    }
                }
                details class="folded more" open[self.has_more()] {
                    summary { (reader.pick("更多条件", "More")) }
                    (self.more())
                }
                button type="submit" { (reader.pick("筛选", "Filter")) }
                @if wanted.is_narrowed() {
                    a class="button" href={ "/cases?list=" (wanted.list) } {
                        (reader.pick("清除", "Clear"))
                    }
                }
            }
        }
    }

    fn has_more(&self) -> bool {
        let wanted = self.wanted;
        [&wanted.enterprise, &wanted.unit, &wanted.assignee, &wanted.open, &wanted.key]
            .into_iter()
            .chain([&wanted.from, &wanted.to])
            .any(|text| !text.is_empty())
    }

    fn more(&self) -> Markup {
        let (reader, wanted) = (self.reader, self.wanted);
        let all = reader.pick("全部", "all");
        let chosen = |text: &str| text.parse().ok();
        let unit: Vec<_> =
            chosen(&wanted.unit).map(authority::OrganisationId).into_iter().collect();
        html! {
            div class="filters" {
                label {
                    (reader.pick("承办单位", "Unit"))
                    select name="unit" {
                        option value="" { (all) }
                        (self.people.unit_options(reader, &unit))
                    }
                }
                label {
                    (reader.pick("承办人", "Officer"))
                    select name="assignee" {
                        option value="" { (all) }
                        (self.people.user_options(
                            reader, chosen(&wanted.assignee).map(authority::UserId)))
                    }
                }
                label {
                    (reader.pick("企业", "Enterprise"))
                    input name="enterprise" value=(wanted.enterprise) list="enterprises"
                        placeholder=(reader.pick("企业编码", "its code"));
                    datalist id="enterprises" {
                        @for one in self.snapshot.enterprises() {
                            option value=(one.code) { (reader.name(&one.name)) }
                        }
                    }
                }
                label {
                    (reader.pick("是否办结", "Open or closed"))
                    select name="open" {
                        option value="" { (all) }
                        option value="open" selected[wanted.open == "open"] {
                            (reader.pick("在办", "open"))
                        }
                        option value="closed" selected[wanted.open == "closed"] {
                            (reader.pick("已办结", "closed"))
                        }
                    }
                }
                label {
                    (reader.pick("登记自", "Opened from"))
                    input type="date" name="from" value=(wanted.from);
                }
                label {
                    (reader.pick("至", "to"))
                    input type="date" name="to" value=(wanted.to);
                }
                label class="choice" {
                    input type="checkbox" name="key" value="yes" checked[wanted.key == "yes"];
                    (reader.pick("只看重点件", "key cases alone"))
                }
            }
        }
    }

    fn rows(&self, found: &Rows<CaseRow>) -> Markup {
        let reader = self.reader;
        if found.rows.is_empty() {
            return self.nothing();
        }
        let may_assign = self.may(Action::AssignCase);
        html! {
            div data-island="desk" {
                (self.tools())
                form method="post" action="/cases/assign" {
                    input type="hidden" name="back" value={ "/cases?" (self.wanted.query()) };
                    (self.table(&found.rows, may_assign))
                    @if may_assign { (self.assigning()) }
                }
                p class="hint" data-desk-keys hidden {
                    kbd { "J" } " / " kbd { "K" } " " (reader.pick("上下移动", "move")) " · "
                    kbd { "Enter" } " " (reader.pick("打开", "open")) " · "
                    @if may_assign { kbd { "X" } " " (reader.pick("勾选", "tick")) " · " }
                    kbd { "/" } " " (reader.pick("输入关键词", "type words"))
                }
            }
        }
    }

    fn nothing(&self) -> Markup {
        let reader = self.reader;
        if self.wanted.is_narrowed() {
            return components::empty(
                reader.pick("没有符合条件的事项", "No case fits"),
                reader.pick("放宽筛选条件再试。", "Widen the filter and try again."),
            );
        }
        let (title, advice) = match WorkList::parse(&self.wanted.list) {
            Some(WorkList::Mine) => (
                reader.pick("没有派给您的事项", "Nothing is given to you"),
                reader.pick(
                    "有新派办时会出现在这里,并发送通知。",
                    "What is given to you appears here, with a notice.",
                ),
            ),
            Some(WorkList::Overdue) => (
                reader.pick("没有超期事项", "Nothing is overdue"),
                reader.pick("都在时限之内。", "All is within its time."),
            ),
            Some(WorkList::Watched) => (
                reader.pick("没有关注的事项", "You watch no case"),
                reader.pick("在事项页点“关注”后出现在这里。", "Press “Watch” on a case's page."),
            ),
            _ => (
                reader.pick("这里没有事项", "No case is here"),
                reader.pick(
                    "登记、举报、告警转办的事项会出现在这里。",
                    "Cases that are opened, reported or made from alerts appear here.",
                ),
            ),
        };
        components::empty(title, advice)
    }

    /// Taking the list away as a file, exactly as it is shown.
    fn tools(&self) -> Markup {
        let (reader, query) = (self.reader, self.wanted.query());
        html! {
            @if self.may(Action::Export) {
                ul class="downloads" aria-label=(reader.pick("导出", "Take away")) {
                    li { a class="button" download href={ "/cases/export/xlsx?" (query) } { "XLSX" } }
                    li { a class="button" download href={ "/cases/export/csv?" (query) } { "CSV" } }
                    li class="hint" {
                        (reader.pick("按当前筛选导出全部页,最多 10000 行",
                            "all pages of this list, as filtered, 10,000 rows at most"))
                    }
                }
            }
        }
    }

    fn table(&self, rows: &[CaseRow], may_assign: bool) -> Markup {
        let reader = self.reader;
        let caption = match WorkList::parse(&self.wanted.list) {
            Some(WorkList::All | WorkList::Watched) => {
                reader.pick("新登记的在前", "The newest first")
            }
            _ => reader.pick("时限近的在前", "What ends first comes first"),
        };
        let columns = columns(reader);
        html! {
            div class="table-frame desk" role="region" aria-label=(caption) tabindex="0" {
                table {
                    caption { (caption) }
                    thead { tr {
                        @for (index, title) in columns.iter().enumerate() {
                            th scope="col" {
                                @if index == 0 && may_assign {
                                    label hidden {
                                        input type="checkbox" data-desk-all;
                                        span class="visually-hidden" {
                                            (reader.pick("勾选本页全部", "tick the whole page"))
                                        }
                                    } " "
                                }
                                (title)
                            }
                        }
                    } }
                    tbody { @for row in rows { (self.row(&columns, row, may_assign)) } }
                }
            }
        }
    }

    fn row(&self, columns: &[&str], row: &CaseRow, may_assign: bool) -> Markup {
        let (reader, now) = (self.reader, self.state.now());
        let lamp = lamp::of_row(reader, row, now);
        let is_officer = words::is_officer(row.seen_as);
        html! {
            tr class=[lamp.row_class()] {
                th scope="row" {
                    @if may_assign && is_officer && row.closed_at.is_none() {
                        input type="checkbox" name="case" value=(row.id.0)
                            aria-label={ (reader.pick("勾选", "tick")) " " (row.number) };
                        " "
                    }
                    a class="case-number" href={ "/cases/" (row.id.0) } { (row.number) }
                }
                td data-label=(columns[1]) {
                    div class="case-title" {
                        (reader.text(&row.title)) " " (Marks::from(row).render(reader))
                        span class="muted" { (reader.text(&row.kind_name)) }
                    }
                }
                td data-label=(columns[2]) { (self.state_badge(row)) }
                td data-label=(columns[3]) {
                    (words::division(reader, self.snapshot, &row.division))
                }
                td data-label=(columns[4]) { (self.holder(row, is_officer)) }
                td data-label=(columns[5]) {
                    (lamp.render())
                    @if let Some(at) = row.due_at.filter(|_| row.closed_at.is_none()) {
                        div class="muted" { (lamp::end_time(reader, at, row.is_provisional)) }
                    }
                }
                td data-label=(columns[6]) {
                    time datetime=(row.opened_at.to_string()) title=(local_minute(row.opened_at)) {
                        (local_date(row.opened_at))
                    }
                    div class="muted" { (age(reader, row, now)) }
                }
            }
        }
    }

    fn state_badge(&self, row: &CaseRow) -> Markup {
        let kind = self.engine.kind(&row.kind);
        let state = kind.and_then(|kind| kind.state(&row.state));
        let is_good = state.and_then(|state| state.is_good);
        words::state_badge(row.closed_at.is_some(), is_good, self.reader.text(&row.state_name))
    }

    fn holder(&self, row: &CaseRow, is_officer: bool) -> Markup {
        html! {
            @match row.responsible {
                Some(unit) => { (self.people.unit(self.reader, unit)) }
                None => span class="muted" { (self.reader.pick("待派办", "not given yet")) }
            }
            @if let Some(user) = row.assignee.filter(|_| is_officer) {
                div class="muted" { (self.people.user(user)) }
            }
        }
    }

    fn assigning(&self) -> Markup {
        let reader = self.reader;
        let unchanged = reader.pick("不变", "as it is");
        html! {
            fieldset class="desk-bar" {
                legend { (reader.pick("批量派办", "Give the ticked ones")) }
                span class="muted" data-desk-count role="status" {}
                label {
                    (reader.pick("承办单位", "To the unit")) " "
                    select name="unit" {
                        option value="" { (unchanged) }
                        (self.people.unit_options(reader, &[]))
                    }
                }
                label {
                    (reader.pick("承办人", "To the officer")) " "
                    select name="assignee" {
                        option value="" { (unchanged) }
                        option value="nobody" { (reader.pick("不指定", "nobody")) }
                        (self.people.user_options(reader, None))
                    }
                }
                button type="submit" { (reader.pick("派办", "Give")) }
            }
        }
    }
}

/// How long a case has lasted, or lasted until it was closed.
fn age(reader: &Reader, row: &CaseRow, now: jiff::Timestamp) -> String {
    let (zh, en) = match row.closed_at {
        None => ("已", "for"),
        Some(_) => ("历时", "took"),
    };
    let lasted = lamp::lasted(reader, row.opened_at, row.closed_at.unwrap_or(now));
    format!("{} {lasted}", reader.pick(zh, en))
}

/// The heads of the list's columns.
pub(super) fn columns(reader: &Reader) -> [&str; 7] {
    [
        reader.pick("编号", "Number"),
        reader.pick("事项", "Case"),
        reader.pick("状态", "State"),
        reader.pick("区县", "Division"),
        reader.pick("承办", "With"),
        reader.pick("时限", "Time left"),
        reader.pick("登记", "Opened"),
    ]
}

fn urgent(list: WorkList, count: Count) -> &'static str {
    match list {
        WorkList::Overdue | WorkList::Escalated if count.number > 0 => " count-bad",
        WorkList::DueSoon if count.number > 0 => " count-warning",
        _ => "",
    }
}

/// Cases as a plain table: what the search finds, what is linked.
pub(super) fn plain(
    state: &AppState,
    reader: &Reader,
    people: &People,
    caption: &str,
    rows: &[CaseRow],
) -> Markup {
    let (snapshot, now) = (state.snapshot(), state.now());
    let columns = columns(reader).into_iter().map(Column::words).collect();
    let mut table = components::Table::new(caption, columns);
    for row in rows {
        let lamp = lamp::of_row(reader, row, now);
        let unit = row.responsible.map_or("—", |unit| people.unit(reader, unit));
        table.marked_row(
            lamp.row_class(),
            vec![
                html! { a class="case-number" href={ "/cases/" (row.id.0) } { (row.number) } },
                html! {
                    (reader.text(&row.title)) " " (Marks::from(row).render(reader))
                    span class="muted" { (reader.text(&row.kind_name)) }
                },
                html! { (reader.text(&row.state_name)) },
                html! { (words::division(reader, &snapshot, &row.division)) },
                html! { (unit) },
                lamp.render(),
                components::moment(row.opened_at),
            ],
        );
    }
    table.render()
}

/// The address of a list with its query, for going back there; nowhere else.
pub(super) fn own_list(back: &str) -> String {
    let is_list = back == "/cases" || back.starts_with("/cases?");
    let is_plain = back.chars().all(|letter| letter.is_ascii_graphic() && letter != '\\');
    if is_list && is_plain { back.to_owned() } else { "/cases".to_owned() }
}

/// An address with one more parameter.
pub(super) fn with(address: &str, name: &str, value: &str) -> String {
    let between = if address.contains('?') { '&' } else { '?' };
    format!("{address}{between}{name}={}", web::encode(value))
}
