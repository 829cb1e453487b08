//! What answers questions in SQL, as pages and interface know it. A build without SQL has none.

use authority::Principal;
use authority::audit::Actor;
use rulebook::Text;
use std::sync::Arc;
use web::Later;

/// A question in SQL, and who asks it.
#[derive(Clone, Debug)]
pub struct Question {
    /// The question.
    pub text: String,
    /// Who asks, and may.
    pub principal: Arc<Principal>,
    /// The same for the audit record.
    pub actor: Actor,
    /// How they ask: `page`, `api`, `postgres`, `command`.
    pub way: &'static str,
}

/// An answer as rows of texts.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The columns: name, type in SQL, whether it holds numbers.
    pub columns: Vec<(String, String, bool)>,
    /// The rows; `None` where a cell is null.
    pub rows: Vec<Vec<Option<String>>>,
    /// True when there are more than were asked for.
    pub is_cut: bool,
    /// How long it took.
    pub milliseconds: u128,
}

/// The form of an answer as a file of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnFile {
    /// Apache Parquet.
    Parquet,
    /// The stream format of Apache Arrow.
    Arrow,
}

/// What kind of trouble a question met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// It cannot be understood.
    Wrong,
    /// It wants to do something else than read.
    Refused,
    /// It takes too long, too much memory, or has too many rows.
    TooMuch,
    /// Too many ask at the moment.
    Busy,
    /// The installation failed.
    Failed,
}

impl TroubleKind {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wrong => "sql.wrong",
            Self::Refused => "sql.read_only",
            Self::TooMuch => "sql.too_much",
            Self::Busy => "sql.busy",
            Self::Failed => "sql.failed",
        }
    }
}

/// Why a question has no answer: what, where, how to mend it.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Its kind.
    pub kind: TroubleKind,
    /// What is wrong.
    pub what: Text,
    /// How to mend it; empty where nobody can say.
    pub cure: Text,
    /// The line and the column, from 1, where that is known.
    pub place: Option<(u32, u32)>,
}

/// A column of a table, for readers.
#[derive(Clone, Debug)]
pub struct ColumnGuide {
    /// Its name.
    pub name: &'static str,
    /// Its type in SQL.
    pub kind: &'static str,
    /// What it holds.
    pub meaning: Text,
}

/// A table, for readers.
#[derive(Clone, Debug)]
pub struct TableGuide {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub meaning: Text,
    /// Its columns.
    pub columns: Vec<ColumnGuide>,
}

/// A function, for readers.
#[derive(Clone, Debug)]
pub struct FunctionGuide {
    /// How it is written.
    pub signature: String,
    /// The type of what it gives.
    pub returns: &'static str,
    /// True for one over the rows of a group.
    pub is_aggregate: bool,
    /// What it does.
    pub meaning: Text,
    /// A question that shows it.
    pub example: &'static str,
}

/// A question to begin with.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it asks.
    pub title: Text,
    /// The question.
    pub text: String,
}

/// What a question may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So long.
    pub seconds: u64,
    /// So much memory, in MiB.
    pub memory_mib: u64,
    /// So many rows in the answer.
    pub rows: usize,
    /// So many questions at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { seconds: 30, memory_mib: 512, rows: 100_000, at_once: 2 }
    }
}

/// All that a reader wants to know before asking.
#[derive(Clone, Debug)]
pub struct Guide {
    /// The tables.
    pub tables: Vec<TableGuide>,
    /// The functions.
    pub functions: Vec<FunctionGuide>,
    /// Questions to begin with.
    pub examples: Vec<Example>,
    /// What a question may take.
    pub limits: Limits,
}

/// Answers questions in SQL.
pub trait Engine: Send + Sync {
    /// What can be asked.
    fn guide(&self) -> Arc<Guide>;

    /// The answer as texts, at most so many rows of it.
    fn show(&self, question: Question, most: usize) -> Later<Result<Shown, Trouble>>;

    /// The whole answer as a file of columns.
    fn file(&self, question: Question, form: ColumnFile) -> Later<Result<Vec<u8>, Trouble>>;
}

/// The engine of this installation, as a handle of the state.
pub struct EngineHandle(pub Arc<dyn Engine>);
