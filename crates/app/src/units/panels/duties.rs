//! 主要职责, and 该找谁: people, telephone, address, hours.

use super::super::view::View;
use askama::Template;
use daylight_ui::{Drawing, Empty, Html, Link, Section, SummaryList, Table};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul class="lines">{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ul>"#
)]
struct Lines<'a> {
    lines: &'a [&'a str],
}

/// The panel.
pub fn show(view: &View) -> askama::Result<Html> {
    let lines = view.unit.duty_lines();
    let duties = if lines.is_empty() {
        Empty::new(Drawing::Board, "单位还没有填写主要职责")
            .text("按规定应当公开。您可以先看它的权力事项，或者直接打电话问。")
            .into()
    } else {
        Html::render(&Lines { lines: &lines })?
    };
    let whom = [Html::from(contact(view)), people(view)].into_iter().collect::<Html>();
    Ok([Section::new("主要职责", duties).into(), Html::from(Section::new("该找谁", whom).id("contact"))]
        .into_iter()
        .collect())
}

fn contact(view: &View) -> SummaryList {
    let unit = &view.unit;
    let phone = unit.phone.as_deref().map_or_else(Html::default, |phone| {
        let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        Link::new(phone, format!("tel:{digits}")).into()
    });
    let text = |value: &Option<String>| Html::from(value.as_deref().unwrap_or_default());
    SummaryList::new()
        .row("联系电话", phone)
        .row("办公地址", text(&unit.address))
        .row("办公时间", text(&unit.office_hours))
}

fn people(view: &View) -> Html {
    if view.people.is_empty() {
        return Html::default();
    }
    let mut table = Table::new("谁管什么", ["姓名".into(), "职务".into(), "管什么".into()]);
    for person in &view.people {
        let cells = [
            Link::new(&person.name, format!("/cadres/{}", person.id)).into(),
            person.post.as_str().into(),
            person.duties.as_deref().unwrap_or("待补充").into(),
        ];
        table.push(cells, false);
    }
    table.into()
}
