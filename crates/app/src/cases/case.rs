//! A case as a machine: its state is folded from its events, and an event that cannot follow is refused with
//! the reason. The table of what may follow what is [`Standing::step`].

use super::{Above, By, Conclusion, Deed, Event, Measure};
use crate::{
    clock::Millis,
    deadlines::{Clock, Extension, Moment, Pause, Stage},
    reports::Kind,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

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
            State::Answered => "已答复",
            State::Closed(_) => "已办结",
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
    /// It went beyond this instance.
    HandedUp,
}

/// What the reporter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// That it is not accepted, and why.
    Declined,
    /// The reply.
    Reply,
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
    /// Since when the outcome card is public.
    pub published: Option<Millis>,
    /// When it was closed.
    pub closed: Option<Millis>,
    /// How often the reporter or a leader set it going again.
    pub reopened: u32,
    /// Staff who acted in the first stage: none of them judges their own work in the second.
    acted: BTreeSet<i64>,
    /// Who concluded: another person replies.
    concluded_by: Option<i64>,
    /// Number and moment of the last event.
    last: (u32, Millis),
}

/// A case. What stands can be read as a [`Standing`] and is changed by events alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case(Standing);

impl Deref for Case {
    type Target = Standing;

    fn deref(&self) -> &Standing {
        &self.0
    }
}

/// Why something cannot be done to a case. `Display` tells whoever tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not from here.
    #[error("“{}”的办理件不能“{deed}”", .state.page())]
    State {
        /// Where it stands.
        state: State,
        /// What was tried.
        deed: &'static str,
    },
    /// Not by this role.
    #[error("您的角色不能“{0}”")]
    Role(&'static str),
    /// Staff of an organ that does not have it.
    #[error("这件由其他纪检组织办理")]
    OtherOrgan,
    /// Out by recusal, or because they acted in the first stage.
    #[error("您须回避这件，不能办理")]
    Recused,
    /// Another handler has it.
    #[error("这件不是交办给您的")]
    NotAssigned,
    /// The handler would approve their own finding.
    #[error("形成结论的人不能自己审批答复，请交给另一位领导")]
    OwnWork,
    /// No reason given.
    #[error("请写明理由")]
    Reason,
    /// The case does not begin with its receipt, or an event is missing or doubled.
    #[error("办理记录不完整，请联系系统管理员核验数据")]
    Broken,
    /// It is with that organ already.
    #[error("这件已经在该纪检组织，请选择另一个")]
    SameOrgan,
    /// Filed cases go on.
    #[error("这件已经立案，不能撤回；您可以不再补充材料")]
    Filed,
    /// A case is filed once in a stage.
    #[error("这件已经立案")]
    FiledBefore,
    /// Nothing was found.
    #[error("结论为属实或部分属实时才能处置、追缴")]
    Unproven,
    /// Negative, nothing, or more given back than recovered.
    #[error("金额不对：须大于0，退还的不能多于追缴的")]
    Money,
    /// The reply leaves points open that were raised meanwhile.
    #[error("反映人共提出{0}个问题，须逐一答复")]
    Unanswered(u32),
    /// The first stage goes to a superior, the second nowhere.
    #[error("首次办理不满意的提交上级，上级的答复是最终答复")]
    Superior,
    /// Public already, or not public.
    #[error("结果没有公布，或已经公布")]
    Published,
}

impl Case {
    /// Opens a case by the event of its receipt.
    ///
    /// # Errors
    ///
    /// [`Refused`] when the deed is not [`Deed::Receive`] or the actor may not.
    pub fn open(by: By, at: Millis, deed: Deed) -> Result<(Case, Event), Refused> {
        let event = Event { number: 1, at, by, deed, reason: String::new() };
        Ok((Case::begin(&event)?, event))
    }

    /// What becomes of the case when this is done now: the new state, and the event to keep.
    ///
    /// # Errors
    ///
    /// [`Refused`] says why it cannot be done; nothing changes then.
    pub fn act(&self, by: By, now: Millis, deed: Deed, reason: &str) -> Result<(Case, Event), Refused> {
        let (number, before) = self.0.last;
        // A machine's clock may be set back; the order of events is not.
        let at = now.max(before);
        let event = Event { number: number + 1, at, by, deed, reason: reason.trim().to_owned() };
        let mut standing = self.0.clone();
        standing.take(&event)?;
        Ok((Case(standing), event))
    }

    /// The case that these events make.
    ///
    /// # Errors
    ///
    /// [`Refused`] when they cannot have happened in this order: then the records are damaged.
    pub fn fold(events: &[Event]) -> Result<Case, Refused> {
        let (first, rest) = events.split_first().ok_or(Refused::Broken)?;
        let Case(mut standing) = Case::begin(first)?;
        for event in rest {
            let (number, before) = standing.last;
            if event.number != number + 1 || event.at < before {
                return Err(Refused::Broken);
            }
            standing.take(event)?;
        }
        Ok(Case(standing))
    }

    fn begin(event: &Event) -> Result<Case, Refused> {
        let Deed::Receive { kind, points, profile } = &event.deed else { return Err(Refused::Broken) };
        if event.number != 1 || *points == 0 {
            return Err(Refused::Broken);
        }
        if !event.deed.fits(event.by) {
            return Err(Refused::Role(event.deed.page()));
        }
        Ok(Case(Standing {
            state: State::Received,
            stage: Stage::First,
            kind: *kind,
            profile: profile.clone(),
            points: *points,
            organ_id: None,
            handler_id: None,
            recused: BTreeSet::new(),
            conclusion: None,
            first_conclusion: None,
            answer: None,
            measures: Vec::new(),
            recovered: 0,
            returned: 0,
            moments: BTreeMap::from([((Stage::First, Moment::Received), event.at)]),
            filed: BTreeMap::new(),
            pauses: Vec::new(),
            extensions: Vec::new(),
            published: None,
            closed: None,
            reopened: 0,
            acted: BTreeSet::new(),
            concluded_by: None,
            last: (1, event.at),
        }))
    }
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
            State::Closed(Ending::Dissatisfied | Ending::HandedUp) if self.answer.is_some() => Some(false),
            _ => None,
        }
    }

    /// Whether the superior found otherwise than the first organ.
    pub fn overturned(&self) -> bool {
        self.first_conclusion.is_some()
            && self.conclusion.is_some()
            && self.first_conclusion != self.conclusion
    }

    fn take(&mut self, event: &Event) -> Result<(), Refused> {
        self.may(event)?;
        self.step(event)?;
        self.last = (event.number, event.at);
        if let (By::Staff { account_id, .. }, Stage::First) = (event.by, self.stage) {
            self.acted.insert(account_id);
        }
        Ok(())
    }

    /// Whether this actor may do this kind of thing to this case at all.
    fn may(&self, event: &Event) -> Result<(), Refused> {
        if !event.deed.fits(event.by) {
            return Err(Refused::Role(event.deed.page()));
        }
        if let By::Staff { account_id, organ_id, .. } = event.by {
            if self.organ_id != Some(organ_id) {
                return Err(Refused::OtherOrgan);
            }
            if self.recused.contains(&account_id) {
                return Err(Refused::Recused);
            }
            let handlers =
                matches!(&event.deed, Deed::Ask | Deed::Resume | Deed::Note | Deed::Conclude { .. })
                    || matches!(&event.deed, Deed::Measure { .. } | Deed::Money { .. });
            if handlers && self.handler_id != Some(account_id) {
                return Err(Refused::NotAssigned);
            }
        }
        if event.deed.needs_reason() && event.reason.is_empty() { Err(Refused::Reason) } else { Ok(()) }
    }

    /// The table: from where, what, to where. Nothing changes before the last question is asked.
    fn step(&mut self, event: &Event) -> Result<(), Refused> {
        use State::{Accepted, Answered, Asking, Assigned, Closed, Concluded, Received, Routed};
        let at = event.at;
        let working = matches!(self.state, Received | Routed | Accepted | Assigned | Asking | Concluded);
        match (self.state, &event.deed) {
            (_, Deed::Route { organ_id }) if working => self.route(*organ_id, at)?,
            (_, Deed::HandUp) if working => self.close(Ending::HandedUp, at),
            (Routed, Deed::Forward { organ_id }) => self.route(*organ_id, at)?,
            (Routed, Deed::Accept) => self.reach(Accepted, Moment::Accepted, at),
            (Routed, Deed::Decline) if self.stage == Stage::First => {
                self.answer = Some(Answer::Declined);
                self.reach(Answered, Moment::Answered, at);
            }
            (Accepted | Assigned, Deed::Assign { account_id }) => {
                if self.recused.contains(account_id) {
                    return Err(Refused::Recused);
                }
                self.handler_id = Some(*account_id);
                self.state = Assigned;
            }
            (Assigned, Deed::Ask) => {
                self.pauses.push(Pause { from: at, until: None });
                self.state = Asking;
            }
            (Routed | Accepted | Assigned | Asking, Deed::Supply { points }) => {
                self.points = self.points.saturating_add(*points);
                self.resume(at);
            }
            (Asking, Deed::Resume) => self.resume(at),
            (Assigned | Asking, Deed::Note) => {}
            (Assigned | Asking, Deed::FileCase) => {
                if self.filed.contains_key(&self.stage) {
                    return Err(Refused::FiledBefore);
                }
                self.filed.insert(self.stage, at);
            }
            (Accepted | Assigned | Asking, Deed::Extend { clock, by }) => {
                self.extensions.push((self.stage, *clock, Extension { at, by: *by }));
            }
            (Assigned, Deed::Conclude { conclusion }) => {
                self.conclusion = Some(*conclusion);
                self.concluded_by = self.handler_id;
                self.reach(Concluded, Moment::Concluded, at);
            }
            (Concluded, Deed::Return) => {
                self.conclusion = None;
                self.moments.remove(&(self.stage, Moment::Concluded));
                self.state = Assigned;
            }
            (Concluded | Answered | Closed(_), Deed::Measure { measure }) => {
                self.proven()?;
                self.measures.push(*measure);
            }
            (Concluded | Answered | Closed(_), Deed::Money { recovered, returned }) => {
                self.proven()?;
                self.money(*recovered, *returned)?;
            }
            (Concluded, Deed::Reply { sound }) => {
                if sound.points() != self.points {
                    return Err(Refused::Unanswered(self.points));
                }
                if matches!(event.by, By::Staff { account_id, .. } if self.concluded_by == Some(account_id)) {
                    return Err(Refused::OwnWork);
                }
                self.answer = Some(Answer::Reply);
                self.reach(Answered, Moment::Answered, at);
            }
            (Answered, Deed::Satisfied) => self.close(Ending::Satisfied, at),
            (Answered, Deed::Dissatisfied { to }) => self.dissatisfied(*to, at)?,
            (Answered, Deed::Lapse) => self.close(Ending::Lapsed, at),
            (_, Deed::Withdraw) if working => {
                if !self.filed.is_empty() {
                    return Err(Refused::Filed);
                }
                self.close(Ending::Withdrawn, at);
            }
            (_, Deed::Recuse { account_id }) => self.recuse(*account_id, working, at),
            (Closed(Ending::Satisfied | Ending::Dissatisfied | Ending::Lapsed), Deed::Reopen) => {
                self.reopen(at);
            }
            (Closed(Ending::Satisfied | Ending::Dissatisfied | Ending::Lapsed), Deed::Publish) => {
                let replied = self.answer == Some(Answer::Reply);
                if self.published.is_some() || !replied {
                    return Err(Refused::Published);
                }
                self.published = Some(at);
            }
            (_, Deed::Retract) => {
                self.published.take().ok_or(Refused::Published)?;
            }
            (state, deed) => return Err(Refused::State { state, deed: deed.page() }),
        }
        Ok(())
    }

    fn reach(&mut self, state: State, moment: Moment, at: Millis) {
        self.state = state;
        self.moments.insert((self.stage, moment), at);
    }

    fn close(&mut self, ending: Ending, at: Millis) {
        self.resume(at);
        self.state = State::Closed(ending);
        self.closed = Some(at);
    }

    /// Ends the waiting for the reporter, if there is one.
    fn resume(&mut self, at: Millis) {
        if self.state == State::Asking {
            self.state = State::Assigned;
            if let Some(pause) = self.pauses.last_mut() {
                pause.until = Some(at);
            }
        }
    }

    /// Gives the case to an organ, which begins as if it had just come in; what the first moments were, it
    /// inherits: the citizen has waited since then.
    fn route(&mut self, organ_id: i64, at: Millis) -> Result<(), Refused> {
        if self.organ_id == Some(organ_id) {
            return Err(Refused::SameOrgan);
        }
        self.resume(at);
        self.organ_id = Some(organ_id);
        (self.handler_id, self.conclusion, self.concluded_by) = (None, None, None);
        for moment in [Moment::Accepted, Moment::Concluded] {
            self.moments.remove(&(self.stage, moment));
        }
        match self.stage {
            Stage::First => self.reach(State::Routed, Moment::Routed, at),
            // The superior organ does not choose whether to look again.
            Stage::Second => self.reach(State::Accepted, Moment::Routed, at),
        }
        Ok(())
    }

    fn dissatisfied(&mut self, to: Option<Above>, at: Millis) -> Result<(), Refused> {
        match (self.stage, to) {
            (Stage::First, Some(Above::Organ(organ_id))) => {
                if self.organ_id == Some(organ_id) {
                    return Err(Refused::SameOrgan);
                }
                self.first_conclusion = self.conclusion;
                self.stage = Stage::Second;
                self.recused.append(&mut self.acted);
                self.reach(State::Answered, Moment::Escalated, at);
                self.reopened += 1;
                self.answer = None;
                self.route(organ_id, at)?;
            }
            (Stage::First, Some(Above::Outside)) => self.close(Ending::HandedUp, at),
            (Stage::Second, None) => self.close(Ending::Dissatisfied, at),
            _ => return Err(Refused::Superior),
        }
        Ok(())
    }

    fn proven(&self) -> Result<(), Refused> {
        if self.conclusion.is_some_and(Conclusion::proves) { Ok(()) } else { Err(Refused::Unproven) }
    }

    fn recuse(&mut self, account_id: i64, working: bool, at: Millis) {
        self.recused.insert(account_id);
        if working && self.handler_id == Some(account_id) {
            self.resume(at);
            self.handler_id = None;
            // What a recused handler concluded does not stand.
            self.conclusion = None;
            self.moments.remove(&(self.stage, Moment::Concluded));
            self.state = State::Accepted;
        }
    }

    fn money(&mut self, recovered: i64, returned: i64) -> Result<(), Refused> {
        let sum = |before: i64, more: i64| before.checked_add(more).ok_or(Refused::Money);
        let (all, back) = (sum(self.recovered, recovered)?, sum(self.returned, returned)?);
        if recovered < 0 || returned < 0 || recovered == returned && recovered == 0 || back > all {
            return Err(Refused::Money);
        }
        (self.recovered, self.returned) = (all, back);
        Ok(())
    }

    /// Begins the stage anew, clocks and all: a leader found that the answer was wrong.
    fn reopen(&mut self, at: Millis) {
        self.moments.retain(|(stage, _), _| *stage != self.stage);
        let begun = match self.stage {
            Stage::First => [Moment::Received, Moment::Routed, Moment::Accepted],
            Stage::Second => [Moment::Escalated, Moment::Routed, Moment::Accepted],
        };
        for moment in begun {
            self.moments.insert((self.stage, moment), at);
        }
        self.filed.remove(&self.stage);
        (self.handler_id, self.conclusion, self.concluded_by, self.answer) = (None, None, None, None);
        (self.published, self.closed) = (None, None);
        self.reopened += 1;
        self.state = State::Accepted;
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
