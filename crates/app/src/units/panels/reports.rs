//! 网络举报: a designed place until reports come, and what to do until then.

use super::super::view::View;
use askama::Template;
use daylight_ui::{ComingLater, Html, Link, Section};

#[derive(Template)]
#[template(path = "units/templates/reports.html")]
struct Until {}

/// The panel.
pub fn show(view: &View) -> askama::Result<Html> {
    let later = ComingLater {
        title: "网上举报和反映".into(),
        text: format!("建成后，您可以在这里反映{}的问题。现在请打电话，身份会受到保护。", view.unit.name),
        action: Some(Link::new("拨打 12388", "tel:12388")),
    };
    let until = Section::new("现在怎么反映", Html::render(&Until {})?);
    Ok([Html::from(Section::new("网络举报", later)), until.into()].into_iter().collect())
}
