//! What is refused, and in what words.

use crate::world::{QIAN, World, ZHAO, deceased, entry};

use daylight_comparison::{Comparison, Fault, Input, RuleFile, Sort};
use std::path::Path;

fn payments() -> String {
    format!("身份证号,发放日期,发放金额\n{ZHAO},2024-06-01,120\n")
}

#[test]
fn a_table_without_an_entry_is_refused_and_the_words_say_what_to_write() {
    let world = World::new(&["dead-at-payment"]);
    let path = world.write("发放.csv", payments().as_bytes());
    let fault = Input::open(&path, None, "payments").unwrap_err();
    assert_eq!(fault.sort(), Sort::Refused);
    assert!(
        fault.to_string().contains("发放.csv.toml") && fault.to_string().contains("retention-days"),
        "{fault}"
    );
    world.write("发放.csv.toml", entry("payments", "").replace("owner", "# owner").as_bytes());
    let fault = Input::open(&path, None, "payments").unwrap_err();
    assert!(matches!(fault, Fault::Source { .. }) && fault.sort() == Sort::Refused, "{fault}");
    world.write("发放.csv.toml", entry("payments", "").as_bytes());
    assert!(Input::open(&path, None, "payments").is_ok());
    assert!(matches!(Input::open(&path, None, "deceased"), Err(Fault::OtherKind { .. })));
}

#[test]
fn more_persons_than_the_rules_need_are_not_compared() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world.ledger("payments", "发放.csv", payments().as_bytes(), "");
    assert!(world.run().unwrap().found());
    let payroll = format!("身份证号,入职日期\n{QIAN},2020-01-01\n");
    world.roster("payroll", "财政供养.csv", payroll.as_bytes(), "");
    let fault = world.run().unwrap_err();
    assert!(matches!(fault, Fault::NotNeeded { .. }) && fault.sort() == Sort::Refused, "{fault}");
}

#[test]
fn a_missing_roster_a_wrong_side_and_nothing_at_all_are_told() {
    let mut world = World::new(&["dead-at-payment"]);
    assert!(matches!(world.comparison(), Err(Fault::Nothing)));
    world.ledger("payments", "发放.csv", payments().as_bytes(), "");
    assert!(matches!(world.comparison(), Err(Fault::NoRoster { .. })));
    world.roster("payments", "再发.csv", payments().as_bytes(), "");
    assert!(matches!(world.comparison(), Err(Fault::WrongSide { .. })));
    assert!(matches!(RuleFile::open("no-such-rule", Path::new("")), Err(Fault::NoRule(_))));
    let twice = World::new(&["account-of-many", "account-of-many"]);
    let mut twice = twice;
    let text = format!("身份证号,发放日期,发放金额,银行账号\n{ZHAO},2024-06-01,120,622202100\n");
    twice.ledger("payments", "发放.csv", text.as_bytes(), "");
    assert!(matches!(twice.run(), Err(Fault::Rule { .. })));
}

#[test]
fn one_file_under_two_names_is_not_counted_twice() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world.ledger("payments", "发放.csv", payments().as_bytes(), "");
    world.ledger("payments", "发放（最终版）.csv", payments().as_bytes(), "");
    let fault = world.run().unwrap_err();
    assert!(matches!(&fault, Fault::Same { other, .. } if other == "发放.csv"), "{fault}");
}

#[test]
fn a_rule_that_sees_nothing_is_no_clean_result() {
    let mut world = World::new(&["account-of-many"]);
    world.ledger("payments", "发放.csv", payments().as_bytes(), "");
    let fault = world.run().unwrap_err();
    assert!(matches!(&fault, Fault::Blind { columns, .. } if columns == "账号"), "{fault}");
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world.ledger("payments", "发放.csv", format!("身份证号,发放金额\n{ZHAO},1\n").as_bytes(), "");
    assert!(matches!(&world.run(), Err(Fault::Blind { columns, .. }) if columns == "日期"));
}

#[test]
fn a_sheet_without_its_columns_is_refused_not_skipped() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world.ledger(
        "payments",
        "发放.csv",
        format!("身份证号,姓名,发放日期\n{ZHAO},赵守田,2024-06-01\n").as_bytes(),
        "",
    );
    let fault = world.run().unwrap_err();
    assert!(fault.to_string().contains("发放金额"), "{fault}");
    // Enough of a header to be one, yet without something it must have.
    let mut world = World::new(&["split-invoices"]);
    let text = "纳税人识别号,发票金额\n92999901MA0000001L,9800\n";
    world.ledger("invoices", "发票.csv", text.as_bytes(), "");
    let fault = world.run().unwrap_err();
    assert!(matches!(&fault, Fault::Missing { columns, .. } if columns == &["开票日期"]), "{fault}");
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world.ledger("payments", "发放.csv", payments().as_bytes(), "sheet = \"没有的表\"\n");
    assert!(matches!(world.run(), Err(Fault::NoSheet { .. })));
}

#[test]
fn a_comparisons_file_says_all_and_paths_start_from_its_folder() {
    let world = World::new(&[]);
    for (name, kind, text) in [
        ("发放.csv", "payments", payments()),
        ("死亡.csv", "deceased", format!("身份证号,死亡日期\n{ZHAO},2024-01-01\n")),
    ] {
        world.write(name, text.as_bytes());
        world.write(&format!("{kind}.toml"), entry(kind, "").as_bytes());
    }
    let text = "title = \"六月\"\nrules = [\"dead-at-payment\"]\n\
                [[ledgers]]\nfile = \"发放.csv\"\nsource = \"payments.toml\"\n\
                [[rosters]]\nfile = \"死亡.csv\"\nsource = \"deceased.toml\"\n";
    let path = world.write("comparison.toml", text.as_bytes());
    let outcome = Comparison::open(&path).unwrap().run(&mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    assert_eq!((outcome.title.as_str(), outcome.hits.len()), ("六月", 1));
    let path = world.write("comparison.toml", (text.to_owned() + "surprise = 1\n").as_bytes());
    let fault = Comparison::open(&path).unwrap_err();
    assert_eq!(fault.sort(), Sort::Usage, "{fault}");
}
