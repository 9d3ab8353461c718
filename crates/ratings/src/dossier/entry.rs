//! Entries, the steps that make them, and what may follow what.

use crate::Day;
use serde::{Deserialize, Serialize};

/// What an entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 任职.
    Appointment,
    /// 群众评价: the figure of a round.
    Rating,
    /// 反映举报.
    Report,
    /// 核查结论.
    Conclusion,
    /// 处分与组织处理.
    Sanction,
    /// 表彰.
    Commendation,
    /// 亲属申报.
    Relative,
    /// 学习教育.
    Training,
    /// 澄清正名.
    Clarification,
}

impl Kind {
    /// All, in page order.
    pub const ALL: [Kind; 9] = [
        Kind::Appointment,
        Kind::Rating,
        Kind::Report,
        Kind::Conclusion,
        Kind::Sanction,
        Kind::Commendation,
        Kind::Relative,
        Kind::Training,
        Kind::Clarification,
    ];

    /// The word on the page.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Kind::Appointment => "任职",
            Kind::Rating => "群众评价",
            Kind::Report => "反映举报",
            Kind::Conclusion => "核查结论",
            Kind::Sanction => "处分与组织处理",
            Kind::Commendation => "表彰奖励",
            Kind::Relative => "亲属申报",
            Kind::Training => "学习教育",
            Kind::Clarification => "澄清正名",
        }
    }
}

/// How sure an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 未查实: being looked into; never told as a fact.
    Unverified,
    /// 失实封存: looked into and unfounded, or overturned.
    Sealed,
    /// 已查实.
    Verified,
    /// 已过影响期.
    Expired,
}

impl Status {
    /// All.
    pub const ALL: [Status; 4] = [Status::Unverified, Status::Sealed, Status::Verified, Status::Expired];

    /// The word on the page.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Status::Unverified => "未查实",
            Status::Sealed => "失实封存",
            Status::Verified => "已查实",
            Status::Expired => "已过影响期",
        }
    }
}

/// What is written down, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it records.
    pub kind: Kind,
    /// When it happened.
    pub day: Day,
    /// The post held then: "青石镇 副镇长". The dossier follows the person, the entry keeps the post.
    pub post: String,
    /// What happened. Never who reported.
    pub text: String,
    /// Where it comes from: a round, a case, a decision's number.
    pub source: String,
    /// The last day of its effect; none is without end.
    pub until: Option<Day>,
    /// Whether the cadre has been told of it: until then their own view is silent, lest an inquiry warn whom it is about.
    pub told: bool,
    /// Whether it was published: ratings by their rule, decisions when they are effective and notified.
    pub published: bool,
}

/// One addition to a dossier. `of` is the place of the entry it is about, from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// A new entry.
    Enter {
        /// What.
        entry: Entry,
    },
    /// Found true.
    Verify {
        /// Which.
        of: usize,
    },
    /// Found unfounded, or overturned.
    Seal {
        /// Which.
        of: usize,
    },
    /// The cadre is told.
    Tell {
        /// Which.
        of: usize,
    },
    /// It is published.
    Publish {
        /// Which.
        of: usize,
    },
    /// The cadre answers.
    Reply {
        /// Which.
        of: usize,
        /// In their words.
        text: String,
    },
    /// The cadre asks for a correction, or for 澄清正名.
    Ask {
        /// Which.
        of: usize,
        /// In their words.
        text: String,
        /// Whether the name is to be cleared in public.
        clear: bool,
    },
    /// An organ corrects the text, or says why not; the first text stays readable.
    Answer {
        /// Which.
        of: usize,
        /// The new text; none when it stays.
        text: Option<String>,
        /// Why.
        reason: String,
    },
}

/// An entry as it stands after all steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its place, from 0.
    pub place: usize,
    /// The entry, corrected, told, published.
    pub entry: Entry,
    /// How sure it is, without regard to the day.
    pub status: Status,
    /// What the cadre answered.
    pub replies: Vec<String>,
    /// Whether a request of the cadre is unanswered.
    pub asked: bool,
    /// Texts it had before, the first first.
    pub before: Vec<String>,
}

impl Standing {
    /// How sure it is on a day.
    #[must_use]
    pub fn status_on(&self, day: Day) -> Status {
        match self.status {
            Status::Verified if self.entry.until.is_some_and(|until| until < day) => Status::Expired,
            status => status,
        }
    }
}

/// Why a step does not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DossierError {
    /// No such entry.
    #[error("没有找到这条记录")]
    Missing,
    /// It does not follow how the entry stands.
    #[error("这条记录现在不能这样处理，请刷新页面后再看")]
    NotNow,
    /// What is not proved and told is not published.
    #[error("只有已查实、已告知本人的记录才能公布")]
    Unproven,
    /// Nothing was written.
    #[error("请填写内容")]
    Empty,
}

/// A dossier: its steps, and what stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    steps: Vec<Step>,
    entries: Vec<Standing>,
}

impl Dossier {
    /// Makes one of its steps, in order.
    ///
    /// # Errors
    ///
    /// [`DossierError`] when a step cannot have happened.
    pub fn fold(steps: impl IntoIterator<Item = Step>) -> Result<Dossier, DossierError> {
        steps.into_iter().try_fold(Dossier::default(), Dossier::then)
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What stands.
    #[must_use]
    pub fn entries(&self) -> &[Standing] {
        &self.entries
    }

    /// Adds a step.
    ///
    /// # Errors
    ///
    /// [`DossierError`] when it may not follow.
    pub fn then(mut self, step: Step) -> Result<Dossier, DossierError> {
        match &step {
            Step::Enter { entry } => self.enter(entry)?,
            Step::Verify { of } => self.settle(*of, &[Status::Unverified], Status::Verified)?,
            Step::Seal { of } => self.settle(*of, &[Status::Unverified, Status::Verified], Status::Sealed)?,
            Step::Tell { of } => self.at(*of)?.entry.told = true,
            Step::Publish { of } => {
                let one = self.at(*of)?;
                let proved = one.status == Status::Verified && one.entry.told;
                if !proved || !may_be_public(one.entry.kind) {
                    return Err(DossierError::Unproven);
                }
                one.entry.published = true;
            }
            Step::Reply { of, text } => self.heard(*of, text)?.replies.push(text.clone()),
            Step::Ask { of, text, .. } => self.heard(*of, text)?.asked = true,
            Step::Answer { of, text, reason } => self.answer(*of, text.as_deref(), reason)?,
        }
        self.steps.push(step);
        Ok(self)
    }

    fn at(&mut self, place: usize) -> Result<&mut Standing, DossierError> {
        self.entries.get_mut(place).ok_or(DossierError::Missing)
    }

    fn enter(&mut self, entry: &Entry) -> Result<(), DossierError> {
        if entry.text.trim().is_empty() {
            return Err(DossierError::Empty);
        }
        // Only a report begins as a claim; everything else is written down when it is so.
        let status = if entry.kind == Kind::Report { Status::Unverified } else { Status::Verified };
        if entry.published && !(status == Status::Verified && entry.told && may_be_public(entry.kind)) {
            return Err(DossierError::Unproven);
        }
        let (place, entry) = (self.entries.len(), entry.clone());
        self.entries.push(Standing { place, entry, status, replies: vec![], asked: false, before: vec![] });
        Ok(())
    }

    fn settle(&mut self, place: usize, from: &[Status], to: Status) -> Result<(), DossierError> {
        let one = self.at(place)?;
        if !from.contains(&one.status) {
            return Err(DossierError::NotNow);
        }
        one.status = to;
        // What is overturned is public no longer.
        one.entry.published &= to == Status::Verified;
        Ok(())
    }

    /// The entry, if the cadre was told of it and says something.
    fn heard(&mut self, place: usize, text: &str) -> Result<&mut Standing, DossierError> {
        let one = self.at(place)?;
        if !one.entry.told {
            return Err(DossierError::Missing);
        }
        if text.trim().is_empty() { Err(DossierError::Empty) } else { Ok(one) }
    }

    fn answer(&mut self, place: usize, text: Option<&str>, reason: &str) -> Result<(), DossierError> {
        let one = self.at(place)?;
        if !one.asked {
            return Err(DossierError::NotNow);
        }
        if reason.trim().is_empty() || text.is_some_and(|text| text.trim().is_empty()) {
            return Err(DossierError::Empty);
        }
        if let Some(text) = text {
            one.before.push(std::mem::replace(&mut one.entry.text, text.to_owned()));
        }
        one.asked = false;
        Ok(())
    }
}

/// Kinds that may ever be public.
pub(super) fn may_be_public(kind: Kind) -> bool {
    use Kind::{Appointment, Clarification, Commendation, Conclusion, Rating, Sanction};
    matches!(kind, Appointment | Rating | Conclusion | Sanction | Commendation | Clarification)
}
