//! The fields of each form, and whose values a check may compare with.

use rulebook::Text;

use crate::words::{Form, Kind, Level};

/// A field of a form (填报项).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its word: `amount`.
    pub id: &'static str,
    /// To what it belongs.
    pub level: Level,
    /// What it holds.
    pub kind: Kind,
    /// What a reader calls it.
    pub name: Text,
    /// Its unit; empty where it has none or the factor's.
    pub unit: &'static str,
}

const fn field(
    id: &'static str,
    level: Level,
    kind: Kind,
    name: (&'static str, &'static str),
    unit: &'static str,
) -> Field {
    Field { id, level, kind, name: Text::fixed(name.0, name.1), unit }
}

use Kind::{Day, Number, Words, YesNo};
use Level::{Factor, Head, Outlet};

static EXECUTION_REPORT: &[Field] = &[
    field("production_hours", Head, Number, ("生产设施运行时间", "production hours"), "h"),
    field("product_amount", Head, Number, ("主要产品产量", "amount of product"), ""),
    field("product_unit", Head, Words, ("产量单位", "unit of the product"), ""),
    field("facility_abnormal", Head, YesNo, ("污染防治设施有无异常", "facility abnormal"), ""),
    field("abnormal_hours", Head, Number, ("设施异常时间", "abnormal hours"), "h"),
    field("abnormal_notes", Head, Words, ("设施异常情况说明", "what was abnormal"), ""),
    field("ledger_kept", Head, YesNo, ("台账是否按要求记录", "ledger kept"), ""),
    field("self_monitoring_done", Head, YesNo, ("是否按方案自行监测", "self-monitoring done"), ""),
    field("production_notes", Head, Words, ("基本生产信息", "production"), ""),
    field("facility_notes", Head, Words, ("污染防治设施运行", "facilities"), ""),
    field("self_monitoring_notes", Head, Words, ("自行监测情况", "self-monitoring"), ""),
    field("ledger_notes", Head, Words, ("台账管理情况", "ledger"), ""),
    field("disclosure_notes", Head, Words, ("信息公开情况", "disclosure"), ""),
    field("management_notes", Head, Words, ("内部环境管理体系", "internal management"), ""),
    field("other_notes", Head, Words, ("其他需要说明的情况", "other"), ""),
    field("filed_on", Head, Day, ("提交日期", "day of filing"), ""),
    field("flow", Outlet, Number, ("排水量或废气量", "volume discharged"), "m3"),
    field("operating_hours", Outlet, Number, ("排放时间", "hours of discharge"), "h"),
    field("concentration_min", Factor, Number, ("浓度最小值", "lowest concentration"), ""),
    field("concentration_mean", Factor, Number, ("浓度平均值", "mean concentration"), ""),
    field("concentration_max", Factor, Number, ("浓度最大值", "highest concentration"), ""),
    field("amount", Factor, Number, ("实际排放量", "amount discharged"), "t"),
    field("exceedance_hours", Factor, Number, ("超标时间", "hours over the limit"), "h"),
    field("exceedance_cause", Factor, Words, ("超标原因", "cause of exceedance"), ""),
];

static LEDGER: &[Field] = &[
    field("recorded_on", Head, Day, ("记录日期", "day of the record"), ""),
    field("production_hours", Head, Number, ("生产时间", "production hours"), "h"),
    field("product_amount", Head, Number, ("产品产量", "amount of product"), ""),
    field("facility_hours", Head, Number, ("治理设施运行时间", "hours of the facility"), "h"),
    field("electricity", Head, Number, ("治理设施用电量", "electricity of the facility"), "kWh"),
    field("reagent", Head, Number, ("药剂用量", "reagent used"), "kg"),
    field("water_in", Head, Number, ("进水量", "water in"), "m3"),
    field("water_out", Head, Number, ("排水量", "water out"), "m3"),
    field("water_reused", Head, Number, ("回用水量", "water reused"), "m3"),
    field("waste_opening", Head, Number, ("固废期初贮存量", "waste at the beginning"), "t"),
    field("waste_produced", Head, Number, ("固废产生量", "waste produced"), "t"),
    field("waste_removed", Head, Number, ("固废转移处置量", "waste removed"), "t"),
    field("waste_closing", Head, Number, ("固废期末贮存量", "waste at the end"), "t"),
    field("was_stopped", Head, YesNo, ("治理设施是否停运", "facility stopped"), ""),
    field("stop_reason", Head, Words, ("停运原因", "reason of the stop"), ""),
    field("recorder", Head, Words, ("记录人", "recorded by"), ""),
    field("concentration_in", Factor, Number, ("进口浓度", "concentration at the inlet"), ""),
    field("concentration_out", Factor, Number, ("出口浓度", "concentration at the outlet"), ""),
];

static PERMIT_LIMIT: &[Field] = &[
    field("permit_number", Head, Words, ("许可证编号", "number of the permit"), ""),
    field("valid_from", Head, Day, ("有效期起", "valid from"), ""),
    field("valid_to", Head, Day, ("有效期止", "valid to"), ""),
    field("outlet_number", Factor, Words, ("排放口编号", "number of the outlet"), ""),
    field("at_least", Factor, Number, ("限值下限", "lower limit"), ""),
    field("at_most", Factor, Number, ("限值上限", "upper limit"), ""),
    field("citation", Factor, Words, ("限值依据", "basis of the limit"), ""),
];

static PERMIT_AMOUNT: &[Field] = &[
    field("permit_number", Head, Words, ("许可证编号", "number of the permit"), ""),
    field("valid_from", Head, Day, ("有效期起", "valid from"), ""),
    field("valid_to", Head, Day, ("有效期止", "valid to"), ""),
    field("tonnes", Factor, Number, ("许可排放量", "permitted amount"), "t"),
];

/// The fields of a form, in the order in which they are filled in.
pub fn fields(form: Form) -> &'static [Field] {
    match form {
        Form::ExecutionReport => EXECUTION_REPORT,
        Form::Ledger => LEDGER,
        Form::PermitLimit => PERMIT_LIMIT,
        Form::PermitAmount => PERMIT_AMOUNT,
    }
}

/// The field of a word.
pub fn field_of(form: Form, id: &str) -> Option<&'static Field> {
    fields(form).iter().find(|field| field.id == id)
}

/// What the platform knows by itself: measured, permitted, approved.
pub(crate) static KNOWN: &[(&str, Text)] = &[
    ("measured.amount", Text::fixed("监测核算排放量", "amount by monitoring")),
    ("measured.concentration_min", Text::fixed("监测浓度最小值", "lowest measured")),
    ("measured.concentration_mean", Text::fixed("监测浓度平均值", "mean measured")),
    ("measured.concentration_max", Text::fixed("监测浓度最大值", "highest measured")),
    ("measured.exceedance_hours", Text::fixed("监测超标小时数", "hours over the limit measured")),
    ("measured.flow", Text::fixed("监测流量累计", "volume measured")),
    ("permit.at_least", Text::fixed("许可限值下限", "lower limit of the permit")),
    ("permit.at_most", Text::fixed("许可排放浓度限值", "limit of the permit")),
    ("permit.amount", Text::fixed("许可排放量", "permitted amount")),
    ("permit.approved", Text::fixed("环评批复排放量", "amount of the EIA approval")),
    ("permit.quota", Text::fixed("总量控制指标", "quota of total amount control")),
    ("permit.listed", Text::fixed("许可证载明", "listed in the permit")),
    ("permit.standard", Text::fixed("排放标准限值", "limit of the discharge standard")),
    ("factor.decimals", Text::fixed("仪器小数位数", "decimals of the instrument")),
];

/// The name of something that the platform knows: `measured.amount`.
pub fn known(word: &str) -> Option<&'static Text> {
    KNOWN.iter().find(|(known, _)| *known == word).map(|(_, text)| text)
}
