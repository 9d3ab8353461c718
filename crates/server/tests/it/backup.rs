//! One file out, the same installation back.

use crate::program::{Server, daylight, handover, import, run};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio};

fn copy_keys(from: &Path, to: &Path) {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(to.join("keys")).unwrap();
    std::fs::copy(from.join("keys/keys.json"), to.join("keys/keys.json")).unwrap();
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_backup_taken_while_an_import_writes_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(&data, &["init"]).well();
    let mut importing = daylight(["import"]);
    importing.arg(handover()).arg("--data").arg(&data).stdout(Stdio::null());
    let mut importing = importing.spawn().unwrap();
    let mut made = Vec::new();
    while importing.try_wait().unwrap().is_none() || made.is_empty() {
        let file = folder.path().join(format!("{}.tar", made.len()));
        run(&data, &["backup", "--json", "--out", file.to_str().unwrap()]).well();
        made.push(file);
    }
    assert!(importing.wait().unwrap().success());
    let last = folder.path().join("last.tar");
    run(&data, &["backup", "--out", last.to_str().unwrap()]).well();
    made.push(last);
    for (number, file) in made.iter().enumerate() {
        let copy = folder.path().join(format!("copy{number}"));
        copy_keys(&data, &copy);
        run(&copy, &["restore", file.to_str().unwrap(), "--json"]).well();
        run(&copy, &["verify"]).well();
        let again = import(&copy, &["--dry-run"]).well().json();
        let (created, unchanged) = (again["created"].as_u64().unwrap(), again["unchanged"].as_u64().unwrap());
        assert!(created == 0 || unchanged == 0, "half an import: {created} {unchanged}");
    }
}

#[test]
fn a_backup_of_postgres_comes_back_in_another_database() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let [Some(from), Some(to)] =
        [(); 2].map(|()| runtime.block_on(daylight_db::testing::engines()).into_iter().nth(1))
    else {
        return eprintln!("DAYLIGHT_TEST_POSTGRES is not set: nothing to back up");
    };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    import(&data, &["--database", &from.url]).well();
    let file = folder.path().join("backup.tar");
    let path = file.to_str().unwrap();
    run(&data, &["backup", "--out", path, "--database", &from.url]).well();
    let copy = folder.path().join("copy");
    copy_keys(&data, &copy);
    run(&copy, &["restore", path, "--json", "--database", &to.url]).well();
    run(&copy, &["verify", "--database", &to.url]).well();
    let again = import(&copy, &["--dry-run", "--database", &to.url]).well().json();
    assert_eq!((again["created"].as_u64(), again["unchanged"].as_u64() > Some(600)), (Some(0), true));
    let other = folder.path().join("other");
    copy_keys(&data, &other);
    let refused = run(&other, &["restore", path, "--database", &to.url]);
    assert_eq!(refused.code, 3, "never over data: {refused:?}");
    let refused = run(&other, &["restore", path]);
    assert_eq!(refused.code, 3, "not into the other engine: {refused:?}");
}

#[test]
fn a_changed_or_foreign_backup_and_foreign_keys_are_refused_before_anything_is_placed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    import(&data, &[]).well();
    let file = folder.path().join("backup.tar");
    let path = file.to_str().unwrap();
    run(&data, &["backup", "--out", path]).well();
    assert_eq!(run(&data, &["backup", "--out", path]).code, 3, "never over an older backup");
    assert_eq!(run(&data, &["restore", path]).code, 3, "never over data");
    let whole = std::fs::read(&file).unwrap();
    let keys = b"keys.json";
    assert!(!whole.windows(keys.len()).any(|window| window == keys), "keys are not inside");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for bytes in [changed, whole[..whole.len() / 2].to_vec(), b"something else".to_vec()] {
        std::fs::write(&file, bytes).unwrap();
        let copy = folder.path().join("copy");
        copy_keys(&data, &copy);
        let refused = run(&copy, &["restore", path]);
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(!copy.join("daylight.db").exists());
    }
    std::fs::write(&file, &whole).unwrap();
    let other = folder.path().join("other");
    run(&other, &["init"]).well();
    let copy = folder.path().join("copy2");
    copy_keys(&other, &copy);
    let refused = run(&copy, &["restore", path]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("不配套"), "{refused:?}");
    assert!(!copy.join("daylight.db").exists());
    // Without keys nobody can tell whether it was changed: it says which are needed.
    let copy = folder.path().join("copy3");
    let refused = run(&copy, &["restore", path, "--json"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(format!("{refused:?}").contains("指纹") && !copy.exists(), "{refused:?}");
    copy_keys(&data, &copy);
    run(&copy, &["restore", path]).well();
    run(&copy, &["verify"]).well();
}

/// The same backup with another database and a list of members to match, as somebody without the keys would write it.
fn forged(file: &Path, to: &Path, change: impl Fn(&mut Value)) {
    use sha2::Digest;
    let mut from = tar::Archive::new(std::fs::File::open(file).unwrap());
    let mut out = tar::Builder::new(std::fs::File::create(to).unwrap());
    let mut hashes = std::collections::HashMap::new();
    for entry in from.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if name == "daylight.db" {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("daylight.db");
            std::fs::write(&path, &bytes).unwrap();
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let db = daylight_db::Db::open(&format!("sqlite:{}", path.display())).await.unwrap();
                let tx = db.write().await.unwrap();
                daylight_db::exec(&*tx, "UPDATE units SET phone = '00000'", vec![]).await.unwrap();
                tx.commit().await.unwrap();
                db.close().await.unwrap();
            });
            bytes = std::fs::read(&path).unwrap();
        }
        if name == "manifest.json" {
            let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
            for member in manifest["members"].as_array_mut().unwrap() {
                let (length, hash): &(usize, String) = &hashes[member["name"].as_str().unwrap()];
                member["bytes"] = json!(length);
                member["sha256"] = json!(hash);
            }
            change(&mut manifest);
            bytes = serde_json::to_vec(&manifest).unwrap();
        }
        hashes.insert(
            name.clone(),
            (bytes.len(), data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&bytes))),
        );
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_entry_type(tar::EntryType::Regular);
        out.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    out.finish().unwrap();
}

#[test]
fn a_backup_whose_list_was_written_anew_without_the_keys_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    import(&data, &[]).well();
    let file = folder.path().join("backup.tar");
    run(&data, &["backup", "--out", file.to_str().unwrap()]).well();
    let other = folder.path().join("other");
    run(&other, &["init"]).well();
    let theirs = folder.path().join("theirs.tar");
    run(&other, &["backup", "--out", theirs.to_str().unwrap()]).well();
    let foreign = std::cell::RefCell::new(String::new());
    forged(&theirs, &folder.path().join("x.tar"), |manifest| {
        *foreign.borrow_mut() = manifest["seal"].as_str().unwrap().to_owned();
    });
    let foreign = foreign.into_inner();
    let change = |name: &str, manifest: &mut Value| match name {
        "missing" => drop(manifest.as_object_mut().unwrap().remove("seal")),
        "foreign" => manifest["seal"] = json!(foreign),
        _ => {}
    };
    for name in ["kept", "missing", "foreign"] {
        let bad = folder.path().join(format!("{name}.tar"));
        forged(&file, &bad, |manifest| change(name, manifest));
        let copy = folder.path().join(name);
        copy_keys(&data, &copy);
        let refused = run(&copy, &["restore", bad.to_str().unwrap()]);
        assert_eq!(refused.code, 3, "{name}: {refused:?}");
        assert!(refused.err.contains("签封"), "{name}: {refused:?}");
        let left: Vec<_> =
            std::fs::read_dir(&copy).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["keys"], "{name}");
    }
}

#[test]
fn verify_finds_what_somebody_changed_behind_our_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    import(&data, &[]).well();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (number, (harm, codes)) in [
        ("UPDATE audit_entries SET detail = '' WHERE action = 'import.apply'", &["audit"][..]),
        ("UPDATE cadres SET phone_sealed = citizen_id_sealed WHERE id = 2", &["sealed"]),
        ("UPDATE revisions SET content = '{' WHERE id = 3", &["rows", "revisions", "registry"]),
        ("UPDATE units SET phone = '00000' WHERE id = 3", &["registry"]),
        ("DELETE FROM search_documents WHERE id = 4", &["search"]),
        ("UPDATE units SET path = '/999/' WHERE id = 5", &["references"]),
    ]
    .into_iter()
    .enumerate()
    {
        let copy = folder.path().join(format!("copy{number}"));
        copy_keys(&data, &copy);
        std::fs::copy(data.join("daylight.db"), copy.join("daylight.db")).unwrap();
        runtime.block_on(async {
            let db = daylight_db::Db::open(&format!("sqlite:{}", copy.join("daylight.db").display()))
                .await
                .unwrap();
            let tx = db.write().await.unwrap();
            daylight_db::exec(&*tx, harm, vec![]).await.unwrap();
            tx.commit().await.unwrap();
            db.close().await.unwrap();
        });
        let ran = run(&copy, &["verify", "--json"]);
        assert_eq!(ran.code, 1, "{harm}");
        let found = ran.json();
        let faults = found["checks"].as_array().unwrap().iter().filter(|check| check["state"] == "fault");
        assert_eq!(faults.map(|check| check["code"].as_str().unwrap()).collect::<Vec<_>>(), codes, "{harm}");
    }
}

/// Sends JSON to the interface, for a draft.
fn send(server: &Server, path: &str, draft: &str, body: &Value) -> Value {
    let body = body.to_string();
    let (status, answer) = server.send(&format!(
        "POST /api/v1/reports{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {draft}\r\nContent-Length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    ));
    assert!((200..300).contains(&status), "{path}: {answer}");
    let from = answer.find("\r\n\r\n").unwrap();
    let (from, to) = (answer[from..].find('{').unwrap() + from, answer.rfind('}').unwrap());
    serde_json::from_str(&answer[from..=to]).unwrap()
}

/// Hands in a report with files of so many bytes.
fn report_with_files(server: &Server, files: &[&str]) {
    use sha2::Digest;
    let draft = send(server, "/drafts", "", &json!({}))["draft"].as_str().unwrap().to_owned();
    for text in files {
        let announced = json!({ "name": "陈某的账本.txt", "size": text.len(), "same": text });
        let file = send(server, "/files", &draft, &announced)["file"].clone();
        let data = data_encoding::BASE64.encode(text.as_bytes());
        send(server, "/files/chunks", &draft, &json!({ "file": file, "offset": 0, "data": data }));
        let sha256 = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(text.as_bytes()));
        send(server, "/files/finished", &draft, &json!({ "file": file, "sha256": sha256 }));
    }
    let report = json!({
        "kind": "complaint", "object": "unknown", "what": "村里修路多收了我家五百元一直不退", "level": "anonymous",
    });
    assert_eq!(send(server, "", &draft, &report)["accepted"], true);
}

/// The check of a name in what `verify` or `restore` says.
fn check_of(found: &Value, code: &str) -> Value {
    let checks = found["checks"].as_array().unwrap();
    checks.iter().find(|check| check["code"] == code).unwrap().clone()
}

#[test]
fn evidence_comes_back_with_a_backup_and_what_is_missing_or_changed_is_named_by_number_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let server = Server::start(&data, &["demo"]);
    report_with_files(&server, &["第一页：收五百元", "第二页：收六百元"]);
    report_with_files(&server, &["第三页"]);
    assert_eq!(server.stop().0, 0);
    let file = folder.path().join("whole.tar");
    run(&data, &["backup", "--out", file.to_str().unwrap()]).well();
    let copy = folder.path().join("copy");
    copy_keys(&data, &copy);
    let restored = run(&copy, &["restore", file.to_str().unwrap(), "--json"]).well().json();
    assert_eq!(restored["attachments"]["state"], "ok", "{restored}");
    let found = run(&copy, &["verify", "--json"]).well().json();
    assert_eq!(
        (&check_of(&found, "attachments")["examined"], &check_of(&found, "head")["state"]),
        (&json!(3), &json!("ok"))
    );
    // A byte of one changes, another goes.
    let mut files: Vec<_> =
        std::fs::read_dir(copy.join("attachments")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "locked"));
    let mut bytes = std::fs::read(&files[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&files[0], bytes).unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let ran = run(&copy, &["verify", "--json"]);
    let told = check_of(&ran.json(), "attachments")["detail"].as_str().unwrap().to_owned();
    assert!(
        ran.code == 1 && told.contains("号附件的文件缺失") && told.contains("号附件的文件与登记的不一致"),
        "{told}"
    );
    assert!(!ran.out.contains("账本") && !ran.out.contains("陈某"), "{ran:?}");
    // A backup of what is not whole says so when it is brought back, and brings the rest.
    let file = folder.path().join("broken.tar");
    run(&copy, &["backup", "--out", file.to_str().unwrap()]).well();
    let third = folder.path().join("third");
    copy_keys(&data, &third);
    let ran = run(&third, &["restore", file.to_str().unwrap(), "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.json()["attachments"]["detail"], told);
    assert_eq!(run(&third, &["verify"]).code, 1);
}

#[test]
fn a_trail_whose_end_was_cut_is_found_by_the_head_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    import(&data, &[]).well();
    let file = folder.path().join("backup.tar");
    run(&data, &["backup", "--out", file.to_str().unwrap()]).well();
    let copy = folder.path().join("copy");
    copy_keys(&data, &copy);
    run(&copy, &["restore", file.to_str().unwrap()]).well();
    run(&copy, &["verify"]).well();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db =
            daylight_db::Db::open(&format!("sqlite:{}", copy.join("daylight.db").display())).await.unwrap();
        let tx = db.write().await.unwrap();
        // The entry of the restore, and the last before the backup.
        let cut = "DELETE FROM audit_entries WHERE id >= (SELECT MAX(id) FROM audit_entries) - 1";
        daylight_db::exec(&*tx, cut, vec![]).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await.unwrap();
    });
    let ran = run(&copy, &["verify", "--json"]);
    assert_eq!((ran.code, &check_of(&ran.json(), "head")["state"]), (1, &json!("fault")));
    assert_eq!(check_of(&ran.json(), "audit")["state"], "ok", "the trail itself cannot tell");
    // Without the file beside it, the head that was kept elsewhere tells.
    let kept = folder.path().join("kept.json");
    std::fs::rename(copy.join("audit-head.json"), &kept).unwrap();
    assert_eq!(check_of(&run(&copy, &["verify", "--json"]).json(), "head")["state"], "warning");
    assert_eq!(run(&copy, &["verify", "--head", kept.to_str().unwrap()]).code, 1);
}
