//! Time and memory of a 60,000-row workbook; not a test of this machine's speed, so it runs only when asked:
//! `cargo test --release -p daylight-tables --test measure -- --ignored --nocapture`.

use daylight_tables::{Column, Event, Layout, Limits, read};
use rust_xlsxwriter::Workbook;
use std::{ops::ControlFlow, time::Instant};

const TITLES: [&str; 12] = [
    "序号",
    "姓名",
    "身份证号",
    "单位名称",
    "行政区划代码",
    "银行账号",
    "项目名称",
    "补贴金额",
    "发放时间",
    "联系电话",
    "地址",
    "备注",
];

fn layout() -> Layout {
    let columns =
        TITLES.map(|title| Column { key: title, title, synonyms: vec![], required: title == "姓名" });
    Layout { kind: "ledger", title: "台账", columns: columns.into(), carry: vec![] }
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "measures, and asserts nothing about speed"]
fn sixty_thousand_rows() {
    let rows: u32 = std::env::var("ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(60_000);
    let path = std::env::temp_dir().join(format!("daylight-measure-{rows}.xlsx"));
    if !path.exists() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, title) in (0u16..).zip(TITLES) {
            sheet.write(0, column, title).unwrap();
        }
        for row in 1..=rows {
            sheet.write(row, 0, row).unwrap();
            sheet.write(row, 1, format!("张三{}", row % 5000)).unwrap();
            sheet.write(row, 2, format!("9999011970{:08}", u64::from(row) * 7919 % 100_000_000)).unwrap();
            sheet.write(row, 3, format!("安澜县第{}村村民委员会", row % 300)).unwrap();
            sheet.write(row, 4, 999_901_000_000.0 + f64::from(row % 300)).unwrap();
            sheet.write(row, 5, format!("6230{:015}", u64::from(row) * 104_729)).unwrap();
            sheet.write(row, 6, "耕地地力保护补贴").unwrap();
            sheet.write(row, 7, f64::from(row % 1000) + 0.5).unwrap();
            sheet.write(row, 8, "2026.03").unwrap();
            sheet.write(row, 9, format!("139{:08}", row)).unwrap();
            sheet.write(row, 10, format!("龙泉镇前进村{}组{}号", row % 20, row % 200)).unwrap();
        }
        book.save(&path).unwrap();
        println!("written; run again for the figures");
        return;
    }
    let layouts = [layout()];
    for _ in 0..5 {
        let start = Instant::now();
        let mut length = 0;
        let mut count = 0u32;
        let summary = read(&path, &layouts, &Limits::default(), &mut |event| {
            if let Event::Row(row) = event {
                count += 1;
                length += row.text("姓名").len();
            }
            ControlFlow::Continue(())
        });
        summary.unwrap();
        let took = start.elapsed();
        println!("{count} rows, {length} bytes of names: {took:?}, peak resident {} KiB", resident());
    }
}
