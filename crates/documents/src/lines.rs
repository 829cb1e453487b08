//! Text becomes lines: Chinese breaks between characters, words of other scripts stay whole, and no
//! line begins with a closing mark or ends with an opening one (避头尾).

use crate::fonts::{Drawn, Fonts};
use std::collections::HashMap;

/// May not begin a line.
const CLOSING: &str = "，。、；：？！）】》〉」』”’〕％%)],.;:!?…—·°℃‰";
/// May not end a line.
const OPENING: &str = "（【《〈「『“‘〔([";
/// Stands in for a character that no font has.
const MISSING: char = '□';

/// A character with its place in a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) drawn: Drawn,
    pub(crate) character: char,
}

/// A line of text, measured in parts of the size.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) width: f32,
}

impl Line {
    fn extend(&mut self, unit: &[Glyph], width: f32) {
        self.glyphs.extend_from_slice(unit);
        self.width += width;
    }

    fn trimmed(mut self) -> Self {
        while let Some(last) = self.glyphs.last().filter(|glyph| glyph.character == ' ') {
            self.width -= last.drawn.advance;
            self.glyphs.pop();
        }
        self
    }
}

/// Measures text and remembers what it looked up.
pub(crate) struct Measure<'a> {
    fonts: &'a Fonts,
    known: HashMap<(char, bool), Option<Drawn>>,
}

impl<'a> Measure<'a> {
    pub(crate) fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, known: HashMap::new() }
    }

    fn glyph(&mut self, character: char, is_bold: bool) -> Option<Glyph> {
        let fonts = self.fonts;
        let look_up = |character| fonts.draw(character, is_bold);
        let drawn = *self.known.entry((character, is_bold)).or_insert_with(|| {
            look_up(character).or_else(|| look_up(MISSING)).or_else(|| look_up('?'))
        });
        drawn.map(|drawn| Glyph { drawn, character })
    }

    fn glyphs(&mut self, text: &str, is_bold: bool) -> Vec<Glyph> {
        let plain = text.chars().map(|c| if c == '\t' { ' ' } else { c });
        plain.filter(|c| !c.is_control()).filter_map(|c| self.glyph(c, is_bold)).collect()
    }

    /// One line, however long.
    pub(crate) fn line(&mut self, text: &str, is_bold: bool) -> Line {
        let glyphs = self.glyphs(text, is_bold);
        let width = width_of(&glyphs);
        Line { glyphs, width }
    }

    /// The lines of a text, the first of them shorter by an indent. Widths in parts of the size.
    pub(crate) fn lines(
        &mut self,
        text: &str,
        is_bold: bool,
        width: f32,
        indent: f32,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, paragraph) in text.split('\n').enumerate() {
            let indent = if at == 0 { indent } else { 0.0 };
            let glyphs = self.glyphs(paragraph, is_bold);
            fill(&glyphs, width, indent, &mut lines);
        }
        lines
    }

    /// Lines broken at any character, as raw bytes are shown.
    pub(crate) fn verbatim(&mut self, text: &str, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        for row in text.lines() {
            let mut line = Line::default();
            for glyph in self.glyphs(row, false) {
                if line.width + glyph.drawn.advance > width && !line.glyphs.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.extend(&[glyph], glyph.drawn.advance);
            }
            lines.push(line);
        }
        lines
    }
}

fn width_of(glyphs: &[Glyph]) -> f32 {
    glyphs.iter().map(|glyph| glyph.drawn.advance).sum()
}

/// Fills lines with what may not be broken.
fn fill(glyphs: &[Glyph], width: f32, indent: f32, lines: &mut Vec<Line>) {
    let mut line = Line::default();
    let mut room = width - indent;
    for unit in units(glyphs) {
        let unit_width = width_of(unit);
        let is_blank = unit.iter().all(|glyph| glyph.character == ' ');
        if line.width + unit_width <= room || (line.glyphs.is_empty() && unit_width <= room) {
            line.extend(unit, unit_width);
            continue;
        }
        if !line.glyphs.is_empty() && unit_width <= width {
            lines.push(std::mem::take(&mut line).trimmed());
            room = width;
            if !is_blank {
                line.extend(unit, unit_width);
            }
            continue;
        }
        // Longer than a line: broken where the line ends.
        for glyph in unit {
            if line.width + glyph.drawn.advance > room && !line.glyphs.is_empty() {
                lines.push(std::mem::take(&mut line));
                room = width;
            }
            line.extend(&[*glyph], glyph.drawn.advance);
        }
    }
    lines.push(line.trimmed());
}

/// What stays together: a Chinese character with the marks that belong to it, a word, blanks.
fn units(glyphs: &[Glyph]) -> Vec<&[Glyph]> {
    let mut units = Vec::new();
    let mut start = 0;
    for at in 1..glyphs.len() {
        if may_break(glyphs[at - 1].character, glyphs[at].character) {
            units.push(&glyphs[start..at]);
            start = at;
        }
    }
    if start < glyphs.len() {
        units.push(&glyphs[start..]);
    }
    units
}

fn may_break(before: char, after: char) -> bool {
    if CLOSING.contains(after) || OPENING.contains(before) {
        return before == ' ';
    }
    if before == ' ' || after == ' ' {
        return before != after;
    }
    is_wide(before) || is_wide(after) || before == '-' || before == '/'
}

fn is_wide(character: char) -> bool {
    matches!(u32::from(character), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, width: f32, indent: f32) -> Vec<String> {
        let advance = |c: char| if is_wide(c) { 1.0 } else { 0.5 };
        let glyph = |character| Glyph {
            drawn: Drawn { face: 0, glyph: 1, advance: advance(character) },
            character,
        };
        let glyphs: Vec<Glyph> = text.chars().map(glyph).collect();
        let mut lines = Vec::new();
        fill(&glyphs, width, indent, &mut lines);
        lines.iter().map(|line| line.glyphs.iter().map(|glyph| glyph.character).collect()).collect()
    }

    #[test]
    fn lines_break_as_chinese_sets_them() {
        let cases: [(&str, f32, f32, &[&str]); 6] = [
            ("一二三四五六", 3.0, 0.0, &["一二三", "四五六"]),
            ("一二三四五六", 3.0, 2.0, &["一", "二三四", "五六"]),
            ("一二三，四五", 3.0, 0.0, &["一二", "三，四", "五"]),
            ("一二（三四）五", 3.0, 0.0, &["一二", "（三", "四）五"]),
            ("排放 COD 超标", 3.5, 0.0, &["排放", "COD 超", "标"]),
            ("abcdefgh", 2.0, 0.0, &["abcd", "efgh"]),
        ];
        for (text, width, indent, wanted) in cases {
            assert_eq!(broken(text, width, indent), wanted, "{text}");
        }
    }
}
