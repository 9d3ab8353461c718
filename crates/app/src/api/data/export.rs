//! The same files into a folder, for `daylight export`.

use super::{
    table::Table,
    write::{Format, Pieces},
};
use daylight_db::Db;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

/// Why an export ended early. Files that are named are whole; the one being written is gone.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder or a file in it cannot be written.
    #[error("写不了 {0}：{1}。请检查磁盘空间和写权限。")]
    File(PathBuf, std::io::Error),
    /// The database failed.
    #[error("数据库出错：{0}")]
    Db(#[from] daylight_db::DbErr),
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name in the folder: "units.csv".
    pub file: String,
    /// How many rows it holds, without the header.
    pub rows: u64,
    /// How many bytes it holds.
    pub bytes: u64,
}

/// Writes every public table as CSV and as JSON into a folder, which is made when it is not there.
/// A file takes its name when it is whole. `progress` is told (files done, of, rows of this file).
pub async fn export(
    db: &Db,
    folder: &Path,
    progress: &(dyn Fn(usize, usize, u64) + Sync),
) -> Result<Vec<Written>, ExportError> {
    tokio::fs::create_dir_all(folder).await.map_err(|error| ExportError::File(folder.to_owned(), error))?;
    let of = Table::ALL.len() * Format::ALL.len();
    let mut written = Vec::new();
    for table in Table::ALL {
        for format in Format::ALL {
            let file = format!("{}.{}", table.name(), format.extension());
            let path = folder.join(&file);
            let pieces = Pieces::new(table, format);
            let told = |rows: u64| progress(written.len(), of, rows);
            let part = folder.join(format!("{file}.part"));
            let result = write(db, pieces, &part, &path, &told).await;
            if result.is_err() {
                // What is left of it is worth nothing; that it cannot be removed changes nothing.
                drop(tokio::fs::remove_file(&part).await);
            }
            let (rows, bytes) = result?;
            written.push(Written { file, rows, bytes });
            progress(written.len(), of, rows);
        }
    }
    Ok(written)
}

async fn write(
    db: &Db,
    mut pieces: Pieces,
    part: &Path,
    path: &Path,
    told: &(dyn Fn(u64) + Sync),
) -> Result<(u64, u64), ExportError> {
    let broken = |error| ExportError::File(path.to_owned(), error);
    let mut file = tokio::fs::File::create(part).await.map_err(broken)?;
    let mut bytes = 0;
    while let Some(piece) = pieces.next(db.read()).await? {
        file.write_all(&piece).await.map_err(broken)?;
        bytes += piece.len() as u64;
        told(pieces.rows);
    }
    file.sync_all().await.map_err(broken)?;
    tokio::fs::rename(part, path).await.map_err(broken)?;
    Ok((pieces.rows, bytes))
}
