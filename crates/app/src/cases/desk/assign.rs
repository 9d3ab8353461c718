//! 交办: to one of the handlers who are clear of the case, with how much each has already.

use super::{
    failed,
    file::File,
    form::{About, Given, Typed},
    waiting::is_working,
};
use crate::{
    cases::{
        Deed,
        store::{self as cases, Words},
    },
    web::{App, PageError},
};
use daylight_ui::form::{Choice, Errors, Field};

pub(super) async fn fields(
    app: &App,
    file: &File,
    typed: &Typed,
    errors: &Errors,
) -> Result<(About, Vec<Field>), PageError> {
    // Counted among what the leader may see: a case closed to them is not even a number.
    let lines = cases::list(app.db.read(), &app.vault, &file.actor).await.map_err(failed)?;
    let choice = |id: &i64| {
        let load = lines.iter().filter(|line| line.handler_id == Some(*id) && is_working(line)).count();
        Choice::new(id.to_string(), file.account(*id)).hint(format!("现在手上有{load}件"))
    };
    let choices = file.choices.handlers.iter().map(choice);
    let about = About {
        next: match file.opened.case.handler_id {
            Some(id) => format!("由新的承办人接着办，{}从此打不开这件。", file.account(id)),
            None => "承办人马上可以打开这件，开始办理。".to_owned(),
        },
        told: "看不到交办给了谁。",
    };
    let field = Field::radios("handler", "交办给谁", choices)
        .hint("与被反映人有利害关系的、已回避的不在这里。")
        .value(typed.text("handler"))
        .check(errors);
    Ok((about, vec![field]))
}

pub(super) fn read(file: &File, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let chosen = typed.text("handler").parse().ok().filter(|id| file.choices.handlers.contains(id));
    let Some(account_id) = chosen else {
        errors.add("handler", "请选择一位承办人");
        return None;
    };
    Some((Deed::Assign { account_id }, String::new(), Words::default()))
}
