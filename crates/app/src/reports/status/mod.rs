//! 查办理进度: number and query code, and what one may say with them.
//!
//! Every form of the page carries number and code again as hidden fields, and the answer to each is the page. The
//! other way, a session for some minutes, would put a token into a cookie jar that others open, and a row into the
//! database that says when somebody looked at which report. So nothing is kept (files that are added wait under a token
//! that follows from number and code: `store::more_token`): it ends when the page is closed, no
//! address holds anything, and a forged form cannot know the code. The price: "back" asks to send the form again.

mod letter;
mod shown;

use super::{
    Draft, QueryCode, ReceiptNumber, failed,
    frame::{Frame, Sent},
    points,
    store::{self, Found, Status},
};
use crate::{
    attachments::{self, Failed},
    cases::store::{Said, StoreError, Words},
    clock::{Millis, time_text},
    web::{App, PageError, Viewer},
};
use axum::{
    Json,
    extract::{Request, State},
    response::Response,
};
use daylight_ids::text;
use daylight_ui::{
    Action, Html as Markup, NoticeKind,
    form::{Errors, Field, Form},
};

const TITLE: &str = "查办理进度";

/// GET /reports/status
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    ask(&app, &viewer, "", "", &Errors::new()).await
}

async fn ask(
    app: &App,
    viewer: &Viewer,
    number: &str,
    code: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let field = |name: &str, label: &str, value: &str, hint: &str| {
        let field = Field::text(name, label).value(value).hint(hint).maxlength(40);
        field.autocomplete("off").check(errors)
    };
    let form = Form::post("/reports/status", "查询")
        .field(field("number", "受理编号", number, "13位数字").numeric())
        .field(field("code", "查询码", code, "12位字母和数字，不分大小写，横线可以不写"))
        .action(Action::link("我要反映", "/reports/new").second());
    let words = "两个都在回执上。忘了编号或查询码的，谁也查不出来，可以重新反映一次，或者拨打12388。";
    let head = daylight_ui::Heading::new("查办理进度");
    let body = [head.into(), form.into(), Markup::paragraphs(words)].into_iter().collect::<Markup>();
    Frame::new(TITLE, body).errors(errors).show(app, viewer).await
}

/// POST /reports/status: looks, and says what the form says.
pub async fn submit(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, PageError> {
    answer(&app, &viewer, sent, None).await
}

/// POST /reports/status/more: says more, with files. What was taken before one is refused waits for the next try.
pub async fn more(State(app): State<App>, viewer: Viewer, request: Request) -> Result<Response, PageError> {
    let mut sent = Sent::default();
    let draft = async |texts: &attachments::Texts| draft(&app, &Sent(texts.clone())).await;
    match attachments::receive(&app, request, &mut sent.0, draft).await {
        Ok(()) => answer(&app, &viewer, sent, None).await,
        Err(Failed::Refused(refused)) => answer(&app, &viewer, sent, Some(refused)).await,
        // The answer says why: a wrong code, a case that is closed.
        Err(Failed::NoDraft) => answer(&app, &viewer, sent, None).await,
        Err(Failed::Page(error)) => Err(error),
    }
}

/// POST /reports/status/evidence: tells the page's script under which draft it may send files.
pub async fn evidence(State(app): State<App>, sent: Sent) -> Result<Json<serde_json::Value>, PageError> {
    let token = draft(&app, &sent).await?.ok_or(PageError::NotFound)?;
    Ok(Json(serde_json::json!({ "draft": token })))
}

/// Where files wait for a message of the reporter's who shows number and code; nowhere when nothing is found.
async fn draft(app: &App, sent: &Sent) -> Result<Option<String>, PageError> {
    let read = (ReceiptNumber::parse(sent.text("number")), QueryCode::parse(sent.text("code")));
    let (Ok(number), Ok(code)) = read else { return Ok(None) };
    let tx = app.db.write().await?;
    let begun = store::begin_more(&tx, &app.vault, &number, &code, app.clock.now()).await;
    let (_, token) = begun.map_err(failed)?;
    // The count of wrong tries stays.
    tx.commit().await?;
    Ok(token)
}

async fn answer(
    app: &App,
    viewer: &Viewer,
    sent: Sent,
    wrong: Option<attachments::Refused>,
) -> Result<Response, PageError> {
    let (number, code) = (sent.text("number"), sent.text("code"));
    // What cannot be one of ours is said, with what was typed: nothing is looked up for it.
    let mut errors = Errors::new();
    let read = (ReceiptNumber::parse(number), QueryCode::parse(code));
    if let Err(error) = &read.0 {
        errors.add("number", error.to_string());
    }
    if let Err(error) = &read.1 {
        errors.add("code", error.to_string());
    }
    let (Ok(number), Ok(code)) = read else { return ask(app, viewer, number, code, &errors).await };
    let keys = Keys { number, code };
    let now = app.clock.now();
    let token = store::more_token(&app.vault, &keys.number, &keys.code);
    let missing = attachments::sort_out(app, &token, &sent.0).await?;
    let tx = app.db.write().await?;
    let found = store::open(&tx, &app.vault, &keys.number, &keys.code, now).await.map_err(failed)?;
    let status = match found {
        Found::Report(status) => status,
        Found::Handed(handed) => {
            tx.commit().await?;
            return sealed(app, viewer, &handed).await;
        }
        Found::Nothing => {
            // The count of wrong tries stays.
            tx.commit().await?;
            return nothing(app, viewer).await;
        }
        Found::Wait { until } => {
            tx.commit().await?;
            return wait(app, viewer, until).await;
        }
    };
    let shown = Shown { keys: &keys, typed: &sent, now };
    if let word @ ("letter" | "letter-file") = sent.text("do") {
        let id = sent.text("letter").parse().unwrap_or(0);
        let found = store::letter(&tx, &app.vault, &status, id, now).await.map_err(failed)?;
        tx.commit().await?;
        return match word {
            "letter" => letter::page(app, viewer, &keys, &found).await,
            _ => crate::letters::as_file(&found, id),
        };
    }
    let lying = attachments::store::lying(&tx, &token).await?;
    let said = match heard(&sent, &status, (wrong, missing, !lying.is_empty())) {
        Ok(None) => {
            tx.commit().await?;
            return shown::page(app, viewer, &status, &shown, Remark::default()).await;
        }
        Ok(Some(said)) => said,
        Err(said) => {
            tx.commit().await?;
            return shown::page(app, viewer, &status, &shown, said).await;
        }
    };
    let words = match &said {
        Said::More(_) => "收到您补充的情况，已经转给办理机关",
        Said::Satisfied => "谢谢您的评价",
        Said::Dissatisfied(_) => "已经记下您不满意的地方",
        Said::Withdraw => "已经撤回",
        Said::Deny { .. } => "已经记下：您反映的不是这些人。那次登记作废",
        Said::Another { .. } => "已经记下：您写的是同名的另一个人",
        Said::Same { .. } => "已经记下：您写的就是这个人。这个人看不到这件，也不能办",
        Said::Confirm { .. } => "已经记下：您反映的就是这些人。那次登记已经生效",
    };
    match store::say(&tx, &app.vault, &keys.number, &keys.code, said, now).await {
        Ok(Found::Report(status)) => {
            let gone = attachments::store::gone(&tx, lying).await?;
            tx.commit().await?;
            attachments::clear(app, gone).await?;
            let done = Remark::notice(NoticeKind::Success, words);
            // What was said need not be typed again.
            let shown = Shown { typed: &Sent::default(), ..shown };
            shown::page(app, viewer, &status, &shown, done).await
        }
        Ok(_) => Err(PageError::Busy),
        Err(StoreError::Moved) => {
            drop(tx);
            let moved = Remark::notice(NoticeKind::Warning, &StoreError::Moved.to_string());
            shown::page(app, viewer, &status, &shown, moved).await
        }
        Err(StoreError::Refused(refused)) => {
            // Whatever was begun is undone with the transaction.
            drop(tx);
            let refused = Remark::notice(NoticeKind::Warning, &refused.to_string());
            shown::page(app, viewer, &status, &shown, refused).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// What went to the superior: who has it is all that is known here.
async fn sealed(app: &App, viewer: &Viewer, handed: &crate::superior::Handed) -> Result<Response, PageError> {
    let head = daylight_ui::Heading::new("已密封转交上级");
    let ways = daylight_ui::Actions::new([Action::link("返回首页", "/")]);
    let parts: [Markup; 4] = [head.into(), handed.notice().into(), handed.facts().into(), ways.into()];
    Frame::new(TITLE, parts.into_iter().collect::<Markup>()).show(app, viewer).await
}

/// The same bytes for a number that does not exist and for a wrong code: nothing of what was typed comes back.
async fn nothing(app: &App, viewer: &Viewer) -> Result<Response, PageError> {
    let mut errors = Errors::new();
    errors.add("number", "编号或查询码不对，请对照回执重新填写");
    ask(app, viewer, "", "", &errors).await
}

async fn wait(app: &App, viewer: &Viewer, until: Millis) -> Result<Response, PageError> {
    let mut errors = Errors::new();
    // Rounded up, so that whoever comes at that minute is let in.
    let until = time_text(until + 59_999);
    errors.add("number", format!("这个编号试错的次数太多，请在{until}以后再试"));
    ask(app, viewer, "", "", &errors).await
}

/// What opened the page.
struct Keys {
    number: ReceiptNumber,
    code: QueryCode,
}

/// For whom the page is made.
struct Shown<'a> {
    keys: &'a Keys,
    typed: &'a Sent,
    now: Millis,
}

/// What is said about what was sent.
#[derive(Default)]
struct Remark {
    notice: Option<(NoticeKind, String)>,
    errors: Errors,
}

impl Remark {
    fn notice(kind: NoticeKind, words: &str) -> Remark {
        Remark { notice: Some((kind, words.to_owned())), errors: Errors::new() }
    }

    fn error(field: &str, words: &str) -> Remark {
        let mut errors = Errors::new();
        errors.add(field, words);
        Remark { notice: None, errors }
    }
}

/// What the reporter says with this form; nothing when they only look. `files`: why one was not taken, how many had to go
/// since the page was shown, and whether any wait.
fn heard(
    sent: &Sent,
    status: &Status,
    (wrong, missing, wait): (Option<attachments::Refused>, usize, bool),
) -> Result<Option<Said>, Remark> {
    if let Some(wrong) = wrong {
        return Err(Remark::error("files", &wrong.to_string()));
    }
    // More may always be said; what was judged must be what was seen.
    let moved = sent.text("seen") != status.seen.to_string();
    let said = match sent.text("do") {
        "more" if missing > 0 => return Err(Remark::error("files", &attachments::missing(missing))),
        "more" => return more_words(sent, wait).map(Some),
        "satisfied" => Said::Satisfied,
        "dissatisfied" => {
            let missing = text::clean(sent.text("missing"));
            match missing.chars().count() {
                0..5 => return Err(Remark::error("missing", "请写明还差什么：哪个问题没有答、哪里不属实")),
                n if n > Draft::WHAT_MOST => return Err(Remark::error("missing", "写得太长，最多5000个字")),
                _ => Said::Dissatisfied(missing),
            }
        }
        "withdraw" if sent.text("sure") != "yes" => {
            return Err(Remark::error("sure", "要撤回，请先勾选“我确定撤回”"));
        }
        "withdraw" => Said::Withdraw,
        "deny" => Said::Deny { seen: status.seen },
        "same" => Said::Same { cadre_id: whom(sent), seen: status.seen },
        "another" => Said::Another { cadre_id: whom(sent), seen: status.seen },
        "confirm" => Said::Confirm { seen: status.seen },
        _ => return Ok(None),
    };
    let words = "这件刚刚有了新的进展，或者这个表单已经收到过了。请看过现在的情况，再决定";
    if moved { Err(Remark::notice(NoticeKind::Warning, words)) } else { Ok(Some(said)) }
}

/// Of whom they were asked; nobody when that is no number, and then nothing is changed.
fn whom(sent: &Sent) -> i64 {
    sent.text("whom").parse().unwrap_or(0)
}

fn more_words(sent: &Sent, with_files: bool) -> Result<Said, Remark> {
    let written = text::clean(sent.text("more"));
    let points: Vec<_> = points::typed(sent).iter().map(|point| text::clean(point)).collect();
    if written.is_empty() && points.is_empty() && !with_files {
        return Err(Remark::error("more", "请写出要补充的情况、要加的问题，或者添加文件"));
    }
    if written.chars().count() > Draft::WHAT_MOST {
        return Err(Remark::error("more", "写得太长，最多5000个字"));
    }
    if points.iter().any(|point| point.chars().count() > Draft::SHORT_MOST) {
        return Err(Remark::error("point-1", "每个问题最多200个字，请写短一些"));
    }
    Ok(Said::More(Words { text: written, points, answers: Vec::new() }))
}
