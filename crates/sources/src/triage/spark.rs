//! The little curve beside a finding: the last day of hours with the limit, drawn on the server.

use super::queries::Curve;
use jiff::Timestamp;
use maud::{Markup, html};
use rulebook::Decimal;
use web::Reader;

const WIDTH: i64 = 160;
const HEIGHT: i64 = 40;
/// Room above and below, so that a line at the edge is seen whole.
const EDGE: i64 = 3;
/// Hours further apart than this are not joined by a line.
const GAP_S: i64 = 2 * 3600;

/// The curve, or a dash where nothing was measured.
pub(super) fn draw(reader: &Reader, curve: &Curve, name: &str) -> Markup {
    let values: Vec<(Timestamp, Decimal)> =
        curve.values.iter().filter_map(|(at, value)| Some((*at, (*value)?))).collect();
    let (Some((from, to)), Some((_, last))) = (curve.span, values.last()) else {
        return html! { span class="none" { "—" } };
    };
    let top = values.iter().map(|(_, value)| *value).chain(curve.limit).max();
    let top = top.unwrap_or(Decimal::ONE).max(Decimal::new(1, 6));
    let across = |at: Timestamp| {
        let whole = to.duration_since(from).as_secs().max(1);
        WIDTH * at.duration_since(from).as_secs().clamp(0, whole) / whole
    };
    let down = |value: Decimal| {
        let room = Decimal::from(HEIGHT - 2 * EDGE);
        let up = (value.max(Decimal::ZERO) * room).checked_div(top).unwrap_or_default();
        Decimal::from(HEIGHT - EDGE) - up.round_dp(1)
    };
    let lines = stretches(&values);
    let words = format!(
        "{name} {} {last}{}",
        reader.pick("最近 24 小时,最新值", "in the last 24 hours, newest value"),
        curve.limit.map_or_else(String::new, |limit| {
            format!("{}{limit}", reader.pick(",限值 ", ", limit "))
        })
    );
    html! {
        svg class="spark" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT)
            role="img" aria-label=(words) {
            @if let Some(limit) = curve.limit {
                line class="spark-limit" x1="0" x2=(WIDTH) y1=(down(limit)) y2=(down(limit)) {}
            }
            @for line in &lines {
                @let points: Vec<String> =
                    line.iter().map(|(at, value)| format!("{},{}", across(*at), down(*value))).collect();
                @if let [only] = points.as_slice() {
                    @let (x, y) = only.split_once(',').unwrap_or(("0", "0"));
                    circle class="spark-dot" cx=(x) cy=(y) r="1.5" {}
                } @else {
                    polyline class="spark-line" points=(points.join(" ")) {}
                }
            }
        }
    }
}

/// The values without what lies too far apart to be joined.
fn stretches(values: &[(Timestamp, Decimal)]) -> Vec<Vec<(Timestamp, Decimal)>> {
    let mut lines: Vec<Vec<(Timestamp, Decimal)>> = Vec::new();
    for value in values {
        let last = lines.last_mut().filter(|line| {
            let before = line.last();
            before.is_some_and(|(at, _)| value.0.duration_since(*at).as_secs() <= GAP_S)
        });
        match last {
            Some(line) => line.push(*value),
            None => lines.push(vec![*value]),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_not_drawn_over() {
        let at = |hour: i64| {
            let at = Timestamp::from_second(hour * 3600).expect("a time");
            (at, Decimal::from(hour))
        };
        let lengths = |hours: &[i64]| -> Vec<usize> {
            let values: Vec<_> = hours.iter().map(|hour| at(*hour)).collect();
            stretches(&values).iter().map(Vec::len).collect()
        };
        assert_eq!(lengths(&[1, 2, 3, 6, 7]), [3, 2]);
        assert_eq!(lengths(&[1, 3, 9]), [2, 1]);
        assert_eq!(lengths(&[]), [] as [usize; 0]);
    }
}
