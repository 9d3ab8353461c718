//! The promises of the demonstration, counted on the files themselves.

use super::*;
use daylight_ids::{CitizenId, CreditCode, DivisionCode, DivisionLevel, Phone, Sex};
use daylight_tables::value::{parse_month, parse_time_limit, split_list};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

const SEED: u64 = 20_260;

/// A file as rows of named cells.
type Rows = Vec<HashMap<String, String>>;

struct Files {
    divisions: Rows,
    units: Rows,
    cadres: Rows,
    powers: Rows,
    steps: Rows,
    organs: Vec<Organ>,
}

fn files(scale: Scale) -> Files {
    let plan = generate(scale, SEED);
    let rows = |name: &str| -> Rows {
        let (_, bytes) = plan.files.iter().find(|(file, _)| file == name).unwrap();
        let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').expect("a byte order mark");
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
    };
    Files {
        divisions: rows("行政区划名册.csv"),
        units: rows("单位名册.csv"),
        cadres: rows("干部名册.csv"),
        powers: rows("权力事项清单.csv"),
        steps: rows("行权流程表.csv"),
        organs: plan.organs.clone(),
    }
}

// Generated once: the county takes a second in a debug build.
static VILLAGE: LazyLock<Files> = LazyLock::new(|| files(Scale::Village));
static COUNTY_FILES: LazyLock<Files> = LazyLock::new(|| files(Scale::County));
static CITY: LazyLock<Files> = LazyLock::new(|| files(Scale::City));

fn all() -> [&'static Files; 3] {
    [&VILLAGE, &COUNTY_FILES, &CITY]
}

fn totals(files: &Files) -> [usize; 5] {
    [&files.divisions, &files.units, &files.cadres, &files.powers, &files.steps].map(Vec::len)
}

fn count(rows: &Rows, column: &str, value: &str) -> usize {
    rows.iter().filter(|row| row[column] == value).count()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_county() {
    assert_eq!(generate(Scale::Village, 1), generate(Scale::Village, 1));
    assert_ne!(generate(Scale::Village, 1).files, generate(Scale::Village, 2).files);
    // Counts do not hang on the seed.
    let lines = |seed| {
        let files = generate(Scale::Village, seed).files;
        files
            .into_iter()
            .map(|(_, bytes)| csv::Reader::from_reader(&*bytes).records().count())
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(1)[..4], lines(2)[..4]);
}

#[test]
fn each_scale_holds_exactly_what_its_documentation_says() {
    assert_eq!(totals(&VILLAGE)[..4], [13, 30, 100, 250]);
    assert_eq!(totals(&COUNTY_FILES)[..4], [617, 875, 4_709, 9_484]);
    assert_eq!(totals(&CITY)[..4], [3_677, 4_485, 9_582, 9_480]);
    assert!((60_000..=66_000).contains(&COUNTY_FILES.steps.len()), "{}", COUNTY_FILES.steps.len());
}

#[test]
fn the_county_has_its_cadres_in_the_right_places() {
    let category: HashMap<&str, &str> =
        COUNTY_FILES.units.iter().map(|row| (&*row["单位名称"], &*row["单位类别"])).collect();
    let of = |categories: &[&str]| {
        let rows = COUNTY_FILES.cadres.iter();
        rows.filter(|row| categories.contains(&category[&*row["工作单位"]])).count()
    };
    assert_eq!(of(&["村", "社区"]), 3_195);
    assert_eq!(of(&["四大机构"]), 51 + 24);
    assert_eq!(of(&["县级部门"]), 114 + 392);
    assert_eq!(of(&["乡镇"]), 91 + 320);
    assert_eq!(of(&["学校", "医院", "国有企业"]), 300 + 62 + 22 + 94 + 44);
}

#[test]
fn the_city_has_its_counties_townships_and_villages() {
    let level = |level| count(&CITY.divisions, "级别", level);
    assert_eq!([level("县级"), level("乡级"), level("村级")], [10, 216, 3_449]);
    for county in std::iter::once(&COUNTY).chain(&OTHER_COUNTIES) {
        assert_eq!(count(&CITY.units, "单位名称", &format!("{county}教育局")), 1);
    }
}

#[test]
fn all_eight_categories_are_there_at_every_scale() {
    for files in all() {
        for category in ["四大机构", "县级部门", "乡镇", "村", "社区", "学校", "医院", "国有企业"]
        {
            assert!(count(&files.units, "单位类别", category) > 0, "{category}");
        }
    }
}

#[test]
fn every_division_is_fictional_and_hangs_on_the_one_above() {
    for files in all() {
        let mut codes = HashSet::new();
        for row in &files.divisions {
            let code = DivisionCode::parse(&row["区划代码"]).unwrap();
            assert_eq!(code.as_str(), row["区划代码"]);
            assert!(code.as_str().starts_with("99"));
            assert_eq!(code.level().page(), row["级别"]);
            assert!(codes.insert(code.as_str().to_owned()), "{code} twice");
            if code.level() != DivisionLevel::Province {
                assert_eq!(code.parent().unwrap().as_str(), row["上级代码"]);
                assert!(codes.contains(&row["上级代码"]), "{code} before the division above");
            }
        }
        let at_unknown = files.units.iter().filter(|row| !codes.contains(&row["行政区划代码"]));
        assert_eq!(at_unknown.count(), 0);
    }
}

#[test]
fn every_unit_has_its_own_name_and_a_valid_code_of_its_own() {
    for files in all() {
        let (mut names, mut codes, mut phones) = (HashSet::new(), HashSet::new(), HashSet::new());
        for row in &files.units {
            assert!(names.insert(&row["单位名称"]), "{} twice", row["单位名称"]);
            let code = CreditCode::parse(&row["统一社会信用代码"]).unwrap();
            assert!(code.division6().starts_with("9999"));
            assert!(codes.insert(code));
            assert!(phones.insert(Phone::parse(&row["联系电话"]).unwrap()));
            assert!((3..=6).contains(&row["主要职责"].lines().count()), "{}", row["单位名称"]);
            assert!(!row["主要职责"].contains(['{', '}']) && !row["办公地址"].is_empty());
        }
        let strangers = files
            .units
            .iter()
            .filter(|row| !row["上级主管单位"].is_empty() && !names.contains(&row["上级主管单位"]));
        assert_eq!(strangers.count(), 0, "every parent is a unit of the roster");
        let closed = count(&files.units, "办公时间", "");
        assert!(closed >= 1 && closed <= 1 + files.units.len() / 80, "{closed} units without hours");
    }
}

#[test]
fn villages_stand_under_their_township_and_schools_under_the_bureau_of_education() {
    for row in &COUNTY_FILES.units {
        let (name, parent) = (&row["单位名称"], &row["上级主管单位"]);
        match row["单位类别"].as_str() {
            "村" | "社区" => {
                assert!(name.starts_with(parent.trim_end_matches("人民政府")), "{name} under {parent}");
            }
            "学校" => assert_eq!(parent, "安澜县教育局"),
            "医院" => assert_eq!(parent, "安澜县卫生健康局"),
            "国有企业" => assert_eq!(parent, "安澜县国有资产监督管理局"),
            _ => assert_eq!(parent, ""),
        }
    }
}

#[test]
fn every_cadre_has_a_valid_invented_identity() {
    let blocked = names::well_known();
    assert!(blocked.len() > 300);
    for files in all() {
        let units: HashSet<_> = files.units.iter().map(|row| &row["单位名称"]).collect();
        let mut ids = HashSet::new();
        for row in &files.cadres {
            let id = CitizenId::parse(&row["公民身份号码"]).unwrap();
            let sex = if id.sex() == Sex::Male { "男" } else { "女" };
            assert_eq!(sex, row["性别"]);
            assert!(id.area().starts_with("9999") && (1960..=2000).contains(&id.birth_date().0));
            let since = parse_month(&row["任现职时间"]).unwrap();
            assert!(since.month.is_some() && since.year >= i32::from(id.birth_date().0) + 18);
            assert!(ids.insert(id), "one post each");
            assert!(Phone::parse(&row["联系方式"]).unwrap().is_mobile());
            assert!(units.contains(&row["工作单位"]));
            assert!(!row["现任职务"].is_empty() && !row["分管（负责）工作"].is_empty());
            assert!(!blocked.contains(&*row["姓名"]), "{} is somebody's name", row["姓名"]);
        }
    }
    for account in accounts() {
        assert!(!blocked.contains(account.name), "{}", account.name);
    }
}

#[test]
fn every_power_says_all_that_a_power_must_say() {
    for files in all() {
        let units: HashSet<_> = files.units.iter().map(|row| &row["单位名称"]).collect();
        let mut known = HashSet::new();
        for row in &files.powers {
            assert!(known.insert((&row["单位名称"], &row["权力名称"])), "{row:?}");
            assert!(units.contains(&row["单位名称"]));
            assert!(
                ["外部职责", "内部管理", "班子成员岗位", "中层岗位"].contains(&&*row["权力类别"]),
                "{row:?}"
            );
            assert!(["初审", "复核", "管理", "决定", "决策"].contains(&&*row["权力类型"]), "{row:?}");
            assert!(["低", "中", "较高", "高"].contains(&&*row["风险等级"]), "{row:?}");
            assert!(split_list(&row["行权依据"]).iter().all(|basis| basis.starts_with('《')), "{row:?}");
            assert!(split_list(&row["防控措施"]).len() >= 3, "{row:?}");
            assert!(row.iter().all(|(_, cell)| !cell.is_empty()), "{row:?}");
            assert!(["是", "否"].contains(&&*row["是否公开"]));
        }
        for unit in units {
            assert!(known.iter().any(|(holder, _)| *holder == unit), "{unit} holds no power");
        }
    }
}

#[test]
fn every_power_has_a_procedure_whose_ways_lead_somewhere() {
    for files in all() {
        let powers: HashSet<_> =
            files.powers.iter().map(|row| (&row["单位名称"], &row["权力名称"])).collect();
        let mut procedures: HashMap<_, Vec<_>> = HashMap::new();
        for row in &files.steps {
            procedures.entry((&row["单位名称"], &row["权力名称"])).or_default().push(row);
        }
        assert_eq!(procedures.len(), powers.len());
        let mut without_limit = 0;
        for (power, steps) in &procedures {
            assert!(powers.contains(power), "{power:?}");
            assert!((4..=9).contains(&steps.len()), "{power:?}");
            let mut reached = HashSet::from([1]);
            for (at, step) in steps.iter().enumerate() {
                assert_eq!(step["环节序号"], (at + 1).to_string());
                for way in step["下一环节"].split('；').filter(|way| !way.is_empty()) {
                    let (when, to) = way.split_once('→').unwrap_or(("", way));
                    let to: usize = to.parse().unwrap();
                    assert!((1..=steps.len()).contains(&to) && to != at + 1, "{power:?} {way}");
                    assert!(to > at || !when.is_empty(), "{power:?}: a way back says why");
                    reached.insert(to);
                }
                without_limit += usize::from(step["办理时限"].is_empty());
                assert!(
                    step["办理时限"].is_empty() || parse_time_limit(&step["办理时限"]).is_ok(),
                    "{step:?}"
                );
                let words = ["环节名称", "承办岗位", "职责要求", "监督制约环节", "投诉举报途径"];
                assert!(
                    words.iter().all(|word| !step[*word].is_empty() && !step[*word].contains('{')),
                    "{step:?}"
                );
            }
            assert_eq!(reached.len(), steps.len(), "{power:?}: every step is reached");
        }
        let share = without_limit * 1000 / files.steps.len();
        assert!((5..=15).contains(&share), "{without_limit} steps without a limit");
    }
}

#[test]
fn heads_who_take_steps_are_on_the_roster() {
    // Posts above the desks: a citizen who reads "镇长" finds the person on the unit's page.
    let posts: HashSet<_> =
        COUNTY_FILES.cadres.iter().map(|row| (&row["工作单位"], &*row["现任职务"])).collect();
    let heads = [
        "局长",
        "镇长",
        "乡长",
        "校长",
        "园长",
        "院长",
        "董事长",
        "党支部书记、村民委员会主任",
        "财政所所长",
        "村务监督委员会主任",
    ];
    let steps = COUNTY_FILES.steps.iter().filter(|row| heads.contains(&&*row["承办岗位"]));
    let mut seen = 0;
    for step in steps {
        seen += 1;
        assert!(posts.contains(&(&step["单位名称"], &*step["承办岗位"])), "{step:?}");
    }
    assert!(seen > 5_000, "{seen}");
}

#[test]
fn the_library_is_used_to_the_last_line() {
    let library = library::Library::read();
    let used: HashSet<_> = COUNTY_FILES.powers.iter().map(|row| &*row["权力名称"]).collect();
    let unused: Vec<_> =
        library.templates.iter().map(|template| template.name).filter(|name| !used.contains(name)).collect();
    assert_eq!(unused, Vec::<&str>::new());
    assert!(library.templates.len() >= 120);
    let wanted: HashSet<_> = library.templates.iter().map(|template| template.shape).collect();
    let spare: Vec<_> = library.shapes.keys().filter(|name| !wanted.contains(**name)).collect();
    assert_eq!(spare, Vec::<&&str>::new());
}

#[test]
fn accounts_fit_every_scale() {
    for files in all() {
        for account in accounts() {
            // A role of an organ is bound to one of those that the demonstration registers.
            let organ = |unit: &str| files.organs.iter().any(|organ| organ.name == unit);
            let known = |unit| count(&files.units, "单位名称", unit) == 1 || organ(unit);
            assert!(account.unit.is_none_or(known), "{account:?}");
        }
    }
    let logins: HashSet<_> = accounts().iter().map(|account| account.login).collect();
    assert_eq!(logins.len(), accounts().len());
}

#[test]
fn scales_read_from_their_names() {
    assert_eq!("county".parse(), Ok(Scale::County));
    assert_eq!(
        "Town".parse::<Scale>().unwrap_err().to_string(),
        "没有“Town”这个规模，可选：village、county、city"
    );
}

#[test]
fn every_unit_but_the_commissions_own_is_watched_and_nobody_watches_themselves() {
    use crate::organs::{Kind, fits_under};
    for scale in [Scale::Village, Scale::County] {
        let plan = generate(scale, SEED);
        let files = if scale == Scale::Village { &*VILLAGE } else { &*COUNTY_FILES };
        let parents: HashMap<_, _> =
            files.units.iter().map(|row| (row["单位名称"].as_str(), row["上级主管单位"].as_str())).collect();
        let names: HashSet<_> = plan.organs.iter().map(|organ| organ.name.as_str()).collect();
        assert_eq!(names.len(), plan.organs.len(), "names are unique");
        for organ in &plan.organs {
            assert!(parents.contains_key(organ.unit.as_str()), "{organ:?}");
            let above = organ.above.as_deref().map(|above| {
                let above = plan.organs.iter().find(|known| known.name == above).expect("the organ above");
                (above.kind, "/1/")
            });
            assert_eq!(fits_under(organ.kind, None, above), Ok(()), "{organ:?}");
            assert!(!organ.watches.is_empty(), "{organ:?}");
            let itself = organ.kind != Kind::Department && organ.watches.contains(&organ.unit);
            assert!(!itself, "{organ:?}");
        }
        let watched: HashSet<_> =
            plan.organs.iter().flat_map(|organ| &organ.watches).map(String::as_str).collect();
        let over = |unit: &str| watched.contains(unit) || watched.contains(parents[unit]);
        let alone: Vec<_> = parents.keys().filter(|unit| !over(unit)).collect();
        assert_eq!(alone, [&"安澜县纪委监委"]);
        for kind in [Kind::County, Kind::Department, Kind::Township] {
            assert!(plan.organs.iter().any(|organ| organ.kind == kind), "{kind:?}");
        }
    }
}
