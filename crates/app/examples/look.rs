//! Shows the portal for looking at pages while they are made, over the test hand-over, a demonstration's
//! files or files given: `cargo run -p daylight-app --example look -- 127.0.0.1:4800 [county | FILE...]`.
//! Prints a session cookie for each role; "none" instead of files begins with an empty registry.

use daylight_app::{
    accounts,
    authz::Role,
    clock::Clock,
    demo::county::{Scale, generate},
    imports::{
        find_files,
        run::{apply, plan},
        store::By,
    },
    migrations,
    web::{App, Config, Parts, page_cache},
};
use daylight_db::Db;
use daylight_vault::Vault;
use std::{path::PathBuf, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().unwrap_or("127.0.0.1:4800".to_owned());
    let mut files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    if files.is_empty() {
        files.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/handover"));
    }
    let folder = tempfile::tempdir()?;
    if let Some(scale) = files.first().and_then(|name| name.to_str()?.parse::<Scale>().ok()) {
        files = Vec::new();
        for (name, content) in generate(scale, 7).files {
            files.push(folder.path().join(name));
            std::fs::write(&files[files.len() - 1], content)?;
        }
    }
    let db = Db::open(&format!("sqlite:{}", folder.path().join("look.db").display())).await?;
    migrations::migrate(&db).await?;
    let clock = Clock::System;
    let config = Config {
        data: folder.path().to_owned(),
        base_url: format!("http://{listen}"),
        demo: true,
        secure_cookies: false,
    };
    let vault = Arc::new(Vault::create(&folder.path().join("keys"), clock.now() / 1000)?);
    let app = App::new(Parts { db, vault, clock, cache: page_cache(), config });
    let tx = app.db.write().await?;
    for role in Role::ALL {
        let now = app.clock.now();
        let id = accounts::store::create(&tx, role.code(), role.page(), now).await?;
        accounts::store::grant(&tx, id, role, None, None, None, now).await?;
        let token = accounts::store::begin_session(&tx, id, "look", true, now).await?;
        println!("{} daylight_session={token}", role.code());
    }
    tx.commit().await?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    tokio::spawn(daylight_app::worker(&app).run(stopped));
    if files == [PathBuf::from("none")] {
        files.clear();
    }
    if files.is_empty() {
        println!("http://{listen}");
        let listener = tokio::net::TcpListener::bind(&listen).await?;
        axum::serve(listener, daylight_app::router(&app)).await?;
        return Ok(drop(stop));
    }
    let planned = plan(&app.db, app.vault.clone(), find_files(&files)?, Default::default(), |_| {}).await?;
    let by = By { account_id: None, name: "look".into(), import_id: None };
    let report = apply(&app.db, &app.vault, &app.clock, planned, &by, &|_, _| {}).await?;
    println!("http://{listen}  {} taken", report.created);
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    axum::serve(listener, daylight_app::router(&app)).await?;
    Ok(drop(stop))
}
