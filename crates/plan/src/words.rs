//! The words that a plan's files may use, one list each.

use declaration::words;

words! {
    /// How often a duty returns (周期).
    Rhythm {
        /// Every month.
        Month = "month", "每月", "every month";
        /// Every quarter.
        Quarter = "quarter", "每季度", "every quarter";
        /// Every year.
        Year = "year", "每年", "every year";
        /// Once.
        Once = "once", "一次性", "once";
    }
}

words! {
    /// What shows that a duty was done (佐证).
    Proof {
        /// The minutes of the meeting.
        Minutes = "minutes", "会议纪要", "minutes";
        /// Who took part.
        Attendees = "attendees", "参会人员", "attendees";
        /// The day on which it was done.
        Date = "date", "日期", "date";
        /// The report or document itself.
        File = "file", "报告或文件", "the report or document";
    }
}

words! {
    /// How a value is held against its target (判断方式).
    Operator {
        /// Not more than it.
        AtMost = "at_most", "不高于", "at most";
        /// Not less than it.
        AtLeast = "at_least", "不低于", "at least";
        /// Less than it.
        Below = "below", "低于", "below";
        /// Exactly it.
        Equals = "equals", "等于", "equal to";
    }
}

words! {
    /// How far a target binds (约束性、预期性).
    Binding {
        /// It binds (约束性).
        Binding = "binding", "约束性", "binding";
        /// It is expected (预期性).
        Expected = "expected", "预期性", "expected";
        /// The document does not say.
        Unstated = "unstated", "文件未注明", "not said";
    }
}

words! {
    /// Which way an indicator is better (方向).
    Direction {
        /// More is better.
        Higher = "higher", "越高越好", "more is better";
        /// Less is better.
        Lower = "lower", "越低越好", "less is better";
        /// Neither: it is only counted.
        Neither = "neither", "仅统计", "only counted";
    }
}
