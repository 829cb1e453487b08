//! The words that a declaration may use, one list each.

use declaration::words;

words! {
    /// What a field holds (字段类型).
    FieldForm {
        /// One line of text.
        Text = "text", "文字", "text";
        /// Several lines of text.
        LongText = "long_text", "长文字", "long text";
        /// One of the choices.
        Choice = "choice", "选项", "choice";
        /// A day, `2026-11-25`.
        Date = "date", "日期", "date";
        /// A decimal number.
        Number = "number", "数值", "number";
        /// An amount of yuan, at most two decimals.
        Money = "money", "金额（元）", "amount in yuan";
        /// An organisation.
        Organisation = "organisation", "单位", "organisation";
        /// A person.
        Person = "person", "人员", "person";
        /// `yes` or `no`.
        YesNo = "yes_no", "是否", "yes or no";
        /// A place in words.
        Place = "place", "地点", "place";
    }
}

words! {
    /// What an enterprise sees of a case about it.
    EnterpriseSees {
        /// Nothing.
        Never = "never", "不可见", "never";
        /// What it is asked, once a transition shares the case.
        WhenShared = "when_shared", "推送后可见", "when shared";
        /// From the opening on.
        Always = "always", "始终可见", "always";
    }
}

words! {
    /// What everybody sees of a case.
    PublicView {
        /// Nothing.
        None = "none", "不公开", "nothing";
        /// Its public fields, once a transition publishes it.
        Anonymised = "anonymised", "匿名公开", "anonymised";
    }
}

words! {
    /// Whose turn a transition is (由谁办理).
    Who {
        /// Somebody of the unit responsible or assisting.
        Responsible = "responsible", "承办单位", "unit responsible";
        /// Somebody of the enterprise concerned.
        Enterprise = "enterprise", "涉事企业", "enterprise";
        /// Who reported.
        Reporter = "reporter", "反映人", "reporter";
        /// The platform.
        System = "system", "平台", "platform";
        /// Anybody with the role and the jurisdiction.
        Any = "any", "有权限者", "anybody entitled";
    }
}

words! {
    /// Whose clock it is (期限责任人).
    Owner {
        /// The unit responsible.
        Responsible = "responsible", "承办单位", "unit responsible";
        /// The officer to whom the case is given.
        Assignee = "assignee", "承办人", "officer in charge";
        /// The enterprise concerned.
        Enterprise = "enterprise", "涉事企业", "enterprise";
        /// Who reported.
        Reporter = "reporter", "反映人", "reporter";
        /// The leader in charge.
        Leader = "leader", "分管领导", "leader";
        /// The unit above the one responsible: the city or the province.
        SuperiorUnit = "superior_unit", "上级单位", "unit above";
    }
}

words! {
    /// Who is told of a transition (通知对象).
    Told {
        /// Who reported.
        Reporter = "reporter", "反映人", "reporter";
        /// The unit responsible.
        Responsible = "responsible", "承办单位", "unit responsible";
        /// The officer to whom the case is given.
        Assignee = "assignee", "承办人", "officer in charge";
        /// The enterprise concerned.
        Enterprise = "enterprise", "涉事企业", "enterprise";
        /// Who watches the case.
        Watchers = "watchers", "关注人", "watchers";
        /// The leader in charge.
        Leader = "leader", "分管领导", "leader";
    }
}

words! {
    /// Whom an overdue clock goes up to (升级对象).
    EscalateTo {
        /// The leader in charge.
        Leader = "leader", "分管领导", "leader";
        /// The unit above the one responsible.
        SuperiorUnit = "superior_unit", "上级单位", "unit above";
    }
}

words! {
    /// Who reads a line of the timeline.
    Visibility {
        /// The units.
        Internal = "internal", "内部", "internal";
        /// The units, the reporter and, where the case is shared, the enterprise.
        Parties = "parties", "当事方", "parties";
        /// Everybody, once the case is published.
        Public = "public", "公开", "public";
    }
}

words! {
    /// How one case is tied to another (关联).
    LinkKind {
        /// It is the same matter: merged into the other.
        MergedInto = "merged_into", "并入", "merged into";
        /// The other caused it.
        CausedBy = "caused_by", "起因于", "caused by";
        /// It continues the other.
        Follows = "follows", "后续于", "follows";
    }
}
