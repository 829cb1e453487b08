//! A permit as a workbook: what is written is read again as the same, and what is wrong is told by
//! sheet, row and column.

use crate::common::{draft, limit, snapshot, winter};
use jiff::civil::Date;
use permits::{AmountKind, Condition, Part, PermitAmount, PermitDraft, workbook};
use proptest::prelude::*;
use rulebook::Decimal;
use rust_xlsxwriter::Workbook;

#[test]
fn what_is_exported_is_read_again_as_the_same() {
    let snapshot = snapshot();
    let written = workbook::write(&draft(), &snapshot).expect("a workbook");
    assert_eq!(workbook::read(&written, &snapshot), Ok(draft()));
}

fn words() -> impl Strategy<Value = String> {
    "[一-龥A-Za-z0-9（），。:/~%〔〕 .-]{0,24}".prop_map(|text| text.trim().to_owned())
}

fn number() -> impl Strategy<Value = Decimal> {
    (0_i64..9_999_999, 0_u32..6).prop_map(|(digits, places)| Decimal::new(digits, places))
}

fn day() -> impl Strategy<Value = Date> {
    (2024_i16..2029, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

prop_compose! {
    fn drafts()(
        texts in proptest::collection::vec(words(), 5),
        bound in number(),
        tonnes in number(),
        from in day(),
        long in 0_i32..400,
        fuel in proptest::option::of(words()),
        is_seasonal in any::<bool>(),
        has_background in any::<bool>(),
        year in proptest::option::of(2024_i16..=2029),
    ) -> PermitDraft {
        let mut made = draft();
        let [place, note, name, citation, origin] = &texts[..] else { unreachable!() };
        made.content.place.clone_from(place);
        made.content.reason_note.clone_from(note);
        made.content.outlets[0].name.clone_from(name);
        made.content.outlets[0].height_m = Some(bound);
        let season = is_seasonal.then(|| winter().season).flatten();
        let condition = Condition { fuel, season, averaging: None };
        let mut row = limit("w21011", "0", Some(condition));
        row.at_most = bound;
        made.content.limits.push(row);
        let to = from.checked_add(jiff::Span::new().days(long)).expect("a day");
        let kinds = [AmountKind::Yearly, AmountKind::SpecialPeriod { from, to }];
        made.content.amounts.extend(kinds.map(|kind| PermitAmount {
            pollutant: "w21011".to_owned(),
            outlet: Some("DW001".to_owned()),
            kind,
            year,
            tonnes,
            citation: citation.clone(),
        }));
        if let Some(background) = &mut made.background {
            background.quotas[0].origin.clone_from(origin);
            if !has_background {
                background.approvals.clear();
            }
        }
        made.normalised()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_permit_survives_the_workbook(made in drafts()) {
        let snapshot = snapshot();
        let written = workbook::write(&made, &snapshot).expect("a workbook");
        prop_assert_eq!(workbook::read(&written, &snapshot), Ok(made));
    }

    #[test]
    fn no_bytes_bring_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(workbook::read(&bytes, &snapshot()).is_err());
    }
}

#[test]
fn an_empty_form_says_what_is_missing() {
    let snapshot = snapshot();
    let form = workbook::template(&snapshot).expect("a workbook");
    let faults = workbook::read(&form, &snapshot).expect_err("it is empty");
    let columns: Vec<&str> = faults.iter().map(|fault| fault.column).collect();
    let expected = [
        "许可证编号",
        "单位代码",
        "管理类别",
        "单位名称",
        "有效期起",
        "有效期止",
        "本版生效日期",
        "变更类型",
        "资料来源",
        "可信度",
    ];
    assert!(expected.iter().all(|column| columns.contains(column)), "{columns:?}");
    assert!(faults.iter().all(|fault| fault.part == Some(Part::Basics)));
}

/// Makes something wrong.
type Spoil = fn(&mut PermitDraft);

#[test]
fn every_fault_names_its_sheet_row_and_column() {
    let snapshot = snapshot();
    let wrong: [(Spoil, &str); 9] = [
        (|it| it.number = "91990100MA00DEM03A001P".to_owned(), "基本信息 第2行 许可证编号"),
        (|it| it.enterprise = "DEMO-1".to_owned(), "基本信息 第3行 单位代码"),
        (|it| it.content.valid_to = jiff::civil::date(2020, 1, 1), "基本信息 第11行 有效期止"),
        (|it| it.content.limits[1].pollutant = "w99999".to_owned(), "许可限值 第5行 污染物代码"),
        (|it| it.content.limits[1].unit = "µg/L".to_owned(), "许可限值 第5行 单位"),
        (
            |it| it.content.limits[2].outlet_number = Some("DW009".to_owned()),
            "许可限值 第6行 排放口编号",
        ),
        (|it| it.content.limits[2].condition = None, "许可限值 第6行 污染物代码"),
        (|it| it.content.amounts[0].year = Some(2035), "许可排放量 第4行 年份"),
        (|it| it.content.amounts[1].tonnes = Decimal::new(-1, 0), "许可排放量 第5行 许可排放量(t)"),
    ];
    for (spoil, place) in wrong {
        let mut made = draft();
        spoil(&mut made);
        let written = workbook::write(&made, &snapshot).expect("a workbook");
        let faults = workbook::read(&written, &snapshot).expect_err(place);
        let found: Vec<String> =
            faults.iter().map(|fault| fault.place(rulebook::Language::Chinese)).collect();
        assert!(found.iter().any(|found| *found == place), "{place}: {found:?}");
    }
}

#[test]
fn words_numbers_and_days_are_read_as_people_type_them() {
    let snapshot = snapshot();
    let written = workbook::write(&draft(), &snapshot).expect("a workbook");
    let mut book = copied(&written);
    // A title above the heading, a code left to its name, a day with strokes, a number as text.
    let sheet = book.worksheet_from_name("许可限值").expect("the sheet");
    sheet.write_string(3, 1, "").expect("written");
    sheet.write_string(3, 5, "40.0").expect("written");
    let sheet = book.worksheet_from_name("基本信息").expect("the sheet");
    sheet.write_string(9, 1, "2024/7/1").expect("written");
    let typed = book.save_to_buffer().expect("a workbook");
    assert_eq!(workbook::read(&typed, &snapshot), Ok(draft()));
}

/// The cells of a workbook in a new one.
fn copied(bytes: &[u8]) -> Workbook {
    use calamine::{Data, Reader as _, Xlsx};
    let mut from = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).expect("a workbook");
    let mut book = Workbook::new();
    for name in from.sheet_names() {
        let sheet = book.add_worksheet();
        sheet.set_name(&name).expect("a name");
        let range = from.worksheet_range(&name).expect("a sheet");
        for (row, column, cell) in range.used_cells() {
            let (row, column) = (row as u32, column as u16);
            match cell {
                Data::Float(number) => sheet.write_number(row, column, *number),
                other => sheet.write_string(row, column, other.to_string()),
            }
            .expect("written");
        }
    }
    book
}
