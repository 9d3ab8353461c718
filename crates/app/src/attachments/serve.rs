//! Files for staff. Whoever asks shows the case they have opened: there is no other way to a file.
//!
//! An original is only ever saved, never shown: nobody knows what a browser would make of it. What is shown is the
//! copy, whose every byte we wrote.

use super::{
    attachment::About,
    sealed::{Folder, Part, Reading},
    store::{self, Attachment},
};
use crate::{
    cases::store::{Opened, StoreError},
    web::{App, PageError},
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use std::{io, path::Path};
use tokio::sync::mpsc;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The file as it came, to be saved.
    Original,
    /// The copy without metadata, to be looked at.
    Copy,
}

/// A file of an opened case, streamed. One of another case, or a copy that there is not, is not found.
///
/// # Errors
///
/// [`PageError::NotFound`], or what hinders reading. A file that is found damaged on the way breaks off: no byte is
/// sent that was not stored.
pub async fn serve(app: &App, opened: &Opened, id: i64, which: Which) -> Result<Response, PageError> {
    let files = store::of_case(app.db.read(), opened).await.map_err(|error| match error {
        StoreError::Db(error) => PageError::from(error),
        error => PageError::internal(error),
    })?;
    let found = files.into_iter().find(|file| file.id == id && file.kept).ok_or(PageError::NotFound)?;
    let (name, part, size, segments) = match (which, &found.about.copy, found.copy_file) {
        (Which::Original, _, _) => (found.file, Part::Original, found.about.size, found.segments),
        (Which::Copy, Some(copy), Some(file)) => (file, Part::Copy, copy.size, copy.segments),
        (Which::Copy, _, _) => return Err(PageError::NotFound),
    };
    let folder = Folder::open(&app.config.data).map_err(PageError::internal)?;
    let reading = folder.read(found.key, &name, part, segments).map_err(PageError::internal)?;
    let from = stream_of(reading, id);
    let body = Body::from_stream(stream::unfold(from, |mut from| async {
        from.recv().await.map(|bytes| (bytes, from))
    }));
    Ok(dress(body, &found.about, which, size))
}

/// The original of a file of a draft, segment by segment, for whoever takes it elsewhere.
pub(crate) fn original(data: &Path, found: Attachment) -> io::Result<mpsc::Receiver<io::Result<Bytes>>> {
    let reading = Folder::open(data)?.read(found.key, &found.file, Part::Original, found.segments)?;
    Ok(stream_of(reading, found.id))
}

/// Segments as they are opened, two at most in memory.
fn stream_of(reading: Reading, id: i64) -> mpsc::Receiver<io::Result<Bytes>> {
    let (to, from) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        for segment in reading {
            if segment.is_err() {
                tracing::error!(attachment = id, "a sealed file is damaged");
            }
            let sent = to.blocking_send(segment.map(|segment| Bytes::copy_from_slice(segment.bytes())));
            // Nobody reads any more.
            if sent.is_err() {
                break;
            }
        }
    });
    from
}

fn dress(body: Body, about: &About, which: Which, size: u64) -> Response {
    let kind = about.kind.map_or("application/octet-stream", |kind| kind.mime());
    let (kind, disposition) = match which {
        Which::Copy => ("image/jpeg", "inline".to_owned()),
        Which::Original => (kind, saved_as(about)),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("attachment")));
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    response
}

/// The name as RFC 6266 and 8187 write it: everything but letters and digits is escaped, so that no name ends a header.
fn saved_as(about: &About) -> String {
    let name = about.kind.map_or_else(|| about.name.clone(), |kind| kind.saved_as(&about.name));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let escaped: String = name.bytes().map(escape).collect();
    format!("attachment; filename*=UTF-8''{escaped}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachments::Kind;

    #[test]
    fn no_name_ends_a_header_or_becomes_a_program() {
        let about = |name: &str| About {
            name: name.into(),
            size: 1,
            kind: Some(Kind::Text),
            sha256: String::new(),
            copy: None,
            event: 1,
        };
        assert_eq!(
            saved_as(&about("a\"; filename=\"x.exe")),
            "attachment; filename*=UTF-8''a%22%3B%20filename%3D%22x.exe.txt"
        );
        assert_eq!(saved_as(&about("账.txt")), "attachment; filename*=UTF-8''%E8%B4%A6.txt");
    }
}
