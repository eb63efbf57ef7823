//! The name of a save: what a person types, made into what git takes as a tag.
//!
//! The rules are git's own (`git help check-ref-format`), each with its reason, and a few more that keep a name from being
//! taken for something else on a command line.

use std::fmt;

use super::SessionId;

/// A save's name: valid as a git tag, at most 200 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaveName(String);

/// Why a text can't be a save's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveNameError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// More than 200 bytes.
    #[error("it is longer than 200 bytes")]
    TooLong,
    /// A character that git keeps for itself, or a control character.
    #[error("git allows no `{}` in a name", .0.escape_default())]
    Character(char),
    /// A run of characters that git keeps for itself.
    #[error("git allows no `{0}` in a name")]
    Sequence(&'static str),
    /// A bad first character.
    #[error("git allows no name with a part that starts with `{0}`")]
    Start(char),
    /// A bad end.
    #[error("git allows no name with a part that ends with `{0}`")]
    End(&'static str),
    /// A word that means something else.
    #[error("it means something else to git")]
    Reserved,
    /// A session's id.
    #[error("it is the id of a session")]
    SessionId,
}

impl SaveName {
    /// Makes a name of what was typed: trimmed, each run of white space a `-`.
    ///
    /// # Errors
    /// When git could not take the result as a tag's name, with the reason.
    pub fn parse(typed: &str) -> Result<Self, SaveNameError> {
        let name = typed.split_whitespace().collect::<Vec<_>>().join("-");
        check(&name)?;
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SaveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn check(name: &str) -> Result<(), SaveNameError> {
    use SaveNameError as Error;
    if name.is_empty() {
        return Err(Error::Empty);
    }
    if name.len() > 200 {
        return Err(Error::TooLong);
    }
    if name == "@" || name == "HEAD" {
        return Err(Error::Reserved);
    }
    if SessionId::parse(name).is_some() {
        return Err(Error::SessionId);
    }
    if name.starts_with('-') {
        return Err(Error::Start('-'));
    }
    if let Some(bad) = name
        .chars()
        .find(|c| c.is_control() || "~^:?*[\\".contains(*c) || super::text::plain(&c.to_string()).is_empty())
    {
        return Err(Error::Character(bad));
    }
    if let Some(bad) = ["..", "@{", "//"].into_iter().find(|bad| name.contains(bad)) {
        return Err(Error::Sequence(bad));
    }
    if name.starts_with('/') {
        return Err(Error::Start('/'));
    }
    if name.ends_with('/') {
        return Err(Error::End("/"));
    }
    name.split('/').try_for_each(check_part)?;
    if name.ends_with('.') { Err(Error::End(".")) } else { Ok(()) }
}

fn check_part(part: &str) -> Result<(), SaveNameError> {
    match part {
        "" => Err(SaveNameError::Empty),
        _ if part.starts_with('.') => Err(SaveNameError::Start('.')),
        _ if part.ends_with(".lock") => Err(SaveNameError::End(".lock")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_spaces_become_hyphens() {
        assert_eq!(SaveName::parse("  before the  refactor\t").unwrap().as_str(), "before-the-refactor");
        assert_eq!(SaveName::parse("größe/漢字").unwrap().as_str(), "größe/漢字");
    }

    #[test]
    fn what_git_cannot_take_is_refused_with_the_reason() {
        for (typed, reason) in [
            (" ", SaveNameError::Empty),
            ("a..b", SaveNameError::Sequence("..")),
            ("a~1", SaveNameError::Character('~')),
            ("a\u{1b}b", SaveNameError::Character('\u{1b}')),
            ("-d", SaveNameError::Start('-')),
            (".hidden", SaveNameError::Start('.')),
            ("a/.b", SaveNameError::Start('.')),
            ("a.lock", SaveNameError::End(".lock")),
            ("a.lock/b", SaveNameError::End(".lock")),
            ("a.", SaveNameError::End(".")),
            ("/a", SaveNameError::Start('/')),
            ("a/", SaveNameError::End("/")),
            ("a@{1}", SaveNameError::Sequence("@{")),
            ("HEAD", SaveNameError::Reserved),
            ("01a20579-8247-72d2-b159-c5492aec819f", SaveNameError::SessionId),
        ] {
            assert_eq!(SaveName::parse(typed), Err(reason), "{typed:?}");
        }
        assert_eq!(SaveName::parse(&"x".repeat(201)), Err(SaveNameError::TooLong));
    }
}
