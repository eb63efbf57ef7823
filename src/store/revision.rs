//! Git's own revisions, for what is neither a save nor a session, read here: whatever a store's files hold, it is an error or an
//! answer.
//!
//! A revision begins with a full id, the name of a ref (`refs/heads/…`, `heads/…`, `tags/…`, or what stands behind those), `HEAD` or `@`, or the
//! beginning of a commit's id, in git's order. Then come any of `~N`, `^N`, `^{commit}`, `^{}` and, right after a ref, `@{N}`: what it held N moves
//! ago. Whatever else git understands names nothing here.

use super::branches::branch_name;
use super::object::Kind;
use super::{Commit, Error, Store, loose, reflog};
use crate::model::{ObjectId, SaveName, SessionId};

/// The fewest digits that can mean a commit.
const FEWEST: usize = 4;

/// Refs that name refs, and tags of tags, are followed so far.
const FOLLOWED: usize = 8;

/// Where git looks for a ref, in its order.
const PLACES: [&str; 4] = ["", "refs/", "refs/tags/", "refs/heads/"];

/// A step from one commit to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// So many first parents back.
    Back(usize),
    /// The n-th parent; 0 is the commit itself.
    Parent(usize),
}

/// What follows the beginning of a revision.
#[derive(Debug, Default, PartialEq, Eq)]
struct Suffix {
    /// How many moves ago.
    moves: Option<usize>,
    steps: Vec<Step>,
}

impl Store {
    /// The commit that a git revision names; `None` if it names nothing, or something that is no commit.
    ///
    /// # Errors
    /// When it names a commit that is not a session's, what it names can't be read, or it is the beginning of several ids.
    pub fn revision(&self, text: &str) -> Result<Option<Commit>, Error> {
        let (base, suffix) = split(text);
        let base = if base.is_empty() && suffix.starts_with("@{") { "HEAD" } else { base };
        let Some(suffix) = Suffix::parse(suffix) else { return Ok(None) };
        if let Ok(id) = base.to_ascii_lowercase().parse() {
            let known = suffix.moves.is_none() && self.knows(id);
            return if known { self.walk(id, &suffix.steps) } else { Ok(None) };
        }
        if let Some(name) = self.ref_named(base)? {
            return self.ref_with(&name, &suffix);
        }
        match self.commit_like(base)? {
            Some(id) if suffix.moves.is_none() => self.walk(id, &suffix.steps),
            _ => Ok(None),
        }
    }

    /// A session's branch with a suffix such as `@{1}`.
    ///
    /// # Errors
    /// As [`Store::revision`].
    pub fn branch_revision(&self, id: SessionId, suffix: &str) -> Result<Option<Commit>, Error> {
        Suffix::parse(suffix).map_or(Ok(None), |suffix| self.ref_with(&branch_name(id), &suffix))
    }

    /// A save with a suffix such as `~2` or `@{1}`.
    ///
    /// # Errors
    /// As [`Store::revision`].
    pub fn save_revision(&self, name: &SaveName, suffix: &str) -> Result<Option<Commit>, Error> {
        Suffix::parse(suffix).map_or(Ok(None), |suffix| self.ref_with(&format!("refs/tags/{name}"), &suffix))
    }

    /// What a ref holds, or held, and the steps from there.
    fn ref_with(&self, name: &str, suffix: &Suffix) -> Result<Option<Commit>, Error> {
        let now = self.read_ref(name)?;
        let id = match suffix.moves {
            None | Some(0) => now,
            Some(moves) => reflog::earlier(self.path(), name, moves),
        };
        id.map_or(Ok(None), |id| self.walk(id, &suffix.steps))
    }

    /// The commit of an object, and the steps from there.
    fn walk(&self, id: ObjectId, steps: &[Step]) -> Result<Option<Commit>, Error> {
        let Some(id) = self.peeled_to_commit(id)? else { return Ok(None) };
        let mut commit = self.commit(id)?;
        for step in steps {
            let (times, parent) = match *step {
                Step::Back(times) => (times, 0),
                Step::Parent(0) => continue,
                Step::Parent(number) => (1, number - 1),
            };
            for _ in 0..times {
                let Some(before) = commit.parents.get(parent) else { return Ok(None) };
                commit = self.commit(*before)?;
            }
        }
        Ok(Some(commit))
    }

    /// The commit that an object is, or that it is a tag of.
    fn peeled_to_commit(&self, id: ObjectId) -> Result<Option<ObjectId>, Error> {
        let mut id = id;
        for _ in 0..FOLLOWED {
            match self.read_any(id)? {
                (Kind::Commit, _) => return Ok(Some(id)),
                (Kind::Tag, bytes) => id = tagged(&bytes).ok_or(Error::WrongKind(id))?,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The full name of the ref that a text means.
    fn ref_named(&self, text: &str) -> Result<Option<String>, Error> {
        let text = if text == "@" { "HEAD" } else { text };
        if text == "HEAD" {
            let head = super::refs::symbolic(self.path(), "HEAD");
            return Ok(head.filter(|name| is_ref_name(name)));
        }
        for place in PLACES {
            let name = format!("{place}{text}");
            if name.starts_with("refs/") && is_ref_name(&name) && self.read_ref(&name)?.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// The commit whose id begins like this.
    fn commit_like(&self, text: &str) -> Result<Option<ObjectId>, Error> {
        let text = text.to_ascii_lowercase();
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some(first) = text.get(..2).filter(|_| digits && (FEWEST..40).contains(&text.len())) else {
            return Ok(None);
        };
        let Ok(first) = u8::from_str_radix(first, 16) else { return Ok(None) };
        let mut ids = self.ids_with(first).map_err(Error::io("list the objects"))?;
        ids.retain(|id| id.to_string().starts_with(&text));
        ids.sort_unstable();
        ids.dedup();
        // What can't be read is not what anybody means, unless nothing else is.
        let mut commits = ids.iter().filter(|id| self.read_any(**id).is_ok_and(|(kind, _)| kind == Kind::Commit));
        match (commits.next(), commits.count(), ids.as_slice()) {
            (Some(one), 0, _) => Ok(Some(*one)),
            (Some(_), more, _) => Err(Error::AmbiguousId { text, count: more + 1 }),
            (None, _, [one]) => Ok(Some(*one)),
            (None, ..) => Ok(None),
        }
    }

    /// The ids of all objects that begin with a byte.
    fn ids_with(&self, first: u8) -> std::io::Result<Vec<ObjectId>> {
        let mut packs = self.packs.borrow_mut();
        packs.look_again(&self.pack_folder())?;
        let mut ids = loose::all_with(&self.objects(), first)?;
        for pack in packs.all() {
            ids.extend(pack.ids_with(first)?);
        }
        Ok(ids)
    }

    /// Whether any place claims to hold an object.
    fn knows(&self, id: ObjectId) -> bool {
        !matches!(self.read_any(id), Err(Error::Lost(_)))
    }
}

/// What a tag stands on.
pub(super) fn tagged(tag: &[u8]) -> Option<ObjectId> {
    let text = String::from_utf8_lossy(tag);
    text.lines().next()?.strip_prefix("object ")?.parse().ok()
}

impl Suffix {
    /// Reads what follows the beginning of a revision; `None` if it means nothing.
    fn parse(text: &str) -> Option<Self> {
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

/// Where the suffixes of a revision begin: no ref's name holds any of these.
fn split(text: &str) -> (&str, &str) {
    let at = [text.find(['~', '^']), text.find("@{")].into_iter().flatten().min().unwrap_or(text.len());
    text.split_at(at)
}

/// Whether git could have made a ref of this name: then it is a path that leads nowhere else (`git help check-ref-format`).
fn is_ref_name(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let strange = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    name.starts_with("refs/") && !name.contains("..") && !name.contains(strange) && name.split('/').all(part)
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
    fn a_ref_name_leads_nowhere_else() {
        for name in ["refs/heads/a", "refs/tags/a/b", "refs/tags/v1.0"] {
            assert!(is_ref_name(name), "{name}");
        }
        for name in [
            "refs/../config",
            "refs//a",
            "refs/heads/",
            "/etc/passwd",
            "HEAD",
            "refs/heads/.a",
            "refs/a.lock",
            "refs/a b",
            "refs/a\0b",
            "refs/heads/a:b",
        ] {
            assert!(!is_ref_name(name), "{name}");
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
            ("", ("", "")),
        ] {
            assert_eq!(split(text), parts, "{text}");
        }
    }
}
