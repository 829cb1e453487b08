//! Text flows down a sheet and on to the next.

use super::sheet::{Ink, Mark, Sheet};
use super::style::Style;
use crate::lines::{Line, Measure};
use crate::model::Alignment;

/// Where the next thing is drawn.
pub(super) struct Flow<'a> {
    pub(super) measure: Measure<'a>,
    pub(super) style: Style,
    pub(super) sheets: Vec<Sheet>,
    sheet: Sheet,
    /// The upper edge of what comes next.
    pub(super) y: f32,
}

impl<'a> Flow<'a> {
    pub(super) fn new(measure: Measure<'a>, style: Style) -> Self {
        Self { measure, style, sheets: Vec::new(), sheet: Sheet::default(), y: style.top }
    }

    /// The lower edge of the text.
    pub(super) fn bottom(&self) -> f32 {
        self.style.top + self.style.height
    }

    /// The sheet under way.
    pub(super) fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    /// Goes on at the top of the next sheet.
    pub(super) fn new_sheet(&mut self) {
        self.sheets.push(std::mem::take(&mut self.sheet));
        self.y = self.style.top;
    }

    /// Goes on to the next sheet unless so much room is left.
    pub(super) fn keep(&mut self, height: f32) {
        // A thousandth of a point is no overflow: 22 lines fill a page exactly.
        if self.y + height > self.bottom() + 0.01 && self.y > self.style.top {
            self.new_sheet();
        }
    }

    /// Leaves room, not at the top of a sheet.
    pub(super) fn gap(&mut self, height: f32) {
        if self.y > self.style.top {
            self.y += height;
        }
    }

    /// Draws a line of text in a box of its pitch and goes below it.
    pub(super) fn set(&mut self, line: Line, x: f32, size: f32, pitch: f32, is_bold: bool) {
        self.keep(pitch);
        let y = base_line(self.y, size, pitch);
        self.sheet.marks.push(Mark::Text { x, y, size, line, is_bold, ink: Ink::Black });
        self.y += pitch;
    }

    /// A paragraph with an indent in characters.
    pub(super) fn text(&mut self, text: &str, size: f32, pitch: f32, indent: f32, is_bold: bool) {
        let width = self.style.width / size;
        for (at, line) in self.measure.lines(text, is_bold, width, indent).into_iter().enumerate() {
            let x = self.style.left + if at == 0 { indent * size } else { 0.0 };
            self.set(line, x, size, pitch, is_bold);
        }
    }

    /// Lines in the middle or at the right of the text.
    pub(super) fn aligned(
        &mut self,
        text: &str,
        (size, pitch): (f32, f32),
        alignment: Alignment,
        ink: Ink,
        is_bold: bool,
    ) {
        let width = self.style.width / size;
        for line in self.measure.lines(text, is_bold, width, 0.0) {
            self.keep(pitch);
            let x = self.style.left + offset(alignment, self.style.width, line.width * size);
            let y = base_line(self.y, size, pitch);
            self.sheet.marks.push(Mark::Text { x, y, size, line, is_bold, ink });
            self.y += pitch;
        }
    }

    /// Lines as they are, on a pale ground.
    pub(super) fn verbatim(&mut self, text: &str) {
        let (size, pitch, inset) = (self.style.small - 1.0, self.style.small_pitch - 1.0, 4.0);
        let width = (self.style.width - 2.0 * inset) / size;
        for line in self.measure.verbatim(text, width) {
            self.keep(pitch);
            let (x, y) = (self.style.left, self.y);
            let ground =
                Mark::Area { x, y, width: self.style.width, height: pitch, ink: Ink::Pale };
            self.sheet.marks.push(ground);
            self.set(line, x + inset, size, pitch, false);
        }
        self.gap(4.0);
    }

    /// The sheets, the last with what was under way.
    pub(super) fn finish(mut self) -> (Vec<Sheet>, Measure<'a>) {
        self.sheets.push(self.sheet);
        (self.sheets, self.measure)
    }
}

/// Where the base line lies in a box of a pitch.
pub(super) fn base_line(top: f32, size: f32, pitch: f32) -> f32 {
    top + (pitch - size) / 2.0 + size * 0.86
}

/// How far something is moved to stand so.
pub(super) fn offset(alignment: Alignment, room: f32, width: f32) -> f32 {
    match alignment {
        Alignment::Left => 0.0,
        Alignment::Centre => (room - width) / 2.0,
        Alignment::Right => room - width,
    }
}
