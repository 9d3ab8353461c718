//! 热线导入 in the office: the file, what would become of it, what became of it.

use super::{
    Plan, Refusal, layout, order, store,
    store::{Line, Outcome},
};
use crate::{
    clock::time_text,
    imports::sealed,
    outcomes::unreached,
    web::{App, Id, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use daylight_tables::Limits;
use daylight_ui::{
    Drawing, Empty, Figure, Figures, Heading, Html as Markup, Link, Notice, NoticeKind, Section, Table,
    form::{Errors, Field, Form},
};

/// Bytes of a table.
const LARGEST: u64 = 8 << 20;
/// Rows of a table: a day of a county's hotline.
const ROWS: u64 = 500;

#[derive(Template)]
#[template(
    ext = "html",
    source = "{{ summary }}{{ head }}{{ form }}<p class=\"ways\">{{ template }}，{{ answers }}</p>{{ list }}"
)]
struct Start {
    summary: Markup,
    head: Heading,
    form: Form,
    template: Link,
    answers: Link,
    list: Markup,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "{{ head }}{{ notice }}{{ figures }}{{ form }}{{ taken }}{{ refused }}{{ ignored }}"
)]
struct One {
    head: Heading,
    notice: Markup,
    figures: Figures,
    form: Markup,
    taken: Markup,
    refused: Markup,
    ignored: Markup,
}

/// Only who receives for the organ at the top; to everybody else there is no such page.
pub(super) async fn permit(app: &App, viewer: &Viewer) -> Result<(), PageError> {
    match store::receives(app.db.read(), viewer.actor()?).await? {
        true => Ok(()),
        false => Err(PageError::NotFound),
    }
}

/// GET /office/hotline
pub async fn start(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    begin(&app, &viewer, &Errors::new()).await
}

async fn begin(app: &App, viewer: &Viewer, errors: &Errors) -> Result<Response, PageError> {
    let lines = store::lines(app.db.read(), viewer.actor()?).await?;
    let field = Field::file("file", "选择热线工单表", ".xlsx,.xls,.csv", LARGEST)
        .hint(format!(
            "一次最多{ROWS}行。不用改表头，也不用删标题和合计行。来电人和号码会加密，只按规定程序才能查看。"
        ))
        .check(errors);
    let body = Start {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        head: Heading::new("热线导入")
            .lead("把12345等热线转来的工单表变成办理件，按同样的规则分派和回避。答复经热线转告来电人。"),
        form: Form::post("/office/hotline", "上传并检查").field(field),
        template: Link::new("下载模板", "/office/hotline/template.xlsx"),
        answers: Link::new("热线答复：导出、登记来电人的评价", "/office/hotline/answers"),
        list: table(&lines),
    };
    let shell = viewer.office(app, "热线导入").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn table(lines: &[Line]) -> Markup {
    if lines.is_empty() {
        return Empty::new(Drawing::Board, "还没有导入过")
            .text("上传后先看检查结果，再决定是否收录。")
            .into();
    }
    let mut table = Table::new("我导入的工单表", ["时间", "情况"].map(Into::into)).dense();
    for line in lines {
        let link = Link::new(time_text(line.made_at), format!("/office/hotline/{}", line.id));
        let state = match outcome(line) {
            Some(done) => format!("收录{}行，未收录{}行", done.taken.len(), done.refused.len()),
            None => "还没有收录".into(),
        };
        table.push([Markup::from(link), state.into()], line.taken_at.is_none());
    }
    Section::new("以前的导入", table).into()
}

fn outcome(line: &Line) -> Option<Outcome> {
    line.outcome.as_deref().and_then(|text| serde_json::from_str(text).ok())
}

/// GET /office/hotline/template.xlsx
pub async fn template(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let row = [
        "RX20260001",
        "投诉",
        "青石镇前进村",
        "村里修路多收了五百元，一直没有退。",
        "前进村三组",
        "2026年春天",
        "",
        "",
    ];
    let bytes = daylight_tables::template(&layout(), &[row.map(str::to_owned).to_vec()]);
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"hotline.xlsx\""),
    ];
    Ok((headers, bytes.map_err(PageError::internal)?).into_response())
}

/// POST /office/hotline
pub async fn upload(
    State(app): State<App>,
    viewer: Viewer,
    mut request: Request,
) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    DefaultBodyLimit::max(usize::try_from(LARGEST).unwrap_or(usize::MAX) + (1 << 16)).apply(&mut request);
    let read = match Multipart::from_request(request, &app).await {
        Ok(parts) => read(&app, parts).await,
        Err(_) => Err("请选择要导入的文件".to_owned()),
    };
    let mut plan = match read {
        Ok(plan) => plan,
        Err(message) => {
            let mut errors = Errors::new();
            errors.add("file", message);
            return begin(&app, &viewer, &errors).await;
        }
    };
    let actor = viewer.actor()?;
    store::compare(app.db.read(), &app.vault, actor, &mut plan).await.map_err(unreached)?;
    let tx = app.db.write().await?;
    let id = store::keep(&tx, &app.vault, actor, &plan, app.clock.now()).await.map_err(unreached)?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/hotline/{id}")))
}

/// Reads the one file. It lies sealed on the disk, and in the clear only while it is read.
async fn read(app: &App, mut parts: Multipart) -> Result<Plan, String> {
    let broken = |_| "上传没有完成，请重新选择文件再试".to_owned();
    let disk = |_| "服务器上的文件读不出来，请重新上传".to_owned();
    let mut upload = sealed::Upload::begin(app).map_err(disk)?;
    while let Some(mut field) = parts.next_field().await.map_err(broken)? {
        let name = field.file_name().unwrap_or_default().to_lowercase();
        if name.is_empty() || !upload.files.is_empty() {
            continue;
        }
        let ending = ["xlsx", "xls", "csv"].into_iter().find(|ending| name.ends_with(&format!(".{ending}")));
        let Some(ending) = ending else {
            return Err("这不是可以导入的表格，请另存为 .xlsx、.xls 或 .csv 后再上传".into());
        };
        let mut sealing = upload.file(&format!("table.{ending}")).map_err(disk)?;
        while let Some(bytes) = field.chunk().await.map_err(broken)? {
            if sealing.write(&app.vault, &bytes).map_err(disk)? > LARGEST {
                return Err(format!("文件超过{}，请分几次上传", daylight_ui::zh::file_size(LARGEST)));
            }
        }
        upload.files.push(sealing.finish(&app.vault).map_err(disk)?);
    }
    if upload.files.is_empty() {
        return Err("请选择要导入的文件".into());
    }
    let (folder, files) = upload.keep().map_err(disk)?;
    let worker = app.clone();
    let read = tokio::task::spawn_blocking(move || {
        let opened = sealed::open(&worker, &folder, &files).map_err(|error| error.to_string());
        let limits = Limits { max_bytes: LARGEST, max_rows: ROWS + 100, ..Limits::default() };
        let all = opened.and_then(|opened| {
            let path = &opened.inputs[0].path;
            daylight_tables::read_all(path, &[layout()], &limits).map_err(|error| error.to_string())
        });
        sealed::remove(&worker, &folder);
        let all = all?;
        if all.rows.len() as u64 > ROWS {
            return Err(format!("表里有{}行，一次最多{ROWS}行，请分几次上传", all.rows.len()));
        }
        match all.headers.iter().find(|header| !header.missing.is_empty()) {
            Some(_) => Err("没有找到“工单编号”和“诉求内容”两栏，请对照模板检查表头".to_owned()),
            None => Ok(order::plan(&all)),
        }
    });
    read.await.map_err(|_| "表格没有读完，请重新上传".to_owned())?
}

/// GET /office/hotline/{id}
pub async fn show(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let c = app.db.read();
    let line = store::line(c, viewer.actor()?, id).await?.ok_or(PageError::NotFound)?;
    let plan = store::plan(c, &app.vault, id).await.map_err(unreached)?;
    let body = match (outcome(&line), plan) {
        (Some(done), _) => after(&done),
        (None, Some(plan)) => before(id, &plan),
        (None, None) => return Err(PageError::NotFound),
    };
    let mut shell = viewer.office(&app, &body.head.title).await?;
    shell.breadcrumbs =
        vec![("热线导入".into(), Some("/office/hotline".into())), (body.head.title.clone(), None)];
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn figures(read: u32, taken: (&str, usize), refused: usize, ignored: usize) -> Figures {
    let figure = |n: usize, label: &str| Figure::new(n.to_string(), "行", label);
    Figures::new([
        Figure::new(read.to_string(), "行", "读到"),
        figure(taken.1, taken.0),
        figure(refused, "不收录"),
        figure(ignored, "不是工单"),
    ])
}

fn before(id: i64, plan: &Plan) -> One {
    let form = Form::post(format!("/office/hotline/{id}"), format!("收录{}行", plan.orders.len()));
    One {
        head: Heading::new("检查结果").kicker("热线导入"),
        notice: Notice::new(
            NoticeKind::Info,
            "还没有收录。看完下面的问题再决定；一天内不收录，内容自动删除。",
        )
        .into(),
        figures: figures(plan.read, ("可以收录", plan.orders.len()), plan.refused.len(), plan.ignored.len()),
        form: if plan.orders.is_empty() { Markup::default() } else { form.into() },
        taken: orders(plan),
        refused: refusals("不收录的行", &plan.refused),
        ignored: refusals("不是工单的行", &plan.ignored),
    }
}

fn orders(plan: &Plan) -> Markup {
    if plan.orders.is_empty() {
        return Markup::default();
    }
    let columns = ["行", "类别", "被反映单位", "来电人", "提醒"];
    let mut table = Table::new("可以收录的行", columns.map(Into::into)).caption_hidden().dense();
    for order in &plan.orders {
        let caller = if order.phone.is_some() || !order.name.is_empty() { "已加密" } else { "没有" };
        let unit = if order.unit.is_empty() { "没有写明" } else { &order.unit };
        let cells: [Markup; 5] = [
            order.row.to_string().into(),
            order.kind.page().into(),
            unit.into(),
            caller.into(),
            if order.notes.is_empty() { "无".into() } else { order.notes.join("；").into() },
        ];
        table.push(cells, !order.notes.is_empty());
    }
    Section::new("可以收录的行", table).into()
}

fn refusals(title: &str, refused: &[Refusal]) -> Markup {
    if refused.is_empty() {
        return Markup::default();
    }
    let mut table = Table::new(title, ["行", "列", "原因"].map(Into::into)).caption_hidden().dense();
    for one in refused {
        let column = if one.column.is_empty() { "整行" } else { &one.column };
        table.push([Markup::from(one.row.to_string()), column.into(), one.reason.as_str().into()], false);
    }
    Section::new(title, table).into()
}

fn after(done: &Outcome) -> One {
    let rows: Vec<_> = done.taken.iter().map(u32::to_string).collect();
    let taken = match rows.is_empty() {
        true => Markup::default(),
        false => Section::new("收录的行", Markup::paragraphs(&format!("第{}行。", rows.join("、")))).into(),
    };
    One {
        head: Heading::new("收录结果").kicker("热线导入"),
        notice: Notice::new(NoticeKind::Info, "已经收录，并按管辖和回避规则分派给有权办理的组织。").into(),
        figures: figures(done.read, ("已收录", done.taken.len()), done.refused.len(), done.ignored.len()),
        form: Markup::default(),
        taken,
        refused: refusals("没有收录的行", &done.refused),
        ignored: refusals("不是工单的行", &done.ignored),
    }
}

/// POST /office/hotline/{id}: each order in a transaction of its own; broken off, it goes on where it stopped.
pub async fn take(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let actor = viewer.actor()?;
    store::line(app.db.read(), actor, id).await?.ok_or(PageError::NotFound)?;
    let Some(plan) = store::plan(app.db.read(), &app.vault, id).await.map_err(unreached)? else {
        return Ok(redirect(&format!("/office/hotline/{id}")));
    };
    let mut done =
        Outcome { read: plan.read, refused: plan.refused, ignored: plan.ignored, ..Outcome::default() };
    for order in &plan.orders {
        let tx = app.db.write().await?;
        match store::take(&tx, &app.vault, order, app.clock.now()).await.map_err(unreached)? {
            None => {
                tx.commit().await?;
                done.taken.push(order.row);
            }
            Some(refusal) => done.refused.push(refusal),
        }
    }
    done.refused.sort_by_key(|refused| refused.row);
    let tx = app.db.write().await?;
    store::finish(&tx, actor, id, &done, app.clock.now()).await.map_err(unreached)?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/hotline/{id}")))
}
