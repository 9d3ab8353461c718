//! A table and a route in words.

use super::{Because, Rank, Rule, Table};
use crate::{reports::Kind, units::Category};
use std::collections::BTreeMap;

/// What ids are called.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Organs.
    pub organs: BTreeMap<i64, String>,
    /// Accounts.
    pub accounts: BTreeMap<i64, String>,
}

impl Rule {
    /// "检举控告，被反映人是县级干部的，由上级纪检监察机关受理。"
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.kind.map(|kind| kind.page().to_owned()));
        parts.extend(self.rank.map(|rank| format!("被反映人最高是{}的", rank.page())));
        if self.plain {
            parts.push("没有点名，或者只点名一般人员的".into());
        }
        parts.extend(self.category.map(|category| format!("单位属于{}的", category.page())));
        if parts.is_empty() {
            parts.push("所有反映".into());
        }
        let own = if self.own_unit { "（本单位可以办理自己的作风投诉）" } else { "" };
        format!("{}，由{}受理{own}。", parts.join("，"), self.choose.page())
    }
}

impl Table {
    /// A sentence a row, the last for everything else.
    pub fn sentences(&self) -> Vec<String> {
        let rows = self.rules.iter().map(|rule| format!("{}：{}", rule.name, rule.sentence()));
        rows.chain([format!("其他情况：{}", self.otherwise.sentence())]).collect()
    }
}

/// A sort of report that another table gives to another organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub what: String,
    /// Where it goes now.
    pub from: &'static str,
    /// Where it would go.
    pub to: &'static str,
}

/// What another table changes, each sort of report by itself; sorts that differ by the unit's category alone are one.
pub fn moved(before: &Table, after: &Table) -> Vec<Moved> {
    let mut groups: BTreeMap<_, Vec<Option<Category>>> = BTreeMap::new();
    for (kind, rank, category) in Table::sorts() {
        let (old, new) = (before.of(kind, rank, category), after.of(kind, rank, category));
        let places = (old.choose.page(), new.choose.page());
        if (old.choose, old.own_unit) != (new.choose, new.own_unit) {
            groups.entry((kind, rank, places)).or_default().push(category);
        }
    }
    let line = |((kind, rank, (from, to)), categories): ((Kind, Option<Rank>, _), Vec<_>)| {
        let who = rank.map_or("没有点名", Rank::page);
        let word = |category: &Option<Category>| category.map_or("没有说明单位的", Category::page);
        let all = || [None].into_iter().chain(Category::ALL.map(Some));
        let others: Vec<_> = all().filter(|category| !categories.contains(category)).collect();
        let words = |of: &[Option<Category>]| of.iter().map(word).collect::<Vec<_>>().join("、");
        let place = match others.len() {
            0 => "任何单位".to_owned(),
            1 | 2 => format!("除{}以外的单位", words(&others)),
            _ => words(&categories),
        };
        Moved { what: format!("{}，{who}，{place}", kind.page()), from, to }
    };
    groups.into_iter().map(line).collect()
}

impl Because {
    /// The words on the page. People are named only to those who may know them.
    pub fn page(&self, names: &Names, with_people: bool) -> String {
        let organ = |id: &i64| names.organs.get(id).cloned().unwrap_or_else(|| format!("组织{id}"));
        match self {
            Because::Rule(name) => format!("按规则“{name}”"),
            Because::Organ(id) => format!("看{}能不能办", organ(id)),
            Because::OrganOut(id, why) => format!("{}须回避：{}", organ(id), why.page()),
            Because::StaffOut(id, why) => {
                let name = names.accounts.get(id).filter(|_| with_people).cloned();
                format!("{}须回避：{}", name.unwrap_or_else(|| "一名工作人员".into()), why.page())
            }
            Because::Lacks(id, role) => format!("{}没有可以办理的{}", organ(id), role.page()),
            Because::Chosen(id) => format!("由{}办理", organ(id)),
            Because::Beyond => "本级没有可以办理的组织，属于上级".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Why;
    use super::*;

    #[test]
    fn a_table_reads_as_sentences() {
        let sentences = Table::seed_with_own_unit().sentences();
        assert_eq!(
            sentences[0],
            "县级干部由上级纪委受理：被反映人最高是县级干部的，由上级纪检监察机关受理。"
        );
        assert_eq!(
            sentences[3],
            "作风投诉先由本单位纪检组办理：投诉，没有点名，或者只点名一般人员的，由设在本单位的纪检组织受理（本单位可以办理自己的作风投诉）。"
        );
        assert_eq!(sentences[4], "其他情况：所有反映，由监督这个单位的、最近的纪检组织受理。");
    }

    #[test]
    fn a_changed_table_says_which_reports_go_elsewhere() {
        let seed = Table::seed();
        assert!(moved(&seed, &seed).is_empty());
        let mut after = Table::seed();
        after.rules.remove(1);
        let lines = moved(&seed, &after);
        // Of the heads of leading bodies the county keeps what it had.
        assert_eq!(lines.len(), Kind::ALL.len());
        let first = &lines[0];
        assert_eq!(first.what, "检举控告，单位主要负责人，除四大机构以外的单位");
        assert!(first.from.contains("县纪委") && first.to.contains("最近"), "{first:?}");
    }

    #[test]
    fn people_are_named_only_to_those_who_may_know_them() {
        let names =
            Names { organs: [(1, "县纪委".into())].into(), accounts: [(7, "苏禾".into())].into() };
        let out = Because::StaffOut(7, Why::Relative);
        assert_eq!(out.page(&names, true), "苏禾须回避：与被反映人有申报的亲属关系");
        assert!(!out.page(&names, false).contains("苏禾"));
        assert_eq!(Because::Chosen(1).page(&names, false), "由县纪委办理");
    }
}
