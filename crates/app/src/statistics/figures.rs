//! The public figures, each with what it counts.

use daylight_db::FromQueryResult;
use serde::Serialize;

/// Counts over everything listed now. A power that is kept back is counted, never shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct Figures {
    /// Current divisions.
    pub divisions: i64,
    /// Units that have not ended.
    pub units: i64,
    /// Posts that somebody holds or has held.
    pub posts: i64,
    /// People who hold a post now.
    pub cadres: i64,
    /// Listed powers, public and withheld.
    pub powers: i64,
    /// Powers shown to everybody.
    pub powers_public: i64,
    /// Powers kept back: counted in public (capability A24).
    pub powers_withheld: i64,
    /// Powers whose procedure has at least one step.
    pub procedures: i64,
    /// Steps of all procedures.
    pub steps: i64,
    /// Risks named on steps or powers.
    pub risks: i64,
    /// Laws, rules and policies that a power cites.
    pub bases: i64,
}

/// What a figure is called, counts, and where the list behind it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Name of the field in [`Figures`] and in the API.
    pub field: &'static str,
    /// The word on the page.
    pub label: &'static str,
    /// 个, 项, 人.
    pub unit: &'static str,
    /// What is counted and what is not.
    pub text: &'static str,
    /// The list behind the figure; none where there is none.
    pub href: Option<&'static str>,
}

/// Every figure, in page order.
pub const DEFINITIONS: [Definition; 11] = [
    Definition {
        field: "divisions",
        label: "行政区划",
        unit: "个",
        text: "现行有效的行政区划，从本平台最高一级数到村（社区）。已撤并、改名的不计。",
        href: Some("/divisions"),
    },
    Definition {
        field: "units",
        label: "接受监督的单位",
        unit: "个",
        text: "已在平台登记、没有撤销的单位，包括八个类别。",
        href: Some("/units"),
    },
    Definition {
        field: "posts",
        label: "岗位",
        unit: "个",
        text: "登记过任职人员的岗位，包括现在空缺的。同一单位里同名的岗位算一个。",
        href: None,
    },
    Definition {
        field: "cadres",
        label: "在任干部",
        unit: "人",
        text: "现在担任至少一个岗位的人。一人兼任几个岗位，只算一人。",
        href: Some("/cadres"),
    },
    Definition {
        field: "powers",
        label: "权力事项",
        unit: "项",
        text: "列入清单的全部权力事项，等于公开的加上单位申报为不公开的。",
        href: None,
    },
    Definition {
        field: "powers_public",
        label: "公开的权力事项",
        unit: "项",
        text: "任何人都能在平台上看到内容的权力事项。",
        href: Some("/powers"),
    },
    Definition {
        field: "powers_withheld",
        label: "不公开的权力事项",
        unit: "项",
        text: "单位申报为不公开的权力事项。只公布数量，不显示名称和内容。",
        href: None,
    },
    Definition {
        field: "procedures",
        label: "行权流程",
        unit: "个",
        text: "已写明至少一个办理环节的权力事项，公开和不公开的都计入。",
        href: None,
    },
    Definition {
        field: "steps",
        label: "流程环节",
        unit: "个",
        text: "全部行权流程的办理环节之和。",
        href: None,
    },
    Definition {
        field: "risks",
        label: "廉政风险点",
        unit: "个",
        text: "各单位在权力事项和办理环节上自己查找、登记的廉政风险点之和。多，说明查得细，不表示出了问题。",
        href: None,
    },
    Definition {
        field: "bases",
        label: "行权依据",
        unit: "部",
        text: "被至少一项权力引用的法律、法规、规章和政策文件。同一部文件引用多次只算一部。",
        href: Some("/bases"),
    },
];

/// What a figure counts, by the name of its field.
pub fn definition(field: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.field == field)
}

impl Figures {
    /// A figure by the name of its field.
    pub fn value(&self, field: &str) -> Option<i64> {
        Some(match field {
            "divisions" => self.divisions,
            "units" => self.units,
            "posts" => self.posts,
            "cadres" => self.cadres,
            "powers" => self.powers,
            "powers_public" => self.powers_public,
            "powers_withheld" => self.powers_withheld,
            "procedures" => self.procedures,
            "steps" => self.steps,
            "risks" => self.risks,
            "bases" => self.bases,
            _ => return None,
        })
    }

    /// Every figure with its definition, in page order.
    pub fn lines(&self) -> impl Iterator<Item = (&'static Definition, i64)> {
        let figures = *self;
        DEFINITIONS.iter().map(move |line| (line, figures.value(line.field).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_definition_and_every_definition_a_figure() {
        let json = serde_json::to_value(Figures::default()).unwrap();
        let fields: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let mut defined: Vec<_> = DEFINITIONS.iter().map(|line| line.field.to_owned()).collect();
        defined.sort();
        assert_eq!(fields, defined);
        for field in &fields {
            assert!(Figures::default().value(field).is_some(), "{field}");
            assert!(definition(field).is_some_and(|line| !line.text.is_empty()), "{field}");
        }
    }
}
