//! Tables in any shape.

use crate::world::{QIAN, World, ZHAO, deceased, lines, shown, workbook};
use daylight_comparison::problems::Reason;

fn dead() -> World {
    let mut world = World::new(&["dead-at-payment"]);
    deceased(&mut world);
    world
}

fn places(found: &[(String, Vec<(String, u32)>)]) -> Vec<(&str, u32)> {
    found.iter().flat_map(|(_, rows)| rows.iter().map(|(file, line)| (file.as_str(), *line))).collect()
}

#[test]
fn several_files_and_sheets_are_one_ledger_and_each_row_says_where_it_stands() {
    let mut world = dead();
    let rows = |date: &str| {
        vec![
            vec!["姓名".into(), "公民身份号码".into(), "打款日期".into(), "实发金额".into()],
            vec!["赵守田".into(), ZHAO.into(), date.into(), "120".into()],
        ]
    };
    let book =
        workbook(&[("一月", rows("2024-01-05")), ("四月", rows("2024-04-05")), ("五月", rows("2024-05-06"))]);
    world.ledger("payments", "发放.xlsx", &book, "");
    let text = format!("身份证号,发放日期,发放金额\n{QIAN},2024-06-01,1\n{ZHAO},2024-06-01,120\n");
    world.ledger("payments", "补发.csv", text.as_bytes(), "");
    assert_eq!(places(&world.lines()), [("发放.xlsx四月", 3), ("发放.xlsx五月", 3), ("补发.csv", 3)]);
}

#[test]
fn two_files_of_one_roster_are_one_and_a_hit_says_which() {
    let mut world = dead();
    let text = format!("死者姓名,证件号码,死亡时间\n钱有粮,{QIAN},2024年1月2日\n赵守田,{ZHAO},2024-03-11\n");
    world.roster("deceased", "殡仪馆.csv", text.as_bytes(), "");
    let text = format!("身份证号,发放日期,发放金额\n{QIAN},2024-02-01,1\n{ZHAO},2024-06-01,120\n");
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let outcome = world.run().unwrap();
    let evidence: Vec<_> = shown(&outcome)
        .into_iter()
        .flat_map(|hit| hit.rows.into_iter().flat_map(|row| row.evidence))
        .map(|own| (own.file, own.line, own.from))
        .collect();
    let own = |file: &str, line, from: &str| (file.to_owned(), line, from.to_owned());
    let expected = [
        own("死亡人员.csv", 2, "2024-03-10"),
        own("殡仪馆.csv", 3, "2024-03-11"),
        own("殡仪馆.csv", 2, "2024-01-02"),
    ];
    assert_eq!(evidence, expected);
}

#[test]
fn old_ids_of_15_digits_meet_new_ones() {
    let mut world = dead();
    let old = format!("{}{}", &ZHAO[..6], &ZHAO[8..17]);
    let text = format!(
        "身份证号,发放日期,发放金额\n{old},2024-06-01,120\n'{ZHAO},2024-06-02,120\n=\"{ZHAO}\",2024-06-03,120\n"
    );
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    assert_eq!(places(&world.lines()), [("发放.csv", 2), ("发放.csv", 3), ("发放.csv", 4)]);
}

#[test]
fn a_bad_id_is_told_with_its_line_and_reason_and_the_row_is_counted() {
    let mut world = dead();
    let wrong = format!("{}5", &ZHAO[..17]);
    let text = format!(
        "身份证号,姓名,发放日期,发放金额\n{wrong},赵守田,2024-06-01,120\n9.99901E+17,甲,2024-06-01,1\n,乙,2024-06-01,1\n12345,丙,2024-06-01,1\n\
         {ZHAO},赵守田,昨天,120\n{QIAN},钱有粮,2024-06-01,一百\n99990119500101011X,丁,2024-06-01,1\n99990119501301011X,戊,2024-06-01,1\n"
    );
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let outcome = world.run().unwrap();
    let told: Vec<_> = outcome.problems().map(|(_, told)| (told.line, told.column, told.reason)).collect();
    use Reason::*;
    let id = "身份证号";
    assert_eq!(
        told,
        [
            (2, id, IdCheck),
            (3, id, Lossy),
            (4, id, NoId),
            (5, id, IdLength),
            (6, "日期", Date),
            (7, "金额", Number),
            (8, id, IdCheck),
            (9, id, IdBirth)
        ]
    );
    let held = &outcome.ledgers[0].held;
    assert_eq!((held.rows, held.without_id, outcome.undated), (8, 6, 1));
    assert!(!outcome.found());
}

#[test]
fn a_number_a_spreadsheet_has_rounded_is_never_compared() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in ["姓名", "身份证号", "银行账号", "发放日期", "发放金额"].into_iter().enumerate()
    {
        sheet.write_string(0, column as u16, title).unwrap();
    }
    // Three persons whose accounts differ in digits that a number has lost.
    for (row, id) in [(1, ZHAO), (2, QIAN), (3, "999901197012310335")] {
        sheet.write_string(row, 1, id).unwrap();
        sheet.write_number(row, 2, 6_222_021_001_116_245_000.0).unwrap();
        sheet.write_string(row, 3, "2024-01-01").unwrap();
        sheet.write_number(row, 4, 100.0).unwrap();
    }
    sheet.write_number(4, 1, 999_901_195_001_010_119.0).unwrap();
    sheet.write_number(4, 4, 100.0).unwrap();
    let mut world = World::new(&["account-of-many"]);
    world.ledger("payments", "发放.xlsx", &book.save_to_buffer().unwrap(), "");
    let outcome = world.run().unwrap();
    assert!(!outcome.found());
    let told: Vec<_> = outcome.problems().map(|(_, told)| (told.line, told.reason)).collect();
    assert_eq!(told, [(2, Reason::Lossy), (3, Reason::Lossy), (4, Reason::Lossy), (5, Reason::Lossy)]);
}

#[test]
fn a_month_alone_is_read_in_favour_of_the_person() {
    let mut world = World::new(&["dead-at-payment"]);
    let text = format!("身份证号,死亡年月\n{ZHAO},2024年3月\n");
    world.roster("deceased", "死亡人员.csv", text.as_bytes(), "");
    let rows = ["2024-03-20", "202403", "2024-04", "2024-05"].map(|date| format!("{ZHAO},{date},120\n"));
    let text = format!("身份证号,发放年月,发放金额\n{}", rows.concat());
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let outcome = world.run().unwrap();
    // Dead by the end of March; one day of grace; paid on the first of the month at the earliest.
    assert_eq!(places(&lines(&outcome)), [("发放.csv", 4), ("发放.csv", 5)]);
    assert_eq!((outcome.ledgers[0].held.months, outcome.rosters[0].held.months), (3, 1));
}

#[test]
fn a_source_says_which_column_is_which_what_holds_for_all_and_what_schemes_are_called() {
    let more = "sheet = \"明细\"\n[columns]\n\"对象编码\" = \"person\"\n\"身份证号\" = \"\"\n[fixed]\ndate = \"2024-06-01\"\n[schemes]\n\"农村低保\" = \"低保\"\n";
    let mut world = World::new(&["on-payroll"]);
    let payroll = format!("身份证号,入职日期\n{QIAN},2020-01-01\n");
    world.roster("payroll", "财政供养.csv", payroll.as_bytes(), "");
    world.roster("village-cadres", "村干部.csv", format!("身份证号\n{ZHAO}\n").as_bytes(), "");
    let rows = |id: &str| {
        let cells = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        vec![
            cells(["身份证号", "对象编码", "发放金额", "补贴项目"]),
            cells([ZHAO, id, "300", "农村低保"]),
            cells([ZHAO, id, "300", "种粮补贴"]),
        ]
    };
    let book = workbook(&[("汇总", rows(ZHAO)), ("明细", rows(QIAN))]);
    world.ledger("payments", "发放.xlsx", &book, more);
    let found = world.lines();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0.as_str(), places(&found)), (QIAN, vec![("发放.xlsx明细", 3)]));
}

#[test]
fn an_old_workbook_is_a_roster_like_any_other() {
    let old = include_bytes!("../../../tables/tests/fixtures/cadres_old.xls");
    let mut world = World::new(&["on-payroll"]);
    // It has no column of ids, which matching by likeness alone forgives.
    world.fuzzy = true;
    world.roster("village-cadres", "村干部.xls", old, "");
    world.roster("payroll", "财政供养.csv", format!("身份证号\n{ZHAO}\n").as_bytes(), "");
    let text = format!("身份证号,发放日期,发放金额,补贴项目\n{ZHAO},2024-06-01,300,低保\n");
    world.ledger("payments", "发放.csv", text.as_bytes(), "");
    let outcome = world.run().unwrap();
    let held = &outcome.rosters[0].held;
    assert_eq!((held.rows, held.left_out, held.months, held.hidden_sheets.len()), (2, 2, 1, 1), "{held:?}");
    assert_eq!((held.without_id, outcome.hits.len()), (2, 1));
    world.fuzzy = false;
    let words = world.run().unwrap_err().to_string();
    assert!(
        words.contains("村干部.xls") && words.contains("身份证号") && words.contains("[columns]"),
        "{words}"
    );
}
