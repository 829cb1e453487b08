//! `lucid hj212 simulate --fraud KIND`: the hours of an invented plant, falsified for a while.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use detectors::{Outlet, Series, State};
use hj212::{Decoder, Draft};
use jiff::{SignedDuration, Timestamp};
use rulebook::{Decimal, beijing_offset};
use simulator::fraud::{Deed, FraudKind, Strength, commit, honest};

use super::simulate::{answer, broken, connect};
use crate::arguments::Simulate;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;

const HOUR_S: i64 = 3600;
/// So many plants are drawn until one is found to which the fraud can be done.
const PLANTS: usize = 24;

pub(super) fn run(arguments: &Simulate, kind: FraudKind) -> Outcome {
    let end = Timestamp::now().as_second().div_euclid(HOUR_S) * HOUR_S;
    let hours = i64::from(arguments.days) * 24;
    let from = Timestamp::from_second(end - hours * HOUR_S).unwrap_or(Timestamp::UNIX_EPOCH);
    let story = Story::of(arguments, kind, from).ok_or_else(|| {
        let what = format!("{} cannot be done at system {}", kind.as_str(), arguments.system);
        let cure = "Take --system 31 for waste gas or 32 for waste water, or another --seed.";
        Failure::of_use("hj212.fraud", what, cure)
    })?;
    let patience = Duration::from_secs(arguments.timeout.max(1));
    let mut line = Line {
        stream: connect(&arguments.to, patience)?,
        decoder: Decoder::new(),
        arguments,
        sent: 0,
        answered: 0,
    };
    let began = Instant::now();
    if let (Some(twin), Some(model)) = (&arguments.twin, &story.model) {
        line.tell(twin, model, false)?;
    }
    line.tell(&arguments.mn, &story.outlet, kind == FraudKind::Clock)?;
    let Line { sent, answered, .. } = line;
    say!("sent {sent} hours, {answered} answered, in {:.1} s", began.elapsed().as_secs_f64());
    story.explain(kind);
    Ok(if sent == answered { Exit::Ok } else { Exit::Found })
}

/// Who does what to whom.
struct Story {
    outlet: Outlet,
    /// From whom is copied.
    model: Option<Outlet>,
    deed: Deed,
    strength: &'static Strength,
}

impl Story {
    /// The first of some plants to which the fraud can be done, at its strongest.
    fn of(arguments: &Simulate, kind: FraudKind, from: Timestamp) -> Option<Self> {
        let is_gas = |outlet: &Outlet| outlet.of_factor("a00000", HOUR_S).is_some();
        let wants_gas = arguments.system == "31";
        let strength = kind.strengths().last()?;
        let mut plants = honest(arguments.seed, PLANTS, from, arguments.days);
        plants.retain(|plant| is_gas(plant) == wants_gas);
        let is_copied = kind == FraudKind::Copied;
        plants.iter().zip(0..).find_map(|(plant, number)| {
            let others = plants.iter().filter(|other| other.operator != plant.operator);
            let model = others.into_iter().next().filter(|_| is_copied).cloned();
            let mut outlet = plant.clone();
            let models: Vec<Outlet> = model.iter().cloned().collect();
            let lot = arguments.seed.wrapping_add(number);
            let deed = commit(kind, strength, &mut outlet, &models, lot)?;
            Some(Self { outlet, model, deed, strength })
        })
    }

    /// What an observer is to find, and where.
    fn explain(&self, kind: FraudKind) {
        let time =
            |at: Timestamp| beijing_offset().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
        let (span, detector) = (self.deed.span, kind.detector().as_str());
        say!("fraud      {} ({})", kind.as_str(), self.strength.words);
        say!("factor     {}", self.deed.factor.as_deref().unwrap_or("all"));
        say!("from, to   {} to {}, Beijing time", time(span.from), time(span.to));
        say!("to find    detector {detector}, on the page /fraud-signs after the next computation");
        match kind {
            FraudKind::Clock => say!(
                "note       a history that is sent at once is a backlog: the shifted hours show when \
                 hours come as they pass"
            ),
            FraudKind::Clipped => {
                let factor = self.deed.factor.as_deref().unwrap_or_default();
                let judged = self.outlet.judged(factor, HOUR_S).and_then(Series::limit);
                let limit = judged.unwrap_or_default();
                say!("note       it is cut at {limit}: the outlet's permit must have that limit");
            }
            FraudKind::Inspection => say!(
                "note       the detector needs the days of visits: they are entered with verdicts"
            ),
            _ => {}
        }
    }
}

/// A line to the receiver, and what went over it.
struct Line<'run> {
    stream: TcpStream,
    decoder: Decoder,
    arguments: &'run Simulate,
    sent: u32,
    answered: u32,
}

impl Line<'_> {
    /// Sends the hours of an outlet, one packet each, labelled as the device's own clock has them
    /// if that is what is wrong.
    fn tell(&mut self, mn: &str, outlet: &Outlet, by_its_clock: bool) -> Result<(), Failure> {
        let Some(first) = outlet.series.first() else { return Ok(()) };
        let mut receipts = outlet.receipts.iter().filter(|_| by_its_clock);
        for cell in 0..first.len() {
            let items = items(outlet, first.second(cell));
            if items.is_empty() {
                continue;
            }
            let hour = SignedDuration::from_secs(HOUR_S);
            let by_clock = receipts.next().and_then(|it| it.ended_at.checked_sub(hour).ok());
            let message = self.message(mn, by_clock.unwrap_or_else(|| first.time(cell)), &items);
            self.stream.write_all(&message).map_err(|error| broken(&error))?;
            self.sent += 1;
            if answer(&mut self.stream, &mut self.decoder)?.is_some() {
                self.answered += 1;
            }
        }
        Ok(())
    }

    fn message(&self, mn: &str, at: Timestamp, items: &[Vec<(String, String)>]) -> Vec<u8> {
        let form =
            |at: Timestamp, form: &str| beijing_offset().to_datetime(at).strftime(form).to_string();
        let now = Timestamp::now();
        let millisecond = now.as_millisecond().rem_euclid(1000);
        let mut draft = Draft::new("2061")
            .qn(&format!("{}{millisecond:03}", form(now, "%Y%m%d%H%M%S")))
            .st(&self.arguments.system)
            .pw(&self.arguments.password)
            .mn(mn)
            .flag(5)
            .item(&[("DataTime", &form(at, "%Y%m%d%H%M%S"))]);
        for item in items {
            let pairs: Vec<(&str, &str)> =
                item.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            draft = draft.item(&pairs);
        }
        draft.build()
    }
}

/// What an outlet says of the hour that begins at this second; nothing where nothing was measured.
fn items(outlet: &Outlet, second: i64) -> Vec<Vec<(String, String)>> {
    let number = |series: &Series| {
        let cell = series.cell(second)?;
        let unit = series.unit(cell)?;
        Some(Decimal::new(unit, series.decimals()).to_string())
    };
    let item = |series: &Series| {
        let code = series.factor();
        let mut item = vec![(format!("{code}-Avg"), number(series)?)];
        let converted = outlet.converted.iter().find(|one| one.factor() == code);
        if let Some(value) = converted.and_then(number) {
            item.push((format!("{code}-ZsAvg"), value));
        }
        let state = series.cell(second).map_or(State::Normal, |cell| series.state(cell));
        item.push((format!("{code}-Flag"), char::from(state.flag()).to_string()));
        Some(item)
    };
    outlet.series.iter().filter_map(item).collect()
}
