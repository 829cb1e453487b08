//! How a command ends: 0 ok, 1 found something, 2 wrong use, 3 environment.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Ok,
    /// The work was done and something was found: a failing record, a bad row, a fault.
    Found,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Found => 1,
        })
    }
}

/// Whose fault it is that a command could not do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The command was called wrongly, or was given what it cannot read.
    Use,
    /// A file, a port, a database or the machine.
    Environment,
}

/// Why a command could not do its work, and how to mend it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) blame: Blame,
    /// The stable code, `configuration.unknown_key`.
    pub(crate) code: String,
    pub(crate) what: String,
    pub(crate) cure: String,
}

/// What a command gives back.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    /// The caller can mend it by calling otherwise.
    pub(crate) fn of_use(code: &str, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Blame::Use, code, what.into(), cure.into())
    }

    /// Something outside of the program has to change.
    pub(crate) fn of_environment(
        code: &str,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Blame::Environment, code, what.into(), cure.into())
    }

    /// An error of a crate below, with the chain of its causes.
    pub(crate) fn caused(code: &str, error: &dyn Error, cure: impl Into<String>) -> Self {
        Self::of_environment(code, store::with_causes(error), cure)
    }

    fn new(blame: Blame, code: &str, what: String, cure: String) -> Self {
        Self { blame, code: code.to_owned(), what, cure }
    }

    /// The code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.blame {
            Blame::Use => 2,
            Blame::Environment => 3,
        })
    }

    /// The same as a machine reads it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "code": self.code, "what": self.what, "cure": self.cure })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.what)?;
        if !self.cure.is_empty() {
            write!(formatter, "\n  {}", self.cure)?;
        }
        write!(formatter, "\n  [{}]", self.code)
    }
}
