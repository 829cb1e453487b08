//! The layout of the workbook: sheets, headings, what may be chosen.

use crate::duty::{MonitoringMethod, ReportCycle};
use crate::fault::Part;
use crate::model::{ChangeReason, ManagementClass, OutletMedium};
use registry::Confidence;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holds {
    /// Words and codes, always text.
    Words,
    /// A number.
    Number,
    /// One of a few words.
    Choice(fn() -> Vec<String>),
    /// A code of the sheet of codes.
    Pollutant,
}

/// A column, or a line of the first sheet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) holds: Holds,
    /// What to write, shown under the heading of the template.
    pub(crate) help: &'static str,
}

const fn words(title: &'static str, help: &'static str) -> Column {
    Column { title, holds: Holds::Words, help }
}

const fn number(title: &'static str, help: &'static str) -> Column {
    Column { title, holds: Holds::Number, help }
}

const fn choice(title: &'static str, from: fn() -> Vec<String>) -> Column {
    Column { title, holds: Holds::Choice(from), help: "从下拉列表选择" }
}

pub(crate) mod head {
    //! The headings.
    pub(crate) const NUMBER: &str = "许可证编号";
    pub(crate) const UNIT: &str = "单位代码";
    pub(crate) const HOLDER: &str = "单位名称";
    pub(crate) const CLASS: &str = "管理类别";
    pub(crate) const INDUSTRY: &str = "行业类别";
    pub(crate) const ADDRESS: &str = "生产经营场所地址";
    pub(crate) const ISSUER: &str = "核发机关";
    pub(crate) const ISSUED_ON: &str = "发证日期";
    pub(crate) const VALID_FROM: &str = "有效期起";
    pub(crate) const VALID_TO: &str = "有效期止";
    pub(crate) const IN_FORCE_FROM: &str = "本版生效日期";
    pub(crate) const REASON: &str = "变更类型";
    pub(crate) const REASON_NOTE: &str = "变更说明";
    pub(crate) const SOURCE: &str = "资料来源";
    pub(crate) const CONFIDENCE: &str = "可信度";
    pub(crate) const OUTLET: &str = "排放口编号";
    pub(crate) const OUTLET_NAME: &str = "排放口名称";
    pub(crate) const MEDIUM: &str = "类别";
    pub(crate) const RANK: &str = "排放口类型";
    pub(crate) const LONGITUDE: &str = "经度";
    pub(crate) const LATITUDE: &str = "纬度";
    pub(crate) const HEIGHT: &str = "排气筒高度(m)";
    pub(crate) const DESTINATION: &str = "排放去向";
    pub(crate) const MANNER: &str = "排放规律";
    pub(crate) const POLLUTANT: &str = "污染物代码";
    pub(crate) const POLLUTANT_NAME: &str = "污染物名称";
    pub(crate) const PERIOD: &str = "评价时段";
    pub(crate) const AT_LEAST: &str = "下限";
    pub(crate) const AT_MOST: &str = "上限";
    pub(crate) const MEASURE: &str = "单位";
    pub(crate) const CONVERTED: &str = "浓度类型";
    pub(crate) const FUEL: &str = "燃料";
    pub(crate) const SEASON_FROM: &str = "适用时段起";
    pub(crate) const SEASON_TO: &str = "适用时段止";
    pub(crate) const AVERAGING: &str = "平均周期";
    pub(crate) const STANDARD: &str = "执行标准";
    pub(crate) const KIND: &str = "类型";
    pub(crate) const YEAR: &str = "年份";
    pub(crate) const FROM: &str = "起始日期";
    pub(crate) const TO: &str = "结束日期";
    pub(crate) const TONNES: &str = "许可排放量(t)";
    pub(crate) const BASIS: &str = "核算依据";
    pub(crate) const METHOD: &str = "监测方式";
    pub(crate) const FREQUENCY: &str = "监测频次";
    pub(crate) const NOTE: &str = "备注";
    pub(crate) const CONTENT: &str = "内容";
    pub(crate) const DUE: &str = "提交期限";
    pub(crate) const FORM: &str = "形式";
    pub(crate) const KEPT: &str = "保存年限(年)";
    pub(crate) const APPROVAL: &str = "批复文号";
    pub(crate) const PROJECT: &str = "项目名称";
    pub(crate) const APPROVED_BY: &str = "批复机关";
    pub(crate) const APPROVED_ON: &str = "批复日期";
    pub(crate) const APPROVAL_TO: &str = "失效日期";
    pub(crate) const APPROVED: &str = "批复排放量(t/a)";
    pub(crate) const QUOTA: &str = "指标文号";
    pub(crate) const QUOTA_TONNES: &str = "总量指标(t/a)";
    pub(crate) const ORIGIN: &str = "指标来源";
    pub(crate) const FROM_YEAR: &str = "起始年";
    pub(crate) const TO_YEAR: &str = "终止年";
}

/// The words of the choices.
pub(crate) mod word {
    pub(crate) const MAIN: &str = "主要排放口";
    pub(crate) const GENERAL: &str = "一般排放口";
    pub(crate) const HOUR: &str = "小时";
    pub(crate) const DAY: &str = "日";
    pub(crate) const MEASURED: &str = "实测";
    pub(crate) const CONVERTED: &str = "折算";
    pub(crate) const YEARLY: &str = "年";
    pub(crate) const SPECIAL: &str = "特殊时段";
    pub(crate) const LEDGER: &str = "台账";
    pub(crate) const DISCLOSURE: &str = "信息公开";
}

/// The sheet of codes.
pub(crate) const CODES: &str = "代码表";
/// The sheet that explains.
pub(crate) const REMARKS: &str = "填写说明";

/// How far a source can be trusted, in the words of officers.
pub(crate) const CONFIDENCES: [(Confidence, &str); 4] = [
    (Confidence::Official, "官方"),
    (Confidence::Secondary, "转载"),
    (Confidence::Unverified, "未核实"),
    (Confidence::Fictitious, "虚构"),
];

fn classes() -> Vec<String> {
    ManagementClass::ALL.map(|it| it.text().zh.into_owned()).to_vec()
}

fn reasons() -> Vec<String> {
    ChangeReason::ALL.map(|it| it.text().zh.into_owned()).to_vec()
}

fn confidences() -> Vec<String> {
    CONFIDENCES.map(|(_, word)| word.to_owned()).to_vec()
}

fn media() -> Vec<String> {
    OutletMedium::ALL.map(|it| it.text().zh.into_owned()).to_vec()
}

fn methods() -> Vec<String> {
    MonitoringMethod::ALL.map(|it| it.text().zh.into_owned()).to_vec()
}

fn reports() -> Vec<String> {
    let cycles = ReportCycle::ALL.map(|it| it.text().zh.into_owned());
    cycles.into_iter().chain([word::LEDGER.to_owned(), word::DISCLOSURE.to_owned()]).collect()
}

fn pair(one: &str, other: &str) -> Vec<String> {
    vec![one.to_owned(), other.to_owned()]
}

const POLLUTANT: Column =
    Column {
        title: head::POLLUTANT, holds: Holds::Pollutant, help: "代码见“代码表”;可只填名称"
    };
const POLLUTANT_NAME: Column = words(head::POLLUTANT_NAME, "与代码一致;有代码时可不填");

const BASICS: &[Column] = &[
    words(head::NUMBER, "22位:统一社会信用代码18位、3位顺序号、1位字母"),
    words(head::UNIT, "平台中的单位代码,一般为统一社会信用代码"),
    words(head::HOLDER, "与许可证一致"),
    choice(head::CLASS, classes),
    words(head::INDUSTRY, "如 污水处理及其再生利用"),
    words(head::ADDRESS, "与许可证一致"),
    words(head::ISSUER, "如 某市生态环境局"),
    words(head::ISSUED_ON, "年-月-日,如 2024-07-01"),
    words(head::VALID_FROM, "年-月-日"),
    words(head::VALID_TO, "年-月-日,有效期的最后一天"),
    words(head::IN_FORCE_FROM, "年-月-日,本版内容从这一天起适用"),
    choice(head::REASON, reasons),
    words(head::REASON_NOTE, "变更了什么"),
    words(head::SOURCE, "如 全国排污许可证管理信息平台,查询日期"),
    choice(head::CONFIDENCE, confidences),
];

const OUTLETS: &[Column] = &[
    words(head::OUTLET, "如 DA001、DW001"),
    words(head::OUTLET_NAME, ""),
    choice(head::MEDIUM, media),
    choice(head::RANK, || pair(word::MAIN, word::GENERAL)),
    number(head::LONGITUDE, "度,CGCS2000"),
    number(head::LATITUDE, "度,CGCS2000"),
    number(head::HEIGHT, "废气填写"),
    words(head::DESTINATION, ""),
    words(head::MANNER, "连续、间歇等"),
];

const LIMITS: &[Column] = &[
    words(head::OUTLET, "空白为全厂或厂界"),
    POLLUTANT,
    POLLUTANT_NAME,
    choice(head::PERIOD, || pair(word::HOUR, word::DAY)),
    number(head::AT_LEAST, "仅pH等范围限值填写"),
    number(head::AT_MOST, "许可排放浓度限值"),
    words(head::MEASURE, "mg/L、mg/m³;pH不填"),
    choice(head::CONVERTED, || pair(word::MEASURED, word::CONVERTED)),
    words(head::FUEL, "仅对某种燃料适用时填写"),
    words(head::SEASON_FROM, "月-日,如 11-01"),
    words(head::SEASON_TO, "月-日,如 03-31"),
    words(head::AVERAGING, "既非小时也非日均值时填写,如 月均值"),
    words(head::STANDARD, "标准号、表、级别"),
];

const AMOUNTS: &[Column] = &[
    words(head::OUTLET, "空白为全厂合计"),
    POLLUTANT,
    POLLUTANT_NAME,
    choice(head::KIND, || pair(word::YEARLY, word::SPECIAL)),
    number(head::YEAR, "空白为有效期内每一年"),
    words(head::FROM, "仅特殊时段填写"),
    words(head::TO, "仅特殊时段填写"),
    number(head::TONNES, "吨"),
    words(head::BASIS, ""),
];

const MONITORING: &[Column] = &[
    words(head::OUTLET, "空白为全厂或厂界"),
    POLLUTANT,
    POLLUTANT_NAME,
    choice(head::METHOD, methods),
    words(head::FREQUENCY, "连续、1次/日、1次/周、1次/月、1次/季度、1次/半年、1次/年"),
    words(head::NOTE, "分析方法等"),
];

const REPORTS: &[Column] = &[
    choice(head::KIND, reports),
    words(head::CONTENT, "报告、台账或公开的内容"),
    words(head::DUE, "如 期满后15日内、次年1月31日前;许可证未载明时留空"),
    words(head::FORM, "电子、纸质、公开途径等"),
    number(head::KEPT, "台账填写"),
];

const APPROVALS: &[Column] = &[
    words(head::APPROVAL, "同一批复的多种污染物分行填写"),
    words(head::PROJECT, ""),
    words(head::APPROVED_BY, ""),
    words(head::APPROVED_ON, "年-月-日"),
    words(head::APPROVAL_TO, "被新批复替代时填写"),
    POLLUTANT,
    POLLUTANT_NAME,
    number(head::APPROVED, "吨/年"),
    words(head::SOURCE, ""),
    choice(head::CONFIDENCE, confidences),
];

const QUOTAS: &[Column] = &[
    words(head::QUOTA, ""),
    POLLUTANT,
    POLLUTANT_NAME,
    number(head::QUOTA_TONNES, "吨/年"),
    words(head::ORIGIN, "核定、替代、购买等"),
    number(head::FROM_YEAR, "如 2024"),
    number(head::TO_YEAR, "长期有效时留空"),
    words(head::SOURCE, ""),
    choice(head::CONFIDENCE, confidences),
];

/// The columns of a sheet; the lines of the first.
pub(crate) const fn columns(part: Part) -> &'static [Column] {
    match part {
        Part::Basics => BASICS,
        Part::Outlets => OUTLETS,
        Part::Limits => LIMITS,
        Part::Amounts => AMOUNTS,
        Part::Monitoring => MONITORING,
        Part::Reports => REPORTS,
        Part::Approvals => APPROVALS,
        Part::Quotas => QUOTAS,
    }
}
