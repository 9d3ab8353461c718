//! Whether time tells what the bytes do not: a number that nobody has, beside one that somebody has with a code that is
//! wrong. Interleaved, each number asked once, because tries are counted by number.

use crate::{
    Arm, Bench,
    process::{Server, free_port, post},
    report::{body, village},
    table,
};
use anyhow::{Context, Result, ensure};
use daylight_app::reports::ReceiptNumber;
use std::{process::Command, time::Instant};

const ROUNDS: u64 = 200;
const REPORT: &str = r#"{"kind":"complaint","object":"unit","object_id":UNIT,"level":"anonymous",
    "what":"村里的低保名单只贴了两天就撕掉了，没有人看清名单上有谁。"}"#;

pub fn run(bench: &Bench) -> Result<()> {
    let folder = bench.folder.path().join("alike");
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(&bench.daylight);
    command.arg("demo").arg("--data").arg(&folder);
    command.args(["--scale", "village", "--listen", &address]);
    let (_server, _) = Server::start(&mut command, &address, "/healthz")?;
    let report = REPORT.replace("UNIT", &village(&address)?.to_string());
    let known = (0..2 * ROUNDS).map(|_| hand_in(&address, &report)).collect::<Result<Vec<_>>>()?;
    let (mut code, mut again, mut number) = (
        Arm::new("a number that somebody has, wrong code"),
        Arm::new("the same with others (A/A)"),
        Arm::new("a number that nobody has"),
    );
    let mut seen = None;
    for (round, pair) in (0..ROUNDS).zip(known.chunks(2)) {
        let unknown = ReceiptNumber::draw((round ^ 0x5DEE_CE66_D1CE_4E5B).to_be_bytes()).grouped();
        let mut ask = |arm: &mut Arm, number: &str| -> Result<()> {
            let form = format!("number={number}&code=0123-4567-89AB");
            let kind = [("Content-Type", "application/x-www-form-urlencoded")];
            let began = Instant::now();
            let (status, answer) = post(&address, "/reports/status", &kind, form.as_bytes())?;
            arm.rounds.push(began.elapsed().as_secs_f64() * 1_000.0);
            let (_, page) = answer.split_once("\r\n\r\n").context("a page")?;
            let first = seen.get_or_insert_with(|| (status, page.to_owned()));
            ensure!(*first == (status, page.to_owned()), "the answers differ in their bytes");
            Ok(())
        };
        // Each comes first as often as last.
        match round % 2 {
            0 => {
                ask(&mut code, &pair[0])?;
                ask(&mut number, &unknown)?;
                ask(&mut again, &pair[1])?;
            }
            _ => {
                ask(&mut again, &pair[1])?;
                ask(&mut number, &unknown)?;
                ask(&mut code, &pair[0])?;
            }
        }
    }
    let ratios = [
        ("unknown number / wrong code", number.median() / code.median()),
        ("A/A", again.median() / code.median()),
    ];
    table("wrong number and wrong code", "ms", &[&code, &again, &number], &ratios);
    Ok(())
}

/// Hands a report in and gives its number.
fn hand_in(address: &str, report: &str) -> Result<String> {
    let json = ("Content-Type", "application/json");
    let (_, answer) = post(address, "/api/v1/reports/drafts", &[json], b"{}")?;
    let bearer = format!("Bearer {}", body(&answer)?["draft"].as_str().context("a draft")?);
    let (_, answer) =
        post(address, "/api/v1/reports", &[json, ("Authorization", &bearer)], report.as_bytes())?;
    Ok(body(&answer)?["number"].as_str().context("a number")?.to_owned())
}
