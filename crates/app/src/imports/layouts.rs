//! Which tables are understood, by which headings. The synonyms are data (`layouts.json`); an
//! office that confirms another heading adds to them (`store::learned`).

use daylight_tables::{Column, Layout};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};

/// The kinds of table, in the order in which they must be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 行政区划名册.
    Divisions,
    /// 单位名册.
    Units,
    /// 干部名册.
    Cadres,
    /// 权力事项清单.
    Powers,
    /// 行权流程表.
    Procedures,
}

impl Kind {
    /// All, in order of dependence. Also the order of [`layouts`].
    pub const ALL: [Kind; 5] = [Kind::Divisions, Kind::Units, Kind::Cadres, Kind::Powers, Kind::Procedures];

    /// The word in URLs and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Divisions => "divisions",
            Kind::Units => "units",
            Kind::Cadres => "cadres",
            Kind::Powers => "powers",
            Kind::Procedures => "procedures",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Kind::Divisions => "行政区划名册",
            Kind::Units => "单位名册",
            Kind::Cadres => "干部名册",
            Kind::Powers => "权力事项清单",
            Kind::Procedures => "行权流程表",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

#[derive(Deserialize)]
struct LayoutData {
    kind: &'static str,
    title: &'static str,
    carry: Vec<&'static str>,
    columns: Vec<ColumnData>,
}

#[derive(Deserialize)]
struct ColumnData {
    key: &'static str,
    title: &'static str,
    required: bool,
    synonyms: Vec<String>,
}

/// Headings an office confirmed: kind → heading → key, or "" for "not needed".
pub type Learned = BTreeMap<String, BTreeMap<String, String>>;

/// The layouts in order of [`Kind::ALL`], with what offices taught.
pub fn layouts(learned: &Learned) -> Vec<Layout> {
    static DATA: LazyLock<Vec<LayoutData>> = LazyLock::new(|| {
        serde_json::from_str(include_str!("layouts.json")).expect("the shipped layouts are well-formed")
    });
    let layout = |data: &LayoutData| {
        let taught = learned.get(data.kind);
        let column = |column: &ColumnData| {
            let mut synonyms = column.synonyms.clone();
            if let Some(taught) = taught {
                // A heading that was given to another key no longer means this one.
                synonyms.retain(|heading| taught.get(heading).is_none_or(|key| key == column.key));
                synonyms.extend(taught.iter().filter(|(_, key)| *key == column.key).map(|(h, _)| h.clone()));
            }
            Column { key: column.key, title: column.title, synonyms, required: column.required }
        };
        let columns = data.columns.iter().map(column).collect();
        let key_of = |key: &String| data.columns.iter().map(|column| column.key).find(|known| known == key);
        let said =
            taught.into_iter().flatten().map(|(heading, key)| (heading.clone(), key_of(key))).collect();
        Layout { kind: data.kind, title: data.title, columns, carry: data.carry.clone(), said }
    };
    DATA.iter().map(layout).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_layouts_are_those_of_the_kinds() {
        let kinds: Vec<_> = layouts(&Learned::new()).iter().map(|layout| layout.kind).collect();
        assert_eq!(kinds, Kind::ALL.map(Kind::code));
    }

    #[test]
    fn a_taught_heading_means_its_new_column_only() {
        let taught = BTreeMap::from([("职务".to_owned(), "duties".to_owned())]);
        let learned = Learned::from([("cadres".to_owned(), taught)]);
        let layouts = layouts(&learned);
        let synonyms = |key: &str| {
            let column = layouts[2].columns.iter().find(|column| column.key == key).unwrap();
            column.synonyms.contains(&"职务".to_owned())
        };
        assert!(synonyms("duties") && !synonyms("post"));
    }
}
