//! The model of a document: what stands in it, without how it is drawn.

use jiff::civil::Date;
use rust_decimal::Decimal;

/// How a document is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// An official letter (公文) by GB/T 9704-2012: size 3 characters, 22 lines of 28.
    Letter,
    /// A report or packet with tables (报告): smaller type, same paper.
    Report,
}

/// A document (文档).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// How it is laid out.
    pub layout: Layout,
    /// The issuing mark (发文机关标志), in red above the line.
    pub issuer: Option<String>,
    /// The number (发文字号), `漳环监〔2026〕1号`.
    pub number: Option<String>,
    /// The title (标题).
    pub title: String,
    /// A line under the title.
    pub subtitle: Option<String>,
    /// To whom it is addressed (主送机关).
    pub addressee: Option<String>,
    /// What stands in it, in order.
    pub blocks: Vec<Block>,
    /// Who signs (发文机关署名); above it the place of the seal stays free.
    pub signed_by: Option<String>,
    /// The date it bears (成文日期).
    pub date: Date,
    /// Who else gets it (抄送).
    pub copies_to: Option<String>,
    /// How a reader checks it, at the foot of each page.
    pub verification: Option<Verification>,
    /// Files inside the PDF.
    pub attachments: Vec<Attachment>,
}

impl Document {
    /// An empty document.
    pub fn new(layout: Layout, title: impl Into<String>, date: Date) -> Self {
        Self {
            layout,
            issuer: None,
            number: None,
            title: title.into(),
            subtitle: None,
            addressee: None,
            blocks: Vec::new(),
            signed_by: None,
            date,
            copies_to: None,
            verification: None,
            attachments: Vec::new(),
        }
    }

    /// Adds a heading (标题) of a level from 1 to 4; its number is counted.
    pub fn heading(&mut self, level: u8, text: impl Into<String>) -> &mut Self {
        self.push(Block::Heading { level, text: text.into() })
    }

    /// Adds a paragraph (段落).
    pub fn paragraph(&mut self, text: impl Into<String>) -> &mut Self {
        self.push(Block::Paragraph(text.into()))
    }

    /// Adds small print (说明).
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.push(Block::Note(text.into()))
    }

    /// Adds any block.
    pub fn push(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }
}

/// How a reader checks a document (验证方式).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The code that names it.
    pub code: String,
    /// Where it is checked.
    pub address: String,
}

/// A file inside the PDF (附件).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub description: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading with its level, 1 to 4.
    Heading {
        /// From 1.
        level: u8,
        /// Without its number.
        text: String,
    },
    /// A paragraph.
    Paragraph(String),
    /// Small print.
    Note(String),
    /// Lines as they are, in small type: checkpoints, raw packets.
    Verbatim(String),
    /// Names and values side by side (要素).
    Facts(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// A line chart.
    Chart(LineChart),
    /// What follows begins a page.
    PageBreak,
}

/// How a cell stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right, as numbers stand.
    Right,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its head, repeated on each page.
    pub head: String,
    /// Its share of the width.
    pub share: u16,
    /// How its cells stand.
    pub alignment: Alignment,
}

impl Column {
    /// A column of texts.
    pub fn text(head: impl Into<String>, share: u16) -> Self {
        Self { head: head.into(), share, alignment: Alignment::Left }
    }

    /// A column of numbers.
    pub fn number(head: impl Into<String>, share: u16) -> Self {
        Self { head: head.into(), share, alignment: Alignment::Right }
    }
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Whether it stands out.
    pub is_strong: bool,
}

impl<Text: Into<String>> From<Text> for Cell {
    fn from(text: Text) -> Self {
        Self { text: text.into(), is_strong: false }
    }
}

/// A row of a table.
pub type Row = Vec<Cell>;

/// A table (表格); it breaks over pages between rows and repeats its head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Above it.
    pub caption: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A line of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// A value for each label; a gap where there is none.
    pub values: Vec<Option<Decimal>>,
}

/// A level drawn across a chart (限值线).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub at: Decimal,
}

/// A line chart (折线图).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineChart {
    /// Under it.
    pub caption: String,
    /// The unit of its values.
    pub unit: String,
    /// What stands along the horizontal axis, one a value; those that fit are drawn.
    pub labels: Vec<String>,
    /// The lines.
    pub series: Vec<Series>,
    /// Levels.
    pub thresholds: Vec<Threshold>,
    /// Labels from and to (exclusive) that are shaded.
    pub shaded: Vec<(usize, usize)>,
}
