//! Sheets of paper codes in the office: printed once, taken back by one person, their ballots taken out by another.

use super::{keys, rate::status, store};
use crate::{
    accounts::unknown_unit,
    authz::{Action, Resource},
    clock::{date_text, time_text},
    codes,
    office::summary,
    units,
    web::{App, Form, Id, PageError, Viewer, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ratings::{
    ballot::paper::{DRAWN, Layout, PaperCode},
    round::State as Stand,
};
use daylight_ui::{
    Drawing, Empty, Heading, Html as Markup, Link, Notice, NoticeKind, Qr, Section, Table,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// Sheets printed at once: a page that a browser can hold.
const MOST: usize = 4;
/// Characters of a reason.
const REASON: u32 = 200;

#[derive(Template)]
#[template(path = "ratings/templates/sheets.html")]
struct Printed {
    round: String,
    unit: String,
    until: String,
    sheets: Vec<(i64, Vec<Slip>)>,
    back: Link,
}

struct Slip {
    qr: Markup,
    code: String,
}

/// What is typed to print.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    sheets: String,
}

/// Why a sheet is taken back.
#[derive(Deserialize)]
pub struct Reason {
    #[serde(default)]
    reason: String,
}

async fn open(app: &App, id: i64) -> Result<store::rounds::Kept, PageError> {
    store::rounds::get(app.db.read(), id).await?.ok_or(PageError::NotFound)
}

/// GET /office/ratings/{id}/sheets
pub async fn page(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    viewer.permit(Action::SeeRatings, &Resource::default())?;
    let kept = open(&app, id).await?;
    show(&app, &viewer, &kept, &Typed::default(), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    kept: &store::rounds::Kept,
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, PageError> {
    let title = "纸质评价码";
    let lead = "给没有手机、不会用手机的群众。一张纸条一票，只能评所印单位的干部和权力事项。发给谁不要登记。";
    let mut parts: Vec<Markup> =
        vec![summary(errors), Heading::new(title).kicker(&kept.round.name).lead(lead).into()];
    let may = |action| viewer.permit(action, &Resource::default()).is_ok();
    if kept.round.takes_ballots(app.clock.now()) && may(Action::EditRatings) {
        parts.push(Section::new("印一批", ask(kept.id, typed, errors)).into());
    }
    let sheets = store::papers::list(app.db.read(), kept.id).await?;
    if sheets.is_empty() {
        parts.push(Empty::new(Drawing::Board, "还没有印过").into());
    } else {
        parts.push(Section::new("印过的", table(&sheets)).into());
    }
    let mut shell = viewer.office(app, title).await?;
    shell.breadcrumbs = vec![
        ("群众评价".into(), Some("/office/ratings".into())),
        (kept.round.name.clone(), Some(format!("/office/ratings/{}", kept.id))),
        (title.into(), None),
    ];
    let body: Markup = parts.into_iter().collect();
    Ok((status(errors), Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

fn ask(round: i64, typed: &Typed, errors: &Errors) -> form::Form {
    let hint = format!("1到{MOST}张，每张{}条。纸条只在下一页显示一次，请直接打印。", Layout::SLIPS.slips());
    form::Form::post(format!("/office/ratings/{round}/sheets"), "生成并打印")
        .field(
            Field::text("unit", "单位")
                .hint("全称。纸条可以评这个单位和它的所属单位。")
                .value(&typed.unit)
                .maxlength(crate::web::NAME)
                .check(errors),
        )
        .field(
            Field::text("sheets", "张数")
                .numeric()
                .hint(hint)
                .value(&typed.sheets)
                .maxlength(2)
                .check(errors),
        )
}

fn table(sheets: &[store::papers::Sheet]) -> Table {
    let columns = ["编号", "单位", "印制时间", "情况"];
    let mut table = Table::new("印过的评价码", columns.map(Into::into)).caption_hidden().dense();
    for sheet in sheets {
        let state = match (sheet.revoked_at, sheet.excluded_at) {
            (None, _) => "在用".to_owned(),
            (Some(at), None) => format!("{}作废", date_text(at)),
            (Some(_), Some(at)) => format!("已作废，{}剔除选票", date_text(at)),
        };
        let cells: [Markup; 4] = [
            Link::new(format!("第{}号", sheet.id), format!("/office/ratings/sheets/{}", sheet.id)).into(),
            sheet.unit.as_str().into(),
            time_text(sheet.made_at).into(),
            state.into(),
        ];
        table.push(cells, false);
    }
    table
}

/// POST /office/ratings/{id}/sheets
pub async fn print(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let me = viewer.permit(Action::EditRatings, &Resource::default())?.account_id();
    let kept = open(&app, id).await?;
    let mut errors = Errors::new();
    limit(&mut errors, "unit", &typed.unit, crate::web::NAME);
    let count = typed.sheets.trim().parse().ok().filter(|count| (1..=MOST).contains(count));
    if count.is_none() {
        errors.add("sheets", format!("请填写1到{MOST}之间的数"));
    }
    let name = typed.unit.trim();
    let unit = units::store::by_name(app.db.read(), name).await?;
    if unit.is_none() {
        let similar = units::store::names_like(app.db.read(), name, 3).await?;
        errors.add("unit", unknown_unit(name, &similar));
    }
    let (Some(unit), Some(count)) = (unit.filter(|_| errors.is_empty()), count) else {
        return show(&app, &viewer, &kept, &typed, &errors).await;
    };
    let key = keys::read(&app.vault, id).map_err(PageError::internal)?.ok_or(PageError::Busy)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    store::rounds::hold(&tx, id).await?;
    let still = store::rounds::get(&*tx, id).await?.is_some_and(|kept| kept.round.takes_ballots(now));
    if !still {
        return Err(PageError::invalid("这一轮评价没有在进行，不能印评价码".to_owned()));
    }
    let mut sheets = Vec::new();
    for _ in 0..count {
        let codes: Vec<_> = (0..Layout::SLIPS.slips()).map(|_| draw()).collect();
        let names = codes.iter().map(|code| key.paper(code.canonical())).collect();
        let sheet = store::papers::add(&tx, id, unit.id, names, me, now).await?;
        viewer.note(&tx, "sheet.print", &format!("sheet {sheet}"), name, now).await?;
        sheets.push((sheet, codes.iter().map(|code| slip(&app, code)).collect()));
    }
    tx.commit().await?;
    let body = Printed {
        round: kept.round.name.clone(),
        unit: name.to_owned(),
        until: date_text(kept.round.closes - 1),
        sheets,
        back: Link::new("返回", format!("/office/ratings/{id}/sheets")),
    };
    let shell = viewer.office(&app, "打印评价码").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn draw() -> PaperCode {
    let mut random = [0_u8; DRAWN];
    getrandom::fill(&mut random).expect("the system's random numbers");
    PaperCode::draw(random)
}

fn slip(app: &App, code: &PaperCode) -> Slip {
    let picture = Qr::file("评价码", &codes::address(app, &code.path())).unwrap_or_default();
    Slip { qr: Markup::trusted(picture), code: code.printed() }
}

/// GET /office/ratings/sheets/{id}
pub async fn sheet(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    viewer.permit(Action::SeeRatings, &Resource::default())?;
    let sheet = store::papers::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    show_sheet(&app, &viewer, &sheet, &Errors::new()).await
}

async fn show_sheet(
    app: &App,
    viewer: &Viewer,
    sheet: &store::papers::Sheet,
    errors: &Errors,
) -> Result<Response, PageError> {
    let title = format!("第{}号评价码", sheet.id);
    let kept = open(app, sheet.round_id).await?;
    let running = kept.round.state == Stand::Open;
    let may = |action| viewer.permit(action, &Resource::default()).is_ok();
    let me = viewer.actor()?.account_id;
    let mut parts: Vec<Markup> = vec![
        summary(errors),
        Heading::new(&title).kicker(&kept.round.name).lead(&sheet.unit).into(),
        table(std::slice::from_ref(sheet)).into(),
    ];
    if let Some(reason) = &sheet.reason {
        parts.push(Markup::paragraphs(&format!("作废原因：{reason}")));
    }
    let step =
        |to: &str, verb: &str| form::Form::post(format!("/office/ratings/sheets/{}/{to}", sheet.id), verb);
    match (sheet.revoked_at, sheet.excluded_at) {
        (None, _) if running && may(Action::EditRatings) => {
            let field =
                Field::text("reason", "为什么作废").hint("例如：在发放前遗失。会公开。").maxlength(REASON);
            let form = step("revoke", "作废这一张").field(field.check(errors));
            parts.push(Section::new("遗失、被盗或被复制", form).into());
        }
        (Some(_), None) if running && may(Action::ReviewRatings) && sheet.revoked_by != Some(me) => {
            let words = "作废以前已经用这张纸条投的票，也不再计入；票数和原因会公开，不能撤销。";
            let parts_of: [Markup; 2] =
                [Markup::paragraphs(words), step("exclude", "同意，剔除已投的票").into()];
            parts.push(Section::new("剔除已投的票", parts_of.into_iter().collect::<Markup>()).into());
        }
        (Some(_), None) if running => {
            let words = "要剔除作废以前已经投的票，须由另一位审核员同意。";
            parts.push(Notice::new(NoticeKind::Info, words).into());
        }
        _ => {}
    }
    let mut shell = viewer.office(app, &title).await?;
    shell.breadcrumbs = vec![
        ("群众评价".into(), Some("/office/ratings".into())),
        ("纸质评价码".into(), Some(format!("/office/ratings/{}/sheets", sheet.round_id))),
        (title.clone(), None),
    ];
    let body: Markup = parts.into_iter().collect();
    Ok((status(errors), Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// POST /office/ratings/sheets/{id}/revoke
pub async fn revoke(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Reason>,
) -> Result<Response, PageError> {
    let me = viewer.permit(Action::EditRatings, &Resource::default())?.account_id();
    let sheet = store::papers::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let (reason, mut errors) = (typed.reason.trim(), Errors::new());
    limit(&mut errors, "reason", reason, REASON);
    if reason.is_empty() {
        errors.add("reason", "请写明为什么作废");
    }
    if !errors.is_empty() {
        return show_sheet(&app, &viewer, &sheet, &errors).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Whoever hands ballots in now has them counted before, or finds the sheet gone.
    store::rounds::hold(&tx, sheet.round_id).await?;
    if store::papers::revoke(&tx, id, me, reason, now).await? {
        viewer.note(&tx, "sheet.revoke", &format!("sheet {id}"), reason, now).await?;
        tx.commit().await?;
    }
    Ok(redirect(&format!("/office/ratings/sheets/{id}")))
}

/// POST /office/ratings/sheets/{id}/exclude
pub async fn exclude(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let me = viewer.permit(Action::ReviewRatings, &Resource::default())?.account_id();
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let sheet = store::papers::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
    store::rounds::hold(&tx, sheet.round_id).await?;
    let sheet = store::papers::get(&*tx, id).await?.unwrap_or(sheet);
    if sheet.revoked_at.is_none() || sheet.excluded_at.is_some() {
        return Err(PageError::invalid("这一张没有作废，或者已经剔除过".to_owned()));
    }
    if sheet.revoked_by == Some(me) {
        return Err(PageError::invalid("作废的人不能同意剔除，请换一位审核员".to_owned()));
    }
    let key = keys::read(&app.vault, sheet.round_id).map_err(PageError::internal)?.ok_or(PageError::Busy)?;
    store::papers::exclude(&tx, &key, &sheet, now).await?;
    // How many stands on the pages of those rated, where small numbers are kept back.
    viewer.note(&tx, "sheet.exclude", &format!("sheet {id}"), &sheet.unit, now).await?;
    tx.commit().await?;
    app.cache.purge();
    Ok(redirect(&format!("/office/ratings/sheets/{id}")))
}
