//! 纪检组织 in the office: the tree, to be kept.

use super::store;
use crate::{
    authz::{Action, Resource},
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{Action as Button, Actions, Drawing, Empty, Html as Markup, Link, Table};

#[derive(Template)]
#[template(
    ext = "html",
    source = "<h1>纪检组织</h1><p>登记各级纪检组织、上下级关系和监督范围。公开页面是<a href=\"/organs\">“谁来监督”</a>。</p>{{ new }}{{ list }}"
)]
struct Page {
    new: Actions,
    list: Markup,
}

/// GET /office/organs
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    viewer.permit(Action::ManageRegistry, &Resource::default())?;
    let organs = store::list(app.db.read()).await?;
    let watched = store::jurisdictions(app.db.read()).await?;
    let list = if organs.is_empty() {
        Empty::new(Drawing::Board, "还没有登记纪检组织").text("先登记县纪委，再登记它下面的各级组织。").into()
    } else {
        let columns = ["名称", "类别", "上级", "所在单位", "监督的单位"];
        let mut table = Table::new("纪检组织", columns.map(Into::into)).caption_hidden().dense();
        for organ in &organs {
            let link = Link::new(&organ.name, format!("/office/organs/{}", organ.id));
            let above = organs.iter().find(|above| Some(above.id) == organ.parent_id);
            let count = watched.iter().filter(|watched| watched.organ_id == organ.id).count();
            let cells: [Markup; 5] = [
                link.into(),
                organ.kind().map_or("", super::Kind::page).into(),
                above.map_or("无（最高一级）", |above| above.name.as_str()).into(),
                organ.unit.as_deref().unwrap_or_default().into(),
                if count == 0 { "还没有登记".into() } else { format!("{count}项").into() },
            ];
            table.push(cells, count == 0);
        }
        table.into()
    };
    let new = Actions::new([Button::link("登记纪检组织", "/office/organs/new")]);
    let shell = viewer.office(&app, "纪检组织").await?;
    Ok(Html(daylight_ui::page(&shell, &Page { new, list }.render()?)))
}
