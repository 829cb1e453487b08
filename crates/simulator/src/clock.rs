//! The devices' time: the real one, or one that runs faster in tests.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// A clock that began at some time and runs at some speed.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
    speed: f64,
}

impl Clock {
    /// Begins at `origin` and runs `speed` times as fast as real time; a speed that is not
    /// positive counts as 1.
    pub fn new(origin: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self { origin, started: Instant::now(), speed }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let passed = self.started.elapsed().as_secs_f64() * self.speed;
        let passed = SignedDuration::from_micros((passed * 1e6) as i64);
        self.origin.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// When `at` will be, on the clock of the runtime; at once for what has passed.
    pub(crate) fn instant(&self, at: Timestamp) -> Instant {
        let seconds = at.duration_since(self.now()).as_secs_f64().max(0.0) / self.speed;
        // Longer than a day counts as a day: the waiter then asks again.
        Instant::now() + Duration::from_secs_f64(seconds.min(86_400.0))
    }

    /// A length of the devices' time in real time.
    pub(crate) fn real(&self, length: Duration) -> Duration {
        length.div_f64(self.speed)
    }
}
