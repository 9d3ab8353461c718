//! 批量导入: the imports so far, and the way to a new one.

use super::{Kind, PageQuery, permit, sealed::Stored, store, upload};
use crate::{
    clock::time_text,
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Drawing, Empty, Html as Markup, Link, Pagination, Table, Tag,
    form::{Errors, Field, Form},
    zh,
};

const SIZE: i64 = 20;

#[derive(Template)]
#[template(path = "imports/templates/list.html")]
struct Page {
    summary: Markup,
    form: Form,
    templates: Vec<Link>,
    list: Markup,
    pages: Pagination,
}

/// GET /office/imports
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<PageQuery>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    show(&app, &viewer, query.number(), &Errors::new()).await
}

/// The page, with what was wrong with an upload.
pub(super) async fn show(
    app: &App,
    viewer: &Viewer,
    page: u64,
    errors: &Errors,
) -> Result<Response, PageError> {
    let total = store::count(app.db.read()).await?;
    let pages = u64::try_from(total.div_euclid(SIZE) + i64::from(total % SIZE > 0)).unwrap_or(1).max(1);
    let page = page.min(pages);
    let lines = store::list(app.db.read(), SIZE, i64::try_from(page - 1).unwrap_or(0) * SIZE).await?;
    let field = Field::file("files", "选择要导入的表格", ".xlsx,.xls,.csv", upload::LARGEST_FILE)
        .hint(format!(
            "可以一次选择多个文件（最多{}个，合计不超过{}）。支持 .xlsx、.xls、.csv，不用改表头，也不用删标题和合计行。",
            upload::MOST_FILES,
            zh::file_size(upload::LARGEST_UPLOAD)
        ))
        .check(errors);
    let template = |kind: Kind| {
        Link::new(format!("{}模板", kind.page()), format!("/office/imports/templates/{}.xlsx", kind.code()))
    };
    let body = Page {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        form: Form::post("/office/imports", "上传并读取").field(field),
        templates: Kind::ALL.into_iter().map(template).collect(),
        list: table(&lines),
        pages: Pagination::numbered(page, pages, |page| format!("/office/imports?page={page}"))
            .total(format!("共 {} 次", zh::number(total))),
    };
    let shell = viewer.office(app, "批量导入").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn table(lines: &[store::Line]) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Tray, "还没有导入过").text("上传后先核对结果，确认以后才会收录。").into();
    }
    let columns = ["第几次", "文件", "状态", "经办人", "上传时间"];
    let mut table = Table::new("导入记录", columns.map(Into::into)).caption_hidden().dense();
    for line in lines {
        let waits = line.state() == store::State::Preview;
        let link = Link::new(format!("第{}次导入", line.id), format!("/office/imports/{}", line.id));
        let who = line.account.as_deref().unwrap_or("");
        let cells: [Markup; 5] = [
            link.into(),
            files(&line.stored()).into(),
            state(line.state()).into(),
            who.into(),
            time_text(line.created_at).into(),
        ];
        table.push(cells, waits);
    }
    table.into()
}

/// "单位.xlsx 等4个文件".
pub(super) fn files(stored: &[Stored]) -> String {
    let first = stored.first().map_or("", |file| file.name.as_str());
    if stored.len() > 1 { format!("{first} 等{}个文件", stored.len()) } else { first.to_owned() }
}

/// The mark of a state.
pub(super) fn state(state: store::State) -> Tag {
    match state {
        store::State::Done => Tag::good(state.page()),
        store::State::Failed => Tag::bad(state.page()),
        _ => Tag::neutral(state.page()),
    }
}
