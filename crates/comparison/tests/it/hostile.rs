//! Files from strangers: a clear report, and nothing half-done.

use crate::world::{World, ZHAO, deceased, gbk};
use daylight_comparison::Fault;

fn fault(name: &str, bytes: &[u8]) -> String {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world.ledger("payments", name, bytes, "");
    let fault = world.run().unwrap_err();
    assert!(matches!(fault, Fault::Unreadable { .. }), "{fault:?}");
    fault.to_string()
}

const HEAD: &str = "身份证号,姓名,发放日期,发放金额\n";

#[test]
fn broken_files_are_told_by_name_and_reason() {
    let row = format!("{ZHAO},赵守田,2024-06-01,120\n");
    let huge = format!("{HEAD}{row}{ZHAO},{},2024-06-01,1\n", "长".repeat(4 << 20));
    let open = format!("{HEAD}{row}{ZHAO},\"没有结束\n{}", row.repeat(20_000));
    let mixed = [
        format!("{HEAD}{}", row.repeat(50)).into_bytes(),
        gbk("姓名"),
        vec![0xFF, 0xFE, 0x81],
        row.clone().into_bytes(),
    ]
    .concat();
    for (name, bytes, words) in [
        ("巨大.csv", huge.into_bytes(), "单元格内容太大"),
        ("引号.csv", open.into_bytes(), "引号没有结束"),
        ("混杂.csv", mixed, "文字编码无法识别"),
        ("空.csv", vec![], "没有任何内容"),
        ("图.xlsx", b"\x89PNG\r\n\x1A\n".to_vec(), "不是表格文件"),
        ("坏.xlsx", b"PK\x03\x04xl/workbook.xml broken".to_vec(), ""),
        ("无表头.csv", row.into_bytes(), "没有找到表头"),
    ] {
        let told = fault(name, &bytes);
        assert!(told.contains(name) && told.contains(words), "{told}");
        assert!(!told.contains(ZHAO), "{told}");
    }
}

#[test]
fn a_fault_deep_in_the_last_file_leaves_no_result() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    let row = format!("{ZHAO},赵守田,2024-06-01,120\n");
    world.ledger("payments", "好.csv", format!("{HEAD}{row}").as_bytes(), "");
    let deep = format!("{HEAD}{}{ZHAO},\"开着\n", row.repeat(70_000));
    world.ledger("payments", "坏.csv", deep.as_bytes(), "");
    assert!(matches!(world.run(), Err(Fault::Unreadable { .. })));
}

#[test]
fn lines_that_look_plain_are_judged_like_all_others() {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    // More than the rows among which a header is looked for, so that lines are taken as they stand.
    let filler = "999901196206150224,钱有粮,2024-06-01,1\n".repeat(40);
    let text = format!(
        "{HEAD}{filler}{ZHAO},赵守田,2024-06-01,120\n身份证号,姓名,发放日期,发放金额\n合计,,,41\n{ZHAO},赵守田,2024年6月2日,\"1,120\"\n\
         {ZHAO} ,赵守田,2024-06-03,120\n'{ZHAO},赵守田,2024-06-04,120\n{ZHAO},赵守田,2024-06-05,120,多,余\n{ZHAO}"
    );
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let outcome = world.run().unwrap();
    let rows: Vec<_> =
        outcome.shown(daylight_comparison::masks::Masks::Off).flat_map(|hit| hit.rows).collect();
    let told: Vec<_> = rows.iter().map(|row| (row.line, row.amount)).collect();
    assert_eq!(
        told,
        [(42, Some(12_000)), (45, Some(112_000)), (46, Some(12_000)), (47, Some(12_000)), (48, Some(12_000))]
    );
    assert_eq!((outcome.ledgers[0].held.left_out, outcome.undated), (2, 1));
}

#[test]
fn an_account_that_lost_its_digits_is_seen_among_plain_lines_too() {
    let mut world = World::new(&["account-of-many"]);
    let head = "身份证号,发放日期,发放金额,银行账号\n";
    let filler: String = (0..40).map(|at| format!("{ZHAO},2024-06-01,1,62220210000{at:02}\n")).collect();
    let lost = ["999901196206150224", "999901197012310335", "999901198503010470"];
    let lost = lost.map(|id| format!("{id},2024-06-01,1,6.22202E+18\n")).concat();
    world.ledger("payments", "发放.csv", format!("{head}{filler}{lost}").as_bytes(), "");
    let outcome = world.run().unwrap();
    assert!(!outcome.found(), "three persons with one rounded account");
    assert_eq!(outcome.problems().map(|(_, told)| told.line).collect::<Vec<_>>(), [42, 43, 44]);
}
