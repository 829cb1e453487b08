//! Pictures drawn by the server: lines, bars, bands, in the colours of the page.
//!
//! Everything is an attribute of the picture itself: no script, no style. What tells two lines
//! apart is their dashes too, not their colour alone.

use jiff::Timestamp;
use maud::{Markup, html};
use std::fmt::Write as _;

// So narrow that its words can be read on a phone.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;

/// How a line looks: colour and dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// What the sign is about.
    First,
    /// What it is held against.
    Second,
    /// One more beside both, and so on: each has its own dashes.
    Third,
    /// The fourth.
    Fourth,
    /// The fifth.
    Fifth,
    /// The sixth.
    Sixth,
}

impl Look {
    /// Every look, in the order in which lines take them.
    pub(crate) const ALL: [Self; 6] =
        [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth, Self::Sixth];

    const fn colour(self) -> &'static str {
        match self {
            Self::First => "#2f7ebc",
            Self::Second => "#c96a12",
            Self::Third => "#3a8f3a",
            Self::Fourth => "#8b5fbf",
            Self::Fifth => "#b03060",
            Self::Sixth => "#6b7a80",
        }
    }

    const fn dashes(self) -> Option<&'static str> {
        match self {
            Self::First => None,
            Self::Second => Some("5 3"),
            Self::Third => Some("2 2"),
            Self::Fourth => Some("9 3"),
            Self::Fifth => Some("9 3 2 3"),
            Self::Sixth => Some("5 3 2 3 2 3"),
        }
    }

    const fn mark(self) -> &'static str {
        match self {
            Self::First => "━━",
            Self::Second => "╍╍",
            Self::Third => "┅┅",
            Self::Fourth => "━ ━",
            Self::Fifth => "━·",
            Self::Sixth => "━··",
        }
    }
}

/// Points in a row; a gap breaks the line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) words: String,
    pub(crate) look: Look,
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// A bar over a stretch of the axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bar {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) value: f64,
    /// Drawn in the second colour.
    pub(crate) stands_out: bool,
}

/// What stands below the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Seconds since 1970, shown as days of Beijing.
    Time,
    /// Per cent.
    Percent,
    /// Whole numbers, one below the middle of each bar.
    Digits,
}

/// A picture.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// What it shows, in one sentence.
    pub(crate) words: String,
    pub(crate) axis: Axis,
    /// The unit of the values.
    pub(crate) unit: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) bars: Vec<Bar>,
    /// Stretches of the axis that are shaded.
    pub(crate) bands: Vec<(f64, f64)>,
    /// What a shaded stretch is.
    pub(crate) band_words: String,
    /// Values at which a line goes across, with what they are.
    pub(crate) across: Vec<(f64, String)>,
    /// Places at which a line goes up, with what they are.
    pub(crate) upright: Vec<(f64, String)>,
    /// Whether values begin at nothing.
    pub(crate) from_zero: bool,
}

impl Chart {
    /// An empty picture.
    pub(crate) fn new(words: impl Into<String>, axis: Axis) -> Self {
        Self {
            words: words.into(),
            axis,
            unit: String::new(),
            lines: Vec::new(),
            bars: Vec::new(),
            bands: Vec::new(),
            band_words: String::new(),
            across: Vec::new(),
            upright: Vec::new(),
            from_zero: false,
        }
    }

    /// Whether there is anything to see.
    pub(crate) fn is_empty(&self) -> bool {
        let has_values = |line: &Line| line.points.iter().any(|(_, value)| value.is_some());
        self.bars.is_empty() && !self.lines.iter().any(has_values)
    }

    /// The picture with its legend.
    pub(crate) fn render(&self) -> Markup {
        let scale = Scale::of(self);
        html! {
            figure class="chart" {
                svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width="840"
                    role="img" aria-label=(self.words) font-size="12" font-family="inherit"
                    fill="currentColor" {
                    @for (from, to) in &self.bands { (band(&scale, *from, *to)) }
                    @for value in &scale.ticks { (self.level(&scale, *value)) }
                    @for (at, words) in self.marks(&scale) { (below(at, &words)) }
                    @for bar in &self.bars { (drawn_bar(&scale, bar)) }
                    @for line in &self.lines { (drawn_line(&scale, line)) }
                    @for (value, words) in &self.across { (across(&scale, *value, words)) }
                    @for (at, words) in &self.upright { (upright(&scale, *at, words)) }
                }
                figcaption {
                    (self.words)
                    @for line in self.lines.iter().filter(|line| !line.words.is_empty()) {
                        " " span { (line.look.mark()) " " (line.words) }
                    }
                    @if !self.bands.is_empty() && !self.band_words.is_empty() {
                        " " span { "▒ " (self.band_words) }
                    }
                }
            }
        }
    }

    fn level(&self, scale: &Scale, value: f64) -> Markup {
        let y = scale.y(value);
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        let is_top = scale.ticks.last() == Some(&value);
        html! {
            line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(short(y)) y2=(short(y)) stroke="currentColor"
                stroke-opacity="0.16" {}
            text x=(LEFT - 6.0) y=(short(y + 4.0)) text-anchor="end" fill-opacity="0.75" {
                (number(value))
            }
            @if is_top && !unit.is_empty() {
                text x=(LEFT + 4.0) y=(short(y + 12.0)) fill-opacity="0.75" { (unit.trim()) }
            }
        }
    }

    /// What stands below the axis, and where.
    fn marks(&self, scale: &Scale) -> Vec<(f64, String)> {
        match self.axis {
            Axis::Time => days(scale),
            Axis::Percent => {
                let steps = (scale.from / 10.0).ceil() as i64..=(scale.to / 10.0).floor() as i64;
                steps.map(|it| (scale.x(it as f64 * 10.0), format!("{}%", it * 10))).collect()
            }
            Axis::Digits => self
                .bars
                .iter()
                .map(|bar| (scale.x(f64::midpoint(bar.from, bar.to)), number(bar.from)))
                .collect(),
        }
    }
}

/// From values to places.
struct Scale {
    from: f64,
    to: f64,
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Scale {
    fn of(chart: &Chart) -> Self {
        let values = || {
            let lines = chart.lines.iter().flat_map(|line| &line.points);
            let lines = lines.filter_map(|(_, value)| *value);
            let bars = chart.bars.iter().map(|bar| bar.value);
            lines.chain(bars).chain(chart.across.iter().map(|(value, _)| *value))
        };
        let places = || {
            let lines = chart.lines.iter().flat_map(|line| &line.points).map(|(at, _)| *at);
            let bars = chart.bars.iter().flat_map(|bar| [bar.from, bar.to]);
            lines.chain(bars)
        };
        let (from, to) = span(places());
        let (mut low, high) = span(values());
        if chart.from_zero {
            low = low.min(0.0);
        }
        let ticks = ticks(low, high);
        let (low, high) = match (ticks.first(), ticks.last()) {
            (Some(first), Some(last)) => (low.min(*first), high.max(*last)),
            _ => (low, high),
        };
        Self { from, to, low, high, ticks }
    }

    fn x(&self, at: f64) -> f64 {
        LEFT + (at - self.from) / (self.to - self.from) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        TOP + (self.high - value) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)
    }
}

/// Smallest and largest, never the same.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return (0.0, 1.0);
    }
    let least = low.abs().max(1.0) * 1e-6;
    if high - low < least { (low - 0.5, high + 0.5) } else { (low, high) }
}

/// About five round values.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (low / step).floor() as i64;
    let last = (high / step).ceil() as i64;
    if last - first > 50 {
        return Vec::new();
    }
    (first..=last).map(|it| it as f64 * step).collect()
}

/// Days of Beijing, as many as find room.
fn days(scale: &Scale) -> Vec<(f64, String)> {
    const DAY_S: f64 = 86_400.0;
    const BEIJING_S: f64 = 28_800.0;
    const ROOM: f64 = 5.0;
    let length = (scale.to - scale.from) / DAY_S;
    let every = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
    let every = every.into_iter().find(|days| length / days <= ROOM).unwrap_or(200.0);
    let first = ((scale.from + BEIJING_S) / DAY_S / every).ceil() as i64;
    let last = ((scale.to + BEIJING_S) / DAY_S / every).floor() as i64;
    let mark = |it: i64| {
        let second = it as f64 * every * DAY_S - BEIJING_S;
        let at = Timestamp::from_second(second as i64).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = web::local_date(at);
        (scale.x(second), date.get(5..).unwrap_or_default().to_owned())
    };
    (first..=last.min(first + 20)).map(mark).collect()
}

fn band(scale: &Scale, from: f64, to: f64) -> Markup {
    let (from, to) = (scale.x(from.max(scale.from)), scale.x(to.min(scale.to)));
    html! {
        rect x=(short(from)) width=(short((to - from).max(2.0))) y=(TOP)
            height=(HEIGHT - TOP - BOTTOM) fill="#c96a12" fill-opacity="0.16" {}
    }
}

fn below(at: f64, words: &str) -> Markup {
    html! {
        text x=(short(at)) y=(HEIGHT - 10.0) text-anchor="middle" fill-opacity="0.75" { (words) }
    }
}

fn drawn_bar(scale: &Scale, bar: &Bar) -> Markup {
    let (x, width) = (scale.x(bar.from), scale.x(bar.to) - scale.x(bar.from));
    let (top, foot) = (scale.y(bar.value), scale.y(scale.low.max(0.0)));
    let colour = if bar.stands_out { Look::Second.colour() } else { Look::First.colour() };
    html! {
        rect x=(short(x + 1.0)) width=(short((width - 2.0).max(1.0))) y=(short(top))
            height=(short((foot - top).max(0.0))) fill=(colour) {
            title { (number(bar.value)) }
        }
    }
}

fn drawn_line(scale: &Scale, line: &Line) -> Markup {
    let mut path = String::new();
    let mut is_down = false;
    for (at, value) in &line.points {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            is_down = false;
            continue;
        };
        let step = if is_down { 'L' } else { 'M' };
        let _ = write!(path, "{step}{:.1} {:.1}", scale.x(*at), scale.y(value));
        // A value between two gaps is a dot.
        if !is_down {
            path.push_str("h0.1");
        }
        is_down = true;
    }
    html! {
        path d=(path) fill="none" stroke=(line.look.colour()) stroke-width="1.6"
            stroke-linejoin="round" stroke-linecap="round"
            stroke-dasharray=[line.look.dashes()] {}
    }
}

fn across(scale: &Scale, value: f64, words: &str) -> Markup {
    let y = scale.y(value);
    html! {
        line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(short(y)) y2=(short(y)) stroke="#c0392b"
            stroke-width="1.4" stroke-dasharray="2 3" {}
        text x=(WIDTH - RIGHT - 4.0) y=(short(y - 4.0)) text-anchor="end" { (words) }
    }
}

fn upright(scale: &Scale, at: f64, words: &str) -> Markup {
    let x = scale.x(at);
    html! {
        line x1=(short(x)) x2=(short(x)) y1=(TOP) y2=(HEIGHT - BOTTOM) stroke="#c0392b"
            stroke-width="1.4" stroke-dasharray="2 3" {}
        text x=(short(x + 4.0)) y=(TOP + 10.0) { (words) }
    }
}

/// A place with one digit behind the point.
fn short(place: f64) -> String {
    format!("{place:.1}")
}

/// A value with few digits.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[Option<f64>]) -> Chart {
        let mut chart = Chart::new("what it shows", Axis::Time);
        let points = values.iter().zip(0..).map(|(value, at)| (f64::from(at) * 3600.0, *value));
        chart.lines.push(Line { words: "NOx".into(), look: Look::First, points: points.collect() });
        chart
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_lone_value_is_a_dot() {
        let drawn = line(&[Some(1.0), Some(2.0), None, Some(3.0)]).render().into_string();
        let path = drawn.split("d=\"").nth(1).and_then(|rest| rest.split('"').next());
        let path = path.expect("a path");
        assert_eq!(path.matches('M').count(), 2, "{path}");
        assert_eq!(path.matches('L').count(), 1, "{path}");
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    }

    #[test]
    fn whatever_comes_is_drawn() {
        for values in [
            vec![],
            vec![None, None],
            vec![Some(5.0), Some(5.0)],
            vec![Some(f64::NAN), Some(1e300), Some(-1e300)],
            vec![Some(0.0), Some(1e-9)],
        ] {
            let chart = line(&values);
            let drawn = chart.render().into_string();
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{values:?}: {drawn}");
        }
        assert!(line(&[None]).is_empty() && !line(&[Some(1.0)]).is_empty());
    }

    #[test]
    fn levels_are_round() {
        let shown = |low, high| ticks(low, high).into_iter().map(number).collect::<Vec<_>>();
        assert_eq!(shown(0.0, 97.0), ["0", "25", "50", "75", "100"]);
        assert_eq!(shown(0.12, 0.31), ["0.1", "0.15", "0.2", "0.25", "0.3", "0.35"]);
        assert_eq!(
            (number(0.25), number(-0.000_01), number(120.0)),
            ("0.25".into(), "0".into(), "120".into())
        );
    }
}
