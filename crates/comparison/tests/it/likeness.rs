//! Rows without an id, matched by name and what else they say.

use crate::world::{World, shown};
use daylight_matching::days;
use daylight_matching::packed::PackedId;

const SURNAMES: [&str; 10] = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈"];
const GIVEN: [&str; 12] =
    ["守田", "有粮", "保国", "迎春", "建海", "秀兰", "德胜", "桂英", "志强", "玉梅", "长江", "红霞"];

struct Person {
    id: PackedId,
    name: String,
    phone: String,
    village: String,
}

fn person(number: u64) -> Person {
    let x = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let (year, month, day) = days::date(-10_000 + (x % 14_000) as i32);
    let birth = u64::from(year as u32 * 10_000 + month * 100 + day);
    Person {
        id: PackedId::from_column((999_901 * 100_000_000 + birth) * 1000 + number % 1000).unwrap(),
        name: format!("{}{}", SURNAMES[(x >> 4) as usize % 10], GIVEN[(x >> 9) as usize % 12]),
        phone: format!("139{:08}", (x >> 3) % 100_000_000),
        village: format!("第{}村", x % 20),
    }
}

/// 300 dead; the ledger's rows have ids but for the last, as given.
fn world(fuzzy: bool, rows: &[String]) -> World {
    let dead: String = (0..300)
        .map(person)
        .map(|own| format!("{},{},2024-03-10,{},{}\n", own.name, own.id.to_text(), own.phone, own.village))
        .collect();
    let mut world = World::new(&["dead-at-payment"]);
    world.fuzzy = fuzzy;
    world.roster(
        "deceased",
        "死亡.csv",
        format!("姓名,身份证号,死亡日期,联系电话,村\n{dead}").as_bytes(),
        "",
    );
    // Enough others without an id for the weights to be learned from.
    let others: String = (100..300)
        .map(person)
        .map(|own| {
            let birth = days::text(own.id.birth());
            format!("{},,2024-01-05,100,{},{},{birth}\n", own.name, own.phone, own.village)
        })
        .collect();
    let text = format!("姓名,身份证号,发放日期,发放金额,联系电话,村,出生日期\n{others}{}", rows.concat());
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    world
}

fn row(name: &str, id: &str, date: &str, phone: &str, village: &str, birth: &str) -> String {
    format!("{name},{id},{date},120,{phone},{village},{birth}\n")
}

#[test]
fn a_row_without_an_id_is_found_by_what_else_it_says_and_each_field_tells_its_share() {
    let (a, b) = (person(7), person(8));
    let birth = days::text(a.id.birth());
    let damaged = format!("{}9{}", &b.id.to_text()[..15], &b.id.to_text()[16..]);
    let rows = [
        row(&a.name, "", "2024-06-01", &a.phone, &a.village, &birth),
        row(&b.name, &damaged, "2024-06-01", &b.phone, &b.village, ""),
    ];
    assert!(!world(false, &rows).run().unwrap().found());
    let outcome = world(true, &rows).run().unwrap();
    assert!(outcome.hits.is_empty());
    let found = shown(&outcome);
    let mut subjects: Vec<_> =
        found.iter().map(|hit| (hit.by, hit.subject.clone(), hit.rows[0].line)).collect();
    subjects.sort_by_key(|own| own.2);
    assert_eq!(subjects, [("likeness", a.id.to_text(), 202), ("likeness", b.id.to_text(), 203)]);
    for hit in &found {
        let why = hit.rows[0].likeness.as_ref().unwrap();
        assert!(why.probability > 0.9, "{why:?}");
        assert!(
            why.fields.iter().any(|own| own.field == "姓名" && own.agreement == "相同" && own.bits > 0.0)
        );
        assert!(why.fields.iter().any(|own| own.field == "电话" && own.bits > 0.0), "{why:?}");
    }
    assert_eq!((outcome.manifest.likely_hits, outcome.rules[0].likely, outcome.rules[0].hits), (2, 2, 0));
}

#[test]
fn a_name_alone_is_never_a_hit_and_the_window_counts_here_too() {
    let (a, b) = (person(7), person(9));
    let rows = [
        row(&a.name, "", "2024-06-01", "", "", ""),
        row(&b.name, "", "2024-03-10", &b.phone, &b.village, &days::text(b.id.birth())),
    ];
    let outcome = world(true, &rows).run().unwrap();
    assert!(!outcome.found(), "{:?}", shown(&outcome));
}
