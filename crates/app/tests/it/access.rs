//! Every route, every kind of viewer: an allow beside every deny.

use crate::world::{Answer, Browser, World, handover, worlds};
use axum::{
    body::Body,
    http::{Method, Request},
};
use daylight_app::{
    authz::{Action, Role},
    web::Access,
};

/// Who may do what at all, in prose a second time (see `authz` for the places).
fn allowed(role: Role, action: Action) -> bool {
    match action {
        Action::OpenOffice => true,
        Action::SeeDrafts | Action::OpenSealed | Action::SeeRatings => {
            matches!(role, Role::Publisher | Role::Reviewer)
        }
        Action::Edit | Action::Import | Action::EditRatings => role == Role::Publisher,
        Action::Review | Action::ReviewRatings => role == Role::Reviewer,
        Action::ManageAccounts | Action::ManageRegistry => role == Role::SystemAdmin,
        Action::ManageGrants => role == Role::SecurityAdmin,
        Action::ReadAudit => role == Role::AuditAdmin,
        Action::SeeCase | Action::KeepRecusals => {
            matches!(role, Role::Intake | Role::Handler | Role::Leader)
        }
        Action::SeeRules => matches!(role, Role::SystemAdmin | Role::Leader),
        // Decided inside, by the organ: these leaders are of none. `settings` has the allow.
        Action::SetRules => false,
        Action::ReceiveReport => role == Role::Intake,
        Action::HandleCase => role == Role::Handler,
        Action::SeeIdentity => matches!(role, Role::Handler | Role::Leader),
        Action::AssignCase | Action::ApproveCase | Action::ApproveIdentity => role == Role::Leader,
    }
}

/// The path with its parameters filled in.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

async fn knock(browser: &Browser, method: &Method, path: &str) -> Answer {
    let path = filled(path);
    if *method == Method::GET {
        return browser.get(&path).await;
    }
    let request = Request::post(&path).header("content-type", "application/x-www-form-urlencoded");
    browser.send(request, Body::empty(), &path).await
}

fn sent_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().starts_with("/office/sign-in?back=")
}

#[tokio::test]
async fn every_route_lets_in_whom_it_declares_and_nobody_else() {
    // One engine is enough: access is decided before any query of the route.
    let world: World = worlds().await.remove(0);
    world.import(&[handover()]).await;
    let (mut allows, mut denies) = (0, 0);
    for (number, route) in daylight_app::routes().into_iter().enumerate() {
        let name = format!("{} {}", route.method, route.path);
        let citizen = knock(&world.citizen(), &route.method, route.path).await;
        match route.access {
            Access::Public | Access::PublicFresh => {
                assert!(!sent_to_sign_in(&citizen) && citizen.status != 403, "{name}: {}", citizen.status);
                assert!(!citizen.status.is_server_error(), "{name}: {}", citizen.body);
                allows += 1;
            }
            Access::HalfSignedIn => {
                assert!(sent_to_sign_in(&citizen), "{name}: {}", citizen.status);
                denies += 1;
            }
            Access::Staff(action) => {
                assert!(sent_to_sign_in(&citizen), "{name}: a citizen got {}", citizen.status);
                let mut somebody = action == Action::SetRules;
                for role in Role::ALL {
                    // A session each: a route may end the one it is called with.
                    let login = format!("{}.{number}", role.code());
                    let staff = world.staff(&login, role, None).await;
                    let answer = knock(&staff, &route.method, route.path).await;
                    assert!(!answer.status.is_server_error(), "{name} as {role:?}: {}", answer.body);
                    if allowed(role, action) {
                        assert!(!sent_to_sign_in(&answer), "{name} as {role:?} was sent to sign in");
                        assert_ne!(answer.status, 403, "{name} as {role:?}");
                        somebody = true;
                        allows += 1;
                    } else {
                        assert_eq!(answer.status, 403, "{name} as {role:?}");
                        denies += 1;
                    }
                }
                assert!(somebody, "{name}: nobody may enter");
            }
        }
    }
    assert!(allows > 0 && denies > 0, "{allows} allows, {denies} denies");
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let world = worlds().await.remove(0);
    let staff = world.staff("lin.zhiyuan", Role::Publisher, None).await;
    let form =
        || Request::post("/office/sign-out").header("content-type", "application/x-www-form-urlencoded");
    let foreign = form().header("origin", "http://evil.example").header("sec-fetch-site", "cross-site");
    let refused = staff.send(foreign, Body::empty(), "/office/sign-out").await;
    assert_eq!(refused.status, 403);
    let own = form().header("origin", "http://127.0.0.1").header("sec-fetch-site", "same-origin");
    let taken = staff.send(own, Body::empty(), "/office/sign-out").await;
    assert_eq!(taken.status, 303);
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let world = worlds().await.remove(0);
    for path in ["/", "/nowhere", "/office", "/office/sign-in"] {
        let answer = world.citizen().get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn a_missing_thing_on_a_kept_page_is_an_error_page_with_a_way_back() {
    let world = worlds().await.remove(0);
    for (path, kept) in [("/divisions/999999", "public, no-cache"), ("/nowhere", "no-store")] {
        let answer = world.citizen().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("没有找到这一页"), "{path}: {}", answer.body);
        assert_eq!(answer.headers["cache-control"], kept, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_in_chinese() {
    let world = worlds().await.remove(0);
    let admin = world.staff("xu.an", Role::SystemAdmin, None).await;
    let security = world.staff("shen.wei", Role::SecurityAdmin, None).await;
    let auditor = world.staff("gu.ming", Role::AuditAdmin, None).await;
    let typed = "application/x-www-form-urlencoded";
    let large = format!("text={}", "a".repeat(2 << 20));
    for (who, path, kind, body, status, words) in [
        (&admin, "/office/calendar", typed, large.as_str(), 413, "提交的内容太大"),
        (&admin, "/office/accounts", "text/plain", "name=x", 400, "提交的内容无法识别"),
        (&admin, "/office/organs", "application/json", "{}", 400, "提交的内容无法识别"),
        (&admin, "/office/organs/1/units/end", typed, "unit=abc", 400, "提交的内容无法识别"),
        (&security, "/office/grants/1/end", typed, "grant=abc", 400, "提交的内容无法识别"),
        (&admin, "/office/organs/abc", typed, "", 404, "没有找到这一页"),
        (&admin, "/office/devices/abc/end", typed, "", 404, "没有找到这一页"),
        (&auditor, "/office/audit/export", "text/plain", "", 400, "提交的内容无法识别"),
    ] {
        let request = Request::post(path).header("content-type", kind);
        let answer = who.send(request, Body::from(body.to_owned()), path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
    }
    let citizen = world.citizen();
    let request = Request::post("/office/sign-in").header("content-type", "text/plain");
    let answer = citizen.send(request, Body::from("x"), "/office/sign-in").await;
    assert!(answer.status == 400 && answer.body.contains("提交的内容无法识别"), "{}", answer.body);
    // A query that makes no sense is as if it had not been asked.
    for (who, path, status) in [
        (&auditor, "/office/audit?page=abc", 200),
        (&auditor, "/office/audit?page=1&page=2", 200),
        (&admin, "/office/devices?done=a&done=b", 200),
        (&citizen, "/office/sign-in?back=a&back=b", 200),
        (&admin, "/office/accounts/abc", 404),
        (&security, "/office/grants/%FF", 404),
        (&citizen, "/office/invitation/%FF", 404),
    ] {
        let answer = who.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.starts_with("<!doctype html>"), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn staff_who_may_not_enter_find_the_way_back_to_their_work() {
    let world = worlds().await.remove(0);
    let clerk = world.staff("lin.zhiyuan", Role::Publisher, None).await;
    for (path, status) in [("/office/audit", 403), ("/office/accounts", 403), ("/office/devices/9/end", 404)]
    {
        let answer = knock(&clerk, &if status == 403 { Method::GET } else { Method::POST }, path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer.body.contains("返回工作台") && answer.body.contains("内容维护"),
            "{path}: {}",
            answer.body
        );
        assert!(!answer.body.contains("href=\"/office/audit\""), "the menu shows what may be entered");
    }
    let citizen = world.citizen().get("/nowhere").await;
    assert!(!citizen.body.contains("/office\""), "{}", citizen.body);
}
