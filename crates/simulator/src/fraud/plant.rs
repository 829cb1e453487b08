//! Honest outlets as detectors see them: hours of plants that work by shifts, drift, are
//! calibrated, fall silent and stand still, the same for the same seed.
//!
//! A quarter of what is drawn looks suspicious and is not: analysers that repeat their last result,
//! floors of instruments, dosing to a set point below the limit, two lines that share a load, stops
//! that nobody marked, loggers that send a day's backlog at once.

use super::random::{Random, Wandering};
use detectors::{Event, EventKind, Outlet, OutletId, Receipt, Sample, Series, State};
use jiff::Timestamp;
use std::f64::consts::TAU;

const HOUR_S: i64 = 3600;
/// Oxygen in air, per cent by volume, as the conversion takes it (HJ 212-2017 annex D).
const AIR: f64 = 21.0;
/// Two in ten outlets are the second line of the one before.
const SISTERS: f64 = 0.2;
/// Beijing's distance from UTC.
const BEIJING_H: i64 = 8;

/// A pollutant of a kind of outlet: code, decimals, usual limit.
struct Usual(&'static str, u32, f64);

const GAS: [Usual; 3] =
    [Usual("a34013", 2, 20.0), Usual("a21026", 2, 50.0), Usual("a21002", 2, 100.0)];
const WATER: [Usual; 4] = [
    Usual("w01018", 1, 50.0),
    Usual("w21003", 3, 5.0),
    Usual("w21011", 3, 0.5),
    Usual("w21001", 2, 15.0),
];

/// How a plant works, hour by hour, before anything is measured.
struct Work {
    /// Share of full load; 0 where it stands still.
    load: Vec<f64>,
    /// Whether the standstill is marked.
    is_marked: Vec<bool>,
    /// What both lines of an enterprise share.
    common: Vec<f64>,
}

/// What befalls the device, hour by hour.
struct Fate {
    states: Vec<State>,
    /// No value is there.
    lost: Vec<bool>,
    /// Hours since the last calibration.
    since_calibration: Vec<f64>,
}

/// Honest outlets over so many days from a time on. `seed` decides all.
pub fn honest(seed: u64, count: usize, from: Timestamp, days: u32) -> Vec<Outlet> {
    let hours = days as usize * 24;
    let mut outlets: Vec<Outlet> = Vec::with_capacity(count);
    let mut before: Option<(u64, bool)> = None;
    for number in 0..count as u64 {
        let mut random = Random::new(seed, number);
        let sister = before.take().filter(|_| random.chance(SISTERS));
        let (line, is_gas) = sister.unwrap_or_else(|| (number, random.chance(0.6)));
        let mut outlet = Outlet::new(OutletId(number as i64 + 1));
        outlet.operator = line as i64 + 1;
        // Both lines of an enterprise draw their work from the first one's number.
        let work = Work::new(&mut Random::new(seed ^ 0x5157_4552, line), from, hours);
        draw(&mut outlet, &work, is_gas, from, &mut random);
        before = Some((line, is_gas));
        outlets.push(outlet);
    }
    outlets
}

/// What is needed to draw the series of an outlet.
struct Drawing<'draw> {
    work: &'draw Work,
    fate: Fate,
    from: Timestamp,
    random: &'draw mut Random,
}

fn draw(outlet: &mut Outlet, work: &Work, is_gas: bool, from: Timestamp, random: &mut Random) {
    let fate = Fate::new(work, from, random);
    let mut drawing = Drawing { work, fate, from, random };
    if is_gas {
        drawing.gas(outlet);
    } else {
        drawing.water(outlet);
    }
    outlet.receipts = receipts(&drawing.fate, from, drawing.random);
    outlet.events = inspections(from, work.load.len(), drawing.random);
}

impl Drawing<'_> {
    fn series(
        &self,
        factor: &str,
        decimals: u32,
        values: impl IntoIterator<Item = f64>,
        limit: Option<f64>,
    ) -> Series {
        let sample = |(hour, value): (usize, f64)| Sample {
            at: hour_of(self.from, hour),
            value: (!self.fate.lost[hour]).then_some(value),
            state: self.fate.states[hour],
        };
        let samples: Vec<Sample<f64>> = values.into_iter().enumerate().map(sample).collect();
        Series::rounded(factor, HOUR_S, decimals, &samples).with_limit(limit)
    }

    /// Numbers around 1 that keep so much of themselves from hour to hour.
    fn steady(&mut self, keeps: f64, share: f64) -> Vec<f64> {
        let mut wandering = Wandering::new(keeps, self.random);
        let hours = 0..self.work.load.len();
        hours.map(|_| 1.0 + share * wandering.next(self.random)).collect()
    }

    /// Load and flow.
    fn stream(&mut self, outlet: &mut Outlet, flow: &str, size: f64, decimals: u32) {
        let noise = self.steady(0.6, 0.01);
        let load = self.work.load.iter().zip(&noise).map(|(load, noise)| 100.0 * load * noise);
        outlet.series.push(self.series("i33400", 1, load, None));
        let restless = self.random.between(0.02, 0.08);
        let noise = self.steady(0.7, restless);
        let least = self.random.between(0.15, 0.35);
        let value = |(load, noise): (&f64, &f64)| {
            if *load > 0.0 { size * (least + load) * noise } else { 0.0 }
        };
        let values = self.work.load.iter().zip(&noise).map(value);
        outlet.series.push(self.series(flow, decimals, values, None));
    }

    fn gas(&mut self, outlet: &mut Outlet) {
        let size = self.random.between(4.0, 60.0);
        self.stream(outlet, "a00000", size, 2);
        let reference = [6.0, 9.0, 11.0][self.random.place(3)];
        let top = reference + self.random.between(0.5, 4.5);
        let noise = self.steady(0.85, 0.045);
        let oxygen: Vec<f64> = self
            .work
            .load
            .iter()
            .zip(&noise)
            .map(|(load, noise)| match *load {
                load if load > 0.0 => ((top - 3.0 * (load - 0.7)) * noise).clamp(1.0, 18.5),
                _ => 20.9 + 0.05 * (noise - 1.0),
            })
            .collect();
        outlet.series.push(self.series("a19001", 2, oxygen.iter().copied(), None));
        let noise = self.steady(0.9, 0.03);
        let heat = self.work.load.iter().zip(&noise).map(|(load, it)| it * (45.0 + 60.0 * load));
        outlet.series.push(self.series("a01012", 1, heat, None));
        let has_nitric_oxide = self.random.chance(0.3);
        let part = self.steady(0.9, 0.02);
        for Usual(factor, decimals, limit) in GAS {
            let judged = concentration(self.work, &self.fate, limit, 1, self.random);
            let factor_of = |oxygen: &f64| (AIR - reference) / (AIR - oxygen).max(0.1);
            let raw: Vec<f64> =
                judged.iter().zip(&oxygen).map(|(it, oxygen)| it / factor_of(oxygen)).collect();
            if factor == "a21002" && has_nitric_oxide {
                let nitric = raw.iter().zip(&part).map(|(raw, part)| 0.6 * raw * part);
                outlet.series.push(self.series("a21003", decimals, nitric, None));
            }
            outlet.converted.push(self.series(factor, decimals, judged, Some(limit)));
            outlet.series.push(self.series(factor, decimals, raw, None));
        }
    }

    fn water(&mut self, outlet: &mut Outlet) {
        /// How often analysers measure, in hours.
        const HOLDS: [usize; 5] = [1, 1, 2, 2, 4];
        let size = self.random.between(20.0, 400.0);
        self.stream(outlet, "w00000", size, 1);
        let acidity = self.steady(0.95, 0.02).into_iter().map(|it| 7.2 * it);
        outlet.series.push(self.series("w01001", 2, acidity, None));
        let mut ammonia: Vec<f64> = Vec::new();
        for Usual(factor, decimals, limit) in WATER {
            let hold = HOLDS[self.random.place(HOLDS.len())];
            let mut values = concentration(self.work, &self.fate, limit, hold, self.random);
            match factor {
                "w21003" => ammonia.clone_from(&values),
                // Total nitrogen holds ammonia: what was drawn is the rest.
                "w21001" => {
                    for (value, part) in values.iter_mut().zip(&ammonia) {
                        *value += *part;
                    }
                }
                _ => {}
            }
            outlet.series.push(self.series(factor, decimals, values, Some(limit)));
        }
    }
}

fn hour_of(from: Timestamp, hour: usize) -> Timestamp {
    Timestamp::from_second(from.as_second() + hour as i64 * HOUR_S).unwrap_or(Timestamp::MAX)
}

/// Hour of the day and day of the week in Beijing, Monday = 0.
fn local(from: Timestamp, hour: usize) -> (f64, i64) {
    let hours = from.as_second().div_euclid(HOUR_S) + hour as i64 + BEIJING_H;
    (hours.rem_euclid(24) as f64, (hours.div_euclid(24) + 3).rem_euclid(7))
}

impl Work {
    fn new(random: &mut Random, from: Timestamp, hours: usize) -> Self {
        let kind = random.unit();
        let (mut slow, mut fast) = (Wandering::new(0.985, random), Wandering::new(0.7, random));
        let restless = random.between(0.02, 0.08);
        let has_free_sunday = random.chance(0.3);
        let mut load: Vec<f64> = (0..hours)
            .map(|hour| {
                let (clock, weekday) = local(from, hour);
                let shift = match kind {
                    // Around the clock, two shifts, one shift.
                    kind if kind < 0.55 => 0.82 + 0.05 * (TAU * (clock - 15.0) / 24.0).cos(),
                    kind if kind < 0.8 => {
                        if (6.0..22.0).contains(&clock) {
                            0.85
                        } else {
                            0.45
                        }
                    }
                    _ => {
                        if (8.0..18.0).contains(&clock) {
                            0.85
                        } else {
                            0.3
                        }
                    }
                };
                let week = if weekday == 6 && has_free_sunday { 0.6 } else { 1.0 };
                let noise = restless * (slow.next(random) + 0.5 * fast.next(random));
                (shift * week + noise).clamp(0.12, 1.1)
            })
            .collect();
        let mut is_marked = vec![true; hours];
        let mut at = random.waiting(1400.0);
        while (at as usize) < hours {
            let length = random.between(8.0, 110.0) as usize;
            let marked = random.chance(0.9);
            for hour in at as usize..(at as usize + length).min(hours) {
                load[hour] = 0.0;
                is_marked[hour] = marked;
            }
            at += length as f64 + random.waiting(1400.0);
        }
        let mut common = Wandering::new(0.9, random);
        let common = (0..hours).map(|_| common.next(random)).collect();
        Self { load, is_marked, common }
    }
}

impl Fate {
    fn new(work: &Work, from: Timestamp, random: &mut Random) -> Self {
        let hours = work.load.len();
        let mut states = vec![State::Normal; hours];
        let mut lost = vec![false; hours];
        let mut since_calibration = vec![0.0; hours];
        for hour in befallen(hours, (500.0, 1.0, 6.0), random) {
            lost[hour] = true;
        }
        for hour in befallen(hours, (300.0, 1.0, 6.0), random) {
            // Maintenance is done by day.
            if (8.0..18.0).contains(&local(from, hour).0) {
                states[hour] = State::Maintenance;
            }
        }
        for hour in befallen(hours, (2500.0, 4.0, 48.0), random) {
            states[hour] = State::Faulty;
        }
        let week = random.between(0.0, 168.0) as usize;
        let mut since = week as f64;
        for hour in 0..hours {
            since += 1.0;
            if (hour + week).is_multiple_of(168) {
                states[hour] = State::Calibration;
                since = 0.0;
            }
            since_calibration[hour] = since;
            if work.load[hour] <= 0.0 && work.is_marked[hour] {
                states[hour] = State::Stopped;
            }
        }
        Self { states, lost, since_calibration }
    }
}

/// The hours of what comes once in so many hours on average and lasts from so many to so many.
fn befallen(
    hours: usize,
    (mean, shortest, longest): (f64, f64, f64),
    random: &mut Random,
) -> Vec<usize> {
    let mut all = Vec::new();
    let mut at = random.waiting(mean);
    while (at as usize) < hours {
        let length = random.between(shortest, longest).round().max(1.0);
        all.extend(at as usize..((at + length) as usize).min(hours));
        at += length + random.waiting(mean);
    }
    all
}

/// What an instrument shows of a pollutant that the permit limits.
fn concentration(
    work: &Work,
    fate: &Fate,
    limit: f64,
    hold: usize,
    random: &mut Random,
) -> Vec<f64> {
    let hours = work.load.len();
    let is_controlled = random.chance(0.2);
    let share = if is_controlled { random.between(0.72, 0.86) } else { random.between(0.15, 0.65) };
    let share = if random.chance(0.08) { random.between(0.02, 0.06) } else { share };
    let (slow, fast, white) = if is_controlled {
        (random.between(0.01, 0.04), random.between(0.02, 0.05), random.between(0.005, 0.02))
    } else {
        (random.between(0.03, 0.2), random.between(0.03, 0.18), random.between(0.01, 0.08))
    };
    let own = random.between(0.3, 0.9);
    let with_load = random.between(-0.2, 0.4);
    let (course, peak) = (random.between(0.0, 0.12), random.between(0.0, 24.0));
    let drift = random.between(-0.03, 0.03) * limit / 168.0;
    let floor = limit * random.between(0.01, 0.025);
    let calibrated_to = 0.8 * limit;
    let mut wanders = [Wandering::new(0.985, random), Wandering::new(0.75, random)];
    let mut excursion = (random.waiting(350.0), 0.0, 1.0);
    let mut held = 0.0;
    (0..hours)
        .map(|hour| {
            let load = work.load[hour];
            let [slowly, fastly] = &mut wanders;
            let shared = (1.0 - own * own).sqrt() * work.common[hour];
            let clock = TAU * (hour as f64 - peak) / 24.0;
            let logarithm = slow * slowly.next(random)
                + fast * (own * fastly.next(random) + shared)
                + white * random.normal()
                + with_load * (load - 0.7)
                + course * clock.cos();
            let mut value =
                limit * share * logarithm.exp() * excess(&mut excursion, hour as f64, random);
            if is_controlled && value > 0.92 * limit {
                // Dosing answers as the limit comes near.
                value = 0.92 * limit + 0.5 * (value - 0.92 * limit);
            }
            if load <= 0.0 {
                value = 0.02 * limit * (1.0 + 0.1 * random.normal());
            }
            if fate.states[hour] == State::Calibration {
                value = calibrated_to * (1.0 + 0.01 * random.normal());
            }
            value += drift * fate.since_calibration[hour];
            let shown = value.max(floor);
            if hour % hold == 0 || fate.states[hour] == State::Calibration {
                held = shown;
            }
            held
        })
        .collect()
}

/// By how much a passing trouble of the process raises a value: now and then, for some hours.
fn excess(excursion: &mut (f64, f64, f64), hour: f64, random: &mut Random) -> f64 {
    let (from, to, times) = excursion;
    if hour < *from {
        return 1.0;
    }
    if *to < *from {
        *to = *from + random.between(2.0, 9.0);
        *times = random.between(1.2, 2.2);
    }
    if hour < *to {
        return *times;
    }
    *from = hour + random.waiting(350.0);
    1.0
}

/// When each hour came in: some minutes after its end, a backlog at once, and now and then a logger
/// whose clock is wrong for a packet or two after a power cut.
fn receipts(fate: &Fate, from: Timestamp, random: &mut Random) -> Vec<Receipt> {
    let delay = random.between(20.0, 300.0);
    let mut backlog = (random.waiting(700.0), 0.0);
    let mut confused = random.waiting(5000.0);
    let mut receipts = Vec::with_capacity(fate.lost.len());
    for (hour, _) in fate.lost.iter().enumerate().filter(|(_, lost)| !**lost) {
        let end = from.as_second() + (hour as i64 + 1) * HOUR_S;
        let (at, jitter) = (hour as f64, random.between(0.0, 60.0));
        if backlog.1 < backlog.0 {
            backlog.1 = backlog.0 + random.between(2.0, 20.0);
        }
        let mut received = end as f64 + delay + jitter;
        if at >= backlog.0 && at < backlog.1 {
            // All of it comes when the line is back, a packet a second.
            received =
                from.as_second() as f64 + (backlog.1.ceil() + 1.0) * HOUR_S as f64 + delay + at;
        } else if at >= backlog.1 {
            backlog = (at + random.waiting(700.0), 0.0);
        }
        let mut ended = end as f64;
        if at >= confused {
            ended += random.between(-500.0, 30.0) * 60.0;
            if random.chance(0.6) {
                confused = at + random.waiting(5000.0);
            }
        }
        let time = |second: f64| Timestamp::from_second(second as i64).unwrap_or(Timestamp::MAX);
        receipts.push(Receipt { received_at: time(received), ended_at: time(ended) });
    }
    receipts
}

/// Days on which somebody came, at any time.
fn inspections(from: Timestamp, hours: usize, random: &mut Random) -> Vec<Event> {
    let every = random.between(12.0, 60.0) * 24.0;
    let mut events = Vec::new();
    let mut at = random.waiting(every);
    while (at as usize) < hours {
        let day = at as usize / 24 * 24 + 2;
        let (from, to) = (hour_of(from, day), hour_of(from, day + 4));
        events.push(Event { kind: EventKind::Inspection, from, to });
        at += 24.0 + random.waiting(every);
    }
    events
}
