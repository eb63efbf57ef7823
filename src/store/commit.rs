//! Commits: writing a turn, reading it back, walking from a turn to the one before.

use std::borrow::Cow;

use super::delta_base::Role;
use super::{Error, Store};
use crate::git::head::Head;
use crate::git::object::Kind;
use crate::git::{Error as GitError, identity};
use crate::model::{Author, CommitKind, CommitMessage, ObjectId};

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

impl Commit {
    /// The commit before it in the conversation: that of the turn before, or the same turn in another file.
    pub fn before(&self) -> Option<ObjectId> {
        let at = usize::from(self.message.kind.is_replacement());
        self.parents.get(at).copied()
    }

    /// What the session was before it was rewound or its rollout replaced.
    pub fn left_behind(&self) -> Option<ObjectId> {
        match self.message.kind {
            CommitKind::Revert => self.parents.get(1).copied(),
            CommitKind::Rewritten | CommitKind::Joined => self.parents.first().copied(),
            _ => None,
        }
    }
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
        parents: &[ObjectId],
        author: Author,
    ) -> Result<Commit, Error> {
        let Author { name: model, started, ended } = &author;
        let mut text = format!("tree {tree}\n");
        parents.iter().for_each(|parent| text.push_str(&format!("parent {parent}\n")));
        text.push_str(&format!("author {}\n", identity::render((model, MODEL_ADDRESS), *started)));
        text.push_str(&format!("committer {}\n\n", identity::render(identity::TOOL, *ended)));
        text.push_str(&message.render());
        let id = self.write(Role::Commit { parent: parents.first().copied() }, text.as_bytes())?;
        Ok(Commit { id, message: message.clone(), tree, parents: parents.to_vec(), author })
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// When it is not there, or not a commit of a session.
    pub fn commit(&self, id: ObjectId) -> Result<Commit, Error> {
        let bytes = self.read(Kind::Commit, id)?;
        // What is good text, as nearly all is, is proven so faster than it is mended.
        let text = std::str::from_utf8(&bytes).map_or_else(|_| String::from_utf8_lossy(&bytes), Cow::Borrowed);
        let head = Head::of(&text);
        let message = CommitMessage::parse(head.message).map_err(|source| Error::NotATurn { commit: id, source })?;
        let wrong = || GitError::WrongKind(id);
        let tree = head.ids("tree").next().ok_or_else(wrong)?;
        let (name, started) = head.person("author").ok_or_else(wrong)?;
        let (_, ended) = head.person("committer").ok_or_else(wrong)?;
        let parents = head.ids("parent").collect();
        Ok(Commit { id, message, tree, parents, author: Author { name: name.to_owned(), started, ended } })
    }

    /// The first parent of a commit, whoever made it.
    ///
    /// # Errors
    /// When it is not there, or no commit.
    pub(super) fn first_parent(&self, id: ObjectId) -> Result<Option<ObjectId>, Error> {
        let bytes = self.read(Kind::Commit, id)?;
        Ok(Head::of(&String::from_utf8_lossy(&bytes)).ids("parent").next())
    }

    /// The commit, then the one before it in the conversation, and so on to the session's first.
    pub fn history(&self, from: ObjectId) -> impl Iterator<Item = Result<Commit, Error>> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let commit = self.commit(next.take()?);
            next = commit.as_ref().ok().and_then(Commit::before);
            Some(commit)
        })
    }

    /// The commit that a conversation begins with, which holds a first line and no turn: of a fork that is one of another session.
    ///
    /// # Errors
    /// When a commit can't be read.
    pub fn beginning_of(&self, from: ObjectId) -> Result<Option<Commit>, Error> {
        self.history(from)
            .find(|commit| commit.as_ref().map_or(true, |commit| commit.before().is_none() && commit.message.turn == 0))
            .transpose()
    }
}
