//! Routes declare who may enter. A route without an access does not compile; the table of all
//! routes is walked by a test for every kind of viewer.

use super::{App, PageError, Viewer, session};
use crate::{
    authz::{Action, may_ever},
    cache::{self, PageCache},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::{HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use daylight_ui::error_page::ErrorPage;

/// Who may enter a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; the same bytes for everybody, so the page cache may keep them.
    Public,
    /// Everybody; never kept.
    PublicFresh,
    /// Somebody who has given the password and still owes the second factor.
    HalfSignedIn,
    /// Staff whose roles may ever do this; what it is done to is decided inside.
    Staff(Action),
}

/// A method, a path, who may enter, and what answers.
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// The path as axum writes it.
    pub path: &'static str,
    /// Who may enter.
    pub access: Access,
    /// It takes whole files: a larger body and more time.
    pub upload: bool,
    answer: MethodRouter<App>,
}

/// Bytes that a request may carry: a long form.
pub const BODY_LIMIT: usize = 1 << 20;
/// Bytes that an upload may carry: a county's workbooks.
pub const UPLOAD_LIMIT: usize = 300 << 20;

impl Route {
    /// The same route for whole files, up to [`UPLOAD_LIMIT`].
    pub fn upload(mut self) -> Route {
        self.upload = true;
        self.answer = self.answer.layer(DefaultBodyLimit::max(UPLOAD_LIMIT));
        self
    }
}

/// A page.
pub fn get<H, T>(path: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route { method: Method::GET, path, access, upload: false, answer: on(MethodFilter::GET, handler) }
}

/// A change.
pub fn post<H, T>(path: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route { method: Method::POST, path, access, upload: false, answer: on(MethodFilter::POST, handler) }
}

/// The query fields on which any public page depends. Others never reach a page, so that nobody can
/// fill the page cache with copies of one page under invented fields.
const QUERY_FIELDS: &[&str] = &[
    "q",
    "kind",
    "category",
    "division",
    "stage",
    "unit",
    "basis",
    "level",
    "parent",
    "panel",
    "on",
    "page",
    "per_page",
    "place",
    "conclusion",
    "year",
    "period",
];

/// The page cache for the routes of this product.
pub fn page_cache() -> PageCache {
    PageCache::new(cache::TTL, cache::CAPACITY, QUERY_FIELDS)
}

/// The router over a table of routes.
pub fn router(app: &App, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        let access = route.access;
        let state = app.clone();
        let guard = middleware::from_fn_with_state((state, access), guard);
        let mut answer = route.answer.layer(guard);
        if access == Access::Public {
            // Outermost the cache, which hands on a request of nothing but what a page may depend on;
            // an answer is finished inside it: what it keeps is sent as it is.
            answer = answer
                .layer(middleware::from_fn_with_state(app.clone(), dress))
                .layer(middleware::from_fn(crate::api::open_to_any_origin))
                .layer(middleware::from_fn(harden))
                .layer(middleware::from_fn_with_state(app.cache.clone(), cache::serve));
        }
        router = router.route(route.path, answer);
    }
    router
        .fallback(|| async { PageError::NotFound })
        .method_not_allowed_fallback(|| async { PageError::NotFound })
        .layer(middleware::from_fn_with_state(app.clone(), dress))
        .layer(middleware::from_fn(crate::api::open_to_any_origin))
        .layer(tower_http::csrf::CsrfLayer::new())
        // Outermost first: a route's own limit, nearer to the handler, wins.
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(harden))
        .layer(middleware::from_fn(unkept))
        .with_state(app.clone())
}

/// Lets in whom the route lets in, and tells the handler who it is.
async fn guard(
    State((app, access)): State<(App, Access)>,
    mut request: Request,
    next: Next,
) -> Result<Response, PageError> {
    let mut viewer = Viewer::of(&request);
    // A request's body is not Sync, so only its headers are borrowed over the awaits.
    let headers = request.headers().clone();
    match access {
        Access::Public | Access::PublicFresh => {}
        Access::HalfSignedIn => match session::current(&app, &headers).await? {
            Some(found) => viewer.session = Some(found),
            None => return Ok(sign_in_first(&viewer)),
        },
        Access::Staff(action) => match session::current(&app, &headers).await? {
            Some(found) if found.complete => {
                let may = may_ever(&found.actor, action);
                viewer.session = Some(found);
                if !may {
                    let mut response = PageError::Forbidden.into_response();
                    response.extensions_mut().insert(viewer);
                    return Ok(response);
                }
            }
            _ => return Ok(sign_in_first(&viewer)),
        },
    }
    request.extensions_mut().insert(viewer.clone());
    let mut response = next.run(request).await;
    // An error is dressed for whom it meets.
    response.extensions_mut().insert(viewer);
    if access != Access::Public && !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

fn sign_in_first(viewer: &Viewer) -> Response {
    let back = daylight_ui::safe_href(&viewer.path);
    super::redirect(&format!("/office/sign-in?back={}", super::viewer::escape_query(back)))
}

/// Puts the shell around an error, for the viewer who meets it.
async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let viewer = Viewer::of(&request);
    let path = request.uri().path();
    let (json, office) = (path.starts_with("/api/"), path.starts_with("/office/"));
    let mut response = next.run(request).await;
    let Some(page) = response.extensions_mut().remove::<ErrorPage>() else { return response };
    let viewer = response.extensions_mut().remove::<Viewer>().unwrap_or(viewer);
    let status = response.status();
    if json {
        return crate::api::failure(&page);
    }
    // Staff are told in words for staff, whatever it is that they do not find.
    let page = match page {
        ErrorPage::NotFound if office && viewer.session.is_some() => ErrorPage::NotFoundAtDesk,
        page => page,
    };
    // The name of the place stands in the database, which may be the very thing that does not answer.
    let html = match page {
        ErrorPage::Busy | ErrorPage::Full => viewer.dress_plainly(page.title(), &page.to_string()),
        _ => viewer.dress(&app, page.title(), &page.to_string()).await,
    };
    (status, axum::response::Html(html)).into_response()
}

/// Headers on every answer.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What does not come from the page cache is for nobody to keep, errors among it.
async fn unkept(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
