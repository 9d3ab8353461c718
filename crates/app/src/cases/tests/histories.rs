use super::{
    promises::{Promises, differ, found},
    *,
};
use crate::{calendar::Calendar, deadlines::Profile};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::{BTreeMap, BTreeSet};

/// Random histories: whatever is tried by whomever, in whatever order, with clocks that jump.
fn tries() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
    proptest::collection::vec((0..deeds().len(), 0..60_usize, -3i64..20), 0..300)
}

/// The kinds of report, each under its profile.
const KINDS: [Kind; 3] = [Kind::Complaint, Kind::Accusation, Kind::Request];

/// Lets a history happen, and holds every promise against it. Gives the standings it came through.
fn walk(
    kind: Kind,
    tries: Vec<(usize, usize, i64)>,
) -> Result<BTreeSet<(Stage, &'static str)>, TestCaseError> {
    // The autumn of 2026: what is long enough leads into a year without calendar.
    let mut now = end_of_day(date!(2026 - 09 - 20));
    let receive = Deed::Receive { kind, points: 2, profile: "—".into() };
    let (mut case, first) = Case::open(By::Reporter, now, receive).unwrap();
    let mut events = vec![first];
    let mut promises = Promises::begin(kind, now);
    let profile = Profile::of(&Profile::seeds(), kind).unwrap().clone();
    let (calendar, all) = (Calendar::shipped(), deeds());
    let (mut escalations, mut recused, mut reached) = (0, BTreeSet::new(), BTreeSet::new());
    for (which, who, days) in tries {
        // Slowly enough that something is done in time.
        now += days * DAY / 6;
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
        let onward = matches!(
            deed,
            Deed::Accept | Deed::Assign { .. } | Deed::Ask | Deed::Supply { .. } | Deed::FileCase
        ) || matches!(deed, Deed::AskTime { .. } | Deed::Extend { .. })
            || matches!(deed, Deed::Conclude { .. } | Deed::Reply { .. } | Deed::Dissatisfied { .. });
        if !first && !onward && days % 9 != 0 {
            continue;
        }
        // What a profile does not give nobody gets as far as this.
        if let Deed::AskTime { clock, by } | Deed::Extend { clock, by } = &deed
            && case.may_extend(&profile, &calendar, *clock, *by, now).is_err()
        {
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
        promises.note(&event, &next);
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
        reached.extend(next.extensions.iter().map(|more| (more.0, "延长")));
        prop_assert!(next.extensions.len() <= case.extensions.len() + usize::from(case.asked.is_some()));
        events.push(event);
        case = next;
    }
    prop_assert!(escalations <= 1, "two levels, once");
    let clocks = case.clocks(&profile, &calendar, now);
    let differ = differ(found(&clocks), promises.clocks(&calendar, now));
    prop_assert!(differ.is_none(), "{}", differ.unwrap_or_default());
    prop_assert_eq!(Case::fold(&events), Ok(case));
    Ok(reached)
}

proptest! {
    #[test]
    fn any_history_keeps_the_promises(kind in 0..3_usize, tries in tries()) {
        walk(KINDS[kind], tries)?;
    }
}

/// The histories above come through every standing, so their promises are held against something.
#[test]
fn random_histories_come_through_every_standing() {
    let mut runner = TestRunner::deterministic();
    let mut count: BTreeMap<_, u32> = BTreeMap::new();
    for at in 0..600 {
        for standing in walk(KINDS[at % 3], tries().new_tree(&mut runner).unwrap().current()).unwrap() {
            *count.entry(standing).or_default() += 1;
        }
    }
    for standing in ["已受理", "办理中", "等待补充", "已有结论", "已答复", "已办结", "立案"]
    {
        for stage in [Stage::First, Stage::Second] {
            assert!(count.get(&(stage, standing)) >= Some(&5), "{stage:?} {standing} {count:?}");
        }
    }
    assert!(count.get(&(Stage::First, "延长")) >= Some(&5), "{count:?}");
}
