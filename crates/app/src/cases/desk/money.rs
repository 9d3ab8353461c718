//! 登记追缴和退还: money recovered, and what of it went back to citizens.

use super::{
    file::File,
    form::{About, Given, TEXT, Typed, area},
};
use crate::{
    cases::{Deed, store::Words},
    reports::fen,
    web::limit,
};
use daylight_ids::text;
use daylight_ui::{
    form::{Errors, Field, Width},
    zh,
};

pub(super) fn fields(file: &File, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let case = &file.opened.case;
    let about = About {
        next: format!(
            "加到已登记的数额上：已追缴{}，已退还{}。写好后不能修改。",
            zh::yuan(case.recovered),
            zh::yuan(case.returned)
        ),
        told: "看不到这一步。需要告诉反映人的，请写在答复里。",
    };
    let amount = |name: &str, label: &str| {
        Field::text(name, label)
            .suffix("元")
            .width(Width::Medium)
            .value(typed.text(name))
            .maxlength(20)
            .optional()
            .check(errors)
    };
    let fields = vec![
        amount("recovered", "这次追缴").hint("例如 12000 或 1.2万。没有的不填。"),
        amount("returned", "这次退还群众"),
        area("text", "说明", 3, TEXT, typed, errors).hint("从谁追缴、退给谁、凭证号。").optional(),
    ];
    (about, fields)
}

pub(super) fn read(file: &File, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let mut amount = |name: &str| {
        let squashed = text::squash(typed.text(name));
        let read = if squashed.is_empty() { Some(0) } else { fen(&squashed) };
        if read.is_none() {
            errors.add(name, "没有读懂，请写成数字，例如 12000 或 1.2万");
        }
        read
    };
    let (recovered, returned) = (amount("recovered"), amount("returned"));
    limit(errors, "text", typed.text("text"), TEXT);
    let (recovered, returned) = (recovered?, returned?);
    let case = &file.opened.case;
    if recovered == 0 && returned == 0 {
        errors.add("recovered", "请填写追缴或退还的数额");
    } else if case.returned.saturating_add(returned) > case.recovered.saturating_add(recovered) {
        errors.add("returned", "退还的不能多于追缴的");
    }
    let words = Words { text: typed.text("text").to_owned(), ..Words::default() };
    Some((Deed::Money { recovered, returned }, String::new(), words))
}
