//! The library: its questions, and what is wrong with one.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A closed list of words that stand in data: the word, and what a page says.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal $page:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// All, in page order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word in data.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)+ }
            }

            /// The word on the page.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self { $($name::$variant => $page,)+ }
            }

            /// Reads the word in data.
            #[must_use]
            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

words! {
    /// What a question is about: whether power is kept clean, or whether work is done.
    Virtue {
        /// 廉洁.
        Integrity = "integrity" "廉洁",
        /// 勤政.
        Diligence = "diligence" "勤政",
    }
}

words! {
    /// What a question rests on: one of the six disciplines, or the post.
    Ground {
        /// 政治纪律.
        Political = "political" "政治纪律",
        /// 组织纪律.
        Organisational = "organisational" "组织纪律",
        /// 廉洁纪律.
        Integrity = "integrity" "廉洁纪律",
        /// 群众纪律.
        Masses = "masses" "群众纪律",
        /// 工作纪律.
        Work = "work" "工作纪律",
        /// 生活纪律.
        Life = "life" "生活纪律",
        /// 岗位.
        Post = "post" "岗位职责",
    }
}

words! {
    /// The class of a post; the words are those of the registry's ranks.
    Rank {
        /// 县级干部.
        County = "county" "县级干部",
        /// 单位主要负责人.
        Head = "head" "单位主要负责人",
        /// 站所负责人.
        Station = "station" "站所负责人",
        /// 村（社区）干部.
        Village = "village" "村（社区）干部",
        /// 其他人员.
        Other = "other" "其他人员",
    }
}

words! {
    /// What kind of body the post is in; the words are those of the registry's categories.
    Sector {
        /// 四大机构.
        Leading = "leading" "四大机构",
        /// 县级部门.
        Department = "department" "县级部门",
        /// 乡镇.
        Township = "township" "乡镇",
        /// 村.
        Village = "village" "村",
        /// 社区.
        Community = "community" "社区",
        /// 学校.
        School = "school" "学校",
        /// 医院.
        Hospital = "hospital" "医院",
        /// 国有企业.
        Enterprise = "enterprise" "国有企业",
    }
}

words! {
    /// Whether a cadre belongs to the party.
    Party {
        /// 党员.
        Member = "party" "党员",
        /// 非党员.
        NonMember = "non_party" "非党员",
    }
}

words! {
    /// Of whom a question is asked.
    PartyRule {
        /// Everybody.
        Any = "any" "全部",
        /// Members.
        Members = "party" "党员",
        /// Others.
        NonMembers = "non_party" "非党员",
    }
}

impl Party {
    /// Reads what rosters say under 政治面貌; none where it is empty.
    #[must_use]
    pub fn from_page(text: &str) -> Option<Party> {
        let text = daylight_ids::text::squash(text);
        let member =
            ["中共党员", "共产党员", "预备党员"].iter().any(|word| text.contains(word)) || text == "党员";
        match text.as_str() {
            "" | "不详" | "未知" => None,
            _ if member && !text.contains('非') => Some(Party::Member),
            _ => Some(Party::NonMember),
        }
    }
}

impl PartyRule {
    /// Whether it holds for somebody; nobody is taken for a member of whom it is not known.
    #[must_use]
    pub fn covers(self, party: Option<Party>) -> bool {
        match self {
            PartyRule::Any => true,
            PartyRule::Members => party == Some(Party::Member),
            PartyRule::NonMembers => party == Some(Party::NonMember),
        }
    }
}

/// Five answers, the best first. 「不了解」 stands beside every scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// The word in data.
    pub code: String,
    /// The answers.
    pub steps: [String; 5],
}

/// A question about a cadre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Stays with it through all versions.
    pub code: String,
    /// Counts up when words or scale change: answers to other words are other answers.
    pub version: u32,
    /// What it is about.
    pub virtue: Virtue,
    /// What it rests on.
    pub ground: Ground,
    /// The question.
    pub text: String,
    /// The answers.
    pub scale: String,
    /// Of which post classes; empty is of all.
    pub ranks: Vec<Rank>,
    /// In which bodies; empty is in all.
    pub sectors: Vec<Sector>,
    /// Of members, of others, or of all.
    pub party: PartyRule,
    /// Whether the worst answer is offered to become a report.
    pub report: bool,
    /// The lower, the sooner it is asked.
    pub first: u32,
}

/// A question about a power (A27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PowerQuestion {
    /// Stays with it through all versions.
    pub code: String,
    /// Counts up when words or scale change.
    pub version: u32,
    /// 流程是否合理…
    pub name: String,
    /// The question.
    pub text: String,
    /// The answers.
    pub scale: String,
    /// Whether the worst answer is offered to become a report: 不真实 is.
    pub report: bool,
}

/// All questions of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Which edition.
    pub edition: u32,
    /// The scales.
    pub scales: Vec<Scale>,
    /// About cadres.
    pub indicators: Vec<Indicator>,
    /// About powers.
    pub powers: Vec<PowerQuestion>,
    /// Words by which a question asks for an opinion on somebody's character; no question may hold one.
    pub opinions: Vec<String>,
}

/// What is wrong with a library; `Display` says it to whoever edits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Two of one code.
    #[error("代码“{0}”重复")]
    Twice(String),
    /// No such scale, or an answer of it is empty or stands there twice.
    #[error("“{0}”的答案不是五个互不相同的选项")]
    Scale(String),
    /// It asks for an opinion.
    #[error("“{code}”里有“{word}”：只问群众看得到的事，不问对人的看法")]
    Opinion {
        /// Which.
        code: String,
        /// By which word.
        word: String,
    },
    /// No question, or too long for a phone.
    #[error("“{0}”应当是一句以问号结尾、不超过40个字的问话")]
    Wording(String),
    /// Other words under the same version.
    #[error("“{0}”改了问法或答案，版本号要加一")]
    Version(String),
    /// For some posts too little can be asked.
    #[error("{rank}（{sector}，{party}）的{virtue}方面不足三个问题", rank = .0.page(), sector = .1.page(), party = .2.page(), virtue = .3.page())]
    Thin(Rank, Sector, Party, Virtue),
    /// The powers' questions are four.
    #[error("对权力事项要问四个问题，现在是{0}个")]
    Powers(usize),
}

impl Library {
    /// The least of each virtue that every post is asked.
    pub const LEAST: usize = 3;
    /// Characters of a question.
    const LONGEST: usize = 40;

    /// The library that comes with the program.
    #[must_use]
    pub fn first() -> Library {
        serde_json::from_str(include_str!("indicators.json")).expect("a test reads the embedded library")
    }

    /// A scale by its code.
    #[must_use]
    pub fn scale(&self, code: &str) -> Option<&Scale> {
        self.scales.iter().find(|scale| scale.code == code)
    }

    /// Everything that is wrong with it; `before` is the edition in force.
    #[must_use]
    pub fn faults(&self, before: Option<&Library>) -> Vec<Fault> {
        let mut found = self.faults_of_questions();
        if let Some(before) = before {
            found.extend(self.faults_of_versions(before));
        }
        if self.powers.len() != 4 {
            found.push(Fault::Powers(self.powers.len()));
        }
        found.extend(self.thin());
        found
    }

    /// Code, version, words and scale of every question.
    fn questions(&self) -> impl Iterator<Item = (&str, u32, &str, &str)> {
        let cadres = self.indicators.iter().map(|one| (&*one.code, one.version, &*one.text, &*one.scale));
        cadres.chain(self.powers.iter().map(|one| (&*one.code, one.version, &*one.text, &*one.scale)))
    }

    fn faults_of_questions(&self) -> Vec<Fault> {
        let mut found = Vec::new();
        let mut codes = BTreeSet::new();
        for (code, _, text, scale) in self.questions() {
            if !codes.insert(code) {
                found.push(Fault::Twice(code.to_owned()));
            }
            let steps: Option<BTreeSet<&str>> =
                self.scale(scale).map(|scale| scale.steps.iter().map(|step| step.trim()).collect());
            if steps
                .is_none_or(|steps| steps.len() != 5 || steps.contains("") || steps.contains(super::UNKNOWN))
            {
                found.push(Fault::Scale(code.to_owned()));
            }
            if !text.ends_with('？') || text.chars().count() > Self::LONGEST {
                found.push(Fault::Wording(code.to_owned()));
            }
            if let Some(word) = self.opinions.iter().find(|word| text.contains(word.as_str())) {
                found.push(Fault::Opinion { code: code.to_owned(), word: word.clone() });
            }
        }
        found
    }

    fn faults_of_versions(&self, before: &Library) -> Vec<Fault> {
        let steps = |library: &Library, scale: &str| library.scale(scale).map(|scale| scale.steps.clone());
        let said_otherwise = |(code, version, text, scale): &(&str, u32, &str, &str)| {
            before.questions().any(|(known, old, words, answers)| {
                let same = words == *text && steps(before, answers) == steps(self, scale);
                known == *code && (if same { *version != old } else { *version != old + 1 })
            })
        };
        self.questions().filter(said_otherwise).map(|(code, ..)| Fault::Version(code.to_owned())).collect()
    }

    fn thin(&self) -> Vec<Fault> {
        let mut found = Vec::new();
        for target in super::Target::all() {
            for virtue in Virtue::ALL {
                let fit = self.indicators.iter().filter(|one| one.virtue == *virtue && target.fits(one));
                if let (Some(party), true) = (target.party, fit.count() < Self::LEAST) {
                    found.push(Fault::Thin(target.rank, target.sector, party, *virtue));
                }
            }
        }
        found
    }
}
