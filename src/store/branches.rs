//! Branches, open lines and HEAD: where a session stands.

use std::collections::HashMap;

use super::{Commit, Error, Store};
use crate::git::refs::transaction::Edit;
use crate::model::{ObjectId, SessionId};

pub(super) const HEADS: &str = "refs/heads/";
pub(super) const OPEN: &str = "refs/open/";
pub(super) const KEPT: &str = "refs/kept/";
pub(super) const STRANDS: &str = "refs/strands/";

/// A session's branch, and the open lines after it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The last commit on the branch.
    pub tip: Commit,
    /// The commit of the lines after it, if there are any.
    pub open: Option<Commit>,
    /// What `refs/open` holds, also when that no longer fits the tip.
    pub open_ref: Option<ObjectId>,
}

/// What a session's two refs hold: the branch, and the open lines.
pub type Heads = (Option<ObjectId>, Option<ObjectId>);

/// Where the refs of a session move: what each was, and what it is to be.
#[derive(Clone, Copy, Debug)]
pub struct SessionMove<'a> {
    /// The session.
    pub session: SessionId,
    /// Its branch; `None` if it had none.
    pub tip: (Option<ObjectId>, ObjectId),
    /// Its open lines; `None` where there are none.
    pub open: (Option<ObjectId>, Option<ObjectId>),
    /// What the refs' logs say of the move.
    pub note: &'a str,
}

/// A branch to be made.
pub struct NewBranch {
    /// The session.
    pub session: SessionId,
    /// Its last commit.
    pub tip: ObjectId,
    /// The commit of the lines after it.
    pub open: Option<ObjectId>,
    /// What its log begins with, if that is worth one.
    pub note: Option<String>,
}

impl Branch {
    /// The last commit, open lines included.
    pub fn last(&self) -> &Commit {
        self.open.as_ref().unwrap_or(&self.tip)
    }

    /// The state of the session that a person means: an unfinished turn counts, lines that are no turn yet don't.
    pub fn head(&self) -> &Commit {
        self.open.as_ref().filter(|open| !open.message.kind.is_idle()).unwrap_or(&self.tip)
    }
}

impl Store {
    /// A session's branch, if it is in the store.
    ///
    /// # Errors
    /// When a ref or its commit can't be read.
    pub fn branch(&self, id: SessionId) -> Result<Option<Branch>, Error> {
        // The open ref is read first: if the branch moves in between, the open commit doesn't fit the tip and is left out.
        self.branch_of(id, self.heads(id)?)
    }

    /// What a session's two refs hold.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn heads(&self, id: SessionId) -> Result<Heads, Error> {
        let open = self.refs.read(&open_name(id))?;
        Ok((self.refs.read(&branch_name(id))?, open))
    }

    /// The branch that a session's refs make, if they make one.
    ///
    /// # Errors
    /// When a commit can't be read, or is one of another session.
    pub fn branch_of(&self, id: SessionId, (tip, open_ref): Heads) -> Result<Option<Branch>, Error> {
        let Some(tip) = tip else { return Ok(None) };
        let tip = self.commit(tip)?;
        if tip.message.session != id {
            return Err(Error::OtherSession { name: branch_name(id), session: tip.message.session });
        }
        let open = open_ref.map(|open| self.commit(open)).transpose()?;
        let open = open.filter(|open| open.parents == [tip.id]);
        Ok(Some(Branch { tip, open, open_ref }))
    }

    /// The ids of all sessions in the store, sorted.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn session_ids(&self) -> Result<Vec<SessionId>, Error> {
        let kept = self.all_heads()?.into_iter().filter(|(_, (branch, _))| branch.is_some());
        let mut ids: Vec<_> = kept.map(|(id, _)| id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// What the refs of all sessions hold, read in one go.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn all_heads(&self) -> Result<HashMap<SessionId, Heads>, Error> {
        let mut all: HashMap<SessionId, Heads> = HashMap::new();
        // The open refs are read first, as of one session.
        self.refs.each_below(OPEN, &mut |name, id| put(&mut all, name, |heads| heads.1 = Some(id)))?;
        self.refs.each_below(HEADS, &mut |name, id| put(&mut all, name, |heads| heads.0 = Some(id)))?;
        Ok(all)
    }

    /// What those of them hold that have files of their own: the other ref of a session may be packed.
    pub(super) fn loose_heads(&self) -> Result<HashMap<SessionId, Heads>, Error> {
        let mut all: HashMap<SessionId, Heads> = HashMap::new();
        for (name, id) in self.refs.loose(OPEN)? {
            put(&mut all, &name[OPEN.len()..], |heads| heads.1 = Some(id));
        }
        for (name, id) in self.refs.loose(HEADS)? {
            put(&mut all, &name[HEADS.len()..], |heads| heads.0 = Some(id));
        }
        Ok(all)
    }

    /// Keeps an object of a session that no other ref names.
    ///
    /// # Errors
    /// When the ref can't be written.
    pub fn keep(&self, session: SessionId, id: ObjectId) -> Result<(), Error> {
        let name = format!("{KEPT}{session}/{id}");
        if self.refs.read(&name)?.is_some() {
            return Ok(());
        }
        let edit = Edit { name, from: None, to: Some(id), note: None };
        Ok(self.refs.commit(&[edit], None, &self.odb)?)
    }

    /// Moves a session's branch and its open lines, and HEAD to the branch if that is wanted: all of them, or none.
    ///
    /// # Errors
    /// When one of the refs is no longer what it was.
    pub fn move_session(&self, moved: &SessionMove<'_>, head: bool) -> Result<(), Error> {
        let SessionMove { session, tip: (from, to), open, note } = *moved;
        let edit = |name, from, to| Edit { name, from, to, note: Some(note.to_owned()) };
        let mut edits = Vec::new();
        if from != Some(to) {
            edits.push(edit(branch_name(session), from, Some(to)));
        }
        if open.0 != open.1 {
            edits.push(edit(open_name(session), open.0, open.1));
        }
        let branch = branch_name(session);
        Ok(self.refs.commit(&edits, head.then_some(branch.as_str()), &self.odb)?)
    }

    /// Moves one ref. `note` goes into its log.
    pub(super) fn move_ref(
        &self,
        name: String,
        from: Option<ObjectId>,
        to: Option<ObjectId>,
        note: &str,
    ) -> Result<(), Error> {
        let edit = Edit { name, from, to, note: Some(note.to_owned()) };
        Ok(self.refs.commit(&[edit], None, &self.odb)?)
    }

    /// Adds the branches and open lines of sessions that have none yet, all at once. Tells which are added; of the others
    /// somebody else recorded something meanwhile.
    ///
    /// # Errors
    /// When none could be added.
    pub fn add_branches(&self, new: &[NewBranch]) -> Result<Vec<bool>, Error> {
        let edit = |name, to, note| Edit { name, from: None, to: Some(to), note };
        let edits = |new: &NewBranch| -> Vec<Edit> {
            let branch = edit(branch_name(new.session), new.tip, new.note.clone());
            let open = new.open.map(|open| edit(open_name(new.session), open, None));
            [Some(branch), open].into_iter().flatten().collect()
        };
        Ok(self.refs.add(&new.iter().map(edits).collect::<Vec<_>>())?)
    }

    /// Makes the session the one that plain `git log` shows.
    ///
    /// # Errors
    /// When HEAD can't be written.
    pub fn point_head(&self, id: SessionId) -> Result<(), Error> {
        Ok(self.refs.commit(&[], Some(&branch_name(id)), &self.odb)?)
    }

    /// The note that the last move of a session's branch left.
    pub fn last_note(&self, id: SessionId) -> Option<String> {
        self.refs.last_note(&branch_name(id))
    }
}

pub(super) fn branch_name(id: SessionId) -> String {
    format!("{HEADS}{id}")
}

pub(super) fn open_name(id: SessionId) -> String {
    format!("{OPEN}{id}")
}

/// Puts down what a ref of a session holds, if its name is one of a session.
fn put(all: &mut HashMap<SessionId, Heads>, name: &str, change: impl FnOnce(&mut Heads)) {
    if let Some(id) = SessionId::parse(name) {
        change(all.entry(id).or_default());
    }
}
