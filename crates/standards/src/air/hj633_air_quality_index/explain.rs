//! An air quality index explained in a sentence and a table.

use rulebook::{Explanation, NotComputable, Text};

use super::{AirQuality, Edition, Practice, Report};
use crate::air::Pollutant;

impl AirQuality {
    /// Explains the verdict: each pollutant with its item, concentration and index.
    ///
    /// # Standard
    /// As [`air_quality_index`](super::air_quality_index).
    ///
    /// # Example
    /// ```
    /// use rulebook::{Decimal, Language};
    /// use standards::air::hj633_air_quality_index::{
    ///     Concentrations, Item, Method, air_quality_index,
    /// };
    /// let hour = Concentrations::default().with(Item::Pm25Hour, Decimal::from(76));
    /// let air = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &hour);
    /// let plain = air.explain().to_plain(Language::English);
    /// assert!(plain.starts_with("AQI 102 (light pollution), primary pollutant PM2.5"));
    /// ```
    pub fn explain(&self) -> Explanation {
        Explanation {
            sentence: self.sentence(),
            columns: vec![
                Text::fixed("污染物", "pollutant"),
                Text::fixed("项目", "item"),
                Text::fixed("浓度", "concentration"),
                Text::fixed("分指数", "IAQI"),
            ],
            rows: Pollutant::ALL.into_iter().map(|pollutant| self.row(pollutant)).collect(),
            notes: self.notes(),
        }
    }

    fn sentence(&self) -> Text {
        let by = self.method.edition().number();
        let (zh, en) = match self.method.report() {
            Report::Daily => ("日报", "daily"),
            Report::Hourly => ("实时报", "hourly"),
        };
        match (&self.index, self.category()) {
            (Ok(index), Some(class)) => {
                let (mut first, mut second) = (String::new(), String::new());
                if !self.primary.is_empty() {
                    let names = self.primary.names();
                    first = format!("，首要污染物{}", names.zh);
                    second = format!(", primary pollutant {}", names.en);
                }
                Text::new(
                    format!(
                        "AQI {index}（{}{}）{first}（{by} {zh}）",
                        class.level_name, class.name.zh
                    ),
                    format!("AQI {index} ({}){second} ({by}, {en})", class.name.en),
                )
            }
            (Err(reason), _) => {
                let reason = reason.text();
                Text::new(
                    format!("没有 AQI：{}（{by} {zh}）", reason.zh),
                    format!("no AQI: {} ({by}, {en})", reason.en),
                )
            }
            (Ok(_), None) => Text::default(),
        }
    }

    fn row(&self, pollutant: Pollutant) -> Vec<Text> {
        let symbol = Text::same(pollutant.as_str());
        match self.of(pollutant) {
            Ok(found) => vec![
                symbol,
                found.item.name(),
                Text::plain(format_args!("{} {}", found.concentration, pollutant.unit())),
                Text::plain(found.index),
            ],
            Err(reason) => vec![symbol, Text::default(), Text::same("NA"), reason.text()],
        }
    }

    fn notes(&self) -> Vec<Text> {
        let mut notes = Vec::new();
        if self.method.edition() == Edition::Hj633_2026 {
            notes.push(Text::fixed(
                "浓度先按 GB/T 8170 修约（CO 一位小数，其余取整），分指数向上取整。",
                "Concentrations are first rounded by GB/T 8170 (CO to one decimal, the others to \
                 integers); indices are rounded up.",
            ));
        } else if self.method.practice() == Practice::PublishedDaily2012 {
            notes.push(Text::fixed(
                "按日报发布的做法：浓度先修约为发布值（CO 一位小数，其余取整），臭氧只用日最大 \
                 8 小时平均；分指数向上取整。",
                "As daily reports were published: by the concentrations as printed (CO with one \
                 decimal, the others integers), ozone by its 8 h maximum alone; indices are \
                 rounded up.",
            ));
        } else {
            notes.push(Text::fixed("分指数向上取整。", "Indices are rounded up."));
        }
        if self.method.practice() == Practice::PublishedRealTime2012 {
            notes.push(Text::fixed(
                "按国家实时发布平台的做法：颗粒物用 1 小时平均值对照日均断点，不用滑动平均。",
                "As the national real-time platform does: particles by their 1 h mean on the daily \
                 breakpoints, without moving means.",
            ));
        }
        notes.extend(self.likely_withheld.as_ref().map(NotComputable::text));
        notes
    }
}
