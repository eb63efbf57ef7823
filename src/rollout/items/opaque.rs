//! JSON as text, without what nobody can read: images and encrypted texts.

/// From this length on, a text without a blank is taken for data.
const LONG: usize = 512;

/// The JSON with each string in it that is data replaced by its length.
pub(super) fn readable(json: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(json.len().min(1 << 16)), json);
    while let Some(start) = rest.find('"') {
        let (before, string) = rest.split_at(start + 1);
        out.push_str(before);
        let end = end_of(string);
        let (inner, after) = string.split_at(end);
        if is_data(inner) {
            out.push_str(&format!("{} bytes", inner.len()));
        } else {
            out.push_str(inner);
        }
        match after.strip_prefix('"') {
            Some(after) => {
                out.push('"');
                rest = after;
            }
            None => return out,
        }
    }
    out + rest
}

/// Whether a text is data: an address that holds its bytes, or a long run without a blank.
fn is_data(text: &str) -> bool {
    let holds_bytes = text.starts_with("data:") && text.contains(";base64,");
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    holds_bytes || (text.len() >= LONG && text.bytes().all(base64))
}

/// Where a JSON string ends that begins here.
fn end_of(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &text.as_bytes()[at..]) {
        at += found;
        if text.as_bytes()[at] == b'"' {
            return at;
        }
        at += 2;
        if at >= text.len() {
            break;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_measured_and_texts_stay() {
        let data = "QUJD".repeat(200);
        let json = format!(r#"{{"a":"b \" c","d":"{data}","e":"data:image/png;base64,QUJD","f":[1,"x y"]}}"#);
        assert_eq!(readable(&json), r#"{"a":"b \" c","d":"800 bytes","e":"26 bytes","f":[1,"x y"]}"#);
        for odd in ["\"", "\"a", "\"a\\", "", "{}", "\"ä\\\"ä"] {
            assert_eq!(readable(odd), odd);
        }
    }
}
