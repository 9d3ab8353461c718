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

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Rank::County => "县级干部",
            Rank::Head => "单位主要负责人",
            Rank::Station => "站所负责人",
            Rank::Village => "村（社区）干部",
            Rank::Other => "其他人员",
        }
    }

    /// Reads what offices write in a roster; none when it says no rank.
    pub fn from_page(text: &str) -> Option<Rank> {
        let text = daylight_ids::text::squash(text);
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if text.is_empty() {
            None
        } else if has(&["村", "社区"]) {
            Some(Rank::Village)
        } else if has(&["县级", "县处", "处级", "县长", "县委书记"]) {
            Some(Rank::County)
        } else if has(&["主要负责人", "一把手", "正科", "乡科级正职", "正股级单位主要"])
        {
            Some(Rank::Head)
        } else if has(&["站所", "副科", "股级", "中层"]) {
            Some(Rank::Station)
        } else if has(&["其他", "一般", "科员", "办事员", "无"]) {
            Some(Rank::Other)
        } else {
            None
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

impl Choose {
    /// All, from the top down.
    pub const ALL: [Choose; 4] = [Choose::Superior, Choose::Top, Choose::Watching, Choose::Own];

    /// The word in forms.
    pub fn code(self) -> &'static str {
        match self {
            Choose::Superior => "superior",
            Choose::Top => "top",
            Choose::Watching => "watching",
            Choose::Own => "own",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Choose::Superior => "上级纪检监察机关",
            Choose::Top => "最高一级纪检组织（县纪委）",
            Choose::Watching => "监督这个单位的、最近的纪检组织",
            Choose::Own => "设在本单位的纪检组织",
        }
    }

    /// Reads [`Choose::code`].
    pub fn from_code(code: &str) -> Option<Choose> {
        Choose::ALL.into_iter().find(|choose| choose.code() == code)
    }
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
        self.speaks(matter.kind, rank, category)
    }

    /// Whether it is for such a report: its kind, the highest rank named, the category of the unit.
    fn speaks(&self, kind: Kind, rank: Option<Rank>, category: Option<Category>) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
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

    /// The row that speaks of such a report.
    pub fn of(&self, kind: Kind, rank: Option<Rank>, category: Option<Category>) -> &Rule {
        let fits = |rule: &&Rule| rule.speaks(kind, rank, category);
        self.rules.iter().find(fits).unwrap_or(&self.otherwise)
    }

    /// Every sort of report there is: kind, highest rank named, category of the unit.
    pub fn sorts() -> impl Iterator<Item = (Kind, Option<Rank>, Option<Category>)> {
        let ranks = || [None].into_iter().chain(Rank::ALL.map(Some));
        let categories = || [None].into_iter().chain(Category::ALL.map(Some));
        let of = move |kind| ranks().map(move |rank| (kind, rank));
        Kind::ALL
            .into_iter()
            .flat_map(of)
            .flat_map(move |(kind, rank)| categories().map(move |category| (kind, rank, category)))
    }

    /// What keeps an edited table from being saved, in Chinese.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.too_near();
        problems.extend(
            self.rules
                .iter()
                .filter(|rule| rule.name.is_empty())
                .map(|_| "有一条规则没有写说明，请写明这条规则是什么意思".to_owned()),
        );
        let otherwise = &self.otherwise;
        if otherwise.choose != Choose::Watching && otherwise.choose != Choose::Top {
            problems.push("其他情况只能由最近的纪检组织或县纪委受理，否则有的反映没有人办".into());
        }
        // What belongs to the superior is never entered here, whatever else a table says.
        let theirs = Table::sorts().filter(|(kind, rank, _)| kind.accuses() && *rank == Some(Rank::County));
        let mut kept = theirs.map(|(kind, rank, category)| self.of(kind, rank, category));
        if let Some(rule) = kept.find(|rule| rule.choose != Choose::Superior) {
            problems.push(format!(
                "反映县级干部的问题属于上级管辖，不能在本级受理；规则“{}”会把它留在本级，请把“县级干部由上级受理”放在最前面",
                rule.name
            ));
        }
        problems
    }

    /// Rules that would give a report to the line of whom it accuses.
    fn too_near(&self) -> Vec<String> {
        let bold = |rule: &&Rule| rule.own_unit && !(rule.kind == Some(Kind::Complaint) && rule.plain);
        let word = |rule: &Rule| {
            format!("规则“{}”不能交本单位办理：只有对一般人员的作风投诉才可以，请改正", rule.name)
        };
        self.rules.iter().chain([&self.otherwise]).filter(bold).map(word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_tables_can_be_saved_again() {
        assert_eq!(Table::seed().problems(), Vec::<String>::new());
        assert_eq!(Table::seed_with_own_unit().problems(), Vec::<String>::new());
        assert_eq!(Table::sorts().count(), 4 * 6 * 9);
    }

    #[test]
    fn no_table_keeps_what_is_the_superiors_or_gives_a_report_to_the_accused_line() {
        let problems = |change: fn(&mut Table)| {
            let mut table = Table::seed();
            change(&mut table);
            table.problems()
        };
        assert!(problems(|table| drop(table.rules.remove(0)))[0].contains("属于上级管辖"));
        // Another rule that speaks earlier is as bad.
        let before = problems(|table| table.rules.swap(0, 2));
        assert!(before[0].contains("四大机构由县纪委受理"), "{before:?}");
        let own = problems(|table| table.otherwise.own_unit = true);
        assert!(own[0].contains("不能交本单位办理"), "{own:?}");
        let bold = problems(|table| {
            table.rules.push(Rule { own_unit: true, ..Rule::new("都交本单位", Choose::Own) });
        });
        assert!(bold[0].contains("都交本单位"), "{bold:?}");
        assert_eq!(problems(|table| table.otherwise.choose = Choose::Superior).len(), 1);
        assert_eq!(problems(|table| table.rules[1].name.clear()).len(), 1);
        // A request about a county leader accuses nobody: the county may answer it.
        assert_eq!(problems(|table| table.rules[0].kind = Some(Kind::Accusation)).len(), 1);
    }

    #[test]
    fn ranks_are_read_as_rosters_write_them() {
        for (text, rank) in [
            ("县处级", Some(Rank::County)),
            ("副处级", Some(Rank::County)),
            ("单位主要负责人", Some(Rank::Head)),
            ("正科级", Some(Rank::Head)),
            ("站所负责人", Some(Rank::Station)),
            ("副科级", Some(Rank::Station)),
            ("村干部", Some(Rank::Village)),
            ("社区干部", Some(Rank::Village)),
            ("一般干部", Some(Rank::Other)),
            ("", None),
            ("天字第一号", None),
        ] {
            assert_eq!(Rank::from_page(text), rank, "{text}");
        }
        for rank in Rank::ALL {
            assert_eq!(Rank::from_page(rank.page()), Some(rank));
        }
    }
}
