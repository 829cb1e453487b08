//! Running other programs: shown before they run, failing with their name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The folder of build products.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The program `lucid` as `cargo build` leaves it.
pub(crate) fn lucid_binary() -> String {
    let name = if cfg!(windows) { "lucid.exe" } else { "lucid" };
    target().join("debug").join(name).display().to_string()
}

/// Where the program `lucid` comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Built now, as every day.
    Now,
    /// The tests have built it, with all that it can have: to build it once more with other
    /// features would compile most of its libraries again.
    ByTheTests,
}

impl Build {
    /// The path of the program.
    pub(crate) fn lucid(self) -> Result<String, String> {
        if self == Self::Now {
            cargo(&["build", "--package", "lucid"]).run()?;
        }
        let binary = lucid_binary();
        if Path::new(&binary).is_file() {
            Ok(binary)
        } else {
            Err(format!("{binary} is not there: the tests build it"))
        }
    }
}

/// A program about to be run.
pub(crate) struct Program {
    command: Command,
    shown: String,
}

/// A call of cargo, with the toolchain that runs this program.
///
/// What cargo tells this program of its own package is not told on: some libraries (`ring`) would
/// be built anew, and all that stands on them, after each call from outside.
pub(crate) fn cargo(arguments: &[&str]) -> Program {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let call = named("cargo", Command::new(cargo));
    call.without("CARGO_PKG_").without("CARGO_MANIFEST_").arguments(arguments)
}

/// A call of any program.
pub(crate) fn program(name: &str) -> Program {
    named(name, Command::new(name))
}

fn named(shown: &str, mut command: Command) -> Program {
    command.current_dir(root());
    Program { command, shown: shown.to_owned() }
}

impl Program {
    /// Adds arguments.
    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        for argument in arguments {
            self.command.arg(argument);
            self.shown.push(' ');
            self.shown.push_str(argument);
        }
        self
    }

    /// Adds arguments that were made at run time.
    pub(crate) fn strings(self, arguments: &[String]) -> Self {
        let borrowed: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.arguments(&borrowed)
    }

    /// Runs in a folder other than the repository's.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Does without the variables of this program's environment that begin so.
    pub(crate) fn without(mut self, beginning: &str) -> Self {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(beginning) {
                self.command.env_remove(name);
            }
        }
        self
    }

    /// Runs to the end; an exit other than 0 is a problem.
    pub(crate) fn run(mut self) -> Result<(), String> {
        eprintln!("$ {}", self.shown);
        let status = self.command.status().map_err(|problem| self.cannot_start(&problem))?;
        if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", self.shown)) }
    }

    /// Runs to the end and returns what it wrote.
    pub(crate) fn output(mut self) -> Result<String, String> {
        let output = self.command.stderr(Stdio::inherit()).output();
        let output = output.map_err(|problem| self.cannot_start(&problem))?;
        if !output.status.success() {
            return Err(format!("`{}` ended with {}", self.shown, output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts and does not wait.
    pub(crate) fn start(mut self) -> Result<std::process::Child, String> {
        eprintln!("$ {} &", self.shown);
        self.command.spawn().map_err(|problem| self.cannot_start(&problem))
    }

    /// Starts in a group of its own and does not wait; what it says goes into a file.
    pub(crate) fn start_with_log(mut self, log: &Path) -> Result<std::process::Child, String> {
        eprintln!("$ {} &", self.shown);
        let open = || std::fs::OpenOptions::new().create(true).append(true).open(log);
        let files = open().and_then(|file| Ok((file.try_clone()?, file)));
        let (out, errors) = files.map_err(|problem| format!("{}: {problem}", log.display()))?;
        self.command.stdin(Stdio::null()).stdout(out).stderr(errors);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
        self.command.spawn().map_err(|problem| self.cannot_start(&problem))
    }

    /// Whether it can be started and ends well; nothing is shown.
    pub(crate) fn works(mut self) -> bool {
        let silent = self.command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        silent.is_ok_and(|status| status.success())
    }

    fn cannot_start(&self, problem: &std::io::Error) -> String {
        format!("`{}` cannot be started: {problem}", self.shown)
    }
}
