//! A profile in sentences, what an edit may not change, and what a profile would make of a report.

use super::{Due, Profile, Rule, Run, Source, Stage, Term};
use crate::{calendar::Calendar, clock::end_of_day};
use time::Date;

impl Stage {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Stage::First => "首次办理",
            Stage::Second => "上级复核",
        }
    }
}

impl Rule {
    /// "首次办理：自收到之日起15日内告知是否受理。"
    pub fn sentence(&self) -> String {
        let mut text = format!(
            "{}：自{}之日起{}内{}",
            self.stage.page(),
            self.from.page(),
            self.term.page(),
            self.clock.page()
        );
        if let Some(filed) = self.filed {
            text.push_str(&format!("；立案的，{}内", filed.page()));
        }
        if let Some(more) = self.extension {
            text.push_str(&format!("；经领导批准可以延长一次，最多{}", more.page()));
        }
        text.push('。');
        text
    }
}

impl Profile {
    /// Everything it says, a sentence a line, each clock with its source.
    pub fn sentences(&self) -> Vec<String> {
        let rules = self.rules.iter().map(|rule| format!("{}（{}）", rule.sentence(), rule.source.page()));
        let more = [
            format!(
                "答复以后，反映人有{}可以评价是否满意；过期不评价的，自动办结，不算作满意。",
                self.silence.page()
            ),
            format!("请反映人补充材料时期限暂停，每次最多停{}日。", self.pause_most),
        ];
        rules.chain(more).collect()
    }

    /// What an edit of this profile may not do, in Chinese: a term that a statute sets may become shorter, never longer.
    /// What the program shipped with is the measure, so that no chain of edits leads away from it.
    pub fn against_law(&self) -> Vec<String> {
        let seeds = Profile::seeds();
        let Some(seed) = seeds.iter().find(|seed| seed.code == self.code) else { return Vec::new() };
        let mut problems = Vec::new();
        let lawful = |rule: &&Rule| !matches!(rule.source, Source::Promise(_));
        for law in seed.rules.iter().filter(lawful) {
            let word = format!("{}的“{}”期限", law.stage.page(), law.clock.page());
            let Some(rule) = self.rule(law.clock, law.stage) else {
                problems.push(format!("{word}是{}规定的，不能删去", law.source.page()));
                continue;
            };
            if rule.source != law.source || (rule.from, rule.until) != (law.from, law.until) {
                problems.push(format!("{word}的起止和依据是规定好的，不能改动"));
            }
            if !rule.term.is_within(law.term) {
                problems.push(format!("{word}{}，只能缩短，不能超过{}", law.source.page(), law.term.page()));
            }
            let longer = |term: Option<Term>, most: Option<Term>| match (term, most) {
                (None, _) => false,
                (Some(term), Some(most)) => !term.is_within(most),
                (Some(_), None) => true,
            };
            if longer(rule.extension, law.extension) || longer(rule.filed, law.filed) {
                problems.push(format!("{word}的延长不能超过{}", law.source.page()));
            }
        }
        problems
    }

    /// When each clock would be due for a report received on a day, as if everything before a clock's beginning had
    /// been done on that day.
    pub fn tried(&self, calendar: &Calendar, on: Date, filed: bool) -> Vec<(Rule, Due)> {
        let at = end_of_day(on);
        let due = |rule: &Rule| {
            let run = Run {
                rule: rule.clone(),
                started: at,
                ended: None,
                filed: filed.then_some(at),
                pauses: Vec::new(),
                extensions: Vec::new(),
                pause_most: self.pause_most,
            };
            (rule.clone(), run.due(calendar, at))
        };
        self.rules.iter().map(due).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadlines::{Clock, Moment};
    use time::macros::date;

    fn seed(code: &str) -> Profile {
        Profile::seeds().into_iter().find(|profile| profile.code == code).unwrap()
    }

    #[test]
    fn a_rule_reads_as_a_sentence_with_its_source() {
        let petition = seed("petition");
        let sentences = petition.sentences();
        assert_eq!(
            sentences[1],
            "首次办理：自受理之日起60日内办理；经领导批准可以延长一次，最多30日。（依据《信访工作条例》：受理之日起60日内办结，经批准可延长，最多30日）"
        );
        assert!(seed("county").sentences()[1].contains("立案的，3个月内"));
        assert!(sentences.last().unwrap().contains("最多停15日"));
    }

    #[test]
    fn what_a_statute_sets_may_be_shortened_and_never_lengthened() {
        for code in ["county", "petition", "accusation"] {
            assert_eq!(seed(code).against_law(), Vec::<String>::new(), "{code}");
        }
        let edit = |change: fn(&mut Profile)| {
            let mut profile = seed("petition");
            change(&mut profile);
            profile.against_law().len()
        };
        assert_eq!(edit(|profile| profile.rules[1].term = Term::Days(59)), 0);
        assert_eq!(edit(|profile| profile.rules[1].extension = None), 0);
        assert_eq!(edit(|profile| profile.rules[1].term = Term::Days(61)), 1);
        // Sixty working days are longer than sixty days.
        assert_eq!(edit(|profile| profile.rules[1].term = Term::WorkingDays(60)), 1);
        assert_eq!(edit(|profile| profile.rules[1].extension = Some(Term::Days(31))), 1);
        assert_eq!(edit(|profile| profile.rules[2].extension = Some(Term::Days(1))), 1);
        assert_eq!(edit(|profile| profile.rules[0].filed = Some(Term::Months(3))), 1);
        assert_eq!(edit(|profile| drop(profile.rules.remove(0))), 1);
        assert_eq!(edit(|profile| profile.rules[0].from = Moment::Accepted), 1);
        assert_eq!(edit(|profile| profile.rules[1].source = Source::Promise("本县".into())), 1);
        // The county's own promise is the county's to change.
        let mut county = seed("county");
        county.rules[1].term = Term::Months(2);
        assert_eq!(county.against_law(), Vec::<String>::new());
    }

    #[test]
    fn a_report_can_be_tried_on_a_day() {
        let calendar = Calendar::shipped();
        let tried = seed("accusation").tried(&calendar, date!(2026 - 09 - 25), false);
        let due = |clock| {
            let found = tried.iter().find(|(rule, _)| rule.clock == clock).unwrap();
            found.1.date
        };
        assert_eq!(due(Clock::Handle), date!(2026 - 10 - 25));
        let filed = seed("accusation").tried(&calendar, date!(2026 - 09 - 25), true);
        let handle = filed.iter().find(|(rule, _)| rule.clock == Clock::Handle).unwrap();
        assert_eq!(handle.1.date, date!(2026 - 12 - 25));
        // A year without a calendar gives a date that says so.
        let late = seed("accusation").tried(&calendar, date!(2199 - 12 - 30), false);
        assert!(late.iter().any(|(_, due)| !due.provisional.is_empty()));
    }
}
