//! 公文函件: what one's organs sent and received, and what is still open.

use super::{
    Standing,
    show::{failed, mark, to_words},
    store,
};
use crate::authz::Actor;
use crate::{
    clock::{date_text, end_of_day, parse_date},
    web::{App, Asked, PER_PAGE, PageError, Viewer},
};
use axum::{extract::State, response::Html};
use daylight_ui::{Chips, Drawing, Empty, Heading, Html as Markup, Link, Pagination, Table, Tag};

/// What is late of letters that somebody's organs sent or received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Receipts that should be back.
    pub receipts: i64,
    /// Letters past the date until which they were to be done.
    pub answers: i64,
}

/// What of letters waits for this member of staff to press for, or to do.
///
/// # Errors
///
/// When the database or a case cannot be read.
pub async fn waiting(app: &App, actor: &Actor) -> Result<Waiting, PageError> {
    let today = app.clock.today();
    let lines = store::list(app.db.read(), &app.vault, actor).await.map_err(failed)?;
    let count = |late: &dyn Fn(&store::Line) -> bool| lines.iter().filter(|line| late(line)).count() as i64;
    Ok(Waiting {
        receipts: count(&|line| line.receipt_is_late(today)),
        answers: count(&|line| line.standing(today) == Standing::Overdue),
    })
}

/// The word of the list of letters whose receipt is late.
const RECEIPT: &str = "receipt";

/// GET /office/letters?only=
pub async fn page(State(app): State<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let today = app.clock.today();
    let lines = store::list(app.db.read(), &app.vault, viewer.actor()?).await.map_err(failed)?;
    let only = Standing::ALL.into_iter().find(|standing| standing.code() == asked.text("only"));
    let receipts = asked.text("only") == RECEIPT;
    let count = |standing| {
        let these = lines.iter().filter(|line| line.standing(today) == standing).count();
        Some(i64::try_from(these).unwrap_or(0))
    };
    let total = Some(i64::try_from(lines.len()).unwrap_or(0));
    let chips = Chips::new("状态").chip("全部", "/office/letters", only.is_none() && !receipts, total);
    let chips = Standing::ALL.into_iter().fold(chips, |chips, standing| {
        let href = format!("/office/letters?only={}", standing.code());
        chips.chip(standing.page(), href, only == Some(standing), count(standing))
    });
    let late = lines.iter().filter(|line| line.receipt_is_late(today)).count();
    let chips =
        chips.chip("回执超期", format!("/office/letters?only={RECEIPT}"), receipts, Some(late as i64));
    let wanted = lines.iter().filter(|line| only.is_none_or(|only| line.standing(today) == only));
    let wanted = wanted.filter(|line| !receipts || line.receipt_is_late(today));
    let wanted: Vec<_> = wanted.collect();
    let part = asked.part(i64::try_from(wanted.len()).unwrap_or(0));
    let skip = usize::try_from(part.offset).unwrap_or(0);
    let shown = wanted.iter().skip(skip).take(usize::try_from(PER_PAGE).unwrap_or(30));
    let columns = ["文号", "发文机关", "收文", "签发日期", "办结期限", "回执", "状态"];
    let mut table = Table::new("公文函件", columns.map(Into::into)).caption_hidden().dense();
    for line in shown {
        let standing = line.standing(today);
        let due = line.due_on.as_deref().and_then(parse_date).map(|day| date_text(end_of_day(day)));
        let receipt: Markup = match line.received_at {
            Some(at) => date_text(at).into(),
            None if line.receipt_is_late(today) => Tag::bad("超期未回").into(),
            None if line.receipt_by.is_some() => "等待回执".into(),
            None => "—".into(),
        };
        let cells: [Markup; 7] = [
            Link::new(line.number().page(), format!("/office/letters/{}", line.id)).into(),
            line.organ.as_str().into(),
            to_words(line, None).into(),
            date_text(line.issued_at).into(),
            due.unwrap_or_else(|| "—".into()).into(),
            receipt,
            mark(standing).into(),
        ];
        table.push(cells, standing == Standing::Overdue || line.receipt_is_late(today));
    }
    let list: Markup = if wanted.is_empty() {
        let empty = Empty::new(Drawing::Tray, "没有这样的函件");
        empty.text("函件由审批领导在办理件里制发：交办函、告知书、答复书。").into()
    } else {
        table.into()
    };
    let pages = Pagination::numbered(part.page, part.pages, |page| {
        let only = only.map(Standing::code).or(receipts.then_some(RECEIPT));
        let only = only.map(|only| format!("only={only}&")).unwrap_or_default();
        format!("/office/letters?{only}page={page}")
    });
    let lead = "您的组织发出和收到的交办函、告知书、答复书。";
    let parts: [Markup; 4] = [Heading::new("公文函件").lead(lead).into(), chips.into(), list, pages.into()];
    let shell = viewer.office(&app, "公文函件").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}
