//! How many actions a second, and how long a list takes among many cases.
//! `cargo bench -p cases -- [CASES] [sqlite|postgres]`; `LUCID_TEST_POSTGRES` names a server.

#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/cases/common.rs"]
#[allow(dead_code)]
mod common;

use authority::{Jurisdiction, Principal, Role};
use cases::{Act, CaseId, WorkFilter, WorkList};
use common::{Town, by, complaint, migrations, start};
use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Engine, Store};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACTORS: usize = 48;
const RUN: Duration = Duration::from_secs(8);
const DIVISIONS: usize = 16;
const UNITS: i64 = 120;
const USERS: i64 = 600;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let size = arguments.iter().find_map(|one| one.parse().ok()).unwrap_or(100_000);
    let wants = |engine: &str| {
        let named = arguments.iter().any(|one| one == "sqlite" || one == "postgres");
        !named || arguments.iter().any(|one| one == engine)
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        if wants("sqlite") {
            let test = testkit::sqlite(&migrations()).await;
            measure(test.store.clone(), "SQLite", size).await;
            test.store.close().await;
        }
        if wants("postgres")
            && let Some(test) = testkit::postgres(&migrations()).await
        {
            measure(test.store.clone(), "PostgreSQL", size).await;
            test.store.close().await;
        }
    });
}

async fn measure(store: Store, engine: &str, size: i64) {
    let town = Arc::new(Town::new(store.clone()).await);
    let people = Arc::new(Desk::new(&town).await);
    actions(&town, &people, engine).await;
    openings(&town, engine).await;
    let started = Instant::now();
    fill(&store, size).await;
    println!("{engine}: {size} cases more in {:.0} s", started.elapsed().as_secs_f64());
    lists(&town, &people, engine, size).await;
    actions(&town, &people, engine).await;
    town.cases.close().await;
}

/// Who works.
struct Desk {
    officer: Principal,
    clerk: Principal,
    city: Principal,
    manager: Principal,
}

impl Desk {
    async fn new(town: &Town) -> Self {
        let division = Jurisdiction::Division(common::COUNTY.into());
        let county = Some(town.county);
        let of_unit = Jurisdiction::Organisation(town.county);
        let code = Jurisdiction::Enterprise("E1".into());
        let everything = Jurisdiction::Everything;
        Self {
            officer: town.person("officer", county, Role::CountyOfficer, division).await,
            clerk: town.person("clerk", county, Role::Inspector, of_unit).await,
            city: town.person("city", Some(town.city), Role::DutyOfficer, everything).await,
            manager: town.person("manager", None, Role::EnterpriseManager, code).await,
        }
    }
}

fn told(waits: &mut [Duration]) -> String {
    waits.sort_unstable();
    let at = |share: f64| {
        let place = ((waits.len() as f64 * share) as usize).min(waits.len() - 1);
        waits[place].as_secs_f64() * 1e3
    };
    format!("p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(0.5), at(0.99), at(1.0))
}

/// Officers hold a case and go on with it, each with a case of their own.
async fn actions(town: &Arc<Town>, people: &Arc<Desk>, engine: &str) {
    let mut ids = Vec::new();
    for _ in 0..ACTORS {
        let id = town.complain("夜间冒黑烟", start()).await.id;
        town.take(&people.officer, id, "dispatch", &[], start()).await;
        ids.push(id);
    }
    let done = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = ids
        .into_iter()
        .map(|id| {
            let (town, people, done) = (Arc::clone(town), Arc::clone(people), Arc::clone(&done));
            tokio::spawn(async move { act_on(&town, &people, id, started, &done).await })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("it ran"));
    }
    let rate = done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    println!("{engine}: {ACTORS} officers at once: {rate:.0} actions/s, {}", told(&mut waits));
}

async fn act_on(
    town: &Town,
    people: &Desk,
    id: CaseId,
    started: Instant,
    done: &AtomicU64,
) -> Vec<Duration> {
    let mut waits = Vec::new();
    let mut version = 2;
    for step in ["hold", "go_on"].iter().cycle() {
        if started.elapsed() > RUN {
            break;
        }
        let mut act = Act::new(*step, version);
        act.note = "等待监测报告".into();
        act.action_key = Some(format!("{}-{version}", id.0));
        let now = start() + SignedDuration::from_millis(started.elapsed().as_millis() as i64);
        let asked = Instant::now();
        let taken = town.cases.take(&by(&people.officer), id, act, now).await.expect("taken");
        waits.push(asked.elapsed());
        version = taken.version;
        done.fetch_add(1, Ordering::Relaxed);
    }
    waits
}

/// Citizens report at once.
async fn openings(town: &Arc<Town>, engine: &str) {
    let done = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..ACTORS)
        .map(|actor| {
            let (town, done) = (Arc::clone(town), Arc::clone(&done));
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while started.elapsed() < RUN / 2 {
                    let number = done.fetch_add(1, Ordering::Relaxed);
                    let mut new = complaint(&format!(
                        "蓝田开发区某化工厂夜间冒黑烟,有刺鼻气味,已经持续{number}天,影响附近居民休息"
                    ));
                    new.enterprise = Some(format!("E{}", number % 500));
                    if let Some(reporter) = &mut new.reporter {
                        reporter.phone = format!("139{number:08}");
                    }
                    new.origin_key = Some(format!("{actor}-{number}-of-the-benchmark"));
                    let citizen = cases::By::Anonymous { address: "192.0.2.1" };
                    let asked = Instant::now();
                    town.cases.open_case(&citizen, new, start()).await.expect("opened");
                    waits.push(asked.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("it ran"));
    }
    let rate = waits.len() as f64 / started.elapsed().as_secs_f64();
    println!("{engine}: {ACTORS} citizens at once: {rate:.0} reports/s, {}", told(&mut waits));
}

/// Cases of some years, a tenth of them open, put in by whole statements.
async fn fill(store: &Store, size: i64) {
    let first = 1_000_000_i64;
    let mut transaction = store.begin().await.expect("a transaction");
    let mut place = 0;
    while place < size {
        let many = (size - place).min(200);
        let mut files = String::from(
            "INSERT INTO case_file (id, number, kind, declaration, channel, division, enterprise, \
             title, opened_at, has_reporter, state, version, last_sequence, responsible, \
             assisting, assignee, is_open, closed_at, enterprise_sees, due_at, warn_at, next_at, \
             is_provisional, was_late, is_warned, is_escalated, escalation, is_key, repeats, \
             merged, fields, doers, clocks, last_act) VALUES ",
        );
        let mut reports = String::from("INSERT INTO case_report (case_id, body, address) VALUES ");
        for row in place..place + many {
            let comma = if row == place { "" } else { ", " };
            write!(files, "{comma}{}", file(first + row, row)).expect("text");
            write!(reports, "{comma}({}, '夜间冒黑烟,有刺鼻气味', '')", first + row).expect("text");
        }
        for text in [files, reports] {
            sqlx::query(AssertSqlSafe(text))
                .persistent(false)
                .execute(&mut *transaction)
                .await
                .expect("inserted");
        }
        place += many;
        if place % 50_000 == 0 {
            transaction.commit().await.expect("committed");
            transaction = store.begin().await.expect("a transaction");
        }
    }
    transaction.commit().await.expect("committed");
    if store.engine() == Engine::Postgres {
        let mut transaction = store.begin().await.expect("a transaction");
        sqlx::query("ANALYZE").execute(&mut *transaction).await.expect("analysed");
        transaction.commit().await.expect("committed");
    }
}

/// One row of the past: numbers that look scattered and are the same each time.
fn file(id: i64, row: i64) -> String {
    let scattered = |salt: i64, of: i64| {
        let mut mixed = (row * 16 + salt) as u64;
        for _ in 0..2 {
            mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^= mixed >> 32;
        }
        (mixed % of as u64) as i64
    };
    let day = 86_400_000;
    let opened = start().as_millisecond() - scattered(1, 1000) * day - row % day;
    let is_open = scattered(2, 10) == 0;
    let division = match scattered(3, DIVISIONS as i64) {
        0 => common::COUNTY.to_owned(),
        other => format!("3506{other:02}9"),
    };
    let unit = 2 + scattered(4, UNITS);
    let assignee = 1 + scattered(5, USERS);
    let enterprise = format!("E{}", scattered(6, 2000));
    let due = if is_open {
        start().as_millisecond() + (scattered(7, 60) - 6) * day + row % day
    } else {
        i64::MAX
    };
    let warn = if is_open { due - 3 * day } else { i64::MAX };
    let (state, closed) = if is_open {
        (["received", "handling", "explaining", "replied"][scattered(8, 4) as usize], "NULL".into())
    } else {
        ("closed", (opened + scattered(9, 40) * day).to_string())
    };
    let escalation = i64::from(is_open && due < start().as_millisecond());
    format!(
        "({id}, 'TS-2023-{id}', 'complaint', 1, 'hotline', '{division}', '{enterprise}', \
         '夜间冒黑烟 {row}', {opened}, 1, '{state}', 3, 6, {unit}, '', {assignee}, {}, {closed}, \
         {}, {due}, {warn}, {}, 0, 0, {}, {escalation}, {escalation}, 0, 0, 0, '{{\"element\":\"air\"}}', '{{}}', \
         '[]', '{{\"kind\":\"act\",\"about\":\"reply\",\"who\":\"officer\",\
         \"as_who\":\"officer\",\"at\":{opened}}}')",
        i64::from(is_open),
        scattered(10, 2),
        i64::MAX,
        i64::from(is_open && warn <= start().as_millisecond() && escalation == 0),
    )
}

async fn lists(town: &Town, people: &Desk, engine: &str, size: i64) {
    let now: Timestamp = start();
    let open = WorkFilter { is_open: Some(true), ..WorkFilter::of(WorkList::All) };
    let state = WorkFilter {
        kind: Some("complaint".into()),
        state: Some("explaining".into()),
        ..WorkFilter::of(WorkList::All)
    };
    let rare = WorkFilter { state: Some("rewarded".into()), ..state.clone() };
    let enterprise = WorkFilter { enterprise: Some("E77".into()), ..WorkFilter::of(WorkList::All) };
    let words = WorkFilter { text: Some("刺鼻气味 化工厂".into()), ..open.clone() };
    let closed = WorkFilter { state: Some("closed".into()), ..state.clone() };
    let questions: [(&str, WorkFilter); 12] = [
        ("mine", WorkFilter::of(WorkList::Mine)),
        ("unit", WorkFilter::of(WorkList::Unit)),
        ("overdue", WorkFilter::of(WorkList::Overdue)),
        ("due soon", WorkFilter::of(WorkList::DueSoon)),
        ("escalated", WorkFilter::of(WorkList::Escalated)),
        ("all", WorkFilter::of(WorkList::All)),
        ("open", open),
        ("a state", state),
        ("a state that is empty", rare),
        ("a final state", closed),
        ("an enterprise", enterprise),
        ("words", words),
    ];
    let readers = [
        ("county officer", &people.officer),
        ("inspector of a unit", &people.clerk),
        ("city", &people.city),
        ("enterprise", &people.manager),
    ];
    for (who, principal) in readers {
        for (what, filter) in &questions {
            let mut waits = Vec::new();
            let mut found = 0;
            for _ in 0..20 {
                let asked = Instant::now();
                let page = town.cases.list(principal, filter, now).await.expect("a list");
                waits.push(asked.elapsed());
                found = page.rows.len();
            }
            println!("{engine}, {size} cases, {who}, {what} ({found} rows): {}", told(&mut waits));
        }
        let mut waits = Vec::new();
        for _ in 0..10 {
            let asked = Instant::now();
            town.cases.counts(principal, now).await.expect("counts");
            waits.push(asked.elapsed());
        }
        println!("{engine}, {size} cases, {who}, counts: {}", told(&mut waits));
    }
}
