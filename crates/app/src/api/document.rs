//! The OpenAPI 3.1 document, made from the table of endpoints.

use super::{
    ENDPOINTS,
    endpoint::{Endpoint, Field, Takes},
    problem::Failure,
    shape::{Named, Shape},
};
use crate::web::App;
use axum::{Json, extract::State};
use serde_json::{Map, Value, json};

const ABOUT: &str = "本地公开的行政区划、单位、权力事项、干部任职和统计数字，不需要登录或密钥，\
    任何网站都可以引用；也可以提交反映、查询办理情况。依法不公开的权力事项不在其中，只计入总数。时间是北京时间（ISO 8601），\
    日期写成 2026-11-22。将来可能增加字段，不会减少或改变含义；有不兼容的变化时改用 /api/v2。\
    完整数据可从 /data 成批下载。";

/// This interface at an address, as OpenAPI 3.1 says it.
pub fn openapi(base_url: &str) -> Value {
    let mut named = Named::new();
    let failure = Failure::shape(&mut named);
    let paths: Map<String, Value> = ENDPOINTS
        .iter()
        .map(|endpoint| {
            let method = endpoint.method();
            (endpoint.path.to_owned(), json!({ method: operation(endpoint, &failure, &mut named) }))
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "阳光监督开放接口", "version": "1.0.0", "description": ABOUT },
        "servers": [{ "url": base_url }],
        "paths": paths,
        "components": {
            "schemas": named,
            "securitySchemes": {
                "draft": { "type": "http", "scheme": "bearer", "description": "草稿凭证，见 new_draft" },
            },
        },
    })
}

fn operation(endpoint: &Endpoint, failure: &Value, named: &mut Named) -> Value {
    let json = |schema: &Value| json!({ "application/json": { "schema": schema } });
    let shape = (endpoint.shape)(named);
    let mut responses = json!({ "200": { "description": endpoint.about, "content": json(&shape) } });
    let mut parameters: Vec<Value> = endpoint.fields.iter().map(parameter).collect();
    if endpoint.single() {
        let schema = json!({ "type": "integer", "format": "int64", "minimum": 1 });
        let id =
            json!({ "name": "id", "in": "path", "description": "编号", "required": true, "schema": schema });
        parameters.insert(0, id);
        responses["404"] = json!({ "description": "没有，或者不公开", "content": json(failure) });
    }
    if !endpoint.fields.is_empty() {
        responses["422"] = json!({ "description": "查询参数不对", "content": json(failure) });
    }
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.about,
        "parameters": parameters,
        "responses": responses,
    });
    let body = match endpoint.takes {
        Takes::Nothing => return operation,
        Takes::Json(body) => body,
        Takes::ForDraft(body) => {
            operation["security"] = json!([{ "draft": [] }]);
            body
        }
    };
    operation["requestBody"] = json!({ "required": true, "content": json(&body(named)) });
    for (status, about) in REFUSALS {
        operation["responses"][status] = json!({ "description": about, "content": json(failure) });
    }
    operation
}

/// What a POST may be answered besides.
const REFUSALS: [(&str, &str); 6] = [
    ("401", "没有草稿凭证"),
    ("404", "编号或查询码不对，两者的回答相同"),
    ("409", "现在不能这样做"),
    ("413", "发来的内容太大"),
    ("422", "发来的内容不对"),
    ("429", "这个编号试错太多，稍后再试"),
];

fn parameter(field: &Field) -> Value {
    json!({
        "name": field.name,
        "in": "query",
        "description": field.description(),
        "required": field.required(),
        // An empty field, as forms send it, is one that is not given.
        "allowEmptyValue": !field.required(),
        "schema": field.schema(),
    })
}

/// The document itself, among the endpoints.
pub(super) const DOCUMENT: Endpoint = Endpoint {
    path: "/api/v1/openapi.json",
    name: "openapi",
    about: "本接口的 OpenAPI 3.1 描述",
    fields: &[],
    takes: Takes::Nothing,
    shape: |_| json!({ "type": "object" }),
    route: |path| crate::web::get(path, crate::web::Access::Public, show),
};

async fn show(State(app): State<App>) -> Json<Value> {
    Json(openapi(&app.config.base_url))
}
