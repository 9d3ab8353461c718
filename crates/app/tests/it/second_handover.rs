//! Another county's hand-over: other troubles of the same kinds as in the first, each held against what ADR 0008 decides.

use crate::world::{World, worlds};
use daylight_app::{
    imports::{FileReport, Report},
    powers::Next,
};
use rust_xlsxwriter::{Format, Workbook};
use std::path::Path;

/// Every finding of a file as (row, code), with the rows ignored as (row, reason).
fn told(file: &FileReport) -> Vec<(u32, &str)> {
    let problems = file.problems.iter().map(|problem| (problem.row, problem.code.as_str()));
    let ignored = file.ignored_rows.iter().map(|row| (row.row, row.reason.as_str()));
    let mut told: Vec<_> = problems.chain(ignored).collect();
    told.sort_unstable();
    told
}

fn counts(file: &FileReport) -> (u64, u64, u64, u64) {
    (file.taken, file.refused, file.ignored, file.flagged)
}

fn file<'a>(report: &'a Report, name: &str) -> &'a FileReport {
    report.files.iter().find(|file| file.file == name).expect("the file is reported")
}

/// Two rows of header, two sheets of one kind, a hidden one, a sheet of instructions, totals for each part.
fn units(folder: &Path) {
    let mut book = Workbook::new();
    let plain = Format::new();
    book.add_worksheet().set_name("填表说明").unwrap().write(0, 0, "请如实填写，盖章后报送。").unwrap();
    let sheet = book.add_worksheet().set_name("县直").unwrap();
    sheet.merge_range(0, 0, 0, 6, "云河县纳入监督平台单位名册", &plain).unwrap();
    for (column, text) in [(0, "序号"), (1, "单位类别"), (2, "单位名称\n（全称）"), (6, "联系电话")]
    {
        sheet.merge_range(1, column, 2, column, text, &plain).unwrap();
    }
    sheet.merge_range(1, 3, 1, 5, "基本情况", &plain).unwrap();
    for (column, text) in [(3, "统一社会信用代码*"), (4, "上级主管单位"), (5, "主要职责")] {
        sheet.write(2, column, text).unwrap();
    }
    let mut row = 3;
    let mut put = |cells: [&str; 7]| {
        for (column, cell) in (0u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, cell).unwrap();
        }
        row += 1;
    };
    put([
        "1",
        "四大机构",
        "云河县政府办公室",
        "11999902MB12345675",
        "",
        "综合协调",
        "０９９９－２０７５１８６",
    ]);
    put(["2", "县级部门", "云河县教育 局", "", "", "教育管理", "0999 2075187"]);
    put(["3", "", "云河县人力资源和社会保障局", "", "云河县政府", "就业和社保", "（0999）2075188"]);
    put(["小计", "", "3个", "", "", "", ""]);
    put(["以下为乡镇单位", "", "", "", "", "", ""]);
    put(["4", "乡镇", "青石镇人民政府", "", "", "", "13949631669"]);
    put(["5", "乡  镇", "白杨乡人民政府", "11999902000000001A", "", "本乡管理", "/"]);
    put(["6", "镇", "青石镇人民政府", "", "", "重复", ""]);
    put(["7", "某某类", "不知所属单位", "", "", "办事", ""]);
    put(["8", "村", "", "", "", "管理村务", ""]);
    put(["合 计", "", "8家", "", "", "", ""]);
    put(["制表：王小明", "", "", "审核：李大海", "", "", ""]);
    put(["", "", "", "", "", "", "2026年3月15日"]);
    let village = book.add_worksheet().set_name("村").unwrap();
    for (column, text) in (0u16..).zip(["单位类别", "单位名称", "上级主管单位", "主要职责"])
    {
        village.write(0, column, text).unwrap();
    }
    for (column, text) in (0u16..).zip(["村", "青石镇前进村村民委员会", "青石镇政府", "管理村务"])
    {
        village.write(1, column, text).unwrap();
    }
    let hidden = book.add_worksheet().set_name("旧表").unwrap();
    hidden.set_hidden(true).write(0, 0, "单位名称").unwrap();
    book.save(folder.join("单位.xlsx")).unwrap();
}

/// UTF-16 with a mark, as a spreadsheet's “Unicode text” is; line breaks in cells.
fn cadres(folder: &Path) {
    let rows = [
        "云河县重点岗位干部名册\t\t\t\t\t\t",
        "\t\t\t\t\t\t",
        "序号\t姓  名\t身份证号码（18位）\t工作单位\t现任职务\t任 职\u{3000}时间\t联系方式\n（手机）",
        "1\t李　明\t99990219700101000x\t云河县教育局\t局长\t二〇二一年三月\t+86 139 4963 1669",
        "2\t王 强\t'999902700101003\t云河县教育局\t副局长\t2021/3\t手机：13949631668",
        "3\t赵丽\t9.99902E+17\t云河县教育局\t办公室主任\t2021.03.05\t139 4963 1667",
        "4\t钱多\t999902197001010079\t云河县教育局\t股长\t’21-3-5\t13949631666",
        "5\t孙亮\t无\t云河县教育局\t股长\t44256\t1394963166",
        "6\t李　明\t99990219700101000X\t云河县教育局\t局长\t2021-03\t13949631669",
        "7\t周健\t999902-19700101-0085\t县教育局\t科员\t2021.3\t",
        "8\t吴静\t999902197013010095\t青石镇政府\t镇长\t2021年3月任\t",
        "9\t\t\t云河县教育局\t科员\t\t",
        "小计：9人\t\t\t\t\t\t",
        "备注：1.本表由各单位填报；\t\t\t\t\t\t",
        "填表人：\t王小明\t\t\t审核：\t李大海\t",
    ];
    let text = rows.map(|row| {
        let cells: Vec<_> = row
            .split('\t')
            .map(|cell| if cell.contains('\n') { format!("\"{cell}\"") } else { cell.to_owned() })
            .collect();
        cells.join("\t") + "\r\n"
    });
    let bytes =
        format!("\u{FEFF}{}", text.concat()).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    std::fs::write(folder.join("干部.csv"), bytes).unwrap();
}

/// GB18030 with semicolons, blank columns between, a subtotal per unit.
fn powers(folder: &Path) {
    let text = "云河县权力事项清单;;;;;;;;\r\n\
                序号;单位名称;;权力事项名称;权力类别;权力类型（环节）;行权依据;风险等级;是否公开\r\n\
                1;云河县教育局;;教师资格认定;外部职责;决定权;《教师法》第十三条；《教师资格条例》;高风险;√\r\n\
                2;;;民办学校\u{3000}设立审批;外部;初审;;中;公开\r\n\
                ;小计;;2项;;;;;\r\n\
                3;青石镇人民政府;;临时救助审核;外部职责;初审;《社会救助暂行办法》;低;是\r\n\
                4;青石镇人民政府;;教师资格认定;外部职责;初审;《教师法》;低;1\r\n\
                5;青石镇人民政府;;临时救助 审核;外部职责;初审;《社会救助暂行办法》;低;是\r\n\
                6;青石镇政府;;印章管理;内部管理;管理;《印章管理规定》;低;是\r\n\
                7;云河县教育局;;招生工作;外部职责;看不懂;《义务教育法》;低;依申请公开\r\n\
                合计;;;7项;;;;;\r\n";
    let bytes = encoding_rs::GB18030.encode(text).0.into_owned();
    std::fs::write(folder.join("权力.csv"), bytes).unwrap();
}

const HEAD: &str = "单位名称,权力名称,环节序号,环节名称,承办岗位,办理时限（工作日）,下一环节\n";

fn procedures(folder: &Path) {
    let rows = "云河县教育局,教师资格认定,第一步,受理,窗口,5,第2步\n\
                ,,(2),审核,股长,20（工作日）,3或4\n\
                ,,③,决定,局长,1个月零5天,4；不同意→1\n\
                ,,4.0,送达,窗口,即办,结束\n\
                云河县教育局,民办学校设立审批,1,受理,窗口,当场办结,2\n\
                ,,2,审查,股长,三十个工作日,通过：3；退回第1步\n\
                ,,3,决定,局长,15日内,9\n\
                ,,3,公示,窗口,7,\n\
                ,,3.1,归档,窗口,2,\n\
                青石镇人民政府,临时救助审核,1,受理,窗口,视情况,2\n\
                ,,2,入户核查,,半天,办结。\n\
                青石镇人民政府,没有的权力,1,受理,窗口,1,\n\
                合计,,12,,,,\n";
    std::fs::write(folder.join("流程.csv"), format!("权力运行流程表\n{HEAD}{rows}")).unwrap();
}

async fn take(world: &World) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for write in [units, cadres, powers, procedures] {
        write(folder.path());
    }
    world.import(&[folder.path().to_owned()]).await
}

#[tokio::test]
async fn a_second_county_with_other_troubles_is_counted_right() {
    for world in worlds().await {
        let report = take(&world).await;
        let units = file(&report, "单位.xlsx");
        assert_eq!(counts(units), (6, 3, 6, 5));
        let expected = [
            (1, "标题"),
            (2, "parent_unknown"),
            (5, "credit_code_missing"),
            (6, "credit_code_missing"),
            (6, "parent_unknown"),
            (7, "合计行"),
            (8, "说明行"),
            (9, "credit_code_missing"),
            (9, "duties_missing"),
            (10, "credit_code_invalid"),
            (11, "duplicate"),
            (12, "category_unknown"),
            (13, "unit_name_missing"),
            (14, "合计行"),
            (15, "签章行"),
            (16, "签章行"),
        ];
        assert_eq!(told(units), expected);
        let cadres = file(&report, "干部.csv");
        assert_eq!(counts(cadres), (5, 4, 5, 3));
        let expected = [
            (1, "标题"),
            (2, "空行"),
            (6, "citizen_id_upgraded"),
            (7, "citizen_id_invalid"),
            (8, "citizen_id_invalid"),
            (8, "since_unreadable"),
            (9, "citizen_id_missing"),
            (9, "phone_invalid"),
            (9, "since_day_number"),
            (10, "duplicate"),
            (11, "unit_unknown"),
            (12, "unit_unknown"),
            (13, "cadre_name_missing"),
            (14, "合计行"),
            (15, "说明行"),
            (16, "签章行"),
        ];
        assert_eq!(told(cadres), expected);
        let powers = file(&report, "权力.csv");
        assert_eq!(counts(powers), (5, 2, 3, 2));
        let expected = [
            (1, "标题"),
            (4, "bases_missing"),
            (5, "合计行"),
            (8, "duplicate"),
            (9, "unit_unknown"),
            (10, "public_unreadable"),
            (10, "stage_type_unknown"),
            (11, "合计行"),
        ];
        assert_eq!(told(powers), expected);
        let procedures = file(&report, "流程.csv");
        assert_eq!(counts(procedures), (9, 3, 2, 3));
        let expected = [
            (1, "标题"),
            (4, "limit_read_as"),
            (5, "limit_read_as"),
            (9, "next_nowhere"),
            (10, "duplicate"),
            (11, "step_number_unreadable"),
            (12, "limit_unreadable"),
            (13, "limit_read_as"),
            (13, "step_post_missing"),
            (14, "power_unknown"),
            (15, "合计行"),
        ];
        assert_eq!(told(procedures), expected);
        assert_eq!(
            [cadres, powers].map(|file| file.encoding.as_deref()),
            [Some("UTF-16LE"), Some("gb18030")]
        );
    }
}

#[tokio::test]
async fn what_was_written_in_another_way_means_the_same() {
    let world = worlds().await.remove(0);
    take(&world).await;
    let register =
        daylight_app::imports::store::load_register(world.app.db.read(), &world.app.vault).await.unwrap();
    let power = |name: &str| &register.powers.iter().find(|power| power.now.name == name).unwrap().now;
    let steps = |name: &str| -> Vec<String> {
        let way = |next: &Next| format!("{}{}", next.when, next.to);
        let ways = |next: &[Next]| next.iter().map(way).collect::<Vec<_>>().join("、");
        let limit =
            |step: &daylight_app::powers::Step| step.limit.map(|limit| limit.to_string()).unwrap_or_default();
        power(name)
            .steps
            .iter()
            .map(|step| format!("{} {} {}", step.number, limit(step), ways(&step.next)))
            .collect()
    };
    let expected = ["1 5个工作日 2", "2 20个工作日 3、4", "3 35个自然日 4、不同意1", "4 即办 "];
    assert_eq!(steps("教师资格认定"), expected);
    let expected = ["1 即办 2", "2 30个工作日 通过3、退回1", "3 15个自然日 "];
    assert_eq!(steps("民办学校设立审批"), expected);
    let since = |name: &str| {
        let cadre = register.cadres.iter().find(|cadre| cadre.entry.now.name == name).unwrap();
        cadre.entry.now.appointments[0].since.clone().unwrap_or_default()
    };
    let read = ["李明", "王强", "赵丽", "钱多", "孙亮"].map(since);
    assert_eq!(read, ["2021-03", "2021-03", "2021-03-05", "", "2021-03-01"]);
    let unit = register.units.iter().find(|unit| unit.now.name == "云河县人力资源和社会保障局").unwrap();
    assert_eq!(unit.now.phone.as_deref(), Some("0999-2075188"));
}

#[tokio::test]
async fn an_abbreviated_unit_is_suggested_in_full_and_never_taken_silently() {
    let world = worlds().await.remove(0);
    let report = take(&world).await;
    let remedy = |name: &str, row: u32| {
        let problems = &file(&report, name).problems;
        problems
            .iter()
            .find(|problem| problem.row == row && problem.code.ends_with("_unknown"))
            .unwrap()
            .remedy
            .clone()
    };
    assert!(remedy("干部.csv", 12).contains("“青石镇人民政府”，是否就是它"));
    assert!(remedy("权力.csv", 9).contains("“青石镇人民政府”"));
    assert!(remedy("单位.xlsx", 2).contains("“青石镇人民政府”"));
    let folder = tempfile::tempdir().unwrap();
    let text = "姓名,工作单位,现任职务\n甲,县人社局,局长\n乙,县政府,县长\n丙,白杨林场,场长\n";
    std::fs::write(folder.path().join("c.csv"), text).unwrap();
    let report = world.import(&[folder.path().to_owned()]).await;
    let remedies: Vec<_> = report.problems().map(|problem| problem.remedy.as_str()).collect();
    assert!(remedies[0].contains("“云河县人力资源和社会保障局”"), "{remedies:?}");
    assert!(remedies[2].starts_with("请先在单位名册中登记"), "{remedies:?}");
    assert_eq!(report.files[0].refused, 3);
}
