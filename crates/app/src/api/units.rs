//! `/api/v1/units`: supervised units.

use super::{
    asked::{Asked, Page},
    endpoint::{Endpoint, ON, PAGE, PER_PAGE, Takes, code, id},
    problem::Problem,
    shape::{Code, Day, Moment, Shape, answer},
    store,
};
use crate::{
    clock::end_of_day,
    powers,
    revisions::{self, Content, Revision, SubjectKind, as_of},
    units::{Category, Missing, Unit as Published, store as units},
    web::{Access, App, PageError, get},
};
use axum::{Json, extract::State};

answer! {
    /// Something named, with its id where it is still there.
    Named = "另一个单位" {
        id: Option<i64> = "编号；当时叫这个名字、现在查不到为 null",
        name: String = "名称",
    }
}

answer! {
    /// Which published state an answer shows.
    Version = "公布的版本" {
        number: i64 = "第几版，从 1 数起",
        published_at: Option<Moment> = "公布的时间",
        ended_at: Option<Moment> = "被下一版代替的时间；现在的版本为 null",
    }
}

answer! {
    /// A unit of a list.
    UnitLine = "列表里的单位" {
        id: i64 = "编号，不会变",
        name: String = "全称",
        category: Option<Code<Category>> = "类别",
        category_name: Option<&'static str> = "类别的中文名",
        division_id: Option<i64> = "所在区划的编号",
        division: Option<String> = "所在区划的名称",
        powers: i64 = "公开的权力事项有多少项",
        cadres: i64 = "在任的岗位有多少个",
        link: String = "公开页面的网址路径",
    }
}

answer! {
    /// A unit.
    Unit = "一个单位" {
        id: i64 = "编号，不会变",
        name: String = "全称",
        category: Option<Code<Category>> = "类别",
        category_name: Option<&'static str> = "类别的中文名",
        credit_code: Option<String> = "统一社会信用代码",
        parent: Option<Named> = "上级主管单位",
        division_code: Option<String> = "所在区划的 12 位代码",
        duties: Vec<String> = "主要职责，一条一项",
        phone: Option<String> = "公开的联系电话",
        address: Option<String> = "办公地址",
        office_hours: Option<String> = "办公时间",
        missing: Vec<&'static str> = "还没有填写的内容",
        powers: i64 = "现在公开的权力事项有多少项",
        powers_withheld: i64 = "现在不公开的权力事项有多少项",
        cadres: i64 = "现在在任的岗位有多少个",
        ended_on: Option<Day> = "撤销的日期；现在还在为 null",
        successor_id: Option<i64> = "撤销后由哪个单位接续",
        version: Version = "这是哪一版",
        link: String = "公开页面的网址路径",
    }
}

impl From<&Revision> for Version {
    fn from(revision: &Revision) -> Version {
        Version {
            number: revision.number,
            published_at: revision.published_at.map(Moment),
            ended_at: revision.ended_at.map(Moment),
        }
    }
}

impl From<units::Line> for UnitLine {
    fn from(line: units::Line) -> UnitLine {
        let category = Code::read(&line.category);
        UnitLine {
            link: SubjectKind::Unit.href(line.id),
            id: line.id,
            name: line.name,
            category,
            category_name: category.map(Code::page),
            division_id: line.division_id,
            division: line.division,
            powers: line.powers,
            cadres: line.cadres,
        }
    }
}

/// The state of a thing that is shown now, or was shown at the end of a day.
pub(super) async fn version(app: &App, kind: SubjectKind, asked: &Asked) -> Result<Revision, PageError> {
    let (c, id) = (app.db.read(), asked.subject()?);
    // What is kept back now is not shown as it once stood either.
    let now = as_of::public(revisions::store::published(c, kind, id).await?).ok_or(PageError::NotFound)?;
    match asked.on() {
        Some(on) => {
            let then = revisions::store::as_of(c, kind, id, end_of_day(on)).await?;
            as_of::public(then).ok_or(PageError::NotFound)
        }
        None => Ok(now),
    }
}

/// A unit that a published text names.
pub(super) async fn named(app: &App, name: String) -> Result<Named, PageError> {
    let line = revisions::store::unit_named(app.db.read(), &name).await?;
    Ok(Named { id: line.map(|line| line.id), name })
}

pub(super) const LIST: Endpoint = Endpoint {
    path: "/api/v1/units",
    name: "units",
    about: "现有的单位",
    fields: &[
        code::<Category>("category", "只要这个类别的"),
        id("division", "只要这个区划和它以下的，填区划编号"),
        PAGE,
        PER_PAGE,
    ],
    takes: Takes::Nothing,
    shape: Page::<UnitLine>::shape,
    route: |path| get(path, Access::Public, list),
};

async fn list(State(app): State<App>, asked: Asked) -> Result<Json<Page<UnitLine>>, Problem> {
    let c = app.db.read();
    let filter = units::Filter {
        category: asked.code("category"),
        division_path: store::division_path(c, asked.id("division")).await?,
        ..units::Filter::default()
    };
    let total = units::count(c, &filter).await?;
    let found = units::list(c, &filter, asked.limit(), asked.offset()).await?;
    Ok(Json(asked.page(found.into_iter().map(UnitLine::from).collect(), total)))
}

pub(super) const ONE: Endpoint = Endpoint {
    path: "/api/v1/units/{id}",
    name: "unit",
    about: "一个单位",
    fields: &[ON],
    takes: Takes::Nothing,
    shape: Unit::shape,
    route: |path| get(path, Access::Public, one),
};

async fn one(State(app): State<App>, asked: Asked) -> Result<Json<Unit>, Problem> {
    let c = app.db.read();
    let id = asked.subject()?;
    let revision = version(&app, SubjectKind::Unit, &asked).await?;
    let version = Version::from(&revision);
    let Content::Unit(unit) = revision.content else { return Err(PageError::NotFound.into()) };
    let line = units::get(c, id).await?.ok_or(PageError::NotFound)?;
    let withheld = powers::store::count_withheld(c, id).await?;
    let parent = match unit.parent.clone() {
        Some(name) => Some(named(&app, name).await?),
        None => None,
    };
    Ok(Json(describe(unit, parent, line, withheld, version)))
}

fn describe(
    unit: Published,
    parent: Option<Named>,
    line: units::Line,
    powers_withheld: i64,
    version: Version,
) -> Unit {
    Unit {
        id: line.id,
        link: SubjectKind::Unit.href(line.id),
        category: unit.category.map(Code),
        category_name: unit.category.map(Category::page),
        parent,
        duties: unit.duty_lines().into_iter().map(str::to_owned).collect(),
        missing: unit.missing().into_iter().map(Missing::page).collect(),
        name: unit.name,
        credit_code: unit.credit_code,
        division_code: unit.division_code,
        phone: unit.phone,
        address: unit.address,
        office_hours: unit.office_hours,
        powers: line.powers,
        powers_withheld,
        cadres: line.cadres,
        ended_on: line.ended_on.map(Day),
        successor_id: line.successor_id,
        version,
    }
}
