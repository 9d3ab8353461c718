//! Reports with evidence of 1 to 20 MB while the power is cut: every acknowledged report opens with its number and
//! code, and staff get back every byte of its evidence.

use super::{Client, Cut, Demo, Disk, Ledger, path, pause, quiet, sh, verify};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

const CLIENTS: u64 = 4;

/// A report that was acknowledged.
struct Acknowledged {
    number: String,
    code: String,
    seed: u64,
}

/// Many clients hand in reports; the ledger outside keeps what was acknowledged; then the cut.
pub fn run(
    daylight: &Path,
    folder: &Path,
    rounds: u32,
    cut: Cut,
    synchronous: Option<&str>,
) -> Result<Ledger> {
    let mut ledger = Ledger { what: "reports", rounds, acknowledged: 0, lost: 0 };
    // A demonstration is made once; each round has a copy of its disk.
    let first = Disk::new(&folder.join(format!("reports-{}", synchronous.unwrap_or("full"))), "640M")?;
    drop(Demo::start(daylight, &first.mount.join("data"), synchronous)?);
    sh(&["sync", "-f", path(&first.mount)?])?;
    for round in 0..rounds {
        let disk = first.copy(&format!("{round}"))?;
        let demo = Demo::start(daylight, &disk.mount.join("data"), synchronous)?;
        let citizens = Client { address: demo.address.clone(), cookie: String::new() };
        let village = citizens.json_of(&citizens.get("/api/v1/units?category=village&per_page=1")?)?;
        let village = village["items"][0]["id"].as_i64().context("a village")?;
        let citizens = Arc::new(citizens);
        let stop = Arc::new(AtomicBool::new(false));
        let seeds = Arc::new(AtomicU64::new(u64::from(round) * 1_000_000));
        let acknowledged: Arc<Mutex<Vec<Acknowledged>>> = Arc::default();
        let writers: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (citizens, stop, seeds, acknowledged) =
                    (citizens.clone(), stop.clone(), seeds.clone(), acknowledged.clone());
                thread::spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        let seed = seeds.fetch_add(1, Ordering::SeqCst);
                        if let Ok(done) = hand_in(&citizens, village, seed) {
                            acknowledged.lock().expect("the ledger").push(done);
                        }
                    }
                })
            })
            .collect();
        pause(Duration::from_millis(1_500 + u64::from(round % 20) * 110));
        let copy = disk.cut(&demo, cut)?;
        stop.store(true, Ordering::SeqCst);
        drop(demo);
        for writer in writers {
            drop(writer.join());
        }
        let acknowledged = acknowledged.lock().expect("the ledger");
        ledger.acknowledged += acknowledged.len() as u64;
        ledger.lost += lost(daylight, &copy, &acknowledged, synchronous.is_some())
            .with_context(|| format!("round {round}"))?;
    }
    Ok(ledger)
}

/// How many acknowledged reports cannot be opened, or lack a byte.
fn lost(daylight: &Path, copy: &Disk, acknowledged: &[Acknowledged], control: bool) -> Result<u64> {
    let data = copy.mount.join("data");
    let sound = quiet(&verify(daylight, &data)).status()?.success();
    // Without syncing the database itself may be torn: then everything in it is lost.
    ensure!(sound || control, "verify found a fault");
    let Ok(demo) = Demo::start(daylight, &data, None) else {
        ensure!(control, "the server does not start on what was left");
        return Ok(acknowledged.len() as u64);
    };
    let citizen = Client { address: demo.address.clone(), cookie: String::new() };
    let files = match evidence(&demo) {
        // A torn database may not even know the staff any more.
        Err(_) if control => BTreeSet::new(),
        files => files?,
    };
    let mut lost = 0;
    for report in acknowledged {
        let ticket = serde_json::json!({ "number": report.number, "code": report.code });
        let answer = citizen.post_json("/api/v1/reports/status", None, &ticket)?;
        let opens = answer.starts_with("HTTP/1.1 200");
        lost += u64::from(!opens || !files.contains(&report.seed));
    }
    Ok(lost)
}

/// The seeds of all evidence that staff can get whole.
fn evidence(demo: &Demo) -> Result<BTreeSet<u64>> {
    let mut seeds = BTreeSet::new();
    for account in demo.accounts.iter().filter(|account| account["role"] == "intake") {
        let staff = demo.sign_in(account)?;
        let mut cases = BTreeSet::new();
        for page in 1.. {
            let list = staff.get(&format!("/office/cases?page={page}"))?;
            let before = cases.len();
            cases.extend(ids(&list, "href=\"/office/cases/"));
            if cases.len() == before {
                break;
            }
        }
        for case in cases {
            let page = staff.get(&format!("/office/cases/{case}"))?;
            for file in ids(&page, &format!("/office/cases/{case}/evidence?file=")) {
                let bytes = staff.bytes(&format!("/office/cases/{case}/evidence?file={file}"))?;
                seeds.extend(whole(&bytes));
            }
        }
    }
    Ok(seeds)
}

/// The numbers behind a mark in a page.
fn ids(page: &str, mark: &str) -> BTreeSet<u64> {
    let number = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    page.split(mark).skip(1).filter_map(number).collect()
}

/// Which evidence this is, if no byte of it is missing or changed.
fn whole(bytes: &[u8]) -> Option<u64> {
    let line = bytes.split(|byte| *byte == b'\n').nth(1)?;
    let seed = std::str::from_utf8(line).ok()?.strip_prefix("% ")?.parse().ok()?;
    (content(seed) == bytes).then_some(seed)
}

/// 1 to 20 MB that follow from a number.
fn content(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state
    };
    // Mostly small ones: the moment of the cut shall meet every step of the way.
    let size = if next() >> 33 & 7 == 0 { 1 + (next() >> 33) % 20 } else { 1 };
    let size = usize::try_from(size << 20).expect("20 MB");
    let mut bytes = format!("%PDF-1.4\n% {seed}\n").into_bytes();
    while bytes.len() < size {
        bytes.extend_from_slice(&next().to_le_bytes());
    }
    bytes
}

fn hand_in(citizens: &Client, village: i64, seed: u64) -> Result<Acknowledged> {
    let drawn = citizens.post_json("/api/v1/reports/drafts", None, &serde_json::json!({}))?;
    let token = citizens.json_of(&drawn)?["draft"].as_str().context("a draft")?.to_owned();
    let evidence = content(seed);
    let sent = citizens.post_file("/reports/evidence/form", &token, &evidence)?;
    ensure!(sent.starts_with("HTTP/1.1 303") && !sent.contains("refused="), "the file was not taken");
    let report = serde_json::json!({
        "kind": "complaint", "object": "unit", "object_id": village, "level": "anonymous",
        "what": format!("低保名单只贴了两天就撕掉了，这是第{seed}次反映"),
    });
    let answer = citizens.post_json("/api/v1/reports", Some(&token), &report)?;
    let receipt = citizens.json_of(&answer)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Acknowledged {
        number: text(&receipt["number"]).context("a number")?,
        code: text(&receipt["code"]).context("a code")?,
        seed,
    })
}
