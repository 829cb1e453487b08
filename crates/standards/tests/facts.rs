//! The tables against the researched facts: as many rows, the same numbers. Skips with a visible
//! line where the facts are absent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rulebook::{Decimal, Row, Table};
use standards::Standard;

/// The text of a file of facts, or `None` with a visible line.
fn facts(file: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let named = std::env::var_os("LUCID_SHARED").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("../shared"))
        .find(|folder| folder.is_dir());
    let path = named.or(above).map(|folder| folder.join("standards").join(file));
    let Some(path) = path.filter(|path| path.is_file()) else {
        eprintln!("SKIPPED: {file} is not there (set LUCID_SHARED to the folder that holds it)");
        return None;
    };
    let mut reader = csv::Reader::from_path(path).expect("a readable file");
    let head = reader.headers().expect("a head").clone();
    let row = |record: csv::StringRecord| {
        head.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    Some(reader.records().map(|record| row(record.expect("a record"))).collect())
}

/// A table of a standard by its place in the folder.
fn table(id: &str, place: usize) -> &'static Table {
    (Standard::find(id).expect("a standard").tables)()[place]
}

/// A cell for comparison: numbers by their value, words without spaces around.
fn plain(cell: &str) -> String {
    let cell = cell.trim();
    cell.parse::<Decimal>()
        .map_or_else(|_| cell.to_owned(), |number| number.normalize().to_string())
}

/// The rows in the columns named, sorted: what both sides must agree on.
fn of_table(table: &Table, keep: impl Fn(&Row) -> bool, columns: &[&str]) -> Vec<Vec<String>> {
    let cells = |row: &Row| columns.iter().map(|column| plain(table.cell(row, column))).collect();
    let mut rows: Vec<Vec<String>> =
        table.rows().iter().filter(|row| keep(row)).map(cells).collect();
    rows.sort();
    rows
}

fn of_facts(
    facts: &[BTreeMap<String, String>],
    keep: impl Fn(&BTreeMap<String, String>) -> bool,
    columns: &[&str],
) -> Vec<Vec<String>> {
    let cells = |row: &BTreeMap<String, String>| {
        columns.iter().map(|column| plain(row.get(*column).expect("a column"))).collect()
    };
    let mut rows: Vec<Vec<String>> = facts.iter().filter(|row| keep(row)).map(cells).collect();
    rows.sort();
    rows
}

/// Compares a whole table with a whole file; each pair is a column here and a column there.
fn agree(id: &str, place: usize, file: &str, columns: &[(&str, &str)], rows: usize) {
    agree_but(id, place, file, columns, rows, &[]);
}

/// The same but for rows, by their first column, that each side writes in a way of its own.
fn agree_but(
    id: &str,
    place: usize,
    file: &str,
    columns: &[(&str, &str)],
    rows: usize,
    but: &[&str],
) {
    let Some(facts) = facts(file) else { return };
    let here: Vec<&str> = columns.iter().map(|(here, _)| *here).collect();
    let there: Vec<&str> = columns.iter().map(|(_, there)| *there).collect();
    let mut ours = of_table(table(id, place), |_| true, &here);
    let mut theirs = of_facts(&facts, |_| true, &there);
    assert_eq!((ours.len(), theirs.len()), (rows, rows), "{id} against {file}");
    let counted = |row: &Vec<String>| !but.contains(&&*row[0]);
    ours.retain(counted);
    theirs.retain(counted);
    assert_eq!((ours.len(), theirs.len()), (rows - but.len(), rows - but.len()), "{id}");
    same_rows(id, &ours, &theirs);
}

/// Says only what differs.
fn same_rows(id: &str, ours: &[Vec<String>], theirs: &[Vec<String>]) {
    let lacking: Vec<_> = theirs.iter().filter(|row| !ours.contains(row)).collect();
    let besides: Vec<_> = ours.iter().filter(|row| !theirs.contains(row)).collect();
    assert!(lacking.is_empty() && besides.is_empty(), "{id} lacks {lacking:#?} has {besides:#?}");
}

/// Columns that have the same name on both sides.
fn same<'name>(names: &[&'name str]) -> Vec<(&'name str, &'name str)> {
    names.iter().map(|name| (*name, *name)).collect()
}

#[test]
fn water_soil_and_sea_are_complete() {
    let classes = ["compare", "I", "II", "III", "IV"];
    let with = |first: &[(&'static str, &'static str)], rest: &[&'static str]| {
        [first.to_vec(), same(rest)].concat()
    };
    let table1 = with(&[("no", "no"), ("name_zh", "name"), ("unit", "unit")], &classes);
    agree("GB3838", 0, "water/gb3838_table1.csv", &[table1, same(&["V"])].concat(), 25);
    let specific = same(&["table", "no", "name", "unit", "limit"]);
    agree("drinking-water-sources", 0, "water/gb3838_table2_3.csv", &specific, 85);
    let groundwater = with(&[("item", "name")], &[&["table", "no", "unit"][..], &classes].concat());
    // The facts give the two bands of pH in a note.
    agree_but("GBT14848", 0, "water/gbt14848.csv", &groundwater, 93, &["pH"]);
    let sea = with(&[("item", "name")], &[&["no", "key", "unit"][..], &classes].concat());
    // Nuclides and the rise of temperature have no single number, which only this table says.
    let words = ["放射性核素 Co-60/Sr-90/Rn-106/Cs-134/Cs-137", "水温(人为温升)"];
    agree_but("GB3097", 0, "water/gb3097.csv", &sea, 32, &words);
    let values = ["screen_type1", "screen_type2", "control_type1", "control_type2"];
    let development = with(&[("item", "name")], &[&["table", "no", "cas"][..], &values].concat());
    agree("GB36600", 0, "water/gb36600.csv", &development, 85);
    let bands = [
        ("ph_to_5_5", "pH_le5.5"),
        ("ph_to_6_5", "pH_5.5_6.5"),
        ("ph_to_7_5", "pH_6.5_7.5"),
        ("ph_above_7_5", "pH_gt7.5"),
    ];
    agree("GB15618", 0, "water/gb15618.csv", &with(&bands, &["kind", "item", "land", "unit"]), 22);
}

#[test]
fn sediment_and_biota_are_complete() {
    let Some(facts) = facts("water/marine_sediment_biota.csv") else { return };
    for (id, standard, rows) in [("GB18668", "GB18668-2002", 15), ("GB18421", "GB18421-2001", 12)] {
        // Oysters have rows of their own here; in the facts they stand in a note.
        let table = table(id, 0);
        let own = |row: &Row| !table.cell(row, "item").ends_with("(牡蛎)");
        let ours = of_table(table, own, &["item", "unit", "I", "II", "III"]);
        let named = |row: &BTreeMap<String, String>| row["standard"] == standard;
        assert_eq!(ours, of_facts(&facts, named, &["name", "unit", "I", "II", "III"]));
        assert_eq!(ours.len(), rows);
    }
}

#[test]
fn noise_is_complete() {
    let Some(facts) = facts("water/noise.csv") else { return };
    let numbers = ["day_dBA", "night_dBA"];
    let of = |kind: &str, columns: &[&str]| of_facts(&facts, |row| row["kind"] == kind, columns);
    let with = |first: &'static str| [first, numbers[0], numbers[1]];
    let places = of_table(table("GB3096", 0), |_| true, &["class", "day", "night"]);
    assert_eq!(places, of("ambient", &with("class")));
    let boundaries = table("GB12348", 0);
    for (place, kind, rows) in [
        ("boundary", "factory boundary", 5),
        ("room_a", "structure-borne indoor, room A", 5),
        ("room_b", "structure-borne indoor, room B", 5),
    ] {
        let here = |row: &Row| boundaries.cell(row, "place") == place;
        let ours = of_table(boundaries, here, &["class", "day", "night"]);
        // The facts give several zones in one row: `2 3 4`.
        let mut theirs: Vec<Vec<String>> = of(kind, &with("class"))
            .iter()
            .flat_map(|row| row[0].split(' ').map(|zone| [&[zone.to_owned()], &row[1..]].concat()))
            .collect();
        theirs.sort();
        assert_eq!((ours.len(), ours), (rows, theirs), "{place}");
    }
    let sites = table("GB12523", 0);
    let here = |row: &Row| sites.cell(row, "place") == "boundary";
    let ours = of_table(sites, here, &["day", "night"]);
    assert_eq!(ours, of("construction site boundary", &numbers));
}

#[test]
fn air_is_complete() {
    let limits =
        ["stage", "valid_from", "valid_to", "table", "pollutant", "averaging", "grade1", "grade2"];
    let limits = [same(&limits), same(&["unit", "state", "confidence"])].concat();
    agree("GB3095", 0, "air/limits.csv", &limits, 102);
    let classes = ["standard", "level", "category_zh", "category_en", "aqi_from", "aqi_to"];
    let classes = [same(&classes), same(&["color_zh", "r", "g", "b"])].concat();
    agree("HJ633", 1, "air/categories.csv", &classes, 12);
    let Some(facts) = facts("air/breakpoints.csv") else { return };
    // The facts repeat the numbers of a running mean under its own use; here an item has them once.
    let columns = ["standard", "unit", "iaqi", "concentration"];
    let printed = |row: &BTreeMap<String, String>| !row["concentration"].is_empty();
    let (theirs, ours) =
        (of_facts(&facts, printed, &columns), of_table(table("HJ633", 0), |_| true, &columns));
    same_rows("HJ633", &ours, &theirs);
    assert!(theirs.len() >= ours.len() && ours.len() == 150, "{}", theirs.len());
}

#[test]
fn discharge_limits_are_complete() {
    let Some(facts) = facts("water/discharge_limits.csv") else { return };
    let mut compared = 0;
    for (id, standards) in [
        ("GB8978", &["GB8978-1996"][..]),
        ("GB18918", &["GB18918-2002"]),
        ("GB16297", &["GB16297-1996"]),
        ("GB13271", &["GB13271-2014"]),
        ("GB13223", &["GB13223-2011", "ultra-low 2015"]),
    ] {
        let columns = ["item", "unit", "limit"];
        let ours = of_table(table(id, 0), |_| true, &columns);
        let named = |row: &BTreeMap<String, String>| standards.contains(&&*row["standard"]);
        let theirs = of_facts(&facts, named, &columns);
        // A row for several fuels or grades is several rows here; a limit with a condition in
        // brackets is several numbers here, of which the first stands before the bracket.
        let (bracketed, simple): (Vec<_>, Vec<_>) =
            theirs.iter().cloned().partition(|row| row[2].contains(" ("));
        for row in &bracketed {
            let first = row[2].split(' ').next().unwrap_or_default().to_owned();
            let found = ours.iter().any(|our| our[0] == row[0] && our[2].starts_with(&first));
            assert!(found, "{id} lacks {row:?}");
        }
        let besides = |row: &&Vec<String>| {
            !row[2].is_empty()
                && (simple.contains(row) || bracketed.iter().all(|one| one[0] != row[0]))
        };
        let ours_simple: Vec<Vec<String>> = ours.iter().filter(besides).cloned().collect();
        let known: Vec<Vec<String>> =
            simple.iter().filter(|row| !row[2].is_empty()).cloned().collect();
        same_rows(id, &ours_simple, &known);
        assert!(ours.len() >= theirs.len(), "{id}");
        compared += theirs.len();
    }
    assert_eq!(compared, 427);
    let rates = [
        ("item", "item"),
        ("stack_m", "stack_m"),
        ("rate_grade2", "rate_grade2_kg_h"),
        ("rate_grade3", "rate_grade3_kg_h"),
        ("fugitive", "fugitive_mg_m3"),
    ];
    agree("GB16297", 1, "water/gb16297_table2.csv", &rates, 281);
}

#[test]
fn codes_of_pollutants_are_complete() {
    let Some(facts) = facts("hj212/factors.csv") else { return };
    let columns = ["code", "name_zh", "name_en", "unit_zh", "unit", "code_2005"];
    let ours = table("pollutants", 0);
    let printed = |row: &Row| row.standard() == "HJ 212-2017";
    let known = |row: &BTreeMap<String, String>| {
        row["edition"] == "2017" && ["water", "gas"].contains(&&*row["category"])
    };
    let theirs = of_facts(&facts, known, &columns);
    assert_eq!(of_table(ours, printed, &columns), theirs);
    assert_eq!((theirs.len(), ours.rows().len()), (184, 186));
}

#[test]
fn decimals_of_surface_water_are_complete() {
    let Some(facts) = facts("water/digits.csv") else { return };
    let digits = table("GB3838", 1);
    let of = |usage: &str| {
        let mut found: Vec<String> = digits
            .rows()
            .iter()
            .filter(|row| digits.cell(row, "use") == usage)
            .map(|row| digits.cell(row, "decimals").to_owned())
            .collect();
        found.sort();
        found
    };
    let column = |name: &str, but: &[&str]| {
        let keep = |row: &&BTreeMap<String, String>| {
            !row[name].is_empty() && !but.contains(&row["item"].as_str())
        };
        let mut found: Vec<String> =
            facts.iter().filter(keep).map(|row| row[name].clone()).collect();
        found.sort();
        found
    };
    // Chlorophyll and algae are shown by the platform but belong to no table of limits;
    // conductivity and turbidity have no limit either but decimals that the check values need.
    let algae = ["叶绿素a (mg/L)", "藻密度"];
    assert_eq!(of("published"), column("decimals_realtime_published", &algae));
    let unlimited = ["电导率", "浊度"];
    assert_eq!(of("assessment"), column("decimals_assessment_peer", &unlimited));
}

#[test]
fn validity_of_air_is_complete() {
    let Some(facts) = facts("air/validity.csv") else { return };
    let validity = table("GB3095", 1);
    let mut compared = 0;
    for row in facts.iter().filter(|row| row["standard"].starts_with("GB 3095")) {
        for pollutant in row["pollutants"].split(';') {
            let same = |ours: &&Row| {
                ours.standard() == row["standard"]
                    && validity.cell(ours, "pollutant") == pollutant
                    && validity.cell(ours, "averaging") == row["averaging"]
                    && validity.cell(ours, "counted") == row["counted"]
                    && validity.cell(ours, "minimum") == row["minimum"]
                    && validity.cell(ours, "condition") == row["condition"]
            };
            assert_eq!(validity.rows().iter().filter(same).count(), 1, "{row:?}");
            compared += 1;
        }
    }
    assert_eq!((compared, validity.rows().len()), (48, 48));
}

#[test]
fn lakes_are_complete() {
    let parameters = [("parameter", "parameter"), ("a", "a"), ("b", "b"), ("r_squared", "r2")];
    agree("trophic-state", 0, "water/tli.csv", &parameters, 5);
}
