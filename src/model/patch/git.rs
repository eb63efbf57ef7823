//! Patches as git writes them, for `git apply`.

use std::fmt::Write;

use super::change::{Hunk, Sign};

/// What changes in one file, from one point to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path before, below the project's root; none for a file that did not exist.
    pub before: Option<String>,
    /// Its path after; none for a file that exists no more.
    pub after: Option<String>,
    /// What changes, from the top down.
    pub hunks: Vec<Hunk>,
}

impl FileDiff {
    /// The path that people know it by: the one after, if it has one.
    pub fn path(&self) -> &str {
        self.after.as_deref().or(self.before.as_deref()).unwrap_or_default()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.before == self.after && self.hunks.is_empty()
    }

    /// How many lines come, and how many go.
    pub fn counts(&self) -> (usize, usize) {
        let sum = |sign| self.hunks.iter().map(|hunk| hunk.count(sign)).sum();
        (sum(Sign::Added), sum(Sign::Removed))
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(self) -> Self {
        let hunks = self.hunks.iter().map(Hunk::reversed).collect();
        Self { before: self.after, after: self.before, hunks }
    }

    /// Its hunks, each with its head.
    pub fn diff(&self) -> String {
        let mut out = String::new();
        self.hunks.iter().for_each(|hunk| hunk.write(&mut out));
        out
    }

    /// The lines that name the files and say what becomes of them.
    pub fn head(&self) -> String {
        let names = [("a/", self.before.as_deref()), ("b/", self.after.as_deref())];
        // A file that is made or deleted has one name.
        let [old, new] = names.map(|(side, name)| quoted(&format!("{side}{}", name.unwrap_or(self.path()))));
        let mut out = format!("diff --git {old} {new}\n");
        // Writing to a string can't fail.
        let _ = match (&self.before, &self.after) {
            (None, _) => writeln!(out, "new file mode 100644"),
            (_, None) => writeln!(out, "deleted file mode 100644"),
            (Some(before), Some(after)) if before != after => {
                writeln!(out, "rename from {}\nrename to {}", quoted(before), quoted(after))
            }
            _ => Ok(()),
        };
        if !self.hunks.is_empty() {
            let side = |name: &Option<String>, quoted: &str| match name {
                None => "/dev/null".to_owned(),
                // As git does: it tells where a name with blanks ends.
                Some(name) => quoted.to_owned() + if name.contains(' ') { "\t" } else { "" },
            };
            let _ = write!(out, "--- {}\n+++ {}\n", side(&self.before, &old), side(&self.after, &new));
        }
        out
    }
}

impl Hunk {
    /// The hunk that takes this one back.
    fn reversed(&self) -> Self {
        let mut hunk = Self { at: self.at.map(|(old, new)| (new, old)), ..Self::default() };
        for run in self.lines.chunk_by(|(a, _), (b, _)| (*a == Sign::Kept) == (*b == Sign::Kept)) {
            for (own, turned) in [(Sign::Kept, Sign::Kept), (Sign::Added, Sign::Removed), (Sign::Removed, Sign::Added)]
            {
                let lines = run.iter().filter(|(sign, _)| *sign == own);
                hunk.lines.extend(lines.map(|(_, text)| (turned, text.clone())));
            }
        }
        hunk.unended = (self.unended.1, self.unended.0);
        hunk
    }
}

/// A name as git writes it: in quotes, with escapes, where it holds what could end it.
fn quoted(name: &str) -> String {
    if !name.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) && name.trim() == name {
        return name.to_owned();
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("\\{byte:03o}")));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::patch::hunks;

    fn diff(before: Option<&str>, after: Option<&str>, text: &str) -> FileDiff {
        FileDiff { before: before.map(str::to_owned), after: after.map(str::to_owned), hunks: hunks(text) }
    }

    #[test]
    fn a_head_says_what_becomes_of_the_file() {
        assert_eq!(
            diff(Some("a b"), Some("a b"), "@@ -1 +1 @@\n-x\n+y\n").head(),
            "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n"
        );
        assert_eq!(diff(None, Some("e"), "").head(), "diff --git a/e b/e\nnew file mode 100644\n");
        assert_eq!(
            diff(Some("e"), None, "@@ -1 +0,0 @@\n-x\n").head(),
            "diff --git a/e b/e\ndeleted file mode 100644\n--- a/e\n+++ /dev/null\n"
        );
        assert_eq!(
            diff(Some("a\"b"), Some("漢\u{1b}"), "").head(),
            "diff --git \"a/a\\\"b\" \"b/漢\\033\"\nrename from \"a\\\"b\"\nrename to \"漢\\033\"\n"
        );
    }

    #[test]
    fn what_takes_a_change_back_is_taken_back_by_it() {
        let change =
            diff(Some("a"), Some("b"), "@@ -1,2 +1,3 @@\n x\n-old\n\\ No newline at end of file\n+new\n+more\n");
        let back = change.clone().reversed();
        assert_eq!(back.diff(), "@@ -1,3 +1,2 @@\n x\n-new\n-more\n+old\n\\ No newline at end of file\n");
        assert_eq!((back.counts(), back.path()), ((1, 2), "a"));
        assert_eq!(back.reversed(), change);
    }
}
