//! Names of a tree that may become names on disk: one folder deep each, and never git's own.

/// Whether a name may stand in a folder of a person's files. Whatever a tree says, nothing is written above its folder, and nothing that
/// git would take for a repository: neither `.git` in any spelling nor what some file systems take for it.
pub fn is_safe(name: &[u8]) -> bool {
    if name.is_empty() || name == b"." || name == b".." || name.len() > 255 {
        return false;
    }
    if name.iter().any(|byte| matches!(byte, 0 | b'/')) {
        return false;
    }
    !is_git(name)
}

/// Whether a name is git's own folder, on any file system: letters of either case, the short name of DOS, trailing dots and blanks, and
/// letters that have no width.
fn is_git(name: &[u8]) -> bool {
    let text = String::from_utf8_lossy(name);
    let seen: String = text.chars().filter(|letter| !is_ignored(*letter)).collect();
    let seen = seen.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']).to_ascii_lowercase();
    seen == ".git" || seen == "git~1"
}

/// Letters that HFS+ takes for nothing.
fn is_ignored(letter: char) -> bool {
    matches!(letter, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_elsewhere_or_into_git() {
        for name in ["a", ".gitignore", ".github", "-dash", "a\nb", "...", "git", "a.git"] {
            assert!(is_safe(name.as_bytes()), "{name}");
        }
        assert!(is_safe(b"\xff\xfe"));
        for name in
            ["", ".", "..", "a/b", "a\0b", ".git", ".GIT", ".Git.", "git~1", ".g\u{200c}it", ".git ", ".git::$INDEX"]
        {
            assert!(!is_safe(name.as_bytes()), "{name}");
        }
        assert!(!is_safe(&[b'x'; 256]));
    }
}
