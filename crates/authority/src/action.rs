//! What someone may want to do (操作).

/// What someone may want to do (操作).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Read alerts and their evidence.
    ReadAlerts,
    /// Read devices, packets, refusals.
    ReadOperations,
    /// Bring observations in.
    ImportObservations,
    /// Make, change, disable users, their grants and organisations.
    ManageUsers,
    /// Read who did what.
    ReadAudit,
    /// Read who complained, their number and address.
    ReadPersonalData,
    /// Open a case.
    OpenCase,
    /// Read a case that is not public.
    ReadCase,
    /// Do what a case asks for: explain, visit, answer.
    ActOnCase,
    /// Give a case to a unit or a person.
    AssignCase,
    /// Comment on a case.
    CommentOnCase,
    /// Accept what another has done.
    AcceptCase,
    /// Take rows out as a file.
    Export,
    /// Change how the installation works.
    Configure,
    /// Send commands to devices.
    CommandDevices,
    /// Enter, replace and end discharge permits and what belongs to them.
    ManagePermits,
    /// Mark stretches of one's own monitoring data, with reason and proof.
    MarkData,
    /// Decide on marks of monitoring data, and on alarms.
    DecideMarks,
    /// Fill in and file the reports that a permit asks for.
    FileReports,
    /// Keep the plan's duties, targets and score sheets.
    ManagePlan,
    /// Ask with SQL, over all that they may read.
    QueryData,
}

impl Action {
    /// Every action, in the order in which they are shown.
    pub const ALL: [Self; 21] = [
        Self::ReadAlerts,
        Self::ReadOperations,
        Self::ImportObservations,
        Self::ManageUsers,
        Self::ReadAudit,
        Self::ReadPersonalData,
        Self::OpenCase,
        Self::ReadCase,
        Self::ActOnCase,
        Self::AssignCase,
        Self::CommentOnCase,
        Self::AcceptCase,
        Self::Export,
        Self::Configure,
        Self::CommandDevices,
        Self::ManagePermits,
        Self::MarkData,
        Self::DecideMarks,
        Self::FileReports,
        Self::ManagePlan,
        Self::QueryData,
    ];

    /// The word under which it is stored and by which a token's scope names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadAlerts => "read_alerts",
            Self::ReadOperations => "read_operations",
            Self::ImportObservations => "import_observations",
            Self::ManageUsers => "manage_users",
            Self::ReadAudit => "read_audit",
            Self::ReadPersonalData => "read_personal_data",
            Self::OpenCase => "open_case",
            Self::ReadCase => "read_case",
            Self::ActOnCase => "act_on_case",
            Self::AssignCase => "assign_case",
            Self::CommentOnCase => "comment_on_case",
            Self::AcceptCase => "accept_case",
            Self::Export => "export",
            Self::Configure => "configure",
            Self::CommandDevices => "command_devices",
            Self::ManagePermits => "manage_permits",
            Self::MarkData => "mark_data",
            Self::DecideMarks => "decide_marks",
            Self::FileReports => "file_reports",
            Self::ManagePlan => "manage_plan",
            Self::QueryData => "query_data",
        }
    }

    /// What it is called in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::ReadAlerts => ("查看预警", "read alerts"),
            Self::ReadOperations => ("查看运维", "read operations"),
            Self::ImportObservations => ("导入监测数据", "import observations"),
            Self::ManageUsers => ("管理用户", "manage users"),
            Self::ReadAudit => ("查看审计记录", "read the audit"),
            Self::ReadPersonalData => ("查看个人信息", "read personal data"),
            Self::OpenCase => ("登记事项", "open cases"),
            Self::ReadCase => ("查看事项", "read cases"),
            Self::ActOnCase => ("办理事项", "act on cases"),
            Self::AssignCase => ("派办事项", "assign cases"),
            Self::CommentOnCase => ("批注事项", "comment on cases"),
            Self::AcceptCase => ("验收事项", "accept cases"),
            Self::Export => ("导出", "export"),
            Self::Configure => ("配置", "configure"),
            Self::CommandDevices => ("下发设备指令", "command devices"),
            Self::ManagePermits => ("管理排污许可", "manage permits"),
            Self::MarkData => ("标记监测数据", "mark monitoring data"),
            Self::DecideMarks => ("审核标记与预警", "decide on marks"),
            Self::FileReports => ("填报执行报告", "file reports"),
            Self::ManagePlan => ("管理方案任务", "manage the plan"),
            Self::QueryData => ("SQL 查询", "ask with SQL"),
        }
    }

    /// The action of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}
