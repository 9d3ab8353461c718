//! What the public gets to see of an outcome, when, and what would give the reporter away (capabilities D8, N18).
//!
//! A card has no field for a reporter, a number, a day. It comes out days after the case was closed, together
//! with others, so that neither its date nor its being alone points at anybody.

use super::{Conclusion, Measure};
use crate::{
    clock::{BEIJING, Millis, beijing, parse_date},
    reports::{Kind, Permille, Shingles},
    revisions::personal,
};
use time::{Duration, Time, Weekday};

/// How closely a card says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// 单位.
    Unit,
    /// 乡镇.
    Township,
    /// 全县.
    County,
}

/// An outcome as everybody sees it. There is nothing else it could hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What was wanted.
    pub kind: Kind,
    /// How closely it says where.
    pub grain: Grain,
    /// Name of the unit, township or county.
    pub place: String,
    /// What was found.
    pub conclusion: Conclusion,
    /// What was done about it.
    pub measures: Vec<Measure>,
    /// Fen recovered.
    pub recovered: i64,
    /// Fen given back.
    pub returned: i64,
    /// What happened, in the organ's own words.
    pub summary: String,
    /// Whether the superior organ found it.
    pub second_stage: bool,
}

/// How many could it have been? Counted over what is or may become public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// People who belong to the unit, or whom it serves; none when nobody knows.
    pub people: Option<u32>,
    /// Cases of this kind in the batch's period, this one included, at each grain.
    pub alike: [(Grain, u32); 3],
}

/// From here on a summary tells in the reporter's own words.
const OWN_WORDS: Permille = 300;

/// Something in a card by which the reporter, or another private person, may be found out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trace {
    /// A citizen id, telephone or bank card.
    #[error("{0}")]
    Personal(String),
    /// The reporter's or helper's name.
    #[error("摘要里出现了反映人或代填人的姓名，请删去")]
    Name,
    /// The reporter's way of telling it.
    #[error("摘要有{}%的字句与反映人的原话相同，熟人可能认出，请用自己的话重写", .0 / 10)]
    Words(Permille),
    /// A day.
    #[error("摘要里有具体日期“{0}”，当天在场的人可能被认出，请只写到月份")]
    Day(String),
    /// The sum that the reporter named.
    #[error("摘要里的金额与反映人所写的相同，可能被认出，请改用约数")]
    Amount,
    /// Few people.
    #[error("该单位只有{0}人，容易猜出是谁反映的，请改为按乡镇或全县公布")]
    SmallUnit(u32),
    /// Few such cases.
    #[error("同一时期这里同类办理件只有{0}件，请与其他结果一起公布，或改为更大的范围")]
    Alone(u32),
}

impl Trace {
    /// Whether the card cannot come out with it; the others are a leader's to weigh.
    pub fn stops(&self) -> bool {
        matches!(self, Trace::Personal(_) | Trace::Name)
    }
}

/// What is known of the reporter, for comparison; never kept with the card.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// What they wrote.
    pub text: &'a str,
    /// The sum they named, in fen.
    pub amount_fen: Option<i64>,
    /// Names of reporter and helper, where known.
    pub names: &'a [String],
}

/// Everything in a card that may give somebody away.
pub fn traces(card: &Card, told: &Told<'_>, crowd: &Crowd, batch: &Batch) -> Vec<Trace> {
    let mut found: Vec<_> = personal("摘要", &card.summary).map(Trace::Personal).into_iter().collect();
    if told.names.iter().any(|name| !name.is_empty() && card.summary.contains(name.as_str())) {
        found.push(Trace::Name);
    }
    let words = Shingles::of(&card.summary).within(&Shingles::of(told.text));
    if words >= OWN_WORDS {
        found.push(Trace::Words(words));
    }
    found.extend(day(&card.summary).map(Trace::Day));
    if told.amount_fen.is_some_and(|fen| fen > 0 && [card.recovered, card.returned].contains(&fen)) {
        found.push(Trace::Amount);
    }
    let small = |people: &u32| card.grain == Grain::Unit && *people < batch.small_unit;
    found.extend(crowd.people.filter(small).map(Trace::SmallUnit));
    let alike = crowd.alike.iter().find(|(grain, _)| *grain == card.grain).map_or(0, |(_, count)| *count);
    if alike < batch.crowd {
        found.push(Trace::Alone(alike));
    }
    found
}

/// The closest grain at which a case is one of a crowd; none when not even the county has one.
pub fn grain(crowd: &Crowd, batch: &Batch) -> Option<Grain> {
    let small = crowd.people.is_none_or(|people| people < batch.small_unit);
    let fits = |(grain, count): &&(Grain, u32)| *count >= batch.crowd && !(small && *grain == Grain::Unit);
    crowd.alike.iter().filter(fits).map(|(grain, _)| *grain).min()
}

/// The first day named in a text: "3月2日", "3月2号", "2026-03-02".
fn day(text: &str) -> Option<String> {
    let chars: Vec<char> = daylight_ids::text::halfwidth(text).chars().collect();
    let digits = |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let written = |at: usize| {
        let month = digits(at);
        let rest = at + month + 1;
        if month == 0 || chars.get(at + month) != Some(&'月') {
            return None;
        }
        let end = rest + digits(rest);
        let names_day = end > rest && matches!(chars.get(end), Some('日' | '号'));
        names_day.then(|| chars[at..=end].iter().collect())
    };
    let iso = |at: usize| {
        let text: String = chars[at..].iter().take(10).collect();
        parse_date(&text).map(|_| text)
    };
    (0..chars.len()).find_map(|at| written(at).or_else(|| iso(at)))
}

/// How cards come out, as data: at one hour of one weekday, late enough, not alone if that can be helped, and in a
/// crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// On which day of the week.
    pub weekday: Weekday,
    /// At which hour in Beijing.
    pub hour: u8,
    /// How many days a closed case rests first.
    pub delay_days: i64,
    /// How many come out together…
    pub least: usize,
    /// …unless one of them has waited so many days.
    pub most_days: i64,
    /// Fewer cases of a kind than this are no crowd.
    pub crowd: u32,
    /// Fewer people in the unit than this: its cases are told of the township.
    pub small_unit: u32,
}

/// A card that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its case.
    pub case_id: i64,
    /// When that was closed.
    pub closed: Millis,
}

const DAY: Millis = 86_400_000;

impl Batch {
    /// Wednesdays at ten; three days' rest; five together, or after thirty days; one among five; thirty people.
    pub fn seed() -> Batch {
        Batch {
            weekday: Weekday::Wednesday,
            hour: 10,
            delay_days: 3,
            least: 5,
            most_days: 30,
            crowd: 5,
            small_unit: 30,
        }
    }

    /// The first release after a moment.
    pub fn next(&self, after: Millis) -> Millis {
        let now = beijing(after);
        let hour = Time::from_hms(self.hour.min(23), 0, 0).unwrap_or(Time::MIDNIGHT);
        let days = (self.weekday.number_days_from_monday() + 7 - now.weekday().number_days_from_monday()) % 7;
        let at = (now.date() + Duration::days(days.into())).with_time(hour).assume_offset(BEIJING);
        let at = if at <= now { at + Duration::WEEK } else { at };
        at.unix_timestamp() * 1000
    }
}

/// Which cards come out at a release: all that have rested, or none. Ordered by case, not by when they were
/// closed.
pub fn release(waiting: &[Waiting], batch: &Batch, now: Millis) -> Vec<i64> {
    let rested = |one: &&Waiting| now - one.closed >= batch.delay_days * DAY;
    let ready: Vec<_> = waiting.iter().filter(rested).collect();
    let overripe = ready.iter().any(|one| now - one.closed >= batch.most_days * DAY);
    if ready.len() < batch.least && !overripe {
        return Vec::new();
    }
    let mut ids: Vec<_> = ready.iter().map(|one| one.case_id).collect();
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::time_text;
    use proptest::prelude::*;

    fn card(summary: &str) -> Card {
        Card {
            kind: Kind::Accusation,
            grain: Grain::Unit,
            place: "青石镇柳河村".into(),
            conclusion: Conclusion::Partly,
            measures: vec![Measure::Warn],
            recovered: 1_200_000,
            returned: 0,
            summary: summary.into(),
            second_stage: false,
        }
    }

    fn crowd(people: u32, unit: u32) -> Crowd {
        let alike = [(Grain::Unit, unit), (Grain::Township, unit + 3), (Grain::County, 40)];
        Crowd { people: Some(people), alike }
    }

    const TOLD: &str = "村主任把自己的堂弟塞进低保名单，那天开会我也在，公示栏只贴了两天就撕了";

    fn found(summary: &str, amount_fen: Option<i64>, crowd: &Crowd) -> Vec<Trace> {
        let names = ["陈秀英".to_owned(), String::new()];
        traces(&card(summary), &Told { text: TOLD, amount_fen, names: &names }, crowd, &Batch::seed())
    }

    const PLAIN: &str = "低保评议记录完整，公示时间不足，已责令改正。";

    #[test]
    fn a_plain_card_in_a_crowd_gives_nobody_away() {
        assert_eq!(found(PLAIN, Some(5_000), &crowd(400, 5)), []);
    }

    #[test]
    fn each_trace_is_found_and_only_personal_data_and_names_stop() {
        let wide = crowd(400, 5);
        let one = |summary: &str| {
            let mut traces = found(summary, None, &wide);
            assert_eq!(traces.len(), 1, "{summary}: {traces:?}");
            traces.remove(0)
        };
        assert!(matches!(one("已与其联系13949631669，责令改正。"), Trace::Personal(_)));
        assert_eq!(one("陈秀英反映情况部分属实。"), Trace::Name);
        assert!(matches!(one("村主任把自己的堂弟塞进低保名单，属实。"), Trace::Words(_)));
        assert_eq!(one("该村于３月２日召开评议会。"), Trace::Day("3月2日".into()));
        assert_eq!(one("该村于2026-03-02召开评议会。"), Trace::Day("2026-03-02".into()));
        assert_eq!(one("该村3月12号召开评议会。"), Trace::Day("3月12号".into()));
        assert_eq!(found("该村3月召开评议会，历时2日。", None, &wide), []);
        assert_eq!(found(PLAIN, Some(1_200_000), &wide), [Trace::Amount]);
        assert_eq!(found(PLAIN, None, &crowd(29, 5)), [Trace::SmallUnit(29)]);
        assert_eq!(found(PLAIN, None, &crowd(400, 4)), [Trace::Alone(4)]);
        for (trace, stops) in
            [(Trace::Name, true), (Trace::Personal(String::new()), true), (Trace::Amount, false)]
        {
            assert_eq!(trace.stops(), stops);
        }
    }

    #[test]
    fn the_grain_is_the_closest_that_hides_one_among_five() {
        let grain = |crowd: &Crowd| grain(crowd, &Batch::seed());
        assert_eq!(grain(&crowd(400, 5)), Some(Grain::Unit));
        assert_eq!(grain(&crowd(29, 5)), Some(Grain::Township));
        assert_eq!(grain(&Crowd { people: None, ..crowd(400, 5) }), Some(Grain::Township));
        assert_eq!(grain(&crowd(400, 1)), Some(Grain::County));
        let alike = [(Grain::Unit, 1), (Grain::Township, 1), (Grain::County, 4)];
        assert_eq!(grain(&Crowd { people: Some(400), alike }), None);
    }

    proptest! {
        /// A release is on the hour and the weekday, after now, and at most a week away.
        #[test]
        fn releases_are_at_fixed_times(after in 0i64..4_000_000_000_000) {
            let at = Batch::seed().next(after);
            prop_assert!(after < at && at - after <= 7 * DAY);
            prop_assert_eq!(beijing(at).weekday(), Weekday::Wednesday);
            prop_assert!(time_text(at).ends_with(" 10:00"));
        }

        /// Whatever waits: all that rested come out or none; none too early; none waits beyond its time.
        #[test]
        fn cards_come_out_together_and_none_too_early_or_too_late(
            ages in proptest::collection::vec(0i64..40, 0..9), least in 1usize..6,
        ) {
            let now = 100 * DAY;
            let batch = Batch { least, ..Batch::seed() };
            let ids = || 1i64..;
            let waiting: Vec<_> = ids().zip(&ages).map(|(case_id, age)| Waiting { case_id, closed: now - age * DAY }).collect::<Vec<_>>().into_iter().rev().collect();
            let out = release(&waiting, &batch, now);
            let rested: Vec<_> = ids().zip(&ages).filter(|(_, age)| **age >= 3).map(|(id, _)| id).collect();
            let due = rested.len() >= least || ages.iter().any(|age| *age >= 30);
            prop_assert_eq!(out, if due { rested } else { Vec::new() });
        }
    }
}
