//! The words that the file of a check may use, one list each.

use declaration::words;

words! {
    /// How much a finding says against what was entered (严重程度). Only the last refuses it; the
    /// others let it pass, from the second on with a reason.
    Severity {
        /// Worth knowing; a reason may be given.
        Note = "note", "提示", "note";
        /// Please look again; a reason is asked for.
        Question = "question", "请核对", "please check";
        /// Hardly possible.
        Implausible = "implausible", "明显异常", "implausible";
        /// Two things that cannot both be so.
        Contradiction = "contradiction", "自相矛盾", "contradiction";
        /// Not possible at all: it is refused.
        Impossible = "impossible", "不可能", "impossible";
    }
}

impl Severity {
    /// Whether what is entered is refused.
    pub const fn refuses(self) -> bool {
        matches!(self, Self::Impossible)
    }

    /// Whether it passes with a reason alone (软拦截).
    pub const fn asks_for_a_reason(self) -> bool {
        matches!(self, Self::Question | Self::Implausible | Self::Contradiction)
    }
}

words! {
    /// What is filled in (表单).
    Form {
        /// A report on keeping to a permit.
        ExecutionReport = "execution_report", "执行报告", "execution report";
        /// A page of a ledger.
        Ledger = "ledger", "环境管理台账", "ledger";
        /// Limits of a permit.
        PermitLimit = "permit_limit", "许可排放限值", "limits of a permit";
        /// Amounts of a permit.
        PermitAmount = "permit_amount", "许可排放量", "amounts of a permit";
    }
}

words! {
    /// How long a report's period is (报告周期).
    PeriodKind {
        /// A calendar year.
        Year = "year", "年报", "year";
        /// A quarter of a year.
        Quarter = "quarter", "季报", "quarter";
        /// A month.
        Month = "month", "月报", "month";
        /// A day of a ledger.
        Day = "day", "日", "day";
    }
}

words! {
    /// Who sets a parameter (参数来源).
    Source {
        /// A habit of this platform: it helps sorting and binds nobody.
        House = "house", "平台内部约定", "a habit of this platform";
        /// A standard or a rule of law.
        Standard = "standard", "标准或法规", "a standard or a law";
        /// Follows from nature or arithmetic.
        Nature = "nature", "自然规律或算术", "nature or arithmetic";
        /// Seen in real data.
        Observed = "observed", "实际数据观察", "seen in real data";
    }
}

words! {
    /// What a field holds.
    Kind {
        /// A decimal number.
        Number = "number", "数值", "a number";
        /// A day.
        Day = "day", "日期", "a day";
        /// Yes or no.
        YesNo = "yes_no", "是/否", "yes or no";
        /// Words.
        Words = "words", "文字", "words";
    }
}

words! {
    /// To what a field belongs.
    Level {
        /// To the whole.
        Head = "head", "整份", "the whole";
        /// To an outlet or a facility.
        Outlet = "outlet", "排放口", "an outlet";
        /// To a factor, mostly at an outlet.
        Factor = "factor", "污染物", "a factor";
    }
}

words! {
    /// A form that words keep to.
    Shape {
        /// `DA001`, `DW001` (HJ 608-2017).
        OutletNumber = "outlet_number", "排放口编号", "the number of an outlet";
        /// 22 characters (HJ 608-2017).
        PermitNumber = "permit_number", "排污许可证编号", "the number of a permit";
    }
}
