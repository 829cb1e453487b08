//! Methods on files: their own examples, and the check values of the standards.

use std::path::{Path, PathBuf};

use crate::{METHODS, Method, Refused, Settings, run};

fn judged(name: &str, table: &str, settings: &Settings) -> Result<String, Refused> {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    std::fs::write(&input, table).expect("it is written");
    run(method(name), settings, &[input], Some(&output), &mut |_, _| {})?;
    Ok(std::fs::read_to_string(&output).expect("a result"))
}

fn method(name: &str) -> &'static Method {
    METHODS.iter().find(|method| method.name == name).expect("a method of that name")
}

/// The cells of one column of a result.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let titles = reader.headers().expect("a header").clone();
    let place = titles.iter().position(|title| title == name).expect("a column");
    reader.records().map(|row| row.expect("a row")[place].to_owned()).collect()
}

#[test]
fn every_method_judges_its_own_example() {
    let mut all = Vec::new();
    for method in METHODS {
        let result = judged(method.name, method.example, &Settings::default());
        let result = result.unwrap_or_else(|refused| panic!("{}: {refused:?}", method.name));
        all.push(format!("# {}\n{result}\n", method.name));
    }
    let all = all.concat();
    let wanted = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/methods/examples.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&wanted, &all).expect("it is written");
    }
    let wanted = std::fs::read_to_string(&wanted).expect("the examples as they were");
    assert_eq!(all, wanted, "run again with BLESS=1 where the change is meant");
}

/// A file of the folder `shared` beside the repository, or `None` with a line that says so.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = || {
        let start = Path::new(env!("CARGO_MANIFEST_DIR"));
        start.ancestors().map(|folder| folder.join("../shared")).find(|folder| folder.is_dir())
    };
    let folder = std::env::var_os("LUCID_SHARED").map(Into::into).or_else(beside);
    let file = folder.map(|folder| folder.join(name)).filter(|file| file.is_file());
    if file.is_none() {
        eprintln!("SKIPPED: there is no ../shared/{name}");
    }
    file
}

#[test]
fn published_classes_of_water_come_out_of_a_file() {
    let Some(file) = shared("standards/water/vectors_dev.csv") else { return };
    let text = std::fs::read_to_string(file).expect("the vectors");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let titles = reader.headers().expect("a header").clone();
    let kind = titles.iter().position(|title| title == "kind").expect("a column");
    let mut writer = csv::Writer::from_writer(Vec::new());
    // The platform reads oxygen by its concentration alone.
    let renamed = titles.iter().map(|title| if title == "T" { "warmth" } else { title });
    writer.write_record(renamed).expect("it is written");
    for row in reader.records() {
        let row = row.expect("a row");
        if row[kind].starts_with("class_rt") {
            // Where both bodies of water give the class that was published, a river does.
            let cells = row.iter().map(|cell| if cell == "either" { "river" } else { cell });
            writer.write_record(cells).expect("it is written");
        }
    }
    let table = String::from_utf8(writer.into_inner().expect("it is written")).expect("text");
    let result = judged("surface-water", &table, &Settings::default()).expect("it is judged");
    let (classes, expected) = (column(&result, "class"), column(&result, "expected"));
    assert!(classes.len() > 2_000);
    let spelled = |class: &str| match class {
        "1" | "I" => "Ⅰ",
        "2" | "II" => "Ⅱ",
        "3" | "III" => "Ⅲ",
        "4" | "IV" => "Ⅳ",
        "5" | "V" => "Ⅴ",
        _ => "劣Ⅴ",
    };
    for (class, expected) in
        classes.iter().zip(&expected).filter(|(_, expected)| !expected.is_empty())
    {
        if !matches!(expected.as_str(), "NA" | "none") {
            assert_eq!(class, spelled(expected), "{expected}");
        }
    }
}

#[test]
fn cities_that_tie_share_a_rank() {
    let rows = "city,so2,no2,pm10,pm25,co,o3\nA,6,12,51,19,0.9,137\nB,6,12,51,19,0.9,137\n\
                C,60,12,51,19,0.9,137\nD,6,12,51,,0.9,137\n";
    let on = |year| Settings { on: vec![jiff::civil::date(year, 12, 31)], ..Settings::default() };
    let result = judged("air-rank", rows, &on(2025)).expect("it is judged");
    assert_eq!(column(&result, "rank"), ["1", "1", "3", ""]);
    assert!(column(&result, "reason")[3].contains("PM2.5"));
    assert_eq!(column(&result, "index")[0], "2.75");
    // 51/60 and 19/30 instead of 51/70 and 19/35.
    let result = judged("air-rank", rows, &on(2026)).expect("it is judged");
    assert_eq!(column(&result, "index")[0], "2.96");
    let refused = judged("air-rank", rows, &Settings::default()).expect_err("no day");
    assert_eq!(refused.problems[0].code, "row.day");
}

#[test]
fn a_wrong_cell_is_named_and_nothing_is_written() {
    for (name, table, said) in [
        (
            "soil",
            "land_use,item,value\nforest,镉,1\n",
            "row 2, column land_use: \"forest\" is not known. Write one of: type1",
        ),
        ("soil", "land_use,item,value\npaddy,镉,-1\n", "row 2, column value: -1 is negative"),
        ("noise", "zone,part,level\n2,noon,50\n", "column part: \"noon\" is not known"),
        ("surface-water", "section,DO\nS,few\n", "row 2, column DO: \"few\" is no number"),
        ("surface-water", "date,DO\nMay,1\n", "column date: \"May\" is no day"),
        ("discharge-day", "item,value,date\nCOD,1,2026-01-01\n", "there is no limit to judge by"),
        (
            "ecological-flow",
            "section,date,flow,target\nS,2026-01-01,1,\n",
            "column target: the cell is empty",
        ),
        ("groundwater", "point,item,value\nG,铁,much\n", "column value: \"much\" is no number"),
    ] {
        let refused = judged(name, table, &Settings::default()).expect_err(name);
        let found = refused.problems[0].to_string();
        assert!(found.contains(said), "{name}: {found}");
    }
}

#[test]
fn what_cannot_be_judged_is_a_cell_with_its_reason() {
    let settings = Settings::default();
    let table = "section,Cu\nS1,\nS2,0.001\n";
    let result = judged("surface-water", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "class"), ["", "Ⅰ"]);
    assert_eq!(column(&result, "reason"), ["缺少全部评价项目", ""]);
    let table = "lake,chla,TP\nL,5,0.02\n";
    let result = judged("trophic-state", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "reason"), ["评价参数不足：有 2，需 5"]);
    let table = "land_use,item,value\npaddy,镉,0.2\ntype1,金,1\n";
    let result = judged("soil", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "reason"), ["缺少土壤 pH", "GB 36600-2018 未规定金"]);
    let table = "item,value,date,standard,scope,grade\n化学需氧量,60,2026-06-01,DB35-1869,\
                 \"rural sewage < 500 m3/d, Fujian, new\",1\n";
    let result = judged("discharge-day", table, &settings).expect("it is judged");
    assert!(column(&result, "reason")[0].contains("尚未取得"), "{result}");
}

#[test]
fn units_in_titles_are_turned() {
    let table = "section,NH3-N (µg/L),总磷（mg/L）\nS,900,0.11\n";
    let result = judged("surface-water", table, &Settings::default()).expect("it is judged");
    assert_eq!(column(&result, "item_classes"), ["NH3N Ⅲ;TP Ⅲ"]);
}

#[test]
fn names_of_methods_are_their_own() {
    let mut names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), METHODS.len());
    for method in METHODS {
        for id in method.standards {
            assert!(standards::Standard::find(id).is_some(), "{}: {id}", method.name);
        }
    }
}
