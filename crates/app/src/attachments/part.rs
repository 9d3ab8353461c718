//! The files of a draft on its page: what is there, and the form to add more.

use super::{Attachment, LARGEST_FILE, Refused, store};
use crate::web::{App, PageError};
use askama::Template;
use daylight_ui::{
    Html as Markup,
    form::{Errors, Field, Form},
    zh,
};

/// What a file dialog offers first; what a file is, its bytes say.
const ACCEPT: &str = "image/*,audio/*,video/*,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.txt,.zip";

struct Line {
    name: String,
    told: String,
    remove: String,
    /// Bytes that are still to come.
    unfinished: bool,
}

#[derive(Template)]
#[template(path = "attachments/templates/part.html")]
struct Part {
    summary: Markup,
    lines: Vec<Line>,
    total: String,
    form: Form,
}

/// The files of the draft under a token with the form to add more, for the page about evidence. `refused` is the
/// field of that name in the page's address.
pub async fn section(app: &App, token: &str, refused: &str) -> Result<Markup, PageError> {
    let files = store::list(app.db.read(), &app.vault, token, app.clock.now()).await;
    let files = files.map_err(|error| match error {
        crate::cases::store::StoreError::Db(error) => PageError::from(error),
        error => PageError::internal(error),
    })?;
    let mut errors = Errors::new();
    if let Some(refused) = Refused::from_code(refused) {
        errors.add("files", refused.to_string());
    }
    let field = Field::file("files", "添加文件", ACCEPT, LARGEST_FILE)
        .hint("照片、录音、视频、文档都可以，最多20个，合计不超过200MB。")
        .check(&errors);
    let total = files.iter().map(|file| file.about.size).sum();
    let part = Part {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        total: format!("共 {} 个，{}", files.len(), zh::file_size(total)),
        lines: files.into_iter().map(line).collect(),
        form: Form::post("/reports/evidence/form", "上传"),
    };
    Ok(Markup::render(&Part { form: part.form.field(field), ..part })?)
}

fn line(file: Attachment) -> Line {
    let size = zh::file_size(file.about.size);
    let told = match (file.kept, file.about.kind) {
        (true, Some(kind)) => format!("{}，{size}", kind.page()),
        (true, None) => size,
        (false, _) => {
            format!("只传了{}，共{size}。重新选择同一个文件可以接着上传", zh::file_size(file.arrived))
        }
    };
    Line {
        remove: format!("/reports/evidence/{}/remove", file.file),
        unfinished: !file.kept,
        name: file.about.name,
        told,
    }
}
