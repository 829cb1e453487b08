//! What an index means for people, in our own words; the structure (a hint per class, groups
//! per pollutant) is that of HJ 633-2026 tables 1 and 2.

use rulebook::Text;

use crate::air::Pollutant;

/// What a class means and what to do (健康提示).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthAdvice {
    /// What the air does to people.
    pub effect: Text,
    /// What people can do.
    pub advice: Text,
}

/// The hint for a class, 1 (best) to 6; higher numbers read as 6.
///
/// # Standard
/// Structure of HJ 633-2012 table 2 and HJ 633-2026 table 1; the words are our own.
///
/// # Example
/// ```
/// use standards::air::hj633_air_quality_index::health_advice;
/// assert!(health_advice(1).effect.zh.contains("清洁"));
/// ```
pub fn health_advice(level: u8) -> HealthAdvice {
    let (effect, advice) = match level {
        0 | 1 => (
            Text::fixed("空气清洁，对健康没有影响。", "The air is clean and harms nobody."),
            Text::fixed("各项户外活动均可正常进行。", "Enjoy the outdoors as you like."),
        ),
        2 => (
            Text::fixed(
                "空气可以接受，极少数特别敏感的人可能略感不适。",
                "The air is acceptable; the very few who are unusually sensitive may feel it.",
            ),
            Text::fixed(
                "特别敏感的人宜少做剧烈的户外运动。",
                "If you are unusually sensitive, go easy on strenuous exercise outdoors.",
            ),
        ),
        3 => (
            Text::fixed(
                "敏感人群症状可能轻微加重，一般人群可能略有刺激感。",
                "Sensitive people may feel somewhat worse; others may notice a slight irritation.",
            ),
            Text::fixed(
                "老人、儿童及心肺疾病患者应减少长时间、高强度的户外活动。",
                "Children, older people and those with heart or lung disease should shorten hard \
                 outdoor activity.",
            ),
        ),
        4 => (
            Text::fixed(
                "敏感人群症状加重，一般人群的心肺功能可能受到影响。",
                "Sensitive people feel worse; hearts and lungs of others may be affected.",
            ),
            Text::fixed(
                "敏感人群应避免剧烈的户外活动，其他人适当减少户外运动。",
                "Sensitive people should avoid hard outdoor activity, others should do less of it.",
            ),
        ),
        5 => (
            Text::fixed(
                "心肺疾病患者症状明显加重，健康人群也普遍出现不适。",
                "People with heart or lung disease become clearly worse; others feel it too.",
            ),
            Text::fixed(
                "敏感人群宜留在室内，停止户外运动；其他人减少户外活动。",
                "Sensitive people should stay indoors and stop outdoor sport; others cut it down.",
            ),
        ),
        _ => (
            Text::fixed(
                "健康人群活动耐力下降并有明显症状，部分疾病可能提前出现。",
                "Even healthy people tire easily and have symptoms; illness may set in early.",
            ),
            Text::fixed(
                "敏感人群留在室内、避免体力消耗；其他人避免户外活动。",
                "Sensitive people should stay in and rest; others should avoid the outdoors.",
            ),
        ),
    };
    HealthAdvice { effect, advice }
}

/// Who is sensitive to a pollutant whose own index is above 100 (敏感人群).
///
/// # Standard
/// Facts of HJ 633-2026 table 2; the words are our own.
///
/// # Example
/// ```
/// use standards::air::Pollutant;
/// use standards::air::hj633_air_quality_index::sensitive_groups;
/// assert_eq!(sensitive_groups(Pollutant::Co).en, "people with cardiovascular disease");
/// ```
pub const fn sensitive_groups(pollutant: Pollutant) -> Text {
    match pollutant {
        Pollutant::So2 => {
            Text::fixed("哮喘患者、少年儿童、老年人", "people with asthma, the young, the old")
        }
        Pollutant::No2 => Text::fixed(
            "呼吸系统疾病患者、少年儿童、老年人",
            "people with respiratory disease, the young, the old",
        ),
        Pollutant::Co => Text::fixed("心血管疾病患者", "people with cardiovascular disease"),
        Pollutant::O3 => Text::fixed(
            "呼吸系统疾病患者、少年儿童、户外活动者、老年人",
            "people with respiratory disease, the young, people active outdoors, the old",
        ),
        Pollutant::Pm10 | Pollutant::Pm25 => Text::fixed(
            "心血管或呼吸系统疾病患者、少年儿童、户外活动者、老年人",
            "people with cardiovascular or respiratory disease, the young, people active \
             outdoors, the old",
        ),
    }
}
