//! The history as the settings want it: where it lies, what moves and is forgotten when, and the
//! audit record of what is forgotten.

use std::pin::Pin;

use authority::Actor;
use authority::audit::{Record, record};
use observations::history::{Forgotten, Rules};
use store::{Access, Objects, Transaction};

use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// Where the files of the history lie.
pub(crate) fn place(settings: &Settings) -> Result<Objects, Failure> {
    let text = |key| settings.text(key).to_owned();
    let url = text(keys::HISTORY_URL);
    let objects = if url.is_empty() {
        Objects::in_folder(&settings.data().join("history"))
    } else {
        let access = Access {
            endpoint: text(keys::HISTORY_ENDPOINT),
            region: text(keys::HISTORY_REGION),
            access_key: text(keys::HISTORY_ACCESS_KEY),
            secret_key: text(keys::HISTORY_SECRET_KEY),
        };
        Objects::at(&url, &access)
    };
    objects.map_err(|error| {
        let cure = "Mend history.url and what stands beside it, or choose another data folder.";
        Failure::caused(error.code(), &error, cure)
    })
}

/// When months move into the history, and what is forgotten.
pub(crate) fn rules(settings: &Settings) -> Rules {
    let number = |key| u32::try_from(settings.count(key)).unwrap_or(u32::MAX);
    Rules {
        moves: settings.text(keys::HISTORY_MOVE) == "yes",
        keep_days: keys::HISTORY_KEEP.map(number),
        forget_months: keys::HISTORY_FORGET.map(|key| Some(number(key)).filter(|kept| *kept > 0)),
    }
}

/// Audits that a month is forgotten, in the transaction that forgets it.
pub(crate) fn audit_forgotten(
    transaction: &mut Transaction,
    what: Forgotten,
) -> Pin<Box<dyn Future<Output = std::io::Result<()>> + Send + '_>> {
    Box::pin(async move {
        let actor = Actor {
            user: None,
            name: "lucid".into(),
            origin: "history".into(),
            on_behalf_of: None,
            rule: format!("history.forget_months_{} = {}", what.period.as_str(), what.keep_months),
        };
        let done = Record {
            at: what.at,
            actor: &actor,
            action: "history.forget",
            subject: format!("history {} {}", what.period.as_str(), what.month),
            before: Some(serde_json::json!({ "rows": what.rows }).to_string()),
            after: None,
        };
        record(transaction, done).await.map(|_| ()).map_err(std::io::Error::other)
    })
}
