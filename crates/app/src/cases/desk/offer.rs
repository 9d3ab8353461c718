//! What may be done to a case next, and by whom: asked of the machine, so that nothing is offered which it refuses.

use crate::{
    authz::{Actor, Role},
    cases::{By, Case, Conclusion, Deed, Measure},
    clock::Millis,
    deadlines::{Clock, Term},
};

/// A deed that a member of staff may choose. Each has its own page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offer {
    /// 受理.
    Accept,
    /// 转办.
    Forward,
    /// 不予受理.
    Decline,
    /// 交办.
    Assign,
    /// 形成结论.
    Conclude,
    /// 答复.
    Reply,
    /// 继续办理.
    Resume,
    /// 记录.
    Note,
    /// 请反映人补充.
    Ask,
    /// 退回补查.
    Return,
    /// 处置.
    Measure,
    /// 登记追缴和退还.
    Money,
    /// 立案.
    FileCase,
    /// 申请延长期限.
    AskTime,
    /// 批准延长期限.
    Extend,
    /// 不同意延长期限.
    RefuseTime,
    /// 重新办理.
    Reopen,
    /// 回避.
    Recuse,
}

/// What the machine cannot know and the choice depends on.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Unrecused handlers of the organ, the present one excepted.
    pub handlers: Vec<i64>,
    /// Organs that may have the case.
    pub organs: Vec<i64>,
    /// Clocks to which time may be added, and how much at most.
    pub extendable: Vec<(Clock, Term)>,
    /// What the handler asked for, if it may still be granted.
    pub grantable: Option<(Clock, Term)>,
}

impl Offer {
    /// All, in the order in which they are shown.
    pub const ALL: [Offer; 18] = [
        Offer::Accept,
        Offer::Assign,
        Offer::Reply,
        Offer::Conclude,
        Offer::Resume,
        Offer::Note,
        Offer::Ask,
        Offer::Return,
        Offer::Measure,
        Offer::Money,
        Offer::FileCase,
        Offer::AskTime,
        Offer::Extend,
        Offer::RefuseTime,
        Offer::Forward,
        Offer::Decline,
        Offer::Reopen,
        Offer::Recuse,
    ];

    /// The last part of its address.
    pub fn slug(self) -> &'static str {
        match self {
            Offer::Accept => "accept",
            Offer::Forward => "forward",
            Offer::Decline => "decline",
            Offer::Assign => "assign",
            Offer::Conclude => "conclude",
            Offer::Reply => "reply",
            Offer::Resume => "resume",
            Offer::Note => "note",
            Offer::Ask => "ask",
            Offer::Return => "return",
            Offer::Measure => "measure",
            Offer::Money => "money",
            Offer::FileCase => "file",
            Offer::AskTime => "ask-time",
            Offer::Extend => "extend",
            Offer::RefuseTime => "refuse-time",
            Offer::Reopen => "reopen",
            Offer::Recuse => "recuse",
        }
    }

    /// Reads [`Offer::slug`].
    pub fn from_slug(slug: &str) -> Option<Offer> {
        Offer::ALL.into_iter().find(|offer| offer.slug() == slug)
    }

    /// The verb on its button.
    pub fn verb(self) -> &'static str {
        match self {
            Offer::Accept => "受理",
            Offer::Forward => "转给其他纪检组织",
            Offer::Decline => "不予受理",
            Offer::Assign => "交办",
            Offer::Conclude => "提交结论",
            Offer::Reply => "答复反映人",
            Offer::Resume => "继续办理",
            Offer::Note => "记录办理情况",
            Offer::Ask => "请反映人补充",
            Offer::Return => "退回补查",
            Offer::Measure => "登记处置",
            Offer::Money => "登记追缴和退还",
            Offer::FileCase => "立案",
            Offer::AskTime => "申请延长期限",
            Offer::Extend => "批准延长期限",
            Offer::RefuseTime => "不同意延长期限",
            Offer::Reopen => "重新办理",
            Offer::Recuse => "申请回避",
        }
    }

    /// Whether it is the step that the case waits for.
    pub fn is_main(self) -> bool {
        matches!(self, Offer::Accept | Offer::Assign | Offer::Reply | Offer::Conclude | Offer::Resume)
    }

    /// A deed of this kind that would be refused only if all of the kind are.
    fn sample(self, choices: &Choices, account_id: i64) -> Option<Deed> {
        Some(match self {
            Offer::Accept => Deed::Accept,
            Offer::Forward => Deed::Forward { organ_id: *choices.organs.first()? },
            Offer::Decline => Deed::Decline,
            Offer::Assign => Deed::Assign { account_id: *choices.handlers.first()? },
            Offer::Conclude => Deed::Conclude { conclusion: Conclusion::Unclear },
            // Whoever may send it back may reply, if it is not their own finding: asked below.
            Offer::Reply | Offer::Return => Deed::Return,
            Offer::Resume => Deed::Resume,
            Offer::Note => Deed::Note,
            Offer::Ask => Deed::Ask,
            Offer::Measure => Deed::Measure { measure: Measure::Warn },
            Offer::Money => Deed::Money { recovered: 1, returned: 0 },
            Offer::FileCase => Deed::FileCase,
            Offer::AskTime => {
                let (clock, by) = *choices.extendable.first()?;
                Deed::AskTime { clock, by }
            }
            Offer::Extend => {
                let (clock, by) = choices.grantable?;
                Deed::Extend { clock, by }
            }
            Offer::RefuseTime => Deed::RefuseTime,
            Offer::Reopen => Deed::Reopen,
            Offer::Recuse => Deed::Recuse { account_id },
        })
    }

    /// Whether this person may do it to this case now.
    pub fn is_open(self, case: &Case, actor: &Actor, choices: &Choices, now: Millis) -> bool {
        let Some(deed) = self.sample(choices, actor.account_id) else { return false };
        if self == Offer::Reply && case.concluded_by == Some(actor.account_id) {
            return false;
        }
        // Whoever is through with a case has nothing to step back from.
        if self == Offer::Recuse && !case.is_open() {
            return false;
        }
        as_whom(case, actor, &deed).is_some_and(|by| case.act(by, now, deed, "理由").is_ok())
    }
}

/// Everything this person may do to this case now.
pub fn offers(case: &Case, actor: &Actor, choices: &Choices, now: Millis) -> Vec<Offer> {
    Offer::ALL.into_iter().filter(|offer| offer.is_open(case, actor, choices, now)).collect()
}

/// As whom: by the first of their roles in the organ that fits, as the store decides it.
fn as_whom(case: &Case, actor: &Actor, deed: &Deed) -> Option<By> {
    let organ_id = case.organ_id?;
    let here = actor.grants.iter().filter(|grant| grant.organ_id == Some(organ_id));
    let by = |role: Role| By::Staff { account_id: actor.account_id, organ_id, role };
    here.map(|grant| by(grant.role)).find(|by| deed.fits(*by))
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
