//! A node of the administrative tree.

pub use daylight_ids::{DivisionCode, DivisionLevel};

/// A division as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Surrogate id: codes change yearly and are never keys.
    pub id: i64,
    /// 12-digit code.
    pub code: String,
    /// Official name: "青石镇".
    pub name: String,
    /// Where in the tree.
    pub level: DivisionLevel,
    /// The division above.
    pub parent_id: Option<i64>,
    /// Ids from the root to this division: "/1/7/".
    pub path: String,
    /// ISO date from which the code is valid.
    pub valid_from: Option<String>,
    /// ISO date until which the code was valid; none while current.
    pub valid_to: Option<String>,
    /// What took its place.
    pub successor_id: Option<i64>,
    /// Not from an official list: inferred from a unit's code and name.
    pub inferred: bool,
}

/// The name of the division at which a unit sits, as far as the unit's own name tells it:
/// "青石镇人民政府" → "青石镇", "青石镇前进村村民委员会" within "青石镇" → "前进村".
pub fn name_from_unit(unit: &str, above: Option<&str>) -> Option<String> {
    const OFFICES: [&str; 8] = [
        "村民委员会",
        "社区居民委员会",
        "居民委员会",
        "村委会",
        "居委会",
        "人民政府",
        "街道办事处",
        "办事处",
    ];
    let own = above.and_then(|above| unit.strip_prefix(above)).unwrap_or(unit);
    let (office, stem) = OFFICES.iter().find_map(|office| Some((*office, own.strip_suffix(office)?)))?;
    if stem.is_empty() {
        return None;
    }
    Some(match office {
        "社区居民委员会" => format!("{stem}社区"),
        "街道办事处" => format!("{stem}街道"),
        _ => stem.to_owned(),
    })
}

/// The county's name as its units' names tell it: the commonest "…县", "…市", "…区" or "…旗" they
/// begin with.
pub fn county_name<'a>(units: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for unit in units {
        let end = unit.char_indices().take(8).find(|(_, c)| "县市区旗".contains(*c));
        if let Some((at, last)) = end
            && at > 0
        {
            *counts.entry(&unit[..at + last.len_utf8()]).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_units_name_tells_its_division() {
        assert_eq!(name_from_unit("青石镇人民政府", None).as_deref(), Some("青石镇"));
        assert_eq!(name_from_unit("青石镇前进村村民委员会", Some("青石镇")).as_deref(), Some("前进村"));
        assert_eq!(name_from_unit("青石镇建设社区居民委员会", Some("青石镇")).as_deref(), Some("建设社区"));
        assert_eq!(name_from_unit("城南街道办事处", None).as_deref(), Some("城南街道"));
        assert_eq!(name_from_unit("安澜县教育局", None), None);
    }

    #[test]
    fn the_commonest_prefix_names_the_county() {
        let units = ["安澜县教育局", "安澜县公安局", "青石镇人民政府", "某市驻安澜县办事处"];
        assert_eq!(county_name(units.into_iter()).as_deref(), Some("安澜县"));
        assert_eq!(county_name(std::iter::empty()), None);
    }
}
