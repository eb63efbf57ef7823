//! Rules: which sessions a remote gets, and which are taken from it. A remote shares nothing until a rule says so.

use std::fmt;

use super::repository_address::same_address;
use super::{SaveName, SessionId};

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareRule {
    /// Every session.
    All,
    /// Those that began in a repository, by what all its addresses have in common.
    Project(String),
    /// Those that were last in a directory, or below it.
    Directory(String),
    /// One session, with those that it started.
    Session(SessionId),
    /// The one that a save stands on, wherever it is moved.
    Save(SaveName),
}

/// What a rule can look like.
pub const SHARE_RULES: &str = "all, project:HOST/PATH, dir:/PATH, session:ID or save:NAME";

impl ShareRule {
    /// Reads a rule; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None => (text == "all").then_some(Self::All),
            Some(("project", url)) if !url.is_empty() => Some(Self::Project(same_address(url))),
            Some(("dir", path)) if path.starts_with('/') || path.get(1..2) == Some(":") => {
                Some(Self::Directory(path.to_owned()))
            }
            Some(("session", id)) => SessionId::parse(id).map(Self::Session),
            Some(("save", name)) => SaveName::parse(name).ok().map(Self::Save),
            Some(_) => None,
        }
    }
}

impl fmt::Display for ShareRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Project(project) => write!(f, "project:{project}"),
            Self::Directory(directory) => write!(f, "dir:{directory}"),
            Self::Session(session) => write!(f, "session:{session}"),
            Self::Save(name) => write!(f, "save:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_written_in_one_way() {
        for (text, written) in [
            ("all", "all"),
            ("project:git@github.com:a/b.git", "project:github.com/a/b"),
            ("project:github.com/a/b", "project:github.com/a/b"),
            ("dir:/work/x", "dir:/work/x"),
            ("session:01a20579-8247-72d2-b159-c5492aec819f", "session:01a20579-8247-72d2-b159-c5492aec819f"),
            ("save:before/refactor", "save:before/refactor"),
        ] {
            let rule = ShareRule::parse(text).unwrap();
            assert_eq!(rule.to_string(), written);
            assert_eq!(ShareRule::parse(written), Some(rule));
        }
        for text in ["", "All", "project:", "dir:work", "session:01a2", "save:", "save:a..b", "x:y"] {
            assert_eq!(ShareRule::parse(text), None, "{text}");
        }
    }
}
