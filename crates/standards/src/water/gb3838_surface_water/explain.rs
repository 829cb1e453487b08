//! A class of surface water explained in a sentence and a table; its grade and colour.

use rulebook::{Confidence, Explanation, NotComputable, Text};

use super::{Class, Edition, Item, ItemSet, OxygenRule, SurfaceWater, WaterBody, limit};

/// The grade of a section by its class, with the colour of maps (断面水质状况).
///
/// # Standard
/// 环办〔2011〕22号 (trial rules for the evaluation of surface water).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// 优, 良好, 轻度污染, 中度污染, 重度污染.
    pub name: Text,
    /// The colour.
    pub color: Text,
    /// What the water is fit for.
    pub fit_for: Text,
    /// How sure the grade is.
    pub confidence: Confidence,
    /// How sure colour and use are.
    pub color_confidence: Confidence,
}

impl Class {
    /// The grade of a section of this class.
    ///
    /// # Standard
    /// 环办〔2011〕22号: I and II 优, III 良好, IV 轻度污染, V 中度污染, worse 重度污染.
    ///
    /// # Note
    /// Colours and uses are from memory, to be checked; the grades were seen in a published copy.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::Class;
    /// assert_eq!(Class::III.grade().name.zh, "良好");
    /// assert_eq!(Class::InferiorV.grade().color.en, "red");
    /// ```
    pub fn grade(self) -> Grade {
        let (name, color, fit_for) = match self {
            Self::I | Self::II => (
                Text::fixed("优", "excellent"),
                Text::fixed("蓝色", "blue"),
                Text::fixed(
                    "饮用水源一级保护区、珍稀水生生物栖息地、鱼虾产卵场",
                    "first protection zone of drinking water, rare species, spawning grounds",
                ),
            ),
            Self::III => (
                Text::fixed("良好", "good"),
                Text::fixed("绿色", "green"),
                Text::fixed(
                    "饮用水源二级保护区、水产养殖、游泳区",
                    "second protection zone of drinking water, fishery, swimming",
                ),
            ),
            Self::IV => (
                Text::fixed("轻度污染", "light pollution"),
                Text::fixed("黄色", "yellow"),
                Text::fixed(
                    "一般工业用水、人体非直接接触的娱乐用水",
                    "industry, recreation without contact",
                ),
            ),
            Self::V => (
                Text::fixed("中度污染", "moderate pollution"),
                Text::fixed("橙色", "orange"),
                Text::fixed("农业用水、一般景观用水", "farming, landscape"),
            ),
            Self::InferiorV => (
                Text::fixed("重度污染", "heavy pollution"),
                Text::fixed("红色", "red"),
                Text::fixed("除调节局部气候外功能较差", "of little use but for the local climate"),
            ),
        };
        Grade {
            name,
            color,
            fit_for,
            confidence: Confidence::Medium,
            color_confidence: Confidence::Memory,
        }
    }
}

impl SurfaceWater {
    /// Explains the verdict: each item with its value, the limit of its class and the class.
    ///
    /// # Standard
    /// GB 3838-2002 table 1, single factor; 环办〔2011〕22号 for the grade.
    ///
    /// # Example
    /// ```
    /// use rulebook::Language;
    /// use standards::water::gb3838_surface_water::{
    ///     Item, Method, Sample, WaterBody, class_of_sample,
    /// };
    /// let sample = Sample::default().with(Item::AmmoniaNitrogen, "1.2".parse().unwrap());
    /// let found = class_of_sample(Method::NATIONAL_REAL_TIME_2026, WaterBody::River, &sample);
    /// let plain = found.explain().to_plain(Language::Chinese);
    /// assert!(plain.starts_with("Ⅳ类（轻度污染），定类项目：氨氮（GB 3838-2002 表 1，单因子）"));
    /// ```
    pub fn explain(&self) -> Explanation {
        let head = [("项目", "item"), ("数值", "value"), ("所在类别限值", "limit of the class")];
        let mut columns: Vec<Text> = head.map(|(zh, en)| Text::fixed(zh, en)).into();
        columns.push(Text::fixed("类别", "class"));
        Explanation {
            sentence: self.sentence(),
            columns,
            rows: Item::ALL.into_iter().filter_map(|item| self.row(item)).collect(),
            notes: self.notes(),
        }
    }

    fn sentence(&self) -> Text {
        let by = Edition::Gb3838_2002.record().number;
        match &self.class {
            Ok(class) => {
                let (name, grade, deciding) = (class.name(), class.grade().name, self.deciding());
                let list = |between: &str, pick: fn(Text) -> String| {
                    deciding.iter().map(|item| pick(item.name())).collect::<Vec<_>>().join(between)
                };
                let (mut zh, mut en) = (String::new(), String::new());
                if !deciding.is_empty() {
                    zh = format!("，定类项目：{}", list("、", |text| text.zh.into()));
                    en = format!(", decided by {}", list(", ", |text| text.en.into()));
                }
                Text::new(
                    format!("{}（{}）{zh}（{by} 表 1，单因子）", name.zh, grade.zh),
                    format!("{} ({}){en} ({by} table 1, single factor)", name.en, grade.en),
                )
            }
            Err(reason) => {
                let reason = reason.text();
                Text::new(
                    format!("没有类别：{}（{by}）", reason.zh),
                    format!("no class: {} ({by})", reason.en),
                )
            }
        }
    }

    fn row(&self, item: Item) -> Option<Vec<Text>> {
        let value = self.sample.get(item)?;
        let counts = self.method.items().contains(item);
        let (bound, class) = match self.of(item)? {
            _ if !counts => (Text::default(), Text::fixed("不参加评价", "does not count")),
            Ok(class) => (self.bound(item, *class), class.name()),
            Err(reason) => (Text::default(), reason.text()),
        };
        let value = Text::plain(format!("{value} {}", item.unit()).trim_end());
        Some(vec![item.name(), value, bound, class])
    }

    fn bound(&self, item: Item, class: Class) -> Text {
        if item == Item::Ph {
            return Text::same("6-9");
        }
        let (sign, beyond) = match item {
            Item::DissolvedOxygen => ("≥", "<"),
            _ => ("≤", ">"),
        };
        match (limit(item, self.body, class), limit(item, self.body, Class::V)) {
            (Ok(bound), _) => Text::plain(format_args!("{sign} {bound}")),
            (Err(_), Ok(last)) => Text::plain(format_args!("{beyond} {last}")),
            (Err(_), Err(_)) => Text::default(),
        }
    }

    fn notes(&self) -> Vec<Text> {
        let mut notes = vec![if self.method.rounds_first() {
            Text::fixed(
                "数值先修约到评价位数再判定（位数取自一个程序库，未见原文）。",
                "Values are rounded to the decimals of assessment first (those of one library; \
                 the text was not seen).",
            )
        } else {
            Text::fixed(
                "类别由未修约的数值判定，不由显示值判定。",
                "The class is made from the unrounded values, not from those shown.",
            )
        }];
        notes.push(match self.body {
            WaterBody::River => {
                Text::fixed("总磷按河流限值。", "Total phosphorus by river limits.")
            }
            WaterBody::Lake => Text::fixed("总磷按湖库限值。", "Total phosphorus by lake limits."),
        });
        if self.method.items() == ItemSet::Five {
            notes.push(Text::fixed(
                "按国家实时发布平台的五项评价；总氮不参加评价。",
                "By the five items of the national platform; total nitrogen never counts.",
            ));
        }
        if self.method.oxygen() == OxygenRule::ConcentrationOnly {
            notes.push(Text::fixed(
                "溶解氧Ⅰ类只按 7.5 mg/L，不按饱和率。",
                "Class I of dissolved oxygen by 7.5 mg/L only, not by saturation.",
            ));
        }
        notes.extend(self.likely_withheld.as_ref().map(NotComputable::text));
        notes
    }
}
