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
    let (mut after, mut seen, mut gone, mut changed) = (0, 0_i64, 0_i64, 0_i64);
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
                    Ok(Ok(None)) => gone += i64::from(lying.report_id.is_some()),
                    _ => changed += 1,
                }
            }
        }
    }
    Ok(match (gone, changed) {
        (0, 0) => Check::ok(code, name, seen, format!("{seen} 个文件，与登记的一致")),
        _ => Check::fault(
            code,
            name,
            format!("{gone} 个文件缺失，{changed} 个文件与登记的不一致"),
            "请停止服务、检查磁盘，并从备份恢复附件目录。",
        )
        .of(seen),
    })
}
