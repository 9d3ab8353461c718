//! Random histories of several workers, compared step by step with a small model of the promises.

use crate::store::{ATTEMPTS, FinishError, KEEP, LONGEST_LEASE, NewJob, backoff};
use crate::{Job, claim, due_count, enqueue, extend, fail, failed, finish, retry, revive, sweep};
use daylight_db::{Db, exec, values};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

const KINDS: [&str; 2] = ["a", "b"];
const LEASE: i64 = 60_000;

#[derive(Clone, Debug)]
enum Step {
    Enqueue {
        kind: usize,
        key: Option<u8>,
        delay: i64,
        commit: bool,
    },
    Claim {
        kinds: usize,
    },
    /// The number picks one of the jobs some worker believes to hold.
    Finish {
        held: usize,
        commit: bool,
    },
    Retry {
        held: usize,
    },
    Fail {
        held: usize,
    },
    Extend {
        held: usize,
    },
    Crash {
        held: usize,
    },
    Clock {
        by: i64,
    },
    Revive {
        failed: usize,
    },
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    let held = 0..8_usize;
    let delay = prop_oneof![3 => Just(0), 1 => -LEASE..2 * LEASE];
    let clock = prop_oneof![
        5 => 0..LEASE,
        3 => LEASE..3 * LEASE,
        1 => Just(LONGEST_LEASE),
        1 => Just(-LONGEST_LEASE - LEASE),
        1 => -2 * LEASE..0,
        1 => Just(KEEP + 1),
    ];
    prop_oneof![
        4 => (0..KINDS.len(), proptest::option::of(0..3_u8), delay, prop::bool::weighted(0.8))
            .prop_map(|(kind, key, delay, commit)| Step::Enqueue { kind, key, delay, commit }),
        8 => (1..4_usize).prop_map(|kinds| Step::Claim { kinds }),
        3 => (held.clone(), prop::bool::weighted(0.7)).prop_map(|(held, commit)| Step::Finish { held, commit }),
        2 => held.clone().prop_map(|held| Step::Retry { held }),
        1 => held.clone().prop_map(|held| Step::Fail { held }),
        2 => held.clone().prop_map(|held| Step::Extend { held }),
        2 => held.clone().prop_map(|held| Step::Crash { held }),
        5 => clock.prop_map(|by| Step::Clock { by }),
        1 => held.prop_map(|failed| Step::Revive { failed }),
        1 => Just(Step::Sweep),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Open,
    Finished(i64),
    Failed,
}

#[derive(Debug)]
struct Row {
    id: i64,
    kind: &'static str,
    key: Option<u8>,
    run_at: i64,
    attempts: i64,
    allowed: i64,
    lease: Option<i64>,
    end: End,
}

#[derive(Default)]
struct Model {
    now: i64,
    rows: Vec<Row>,
}

impl Model {
    fn due(&self, kinds: &[&str]) -> Option<usize> {
        let now = self.now;
        let free = |row: &Row| row.lease.is_none_or(|end| end <= now || end > now + LONGEST_LEASE);
        let due =
            |row: &&Row| row.end == End::Open && row.run_at <= now && free(row) && kinds.contains(&row.kind);
        let first = self.rows.iter().filter(due).min_by_key(|row| (row.run_at, row.id))?.id;
        self.rows.iter().position(|row| row.id == first)
    }

    fn claim(&mut self, kinds: &[&str]) -> Option<(i64, i64)> {
        while let Some(at) = self.due(kinds) {
            let row = &mut self.rows[at];
            row.attempts += 1;
            row.lease = Some(self.now + LEASE);
            if row.attempts <= row.allowed {
                return Some((row.id, row.attempts));
            }
            (row.end, row.lease) = (End::Failed, None);
        }
        None
    }

    /// The row that a worker still holds.
    fn held(&mut self, job: &Job) -> Option<&mut Row> {
        let holds = |row: &&mut Row| row.id == job.id && row.attempts == job.attempts && row.end == End::Open;
        self.rows.iter_mut().find(holds)
    }
}

struct World<'a> {
    db: &'a Db,
    model: Model,
    held: Vec<Job>,
    jumped_back: bool,
}

impl World<'_> {
    async fn step(&mut self, step: &Step) {
        let now = self.model.now;
        match *step {
            Step::Enqueue { kind, key, delay, commit } => self.enqueue(KINDS[kind], key, delay, commit).await,
            Step::Claim { kinds } => {
                self.claim([&KINDS[..1], &KINDS[1..], &KINDS[..]][kinds - 1]).await;
            }
            Step::Clock { by } => {
                self.model.now = now + by;
                self.jumped_back |= by < 0;
            }
            Step::Sweep => {
                let tx = self.db.write().await.unwrap();
                let swept = sweep(&tx, now).await.unwrap();
                tx.commit().await.unwrap();
                let before = self.model.rows.len();
                self.model.rows.retain(|row| !matches!(row.end, End::Finished(at) if at < now - KEEP));
                assert_eq!(swept as usize, before - self.model.rows.len());
            }
            Step::Revive { failed } => self.revive(failed).await,
            Step::Finish { held, .. }
            | Step::Retry { held }
            | Step::Fail { held }
            | Step::Extend { held }
            | Step::Crash { held } => {
                if !self.held.is_empty() {
                    let at = held % self.held.len();
                    self.end(at, step).await;
                }
            }
        }
        let due = self.model.rows.iter().filter(|row| row.end == End::Open && row.run_at <= self.model.now);
        assert_eq!(due_count(self.db.read(), self.model.now).await.unwrap(), due.count() as i64);
    }

    async fn enqueue(&mut self, kind: &'static str, key: Option<u8>, delay: i64, commit: bool) {
        let (now, name) = (self.model.now, key.map(|key| format!("key {key}")));
        let run_at = now + delay;
        let tx = self.db.write().await.unwrap();
        let job = NewJob { kind, payload: &(), unique_key: name.as_deref(), run_at };
        let id = enqueue(&tx, &job, now).await.unwrap();
        let taken = key.is_some() && self.model.rows.iter().any(|row| row.key == key);
        assert_eq!(id.is_none(), taken, "a unique key is given once");
        if commit {
            tx.commit().await.unwrap();
            let row = |id| Row {
                id,
                kind,
                key,
                run_at,
                attempts: 0,
                allowed: ATTEMPTS,
                lease: None,
                end: End::Open,
            };
            self.model.rows.extend(id.map(row));
        }
    }

    async fn claim(&mut self, kinds: &[&str]) -> bool {
        let now = self.model.now;
        let expected = self.model.claim(kinds);
        let job = claim(self.db, kinds, now, LEASE).await.unwrap();
        assert_eq!(job.as_ref().map(|job| (job.id, job.attempts)), expected);
        let Some(job) = job else { return false };
        // Said once more without the model, in words that hold while the clock never went back.
        let shares = |other: &Job| other.id == job.id && other.leased_until > now;
        assert!(self.jumped_back || !self.held.iter().any(shares), "two live leases");
        assert!(self.held.iter().all(|other| (other.id, other.attempts) != (job.id, job.attempts)));
        self.held.push(job);
        true
    }

    async fn end(&mut self, at: usize, step: &Step) {
        let (db, now) = (self.db, self.model.now);
        let job = self.held[at].clone();
        let row = self.model.held(&job);
        let holds = row.is_some();
        match *step {
            Step::Finish { commit, .. } => {
                let tx = db.write().await.unwrap();
                match finish(&tx, &job, now).await {
                    Ok(()) => assert!(holds),
                    Err(FinishError::Lost(_)) => assert!(!holds),
                    Err(error) => panic!("{error}"),
                }
                if !commit {
                    drop(tx);
                    // PostgreSQL rolls back a moment later; wait for the row, else a claim steps over it.
                    exec(db.writer(), "UPDATE jobs SET id = id WHERE id = $1", values![job.id])
                        .await
                        .unwrap();
                    return; // and the worker goes on as if nothing had been
                }
                tx.commit().await.unwrap();
                row.into_iter().for_each(|row| (row.end, row.lease) = (End::Finished(now), None));
            }
            Step::Retry { .. } => {
                assert_eq!(retry(db, &job, "x", now).await.unwrap(), holds);
                row.into_iter().for_each(|row| {
                    row.lease = None;
                    match row.attempts >= row.allowed {
                        true => row.end = End::Failed,
                        false => row.run_at = now + backoff(row.attempts),
                    }
                });
            }
            Step::Fail { .. } => {
                assert_eq!(fail(db, &job, "x", now).await.unwrap(), holds);
                row.into_iter().for_each(|row| (row.end, row.lease) = (End::Failed, None));
            }
            Step::Extend { .. } => {
                assert_eq!(extend(db, &job, now, LEASE).await.unwrap(), holds);
                row.into_iter().for_each(|row| row.lease = Some(now + LEASE));
                if holds {
                    self.held[at].leased_until = now + LEASE;
                    return;
                }
            }
            _ => {} // crashed: the job is just forgotten
        }
        self.held.swap_remove(at);
    }

    async fn revive(&mut self, number: usize) {
        let mut expected: Vec<_> =
            self.model.rows.iter().filter(|row| row.end == End::Failed).map(|row| row.id).collect();
        let mut listed: Vec<_> = failed(self.db.read()).await.unwrap().iter().map(|job| job.id).collect();
        expected.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, expected);
        let Some(id) = listed.get(number % listed.len().max(1)).copied() else { return };
        let now = self.model.now;
        let tx = self.db.write().await.unwrap();
        assert!(revive(&tx, id, now).await.unwrap());
        tx.commit().await.unwrap();
        let row = self.model.rows.iter_mut().find(|row| row.id == id).unwrap();
        (row.end, row.run_at, row.allowed) = (End::Open, now, row.attempts + ATTEMPTS);
    }

    /// Every worker dies and the clock goes on by no more than the longest lease: whatever was
    /// committed ends.
    async fn drain(&mut self) {
        self.held.clear();
        let latest = self.model.rows.iter().map(|row| row.run_at).max().unwrap_or(0);
        self.model.now = latest.max(self.model.now);
        for wait in [0, LONGEST_LEASE] {
            self.model.now += wait;
            while self.claim(&KINDS).await {
                self.end(0, &Step::Finish { held: 0, commit: true }).await;
            }
        }
        assert_eq!(due_count(self.db.read(), self.model.now).await.unwrap(), 0, "a job is lost");
        assert!(self.model.rows.iter().all(|row| row.attempts > 0 && row.end != End::Open));
    }
}

async fn live(db: &Db, history: &[Step]) {
    exec(db.writer(), "DELETE FROM jobs", values![]).await.unwrap();
    let mut world = World {
        db,
        model: Model { now: 10 * KEEP, ..Model::default() },
        held: Vec::new(),
        jumped_back: false,
    };
    for step in history {
        world.step(step).await;
    }
    world.drain().await;
}

#[test]
fn random_histories_keep_every_promise_on_both_engines() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let databases = runtime.block_on(crate::testing::databases());
    for test in &databases {
        // Only the order of things matters here, not the disk.
        let db = runtime.block_on(Db::open_with(&test.url, "OFF")).unwrap();
        let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
        let run = |history: Vec<Step>| {
            runtime.block_on(live(&db, &history));
            Ok(())
        };
        TestRunner::new(config).run(&vec(step(), 1..80), run).unwrap();
    }
}
