//! From files to rows, in the order in which tables depend on each other.

use super::{Kind, Planner, layouts::Learned};
use daylight_tables::{Event, Layout, Limits, OpenError};
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// Why a file could not be read at all; nothing of the import is saved then.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not there or not readable.
    #[error("{file}：文件打不开（{source}）。请检查路径和权限。")]
    File {
        /// Name as given.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no table, or a dangerous one.
    #[error("{file}：{source}")]
    Table {
        /// Name as given.
        file: String,
        /// What is wrong and what to do.
        source: OpenError,
    },
    /// A folder without any table.
    #[error("没有找到可以导入的表格（.xlsx、.xls、.csv）。")]
    Nothing,
}

/// A file to be taken over.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// What the clerk calls it.
    pub name: String,
}

/// The tables among files and folders (one level deep), sorted by name.
pub fn find_files(paths: &[PathBuf]) -> Result<Vec<Input>, ReadError> {
    let mut found = Vec::new();
    for path in paths {
        let error = |source| ReadError::File { file: path.display().to_string(), source };
        let meta = std::fs::metadata(path).map_err(error)?;
        if meta.is_dir() {
            for entry in std::fs::read_dir(path).map_err(error)? {
                let path = entry.map_err(error)?.path();
                if path.is_file() && is_table(&path) {
                    found.push(input(&path));
                }
            }
        } else {
            found.push(input(path));
        }
    }
    if found.is_empty() {
        return Err(ReadError::Nothing);
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn is_table(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // "~$…" is the lock file that spreadsheet programs leave beside an open workbook.
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
    !name.starts_with('.')
        && !name.starts_with("~$")
        && extension
            .is_some_and(|extension| ["xlsx", "xlsm", "xls", "csv", "tsv", "txt"].contains(&&*extension))
}

fn input(path: &Path) -> Input {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Input { path: path.to_owned(), name }
}

/// Feeds every row of the files to the planner: divisions first, procedures last, whatever the
/// order of the files. `progress` is told (rows so far).
pub fn read_into(
    planner: &mut Planner,
    inputs: &[Input],
    learned: &Learned,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ReadError> {
    let layouts = super::layouts(learned);
    let mut tables = Vec::new();
    for (file, input) in inputs.iter().enumerate() {
        planner.begin_file(&input.name);
        for kind in kinds(input, &layouts)? {
            tables.push((kind, file));
        }
    }
    tables.sort();
    let mut first_pass = vec![true; inputs.len()];
    let mut rows = 0;
    for (kind, file) in tables {
        let first = std::mem::replace(&mut first_pass[file], false);
        let input = &inputs[file];
        planner.begin_table(file, kind);
        let mut current = None;
        let summary = read(input, &layouts, &mut |event| {
            match event {
                Event::Header(header) => {
                    current = Kind::ALL.get(header.layout).copied();
                    if current == Some(kind) {
                        planner.header(&layouts[header.layout], header);
                    }
                }
                Event::Row(row) if current == Some(kind) => {
                    planner.row(&row);
                    rows += 1;
                    if rows % 500 == 0 {
                        progress(rows);
                    }
                }
                Event::Row(_) => {}
                // Rows above the first header belong to no table: count them once.
                Event::Ignored(ignored) if first => planner.ignored(file, &ignored),
                Event::Ignored(_) => {}
            }
            ControlFlow::Continue(())
        })?;
        planner.encoding(file, summary.encoding);
    }
    progress(rows);
    Ok(())
}

/// Which kinds of table a file holds.
fn kinds(input: &Input, layouts: &[Layout]) -> Result<Vec<Kind>, ReadError> {
    let mut found = Vec::new();
    read(input, layouts, &mut |event| {
        if let Event::Header(header) = event
            && let Some(kind) = Kind::ALL.get(header.layout)
            && !found.contains(kind)
        {
            found.push(*kind);
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn read(
    input: &Input,
    layouts: &[Layout],
    each: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<daylight_tables::Summary, ReadError> {
    daylight_tables::read(&input.path, layouts, &Limits::default(), each)
        .map_err(|source| ReadError::Table { file: input.name.clone(), source })
}
