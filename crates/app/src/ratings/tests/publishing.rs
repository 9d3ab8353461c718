//! From ballots to figures to the sealed round, on both engines.

use crate::{
    cases::routing::store::About,
    cases::testing::{County, LIUHE, LIUHE_HEAD, NOW, SHITAN, cadre, counties},
    clock::Millis,
    ratings::{
        Counted, Slip, keys,
        store::{self, Sealed, ballots, flags, papers, releases},
    },
};
use daylight_db::{exec, scalar, values};
use daylight_ratings::{
    DAY,
    ballot::{Ballot, Block, Channel, Proof, SubjectId},
    count::Tally,
    radar::{Decision, FlagError, Outcome, Sign, Watch},
    round::{Round, Scope, State},
};

const HEAD: SubjectId = SubjectId::Cadre(LIUHE_HEAD);
/// 石滩村's people.
const OTHERS: [i64; 3] = [302, 303, 304];
/// Monday, 23 November 2026, 06:00 in Beijing.
const MONDAY: Millis = 1_795_384_800_000;
const WEEK: Millis = 7 * DAY;
const CLOSES: Millis = NOW + 40 * DAY;

async fn open(county: &County) -> i64 {
    let tx = county.test.db.write().await.unwrap();
    for id in OTHERS {
        cadre(&tx, id, SHITAN).await;
    }
    let scope = Scope { cadres: true, powers: true, places: vec!["/1/2/".into()], ..Scope::default() };
    let round = Round {
        name: "下半年".into(),
        opens: NOW,
        closes: CLOSES,
        scope,
        state: State::Reviewed,
        ..Round::draft(1)
    };
    for (id, disclosed) in [(71, true), (72, false)] {
        let sql = "INSERT INTO powers (id, unit_id, name, disclosed, step_count, risk_count, flags, revision_id, updated_at) \
                   VALUES ($1, $2, $3, $4, 0, 0, '[]', 1, 0)";
        exec(&*tx, sql, values![id, LIUHE, format!("权力{id}"), disclosed]).await.unwrap();
    }
    let id = store::rounds::add(&tx, &round).await.unwrap();
    assert!(store::open(&tx, &county.vault, id, NOW).await.unwrap());
    tx.commit().await.unwrap();
    id
}

/// People with these numbers rate somebody; each says something else.
async fn cast(county: &County, round: i64, subject: SubjectId, people: std::ops::Range<u32>, salt: u32) {
    cast_at(county, round, subject, people, salt, NOW).await;
}

async fn cast_at(
    county: &County,
    round: i64,
    subject: SubjectId,
    people: std::ops::Range<u32>,
    salt: u32,
    at: Millis,
) {
    let key = keys::read(&county.vault, round).unwrap().unwrap();
    let c = county.test.db.read();
    let asked = store::rounds::asked(c, subject, NOW).await.unwrap().unwrap();
    let slip = |person: u32| {
        let count = asked.questions.list.len();
        let typed: Vec<_> =
            (0..count).map(|at| Some((person.wrapping_mul(7).wrapping_add(salt) >> at) as u8 % 5)).collect();
        let ballot = Ballot::check(Channel::Phone, &asked.questions, &typed).unwrap();
        let token = key.token(Proof::Phone(&person.to_string()), subject);
        Slip { round, subject, token, ballot, paper: None }
    };
    let slips: Vec<_> = people.map(slip).collect();
    let tx = county.test.db.write().await.unwrap();
    let counted = ballots::take(&tx, &slips, at).await.unwrap();
    assert!(counted.iter().all(|one| *one != Counted::Closed));
    tx.commit().await.unwrap();
}

async fn release(county: &County, round: i64, at: Millis) -> Option<usize> {
    let tx = county.test.db.write().await.unwrap();
    let changed = releases::at_fixed_time(&tx, round, at).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

async fn shown(county: &County, subject: SubjectId) -> Option<i64> {
    let found = releases::of_subject(county.test.db.read(), subject).await.unwrap();
    found.first().map(|shown| shown.score.n)
}

async fn agrees(county: &County, round: i64) -> bool {
    ballots::recount(county.test.db.read(), round).await.unwrap().wrong == 0
}

#[tokio::test]
async fn figures_change_at_fixed_times_by_whole_batches_and_never_under_ten() {
    for county in counties().await {
        let round = open(&county).await;
        cast(&county, round, HEAD, 0..9, 1).await;
        assert_eq!(release(&county, round, NOW + DAY / 2).await, None, "Monday has not come");
        assert_eq!(release(&county, round, MONDAY).await, Some(0));
        assert_eq!(shown(&county, HEAD).await, None, "nine are nothing");
        cast(&county, round, HEAD, 9..10, 1).await;
        assert_eq!(release(&county, round, MONDAY + DAY).await, None, "this Monday was served");
        assert_eq!(shown(&county, HEAD).await, None);
        assert_eq!(release(&county, round, MONDAY + WEEK).await, Some(1));
        assert_eq!(shown(&county, HEAD).await, Some(10));
        cast(&county, round, HEAD, 10..14, 1).await;
        // One person changes their mind again and again: one is touched.
        for salt in 2..7 {
            cast(&county, round, HEAD, 10..11, salt).await;
        }
        assert_eq!(release(&county, round, MONDAY + 2 * WEEK).await, Some(0), "four are no batch");
        assert_eq!(shown(&county, HEAD).await, Some(10));
        cast(&county, round, HEAD, 14..15, 1).await;
        assert_eq!(release(&county, round, MONDAY + 3 * WEEK).await, Some(1));
        assert_eq!(shown(&county, HEAD).await, Some(15));
        assert!(agrees(&county, round).await);
        let course = releases::course(county.test.db.read(), round, HEAD).await.unwrap();
        let course: Vec<_> = course.iter().map(|(at, score)| (*at, score.as_ref().unwrap().n)).collect();
        assert_eq!(course, [(MONDAY + WEEK, 10), (MONDAY + 3 * WEEK, 15)]);
    }
}

#[tokio::test]
async fn a_flag_holds_a_figure_and_a_lost_transaction_leaves_nothing() {
    for county in counties().await {
        let round = open(&county).await;
        cast(&county, round, HEAD, 0..20, 1).await;
        let hold = "UPDATE rating_subjects SET held_until = $1";
        exec(county.test.db.writer(), hold, values![MONDAY + DAY]).await.unwrap();
        assert_eq!(release(&county, round, MONDAY).await, Some(0));
        let tx = county.test.db.write().await.unwrap();
        assert_eq!(releases::at_fixed_time(&tx, round, MONDAY + WEEK).await.unwrap(), Some(1));
        // The power fails.
        drop(tx);
        assert_eq!(shown(&county, HEAD).await, None);
        assert_eq!(release(&county, round, MONDAY + WEEK).await, Some(1));
        assert_eq!(shown(&county, HEAD).await, Some(20));
    }
}

async fn close(county: &County, round: i64) {
    let tx = county.test.db.write().await.unwrap();
    assert!(store::close(&tx, &county.vault, round, CLOSES).await.unwrap());
    tx.commit().await.unwrap();
}

async fn seal(county: &County, round: i64) -> Option<Sealed> {
    let tx = county.test.db.write().await.unwrap();
    let sealed = store::seal(&tx, round, CLOSES).await.unwrap();
    if matches!(sealed, Some(Sealed::Published(_))) {
        tx.commit().await.unwrap();
    }
    sealed
}

async fn count(county: &County, sql: &str) -> i64 {
    scalar(county.test.db.read(), sql, values![]).await.unwrap()
}

#[tokio::test]
async fn after_the_close_ballots_are_counted_again_and_lose_what_told_them_apart() {
    for county in counties().await {
        let round = open(&county).await;
        cast(&county, round, HEAD, 0..40, 1).await;
        assert_eq!(release(&county, round, MONDAY).await, Some(1));
        // A batch while the round is open is half of what is shown; at the close it is five.
        cast(&county, round, HEAD, 40..46, 1).await;
        assert_eq!(release(&county, round, MONDAY + WEEK).await, Some(0));
        cast(&county, round, SubjectId::Cadre(OTHERS[0]), 0..6, 2).await;
        cast(&county, round, SubjectId::Cadre(OTHERS[1]), 0..7, 3).await;
        cast(&county, round, SubjectId::Power(71), 0..12, 3).await;
        let before = ballots::tally(county.test.db.read(), round, HEAD).await.unwrap();
        assert_eq!(seal(&county, round).await, None, "it is open");
        close(&county, round).await;
        assert_eq!(seal(&county, round).await, Some(Sealed::Published(46 + 6 + 7 + 12)));
        assert_eq!(seal(&county, round).await, None, "once");

        let c = county.test.db.read();
        assert_eq!(store::rounds::get(c, round).await.unwrap().unwrap().round.state, State::Published);
        assert_eq!(count(&county, "SELECT COUNT(*) FROM rating_ballots").await, 0);
        assert_eq!(count(&county, "SELECT COUNT(*) FROM rating_papers").await, 0);
        assert_eq!(count(&county, "SELECT COUNT(*) FROM rating_tallies WHERE grain = 3").await, 0);
        let block: Block = store::block_of(c, round, HEAD).await.unwrap().unwrap();
        assert!(before.counts_as(&Tally::recount(&block)) && block.len() == 46);
        let found = store::recount_sealed(c, round).await.unwrap();
        assert_eq!((found.ballots, found.wrong), (71, 0));

        assert_eq!(shown(&county, HEAD).await, Some(46));
        let of = async |subject| releases::of_subject(c, subject).await.unwrap().remove(0);
        assert!(releases::last_tally(c, &of(HEAD).await, HEAD).await.unwrap().is_some());
        assert_eq!(shown(&county, SubjectId::Cadre(OTHERS[0])).await, None);
        // Two small ones of one village are told together, and in no other way.
        let margin =
            async |unit| releases::margin(c, round, unit).await.unwrap().map(|m| (m.n, m.subjects, m.pooled));
        assert_eq!(margin(SHITAN).await, Some((13, 0, 2)));
        assert_eq!(margin(LIUHE).await, Some((58, 2, 0)));
        assert_eq!(margin(0).await, Some((71, 2, 2)));
        // And a recount of the blocks sees what is wrong.
        let sql = "UPDATE rating_blocks SET block = (SELECT block FROM rating_blocks WHERE subject = $1) WHERE subject = $2";
        exec(county.test.db.writer(), sql, values![OTHERS[0] * 2, LIUHE_HEAD * 2]).await.unwrap();
        assert_eq!(store::recount_sealed(c, round).await.unwrap().wrong, 1);
    }
}

#[tokio::test]
async fn a_round_that_does_not_count_out_is_not_published() {
    for county in counties().await {
        let round = open(&county).await;
        cast(&county, round, HEAD, 0..12, 1).await;
        close(&county, round).await;
        let sql = "UPDATE rating_ballots SET bits = (SELECT MAX(bits) FROM rating_ballots)";
        exec(county.test.db.writer(), sql, values![]).await.unwrap();
        assert!(matches!(seal(&county, round).await, Some(Sealed::Wrong(wrong)) if wrong > 0));
        let c = county.test.db.read();
        assert_eq!(store::rounds::get(c, round).await.unwrap().unwrap().round.state, State::Closed);
        assert_eq!(count(&county, "SELECT COUNT(*) FROM rating_ballots").await, 12);
        assert_eq!(count(&county, "SELECT COUNT(*) FROM rating_releases").await, 0);
    }
}

#[tokio::test]
async fn four_that_came_last_are_in_no_figure_and_then_nothing_else_is_told() {
    for county in counties().await {
        let round = open(&county).await;
        cast(&county, round, HEAD, 0..40, 1).await;
        release(&county, round, MONDAY).await;
        cast(&county, round, HEAD, 40..44, 1).await;
        close(&county, round).await;
        assert_eq!(seal(&county, round).await, Some(Sealed::Published(44)));
        let c = county.test.db.read();
        let shown = releases::of_subject(c, HEAD).await.unwrap().remove(0);
        assert_eq!(shown.score.n, 40);
        assert!(releases::last_tally(c, &shown, HEAD).await.unwrap().is_none(), "44 beside 40 tells of four");
        assert_eq!(releases::margin(c, round, LIUHE).await.unwrap().unwrap().n, 40);
    }
}

#[tokio::test]
async fn withheld_powers_are_asked_about_by_no_round() {
    for county in counties().await {
        let round = open(&county).await;
        assert_eq!(store::rounds::subjects(county.test.db.read(), round).await.unwrap().1, 1);
        assert!(
            store::rounds::asked(county.test.db.read(), SubjectId::Power(72), NOW).await.unwrap().is_none()
        );
    }
}

#[tokio::test]
async fn the_ballots_of_a_stolen_sheet_are_found_while_the_key_lives_and_taken_out_of_every_count() {
    for county in counties().await {
        let round = open(&county).await;
        let key = keys::read(&county.vault, round).unwrap().unwrap();
        let names = [key.paper("AAAABBBBCCCC"), key.paper("AAAABBBBCCCD")];
        let tx = county.test.db.write().await.unwrap();
        let sheet = papers::add(&tx, round, LIUHE, names.to_vec(), 7, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let c = county.test.db.read();
        let asked = store::rounds::asked(c, HEAD, NOW).await.unwrap().unwrap();
        let typed = vec![Some(1); asked.questions.list.len()];
        let ballot = Ballot::check(Channel::Paper, &asked.questions, &typed).unwrap();
        let slip = |name: [u8; 16]| Slip {
            round,
            subject: HEAD,
            token: key.token(Proof::Paper(&name), HEAD),
            ballot,
            paper: Some(name),
        };
        let take = async |name| {
            let tx = county.test.db.write().await.unwrap();
            let counted = ballots::take(&tx, &[slip(name)], NOW).await.unwrap();
            tx.commit().await.unwrap();
            counted[0]
        };
        cast(&county, round, HEAD, 0..9, 1).await;
        assert_eq!(take(names[0]).await, Counted::New);
        assert_eq!(take(names[0]).await, Counted::Changed, "one slip is one voice");
        assert_eq!(take(key.paper("AAAABBBBCCCE")).await, Counted::Closed, "never printed");
        assert_eq!(ballots::tally(c, round, HEAD).await.unwrap().channel(Channel::Paper).n, 1);

        let tx = county.test.db.write().await.unwrap();
        assert!(papers::revoke(&tx, sheet, 7, "遗失", NOW).await.unwrap());
        assert!(!papers::revoke(&tx, sheet, 8, "又遗失", NOW).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(take(names[0]).await, Counted::Closed);
        assert_eq!(take(names[1]).await, Counted::Closed, "looked at where the ballot is taken down");
        let tx = county.test.db.write().await.unwrap();
        let kept = papers::get(&*tx, sheet).await.unwrap().unwrap();
        assert_eq!(papers::exclude(&tx, &key, &kept, NOW).await.unwrap(), 1);
        assert_eq!(papers::exclude(&tx, &key, &kept, NOW).await.unwrap(), 0, "once");
        tx.commit().await.unwrap();
        let tally = ballots::tally(c, round, HEAD).await.unwrap();
        assert_eq!((tally.all().n, tally.excluded, tally.channel(Channel::Paper).n), (9, 1, 0));
        assert!(agrees(&county, round).await);
        assert_eq!(papers::exclusions(c, round, HEAD).await.unwrap().len(), 1);
        close(&county, round).await;
        assert_eq!(seal(&county, round).await, Some(Sealed::Published(9)));
    }
}

async fn look(county: &County, round: i64, at: Millis) -> Option<usize> {
    let tx = county.test.db.write().await.unwrap();
    let raised = flags::look(&tx, round, &Watch::default(), at).await.unwrap();
    tx.commit().await.unwrap();
    raised
}

async fn say(county: &County, id: i64, who: i64, at: Millis) -> Result<Outcome, FlagError> {
    let tx = county.test.db.write().await.unwrap();
    let kept = flags::get(&*tx, id).await.unwrap().unwrap();
    let flag = kept.flag.clone().decide(who, false, Decision::Count, at)?;
    let outcome = flag.outcome(at);
    flags::save(&tx, &flags::Kept { flag, ..kept }, at).await.unwrap();
    tx.commit().await.unwrap();
    Ok(outcome)
}

#[tokio::test]
async fn a_flood_is_flagged_and_its_figure_held_until_two_people_looked() {
    for county in counties().await {
        let round = open(&county).await;
        let other = SubjectId::Cadre(OTHERS[0]);
        for day in 0..14 {
            let (at, first) = (NOW + day * DAY, day as u32 * 2);
            cast_at(&county, round, HEAD, first..first + 2, 1, at).await;
            cast_at(&county, round, other, first..first + 2, 1, at).await;
        }
        let flood = NOW + 14 * DAY;
        assert_eq!(look(&county, round, flood).await, Some(0), "calm days");
        assert_eq!(look(&county, round, flood).await, None, "looked at once");
        release(&county, round, flood).await;
        assert_eq!(shown(&county, HEAD).await, Some(28));
        cast_at(&county, round, HEAD, 1000..1060, 2, flood).await;
        // The day is not over.
        assert_eq!(look(&county, round, flood).await, None);
        let next = flood + DAY;
        assert_eq!(look(&county, round, next).await, Some(1));
        let c = county.test.db.read();
        let [kept] = &flags::of_subject(c, round, HEAD).await.unwrap()[..] else { panic!("one sign") };
        assert_eq!((kept.flag.sign, kept.burst.seen), (Sign::Burst, 60));
        assert!(flags::of_subject(c, round, other).await.unwrap().is_empty());
        // The next Monday it stays as it is; the day after, the same ballots raise no second sign.
        assert_eq!(release(&county, round, MONDAY + 2 * WEEK).await, Some(0));
        assert_eq!(shown(&county, HEAD).await, Some(28));
        assert_eq!(look(&county, round, next + DAY).await, Some(0));
        assert_eq!(say(&county, kept.id, 7, next).await, Ok(Outcome::Open));
        assert_eq!(say(&county, kept.id, 7, next).await, Err(FlagError::Twice));
        assert_eq!(release(&county, round, MONDAY + 3 * WEEK).await, Some(0), "one is not two");
        assert_eq!(release(&county, round, MONDAY + 5 * WEEK).await, Some(1), "the term is over");
        assert_eq!(shown(&county, HEAD).await, Some(88));
    }
}

#[tokio::test]
async fn when_two_people_agree_the_figure_is_free_before_the_term_is_over() {
    for county in counties().await {
        let round = open(&county).await;
        cast_at(&county, round, HEAD, 0..60, 1, NOW).await;
        assert_eq!(look(&county, round, NOW + DAY).await, Some(1));
        let id = flags::of_subject(county.test.db.read(), round, HEAD).await.unwrap()[0].id;
        assert_eq!(release(&county, round, MONDAY).await, Some(0));
        say(&county, id, 7, MONDAY).await.unwrap();
        assert_eq!(say(&county, id, 8, MONDAY).await, Ok(Outcome::Counted));
        assert_eq!(release(&county, round, MONDAY + WEEK).await, Some(1));
        assert_eq!(shown(&county, HEAD).await, Some(60));
    }
}

#[tokio::test]
async fn whoever_is_tied_to_the_subject_looks_into_no_sign_about_it() {
    for county in counties().await {
        let round = open(&county).await;
        let tx = county.test.db.write().await.unwrap();
        cadre(&tx, 305, LIUHE).await;
        for (account, behind) in
            [(901, Some(LIUHE_HEAD)), (902, Some(305)), (903, Some(OTHERS[0])), (904, None)]
        {
            let sql = "INSERT INTO accounts (id, login, name, disabled, created_at, cadre_id) VALUES ($1, $2, $2, $3, 0, $4)";
            exec(&*tx, sql, values![account, format!("a{account}"), false, behind]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let conflict =
            async |account| flags::conflict(county.test.db.read(), account, round, HEAD).await.unwrap();
        assert!(conflict(901).await, "the head");
        assert!(conflict(902).await, "somebody below");
        assert!(!conflict(903).await && !conflict(904).await);
        for (account, about) in [(903, About::Unit(LIUHE)), (904, About::Cadre(LIUHE_HEAD))] {
            let tx = county.test.db.write().await.unwrap();
            crate::recusals::store::declare(&tx, account, about, 10, NOW).await.unwrap();
            tx.commit().await.unwrap();
            assert!(conflict(account).await, "{account}");
        }
    }
}
