//! Ignore rules that stand outside of a project's folders: no snapshot has a file with them, so that it names them itself.

use std::fmt;

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RuleOf {
    /// In the person's own file, for all projects.
    Person,
    /// In `info/exclude` of the project's repository.
    Project,
    /// A person told codex-git: it counts more than all others.
    Own,
}

const WORDS: [(RuleOf, &str); 3] = [(RuleOf::Person, "person"), (RuleOf::Project, "project"), (RuleOf::Own, "own")];

impl RuleOf {
    /// The place of a word.
    pub fn parse(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(of, _)| *of)
    }
}

impl fmt::Display for RuleOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(WORDS.iter().find(|(of, _)| of == self).map_or("", |(_, word)| word))
    }
}

/// A rule, as it is written in `.gitignore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands.
    pub of: RuleOf,
    /// Its line.
    pub line: String,
}
