//! Whether every file is where it should be, as it was.

use super::{
    Attachment,
    sealed::{Folder, Part},
    store,
};
use crate::{cases::store::StoreError, ops::Check};
use daylight_db::{Db, DbErr};
use daylight_vault::Vault;
use std::{io, path::Path};

const BATCH: i64 = 200;

/// Opens each sealed file with the program's own keys and holds its content against the digest that was noted when it
/// came. A file that hangs on a draft may be thrown away between the copy of the database and that of the folder; it
/// must not be damaged, but may be gone.
///
/// # Errors
///
/// When the database fails; a disk that fails is a finding.
pub async fn verify(db: &Db, vault: &Vault, data: &Path) -> Result<Check, DbErr> {
    let (code, name) = ("attachments", "附件");
    let (mut after, mut seen, mut gone, mut changed) = (0, 0_i64, Vec::new(), Vec::new());
    loop {
        let batch = store::kept_after(db.read(), after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.0;
        for kept in batch {
            let data = data.to_owned();
            let found = match store::open_own(db.read(), vault, kept).await {
                Ok(Some(file)) => tokio::task::spawn_blocking(move || look(&data, &file)).await,
                Ok(None) => continue,
                Err(StoreError::Db(error)) => return Err(error),
                Err(_) => Ok(Err(io::ErrorKind::InvalidData.into())),
            };
            seen += 1;
            match found {
                Ok(Ok(())) => {}
                Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                    gone.extend(kept.1.map(|_| kept.0));
                }
                _ => changed.push(kept.0),
            }
        }
    }
    let told = |ids: &[i64], what: &str| {
        let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
        (!ids.is_empty()).then(|| format!("第 {} 号{what}", ids.join("、")))
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

fn look(data: &Path, file: &Attachment) -> io::Result<()> {
    let folder = Folder::open(data)?;
    let digest = folder.digest(file.key.clone(), &file.file, Part::Original, file.segments)?;
    if digest != file.about.sha256 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if let (Some(name), Some(copy)) = (&file.copy_file, &file.about.copy) {
        folder.digest(file.key.clone(), name, Part::Copy, copy.segments)?;
    }
    Ok(())
}
