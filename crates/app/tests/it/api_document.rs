//! The open interface's description says what is routed and what is answered, and its guide names it all.

use crate::{
    api::{ask, json},
    world::{handover, worlds},
};
use daylight_app::{
    api::{ENDPOINTS, data::Table},
    web::Access,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Paths and their variables and query fields, as `{id}` and names.
fn described(document: &Value) -> BTreeSet<(String, String, BTreeSet<String>)> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = |parameter: &Value| {
                format!("{} {}", parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap())
            };
            let parameters = operation["parameters"].as_array().unwrap().iter().map(name).collect();
            found.insert((method.to_uppercase(), path.clone(), parameters));
        }
    }
    found
}

#[tokio::test]
async fn the_document_and_the_routes_name_the_same_paths_methods_and_parameters() {
    let world = worlds().await.remove(0);
    let document = ask(&world, "/api/v1/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut routed = BTreeSet::new();
    for route in daylight_app::routes().into_iter().filter(|route| route.path.starts_with("/api/v1")) {
        let access = if route.method == "GET" { Access::Public } else { Access::PublicFresh };
        assert_eq!(route.access, access, "{}", route.path);
        let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.path == route.path).expect("in the table");
        let variables = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut parameters: BTreeSet<String> = variables.map(|name| format!("path {name}")).collect();
        parameters.extend(endpoint.fields.iter().map(|field| format!("query {}", field.name)));
        assert!(routed.insert((route.method.to_string(), route.path.to_owned(), parameters)));
    }
    assert_eq!(described(&document), routed);
    assert_eq!(routed.len(), ENDPOINTS.len());
    let names: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| endpoint.name).collect();
    assert_eq!(names.len(), ENDPOINTS.len(), "every operation has a name of its own");
}

/// What in a value differs from a JSON Schema as this interface writes them. A property that the
/// schema does not name is a difference: then the document lags behind.
fn differences(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target =
            document.pointer(reference.strip_prefix('#').unwrap()).expect("the reference leads somewhere");
        return differences(document, target, value, at, found);
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        let fits = ways.iter().any(|way| {
            let mut here = Vec::new();
            differences(document, way, value, at, &mut here);
            here.is_empty()
        });
        if !fits {
            found.push(format!("{at}: {value} fits none of {schema}"));
        }
        return;
    }
    let mut expect = |fits: bool, what: &str| {
        if !fits {
            found.push(format!("{at}: {what}: {value}"));
        }
    };
    let text = value.as_str().unwrap_or_default();
    match schema["type"].as_str().expect("every schema has a type") {
        "null" => expect(value.is_null(), "not null"),
        "boolean" => expect(value.is_boolean(), "not a truth value"),
        "integer" => {
            expect(value.is_i64(), "not a whole number");
            let (least, most) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
            let number = value.as_i64().unwrap_or_default();
            expect(
                least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most),
                "out of range",
            );
        }
        "string" => {
            expect(value.is_string(), "not a text");
            if let Some(codes) = schema["enum"].as_array() {
                expect(codes.contains(value), "not in the list");
            }
            let digits = |text: &str| {
                text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>()
            };
            match schema["format"].as_str() {
                Some("date") => expect(digits(text) == "0000-00-00", "not a date"),
                Some("date-time") => expect(digits(text) == "0000-00-00T00:00:00+00:00", "not an instant"),
                Some(other) => expect(false, other),
                None if !schema["pattern"].is_null() => {
                    expect(
                        ["0000", "0000-00", "0000-00-00"].contains(&digits(text).as_str()),
                        "not a month or date",
                    );
                }
                None => {}
            }
        }
        "array" => {
            expect(value.is_array(), "not a list");
            for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                differences(document, &schema["items"], item, &format!("{at}[{number}]"), found);
            }
        }
        "object" => {
            expect(value.is_object(), "not an object");
            for name in schema["required"].as_array().into_iter().flatten() {
                expect(value.get(name.as_str().unwrap()).is_some(), &format!("{name} is missing"));
            }
            let Some(properties) = schema["properties"].as_object() else { return };
            for (name, value) in value.as_object().into_iter().flatten() {
                match properties.get(name) {
                    Some(schema) => differences(document, schema, value, &format!("{at}.{name}"), found),
                    None => found.push(format!("{at}.{name}: not in the document")),
                }
            }
        }
        other => expect(false, other),
    }
}

pub fn fits(document: &Value, path: &str, status: &str, answer: &Value) {
    let path_key = path.replace('~', "~0").replace('/', "~1");
    let method = if document.pointer(&format!("/paths/{path_key}/get")).is_some() { "get" } else { "post" };
    let pointer = format!("/paths/{path_key}/{method}/responses/{status}/content/application~1json/schema");
    let schema = document.pointer(&pointer).unwrap_or_else(|| panic!("{path} {status} is not described"));
    let mut found = Vec::new();
    differences(document, schema, answer, "$", &mut found);
    assert!(found.is_empty(), "{path}: {found:#?}");
}

#[tokio::test]
async fn real_answers_have_the_form_that_the_document_says() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let document = ask(&world, "/api/v1/openapi.json").await;
        fits(&document, "/api/v1/openapi.json", "200", &document);
        fits(&document, "/api/v1/statistics", "200", &ask(&world, "/api/v1/statistics").await);
        for list in ["divisions", "units", "powers", "cadres"] {
            let path = format!("/api/v1/{list}");
            let page = ask(&world, &format!("{path}?per_page=100")).await;
            fits(&document, &path, "200", &page);
            let single = format!("{path}/{{id}}");
            for item in page["items"].as_array().unwrap() {
                for on in ["", "?on=2026-11-22"] {
                    fits(
                        &document,
                        &single,
                        "200",
                        &ask(&world, &format!("{path}/{}{on}", item["id"])).await,
                    );
                }
            }
            let refused = json(&world.citizen().get(&format!("{path}?page=x")).await);
            fits(&document, &path, "422", &refused);
            fits(&document, &single, "404", &json(&world.citizen().get(&format!("{path}/999999")).await));
        }
        fits(
            &document,
            "/api/v1/search",
            "200",
            &ask(&world, "/api/v1/search?q=%E5%AE%A1%E6%89%B9&per_page=100").await,
        );
        fits(&document, "/api/v1/search", "422", &json(&world.citizen().get("/api/v1/search").await));
    }
}

#[test]
fn the_guides_name_every_endpoint_field_table_and_column() {
    for guide in [include_str!("../../../../docs/api.md"), include_str!("../../../../docs/api.zh.md")] {
        let mut words = BTreeSet::new();
        for endpoint in &ENDPOINTS {
            words.insert(endpoint.path.to_owned());
            words.extend(endpoint.fields.iter().map(|field| format!("`{}`", field.name)));
        }
        for table in Table::ALL {
            words.insert(format!("`{}`", table.name()));
            let columns: Vec<_> = table.columns().iter().map(|column| column.key).collect();
            // In their order, which is part of the interface.
            words.insert(columns.join(", "));
        }
        for word in words {
            assert!(guide.contains(&word), "the guide does not name {word}");
        }
    }
}
