//! 延长期限: the handler asks, a leader grants it or less. Once, before the date, and not more than the rule gives.

use super::{
    file::File,
    form::{About, Given, Typed, area, ask_reason, reason},
    offer::Offer,
};
use crate::{
    cases::{Deed, store::Words},
    deadlines::{Clock, Term},
};
use daylight_ui::form::{Choice, Errors, Field};

/// The clocks that may be chosen, each with the most that may be added: for a leader what was asked for.
fn choices(file: &File, offer: Offer) -> Vec<(Clock, Term)> {
    match offer {
        Offer::Extend => file.choices.grantable.into_iter().collect(),
        _ => file.choices.extendable.clone(),
    }
}

pub(super) fn fields(file: &File, offer: Offer, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let grants = offer == Offer::Extend;
    let about = if grants {
        About {
            next: "期限往后移，只能延长一次。可以比申请的短，不能更长。".to_owned(),
            told: "会看到“经批准，办理时间延长”、新的日期和您写的理由，请写给反映人看。",
        }
    } else {
        About {
            next: "交审批领导决定。批准以前期限不变；过了期限就不能再批准。".to_owned(),
            told: "暂时什么也看不到；批准以后会看到新的日期和理由。",
        }
    };
    let choices = choices(file, offer);
    let word = if grants { "申请延长" } else { "最多可延长" };
    let most = |(clock, most): &(Clock, Term)| {
        Choice::new(clock_code(*clock), clock.page()).hint(format!("{word}{}", most.page()))
    };
    let first = choices.first();
    let chosen = match (typed.text("clock"), first) {
        ("", Some((clock, _))) if choices.len() == 1 => clock_code(*clock),
        (text, _) => text,
    };
    let asked = first.filter(|_| grants).map_or(String::new(), |(_, by)| by.count().to_string());
    let count = if typed.text("count").is_empty() { asked.as_str() } else { typed.text("count") };
    let clock = Field::radios("clock", "延长哪个期限", choices.iter().map(most)).value(chosen).check(errors);
    let count = Field::number("count", "延长多久")
        .suffix(first.map_or("日", |(_, most)| unit(*most)))
        .value(count)
        .maxlength(3)
        .check(errors);
    let why = match (grants, typed.text("reason")) {
        (true, "") => {
            let hint = "承办人写的理由已填在这里，请改成可以给反映人看的话。";
            area("reason", "理由", 4, super::form::REASON, typed, errors).hint(hint).value(asked_why(file))
        }
        (true, _) => ask_reason("反映人会看到。", typed, errors),
        (false, _) => ask_reason("写明为什么不能按期办完，给审批领导看。", typed, errors),
    };
    (about, vec![clock, count, why])
}

/// Why the handler asks.
fn asked_why(file: &File) -> &str {
    let asks = |deed: &Deed| matches!(deed, Deed::AskTime { .. });
    let asked = file.opened.entries.iter().rev().find(|entry| asks(&entry.event.deed));
    asked.map_or("", |entry| &entry.event.reason)
}

fn clock_code(clock: Clock) -> &'static str {
    match clock {
        Clock::Forward => "forward",
        Clock::Accept => "accept",
        Clock::Handle => "handle",
        Clock::Reply => "reply",
    }
}

fn unit(term: Term) -> &'static str {
    match term {
        Term::Days(_) => "日",
        Term::WorkingDays(_) => "个工作日",
        Term::Months(_) => "个月",
    }
}

pub(super) fn read(file: &File, offer: Offer, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let choices = choices(file, offer);
    let chosen = choices.iter().find(|(clock, _)| clock_code(*clock) == typed.text("clock"));
    if chosen.is_none() {
        errors.add("clock", "请选择延长哪个期限");
    }
    let count: Option<u32> = typed.text("count").parse().ok();
    if count.is_none() {
        errors.add("count", "请填写数字，例如15");
    }
    let why = reason(typed, errors);
    let ((clock, most), count) = (*chosen?, count?);
    let by = match most {
        Term::Days(_) => Term::Days(count),
        Term::WorkingDays(_) => Term::WorkingDays(count),
        Term::Months(_) => Term::Months(count),
    };
    let case = &file.opened.case;
    if let Err(no) = case.may_extend(&file.profile, &file.calendar, clock, by, file.now) {
        errors.add("count", no.to_string());
    } else if !by.is_within(most) {
        errors.add("count", format!("承办人申请的是{}，不能批准更长的时间", most.page()));
    }
    let deed = if offer == Offer::Extend { Deed::Extend { clock, by } } else { Deed::AskTime { clock, by } };
    Some((deed, why, Words::default()))
}
