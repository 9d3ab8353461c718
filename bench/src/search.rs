//! Search: recall against a scan, and latency.

use crate::{Arm, Bench, start::ensure_county, table};
use anyhow::Result;
use daylight_app::search::store::{Filter, find};
use daylight_db::{Db, all, scalar, values};
use serde_json::Value;
use std::time::Instant;

const QUERIES: usize = 1_000;

pub fn run(bench: &Bench) -> Result<()> {
    ensure_county(bench)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let db = Db::open(&format!("sqlite:{}", bench.county().join("daylight.db").display())).await?;
        let sql = "SELECT title, body FROM search_documents ORDER BY id";
        let texts: Vec<Value> = all(db.read(), sql, values![]).await?;
        let (mut ours, mut scan) = (Arm::new("pairs index, page of 20 with total"), Arm::new("limit: LIKE scan, count only"));
        let (mut found, mut asked) = (0_usize, 0_usize);
        let mut dice = Dice(20_261_122);
        while asked < QUERIES {
            let text = &texts[dice.below(texts.len())];
            let source = text[if dice.below(2) == 0 { "title" } else { "body" }].as_str().unwrap_or_default();
            let words: Vec<&str> = source.split(|c: char| !c.is_alphanumeric()).collect();
            let word: Vec<char> = words[dice.below(words.len())].chars().collect();
            if word.len() < 2 {
                continue;
            }
            let length = 2 + dice.below(word.len().min(6) - 1);
            let at = dice.below(word.len() - length + 1);
            let query: String = word[at..at + length].iter().collect();
            asked += 1;
            let began = Instant::now();
            let answer = find(db.read(), db.engine(), &query, &Filter::default(), 20, 0).await?;
            ours.rounds.push(began.elapsed().as_secs_f64() * 1000.0);
            let began = Instant::now();
            let sql = "SELECT COUNT(*) FROM search_documents WHERE LOWER(title || ' ' || detail || ' ' || body) LIKE $1";
            let truth: i64 = scalar(db.read(), sql, values![format!("%{}%", query.to_lowercase())]).await?;
            scan.rounds.push(began.elapsed().as_secs_f64() * 1000.0);
            // The scan sees no pinyin and crosses no word gap, so the index may find more, never fewer.
            found += usize::from(answer.total >= truth.min(10_001) && truth > 0);
        }
        let mut sorted = ours.rounds.clone();
        sorted.sort_by(f64::total_cmp);
        println!("\nsearch over {} texts: {found} of {asked} random substrings found completely", texts.len());
        println!("latency p50 {:.3} ms, p99 {:.3} ms", sorted[asked / 2], sorted[asked * 99 / 100]);
        table("search latency", "ms", &[&ours, &scan], &[("scan / ours", scan.median() / ours.median())]);
        Ok(())
    })
}

/// A small reproducible source of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % (bound as u64)).unwrap_or(0)
    }
}
