use super::*;
use crate::{
    cases::testing::{County, LIUHE, LIUHE_HEAD, NOW, SHITAN, cadre, counties},
    ratings::{keys, store, store::ballots::recount},
};
use daylight_db::{exec, values};
use daylight_ratings::{
    DAY,
    ballot::{Block, Channel, Proof, RoundKey},
    count::Tally,
    indicators::Library,
    round::{Round, Scope, State},
};
use std::collections::BTreeMap;

const SECOND: i64 = 302;

/// A round about two village heads and everybody else, open now.
async fn open(county: &County) -> i64 {
    let tx = county.test.db.write().await.unwrap();
    cadre(&tx, SECOND, SHITAN).await;
    let scope = Scope { cadres: true, places: vec!["/1/".into()], ..Scope::default() };
    let draft = Round::draft(1);
    let round = Round {
        name: "上半年".into(),
        opens: NOW,
        closes: NOW + 30 * DAY,
        scope,
        state: State::Reviewed,
        ..draft
    };
    let id = store::rounds::add(&tx, &round).await.unwrap();
    assert!(store::open(&tx, &county.vault, id, NOW).await.unwrap());
    assert!(!store::open(&tx, &county.vault, id, NOW).await.unwrap(), "opened once");
    tx.commit().await.unwrap();
    id
}

async fn ballot(county: &County, subject: SubjectId, seed: u32) -> Ballot {
    let asked = store::rounds::asked(county.test.db.read(), subject, NOW).await.unwrap().unwrap();
    let typed: Vec<_> = (0..asked.questions.list.len()).map(|at| Some((seed >> at) as u8 % 5)).collect();
    Ballot::check(Channel::Phone, &asked.questions, &typed).unwrap()
}

fn token(key: &RoundKey, person: u32, subject: SubjectId) -> Token {
    key.token(Proof::Phone(&person.to_string()), subject)
}

/// The same numbers each time, without meaning.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32 % sides
    }
}

#[tokio::test]
async fn after_any_history_with_lost_transactions_a_recount_equals_the_roll_ups() {
    let subjects = [SubjectId::Cadre(LIUHE_HEAD), SubjectId::Cadre(SECOND)];
    for county in counties().await {
        let round = open(&county).await;
        let key = keys::read(&county.vault, round).unwrap().unwrap();
        let (mut dice, mut model) = (Dice(7), BTreeMap::new());
        for _ in 0..60 {
            let mut slips = Vec::new();
            for _ in 0..=dice.roll(9) {
                let (subject, person) = (subjects[dice.roll(2) as usize], dice.roll(12));
                let seed = dice.roll(1 << 20);
                let ballot = ballot(&county, subject, seed).await;
                slips.push(Slip { round, subject, token: token(&key, person, subject), ballot });
            }
            let tx = county.test.db.write().await.unwrap();
            let counted = ballots::take(&tx, &slips, NOW + i64::from(dice.roll(3)) * DAY).await.unwrap();
            if dice.roll(3) == 0 {
                // The power fails.
                drop(tx);
                continue;
            }
            tx.commit().await.unwrap();
            for (slip, counted) in slips.iter().zip(counted) {
                let before = model.insert((slip.subject, slip.token), slip.ballot);
                let expected = if before.is_some() { Counted::Changed } else { Counted::New };
                assert_eq!(counted, expected);
            }
        }
        let found = recount(county.test.db.read(), round).await.unwrap();
        assert_eq!((found.ballots, found.wrong), (model.len() as i64, 0));
        for subject in subjects {
            let mine = model.iter().filter(|((one, _), _)| *one == subject).map(|(_, ballot)| *ballot);
            let tally = ballots::tally(county.test.db.read(), round, subject).await.unwrap();
            assert!(tally.counts_as(&Tally::recount(&Block::of(mine))), "{subject:?}");
        }
        // And the recount sees what is wrong.
        let sql = "DELETE FROM rating_ballots WHERE subject = $1";
        exec(county.test.db.writer(), sql, values![LIUHE_HEAD * 2]).await.unwrap();
        assert!(recount(county.test.db.read(), round).await.unwrap().wrong > 0);
    }
}

#[tokio::test]
async fn a_ballot_is_acknowledged_with_its_roll_ups_or_not_at_all() {
    for county in counties().await {
        let (db, clock) = (&county.test.db, Clock::hand(NOW));
        let round = open(&county).await;
        let subject = SubjectId::Cadre(LIUHE_HEAD);
        let key = keys::read(&county.vault, round).unwrap().unwrap();
        let slip = Slip {
            round,
            subject,
            token: token(&key, 1, subject),
            ballot: ballot(&county, subject, 3).await,
        };
        let urn = BallotBox::default();
        exec(db.writer(), "ALTER TABLE rating_tallies RENAME TO elsewhere", values![]).await.unwrap();
        assert!(matches!(urn.cast(db, &clock, slip).await, Err(CastError::Db(_))));
        assert_eq!(recount_ballots(&county).await, 0, "the ballot without its roll-ups");
        exec(db.writer(), "ALTER TABLE elsewhere RENAME TO rating_tallies", values![]).await.unwrap();
        assert_eq!(urn.cast(db, &clock, slip).await.unwrap(), Counted::New);
        assert_eq!(recount_ballots(&county).await, 1);
        // Tapped twice, it is the same ballot.
        assert_eq!(urn.cast(db, &clock, slip).await.unwrap(), Counted::Changed);
        assert_eq!(recount(db.read(), round).await.unwrap().ballots, 1);
        assert_eq!(recount(db.read(), round).await.unwrap().wrong, 0);
    }
}

async fn recount_ballots(county: &County) -> i64 {
    daylight_db::scalar(county.test.db.read(), "SELECT COUNT(*) FROM rating_ballots", values![])
        .await
        .unwrap()
}

#[tokio::test]
async fn many_at_once_go_into_few_commits_and_a_full_box_says_so() {
    for county in counties().await {
        let (db, clock) = (county.test.db.clone(), Clock::hand(NOW));
        let round = open(&county).await;
        let subject = SubjectId::Cadre(LIUHE_HEAD);
        let key = keys::read(&county.vault, round).unwrap().unwrap();
        let ballot = ballot(&county, subject, 9).await;
        for (room, all) in [(WAITING, true), (3, false)] {
            let urn = BallotBox::default();
            let cast = |person: u32| {
                let (urn, db, clock) = (urn.clone(), db.clone(), clock.clone());
                let slip = Slip { round, subject, token: token(&key, person, subject), ballot };
                tokio::spawn(async move { urn.cast_within(&db, &clock, slip, room).await })
            };
            let tasks: Vec<_> = (0..300).map(cast).collect();
            let (mut taken, mut full) = (0, 0);
            for task in tasks {
                match task.await.unwrap() {
                    Ok(_) => taken += 1,
                    Err(CastError::Full) => full += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!((taken + full, taken == 300), (300, all));
        }
        let found = recount(db.read(), round).await.unwrap();
        assert_eq!((found.ballots, found.wrong), (300, 0));
    }
}

#[tokio::test]
async fn what_is_asked_and_where_it_counts_stands_still_while_a_round_is_open() {
    for county in counties().await {
        let round = open(&county).await;
        let subject = SubjectId::Cadre(LIUHE_HEAD);
        let c = county.test.db.read();
        let before = store::rounds::asked(c, subject, NOW).await.unwrap().unwrap();
        // The head moves, and another edition comes into force.
        let tx = county.test.db.write().await.unwrap();
        exec(&*tx, "UPDATE appointments SET post_id = $1 WHERE cadre_id = $2", values![SHITAN, LIUHE_HEAD])
            .await
            .unwrap();
        let old = Library::first();
        let mut edition = daylight_ratings::indicators::Edition::draft(&old, 1);
        edition.library.indicators.clear();
        edition.standing = daylight_ratings::indicators::Standing::InForce { reviewer: 2 };
        store::editions::put_in_force(&tx, &edition, &old, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let after = store::rounds::asked(c, subject, NOW).await.unwrap().unwrap();
        assert_eq!(after.questions, before.questions);
        assert_eq!(store::editions::library(c, 1).await.unwrap().unwrap(), old);
        assert_eq!(store::editions::in_force(c).await.unwrap().edition, 2);
        let key = keys::read(&county.vault, round).unwrap().unwrap();
        let slip = Slip {
            round,
            subject,
            token: token(&key, 1, subject),
            ballot: ballot(&county, subject, 3).await,
        };
        BallotBox::default().cast(&county.test.db, &Clock::hand(NOW), slip).await.unwrap();
        let sql = "SELECT key FROM rating_tallies WHERE grain = 1";
        assert_eq!(daylight_db::scalar::<i64>(c, sql, values![]).await.unwrap(), LIUHE);
    }
}

#[tokio::test]
async fn the_clock_closes_a_round_even_when_its_job_is_late_and_the_key_goes_with_it() {
    for county in counties().await {
        let round = open(&county).await;
        let (db, c) = (&county.test.db, county.test.db.read());
        let subject = SubjectId::Cadre(LIUHE_HEAD);
        let key = keys::read(&county.vault, round).unwrap().unwrap();
        let slip = Slip {
            round,
            subject,
            token: token(&key, 1, subject),
            ballot: ballot(&county, subject, 3).await,
        };
        let late = NOW + 30 * DAY;
        assert_eq!(BallotBox::default().cast(db, &Clock::hand(late), slip).await.unwrap(), Counted::Closed);
        assert_eq!(recount_ballots(&county).await, 0);
        assert!(store::rounds::asked(c, subject, late).await.unwrap().is_none());
        let tx = db.write().await.unwrap();
        assert!(!store::close(&tx, &county.vault, round, late - 1).await.unwrap(), "too early");
        assert!(keys::read(&county.vault, round).unwrap().is_some());
        assert!(store::close(&tx, &county.vault, round, late).await.unwrap());
        tx.commit().await.unwrap();
        assert!(keys::read(&county.vault, round).unwrap().is_none());
        assert_eq!(store::rounds::get(c, round).await.unwrap().unwrap().key_gone_at, Some(late));
        // A key that somebody puts back is found; an open round's is not taken for one.
        keys::draw(&county.vault, round).unwrap();
        assert_eq!(store::outlived(c, &keys::rounds(&county.vault).unwrap()).await.unwrap(), [round]);
    }
}
