//! 您是谁: anonymous, by telephone, by name; and whether somebody fills this in for another.

use super::{
    Helper,
    ask::Ask,
    facts,
    frame::{Frame, Sent, way_back},
    kept::{self, Kept},
    proof,
    start::without_draft,
};
use crate::web::{App, Asked, PageError, Viewer};
use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{
    Html as Markup, Notice, NoticeKind,
    form::{Choice, Errors, Field},
};

#[derive(Template)]
#[template(path = "reports/templates/identity.html")]
struct Page {
    told: Option<Notice>,
    level: Field,
    open: bool,
    phone: Option<PhoneFields>,
    helps: bool,
    helper: [Field; 3],
    to: &'static str,
}

struct PhoneFields {
    phone: Field,
    code: Field,
    proved: bool,
    name: Field,
    citizen_id: Field,
}

/// GET /reports/new/identity
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    show(&app, &viewer, &kept, way_back(&asked), &Errors::new(), None).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    kept: &Kept,
    to: &'static str,
    errors: &Errors,
    told: Option<String>,
) -> Result<Response, PageError> {
    let draft = &kept.draft;
    let anonymous = Choice::new("anonymous", "匿名").hint("谁都不知道您是谁。凭编号和查询码看结果。");
    let mut choices = vec![anonymous];
    if proof::open(app) {
        choices.push(Choice::new("phone", "留手机号").hint(format!(
            "收到一条验证码。有新进展时短信提醒您来查，短信里不写内容，每天{}统一发送。",
            crate::sms::slot::words()
        )));
        choices.push(
            Choice::new("real_name", "实名").hint("再写姓名和身份证号。优先办理，办结后当面或书面答复。"),
        );
    }
    let level = Field::radios("level", "您愿意留下联系方式吗？", choices)
        .hint(
            "联系方式和您写的内容分开保存，都加密，办理的人看不到。谁要看，必须写明理由，由另一个机关的领导批准，还会告诉您。",
        )
        .value(draft.level.as_str())
        .check(errors)
        .as_heading();
    let text = |name: &str, label: &str, value: &str| {
        Field::text(name, label).value(value).maxlength(50).autocomplete("off").unmarked().check(errors)
    };
    let proved = proof::proved(app, kept).await?.is_some();
    let phone = proof::open(app).then(|| PhoneFields {
        phone: text("phone", "手机号", &draft.phone).numeric().autocomplete("tel"),
        code: text("code", "短信验证码", "").numeric().autocomplete("one-time-code"),
        proved,
        name: text("name", "姓名", &draft.name),
        citizen_id: text("citizen_id", "身份证号", &draft.citizen_id),
    });
    let helper = draft.helper.clone().unwrap_or_default();
    let consent = Choice::new("yes", "我把内容读给本人听过，本人同意这样提交");
    let helper = [
        text("helper_name", "您（代填人）的姓名", &helper.name),
        text("helper_phone", "您（代填人）的手机号", &helper.phone).numeric(),
        Field::checkboxes("consent", "本人同意", [consent])
            .values(helper.consent.then_some("yes"))
            .unmarked()
            .check(errors),
    ];
    let helps = draft.helper.is_some();
    let told = told.map(|words| Notice::new(NoticeKind::Success, words));
    let body = Page { told, level, open: proof::open(app), phone, helps, helper, to };
    let body = Markup::render(&body)?;
    Frame::question(Ask::Identity, "您是谁", Some(kept), body).errors(errors).show(app, viewer).await
}

/// POST /reports/new/identity
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let Some(mut kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    let text = |name| sent.text(name).trim().to_owned();
    let draft = &mut kept.draft;
    draft.level = text("level");
    if draft.level != "anonymous" && !proof::open(&app) {
        draft.level.clear();
    }
    // Whoever chooses to stay anonymous after all leaves nothing behind.
    let named = draft.level == "real_name";
    let sends = sent.text("do") == "code";
    draft.phone = if draft.level == "anonymous" && !sends { String::new() } else { text("phone") };
    draft.name = if named { text("name") } else { String::new() };
    draft.citizen_id = if named { text("citizen_id") } else { String::new() };
    draft.helper = (sent.text("helps") == "yes").then(|| Helper {
        name: text("helper_name"),
        phone: text("helper_phone"),
        consent: sent.text("consent") == "yes",
    });
    let to = if sent.text("to") == "check" { "check" } else { "" };
    let asks = matches!(draft.level.as_str(), "phone" | "real_name");
    if (asks || sent.text("do") == "code") && proof::open(&app) && !sent.is_too_long() {
        let code = sent.text("code").trim().to_owned();
        // Kept first: a code is for the draft that asks for it.
        kept::keep(&app, Some(kept.token.clone()), &kept.draft).await?;
        let said = match (sends, code.is_empty()) {
            (true, _) => Some(proof::send(&app, &kept).await?),
            (false, false) => Some(proof::try_code(&app, &kept, &code).await?),
            (false, true) => None,
        };
        let mut errors = Errors::new();
        match said {
            Some(proof::Said::Sent(words)) => {
                return show(&app, &viewer, &kept, to, &errors, Some(words)).await;
            }
            Some(proof::Said::Wrong(field, words)) => {
                errors.add(field, words);
                return show(&app, &viewer, &kept, to, &errors, None).await;
            }
            Some(proof::Said::Yes) | None => {}
        }
    }
    facts::save(&app, &viewer, kept, Ask::Identity, &sent, async |app, viewer, kept, errors| {
        show(app, viewer, kept, to, errors, None).await
    })
    .await
}
