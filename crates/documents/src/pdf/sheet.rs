//! What is drawn on a page, before it is written.

use crate::lines::Line;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    Grey,
    Pale,
    Red,
    Blue,
    Green,
}

impl Ink {
    pub(super) const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Black => (0, 0, 0),
            Self::Grey => (110, 110, 110),
            Self::Pale => (238, 240, 243),
            Self::Red => (200, 16, 16),
            Self::Blue => (25, 90, 170),
            Self::Green => (30, 130, 90),
        }
    }
}

/// Something drawn; x to the right and y down, in points.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    /// A line of text on its base line.
    Text { x: f32, y: f32, size: f32, line: Line, is_bold: bool, ink: Ink },
    /// A line through points.
    Stroke { points: Vec<(f32, f32)>, width: f32, ink: Ink, is_dashed: bool },
    /// A filled rectangle.
    Area { x: f32, y: f32, width: f32, height: f32, ink: Ink },
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sheet {
    pub(super) marks: Vec<Mark>,
}

impl Sheet {
    /// A straight line.
    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        self.marks.push(Mark::Stroke { points: vec![from, to], width, ink, is_dashed: false });
    }
}
