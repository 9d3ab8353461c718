//! The proof that a telephone is the rater's: the same for praise and blame.

use super::sitting::Sitting;
use crate::{
    clock::time_text,
    phones::{self, Code, Proved, Purpose, Requested},
    sms::Channel,
    web::{App, PageError},
};
use daylight_ids::Phone;

/// Whether codes can be sent from here.
pub fn open(app: &App) -> bool {
    !matches!(app.config.sms, Channel::None)
}

/// What is said about a code.
pub enum Said {
    /// It is on its way.
    Sent(String),
    /// The telephone is theirs.
    Yes,
    /// A field and what to do.
    Wrong(&'static str, String),
}

/// Sends a code.
pub async fn send(app: &App, sitting: &Sitting, phone: &Phone) -> Result<Said, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let done = phones::request(&tx, &app.vault, phone, Purpose::Rating(&sitting.token), now).await?;
    tx.commit().await?;
    daylight_queue::wake();
    let wrong = |words: String| Said::Wrong("phone", words);
    Ok(match done {
        Requested::Sent { from, .. } if from > now + 5_000 => Said::Sent(format!(
            "现在要验证码的人多，您的验证码在{}以前发出，收到后5分钟内有效，不用再点",
            time_text(from + 59_999)
        )),
        Requested::Sent { .. } => Said::Sent("验证码已发出，5分钟内有效。没收到，过1分钟再点一次".into()),
        Requested::Wait { until } => wrong(format!(
            "这个号码收验证码太频繁，请在{}以后再试；之前收到的还能用",
            time_text(until + 59_999)
        )),
        Requested::Busy { until } => {
            wrong(format!("现在要验证码的人太多，请在{}以后再点一次", time_text(until + 59_999)))
        }
        Requested::Numbers => wrong("这台设备今天已经给几个号码发过验证码，请用之前填过的号码".into()),
        Requested::NotMobile => wrong("收不到短信的号码不能验证，请填写手机号".into()),
    })
}

/// Tries a code.
pub async fn try_code(app: &App, sitting: &Sitting, phone: &Phone, typed: &str) -> Result<Said, PageError> {
    let Some(code) = Code::parse(typed) else {
        return Ok(Said::Wrong("code", "验证码是短信里的6位数字".into()));
    };
    let tx = app.db.write().await?;
    let purpose = Purpose::Rating(&sitting.token);
    let done = phones::prove(&tx, &app.vault, phone, purpose, &code, app.clock.now()).await?;
    // Also what was wrong is kept: tries count.
    tx.commit().await?;
    Ok(match done {
        Proved::Yes => Said::Yes,
        Proved::Wrong { left } => Said::Wrong("code", format!("验证码不对，还可以试{left}次")),
        Proved::Gone => Said::Wrong("code", "验证码已经失效，请重新获取".into()),
    })
}
