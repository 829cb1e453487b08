//! Waits that end: a test that waits for what never comes fails and says for what.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long a test waits for one thing: far longer than it takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for `future`, not longer than [`PATIENCE`].
///
/// # Panics
/// When it has not come by then: with `what` was waited for.
pub async fn in_time<Output>(what: &str, future: impl Future<Output = Output>) -> Output {
    let Ok(output) = tokio::time::timeout(PATIENCE, future).await else {
        panic!("waited {} s in vain: {what}", PATIENCE.as_secs());
    };
    output
}

/// Asks again and again until there is an answer; panics with what was waited for when none comes
/// in time.
///
/// # Panics
/// When there is no answer within [`PATIENCE`].
pub async fn until<Answer>(what: &str, mut ask: impl AsyncFnMut() -> Option<Answer>) -> Answer {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time(what, asking).await
}

/// A program started by a test that is ended by force when it outlives its time, so that whoever
/// reads from it or waits for it goes on and fails.
pub struct Guarded {
    _ended: Sender<()>,
}

impl Guarded {
    /// Guards a program until the guard is dropped.
    pub fn of(child: &Child, time: Duration) -> Self {
        let (ended, waiting) = channel();
        let process = child.id().to_string();
        std::thread::spawn(move || end(&waiting, &process, time));
        Self { _ended: ended }
    }
}

fn end(waiting: &Receiver<()>, process: &str, time: Duration) {
    if waiting.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
        eprintln!("process {process} is ended by force: it runs for {} s", time.as_secs());
        let mut kill = Command::new("kill");
        let ended = kill.args(["-9", process]).stderr(Stdio::null()).status();
        if !ended.is_ok_and(|status| status.success()) {
            eprintln!("process {process} could not be ended");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "in vain: the end of the world")]
    async fn what_never_comes_fails_by_name() {
        in_time("the end of the world", std::future::pending::<()>()).await;
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_says_nothing_is_ended() {
        let mut sleep = Command::new("sleep");
        let mut child = sleep.arg("600").stdout(Stdio::piped()).spawn().expect("it starts");
        let _guard = Guarded::of(&child, Duration::from_millis(50));
        let mut said = String::new();
        let mut output = child.stdout.take().expect("its output");
        output.read_to_string(&mut said).expect("the output ends");
        assert!(!child.wait().expect("it ended").success());
    }
}
