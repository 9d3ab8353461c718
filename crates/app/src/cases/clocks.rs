//! The clocks of a case: the rules of its profile, started and stopped by its moments.

use super::{Case, State};
use crate::{
    calendar::Calendar,
    clock::Millis,
    deadlines::{Clock, Due, Extension, Moment, NoExtension, Profile, Rule, Run, Source, Stage, Term},
};

/// A clock with its due date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// What was started, and whether it was stopped.
    pub run: Run,
    /// When it is due, with the arithmetic.
    pub due: Due,
}

impl Running {
    /// Whether it was stopped too late, or is late by now.
    pub fn is_overdue(&self, now: Millis) -> bool {
        self.run.is_overdue(&self.due, now)
    }
}

impl Case {
    /// Every clock that was ever started, of both stages, the next due first. Each has a date.
    pub fn clocks(&self, profile: &Profile, calendar: &Calendar, now: Millis) -> Vec<Running> {
        let running = |run: Run| Running { due: run.due(calendar, now), run };
        let runs = profile.rules.iter().filter_map(|rule| self.run(rule, profile));
        let mut found: Vec<_> = runs.map(running).collect();
        found.sort_by_key(|clock| (clock.run.ended.is_some(), clock.due.at));
        found
    }

    /// Whether this time may be added to this clock now: asked for by a handler and granted by a leader.
    ///
    /// # Errors
    ///
    /// [`NoExtension`] says why not; also when the clock does not run.
    pub fn may_extend(
        &self,
        profile: &Profile,
        calendar: &Calendar,
        clock: Clock,
        by: Term,
        now: Millis,
    ) -> Result<Extension, NoExtension> {
        let run = profile.rule(clock, self.stage).and_then(|rule| self.run(rule, profile));
        let run = run.filter(|run| run.ended.is_none()).ok_or(NoExtension::Never)?;
        run.may_extend(by, &run.due(calendar, now), now)
    }

    /// Until when the reporter may say that an answer does not satisfy them; none when nothing waits for them.
    pub fn silence_ends(&self, profile: &Profile, calendar: &Calendar, now: Millis) -> Option<Due> {
        let (State::Answered, Some(started)) = (self.state, self.moment(self.stage, Moment::Answered)) else {
            return None;
        };
        let rule = Rule {
            clock: Clock::Reply,
            stage: self.stage,
            from: Moment::Answered,
            until: Moment::Escalated,
            term: profile.silence,
            filed: None,
            extension: None,
            source: Source::Promise("本平台的评价期".into()),
        };
        let (pauses, extensions) = (Vec::new(), Vec::new());
        let run = Run { rule, started, ended: None, filed: None, pauses, extensions, pause_most: 0 };
        Some(run.due(calendar, now))
    }

    fn moment(&self, stage: Stage, moment: Moment) -> Option<Millis> {
        self.moments.get(&(stage, moment)).copied()
    }

    /// The clock of a rule, if it was started.
    fn run(&self, rule: &Rule, profile: &Profile) -> Option<Run> {
        let started = self.moment(rule.stage, rule.from)?;
        let stops =
            [self.moment(rule.stage, rule.until), self.moment(rule.stage, Moment::Answered), self.closed];
        let ended = stops.into_iter().flatten().min();
        // Another organ took over what had been accepted before: that need not be done again.
        if ended.is_some_and(|ended| ended < started) {
            return None;
        }
        // What was added before a case was reopened was added to another run.
        let extended = |(stage, clock, more): &(Stage, Clock, Extension)| {
            ((*stage, *clock) == (rule.stage, rule.clock) && more.at >= started).then_some(*more)
        };
        Some(Run {
            rule: rule.clone(),
            started,
            ended,
            filed: self.filed.get(&rule.stage).copied(),
            pauses: self.pauses.clone(),
            extensions: self.extensions.iter().filter_map(extended).collect(),
            pause_most: profile.pause_most,
        })
    }
}
