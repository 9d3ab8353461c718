//! `/api/v1/statistics`: the public figures, each with what it counts.

use super::{
    endpoint::{Endpoint, Takes},
    problem::Problem,
    shape::{Moment, Named, Shape, answer, object},
};
use crate::{
    statistics::{DEFINITIONS, Figures, store},
    web::{Access, App, get},
};
use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

answer! {
    /// What a figure counts.
    Definition = "一个数字的含义" {
        label: &'static str = "名称",
        unit: &'static str = "计量单位",
        text: &'static str = "计什么，不计什么",
    }
}

/// The figures as they are sent.
#[derive(Debug, Serialize)]
struct Statistics {
    #[serde(flatten)]
    figures: Figures,
    definitions: BTreeMap<&'static str, Definition>,
    counted_at: Moment,
}

impl Shape for Statistics {
    fn shape(named: &mut Named) -> Value {
        let definition = Definition::shape(named);
        object(named, "Statistics", "平台的公开统计数字", |named| {
            let count = json!({ "type": "integer", "minimum": 0 });
            let figures = DEFINITIONS.iter().map(|line| (line.field, line.text, count.clone()));
            let fields: Vec<_> = DEFINITIONS.iter().map(|line| line.field).collect();
            let of_each: serde_json::Map<String, Value> =
                fields.iter().map(|field| ((*field).to_owned(), definition.clone())).collect();
            let definitions = json!({ "type": "object", "properties": of_each, "required": fields });
            figures
                .chain([
                    ("definitions", "每个数字的名称、计量单位和含义", definitions),
                    ("counted_at", "统计的时间", Moment::shape(named)),
                ])
                .collect()
        })
    }
}

pub(super) const FIGURES: Endpoint = Endpoint {
    path: "/api/v1/statistics",
    name: "statistics",
    about: "统计数字，附每个数字的含义",
    fields: &[],
    takes: Takes::Nothing,
    shape: Statistics::shape,
    route: |path| get(path, Access::Public, figures),
};

async fn figures(State(app): State<App>) -> Result<Json<Statistics>, Problem> {
    let definition = |line: &crate::statistics::Definition| {
        (line.field, Definition { label: line.label, unit: line.unit, text: line.text })
    };
    Ok(Json(Statistics {
        figures: store::figures(app.db.read()).await?,
        definitions: DEFINITIONS.iter().map(definition).collect(),
        counted_at: Moment(app.clock.now()),
    }))
}
