//! Sizes and margins, in points.

use crate::Layout;

/// Points in a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;
/// A4.
pub(super) const WIDTH: f32 = 210.0 * MM;
/// A4.
pub(super) const HEIGHT: f32 = 297.0 * MM;

/// How a layout is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// Left margin.
    pub(super) left: f32,
    /// Top margin.
    pub(super) top: f32,
    /// Width of the text.
    pub(super) width: f32,
    /// Height of the text.
    pub(super) height: f32,
    /// Size of the text.
    pub(super) size: f32,
    /// From line to line.
    pub(super) pitch: f32,
    /// The first line's indent, in characters.
    pub(super) indent: f32,
    /// Size of the title.
    pub(super) title: f32,
    /// Size of the issuing mark.
    pub(super) mark: f32,
    /// Size of tables and small print.
    pub(super) small: f32,
    /// From line to line there.
    pub(super) small_pitch: f32,
}

impl Style {
    pub(super) fn of(layout: Layout) -> Self {
        match layout {
            // GB/T 9704-2012: top 37 mm, left 28 mm, 156 mm x 225 mm, 22 lines of 28 characters,
            // text of size 3 (16 points, so that 28 fill the line), title of size 2 (22 points).
            Layout::Letter => Self {
                left: 28.0 * MM,
                top: 37.0 * MM,
                width: 156.0 * MM,
                height: 225.0 * MM,
                size: 156.0 * MM / 28.0,
                pitch: 225.0 * MM / 22.0,
                indent: 2.0,
                title: 22.0,
                mark: 34.0,
                small: 10.5,
                small_pitch: 16.0,
            },
            Layout::Report => Self {
                left: 24.0 * MM,
                top: 25.0 * MM,
                width: 164.0 * MM,
                height: 244.0 * MM,
                size: 10.5,
                pitch: 17.0,
                indent: 2.0,
                title: 18.0,
                mark: 20.0,
                small: 8.5,
                small_pitch: 12.5,
            },
        }
    }
}
