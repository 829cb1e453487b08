//! Tables: heads repeated on each page, rows kept whole where they fit on one.

use super::flow::{Flow, base_line, offset};
use super::sheet::{Ink, Mark};
use crate::lines::Line;
use crate::model::{Alignment, Cell, Column, Table};

const INSET: f32 = 3.0;
const HAIR: f32 = 0.5;

/// Names and values, two columns without a head.
pub(super) fn facts(flow: &mut Flow<'_>, facts: &[(String, String)]) {
    let columns = vec![Column::text("", 26), Column::text("", 74)];
    let rows = facts.iter().map(|(name, value)| {
        vec![Cell { text: name.clone(), is_strong: true }, Cell::from(value.clone())]
    });
    draw(flow, &Table { caption: None, columns, rows: rows.collect() });
}

/// Lines of the cells of a row, and how each cell stands.
struct Laid {
    cells: Vec<(Vec<Line>, bool)>,
    height: f32,
}

struct Grid {
    edges: Vec<f32>,
    alignments: Vec<Alignment>,
    size: f32,
    pitch: f32,
}

pub(super) fn draw(flow: &mut Flow<'_>, table: &Table) {
    let style = flow.style;
    let shares: f32 = table.columns.iter().map(|column| f32::from(column.share.max(1))).sum();
    let mut edges = vec![style.left];
    let mut x = style.left;
    for column in &table.columns {
        x += style.width * f32::from(column.share.max(1)) / shares.max(1.0);
        edges.push(x);
    }
    let alignments = table.columns.iter().map(|column| column.alignment).collect();
    let grid = Grid { edges, alignments, size: style.small, pitch: style.small_pitch };
    flow.gap(style.small_pitch * 0.4);
    if let Some(caption) = &table.caption {
        flow.keep(style.pitch + grid.pitch * 3.0);
        let look = (style.small + 0.5, style.pitch);
        flow.aligned(caption, look, Alignment::Centre, Ink::Black, true);
    }
    let heads: Vec<Cell> = table
        .columns
        .iter()
        .map(|column| Cell { text: column.head.clone(), is_strong: true })
        .collect();
    let head = heads.iter().any(|head| !head.text.is_empty()).then(|| grid.lay(flow, &heads));
    let mut is_begun = false;
    for row in &table.rows {
        let laid = grid.lay(flow, row);
        for part in grid.parts(laid, style.height * 0.8) {
            let needed = part.height;
            let head_height = head.as_ref().map_or(0.0, |head| head.height);
            let before = flow.sheets.len();
            flow.keep(needed + if is_begun { 0.0 } else { head_height });
            if !is_begun || flow.sheets.len() > before {
                if let Some(head) = &head {
                    grid.set(flow, head, true);
                }
                is_begun = true;
            }
            grid.set(flow, &part, false);
        }
    }
    flow.gap(style.small_pitch * 0.6);
}

impl Grid {
    fn lay(&self, flow: &mut Flow<'_>, row: &[Cell]) -> Laid {
        let widths = self.edges.windows(2).map(|pair| pair[1] - pair[0]);
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| {
                let room = (width - 2.0 * INSET) / self.size;
                (flow.measure.lines(&cell.text, cell.is_strong, room, 0.0), cell.is_strong)
            })
            .collect();
        let height = self.height(&cells);
        Laid { cells, height }
    }

    fn height(&self, cells: &[(Vec<Line>, bool)]) -> f32 {
        let rows = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or(1).max(1);
        rows as f32 * self.pitch + INSET
    }

    /// A row that is higher than a page goes on in further rows.
    fn parts(&self, laid: Laid, most: f32) -> Vec<Laid> {
        if laid.height <= most {
            return vec![laid];
        }
        let lines = ((most / self.pitch) as usize).max(1);
        let longest = laid.cells.iter().map(|(cell, _)| cell.len()).max().unwrap_or(1);
        let cut = |from: usize| {
            let cells: Vec<_> = laid
                .cells
                .iter()
                .map(|(cell, strong)| {
                    (cell.iter().skip(from).take(lines).cloned().collect::<Vec<_>>(), *strong)
                })
                .collect();
            let height = self.height(&cells);
            Laid { cells, height }
        };
        (0..longest).step_by(lines).map(cut).collect()
    }

    fn set(&self, flow: &mut Flow<'_>, laid: &Laid, is_head: bool) {
        let (top, bottom) = (flow.y, flow.y + laid.height);
        let (left, right) = match (self.edges.first(), self.edges.last()) {
            (Some(left), Some(right)) => (*left, *right),
            _ => return,
        };
        let sheet = flow.sheet();
        if is_head {
            let area = Mark::Area {
                x: left,
                y: top,
                width: right - left,
                height: laid.height,
                ink: Ink::Pale,
            };
            sheet.marks.push(area);
        }
        for y in [top, bottom] {
            sheet.rule((left, y), (right, y), HAIR, Ink::Grey);
        }
        for x in &self.edges {
            sheet.rule((*x, top), (*x, bottom), HAIR, Ink::Grey);
        }
        for (((lines, is_bold), pair), alignment) in
            laid.cells.iter().zip(self.edges.windows(2)).zip(&self.alignments)
        {
            let room = pair[1] - pair[0] - 2.0 * INSET;
            let alignment = if is_head { Alignment::Centre } else { *alignment };
            for (at, line) in lines.iter().enumerate() {
                let x = pair[0] + INSET + offset(alignment, room, line.width * self.size);
                let row = top + INSET / 2.0 + at as f32 * self.pitch;
                let y = base_line(row, self.size, self.pitch);
                let (line, is_bold, ink) = (line.clone(), *is_bold, Ink::Black);
                sheet.marks.push(Mark::Text { x, y, size: self.size, line, is_bold, ink });
            }
        }
        flow.y = bottom;
    }
}
