//! What can happen to a case. Events are only ever added.

use super::Sound;
use crate::{
    authz::Role,
    clock::Millis,
    deadlines::{Clock, Term},
    reports::Kind,
};
use serde::{Deserialize, Serialize};

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The reporter, by number and query code: nobody knows more of them than that.
    Reporter,
    /// The program, by a rule: routing, timers, releases.
    Platform,
    /// A member of an organ's staff.
    Staff {
        /// The account.
        account_id: i64,
        /// For which organ they act.
        organ_id: i64,
        /// In which role.
        role: Role,
    },
}

impl By {
    /// The word on the page: citizens see the role, never the person.
    pub fn page(self) -> &'static str {
        match self {
            By::Reporter => "反映人",
            By::Platform => "平台",
            By::Staff { role, .. } => role.page(),
        }
    }
}

/// What an organ found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// 属实.
    Substantiated,
    /// 部分属实.
    Partly,
    /// 不属实.
    Not,
    /// 无法查清.
    Unclear,
}

impl Conclusion {
    /// All, in page order.
    pub const ALL: [Conclusion; 4] =
        [Conclusion::Substantiated, Conclusion::Partly, Conclusion::Not, Conclusion::Unclear];

    /// The word in tables and the API.
    pub fn code(self) -> &'static str {
        match self {
            Conclusion::Substantiated => "substantiated",
            Conclusion::Partly => "partly",
            Conclusion::Not => "not",
            Conclusion::Unclear => "unclear",
        }
    }

    /// The word on the page. A request is met rather than true, a suggestion taken up (capability B7).
    pub fn page(self, kind: Kind) -> &'static str {
        let words = match kind {
            Kind::Accusation | Kind::Complaint => ["属实", "部分属实", "不属实", "无法查清"],
            Kind::Request => ["已解决", "部分解决", "不能解决", "情况无法查清"],
            Kind::Suggestion => ["采纳", "部分采纳", "不采纳", "留作参考"],
        };
        words[self as usize]
    }

    /// Whether something was found that calls for a measure.
    pub fn proves(self) -> bool {
        matches!(self, Conclusion::Substantiated | Conclusion::Partly)
    }
}

/// 处置措施, the mildest first (capability D15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 警示提醒.
    Warn,
    /// 诫勉纠错.
    Admonish,
    /// 责令整改.
    Rectify,
    /// 责任追究.
    HoldToAccount,
}

impl Measure {
    /// All, the mildest first.
    pub const ALL: [Measure; 4] =
        [Measure::Warn, Measure::Admonish, Measure::Rectify, Measure::HoldToAccount];

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Measure::Warn => "警示提醒",
            Measure::Admonish => "诫勉纠错",
            Measure::Rectify => "责令整改",
            Measure::HoldToAccount => "责任追究",
        }
    }
}

/// Where a case goes when the reporter is not satisfied with the first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "organ_id", rename_all = "snake_case")]
pub enum Above {
    /// The superior organ, as routing found it.
    Organ(i64),
    /// Beyond this instance: it waits for the superior, sealed to its key if there is one.
    Outside,
}

/// What is done. Texts (questions, steps, findings, the reply) are kept sealed beside the event, not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// 收到: the first event of every case.
    Receive {
        /// What the reporter wants.
        kind: Kind,
        /// How many points must be answered.
        points: u32,
        /// Code of the deadline profile, which the case keeps.
        profile: String,
    },
    /// 转到 an organ by routing: at first, and again when somebody named later is in conflict.
    Route {
        /// Which organ.
        organ_id: i64,
    },
    /// 转请上级 by routing: no organ here may have it. It waits, open, until one may.
    HandUp,
    /// 登记被反映人. Who it is stands beside the event, locked.
    Name {
        /// Whether no organ here could handle it any more, so that a second word is waited for.
        waits: bool,
    },
    /// 反映人说不是: they do not mean somebody whom staff named.
    Deny,
    /// 反映人说是: they mean those whom one member of staff alone named.
    Confirm,
    /// 核对姓名: another person bears the name that the reporter wrote, says a member of staff.
    Clear {
        /// Whether somebody else had said so, so that the case is open again to whom it was closed for the name.
        lifts: bool,
    },
    /// 反映人说是同名的另一个人: not the member of staff, or the relative of one, whose name stands in their words.
    Another,
    /// 反映人说写到的就是此人.
    Same,
    /// 登记失效: nobody confirmed in time whom one person alone had named.
    Expire,
    /// 收回交办: the handler no longer serves there.
    Release,
    /// 受理.
    Accept,
    /// 不予受理.
    Decline,
    /// 转办 to the organ whose it is.
    Forward {
        /// Which organ.
        organ_id: i64,
    },
    /// 交办 to a handler, or to another one.
    Assign {
        /// The handler's account.
        account_id: i64,
    },
    /// 请反映人补充: the clock stands.
    Ask,
    /// 补充 by the reporter, asked or not.
    Supply {
        /// Further points raised.
        points: u32,
    },
    /// Going on without an answer.
    Resume,
    /// 办理记录: a step taken, evidence.
    Note,
    /// 立案: the deadline becomes the longer one.
    FileCase,
    /// 申请延长期限: the handler asks a leader for more time.
    AskTime {
        /// Of which clock.
        clock: Clock,
        /// By how much; `Case::may_extend` said it may.
        by: Term,
    },
    /// 不同意延长期限.
    RefuseTime,
    /// 延长期限: a leader grants what the handler asked for, or less.
    Extend {
        /// Of which clock.
        clock: Clock,
        /// By how much; `Case::may_extend` said it may.
        by: Term,
    },
    /// 形成结论.
    Conclude {
        /// What was found.
        conclusion: Conclusion,
    },
    /// 退回 to the handler.
    Return,
    /// 处置.
    Measure {
        /// Which.
        measure: Measure,
    },
    /// 追缴 and 退还, in fen.
    Money {
        /// Recovered.
        recovered: i64,
        /// Of that, given back to citizens.
        returned: i64,
    },
    /// 答复.
    Reply {
        /// Went through the gate.
        sound: Sound,
    },
    /// 满意.
    Satisfied,
    /// 不满意; the reason is what is missing.
    Dissatisfied {
        /// Where it goes; none from the second stage, whose answer is final.
        to: Option<Above>,
    },
    /// The time to say so has passed in silence.
    Lapse,
    /// 撤回.
    Withdraw,
    /// 回避: a member of staff is out, whatever role they had.
    Recuse {
        /// Whose account.
        account_id: i64,
    },
    /// 重新办理.
    Reopen,
    /// The outcome card is public.
    Publish,
    /// The outcome card is taken back.
    Retract,
}

impl Deed {
    /// The word on the page: a verb.
    pub fn page(&self) -> &'static str {
        match self {
            Deed::Receive { .. } => "收到",
            Deed::Route { .. } => "转交",
            Deed::HandUp => "转请上级",
            Deed::Name { .. } => "登记被反映人",
            Deed::Deny => "说明反映的不是此人",
            Deed::Confirm => "说明反映的就是此人",
            Deed::Clear { .. } => "核对同名",
            Deed::Another => "说明写到的是同名的人",
            Deed::Same => "说明写到的就是此人",
            Deed::Expire => "登记失效",
            Deed::Release => "收回交办",
            Deed::Accept => "受理",
            Deed::Decline => "不予受理",
            Deed::Forward { .. } => "转办",
            Deed::Assign { .. } => "交办",
            Deed::Ask => "请反映人补充",
            Deed::Supply { .. } => "补充",
            Deed::Resume => "继续办理",
            Deed::Note => "记录",
            Deed::FileCase => "立案",
            Deed::AskTime { .. } => "申请延长期限",
            Deed::RefuseTime => "不同意延长期限",
            Deed::Extend { .. } => "批准延长期限",
            Deed::Conclude { .. } => "形成结论",
            Deed::Return => "退回补查",
            Deed::Measure { .. } => "处置",
            Deed::Money { .. } => "登记追缴和退还",
            Deed::Reply { .. } => "答复",
            Deed::Satisfied => "评价满意",
            Deed::Dissatisfied { .. } => "评价不满意",
            Deed::Lapse => "到期未评价",
            Deed::Withdraw => "撤回",
            Deed::Recuse { .. } => "回避",
            Deed::Reopen => "重新办理",
            Deed::Publish => "公布结果",
            Deed::Retract => "撤下结果",
        }
    }

    /// Whether the reporter's timeline shows it. The organ's work inside, and who does it, stays inside.
    pub fn is_told(&self) -> bool {
        !matches!(
            self,
            Deed::Assign { .. }
                | Deed::Name { waits: false }
                | Deed::Clear { .. }
                | Deed::Release
                | Deed::Resume
                | Deed::Note
                | Deed::AskTime { .. }
                | Deed::RefuseTime
                | Deed::Conclude { .. }
                | Deed::Return
                | Deed::Measure { .. }
                | Deed::Money { .. }
                | Deed::Recuse { .. }
        )
    }

    /// Whether somebody must say why.
    pub fn needs_reason(&self) -> bool {
        matches!(
            self,
            Deed::Route { .. }
                | Deed::HandUp
                | Deed::Release
                | Deed::Decline
                | Deed::Forward { .. }
                | Deed::Resume
                | Deed::AskTime { .. }
                | Deed::RefuseTime
                | Deed::Extend { .. }
                | Deed::Return
                | Deed::Dissatisfied { .. }
                | Deed::Recuse { .. }
                | Deed::Reopen
                | Deed::Retract
        )
    }

    /// Whether this kind of actor may ever do it.
    pub(super) fn fits(&self, by: By) -> bool {
        match self {
            // Intake enters what came by telephone, letter or another platform's table.
            Deed::Receive { .. } => matches!(by, By::Reporter | By::Platform) || is(by, &[Role::Intake]),
            Deed::Route { .. }
            | Deed::HandUp
            | Deed::Expire
            | Deed::Release
            | Deed::Lapse
            | Deed::Publish => by == By::Platform,
            Deed::Supply { .. }
            | Deed::Deny
            | Deed::Confirm
            | Deed::Another
            | Deed::Same
            | Deed::Satisfied
            | Deed::Dissatisfied { .. }
            | Deed::Withdraw => by == By::Reporter,
            Deed::Accept | Deed::Forward { .. } => is(by, &[Role::Intake]),
            Deed::Ask | Deed::Resume | Deed::Note | Deed::AskTime { .. } | Deed::Conclude { .. } => {
                is(by, &[Role::Handler])
            }
            Deed::Measure { .. } | Deed::Money { .. } => is(by, &[Role::Handler]),
            // Turning somebody away is a leader's word.
            Deed::Decline
            | Deed::Assign { .. }
            | Deed::FileCase
            | Deed::RefuseTime
            | Deed::Extend { .. }
            | Deed::Return
            | Deed::Reply { .. }
            | Deed::Reopen
            | Deed::Retract => is(by, &[Role::Leader]),
            Deed::Name { .. } | Deed::Clear { .. } => is(by, &[Role::Intake, Role::Handler, Role::Leader]),
            Deed::Recuse { .. } => by == By::Platform || is(by, &[Role::Intake, Role::Handler, Role::Leader]),
        }
    }
}

fn is(by: By, roles: &[Role]) -> bool {
    matches!(by, By::Staff { role, .. } if roles.contains(&role))
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Counts from 1 within the case: two writers at once are told apart by the key.
    pub number: u32,
    /// When; never before the event before.
    pub at: Millis,
    /// Who.
    pub by: By,
    /// What.
    pub deed: Deed,
    /// Why; empty where no reason is asked for.
    pub reason: String,
}
