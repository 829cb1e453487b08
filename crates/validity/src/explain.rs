//! The chain of one period in sentences (判定链说明): what a page and an evidence file print.

use crate::inputs::{LimitRow, MarkEffect};
use crate::model::{
    BureauVerdict, Decision, EnterpriseMark, Invalidity, MonthRecord, PeriodState, State, Steps,
};
use crate::rules::{flag_name, flag_source};
use registry::{LimitBound, Medium};
use rulebook::{Decimal, Period, Text, beijing_offset, round_half_even};

/// Decimals in which a computed number is told.
const SHOWN: u32 = 3;

/// One step of the chain, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The word of the step: `came`, `plausible`, `instrument`, `enterprise`, `bureau`, `valid`,
    /// `converted`, `limit`, `exemption`, `amount`.
    pub step: &'static str,
    /// What the step is called.
    pub title: Text,
    /// What it gave.
    pub text: Text,
    /// The rule, as the tables cite it; empty where the step is only a fact.
    pub rule: String,
}

/// What is told about beside the record.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// The record.
    pub record: &'a MonthRecord,
    /// The period.
    pub state: &'a PeriodState,
    /// Marks, that of the period among them.
    pub marks: &'a [EnterpriseMark],
    /// Decisions, that of the period among them.
    pub decisions: &'a [Decision],
    /// The unit of the factor.
    pub unit: &'a str,
}

/// The steps of a period, in the order of the chain.
pub fn explain(telling: Telling<'_>) -> Vec<Told> {
    let steps = [
        Some(came(&telling)),
        plausible(&telling),
        instrument(&telling),
        Some(enterprise(&telling)),
        Some(bureau(&telling)),
        Some(valid(&telling)),
        converted(&telling),
        limit(&telling),
        exemption(&telling),
        amount(&telling),
    ];
    steps.into_iter().flatten().collect()
}

fn told(step: &'static str, title: Text, text: Text, rule: impl Into<String>) -> Told {
    Told { step, title, text, rule: rule.into() }
}

fn pair(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text::new(zh.into(), en.into())
}

fn has(telling: &Telling<'_>, steps: Steps) -> bool {
    telling.state.steps.contains(steps)
}

fn number(value: Decimal, unit: &str) -> String {
    let value = if value.scale() > SHOWN { round_half_even(value, SHOWN) } else { value };
    if unit.is_empty() { value.to_string() } else { format!("{value} {unit}") }
}

fn came(telling: &Telling<'_>) -> Told {
    let (state, unit) = (telling.state, telling.unit);
    let title = Text::fixed("归一化数值", "What came");
    let value = state.concentration.map(|value| number(value, unit));
    let is_day = state.period == Period::Day;
    let text = match (&value, state.range) {
        (_, Some((low, high))) => pair(
            format!("当日有效值范围 {low} 至 {high} {unit}，不计算平均"),
            format!("the valid values of the day lie from {low} to {high} {unit}; no mean is made"),
        ),
        (Some(value), None) if has(telling, Steps::FROM_MINUTES) => pair(
            format!("设备未报小时值，由 {} 分钟的有效分钟值求得均值 {value}", state.parts),
            format!("no hour came; the mean of {} valid minutes is {value}", state.parts),
        ),
        (Some(value), None) if has(telling, Steps::FROM_DEVICE_DAY) => pair(
            format!("没有小时值，取设备上报的日均值 {value}"),
            format!("no hours came; the mean of the day that the device sent is {value}"),
        ),
        (Some(value), None) if is_day && telling.record.inputs.setup.medium == Medium::Water => {
            pair(
                format!("由 {} 个有效小时值按流量加权求得日均值 {value}", state.parts),
                format!("the mean of {} valid hours weighted by flow is {value}", state.parts),
            )
        }
        (Some(value), None) if is_day => pair(
            format!("由 {} 个有效小时值求得日均值 {value}", state.parts),
            format!("the mean of {} valid hours is {value}", state.parts),
        ),
        (Some(value), None) => {
            pair(format!("设备上报小时均值 {value}"), format!("the device sent {value}"))
        }
        (None, None) if state.state == State::Missing => {
            Text::fixed("应报而未报", "due, and nothing came")
        }
        (None, None) => Text::fixed("没有数值", "no number"),
    };
    let late = has(telling, Steps::LATE);
    let text = if late {
        pair(format!("{}（补传）", text.zh), format!("{} (came late)", text.en))
    } else {
        text
    };
    let rules = &telling.record.inputs.rules;
    let rule = match (state.period, telling.record.inputs.setup.medium) {
        (Period::Hour, _) if has(telling, Steps::FROM_MINUTES) => {
            format!("HJ 212-2017 annex D: {} minutes", rules.minutes_of_an_hour)
        }
        (Period::Day, Medium::Gas) => {
            format!("HJ 76 annex B: {} hours", rules.hours_of_a_day)
        }
        (Period::Day, Medium::Water) => {
            format!("HJ 356-2019 (memory): {} %", rules.water_day_percent)
        }
        _ => String::new(),
    };
    told("came", title, text, rule)
}

fn plausible(telling: &Telling<'_>) -> Option<Told> {
    let title = Text::fixed("合理性", "Plausible");
    let text = match telling.state.state {
        State::Invalid(Invalidity::Implausible) => {
            Text::fixed("数值超出该量的可能范围", "the number is beyond what the quantity can be")
        }
        _ if has(telling, Steps::QUESTIONABLE) => Text::fixed(
            "数值异常（如为负），不因此直接无效，待现场识别",
            "the number is odd (negative, for instance); that alone does not make it invalid, the \
             site has to be looked at",
        ),
        _ => return None,
    };
    Some(told("plausible", title, text, "plausible.csv"))
}

fn instrument(telling: &Telling<'_>) -> Option<Told> {
    let title = Text::fixed("仪器标记", "First layer: the instrument");
    let letter = telling.state.layers.instrument?;
    let name = flag_name(letter);
    let is_of_hours = telling.state.period == Period::Day && !has(telling, Steps::FROM_DEVICE_DAY);
    let (zh, en) = if is_of_hours {
        (
            "数采仪对日均值的标记；日均值由有效小时值计算，不取决于它",
            "the logger's mark of its own day; the day here is made of valid hours",
        )
    } else if letter == b'N' {
        ("可用", "it may be used")
    } else {
        ("不可用", "it may not be used")
    };
    let text = pair(format!("{}，{zh}", name.zh), format!("{}: {en}", name.en));
    Some(told("instrument", title, text, flag_source(letter)))
}

fn mark_of<'a>(telling: &Telling<'a>) -> Option<&'a EnterpriseMark> {
    let id = telling.state.layers.enterprise?;
    telling.marks.iter().find(|mark| mark.id == id)
}

fn local(instant: jiff::Timestamp) -> String {
    beijing_offset().to_datetime(instant).strftime("%Y-%m-%d %H:%M").to_string()
}

fn enterprise(telling: &Telling<'_>) -> Told {
    let title = Text::fixed("排污单位标记", "Second layer: the enterprise");
    let Some(mark) = mark_of(telling) else {
        let text = match telling.state.layers.enterprise {
            Some(id) => pair(format!("标记 {}", id.0), format!("mark {}", id.0)),
            None => Text::fixed("未标记，视为对有效性无异议", "no mark: no objection"),
        };
        return told("enterprise", title, text, "");
    };
    let kind = telling.record.inputs.kinds.iter().find(|row| row.kind == mark.kind);
    let (zh, en) = kind
        .map_or((mark.kind.as_str(), mark.kind.as_str()), |row| (row.zh.as_str(), row.en.as_str()));
    let effect = if has(telling, Steps::MARK_REJECTED) {
        Text::fixed("审核未采纳，不生效", "the bureau did not accept it: it has no effect")
    } else if has(telling, Steps::MARK_LATE) {
        Text::fixed("逾期标记，审核采纳前不生效", "late: no effect before the bureau accepts it")
    } else {
        match kind.map(|row| row.effect) {
            Some(MarkEffect::Stopped) => Text::fixed("该时段不计应传", "the period is not due"),
            Some(MarkEffect::Invalid) => {
                Text::fixed("该时段数据不参与超标判定", "the period is not compared with limits")
            }
            Some(MarkEffect::Exempt) => Text::fixed(
                "数据仍有效，超标在规定时限内豁免",
                "the data count; an excess is exempted within the hours allowed",
            ),
            Some(MarkEffect::Remark) | None => Text::fixed("仅作说明", "a remark alone"),
        }
    };
    let text = pair(
        format!(
            "{} 于 {} 标记为“{zh}”：{}；{}",
            mark.author,
            local(mark.at),
            mark.reason,
            effect.zh
        ),
        format!(
            "{} marked it as \"{en}\" at {}: {}; {}",
            mark.author,
            local(mark.at),
            mark.reason,
            effect.en
        ),
    );
    told("enterprise", title, text, kind.map_or("", |row| row.citation.as_str()))
}

fn bureau(telling: &Telling<'_>) -> Told {
    let title = Text::fixed("生态环境部门审核", "Third layer: the bureau");
    let id = telling.state.layers.bureau;
    let found = telling.decisions.iter().find(|decision| Some(decision.id) == id);
    let text = match (found, id) {
        (Some(decision), _) => {
            let (zh, en) = match decision.verdict {
                BureauVerdict::Accepted => ("采纳标记", "accepted the mark"),
                BureauVerdict::Rejected => ("不采纳标记", "did not accept the mark"),
                BureauVerdict::Invalid => ("认定数据无效", "held the data invalid"),
                BureauVerdict::Valid => ("认定数据有效", "held the data valid"),
            };
            let (who, when) = (&decision.author, local(decision.at));
            pair(
                format!("{who} 于 {when} {zh}：{}", decision.reason),
                format!("{who} {en} at {when}: {}", decision.reason),
            )
        }
        (None, Some(id)) => pair(format!("决定 {}", id.0), format!("decision {}", id.0)),
        (None, None) => Text::fixed("尚无审核决定", "nothing decided"),
    };
    told("bureau", title, text, "")
}

fn valid(telling: &Telling<'_>) -> Told {
    let state = telling.state;
    let title = Text::fixed("有效性", "Does it count");
    let (zh, en) = state.state.names();
    let (mut zh, mut en) = (zh.to_owned(), en.to_owned());
    if state.state == State::Invalid(Invalidity::TooFew) {
        let rules = &telling.record.inputs.rules;
        let wanted = match (state.period, telling.record.inputs.setup.medium) {
            (Period::Hour, _) => (
                format!("{} 分钟", rules.minutes_of_an_hour),
                format!("{} minutes", rules.minutes_of_an_hour),
            ),
            (_, Medium::Gas) => {
                (format!("{} 小时", rules.hours_of_a_day), format!("{} h", rules.hours_of_a_day))
            }
            (_, Medium::Water) => (
                format!("应有数据的 {}%", rules.water_day_percent),
                format!("{} % of those due", rules.water_day_percent),
            ),
        };
        zh = format!("{zh}：有效 {}，至少应有 {}", state.parts, wanted.0);
        en = format!("{en}: {} valid, at least {} are wanted", state.parts, wanted.1);
    }
    if has(telling, Steps::HELD_VALID) {
        zh.push_str("（依审核决定）");
        en.push_str(" (by the bureau's decision)");
    }
    if has(telling, Steps::NOT_DUE) {
        zh.push_str("；设备未约定上报该时段，不计应传");
        en.push_str("; the device need not send it, it is not counted as due");
    }
    let rule = format!("rule tables {}", telling.record.inputs.rules.tables);
    told("valid", title, pair(zh, en), rule)
}

fn converted(telling: &Telling<'_>) -> Option<Told> {
    let (state, unit) = (telling.state, telling.unit);
    let title = Text::fixed("折算", "Converted to the reference oxygen");
    let setup = &telling.record.inputs.setup;
    let reference = setup.reference_oxygen.as_ref();
    let text = if has(telling, Steps::OXYGEN_TOO_HIGH) {
        let below = telling.record.inputs.rules.oxygen_meaningful_below;
        pair(
            format!("氧含量达到或超过 {below}%，折算无意义，不作比较；请核查是否停运未标记"),
            format!(
                "the oxygen is {below} % or more: a conversion means nothing and nothing is \
                 compared; look whether the source stood still without a mark"
            ),
        )
    } else if has(telling, Steps::NOT_CONVERTED) {
        Text::fixed(
            "限值针对折算浓度，但没有折算值，也未登记基准氧含量，无法比较",
            "the limit is for the converted value; none came and no reference oxygen is known",
        )
    } else {
        let value = number(state.converted?, unit);
        let recomputed = state.recomputed.map(|own| round_half_even(own, SHOWN).normalize());
        match (recomputed, has(telling, Steps::CONVERSION_DIFFERS)) {
            _ if state.period == Period::Day && !has(telling, Steps::FROM_DEVICE_DAY) => pair(
                format!("由有效小时的折算值求得均值 {value}"),
                format!("the mean of the converted values of valid hours is {value}"),
            ),
            _ if has(telling, Steps::CONVERTED_HERE) => pair(
                format!("设备未报折算值，本平台算得 {value}"),
                format!("the device sent none; {value} was computed here"),
            ),
            (Some(own), true) => pair(
                format!("设备折算值 {value}，复算为 {own}，相差超过允许比例，请核查折算设置"),
                format!(
                    "the device sent {value}; {own} is computed here: they differ by more \
                         than allowed, look at how the device converts"
                ),
            ),
            (Some(own), false) => pair(
                format!("设备折算值 {value}，复算为 {own}，一致"),
                format!("the device sent {value}; {own} is computed here: they agree"),
            ),
            (None, _) => pair(
                format!("设备折算值 {value}，缺氧含量或基准氧，未复算"),
                format!("the device sent {value}; oxygen or reference is not known here"),
            ),
        }
    };
    let rule = reference.map_or(String::new(), |reference| {
        format!("{} %; {}", reference.percent, reference.source)
    });
    Some(told("converted", title, text, rule))
}

/// A bound as it is printed.
pub fn bound_text(limit: &LimitRow) -> String {
    match &limit.bound {
        LimitBound::AtMost(most) => format!("≤ {most}"),
        LimitBound::Within(least, most) => format!("{least}–{most}"),
    }
}

fn limit(telling: &Telling<'_>) -> Option<Told> {
    let (state, unit) = (telling.state, telling.unit);
    let row = telling.record.limit_of(state)?;
    let title = Text::fixed("当日限值", "The limit of that day");
    let bound = bound_text(row);
    let text = match (state.compared, state.exceeds()) {
        (None, _) => pair(format!("限值 {bound} {unit}，未作比较"), format!("{bound} {unit}")),
        (Some(value), false) => pair(
            format!("{value} 符合限值 {bound} {unit}"),
            format!("{value} keeps {bound} {unit}"),
        ),
        (Some(value), true) => {
            let times = state.excess.map(|excess| excess.to_string());
            let counted = !state.is_exceedance() && state.exemption.is_none();
            let (zh, en) = if counted && has(telling, Steps::APART) {
                ("，pH 单独统计", "; pH is counted apart")
            } else if counted {
                ("，数据无效，不作为超标依据", "; the data do not count, it is no exceedance")
            } else {
                ("", "")
            };
            match times {
                Some(times) => pair(
                    format!("{value} 超过限值 {bound} {unit}，超标 {times} 倍{zh}"),
                    format!("{value} is over {bound} {unit} by {times} times{en}"),
                ),
                None => pair(
                    format!("{value} 不符合限值 {bound} {unit}{zh}"),
                    format!("{value} does not keep {bound} {unit}{en}"),
                ),
            }
        }
    };
    Some(told("limit", title, text, row.source.clone()))
}

fn exemption(telling: &Telling<'_>) -> Option<Told> {
    let title = Text::fixed("豁免", "Exempted");
    if let Some(allowance) = telling.record.allowance_of(telling.state) {
        let text = match (allowance.hours, allowance.at_most) {
            (Some(hours), _) => pair(
                format!("处于启停标记的前 {hours} 小时内，超标豁免，排放量照计"),
                format!("within the first {hours} h of the mark: exempted; the amount counts"),
            ),
            (None, Some(most)) => pair(
                format!("启停期间不超过 {most}，超标豁免，排放量照计"),
                format!("not over {most} while starting or stopping: exempted; the amount counts"),
            ),
            (None, None) => Text::fixed("豁免", "exempted"),
        };
        return Some(told("exemption", title, text, allowance.citation.clone()));
    }
    let text = if has(telling, Steps::ALLOWANCE_USED_UP) {
        Text::fixed(
            "启停标记已超过规定时限或限值，不豁免",
            "the mark goes beyond the hours or the value allowed: not exempted",
        )
    } else if has(telling, Steps::NO_ALLOWANCE) {
        Text::fixed(
            "没有可引用的时限规定，不自动豁免，由生态环境部门审核",
            "no rule names hours for it: not exempted without the bureau",
        )
    } else {
        return None;
    };
    Some(told("exemption", title, text, "allowances.csv"))
}

fn amount(telling: &Telling<'_>) -> Option<Told> {
    let state = telling.state;
    let title = Text::fixed("排放量", "Amount");
    let text = match (state.amount_kg, state.substituted_kg) {
        (Some(all), None) => pair(format!("{all} kg"), format!("{all} kg")),
        (Some(all), Some(part)) if all == part => pair(
            format!("{all} kg（替代值：此前有效数据的最大值；浓度不替代）"),
            format!(
                "{all} kg stands in: the largest of the valid ones before; the concentration is \
                 not substituted"
            ),
        ),
        (Some(all), Some(part)) => pair(
            format!("{all} kg，其中替代 {part} kg"),
            format!("{all} kg, {part} kg of it substituted"),
        ),
        (None, _) if has(telling, Steps::NO_FLOW_REPORTED) => {
            Text::fixed("未报流量，无法计算", "no flow is reported: none can be computed")
        }
        (None, _) if has(telling, Steps::NO_AMOUNT) => Text::fixed(
            "此前有效数据不足，无法替代，本时段排放量未计",
            "too few valid data before: nothing stands in, the amount is not counted",
        ),
        (None, _) => return None,
    };
    let rule = match telling.record.inputs.setup.medium {
        Medium::Gas => "HJ 75-2017 tables 5, 6 (memory)",
        Medium::Water => "HJ 356-2019 (memory)",
    };
    let rule = if state.is_substituted() { rule } else { "HJ 212-2017 annex D" };
    Some(told("amount", title, text, rule))
}
