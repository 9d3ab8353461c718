use super::*;

#[test]
fn an_old_workbook_reads_like_a_new_one() {
    let all = read_fixture("cadres_old.xls");
    let header = &all.headers[0];
    assert_eq!((header.layout, header.row, header.title_text.as_str()), (1, 3, "安澜县重点岗位干部名册"));
    assert_eq!(all.rows.len(), 2);
    assert_eq!((all.rows[0].number, all.rows[0].text("since")), (4, "2023-09-01"));
    assert_eq!(all.rows[0].date_serial("since"), Some(45_170.0));
    assert_eq!((all.rows[1].text("unit"), all.rows[1].text("since")), ("安澜县委办公室", "2020.05"));
    assert_eq!(numbers(&all, IgnoredReason::Total), [6]);
    assert_eq!(numbers(&all, IgnoredReason::Signature), [7]);
    assert!(all.summary.sheets[1].hidden);
}

#[test]
fn a_far_cell_in_an_old_workbook_is_refused() {
    let error = read_all(&fixture("far_cell.xls"), &layouts(), &Limits::default()).unwrap_err();
    assert!(matches!(error, OpenError::TooLarge { .. }), "{error}");
}
