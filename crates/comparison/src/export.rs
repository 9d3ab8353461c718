//! Results as files. Each is written beside its name and put there whole, so that a run that is stopped leaves nothing.

mod workbook;

use crate::manifest::Manifest;
use crate::masks::Masks;
use crate::outcome::Outcome;
use crate::run::Fault;
use daylight_tables::export_guard;
use std::io::{BufWriter, Write};
use std::path::Path;

/// What a results file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A workbook.
    Workbook,
    /// A hit a line, as JSON.
    Lines,
}

impl Format {
    /// By the file's ending.
    ///
    /// # Errors
    /// [`Fault::OutKind`].
    pub fn of(path: &Path) -> Result<Self, Fault> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("xlsx") => Ok(Self::Workbook),
            Some("ndjson" | "json" | "jsonl") => Ok(Self::Lines),
            _ => Err(Fault::OutKind(path.to_path_buf())),
        }
    }
}

/// Writes the hits.
///
/// # Errors
/// [`Fault`] when the file cannot be written or a workbook cannot hold them.
pub fn hits(outcome: &Outcome, path: &Path, masks: Masks) -> Result<(), Fault> {
    match Format::of(path)? {
        Format::Workbook => {
            let bytes = workbook::of(outcome, masks)?;
            whole(path, &mut |out| out.write_all(&bytes))
        }
        Format::Lines => whole(path, &mut |out| {
            for hit in outcome.shown(masks) {
                serde_json::to_writer(&mut *out, &hit)?;
                out.write_all(b"\n")?;
            }
            Ok(())
        }),
    }
}

/// Writes where cells could not be read and why, as CSV. What stands in them is not written.
///
/// # Errors
/// [`Fault::Io`].
pub fn problems(outcome: &Outcome, path: &Path) -> Result<(), Fault> {
    whole(path, &mut |out| {
        out.write_all("\u{FEFF}文件,工作表,行,栏目,问题\r\n".as_bytes())?;
        let mut told = 0;
        for (input, own) in outcome.problems() {
            let (file, sheet) = (cell(&input.file), cell(&own.sheet));
            write!(out, "{file},{sheet},{},{},{}\r\n", own.line, own.column, cell(own.reason.words()))?;
            told += 1;
        }
        let more = outcome.problems_total() - told;
        if more > 0 {
            write!(out, ",,,,另有{more}处未列出\r\n")?;
        }
        Ok(())
    })
}

/// Writes the record of the run.
///
/// # Errors
/// [`Fault::Io`].
pub fn manifest(manifest: &Manifest, path: &Path) -> Result<(), Fault> {
    whole(path, &mut |out| {
        serde_json::to_writer_pretty(&mut *out, manifest)?;
        out.write_all(b"\n")
    })
}

/// A cell of a CSV file.
fn cell(text: &str) -> String {
    let guarded = export_guard(text);
    if guarded.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// Writes a file beside its name, readable for its owner alone, and puts it in place when it is whole.
fn whole(path: &Path, write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Fault> {
    let wrong = |error| Fault::Io { path: path.to_path_buf(), error };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    let mut out = BufWriter::new(&mut file);
    write(&mut out).and_then(|()| out.flush()).map_err(wrong)?;
    drop(out);
    file.as_file().sync_all().map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}
