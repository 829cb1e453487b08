//! The national technical standards as dated tables and pure functions.
