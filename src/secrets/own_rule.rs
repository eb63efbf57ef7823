//! A rule of a person's own: `<id> <regular expression>`. What it finds is a secret for sure; its first group, if it has one, else all of the match.

use regex::bytes::{Regex, RegexBuilder};

/// What a rule's expression may need, compiled.
const MOST: usize = 1 << 20;

/// A rule of a person's own.
#[derive(Clone, Debug)]
pub struct OwnRule {
    pub(super) id: String,
    pub(super) regex: Regex,
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// It is no id with an expression behind it.
    #[error("it must be an id of small letters, digits and dashes, a space, and a regular expression")]
    Form,
    /// The id is that of a rule that is built in.
    #[error("`{0}` is a rule that codex-git has")]
    Taken(String),
    /// The expression can't be read.
    #[error("{0}")]
    Pattern(String),
    /// The expression finds something in every text.
    #[error("the expression matches an empty text")]
    Empty,
}

impl OwnRule {
    /// Reads a rule.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let (id, pattern) = text.trim().split_once(' ').ok_or(RuleError::Form)?;
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if id.is_empty() || id.len() > 40 || !id.bytes().all(is_id) {
            return Err(RuleError::Form);
        }
        if super::rules::rules().any(|rule| rule.id == id) {
            return Err(RuleError::Taken(id.to_owned()));
        }
        let regex = RegexBuilder::new(pattern.trim()).size_limit(MOST).build().map_err(|error| reason(&error))?;
        if regex.is_match(b"") {
            return Err(RuleError::Empty);
        }
        Ok(Self { id: id.to_owned(), regex })
    }

    /// What findings call it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its expression.
    pub fn pattern(&self) -> &str {
        self.regex.as_str()
    }
}

/// The last line of what the parser says: those before show the expression again.
fn reason(error: &regex::Error) -> RuleError {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    RuleError::Pattern(last.trim().trim_start_matches("error: ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_an_id_and_an_expression() {
        let rule = OwnRule::parse("acme-key  ACME-[0-9]{4} [a-z]").unwrap();
        assert_eq!((rule.id(), rule.pattern()), ("acme-key", "ACME-[0-9]{4} [a-z]"));
        for (text, error) in [
            ("", RuleError::Form),
            ("acme", RuleError::Form),
            ("Acme [0-9]", RuleError::Form),
            ("acme [0-9]*", RuleError::Empty),
            ("github-pat x", RuleError::Taken("github-pat".into())),
            ("acme [0-9", RuleError::Pattern("unclosed character class".into())),
        ] {
            assert_eq!(OwnRule::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
