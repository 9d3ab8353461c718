use super::*;
use daylight_tables::template;

#[test]
fn a_template_filled_in_reads_back() {
    let example = ["村", "前进村村民委员会", "54999901638480126X", "龙泉镇人民政府", "999901105201"];
    let example = vec![example.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>()];
    for (index, layout) in layouts().iter().enumerate() {
        let bytes = template(layout, if index == 0 { &example } else { &[] }).unwrap();
        let all = Sent::new("template.xlsx", &bytes).read().unwrap();
        assert_eq!((all.headers.len(), all.headers[0].layout, all.headers[0].row), (1, index, 1));
        assert!(all.headers[0].missing.is_empty());
        assert_eq!(all.headers[0].columns.len(), layout.columns.len());
        assert_eq!(all.summary.sheets[1].name, "填写说明");
        assert!(!all.summary.sheets[1].header_found);
        if index == 0 {
            assert_eq!(all.rows[0].text("division"), "999901105201");
        }
    }
}
