//! The rows of cases.

use super::{Into, Query, by_numbers, small, stored, time, time_or_none, wrong};
use crate::clocks::NEVER;
use crate::desk::{File, LastAct};
use crate::{Case, CaseError, CaseId, Channel, Place};
use ::store::{Store, Transaction};
use authority::{OrganisationId, UserId};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// Every column, in the order in which [`read`] takes them.
pub(crate) const COLUMNS: &str = "id, number, kind, declaration, channel, division, enterprise, \
    title, opened_at, happened_at, has_reporter, state, version, last_sequence, responsible, \
    assisting, assignee, closed_at, shared_at, published_at, due_at, warn_at, next_at, \
    is_provisional, was_late, escalation, is_key, repeats, merged_into, merged, satisfied, fields, \
    doers, clocks, last_act, enterprise_sees, is_warned";

/// As [`COLUMNS`], of the table by the name `f`.
pub(crate) fn columns_of_f() -> String {
    COLUMNS.split(", ").map(|column| format!("f.{column}")).collect::<Vec<_>>().join(", ")
}

const FILE: Into = Into {
    table: "case_file",
    columns: &[
        "id",
        "number",
        "kind",
        "declaration",
        "channel",
        "division",
        "enterprise",
        "title",
        "cell",
        "opened_at",
        "happened_at",
        "has_reporter",
        "state",
        "version",
        "last_sequence",
        "responsible",
        "assisting",
        "assignee",
        "is_open",
        "closed_at",
        "shared_at",
        "enterprise_sees",
        "published_at",
        "due_at",
        "warn_at",
        "next_at",
        "is_provisional",
        "was_late",
        "is_warned",
        "is_escalated",
        "escalation",
        "is_key",
        "repeats",
        "merged_into",
        "merged",
        "satisfied",
        "fields",
        "doers",
        "clocks",
        "last_act",
    ],
    tail: "",
};

const REPORT: Into = Into {
    table: "case_report",
    columns: &["case_id", "body", "longitude", "latitude", "address"],
    tail: "",
};

fn json<T: serde::Serialize>(value: &T) -> String {
    // Maps of strings and plain records always have a JSON.
    serde_json::to_string(value).unwrap_or_default()
}

fn parsed<T: serde::de::DeserializeOwned>(row: &AnyRow, column: usize) -> Result<T, CaseError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| wrong("text of a case", text))
}

/// The numbers of the units that help, as stored: ` 3 17 `.
fn units(ids: &[OrganisationId]) -> String {
    ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(" ")
}

/// Inserts new cases with what was reported.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    files: &[&File],
) -> Result<(), CaseError> {
    FILE.insert(transaction, files, |query, file| {
        let case = &file.case;
        let query = query
            .bind(case.id.0)
            .bind(case.number.clone())
            .bind(case.kind.clone())
            .bind(case.declaration)
            .bind(case.channel.as_str())
            .bind(case.division.clone())
            .bind(case.enterprise.clone())
            .bind(case.title.clone())
            .bind(case.place.as_ref().and_then(crate::likeness::cell))
            .bind(case.opened_at.as_millisecond())
            .bind(stored(case.happened_at))
            .bind(i64::from(case.has_reporter));
        bind_changing(query, file)
    })
    .await?;
    REPORT
        .insert(transaction, files, |query, file| {
            let place = file.case.place.as_ref();
            query
                .bind(file.case.id.0)
                .bind(file.case.text.clone())
                .bind(place.map(|place| place.longitude.to_string()))
                .bind(place.map(|place| place.latitude.to_string()))
                .bind(place.map(|place| place.address.clone()).unwrap_or_default())
        })
        .await
}

/// The columns that change, in the order of the table.
fn bind_changing<'sql>(query: Query<'sql>, file: &File) -> Query<'sql> {
    let case = &file.case;
    let time_or_never = |at| stored(at).unwrap_or(NEVER);
    query
        .bind(case.state.clone())
        .bind(case.version)
        .bind(case.last_sequence)
        .bind(case.responsible.map(|id| id.0))
        .bind(units(&case.assisting))
        .bind(case.assignee.map(|id| id.0))
        .bind(i64::from(case.is_open()))
        .bind(stored(case.closed_at))
        .bind(stored(case.shared_at))
        .bind(i64::from(file.enterprise_sees))
        .bind(stored(case.published_at))
        .bind(time_or_never(case.due_at))
        .bind(time_or_never(case.warn_at))
        .bind(file.next_at)
        .bind(i64::from(case.is_provisional))
        .bind(i64::from(case.was_late))
        .bind(i64::from(file.is_warned))
        .bind(i64::from(case.is_open() && case.escalation > 0))
        .bind(i64::from(case.escalation))
        .bind(i64::from(case.is_key))
        .bind(i64::from(case.repeats))
        .bind(case.merged_into.map(|id| id.0))
        .bind(i64::from(case.merged))
        .bind(case.satisfied.map(i64::from))
        .bind(json(&case.fields))
        .bind(json(&case.doers))
        .bind(json(&file.clocks))
        .bind(json(&file.last_act))
}

/// Writes a case anew where nobody has written it since; false when somebody has.
pub(crate) async fn update(
    transaction: &mut Transaction,
    file: &File,
    loaded_sequence: i64,
) -> Result<bool, CaseError> {
    let query = sqlx::query(
        "UPDATE case_file SET state = $1, version = $2, last_sequence = $3, responsible = $4, \
         assisting = $5, assignee = $6, is_open = $7, closed_at = $8, shared_at = $9, \
         enterprise_sees = $10, published_at = $11, due_at = $12, warn_at = $13, next_at = $14, \
         is_provisional = $15, was_late = $16, is_warned = $17, is_escalated = $18, \
         escalation = $19, is_key = $20, repeats = $21, merged_into = $22, merged = $23, \
         satisfied = $24, fields = $25, doers = $26, clocks = $27, last_act = $28 \
         WHERE id = $29 AND last_sequence = $30",
    );
    let done = bind_changing(query, file)
        .bind(file.case.id.0)
        .bind(loaded_sequence)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes anew where a case lies and whom it concerns.
pub(crate) async fn update_subject(
    transaction: &mut Transaction,
    file: &File,
) -> Result<(), CaseError> {
    sqlx::query("UPDATE case_file SET division = $1, enterprise = $2 WHERE id = $3")
        .bind(file.case.division.clone())
        .bind(file.case.enterprise.clone())
        .bind(file.case.id.0)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// A comment or a file alone moves the timeline on; nothing else of the case changes.
pub(crate) async fn update_sequence(
    transaction: &mut Transaction,
    file: &File,
    loaded_sequence: i64,
) -> Result<bool, CaseError> {
    let done =
        sqlx::query("UPDATE case_file SET last_sequence = $1 WHERE id = $2 AND last_sequence = $3")
            .bind(file.case.last_sequence)
            .bind(file.case.id.0)
            .bind(loaded_sequence)
            .execute(&mut **transaction)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Cases by their ids, in no order.
pub(crate) async fn by_ids(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<Vec<File>, CaseError> {
    let text = format!("SELECT {COLUMNS} FROM case_file WHERE id IN ({{}})");
    let rows = by_numbers(connection, &text, ids).await?;
    let mut files: BTreeMap<CaseId, File> = BTreeMap::new();
    for row in &rows {
        let file = read(row)?;
        files.insert(file.case.id, file);
    }
    Ok(files.into_values().collect())
}

/// One case with what was reported.
pub(crate) async fn whole(store: &Store, id: CaseId) -> Result<Option<File>, CaseError> {
    let text = format!("SELECT {COLUMNS} FROM case_file WHERE id = $1");
    let found =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id.0).fetch_optional(store.reader()).await?;
    let Some(row) = found else { return Ok(None) };
    let mut file = read(&row)?;
    (file.case.text, file.case.place) = report(store, id).await?;
    Ok(Some(file))
}

/// What was reported of a case, and where.
pub(crate) async fn report(
    store: &Store,
    id: CaseId,
) -> Result<(String, Option<Place>), CaseError> {
    let found = sqlx::query(
        "SELECT body, longitude, latitude, address FROM case_report WHERE case_id = $1",
    )
    .bind(id.0)
    .fetch_optional(store.reader())
    .await?;
    let Some(row) = found else { return Ok(Default::default()) };
    Ok((row.try_get(0)?, place(&row, 1)?))
}

/// The place in three columns: longitude, latitude, address.
pub(crate) fn place(row: &AnyRow, first: usize) -> Result<Option<Place>, CaseError> {
    let longitude: Option<String> = row.try_get(first)?;
    let latitude: Option<String> = row.try_get(first + 1)?;
    let Some((longitude, latitude)) = longitude.zip(latitude) else { return Ok(None) };
    let degrees = |text: &str| text.parse().map_err(|_| wrong("place", text));
    Ok(Some(Place {
        longitude: degrees(&longitude)?,
        latitude: degrees(&latitude)?,
        address: row.try_get(first + 2)?,
    }))
}

/// The id of a number.
pub(crate) async fn by_number(store: &Store, number: &str) -> Result<Option<CaseId>, CaseError> {
    let found = sqlx::query("SELECT id FROM case_file WHERE number = $1")
        .bind(number)
        .fetch_optional(store.reader())
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?.map(CaseId))
}

/// The cases that were merged into these.
pub(crate) async fn merged_into(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<Vec<i64>, CaseError> {
    let text = "SELECT id FROM case_file WHERE merged_into IN ({}) ORDER BY id";
    let rows = by_numbers(connection, text, ids).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The cases for which something is to be told at a time, those that wait longest first.
pub(crate) async fn due_for_a_look(
    store: &Store,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<CaseId>, CaseError> {
    let rows = sqlx::query(
        "SELECT id FROM case_file WHERE next_at <= $1 AND next_at < 9223372036854775807 \
         ORDER BY next_at LIMIT $2",
    )
    .bind(now.as_millisecond())
    .bind(limit)
    .fetch_all(store.reader())
    .await?;
    rows.iter().map(|row| Ok(CaseId(row.try_get(0)?))).collect()
}

/// A row of [`COLUMNS`].
pub(crate) fn read(row: &AnyRow) -> Result<File, CaseError> {
    let channel: String = row.try_get(4)?;
    let assisting: String = row.try_get(15)?;
    let flag = |column: usize| Ok::<_, CaseError>(row.try_get::<i64, _>(column)? != 0);
    let number = |column: usize| Ok::<_, CaseError>(small(row.try_get(column)?));
    let maybe = |column: usize| time_or_none(row.try_get(column)?);
    let unless_never = |column: usize| {
        let at: i64 = row.try_get(column)?;
        time_or_none((at != NEVER).then_some(at))
    };
    let case = Case {
        id: CaseId(row.try_get(0)?),
        number: row.try_get(1)?,
        kind: row.try_get(2)?,
        declaration: row.try_get(3)?,
        channel: Channel::parse(&channel).ok_or_else(|| wrong("channel", &channel))?,
        division: row.try_get(5)?,
        enterprise: row.try_get(6)?,
        title: row.try_get(7)?,
        text: String::new(),
        place: None,
        opened_at: time(row.try_get(8)?)?,
        happened_at: maybe(9)?,
        has_reporter: flag(10)?,
        state: row.try_get(11)?,
        version: row.try_get(12)?,
        last_sequence: row.try_get(13)?,
        responsible: row.try_get::<Option<i64>, _>(14)?.map(OrganisationId),
        assisting: assisting
            .split_whitespace()
            .map(|id| id.parse().map(OrganisationId).map_err(|_| wrong("unit", id)))
            .collect::<Result<_, _>>()?,
        assignee: row.try_get::<Option<i64>, _>(16)?.map(UserId),
        closed_at: maybe(17)?,
        shared_at: maybe(18)?,
        published_at: maybe(19)?,
        due_at: unless_never(20)?,
        warn_at: unless_never(21)?,
        is_provisional: flag(23)?,
        was_late: flag(24)?,
        escalation: number(25)?,
        is_key: flag(26)?,
        repeats: number(27)?,
        merged_into: row.try_get::<Option<i64>, _>(28)?.map(CaseId),
        merged: number(29)?,
        satisfied: row.try_get::<Option<i64>, _>(30)?.map(|word| word != 0),
        fields: parsed(row, 31)?,
        doers: parsed(row, 32)?,
    };
    let last_act: LastAct = parsed(row, 34)?;
    Ok(File {
        case,
        clocks: parsed(row, 33)?,
        last_act,
        next_at: row.try_get(22)?,
        enterprise_sees: flag(35)?,
        is_warned: flag(36)?,
    })
}
