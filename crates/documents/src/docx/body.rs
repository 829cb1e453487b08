//! The text of the document.

use super::escaped;
use crate::Layout;
use crate::model::{Alignment, Block, Cell, Document, LineChart, Table};
use crate::numbering::{Counter, chinese_date};
use std::fmt::Write as _;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>"#;
/// Sizes of small print and tables, in half points.
const SMALL: u32 = 17;

pub(super) fn xml(document: &Document) -> String {
    let mut out = HEAD.to_owned();
    head(&mut out, document);
    let mut counter = Counter::default();
    for block in &document.blocks {
        place(&mut out, block, &mut counter);
    }
    tail(&mut out, document);
    // Margins in twentieths of a point: top 37 mm, left 28 mm, right 26 mm, bottom 35 mm.
    let (top, right, bottom, left) = match document.layout {
        Layout::Letter => (2098, 1474, 1984, 1588),
        Layout::Report => (1417, 1247, 1587, 1361),
    };
    let _ = write!(
        out,
        r#"<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" w:header="851" w:footer="1134" w:gutter="0"/></w:sectPr></w:body></w:document>"#
    );
    out
}

/// A paragraph with its properties and those of its text, as XML.
fn paragraph(out: &mut String, text: &str, properties: &str, look: &str) {
    let _ = write!(out, "<w:p><w:pPr>{properties}</w:pPr>");
    for (at, line) in text.split('\n').enumerate() {
        let broken = if at > 0 { "<w:br/>" } else { "" };
        let _ = write!(
            out,
            r#"<w:r><w:rPr>{look}</w:rPr>{broken}<w:t xml:space="preserve">{}</w:t></w:r>"#,
            escaped(line)
        );
    }
    out.push_str("</w:p>");
}

const CENTRE: &str = r#"<w:jc w:val="center"/>"#;
const INDENT: &str = r#"<w:ind w:firstLineChars="200"/>"#;

fn head(out: &mut String, document: &Document) {
    if let Some(issuer) = &document.issuer {
        let look =
            r#"<w:rFonts w:eastAsia="方正小标宋简体"/><w:color w:val="C81010"/><w:sz w:val="60"/>"#;
        let free = r#"<w:spacing w:line="900" w:lineRule="exact"/><w:jc w:val="center"/>"#;
        paragraph(out, issuer, free, look);
    }
    let ruled = r#"<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="6" w:color="C81010"/></w:pBdr><w:jc w:val="center"/>"#;
    if let Some(number) = &document.number {
        paragraph(out, number, if document.issuer.is_some() { ruled } else { CENTRE }, "");
    }
    paragraph(out, "", "", "");
    paragraph(out, &document.title, r#"<w:pStyle w:val="Title"/>"#, "");
    if let Some(subtitle) = &document.subtitle {
        paragraph(out, subtitle, CENTRE, "");
    }
    paragraph(out, "", "", "");
    if let Some(addressee) = &document.addressee {
        paragraph(out, &format!("{addressee}："), "", "");
    }
}

fn tail(out: &mut String, document: &Document) {
    if let Some(signed_by) = &document.signed_by {
        let right = r#"<w:ind w:rightChars="400"/><w:jc w:val="right"/>"#;
        // The place of the seal.
        for _ in 0..3 {
            paragraph(out, "", "<w:keepNext/>", "");
        }
        paragraph(out, signed_by, &format!("<w:keepNext/>{right}"), "");
        paragraph(out, &chinese_date(document.date), right, "");
    }
    if let Some(copies) = &document.copies_to {
        let ruled = r#"<w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="000000"/><w:bottom w:val="single" w:sz="8" w:space="4" w:color="000000"/></w:pBdr>"#;
        paragraph(out, &format!("抄送：{copies}。"), ruled, r#"<w:sz w:val="28"/>"#);
    }
}

fn place(out: &mut String, block: &Block, counter: &mut Counter) {
    let small = format!(r#"<w:sz w:val="{SMALL}"/>"#);
    let close = r#"<w:spacing w:line="250" w:lineRule="exact"/>"#;
    match block {
        Block::Heading { level, text } => {
            let numbered = format!("{}{text}", counter.next(*level));
            let level = (*level).clamp(1, 4);
            let style = format!(r#"<w:pStyle w:val="Heading{level}"/>{INDENT}"#);
            paragraph(out, &numbered, &style, "");
        }
        Block::Paragraph(text) => paragraph(out, text, INDENT, ""),
        Block::Note(text) => paragraph(out, text, close, &small),
        Block::Verbatim(text) => {
            let look = format!(r#"<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New"/>{small}"#);
            paragraph(out, text, close, &look);
        }
        Block::Facts(facts) => {
            let rows = facts.iter().map(|(name, value)| {
                vec![Cell { text: name.clone(), is_strong: true }, Cell::from(value.clone())]
            });
            let rows: Vec<_> = rows.collect();
            let (shares, alignments) = ([26, 74], [Alignment::Left; 2]);
            table(out, &[], &rows, &shares, &alignments);
        }
        Block::Table(drawn) => captioned(out, drawn),
        Block::Chart(chart) => figures(out, chart),
        Block::PageBreak => out.push_str(r#"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"#),
    }
}

fn captioned(out: &mut String, drawn: &Table) {
    if let Some(caption) = &drawn.caption {
        paragraph(out, caption, &format!("<w:keepNext/>{CENTRE}"), "<w:b/>");
    }
    let heads: Vec<&str> = drawn.columns.iter().map(|column| column.head.as_str()).collect();
    let heads = if heads.iter().all(|head| head.is_empty()) { &[][..] } else { &heads };
    let shares: Vec<u16> = drawn.columns.iter().map(|column| column.share.max(1)).collect();
    let alignments: Vec<_> = drawn.columns.iter().map(|column| column.alignment).collect();
    table(out, heads, &drawn.rows, &shares, &alignments);
}

/// Word gets the figures of a chart, so that whoever edits can draw it anew.
fn figures(out: &mut String, chart: &LineChart) {
    let heads: Vec<String> = std::iter::once(String::new())
        .chain(chart.series.iter().map(|series| format!("{}（{}）", series.name, chart.unit)))
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = chart
        .labels
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let values = chart.series.iter().map(|series| {
                let value = series.values.get(at).copied().flatten();
                Cell::from(value.map_or_else(|| "—".to_owned(), |value| value.to_string()))
            });
            std::iter::once(Cell::from(label.clone())).chain(values).collect()
        })
        .collect();
    paragraph(out, &chart.caption, &format!("<w:keepNext/>{CENTRE}"), "");
    for threshold in &chart.thresholds {
        let text = format!("{}：{} {}", threshold.name, threshold.at, chart.unit);
        paragraph(out, &text, CENTRE, "");
    }
    let shares = vec![1; heads.len()];
    let alignments = vec![Alignment::Right; heads.len()];
    table(out, &heads, &rows, &shares, &alignments);
}

fn table(
    out: &mut String,
    heads: &[&str],
    rows: &[Vec<Cell>],
    shares: &[u16],
    alignments: &[Alignment],
) {
    let total: u32 = shares.iter().map(|share| u32::from(*share)).sum::<u32>().max(1);
    let widths: Vec<u32> = shares.iter().map(|share| u32::from(*share) * 8840 / total).collect();
    out.push_str(r#"<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>"#);
    for edge in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(out, r#"<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="6E6E6E"/>"#);
    }
    out.push_str("</w:tblBorders></w:tblPr><w:tblGrid>");
    for width in &widths {
        let _ = write!(out, r#"<w:gridCol w:w="{width}"/>"#);
    }
    out.push_str("</w:tblGrid>");
    if !heads.is_empty() {
        let cells: Vec<Cell> =
            heads.iter().map(|head| Cell { text: (*head).to_owned(), is_strong: true }).collect();
        row(out, &cells, &widths, &vec![Alignment::Centre; heads.len()], true);
    }
    for cells in rows {
        row(out, cells, &widths, alignments, false);
    }
    out.push_str("</w:tbl>");
    paragraph(out, "", r#"<w:spacing w:line="200" w:lineRule="exact"/>"#, "");
}

fn row(out: &mut String, cells: &[Cell], widths: &[u32], alignments: &[Alignment], is_head: bool) {
    let repeated = if is_head { "<w:tblHeader/>" } else { "" };
    let _ = write!(out, "<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>");
    for ((cell, width), alignment) in cells.iter().zip(widths).zip(alignments) {
        let side = match alignment {
            Alignment::Left => "left",
            Alignment::Centre => "center",
            Alignment::Right => "right",
        };
        let strong = if cell.is_strong { "<w:b/>" } else { "" };
        let _ = write!(out, r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>"#);
        let look = format!(r#"{strong}<w:sz w:val="{SMALL}"/>"#);
        let set =
            format!(r#"<w:spacing w:line="260" w:lineRule="atLeast"/><w:jc w:val="{side}"/>"#);
        paragraph(out, &cell.text, &set, &look);
        out.push_str("</w:tc>");
    }
    out.push_str("</w:tr>");
}
