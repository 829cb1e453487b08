//! What the detectors of fraud find, and over what they cry for nothing: recall and precision for
//! each kind and strength, false alarms per outlet-year on honest outlets.
//!
//! `cargo xtask bench fraud` prints the tables and writes them into `docs/fraud.md`.
//! `LUCID_FRAUD_REAL` may name the hours of a gas turbine (UCI data set 551) as CSV, packed or not;
//! `LUCID_FRAUD_SEED` another seed than the one published, for choosing parameters: then nothing is
//! written.

use detectors::{Detector, Outlet, OutletId, Parameters, Role, Sample, Series, Sign, State};
use jiff::{SignedDuration, Timestamp};
use simulator::fraud::{Deed, FraudKind, Strength, commit, honest};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

/// The seed of the published figures; parameters were chosen on others.
const PUBLISHED: u64 = 20_261_129;
/// Honest outlets, each for a year, in cities of so many.
const CITIES: usize = 6;
const CITY: usize = 40;
/// What the platform looks at each time, and how often it looks.
const WINDOW_DAYS: i64 = 60;
const EVERY_DAYS: i64 = 30;
/// Frauds of each kind and strength.
const TRIALS: usize = 100;
const MARKS: (&str, &str) =
    ("<!-- cargo xtask bench fraud writes from here -->", "<!-- to here -->");

fn main() {
    // `cargo bench` hands its own flag to every benchmark; `cargo test --benches` wants no work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let seed = std::env::var("LUCID_FRAUD_SEED").ok().and_then(|text| text.parse().ok());
    let parameters = Parameters::on(jiff::civil::date(2026, 11, 29));
    let began = Instant::now();
    let mut text = String::new();
    clean(seed.unwrap_or(PUBLISHED), &parameters, &mut text);
    trials(seed.unwrap_or(PUBLISHED), &parameters, &mut text);
    if let Some(outlets) = real() {
        on_real(&outlets, &parameters, &mut text);
    }
    println!("{text}");
    println!("took {:.0} s", began.elapsed().as_secs_f64());
    if seed.is_none() {
        write_down(&text);
    }
}

fn begin() -> Timestamp {
    Timestamp::from_second(1_767_196_800).expect("2026-01-01 in Beijing")
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// The signs of a group over a stretch, looked at as the platform does: a window at a time.
fn watched(outlets: &[Outlet], from: Timestamp, length: i64, parameters: &Parameters) -> Vec<Sign> {
    let mut episodes: Vec<Sign> = Vec::new();
    let mut end = WINDOW_DAYS;
    loop {
        let (first, last) = (from + days(end - WINDOW_DAYS), from + days(end));
        let window: Vec<Outlet> = outlets.iter().map(|it| it.between(first, last)).collect();
        for sign in detectors::examine_all(&window, parameters) {
            match episodes.iter_mut().find(|known| known.is_same_as(&sign)) {
                Some(known) => known.span = known.span.with(&sign.span),
                None => episodes.push(sign),
            }
        }
        if end >= length {
            return episodes;
        }
        end = (end + EVERY_DAYS).min(length);
    }
}

/// False alarms on honest outlets.
fn clean(seed: u64, parameters: &Parameters, text: &mut String) {
    const YEAR: i64 = 365;
    let mut counts: BTreeMap<Detector, (usize, usize)> = BTreeMap::new();
    for city in 0..CITIES as u64 {
        let outlets = honest(seed ^ (city + 1) << 32, CITY, begin(), YEAR as u32);
        let episodes = watched(&outlets, begin(), YEAR, parameters);
        tell(&episodes);
        for detector in Detector::ALL {
            let of_it = episodes.iter().filter(|sign| sign.detector == detector);
            let mut places: Vec<OutletId> = of_it.clone().map(|sign| sign.outlet).collect();
            places.sort_unstable();
            places.dedup();
            let entry = counts.entry(detector).or_default();
            entry.0 += of_it.count();
            entry.1 += places.len();
        }
    }
    let years = (CITIES * CITY) as f64;
    let _ = writeln!(
        text,
        "{years:.0} honest outlet-years, seed {seed}; windows of {WINDOW_DAYS} days, every {EVERY_DAYS} days.\n\n\
         | detector | false alarms per outlet-year | outlet-years with any |\n|---|---|---|"
    );
    for detector in Detector::ALL {
        let (alarms, places) = counts[&detector];
        let _ =
            writeln!(text, "| {} | {:.3} | {places} |", detector.as_str(), alarms as f64 / years);
    }
    let all: usize = counts.values().map(|(alarms, _)| alarms).sum();
    let _ = writeln!(text, "| all together | {:.3} | |\n", all as f64 / years);
}

/// Each alarm on its own line, when parameters are being chosen.
fn tell(episodes: &[Sign]) {
    if std::env::var_os("LUCID_FRAUD_TELL").is_none() {
        return;
    }
    for sign in episodes {
        let numbers: Vec<String> = sign.evidence.iter().map(|it| it.value.to_string()).collect();
        println!(
            "{:?} {} {:?} {:?} {} +{:.0} h strength {:.2} [{}]",
            sign.detector,
            sign.finding,
            sign.outlet,
            sign.factor.as_deref().unwrap_or(""),
            sign.span.from,
            sign.span.hours(),
            sign.strength,
            numbers.join(", ")
        );
    }
}

/// How one kind at one strength fared.
#[derive(Default)]
struct Fared {
    done: usize,
    found: usize,
    /// Signs of its detector that tell of it, and others.
    right: usize,
    wrong: usize,
    /// Found by whatever detector.
    by_any: usize,
    /// Done to, and found in, a series whose analyser measures every hour or every second one.
    done_to_quick: usize,
    found_in_quick: usize,
}

/// Every how many hours the analyser of a series measures, by how often a value equals the one
/// before it.
fn hours_between_measurements(outlet: &Outlet, factor: Option<&str>) -> usize {
    let Some(series) = outlet.series.iter().find(|one| Some(one.factor()) == factor) else {
        return 1;
    };
    let values: Vec<f64> = series.values().collect();
    let pairs = values.len().saturating_sub(1);
    let moved = values.windows(2).filter(|pair| pair[0].to_bits() != pair[1].to_bits()).count();
    (pairs as f64 / moved.max(1) as f64).round() as usize
}

/// Whether a sign tells of what was done at an outlet.
fn tells_of(sign: &Sign, deed: &Deed, outlet: OutletId) -> bool {
    let twin = sign.twin.as_ref();
    let is_here = sign.outlet == outlet || twin.is_some_and(|twin| twin.outlet == outlet);
    let is_in_factor = match (&sign.factor, &deed.factor) {
        (Some(found), Some(done)) => found == done,
        _ => true,
    };
    let span = match twin {
        Some(twin) if sign.outlet != outlet => &twin.span,
        _ => &sign.span,
    };
    is_here && is_in_factor && span.overlaps(&deed.span)
}

/// Recall and precision of every kind and strength.
fn trials(seed: u64, parameters: &Parameters, text: &mut String) {
    let _ = writeln!(
        text,
        "{TRIALS} frauds of each kind and strength, one in a window of {WINDOW_DAYS} days of an honest outlet.\n\n\
         | fraud | strength | done | recall | recall where the analyser measures every hour or second hour | precision | found by any detector |\n|---|---|---|---|---|---|---|"
    );
    let cities: Vec<Vec<Outlet>> = (0..4)
        .map(|city| honest(seed ^ (city + 101) << 32, CITY, begin(), 2 * WINDOW_DAYS as u32))
        .collect();
    for kind in FraudKind::ALL {
        for strength in kind.strengths() {
            let mut fared = Fared::default();
            for trial in 0..TRIALS as u64 {
                let city = &cities[(trial % 4) as usize];
                let lot = seed.wrapping_mul(31).wrapping_add(trial * 7919);
                let place = (lot / 4 % CITY as u64) as usize;
                let from = begin() + days((lot / 160 % WINDOW_DAYS as u64) as i64);
                let window: Vec<Outlet> =
                    city.iter().map(|one| one.between(from, from + days(WINDOW_DAYS))).collect();
                one_trial(kind, strength, window, place, lot, parameters, &mut fared);
            }
            row(text, kind, strength, &fared);
        }
    }
    text.push('\n');
}

fn one_trial(
    kind: FraudKind,
    strength: &Strength,
    mut window: Vec<Outlet>,
    place: usize,
    lot: u64,
    parameters: &Parameters,
    fared: &mut Fared,
) {
    let others = window.clone();
    let outlet = &mut window[place];
    let Some(deed) = commit(kind, strength, outlet, &others, lot) else { return };
    let id = outlet.id;
    let mut signs = detectors::examine(outlet, parameters);
    if kind == FraudKind::Copied {
        let touching = |sign: &Sign| {
            sign.outlet == id || sign.twin.as_ref().is_some_and(|twin| twin.outlet == id)
        };
        signs.extend(detectors::compare(&window, parameters).into_iter().filter(touching));
    }
    fared.done += 1;
    let is_of_kind = |sign: &&Sign| sign.detector == kind.detector();
    let right = signs.iter().filter(is_of_kind).filter(|sign| tells_of(sign, &deed, id)).count();
    fared.right += right;
    fared.wrong += signs.iter().filter(is_of_kind).count() - right;
    fared.found += usize::from(right > 0);
    fared.by_any += usize::from(signs.iter().any(|sign| tells_of(sign, &deed, id)));
    if hours_between_measurements(&others[place], deed.factor.as_deref()) <= 2 {
        fared.done_to_quick += 1;
        fared.found_in_quick += usize::from(right > 0);
    }
}

fn row(text: &mut String, kind: FraudKind, strength: &Strength, fared: &Fared) {
    let percent = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        _ => format!("{:.0} %", 100.0 * part as f64 / whole as f64),
    };
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} | {} | {} |",
        kind.as_str(),
        strength.words,
        fared.done,
        percent(fared.found, fared.done),
        percent(fared.found_in_quick, fared.done_to_quick),
        percent(fared.right, fared.right + fared.wrong),
        percent(fared.by_any, fared.done)
    );
}

/// The hours of a gas turbine, each year as an outlet of its own.
fn real() -> Option<Vec<Outlet>> {
    let file = std::env::var_os("LUCID_FRAUD_REAL")?;
    let bytes = std::fs::read(&file).expect("the real hours can be read");
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = flate2::read::GzDecoder::new(bytes.as_slice());
        unpacked.read_to_string(&mut text).expect("the real hours are packed well");
    } else {
        text = String::from_utf8(bytes).expect("the real hours are text");
    }
    let mut years: BTreeMap<i64, Vec<[f64; 3]>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').filter_map(|cell| cell.parse().ok()).collect();
        if let [year, .., load, _, monoxide, oxides] = cells[..] {
            years.entry(year as i64).or_default().push([load, monoxide, oxides]);
        }
    }
    let outlet = |(number, (_, rows)): (usize, (i64, Vec<[f64; 3]>))| {
        let mut outlet = Outlet::new(OutletId(number as i64 + 1));
        outlet.operator = number as i64 + 1;
        for (column, factor, decimals) in [(0, "i33400", 2), (1, "a21005", 4), (2, "a21002", 3)] {
            let sample = |(hour, row): (usize, &[f64; 3])| Sample {
                at: begin() + SignedDuration::from_hours(hour as i64),
                value: Some(row[column]),
                state: State::Normal,
            };
            let samples: Vec<Sample<f64>> = rows.iter().enumerate().map(sample).collect();
            let series = Series::rounded(factor, 3600, decimals, &samples);
            // A limit that a sixtieth of the hours pass, so that something can be cut.
            let mut sorted: Vec<f64> = series.values().collect();
            sorted.sort_by(f64::total_cmp);
            let limit = sorted.get(sorted.len() * 59 / 60).copied();
            let is_bound = series.role() == Role::Pollutant;
            outlet.series.push(series.with_limit(limit.filter(|_| is_bound)));
        }
        outlet
    };
    Some(years.into_iter().enumerate().map(outlet).collect())
}

/// The same on hours that were really measured.
fn on_real(outlets: &[Outlet], parameters: &Parameters, text: &mut String) {
    let lengths: Vec<i64> = outlets
        .iter()
        .map(|it| it.series.iter().map(Series::len).max().unwrap_or(0) as i64)
        .collect();
    let years = lengths.iter().sum::<i64>() as f64 / 8760.0;
    let mut episodes = Vec::new();
    for (outlet, hours) in outlets.iter().zip(&lengths) {
        let alone = std::slice::from_ref(outlet);
        episodes.extend(watched(alone, begin(), hours / 24, parameters));
    }
    episodes.extend(detectors::compare(outlets, parameters));
    tell(&episodes);
    let _ = writeln!(
        text,
        "Hours really measured: CO and NOx behind a gas turbine, 2011 to 2015, {years:.2} outlet-years; they were looked at while parameters were chosen.\n\n\
         | detector | alarms per outlet-year |\n|---|---|"
    );
    for detector in Detector::ALL {
        let count = episodes.iter().filter(|sign| sign.detector == detector).count();
        let _ = writeln!(text, "| {} | {:.2} |", detector.as_str(), count as f64 / years);
    }
    let _ = writeln!(
        text,
        "\nFrauds done to these hours:\n\n| fraud | strength | done | recall | recall where the analyser measures every hour or second hour | precision | found by any detector |\n|---|---|---|---|---|---|---|"
    );
    for kind in [
        FraudKind::Stuck,
        FraudKind::Narrow,
        FraudKind::Clipped,
        FraudKind::Copied,
        FraudKind::Repeated,
        FraudKind::Silence,
        FraudKind::Digits,
    ] {
        for strength in kind.strengths() {
            let mut fared = Fared::default();
            for trial in 0..TRIALS {
                let place = trial % outlets.len();
                let latest = lengths.iter().min().copied().unwrap_or(0) / 24 - WINDOW_DAYS;
                let from = begin() + days((trial as i64 * 37) % latest.max(1));
                let window: Vec<Outlet> =
                    outlets.iter().map(|one| one.between(from, from + days(WINDOW_DAYS))).collect();
                let lot = PUBLISHED.wrapping_add(trial as u64 * 104_729);
                one_trial(kind, strength, window, place, lot, parameters, &mut fared);
            }
            row(text, kind, strength, &fared);
        }
    }
}

/// Puts the tables between the marks of the document.
fn write_down(text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fraud.md");
    let Ok(before) = std::fs::read_to_string(&file) else {
        println!("docs/fraud.md is not there; nothing is written");
        return;
    };
    let (Some((head, rest)), (from, to)) = (before.split_once(MARKS.0), MARKS) else {
        println!("docs/fraud.md has no marks; nothing is written");
        return;
    };
    let tail = rest.split_once(to).map_or("", |(_, tail)| tail);
    let after = format!("{head}{from}\n{}\n{to}{tail}", text.trim());
    std::fs::write(&file, after).expect("docs/fraud.md can be written");
}
