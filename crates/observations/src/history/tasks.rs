//! Work spread over the processors.

use crate::error::ObservationError;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

/// So many pieces of work are under way at once.
pub(crate) fn lanes() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// What is said when a task ended without an answer.
pub(crate) fn broke_off(problem: tokio::task::JoinError) -> ObservationError {
    ObservationError::Interrupted(std::io::Error::other(problem))
}

/// Does something with each thing, on every processor; the answers are in the order of the things.
///
/// # Errors
/// The first error in that order; what is under way then is not waited for.
pub(crate) async fn each<Thing, Answer, Work>(
    things: Vec<Thing>,
    work: impl Fn(Thing) -> Work,
) -> Result<Vec<Answer>, ObservationError>
where
    Answer: Send + 'static,
    Work: Future<Output = Result<Answer, ObservationError>> + Send + 'static,
{
    if things.len() < 2 {
        let mut answers = Vec::new();
        for thing in things {
            answers.push(work(thing).await?);
        }
        return Ok(answers);
    }
    let begin = |thing| {
        let work = work(thing);
        async move { tokio::spawn(work).await.map_err(broke_off)? }
    };
    stream::iter(things).map(begin).buffered(lanes()).try_collect().await
}
