//! What a request carries, read by its declaration.

use super::problem::Problem;
use crate::{reports::bearer_token, web::PageError};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, request::Parts},
    response::IntoResponse,
};
use serde::de::DeserializeOwned;

/// Declares what a request carries: `asks! { /// rustdoc … Name = "说明" { must field: Type = "说明", may … } }`.
///
/// Every field is an `Option` in Rust: that something is missing is said by the rules of the thing, with all else
/// that is wrong, and not by the reading.
macro_rules! asks {
    ($(#[$meta:meta])* $name:ident = $about:literal { $($how:ident $field:ident: $kind:ty = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Default, serde::Deserialize)]
        #[serde(default)]
        pub struct $name { $(#[doc = $text] pub $field: Option<$kind>,)* }

        impl $crate::api::shape::Shape for $name {
            fn shape(named: &mut $crate::api::shape::Named) -> serde_json::Value {
                $crate::api::shape::asked(named, stringify!($name), $about, |_named| {
                    vec![$((stringify!($field), $text, $crate::api::taken::asks!(@$how $kind)(_named)),)*]
                })
            }
        }
    };
    (@must $kind:ty) => { <$kind as $crate::api::shape::Shape>::shape };
    (@may $kind:ty) => { <Option<$kind> as $crate::api::shape::Shape>::shape };
}
pub(super) use asks;

/// The JSON object that a request carries.
pub struct Taken<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Taken<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Taken<T>, Problem> {
        let read = Bytes::from_request(request, state).await;
        let bytes = read.map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge,
            _ => PageError::Malformed,
        })?;
        // What stands there may be a name or a number: only the place is told.
        let told =
            |error: serde_json::Error| Problem::Unreadable { line: error.line(), column: error.column() };
        serde_json::from_slice(&bytes).map(Taken).map_err(told)
    }
}

/// The draft that a request is sent for, by the token in its `Authorization` header: addresses stand in logs.
pub struct ForDraft(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ForDraft {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<ForDraft, Problem> {
        bearer_token(&parts.headers).map(|token| ForDraft(token.to_owned())).ok_or(Problem::NoDraft)
    }
}
