//! Whatever bytes stand in a city's files: problems, never a panic.

use proptest::prelude::*;
use registry::load::{Files, check_city};
use std::path::Path;
use std::sync::LazyLock;

static EXAMPLE: LazyLock<Files> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let names = [
        "city.toml",
        "divisions.csv",
        "departments.csv",
        "factors.csv",
        "enterprises.csv",
        "air_stations.csv",
        "water_sections.csv",
        "outlets.csv",
        "limits.csv",
        "devices.csv",
        "geo/boundaries.geojson",
    ];
    let read = |name: &str| (name.to_owned(), std::fs::read(folder.join(name)).expect("a file"));
    names.into_iter().map(read).collect()
});

/// Bytes that mean something in these files, and any others.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let meaningful = prop::sample::select(vec![
        "",
        ",",
        "\"",
        "\n",
        "#",
        "\r",
        "1e400",
        "-",
        "NaN",
        "99999999999999999999",
        "é",
        "0000",
        "9999-12-31",
        "[",
        "{",
        "}",
        "yes",
        "\u{feff}",
    ]);
    prop_oneof![
        3 => meaningful.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_damaged_file_gives_problems_or_a_city(
        file in 0_usize..11,
        at in any::<prop::sample::Index>(),
        length in 0_usize..12,
        piece in piece(),
    ) {
        let mut files = EXAMPLE.clone();
        let content = files.values_mut().nth(file).expect("eleven files");
        let from = at.index(content.len());
        let to = (from + length).min(content.len());
        content.splice(from..to, piece);
        if let Err(problems) = check_city("example", &files) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(EXAMPLE.contains_key(&problem.file), "{problem}");
                prop_assert!(!problem.what.is_empty() && !problem.cure.is_empty());
            }
        }
    }
}
