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
fn each_period_is_ranked_by_itself() {
    let rows = "city,period,judged_on,so2,no2,pm10,pm25,co,o3,index_before\n\
                A,2025-01,2025-01-31,6,12,51,30,0.9,137,3.00\n\
                B,2025-01,2025-01-31,6,12,51,19,0.9,137,2.00\n\
                A,2025-02,2025-02-28,6,12,51,10,0.9,137,3.00\n\
                B,2025-02,2025-02-28,6,12,51,18,0.9,137,2.00\n";
    let result = judged("air-rank", rows, &Settings::default()).expect("it is judged");
    assert_eq!(column(&result, "rank"), ["2", "1", "1", "2"]);
    assert_eq!(column(&result, "change_rank"), ["1", "2", "1", "2"]);
    assert_eq!(column(&result, "period")[2], "2025-02");
    // One period by two editions, as air-period gives it, and a city twice.
    let twice = rows.replace("2025-02-28", "2026-03-01").replace("2025-02", "2025-01");
    let result = judged("air-rank", &twice, &Settings::default()).expect("it is judged");
    assert_eq!(column(&result, "rank"), ["2", "1", "1", "2"]);
    let again = format!("{rows}A,2025-01,2025-01-31,6,12,51,30,0.9,137,\n");
    let refused = judged("air-rank", &again, &Settings::default()).expect_err("a city twice");
    let said = refused.problems[0].to_string();
    assert!(said.contains("row 6, column city: A stands in this period already"), "{said}");
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
fn a_unit_that_is_not_wanted_is_turned_or_refused() {
    let settings = Settings::default();
    // Centimetres where metres are wanted, litres a second, micrograms of chlorophyll in a litre.
    let table = "lake,chla (µg/L),TP,TN,SD (cm),CODMn\nL,5.2,0.021,0.71,190,1.8\n";
    let result = judged("trophic-state", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "tli"), ["36.260"]);
    let table = "section,date,flow (L/s),target\nS,2026-01-01,900,1\n";
    let result = judged("ecological-flow", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "lowest"), ["0.9"]);
    let table = "point,date,transparency (m),depth (m)\nP,2026-01-01,0.2,1\n";
    let result = judged("black-odorous", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "degree"), ["轻度黑臭"]);
    let table = "zone,part,等效声级（dB(A)）\n2,day,61\n";
    let result = judged("noise", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "meets"), ["false"]);
    for (name, table) in [
        ("surface-water", "水温(K),DO\n293,8\n"),
        ("ecological-flow", "section,date,flow(m3/h),target\nS,2026-01-01,900,1\n"),
        ("trophic-state", "SD(ft)\n3\n"),
        ("noise", "zone,part,level(Pa)\n2,day,1\n"),
    ] {
        let refused = judged(name, table, &settings).expect_err(name);
        assert_eq!(refused.problems[0].code, "columns.unit", "{name}");
        assert!(refused.problems[0].column.is_some(), "{name}");
    }
}

#[test]
fn a_value_is_brought_into_the_unit_of_its_limit() {
    let settings = Settings::default();
    let rows = "W1,NH3N,1010\nW1,铁,290\n";
    let table = format!("source,item,value (µg/L)\n{rows}");
    let result = judged("drinking-water", &table, &settings).expect("it is judged");
    assert_eq!(column(&result, "basic_over"), ["氨氮"]);
    assert_eq!(column(&result, "specific_over"), [""]);
    let table = "point,item,value (mg/L)\nG,砷,0.02\nG,三氯甲烷,0.3\nG,pH,7\n";
    let result = judged("groundwater", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "deciding"), ["砷、三氯甲烷"]);
    let table = "date,item,value (µg/L),standard,scope,grade,limit_max\n\
                 2026-06-01,COD,52300,GB18918,town sewage plant,1A,\n2026-06-01,COD,60,,,,50\n";
    let result = judged("discharge-day", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "converted"), ["52.3", "60"]);
    let own = "item,value (mg/m3),limit_max (g/m3)\nSO2,60,0.05\n";
    let result = judged("discharge-day", own, &settings).expect("it is judged");
    assert_eq!(column(&result, "exceeds"), ["true"]);
    let told = Settings { units: vec![("value".into(), "mg/kg".into())], ..Settings::default() };
    let table = "point,item,value\nG,砷,0.02\n";
    let refused = judged("groundwater", table, &told).expect_err("another thing");
    let said = refused.problems[0].to_string();
    assert!(said.starts_with("row 2, column value: the unit \"mg/kg\" cannot be turned"), "{said}");
}

#[test]
fn noise_is_judged_where_and_as_it_was_measured() {
    let settings = Settings::default();
    let table = "place,zone,part,level,noise\n,2,night,64,sudden\nboundary,2,night,61,频发\n\
                 boundary,2,night,64,occasional\nconstruction,,day,71,\n施工场界,,night,70,突发\n";
    let result = judged("noise", table, &settings).expect("it is judged");
    assert_eq!(column(&result, "limit"), ["65", "60", "65", "70", "70"]);
    assert_eq!(column(&result, "meets"), ["true", "false", "true", "false", "true"]);
    assert_eq!(column(&result, "edition")[1], "GB 12348-2008 表 1；4.1.2");
    for (row, said) in [
        (",2,day,64,sudden", "column noise: there is no limit of a maximum by day"),
        ("room_a,2,night,64,frequent", "column noise: GB 12348 has no such maximum"),
        ("boundary,,night,64,", "column zone: the cell is empty"),
    ] {
        let table = format!("place,zone,part,level,noise\n{row}\n");
        let refused = judged("noise", &table, &settings).expect_err(row);
        assert!(refused.problems[0].to_string().contains(said), "{}", refused.problems[0]);
    }
}

#[test]
fn sections_of_a_city_are_averaged_before_their_index_is_made() {
    // pH 6 and 8 have a mean of 6.30 by their ions, whose index is 0.703.
    let table = "city,pH,NH3N\nA,6,0.2\nA,8,0.6\n";
    let result = judged("cwqi", table, &Settings::default()).expect("it is judged");
    assert_eq!(column(&result, "cwqi"), ["1.1033"]);
    let wrong = judged("cwqi", "city,pH\nA,70\n", &Settings::default()).expect_err("no pH");
    assert!(wrong.problems[0].to_string().starts_with("row 2, column pH: "));
}

#[test]
fn an_item_twice_in_a_sample_is_refused() {
    for (name, table) in [
        ("drinking-water", "source,item,value\nW,NH3N,1\nW,氨氮,2\n"),
        ("drinking-water", "source,item,value\nW,铁,1\nW,铁,2\n"),
        ("groundwater", "point,item,value\nG,砷,1\nG,砷,ND\n"),
    ] {
        let refused = judged(name, table, &Settings::default()).expect_err(name);
        let said = refused.problems[0].to_string();
        assert!(said.contains("row 3, column item: ") && said.contains("there twice"), "{said}");
    }
    let table = "source,item,value\nW,NH3N,-1\n";
    let refused = judged("drinking-water", table, &Settings::default()).expect_err("negative");
    assert!(refused.problems[0].what.contains("-1 is negative"));
}

#[test]
fn each_edition_and_report_gives_its_own_index() {
    use standards::air::hj633_air_quality_index::Report;
    let rows = |table: &str, on: &str, report: Report| {
        let day = method("air-index").day_of_edition(on).expect("an edition");
        let settings = Settings { on: vec![day], report, ..Settings::default() };
        let result = judged("air-index", table, &settings).expect("it is judged");
        result.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let text = "day,so2,no2,co,o3,pm10,PM2.5\n1,10,15,0.5,60,150,75\n2,—,,无,,,\n";
    assert_eq!(
        rows(text, "HJ633-2012", Report::Daily),
        [
            "1,10,15,0.5,60,150,75,10,19,13,30,100,100,100,PM10;PM2.5,良",
            "2,—,,无,,,,NA,NA,NA,NA,NA,NA,NA,,",
        ]
    );
    let of_2026 = rows(text, "HJ633-2026", Report::Daily);
    assert_eq!(of_2026[0], "1,10,15,0.5,60,150,75,10,19,13,30,112,114,114,PM2.5,轻度污染");
    // By day 160 ug/m3 of ozone is the end of a class, by hour not even the first.
    let ozone = "o3\n160\n";
    assert!(rows(ozone, "HJ633-2026", Report::Daily)[0].contains(",100,"));
    assert!(rows(ozone, "HJ633-2026", Report::Hourly)[0].contains(",50,"));
    let both = "o3_8h,o3_1h\n160,161\n";
    assert!(rows(both, "HJ633-2012", Report::Daily)[0].contains(",100,"));
    // The edition of the row's day, where none is named.
    let dated = "date,pm25 (mg/m3)\n2026-02-28,0.075\n2026-03-01,0.075\n";
    let result = judged("air-index", dated, &Settings::default()).expect("it is judged");
    assert_eq!(column(&result, "aqi"), ["100", "114"]);
}

#[test]
fn what_an_index_cannot_be_made_of_is_said() {
    let said = |table: &str| {
        let day = method("air-index").day_of_edition("HJ633-2026").expect("an edition");
        let settings = Settings { on: vec![day], ..Settings::default() };
        let refused = judged("air-index", table, &settings).expect_err("it is refused");
        refused.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    };
    let cells = said("a,so2,pm25\nx,1,2\ny,few,\nz,1,-3\n");
    assert!(cells.contains("row 3, column so2: \"few\" is no number."), "{cells}");
    assert!(cells.contains("row 4, column pm25: -3 is negative."), "{cells}");
    assert!(said("a,b\n1,2\n").contains("names none of the columns that are judged"));
    assert!(said("pm25,pm2_5\n1,2\n").contains("both mean pm25"));
    assert!(said("o3,o3_8h\n1,2\n").contains("row 2, column o3_8h: o3 and o3_8h mean the same"));
    assert!(said("pm25 (ppb)\n1\n").contains("cannot be turned into ug/m3"));
    let without = judged("air-index", "pm25\n1\n", &Settings::default()).expect_err("no edition");
    assert!(without.problems[0].to_string().contains("--edition"), "{without:?}");
    let early = "date,pm25\n2015-12-31,1\n";
    let early = judged("air-index", early, &Settings::default()).expect_err("no edition");
    assert!(early.problems[0].to_string().contains("row 2, column date"), "{early:?}");
}

#[test]
fn a_file_without_anything_to_judge_is_refused() {
    for (name, table) in [
        ("surface-water", "section,water_body\n上坂,river\n"),
        ("air-day", "station,year,month,day,hour\nA1,2026,6,1,1\n"),
        ("seawater", "station\nFJ01\n"),
    ] {
        let refused = judged(name, table, &Settings::default()).expect_err("it is refused");
        let said = refused.problems[0].to_string();
        assert!(said.contains("none of the columns that are judged"), "{name}: {said}");
    }
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
