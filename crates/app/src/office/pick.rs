//! 选择单位: the one question before something new is written.

use super::store;
use crate::{
    authz::{Action, Scope},
    revisions::SubjectKind,
    web::{App, PageError, Viewer, redirect},
};
use axum::response::{Html, IntoResponse, Response};
use daylight_ui::{
    Doors, Drawing, Empty, Heading, Html as Markup,
    form::{Field, Form},
};

/// So many units are shown to choose from; past it one searches.
const SHOWN: i64 = 60;

/// Asks for which unit something new is written; goes straight on when there is only one.
pub(crate) async fn pick(
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
    let search = Form::get(&base, "查找")
        .field(Field::search("q", "单位名称").value(text).hint("输入名称里的几个字，例如“青石镇”。"));
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
    let shell = viewer.office(app, &title).await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())).into_response())
}
