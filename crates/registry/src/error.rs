//! What can go wrong with the registry, and how to mend it.

/// A failure of the registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The store holds no city.
    #[error("the store holds no city; load one with `lucid init` or start with `lucid demo`")]
    NoCity,
    /// The store holds another city.
    #[error(
        "the store holds the city {installed:?} and not {offered:?}; \
         one store serves one city: choose another data folder with --data"
    )]
    OtherCity {
        /// The key of the city in the store.
        installed: String,
        /// The key of the city that was to be installed.
        offered: String,
    },
    /// A text that cannot be the code of a factor.
    #[error("{code:?} is no code of a factor: 1 to 20 letters, digits, _ and - are")]
    FactorCode {
        /// The text.
        code: String,
    },
    /// More codes than a store can number.
    #[error(
        "{count} codes of factors are registered and {code:?} would be one more than is allowed; \
         a device sends made-up codes, see the list of unlisted factors"
    )]
    TooManyFactors {
        /// The code that was not registered.
        code: String,
        /// How many are registered.
        count: usize,
    },
    /// A row of the store says what no row can say.
    #[error("table {table} holds a row that cannot be read: {what}; restore the last backup")]
    Content {
        /// The table.
        table: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The store failed.
    #[error("the registry cannot be read or written")]
    Store(#[from] store::StoreError),
    /// The database refused a statement.
    #[error("the database refused a statement of the registry")]
    Database(#[from] sqlx::Error),
}

impl RegistryError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCity => "registry.no_city",
            Self::OtherCity { .. } => "registry.other_city",
            Self::FactorCode { .. } => "registry.factor_code",
            Self::TooManyFactors { .. } => "registry.too_many_factors",
            Self::Content { .. } => "registry.content",
            Self::Store(error) => error.code(),
            Self::Database(_) => "registry.database",
        }
    }
}
