//! Comparing files: what comes out, which exit code, and nothing left behind.

use crate::program::{Ran, daylight};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

const ZHAO: &str = "999901195001010119";
const HEAD: &str = "身份证号,姓名,发放日期,发放金额\n";

fn entry(kind: &str) -> String {
    format!(
        "name = \"{kind}\"\nkind = \"{kind}\"\nowner = \"安澜县财政局\"\nbasis = \"《社会救助暂行办法》\"\n\
         agreement = \"安澜数〔2026〕3号\"\npurpose = \"核对\"\nretention-days = 30\n"
    )
}

fn write(folder: &Path, name: &str, text: &str, kind: &str) {
    std::fs::write(folder.join(name), text).unwrap();
    std::fs::write(folder.join(format!("{name}.toml")), entry(kind)).unwrap();
}

/// Payments on these days, and a roster on which 赵守田 died on 2024-03-10.
fn folder(days: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = days.iter().map(|day| format!("{ZHAO},赵守田,{day},120\n")).collect();
    write(folder.path(), "发放.csv", &format!("{HEAD}{rows}1234,钱有粮,2024-01-01,1\n"), "payments");
    let dead = format!("身份证号,姓名,死亡日期\n{ZHAO},赵守田,2024-03-10\n");
    write(folder.path(), "死亡.csv", &dead, "deceased");
    folder
}

const ASKED: [&str; 7] =
    ["compare", "--ledger", "发放.csv", "--roster", "deceased=死亡.csv", "--rule", "dead-at-payment"];

fn compare(folder: &Path, more: &[&str]) -> Ran {
    let mut command = daylight(ASKED);
    let output = command.args(more).current_dir(folder).output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn hits_are_exit_code_4_and_none_is_0() {
    let found = folder(&["2024-03-10", "2024-06-01"]);
    let ran =
        compare(found.path(), &["--out", "疑点.xlsx", "--problems", "问题.csv", "--manifest", "记录.json"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("疑点 1 条") && ran.out.contains("疑点不是结论"), "{ran:?}");
    assert!(!ran.out.contains(ZHAO) && !ran.out.contains("赵守田"), "{ran:?}");
    for name in ["疑点.xlsx", "问题.csv", "记录.json"] {
        assert!(names(found.path()).contains(name), "{name}");
    }
    let none = folder(&["2024-03-10"]);
    assert_eq!(compare(none.path(), &[]).well().code, 0);
}

#[test]
fn json_is_a_line_for_each_hit_and_one_for_the_whole() {
    let folder = folder(&["2024-06-01"]);
    let ran = compare(folder.path(), &["--json"]);
    let lines: Vec<serde_json::Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [hit, done] = &lines[..] else { panic!("{ran:?}") };
    assert_eq!((&hit["event"], &hit["hit"]["rows"][0]["line"]), (&"hit".into(), &2.into()));
    assert_eq!(hit["hit"]["subject"], "999*************19");
    assert_eq!((&done["event"], &done["rules"][0]["hits"]), (&"done".into(), &1.into()));
    assert_eq!(done["ledgers"][0]["without_id"], 1);
    assert_eq!(done["manifest"]["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
    let shown = compare(folder.path(), &["--json", "--unmasked"]).json();
    assert_eq!(shown["hit"]["subject"], ZHAO);
}

#[test]
fn what_is_asked_wrongly_is_2_and_what_must_not_be_is_3() {
    let folder = folder(&["2024-06-01"]);
    assert_eq!(compare(folder.path(), &["--out", "疑点.pdf"]).code, 2);
    assert_eq!(compare(folder.path(), &["--out", "没有/疑点.xlsx"]).code, 2);
    assert_eq!(compare(folder.path(), &["--rule", "no-such-rule"]).code, 2);
    let before = std::fs::read(folder.path().join("发放.csv")).unwrap();
    assert_eq!(compare(folder.path(), &["--problems", "./发放.csv"]).code, 3);
    assert_eq!(compare(folder.path(), &["--manifest", "发放.csv.toml"]).code, 3);
    assert_eq!(std::fs::read(folder.path().join("发放.csv")).unwrap(), before, "a result over the data");
    std::fs::remove_file(folder.path().join("发放.csv.toml")).unwrap();
    let ran = compare(folder.path(), &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("发放.csv.toml") && ran.err.contains("purpose"), "{ran:?}");
    std::fs::write(folder.path().join("死亡.csv"), b"PK\x03\x04broken").unwrap();
    write(folder.path(), "发放.csv", HEAD, "payments");
    let ran = compare(folder.path(), &["--json"]);
    assert_eq!((ran.code, ran.json()["error"].is_string()), (1, true), "{ran:?}");
}

#[test]
fn a_run_that_is_stopped_leaves_nothing() {
    let folder = folder(&[]);
    let rows = format!("{ZHAO},赵守田,2024-06-01,120\n").repeat(1_000_000);
    write(folder.path(), "发放.csv", &format!("{HEAD}{rows}"), "payments");
    let before = names(folder.path());
    let mut child = daylight(ASKED)
        .args(["--json", "--out", "疑点.xlsx"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("progress"), "{line}");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let rest: Vec<String> = out.lines().map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(rest.last().unwrap().contains("已停止"), "{rest:?}");
    assert_eq!(names(folder.path()), before);
}

#[test]
fn kinds_and_rules_are_listed() {
    let output = daylight(["compare", "--list"]).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    for word in ["payments", "deceased", "dead-at-payment", "死亡后仍领取补贴"] {
        assert!(out.contains(word), "{out}");
    }
}
