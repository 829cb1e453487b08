//! All ledgers that somebody may read, with how many days of a month have a page.

use super::super::model::asks_for_it;
use super::super::store;
use super::PATH;
use super::month::days_of;
use crate::checks::pages::severity_badge;
use crate::entry::severity_of;
use crate::execution_reports::day_of;
use crate::execution_reports::queries::Reach;
use authority::Action;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use permits::{PermitVersion, versions};
use plausibility::Severity;
use registry::{EnterpriseId, Snapshot};
use serde::Deserialize;
use validity::Month;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn};

/// Rows of one page.
const A_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    gaps: String,
    after: Option<usize>,
}

/// A ledger in a month.
struct Row {
    version: PermitVersion,
    name: String,
    division: String,
    recorded: usize,
    /// Days over without a page; `None` where the permit asks for no ledger.
    gaps: Option<usize>,
    last: Option<Date>,
    gravest: Option<Severity>,
}

/// The name of an enterprise.
pub(super) fn enterprise(snapshot: &Snapshot, reader: &Reader, id: EnterpriseId) -> String {
    let found = snapshot.enterprise(id);
    found.map_or_else(|| format!("#{}", id.0), |one| reader.name(&one.name).to_owned())
}

async fn rows(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    asked: &Asked,
) -> Result<(Month, Vec<Row>), Problem> {
    let Some(reach) = Reach::of(signed_in) else {
        signed_in.scope(Action::ReadCase)?;
        return Err(Problem::unauthorized());
    };
    let today = day_of(state.now());
    let month = Month::parse(&asked.month).unwrap_or_else(|| Month::of(today));
    let snapshot = state.snapshot();
    let days = store::days(&state.store, month.first_day(), month.last_day()).await?;
    let all = permits::all(&state.store).await?;
    let text = asked.text.trim().to_lowercase();
    let mut rows = Vec::new();
    for of_permit in versions::by_permit(&all) {
        let Some(version) = versions::shown(of_permit, today) else { continue };
        let permit = &version.permit;
        let name = enterprise(&snapshot, reader, permit.enterprise);
        let is_named = name.to_lowercase().contains(&text) || permit.number.contains(&asked.text);
        if !reach.holds(&snapshot, permit.enterprise) || !is_named {
            continue;
        }
        let pages = days.get(&permit.id);
        let is_asked = |day: Date| versions::on(of_permit, day).is_some_and(asks_for_it);
        let is_kept = |day: &Date| pages.is_some_and(|pages| pages.contains_key(day));
        let is_ever_asked = days_of(month, month.last_day()).any(is_asked);
        let over = days_of(month, today).filter(|day| *day < today && is_asked(*day));
        let gaps = is_ever_asked.then(|| over.filter(|day| !is_kept(day)).count());
        if !asked.gaps.is_empty() && gaps.unwrap_or(0) == 0 {
            continue;
        }
        let one = snapshot.enterprise(permit.enterprise);
        rows.push(Row {
            name,
            division: one.map_or_else(String::new, |one| {
                let known = snapshot.divisions.iter().find(|it| it.code == one.division);
                known.map_or(&*one.division, |it| reader.name(&it.name)).to_owned()
            }),
            recorded: pages.map_or(0, std::collections::BTreeMap::len),
            gaps,
            last: pages.and_then(|pages| pages.keys().next_back().copied()),
            gravest: pages.and_then(|pages| severity_of(*pages.values().max()?)),
            version: version.clone(),
        });
    }
    rows.sort_by(|one, other| other.gaps.cmp(&one.gaps).then_with(|| one.name.cmp(&other.name)));
    Ok((month, rows))
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let (month, rows) = rows(&state, &reader, &signed_in, &asked).await?;
    let from = asked.after.unwrap_or(0).min(rows.len());
    let to = rows.len().min(from + A_PAGE);
    let next = (to < rows.len()).then(|| to.to_string());
    let content = html! {
        form class="filters" method="get" {
            label { (reader.pick("月份", "Month"))
                input name="month" value=(month) pattern="[0-9]{4}-[0-9]{2}" size="8"; }
            label { (reader.pick("单位名称或许可证编号", "Name or permit number"))
                input name="text" value=(asked.text); }
            label class="check" {
                input type="checkbox" name="gaps" value="yes" checked[!asked.gaps.is_empty()];
                " " (reader.pick("只看有未记录日期的", "with days without a page alone"))
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
        p class="row" {
            (reader.pick("共", "There are")) " " (rows.len()) " " (reader.pick("本台账", "ledgers"))
            " · "
            a href={ "/management-ledger.xlsx?" (reader.query) } {
                (reader.pick("导出 XLSX", "Export XLSX"))
            }
        }
        @if rows.is_empty() {
            (components::empty(reader.pick("没有台账", "No ledger"),
                reader.pick("台账按排污许可证建立：请先录入许可证，或放宽筛选条件。",
                    "A ledger belongs to a permit: enter the permit first, or widen the filter.")))
        } @else {
            (table(&reader, month, rows.get(from..to).unwrap_or_default()))
        }
        (components::pages(&reader, next.as_deref()))
        p { a href="/checks" {
            (reader.pick("填报时的合理性检查规则", "The checks of what is filled in"))
        } }
    };
    let title = reader.pick("环境管理台账", "Management ledger");
    Ok(Page::new(title).render(&state, &reader, content))
}

const TITLES: [(&str, &str); 7] = [
    ("排污单位", "Enterprise"),
    ("区县", "Division"),
    ("排污许可证", "Permit"),
    ("已记录天数", "Days recorded"),
    ("未记录天数", "Days without a page"),
    ("最近记录", "Last page"),
    ("最严重检查结果", "Gravest finding"),
];

fn table(reader: &Reader, month: Month, rows: &[Row]) -> Markup {
    let titles = TITLES.map(|(zh, en)| reader.pick(zh, en));
    let columns = titles.iter().zip(0..).map(|(title, at)| match at {
        3 | 4 => Column::numbers(*title),
        _ => Column::words(*title),
    });
    let title = format!("{} {month}", reader.pick("环境管理台账", "Management ledger"));
    let mut table = Table::new(title, columns.collect());
    for row in rows {
        let number = &row.version.permit.number;
        table.row(vec![
            html! { a href={ (PATH) "/" (number) "?month=" (month) } { (row.name) } },
            html! { (row.division) },
            html! { (number) },
            html! { (row.recorded) },
            html! { @match row.gaps { Some(gaps) => (gaps), None => "—" } },
            html! { @match row.last { Some(day) => (day), None => "—" } },
            html! { @if let Some(worst) = row.gravest { (severity_badge(reader, worst)) } },
        ]);
    }
    table.render()
}

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (month, rows) = rows(&state, &reader, &signed_in, &asked).await?;
    let number = |count: usize| Cell::Text(count.to_string());
    let row = |row: Row| {
        let day = row.last.map_or(Cell::Empty, |day| day.to_string().into());
        let worst = row.gravest.map(Severity::text);
        vec![
            row.name.as_str().into(),
            row.division.as_str().into(),
            row.version.permit.number.as_str().into(),
            number(row.recorded),
            row.gaps.map_or(Cell::Empty, number),
            day,
            worst.map_or(Cell::Empty, |text| reader.text(&text).into()),
        ]
    };
    let columns = TITLES.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect();
    Sheet {
        name: format!("management_ledger_{month}"),
        columns,
        rows: rows.into_iter().map(row).collect(),
    }
    .xlsx()
}
