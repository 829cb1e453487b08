//! The checks of what people enter: those of the program, and those that a city adds in `checks/`.

use enterprises::checks::Checks;
use plausibility::Problem;

use crate::engine::Engine;
use crate::exit::Failure;

/// The folder of a city's files in which its own checks stand.
pub(crate) const FOLDER: &str = "checks/";

/// The checks of the city in the store.
pub(crate) async fn of(engine: &Engine) -> Result<Checks, Failure> {
    let unread = |error: registry::RegistryError| {
        Failure::caused(error.code(), &error, "`lucid doctor` says more.")
    };
    let mut own = Vec::new();
    for path in registry::store::city_files(&engine.store).await.map_err(unread)? {
        let Some(name) = path.strip_prefix(FOLDER) else { continue };
        if std::path::Path::new(name).extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let file = registry::store::city_file(&engine.store, &path).await.map_err(unread)?;
        let text = String::from_utf8_lossy(&file.unwrap_or_default()).into_owned();
        own.push((name.to_owned(), text));
    }
    all(&own)
}

/// The checks of the program with those of a city, given as names and texts.
pub(crate) fn all(own: &[(String, String)]) -> Result<Checks, Failure> {
    plausibility::all(own).map(Checks).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
        let cure =
            "Mend the files in checks/ of the city's folder, then load it with `lucid init`.";
        Failure::of_use("city.checks", lines.join("\n"), cure)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_check_of_a_city_is_named_with_its_file_and_line() {
        assert!(all(&[]).is_ok());
        let own = [("flow.toml".to_owned(), "id = \"flow\"\nversion = -1\n".to_owned())];
        let failure = all(&own).expect_err("it is wrong");
        assert_eq!(failure.code, "city.checks");
        assert!(failure.what.contains("flow.toml:2"), "{}", failure.what);
    }
}
