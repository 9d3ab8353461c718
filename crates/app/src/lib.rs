//! The product: one folder per feature, named by the product's own noun.

pub mod accounts;
pub mod api;
pub mod attachments;
pub mod audit;
pub mod authz;
pub mod cache;
pub mod cadres;
pub mod calendar;
pub mod cases;
pub mod clock;
pub mod clues;
pub mod codes;
pub mod deadlines;
pub mod demo;
pub mod divisions;
pub mod home;
pub mod hotline;
pub mod imports;
pub mod letters;
pub mod migrations;
pub mod office;
pub mod openings;
pub mod ops;
pub mod organs;
pub mod outcomes;
pub mod oversight;
pub mod phones;
pub mod powers;
pub mod ratings;
pub mod recusals;
pub mod reports;
pub mod revisions;
pub mod search;
pub mod sms;
pub mod statistics;
pub mod superior;
pub mod ties;
pub mod units;
pub mod web;

/// Every route of the product: the table of contents.
pub fn routes() -> Vec<web::Route> {
    [
        // What citizens see.
        home::routes(),
        divisions::routes(),
        units::routes(),
        powers::routes(),
        cadres::routes(),
        search::routes(),
        statistics::routes(),
        reports::routes(),
        attachments::routes(),
        outcomes::routes(),
        oversight::routes(),
        ratings::routes(),
        api::routes(),
        // Where staff work.
        accounts::routes(),
        office::routes(),
        revisions::routes(),
        imports::routes(),
        cases::desk::routes(),
        openings::routes(),
        clues::routes(),
        hotline::routes(),
        organs::routes(),
        calendar::routes(),
        letters::routes(),
        deadlines::routes(),
        cases::routing::routes(),
        recusals::routes(),
        ties::routes(),
        audit::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The whole product behind one router.
pub fn router(app: &web::App) -> axum::Router {
    web::router(app, routes())
}

/// A worker that knows the jobs of every feature.
pub fn worker(app: &web::App) -> daylight_queue::Worker {
    let clock = app.clock.clone();
    let worker = daylight_queue::Worker::new(app.db.clone(), std::sync::Arc::new(move || clock.now()));
    let worker = imports::jobs::on(worker, app);
    let worker = sms::on(worker, app);
    let worker = phones::on(worker, app);
    let worker = reports::on(worker, app);
    let worker = attachments::on(worker, app);
    let worker = cases::jobs::on(worker, app);
    let worker = outcomes::jobs::on(worker, app);
    let worker = letters::jobs::on(worker, app);
    let worker = oversight::jobs::on(worker, app);
    let worker = ratings::on(worker, app);
    audit::head::on(worker, app)
}
