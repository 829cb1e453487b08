//! `lucid permit` by the built binary: what a permit goes through as a file.

use std::path::Path;
use std::process::Command;

/// The permit of the example city's plant.
const NUMBER: &str = "91990100MA0DE9001F001P";

/// The exit code, and what was written to both outputs.
fn lucid(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    let output = command.current_dir(folder).args(arguments).output().expect("lucid starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("an exit code"), String::from_utf8(text).expect("text"))
}

#[test]
fn a_permit_goes_out_and_comes_in_again_as_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments: &[&str]| {
        let data = ["--data", "data"];
        lucid(folder.path(), &[arguments, &data].concat())
    };
    let (code, text) = run(&["init", "--city", "example"]);
    assert_eq!(code, 0, "{text}");
    for (arguments, wanted_code, wanted) in [
        (&["permit", "list"][..], 0, NUMBER),
        (&["permit", "export", NUMBER, "permit.xlsx"], 0, ""),
        (&["permit", "check", "permit.xlsx"], 0, "nothing is wrong"),
        (&["permit", "import", "permit.xlsx"], 0, "nothing has changed"),
        (&["permit", "template", "form.xlsx"], 0, ""),
        (&["permit", "check", "form.xlsx"], 1, "许可证编号"),
        (&["permit", "import", "form.xlsx"], 1, "nothing was taken"),
        (&["permit", "check", "missing.xlsx"], 2, "cannot be read"),
        (&["permit", "export", "none", "x.xlsx"], 2, "lucid permit list"),
    ] {
        let (code, text) = run(arguments);
        assert_eq!(code, wanted_code, "{arguments:?}: {text}");
        assert!(text.contains(wanted), "{arguments:?} lacks {wanted:?}: {text}");
    }
}
