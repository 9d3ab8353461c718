//! Accounts, roles and the audit trail: nobody serves themselves, and what was done stays known.

use crate::world::{Browser, NOW, World, shown_look, shown_secret, worlds};
use daylight_app::{
    accounts::{self, Totp},
    audit,
    authz::Role,
    organs,
};

/// What stands after a mark, up to a quote.
fn after<'a>(html: &'a str, mark: &str) -> &'a str {
    let at = html.find(mark).unwrap_or_else(|| panic!("no {mark} in {html}")) + mark.len();
    &html[at..at + html[at..].find('"').unwrap()]
}

/// The invitation's path on the page that shows it.
fn invitation(html: &str) -> String {
    let link = after(html, "data-copy=\"");
    link.strip_prefix("http://127.0.0.1").unwrap().to_owned()
}

async fn accept(world: &World, path: &str, login: &str) {
    let browser = world.citizen();
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}");
    let code = Totp::new(&shown_secret(&page.body), login, "").unwrap().code(world.app.clock.now());
    let password = "青石镇门前三棵树 abc";
    let look = shown_look(&page.body);
    let form = [("password", password), ("again", password), ("code", &code), ("look", &look)];
    assert_eq!(browser.post(path, &form).await.location(), "/office/sign-in");
}

async fn account(world: &World, login: &str) -> accounts::store::Account {
    accounts::store::by_login(world.app.db.read(), login).await.unwrap().unwrap()
}

async fn trail(world: &World) -> Vec<audit::store::Line> {
    audit::store::list(world.app.db.read(), None, 1_000, 0).await.unwrap()
}

async fn admin(world: &World) -> Browser {
    world.staff("xu.an", Role::SystemAdmin, None).await
}

#[tokio::test]
async fn a_new_account_gets_a_link_that_is_shown_once() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let wrong = admin.post("/office/accounts", &[("login", "苏禾"), ("name", "")]).await;
        assert!(wrong.body.contains("请填写姓名") && wrong.body.contains("value=\"苏禾\""), "{}", wrong.body);
        let made = admin.post("/office/accounts", &[("login", "Su.He"), ("name", "苏禾")]).await;
        let path = invitation(&made.body);
        assert!(made.headers["cache-control"].to_str().unwrap().contains("no-store"));
        // Nowhere else: not in the list, not on the account's page, not in the trail.
        let token = path.rsplit('/').next().unwrap().to_owned();
        let id = account(&world, "su.he").await.id;
        for page in ["/office/accounts".to_owned(), format!("/office/accounts/{id}")] {
            assert!(!admin.get(&page).await.body.contains(&token), "{page}");
        }
        assert!(
            trail(&world)
                .await
                .iter()
                .all(|line| !line.detail.contains(&token) && !line.subject.contains(&token))
        );
        assert!(admin.get("/office/accounts").await.body.contains("等本人设置密码"));
        let taken = admin.post("/office/accounts", &[("login", "su.he"), ("name", "另一位")]).await;
        assert!(taken.body.contains("已经有人用了"), "{}", taken.body);
        accept(&world, &path, "su.he").await;
        assert!(admin.get("/office/accounts").await.body.contains("可以登录"));
        // After three days a link is worth nothing.
        let late =
            invitation(&admin.post("/office/accounts", &[("login", "he.qing"), ("name", "何青")]).await.body);
        assert_eq!(world.citizen().get(&late).await.status, 200);
        world.app.clock.advance(3 * 24 * 3_600_000 + 1);
        assert_eq!(world.citizen().get(&late).await.status, 404);
    }
}

#[tokio::test]
async fn a_new_link_ends_password_and_sessions_and_its_owner_is_told() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let clerk = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let id = account(&world, "lin.zhiyuan").await.id;
        assert_eq!(clerk.get("/office").await.status, 200);
        let path = format!("/office/grants/{id}/invite");
        assert_eq!(admin.post(&path, &[]).await.status, 403, "who makes accounts does not reopen them");
        assert_eq!(admin.post(&format!("/office/accounts/{id}/invite"), &[]).await.status, 404);
        assert!(security.get(&format!("/office/grants/{id}")).await.body.contains(&path));
        let first = invitation(&security.post(&path, &[]).await.body);
        assert_eq!(clerk.get("/office").await.status, 303, "the session is over");
        assert_eq!(account(&world, "lin.zhiyuan").await.password_hash, None);
        let second = invitation(&security.post(&path, &[]).await.body);
        assert_eq!(world.citizen().get(&first).await.status, 404, "the newer link replaces the older");
        accept(&world, &second, "lin.zhiyuan").await;
        admin.post(&format!("/office/accounts/{id}/enable"), &[]).await;
        let invited: Vec<_> =
            trail(&world).await.into_iter().filter(|line| line.action == "account.invite").collect();
        assert_eq!(invited.len(), 2);
        assert!(
            invited.iter().all(|line| line.actor == "shen.wei" && line.subject == format!("account {id}"))
        );
        // The owner's first page says who did it.
        world.app.clock.advance(30_000);
        let clerk = signed_in(&world, "lin.zhiyuan", "/office/devices").await;
        let told = clerk.get("/office/devices").await.body;
        assert!(told.contains("shen.wei重新发放了您的设置链接"), "{told}");
        world.app.clock.advance(30_000);
        signed_in(&world, "lin.zhiyuan", "/office").await;
    }
}

/// Signs in through both steps as whoever accepted their link; the first page is checked.
async fn signed_in(world: &World, login: &str, first: &str) -> Browser {
    let id = account(world, login).await.id;
    let sealed = account(world, login).await.totp_sealed.unwrap();
    let secret = world.app.vault.unseal(&accounts::store::totp_place(id), &sealed).unwrap();
    let code = Totp::new(secret.as_bytes(), login, "").unwrap().code(world.app.clock.now());
    let cookie = |answer: &crate::world::Answer| {
        answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let password = [("login", login), ("password", "青石镇门前三棵树 abc")];
    let half = cookie(&world.citizen().post("/office/sign-in", &password).await);
    let half = world.citizen().with_cookie(&half);
    let full = half.post("/office/sign-in/code", &[("code", code.as_str())]).await;
    assert_eq!(full.location(), first, "{}", full.body);
    world.citizen().with_cookie(&cookie(&full))
}

#[tokio::test]
async fn no_administrator_alone_becomes_another() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let other = world.staff("ruan.qi", Role::SecurityAdmin, None).await;
        world.staff("gu.ming", Role::AuditAdmin, None).await;
        for login in ["xu.an", "shen.wei", "ruan.qi", "gu.ming"] {
            let id = account(&world, login).await.id;
            let refused = security.post(&format!("/office/grants/{id}/invite"), &[]).await;
            assert_eq!(refused.status, 422, "{login}: {}", refused.body);
            assert!(refused.body.contains("服务器上"), "{login}: {}", refused.body);
            assert!(security.get(&format!("/office/grants/{id}")).await.body.contains("服务器上"), "{login}");
        }
        // Nor by a link for a plain account that is made an administrator afterwards.
        let made = admin.post("/office/accounts", &[("login", "su.he"), ("name", "苏禾")]).await;
        let id = account(&world, "su.he").await.id;
        let grant = [("role", "audit_admin")];
        let path = format!("/office/grants/{id}");
        let refused = security.post(&path, &grant).await;
        assert!(refused.body.contains("请等本人设置以后再授权"), "the link is in somebody's hand");
        accept(&world, &invitation(&made.body), "su.he").await;
        let link = invitation(&security.post(&format!("{path}/invite"), &[]).await.body);
        accept(&world, &link, "su.he").await;
        admin.post(&format!("/office/accounts/{id}/enable"), &[]).await;
        let refused = security.post(&path, &grant).await;
        assert!(refused.body.contains("不能再由您授权"), "{}", refused.body);
        assert_eq!(other.post(&path, &grant).await.status, 303, "two people can");
    }
}

#[tokio::test]
async fn nobody_disables_themselves_and_the_disabled_are_out() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let clerk = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let (own, id) = (account(&world, "xu.an").await.id, account(&world, "lin.zhiyuan").await.id);
        let refused = admin.post(&format!("/office/accounts/{own}/disable"), &[]).await;
        assert!(refused.body.contains("不能对自己的账号这样做"), "{}", refused.body);
        admin.post(&format!("/office/accounts/{id}/disable"), &[]).await;
        assert_eq!(clerk.get("/office").await.status, 303);
        assert!(admin.get("/office/accounts").await.body.contains("已停用"));
        admin.post(&format!("/office/accounts/{id}/enable"), &[]).await;
        assert_eq!(clerk.get("/office").await.status, 303, "the old session stays over");
        // The only security administrator stays: else the system administrator could appoint another self.
        world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let security = account(&world, "shen.wei").await.id;
        let refused = admin.post(&format!("/office/accounts/{security}/disable"), &[]).await;
        assert!(refused.body.contains("唯一的安全管理员"), "{}", refused.body);
        world.staff("ruan.qi", Role::SecurityAdmin, None).await;
        admin.post(&format!("/office/accounts/{security}/disable"), &[]).await;
        assert!(account(&world, "shen.wei").await.disabled);
    }
}

#[tokio::test]
async fn the_first_security_and_audit_administrators_are_appointed_once() {
    for world in worlds().await {
        let admin = admin(&world).await;
        assert!(admin.get("/office/accounts/new").await.body.contains("安全管理员"));
        // The system administrator cannot make a publisher, or a second system administrator.
        for role in ["publisher", "system_admin"] {
            let form = [("login", "x.y.z"), ("name", "某"), ("role", role)];
            assert_eq!(admin.post("/office/accounts", &form).await.status, 403, "{role}");
        }
        let form = [("login", "shen.wei"), ("name", "沈微"), ("role", "security_admin")];
        assert_eq!(admin.post("/office/accounts", &form).await.status, 200);
        let again = [("login", "ruan.qi"), ("name", "阮栖"), ("role", "security_admin")];
        let refused = admin.post("/office/accounts", &again).await;
        assert!(refused.body.contains("已经有人担任"), "{}", refused.body);
        let page = admin.get("/office/accounts/new").await.body;
        assert!(!page.contains("value=\"security_admin\"") && page.contains("value=\"audit_admin\""));
    }
}

#[tokio::test]
async fn roles_are_granted_by_the_rules_and_ended_again() {
    for world in worlds().await {
        world.import(&[crate::world::handover()]).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let clerk = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let (own, id) = (account(&world, "shen.wei").await.id, account(&world, "lin.zhiyuan").await.id);
        let path = format!("/office/grants/{id}");
        let unit =
            daylight_app::units::store::list(world.app.db.read(), &Default::default(), 1, 20).await.unwrap();
        let unit = unit[0].name.as_str();
        for (form, words) in [
            (vec![("role", "")], "请选择角色"),
            (vec![("role", "audit_admin")], "管理员不能兼任其他角色"),
            (vec![("role", "reviewer"), ("unit", &unit[..6])], "您要找的是不是"),
            (vec![("role", "reviewer"), ("unit", "没有的单位")], "单位名册中没有"),
            (vec![("role", "handler")], "请选择所在的纪检组织"),
            (vec![("role", "publisher")], "已经有这项授权"),
        ] {
            let refused = security.post(&path, &form).await;
            assert!(refused.body.contains(words), "{form:?}: {}", refused.body);
        }
        let oneself = security.post(&format!("/office/grants/{own}"), &[("role", "publisher")]).await;
        assert!(oneself.body.contains("不能给自己授权"), "{}", oneself.body);
        assert_eq!(security.post(&path, &[("role", "reviewer"), ("unit", unit)]).await.location(), path);
        let page = security.get(&path).await.body;
        assert!(page.contains(unit) && page.contains("审核员"));
        assert!(security.get("/office/grants").await.body.contains("审核员（"));
        // Ending: the clerk's whole grant is gone with the next request.
        assert_eq!(clerk.get("/office/imports").await.status, 200);
        let publisher = accounts::store::grants(world.app.db.read()).await.unwrap();
        let publisher =
            publisher.iter().find(|grant| grant.account_id == id && grant.role == "publisher").unwrap();
        security.post(&format!("{path}/end"), &[("grant", &publisher.id.to_string())]).await;
        assert_eq!(clerk.get("/office/imports").await.status, 403);
        // Somebody else's grant does not end under this account's address.
        let other = accounts::store::grants(world.app.db.read()).await.unwrap();
        let other = other.iter().find(|grant| grant.account_id == own).unwrap().id.to_string();
        security.post(&format!("{path}/end"), &[("grant", &other)]).await;
        let refused = security.post(&format!("/office/grants/{own}/end"), &[("grant", &other)]).await;
        assert!(refused.body.contains("不能结束自己的授权"), "{}", refused.body);
        let second = world.staff("ruan.qi", Role::SecurityAdmin, None).await;
        assert_eq!(second.post(&format!("/office/grants/{own}/end"), &[("grant", &other)]).await.status, 303);
        assert_eq!(security.get("/office/grants").await.status, 403);
        let actions: Vec<_> = trail(&world).await.into_iter().map(|line| line.action).collect();
        assert_eq!(actions.iter().filter(|action| *action == "grant.begin").count(), 1);
        assert_eq!(actions.iter().filter(|action| *action == "grant.end").count(), 2);
    }
}

#[tokio::test]
async fn the_last_audit_administrator_is_not_ended() {
    for world in worlds().await {
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        world.staff("gu.ming", Role::AuditAdmin, None).await;
        let id = account(&world, "gu.ming").await.id;
        let grants = accounts::store::grants(world.app.db.read()).await.unwrap();
        let grant = grants.iter().find(|grant| grant.account_id == id).unwrap().id.to_string();
        let refused = security.post(&format!("/office/grants/{id}/end"), &[("grant", &grant)]).await;
        assert!(refused.body.contains("这是唯一的一位"), "{}", refused.body);
        assert_eq!(accounts::store::grants_of(world.app.db.read(), id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_tree_of_organs_is_kept_and_shown_to_everybody() {
    for world in worlds().await {
        world.import(&[crate::world::handover()]).await;
        let units =
            daylight_app::units::store::list(world.app.db.read(), &Default::default(), 5, 0).await.unwrap();
        let admin = admin(&world).await;
        assert!(world.citizen().get("/organs").await.body.contains("12388"));
        let county = [("name", "安澜县纪律检查委员会"), ("kind", "county"), ("phone", "0999-5550001")];
        let first = admin.post("/office/organs", &county).await.location().to_owned();
        let alone = [("name", "青石镇纪委"), ("kind", "township")];
        assert!(admin.post("/office/organs", &alone).await.body.contains("请选择上级纪检组织"));
        let parent = first.rsplit('/').next().unwrap();
        let placed = [
            ("name", "第一派出纪工委"),
            ("kind", "dispatched"),
            ("parent", parent),
            ("unit", &units[0].name),
        ];
        let second = admin.post("/office/organs", &placed).await.location().to_owned();
        assert!(second.starts_with("/office/organs/"), "{second}");
        let double = admin.post("/office/organs", &placed).await;
        assert!(double.body.contains("已经有同名的纪检组织"), "{}", double.body);
        // Under itself, or as a kind that its own organs could not stand under: refused in words.
        let own = second.rsplit('/').next().unwrap();
        let circle = [("name", "第一派出纪工委"), ("kind", "dispatched"), ("parent", own)];
        assert!(admin.post(&second, &circle).await.body.contains("上级不能是它自己"));
        // Jurisdiction, several at once; a name that is wrong takes none.
        let names = format!("{}\n{}\n没有的单位", units[1].name, units[2].name);
        let refused =
            admin.post(&format!("{second}/units"), &[("units", &names), ("reach", "subtree")]).await;
        assert!(refused.body.contains("没有的单位") && refused.body.contains(&units[1].name));
        let names = format!("{}\n{}", units[1].name, units[2].name);
        admin.post(&format!("{second}/units"), &[("units", &names), ("reach", "subtree")]).await;
        let found = organs::store::for_unit(world.app.db.read(), &units[1].path).await.unwrap();
        assert_eq!(found.first().map(|organ| organ.name.as_str()), Some("第一派出纪工委"));
        let public = world.citizen().get("/organs").await.body;
        for word in ["第一派出纪工委", "派出纪工委", "tel:12388", "0999-5550001", units[1].name.as_str()]
        {
            assert!(public.contains(word), "{word}");
        }
        admin.post(&format!("{second}/units/end"), &[("unit", &units[1].id.to_string())]).await;
        let public = world.citizen().get("/organs").await.body;
        assert!(!public.contains(&format!(">{}</a>", units[1].name)), "{public}");
        let publisher = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        assert_eq!(publisher.get("/office/organs").await.status, 403);
    }
}

#[tokio::test]
async fn the_trail_is_searched_verified_and_exported() {
    for world in worlds().await {
        let auditor = world.staff("gu.ming", Role::AuditAdmin, None).await;
        let empty = auditor.get("/office/audit?action=account.").await;
        assert!(empty.body.contains("没有符合条件的记录"), "{}", empty.body);
        let admin = admin(&world).await;
        // What giving the two their roles left.
        let before = trail(&world).await.len();
        // Each account is an entry, and one more vouches for its row.
        for number in 0..60 {
            let login = format!("clerk.{number}");
            admin.post("/office/accounts", &[("login", &login), ("name", "=HYPERLINK(1)")]).await;
        }
        let page = auditor.get("/office/audit").await.body;
        assert!(
            page.contains("建立账号")
                && page.contains(&format!("共 {} 条", before + 120))
                && page.contains("下一页"),
            "{page}"
        );
        assert!(auditor.get("/office/audit?action=import.").await.body.contains("没有符合条件的记录"));
        assert!(
            auditor
                .get("/office/audit?actor=xu&from=2026-11-22&to=2026-11-22")
                .await
                .body
                .contains("共 60 条")
        );
        assert!(auditor.get("/office/audit?to=2026-11-21").await.body.contains("没有符合条件的记录"));
        assert!(auditor.get("/office/audit?from=昨天").await.body.contains("日期请写成"));
        assert!(
            auditor
                .post("/office/audit/verify", &[])
                .await
                .body
                .contains(&format!("日志完整：{}条", before + 120))
        );
        // The export is guarded, and is itself in the trail.
        let tx = world.app.db.write().await.unwrap();
        let entry =
            audit::Entry { account_id: None, actor: "=cmd()", action: "x.y", subject: "+1", detail: "-2" };
        audit::store::append(&tx, &entry, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let csv = auditor.post("/office/audit/export", &[("action", "")]).await;
        assert!(csv.headers["content-disposition"].to_str().unwrap().contains("audit.csv"));
        assert!(csv.body.starts_with('\u{feff}') && csv.body.contains("'=cmd()") && csv.body.contains("'+1"));
        let (head, verify, ours, export) = (1, 1, 1, 1);
        assert_eq!(csv.body.lines().count(), head + before + 120 + verify + ours + export);
        assert!(trail(&world).await.iter().any(|line| line.action == "audit.export"));
        // Somebody changes one entry behind the program's back.
        let tx = world.app.db.write().await.unwrap();
        daylight_db::exec(&*tx, "UPDATE audit_entries SET actor = '别人' WHERE id = 7", vec![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let broken = auditor.post("/office/audit/verify", &[]).await.body;
        assert!(broken.contains("从第7条起对不上"), "{broken}");
        assert_eq!(admin.get("/office/audit").await.status, 403);
    }
}

#[tokio::test]
async fn a_role_of_an_organ_holds_where_the_organ_watches() {
    for world in worlds().await {
        world.import(&[crate::world::handover()]).await;
        let admin = admin(&world).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let made = admin.post("/office/accounts", &[("login", "ye.jing"), ("name", "叶静")]).await;
        accept(&world, &invitation(&made.body), "ye.jing").await;
        let county = [("name", "安澜县纪律检查委员会"), ("kind", "county")];
        let organ = admin.post("/office/organs", &county).await.location().to_owned();
        let number = organ.rsplit('/').next().unwrap();
        let id = account(&world, "ye.jing").await.id;
        let path = format!("/office/grants/{id}");
        assert_eq!(security.post(&path, &[("role", "handler"), ("organ", number)]).await.status, 303);
        let places = || async {
            let grants = accounts::store::grants_of(world.app.db.read(), id).await.unwrap();
            assert_eq!(grants.len(), 1);
            let places = grants.into_iter().flat_map(|grant| grant.places);
            places.map(|place| (place.path, place.subtree)).collect::<Vec<_>>()
        };
        assert_eq!(places().await, [], "an organ that watches nothing holds nowhere");
        world.app.clock.advance(30_000);
        let handler = signed_in(&world, "ye.jing", "/office").await;
        assert_eq!(handler.get("/office").await.status, 200);
        let units =
            daylight_app::units::store::list(world.app.db.read(), &Default::default(), 5, 0).await.unwrap();
        for (unit, reach) in [(&units[1], "subtree"), (&units[2], "alone")] {
            admin.post(&format!("{organ}/units"), &[("units", &unit.name), ("reach", reach)]).await;
        }
        let mut expected = vec![(units[1].path.clone(), true), (units[2].path.clone(), false)];
        expected.sort();
        assert_eq!(places().await, expected);
    }
}

#[tokio::test]
async fn the_demonstrations_organs_are_registered_and_found_from_the_portal() {
    use daylight_app::demo::county::{Scale, generate, register};
    for world in worlds().await {
        let plan = generate(Scale::Village, 1);
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in &plan.files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        world.import(&[folder.path().to_owned()]).await;
        register(&world.app.db, &plan.organs, NOW).await.unwrap();
        let over = |unit: &'static str| {
            let c = world.app.db.read();
            async move {
                let unit = daylight_app::units::store::by_name(c, unit).await.unwrap().expect(unit);
                organs::store::for_unit(c, &unit.path).await.unwrap()
            }
        };
        let township = over("青石镇人民政府").await;
        assert_eq!(township[0].name, "安澜县纪委监委");
        let village =
            plan.organs.iter().find(|organ| organ.name.contains("青石镇")).unwrap().watches[0].clone();
        let village: &'static str = village.leak();
        let names: Vec<_> = over(village).await.into_iter().map(|organ| organ.name).collect();
        assert_eq!(names, ["安澜县青石镇纪律检查委员会", "安澜县纪委监委"]);
        assert_eq!(over("安澜县纪委监委").await, []);
        let citizen = world.citizen();
        assert!(citizen.get("/").await.body.contains("href=\"/organs\""), "the portal leads there");
        assert!(citizen.get("/organs").await.body.contains("安澜县青石镇纪律检查委员会"));
    }
}

#[tokio::test]
async fn nothing_longer_than_its_field_is_taken() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let auditor = world.staff("gu.ming", Role::AuditAdmin, None).await;
        let clerk = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        drop(clerk);
        let id = account(&world, "lin.zhiyuan").await.id;
        let (name, long) = ("县".repeat(100), "县".repeat(101));
        let county = [("name", name.as_str()), ("kind", "county"), ("phone", "0999-5550001")];
        let organ = admin.post("/office/organs", &county).await.location().to_owned();
        assert!(organ.starts_with("/office/organs/"));
        let (grants, units) = (format!("/office/grants/{id}"), format!("{organ}/units"));
        let (lines, text) = ("县".repeat(5_001), "县".repeat(20_001));
        for (who, path, form) in [
            (&admin, "/office/accounts", vec![("login", "su.he"), ("name", long.as_str())]),
            (&admin, "/office/organs", vec![("name", long.as_str()), ("kind", "county")]),
            (&admin, "/office/organs", vec![("name", "纪委"), ("kind", "county"), ("unit", &long)]),
            (&admin, "/office/organs", vec![("name", "纪委"), ("kind", "county"), ("phone", &long)]),
            (&admin, &units, vec![("units", &lines)]),
            (&admin, "/office/calendar", vec![("text", &text)]),
            (&security, &grants, vec![("role", "reviewer"), ("unit", &long)]),
            (&auditor, "/office/audit/export", vec![("actor", &long)]),
        ] {
            let answer = who.post(path, &form).await;
            assert!(answer.body.contains("太长了，最多"), "{path}: {} {}", answer.status, answer.location());
        }
        let tx = world.app.db.write().await.unwrap();
        let token = accounts::store::invite(&tx, None, "first", NOW + 1_000).await.unwrap();
        tx.commit().await.unwrap();
        let form = [("login", "he.qing"), ("name", long.as_str())];
        let answer = world.citizen().post(&format!("/office/invitation/{token}"), &form).await;
        assert!(answer.body.contains("太长了，最多"), "{}", answer.body);
        for (who, path) in
            [(&admin, "/office/accounts/new"), (&admin, "/office/organs/new"), (&security, &grants)]
        {
            assert!(who.get(path).await.body.contains("maxlength=\"100\""), "{path}");
        }
    }
}

/// A citizen id and a mobile number, both invented.
const CITIZEN: &str = "999901196911183259";
const MOBILE: &str = "13949631669";

#[tokio::test]
async fn an_organ_shows_the_public_an_office_telephone_and_no_personal_number() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let named = format!("县纪委 {CITIZEN}");
        for (name, phone, words) in [
            ("县纪委", "javascript:1", "电话号码里有不该出现的字符"),
            ("县纪委", MOBILE, "办公电话会公开，不能填手机号"),
            (named.as_str(), "12388", "里有疑似身份证号"),
        ] {
            let form = [("name", name), ("kind", "county"), ("phone", phone)];
            let refused = admin.post("/office/organs", &form).await;
            assert!(refused.body.contains(words), "{name} {phone}: {} {}", refused.status, refused.body);
        }
        let county = |phone| [("name", "县纪委"), ("kind", "county"), ("phone", phone)];
        let organ =
            admin.post("/office/organs", &county("０８９９ 2075186 转 12")).await.location().to_owned();
        let public = world.citizen().get("/organs").await.body;
        assert!(public.contains("href=\"tel:08992075186\">0899-2075186转12<"), "{public}");
        // What was changed stands in the trail, before and after; nothing changed writes nothing.
        assert_eq!(admin.post(&organ, &county("12388")).await.location(), organ);
        assert_eq!(admin.post(&organ, &county("12388")).await.location(), organ);
        let edits: Vec<_> =
            trail(&world).await.into_iter().filter(|line| line.action == "organ.edit").collect();
        assert_eq!(edits.len(), 1);
        assert_eq!(edits[0].detail, "县纪委：办公电话 0899-2075186转12→12388");
        // The topmost says so, instead of an empty cell.
        assert!(admin.get("/office/organs").await.body.contains("无（最高一级）"));
    }
}

#[tokio::test]
async fn whoever_issued_a_link_neither_grants_nor_opens_the_account() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        let other = world.staff("ruan.qi", Role::SecurityAdmin, None).await;
        world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let id = account(&world, "lin.zhiyuan").await.id;
        let path = format!("/office/grants/{id}");
        let link = invitation(&security.post(&format!("{path}/invite"), &[]).await.body);
        let early = admin.post(&format!("/office/accounts/{id}/enable"), &[]).await;
        assert!(early.body.contains("还没有用新链接设置密码"), "{} {}", early.status, early.body);
        assert!(world.citizen().get(&link).await.body.contains("请系统管理员重新启用账号"));
        accept(&world, &link, "lin.zhiyuan").await;
        // The link alone opens nothing: the account waits for the system administrator.
        world.app.clock.advance(30_000);
        let password = [("login", "lin.zhiyuan"), ("password", "青石镇门前三棵树 abc")];
        assert_eq!(world.citizen().post("/office/sign-in", &password).await.location(), "");
        assert_eq!(security.post(&format!("/office/accounts/{id}/enable"), &[]).await.status, 403);
        let asked = admin.get(&format!("/office/accounts/{id}")).await.body;
        assert!(asked.contains("shen.wei重新发放了设置链接"), "{asked}");
        admin.post(&format!("/office/accounts/{id}/enable"), &[]).await;
        signed_in(&world, "lin.zhiyuan", "/office/devices").await;
        let grant = [("role", "reviewer")];
        let refused = security.post(&path, &grant).await;
        assert!(refused.body.contains("不能再由您授权"), "{} {}", refused.status, refused.body);
        assert_eq!(other.post(&path, &grant).await.status, 303, "two people can");
    }
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing_into_the_trail() {
    for world in worlds().await {
        world.import(&[crate::world::handover()]).await;
        let units =
            daylight_app::units::store::list(world.app.db.read(), &Default::default(), 5, 0).await.unwrap();
        let admin = admin(&world).await;
        let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
        world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let id = account(&world, "lin.zhiyuan").await.id;
        let county = [("name", "县纪委"), ("kind", "county")];
        let organ = admin.post("/office/organs", &county).await.location().to_owned();
        let (disable, enable) =
            (format!("/office/accounts/{id}/disable"), format!("/office/accounts/{id}/enable"));
        let (grant, watch) = (format!("/office/grants/{id}"), format!("{organ}/units"));
        let unit = units[0].name.as_str();
        for (who, path, form, action) in [
            (&admin, &disable, vec![], "account.disable"),
            (&admin, &enable, vec![], "account.enable"),
            (&security, &grant, vec![("role", "reviewer")], "grant.begin"),
            (&admin, &watch, vec![("units", unit), ("reach", "subtree")], "organ.watch"),
            (&admin, &watch, vec![("units", unit), ("reach", "alone")], "organ.watch"),
        ] {
            let count = || async { trail(&world).await.iter().filter(|line| line.action == action).count() };
            let before = count().await;
            for _ in 0..3 {
                let answer = who.post(path, &form).await;
                assert!([200, 303].contains(&answer.status.as_u16()), "{path}: {}", answer.body);
            }
            assert_eq!(count().await, before + 1, "{path} {form:?}");
        }
    }
}

#[tokio::test]
async fn no_personal_number_gets_into_the_trail() {
    for world in worlds().await {
        let admin = admin(&world).await;
        let named = format!("苏禾{MOBILE}");
        for (login, name, words) in
            [("su.he", named.as_str(), "姓名里不要写手机号"), (MOBILE, "苏禾", "登录名不要用手机号")]
        {
            let refused = admin.post("/office/accounts", &[("login", login), ("name", name)]).await;
            assert!(refused.body.contains(words), "{login} {name}: {}", refused.body);
        }
        let publisher = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let file = format!("名册 {CITIZEN} {MOBILE}.csv");
        let body = format!(
            "--line\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{file}\"\r\n\r\n单位名称\n甲\n\r\n--line--\r\n"
        );
        let request = axum::http::Request::post("/office/imports")
            .header("content-type", "multipart/form-data; boundary=line");
        let sent = publisher.send(request, body.into(), "/office/imports").await;
        assert!(sent.location().starts_with("/office/imports/"), "{}", sent.body);
        let lines = trail(&world).await;
        let upload = lines.iter().find(|line| line.action == "import.upload").unwrap();
        assert!(!upload.detail.contains(CITIZEN) && !upload.detail.contains(MOBILE), "{}", upload.detail);
        assert!(upload.detail.contains("139****1669"), "{}", upload.detail);
        // Whoever wrote it: an old account's name, too.
        let tx = world.app.db.write().await.unwrap();
        let entry =
            audit::Entry { account_id: None, actor: &named, action: "x.y", subject: &named, detail: "" };
        audit::store::append(&tx, &entry, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert!(trail(&world).await.iter().all(|line| !format!("{line:?}").contains(MOBILE)));
    }
}
