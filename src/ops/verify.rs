//! Verify: every branch against the format, byte for byte, and git's own check on top.

use std::collections::{BTreeMap, HashSet};

use super::lineage::holds_turn;
use super::lineage::{StoredFile, files};
use super::replay::Replay;
use super::{Error, Progress, Workspace};
use crate::model::{CommitKind, CommitMessage, ObjectId, SessionId};
use crate::rollout::{SessionMeta, split};
use crate::store::{Branch, Commit, SessionTree, Store, fsck};

/// How often what seems wrong is looked at again, at the most.
const LOOKS: usize = 4;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a ref, or `git fsck`.
    pub place: String,
    /// What.
    pub what: String,
}

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// How many sessions.
    pub sessions: usize,
    /// How many turns, those of forks counted once.
    pub turns: usize,
    /// How many bytes of rollouts.
    pub bytes: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Workspace {
    /// Checks all branches, open lines and saves against the format, and runs `git fsck --strict`.
    ///
    /// # Errors
    /// When the refs can't be read or git can't be run; all else is a [`Problem`].
    pub fn verify(&self, progress: &mut dyn FnMut(Progress)) -> Result<Checked, Error> {
        let mut checked = self.verify_once(progress)?;
        // While others record, what is read first can be older than what is read after it. What is really wrong is so at every look.
        for _ in 0..LOOKS {
            if checked.problems.is_empty() {
                break;
            }
            let mut again = self.reopen()?.verify_once(progress)?;
            again.problems.retain(|problem| checked.problems.contains(problem));
            let is_sure = again.problems.len() == checked.problems.len();
            checked = again;
            if is_sure {
                break;
            }
        }
        Ok(checked)
    }

    fn verify_once(&self, progress: &mut dyn FnMut(Progress)) -> Result<Checked, Error> {
        let mut check =
            Check { store: &self.store, seen: HashSet::new(), behind: Vec::new(), checked: Checked::default() };
        let sessions = self.store.session_ids()?;
        for (done, id) in sessions.iter().enumerate() {
            progress(Progress { done, total: sessions.len() });
            tracing::debug!(session = %id, "is checked");
            check.session(*id);
        }
        progress(Progress { done: sessions.len(), total: sessions.len() });
        let (saves, broken) = self.store.all_saves()?;
        for save in saves {
            check.save(&format!("refs/tags/{}", save.name), save.commit, save.session);
        }
        for save in broken {
            check.problem(&format!("refs/tags/{}", save.name), format!("the save can't be read: {}", save.reason));
        }
        for stray in self.store.stray_refs()? {
            check.problem(&stray.name, stray.reason);
        }
        for name in self.store.gone_refs()? {
            check.problem(&name, "it is gone, and its log says what it held".to_owned());
        }
        for back in self.refs_set_back()? {
            check.problem(&back.name, format!("it is not where its log says it was last, at {}", back.to.id));
        }
        for left_out in self.store.left_out()? {
            check.problem(&left_out.path.display().to_string(), left_out.reason);
        }
        check.checked.sessions = sessions.len();
        let found = fsck(self.store.path())?;
        let gone =
            if self.store.lost_refs()? { self.store.gone_branches(&found.unreachable)? } else { BTreeMap::new() };
        for (name, tip) in gone {
            check.problem(&name, format!("it is gone, and ended with {tip}"));
        }
        found.problems.into_iter().for_each(|what| check.problem("git fsck", what));
        Ok(check.checked)
    }
}

struct Check<'a> {
    store: &'a Store,
    /// Commits that were checked as part of another branch.
    seen: HashSet<ObjectId>,
    /// What sessions left behind, still to be checked.
    behind: Vec<ObjectId>,
    checked: Checked,
}

/// What a check found, if it could be carried through.
type Found = Result<(), String>;

impl Check<'_> {
    fn session(&mut self, id: SessionId) {
        let place = format!("refs/heads/{id}");
        let branch = match self.store.branch(id) {
            Ok(Some(branch)) => branch,
            Ok(None) => return,
            Err(error) => return self.problem(&place, error.to_string()),
        };
        if branch.tip.message.session != id {
            self.problem(&place, format!("its tip is a commit of session {}", branch.tip.message.session));
        }
        if let Err(what) = self.history(&branch) {
            self.problem(&place, what);
        }
        if let Err(what) = self.files(&branch) {
            self.problem(&place, what);
        }
    }

    fn save(&mut self, place: &str, commit: ObjectId, session: SessionId) {
        match self.store.commit(commit) {
            Ok(commit) if commit.message.session == session => {}
            Ok(commit) => self
                .problem(place, format!("it names session {session}, its commit is one of {}", commit.message.session)),
            Err(error) => self.problem(place, error.to_string()),
        }
    }

    fn problem(&mut self, place: &str, what: String) {
        self.checked.problems.push(Problem { place: place.to_owned(), what });
    }

    /// Each commit adds what its kind says to its parent, and nothing else.
    fn history(&mut self, branch: &Branch) -> Found {
        self.line(branch.tip.clone(), false)?;
        let mut left = self.behind.split_off(0);
        while let Some(id) = left.pop() {
            let commit = self.store.commit(id).map_err(text)?;
            self.line(commit, true)?;
            left.append(&mut self.behind);
        }
        Ok(())
    }

    /// A commit and those before it in the conversation. What a session left behind can end in the middle of a turn.
    fn line(&mut self, mut commit: Commit, mut may_be_open: bool) -> Found {
        let mut tree = self.tree(&commit)?;
        while self.seen.insert(commit.id) {
            let kind = &commit.message.kind;
            one_commit(&commit, may_be_open || !kind.is_open(), "is an unfinished turn on a branch")?;
            one_commit(&commit, may_be_open || !kind.is_pending(), "doesn't belong on a branch after another")?;
            may_be_open = false;
            let parents = match kind {
                CommitKind::Start => 0,
                CommitKind::Revert | CommitKind::Rewritten | CommitKind::Joined => 2,
                _ => 1,
            };
            one_commit(&commit, commit.parents.len() == parents, "has more or fewer parents than its kind has")?;
            self.behind.extend(commit.left_behind());
            let Some(before) = commit.before() else {
                return one_commit(&commit, tree.chunks.is_empty(), "is a root without being a session's first line");
            };
            let before = self.store.commit(before).map_err(text)?;
            let older = self.tree(&before)?;
            follows(&commit, &tree, &before, &older)?;
            self.checked.turns += usize::from(matches!(commit.message.kind, CommitKind::Turn { .. }));
            (commit, tree) = (before, older);
        }
        Ok(())
    }

    fn tree(&self, commit: &Commit) -> Result<SessionTree, String> {
        let tree = self.store.read_tree(commit.tree).map_err(text)?;
        let pending = u32::from(commit.message.kind.is_pending());
        one_commit(commit, tree.turns() == commit.message.turn + pending, "does not hold the turns that it says")?;
        Ok(tree)
    }

    /// The bytes of each file that the session was in: as many as the trailers say, with the hashes that they say, split where the turns are.
    fn files(&mut self, branch: &Branch) -> Found {
        for last in files(self.store, &[branch.last().id]).map_err(text)? {
            let file = StoredFile::of(self.store, &last).map_err(text)?;
            self.tree(&file.last)?;
            let first = self.store.read_blob(file.blobs[0]).map_err(text)?;
            let meta = SessionMeta::read(&first).ok_or("its first line is not a session_meta record")?;
            let own = self.own_commits(&file)?;
            let tails = own.iter().map(|commit| (commit.message.offset, commit.message.tail));
            let mut replay = Replay::new(self.store, &file, tails.collect());
            self.turn_ends(&meta, &own, &mut replay)?;
            self.checked.bytes += replay.finish()?;
        }
        Ok(())
    }

    /// The commits of a file, the last first, without those that it inherited.
    fn own_commits(&self, file: &StoredFile) -> Result<Vec<Commit>, String> {
        let mut own = Vec::new();
        for commit in self.store.history(file.last.id) {
            let commit = commit.map_err(text)?;
            let first = commit.message.kind.begins_a_file();
            if !commit.message.kind.is_replacement() {
                own.push(commit);
            }
            if first {
                break;
            }
        }
        Ok(own)
    }

    /// The turn rule, applied to the file's own bytes, ends the turns where the commits do.
    fn turn_ends(&self, meta: &SessionMeta, own: &[Commit], bytes: &mut Replay<'_>) -> Found {
        let Some(first) = own.last() else { return Ok(()) };
        let from = first.message.offset;
        bytes.skip(from).map_err(text)?;
        let mut closed_before = |id: &str| holds_turn(self.store, first.id, id).unwrap_or(false);
        let split = split(bytes, from, meta.bare, first.message.total_tokens, &mut closed_before).map_err(text)?;
        let ended = |commit: &&Commit| !commit.message.kind.is_unfinished();
        let mut commits = own.iter().filter(ended).rev().skip(1);
        for turn in &split.turns {
            let commit =
                commits.next().ok_or_else(|| format!("a turn that ends at byte {} has no commit", turn.span.end))?;
            let end = commit.message.offset + commit.message.borrowed;
            one_commit(commit, end == turn.span.end, "does not end where its turn does")?;
        }
        commits.next().map_or(Ok(()), |commit| one_commit(commit, false, "holds bytes that are no ended turn"))
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn one_commit(commit: &Commit, holds: bool, otherwise: &str) -> Found {
    if holds { Ok(()) } else { Err(format!("commit {} {otherwise}", commit.id)) }
}

fn follows(commit: &Commit, tree: &SessionTree, before: &Commit, older: &SessionTree) -> Found {
    let CommitMessage { kind, session, turn, .. } = &commit.message;
    match kind {
        CommitKind::Fork => one_commit(
            commit,
            tree.chunks == older.chunks && commit.message.inherited == *turn && before.message.session != *session,
            "is a fork that changes more than the first line",
        ),
        CommitKind::Revert => one_commit(
            commit,
            tree.chunks == older.chunks && before.message.turn == *turn,
            "goes back to a turn and changes more than the first line",
        ),
        CommitKind::Rewritten | CommitKind::Joined => one_commit(
            commit,
            tree == older && before.message.session == *session,
            "puts something else in place than it says",
        ),
        CommitKind::Turn { .. } | CommitKind::Pending { .. } => {
            let kept = tree.meta == older.meta && tree.chunks.starts_with(&older.chunks);
            let last = turn + u32::from(kind.is_pending());
            let added = tree.chunks[older.chunks.len().min(tree.chunks.len())..]
                .iter()
                .all(|chunk| chunk.path.turn.get() == last);
            one_commit(commit, kept && added && before.message.turn + 1 == last, "changes more than the turn it adds")?;
            one_commit(commit, before.message.session == *session, "follows a commit of another session")
        }
        CommitKind::Start => one_commit(commit, false, "doesn't belong on a branch after another"),
    }
}
