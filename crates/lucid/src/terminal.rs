//! The terminal: lines on standard output, progress on standard error.

use std::fmt::Arguments;
use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

/// Writes a line to standard output. A reader that has gone away (`lucid … | head`) ends the
/// program quietly, as it does other programs.
pub(crate) fn write_line(line: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").is_err() {
        std::process::exit(0);
    }
}

/// Writes a line to standard error; nobody may be listening.
pub(crate) fn write_note(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A line on standard output.
macro_rules! say {
    ($($part:tt)*) => { $crate::terminal::write_line(format_args!($($part)*)) };
}

/// A line on standard error.
macro_rules! note {
    ($($part:tt)*) => { $crate::terminal::write_note(format_args!($($part)*)) };
}

pub(crate) use {note, say};

/// A bar on standard error that counts to `total`; invisible where no terminal shows it.
pub(crate) fn progress(total: u64, what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let form = "{msg} {wide_bar} {pos}/{len} {per_sec} {eta}";
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(what)
}
