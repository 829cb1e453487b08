//! Checks of what people enter (填报合理性检查): what each looks at, why, and what to do, for
//! everybody to read.

mod api;
pub(crate) mod controls;
pub(crate) mod pages;
pub(crate) mod slots;

use axum::Router;
use plausibility::{Check, Finding};
use rulebook::Text;
use serde_json::{Value, json};
use std::sync::Arc;
use web::{AppState, Slice};

/// The checks of this installation: those of the program and those of the city.
#[derive(Clone, Debug)]
pub struct Checks(pub Vec<Check>);

impl Checks {
    /// The checks of the installation; those of the program where it brought none.
    pub(crate) fn of(state: &AppState) -> Arc<Self> {
        state.handle::<Self>().unwrap_or_else(|| Arc::new(Self::shipped()))
    }

    /// The checks that come with the program.
    pub fn shipped() -> Self {
        // A test of their crate sees to it that they are sound.
        Self(plausibility::shipped().map(<[Check]>::to_vec).unwrap_or_default())
    }

    /// The check of an id.
    pub(crate) fn get(&self, id: &str) -> Option<&Check> {
        self.0.iter().find(|check| check.id == id)
    }

    /// A finding with the words of its check, for programs.
    pub(crate) fn words(&self, finding: &Finding) -> Value {
        let check = self.get(&finding.check);
        let text = |text: Option<&Text>| text.map(|it| json!({ "zh": it.zh, "en": it.en }));
        let numbers = finding.numbers();
        json!({
            "id": finding.id(),
            "check": finding.check,
            "version": finding.version,
            "severity": finding.severity.as_str(),
            "refuses": finding.severity.refuses(),
            "asks_for_a_reason": finding.severity.asks_for_a_reason(),
            "place": finding.place(),
            "outlet": finding.key.outlet,
            "factor": finding.key.factor,
            "field": finding.field,
            "numbers": { "zh": numbers.zh, "en": numbers.en },
            "name": text(check.map(|it| &it.name)),
            "what": text(check.map(|it| &it.what)),
            "why": text(check.map(|it| &it.why)),
            "cure": text(check.map(|it| &it.cure)),
        })
    }
}

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "checks",
        pages: routes,
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes()
}
