//! `/api/v1/divisions`: the administrative tree.

use super::{
    asked::{Asked, Page},
    endpoint::{Endpoint, ON, PAGE, PER_PAGE, Takes, code, id},
    problem::Problem,
    shape::{Code, Day, Shape, answer},
    store,
};
use crate::{
    divisions::{self, Division as Kept, DivisionLevel},
    web::{Access, App, PageError, get},
};
use axum::{Json, extract::State};

answer! {
    /// A division as it is sent.
    Division = "行政区划" {
        id: i64 = "编号。区划代码会变，编号不变",
        code: String = "12 位区划代码",
        name: String = "名称",
        level: Code<DivisionLevel> = "层级",
        level_name: &'static str = "层级的中文名",
        parent_id: Option<i64> = "上一级区划的编号；最高一级为 null",
        valid_from: Option<Day> = "代码从哪天起有效；不清楚为 null",
        valid_to: Option<Day> = "代码到哪天失效；现在有效为 null",
        successor_id: Option<i64> = "撤并、改名后由哪个区划接续",
        inferred: bool = "true 表示由单位名称推断，不是来自官方名录",
        link: String = "公开页面的网址路径",
    }
}

answer! {
    /// A division with what belongs to it.
    DivisionDetail = "一个行政区划" {
        division: Division = "区划本身",
        line: Vec<Division> = "从最高一级到它自己的各级区划",
        units: i64 = "它和它以下的单位现在有多少个",
        powers: i64 = "这些单位公开的权力事项现在有多少项",
    }
}

impl From<Kept> for Division {
    fn from(kept: Kept) -> Division {
        Division {
            id: kept.id,
            code: kept.code,
            name: kept.name,
            level: Code(kept.level),
            level_name: kept.level.page(),
            parent_id: kept.parent_id,
            valid_from: kept.valid_from.map(Day),
            valid_to: kept.valid_to.map(Day),
            successor_id: kept.successor_id,
            inferred: kept.inferred,
            link: format!("/divisions/{}", kept.id),
        }
    }
}

pub(super) const LIST: Endpoint = Endpoint {
    path: "/api/v1/divisions",
    name: "divisions",
    about: "现行的行政区划，按区划代码排列",
    fields: &[
        code::<DivisionLevel>("level", "只要这一级的"),
        id("parent", "只要紧接在这个区划下面的，填区划编号"),
        PAGE,
        PER_PAGE,
    ],
    takes: Takes::Nothing,
    shape: Page::<Division>::shape,
    route: |path| get(path, Access::Public, list),
};

async fn list(State(app): State<App>, asked: Asked) -> Result<Json<Page<Division>>, Problem> {
    let filter = store::DivisionFilter { level: asked.code("level"), parent_id: asked.id("parent") };
    let c = app.db.read();
    let total = store::count_divisions(c, &filter).await?;
    let found = store::divisions(c, &filter, asked.limit(), asked.offset()).await?;
    Ok(Json(asked.page(found.into_iter().map(Division::from).collect(), total)))
}

pub(super) const ONE: Endpoint = Endpoint {
    path: "/api/v1/divisions/{id}",
    name: "division",
    about: "一个行政区划，包括已经失效的",
    fields: &[ON],
    takes: Takes::Nothing,
    shape: DivisionDetail::shape,
    route: |path| get(path, Access::Public, one),
};

async fn one(State(app): State<App>, asked: Asked) -> Result<Json<DivisionDetail>, Problem> {
    let c = app.db.read();
    let division = divisions::store::get(c, asked.subject()?).await?.ok_or(PageError::NotFound)?;
    if let Some(on) = asked.on() {
        // ISO dates compare as text. A code is valid on its first day, no longer on its last.
        let on = on.to_string();
        let begun = division.valid_from.as_ref().is_none_or(|from| *from <= on);
        let ended = division.valid_to.as_ref().is_some_and(|to| *to <= on);
        if !begun || ended {
            return Err(PageError::NotFound.into());
        }
    }
    let figures = divisions::store::figures(c, &division.path).await?;
    let line = divisions::store::line(c, &division).await?;
    Ok(Json(DivisionDetail {
        line: line.into_iter().map(Division::from).collect(),
        division: division.into(),
        units: figures.units,
        powers: figures.powers,
    }))
}
