//! `daylight init`: folder, keys, database, and the link for the first administrator.

use crate::{
    installation::Installation,
    outcome::Outcome,
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::{accounts, authz::Role, clock::time_text, ops};
use serde_json::json;

/// 首次安装：建库、建密钥、打印首位管理员的登录链接 Set up an installation
///
/// 首次安装：建立数据目录、数据库和密钥，打印首位系统管理员的一次性登录链接（24 小时有效）。
/// Sets up an installation. Asks nothing; running it again destroys nothing.
#[derive(Args)]
pub struct Init {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    answering: Answering,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

const DAY: i64 = 24 * 3_600_000;

impl Init {
    /// Sets up.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.set_up().await.map_err(|stop| stop.in_json(json))
    }

    async fn set_up(self) -> Outcome {
        let settings = Settings::gather(&self.place, &self.answering)?;
        let installation = Installation::open_or_create(&settings).await?;
        let admins = accounts::store::count_role(installation.db.read(), Role::SystemAdmin).await?;
        if admins > 0 {
            if self.json {
                terminal::out(&json!({ "event": "already_initialised", "link": null }).to_string());
            } else {
                terminal::out("这里已经安装好了，并且有系统管理员，什么都没有改动。");
                terminal::out("忘记密码时，请执行 daylight invite 登录名，重新发放设置链接。");
            }
            return installation.close().await;
        }
        let now = installation.clock.now();
        let until = now + DAY;
        let tx = installation.db.write().await?;
        ops::store::void_first_invitations(&tx).await?;
        let token = accounts::store::invite(&tx, None, "first", until).await?;
        ops::note(&tx, "installation.init", "first administrator", "", now).await?;
        tx.commit().await?;
        let base = settings.base_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
        let link = format!("{base}/office/invitation/{token}");
        let keys = settings.keys.join("keys.json");
        if self.json {
            let answer = json!({
                "event": "initialised", "link": link, "expires_at": until,
                "data": settings.data, "keys": keys, "key_fingerprint": installation.vault.index_fingerprint(),
            });
            terminal::out(&answer.to_string());
        } else {
            terminal::out(&format!("安装完成。\n\n  数据目录  {}", settings.data.display()));
            terminal::out(&format!("  数据库    {}", settings.database_shown()));
            terminal::out(&format!(
                "  密钥文件  {}（指纹 {}）",
                keys.display(),
                installation.vault.index_fingerprint()
            ));
            terminal::out(
                "\n密钥文件请立即另存一份，与数据库备份分开存放：丢失密钥，加密的身份证号和电话永远无法读取。",
            );
            terminal::out(&format!(
                "\n启动服务（daylight serve）后，请第一位系统管理员在 {} 之前打开下面的链接，\n设置密码和动态验证码。链接只能用一次；失效后再执行一次 daylight init 即可换新。\n\n  {link}",
                time_text(until)
            ));
        }
        installation.close().await
    }
}
