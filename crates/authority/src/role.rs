//! What someone may be (角色), and which actions a role brings: the table of duties.

use crate::Action;

/// What someone may be (角色). Whoever has none is a citizen and reads what is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Keeps accounts and settings (系统管理员); sees no case and nobody's personal data.
    Administrator,
    /// Runs the installation (运维操作员): sees devices, packets and alerts, imports data.
    Operator,
    /// Reads what an operator sees and changes nothing (只读).
    Observer,
    /// Takes complaints in, merges, hands them on, answers (值班受理员).
    DutyOfficer,
    /// Leads the work of a county or zone (县区经办员).
    CountyOfficer,
    /// Goes and looks (现场检查员).
    Inspector,
    /// Speaks for one enterprise (企业环保负责人).
    EnterpriseManager,
    /// Answers for an area of work (分管领导).
    Leader,
    /// Checks the others afterwards (审计员).
    Auditor,
}

/// One line of the table of duties.
struct Duties {
    role: Role,
    word: &'static str,
    zh: &'static str,
    en: &'static str,
    actions: &'static [Action],
}

const TABLE: [Duties; 9] = {
    use Action::{
        AcceptCase, ActOnCase, AssignCase, CommandDevices, CommentOnCase, Configure, DecideMarks,
        Export, FileReports, ImportObservations, ManagePermits, ManagePlan, ManageUsers, MarkData,
        OpenCase, QueryData, ReadAlerts, ReadAudit, ReadCase, ReadOperations, ReadPersonalData,
    };
    [
        Duties {
            role: Role::Administrator,
            word: "administrator",
            zh: "系统管理员",
            en: "administrator",
            actions: &[
                ReadAlerts,
                ReadOperations,
                ImportObservations,
                ManageUsers,
                ReadAudit,
                Export,
                Configure,
                CommandDevices,
                QueryData,
            ],
        },
        Duties {
            role: Role::Operator,
            word: "operator",
            zh: "运维操作员",
            en: "operator",
            actions: &[
                ReadAlerts,
                ReadOperations,
                ImportObservations,
                Export,
                CommandDevices,
                QueryData,
            ],
        },
        Duties {
            role: Role::Observer,
            word: "observer",
            zh: "只读",
            en: "observer",
            actions: &[ReadAlerts, ReadOperations],
        },
        Duties {
            role: Role::DutyOfficer,
            word: "duty_officer",
            zh: "值班受理员",
            en: "duty officer",
            actions: &[
                ReadAlerts,
                ReadPersonalData,
                OpenCase,
                ReadCase,
                ActOnCase,
                AssignCase,
                CommentOnCase,
                DecideMarks,
                Export,
                QueryData,
            ],
        },
        Duties {
            role: Role::CountyOfficer,
            word: "county_officer",
            zh: "县区经办员",
            en: "county officer",
            actions: &[
                ReadAlerts,
                ReadPersonalData,
                OpenCase,
                ReadCase,
                ActOnCase,
                AssignCase,
                CommentOnCase,
                AcceptCase,
                DecideMarks,
                ManagePermits,
                ManagePlan,
                Export,
                QueryData,
            ],
        },
        Duties {
            role: Role::Inspector,
            word: "inspector",
            zh: "现场检查员",
            en: "inspector",
            actions: &[ReadAlerts, OpenCase, ReadCase, ActOnCase, CommentOnCase],
        },
        Duties {
            role: Role::EnterpriseManager,
            word: "enterprise_manager",
            zh: "企业环保负责人",
            en: "enterprise manager",
            actions: &[ReadAlerts, ReadCase, ActOnCase, CommentOnCase, MarkData, FileReports],
        },
        Duties {
            role: Role::Leader,
            word: "leader",
            zh: "分管领导",
            en: "leader",
            actions: &[
                ReadAlerts,
                ReadCase,
                AssignCase,
                CommentOnCase,
                AcceptCase,
                ManagePlan,
                Export,
                QueryData,
            ],
        },
        Duties {
            role: Role::Auditor,
            word: "auditor",
            zh: "审计员",
            en: "auditor",
            actions: &[ReadAlerts, ReadOperations, ReadAudit, ReadCase, Export, QueryData],
        },
    ]
};

impl Role {
    /// Every role, in the order of the table.
    pub const ALL: [Self; 9] = {
        let mut all = [Self::Administrator; 9];
        let mut at = 0;
        while at < TABLE.len() {
            all[at] = TABLE[at].role;
            at += 1;
        }
        all
    };

    fn duties(self) -> &'static Duties {
        &TABLE[self as usize]
    }

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        self.duties().word
    }

    /// What it is called in Chinese and English.
    pub fn names(self) -> (&'static str, &'static str) {
        (self.duties().zh, self.duties().en)
    }

    /// What it brings, within its jurisdiction.
    pub fn actions(self) -> &'static [Action] {
        self.duties().actions
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_stands_at_its_place_in_the_table() {
        for (index, line) in TABLE.iter().enumerate() {
            assert_eq!(line.role as usize, index, "{}", line.word);
            assert_eq!(Role::parse(line.word), Some(line.role));
            for action in line.actions {
                assert_eq!(Action::parse(action.as_str()), Some(*action));
            }
        }
        assert_eq!(Role::parse("citizen"), None);
    }
}
