//! Evaluation of surface water over many sections (地表水环境质量评价办法, 环办〔2011〕22号).
//!
//! Means over points, sections and periods, grade of a river system, main pollutants of a section
//! and of a system, change between periods. Tables: `basin_grades.csv`, `periods.csv`. Check
//! values: `vectors.csv`.

mod explain;
mod main_pollutants;
mod means;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rulebook::{Decimal, Input, Judged, NotComputable, Table, Text};

use crate::water::gb3838_surface_water::Class;
pub use explain::explain;
pub use main_pollutants::{
    Excess, Share, main_pollutants, main_pollutants_of_basin, multiple_over,
};
pub use means::{
    Means, WaterPeriod, class_of_few_sections, mean_of_period, mean_of_ph, mean_of_samples,
};

static BASIN_GRADES: LazyLock<Table> = LazyLock::new(|| {
    Table::load(
        "surface_water_assessment/basin_grades",
        include_str!("basin_grades.csv"),
        &["order"],
    )
    .expect("the table shipped with this crate is sound")
});

/// The grade of a river system (流域水质状况).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasinGrade {
    /// 1 (best) to 5.
    pub order: u8,
    /// 优, 良好, 轻度污染, 中度污染, 重度污染.
    pub name: Text,
    /// The colour; from memory.
    pub color: Text,
}

/// The shares of sections by class, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Sections of classes I to III.
    pub good: Decimal,
    /// Sections worse than class V.
    pub inferior: Decimal,
}

impl Shares {
    /// The shares of a set of section classes.
    ///
    /// # Standard
    /// 环办〔2011〕22号: shares from five sections on.
    ///
    /// # Not computable
    /// [`NotComputable::TooFew`] below five sections: then the means of the items over the
    /// sections are judged as one section ([`class_of_few_sections`]).
    ///
    /// # Note
    /// That exactly five sections use shares is from memory; one copy says "more than five".
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::Class;
    /// use standards::water::surface_water_assessment::Shares;
    /// let classes = [Class::I, Class::II, Class::III, Class::IV, Class::InferiorV];
    /// assert_eq!(Shares::of(&classes).unwrap().good.to_string(), "60");
    /// ```
    pub fn of(classes: &[Class]) -> Result<Self, NotComputable> {
        let counted = classes.len() as u32;
        if counted < 5 {
            let what = Text::fixed("断面数", "sections");
            return Err(NotComputable::TooFew { what, counted, wanted: 5 });
        }
        let share = |in_it: fn(&Class) -> bool| {
            let count = classes.iter().filter(|class| in_it(class)).count();
            Decimal::from(count * 100) / Decimal::from(counted)
        };
        Ok(Self {
            good: share(|class| *class <= Class::III),
            inferior: share(|class| *class == Class::InferiorV),
        })
    }
}

/// Returns the grade of a river system with five sections or more.
///
/// # Standard
/// 环办〔2011〕22号, evaluation of rivers, basins and water systems.
///
/// # Formula
/// Share of I to III at least 90 %: excellent; at least 75 %: good; below 75 %, by the share worse
/// than V: below 20 % light, below 40 % moderate, else heavy pollution.
///
/// # Units
/// Percent.
///
/// # Not computable
/// [`NotComputable::Invalid`] for shares outside 0 to 100.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::surface_water_assessment::{Shares, grade_of_basin};
/// let shares = Shares { good: "80.9".parse().unwrap(), inferior: "5.3".parse().unwrap() };
/// assert_eq!(grade_of_basin(shares).unwrap().value.name.zh, "良好");
/// ```
pub fn grade_of_basin(shares: Shares) -> Result<Judged<BasinGrade>, NotComputable> {
    let possible = Decimal::ZERO..=Decimal::ONE_HUNDRED;
    if !possible.contains(&shares.good) || !possible.contains(&shares.inferior) {
        return Err(NotComputable::Invalid {
            what: Text::fixed("断面比例", "the share of sections"),
            why: Text::fixed("不在 0 到 100 之间", "not between 0 and 100"),
        });
    }
    let table: &'static Table = &BASIN_GRADES;
    let bound = |row, column| table.decimal(row, column).ok().flatten();
    let row = table
        .rows()
        .iter()
        .find(|row| {
            bound(row, "good_from").is_none_or(|from| shares.good >= from)
                && bound(row, "inferior_below").is_none_or(|below| shares.inferior < below)
        })
        .expect("the last row has no condition");
    Ok(Judged {
        value: BasinGrade {
            order: table.cell(row, "order").parse().expect("orders are small numbers"),
            name: Text::fixed(table.cell(row, "grade_zh"), table.cell(row, "grade_en")),
            color: Text::fixed(table.cell(row, "color_zh"), table.cell(row, "color_en")),
        },
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("Ⅰ～Ⅲ类比例", "share of classes I to III"), shares.good, "%"),
            Input::new(Text::fixed("劣Ⅴ类比例", "share worse than V"), shares.inferior, "%"),
        ],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// How a section or a river system changed between two periods (水质变化).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// 明显好转.
    ClearlyBetter,
    /// 有所好转.
    Better,
    /// 无明显变化.
    NoClearChange,
    /// 有所变差 (下降).
    Worse,
    /// 明显变差.
    ClearlyWorse,
}

impl Change {
    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::ClearlyBetter => Text::fixed("明显好转", "clearly better"),
            Self::Better => Text::fixed("有所好转", "better"),
            Self::NoClearChange => Text::fixed("无明显变化", "no clear change"),
            Self::Worse => Text::fixed("有所变差", "worse"),
            Self::ClearlyWorse => Text::fixed("明显变差", "clearly worse"),
        }
    }
}

/// The change of a section between two periods, by the grade of its class.
///
/// # Standard
/// 环办〔2011〕22号.
///
/// # Formula
/// Same grade: none; one grade: some; two or more: clear. Classes I and II are one grade.
///
/// # Note
/// From memory, to be checked against the text.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::Class;
/// use standards::water::surface_water_assessment::{Change, change_of_section};
/// assert_eq!(change_of_section(Class::I, Class::II), Change::NoClearChange);
/// assert_eq!(change_of_section(Class::II, Class::IV), Change::ClearlyWorse);
/// ```
pub fn change_of_section(before: Class, now: Class) -> Change {
    let grade = |class: Class| (class as i32).max(1);
    match grade(now) - grade(before) {
        0 => Change::NoClearChange,
        1 => Change::Worse,
        -1 => Change::Better,
        more if more > 1 => Change::ClearlyWorse,
        _ => Change::ClearlyBetter,
    }
}

/// The change of a river system between two periods, by its shares.
///
/// # Standard
/// 环办〔2011〕22号.
///
/// # Formula
/// `ΔG - ΔD`, the change of the share of I to III less that of the share worse than V, in points:
/// within 10 none, within 20 some, beyond clear; above zero is better.
///
/// # Note
/// From memory, to be checked against the text.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::surface_water_assessment::{Change, Shares, change_of_basin};
/// let of = |good: i64| Shares { good: Decimal::from(good), inferior: Decimal::ZERO };
/// assert_eq!(change_of_basin(of(70), of(85)), Change::Better);
/// ```
pub fn change_of_basin(before: Shares, now: Shares) -> Change {
    let points = (now.good - before.good) - (now.inferior - before.inferior);
    let (ten, twenty) = (Decimal::TEN, Decimal::from(20));
    match (points.is_sign_positive(), points.abs()) {
        (_, size) if size <= ten => Change::NoClearChange,
        (true, size) if size <= twenty => Change::Better,
        (true, _) => Change::ClearlyBetter,
        (false, size) if size <= twenty => Change::Worse,
        (false, _) => Change::ClearlyWorse,
    }
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 2] {
    [&BASIN_GRADES, means::table()]
}
