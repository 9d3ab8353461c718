//! Who looks, in which mode, at which address.

use super::{App, PageError, session::Found};
use crate::audit;
use crate::authz::{Action, Actor, Denied, Permit, Resource, decide, may_ever};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use daylight_ui::{Action as Button, Actions, NavItem, Shell, SignedIn};

/// The viewer of a page.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// 长辈版 is on.
    pub elder: bool,
    /// Path and query.
    pub path: String,
    /// The session, on staff routes.
    pub session: Option<Found>,
}

impl Viewer {
    pub(super) fn of(request: &Request) -> Viewer {
        let elder = cookie(request.headers(), "elder").is_some_and(|value| value == "1");
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Viewer { elder, path, session: None }
    }

    /// The member of staff. Only on staff routes; elsewhere an internal error.
    pub fn actor(&self) -> Result<&Actor, PageError> {
        let missing = || PageError::Internal("a public route asked for staff".into());
        Ok(&self.session.as_ref().ok_or_else(missing)?.actor)
    }

    /// Asks [`decide`] for this member of staff.
    pub fn permit(&self, action: Action, resource: &Resource) -> Result<Permit, PageError> {
        let actor = self.session.as_ref().map(|found| &found.actor).ok_or(Denied::Role)?;
        Ok(decide(actor, action, resource)?)
    }

    /// Writes what this member of staff does into the audit trail, in the transaction of the change.
    pub async fn note(
        &self,
        tx: &daylight_db::Tx,
        action: &str,
        subject: &str,
        detail: &str,
        now: crate::clock::Millis,
    ) -> Result<(), PageError> {
        let by = self.actor()?;
        let entry =
            audit::Entry { account_id: Some(by.account_id), actor: &by.name, action, subject, detail };
        Ok(audit::store::append(tx, &entry, now).await?)
    }

    /// A public page. The name of the place is the site's.
    pub async fn portal(&self, app: &App, title: &str) -> Result<Shell, PageError> {
        let nav = [
            ("首页", "/"),
            ("单位", "/units"),
            ("权力事项", "/powers"),
            ("干部", "/cadres"),
            ("区划", "/divisions"),
            ("监督结果", "/outcomes"),
            ("使用帮助", "/help"),
        ];
        Ok(Shell {
            title: title.to_owned(),
            elder: self.elder,
            path: self.path.clone(),
            nav: self.nav(&nav),
            demo: app.config.demo,
            ..Shell::portal(crate::home::store::site_name(app.db.read()).await?)
        })
    }

    /// A working page. The menu shows what this person may enter.
    pub async fn office(&self, app: &App, title: &str) -> Result<Shell, PageError> {
        let nav = [
            ("工作台", "/office", Action::OpenOffice),
            ("办理件", "/office/cases", Action::SeeCase),
            ("内容维护", "/office/contents", Action::SeeDrafts),
            ("审核公布", "/office/reviews", Action::Review),
            ("问题线索", "/office/clues", Action::SeeCase),
            ("结果公布", "/office/outcomes", Action::SeeCase),
            ("办理看板", "/office/boards", Action::SeeCase),
            ("热线导入", "/office/hotline", Action::ReceiveReport),
            ("身份审批", "/office/openings", Action::ApproveIdentity),
            ("批量导入", "/office/imports", Action::Import),
            ("群众评价", "/office/ratings", Action::SeeRatings),
            ("评价题目", "/office/indicators", Action::SeeRatings),
            ("人员账号", "/office/accounts", Action::ManageAccounts),
            ("角色授权", "/office/grants", Action::ManageGrants),
            ("纪检组织", "/office/organs", Action::ManageRegistry),
            ("工作日历", "/office/calendar", Action::ManageRegistry),
            ("公文函件", "/office/letters", Action::SeeCase),
            ("办理期限", "/office/deadlines", Action::SeeRules),
            ("分派规则", "/office/routing", Action::SeeRules),
            ("回避登记", "/office/recusals", Action::KeepRecusals),
            ("人员对应", "/office/ties", Action::ManageGrants),
            ("审计日志", "/office/audit", Action::ReadAudit),
            ("登录设备", "/office/devices", Action::OpenOffice),
        ];
        let actor = self.session.as_ref().filter(|found| found.complete).map(|found| &found.actor);
        let may = |action: &Action| {
            let whole = Resource::default();
            actor.is_some_and(|actor| match action {
                // What is done unit by unit; the rest concerns the whole instance or nothing.
                Action::OpenOffice
                | Action::SeeDrafts
                | Action::Review
                | Action::SeeCase
                | Action::ApproveIdentity
                | Action::SeeRules
                | Action::ReceiveReport
                | Action::KeepRecusals => may_ever(actor, *action),
                _ => decide(actor, *action, &whole).is_ok(),
            })
        };
        // The hotline belongs to the organ at the top.
        let hotline = match actor {
            Some(actor) if may_ever(actor, Action::ReceiveReport) => {
                crate::hotline::store::receives(app.db.read(), actor).await?
            }
            _ => false,
        };
        let here = |href: &str| href != "/office/hotline" || hotline;
        let mine = nav.iter().filter(|(_, href, action)| may(action) && here(href));
        let mine: Vec<_> = mine.map(|(label, href, _)| (*label, *href)).collect();
        let signed_in = actor.map(|actor| {
            let mut roles: Vec<_> = actor.grants.iter().map(|grant| grant.role.page()).collect();
            roles.dedup();
            SignedIn {
                name: actor.name.clone(),
                roles_text: roles.join("、"),
                device_href: "/office/devices".to_owned(),
                sign_out_href: "/office/sign-out".to_owned(),
            }
        });
        Ok(Shell {
            title: title.to_owned(),
            elder: self.elder,
            path: self.path.clone(),
            nav: self.nav(&mine),
            signed_in,
            demo: app.config.demo,
            ..Shell::office(crate::home::store::site_name(app.db.read()).await?)
        })
    }

    fn nav(&self, entries: &[(&str, &str)]) -> Vec<NavItem> {
        let path = self.path.split('?').next().unwrap_or("/");
        // The longest entry that is a prefix is the current one.
        let fits = |href: &str| path == href || (href != "/" && path.starts_with(&format!("{href}/")));
        let current = entries.iter().filter(|(_, href)| fits(href)).map(|(_, href)| href.len()).max();
        let item = |(label, href): &(&str, &str)| {
            NavItem::new(*label, *href, fits(href) && Some(href.len()) == current)
        };
        entries.iter().map(item).collect()
    }

    /// An error's page, for staff with the way back to their work. Falls back to a bare shell when even the
    /// site's name cannot be read.
    pub(super) async fn dress(&self, app: &App, title: &str, body: &str) -> String {
        // Without any role there is no work to go back to.
        let staff =
            self.session.as_ref().is_some_and(|found| found.complete && !found.actor.grants.is_empty());
        let shell = if staff { self.office(app, title).await } else { self.portal(app, title).await };
        match shell {
            Ok(shell) if staff => {
                let back = Actions::new([Button::link("返回工作台", "/office")]);
                daylight_ui::page(&shell, &format!("{body}{back}"))
            }
            Ok(shell) => daylight_ui::page(&shell, body),
            Err(_) => self.dress_plainly(title, body),
        }
    }

    /// An error's page that asks nothing of the database.
    pub(super) fn dress_plainly(&self, title: &str, body: &str) -> String {
        let shell = Shell { title: title.to_owned(), elder: self.elder, ..Shell::portal("阳光监督") };
        daylight_ui::page(&shell, body)
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Viewer, PageError> {
        let missing = || PageError::Internal("a route without a guard".into());
        parts.extensions.get::<Viewer>().cloned().ok_or_else(missing)
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a axum::http::HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Sends the browser on after a change (303).
pub fn redirect(to: &str) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Percent-encodes what would end or alter a query value, and everything that is not ASCII.
pub(crate) fn escape_query(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}
