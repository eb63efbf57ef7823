//! Mending refs: one whose file holds no id, or the id of what is not there, is put back on what its log says it held last.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{ErrorKind, Read};

use super::branches::{HEADS, STRANDS, branch_name};
use super::saves::TAGS;
use super::{Commit, Error, Heads, Store};
use crate::disk::regular;
use crate::git::Error as GitError;
use crate::git::refs::transaction::Edit;
use crate::git::refs::{Found, packed};
use crate::model::{ObjectId, SessionId};

/// A branch that stands before what it held last.
#[derive(Debug)]
pub struct SetBack {
    /// Its full name.
    pub name: String,
    /// Where it stands.
    pub from: ObjectId,
    /// What its log says it held last.
    pub to: Commit,
}

impl Store {
    /// The refs that are not what they must be, by their full names; those that are gone among them.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn broken_refs(&self) -> Result<Vec<String>, Error> {
        let logged = self.logged();
        let found = self.refs.look("refs/")?;
        let mut broken: BTreeSet<String> = found.bad_files.iter().cloned().collect();
        let unread = |id| self.read_any(id).is_err_and(|error| error.is_damage());
        let is_broken = |(name, id): &(&String, &ObjectId)| unread(**id) || self.is_of_another(name, **id);
        broken.extend(found.good.iter().filter(is_broken).map(|(name, _)| name.clone()));
        broken.extend(not_in(&found, logged));
        Ok(broken.into_iter().collect())
    }

    /// The branches, saves and strands that are not there, and have a log: who drops a ref, with git as well, drops its log.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn gone_refs(&self) -> Result<Vec<String>, Error> {
        let logged = self.logged();
        Ok(not_in(&self.refs.look("refs/")?, logged))
    }

    /// The branches, saves and strands that have a log. Whoever asks which of them are there asks after this: a ref is there before its log.
    fn logged(&self) -> Vec<String> {
        let logged = [HEADS, TAGS, STRANDS].into_iter().flat_map(|folder| self.refs.logged(folder));
        let is_ours = |name: &String| name.strip_prefix(HEADS).is_none_or(|id| SessionId::parse(id).is_some());
        logged.filter(is_ours).collect()
    }

    /// The branches that stand before what their logs say they held last: what they were packed with came to light. A kill can leave the same,
    /// as a log is written before its ref moves.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn refs_set_back(&self) -> Result<Vec<SetBack>, Error> {
        let branches = self.refs.below(HEADS)?.into_iter();
        let ahead = branches.filter_map(|(name, from)| {
            let to = self.refs.last_value(&name).filter(|to| *to != from)?;
            let to = self.commit(to).ok().filter(|to| branch_name(to.message.session) == name)?;
            self.reached_from(to.parents.clone()).contains(&from).then_some(SetBack { name, from, to })
        });
        Ok(ahead.collect())
    }

    /// Moves a branch to what its log says it held last. Nothing, if it was moved since.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put_forward(&self, back: &SetBack) -> Result<(), Error> {
        self.put_if_same(&back.name, Some(back.from), back.to.id)
    }

    /// Whether refs were lost that nobody dropped: the packed ones have not even their head, or they are not there and a branch is gone that has a log,
    /// or there is no branch at all. One branch that is not there, and has no log, may have been dropped with git.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn lost_refs(&self) -> Result<bool, Error> {
        let mut first = Vec::new();
        let packed = regular::open(&self.path().join(packed::NAME));
        let is_missing = packed.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound);
        let is_read = packed.and_then(|packed| packed.take(1).read_to_end(&mut first)).is_ok();
        let has_gone_branch = || Ok::<_, Error>(self.gone_refs()?.iter().any(|name| name.starts_with(HEADS)));
        let is_lost = (is_read && first != b"#") || self.packed_refs_are_lost();
        Ok(is_lost || self.session_ids()?.is_empty() || (is_missing && has_gone_branch()?))
    }

    /// The branches that are not there and whose last commits are: among commits that nothing leads to, and those that logs, saves and open lines tell of.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn gone_branches(&self, unreachable: &[ObjectId]) -> Result<BTreeMap<String, ObjectId>, Error> {
        let here = self.all_heads()?;
        let is_gone = |commit: &Commit| here.get(&commit.message.session).is_none_or(|heads| heads.0.is_none());
        let saved = self.all_saves()?.0.into_iter().map(|save| save.commit);
        let open = here.values().filter(|heads| heads.0.is_none()).filter_map(|heads| heads.1);
        let told: BTreeSet<ObjectId> =
            unreachable.iter().copied().chain(self.refs.logged_ids()?).chain(saved).chain(open).collect();
        // Open lines come after what their branch holds.
        let on_branch = |commit: Commit| match commit.message.kind.is_unfinished() {
            true => self.commit(*commit.parents.first()?).ok(),
            false => Some(commit),
        };
        let told = told.into_iter().filter_map(|id| on_branch(self.commit(id).ok()?));
        let mut commits: Vec<Commit> = told.filter(is_gone).collect();
        if !commits.is_empty() {
            // What a fork took over is no branch, where its base never was one here.
            let taken_over = self.reached_from_branches(&here)?;
            commits.retain(|commit| !taken_over.contains(&commit.id));
        }
        let before: HashSet<ObjectId> = commits.iter().flat_map(|commit| commit.parents.iter().copied()).collect();
        let mut gone: BTreeMap<SessionId, &Commit> = BTreeMap::new();
        // A fork goes on from its base's commits as well, so where all come before another, the newest counts.
        let age = |commit: &&Commit| (!before.contains(&commit.id), commit.author.ended, commit.message.turn);
        for commit in &commits {
            let known = gone.entry(commit.message.session).or_insert(commit);
            *known = std::cmp::max_by_key(*known, commit, age);
        }
        Ok(gone.into_iter().map(|(session, commit)| (branch_name(session), commit.id)).collect())
    }

    /// All commits that branches, their open lines and strands reach.
    fn reached_from_branches(&self, here: &HashMap<SessionId, Heads>) -> Result<HashSet<ObjectId>, Error> {
        let with_branch = here.values().filter(|heads| heads.0.is_some());
        let mut left: Vec<ObjectId> = with_branch.flat_map(|heads| [heads.0, heads.1]).flatten().collect();
        left.extend(self.strands(None)?.into_iter().map(|strand| strand.last));
        Ok(self.reached_from(left))
    }

    /// Some commits, and all that come before them.
    pub(super) fn reached_from(&self, mut left: Vec<ObjectId>) -> HashSet<ObjectId> {
        let mut reached = HashSet::new();
        while let Some(id) = left.pop() {
            if reached.insert(id)
                && let Ok(commit) = self.commit(id)
            {
                left.extend(commit.parents);
            }
        }
        reached
    }

    /// Puts a branch where it was, that is not there. Nothing, if it is there by now.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put_branch_back(&self, name: &str, tip: ObjectId) -> Result<(), Error> {
        self.put_if_same(name, None, tip)
    }

    /// Puts a session's branch that is not there where its log says it was last: who drops a ref drops its log. Without a log, where its open lines
    /// stand on it, if there are any. False, if neither tells of a commit.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put_lost_branch_back(&self, session: SessionId, open: Option<ObjectId>) -> Result<bool, Error> {
        let name = branch_name(session);
        let is_own = |tip: &ObjectId| self.commit(*tip).is_ok_and(|commit| commit.message.session == session);
        let under_open = || self.commit(open?).ok()?.parents.first().copied();
        let logged = self.refs.held(&name).into_iter().find(is_own);
        let Some(tip) = logged.or_else(under_open).filter(is_own) else { return Ok(false) };
        self.put_branch_back(&name, tip)?;
        Ok(true)
    }

    fn put_if_same(&self, name: &str, from: Option<ObjectId>, to: ObjectId) -> Result<(), Error> {
        let edit = Edit { name: name.to_owned(), from, to: Some(to), note: None };
        match self.refs.commit(&[edit], None, &self.odb) {
            Err(GitError::LostRace(_)) => Ok(()),
            put => Ok(put?),
        }
    }

    /// Puts a broken ref back on what its log says it held last. False if that is not there either. What it holds of another session goes to that one's
    /// branch, if there is none.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put_ref_back(&self, name: &str) -> Result<bool, Error> {
        let Some(to) = self.last_own(name)?.filter(|to| self.read_any(*to).is_ok()) else { return Ok(false) };
        if let Ok(Some(now)) = self.refs.read(name) {
            self.put_where_it_belongs(now)?;
        }
        self.refs.put(name, to)?;
        Ok(true)
    }

    /// What a ref held last, by its log, passing over what is of another session or of none: somebody put that there with git. That did not change what
    /// was packed.
    fn last_own(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        let of_none = |id: &ObjectId| self.commit(*id).is_err_and(|error| error.is_of_no_session());
        let own = |id: &ObjectId| !self.is_of_another(name, *id) && !of_none(id);
        if let Some(id) = self.refs.held(name).into_iter().find(own) {
            return Ok(Some(id));
        }
        let now = self.refs.read(name).ok().flatten().filter(|now| !own(now));
        Ok(now.map_or(Ok(None), |_| self.refs.packed(name))?.filter(own))
    }

    /// The branches that hold a commit of another session.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn branches_of_others(&self) -> Result<Vec<String>, Error> {
        let branches = self.refs.below(HEADS)?.into_iter();
        Ok(branches.filter(|(name, id)| self.is_of_another(name, *id)).map(|(name, _)| name).collect())
    }

    /// Whether a session's branch holds a commit of another session.
    fn is_of_another(&self, name: &str, id: ObjectId) -> bool {
        let session = name.strip_prefix(HEADS).and_then(SessionId::parse);
        session.is_some_and(|session| self.commit(id).is_ok_and(|commit| commit.message.session != session))
    }

    /// Forgets a broken ref, so that recording its session makes it anew. Its log stays.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn forget_ref(&self, name: &str) -> Result<(), Error> {
        Ok(self.refs.forget(name)?)
    }

    /// Whether HEAD names a branch; git takes the store for none if it doesn't.
    pub fn has_head(&self) -> bool {
        self.refs.symbolic("HEAD").is_some_and(|name| name.starts_with(HEADS) && name.len() > HEADS.len())
    }
}

/// Those of some refs that were not found.
fn not_in(found: &Found, mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !found.good.contains_key(name) && !found.bad_files.contains(name));
    names
}
