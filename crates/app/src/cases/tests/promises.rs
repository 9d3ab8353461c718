//! What was promised about dates, told by walking through the days one by one. Written from the rules' prose (`domain.md`,
//! rule 4) and from nothing that it is held against.

use super::*;
use crate::{calendar::Calendar, clock::beijing, deadlines::add_months};
use std::collections::BTreeMap;
use time::{Date, Duration};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Received,
    Routed,
    Accepted,
    Concluded,
    Answered,
    Escalated,
}

#[derive(Clone, Copy)]
enum Length {
    Days(i64),
    Working(i64),
    /// A month, and three from the day of filing on.
    Month,
}

/// Within so long, from this to that.
type Rule = (Stage, Clock, Length, What, What);

/// What the county, the petition rules and the rules for accusations say.
fn rules(kind: Kind) -> Vec<Rule> {
    use {Clock::*, Length::*, Stage::*, What::*};
    match kind {
        Kind::Complaint => vec![
            (First, Accept, Days(15), Received, Accepted),
            (First, Handle, Month, Received, Answered),
            (Second, Handle, Month, Escalated, Answered),
        ],
        Kind::Request | Kind::Suggestion => vec![
            (First, Accept, Days(15), Received, Accepted),
            (First, Handle, Days(60), Accepted, Answered),
            (Second, Handle, Days(30), Escalated, Answered),
        ],
        Kind::Accusation => vec![
            (First, Forward, Working(5), Routed, Accepted),
            (First, Accept, Working(15), Received, Accepted),
            (First, Handle, Month, Accepted, Concluded),
            (First, Reply, Working(15), Concluded, Answered),
            (Second, Handle, Month, Escalated, Concluded),
            (Second, Reply, Working(15), Concluded, Answered),
        ],
    }
}

/// Noted down while a history happens.
pub(crate) struct Promises {
    kind: Kind,
    at: BTreeMap<(Stage, What), Millis>,
    filed: BTreeMap<Stage, Millis>,
    waited: Vec<(Millis, Option<Millis>)>,
    more: Vec<(Stage, Clock, Millis, i64)>,
    closed: Option<Millis>,
}

/// A clock as it was promised: its last day, and when it stopped.
pub(crate) type Promised = (Stage, Clock, Date, Option<Millis>);

impl Promises {
    pub(crate) fn begin(kind: Kind, at: Millis) -> Promises {
        let at = BTreeMap::from([((Stage::First, What::Received), at)]);
        let (filed, waited, more) = (BTreeMap::new(), Vec::new(), Vec::new());
        Promises { kind, at, filed, waited, more, closed: None }
    }

    pub(crate) fn note(&mut self, event: &Event, next: &Case) {
        let (stage, at) = (next.stage, event.at);
        let mut reach = |what| {
            self.at.insert((stage, what), at);
        };
        match &event.deed {
            Deed::Route { .. } | Deed::Forward { .. } => reach(What::Routed),
            Deed::Accept => reach(What::Accepted),
            Deed::Conclude { .. } => reach(What::Concluded),
            Deed::Decline | Deed::Reply { .. } => reach(What::Answered),
            Deed::Dissatisfied { to: Some(to) } => {
                reach(What::Escalated);
                if matches!(to, Above::Organ(_)) {
                    reach(What::Routed);
                }
            }
            Deed::Reopen => {
                self.at.retain(|(other, _), _| *other != stage);
                let begun = if stage == Stage::First { What::Received } else { What::Escalated };
                for what in [begun, What::Routed, What::Accepted] {
                    self.at.insert((stage, what), at);
                }
                self.filed.remove(&stage);
            }
            Deed::FileCase => drop(self.filed.insert(stage, at)),
            Deed::Ask => self.waited.push((at, None)),
            Deed::Extend { clock, by } => self.more.push((stage, *clock, at, by.count().into())),
            _ => {}
        }
        // What was found stands until it is sent back, or the case goes to others.
        if !matches!(next.state, State::Concluded | State::Answered | State::Closed(_)) {
            self.at.remove(&(stage, What::Concluded));
        }
        if let Some((_, until @ None)) = self.waited.last_mut()
            && next.state != State::Asking
        {
            *until = Some(at);
        }
        self.closed = if next.is_open() { None } else { self.closed.or(Some(at)) };
    }

    /// Every clock that was started.
    pub(crate) fn clocks(&self, calendar: &Calendar, now: Millis) -> Vec<Promised> {
        rules(self.kind).iter().filter_map(|rule| self.clock(rule, calendar, now)).collect()
    }

    fn clock(&self, rule: &Rule, calendar: &Calendar, now: Millis) -> Option<Promised> {
        let &(stage, clock, length, from, until) = rule;
        let started = *self.at.get(&(stage, from))?;
        let stops = [until, What::Answered].map(|what| self.at.get(&(stage, what)).copied());
        let ended = stops.into_iter().chain([self.closed]).flatten().min();
        if ended.is_some_and(|ended| ended < started) {
            return None;
        }
        Some((stage, clock, self.walk((stage, clock, length), (started, ended), calendar, now), ended))
    }

    /// Goes from day to day with what is left. What happens on a day adds to it if the last day has not passed.
    fn walk(
        &self,
        (stage, clock, length): (Stage, Clock, Length),
        (started, ended): (Millis, Option<Millis>),
        calendar: &Calendar,
        now: Millis,
    ) -> Date {
        let day = |at: Millis| beijing(at).date();
        let within = |at: Millis| at >= started && ended.is_none_or(|ended| at < ended);
        let counts =
            |on: Date| !matches!(length, Length::Working(_)) || calendar.is_working_day(on).is_working();
        let start = day(started);
        let month = |n| (add_months(start, n).unwrap() - start).whole_days();
        let mut left = match length {
            Length::Days(n) | Length::Working(n) => n,
            Length::Month => month(1),
        };
        let mut on = start;
        loop {
            let filed = self.filed.get(&stage).filter(|at| within(**at));
            if matches!(length, Length::Month) && filed.is_some_and(|at| day(*at) == on) {
                left += month(3) - month(1);
            }
            for (_, until) in self.waited.iter().filter(|(from, _)| within(*from) && day(*from) == on) {
                let end = day(until.or(ended).unwrap_or(now)).min(on + Duration::days(15));
                let mut waits = on;
                while waits < end {
                    waits = waits.next_day().unwrap();
                    left += i64::from(counts(waits));
                }
            }
            let more = self.more.iter().filter(|more| (more.0, more.1) == (stage, clock) && within(more.2));
            left += more.filter(|more| day(more.2) == on).map(|more| more.3).sum::<i64>();
            if left == 0 {
                return on;
            }
            on = on.next_day().unwrap();
            left -= i64::from(counts(on));
        }
    }
}

/// The clocks as the program has them.
pub(crate) fn found(clocks: &[Running]) -> Vec<Promised> {
    let one = |clock: &Running| {
        let rule = &clock.run.rule;
        (rule.stage, rule.clock, clock.due.date, clock.run.ended)
    };
    clocks.iter().map(one).collect()
}

/// Holds two sets of clocks against each other.
pub(crate) fn differ(mut found: Vec<Promised>, mut promised: Vec<Promised>) -> Option<String> {
    let order = |one: &Promised| format!("{:?}{:?}", one.0, one.1);
    found.sort_by_key(order);
    promised.sort_by_key(order);
    (found != promised).then(|| format!("found {found:?}\npromised {promised:?}"))
}
