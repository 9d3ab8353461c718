//! What no organ of the county may have, told as stories: how it gets there, what lies where, and how it comes back.

use super::{
    tests::{Desk, doing},
    *,
};
use crate::{
    cases::{Deed, State, keys, routing, testing::*},
    deadlines::Stage,
    superior::{Contents, PrivateFile, store as superior, unpack},
};
use daylight_db::{Db, exec, scalar, values};
use daylight_vault::{RecipientKey, Vault};

async fn names(tx: &Tx, vault: &Vault, account: i64, id: i64, whom: i64) -> Result<Opened, StoreError> {
    name(tx, vault, &at_desk(tx, account).await, id, &[whom].into(), NOW).await
}

async fn of(tx: &Tx, vault: &Vault, id: i64) -> Opened {
    open_own(&**tx, vault, id).await.unwrap()
}

async fn keyed(tx: &Tx) -> PrivateFile {
    let superior = PrivateFile { name: "安江市纪委监委".into(), key: RecipientKey::draw() };
    superior::set_key(tx, Some(&superior.public()), NOW).await.unwrap();
    superior
}

/// What of cases lies here, opened by the superior.
async fn read(tx: &Tx, key: &PrivateFile) -> Vec<Contents> {
    every(tx, key).await.into_iter().filter(|contents| contents.why != [held::WAITING]).collect()
}

/// Every package that lies here.
async fn every(tx: &Tx, key: &PrivateFile) -> Vec<Contents> {
    let mut found = Vec::new();
    for package in superior::packages(&**tx, true).await.unwrap() {
        let (mut bytes, mut number) = (Vec::new(), 0);
        while let Some(part) = superior::piece(&**tx, package.id, number).await.unwrap() {
            bytes.extend(part);
            number += 1;
        }
        found.push(unpack(&bytes[..], &key.key, |_, _| Ok(std::io::sink())).unwrap());
    }
    found
}

/// Says that those of whom they are asked are not meant.
async fn denied(tx: &Tx, vault: &Vault, id: i64) -> Result<Opened, StoreError> {
    let seen = of(tx, vault, id).await.seen();
    say(tx, vault, id, Said::Deny { seen }, NOW).await
}

/// Says that those of whom they are asked are meant.
async fn confirmed(tx: &Tx, vault: &Vault, id: i64) -> Result<Opened, StoreError> {
    let seen = of(tx, vault, id).await.seen();
    say(tx, vault, id, Said::Confirm { seen }, NOW).await
}

async fn said(tx: &Tx, vault: &Vault, id: i64, said: Said) -> Result<Opened, StoreError> {
    say(tx, vault, id, said, NOW).await
}

#[tokio::test]
async fn one_person_alone_takes_no_case_away_a_second_does_and_the_reporter_brings_it_back() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = keyed(&tx).await;
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        let top = person(leader(XIAN));
        let alone = names(&tx, &vault, intake(ZHEN), id, top).await.unwrap();
        assert_eq!((alone.case.state, alone.case.organ_id), (State::Accepted, Some(ZHEN)));
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN)]);
        let question = asked(&*tx, &alone).await.unwrap().expect("the reporter is asked");
        assert_eq!(question.units, ["安澜县纪委机关"]);
        // Saying it twice is one voice, and the work goes on.
        let again = names(&tx, &vault, intake(ZHEN), id, top).await.unwrap();
        assert_eq!(again.case.state, State::Accepted);
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();

        let held = names(&tx, &vault, leader(ZHEN), id, top).await.unwrap();
        assert_eq!((held.case.state, held.case.organ_id, held.case.closed), (State::Held, None, None));
        assert!(desk.holders().await.is_empty());
        for account in [intake(ZHEN), handler(ZHEN), leader(ZHEN), intake(XIAN), leader(XIAN)] {
            assert!(desk.closed_to(account).await, "{account}");
        }
        let stored = columns(&*tx, id).await.unwrap().unwrap();
        assert_eq!((stored.state.as_str(), stored.closed_at), ("held", None));
        assert!(stored.due_at.is_some() && stored.next_at.is_some(), "its clocks go on");
        // The superior reads all of it, and nothing of who reported.
        let [contents] = &read(&tx, &superior).await[..] else { panic!() };
        assert_eq!(
            (contents.facts.what.clone(), contents.points.clone()),
            (draft().facts.what, draft().points)
        );
        assert_eq!(contents.number, reference(&vault, id));
        assert_eq!(contents.named, [format!("干部{top}（安澜县纪委机关干部）")]);
        assert!(contents.why.iter().any(|line| line.contains("须回避")), "{:?}", contents.why);
        let steps: Vec<_> = contents.steps.iter().map(|step| step.what.as_str()).collect();
        let expected =
            ["收到", "转交", "受理", "登记被反映人", "登记被反映人", "交办", "登记被反映人", "转请上级"];
        assert_eq!(steps, expected);
        assert!(contents.reporter.phone.is_none() && contents.reporter.name.is_none());

        let early = said(&tx, &vault, id, Said::Deny { seen: alone.seen() }).await;
        assert!(matches!(early, Err(StoreError::Moved)), "whoever was added since is not struck: {early:?}");
        let back = denied(&tx, &vault, id).await.unwrap();
        assert_eq!((back.case.state, back.case.organ_id), (State::Accepted, Some(ZHEN)));
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN)]);
        assert!(
            read(&tx, &superior).await.is_empty(),
            "the superior never fetches whom the reporter does not mean"
        );
        let told = back.entries.last().unwrap();
        assert_eq!((&told.event.deed, told.event.reason.as_str()), (&Deed::Route { organ_id: ZHEN }, BACK));
        assert!(asked(&*tx, &back).await.unwrap().is_none());
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE action = 'case.deny'";
        assert_eq!(scalar::<i64>(&*tx, sql, values![]).await.unwrap(), 1);
        // Both may say so once more: on whom the reporter means they do not outvote the reporter.
        for account in [intake(ZHEN), leader(ZHEN)] {
            let still = names(&tx, &vault, account, id, top).await.unwrap();
            assert_eq!((still.case.state, still.case.organ_id), (State::Accepted, Some(ZHEN)));
            assert!(asked(&*tx, &still).await.unwrap().is_none());
            assert!(routes(&*tx, &still).await.unwrap().last().unwrap().matter.pending.is_empty());
        }
        let nothing = denied(&tx, &vault, id).await;
        assert!(matches!(nothing, Err(StoreError::Moved)), "{nothing:?}");
        assert_eq!(verify(&*tx, &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn while_a_second_word_is_waited_for_the_named_and_their_relatives_are_out_already() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
        let id = submitted(&tx, &vault, &about, "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(XIAN), Deed::Accept).await.unwrap();
        desk.act(leader(XIAN), Deed::Assign { account_id: handler(XIAN) }).await.unwrap();
        let kin = (person(handler(XIAN)), person(leader(XIAN)));
        routing::store::declare_relatives(&tx, kin.0, kin.1, NOW).await.unwrap();
        // Somebody else of the organ may still say whether it is so: its intake has not said it yet.
        let named = names(&tx, &vault, handler(XIAN), id, person(second_handler(XIAN))).await.unwrap();
        assert_eq!((named.case.state, named.case.organ_id), (State::Assigned, Some(XIAN)));
        assert!(!desk.closed_to(leader(XIAN)).await);
        let named = names(&tx, &vault, intake(XIAN), id, person(leader(XIAN))).await.unwrap();
        // The leader is out and so is the handler: nobody is left who could say the second word, and it waits.
        assert_eq!((named.case.state, named.case.organ_id), (State::Assigned, Some(XIAN)));
        assert_eq!(desk.holders().await, [intake(XIAN)]);
        // The reporter can. No key of the superior's: they may bring it back all the same.
        let held = confirmed(&tx, &vault, id).await.unwrap();
        assert_eq!((held.case.state, held.case.organ_id), (State::Held, None));
        assert!(desk.holders().await.is_empty() && superior::packages(&*tx, true).await.unwrap().is_empty());
        let back = denied(&tx, &vault, id).await.unwrap();
        assert_eq!((back.case.state, back.case.organ_id), (State::Accepted, Some(XIAN)));
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
    }
}

#[tokio::test]
async fn one_person_alone_takes_no_case_away_by_naming_their_colleagues_one_after_another() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = at_the_top(&tx, &vault).await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        for colleague in [leader(XIAN), handler(XIAN), second_handler(XIAN)] {
            let named = names(&tx, &vault, intake(XIAN), id, person(colleague)).await.unwrap();
            assert_eq!((named.case.state, named.case.organ_id), (State::Assigned, Some(XIAN)), "{colleague}");
            assert_eq!(named.entries.last().unwrap().event.deed, Deed::Name { waits: true });
        }
        assert_eq!(desk.holders().await, [intake(XIAN)]);
        // Nor by naming themselves at last.
        let named = names(&tx, &vault, intake(XIAN), id, person(intake(XIAN))).await.unwrap();
        assert_eq!((named.case.state, named.case.organ_id), (State::Assigned, Some(XIAN)));
        assert!(desk.holders().await.is_empty() && waits(&*tx, &named).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(resettle(&test.db, &vault, NOW + 6 * DAY).await.unwrap(), (1, vec![]));
        let held = keys::store::holders(test.db.read(), id).await.unwrap();
        assert_eq!(held, [intake(XIAN), handler(XIAN), leader(XIAN)].into());
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id };
        let handler = at_desk(&tx, handler(XIAN)).await;
        let seen = of(&tx, &vault, id).await;
        act(&tx, &vault, &handler, id, doing(&seen, Deed::Note), NOW + 6 * DAY).await.unwrap();
        assert_eq!(desk.holders().await.len(), 3);
    }
}

#[tokio::test]
async fn nor_by_naming_somebody_of_whom_the_handlers_keep_out() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = at_the_top(&tx, &vault).await;
        for account in [handler(XIAN), second_handler(XIAN)] {
            let whom = routing::store::About::Cadre(LIUHE_HEAD);
            routing::store::recuse(&tx, account, whom, NOW).await.unwrap();
        }
        let named = names(&tx, &vault, intake(XIAN), id, LIUHE_HEAD).await.unwrap();
        assert_eq!(named.entries.last().unwrap().event.deed, Deed::Name { waits: true });
    }
}

#[tokio::test]
async fn what_the_reporter_confirms_takes_effect_at_once_and_they_may_take_it_back() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = keyed(&tx).await;
        let id = at_the_top(&tx, &vault).await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        let chief = person(leader(XIAN));
        let nothing = confirmed(&tx, &vault, id).await;
        assert!(matches!(nothing, Err(StoreError::Moved)), "nobody was named: {nothing:?}");
        let before = of(&tx, &vault, id).await.seen();
        let waiting = names(&tx, &vault, intake(XIAN), id, chief).await.unwrap();
        let question = asked(&*tx, &waiting).await.unwrap().unwrap();
        assert!(question.open && !question.confirmed);
        let early = said(&tx, &vault, id, Said::Confirm { seen: before }).await;
        assert!(matches!(early, Err(StoreError::Moved)), "of whom they were not asked: {early:?}");
        let held = confirmed(&tx, &vault, id).await.unwrap();
        assert_eq!((held.case.state, held.case.organ_id), (State::Held, None));
        assert!(desk.holders().await.is_empty());
        let [contents] = &read(&tx, &superior).await[..] else { panic!("sealed to the superior") };
        assert_eq!(contents.named, [format!("干部{chief}（安澜县纪委机关干部）")]);
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE action = 'case.confirm'";
        assert_eq!(scalar::<i64>(&*tx, sql, values![]).await.unwrap(), 1);
        let question = asked(&*tx, &held).await.unwrap().unwrap();
        assert!(!question.open && question.confirmed, "said by mistake, it can be taken back");
        let twice = confirmed(&tx, &vault, id).await;
        assert!(matches!(twice, Err(StoreError::Moved)), "{twice:?}");
        let back = denied(&tx, &vault, id).await.unwrap();
        assert_eq!((back.case.state, back.case.organ_id), (State::Accepted, Some(XIAN)));
        assert_eq!(verify(&*tx, &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn what_the_reporter_confirms_ends_what_the_unit_s_own_organ_was_allowed() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = own_unit_at_the_top(&tx, &vault).await;
        names(&tx, &vault, intake(XIAN), id, LIUHE_HEAD).await.unwrap();
        let held = confirmed(&tx, &vault, id).await.unwrap();
        assert_eq!((held.case.state, held.case.organ_id), (State::Held, None));
    }
}

#[tokio::test]
async fn two_accounts_of_one_person_are_one_voice() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let sql = "UPDATE accounts SET cadre_id = $2 WHERE id = $1";
        exec(&*tx, sql, values![leader(ZHEN), person(intake(ZHEN))]).await.unwrap();
        for account in [intake(ZHEN), leader(ZHEN)] {
            let once = names(&tx, &vault, account, id, person(leader(XIAN))).await.unwrap();
            assert_eq!(once.case.organ_id, Some(ZHEN), "{account}");
        }
        let second = names(&tx, &vault, handler(ZHEN), id, person(leader(XIAN))).await.unwrap();
        assert_eq!(second.case.state, State::Held);
    }
}

const DAY: i64 = 24 * 3_600_000;

/// The township's case at the county organ, accepted and given to a handler.
async fn at_the_top(tx: &Tx, vault: &Vault) -> i64 {
    let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
    let id = submitted(tx, vault, &about, "token").await;
    let desk = Desk { tx, vault, id };
    desk.act(intake(XIAN), Deed::Accept).await.unwrap();
    desk.act(leader(XIAN), Deed::Assign { account_id: handler(XIAN) }).await.unwrap();
    id
}

#[tokio::test]
async fn whom_the_reporter_does_not_mean_nobody_shuts_out_by_naming_them_again() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = at_the_top(&tx, &vault).await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        let chief = person(leader(XIAN));
        let waiting = names(&tx, &vault, intake(XIAN), id, chief).await.unwrap();
        assert!(
            waits(&*tx, &waiting).await.unwrap(),
            "its only leader is out meanwhile, and the page says so"
        );
        denied(&tx, &vault, id).await.unwrap();
        names(&tx, &vault, intake(XIAN), id, chief).await.unwrap();
        assert_eq!(desk.holders().await, [intake(XIAN), handler(XIAN), leader(XIAN)]);
        desk.act(leader(XIAN), Deed::Assign { account_id: second_handler(XIAN) }).await.unwrap();
    }
}

#[tokio::test]
async fn what_nobody_confirms_in_five_working_days_lapses_and_one_voice_does_not_begin_it_anew() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = at_the_top(&tx, &vault).await;
        let chief = person(leader(XIAN));
        names(&tx, &vault, intake(XIAN), id, chief).await.unwrap();
        tx.commit().await.unwrap();
        // Sunday the 22nd: the fifth working day is Friday the 27th.
        assert_eq!(resettle(&test.db, &vault, NOW + 5 * DAY).await.unwrap(), (0, vec![]));
        let held = keys::store::holders(test.db.read(), id).await.unwrap();
        assert_eq!(held, [intake(XIAN), handler(XIAN)].into());
        assert_eq!(resettle(&test.db, &vault, NOW + 6 * DAY).await.unwrap(), (1, vec![]));
        assert_eq!(resettle(&test.db, &vault, NOW + 6 * DAY).await.unwrap(), (0, vec![]), "twice is once");
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(XIAN), handler(XIAN), leader(XIAN)]);
        let lapsed = of(&tx, &vault, id).await;
        assert_eq!(lapsed.entries.last().unwrap().event.deed, Deed::Expire);
        let question = asked(&*tx, &lapsed).await.unwrap().expect("they may still say it");
        assert!(question.open && question.lapsed && !waits(&*tx, &lapsed).await.unwrap());
        // The leader who was named is not told; nobody else leads, so it stands without anybody.
        let sql = "SELECT COUNT(*) FROM case_notices WHERE clock IS NULL AND about_id IS NULL AND account_id IS NULL";
        assert_eq!(scalar::<i64>(&*tx, sql, values![]).await.unwrap(), 1);
        let late = NOW + 7 * DAY;
        let again = [chief].into();
        let who = at_desk(&tx, intake(XIAN)).await;
        name(&tx, &vault, &who, id, &again, late).await.unwrap();
        assert_eq!(
            desk.holders().await,
            [intake(XIAN), handler(XIAN), leader(XIAN)],
            "one voice is one voice"
        );
        // What the first said stands as a word: a second person confirms it, however late.
        let who = at_desk(&tx, handler(XIAN)).await;
        let held = name(&tx, &vault, &who, id, &again, late).await.unwrap();
        assert_eq!(held.case.state, State::Held);
        assert_eq!(verify(&*tx, &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn the_organ_s_other_leader_and_the_one_above_hear_that_a_naming_has_lapsed() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        Desk { tx: &tx, vault: &vault, id }.act(intake(ZHEN), Deed::Accept).await.unwrap();
        names(&tx, &vault, intake(ZHEN), id, person(leader(XIAN))).await.unwrap();
        tx.commit().await.unwrap();
        resettle(&test.db, &vault, NOW + 6 * DAY).await.unwrap();
        let tx = test.db.write().await.unwrap();
        let told = async |account| {
            let told = notices(&*tx, &vault, &at_desk(&tx, account).await).await.unwrap();
            told.iter().filter(|notice| notice.news == News::Unconfirmed).count()
        };
        assert_eq!((told(leader(ZHEN)).await, told(leader(XIAN)).await), (1, 0), "not whom it was about");
    }
}

#[tokio::test]
async fn what_the_superior_has_not_fetched_goes_and_what_it_has_is_called_back() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = keyed(&tx).await;
        let top = person(leader(XIAN));
        for ending in ["denied", "withdrawn"] {
            for fetched in [false, true] {
                let id = submitted(&tx, &vault, &draft(), &format!("{ending}{fetched}")).await;
                Desk { tx: &tx, vault: &vault, id }.act(intake(ZHEN), Deed::Accept).await.unwrap();
                names(&tx, &vault, intake(ZHEN), id, top).await.unwrap();
                let [told] = &superior::packages(&*tx, false).await.unwrap()[..] else { panic!("told") };
                superior::note_fetched(&tx, told.id, NOW).await.unwrap();
                names(&tx, &vault, leader(ZHEN), id, top).await.unwrap();
                if fetched {
                    let package = superior::packages(&*tx, false).await.unwrap().pop().unwrap();
                    superior::note_fetched(&tx, package.id, NOW).await.unwrap();
                }
                match ending {
                    "denied" => denied(&tx, &vault, id).await.unwrap(),
                    _ => said(&tx, &vault, id, Said::Withdraw).await.unwrap(),
                };
                let waiting = superior::packages(&*tx, false).await.unwrap();
                assert_eq!(waiting.len(), usize::from(fetched), "{ending} {fetched}");
                if let Some(package) = waiting.first() {
                    let word = read(&tx, &superior).await.pop().unwrap();
                    assert_eq!(word.number, reference(&vault, id));
                    assert!(word.facts.what.is_empty() && word.named.is_empty() && word.steps.is_empty());
                    let told = if ending == "denied" { "反映人说明" } else { "反映人已撤回" };
                    assert!(word.why.iter().any(|why| why.contains(told)), "{:?}", word.why);
                    superior::note_fetched(&tx, package.id, NOW).await.unwrap();
                }
                assert!(superior::handed_case(&*tx, id).await.unwrap().is_some() == fetched);
            }
        }
        tx.commit().await.unwrap();
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap(), (0, vec![]));
    }
}

#[tokio::test]
async fn what_nobody_fetched_is_sealed_anew_to_a_new_key() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        keyed(&tx).await;
        let id = submitted(&tx, &vault, &draft(), "token").await;
        Desk { tx: &tx, vault: &vault, id }.act(intake(ZHEN), Deed::Accept).await.unwrap();
        names(&tx, &vault, intake(ZHEN), id, person(leader(XIAN))).await.unwrap();
        // What was told of the naming is for whoever had the key then.
        exec(&*tx, "DELETE FROM superior_pieces", values![]).await.unwrap();
        exec(&*tx, "DELETE FROM superior_packages", values![]).await.unwrap();
        names(&tx, &vault, leader(ZHEN), id, person(leader(XIAN))).await.unwrap();
        exec(&*tx, "DELETE FROM jobs", values![]).await.unwrap();
        let new = keyed(&tx).await;
        let sql = "SELECT COUNT(*) FROM jobs WHERE kind = 'case.settle'";
        assert_eq!(scalar::<i64>(&*tx, sql, values![]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap(), (1, vec![]));
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap(), (0, vec![]));
        let tx = test.db.write().await.unwrap();
        let [contents] = &read(&tx, &new).await[..] else { panic!() };
        assert_eq!(contents.number, reference(&vault, id));
    }
}

#[tokio::test]
async fn one_case_without_events_stops_no_other() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let gone = submitted(&tx, &vault, &draft(), "a").await;
        let id = submitted(&tx, &vault, &draft(), "b").await;
        exec(&*tx, "DELETE FROM case_events WHERE case_id = $1", values![gone]).await.unwrap();
        exec(&*tx, "UPDATE cases SET next_at = NULL", values![]).await.unwrap();
        exec(&*tx, "UPDATE accounts SET disabled = $2 WHERE id = $1", values![leader(ZHEN), true])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(tick(&test.db, &vault, NOW).await.unwrap(), [gone]);
        assert!(columns(test.db.read(), id).await.unwrap().unwrap().next_at.is_some());
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap(), (1, vec![gone]));
    }
}

#[tokio::test]
async fn an_account_that_ended_is_no_second_voice() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        names(&tx, &vault, intake(ZHEN), id, person(leader(XIAN))).await.unwrap();
        // They serve under another account from now on: it is the same voice.
        exec(&*tx, "UPDATE grants SET ended_at = 1 WHERE account_id = $1", values![intake(ZHEN)])
            .await
            .unwrap();
        let (role, to) = (crate::authz::Role::Intake, second_handler(ZHEN));
        crate::accounts::store::grant(&tx, to, role, None, Some(ZHEN), None, 0).await.unwrap();
        let sql = "UPDATE accounts SET cadre_id = $2 WHERE id = $1";
        exec(&*tx, sql, values![leader(ZHEN), person(intake(ZHEN))]).await.unwrap();
        let again = names(&tx, &vault, leader(ZHEN), id, person(leader(XIAN))).await.unwrap();
        assert_eq!(again.case.organ_id, Some(ZHEN));
        let second = names(&tx, &vault, handler(ZHEN), id, person(leader(XIAN))).await.unwrap();
        assert_eq!(second.case.state, State::Held);
    }
}

#[tokio::test]
async fn naming_that_leaves_the_organ_able_to_handle_it_holds_at_once() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let named = names(&tx, &vault, intake(ZHEN), id, LIUHE_HEAD).await.unwrap();
        assert_eq!(named.case.organ_id, Some(ZHEN));
        assert_eq!(named.entries.last().unwrap().event.deed, Deed::Name { waits: false });
        assert!(asked(&*tx, &named).await.unwrap().is_none());
    }
}

async fn post(tx: &Tx, cadre: i64, unit: i64) -> i64 {
    let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2) RETURNING id";
    scalar(&**tx, sql, values![cadre, unit]).await.unwrap()
}

/// A case of the township at the county organ, which sits in the township itself and may have it all the same.
async fn own_unit_at_the_top(tx: &Tx, vault: &Vault) -> i64 {
    routing::store::set_table(tx, &routing::Table::seed_with_own_unit(), None, 1).await.unwrap();
    exec(&**tx, "UPDATE organs SET unit_id = $2 WHERE id = $1", values![XIAN, TOWNSHIP]).await.unwrap();
    exec(&**tx, "UPDATE organs SET unit_id = $2 WHERE id = $1", values![ZHEN, 9_i64]).await.unwrap();
    let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
    let id = submitted(tx, vault, &about, "token").await;
    assert_eq!(of(tx, vault, id).await.case.organ_id, Some(XIAN));
    Desk { tx, vault, id }.act(intake(XIAN), Deed::Accept).await.unwrap();
    id
}

#[tokio::test]
async fn one_person_takes_no_case_away_by_ending_what_its_own_unit_was_allowed() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = own_unit_at_the_top(&tx, &vault).await;
        let alone = names(&tx, &vault, intake(XIAN), id, LIUHE_HEAD).await.unwrap();
        assert_eq!((alone.case.state, alone.case.organ_id), (State::Accepted, Some(XIAN)));
        assert!(asked(&*tx, &alone).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_mistake_in_the_register_holds_a_case_up_and_its_correction_brings_it_back() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let about =
            crate::reports::Draft { object: Some(crate::reports::Object::Cadre(LIUHE_HEAD)), ..draft() };
        let id = submitted(&tx, &vault, &about, "token").await;
        let before = of(&tx, &vault, id).await.case.organ_id;
        assert_eq!(before, Some(ZHEN));
        let wrong = post(&tx, LIUHE_HEAD, 9).await;
        tx.commit().await.unwrap();
        let settled = |db: Db| {
            let vault = &vault;
            async move { resettle(&db, vault, NOW).await.unwrap() }
        };
        assert_eq!(settled(test.db.clone()).await, (1, vec![]));
        assert_eq!(settled(test.db.clone()).await, (0, vec![]), "twice is once");
        let held = open_own(test.db.read(), &vault, id).await.unwrap();
        assert_eq!((held.case.state, held.case.organ_id), (State::Held, None));
        assert!(asked(test.db.read(), &held).await.unwrap().is_none(), "nobody was named later");
        // A key that comes late finds it; what the reporter adds reaches the superior as well.
        let tx = test.db.write().await.unwrap();
        let superior = keyed(&tx).await;
        tx.commit().await.unwrap();
        assert_eq!(settled(test.db.clone()).await.0, 1);
        assert_eq!(settled(test.db.clone()).await.0, 0);
        let tx = test.db.write().await.unwrap();
        let more = Words { text: "还有一份账".into(), ..Words::default() };
        said(&tx, &vault, id, Said::More(more)).await.unwrap();
        let [contents] = &read(&tx, &superior).await[..] else { panic!("what nobody fetched is replaced") };
        assert_eq!(contents.steps.last().unwrap().text, "还有一份账");
        // What was fetched stays as it was fetched.
        let package = superior::packages(&*tx, false).await.unwrap()[0].id;
        superior::note_fetched(&tx, package, NOW).await.unwrap();
        said(&tx, &vault, id, Said::More(Words { text: "又有一份".into(), ..Words::default() }))
            .await
            .unwrap();
        assert_eq!(read(&tx, &superior).await.len(), 2);
        exec(&*tx, "UPDATE appointments SET until = '2026-11-22' WHERE id = $1", values![wrong])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(settled(test.db.clone()).await, (1, vec![]));
        let back = open_own(test.db.read(), &vault, id).await.unwrap();
        assert_eq!((back.case.state, back.case.organ_id), (State::Routed, before));
        assert_eq!(back.entries.last().unwrap().event.reason, BACK);
        assert_eq!(verify(test.db.read(), &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn beyond_the_top_organ_a_dissatisfied_reporter_s_case_is_the_superior_s_and_open() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = keyed(&tx).await;
        let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
        let id = submitted(&tx, &vault, &about, "token").await;
        Desk { tx: &tx, vault: &vault, id }.answered().await;
        let up = said(&tx, &vault, id, Said::Dissatisfied("没有说清楚".into())).await.unwrap();
        assert_eq!((up.case.state, up.case.stage, up.case.closed), (State::Held, Stage::Second, None));
        let [contents] = &read(&tx, &superior).await[..] else { panic!() };
        let last = contents.steps.last().unwrap();
        assert_eq!((last.what.as_str(), last.reason.as_str()), ("评价不满意", "没有说清楚"));
        let reply = contents.steps.iter().find(|step| step.what == "答复").unwrap();
        assert_eq!(reply.answers, [tests::ANSWER]);
        assert_eq!(verify(&*tx, &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn where_the_organ_above_lacks_people_now_a_dissatisfied_reporter_s_case_waits_there() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.answered().await;
        exec(&*tx, "UPDATE accounts SET disabled = $2 WHERE id = $1", values![leader(XIAN), true])
            .await
            .unwrap();
        let up = said(&tx, &vault, id, Said::Dissatisfied("没有说清楚".into())).await.unwrap();
        let stands = (up.case.state, up.case.stage, up.case.organ_id);
        assert_eq!(stands, (State::Accepted, Stage::Second, Some(XIAN)));
        assert!(waits(&*tx, &up).await.unwrap());
        let up_to = Deed::Dissatisfied { to: Some(crate::cases::Above::Organ(XIAN)) };
        assert_eq!(up.entries.last().unwrap().event.deed, up_to, "it was never beyond the county");
        assert_eq!(desk.holders().await, [intake(XIAN)]);
        exec(&*tx, "UPDATE accounts SET disabled = $2 WHERE id = $1", values![leader(XIAN), false])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        resettle(&test.db, &vault, NOW).await.unwrap();
        let up = open_own(test.db.read(), &vault, id).await.unwrap();
        assert!(!waits(test.db.read(), &up).await.unwrap());
        assert_eq!(
            keys::store::holders(test.db.read(), id).await.unwrap(),
            [intake(XIAN), leader(XIAN)].into()
        );
    }
}

#[tokio::test]
async fn a_handler_who_left_leaves_the_case_to_be_assigned_anew() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        desk.act(handler(ZHEN), Deed::Ask).await.unwrap();
        let grant: i64 = scalar(&*tx, "SELECT id FROM grants WHERE account_id = $1", values![handler(ZHEN)])
            .await
            .unwrap();
        crate::accounts::store::end_grant(&tx, grant, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap().0, 1);
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap().0, 0);
        let left = open_own(test.db.read(), &vault, id).await.unwrap();
        assert_eq!((left.case.state, left.case.handler_id), (State::Accepted, None));
        assert!(left.case.pauses.iter().all(|pause| pause.until.is_some()), "nobody is left who asked");
        // They are not recused: who comes back may be given it again.
        let tx = test.db.write().await.unwrap();
        exec(&*tx, "UPDATE grants SET ended_at = NULL WHERE id = $1", values![grant]).await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let seen = of(&tx, &vault, id).await;
        let actor = at_desk(&tx, handler(ZHEN)).await;
        act(&tx, &vault, &actor, id, doing(&seen, Deed::Note), NOW).await.unwrap();
    }
}

#[tokio::test]
async fn the_superior_is_told_of_a_naming_that_waits_and_reads_nothing_of_the_report() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = keyed(&tx).await;
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let top = person(leader(XIAN));
        for _ in 0..2 {
            names(&tx, &vault, intake(ZHEN), id, top).await.unwrap();
        }
        let [package] = &superior::packages(&*tx, false).await.unwrap()[..] else { panic!("once") };
        assert_eq!(package.fetched_at, None);
        let [told] = &every(&tx, &superior).await[..] else { panic!("once") };
        assert_eq!(told.number, reference(&vault, id));
        assert_eq!(told.named, [format!("干部{top}（安澜县纪委机关干部）")]);
        assert!(told.facts.what.is_empty() && told.points.is_empty() && told.steps.is_empty());
        // Beside it stands nothing that says of which case.
        let sql = "SELECT COUNT(*) FROM superior_packages WHERE case_id IS NULL AND number_index IS NULL";
        assert_eq!(scalar::<i64>(&*tx, sql, values![]).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn the_reporter_may_say_yes_or_no_after_it_has_lapsed() {
    for County { test, vault, .. } in counties().await {
        for yes in [true, false] {
            let tx = test.db.write().await.unwrap();
            let id = submitted(&tx, &vault, &draft(), &format!("{yes}")).await;
            Desk { tx: &tx, vault: &vault, id }.act(intake(ZHEN), Deed::Accept).await.unwrap();
            names(&tx, &vault, intake(ZHEN), id, person(leader(XIAN))).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(resettle(&test.db, &vault, NOW + 6 * DAY).await.unwrap().0, 1);
            let tx = test.db.write().await.unwrap();
            let said = match yes {
                true => confirmed(&tx, &vault, id).await.unwrap(),
                false => denied(&tx, &vault, id).await.unwrap(),
            };
            assert_eq!(said.case.state, if yes { State::Held } else { State::Accepted });
            let open = asked(&*tx, &said).await.unwrap().is_some_and(|question| question.open);
            assert!(!open, "asked once");
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_has_the_case_by_then_says_the_second_word_also_in_the_organ_above() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        Desk { tx: &tx, vault: &vault, id }.answered().await;
        names(&tx, &vault, intake(ZHEN), id, person(leader(XIAN))).await.unwrap();
        said(&tx, &vault, id, Said::Dissatisfied("没有说清楚".into())).await.unwrap();
        let held = names(&tx, &vault, intake(XIAN), id, person(leader(XIAN))).await.unwrap();
        assert_eq!(held.case.state, State::Held);
    }
}
