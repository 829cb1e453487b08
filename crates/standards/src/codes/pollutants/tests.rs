//! Check values and properties of the codes of pollutants.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[test]
fn every_vector_is_reproduced() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors.csv").as_bytes());
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let found = match &row[2] {
            "code" => pollutant(&row[1]),
            "code_2005" => of_code_2005(&row[1]),
            _ => of_name(&row[1]).next(),
        };
        let found = found.expect("a pollutant");
        let unit = found.unit.unwrap_or_default();
        assert_eq!((found.code, &*found.name.zh, unit), (&row[3], &row[4], &row[5]), "{}", &row[0]);
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn codes_are_in_normal_form_and_old_codes_are_not_shared() {
    let (mut old, mut water) = (BTreeSet::new(), 0);
    for known in all() {
        assert_eq!(normal_form(known.code).as_deref(), Some(known.code));
        let water_code = known.code.starts_with('w');
        assert_eq!(known.medium == Medium::Water, water_code, "{}", known.code);
        assert_eq!(known.code_of, if water_code { "HJ 525-2009" } else { "HJ 524-2009" });
        water += usize::from(water_code);
        if let Some(code) = known.code_2005 {
            assert!(old.insert(code), "{code}");
            assert_eq!(of_code_2005(code), Some(known));
        }
        assert!(of_name(&known.name.zh).any(|found| found == known), "{}", known.code);
        assert!(of_name(&known.name.en).any(|found| found == known), "{}", known.code);
    }
    assert_eq!((all().len(), water, old.len()), (186, 64, 93));
}

#[test]
fn a_name_may_stand_in_water_and_in_air() {
    let media: Vec<Medium> = of_name("benzo[a]pyrene").map(|known| known.medium).collect();
    assert_eq!(media, [Medium::Water, Medium::Air]);
    assert!(in_unit("mg/m3").all(|known| known.medium == Medium::Air));
    assert!(in_unit("mg/L").any(|known| known.code == "w21003"));
}

#[test]
fn what_is_not_known_stays_unknown() {
    for code in ["", "w", "w0101", "w010180", "x01018", "w01018z", "011", "a99999", "水"] {
        assert!(pollutant(code).is_none(), "{code}");
    }
    // A code of 2005 without a successor in the tables: trivalent chromium.
    assert!(of_code_2005("025").is_none());
    assert_eq!(of_name("no such thing").count(), 0);
    assert_eq!(Medium::Water.name().zh, "水");
}

proptest! {
    #[test]
    fn a_normal_form_is_its_own_normal_form(code in "[ wWaA]?[wWaA][0-9]{4,6} ?") {
        if let Some(normal) = normal_form(&code) {
            prop_assert_eq!(normal_form(&normal), Some(normal.clone()));
            prop_assert_eq!(pollutant(&code), pollutant(&normal));
        } else {
            prop_assert_eq!(pollutant(&code), None);
        }
    }

    #[test]
    fn any_text_may_be_asked(text in ".{0,12}") {
        prop_assert!(of_name(&text).count() <= all().len());
        let found = pollutant(&text).map(|known| known.code.to_owned());
        prop_assert!(found.is_none() || found == normal_form(&text));
    }
}
