//! What a permit that somebody brings must satisfy, and what is worth a look before it is accepted.

use crate::PermitDraft;
use crate::duty::PermitDuty;
use crate::fault::{Fault, Part};
use crate::model::{AmountKind, PermitContent};
use crate::number;
use crate::workbook::layout::head;
use jiff::ToSpan as _;
use registry::{EnterpriseId, PointDetail, PointKind, Snapshot};
use rulebook::Text;
use standards::codes::pollutants;
use std::collections::HashSet;

/// Everything that is wrong with a draft; nothing of it is kept until the list is empty.
pub fn faults(draft: &PermitDraft, snapshot: &Snapshot) -> Vec<Fault> {
    let mut check = Check { draft, snapshot, found: Vec::new() };
    check.basics();
    check.outlets();
    check.limits();
    check.amounts();
    check.duties();
    check.background();
    check.found
}

/// What is right in form and still worth a look: limits that judges will not apply by themselves,
/// a validity that is not five years. A person accepts it or mends the file.
pub fn notes(draft: &PermitDraft, snapshot: &Snapshot) -> Vec<Fault> {
    let mut check = Check { draft, snapshot, found: Vec::new() };
    check.note_validity();
    check.note_limits();
    check.found
}

/// A unit in one spelling.
pub(crate) fn plain_unit(unit: &str) -> String {
    let plain: String = unit.chars().filter(|it| !it.is_whitespace()).collect();
    let plain = plain.replace('μ', "µ").replace("ug", "µg").replace("m3", "m³");
    match plain.as_str() {
        "无量纲" | "-" | "/" | "—" => String::new(),
        _ => plain.to_lowercase(),
    }
}

struct Check<'check> {
    draft: &'check PermitDraft,
    snapshot: &'check Snapshot,
    found: Vec<Fault>,
}

impl Check<'_> {
    fn say(
        &mut self,
        part: Part,
        entry: Option<usize>,
        column: &'static str,
        what: Text,
        cure: Text,
    ) {
        self.found.push(Fault { part: Some(part), row: None, entry, column, what, cure });
    }

    fn holder(&self) -> Option<EnterpriseId> {
        self.snapshot.enterprise_by_code(&self.draft.enterprise).map(|it| it.id)
    }

    fn basics(&mut self) {
        let draft = self.draft;
        match number::check(&draft.number) {
            Err(what) => {
                let cure = Text::fixed("请按许可证核对编号", "Compare it with the permit");
                self.say(Part::Basics, None, head::NUMBER, what, cure);
            }
            Ok(number) => {
                let code = draft.enterprise.as_str();
                if number.has_credit_code && code.len() == 18 && number.unit != code {
                    let what = Text::fixed(
                        "编号的前18位与单位代码不一致",
                        "the first 18 characters are not the code of the enterprise",
                    );
                    let cure = Text::fixed("请核对两者", "Compare both");
                    self.say(Part::Basics, None, head::NUMBER, what, cure);
                }
            }
        }
        if self.holder().is_none() {
            let what = Text::new(
                format!("平台中没有代码为“{}”的单位", draft.enterprise),
                format!("there is no enterprise with the code {:?}", draft.enterprise),
            );
            let cure = Text::fixed(
                "请更正代码,或先在城市数据的 enterprises.csv 中登记该单位",
                "Correct it, or add the enterprise to enterprises.csv of the city",
            );
            self.say(Part::Basics, None, head::UNIT, what, cure);
        }
        let content = &draft.content;
        for (column, text) in [(head::HOLDER, &content.holder), (head::SOURCE, &content.source)] {
            if text.is_empty() {
                let what = Text::fixed("未填写", "it is empty");
                self.say(Part::Basics, None, column, what, Text::fixed("请填写", "Fill it in"));
            }
        }
        if content.valid_to < content.valid_from {
            let what = Text::fixed("有效期止早于有效期起", "it ends before it begins");
            self.say(Part::Basics, None, head::VALID_TO, what, mend());
        }
        if content.in_force_from < content.valid_from || content.valid_to < content.in_force_from {
            let what = Text::fixed(
                "本版生效日期不在有效期内",
                "the version begins outside the validity of the permit",
            );
            self.say(Part::Basics, None, head::IN_FORCE_FROM, what, mend());
        }
    }

    fn outlets(&mut self) {
        let mut seen = HashSet::new();
        let content = &self.draft.content;
        for (entry, outlet) in content.outlets.iter().enumerate() {
            let is_code = (2..=20).contains(&outlet.number.len())
                && outlet.number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_code {
                let what = Text::new(
                    format!("“{}”不是排放口编号", outlet.number),
                    format!("{:?} is no number of an outlet", outlet.number),
                );
                let cure = Text::fixed("请写成 DA001、DW001", "Write it as DA001 or DW001");
                self.say(Part::Outlets, Some(entry), head::OUTLET, what, cure);
            }
            if !seen.insert(outlet.number.as_str()) {
                self.twice(Part::Outlets, entry, head::OUTLET);
            }
        }
    }

    fn limits(&mut self) {
        let content = &self.draft.content;
        let mut seen: Vec<String> = Vec::new();
        for (entry, limit) in content.limits.iter().enumerate() {
            self.outlet_known(Part::Limits, entry, limit.outlet_number.as_deref());
            self.pollutant_known(Part::Limits, entry, &limit.pollutant);
            if limit.at_least.is_some_and(|least| limit.at_most < least) {
                let what = Text::fixed("下限大于上限", "the lower bound is above the upper one");
                self.say(Part::Limits, Some(entry), head::AT_LEAST, what, mend());
            }
            if limit.at_most.is_sign_negative() && !limit.at_most.is_zero() {
                self.negative(Part::Limits, entry, head::AT_MOST);
            }
            if limit.citation.is_empty() {
                let what = Text::fixed("未填写", "it is empty");
                let cure = Text::fixed("请填写标准号、表和级别", "Write standard, table, grade");
                self.say(Part::Limits, Some(entry), head::STANDARD, what, cure);
            }
            self.unit(entry, &limit.pollutant, &limit.unit);
            let key = format!(
                "{:?} {} {:?} {:?}",
                limit.outlet_number, limit.pollutant, limit.period, limit.condition
            );
            if seen.contains(&key) {
                self.twice(Part::Limits, entry, head::POLLUTANT);
            }
            seen.push(key);
        }
    }

    /// Limits are compared with values in the unit of the city's factors.
    fn unit(&mut self, entry: usize, pollutant: &str, unit: &str) {
        let Some(factor) = self.snapshot.factor_by_code(pollutant) else { return };
        let wanted = factor.unit_at(PointKind::Outlet);
        if factor.is_listed && plain_unit(wanted) != plain_unit(unit) {
            let what = Text::new(
                format!("单位“{unit}”与监测数据的单位“{wanted}”不同"),
                format!("the unit {unit:?} is not that of the values, {wanted:?}"),
            );
            let cure = Text::new(
                format!("请把数值换算为 {wanted} 后填写"),
                format!("Convert the number to {wanted}"),
            );
            self.say(Part::Limits, Some(entry), head::MEASURE, what, cure);
        }
    }

    fn amounts(&mut self) {
        let content = &self.draft.content;
        let mut seen: Vec<String> = Vec::new();
        for (entry, amount) in content.amounts.iter().enumerate() {
            self.outlet_known(Part::Amounts, entry, amount.outlet.as_deref());
            self.pollutant_known(Part::Amounts, entry, &amount.pollutant);
            if amount.tonnes.is_sign_negative() && !amount.tonnes.is_zero() {
                self.negative(Part::Amounts, entry, head::TONNES);
            }
            let years = content.valid_from.year()..=content.valid_to.year();
            if amount.year.is_some_and(|year| !years.contains(&year)) {
                let what = Text::fixed("年份不在有效期内", "the year lies outside the validity");
                self.say(Part::Amounts, Some(entry), head::YEAR, what, mend());
            }
            if let AmountKind::SpecialPeriod { from, to } = &amount.kind
                && to < from
            {
                let what = Text::fixed("结束早于起始", "it ends before it begins");
                self.say(Part::Amounts, Some(entry), head::TO, what, mend());
            }
            let key = format!(
                "{:?} {} {:?} {:?}",
                amount.outlet, amount.pollutant, amount.kind, amount.year
            );
            if seen.contains(&key) {
                self.twice(Part::Amounts, entry, head::POLLUTANT);
            }
            seen.push(key);
        }
    }

    fn duties(&mut self) {
        let content = &self.draft.content;
        let of_sheet = |duty: &&PermitDuty| matches!(duty, PermitDuty::SelfMonitoring { .. });
        for (entry, duty) in content.duties.iter().filter(of_sheet).enumerate() {
            if let PermitDuty::SelfMonitoring { outlet, pollutant, .. } = duty {
                self.outlet_known(Part::Monitoring, entry, outlet.as_deref());
                self.pollutant_known(Part::Monitoring, entry, pollutant);
            }
        }
        let mut cycles = Vec::new();
        for (entry, duty) in content.duties.iter().filter(|duty| !of_sheet(duty)).enumerate() {
            if let PermitDuty::ExecutionReport { cycle, .. } = duty {
                if cycles.contains(cycle) {
                    self.twice(Part::Reports, entry, head::KIND);
                }
                cycles.push(*cycle);
            }
        }
    }

    fn background(&mut self) {
        let Some(background) = &self.draft.background else { return };
        let mut documents = HashSet::new();
        for (entry, approval) in background.approvals.iter().enumerate() {
            if !documents.insert(approval.document.as_str()) {
                self.twice(Part::Approvals, entry, head::APPROVAL);
            }
            let mut seen = HashSet::new();
            for amount in &approval.amounts {
                self.pollutant_known(Part::Approvals, entry, &amount.pollutant);
                if !seen.insert(amount.pollutant.as_str()) {
                    self.twice(Part::Approvals, entry, head::POLLUTANT);
                }
                if amount.tonnes.is_sign_negative() && !amount.tonnes.is_zero() {
                    self.negative(Part::Approvals, entry, head::APPROVED);
                }
            }
        }
        for (entry, quota) in background.quotas.iter().enumerate() {
            self.pollutant_known(Part::Quotas, entry, &quota.pollutant);
            if quota.tonnes.is_sign_negative() && !quota.tonnes.is_zero() {
                self.negative(Part::Quotas, entry, head::QUOTA_TONNES);
            }
            if quota.to_year.is_some_and(|last| last < quota.from_year) {
                let what = Text::fixed("终止年早于起始年", "it ends before it begins");
                self.say(Part::Quotas, Some(entry), head::TO_YEAR, what, mend());
            }
        }
    }

    fn outlet_known(&mut self, part: Part, entry: usize, number: Option<&str>) {
        let Some(number) = number else { return };
        if !self.draft.content.outlets.iter().any(|outlet| outlet.number == number) {
            let what = Text::new(
                format!("“{number}”不在“排放口”表中"),
                format!("{number:?} is not among the outlets"),
            );
            let cure = Text::fixed("请更正编号,或补充排放口", "Correct it, or add the outlet");
            self.say(part, Some(entry), head::OUTLET, what, cure);
        }
    }

    fn pollutant_known(&mut self, part: Part, entry: usize, code: &str) {
        let is_known =
            self.snapshot.factor_by_code(code).is_some() || pollutants::pollutant(code).is_some();
        if !is_known {
            let what = Text::new(
                format!("没有代码为“{code}”的污染物"),
                format!("there is no pollutant with the code {code:?}"),
            );
            let cure = Text::fixed(
                "请从“代码表”中选择,或先在城市数据的 factors.csv 中登记",
                "Choose one of the sheet of codes, or add it to factors.csv of the city",
            );
            self.say(part, Some(entry), head::POLLUTANT, what, cure);
        }
    }

    fn twice(&mut self, part: Part, entry: usize, column: &'static str) {
        let what = Text::fixed("与上面的一行重复", "an entry above says the same");
        let cure = Text::fixed("请删除或更正其中一行", "Remove or correct one of them");
        self.say(part, Some(entry), column, what, cure);
    }

    fn negative(&mut self, part: Part, entry: usize, column: &'static str) {
        self.say(part, Some(entry), column, Text::fixed("不能为负数", "it is negative"), mend());
    }

    fn note_validity(&mut self) {
        let PermitContent { valid_from, valid_to, .. } = &self.draft.content;
        let five = law::deadline("permit.validity", *valid_from)
            .and_then(law::Deadline::length)
            .filter(|length| length.unit == law::Unit::Year);
        let Some(length) = five else { return };
        let last = valid_from
            .checked_add(i64::from(length.amount).years())
            .and_then(jiff::civil::Date::yesterday);
        if last.is_ok_and(|last| last != *valid_to) {
            let what = Text::new(
                format!("有效期不是{}年", length.amount),
                format!("the validity is not {} years", length.amount),
            );
            let cure = Text::fixed("请与许可证核对", "Compare it with the permit");
            self.say(Part::Basics, None, head::VALID_TO, what, cure);
        }
    }

    fn note_limits(&mut self) {
        let Some(holder) = self.holder() else { return };
        let listed: HashSet<&str> = self
            .snapshot
            .outlets_of(holder)
            .filter_map(|point| match &point.detail {
                PointDetail::Outlet(outlet) => Some(outlet.permit_outlet_number.as_str()),
                _ => None,
            })
            .collect();
        for (entry, limit) in self.draft.content.limits.iter().enumerate() {
            let factor = self.snapshot.factor_by_code(&limit.pollutant);
            let why = match &limit.outlet_number {
                None => Text::fixed("全厂或厂界限值", "it is of the whole unit"),
                Some(_) if !limit.is_judged() => {
                    Text::fixed("带燃料或平均周期条件", "it depends on fuel or another mean")
                }
                Some(number) if !listed.contains(number.as_str()) => {
                    Text::fixed("该排放口未在平台登记", "the city's files do not list the outlet")
                }
                Some(_) if factor.is_none() => Text::fixed(
                    "该污染物未在平台登记",
                    "the city's files do not list the pollutant",
                ),
                Some(_) => continue,
            };
            let what = Text::new(
                format!("不能自动判定:{}", why.zh),
                format!("it is not judged automatically: {}", why.en),
            );
            let cure = Text::fixed(
                "限值照常保存和公布,由人工核对",
                "It is kept and shown, and compared by hand",
            );
            self.say(Part::Limits, Some(entry), head::OUTLET, what, cure);
        }
    }
}

const fn mend() -> Text {
    Text::fixed("请核对更正", "Compare it with the permit")
}
