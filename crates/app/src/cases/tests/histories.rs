use super::*;
use crate::{
    calendar::Calendar,
    clock::beijing,
    deadlines::{Moment, Profile, add_months},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use time::{Date, Duration};

/// Random histories: whatever is tried by whomever, in whatever order, with clocks that jump.
fn tries() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
    proptest::collection::vec((0..30_usize, 0..60_usize, -3i64..20), 0..300)
}

/// What the county promised about the answer of a stage, noted down while a history happens.
pub(crate) struct Promise {
    stage: Stage,
    pub(crate) started: Millis,
    filed: Option<Millis>,
    pub(crate) ended: Option<Millis>,
    pauses: Vec<(Millis, Option<Millis>)>,
}

impl Promise {
    pub(crate) fn begin(stage: Stage, started: Millis) -> Promise {
        Promise { stage, started, filed: None, ended: None, pauses: Vec::new() }
    }

    pub(crate) fn note(&mut self, event: &Event, next: &Case) {
        if next.stage != self.stage {
            return;
        }
        match event.deed {
            Deed::Reopen => *self = Promise::begin(self.stage, event.at),
            Deed::FileCase => self.filed = Some(event.at),
            Deed::Ask => self.pauses.push((event.at, None)),
            _ => {}
        }
        if let Some((_, until @ None)) = self.pauses.last_mut()
            && next.state != State::Asking
        {
            *until = Some(event.at);
        }
        if matches!(next.state, State::Answered | State::Closed(_)) {
            self.ended.get_or_insert(event.at);
        }
    }

    /// The last day, found by walking through the days one by one: a month from the beginning, three from the day
    /// of filing on, and a day more for each midnight of waiting, fifteen for a question at most.
    pub(crate) fn due(&self, now: Millis) -> Date {
        let day = |at: Millis| beijing(at).date();
        let start = day(self.started);
        let (mut on, mut moved, mut limit) = (start, 0, add_months(start, 1).unwrap());
        loop {
            // Filed in the instant of the answer, it was not filed before it.
            let filed = self.filed.filter(|at| self.ended.is_none_or(|ended| *at < ended));
            if filed.is_some_and(|at| day(at) == on) {
                limit = add_months(start, 3).unwrap();
            }
            let waiting = |(from, until): &(Millis, Option<Millis>)| {
                let end = until.or(self.ended).unwrap_or(now);
                day(*from) <= on && on < day(end).min(day(*from) + Duration::days(15))
            };
            if self.pauses.iter().any(waiting) {
                moved += 1;
            } else if on >= limit + Duration::days(moved) {
                return on;
            }
            on = on.next_day().unwrap();
        }
    }
}

/// Lets a history happen, and holds every promise against it. Gives the standings it came through.
fn walk(tries: Vec<(usize, usize, i64)>) -> Result<BTreeSet<(Stage, &'static str)>, TestCaseError> {
    let mut now = 1_000 * DAY;
    let (mut case, first) = Case::open(By::Reporter, now, receive()).unwrap();
    let mut events = vec![first];
    let mut promise = Promise::begin(Stage::First, now);
    let (county, all) = (Profile::seeds().remove(0), deeds());
    let (mut escalations, mut recused, mut reached) = (0, BTreeSet::new(), BTreeSet::new());
    for (which, who, days) in tries {
        now += days * DAY;
        let mut deed = all[which].0.clone();
        let organ = case.organ_id.unwrap_or(ZHEN);
        // Mostly the organ that has it and the handler who has it; at times somebody else.
        match &mut deed {
            Deed::Route { organ_id } | Deed::Forward { organ_id } => *organ_id = 1 + days.rem_euclid(3),
            Deed::Assign { account_id } => *account_id = organ * 10 + 1,
            Deed::Recuse { account_id } => *account_id = organ * 10 + days.rem_euclid(9),
            Deed::Reply { sound: reply } => *reply = sound(case.points as usize),
            Deed::Dissatisfied { to: Some(to) } => *to = Above::Organ(XIAN),
            _ => {}
        }
        let people = [
            By::Reporter,
            By::Platform,
            staff(organ, Role::Intake),
            staff(organ, Role::Handler),
            staff(organ, Role::Leader),
            staff(organ % 3 + 1, Role::Leader),
        ];
        // Mostly whoever may; at times anybody.
        let fitting = people.into_iter().find(|by| deed.fits(*by));
        let by = people.get(who).copied().or(fitting).unwrap_or(By::Platform);
        // What ends or turns a history is tried seldom, or none would get far.
        let first = matches!(deed, Deed::Route { .. }) && case.organ_id.is_none();
        let onward =
            matches!(
                deed,
                Deed::Accept | Deed::Assign { .. } | Deed::Ask | Deed::Supply { .. } | Deed::FileCase
            ) || matches!(deed, Deed::Conclude { .. } | Deed::Reply { .. } | Deed::Dissatisfied { .. });
        if !first && !onward && days % 9 != 0 {
            continue;
        }
        // The county's promise has no extension, so no leader gets as far as this.
        if matches!(deed, Deed::Extend { .. }) {
            continue;
        }
        let Ok((next, event)) = case.act(by, now, deed, "理由") else { continue };
        if let By::Staff { account_id, organ_id, .. } = by {
            prop_assert!(!recused.contains(&account_id), "recused {event:?}");
            prop_assert_eq!(Some(organ_id), case.organ_id);
        }
        if let Deed::Recuse { account_id } = &event.deed {
            recused.insert(*account_id);
        }
        promise.note(&event, &next);
        escalations += u32::from(next.stage != case.stage);
        prop_assert!(next.stage >= case.stage && event.at >= events.last().unwrap().at);
        prop_assert!(next.returned <= next.recovered && next.recovered >= case.recovered);
        prop_assert!(next.points >= case.points);
        prop_assert_eq!(next.closed.is_some(), !next.is_open());
        prop_assert!(
            next.handler_id.is_none_or(|one| !next.recused.contains(&one))
                || !next.is_open()
                || next.state == State::Answered
        );
        let waiting = next.pauses.iter().filter(|pause| pause.until.is_none()).count();
        prop_assert_eq!(waiting == 1, next.state == State::Asking);
        prop_assert!(next.pauses.windows(2).all(|pair| pair[0].until.unwrap() <= pair[1].from));
        prop_assert!(next.published.is_none() || !next.is_open());
        reached.insert((next.stage, next.state.page()));
        reached.extend(next.filed.keys().map(|stage| (*stage, "立案")));
        events.push(event);
        case = next;
    }
    prop_assert!(escalations <= 1, "two levels, once");
    let clocks = case.clocks(&county, &Calendar::shipped(), now).unwrap();
    let first =
        |one: &&Running| (one.run.rule.from, one.run.rule.until) == (Moment::Received, Moment::Answered);
    let first = clocks.iter().find(first).unwrap();
    prop_assert_eq!(first.due.date, promise.due(now), "{:#?}", first.due.lines);
    prop_assert_eq!(first.run.ended, promise.ended);
    prop_assert_eq!(Case::fold(&events), Ok(case));
    Ok(reached)
}

proptest! {
    #[test]
    fn any_history_keeps_the_promises(tries in tries()) {
        walk(tries)?;
    }
}

/// The histories above come through every standing, so their promises are held against something.
#[test]
fn random_histories_come_through_every_standing() {
    let mut runner = TestRunner::deterministic();
    let mut count: BTreeMap<_, u32> = BTreeMap::new();
    for _ in 0..400 {
        for standing in walk(tries().new_tree(&mut runner).unwrap().current()).unwrap() {
            *count.entry(standing).or_default() += 1;
        }
    }
    for standing in ["已受理", "办理中", "等待补充", "已有结论", "已答复", "已办结", "立案"]
    {
        for stage in [Stage::First, Stage::Second] {
            assert!(count.get(&(stage, standing)) >= Some(&5), "{stage:?} {standing} {count:?}");
        }
    }
}
