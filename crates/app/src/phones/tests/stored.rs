//! Codes and counters as they are stored, against a small model, with a clock that jumps.

use super::*;
use crate::{
    migrations,
    phones::{BURST, LIMITS, PACE, code::Code},
    sms::store::unsent,
};
use daylight_db::{Db, testing::engines};
use proptest::{prelude::*, test_runner::TestRunner};
use std::collections::BTreeMap;

const NOW: Millis = 1_795_312_800_000;
const MINUTE: Millis = 60_000;
const TOKENS: [&str; 2] = ["mine", "theirs"];
/// Two numbers; the first in three spellings.
const SPELLINGS: [&str; 4] = ["13949631669", "+86 139-4963-1669", "０１３９４９６３１６６９", "15800000000"];

fn phone(spelling: usize) -> Phone {
    Phone::parse(SPELLINGS[spelling]).unwrap()
}

#[derive(Clone, Debug)]
enum Step {
    Request {
        spelling: usize,
        token: usize,
    },
    /// With the code last sent there (right) or another.
    Prove {
        spelling: usize,
        token: usize,
        right: bool,
    },
    Clock {
        by: Millis,
    },
    Proved {
        token: usize,
    },
    Forget {
        token: usize,
    },
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    let (spelling, token) = (0..SPELLINGS.len(), 0..TOKENS.len());
    let clock = prop_oneof![
        4 => 0..2 * MINUTE,
        2 => 4 * MINUTE..6 * MINUTE,
        2 => 0..70 * MINUTE,
        1 => Just(DAY),
        1 => -2 * MINUTE..0,
        1 => -2 * DAY..0,
    ];
    prop_oneof![
        6 => (spelling.clone(), token.clone()).prop_map(|(spelling, token)| Step::Request { spelling, token }),
        6 => (spelling, token.clone(), prop::bool::weighted(0.4))
            .prop_map(|(spelling, token, right)| Step::Prove { spelling, token, right }),
        6 => clock.prop_map(|by| Step::Clock { by }),
        2 => token.clone().prop_map(|token| Step::Proved { token }),
        1 => token.prop_map(|token| Step::Forget { token }),
        1 => Just(Step::Sweep),
    ]
}

/// What should be, told without tables: numbers by canonical spelling.
#[derive(Default)]
struct Model {
    now: Millis,
    sent: BTreeMap<String, Vec<Millis>>,
    codes: BTreeMap<(String, usize), (String, i64, Millis)>,
    /// Which of them did not leave at once: after the clock went back, others' turns lie ahead.
    queued: BTreeMap<(String, usize), Millis>,
    proofs: BTreeMap<usize, (String, Millis)>,
}

impl Model {
    fn lives(&self, at: Millis, so_long: Millis) -> bool {
        (self.now - at).abs() < so_long
    }

    /// Whether a number gets a message now.
    fn request(&mut self, number: &str) -> bool {
        let now = self.now;
        let sent = self.sent.entry(number.to_owned()).or_default();
        sent.iter_mut().for_each(|at| *at = (*at).min(now));
        let full =
            |(most, within): &(usize, Millis)| sent.iter().filter(|at| **at > now - within).count() >= *most;
        if LIMITS.iter().any(full) {
            return false;
        }
        sent.push(now);
        true
    }

    fn prove(&mut self, number: &str, token: usize, right: bool) -> Proved {
        let key = (number.to_owned(), token);
        let now = self.now;
        let lives = |at: Millis| (now - at).abs() < CODE_LIVES;
        let Some((_, tries, _)) =
            self.codes.get_mut(&key).filter(|(_, tries, at)| *tries < TRIES && lives(*at))
        else {
            return Proved::Gone;
        };
        *tries += 1;
        let left = TRIES - *tries;
        if right {
            self.codes.remove(&key);
            self.proofs.insert(token, key_proof(number, now));
            return Proved::Yes;
        }
        if left > 0 { Proved::Wrong { left } } else { Proved::Gone }
    }
}

fn key_proof(number: &str, at: Millis) -> (String, Millis) {
    (number.to_owned(), at)
}

async fn live(db: &Db, vault: &Vault, history: &[Step]) {
    let mut model = Model { now: NOW, ..Model::default() };
    let tx = db.write().await.unwrap();
    for step in history {
        let now = model.now;
        match *step {
            Step::Clock { by } => model.now = (now + by).max(NOW / 2),
            Step::Request { spelling, token } => {
                let phone = phone(spelling);
                let purpose = Purpose::Report(TOKENS[token]);
                let got = request(&tx, vault, &phone, purpose, now).await.unwrap();
                let key = (phone.canonical().to_owned(), token);
                let waits =
                    |at: &&Millis| **at > now && **at <= now + QUEUE && model.codes.contains_key(&key);
                if let Some(from) = model.queued.get(&key).filter(waits) {
                    assert_eq!(got, Requested::Sent { from: *from, until: from + CODE_LIVES });
                    continue;
                }
                if matches!(got, Requested::Busy { .. }) {
                    continue;
                }
                let may = model.request(phone.canonical());
                assert_eq!(matches!(got, Requested::Sent { .. }), may, "{got:?} at {now}");
                if let Requested::Wait { until } = got {
                    assert!(until > now && until <= now + DAY);
                    continue;
                }
                let (to, template, params) = unsent(&*tx, vault).await.pop().unwrap();
                assert_eq!((to.as_str(), template.as_str()), (phone.canonical(), "code"));
                let code = params["code"].as_str().unwrap().to_owned();
                let Requested::Sent { from, .. } = got else { panic!("{got:?}") };
                assert!(from >= now && from <= now + QUEUE);
                model.queued.remove(&key);
                if from > now {
                    model.queued.insert(key, from);
                }
                model.codes.insert((to, token), (code, 0, from));
            }
            Step::Prove { spelling, token, right } => {
                let phone = phone(spelling);
                let sent = model.codes.get(&(phone.canonical().to_owned(), token));
                let digits = sent.map_or("000000", |(code, _, _)| code);
                // Another code: its last digit moved on.
                let last = digits.as_bytes()[5] - b'0';
                let other = format!("{}{}", &digits[..5], (last + 1) % 10);
                let code = Code::parse(if right { digits } else { &other }).unwrap();
                let purpose = Purpose::Report(TOKENS[token]);
                let got = prove(&tx, vault, &phone, purpose, &code, now).await.unwrap();
                assert_eq!(got, model.prove(phone.canonical(), token, right), "{step:?} at {now}");
            }
            Step::Proved { token } => {
                let got = proved(&*tx, vault, TOKENS[token], now).await.unwrap();
                let should = model.proofs.get(&token).filter(|(_, at)| model.lives(*at, PROOF_LIVES));
                assert_eq!(got.as_ref().map(Phone::canonical), should.map(|(number, _)| number.as_str()));
            }
            Step::Forget { token } => {
                forget(&tx, TOKENS[token]).await.unwrap();
                model.proofs.remove(&token);
            }
            Step::Sweep => {
                sweep(&tx, now).await.unwrap();
                model.codes.retain(|_, (_, _, at)| *at > now - CODE_LIVES);
                model.proofs.retain(|_, (_, at)| *at > now - PROOF_LIVES);
                model.sent.values_mut().for_each(|sent| sent.retain(|at| *at > now - DAY));
            }
        }
    }
}

#[test]
fn random_histories_keep_every_limit_on_both_engines() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(&folder.path().join("keys"), 0).unwrap();
    let databases = runtime.block_on(async {
        let databases = engines().await;
        for test in &databases {
            migrations::migrate(&test.db).await.unwrap();
        }
        databases
    });
    for test in &databases {
        let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
        let run = |history: Vec<Step>| {
            // Never committed: each history begins with empty tables.
            runtime.block_on(live(&test.db, &vault, &history));
            Ok(())
        };
        TestRunner::new(config).run(&proptest::collection::vec(step(), 1..60), run).unwrap();
    }
}

async fn fresh() -> (Vec<daylight_db::testing::TestDb>, Vault, tempfile::TempDir) {
    let databases = engines().await;
    for test in &databases {
        migrations::migrate(&test.db).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(&folder.path().join("keys"), 0).unwrap();
    (databases, vault, folder)
}

async fn ask(db: &Db, vault: &Vault, token: &str) -> Requested {
    let tx = db.write().await.unwrap();
    let got = request(&tx, vault, &phone(0), Purpose::Report(token), NOW).await.unwrap();
    tx.commit().await.unwrap();
    got
}

async fn attempt(db: &Db, vault: &Vault, token: &str, code: &str) -> Proved {
    let tx = db.write().await.unwrap();
    let code = Code::parse(code).unwrap();
    let got = prove(&tx, vault, &phone(0), Purpose::Report(token), &code, NOW).await.unwrap();
    tx.commit().await.unwrap();
    got
}

async fn sent_code(db: &Db, vault: &Vault) -> String {
    let (_, _, params) = unsent(db.read(), vault).await.pop().unwrap();
    params["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn requests_at_once_send_one_message() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        let asks = (0..8).map(|_| ask(&test.db, &vault, "mine"));
        let got = futures_util::future::join_all(asks).await;
        let sent = got.iter().filter(|got| matches!(got, Requested::Sent { .. })).count();
        assert_eq!(sent, 1, "{got:?}");
        assert_eq!(unsent(test.db.read(), &vault).await.len(), 1);
    }
}

#[tokio::test]
async fn wrong_tries_at_once_count_one_by_one() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        ask(&test.db, &vault, "mine").await;
        let right = sent_code(&test.db, &vault).await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let tries = (0..8).map(|_| attempt(&test.db, &vault, "mine", wrong));
        let got = futures_util::future::join_all(tries).await;
        let mut left: Vec<_> = got
            .iter()
            .filter_map(|got| match got {
                Proved::Wrong { left } => Some(*left),
                _ => None,
            })
            .collect();
        left.sort_unstable();
        assert_eq!(left, [1, 2, 3, 4], "{got:?}");
        assert_eq!(attempt(&test.db, &vault, "mine", &right).await, Proved::Gone, "used up");
    }
}

#[tokio::test]
async fn the_same_code_twice_at_once_proves_once_and_only_in_its_browser() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        ask(&test.db, &vault, "mine").await;
        let right = sent_code(&test.db, &vault).await;
        assert_eq!(attempt(&test.db, &vault, "theirs", &right).await, Proved::Gone);
        let tries = (0..4).map(|_| attempt(&test.db, &vault, "mine", &right));
        let got = futures_util::future::join_all(tries).await;
        assert_eq!(got.iter().filter(|got| **got == Proved::Yes).count(), 1, "{got:?}");
        let found = proved(test.db.read(), &vault, "mine", NOW).await.unwrap();
        assert_eq!(found.unwrap().canonical(), phone(0).canonical());
        assert!(proved(test.db.read(), &vault, "theirs", NOW).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_land_line_is_told_so_and_costs_nothing() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        let tx = test.db.write().await.unwrap();
        let office = Phone::parse("0899-2075186").unwrap();
        let got = request(&tx, &vault, &office, Purpose::Report("mine"), NOW).await.unwrap();
        assert_eq!(got, Requested::NotMobile);
        assert!(unsent(&*tx, &vault).await.is_empty());
    }
}

fn number(at: i64) -> Phone {
    Phone::parse(&format!("139{at:08}")).unwrap()
}

#[tokio::test]
async fn codes_to_many_numbers_are_queued_and_told_and_the_enemy_is_forgotten_soon() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        let tx = test.db.write().await.unwrap();
        // All these drafts are empty: they stand in the shorter queue.
        let end = Lane::Empty.end();
        let (mut from, mut busy) = (Vec::new(), 0);
        for at in 0..200 {
            let token = format!("draft {at}");
            match request(&tx, &vault, &number(at), Purpose::Report(&token), NOW).await.unwrap() {
                Requested::Sent { from: at, until } => {
                    assert_eq!(until, at + CODE_LIVES);
                    from.push(at);
                }
                Requested::Busy { until } => {
                    assert!(until > NOW && until <= NOW + MINUTE);
                    busy += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((from.len() as i64, busy), (BURST + end / PACE, 200 - BURST - end / PACE));
        assert!(from.is_sorted() && from[BURST as usize - 1] == NOW && from[BURST as usize] == NOW + PACE);
        // Each leaves at its time, and not before.
        let late = async |now| sms::store::late(&*tx, now).await.unwrap();
        assert_eq!((late(NOW).await, late(NOW + PACE).await), (BURST, BURST + 1));
        // Asked once more, the queued one is the same: no second message, no second place.
        let last = from.len() as i64 - 1;
        let token = format!("draft {last}");
        let again =
            request(&tx, &vault, &number(last), Purpose::Report(&token), NOW + 2 * MINUTE).await.unwrap();
        assert_eq!(again, Requested::Sent { from: NOW + end, until: NOW + end + CODE_LIVES });
        assert_eq!(sms::waiting(&*tx).await.unwrap(), last + 1);
        // Its code is good when it has left, for five minutes.
        let (_, _, params) = unsent(&*tx, &vault).await.pop().unwrap();
        let code = Code::parse(params["code"].as_str().unwrap()).unwrap();
        let at = NOW + end + 4 * MINUTE;
        let got = prove(&tx, &vault, &number(last), Purpose::Report(&token), &code, at).await.unwrap();
        assert_eq!(got, Proved::Yes);
        // Half an hour after the last, codes leave at once again.
        let now = NOW + end + PACE;
        let got = request(&tx, &vault, &number(999), Purpose::Report("honest"), now).await.unwrap();
        assert_eq!(got, Requested::Sent { from: now, until: now + CODE_LIVES });
        // Full of them, whoever has told something still gets a code at once.
        for at in 0..200 {
            let token = format!("more {at}");
            request(&tx, &vault, &number(1_000 + at), Purpose::Report(&token), now).await.unwrap();
        }
        let told = crate::cases::testing::draft();
        crate::reports::store::save_draft(&tx, &vault, "told", &told, now).await.unwrap();
        let ask =
            async |at, token| request(&tx, &vault, &number(at), Purpose::Report(token), now).await.unwrap();
        assert!(matches!(ask(2_000, "empty").await, Requested::Busy { .. }));
        assert_eq!(ask(2_001, "told").await, Requested::Sent { from: now, until: now + CODE_LIVES });
    }
}

#[tokio::test]
async fn a_draft_has_codes_sent_to_three_numbers_and_nothing_links_them_once_it_is_submitted() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        let tx = test.db.write().await.unwrap();
        let ask = async |at: i64, token: &str, now: Millis| {
            request(&tx, &vault, &number(at), Purpose::Report(token), now).await.unwrap()
        };
        for at in 0..NUMBERS {
            assert!(matches!(ask(at, "mine", NOW).await, Requested::Sent { .. }));
        }
        assert_eq!(ask(7, "mine", NOW).await, Requested::Numbers);
        assert!(matches!(ask(7, "theirs", NOW).await, Requested::Sent { .. }));
        // The numbers that it had may be asked for again.
        assert!(matches!(ask(0, "mine", NOW + 2 * MINUTE).await, Requested::Sent { .. }));
        assert!(matches!(ask(8, "mine", NOW + 2 * MINUTE + DAY).await, Requested::Sent { .. }));
        forget(&tx, "mine").await.unwrap();
        let sql = "SELECT COUNT(*) FROM phone_messages WHERE draft = $1";
        let of = async |token| scalar::<i64>(&*tx, sql, values![token_hash(token)]).await.unwrap();
        assert_eq!((of("mine").await, of("theirs").await), (0, 1));
    }
}

#[tokio::test]
async fn no_number_and_no_code_is_stored_in_the_clear() {
    let (databases, vault, _folder) = fresh().await;
    for test in databases {
        ask(&test.db, &vault, "mine").await;
        let code = sent_code(&test.db, &vault).await;
        attempt(&test.db, &vault, "mine", &code).await;
        let payload: String =
            scalar(test.db.read(), "SELECT payload FROM jobs WHERE kind = 'sms.send'", values![])
                .await
                .unwrap();
        assert_eq!(payload, "{\"message\":1}");
        for (table, column) in
            [("sms_messages", "content_sealed"), ("phone_proofs", "phone_sealed"), ("phone_messages", "key")]
        {
            let bytes: Vec<u8> =
                scalar(test.db.read(), &format!("SELECT {column} FROM {table}"), values![]).await.unwrap();
            let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!holds("13949631669") && !holds(&code), "{table}");
        }
    }
}
