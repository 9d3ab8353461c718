//! 干部监督: who holds which post, with what duties, since when.

use super::super::view::View;
use crate::cadres::since_text;
use daylight_ui::{Action, Actions, Drawing, Empty, Html, Link, Section, Table};

/// The panel.
pub fn show(view: &View) -> askama::Result<Html> {
    let people: Html = if view.people.is_empty() {
        Empty::new(Drawing::Board, "还没有公布干部名单")
            .text("单位报送后会在这里公布姓名、职务和分工。")
            .into()
    } else {
        table(view).into()
    };
    let words = "按看得到的事评，一人一票，谁评的没人知道。点干部姓名，在干部页上评。";
    let way = Actions::new([
        Action::link("看本单位的群众评价", format!("/units/{}/ratings", view.line.id)).second()
    ]);
    let ratings: Html = [Html::paragraphs(words), way.into()].into_iter().collect();
    let people = Section::new("干部名单", people);
    Ok([Html::from(people), Section::new("群众评价", ratings).into()].into_iter().collect())
}

fn table(view: &View) -> Table {
    let columns = ["姓名".into(), "职务".into(), "分管（负责）工作".into(), "任现职时间".into()];
    let mut table = Table::new("干部名单", columns).caption_hidden();
    for person in &view.people {
        let cells = [
            Link::new(&person.name, format!("/cadres/{}", person.id)).into(),
            person.post.as_str().into(),
            person.duties.as_deref().unwrap_or("待补充").into(),
            person.since.as_deref().map_or("待补充".to_owned(), since_text).into(),
        ];
        table.push(cells, false);
    }
    table
}
