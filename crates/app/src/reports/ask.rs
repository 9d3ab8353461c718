//! The pages of the form, in order: one question each.

use super::{Draft, Fault};
use daylight_ids::Phone;

/// One page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// 哪一类.
    Kind,
    /// 反映谁、什么事.
    Object,
    /// 发生了什么.
    Facts,
    /// 要求答复的问题.
    Points,
    /// 证据.
    Evidence,
    /// 您是谁.
    Identity,
    /// 核对.
    Check,
}

impl Ask {
    /// All, in page order.
    pub const ALL: [Ask; 7] =
        [Ask::Kind, Ask::Object, Ask::Facts, Ask::Points, Ask::Evidence, Ask::Identity, Ask::Check];

    /// Its address.
    pub fn path(self) -> &'static str {
        match self {
            Ask::Kind => "/reports/new/kind",
            Ask::Object => "/reports/new/object",
            Ask::Facts => "/reports/new/facts",
            Ask::Points => "/reports/new/points",
            Ask::Evidence => "/reports/new/evidence",
            Ask::Identity => "/reports/new/identity",
            Ask::Check => "/reports/new/check",
        }
    }

    /// From 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The page after it; the last has none.
    pub fn next(self) -> Option<Ask> {
        Ask::ALL.get(self as usize + 1).copied()
    }

    /// The page before it.
    pub fn previous(self) -> Option<Ask> {
        (self as usize).checked_sub(1).and_then(|at| Ask::ALL.get(at).copied())
    }

    /// The page on which a fault is mended.
    pub fn of(fault: &Fault) -> Ask {
        use super::Question;
        match (fault.question, fault.field) {
            (Question::Kind, _) => Ask::Kind,
            (Question::Object, _) => Ask::Object,
            (Question::Facts, "points") => Ask::Points,
            (Question::Facts, _) => Ask::Facts,
            (Question::Identity, _) => Ask::Identity,
        }
    }

    /// The first page of a draft that has something to mend; [`Ask::Check`] when none has.
    pub fn first_open(draft: &Draft, proved: Option<&Phone>) -> Ask {
        let faults = draft.check(proved).err().unwrap_or_default();
        faults.iter().map(Ask::of).min().unwrap_or(Ask::Check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::{Kind, Object};

    #[test]
    fn a_draft_is_taken_up_where_it_was_left() {
        let mut draft = Draft::default();
        assert_eq!(Ask::first_open(&draft, None), Ask::Kind);
        draft.kind = Some(Kind::Complaint);
        assert_eq!(Ask::first_open(&draft, None), Ask::Object);
        draft.object = Some(Object::Unknown);
        assert_eq!(Ask::first_open(&draft, None), Ask::Facts);
        draft.facts.what = "路灯坏了三个月没有人修理".into();
        draft.points = vec!["长".repeat(Draft::SHORT_MOST + 1)];
        assert_eq!(Ask::first_open(&draft, None), Ask::Points);
        draft.points.clear();
        assert_eq!(Ask::first_open(&draft, None), Ask::Identity);
        draft.level = "anonymous".into();
        assert_eq!(Ask::first_open(&draft, None), Ask::Check);
    }

    #[test]
    fn the_pages_follow_one_another() {
        assert_eq!(Ask::ALL.map(Ask::number), [1, 2, 3, 4, 5, 6, 7]);
        for pair in Ask::ALL.windows(2) {
            assert_eq!((pair[0].next(), pair[1].previous()), (Some(pair[1]), Some(pair[0])));
        }
        assert_eq!((Ask::Kind.previous(), Ask::Check.next()), (None, None));
    }
}
