//! Whether every file is where it should be, as it was.

use super::{sealed::Folder, store};
use crate::ops::Check;
use daylight_db::{Db, DbErr};
use std::path::Path;

const BATCH: i64 = 200;

/// Holds each sealed file of a case against the digest that was noted. A file that hangs on a draft may be thrown
/// away between the copy of the database and that of the folder; it must not be damaged, but may be gone.
///
/// # Errors
///
/// When the database fails; a disk that fails is a finding.
pub async fn verify(db: &Db, data: &Path) -> Result<Check, DbErr> {
    let (code, name) = ("attachments", "附件");
    let (mut after, mut seen, mut gone, mut changed) = (0, 0_i64, Vec::new(), Vec::new());
    loop {
        let batch = store::kept_after(db.read(), after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        for lying in batch {
            let copy = lying.copy_file.zip(lying.copy_sha256);
            for (file, noted) in [(lying.file, lying.sealed_sha256)].into_iter().chain(copy) {
                seen += 1;
                let data = data.to_owned();
                let digest = tokio::task::spawn_blocking(move || Folder::open(&data)?.digest(&file)).await;
                match digest {
                    Ok(Ok(Some(digest))) if digest == noted => {}
                    Ok(Ok(None)) if lying.report_id.is_none() => {}
                    Ok(Ok(None)) => gone.push(lying.id.to_string()),
                    _ => changed.push(lying.id.to_string()),
                }
            }
        }
    }
    let told = |ids: &[String], what: &str| match ids {
        [] => None,
        ids => Some(format!("第 {} 号{what}", ids.join("、"))),
    };
    let told: Vec<_> = [told(&gone, "附件的文件缺失"), told(&changed, "附件的文件与登记的不一致")]
        .into_iter()
        .flatten()
        .collect();
    Ok(match told.is_empty() {
        true => Check::ok(code, name, seen, format!("{seen} 个文件，与登记的一致")),
        // By number alone: what a file is called is nobody's here.
        false => {
            Check::fault(code, name, told.join("；"), "请停止服务、检查磁盘，并从备份恢复附件目录。").of(seen)
        }
    })
}
