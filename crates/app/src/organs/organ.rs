//! What a discipline organ is, and where it may stand in the tree.

/// Kind of a discipline organ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// 县纪委: the county's commission, at the top.
    County,
    /// 派出纪工委: sent out by the county's commission, over several townships or units.
    Dispatched,
    /// 乡镇纪委.
    Township,
    /// 部门纪检组.
    Department,
}

impl Kind {
    /// All, from the top down.
    pub const ALL: [Kind; 4] = [Kind::County, Kind::Dispatched, Kind::Township, Kind::Department];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Kind::County => "county",
            Kind::Dispatched => "dispatched",
            Kind::Township => "township",
            Kind::Department => "department",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Kind::County => "县纪委",
            Kind::Dispatched => "派出纪工委",
            Kind::Township => "乡镇纪委",
            Kind::Department => "部门纪检组",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Why an organ cannot stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// Below itself.
    #[error("上级不能是它自己，也不能是它的下级")]
    Circle,
    /// The county's commission has none above it here.
    #[error("县纪委是最上级，请不要选择上级")]
    Topmost,
    /// The others have.
    #[error("请选择上级纪检组织")]
    ParentNeeded,
    /// A lower kind above a higher one.
    #[error("上级的类别不能低于它")]
    Reversed,
}

/// Whether an organ fits under a parent. `path` is its own, once it has one: "/1/4/".
pub fn fits_under(kind: Kind, path: Option<&str>, parent: Option<(Kind, &str)>) -> Result<(), Misplaced> {
    match (kind, parent) {
        (Kind::County, None) => Ok(()),
        (Kind::County, Some(_)) => Err(Misplaced::Topmost),
        (_, None) => Err(Misplaced::ParentNeeded),
        (_, Some((_, above))) if path.is_some_and(|path| above.starts_with(path)) => Err(Misplaced::Circle),
        // Townships and departments are peers: neither watches the other, nor its own kind.
        (kind, Some((above, _))) if above >= kind || above == Kind::Township => Err(Misplaced::Reversed),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organ_stands_under_a_higher_kind_and_never_under_itself() {
        let county = Some((Kind::County, "/1/"));
        let dispatched = Some((Kind::Dispatched, "/1/2/"));
        assert_eq!(fits_under(Kind::County, None, None), Ok(()));
        assert_eq!(fits_under(Kind::County, None, county), Err(Misplaced::Topmost));
        assert_eq!(fits_under(Kind::Township, None, None), Err(Misplaced::ParentNeeded));
        for kind in [Kind::Dispatched, Kind::Township, Kind::Department] {
            assert_eq!(fits_under(kind, None, county), Ok(()));
        }
        assert_eq!(fits_under(Kind::Township, None, dispatched), Ok(()));
        assert_eq!(
            fits_under(Kind::Dispatched, None, Some((Kind::Township, "/1/3/"))),
            Err(Misplaced::Reversed)
        );
        assert_eq!(
            fits_under(Kind::Department, None, Some((Kind::Township, "/1/3/"))),
            Err(Misplaced::Reversed)
        );
        assert_eq!(fits_under(Kind::Dispatched, Some("/1/2/"), dispatched), Err(Misplaced::Circle));
        let below = Some((Kind::Dispatched, "/1/2/9/"));
        assert_eq!(fits_under(Kind::Dispatched, Some("/1/2/"), below), Err(Misplaced::Circle));
    }
}
