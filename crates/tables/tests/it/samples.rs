use super::*;
use daylight_tables::{LimitUnit, parse_month, parse_time_limit, parse_yes_no, split_list};

#[test]
fn units_with_a_title_merged_categories_a_total_and_signatures() {
    let all = read_fixture("units.xlsx");
    let header = &all.headers[0];
    assert_eq!((header.layout, header.row, header.last_row), (0, 3, 3));
    assert_eq!(header.title_text, "安澜县纳入监督平台单位名册（2026年）");
    assert_eq!(header.columns.len(), 9);
    assert_eq!((header.columns[2].letter.as_str(), header.columns[2].key), ("C", Some("name")));
    assert!(header.missing.is_empty());
    assert_eq!(all.rows.len(), 61);
    assert_eq!(numbers(&all, IgnoredReason::Title), [1]);
    assert_eq!(numbers(&all, IgnoredReason::Blank), [2]);
    assert_eq!(numbers(&all, IgnoredReason::Total), [65]);
    assert_eq!(numbers(&all, IgnoredReason::Signature), [66]);
    assert_eq!(all.ignored.len(), 4);
    let summary = &all.summary.sheets[0];
    assert_eq!((summary.name.as_str(), summary.rows_read, summary.data_rows), ("单位名册", 65, 61));

    // Merged downward.
    let row = |number: u32| all.rows.iter().find(|row| row.number == number).unwrap();
    assert_eq!(row(5).text("category"), "县四大机构");
    assert!(row(5).repeated("category") && !row(4).repeated("category"));
    assert_eq!(row(19).text("category"), "县级部门");
    // The same code as text and as a number.
    assert_eq!(row(4).text("division"), "999901000000");
    assert_eq!(row(5).text("division"), "999901000000");
    assert!(!row(5).lossy("division"));
    assert_eq!(row(7).text("name"), "安澜县政协办公室");
    assert_eq!(row(7).raw("name"), "安澜县政协办公室  ");
    assert_eq!(row(4).letter("division"), "F");
    assert_eq!(row(64).text("note"), "重复填报");
    assert!(all.rows.iter().all(|row| !row.text("category").is_empty() && !row.text("name").is_empty()));
}

#[test]
fn cadres_with_dates_in_every_spelling() {
    let all = read_fixture("cadres.xlsx");
    let header = &all.headers[0];
    assert_eq!((header.layout, header.row), (1, 3));
    assert_eq!(header.title_text.lines().count(), 2);
    assert!(header.title_text.contains("填报时间：二〇二六年三月"));
    assert_eq!(all.rows.len(), 218);
    assert_eq!(numbers(&all, IgnoredReason::Title), [1, 2]);
    assert_eq!(numbers(&all, IgnoredReason::Note), [222]);
    assert_eq!(all.ignored.len(), 3);
    let row = &all.rows[3];
    assert_eq!((row.number, row.text("since"), row.raw("name")), (7, "2020.05", "杨\u{3000}涵"));
    for row in &all.rows {
        let since = row.text("since");
        if !since.is_empty() {
            let date = parse_month(since).unwrap_or_else(|error| panic!("{}: {error}", row.number));
            assert!(date.month.is_some(), "{since}");
        }
    }
    assert_eq!(all.rows.iter().filter(|row| row.text("citizen_id").is_empty()).count(), 6);
    assert!(all.rows.iter().any(|row| row.raw("citizen_id").starts_with(' ')));
    assert!(all.rows.iter().all(|row| !row.text("citizen_id").starts_with(' ')));
}

#[test]
fn powers_from_a_gbk_file_with_quotes() {
    let all = read_fixture("powers.csv");
    assert_eq!(all.summary.encoding.as_deref(), Some("gb18030"));
    let header = &all.headers[0];
    assert_eq!((header.layout, header.row), (2, 2));
    assert_eq!(header.title_text, "安澜县权力事项清单");
    assert_eq!(all.rows.len(), 360);
    assert_eq!(numbers(&all, IgnoredReason::Title), [1]);
    assert_eq!(all.ignored.len(), 1);
    assert_eq!((all.rows[0].number, all.rows[359].number), (3, 362));
    assert_eq!(all.rows[0].text("control"), "双人核查，\"痕迹\"归档。");
    assert_eq!(split_list(all.rows[0].text("basis")).len(), 2);
    assert!(all.rows.iter().all(|row| parse_yes_no(row.text("public")).is_some()));
    assert_eq!(all.rows[0].letter("name"), "C");
}

#[test]
fn procedures_written_on_the_first_row_of_each_group() {
    let all = read_fixture("procedures.xlsx");
    assert_eq!((all.headers[0].layout, all.headers[0].row), (3, 2));
    assert_eq!(all.rows.len(), 2340);
    assert_eq!(all.ignored.len(), 1);
    assert!(all.rows.iter().all(|row| !row.text("unit").is_empty() && !row.text("power").is_empty()));
    assert_eq!(all.rows.iter().filter(|row| row.repeated("power")).count(), 1980);
    assert_eq!(all.rows[1].text("unit"), "安澜县委办公室");
    assert_eq!(all.rows[0].text("order"), "1.");
    assert_eq!(all.rows[4].text("order"), "1");
    let limits: Vec<_> = all
        .rows
        .iter()
        .map(|row| row.text("limit"))
        .filter(|text| !text.is_empty())
        .map(|text| parse_time_limit(text).unwrap())
        .collect();
    assert_eq!(limits.len(), 1923);
    assert_eq!(limits.iter().filter(|limit| limit.unit == LimitUnit::Immediate).count(), 364);
    assert_eq!(limits.iter().filter(|limit| limit.to_string() == "15个工作日").count(), 365);
}
