//! Whether time tells what the bytes do not: a number that nobody has, beside one that somebody has with a code that is
//! wrong, interleaved, each number asked once, because tries are counted by number; and a case that somebody of the staff
//! is in conflict with, beside one that does not exist.

use crate::{
    Arm, Bench,
    process::{Server, free_port, get_as, post},
    report::{body, village},
    table,
};
use anyhow::{Context, Result, ensure};
use daylight_app::reports::ReceiptNumber;
use daylight_db::{Db, all, scalar, values};
use serde_json::Value;
use std::{path::Path, process::Command, time::Instant};

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
    staff(&address, &folder)
}

/// Somebody who declared to be out of what concerns a unit or a cadre asks for a case about it, and for one that does not exist.
fn staff(address: &str, folder: &Path) -> Result<()> {
    // Of some no organ of the county may have a case: such a report is passed on, and leaves none here.
    let mut login = None;
    for out in recused(folder)? {
        let (object, id) = match out["unit_id"].as_i64() {
            Some(unit) => ("\"unit\"", unit),
            None => ("\"cadre\"", out["cadre_id"].as_i64().context("a unit or a cadre")?),
        };
        let report = REPORT.replace("\"unit\"", object).replace("UNIT", &id.to_string());
        if handed_in(address, &report)?["number"].is_string() {
            login = out["login"].as_str().map(str::to_owned);
            break;
        }
    }
    let login = login.context("nobody is out of anything whose cases stay in the county")?;
    let last = format!("/office/cases/{}", last_case(folder)?);
    let cookie = sign_in(address, folder, &login)?;
    let (mut conflict, mut again, mut nothing) = (
        Arm::new("a case in conflict"),
        Arm::new("the same once more (A/A)"),
        Arm::new("a case that does not exist"),
    );
    let mut seen = None;
    for round in 0..ROUNDS {
        let mut ask = |arm: &mut Arm, path: &str| -> Result<()> {
            let began = Instant::now();
            let (status, answer) = get_as(address, path, &cookie)?;
            arm.rounds.push(began.elapsed().as_secs_f64() * 1_000.0);
            ensure!(status == 404, "{path} answers {status}");
            let (_, page) = answer.split_once("\r\n\r\n").context("a page")?;
            // The page names the address that was asked for.
            let number = path.rsplit('/').next().unwrap_or_default();
            let page = page.replace(&format!("cases/{number}"), "").replace(&format!("cases%2F{number}"), "");
            let first = seen.get_or_insert_with(|| page.clone());
            ensure!(*first == page, "the answers differ in their bytes");
            Ok(())
        };
        let none = "/office/cases/999999";
        let order = if round % 2 == 0 { [0, 1, 2] } else { [2, 1, 0] };
        for which in order {
            match which {
                0 => ask(&mut conflict, &last)?,
                1 => ask(&mut nothing, none)?,
                _ => ask(&mut again, &last)?,
            }
        }
    }
    let ratios = [
        ("not there / in conflict", nothing.median() / conflict.median()),
        ("A/A", again.median() / conflict.median()),
    ];
    table("a case in conflict and none", "ms", &[&conflict, &again, &nothing], &ratios);
    Ok(())
}

fn ask_database<T>(folder: &Path, ask: impl AsyncFnOnce(&Db) -> Result<T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let db = Db::open(&format!("sqlite:{}", folder.join("daylight.db").display())).await?;
        let answer = ask(&db).await;
        db.close().await?;
        answer
    })
}

fn recused(folder: &Path) -> Result<Vec<Value>> {
    let sql = "SELECT a.login, r.unit_id, r.cadre_id FROM recusals r JOIN accounts a ON a.id = r.account_id \
         WHERE r.ended_at IS NULL ORDER BY r.id";
    ask_database(folder, async |db| Ok(all(db.read(), sql, values![]).await?))
}

/// The case that came last: ids are drawn, the trail's numbers count.
fn last_case(folder: &Path) -> Result<i64> {
    let sql = "SELECT subject FROM audit_entries WHERE action = 'case.receive' ORDER BY id DESC LIMIT 1";
    let subject: String = ask_database(folder, async |db| Ok(scalar(db.read(), sql, values![]).await?))?;
    subject.strip_prefix("case ").and_then(|id| id.parse().ok()).context("a case in the trail")
}

/// A session of somebody of the demonstration.
fn sign_in(address: &str, folder: &Path, login: &str) -> Result<String> {
    let accounts: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("demo-accounts.json"))?)?;
    let account = accounts.iter().find(|account| account["login"] == login).context("their account")?;
    let password = account["password"].as_str().context("a password")?;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let given = |answer: &str| {
        let line = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = line.context("no session was given")?.split(';').next().unwrap_or_default();
        anyhow::Ok(cookie.to_owned())
    };
    let sent = format!("login={login}&password={password}");
    let cookie = given(&post(address, "/office/sign-in", &[form], sent.as_bytes())?.1)?;
    let (_, page) = get_as(address, "/office/sign-in/code", &cookie)?;
    // The demonstration shows the code of the moment.
    let shown = page.split("当前动态验证码是").nth(1).context("the code")?;
    let code: String = shown.chars().filter(char::is_ascii_digit).take(6).collect();
    let headers = [form, ("Cookie", cookie.as_str())];
    given(&post(address, "/office/sign-in/code", &headers, format!("code={code}").as_bytes())?.1)
}

/// Hands a report in and gives its number.
fn hand_in(address: &str, report: &str) -> Result<String> {
    Ok(handed_in(address, report)?["number"].as_str().context("a number")?.to_owned())
}

fn handed_in(address: &str, report: &str) -> Result<Value> {
    let json = ("Content-Type", "application/json");
    let (_, answer) = post(address, "/api/v1/reports/drafts", &[json], b"{}")?;
    let bearer = format!("Bearer {}", body(&answer)?["draft"].as_str().context("a draft")?);
    let (_, answer) =
        post(address, "/api/v1/reports", &[json, ("Authorization", &bearer)], report.as_bytes())?;
    body(&answer)
}
