//! Who may be granted what. Pure rules; the pages and the store ask them.

use crate::authz::{Role, exclusive};

/// A grant somebody wants to make.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The account that grants.
    pub by: i64,
    /// The account it is for.
    pub to: i64,
    /// Whether that account is out of use.
    pub disabled: bool,
    /// Whether its owner has set password and second factor: no link is under way.
    pub settled: bool,
    /// Who last took its credentials away for a new link.
    pub reinvited_by: Option<i64>,
    /// What it holds now.
    pub held: &'a [Role],
    /// What it shall hold.
    pub role: Role,
    /// Whether a unit is named.
    pub unit: bool,
    /// Whether an organ is named.
    pub organ: bool,
}

/// Why a grant cannot be made or ended, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Oneself.
    #[error("不能给自己授权，也不能结束自己的授权，请由另一位安全管理员操作")]
    Oneself,
    /// One's own link.
    #[error("不能给自己重新发放设置链接，管理员的链接由技术人员在服务器上发放")]
    OwnLink,
    /// An administrator's link.
    #[error("管理员的设置链接不能在这里重新发放，请技术人员在服务器上执行 daylight invite 登录名")]
    OperatorOnly,
    /// Out of use.
    #[error("这个账号已停用，请先由系统管理员重新启用")]
    Disabled,
    /// An administrator and something else.
    #[error("管理员不能兼任其他角色：系统管理员、安全管理员、审计管理员和业务人员必须是不同的人")]
    Exclusive,
    /// An administrator whose link may be in somebody else's hand.
    #[error("管理员只能由已经自己设置好密码和动态验证码的人担任，请等本人设置以后再授权")]
    Unsettled,
    /// Link and role from one hand.
    #[error("您给这个账号重新发放过设置链接，不能再由您授权。请由另一位安全管理员授权")]
    OneHand,
    /// An administrator of a part.
    #[error("管理员的范围是整个平台，请不要填写单位和纪检组织")]
    WholeOnly,
    /// A role of an organ without one.
    #[error("请选择所在的纪检组织")]
    OrganNeeded,
    /// A role of a unit with an organ.
    #[error("填报员和审核员按单位授权，请不要选择纪检组织")]
    NoOrgan,
    /// A role of an organ with a unit.
    #[error("纪检组织的角色按纪检组织的监督范围授权，请不要填写单位")]
    NoUnit,
    /// It would leave nobody.
    #[error("这是唯一的一位，结束以后就没有人能担任了。请先授权给另一人")]
    Last,
}

impl Refused {
    /// The field it is about; empty for the form as a whole.
    pub fn field(self) -> &'static str {
        match self {
            Refused::Exclusive | Refused::Unsettled | Refused::OneHand => "role",
            Refused::OrganNeeded | Refused::NoOrgan => "organ",
            Refused::WholeOnly | Refused::NoUnit => "unit",
            Refused::Oneself
            | Refused::OwnLink
            | Refused::OperatorOnly
            | Refused::Disabled
            | Refused::Last => "",
        }
    }
}

/// May this be granted?
pub fn may_grant(wish: &Wish<'_>) -> Result<(), Refused> {
    if wish.by == wish.to {
        return Err(Refused::Oneself);
    }
    if wish.disabled {
        return Err(Refused::Disabled);
    }
    if exclusive(wish.held, wish.role) {
        return Err(Refused::Exclusive);
    }
    // Whoever holds an account's link is its owner: nobody grants anything to a link of their own.
    if wish.role.is_admin() && !wish.settled {
        return Err(Refused::Unsettled);
    }
    if wish.reinvited_by == Some(wish.by) {
        return Err(Refused::OneHand);
    }
    match (wish.role, wish.unit, wish.organ) {
        (role, unit, organ) if role.is_admin() && (unit || organ) => Err(Refused::WholeOnly),
        (role, _, false) if role.is_of_organ() => Err(Refused::OrganNeeded),
        (role, true, _) if role.is_of_organ() => Err(Refused::NoUnit),
        (role, _, true) if !role.is_of_organ() => Err(Refused::NoOrgan),
        _ => Ok(()),
    }
}

/// May this account get a new link in the office? Not oneself; and an administrator's comes from the
/// operator's command line only, so that no administrator alone can become another. The new link takes the
/// account out of use, so it does not matter whether it was.
pub fn may_reinvite(by: i64, of: i64, held: &[Role]) -> Result<(), Refused> {
    if by == of {
        Err(Refused::OwnLink)
    } else if held.iter().any(|role| role.is_admin()) {
        Err(Refused::OperatorOnly)
    } else {
        Ok(())
    }
}

/// May this be ended? `left` counts the live accounts that would still hold the role.
pub fn may_end(by: i64, of: i64, role: Role, left: i64) -> Result<(), Refused> {
    if by == of {
        Err(Refused::Oneself)
    } else if role.is_admin() && left < 1 {
        Err(Refused::Last)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(held: &[Role], role: Role, unit: bool, organ: bool) -> Result<(), Refused> {
        let (settled, reinvited_by) = (true, None);
        may_grant(&Wish { by: 1, to: 2, disabled: false, settled, reinvited_by, held, role, unit, organ })
    }

    #[test]
    fn each_role_is_granted_in_its_own_kind_of_place() {
        for role in Role::ALL {
            let whole = wish(&[], role, false, false);
            let unit = wish(&[], role, true, false);
            let organ = wish(&[], role, false, true);
            let expected = match role {
                Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin => {
                    (Ok(()), Err(Refused::WholeOnly), Err(Refused::WholeOnly))
                }
                Role::Publisher | Role::Reviewer => (Ok(()), Ok(()), Err(Refused::NoOrgan)),
                Role::Intake | Role::Handler | Role::Leader => {
                    (Err(Refused::OrganNeeded), Err(Refused::OrganNeeded), Ok(()))
                }
            };
            assert_eq!((whole, unit, organ), expected, "{role:?}");
        }
        assert_eq!(wish(&[], Role::Handler, true, true), Err(Refused::NoUnit));
    }

    #[test]
    fn administrators_hold_nothing_else_and_nobody_serves_themselves() {
        assert_eq!(wish(&[Role::Publisher], Role::AuditAdmin, false, false), Err(Refused::Exclusive));
        assert_eq!(wish(&[Role::SystemAdmin], Role::Publisher, false, false), Err(Refused::Exclusive));
        assert_eq!(wish(&[Role::Publisher], Role::Reviewer, false, false), Ok(()));
        let own = Wish {
            by: 1,
            to: 1,
            disabled: false,
            settled: false,
            reinvited_by: Some(1),
            held: &[],
            role: Role::Publisher,
            unit: false,
            organ: false,
        };
        assert_eq!(may_grant(&own), Err(Refused::Oneself));
        assert_eq!(may_grant(&Wish { to: 2, disabled: true, ..own }), Err(Refused::Disabled));
        // Link and role never come from one hand.
        for role in Role::ALL.into_iter().filter(|role| !role.is_of_organ()) {
            let other = Wish { to: 2, role, ..own };
            let (linked, mine) = (may_grant(&other), may_grant(&Wish { settled: true, ..other }));
            let theirs = may_grant(&Wish { settled: true, reinvited_by: Some(3), ..other });
            let expected = match role {
                Role::Publisher | Role::Reviewer => (Err(Refused::OneHand), Err(Refused::OneHand)),
                _ => (Err(Refused::Unsettled), Err(Refused::OneHand)),
            };
            assert_eq!((linked, mine, theirs), (expected.0, expected.1, Ok(())), "{role:?}");
        }
    }

    #[test]
    fn an_administrators_link_comes_from_the_operator_only() {
        for role in Role::ALL {
            let expected = match role {
                Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin => Err(Refused::OperatorOnly),
                _ => Ok(()),
            };
            assert_eq!(may_reinvite(1, 2, &[role]), expected, "{role:?}");
        }
        assert_eq!(may_reinvite(1, 1, &[]), Err(Refused::OwnLink));
    }

    #[test]
    fn the_last_administrator_of_a_kind_stays() {
        assert_eq!(may_end(1, 2, Role::SecurityAdmin, 0), Err(Refused::Last));
        assert_eq!(may_end(1, 2, Role::SecurityAdmin, 1), Ok(()));
        assert_eq!(may_end(1, 2, Role::Publisher, 0), Ok(()));
        assert_eq!(may_end(1, 1, Role::Publisher, 9), Err(Refused::Oneself));
    }
}
