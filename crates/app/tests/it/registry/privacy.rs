//! What no public page may show, and what hostile names may not do.

use super::{CADRES, POWERS, STEPS, UNITS, cadre_path, import_lists, open, power_path, unit_path};
use crate::world::{World, handover, worlds};
use axum::http::Method;
use daylight_app::{
    authz::Role,
    imports::{layouts, run::apply, store::By},
    web::Access,
};
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

/// What fills a parameter of a public route; a route with a new one must say here what to fill it with.
async fn fillings(world: &World, route: &str, parameter: &str) -> Vec<String> {
    let linked = async |page: &str, prefix: &str| -> Vec<String> {
        let body = open(&world.citizen(), page).await.body;
        let parts = body.split(prefix).skip(1);
        parts.map(|part| part.split(['"', '?', '#']).next().unwrap().to_owned()).collect()
    };
    let before = route.split(&format!("/{{{parameter}}}")).next().unwrap();
    match (before, parameter) {
        ("/sitemap", "part") => vec!["1.xml".to_owned()],
        ("/assets", "name") => linked("/", "/assets/").await,
        ("/data", "file") => linked("/data", "\"/data/").await,
        ("/office/invitation", "token") => vec!["nobody".to_owned()],
        ("/oversight", "file") => linked("/oversight", "\"/oversight/").await,
        ("/reports/evidence", "file") => vec!["0".repeat(32)],
        // Drawn when an outcome is published; none is.
        ("/outcomes", "id") => vec!["1".to_owned()],
        // A round is open: the questions about every cadre.
        ("/rate", "subject") => {
            let cadres = ids(world, "cadres").await.into_iter().map(|id| format!("cadre-{id}"));
            cadres.chain(["power-1".to_owned()]).collect()
        }
        (_, "id") => {
            let table = before.rsplit('/').next().unwrap();
            let known = ["units", "powers", "cadres", "divisions", "bases"];
            assert!(known.contains(&table), "{route}: say in this test whose ids these are");
            let ids = ids(world, table).await;
            // Every cadre: it is their numbers that must not be shown. Of the others a good part.
            let step = if table == "cadres" { 1 } else { ids.len() / 40 + 1 };
            ids.into_iter().step_by(step).map(|id| id.to_string()).collect()
        }
        _ => panic!("{route}: say in this test what fills {{{parameter}}}"),
    }
}

/// What a page is asked besides its path.
fn questions(route: &str) -> Vec<String> {
    let list = |asked: &[&str]| asked.iter().map(|asked| (*asked).to_owned()).collect();
    match route {
        "/cadres" => (1..=8).map(|page| format!("?page={page}")).collect(),
        "/units/{id}" => {
            list(&["", "?panel=structure", "?panel=powers", "?panel=cadres", "?panel=cadres&on=2026-11-22"])
        }
        "/cadres/{id}" | "/powers/{id}" => list(&["", "?on=2026-11-22"]),
        "/search" | "/api/v1/search" => list(&["?q=孙波", "?q=安澜县", "?q=139", "?q=999901"]),
        _ => list(&[""]),
    }
}

/// Every path of every public GET route of the table, with the route it belongs to.
async fn every_public_path(world: &World) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for route in daylight_app::routes() {
        let public = matches!(route.access, Access::Public | Access::PublicFresh);
        if route.method != Method::GET || !public {
            continue;
        }
        let mut paths = vec![String::new()];
        for part in route.path.split('/').skip(1) {
            let fill = match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(parameter) => fillings(world, route.path, parameter).await,
                None => vec![part.to_owned()],
            };
            paths =
                paths.iter().flat_map(|path| fill.iter().map(move |part| format!("{path}/{part}"))).collect();
        }
        for path in paths {
            found.extend(
                questions(route.path).into_iter().map(|asked| (route.path, format!("{path}{asked}"))),
            );
        }
    }
    found
}

#[derive(FromQueryResult)]
struct SealedRow {
    citizen_id_sealed: Option<Vec<u8>>,
    citizen_id_index: Option<Vec<u8>>,
    phone_sealed: Option<Vec<u8>>,
    phone_index: Option<Vec<u8>>,
}

/// What is sealed, and the indexes, as they would look in a text.
async fn sealed(world: &World) -> Vec<String> {
    let sql = "SELECT citizen_id_sealed, citizen_id_index, phone_sealed, phone_index FROM cadres";
    let rows: Vec<SealedRow> = all(world.app.db.read(), sql, values![]).await.unwrap();
    let values = rows
        .into_iter()
        .flat_map(|row| [row.citizen_id_sealed, row.citizen_id_index, row.phone_sealed, row.phone_index]);
    // Behind the header, which all of one key share.
    let spelled = values.flatten().flat_map(|value| {
        let hex = data_encoding::HEXLOWER.encode(&value[8..24]);
        [hex.to_uppercase(), hex, data_encoding::BASE64.encode(&value[9..24])]
    });
    spelled.collect()
}

#[tokio::test]
async fn no_public_answer_holds_a_citizen_id_telephone_sealed_value_or_login() {
    const LOGIN: &str = "lin.zhiyuan.7";
    let secrets = secrets();
    assert!(secrets.len() > 400, "ids and telephones of {} spellings", secrets.len());
    for world in worlds().await {
        // Taken over in somebody's name, so that a login stands beside everything.
        world.staff(LOGIN, Role::Publisher, None).await;
        let plan = world.plan(&[handover()]).await;
        let by = By { account_id: Some(1), name: LOGIN.into(), import_id: None };
        apply(&world.app.db, &world.app.vault, &world.app.clock, plan, &by, &|_, _| {}).await.unwrap();
        let now = world.app.clock.now();
        daylight_app::demo::ratings::fill(&world.app.db, &world.app.vault, now).await.unwrap();
        let sealed: BTreeSet<String> = sealed(&world).await.into_iter().collect();
        assert!(sealed.len() > 1_000);
        let (mut seen, mut answered) = (BTreeSet::new(), BTreeSet::new());
        for (route, path) in every_public_path(&world).await {
            let answer = world.citizen().get(&path).await;
            seen.insert(route);
            if answer.status == 200 {
                answered.insert(route);
            }
            let mut text = answer.body;
            for (name, value) in &answer.headers {
                text.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())));
            }
            assert_eq!(shown(&text, &secrets), None, "{path}");
            assert!(!text.contains(LOGIN), "{path} shows a login");
            // Sealed bytes in hexadecimal or Base64 make long runs of letters.
            let runs = text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/".contains(c));
            for run in runs.filter(|run| run.len() >= 20) {
                assert!(
                    !sealed.iter().any(|value| run.contains(value.as_str())),
                    "{path} shows a sealed value"
                );
            }
            if ["/cadres", "/units"].iter().any(|of| path.starts_with(of)) {
                for word in ["中共党员", "民主党派", "政治面貌", "性别"] {
                    assert!(!text.contains(word), "{path} shows {word}");
                }
            }
        }
        // An answer that says "not found" proves nothing. What these show is held in the tests of invitations,
        // outcomes and evidence.
        let unanswered: Vec<_> = seen.difference(&answered).collect();
        assert_eq!(
            unanswered,
            [&"/office/invitation/{token}", &"/outcomes/{id}", &"/reports/evidence/{file}"]
        );
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
