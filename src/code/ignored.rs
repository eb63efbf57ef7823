//! Which names the project's ignore rules keep out: `.gitignore` at each level, `info/exclude`, the person's own file, and what a person told
//! codex-git to leave out. Rules are read as git reads them, and by nobody but this file.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::below::folder_in;
use super::content;
use crate::disk::regular;
use crate::git::object::{Kind, object_id};
use crate::model::code::{Rule, RuleOf, lies_in};

/// More than any file of rules has.
const MOST: u64 = 4 << 20;

/// What the rules say of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is kept.
    Kept,
    /// It is kept only if the project's index has it.
    Ignored,
    /// A person told codex-git to leave it out.
    Forbidden,
}

/// The rules that count in a folder: those of the folder itself, of the folders above, and those for all.
#[derive(Clone)]
pub(super) struct Rules {
    /// What a person told codex-git, by paths below the root.
    forbidden: Rc<Gitignore>,
    /// The folders that alone are looked at; none for all of the root.
    parts: Rc<[Vec<u8>]>,
    /// From the weakest to the strongest, each with the length of the path of its folder, a slash included.
    levels: Vec<(usize, Rc<Gitignore>)>,
    /// How many of them are of no folder of the project.
    outside: usize,
}

impl Rules {
    /// The rules that count everywhere, the weakest first: see [`outside`]. What is in none of the parts is forbidden.
    pub fn outside(rules: &[Rule], parts: &[Vec<u8>]) -> Self {
        let of = |place: RuleOf| {
            let lines = rules.iter().filter(|rule| rule.of == place).map(|rule| format!("{}\n", rule.line));
            Rc::new(compiled(lines.collect::<String>().as_bytes()))
        };
        let levels = vec![(0, of(RuleOf::Person)), (0, of(RuleOf::Project))];
        Self { forbidden: of(RuleOf::Own), parts: parts.into(), outside: levels.len(), levels }
    }

    /// The same in a folder with rules of its own. `depth` is the length of the folder's path, a slash included.
    pub fn with(&self, depth: usize, text: &[u8]) -> Self {
        let mut rules = self.clone();
        rules.levels.push((depth, Rc::new(compiled(text))));
        rules
    }

    /// Whether the folder's own rules, which were added last, have any rule in them.
    pub fn has_last(&self) -> bool {
        self.levels.last().is_some_and(|(_, rules)| !rules.is_empty())
    }

    /// The rules in a repository within the project: none of the folders above count there.
    pub fn within_nested(&self) -> Self {
        let mut rules = self.clone();
        rules.levels.truncate(self.outside);
        rules
    }

    /// What the rules say of a path below the root.
    pub fn verdict(&self, path: &[u8], is_folder: bool) -> Verdict {
        let leads_there = |part: &Vec<u8>| lies_in(path, part) || (is_folder && lies_in(part, path));
        if !(self.parts.is_empty() || self.parts.iter().any(leads_there))
            || (!self.forbidden.is_empty() && self.forbidden.matched(on_disk(path), is_folder).is_ignore())
        {
            return Verdict::Forbidden;
        }
        for (depth, rules) in self.levels.iter().rev().filter(|(_, rules)| !rules.is_empty()) {
            match rules.matched(on_disk(path.get(*depth..).unwrap_or_default()), is_folder) {
                Match::None => {}
                Match::Ignore(_) => return Verdict::Ignored,
                Match::Whitelist(_) => return Verdict::Kept,
            }
        }
        Verdict::Kept
    }
}

/// The rules that stand outside of the project's folders: a person's patterns, and those in files, each with where it stands.
pub(super) fn outside(patterns: &[String], files: &[(RuleOf, PathBuf)]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (of, file) in files {
        let text = regular::read(file, MOST).unwrap_or_default();
        rules.extend(lines(&text).map(|line| Rule { of: *of, line }));
    }
    let own = |line: &String| Rule { of: RuleOf::Own, line: line.clone() };
    rules.extend(patterns.iter().map(own));
    rules
}

/// A hash that other rules do not have.
pub(super) fn hash_of(rules: &[Rule]) -> [u8; 20] {
    let lines: String = rules.iter().map(|rule| format!("{} {}\n", rule.of, rule.line)).collect();
    *object_id(Kind::Blob, lines.as_bytes()).as_bytes()
}

/// The lines of a file of rules that say something.
fn lines(text: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let lines: Vec<String> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned()).collect();
    lines.into_iter().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Whether a line of ignore rules keeps something out.
pub(crate) fn is_rule(line: &str) -> bool {
    let is_bare = line.trim().chars().all(|letter| letter == '/');
    !is_bare && compiled(line.as_bytes()).num_ignores() > 0
}

/// The rules that a repository within the project has beside those in its folders, where its git is a folder.
pub(super) fn nested_rules(folder: BorrowedFd<'_>) -> Option<Vec<u8>> {
    let info = folder_in(folder_in(folder, b".git").ok()?.as_fd(), b"info").ok()?;
    Some(content::read(info.as_fd(), b"exclude", MOST).ok()?.0)
}

fn on_disk(path: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(path))
}

/// Rules that can't be understood count for nothing, as in git.
fn compiled(text: &[u8]) -> Gitignore {
    let mut lines = lines(text).peekable();
    if lines.peek().is_none() {
        return Gitignore::empty();
    }
    let mut builder = GitignoreBuilder::new("");
    for line in lines {
        if let Err(error) = builder.add_line(None, &line) {
            tracing::debug!(%error, "a rule was left out");
        }
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matches_nothing_is_no_rule() {
        for line in ["/data/", "*.log", "\\!keep", "\\#x", "a b", "[ab]"] {
            assert!(is_rule(line), "{line}");
        }
        for line in ["", " ", "/", "!", "!keep", "# a comment", "#x"] {
            assert!(!is_rule(line), "{line}");
        }
    }

    #[test]
    fn the_deepest_rule_counts_and_what_a_person_forbade_counts_most() {
        let outside = Rules::outside(&outside(&["/big/".to_owned()], &[]), &[]);
        let root = outside.with(0, b"*.log\n/target\n# a comment\n");
        let deep = root.with(4, b"!keep.log\n");
        for (rules, path, is_folder, verdict) in [
            (&root, "a.log", false, Verdict::Ignored),
            (&root, "src/keep.log", false, Verdict::Ignored),
            (&deep, "src/keep.log", false, Verdict::Kept),
            (&deep, "src/other.log", false, Verdict::Ignored),
            (&root, "target", true, Verdict::Ignored),
            (&root, "src/target", true, Verdict::Kept),
            (&deep, "big", true, Verdict::Forbidden),
            (&root.within_nested(), "a.log", false, Verdict::Kept),
            (&deep.within_nested(), "src/other.log", false, Verdict::Kept),
        ] {
            assert_eq!(rules.verdict(path.as_bytes(), is_folder), verdict, "{path}");
        }
    }

    #[test]
    fn what_is_in_no_part_is_forbidden() {
        let rules = Rules::outside(&[], &[b"a/b".to_vec(), b"d".to_vec()]).with(0, b"*.log\n");
        for (path, is_folder, verdict) in [
            ("a", true, Verdict::Kept),
            ("a", false, Verdict::Forbidden),
            ("a/b", true, Verdict::Kept),
            ("a/b/c", false, Verdict::Kept),
            ("a/b/c.log", false, Verdict::Ignored),
            ("a/bc", false, Verdict::Forbidden),
            ("a/c", true, Verdict::Forbidden),
            ("d/e", true, Verdict::Kept),
            ("z", true, Verdict::Forbidden),
        ] {
            assert_eq!(rules.verdict(path.as_bytes(), is_folder), verdict, "{path}");
        }
    }
}
