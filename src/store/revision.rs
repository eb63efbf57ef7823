//! Git's own revisions, for what is neither a save nor a session, read here: whatever a store's files hold, it is an error or an
//! answer.
//!
//! A revision begins with a full id, the name of a ref (`refs/heads/…`, `heads/…`, `tags/…`, or what stands behind those), `HEAD` or `@`, or the
//! beginning of a commit's id, in git's order. Then come any of `~N`, `^N`, `^{commit}`, `^{}` and, right after a ref, `@{N}`: what it held N moves
//! ago. Whatever else git understands names nothing here.

use super::branches::{HEADS, branch_name};
use super::suffix::{Step, Suffix, split_suffix};
use super::{Commit, Error, Store};
use crate::git::Error as GitError;
use crate::git::head::tagged;
use crate::git::object::Kind;
use crate::git::refs::name::is_ref_name;
use crate::model::{ObjectId, SaveName, SessionId};

/// The fewest digits that can mean a commit.
const FEWEST: usize = 4;

/// Refs that name refs, and tags of tags, are followed so far.
const FOLLOWED: usize = 8;

/// Where git looks for a ref, in its order.
const PLACES: [&str; 4] = ["", "refs/", "refs/tags/", "refs/heads/"];

impl Store {
    /// The commit that a git revision names; `None` if it names nothing, or something that is no commit.
    ///
    /// # Errors
    /// When it names a commit that is not a session's, what it names can't be read, or it is the beginning of several ids.
    pub fn revision(&self, text: &str) -> Result<Option<Commit>, Error> {
        let (base, suffix) = split_suffix(text);
        let base = if base.is_empty() && suffix.starts_with("@{") { "HEAD" } else { base };
        let Some(suffix) = Suffix::parse(suffix) else { return Ok(None) };
        if let Ok(id) = base.to_ascii_lowercase().parse() {
            let known = suffix.moves.is_none() && self.odb.knows(id);
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
        let now = self.refs.read(name)?;
        let id = match suffix.moves {
            None | Some(0) => now,
            Some(moves) => self.refs.earlier(name, moves),
        };
        id.map_or(Ok(None), |id| self.walk(id, &suffix.steps))
    }

    /// The commit of an object, and the steps from there.
    fn walk(&self, id: ObjectId, steps: &[Step]) -> Result<Option<Commit>, Error> {
        let Some(id) = self.peeled_to_commit(id)? else { return Ok(None) };
        let mut commit = self.named(id)?;
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

    /// A commit that was named. On a branch, one that codex-git did not make is damage; elsewhere it is just none of ours.
    fn named(&self, id: ObjectId) -> Result<Commit, Error> {
        match self.commit(id) {
            Err(error) if error.is_of_no_session() && !self.refs.below(HEADS)?.values().any(|tip| *tip == id) => {
                Err(Error::OfNoSession(id))
            }
            commit => commit,
        }
    }

    /// The commit that an object is, or that it is a tag of.
    fn peeled_to_commit(&self, id: ObjectId) -> Result<Option<ObjectId>, Error> {
        let mut id = id;
        for _ in 0..FOLLOWED {
            match self.read_any(id)? {
                (Kind::Commit, _) => return Ok(Some(id)),
                (Kind::Tag, bytes) => id = tagged(&bytes).ok_or(GitError::WrongKind(id))?,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The full name of the ref that a text means.
    fn ref_named(&self, text: &str) -> Result<Option<String>, Error> {
        let text = if text == "@" { "HEAD" } else { text };
        if text == "HEAD" {
            let head = self.refs.symbolic("HEAD");
            return Ok(head.filter(|name| is_ref_name(name)));
        }
        for place in PLACES {
            let name = format!("{place}{text}");
            if name.starts_with("refs/") && is_ref_name(&name) && self.refs.read(&name)?.is_some() {
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
        let mut ids = self.odb.ids_with(first)?;
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
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::model::{Author, CommitKind, CommitMessage, Origin, Save};
    use crate::store::SessionMove;

    const SESSION: &str = "01a20579-8247-72d2-b159-c5492aec819f";

    fn session() -> SessionId {
        SessionId::parse(SESSION).unwrap()
    }

    fn message(offset: u64) -> CommitMessage {
        let (kind, origin, tail) = (CommitKind::Start, Origin::default(), ObjectId::from_bytes([1; 20]));
        let (model, cwd, title, total_tokens, missing_base) = (None, None, None, None, None);
        let (session, rollout, turn, inherited, borrowed) = (session(), "rollout".to_owned(), 0, 0, 0);
        CommitMessage {
            session,
            kind,
            turn,
            inherited,
            origin,
            model,
            cwd,
            title,
            total_tokens,
            rollout,
            offset,
            borrowed,
            missing_base,
            tail,
        }
    }

    fn commit(store: &Store, number: u64, parents: &[ObjectId]) -> ObjectId {
        let tree = store.write_start_tree(store.write_meta(format!("{number}").as_bytes()).unwrap()).unwrap();
        store.write_commit(&message(number), tree, parents, Author::new(None, 1, 1)).unwrap().id
    }

    /// A branch that moved five times, its last commit one with two parents, and a save that moved.
    fn store() -> (tempfile::TempDir, Store, Vec<ObjectId>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(&folder.path().join("sessions.git")).unwrap().0;
        let mut ids: Vec<ObjectId> = Vec::new();
        for number in 0..5 {
            let mut parents: Vec<ObjectId> = ids.last().copied().into_iter().collect();
            parents.extend((number == 4).then(|| ids[1]));
            ids.push(commit(&store, number, &parents));
            let from = (number > 0).then(|| ids[number as usize - 1]);
            let tip = (from, ids[number as usize]);
            let moved = SessionMove { session: session(), tip, open: (None, None), note: "record" };
            store.move_session(&moved, false).unwrap();
        }
        store.point_head(session()).unwrap();
        let name = SaveName::parse("alpha").unwrap();
        for at in [2, 3] {
            let (rollout_path, cwd, model, model_provider) = (None, None, None, None);
            let (subject, commit, name, session) = ("s".to_owned(), ids[at], name.clone(), session());
            let save = Save {
                name,
                commit,
                session,
                turn: 0,
                subject,
                rollout_path,
                cwd,
                model,
                model_provider,
                saved_at: 1,
                created_at: 1,
                note: None,
            };
            store.put_save(&save, store.save_ref(&save.name).unwrap()).unwrap();
        }
        (folder, store, ids)
    }

    #[test]
    fn what_git_finds_is_found_and_nothing_else() {
        let (_folder, store, ids) = store();
        let (tip, short) = (ids[4].to_string(), &ids[4].to_string()[..12]);
        let git = |text: &str| -> Option<ObjectId> {
            let mut git = Command::new("git");
            git.arg("--git-dir").arg(store.path()).args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
            let output = git.arg(format!("{text}^{{commit}}")).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse().ok()
        };
        let bases = [
            &tip,
            short,
            &tip.to_uppercase(),
            SESSION,
            "HEAD",
            "@",
            "alpha",
            "refs/tags/alpha",
            "tags/alpha",
            &format!("heads/{SESSION}"),
            &format!("refs/heads/{SESSION}"),
            "nothing",
            "0000",
            "refs/heads",
            "../config",
            "",
        ];
        let suffixes = [
            "",
            "~",
            "~0",
            "~1",
            "~2",
            "~4",
            "~5",
            "^",
            "^0",
            "^1",
            "^2",
            "^3",
            "^2~1",
            "^^",
            "~1^1",
            "^{commit}",
            "^{}",
            "@{0}",
            "@{1}",
            "@{3}",
            "@{1}~1",
            "@{99}",
            "@{upstream}",
            "@{u}",
            "^{tree}",
            "~x",
            "..",
            ":0000-meta.jsonl",
        ];
        for base in bases {
            for suffix in suffixes {
                let (text, plain) = (format!("{base}{suffix}"), !base.is_empty() || suffix.starts_with("@{"));
                // Git takes an id for a ref's name where its log is asked for, and asks no log of HEAD's branch.
                let differs = ["HEAD", "@"].contains(&base) && suffix.starts_with("@{");
                if plain && !differs {
                    assert_eq!(store.revision(&text).unwrap().map(|commit| commit.id), git(&text), "{text}");
                }
            }
        }
        assert_eq!(store.revision("HEAD@{1}").unwrap().unwrap().id, ids[3]);
        assert_eq!(store.branch_revision(session(), "@{2}").unwrap().unwrap().id, ids[2]);
        assert_eq!(store.save_revision(&SaveName::parse("alpha").unwrap(), "@{1}").unwrap().unwrap().id, ids[2]);
    }

    #[test]
    fn the_beginning_of_two_ids_is_told() {
        let (_folder, mut store, ids) = store();
        let pack = store.begin_pack().unwrap();
        store.write_into(&pack);
        let mut made: Vec<String> = ids.iter().map(ToString::to_string).collect();
        // Of so many, two begin with the same four digits.
        let twice = (5..).find_map(|number| {
            let id = commit(&store, number, &[]).to_string();
            let twice = made.iter().any(|other| other[..4] == id[..4]).then(|| id[..4].to_owned());
            made.push(id);
            twice
        });
        pack.finish(|| (), |()| ()).map_err(|(_, error)| error).unwrap();
        let twice = twice.unwrap();
        assert!(matches!(store.revision(&twice), Err(Error::AmbiguousId { count: 2, .. })));
        assert!(store.revision(&made[5][..9]).unwrap().is_some());
        // What is damaged is said to be.
        let tip = ids[4].to_string();
        let place = store.path().join("objects").join(&tip[..2]).join(&tip[2..]);
        std::fs::remove_file(&place).unwrap();
        assert!(matches!(store.revision(SESSION), Err(Error::Git(GitError::Lost(_)))));
        assert!(store.revision(&tip).unwrap().is_none());
    }
}
