//! Cases on the desks of two organs, through the front door: stories of the people of 安澜县纪委 and 青石镇纪委.

use crate::{
    desks::{self, LIUHE, TOWNSHIP, XIAN, ZHEN, handler, intake, leader, told},
    office::controls,
    world::{Answer, Browser, World, worlds},
};
use daylight_app::{
    accounts,
    authz::Role,
    cases::{routing, store::Said},
    reports::{QueryCode, ReceiptNumber},
};
use daylight_db::{exec, scalar, values};

const WHAT: &str = "村主任把自己的堂弟塞进低保名单，公示只贴了两天";
const ANSWER: &str = "2026年3月2日村民代表会议评议，21人到会，记录和签名已逐一核对。";
/// 柳河村's head, whom nobody named yet.
const HEAD: i64 = 301;
/// A second leader of 青石镇纪委, whose relative the head is.
const RELATIVE: i64 = 23;
/// A second handler of 青石镇纪委.
const SECOND: i64 = 24;

/// A county whose township organ has a second handler, on each engine.
async fn counties() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        desks::settle(world).await;
        let tx = world.app.db.write().await.unwrap();
        let sql = "INSERT INTO cadres (id, name, flags, updated_at) VALUES (124, '干部124', '[]', 0)";
        exec(&*tx, sql, values![]).await.unwrap();
        exec(&*tx, "INSERT INTO appointments (cadre_id, post_id) VALUES (124, $1)", values![TOWNSHIP])
            .await
            .unwrap();
        let sql = "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES ($1, 'second', '金秋实', $2, 0)";
        exec(&*tx, sql, values![SECOND, false]).await.unwrap();
        routing::store::tie(&tx, SECOND, Some(124)).await.unwrap();
        accounts::store::grant(&tx, SECOND, Role::Handler, None, Some(ZHEN), None, 0).await.unwrap();
        tx.commit().await.unwrap();
    }
    worlds
}

/// A report about 柳河村, as it lies at the township's organ.
struct Case {
    id: i64,
    number: ReceiptNumber,
    code: QueryCode,
}

impl Case {
    async fn reported(world: &World, token: &str) -> Case {
        let (number, code, id) = desks::report(world, &told(LIUHE, WHAT, None), token).await;
        Case { id, number, code }
    }

    fn href(&self, part: &str) -> String {
        format!("/office/cases/{}/{part}", self.id)
    }

    /// Opens the page of a deed, fills it in and sends it, as a browser does.
    async fn deed(&self, who: &Browser, part: &str, typed: &[(&str, &str)]) -> Answer {
        let href = self.href(part);
        let page = who.get(&href).await;
        assert_eq!(page.status, 200, "{href}: {}", page.body);
        fill(who, &page, &href, typed).await
    }

    /// The same, and it is done.
    async fn done(&self, who: &Browser, part: &str, typed: &[(&str, &str)]) {
        let answer = self.deed(who, part, typed).await;
        assert_eq!(answer.status, 303, "{part}: {}", answer.body);
        assert!(answer.location().ends_with(&format!("?done={part}")), "{part}: {}", answer.location());
    }

    async fn page(&self, who: &Browser) -> String {
        let page = who.get(&format!("/office/cases/{}", self.id)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    }

    async fn says(&self, world: &World, said: Said) {
        desks::say(world, &self.number, &self.code, said).await;
    }
}

async fn fill(who: &Browser, page: &Answer, href: &str, typed: &[(&str, &str)]) -> Answer {
    let mut form = controls(&page.body, href);
    for (name, value) in typed {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    who.post(href, &form).await
}

/// The deeds of the machine that a case's page offers; what else can be done there is others' to test.
fn offered(page: &str, id: i64) -> Vec<String> {
    let start = format!("href=\"/office/cases/{id}/");
    let links = page.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
    let other = ["print", "duplicates", "name", "clue", "letters", "identity", "evidence"];
    let is_other = |part: &&str| other.contains(&part.split(['/', '?']).next().unwrap_or_default());
    links.filter(|part| !is_other(part)).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_report_goes_from_desk_to_desk_up_to_the_superior_and_is_final() {
    for world in counties().await {
        let case = Case::reported(&world, "form").await;
        let (ye, dai, cheng) = people(&world, ZHEN).await;
        // Intake of the township finds it as their turn and reads what was reported; nobody of the reporter.
        let list = ye.get("/office/cases").await.body;
        assert!(list.contains("投诉：柳河村") && list.contains("待受理"), "{list}");
        assert!(list.contains("不能按文字查找"));
        let page = case.page(&ye).await;
        assert!(
            page.contains(WHAT) && page.contains("低保名单是谁定的") && page.contains("匿名，没有留姓名")
        );
        assert_eq!(offered(&page, case.id), ["accept", "forward", "recuse"]);
        assert_eq!(offered(&case.page(&cheng).await, case.id), ["decline", "recuse"]);
        let ask = ye.get(&case.href("accept")).await.body;
        assert!(ask.contains("会看到“已受理”") && ask.contains("等审批领导交办"), "{ask}");
        assert!(page.contains("反映人没有上传材料"));
        assert_eq!(ye.get(&format!("{}?file=1", case.href("evidence"))).await.status, 404);
        case.done(&ye, "accept", &[]).await;

        // The leader gives it to a handler, of two, with their load; nobody else can open it.
        assert_eq!(dai.get(&format!("/office/cases/{}", case.id)).await.status, 404);
        let choose = cheng.get(&case.href("assign")).await.body;
        assert!(
            choose.contains("account21") && choose.contains("金秋实") && choose.contains("现在手上有0件")
        );
        assert!(case.deed(&cheng, "assign", &[]).await.body.contains("请选择一位承办人"));
        case.done(&cheng, "assign", &[("handler", "21")]).await;
        assert_eq!(offered(&case.page(&dai).await, case.id), ["conclude", "note", "ask", "recuse"]);
        assert_eq!(offered(&case.page(&cheng).await, case.id), ["assign", "file", "recuse"]);
        assert!(offered(&case.page(&ye).await, case.id) == ["recuse"]);

        // The handler asks, the reporter answers with one more point.
        case.done(&dai, "ask", &[("text", "是哪一天公示的")]).await;
        assert!(case.page(&dai).await.contains("等待补充"));
        assert_eq!(offered(&case.page(&dai).await, case.id), ["resume", "note", "recuse"]);
        let more = daylight_app::cases::store::Words {
            text: "三月五日，会计也在".into(),
            points: vec!["公示照片在哪里".into()],
            answers: Vec::new(),
        };
        case.says(&world, Said::More(more)).await;
        case.done(&dai, "note", &[("text", "查看了公示照片")]).await;
        case.done(&dai, "conclude", &[("conclusion", "partly"), ("text", "评议开过，公示不足七天")]).await;

        // The leader must answer both points.
        let page = cheng.get(&case.href("reply")).await;
        assert!(
            page.body.contains("第2个问题：公示照片在哪里") && page.body.contains("评议开过，公示不足七天")
        );
        let open = fill(&cheng, &page, &case.href("reply"), &[("answer-1", ANSWER)]).await;
        assert!(open.body.contains("第2个问题“公示照片在哪里”还没有答复") && open.body.contains(ANSWER));
        let second = "照片存在村务公开相册第12页，显示只贴了两天，已责令重新公示七天。";
        case.done(&cheng, "reply", &[("answer-1", ANSWER), ("answer-2", second)]).await;
        assert!(offered(&case.page(&dai).await, case.id).contains(&"measure".to_owned()));
        case.done(&dai, "measure", &[("measure", "warn"), ("text", "对经办人")]).await;
        let paid = case.deed(&dai, "money", &[("recovered", "1.2万"), ("returned", "2万")]).await;
        assert!(paid.body.contains("退还的不能多于追缴的") && paid.body.contains("value=\"1.2万\""));
        case.done(&dai, "money", &[("recovered", "1.2万"), ("returned", "1200")]).await;
        let page = case.page(&dai).await;
        assert!(
            page.contains("12,000.00元") && page.contains("警示提醒") && page.contains("三月五日，会计也在"),
            "{page}"
        );

        // Not satisfied: red lamp, the superior's people, and none of the first.
        case.says(&world, Said::Dissatisfied("没有说清楚谁定的".into())).await;
        for gone in [&ye, &dai, &cheng] {
            assert_eq!(gone.get(&format!("/office/cases/{}", case.id)).await.status, 404);
        }
        let (wen, qin, gu) = people(&world, XIAN).await;
        let list = gu.get("/office/cases").await.body;
        assert!(list.contains("lamp--red") && list.contains("上级办理"), "{list}");
        assert!(case.page(&gu).await.contains("没有说清楚谁定的"));
        assert_eq!(offered(&case.page(&wen).await, case.id), ["recuse"], "accepted it is already");
        case.done(&gu, "assign", &[("handler", "11")]).await;
        case.done(&qin, "conclude", &[("conclusion", "substantiated"), ("text", "名单由村主任一人定")]).await;
        case.done(&gu, "return", &[("reason", "补问两名代表")]).await;
        assert!(case.page(&qin).await.contains("补问两名代表"));
        case.done(&qin, "conclude", &[("conclusion", "substantiated"), ("text", "名单由村主任一人定")]).await;
        let first = "复核认定名单由村主任一人拟定，没有交评议会讨论，已立即纠正并追责。";
        case.done(&gu, "reply", &[("answer-1", first), ("answer-2", second)]).await;
        case.says(&world, Said::Dissatisfied("仍不满意".into())).await;
        let page = case.page(&gu).await;
        assert!(
            page.contains("反映人仍不满意")
                && page.contains("上级的答复是最终答复")
                && page.contains("上级改变了首次结论")
        );
        assert_eq!(offered(&page, case.id), ["reopen"]);
        let printed = gu.get(&case.href("print")).await;
        assert!(printed.status == 200 && printed.body.contains(WHAT) && printed.body.contains("内容保密"));

        // Nothing of it stands in the trail.
        let trail: String = scalar(
            world.app.db.read(),
            "SELECT COALESCE(MAX(detail), '') FROM audit_entries WHERE detail LIKE '%低保%' OR detail LIKE '%公示%' \
             OR detail LIKE '%代表%' OR actor LIKE '%低保%'",
            values![],
        )
        .await
        .unwrap();
        assert_eq!(trail, "");
    }
}

/// Intake, handler and leader of an organ at their browsers.
async fn people(world: &World, organ: i64) -> (Browser, Browser, Browser) {
    (
        desks::browser(world, intake(organ)).await,
        desks::browser(world, handler(organ)).await,
        desks::browser(world, leader(organ)).await,
    )
}

#[tokio::test]
async fn whoever_must_not_see_a_case_gets_the_bytes_of_not_found_on_every_address() {
    for world in counties().await {
        let case = Case::reported(&world, "form").await;
        let (ye, dai, cheng) = people(&world, ZHEN).await;
        case.done(&ye, "accept", &[]).await;
        case.done(&cheng, "assign", &[("handler", "21")]).await;
        let tx = world.app.db.write().await.unwrap();
        routing::store::declare_relatives(&tx, RELATIVE + 100, HEAD, 0).await.unwrap();
        tx.commit().await.unwrap();
        // Whose relative the village's head is sees it until he is named, and nothing from then on.
        let relative = desks::browser(&world, RELATIVE).await;
        assert!(case.page(&relative).await.contains("柳河村"));
        assert!(case.page(&dai).await.contains("account23（审批领导）"));
        let page = dai.get(&format!("{}?cadre={HEAD}", case.href("name"))).await;
        assert!(
            page.body.contains("该案将立即对此人") && page.body.contains("另有1人将马上看不到"),
            "{}",
            page.body
        );
        assert!(page.body.contains("仍由您的组织办理"), "{}", page.body);
        let named = fill(&dai, &page, &case.href("name"), &[]).await;
        assert_eq!(named.location(), format!("/office/cases/{}?done=name", case.id));
        assert!(!case.page(&dai).await.contains("account23（审批领导）"));

        let (wen, qin, gu) = people(&world, XIAN).await;
        let second = desks::browser(&world, SECOND).await;
        for (who, name) in [
            (&relative, "a relative"),
            (&second, "another handler"),
            (&wen, "intake above"),
            (&qin, "handler above"),
            (&gu, "leader above"),
        ] {
            for route in daylight_app::routes() {
                let Some(part) = route.path.strip_prefix("/office/cases/{id}") else { continue };
                let [here, nowhere] = [case.id, 999_999].map(|id| format!("/office/cases/{id}{part}"));
                let (at_here, at_nowhere) = (here.clone(), nowhere.clone());
                let (here, nowhere) = if route.method == "GET" {
                    (who.get(&here).await, who.get(&nowhere).await)
                } else {
                    let form = [
                        ("seen", "5"),
                        ("reason", "x"),
                        ("handler", "21"),
                        ("text", "x"),
                        ("cadre", "301"),
                        ("other", "1"),
                    ];
                    (who.post(&here, &form).await, who.post(&nowhere, &form).await)
                };
                assert_eq!(here.status, nowhere.status, "{name} {part}");
                assert!(here.status == 404 || here.status == 403, "{name} {part} {}", here.status);
                // The page says back where it was asked for, and nothing else.
                assert_eq!(here.body.replace(&at_here, &at_nowhere), nowhere.body, "{name} {part}");
            }
            let list = who.get("/office/cases?panel=all").await.body;
            assert!(
                !list.contains("柳河村") && list.contains("共0件") || list.contains("您这里还没有办理件"),
                "{name}: {list}"
            );
            assert!(!who.get("/office").await.body.contains("柳河村"));
        }
        // The control: on the same addresses, somebody who may is let in. What is not to be done at this point is
        // said on the case's page; a file is asked for by its number.
        let mut not_now = Vec::new();
        for route in daylight_app::routes() {
            let Some(part) = route.path.strip_prefix("/office/cases/{id}") else { continue };
            if route.method != "GET" || part == "/evidence" {
                continue;
            }
            let address = format!("/office/cases/{}{part}", case.id);
            let mut statuses = Vec::new();
            for who in [&ye, &dai, &cheng] {
                statuses.push(who.get(&address).await.status.as_u16());
            }
            if !statuses.contains(&200) {
                assert!(statuses.contains(&303), "{part} is shut to everybody: {statuses:?}");
                not_now.push(part);
            }
        }
        let later = [
            "/clear",
            "/accept",
            "/forward",
            "/decline",
            "/resume",
            "/measure",
            "/money",
            "/ask-time",
            "/extend",
            "/refuse-time",
            "/return",
            "/reply",
            "/reopen",
        ];
        assert_eq!(not_now, later);
        assert_eq!(case.page(&cheng).await.matches("柳河村").count().min(1), 1);
    }
}

#[tokio::test]
async fn a_form_that_came_too_late_says_what_happened_and_keeps_what_was_typed() {
    for world in counties().await {
        let case = Case::reported(&world, "form").await;
        let (ye, dai, cheng) = people(&world, ZHEN).await;
        case.done(&ye, "accept", &[]).await;
        case.done(&cheng, "assign", &[("handler", "21")]).await;
        let note = dai.get(&case.href("note")).await;
        let more = daylight_app::cases::store::Words {
            text: "想起来会计也在场".into(),
            ..Default::default()
        };
        case.says(&world, Said::More(more)).await;
        let typed = [("text", "查看了2025年的评议记录")];
        let late = fill(&dai, &note, &case.href("note"), &typed).await;
        assert_eq!(late.status, 200);
        assert!(
            late.body.contains("这件刚刚有了新的进展") && late.body.contains("想起来会计也在场"),
            "{}",
            late.body
        );
        assert!(late.body.contains("查看了2025年的评议记录</textarea>"), "{}", late.body);
        // Read and pressed once more, it is taken.
        let again = fill(&dai, &late, &case.href("note"), &[]).await;
        assert_eq!(again.status, 303, "{}", again.body);

        // What can no longer be done is not offered; what was typed is there to copy.
        let conclude = dai.get(&case.href("conclude")).await;
        case.done(&dai, "ask", &[("text", "是哪一天")]).await;
        let typed = [("conclusion", "not"), ("text", "查无此事的全部依据")];
        let late = fill(&dai, &conclude, &case.href("conclude"), &typed).await;
        assert_eq!(late.status, 409);
        assert!(late.body.contains("现在不能“提交结论”") && late.body.contains("查无此事的全部依据"));
        let gone = dai.get(&case.href("conclude")).await;
        assert_eq!(gone.location(), format!("/office/cases/{}?done=stale", case.id));
        let page = dai.get(gone.location()).await.body;
        assert!(page.contains("这一步现在不能办"));
        // A wrong form keeps what was typed, with the summary on top.
        let wrong = case.deed(&dai, "resume", &[("reason", " ")]).await;
        assert!(wrong.body.contains("请写明理由") && wrong.body.contains("data-error-summary"));
        let long = "字".repeat(501);
        let wrong = case.deed(&dai, "resume", &[("reason", &long)]).await;
        assert!(wrong.body.contains("最多500个字") && wrong.body.contains(&long));
    }
}

#[tokio::test]
async fn the_same_answer_to_another_report_waits_for_a_leaders_reason() {
    for world in counties().await {
        let (ye, dai, cheng) = people(&world, ZHEN).await;
        let mut cases = Vec::new();
        for token in ["one", "two"] {
            let case = Case::reported(&world, token).await;
            case.done(&ye, "accept", &[]).await;
            case.done(&cheng, "assign", &[("handler", "21")]).await;
            case.done(&dai, "conclude", &[("conclusion", "not"), ("text", "查无此事")]).await;
            cases.push(case);
        }
        cases[0].done(&cheng, "reply", &[("answer-1", ANSWER)]).await;
        let held = cases[1].deed(&cheng, "reply", &[("answer-1", ANSWER)]).await;
        assert!(held.body.contains("相似度为100%") && held.body.contains("放行理由"), "{}", held.body);
        assert_eq!(held.body.matches(ANSWER).count(), 2, "the earlier reply is shown beside the new one");
        let released = [("answer-1", ANSWER), ("release", "同一件事的第二位反映人")];
        let done = fill(&cheng, &held, &cases[1].href("reply"), &released).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert!(cases[1].page(&cheng).await.contains("放行理由：同一件事的第二位反映人"));
        // They are about the same thing, which somebody may say; both go on.
        let found = cheng.get(&cases[1].href("duplicates")).await;
        assert!(found.body.contains("反映对象相同，内容相似度100%"), "{}", found.body);
        let linked = fill(&cheng, &found, &cases[1].href("duplicates"), &[]).await;
        assert_eq!(linked.status, 303);
        assert!(cases[0].page(&cheng).await.contains(&format!("/office/cases/{}\"", cases[1].id)));
        assert!(!cases[0].page(&dai).await.is_empty());
    }
}

#[tokio::test]
async fn who_steps_back_or_passes_a_case_on_loses_it_at_once() {
    for world in counties().await {
        let case = Case::reported(&world, "form").await;
        let (ye, dai, cheng) = people(&world, ZHEN).await;
        let page = ye.get(&case.href("forward")).await.body;
        assert!(page.contains("安澜县纪委") && !page.contains(">青石镇纪委</option>"), "{page}");
        case.done(&ye, "accept", &[]).await;
        case.done(&cheng, "assign", &[("handler", "21")]).await;
        case.done(&dai, "recuse", &[("reason", "被反映人是我的同学")]).await;
        assert_eq!(dai.get(&format!("/office/cases/{}", case.id)).await.status, 404);
        let gone = dai.get("/office/cases?done=recuse").await.body;
        assert!(gone.contains("您已回避") && !gone.contains("柳河村"));
        let choose = cheng.get(&case.href("assign")).await.body;
        assert!(choose.contains("金秋实") && !choose.contains("account21</"), "{choose}");
        // Chosen by hand all the same, the store refuses too.
        let forced = case.deed(&cheng, "assign", &[("handler", "21")]).await;
        assert!(forced.status == 200 && forced.body.contains("请选择一位承办人"));

        let other = Case::reported(&world, "other").await;
        let sent =
            other.deed(&ye, "forward", &[("organ", "1"), ("reason", "涉及镇里分管领导，由县里办理")]).await;
        assert_eq!(sent.location(), "/office/cases?done=forward");
        assert_eq!(ye.get(&format!("/office/cases/{}", other.id)).await.status, 404);
        let (wen, ..) = people(&world, XIAN).await;
        assert!(other.page(&wen).await.contains("涉及镇里分管领导"));
    }
}

#[tokio::test]
async fn a_refusal_goes_to_the_reporter_with_its_reason_and_a_filed_case_gets_its_longer_term() {
    for world in counties().await {
        let case = Case::reported(&world, "form").await;
        let (ye, _, cheng) = people(&world, ZHEN).await;
        let page = cheng.get(&case.href("decline")).await.body;
        assert!(page.contains("会看到“不予受理”和您写的理由") && page.contains("自动转到上级"), "{page}");
        assert!(case.deed(&cheng, "decline", &[]).await.body.contains("请写明理由"));
        case.done(&cheng, "decline", &[("reason", "属于法院正在审理的案件")]).await;

        let other = Case::reported(&world, "other").await;
        other.done(&ye, "accept", &[]).await;
        other.done(&cheng, "assign", &[("handler", "21")]).await;
        let before = other.page(&cheng).await;
        assert!(before.contains("2026年12月22日") && before.contains("本县公开承诺"), "{before}");
        other.done(&cheng, "file", &[]).await;
        let after = other.page(&cheng).await;
        assert!(after.contains("2027年2月22日") && after.contains("立案，3个月"), "{after}");
        assert!(!offered(&after, other.id).contains(&"file".to_owned()), "a case is filed once");
    }
}

#[tokio::test]
async fn a_start_page_counts_whose_turn_it_is_and_a_list_filters() {
    for world in counties().await {
        let (ye, dai, cheng) = people(&world, ZHEN).await;
        let mut cases = Vec::new();
        for token in ["a", "b", "c"] {
            cases.push(Case::reported(&world, token).await);
        }
        for case in &cases[..2] {
            case.done(&ye, "accept", &[]).await;
        }
        cases[0].done(&cheng, "assign", &[("handler", "21")]).await;
        let (ye_page, dai_page, cheng_page) =
            (ye.get("/office").await.body, dai.get("/office").await.body, cheng.get("/office").await.body);
        assert!(ye_page.contains("待受理") && !ye_page.contains("待交办"), "{ye_page}");
        assert!(cheng_page.contains("待交办") && !cheng_page.contains("待受理"));
        assert!(dai_page.contains("我的办理件"));
        let all = ye.get("/office/cases?panel=all").await.body;
        assert_eq!(all.matches("办理件第").count(), 3);
        let turn = ye.get("/office/cases").await.body;
        assert_eq!(turn.matches("办理件第").count(), 1);
        let none = ye.get("/office/cases?panel=all&kind=request").await.body;
        assert!(none.contains("没有符合这些条件的办理件"), "{none}");
        // A month and a half later, they are overdue, and marked so.
        world.app.clock.advance(45 * 86_400_000);
        let ye = desks::browser(&world, intake(ZHEN)).await;
        let late = ye.get("/office/cases?panel=working&only=overdue").await.body;
        assert_eq!(late.matches("办理件第").count(), 3, "{late}");
        assert!(late.contains("class=\"overdue\"") && late.contains("class=\"marked\""));
        let strange = ye.get("/office/cases?panel=x&kind=y&stage=z&page=99").await;
        assert_eq!(strange.status, 200);
    }
}

#[tokio::test]
async fn administrators_and_editors_never_come_near_a_case() {
    let world = counties().await.remove(0);
    let case = Case::reported(&world, "form").await;
    for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin, Role::Publisher, Role::Reviewer] {
        let staff = world.staff(role.code(), role, None).await;
        for path in ["/office/cases".to_owned(), format!("/office/cases/{}", case.id), case.href("print")] {
            assert_eq!(staff.get(&path).await.status, 403, "{role:?} {path}");
        }
        assert!(!staff.get("/office").await.body.contains("/office/cases"), "{role:?}");
    }
}

#[tokio::test]
async fn a_list_is_taken_along_a_number_leads_to_its_case_and_the_file_is_printed_whole() {
    for world in counties().await {
        let (ye, _, _) = people(&world, ZHEN).await;
        let case = Case::reported(&world, "a").await;
        let other = Case::reported(&world, "b").await;
        let tx = world.app.db.write().await.unwrap();
        let clerk = desks::actor(&world, intake(ZHEN)).await;
        let now = world.app.clock.now();
        daylight_app::cases::store::link(&tx, &world.app.vault, &clerk, (case.id, other.id), now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for typed in [case.id.to_string(), format!("%E7%AC%AC{}%E5%8F%B7", case.id)] {
            let found = ye.get(&format!("/office/cases?number={typed}")).await;
            assert_eq!(
                (found.status.as_u16(), found.location()),
                (303, format!("/office/cases/{}", case.id).as_str())
            );
        }
        // A case of others is none.
        let far = desks::browser(&world, leader(XIAN)).await;
        let other_organs = case.id.to_string();
        let (there, nowhere) = (
            far.get(&format!("/office/cases?number={other_organs}")).await,
            far.get("/office/cases?number=7").await,
        );
        assert_eq!(there.status, 200);
        let same = |body: &str, n: &str| {
            body.replace(&format!("number={n}"), "")
                .replace(&format!("第{n}号"), "")
                .replace(&format!("name=\"number\" value=\"{n}\""), "")
        };
        assert_eq!(same(&there.body, &other_organs), same(&nowhere.body, "7"));
        let list = ye.get("/office/cases?panel=all&kind=complaint").await.body;
        assert!(list.contains("/office/cases/list.xlsx?panel=all&#38;kind=complaint"), "{list}");
        assert!(list.contains("href=\"/office/notices\""), "{list}");
        let file = ye.get("/office/cases/list.xlsx?panel=all").await;
        assert_eq!(
            (file.status.as_u16(), file.headers["cache-control"].to_str().unwrap()),
            (200, "no-store")
        );
        let sql = "SELECT detail FROM audit_entries WHERE action = 'case.export'";
        let noted: String = scalar(world.app.db.read(), sql, values![]).await.unwrap();
        assert_eq!(noted, "全部，2件");
        let printed = ye.get(&case.href("print")).await.body;
        for words in ["证据材料", "没有证据材料", "公文函件", &format!("办理件第{}号", other.id)]
        {
            assert!(printed.contains(words), "{words}: {printed}");
        }
    }
}
