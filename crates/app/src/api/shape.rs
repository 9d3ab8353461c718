//! What answers look like: one declaration gives the Rust struct, its JSON and its JSON Schema, so
//! that the published description cannot say anything else than what is sent. Descriptions are
//! Chinese, because whoever reads the description at a county reads Chinese.

use crate::{
    clock::{Millis, beijing},
    divisions::DivisionLevel,
    powers::{Kind, Level, StageType},
    units::Category,
};
use daylight_tables::value::LimitUnit;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// Named schemas met so far, for `components/schemas`.
pub type Named = Map<String, Value>;

/// Something whose JSON can be described.
pub trait Shape {
    /// The JSON Schema. A named shape puts itself into `named` and answers a reference to it.
    fn shape(named: &mut Named) -> Value;
}

/// A property: its name, what it means, its schema.
pub type Property = (&'static str, &'static str, Value);

/// The schema of an object all of whose properties are always sent.
pub fn object(
    named: &mut Named,
    name: &str,
    about: &str,
    properties: impl FnOnce(&mut Named) -> Vec<Property>,
) -> Value {
    described(named, name, about, properties, |_| true)
}

/// The schema of an object that a request carries: what may be null may be left out.
pub fn asked(
    named: &mut Named,
    name: &str,
    about: &str,
    properties: impl FnOnce(&mut Named) -> Vec<Property>,
) -> Value {
    described(named, name, about, properties, |schema| schema["anyOf"].is_null())
}

fn described(
    named: &mut Named,
    name: &str,
    about: &str,
    properties: impl FnOnce(&mut Named) -> Vec<Property>,
    is_required: impl Fn(&Value) -> bool,
) -> Value {
    if !named.contains_key(name) {
        // Holds the place while the properties are described, should one of them lead back here.
        named.insert(name.to_owned(), Value::Null);
        let properties = properties(named);
        let required = properties.iter().filter(|(.., schema)| is_required(schema));
        let required: Vec<_> = required.map(|(name, ..)| *name).collect();
        let described = properties.iter().map(|(name, about, schema)| {
            let mut schema = schema.clone();
            schema["description"] = json!(about);
            ((*name).to_owned(), schema)
        });
        let described: Map<String, Value> = described.collect();
        let schema =
            json!({ "type": "object", "description": about, "properties": described, "required": required });
        named.insert(name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Declares an answer: `answer! { /// rustdoc … Name = "说明" { field: Type = "说明", } }`.
macro_rules! answer {
    ($(#[$meta:meta])* $name:ident = $about:literal { $($field:ident: $kind:ty = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize)]
        pub struct $name { $(#[doc = $text] pub $field: $kind,)+ }

        impl $crate::api::shape::Shape for $name {
            fn shape(named: &mut $crate::api::shape::Named) -> serde_json::Value {
                $crate::api::shape::object(named, stringify!($name), $about, |named| {
                    vec![$((stringify!($field), $text, <$kind as $crate::api::shape::Shape>::shape(named)),)+]
                })
            }
        }
    };
}
pub(super) use answer;

impl Shape for i64 {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "integer", "format": "int64" })
    }
}

impl Shape for u32 {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

impl Shape for bool {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "boolean" })
    }
}

impl Shape for String {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "string" })
    }
}

impl Shape for &'static str {
    fn shape(named: &mut Named) -> Value {
        String::shape(named)
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape(named: &mut Named) -> Value {
        json!({ "type": "array", "items": T::shape(named) })
    }
}

impl<T: Shape> Shape for Option<T> {
    fn shape(named: &mut Named) -> Value {
        json!({ "anyOf": [T::shape(named), { "type": "null" }] })
    }
}

/// An instant: "2026-11-22T10:00:00+08:00".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Millis);

impl Moment {
    /// As it is sent.
    pub fn text(self) -> String {
        let at = beijing(self.0);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        let month = u8::from(month);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl Shape for Moment {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

/// A date as the registry keeps it: "2026-11-22".
#[derive(Clone, Debug, Serialize)]
pub struct Day(pub String);

impl Shape for Day {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "string", "format": "date" })
    }
}

/// A date of which offices may know the month or the year only: "2026-11".
#[derive(Clone, Debug, Serialize)]
pub struct MonthOrDay(pub String);

impl Shape for MonthOrDay {
    fn shape(_: &mut Named) -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$" })
    }
}

/// A value out of a closed list: a stable code and a word for people.
pub trait Coded: Copy + 'static {
    /// Every value.
    fn every() -> &'static [Self];
    /// The stable code.
    fn code(self) -> &'static str;
    /// The word on the page.
    fn page(self) -> &'static str;
}

/// Codes and words of a closed list.
pub fn words<T: Coded>() -> Vec<(&'static str, &'static str)> {
    T::every().iter().map(|value| (value.code(), value.page())).collect()
}

/// The schema of a closed list.
pub fn one_of(words: &[(&'static str, &'static str)]) -> Value {
    let codes: Vec<_> = words.iter().map(|(code, _)| *code).collect();
    json!({ "type": "string", "enum": codes })
}

/// A coded value as it is sent: its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code<T>(pub T);

impl<T: Coded> Code<T> {
    /// Reads a code; none for one that is not in the list.
    pub fn read(code: &str) -> Option<Code<T>> {
        T::every().iter().copied().find(|value| value.code() == code).map(Code)
    }

    /// The word for people.
    pub fn page(self) -> &'static str {
        self.0.page()
    }
}

impl<'de, T: Coded> serde::Deserialize<'de> for Code<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Code<T>, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Code::read(&code).ok_or_else(|| serde::de::Error::custom("not in the list"))
    }
}

impl<T: Coded> Serialize for Code<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.code())
    }
}

impl<T: Coded> Shape for Code<T> {
    fn shape(_: &mut Named) -> Value {
        one_of(&words::<T>())
    }
}

macro_rules! coded {
    ($($kind:ty),+) => {
        $(impl Coded for $kind {
            fn every() -> &'static [Self] {
                &<$kind>::ALL
            }
            fn code(self) -> &'static str {
                <$kind>::code(self)
            }
            fn page(self) -> &'static str {
                <$kind>::page(self)
            }
        })+
    };
}
coded!(Category, DivisionLevel, Kind, Level, StageType, crate::reports::Kind);

impl Coded for LimitUnit {
    fn every() -> &'static [Self] {
        use LimitUnit::{CalendarDays, Hours, Immediate, Months, WorkingDays, Years};
        &[Immediate, Hours, WorkingDays, CalendarDays, Months, Years]
    }

    fn code(self) -> &'static str {
        match self {
            LimitUnit::Immediate => "immediate",
            LimitUnit::Hours => "hours",
            LimitUnit::WorkingDays => "working_days",
            LimitUnit::CalendarDays => "calendar_days",
            LimitUnit::Months => "months",
            LimitUnit::Years => "years",
        }
    }

    fn page(self) -> &'static str {
        match self {
            LimitUnit::Immediate => "即办",
            LimitUnit::Hours => "小时",
            LimitUnit::WorkingDays => "工作日",
            LimitUnit::CalendarDays => "自然日",
            LimitUnit::Months => "个月",
            LimitUnit::Years => "年",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    answer! {
        /// For the test.
        Leaf = "叶" { id: i64 = "编号", seen: Option<Moment> = "看见的时间", }
    }

    #[test]
    fn a_declared_answer_describes_itself() {
        let mut named = Named::new();
        assert_eq!(Leaf::shape(&mut named), json!({ "$ref": "#/components/schemas/Leaf" }));
        assert_eq!(named["Leaf"]["required"], json!(["id", "seen"]));
        assert_eq!(named["Leaf"]["properties"]["id"]["description"], "编号");
    }

    #[test]
    fn instants_are_sent_in_beijing_time() {
        let leaf = Leaf { id: 1, seen: Some(Moment(1_795_312_800_000)) };
        let sent = serde_json::to_value(leaf).unwrap();
        assert_eq!(sent, json!({ "id": 1, "seen": "2026-11-22T10:00:00+08:00" }));
    }

    #[test]
    fn the_codes_of_time_limits_are_those_of_the_registry() {
        for unit in LimitUnit::every() {
            assert_eq!(serde_json::to_value(unit).unwrap(), unit.code());
        }
    }
}
