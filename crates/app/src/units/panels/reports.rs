//! 网络举报: the way to report about this unit, and the other ways.

use super::super::view::View;
use crate::reports::Object;
use askama::Template;
use daylight_ui::{Action, Actions, Html, Section};

#[derive(Template)]
#[template(path = "units/templates/reports.html")]
struct Other {}

/// The panel.
pub fn show(view: &View) -> askama::Result<Html> {
    let words = Html::paragraphs(&format!(
        "反映{}的问题，可以匿名，约3分钟。被反映的单位和人看不到，由纪检组织办理。",
        view.unit.name
    ));
    let ways = Actions::new([
        Action::link("我要反映", Object::Unit(view.id).entrance()),
        Action::link("查办理进度", "/reports/status").second(),
    ]);
    let here = Section::new("网络举报", [words, ways.into()].into_iter().collect::<Html>());
    let other = Section::new("别的办法", Html::render(&Other {})?);
    Ok([Html::from(here), other.into()].into_iter().collect())
}
