//! `/api/v1/cadres`: people with public power, the public part: name, posts, duties.

use super::{
    asked::{Asked, Page},
    endpoint::{Endpoint, ON, PAGE, PER_PAGE, Takes, id},
    problem::Problem,
    shape::{MonthOrDay, Shape, answer},
    store,
    units::{Named, Version, named, version},
};
use crate::{
    revisions::{Content, SubjectKind},
    web::{Access, App, PageError, get},
};
use axum::{Json, extract::State};

answer! {
    /// A person in office, of a list.
    CadreLine = "列表里的干部" {
        id: i64 = "编号，不会变",
        name: String = "姓名",
        appointments: Vec<Appointment> = "现在担任的岗位",
        link: String = "公开页面的网址路径",
    }
}

answer! {
    /// A person with public power.
    Cadre = "一名干部" {
        id: i64 = "编号，不会变",
        name: String = "姓名",
        appointments: Vec<Appointment> = "担任过和现在担任的岗位",
        version: Version = "这是哪一版",
        link: String = "公开页面的网址路径",
    }
}

answer! {
    /// A post held for a period.
    Appointment = "一次任职" {
        unit: Named = "单位",
        post: String = "岗位",
        since: Option<MonthOrDay> = "从什么时候起，日期或月份；待补为 null",
        until: Option<MonthOrDay> = "到什么时候止；现在担任为 null",
        duties: Option<String> = "分管（负责）工作",
    }
}

pub(super) const LIST: Endpoint = Endpoint {
    path: "/api/v1/cadres",
    name: "cadres",
    about: "在任的干部",
    fields: &[id("unit", "只要在这个单位任职的，填单位编号"), PAGE, PER_PAGE],
    takes: Takes::Nothing,
    shape: Page::<CadreLine>::shape,
    route: |path| get(path, Access::Public, list),
};

async fn list(State(app): State<App>, asked: Asked) -> Result<Json<Page<CadreLine>>, Problem> {
    let c = app.db.read();
    let unit_id = asked.id("unit");
    let total = store::count_cadres(c, unit_id).await?;
    let found = store::cadres(c, unit_id, asked.limit(), asked.offset()).await?;
    let posts = store::posts_held(c, &found).await?;
    let held = |id: i64| posts.iter().filter(move |post| post.cadre_id == id).map(Appointment::from);
    let line = |(id, name): (i64, String)| CadreLine {
        id,
        name,
        appointments: held(id).collect(),
        link: SubjectKind::Cadre.href(id),
    };
    Ok(Json(asked.page(found.into_iter().map(line).collect(), total)))
}

impl From<&store::Held> for Appointment {
    fn from(held: &store::Held) -> Appointment {
        Appointment {
            unit: Named { id: Some(held.unit_id), name: held.unit.clone() },
            post: held.post.clone(),
            since: held.since.clone().map(MonthOrDay),
            until: None,
            duties: held.duties.clone(),
        }
    }
}

pub(super) const ONE: Endpoint = Endpoint {
    path: "/api/v1/cadres/{id}",
    name: "cadre",
    about: "一名干部公开的部分：姓名、任职、分工",
    fields: &[ON],
    takes: Takes::Nothing,
    shape: Cadre::shape,
    route: |path| get(path, Access::Public, one),
};

async fn one(State(app): State<App>, asked: Asked) -> Result<Json<Cadre>, Problem> {
    let id = asked.subject()?;
    let revision = version(&app, SubjectKind::Cadre, &asked).await?;
    let version = Version::from(&revision);
    let Content::Cadre(cadre) = revision.content else { return Err(PageError::NotFound.into()) };
    let mut appointments = Vec::new();
    for held in cadre.appointments {
        appointments.push(Appointment {
            unit: named(&app, held.unit).await?,
            post: held.post,
            since: held.since.map(MonthOrDay),
            until: held.until.map(MonthOrDay),
            duties: held.duties,
        });
    }
    Ok(Json(Cadre { id, name: cadre.name, appointments, version, link: SubjectKind::Cadre.href(id) }))
}
