//! Deadline profiles. They are data an administrator may change; a case keeps the profile under which it was
//! received, so that a promise once made to a citizen stands.

use super::Reminder;
use crate::reports::Kind;
use serde::{Deserialize, Serialize};

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "unit", content = "count", rename_all = "snake_case")]
pub enum Term {
    /// Calendar days.
    Days(u32),
    /// Days on which offices work.
    WorkingDays(u32),
    /// Calendar months: the same day of a later month, or that month's last.
    Months(u32),
}

impl Term {
    /// "15个工作日".
    pub fn page(self) -> String {
        match self {
            Term::Days(count) => format!("{count}日"),
            Term::WorkingDays(count) => format!("{count}个工作日"),
            Term::Months(count) => format!("{count}个月"),
        }
    }

    /// How many of its unit.
    pub fn count(self) -> u32 {
        match self {
            Term::Days(count) | Term::WorkingDays(count) | Term::Months(count) => count,
        }
    }

    /// Whether it is never longer than another; only terms of one unit can be compared.
    pub fn is_within(self, most: Term) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&most) && self.count() <= most.count()
    }
}

/// First handling, or the superior organ's after the reporter was not satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 首次办理.
    First,
    /// 上级复核.
    Second,
}

impl Stage {
    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Stage::First => "first",
            Stage::Second => "second",
        }
    }
}

/// A moment in a case's life from which or until which a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// 收到 the report.
    Received,
    /// 转到 the organ that has it now.
    Routed,
    /// 受理.
    Accepted,
    /// 形成结论.
    Concluded,
    /// 答复: the reply, or the word that it is not accepted.
    Answered,
    /// 提交上级: the second stage begins.
    Escalated,
}

impl Moment {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Moment::Received => "收到",
            Moment::Routed => "转到承办机关",
            Moment::Accepted => "受理",
            Moment::Concluded => "形成结论",
            Moment::Answered => "答复",
            Moment::Escalated => "提交上级",
        }
    }
}

/// What must be done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Take it on or pass it to the organ whose it is.
    Forward,
    /// Tell the reporter whether it is accepted.
    Accept,
    /// Look into it.
    Handle,
    /// Tell the reporter the outcome.
    Reply,
}

impl Clock {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Clock::Forward => "受理或转办",
            Clock::Accept => "告知是否受理",
            Clock::Handle => "办理",
            Clock::Reply => "答复",
        }
    }
}

/// On what a term rests, and how sure we are of the wording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "text", rename_all = "snake_case")]
pub enum Source {
    /// Read in the statute.
    Statute(String),
    /// Seen quoted; printed with the advice to check it.
    Quoted(String),
    /// A promise of the county's own.
    Promise(String),
}

impl Source {
    /// As printed beside a deadline.
    pub fn page(&self) -> String {
        match self {
            Source::Statute(text) => format!("依据{text}"),
            Source::Quoted(text) => format!("依据{text}（转引自公开资料，以原文为准）"),
            Source::Promise(text) => format!("按{text}"),
        }
    }
}

/// One clock of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What must be done.
    pub clock: Clock,
    /// In which stage.
    pub stage: Stage,
    /// Where it begins; that day is not counted (民法典第二百零一条).
    pub from: Moment,
    /// What stops it. An answer stops every clock.
    pub until: Moment,
    /// How long.
    pub term: Term,
    /// How long instead, counted from the same beginning, once a case is filed (立案).
    pub filed: Option<Term>,
    /// The most a leader may add, once.
    pub extension: Option<Term>,
    /// On what it rests.
    pub source: Source,
}

/// A set of clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its word in tables.
    pub code: String,
    /// Its name on pages.
    pub name: String,
    /// The kinds of report that are received under it.
    pub kinds: Vec<Kind>,
    /// At most one for each clock and stage.
    pub rules: Vec<Rule>,
    /// How long the reporter may say "not satisfied" after an answer; then silence lets it lapse.
    pub silence: Term,
    /// The most days for which one question to the reporter stops the clocks: asking is no way to stall.
    pub pause_most: u32,
    /// Who is reminded, and when.
    pub reminders: Vec<Reminder>,
}

impl Profile {
    /// The one under which this kind of report is received.
    pub fn of(profiles: &[Profile], kind: Kind) -> Option<&Profile> {
        profiles.iter().find(|profile| profile.kinds.contains(&kind))
    }

    /// The clock of a stage, if the profile has it.
    pub fn rule(&self, clock: Clock, stage: Stage) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.clock == clock && rule.stage == stage)
    }

    /// What keeps an edited profile from being saved, in Chinese.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let (word, earlier) = (rule.clock.page(), &self.rules[..at]);
            if earlier.iter().any(|other| (other.clock, other.stage) == (rule.clock, rule.stage)) {
                problems.push(format!("“{word}”期限重复，同一阶段只能有一条，请删去一条"));
            }
            let terms = [Some(rule.term), rule.filed, rule.extension];
            if terms.into_iter().flatten().any(|term| term.count() == 0) {
                problems.push(format!("“{word}”期限不能为0，请填写天数或月数"));
            }
            if rule.from == rule.until {
                problems.push(format!("“{word}”期限的起点和终点相同，请改正其中一个"));
            }
        }
        for (stage, word) in [(Stage::First, "首次办理"), (Stage::Second, "上级复核")] {
            if self.rule(Clock::Handle, stage).is_none() {
                problems.push(format!("{word}没有“办理”期限，请补上"));
            }
        }
        if self.silence.count() == 0 {
            problems.push("反映人评价期不能为0，请填写天数".into());
        }
        problems
    }

    /// The profiles that come with the program.
    pub fn seeds() -> Vec<Profile> {
        vec![county(), petition(), accusation()]
    }
}

fn rule(clock: Clock, stage: Stage, from: Moment, until: Moment, term: Term, source: Source) -> Rule {
    Rule { clock, stage, from, until, term, filed: None, extension: None, source }
}

fn profile(code: &str, name: &str, kinds: &[Kind], rules: Vec<Rule>) -> Profile {
    let (code, name, kinds) = (code.to_owned(), name.to_owned(), kinds.to_vec());
    Profile {
        code,
        name,
        kinds,
        rules,
        silence: Term::Days(30),
        pause_most: 15,
        reminders: Reminder::seeds(),
    }
}

fn statute(text: &str) -> Source {
    Source::Statute(format!("《信访工作条例》{text}"))
}

/// 15 days to say whether it is accepted: the statute's, whatever the county promises besides.
fn accept() -> Rule {
    let source = statute("：收到之日起15日内决定是否受理");
    rule(Clock::Accept, Stage::First, Moment::Received, Moment::Accepted, Term::Days(15), source)
}

/// The county's promise: outcome within a month, within three when a case is filed.
fn county() -> Profile {
    let promise = || Source::Promise("本县公开承诺：1个月内办结，立案的3个月内办结".into());
    let month = |stage, from| Rule {
        filed: Some(Term::Months(3)),
        ..rule(Clock::Handle, stage, from, Moment::Answered, Term::Months(1), promise())
    };
    let rules =
        vec![accept(), month(Stage::First, Moment::Received), month(Stage::Second, Moment::Escalated)];
    profile("county", "一般信访举报", &[Kind::Complaint], rules)
}

/// 信访工作条例.
fn petition() -> Profile {
    let handle = statute("：受理之日起60日内办结，经批准可延长，最多30日");
    let review = statute("：复查、复核机关30日内提出意见");
    let rules = vec![
        accept(),
        Rule {
            extension: Some(Term::Days(30)),
            ..rule(Clock::Handle, Stage::First, Moment::Accepted, Moment::Answered, Term::Days(60), handle)
        },
        rule(Clock::Handle, Stage::Second, Moment::Escalated, Moment::Answered, Term::Days(30), review),
    ];
    profile("petition", "信访事项", &[Kind::Request, Kind::Suggestion], rules)
}

/// 纪检监察机关处理检举控告工作规则. It sets no term for handling itself: the county's promise fills that.
fn accusation() -> Profile {
    let quoted = |text: &str| Source::Quoted(format!("《纪检监察机关处理检举控告工作规则》{text}"));
    let forward = quoted("第十六条：收到之日起5个工作日内受理或者转办");
    let accept = quoted("：收到之日起15个工作日内告知受理情况");
    let reply = || quoted("：办结之日起15个工作日内反馈处理结果");
    let promise = || Source::Promise("本县公开承诺：1个月内办结，立案的3个月内办结".into());
    let days = Term::WorkingDays;
    let month = |stage, from| Rule {
        filed: Some(Term::Months(3)),
        ..rule(Clock::Handle, stage, from, Moment::Concluded, Term::Months(1), promise())
    };
    let answer = |stage| rule(Clock::Reply, stage, Moment::Concluded, Moment::Answered, days(15), reply());
    let rules = vec![
        rule(Clock::Forward, Stage::First, Moment::Routed, Moment::Accepted, days(5), forward),
        rule(Clock::Accept, Stage::First, Moment::Received, Moment::Accepted, days(15), accept),
        month(Stage::First, Moment::Accepted),
        answer(Stage::First),
        month(Stage::Second, Moment::Escalated),
        answer(Stage::Second),
    ];
    profile("accusation", "检举控告", &[Kind::Accusation], rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_are_what_the_sources_say_and_survive_storage() {
        let terms = |code: &str| {
            let seeds = Profile::seeds();
            let profile = seeds.iter().find(|profile| profile.code == code).unwrap();
            let line = |rule: &Rule| (rule.clock, rule.stage, rule.term, rule.filed, rule.extension);
            profile.rules.iter().map(line).collect::<Vec<_>>()
        };
        use {Clock::*, Stage::*, Term::*};
        let filed = Some(Months(3));
        assert_eq!(
            terms("county"),
            [
                (Accept, First, Days(15), None, None),
                (Handle, First, Months(1), filed, None),
                (Handle, Second, Months(1), filed, None),
            ]
        );
        assert_eq!(
            terms("petition"),
            [
                (Accept, First, Days(15), None, None),
                (Handle, First, Days(60), None, Some(Days(30))),
                (Handle, Second, Days(30), None, None),
            ]
        );
        assert_eq!(
            terms("accusation"),
            [
                (Forward, First, WorkingDays(5), None, None),
                (Accept, First, WorkingDays(15), None, None),
                (Handle, First, Months(1), filed, None),
                (Reply, First, WorkingDays(15), None, None),
                (Handle, Second, Months(1), filed, None),
                (Reply, Second, WorkingDays(15), None, None),
            ]
        );
        for profile in Profile::seeds() {
            assert_eq!(profile.problems(), Vec::<String>::new(), "{}", profile.code);
            let stored = serde_json::to_string(&profile).unwrap();
            assert_eq!(serde_json::from_str::<Profile>(&stored).unwrap(), profile);
        }
    }

    #[test]
    fn every_kind_of_report_has_one_profile() {
        let seeds = Profile::seeds();
        for kind in Kind::ALL {
            let count = seeds.iter().filter(|profile| profile.kinds.contains(&kind)).count();
            assert_eq!((count, Profile::of(&seeds, kind).is_some()), (1, true), "{kind:?}");
        }
        assert_eq!(Profile::of(&seeds, Kind::Accusation).unwrap().code, "accusation");
        assert_eq!(Profile::of(&[], Kind::Accusation), None);
    }

    #[test]
    fn what_was_only_seen_quoted_is_printed_with_the_advice_to_check() {
        for rule in Profile::seeds().iter().flat_map(|profile| &profile.rules) {
            let advised = rule.source.page().contains("以原文为准");
            assert_eq!(advised, matches!(rule.source, Source::Quoted(_)), "{:?}", rule.source);
        }
    }

    #[test]
    fn a_profile_that_cannot_work_says_why() {
        let mut broken = county();
        broken.rules[2] = Rule { term: Term::Days(0), until: Moment::Received, ..broken.rules[1].clone() };
        broken.silence = Term::Days(0);
        let problems = broken.problems();
        let words = ["重复", "不能为0", "起点和终点相同", "上级复核没有", "评价期"];
        assert_eq!(problems.len(), words.len(), "{problems:?}");
        for (problem, word) in problems.iter().zip(words) {
            assert!(problem.contains(word), "{problem}");
        }
    }
}
