//! The one function that decides.

/// Who asks (访问者).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Anybody; nobody asked for a name.
    Public,
    /// One who has shown a token.
    Holder(Role),
}

/// A role (角色).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs the installation (运维人员).
    Operator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 1] = [Self::Operator];

    /// The word under which the role is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
        }
    }
}

/// What is asked for (操作).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read what is public: values, classes, verdicts, the city's points.
    ReadPublic,
    /// Read alerts and their evidence.
    ReadAlerts,
    /// Read the state of devices, the receiver and the disk.
    ReadOperations,
    /// Read packets as they came, accepted or refused.
    ReadRawPackets,
    /// Bring in values from a file.
    Import,
    /// Change what the installation is: configuration, city files, tokens.
    Administer,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 6] = [
        Self::ReadPublic,
        Self::ReadAlerts,
        Self::ReadOperations,
        Self::ReadRawPackets,
        Self::Import,
        Self::Administer,
    ];

    /// The word in messages and in the test's table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadPublic => "read-public",
            Self::ReadAlerts => "read-alerts",
            Self::ReadOperations => "read-operations",
            Self::ReadRawPackets => "read-raw-packets",
            Self::Import => "import",
            Self::Administer => "administer",
        }
    }
}

/// Whether someone may do something. What is not listed is denied.
pub const fn permits(principal: Principal, action: Action) -> bool {
    match (principal, action) {
        (_, Action::ReadPublic) | (Principal::Holder(Role::Operator), _) => true,
        (Principal::Public, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everyone and everything, one line each, so that a change of the rules shows in review.
    const WHO_MAY_WHAT: &str = "\
        public    read-public       yes
        public    read-alerts       no
        public    read-operations   no
        public    read-raw-packets  no
        public    import            no
        public    administer        no
        operator  read-public       yes
        operator  read-alerts       yes
        operator  read-operations   yes
        operator  read-raw-packets  yes
        operator  import            yes
        operator  administer        yes";

    #[test]
    fn everyone_may_what_the_table_says() {
        let holders = Role::ALL.map(Principal::Holder);
        let mut lines = WHO_MAY_WHAT.lines();
        for principal in [Principal::Public].into_iter().chain(holders) {
            let name = match principal {
                Principal::Public => "public",
                Principal::Holder(role) => role.as_str(),
            };
            for action in Action::ALL {
                let answer = if permits(principal, action) { "yes" } else { "no" };
                let cells: Vec<_> = lines.next().unwrap_or("").split_whitespace().collect();
                assert_eq!(cells, [name, action.as_str(), answer]);
            }
        }
        assert_eq!(lines.next(), None, "the table has a line too many");
    }
}
