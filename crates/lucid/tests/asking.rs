//! SQL by the built binary: the command, and a server that clients of PostgreSQL ask. A build
//! without SQL says how to get it.

use std::path::Path;
use std::process::{Command, Output};

/// A `lucid` that knows nothing of the settings of whoever runs the tests.
fn lucid(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lucid"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LUCID_") {
            command.env_remove(name);
        }
    }
    command.arg("--data").arg(data).args(arguments);
    command.env("LUCID_HTTP_LISTEN", "127.0.0.1:0").env("LUCID_HJ212_LISTEN", "127.0.0.1:0");
    command
}

fn run(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = lucid(data, arguments).output().expect("lucid starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[cfg(not(feature = "sql"))]
#[test]
fn a_build_without_sql_says_how_to_get_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, told) = run(folder.path(), &["sql", "SELECT 1"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("this build has no SQL") && told.contains("--features sql"), "{told}");
}

#[cfg(feature = "sql")]
mod with_sql {
    use super::{lucid, run};
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::path::Path;
    use std::process::{Child, Stdio};
    use std::time::Duration;
    use testkit::Guarded;

    const PATIENCE: Duration = Duration::from_mins(1);

    fn city() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let (code, _, told) = run(folder.path(), &["init", "--city", "example"]);
        assert_eq!(code, Some(0), "{told}");
        folder
    }

    #[test]
    fn the_command_answers_in_every_form() {
        let city = city();
        let data = city.path();
        let question = "SELECT code, name_en FROM air_station ORDER BY code LIMIT 1";
        let (code, csv, told) = run(data, &["sql", question, "--format", "csv"]);
        assert_eq!(code, Some(0), "{told}");
        assert!(csv.starts_with("code,name_en\n9901A,"), "{csv}");
        let (_, table, told) = run(data, &["sql", question]);
        assert!(table.contains("| code ") && table.contains("| 9901A "), "{table}");
        assert!(told.contains("1 rows"), "{told}");
        let (_, json, _) = run(data, &["--json", "sql", "SELECT 1 AS one, 1.50 AS half"]);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json[0]["one"], 1);
        let file = data.join("answer.parquet");
        let name = file.to_str().expect("a name");
        let (code, _, told) = run(data, &["sql", "SELECT * FROM factor", "-o", name]);
        assert_eq!(code, Some(0), "{told}");
        assert!(std::fs::read(&file).expect("the file").starts_with(b"PAR1"));
        let (code, _, told) = run(data, &["sql", "SELECT\n nmae FROM factor"]);
        assert_eq!(code, Some(2));
        assert!(told.contains("line 2, column 2: there is no column nmae"), "{told}");
        assert!(told.contains("the columns here are"), "{told}");
        let (code, _, told) = run(data, &["sql", "DELETE FROM factor"]);
        assert_eq!(code, Some(2));
        assert!(told.contains("read-only") && told.contains("sql.read_only"), "{told}");
        let (code, _, told) = run(data, &["sql", "SELECT * FROM factor", "--rows", "1"]);
        assert_eq!(code, Some(2));
        assert!(told.contains("more than 1 rows"), "{told}");
    }

    #[test]
    fn the_wire_opens_to_others_with_tls_alone() {
        let city = city();
        let output = lucid(city.path(), &["serve"])
            .env("LUCID_SQL_LISTEN", "0.0.0.0:0")
            .output()
            .expect("lucid starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("without TLS") && told.contains("sql.certificate"), "{told}");
    }

    struct Server {
        child: Child,
        sql: String,
        token: String,
    }

    impl Server {
        fn start(data: &Path) -> Self {
            let mut child = lucid(data, &["--json", "serve"])
                .env("LUCID_SQL_LISTEN", "127.0.0.1:0")
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("lucid starts");
            let mut line = String::new();
            let _guard = Guarded::of(&child, PATIENCE);
            let mut lines = BufReader::new(child.stdout.take().expect("its output"));
            lines.read_line(&mut line).expect("a line");
            let told: serde_json::Value = serde_json::from_str(&line).expect("where it listens");
            let text = |name: &str| told[name].as_str().expect("a text").to_owned();
            Self { child, sql: text("sql"), token: text("token") }
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// A connection in the protocol of PostgreSQL, by hand: what no driver hides.
    struct Wire(TcpStream);

    impl Wire {
        fn open(server: &Server, password: &str) -> Result<Self, String> {
            let stream = TcpStream::connect(&server.sql).expect("the door is open");
            stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
            let mut wire = Self(stream);
            let parameters = b"user\0anybody\0database\0lucid\0\0";
            let mut begin = 196_608_u32.to_be_bytes().to_vec();
            begin.extend(parameters);
            let length = u32::try_from(begin.len() + 4).expect("short");
            wire.0.write_all(&length.to_be_bytes()).expect("it listens");
            wire.0.write_all(&begin).expect("it listens");
            let (kind, asked) = wire.read();
            assert_eq!((kind, asked.as_slice()), (b'R', &[0, 0, 0, 3][..]), "a password is asked");
            wire.send(b'p', password);
            loop {
                match wire.read() {
                    (b'E', told) => return Err(String::from_utf8_lossy(&told).into_owned()),
                    (b'Z', _) => return Ok(wire),
                    _ => {}
                }
            }
        }

        fn send(&mut self, kind: u8, text: &str) {
            let length = u32::try_from(text.len() + 5).expect("short");
            let mut message = vec![kind];
            message.extend(length.to_be_bytes());
            message.extend(text.as_bytes());
            message.push(0);
            self.0.write_all(&message).expect("it listens");
        }

        fn read(&mut self) -> (u8, Vec<u8>) {
            let mut head = [0; 5];
            self.0.read_exact(&mut head).expect("it answers");
            let length = u32::from_be_bytes(head[1..].try_into().expect("four bytes"));
            let mut body = vec![0; length as usize - 4];
            self.0.read_exact(&mut body).expect("it answers");
            (head[0], body)
        }

        /// What a question is answered, message by message.
        fn ask(&mut self, question: &str) -> Vec<(u8, Vec<u8>)> {
            self.send(b'Q', question);
            let mut messages = Vec::new();
            loop {
                let message = self.read();
                if message.0 == b'Z' {
                    return messages;
                }
                messages.push(message);
            }
        }
    }

    #[test]
    fn a_server_answers_clients_of_postgresql_to_whom_it_gave_a_token() {
        let city = city();
        let server = Server::start(city.path());
        let refused = Wire::open(&server, "lucid-nothing").err().expect("a wrong token");
        assert!(refused.contains("28P01") && refused.contains("/account"), "{refused}");
        let mut wire = Wire::open(&server, &server.token).expect("the operator's token");
        let answer = wire.ask("SELECT code FROM air_station WHERE code = '9901A'");
        let rows: Vec<_> = answer.iter().filter(|(kind, _)| *kind == b'D').collect();
        assert_eq!(rows.len(), 1, "{answer:?}");
        assert!(rows[0].1.ends_with(b"9901A"), "{rows:?}");
        let answer = wire.ask("DROP TABLE point");
        let told = String::from_utf8_lossy(&answer[0].1).into_owned();
        assert!(answer[0].0 == b'E' && told.contains("read-only"), "{told}");
        // The connection goes on after a refusal.
        let answer = wire.ask("SELECT count(*) FROM point");
        assert!(answer.iter().any(|(kind, _)| *kind == b'D'), "{answer:?}");
    }
}
