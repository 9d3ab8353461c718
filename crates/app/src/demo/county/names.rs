//! Invented names of people and places.

use super::random::Random;
use std::collections::HashSet;

/// Names that public figures bear: no cadre of the demonstration may be taken for one of them.
const WELL_KNOWN: &str = include_str!("library/well_known.txt");

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏\
魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
const DOUBLE: [&str; 4] = ["欧阳", "上官", "司徒", "诸葛"];
/// First characters of given names, for either sex.
const MIDDLE: &str = "志文明建国永春秀德世玉家正学少光宗立成兴安启景维长天佳晓思若雨子诗云清书韵瑞海宏";
const LAST_MEN: &str = "远峰强军波勇杰涛刚斌辉鹏飞松林贵富祥全福根生华平伟康达凯旭航宇泽昌顺";
const LAST_WOMEN: &str = "芳兰英梅霞玲娟燕萍琴珍莉敏静丽雪婷琳洁芬蓉菊莲香怡颖妍雯欣月岚茹";

/// A person's name that no public figure of [`WELL_KNOWN`] bears.
pub(super) fn person(random: &mut Random, woman: bool, blocked: &HashSet<&str>) -> String {
    let surnames: Vec<char> = SURNAMES.chars().collect();
    let middle: Vec<char> = MIDDLE.chars().collect();
    let last: Vec<char> = if woman { LAST_WOMEN } else { LAST_MEN }.chars().collect();
    loop {
        let surname = if random.below(150) == 0 {
            (*random.pick(&DOUBLE)).to_owned()
        } else {
            // The first surnames of the list are the commonest in life too.
            let end = if random.chance(60) { 30 } else { surnames.len() };
            surnames[random.below(end)].to_string()
        };
        let end = *random.pick(&last);
        let name = if random.chance(18) {
            format!("{surname}{end}")
        } else {
            format!("{surname}{}{end}", random.pick(&middle))
        };
        if !blocked.contains(name.as_str()) {
            return name;
        }
    }
}

/// The block list.
pub(super) fn well_known() -> HashSet<&'static str> {
    let lines = WELL_KNOWN.lines().filter(|line| !line.starts_with("//"));
    lines.flat_map(str::split_whitespace).collect()
}

/// Stems that are the names of real counties or cities.
const REAL: [&str; 12] =
    ["柳林", "石林", "龙泉", "双峰", "长岭", "白泉", "金塘", "石泉", "清泉", "东坝", "青林", "梅林"];

/// Stems of township names, each once: "青石", "柳溪", then shuffled ones. Neighbours begin differently.
pub(super) fn township_stems(random: &mut Random) -> Vec<String> {
    let heads: Vec<char> = "云松石白清龙金双永长新和望桃梅竹枫桂鹤鹿榆槐茅瓦银沙马青柳".chars().collect();
    let tails: Vec<char> = "溪桥渡湾坪岭泉林坝洲塘峰沟店场渠".chars().collect();
    let mut stems: Vec<String> = ["青石", "柳溪"].map(str::to_owned).to_vec();
    let mut columns: Vec<Vec<char>> = heads.iter().map(|_| tails.clone()).collect();
    for column in &mut columns {
        random.shuffle(column);
    }
    // One of each head a round, so that two towns of a county seldom begin alike.
    while columns.iter().any(|column| !column.is_empty()) {
        let mut order: Vec<usize> = (0..heads.len()).collect();
        random.shuffle(&mut order);
        for at in order {
            let Some(tail) = columns[at].pop() else { continue };
            let stem = format!("{}{tail}", heads[at]);
            if !REAL.contains(&stem.as_str()) && !stems.contains(&stem) {
                stems.push(stem);
            }
        }
    }
    stems
}

/// Names of villages in a township, each once; no more than asked for.
pub(super) fn villages(random: &mut Random, count: usize) -> Vec<String> {
    const PLAIN: [&str; 44] = [
        "前进", "红星", "光明", "团结", "胜利", "丰收", "和平", "幸福", "向阳", "新民", "永兴", "太平",
        "大湾", "桃园", "柳树", "石桥", "双河", "高坪", "黄泥", "竹园", "茶园", "梨树", "花果", "柏树",
        "凉水", "三元", "五星", "七里", "十里", "新塘", "古井", "长春", "合兴", "万寿", "回龙", "天池",
        "板栗", "枣林", "水磨", "杉木", "东升", "联盟", "土门", "白鹤",
    ];
    let lands = ["湾", "沟", "坪", "坝", "院", "桥", "冲", "垭"];
    let mut names: Vec<String> = PLAIN.iter().map(|name| (*name).to_owned()).collect();
    random.shuffle(&mut names);
    // Some villages are called after the family that settled there.
    let families: Vec<char> = SURNAMES.chars().take(24).collect();
    let mut clans: Vec<String> =
        families.iter().map(|family| format!("{family}家{}", random.pick(&lands))).collect();
    random.shuffle(&mut clans);
    let step = 4;
    for (at, clan) in clans.into_iter().enumerate() {
        names.insert((at * step + 2).min(names.len()), clan);
    }
    names.truncate(count);
    names
}

/// Names of communities in a township, each once; no more than asked for.
pub(super) fn communities(random: &mut Random, count: usize) -> Vec<String> {
    let mut names: Vec<String> = [
        "建设",
        "滨河",
        "文昌",
        "北街",
        "南门",
        "东门",
        "西街",
        "新城",
        "广场",
        "和谐",
        "书院",
        "锦绣",
        "长虹",
        "迎宾",
        "人民路",
        "安居",
    ]
    .map(str::to_owned)
    .to_vec();
    random.shuffle(&mut names[1..]);
    names.truncate(count);
    names
}
