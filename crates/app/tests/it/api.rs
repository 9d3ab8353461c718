//! The open interface: what it answers and what it never tells. See `api_document` for its description.

use crate::world::{Answer, NOW, World, handover, worlds};
use axum::{
    body::Body,
    http::{Method, Request},
};
use daylight_app::{
    api::ENDPOINTS,
    powers::{Disclosure, Power},
    revisions::{
        Content, SubjectKind,
        store::{Press, published},
    },
};
use serde_json::Value;
use std::collections::BTreeSet;

const DAY: i64 = 86_400_000;

pub fn json(answer: &Answer) -> Value {
    assert_eq!(answer.headers["content-type"], "application/json", "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

pub async fn ask(world: &World, path: &str) -> Value {
    let answer = world.citizen().get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    json(&answer)
}

/// Every item of a list, page by page as `next` says.
async fn every(world: &World, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = ask(world, &path).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        next = page["next"].as_str().map(str::to_owned);
        let last = next.is_none();
        assert_eq!(last, items.len() as i64 >= page["total"].as_i64().unwrap(), "{path}: {page}");
    }
    items
}

/// The withheld powers of the hand-over, as the database has them.
async fn withheld(world: &World) -> Vec<(i64, Power)> {
    let shown: BTreeSet<i64> = every(world, "/api/v1/powers?per_page=100")
        .await
        .iter()
        .map(|line| line["id"].as_i64().unwrap())
        .collect();
    let total = ask(world, "/api/v1/statistics").await["powers"].as_i64().unwrap();
    let mut kept_back = Vec::new();
    for id in (1..=total).filter(|id| !shown.contains(id)) {
        let revision = published(world.app.db.read(), SubjectKind::Power, id).await.unwrap().unwrap();
        let Content::Power(power) = revision.content else { panic!("a power") };
        kept_back.push((id, *power));
    }
    kept_back
}

/// Publishes a changed state of a power, as an import would.
async fn publish(world: &World, id: i64, change: impl FnOnce(&mut Power)) {
    let revision = published(world.app.db.read(), SubjectKind::Power, id).await.unwrap().unwrap();
    let Content::Power(mut power) = revision.content else { panic!("a power") };
    change(&mut power);
    let tx = world.app.db.write().await.unwrap();
    let mut press = Press::new(&tx, world.app.clock.now());
    press.publish_imported(Some(id), &Content::Power(power), &[], None, None).await.unwrap();
    press.finish().await.unwrap();
    tx.commit().await.unwrap();
    world.app.cache.purge();
}

#[tokio::test]
async fn the_figures_count_what_was_handed_over_and_say_what_they_count() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let figures = ask(&world, "/api/v1/statistics").await;
        for (field, count) in [
            ("units", 60),
            ("powers", 360),
            ("powers_public", 320),
            ("powers_withheld", 40),
            ("procedures", 360),
            ("steps", 2340),
        ] {
            assert_eq!(figures[field], count, "{field}");
        }
        for field in ["divisions", "posts", "cadres", "bases", "risks"] {
            assert!(figures[field].as_i64().unwrap() > 0, "{field}: {figures}");
        }
        assert_eq!(figures["definitions"]["powers_withheld"]["label"], "不公开的权力事项");
        assert_eq!(figures["counted_at"], "2026-11-22T10:00:00+08:00");
    }
}

#[tokio::test]
async fn lists_are_walked_page_by_page_to_their_end() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let figures = ask(&world, "/api/v1/statistics").await;
        for (list, field) in [
            ("powers", "powers_public"),
            ("units", "units"),
            ("cadres", "cadres"),
            ("divisions", "divisions"),
        ] {
            let items = every(&world, &format!("/api/v1/{list}?per_page=7")).await;
            let ids: BTreeSet<i64> = items.iter().map(|item| item["id"].as_i64().unwrap()).collect();
            assert_eq!(ids.len(), items.len(), "{list}: nothing comes twice");
            assert_eq!(figures[field], items.len(), "{list}");
        }
        let page = ask(&world, "/api/v1/powers").await;
        assert_eq!((&page["page"], &page["per_page"]), (&1.into(), &20.into()));
        assert_eq!(page["next"], "/api/v1/powers?page=2");
        let beyond = ask(&world, "/api/v1/powers?page=999").await;
        assert_eq!(beyond["items"], serde_json::json!([]));
        assert_eq!((&beyond["total"], &beyond["next"]), (&320.into(), &Value::Null));
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_their_fields_and_keep_them_on_the_next_page() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let all = every(&world, "/api/v1/powers?per_page=100").await;
        let (unit, kind) = (all[0]["unit_id"].as_i64().unwrap(), all[0]["kind"].as_str().unwrap());
        let path = format!("/api/v1/powers?unit={unit}&kind={kind}&per_page=1");
        let expected = all.iter().filter(|line| line["unit_id"] == unit && line["kind"] == kind).count();
        let found = every(&world, &path).await;
        assert!(expected > 0 && expected < all.len());
        assert_eq!(found.len(), expected, "{path}");

        let power = ask(&world, &format!("/api/v1/powers/{}", all[0]["id"])).await;
        let basis = power["bases"][0]["id"].as_i64().expect("a cited basis");
        let citing = every(&world, &format!("/api/v1/powers?basis={basis}")).await;
        assert!(citing.iter().any(|line| line["id"] == all[0]["id"]) && citing.len() < all.len());

        let townships = every(&world, "/api/v1/units?category=township").await;
        assert!(!townships.is_empty() && townships.iter().all(|line| line["category_name"] == "乡镇"));
        let division = townships[0]["division_id"].as_i64().expect("a township sits in a division");
        let within = every(&world, &format!("/api/v1/units?division={division}")).await;
        assert!(within.len() > 1 && within.len() < 60, "the township and what is below it: {}", within.len());
        assert_eq!(every(&world, "/api/v1/units?division=999999").await.len(), 0);

        let counties = every(&world, "/api/v1/divisions?level=county").await;
        let county = counties[0]["id"].as_i64().unwrap();
        let below = every(&world, &format!("/api/v1/divisions?parent={county}")).await;
        assert!(!below.is_empty() && below.iter().all(|line| line["parent_id"] == county));

        let people = every(&world, &format!("/api/v1/cadres?unit={unit}")).await;
        assert!(!people.is_empty());
        for person in people {
            let posts = person["appointments"].as_array().unwrap();
            assert!(posts.iter().any(|post| post["unit"]["id"] == unit), "{person}");
        }
    }
}

#[tokio::test]
async fn search_finds_and_narrows() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let units = every(&world, "/api/v1/units?per_page=100").await;
        let name = units[3]["name"].as_str().unwrap();
        let query: String = name.chars().take(4).collect();
        let found = every(&world, &format!("/api/v1/search?q={}&per_page=50", escaped(&query))).await;
        assert!(found.iter().any(|hit| hit["kind"] == "unit" && hit["id"] == units[3]["id"]), "{query}");
        let path = format!("/api/v1/search?q={}&kind=unit", escaped(&query));
        let narrowed = every(&world, &path).await;
        assert!(!narrowed.is_empty() && narrowed.iter().all(|hit| hit["kind"] == "unit"));
        let link = narrowed[0]["link"].as_str().unwrap();
        assert_eq!(link, format!("/units/{}", narrowed[0]["id"]));
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_withheld_power_is_answered_like_one_that_does_not_exist() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let missing = world.citizen().get("/api/v1/powers/999999").await;
        assert_eq!(missing.status, 404);
        assert_eq!(json(&missing)["code"], "not_found");
        let kept_back = withheld(&world).await;
        assert_eq!(kept_back.len(), 40);
        for (id, _) in &kept_back {
            for path in [format!("/api/v1/powers/{id}"), format!("/api/v1/powers/{id}?on=2026-11-22")] {
                let answer = world.citizen().get(&path).await;
                assert_eq!((answer.status, &answer.body), (missing.status, &missing.body), "{path}");
                let names =
                    |answer: &Answer| answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
                assert_eq!(names(&answer), names(&missing), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_back_later_is_not_shown_as_it_once_stood() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let id = ask(&world, "/api/v1/powers").await["items"][0]["id"].as_i64().unwrap();
        let then = format!("/api/v1/powers/{id}?on=2026-11-22");
        world.app.clock.advance(3 * DAY);
        assert_eq!(world.citizen().get(&then).await.status, 200);
        publish(&world, id, |power| {
            power.disclosure = Some(Disclosure::Withheld { ground: None, approver: None, review_on: None });
        })
        .await;
        assert_eq!(world.citizen().get(&then).await.status, 404);
        assert_eq!(world.citizen().get(&format!("/api/v1/powers/{id}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_power_is_answered_as_it_stood_on_a_day() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let id = ask(&world, "/api/v1/powers").await["items"][0]["id"].as_i64().unwrap();
        let path = format!("/api/v1/powers/{id}");
        let before = ask(&world, &path).await;
        world.app.clock.advance(3 * DAY);
        publish(&world, id, |power| power.supervisor = Some("县纪委监委第三派出组".into())).await;
        let now = ask(&world, &path).await;
        assert_eq!(now["subjects"]["supervisor"], "县纪委监委第三派出组");
        assert_eq!(now["version"]["published_at"], "2026-11-25T10:00:00+08:00");
        assert_eq!(now["version"]["number"], before["version"]["number"].as_i64().unwrap() + 1);
        for day in ["2026-11-22", "2026-11-24"] {
            let then = ask(&world, &format!("{path}?on={day}")).await;
            assert_eq!(then["subjects"], before["subjects"], "{day}");
            assert_eq!(then["version"]["ended_at"], "2026-11-25T10:00:00+08:00");
        }
        assert_eq!(ask(&world, &format!("{path}?on=2026-11-25")).await, now);
        assert_eq!(world.citizen().get(&format!("{path}?on=2026-11-21")).await.status, 404);
    }
}

#[tokio::test]
async fn every_field_refuses_what_it_may_not_hold_by_its_name() {
    for world in worlds().await {
        let mut refused = 0;
        for endpoint in &ENDPOINTS {
            let path = endpoint.path.replace("{id}", "1");
            for field in endpoint.fields {
                let required = endpoint.fields.iter().any(|field| field.name == "q") && field.name != "q";
                let rest = if required { "q=%E6%95%99%E8%82%B2&" } else { "" };
                let answer = world.citizen().get(&format!("{path}?{rest}{}=%00", field.name)).await;
                assert_eq!(answer.status, 422, "{path} {}: {}", field.name, answer.body);
                let failure = json(&answer);
                assert_eq!(failure["field"], field.name);
                assert_eq!(failure["code"], "bad_value");
                assert!(failure["error"].as_str().unwrap().contains(field.name), "{failure}");
                refused += 1;
            }
        }
        assert!(refused > 20);
    }
}

#[tokio::test]
async fn odd_values_are_refused_in_words_and_unknown_fields_ignored() {
    for world in worlds().await {
        for (query, field, code) in [
            ("powers?page=0", "page", "bad_value"),
            ("powers?page=100001", "page", "bad_value"),
            ("powers?page=-1", "page", "bad_value"),
            ("powers?per_page=101", "per_page", "bad_value"),
            ("powers?unit=99999999999999999999", "unit", "bad_value"),
            ("powers?kind=External", "kind", "bad_value"),
            ("units/1?on=2026-02-30", "on", "bad_value"),
            ("units/1?on=2026-11-23", "on", "bad_value"),
            ("units/1?on=-0001-01-01", "on", "bad_value"),
            ("search", "q", "missing_value"),
            ("search?q=+", "q", "missing_value"),
            ("search?q=%E6%95%99", "q", "bad_value"),
            ("search?q=%E6%95%99%E8%82%B2%00", "q", "bad_value"),
        ] {
            let answer = world.citizen().get(&format!("/api/v1/{query}")).await;
            assert_eq!(answer.status, 422, "{query}: {}", answer.body);
            let failure = json(&answer);
            assert_eq!((&failure["field"], &failure["code"]), (&field.into(), &code.into()), "{query}");
        }
        for path in ["units/abc", "units/0", "units/-1", "units/99999999999999999999", "units/1/x", "nothing"]
        {
            let answer = world.citizen().get(&format!("/api/v1/{path}")).await;
            assert_eq!(
                (answer.status, &json(&answer)["code"]),
                (404.try_into().unwrap(), &"not_found".into()),
                "{path}"
            );
        }
        let plain = ask(&world, "/api/v1/units").await;
        assert_eq!(ask(&world, "/api/v1/units?colour=red&page=&category=").await, plain);
    }
}

#[tokio::test]
async fn pages_of_any_origin_may_read_and_never_with_credentials() {
    let world = worlds().await.remove(0);
    for path in
        ["/api/v1/units", "/api/v1/units/1", "/api/v1/units?page=0", "/api/v1/nothing", "/data/units.csv"]
    {
        let answer = world.citizen().get(path).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
    }
    let asking = Request::builder()
        .method(Method::OPTIONS)
        .uri("/api/v1/units")
        .header("origin", "https://example.org");
    let allowed = world.citizen().send(asking, Body::empty(), "/api/v1/units").await;
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.headers["access-control-allow-methods"], "GET, HEAD");
    for path in ["/", "/office/sign-in", "/api"] {
        let answer = world.citizen().get(path).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn nothing_personal_is_answered_about_people() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let people = every(&world, "/api/v1/cadres?per_page=100").await;
        assert_eq!(people.len(), 216);
        for person in &people {
            let body = world.citizen().get(&format!("/api/v1/cadres/{}", person["id"])).await.body;
            assert_eq!(daylight_ids::find::personal_data(&body), [], "{body}");
            for word in ["phone", "citizen", "sex", "political", "flags", "sealed"] {
                assert!(!body.contains(word), "{word}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_comes_from_the_page_cache_until_something_is_published() {
    let world = worlds().await.remove(0);
    world.import(&[handover()]).await;
    let id = ask(&world, "/api/v1/powers").await["items"][0]["id"].as_i64().unwrap();
    let path = format!("/api/v1/powers/{id}");
    let first = world.citizen().get(&path).await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let again = Request::get(&path).header("if-none-match", &tag);
    assert_eq!(world.citizen().send(again, Body::empty(), &path).await.status, 304);
    publish(&world, id, |power| power.matter = Some("行政给付".into())).await;
    let again = Request::get(&path).header("if-none-match", &tag);
    let answer = world.citizen().send(again, Body::empty(), &path).await;
    assert_eq!((answer.status, &json(&answer)["matter"]), (200.try_into().unwrap(), &"行政给付".into()));
    assert_eq!(world.app.clock.now(), NOW);
}
