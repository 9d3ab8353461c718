//! The office's content work: draft → review → publish, seen through the front door.

use crate::world::{Answer, Browser, NOW, World, handover, worlds};
use daylight_app::{
    accounts,
    authz::Role,
    powers::{self, Power},
    revisions::{Content, State, SubjectKind, edit_href, store as revisions},
    units,
};

pub const TOWN: &str = "青石镇人民政府";

/// What a browser would send of the first form that posts to an editor or to `action`.
pub fn controls(html: &str, action: &str) -> Vec<(String, String)> {
    let at = html.find(&format!("action=\"{action}")).unwrap_or_else(|| panic!("a form to {action}\n{html}"));
    let form = &html[at..at + html[at..].find("</form>").expect("its end")];
    let value = |tag: &str, name: &str| -> Option<String> {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(unescape(&tag[start..start + tag[start..].find('"')?]))
    };
    let mut found = Vec::new();
    let mut rest = form;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let tag = &rest[..rest.find('>').unwrap_or(rest.len())];
        let Some(name) = value(tag, "name") else { continue };
        if tag.starts_with("input") {
            let chosen = !tag.contains("type=\"radio\"") || tag.contains(" checked");
            if chosen {
                found.push((name, value(tag, "value").unwrap_or_default()));
            }
        } else if tag.starts_with("textarea") {
            let text = &rest[tag.len() + 1..rest.find("</textarea>").expect("its end")];
            found.push((name, unescape(text.strip_prefix('\n').unwrap_or(text))));
        } else if tag.starts_with("select") {
            let options = &rest[..rest.find("</select>").expect("its end")];
            let chosen = options.split("<option").find(|option| option.contains(" selected"));
            found.push((name, chosen.and_then(|option| value(option, "value")).unwrap_or_default()));
        }
    }
    found
}

fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    for (code, letter) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")] {
        text = text.replace(code, letter);
    }
    text
}

/// Fills a form in and presses a button.
pub async fn press(
    browser: &Browser,
    page: &Answer,
    action: &str,
    button: &str,
    changes: &[(&str, &str)],
) -> Answer {
    let mut form = controls(&page.body, action);
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form.push(("do".into(), button.into()));
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(action, &form).await
}

/// Opens an editor, changes something, keeps it, and returns the draft's number.
pub async fn draft(browser: &Browser, href: &str, changes: &[(&str, &str)]) -> i64 {
    let page = browser.get(href).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let kept = press(browser, &page, href, "check", changes).await;
    assert_eq!(kept.status, 303, "{}", kept.body);
    let id = kept.location().trim_start_matches("/office/drafts/").trim_end_matches("?done=saved");
    id.parse().unwrap_or_else(|_| panic!("{} is no draft", kept.location()))
}

pub async fn submit(browser: &Browser, id: i64) {
    let sent = browser.post(&format!("/office/drafts/{id}/submit"), &[("note", "请审核")]).await;
    assert_eq!(sent.location(), format!("/office/drafts/{id}?done=submitted"), "{}", sent.body);
}

/// A newer list from the county changes a power while somebody works on it.
pub async fn republish(world: &World, id: i64, change: impl FnOnce(&mut Power)) {
    let published = revisions::published(world.app.db.read(), SubjectKind::Power, id).await.unwrap();
    let Content::Power(mut content) = published.unwrap().content else { panic!("a power") };
    change(&mut content);
    let tx = world.app.db.write().await.unwrap();
    let mut publishing = revisions::Press::new(&tx, NOW + 1);
    publishing.publish_imported(Some(id), &Content::Power(content), &[], None, None).await.unwrap();
    publishing.finish().await.unwrap();
    tx.commit().await.unwrap();
}

/// Opens a review and decides as the page offers it.
pub async fn decide(browser: &Browser, id: i64, verb: &str, reason: &str) -> Answer {
    let page = browser.get(&format!("/office/reviews/{id}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    press(browser, &page, &format!("/office/reviews/{id}/{verb}"), "", &[("reason", reason)]).await
}

pub async fn county() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        world.import(&[handover()]).await;
    }
    worlds
}

/// The first power of the township.
pub async fn power(world: &World) -> powers::store::Line {
    let c = world.app.db.read();
    let unit = units::store::by_name(c, TOWN).await.unwrap().expect("the township");
    let filter = powers::store::Filter { unit_id: Some(unit.id), ..Default::default() };
    powers::store::list(c, &filter, 1, 0).await.unwrap().remove(0)
}

/// Somebody of the township who leads it.
pub async fn cadre(world: &World) -> i64 {
    let c = world.app.db.read();
    let unit = units::store::by_name(c, TOWN).await.unwrap().expect("the township");
    daylight_app::cadres::store::of_unit(c, unit.id).await.unwrap()[0].id
}

/// What is open of the township besides `TOWN`: another one.
pub async fn other_town(world: &World) -> String {
    let c = world.app.db.read();
    let filter =
        units::store::Filter { category: Some(units::Category::Township), ..units::store::Filter::default() };
    let towns = units::store::list(c, &filter, 100, 0).await.unwrap();
    towns.into_iter().map(|town| town.name).find(|name| name != TOWN).expect("a second township")
}

pub async fn audit(world: &World, action: &str) -> Vec<daylight_app::audit::store::Line> {
    daylight_app::audit::store::list(world.app.db.read(), Some(action), 100, 0).await.unwrap()
}

pub async fn also(world: &World, login: &str, role: Role, unit: &str) {
    let unit = units::store::by_name(world.app.db.read(), unit).await.unwrap().unwrap();
    let tx = world.app.db.write().await.unwrap();
    let account = accounts::store::by_login(&*tx, login).await.unwrap().unwrap();
    accounts::store::grant(&tx, account.id, role, Some(unit.id), None, None, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_change_goes_from_draft_over_review_to_the_public() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("name", "临时救助审批（新）"), ("step-0-duties", "一次告知")]).await;
        let check = lin.get(&format!("/office/drafts/{id}?done=saved")).await;
        assert!(check.body.contains("<ins>") && check.body.contains("一次告知"), "{}", check.body);
        let public = revisions::published(world.app.db.read(), SubjectKind::Power, power.id).await.unwrap();
        assert_eq!(public.unwrap().content.title(), power.name, "a draft changes nothing in public");
        let public = format!("/powers/{}", power.id);
        assert!(!world.citizen().get(&public).await.body.contains("一次告知"), "nor on its page");
        submit(&lin, id).await;
        assert!(lin.get("/office").await.body.contains("我提交的，等别人审核（1）"));
        assert!(he.get("/office").await.body.contains("等我审核的（1）"));
        assert!(he.get("/office/reviews").await.body.contains("临时救助审批（新）"));
        let page = he.get(&format!("/office/reviews/{id}")).await;
        assert!(
            page.body.contains("<ins>") && page.body.contains("请审核") && page.body.contains("lin.zhiyuan")
        );
        world.app.clock.advance(60_000);
        let done = decide(&he, id, "publish", "").await;
        assert_eq!(done.location(), format!("/office/reviews?published={id}"), "{}", done.body);
        assert!(he.get(done.location()).await.body.contains("已公布，公众现在就能看到"));
        let c = world.app.db.read();
        let page = world.citizen().get(&public).await.body;
        assert!(
            page.contains("一次告知") && page.contains("临时救助审批（新）"),
            "kept pages were forgotten"
        );
        let history = revisions::history(c, SubjectKind::Power, power.id, 9, 0).await.unwrap();
        let states: Vec<_> = history.iter().map(|revision| (revision.number, revision.state)).collect();
        assert_eq!(states, [(2, State::Published), (1, State::Ended)]);
        let filter = powers::store::Filter { unit_id: Some(power.unit_id), ..Default::default() };
        let listed = powers::store::list(c, &filter, 100, 0).await.unwrap();
        assert!(listed.iter().any(|line| line.id == power.id && line.name == "临时救助审批（新）"));
        let place = revisions::place(c, SubjectKind::Power, power.id).await.unwrap().unwrap();
        assert_eq!(place.flags, "[]", "publishing clears what the import left open");
        for action in ["revision.save", "revision.submit", "revision.publish"] {
            assert_eq!(audit(&world, action).await.len(), 1, "{action}");
        }
        assert!(audit(&world, "revision.publish").await[0].detail.contains("权力名称"));
    }
}

#[tokio::test]
async fn nobody_publishes_what_they_wrote_or_took_over() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        also(&world, "lin.zhiyuan", Role::Reviewer, TOWN).await;
        let zhou = world.staff("zhou.wen", Role::Publisher, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("matter", "行政给付")]).await;
        submit(&lin, id).await;
        let review = format!("/office/reviews/{id}");
        let page = lin.get(&review).await;
        assert!(page.body.contains("不能自己审核") && !page.body.contains("/publish\""));
        assert!(!lin.get("/office").await.body.contains("等我审核的"));
        assert_eq!(lin.post(&format!("{review}/publish"), &[]).await.status, 403);
        assert_eq!(lin.post(&format!("{review}/return"), &[("reason", "不清楚")]).await.status, 403);
        // Taken back, then taken over by Zhou: now it is Zhou's, and Lin may judge it.
        let back = lin.post(&format!("/office/drafts/{id}/withdraw"), &[]).await;
        assert_eq!(back.location(), format!("/office/drafts/{id}?done=withdrawn"));
        assert!(zhou.get(&href).await.body.contains("这份草稿由lin.zhiyuan编写"));
        let refused = zhou.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        assert_eq!(refused.status, 422, "who has not read it does not submit it");
        assert_eq!(draft(&zhou, &href, &[("matter", "行政确认")]).await, id);
        submit(&zhou, id).await;
        assert_eq!(audit(&world, "revision.take_over").await.len(), 1);
        assert_eq!(decide(&lin, id, "publish", "").await.status, 303);
    }
}

/// The same address with a number that nothing has.
fn missing(path: &str) -> String {
    let part = |part: &str| if part.parse::<i64>().is_ok() { "999999" } else { part }.to_owned();
    let path: Vec<_> = path.split('/').map(part).collect();
    let path = path.join("/");
    path.split_once("?unit=").map_or(path.clone(), |(path, _)| format!("{path}?unit=999999"))
}

#[tokio::test]
async fn another_townships_people_see_and_change_nothing() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let other = other_town(&world).await;
        let stranger = world.staff("gu.mingde", Role::Publisher, Some(&other)).await;
        also(&world, "gu.mingde", Role::Reviewer, &other).await;
        let (power, cadre) = (power(&world).await, cadre(&world).await);
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("name", "只有青石镇有的事项")]).await;
        submit(&lin, id).await;
        let unit = units::store::by_name(world.app.db.read(), TOWN).await.unwrap().unwrap().id;
        for path in [
            href.clone(),
            format!("/office/units/{unit}/edit"),
            format!("/office/cadres/{cadre}/edit"),
            format!("/office/cadres/{cadre}/sealed"),
            format!("/office/powers/new?unit={unit}"),
            format!("/office/cadres/new?unit={unit}"),
            format!("/office/drafts/{id}"),
            format!("/office/drafts/{id}/preview"),
            format!("/office/reviews/{id}"),
        ] {
            let (there, nowhere) = (stranger.get(&path).await, stranger.get(&missing(&path)).await);
            assert_eq!((there.status.as_u16(), nowhere.status.as_u16()), (404, 404), "{path}");
            assert_eq!(there.body.replace(&path, ""), nowhere.body.replace(&missing(&path), ""), "{path}");
        }
        for path in [
            href.clone(),
            format!("/office/drafts/{id}/submit"),
            format!("/office/drafts/{id}/discard"),
            format!("/office/drafts/{id}/withdraw"),
            format!("/office/reviews/{id}/publish"),
            format!("/office/reviews/{id}/return"),
        ] {
            let reason = [("reason", "不行不行")];
            let there = stranger.post(&path, &reason).await;
            let nowhere = stranger.post(&missing(&path), &reason).await;
            assert_eq!((there.status.as_u16(), nowhere.status.as_u16()), (404, 404), "{path}");
            assert_eq!(there.body.replace(&path, ""), nowhere.body.replace(&missing(&path), ""), "{path}");
        }
        for path in ["/office", "/office/reviews", "/office/contents?kind=power&q=只有青石镇"] {
            assert!(!stranger.get(path).await.body.contains("只有青石镇有的事项"), "{path}");
        }
        let own = lin.get("/office/contents?kind=unit").await;
        assert!(own.body.contains(TOWN) && !own.body.contains(&other));
        assert!(!stranger.get("/office/contents?kind=unit").await.body.contains(TOWN));
        assert_eq!(lin.get("/office/units/new").await.status, 403, "a township makes no units");
    }
}

#[tokio::test]
async fn an_incomplete_power_is_kept_but_not_submitted() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("supervisor", ""), ("accountable", "")]).await;
        let refused = lin.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("还缺少：行权和监督主体、追责主体"), "{}", refused.body);
        let kept = revisions::get(world.app.db.read(), id).await.unwrap().unwrap();
        assert_eq!(kept.state, State::Draft);
        // Keeping it back needs three things; a way to nowhere must be mended.
        let page = lin.get(&href).await;
        let changes =
            [("supervisor", "镇纪委"), ("accountable", "镇长"), ("open", "no"), ("step-0-next", "77")];
        assert_eq!(press(&lin, &page, &href, "check", &changes).await.status, 303);
        let refused = lin.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        for word in
            ["不公开必须写明理由", "不公开必须写明批准人", "不公开必须定下复核日期", "没有编号为“77”的环节"]
        {
            assert!(refused.body.contains(word), "{word}\n{}", refused.body);
        }
        let gone = lin.post(&format!("/office/drafts/{id}/discard"), &[]).await;
        assert_eq!(gone.location(), "/office/contents?kind=power&done=discarded");
        assert_eq!(revisions::get(world.app.db.read(), id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn returned_with_a_reason_mended_and_submitted_again() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("exerciser", "民政办公室")]).await;
        submit(&lin, id).await;
        assert_eq!(lin.get(&href).await.location(), format!("/office/drafts/{id}"), "read, not written");
        let silent = decide(&he, id, "return", "  ").await;
        assert_eq!(silent.status, 422);
        assert!(silent.body.contains("请写明退回的理由"));
        let back = decide(&he, id, "return", "行权主体请写到具体股室").await;
        assert_eq!(back.location(), format!("/office/reviews?returned={id}"));
        let start = lin.get("/office").await.body;
        assert!(start.contains("退回给我修改的（1）") && start.contains("行权主体请写到具体股室"));
        // Saving does not wipe the reason out; submitting does.
        assert_eq!(draft(&lin, &href, &[("exerciser", "民政办公室救助岗")]).await, id);
        assert!(lin.get(&href).await.body.contains("行权主体请写到具体股室"));
        submit(&lin, id).await;
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        assert!(!lin.get("/office").await.body.contains("退回给我修改的"));
    }
}

#[tokio::test]
async fn personal_data_is_stopped_when_saving_and_when_submitting() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let page = lin.get(&href).await;
        let changes = [("step-0-duties", "找张某 13949631669 办理"), ("matter", "证号999901196911183259")];
        let refused = press(&lin, &page, &href, "save", &changes).await;
        assert_eq!(refused.status, 422);
        for word in ["第1行环节 职责要求”里有疑似手机号", "事项分类”里有疑似身份证号", "13949631669", "打码"]
        {
            assert!(refused.body.contains(word), "{word}\n{}", refused.body);
        }
        assert_eq!(audit(&world, "revision.save").await.len(), 0, "nothing of it was kept");
        let masked = press(&lin, &refused, &href, "redact", &[]).await;
        assert!(!masked.body.contains("13949631669") && masked.body.contains("139****1669"));
        assert_eq!(press(&lin, &masked, &href, "save", &[]).await.status, 303);
        // Text that never went through the form is stopped at the next door.
        let c = world.app.db.read();
        let cadre = cadre(&world).await;
        let published = revisions::published(c, SubjectKind::Cadre, cadre).await.unwrap().unwrap();
        let Content::Cadre(mut content) = published.content else { panic!("a cadre") };
        content.appointments[0].duties = Some("值班 13949631669".into());
        let place = revisions::place(c, SubjectKind::Cadre, cadre).await.unwrap().unwrap();
        let author = accounts::store::by_login(c, "lin.zhiyuan").await.unwrap().unwrap().id;
        let tx = world.app.db.write().await.unwrap();
        let unit = Some(place.unit_id);
        let content = Content::Cadre(content);
        let id = revisions::begin_draft(&tx, SubjectKind::Cadre, Some(cadre), unit, &content, author, NOW);
        let id = id.await.unwrap();
        tx.commit().await.unwrap();
        let refused = lin.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("第1项任职 分管工作”里有疑似手机号"), "{}", refused.body);
        // A unit's own telephone is public, a mobile only asked about.
        let unit_href = format!("/office/units/{}/edit", place.unit_id);
        let kept =
            press(&lin, &lin.get(&unit_href).await, &unit_href, "save", &[("phone", "13949631669")]).await;
        assert_eq!(kept.status, 303, "{}", kept.body);
        assert!(lin.get(&unit_href).await.body.contains("请确认这是单位的公用电话"));
    }
}

#[tokio::test]
async fn of_two_reviewers_one_publishes_and_the_other_is_told() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let su = world.staff("su.heping", Role::Reviewer, None).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("matter", "行政给付")]).await;
        submit(&lin, id).await;
        let review = format!("/office/reviews/{id}");
        let (first, second) = (he.get(&review).await, su.get(&review).await);
        let publish = format!("{review}/publish");
        let (one, two) =
            tokio::join!(press(&he, &first, &publish, "", &[]), press(&su, &second, &publish, "", &[]));
        let (done, told) = if one.status == 303 { (one, two) } else { (two, one) };
        assert_eq!((done.status.as_u16(), told.status.as_u16()), (303, 409), "{}", told.body);
        assert!(told.body.contains("刚才已经公布了这份修改"), "{}", told.body);
        let history =
            revisions::history(world.app.db.read(), SubjectKind::Power, power.id, 9, 0).await.unwrap();
        assert_eq!(history.len(), 2);
        assert_eq!(audit(&world, "revision.publish").await.len(), 1);
        let late = press(&he, &first, &format!("{review}/return"), "", &[("reason", "晚了一步")]).await;
        assert_eq!(late.status, 409);
    }
}

#[tokio::test]
async fn what_was_published_meanwhile_is_said_and_compared_with() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("matter", "行政给付")]).await;
        submit(&lin, id).await;
        let before = he.get(&format!("/office/reviews/{id}")).await;
        assert!(!before.body.contains("又变过"));
        // The county imports a newer list while the draft waits.
        republish(&world, power.id, |power| power.supervisor = Some("县纪委监委第三派驻组".into())).await;
        let late = press(&he, &before, &format!("/office/reviews/{id}/publish"), "", &[]).await;
        assert_eq!(late.status, 409, "what was judged is not what would be replaced");
        assert!(late.body.contains("请重新核对后再决定") && late.body.contains("又变过"), "{}", late.body);
        assert!(late.body.contains("<figcaption>监督主体"), "{}", late.body);
        world.app.clock.advance(60_000);
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let history =
            revisions::history(world.app.db.read(), SubjectKind::Power, power.id, 9, 0).await.unwrap();
        assert_eq!(
            history.iter().map(|revision| revision.number).collect::<Vec<_>>(),
            [3, 2, 1][..].to_vec()
        );
    }
}

#[tokio::test]
async fn a_second_window_does_not_overwrite_what_it_has_not_seen() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let zhou = world.staff("zhou.wen", Role::Publisher, Some(TOWN)).await;
        let href = edit_href(SubjectKind::Power, Some(power(&world).await.id), None);
        let (first, second) = (lin.get(&href).await, zhou.get(&href).await);
        assert_eq!(press(&lin, &first, &href, "save", &[("matter", "行政给付")]).await.status, 303);
        let told = press(&zhou, &second, &href, "save", &[("matter", "行政确认")]).await;
        assert_eq!(told.status, 200);
        assert!(
            told.body.contains("您填写的内容还没有保存") && told.body.contains("行政确认"),
            "{}",
            told.body
        );
        assert_eq!(press(&zhou, &told, &href, "save", &[]).await.status, 303, "the second press decides");
    }
}

#[tokio::test]
async fn the_procedure_is_edited_row_by_row_without_scripts() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let page = lin.get(&href).await;
        let before = page.body.matches("-complaint\" name=").count();
        let longer = press(&lin, &page, &href, "insert-step-0", &[]).await;
        assert_eq!(longer.body.matches("-complaint\" name=").count(), before + 1);
        let new = [("step-1-name", "现场核验"), ("step-1-limit", "三个月"), ("step-1-post", "民政办")];
        let drawn = press(&lin, &longer, &href, "refresh", &new).await;
        assert!(
            drawn.body.contains("<svg class=\"flow") || drawn.body.contains("class=\"flow\""),
            "{}",
            drawn.body
        );
        let shorter = press(&lin, &drawn, &href, "remove-step-2", &[]).await;
        assert_eq!(shorter.body.matches("-complaint\" name=").count(), before);
        let wrong = press(&lin, &shorter, &href, "save", &[("step-1-limit", "视情况")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("不像办理时限") && wrong.body.contains("视情况"));
        let kept = press(&lin, &wrong, &href, "check", &[("step-1-limit", "3个月")]).await;
        assert_eq!(kept.status, 303, "{}", kept.body);
        let id: i64 =
            kept.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
        let preview = lin.get(&format!("/office/drafts/{id}/preview")).await;
        assert!(preview.body.contains("现场核验") && preview.body.contains("<svg"));
        submit(&lin, id).await;
        assert!(he.get(&format!("/office/drafts/{id}/preview")).await.body.contains("这是预览"));
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let public = revisions::published(world.app.db.read(), SubjectKind::Power, power.id).await.unwrap();
        let Content::Power(content) = public.unwrap().content else { panic!("a power") };
        assert_eq!((content.steps[1].number, content.steps[1].name.as_str()), (2, "现场核验"));
        assert_eq!(content.steps[1].limit.unwrap().to_string(), "3个月");
    }
}

#[tokio::test]
async fn a_new_unit_power_and_cadre_come_to_be() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, None).await;
        let c = world.app.db.read();
        let fields = [
            ("name", "安澜县数据局"),
            ("category", "department"),
            ("parent", "没有这个单位"),
            ("credit_code", "123"),
            ("duties", "管理公共数据"),
        ];
        let page = lin.get("/office/units/new").await;
        let refused = press(&lin, &page, "/office/units/new", "check", &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("没有叫“没有这个单位”的单位") && refused.body.contains("应为18位"));
        let mended = [("parent", "安澜县政府办公室"), ("credit_code", ""), ("name", "安澜县教育局")];
        let refused = press(&lin, &refused, "/office/units/new", "check", &mended).await;
        assert!(refused.body.contains("已经有同名的单位"), "{}", refused.body);
        let kept = press(&lin, &refused, "/office/units/new", "check", &[("name", "安澜县数据局")]).await;
        let id: i64 =
            kept.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
        assert!(lin.get("/office/contents?kind=unit").await.body.contains("还没有公布过的新单位"));
        // The draft of what does not exist yet is opened and kept again.
        let again =
            draft(&lin, &format!("/office/units/new?draft={id}"), &[("address", "县城东路1号")]).await;
        assert_eq!(again, id);
        submit(&lin, id).await;
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let unit = units::store::by_name(c, "安澜县数据局").await.unwrap().expect("the new unit");
        let above = units::store::by_name(c, "安澜县政府办公室").await.unwrap().unwrap();
        assert_eq!(unit.path, format!("{}{}/", above.path, unit.id));
        // A power and a cadre of it.
        assert!(lin.get("/office/powers/new?q=数据局").await.body.contains(&format!("?unit={}", unit.id)));
        let href = format!("/office/powers/new?unit={}", unit.id);
        let fields = [
            ("name", "公共数据授权"),
            ("exerciser", "数据股"),
            ("supervisor", "派驻组"),
            ("accountable", "局长"),
            ("open", "yes"),
            ("basis-0-title", "《数据安全法》第三十七条、第三十八条"),
            ("step-0-name", "受理"),
            ("step-1-name", "决定"),
            ("step-1-limit", "20个工作日"),
        ];
        let id = draft(&lin, &href, &fields).await;
        submit(&lin, id).await;
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let filter = powers::store::Filter { unit_id: Some(unit.id), ..Default::default() };
        let listed = powers::store::list(c, &filter, 10, 0).await.unwrap();
        assert_eq!((listed.len(), listed[0].step_count), (1, 2));
        let href = format!("/office/cadres/new?unit={}", unit.id);
        let page = lin.get(&href).await;
        let longer = press(&lin, &page, &href, "add-post", &[("name", "许 文")]).await;
        let fields = [("post-0-post", "局长"), ("post-0-since", "二〇二六年三月"), ("post-1-unit", "")];
        let kept = press(&lin, &longer, &href, "check", &fields).await;
        let id: i64 =
            kept.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
        submit(&lin, id).await;
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let people = daylight_app::cadres::store::of_unit(c, unit.id).await.unwrap();
        assert_eq!((people[0].name.as_str(), people[0].since.as_deref()), ("许文", Some("2026-03")));
    }
}

#[tokio::test]
async fn a_sealed_field_is_opened_for_a_reason_and_noted() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let href = format!("/office/cadres/{}/sealed", cadre(&world).await);
        for reason in ["", " ", "看看", "核对 999901196911183259"] {
            let refused = lin.post(&href, &[("reason", reason)]).await;
            assert_eq!(refused.status, 422, "{reason}");
            assert!(!refused.body.contains("9999011") || reason.contains("999901"), "{}", refused.body);
        }
        assert_eq!(audit(&world, "sealed.open").await.len(), 0);
        assert!(!lin.get(&href).await.body.contains("9999011"), "asking shows nothing");
        let shown = lin.post(&href, &[("reason", "核对三月工资名册")]).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("9999011") || shown.body.contains("99990119"), "{}", shown.body);
        assert_eq!(shown.headers["cache-control"], "no-store");
        let entries = audit(&world, "sealed.open").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(
            (entries[0].actor.as_str(), entries[0].detail.as_str()),
            ("lin.zhiyuan", "核对三月工资名册")
        );
        let admin = world.staff("root.admin", Role::SystemAdmin, None).await;
        assert_eq!(admin.post(&href, &[("reason", "核对三月工资名册")]).await.status, 403);
    }
}

#[tokio::test]
async fn the_start_page_fits_every_role_and_both_modes() {
    for world in county().await {
        for role in Role::ALL {
            let login = format!("{}.start", role.code());
            let staff = world.staff(&login, role, None).await;
            let page = staff.get("/office").await;
            assert!(
                page.body.contains("现在没有等您处理的事") && page.body.contains("最近的登录"),
                "{role:?}"
            );
            let completes = page.body.contains("待完善的内容");
            assert_eq!(completes, role == Role::Publisher, "{role:?}");
            assert_eq!(staff.elder().get("/office").await.status, 200);
        }
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let flagged = lin.get("/office/contents?kind=power&only=flagged").await;
        assert!(!flagged.body.contains("✓ </span>齐全"), "only what is open is listed");
    }
}

#[tokio::test]
async fn what_an_import_took_without_a_required_part_is_listed_as_open() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let power = power(&world).await;
        republish(&world, power.id, |power| {
            power.name = "没有监督主体的事项".into();
            power.supervisor = None;
        })
        .await;
        let open = lin.get("/office/contents?kind=power&only=flagged&q=没有监督主体").await;
        assert!(open.body.contains("缺少：行权和监督主体"), "{}", open.body);
    }
}

#[tokio::test]
async fn own_devices_are_ended_and_the_password_changed() {
    const OLD: &str = "青石镇门前三棵树 abc";
    const NEW: &str = "安澜河边两座桥 xyz";
    for world in worlds().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Publisher, None).await;
        let now = world.app.clock.now();
        let account = accounts::store::by_login(world.app.db.read(), "lin.zhiyuan").await.unwrap().unwrap();
        let tx = world.app.db.write().await.unwrap();
        accounts::store::begin_session(&tx, account.id, "家里电脑", true, now).await.unwrap();
        let sql = "SELECT MAX(id) FROM sessions WHERE account_id = $1";
        let phone: i64 = daylight_db::scalar(&*tx, sql, daylight_db::values![account.id]).await.unwrap();
        let hash = accounts::hash_password(OLD).unwrap();
        assert!(
            !accounts::store::set_password(&tx, account.id, &hash, 0, now).await.unwrap(),
            "no live session"
        );
        assert!(accounts::store::set_password(&tx, account.id, &hash, phone, now).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(lin.get("/office").await.status, 303, "a password set elsewhere ends every session");
        let mut lins = Vec::new();
        for device in ["办公电脑", "旧手机", "平板"] {
            let tx = world.app.db.write().await.unwrap();
            let token = accounts::store::begin_session(&tx, account.id, device, true, now).await.unwrap();
            tx.commit().await.unwrap();
            lins.push(world.citizen().with_cookie(&format!("daylight_session={token}")));
        }
        let page = lins[0].get("/office/devices").await;
        assert!(page.body.contains("旧手机") && page.body.contains("本机，正在使用"));
        let devices = accounts::store::devices(world.app.db.read(), account.id, now).await.unwrap();
        let old = devices.iter().find(|device| device.device == "旧手机").unwrap().id;
        let end = format!("/office/devices/{old}/end");
        assert_eq!(he.post(&end, &[]).await.status, 404, "only one's own");
        assert_eq!(lins[0].post(&end, &[]).await.location(), "/office/devices?done=ended");
        assert_eq!(lins[1].get("/office").await.status, 303);
        let form = |old, new| vec![("old", old), ("new", new), ("again", new)];
        for (old, new) in [("不对", NEW), (OLD, "short"), (OLD, OLD)] {
            assert_eq!(lins[0].post("/office/password", &form(old, new)).await.status, 422, "{old} {new}");
        }
        let done = lins[0].post("/office/password", &form(OLD, NEW)).await;
        assert_eq!(done.location(), "/office/devices?done=password");
        assert_eq!(lins[0].get("/office").await.status, 200, "the one it was changed in stays");
        assert_eq!(lins[2].get("/office").await.status, 303);
        let account = accounts::store::get(world.app.db.read(), account.id).await.unwrap().unwrap();
        assert!(accounts::verify_password(NEW, account.password_hash.as_deref()));
        assert_eq!(audit(&world, "account.set_password").await.len(), 1);
        assert_eq!(audit(&world, "session.end").await.len(), 1);
    }
}
