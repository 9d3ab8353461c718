//! A sign, the two people who look into it, and what the public reads.

use crate::{Millis, ballot::SubjectId};
use serde::{Deserialize, Serialize};

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// More ballots than usual.
    Burst,
    /// Many from one source.
    Source,
    /// Subjects of far units rated together.
    Ring,
    /// Comments that are one text.
    Copies,
}

impl Sign {
    /// All.
    pub const ALL: [Sign; 4] = [Sign::Burst, Sign::Source, Sign::Ring, Sign::Copies];

    /// What the public reads while it is looked into.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Sign::Burst => "收到的评价明显多于平时",
            Sign::Source => "较多评价来自同一来源",
            Sign::Ring => "与不相干的对象被成组评价",
            Sign::Copies => "多条意见文字雷同",
        }
    }

    /// Whether the figure stays as it is meanwhile. Comments are not counted, so copies hold nothing.
    #[must_use]
    pub fn holds(self) -> bool {
        self != Sign::Copies
    }
}

/// The rules of identity; nothing else takes a ballot out of the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failing {
    /// Paper codes of a sheet that was lost, stolen or copied.
    SheetRevoked,
    /// Numbers of which the telephone company says that nobody owns them.
    NumberUnowned,
    /// Invitations for services that did not take place.
    NoService,
    /// The subject, one below, or a relative.
    Ineligible,
}

impl Failing {
    /// The public reason.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Failing::SheetRevoked => "纸质评价码已作废（遗失、被盗或复制）",
            Failing::NumberUnowned => "手机号经核实无实际使用人",
            Failing::NoService => "对应的办事记录不存在",
            Failing::Ineligible => "评价人属于应当回避的人员",
        }
    }
}

/// What one of the two says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "says")]
pub enum Decision {
    /// The ballots are people's: they count.
    Count,
    /// Some fail a rule.
    Exclude {
        /// Which rule.
        failing: Failing,
        /// How many.
        ballots: i64,
    },
}

/// A sign about a subject, and what two people said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// About whom.
    pub subject: SubjectId,
    /// What was seen.
    pub sign: Sign,
    /// When.
    pub at: Millis,
    /// By when it is decided, or the ballots count.
    pub until: Millis,
    /// Who said what: at most two.
    pub said: Vec<(i64, Decision)>,
}

/// What became of a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is being looked into.
    Open,
    /// All ballots count.
    Counted,
    /// Two people found ballots that fail a rule.
    Excluded {
        /// Which rule.
        failing: Failing,
        /// How many.
        ballots: i64,
    },
    /// Nobody decided in time: all ballots count, and the page says so.
    Lapsed,
    /// The two do not agree: all ballots count.
    Split,
}

/// Why somebody does not decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// It is decided or over.
    #[error("这条提示已经处理完毕")]
    Over,
    /// The same person twice.
    #[error("您已经提出过意见，须由另一人再核")]
    Twice,
    /// A conflict of interest.
    #[error("没有找到这条提示")]
    Conflict,
    /// Nothing is excluded.
    #[error("请填写不符合身份规则的票数")]
    None,
}

impl Flag {
    /// Raises a sign.
    #[must_use]
    pub fn raise(subject: SubjectId, sign: Sign, at: Millis, term: Millis) -> Flag {
        Flag { subject, sign, at, until: at + term, said: Vec::new() }
    }

    /// What became of it.
    #[must_use]
    pub fn outcome(&self, now: Millis) -> Outcome {
        match &self.said[..] {
            [(_, one), (_, other), ..] if one == other => match one {
                Decision::Count => Outcome::Counted,
                Decision::Exclude { failing, ballots } => {
                    Outcome::Excluded { failing: *failing, ballots: *ballots }
                }
            },
            [_, _, ..] => Outcome::Split,
            _ if now >= self.until => Outcome::Lapsed,
            _ => Outcome::Open,
        }
    }

    /// Whether the subject's figure stays as it is.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.sign.holds() && self.outcome(now) == Outcome::Open
    }

    /// One of the two says what they found. `conflict` is whether anything ties them to the subject.
    ///
    /// # Errors
    ///
    /// [`FlagError`] when they may not, or no longer.
    pub fn decide(
        mut self,
        who: i64,
        conflict: bool,
        says: Decision,
        now: Millis,
    ) -> Result<Flag, FlagError> {
        if conflict {
            return Err(FlagError::Conflict);
        }
        if self.outcome(now) != Outcome::Open {
            return Err(FlagError::Over);
        }
        if self.said.iter().any(|(known, _)| *known == who) {
            return Err(FlagError::Twice);
        }
        if matches!(says, Decision::Exclude { ballots, .. } if ballots <= 0) {
            return Err(FlagError::None);
        }
        self.said.push((who, says));
        Ok(self)
    }

    /// What stands beside the chart. Exclusions are told with their number only where it says nothing of one ballot.
    #[must_use]
    pub fn annotation(&self, now: Millis) -> String {
        let seen = self.sign.page();
        match self.outcome(now) {
            Outcome::Open if self.sign.holds() => {
                format!("{seen}，正在由两名工作人员核查；核查期间公布的分数保持不变，到期未核完的照常计入。")
            }
            Outcome::Open => format!("{seen}，正在由两名工作人员核查；分数不受影响。"),
            Outcome::Counted => format!("{seen}，经两人核查，评价全部有效，已计入。"),
            Outcome::Lapsed => format!("{seen}，未能按期核查完毕，评价已全部计入。"),
            Outcome::Split => format!("{seen}，两人核查意见不一致，评价全部计入。"),
            Outcome::Excluded { failing, ballots } if ballots < crate::release::CELL => {
                format!("{seen}，经两人核查，有少于5票不符合身份规则，未计入：{}。", failing.page())
            }
            Outcome::Excluded { failing, ballots } => {
                format!(
                    "{seen}，经两人核查，有{ballots}票不符合身份规则，未计入：{}。其余全部计入。",
                    failing.page()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Millis = 1000;

    fn flag() -> Flag {
        Flag::raise(SubjectId::Cadre(1), Sign::Burst, 0, TERM)
    }

    fn exclude(ballots: i64) -> Decision {
        Decision::Exclude { failing: Failing::SheetRevoked, ballots }
    }

    #[test]
    fn two_people_decide_and_one_person_is_not_two() {
        let one = flag().decide(7, false, exclude(40), 1).unwrap();
        assert!(one.holds(1));
        assert_eq!(one.clone().decide(7, false, exclude(40), 2), Err(FlagError::Twice));
        let two = one.clone().decide(8, false, exclude(40), 2).unwrap();
        assert_eq!(two.outcome(2), Outcome::Excluded { failing: Failing::SheetRevoked, ballots: 40 });
        assert!(!two.holds(2));
        assert_eq!(two.decide(9, false, Decision::Count, 3), Err(FlagError::Over));
        // What two people do not both find is not excluded.
        assert_eq!(one.clone().decide(8, false, exclude(41), 2).unwrap().outcome(2), Outcome::Split);
        assert_eq!(one.decide(8, false, Decision::Count, 2).unwrap().outcome(2), Outcome::Split);
    }

    #[test]
    fn whoever_is_in_conflict_finds_nothing_and_silence_counts_all() {
        assert_eq!(flag().decide(7, true, Decision::Count, 1), Err(FlagError::Conflict));
        assert_eq!(flag().decide(7, false, exclude(0), 1), Err(FlagError::None));
        assert_eq!(flag().outcome(TERM), Outcome::Lapsed);
        assert!(flag().holds(TERM - 1) && !flag().holds(TERM));
        assert_eq!(flag().decide(7, false, Decision::Count, TERM), Err(FlagError::Over));
    }

    #[test]
    fn the_public_reads_what_happened_and_no_small_number() {
        let done = |says: Decision| {
            let flag =
                flag().decide(7, false, says.clone(), 1).and_then(|flag| flag.decide(8, false, says, 2));
            flag.unwrap().annotation(3)
        };
        assert!(flag().annotation(1).contains("分数保持不变"));
        assert!(flag().annotation(TERM).contains("全部计入"));
        assert!(done(exclude(40)).contains("有40票") && done(exclude(40)).contains("已作废"));
        assert!(done(exclude(3)).contains("少于5票") && !done(exclude(3)).contains("3票"));
        let copies = Flag::raise(SubjectId::Cadre(1), Sign::Copies, 0, TERM);
        assert!(!copies.holds(1) && copies.annotation(1).contains("分数不受影响"));
    }
}
