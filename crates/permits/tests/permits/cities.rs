//! The permits of the cities that come with the program agree with their tables.

use permits::{check, number};
use registry::load::{CityFiles, read_city};
use registry::{LimitBound, Snapshot};
use std::path::Path;

fn city(name: &str) -> CityFiles {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities").join(name);
    read_city(&folder).expect("a sound city")
}

#[test]
fn every_limit_of_the_tables_stands_in_the_newest_version_of_a_permit() {
    for name in ["example", "zhangzhou"] {
        let files = city(name);
        let drafts = permits::city::read(&files).expect("sound permits");
        for row in &files.limits {
            let (holder, outlet) = row.what.point.split_once('/').expect("an outlet's code");
            let Some(draft) = drafts.iter().rfind(|draft| draft.enterprise == holder) else {
                panic!("{name}: {holder} has no permit");
            };
            let (least, most) = match row.what.bound {
                LimitBound::AtMost(most) => (None, most),
                LimitBound::Within(least, most) => (Some(least), most),
            };
            let stands = draft.content.limits.iter().any(|limit| {
                limit.outlet_number.as_deref() == Some(outlet)
                    && limit.pollutant == row.what.factor
                    && limit.period == row.what.period
                    && limit.on_converted == row.what.on_converted
                    && (limit.at_least, limit.at_most) == (least, most)
            });
            assert!(stands, "{name}: {} {}", row.what.point, row.what.factor);
        }
    }
}

#[test]
fn permits_of_invented_enterprises_say_so_and_are_judged() {
    for name in ["example", "zhangzhou"] {
        let files = city(name);
        let snapshot = Snapshot::of_files(&files);
        for draft in permits::city::read(&files).expect("sound permits") {
            let parsed = number::check(&draft.number).expect("a right number");
            // 99 is no province: the number is nobody's.
            assert_eq!(parsed.unit.get(2..4), Some("99"), "{}", draft.number);
            assert_eq!(draft.content.confidence, registry::Confidence::Fictitious);
            let unjudged = check::notes(&draft, &snapshot);
            assert!(unjudged.is_empty(), "{}: {unjudged:?}", draft.number);
        }
    }
}
