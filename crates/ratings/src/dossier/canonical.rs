//! One spelling of a document: what is signed must be the same bytes everywhere (after RFC 8785: keys in order, no blanks,
//! whole numbers only).

use serde::Serialize;
use serde_json::Value;

/// The canonical bytes of something; none when it holds a number that is not whole.
#[must_use]
pub fn canonical(of: &impl Serialize) -> Option<Vec<u8>> {
    let mut text = String::new();
    write(&serde_json::to_value(of).ok()?, &mut text)?;
    Some(text.into_bytes())
}

fn write(value: &Value, text: &mut String) -> Option<()> {
    match value {
        Value::Number(number) if !number.is_i64() => return None,
        Value::Array(list) => {
            text.push('[');
            for (at, one) in list.iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                write(one, text)?;
            }
            text.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (at, (key, one)) in keys.into_iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(one, text)?;
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
    Some(())
}
