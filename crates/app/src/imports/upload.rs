//! What is uploaded: streamed to sealed files, then read in the background.

use super::{jobs, list, permit, sealed, store};
use crate::{
    audit,
    web::{App, PageError, Viewer, redirect},
};
use axum::{
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    response::Response,
};
use daylight_tables::sniff;
use daylight_ui::{form::Errors, zh};

/// Bytes of one file.
pub const LARGEST_FILE: u64 = 64 << 20;
/// Bytes of all files of one upload.
pub const LARGEST_UPLOAD: u64 = 256 << 20;
/// Files of one upload.
pub const MOST_FILES: usize = 20;

/// Why an upload is not taken; in words for the clerk, or ours.
enum Refused {
    Clerk(String),
    Page(PageError),
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Refused {
        Refused::Page(PageError::internal(error))
    }
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Refused {
        Refused::Clerk(if error.status() == 413 {
            too_much()
        } else {
            "上传没有完成，请重新选择文件再试。".into()
        })
    }
}

fn too_much() -> String {
    format!("这次上传的文件合计超过{}，请分几次上传。", zh::file_size(LARGEST_UPLOAD))
}

/// POST /office/imports
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    mut request: Request,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    // Some room for the names and lines between the files.
    DefaultBodyLimit::max(usize::try_from(LARGEST_UPLOAD).unwrap_or(usize::MAX) + (1 << 20))
        .apply(&mut request);
    let taken = match Multipart::from_request(request, &app).await {
        Ok(parts) => take(&app, parts).await,
        Err(_) => Err(Refused::Clerk("请选择要导入的文件。".into())),
    };
    let upload = match taken {
        Ok(upload) => upload,
        Err(Refused::Page(error)) => return Err(error),
        Err(Refused::Clerk(message)) => {
            let mut errors = Errors::new();
            errors.add("files", message);
            return list::show(&app, &viewer, 1, &errors).await;
        }
    };
    let actor = viewer.actor()?;
    let now = app.clock.now();
    let (folder, files) = tokio::task::spawn_blocking(move || upload.keep())
        .await
        .map_err(PageError::internal)?
        .map_err(PageError::internal)?;
    let tx = app.db.write().await?;
    let id = store::begin(&tx, Some(actor.account_id), &folder, &files, now).await?;
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    let entry = audit::Entry {
        account_id: Some(actor.account_id),
        actor: &actor.name,
        action: "import.upload",
        subject: &format!("import {id}"),
        detail: &names.join("、"),
    };
    audit::store::append(&tx, &entry, now).await?;
    jobs::enqueue_read(&tx, id, now).await?;
    tx.commit().await?;
    daylight_queue::wake();
    Ok(redirect(&format!("/office/imports/{id}")))
}

async fn take(app: &App, mut parts: Multipart) -> Result<sealed::Upload, Refused> {
    let mut upload = sealed::Upload::begin(app)?;
    let mut total = 0;
    while let Some(field) = parts.next_field().await? {
        let name = field.file_name().map(clean_name).unwrap_or_default();
        // A form without a chosen file sends one empty part without a name.
        if name.is_empty() {
            continue;
        }
        if upload.files.len() == MOST_FILES {
            return Err(Refused::Clerk(format!("一次最多上传{MOST_FILES}个文件，请分几次上传。")));
        }
        let stored = take_file(app, &upload, field, &name, &mut total).await?;
        upload.files.push(stored);
    }
    if upload.files.is_empty() {
        return Err(Refused::Clerk("请选择要导入的文件。".into()));
    }
    Ok(upload)
}

async fn take_file(
    app: &App,
    upload: &sealed::Upload,
    mut field: Field<'_>,
    name: &str,
    total: &mut u64,
) -> Result<sealed::Stored, Refused> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if !["xlsx", "xls", "csv"].contains(&ending.as_str()) {
        let message = format!("{name}：不是可以导入的表格。请另存为 .xlsx、.xls 或 .csv 后再上传。");
        return Err(Refused::Clerk(message));
    }
    let mut sealing = upload.file(name)?;
    let mut head = Vec::new();
    while let Some(bytes) = field.chunk().await? {
        if head.len() < 16 << 10 {
            head.extend_from_slice(&bytes[..bytes.len().min(16 << 10)]);
        }
        let size = sealing.write(&app.vault, &bytes)?;
        *total += bytes.len() as u64;
        if size > LARGEST_FILE {
            let most = zh::file_size(LARGEST_FILE);
            return Err(Refused::Clerk(format!("{name}：超过{most}，请拆成几个文件再上传。")));
        }
        if *total > LARGEST_UPLOAD {
            return Err(Refused::Clerk(too_much()));
        }
    }
    // What is no table at all is said at once; the rest is found by reading.
    sniff(&head, name).map_err(|error| Refused::Clerk(format!("{name}：{error}")))?;
    let vault = app.vault.clone();
    let finished = tokio::task::spawn_blocking(move || sealing.finish(&vault)).await;
    Ok(finished.map_err(|error| Refused::Page(PageError::internal(error)))??)
}

/// The last part of what the browser calls the file, without control characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(120).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_its_last_part_only() {
        assert_eq!(clean_name("C:\\桌面\\干部名册.xlsx"), "干部名册.xlsx");
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("a\u{0}b\n.csv"), "ab.csv");
    }
}
