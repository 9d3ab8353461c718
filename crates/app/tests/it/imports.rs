//! The county hands over its own files.

use crate::world::{World, handover, worlds};
use daylight_app::imports::{FileReport, Report, Severity};
use std::{collections::BTreeMap, path::PathBuf};

fn file<'a>(report: &'a Report, name: &str) -> &'a FileReport {
    report.files.iter().find(|file| file.file == name).expect("the file is reported")
}

fn counts(file: &FileReport) -> (u64, u64, u64, u64) {
    assert_eq!(
        file.read,
        file.taken + file.refused + file.ignored,
        "{}: every row is accounted for",
        file.file
    );
    let errors = file.problems.iter().filter(|problem| problem.severity == Severity::Error);
    let mut refused: Vec<_> = errors.map(|problem| (&problem.sheet, problem.row)).collect();
    refused.dedup();
    assert_eq!(refused.len() as u64, file.refused, "{}: every refused row says why", file.file);
    assert_eq!(file.ignored_rows.len() as u64, file.ignored, "{}: every ignored row is listed", file.file);
    (file.taken, file.refused, file.ignored, file.flagged)
}

fn codes(file: &FileReport) -> BTreeMap<&str, usize> {
    let mut codes = BTreeMap::new();
    for problem in &file.problems {
        *codes.entry(problem.code.as_str()).or_default() += 1;
    }
    codes
}

#[tokio::test]
async fn the_countys_own_files_are_taken_as_they_are() {
    for world in worlds().await {
        let report = world.import(&[handover()]).await;
        let units = file(&report, "units.xlsx");
        assert_eq!(counts(units), (60, 1, 4, 5));
        let expected =
            [("credit_code_invalid", 2), ("credit_code_tidied", 4), ("duplicate", 1), ("parent_unknown", 3)];
        assert_eq!(codes(units), BTreeMap::from(expected));
        let cadres = file(&report, "cadres.xlsx");
        assert_eq!(counts(cadres), (216, 2, 3, 12));
        let expected = [
            ("citizen_id_invalid", 6),
            ("citizen_id_missing", 6),
            ("citizen_id_upgraded", 4),
            ("sex_differs", 2),
            ("since_trailing_zero", 2),
            ("unit_unknown", 2),
        ];
        assert_eq!(codes(cadres), BTreeMap::from(expected));
        let powers = file(&report, "powers.csv");
        assert_eq!(counts(powers), (360, 0, 1, 4));
        assert_eq!(codes(powers), BTreeMap::from([("bases_missing", 4), ("not_public", 40)]));
        let procedures = file(&report, "procedures.xlsx");
        assert_eq!(counts(procedures), (2340, 0, 1, 419));
        assert_eq!(codes(procedures), BTreeMap::from([("limit_missing", 417), ("next_nowhere", 2)]));
        assert_eq!((report.created, report.updated, report.unchanged), (636, 0, 0));
        assert!(report.applied);
    }
}

#[tokio::test]
async fn the_same_files_again_change_nothing() {
    for world in worlds().await {
        let first = world.import(&[handover()]).await;
        let again = world.import(&[handover()]).await;
        assert_eq!((again.created, again.updated), (0, 0), "{:?}", again.differences.first());
        assert_eq!(again.unchanged, first.created);
    }
}

#[tokio::test]
async fn a_plan_saves_nothing() {
    for world in worlds().await {
        world.plan(&[handover()]).await;
        let published = daylight_app::revisions::store::count_published(world.app.db.read()).await.unwrap();
        assert_eq!(published, 0);
    }
}

#[tokio::test]
async fn the_order_of_the_files_does_not_matter() {
    let world = worlds().await.remove(0);
    let folder = handover();
    let named = |names: [&str; 4]| names.map(|name| folder.join(name)).to_vec();
    let forth = world.plan(&named(["units.xlsx", "cadres.xlsx", "powers.csv", "procedures.xlsx"])).await;
    let back = world.plan(&named(["procedures.xlsx", "powers.csv", "cadres.xlsx", "units.xlsx"])).await;
    assert_eq!(forth.report.files, back.report.files);
}

/// Writes a file of a hand-over and takes the folder over.
async fn hand_over(world: &World, files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    world.import(&[PathBuf::from(folder.path())]).await
}

const UNITS: &str = "单位类别,单位名称,统一社会信用代码,主要职责\n\
                     乡镇,青石镇人民政府,,办理群众事项\n村,青石镇前进村村民委员会,,管理村务\n";

#[tokio::test]
async fn a_changed_row_is_an_update_with_its_difference_shown() {
    for world in worlds().await {
        hand_over(&world, &[("u.csv", UNITS)]).await;
        let report = hand_over(&world, &[("u.csv", &UNITS.replace("管理村务", "管理村务和财务"))]).await;
        assert_eq!((report.created, report.updated, report.unchanged), (0, 1, 1));
        let difference = &report.differences[0];
        assert_eq!(difference.name, "青石镇前进村村民委员会");
        assert_eq!(difference.changes.len(), 1);
        assert_eq!(difference.changes[0].after, "管理村务和财务");
    }
}

#[tokio::test]
async fn a_renamed_unit_is_known_by_its_credit_code() {
    for world in worlds().await {
        let old = "单位类别,单位名称,统一社会信用代码\n县级部门,安澜县扶贫开发局,11999901525234984N\n";
        hand_over(&world, &[("u.csv", old)]).await;
        let report = hand_over(&world, &[("u.csv", &old.replace("扶贫开发局", "乡村振兴局"))]).await;
        assert_eq!((report.created, report.updated), (0, 1));
        let units =
            daylight_app::units::store::list(world.app.db.read(), &Default::default(), 10, 0).await.unwrap();
        assert_eq!(units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), ["安澜县乡村振兴局"]);
    }
}

#[tokio::test]
async fn a_person_who_changes_post_keeps_one_record_with_both_posts() {
    for world in worlds().await {
        let cadres = "姓名,公民身份号码,工作单位,现任职务,任现职时间\n\
                      陈鹏福,999901199010239802,青石镇人民政府,副镇长,2019-02\n";
        hand_over(&world, &[("u.csv", UNITS), ("c.csv", cadres)]).await;
        let moved = cadres.replace("副镇长,2019-02", "镇长,2024-06");
        let report = hand_over(&world, &[("c.csv", &moved)]).await;
        assert_eq!((report.created, report.updated), (0, 1));
        let people = daylight_app::cadres::store::list(world.app.db.read(), 10, 0).await.unwrap();
        let held: Vec<_> = people.iter().map(|line| (line.name.as_str(), line.post.as_str())).collect();
        assert_eq!(held, [("陈鹏福", "镇长")]);
        assert!(report.differences[0].changes[0].after.contains("副镇长（2019-02 至 2024-06）"));
    }
}

#[tokio::test]
async fn a_division_list_names_the_divisions_that_were_inferred() {
    for world in worlds().await {
        let units = "单位类别,单位名称,行政区划代码\n乡镇,青石镇人民政府,999901100000\n\
                     村,青石镇前进村村民委员会,999901100200\n县级部门,安澜县民政局,999901000000\n";
        hand_over(&world, &[("u.csv", units)]).await;
        let c = world.app.db.read();
        let village = daylight_app::divisions::store::by_code(c, "999901100200").await.unwrap().unwrap();
        assert_eq!((village.name.as_str(), village.inferred), ("前进村", true));
        let line = daylight_app::divisions::store::line(c, &village).await.unwrap();
        let names: Vec<_> = line.iter().map(|division| division.name.as_str()).collect();
        assert_eq!(names, ["安澜县", "青石镇", "前进村"]);
        let list = "区划代码,区划名称\n999901100200,前进行政村\n999901100201,红星村\n";
        hand_over(&world, &[("d.csv", list)]).await;
        let again = daylight_app::divisions::store::by_code(c, "999901100200").await.unwrap().unwrap();
        assert_eq!((again.id, again.name.as_str(), again.inferred), (village.id, "前进行政村", false));
        let sibling = daylight_app::divisions::store::by_code(c, "999901100201").await.unwrap().unwrap();
        assert_eq!(sibling.parent_id, village.parent_id);
    }
}

#[tokio::test]
async fn a_merged_division_points_to_its_successor() {
    for world in worlds().await {
        let list = "区划代码,区划名称,启用日期,停用日期,继任代码\n\
                    999901000000,安澜县,2001-01-01,,\n999901100000,青石镇,2001-01-01,,\n\
                    999901109000,旧青石乡,1990-01-01,2001-01-01,999901100000\n";
        let report = hand_over(&world, &[("d.csv", list)]).await;
        assert_eq!(counts(&report.files[0]), (3, 0, 0, 0));
        let current = daylight_app::divisions::store::current(world.app.db.read()).await.unwrap();
        let names: Vec<_> = current.iter().map(|division| division.name.as_str()).collect();
        assert_eq!(names, ["安澜县", "青石镇"]);
        let sql = "SELECT d.name FROM divisions o JOIN divisions d ON d.id = o.successor_id WHERE o.name = '旧青石乡'";
        let heir: String = daylight_db::scalar(world.app.db.read(), sql, vec![]).await.unwrap();
        assert_eq!(heir, "青石镇");
    }
}

#[tokio::test]
async fn real_division_lists_are_taken_where_they_are_present() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/divisions");
    if !folder.exists() {
        eprintln!("no real division lists beside this clone: skipped");
        return;
    }
    let world = worlds().await.remove(0);
    let report = world.import(&[folder]).await;
    let (read, taken, refused, ignored, flagged) = report.totals();
    assert_eq!((read, taken, refused, ignored, flagged), (392, 392, 0, 0, 0));
    let again = world.test.db.clone();
    let count: i64 =
        daylight_db::scalar(again.read(), "SELECT COUNT(*) FROM divisions", vec![]).await.unwrap();
    assert_eq!(count, 392);
}

#[tokio::test]
async fn no_citizen_id_or_telephone_stands_in_the_database_or_the_report_in_the_clear() {
    for world in worlds().await {
        let report = world.import(&[handover()]).await;
        let json = serde_json::to_string(&report).unwrap();
        let mut seen = 0;
        let mut check = |text: &str, place: &str| {
            let found = daylight_ids::find::personal_data(text);
            assert!(found.is_empty(), "{place}: {:?} in the clear", found[0].kind);
            seen += 1;
        };
        check(&json, "the report");
        let sql = "SELECT content FROM revisions";
        #[derive(daylight_db::FromQueryResult)]
        struct Row {
            content: String,
        }
        let rows: Vec<Row> = daylight_db::all(world.app.db.read(), sql, vec![]).await.unwrap();
        for row in rows {
            check(&row.content, "a revision");
        }
        assert!(seen > 600, "a search over nothing proves nothing");
        // The positive control: the values are there, sealed, and open with the key.
        let sealed = daylight_app::cadres::store::sealed(world.app.db.read(), 1).await.unwrap().unwrap();
        let place = daylight_app::ops::store::PHONE.place(1);
        let phone = world.app.vault.unseal(&place, &sealed.phone_sealed.unwrap()).unwrap();
        assert_eq!(phone.as_str().unwrap(), "13949631669");
    }
}

#[tokio::test]
async fn the_demonstration_county_comes_through_the_same_import_without_a_refusal() {
    use daylight_app::demo::county::{Scale, generate};
    for world in worlds().await {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in generate(Scale::Village, 1).files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let report = world.import(&[PathBuf::from(folder.path())]).await;
        let (_, taken, refused, ignored, _) = report.totals();
        assert!(taken > 2_000, "{taken}");
        assert_eq!((refused, ignored), (0, 0));
    }
}

#[tokio::test]
async fn a_renamed_unit_keeps_its_powers_and_people() {
    for world in worlds().await {
        let units = "单位类别,单位名称,统一社会信用代码\n县级部门,安澜县扶贫开发局,11999901525234984N\n";
        let powers = "单位名称,权力名称,是否公开\n安澜县扶贫开发局,项目审批,是\n";
        let cadres = "姓名,工作单位,现任职务\n陈鹏福,安澜县扶贫开发局,局长\n";
        hand_over(&world, &[("u.csv", units), ("p.csv", powers), ("c.csv", cadres)]).await;
        let new = |text: &str| text.replace("扶贫开发局", "乡村振兴局");
        let files = [("u.csv", new(units)), ("p.csv", new(powers)), ("c.csv", new(cadres))];
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let report = hand_over(&world, &files).await;
        assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
        // And once more, when the old name stands only in what was published before.
        let again = hand_over(&world, &files).await;
        assert_eq!((again.created, again.updated), (0, 0), "{again:?}");
        // An old list neither renames it back nor makes a second unit, with the code or without.
        for code in ["11999901525234984N", ""] {
            let old = units.replace("11999901525234984N", code);
            let late = hand_over(&world, &[("u.csv", &old), ("p.csv", powers), ("c.csv", cadres)]).await;
            assert_eq!((late.created, late.updated), (0, 0), "{late:?}");
            let notes = late.problems().filter(|problem| problem.code == "unit_renamed").count();
            assert_eq!(notes, 3);
        }
    }
}

#[tokio::test]
async fn a_list_that_does_not_speak_of_openness_opens_nothing() {
    for world in worlds().await {
        let powers = "单位名称,权力名称,是否公开\n青石镇人民政府,印章使用,否\n";
        hand_over(&world, &[("u.csv", UNITS), ("p.csv", powers)]).await;
        hand_over(&world, &[("p.csv", "单位名称,权力名称,行权主体\n青石镇人民政府,印章使用,办公室\n")]).await;
        let shown =
            daylight_app::powers::store::list(world.app.db.read(), &Default::default(), 10, 0).await.unwrap();
        assert_eq!(shown, []);
    }
}

#[tokio::test]
async fn an_import_takes_nothing_public_from_the_public() {
    for world in worlds().await {
        let list = |public: &str| format!("单位名称,权力名称,是否公开\n青石镇人民政府,印章使用,{public}\n");
        hand_over(&world, &[("u.csv", UNITS), ("p.csv", &list("是"))]).await;
        let report = hand_over(&world, &[("p.csv", &list("否"))]).await;
        let problem = &file(&report, "p.csv").problems[0];
        assert_eq!((problem.severity, problem.code.as_str()), (Severity::Warning, "already_public"));
        assert!(
            problem.remedy.contains("申请撤下") && problem.remedy.contains("另一人"),
            "{}",
            problem.remedy
        );
        assert_eq!((counts(file(&report, "p.csv")), report.unchanged), ((1, 0, 0, 1), 1));
        let shown =
            daylight_app::powers::store::list(world.app.db.read(), &Default::default(), 10, 0).await.unwrap();
        assert_eq!(shown.len(), 1);
    }
}

#[tokio::test]
async fn changed_numbers_are_told_without_themselves_and_only_they_are_sealed_anew() {
    let list = |one: &str, two: &str, three: &str| {
        format!(
            "姓名,公民身份号码,工作单位,现任职务,联系方式\n陈鹏福,999901199010239802,青石镇人民政府,镇长,{one}\n\
             苏禾,{two},青石镇人民政府,科员,{three}\n"
        )
    };
    for world in worlds().await {
        let first = list("13949631669", "", "13949631660");
        hand_over(&world, &[("u.csv", UNITS), ("c.csv", &first)]).await;
        let sealed =
            async |id| daylight_app::cadres::store::sealed(world.app.db.read(), id).await.unwrap().unwrap();
        let (one, two) = (sealed(1).await, sealed(2).await);
        let same = hand_over(&world, &[("c.csv", &first)]).await;
        assert_eq!((same.updated, same.unchanged), (0, 2));
        assert_eq!(sealed(1).await.phone_sealed, one.phone_sealed);
        assert_eq!(sealed(1).await.citizen_id_sealed, one.citizen_id_sealed);

        let second = list("13949631661", "999901196911183259", "13949631660");
        let report = hand_over(&world, &[("c.csv", &second)]).await;
        assert_eq!((report.updated, report.unchanged), (2, 0), "{:?}", report.differences);
        let told: Vec<_> = report
            .differences
            .iter()
            .map(|difference| {
                (difference.name.as_str(), difference.changes[0].label.as_str(), difference.changes.len())
            })
            .collect();
        assert_eq!(
            told,
            [("青石镇人民政府 陈鹏福", "手机号有变化", 1), ("青石镇人民政府 苏禾", "身份证号有变化", 1)]
        );
        let json = serde_json::to_string(&report.differences).unwrap();
        for digits in ["1394963", "1661", "99990119"] {
            assert!(!json.contains(digits), "{json}");
        }
        assert_ne!(sealed(1).await.phone_sealed, one.phone_sealed);
        assert_eq!(sealed(1).await.citizen_id_sealed, one.citizen_id_sealed);
        assert!(two.citizen_id_sealed.is_none() && sealed(2).await.citizen_id_sealed.is_some());
        assert_eq!(sealed(2).await.phone_sealed, two.phone_sealed);
        let opened = world
            .app
            .vault
            .unseal(&daylight_app::ops::store::PHONE.place(1), &sealed(1).await.phone_sealed.unwrap());
        assert_eq!(opened.unwrap().as_str().unwrap(), "13949631661");
        let again = hand_over(&world, &[("c.csv", &second)]).await;
        assert_eq!((again.updated, again.unchanged), (0, 2));
    }
}

#[tokio::test]
async fn divisions_are_counted_and_listed_like_everything_else() {
    let list = |name: &str| {
        format!(
            "区划代码,区划名称,生效日期\n999901000000,安澜县,2020-01-01\n999901100000,{name},2020-01-01\n"
        )
    };
    for world in worlds().await {
        let first = hand_over(&world, &[("区划.csv", &list("青石乡"))]).await;
        assert_eq!((first.created, first.updated, first.unchanged), (2, 0, 0));
        let same = hand_over(&world, &[("区划.csv", &list("青石乡"))]).await;
        assert_eq!((same.created, same.updated, same.unchanged), (0, 0, 2));
        let report = hand_over(&world, &[("区划.csv", &list("青石镇"))]).await;
        assert_eq!((report.created, report.updated, report.unchanged), (0, 1, 1));
        let difference = &report.differences[0];
        assert_eq!(
            (difference.kind.as_str(), difference.name.as_str()),
            ("division", "青石镇（999901100000）")
        );
        let change = &difference.changes[0];
        assert_eq!((&*change.label, &*change.before, &*change.after), ("名称", "青石乡", "青石镇"));
        assert_eq!(difference.changes.len(), 1);
    }
}

#[tokio::test]
async fn a_wrong_telephone_of_a_person_is_masked_in_the_report() {
    let world = worlds().await.remove(0);
    let cadres = "姓名,工作单位,现任职务,联系方式\n陈鹏福,青石镇人民政府,镇长,1399963166\n";
    let report = hand_over(&world, &[("u.csv", UNITS), ("c.csv", cadres)]).await;
    let problem = report.problems().find(|problem| problem.code == "phone_invalid").expect("it is reported");
    assert_eq!(problem.value, "139***3166");
    assert!(!serde_json::to_string(&report).unwrap().contains("1399963166"));
}

#[tokio::test]
async fn a_unit_never_comes_to_stand_below_itself() {
    for world in worlds().await {
        let units = "单位类别,单位名称,上级主管单位\n乡镇,青石镇人民政府,\n\
                     村,青石镇前进村村民委员会,青石镇人民政府\n";
        hand_over(&world, &[("u.csv", units)]).await;
        let c = world.app.db.read();
        let above = daylight_app::units::store::by_name(c, "青石镇人民政府").await.unwrap().unwrap();
        let tx = world.app.db.write().await.unwrap();
        let mut press = daylight_app::revisions::store::Press::new(&tx, crate::world::NOW);
        let circle = daylight_app::revisions::Content::Unit(daylight_app::units::Unit {
            name: "青石镇人民政府".into(),
            category: Some(daylight_app::units::Category::Township),
            parent: Some("青石镇前进村村民委员会".into()),
            ..Default::default()
        });
        let refused = press.publish_imported(Some(above.id), &circle, &[], None, None).await;
        assert!(refused.unwrap_err().to_string().contains(daylight_app::units::store::BELOW_ITSELF));
    }
}

#[tokio::test]
async fn a_row_that_would_publish_somebodys_number_is_refused() {
    let world = worlds().await.remove(0);
    let powers = "单位名称,权力名称,行权主体\n青石镇人民政府,印章使用,王小二 139 4963 1669\n青石镇人民政府,接待,办公室\n";
    let report = hand_over(&world, &[("u.csv", UNITS), ("p.csv", powers)]).await;
    let file = file(&report, "p.csv");
    assert_eq!((file.taken, file.refused), (1, 1));
    assert_eq!(file.problems[0].code, "personal_data");
    assert!(!serde_json::to_string(&report).unwrap().contains("4963"));
}

#[tokio::test]
async fn two_people_of_one_name_in_one_post_stay_two() {
    for world in worlds().await {
        let cadres = "姓名,公民身份号码,工作单位,现任职务\n\
                      陈鹏福,999901199010239802,青石镇人民政府,副镇长\n\
                      陈鹏福,999901196911183259,青石镇人民政府,副镇长\n";
        let report = hand_over(&world, &[("u.csv", UNITS), ("c.csv", cadres)]).await;
        assert_eq!(file(&report, "c.csv").taken, 2);
        assert_eq!(daylight_app::cadres::store::count(world.app.db.read()).await.unwrap(), 2);
    }
}
