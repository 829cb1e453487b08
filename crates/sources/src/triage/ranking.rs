//! The ranking (排序): likely real × harm × clock left, in whole numbers, each factor with the
//! sentences that say how it came about. Pure.
//!
//! It says where to look first and decides nothing: no order and no penalty follows from it.

use super::model::{Factor, Member, Origin, Reason, Score};
use super::parameters::Parameters;
use jiff::{SignedDuration, Timestamp};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Text};
use std::collections::{BTreeMap, BTreeSet};

/// One, in thousandths.
const ONE: i64 = 1000;
/// One, in millionths.
const WHOLE: i64 = 1_000_000;

/// How like alarms were judged: how many findings, and how many of them were real.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Judged {
    /// Findings with a verdict.
    pub(super) all: i64,
    /// Those that were real.
    pub(super) real: i64,
}

/// The verdicts of the past, by what was wrong, where and with which factor.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    counts: BTreeMap<(String, PointId, Option<FactorId>), Judged>,
}

impl Past {
    /// Adds findings of one kind.
    pub(super) fn add(
        &mut self,
        (what, point, factor): (String, PointId, Option<FactorId>),
        judged: Judged,
    ) {
        let held = self.counts.entry((what, point, factor)).or_default();
        held.all += judged.all;
        held.real += judged.real;
    }

    fn of(&self, is_like: impl Fn(&str, PointId, Option<FactorId>) -> bool) -> Judged {
        let mut sum = Judged::default();
        for ((what, point, factor), judged) in &self.counts {
            if is_like(what, *point, *factor) {
                sum.all += judged.all;
                sum.real += judged.real;
            }
        }
        sum
    }
}

/// How the enterprise and the bureau have marked the time of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marked {
    /// Marks that the bureau has accepted.
    pub(super) accepted: usize,
    /// Marks that nobody has decided on.
    pub(super) waiting: usize,
}

/// The clock of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// So much time for the check on site, from the beginning of the finding.
    Runs {
        /// How long.
        length: SignedDuration,
        /// For which class of unit, and who says so.
        by: Text,
    },
    /// An order is under way.
    Ordered,
    /// This installation has set no time.
    Unset,
}

/// What a score is made of.
pub(super) struct Inputs<'inputs> {
    /// The alarms.
    pub(super) members: &'inputs [Member],
    /// Verdicts of the past.
    pub(super) past: &'inputs Past,
    /// Marks that explain the time.
    pub(super) marked: Marked,
    /// The clock.
    pub(super) clock: Clock,
    /// How much of the permitted amounts of the year the unit has used, in per cent.
    pub(super) used: &'inputs [(FactorId, Decimal)],
    /// What a factor's code is.
    pub(super) code_of: &'inputs dyn Fn(FactorId) -> Option<(String, Text)>,
    /// What a kind of alarm is called.
    pub(super) name_of: &'inputs dyn Fn(&Member) -> Text,
    /// Now.
    pub(super) now: Timestamp,
}

/// The score of a finding.
pub(super) fn score(inputs: &Inputs<'_>, parameters: &Parameters) -> Score {
    let mut reasons = Vec::new();
    let likely = likely(inputs, parameters, &mut reasons);
    let harm = harm(inputs, parameters, &mut reasons);
    let clock = clock(inputs, parameters, &mut reasons);
    Score { likely, harm, clock, reasons }
}

/// A whole number over another, halves away from nothing.
fn rounded(above: i64, below: i64) -> i64 {
    let (above, below) = (i128::from(above), i128::from(below.max(1)));
    i64::try_from((2 * above + below) / (2 * below)).unwrap_or(i64::MAX)
}

/// `12.3 %` of millionths.
fn percent(millionths: i64) -> String {
    format!("{} %", Decimal::new(rounded(millionths, 100), 2).normalize())
}

/// `×1.5` of thousandths.
pub(super) fn times(thousandths: i64) -> String {
    format!("×{}", Decimal::new(thousandths, 3).normalize())
}

/// The share that was real among judged ones, drawn towards what was expected before.
fn smoothed(expected: i64, judged: Judged, strength: i64) -> i64 {
    rounded(strength * expected + judged.real * WHOLE, strength + judged.all)
}

/// Odds multiplied by thousandths.
fn shifted(likely: i64, by: i64) -> i64 {
    let with = i128::from(likely) * i128::from(by);
    let without = i128::from(WHOLE - likely) * i128::from(ONE);
    let all = (with + without).max(1);
    i64::try_from((2 * with * i128::from(WHOLE) + all) / (2 * all)).unwrap_or(WHOLE)
}

fn likely(inputs: &Inputs<'_>, parameters: &Parameters, reasons: &mut Vec<Reason>) -> i64 {
    let mut say = |zh: String, en: String| {
        reasons.push(Reason { of: Factor::Likely, text: Text::new(zh, en) });
    };
    let strength = parameters.get("likely.strength");
    let (real, all) = (parameters.get("likely.base_real"), parameters.get("likely.base_all"));
    let base = rounded(real * WHOLE, all);
    let of = |member: &Member| {
        let is_kind = |what: &str| what == member.what;
        let kind = inputs.past.of(|what, _, _| is_kind(what));
        let factor = inputs.past.of(|what, _, of| is_kind(what) && of == member.factor);
        let here = inputs
            .past
            .of(|what, at, of| is_kind(what) && at == member.point && of == member.factor);
        let mut likely = base;
        for judged in [kind, factor, here] {
            likely = smoothed(likely, judged, strength);
        }
        (likely, kind, here)
    };
    let best = inputs.members.iter().map(|member| (of(member), member));
    let best = best.max_by_key(|((likely, ..), member)| (*likely, std::cmp::Reverse(member.key())));
    let Some(((mut likely, kind, here), member)) = best else { return base };
    let name = (inputs.name_of)(member);
    say(
        format!(
            "同类({})线索全市已研判 {} 条、属实 {} 条,本排放口 {} 条、属实 {} 条;以外地公布的 {real}/{all}({})为起点推算为 {}",
            name.zh,
            kind.all,
            kind.real,
            here.all,
            here.real,
            percent(base),
            percent(likely)
        ),
        format!(
            "of like findings ({}) {} were judged in the city and {} were real, {} and {} at this \
             outlet; beginning from the {real} of {all} ({}) published elsewhere: {}",
            name.en,
            kind.all,
            kind.real,
            here.all,
            here.real,
            percent(base),
            percent(likely)
        ),
    );
    let mut shift = |name: &str, zh: &str, en: &str| {
        let by = parameters.get(name);
        likely = shifted(likely, by);
        say(
            format!("{zh},胜率{},为 {}", times(by), percent(likely)),
            format!("{en}: odds {}, {}", times(by), percent(likely)),
        );
    };
    let is_sign = |member: &&Member| member.origin == Origin::FraudSign;
    let signs = inputs.members.iter().filter(is_sign).count();
    if signs > 0 && signs < inputs.members.len() {
        shift("likely.sign", "同时有造假线索", "a sign of fraud stands beside the alarms");
    }
    let over: BTreeSet<_> = inputs
        .members
        .iter()
        .filter(|member| member.is_exceedance())
        .map(|member| member.factor)
        .collect();
    if over.len() > 1 {
        shift(
            "likely.factors",
            &format!("{} 个因子同时超标", over.len()),
            &format!("{} factors are over their limits", over.len()),
        );
    }
    let lasting = parameters.get("likely.lasting_count");
    let exceedances = inputs.members.iter().filter(|member| member.is_exceedance());
    if let Some(most) = exceedances.map(|member| member.count).max().filter(|most| *most >= lasting)
    {
        shift(
            "likely.lasting",
            &format!("已有 {most} 个时段超标"),
            &format!("{most} periods were over the limit"),
        );
    }
    if inputs.marked.accepted > 0 {
        shift(
            "likely.accepted",
            &format!("{} 条已认可的标记说明了这段时间", inputs.marked.accepted),
            &format!("{} accepted marks explain the time", inputs.marked.accepted),
        );
    } else if inputs.marked.waiting > 0 {
        shift(
            "likely.marked",
            &format!("企业有 {} 条标记待审核", inputs.marked.waiting),
            &format!("{} marks of the enterprise wait for a decision", inputs.marked.waiting),
        );
    }
    likely
}

fn harm(inputs: &Inputs<'_>, parameters: &Parameters, reasons: &mut Vec<Reason>) -> i64 {
    let mut say = |zh: String, en: String| {
        reasons.push(Reason { of: Factor::Harm, text: Text::new(zh, en) });
    };
    let mut harm = ONE;
    let over = inputs.members.iter().filter(|member| member.is_exceedance());
    let worst = over.clone().filter_map(|member| Some((member.times?, member.factor))).max();
    match worst {
        Some((worst, _)) => {
            let (name, by) = band(worst, parameters);
            harm = rounded(harm * by, ONE);
            let beyond = (worst - Decimal::ONE).max(Decimal::ZERO).round_dp(2).normalize();
            let meaning = meaning(parameters, name);
            say(
                format!("最高超标 {beyond} 倍({}),{}", meaning.zh, times(by)),
                format!("at worst {beyond} times over the limit ({}): {}", meaning.en, times(by)),
            );
        }
        None if over.clone().next().is_some() => say(
            "超出范围限值(如 pH),没有超标倍数,按中性计 ×1".to_owned(),
            "outside a range (such as that of pH), which has no multiple: neutral, ×1".to_owned(),
        ),
        None => say(
            "没有超标数值,排放情况未知,按中性计 ×1".to_owned(),
            "no value is over a limit, what is discharged is not known: neutral, ×1".to_owned(),
        ),
    }
    let factors: BTreeSet<FactorId> = over.filter_map(|member| member.factor).collect();
    let known: Vec<_> = factors.iter().filter_map(|factor| (inputs.code_of)(*factor)).collect();
    if let Some((_, name)) = known.iter().find(|(code, _)| parameters.is_first_class(code)) {
        let by = parameters.get("harm.first_class");
        harm = rounded(harm * by, ONE);
        say(
            format!("{}属第一类污染物,{}", name.zh, times(by)),
            format!("{} is a pollutant of the first class: {}", name.en, times(by)),
        );
    } else if known.iter().any(|(code, _)| !Parameters::knows_class_of(code)) {
        say(
            "废气因子没有毒性分级表,按中性计 ×1".to_owned(),
            "no table of toxicity covers factors of waste gas: neutral, ×1".to_owned(),
        );
    }
    harm = amount(inputs, parameters, &factors, harm, &mut say);
    say(
        "受纳水体类别未登记,不计入".to_owned(),
        "the class of the receiving water is not on file and does not count".to_owned(),
    );
    harm
}

/// Harm with how much of the permitted amount of the year is used.
fn amount(
    inputs: &Inputs<'_>,
    parameters: &Parameters,
    factors: &BTreeSet<FactorId>,
    harm: i64,
    say: &mut impl FnMut(String, String),
) -> i64 {
    let most = inputs.used.iter().filter(|(factor, _)| factors.contains(factor));
    let Some((factor, percent)) = most.max_by_key(|(factor, percent)| (*percent, *factor)) else {
        say(
            "没有可用的年许可排放量,不计入".to_owned(),
            "no permitted amount of the year is known and none counts".to_owned(),
        );
        return harm;
    };
    let name = (inputs.code_of)(*factor).map(|(_, name)| name).unwrap_or_default();
    let percent = percent.round_dp(0);
    let is_near = percent >= Decimal::from(parameters.get("harm.amount_from"));
    let by = if is_near { parameters.get("harm.amount") } else { ONE };
    say(
        format!("{}今年已用许可排放量的 {percent} %,{}", name.zh, times(by)),
        format!("{percent} % of the permitted amount of {} is used: {}", name.en, times(by)),
    );
    rounded(harm * by, ONE)
}

/// The band of a multiple of the limit.
fn band(times: Decimal, parameters: &Parameters) -> (&'static str, i64) {
    let bands = [
        (300, "harm.over_300"),
        (100, "harm.over_100"),
        (50, "harm.over_50"),
        (10, "harm.over_10"),
    ];
    let beyond = (times - Decimal::ONE) * Decimal::from(100);
    let found = bands.into_iter().find(|(from, _)| beyond >= Decimal::from(*from));
    let name = found.map_or("harm.over_0", |(_, name)| name);
    (name, parameters.get(name))
}

fn meaning(parameters: &Parameters, name: &str) -> Text {
    let found = parameters.list().iter().find(|one| one.name == name);
    found.map(|one| one.meaning.clone()).unwrap_or_default()
}

fn clock(inputs: &Inputs<'_>, parameters: &Parameters, reasons: &mut Vec<Reason>) -> i64 {
    let mut say = |zh: String, en: String| {
        reasons.push(Reason { of: Factor::Clock, text: Text::new(zh, en) });
    };
    let mut clock = ONE;
    match &inputs.clock {
        Clock::Unset => say(
            "本市没有规定核查时限,按中性计 ×1".to_owned(),
            "the city has set no time for the check: neutral, ×1".to_owned(),
        ),
        Clock::Ordered => {
            clock = parameters.get("clock.ordered");
            say(
                format!("已下达督办单,时限由督办单计,{}", times(clock)),
                format!("an order is under way and has its own clock: {}", times(clock)),
            );
        }
        Clock::Runs { length, by } => {
            let began = inputs.members.iter().map(|member| member.began_at).min();
            let spent = inputs.now.duration_since(began.unwrap_or(inputs.now));
            let name = left(spent, *length);
            clock = parameters.get(name);
            let meaning = meaning(parameters, name);
            say(
                format!("{};{},{}", by.zh, meaning.zh, times(clock)),
                format!("{}; {}: {}", by.en, meaning.en, times(clock)),
            );
        }
    }
    if inputs.members.iter().all(|member| !member.is_open) {
        let by = parameters.get("clock.ended");
        clock = rounded(clock * by, ONE);
        say(
            format!("告警已全部解除,{}", times(by)),
            format!("all its alarms have ended: {}", times(by)),
        );
    }
    clock
}

fn left(spent: SignedDuration, length: SignedDuration) -> &'static str {
    let (spent, length) = (spent.as_secs(), length.as_secs());
    let left = length - spent;
    if left <= 0 {
        "clock.past"
    } else if 4 * left >= 3 * length {
        "clock.left_75"
    } else if 2 * left >= length {
        "clock.left_50"
    } else if 4 * left >= length {
        "clock.left_25"
    } else {
        "clock.left_0"
    }
}

#[cfg(test)]
mod tests;
