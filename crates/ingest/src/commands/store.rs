//! The SQL of commands to devices.

use super::{
    Asker, CommandAnswer, CommandFilter, CommandId, CommandState, DeviceCommand, NewCommand,
};
use ::hj212::Edition;
use ::store::{Store, StoreError, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

type Result<T> = std::result::Result<T, StoreError>;

/// The columns of a command, in the order in which [`command_of`] reads them.
const COLUMNS: &str = "id, mn, cn, edition, parameters, asked_by, asked_by_user, reason, asked_at, \
    expires_at, agreed_by, state, qn, sent_at, sent_times, ended_at, result, contents";

pub(crate) async fn insert(
    transaction: &mut Transaction,
    by: &Asker,
    new: &NewCommand,
    edition: Edition,
    state: CommandState,
    now: Timestamp,
) -> Result<CommandId> {
    let expires = now.saturating_add(new.patience).unwrap_or(Timestamp::MAX);
    let row = sqlx::query(
        "INSERT INTO device_command (mn, cn, edition, parameters, asked_by, asked_by_user, reason, \
         asked_at, expires_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         RETURNING id",
    )
    .bind(new.mn.clone())
    .bind(new.cn.clone())
    .bind(edition.as_str())
    .bind(text_of(&new.parameters))
    .bind(by.name.clone())
    .bind(by.user)
    .bind(new.reason.trim().to_owned())
    .bind(now.as_millisecond())
    .bind(expires.as_millisecond())
    .bind(state.as_str())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(CommandId(row.try_get(0)?))
}

/// Agrees; false when it does not wait.
pub(crate) async fn agree(
    transaction: &mut Transaction,
    id: CommandId,
    by: &Asker,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE device_command SET state = 'queued', agreed_by = $2, agreed_at = $3 \
         WHERE id = $1 AND state = 'waiting'",
    )
    .bind(id.0)
    .bind(by.name.clone())
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes back; false when it was sent.
pub(crate) async fn withdraw(
    transaction: &mut Transaction,
    id: CommandId,
    now: Timestamp,
) -> Result<bool> {
    let text = format!(
        "UPDATE device_command SET state = 'withdrawn', ended_at = $2 \
         WHERE id = $1 AND state IN ('waiting', 'queued') RETURNING {COLUMNS}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(id.0)
        .bind(now.as_millisecond())
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(row) = row else { return Ok(false) };
    cover(transaction, &command_of(&row)?).await?;
    Ok(true)
}

/// Blanks the passwords and keys of a command that will not be sent any more.
async fn cover(transaction: &mut Transaction, command: &DeviceCommand) -> Result<()> {
    let covered = super::covered(command);
    if covered == command.parameters {
        return Ok(());
    }
    sqlx::query("UPDATE device_command SET parameters = $2 WHERE id = $1")
        .bind(command.id.0)
        .bind(text_of(&covered))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(crate) async fn list(store: &Store, filter: &CommandFilter) -> Result<Vec<DeviceCommand>> {
    let text = format!(
        "SELECT {COLUMNS} FROM device_command WHERE id < $1 AND ($2 = '' OR mn = $2) \
         AND ($3 = '' OR state = $3) ORDER BY id DESC LIMIT $4"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(filter.mn.clone())
        .bind(filter.state.map_or("", CommandState::as_str))
        .bind(i64::from(filter.limit))
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(command_of).collect()
}

pub(crate) async fn one(store: &Store, id: CommandId) -> Result<Option<DeviceCommand>> {
    let text = format!("SELECT {COLUMNS} FROM device_command WHERE id = $1");
    let row =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id.0).fetch_optional(store.reader()).await?;
    row.as_ref().map(command_of).transpose()
}

pub(crate) async fn answers(store: &Store, id: CommandId) -> Result<Vec<CommandAnswer>> {
    let rows = sqlx::query(
        "SELECT at, cn, content FROM device_command_answer WHERE command = $1 ORDER BY sequence",
    )
    .bind(id.0)
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let at = instant(row.try_get(0)?);
            Ok(CommandAnswer { at, cn: row.try_get(1)?, content: row.try_get(2)? })
        })
        .collect()
}

/// The next command for a device, marked as sent, so that nobody else sends it; those that have
/// waited too long are given up.
pub(crate) async fn take_next(
    store: &Store,
    mn: &str,
    qn: &str,
    receiver: &str,
    now: Timestamp,
) -> Result<Option<DeviceCommand>> {
    let is_waiting = "SELECT COUNT(*) FROM device_command WHERE mn = $1 AND state = 'queued'";
    let waiting: i64 =
        sqlx::query(is_waiting).bind(mn.to_owned()).fetch_one(store.reader()).await?.try_get(0)?;
    if waiting == 0 {
        return Ok(None);
    }
    let mut transaction = store.begin().await?;
    let expire = format!(
        "UPDATE device_command SET state = 'expired', ended_at = $2 \
         WHERE mn = $1 AND state = 'queued' AND expires_at < $2 RETURNING {COLUMNS}"
    );
    let expired = sqlx::query(sqlx::AssertSqlSafe(expire))
        .bind(mn.to_owned())
        .bind(now.as_millisecond())
        .fetch_all(&mut *transaction)
        .await?;
    for row in &expired {
        cover(&mut transaction, &command_of(row)?).await?;
    }
    let text = format!(
        "UPDATE device_command SET state = 'sent', qn = $2, sent_at = $3, sent_times = 1, \
         receiver = $4 WHERE id = (SELECT MIN(id) FROM device_command WHERE mn = $1 \
         AND state = 'queued') AND state = 'queued' RETURNING {COLUMNS}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(mn.to_owned())
        .bind(qn.to_owned())
        .bind(now.as_millisecond())
        .bind(receiver.to_owned())
        .fetch_optional(&mut *transaction)
        .await?;
    transaction.commit().await?;
    row.as_ref().map(command_of).transpose()
}

/// What happened to a command, to be written down.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) id: CommandId,
    pub(crate) at: Timestamp,
    pub(crate) step: Step,
}

/// One step of an exchange.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    SentAgain,
    Accepted,
    /// A packet brought what was asked for; its data area where it is no upload.
    Content {
        cn: String,
        content: Option<String>,
    },
    Ended {
        state: CommandState,
        result: Option<u16>,
        shown: Vec<(String, String)>,
    },
}

/// Answers kept of one command.
const ANSWERS_MAX: i64 = 200;

/// Writes down what happened, in order.
pub(crate) async fn note(store: &Store, steps: &[Progress]) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut transaction = store.begin().await?;
    for Progress { id, at, step } in steps {
        note_one(&mut transaction, *id, *at, step).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn note_one(
    transaction: &mut Transaction,
    id: CommandId,
    at: Timestamp,
    step: &Step,
) -> Result<()> {
    match step {
        Step::SentAgain => {
            sqlx::query("UPDATE device_command SET sent_times = sent_times + 1 WHERE id = $1")
                .bind(id.0)
                .execute(&mut **transaction)
                .await?;
        }
        Step::Accepted => {
            sqlx::query(
                "UPDATE device_command SET state = 'accepted' WHERE id = $1 AND state = 'sent'",
            )
            .bind(id.0)
            .execute(&mut **transaction)
            .await?;
        }
        Step::Content { cn, content } => {
            let row = sqlx::query(
                "UPDATE device_command SET contents = contents + 1 WHERE id = $1 \
                 RETURNING contents",
            )
            .bind(id.0)
            .fetch_one(&mut **transaction)
            .await?;
            let sequence: i64 = row.try_get(0)?;
            if let Some(content) = content.as_ref().filter(|_| sequence <= ANSWERS_MAX) {
                sqlx::query(
                    "INSERT INTO device_command_answer (command, sequence, at, cn, content) \
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(id.0)
                .bind(sequence)
                .bind(at.as_millisecond())
                .bind(cn.clone())
                .bind(content.clone())
                .execute(&mut **transaction)
                .await?;
            }
        }
        Step::Ended { state, result, shown } => {
            sqlx::query(
                "UPDATE device_command SET state = $2, result = $3, ended_at = $4, \
                 parameters = $5 WHERE id = $1",
            )
            .bind(id.0)
            .bind(state.as_str())
            .bind(result.map(i64::from))
            .bind(at.as_millisecond())
            .bind(text_of(shown))
            .execute(&mut **transaction)
            .await?;
        }
    }
    Ok(())
}

/// The devices for which commands wait to be sent.
pub(crate) async fn waiting(store: &Store) -> Result<Vec<String>> {
    let rows = sqlx::query("SELECT DISTINCT mn FROM device_command WHERE state = 'queued'")
        .fetch_all(store.reader())
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// What was under way when a receiver (without a name: the server itself) stopped has no result;
/// nobody knows what the device did.
pub(crate) async fn end_interrupted(store: &Store, receiver: &str, now: Timestamp) -> Result<()> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "UPDATE device_command SET state = 'no_result', ended_at = $1 \
         WHERE state IN ('sent', 'accepted') AND receiver = $2",
    )
    .bind(now.as_millisecond())
    .bind(receiver.to_owned())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Whether a command like this was asked for since a time.
pub(crate) async fn is_asked_since(
    store: &Store,
    mn: &str,
    cn: &str,
    parameters: &[(String, String)],
    since: Timestamp,
) -> Result<bool> {
    let row = sqlx::query(
        "SELECT COUNT(*) FROM device_command WHERE mn = $1 AND cn = $2 AND asked_at >= $4 \
         AND ($3 = '' OR parameters = $3)",
    )
    .bind(mn.to_owned())
    .bind(cn.to_owned())
    .bind(if parameters.is_empty() { String::new() } else { text_of(parameters) })
    .bind(since.as_millisecond())
    .fetch_one(store.reader())
    .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

fn text_of(parameters: &[(String, String)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| serde_json::json!([name, value]));
    serde_json::Value::from(pairs.collect::<Vec<_>>()).to_string()
}

fn parameters_of(text: &str) -> Vec<(String, String)> {
    serde_json::from_str(text).unwrap_or_default()
}

fn command_of(row: &AnyRow) -> Result<DeviceCommand> {
    let edition: String = row.try_get(3)?;
    let edition = [Edition::Hj2005, Edition::Hj2017, Edition::Hj2025]
        .into_iter()
        .find(|known| known.as_str() == edition)
        .unwrap_or(Edition::Hj2017);
    let parameters: String = row.try_get(4)?;
    let state: String = row.try_get(11)?;
    let result: Option<i64> = row.try_get(16)?;
    Ok(DeviceCommand {
        id: CommandId(row.try_get(0)?),
        mn: row.try_get(1)?,
        cn: row.try_get(2)?,
        edition,
        parameters: parameters_of(&parameters),
        // What is stored was asked for: nothing is decided by who asked any more.
        asked_by: Asker { name: row.try_get(5)?, user: row.try_get(6)?, is_platform: false },
        reason: row.try_get(7)?,
        asked_at: instant(row.try_get(8)?),
        expires_at: instant(row.try_get(9)?),
        agreed_by: row.try_get(10)?,
        state: CommandState::parse(&state).unwrap_or(CommandState::NoResult),
        qn: row.try_get(12)?,
        sent_at: row.try_get::<Option<i64>, _>(13)?.map(instant),
        sent_times: row.try_get(14)?,
        ended_at: row.try_get::<Option<i64>, _>(15)?.map(instant),
        result: result.and_then(|number| u16::try_from(number).ok()),
        contents: row.try_get(17)?,
    })
}

fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
