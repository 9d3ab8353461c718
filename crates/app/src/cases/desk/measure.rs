//! 处置: which measure was taken against whoever was found at fault.

use super::form::{About, Given, TEXT, Typed, area};
use crate::{
    cases::{Deed, Measure, store::Words},
    web::limit,
};
use daylight_ui::form::{Choice, Errors, Field};

fn code(measure: Measure) -> &'static str {
    match measure {
        Measure::Warn => "warn",
        Measure::Admonish => "admonish",
        Measure::Rectify => "rectify",
        Measure::HoldToAccount => "hold_to_account",
    }
}

pub(super) fn fields(typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let about = About {
        next: "写进办理经过和结论，可以登记多项。写好后不能修改。".to_owned(),
        told: "看不到这一步。需要告诉反映人的，请写在答复里。",
    };
    let choices = Measure::ALL.map(|one| Choice::new(code(one), one.page()));
    let text = area("text", "说明", 4, TEXT, typed, errors).hint("对谁、文号、日期。").optional();
    (about, vec![Field::radios("measure", "处置", choices).value(typed.text("measure")).check(errors), text])
}

pub(super) fn read(typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let chosen = Measure::ALL.into_iter().find(|one| code(*one) == typed.text("measure"));
    if chosen.is_none() {
        errors.add("measure", "请选择处置");
    }
    limit(errors, "text", typed.text("text"), TEXT);
    let words = Words { text: typed.text("text").to_owned(), ..Words::default() };
    Some((Deed::Measure { measure: chosen? }, String::new(), words))
}
