//! Search finds every piece of text that is public, and survives whatever is typed.

use crate::world::{Answer, Browser, World, handover, worlds};
use daylight_app::search::store::{Filter, find};
use daylight_db::{FromQueryResult, all, values};

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn search(browser: &Browser, query: &str) -> Answer {
    browser.get(&format!("/search?q={}", escape(query))).await
}

#[derive(FromQueryResult)]
struct Document {
    kind: String,
    subject_id: i64,
    title: String,
    detail: String,
    body: String,
}

async fn documents(world: &World) -> Vec<Document> {
    let sql = "SELECT kind, subject_id, title, detail, body FROM search_documents ORDER BY id";
    all(world.app.db.read(), sql, values![]).await.unwrap()
}

/// A small generator, so that a failure can be seen again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

#[tokio::test]
async fn every_substring_of_two_to_six_characters_finds_the_text_it_was_cut_from() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let documents = documents(&world).await;
        assert_eq!(
            documents.iter().filter(|document| document.kind == "power").count(),
            320,
            "public powers only"
        );
        let mut dice = Dice(20_261_122);
        let mut tried = 0;
        while tried < 300 {
            let document = &documents[dice.roll(documents.len())];
            let text = [&document.title, &document.detail, &document.body][dice.roll(3)];
            let words: Vec<Vec<char>> =
                text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().collect()).collect();
            let words: Vec<_> = words.into_iter().filter(|word| word.len() >= 2).collect();
            if words.is_empty() {
                continue;
            }
            let word = &words[dice.roll(words.len())];
            let length = (2 + dice.roll(5)).min(word.len());
            let start = dice.roll(word.len() - length + 1);
            let query: String = word[start..start + length].iter().collect();
            let found =
                find(world.app.db.read(), world.app.db.engine(), &query, &Filter::default(), 10_000, 0)
                    .await
                    .unwrap();
            let hit = found
                .hits
                .iter()
                .any(|hit| hit.kind == document.kind && hit.subject_id == document.subject_id);
            assert!(hit, "{query} of {} {} is not found", document.kind, document.title);
            // Neither more than a scan would find.
            let fold = |text: &str| text.to_lowercase();
            let scanned = documents.iter().filter(|document| {
                [&document.title, &document.detail, &document.body]
                    .iter()
                    .any(|text| fold(text).contains(&fold(&query)))
            });
            let latin = query.is_ascii();
            assert!(
                latin || usize::try_from(found.total).unwrap() == scanned.count(),
                "{query}: {}",
                found.total
            );
            tried += 1;
        }
    }
}

#[tokio::test]
async fn pinyin_and_initials_find_names() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        for query in ["教育局", "jiaoyuju", "jyj", "JYJ", "ｊｙｊ"] {
            let page = search(&world.citizen(), query).await.body;
            assert!(page.contains("href=\"/units/") && page.contains("局"), "{query}");
        }
    }
}

#[tokio::test]
async fn what_is_called_so_comes_before_what_only_mentions_it() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        for query in ["村民", "教育", "中心小学", "100%", "a_b\\c"] {
            let hits =
                find(world.app.db.read(), world.app.db.engine(), query, &Filter::default(), 10_000, 0).await;
            let hits = hits.unwrap().hits;
            let named: Vec<bool> = hits.iter().map(|hit| hit.title.contains(query)).collect();
            assert!(named.is_sorted_by(|a, b| a >= b), "{query}: {named:?}");
        }
        let page = search(&world.citizen(), "村民").await.body;
        let first = page.split("class=\"entries-title\"").nth(1).unwrap();
        assert!(first.contains("<mark>村民</mark>"), "{first}");
    }
}

#[tokio::test]
async fn the_match_is_marked_and_the_filters_say_how_many() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let page = search(&world.citizen(), "白鹤").await.body;
        let titles: Vec<_> = page.split("class=\"entries-title\"").skip(1).collect();
        assert!(titles[0].split_once('>').unwrap().1.starts_with("<mark>白鹤</mark>镇"), "{}", titles[0]);
        let total = find(world.app.db.read(), world.app.db.engine(), "白鹤", &Filter::default(), 1, 0)
            .await
            .unwrap()
            .total;
        assert!(page.contains(&format!("找到 {total} 条")));
        let q = escape("白鹤");
        // Each chip leads to a page with as many as it says.
        let mut chips = 0;
        for (at, _) in page.match_indices("<li><a href=\"/search?q=") {
            let chip = &page[at..at + page[at..].find("</li>").unwrap()];
            let Some((_, count)) = chip.split_once("class=\"count\">") else { continue };
            let count = count.split('<').next().unwrap();
            let href = chip.split('"').nth(1).unwrap().replace("&#38;", "&").replace("&amp;", "&");
            assert!(href.starts_with(&format!("/search?q={q}")), "{href}");
            let narrowed = world.citizen().get(&href).await.body;
            assert!(narrowed.contains(&format!("找到 {count} 条")), "{href} says {count}");
            chips += 1;
        }
        assert!(chips >= 8, "{chips} chips");
    }
}

#[tokio::test]
async fn pages_hold_every_hit_once() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let mut seen = std::collections::BTreeSet::new();
        let mut pages = 0;
        for number in 1..=100 {
            let page = world.citizen().get(&format!("/search?q={}&page={number}", escape("白鹤"))).await.body;
            let titles: Vec<_> = page
                .split("class=\"entries-title\" href=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned())
                .collect();
            for title in titles {
                assert!(seen.insert(title.clone()), "{title} twice");
            }
            pages = number;
            if !page.contains("rel=\"next\"") {
                break;
            }
        }
        assert!(pages > 1);
        let total = find(world.app.db.read(), world.app.db.engine(), "白鹤", &Filter::default(), 1, 0)
            .await
            .unwrap()
            .total;
        assert_eq!(seen.len(), usize::try_from(total).unwrap());
        let beyond = world.citizen().get(&format!("/search?q={}&page=9999", escape("白鹤"))).await.body;
        assert!(beyond.contains(&format!("第 {pages} 页")), "past the end is the end");
    }
}

#[tokio::test]
async fn what_is_kept_back_is_not_found() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        #[derive(FromQueryResult)]
        struct Row {
            id: i64,
            name: String,
        }
        let sql = "SELECT id, name FROM powers WHERE disclosed = $1";
        let hidden: Vec<Row> = all(world.app.db.read(), sql, values![false]).await.unwrap();
        assert_eq!(hidden.len(), 40);
        for Row { id, name } in hidden.iter().take(10) {
            let page = world.citizen().get(&format!("/search?kind=power&q={}", escape(name))).await.body;
            assert!(!page.contains(&format!("href=\"/powers/{id}\"")), "{name}");
        }
    }
}

#[tokio::test]
async fn one_character_is_answered_with_advice_and_nothing_found_with_a_way_on() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        for short in ["县", "a", "！？", "县 乡"] {
            let page = search(&citizen, short).await.body;
            assert!(page.contains("请至少写两个字"), "{short}");
        }
        let empty = citizen.get("/search").await.body;
        assert!(!empty.contains("请至少写两个字") && empty.contains("怎么搜得更准"));
        let none = search(&citizen, "龘龘龘").await.body;
        assert!(none.contains("没有找到“龘龘龘”") && none.contains("/divisions"));
        let narrowed = citizen.get(&format!("/search?kind=division&q={}", escape("教育局"))).await.body;
        assert!(narrowed.contains("在全部内容里找"));
    }
}

#[tokio::test]
async fn whatever_is_typed_is_only_text() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let long = "低保".repeat(400);
        let spaces = " 低保".repeat(60);
        for query in [
            "\"><script>alert(1)</script>",
            "' OR '1'='1",
            "低保' --",
            "低保\" OR \"x",
            "\"低保",
            "低保*",
            "NEAR(低保)",
            "低保 AND",
            "NOT 低保",
            "(低保",
            "低保)",
            ":*",
            "a:b",
            "a & b | !c",
            "低保 <-> 人",
            "\\",
            "%",
            "_",
            "低%保",
            "\0低保",
            "低\n保",
            "{{7*7}}",
            "&#60;",
            "zzgapzz",
            "😀😀",
            "𠮷𠮷",
            "ｄｂ",
            long.as_str(),
            spaces.as_str(),
            "\u{202E}低保",
        ] {
            let page = search(&world.citizen(), query).await;
            assert_eq!(page.status, 200, "{query:?}");
            assert!(!page.body.contains("<script>alert"), "{query:?}");
            assert!(!page.body.contains('\0'), "{query:?}");
        }
        for address in [
            "/search?q=%FF%FE",
            "/search?q=%",
            "/search?q=%E4%BD",
            "/search?&&&=&=1&q",
            "/search?q=ab&q=cd",
            "/search?unknown=1&q=ab",
            "/search?q=ab&page=0",
            "/search?q=ab&page=-1",
            "/search?q=ab&page=999999999999999999999",
            "/search?q=ab&page=x",
            "/search?q=ab&kind=account",
            "/search?q=ab&category=%27",
            "/search?q=ab&division=1%20OR%201",
            "/search?q=ab&division=99999999999",
            "/search?q[]=ab",
            "/search?q=ab&kind=unit&kind=power",
        ] {
            assert_eq!(world.citizen().get(address).await.status, 200, "{address}");
        }
    }
}
