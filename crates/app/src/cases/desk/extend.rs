//! 延长期限: once, before the date, and not more than the rule gives.

use super::{
    file::File,
    form::{About, Given, Typed, ask_reason, reason},
};
use crate::{
    cases::{Deed, store::Words},
    deadlines::{Clock, Term},
};
use daylight_ui::form::{Choice, Errors, Field};

pub(super) fn fields(file: &File, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let about = About {
        next: "期限往后移，只能延长一次。".to_owned(),
        told: "“延长期限”、新的日期和您写的理由，请写给反映人看。",
    };
    let most = |(clock, most): &(Clock, Term)| {
        Choice::new(clock_code(*clock), clock.page()).hint(format!("最多可延长{}", most.page()))
    };
    let first = file.choices.extendable.first();
    let chosen = if typed.text("clock").is_empty() && file.choices.extendable.len() == 1 {
        first.map_or("", |(clock, _)| clock_code(*clock))
    } else {
        typed.text("clock")
    };
    let unit = first.map_or("日", |(_, most)| unit(*most));
    let clock = Field::radios("clock", "延长哪个期限", file.choices.extendable.iter().map(most))
        .value(chosen)
        .check(errors);
    let count =
        Field::number("count", "延长多久").suffix(unit).value(typed.text("count")).maxlength(3).check(errors);
    (about, vec![clock, count, ask_reason("写明为什么不能按期办完。", typed, errors)])
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

pub(super) fn read(file: &File, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let chosen = file.choices.extendable.iter().find(|(clock, _)| clock_code(*clock) == typed.text("clock"));
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
    }
    Some((Deed::Extend { clock, by }, why, Words::default()))
}
