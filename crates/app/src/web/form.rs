//! What a form sends.

use super::PageError;
use axum::{
    extract::{FromRequest, Request},
    http::StatusCode,
    response::IntoResponse,
};
use serde::de::DeserializeOwned;

/// A form as axum reads it, but what cannot be read is answered by a page in the reader's language: 413
/// when it is too large, otherwise 400.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Form<T>, PageError> {
        let read = axum::Form::<T>::from_request(request, state).await;
        read.map(|axum::Form(sent)| Form(sent)).map_err(|rejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge,
                _ => PageError::Malformed,
            }
        })
    }
}
