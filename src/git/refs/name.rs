//! Names of refs: what is a path that leads nowhere else.

/// Whether git could have made a ref of this name: then it is a path that leads nowhere else (`git help check-ref-format`).
pub(crate) fn is_ref_name(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let strange = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    name.starts_with("refs/") && !name.contains("..") && !name.contains(strange) && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_name_leads_nowhere_else() {
        for name in ["refs/heads/a", "refs/tags/a/b", "refs/tags/v1.0"] {
            assert!(is_ref_name(name), "{name}");
        }
        for name in [
            "refs/../config",
            "refs//a",
            "refs/heads/",
            "/etc/passwd",
            "HEAD",
            "refs/heads/.a",
            "refs/a.lock",
            "refs/a b",
            "refs/a\0b",
            "refs/heads/a:b",
        ] {
            assert!(!is_ref_name(name), "{name}");
        }
    }
}
