//! What frames a document: issuing mark and title above, signature and copies below, footers.

use super::flow::{Flow, base_line, offset};
use super::sheet::{Ink, Mark, Sheet};
use super::style::{HEIGHT, MM};
use crate::Layout;
use crate::model::{Alignment, Document};
use crate::numbering::chinese_date;

/// Room for a round seal of 42 mm, over which name and date stand.
const SEAL: f32 = 42.0 * MM;

pub(super) fn head(flow: &mut Flow<'_>, document: &Document) {
    let style = flow.style;
    if let Some(issuer) = &document.issuer {
        let size = (style.width / flow.measure.line(issuer, true).width.max(1.0)).min(style.mark);
        flow.aligned(issuer, (size, size * 1.6), Alignment::Centre, Ink::Red, true);
        if document.layout == Layout::Letter {
            flow.y += style.pitch;
        }
    }
    if let Some(number) = &document.number {
        let look = (style.size, style.pitch);
        flow.aligned(number, look, Alignment::Centre, Ink::Black, false);
    }
    if document.issuer.is_some() {
        let (left, y) = (style.left, flow.y + 4.0);
        flow.sheet().rule((left, y), (left + style.width, y), 1.4, Ink::Red);
        flow.y += style.pitch;
    }
    let look = (style.title, style.title * 1.5);
    flow.aligned(&document.title, look, Alignment::Centre, Ink::Black, true);
    if let Some(subtitle) = &document.subtitle {
        let look = (style.size, style.pitch);
        flow.aligned(subtitle, look, Alignment::Centre, Ink::Black, false);
    }
    flow.gap(style.pitch * if document.layout == Layout::Letter { 1.0 } else { 0.5 });
    if let Some(addressee) = &document.addressee {
        flow.text(&format!("{addressee}："), style.size, style.pitch, 0.0, false);
    }
}

pub(super) fn tail(flow: &mut Flow<'_>, document: &Document) {
    let style = flow.style;
    if let Some(signed_by) = &document.signed_by {
        flow.keep(SEAL.max(style.pitch * 4.0));
        // The seal is set over name and date by another system.
        flow.y += SEAL * 0.5;
        let date = chinese_date(document.date);
        let (name, date) = (flow.measure.line(signed_by, false), flow.measure.line(&date, false));
        let right = style.left + style.width - 4.0 * style.size;
        let middle = right - name.width.max(date.width) * style.size / 2.0;
        for line in [name, date] {
            let x = middle - line.width * style.size / 2.0;
            flow.set(line, x, style.size, style.pitch, false);
        }
        flow.y += SEAL * 0.25;
    }
    if let Some(copies) = &document.copies_to {
        let text = format!("抄送：{copies}。");
        let size = if document.layout == Layout::Letter { 14.0 } else { style.size };
        let pitch = size * 1.7;
        let width = style.width / size;
        let rows = flow.measure.lines(&text, false, width - 2.0, 0.0).len() as f32;
        flow.keep(rows * pitch + 8.0);
        flow.y = flow.bottom() - rows * pitch - 4.0;
        let (left, right) = (style.left, style.left + style.width);
        let y = flow.y;
        flow.sheet().rule((left, y), (right, y), 0.9, Ink::Black);
        for line in flow.measure.lines(&text, false, width - 2.0, 0.0) {
            flow.set(line, left + size, size, pitch, false);
        }
        let y = flow.y.min(flow.bottom());
        flow.sheet().rule((left, y), (right, y), 0.9, Ink::Black);
    }
}

/// Page numbers and how the document is checked, when it is known how many pages there are.
pub(super) fn with_footers(flow: Flow<'_>, document: &Document) -> Vec<Sheet> {
    let style = flow.style;
    let (mut sheets, mut measure) = flow.finish();
    let pages = sheets.len();
    let size = if document.layout == Layout::Letter { 14.0 } else { 9.0 };
    // 7 mm below the text, as GB/T 9704 has it.
    let top = (style.top + style.height + 7.0 * MM).min(HEIGHT - 40.0);
    for (at, sheet) in sheets.iter_mut().enumerate() {
        let text = match document.layout {
            Layout::Letter => format!("— {} —", at + 1),
            Layout::Report => format!("第 {} 页　共 {pages} 页", at + 1),
        };
        let line = measure.line(&text, false);
        // Odd pages at the right, even ones at the left, one character in.
        let width = line.width * size;
        let x = match document.layout {
            Layout::Letter if at % 2 == 1 => style.left + size,
            Layout::Letter => style.left + style.width - size - width,
            Layout::Report => style.left + offset(Alignment::Right, style.width, width),
        };
        let y = base_line(top, size, size);
        sheet.marks.push(Mark::Text { x, y, size, line, is_bold: false, ink: Ink::Black });
        if let Some(verification) = &document.verification {
            let text = format!("验证码 {}　{}", verification.code, verification.address);
            let line = measure.line(&text, false);
            let size = 7.5_f32.min(style.width * 0.72 / line.width.max(1.0));
            let y = base_line(
                top + if document.layout == Layout::Letter { 18.0 } else { 0.0 },
                9.0,
                9.0,
            );
            let mark = Mark::Text { x: style.left, y, size, line, is_bold: false, ink: Ink::Grey };
            sheet.marks.push(mark);
        }
    }
    sheets
}
