//! Which earlier reports may be about the same thing. A suggestion to a person, who links them or not;
//! nothing is ever deleted or merged by it, and the second reporter is answered like the first.
//!
//! The caller hands in only what the viewer may see: a suggestion must not tell a handler of a report from
//! which they are recused.

use super::{Object, Permille, Shingles};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gist {
    /// The report.
    pub report_id: i64,
    /// What it is about.
    pub object: Object,
    /// The pieces of its text.
    pub text: Shingles,
}

/// An earlier report and why it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The earlier report.
    pub report_id: i64,
    /// How alike the texts are.
    pub alike: Permille,
    /// Whether both name the same object.
    pub same_object: bool,
}

impl Suggestion {
    /// "反映对象相同，内容相似度43%".
    pub fn because(&self) -> String {
        let object = if self.same_object { "反映对象相同" } else { "反映对象不同" };
        format!("{object}，内容相似度{}%", self.alike / 10)
    }
}

/// How alike texts must be when the object is the same, and when it is not (or nobody knows).
const SAME_OBJECT: Permille = 200;
const OTHER_OBJECT: Permille = 500;

/// The earlier reports that may be about the same thing, the likeliest first, at most `limit`.
pub fn suggest(new: &Gist, earlier: &[Gist], limit: usize) -> Vec<Suggestion> {
    let compare = |known: &Gist| {
        let same_object = known.object == new.object && new.object != Object::Unknown;
        let alike = new.text.alike(&known.text);
        let floor = if same_object { SAME_OBJECT } else { OTHER_OBJECT };
        let fits = known.report_id != new.report_id && alike >= floor;
        fits.then_some(Suggestion { report_id: known.report_id, alike, same_object })
    };
    let mut found: Vec<_> = earlier.iter().filter_map(compare).collect();
    found.sort_by_key(|one| (!one.same_object, std::cmp::Reverse(one.alike), one.report_id));
    found.truncate(limit);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gist(report_id: i64, object: Object, text: &str) -> Gist {
        Gist { report_id, object, text: Shingles::of(text) }
    }

    const ROAD: &str = "村道硬化工程厚度不够，验收却写合格，多付了工程款";
    const ROAD_TOO: &str = "我们村道硬化工程厚度不够，验收居然合格，工程款多付了";

    #[test]
    fn the_same_object_needs_less_likeness_than_another() {
        let new = gist(9, Object::Unit(3), ROAD);
        let earlier = [
            gist(1, Object::Unit(4), ROAD),
            gist(2, Object::Unit(3), ROAD_TOO),
            gist(3, Object::Unit(4), ROAD_TOO),
            gist(4, Object::Unit(3), "低保评议不公开，名单里有村干部的亲戚"),
        ];
        let found: Vec<_> = suggest(&new, &earlier, 9).into_iter().map(|one| one.report_id).collect();
        assert_eq!(found, [2, 1]);
        assert_eq!(suggest(&new, &earlier, 1).len(), 1);
        assert_eq!(suggest(&new, &earlier, 1)[0].because().split('，').next(), Some("反映对象相同"));
    }

    #[test]
    fn not_knowing_whom_is_no_likeness_and_a_report_is_not_its_own_duplicate() {
        let new = gist(9, Object::Unknown, ROAD);
        assert_eq!(suggest(&new, &[gist(1, Object::Unknown, ROAD_TOO)], 9), []);
        assert_eq!(suggest(&new, std::slice::from_ref(&new), 9), []);
        assert!(!suggest(&new, &[gist(1, Object::Unknown, ROAD)], 9)[0].same_object);
    }
}
