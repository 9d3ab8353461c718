//! `daylight invite`: a new link for somebody who cannot sign in. The only way for an administrator.

use crate::{
    installation::Installation,
    outcome::{Outcome, Stop},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::{accounts, clock::time_text, ops};
use serde_json::json;

/// 为忘记密码或换手机的人重新发放设置链接 Print a new link for an account
///
/// 为忘记密码或换手机的人重新发放一次性设置链接（3 天有效）；管理员的链接只能这样发放。
/// Takes the account's password and second factor away, signs it out everywhere and prints a link.
#[derive(Args)]
pub struct Invite {
    /// 登录名 The account's login
    login: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    answering: Answering,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Invite {
    /// Invites.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.invite().await.map_err(|stop| stop.in_json(json))
    }

    async fn invite(self) -> Outcome {
        let settings = Settings::gather(&self.place, &self.answering)?;
        let installation = Installation::open(&settings).await?;
        let now = installation.clock.now();
        let until = now + accounts::INVITED;
        let tx = installation.db.write().await?;
        let account = accounts::store::by_login(&*tx, &self.login).await?;
        let account = account.ok_or_else(|| Stop::failed(format!("没有登录名为“{}”的账号。", self.login)))?;
        if account.disabled {
            return Err(Stop::refused("这个账号已停用，请先由系统管理员重新启用。"));
        }
        let token = accounts::store::reinvite(&tx, account.id, None, until, now).await?;
        ops::note(&tx, "account.invite", &format!("account {}", account.id), &account.login, now).await?;
        tx.commit().await?;
        let base = settings.base_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
        let link = format!("{base}/office/invitation/{token}");
        if self.json {
            let answer =
                json!({ "event": "invited", "login": account.login, "link": link, "expires_at": until });
            terminal::out(&answer.to_string());
        } else {
            terminal::out(&format!(
                "{}原来的密码和动态验证码已经作废，已登录的设备已全部退出。\n请把下面的链接当面交给本人，{} 之前有效，只能用一次：\n\n  {link}",
                account.name,
                time_text(until)
            ));
        }
        installation.close().await
    }
}
