//! The whole case on paper, for the file.

use super::{
    evidence::listed,
    file::File,
    show::{deadlines, found, holders, reported, routes, timeline, today},
};
use crate::{
    cases::store::Look,
    web::{App, Id, PageError, Viewer},
};
use axum::{extract::State, response::Html};
use daylight_ui::{Html as Markup, Section, Sheet};

/// GET /office/cases/{id}/print
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let file = File::look(&app, &viewer, id, Look::Print).await?;
    let case = &file.opened.case;
    let mut parts = vec![Markup::from(Section::new("反映的内容", reported(&file)))];
    parts.push(Section::new("证据材料", listed(&file)).into());
    parts.extend(found(&file).map(|found| Markup::from(Section::new("结论、处置和追缴", found))));
    parts.push(Section::new("办理期限", deadlines(&file, true)).into());
    parts.push(Section::new("办理经过", timeline(&file)).into());
    parts.push(Section::new("为什么由这个组织办理", routes(&file)).into());
    parts.push(Section::new("谁能看到这件", holders(&file)).into());
    let foot = format!("{}打印，打印人{}。内容保密，用后归卷。", today(&file), file.actor.name);
    let sheet = Sheet {
        organ: case.organ_id.map_or("", |id| file.organ(id)).to_owned(),
        title: format!("{}卷", file.name()),
        number: format!("{} · {}", case.kind.page(), file.about.page()),
        body: parts.into_iter().collect(),
        qr: None,
        foot: foot.into(),
    };
    let mut shell = viewer.office(&app, &format!("{}卷", file.name())).await?;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (file.name(), Some(file.href())),
        ("打印".into(), None),
    ];
    Ok(Html(daylight_ui::page(&shell, &sheet.to_string())))
}
