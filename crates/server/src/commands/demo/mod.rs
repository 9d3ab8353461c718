//! `daylight demo`: a fictional county, made through the same functions as real use.

mod people;

use super::serve::Server;
use crate::{
    http,
    installation::{DEMO, Installation, exists, prepare_folder},
    lock::Lock,
    logging,
    outcome::{Outcome, Stop, file_error},
    settings::{Answering, Settings, Where},
    signals::{stop_signal, stopped},
    terminal::{self, Progress, grouped},
};
use clap::Args;
use daylight_app::{
    demo::{
        self,
        county::{Scale, generate, register},
    },
    imports::{
        find_files,
        run::{apply, plan},
        store::By,
    },
    ops,
};
use daylight_db::Engine;
use people::Account;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// 一键演示：虚构的县，真实的功能 Show a fictional county
///
/// 一键演示：生成一个虚构的县，导入、建立演示账号并启动服务。内容全部虚构。
/// Makes a fictional county and serves it.
#[derive(Args)]
pub struct Demo {
    /// 数据目录（默认系统临时目录，退出后删除） Data folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 监听地址；端口被占用时顺延 Address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// 规模：village（数秒）、county（875 个单位）、city（十个县） Scale
    #[arg(long, default_value = "village")]
    scale: Scale,
    /// 随机种子，同一种子内容相同 Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 数据库地址，可用 postgres://… Database
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// 就绪后在标准输出第一行打印 JSON One JSON line when ready
    #[arg(long)]
    json: bool,
}

/// What a demonstration folder was made as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    scale: String,
    seed: u64,
}

/// Marks a folder as a demonstration's from its first moment, so that what was interrupted may be made anew
/// and nothing else ever is.
const MARK: &str = "demo.json";

impl Demo {
    /// Shows.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.show().await.map_err(|stop| stop.in_json(json))
    }

    async fn show(self) -> Outcome {
        logging::start(std::env::var("DAYLIGHT_LOG").ok().as_deref(), "warn");
        let stop = stop_signal()?;
        let temporary = match &self.data {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new()
                    .prefix("daylight-demo-")
                    .tempdir()
                    .map_err(|error| file_error(&std::env::temp_dir(), &error))?,
            ),
        };
        let data = temporary.as_ref().map(|folder| folder.path().to_owned());
        let data = data.or_else(|| self.data.clone()).unwrap_or_default();
        let place = Where { data: Some(data), database: self.database.clone(), ..Where::default() };
        let answering = Answering { listen: Some(self.listen.clone()), base_url: None };
        let mut settings = Settings::gather(&place, &answering)?;
        // Links of a demonstration lead to itself, whatever the environment says about the real address.
        settings.base_url = None;
        refuse_real_data(&settings)?;
        prepare_folder(&settings.data)?;
        let lock = match settings.engine() {
            Engine::Sqlite => Some(Lock::take(&settings.data)?),
            Engine::Postgres => None,
        };
        // First, so that a wrong address is said before the work.
        let listener = http::bind_forward(&settings.listen).await?;
        let mut waiting = stop.clone();
        let (installation, accounts, made) = tokio::select! {
            made = self.make(&settings) => made?,
            () = stopped(&mut waiting) => return Ok(()),
        };
        let server = Server { settings: settings.clone(), installation, listener, lock, demo: true };
        let (json, kept) = (self.json, temporary.is_none());
        server.run(stop, |url| say(url, &settings.data, &made, &accounts, json, kept)).await
    }

    /// Makes what is not there yet.
    async fn make(&self, settings: &Settings) -> Outcome<(Installation, Vec<Account>, Made)> {
        let wanted = Made { scale: scale_name(self.scale).to_owned(), seed: self.seed };
        let mark = settings.data.join(MARK);
        if let Some(accounts) = people::read(&settings.data)? {
            let made = std::fs::read(&mark).ok().and_then(|text| serde_json::from_slice(&text).ok());
            let made: Made = made.unwrap_or_else(|| wanted.clone());
            if made != wanted {
                terminal::err(&format!(
                    "这个目录里已有 {} 规模的演示（种子 {}），继续使用。要换规模请换一个 --data。",
                    made.scale, made.seed
                ));
            }
            return Ok((Installation::open_or_create(settings).await?, accounts, made));
        }
        if mark.exists() {
            start_over(settings)?;
        }
        let text = serde_json::to_vec(&wanted).expect("plain data serializes");
        std::fs::write(&mark, text).map_err(|error| file_error(&mark, &error))?;
        let installation = Installation::open_or_create(settings).await?;
        if !ops::store::is_empty(installation.db.read()).await? && !installation.demo {
            return Err(Stop::refused(
                "这个数据库里已有不是演示的内容，演示不会改动它。请用一个空的数据库。",
            ));
        }
        let tx = installation.db.write().await?;
        ops::store::set_own(&tx, DEMO, &wanted.scale).await?;
        tx.commit().await?;
        self.fill(settings, &installation).await?;
        let accounts = people::create(&installation, &settings.data).await?;
        let Installation { db, vault, clock, .. } = &installation;
        let told = demo::cases::fill(db, vault, self.scale, self.seed, clock.now()).await;
        told.map_err(|error| Stop::failed(format!("演示的办理件没有做成：{error}")))?;
        let opened = demo::ratings::fill(db, vault, clock.now()).await;
        opened.map_err(|error| Stop::failed(format!("演示的评价轮次没有做成：{error}")))?;
        Ok((Installation { demo: true, ..installation }, accounts, wanted))
    }

    /// The files of the county's offices, written out and taken over as an operator would.
    async fn fill(&self, settings: &Settings, installation: &Installation) -> Outcome {
        let progress = Arc::new(Progress::new());
        progress.say("正在编写虚构的县……");
        let folder = settings.data.join("handover");
        std::fs::create_dir_all(&folder).map_err(|error| file_error(&folder, &error))?;
        let (scale, seed) = (self.scale, self.seed);
        let county = tokio::task::spawn_blocking(move || generate(scale, seed)).await;
        let county = county.map_err(|_| Stop::failed("演示内容生成失败。"))?;
        for (name, content) in &county.files {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(|error| file_error(&path, &error))?;
        }
        let inputs =
            find_files(std::slice::from_ref(&folder)).map_err(|error| Stop::failed(error.to_string()))?;
        let shown = progress.clone();
        let tell = move |rows| shown.say(&format!("正在读取：{} 行", grouped(rows)));
        let Installation { db, vault, clock, .. } = installation;
        let plan = plan(db, vault.clone(), inputs, Default::default(), tell).await?;
        let by = By { account_id: None, name: ops::OPERATOR.to_owned(), import_id: None };
        let tell = |done, of| progress.say(&format!("正在保存：{} / {}", grouped(done), grouped(of)));
        apply(db, vault, clock, plan, &by, &tell).await?;
        Ok(register(db, &county.organs, clock.now()).await?)
    }
}

fn scale_name(scale: Scale) -> &'static str {
    match scale {
        Scale::Village => "village",
        Scale::County => "county",
        Scale::City => "city",
    }
}

/// A folder with data that no demonstration made is never touched.
fn refuse_real_data(settings: &Settings) -> Outcome {
    let data = &settings.data;
    let real =
        exists(settings) && settings.sqlite_file().is_some() || settings.keys.join("keys.json").exists();
    if real && !data.join(MARK).exists() {
        let data = data.display();
        return Err(Stop::refused(format!(
            "{data} 里已有不是演示的数据，演示不会改动它。请用 --data 换一个目录。"
        )));
    }
    Ok(())
}

/// What an interrupted first start left is fictional and incomplete: make it anew.
fn start_over(settings: &Settings) -> Outcome {
    let file = settings.sqlite_file().map(Path::to_owned);
    let files =
        file.iter().flat_map(|file| ["", "-wal", "-shm"].map(|end| format!("{}{end}", file.display())));
    for path in files.map(PathBuf::from) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(file_error(&path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn say(url: &str, data: &Path, made: &Made, accounts: &[Account], json: bool, kept: bool) {
    if json {
        let answer = json!({
            "event": "ready", "url": url, "accounts": accounts, "data": data, "scale": made.scale, "seed": made.seed,
        });
        return terminal::out(&answer.to_string());
    }
    let fate = if kept { "" } else { "（停止后删除；要保留请用 --data 指定目录）" };
    terminal::out(&format!(
        "\n阳光监督演示已启动，内容全部虚构（规模 {}，种子 {}）。\n",
        made.scale, made.seed
    ));
    terminal::out(&format!(
        "  公众页面  {url}\n  工作入口  {url}/office\n  数据目录  {}{fate}\n",
        data.display()
    ));
    let mut rows =
        vec![["角色", "姓名", "单位", "登录名", "密码", "动态验证码密钥"].map(str::to_owned).to_vec()];
    rows.extend(accounts.iter().map(Account::row));
    terminal::out(&terminal::table(&rows));
    terminal::out("\n动态验证码：登录时页面会直接显示；也可以把密钥加到手机的验证器里。按 Ctrl-C 停止。");
}
