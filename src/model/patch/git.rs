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
        let [before, after] =
            [&self.before, &self.after].map(|name| name.as_ref().map(|name| (name.as_bytes(), PLAIN)));
        head(before, after, !self.hunks.is_empty())
    }
}

/// The mode that is told of a file whose own is not known.
const PLAIN: u32 = 0o100_644;

/// A file on one side of a patch: its path below the project's root, and its mode.
pub type Named<'a> = (&'a [u8], u32);

/// The lines that name a file and say what becomes of it; a side without a file is none. What has lines to change follows them.
pub fn head(before: Option<Named<'_>>, after: Option<Named<'_>>, has_lines: bool) -> String {
    let path = after.or(before).map_or(&b""[..], |(path, _)| path);
    // A file that is made or deleted has one name.
    let [old, new] = sides(before.map_or(path, |(path, _)| path), after.map_or(path, |(path, _)| path));
    let mut out = format!("diff --git {old} {new}\n");
    // Writing to a string can't fail.
    let _ = match (before, after) {
        (None, Some((_, mode))) => writeln!(out, "new file mode {mode:o}"),
        (Some((_, mode)), None) => writeln!(out, "deleted file mode {mode:o}"),
        (Some((from, old)), Some((to, new))) => {
            if old != new {
                let _ = write!(out, "old mode {old:o}\nnew mode {new:o}\n");
            }
            if from != to {
                let _ = write!(out, "rename from {}\nrename to {}\n", quoted(from), quoted(to));
            }
            Ok(())
        }
        (None, None) => Ok(()),
    };
    if has_lines {
        let side = |named: Option<Named<'_>>, quoted: &str| match named {
            None => "/dev/null".to_owned(),
            // As git does: it tells where a name with blanks ends.
            Some((name, _)) => quoted.to_owned() + if name.contains(&b' ') { "\t" } else { "" },
        };
        let _ = write!(out, "--- {}\n+++ {}\n", side(before, &old), side(after, &new));
    }
    out
}

/// The names of a file as the two sides of a patch have them.
fn sides(before: &[u8], after: &[u8]) -> [String; 2] {
    [[b"a/", before].concat(), [b"b/", after].concat()].map(|name| quoted(&name))
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

/// A name as git writes it: in quotes, with escapes, where it holds what could end it, or what is no text.
fn quoted(name: &[u8]) -> String {
    let mut escaped = String::new();
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => escaped.extend(['\\', c]),
                '\n' => escaped.push_str("\\n"),
                '\t' => escaped.push_str("\\t"),
                c if c.is_control() => {
                    let mut bytes = [0; 4];
                    escape(&mut escaped, c.encode_utf8(&mut bytes).as_bytes());
                }
                c => escaped.push(c),
            }
        }
        escape(&mut escaped, chunk.invalid());
    }
    match escaped.as_bytes() == name && escaped.trim() == escaped {
        true => escaped,
        false => format!("\"{escaped}\""),
    }
}

fn escape(out: &mut String, bytes: &[u8]) {
    bytes.iter().for_each(|byte| out.push_str(&format!("\\{byte:03o}")));
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
            head(Some((b"x\xff", 0o100_644)), Some((b"x\xff", 0o100_755)), false),
            "diff --git \"a/x\\377\" \"b/x\\377\"\nold mode 100644\nnew mode 100755\n"
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
