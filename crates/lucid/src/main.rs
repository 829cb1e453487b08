//! The binary `lucid`.
fn main() {}
