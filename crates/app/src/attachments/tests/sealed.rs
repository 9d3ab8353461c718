//! Sealed files, whole and tampered with.

use super::*;
use proptest::prelude::*;

const FILE: &str = "0123456789abcdef0123456789abcdef";

fn kept(folder: &Folder, key: &DataKey, data: &[u8], cuts: &[usize]) -> u64 {
    let mut ends: Vec<_> = cuts.iter().map(|cut| 1 + cut % data.len()).chain([data.len()]).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut from = 0;
    for (number, end) in ends.iter().enumerate() {
        folder.keep(key, FILE, number as u64, *end == data.len(), &data[from..*end]).unwrap();
        from = *end;
    }
    ends.len() as u64
}

fn read(folder: &Folder, key: &DataKey, segments: u64) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for segment in folder.read(key.clone(), FILE, Part::Original, segments)? {
        out.extend_from_slice(segment?.bytes());
    }
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_gives_the_same_bytes_again(
        data in proptest::collection::vec(any::<u8>(), 1..70_000),
        cuts in proptest::collection::vec(any::<usize>(), 0..6),
        zeros in 0..3_usize,
    ) {
        // The end looks like what fills it up.
        let mut data = data;
        data.extend([0x80, 0, 0].iter().take(zeros));
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        let key = DataKey::draw(1);
        let segments = kept(&folder, &key, &data, &cuts);
        let whole = folder.join(&key, FILE, segments).unwrap();
        prop_assert_eq!(whole.size, data.len() as u64);
        prop_assert_eq!(&whole.sha256, &data_encoding::HEXLOWER.encode(&Sha256::digest(&data)));
        prop_assert_eq!(&whole.head[..], &data[..data.len().min(HEAD)]);
        prop_assert_eq!(read(&folder, &key, segments).unwrap(), data.clone());
        prop_assert_eq!(folder.digest(key.clone(), FILE, Part::Original, segments).unwrap(), whole.sha256.clone());
        // As one stream, cut where it likes.
        let mut sealing = folder.begin(FILE, Part::Original).unwrap();
        for bytes in data.chunks(10_007) {
            sealing.write(&key, bytes).unwrap();
        }
        let streamed = sealing.finish(&key).unwrap();
        prop_assert_eq!(&streamed.sha256, &whole.sha256);
        prop_assert_eq!(read(&folder, &key, streamed.segments).unwrap(), data);
    }
}

/// Three segments and the file joined from them.
fn three() -> (tempfile::TempDir, Folder, DataKey, Vec<u8>) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let key = DataKey::draw(1);
    let data: Vec<u8> = (0..90_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    assert_eq!(kept(&folder, &key, &data, &[30_000, 60_000]), 3);
    folder.join(&key, FILE, 3).unwrap();
    assert_eq!(read(&folder, &key, 3).unwrap(), data, "untouched, it opens");
    (home, folder, key, data)
}

#[test]
fn a_file_that_is_cut_swapped_changed_or_lengthened_does_not_open() {
    let (_home, folder, key, _) = three();
    // Cut: claimed to be shorter, with and without its rest.
    assert!(read(&folder, &key, 2).is_err());
    assert!(folder.join(&key, FILE, 2).is_err());
    assert!(read(&folder, &key, 4).is_err());
    // Swapped.
    let (a, b) = (folder.segment(FILE, 0), folder.segment(FILE, 1));
    let (first, second) = (fs::read(&a).unwrap(), fs::read(&b).unwrap());
    fs::write(&a, &second).unwrap();
    fs::write(&b, &first).unwrap();
    assert!(folder.join(&key, FILE, 3).is_err());
    fs::write(&a, &first).unwrap();
    fs::write(&b, &first).unwrap();
    assert!(folder.join(&key, FILE, 3).is_err(), "repeated");
    fs::write(&b, &second).unwrap();
    folder.join(&key, FILE, 3).unwrap();
    // One bit, one byte more.
    let locked = folder.locked(FILE);
    let whole = fs::read(&locked).unwrap();
    for at in [0, 5, 100, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&locked, &changed).unwrap();
        assert!(read(&folder, &key, 3).is_err(), "bit in byte {at}");
    }
    fs::write(&locked, [&whole[..], &[0]].concat()).unwrap();
    assert!(read(&folder, &key, 3).is_err(), "lengthened");
    // Another file's, another key.
    fs::write(&locked, &whole).unwrap();
    assert!(read(&folder, &DataKey::draw(1), 3).is_err());
    fs::copy(&locked, folder.locked("other")).unwrap();
    let mut other = folder.read(key.clone(), "other", Part::Original, 3).unwrap();
    assert!(other.next().unwrap().is_err() && other.next().is_none());
    let mut copy = folder.read(key, FILE, Part::Copy, 3).unwrap();
    assert!(copy.next().unwrap().is_err());
}

#[test]
fn the_size_on_the_disk_does_not_tell_which_file_it_is() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path()).unwrap();
    let key = DataKey::draw(1);
    let size = |length: usize| {
        let mut sealing = folder.begin(FILE, Part::Original).unwrap();
        sealing.write(&key, &vec![7; length]).unwrap();
        sealing.finish(&key).unwrap();
        fs::metadata(folder.locked(FILE)).unwrap().len()
    };
    assert_eq!(size(1), size(60_000));
    assert!(size(1) < size(70_000));
}

#[test]
fn what_is_given_up_leaves_nothing_and_what_has_a_row_stays() {
    let (_home, folder, key, _) = three();
    drop(folder.begin(FILE, Part::Original).unwrap());
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names.len()
    };
    assert_eq!(names(), 4, "three chunks and the whole");
    let known = |arriving: &[&str], kept: &[&str]| super::super::store::Known {
        arriving: arriving.iter().map(|name| (*name).to_owned()).collect(),
        kept: kept.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(folder.sweep(&known(&[], &[]), 0).unwrap(), 0, "too young");
    assert_eq!(folder.sweep(&known(&[FILE], &[]), i64::MAX).unwrap(), 0);
    assert_eq!(folder.sweep(&known(&[], &[FILE]), i64::MAX).unwrap(), 3, "its chunks");
    assert!(read(&folder, &key, 3).is_ok());
    assert_eq!(folder.sweep(&known(&[], &["other"]), i64::MAX).unwrap(), 1);
}
