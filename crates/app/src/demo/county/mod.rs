//! A fictional county, written as the files its offices would hand over.
//!
//! The files go through the product's own import, so a demonstration is made the way a county goes
//! online. Everything is invented: the divisions lie under 99, which no province has; people, units,
//! codes and telephones are put together by chance from a seed, the same every time. Titles of laws
//! are real and public. See `domain.md`, "Demonstration data".
//!
//! | scale | counties | divisions | units | cadres | powers | steps |
//! |---|---|---|---|---|---|---|
//! | village | 1 | 13 | 30 | 100 | 250 | about 1,700 |
//! | county | 1 | 617 | 875 | 4,709 | 9,484 | about 65,900 |
//! | city | 10 | 3,677 | 4,485 | 9,582 | 9,480 | about 65,400 |
//!
//! Every power has a procedure. Steps hang on the seed by a hundred or so, because chance decides
//! which powers a village lists; everything else is exact. Of the city's divisions 216 are townships
//! and 3,449 villages or communities; each of its counties lists about a tenth of `county`'s powers.
//! About one unit and one step in a hundred lack their hours and their time limit, on purpose.

mod cadres;
mod codes;
mod csv_file;
mod library;
mod names;
mod organs;
mod posts;
mod powers;
pub(super) mod random;
mod size;
#[cfg(test)]
mod tests;
mod units;

pub use organs::{Organ, register};

use csv_file::Table;
use std::str::FromStr;

/// The first county of every demonstration.
pub const COUNTY: &str = "安澜县";
/// The township whose people can sign in.
pub const TOWNSHIP: &str = "青石镇人民政府";
const PROVINCE: (&str, &str) = ("990000000000", "沧岚省");
const PREFECTURE: (&str, &str) = ("999900000000", "澄岭市");
const OTHER_COUNTIES: [&str; 9] =
    ["临澄县", "岚谷县", "云汀县", "鹤渚县", "桐舟县", "望舒县", "禾丰县", "霁川县", "砚湖县"];
/// From when the invented codes are valid.
const VALID_FROM: &str = "2024-01-01";

/// How big a demonstration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Two townships: imported in a second or two.
    Village,
    /// A whole county: 875 units, 9,484 powers, 4,709 cadres.
    County,
    /// A prefecture of ten counties: 216 townships, 3,449 villages and communities.
    City,
}

/// A scale that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("没有“{0}”这个规模，可选：village、county、city")]
pub struct UnknownScale(pub String);

impl FromStr for Scale {
    type Err = UnknownScale;

    fn from_str(text: &str) -> Result<Scale, UnknownScale> {
        match text {
            "village" => Ok(Scale::Village),
            "county" => Ok(Scale::County),
            "city" => Ok(Scale::City),
            other => Err(UnknownScale(other.to_owned())),
        }
    }
}

/// The files of a demonstration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The (first) county's name.
    pub county: &'static str,
    /// Name and content of each file: CSV in UTF-8 with a byte order mark.
    pub files: Vec<(String, Vec<u8>)>,
    /// The discipline organs, which no office hands over as a file.
    pub organs: Vec<Organ>,
}

/// Writes the files of a demonstration. The same scale and seed give the same bytes.
pub fn generate(scale: Scale, seed: u64) -> Plan {
    let sizes = match scale {
        Scale::Village => size::village(),
        Scale::County => size::county(),
        Scale::City => size::city(),
    };
    let mut divisions =
        Table::new("行政区划名册.csv", &["区划代码", "区划名称", "级别", "上级代码", "启用日期"]);
    let mut units = Table::new(
        "单位名册.csv",
        &[
            "单位类别",
            "单位名称",
            "统一社会信用代码",
            "上级主管单位",
            "行政区划代码",
            "主要职责",
            "联系电话",
            "办公地址",
            "办公时间",
            "备注",
        ],
    );
    let mut cadre_rows = Table::new(
        "干部名册.csv",
        &[
            "姓名",
            "性别",
            "公民身份号码",
            "政治面貌",
            "工作单位",
            "现任职务",
            "任现职时间",
            "分管（负责）工作",
            "联系方式",
        ],
    );
    let mut power_rows = Table::new(
        "权力事项清单.csv",
        &[
            "单位名称",
            "权力名称",
            "权力类别",
            "权力类型",
            "事项分类",
            "行权依据",
            "行权主体",
            "监督主体",
            "追责主体",
            "廉政风险点",
            "风险等级",
            "防控措施",
            "是否公开",
        ],
    );
    let mut procedures = Table::new(
        "行权流程表.csv",
        &[
            "单位名称",
            "权力名称",
            "环节序号",
            "环节名称",
            "承办岗位",
            "办理时限",
            "职责要求",
            "监督制约环节",
            "下一环节",
            "投诉举报途径",
        ],
    );
    divisions.row(&[PROVINCE.0, PROVINCE.1, "省级", "", VALID_FROM]);
    divisions.row(&[PREFECTURE.0, PREFECTURE.1, "市级", PROVINCE.0, VALID_FROM]);
    let library = library::Library::read();
    let mut codes = codes::Codes::default();
    let mut stems = names::township_stems(&mut random::Random::stream(seed, "townships")).into_iter();
    let (mut steps, mut organs) = (0, Vec::new());
    for (index, size) in sizes.iter().enumerate() {
        let county = units::county(size, index, seed, &library, &mut codes, &mut stems);
        for row in &county.divisions {
            divisions.row(&[&row.code, &row.name, row.level, &row.parent, VALID_FROM]);
        }
        for unit in &county.units {
            units.row(&[
                unit.kind.page(),
                &unit.name,
                &unit.credit_code,
                &unit.parent,
                &unit.division,
                &unit.duties,
                &unit.phone,
                &unit.address,
                &unit.hours,
                "",
            ]);
        }
        organs.extend(organs::of(&county, size.county));
        cadres::write(&mut cadre_rows, size, &county, seed, &mut codes);
        powers::write(&mut power_rows, &mut procedures, size, &county, &library, seed, &mut steps);
    }
    let tables = [divisions, units, cadre_rows, power_rows, procedures];
    Plan { county: COUNTY, files: tables.into_iter().map(Table::finish).collect(), organs }
}

/// Somebody who can sign in to a demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// Login, in pinyin.
    pub login: &'static str,
    /// Name on the page.
    pub name: &'static str,
    /// Code of the role, as `authz::Role::code` spells it.
    pub role_code: &'static str,
    /// Name of the unit to which the role is bound; none for the whole instance. The roles of a
    /// discipline organ name the organ.
    pub unit: Option<&'static str>,
}

/// The people who can sign in, whatever the scale. The three administrators are three persons; who
/// writes and who publishes are two.
pub fn accounts() -> Vec<DemoAccount> {
    const UNIT: Option<&str> = Some(TOWNSHIP);
    const COUNTY_ORGAN: Option<&str> = Some("安澜县纪委监委");
    const TOWNSHIP_ORGAN: Option<&str> = Some("安澜县青石镇纪律检查委员会");
    let account = |login, name, role_code, unit| DemoAccount { login, name, role_code, unit };
    vec![
        account("lin.zhiyuan", "林志远", "system_admin", None),
        account("su.wanqing", "苏晚晴", "security_admin", None),
        account("gu.mingde", "顾明德", "audit_admin", None),
        account("he.xinyue", "何欣月", "publisher", None),
        account("tang.yongan", "汤永安", "reviewer", None),
        account("luo.chunmei", "罗春梅", "publisher", UNIT),
        account("qin.shouzheng", "秦守正", "reviewer", UNIT),
        // An organ's people are cadres of the unit it sits in, and bear the cadre's name.
        account("jiwei.shouli", "叶静书", "intake", COUNTY_ORGAN),
        account("jiwei.chengban", "戴文博", "handler", COUNTY_ORGAN),
        account("jiwei.shenpi", "程光明", "leader", COUNTY_ORGAN),
        account("jiwei.chengban2", "柯敏行", "handler", COUNTY_ORGAN),
        account("qingshi.shouli", "闻雨棠", "intake", TOWNSHIP_ORGAN),
        account("qingshi.chengban", "岑立新", "handler", TOWNSHIP_ORGAN),
        account("qingshi.shenpi", "祁守诚", "leader", TOWNSHIP_ORGAN),
    ]
}
