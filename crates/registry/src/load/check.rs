//! What one file says must fit what the others say.

use super::table::{Problems, Row, Table};
use super::{CityFiles, Files, Listed, ListedDetail, ListedPoint, Problem, city, rows};
use crate::geometry::{BOUNDARIES_FILE as BOUNDARIES, Boundaries};
use crate::model::{City, Division, PointKind, Position};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

const KEPT_FOLDERS: [&str; 8] =
    ["assessment/", "case_kinds/", "checks/", "geo/", "ledgers/", "permits/", "plan/", "rules/"];

/// What is known while the files are read.
struct Check<'a> {
    files: &'a Files,
    problems: &'a Problems,
    warnings: Problems,
    /// Tables of which nothing is known, so that what others say of them is not doubted.
    unread: RefCell<HashSet<String>>,
}

pub(super) fn check_city(key: &str, files: &Files) -> Result<CityFiles, Vec<Problem>> {
    let problems = RefCell::new(Vec::new());
    let read = {
        let check = Check {
            files,
            problems: &problems,
            warnings: RefCell::default(),
            unread: RefCell::default(),
        };
        check.all(key)
    };
    match (read, problems.into_inner()) {
        (Some(city), problems) if problems.is_empty() => Ok(city),
        (_, problems) => Err(problems),
    }
}

impl Check<'_> {
    fn all(self, key: &str) -> Option<CityFiles> {
        let (city, lead) = city::read(key, self.files, self.problems)
            .map_or((None, String::new()), |(city, lead)| (Some(city), lead));
        let divisions = self.divisions();
        let codes: HashSet<&str> = divisions.iter().map(|row| row.what.code.as_str()).collect();
        let boundaries = self.boundaries(&codes);
        let departments =
            self.table("departments.csv", rows::DEPARTMENTS, |row| rows::department(row, &lead));
        self.lead_department(&lead, departments.iter().any(|row| row.what.is_lead));
        let factors = self.unique("factors.csv", rows::FACTORS, "code", rows::factor);
        let enterprises = self.unique("enterprises.csv", rows::ENTERPRISES, "code", |row| {
            let read = rows::enterprise(row)?;
            self.known(row, "division", &read.what.division, &codes, "divisions.csv");
            Some(read)
        });
        let owners: HashSet<&str> = enterprises.iter().map(|row| row.what.code.as_str()).collect();
        let place = Place { city: city.as_ref(), codes: &codes, boundaries: boundaries.as_ref() };
        let points = self.points(&place, &owners);
        let factor_codes: HashSet<&str> =
            factors.iter().map(|row| row.what.code.as_str()).collect();
        let limits = self.limits(&points, &factor_codes);
        let devices = self.devices(&points, &factor_codes);
        let kept = |path: &&String| KEPT_FOLDERS.iter().any(|folder| path.starts_with(folder));
        let kept_files = self.files.keys().filter(kept).cloned().collect::<Vec<_>>();
        let kept_files = kept_files
            .into_iter()
            .filter_map(|path| self.files.get(&path).map(|bytes| (path, bytes.clone())))
            .collect();
        Some(CityFiles {
            city: city?,
            divisions,
            departments,
            factors,
            enterprises,
            points,
            devices,
            limits,
            kept_files,
            warnings: self.warnings.into_inner(),
        })
    }

    fn table<T>(
        &self,
        file: &str,
        columns: &[&str],
        read: impl Fn(&Row<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(bytes) = self.files.get(file) else {
            let cure = "Copy it from cities/example; a table without rows keeps its header";
            self.problems.borrow_mut().push(Problem::of_file(file, "the file is missing", cure));
            self.unread.borrow_mut().insert(file.to_owned());
            return Vec::new();
        };
        let Some(table) = Table::read(file, bytes, columns, self.problems) else {
            self.unread.borrow_mut().insert(file.to_owned());
            return Vec::new();
        };
        table.rows().filter_map(|row| read(&row)).collect()
    }

    /// A table in which a column names each row once.
    fn unique<T>(
        &self,
        file: &str,
        columns: &[&str],
        key: &str,
        read: impl Fn(&Row<'_>) -> Option<T>,
    ) -> Vec<T> {
        let seen = RefCell::new(HashMap::new());
        self.table(file, columns, |row| {
            self.once(row, key, row.cell(key).to_owned(), &mut seen.borrow_mut());
            read(row)
        })
    }

    fn once(&self, row: &Row<'_>, column: &str, key: String, seen: &mut HashMap<String, u64>) {
        if key.is_empty() {
            return;
        }
        let what = |line: &u64| format!("{key:?} stands already in line {line}");
        match seen.get(&key) {
            Some(line) => {
                let cure = "Remove one of the rows or correct its code";
                self.problems.borrow_mut().push(row.problem(column, what(line), cure));
            }
            None => {
                seen.insert(key, row.line());
            }
        }
    }

    fn known(&self, row: &Row<'_>, column: &str, code: &str, all: &HashSet<&str>, file: &str) {
        if !all.contains(code) && !self.unread.borrow().contains(file) {
            let what = format!("{code:?} is not in {file}");
            let cure = format!("Correct the code or add a row to {file}");
            self.problems.borrow_mut().push(row.problem(column, what, &cure));
        }
    }

    fn divisions(&self) -> Vec<Listed<Division>> {
        let seen = RefCell::new(HashMap::new());
        let all = self.table("divisions.csv", rows::DIVISIONS, |row| {
            let key = format!("{} from {}", row.cell("code"), row.cell("valid_from"));
            self.once(row, "code", key, &mut seen.borrow_mut());
            let division = rows::division(row)?;
            Some((division, row.line()))
        });
        let codes: HashSet<String> = all.iter().map(|(row, _)| row.what.code.clone()).collect();
        for (row, line) in &all {
            if let Some(parent) = row.what.parent.as_ref().filter(|parent| !codes.contains(*parent))
            {
                self.problems.borrow_mut().push(Problem {
                    line: Some(*line),
                    column: Some("parent".to_owned()),
                    ..Problem::of_file(
                        "divisions.csv",
                        format!("{parent:?} is not in this file"),
                        "Correct the code or add a row for the division above",
                    )
                });
            }
        }
        all.into_iter().map(|(row, _)| row).collect()
    }

    fn boundaries(&self, codes: &HashSet<&str>) -> Option<Boundaries> {
        let bytes = self.files.get(BOUNDARIES)?;
        let complain = |line, what: String, cure: &str| {
            let problem = Problem::of_file(BOUNDARIES, what, cure);
            self.problems.borrow_mut().push(Problem { line, ..problem });
        };
        match Boundaries::parse(bytes) {
            Ok(boundaries) => {
                for code in boundaries.codes().filter(|code| !codes.contains(code)) {
                    let cure = "Correct the property \"code\" of the feature";
                    complain(None, format!("{code:?} is not in divisions.csv"), cure);
                }
                Some(boundaries)
            }
            Err(error) => {
                let cure = "Write polygons with the property \"code\"";
                complain(Some(error.line()), error.to_string(), cure);
                None
            }
        }
    }

    fn lead_department(&self, lead: &str, found: bool) {
        if !lead.is_empty() && !found {
            self.problems.borrow_mut().push(Problem::of_file(
                city::FILE,
                format!("lead_department {lead:?} is not in departments.csv"),
                "Correct the code or add the department",
            ));
        }
    }

    fn points(&self, place: &Place<'_>, owners: &HashSet<&str>) -> Vec<Listed<ListedPoint>> {
        let mut points = self.unique("air_stations.csv", rows::AIR_STATIONS, "code", |row| {
            self.placed(row, rows::air_station(row)?, place)
        });
        let sections = self.unique("water_sections.csv", rows::WATER_SECTIONS, "code", |row| {
            self.placed(row, rows::water_section(row)?, place)
        });
        let seen = RefCell::new(HashMap::new());
        let outlets = self.table("outlets.csv", rows::OUTLETS, |row| {
            let outlet = rows::outlet(row)?;
            self.once(row, "number", outlet.what.code.clone(), &mut seen.borrow_mut());
            if let ListedDetail::Outlet { enterprise, .. } = &outlet.what.detail {
                self.known(row, "enterprise", enterprise, owners, "enterprises.csv");
            }
            self.placed(row, outlet, place)
        });
        points.extend(sections);
        points.extend(outlets);
        points
    }

    /// A point with its division known and its position doubted where it must be.
    #[expect(clippy::unnecessary_wraps, reason = "the shape that reading a row has")]
    fn placed(
        &self,
        row: &Row<'_>,
        mut point: Listed<ListedPoint>,
        place: &Place<'_>,
    ) -> Option<Listed<ListedPoint>> {
        let listed = &mut point.what;
        self.known(row, "division", &listed.division, place.codes, "divisions.csv");
        if let Some(position) = listed.position
            && let Some(doubt) = place.doubt(position, &listed.division)
        {
            let (what, is_trusted) = doubt;
            let cure = "Ask the source for the right position; correct the row";
            self.warnings.borrow_mut().push(row.problem("longitude", what.clone(), cure));
            if !is_trusted {
                listed.position = None;
            }
            let note = listed.position_note.take();
            listed.position_note =
                Some(note.map_or(what.clone(), |note| format!("{what}; {note}")));
        }
        Some(point)
    }

    fn limits(
        &self,
        points: &[Listed<ListedPoint>],
        factors: &HashSet<&str>,
    ) -> Vec<Listed<super::ListedLimit>> {
        let outlets: HashSet<&str> = codes_of(points, PointKind::Outlet).collect();
        let seen: RefCell<HashMap<_, Vec<Span>>> = RefCell::default();
        let limits = self.table("limits.csv", rows::LIMITS, |row| {
            let limit = rows::limit(row)?;
            let listed = &limit.what;
            self.known(row, "number", &listed.point, &outlets, "outlets.csv");
            self.known(row, "factor", &listed.factor, factors, "factors.csv");
            let key = (listed.point.clone(), listed.factor.clone(), listed.period);
            let mut seen = seen.borrow_mut();
            let others = seen.entry(key).or_default();
            let (from, to) = (listed.valid_from, listed.valid_to);
            let overlap = others.iter().find(|(_, other_from, other_to)| {
                to.is_none_or(|to| *other_from <= to) && other_to.is_none_or(|end| from <= end)
            });
            if let Some((line, ..)) = overlap {
                let what = format!("the same limit stands in line {line} for some of these days");
                row.complain("valid_from", what, "End the older limit with valid_to");
            }
            others.push((row.line(), from, to));
            Some(limit)
        });
        let limited: HashSet<&str> = limits.iter().map(|row| row.what.point.as_str()).collect();
        for code in outlets.iter().filter(|code| !limited.contains(*code)) {
            self.warnings.borrow_mut().push(Problem::of_file(
                "limits.csv",
                format!("outlet {code} has no limit: nothing of it is judged"),
                "Add the limits of its permit",
            ));
        }
        limits
    }

    fn devices(
        &self,
        points: &[Listed<ListedPoint>],
        factors: &HashSet<&str>,
    ) -> Vec<Listed<super::ListedDevice>> {
        let of_kind =
            PointKind::ALL.map(|kind| (kind, codes_of(points, kind).collect::<HashSet<_>>()));
        let of_kind: HashMap<_, _> = of_kind.into_iter().collect();
        self.unique("devices.csv", rows::DEVICES, "mn", |row| {
            let device = rows::device(row)?;
            let listed = &device.what;
            let file = match listed.point_kind {
                PointKind::Outlet => "outlets.csv",
                PointKind::AirStation => "air_stations.csv",
                PointKind::WaterSection => "water_sections.csv",
            };
            self.known(row, "point", &listed.point, &of_kind[&listed.point_kind], file);
            for factor in &listed.factors {
                self.known(row, "factors", factor, factors, "factors.csv");
            }
            Some(device)
        })
    }
}

/// Line, first and last day of a limit.
type Span = (u64, Date, Option<Date>);

fn codes_of(points: &[Listed<ListedPoint>], kind: PointKind) -> impl Iterator<Item = &str> {
    points.iter().filter(move |row| row.what.kind() == kind).map(|row| row.what.code.as_str())
}

/// What decides whether a position can be true.
struct Place<'a> {
    city: Option<&'a City>,
    codes: &'a HashSet<&'a str>,
    boundaries: Option<&'a Boundaries>,
}

impl Place<'_> {
    /// Why the position is doubtful, and whether it is still shown.
    fn doubt(&self, position: Position, division: &str) -> Option<(String, bool)> {
        let city = self.city?;
        let Position { longitude, latitude } = position;
        if !city.contains(position) {
            let what = format!("{longitude}, {latitude} lies outside the city: not trusted");
            return Some((what, false));
        }
        let boundaries = self.boundaries?;
        (boundaries.contains(division, position) == Some(false)).then(|| {
            (format!("{longitude}, {latitude} lies outside the drawn boundary of {division}"), true)
        })
    }
}
