//! 选择单位: the one question before something new is written.

use super::store;
use crate::{
    authz::{Action, Scope},
    revisions::SubjectKind,
    web::{App, PageError, Viewer, redirect},
};
use axum::response::{Html, IntoResponse, Response};
use daylight_ui::{Doors, Drawing, Empty, Heading, Html as Markup, SearchBox};

/// So many units are shown to choose from; past it one searches.
const SHOWN: i64 = 60;

/// Asks for which unit something new is written; goes straight on when there is only one.
pub(super) async fn pick(
    app: &App,
    viewer: &Viewer,
    kind: SubjectKind,
    text: &str,
) -> Result<Response, PageError> {
    let scope = Scope::of(viewer.actor()?, Action::Edit);
    let found = store::choices(app.db.read(), &scope, text, SHOWN).await?;
    let base = crate::revisions::edit_href(kind, None, None);
    if let [only] = found.as_slice()
        && text.is_empty()
    {
        return Ok(redirect(&format!("{base}?unit={}", only.id)));
    }
    let title = format!("新建{}：先选单位", kind.page());
    let mut search = SearchBox::new(&base, "按单位名称查找", text);
    search.example = "例如：青石镇".to_owned();
    let list = found.iter().fold(Doors::new(), |doors, unit| {
        doors.door(unit.name.as_str(), format!("{base}?unit={}", unit.id), "")
    });
    let list = if found.is_empty() {
        Markup::from(
            Empty::new(Drawing::Glass, "没有找到这样的单位")
                .text("请换几个字再查，或确认它在您负责的范围内。"),
        )
    } else {
        list.into()
    };
    let parts = [Markup::from(Heading::new(title.as_str())), search.into(), list];
    let mut shell = viewer.office(app, &title).await?;
    super::under(&mut shell, "/office/contents");
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())).into_response())
}
