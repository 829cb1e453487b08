//! Line charts.

use super::flow::{Flow, offset};
use super::sheet::{Ink, Mark};
use crate::model::{Alignment, LineChart};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

const HEIGHT: f32 = 170.0;
const AXIS: f32 = 40.0;
const FOOT: f32 = 26.0;
const INKS: [Ink; 3] = [Ink::Blue, Ink::Green, Ink::Grey];
const STEPS: f32 = 4.0;

/// Where values and places lie on the sheet.
struct Field {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
    most: f32,
    places: usize,
}

impl Field {
    fn x(&self, at: usize) -> f32 {
        let last = self.places.saturating_sub(1).max(1) as f32;
        self.left + self.width * (at as f32) / last
    }

    fn y(&self, value: f32) -> f32 {
        self.top + self.height * (1.0 - (value / self.most).clamp(0.0, 1.0))
    }
}

fn float(value: Decimal) -> f32 {
    value.to_f32().unwrap_or_default()
}

/// A round number at or above.
fn round_up(value: f32) -> f32 {
    if value <= 0.0 {
        return 1.0;
    }
    let magnitude = 10_f32.powf(value.log10().floor());
    let steps = [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|step| step * magnitude).find(|top| *top >= value).unwrap_or(value)
}

pub(super) fn draw(flow: &mut Flow<'_>, chart: &LineChart) {
    let style = flow.style;
    flow.gap(style.small_pitch * 0.4);
    flow.keep(HEIGHT + FOOT + style.small_pitch);
    let values = chart.series.iter().flat_map(|series| series.values.iter().flatten().copied());
    let levels = chart.thresholds.iter().map(|threshold| threshold.at);
    let most = values.chain(levels).map(float).fold(0.0_f32, f32::max);
    let field = Field {
        left: style.left + AXIS,
        top: flow.y + 14.0,
        width: style.width - AXIS - 8.0,
        height: HEIGHT - 14.0,
        most: round_up(most * 1.05),
        places: chart.labels.len(),
    };
    for (from, to) in &chart.shaded {
        let (x, right) = (field.x(*from), field.x(to.saturating_sub(1).max(*from)));
        let width = (right - x).max(1.5);
        let (y, height) = (field.top, field.height);
        flow.sheet().marks.push(Mark::Area { x, y, width, height, ink: Ink::Pale });
    }
    axes(flow, &field, chart);
    for (series, ink) in chart.series.iter().zip(INKS.iter().cycle()) {
        for points in stretches(&series.values, &field) {
            flow.sheet().marks.push(Mark::Stroke {
                points,
                width: 1.1,
                ink: *ink,
                is_dashed: false,
            });
        }
    }
    for threshold in &chart.thresholds {
        let y = field.y(float(threshold.at));
        let points = vec![(field.left, y), (field.left + field.width, y)];
        flow.sheet().marks.push(Mark::Stroke {
            points,
            width: 0.9,
            ink: Ink::Red,
            is_dashed: true,
        });
    }
    legend(flow, &field, chart);
    flow.y += HEIGHT + FOOT;
    let look = (style.small, style.small_pitch);
    flow.aligned(&chart.caption, look, Alignment::Centre, Ink::Black, false);
    flow.gap(style.small_pitch * 0.6);
}

/// Points without a gap; a single one becomes a short dash.
fn stretches(values: &[Option<Decimal>], field: &Field) -> Vec<Vec<(f32, f32)>> {
    let mut stretches: Vec<Vec<(f32, f32)>> = Vec::new();
    let mut is_open = false;
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else {
            is_open = false;
            continue;
        };
        let point = (field.x(at), field.y(float(*value)));
        match stretches.last_mut() {
            Some(last) if is_open => last.push(point),
            _ => stretches.push(vec![point]),
        }
        is_open = true;
    }
    for stretch in &mut stretches {
        if let [(x, y)] = stretch.as_slice() {
            *stretch = vec![(x - 1.0, *y), (x + 1.0, *y)];
        }
    }
    stretches
}

fn axes(flow: &mut Flow<'_>, field: &Field, chart: &LineChart) {
    let size = 7.0;
    let (left, right) = (field.left, field.left + field.width);
    for step in 0..=(STEPS as usize) {
        let value = field.most * step as f32 / STEPS;
        let y = field.y(value);
        let ink = if step == 0 { Ink::Black } else { Ink::Pale };
        flow.sheet().rule((left, y), (right, y), 0.6, ink);
        let text = short(value, field.most);
        put(
            flow,
            &text,
            (left - AXIS, y + size * 0.35),
            AXIS - 4.0,
            size,
            Alignment::Right,
            Ink::Grey,
        );
    }
    let bottom = field.top + field.height;
    flow.sheet().rule((left, field.top), (left, bottom), 0.6, Ink::Black);
    let every = (chart.labels.len() / 8).max(1);
    for (at, label) in chart.labels.iter().enumerate().step_by(every) {
        let x = field.x(at);
        flow.sheet().rule((x, bottom), (x, bottom + 3.0), 0.6, Ink::Black);
        let room = field.width / 8.0;
        let place = (x - room / 2.0, bottom + 12.0);
        put(flow, label, place, room, size, Alignment::Centre, Ink::Grey);
    }
}

fn short(value: f32, most: f32) -> String {
    let places = if most >= 20.0 {
        0
    } else if most >= 2.0 {
        1
    } else if most >= 0.2 {
        2
    } else {
        4
    };
    format!("{value:.places$}")
}

fn legend(flow: &mut Flow<'_>, field: &Field, chart: &LineChart) {
    let (size, y) = (7.5, field.top - 6.0);
    let mut x = field.left;
    let lines = chart.series.iter().map(|series| &series.name).zip(INKS.iter().copied().cycle());
    let levels = chart.thresholds.iter().map(|threshold| (&threshold.name, Ink::Red));
    for (name, ink) in lines.chain(levels).collect::<Vec<_>>() {
        let points = vec![(x, y - 2.5), (x + 14.0, y - 2.5)];
        let is_dashed = ink == Ink::Red;
        flow.sheet().marks.push(Mark::Stroke { points, width: 1.2, ink, is_dashed });
        let line = flow.measure.line(name, false);
        let width = line.width * size;
        let mark = Mark::Text { x: x + 18.0, y, size, line, is_bold: false, ink: Ink::Black };
        flow.sheet().marks.push(mark);
        x += width + 34.0;
    }
    let place = (field.left + field.width - 90.0, y);
    put(flow, &chart.unit, place, 90.0, size, Alignment::Right, Ink::Grey);
}

fn put(
    flow: &mut Flow<'_>,
    text: &str,
    (x, y): (f32, f32),
    room: f32,
    size: f32,
    alignment: Alignment,
    ink: Ink,
) {
    let line = flow.measure.line(text, false);
    let x = x + offset(alignment, room, line.width * size);
    flow.sheet().marks.push(Mark::Text { x, y, size, line, is_bold: false, ink });
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn the_top_of_an_axis_is_a_round_number_above_the_highest_value() {
        for (value, wanted) in [(0.0, 1.0), (3.1, 3.2), (97.0, 100.0), (0.45, 0.5), (131.0, 160.0)]
        {
            assert!((round_up(value) - wanted).abs() < 0.0001, "{value}");
        }
    }
}
