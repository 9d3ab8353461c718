//! What is written: whole, masked, the same each time; and nothing else, anywhere.

use crate::world::{QIAN, World, ZHAO, deceased};
use daylight_comparison::masks::Masks;
use daylight_comparison::{Fault, export};
use std::collections::BTreeSet;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

const ACCOUNT: &str = "6222021001116245702";

fn world() -> World {
    let mut world = World::new(&["dead-at-payment", "account-of-many"]);
    deceased(&mut world);
    let rows =
        [("赵守田", ZHAO), ("钱有粮", QIAN), ("=孙", "999901197012310335"), ("李", "99990119701231033")];
    let rows = rows.map(|(name, id)| format!("{name},{id},2024-06-01,120.5,{ACCOUNT}\n"));
    let text = format!("姓名,身份证号,发放日期,发放金额,银行账号\n{}", rows.concat());
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    world
}

/// All texts of a workbook.
fn texts(path: &Path) -> String {
    let mut archive = zip_entries(path);
    archive.retain(|(name, _)| name.starts_with("xl/"));
    archive.into_iter().map(|(_, text)| text).collect()
}

fn zip_entries(path: &Path) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

#[test]
fn what_is_written_is_masked_unless_somebody_says_otherwise() {
    let world = world();
    let outcome = world.run().unwrap();
    let secrets = [ZHAO, QIAN, ACCOUNT, "赵守田", "钱有粮"];
    for (name, masks) in
        [("隐.xlsx", Masks::On), ("隐.ndjson", Masks::On), ("全.xlsx", Masks::Off), ("全.ndjson", Masks::Off)]
    {
        let path = world.path(name);
        export::hits(&outcome, &path, masks).unwrap();
        let text =
            if name.ends_with("xlsx") { texts(&path) } else { std::fs::read_to_string(&path).unwrap() };
        for secret in secrets {
            assert_eq!(text.contains(secret), masks == Masks::Off, "{secret} in {name}");
        }
        assert!(text.contains("dead-at-payment") || text.contains("死亡后仍领取补贴"), "{name}");
        assert!(!text.contains("<t>=孙") && !text.contains("<f>"), "{name}: a formula");
    }
    assert!(matches!(export::hits(&outcome, &world.path("疑点.pdf"), Masks::On), Err(Fault::OutKind(_))));
}

#[test]
fn the_list_of_problems_says_where_and_why_and_never_what() {
    let world = world();
    let outcome = world.run().unwrap();
    let path = world.path("问题.csv");
    export::problems(&outcome, &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "\u{FEFF}文件,工作表,行,栏目,问题\r\n发放.csv,,5,身份证号,身份证号位数不对，应为18位或15位\r\n"
    );
}

#[test]
fn a_second_run_writes_the_same_record_and_any_change_shows() {
    let record = |world: &World| serde_json::to_string(&world.run().unwrap().manifest).unwrap();
    let mut own = world();
    let first = record(&own);
    assert_eq!(record(&own), first);
    assert_eq!(record(&world()), first);
    for text in [ZHAO, "hits_sha256", "安澜数〔2026〕3号", "dead-at-payment"] {
        assert_eq!(first.contains(text), text != ZHAO, "{text}");
    }
    own.ledger(
        "payments",
        "再发.csv",
        format!("身份证号,发放日期,发放金额\n{ZHAO},2024-07-01,1\n").as_bytes(),
        "",
    );
    let second: serde_json::Value = serde_json::from_str(&record(&own)).unwrap();
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_ne!(first["hits_sha256"], second["hits_sha256"]);
    assert_eq!(first["inputs"][0]["sha256"], second["inputs"][0]["sha256"]);
    assert_eq!(second["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_file_that_changes_while_it_is_read_gives_no_result() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    let text = format!("身份证号,发放日期,发放金额\n{}", format!("{ZHAO},2024-06-01,120\n").repeat(70_000));
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let fault = world.comparison().unwrap().run(&mut |_| {
        let mut file = std::fs::OpenOptions::new().append(true).open(world.path("死亡人员.csv")).unwrap();
        std::io::Write::write_all(&mut file, b"\n").unwrap();
        ControlFlow::Continue(())
    });
    assert!(matches!(&fault, Err(Fault::Changed { file }) if file == "死亡人员.csv"), "{fault:?}");
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Every file this process has open, besides what it reads.
fn open_files() -> BTreeSet<String> {
    let entries = std::fs::read_dir("/proc/self/fd").unwrap();
    let target = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_link(entry.ok()?.path()).ok();
    entries.filter_map(target).map(|path| path.to_string_lossy().into_owned()).collect()
}

#[test]
fn nothing_is_written_while_it_runs_and_nothing_is_left_when_it_is_stopped() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    let text = format!("身份证号,发放日期,发放金额\n{}", format!("{ZHAO},2024-06-01,120\n").repeat(70_000));
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let before = names(world.folder.path());
    let own = std::fs::canonicalize(world.folder.path()).unwrap().to_string_lossy().into_owned();
    let mut told = 0;
    let fault = world.comparison().unwrap().run(&mut |progress| {
        told += 1;
        assert_eq!(progress.rows, 1 << 16);
        assert_eq!(names(world.folder.path()), before, "a staged copy");
        // No nameless temporary file either.
        let mine = open_files().into_iter().filter(|path| path.starts_with(&own)).collect::<Vec<_>>();
        assert!(mine.iter().all(|path| !path.contains("(deleted)")), "{mine:?}");
        ControlFlow::Break(())
    });
    assert!(matches!(fault, Err(Fault::Stopped)));
    assert_eq!(told, 1);
    assert_eq!(names(world.folder.path()), before);
}

#[test]
fn a_result_that_cannot_be_written_leaves_the_old_one() {
    let world = world();
    let outcome = world.run().unwrap();
    let folder = world.path("没有的文件夹");
    assert!(matches!(export::hits(&outcome, &folder.join("疑点.xlsx"), Masks::On), Err(Fault::Io { .. })));
    let path = world.path("疑点.ndjson");
    std::fs::write(&path, "旧").unwrap();
    export::hits(&outcome, &path, Masks::On).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
