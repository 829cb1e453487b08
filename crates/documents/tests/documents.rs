//! Documents are drawn: the text is there, tables go on over pages, the same input gives the same
//! bytes.

use documents::{
    Attachment, Block, Cell, Column, Document, Fonts, Layout, LineChart, Series, Table, Threshold,
    Verification, append_trailer, split_trailer,
};
use jiff::civil::date;
use std::path::Path;

/// The fonts that the front end's build left.
fn shipped() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/assets/dist/fonts");
    let files = ["zcool-xiaowei.ttf", "dejavu-sans.ttf"];
    files.iter().filter_map(|file| std::fs::read(folder.join(file)).ok()).collect()
}

/// The fonts of this machine: those of the system, else those that the front end's build left.
fn fonts() -> Fonts {
    Fonts::find(None, &shipped).expect("a Chinese font; `cargo xtask frontend` brings one")
}

fn number(text: &str) -> rust_decimal::Decimal {
    text.parse().expect("a number")
}

fn table(rows: usize) -> Table {
    let row = |at: usize| -> Vec<Cell> {
        vec![format!("{at:02}:00").into(), "63.2".into(), "正常".into(), "超过限值 0.26 倍".into()]
    };
    Table {
        caption: Some("表 1　逐时数据".into()),
        columns: vec![
            Column::text("时段", 15),
            Column::number("浓度（mg/m³）", 20),
            Column::text("标记", 15),
            Column::text("判定", 50),
        ],
        rows: (0..rows).map(row).collect(),
    }
}

fn report(rows: usize) -> Document {
    let mut document = Document::new(Layout::Report, "超标过程证据包", date(2026, 11, 29));
    document.issuer = Some("漳州市生态环境局".into());
    document.number = Some("证据〔2026〕12号".into());
    document.subtitle = Some("示例热电有限公司　DA001　二氧化硫".into());
    document.heading(1, "基本情况");
    document.push(Block::Facts(vec![
        ("排污单位".into(), "示例热电有限公司".into()),
        ("限值".into(), "50 mg/m³（排污许可证第 2 版）".into()),
    ]));
    document.heading(1, "数据");
    document.paragraph("超标期间小时均值（折算后）最高为限值的 1.26 倍，水温 25℃，偏差≤1%。");
    let values = ["41", "47", "58", "63.2", "61", "44"].map(|value| Some(number(value)));
    document.push(Block::Chart(LineChart {
        caption: "图 1　二氧化硫小时均值".into(),
        unit: "mg/m³".into(),
        labels: (0..6).map(|hour| format!("{hour:02}:00")).collect(),
        series: vec![Series { name: "折算浓度".into(), values: values.to_vec() }],
        thresholds: vec![Threshold { name: "许可限值".into(), at: number("50") }],
        shaded: vec![(2, 5)],
    }));
    document.push(Block::Table(table(rows)));
    document.push(Block::Verbatim("##0123QN=20261129030500001;ST=31;CN=2061;".repeat(5)));
    document.verification =
        Some(Verification { code: "7F3A-22C1".into(), address: "https://city.example/v".into() });
    document.attachments.push(Attachment {
        name: "record.json".into(),
        description: "the record".into(),
        media_type: "application/json".into(),
        bytes: b"{}".to_vec(),
    });
    document
}

fn letter() -> Document {
    let mut document = Document::new(Layout::Letter, "关于示例事项的函", date(2026, 11, 9));
    document.issuer = Some("漳州市生态环境局文件".into());
    document.number = Some("漳环函〔2026〕1号".into());
    document.addressee = Some("各县（市、区）生态环境局".into());
    document.heading(1, "总体要求");
    document.heading(2, "工作目标");
    for _ in 0..6 {
        document.paragraph(
            "各地要按照职责分工，压实责任，细化措施，确保各项任务落到实处；\
             对发现的问题要建立台账，逐项销号，并于每月5日前报送进展情况（联系人：综合科）。",
        );
    }
    document.signed_by = Some("漳州市生态环境局".into());
    document.copies_to = Some("市政府办公室，省生态环境厅".into());
    document
}

fn pages(pdf: &[u8]) -> usize {
    let count = |what: &[u8]| pdf.windows(what.len()).filter(|window| *window == what).count();
    count(b"/Type/Page\n") + count(b"/Type/Page/") + count(b"/Type /Page\n")
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let fonts = fonts();
    for document in [report(10), letter()] {
        let pdf = document.pdf(&fonts).expect("a PDF");
        assert!(pdf.starts_with(b"%PDF-"), "it is a PDF");
        assert_eq!(pdf, document.pdf(&fonts).expect("a PDF"));
        let word = document.docx().expect("a Word file");
        assert!(word.starts_with(b"PK"), "it is an archive");
        assert_eq!(word, document.docx().expect("a Word file"));
    }
    let mut other = report(10);
    other.date = date(2026, 11, 30);
    assert_ne!(other.pdf(&fonts).expect("a PDF"), report(10).pdf(&fonts).expect("a PDF"));
}

#[test]
fn a_long_table_goes_on_over_pages() {
    let fonts = fonts();
    let short = pages(&report(3).pdf(&fonts).expect("a PDF"));
    let long = pages(&report(300).pdf(&fonts).expect("a PDF"));
    assert!((1..=2).contains(&short), "{short}");
    assert!(long > short + 3, "{long} pages after {short}");
}

#[test]
fn only_the_glyphs_that_are_drawn_are_embedded() {
    let pdf = report(3).pdf(&fonts()).expect("a PDF");
    assert!(pdf.len() < 400_000, "{} bytes", pdf.len());
}

#[test]
fn a_signed_trailer_stands_behind_the_end() {
    let pdf = report(1).pdf(&fonts()).expect("a PDF");
    let whole = append_trailer(&pdf, "name\nsha256 00\n\n— name AAAA\n").expect("short");
    let (body, text) = split_trailer(&whole).expect("a trailer");
    assert_eq!(body.trim_ascii_end(), pdf.trim_ascii_end());
    assert!(text.starts_with("name\n"));
}

#[test]
fn a_letter_has_22_lines_of_28_characters_on_a_page() {
    let fonts = fonts();
    // Without head and end: 22 lines fill the page, one more begins the next.
    for (lines, wanted) in [(20, 1), (21, 2)] {
        let mut document = Document::new(Layout::Letter, "", date(2026, 11, 9));
        // The title's line and the one after it are a little more than two lines.
        document.paragraph("环".repeat(28 * lines - 2 - 28));
        let found = pages(&document.pdf(&fonts).expect("a PDF"));
        assert_eq!(found, wanted, "{lines} lines");
    }
}

#[test]
fn the_shipped_fonts_draw_what_documents_need() {
    let regular = shipped();
    if regular.is_empty() {
        eprintln!("the front end was not built: its fonts are not tested");
        return;
    }
    let fonts = Fonts::of(regular, None).expect("a Chinese font");
    assert!(fonts.names().len() > 1, "one for signs beside the Chinese one");
    for document in [report(10), letter()] {
        assert!(document.pdf(&fonts).expect("a PDF").starts_with(b"%PDF-"));
    }
    assert!(fonts.has("漳浦县芗城区 mg/m³ ℃ ≤ ≥ · 〔〕 —"), "signs of units and numbers");
    assert!(!fonts.has_rare_characters(), "what the doctor tells");
}

#[test]
fn a_font_that_is_none_is_told_with_its_name() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let wrong = Fonts::find(Some(file.path()), &Vec::new).expect_err("it is empty");
    assert_eq!(wrong.code(), "documents.font");
    let name = file.path().display().to_string();
    assert!(wrong.to_string().contains(&name), "{wrong}");
    assert_eq!(Fonts::of(Vec::new(), None).expect_err("none").code(), "documents.no_font");
}

/// Writes what is made where somebody wants to look at it.
#[test]
fn documents_can_be_looked_at() {
    let Some(folder) = std::env::var_os("LUCID_LOOK_AT_DOCUMENTS") else { return };
    let (folder, fonts) = (Path::new(&folder), fonts());
    let plain = Fonts::of(shipped(), None).expect("the front end's fonts");
    for (name, document) in [("report", report(60)), ("letter", letter())] {
        let pdf = document.pdf(&plain).expect("a PDF");
        std::fs::write(folder.join(format!("{name}-shipped.pdf")), pdf).expect("written");
        let pdf = document.pdf(&fonts).expect("a PDF");
        let whole = append_trailer(&pdf, "name\nsha256 00\n\n— name AAAA\n").expect("short");
        std::fs::write(folder.join(format!("{name}.pdf")), whole).expect("written");
        let word = document.docx().expect("a Word file");
        std::fs::write(folder.join(format!("{name}.docx")), word).expect("written");
    }
}
