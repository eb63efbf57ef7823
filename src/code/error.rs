//! What can go wrong with code snapshots.

use std::io;
use std::path::PathBuf;

use crate::git::Error as GitError;
use crate::model::code::{CODE_FORMAT, Exceeded, Refusal, quoted};

/// A failure in taking, reading or writing snapshots.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder is none that is kept.
    #[error("the files of `{}` are not kept: {why}", root.display())]
    Refused {
        /// The folder.
        root: PathBuf,
        /// Why not.
        why: Refusal,
    },
    /// The look went over a limit. Nothing of it is kept.
    #[error("the files of `{}` are not kept: {}", root.display(), exceeded_words(exceeded))]
    Exceeded {
        /// The folder.
        root: PathBuf,
        /// The limit.
        exceeded: Exceeded,
    },
    /// The looks at the root went over a limit again and again.
    #[error("the files of `{}` are no longer kept: three times in a row, {why}", root.display())]
    GivenUp {
        /// The folder.
        root: PathBuf,
        /// What the last of them said.
        why: String,
    },
    /// Another process looks at the same project.
    #[error("another process is keeping the files of this project, and goes on doing so (`{}`)", .0.display())]
    Busy(PathBuf),
    /// No file is called what a rule says.
    #[error("`{0}` leaves nothing out: no file matches it, as .gitignore is read")]
    NoRule(String),
    /// Something else is in the store's place.
    #[error("`{}` is not a code store", .0.display())]
    NotACodeStore(PathBuf),
    /// A later codex-git made the store.
    #[error("the code store `{}` has format {format}, and this codex-git reads up to format {CODE_FORMAT}", path.display())]
    NewerFormat {
        /// Where it is.
        path: PathBuf,
        /// Its format.
        format: i64,
    },
    /// A tree names what may not be written.
    #[error("`{}` can't be written: no file of a project may be called that", quoted(.0))]
    Hostile(Vec<u8>),
    /// The bytes of a file are neither in the code store nor in the project.
    #[error("the bytes of `{}` are gone: the project had them in a commit, and its repository no longer does", quoted(.0))]
    Gone(Vec<u8>),
    /// A file is not what it was when it was looked at.
    #[error("`{}` was changed just now, and is left as it is", quoted(.0))]
    Moved(Vec<u8>),
    /// Another process puts files of the project back.
    #[error("another process is putting files of `{}` back", .0.display())]
    PuttingBack(PathBuf),
    /// The folder that is to be made has something in it, or is a file.
    #[error("`{}` is there, and is no empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// The folder is to be made where git keeps a repository.
    #[error("`{}` is no place for a folder: git keeps a repository there", .0.display())]
    InGit(PathBuf),
    /// The project has only some of its files in its folder.
    #[error("`{}` is a sparse checkout: what its snapshots lack can't be told from what was deleted", .0.display())]
    Sparse(PathBuf),
    /// The disk is too full to write a store's packs anew.
    #[error("the packs of `{}` can't be written anew: that takes {needed} bytes until the old ones are gone, and {free} are free", path.display())]
    NoRoom {
        /// The code store.
        path: PathBuf,
        /// How many bytes the packs have.
        needed: u64,
        /// How many bytes are free.
        free: u64,
    },
    /// The repository said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The system said no.
    #[error("can't {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried, a verb.
        doing: &'static str,
        /// Of what.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl Error {
    /// Makes an error of what the system said.
    pub(super) fn io<E: Into<io::Error>>(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(E) -> Self + use<E> {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source: source.into() }
    }
}

/// The limit that a look went over, in words.
pub(super) fn exceeded_words(exceeded: &Exceeded) -> String {
    let size = |bytes: &u64| match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        megabytes => format!("{megabytes} MiB"),
    };
    match exceeded {
        Exceeded::Time(most) => format!("looking at them took longer than {} s", most.as_secs()),
        Exceeded::New(most) => format!("more than {} of them are new", size(most)),
        Exceeded::Files(most) => format!("there are more than {most} files"),
        Exceeded::Store(most) => format!("the code store has {}, and may have no more", size(most)),
        Exceeded::Room(least) => format!("less than {} are free on the disk", size(least)),
    }
}
