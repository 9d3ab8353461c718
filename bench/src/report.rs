//! A report with 5 MB of evidence, beside what nobody can do without: drawing and wrapping a key, sealing, and making
//! it durable. Then fifty people at once.

use crate::{
    Arm, Bench,
    process::{Server, free_port, post},
    table,
};
use anyhow::{Context, Result, ensure};
use daylight_vault::{DataKey, Place, Vault};
use std::{fs, io::Write, path::Path, process::Command, thread, time::Instant};

const SIZE: usize = 5 << 20;
const ROUNDS: usize = 15;
const CLIENTS: usize = 50;
const REPORT: &str = r#"{"kind":"complaint","object":"unit","object_id":UNIT,"level":"anonymous",
    "what":"村里的低保名单只贴了两天就撕掉了，没有人看清名单上有谁。","points":["名单是谁定的"]}"#;

pub fn run(bench: &Bench) -> Result<()> {
    let folder = bench.folder.path().join("reports");
    fs::create_dir_all(&folder)?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(&bench.daylight);
    command.arg("demo").arg("--data").arg(folder.join("data"));
    command.args(["--scale", "village", "--listen", &address]);
    let (server, _) = Server::start(&mut command, &address, "/healthz")?;
    let unit = village(&address)?;
    let evidence = evidence();
    let vault = Vault::create(&folder.join("keys"), 0)?;
    let (mut ours, mut again, mut limit) = (
        Arm::new("draft, 5 MB as a form, submission"),
        Arm::new("the same once more (A/A)"),
        Arm::new("limit: key, sealing, fsync"),
    );
    for round in 0..ROUNDS {
        ours.rounds.push(hand_in(&address, unit, &evidence)?);
        limit.rounds.push(seal_alone(&vault, &folder, round, &evidence)?);
        again.rounds.push(hand_in(&address, unit, &evidence)?);
    }
    let ratios = [("ours / limit", ours.median() / limit.median()), ("A/A", ours.median() / again.median())];
    table("a report with 5 MB", "s", &[&ours, &again, &limit], &ratios);
    let (mut ours, mut limit) =
        (Arm::new("fifty reports at once"), Arm::new("limit: fifty times sealing at once"));
    let mut memory = Arm::new("resident memory afterwards");
    for round in 0..3 {
        ours.rounds.push(at_once(|_| hand_in(&address, unit, &evidence).map(drop))?);
        memory.rounds.push(server.resident()?);
        limit.rounds.push(at_once(|client| {
            seal_alone(&vault, &folder, 1_000 * (round + 1) + client, &evidence).map(drop)
        })?);
    }
    table(
        "fifty clients, 5 MB each",
        "s",
        &[&ours, &limit],
        &[("ours / limit", ours.median() / limit.median())],
    );
    table("fifty clients, memory of the server", "MiB", &[&memory], &[]);
    Ok(())
}

/// A document of noise: nothing in it can be packed, and no picture is drawn from it.
fn evidence() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = b"%PDF-1.4\n".to_vec();
    while bytes.len() < SIZE {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

pub fn village(address: &str) -> Result<i64> {
    let (_, answer) = crate::process::get(address, "/api/v1/units?category=village&per_page=1")?;
    body(&answer)?["items"][0]["id"].as_i64().context("a village")
}

pub fn body(answer: &str) -> Result<serde_json::Value> {
    let (_, body) = answer.split_once("\r\n\r\n").context("a body")?;
    // What is not announced by its length comes in pieces, each behind a line with its length.
    let start = body.find('{').context("JSON")?;
    let end = body.rfind('}').context("JSON")?;
    Ok(serde_json::from_str(&body[start..=end])?)
}

/// Seconds from the first request to the receipt.
fn hand_in(address: &str, unit: i64, evidence: &[u8]) -> Result<f64> {
    let began = Instant::now();
    let json = "application/json";
    let (_, answer) = post(address, "/api/v1/reports/drafts", &[("Content-Type", json)], b"{}")?;
    let token = body(&answer)?["draft"].as_str().context("a draft")?.to_owned();
    let mut form = b"--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\
                     Content-Type: application/pdf\r\n\r\n"
        .to_vec();
    form.extend_from_slice(evidence);
    form.extend_from_slice(b"\r\n--edge--\r\n");
    let cookie = format!("daylight_report={token}");
    let kind = "multipart/form-data; boundary=edge";
    let (status, answer) =
        post(address, "/reports/evidence/form", &[("Content-Type", kind), ("Cookie", &cookie)], &form)?;
    ensure!(status == 303 && !answer.contains("refused="), "the file was not taken: {status}");
    let report = REPORT.replace("UNIT", &unit.to_string());
    let bearer = format!("Bearer {token}");
    let headers = [("Content-Type", json), ("Authorization", bearer.as_str())];
    let (status, answer) = post(address, "/api/v1/reports", &headers, report.as_bytes())?;
    ensure!(status == 200 && body(&answer)?["accepted"] == true, "the report was not taken: {status}");
    Ok(began.elapsed().as_secs_f64())
}

/// Seconds to draw and wrap a key, to seal and to have it on the disk.
fn seal_alone(vault: &Vault, folder: &Path, number: usize, evidence: &[u8]) -> Result<f64> {
    let began = Instant::now();
    let key = DataKey::draw(1);
    let place = |part: usize| Place::new("limit", format!("{number}/{part}"), "content");
    let wrapped = key.wrap(vault, &place(usize::MAX));
    let path = folder.join(format!("limit-{number}"));
    let mut file = fs::File::create(&path)?;
    file.write_all(&wrapped)?;
    for (part, chunk) in evidence.chunks(512 << 10).enumerate() {
        file.write_all(&key.seal(&place(part), chunk))?;
    }
    file.sync_all()?;
    fs::File::open(folder)?.sync_all()?;
    Ok(began.elapsed().as_secs_f64())
}

/// Seconds until all are through.
fn at_once(one: impl Fn(usize) -> Result<()> + Sync) -> Result<f64> {
    let began = Instant::now();
    thread::scope(|scope| {
        let one = &one;
        let all: Vec<_> = (0..CLIENTS).map(|client| scope.spawn(move || one(client))).collect();
        all.into_iter().try_for_each(|client| client.join().expect("a client"))
    })?;
    Ok(began.elapsed().as_secs_f64())
}
