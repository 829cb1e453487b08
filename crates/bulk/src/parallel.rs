//! Work on pieces in parallel, results in order, memory bounded.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::thread;

/// Hands each piece to one of `workers` threads and the results, in the order of the pieces, to
/// `collect` on this thread. At most a few pieces per worker exist at any time.
///
/// `collect` ends everything early by returning `false`.
pub(crate) fn in_order<Piece: Send, Done: Send>(
    workers: usize,
    pieces: impl Iterator<Item = Piece> + Send,
    work: impl Fn(Piece) -> Done + Sync,
    mut collect: impl FnMut(Done) -> bool,
) {
    let workers = workers.max(1);
    let at_once = workers * 2;
    let (give_permit, take_permit) = channel::<()>();
    let (give_piece, take_piece) = sync_channel::<(u64, Piece)>(at_once);
    let (give_done, take_done) = channel::<(u64, Done)>();
    let take_piece = Mutex::new(take_piece);
    for _ in 0..at_once {
        let _ = give_permit.send(());
    }
    thread::scope(|scope| {
        scope.spawn(move || {
            for (number, piece) in (0..).zip(pieces) {
                // Whoever is gone has ended the work early.
                if take_permit.recv().is_err() || give_piece.send((number, piece)).is_err() {
                    return;
                }
            }
        });
        for _ in 0..workers {
            let give_done = give_done.clone();
            let (take_piece, work) = (&take_piece, &work);
            scope.spawn(move || {
                while let Some((number, piece)) = next(take_piece) {
                    if give_done.send((number, work(piece))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(give_done);
        // Without permits the reader ends, then the workers, then this loop.
        let mut permits = Some(give_permit);
        let mut early = BTreeMap::new();
        let mut wanted = 0;
        for (number, done) in take_done {
            early.insert(number, done);
            while let Some(done) = early.remove(&wanted).filter(|_| permits.is_some()) {
                wanted += 1;
                let goes_on = collect(done);
                if !goes_on {
                    permits = None;
                } else if let Some(permits) = &permits {
                    // The reader is gone when all pieces are out.
                    let _ = permits.send(());
                }
            }
        }
    });
}

fn next<Piece>(pieces: &Mutex<Receiver<(u64, Piece)>>) -> Option<(u64, Piece)> {
    pieces.lock().ok()?.recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_pieces() {
        for workers in [1, 2, 7] {
            let mut seen = Vec::new();
            // The first take longest, so that later ones overtake them.
            let work = |piece: u64| {
                let longest = (0..(1_000 - piece) * 10).max().unwrap_or_default();
                piece + u64::from(std::hint::black_box(longest) == u64::MAX)
            };
            in_order(workers, 0..1_000, work, |done| {
                seen.push(done);
                true
            });
            assert_eq!(seen, (0..1_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_early_end_stops_reading() {
        let mut seen = 0;
        in_order(
            2,
            0..u64::MAX,
            |piece| piece,
            |done| {
                seen += 1;
                done < 9
            },
        );
        assert_eq!(seen, 10);
    }
}
