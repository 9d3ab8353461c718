//! The file of a case as it lies on somebody's desk: everything its pages show, read in one transaction.

use super::{
    failed,
    offer::{Choices, Offer, offers},
    store::{self, About},
};
use crate::{
    attachments::{self, Attachment},
    authz::{Actor, Role},
    calendar::Calendar,
    cases::{
        Above, Running, keys,
        routing::{self, Matter, Table, World},
        store::{self as cases, Look, Opened, Sent},
    },
    clock::Millis,
    deadlines::{self, Clock, Profile, Term},
    hotline::store::Heard,
    reports::store::Content,
    web::{App, PageError, Viewer},
};
use daylight_db::Tx;
use std::collections::BTreeMap;

/// A case on somebody's desk.
pub(super) struct File {
    pub opened: Opened,
    pub actor: Actor,
    pub now: Millis,
    pub profile: Profile,
    pub calendar: Calendar,
    pub content: Content,
    /// The files of the reporter and of the staff.
    pub evidence: Vec<Attachment>,
    pub about: About,
    /// The hotline's number, and what its caller said about the answers.
    pub order: Option<(String, Vec<(Millis, Heard)>)>,
    /// Everything that must be answered, in the order in which it was raised.
    pub points: Vec<String>,
    pub routes: Vec<Sent>,
    pub world: World,
    pub table: Table,
    pub recusals: Vec<(i64, routing::store::About)>,
    pub matter: Matter,
    pub accounts: BTreeMap<i64, String>,
    pub organs: BTreeMap<i64, String>,
    /// Who can open the case.
    pub holders: Vec<i64>,
    pub choices: Choices,
    pub offers: Vec<Offer>,
}

impl File {
    /// Opens the file for a member of staff, which is kept on record; for others there is no such case.
    pub async fn open(tx: &Tx, app: &App, viewer: &Viewer, id: i64, look: Look) -> Result<File, PageError> {
        let (actor, now) = (viewer.actor()?.clone(), app.clock.now());
        let opened = cases::open_for(tx, &app.vault, &actor, id, look, now).await.map_err(failed)?;
        let content = crate::reports::store::content(&**tx, &opened).await.map_err(failed)?;
        let evidence = attachments::of_case(&**tx, &opened).await.map_err(failed)?;
        let about = store::about(&**tx, &[id]).await?.remove(&id).ok_or(PageError::NotFound)?;
        let order = match crate::hotline::store::number(&**tx, &app.vault, id).await.map_err(failed)? {
            Some(number) => Some((number, crate::hotline::store::calls(&**tx, id).await?)),
            None => None,
        };
        let routes = cases::routes(&**tx, &opened).await.map_err(failed)?;
        let mut matter = routes.last().ok_or(PageError::NotFound)?.matter.clone();
        matter.recused = &cases::standing_recusals(&**tx, &matter).await? | &opened.case.recused;
        let profile = deadlines::store::kept(&**tx, &opened.case.profile).await?;
        let profile =
            profile.ok_or_else(|| PageError::Internal("a case without its deadline profile".into()))?;
        let calendar = crate::calendar::store::calendar(&**tx).await?;
        let world = routing::store::world(&**tx).await?;
        let table = routing::store::table(&**tx).await?;
        let choices = choices(&opened, &world, &matter, &profile, &calendar, now);
        let offers = offers(&opened.case, &actor, &choices, now);
        Ok(File {
            accounts: store::account_names(&**tx).await?,
            organs: store::organ_names(&**tx).await?,
            points: cases::points(&**tx, &opened).await.map_err(failed)?,
            holders: keys::store::holders(&**tx, id).await?.into_iter().collect(),
            opened,
            actor,
            now,
            profile,
            calendar,
            content,
            evidence: evidence.into_iter().filter(|file| file.kept).collect(),
            about,
            order,
            routes,
            world,
            table,
            recusals: routing::store::recusals(&**tx).await?,
            matter,
            choices,
            offers,
        })
    }

    /// The same for a page that changes nothing else.
    pub async fn read(app: &App, viewer: &Viewer, id: i64) -> Result<File, PageError> {
        File::look(app, viewer, id, Look::File).await
    }

    /// The same for what stands in the trail by itself.
    pub async fn look(app: &App, viewer: &Viewer, id: i64, look: Look) -> Result<File, PageError> {
        let tx = app.db.write().await?;
        let file = File::open(&tx, app, viewer, id, look).await?;
        // That they were shown it is on record before it is shown.
        tx.commit().await?;
        Ok(file)
    }

    pub fn id(&self) -> i64 {
        self.opened.id
    }

    pub fn href(&self) -> String {
        format!("/office/cases/{}", self.id())
    }

    /// "办理件第12号".
    pub fn name(&self) -> String {
        name(self.id())
    }

    pub fn account(&self, id: i64) -> &str {
        self.accounts.get(&id).map_or("已停用的账号", String::as_str)
    }

    pub fn organ(&self, id: i64) -> &str {
        self.organs.get(&id).map_or("已撤销的组织", String::as_str)
    }

    /// The clocks, the next due first.
    pub fn clocks(&self) -> Vec<Running> {
        self.opened.case.clocks(&self.profile, &self.calendar, self.now)
    }
}

/// "办理件第12号".
pub(super) fn name(id: i64) -> String {
    format!("办理件第{id}号")
}

fn choices(
    opened: &Opened,
    world: &World,
    matter: &Matter,
    profile: &Profile,
    calendar: &Calendar,
    now: Millis,
) -> Choices {
    let case = &opened.case;
    let clear = |staff: &&routing::Staff| {
        Some(staff.organ_id) == case.organ_id
            && staff.role == Role::Handler
            && case.handler_id != Some(staff.account_id)
            && routing::conflict(world, matter, staff).is_none()
    };
    let fits = |organ_id: &&i64| {
        case.organ_id != Some(**organ_id)
            && routing::from(world, matter, **organ_id).above() == Above::Organ(**organ_id)
    };
    let most = |clock: Clock| {
        let most: Term = profile.rule(clock, case.stage)?.extension?;
        case.may_extend(profile, calendar, clock, most, now).ok().map(|_| (clock, most))
    };
    let clocks = [Clock::Forward, Clock::Accept, Clock::Handle, Clock::Reply];
    Choices {
        handlers: world.staff.iter().filter(clear).map(|staff| staff.account_id).collect(),
        organs: world.organs.keys().filter(fits).copied().collect(),
        extendable: clocks.into_iter().filter_map(most).collect(),
        grantable: case.asked.and_then(|asked| {
            case.may_extend(profile, calendar, asked.clock, asked.by, now)
                .ok()
                .map(|_| (asked.clock, asked.by))
        }),
    }
}
