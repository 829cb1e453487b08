//! The SQL of work lists. What somebody may see is a set of divisions, units and enterprises; for
//! each an index gives the first rows of the list in order, and the first of all of them are the
//! page. So a page costs the same among a million cases as among a hundred.

use super::files;
use crate::CaseError;
use crate::desk::File;
use crate::sight::Sight;
use ::store::{Engine, Store};
use authority::{OrganisationId, Scope, UserId};
use sqlx::{AssertSqlSafe, Row as _};
use std::fmt::Write as _;

/// So many keys of one sort have an arm of the query each; more are asked for together.
const ARMS_MAX: usize = 40;

/// In what order a list comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// By the end of clocks, the earliest first: open cases alone.
    Due,
    /// The newest first.
    Newest,
}

/// By what rows of a list are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Everything within somebody's sight.
    Sight,
    /// Given to a user.
    Assignee(UserId),
    /// Of a unit, responsible or helping.
    Unit(OrganisationId),
    /// Escalated.
    Escalated,
    /// Warned of.
    Warned,
    /// In a state, whose index is the way in.
    State,
    /// Watched by a user.
    Watcher(UserId),
    /// Holding words, the rarest first.
    Words(Vec<String>),
}

/// What a list asks for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// The way in.
    pub(crate) by: By,
    /// What besides must hold of a row: as another way in would ask.
    pub(crate) only: Option<By>,
    pub(crate) order: Order,
    pub(crate) sight: &'a Sight,
    pub(crate) is_open: Option<bool>,
    /// Due after, and due at or before.
    pub(crate) due: (Option<i64>, Option<i64>),
    pub(crate) kind: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) division: Option<String>,
    pub(crate) enterprise: Option<String>,
    pub(crate) unit: Option<OrganisationId>,
    pub(crate) assignee: Option<UserId>,
    pub(crate) is_key: Option<bool>,
    pub(crate) opened: (Option<i64>, Option<i64>),
    /// The last row of the page before: its end (or nothing), and its id.
    pub(crate) after: Option<(i64, i64)>,
}

impl<'a> Wanted<'a> {
    /// Everything in sight.
    pub(crate) fn all_of(sight: &'a Sight) -> Self {
        Self {
            by: By::Sight,
            only: None,
            order: Order::Newest,
            sight,
            is_open: None,
            due: (None, None),
            kind: None,
            state: None,
            division: None,
            enterprise: None,
            unit: None,
            assignee: None,
            is_key: None,
            opened: (None, None),
            after: None,
        }
    }
}

enum Bind {
    Number(i64),
    Text(String),
}

/// A statement that grows with its values.
struct Sql {
    binds: Vec<Bind>,
    engine: Engine,
}

impl Sql {
    fn of(store: &Store) -> Self {
        Self { binds: Vec::new(), engine: store.engine() }
    }

    /// A column of which no index is to be the way in: SQLite knows nothing of how many rows a
    /// value has and takes whichever index names most columns; PostgreSQL counts and chooses well.
    fn aside(&self, column: &str) -> String {
        match self.engine {
            Engine::Sqlite => format!("+{column}"),
            Engine::Postgres => column.to_owned(),
        }
    }

    fn number(&mut self, value: i64) -> String {
        self.binds.push(Bind::Number(value));
        format!("${}", self.binds.len())
    }

    fn text(&mut self, value: &str) -> String {
        self.binds.push(Bind::Text(value.to_owned()));
        format!("${}", self.binds.len())
    }

    fn texts<'a>(&mut self, values: impl IntoIterator<Item = &'a String>) -> String {
        values.into_iter().map(|value| self.text(value)).collect::<Vec<_>>().join(", ")
    }

    async fn fetch(self, store: &Store, text: String) -> Result<Vec<sqlx::any::AnyRow>, CaseError> {
        let mut query = sqlx::query(AssertSqlSafe(text));
        for bind in self.binds {
            query = match bind {
                Bind::Number(value) => query.bind(value),
                Bind::Text(value) => query.bind(value),
            };
        }
        Ok(query.fetch_all(store.reader()).await?)
    }
}

/// One way in which a row is within somebody's sight.
enum Key {
    Everything,
    Divisions(Vec<String>),
    Responsible(Vec<i64>),
    Helping(Vec<i64>),
    Enterprises(Vec<String>),
    SharedWith(Vec<String>),
}

/// A page of a list.
pub(crate) async fn page(
    store: &Store,
    wanted: &Wanted<'_>,
    limit: u32,
) -> Result<Vec<File>, CaseError> {
    let mut sql = Sql::of(store);
    let arms = arms(&mut sql, wanted, limit);
    if arms.is_empty() {
        return Ok(Vec::new());
    }
    let order = match wanted.order {
        Order::Due => "f.due_at, f.id",
        Order::Newest => "f.id DESC",
    };
    let found = arms
        .iter()
        .map(|arm| format!("SELECT id FROM ({arm}) AS arm"))
        .collect::<Vec<_>>()
        .join(" UNION ");
    let text = format!(
        "SELECT {} FROM ({found}) AS found JOIN case_file f ON f.id = found.id \
         ORDER BY {order} LIMIT {limit}",
        files::columns_of_f()
    );
    sql.fetch(store, text).await?.iter().map(files::read).collect()
}

/// How many rows a list has, counted no further than `most`.
pub(crate) async fn count(store: &Store, wanted: &Wanted<'_>, most: u32) -> Result<u32, CaseError> {
    let mut sql = Sql::of(store);
    let arms = arms(&mut sql, wanted, most);
    if arms.is_empty() {
        return Ok(0);
    }
    let found = arms
        .iter()
        .map(|arm| format!("SELECT id FROM ({arm}) AS arm"))
        .collect::<Vec<_>>()
        .join(" UNION ");
    let text = format!("SELECT COUNT(*) FROM ({found}) AS found");
    let rows = sql.fetch(store, text).await?;
    let number: i64 = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(0);
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The arms of a query: each gives the first ids of the list that are in sight by one key.
fn arms(sql: &mut Sql, wanted: &Wanted<'_>, limit: u32) -> Vec<String> {
    let arm = |sql: &mut Sql, from: &str, key: String| {
        let mut conditions = vec![key];
        narrow(sql, wanted, &mut conditions);
        conditions.retain(|condition| !condition.is_empty());
        let order = match wanted.order {
            Order::Due => "f.due_at, f.id",
            Order::Newest => "f.id DESC",
        };
        let clause = if conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", conditions.join(" AND "))
        };
        let text = format!("SELECT f.id AS id FROM {from} {clause} ORDER BY {order} LIMIT {limit}");
        if from == HELPING { by_helper(&text) } else { text }
    };
    let within = |sql: &mut Sql| scope(sql, wanted.sight);
    let files = "case_file f";
    match &wanted.by {
        By::Assignee(user) => {
            let user = sql.number(user.0);
            vec![arm(sql, files, format!("f.assignee = {user}"))]
        }
        By::Unit(unit) => {
            let responsible = sql.number(unit.0);
            let first = arm(sql, files, format!("f.responsible = {responsible}"));
            let helping = sql.number(unit.0);
            vec![first, arm(sql, HELPING, format!("a.organisation = {helping}"))]
        }
        By::Escalated => grouped(sql, wanted.sight, "f.is_escalated = 1", &arm),
        By::Warned => grouped(sql, wanted.sight, "f.is_warned = 1", &arm),
        By::State => {
            let key = within(sql);
            vec![arm(sql, files, key)]
        }
        By::Watcher(user) => {
            let user = sql.number(user.0);
            let from = "case_watcher w JOIN case_file f ON f.id = w.case_id";
            vec![arm(sql, from, format!("w.user_id = {user}"))]
        }
        By::Words(words) => {
            let (from, key) = by_words(sql, words, wanted.sight);
            vec![arm(sql, &from, key)]
        }
        By::Sight if is_pointed(wanted) => {
            let key = within(sql);
            vec![arm(sql, files, key)]
        }
        By::Sight => keys(wanted.sight, ARMS_MAX)
            .into_iter()
            .map(|key| {
                let (from, key) = keyed(sql, key, false);
                arm(sql, from, key)
            })
            .collect(),
    }
}

/// Arms over what is little: one for each sort of key.
fn grouped(
    sql: &mut Sql,
    sight: &Sight,
    what: &str,
    arm: &dyn Fn(&mut Sql, &str, String) -> String,
) -> Vec<String> {
    let mut arms = Vec::new();
    for key in keys(sight, 0) {
        let (from, key) = keyed(sql, key, true);
        let and = if key.is_empty() { "" } else { " AND " };
        arms.push(arm(sql, from, format!("{what}{and}{key}")));
    }
    arms
}

/// Whether one column narrows the list so much that its index is the way in.
fn is_pointed(wanted: &Wanted<'_>) -> bool {
    wanted.division.is_some()
        || wanted.enterprise.is_some()
        || wanted.unit.is_some()
        || wanted.assignee.is_some()
}

const HELPING: &str = "case_assisting a CROSS JOIN case_file f";

/// The units that help have their own index with what orders a list: it is the way in.
fn by_helper(text: &str) -> String {
    let text = text.replace("f.is_open", "a.is_open").replace("f.due_at", "a.due_at");
    text.replace("f.id", "a.case_id").replace("WHERE ", "WHERE f.id = a.case_id AND ")
}

/// The keys of a sight; of one sort at most so many apart.
fn keys(sight: &Sight, most: usize) -> Vec<Key> {
    let mut keys = Vec::new();
    match &sight.officer {
        Scope::Everything => return vec![Key::Everything],
        Scope::Nothing => {}
        Scope::Within(limits) => {
            let texts =
                |set: &std::collections::BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
            let units: Vec<i64> = limits.organisations.iter().map(|unit| unit.0).collect();
            apart(&mut keys, texts(&limits.divisions), most, Key::Divisions);
            apart(&mut keys, units.clone(), most, Key::Responsible);
            apart(&mut keys, units, most, Key::Helping);
            apart(&mut keys, texts(&limits.enterprises), most, Key::Enterprises);
        }
    }
    apart(&mut keys, sight.enterprises.iter().cloned().collect(), most, Key::SharedWith);
    keys
}

/// A key for each value, or one for all where they are many.
fn apart<Value>(keys: &mut Vec<Key>, values: Vec<Value>, most: usize, key: fn(Vec<Value>) -> Key) {
    if values.len() > most {
        keys.push(key(values));
    } else {
        keys.extend(values.into_iter().map(|value| key(vec![value])));
    }
}

/// The condition of a key; `is_aside`: another index than its own is the way in.
fn keyed(sql: &mut Sql, key: Key, is_aside: bool) -> (&'static str, String) {
    let column = |sql: &Sql, column: &str| {
        if is_aside { sql.aside(column) } else { column.to_owned() }
    };
    let files = "case_file f";
    let one_of = |column: &str, list: String| {
        if list.contains(',') {
            format!("{column} IN ({list})")
        } else {
            format!("{column} = {list}")
        }
    };
    match key {
        Key::Everything => (files, String::new()),
        Key::Divisions(codes) => {
            let codes = sql.texts(&codes);
            (files, one_of(&column(sql, "f.division"), codes))
        }
        Key::Responsible(units) => (files, one_of(&column(sql, "f.responsible"), numbers(&units))),
        Key::Helping(units) => (HELPING, one_of("a.organisation", numbers(&units))),
        Key::Enterprises(codes) => {
            let codes = sql.texts(&codes);
            (files, one_of(&column(sql, "f.enterprise"), codes))
        }
        Key::SharedWith(codes) => {
            let codes = sql.texts(&codes);
            let enterprise = one_of(&column(sql, "f.enterprise"), codes);
            (files, format!("{enterprise} AND f.enterprise_sees = 1"))
        }
    }
}

fn numbers(values: &[i64]) -> String {
    values.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The condition that a row is in sight, beside another way in.
fn scope(sql: &mut Sql, sight: &Sight) -> String {
    let mut ways = Vec::new();
    match &sight.officer {
        Scope::Everything => return "1 = 1".to_owned(),
        Scope::Nothing => {}
        Scope::Within(limits) => {
            if !limits.divisions.is_empty() {
                let codes = sql.texts(&limits.divisions);
                ways.push(format!("f.division IN ({codes})"));
            }
            if !limits.organisations.is_empty() {
                let units: Vec<i64> = limits.organisations.iter().map(|unit| unit.0).collect();
                let units = numbers(&units);
                ways.push(format!("f.responsible IN ({units})"));
                ways.push(format!(
                    "EXISTS (SELECT 1 FROM case_assisting a WHERE a.case_id = f.id \
                     AND a.organisation IN ({units}))"
                ));
            }
            if !limits.enterprises.is_empty() {
                let codes = sql.texts(&limits.enterprises);
                ways.push(format!("f.enterprise IN ({codes})"));
            }
        }
    }
    if !sight.enterprises.is_empty() {
        let codes = sql.texts(&sight.enterprises);
        ways.push(format!("(f.enterprise IN ({codes}) AND f.enterprise_sees = 1)"));
    }
    if ways.is_empty() { "1 = 0".to_owned() } else { format!("({})", ways.join(" OR ")) }
}

/// Rows that hold all words. Who sees a case as the enterprise finds it by what they read of it
/// alone, never by the words of the reporter.
fn by_words(sql: &mut Sql, words: &[String], sight: &Sight) -> (String, String) {
    let mut from = "case_word w0".to_owned();
    let first = words.first().map(String::as_str).unwrap_or_default();
    let mut conditions = vec![format!("w0.word = {}", sql.text(first))];
    for (place, word) in words.iter().enumerate().skip(1) {
        // A cross join keeps the order: the rarest word leads.
        let _ = write!(from, " CROSS JOIN case_word w{place}");
        let word = sql.text(word);
        conditions.push(format!("w{place}.word = {word} AND w{place}.case_id = w0.case_id"));
    }
    from.push_str(" CROSS JOIN case_file f");
    conditions.push("f.id = w0.case_id".to_owned());
    let officer = Sight { officer: sight.officer.clone(), ..Sight::nothing() };
    let as_officer = scope(sql, &officer);
    if sight.enterprises.is_empty() {
        conditions.push(as_officer);
    } else {
        let codes = sql.texts(&sight.enterprises);
        let shared: Vec<String> =
            (0..words.len()).map(|place| format!("w{place}.reach = 1")).collect();
        conditions.push(format!(
            "({as_officer} OR (f.enterprise IN ({codes}) AND f.enterprise_sees = 1 AND {}))",
            shared.join(" AND ")
        ));
    }
    (from, conditions.join(" AND "))
}

/// The conditions of the filter.
fn narrow(sql: &mut Sql, wanted: &Wanted<'_>, conditions: &mut Vec<String>) {
    // What is warned of or escalated is open: said once more, another index would tempt.
    let is_open = wanted.is_open.filter(|_| !matches!(wanted.by, By::Escalated | By::Warned));
    if let Some(is_open) = is_open {
        conditions.push(format!("f.is_open = {}", i64::from(is_open)));
    }
    let numbers = [
        (wanted.due.0, "f.due_at > "),
        (wanted.due.1, "f.due_at <= "),
        (wanted.unit.map(|unit| unit.0), "f.responsible = "),
        (wanted.assignee.map(|user| user.0), "f.assignee = "),
        (wanted.opened.0, "f.opened_at >= "),
        (wanted.opened.1, "f.opened_at < "),
    ];
    for (value, condition) in numbers {
        if let Some(value) = value {
            conditions.push(format!("{condition}{}", sql.number(value)));
        }
    }
    let is_by_state = wanted.by == By::State;
    let column = |sql: &Sql, column: &str| {
        if is_by_state { format!("{column} = ") } else { format!("{} = ", sql.aside(column)) }
    };
    let (kind, state) = (column(sql, "f.kind"), column(sql, "f.state"));
    let texts = [
        (&wanted.kind, kind.as_str()),
        (&wanted.state, state.as_str()),
        (&wanted.division, "f.division = "),
        (&wanted.enterprise, "f.enterprise = "),
    ];
    for (value, condition) in texts {
        if let Some(value) = value {
            conditions.push(format!("{condition}{}", sql.text(value)));
        }
    }
    if wanted.is_open == Some(false) && wanted.state.is_some() {
        // A closed case has no end: said so, the index of states gives the newest first.
        conditions.push(format!("f.due_at = {}", crate::clocks::NEVER));
    }
    match &wanted.only {
        Some(By::Assignee(user)) => {
            let user = sql.number(user.0);
            conditions.push(format!("f.assignee = {user}"));
        }
        Some(By::Unit(unit)) => {
            let (responsible, helping) = (sql.number(unit.0), sql.number(unit.0));
            conditions.push(format!(
                "(f.responsible = {responsible} OR EXISTS (SELECT 1 FROM case_assisting a \
                 WHERE a.case_id = f.id AND a.organisation = {helping}))"
            ));
        }
        Some(By::Escalated) => conditions.push("f.is_escalated = 1".to_owned()),
        Some(By::Warned) => conditions.push("f.is_warned = 1".to_owned()),
        Some(By::Watcher(user)) => {
            let user = sql.number(user.0);
            conditions.push(format!(
                "EXISTS (SELECT 1 FROM case_watcher w WHERE w.case_id = f.id \
                 AND w.user_id = {user})"
            ));
        }
        Some(By::Sight | By::State | By::Words(_)) | None => {}
    }
    if let Some(is_key) = wanted.is_key {
        conditions.push(format!("f.is_key = {}", i64::from(is_key)));
    }
    match (wanted.after, wanted.order) {
        (Some((due, id)), Order::Due) => {
            let (due, id) = (sql.number(due), sql.number(id));
            conditions.push(format!("(f.due_at, f.id) > ({due}, {id})"));
        }
        (Some((_, id)), Order::Newest) => {
            let id = sql.number(id);
            conditions.push(format!("f.id < {id}"));
        }
        (None, _) => {}
    }
}
