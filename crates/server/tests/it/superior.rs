//! What belongs to the superior, from its key to its desk, by the commands of two machines.

use crate::program::{Ran, daylight, run};
use daylight_app::{
    reports::{Draft, Kind, Object, store as reports},
    superior,
};
use daylight_db::Db;
use daylight_vault::Vault;
use std::path::Path;

/// A command that needs no data folder, as on the superior's machine.
fn there(arguments: &[&str]) -> Ran {
    let output = daylight(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

const NOW: i64 = 1_795_312_800_000;

/// Somebody reports. A county without any organ can give it to nobody: it is the superior's.
async fn report(data: &Path, token: &str) -> String {
    let db = Db::open(&format!("sqlite:{}", data.join("daylight.db").display())).await.unwrap();
    let vault = Vault::open(&data.join("keys")).unwrap();
    let mut draft = Draft { level: "anonymous".into(), ..Draft::default() };
    (draft.kind, draft.object) = (Some(Kind::Accusation), Some(Object::Unknown));
    draft.facts.what = "县里的领导收了\u{1b}[31m礼金，有人看见".into();
    let tx = db.write().await.unwrap();
    let done = reports::submit(&tx, &vault, &draft.check(None).unwrap(), token, NOW).await.unwrap();
    let number = match done {
        reports::Submitted::Handed { number, .. } => number.grouped(),
        reports::Submitted::Elsewhere { .. } => String::new(),
        other => panic!("{other:?}"),
    };
    tx.commit().await.unwrap();
    db.close().await.unwrap();
    number
}

#[test]
fn a_sealed_report_goes_from_the_county_to_the_superiors_desk() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (data, at) =
        (folder.path().join("data"), |name: &str| folder.path().join(name).display().to_string());
    run(&data, &["init"]).well();
    assert!(runtime.block_on(report(&data, "before")).is_empty(), "no key yet: refused");
    // The superior makes its key; the county takes the public half and no other.
    let made = there(&["superior", "keygen", "--out", &at("key"), "--name", "安江市纪委监委", "--json"])
        .well()
        .json();
    assert_eq!(
        there(&["superior", "keygen", "--out", &at("key"), "--name", "甲"]).code,
        3,
        "never written over"
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(at("key")).unwrap().permissions());
    assert_eq!(mode & 0o077, 0);
    let private = run(&data, &["superior", "set-key", &at("key")]);
    assert!(private.code == 3 && private.err.contains("私钥只能留在上级机关的电脑上"), "{private:?}");
    let set = run(&data, &["superior", "set-key", &at("key.pub"), "--json"]).well().json();
    assert_eq!(set["fingerprint"], made["fingerprint"]);
    let shown = run(&data, &["superior", "key"]).well();
    assert!(shown.out.contains(made["fingerprint"].as_str().unwrap()), "{shown:?}");
    // Reported, carried, opened.
    let number = runtime.block_on(report(&data, "token"));
    let first = run(&data, &["superior", "export", "--out", &at("out"), "--json"]).well().json();
    assert_eq!(first["fetched"], 1);
    let again = run(&data, &["superior", "export", "--out", &at("out"), "--json"]).well().json();
    assert_eq!((&again["fetched"], &again["files"]), (&0.into(), &serde_json::json!([])));
    let package = first["files"][0].as_str().unwrap().to_owned();
    let bytes = std::fs::read(&package).unwrap();
    run(&data, &["superior", "export", "--out", &at("out"), "--all"]).well();
    assert!(std::fs::read(&package).unwrap() == bytes, "the same bytes each time");
    let opened = there(&["superior", "open", &package, "--key", &at("key"), "--json"]).well().json();
    assert_eq!(opened["contents"]["number"], number.as_str());
    let opened = there(&["superior", "open", &package, "--key", &at("key"), "--out", &at("case")]).well();
    assert!(opened.out.contains("礼金，有人看见") && !opened.out.contains('\u{1b}'), "{opened:?}");
    assert!(std::fs::read_to_string(folder.path().join("case/反映.txt")).unwrap().contains(&number));
    // The public half opens nothing, nor does a package that was cut.
    let public = there(&["superior", "open", &package, "--key", &at("key.pub")]);
    assert!(public.code == 3 && public.err.contains("这是公钥文件"), "{public:?}");
    std::fs::write(&package, &bytes[..bytes.len() - 1]).unwrap();
    let cut = there(&["superior", "open", &package, "--key", &at("key"), "--out", &at("cut")]);
    assert!(cut.code == 3 && cut.err.contains("不完整"), "{cut:?}");
    assert!(!folder.path().join("cut").exists());
    // The trail says who set the key and who carried, and nothing about when somebody reported.
    let trail = runtime.block_on(async {
        let db = Db::open(&format!("sqlite:{}", data.join("daylight.db").display())).await.unwrap();
        let lines = daylight_app::audit::store::list(db.read(), None, 100, 0).await.unwrap();
        let key = superior::store::key(db.read()).await.unwrap().unwrap();
        assert_eq!(superior::store::refusals(db.read()).await.unwrap(), [("2026-11".to_owned(), 1)]);
        db.close().await.unwrap();
        assert!(
            lines
                .iter()
                .any(|line| line.detail == format!("安江市纪委监委：{}", key.recipient.fingerprint()))
        );
        lines
            .into_iter()
            .map(|line| line.action)
            .filter(|action| !action.starts_with("installation") && !action.starts_with("row."))
            .collect::<Vec<_>>()
    });
    assert_eq!(trail, ["superior.export", "superior.export", "superior.set_key"]);
    run(&data, &["superior", "set-key", "--remove"]).well();
    assert!(runtime.block_on(report(&data, "after")).is_empty());
    run(&data, &["verify"]).well();
}
