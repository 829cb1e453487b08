//! The list of every standard in this crate: what commands and pages browse.

use jiff::civil::Date;
use rulebook::{Edition, Row, Table, Text};

use crate::{air, codes, discharge, flow, monitoring, noise, sea, soil, water};

/// One folder of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Standard {
    /// The identifier in commands and addresses: `GB3095`.
    pub id: &'static str,
    /// The folder, from the root of the crate's sources: where it is computed.
    pub folder: &'static str,
    /// The title in Chinese and in English.
    pub title: (&'static str, &'static str),
    /// Its editions; empty for a method without a number of its own.
    pub editions: &'static [Edition],
    /// Its dated tables; none for a pure method and for a limit that stands elsewhere.
    pub tables: fn() -> Vec<&'static Table>,
}

/// Writes one entry of the list.
macro_rules! standard {
    ($id:literal, $area:ident :: $folder:ident, $zh:literal, $en:literal, $editions:expr) => {
        Standard {
            id: $id,
            folder: concat!(stringify!($area), "/", stringify!($folder)),
            title: ($zh, $en),
            editions: $editions,
            tables: || $area::$folder::tables().into_iter().collect(),
        }
    };
    ($id:literal, method $area:ident :: $folder:ident, $zh:literal, $en:literal) => {
        Standard {
            id: $id,
            folder: concat!(stringify!($area), "/", stringify!($folder)),
            title: ($zh, $en),
            editions: &[],
            tables: Vec::new,
        }
    };
    ($id:literal, $area:ident :: $folder:ident, $zh:literal, $en:literal) => {
        standard!($id, $area::$folder, $zh, $en, $area::$folder::EDITIONS)
    };
}

/// Every folder with a standard or a method, in the order of its area.
pub const ALL: &[Standard] = &[
    standard!("GB3095", air::gb3095_ambient_air_quality, "环境空气质量标准", "ambient air quality"),
    standard!(
        "HJ633",
        air::hj633_air_quality_index,
        "环境空气质量指数（AQI）技术规定",
        "air quality index"
    ),
    standard!(
        "HJ663",
        air::hj663_ambient_air_assessment,
        "环境空气质量评价技术规范",
        "assessment of ambient air quality"
    ),
    standard!(
        "air-ranking",
        air::city_air_ranking,
        "环境空气质量综合指数与排名",
        "composite index and ranking",
        &[]
    ),
    standard!("dust", air::dust_deduction, "沙尘天气过程影响扣除", "deduction of dust", &[]),
    standard!(
        "warning",
        air::heavy_pollution_warning,
        "重污染天气预警分级",
        "warning levels of heavy pollution",
        &[]
    ),
    standard!("GB3838", water::gb3838_surface_water, "地表水环境质量标准", "surface water"),
    standard!(
        "surface-water-assessment",
        water::surface_water_assessment,
        "地表水环境质量评价办法",
        "assessment of surface water",
        &[]
    ),
    standard!(
        "trophic-state",
        water::trophic_state,
        "湖库营养状态评价",
        "trophic state of lakes",
        &[]
    ),
    standard!(
        "black-odorous",
        water::black_odorous_water,
        "城市黑臭水体分级",
        "black and odorous water",
        &[]
    ),
    standard!(
        "drinking-water-sources",
        water::drinking_water_sources,
        "集中式饮用水水源地评价",
        "sources of drinking water",
        &[]
    ),
    standard!(
        "CWQI",
        method water::city_water_quality_index,
        "城市水质指数",
        "city water quality index"
    ),
    standard!("GBT14848", water::gbt14848_groundwater, "地下水质量标准", "groundwater"),
    standard!("GB3097", sea::gb3097_sea_water, "海水水质标准", "sea water"),
    standard!(
        "nearshore",
        sea::nearshore_assessment,
        "近岸海域水质评价",
        "assessment of sea areas",
        &[]
    ),
    standard!(
        "eutrophication",
        sea::eutrophication,
        "海水富营养化指数",
        "eutrophication of sea water",
        &[]
    ),
    standard!(
        "sea-area",
        method sea::good_water_area,
        "近岸海域优良水质面积比例",
        "share of the area of good sea water"
    ),
    standard!("GB18668", sea::gb18668_marine_sediment, "海洋沉积物质量", "marine sediment"),
    standard!("GB18421", sea::gb18421_marine_biota, "海洋生物质量", "marine biota"),
    standard!(
        "GB36600",
        soil::gb36600_construction_land,
        "建设用地土壤污染风险管控标准",
        "soil of development land"
    ),
    standard!(
        "GB15618",
        soil::gb15618_agricultural_land,
        "农用地土壤污染风险管控标准",
        "soil of agricultural land"
    ),
    standard!("GB3096", noise::gb3096_acoustic_environment, "声环境质量标准", "noise of places"),
    standard!(
        "GB12348",
        noise::gb12348_boundary_noise,
        "工业企业厂界环境噪声排放标准",
        "noise at boundaries"
    ),
    standard!(
        "GB12523",
        noise::gb12523_construction_noise,
        "建筑施工场界环境噪声排放标准",
        "noise of construction sites"
    ),
    standard!(
        "GB18918",
        discharge::gb18918_town_sewage_plants,
        "城镇污水处理厂污染物排放标准",
        "town sewage plants"
    ),
    standard!(
        "GB8978",
        discharge::gb8978_integrated_wastewater,
        "污水综合排放标准",
        "integrated wastewater"
    ),
    standard!("GB13271", discharge::gb13271_boilers, "锅炉大气污染物排放标准", "boilers"),
    standard!(
        "GB13223",
        discharge::gb13223_thermal_power,
        "火电厂大气污染物排放标准",
        "thermal power plants"
    ),
    standard!(
        "GB16297",
        discharge::gb16297_integrated_air,
        "大气污染物综合排放标准",
        "integrated air pollutants"
    ),
    standard!(
        "DB35-1869",
        discharge::db35_1869_rural_sewage,
        "农村生活污水处理设施水污染物排放标准（福建）",
        "rural sewage in Fujian"
    ),
    standard!(
        "permit-limit",
        method discharge::permit_limit,
        "排污许可限值判定",
        "limits of discharge permits"
    ),
    standard!(
        "reference-oxygen",
        discharge::reference_oxygen,
        "基准氧含量折算",
        "reference oxygen",
        &[]
    ),
    standard!(
        "HJ75",
        monitoring::hj75_flue_gas,
        "固定污染源烟气排放连续监测技术规范",
        "continuous monitoring of flue gas"
    ),
    standard!(
        "HJ356",
        monitoring::hj356_wastewater,
        "水污染源在线监测系统数据有效性判别技术规范",
        "valid data of wastewater"
    ),
    standard!("Tennant", flow::tennant, "蒙大拿法", "Tennant method", &[]),
    standard!(
        "guaranteed-flow",
        flow::guaranteed_flow,
        "生态流量保证率",
        "guaranteed ecological flow",
        &[]
    ),
    standard!("GBT2260", codes::divisions, "行政区划代码", "divisions", &[]),
    standard!("GBT4754", codes::industries, "国民经济行业分类", "industries"),
    standard!("pollutants", codes::pollutants, "污染物名称代码", "codes of pollutants", &[]),
    standard!(
        "social-credit-code",
        method codes::social_credit_code,
        "统一社会信用代码",
        "unified social credit code"
    ),
    standard!(
        "permit-number",
        method codes::permit_number,
        "排污许可证编号",
        "numbers of discharge permits"
    ),
];

impl Standard {
    /// The standard of an identifier; letter case does not matter. `None` otherwise.
    ///
    /// # Example
    /// ```
    /// let standard = standards::Standard::find("gb3095").unwrap();
    /// assert_eq!(standard.folder, "air/gb3095_ambient_air_quality");
    /// ```
    pub fn find(id: &str) -> Option<&'static Self> {
        ALL.iter().find(|standard| standard.id.eq_ignore_ascii_case(id))
    }

    /// The title in both languages.
    pub const fn title(&self) -> Text {
        Text::fixed(self.title.0, self.title.1)
    }

    /// The edition in force on a day, `None` where there is none or the method has no editions.
    pub fn in_force(&self, on: Date) -> Option<&'static Edition> {
        Edition::in_force(self.editions, on)
    }
}

/// A row of a table that two days do not share: what changed between them (差异).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The cells that tell the row apart, joined.
    pub key: String,
    /// The columns that differ: name, cell before, cell after; an empty cell where there was none.
    pub columns: Vec<(String, String, String)>,
}

/// Columns that say where a row comes from, not what it says.
const PROVENANCE: [&str; 9] = [
    "standard",
    "version",
    "stage",
    "valid_from",
    "valid_to",
    "clause",
    "source",
    "confidence",
    "note",
];

/// Returns what changed in the tables of a standard between two days.
///
/// # Formula
/// Rows are paired by their words, in the order in which they stand; numbers and words that are
/// not provenance are compared cell by cell.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::{Standard, differences};
/// let air = Standard::find("HJ633").unwrap();
/// let changed = differences(air, date(2026, 2, 28), date(2026, 3, 1));
/// let points: Vec<_> = changed.iter().filter(|one| one.table == "hj633/breakpoints").collect();
/// assert_eq!(points.len(), 2);
/// assert_eq!(points[1].columns, [("concentration".into(), "75".into(), "60".into())]);
/// ```
pub fn differences(standard: &Standard, before: Date, after: Date) -> Vec<Difference> {
    let mut found = Vec::new();
    for table in (standard.tables)() {
        let compared: Vec<&str> = table
            .columns()
            .iter()
            .map(String::as_str)
            .filter(|column| !PROVENANCE.contains(column))
            .collect();
        let old: Vec<&Row> = table.in_force(before).collect();
        let new: Vec<&Row> = table.in_force(after).collect();
        compare_rows(table, &compared, &old, &new, &mut found);
    }
    found
}

fn compare_rows(
    table: &'static Table,
    columns: &[&str],
    old: &[&Row],
    new: &[&Row],
    found: &mut Vec<Difference>,
) {
    // The words of a row tell rows apart; of several equal ones the first that is not taken is
    // meant. A row without partner differs in what it says besides the words that name it.
    let key_columns = key_columns(table, columns);
    let key = |row: &Row| {
        key_columns.iter().map(|column| table.cell(row, column)).collect::<Vec<_>>().join(" ")
    };
    let besides: Vec<&str> =
        columns.iter().filter(|column| !key_columns.contains(column)).copied().collect();
    let alone = if besides.is_empty() { columns } else { &besides };
    let mut taken = vec![false; new.len()];
    for row in old {
        let partner = (0..new.len()).find(|place| !taken[*place] && key(new[*place]) == key(row));
        if let Some(place) = partner {
            taken[place] = true;
        }
        let after = partner.map(|place| new[place]);
        let compared = if after.is_some() { columns } else { alone };
        found.extend(difference(table, compared, key(row), Some(row), after));
    }
    for row in new.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(row, _)| row) {
        found.extend(difference(table, alone, key(row), None, Some(row)));
    }
}

/// The columns by which rows are paired: those with words, and the levels that number rows.
fn key_columns<'column>(table: &'static Table, columns: &[&'column str]) -> Vec<&'column str> {
    const LEVELS: [&str; 6] = ["iaqi", "level", "order", "no", "alternative", "stack_m"];
    let wordy = |column: &&&str| {
        LEVELS.contains(*column)
            || table.rows().iter().any(|row| {
                let cell = table.cell(row, column);
                cell.starts_with(char::is_alphabetic) && cell.parse::<rulebook::Decimal>().is_err()
            })
    };
    columns.iter().filter(wordy).copied().collect()
}

fn difference(
    table: &'static Table,
    columns: &[&str],
    key: String,
    before: Option<&Row>,
    after: Option<&Row>,
) -> Option<Difference> {
    let cell = |row: Option<&Row>, column: &str| {
        row.map_or_else(String::new, |row| table.cell(row, column).to_owned())
    };
    let same = |one: &str, other: &str| {
        let number = |text: &str| text.parse::<rulebook::Decimal>().ok();
        one == other || number(one).is_some_and(|one| Some(one) == number(other))
    };
    let columns: Vec<(String, String, String)> = columns
        .iter()
        .map(|column| ((*column).to_owned(), cell(before, column), cell(after, column)))
        .filter(|(_, before, after)| !same(before, after))
        .collect();
    (!columns.is_empty()).then(|| Difference { table: table.name(), key, columns })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_standard_loads_and_has_its_own_identifier() {
        let mut seen = std::collections::BTreeSet::new();
        for standard in ALL {
            assert!(seen.insert(standard.id.to_ascii_lowercase()), "{}", standard.id);
            for table in (standard.tables)() {
                assert!(!table.rows().is_empty(), "{}", table.name());
            }
            for pair in standard.editions.windows(2) {
                assert!(pair[0].valid_to.is_some_and(|last| last < pair[1].valid_from));
            }
            assert!(!standard.title().is_empty());
        }
        assert!(Standard::find("HJ999").is_none());
    }

    /// The folders of the sources with check values, and how many other CSV files each has.
    fn folders() -> BTreeMap<String, usize> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let within = |folder: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(folder).expect("a readable folder");
            entries.map(|entry| entry.expect("an entry").path()).collect()
        };
        let mut found = BTreeMap::new();
        for area in within(&root).into_iter().filter(|path| path.is_dir()) {
            for folder in within(&area).into_iter().filter(|path| path.is_dir()) {
                let csv = |path: &PathBuf| path.extension().is_some_and(|end| end == "csv");
                let files = within(&folder).into_iter().filter(csv).count();
                assert!(folder.join("vectors.csv").is_file(), "{}", folder.display());
                let name = folder.strip_prefix(&root).expect("below the root").display();
                found.insert(name.to_string(), files - 1);
            }
        }
        found
    }

    #[test]
    fn every_folder_is_listed_with_its_tables_vectors_and_tests() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut unlisted = folders();
        for standard in ALL {
            for file in ["mod.rs", "vectors.csv", "tests.rs"] {
                let path = root.join(standard.folder).join(file);
                assert!(path.is_file(), "{} is missing", path.display());
            }
            let files = unlisted.remove(standard.folder).expect("listed once");
            let tables = (standard.tables)().len();
            // A method has no file of tables; the list of divisions is read apart, undated.
            match standard.id {
                "GBT2260" => assert!((1..=files).contains(&tables)),
                id => assert_eq!(tables, files, "{id}"),
            }
        }
        assert!(unlisted.is_empty(), "not listed: {unlisted:?}");
    }

    #[test]
    fn the_air_standard_changed_on_2026_03_01_where_the_text_says() {
        let air = Standard::find("GB3095").expect("a standard");
        let changed = differences(air, date(2026, 2, 28), date(2026, 3, 1));
        let basic: Vec<String> = changed
            .iter()
            .filter(|one| one.key.starts_with("basic"))
            .flat_map(|one| {
                let of = |(name, before, after): &(String, String, String)| {
                    format!("{} {name} {before} {after}", one.key)
                };
                one.columns.iter().map(of).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(basic.len(), 4, "{basic:#?}");
        assert!(basic.iter().all(|line| line.contains("grade2")), "{basic:#?}");
        assert!(basic.iter().any(|line| line.contains("PM2.5") && line.ends_with("35 30")));
        // A row that only one table has is named once, by its words.
        let annex = changed.iter().find(|one| one.key.contains("annexA_reference Cd"));
        let annex = annex.expect("the annex of 2026");
        let cells: Vec<&str> = annex.columns.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(cells, ["grade1", "grade2"]);
        assert_eq!(differences(air, date(2027, 1, 1), date(2030, 12, 31)), []);
        assert!(!differences(air, date(2030, 12, 31), date(2031, 1, 1)).is_empty());
    }
}
