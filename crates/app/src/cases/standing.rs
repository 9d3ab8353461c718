//! Where a case stands: everything that follows from its events.

use super::{Conclusion, Measure};
use crate::{
    clock::Millis,
    deadlines::{Clock, Extension, Moment, Pause, Stage, Term},
    reports::Kind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// 已收到: no organ has it yet.
    Received,
    /// 已转交: an organ decides whether to accept it.
    Routed,
    /// 已受理: waits for a handler.
    Accepted,
    /// 办理中.
    Assigned,
    /// 等待补充: the reporter was asked.
    Asking,
    /// 已有结论: the reply is being prepared.
    Concluded,
    /// 待上级处理: no organ here may have it, and nobody here can open it. Open, and its clocks run.
    Held,
    /// 已答复: the reporter may say whether it satisfies them.
    Answered,
    /// 已办结.
    Closed(Ending),
}

impl State {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            State::Received => "已收到",
            State::Routed => "已转交",
            State::Accepted => "已受理",
            State::Assigned => "办理中",
            State::Asking => "等待补充",
            State::Concluded => "已有结论",
            State::Held => "待上级处理",
            State::Answered => "已答复",
            State::Closed(_) => "已办结",
        }
    }
}

impl State {
    /// The word in tables: a closed case is called by how it ended.
    pub fn code(self) -> &'static str {
        match self {
            State::Received => "received",
            State::Routed => "routed",
            State::Accepted => "accepted",
            State::Assigned => "assigned",
            State::Asking => "asking",
            State::Concluded => "concluded",
            State::Held => "held",
            State::Answered => "answered",
            State::Closed(Ending::Satisfied) => "satisfied",
            State::Closed(Ending::Dissatisfied) => "dissatisfied",
            State::Closed(Ending::Lapsed) => "lapsed",
            State::Closed(Ending::Withdrawn) => "withdrawn",
        }
    }
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The citizen says it is solved.
    Satisfied,
    /// The second answer did not satisfy either; it is final.
    Dissatisfied,
    /// Nobody said anything in time. Never counted as satisfied.
    Lapsed,
    /// The reporter took it back.
    Withdrawn,
}

/// What the reporter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// That it is not accepted, and why.
    Declined,
    /// The reply.
    Reply,
}

/// What a handler asks of a leader: more time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Of which clock.
    pub clock: Clock,
    /// How much.
    pub by: Term,
    /// Who asks.
    pub account_id: i64,
}

/// Everything that follows from the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub state: State,
    /// First handling or the superior's.
    pub stage: Stage,
    /// What the reporter wants.
    pub kind: Kind,
    /// Code of its deadline profile.
    pub profile: String,
    /// How many points must be answered.
    pub points: u32,
    /// The organ that has it.
    pub organ_id: Option<i64>,
    /// The handler.
    pub handler_id: Option<i64>,
    /// Accounts that may do nothing here any more.
    pub recused: BTreeSet<i64>,
    /// What was found, in this stage.
    pub conclusion: Option<Conclusion>,
    /// What was found in the first stage, once there is a second.
    pub first_conclusion: Option<Conclusion>,
    /// What the reporter was told last.
    pub answer: Option<Answer>,
    /// Measures taken.
    pub measures: Vec<Measure>,
    /// Fen recovered.
    pub recovered: i64,
    /// Fen given back.
    pub returned: i64,
    /// When what happened, by stage.
    pub moments: BTreeMap<(Stage, Moment), Millis>,
    /// When a case was filed, by stage.
    pub filed: BTreeMap<Stage, Millis>,
    /// Times of waiting for the reporter.
    pub pauses: Vec<Pause>,
    /// Time added, by clock.
    pub extensions: Vec<(Stage, Clock, Extension)>,
    /// More time, as long as a leader has not answered.
    pub asked: Option<Asked>,
    /// Since when the outcome card is public.
    pub published: Option<Millis>,
    /// When it was closed.
    pub closed: Option<Millis>,
    /// How often the reporter or a leader set it going again.
    pub reopened: u32,
    /// Staff who acted in the first stage: none of them judges their own work in the second.
    pub(super) acted: BTreeSet<i64>,
    /// Who concluded: another person replies.
    pub(super) concluded_by: Option<i64>,
    /// Number and moment of the last event.
    pub(super) last: (u32, Millis),
}

impl Standing {
    /// Whether an organ has still to do something, or the reporter to say something.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed(_))
    }

    /// Whether the citizen says it is solved; none when they have not said. Stands beside "closed" wherever
    /// that is shown: closed alone is no success.
    pub fn solved(&self) -> Option<bool> {
        match self.state {
            State::Closed(Ending::Satisfied) => Some(true),
            State::Closed(Ending::Dissatisfied) => Some(false),
            _ => None,
        }
    }

    /// Whether the superior found otherwise than the first organ.
    pub fn overturned(&self) -> bool {
        self.first_conclusion.is_some()
            && self.conclusion.is_some()
            && self.first_conclusion != self.conclusion
    }
}
