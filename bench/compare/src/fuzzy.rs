//! Fuzzy matching on the public FEBRL 4 set and on a Chinese set with known truth: precision, recall, F1, time.
//!
//! `left.csv` and `right.csv` have a column `rec_id`; records whose `truth` is equal are one person's.

use crate::data::mix;
use anyhow::{Context, Result, bail};
use daylight_matching::days;
use daylight_matching::fuzzy::{Config, Linked, Pool, Side, link};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// `fuzzy febrl|chinese DIR [rows]`; `fuzzy make DIR rows` writes a Chinese set.
pub fn run(words: &[String]) -> Result<()> {
    match words {
        [kind, dir] if kind == "febrl" || kind == "chinese" => measure(kind, Path::new(dir)),
        [kind, dir, rows] if kind == "make" => make(Path::new(dir), rows.parse()?),
        _ => bail!("fuzzy febrl|chinese DIR, or fuzzy make DIR ROWS"),
    }
}

fn measure(kind: &str, dir: &Path) -> Result<()> {
    let mut config = if kind == "febrl" { Config::latin() } else { Config::chinese() };
    config.one_to_one = true;
    config.threshold = 0.5;
    config.threads = std::thread::available_parallelism().map_or(1, usize::from);
    let names: Vec<&str> = config.fields.iter().map(|field| field.name).collect();
    let mut pool = Pool::new(&config);
    let start = Instant::now();
    let left = read(&dir.join("left.csv"), &names, Side::Left, &mut pool)?;
    let right = read(&dir.join("right.csv"), &names, Side::Right, &mut pool)?;
    let loaded = start.elapsed().as_secs_f64();
    let linked = link(&pool, &config);
    let wall = start.elapsed().as_secs_f64();
    report(&config, &linked, &left, &right);
    println!(
        "{wall:.3} s ({loaded:.3} s of it reading), peak {:.0} MiB",
        crate::arms::status("VmHWM")? / 1024.0
    );
    if std::env::var_os("SHOW").is_some() {
        show(&config, &pool, &linked, &left, &right);
    }
    Ok(())
}

fn read(path: &Path, names: &[&str], side: Side, pool: &mut Pool) -> Result<Vec<String>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|own| own.trim() == name);
    let places: Vec<Option<usize>> = names.iter().map(|name| place(name)).collect();
    let truth = place("truth").context("no column truth")?;
    let mut truths = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cells: Vec<&str> =
            places.iter().map(|at| at.and_then(|at| record.get(at)).unwrap_or("").trim()).collect();
        pool.push(side, &cells);
        truths.push(record[truth].to_owned());
    }
    Ok(truths)
}

fn report(config: &Config, linked: &Linked, left: &[String], right: &[String]) {
    let known: HashMap<&str, usize> =
        right.iter().enumerate().map(|(at, truth)| (truth.as_str(), at)).collect();
    let real = left.iter().filter(|truth| known.contains_key(truth.as_str())).count();
    let good = linked.matches.iter().filter(|own| left[own.left] == right[own.right]).count();
    let (precision, recall) =
        (good as f64 / linked.matches.len().max(1) as f64, good as f64 / real.max(1) as f64);
    let f1 = 2.0 * precision * recall / (precision + recall).max(1e-12);
    println!(
        "{} × {} records, {real} real pairs: precision {precision:.5}, recall {recall:.5}, F1 {f1:.5}, error {:.5}",
        left.len(),
        right.len(),
        1.0 - f1
    );
    println!(
        "{} candidates, left out by pass {:?}, prior {:.1} bits",
        linked.candidates, linked.left_out, linked.prior
    );
    // Calibration: what the probabilities promise beside what is so.
    for (low, high) in [(0.5, 0.8), (0.8, 0.95), (0.95, 0.99), (0.99, 0.999), (0.999, 1.1)] {
        let own: Vec<_> =
            linked.matches.iter().filter(|own| (low..high).contains(&own.probability)).collect();
        if own.is_empty() {
            continue;
        }
        let promised = own.iter().map(|own| own.probability).sum::<f64>() / own.len() as f64;
        let so = own.iter().filter(|own| left[own.left] == right[own.right]).count();
        println!(
            "  p {low}..{high}: {} matches, promised {promised:.4}, so {:.4}",
            own.len(),
            so as f64 / own.len() as f64
        );
    }
    for (field, own) in config.fields.iter().zip(&linked.model.fields) {
        println!("  {}: same {:.3?} strangers {:.5?}", field.name, own.same, own.strangers);
    }
}

fn show(config: &Config, pool: &Pool, linked: &Linked, left: &[String], right: &[String]) {
    let _ = pool;
    let told: HashMap<usize, usize> = linked.matches.iter().map(|own| (own.left, own.right)).collect();
    for own in linked.matches.iter().filter(|own| left[own.left] != right[own.right]).take(20) {
        let fields: Vec<String> = own
            .fields
            .iter()
            .map(|c| format!("{} {} {:.1}", config.fields[c.field].name, c.level, c.bits))
            .collect();
        println!("WRONG {} {} p {:.3} {fields:?}", left[own.left], right[own.right], own.probability);
    }
    let known: HashMap<&str, usize> =
        right.iter().enumerate().map(|(at, truth)| (truth.as_str(), at)).collect();
    let missed = left
        .iter()
        .enumerate()
        .filter(|(at, truth)| known.contains_key(truth.as_str()) && !told.contains_key(at));
    println!("MISSED {:?}", missed.map(|(_, truth)| truth).take(20).collect::<Vec<_>>());
}

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华玉萍红建国文志海春梅林玲飞云龙辉波鹏宇浩然子轩梓涵雨欣佳怡思琪俊峰晓东小红永生德福荣贵金宝银凤淑珍秀兰正清义忠良善学成家和新民振兴立业光大中山长江维康宁安泰祥瑞吉庆喜乐田根水木火土树森柏松竹菊莲荷秋冬夏雪冰月星晨曦阳光亮彩虹霖露霜";
/// Characters of one sound, as clerks hear them; not taken from the engine's tables.
const HEARD: [&str; 30] = [
    "伟维玮炜卫",
    "芳方",
    "英瑛莹",
    "敏闵",
    "静晶菁",
    "丽莉力立利",
    "磊蕾雷",
    "军君钧均",
    "勇永咏",
    "艳燕雁",
    "杰捷洁",
    "娟鹃",
    "涛滔",
    "明铭鸣",
    "兰岚澜",
    "霞侠",
    "平萍苹",
    "华桦花",
    "玉钰育",
    "红虹宏鸿洪",
    "建健剑",
    "国果",
    "文雯",
    "志智治",
    "梅玫",
    "玲灵凌",
    "云芸",
    "辉晖慧",
    "晓小筱",
    "俊骏峻",
];

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Whether something of so many in a thousand happens.
    fn of_thousand(&mut self, share: usize) -> bool {
        self.below(1000) < share
    }

    /// Low numbers are much likelier.
    fn skewed(&mut self, limit: usize) -> usize {
        self.below(limit).min(self.below(limit)).min(self.below(limit))
    }
}

/// Name, birth, sex, place, phone, account, id.
type Person = [String; 7];

fn person(dice: &mut Dice, places: usize) -> Person {
    let surnames: Vec<char> = SURNAMES.chars().collect();
    let given: Vec<char> = GIVEN.chars().collect();
    let mut name = String::from(surnames[dice.skewed(surnames.len())]);
    for _ in 0..1 + usize::from(!dice.of_thousand(250)) {
        name.push(given[dice.skewed(given.len())]);
    }
    let (year, month, day) = days::date(-12_000 + dice.below(24_000) as i32);
    let birth = format!("{year:04}{month:02}{day:02}");
    let sequence = dice.below(1000);
    let sex = if sequence % 2 == 1 { "男" } else { "女" };
    let body = format!("9999{:02}{birth}{sequence:03}", dice.below(20));
    let check = body.as_bytes().first_chunk::<17>().map_or('0', daylight_ids::CitizenId::check_char);
    [
        name,
        birth,
        sex.into(),
        format!("安澜县第{}村", dice.below(places)),
        format!("1{}{:09}", 3 + dice.below(7), dice.below(1_000_000_000)),
        format!("62220299{:011}", dice.below(100_000_000_000)),
        format!("{body}{check}"),
    ]
}

fn slip(dice: &mut Dice, text: &str) -> String {
    let mut own: Vec<u8> = text.bytes().collect();
    let at = dice.below(own.len());
    if dice.of_thousand(300) && at + 1 < own.len() {
        own.swap(at, at + 1);
    } else {
        own[at] = b'0' + dice.below(10) as u8;
    }
    String::from_utf8(own).unwrap_or_default()
}

/// What a second office writes down of the same person.
fn worn(dice: &mut Dice, places: usize, own: &Person) -> Person {
    let mut own = own.clone();
    let mut name: Vec<char> = own[0].chars().collect();
    let at = 1 + dice.below(name.len() - 1);
    match dice.below(1000) {
        0..100 => {
            if let Some(group) = HEARD.iter().find(|group| group.contains(name[at])) {
                let group: Vec<char> = group.chars().collect();
                name[at] = group[dice.below(group.len())];
            }
        }
        100..120 if name.len() == 3 => name.swap(1, 2),
        120..140 if name.len() == 3 => {
            name.remove(at);
        }
        140..170 => {
            let given: Vec<char> = GIVEN.chars().collect();
            name[at] = given[dice.below(given.len())];
        }
        _ => {}
    }
    own[0] = name.into_iter().collect();
    match dice.below(1000) {
        0..40 => own[1] = format!("{}{}{}", &own[1][..4], &own[1][6..], &own[1][4..6]),
        40..100 => own[1] = slip(dice, &own[1].clone()),
        100..150 => own[1].clear(),
        _ => {}
    }
    if dice.of_thousand(150) {
        own[3] = format!("安澜县第{}村", dice.below(places));
    }
    match dice.below(1000) {
        0..300 => own[4] = format!("1{}{:09}", 3 + dice.below(7), dice.below(1_000_000_000)),
        300..340 => own[4] = slip(dice, &own[4].clone()),
        340..540 => own[4].clear(),
        _ => {}
    }
    if dice.of_thousand(600) {
        own[5].clear();
    }
    match dice.below(1000) {
        0..700 => own[6].clear(),
        _ => own[6] = slip(dice, &own[6].clone()),
    }
    own
}

/// Writes two tables of so many records; half of the persons stand in both.
fn make(dir: &Path, rows: usize) -> Result<()> {
    const SEED: u64 = 20_261_122;
    println!("seed {SEED}, {rows} records on each side");
    std::fs::create_dir_all(dir)?;
    let open = |name: &str| -> Result<BufWriter<File>> { Ok(BufWriter::new(File::create(dir.join(name))?)) };
    let (mut left, mut right) = (open("left.csv")?, open("right.csv")?);
    for out in [&mut left, &mut right] {
        writeln!(out, "rec_id,truth,姓名,出生日期,性别,地区,电话,账号,证件号")?;
    }
    let places = (rows / 500).max(20);
    let mut dice = Dice(SEED);
    let mut rights = Vec::with_capacity(rows);
    for number in 0..rows {
        let own = person(&mut dice, places);
        let mut written = own.clone();
        // The first office lacks things too, and has no valid id.
        if dice.of_thousand(100) {
            written[4].clear();
        }
        match dice.below(1000) {
            0..600 => written[6].clear(),
            _ => written[6] = slip(&mut dice, &own[6]),
        }
        writeln!(left, "l{number},p{number},{}", written.join(","))?;
        let (truth, other) = if number % 2 == 0 {
            (format!("p{number}"), worn(&mut dice, places, &own))
        } else {
            let stranger = person(&mut dice, places);
            (format!("q{number}"), worn(&mut dice, places, &stranger))
        };
        rights.push((dice.next(), truth, other));
    }
    rights.sort();
    for (number, (_, truth, own)) in rights.iter().enumerate() {
        writeln!(right, "r{number},{truth},{}", own.join(","))?;
    }
    Ok(())
}
