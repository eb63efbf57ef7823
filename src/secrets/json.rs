//! The strings of JSON, decoded one after the other, each with its key.
//!
//! Most of a rollout is long strings, so all that is looked at between them is whether it can be JSON. What is more than that is told by the caller:
//! what is not JSON here is scanned as text.

use memchr::{memchr, memchr2};

use super::undo::decode;

/// A shorter key holds no secret: it can be a path, and a name in that can be one.
pub(super) const LONG_KEY: usize = 16;

/// A string, and the key that it is the value of; keys that are long are strings, too, without one.
pub(super) type EachString<'e> = &'e mut dyn FnMut(Option<&[u8]>, &[u8]);

/// Whether a text begins and ends as an object or an array does.
pub(super) fn looks_like_json(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}

/// Hands over the strings of a text. Tells whether the text is JSON, as far as that can be seen from what stands between them.
pub(super) fn each_string(text: &[u8], each: EachString<'_>) -> bool {
    let (mut at, mut depth, mut key) = (0, 0_i64, None::<Vec<u8>>);
    let (mut buffer, mut named) = (Vec::new(), None::<Vec<u8>>);
    while let Some(open) = memchr(b'"', &text[at..]).map(|len| at + len) {
        let Some(nested) = depth_after(&text[at..open], depth) else { return false };
        depth = nested;
        if text[at..open].iter().any(|byte| b",{[".contains(byte)) {
            key = None;
        }
        if text[at..open].iter().any(|byte| b"{}".contains(byte)) {
            named = None;
        }
        let Some(end) = string_end(text, open + 1) else { return false };
        let raw = &text[open + 1..end];
        let value = match memchr(b'\\', raw) {
            Some(_) => {
                buffer.clear();
                decode(raw, &mut buffer);
                buffer.as_slice()
            }
            None => raw,
        };
        at = end + 1;
        let is_key = text[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        if is_key {
            if value.len() >= LONG_KEY {
                each(None, value);
            }
            key = Some(value.to_vec());
        } else {
            match (key.as_deref(), &named) {
                // As environments are written down: what is named here is given its value there.
                (Some(b"value" | b"Value"), Some(name)) => each(Some(name), value),
                (own, _) => each(own, value),
            }
            if matches!(key.as_deref(), Some(b"name" | b"Name" | b"key" | b"Key")) {
                named = Some(value.to_vec());
            }
            key = None;
        }
    }
    depth_after(&text[at..], depth) == Some(0)
}

/// Where a string ends that began before `at`.
pub(super) fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

/// How deep it is after what stands between two strings; `None` if that can't stand there.
fn depth_after(between: &[u8], mut depth: i64) -> Option<i64> {
    for byte in between {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' | b'0'..=b'9' | b'+' | b'-' | b'.' | b'E' => {}
            // The letters of true, false and null.
            b't' | b'r' | b'u' | b'e' | b'f' | b'a' | b'l' | b's' | b'n' => {}
            _ => return None,
        }
        if depth < 0 {
            return None;
        }
    }
    Some(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> (bool, Vec<(Option<String>, String)>) {
        let mut found = Vec::new();
        let owned = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let is_json = each_string(text.as_bytes(), &mut |key, value| found.push((key.map(owned), owned(value))));
        (is_json, found)
    }

    #[test]
    fn strings_are_handed_over_with_their_keys() {
        let (is_json, found) = strings(r#"{"a":"x\ny","b":["c",{"d":1,"e":"\"z"}],"f":null,"g":true}"#);
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_deref(), value.as_str())).collect();
        assert!(is_json);
        assert_eq!(found, [(Some("a"), "x\ny"), (None, "c"), (Some("e"), "\"z")]);
    }

    #[test]
    fn a_value_beside_a_name_is_that_name_s() {
        let found = strings(r#"[{"name":"A","value":"1"},{"name":"B"},{"value":"2"}]"#).1;
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_deref(), value.as_str())).collect();
        assert_eq!(found, [(Some("name"), "A"), (Some("A"), "1"), (Some("name"), "B"), (Some("value"), "2")]);
    }

    #[test]
    fn what_is_no_json_is_told() {
        let long = strings(r#"{"/work/a/long/path.txt":{"a":"b"}}"#).1;
        assert_eq!(long[0], (None, "/work/a/long/path.txt".to_owned()));
        for text in ["{ let x = \"a\"; }", "{\"a\":\"b\"", "{\"a\":\"b", "[INFO] \"a\" [x]", "}\"a\"{", "{\"a\": b}"] {
            assert!(!strings(text).0, "{text}");
        }
        assert!(strings("[]").0 && strings(" {\"a\": -1.5e3} \n").0);
        assert!(looks_like_json(b" {} ") && !looks_like_json(b"{x") && !looks_like_json(b""));
    }
}
