//! Checks what a plan means: that its names are known, that nothing contradicts, and tells what the
//! document leaves open.

use std::collections::BTreeSet;

use declaration::{Level, Problem, nearest};
use rulebook::Text;

use crate::indicator::{Definition, Formula, REPORTED, is_source, registry};
use crate::model::{Due, Plan};
use crate::read::{is_a_year, is_written};
use crate::words::Rhythm;

/// The units that a city has: codes with the kind of a division, empty for a department.
pub type Units = [(String, String)];

/// The words that stand for units in `who`.
const WHO: [&str; 5] = ["@county", "@zone", "@city", "@lead", "@responsible"];

impl Plan {
    /// What is wrong with the plan, and what it leaves open; `units` are those of the city.
    pub fn check(&self, units: &Units) -> Vec<Problem> {
        let definitions = registry(&self.indicators);
        let mut checker = Checker { plan: self, units, definitions, problems: Vec::new() };
        checker.head();
        checker.numbers();
        checker.measures();
        checker.targets();
        checker.duties();
        checker.indicators();
        let mut problems = checker.problems;
        problems.sort_by(|a, b| (a.level, &a.file, a.line).cmp(&(b.level, &b.file, b.line)));
        problems
    }
}

struct Checker<'plan> {
    plan: &'plan Plan,
    units: &'plan Units,
    definitions: Vec<Definition>,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report(&mut self, level: Level, code: &'static str, place: &str, what: Text, cure: Text) {
        let found = nearest(&self.plan.lines, place).cloned();
        let (file, line) = match found {
            Some((file, line)) => (file, Some(line)),
            None => ("plan".to_owned(), None),
        };
        self.problems.push(Problem {
            level,
            code,
            file,
            line,
            place: place.to_owned(),
            what,
            cure,
        });
    }

    fn wrong(&mut self, code: &'static str, place: &str, what: Text, cure: Text) {
        self.report(Level::Wrong, code, place, what, cure);
    }

    fn open(&mut self, code: &'static str, place: &str, what: Text, cure: Text) {
        self.report(Level::Open, code, place, what, cure);
    }

    fn head(&mut self) {
        let head = &self.plan.head;
        if head.title.is_empty() || !is_written(head.date) {
            self.wrong(
                "plan.no_head",
                "plan",
                Text::fixed("没有 [plan] 文件信息", "there is no [plan] with the document"),
                Text::fixed(
                    "写明名称、日期、印发单位、来源、年份",
                    "write title, date, issuing body, source and years",
                ),
            );
            return;
        }
        let (first, last) = head.years;
        if !is_a_year(first) || !is_a_year(last) || last < first {
            self.years("plan.last_year", first, last);
        }
        if head.number.is_none() {
            self.open(
                "plan.no_number",
                "plan",
                Text::fixed("来源未载明文号", "the source gives no document number"),
                Text::fixed("取得文号后填写 number", "write `number` once it is known"),
            );
        }
    }

    fn years(&mut self, place: &str, first: i16, last: i16) {
        self.wrong(
            "plan.wrong_years",
            place,
            Text::new(
                format!("年份有误：{first}～{last}"),
                format!("wrong years: {first} to {last}"),
            ),
            Text::fixed("核对起止年份", "check the first and the last year"),
        );
    }

    /// Every number and id stands once; chapters and measures are numbered without a gap.
    fn numbers(&mut self) {
        let plan = self.plan;
        let chapters = plan.chapters.iter().map(|it| it.number.to_string());
        self.once("chapters", chapters.collect());
        self.once("measures", plan.measures.iter().map(|it| it.number.to_string()).collect());
        self.once("targets", plan.targets.iter().map(|it| it.id.clone()).collect());
        self.once("duties", plan.duties.iter().map(|it| it.id.clone()).collect());
        self.once("indicators", plan.indicators.iter().map(|it| it.id.clone()).collect());
        if plan.measures.is_empty() {
            self.wrong(
                "plan.no_measures",
                "measures",
                Text::fixed("方案没有措施", "the plan has no measures"),
                Text::fixed("用 [[measures]] 逐条列出", "list them as [[measures]]"),
            );
        }
        for (expected, measure) in (1..).zip(&plan.measures) {
            if measure.number != expected {
                let place = format!("measures.{}", measure.number);
                self.wrong(
                    "plan.gap",
                    &place,
                    Text::new(
                        format!("措施编号不连续：此处应为 {expected}"),
                        format!("measures are not numbered in a row: {expected} is expected here"),
                    ),
                    Text::fixed("核对编号", "check the numbers"),
                );
                break;
            }
        }
    }

    fn once(&mut self, list: &str, names: Vec<String>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name.clone()) {
                self.wrong(
                    "plan.twice",
                    &format!("{list}.{name}"),
                    Text::new(format!("{name} 重复"), format!("{name} stands twice")),
                    Text::fixed("改用另一个编号", "give one of them another name"),
                );
            }
        }
    }

    fn measures(&mut self) {
        for measure in &self.plan.measures {
            let place = format!("measures.{}", measure.number);
            if self.plan.chapter(measure.chapter).is_none() {
                let number = measure.chapter.to_string();
                let known = self.plan.chapters.iter().map(|it| it.number.to_string()).collect();
                self.unknown(&format!("{place}.chapter"), &number, ("章", "chapter"), known);
            }
            for (key, units) in [("lead", &measure.lead), ("assisting", &measure.assisting)] {
                for unit in units {
                    self.unit(&format!("{place}.{key}"), unit);
                }
            }
            for unit in measure.lead.iter().filter(|unit| measure.assisting.contains(unit)) {
                self.wrong(
                    "plan.twice",
                    &format!("{place}.assisting"),
                    Text::new(
                        format!("{unit} 既牵头又配合"),
                        format!("{unit} both leads and assists"),
                    ),
                    Text::fixed("删去其中一处", "remove one of the two"),
                );
            }
            if measure.lead.is_empty() && self.plan.head.everyone.is_none() {
                self.wrong(
                    "plan.no_unit",
                    &place,
                    Text::fixed("没有责任单位", "no unit answers for it"),
                    Text::fixed(
                        "填写 lead，或在 [plan.everyone] 写明适用全部区划的规则",
                        "fill in `lead`, or write the rule for all divisions in [plan.everyone]",
                    ),
                );
            }
            if measure.indicators.is_empty() {
                self.wrong(
                    "plan.no_indicator",
                    &place,
                    Text::fixed("没有反映其进展的指标", "no indicator shows it"),
                    Text::fixed("在 indicators 中写一个指标", "name one in `indicators`"),
                );
            }
            for id in &measure.indicators {
                self.indicator(&format!("{place}.indicators"), id);
            }
            if measure.modules.is_empty() && measure.not_in_software.is_none() {
                self.wrong(
                    "plan.no_module",
                    &place,
                    Text::fixed(
                        "既无承载功能，也未说明未纳入软件的原因",
                        "no page carries it, and nothing says why",
                    ),
                    Text::fixed(
                        "填写 modules 或 not_in_software",
                        "fill in `modules` or `not_in_software`",
                    ),
                );
            }
        }
    }

    fn unit(&mut self, place: &str, code: &str) {
        if self.units.iter().any(|(known, _)| known == code) {
            return;
        }
        self.wrong(
            "plan.unknown_unit",
            place,
            Text::new(format!("没有单位 {code:?}"), format!("there is no unit {code:?}")),
            Text::fixed(
                "使用 departments.csv 或 divisions.csv 中的编码，或先在其中登记",
                "write a code of departments.csv or divisions.csv, or list it there first",
            ),
        );
    }

    fn indicator(&mut self, place: &str, id: &str) {
        if self.definitions.iter().any(|known| known.id == id) {
            return;
        }
        let near: Vec<String> = self
            .definitions
            .iter()
            .map(|known| known.id.clone())
            .filter(|known| known.split('_').any(|word| word.len() > 3 && id.contains(word)))
            .collect();
        self.unknown(place, id, ("指标", "indicator"), near);
    }

    fn unknown(&mut self, place: &str, name: &str, sort: (&str, &str), known: Vec<String>) {
        let (zh, en) = sort;
        let cure = if known.is_empty() {
            Text::new(format!("先定义该{zh}"), format!("define the {en} first"))
        } else {
            Text::new(format!("可用：{}", known.join("、")), format!("known: {}", known.join(", ")))
        };
        let what = Text::new(format!("没有{zh} {name:?}"), format!("there is no {en} {name:?}"));
        self.wrong("plan.unknown_name", place, what, cure);
    }

    fn targets(&mut self) {
        let (first, last) = self.plan.head.years;
        for target in &self.plan.targets {
            let place = format!("targets.{}", target.id);
            self.indicator(&format!("{place}.indicator"), &target.indicator);
            if !(first..=last).contains(&target.year) {
                self.years(&format!("{place}.year"), first, last);
            }
            let is_shown = self.plan.measures.iter().any(|measure| {
                measure.indicators.contains(&target.indicator)
                    || target.measures.contains(&measure.number)
            });
            if !is_shown {
                self.wrong(
                    "plan.target_unseen",
                    &place,
                    Text::fixed("没有措施与该目标相关", "no measure shows this target"),
                    Text::fixed(
                        "在 measures 写明措施编号，或让措施引用该指标",
                        "name measures in `measures`, or let one show the indicator",
                    ),
                );
            }
            for number in &target.measures {
                if self.plan.measure(*number).is_none() {
                    let name = number.to_string();
                    self.unknown(
                        &format!("{place}.measures"),
                        &name,
                        ("措施", "measure"),
                        Vec::new(),
                    );
                }
            }
            match (&target.value, &target.decided_by) {
                (None, None) => self.wrong(
                    "plan.no_value",
                    &place,
                    Text::fixed("没有目标值", "it has no value"),
                    Text::fixed(
                        "填写 value；文件未定的，用 decided_by 写明由谁确定",
                        "write `value`, or `decided_by` where the document leaves it to somebody",
                    ),
                ),
                (Some(_), Some(_)) => self.wrong(
                    "plan.contradiction",
                    &place,
                    Text::fixed(
                        "既有目标值又写由谁确定",
                        "it has a value and leaves it to somebody",
                    ),
                    Text::fixed("删去其中一项", "remove one of the two"),
                ),
                (None, Some(who)) => self.open(
                    "plan.target_open",
                    &place,
                    Text::new(
                        format!("目标值由{}确定，文件未载明", who.zh),
                        format!("its value is left to {}", who.en),
                    ),
                    Text::fixed("取得后填写 value", "write `value` once it is decided"),
                ),
                (Some(_), None) => {}
            }
            self.has_data(&place, &target.indicator);
        }
    }

    /// A target whose indicator waits for somebody to report.
    fn has_data(&mut self, place: &str, id: &str) {
        let Some(found) = self.definitions.iter().find(|known| known.id == id) else { return };
        let is_reported = found.formula.sources().contains(&REPORTED);
        let Some(who) = found.delivers.clone().filter(|_| is_reported) else { return };
        self.open(
            "plan.target_without_data",
            place,
            Text::new(
                format!("平台没有该指标的自动数据，须由{}报送", who.zh),
                format!("the platform has no data of its own: {} must deliver them", who.en),
            ),
            Text::fixed("在指标页报送年度值", "report the year's value on the indicator's page"),
        );
    }

    fn duties(&mut self) {
        for duty in &self.plan.duties {
            let place = format!("duties.{}", duty.id);
            if self.plan.measure(duty.measure).is_none() {
                let number = duty.measure.to_string();
                self.unknown(&format!("{place}.measure"), &number, ("措施", "measure"), Vec::new());
            }
            if duty.who.is_empty() {
                self.wrong(
                    "plan.no_unit",
                    &format!("{place}.who"),
                    Text::fixed("没有责任单位", "it is nobody's"),
                    Text::new(
                        format!("填写单位编码，或 {}", WHO.join("、")),
                        format!("write codes of units, or {}", WHO.join(", ")),
                    ),
                );
            }
            for who in &duty.who {
                if who.starts_with('@') {
                    if !WHO.contains(&who.as_str()) {
                        let known = WHO.map(str::to_owned).to_vec();
                        self.unknown(&format!("{place}.who"), who, ("单位", "unit"), known);
                    }
                } else {
                    self.unit(&format!("{place}.who"), who);
                }
            }
            self.clock(&place, duty.rhythm, &duty.due, &duty.id);
        }
        for clock in &self.plan.clocks {
            let place = format!("clocks.{}", clock.duty);
            let duty = self.plan.duties.iter().find(|duty| duty.id == clock.duty);
            match duty {
                None => self.unknown(&place, &clock.duty, ("任务", "duty"), Vec::new()),
                Some(duty) if !matches!(duty.due, Due::Open { .. }) => self.wrong(
                    "plan.contradiction",
                    &place,
                    Text::fixed("文件已载明时限，不能另行设定", "the document says when it is due"),
                    Text::fixed("删去该 [[clocks]]", "remove this [[clocks]]"),
                ),
                Some(_) => {}
            }
        }
    }

    fn clock(&mut self, place: &str, rhythm: Rhythm, due: &Due, id: &str) {
        let needs_period = matches!(due, Due::EndOfPeriod { .. } | Due::DaysAfterPeriod { .. });
        let has_period = rhythm != Rhythm::Once;
        if needs_period != has_period && !matches!(due, Due::Open { .. }) {
            self.wrong(
                "plan.contradiction",
                &format!("{place}.due"),
                Text::fixed("到期规则与周期不符", "the rule of its end does not fit its rhythm"),
                Text::fixed(
                    "一次性任务用 on_day；周期任务用 end_of_period 或 days_after_period",
                    "once: on_day; recurring: end_of_period or days_after_period",
                ),
            );
        }
        let is_set = self.plan.clocks.iter().any(|clock| clock.duty == id);
        if let Due::Open { decided_by } = due
            && !is_set
        {
            self.open(
                "plan.duty_without_clock",
                &format!("{place}.due"),
                Text::new(
                    format!("文件未载明时限，由{}确定", decided_by.zh),
                    format!("the document sets no day: left to {}", decided_by.en),
                ),
                Text::new(
                    format!("确定后写入 [[clocks]] duty = \"{id}\"，注明来源"),
                    format!("write it as [[clocks]] duty = \"{id}\" with its source"),
                ),
            );
        }
    }

    fn indicators(&mut self) {
        for definition in &self.plan.indicators {
            let place = format!("indicators.{}", definition.id);
            for source in definition.formula.sources() {
                if !is_source(source) {
                    let known = crate::indicator::sources().iter();
                    let known = known.map(|source| source.name.to_owned()).collect();
                    self.unknown(
                        &format!("{place}.formula"),
                        source,
                        ("数据来源", "source"),
                        known,
                    );
                }
                if source == REPORTED && definition.delivers.is_none() {
                    self.wrong(
                        "plan.nobody_delivers",
                        &place,
                        Text::fixed("未写明由谁报送", "nobody is named who delivers it"),
                        Text::fixed("填写 delivers", "fill in `delivers`"),
                    );
                }
            }
            if let Formula::Change { of, .. } = &definition.formula {
                let of = of.clone();
                self.indicator(&format!("{place}.formula"), &of);
            }
        }
    }
}

#[cfg(test)]
mod tests;
