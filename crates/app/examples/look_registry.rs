//! Local: not committed.
use axum::{Router, extract::Path, http::header, response::IntoResponse, routing::get};
use daylight_app::{
    clock::Clock,
    imports::{find_files, run::{apply, plan}, store::By},
    migrations,
    web::{App, Config, Parts, page_cache},
};
use daylight_db::Db;
use daylight_vault::Vault;
use std::{path::PathBuf, sync::Arc};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().unwrap_or("127.0.0.1:4801".to_owned());
    let folder = tempfile::tempdir()?;
    let db = Db::open(&format!("sqlite:{}", folder.path().join("look.db").display())).await?;
    migrations::migrate(&db).await?;
    let clock = Clock::hand(1_773_540_000_000);
    let config = Config { data: folder.path().to_owned(), base_url: "https://yangguang.anlan.example.cn".into(), demo: true, secure_cookies: false };
    let vault = Arc::new(Vault::create(&folder.path().join("keys"), clock.now() / 1000)?);
    let app = App::new(Parts { db, vault, clock, cache: page_cache(), config });
    for files in std::iter::once(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/handover")).chain(arguments.map(PathBuf::from)) {
        let planned = plan(&app.db, app.vault.clone(), find_files(&[files])?, Default::default(), |_| {}).await?;
        let by = By { account_id: None, name: "look".into(), import_id: None };
        let report = apply(&app.db, &app.vault, &app.clock, planned, &by, &|_, _| {}).await?;
        println!("{} created {} updated; {:?}", report.created, report.updated, report.files.iter().map(|f| f.problems.iter().filter(|_| f.read < 20).collect::<Vec<_>>()).collect::<Vec<_>>());
        app.clock.advance(86_400_000 * 200);
    }
    let assets = |Path(name): Path<String>| async move {
        let asset = daylight_ui::assets::get(&name).unwrap();
        ([(header::CONTENT_TYPE, asset.content_type)], asset.bytes).into_response()
    };
    let router = Router::new().route("/assets/{name}", get(assets)).fallback_service(daylight_app::router(&app));
    println!("http://{listen}");
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    Ok(axum::serve(listener, router).await?)
}
