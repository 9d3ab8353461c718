//! 转办: to another organ, of those that are clear of the case and have the people for it.

use super::{
    file::File,
    form::{About, Given, Typed, ask_reason, reason},
};
use crate::cases::{Deed, store::Words};
use daylight_ui::form::{Choice, Errors, Field};

pub(super) fn fields(file: &File, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let choices = file.choices.organs.iter().map(|id| Choice::new(id.to_string(), file.organ(*id)));
    let about = About {
        next: "由那个组织决定是否受理，您的组织从此打不开这件。期限不重新计算。".to_owned(),
        told: "“转办”和您写的理由，请写给反映人看。",
    };
    let organ = Field::select("organ", "转给哪个纪检组织", choices)
        .hint("须回避的、没有人员可以办理的组织不在这里。")
        .value(typed.text("organ"))
        .check(errors);
    (about, vec![organ, ask_reason("写明为什么归那个组织办理。", typed, errors)])
}

pub(super) fn read(file: &File, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let chosen = typed.text("organ").parse().ok().filter(|id| file.choices.organs.contains(id));
    if chosen.is_none() {
        errors.add("organ", "请选择一个纪检组织");
    }
    let why = reason(typed, errors);
    Some((Deed::Forward { organ_id: chosen? }, why, Words::default()))
}
