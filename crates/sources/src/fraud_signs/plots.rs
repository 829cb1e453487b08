//! For each sign the picture that shows why.

use super::chart::{Axis, Bar, Chart, Line, Look};
use super::inputs;
use super::model::StoredSign;
use super::words;
use detectors::{Detector, PARTS, Span, State};
use jiff::{SignedDuration, Timestamp};
use observations::Row;
use registry::{Factor, FactorId, MonitoringPoint, PointId, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use web::{AppState, Problem, Reader};

const HOUR_S: i64 = 3600;
/// Before and after a sign at least so much is shown, and at most so much.
const MARGIN: (i64, i64) = (36 * HOUR_S, 12 * 24 * HOUR_S);
/// A picture shows at most so much.
const LONGEST: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The pictures of a sign; none where the values are no longer there.
pub(super) async fn of(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    sign: &StoredSign,
) -> Result<Vec<Chart>, Problem> {
    let plot = Plot { state, snapshot, reader, sign };
    let charts = match sign.detector {
        Detector::Copied => plot.overlaid(true).await?,
        Detector::Repeated => plot.overlaid(false).await?,
        Detector::Clipped if sign.finding == "missing_beyond_limit" => plot.density().await?,
        Detector::Digits => plot.digits().await?,
        Detector::Clock => plot.clock().await?,
        Detector::Inspection => plot.days().await?,
        Detector::Relation => plot.together().await?,
        Detector::Stuck
        | Detector::Narrow
        | Detector::Clipped
        | Detector::Calibration
        | Detector::Silence => vec![plot.around().await?],
    };
    Ok(charts.into_iter().filter(|chart| !chart.is_empty()).collect())
}

/// Which number of a value is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Measured,
    Converted,
}

/// The values of a factor, oldest first, by second.
type Values = Vec<(i64, Option<f64>)>;

struct Plot<'request> {
    state: &'request AppState,
    snapshot: &'request Snapshot,
    reader: &'request Reader,
    sign: &'request StoredSign,
}

impl Plot<'_> {
    fn pick<'text>(&self, zh: &'text str, en: &'text str) -> &'text str {
        self.reader.pick(zh, en)
    }

    fn point(&self) -> Option<&MonitoringPoint> {
        self.snapshot.point(self.sign.point)
    }

    fn factor(&self) -> Option<&Factor> {
        words::factor(self.snapshot, self.sign)
    }

    fn name(&self, factor: Option<&Factor>) -> String {
        factor.map(|factor| self.reader.name(&factor.name).to_owned()).unwrap_or_default()
    }

    async fn rows(&self, point: PointId, span: Span) -> Result<Vec<Row>, Problem> {
        let period = if self.sign.step_s >= HOUR_S { Period::Hour } else { Period::Minute };
        Ok(observations::series(&self.state.store, point, period, span.from..span.to).await?)
    }

    /// The values of a factor with a gap wherever none came or none counts.
    fn values(&self, rows: &[Row], factor: FactorId, quantity: Quantity) -> Values {
        let mut values: Values = Vec::with_capacity(rows.len());
        for row in rows {
            let second = row.observed_at.as_second();
            if let Some((last, _)) = values.last()
                && second - last > self.sign.step_s
            {
                values.push((last + self.sign.step_s, None));
            }
            let value = row.factor(factor);
            let counts = value.is_some_and(|it| State::of_flag(it.flag) == State::Normal);
            let number = value.filter(|_| counts).and_then(|it| match quantity {
                Quantity::Measured => it.value,
                Quantity::Converted => it.converted,
            });
            values.push((second, number.and_then(float)));
        }
        values
    }

    /// The limit that binds the factor, and which number of a value it binds.
    fn limit(&self, rows: &[Row]) -> (Option<f64>, Quantity) {
        let limit = self
            .point()
            .zip(self.sign.factor)
            .and_then(|(point, factor)| inputs::limit(self.snapshot, point, factor, rows));
        match limit {
            Some((limit, true)) => (Some(limit), Quantity::Converted),
            Some((limit, false)) => (Some(limit), Quantity::Measured),
            None => (None, Quantity::Measured),
        }
    }

    /// A stretch with something before and after it, held within what is shown at most.
    fn with_margin(span: Span) -> Span {
        let length = span.to.duration_since(span.from).as_secs();
        let margin = SignedDuration::from_secs(length.clamp(MARGIN.0, MARGIN.1));
        let to = span.to.saturating_add(margin).unwrap_or(span.to);
        let from = span.from.saturating_sub(margin).unwrap_or(span.from);
        Span { from: from.max(to.saturating_sub(LONGEST).unwrap_or(from)), to }
    }

    fn shaded(&self, chart: &mut Chart) {
        chart.bands.push((second(self.sign.span.from), second(self.sign.span.to)));
        self.pick("线索所指时段", "what the sign is about").clone_into(&mut chart.band_words);
    }

    /// The values around the sign, with the limit where it is near.
    async fn around(&self) -> Result<Chart, Problem> {
        let Some(factor) = self.factor() else { return Ok(Chart::new("", Axis::Time)) };
        let rows = self.rows(self.sign.point, Self::with_margin(self.sign.span)).await?;
        let mut chart = Chart::new(self.name(Some(factor)), Axis::Time);
        chart.unit = words::unit_of(Some(factor));
        let values = self.values(&rows, factor.id, Quantity::Measured);
        let highest = values.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max);
        chart.lines.push(line("", Look::First, values));
        if let (Some(limit), Quantity::Measured) = self.limit(&rows)
            && limit < 1.6 * highest
        {
            chart.across.push((limit, self.pick("限值", "limit").to_owned()));
        }
        if self.sign.detector == Detector::Calibration {
            for row in rows.iter().filter(|row| calibrates(row, factor.id)) {
                let at = second(row.observed_at);
                chart.upright.push((at, self.pick("校准", "calibration").to_owned()));
            }
        }
        self.shaded(&mut chart);
        Ok(chart)
    }

    /// What a stretch resembles laid over it: moved in time, and scaled where it is another
    /// outlet's.
    async fn overlaid(&self, is_scaled: bool) -> Result<Vec<Chart>, Problem> {
        let (Some(factor), Some(twin)) = (self.factor(), self.sign.twin) else {
            return Ok(Vec::new());
        };
        let evidence = &self.sign.evidence;
        let scale = evidence.number("scale").filter(|_| is_scaled).unwrap_or(1.0);
        let offset = evidence.number("offset").filter(|_| is_scaled).unwrap_or(0.0);
        let shift = self.sign.span.from.duration_since(twin.span.from).as_secs();
        let around = Self::with_margin(self.sign.span);
        let back = SignedDuration::from_secs(shift);
        let there = Span {
            from: around.from.saturating_sub(back).unwrap_or(around.from),
            to: around.to.saturating_sub(back).unwrap_or(around.to),
        };
        let own = self.rows(self.sign.point, around).await?;
        let other = self.rows(twin.point, there).await?;
        let twin_factor = twin.factor.unwrap_or(factor.id);
        let moved: Values = self
            .values(&other, twin_factor, Quantity::Measured)
            .into_iter()
            .map(|(at, value)| (at + shift, value.map(|value| scale * value + offset)))
            .collect();
        let mut chart = Chart::new(self.name(Some(factor)), Axis::Time);
        chart.unit = words::unit_of(Some(factor));
        let own = self.values(&own, factor.id, Quantity::Measured);
        chart.lines.push(line(self.pick("本排放口", "this outlet"), Look::First, own));
        chart.lines.push(line(&self.twin_words(is_scaled, shift, scale), Look::Second, moved));
        self.shaded(&mut chart);
        Ok(vec![chart])
    }

    fn twin_words(&self, is_scaled: bool, shift: i64, scale: f64) -> String {
        let hours = shift as f64 / HOUR_S as f64;
        let Some(twin) = self.sign.twin.filter(|_| is_scaled) else {
            let (zh, en) = (format!("{hours:.0} 小时之前"), format!("{hours:.0} h before"));
            return self.pick(&zh, &en).to_owned();
        };
        let mut words = words::outlet(self.snapshot, self.reader, twin.point);
        if (scale - 1.0).abs() > 0.005 {
            let _ = write!(words, " × {scale:.2}");
        }
        if shift != 0 {
            let (zh, en) = (format!(",移后 {hours:.0} 小时"), format!(", moved by {hours:.0} h"));
            words.push_str(self.pick(&zh, &en));
        }
        words
    }

    /// How the values are spread around the limit.
    async fn density(&self) -> Result<Vec<Chart>, Problem> {
        const BINS: usize = 30;
        let Some(factor) = self.factor() else { return Ok(Vec::new()) };
        let rows = self.rows(self.sign.point, self.sign.span).await?;
        let (Some(limit), quantity) = self.limit(&rows) else { return Ok(Vec::new()) };
        let mut counts = [0.0_f64; BINS];
        for (_, value) in self.values(&rows, factor.id, quantity) {
            let Some(value) = value else { continue };
            let bin = ((value / limit - 0.6) / 0.02 - 1e-9).floor();
            if (0.0..BINS as f64).contains(&bin) {
                counts[bin as usize] += 1.0;
            }
        }
        let (zh, en) = (
            format!("{}:各浓度段的小时数(限值 = 100%)", self.name(Some(factor))),
            format!("{}: hours at each level (limit = 100 %)", self.name(Some(factor))),
        );
        let mut chart = Chart::new(self.pick(&zh, &en), Axis::Percent);
        "h".clone_into(&mut chart.unit);
        chart.from_zero = true;
        chart.bars = (0..)
            .map(|bin| 60.0 + 2.0 * f64::from(bin))
            .zip(counts)
            .map(|(from, value)| Bar { from, to: from + 2.0, value, stands_out: from >= 99.0 })
            .collect();
        chart.upright.push((100.0, self.pick("限值", "limit").to_owned()));
        let mut around = self.around_of(factor, &rows, quantity);
        around.across.push((limit, self.pick("限值", "limit").to_owned()));
        Ok(vec![chart, around])
    }

    fn around_of(&self, factor: &Factor, rows: &[Row], quantity: Quantity) -> Chart {
        let mut chart = Chart::new(self.name(Some(factor)), Axis::Time);
        chart.unit = words::unit_of(Some(factor));
        chart.lines.push(line("", Look::First, self.values(rows, factor.id, quantity)));
        chart
    }

    /// How often each last digit occurs.
    async fn digits(&self) -> Result<Vec<Chart>, Problem> {
        let Some(factor) = self.factor() else { return Ok(Vec::new()) };
        let rows = self.rows(self.sign.point, self.sign.span).await?;
        let counting = rows.iter().filter_map(|row| {
            let value = row.factor(factor.id)?;
            (State::of_flag(value.flag) == State::Normal).then_some(value.value)?
        });
        let shares = last_digits(&counting.collect::<Vec<Decimal>>());
        let (zh, en) = (
            format!("{}:各末位数字的占比", self.name(Some(factor))),
            format!("{}: the share of each last digit", self.name(Some(factor))),
        );
        let mut chart = Chart::new(self.pick(&zh, &en), Axis::Digits);
        "%".clone_into(&mut chart.unit);
        chart.from_zero = true;
        chart.bars = (0..)
            .map(f64::from)
            .zip(shares)
            .map(|(digit, value)| Bar {
                from: digit,
                to: digit + 1.0,
                value,
                stands_out: (value - 10.0).abs() > 5.0,
            })
            .collect();
        chart.across.push((10.0, self.pick("应有", "due").to_owned()));
        Ok(vec![chart])
    }

    /// How long after its end each hour came in.
    async fn clock(&self) -> Result<Vec<Chart>, Problem> {
        let span = Self::with_margin(self.sign.span);
        let rows = self.rows(self.sign.point, span).await?;
        let (step_s, _) = inputs::steps(self.snapshot, self.sign.point);
        let mut points: Values = rows
            .iter()
            .filter(|row| row.version == 1)
            .map(|row| {
                let received = row.received_at.as_second();
                let late = received - row.observed_at.as_second() - step_s.min(HOUR_S);
                // A backlog would hide everything else.
                let minutes = late as f64 / 60.0;
                (received, (minutes.abs() < 24.0 * 60.0).then_some(minutes))
            })
            .collect();
        points.sort_by_key(|(at, _)| *at);
        let mut chart = Chart::new(
            self.pick(
                "收到时刻减去时段结束时刻(设备时钟)",
                "Received minus the end of the hour by the device's clock",
            ),
            Axis::Time,
        );
        "min".clone_into(&mut chart.unit);
        chart.lines.push(line("", Look::First, points));
        self.shaded(&mut chart);
        Ok(vec![chart])
    }

    /// The median of each day, days of inspection standing out.
    async fn days(&self) -> Result<Vec<Chart>, Problem> {
        const DAY_S: f64 = 86_400.0;
        let Some(factor) = self.factor() else { return Ok(Vec::new()) };
        let rows = self.rows(self.sign.point, self.sign.span).await?;
        let mut days: BTreeMap<jiff::civil::Date, Vec<f64>> = BTreeMap::new();
        for (at, value) in self.values(&rows, factor.id, Quantity::Measured) {
            let Some((value, at)) = value.zip(Timestamp::from_second(at).ok()) else { continue };
            days.entry(beijing_offset().to_datetime(at).date()).or_default().push(value);
        }
        let visits = super::store::visits(&self.state.store).await?;
        let (zh, en) = (
            format!("{}:日中位数,检查日另色", self.name(Some(factor))),
            format!(
                "{}: daily medians, days of inspection in another colour",
                self.name(Some(factor))
            ),
        );
        let mut chart = Chart::new(self.pick(&zh, &en), Axis::Time);
        chart.unit = words::unit_of(Some(factor));
        chart.from_zero = true;
        for (day, mut values) in days {
            values.sort_by(f64::total_cmp);
            let Some(value) = values.get(values.len() / 2).copied() else { continue };
            let midnight = day.to_datetime(jiff::civil::Time::midnight());
            let Ok(from) = beijing_offset().to_timestamp(midnight) else { continue };
            let stands_out = visits.contains(&(self.sign.point, day));
            chart.bars.push(Bar {
                from: second(from),
                to: second(from) + DAY_S,
                value,
                stands_out,
            });
        }
        Ok(vec![chart])
    }

    /// The factor of the sign, and below it what it cannot go with.
    async fn together(&self) -> Result<Vec<Chart>, Problem> {
        let Some(factor) = self.factor() else { return Ok(Vec::new()) };
        let rows = self.rows(self.sign.point, Self::with_margin(self.sign.span)).await?;
        let mut first = self.around_of(factor, &rows, Quantity::Measured);
        let named = |code: &str| self.snapshot.factor_by_code(code);
        let mut second = None;
        match self.sign.finding.as_str() {
            "part_exceeds_whole" => {
                let whole = PARTS.iter().find(|(part, _)| *part == factor.code);
                if let Some(whole) = whole.and_then(|(_, whole)| named(whole)) {
                    first.lines[0].words = self.name(Some(factor));
                    let values = self.values(&rows, whole.id, Quantity::Measured);
                    first.lines.push(line(&self.name(Some(whole)), Look::Second, values));
                }
            }
            "conversion_changed" => {
                self.pick("实测值", "measured").clone_into(&mut first.lines[0].words);
                let values = self.values(&rows, factor.id, Quantity::Converted);
                let words = self.pick("折算值", "converted");
                first.lines.push(line(words, Look::Second, values));
                second = named("a19001");
            }
            "flow_leaves_load" => second = named("i33400").or_else(|| named("I33400")),
            _ => second = named("a00000"),
        }
        self.shaded(&mut first);
        let below = second.map(|other| {
            let mut chart = self.around_of(other, &rows, Quantity::Measured);
            self.shaded(&mut chart);
            chart
        });
        Ok([first].into_iter().chain(below).collect())
    }
}

/// The share of each last digit in per cent, after digits that the instrument does not have were
/// dropped.
fn last_digits(values: &[Decimal]) -> [f64; 10] {
    let scale = values.iter().map(|value| value.normalize().scale()).max().unwrap_or(0).min(6);
    let mut units: Vec<i128> = values
        .iter()
        .map(|value| {
            let mut value = *value;
            value.rescale(scale);
            value.mantissa().abs()
        })
        .filter(|unit| *unit != 0)
        .collect();
    for _ in 0..4 {
        let zeros = units.iter().filter(|unit| **unit % 10 == 0).count();
        if units.is_empty() || zeros * 10 < units.len() * 9 {
            break;
        }
        for unit in &mut units {
            *unit /= 10;
        }
    }
    let mut shares = [0.0; 10];
    for unit in &units {
        shares[(*unit % 10) as usize] += 100.0 / units.len() as f64;
    }
    shares
}

fn calibrates(row: &Row, factor: FactorId) -> bool {
    let value = row.factor(factor);
    value.is_some_and(|value| State::of_flag(value.flag) == State::Calibration)
}

fn line(words: &str, look: Look, values: Values) -> Line {
    let points = values.into_iter().map(|(at, value)| (at as f64, value)).collect();
    Line { words: words.to_owned(), look, points }
}

fn second(at: Timestamp) -> f64 {
    at.as_second() as f64
}

fn float(value: Decimal) -> Option<f64> {
    value.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_digits_are_those_that_the_instrument_has() {
        let values: Vec<Decimal> = ["1.10", "2.20", "3.30", "4.40"]
            .iter()
            .map(|it| it.parse().expect("a number"))
            .collect();
        let shares = last_digits(&values);
        let percent = |shares: [f64; 10]| shares.map(|share| share.round() as i64);
        assert_eq!(percent(shares), [0, 25, 25, 25, 25, 0, 0, 0, 0, 0]);
        assert_eq!(percent(last_digits(&[])), [0; 10]);
    }
}
