//! The vault as the platform and its operators meet it.

use daylight_vault::{Master, Place, Purpose, Status, Suite, Vault, VaultError};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

const NOW: i64 = 1_795_219_200;
const MASTER: [u8; 32] = [7; 32];

fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    (home, dir)
}

fn phone() -> Place {
    Place::new("accounts", 7, "phone")
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// One vault for the tests that only seal.
static VAULT: LazyLock<(TempDir, Vault)> = LazyLock::new(|| {
    let (home, dir) = home();
    (home, Vault::create(&dir, NOW).unwrap())
});

proptest! {
    #[test]
    fn what_was_sealed_opens_at_its_place(plain in prop::collection::vec(any::<u8>(), 0..200), row in ".{0,12}") {
        let at = Place::new("reports", row, "text");
        let sealed = VAULT.1.seal(&at, &plain);
        prop_assert_eq!(sealed.len(), plain.len() + 45);
        let opened = VAULT.1.unseal(&at, &sealed).unwrap();
        prop_assert_eq!(opened.as_bytes(), &plain[..]);
        prop_assert_ne!(VAULT.1.seal(&at, &plain), sealed, "each sealing has a nonce of its own");
    }

    #[test]
    fn whatever_bytes_stand_in_a_column_are_refused_and_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..90)) {
        prop_assert!(VAULT.1.unseal(&phone(), &bytes).is_err());
        let _ = (VAULT.1.needs_reseal(&bytes), Vault::key_id_of(&bytes), VAULT.1.reseal(&phone(), &bytes));
    }
}

#[test]
fn a_value_moved_to_another_row_column_or_table_does_not_open() {
    let sealed = VAULT.1.seal(&phone(), b"13800000000");
    let elsewhere = [
        Place::new("accounts", 8, "phone"),
        Place::new("accounts", 7, "citizen_id"),
        Place::new("reports", 7, "phone"),
        // The same letters cut elsewhere.
        Place::new("account", "s7", "phone"),
        Place::new("accounts", "7p", "hone"),
        Place::new("accounts7", "", "phone"),
    ];
    for at in elsewhere {
        assert!(matches!(VAULT.1.unseal(&at, &sealed), Err(VaultError::NotAuthentic)), "{at:?}");
    }
    assert!(VAULT.1.unseal(&phone(), &sealed).is_ok());
}

#[test]
fn one_bit_changed_anywhere_is_noticed() {
    let vault = &VAULT.1;
    let sealed = vault.seal(&phone(), b"13800000000");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(vault.unseal(&phone(), &changed).is_err(), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert!(vault.unseal(&phone(), &sealed[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn the_key_id_is_bound_too() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    let mut sealed = vault.seal(&phone(), b"x");
    vault.rotate(NOW).unwrap();
    sealed[4] = 2;
    assert!(matches!(vault.unseal(&phone(), &sealed), Err(VaultError::NotAuthentic)));
    sealed[4] = 9;
    assert!(matches!(vault.unseal(&phone(), &sealed), Err(VaultError::UnknownKey(9))));
    sealed[0] = 2;
    assert!(matches!(vault.unseal(&phone(), &sealed), Err(VaultError::Malformed)));
    assert_eq!(Suite::of(1), Some(Suite::CURRENT));
}

#[test]
fn after_rotation_old_values_open_and_new_ones_use_the_new_key() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    let (old, index) = (vault.seal(&phone(), b"13800000000"), vault.blind(Purpose::PHONE, "8613800000000"));
    assert_eq!(vault.rotate(NOW + 1).unwrap(), 2);

    let vault = Vault::open(&dir).unwrap();
    let new = vault.seal(&phone(), b"13800000000");
    assert_eq!((Vault::key_id_of(&old).unwrap(), Vault::key_id_of(&new).unwrap()), (1, 2));
    assert_eq!((vault.needs_reseal(&old), vault.needs_reseal(&new)), (true, false));
    assert_eq!(vault.unseal(&phone(), &old).unwrap().as_str().unwrap(), "13800000000");
    let moved = vault.reseal(&phone(), &old).unwrap();
    assert_eq!(Vault::key_id_of(&moved).unwrap(), 2);
    assert_eq!(vault.unseal(&phone(), &moved).unwrap().as_str().unwrap(), "13800000000");
    assert_eq!(vault.blind(Purpose::PHONE, "8613800000000"), index, "indexes outlive rotation");
    let kept: Vec<_> = vault.keys().iter().map(|key| (key.id(), key.created(), key.status())).collect();
    assert_eq!(kept, [(1, NOW, Status::Retired), (2, NOW + 1, Status::Active)]);
}

#[test]
fn a_key_is_destroyed_only_when_nothing_needs_it() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    let old = vault.seal(&phone(), b"x");
    let none = BTreeSet::new();
    assert!(matches!(vault.forget(1, &none), Err(VaultError::StillActive(1))));
    vault.rotate(NOW).unwrap();
    assert!(matches!(vault.forget(1, &BTreeSet::from([1, 2])), Err(VaultError::StillUsed(1))));
    assert!(matches!(vault.forget(5, &none), Err(VaultError::UnknownKey(5))));
    vault.forget(1, &BTreeSet::from([2])).unwrap();
    for vault in [vault, Vault::open(&dir).unwrap()] {
        assert!(matches!(vault.unseal(&phone(), &old), Err(VaultError::UnknownKey(1))));
        assert_eq!(vault.check(), Vec::<String>::new());
    }
    assert_eq!(Vault::open(&dir).unwrap().rotate(NOW).unwrap(), 3, "numbers are not given twice");
}

#[test]
fn two_processes_that_rotate_keep_each_others_keys() {
    let (_home, dir) = home();
    let server = Vault::create(&dir, NOW).unwrap();
    let command = Vault::open(&dir).unwrap();
    assert_eq!(command.rotate(NOW).unwrap(), 2);
    let sealed = command.seal(&phone(), b"x");
    assert_eq!(server.check().len(), 1, "the server is told that its keys are old");
    assert!(server.unseal(&phone(), &sealed).is_ok(), "a key made elsewhere is looked for in the file");
    assert_eq!(command.rotate(NOW).unwrap(), 3);
    assert_eq!(server.rotate(NOW).unwrap(), 4);
    command.reload().unwrap();
    assert_eq!(command.keys().len(), 4);
}

#[test]
fn many_threads_may_rotate_and_seal_at_once() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    vault.rotate(NOW).unwrap();
                    let sealed = vault.seal(&phone(), b"x");
                    vault.unseal(&phone(), &sealed).unwrap();
                }
            });
        }
    });
    assert_eq!(Vault::open(&dir).unwrap().keys().len(), 21);
}

#[test]
fn blind_indexes_differ_by_purpose_value_and_installation() {
    let (_home, dir) = home();
    let other = Vault::create(&dir, NOW).unwrap();
    let vault = &VAULT.1;
    let index = vault.blind(Purpose::PHONE, "8613800000000");
    assert_eq!(vault.blind(Purpose::PHONE, "8613800000000"), index);
    assert_eq!(vault.blind(Purpose("phone"), "8613800000000"), index);
    for different in [
        vault.blind(Purpose::CITIZEN_ID, "8613800000000"),
        vault.blind(Purpose::PHONE, "8613800000001"),
        vault.blind(Purpose("phone8"), "613800000000"),
        other.blind(Purpose::PHONE, "8613800000000"),
    ] {
        assert_ne!(different, index);
    }
}

#[test]
fn key_file_and_folder_are_private_and_never_written_over() {
    let (_home, dir) = home();
    Vault::create(&dir, NOW).unwrap();
    assert_eq!((mode(&dir), mode(&dir.join("keys.json"))), (0o700, 0o600));
    let before = fs::read(dir.join("keys.json")).unwrap();
    assert!(matches!(Vault::create(&dir, NOW), Err(VaultError::Exists(_))));
    assert_eq!(fs::read(dir.join("keys.json")).unwrap(), before);
    Vault::open(&dir).unwrap().rotate(NOW).unwrap();
    assert_eq!(mode(&dir.join("keys.json")), 0o600);
}

#[test]
fn an_exposed_key_file_is_refused_with_the_way_to_mend_it() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    let file = dir.join("keys.json");
    for bits in [0o640, 0o604, 0o620, 0o610, 0o644] {
        chmod(&file, bits);
        let error = Vault::open(&dir).unwrap_err();
        assert!(matches!(error, VaultError::Exposed { .. }));
        assert!(error.to_string().contains(&format!("chmod 600 {}", file.display())));
        assert_eq!(vault.check(), [error.to_string()]);
    }
    chmod(&file, 0o400);
    assert!(Vault::open(&dir).is_ok());
    chmod(&dir, 0o770);
    assert!(Vault::open(&dir).unwrap_err().to_string().contains("chmod 700"));
    chmod(&dir, 0o750);
    assert!(Vault::open(&dir).unwrap().check()[0].contains("chmod 700"));
}

#[test]
fn symbolic_links_are_refused() {
    let (home, dir) = home();
    Vault::create(&dir, NOW).unwrap();
    let linked = home.path().join("linked");
    symlink(&dir, &linked).unwrap();
    assert!(matches!(Vault::open(&linked), Err(VaultError::NotPlain(_))));
    assert!(matches!(Vault::create(&linked, NOW), Err(VaultError::NotPlain(_))));

    let other = home.path().join("other");
    fs::create_dir(&other).unwrap();
    chmod(&other, 0o700);
    symlink(dir.join("keys.json"), other.join("keys.json")).unwrap();
    assert!(matches!(Vault::open(&other), Err(VaultError::NotPlain(_))));
    assert!(matches!(Vault::create(&other, NOW), Err(VaultError::Exists(_))));
}

#[test]
fn a_missing_key_file_is_said_so() {
    let (_home, dir) = home();
    assert!(matches!(Vault::open(&dir), Err(VaultError::Missing(_))));
    fs::create_dir(&dir).unwrap();
    assert!(matches!(Vault::open(&dir), Err(VaultError::Missing(_))));
}

#[test]
fn what_a_crash_left_beside_the_key_file_is_ignored_and_removed() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    let beside = dir.join("keys.json.new");
    let whole = fs::read(dir.join("keys.json")).unwrap();
    fs::write(&beside, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(Vault::open(&dir).unwrap().keys().len(), 1);
    assert_eq!(vault.check().len(), 1);
    vault.rotate(NOW).unwrap();
    assert!(!beside.exists());
    assert_eq!(Vault::open(&dir).unwrap().keys().len(), 2);
}

#[test]
fn a_rotation_that_cannot_be_written_changes_nothing() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    // A folder where the new file would go: the write fails also for root.
    fs::create_dir(dir.join("keys.json.new")).unwrap();
    assert!(matches!(vault.rotate(NOW), Err(VaultError::Io { .. })));
    assert_eq!(vault.keys().len(), 1);
    assert_eq!(Vault::key_id_of(&vault.seal(&phone(), b"x")).unwrap(), 1);
    assert_eq!(Vault::open(&dir).unwrap().keys().len(), 1);
}

#[test]
fn a_damaged_key_file_is_refused() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    vault.rotate(NOW).unwrap();
    let file = dir.join("keys.json");
    let text = fs::read_to_string(&file).unwrap();
    let damage = [
        text[..text.len() / 2].to_owned(),
        String::new(),
        text.replace("daylight-keys-1", "daylight-keys-2"),
        text.replace("\"retired\"", "\"active\""),
        text.replace("\"active\"", "\"retired\""),
        text.replace("\"id\": 2", "\"id\": 1"),
        text.replacen("\"fingerprint\": \"", "\"fingerprint\": \"0", 1),
    ];
    for damaged in damage {
        assert_ne!(damaged, text);
        fs::write(&file, damaged).unwrap();
        assert!(matches!(Vault::open(&dir), Err(VaultError::Damaged(_))));
        assert!(vault.rotate(NOW).is_err(), "nor is it written over");
    }
}

#[test]
fn a_key_file_swapped_while_running_is_noticed() {
    let (_home, dir) = home();
    let (_other_home, other) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    Vault::create(&other, NOW).unwrap();
    fs::copy(other.join("keys.json"), dir.join("keys.json")).unwrap();
    assert!(matches!(vault.rotate(NOW), Err(VaultError::Swapped(_))));
    assert!(matches!(vault.reload(), Err(VaultError::Swapped(_))));
    assert!(vault.check()[0].contains("另一套密钥"));
}

#[test]
fn a_wrapped_key_file_opens_only_with_its_master_key() {
    let (_home, dir) = home();
    let vault = Vault::create_with_master(&dir, Some(&MASTER), NOW).unwrap();
    vault.rotate(NOW).unwrap();
    let sealed = vault.seal(&phone(), b"x");
    let again = Vault::open_with_master(&dir, Some(&MASTER)).unwrap();
    assert!(again.unseal(&phone(), &sealed).is_ok());
    assert_eq!(again.check(), Vec::<String>::new());
    assert!(matches!(Vault::open(&dir), Err(VaultError::NeedsMaster)));
    assert!(matches!(Vault::open_with_master(&dir, Some(&[8; 32])), Err(VaultError::WrongMaster)));

    again.change_master(Some(&[8; 32])).unwrap();
    assert!(matches!(Vault::open_with_master(&dir, Some(&MASTER)), Err(VaultError::WrongMaster)));
    again.rotate(NOW).unwrap();
    assert!(Vault::open_with_master(&dir, Some(&[8; 32])).unwrap().unseal(&phone(), &sealed).is_ok());
    again.change_master(None).unwrap();
    assert!(Vault::open(&dir).unwrap().unseal(&phone(), &sealed).is_ok());
    assert!(matches!(Vault::open_with_master(&dir, Some(&MASTER)), Err(VaultError::NotWrapped)));
}

#[test]
fn wrapped_keys_cannot_change_places() {
    let (_home, dir) = home();
    Vault::create_with_master(&dir, Some(&MASTER), NOW).unwrap().rotate(NOW).unwrap();
    let text = fs::read_to_string(dir.join("keys.json")).unwrap();
    let keys: Vec<&str> =
        text.split("\"key\": \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(keys.len(), 3);
    let swapped = text.replace(keys[1], "?").replace(keys[2], keys[1]).replace('?', keys[2]);
    fs::write(dir.join("keys.json"), swapped).unwrap();
    assert!(matches!(Vault::open_with_master(&dir, Some(&MASTER)), Err(VaultError::WrongMaster)));
}

#[test]
fn a_master_key_is_read_from_a_private_file() {
    let (home, _) = home();
    let file = home.path().join("master");
    for text in ["07".repeat(32) + "\n", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".into()] {
        fs::write(&file, text).unwrap();
        chmod(&file, 0o600);
        assert_eq!(*Master::from_file(&file).unwrap(), MASTER);
    }
    chmod(&file, 0o644);
    assert!(matches!(Master::from_file(&file), Err(VaultError::Exposed { .. })));
    for text in ["", "0707", "password", &"07".repeat(33)] {
        assert!(matches!(Master::parse(text), Err(VaultError::MalformedMaster)));
    }
}

#[test]
fn a_backup_is_told_from_others_by_fingerprints() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    vault.rotate(NOW).unwrap();
    let again = Vault::open(&dir).unwrap();
    let prints = |vault: &Vault| vault.keys().iter().map(|key| key.fingerprint()).collect::<Vec<_>>();
    assert_eq!(prints(&vault), prints(&again));
    assert_eq!(vault.index_fingerprint(), again.index_fingerprint());
    let mut all: BTreeSet<String> = prints(&vault).into_iter().collect();
    all.insert(vault.index_fingerprint());
    all.insert(VAULT.1.index_fingerprint());
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|print| print.len() == 8 && print.chars().all(|c| c.is_ascii_hexdigit())));
}

#[test]
fn nothing_printed_holds_a_secret() {
    let (_home, dir) = home();
    let vault = Vault::create(&dir, NOW).unwrap();
    let plain = "13800000000";
    let sealed = vault.seal(&phone(), plain.as_bytes());
    let opened = vault.unseal(&phone(), &sealed).unwrap();
    assert_eq!(format!("{opened:?} {opened:#?}"), "••• •••");
    let not_text = vault.seal(&phone(), &[0xFF, b'1', b'3', b'8']);
    let errors = [
        vault.unseal(&Place::new("accounts", 8, "phone"), &sealed).unwrap_err(),
        vault.unseal(&phone(), plain.as_bytes()).unwrap_err(),
        vault.unseal(&phone(), &not_text).unwrap().as_str().unwrap_err(),
        Master::parse(plain).unwrap_err(),
    ];
    let mut printed =
        format!("{vault:?}{vault:#?}{:?}{:?}", vault.keys(), Master::parse(&"07".repeat(32)).unwrap());
    for error in &errors {
        printed += &format!("{error}{error:?}{error:#?}");
    }
    let file = fs::read_to_string(dir.join("keys.json")).unwrap();
    for key in file.split("\"key\": \"").skip(1).map(|rest| &rest[..12]) {
        assert!(!printed.contains(key));
    }
    assert!(!printed.contains("138") && !printed.contains("0707"), "{printed}");
}

/// Values of earlier releases must open for ever: this file and this value were written by version 0.1.0.
#[test]
fn a_key_file_and_value_of_the_first_release_still_open() {
    let (_home, dir) = home();
    fs::create_dir(&dir).unwrap();
    chmod(&dir, 0o700);
    fs::write(dir.join("keys.json"), include_str!("first-release.json")).unwrap();
    chmod(&dir.join("keys.json"), 0o600);
    let vault = Vault::open_with_master(&dir, Some(&MASTER)).unwrap();
    let value = data_encoding::HEXLOWER.decode(FIRST_VALUE.as_bytes()).unwrap();
    assert_eq!(vault.unseal(&phone(), &value).unwrap().as_str().unwrap(), "13800000000");
    let index = data_encoding::HEXLOWER.encode(&vault.blind(Purpose::PHONE, "8613800000000"));
    assert_eq!(index, FIRST_INDEX);
}

const FIRST_VALUE: &str = "0100000001f2d7bec6f0b083979934cd80ce464c55e4909d7813ac9af28b03bacf3a0dec95b9ca6cfd6cc162853545f01dd00aaa8f85276c";
const FIRST_INDEX: &str = "e8ccf6210153540325e32993bd5d59e5b5d1feb46eb333b80bcca2a0ca3050a8";
