//! Words as a shell takes them: every command that a person may paste is quoted here.
//!
//! Names come from prompts, from models and from stores that were fetched from elsewhere, so none reaches a shell as it is.

use std::borrow::Cow;

/// A word as a shell takes it: as it is if it holds nothing that a shell reads, else in single quotes.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let safe = |c: char| c.is_alphanumeric() || "/._-+@%,:=~^{}".contains(c);
    let starts_home = word.starts_with('~') || word.starts_with('=');
    let braces = word.contains('{') && (word.contains(',') || word.contains(".."));
    if !word.is_empty() && word.chars().all(safe) && !starts_home && !braces {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

/// A command of ours with words that somebody typed.
pub fn command(verb: &str, words: &[&str]) -> String {
    let dashes = if words.iter().any(|word| word.starts_with('-')) { " --" } else { "" };
    let words: String = words.iter().map(|word| format!(" {}", quoted(word))).collect();
    format!("codex-git {verb}{dashes}{words}")
}

/// The first word of a command as a shell reads it, if it is plain or in single quotes throughout.
pub fn first_word(command: &str) -> Option<(String, &str)> {
    let (mut word, mut rest) = (String::new(), command);
    while let Some(c) = rest.chars().next() {
        match c {
            ' ' => break,
            '\'' => {
                let (inside, after) = rest[1..].split_once('\'')?;
                word.push_str(inside);
                rest = after;
            }
            '\\' => {
                let next = rest[1..].chars().next()?;
                word.push(next);
                rest = &rest[1 + next.len_utf8()..];
            }
            _ => {
                word.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    (!word.is_empty()).then_some((word, rest.trim_start_matches(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        for word in ["alpha", "a/b", "größe", "alpha~2", "01a2@{before}", "x^"] {
            assert_eq!(quoted(word), word);
        }
        for (word, expected) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("$(touch${IFS}x)", "'$(touch${IFS}x)'"),
            ("a'b", r"'a'\''b'"),
            ("`id`;!", "'`id`;!'"),
            ("~root", "'~root'"),
            ("{a,b}", "'{a,b}'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
        assert_eq!(command("save", &["-x", "a b"]), "codex-git save -- -x 'a b'");
    }

    #[test]
    fn a_word_reads_back_as_it_was_quoted() {
        for word in ["a'b", "$(id)", "x`y`", "\\", "a\"b", "!x", "é", "*", "a\tb", "#"] {
            assert_eq!(first_word(&format!("{} rest", quoted(word))), Some((word.to_owned(), "rest")));
        }
    }
}
