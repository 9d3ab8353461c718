//! An office brings its files, looks at what would happen, and decides.

use crate::world::{Answer, Browser, World, handover, worlds};
use axum::{
    body::Body,
    http::{Request, header},
};
use daylight_app::{
    authz::Role,
    imports::{Report, store},
};
use std::path::Path;

const BOUNDARY: &str = "----daylight";

/// The files as a browser sends them.
fn form(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

async fn upload(browser: &Browser, files: &[(&str, Vec<u8>)]) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = Request::post("/office/imports").header(header::CONTENT_TYPE, kind);
    browser.send(request, Body::from(form(files)), "/office/imports").await
}

fn four_files() -> Vec<(&'static str, Vec<u8>)> {
    let read = |name: &'static str| (name, std::fs::read(handover().join(name)).unwrap());
    ["procedures.xlsx", "powers.csv", "cadres.xlsx", "units.xlsx"].map(read).into()
}

async fn clerk(world: &World) -> Browser {
    world.staff("lin.zhiyuan", Role::Publisher, None).await
}

/// Runs what waits in the queue.
async fn work(world: &World) {
    daylight_app::worker(&world.app).run_due().await.unwrap();
}

async fn report(world: &World, id: i64) -> Report {
    store::get(world.app.db.read(), id).await.unwrap().unwrap().report().unwrap()
}

async fn rows(world: &World, sql: &str) -> i64 {
    daylight_db::scalar(world.app.db.read(), sql, vec![]).await.unwrap()
}

/// Every file below a folder.
fn all_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn left_on_disk(world: &World) -> Vec<std::path::PathBuf> {
    all_files(&world.app.config.data.join("imports"))
}

#[tokio::test]
async fn four_files_are_looked_at_first_and_saved_when_confirmed() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        let sent = upload(&clerk, &four_files()).await;
        assert_eq!(sent.location(), "/office/imports/1", "{}", sent.body);
        let reading = clerk.get("/office/imports/1").await;
        assert!(reading.body.contains("正在读取表格") && reading.body.contains("http-equiv=\"refresh\""));
        work(&world).await;

        let report = report(&world, 1).await;
        let of = |name: &str| report.files.iter().find(|file| file.file == name).unwrap();
        let counts = |name| (of(name).taken, of(name).refused, of(name).flagged);
        assert_eq!(counts("cadres.xlsx"), (216, 2, 12));
        assert_eq!(counts("powers.csv"), (360, 0, 4));
        let (taken, refused, _) = counts("procedures.xlsx");
        assert_eq!((taken, refused), (2340, 0));
        assert_eq!(counts("units.xlsx"), (60, 1, 5));
        let preview = clerk.get("/office/imports/1").await;
        for word in [
            "核对导入结果",
            "2,340",
            "216",
            "确认收录",
            "放弃",
            "原任职务，记为已经卸任",
            "行权流程整套替换",
            "确认之后立即公开",
        ] {
            assert!(preview.body.contains(word), "{word}");
        }
        // Nothing is saved yet.
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM revisions").await, 0);
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM units").await, 0);

        // Every problem with its place, reason and remedy; by weight; as a workbook.
        let errors = clerk.get("/office/imports/1/problems?show=error").await;
        for problem in report.problems().filter(|p| p.severity == daylight_app::imports::Severity::Error) {
            assert!(errors.body.contains(&format!("第{}行", problem.row)), "{problem:?}");
            assert!(errors.body.contains(&problem.remedy.replace('"', "&quot;")), "{problem:?}");
        }
        assert!(!errors.body.contains("<span class=\"tag\">待补正</span>"));
        let book = clerk.get("/office/imports/1/problems.xlsx?show=error").await;
        assert_eq!(book.status, 200);
        assert!(book.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("problems-1.xlsx"));
        for page in ["ignored", "differences", "columns"] {
            assert_eq!(clerk.get(&format!("/office/imports/1/{page}")).await.status, 200, "{page}");
        }
        assert!(clerk.get("/office/imports/1/ignored").await.body.contains("合计"));

        // Confirmed, twice by a nervous hand: saved once.
        assert_eq!(clerk.post("/office/imports/1/apply", &[]).await.location(), "/office/imports/1");
        assert!(clerk.get("/office/imports/1").await.body.contains("正在保存"));
        clerk.post("/office/imports/1/apply", &[]).await;
        work(&world).await;
        let done = clerk.get("/office/imports/1").await;
        assert!(done.body.contains("已经收录") && done.body.contains("href=\"/units\""), "{}", done.body);
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM units").await, 60);
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM powers").await, 360);
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM audit_entries WHERE action = 'import.apply'").await, 1);
        assert_eq!(
            rows(&world, "SELECT COUNT(*) FROM revisions WHERE import_id = 1 AND author_id = 1").await,
            rows(&world, "SELECT COUNT(*) FROM revisions").await
        );
        assert!(left_on_disk(&world).is_empty(), "{:?}", left_on_disk(&world));
        let hits = daylight_db::scalar::<i64>(
            world.app.db.read(),
            "SELECT COUNT(*) FROM search_documents WHERE kind = 'unit'",
            vec![],
        )
        .await
        .unwrap();
        assert_eq!(hits, 60);

        // The same files again change nothing.
        upload(&clerk, &four_files()).await;
        work(&world).await;
        let again = self::report(&world, 2).await;
        assert_eq!((again.created, again.updated), (0, 0), "{:?}", again.differences.first());
    }
}

#[tokio::test]
async fn sealed_files_hold_no_citizen_id_in_the_clear() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        // A CSV with ids in plain digits, as many offices send it, and more than one piece of it.
        let mut text = String::from("姓名,工作单位,现任职务,公民身份号码\n");
        for row in 0..60_000 {
            text.push_str(&format!("苏禾{row},青石镇,科员,999901199005120022\n"));
        }
        assert!(text.len() > 2 << 20);
        upload(&clerk, &[("干部.csv", text.into_bytes())]).await;
        let stored = left_on_disk(&world);
        assert_eq!(stored.len(), 1);
        let bytes = std::fs::read(&stored[0]).unwrap();
        assert!(bytes.len() > 2 << 20);
        for needle in ["9999011990", "苏禾", "公民身份号码"] {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{needle}");
        }
        work(&world).await;
        // Read whole, and nothing in the clear is left; nor in what the database remembers.
        let line = store::get(world.app.db.read(), 1).await.unwrap().unwrap();
        assert_eq!(line.report().unwrap().totals().0, 60_000, "{}", line.progress);
        assert!(!line.report.contains("999901199005120022"));
        assert_eq!(left_on_disk(&world), stored);
    }
}

#[tokio::test]
async fn a_discarded_import_leaves_no_trace_on_the_disk() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        upload(&clerk, &four_files()).await;
        work(&world).await;
        assert_eq!(left_on_disk(&world).len(), 4);
        clerk.post("/office/imports/1/discard", &[]).await;
        let page = clerk.get("/office/imports/1").await;
        assert!(page.body.contains("已经放弃"));
        assert!(left_on_disk(&world).is_empty());
        assert_eq!(clerk.get("/office/imports/1/problems").await.status, 404);
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM revisions").await, 0);
        // Nor can it be saved any more.
        clerk.post("/office/imports/1/apply", &[]).await;
        work(&world).await;
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM revisions").await, 0);
        assert_eq!(
            rows(&world, "SELECT COUNT(*) FROM audit_entries WHERE action = 'import.discard'").await,
            1
        );
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused_in_plain_words() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        for (name, bytes, words) in [
            ("通知.docx", b"PK\x03\x04".to_vec(), "请另存为"),
            ("空.xlsx", Vec::new(), "空.xlsx"),
            ("图片.xlsx", b"\x89PNG\r\n\x1a\n0000".to_vec(), "图片.xlsx"),
        ] {
            let answer = upload(&clerk, &[(name, bytes)]).await;
            assert!(
                answer.body.contains(words) && answer.body.contains("error-summary"),
                "{name}: {}",
                answer.body
            );
        }
        assert!(upload(&clerk, &[("", Vec::new())]).await.body.contains("请选择要导入的文件"));
        assert!(clerk.post("/office/imports", &[("files", "x")]).await.body.contains("请选择要导入的文件"));
        assert!(left_on_disk(&world).is_empty(), "{:?}", left_on_disk(&world));
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM imports").await, 0);
        // A workbook that is a bomb, and a table without a header, are found by reading.
        upload(&clerk, &[("炸弹.xlsx", bomb())]).await;
        upload(&clerk, &[("没有表头.csv", "今天天气很好\n明天也好\n".into())]).await;
        work(&world).await;
        for id in [1, 2] {
            let page = clerk.get(&format!("/office/imports/{id}")).await;
            assert!(page.body.contains("没有完成") && page.body.contains("重新读取"), "{}", page.body);
        }
        assert!(clerk.get("/office/imports/1").await.body.contains("炸弹.xlsx："));
        clerk.post("/office/imports/1/discard", &[]).await;
        clerk.post("/office/imports/2/discard", &[]).await;
        assert!(left_on_disk(&world).is_empty());
    }
}

/// A workbook whose one sheet unpacks to far more than it weighs.
fn bomb() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let long = "九".repeat(30_000);
    for row in 0..3_000 {
        sheet.write_string(row, 0, format!("{long}{row}")).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn only_who_imports_for_the_whole_county_sees_imports() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let unit =
            daylight_app::units::store::list(world.app.db.read(), &Default::default(), 1, 20).await.unwrap();
        let township = world.staff("su.he", Role::Publisher, Some(&unit[0].name)).await;
        let admin = world.staff("xu.an", Role::SystemAdmin, None).await;
        let clerk = clerk(&world).await;
        upload(&clerk, &[("units.csv", "单位类别,单位名称\n村,甲村\n".into())]).await;
        for path in
            ["/office/imports", "/office/imports/1", "/office/imports/1/problems", "/office/imports/help"]
        {
            assert_eq!(township.get(path).await.status, 403, "{path}");
            assert_eq!(admin.get(path).await.status, 403, "{path}");
            assert_ne!(clerk.get(path).await.status, 403, "{path}");
        }
        assert_eq!(upload(&township, &[("u.csv", "单位名称\n乙村\n".into())]).await.status, 403);
        assert_eq!(township.post("/office/imports/1/discard", &[]).await.status, 403);
    }
}

#[tokio::test]
async fn a_heading_that_was_misread_is_put_right_and_remembered() {
    let table = "姓名,任职单位,所任职务,干什么的\n苏禾,甲村,村主任,管水\n";
    for world in worlds().await {
        let clerk = clerk(&world).await;
        let units = ("units.csv", "单位类别,单位名称\n村,甲村\n".into());
        upload(&clerk, &[units.clone(), ("cadres.csv", table.into())]).await;
        work(&world).await;
        let form = clerk.get("/office/imports/1/columns").await.body;
        // units: c0 c1, cadres: c2…c5, in the order of the report.
        let before = report(&world, 1).await;
        let cadres = before.files.iter().find(|file| file.kind == "cadres").unwrap();
        let found: Vec<_> = cadres.columns.iter().map(|c| (c.heading.as_str(), c.key.as_str())).collect();
        assert_eq!(found[3], ("干什么的", ""), "{found:?}");
        let name = |heading: &str| {
            let at = form.find(&format!(">{heading}</label>")).unwrap();
            let at = at + form[at..].find("name=\"").unwrap() + 6;
            form[at..at + form[at..].find('"').unwrap()].to_owned()
        };
        let (post, duties) = (name("所任职务"), name("干什么的"));
        // Two headings for one column: said so, and the choice is kept.
        let twice = clerk.post("/office/imports/1/columns", &[(&post, "post"), (&duties, "post")]).await;
        assert!(twice.body.contains("选了同一列"), "{}", twice.body);
        let sent = [(post.as_str(), "post"), (duties.as_str(), "duties"), ("remember", "1")];
        assert_eq!(clerk.post("/office/imports/1/columns", &sent).await.location(), "/office/imports/1");
        work(&world).await;
        let after = report(&world, 1).await;
        let cadres = after.files.iter().find(|file| file.kind == "cadres").unwrap();
        assert_eq!(cadres.columns[3].key, "duties");
        assert_eq!((cadres.taken, cadres.refused), (1, 0), "{:?}", cadres.problems);
        // The next import knows it, and so does the help page.
        upload(&clerk, &[units, ("cadres.csv", table.into())]).await;
        work(&world).await;
        let cadres = report(&world, 2).await.files.into_iter().find(|file| file.kind == "cadres").unwrap();
        assert_eq!(cadres.columns[3].key, "duties");
        assert!(clerk.get("/office/imports/help").await.body.contains("干什么的"));
        // Not needed after all: even a heading that is the column's own title.
        let form = clerk.get("/office/imports/2/columns").await.body;
        let at = form.find(">姓名</label>").unwrap();
        let at = at + form[at..].find("name=\"").unwrap() + 6;
        let name = &form[at..at + form[at..].find('"').unwrap()];
        clerk.post("/office/imports/2/columns", &[(name, "")]).await;
        work(&world).await;
        let page = clerk.get("/office/imports/2/columns").await;
        assert!(page.body.contains("没有认出“姓名”"), "{}", page.body);
    }
}

#[tokio::test]
async fn what_was_confirmed_is_what_is_saved_or_it_is_shown_again() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        upload(&clerk, &four_files()).await;
        work(&world).await;
        // Somebody else brings the same units first.
        world.import(&[handover().join("units.xlsx")]).await;
        clerk.post("/office/imports/1/apply", &[]).await;
        work(&world).await;
        let page = clerk.get("/office/imports/1").await;
        assert!(page.body.contains("登记库有了新的变化"), "{}", page.body);
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM powers").await, 0);
        clerk.post("/office/imports/1/apply", &[]).await;
        work(&world).await;
        assert!(clerk.get("/office/imports/1").await.body.contains("已经收录"));
        assert_eq!(rows(&world, "SELECT COUNT(*) FROM powers").await, 360);
    }
}

#[tokio::test]
async fn a_file_that_was_changed_on_the_server_is_not_taken() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        for (id, break_it) in [(1, 0), (2, 1), (3, 2)] {
            upload(&clerk, &four_files()).await;
            work(&world).await;
            let mut files = left_on_disk(&world);
            files.sort();
            match break_it {
                // One byte, one file for another, the end cut off.
                0 => {
                    let mut bytes = std::fs::read(&files[0]).unwrap();
                    let last = bytes.len() - 40;
                    bytes[last] ^= 1;
                    std::fs::write(&files[0], bytes).unwrap();
                }
                1 => drop(std::fs::copy(&files[1], &files[0]).unwrap()),
                _ => {
                    let bytes = std::fs::read(&files[0]).unwrap();
                    std::fs::write(&files[0], &bytes[..bytes.len() / 2]).unwrap();
                }
            }
            clerk.post(&format!("/office/imports/{id}/apply"), &[]).await;
            work(&world).await;
            let page = clerk.get(&format!("/office/imports/{id}")).await;
            assert!(page.body.contains("与上传时不一致"), "{}", page.body);
            assert_eq!(rows(&world, "SELECT COUNT(*) FROM units").await, 0);
            clerk.post(&format!("/office/imports/{id}/discard"), &[]).await;
        }
    }
}

#[tokio::test]
async fn an_import_whose_saving_was_cut_off_is_decided_on_once_more() {
    for world in worlds().await {
        let clerk = clerk(&world).await;
        for id in [1, 2] {
            upload(&clerk, &four_files()).await;
            work(&world).await;
            clerk.post(&format!("/office/imports/{id}/apply"), &[]).await;
            // A server takes the job and is killed while saving.
            let claimed =
                daylight_queue::claim(&world.app.db, &["import.save"], world.app.clock.now(), 60_000);
            assert!(claimed.await.unwrap().is_some());
            work(&world).await;
            assert!(clerk.get(&format!("/office/imports/{id}")).await.body.contains("正在保存"));
            // The next one finds the lease run out.
            world.app.clock.advance(60_001);
            work(&world).await;
            let page = clerk.get(&format!("/office/imports/{id}")).await;
            assert!(
                page.body.contains("上次保存时服务器中断") && page.body.contains("确认收录"),
                "{}",
                page.body
            );
            assert_eq!(rows(&world, "SELECT COUNT(*) FROM units").await, 0);
            assert_eq!(left_on_disk(&world).len(), 4);
            if id == 1 {
                clerk.post("/office/imports/1/discard", &[]).await;
                assert!(clerk.get("/office/imports/1").await.body.contains("已经放弃"));
            } else {
                clerk.post("/office/imports/2/apply", &[]).await;
                work(&world).await;
                assert!(clerk.get("/office/imports/2").await.body.contains("已经收录"));
                assert_eq!(rows(&world, "SELECT COUNT(*) FROM units").await, 60);
            }
        }
    }
}

#[tokio::test]
async fn leftovers_of_a_stopped_server_are_swept() {
    for world in worlds().await {
        let open = world.app.config.data.join("imports/.open");
        std::fs::create_dir_all(open.join("abc")).unwrap();
        std::fs::write(open.join("abc/0.csv"), "姓名").unwrap();
        std::fs::write(open.join("abc.lock"), "").unwrap();
        // One that a living process still reads.
        std::fs::create_dir_all(open.join("def")).unwrap();
        std::fs::write(open.join("def/0.csv"), "姓名").unwrap();
        let held = std::fs::File::create(open.join("def.lock")).unwrap();
        held.lock().unwrap();
        daylight_app::imports::jobs::sweep(&world.app).await.unwrap();
        assert!(!open.join("abc").exists() && open.join("def/0.csv").exists());
    }
}

#[tokio::test]
async fn templates_can_be_downloaded_and_the_help_page_shows_the_synonyms() {
    let world = worlds().await.remove(0);
    let clerk = clerk(&world).await;
    let page = clerk.get("/office/imports").await;
    for kind in daylight_app::imports::Kind::ALL {
        let href = format!("/office/imports/templates/{}.xlsx", kind.code());
        assert!(page.body.contains(&href), "{href}");
        let book = clerk.get(&href).await;
        assert_eq!(book.status, 200);
        assert!(book.body.starts_with("PK"));
    }
    assert_eq!(clerk.get("/office/imports/templates/passwd").await.status, 404);
    assert!(clerk.get("/office/imports/help").await.body.contains("身份证号码"));
}
