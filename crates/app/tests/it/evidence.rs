//! Evidence through the front door: sent in chunks or by a plain form, and what hostile senders get.

use crate::{
    desks,
    world::{Answer, Browser, NOW, World, worlds},
};
use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, header},
};
use daylight_app::{
    attachments::{self, CHUNK_LEAST, Kind, Which, store as files},
    cases::store as cases,
    ops,
    reports::{Draft, Facts, Object, store as reports},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;

const TOKEN: &str = "a-token-that-only-this-browser-holds-0001";
const BEGIN: &str = "/reports/evidence";

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
}

/// A citizen in the middle of a report.
async fn writing(world: &World, token: &str) -> Browser {
    let draft = Draft {
        kind: Some(daylight_app::reports::Kind::Request),
        object: Some(Object::Unknown),
        facts: Facts { what: "村口的路灯坏了三个月没有人修".into(), ..Facts::default() },
        level: "anonymous".into(),
        ..Draft::default()
    };
    let tx = world.app.db.write().await.unwrap();
    reports::save_draft(&tx, &world.app.vault, token, &draft, world.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    world.citizen().with_cookie(&format!("daylight_report={token}"))
}

async fn begin(browser: &Browser, name: &str, size: usize) -> Answer {
    browser.post(BEGIN, &[("name", name), ("size", &size.to_string()), ("same", name)]).await
}

async fn chunk(browser: &Browser, file: &str, offset: u64, bytes: &[u8]) -> Answer {
    chunk_as(browser, file, offset, bytes, &hex(bytes)).await
}

async fn chunk_as(browser: &Browser, file: &str, offset: u64, bytes: &[u8], sha256: &str) -> Answer {
    let path = format!("{BEGIN}/{file}/chunk?offset={offset}&sha256={sha256}");
    browser.send(Request::post(&path), Body::from(bytes.to_vec()), &path).await
}

async fn finish(browser: &Browser, file: &str, sha256: &str) -> Answer {
    browser.post(&format!("{BEGIN}/{file}/finish"), &[("sha256", sha256)]).await
}

/// Sends a whole file as the page's script does. What became of it.
async fn upload(browser: &Browser, name: &str, bytes: &[u8]) -> Answer {
    let begun = begin(browser, name, bytes.len()).await;
    if begun.status != 200 {
        return begun;
    }
    let file = json(&begun)["file"].as_str().unwrap().to_owned();
    for (number, piece) in bytes.chunks(2 * CHUNK_LEAST).enumerate() {
        let sent = chunk(browser, &file, (number * 2 * CHUNK_LEAST) as u64, piece).await;
        assert_eq!(sent.status, 200, "{sent:?}");
    }
    finish(browser, &file, &hex(bytes)).await
}

/// A plain form with these files, sent by the button that stays on the page.
async fn send_form(browser: &Browser, sent: &[(&str, &[u8])]) -> Answer {
    press(browser, &[], sent, "upload").await
}

/// A plain form: its hidden fields, its files, the button that was pressed.
async fn press(browser: &Browser, hidden: &[(&str, &str)], sent: &[(&str, &[u8])], button: &str) -> Answer {
    send_body(browser, &format!("{BEGIN}/form"), form_body(hidden, sent, button)).await
}

fn form_body(hidden: &[(&str, &str)], sent: &[(&str, &[u8])], button: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let field = |(name, value): (&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    hidden.iter().for_each(|pair| body.extend(field(*pair).into_bytes()));
    for (name, bytes) in sent {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n").into_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    if !button.is_empty() {
        body.extend(field(("do", button)).into_bytes());
    }
    body.extend(b"--b--\r\n");
    body
}

async fn send_body(browser: &Browser, path: &str, body: Vec<u8>) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    browser.send(request, Body::from(body), path).await
}

/// A form of texts and files, to any address.
async fn send_with(
    browser: &Browser,
    path: &str,
    texts: &[(&str, &str)],
    sent: &[(&str, &[u8])],
    button: &str,
) -> Answer {
    send_body(browser, path, form_body(texts, sent, button)).await
}

async fn list(world: &World, token: &str) -> Vec<files::Attachment> {
    let now = world.app.clock.now();
    files::list(world.app.db.read(), &world.app.vault, token, now).await.unwrap()
}

fn words(size: usize) -> Vec<u8> {
    (0..).flat_map(|line: u32| format!("第{line}行：十月收据\n").into_bytes()).take(size).collect()
}

/// One black pixel, and where it was taken.
fn photo() -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(48, 48, image::Rgb([200, 30, 30]));
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
    let mut out = jpeg[..2].to_vec();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0GPSLatitude 31.2304 HUAWEI-MATE";
    out.extend([0xff, 0xe1]);
    out.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    out.extend(exif);
    out.extend(&jpeg[2..]);
    out
}

#[tokio::test]
async fn a_file_arrives_over_a_broken_line_in_any_order_of_retries() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        let bytes = words(100_000);
        let begun = json(&begin(&me, "账本.txt", bytes.len()).await);
        let file = begun["file"].as_str().unwrap();
        assert_eq!((&begun["next"], &begun["kept"]), (&0.into(), &false.into()));
        let (one, two, three) = (&bytes[..30_000], &bytes[30_000..70_000], &bytes[70_000..]);
        assert_eq!(json(&chunk(&me, file, 0, one).await)["next"], 30_000);
        // The answer got lost: once more is no more.
        assert_eq!(json(&chunk(&me, file, 0, one).await)["next"], 30_000);
        let elsewhere = chunk(&me, file, 70_000, three).await;
        assert_eq!((elsewhere.status.as_u16(), &json(&elsewhere)["next"]), (409, &30_000.into()));
        let garbled = chunk_as(&me, file, 30_000, two, &hex(b"something else")).await;
        assert_eq!((garbled.status.as_u16(), &json(&garbled)["error"]), (422, &"changed".into()));
        let early = finish(&me, file, &hex(&bytes)).await;
        assert_eq!((early.status.as_u16(), &json(&early)["next"]), (409, &30_000.into()));
        // The telephone was off; the same file is chosen again.
        let again = json(&begin(&me, "账本.txt", bytes.len()).await);
        assert_eq!((&again["file"], &again["next"]), (&begun["file"], &30_000.into()));
        assert_eq!(json(&me.get(&format!("{BEGIN}/{file}")).await)["next"], 30_000);
        let (a, b) = tokio::join!(chunk(&me, file, 30_000, two), chunk(&me, file, 30_000, two));
        assert_eq!((&json(&a)["next"], &json(&b)["next"]), (&70_000.into(), &70_000.into()), "twice at once");
        assert_eq!(json(&chunk(&me, file, 70_000, three).await)["next"], 100_000);
        assert_eq!(json(&finish(&me, file, &hex(&bytes)).await)["kept"], true);
        assert_eq!(json(&finish(&me, file, &hex(&bytes)).await)["kept"], true, "finished twice");
        let kept = &list(&world, TOKEN).await[0];
        assert_eq!((kept.about.kind, kept.about.size), (Some(Kind::Text), 100_000));
        assert_eq!(kept.about.sha256, hex(&bytes));
        let page = me.get("/reports/new/evidence").await;
        assert!(page.body.contains("账本.txt") && page.body.contains("共 1 个"), "{}", page.body);
        assert!(!page.body.contains("token_hash") && page.headers["cache-control"] == "no-store");
        // And out again.
        let removed = me.post(&format!("{BEGIN}/{file}/remove"), &[]).await;
        assert_eq!((removed.status.as_u16(), removed.location()), (303, "/reports/new/evidence"));
        assert!(list(&world, TOKEN).await.is_empty());
        let left = std::fs::read_dir(world.app.config.data.join("attachments")).unwrap().count();
        assert_eq!(left, 0, "nothing stays on the disk");
    }
}

#[tokio::test]
async fn bytes_that_are_not_the_announced_ones_never_count() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        let bytes = words(40_000);
        let file = json(&begin(&me, "a.txt", bytes.len()).await)["file"].as_str().unwrap().to_owned();
        // More than announced; less than a chunk must have; nothing.
        for lie in [words(40_001), words(CHUNK_LEAST - 1), Vec::new()] {
            assert_eq!(chunk(&me, &file, 0, &lie).await.status, 422, "{}", lie.len());
        }
        let huge = chunk(&me, &file, 0, &vec![b'a'; attachments::CHUNK_MOST + 1]).await;
        assert_eq!(huge.status, 413);
        assert_eq!(chunk(&me, &file, 0, &bytes).await.status, 200);
        // The whole is said to be another: it begins anew, and nothing is kept.
        let wrong = finish(&me, &file, &hex(b"another")).await;
        assert_eq!(on_disk(&world), 0, "and nothing of it stays on the disk");
        assert_eq!((wrong.status.as_u16(), &json(&wrong)["error"]), (422, &"changed".into()));
        assert_eq!(json(&me.get(&format!("{BEGIN}/{file}")).await)["next"], 0);
        assert!(!list(&world, TOKEN).await[0].kept);
        // The control: the right ones do.
        assert_eq!(chunk(&me, &file, 0, &bytes).await.status, 200);
        assert_eq!(finish(&me, &file, &hex(&bytes)).await.status, 200);
        assert!(list(&world, TOKEN).await[0].kept);
        for (name, size, error) in [("empty", 0, "empty"), ("large", (50 << 20) + 1, "large")] {
            let refused = begin(&me, name, size).await;
            assert_eq!((refused.status.as_u16(), &json(&refused)["error"]), (422, &error.into()));
        }
    }
}

fn on_disk(world: &World) -> usize {
    std::fs::read_dir(world.app.config.data.join("attachments")).unwrap().count()
}

#[tokio::test]
async fn what_had_not_arrived_leaves_the_disk_with_the_submission_and_all_of_it_with_the_draft() {
    for world in worlds().await {
        world.with_county_organ().await;
        for path in ["/reports/new/check", "/reports/new/forget"] {
            let me = writing(&world, TOKEN).await;
            let file = json(&begin(&me, "a.txt", 90_000).await)["file"].as_str().unwrap().to_owned();
            assert_eq!(chunk(&me, &file, 0, &words(40_000)).await.status, 200);
            assert_eq!(on_disk(&world), 1);
            assert_eq!(me.post(path, &[]).await.status, 303);
            assert_eq!(on_disk(&world), 0, "{path}");
        }
    }
}

#[tokio::test]
async fn another_report_from_the_same_browser_gets_its_own_receipt_and_keeps_its_files() {
    for world in worlds().await {
        world.with_county_organ().await;
        let me = writing(&world, TOKEN).await;
        assert_eq!(me.post("/reports/new/check", &[]).await.location(), "/reports/new/done");
        let first = me.get("/reports/new/done").await.body;
        // Another window of the same browser goes on with what it had.
        let tx = world.app.db.write().await.unwrap();
        let draft = Draft {
            kind: Some(daylight_app::reports::Kind::Complaint),
            object: Some(Object::Unknown),
            facts: Facts {
                what: "别的一件：修路的钱对不上账，没有公布过".into(), ..Facts::default()
            },
            level: "anonymous".into(),
            ..Draft::default()
        };
        reports::save_draft(&tx, &world.app.vault, TOKEN, &draft, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(upload(&me, "a.txt", &words(30_000)).await.status, 200);
        let done = me.post("/reports/new/check", &[("files", "1")]).await;
        assert_eq!(done.location(), "/reports/new/done", "{}", done.body);
        let cookie = done.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let second = world.citizen().with_cookie(&cookie).get("/reports/new/done").await;
        assert!(second.body.contains("您的反映已收到") && second.body != first, "{}", second.body);
        let counted = async |table: &str| -> i64 {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            daylight_db::scalar(world.app.db.read(), &sql, daylight_db::values![]).await.unwrap()
        };
        assert_eq!(
            (counted("reports").await, counted("attachments WHERE report_id IS NOT NULL").await),
            (2, 1)
        );
    }
}

/// The same program on a disk of which so much is to stay free.
fn reserving(world: &World, evidence_reserve: u64) -> daylight_app::web::App {
    let app = &world.app;
    daylight_app::web::App::new(daylight_app::web::Parts {
        db: app.db.clone(),
        vault: app.vault.clone(),
        clock: app.clock.clone(),
        cache: daylight_app::web::page_cache(),
        config: daylight_app::web::Config { evidence_reserve, ..app.config.clone() },
    })
}

#[tokio::test]
async fn what_was_begun_with_room_does_not_go_on_into_the_reserve() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        let bytes = words(40_000);
        let file = json(&begin(&me, "a.txt", bytes.len()).await)["file"].as_str().unwrap().to_owned();
        let tight = me.of(&reserving(&world, u64::MAX / 2));
        let refused = chunk(&tight, &file, 0, &bytes).await;
        assert_eq!((refused.status.as_u16(), &json(&refused)["error"]), (422, &"full".into()));
        assert_eq!(std::fs::read_dir(world.app.config.data.join("attachments")).unwrap().count(), 0);
        assert_eq!(chunk(&me, &file, 0, &bytes).await.status, 200);
        assert_eq!(json(&finish(&tight, &file, &hex(&bytes)).await)["error"], "full");
        assert_eq!(finish(&me, &file, &hex(&bytes)).await.status, 200, "and later it goes on");
    }
}

#[tokio::test]
async fn nobody_elses_browser_finds_a_file() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        let them = writing(&world, "a-token-that-only-their-browser-holds-002").await;
        let nobody = world.citizen();
        let file = json(&begin(&me, "a.txt", 40_000).await)["file"].as_str().unwrap().to_owned();
        let unknown = "0123456789abcdef0123456789abcdef";
        assert_eq!(me.get(&format!("{BEGIN}/{file}")).await.status, 200);
        for browser in [&them, &nobody] {
            let theirs = browser.get(&format!("{BEGIN}/{file}")).await;
            let none = browser.get(&format!("{BEGIN}/{unknown}")).await;
            assert_eq!(theirs.status, 404);
            assert_eq!(theirs.body.replace(&file, unknown), none.body, "the same bytes");
            assert_eq!(chunk(browser, &file, 0, &words(40_000)).await.status, 404);
            assert_eq!(finish(browser, &file, &hex(b"")).await.status, 404);
            assert_eq!(browser.post(&format!("{BEGIN}/{file}/remove"), &[]).await.status, 404);
        }
        assert_eq!(begin(&nobody, "a.txt", 5).await.status, 404, "no draft, no file");
        assert_eq!(send_form(&nobody, &[("a.txt", b"text")]).await.status, 404);
        assert_eq!(list(&world, TOKEN).await.len(), 1);
    }
}

/// A name, what is sent under it, and as what it is kept, with a copy or without; none when it is refused.
type Case = (&'static str, Vec<u8>, Option<(Kind, bool)>);

/// A PNG of one pixel that says it is larger.
fn claimed(width: u32, height: u32) -> Vec<u8> {
    use image::ImageEncoder;
    let mut out = Vec::new();
    let png = image::codecs::png::PngEncoder::new(&mut out);
    png.write_image(&[9, 9, 9], 1, 1, image::ExtendedColorType::Rgb8).unwrap();
    out[16..20].copy_from_slice(&width.to_be_bytes());
    out[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&out[12..29]);
    out[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    out
}

#[tokio::test]
async fn hostile_files_are_what_their_bytes_say_and_nothing_of_them_is_run_or_unpacked() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        // A bomb in an archive that is called a photo: kept as the archive it is, never opened.
        let mut bomb = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
        bomb.extend(vec![0; 20_000]);
        // A photo that goes on as a page with a script.
        let mut polyglot = photo();
        polyglot.extend(b"<html><script>alert(1)</script></html>");
        let cases: [Case; 7] = [
            ("photo.jpg", photo(), Some((Kind::Jpeg, true))),
            ("bomb.jpg", bomb, Some((Kind::Zip, false))),
            ("pixel.png", claimed(1, 1), Some((Kind::Png, true))),
            ("giant.png", claimed(60_000, 60_000), Some((Kind::Png, false))),
            ("both.jpg", polyglot, Some((Kind::Jpeg, true))),
            ("page.jpg", b"<html><script>alert(1)</script></html>".to_vec(), Some((Kind::Text, false))),
            ("tool.jpg", b"MZ\x90\0\x03\0\0\0\x04".to_vec(), None),
        ];
        let before = cases.len() - 1;
        for (name, bytes, expected) in cases {
            let answer = upload(&me, name, &bytes).await;
            match expected {
                None => {
                    assert_eq!((answer.status.as_u16(), &json(&answer)["error"]), (422, &"kind".into()));
                }
                Some((kind, copy)) => {
                    assert_eq!(answer.status, 200, "{name}: {answer:?}");
                    let files = list(&world, TOKEN).await;
                    let kept = files.iter().find(|file| file.about.name == name).unwrap();
                    assert_eq!((kept.about.kind, kept.about.copy.is_some()), (Some(kind), copy), "{name}");
                }
            }
        }
        assert_eq!(list(&world, TOKEN).await.len(), before, "what is refused leaves nothing");
    }
}

#[tokio::test]
async fn a_plain_form_does_the_same_without_scripts() {
    for (number, world) in worlds().await.into_iter().enumerate() {
        let me = writing(&world, TOKEN).await;
        let sent =
            send_form(&me, &[("../../etc/收据.jpg", &photo()), ("发票\u{202e}gpj.txt", b"text"), ("", b"")])
                .await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, "/reports/new/evidence"), "{sent:?}");
        let files = list(&world, TOKEN).await;
        let names: Vec<_> = files.iter().map(|file| file.about.name.as_str()).collect();
        assert_eq!(names, ["收据.jpg", "发票gpj.txt"]);
        assert!(files[0].about.copy.is_some() && files.iter().all(|file| file.kept));
        assert_eq!(files[0].about.sha256, hex(&photo()));
        for (bytes, refused) in [(&b"MZ\x90\0"[..], "kind"), (b"", "empty")] {
            let answer = send_form(&me, &[("a.jpg", bytes)]).await;
            assert_eq!(answer.location(), format!("/reports/new/evidence?refused={refused}"));
        }
        // Fifty megabytes say the same of either engine.
        if number == 0 {
            let answer = send_form(&me, &[("a.jpg", &vec![b'a'; (50 << 20) + 1])]).await;
            assert_eq!(answer.location(), "/reports/new/evidence?refused=large");
        }
        let page = me.get("/reports/new/evidence?refused=large").await;
        assert!(page.body.contains("这个文件超过50MB"), "{}", page.body);
        let many: Vec<_> = (0..19).map(|_| ("a.txt", &b"text"[..])).collect();
        let answer = send_form(&me, &many).await;
        assert_eq!(answer.location(), "/reports/new/evidence?refused=many");
        assert_eq!(list(&world, TOKEN).await.len(), 20);
        let in_folder = std::fs::read_dir(world.app.config.data.join("attachments")).unwrap().count();
        assert_eq!(in_folder, 21, "twenty files and one copy: nothing of what was refused");
    }
}

#[tokio::test]
async fn whoever_goes_on_without_sending_first_loses_no_file_and_comes_back_to_the_answers() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        let page = me.get("/reports/new/evidence?to=check").await.body;
        assert_eq!(page.matches("name=\"to\" value=\"check\"").count(), 1, "one form for both: {page}");
        let on = press(&me, &[], &[("收据.jpg", &photo())], "").await;
        assert_eq!((on.status.as_u16(), on.location()), (303, "/reports/new/identity"));
        assert_eq!(list(&world, TOKEN).await.len(), 1, "the chosen file came along");
        let none = press(&me, &[], &[("", b"")], "").await;
        assert_eq!(none.location(), "/reports/new/identity", "nothing chosen, nothing wrong");
        let to = [("to", "check")];
        let back = press(&me, &to, &[("a.txt", b"text")], "").await;
        assert_eq!(back.location(), "/reports/new/check");
        let stays = press(&me, &to, &[("b.txt", b"text")], "upload").await;
        assert_eq!(stays.location(), "/reports/new/evidence?to=check");
        let refused = press(&me, &to, &[("c.jpg", b"MZ\x90\0")], "").await;
        assert_eq!(refused.location(), "/reports/new/evidence?refused=kind&to=check", "said before going on");
        let files = list(&world, TOKEN).await;
        let path = format!("{BEGIN}/{}/remove", files[0].file);
        assert_eq!(me.post(&path, &to).await.location(), "/reports/new/evidence?to=check");
        assert_eq!(list(&world, TOKEN).await.len(), files.len() - 1);
        let page = me.get("/reports/new/identity").await.body;
        let form = page.split("action=\"/reports/new/identity\"").nth(1).unwrap_or_default();
        let default = form.split("<button").nth(1).unwrap_or_default();
        assert!(!default.contains("value=\"code\""), "Enter goes on, it sends no code: {default}");
    }
}

async fn bytes_of(response: Response<Body>) -> Vec<u8> {
    to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
}

/// Every file below a folder that holds a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if std::fs::read(&path)
                .unwrap()
                .windows(text.len())
                .any(|window| window == text.as_bytes())
                || path.to_string_lossy().contains(text)
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn evidence_that_had_to_go_since_the_answers_were_shown_is_said_before_submitting() {
    for world in worlds().await {
        world.with_county_organ().await;
        let me = writing(&world, TOKEN).await;
        assert_eq!(upload(&me, "现场照片.jpg", &photo()).await.status, 200);
        let shown = me.get("/reports/new/check").await.body;
        assert!(shown.contains("name=\"files\" value=\"1\""), "{shown}");
        let tx = world.app.db.write().await.unwrap();
        daylight_db::exec(&*tx, "DELETE FROM attachments", daylight_db::values![]).await.unwrap();
        tx.commit().await.unwrap();
        let said = me.post("/reports/new/check", &[("files", "1")]).await;
        assert!(said.body.contains("有1个证据文件已经不在了"), "{}", said.body);
        assert!(said.body.contains("name=\"files\" value=\"0\""), "once more, knowingly: {}", said.body);
        let done = me.post("/reports/new/check", &[("files", "0")]).await;
        assert_eq!(done.location(), "/reports/new/done", "{}", done.body);
    }
}

#[tokio::test]
async fn submitted_evidence_reaches_the_desk_whole_and_lies_nowhere_in_the_clear() {
    for world in worlds().await {
        let intake = world.with_county_organ().await;
        let me = writing(&world, TOKEN).await;
        let text = words(200_000);
        assert_eq!(upload(&me, "十月的收据.txt", &text).await.status, 200);
        assert_eq!(upload(&me, "现场照片.jpg", &photo()).await.status, 200);
        let check = me.get("/reports/new/check").await;
        let listed = |name| check.body.contains(name);
        assert!(listed("十月的收据.txt") && listed("现场照片.jpg"), "{}", check.body);
        let done = me.post("/reports/new/check", &[]).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/reports/new/done"), "{}", done.body);
        assert!(list(&world, TOKEN).await.is_empty(), "they hang on the case now");
        // Number and code show what came along, without its name.
        let slip = me.get("/reports/new/done").await.body;
        let mut held =
            slip.split("<dd translate=\"no\">").skip(1).map(|part| part.split('<').next().unwrap());
        let (number, code) = (held.next().unwrap(), held.next().unwrap());
        let status = me.post("/reports/status", &[("number", number), ("code", code)]).await.body;
        assert!(status.contains("附上的文件") && status.contains("共2个，都已收到"), "{status}");
        assert!(!status.contains("十月的收据") && !status.contains("现场照片"), "{status}");

        let tx = world.app.db.write().await.unwrap();
        let grants = daylight_app::accounts::store::grants_of(&*tx, intake).await.unwrap();
        let actor =
            daylight_app::authz::Actor {
                account_id: intake, session_id: 1, name: "受理员".into(), grants
            };
        let only = daylight_db::scalar(&*tx, "SELECT id FROM cases", daylight_db::values![]).await.unwrap();
        let opened = cases::open(&tx, &world.app.vault, &actor, only, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let files = attachments::of_case(world.app.db.read(), &opened).await.unwrap();
        let [receipt, picture] = &files[..] else { panic!("{files:?}") };
        let answer = attachments::serve(&world.app, &opened, receipt.id, Which::Original).await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
        assert_eq!(headers["content-length"], "200000");
        let disposition = headers["content-disposition"].to_str().unwrap();
        assert!(disposition.starts_with("attachment; filename*=UTF-8''%E5%8D%81"), "{disposition}");
        assert_eq!(bytes_of(answer).await, text);
        let answer = attachments::serve(&world.app, &opened, picture.id, Which::Original).await.unwrap();
        assert_eq!(bytes_of(answer).await, photo(), "the original, untouched");
        let answer = attachments::serve(&world.app, &opened, picture.id, Which::Copy).await.unwrap();
        assert_eq!(answer.headers()["content-disposition"], "inline");
        let copy = bytes_of(answer).await;
        assert!(copy.starts_with(b"\xff\xd8") && !copy.windows(3).any(|window| window == b"GPS"));
        assert!(attachments::serve(&world.app, &opened, receipt.id, Which::Copy).await.is_err());
        assert!(attachments::serve(&world.app, &opened, 999, Which::Original).await.is_err());

        // What is kept is held against what came: the files of two rows exchanged are both found.
        let data = world.app.config.data.clone();
        let verified = || attachments::verify(&world.app.db, &world.app.vault, &data);
        let check = verified().await.unwrap();
        assert_eq!((check.state, check.examined), (ops::State::Ok, 2), "{check:?}");
        let path = |file: &attachments::Attachment| data.join(format!("attachments/{}.locked", file.file));
        let exchange = || {
            let (one, other) = (std::fs::read(path(receipt)).unwrap(), std::fs::read(path(picture)).unwrap());
            std::fs::write(path(receipt), other).unwrap();
            std::fs::write(path(picture), one).unwrap();
        };
        exchange();
        let check = verified().await.unwrap();
        let ids = format!("第 {}、{} 号附件的文件与登记的不一致", receipt.id, picture.id);
        assert!(check.state == ops::State::Fault && check.detail == ids, "{check:?}");
        exchange();
        std::fs::remove_file(path(picture)).unwrap();
        let check = verified().await.unwrap();
        assert_eq!(check.detail, format!("第 {} 号附件的文件缺失", picture.id));

        // The disk, byte for byte. The control: the search finds what is there.
        for entrusted in ["十月的收据", "十月收据", "现场照片", "GPSLatitude", "HUAWEI-MATE"] {
            assert_eq!(holding(&data, entrusted), Vec::<String>::new(), "{entrusted}");
            if let Some(path) = world.test.url.strip_prefix("sqlite:") {
                let folder = Path::new(path).parent().unwrap();
                assert_eq!(holding(folder, entrusted), Vec::<String>::new(), "{entrusted}");
            }
        }
        std::fs::write(data.join("planted"), "…HUAWEI-MATE…").unwrap();
        assert_eq!(holding(&data, "HUAWEI-MATE").len(), 1);
    }
}

#[tokio::test]
async fn files_survive_the_rotation_of_keys_and_damage_is_found() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        assert_eq!(upload(&me, "a.txt", &words(50_000)).await.status, 200);
        let vault = &world.app.vault;
        vault.rotate(NOW / 1000).unwrap();
        ops::reseal_all(&world.app.db, vault, &|_| {}).await.unwrap();
        let besides = ops::upload_key_numbers(
            &world.app.config.data,
            &daylight_app::ratings::keys::folder(&world.app.vault),
        )
        .unwrap();
        assert_eq!(
            ops::forget_unused(&world.app.db, vault, &besides).await.unwrap(),
            [1],
            "the first is gone"
        );
        assert_eq!(list(&world, TOKEN).await[0].about.sha256, hex(&words(50_000)));
        // Chunks that came before the rotation join with those that come after.
        let bytes = words(60_000);
        let file = json(&begin(&me, "b.txt", bytes.len()).await)["file"].as_str().unwrap().to_owned();
        chunk(&me, &file, 0, &bytes[..30_000]).await;
        vault.rotate(NOW / 1000).unwrap();
        ops::reseal_all(&world.app.db, vault, &|_| {}).await.unwrap();
        ops::forget_unused(&world.app.db, vault, &besides).await.unwrap();
        chunk(&me, &file, 30_000, &bytes[30_000..]).await;
        assert_eq!(finish(&me, &file, &hex(&bytes)).await.status, 200);

        let data = &world.app.config.data;
        let check = attachments::verify(&world.app.db, &world.app.vault, data).await.unwrap();
        assert_eq!(check.state, ops::State::Ok, "{check:?}");
        let locked = data.join(format!("attachments/{file}.locked"));
        let mut whole = std::fs::read(&locked).unwrap();
        let middle = whole.len() / 2;
        whole[middle] ^= 1;
        std::fs::write(&locked, &whole).unwrap();
        let check = attachments::verify(&world.app.db, &world.app.vault, data).await.unwrap();
        assert_eq!(check.state, ops::State::Fault, "{check:?}");
        std::fs::remove_file(&locked).unwrap();
        let check = attachments::verify(&world.app.db, &world.app.vault, data).await.unwrap();
        assert_eq!(check.state, ops::State::Ok, "a draft's may be gone: {check:?}");
    }
}

#[tokio::test]
async fn a_page_that_lost_its_files_to_a_restored_backup_begins_anew() {
    for world in worlds().await {
        let me = writing(&world, TOKEN).await;
        let bytes = words(60_000);
        let file = json(&begin(&me, "b.txt", bytes.len()).await)["file"].as_str().unwrap().to_owned();
        chunk(&me, &file, 0, &bytes[..30_000]).await;
        chunk(&me, &file, 30_000, &bytes[30_000..]).await;
        std::fs::remove_file(world.app.config.data.join(format!("attachments/{file}.0.segment"))).unwrap();
        assert_eq!(finish(&me, &file, &hex(&bytes)).await.status, 422);
        assert_eq!(json(&me.get(&format!("{BEGIN}/{file}")).await)["next"], 0);
        chunk(&me, &file, 0, &bytes).await;
        assert_eq!(finish(&me, &file, &hex(&bytes)).await.status, 200);
    }
}

const MORE: &str = "/reports/status/more";

async fn count(world: &World, what: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {what}");
    daylight_db::scalar(world.app.db.read(), &sql, daylight_db::values![]).await.unwrap()
}

/// Every case can be read and agrees with what stands beside it.
async fn sound(world: &World) {
    let (_, faults) = cases::verify(world.app.db.read(), &world.app.vault).await.unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    let check = attachments::verify(&world.app.db, &world.app.vault, &world.app.config.data).await.unwrap();
    assert_eq!(check.state, ops::State::Ok, "{check:?}");
}

/// A case that a handler of the township has on the desk: number, code, id.
async fn handled(world: &World) -> (String, String, i64) {
    use daylight_app::cases::Deed;
    desks::settle(world).await;
    let told = desks::told(desks::LIUHE, "村里的低保名单贴了两天就撕了，没有人看清", None);
    let (number, code, id) = desks::report(world, &told, TOKEN).await;
    desks::act(world, desks::intake(desks::ZHEN), id, Deed::Accept).await.unwrap();
    let account_id = desks::handler(desks::ZHEN);
    desks::act(world, desks::leader(desks::ZHEN), id, Deed::Assign { account_id }).await.unwrap();
    (number.canonical().to_owned(), code.canonical().to_owned(), id)
}

fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) =
        page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn a_reporter_adds_files_to_a_later_message_without_scripts() {
    for world in worlds().await {
        let (number, code, id) = handled(&world).await;
        let me = world.citizen();
        let keys = [("number", number.as_str()), ("code", code.as_str())];
        let page = me.post("/reports/status", &keys).await.body;
        let form = page.split("action=\"/reports/status/more\"").nth(1).unwrap_or_else(|| panic!("{page}"));
        assert!(form.starts_with(" enctype=\"multipart/form-data\" data-upload"), "{form}");
        assert!(
            page.contains("data-draft=\"/reports/status/evidence\"") && !page.contains("draft\":"),
            "{page}"
        );
        assert_eq!(count(&world, "report_drafts").await, 0, "who only looks leaves nothing");
        let seen = field(&page, "seen").to_owned();
        let texts = |more: &str| {
            let more = more.to_owned();
            let texts = keys.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let rest = [
                ("seen".to_owned(), seen.clone()),
                ("there".to_owned(), "0".to_owned()),
                ("more".to_owned(), more),
            ];
            texts.into_iter().chain(rest).collect::<Vec<_>>()
        };
        let send = async |texts: Vec<(String, String)>, files: &[(&str, &[u8])]| {
            let texts: Vec<_> = texts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            send_with(&me, MORE, &texts, files, "more").await
        };

        // A wrong code takes nothing in.
        let mut wrong = texts("x");
        wrong[1].1 = "000000000000".into();
        let answer = send(wrong, &[("a.jpg", &photo())]).await;
        assert!(answer.body.contains("编号或查询码不对"), "{}", answer.body);
        assert_eq!((count(&world, "attachments").await, count(&world, "report_drafts").await), (0, 0));

        // One is not taken: what was typed stays, and so does the other.
        let answer = send(texts("名单的照片"), &[("名单照片.jpg", &photo()), ("x.jpg", b"MZ\x90\0")]).await;
        assert_eq!(answer.status, 422);
        assert!(
            answer.body.contains("不支持这种文件") && answer.body.contains("名单的照片</textarea>"),
            "{}",
            answer.body
        );
        assert!(
            answer.body.contains("还没有提交的文件") && answer.body.contains("照片，"),
            "{}",
            answer.body
        );
        assert!(!answer.body.contains("名单照片"), "names stay sealed");
        assert_eq!((field(&answer.body, "there"), count(&world, "case_events").await), ("1", 4));
        // It is found again with number and code, and taken out.
        let again = me.post("/reports/status", &keys).await.body;
        let waiting = field(&again, "drop").to_owned();
        let mut out = texts("");
        out[3].1 = "1".into();
        out.push(("drop".into(), waiting));
        let answer = send(out, &[]).await;
        assert!(
            answer.body.contains("或者添加文件") && !answer.body.contains("name=\"drop\""),
            "{}",
            answer.body
        );
        let left = std::fs::read_dir(world.app.config.data.join("attachments")).unwrap().count();
        assert_eq!(left, 0, "nothing stays on the disk");

        // Sent, and sent again by a nervous finger.
        let text = words(70_000);
        let files: [(&str, &[u8]); 2] = [("名单照片.jpg", &photo()), ("十月的账.txt", &text)];
        let answer = send(texts("名单的照片和账"), &files).await;
        assert!(
            answer.body.contains("收到您补充的情况") && answer.body.contains("附上2个文件：照片，"),
            "{}",
            answer.body
        );
        assert!(
            !answer.body.contains("十月的账") && !answer.body.contains("name=\"drop\""),
            "{}",
            answer.body
        );
        let answer = send(texts("名单的照片和账"), &files).await;
        assert!(answer.body.contains("收到您补充的情况"), "{}", answer.body);
        assert_eq!((count(&world, "attachments").await, count(&world, "case_events").await), (2, 5), "once");
        let bytes: i64 = daylight_db::scalar(
            world.app.db.read(),
            "SELECT CAST(SUM(bytes) AS BIGINT) FROM evidence_days",
            daylight_db::values![],
        )
        .await
        .unwrap();
        assert_eq!(bytes, 70_000 + i64::try_from(photo().len()).unwrap(), "it counts for the day");
        // A file says enough.
        let answer = send(texts(""), &[("录音.amr", b"#!AMR\n\x3c1234")]).await;
        assert!(answer.body.contains("附上1个文件：录音，"), "{}", answer.body);
        sound(&world).await;

        // The handler sees them with what they came with, and gets a copy without where it was taken.
        let desk = desks::browser(&world, desks::handler(desks::ZHEN)).await;
        let page = desk.get(&format!("/office/cases/{id}")).await.body;
        assert!(page.contains("证据材料（3份）") && page.contains("“补充”时附上"), "{page}");
        assert!(page.contains("附上2个文件：名单照片.jpg（照片）；十月的账.txt（文档）"), "{page}");
        assert!(page.contains(&hex(&photo())) && !page.contains("承办人员取得的材料"), "{page}");
        let href = page
            .split("href=\"")
            .find(|rest| rest.contains("下载名单照片"))
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert_eq!(desk.get(&href.replace("&amp;", "&")).await.status, 200);
        let copy = desk.get(&format!("{href}&as=copy")).await;
        assert!(copy.status == 200 && !copy.body.contains("GPS"), "{copy:?}");
        // Nobody of another organ, no clerk of none.
        for other in [desks::intake(desks::XIAN), desks::handler(desks::XIAN)] {
            assert_eq!(desks::browser(&world, other).await.get(href).await.status, 404);
        }
    }
}

#[tokio::test]
async fn a_script_sends_the_files_of_a_later_message_in_pieces() {
    for world in worlds().await {
        let (number, code, _) = handled(&world).await;
        let me = world.citizen();
        let begun = me.post("/reports/status/evidence", &[("number", &number), ("code", &code)]).await;
        let draft = json(&begun)["draft"].as_str().unwrap().to_owned();
        let wrong =
            me.post("/reports/status/evidence", &[("number", &number), ("code", "000000000000")]).await;
        assert_eq!((wrong.status.as_u16(), wrong.body.contains("draft")), (404, false));
        let form = |path: &str| {
            let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            Request::post(path).header(kind.0, kind.1).header("authorization", format!("Bearer {draft}"))
        };
        let bytes = words(60_000);
        let announced = format!("name=a.txt&size={}&same=a", bytes.len());
        let begun = me.send(form(BEGIN), Body::from(announced.clone()), BEGIN).await;
        let file = json(&begun)["file"].as_str().unwrap().to_owned();
        let piece = async |from: usize, to: usize| {
            let sent = bytes[from..to].to_vec();
            let path = format!("{BEGIN}/{file}/chunk?offset={from}&sha256={}", hex(&sent));
            json(&me.send(form(&path), Body::from(sent), &path).await)["next"].as_u64()
        };
        assert_eq!(piece(0, 30_000).await, Some(30_000));
        // Said before the rest has come: it waits for the next message, and the page says so.
        let keys = [("number", number.as_str()), ("code", code.as_str())];
        let said = [keys[0], keys[1], ("there", "0"), ("more", "先说这些"), ("do", "more")];
        let answer = me.post(MORE, &said).await;
        assert!(
            answer.body.contains("收到您补充的情况") && answer.body.contains("只传了"),
            "{}",
            answer.body
        );
        let again = json(&me.send(form(BEGIN), Body::from(announced), BEGIN).await);
        assert_eq!((again["file"].as_str(), again["next"].as_u64()), (Some(file.as_str()), Some(30_000)));
        assert_eq!(piece(30_000, 60_000).await, Some(60_000));
        let path = format!("{BEGIN}/{file}/finish");
        // Without the token there is no such file.
        assert_eq!(me.post(&path, &[("sha256", &hex(&bytes))]).await.status, 404);
        let done = me.send(form(&path), Body::from(format!("sha256={}", hex(&bytes))), &path).await;
        assert_eq!(json(&done)["kept"], true);
        // It had to go meanwhile: said before anything is sent without it.
        let said = [keys[0], keys[1], ("there", "2"), ("more", "账在这里"), ("do", "more")];
        let answer = me.post(MORE, &said).await;
        assert!(answer.status == 422 && answer.body.contains("有1个文件已经不在了"), "{}", answer.body);
        let said = [keys[0], keys[1], ("there", "1"), ("more", "账在这里"), ("do", "more")];
        let answer = me.post(MORE, &said).await;
        assert!(answer.body.contains("附上1个文件：文档，"), "{}", answer.body);
        sound(&world).await;
    }
}

#[tokio::test]
async fn what_staff_obtain_hangs_on_the_case_and_is_not_the_reporters_to_see() {
    for world in worlds().await {
        let (number, code, id) = handled(&world).await;
        let desk = desks::browser(&world, desks::handler(desks::ZHEN)).await;
        let note = format!("/office/cases/{id}/note");
        let page = desk.get(&note).await.body;
        assert!(page.contains(&format!("data-draft=\"/office/cases/{id}/evidence\"")), "{page}");
        let seen = field(&page, "seen").to_owned();
        let texts = [("seen", seen.as_str()), ("there", "0"), ("text", "")];
        let text = words(50_000);
        let answer = send_with(&desk, &note, &texts, &[("村账复印件.txt", &text)], "").await;
        assert!(answer.body.contains("请写明做了什么"), "{}", answer.body);
        assert!(answer.body.contains("村账复印件.txt（文档，"), "it waits: {}", answer.body);
        let texts = [("seen", seen.as_str()), ("there", "1"), ("text", "到村里查了账")];
        let done = send_with(&desk, &note, &texts, &[("现场.jpg", &photo())], "").await;
        assert_eq!(done.location(), format!("/office/cases/{id}?done=note"), "{}", done.body);
        let page = desk.get(&format!("/office/cases/{id}")).await.body;
        assert!(page.contains("反映人没有上传材料") && page.contains("承办人员取得的材料（2份）"), "{page}");
        assert!(page.contains(&hex(&photo())) && page.contains("“记录”时由account21上传"), "{page}");
        let href =
            page.split("href=\"").find(|rest| rest.contains("下载现场")).unwrap().split('"').next().unwrap();
        assert!(!desk.get(&format!("{href}&as=copy")).await.body.contains("GPS"));
        let paper = desk.get(&format!("/office/cases/{id}/print")).await.body;
        assert!(paper.contains("承办人员取得（2份）") && paper.contains(&hex(&text)), "{paper}");
        // Not the reporter's, whatever they send themselves: the same file comes from them as well.
        let keys = [("number", number.as_str()), ("code", code.as_str())];
        let status = world.citizen().post("/reports/status", &keys).await.body;
        assert!(!status.contains("附上") && !status.contains("现场"), "{status}");
        let more = [keys[0], keys[1], ("there", "0"), ("more", "")];
        let status = send_with(&world.citizen(), MORE, &more, &[("a.jpg", &photo())], "more").await.body;
        assert!(status.contains("附上1个文件：照片，"), "{status}");
        assert_eq!(count(&world, "attachments").await, 3);

        // Whoever may not record has no place for files, and other organs no case.
        for (who, status) in [(desks::leader(desks::ZHEN), 403), (desks::handler(desks::XIAN), 404)] {
            let other = desks::browser(&world, who).await;
            assert_eq!(other.post(&format!("/office/cases/{id}/evidence"), &[]).await.status, status);
            let sent = send_with(&other, &note, &texts, &[("x.jpg", &photo())], "").await;
            assert_eq!(sent.status, status);
        }
        assert_eq!(count(&world, "attachments").await, 3);
        let draft = json(&desk.post(&format!("/office/cases/{id}/evidence"), &[]).await);
        assert_eq!(draft["draft"].as_str().unwrap().len(), 43);
        // With the conclusion, too.
        let path = format!("/office/cases/{id}/conclude");
        let page = desk.get(&path).await.body;
        let texts = [
            ("seen", field(&page, "seen")),
            ("there", "0"),
            ("conclusion", "partly"),
            ("text", "名单没有贴满七天"),
        ];
        let done = send_with(&desk, &path, &texts, &[("名册.txt", &words(40_000))], "").await;
        assert_eq!(done.location(), format!("/office/cases/{id}?done=conclude"), "{}", done.body);
        // Now it is the leader's: nothing more is taken in.
        assert_eq!(desk.post(&format!("/office/cases/{id}/evidence"), &[]).await.status, 404);
        let stale = send_with(&desk, &note, &texts, &[("x.jpg", &photo())], "").await;
        assert_eq!(stale.status, 409, "{}", stale.body);
        sound(&world).await;
        for entrusted in ["村账复印件", "现场.jpg", "GPSLatitude"] {
            assert_eq!(holding(&world.app.config.data, entrusted), Vec::<String>::new(), "{entrusted}");
        }
    }
}
