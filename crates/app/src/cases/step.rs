//! What may follow what: the table of the machine, and what each step changes.

use super::{Above, Answer, Asked, By, Conclusion, Deed, Ending, Event, Refused, Standing, State};
use crate::{
    authz::Role,
    clock::Millis,
    deadlines::{Extension, Moment, Pause, Stage},
};

impl Standing {
    /// Takes an event over, or refuses it and may be left half changed: callers keep a copy.
    pub(super) fn take(&mut self, event: &Event) -> Result<(), Refused> {
        self.may(event)?;
        self.step(event)?;
        // What a handler asked for goes with the handler, and with the work.
        if !matches!(self.state, State::Assigned | State::Asking)
            || self.asked.as_ref().is_some_and(|asked| self.handler_id != Some(asked.account_id))
        {
            self.asked = None;
        }
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
        if let By::Staff { account_id, organ_id, role } = event.by {
            if self.organ_id != Some(organ_id) {
                return Err(Refused::OtherOrgan);
            }
            if self.recused.contains(&account_id) {
                return Err(Refused::Recused);
            }
            // Stepping back is the one thing a handler does to a case that is not theirs.
            let stepping_back = matches!(event.deed, Deed::Recuse { .. });
            if role == Role::Handler && !stepping_back && self.handler_id != Some(account_id) {
                return Err(Refused::NotAssigned);
            }
        }
        if event.deed.needs_reason() && event.reason.is_empty() { Err(Refused::Reason) } else { Ok(()) }
    }

    /// The table: from where, what, to where.
    fn step(&mut self, event: &Event) -> Result<(), Refused> {
        use State::{Accepted, Answered, Asking, Assigned, Closed, Concluded, Held, Received, Routed};
        let at = event.at;
        let working = matches!(self.state, Received | Routed | Accepted | Assigned | Asking | Concluded);
        match (self.state, &event.deed) {
            (_, Deed::Route { organ_id }) if working || self.state == Held => self.route(*organ_id, at)?,
            (_, Deed::HandUp) if working => self.hold(at),
            // Whom a report is about is written beside it, locked: the event says that it was.
            (_, Deed::Name { .. } | Deed::Clear { .. } | Deed::Expire) => {}
            (state, Deed::Deny | Deed::Confirm | Deed::Another | Deed::Same)
                if !matches!(state, Closed(_)) => {}
            (Assigned | Asking, Deed::Release) => {
                self.resume(at);
                self.handler_id = None;
                self.state = Accepted;
            }
            (Routed, Deed::Forward { organ_id }) => self.route(*organ_id, at)?,
            (Routed, Deed::Accept) => self.reach(Accepted, Moment::Accepted, at),
            (Routed, Deed::Decline) => {
                self.answer = Some(Answer::Declined);
                self.reach(Answered, Moment::Answered, at);
            }
            (Accepted | Assigned | Asking, Deed::Assign { account_id }) => {
                if self.recused.contains(account_id) {
                    return Err(Refused::Recused);
                }
                self.handler_id = Some(*account_id);
                // A question stays open when another handler takes over.
                if self.state == Accepted {
                    self.state = Assigned;
                }
            }
            (Assigned, Deed::Ask) => {
                self.pauses.push(Pause { from: at, until: None });
                self.state = Asking;
            }
            (Routed | Accepted | Assigned | Asking | Held, Deed::Supply { points }) => {
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
            (Assigned | Asking, Deed::AskTime { clock, by }) => {
                let By::Staff { account_id, .. } = event.by else { return Err(Refused::NotAssigned) };
                if self.asked.is_some() {
                    return Err(Refused::AskedBefore);
                }
                self.asked = Some(Asked { clock: *clock, by: *by, account_id });
            }
            (Assigned | Asking, Deed::RefuseTime) => {
                self.granting(event.by)?;
                self.asked = None;
            }
            (Assigned | Asking, Deed::Extend { clock, by }) => {
                let asked = self.granting(event.by)?;
                if asked.clock != *clock || !by.is_within(asked.by) {
                    return Err(Refused::Unasked);
                }
                self.extensions.push((self.stage, *clock, Extension { at, by: *by }));
                self.asked = None;
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
            (_, Deed::Withdraw) if working || self.state == Held => {
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

    /// No organ here may have it. It stays open and its clocks go on; what was found does not stand.
    fn hold(&mut self, at: Millis) {
        self.resume(at);
        self.state = State::Held;
        (self.organ_id, self.handler_id) = (None, None);
        (self.conclusion, self.concluded_by) = (None, None);
        self.moments.remove(&(self.stage, Moment::Concluded));
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

    /// Gives the case to an organ, which begins its work anew. Once accepted it stays accepted: the reporter was
    /// told so and has waited since, and the next organ does not choose whether to look into it.
    fn route(&mut self, organ_id: i64, at: Millis) -> Result<(), Refused> {
        if self.organ_id == Some(organ_id) {
            return Err(Refused::SameOrgan);
        }
        self.resume(at);
        self.organ_id = Some(organ_id);
        (self.handler_id, self.conclusion, self.concluded_by) = (None, None, None);
        self.moments.remove(&(self.stage, Moment::Concluded));
        let accepted =
            self.stage == Stage::Second || self.moments.contains_key(&(self.stage, Moment::Accepted));
        self.reach(if accepted { State::Accepted } else { State::Routed }, Moment::Routed, at);
        Ok(())
    }

    fn dissatisfied(&mut self, to: Option<Above>, at: Millis) -> Result<(), Refused> {
        match (self.stage, to) {
            (Stage::First, Some(above)) => {
                if let Above::Organ(organ_id) = above
                    && self.organ_id == Some(organ_id)
                {
                    return Err(Refused::SameOrgan);
                }
                self.first_conclusion = self.conclusion;
                self.stage = Stage::Second;
                self.recused.append(&mut self.acted);
                self.reach(State::Answered, Moment::Escalated, at);
                self.reopened += 1;
                self.answer = None;
                match above {
                    Above::Organ(organ_id) => self.route(organ_id, at)?,
                    Above::Outside => self.hold(at),
                }
            }
            (Stage::Second, None) => self.close(Ending::Dissatisfied, at),
            _ => return Err(Refused::Superior),
        }
        Ok(())
    }

    /// What a leader decides on: not what they asked for themselves.
    fn granting(&self, by: By) -> Result<Asked, Refused> {
        let asked = self.asked.ok_or(Refused::Unasked)?;
        match by {
            By::Staff { account_id, .. } if account_id == asked.account_id => Err(Refused::OwnTime),
            _ => Ok(asked),
        }
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
