//! What no public page may show, and what hostile names may not do.

use super::{CADRES, POWERS, STEPS, UNITS, cadre_path, import_lists, open, power_path, unit_path};
use crate::world::{Browser, World, handover, worlds};
use daylight_app::imports::layouts;
use daylight_db::{FromQueryResult, all, values};
use std::collections::BTreeSet;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
}

async fn ids(world: &World, table: &str) -> Vec<i64> {
    let rows: Vec<Row> =
        all(world.app.db.read(), &format!("SELECT id FROM {table} ORDER BY id"), values![]).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

/// Citizen ids and telephones as the office wrote them and as they are read.
fn secrets() -> BTreeSet<String> {
    let file = handover().join("cadres.xlsx");
    let read = daylight_tables::read_all(&file, &layouts(&Default::default()), &Default::default()).unwrap();
    let mut secrets = BTreeSet::new();
    for row in &read.rows {
        for key in ["citizen_id", "phone"] {
            for text in [row.text(key), row.raw(key)] {
                secrets.insert(text.trim().to_owned());
                secrets.insert(daylight_ids::text::squash(text));
            }
        }
    }
    secrets.retain(|secret| secret.chars().filter(char::is_ascii_digit).count() >= 7);
    secrets
}

/// The secret that a page shows, if it shows one.
fn shown<'a>(body: &str, secrets: &'a BTreeSet<String>) -> Option<&'a String> {
    // Nearly all are bare digits: only the runs of digits of a page need to be held against them.
    let runs: Vec<&str> =
        body.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= 7).collect();
    let plain = |secret: &str| secret.chars().all(|c| c.is_ascii_alphanumeric());
    secrets.iter().find(|secret| {
        if plain(secret) { runs.iter().any(|run| run.contains(*secret)) } else { body.contains(*secret) }
    })
}

async fn every_page(world: &World) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for id in ids(world, "cadres").await {
        paths.push(format!("/cadres/{id}"));
    }
    for id in ids(world, "cadres").await.into_iter().step_by(9) {
        paths.extend([format!("/cadres/{id}/history"), format!("/cadres/{id}?on=2026-11-22")]);
    }
    for id in ids(world, "units").await {
        for rest in [
            "",
            "?panel=structure",
            "?panel=powers",
            "?panel=cadres",
            "?panel=cadres&on=2026-11-22",
            "/feed.xml",
        ] {
            paths.push(format!("/units/{id}{rest}"));
        }
    }
    paths.extend((1..=8).map(|page| format!("/cadres?page={page}")));
    let citizen: Browser = world.citizen();
    let mut pages = Vec::new();
    for path in paths {
        let body = open(&citizen, &path).await.body;
        pages.push((path, body));
    }
    pages
}

#[tokio::test]
async fn no_page_shows_a_cadres_citizen_id_telephone_sex_or_party() {
    let secrets = secrets();
    assert!(secrets.len() > 400, "ids and telephones of {} spellings", secrets.len());
    for world in worlds().await {
        world.import(&[handover()]).await;
        for (path, body) in every_page(&world).await {
            assert_eq!(shown(&body, &secrets), None, "{path}");
            for word in ["中共党员", "民主党派", "政治面貌", "性别"] {
                assert!(!body.contains(word), "{path} shows {word}");
            }
        }
    }
}

#[tokio::test]
async fn a_cadre_is_shown_with_posts_duties_and_since_when() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = cadre_path(&world, "孙波").await;
        let page = open(&world.citizen(), &path).await;
        let unit = unit_path(&world, "安澜县委办公室").await;
        for word in ["<h1>孙波</h1>", "主任", "负责主任岗位工作", "2023年9月", "群众评价", "廉洁档案"]
        {
            assert!(page.body.contains(word), "{word}: {}", page.body);
        }
        assert!(page.body.contains(&format!("href=\"{unit}\"")));
    }
}

#[tokio::test]
async fn hostile_names_stay_words_on_every_page() {
    const BAD: &str = "<script>alert(1)</script>\"'&<b>";
    // As a CSV field.
    let bad = format!("\"{}\"", BAD.replace('"', "\"\""));
    let line = |fields: &[&str]| format!("{}\n", fields.join(","));
    let named = |name: &str| bad.replacen("<script>", &format!("{name}<script>"), 1);
    let (unit, power, cadre) = (named("单位"), named("权力"), named("人"));
    let lists = [
        (
            "units.csv",
            UNITS.to_owned()
                + &line(&["县级部门", &unit, "", "", "", &bad, "", &bad, &bad])
                + &line(&["县级部门", "下级单位", "", &unit, "", &bad, "", "", ""]),
        ),
        (
            "powers.csv",
            POWERS.to_owned()
                + &line(&[
                    &unit,
                    &power,
                    "外部职责",
                    "决定",
                    &bad,
                    &bad,
                    &bad,
                    &bad,
                    &bad,
                    &bad,
                    "高",
                    &bad,
                    "是",
                ]),
        ),
        (
            "procedures.csv",
            STEPS.to_owned() + &line(&[&unit, &power, "1", &bad, &bad, "1天", &bad, &bad, "", &bad]),
        ),
        ("cadres.csv", CADRES.to_owned() + &line(&[&cadre, "", "", "", &unit, &bad, "2023年9月", &bad, ""])),
    ];
    for world in worlds().await {
        import_lists(&world, &lists.each_ref().map(|(name, text)| (*name, text.as_str()))).await;
        let unit_id = ids(&world, "units").await[0];
        let (unit, power) =
            (format!("/units/{unit_id}"), format!("/powers/{}", ids(&world, "powers").await[0]));
        let cadre = format!("/cadres/{}", ids(&world, "cadres").await[0]);
        let mut paths = vec!["/units".to_owned(), "/powers".into(), "/cadres".into(), "/bases".into()];
        for rest in [
            "",
            "?panel=structure",
            "?panel=powers",
            "?panel=cadres",
            "?panel=reports",
            "/history",
            "/sheet",
            "/qr.svg",
            "/feed.xml",
            "?on=2026-11-22",
        ] {
            paths.push(format!("{unit}{rest}"));
        }
        for rest in ["", "/history", "/sheet", "/qr.svg", "?on=2026-11-22", "?on=2020-01-01"] {
            paths.push(format!("{power}{rest}"));
        }
        for rest in ["", "/history", "?on=2026-11-22", "?on=2020-01-01"] {
            paths.push(format!("{cadre}{rest}"));
        }
        paths.push(format!("/bases/{}", ids(&world, "bases").await[0]));
        for browser in [world.citizen(), world.citizen().elder()] {
            for path in &paths {
                let answer = browser.get(path).await;
                assert!(answer.status == 200 || path.ends_with("2020-01-01"), "{path}: {}", answer.status);
                assert!(!answer.body.contains("<script>alert"), "{path}: {}", answer.body);
                assert!(
                    !answer.body.contains("<b>\"") && !answer.body.contains("&<b>"),
                    "{path}: {}",
                    answer.body
                );
            }
        }
        let page = open(&world.citizen(), &power).await;
        assert!(page.body.contains("alert(1)"), "the words themselves are shown");
    }
}

#[tokio::test]
async fn a_name_with_quotes_and_signs_is_found_in_the_past() {
    for world in worlds().await {
        let name = "县\"一\"局\\所%_";
        let field = format!("\"{}\"", name.replace('"', "\"\""));
        let lists = [
            ("units.csv", format!("{UNITS}县级部门,{field},,,,办事,,,\n县级部门,下级,,{field},,办事,,,\n")),
            ("cadres.csv", format!("{CADRES}林知远,,,,{field},局长,2023年9月,全面,\n")),
            ("powers.csv", format!("{POWERS}{field},审批,外部职责,决定,,,,,,,,,是\n")),
        ];
        import_lists(&world, &lists.each_ref().map(|(name, text)| (*name, text.as_str()))).await;
        let unit = format!("/units/{}", ids(&world, "units").await[0]);
        let then = open(&world.citizen(), &format!("{unit}?panel=cadres&on=2026-11-22")).await;
        assert!(then.body.contains("林知远"), "{}", then.body);
        let then = open(&world.citizen(), &format!("{unit}?panel=structure&on=2026-11-22")).await;
        assert!(then.body.contains("下级</a>"), "{}", then.body);
        let _ = power_path(&world, name, "审批").await;
    }
}
