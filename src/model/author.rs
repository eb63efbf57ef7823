//! Who a commit is by: the model that answered, at the time the turn says; never the person or machine that recorded it.

use super::text;

/// A commit's author and both its dates. The committer is always codex-git itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The model's name, with nothing in it that git can't take.
    pub name: String,
    /// When the turn began, in seconds since 1970.
    pub started: i64,
    /// When the turn ended, in seconds since 1970.
    pub ended: i64,
}

impl Author {
    /// The author of a commit. A model whose name git can't take, or that is unknown, is called `codex`; dates before 1970
    /// become 1970, because git's own check refuses them.
    pub fn new(model: Option<&str>, started: i64, ended: i64) -> Self {
        let name = text::plain(model.unwrap_or_default()).replace(['<', '>'], "");
        let name = name.trim_matches(|c: char| c.is_whitespace() || ".,:;\"'\\".contains(c));
        Self {
            name: if name.is_empty() { "codex" } else { name }.to_owned(),
            started: started.max(0),
            ended: ended.max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_git_cannot_take_is_mended() {
        assert_eq!(Author::new(Some("gpt-5"), 1, 2).name, "gpt-5");
        assert_eq!(Author::new(Some("<evil>\n"), 1, 2).name, "evil");
        assert_eq!(Author::new(Some(" .,"), -1, 2), Author { name: "codex".into(), started: 0, ended: 2 });
        assert_eq!(Author::new(None, 1, 2).name, "codex");
    }
}
