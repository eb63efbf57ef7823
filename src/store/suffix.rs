//! What follows the beginning of a revision, as git writes it: `~N`, `^N`, `^{commit}`, `^{}`, and `@{N}` before those.

/// A step from one commit to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many first parents back.
    Back(usize),
    /// The n-th parent; 0 is the commit itself.
    Parent(usize),
}

/// What follows the beginning of a revision.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Suffix {
    /// How many moves ago.
    pub moves: Option<usize>,
    pub steps: Vec<Step>,
}

impl Suffix {
    /// Reads what follows the beginning of a revision; `None` if it means nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut suffix, mut rest) = (Self::default(), text);
        if let Some(after) = rest.strip_prefix("@{") {
            let (number, after) = after.split_once('}')?;
            suffix.moves = Some(whole(number)?);
            rest = after;
        }
        while let Some(mark) = rest.chars().next() {
            rest = &rest[mark.len_utf8()..];
            if let Some(after) = rest.strip_prefix("{commit}").or_else(|| rest.strip_prefix("{}")) {
                rest = after;
                suffix.steps.push(Step::Parent(0));
                if mark != '^' {
                    return None;
                }
                continue;
            }
            let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            rest = after;
            let number = if number.is_empty() { 1 } else { whole(number)? };
            suffix.steps.push(match mark {
                '~' => Step::Back(number),
                '^' => Step::Parent(number),
                _ => return None,
            });
        }
        Some(suffix)
    }
}

/// A number that is written with digits alone.
fn whole(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// A revision's beginning, and git's suffixes after it: no ref's name, no save's and no id holds any of `~`, `^` and `@{`.
pub fn split_suffix(text: &str) -> (&str, &str) {
    let at = [text.find(['~', '^']), text.find("@{")].into_iter().flatten().min().unwrap_or(text.len());
    text.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_gits() {
        let parsed = |text| Suffix::parse(text).map(|suffix| (suffix.moves, suffix.steps));
        assert_eq!(parsed(""), Some((None, vec![])));
        assert_eq!(parsed("~"), Some((None, vec![Step::Back(1)])));
        assert_eq!(parsed("~2^^2"), Some((None, vec![Step::Back(2), Step::Parent(1), Step::Parent(2)])));
        assert_eq!(parsed("@{3}~0^0"), Some((Some(3), vec![Step::Back(0), Step::Parent(0)])));
        assert_eq!(parsed("^{commit}^{}"), Some((None, vec![Step::Parent(0), Step::Parent(0)])));
        for other in [
            "@{upstream}",
            "@{-1}",
            "@{1",
            "@{}",
            "@{yesterday}",
            "^{tree}",
            "^{/text}",
            "~x",
            "~1x",
            "~{commit}",
            "^-",
            "~99999999999999999999",
            "^{commit",
            "@{1}@{2}",
            "~1@{1}",
            "é",
            "~é",
        ] {
            assert_eq!(Suffix::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_beginning_and_the_suffix_part_where_git_parts_them() {
        for (text, parts) in [
            ("alpha", ("alpha", "")),
            ("alpha~2", ("alpha", "~2")),
            ("@", ("@", "")),
            ("@{1}", ("", "@{1}")),
            ("a@b^", ("a@b", "^")),
            ("~1", ("", "~1")),
            ("@~1^", ("@", "~1^")),
            ("alpha@{2}~1", ("alpha", "@{2}~1")),
            ("me@home", ("me@home", "")),
            ("", ("", "")),
        ] {
            assert_eq!(split_suffix(text), parts, "{text}");
        }
    }
}
