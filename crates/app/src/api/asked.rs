//! What a request asks for, read by the endpoint's own declaration.

use super::{
    endpoint::{Endpoint, Field, Holds, WORDS_MOST},
    problem::Problem,
    shape::{Code, Coded, Named, Shape, object},
};
use crate::{
    clock::parse_date,
    search,
    web::{App, PageError, escape_query},
};
use axum::{
    extract::{FromRequestParts, MatchedPath, Query},
    http::request::Parts,
};
use serde::Serialize;
use serde_json::{Value, json};
use time::Date;

/// A request that its endpoint accepts.
pub struct Asked {
    endpoint: &'static Endpoint,
    /// The last part of the path, where it is a number.
    id: Option<i64>,
    /// The fields that are given, each in its declared form.
    given: Vec<(&'static str, String)>,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asked, Problem> {
        let unknown = || PageError::Internal("a route outside the table of endpoints".into());
        let path = MatchedPath::from_request_parts(parts, app).await.map_err(PageError::internal)?;
        let endpoint = super::ENDPOINTS.iter().find(|known| known.path == path.as_str());
        let endpoint = endpoint.ok_or_else(unknown)?;
        // Never fails for pairs of text; percent signs that mean nothing stay as they are.
        let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(&parts.uri)
            .map_err(|_| PageError::invalid("网址里问号后面的部分写错了。"))?;
        let mut given = Vec::new();
        for field in endpoint.fields {
            let value = pairs.iter().find(|(name, _)| name == field.name).map(|(_, value)| value.trim());
            match value.filter(|value| !value.is_empty()) {
                Some(value) => {
                    check(field, value, app.clock.today())
                        .map_err(|error| Problem::BadValue(field.name, error))?;
                    given.push((field.name, value.to_owned()));
                }
                None if field.required() => {
                    let error = format!("请填写“{}”：{}。", field.name, field.about);
                    return Err(Problem::MissingValue(field.name, error));
                }
                None => {}
            }
        }
        let last = parts.uri.path().rsplit('/').next().unwrap_or_default();
        Ok(Asked { endpoint, id: number(last), given })
    }
}

/// A whole number from 1, written with digits only.
fn number(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number >= 1)
}

fn check(field: &Field, value: &str, today: Date) -> Result<(), String> {
    let name = field.name;
    let fits = match field.holds {
        Holds::Id => number(value).is_some(),
        Holds::Count { most, .. } => number(value).is_some_and(|number| number <= most),
        Holds::Day => parse_date(value).is_some_and(|date| date.year() > 0 && date <= today),
        Holds::Code(words) => words().iter().any(|(code, _)| *code == value),
        Holds::Words => {
            let sound = value.chars().count() <= WORDS_MOST && !value.chars().any(char::is_control);
            sound && !search::phrase(value).is_empty()
        }
    };
    if fits {
        return Ok(());
    }
    Err(match field.holds {
        Holds::Id => format!("“{name}”应当是编号，即大于 0 的整数。"),
        Holds::Count { most, .. } => format!("“{name}”应当是 1 到 {most} 的整数。"),
        Holds::Day => format!("“{name}”应当是 2026-11-22 这样写的日期，并且不晚于今天。"),
        Holds::Code(words) => {
            let words: Vec<_> = words().into_iter().map(|(code, word)| format!("{code}（{word}）")).collect();
            format!("“{name}”只能是下面之一：{}。", words.join("、"))
        }
        Holds::Words => format!("“{name}”应当是要找的词，2 到 {WORDS_MOST} 个字。"),
    })
}

impl Asked {
    fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(self.endpoint.fields.iter().any(|field| field.name == name), "{name} is not declared");
        self.given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Which one of its kind is asked for. What is not a number is as unknown as a number without a thing.
    pub fn subject(&self) -> Result<i64, PageError> {
        self.id.ok_or(PageError::NotFound)
    }

    /// The id in a field.
    pub fn id(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(number)
    }

    /// The code in a field.
    pub fn code<T: Coded>(&self, name: &str) -> Option<T> {
        self.get(name).and_then(Code::read).map(|code| code.0)
    }

    /// The words in a field.
    pub fn words(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The day on which the thing is looked at; none is now.
    pub fn on(&self) -> Option<Date> {
        self.get("on").and_then(parse_date)
    }

    fn count(&self, name: &str) -> i64 {
        let field = self.endpoint.fields.iter().find(|field| field.name == name);
        let usual = match field.map(|field| field.holds) {
            Some(Holds::Count { usual, .. }) => usual,
            _ => 1,
        };
        self.get(name).and_then(number).unwrap_or(usual)
    }

    /// How many things the page holds.
    pub fn limit(&self) -> i64 {
        self.count("per_page")
    }

    /// How many things stand before the page.
    pub fn offset(&self) -> i64 {
        (self.count("page") - 1) * self.limit()
    }

    /// The page with its things.
    pub fn page<T>(&self, items: Vec<T>, total: i64) -> Page<T> {
        let (page, per_page) = (self.count("page"), self.limit());
        let next = (page * per_page < total).then(|| {
            let kept = self.given.iter().filter(|(name, _)| *name != "page");
            let kept: String = kept.map(|(name, value)| format!("{name}={}&", escape_query(value))).collect();
            format!("{}?{kept}page={}", self.endpoint.path, page + 1)
        });
        Page { items, page, per_page, total, next }
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The things.
    pub items: Vec<T>,
    /// Which page, from 1.
    pub page: i64,
    /// How many things a page holds.
    pub per_page: i64,
    /// How many things there are on all pages.
    pub total: i64,
    /// Where the next page is; none on the last.
    pub next: Option<String>,
}

impl<T: Shape> Shape for Page<T> {
    fn shape(named: &mut Named) -> Value {
        let items = Vec::<T>::shape(named);
        let of = items["items"]["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let name = format!("{of}Page");
        object(named, &name, "列表的一页", |named| {
            vec![
                ("items", "这一页的内容", items),
                ("page", "第几页，从 1 数起", json!({ "type": "integer", "minimum": 1 })),
                ("per_page", "每页最多多少条", json!({ "type": "integer", "minimum": 1, "maximum": 100 })),
                ("total", "一共多少条", json!({ "type": "integer", "minimum": 0 })),
                ("next", "下一页的网址；最后一页为 null", Option::<String>::shape(named)),
            ]
        })
    }
}
