//! Packed ids, the filter and the segments keep what is put in, and refuse what is not right.

use crate::world::{LEDGER, batch, row};
use daylight_ids::CitizenId;
use daylight_matching::days;
use daylight_matching::exact::{Bloom, Table};
use daylight_matching::packed::{PackedColumn, PackedId, pack_cell, pack_fixed};
use daylight_matching::segments::{Batch, SegmentIndex, SegmentReader, SegmentWriter};
use proptest::prelude::*;
use std::io::Cursor;

/// A valid id, drawn over all areas, birthdays and sequences.
fn id() -> impl Strategy<Value = String> {
    (110_000..1_000_000_u32, -43_000..65_000_i32, 0..1000_u32).prop_map(|(area, birth, sequence)| {
        let (year, month, day) = days::date(birth);
        let body = format!("{area:06}{year:04}{month:02}{day:02}{sequence:03}");
        let check = CitizenId::check_char(body.as_bytes().first_chunk().unwrap());
        format!("{body}{check}")
    })
}

fn slow(text: &str) -> Option<u64> {
    CitizenId::parse(text).ok().map(|id| PackedId::of(&id).get())
}

#[test]
fn every_year_has_its_days() {
    for year in 1700..2400_u32 {
        for (month, day) in
            [(2, 28), (2, 29), (2, 30), (0, 1), (13, 1), (4, 30), (4, 31), (12, 31), (12, 32), (1, 0)]
        {
            let body = format!("999901{year:04}{month:02}{day:02}001");
            let check = CitizenId::check_char(body.as_bytes().first_chunk().unwrap());
            let text = format!("{body}{check}");
            assert_eq!(pack_cell(text.as_bytes()).ok(), slow(&text), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_id_packs_and_comes_back(text in id()) {
        let packed = PackedId::parse(&text).unwrap();
        let known = CitizenId::parse(&text).unwrap();
        prop_assert_eq!(packed.to_text(), text.clone());
        prop_assert_eq!(Some(packed.get()), slow(&text));
        prop_assert_eq!(packed.sex(), known.sex());
        let (year, month, day) = known.birth_date();
        prop_assert_eq!(days::date(packed.birth()), (i32::from(year), month.into(), day.into()));
        let debug = format!("{packed:?}");
        prop_assert!(!debug.contains(&text[6..14]), "a birth date in Debug");
    }

    #[test]
    fn one_wrong_character_is_seen_as_the_slow_reading_sees_it(
        text in id(), at in 0..18_usize, wrong in prop::sample::select(b"0123456789Xx/:;? Oo\x00\x7F".to_vec()),
    ) {
        let mut bytes = text.into_bytes();
        bytes[at] = wrong;
        let text = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(pack_cell(text.as_bytes()).ok(), slow(&text));
    }

    #[test]
    fn any_bytes_are_read_as_the_slow_reading_reads_them(cells in prop::collection::vec(
        prop_oneof![id(), "[0-9]{17}[0-9X]", "[0-9]{6}(19|20)[0-9]{2}(0|1)[0-9][0-3][0-9]{4}[0-9X]", "[ -~]{18}"], 0..20,
    )) {
        let text: String = cells.iter().map(|cell| format!("{cell}\n")).collect();
        let mut column = PackedColumn::default();
        pack_fixed(text.as_bytes(), 19, 2, &mut column);
        let expected: Vec<u64> = cells.iter().map(|cell| slow(cell).unwrap_or(0)).collect();
        prop_assert_eq!(&column.ids, &expected);
        let bad: Vec<u64> = column.bad.iter().map(|bad| bad.line).collect();
        let wrong: Vec<u64> = (2..).zip(&expected).filter(|(_, id)| **id == 0).map(|(line, _)| line).collect();
        prop_assert_eq!(bad, wrong);
    }

    #[test]
    fn what_was_put_in_is_found(keys in prop::collection::btree_set(1..u64::MAX, 1..400)) {
        let (mut bloom, mut table) = (Bloom::for_keys(keys.len()), Table::for_keys(keys.len()));
        for (value, key) in keys.iter().enumerate() {
            bloom.insert(*key);
            table.insert(*key, value as u32);
        }
        for (value, key) in keys.iter().enumerate() {
            prop_assert!(bloom.may_hold(*key));
            prop_assert_eq!(table.get(*key), Some(value as u32));
        }
        for key in keys.iter().map(|key| key ^ 1).filter(|key| !keys.contains(key) && *key != 0) {
            prop_assert_eq!(table.get(key), None);
        }
    }
}

fn segment(rows: &[crate::world::Row]) -> Vec<u8> {
    let mut writer = SegmentWriter::new(Vec::new(), &LEDGER).unwrap();
    for (at, rows) in rows.chunks(9).enumerate() {
        writer.write(&batch(rows, at as u64 * 9)).unwrap();
    }
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Option<Vec<Batch>> {
    let mut reader = SegmentReader::new(bytes, None).ok()?;
    let mut all = Vec::new();
    let mut batch = Batch::default();
    while reader.read(&mut batch).ok()? {
        all.push(batch.clone());
    }
    Some(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_segment_gives_back_its_rows(rows in prop::collection::vec(row(), 0..40), chosen in prop::collection::btree_set(0..40_u64, 0..10)) {
        let bytes = segment(&rows);
        let told: Vec<crate::world::Row> = rows.clone();
        let all = read(&bytes).unwrap();
        prop_assert_eq!(all.iter().map(Batch::rows).sum::<usize>(), told.len());
        for own in &all {
            let first = own.first_row as usize;
            let expected = batch(&told[first..first + own.rows()], own.first_row);
            for (field, column) in &expected.columns {
                let same = match (column, own.column(*field).unwrap()) {
                    (daylight_matching::segments::Column::Texts(a), daylight_matching::segments::Column::Texts(b)) => {
                        (0..own.rows()).all(|row| a.get(row) == b.get(row))
                    }
                    (a, b) => a == b,
                };
                prop_assert!(same, "{:?}", field);
            }
        }
        let mut input = Cursor::new(bytes);
        let index = SegmentIndex::build(&mut input).unwrap();
        prop_assert_eq!(index.rows(), rows.len() as u64);
        let chosen: Vec<u64> = chosen.into_iter().filter(|row| *row < rows.len() as u64).collect();
        let fetched = index.fetch(&mut input, &chosen).unwrap();
        for (at, row) in chosen.iter().enumerate() {
            let expected = batch(&rows[*row as usize..=*row as usize], *row);
            prop_assert_eq!(fetched.lines[at], expected.lines[0]);
            prop_assert_eq!(fetched.person(at), expected.person(0));
            for (field, _) in &expected.columns {
                prop_assert_eq!(fetched.key(*field, at), expected.key(*field, 0));
                prop_assert_eq!(fetched.day(*field, at), expected.day(*field, 0));
                prop_assert_eq!(fetched.number(*field, at), expected.number(*field, 0));
                prop_assert_eq!(fetched.text(*field, at), expected.text(*field, 0));
            }
        }
    }

    #[test]
    fn damage_is_seen(rows in prop::collection::vec(row(), 1..30), at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()) {
        let bytes = segment(&rows);
        let whole = read(&bytes).unwrap();
        let mut broken = bytes.clone();
        let at = at.index(bytes.len());
        if cut {
            broken.truncate(at);
        } else {
            broken[at] ^= 1 << bit;
        }
        // The code of a column's field in the head may turn into another of the same type: that is for the seal.
        let head = 8 + LEDGER.len();
        if at >= head || cut {
            let seen = read(&broken).is_none_or(|own| own == whole && at >= bytes.len() - 8);
            prop_assert!(seen, "byte {} of {}", at, bytes.len());
        } else {
            let _ = read(&broken);
        }
    }
}
