//! Coming back with number and code.

use super::*;
use axum::{body::Body, http::Request};
use daylight_app::{
    authz::Actor,
    cases::{Conclusion, Deed, Reply, store as desk, store::Doing},
};

async fn look(browser: &Browser, number: &str, code: &str) -> Answer {
    browser.post("/reports/status", &[("number", number), ("code", code)]).await
}

/// The seen number of the page's forms.
fn seen(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"seen\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

async fn say(world: &World, number: &str, code: &str, fields: &[(&str, &str)]) -> Answer {
    let page = look(&world.citizen(), number, code).await;
    let seen = seen(&page.body);
    let mut form = vec![("number", number), ("code", code), ("seen", seen.as_str())];
    form.extend_from_slice(fields);
    world.citizen().post("/reports/status", &form).await
}

async fn actor(world: &World, role: Role) -> Actor {
    let account_id: i64 =
        scalar(world.app.db.read(), "SELECT id FROM accounts WHERE login = $1", values![role.code()])
            .await
            .unwrap();
    let grants = accounts::store::grants_of(world.app.db.read(), account_id).await.unwrap();
    Actor { account_id, session_id: 1, name: role.code().into(), grants }
}

async fn act(world: &World, role: Role, deed: Deed, reason: &str, words: desk::Words) {
    let (app, actor) = (&world.app, actor(world, role).await);
    let tx = app.db.write().await.unwrap();
    let id: i64 =
        scalar(&*tx, "SELECT id FROM cases ORDER BY closed_at IS NOT NULL", values![]).await.unwrap();
    let opened = desk::open(&tx, &app.vault, &actor, id, app.clock.now()).await.unwrap();
    let doing = Doing { deed, reason: reason.into(), words, seen: opened.seen() };
    desk::act(&tx, &app.vault, &actor, id, doing, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The organ answers each point.
async fn answered(world: &World, points: &[&str]) {
    let nothing = desk::Words::default;
    act(world, Role::Intake, Deed::Accept, "", nothing()).await;
    let handler = actor(world, Role::Handler).await.account_id;
    act(world, Role::Leader, Deed::Assign { account_id: handler }, "", nothing()).await;
    act(world, Role::Handler, Deed::Conclude { conclusion: Conclusion::Partly }, "", nothing()).await;
    const ANSWERS: [&str; 2] = [
        "第1问经查：名单由村民代表会议评议，二十一人到会，记录和签名已核对。",
        "第2问经查：公示栏照片显示只贴了两天，不足七天，已责令重新公示。",
    ];
    let answers: Vec<_> = ANSWERS[..points.len()].iter().map(|text| (*text).to_owned()).collect();
    let reply = Reply { answers: answers.clone(), rest: "感谢监督。".into() };
    let points: Vec<_> = points.iter().map(|point| (*point).to_owned()).collect();
    let sound = reply.check(&points, &[], None).unwrap();
    let words = desk::Words { text: reply.rest, points: Vec::new(), answers };
    act(world, Role::Leader, Deed::Reply { sound }, "", words).await;
}

const POINTS: [&str; 2] = ["低保名单是谁定的", "为什么只公示两天"];

#[tokio::test]
async fn number_and_code_show_where_it_stands_with_the_date_and_its_sum() {
    for world in counties().await {
        let (_, number, code) = submitted(&world).await;
        let page = look(&world.citizen(), &number, &code).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(!page.headers.contains_key("set-cookie"));
        for words in [
            "待受理",
            "lamp--waiting",
            "安澜县纪委",
            "tel:09995550001",
            "平台收到您的反映",
            "这些日期是怎么算的",
            "2026年11月22日收到，当日不计",
            WHAT,
        ] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(!page.body.contains("超期"));
        for staff in ["叶静书", "戴文博", "程光明"] {
            assert!(!page.body.contains(staff), "nobody of the staff is named");
        }
        // As it is read out over the telephone: lower case, blanks, no dashes.
        let typed = (number.replace('-', " "), code.replace('-', "").to_lowercase());
        assert_eq!(look(&world.citizen(), &typed.0, &typed.1).await.status, 200);
        // Past its date it says so; where no calendar is loaded, days are counted by weekends.
        world.app.clock.advance(120 * 86_400_000);
        let late = look(&world.citizen(), &number, &code).await.body;
        assert!(late.contains("超期75个工作日"), "{late}");
    }
}

#[tokio::test]
async fn a_wrong_number_and_a_wrong_code_answer_with_the_same_bytes_and_wait_alike() {
    for world in counties().await {
        let (_, number, code) = submitted(&world).await;
        let (stranger, wrong) = ("1234-5678-90128", "0000-0000-0000");
        let stranger = (0..10)
            .map(|n| format!("{}{n}", &stranger[..14]))
            .find(|number| daylight_app::reports::ReceiptNumber::parse(number).is_ok());
        let stranger = stranger.unwrap();
        for round in 0..7 {
            let one = look(&world.citizen(), &number, wrong).await;
            let other = look(&world.citizen(), &stranger, &code).await;
            assert_eq!(one.status, 422);
            assert_eq!((one.status, &one.body), (other.status, &other.body), "{round}");
            assert_eq!(one.headers, other.headers);
            assert!(!one.body.contains(wrong) && !one.body.contains(&number), "nothing typed comes back");
            assert_eq!(one.body.contains("试错的次数太多"), round >= 5, "{round}");
        }
        // The right code waits for nobody: who knows the number alone keeps no reporter out.
        assert_eq!(look(&world.citizen(), &number, &code).await.status, 200);
    }
}

#[tokio::test]
async fn what_cannot_be_a_number_is_said_and_stays() {
    let world = counties().await.remove(0);
    let page = look(&world.citizen(), "123", "K7QM").await;
    assert_eq!(page.status, 422);
    for words in ["受理编号是13位数字", "查询码是12位", "value=\"123\"", "value=\"K7QM\""] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(count(&world, "report_lookups").await, 0, "nothing was looked up");
    // Nothing is read from an address.
    let page = world.citizen().get("/reports/status?number=7777&code=8888").await.body;
    assert!(!page.contains("value=\"7777\"") && !page.contains("value=\"8888\""));
}

#[tokio::test]
async fn more_is_supplied_once_however_often_it_is_sent() {
    for world in counties().await {
        let (_, number, code) = submitted(&world).await;
        let fields = [("do", "more"), ("more", "会计当时也在场"), ("point-1", "会议照片在哪里")];
        let done = say(&world, &number, &code, &fields).await;
        assert!(
            done.body.contains("收到您补充的情况") && done.body.contains("会计当时也在场"),
            "{}",
            done.body
        );
        let again = say(&world, &number, &code, &fields).await;
        assert_eq!(again.body.matches("您补充了情况").count(), 1, "{}", again.body);
        let empty = say(&world, &number, &code, &[("do", "more"), ("more", "  ")]).await;
        assert!(empty.status == 422 && empty.body.contains("href=\"#f-more\""), "{}", empty.body);
        let long = "长".repeat(201);
        let point =
            say(&world, &number, &code, &[("do", "more"), ("more", "还有"), ("point-1", &long)]).await;
        assert!(point.status == 422 && point.body.contains("还有") && point.body.contains(&long));
        // Without the code nothing is said.
        let wrong =
            [("number", number.as_str()), ("code", "0000-0000-0000"), ("do", "withdraw"), ("sure", "yes")];
        assert_eq!(world.citizen().post("/reports/status", &wrong).await.status, 422);
        assert_eq!(look(&world.citizen(), &number, &code).await.status, 200);
    }
}

#[tokio::test]
async fn each_point_stands_with_its_answer_and_the_reporter_judges_it_once() {
    for world in counties().await {
        let (_, number, code) = submitted(&world).await;
        answered(&world, &POINTS).await;
        let page = look(&world.citizen(), &number, &code).await.body;
        for words in ["您满意吗", POINTS[0], "第1问经查", POINTS[1], "第2问经查", "lamp--yellow", "感谢监督"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let old = seen(&page);
        let nothing = say(&world, &number, &code, &[("do", "dissatisfied"), ("missing", "差")]).await;
        assert!(nothing.status == 422 && nothing.body.contains("href=\"#f-missing\""), "{}", nothing.body);
        let form = [("do", "dissatisfied"), ("missing", "没有说为什么只贴了两天")];
        let done = say(&world, &number, &code, &form).await;
        assert!(done.body.contains("已经记下您不满意的地方"), "{}", done.body);
        assert!(done.body.contains("还差什么：没有说为什么只贴了两天"), "{}", done.body);
        // The same form once more, as a browser's reload sends it.
        let mut again = vec![("number", number.as_str()), ("code", code.as_str()), ("seen", old.as_str())];
        again.extend(form);
        let again = world.citizen().post("/reports/status", &again).await;
        assert!(again.body.contains("有了新的进展"), "{}", again.body);
        let deeds: Vec<i64> = vec![
            scalar(
                world.app.db.read(),
                "SELECT COUNT(*) FROM case_events WHERE deed LIKE '%dissatisfied%'",
                values![],
            )
            .await
            .unwrap(),
        ];
        assert_eq!(deeds, [1]);
    }
}

#[tokio::test]
async fn satisfied_closes_and_a_withdrawal_asks_twice() {
    for world in counties().await {
        let (_, number, code) = submitted(&world).await;
        let unsure = say(&world, &number, &code, &[("do", "withdraw")]).await;
        assert!(unsure.status == 422 && unsure.body.contains("href=\"#f-sure\""), "{}", unsure.body);
        let gone = say(&world, &number, &code, &[("do", "withdraw"), ("sure", "yes")]).await;
        assert!(gone.body.contains("您已经撤回") && gone.body.contains("lamp--done"), "{}", gone.body);
        assert!(!gone.body.contains("value=\"withdraw\""), "there is nothing left to do");
        let (_, number, code) = submitted(&world).await;
        answered(&world, &POINTS).await;
        let closed = say(&world, &number, &code, &[("do", "satisfied")]).await;
        assert!(closed.body.contains("已经办结，您表示满意"), "{}", closed.body);
    }
}

#[tokio::test]
async fn a_form_from_another_site_says_nothing() {
    let world = counties().await.remove(0);
    let (_, number, code) = submitted(&world).await;
    let body = format!("number={number}&code={code}&do=withdraw&sure=yes");
    let request = Request::post("/reports/status")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://evil.example")
        .header("sec-fetch-site", "cross-site");
    let refused = world.citizen().send(request, Body::from(body), "/reports/status").await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn nothing_of_a_report_stands_in_the_clear_in_the_database() {
    let world = counties().await.remove(0);
    let villager = filled(&world).await;
    let form = [
        ("level", "phone"),
        ("phone", "13949631669"),
        ("helps", "yes"),
        ("helper_name", "周小燕"),
        ("helper_phone", "13800138000"),
        ("consent", "yes"),
    ];
    villager.post("/reports/new/identity", &form).await;
    let (_, number, code) = submitted(&world).await;
    say(&world, &number, &code, &[("do", "more"), ("more", "会计当时也在场")]).await;
    look(&world.citizen(), &number, "0000-0000-0000").await;
    let path = std::path::PathBuf::from(world.test.url.strip_prefix("sqlite:").unwrap());
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    // The control: what is meant to be in the clear is found.
    assert!(holds(VILLAGE) && holds("complaint"));
    let (plain_number, plain_code) = (number.replace('-', ""), code.replace('-', ""));
    for secret in [
        WHAT,
        "堂弟",
        "去年冬天",
        POINTS[0],
        "会计当时也在场",
        "13949631669",
        "周小燕",
        "13800138000",
        &number,
        &code,
        &plain_number,
        &plain_code,
        "0000-0000-0000",
    ] {
        assert!(!holds(secret), "{secret}");
    }
}
