//! The portal's first page and what belongs to no noun: help, about, open data, elder switch,
//! assets, site map, feed.

mod assets;
mod elder;
mod feed;
mod front;
mod guide;
mod sitemap;
pub mod store;

use crate::web::{Access, Route, get, post};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![
        get("/", Access::Public, front::page),
        get("/help", Access::Public, guide::help),
        get("/about", Access::Public, guide::about),
        get("/accessibility", Access::Public, guide::accessibility),
        get("/data", Access::Public, guide::data),
        get("/api", Access::Public, guide::api),
        post("/elder", Access::PublicFresh, elder::switch),
        get("/feed.xml", Access::Public, feed::newest),
        get("/sitemap.xml", Access::Public, sitemap::index),
        get("/sitemap/{part}", Access::Public, sitemap::part),
        get("/robots.txt", Access::Public, sitemap::robots),
        get("/assets/{name}", Access::Public, assets::file),
        get("/favicon.ico", Access::Public, assets::icon),
    ]
}
