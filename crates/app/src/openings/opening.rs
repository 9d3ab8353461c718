//! A request to see who reported: what it is at a moment, and who may decide on it. Pure.

use crate::{
    authz::{Actor, Role},
    clock::Millis,
};
use std::collections::BTreeSet;

/// Hours for which an approval holds, unless the setting says otherwise.
pub const HOURS: i64 = 48;
/// No setting makes it longer: after a week the reason is another one.
pub const HOURS_MOST: i64 = 168;
/// Characters of a reason, at least and at most.
pub const REASON_LEAST: usize = 10;
/// See [`REASON_LEAST`].
pub const REASON_MOST: u32 = 500;

/// A request: who asked, what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its id.
    pub id: i64,
    /// The one case it is for.
    pub case_id: i64,
    /// The one account that may look.
    pub account_id: i64,
    /// For which organ they asked.
    pub organ_id: i64,
    /// When.
    pub asked_at: Millis,
    /// When they took it back.
    pub withdrawn_at: Option<Millis>,
    /// Who decided, and for which organ.
    pub second: Option<(i64, i64)>,
    /// When it was decided.
    pub decided_at: Option<Millis>,
    /// Until when it may be looked; none when it was refused.
    pub until: Option<Millis>,
    /// When the approval was taken back.
    pub revoked_at: Option<Millis>,
    /// When the identity was shown, first to last.
    pub looks: Vec<Millis>,
}

/// What a request is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 等待审批.
    Waiting,
    /// 可以查看.
    Approved,
    /// 不同意.
    Refused,
    /// 申请人撤回.
    Withdrawn,
    /// 同意已收回.
    Revoked,
    /// 期限已过.
    Over,
}

impl State {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            State::Waiting => "等待审批",
            State::Approved => "可以查看",
            State::Refused => "不同意",
            State::Withdrawn => "申请人已撤回",
            State::Revoked => "同意已收回",
            State::Over => "期限已过",
        }
    }

    /// Whether something may still come of it.
    pub fn is_live(self) -> bool {
        matches!(self, State::Waiting | State::Approved)
    }
}

impl Opening {
    /// What it is at this moment. An approval ends by itself.
    pub fn state(&self, now: Millis) -> State {
        match (self.withdrawn_at, self.decided_at, self.until) {
            (Some(_), _, _) => State::Withdrawn,
            (None, None, _) => State::Waiting,
            (None, Some(_), None) => State::Refused,
            (None, Some(_), Some(_)) if self.revoked_at.is_some() => State::Revoked,
            // A machine's clock may be set back: what was approved later than now is not yet approved.
            (None, Some(at), Some(until)) if at <= now && now < until => State::Approved,
            (None, Some(_), Some(_)) => State::Over,
        }
    }

    /// Who approved it for whoever asked, as `authz` wants to know it: none unless it holds now.
    pub fn second(&self, now: Millis) -> Option<(i64, i64)> {
        self.second.filter(|_| self.state(now) == State::Approved)
    }
}

/// The organs for which somebody may decide on a request of `organ_id`: those that they lead. None when they asked
/// themselves, or hold any role where the request comes from: then they are not of another body.
pub fn second_organs(actor: &Actor, asker_id: i64, organ_id: i64) -> BTreeSet<i64> {
    let of_theirs = actor.grants.iter().any(|grant| grant.organ_id == Some(organ_id));
    if of_theirs || actor.account_id == asker_id { BTreeSet::new() } else { led(actor) }
}

/// The organs that somebody leads.
pub fn led(actor: &Actor) -> BTreeSet<i64> {
    let leads = actor.grants.iter().filter(|grant| grant.role == Role::Leader);
    leads.filter_map(|grant| grant.organ_id).collect()
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is there to be opened.
    #[error("反映人是匿名的，平台没有他的任何身份信息，谁也打不开。需要了解情况，请在平台上提问。")]
    Nothing,
    /// One at a time.
    #[error("您已经申请过，不用再申请")]
    Already,
    /// It is over.
    #[error("这件已经办结，不能再查看反映人身份")]
    Closed,
    /// Somebody was quicker, or it was taken back.
    #[error("这份申请已经处理过或已经撤回，请看它现在的状态")]
    Decided,
    /// No approval holds now.
    #[error("还没有同意，或同意的期限已过、已收回。需要查看请重新申请")]
    NotApproved,
    /// Who asked does not have the case any more.
    #[error("申请人现在不能办理这件，不能同意；申请会自行失效")]
    AskerOut,
    /// It was looked at: taking the approval back would undo nothing.
    #[error("身份已经看过，不能再收回；期限到了会自动关闭")]
    Looked,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authz::Grant;

    fn opening() -> Opening {
        Opening {
            id: 1,
            case_id: 1,
            account_id: 7,
            organ_id: 1,
            asked_at: 100,
            withdrawn_at: None,
            second: Some((9, 2)),
            decided_at: Some(200),
            until: Some(300),
            revoked_at: None,
            looks: Vec::new(),
        }
    }

    #[test]
    fn an_approval_holds_from_its_moment_to_its_end_and_not_a_millisecond_longer() {
        let approved = opening();
        for (now, state) in
            [(199, State::Over), (200, State::Approved), (299, State::Approved), (300, State::Over)]
        {
            assert_eq!(approved.state(now), state, "{now}");
            assert_eq!(approved.second(now).is_some(), state == State::Approved, "{now}");
        }
        for (other, state) in [
            (Opening { decided_at: None, until: None, second: None, ..opening() }, State::Waiting),
            (Opening { until: None, ..opening() }, State::Refused),
            (Opening { revoked_at: Some(210), ..opening() }, State::Revoked),
            (Opening { withdrawn_at: Some(150), ..opening() }, State::Withdrawn),
        ] {
            assert_eq!((other.state(250), other.second(250)), (state, None));
        }
    }

    #[test]
    fn the_second_person_leads_another_organ_and_has_nothing_to_do_with_the_first() {
        let actor = |account_id, grants: &[(Role, i64)]| Actor {
            account_id,
            session_id: 1,
            name: String::new(),
            grants: grants
                .iter()
                .map(|(role, organ)| Grant { role: *role, organ_id: Some(*organ), places: Vec::new() })
                .collect(),
        };
        for (account, grants, expected) in [
            (9, vec![(Role::Leader, 2)], vec![2]),
            (7, vec![(Role::Leader, 2)], vec![]),
            (9, vec![(Role::Leader, 1)], vec![]),
            (9, vec![(Role::Leader, 2), (Role::Intake, 1)], vec![]),
            (9, vec![(Role::Handler, 2)], vec![]),
            (9, vec![(Role::Handler, 2), (Role::Leader, 3)], vec![3]),
            (9, vec![], vec![]),
        ] {
            let organs: Vec<_> = second_organs(&actor(account, &grants), 7, 1).into_iter().collect();
            assert_eq!(organs, expected, "{account} {grants:?}");
        }
    }
}
