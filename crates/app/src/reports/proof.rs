//! The proof that a telephone is the reporter's. Everything about codes by SMS passes here.

use super::kept::Kept;
use crate::{
    clock::{Millis, time_text},
    phones::{self, Code, Proved, Purpose, Requested},
    sms::Channel,
    web::{App, PageError},
};
use daylight_ids::Phone;

/// Whether codes can be sent from here. While they cannot, a report is anonymous, and the page says so.
pub fn open(app: &App) -> bool {
    !matches!(app.config.sms, Channel::None)
}

/// The telephone of which this browser showed by code that it is theirs. No field of a form can claim that.
pub async fn proved(app: &App, kept: &Kept) -> Result<Option<Phone>, PageError> {
    let proved = phones::proved(app.db.read(), &app.vault, &kept.token, app.clock.now()).await;
    proved.map_err(|error| match error {
        phones::store::ProofError::Db(error) => error.into(),
        other => PageError::internal(other),
    })
}

/// What is said about a code: good news, or what is wrong with which field.
pub enum Said {
    /// It is on its way.
    Sent(String),
    /// The telephone is theirs.
    Yes,
    /// A field and what to do.
    Wrong(&'static str, String),
}

/// Sends a code to the telephone of a draft.
pub async fn send(app: &App, kept: &Kept) -> Result<Said, PageError> {
    let phone = match Phone::parse(&kept.draft.phone) {
        Ok(phone) => phone,
        Err(error) => return Ok(Said::Wrong("phone", super::report::wrong_phone(error))),
    };
    let tx = app.db.write().await?;
    let purpose = Purpose::Report(&kept.token);
    let done = phones::request(&tx, &app.vault, &phone, purpose, app.clock.now()).await?;
    tx.commit().await?;
    daylight_queue::wake();
    Ok(match done {
        Requested::Sent { from, .. } if from > app.clock.now() + SOON => Said::Sent(slow(from)),
        Requested::Sent { .. } => Said::Sent("验证码已发出，5分钟内有效。没收到，过1分钟再点一次".into()),
        Requested::Wait { until } => Said::Wrong("phone", later(until)),
        Requested::Busy { until } => Said::Wrong("phone", busy(until)),
        Requested::Numbers => Said::Wrong("phone", NUMBERS.into()),
        Requested::NotMobile => {
            Said::Wrong("phone", "收不到短信的号码不能验证，请填写手机号，或者选匿名".into())
        }
    })
}

/// A wait that nobody need be told of.
const SOON: Millis = 5_000;
/// Said when a draft has had codes sent to enough numbers.
pub(crate) const NUMBERS: &str =
    "一份反映最多给3个号码发验证码。请用之前填过的号码，或者选匿名，不用验证手机";

fn slow(from: Millis) -> String {
    let from = time_text(from + 59_999);
    format!(
        "现在要验证码的人多，发送较慢：您的验证码在{from}以前发出，收到后5分钟内有效，不用再点。也可以不验证手机，选匿名提交"
    )
}

fn busy(until: Millis) -> String {
    let until = time_text(until + 59_999);
    format!("现在要验证码的人太多，请在{until}以后再点一次；也可以不验证手机，选匿名提交，一样受理")
}

fn later(until: Millis) -> String {
    let until = time_text(until + 59_999);
    format!("这个号码收验证码太频繁，请在{until}以后再试；之前收到的还能用，也可以选匿名")
}

/// Tries the code that was typed for the telephone of a draft.
pub async fn try_code(app: &App, kept: &Kept, typed: &str) -> Result<Said, PageError> {
    let phone = match Phone::parse(&kept.draft.phone) {
        Ok(phone) => phone,
        Err(error) => return Ok(Said::Wrong("phone", super::report::wrong_phone(error))),
    };
    let Some(code) = Code::parse(typed) else {
        return Ok(Said::Wrong("code", "验证码是短信里的6位数字".into()));
    };
    let tx = app.db.write().await?;
    let purpose = Purpose::Report(&kept.token);
    let done = phones::prove(&tx, &app.vault, &phone, purpose, &code, app.clock.now()).await?;
    // Also what was wrong is kept: tries count.
    tx.commit().await?;
    Ok(match done {
        Proved::Yes => Said::Yes,
        Proved::Wrong { left } => Said::Wrong("code", format!("验证码不对，还可以试{left}次")),
        Proved::Gone => Said::Wrong("code", "验证码已经失效，请重新获取".into()),
    })
}
