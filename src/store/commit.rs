//! Commits: writing a turn, reading it back, walking from a turn to the one before.

use git2::{Oid, Signature, Time};

use super::repository::{TOOL, from_oid, to_oid};
use super::{Error, Store};
use crate::model::{Author, CommitMessage, ObjectId};

/// The address of the commits' authors, which are models.
const MODEL_ADDRESS: &str = "model@codex.invalid";

/// A commit of a session, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// Its message.
    pub message: CommitMessage,
    /// Its tree.
    pub tree: ObjectId,
    /// The commits before it.
    pub parents: Vec<ObjectId>,
    /// Who answered, and when.
    pub author: Author,
}

impl Store {
    /// Writes a commit; no ref moves.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_commit(
        &self,
        message: &CommitMessage,
        tree: ObjectId,
        parent: Option<ObjectId>,
        author: Author,
    ) -> Result<Commit, Error> {
        let doing = "write a commit";
        let tree_object = self.repo.find_tree(to_oid(tree)?).map_err(Error::git(doing))?;
        let parent_object = match parent {
            Some(id) => Some(self.repo.find_commit(to_oid(id)?).map_err(Error::git(doing))?),
            None => None,
        };
        let by =
            Signature::new(&author.name, MODEL_ADDRESS, &Time::new(author.started, 0)).map_err(Error::git(doing))?;
        let tool = Signature::new(TOOL.0, TOOL.1, &Time::new(author.ended, 0)).map_err(Error::git(doing))?;
        let parents: Vec<_> = parent_object.iter().collect();
        let id =
            self.repo.commit(None, &by, &tool, &message.render(), &tree_object, &parents).map_err(Error::git(doing))?;
        Ok(Commit { id: from_oid(id), message: message.clone(), tree, parents: parent.into_iter().collect(), author })
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// When it is not there, or not a commit of a session.
    pub fn commit(&self, id: ObjectId) -> Result<Commit, Error> {
        self.commit_at(to_oid(id)?)
    }

    pub(super) fn commit_at(&self, oid: Oid) -> Result<Commit, Error> {
        let commit = self.repo.find_commit(oid).map_err(Error::git("read a commit"))?;
        let id = from_oid(oid);
        let message = String::from_utf8_lossy(commit.message_raw_bytes());
        let message = CommitMessage::parse(&message).map_err(|source| Error::NotATurn { commit: id, source })?;
        let by = commit.author();
        let author = Author {
            name: String::from_utf8_lossy(by.name_bytes()).into_owned(),
            started: by.when().seconds(),
            ended: commit.committer().when().seconds(),
        };
        Ok(Commit {
            id,
            message,
            tree: from_oid(commit.tree_id()),
            parents: commit.parent_ids().map(from_oid).collect(),
            author,
        })
    }

    /// The commit, then its first parent, and so on to the session's first.
    pub fn history(&self, from: ObjectId) -> impl Iterator<Item = Result<Commit, Error>> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let commit = self.commit(next.take()?);
            next = commit.as_ref().ok().and_then(|commit| commit.parents.first().copied());
            Some(commit)
        })
    }
}
