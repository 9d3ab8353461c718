//! Who ties accounts to people. Pure rules.

/// A tie somebody asks for or decides on.
#[derive(Clone, Copy, Debug)]
pub struct Tie {
    /// The account.
    pub account_id: i64,
    /// The person; none unties.
    pub cadre_id: Option<i64>,
    /// The person behind it now.
    pub now: Option<i64>,
    /// Another account that is tied to this person already.
    pub taken: bool,
    /// Whether another request for the account is open.
    pub open: bool,
}

/// Why not, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// One's own account.
    #[error("不能办理自己账号的对应，请由另一位管理员办理")]
    Oneself,
    /// Who asks does not decide.
    #[error("提出的人不能自己确认")]
    Asker,
    /// Nothing would change.
    #[error("已经是这样了，不用再办")]
    Same,
    /// One person, one account.
    #[error("这位干部已经对应到另一个账号，请先解除那一个")]
    Taken,
    /// One at a time.
    #[error("这个账号还有一项申请等待确认")]
    Open,
}

/// May this be asked for?
pub fn may_ask(by: i64, tie: &Tie) -> Result<(), Refused> {
    if by == tie.account_id {
        Err(Refused::Oneself)
    } else if tie.open {
        Err(Refused::Open)
    } else if tie.cadre_id == tie.now {
        Err(Refused::Same)
    } else if tie.taken {
        Err(Refused::Taken)
    } else {
        Ok(())
    }
}

/// May this be decided by somebody, who was asked by another?
pub fn may_decide(by: i64, asked_by: i64, tie: &Tie) -> Result<(), Refused> {
    if by == tie.account_id {
        Err(Refused::Oneself)
    } else if by == asked_by {
        Err(Refused::Asker)
    } else if tie.taken {
        Err(Refused::Taken)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_made_by_two_people_of_whom_none_is_its_owner() {
        let tie = Tie { account_id: 5, cadre_id: Some(1), now: None, taken: false, open: false };
        assert_eq!(may_ask(1, &tie), Ok(()));
        assert_eq!(may_ask(5, &tie), Err(Refused::Oneself));
        assert_eq!(may_ask(1, &Tie { open: true, ..tie }), Err(Refused::Open));
        assert_eq!(may_ask(1, &Tie { now: Some(1), ..tie }), Err(Refused::Same));
        assert_eq!(may_ask(1, &Tie { taken: true, ..tie }), Err(Refused::Taken));
        assert_eq!(may_ask(1, &Tie { cadre_id: None, now: Some(1), ..tie }), Ok(()));
        assert_eq!(may_decide(2, 1, &tie), Ok(()));
        assert_eq!(may_decide(1, 1, &tie), Err(Refused::Asker));
        assert_eq!(may_decide(5, 1, &tie), Err(Refused::Oneself));
        assert_eq!(may_decide(2, 1, &Tie { taken: true, ..tie }), Err(Refused::Taken));
    }
}
