//! A kind as a picture: the states down the left, under each its transitions, and one rail on the
//! right for each state that is led to.
//!
//! Every line has a row of its own, so no label lies on another; narrow enough for a phone. All
//! looks are attributes and the ink is the page's own colour, so that a strict policy of styles
//! and a dark page keep it readable.

use std::fmt::Write as _;

use rulebook::Language;

use super::{Pick, effects, leaving, target};
use crate::model::{CaseKind, State, Transition};

/// The height of a state's box and of a transition's row, in pixels.
const BOX: f64 = 38.0;
const ROW: f64 = 24.0;
/// The room between two states.
const GAP: f64 = 12.0;
/// Where the rows end and the rails begin.
const TEXT_WIDTH: f64 = 640.0;
const RAIL: f64 = 14.0;
const MARGIN: f64 = 12.0;
const LETTERS: f64 = 13.0;
const SMALL: f64 = 11.5;
/// One colour a rail, all readable on white and on black.
const INKS: [&str; 6] = ["#2f7fd0", "#2a9461", "#c2761b", "#a35bc4", "#c9525f", "#3b98a8"];

/// Where a state's box begins, and the rows of its transitions.
struct Block<'kind> {
    state: &'kind State,
    top: f64,
    rows: Vec<(&'kind Transition, f64)>,
}

/// A rail: every way to one state.
struct Rail {
    to: usize,
    from: Vec<f64>,
    lane: usize,
}

pub(super) fn draw(kind: &CaseKind, language: Language) -> String {
    let blocks = blocks(kind);
    let rails = rails(&blocks);
    let lanes = rails.iter().map(|rail| rail.lane + 1).max().unwrap_or(0);
    let height = blocks.last().map_or(0.0, |last| bottom(last) + MARGIN);
    let width = MARGIN + TEXT_WIDTH + RAIL * (lanes as f64 + 1.0) + MARGIN;
    let name = escaped(kind.name.in_language(language));
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{name}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"{LETTERS}\" fill=\"currentColor\">\
         <title>{name}</title>\n"
    );
    for rail in &rails {
        draw_rail(&mut picture, &blocks, rail);
    }
    for block in &blocks {
        draw_state(&mut picture, kind, block, language);
        for (transition, middle) in &block.rows {
            draw_row(&mut picture, kind, (block.state, transition), *middle, language);
        }
    }
    picture.push_str("</svg>\n");
    picture
}

fn blocks(kind: &CaseKind) -> Vec<Block<'_>> {
    let mut top = MARGIN;
    let mut blocks = Vec::new();
    for state in &kind.states {
        let middle = |row: usize| top + BOX + ROW * (row as f64 + 0.5);
        let rows = leaving(kind, state).enumerate().map(|(row, way)| (way, middle(row)));
        let block = Block { state, top, rows: rows.collect() };
        top = bottom(&block) + GAP;
        blocks.push(block);
    }
    blocks
}

fn bottom(block: &Block<'_>) -> f64 {
    block.top + BOX + ROW * block.rows.len() as f64
}

/// One rail for each state that is led to, on the first lane that is free along its length.
fn rails(blocks: &[Block<'_>]) -> Vec<Rail> {
    let mut rails: Vec<Rail> = Vec::new();
    for block in blocks {
        for (transition, middle) in &block.rows {
            let to = transition.to.as_deref().filter(|to| *to != block.state.id);
            let to = blocks.iter().position(|other| Some(other.state.id.as_str()) == to);
            let Some(to) = to else { continue };
            match rails.iter_mut().find(|rail| rail.to == to) {
                Some(rail) => rail.from.push(*middle),
                None => rails.push(Rail { to, from: vec![*middle], lane: 0 }),
            }
        }
    }
    let span = |rail: &Rail| {
        let end = entry(&blocks[rail.to]);
        let low = rail.from.iter().copied().fold(end, f64::min);
        (low, rail.from.iter().copied().fold(end, f64::max))
    };
    rails.sort_by(|one, other| {
        let long = |rail: &Rail| span(rail).1 - span(rail).0;
        long(one).total_cmp(&long(other))
    });
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    for rail in &mut rails {
        let (low, high) = span(rail);
        let free = |lane: &Vec<(f64, f64)>| {
            lane.iter().all(|(from, to)| high + ROW / 2.0 < *from || *to + ROW / 2.0 < low)
        };
        let lane = taken.iter().position(free).unwrap_or(taken.len());
        if lane == taken.len() {
            taken.push(Vec::new());
        }
        taken[lane].push((low, high));
        rail.lane = lane;
    }
    rails
}

/// Where a rail enters a state.
fn entry(block: &Block<'_>) -> f64 {
    block.top + BOX / 2.0
}

fn draw_rail(picture: &mut String, blocks: &[Block<'_>], rail: &Rail) {
    let edge = MARGIN + TEXT_WIDTH;
    let x = edge + RAIL * (rail.lane as f64 + 1.0);
    let y = entry(&blocks[rail.to]);
    let low = rail.from.iter().copied().fold(y, f64::min);
    let high = rail.from.iter().copied().fold(y, f64::max);
    let ink = INKS[rail.to % INKS.len()];
    let mut path = format!("M{x} {low}V{high}");
    for from in &rail.from {
        let _ = write!(path, "M{edge} {from}H{x}");
    }
    let _ = write!(path, "M{x} {y}H{edge}");
    let tip = edge + 8.0;
    let (above, below) = (y - 4.0, y + 4.0);
    let _ = writeln!(
        picture,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"1.6\" \
         stroke-linejoin=\"round\"/><path d=\"M{edge} {y}L{tip} {above}V{below}Z\" \
         fill=\"{ink}\"/>"
    );
    for from in &rail.from {
        let _ = writeln!(picture, "<circle cx=\"{edge}\" cy=\"{from}\" r=\"2.6\" fill=\"{ink}\"/>");
    }
}

fn draw_state(picture: &mut String, kind: &CaseKind, block: &Block<'_>, language: Language) {
    let (state, top) = (block.state, block.top);
    let ink = match (state.is_final, state.is_good) {
        (true, Some(true)) => "#2a9461",
        (true, Some(false)) => "#c9525f",
        (true, None) => "#808a94",
        (false, _) => "#2f7fd0",
    };
    let mark = match (state.id == kind.initial, state.is_final) {
        (true, _) => "▶ ",
        (false, true) => "■ ",
        (false, false) => "",
    };
    let name = format!("{mark}{}", state.name.in_language(language));
    let room = TEXT_WIDTH - 48.0 - width_of(&name, LETTERS);
    let meaning = cut(state.meaning.in_language(language), LETTERS, room);
    let (x, line) = (MARGIN + 12.0, top + BOX / 2.0 + 5.0);
    let stroke = if state.is_final { 2.4 } else { 1.2 };
    let _ = writeln!(
        picture,
        "<g data-state=\"{}\"><title>{}</title><rect x=\"{MARGIN}\" y=\"{top}\" width=\"{TEXT_WIDTH}\" \
         height=\"{BOX}\" rx=\"6\" fill=\"{ink}\" fill-opacity=\"0.12\" stroke=\"{ink}\" \
         stroke-width=\"{stroke}\"/><text x=\"{x}\" y=\"{line}\" font-weight=\"600\">{}\
         <tspan dx=\"12\" font-weight=\"400\" fill-opacity=\"0.75\">{}</tspan></text></g>",
        escaped(&state.id),
        escaped(state.meaning.in_language(language)),
        escaped(&name),
        escaped(&meaning),
    );
}

fn draw_row(
    picture: &mut String,
    kind: &CaseKind,
    (state, transition): (&State, &Transition),
    middle: f64,
    language: Language,
) {
    let name = transition.name.in_language(language);
    let to = target(kind, state, transition);
    let to = to.map_or("↺".to_owned(), |to| format!("→ {}", to.name.in_language(language)));
    let head = format!("{name} {to}");
    let who = transition.who.text();
    let who = who.in_language(language);
    let effects = effects(kind, transition, language);
    let dot = if effects.is_empty() { "" } else { language.pick("；", "; ") };
    let rest = format!("{who}{dot}{effects}");
    let (x, line) = (MARGIN + 28.0, middle + 4.5);
    let shown = cut(&head, LETTERS, TEXT_WIDTH - 40.0);
    let room = TEXT_WIDTH - 54.0 - width_of(&shown, LETTERS);
    let _ = writeln!(
        picture,
        "<text x=\"{x}\" y=\"{line}\"><title>{}: {}</title>{}<tspan dx=\"12\" \
         font-size=\"{SMALL}\" fill-opacity=\"0.75\">{}</tspan></text>",
        escaped(&head),
        escaped(&rest),
        escaped(&shown),
        escaped(&cut(&rest, SMALL, room)),
    );
}

/// About how wide a text is: a Chinese letter is as wide as it is high, others a little over half.
fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| if letter.is_ascii() { 0.56 } else { 1.0 }).sum::<f64>() * size
}

/// A text cut to a width.
fn cut(text: &str, size: f64, room: f64) -> String {
    if width_of(text, size) <= room {
        return text.to_owned();
    }
    let mut shown = String::new();
    for letter in text.chars() {
        shown.push(letter);
        if width_of(&shown, size) + size > room {
            shown.pop();
            shown.push('…');
            break;
        }
    }
    shown
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
