//! The divisions of a county and the units that sit in them.

use super::{
    codes::Codes,
    library::Library,
    names,
    random::Random,
    size::{Size, share},
};

/// What kind of unit it is: decides its category, posts, powers and desks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Leading,
    Department,
    Township,
    Village,
    Community,
    School,
    Hospital,
    Enterprise,
}

impl Kind {
    /// The word in the roster.
    pub(super) fn page(self) -> &'static str {
        match self {
            Kind::Leading => "四大机构",
            Kind::Department => "县级部门",
            Kind::Township => "乡镇",
            Kind::Village => "村",
            Kind::Community => "社区",
            Kind::School => "学校",
            Kind::Hospital => "医院",
            Kind::Enterprise => "国有企业",
        }
    }

    /// The word in the library of powers.
    pub(super) fn fit(self) -> &'static str {
        match self {
            Kind::Leading => "四大机构",
            Kind::Department => "部门",
            Kind::Enterprise => "企业",
            other => other.page(),
        }
    }

    /// First two characters of its credit code: registrar and kind of body.
    fn registrar(self) -> &'static str {
        match self {
            Kind::Leading | Kind::Department | Kind::Township => "11",
            Kind::School | Kind::Hospital => "12",
            Kind::Village => "54",
            Kind::Community => "55",
            Kind::Enterprise => "91",
        }
    }
}

/// A row of the list of divisions.
#[derive(Debug)]
pub(super) struct Division {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) level: &'static str,
    pub(super) parent: String,
}

/// A unit.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Its name within the county: "民政局", "青石镇"; a key of the library.
    pub(super) suffix: String,
    pub(super) credit_code: String,
    pub(super) parent: String,
    pub(super) division: String,
    pub(super) duties: String,
    pub(super) phone: String,
    pub(super) address: String,
    pub(super) hours: String,
    /// Inner bodies, the most important first.
    pub(super) desks: Vec<&'static str>,
}

/// A county with its places and units.
#[derive(Debug)]
pub(super) struct County {
    /// Area code of its citizens: "999901".
    pub(super) area: String,
    pub(super) divisions: Vec<Division>,
    pub(super) units: Vec<Unit>,
}

const LEADING: [&str; 4] = ["委办公室", "人大常委会办公室", "政府办公室", "政协办公室"];
const LEADING_DESKS: [&str; 6] = ["综合股", "秘书股", "督查股", "财务股", "人事股", "法规股"];
/// Inner bodies of every department, beside its own.
const DEPARTMENT_DESKS: [&str; 6] = ["办公室", "财务股", "人事股", "政策法规股", "行政审批股", "监督检查股"];
const TOWNSHIP_DESKS: [&str; 10] = [
    "党政综合办公室",
    "社会事务办公室",
    "财政所",
    "村镇建设办公室",
    "党建工作办公室",
    "农业综合服务中心",
    "便民服务中心",
    "综合执法队",
    "经济发展办公室",
    "退役军人服务站",
];
const COUNTY_SCHOOLS: [&str; 14] = [
    "第一中学",
    "实验小学",
    "第二中学",
    "职业中学",
    "第三中学",
    "第二实验小学",
    "特殊教育学校",
    "实验中学",
    "机关幼儿园",
    "教师进修学校",
    "第三实验小学",
    "外国语学校",
    "第二幼儿园",
    "少年业余体育学校",
];
const COUNTY_HOSPITALS: [&str; 10] = [
    "人民医院",
    "中医医院",
    "妇幼保健院",
    "第二人民医院",
    "康宁医院",
    "口腔医院",
    "康复医院",
    "骨伤医院",
    "老年病医院",
    "第三人民医院",
];
const ENTERPRISES: [&str; 22] = [
    "供水排水有限公司",
    "城市建设投资有限公司",
    "公共交通有限公司",
    "交通建设投资有限公司",
    "农业发展有限公司",
    "国有资产经营有限公司",
    "文化旅游投资有限公司",
    "粮食储备有限公司",
    "燃气服务有限公司",
    "城市环境卫生有限公司",
    "融资担保有限公司",
    "林业发展有限公司",
    "砂石资源开发有限公司",
    "停车服务有限公司",
    "人力资源服务有限公司",
    "建筑工程有限公司",
    "物业服务有限公司",
    "产业园区开发有限公司",
    "乡村发展投资有限公司",
    "数据服务有限公司",
    "水利建设投资有限公司",
    "物资储备有限公司",
];

/// What one village looks after and its neighbour does not.
const OWN_DUTIES: [&str; 8] = [
    "管护集中供水设施、公共道路和文化广场",
    "组织护林防火和水旱灾害巡查",
    "管理日间照料中心，为留守老人和儿童服务",
    "管护农田水渠和山坪塘，调度生产用水",
    "组织红白理事会，倡导移风易俗",
    "管理便民服务站，代办社保、医保、户籍事项",
    "组织生活垃圾分类和污水治理",
    "联系返乡创业人员，发展集体产业",
];

/// Builds units one after the other, so that each gets its codes in turn.
struct Builder<'a> {
    county: &'a str,
    area: String,
    library: &'a Library,
    random: Random,
    codes: &'a mut Codes,
    units: Vec<Unit>,
}

/// Makes the county at an index of the prefecture. `stems` holds unused names of townships.
pub(super) fn county(
    size: &Size,
    index: usize,
    seed: u64,
    library: &Library,
    codes: &mut Codes,
    stems: &mut dyn Iterator<Item = String>,
) -> County {
    let area = format!("9999{:02}", index + 1);
    let random = Random::stream(seed, &format!("units of {}", size.county));
    let county_code = format!("{area}000000");
    let mut divisions = vec![Division {
        code: county_code.clone(),
        name: size.county.to_owned(),
        level: "县级",
        parent: super::PREFECTURE.0.to_owned(),
    }];
    let mut build =
        Builder { county: size.county, area: area.clone(), library, random, codes, units: Vec::new() };
    for suffix in LEADING {
        build.county_unit(
            Kind::Leading,
            suffix,
            String::new(),
            library.duties(suffix),
            LEADING_DESKS.to_vec(),
        );
    }
    for department in &library.departments[..size.departments] {
        let own = &department.desks;
        // The office first, then what citizens come for, then what every department has.
        let desks =
            [&DEPARTMENT_DESKS[..1], &own[..2], &DEPARTMENT_DESKS[1..2], &own[2..], &DEPARTMENT_DESKS[2..]];
        build.county_unit(
            Kind::Department,
            department.suffix,
            String::new(),
            &department.duties,
            desks.concat(),
        );
    }
    let mut places = Vec::new();
    let (villages, communities) =
        (share(size.villages, size.townships), share(size.communities, size.townships));
    for at in 0..size.townships {
        // Neighbours differ: what one of a pair has more, the other has less.
        let pair = at / 2 * 2 + 1 < size.townships && villages(0) > 6;
        let sway = if pair { 1 + (at / 2) % 4 } else { 0 };
        let count = if at % 2 == 0 { villages(at) + sway } else { villages(at) - sway };
        let stem = stems.next().expect("the library holds names of townships enough");
        let place = build.township(at, &stem, count, communities(at), &county_code, &mut divisions);
        places.push(place);
    }
    build.schools(size.schools, &places);
    build.hospitals(size.hospitals, &places);
    let owner = format!("{}国有资产监督管理局", size.county);
    let owner = if build.units.iter().any(|unit| unit.name == owner) {
        owner
    } else {
        format!("{}财政局", size.county)
    };
    for suffix in &ENTERPRISES[..size.enterprises] {
        let desks = vec!["综合部", "财务部", "工程部", "经营部"];
        build.county_unit(Kind::Enterprise, suffix, owner.clone(), library.duties("企业"), desks);
    }
    let mut units = build.units;
    leave_gaps(&mut units);
    County { area, divisions, units }
}

/// A township with what lies in it, for the schools and hospitals to come.
struct Place {
    name: String,
    code: String,
    /// (name, code) of its villages.
    villages: Vec<(String, String)>,
    communities: Vec<(String, String)>,
}

impl Builder<'_> {
    #[expect(clippy::too_many_arguments, reason = "a unit has as many parts; the callers name them")]
    fn unit(
        &mut self,
        kind: Kind,
        name: String,
        suffix: &str,
        parent: String,
        division: &str,
        duties: String,
        address: String,
        desks: Vec<&'static str>,
    ) {
        let credit_code = self.codes.credit_code(&mut self.random, kind.registrar(), &self.area);
        let phone = self.codes.land_line(&mut self.random);
        self.units.push(Unit {
            kind,
            suffix: suffix.to_owned(),
            credit_code,
            parent,
            division: division.to_owned(),
            duties,
            phone,
            address,
            hours: hours(kind, &name).to_owned(),
            desks,
            name,
        });
    }

    fn county_unit(
        &mut self,
        kind: Kind,
        suffix: &str,
        parent: String,
        duties: &str,
        desks: Vec<&'static str>,
    ) {
        let roads = ["滨河路", "文昌街", "安澜大道", "迎宾路", "书院街", "人民路", "建设路", "春晖路"];
        let (road, number) = (*self.random.pick(&roads), self.random.between(1, 268));
        let road = if road == "安澜大道" {
            format!("{}大道", self.county.trim_end_matches('县'))
        } else {
            road.to_owned()
        };
        let address = format!("{}{road}{number}号", self.county);
        let division = format!("{}000000", self.area);
        let name = format!("{}{suffix}", self.county);
        self.unit(kind, name, suffix, parent, &division, duties.to_owned(), address, desks);
    }

    fn township(
        &mut self,
        at: usize,
        stem: &str,
        villages: usize,
        communities: usize,
        county_code: &str,
        divisions: &mut Vec<Division>,
    ) -> Place {
        // Codes of 镇 begin with 1, of 乡 with 2 (GB/T 10114). About two in three are 镇.
        let town = at % 3 != 2;
        let (number, suffix) = if town { (100 + at, "镇") } else { (200 + at, "乡") };
        let name = format!("{stem}{suffix}");
        let code = format!("{}{number}000", self.area);
        let office = format!("{name}人民政府");
        divisions.push(Division {
            code: code.clone(),
            name: name.clone(),
            level: "乡级",
            parent: county_code.to_owned(),
        });
        let duties = self.library.duties("乡镇").replace("{镇}", &name);
        let address = format!("{name}中心街{}号", self.random.between(1, 88));
        let desks = TOWNSHIP_DESKS.to_vec();
        self.unit(Kind::Township, office.clone(), &name, String::new(), &code, duties, address, desks);
        let mut place =
            Place { name: name.clone(), code: code.clone(), villages: Vec::new(), communities: Vec::new() };
        let kinds = [
            (Kind::Village, 200, names::villages(&mut self.random, villages)),
            (Kind::Community, 1, names::communities(&mut self.random, communities)),
        ];
        for (kind, first, stems) in kinds {
            for (at, stem) in stems.into_iter().enumerate() {
                let (suffix, committee) = match kind {
                    Kind::Village => ("村", "村村民委员会"),
                    _ => ("社区", "社区居民委员会"),
                };
                let own = format!("{stem}{suffix}");
                let own_code = format!("{}{number}{:03}", self.area, first + at);
                divisions.push(Division {
                    code: own_code.clone(),
                    name: own.clone(),
                    level: "村级",
                    parent: code.clone(),
                });
                let own_duty = self.random.pick(&OWN_DUTIES);
                let duties = self.library.duties(kind.page()).replace("{村}", &own);
                let duties = format!("{duties}\n6. {own_duty}");
                let address = match kind {
                    Kind::Village => format!("{name}{own}{}组党群服务中心", self.random.between(1, 9)),
                    _ => format!("{name}{own}党群服务中心"),
                };
                let unit = format!("{name}{stem}{committee}");
                self.unit(kind, unit, &own, office.clone(), &own_code, duties, address, Vec::new());
                let here = (own, own_code);
                if kind == Kind::Village { place.villages.push(here) } else { place.communities.push(here) }
            }
        }
        place
    }

    fn schools(&mut self, count: usize, places: &[Place]) {
        let county_code = format!("{}000000", self.area);
        let in_town = |place: &Place, suffix: &str| (format!("{}{suffix}", place.name), place.code.clone());
        let mut all: Vec<(String, String)> = places.iter().map(|place| in_town(place, "中心小学")).collect();
        let county =
            COUNTY_SCHOOLS.iter().map(|suffix| (format!("{}{suffix}", self.county), county_code.clone()));
        all.extend(county);
        all.extend(places.iter().map(|place| in_town(place, "初级中学")));
        all.extend(places.iter().map(|place| in_town(place, "中心幼儿园")));
        // One village school in each township, then a second one.
        for round in [0, 3] {
            let schools =
                places.iter().filter_map(|place| place.villages.get(round).map(|village| (place, village)));
            all.extend(
                schools
                    .map(|(place, (village, code))| (format!("{}{village}小学", place.name), code.clone())),
            );
        }
        all.truncate(count);
        let parent = format!("{}教育局", self.county);
        for (name, code) in all {
            let kind = if name.ends_with("幼儿园") { "幼儿园" } else { "学校" };
            let duties = self.library.duties(kind).to_owned();
            let desks = vec!["教导处", "总务处", "德育处", "办公室"];
            let address = format!("{}{}号", self.address_of(&code, places), self.random.between(1, 60));
            self.unit(Kind::School, name, kind, parent.clone(), &code, duties, address, desks);
        }
    }

    fn hospitals(&mut self, count: usize, places: &[Place]) {
        let county_code = format!("{}000000", self.area);
        let own = |suffix: &str| (format!("{}{suffix}", self.county), county_code.clone(), String::new());
        let mut all = vec![own(COUNTY_HOSPITALS[0])];
        let clinic =
            |place: &Place| (format!("{}卫生院", place.name), place.code.clone(), place.name.clone());
        all.extend(places.iter().map(clinic));
        all.extend(COUNTY_HOSPITALS[1..].iter().map(|suffix| own(suffix)));
        let centre = |place: &Place| {
            let (community, code) = place.communities.first()?;
            Some((format!("{}{community}卫生服务中心", place.name), code.clone(), place.name.clone()))
        };
        all.extend(places.iter().filter_map(centre));
        all.truncate(count);
        let parent = format!("{}卫生健康局", self.county);
        for (name, code, place) in all {
            let duties = match place.as_str() {
                "" => self.library.duties("医院").to_owned(),
                place => self.library.duties("卫生院").replace("{镇}", place),
            };
            let address = format!("{}{}号", self.address_of(&code, places), self.random.between(1, 60));
            let desks = vec!["医务科", "药剂科", "财务科", "人事科", "办公室"];
            self.unit(Kind::Hospital, name, "医院", parent.clone(), &code, duties, address, desks);
        }
    }

    fn address_of(&self, code: &str, places: &[Place]) -> String {
        let Some(place) = places.iter().find(|place| code.starts_with(&place.code[..9])) else {
            return format!("{}育才路", self.county);
        };
        let inner = place.villages.iter().chain(&place.communities).find(|(_, own)| own == code);
        match inner {
            Some((village, _)) => format!("{}{village}", place.name),
            None => format!("{}校场街", place.name),
        }
    }
}

fn hours(kind: Kind, name: &str) -> &'static str {
    match kind {
        Kind::Village | Kind::Community => "周一至周五 9:00—12:00，14:30—17:30；周末轮流值班",
        Kind::School => "教学日 8:00—17:30（寒暑假另行公布）",
        Kind::Hospital if name.ends_with("中心") => "门诊 8:00—12:00，14:00—17:30",
        Kind::Hospital => "门诊 8:00—12:00，14:00—17:30；急诊24小时",
        Kind::Enterprise => "周一至周五 9:00—12:00，13:30—17:30（节假日除外）",
        _ => "周一至周五 8:30—12:00，14:30—18:00（节假日除外）",
    }
}

/// About one unit in a hundred has not said when it is open, so that the lines about what is missing
/// have something to say.
fn leave_gaps(units: &mut [Unit]) {
    for unit in units.iter_mut().skip(13).step_by(97) {
        unit.hours.clear();
    }
}
