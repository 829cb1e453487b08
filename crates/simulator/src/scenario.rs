//! Who does what wrong, and when.
//!
//! A pure function of seed, devices and start: some roles are cast around the start so that every
//! page has something to show at once, the rest falls by lot on the days before and after.

use crate::noise::Noise;
use crate::site::{Site, SiteFactor, SiteKind};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A factor drifts to this share of its limit (超标).
    Exceedance {
        /// The factor's code.
        factor: String,
        /// The level reached, per cent of the limit.
        percent_of_limit: u32,
    },
    /// A factor's value stands still (恒值).
    StuckValue {
        /// The factor's code.
        factor: String,
    },
    /// A factor's values are those of another device, scaled (数据雷同).
    Copied {
        /// The factor's code.
        factor: String,
        /// The device whose values they are.
        model: String,
        /// Their share of it, per cent.
        percent: u32,
    },
    /// The sampling tube hangs in a standard solution or gas: a level, and next to no noise
    /// (插入标准溶液).
    Solution {
        /// The factor's code.
        factor: String,
        /// The level, per cent of the limit.
        percent_of_limit: u32,
    },
    /// A factor often passes its limit, and what does is written just below it (限值处截断).
    CutAtLimit {
        /// The factor's code.
        factor: String,
    },
    /// The device sends nothing, and what it measured meanwhile is lost (离线、缺失).
    Silence,
    /// The device sends nothing, and everything afterwards (补传).
    Backlog,
    /// The device marks its values with this letter (数据标记): `M` maintenance, `C` calibration,
    /// `F` stopped, `D` fault.
    Marked {
        /// The letter in ASCII.
        flag: u8,
    },
    /// One packet arrives with a wrong check sum.
    BadCheckSum,
    /// One packet arrives twice.
    Duplicate,
    /// Somebody uses the device's number with a wrong password.
    WrongPassword,
    /// Somebody sends under a number that nobody knows.
    UnknownDevice,
}

impl Fault {
    /// The words that `lucid hj212 simulate --fault` takes.
    pub const WORDS: [&'static str; 11] = [
        "exceedance",
        "stuck",
        "silence",
        "backlog",
        "maintenance",
        "calibration",
        "stopped",
        "bad-check-sum",
        "duplicate",
        "wrong-password",
        "unknown-device",
    ];

    /// The fault that a word of [`Fault::WORDS`] names at a site; `None` for another word.
    ///
    /// An exceedance takes the first factor with a limit, a stuck value the first factor.
    pub fn from_word(word: &str, site: &Site) -> Option<Self> {
        let first = || site.factors.first().map(|factor| factor.code.clone()).unwrap_or_default();
        let limited = || {
            let factor = site.factors.iter().find(|factor| factor.limit.is_some());
            factor.map_or_else(first, |factor| factor.code.clone())
        };
        Some(match word {
            "exceedance" => Self::Exceedance { factor: limited(), percent_of_limit: 140 },
            "stuck" => Self::StuckValue { factor: first() },
            "silence" => Self::Silence,
            "backlog" => Self::Backlog,
            "maintenance" => Self::Marked { flag: b'M' },
            "calibration" => Self::Marked { flag: b'C' },
            "stopped" => Self::Marked { flag: b'F' },
            "bad-check-sum" => Self::BadCheckSum,
            "duplicate" => Self::Duplicate,
            "wrong-password" => Self::WrongPassword,
            "unknown-device" => Self::UnknownDevice,
            _ => return None,
        })
    }

    /// True for a fault of one packet; it happens once, at the event's beginning.
    pub const fn is_momentary(&self) -> bool {
        matches!(
            self,
            Self::BadCheckSum | Self::Duplicate | Self::WrongPassword | Self::UnknownDevice
        )
    }

    /// True for what a device does not do itself but a stranger on a connection of his own.
    pub const fn is_strangers(&self) -> bool {
        matches!(self, Self::WrongPassword | Self::UnknownDevice)
    }
}

/// A fault of one device from one time to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The device.
    pub mn: String,
    /// First moment.
    pub from: Timestamp,
    /// First moment after.
    pub to: Timestamp,
    /// What is wrong.
    pub fault: Fault,
}

impl Event {
    /// True while the fault lasts.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// All faults of a run, by device and in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    events: HashMap<String, Vec<Event>>,
}

impl Scenario {
    /// A scenario of these events.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut by_device: HashMap<String, Vec<Event>> = HashMap::new();
        for event in events {
            by_device.entry(event.mn.clone()).or_default().push(event);
        }
        for events in by_device.values_mut() {
            events.sort_by_key(|event| event.from);
        }
        Self { events: by_device }
    }

    /// The faults of the demonstration that starts at `now`, over thirty days on either side.
    pub fn demo(seed: u64, sites: &[Site], now: Timestamp) -> Self {
        let mut events = Vec::new();
        let cast = Cast::new(seed, sites, now);
        cast.play(&mut events);
        let today = now.as_second().div_euclid(DAY);
        for site in sites.iter().filter(|site| !cast.taken.contains(&site.mn.as_str())) {
            for day in today - 31..today + 31 {
                by_lot(site, day, &mut events);
            }
        }
        mishaps(seed, sites, &cast.taken, now, &mut events);
        Self::of(events)
    }

    /// The events of a device, in the order of time.
    pub fn events_of(&self, mn: &str) -> &[Event] {
        self.events.get(mn).map_or(&[], Vec::as_slice)
    }

    /// All events, in the order of time.
    pub fn events(&self) -> Vec<&Event> {
        let mut events: Vec<_> = self.events.values().flatten().collect();
        events.sort_by(|one, other| (one.from, &one.mn).cmp(&(other.from, &other.mn)));
        events
    }

    /// The silence or backlog in which a device is at a moment.
    pub fn silence_at(&self, mn: &str, at: Timestamp) -> Option<&Event> {
        self.events_of(mn).iter().find(|event| {
            matches!(event.fault, Fault::Silence | Fault::Backlog) && event.holds_at(at)
        })
    }

    /// When a report that became due at `due` is sent: then, after the backlog, or never.
    pub fn sent_at(&self, mn: &str, due: Timestamp) -> Option<Timestamp> {
        let mut at = due;
        while let Some(event) = self.silence_at(mn, at) {
            if event.fault == Fault::Silence {
                return None;
            }
            at = event.to;
        }
        Some(at)
    }
}

/// The devices that play the roles around the start.
struct Cast<'sites> {
    now: Timestamp,
    taken: Vec<&'sites str>,
    gas: Vec<&'sites Site>,
    water: Vec<&'sites Site>,
    stations: Vec<&'sites Site>,
    sections: Vec<&'sites Site>,
    /// Who copies a factor from whom.
    copy: Option<(&'sites Site, &'sites Site)>,
}

/// How many of a kind are at most cast, so that most devices stay sound.
const GAS_ROLES: usize = 5;
const WATER_ROLES: usize = 7;

impl<'sites> Cast<'sites> {
    fn new(seed: u64, sites: &'sites [Site], now: Timestamp) -> Self {
        let all = |kind: SiteKind| {
            let mut found: Vec<_> = sites.iter().filter(|site| site.kind == kind).collect();
            found.sort_by_key(|site| Noise::new(seed, &site.mn).child("cast").bits(0));
            found
        };
        let pick = |kind: SiteKind, count: usize| {
            let mut found = all(kind);
            found.truncate(count);
            found
        };
        let gas = pick(SiteKind::WasteGas, GAS_ROLES);
        let water = pick(SiteKind::WasteWater, WATER_ROLES);
        let stations = pick(SiteKind::AirStation, 2);
        let sections = pick(SiteKind::WaterSection, 1);
        let others = all(SiteKind::WasteGas).split_off(gas.len());
        let copy = others.iter().enumerate().find_map(|(place, copy)| {
            let model = others[place + 1..].iter().find(|model| shared(copy, model).is_some())?;
            Some((*copy, *model))
        });
        let taken = [&gas, &water, &stations, &sections].into_iter().flatten().copied();
        let taken = taken.chain(copy.into_iter().flat_map(|(copy, model)| [copy, model]));
        let taken = taken.map(|site| site.mn.as_str()).collect();
        Self { now, taken, gas, water, stations, sections, copy }
    }

    fn play(&self, events: &mut Vec<Event>) {
        let mut add = |site: Option<&&Site>, from_s: i64, to_s: i64, fault: Option<Fault>| {
            if let (Some(site), Some(fault)) = (site, fault) {
                events.push(event(&site.mn, after(self.now, from_s), after(self.now, to_s), fault));
            }
        };
        let since_midnight = (self.now.as_second() + 8 * HOUR).rem_euclid(DAY);
        let (gas, water) = (|index| self.gas.get(index), |index| self.water.get(index));
        let over = |site: Option<&&Site>, percent| site.and_then(|site| exceedance(site, percent));
        let stuck = |site: Option<&&Site>| site.and_then(|site| stuck_value(site));
        let marked = |flag| Some(Fault::Marked { flag });

        add(gas(0), -4 * HOUR, 9 * HOUR, over(gas(0), 142));
        add(gas(0), -200 * HOUR, -194 * HOUR, over(gas(0), 118));
        add(gas(1), -31 * HOUR, -26 * HOUR, over(gas(1), 165));
        add(gas(1), -3 * HOUR, 3 * HOUR, marked(b'M'));
        add(gas(2), -5 * HOUR, 3 * DAY, Some(Fault::Silence));
        add(gas(3), -30 * HOUR, 12 * HOUR, stuck(gas(3)));
        add(gas(4), -6 * HOUR, 25, Some(Fault::Backlog));
        add(water(0), -since_midnight - DAY, 10 * HOUR, over(water(0), 131));
        add(water(1), -7 * HOUR, 40, Some(Fault::Backlog));
        add(water(2), -28 * HOUR, 20 * HOUR, stuck(water(2)));
        add(water(3), -2 * DAY, DAY, marked(b'F'));
        add(water(4), -9 * HOUR, 6 * HOUR, Some(Fault::Silence));
        // Frauds: what is copied, and from whom, shows first on the list of signs.
        if let Some((copy, model)) = &self.copy {
            add(Some(copy), -9 * DAY, 30 * DAY, copied(copy, model));
        }
        add(water(5), -4 * DAY, 30 * DAY, water(5).and_then(|site| solution(site)));
        add(water(6), -31 * DAY, 30 * DAY, water(6).and_then(|site| cut_at_limit(site)));
        add(self.stations.first(), -5 * HOUR, 90 * 60, Some(Fault::Silence));
        let station = self.stations.get(1);
        add(station, -26 * HOUR, -22 * HOUR, Some(Fault::Silence));
        add(station, -50 * HOUR, -49 * HOUR, marked(b'C'));
        add(self.sections.first(), -14 * HOUR, 5 * HOUR, Some(Fault::Silence));
    }
}

/// What befalls a device on one day of the calendar (UTC), whenever the run starts.
fn by_lot(site: &Site, day: i64, events: &mut Vec<Event>) {
    let lot = site.noise.child("lot");
    let at = |name: &str, low: f64, high: f64| low + (high - low) * lot.child(name).unit(day);
    let start = day * DAY + (at("start", 0.0, 18.0) * HOUR as f64) as i64;
    let lasting = |low: f64, high: f64| (at("length", low, high) * HOUR as f64) as i64;
    let mut add = |length: i64, fault: Option<Fault>| {
        let (from, to) = (second(start), second(start + length));
        events.extend(fault.map(|fault| event(&site.mn, from, to, fault)));
    };
    let share = lot.unit(day);
    if site.is_outlet() {
        match share {
            share if share < 0.008 => {
                let percent = at("percent", 108.0, 175.0) as u32;
                add(lasting(2.0, 6.0), exceedance(site, percent));
            }
            share if share < 0.014 => add(lasting(2.0, 7.0), Some(Fault::Silence)),
            share if share < 0.020 => add(lasting(2.0, 9.0), Some(Fault::Backlog)),
            share if share < 0.030 => {
                add(lasting(1.0, 4.0), Some(Fault::Marked { flag: b'M' }));
            }
            share if share < 0.033 => add(lasting(20.0, 40.0), stuck_value(site)),
            share if share < 0.037 => {
                add(lasting(8.0, 30.0), Some(Fault::Marked { flag: b'F' }));
            }
            share if share < 0.137 => add(HOUR / 2, Some(Fault::Marked { flag: b'C' })),
            _ => {}
        }
    } else if share < 0.01 {
        add(lasting(2.0, 10.0), Some(Fault::Silence));
    } else if share < 0.04 {
        add(HOUR, Some(Fault::Marked { flag: b'C' }));
    }
}

/// Faults of single packets: a few in the first seconds, then one every seven minutes or so.
fn mishaps(seed: u64, sites: &[Site], taken: &[&str], now: Timestamp, events: &mut Vec<Event>) {
    let is_free = |site: &&Site| site.is_outlet() && !taken.contains(&site.mn.as_str());
    let outlets: Vec<_> = sites.iter().filter(is_free).collect();
    if outlets.is_empty() {
        return;
    }
    let lot = Noise::new(seed, "mishaps");
    let mut add = |place: i64, at: Timestamp, fault: Fault| {
        let site = outlets[(lot.child("who").bits(place) % outlets.len() as u64) as usize];
        events.push(event(&site.mn, at, after(at, 1), fault));
    };
    let first = [
        (6, Fault::BadCheckSum),
        (9, Fault::UnknownDevice),
        (12, Fault::Duplicate),
        (15, Fault::WrongPassword),
        (21, Fault::BadCheckSum),
        (27, Fault::Duplicate),
        (36, Fault::UnknownDevice),
        (48, Fault::Duplicate),
    ];
    for (place, (seconds, fault)) in first.into_iter().enumerate() {
        add(-1 - place as i64, after(now, seconds), fault);
    }
    let slot = 420;
    let next = now.as_second().div_euclid(slot) + 1;
    for place in next..next + 30 * DAY / slot {
        let fault = match lot.unit(place) {
            share if share < 0.45 => Fault::Duplicate,
            share if share < 0.80 => Fault::BadCheckSum,
            share if share < 0.93 => Fault::UnknownDevice,
            _ => Fault::WrongPassword,
        };
        let inside = (lot.child("when").unit(place) * 400.0) as i64;
        add(place, second(place * slot + inside), fault);
    }
}

fn exceedance(site: &Site, percent_of_limit: u32) -> Option<Fault> {
    let limited: Vec<_> = site.factors.iter().filter(|factor| factor.limit.is_some()).collect();
    let count = limited.len() as u64;
    let chosen = limited.get(site.noise.child("exceeds").bits(0).checked_rem(count)? as usize)?;
    Some(Fault::Exceedance { factor: chosen.code.clone(), percent_of_limit })
}

fn stuck_value(site: &Site) -> Option<Fault> {
    let is_steady = |code: &str| code.ends_with("00000") || code == "w01010" || code == "a01012";
    let factor = site
        .factors
        .iter()
        .find(|factor| factor.limit.is_some())
        .or_else(|| site.factors.iter().find(|factor| !is_steady(&factor.code)))?;
    Some(Fault::StuckValue { factor: factor.code.clone() })
}

/// A factor that both report and a limit binds at both.
fn shared<'site>(site: &'site Site, other: &Site) -> Option<&'site SiteFactor> {
    let is_bound = |factor: &SiteFactor| factor.limit.is_some();
    let is_shared = |factor: &&SiteFactor| {
        is_bound(factor)
            && other.factor(&factor.code).is_some_and(|at| is_bound(&other.factors[at]))
    };
    site.factors.iter().rfind(is_shared)
}

/// A factor that both report, taken from the other.
fn copied(site: &Site, model: &Site) -> Option<Fault> {
    let factor = shared(site, model)?.code.clone();
    Some(Fault::Copied { factor, model: model.mn.clone(), percent: 88 })
}

fn solution(site: &Site) -> Option<Fault> {
    let factor = site.factors.iter().find(|factor| factor.limit.is_some())?;
    Some(Fault::Solution { factor: factor.code.clone(), percent_of_limit: 40 })
}

fn cut_at_limit(site: &Site) -> Option<Fault> {
    let factor = site.factors.iter().rfind(|factor| factor.limit.is_some())?;
    Some(Fault::CutAtLimit { factor: factor.code.clone() })
}

fn event(mn: &str, from: Timestamp, to: Timestamp, fault: Fault) -> Event {
    Event { mn: mn.to_owned(), from, to, fault }
}

/// The instant so many seconds after another, held within what time can express.
fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}
