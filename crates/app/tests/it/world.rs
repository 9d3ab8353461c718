//! A small world for tests: an application on each engine, with a clock that stands still.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use daylight_app::{
    accounts,
    authz::Role,
    clock::Clock,
    imports::{
        Plan, find_files,
        run::{apply, plan},
        store::By,
    },
    migrations,
    web::{App, Config, Parts, page_cache},
};
use daylight_db::testing::{TestDb, engines};
use daylight_vault::Vault;
use std::{path::PathBuf, sync::Arc};
use tower::ServiceExt;

/// 2026-11-22 10:00 in Beijing.
pub const NOW: i64 = 1_795_312_800_000;

/// An application and what it stands on.
pub struct World {
    pub app: App,
    pub test: TestDb,
    _folder: tempfile::TempDir,
}

/// A fresh application on each engine.
pub async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for test in engines().await {
        migrations::migrate(&test.db).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::create(&folder.path().join("keys"), NOW / 1000).unwrap());
        let config = Config {
            data: folder.path().to_owned(),
            base_url: "http://127.0.0.1".into(),
            demo: false,
            secure_cookies: false,
            sms: daylight_app::sms::Channel::Outbox(folder.path().join("outbox/sms.jsonl")),
            evidence_share: daylight_app::attachments::SHARE,
            evidence_reserve: daylight_app::attachments::RESERVE,
        };
        let parts =
            Parts { db: test.db.clone(), vault, clock: Clock::hand(NOW), cache: page_cache(), config };
        worlds.push(World { app: App::new(parts), test, _folder: folder });
    }
    worlds
}

/// The county's four files as its offices sent them.
pub fn handover() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/handover")
}

impl World {
    /// What an import of these files would do.
    pub async fn plan(&self, paths: &[PathBuf]) -> Plan {
        let inputs = find_files(paths).unwrap();
        plan(&self.app.db, self.app.vault.clone(), inputs, Default::default(), |_| {}).await.unwrap()
    }

    /// Takes files over as the operator does.
    pub async fn import(&self, paths: &[PathBuf]) -> daylight_app::imports::Report {
        let plan = self.plan(paths).await;
        let by = By { account_id: None, name: "operator".into(), import_id: None };
        apply(&self.app.db, &self.app.vault, &self.app.clock, plan, &by, &|_, _| {}).await.unwrap()
    }
}

/// What came back through the front door.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The second factor's secret on the page that an invitation opens.
pub fn shown_secret(html: &str) -> Vec<u8> {
    let (_, rest) = html.split_once("密钥：<span class=\"code\" translate=\"no\">").expect("the secret");
    let secret = rest.split_once('<').expect("its end").0.replace(' ', "");
    data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap()
}

/// The field that says which look at an invitation a page is.
pub fn shown_look(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"look\" value=\"").expect("the look");
    rest.split_once('"').expect("its end").0.to_owned()
}

/// Somebody at a browser: nobody in particular, or a signed-in member of staff.
pub struct Browser {
    router: Router,
    cookies: String,
}

impl World {
    /// An anonymous citizen.
    pub fn citizen(&self) -> Browser {
        Browser { router: daylight_app::router(&self.app), cookies: String::new() }
    }

    /// A member of staff with a role within a unit (by name; none is the whole instance), signed in.
    pub async fn staff(&self, login: &str, role: Role, unit: Option<&str>) -> Browser {
        let now = self.app.clock.now();
        let unit_id = match unit {
            Some(name) => {
                let found = daylight_app::units::store::by_name(self.app.db.read(), name).await.unwrap();
                Some(found.expect("the unit is in the registry").id)
            }
            None => None,
        };
        let tx = self.app.db.write().await.unwrap();
        let id = accounts::store::create(&tx, login, login, now).await.unwrap();
        accounts::store::grant(&tx, id, role, unit_id, None, None, now).await.unwrap();
        let token = accounts::store::begin_session(&tx, id, "test", true, now).await.unwrap();
        tx.commit().await.unwrap();
        let router = daylight_app::router(&self.app);
        Browser { router, cookies: format!("daylight_session={token}") }
    }
}

impl World {
    /// A member of staff whose account is there already, signed in.
    pub async fn seated(&self, account_id: i64) -> Browser {
        let now = self.app.clock.now();
        let tx = self.app.db.write().await.unwrap();
        let token = accounts::store::begin_session(&tx, account_id, "test", true, now).await.unwrap();
        tx.commit().await.unwrap();
        Browser { router: daylight_app::router(&self.app), cookies: format!("daylight_session={token}") }
    }
}

impl Browser {
    /// The same browser with one more cookie.
    pub fn with_cookie(mut self, cookie: &str) -> Browser {
        self.cookies = cookie.to_owned();
        self
    }

    /// The same browser before the same program, set up otherwise.
    pub fn of(&self, app: &App) -> Browser {
        Browser { router: daylight_app::router(app), cookies: self.cookies.clone() }
    }

    /// The same browser with 长辈版 on.
    pub fn elder(mut self) -> Browser {
        self.cookies = format!("{}; elder=1", self.cookies);
        self
    }

    /// Opens a page. Every HTML page that any test opens is checked as HTML.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty(), path).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let escape =
            |text: &str| -> String {
                text.bytes()
                    .map(|b| {
                        if b.is_ascii_alphanumeric() {
                            char::from(b).to_string()
                        } else {
                            format!("%{b:02X}")
                        }
                    })
                    .collect()
            };
        let pairs: Vec<_> =
            form.iter().map(|(key, value)| format!("{}={}", escape(key), escape(value))).collect();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(pairs.join("&")), path).await
    }

    /// What lies at an address, byte by byte.
    pub async fn get_bytes(&self, path: &str) -> Vec<u8> {
        let request =
            Request::get(path).header(header::COOKIE, &self.cookies).header(header::HOST, "127.0.0.1");
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    /// Sends any request with this browser's cookies.
    pub async fn send(&self, request: axum::http::request::Builder, body: Body, path: &str) -> Answer {
        let request = request.header(header::COOKIE, &self.cookies).header(header::HOST, "127.0.0.1");
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let kind =
            parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.starts_with("text/html") {
            let faults = daylight_ui::check::page(&body);
            assert!(faults.is_empty(), "{path}: {faults:?}\n{body}");
        }
        Answer { status: parts.status, headers: parts.headers, body }
    }
}
