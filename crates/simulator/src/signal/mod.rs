//! What each device measures at each moment: a pure function of seed, scenario, site and time.

mod air;
mod surface_water;
mod waste_gas;
mod waste_water;

use crate::report::{Reading, Report, Statistic};
use crate::scenario::{Event, Fault, Scenario};
use crate::site::{Site, SiteFactor, SiteKind};
use crate::weather::{Sky, Weather};
use jiff::Timestamp;
use rulebook::{Decimal, Period};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Values are drawn at the middle of steps of five minutes, so that the mean of an hour is the
/// mean of its minutes.
const STEP_S: i64 = 300;

/// One factor at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// As measured.
    pub(crate) raw: f64,
    /// Converted to the reference oxygen content.
    pub(crate) converted: Option<f64>,
}

/// All factors of a site at one moment, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    pub(crate) samples: Vec<Sample>,
    /// Litres a second of waste water or cubic metres a second of waste gas.
    pub(crate) flow: f64,
    /// The letter of the data mark.
    pub(crate) flag: u8,
}

/// The source of all values.
#[derive(Clone, Debug)]
pub struct Signal {
    sky: Sky,
    scenario: Arc<Scenario>,
    /// The devices from which others may copy, by MN.
    models: Arc<HashMap<String, Site>>,
}

impl Signal {
    /// The values of a seed, with the faults of a scenario.
    pub fn new(seed: u64, scenario: Arc<Scenario>) -> Self {
        Self { sky: Sky::new(seed), scenario, models: Arc::default() }
    }

    /// The same, with the devices from which others may copy.
    pub fn among(mut self, sites: &[Site]) -> Self {
        self.models = Arc::new(sites.iter().map(|site| (site.mn.clone(), site.clone())).collect());
        self
    }

    /// The faults at work.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The weather over the city.
    pub fn weather(&self, at: Timestamp) -> Weather {
        self.sky.at(at.as_second())
    }

    /// The value of a factor at a moment, with the factor's decimals; `None` where the site does
    /// not report it.
    pub fn value(&self, site: &Site, factor: &str, at: Timestamp) -> Option<Decimal> {
        let index = site.factor(factor)?;
        let moment = self.moment(site, at.as_second());
        Some(rounded(moment.samples[index].raw, site.factors[index].decimals))
    }

    /// The real-time report of a moment.
    pub fn realtime(&self, site: &Site, at: Timestamp) -> Report {
        let moment = self.moment(site, at.as_second());
        let readings = site.factors.iter().zip(&moment.samples).map(|(factor, sample)| Reading {
            factor: factor.id,
            code: factor.code.clone(),
            value: rounded(sample.raw, factor.decimals),
            range: None,
            sum: None,
            converted: sample.converted.map(|value| Statistic::of(rounded(value, factor.decimals))),
            flag: moment.flag,
        });
        Report { period: Period::RealTime, observed_at: at, readings: readings.collect() }
    }

    /// The report of the period that begins at `start` and lasts so many seconds.
    pub fn report(&self, site: &Site, period: Period, start: Timestamp, length_s: i64) -> Report {
        let from = start.as_second();
        let step = STEP_S.min(length_s).max(1);
        let moments: Vec<_> = (0..(length_s / step).max(1))
            .map(|index| self.moment(site, from + index * step + step / 2))
            .collect();
        let readings = site
            .factors
            .iter()
            .enumerate()
            .map(|(index, factor)| reading(site, factor, index, &moments, length_s))
            .collect();
        Report { period, observed_at: start, readings }
    }

    /// Everything at a moment, faults included.
    pub(crate) fn moment(&self, site: &Site, second: i64) -> Moment {
        let events = self.scenario.events_of(&site.mn);
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
        let mut moment = self.disturbed(site, second, events, at);
        for event in events.iter().filter(|event| event.holds_at(at)) {
            if let Fault::StuckValue { factor } = &event.fault
                && let Some(index) = site.factor(factor)
            {
                let before = self.sound(site, event.from.as_second());
                moment.samples[index] = before.samples[index];
            }
        }
        moment
    }

    /// Without stuck values.
    fn disturbed(&self, site: &Site, second: i64, events: &[Event], at: Timestamp) -> Moment {
        let mut moment = self.sound(site, second);
        for event in events.iter().filter(|event| event.holds_at(at)) {
            match &event.fault {
                Fault::Exceedance { factor, percent_of_limit } => {
                    if let Some(index) = site.factor(factor) {
                        exceed(site, index, *percent_of_limit, event, second, &mut moment);
                    }
                }
                Fault::Marked { flag } => mark(*flag, site, &mut moment),
                Fault::Copied { factor, model, percent } => {
                    let from = self.models.get(model);
                    let place = from.and_then(|from| from.factor(factor));
                    if let (Some(index), Some(from), Some(there)) =
                        (site.factor(factor), from, place)
                    {
                        let value = self.sound(from, second).samples[there].raw;
                        write(&mut moment.samples[index], value * f64::from(*percent) / 100.0);
                    }
                }
                Fault::Solution { factor, percent_of_limit } => {
                    if let Some(index) = site.factor(factor) {
                        let level = f64::from(*percent_of_limit) / 100.0;
                        hang_in_a_solution(site, index, level, second, &mut moment);
                    }
                }
                Fault::CutAtLimit { factor } => {
                    if let Some(index) = site.factor(factor) {
                        cut_at_limit(site, index, second, &mut moment);
                    }
                }
                _ => {}
            }
        }
        moment
    }

    /// Without any fault.
    fn sound(&self, site: &Site, second: i64) -> Moment {
        match site.kind {
            SiteKind::AirStation => air::moment(site, second, &self.sky.at(second)),
            SiteKind::WaterSection => {
                let runoff = self.sky.runoff(second);
                surface_water::moment(site, second, &self.sky.at(second), runoff)
            }
            SiteKind::WasteWater => {
                waste_water::moment(site, second, self.sky.at(second).temperature)
            }
            SiteKind::WasteGas => waste_gas::moment(site, second),
        }
    }
}

/// Draws a factor up to its share of the limit within half an hour, and holds it there restlessly.
fn exceed(
    site: &Site,
    index: usize,
    percent: u32,
    event: &Event,
    second: i64,
    moment: &mut Moment,
) {
    let factor = &site.factors[index];
    let Some(limit) = factor.limit else { return };
    let since = (second - event.from.as_second()) as f64;
    let weight = (since / 1800.0).clamp(0.05, 1.0);
    let restless = 1.0 + 0.06 * factor.noise.child("exceeding").wander(second);
    let target = limit * f64::from(percent) / 100.0 * restless;
    let sample = &mut moment.samples[index];
    let judged = sample.converted.unwrap_or(sample.raw).max(limit * 0.01);
    let drawn = judged + (target - judged) * weight;
    sample.raw *= drawn / judged;
    sample.converted = sample.converted.map(|_| drawn);
}

/// Writes another raw value; what is converted from it goes along.
fn write(sample: &mut Sample, raw: f64) {
    let share = if sample.raw > 0.0 { raw / sample.raw } else { 1.0 };
    sample.converted = sample.converted.map(|converted| converted * share);
    sample.raw = raw;
}

/// A level that an instrument reads from a standard, with its own noise alone.
fn hang_in_a_solution(site: &Site, index: usize, share: f64, second: i64, moment: &mut Moment) {
    let factor = &site.factors[index];
    let Some(limit) = factor.limit else { return };
    let noise = 1.0 + 0.012 * factor.noise.child("standard").smooth(second, STEP_S);
    write(&mut moment.samples[index], limit * share * noise);
}

/// Works close to the limit, and writes what passes it just below.
fn cut_at_limit(site: &Site, index: usize, second: i64, moment: &mut Moment) {
    let factor = &site.factors[index];
    let Some(limit) = factor.limit else { return };
    let restless = factor.noise.child("close").wander(second);
    let true_share = 0.88 + 0.34 * restless;
    let hour = second.div_euclid(3600);
    // The program that writes does so hour by hour.
    let written = 0.955 + 0.04 * factor.noise.child("written").unit(hour);
    let sample = &mut moment.samples[index];
    let judged = sample.converted.unwrap_or(sample.raw).max(limit * 0.01);
    let raw = sample.raw * limit * true_share.min(written) / judged;
    write(sample, raw);
}

/// What a mark does to the values: standard gas or solution at calibration, nothing when stopped.
fn mark(flag: u8, site: &Site, moment: &mut Moment) {
    moment.flag = flag;
    for (factor, sample) in site.factors.iter().zip(&mut moment.samples) {
        match flag {
            b'C' => {
                sample.raw = factor.limit.map_or(sample.raw, |limit| limit * 0.8);
                sample.converted = None;
            }
            b'F' => *sample = Sample::default(),
            _ => {}
        }
    }
    if flag == b'F' {
        moment.flow = 0.0;
    }
}

/// One factor over a period.
fn reading(
    site: &Site,
    factor: &SiteFactor,
    index: usize,
    moments: &[Moment],
    length_s: i64,
) -> Reading {
    let is_flow = waste_water::is_flow(&factor.code) || waste_gas::is_flow(&factor.code);
    let is_amount = is_flow || (site.is_outlet() && factor.limit.is_some());
    let seconds = length_s as f64 / moments.len() as f64;
    let weighted = site.kind == SiteKind::WasteWater && !is_flow && !factor.code.ends_with("001");
    let raw: Vec<_> = moments.iter().map(|moment| moment.samples[index].raw).collect();
    let converted: Vec<_> =
        moments.iter().filter_map(|moment| moment.samples[index].converted).collect();
    let volume: f64 = moments.iter().map(|moment| moment.flow * seconds).sum();
    let load: f64 = raw.iter().zip(moments).map(|(raw, moment)| raw * moment.flow * seconds).sum();
    let mean = if weighted && volume > 0.0 { load / volume } else { mean(&raw) };
    // Litres of water make cubic metres by a thousandth; mg/L times litres are mg, as are mg/m3
    // times cubic metres of gas.
    let volume = if site.kind == SiteKind::WasteWater { volume * 1e-3 } else { volume };
    let sum = is_amount.then(|| rounded(if is_flow { volume } else { load * 1e-6 }, 3));
    let converted = (!converted.is_empty()).then(|| {
        let (low, high) = range(&converted);
        let places = factor.decimals;
        let mean = converted.iter().sum::<f64>() / converted.len() as f64;
        Statistic {
            mean: rounded(mean, places),
            range: Some((rounded(low, places), rounded(high, places))),
        }
    });
    let (low, high) = range(&raw);
    Reading {
        factor: factor.id,
        code: factor.code.clone(),
        value: rounded(mean, factor.decimals),
        range: site
            .is_outlet()
            .then(|| (rounded(low, factor.decimals), rounded(high, factor.decimals))),
        sum,
        converted,
        flag: worst_flag(site.kind, moments),
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
        (low.min(value), high.max(value))
    })
}

/// The mark of a period from those within it.
///
/// # Standard
/// HJ 212-2017 C.16 to C.18: one abnormal value spoils a period of waste water; waste gas is
/// normal when three quarters of the values are. The letter is then the most frequent abnormal one.
fn worst_flag(kind: SiteKind, moments: &[Moment]) -> u8 {
    let abnormal: Vec<u8> =
        moments.iter().map(|moment| moment.flag).filter(|flag| *flag != b'N').collect();
    let tolerated = match kind {
        SiteKind::WasteWater => 0,
        _ => moments.len() / 4,
    };
    if abnormal.len() <= tolerated {
        return b'N';
    }
    let mut counts = BTreeMap::new();
    for letter in abnormal {
        *counts.entry(letter).or_insert(0) += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(b'N', |(letter, _)| letter)
}

/// The decimal with so many places that lies nearest; an endless or absurd number becomes zero.
pub(crate) fn rounded(value: f64, decimals: u32) -> Decimal {
    let scaled = (value * 10_f64.powi(decimals as i32)).round();
    let mantissa = if scaled.is_finite() { scaled.clamp(-1e15, 1e15) as i64 } else { 0 };
    Decimal::new(mantissa, decimals)
}
