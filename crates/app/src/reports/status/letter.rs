//! The letters to the reporter: on the page that number and code open, each alone to be printed, and as a file.

use super::{Keys, TITLE};
use crate::{
    letters::{As, Letter, sheet, store::Line},
    reports::frame::Frame,
    web::{App, PageError, Viewer},
};
use axum::response::Response;
use daylight_ui::{Action, Html as Markup, Section, form::Form};

/// The letters, each with its ways. None when none was issued.
pub(super) fn section(letters: &[(Line, Letter)], keys: &Keys) -> Option<Section> {
    if letters.is_empty() {
        return None;
    }
    let one = |(line, letter): &(Line, Letter)| {
        let words = format!("{}\n{}，{}", letter.title(), letter.number.page(), letter.date_text());
        let mut form = Form::post("/reports/status", "").hidden("letter", line.id.to_string());
        form.buttons.items = vec![
            Action::submit("看全文、打印").second().sends("do", "letter"),
            Action::submit("下载 Word 文件").second().sends("do", "letter-file"),
        ];
        [Markup::paragraphs(&words), super::shown::keys(form, keys).into()].into_iter().collect::<Markup>()
    };
    let hint = Markup::paragraphs("您打开以后，办理机关会看到您已收到，只记日期，不记时间。");
    let body: Markup = std::iter::once(hint).chain(letters.iter().map(one)).collect();
    Some(Section::new("给您的公文", body).id("letters"))
}

/// A letter alone, to be read and printed.
pub(super) async fn page(
    app: &App,
    viewer: &Viewer,
    keys: &Keys,
    letter: &Letter,
) -> Result<Response, PageError> {
    let back = super::shown::keys(Form::post("/reports/status", "返回办理进度"), keys);
    let print = "<div class=\"no-print actions\"><button type=\"button\" class=\"button\" data-print hidden>打印</button></div>";
    let back = Markup::trusted(format!("<div class=\"no-print\">{back}</div>"));
    let body: Markup = [Markup::trusted(print), sheet(letter, As::Print), back].into_iter().collect();
    Frame::new(TITLE, body).show(app, viewer).await
}
