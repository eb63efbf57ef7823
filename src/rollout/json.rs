//! A JSON object seen through its top-level keys, each value left as text until it is asked for.
//!
//! Codex has written many shapes of the same record over the years. A field of an unexpected type is a field that is not
//! there, never a line that can't be read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The keys of a JSON object with their raw values.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads a whole line; `None` if it is not one JSON object in UTF-8.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Its keys and the raw text of their values, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.get()))
    }

    /// The raw text of a value.
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        // Of a key that stands twice, the last counts.
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.get())
    }

    /// Whether the key is there with a value other than `null`.
    pub fn has(&self, key: &str) -> bool {
        self.raw(key).is_some_and(|raw| raw != "null")
    }

    /// A value that is an object.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// A value that is a string.
    pub fn str(&self, key: &str) -> Option<Cow<'a, str>> {
        text(self.raw(key)?)
    }

    /// A value that is a whole number from 0 up.
    pub fn u64(&self, key: &str) -> Option<u64> {
        self.raw(key)?.parse().ok()
    }

    /// A value that is an array.
    pub fn array(&self, key: &str) -> Option<Vec<&'a RawValue>> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// The text of a `content` value: a string, or an array of parts with a `text` each.
    pub fn content(&self, key: &str) -> String {
        if let Some(text) = self.str(key) {
            return text.into_owned();
        }
        let parts = self.array(key).unwrap_or_default();
        parts.iter().filter_map(|part| Some(Object::parse(part.get().as_bytes())?.str("text")?.into_owned())).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut fields = Vec::with_capacity(16);
        while let Some((Text(key), value)) = map.next_entry::<Text<'de>, &RawValue>()? {
            fields.push((key, value));
        }
        Ok(Object(fields))
    }
}

/// A string, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text(raw: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(raw).ok().map(|text| text.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_another_type_is_not_there() {
        let object =
            Object::parse(br#"{"type":5,"n":-1,"content":[{"text":"a"},7,{"text":"b"}],"none":null,"s":"x\ny"}"#)
                .unwrap();
        assert_eq!(object.str("type"), None);
        assert_eq!(object.u64("n"), None);
        assert_eq!(object.content("content"), "ab");
        assert!(!object.has("none") && object.has("n"));
        assert_eq!(object.str("s").unwrap(), "x\ny");
    }

    #[test]
    fn only_an_object_in_utf8_is_read() {
        assert!(Object::parse(b"[1]").is_none());
        assert!(Object::parse(b"{\"a\":\"\xff\"}").is_none());
        assert!(Object::parse(b"{\"a\":1").is_none());
        assert!(Object::parse(b"{\"a\":1}\r").is_some());
    }
}
