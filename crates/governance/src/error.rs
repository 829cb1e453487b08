//! What can go wrong.

use rulebook::Text;

/// Why the plan or its indicators cannot be shown or computed.
#[derive(Debug, thiserror::Error)]
pub enum GovernanceError {
    /// The store failed.
    #[error("the plan's values cannot be read or written")]
    Store(#[from] store::StoreError),
    /// The city's files cannot be read.
    #[error("the city's files cannot be read")]
    City(#[from] registry::RegistryError),
    /// Observations cannot be read.
    #[error("observations cannot be read")]
    Observations(#[from] observations::ObservationError),
    /// Alerts cannot be read.
    #[error("alerts cannot be read")]
    Alerts(#[from] evaluation::EvaluationError),
    /// Cases cannot be read or opened.
    #[error("cases cannot be read or opened")]
    Cases(#[from] cases::CaseError),
    /// Units cannot be looked up.
    #[error("units cannot be looked up")]
    Authority(#[from] authority::AuthorityError),
    /// Permits cannot be read.
    #[error("permits cannot be read")]
    Permits(#[from] permits::PermitError),
    /// Judged months of outlets cannot be read.
    #[error("judged months of outlets cannot be read")]
    Validity(#[from] validity::ValidityError),
    /// The plan's files are wrong.
    #[error("the city's plan is wrong: {0}")]
    Plan(String),
    /// A kept value is not what was written.
    #[error("a kept value cannot be read: {0}")]
    Kept(String),
}

impl From<sqlx::Error> for GovernanceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl GovernanceError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "governance.store",
            Self::City(_) => "governance.city",
            Self::Observations(_) => "governance.observations",
            Self::Alerts(_) => "governance.alerts",
            Self::Cases(_) => "governance.cases",
            Self::Authority(_) => "governance.authority",
            Self::Permits(_) => "governance.permits",
            Self::Validity(_) => "governance.validity",
            Self::Plan(_) => "governance.plan",
            Self::Kept(_) => "governance.kept",
        }
    }

    /// What a reader is told where the plan is wrong.
    pub fn text(&self) -> Option<Text> {
        match self {
            Self::Plan(what) => Some(Text::new(
                format!("本市方案文件有误，用 `lucid plan check` 查看：{what}"),
                format!("the city's plan is wrong, `lucid plan check` says more: {what}"),
            )),
            _ => None,
        }
    }
}

impl GovernanceError {
    /// What a reader of a page is told.
    pub fn problem(self) -> web::Problem {
        match self.text() {
            Some(text) => web::Problem::new(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                self.code(),
                text.zh.into_owned(),
                text.en.into_owned(),
            ),
            None => web::Problem::internal(&self),
        }
    }
}
