//! The document as PDF: laid out on sheets, then written.

mod chart;
mod emit;
mod flow;
mod frame;
mod sheet;
mod style;
mod table;

use crate::fonts::Fonts;
use crate::lines::Measure;
use crate::model::{Block, Document};
use crate::numbering::Counter;
use crate::{DocumentError, Layout};
use flow::Flow;
use style::Style;

pub(crate) fn write(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let mut flow = Flow::new(Measure::new(fonts), Style::of(document.layout));
    frame::head(&mut flow, document);
    let mut counter = Counter::default();
    for block in &document.blocks {
        place(&mut flow, block, document.layout, &mut counter);
    }
    frame::tail(&mut flow, document);
    let sheets = frame::with_footers(flow, document);
    emit::write(document, &sheets, fonts)
}

fn place(flow: &mut Flow<'_>, block: &Block, layout: Layout, counter: &mut Counter) {
    let style = flow.style;
    match block {
        Block::Heading { level, text } => {
            let numbered = format!("{}{text}", counter.next(*level));
            flow.keep(style.pitch * 2.0);
            if layout == Layout::Report {
                flow.gap(style.pitch * 0.4);
            }
            let size =
                if layout == Layout::Report && *level == 1 { style.size + 2.0 } else { style.size };
            flow.text(&numbered, size, style.pitch, style.indent, true);
        }
        Block::Paragraph(text) => flow.text(text, style.size, style.pitch, style.indent, false),
        Block::Note(text) => {
            flow.text(text, style.small, style.small_pitch, 0.0, false);
        }
        Block::Verbatim(text) => flow.verbatim(text),
        Block::Facts(facts) => table::facts(flow, facts),
        Block::Table(rows) => table::draw(flow, rows),
        Block::Chart(drawn) => chart::draw(flow, drawn),
        Block::PageBreak => flow.new_sheet(),
    }
}
