//! Settings in a file that git refuses to read: one broken line takes no other with it. What a line says is taken where it can be understood; nothing is
//! ever written by this.

/// The keys, with their values, that lines tell.
pub(crate) fn values(text: &str) -> Vec<(String, String)> {
    let (mut section, mut found) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let line = match line.strip_prefix('[') {
            // One that is not closed is the section's all the same.
            Some(head) => {
                let (name, rest) = head.split_once(']').unwrap_or((head, ""));
                section = prefix(name);
                rest.trim()
            }
            None => line,
        };
        let (key, value) = line.split_once('=').map_or((line, "true"), |(key, value)| (key.trim(), value.trim()));
        let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if is_key(key) && !section.is_empty() {
            found.push((format!("{section}.{}", key.to_ascii_lowercase()), plain(value)));
        }
    }
    found
}

/// What keys of a section begin with: its name, and the one in quotes as it is.
fn prefix(head: &str) -> String {
    match head.split_once('"') {
        Some((name, sub)) => format!("{}.{}", name.trim().to_ascii_lowercase(), sub.trim_end().trim_end_matches('"')),
        None => head.trim().to_ascii_lowercase(),
    }
}

/// A value without its quotes, and what they keep git from reading.
fn plain(value: &str) -> String {
    let inner = value.strip_prefix('"').map(|value| value.strip_suffix('"').unwrap_or(value));
    inner.unwrap_or(value).replace("\\\"", "\"").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_takes_no_other_with_it() {
        let text = "[core]\n\tbare = true\n\t=\n?? what\n[codexgit\n\tformat = 1\n\tmap = \"/a=/b\n[diff \"codex\"]\n\tbinary\n";
        let pairs = values(text);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected =
            [("core.bare", "true"), ("codexgit.format", "1"), ("codexgit.map", "/a=/b"), ("diff.codex.binary", "true")];
        assert_eq!(pairs, expected);
        assert_eq!(values("\0\0[[]=]\n=\n[\n]\nx"), []);
    }
}
