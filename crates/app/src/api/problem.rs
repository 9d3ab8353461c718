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
        code: &'static str = "固定的英文代码，给程序用：not_found、bad_value、missing_value、conflict、wait、busy、full、internal…",
        error: String = "原因，给人看",
        field: Option<&'static str> = "哪个参数不对；与参数无关或不止一处时为 null",
        faults: Vec<Fault> = "提交的内容里不对的每一处；没有为空",
    }
}

answer! {
    /// One place of what was sent that is wrong.
    Fault = "一处不对" {
        field: String = "哪一项",
        error: String = "怎么不对，怎么改",
    }
}

/// Why a request of the interface has no answer.
#[derive(Debug)]
pub enum Problem {
    /// A query field holds what it may not hold.
    BadValue(&'static str, String),
    /// A required query field is not there.
    MissingValue(&'static str, String),
    /// Several places of what was sent are wrong.
    Faults(Vec<Fault>),
    /// What was sent is no JSON of the declared form.
    Unreadable {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It names no draft.
    NoDraft,
    /// Not as things stand.
    Conflict(String),
    /// Later.
    Wait {
        /// How long.
        seconds: i64,
    },
    /// As on a page.
    Page(PageError),
}

impl Problem {
    /// One field is wrong.
    pub fn value(field: &'static str, error: impl Into<String>) -> Problem {
        Problem::BadValue(field, error.into())
    }
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
            Problem::Faults(faults) => {
                let error = faults.iter().map(|fault| fault.error.as_str()).collect::<Vec<_>>().join("；");
                let failure = Failure { faults, ..failed(422, "bad_value", error) };
                (StatusCode::UNPROCESSABLE_ENTITY, Json(failure)).into_response()
            }
            Problem::Unreadable { line, column } => {
                let error =
                    format!("发来的 JSON 在第 {line} 行第 {column} 列读不懂，请对照接口说明检查这里。");
                send(422, "unreadable", error, None)
            }
            Problem::NoDraft => {
                let error = "请把草稿凭证放在请求头 Authorization: Bearer 里。".to_owned();
                send(401, "no_draft", error, None)
            }
            Problem::Conflict(error) => send(409, "conflict", error, None),
            Problem::Wait { seconds } => {
                let error = "这个编号试错次数太多，请稍后再试。".to_owned();
                let mut response = send(429, "wait", error, None);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
            Problem::Page(error) => error.into_response(),
        }
    }
}

fn failed(status: u16, code: &'static str, error: String) -> Failure {
    Failure { status: u32::from(status), code, error, field: None, faults: Vec::new() }
}

fn send(status: u16, code: &'static str, error: String, field: Option<&'static str>) -> Response {
    let failure = Failure { field, ..failed(status, code, error) };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(failure)).into_response()
}

/// An error page's counterpart under `/api`, for the router.
pub fn failure(page: &ErrorPage) -> Response {
    let (code, error) = match page {
        ErrorPage::NotFound | ErrorPage::NotFoundAtDesk => {
            ("not_found", "没有找到您要的内容。请检查网址和编号。".to_owned())
        }
        ErrorPage::Forbidden => ("forbidden", "这里不对外开放。".to_owned()),
        ErrorPage::Invalid(lines) => ("bad_value", lines.join("")),
        ErrorPage::Malformed => ("bad_value", "发来的内容无法识别。".to_owned()),
        ErrorPage::TooLarge => ("too_large", "发来的内容太大。".to_owned()),
        ErrorPage::Busy => ("busy", "现在请求太多，请稍后再试。".to_owned()),
        ErrorPage::Full => {
            ("full", "服务器磁盘已满，暂时不能保存，请稍后再试，或打电话、当面反映。".to_owned())
        }
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
