//! The whole case on paper, for the file.

use super::{
    evidence::listed,
    failed,
    file::{self, File},
    show::{deadlines, found, holders, reported, routes, timeline, today},
};
use crate::{
    cases::store::{self as cases, Look},
    clock::date_text,
    web::{App, Id, PageError, Viewer},
};
use axum::{extract::State, response::Html};
use daylight_ui::{Html as Markup, Section, Sheet, SummaryList};

/// GET /office/cases/{id}/print
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let file = File::look(&app, &viewer, id, Look::Print).await?;
    let case = &file.opened.case;
    let mut parts = vec![Markup::from(Section::new("反映的内容", reported(&file)))];
    parts.push(Section::new("证据材料", listed(&file)).into());
    parts.extend(found(&file).map(|found| Markup::from(Section::new("结论、处置和追缴", found))));
    parts.push(Section::new("办理期限", deadlines(&file, true)).into());
    parts.push(Section::new("办理经过", timeline(&file)).into());
    parts.push(Section::new("公文函件", letters(&app, &file).await?).into());
    parts.push(Section::new("反映同一件事的", linked(&app, &file).await?).into());
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

/// What was issued in it, with what came back.
async fn letters(app: &App, file: &File) -> Result<Markup, PageError> {
    let issued = crate::letters::store::of_case(app.db.read(), &file.opened).await;
    let issued = issued.map_err(PageError::internal)?;
    if issued.is_empty() {
        return Ok(Markup::paragraphs("没有制发过函件。"));
    }
    let mut list = SummaryList::new();
    for (line, letter) in &issued {
        let mut words = format!("{}，{}签发", letter.title(), date_text(line.issued_at));
        let came = [("收到", line.received_at), ("办结", line.answered_at)];
        for (word, at) in came.into_iter().filter_map(|(word, at)| Some((word, at?))) {
            words += &format!("，{}{word}", date_text(at));
        }
        list = list.row(line.number().page(), words);
    }
    Ok(list.into())
}

/// Cases tied to this one, as far as whoever prints may see them.
async fn linked(app: &App, file: &File) -> Result<Markup, PageError> {
    let linked = cases::links(app.db.read(), &app.vault, &file.actor, file.id()).await.map_err(failed)?;
    let names: Vec<_> = linked.iter().map(|line| file::name(line.id)).collect();
    let words = if names.is_empty() { "没有关联的办理件。".to_owned() } else { names.join("、") };
    Ok(Markup::paragraphs(&words))
}
