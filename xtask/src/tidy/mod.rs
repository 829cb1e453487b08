//! The house rules that a program can check.

mod map;
mod sources;
mod storeys;

/// Checks every rule and prints what breaks one.
pub(crate) fn run() -> Result<(), String> {
    let mut problems = Vec::new();
    storeys::check(&mut problems)?;
    map::check(&mut problems)?;
    sources::check(&mut problems)?;
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    if problems.is_empty() { Ok(()) } else { Err(format!("{} rules broken", problems.len())) }
}
