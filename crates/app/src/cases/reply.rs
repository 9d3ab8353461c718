//! The answer-quality gate (capability N13): a reply answers every point the reporter raised, in words of its
//! own. Nothing leaves the machine for this.

use crate::reports::{Permille, Shingles};
use serde::{Deserialize, Serialize};

/// A reply to the reporter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// One for each point, in the order of the points.
    pub answers: Vec<String>,
    /// What is said besides.
    pub rest: String,
}

/// A reply that was sent before, held against a new one.
#[derive(Clone, PartialEq, Eq)]
pub struct Earlier {
    /// In which case, for whoever may see that.
    pub case_id: Option<i64>,
    /// What it is called: "2026年3月2日的答复（第7件）".
    pub name: String,
    /// What it said, for whoever may see that.
    pub text: Option<String>,
    /// How alike the new one is.
    pub alike: Permille,
}

// What was written stays out of logs.
impl std::fmt::Debug for Earlier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Earlier({}, {})", self.name, self.alike)
    }
}

/// What is wrong with a reply; `Display` says it in Chinese.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// A point without an answer.
    #[error("第{point}个问题“{asked}”还没有答复，请逐一答复")]
    Unanswered {
        /// From 1.
        point: usize,
        /// What was asked.
        asked: String,
    },
    /// Too few characters to say anything.
    #[error("第{point}个问题的答复太短，请写明查了什么、结果是什么、依据是什么（至少{least}个字）", least = Reply::LEAST)]
    TooShort {
        /// From 1.
        point: usize,
    },
    /// The question given back.
    #[error("第{point}个问题的答复只是重复了问题，请写明查核的结果")]
    Echo {
        /// From 1.
        point: usize,
    },
    /// One answer pasted under two points.
    #[error("第{point}个问题的答复与第{other}个相同，请分别答复")]
    Same {
        /// From 1.
        point: usize,
        /// The earlier point.
        other: usize,
    },
    /// Nearly an earlier reply.
    #[error("这份答复与“{earlier}”的相似度为{}%，请针对这件重新起草；确属同一件事的，由审批领导写明理由后放行", .alike / 10)]
    NearCopy {
        /// Its name.
        earlier: String,
        /// How alike they are.
        alike: Permille,
    },
}

/// Proof that a reply went through the gate; only the gate makes one, storage gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    points: u32,
    released: Option<String>,
}

impl Sound {
    /// How many points it answers.
    pub fn points(&self) -> u32 {
        self.points
    }

    /// Why a near-copy was let through, if it was.
    pub fn released(&self) -> Option<&str> {
        self.released.as_deref()
    }
}

impl Reply {
    /// Characters below which an answer says nothing.
    pub const LEAST: usize = 10;
    /// From here on two replies are one with other names in it.
    pub const NEAR_COPY: Permille = 600;
    /// From here on two answers are the same, or an answer is its question.
    const SAME: Permille = 850;

    /// The whole as the reporter reads it.
    pub fn text(&self) -> String {
        let parts = self.answers.iter().chain([&self.rest]).map(|part| part.trim());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Everything that is wrong with it as an answer to these points.
    pub fn objections(&self, points: &[String], earlier: &[Earlier]) -> Vec<Objection> {
        let mut found: Vec<_> =
            points.iter().enumerate().filter_map(|(at, asked)| self.objection(at, asked)).collect();
        if let Some(one) = earlier.iter().max_by_key(|one| one.alike)
            && one.alike >= Reply::NEAR_COPY
        {
            found.push(Objection::NearCopy { earlier: one.name.clone(), alike: one.alike });
        }
        found
    }

    /// Lets a reply through. With a leader's reason a near-copy passes: two citizens may ask about one thing. An
    /// open point never does.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn check(
        &self,
        points: &[String],
        earlier: &[Earlier],
        release: Option<&str>,
    ) -> Result<Sound, Vec<Objection>> {
        let release = release.map(str::trim).filter(|reason| !reason.is_empty());
        let mut found = self.objections(points, earlier);
        let before = found.len();
        if release.is_some() {
            found.retain(|objection| !matches!(objection, Objection::NearCopy { .. }));
        }
        if !found.is_empty() {
            return Err(found);
        }
        let released = release.filter(|_| before > 0).map(str::to_owned);
        Ok(Sound { points: u32::try_from(points.len()).unwrap_or(u32::MAX), released })
    }

    fn objection(&self, at: usize, asked: &str) -> Option<Objection> {
        let point = at + 1;
        let answer = self.answers.get(at).map_or("", |answer| answer.trim());
        let pieces = Shingles::of(answer);
        let same = |(_, other): &(usize, &String)| pieces.alike(&Shingles::of(other)) >= Reply::SAME;
        if answer.is_empty() {
            Some(Objection::Unanswered { point, asked: asked.to_owned() })
        } else if answer.chars().count() < Reply::LEAST {
            Some(Objection::TooShort { point })
        } else if pieces.within(&Shingles::of(asked)) >= Reply::SAME {
            Some(Objection::Echo { point })
        } else {
            let other = self.answers.iter().enumerate().take(at).find(same);
            other.map(|(other, _)| Objection::Same { point, other: other + 1 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points() -> Vec<String> {
        vec!["低保名单是谁定的，有没有开会评议".into(), "为什么没有在村里公示".into()]
    }

    /// An earlier reply, held against [`reply`].
    fn compared(name: &str, text: &str) -> Earlier {
        let alike = Shingles::of(&reply().text()).alike(&Shingles::of(text));
        Earlier { case_id: None, name: name.into(), text: Some(text.into()), alike }
    }

    fn reply() -> Reply {
        let answers = vec![
            "2026年3月2日村民代表会议评议，21人到会，记录和签名已核对。".into(),
            "公示栏照片显示只贴了两天，不足七天，已责令重新公示并对村主任警示提醒。".into(),
        ];
        Reply { answers, rest: "感谢您的监督。".into() }
    }

    #[test]
    fn a_reply_to_every_point_in_its_own_words_passes() {
        let other = compared("安纪复〔2026〕1号", "村道厚度经检测不合格，已返工。");
        let sound = reply().check(&points(), &[other], None).unwrap();
        assert_eq!((sound.points(), sound.released()), (2, None));
    }

    #[test]
    fn empty_short_echoing_and_doubled_answers_are_named() {
        let with = |at: usize, text: &str| {
            let mut reply = reply();
            reply.answers[at] = text.into();
            reply.objections(&points(), &[])
        };
        assert_eq!(with(1, "  "), [Objection::Unanswered { point: 2, asked: points()[1].clone() }]);
        assert_eq!(with(0, "已按规定处理。"), [Objection::TooShort { point: 1 }]);
        assert_eq!(with(0, "低保名单是谁定的，有没有开会评议。"), [Objection::Echo { point: 1 }]);
        assert_eq!(with(1, &reply().answers[0]), [Objection::Same { point: 2, other: 1 }]);
        let none = Reply::default().objections(&points(), &[]);
        assert_eq!(none.len(), 2);
        assert!(none[0].to_string().contains("第1个问题“低保名单"));
    }

    #[test]
    fn a_near_copy_is_held_back_with_the_likest_named_until_a_leader_says_why() {
        let text = reply().text();
        let changed = text.replace("3月2日", "4月9日").replace("21人", "35人").replace("村主任", "会计");
        let earlier = [
            compared("甲", &(text.replace("警示提醒", "批评教育并扣发绩效工资") + "特此答复。")),
            compared("乙", &changed),
        ];
        let held = reply().check(&points(), &earlier, None).unwrap_err();
        assert!(matches!(&held[..], [Objection::NearCopy { earlier, .. }] if earlier == "乙"), "{held:?}");
        assert!(reply().check(&points(), &earlier, Some("  ")).is_err());
        let sound = reply().check(&points(), &earlier, Some("同一件事的第二位反映人")).unwrap();
        assert_eq!(sound.released(), Some("同一件事的第二位反映人"));
        // A reason opens no door for an unanswered point.
        let open = Reply { answers: vec![reply().answers[0].clone()], ..reply() };
        assert!(open.check(&points(), &earlier, Some("同一件事")).is_err());
        // And where nothing was held back, none is recorded.
        assert_eq!(reply().check(&points(), &[], Some("以防万一")).unwrap().released(), None);
    }

    proptest! {
        /// Whatever passes answers every point; whatever leaves one blank does not pass.
        #[test]
        fn nothing_passes_with_a_point_open(
            answers in proptest::collection::vec("[甲乙丙丁戊己庚辛]{0,14}| *", 0..4), count in 1usize..4,
        ) {
            let points: Vec<_> = (0..count).map(|at| format!("第{at}个问题问的是什么")).collect();
            let reply = Reply { answers: answers.clone(), rest: String::new() };
            let full = (0..count).all(|at| answers.get(at).is_some_and(|one| one.trim().chars().count() >= 10));
            let passed = reply.check(&points, &[], Some("理由")).is_ok();
            prop_assert!(!passed || full);
        }
    }
}
