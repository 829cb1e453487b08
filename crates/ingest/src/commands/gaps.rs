//! Gaps in the data of devices that are there again, filled by asking for what is missing (补数).

use super::store::is_asked_since;
use super::{Commands, NewCommand, beijing};
use ::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use observations::series;
use registry::Device;
use rulebook::Period;
use std::time::Duration;
use tokio::sync::watch;

/// How gaps are looked for. Ours: the standard says how to ask, not when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapRules {
    /// How often.
    pub every: Duration,
    /// How far back gaps of hours are filled.
    pub hours_back: SignedDuration,
    /// How far back gaps of minutes are filled.
    pub minutes_back: SignedDuration,
    /// Values are given so long to come by themselves.
    pub grace: SignedDuration,
    /// The same gap is asked for again after so long at the earliest.
    pub again_after: SignedDuration,
}

impl Default for GapRules {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(10),
            hours_back: SignedDuration::from_hours(72),
            minutes_back: SignedDuration::from_hours(24),
            grace: SignedDuration::from_hours(2),
            again_after: SignedDuration::from_hours(12),
        }
    }
}

/// Looks for gaps until told to stop.
pub async fn fill_gaps(commands: Commands, rules: GapRules, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(rules.every) => {}
        }
        if let Err(problem) = commands.fill_gaps_once(&rules, Timestamp::now()).await {
            tracing::warn!(code = problem.code(), %problem, "gaps were not looked for");
        }
    }
}

impl Commands {
    /// Asks each device that is online for the oldest stretch that is missing, one request a
    /// device and period; how many were asked for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fill_gaps_once(
        &self,
        rules: &GapRules,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let snapshot = self.registry.snapshot();
        let mut asked = 0;
        for state in self.devices.states().into_iter().filter(|state| state.online) {
            let Some(device) = snapshot.device(&state.mn) else { continue };
            let hours = device.hour_interval_h.map(|hours| i64::from(hours) * 3600);
            let minutes = device.minute_interval_min.map(|minutes| i64::from(minutes) * 60);
            for (cn, period, step, back) in [
                ("2061", Period::Hour, hours, rules.hours_back),
                ("2051", Period::Minute, minutes, rules.minutes_back),
            ] {
                let Some(step) = step.filter(|step| *step > 0) else { continue };
                let from = now.saturating_sub(back).unwrap_or(Timestamp::MIN);
                let to = now.saturating_sub(rules.grace).unwrap_or(Timestamp::MIN);
                if let Some(gap) = self.gap(device, period, step, from..to).await? {
                    asked += usize::from(self.recall(device, cn, gap, rules, now).await?);
                }
            }
        }
        Ok(asked)
    }

    async fn gap(
        &self,
        device: &Device,
        period: Period,
        step: i64,
        range: std::ops::Range<Timestamp>,
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let rows = series(&self.store, device.point, period, range.clone()).await;
        let rows = rows.map_err(|problem| {
            tracing::debug!(%problem, "a series cannot be read");
            StoreError::from(sqlx::Error::WorkerCrashed)
        })?;
        let present: Vec<i64> = rows.iter().map(|row| row.observed_at.as_second()).collect();
        let gap = first_gap(&present, range.start.as_second(), range.end.as_second(), step);
        let instant = |second| Timestamp::from_second(second).ok();
        Ok(gap.and_then(|(first, last)| instant(first).zip(instant(last))))
    }

    async fn recall(
        &self,
        device: &Device,
        cn: &str,
        (first, last): (Timestamp, Timestamp),
        rules: &GapRules,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let parameters =
            vec![("BeginTime".to_owned(), beijing(first)), ("EndTime".to_owned(), beijing(last))];
        let since = now.saturating_sub(rules.again_after).unwrap_or(Timestamp::MIN);
        if is_asked_since(&self.store, &device.mn, cn, &parameters, since).await? {
            return Ok(false);
        }
        let command = NewCommand {
            mn: device.mn.clone(),
            cn: cn.to_owned(),
            parameters,
            reason: "数据缺失,自动补数 / data are missing and asked for".to_owned(),
            patience: rules.again_after,
        };
        match self.ask_by_itself(&command, now).await {
            Ok(_) => Ok(true),
            Err(super::CommandError::Store(problem)) => Err(problem),
            Err(problem) => {
                tracing::debug!(mn = device.mn, %problem, "the device cannot be asked");
                Ok(false)
            }
        }
    }
}

/// The first stretch of missing periods between two times, first and last period included, in
/// seconds. Nothing is a gap where nothing was ever heard before.
///
/// `present` are the starts of the periods that are there, in order; periods begin at whole steps
/// of the day of Beijing.
fn first_gap(present: &[i64], from: i64, to: i64, step: i64) -> Option<(i64, i64)> {
    let offset = i64::from(rulebook::beijing_offset().seconds());
    let begin = present.first().copied().map(|first| {
        // A device that is new, or that came back before the window, begins with what it sent.
        first.max((from + offset).div_euclid(step) * step - offset)
    })?;
    let mut wanted = begin;
    let mut places = present.iter().copied().skip_while(|at| *at < begin).peekable();
    while wanted + step <= to {
        match places.peek() {
            Some(at) if *at <= wanted => {
                places.next();
                wanted += step;
            }
            Some(next) => return Some((wanted, (*next - 1).div_euclid(step) * step)),
            None => {
                let last = wanted + (to - step - wanted).div_euclid(step) * step;
                return Some((wanted, last));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours of a day in Beijing as seconds.
    fn hour(number: i64) -> i64 {
        1_764_345_600 + number * 3600
    }

    #[test]
    fn the_first_stretch_that_is_missing_is_found() {
        type Stretch = Option<(i64, i64)>;
        let table: [(&[i64], Stretch); 7] = [
            (&[], None),
            (&[0, 1, 2, 3, 4, 5, 6, 7], None),
            (&[0, 1, 2, 5, 6, 7], Some((3, 4))),
            (&[0, 1, 2, 5, 7], Some((3, 4))),
            (&[0, 1, 2], Some((3, 7))),
            (&[4, 5, 6, 7], None),
            (&[0, 2, 3, 4, 5, 6, 7], Some((1, 1))),
        ];
        for (present, wanted) in table {
            let present: Vec<i64> = present.iter().map(|number| hour(*number)).collect();
            let found = first_gap(&present, hour(0), hour(8), 3600);
            let wanted = wanted.map(|(first, last)| (hour(first), hour(last)));
            assert_eq!(found, wanted, "{present:?}");
        }
    }
}
