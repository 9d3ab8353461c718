//! Comparisons over files equal plain reading of the same rows.

use crate::world::{World, lines};
use daylight_matching::days;
use daylight_matching::packed::PackedId;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn id(person: u64) -> String {
    PackedId::from_column(99_990_119_500_101_000 + person).unwrap().to_text()
}

#[derive(Clone, Debug)]
struct Paid {
    person: u64,
    /// How the id is written: whole, with a blank, quoted, wrong, missing.
    spelling: u8,
    day: i32,
    fen: i64,
}

fn paid() -> impl Strategy<Value = Paid> {
    (0_u64..12, 0_u8..6, 19_000..19_040, 1_i64..100_000).prop_map(|(person, spelling, day, fen)| Paid {
        person,
        spelling,
        day,
        fen,
    })
}

fn line(own: &Paid) -> String {
    let whole = id(own.person);
    let wrong = if whole.ends_with('0') { '1' } else { '0' };
    let id = match own.spelling {
        0 | 1 => whole,
        2 => format!(" {whole} "),
        3 => format!("\"{whole}\""),
        4 => format!("{}{wrong}", &whole[..17]),
        _ => String::new(),
    };
    format!("{id},某,{},{}.{:02}\n", days::text(own.day), own.fen / 100, own.fen % 100)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_over_files_equals_plain_reading(
        first in prop::collection::vec(paid(), 1..60),
        second in prop::collection::vec(paid(), 1..60),
        dead in prop::collection::vec((0_u64..12, 19_000..19_040), 1..8),
    ) {
        let mut world = World::new(&["dead-at-payment"]);
        let text: String = dead.iter().map(|(person, day)| format!("{},{}\n", id(*person), days::text(*day))).collect();
        world.roster("deceased", "死亡.csv", format!("身份证号,死亡日期\n{text}").as_bytes(), "");
        let mut expected: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
        let mut without = 0;
        for (file, rows) in [("甲.csv", &first), ("乙.csv", &second)] {
            let text: String = rows.iter().map(line).collect();
            world.ledger("payments", file, format!("身份证号,姓名,发放日期,发放金额\n{text}").as_bytes(), "");
            for (at, own) in (2..).zip(rows) {
                without += u64::from(own.spelling > 3);
                // A day after the death is forgiven.
                let late = dead.iter().any(|(person, day)| *person == own.person && own.day > *day);
                if own.spelling <= 3 && late {
                    expected.entry(id(own.person)).or_default().push((file.to_owned(), at));
                }
            }
        }
        let outcome = world.run().unwrap();
        prop_assert_eq!(lines(&outcome), expected.into_iter().collect::<Vec<_>>());
        let held = outcome.ledgers.iter().map(|own| own.held.without_id).sum::<u64>();
        prop_assert_eq!((held, outcome.problems_total()), (without, without));
    }

    #[test]
    fn parts_do_not_change_what_is_found(rows in prop::collection::vec((0_u64..9, 0_u32..5), 1..80)) {
        let text: String =
            rows.iter().map(|(person, account)| format!("{},2024-01-01,1,62220210011162{account:05}\n", id(*person))).collect();
        let mut world = World::new(&["account-of-many", "excluding-schemes", "age-outside"]);
        let head = "身份证号,发放日期,发放金额,银行账号,补贴项目\n";
        let text = text.replace('\n', ",高龄津贴\n");
        world.ledger("payments", "发放.csv", format!("{head}{text}").as_bytes(), "");
        let whole = world.run().unwrap();
        world.parts = 3;
        let parts = world.run().unwrap();
        prop_assert_eq!(lines(&parts), lines(&whole));
        prop_assert_eq!(&parts.manifest.hits_sha256, &whole.manifest.hits_sha256);
        let persons: BTreeSet<_> = rows.iter().map(|(person, _)| person).collect();
        prop_assert!(persons.len() > 8 || parts.hits.len() <= 5 + 2 * persons.len());
    }
}
