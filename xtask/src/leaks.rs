//! After the journeys: what citizens entrusted to the program stands nowhere in the clear.
//!
//! The journeys note every telephone, id, code and text they entered (`e2e/lib/secrets.mjs`). Everything the program
//! left behind is searched for them: its data folder with database, attachments and backup, its log, and on
//! PostgreSQL the cluster's own files and a dump. Left out are the demonstration's outbox, which stands for the
//! telephones themselves, and the keys, which hold nothing else.
//!
//! The search has its own control: a name that everybody may read must be found by the same means in each place that
//! holds a copy of the database (a folder of data, a backup, a dump), and a place that is not there fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result, ensure};

use crate::report::Counts;

/// Shorter ones stand in any file by chance.
const LEAST: usize = 8;

/// A name of the demonstration that is public and must be found.
const CONTROL: &str = "青石镇";

/// Where to look.
pub struct Place {
    /// A file or a folder.
    pub path: PathBuf,
    /// Whether a copy of the database lies there, in which the control must be found.
    pub copy: bool,
}

/// Searches folders and files for what the journeys noted, one JSON string a line. Prints where something was found,
/// never what.
pub fn search(noted: &Path, places: &[Place]) -> Result<Counts> {
    let text = fs::read_to_string(noted).context("the journeys noted no secrets")?;
    let secrets: Vec<String> =
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("the noted secrets")?;
    ensure!(secrets.len() >= 10, "only {} secrets were noted: this search proves nothing", secrets.len());
    for secret in &secrets {
        ensure!(secret.len() >= LEAST, "a secret of {} bytes is too short to be searched for", secret.len());
    }
    let mut files = Vec::new();
    for place in places {
        ensure!(place.path.exists(), "{} is not there: it cannot be searched", place.path.display());
        collect(&place.path, &mut files)?;
    }
    // A place within another is searched once.
    files.sort();
    files.dedup();
    // All forms of all secrets are looked for in one pass; the control is number zero, in the one form it is kept in.
    let mut forms_of = vec![(0, CONTROL.as_bytes().to_vec())];
    for (number, secret) in (1..).zip(&secrets) {
        forms_of.extend(forms(secret).into_iter().map(|form| (number, form)));
    }
    let automaton = AhoCorasick::new(forms_of.iter().map(|(_, form)| form))?;
    let mut found = Counts::default();
    let mut control = vec![false; places.len()];
    for file in &files {
        let bytes = match fs::read(file) {
            // The program still runs: a file it was done with is gone.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            read => read.with_context(|| file.display().to_string())?,
        };
        let mut seen: BTreeSet<usize> =
            automaton.find_overlapping_iter(&bytes).map(|hit| forms_of[hit.pattern().as_usize()].0).collect();
        if seen.remove(&0) {
            // The innermost: what lies in the backup does not speak for the data around it.
            let around = places.iter().enumerate().filter(|(_, place)| file.starts_with(&place.path));
            let innermost = around.max_by_key(|(_, place)| place.path.components().count());
            innermost.into_iter().for_each(|(at, _)| control[at] = true);
        }
        for number in seen {
            eprintln!("{}: noted secret {number} stands in the clear", file.display());
            found.failed += 1;
        }
    }
    for (place, control) in places.iter().zip(control) {
        ensure!(
            control || !place.copy,
            "not even {CONTROL} was found in {}: this search proves nothing",
            place.path.display()
        );
    }
    println!("{} secrets searched for in {} files", secrets.len(), files.len());
    let searched = u64::try_from(secrets.len()).unwrap_or(u64::MAX);
    found.passed = searched.saturating_sub(found.failed);
    Ok(found)
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let name = place.file_name().unwrap_or_default();
    if name == "outbox" || name == "keys" {
        return Ok(());
    }
    if !place.is_dir() {
        files.push(place.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

/// A text in any form in which programs write texts.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![
        text.as_bytes().to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        hex(text.as_bytes()).into_bytes(),
    ];
    if !text.is_ascii() {
        let escaped = |unit: u16| format!("\\u{unit:04x}");
        forms.push(text.encode_utf16().map(escaped).collect::<String>().into_bytes());
        for case in [hex(text.as_bytes()), hex(text.as_bytes()).to_uppercase()] {
            let pairs = case.as_bytes().chunks(2).map(|pair| [b"%", pair].concat());
            forms.push(pairs.flatten().collect());
        }
    }
    // Base64 by each of the three places in which the text may begin; what depends on its neighbours is left off.
    forms.extend((0..3).map(|skip| base64(text.as_bytes(), skip)));
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(bytes: &[u8], skip: usize) -> Vec<u8> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = &bytes[skip..skip + (bytes.len() - skip) / 3 * 3];
    let sign = |three: &[u8], at: u32| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        SIGNS[bits >> (18 - 6 * at) & 63]
    };
    whole.chunks(3).flat_map(|three| (0..4).map(|at| sign(three, at)).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "13900004321";

    fn lines(secrets: &[&str]) -> String {
        secrets.iter().map(|secret| format!("{}\n", serde_json::Value::from(*secret))).collect()
    }

    fn searched(left_behind: &[u8]) -> Result<Counts> {
        let folder = tempfile::tempdir()?;
        let noted = folder.path().join("noted");
        let mut secrets = vec![SECRET, "村主任把堂弟塞进名单"];
        secrets.extend(["another0", "another1", "another2", "another3", "another4", "another5", "another6"]);
        secrets.push("another7");
        fs::write(&noted, lines(&secrets))?;
        let data = folder.path().join("data");
        fs::create_dir_all(data.join("deep"))?;
        fs::write(data.join("deep/file"), left_behind)?;
        search(&noted, &[Place { path: data, copy: true }])
    }

    #[test]
    fn a_secret_is_found_in_every_form_in_which_programs_write_texts() {
        let control = CONTROL.as_bytes();
        assert_eq!(searched(control).unwrap().failed, 0);
        let escaped: String =
            "村主任把堂弟塞进名单".encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for left in [
            SECRET,
            "村主任把堂弟塞进名单",
            &escaped,
            // printf x13900004321y | base64, and with one more letter before it.
            "eDEzOTAwMDA0MzIxeQ==",
            "eHgxMzkwMDAwNDMyMXk=",
            "eHh4MTM5MDAwMDQzMjF5",
            "3133393030303034333231",
            "%E6%9D%91%E4%B8%BB%E4%BB%BB%E6%8A%8A%E5%A0%82%E5%BC%9F%E5%A1%9E%E8%BF%9B%E5%90%8D%E5%8D%95",
        ] {
            assert_eq!(searched(&[control, left.as_bytes()].concat()).unwrap().failed, 1, "{left}");
        }
    }

    #[test]
    fn a_search_that_sees_nothing_or_looks_for_nothing_fails() {
        assert!(searched(b"").is_err(), "the control is missing");
        let folder = tempfile::tempdir().unwrap();
        let noted = folder.path().join("noted");
        let data = folder.path().join("data");
        fs::write(&data, CONTROL).unwrap();
        let place = |path: &Path, copy| Place { path: path.to_owned(), copy };
        for few in [lines(&[]), lines(&[SECRET]), lines(&["x"; 10])] {
            fs::write(&noted, few).unwrap();
            assert!(search(&noted, &[place(&data, true)]).is_err());
        }
        let many: Vec<_> = (0..10).map(|at| format!("secret number {at}")).collect();
        fs::write(&noted, lines(&many.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
        let whole = folder.path().join("whole");
        let backup = whole.join("backup");
        fs::create_dir_all(&backup).unwrap();
        fs::write(backup.join("copy"), CONTROL).unwrap();
        assert!(search(&noted, &[place(&data, true), place(&backup, true)]).is_ok());
        let missing = [place(&data, true), place(&whole.join("dump"), false)];
        assert!(search(&noted, &missing).is_err(), "a place that is not there");
        let shadowed = [place(&whole, true), place(&backup, true)];
        assert!(
            search(&noted, &shadowed).is_err(),
            "the control in the backup says nothing of what is around it"
        );
        assert!(search(&noted, &[place(&whole, false), place(&backup, true)]).is_ok(), "nor need it");
    }
}
