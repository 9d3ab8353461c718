//! What every page shares: the application's state, routes that declare their access, the viewer,
//! errors as pages.

mod app;
mod asked;
mod error;
mod form;
mod route;
mod session;
mod viewer;

pub use app::{App, Config, Parts};
pub use asked::{Asked, Id, PER_PAGE, Part, Word};
pub use error::PageError;
pub use form::Form;
pub use route::{Access, BODY_LIMIT, Route, UPLOAD_LIMIT, get, page_cache, post, router};
pub use session::{Found, SESSION_COOKIE};
pub(crate) use viewer::escape_query;
pub use viewer::{Viewer, redirect};
