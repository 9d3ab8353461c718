use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

fn sent(fill: impl FnOnce(&mut Workbook)) -> Sent {
    let mut book = Workbook::new();
    fill(&mut book);
    Sent::new("sent.xlsx", &book.save_to_buffer().unwrap())
}

fn write(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0u16..).zip(cells) {
        if !cell.is_empty() {
            sheet.write(row, column, *cell).unwrap();
        }
    }
}

#[test]
fn a_header_of_two_rows_is_joined() {
    let file = sent(|book| {
        let sheet = book.add_worksheet();
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 4, "干部名册", &plain).unwrap();
        sheet.merge_range(1, 0, 2, 0, "姓 名", &plain).unwrap();
        sheet.merge_range(1, 1, 2, 1, "* 工作单位\n（全称）", &plain).unwrap();
        sheet.merge_range(1, 2, 1, 3, "任职情况", &plain).unwrap();
        sheet.merge_range(1, 4, 2, 4, "特长", &plain).unwrap();
        write(sheet, 2, &["", "", "现任职务", "任现职时间"]);
        write(sheet, 3, &["孙波", "安澜县委办公室", "主任", "2023年9月"]);
    });
    let all = file.read().unwrap();
    let header = &all.headers[0];
    assert_eq!((header.layout, header.row, header.last_row), (1, 2, 3));
    assert_eq!(header.columns[2].heading, "任职情况 现任职务");
    assert_eq!(header.columns[1].heading, "* 工作单位 （全称）");
    let keys: Vec<_> = header.columns.iter().map(|cell| cell.key).collect();
    assert_eq!(keys, [Some("name"), Some("unit"), Some("post"), Some("since"), None]);
    assert_eq!(all.rows.len(), 1);
    assert_eq!((all.rows[0].number, all.rows[0].text("post")), (4, "主任"));
}

#[test]
fn totals_signatures_repeated_headers_and_blank_rows_are_told_apart_from_data() {
    let header = &["序号", "单位类别", "单位名称", "联系电话"][..];
    let file = sent(|book| {
        let sheet = book.add_worksheet();
        write(sheet, 1, &["", "单位名册"]);
        write(sheet, 3, header);
        write(sheet, 4, &["1", "村", "合计村村委会", "0899-1"]);
        write(sheet, 5, &["2", "", "说明村", ""]);
        write(sheet, 6, &["小 计", "", "2个", ""]);
        write(sheet, 7, header);
        write(sheet, 9, &["3", "学校", "备注小学", ""]);
        write(sheet, 10, &["4", "", "", ""]);
        write(sheet, 11, &["总计：3个", "", "", ""]);
        write(sheet, 12, &["单位负责人（签字）：", "", "填报人：", ""]);
        write(sheet, 13, &["备注：以上单位均已核对", "", "", ""]);
        sheet.write_blank(30, 2, &Format::new().set_bold()).unwrap();
    });
    let all = file.read().unwrap();
    let rows: Vec<_> =
        all.rows.iter().map(|row| (row.number, row.text("name"), row.text("category"))).collect();
    assert_eq!(rows, [(5, "合计村村委会", "村"), (6, "说明村", "村"), (10, "备注小学", "学校")]);
    assert_eq!(numbers(&all, IgnoredReason::Title), [2]);
    assert_eq!(numbers(&all, IgnoredReason::Blank), [1, 3, 9, 11]);
    assert_eq!(numbers(&all, IgnoredReason::Total), [7, 12]);
    assert_eq!(numbers(&all, IgnoredReason::Header), [8]);
    assert_eq!(numbers(&all, IgnoredReason::Signature), [13]);
    assert_eq!(numbers(&all, IgnoredReason::Note), [14]);
}

#[test]
fn an_inner_value_is_not_carried_over_a_new_outer_one() {
    let file = sent(|book| {
        let sheet = book.add_worksheet();
        write(sheet, 0, &["单位名称", "权力名称", "环节序号", "环节名称"]);
        write(sheet, 1, &["甲局", "审批", "1", "受理"]);
        write(sheet, 2, &["", "", "2", "办结"]);
        write(sheet, 3, &["乙局", "", "1", "受理"]);
        write(sheet, 4, &["乙局", "登记", "1", "受理"]);
        write(sheet, 5, &["乙局", "", "2", "办结"]);
    });
    let all = file.read().unwrap();
    let carried: Vec<_> = all.rows.iter().map(|row| (row.text("unit"), row.text("power"))).collect();
    assert_eq!(
        carried,
        [("甲局", "审批"), ("甲局", "审批"), ("乙局", ""), ("乙局", "登记"), ("乙局", "登记")]
    );
}

#[test]
fn merged_cells_are_filled_in_columns_that_do_not_carry() {
    let file = sent(|book| {
        let sheet = book.add_worksheet();
        write(sheet, 0, &["单位类别", "单位名称", "联系电话"]);
        write(sheet, 1, &["村", "前进村"]);
        write(sheet, 2, &["村", "红星村"]);
        write(sheet, 3, &["村", "光明村"]);
        sheet.merge_range(1, 2, 2, 2, "0899-2075186", &Format::new()).unwrap();
    });
    let all = file.read().unwrap();
    let phones: Vec<_> = all.rows.iter().map(|row| row.text("phone")).collect();
    assert_eq!(phones, ["0899-2075186", "0899-2075186", ""]);
}

#[test]
fn numbers_and_dates_come_out_as_a_clerk_sees_them() {
    let file = sent(|book| {
        let sheet = book.add_worksheet();
        write(sheet, 0, &["姓名", "工作单位", "现任职务", "任现职时间", "身份证号", "联系电话"]);
        for (row, since) in [(1, 2020.05), (2, 2021.1), (3, 202506.0)] {
            write(sheet, row, &["张三", "甲局", "科长"]);
            sheet.write(row, 3, since).unwrap();
            sheet.write(row, 4, 999_901_196_911_183_259.0).unwrap();
            sheet.write(row, 5, 13_949_631_669.0).unwrap();
        }
        write(sheet, 4, &["李四", "甲局", "科长"]);
        let date = Format::new().set_num_format("yyyy\"年\"m\"月\"");
        sheet.write_datetime_with_format(4, 3, ExcelDateTime::from_ymd(2023, 9, 1).unwrap(), &date).unwrap();
        sheet.write_formula(4, 5, rust_xlsxwriter::Formula::new("=1+1").set_result("13900000000")).unwrap();
    });
    let all = file.read().unwrap();
    let since: Vec<_> = all.rows.iter().map(|row| row.text("since")).collect();
    assert_eq!(since, ["2020.05", "2021.1", "202506", "2023-09-01"]);
    assert_eq!(all.rows[0].text("phone"), "13949631669");
    assert!(all.rows[0].lossy("citizen_id") && !all.rows[0].lossy("phone"));
    assert_eq!(all.rows[3].date_serial("since"), Some(45_170.0));
    assert_eq!(all.rows[0].date_serial("since"), None);
    assert_eq!(all.rows[3].text("phone"), "13900000000");
}

#[test]
fn hidden_sheets_are_skipped_and_others_without_a_header_left() {
    let file = sent(|book| {
        write(book.add_worksheet().set_name("说明").unwrap(), 0, &["请各单位认真填写"]);
        let sheet = book.add_worksheet().set_name("名册").unwrap();
        write(sheet, 0, &["单位类别", "单位名称"]);
        write(sheet, 1, &["村", "前进村"]);
        let hidden = book.add_worksheet().set_name("旧").unwrap();
        hidden.set_hidden(true);
        write(hidden, 0, &["单位类别", "单位名称"]);
        write(hidden, 1, &["村", "旧村"]);
        book.add_worksheet().set_name("空").unwrap();
    });
    let all = file.read().unwrap();
    assert_eq!(all.rows.len(), 1);
    let seen: Vec<_> =
        all.summary.sheets.iter().map(|s| (s.name.as_str(), s.hidden, s.header_found, s.data_rows)).collect();
    assert_eq!(
        seen,
        [
            ("说明", false, false, 0),
            ("名册", false, true, 1),
            ("旧", true, false, 0),
            ("空", false, false, 0)
        ]
    );
}

#[test]
fn no_header_says_which_row_came_closest_and_what_it_lacks() {
    let file = sent(|book| {
        let sheet = book.add_worksheet().set_name("表一").unwrap();
        write(sheet, 0, &["名单"]);
        write(sheet, 1, &["序号", "姓名", "年龄"]);
        write(sheet, 2, &["1", "张三", "30"]);
    });
    let error = file.read().unwrap_err();
    let OpenError::NoHeader { sheets } = &error else { panic!("{error}") };
    assert_eq!((sheets[0].sheet.as_str(), sheets[0].row), ("表一", Some(2)));
    assert_eq!(sheets[0].missing, ["工作单位", "现任职务"]);
    let text = error.to_string();
    assert!(text.contains("第 2 行") && text.contains("缺少：工作单位、现任职务"), "{text}");
}

#[test]
fn a_header_that_lacks_one_required_column_is_told_with_what_is_missing() {
    let file = sent(|book| {
        let sheet = book.add_worksheet();
        write(sheet, 0, &["姓名", "工作单位", "联系电话"]);
        write(sheet, 1, &["张三", "甲局", "1"]);
    });
    let all = file.read().unwrap();
    assert_eq!((all.headers[0].layout, all.headers[0].missing.as_slice()), (1, &["post"][..]));
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    let file = sent(|book| write(book.add_worksheet(), 0, &["单位类别", "单位名称"]));
    let all = file.read().unwrap();
    assert_eq!((all.headers.len(), all.rows.len(), all.summary.sheets[0].header_found), (1, 0, true));
}

#[test]
fn the_caller_may_stop() {
    let mut rows = 0;
    let summary =
        daylight_tables::read(&fixture("units.xlsx"), &layouts(), &Limits::default(), &mut |event| {
            rows += u32::from(matches!(event, daylight_tables::Event::Row(_)));
            if rows == 3 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((rows, summary.sheets[0].data_rows), (3, 3));
}
