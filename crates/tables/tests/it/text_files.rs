use super::*;

const TEXT: &str = "安澜县单位名册\r\n\r\n序号,单位类别,单位名称,主要职责\r\n1,村,前进村,\"第一行\r\n第二行,\"\"引号\"\"\"\r\n2,,红星村,无\r\n合计,,2个,\r\n";

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let text = if mark { format!("\u{FEFF}{text}") } else { text.to_owned() };
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// What was read, without the encoding.
fn told(all: &All) -> Vec<(u32, Vec<String>)> {
    let rows =
        all.rows.iter().map(|row| (row.number, row.cells().map(|(_, text)| text.to_owned()).collect()));
    let ignored = all.ignored.iter().map(|row| (row.number, vec![format!("{:?} {}", row.reason, row.text)]));
    let mut told: Vec<_> = rows.chain(ignored).collect();
    told.sort();
    told
}

#[test]
fn the_same_table_in_every_encoding_reads_the_same() {
    let expected = Sent::new("a.csv", TEXT.as_bytes()).read().unwrap();
    assert_eq!(expected.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 6]);
    assert_eq!(expected.headers[0].row, 3);
    assert_eq!(expected.rows[0].raw("duties"), "第一行\r\n第二行,\"引号\"");
    assert_eq!(numbers(&expected, IgnoredReason::Blank), [2]);
    assert_eq!(numbers(&expected, IgnoredReason::Total), [7]);
    let marked = [b"\xEF\xBB\xBF", TEXT.as_bytes()].concat();
    for (bytes, encoding) in [
        (TEXT.as_bytes().to_vec(), "UTF-8"),
        (marked, "UTF-8"),
        (gbk(TEXT), "gb18030"),
        (utf16(TEXT, true, true), "UTF-16LE"),
        (utf16(TEXT, false, true), "UTF-16BE"),
        (utf16(TEXT, true, false), "UTF-16LE"),
    ] {
        let all = Sent::new("a.csv", &bytes).read().unwrap();
        assert_eq!(all.summary.encoding.as_deref(), Some(encoding));
        assert_eq!(told(&all), told(&expected), "{encoding}");
    }
}

#[test]
fn cells_and_headings_keep_nothing_that_cannot_be_seen() {
    let text = "单位\u{2066}类别,单位\u{3164}名称\n村,前\u{E0041}进\u{115F}村\u{FE0F}\n";
    let all = Sent::new("a.csv", text.as_bytes()).read().unwrap();
    assert_eq!(all.rows[0].text("name"), "前进村");
}

#[test]
fn semicolons_tabs_and_a_declared_separator() {
    let expected = Sent::new("a.csv", "单位类别,单位名称\n村,前进村\n".as_bytes()).read().unwrap();
    for text in
        ["单位类别;单位名称\n村;前进村\n", "单位类别\t单位名称\n村\t前进村", "单位类别|单位名称\n村|前进村\n"]
    {
        let all = Sent::new("a.txt", text.as_bytes()).read().unwrap();
        assert_eq!(told(&all), told(&expected), "{text}");
    }
    let all = Sent::new("a.csv", "sep=;\n单位类别;单位名称\n村;前进村\n".as_bytes()).read().unwrap();
    assert_eq!((all.rows[0].number, all.rows[0].text("name")), (3, "前进村"));
}

#[test]
fn forced_text_and_lost_digits() {
    let text = "姓名,工作单位,现任职务,身份证号\n张三,甲局,科长,\"=\"\"999901196911183259\"\"\"\n李四,甲局,科长,9.99901E+17\n";
    let all = Sent::new("a.csv", text.as_bytes()).read().unwrap();
    assert_eq!(all.rows[0].text("citizen_id"), "999901196911183259");
    assert!(all.rows[1].lossy("citizen_id"));
}

#[test]
fn rows_of_any_length_and_old_line_ends() {
    let all = Sent::new("a.csv", "单位类别,单位名称,电话\r村\r村,前进村\r村,红星村,1,2,3\r".as_bytes())
        .read()
        .unwrap();
    assert_eq!(all.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(all.rows[2].text("phone"), "1");
}

#[test]
fn a_quotation_mark_that_never_closes_is_found() {
    let text = format!("单位类别,单位名称\n村,\"前进村\n{}", "村,红星村\n".repeat(200_000));
    let error = Sent::new("a.csv", text.as_bytes()).read().unwrap_err();
    assert!(matches!(error, OpenError::Damaged(_)));
    assert!(error.to_string().contains("第 2 行 B 列的引号"), "{error}");
}

#[test]
fn bytes_in_no_encoding_are_refused_with_the_line() {
    let error = Sent::new("a.csv", b"\xB5\xA5,\xCE\xBB\n\xFF\xFF\xFF,\xB5\n").read().unwrap_err();
    assert!(matches!(error, OpenError::TextEncoding { line: 2 }), "{error}");
}

/// Takes the lines it is told to, and notes what it is told.
struct Lines {
    usual: fn(&[&str]) -> bool,
    told: Vec<(u32, Vec<String>)>,
    taken: usize,
}

impl daylight_tables::Taker for Lines {
    fn event(&mut self, event: daylight_tables::Event<'_>) -> std::ops::ControlFlow<()> {
        use daylight_tables::Event;
        match event {
            Event::Header(_) => {}
            Event::Row(row) => {
                self.told.push((row.number, row.cells().map(|(_, text)| text.to_owned()).collect()));
            }
            Event::Ignored(row) => {
                self.told.push((row.number, vec![format!("{:?} {}", row.reason, row.text)]));
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    fn line(&mut self, number: u32, cells: &[&str]) -> bool {
        let usual = (self.usual)(cells);
        if usual {
            self.taken += 1;
            self.told.push((number, cells.iter().map(|&cell| cell.to_owned()).collect()));
        }
        usual
    }
}

#[test]
fn lines_as_they_stand_and_rows_that_were_judged_are_the_same_table() {
    let mut text = TEXT.to_owned();
    for row in 0..5_000 {
        text += &format!("{row},村,第{row}村,无\r\n");
        if row % 7 == 0 {
            text += "\r\n";
        }
        if row % 100 == 0 {
            text += "小计,,100个,\r\n9,村,\"引,号\r\n村\",\r\n";
        }
    }
    text += "9,村,最后村,"; // without a line end
    for bytes in [text.clone().into_bytes(), gbk(&text), utf16(&text, true, true)] {
        let sent = Sent::new("a.csv", &bytes);
        // What repeats the value above cannot be told from a line alone: such layouts are offered none.
        let layouts = [Layout { carry: vec![], ..units() }];
        let limits = Limits::default();
        let all = read_all(&sent.0, &layouts, &limits).unwrap();
        for (usual, most) in [
            ((|_: &[&str]| false) as fn(&[&str]) -> bool, 0),
            (|cells: &[&str]| cells[1].starts_with('第'), 5_000),
        ] {
            let mut lines = Lines { usual, told: vec![], taken: 0 };
            let summary = daylight_tables::read_into(&sent.0, &layouts, &limits, &mut lines).unwrap();
            lines.told.sort();
            assert_eq!(lines.told, told(&all));
            assert_eq!(summary, all.summary);
            assert!((most * 9 / 10..=most).contains(&lines.taken), "{} taken", lines.taken);
        }
    }
}
