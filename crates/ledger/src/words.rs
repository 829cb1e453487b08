//! The words that a ledger may use, one list each.

use declaration::words;

words! {
    /// What a column holds (字段类型).
    Form {
        /// One line of text.
        Text = "text", "文字", "text";
        /// Several lines of text.
        LongText = "long_text", "长文字", "long text";
        /// An exact decimal.
        Number = "number", "数值", "number";
        /// Money in yuan, to the cent.
        Money = "money", "金额（元）", "money (yuan)";
        /// A share in per cent.
        Percent = "percent", "百分比", "per cent";
        /// A whole number of things.
        Count = "count", "数量", "count";
        /// A year.
        Year = "year", "年份", "year";
        /// A day.
        Date = "date", "日期", "day";
        /// A division's code.
        Division = "division", "区划", "division";
        /// A department's code.
        Department = "department", "部门", "department";
        /// One of the choices.
        Choice = "choice", "选项", "choice";
        /// Yes or no.
        YesNo = "yes_no", "是否", "yes or no";
    }
}

impl Form {
    /// Whether its values are decimals.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Money | Self::Percent | Self::Count)
    }
}

words! {
    /// Who reads a ledger (公开范围).
    Readers {
        /// Everybody.
        Public = "public", "公开", "public";
        /// Officers, leaders, auditors.
        Officers = "officers", "内部", "officers";
    }
}

words! {
    /// What a finding does (处理方式).
    Weight {
        /// The row is not taken.
        Refuses = "refuses", "不予保存", "refuses";
        /// The row is taken and marked.
        Warns = "warns", "提示", "warns";
    }
}
