//! 形成结论: what was found, and on what it rests.

use super::{
    file::File,
    form::{About, Given, TEXT, Typed, area, required},
};
use crate::cases::{Conclusion, Deed, store::Words};
use daylight_ui::form::{Choice, Errors, Field};

pub(super) fn fields(file: &File, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let kind = file.opened.case.kind;
    let about = About {
        next: "交给审批领导。领导可以答复反映人，也可以退回补查；您不能自己答复。".to_owned(),
        told: "现在看不到。领导答复以后才会看到结论。",
    };
    let choices = Conclusion::ALL.map(|one| Choice::new(one.code(), one.page(kind)));
    let found = area("text", "查明的情况和依据", 8, TEXT, typed, errors)
        .hint("对每个问题写明：查了什么、结果是什么、依据是什么。领导会据此答复。");
    (
        about,
        vec![
            Field::radios("conclusion", "结论", choices).value(typed.text("conclusion")).check(errors),
            found,
        ],
    )
}

pub(super) fn read(_: &File, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let chosen = Conclusion::ALL.into_iter().find(|one| one.code() == typed.text("conclusion"));
    if chosen.is_none() {
        errors.add("conclusion", "请选择结论");
    }
    let text = required("text", "查明的情况和依据", TEXT, typed, errors);
    Some((Deed::Conclude { conclusion: chosen? }, String::new(), Words { text, ..Words::default() }))
}
