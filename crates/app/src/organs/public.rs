//! 谁来监督: which discipline organ watches which units, for everybody.

use super::store;
use crate::web::{App, PageError, Viewer};
use askama::Template;
use axum::{extract::State, response::Html};
use daylight_ui::{Drawing, Empty, Html as Markup};

#[derive(Template)]
#[template(path = "organs/templates/public.html")]
struct Page {
    organs: Vec<Organ>,
    empty: Markup,
}

struct Organ {
    id: i64,
    name: String,
    kind: &'static str,
    above: Option<String>,
    unit: Option<(i64, String)>,
    phone: Option<(String, String)>,
    watched: Vec<store::Jurisdiction>,
}

/// What a telephone dials: digits only, without the extension.
fn dialled(phone: &str) -> String {
    let number = phone.split('转').next().unwrap_or_default();
    number.chars().filter(char::is_ascii_digit).collect()
}

/// GET /organs
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let lines = store::list(app.db.read()).await?;
    let watched = store::jurisdictions(app.db.read()).await?;
    let above = |line: &store::Line| {
        let above = lines.iter().find(|above| Some(above.id) == line.parent_id);
        above.map(|above| above.name.clone())
    };
    let organ = |line: &store::Line| Organ {
        id: line.id,
        name: line.name.clone(),
        kind: line.kind().map_or("", super::Kind::page),
        above: above(line),
        unit: line.unit_id.zip(line.unit.clone()),
        phone: line.phone.clone().map(|phone| (dialled(&phone), phone)),
        watched: watched.iter().filter(|watched| watched.organ_id == line.id).cloned().collect(),
    };
    let empty = if lines.is_empty() {
        Empty::new(Drawing::Board, "纪检组织正在登记").text("现在就可以拨打统一举报电话12388。").into()
    } else {
        Markup::default()
    };
    let mut shell = viewer.portal(&app, "谁来监督").await?;
    shell.description = "各级纪检组织监督哪些单位，怎样联系。".into();
    let body = Page { organs: lines.iter().map(organ).collect(), empty };
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}
