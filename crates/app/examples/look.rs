//! Shows the portal for looking at pages while they are made, over the test hand-over, a demonstration's
//! files or files given: `cargo run -p daylight-app --example look -- 127.0.0.1:4800 [county | FILE...]`.

use axum::{
    body::Body,
    http::{Request, header::COOKIE},
};
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
    migrations, units,
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
    let planned = plan(&app.db, app.vault.clone(), find_files(&files)?, Default::default(), |_| {}).await?;
    let by = By { account_id: None, name: "look".into(), import_id: None };
    let report = apply(&app.db, &app.vault, &app.clock, planned, &by, &|_, _| {}).await?;
    println!("http://{listen}  {} taken", report.created);
    let people = staff(&app).await?;
    for (login, _) in &people {
        println!("http://{listen}/~{login}/office");
    }
    let router = daylight_app::router(&app);
    let router = tower::service_fn(move |request| {
        tower::ServiceExt::oneshot(router.clone(), as_person(request, &people))
    });
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    Ok(axum::serve(listener, tower::make::Shared::new(router)).await?)
}

/// A publisher and a reviewer of the first township, and one of each for the whole county, signed in.
async fn staff(app: &App) -> Result<Vec<(String, String)>, Box<dyn std::error::Error>> {
    let filter = units::store::Filter { category: Some(units::Category::Township), ..Default::default() };
    let town = units::store::list(app.db.read(), &filter, 1, 0).await?.pop().map(|town| town.id);
    let mut people = Vec::new();
    for (login, name, role, unit) in [
        ("lin", "林知远", Role::Publisher, town),
        ("he", "何淑云", Role::Reviewer, town),
        ("zhou", "周文", Role::Publisher, None),
        ("su", "苏和平", Role::Reviewer, None),
    ] {
        let now = app.clock.now();
        let tx = app.db.write().await?;
        let id = accounts::store::create(&tx, login, name, now).await?;
        accounts::store::grant(&tx, id, role, unit, None, None, now).await?;
        let token = accounts::store::begin_session(&tx, id, "Chrome · Windows", true, now).await?;
        tx.commit().await?;
        people.push((login.to_owned(), token));
    }
    Ok(people)
}

/// `/~lin/office` is `/office` as Lin sees it; `/~lin~elder/office` the same in 长辈版.
fn as_person(mut request: Request<Body>, people: &[(String, String)]) -> Request<Body> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let Some((who, rest)) = path.strip_prefix("/~").and_then(|path| path.split_once('/')) else {
        return request;
    };
    let (who, elder) = who.strip_suffix("~elder").map_or((who, ""), |who| (who, "; elder=1"));
    let token = people.iter().find(|(login, _)| login == who).map_or("", |(_, token)| token.as_str());
    if let (Ok(uri), Ok(cookie)) =
        (format!("/{rest}").parse(), format!("daylight_session={token}{elder}").parse())
    {
        *request.uri_mut() = uri;
        request.headers_mut().insert(COOKIE, cookie);
    }
    request
}
