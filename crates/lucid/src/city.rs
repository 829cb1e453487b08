//! The city's files: built into the binary, or in a folder.

use std::path::Path;

use plan::{Level, Plan};
use registry::load::{CityFiles, Files, Problem, check_city, read_city};
use registry::store::Installed;
use rust_embed::RustEmbed;
use store::Store;

use crate::clock;
use crate::exit::Failure;

/// The cities of the repository, so that the binary works anywhere.
#[derive(RustEmbed)]
#[folder = "../../cities"]
struct BuiltIn;

/// The names of the built-in cities.
pub(crate) fn built_in() -> Vec<String> {
    let mut names: Vec<_> = BuiltIn::iter()
        .filter_map(|path| Some(path.strip_suffix("/city.toml")?.to_owned()))
        .collect();
    names.sort();
    names
}

/// Reads and checks the city of a name or a folder, its plan as well.
pub(crate) fn read(name: &str) -> Result<CityFiles, Failure> {
    let files = read_but_plan(name)?;
    let problems = match plan(&files) {
        Ok(None) => return Ok(files),
        Ok(Some(plan)) => plan.check(&units(&files)),
        Err(problems) => problems,
    };
    let wrong = problems.iter().filter(|problem| problem.level == Level::Wrong);
    let lines: Vec<String> = wrong.map(ToString::to_string).collect();
    if lines.is_empty() {
        return Ok(files);
    }
    let cure = "Nothing was changed. `lucid plan check` says the same while you mend it.";
    Err(Failure::of_use("city.plan", lines.join("\n"), cure))
}

/// The plan of a city; `None` where it has none.
pub(crate) fn plan(files: &CityFiles) -> Result<Option<Plan>, Vec<plan::Problem>> {
    let of_plan = |(path, content): (&String, &Vec<u8>)| {
        let is_toml = Path::new(path).extension().is_some_and(|ending| ending == "toml");
        (path.starts_with(governance::FOLDER) && is_toml)
            .then(|| (path.clone(), String::from_utf8_lossy(content).into_owned()))
    };
    let texts: Vec<_> = files.kept_files.iter().filter_map(of_plan).collect();
    if texts.is_empty() { Ok(None) } else { Plan::parse(&texts).map(Some) }
}

/// The units of a city: divisions with their kind, departments without one.
pub(crate) fn units(files: &CityFiles) -> Vec<(String, String)> {
    let divisions = files.divisions.iter().map(|listed| &listed.what);
    let divisions = divisions.map(|it| (it.code.clone(), it.kind.as_str().to_owned()));
    let departments = files.departments.iter().map(|listed| &listed.what);
    divisions.chain(departments.map(|it| (it.code.clone(), String::new()))).collect()
}

/// Reads and checks the city of a name or a folder, without looking into its plan.
pub(crate) fn read_but_plan(name: &str) -> Result<CityFiles, Failure> {
    let folder = Path::new(name);
    let found = if folder.is_dir() {
        read_city(folder)
    } else if built_in().iter().any(|known| known == name) {
        check_city(name, &files_of(name))
    } else {
        return Err(Failure::of_use(
            "city.unknown",
            format!("there is neither a folder nor a built-in city {name:?}"),
            format!("Built in: {}. Or name the folder of a city's files.", built_in().join(", ")),
        ));
    };
    let files = found.map_err(|problems| wrong(&problems))?;
    permits::city::read(&files).map_err(|problems| wrong(&problems))?;
    Ok(files)
}

fn wrong(problems: &[Problem]) -> Failure {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    Failure::of_use("city.files", lines.join("\n"), "Nothing was changed.")
}

/// Brings the store to what the files say, with the permits among them.
pub(crate) async fn install(store: &Store, files: &CityFiles) -> Result<Installed, Failure> {
    let drafts = permits::city::read(files).map_err(|problems| wrong(&problems))?;
    let installed = registry::store::install(store, files).await.map_err(|error| {
        Failure::caused(error.code(), &error, "Choose another data folder for another city.")
    })?;
    permits::city::install(store, &drafts, clock::now()).await.map_err(|error| {
        Failure::caused(error.code(), &error, "Correct the file of the permit.")
    })?;
    Ok(installed)
}

/// A file of a city that only the demonstration reads; `None` where the city has none.
pub(crate) fn demo_file(name: &str, file: &str) -> Option<Vec<u8>> {
    let folder = Path::new(name);
    if folder.is_dir() {
        return std::fs::read(folder.join(file)).ok();
    }
    BuiltIn::get(&format!("{name}/{file}")).map(|found| found.data.into_owned())
}

/// The kinds of cases that a city adds: the names and texts of `case_kinds/*.toml`.
pub(crate) fn case_kinds(name: &str) -> Result<Vec<(String, String)>, Failure> {
    own_files(name, "case_kinds/")
}

/// The names and texts of the TOML files in a folder of a city.
pub(crate) fn own_files(name: &str, folder: &str) -> Result<Vec<(String, String)>, Failure> {
    let files = if Path::new(name).is_dir() { read(name)?.kept_files } else { files_of(name) };
    let of_folder = |(path, content): (String, Vec<u8>)| {
        let file = path.strip_prefix(folder)?.to_owned();
        let is_toml = Path::new(&file).extension().is_some_and(|ending| ending == "toml");
        is_toml.then(|| (file, String::from_utf8_lossy(&content).into_owned()))
    };
    Ok(files.into_iter().filter_map(of_folder).collect())
}

fn files_of(name: &str) -> Files {
    let prefix = format!("{name}/");
    let own = BuiltIn::iter().filter_map(|path| {
        let inner = path.strip_prefix(&prefix)?.to_owned();
        Some((inner, BuiltIn::get(&path)?.data.into_owned()))
    });
    own.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_city_is_sound() {
        assert!(built_in().contains(&"zhangzhou".to_owned()));
        for name in built_in() {
            let read = read(&name);
            assert!(read.is_ok(), "{name}: {}", read.unwrap_err());
        }
    }

    #[test]
    fn an_unknown_city_is_said() {
        assert_eq!(read("atlantis").unwrap_err().code, "city.unknown");
    }
}
