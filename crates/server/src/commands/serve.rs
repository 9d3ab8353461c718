//! `daylight serve`: pages and background jobs until told to stop.

use crate::{
    http::{self, Figures},
    installation::{Installation, prepare_folder},
    jobs, keys,
    lock::{Holder, Lock},
    logging,
    outcome::Outcome,
    settings::{Answering, Settings, Where},
    signals::{stop_signal, stopped},
    terminal,
};
use clap::Args;
use daylight_app::{
    accounts,
    authz::Role,
    web::{App, Config, Parts, page_cache},
};
use daylight_db::Engine;
use serde_json::json;
use std::time::Duration;
use tokio::{net::TcpListener, sync::watch};

/// 启动服务 Serve pages and run background jobs
///
/// 启动服务。没有配置时使用 ./data 里的 SQLite，只在本机 127.0.0.1:8080 提供访问。
/// Serves pages and runs background jobs until SIGTERM or SIGINT.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    answering: Answering,
    /// 就绪后在标准输出打印一行 JSON One JSON line when ready
    #[arg(long)]
    json: bool,
}

impl Serve {
    /// Serves.
    pub async fn run(self) -> Outcome {
        let settings = Settings::gather(&self.place, &self.answering)?;
        logging::start(settings.log.as_deref(), "info,sea_orm_migration=warn,sqlx=warn");
        let stop = stop_signal()?;
        prepare_folder(&settings.data)?;
        let lock = match settings.engine() {
            Engine::Sqlite => Some(Lock::take(&settings.data)?),
            Engine::Postgres => None,
        };
        let listener = http::bind(&settings.listen).await?;
        let Some(installation) = open_patiently(&settings, stop.clone()).await? else { return Ok(()) };
        let no_admin = accounts::store::count_role(installation.db.read(), Role::SystemAdmin).await? == 0;
        let server = Server { settings, installation, listener, lock, demo: false };
        let json = self.json;
        server
            .run(stop, |url| {
                if json {
                    terminal::out(&json!({ "event": "ready", "url": url }).to_string());
                } else {
                    terminal::out(&format!("阳光监督已启动：{url}"));
                }
                if no_admin {
                    tracing::warn!("还没有系统管理员。请执行 daylight init 取得首次登录链接。");
                }
            })
            .await
    }
}

/// Waits for a database server that does not answer yet, and says so. None when told to stop meanwhile.
async fn open_patiently(
    settings: &Settings,
    mut stop: watch::Receiver<bool>,
) -> Outcome<Option<Installation>> {
    loop {
        let error = match Installation::open_or_create(settings).await {
            Ok(installation) => return Ok(Some(installation)),
            Err(error) if settings.engine() == Engine::Sqlite || !error.may_pass() => return Err(error),
            Err(error) => error,
        };
        tracing::warn!("{} 3 秒后重试。", error.message().replace('\n', " "));
        tokio::select! {
            () = stopped(&mut stop) => return Ok(None),
            () = tokio::time::sleep(Duration::from_secs(3)) => {}
        }
    }
}

/// Everything a server is made of, before it runs.
pub struct Server {
    pub settings: Settings,
    pub installation: Installation,
    pub listener: TcpListener,
    pub lock: Option<Lock>,
    pub demo: bool,
}

impl Server {
    /// Serves until told to stop; then lets requests and jobs finish and folds the database's log.
    pub async fn run(self, stop: watch::Receiver<bool>, ready: impl FnOnce(&str)) -> Outcome {
        let Server { settings, installation, listener, lock, demo } = self;
        let address =
            listener.local_addr().map_err(|error| crate::outcome::Stop::failed(error.to_string()))?;
        let url = format!("http://{address}");
        let app = App::new(Parts {
            db: installation.db.clone(),
            vault: installation.vault.clone(),
            clock: installation.clock.clone(),
            cache: page_cache(),
            config: Config {
                data: settings.data.clone(),
                base_url: settings.base_url.clone().unwrap_or_else(|| url.clone()),
                demo: demo || installation.demo,
                secure_cookies: settings.secure(),
                sms: settings.sms(demo || installation.demo),
                evidence_share: settings.evidence_share,
                evidence_reserve: daylight_app::attachments::RESERVE,
            },
        });
        let figures = Figures::start();
        tokio::spawn(figures.clone().keep_small());
        if let Some(address) = settings.metrics_listen {
            let listener = http::bind(&address.to_string()).await?;
            let router = http::figures_router(&app, figures.clone());
            tokio::spawn(http::serve(listener, router, page_cache(), 16, stop.clone()));
        }
        let holder = Holder { pid: std::process::id(), url: url.clone(), key: keys::active(&app.vault) };
        let key_file = settings.keys.join("keys.json");
        let watch = tokio::spawn(keys::watch(app.vault.clone(), key_file, lock, holder, stop.clone()));
        let worker = tokio::spawn(jobs::run(app.clone(), stop.clone()));
        let router = http::router(&app, figures, settings.max_requests, settings.metrics_listen.is_none());
        let connections = http::connection_limit(settings.max_connections);
        tracing::info!(url, data = %settings.data.display(), connections, "ready");
        ready(&url);
        let finished = http::serve(listener, router, app.cache.clone(), connections, stop).await;
        if !finished {
            tracing::warn!("some requests took too long and were cut off");
        }
        drop(worker.await);
        // Held to the end: until the database is closed, a second server must not begin.
        let lock = watch.await;
        installation.close().await?;
        drop(lock);
        tracing::info!("stopped");
        Ok(())
    }
}
