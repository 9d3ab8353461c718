//! What is counted, and what of a case's history counts.

use crate::{
    calendar::Calendar,
    cases::{Above, By, Case, Conclusion, Deed, Event},
    clock::Millis,
    deadlines::{Clock, Profile, Rule},
};

/// Something that is counted at an organ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// 收到.
    Received,
    /// 受理.
    Accepted,
    /// 不予受理.
    Declined,
    /// 转办.
    Forwarded,
    /// 答复.
    Answered,
    /// 按时答复.
    InTime,
    /// 办结.
    Closed,
    /// 群众说解决了.
    Satisfied,
    /// 群众说没解决.
    Dissatisfied,
    /// 到期没有评价.
    Silent,
    /// 重新办理.
    Reopened,
    /// 上级改变结论.
    Overturned,
    /// 反映人撤回.
    Withdrawn,
    /// 转请上级.
    HandedUp,
    /// 现在超期.
    Overdue,
    /// 办结还没公布.
    Unpublished,
}

impl Figure {
    /// All, in page order.
    pub const ALL: [Figure; 16] = [
        Figure::Received,
        Figure::Accepted,
        Figure::Declined,
        Figure::Forwarded,
        Figure::Answered,
        Figure::InTime,
        Figure::Overdue,
        Figure::Unpublished,
        Figure::Closed,
        Figure::Satisfied,
        Figure::Dissatisfied,
        Figure::Silent,
        Figure::Reopened,
        Figure::Overturned,
        Figure::Withdrawn,
        Figure::HandedUp,
    ];

    /// All again, as they stand in tables: a row that fits a page, and closed beside what citizens say.
    pub const GROUPS: [(&'static str, &'static [Figure]); 4] = [
        ("收到和受理", &[Figure::Received, Figure::Accepted, Figure::Declined, Figure::Forwarded]),
        ("答复、超期和公布", &[Figure::Answered, Figure::InTime, Figure::Overdue, Figure::Unpublished]),
        ("办结和群众怎么说", &[Figure::Closed, Figure::Satisfied, Figure::Dissatisfied, Figure::Silent]),
        ("改正、撤回和转出", &[Figure::Reopened, Figure::Overturned, Figure::Withdrawn, Figure::HandedUp]),
    ];

    /// The word in tables and downloads.
    pub fn code(self) -> &'static str {
        match self {
            Figure::Received => "received",
            Figure::Accepted => "accepted",
            Figure::Declined => "declined",
            Figure::Forwarded => "forwarded",
            Figure::Answered => "answered",
            Figure::InTime => "in_time",
            Figure::Overdue => "overdue",
            Figure::Unpublished => "unpublished",
            Figure::Closed => "closed",
            Figure::Satisfied => "satisfied",
            Figure::Dissatisfied => "dissatisfied",
            Figure::Silent => "silent",
            Figure::Reopened => "reopened",
            Figure::Overturned => "overturned",
            Figure::Withdrawn => "withdrawn",
            Figure::HandedUp => "handed_up",
        }
    }

    /// Reads [`Figure::code`].
    pub fn from_code(code: &str) -> Option<Figure> {
        Figure::ALL.into_iter().find(|figure| figure.code() == code)
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Figure::Received => "收到",
            Figure::Accepted => "受理",
            Figure::Declined => "不予受理",
            Figure::Forwarded => "转办",
            Figure::Answered => "答复",
            Figure::InTime => "按时答复",
            Figure::Overdue => "现在超期",
            Figure::Unpublished => "办结还没公布",
            Figure::Closed => "办结",
            Figure::Satisfied => "群众说解决了",
            Figure::Dissatisfied => "群众说没解决",
            Figure::Silent => "没有评价",
            Figure::Reopened => "重新办理",
            Figure::Overturned => "上级改变结论",
            Figure::Withdrawn => "反映人撤回",
            Figure::HandedUp => "转请上级",
        }
    }

    /// What is counted and what is not, in plain words.
    pub fn text(self) -> &'static str {
        match self {
            Figure::Received => {
                "这段时间收到的件数。几个人反映同一件事，各算一件，也各自答复。转到另一个组织的，两个组织都算收到，全县只算一件。"
            }
            Figure::Accepted => "决定受理的件数。受理后换了组织办理的，不再算一次。",
            Figure::Declined => "决定不予受理并告知理由的件数。反映人不同意，可以请上级看。",
            Figure::Forwarded => "不归本组织管，转给有权办理的组织的件数。不算受理，也不算答复。",
            Figure::Answered => {
                "作出书面答复的次数。重新办理、上级复核后再答复的，再算一次。不予受理不算答复。"
            }
            Figure::InTime => {
                "在办理期限内作出的答复。期限扣除等待反映人补充的时间，经批准延长的按延长后算。"
            }
            Figure::Overdue => "到统计时还没有办、期限已过的件数，不分什么时候收到的。",
            Figure::Unpublished => {
                "这段时间答复后办结、到统计时还没有公布结果的件数：没有写、等审核或者等下一批公布。依法不公布的不算。"
            }
            Figure::Closed => {
                "评价满意、到期没有评价，或上级终局答复后结束的件数。撤回和转请上级的不算办结。"
            }
            Figure::Satisfied => "答复后反映人自己评价“满意”的件数。没有评价的不算解决。",
            Figure::Dissatisfied => "答复后反映人评价“不满意”的次数。第一次不满意的自动交上级办理。",
            Figure::Silent => "答复后在规定时间内没有评价、自动结束的件数。",
            Figure::Reopened => "办结后领导发现办得不对、决定重新办理的次数。",
            Figure::Overturned => "上级复核的结论与第一次不同的件数，算在第一次办理的组织名下。",
            Figure::Withdrawn => "反映人在答复前自己撤回的件数。不算办结，也不算解决。",
            Figure::HandedUp => {
                "因回避或管辖转请本平台以外的上级办理的次数。这些件没有办结，继续计算期限，本级能办时转回来。"
            }
        }
    }
}

/// An event without anything that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clear {
    /// Counts from 1.
    pub number: u32,
    /// When.
    pub at: Millis,
    /// Who.
    pub by: By,
    /// What.
    pub deed: Deed,
}

/// A figure goes up by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Happened {
    /// At which organ; none is counted for the county alone.
    pub organ_id: Option<i64>,
    /// What.
    pub figure: Figure,
    /// When.
    pub at: Millis,
    /// Whether the county counts it as well: not when a case only changes hands.
    pub county: bool,
}

/// What due dates follow from.
#[derive(Clone, Copy)]
pub struct Clocks<'a> {
    /// The profile that the case keeps.
    pub profile: &'a Profile,
    /// Working days.
    pub calendar: &'a Calendar,
}

/// The first organ, and what it found.
type First = (Option<i64>, Option<Conclusion>);

/// What counts in the history of one case.
pub fn happened(events: &[Clear], clocks: Clocks<'_>) -> Vec<Happened> {
    let mut found = Vec::new();
    let (mut organ, mut had) = (None, Vec::new());
    let mut first: Option<First> = None;
    let mut found_now: Option<Conclusion> = None;
    for (at, event) in events.iter().enumerate() {
        let mut note = |organ_id: Option<i64>, figure| {
            found.push(Happened { organ_id, figure, at: event.at, county: true });
        };
        let mut comes = None;
        match &event.deed {
            Deed::Receive { .. } => note(None, Figure::Received),
            Deed::Route { organ_id } => comes = Some(*organ_id),
            Deed::Forward { organ_id } => {
                note(organ, Figure::Forwarded);
                comes = Some(*organ_id);
            }
            Deed::Accept => note(organ, Figure::Accepted),
            Deed::Decline => note(organ, Figure::Declined),
            Deed::Conclude { conclusion } => found_now = Some(*conclusion),
            Deed::Return => found_now = None,
            Deed::Reply { .. } => {
                note(organ, Figure::Answered);
                if in_time(&events[..=at], clocks) {
                    note(organ, Figure::InTime);
                }
                if let Some((before, conclusion)) = first
                    && conclusion.is_some()
                    && conclusion != found_now
                {
                    note(before, Figure::Overturned);
                }
            }
            Deed::Satisfied => {
                note(organ, Figure::Closed);
                note(organ, Figure::Satisfied);
            }
            Deed::Lapse => {
                note(organ, Figure::Closed);
                note(organ, Figure::Silent);
            }
            Deed::Dissatisfied { to } => {
                note(organ, Figure::Dissatisfied);
                match to {
                    None => note(organ, Figure::Closed),
                    Some(above) => {
                        first = Some((organ, found_now));
                        found_now = None;
                        match above {
                            Above::Organ(organ_id) => comes = Some(*organ_id),
                            Above::Outside => {
                                note(organ, Figure::HandedUp);
                                organ = None;
                            }
                        }
                    }
                }
            }
            Deed::Withdraw => note(organ, Figure::Withdrawn),
            Deed::HandUp => {
                note(organ, Figure::HandedUp);
                organ = None;
            }
            Deed::Reopen => {
                note(organ, Figure::Reopened);
                found_now = None;
            }
            _ => {}
        }
        if let Some(organ_id) = comes {
            organ = Some(organ_id);
            if !had.contains(&organ_id) {
                had.push(organ_id);
                let figure = Figure::Received;
                found.push(Happened { organ_id: Some(organ_id), figure, at: event.at, county: false });
            }
        }
    }
    found
}

/// Whether the answer that is the last of these events came before its clocks ran out. What cannot be said, of a
/// damaged history, is not in time.
fn in_time(events: &[Clear], clocks: Clocks<'_>) -> bool {
    // What was written is not needed to count, only that something was.
    let event = |clear: &Clear| Event {
        number: clear.number,
        at: clear.at,
        by: clear.by,
        deed: clear.deed.clone(),
        reason: "—".into(),
    };
    let events: Vec<_> = events.iter().map(event).collect();
    let Some(now) = events.last().map(|event| event.at) else { return false };
    let Ok(case) = Case::fold(&events) else { return false };
    let running = case.clocks(clocks.profile, clocks.calendar, now);
    let counts = |rule: &Rule| rule.stage == case.stage && matches!(rule.clock, Clock::Handle | Clock::Reply);
    let mut answers = running.iter().filter(|clock| counts(&clock.run.rule)).peekable();
    answers.peek().is_some() && answers.all(|clock| !clock.is_overdue(now))
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
