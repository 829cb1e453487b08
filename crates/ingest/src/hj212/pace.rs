//! How fast a connection may send: a bucket of packets that fills with time.

use std::time::{Duration, Instant};

/// Two seconds' worth may come at once.
const BURST_SECONDS: f64 = 2.0;

/// The packets that a connection may still send.
#[derive(Debug)]
pub(crate) struct Pace {
    per_second: f64,
    left: f64,
    at: Instant,
}

impl Pace {
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self { per_second, left: per_second * BURST_SECONDS, at: now }
    }

    /// Takes `packets` out; answers how long to wait before the next may be read.
    pub(crate) fn take(&mut self, packets: usize, now: Instant) -> Option<Duration> {
        let filled = now.duration_since(self.at).as_secs_f64() * self.per_second;
        self.left = (self.left + filled).min(self.per_second * BURST_SECONDS) - packets as f64;
        self.at = now;
        (self.left < 0.0).then(|| Duration::from_secs_f64(-self.left / self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_waits() {
        let start = Instant::now();
        let mut pace = Pace::new(10, start);
        assert_eq!(pace.take(20, start), None);
        assert_eq!(pace.take(5, start), Some(Duration::from_millis(500)));
        assert_eq!(pace.take(0, start + Duration::from_millis(500)), None);
        assert_eq!(pace.take(10, start + Duration::from_millis(1500)), None);
    }
}
