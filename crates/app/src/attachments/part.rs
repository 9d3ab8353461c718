//! The files of a draft on its page: what is there, and the form to add more.

use super::{Attachment, LARGEST_FILE, Refused, store};
use crate::{
    cases::store::StoreError,
    web::{App, PageError},
};
use askama::Template;
use daylight_ui::{
    Action, Html as Markup,
    form::{Choice, Errors, Field, Form},
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
    to: String,
    script: &'static str,
}

/// The files of the draft under a token with the form to add more and to go on, for the page about evidence. `refused`
/// is the field of that name in the page's address, `to` the page to go on to, when it is not the next.
pub async fn section(app: &App, token: &str, refused: &str, to: &str) -> Result<Markup, PageError> {
    let files = list(app, token).await?;
    let mut errors = Errors::new();
    if let Some(refused) = Refused::from_code(refused) {
        errors.add("files", refused.to_string());
    }
    let field = Field::file("files", "添加文件", ACCEPT, LARGEST_FILE)
        .hint("照片、录音、视频、文档都可以，最多20个，合计不超过200MB。传好后请尽快提交：空间紧张时，放了1小时以上没有提交的文件会被清除。")
        .check(&errors);
    let total = files.iter().map(|file| file.about.size).sum();
    let part = Part {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        total: format!("共 {} 个，{}", files.len(), zh::file_size(total)),
        lines: files.into_iter().map(line).collect(),
        form: {
            // One form for both: whoever goes on without sending first loses nothing.
            let form = Form::post("/reports/evidence/form", "下一步").field(field);
            let form = if to.is_empty() { form } else { form.hidden("to", to) };
            form.action(Action::submit("上传选好的文件").second().sends("do", "upload"))
        },
        to: to.to_owned(),
        script: daylight_ui::assets::evidence_js_href(),
    };
    Ok(Markup::render(&part)?)
}

/// A form for a message, with the files that wait for it and a field to add more. `draft` is where the page's script
/// learns under which draft it may send them. Names are shown to whom they say nothing new.
pub(crate) fn with_files(
    mut form: Form,
    draft: &str,
    files: &[Attachment],
    named: bool,
    errors: &Errors,
) -> Markup {
    let choice = |file: &Attachment| {
        let told = told(file);
        let label = if named { format!("{}（{told}）", file.about.name) } else { told };
        Choice::new(file.file.clone(), label)
    };
    if !files.is_empty() {
        let waiting = Field::checkboxes("drop", "已经添加、还没有提交的文件", files.iter().map(choice));
        form = form.field(waiting.unmarked().hint("会和上面的内容一起提交。不要的请勾选，勾选的会移除。"));
    }
    let add = Field::file("files", "添加照片、录音或其他文件", ACCEPT, LARGEST_FILE)
        .hint("可以选多个，最多20个，合计不超过200MB。")
        .optional()
        .check(errors);
    let there = files.iter().filter(|file| file.kept).count();
    let form = form.field(add).hidden("there", there.to_string());
    let script = daylight_ui::assets::evidence_js_href();
    Markup::trusted(format!(
        "<div data-evidence data-draft=\"{}\">{form}</div><script type=\"module\" src=\"{script}\"></script>",
        Markup::from(draft)
    ))
}

/// What is said when files had to go since the page was shown.
pub(crate) fn missing(files: usize) -> String {
    format!("有{files}个文件已经不在了，请重新添加。写好的内容都在。")
}

async fn list(app: &App, token: &str) -> Result<Vec<Attachment>, PageError> {
    let files = store::list(app.db.read(), &app.vault, token, app.clock.now()).await;
    files.map_err(|error| match error {
        StoreError::Db(error) => error.into(),
        error => PageError::internal(error),
    })
}

fn told(file: &Attachment) -> String {
    let size = zh::file_size(file.about.size);
    match (file.kept, file.about.kind) {
        (true, Some(kind)) => format!("{}，{size}", kind.page()),
        (true, None) => size,
        (false, _) => {
            format!("只传了{}，共{size}。重新选择同一个文件可以接着上传", zh::file_size(file.arrived))
        }
    }
}

fn line(file: Attachment) -> Line {
    let told = told(&file);
    Line {
        remove: format!("/reports/evidence/{}/remove", file.file),
        unfinished: !file.kept,
        name: file.about.name,
        told,
    }
}
