//! `daylight work`: background jobs only, beside any number of servers on one PostgreSQL.

use crate::{
    installation::Installation,
    jobs, keys,
    lock::{Holder, Sealing},
    logging,
    outcome::Outcome,
    settings::{Answering, Settings, Where},
    signals::stop_signal,
};
use clap::Args;
use daylight_app::web::{App, Config, Parts, page_cache};

/// 只运行后台任务 Run background jobs only
///
/// 只运行后台任务，不提供网页。多台服务器共用 PostgreSQL 时使用。
/// Runs background jobs until SIGTERM or SIGINT.
#[derive(Args)]
pub struct Work {
    #[command(flatten)]
    place: Where,
}

impl Work {
    /// Works.
    pub async fn run(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        logging::start(settings.log.as_deref(), "info,sea_orm_migration=warn,sqlx=warn");
        let stop = stop_signal()?;
        let _sealing = Sealing::shared(&settings.data)?;
        let installation = Installation::open(&settings).await?;
        let app = App::new(Parts {
            db: installation.db.clone(),
            vault: installation.vault.clone(),
            clock: installation.clock.clone(),
            cache: page_cache(),
            config: Config {
                data: settings.data.clone(),
                base_url: settings.base_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen)),
                demo: installation.demo,
                secure_cookies: settings.secure(),
                sms: settings.sms(installation.demo),
                evidence_share: settings.evidence_share,
                evidence_reserve: daylight_app::attachments::RESERVE,
            },
        });
        let key_file = settings.keys.join("keys.json");
        tokio::spawn(keys::watch(app.vault.clone(), key_file, None, Holder::default(), stop.clone()));
        tracing::info!("working");
        jobs::run(app, stop).await;
        installation.close().await
    }
}
