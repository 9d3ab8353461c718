//! `/api/v1/search`: everything public by words, pinyin or initials.

use super::{
    asked::{Asked, Page},
    endpoint::{Endpoint, Field, Holds, PAGE, PER_PAGE, Takes, code, id},
    problem::Problem,
    shape::{Code, Coded, Shape, answer},
    store,
};
use crate::{
    search::store::{COUNT_LIMIT, Filter, Hit, find},
    units::Category,
    web::{Access, App, get},
};
use axum::{Json, extract::State};

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// 单位.
    Unit,
    /// 权力事项.
    Power,
    /// 干部.
    Cadre,
    /// 行政区划.
    Division,
}

impl Coded for Sort {
    fn every() -> &'static [Sort] {
        &[Sort::Unit, Sort::Power, Sort::Cadre, Sort::Division]
    }

    fn code(self) -> &'static str {
        match self {
            Sort::Unit => "unit",
            Sort::Power => "power",
            Sort::Cadre => "cadre",
            Sort::Division => "division",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Sort::Unit => "单位",
            Sort::Power => "权力事项",
            Sort::Cadre => "干部",
            Sort::Division => "行政区划",
        }
    }
}

answer! {
    /// A found thing.
    Match = "找到的一条" {
        kind: Code<Sort> = "是什么",
        kind_name: &'static str = "是什么，中文",
        id: i64 = "它在同类里的编号",
        title: String = "名称",
        detail: String = "一行说明",
        link: String = "公开页面的网址路径",
    }
}

impl Match {
    fn read(hit: Hit) -> Option<Match> {
        let kind: Code<Sort> = Code::read(&hit.kind)?;
        Some(Match {
            kind,
            kind_name: kind.page(),
            id: hit.subject_id,
            title: hit.title,
            detail: hit.detail,
            link: format!("/{}s/{}", hit.kind, hit.subject_id),
        })
    }
}

pub(super) const FOUND: Endpoint = Endpoint {
    path: "/api/v1/search",
    name: "search",
    about: "按名称、拼音、首字母查找单位、权力事项、干部和行政区划；最多数到、翻到第 10000 条",
    fields: &[
        Field {
            name: "q",
            about: "要找的词，至少两个字；几个词用空格隔开，都要有才算找到",
            holds: Holds::Words,
        },
        code::<Sort>("kind", "只要这一种"),
        code::<Category>("category", "只要这个类别的单位的"),
        id("division", "只要这个区划和它以下的，填区划编号"),
        PAGE,
        PER_PAGE,
    ],
    takes: Takes::Nothing,
    shape: Page::<Match>::shape,
    route: |path| get(path, Access::Public, found),
};

async fn found(State(app): State<App>, asked: Asked) -> Result<Json<Page<Match>>, Problem> {
    let c = app.db.read();
    let filter = Filter {
        kind: asked.code::<Sort>("kind").map(|sort| sort.code().to_owned()),
        category: asked.code::<Category>("category").map(|category| category.code().to_owned()),
        division_path: store::division_path(c, asked.id("division")).await?,
    };
    let offset = asked.offset();
    let limit = asked.limit().min(COUNT_LIMIT - offset).max(0);
    let found = find(c, app.db.engine(), asked.words("q"), &filter, limit, offset).await?;
    let items = found.hits.into_iter().filter_map(Match::read).collect();
    Ok(Json(asked.page(items, found.total.min(COUNT_LIMIT))))
}
