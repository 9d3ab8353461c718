//! 长辈版: a cookie that stays for a year. Everybody sees the same pages, larger.

use crate::web::{PageError, redirect};
use axum::{
    Form,
    extract::rejection::FormRejection,
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;

const ON: HeaderValue = HeaderValue::from_static("elder=1; Path=/; Max-Age=31536000; SameSite=Lax");
const OFF: HeaderValue = HeaderValue::from_static("elder=0; Path=/; Max-Age=0; SameSite=Lax");

/// The switch in the frame of every page.
#[derive(Deserialize)]
pub struct Switch {
    #[serde(default)]
    on: String,
    #[serde(default)]
    back: String,
}

/// POST /elder
pub async fn switch(form: Result<Form<Switch>, FormRejection>) -> Result<Response, PageError> {
    let Form(form) = form.map_err(|_| PageError::invalid("没有收到要切换的版本，请回到首页重试。"))?;
    let mut response = redirect(way_back(&form.back));
    response.headers_mut().insert(header::SET_COOKIE, if form.on == "1" { ON } else { OFF });
    Ok(response)
}

/// The page to return to, if it is one of ours; else the first page. A browser drops tabs and line
/// breaks and takes `\` for `/`, so `/\t/evil` would lead away.
fn way_back(back: &str) -> &str {
    let local = back.starts_with('/') && !back.starts_with("//");
    let plain = back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // What a proxy between might decode to one of these.
    let second = !matches!(back.as_bytes().get(1), Some(b'%' | b'/' | b'\\'));
    if local && plain && second { back } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        for away in [
            "",
            "units",
            "//evil.cn",
            "///evil.cn",
            "/\\evil.cn",
            "\\\\evil.cn",
            "/\t/evil.cn",
            "/\n/evil.cn",
            " //evil.cn",
            "http://evil.cn",
            "javascript:alert(1)",
            "/units\r\nSet-Cookie: a=b",
            "/单位",
            "/%2f/evil.cn",
            "/%5cevil.cn",
            "/%09/evil.cn",
        ] {
            assert_eq!(way_back(away), "/", "{away:?}");
        }
        for home in ["/", "/units?page=2", "/search?q=%E4%BD%8E%E4%BF%9D&kind=power", "/office"] {
            assert_eq!(way_back(home), home);
        }
    }
}
