//! SQL over recent values, history and registry, with the national standards as functions.
//!
//! Nothing but the binary depends on this crate, and only with its feature `sql`: the engine takes
//! longer to compile than all the rest.
