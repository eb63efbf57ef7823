//! What can go wrong with a store.

use std::io;
use std::path::PathBuf;

use crate::git::Error as GitError;
use crate::model::{MessageError, ObjectId, SaveName, SessionId};

/// A failure in reading or writing a store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no store at the path.
    #[error("there is no store at `{}`", .0.display())]
    Missing(PathBuf),
    /// Something else is at the path.
    #[error("`{}` is not a codex-git store", .0.display())]
    NotAStore(PathBuf),
    /// Something else is where a store is to be made.
    #[error("`{}` is not a codex-git store, and can't be made one", .0.display())]
    Occupied(PathBuf),
    /// The system does not let this user look into what is at the path.
    #[error("the store at `{}` can't be read: {source}", path.display())]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A later codex-git made the store.
    #[error("the store at `{}` has format {format}, and this codex-git reads up to format {}", path.display(), crate::model::FORMAT)]
    NewerFormat {
        /// Where it is.
        path: PathBuf,
        /// Its format.
        format: i64,
    },
    /// Most refs are gone, and nobody dropped them: what would be made anew now would hide what they held.
    #[error("the packed refs of the store are gone, and with them the branches of most sessions")]
    LostRefs,
    /// The commit is not one of a session.
    #[error("commit {commit} is not a turn of a session: {source}")]
    NotATurn {
        /// The commit.
        commit: ObjectId,
        /// What is wrong with its message.
        source: MessageError,
    },
    /// A commit that somebody named is none that codex-git made, and on no branch.
    #[error("commit {0} is of no session: codex-git did not make it")]
    OfNoSession(ObjectId),
    /// Several objects have ids that begin like that.
    #[error("`{text}` is the beginning of {count} commit ids")]
    AmbiguousId {
        /// What was typed.
        text: String,
        /// How many there are.
        count: usize,
    },
    /// The tree is not laid out as the format says.
    #[error("tree {tree} is not laid out as a session: {problem}")]
    Layout {
        /// The tree.
        tree: ObjectId,
        /// What is wrong.
        problem: String,
    },
    /// A session's ref names a commit of another session.
    #[error("`{name}` names a commit of session {session}")]
    OtherSession {
        /// The ref.
        name: String,
        /// Whose commit it is.
        session: SessionId,
    },
    /// A save's ref stands on the tag of another save, which has none.
    #[error("`refs/tags/{name}` points at the tag of the save `{own}`")]
    OtherSave {
        /// The ref's name.
        name: SaveName,
        /// The save that the tag was made for.
        own: String,
    },
    /// An object from elsewhere is none that a store of ours holds.
    #[error("object {id} is a {kind} of {size} bytes, which no store of codex-git holds")]
    Foreign {
        /// The object.
        id: ObjectId,
        /// What git calls its kind.
        kind: String,
        /// How many bytes it has.
        size: u64,
    },
    /// The store belongs to another user, and git does not trust it.
    #[error("the store at `{}` belongs to another user", .0.display())]
    ForeignOwner(PathBuf),
    /// The repository is kept in a way that this version doesn't read.
    #[error("the store at `{}` uses the git extension `{extension}`, which codex-git does not read", path.display())]
    Extension {
        /// Where it is.
        path: PathBuf,
        /// What it uses.
        extension: String,
    },
    /// Git can't read the store's settings, so they are left as they are.
    #[error("the settings in `{}` can't be changed: {said}", path.display())]
    Settings {
        /// Their file.
        path: PathBuf,
        /// What git said.
        said: String,
    },
    /// Git's side of it failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Error {
    /// Makes an error of what the system said of a temporary file.
    pub(crate) fn temporary(source: io::Error) -> Self {
        Self::io("write a temporary file")(source)
    }

    /// Makes an error of what the system said.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Git(GitError::Io { doing, source })
    }

    /// Whether it says that what is in the store is not as it must be, and not that it could not be had.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::NotATurn { .. } | Self::Layout { .. } | Self::OtherSession { .. } | Self::OtherSave { .. } => true,
            Self::Git(error) => error.is_damage(),
            _ => false,
        }
    }

    /// Whether it says that a commit is none that codex-git made, be it a newer one.
    pub(super) fn is_of_no_session(&self) -> bool {
        matches!(self, Self::NotATurn { source: MessageError::Trailer(_), .. })
    }

    /// Whether it only says that another process was faster.
    pub fn is_lost_race(&self) -> bool {
        matches!(self, Self::Git(GitError::LostRace(_)))
    }
}
