//! 证据材料: the files of a report, to be looked at as copies without metadata and saved as they came.

use super::{failed, file::File};
use crate::{
    attachments::{self, Attachment, Which},
    cases::store::{self as cases, Look},
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{extract::State, response::Response};
use daylight_ui::{Html as Markup, Section, zh};

/// The files of a case as a section of its page.
pub(super) async fn section(app: &App, file: &File) -> Result<Section, PageError> {
    let files = attachments::of_case(app.db.read(), &file.opened).await.map_err(failed)?;
    let kept: Vec<_> = files.iter().filter(|one| one.kept).collect();
    if kept.is_empty() {
        return Ok(Section::new("证据材料", Markup::paragraphs("反映人没有上传材料。")));
    }
    let hint = "照片看到的是去掉拍摄信息的副本；下载的是原件，请在安全的电脑上打开，不要转发。";
    let lines = kept.iter().map(|one| line(&file.href(), one));
    let body: Markup = std::iter::once(Markup::paragraphs(hint)).chain(lines).collect();
    Ok(Section::new(format!("证据材料（{}份）", kept.len()), body))
}

fn line(case: &str, one: &Attachment) -> Markup {
    let about = &one.about;
    let name = Markup::from(about.name.as_str());
    let kind = about.kind.map_or("文件", attachments::Kind::page);
    let size = zh::file_size(about.size);
    let href = format!("{case}/evidence?file={}", one.id);
    // Closed, a picture is not fetched: a case with twenty photos opens as fast as one without.
    let shown = about.copy.as_ref().map_or_else(String::new, |_| {
        format!(
            "<details class=\"details\"><summary>看照片<span class=\"hidden\">{name}</span></summary><div>\
             <img class=\"evidence\" src=\"{href}&amp;as=copy\" alt=\"{name}\" loading=\"lazy\"></div></details>"
        )
    });
    Markup::trusted(format!("<div><p><a href=\"{href}\">下载{name}</a>（{kind}，{size}）</p>{shown}</div>"))
}

/// GET /office/cases/{id}/evidence
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let file = asked.number("file").ok_or(PageError::NotFound)?;
    let (which, look) = match asked.text("as") {
        "copy" => (Which::Copy, Look::Copy(file)),
        _ => (Which::Original, Look::Original(file)),
    };
    let (actor, now) = (viewer.actor()?, app.clock.now());
    let tx = app.db.write().await?;
    let opened = cases::open_for(&tx, &app.vault, actor, id, look, now).await.map_err(failed)?;
    // That they were shown it is on record before it is shown.
    tx.commit().await?;
    attachments::serve(&app, &opened, file, which).await
}
