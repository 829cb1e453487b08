//! Sheets become the bytes of a PDF.

use super::sheet::{Ink, Mark, Sheet};
use super::style::{HEIGHT, WIDTH};
use crate::DocumentError;
use crate::fonts::Fonts;
use crate::lines::{Glyph, Line};
use crate::model::{Attachment, Document};
use krilla::Data;
use krilla::color::rgb;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

/// A font without a bold face is thickened by so much of its size.
const THICKENED: f32 = 0.03;

fn failed(what: &str) -> DocumentError {
    DocumentError::Pdf(what.to_owned())
}

pub(super) fn write(
    document: &Document,
    sheets: &[Sheet],
    fonts: &Fonts,
) -> Result<Vec<u8>, DocumentError> {
    let mut pdf = krilla::Document::new();
    let date = DateTime::new(u16::try_from(document.date.year()).unwrap_or(1))
        .month(document.date.month().unsigned_abs())
        .day(document.date.day().unsigned_abs());
    let metadata = Metadata::new()
        .title(document.title.clone())
        .language("zh-CN".to_owned())
        .creator("Lucid".to_owned())
        .creation_date(date);
    pdf.set_metadata(metadata);
    for attachment in &document.attachments {
        pdf.embed_file(embedded(attachment, date))
            .ok_or_else(|| failed("two attachments of one name"))?;
    }
    for sheet in sheets {
        let settings =
            PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| failed("a page without a size"))?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        for mark in &sheet.marks {
            draw(&mut surface, mark, fonts);
        }
        surface.finish();
        page.finish();
    }
    pdf.finish().map_err(|error| DocumentError::Pdf(format!("{error:?}")))
}

fn embedded(attachment: &Attachment, date: DateTime) -> EmbeddedFile {
    EmbeddedFile {
        path: attachment.name.clone(),
        mime_type: MimeType::new(&attachment.media_type),
        description: Some(attachment.description.clone()),
        association_kind: AssociationKind::Data,
        data: Data::from(attachment.bytes.clone()),
        modification_date: Some(date),
        compress: Some(true),
        location: None,
    }
}

fn fill(ink: Ink) -> Fill {
    let (red, green, blue) = ink.rgb();
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }
}

fn stroke(ink: Ink, width: f32, is_dashed: bool) -> Stroke {
    let (red, green, blue) = ink.rgb();
    let dash = is_dashed.then(|| StrokeDash { array: vec![4.0, 2.5], offset: 0.0 });
    Stroke { paint: rgb::Color::new(red, green, blue).into(), width, dash, ..Stroke::default() }
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, fonts: &Fonts) {
    match mark {
        Mark::Text { x, y, size, line, is_bold, ink } => {
            surface.set_fill(Some(fill(*ink)));
            text(surface, (*x, *y), *size, line, (*is_bold).then_some(*ink), fonts);
        }
        Mark::Stroke { points, width, ink, is_dashed } => {
            surface.set_fill(None);
            surface.set_stroke(Some(stroke(*ink, *width, *is_dashed)));
            if let Some(path) = path_of(points) {
                surface.draw_path(&path);
            }
            surface.set_stroke(None);
        }
        Mark::Area { x, y, width, height, ink } => {
            surface.set_fill(Some(fill(*ink)));
            let mut builder = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                builder.push_rect(rect);
            }
            if let Some(path) = builder.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn path_of(points: &[(f32, f32)]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 {
            builder.move_to(*x, *y);
        } else {
            builder.line_to(*x, *y);
        }
    }
    builder.finish()
}

/// Draws a line in stretches of one face.
fn text(
    surface: &mut Surface<'_>,
    (mut x, y): (f32, f32),
    size: f32,
    line: &Line,
    bold: Option<Ink>,
    fonts: &Fonts,
) {
    for run in line.glyphs.chunk_by(|before, after| before.drawn.face == after.drawn.face) {
        let Some(first) = run.first() else { continue };
        let Some(face) = fonts.face(first.drawn.face) else { continue };
        let thickened = bold.filter(|_| !fonts.is_bold(first.drawn.face));
        surface.set_stroke(thickened.map(|ink| stroke(ink, size * THICKENED, false)));
        let (string, glyphs) = written(run);
        surface.draw_glyphs(Point::from_xy(x, y), &glyphs, face.font.clone(), &string, size, false);
        x += run.iter().map(|glyph| glyph.drawn.advance).sum::<f32>() * size;
    }
    surface.set_stroke(None);
}

fn written(run: &[Glyph]) -> (String, Vec<KrillaGlyph>) {
    let mut string = String::new();
    let glyphs = run
        .iter()
        .map(|glyph| {
            let start = string.len();
            string.push(glyph.character);
            let id = GlyphId::new(glyph.drawn.glyph);
            KrillaGlyph::new(id, glyph.drawn.advance, 0.0, 0.0, 0.0, start..string.len(), None)
        })
        .collect();
    (string, glyphs)
}
