//! Orders of a hotline, told as stories of the county's intake.

use crate::{
    desks::*,
    world::{Answer, Browser, World, worlds},
};
use axum::{body::Body, http::Request};
use daylight_app::{
    cases::{Conclusion, Deed, store},
    ops,
};
use daylight_db::{scalar, values};

const TABLE: &str = "12345热线工单转办表,,,,,\n\
    工单号,类型,反映内容,被投诉单位,来电人姓名,联系电话\n\
    RX20260001,投诉,村里修路多收了我家五百元一直不退,柳河村,陈秀英,13949631669\n\
    RX20260002,求助,太短,,,\n\
    RX20260003,建议,希望镇上的大厅中午也有人值班办事,青石镇,,\n\
    RX20260001,投诉,村里修路多收了我家五百元一直不退,柳河村,,\n\
    合计,,3件,,,\n";

async fn upload(who: &Browser, name: &str, text: &str) -> Answer {
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n{text}\r\n--edge--\r\n"
    );
    let request =
        Request::post("/office/hotline").header("content-type", "multipart/form-data; boundary=edge");
    who.send(request, Body::from(body), "/office/hotline").await
}

async fn count(world: &World, table: &str) -> i64 {
    scalar(world.app.db.read(), &format!("SELECT COUNT(*) FROM {table}"), values![]).await.unwrap()
}

#[tokio::test]
async fn a_table_is_looked_at_first_and_then_every_row_is_taken_refused_or_ignored() {
    for world in worlds().await {
        settle(&world).await;
        let desk = browser(&world, intake(XIAN)).await;
        let kept = upload(&desk, "工单.csv", TABLE).await;
        assert_eq!(kept.status, 303, "{}", kept.body);
        let path = kept.location().to_owned();
        let preview = desk.get(&path).await.body;
        for words in ["收录2行", "与第3行的工单编号相同", "至少写10个字", "已加密", "还没有收录"]
        {
            assert!(preview.contains(words), "{words}: {preview}");
        }
        for personal in ["陈秀英", "13949631669", "五百元"] {
            assert!(!preview.contains(personal), "{personal}");
        }
        assert_eq!(count(&world, "cases").await, 0, "nothing yet");
        let done = desk.post(&path, &[]).await;
        assert_eq!(done.status, 303, "{}", done.body);
        let page = desk.get(&path).await.body;
        assert!(page.contains("第3、5行"), "{page}");
        assert_eq!(count(&world, "cases").await, 2);
        assert_eq!(count(&world, "reports WHERE origin = 'hotline'").await, 2);
        assert_eq!(count(&world, "report_identities").await, 1);
        assert_eq!(
            count(&world, "hotline_tables WHERE content_sealed IS NULL").await,
            1,
            "the rows are gone"
        );
        // Routed like any other: what concerns the village lies with the township's organ.
        let (_, organ): (i64, i64) =
            (0, scalar(world.app.db.read(), "SELECT MIN(organ_id) FROM cases", values![]).await.unwrap());
        assert!([XIAN, ZHEN].contains(&organ));
        // Sent again, as table or as form, it makes nothing new.
        assert_eq!(desk.post(&path, &[]).await.status, 303);
        let again = upload(&desk, "again.csv", TABLE).await.location().to_owned();
        let preview = desk.get(&again).await.body;
        assert!(preview.contains("已经收录过"), "{preview}");
        desk.post(&again, &[]).await;
        assert_eq!(count(&world, "cases").await, 2);
        // What a caller said is answered as what a citizen wrote.
        let id: i64 = scalar(world.app.db.read(), "SELECT MIN(id) FROM cases", values![]).await.unwrap();
        answer(&world, organ, id, Conclusion::Partly).await;
        let tx = world.app.db.write().await.unwrap();
        let (vault, now) = (&world.app.vault, world.app.clock.now());
        let opened = store::open(&tx, vault, &actor(&world, leader(organ)).await, id, now).await.unwrap();
        assert!(opened.entries.iter().any(|entry| matches!(entry.event.deed, Deed::Reply { .. })));
    }
}

#[tokio::test]
async fn nothing_of_a_caller_lies_in_the_clear_before_or_after() {
    for world in worlds().await {
        settle(&world).await;
        let desk = browser(&world, intake(XIAN)).await;
        let path = upload(&desk, "工单.csv", TABLE).await.location().to_owned();
        for step in 0..2 {
            for (table, column) in [
                ("hotline_tables", "COALESCE(outcome, '')"),
                ("audit_entries", "detail"),
                ("reports", "object_kind"),
                ("case_events", "deed"),
                ("jobs", "payload"),
            ] {
                for secret in ["陈秀英", "13949631669", "RX2026", "五百元"] {
                    let found = format!("{table} WHERE {column} LIKE '%{secret}%'");
                    assert_eq!(count(&world, &found).await, 0, "{secret} in {table} at {step}");
                }
            }
            let folder = world.app.config.data.join("imports");
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let left = std::fs::read_dir(&path).map(|files| files.count()).unwrap_or(0);
                assert_eq!(left, 0, "{} is left on the disk", path.display());
            }
            desk.post(&path, &[]).await;
        }
        // What is sealed is known to the rotation of keys.
        let sealed: Vec<u8> =
            scalar(world.app.db.read(), "SELECT number_sealed FROM report_origins", values![]).await.unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"RX20"));
        for table in ["hotline_tables", "report_origins"] {
            assert!(ops::store::SEALED.iter().any(|column| column.table == table), "{table}");
        }
    }
}

#[tokio::test]
async fn only_who_receives_at_the_top_finds_the_page_and_only_their_own_tables() {
    for world in worlds().await {
        settle(&world).await;
        let desk = browser(&world, intake(XIAN)).await;
        let path = upload(&desk, "工单.csv", TABLE).await.location().to_owned();
        let below = browser(&world, intake(ZHEN)).await;
        for path in ["/office/hotline", "/office/hotline/template.xlsx", path.as_str()] {
            assert_eq!(below.get(path).await.status, 404, "{path}");
        }
        assert_eq!(upload(&below, "工单.csv", TABLE).await.status, 404);
        assert_eq!(browser(&world, leader(XIAN)).await.get("/office/hotline").await.status, 403);
        assert_eq!(desk.get("/office/hotline/template.xlsx").await.status, 200);
        assert_eq!(desk.get("/office/hotline/999").await.status, 404);
        // What nobody took goes after a day.
        world.app.clock.advance(store_lives() + 1);
        let desk = browser(&world, intake(XIAN)).await;
        upload(&desk, "other.csv", TABLE).await;
        assert_eq!(desk.get(&path).await.status, 404);
    }
}

fn store_lives() -> i64 {
    daylight_app::hotline::store::LIVES
}

#[tokio::test]
async fn what_is_no_table_of_orders_is_said_and_leaves_nothing() {
    for world in worlds().await {
        settle(&world).await;
        let desk = browser(&world, intake(XIAN)).await;
        for (name, text, words) in [
            ("工单.pdf", "x", "不是可以导入的表格"),
            ("工单.csv", "姓名,年龄\n张三,20\n", ""),
            ("工单.csv", "", ""),
            ("工单.xlsx", "PK no workbook", ""),
        ] {
            let refused = upload(&desk, name, text).await;
            assert_eq!(refused.status, 200, "{name}: {}", refused.body);
            assert!(
                refused.body.contains(words) && refused.body.contains("class=\"error"),
                "{}",
                refused.body
            );
        }
        let empty = desk.post("/office/hotline", &[]).await;
        assert!(empty.body.contains("请选择要导入的文件"));
        assert_eq!(count(&world, "hotline_tables").await, 0);
    }
}

/// Takes the table and gives the case of the first order, at the township's organ.
async fn taken(world: &World) -> i64 {
    settle(world).await;
    let desk = browser(world, intake(XIAN)).await;
    let path = upload(&desk, "工单.csv", TABLE).await.location().to_owned();
    assert_eq!(desk.post(&path, &[]).await.status, 303);
    let sql = "SELECT r.id FROM reports r JOIN report_identities i ON i.id = r.id";
    scalar(world.app.db.read(), sql, values![]).await.unwrap()
}

#[tokio::test]
async fn an_answer_goes_back_by_its_orders_number_and_the_callers_word_comes_in() {
    for world in worlds().await {
        let id = taken(&world).await;
        let path = format!("/office/hotline/answers/{id}");
        let desk = browser(&world, intake(XIAN)).await;
        assert_eq!(desk.get(&path).await.status, 404, "there is no answer yet");
        let file = browser(&world, leader(ZHEN)).await.get(&format!("/office/cases/{id}")).await.body;
        assert!(file.contains("热线工单编号") && file.contains("RX20260001"), "{file}");
        answer(&world, ZHEN, id, Conclusion::Partly).await;
        let list = desk.get("/office/hotline/answers").await.body;
        assert!(
            list.contains("RX20260001") && list.contains("待回访") && !list.contains("RX20260003"),
            "{list}"
        );
        assert!(desk.get("/office/hotline/answers?span=all").await.body.contains("RX20260003"));
        let page = desk.get(&path).await.body;
        assert!(page.contains("请转告来电人") && page.contains("RX20260001"), "{page}");
        for personal in ["陈秀英", "13949631669"] {
            assert!(!page.contains(personal), "{personal}");
        }
        let book = desk.get("/office/hotline/answers/answers.xlsx").await;
        assert_eq!(
            (book.status.as_u16(), book.headers["cache-control"].to_str().unwrap()),
            (200, "no-store")
        );
        let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let form = |heard: &'static str, missing: &'static str| {
            vec![("heard", heard), ("missing", missing), ("seen", "0")]
        };
        for (fields, words) in [
            (form("", ""), "请选择来电人怎么说"),
            (form("dissatisfied", ""), "请写明来电人说还差什么"),
            (form("satisfied", ""), "刚刚有了新的进展"),
        ] {
            let refused = desk.post(&path, &fields).await;
            assert!(refused.status == 200 && refused.body.contains(words), "{words}: {}", refused.body);
        }
        // Not reached: the case waits on.
        let hear = |heard: &'static str, missing: &'static str| {
            let (desk, path, seen) = (&desk, &path, seen.as_str());
            async move { desk.post(path, &[("heard", heard), ("missing", missing), ("seen", seen)]).await }
        };
        assert_eq!(hear("unreached", "").await.status, 303);
        assert!(desk.get("/office/hotline/answers").await.body.contains("联系不上"));
        assert_eq!(count(&world, "cases WHERE state = 'answered'").await, 1);
        // Not satisfied: the superior's, as if the caller had said it here.
        assert_eq!(hear("dissatisfied", "五百元一直没有退给我").await.status, 303);
        let sql = format!("cases WHERE id = {id} AND stage = 'second' AND organ_id = {XIAN}");
        assert_eq!(count(&world, &sql).await, 1);
        answer(&world, XIAN, id, Conclusion::Partly).await;
        let page = desk.get(&path).await.body;
        assert!(page.contains("上级的最终答复"), "{page}");
        let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(desk.post(&path, &[("heard", "satisfied"), ("seen", seen)]).await.status, 303);
        assert_eq!(count(&world, &format!("cases WHERE id = {id} AND state = 'satisfied'")).await, 1);
        assert_eq!(count(&world, "hotline_calls").await, 3);
        assert_eq!(count(&world, "audit_entries WHERE action = 'hotline.hear'").await, 3);
        let file = browser(&world, leader(XIAN)).await.get(&format!("/office/cases/{id}")).await.body;
        assert!(file.contains("12345回访") && file.contains("来电人不满意"), "{file}");
    }
}

#[tokio::test]
async fn whoever_does_not_receive_at_the_top_or_is_in_conflict_finds_no_answer() {
    for world in worlds().await {
        let id = taken(&world).await;
        answer(&world, ZHEN, id, Conclusion::Partly).await;
        let path = format!("/office/hotline/answers/{id}");
        let below = browser(&world, intake(ZHEN)).await;
        for path in ["/office/hotline/answers", "/office/hotline/answers/answers.xlsx", path.as_str()] {
            assert_eq!(below.get(path).await.status, 404, "{path}");
        }
        assert_eq!(below.post(&path, &[("heard", "satisfied")]).await.status, 404);
        let tx = world.app.db.write().await.unwrap();
        let about = daylight_app::cases::routing::store::About::Unit(LIUHE);
        let now = world.app.clock.now();
        daylight_app::cases::routing::store::recuse(&tx, intake(XIAN), about, now).await.unwrap();
        tx.commit().await.unwrap();
        let desk = browser(&world, intake(XIAN)).await;
        assert!(!desk.get("/office/hotline/answers?span=all").await.body.contains("RX20260001"));
        let (there, nowhere) = (desk.get(&path).await, desk.get("/office/hotline/answers/999999").await);
        assert_eq!(there.status, 404);
        assert_eq!(there.body.replace(&path, ""), nowhere.body.replace("/office/hotline/answers/999999", ""));
        let fields = [("heard", "satisfied"), ("seen", "9")];
        assert_eq!(desk.post(&path, &fields).await.status, 404);
        assert_eq!(count(&world, "cases WHERE state = 'answered'").await, 1);
    }
}
