//! 证据材料: the files of a case, to be looked at as copies without metadata and saved as they came. What the reporter sent
//! and what staff obtained stand apart.

use super::{failed, file::File, offer::Offer};
use crate::{
    attachments::{self, Attachment, Which},
    cases::{
        By,
        store::{self as cases, Look},
    },
    clock::date_text,
    reports::{self, Draft},
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{Json, extract::State, response::Response};
use daylight_ui::{Html as Markup, Section, zh};

/// The deeds with which files may come.
pub(super) const TAKES_FILES: [Offer; 2] = [Offer::Note, Offer::Conclude];

/// The files of a case as sections of its page.
pub(super) fn sections(file: &File) -> Vec<Section> {
    let (sent, obtained) = parted(file);
    let hint = "看到的照片是去掉拍摄信息的副本；下载的是原件，请在安全的电脑上打开，不要转发。";
    let body = |hint: &str, files: &[&Attachment]| {
        let lines: Markup = files.iter().map(|one| line(file, one)).collect();
        let list = Markup::trusted(format!("<ul class=\"lines\">{lines}</ul>"));
        [Markup::paragraphs(hint), list].into_iter().collect::<Markup>()
    };
    let mut found = vec![match sent.is_empty() {
        true => Section::new("证据材料", Markup::paragraphs("反映人没有上传材料。")),
        false => Section::new(format!("证据材料（{}份）", sent.len()), body(hint, &sent)),
    }];
    if !obtained.is_empty() {
        let title = format!("承办人员取得的材料（{}份）", obtained.len());
        found.push(Section::new(title, body("反映人看不到这些材料。", &obtained)));
    }
    found
}

/// What the reporter sent, and what staff obtained.
fn parted(file: &File) -> (Vec<&Attachment>, Vec<&Attachment>) {
    file.evidence.iter().partition(|one| one.is_reporters(&file.opened))
}

/// When and with what it came, and from whom.
fn origin(file: &File, one: &Attachment) -> String {
    let Some(entry) = one.came_with(&file.opened) else { return "来历不明".to_owned() };
    let (day, word) = (date_text(entry.event.at), entry.event.deed.page());
    match entry.event.by {
        By::Staff { account_id, .. } => format!("{day}“{word}”时由{}上传", file.account(account_id)),
        _ if one.about.event == 1 => "随反映提交".to_owned(),
        _ => format!("{day}“{word}”时附上"),
    }
}

fn kind(one: &Attachment) -> &'static str {
    one.about.kind.map_or("文件", attachments::Kind::page)
}

fn line(file: &File, one: &Attachment) -> Markup {
    let about = &one.about;
    let name = Markup::from(about.name.as_str());
    let size = zh::file_size(about.size);
    let href = format!("{}/evidence?file={}", file.href(), one.id);
    // A link and no picture: a browser without scripts would fetch twenty photos at once, also closed ones.
    let shown = about.copy.as_ref().map_or_else(String::new, |_| {
        format!(
            "<p><a class=\"button button--small button--second\" href=\"{href}&amp;as=copy\">\
             看照片<span class=\"hidden\">{name}</span></a></p>"
        )
    });
    let (kind, origin) = (kind(one), Markup::from(origin(file, one).as_str()));
    let digest = Markup::from(about.sha256.as_str());
    Markup::trusted(format!(
        "<li><p><a href=\"{href}\">下载{name}</a>（{kind}，{size}，{origin}）</p>\
         <p class=\"hint break\">SHA-256：{digest}</p>{shown}</li>"
    ))
}

/// What came with an event of the case.
pub(super) fn came_with(file: &File, number: u32) -> Option<Markup> {
    let files: Vec<_> = file.evidence.iter().filter(|one| one.about.event == number).collect();
    if files.is_empty() {
        return None;
    }
    let names: Vec<_> = files.iter().map(|one| format!("{}（{}）", one.about.name, kind(one))).collect();
    Some(Markup::paragraphs(&format!("附上{}个文件：{}", names.len(), names.join("；"))))
}

/// Every file with its digest, for paper.
pub(super) fn listed(file: &File) -> Markup {
    let (sent, obtained) = parted(file);
    let mut lines = Vec::new();
    for (title, files) in [("反映人提供", sent), ("承办人员取得", obtained)] {
        if files.is_empty() {
            continue;
        }
        lines.push(Markup::paragraphs(&format!("{title}（{}份）", files.len())));
        for (at, one) in files.into_iter().enumerate() {
            let (about, size) = (&one.about, zh::file_size(one.about.size));
            lines.push(Markup::paragraphs(&format!(
                "{}. {}（{}，{size}，{}）\nSHA-256：{}",
                at + 1,
                about.name,
                kind(one),
                origin(file, one),
                about.sha256
            )));
        }
    }
    if lines.is_empty() { Markup::paragraphs("没有证据材料。") } else { lines.into_iter().collect() }
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

/// POST /office/cases/{id}/evidence: tells the page's script under which draft it may send files.
pub async fn begin(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<serde_json::Value>, PageError> {
    let token = TAKES_FILES.map(|offer| draft(&app, &viewer, id, offer));
    for draft in token {
        if let Some(token) = draft.await? {
            return Ok(Json(serde_json::json!({ "draft": token })));
        }
    }
    Err(PageError::NotFound)
}

/// Where files wait for what this person records next in a case; nowhere when they may not.
pub(super) async fn draft(
    app: &App,
    viewer: &Viewer,
    id: i64,
    offer: Offer,
) -> Result<Option<String>, PageError> {
    let tx = app.db.write().await?;
    let file = File::open(&tx, app, viewer, id, Look::File).await?;
    let token = token(app, &file);
    if file.offers.contains(&offer) {
        let draft = Draft::default();
        reports::store::save_draft(&tx, &app.vault, &token, &draft, file.now).await.map_err(failed)?;
    }
    tx.commit().await?;
    Ok(file.offers.contains(&offer).then_some(token))
}

/// The token under which files wait for what this person records next in a case.
pub(super) fn token(app: &App, file: &File) -> String {
    cases::evidence_token(&app.vault, file.id(), file.actor.account_id)
}
