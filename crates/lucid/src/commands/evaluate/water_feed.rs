//! `lucid evaluate water-feed`: the published class beside what the standard gives.
//!
//! The publication does not say whether a section lies on a river or a lake. It is a fixed
//! property of the section, so it is learnt from the section's other rows: those whose published
//! class fits one kind of water only. Names do not tell it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ingest::water_feed::{self, Dating, Indicator, WaterRecord};
use standards::water::gb3838_surface_water::{
    Class, Item, Method, Sample, WaterBody, class_of_sample,
};

use super::explain::Feed;
use crate::commands::files::{self, Csv};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::note;

/// What the method reads, gives and rests on.
pub(super) const FEED: Feed = Feed {
    name: "water-feed",
    title: ("与发布的水质类别逐项比对", "published water classes beside the recomputed ones"),
    does: (
        "由发布的五项指标（取修约前的原值）重算断面水质类别，与发布的类别比对；发布未说明河流或湖库，\
         由该断面其他行推断。",
        "The class of a section from its five published items (raw values behind the rounded \
         ones), beside the published class; whether a section lies on a river or a lake is learnt \
         from its other rows.",
    ),
    reads: &[
        ("省份", "text"),
        ("断面名称", "text"),
        ("监测时间", "time, 04-01 08:00; the year from --year or the file's name"),
        ("水质类别", "Ⅰ to Ⅴ, 劣Ⅴ; empty where withheld"),
        ("pH", "number"),
        ("溶解氧", "number, mg/L"),
        ("高锰酸盐指数", "number, mg/L"),
        ("氨氮", "number, mg/L"),
        ("总磷", "number, mg/L"),
        ("站点情况", "text"),
    ],
    gives: &HEADER,
    clauses: &[
        "GB 3838-2002 table 1: pH, DO, CODMn, NH3-N, TP",
        "the practice of the national real-time publication: the worst of the five items",
    ],
    standard: "GB3838",
    example: "省份,断面名称,监测时间,水质类别,站点情况,pH,溶解氧,高锰酸盐指数,氨氮,总磷\n\
              福建省,示例断面,2021-04-01 08:00,Ⅱ,正常,7.1,7.2,2.1,0.31,0.08\n",
};

const HEADER: [&str; 9] = [
    "province",
    "section",
    "time",
    "status",
    "published_class",
    "recomputed_class",
    "water_body",
    "water_body_basis",
    "differs",
];

/// How it was decided whether a section lies on a river or a lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// Both kinds of water give the same class.
    Either,
    /// The section's other rows fit one kind only.
    OtherRows,
    /// Nothing tells; a river is assumed, as most sections lie on one.
    Assumed,
    /// A river would not give the published class and a lake does, and no other row tells: it
    /// agrees by choice, which proves nothing.
    ThisRowOnly,
}

impl Basis {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Either => "either",
            Self::OtherRows => "other_rows",
            Self::ThisRowOnly => "this_row_only",
            Self::Assumed => "assumed",
        }
    }
}

/// A row with both classes that it could have.
struct Judged<'a> {
    record: &'a WaterRecord,
    river: Option<Class>,
    lake: Option<Class>,
    published: Option<Class>,
}

impl Judged<'_> {
    /// The kind of water that alone explains the published class.
    fn speaks_for(&self) -> Option<WaterBody> {
        let published = self.published?;
        match (self.river == Some(published), self.lake == Some(published)) {
            (true, false) => Some(WaterBody::River),
            (false, true) => Some(WaterBody::Lake),
            _ => None,
        }
    }

    fn section(&self) -> (&str, &str) {
        (&self.record.province, &self.record.section)
    }
}

/// Rows of a section that speak for a river and for a lake.
type Votes<'a> = HashMap<(&'a str, &'a str), [usize; 2]>;

#[derive(Default)]
struct Counts {
    classed: usize,
    differing: usize,
    by_choice: usize,
}

pub(super) fn run(
    inputs: &[PathBuf],
    year: Option<i16>,
    output: Option<&Path>,
    as_json: bool,
) -> Outcome {
    let mut feeds = Vec::with_capacity(inputs.len());
    for input in inputs {
        let feed = water_feed::read(&files::read(Some(input))?, dating(input, year));
        files::report(input, &feed.problems, as_json);
        if feed.records.is_empty() {
            let what = format!("{} holds no record of the publication", input.display());
            return Err(Failure::of_use("feed.empty", what, "See the lines above."));
        }
        feeds.push((feed, dating(input, year)));
    }
    let rows: Vec<_> = feeds
        .iter()
        .flat_map(|(feed, dating)| feed.records.iter().map(|record| judge(record, *dating)))
        .collect();
    let mut votes = Votes::new();
    for row in &rows {
        if let Some(body) = row.speaks_for() {
            votes.entry(row.section()).or_default()[body as usize] += 1;
        }
    }
    let mut table = Csv::new(&HEADER);
    let mut counts = Counts::default();
    for row in &rows {
        write(row, &votes, &mut table, &mut counts);
    }
    files::write(output, &table.into_bytes())?;
    note!(
        "{} rows, {} with a published class: {} recomputed alike, {} differ ({} agree only \
         because their own row decided between river and lake)",
        rows.len(),
        counts.classed,
        counts.classed - counts.differing,
        counts.differing,
        counts.by_choice,
    );
    Ok(if counts.differing == 0 { Exit::Ok } else { Exit::Found })
}

/// The year of a file's times.
pub(crate) fn dating(input: &Path, year: Option<i16>) -> Dating {
    let name = input.file_name().unwrap_or_default().to_string_lossy();
    year.map_or_else(|| Dating::of_file_name(&name), Dating::Year)
}

fn judge(record: &WaterRecord, dating: Dating) -> Judged<'_> {
    let mut sample = Sample::default();
    for (item, indicator) in [
        (Item::Ph, Indicator::Ph),
        (Item::DissolvedOxygen, Indicator::DissolvedOxygen),
        (Item::PermanganateIndex, Indicator::PermanganateIndex),
        (Item::AmmoniaNitrogen, Indicator::AmmoniaNitrogen),
        (Item::TotalPhosphorus, Indicator::TotalPhosphorus),
    ] {
        sample = sample.with_option(item, record.reading(indicator).value());
    }
    let method = match (record.measured_at, dating) {
        (Some(time), _) => Method::national_real_time(time.date()),
        (None, Dating::FetchedOn(day)) => Method::national_real_time(day),
        (None, Dating::Year(2026..)) => Method::NATIONAL_REAL_TIME_2026,
        (None, _) => Method::NATIONAL_REAL_TIME_2020,
    };
    let published = Class::parse(&record.class);
    let class = |body| {
        let found = class_of_sample(method, body, &sample);
        let is_withheld = published.is_none() && found.likely_withheld.is_some();
        found.class.ok().filter(|_| !is_withheld)
    };
    let (river, lake) = (class(WaterBody::River), class(WaterBody::Lake));
    Judged { record, river, lake, published }
}

fn decide(row: &Judged<'_>, votes: &Votes<'_>) -> (WaterBody, Basis) {
    if row.river == row.lake {
        return (WaterBody::River, Basis::Either);
    }
    let mut others = votes.get(&row.section()).copied().unwrap_or_default();
    let own = row.speaks_for();
    if let Some(body) = own {
        others[body as usize] -= 1;
    }
    let [river, lake] = others;
    match own {
        _ if river > lake => (WaterBody::River, Basis::OtherRows),
        _ if lake > river => (WaterBody::Lake, Basis::OtherRows),
        Some(WaterBody::Lake) => (WaterBody::Lake, Basis::ThisRowOnly),
        Some(WaterBody::River) | None => (WaterBody::River, Basis::Assumed),
    }
}

fn write(row: &Judged<'_>, votes: &Votes<'_>, table: &mut Csv, counts: &mut Counts) {
    let (body, basis) = decide(row, votes);
    let found = match body {
        WaterBody::River => row.river,
        WaterBody::Lake => row.lake,
    };
    let differs = row.published.is_some() && found != row.published;
    counts.classed += usize::from(row.published.is_some());
    counts.differing += usize::from(differs);
    counts.by_choice += usize::from(basis == Basis::ThisRowOnly);
    let record = row.record;
    let water_body = if basis == Basis::Either { "either" } else { body.as_str() };
    table.row([
        record.province.as_str(),
        &record.section,
        &record.measured_at.map_or_else(String::new, |time| time.to_string()),
        &record.status,
        &record.class,
        found.map_or("", Class::published),
        water_body,
        basis.as_str(),
        if differs { "class" } else { "" },
    ]);
}
