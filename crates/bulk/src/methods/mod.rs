//! Methods that judge row by row, or the rows of a group together.

pub(crate) mod air_index;
pub(crate) mod air_rank;
pub(crate) mod black_odorous;
pub(crate) mod cwqi;
pub(crate) mod discharge_day;
pub(crate) mod drinking_water;
pub(crate) mod ecological_flow;
pub(crate) mod groundwater;
pub(crate) mod noise;
pub(crate) mod seawater;
pub(crate) mod soil;
pub(crate) mod surface_water;
#[cfg(test)]
mod tests;
pub(crate) mod trophic_state;

/// The columns of GB 3838 table 1 after some others.
macro_rules! water_columns {
    ($($other:expr),* $(,)?) => {
        &[
            $($other,)*
            Column::optional("T", &["水温", "temperature"], Holds::Number("℃"), ("水温", "water temperature")),
            Column::optional("pH", &[], Holds::Number(""), ("pH", "pH")),
            Column::optional("DO", &["溶解氧"], Holds::Number("mg/L"), ("溶解氧", "dissolved oxygen")),
            Column::optional("CODMn", &["高锰酸盐指数", "IMn"], Holds::Number("mg/L"), ("高锰酸盐指数", "permanganate index")),
            Column::optional("COD", &["化学需氧量", "CODCr"], Holds::Number("mg/L"), ("化学需氧量", "chemical oxygen demand")),
            Column::optional("BOD5", &["五日生化需氧量", "BOD"], Holds::Number("mg/L"), ("五日生化需氧量", "biochemical oxygen demand")),
            Column::optional("NH3N", &["氨氮", "NH3-N", "NH4N"], Holds::Number("mg/L"), ("氨氮", "ammonia nitrogen")),
            Column::optional("TP", &["总磷"], Holds::Number("mg/L"), ("总磷", "total phosphorus")),
            Column::optional("TN", &["总氮"], Holds::Number("mg/L"), ("总氮", "total nitrogen")),
            Column::optional("Cu", &["铜"], Holds::Number("mg/L"), ("铜", "copper")),
            Column::optional("Zn", &["锌"], Holds::Number("mg/L"), ("锌", "zinc")),
            Column::optional("F", &["氟化物", "fluoride"], Holds::Number("mg/L"), ("氟化物", "fluoride")),
            Column::optional("Se", &["硒"], Holds::Number("mg/L"), ("硒", "selenium")),
            Column::optional("As", &["砷"], Holds::Number("mg/L"), ("砷", "arsenic")),
            Column::optional("Hg", &["汞"], Holds::Number("mg/L"), ("汞", "mercury")),
            Column::optional("Cd", &["镉"], Holds::Number("mg/L"), ("镉", "cadmium")),
            Column::optional("Cr6", &["六价铬"], Holds::Number("mg/L"), ("六价铬", "hexavalent chromium")),
            Column::optional("Pb", &["铅"], Holds::Number("mg/L"), ("铅", "lead")),
            Column::optional("CN", &["氰化物", "cyanide"], Holds::Number("mg/L"), ("氰化物", "cyanide")),
            Column::optional("phenol", &["挥发酚"], Holds::Number("mg/L"), ("挥发酚", "volatile phenol")),
            Column::optional("oil", &["石油类"], Holds::Number("mg/L"), ("石油类", "petroleum")),
            Column::optional("LAS", &["阴离子表面活性剂"], Holds::Number("mg/L"), ("阴离子表面活性剂", "anionic surfactants")),
            Column::optional("S2", &["硫化物", "sulphide"], Holds::Number("mg/L"), ("硫化物", "sulphide")),
            Column::optional("FC", &["粪大肠菌群"], Holds::Number("/L"), ("粪大肠菌群", "faecal coliforms")),
        ]
    };
}
pub(crate) use water_columns;
