//! Failures of the interface, always the same four fields, and leave for pages of other origins.

use super::shape::answer;
use crate::web::PageError;
use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use daylight_ui::error_page::ErrorPage;

answer! {
    /// Why there is no answer.
    Failure = "没有结果的原因" {
        status: u32 = "HTTP 状态码",
        code: &'static str = "固定的英文代码，给程序用：not_found、bad_value、missing_value、busy、internal…",
        error: String = "原因，给人看",
        field: Option<&'static str> = "哪个查询参数不对；与参数无关时为 null",
    }
}

/// Why a request of the interface has no answer.
#[derive(Debug)]
pub enum Problem {
    /// A query field holds what it may not hold.
    BadValue(&'static str, String),
    /// A required query field is not there.
    MissingValue(&'static str, String),
    /// As on a page.
    Page(PageError),
}

impl<E: Into<PageError>> From<E> for Problem {
    fn from(error: E) -> Problem {
        Problem::Page(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Problem::BadValue(field, error) => send(422, "bad_value", error, Some(field)),
            Problem::MissingValue(field, error) => send(422, "missing_value", error, Some(field)),
            Problem::Page(error) => error.into_response(),
        }
    }
}

fn send(status: u16, code: &'static str, error: String, field: Option<&'static str>) -> Response {
    let failure = Failure { status: u32::from(status), code, error, field };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(failure)).into_response()
}

/// An error page's counterpart under `/api`, for the router.
pub fn failure(page: &ErrorPage) -> Response {
    let (code, error) = match page {
        ErrorPage::NotFound => ("not_found", "没有找到您要的内容。请检查网址和编号。".to_owned()),
        ErrorPage::Forbidden => ("forbidden", "这里不对外开放。".to_owned()),
        ErrorPage::Invalid(lines) => ("bad_value", lines.join("")),
        ErrorPage::Malformed => ("bad_value", "发来的内容无法识别。".to_owned()),
        ErrorPage::TooLarge => ("too_large", "发来的内容太大。".to_owned()),
        ErrorPage::Busy => ("busy", "现在请求太多，请稍后再试。".to_owned()),
        ErrorPage::Internal(reference) => {
            ("internal", format!("系统出了问题，请稍后再试。报告故障时请带上编号 {reference}。"))
        }
    };
    send(page.status(), code, error, None)
}

/// Lets pages of any origin read public data. Only without credentials: `*` never goes with cookies.
pub async fn open_to_any_origin(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/v1/") && !path.starts_with("/data/") {
        return next.run(request).await;
    }
    let mut response = if request.method() == Method::OPTIONS {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
            (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        ];
        (StatusCode::NO_CONTENT, allowed).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
