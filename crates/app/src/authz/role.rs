//! The roles staff may hold.

/// What a member of staff is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 系统管理员: accounts, calendar, organs, running.
    SystemAdmin,
    /// 安全管理员: roles.
    SecurityAdmin,
    /// 审计管理员: the audit trail.
    AuditAdmin,
    /// 填报员: writes for a unit and those below it.
    Publisher,
    /// 审核员: publishes what others wrote.
    Reviewer,
    /// 受理员 of a discipline organ.
    Intake,
    /// 承办人 of a discipline organ.
    Handler,
    /// 审批领导 of a discipline organ.
    Leader,
}

impl Role {
    /// All.
    pub const ALL: [Role; 8] = [
        Role::SystemAdmin,
        Role::SecurityAdmin,
        Role::AuditAdmin,
        Role::Publisher,
        Role::Reviewer,
        Role::Intake,
        Role::Handler,
        Role::Leader,
    ];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Role::SystemAdmin => "system_admin",
            Role::SecurityAdmin => "security_admin",
            Role::AuditAdmin => "audit_admin",
            Role::Publisher => "publisher",
            Role::Reviewer => "reviewer",
            Role::Intake => "intake",
            Role::Handler => "handler",
            Role::Leader => "leader",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Role::SystemAdmin => "系统管理员",
            Role::SecurityAdmin => "安全管理员",
            Role::AuditAdmin => "审计管理员",
            Role::Publisher => "填报员",
            Role::Reviewer => "审核员",
            Role::Intake => "受理员",
            Role::Handler => "承办人",
            Role::Leader => "审批领导",
        }
    }

    /// Reads [`Role::code`].
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// One of the three administrators of 等保三级, never the same person.
    pub fn is_admin(self) -> bool {
        matches!(self, Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin)
    }

    /// A role of a discipline organ, bound to one.
    pub fn is_of_organ(self) -> bool {
        matches!(self, Role::Intake | Role::Handler | Role::Leader)
    }
}

/// Whether a person who holds `held` may not hold `wanted` besides: an administrator holds no other
/// role.
pub fn exclusive(held: &[Role], wanted: Role) -> bool {
    held.iter().any(|role| *role != wanted && (role.is_admin() || wanted.is_admin()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_holds_no_other_role() {
        for held in Role::ALL {
            for wanted in Role::ALL {
                let expected = held != wanted && (held.is_admin() || wanted.is_admin());
                assert_eq!(exclusive(&[held], wanted), expected, "{held:?} + {wanted:?}");
            }
        }
        assert!(!exclusive(&[], Role::SystemAdmin));
    }

    #[test]
    fn codes_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
    }
}
