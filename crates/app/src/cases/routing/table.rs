//! The rule table: which organ a report is meant for, before anybody looks at conflicts. Data; the first rule
//! that fits speaks.

use super::{Matter, World};
use crate::{reports::Kind, units::Category};
use serde::{Deserialize, Serialize};

/// How high somebody stands, the highest first (cadre-management authority).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// 县级干部: managed by the level above.
    County,
    /// 单位主要负责人.
    Head,
    /// 站所负责人.
    Station,
    /// 村（社区）干部.
    Village,
    /// Everybody else.
    Other,
}

impl Rank {
    /// All, the highest first.
    pub const ALL: [Rank; 5] = [Rank::County, Rank::Head, Rank::Station, Rank::Village, Rank::Other];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Rank::County => "county",
            Rank::Head => "head",
            Rank::Station => "station",
            Rank::Village => "village",
            Rank::Other => "other",
        }
    }

    /// Reads [`Rank::code`].
    pub fn from_code(code: &str) -> Option<Rank> {
        Rank::ALL.into_iter().find(|rank| rank.code() == code)
    }
}

/// Which organ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The level above this instance.
    Superior,
    /// The county's commission.
    Top,
    /// The organ that watches the unit most closely.
    Watching,
    /// The organ that sits in the unit itself, where there is one.
    Own,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What it says, for the page that explains a route.
    pub name: String,
    /// Only for this kind of report.
    pub kind: Option<Kind>,
    /// Only when the highest person named has this rank.
    pub rank: Option<Rank>,
    /// Only when nobody is named who has a rank other than [`Rank::Other`].
    pub plain: bool,
    /// Only for units of this category.
    pub category: Option<Category>,
    /// Which organ.
    pub choose: Choose,
    /// The unit's own group may have it, though it belongs to the unit. For complaints about work style only;
    /// [`Table::problems`] holds this.
    pub own_unit: bool,
}

impl Rule {
    fn new(name: &str, choose: Choose) -> Rule {
        let name = name.to_owned();
        Rule { name, kind: None, rank: None, plain: false, category: None, choose, own_unit: false }
    }

    fn fits(&self, world: &World, matter: &Matter) -> bool {
        let rank = matter.named.iter().filter_map(|id| world.cadres.get(id)).map(|cadre| cadre.rank).min();
        let category = world.unit(matter).and_then(|unit| world.units.get(&unit)?.category);
        self.kind.is_none_or(|kind| kind == matter.kind)
            && self.rank.is_none_or(|wanted| rank == Some(wanted))
            && (!self.plain || rank.is_none_or(|rank| rank == Rank::Other))
            && self.category.is_none_or(|wanted| category == Some(wanted))
    }
}

/// The rows in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The first that fits speaks.
    pub rules: Vec<Rule>,
    /// What speaks when none fits.
    pub otherwise: Rule,
}

impl Table {
    /// The table that comes with the program: by cadre-management authority.
    pub fn seed() -> Table {
        let rules = vec![
            Rule {
                rank: Some(Rank::County), ..Rule::new("县级干部由上级纪委受理", Choose::Superior)
            },
            Rule {
                rank: Some(Rank::Head), ..Rule::new("单位主要负责人由县纪委受理", Choose::Top)
            },
            Rule {
                category: Some(Category::Leading), ..Rule::new("四大机构由县纪委受理", Choose::Top)
            },
        ];
        Table {
            rules, otherwise: Rule::new("按管辖范围由最近的纪检组织受理", Choose::Watching)
        }
    }

    /// The seed, with complaints about people without rank going to the unit's own group first.
    pub fn seed_with_own_unit() -> Table {
        let own = Rule {
            kind: Some(Kind::Complaint),
            plain: true,
            own_unit: true,
            ..Rule::new("作风投诉先由本单位纪检组办理", Choose::Own)
        };
        let mut table = Table::seed();
        table.rules.push(own);
        table
    }

    /// The row that speaks.
    pub fn rule(&self, world: &World, matter: &Matter) -> &Rule {
        self.rules.iter().find(|rule| rule.fits(world, matter)).unwrap_or(&self.otherwise)
    }

    /// What keeps an edited table from being saved, in Chinese.
    pub fn problems(&self) -> Vec<String> {
        let bold = |rule: &&Rule| rule.own_unit && !(rule.kind == Some(Kind::Complaint) && rule.plain);
        let word = |rule: &Rule| {
            format!("规则“{}”不能交本单位办理：只有对一般人员的作风投诉才可以，请改正", rule.name)
        };
        self.rules.iter().chain([&self.otherwise]).filter(bold).map(word).collect()
    }
}
