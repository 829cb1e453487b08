//! The days of a city and year as a picture: SVG, one panel a city and period.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use standards::air::Pollutant;
use standards::air::gb3095_ambient_air_quality::{Averaging, Limit, Zone, limit};
use standards::air::hj663_ambient_air_assessment::Parameters;

use super::{City, Period};
use crate::method::Settings;
use crate::micro::{MISSING, ONE};
use crate::problem::Problem;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 32.0;
/// More panels are no picture any more.
const MOST_PANELS: usize = 24;

/// Draws the days of a pollutant with the daily limits by which they are judged.
pub(super) fn draw(
    file: &Path,
    pollutant: Pollutant,
    panels: &[(&City, Period, Vec<Date>)],
    settings: &Settings,
) -> Result<(), Problem> {
    if panels.is_empty() || panels.len() > MOST_PANELS {
        let what = format!("a picture shows 1 to {MOST_PANELS} cities and periods, not {}", {
            panels.len()
        });
        let cure = "Keep the rows of fewer cities, or judge whole years.";
        return Err(Problem::of_file("plot.panels", what, cure));
    }
    let height = HEIGHT * panels.len() as f64;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>"
    );
    for (place, (city, period, days)) in panels.iter().enumerate() {
        let panel = Panel { city, period, days, pollutant, settings };
        let _ = writeln!(svg, "<g transform=\"translate(0 {})\">", HEIGHT * place as f64);
        panel.draw(&mut svg);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    std::fs::write(file, svg).map_err(|error| {
        let what = format!("cannot write {}: {error}", file.display());
        let cure = "Check that the folder exists, may be written and has room.";
        Problem::of_file("file.write", what, cure)
    })
}

struct Panel<'run> {
    city: &'run City,
    period: &'run Period,
    days: &'run [Date],
    pollutant: Pollutant,
    settings: &'run Settings,
}

/// One colour a limit, told apart by colour-blind eyes too: they also differ in their dashes.
const LIMIT_COLOURS: [(&str, &str); 3] = [("#b3261e", ""), ("#7b4ea3", "6 3"), ("#8a5a00", "2 3")];

impl Panel<'_> {
    fn draw(&self, svg: &mut String) {
        let limits = self.limits();
        let values = self.values();
        let largest = values.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        let highest = limits.iter().map(|(_, value)| *value).fold(largest, f64::max);
        let step = step(highest);
        let top = (highest / step).ceil().max(1.0) * step;
        let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let days = f64::from(day_of(self.period.first, self.period.last) + 1);
        let x = |day: Date| LEFT + (f64::from(day_of(self.period.first, day)) + 0.5) / days * width;
        let y = |value: f64| TOP + (1.0 - value / top) * height;
        self.title(svg);
        let mut line = 0.0;
        while line <= top + step / 2.0 {
            let at = y(line);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#e3e3e3\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{line}</text>",
                LEFT + width,
                LEFT - 6.0,
                at + 4.0,
            );
            line += step;
        }
        self.months(svg, &x);
        let bar = (width / days * 0.8).max(0.6);
        for (day, value) in &values {
            let over = limits.first().is_some_and(|(_, limit)| value > limit);
            let colour = if over { "#c4573a" } else { "#4a7fa5" };
            let at = y(*value);
            let _ = writeln!(
                svg,
                "<rect x=\"{:.2}\" y=\"{at:.1}\" width=\"{bar:.2}\" height=\"{:.1}\" \
                 fill=\"{colour}\"><title>{day} {value}</title></rect>",
                x(*day) - bar / 2.0,
                TOP + height - at,
            );
        }
        for (place, (name, value)) in limits.iter().enumerate() {
            let (colour, dashes) = LIMIT_COLOURS[place.min(2)];
            let at = y(*value);
            // Names stand above the picture: limits of two editions may lie close together.
            let (right, row) = (LEFT + width, 24.0 + 17.0 * place as f64);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\" \
                 stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"{dashes}\"/>\
                 <line x1=\"{}\" x2=\"{right}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\" \
                 stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>\
                 <text x=\"{}\" y=\"{row}\" fill=\"{colour}\" text-anchor=\"end\">{}</text>",
                right - 28.0,
                row - 4.0,
                row - 4.0,
                right - 34.0,
                escape(name),
            );
        }
    }

    fn title(&self, svg: &mut String) {
        let daily = match self.pollutant {
            Pollutant::O3 => "日最大 8 小时平均 daily maximum 8 h mean",
            _ => "日均值 daily mean",
        };
        let _ = writeln!(
            svg,
            "<text x=\"{LEFT}\" y=\"24\" font-size=\"16\" font-weight=\"600\">{} {} {}</text>\
             <text x=\"{LEFT}\" y=\"42\" fill=\"#555\">{daily}, {}</text>",
            escape(&self.city.name),
            escape(&self.period.name),
            self.pollutant,
            self.pollutant.unit().replace("ug", "µg").replace("m3", "m³"),
        );
    }

    fn months(&self, svg: &mut String, x: &impl Fn(Date) -> f64) {
        let mut month = self.period.first;
        while month <= self.period.last {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#555\">{}月</text>",
                x(month),
                HEIGHT - BOTTOM + 18.0,
                month.month(),
            );
            let Ok(next) = month.last_of_month().tomorrow() else { return };
            month = next;
        }
    }

    fn values(&self) -> Vec<(Date, f64)> {
        let on = self.settings.on.first().copied().unwrap_or(self.period.last);
        let Ok(parameters) = Parameters::in_force(on) else { return Vec::new() };
        self.city
            .values(self.days, &parameters, self.settings.decimals)
            .into_iter()
            .map(|(day, values)| (day, values[self.pollutant.index()]))
            .filter(|(_, value)| *value != MISSING)
            .map(|(day, value)| (day, value as f64 / ONE as f64))
            .collect()
    }

    /// The daily limits with their names, each number once.
    fn limits(&self) -> Vec<(String, f64)> {
        let averaging = match self.pollutant {
            Pollutant::O3 => Averaging::DailyMaximumOfEightHours,
            _ => Averaging::Day,
        };
        let on = if self.settings.on.is_empty() {
            vec![self.period.last]
        } else {
            self.settings.on.clone()
        };
        let mut found: Vec<(String, f64)> = Vec::new();
        for on in on {
            let Ok(limit) = limit(self.pollutant.as_str(), averaging, Zone::II, on) else {
                continue;
            };
            let Ok(value) = limit.limit.to_string().parse::<f64>() else { continue };
            if found.iter().all(|(_, known)| (known - value).abs() > f64::EPSILON) {
                found.push((name(&limit), value));
            }
        }
        found
    }
}

fn name(limit: &Limit) -> String {
    let stage = if limit.stage == "transition" { " 过渡 transition" } else { "" };
    format!("{} {}{stage}", limit.limit, limit.by.edition)
}

/// Days from one day to another.
fn day_of(first: Date, day: Date) -> i32 {
    (day.duration_since(first).as_hours() / 24) as i32
}

/// A round step that divides an axis into four to ten.
fn step(highest: f64) -> f64 {
    let power = 10_f64.powf(highest.max(1e-3).log10().floor());
    [0.1, 0.2, 0.5, 1.0, 2.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| highest / step <= 8.0)
        .unwrap_or(power)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
