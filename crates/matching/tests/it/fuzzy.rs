//! Matching without ids.

use daylight_matching::fuzzy::{Class, Config, Form, Linked, Pool, Side, link};
use proptest::prelude::*;

/// A crowd of strangers on both sides, so that the model has something to learn from: 王伟 is common among them.
fn crowd(config: &Config) -> Pool {
    let mut pool = Pool::new(config);
    let surnames = ["李", "张", "刘", "陈", "杨", "赵", "吴", "周", "徐", "孙"];
    let given = [
        "明", "芳", "军", "磊", "敏", "静", "丽", "强", "涛", "超", "霞", "平", "刚", "桂英", "建国", "志强",
    ];
    for number in 0..600_usize {
        let x = number.wrapping_mul(2_654_435_761) >> 7;
        let name = if number % 6 == 0 {
            "王伟".to_owned()
        } else {
            format!("{}{}", surnames[x % 10], given[x / 16 % 16])
        };
        let birth = format!("{}{:02}{:02}", 1950 + x % 50, 1 + x / 7 % 12, 1 + x / 11 % 28);
        let sex = ["男", "女"][x % 2];
        let place = format!("第{}村", x / 3 % 20);
        let phone = format!("139{:08}", (x * 7919) % 100_000_000);
        let left = [name.as_str(), &birth, sex, &place, &phone, "", ""];
        pool.push(Side::Left, &left);
        // Every third person stands on both sides.
        if number % 3 == 0 {
            pool.push(Side::Right, &left);
        } else {
            let birth = format!("{}{:02}{:02}", 1951 + x % 47, 1 + x / 5 % 12, 1 + x / 13 % 28);
            let phone = format!("138{:08}", (x * 104_729) % 100_000_000);
            pool.push(Side::Right, &[&name, &birth, sex, &format!("第{}村", x / 9 % 20), &phone, "", ""]);
        }
    }
    pool
}

fn with(pairs: &[([&str; 7], [&str; 7])]) -> (Config, Linked, usize) {
    let config = Config { threshold: 0.5, ..Config::chinese() };
    let mut pool = crowd(&config);
    let first = pool.rows(Side::Left);
    for (left, right) in pairs {
        pool.push(Side::Left, left);
        pool.push(Side::Right, right);
    }
    let linked = link(&pool, &config);
    (config, linked, first)
}

fn probability(linked: &Linked, row: usize) -> Option<f64> {
    linked.matches.iter().find(|own| (own.left, own.right) == (row, row)).map(|own| own.probability)
}

#[test]
fn a_name_alone_is_never_a_match() {
    let rare = "欧阳靖雯";
    let (config, linked, first) = with(&[
        ([rare, "", "", "", "", "", ""], [rare, "", "", "", "", "", ""]),
        ([rare, "", "女", "第3村", "", "", ""], [rare, "", "女", "第4村", "", "", ""]),
        (["王伟", "", "男", "第3村", "", "", ""], ["王伟", "", "男", "第3村", "", "", ""]),
        ([rare, "19800101", "女", "第3村", "", "", ""], [rare, "19650730", "女", "第5村", "", "", ""]),
        ([rare, "19800101", "女", "", "", "", ""], [rare, "19800101", "女", "", "", "", ""]),
    ]);
    assert_eq!(probability(&linked, first), None, "a name");
    assert_eq!(probability(&linked, first + 1), None, "a name and a sex");
    assert_eq!(probability(&linked, first + 2), None, "a common name in one village");
    assert_eq!(probability(&linked, first + 3), None, "another birth date and village");
    assert!(probability(&linked, first + 4).is_some_and(|p| p > 0.9), "a name and a birth date");
    for own in &linked.matches {
        let identifying = own.fields.iter().any(|part| {
            let spec = &config.fields[part.field];
            match spec.class {
                Class::Identifying => usize::from(part.level) + 1 < spec.comparator.levels(),
                Class::Local => part.level == 0,
                Class::Name | Class::Supporting => false,
            }
        });
        assert!(identifying, "{own:?}");
    }
}

#[test]
fn however_low_the_threshold_a_name_and_a_sex_are_no_match() {
    let mut config = Config::chinese();
    let mut pool = crowd(&config);
    let row = pool.rows(Side::Left);
    for side in [Side::Left, Side::Right] {
        pool.push(side, &["欧阳靖雯", "", "女", "", "", "", ""]);
    }
    config.threshold = 0.0;
    // The pair is looked at: names of one sound in one place, and here by the name alone.
    config.passes.push(vec![(0, Form::Whole)]);
    assert_eq!(probability(&link(&pool, &config), row), None);
    // The wall is the class, not the score: were a name taken for more, the pair would come through.
    config.fields[0].class = Class::Identifying;
    assert!(probability(&link(&pool, &config), row).is_some());
}

#[test]
fn a_common_name_proves_little() {
    let birth = "19710203";
    let (_, linked, first) = with(&[
        (["王伟", birth, "男", "", "", "", ""], ["王伟", birth, "男", "", "", "", ""]),
        (["欧阳靖雯", "19710204", "男", "", "", "", ""], ["欧阳靖雯", "19710204", "男", "", "", "", ""]),
    ]);
    let bits = |row: usize| {
        let own = linked.matches.iter().find(|own| (own.left, own.right) == (row, row)).unwrap();
        own.fields.iter().find(|part| part.field == 0).unwrap().bits
    };
    assert!(bits(first + 1) > bits(first) + 2.0, "rare {} common {}", bits(first + 1), bits(first));
}

#[test]
fn slips_of_clerks_are_seen_through() {
    let (_, linked, first) = with(&[
        // A name heard wrong, a day and a month swapped, a phone with one digit wrong, characters in another order.
        (
            ["郭晓岚", "19690312", "女", "第3村", "", "", ""],
            ["郭小兰", "19690312", "女", "第3村", "", "", ""],
        ),
        (
            ["欧阳靖", "19690412", "女", "", "13700001234", "", ""],
            ["欧阳靖", "19691204", "女", "", "13700001234", "", ""],
        ),
        (
            ["慕容雪", "19690512", "女", "第3村", "13700001235", "", ""],
            ["慕容雪", "19690512", "女", "第3村", "13700001253", "", ""],
        ),
        (
            ["司马文青", "19690612", "女", "第4村", "", "", ""],
            ["司马青文", "19690612", "女", "第4村", "", "", ""],
        ),
        (
            ["上官云", "19690712", "女", "", "", "", "99990119690712002"],
            ["上官云", "", "女", "", "", "", "99990119690712003"],
        ),
    ]);
    for row in 0..5 {
        assert!(
            probability(&linked, first + row).is_some_and(|p| p > 0.9),
            "pair {row}: {:?}",
            probability(&linked, first + row)
        );
    }
}

#[test]
fn what_each_field_contributes_adds_up() {
    let (_, linked, _) = with(&[]);
    assert!(linked.matches.len() >= 190, "{}", linked.matches.len());
    for own in &linked.matches {
        let sum: f64 = own.fields.iter().map(|part| part.bits).sum();
        assert!((sum - own.bits).abs() < 1e-9);
        let odds = (-(own.bits + linked.prior)).exp2();
        assert!((own.probability - 1.0 / (1.0 + odds)).abs() < 1e-9);
    }
}

#[test]
fn one_to_one_gives_nobody_twice() {
    let mut config = Config { threshold: 0.01, one_to_one: true, ..Config::chinese() };
    let pool = crowd(&config);
    let once = link(&pool, &config);
    for side in [0, 1] {
        let mut seen: Vec<usize> = once.matches.iter().map(|own| [own.left, own.right][side]).collect();
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }
    config.threads = 3;
    let again = link(&pool, &config);
    let pairs = |linked: &Linked| linked.matches.iter().map(|own| (own.left, own.right)).collect::<Vec<_>>();
    assert_eq!(pairs(&once), pairs(&again), "threads change nothing");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pairs_looked_at_are_bounded(
        rows in prop::collection::vec((0..3_u8, 0..3_u8, 0..2_u8), 0..120),
        most in 1..20_usize,
    ) {
        let config = Config { most_in_block: most, ..Config::chinese() };
        let mut pool = Pool::new(&config);
        for (name, birth, phone) in &rows {
            let name = ["王伟", "李强", ""][usize::from(*name)];
            let birth = ["19800101", "19800102", ""][usize::from(*birth)];
            let phone = ["13800000000", ""][usize::from(*phone)];
            for side in [Side::Left, Side::Right] {
                pool.push(side, &[name, birth, "男", "村", phone, "", ""]);
            }
        }
        let linked = link(&pool, &config);
        let bound = rows.len() * most * config.passes.len();
        prop_assert!(linked.candidates <= bound as u64);
        let left_out: u64 = linked.left_out.iter().sum();
        prop_assert!(left_out > 0 || rows.len() <= most * 9, "large blocks are told");
    }
}
