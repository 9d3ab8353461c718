//! What a person says on a ballot, in four bytes.

use crate::indicators::{MOST, Questions};
use serde::{Deserialize, Serialize};

/// One of the five steps, or that one cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// 0 is the worst, 4 the best.
    Step(u8),
    /// 不了解.
    Unknown,
}

impl Answer {
    /// How many there are.
    pub const KINDS: usize = 6;

    /// 0 to 4 are the steps, 5 is unknown.
    #[must_use]
    pub fn place(self) -> usize {
        match self {
            Answer::Step(step) => usize::from(step.min(4)),
            Answer::Unknown => 5,
        }
    }

    /// Reads [`Answer::place`].
    #[must_use]
    pub fn from_place(place: usize) -> Option<Answer> {
        match place {
            0..=4 => Some(Answer::Step(place as u8)),
            5 => Some(Answer::Unknown),
            _ => None,
        }
    }
}

/// How a person came to the ballot; each is shown apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By the portal, with a code sent to the telephone.
    Phone,
    /// Invited after a service.
    Invitation,
    /// By a single-use code on paper.
    Paper,
}

impl Channel {
    /// All, in page order.
    pub const ALL: [Channel; 3] = [Channel::Phone, Channel::Invitation, Channel::Paper];

    /// The word on the page.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Channel::Phone => "手机验证码",
            Channel::Invitation => "办事后受邀",
            Channel::Paper => "纸质评价码",
        }
    }
}

/// What is wrong with answers; `Display` says it in Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not answered; 「不了解」 is an answer.
    #[error("第{0}题还没有选，不清楚的请选“不了解”")]
    Missing(usize),
    /// Not one of the six.
    #[error("第{0}题的选项无效，请重新选择")]
    Invalid(usize),
    /// Nothing is known: there is nothing to count.
    #[error("所有问题都选了“不了解”，没有可以计入的评价；有了解的再来评")]
    NothingKnown,
    /// The questions have changed meanwhile.
    #[error("题目已更新，请刷新页面后再评")]
    OtherQuestions,
}

/// The answers of a person on one subject, in the order of its [`Questions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    channel: Channel,
    asked: u8,
    answers: [Answer; MOST],
}

impl Ballot {
    /// Reads what came from a form: one place (0 to 5) for each question, none where nothing was chosen.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, in the order of the questions.
    pub fn check(
        channel: Channel,
        questions: &Questions,
        typed: &[Option<u8>],
    ) -> Result<Ballot, Vec<AnswerError>> {
        let count = questions.list.len();
        if count == 0 || count > MOST || typed.len() != count {
            return Err(vec![AnswerError::OtherQuestions]);
        }
        let (mut answers, mut wrong) = ([Answer::Unknown; MOST], Vec::new());
        for (at, typed) in typed.iter().enumerate() {
            match typed.map(|place| Answer::from_place(usize::from(place))) {
                Some(Some(answer)) => answers[at] = answer,
                Some(None) => wrong.push(AnswerError::Invalid(at + 1)),
                None => wrong.push(AnswerError::Missing(at + 1)),
            }
        }
        if wrong.is_empty() && answers.iter().all(|answer| *answer == Answer::Unknown) {
            wrong.push(AnswerError::NothingKnown);
        }
        if wrong.is_empty() { Ok(Ballot { channel, asked: count as u8, answers }) } else { Err(wrong) }
    }

    /// How the person came.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The answers, one for each question.
    #[must_use]
    pub fn answers(&self) -> &[Answer] {
        &self.answers[..usize::from(self.asked)]
    }

    /// The mean of what is known, in 840ths of a step (0 to 3,360): 840 is divided by every count of questions up to
    /// eight, so that sums of means are whole numbers and a recount is exact.
    #[must_use]
    pub fn value(&self) -> i64 {
        let known = self.answers().iter().filter_map(|answer| match answer {
            Answer::Step(step) => Some(i64::from(*step)),
            Answer::Unknown => None,
        });
        let (count, sum) = known.fold((0, 0), |(count, sum), step| (count + 1, sum + step));
        if count == 0 { 0 } else { sum * (Self::STEP / count) }
    }

    /// A step in the units of [`Ballot::value`].
    pub const STEP: i64 = 840;
    /// The most a ballot can say.
    pub const BEST: i64 = 4 * Ballot::STEP;

    /// The questions of which the worst answer is offered to become a report, each with its place from 0.
    #[must_use]
    pub fn offers_report(&self, questions: &Questions) -> Vec<usize> {
        let pairs = questions.list.iter().zip(self.answers()).enumerate();
        pairs
            .filter(|(_, (asked, answer))| asked.report && **answer == Answer::Step(0))
            .map(|(at, _)| at)
            .collect()
    }

    /// Four bytes: two bits of channel, four of the count, three for each answer. What is not asked is zero, so that equal
    /// ballots have equal bytes.
    #[must_use]
    pub fn pack(&self) -> u32 {
        let answers = self.answers().iter().enumerate();
        let bits = answers.fold(0, |bits, (at, answer)| bits | (answer.place() as u32) << (3 * at));
        bits | u32::from(self.asked) << 24 | (self.channel as u32) << 28
    }

    /// Reads [`Ballot::pack`]; none when no ballot packs to it.
    #[must_use]
    pub fn unpack(bits: u32) -> Option<Ballot> {
        let channel = *Channel::ALL.get((bits >> 28) as usize)?;
        let asked = (bits >> 24 & 15) as u8;
        if asked == 0 || usize::from(asked) > MOST {
            return None;
        }
        let mut answers = [Answer::Unknown; MOST];
        for (at, answer) in answers.iter_mut().enumerate().take(usize::from(asked)) {
            *answer = Answer::from_place((bits >> (3 * at) & 7) as usize)?;
        }
        let ballot = Ballot { channel, asked, answers };
        let known = ballot.answers().iter().any(|answer| *answer != Answer::Unknown);
        (known && ballot.pack() == bits).then_some(ballot)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::indicators::Question;
    use proptest::prelude::*;

    pub(crate) fn questions(count: usize) -> Questions {
        let one = |at| Question { code: format!("q{at}"), version: 1, report: at % 2 == 0 };
        Questions { edition: 1, list: (0..count).map(one).collect() }
    }

    #[test]
    fn every_question_is_answered_and_something_is_known() {
        let check = |typed: &[Option<u8>]| Ballot::check(Channel::Phone, &questions(3), typed);
        assert_eq!(
            check(&[Some(4), None, Some(6)]),
            Err(vec![AnswerError::Missing(2), AnswerError::Invalid(3)])
        );
        assert_eq!(check(&[Some(5); 3]), Err(vec![AnswerError::NothingKnown]));
        assert_eq!(check(&[Some(4); 2]), Err(vec![AnswerError::OtherQuestions]));
        let ballot = check(&[Some(4), Some(5), Some(1)]).unwrap();
        assert_eq!(ballot.answers(), [Answer::Step(4), Answer::Unknown, Answer::Step(1)]);
        // (4 + 1) / 2 steps.
        assert_eq!(ballot.value(), 2 * 840 + 420);
    }

    #[test]
    fn only_the_worst_answer_to_a_serious_question_offers_a_report() {
        let check = |typed: [u8; 3]| {
            let ballot = Ballot::check(Channel::Paper, &questions(3), &typed.map(Some)).unwrap();
            ballot.offers_report(&questions(3))
        };
        assert_eq!(check([0, 0, 1]), [0]);
        assert_eq!(check([1, 0, 4]), [] as [usize; 0]);
        assert_eq!(check([0, 4, 0]), [0, 2]);
    }

    proptest! {
        #[test]
        fn a_ballot_survives_packing_and_no_other_bytes_are_one(
            typed in proptest::collection::vec(0_u8..6, 1..=8), channel in 0_usize..3, noise in any::<u32>(),
        ) {
            let typed: Vec<_> = typed.into_iter().map(Some).collect();
            if let Ok(ballot) = Ballot::check(Channel::ALL[channel], &questions(typed.len()), &typed) {
                prop_assert_eq!(Ballot::unpack(ballot.pack()), Some(ballot));
                prop_assert!((0..=Ballot::BEST).contains(&ballot.value()));
            }
            if let Some(ballot) = Ballot::unpack(noise & 0x3fff_ffff) {
                prop_assert_eq!(ballot.pack(), noise & 0x3fff_ffff);
            }
        }
    }
}
