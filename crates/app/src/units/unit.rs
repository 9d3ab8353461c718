//! A supervised unit: any body that exercises public power.

use serde::{Deserialize, Serialize};

/// The eight categories under which a county's units are found (capability A2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 四大机构: party committee, people's congress, government, political consultative conference.
    Leading,
    /// 县级部门.
    Department,
    /// 乡镇, with sub-districts (街道).
    Township,
    /// 村.
    Village,
    /// 社区.
    Community,
    /// 学校.
    School,
    /// 医院.
    Hospital,
    /// 国有企业.
    Enterprise,
}

impl Category {
    /// All, in the order in which the portal shows them.
    pub const ALL: [Category; 8] = [
        Category::Leading,
        Category::Department,
        Category::Township,
        Category::Village,
        Category::Community,
        Category::School,
        Category::Hospital,
        Category::Enterprise,
    ];

    /// The word in URLs, tables and the API.
    pub fn code(self) -> &'static str {
        match self {
            Category::Leading => "leading",
            Category::Department => "department",
            Category::Township => "township",
            Category::Village => "village",
            Category::Community => "community",
            Category::School => "school",
            Category::Hospital => "hospital",
            Category::Enterprise => "enterprise",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Category::Leading => "四大机构",
            Category::Department => "县级部门",
            Category::Township => "乡镇",
            Category::Village => "村",
            Category::Community => "社区",
            Category::School => "学校",
            Category::Hospital => "医院",
            Category::Enterprise => "国有企业",
        }
    }

    /// Reads [`Category::code`].
    pub fn from_code(code: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|category| category.code() == code)
    }

    /// Reads what offices write: "县四大机构", "县直部门", "乡镇（街道）", "国企"…
    pub fn from_page(text: &str) -> Option<Category> {
        const WORDS: [(&str, Category); 22] = [
            ("四大机构", Category::Leading),
            ("四大班子", Category::Leading),
            ("四套班子", Category::Leading),
            ("县委县政府", Category::Leading),
            ("部门", Category::Department),
            ("县直", Category::Department),
            ("机关", Category::Department),
            ("乡镇", Category::Township),
            ("镇乡", Category::Township),
            ("街道", Category::Township),
            ("乡", Category::Township),
            ("镇", Category::Township),
            ("社区", Category::Community),
            ("居委会", Category::Community),
            ("村", Category::Village),
            ("学校", Category::School),
            ("教育机构", Category::School),
            ("医院", Category::Hospital),
            ("卫生院", Category::Hospital),
            ("医疗", Category::Hospital),
            ("国有企业", Category::Enterprise),
            ("国企", Category::Enterprise),
        ];
        WORDS.into_iter().find(|(word, _)| text.contains(word)).map(|(_, category)| category)
    }
}

/// What is published about a unit; a revision holds one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unit {
    /// Full name, unique in the instance.
    pub name: String,
    /// Which of the eight; none only in an unfinished draft.
    pub category: Option<Category>,
    /// Unified social credit code (GB 32100), only when its check character is right.
    pub credit_code: Option<String>,
    /// Name of the unit above.
    pub parent: Option<String>,
    /// 12-digit division code at which it sits.
    pub division_code: Option<String>,
    /// 主要职责, plain text, a duty a line.
    pub duties: Option<String>,
    /// Public telephone, canonical.
    pub phone: Option<String>,
    /// Where to go.
    pub address: Option<String>,
    /// When the desk is open.
    pub office_hours: Option<String>,
    /// ISO date on which it was ended (撤销); none while it is there.
    pub ended_on: Option<String>,
    /// Name of the unit that took its place (合并、更名).
    pub successor: Option<String>,
}

/// Something the unit has still to complete, shown on its page (capability A3, "what is missing").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// No valid credit code.
    CreditCode,
    /// No duties.
    Duties,
    /// No telephone.
    Phone,
    /// No address.
    Address,
    /// No office hours.
    OfficeHours,
}

impl Missing {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Missing::CreditCode => "统一社会信用代码",
            Missing::Duties => "主要职责",
            Missing::Phone => "联系电话",
            Missing::Address => "办公地址",
            Missing::OfficeHours => "办公时间",
        }
    }
}

impl Unit {
    /// What the unit has still to complete.
    pub fn missing(&self) -> Vec<Missing> {
        let parts = [
            (self.credit_code.is_none(), Missing::CreditCode),
            (self.duties.is_none(), Missing::Duties),
            (self.phone.is_none(), Missing::Phone),
            (self.address.is_none(), Missing::Address),
            (self.office_hours.is_none(), Missing::OfficeHours),
        ];
        parts.into_iter().filter(|(missing, _)| *missing).map(|(_, part)| part).collect()
    }

    /// The duties line by line.
    pub fn duty_lines(&self) -> Vec<&str> {
        let duties = self.duties.as_deref().unwrap_or_default();
        duties.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    /// Labelled values in page order: what a difference between two revisions is shown by.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![
            ("单位名称", self.name.clone()),
            ("单位类别", self.category.map(Category::page).unwrap_or_default().to_owned()),
            ("统一社会信用代码", text(&self.credit_code)),
            ("上级主管单位", text(&self.parent)),
            ("行政区划代码", text(&self.division_code)),
            ("主要职责", text(&self.duties)),
            ("联系电话", text(&self.phone)),
            ("办公地址", text(&self.address)),
            ("办公时间", text(&self.office_hours)),
            ("撤销日期", text(&self.ended_on)),
            ("接续的单位", text(&self.successor)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_read_as_offices_write_them() {
        for category in Category::ALL {
            assert_eq!(Category::from_page(category.page()), Some(category));
            assert_eq!(Category::from_code(category.code()), Some(category));
        }
        assert_eq!(Category::from_page("县四大机构"), Some(Category::Leading));
        assert_eq!(Category::from_page("乡镇（街道）"), Some(Category::Township));
        assert_eq!(Category::from_page("村（社区）"), Some(Category::Community));
        assert_eq!(Category::from_page("其他"), None);
    }

    #[test]
    fn a_unit_says_what_it_lacks() {
        let unit = Unit { duties: Some("办事".into()), ..Unit::default() };
        assert!(unit.missing().contains(&Missing::CreditCode));
        assert!(!unit.missing().contains(&Missing::Duties));
    }
}
