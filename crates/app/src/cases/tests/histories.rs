use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Random histories: whatever is tried by whomever, in whatever order, with clocks that jump.
fn tries() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
    proptest::collection::vec((0..27_usize, 0..8_usize, -3i64..20), 0..120)
}

proptest! {
    #[test]
    fn any_history_keeps_the_promises(tries in tries()) {
        let mut now = 1_000 * DAY;
        let (mut case, first) = Case::open(By::Reporter, now, receive()).unwrap();
        let mut events = vec![first];
        let (mut escalations, mut recused) = (0, BTreeSet::new());
        for (which, who, days) in tries {
            now += days * DAY;
            let mut deed = deeds().swap_remove(which).0;
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
            let by = match who {
                0 | 1 => By::Reporter,
                2 | 3 => By::Platform,
                4 => staff(organ, Role::Intake),
                5 => staff(organ, Role::Handler),
                6 => staff(organ, Role::Leader),
                _ => staff(organ % 3 + 1, Role::Leader),
            };
            let Ok((next, event)) = case.act(by, now, deed, "理由") else { continue };
            if let By::Staff { account_id, organ_id, .. } = by {
                prop_assert!(!recused.contains(&account_id), "recused {event:?}");
                prop_assert_eq!(Some(organ_id), case.organ_id);
            }
            if let Deed::Recuse { account_id } = &event.deed {
                recused.insert(*account_id);
            }
            escalations += u32::from(next.stage != case.stage);
            prop_assert!(next.stage >= case.stage && event.at >= events.last().unwrap().at);
            prop_assert!(next.returned <= next.recovered && next.recovered >= case.recovered);
            prop_assert!(next.points >= case.points);
            prop_assert_eq!(next.closed.is_some(), !next.is_open());
            prop_assert!(next.handler_id.is_none_or(|one| !next.recused.contains(&one)) || !next.is_open() || next.state == State::Answered);
            let waiting = next.pauses.iter().filter(|pause| pause.until.is_none()).count();
            prop_assert_eq!(waiting == 1, next.state == State::Asking);
            prop_assert!(next.pauses.windows(2).all(|pair| pair[0].until.unwrap() <= pair[1].from));
            prop_assert!(next.published.is_none() || !next.is_open());
            events.push(event);
            case = next;
        }
        prop_assert!(escalations <= 1, "two levels, once");
        prop_assert_eq!(Case::fold(&events), Ok(case));
    }
}
