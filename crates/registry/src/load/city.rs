//! `city.toml`: the city's name, code, bounds and leading department.

use super::table::{Problems, utf8};
use super::{Files, Problem};
use crate::model::{City, Name};
use serde::Deserialize;

/// The file.
pub(super) const FILE: &str = "city.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name_zh: String,
    name_en: String,
    code: String,
    bounds: [f64; 4],
    is_demo: bool,
    lead_department: String,
}

/// The city and the code of its leading department.
pub(super) fn read(key: &str, files: &Files, problems: &Problems) -> Option<(City, String)> {
    let Some(bytes) = files.get(FILE) else {
        let cure = "Copy it from cities/example and fill it in";
        problems.borrow_mut().push(Problem::of_file(FILE, "the file is missing", cure));
        return None;
    };
    let text = utf8(FILE, bytes, problems)?;
    let form: Form = match toml::from_str(text) {
        Ok(form) => form,
        Err(error) => {
            problems.borrow_mut().push(unreadable(text, &error));
            return None;
        }
    };
    let complain = |what: &str, cure: &str| {
        problems.borrow_mut().push(Problem::of_file(FILE, what, cure));
    };
    let before = problems.borrow().len();
    if form.code.len() != 6 || !form.code.bytes().all(|byte| byte.is_ascii_digit()) {
        complain("code is not six digits", "Write the city's code of GB/T 2260, like \"350600\"");
    }
    let [west, south, east, north] = form.bounds;
    let possible = (-180.0..=180.0).contains(&west)
        && (-180.0..=180.0).contains(&east)
        && (-90.0..=90.0).contains(&south)
        && (-90.0..=90.0).contains(&north)
        && west < east
        && south < north;
    if !possible {
        complain("bounds is no box", "Write west, south, east, north in degrees");
    }
    if form.name_zh.trim().is_empty() {
        complain("name_zh is empty", "Write the city's name");
    }
    (problems.borrow().len() == before).then(|| {
        let en = if form.name_en.is_empty() { form.name_zh.clone() } else { form.name_en };
        let city = City {
            key: key.to_owned(),
            name: Name { zh: form.name_zh, en },
            code: form.code,
            bounds: form.bounds,
            is_demo: form.is_demo,
        };
        (city, form.lead_department)
    })
}

fn unreadable(text: &str, error: &toml::de::Error) -> Problem {
    let place = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        (line, column.to_string())
    });
    let (line, column) = place.unzip();
    let what = error.message().to_owned();
    let cure = "The keys are name_zh, name_en, code, bounds, is_demo, lead_department";
    Problem { line, column, ..Problem::of_file(FILE, what, cure) }
}
