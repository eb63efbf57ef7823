//! A repository's refs: reading them, and moving them by compare-and-swap.
//!
//! They are written here and not by libgit2, which reads all of `packed-refs` for every move and syncs none. The order is git's:
//! the lock `<ref>.lock`, the value under the lock, the log, the rename. A lock that is held is a lost race too: whoever holds it
//! is moving the ref. [`transaction`] moves several together.

pub(crate) mod guard;
pub(crate) mod lock;
pub(crate) mod name;
pub(crate) mod packed;
mod reflog;
mod repair;
pub(crate) mod transaction;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use guard::Guard;

use super::Error;
use crate::disk::regular;
use crate::model::ObjectId;

/// More than a ref's own file has.
const MOST: u64 = 64 << 10;

/// The refs of a repository.
pub(crate) struct Refs {
    /// The repository's folder.
    path: PathBuf,
    guard: Guard,
}

/// Refs, and what is damaged among them.
#[derive(Default)]
pub(crate) struct Found {
    /// Those that hold an id.
    pub good: BTreeMap<String, ObjectId>,
    /// Those whose own files hold none, and name no other ref either: they are damaged.
    pub bad_files: Vec<String>,
    /// Lines of the packed refs that are none.
    pub bad_lines: Vec<Vec<u8>>,
}

impl Refs {
    /// The refs of the repository at a path.
    pub fn at(repository: &Path) -> Self {
        Self { path: repository.to_owned(), guard: Guard::of(repository) }
    }

    /// Has a lock be waited for no longer than that.
    pub fn set_patience(&self, patience: Duration) {
        self.guard.set_patience(patience);
    }

    /// Does something under git's lock of another file of the repository, as refs are moved: that lock goes, too, if a kill left it behind.
    pub fn guarded<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.guard.while_moving(act)
    }

    /// What a ref holds.
    pub fn read(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        if let Some(id) = read_loose(&self.path, name)? {
            return Ok(Some(id));
        }
        packed::find(&self.path, name).map_err(Error::io("read the packed refs"))
    }

    /// When a ref was written last, as long as it has a file of its own.
    pub fn written(&self, name: &str) -> Option<SystemTime> {
        fs::metadata(self.path.join(name)).and_then(|data| data.modified()).ok()
    }

    /// All refs below a folder such as `refs/heads/`, by their full names.
    pub fn below(&self, folder: &str) -> Result<BTreeMap<String, ObjectId>, Error> {
        // Refs move from their own files into the packed ones, never back: read in this order, none is missed.
        let loose = self.loose(folder)?;
        let (packed, _) = packed::read_below(&self.path, folder).map_err(Error::io("read the packed refs"))?;
        let mut refs: BTreeMap<String, ObjectId> = packed.into_iter().map(|(name, packed)| (name, packed.id)).collect();
        refs.extend(loose);
        Ok(refs)
    }

    /// Tells the names below a folder of all refs there, and what they hold. A ref that is packed meanwhile is told twice.
    pub fn each_below(&self, folder: &str, tell: &mut dyn FnMut(&str, ObjectId)) -> Result<(), Error> {
        let loose = self.loose(folder)?;
        packed::each_below(&self.path, folder, tell).map_err(Error::io("read the packed refs"))?;
        loose.iter().for_each(|(name, id)| tell(&name[folder.len()..], *id));
        Ok(())
    }

    /// All refs below a folder, and what is damaged among them, read in one go.
    pub fn look(&self, folder: &str) -> Result<Found, Error> {
        let mut found = self.look_at_loose(folder)?;
        let (packed, bad_lines) = packed::read_below(&self.path, folder).map_err(Error::io("read the packed refs"))?;
        for (name, packed) in packed {
            found.good.entry(name).or_insert(packed.id);
        }
        Ok(Found { bad_lines, ..found })
    }

    /// The refs below a folder that have files of their own, and what is damaged among them.
    pub fn look_at_loose(&self, folder: &str) -> Result<Found, Error> {
        let (mut found, mut names) = (Found::default(), Vec::new());
        names_below(&self.path.join(folder), folder, &mut names).map_err(Error::io("list the refs"))?;
        for name in names {
            match read_loose(&self.path, &name) {
                Ok(id) => found.good.extend(id.map(|id| (name, id))),
                Err(Error::BadRef(name)) if self.symbolic(&name).is_none() => found.bad_files.push(name),
                Err(Error::BadRef(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// The refs below a folder that have files of their own.
    pub fn loose(&self, folder: &str) -> Result<Vec<(String, ObjectId)>, Error> {
        let mut names = Vec::new();
        names_below(&self.path.join(folder), folder, &mut names).map_err(Error::io("list the refs"))?;
        let mut refs = Vec::with_capacity(names.len());
        for name in names {
            // One that is gone by now was packed or dropped.
            match read_loose(&self.path, &name) {
                Ok(id) => refs.extend(id.map(|id| (name, id))),
                // One that names no object, as those that name another ref, is not ours.
                Err(Error::BadRef(name)) => tracing::info!(name, "a ref was left out"),
                Err(error) => return Err(error),
            }
        }
        Ok(refs)
    }

    /// The ref that a ref's own file names, as HEAD does.
    pub fn symbolic(&self, name: &str) -> Option<String> {
        let bytes = regular::read(&self.path.join(name), MOST).ok()?;
        Some(std::str::from_utf8(&bytes).ok()?.strip_prefix("ref:")?.trim().to_owned())
    }

    /// The note of a ref's last move.
    pub fn last_note(&self, name: &str) -> Option<String> {
        reflog::last_note(&self.path, name)
    }

    /// What a ref was moved to last.
    pub fn last_value(&self, name: &str) -> Option<ObjectId> {
        reflog::last(&self.path, name)
    }

    /// What a ref held, the last first, as far back as its log tells.
    pub fn held(&self, name: &str) -> Vec<ObjectId> {
        reflog::held(&self.path, name)
    }

    /// What a ref held when it was packed, whatever its own file holds now.
    pub fn packed(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        packed::find(&self.path, name).map_err(Error::io("read the packed refs"))
    }

    /// What a ref held so many moves ago.
    pub fn earlier(&self, name: &str, moves: usize) -> Option<ObjectId> {
        reflog::earlier(&self.path, name, moves)
    }

    /// What a ref held before each move that still counts, the oldest first: a move with the note `undo` takes the one before it back.
    pub fn standing_moves(&self, name: &str, undo: &str) -> Vec<ObjectId> {
        reflog::standing_moves(&self.path, name, undo)
    }

    /// All ids that the logs hold.
    pub fn logged_ids(&self) -> Result<Vec<ObjectId>, Error> {
        reflog::all_ids(&self.path).map_err(Error::io("read the logs of refs"))
    }

    /// The names of the refs below a folder that have a log, whether they are there or not.
    pub fn logged(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        // What can't be read tells of nothing.
        let _ = names_below(&self.path.join("logs").join(folder), folder, &mut names);
        names
    }
}

/// What a ref's own file holds; `None` if it has none.
fn read_loose(store: &Path, name: &str) -> Result<Option<ObjectId>, Error> {
    match regular::read(&store.join(name), MOST) {
        Ok(bytes) => id_of(&bytes).map(Some).ok_or_else(|| Error::BadRef(name.to_owned())),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::NotADirectory => Ok(None),
            ErrorKind::InvalidData => Err(Error::BadRef(name.to_owned())),
            _ => Err(Error::io("read a ref")(error)),
        },
    }
}

fn id_of(bytes: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(bytes).ok()?.trim_end().parse().ok()
}

fn names_below(folder: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = format!("{prefix}{name}");
        match entry.file_type()? {
            kind if kind.is_dir() => names_below(&entry.path(), &format!("{name}/"), names)?,
            _ if name.ends_with(".lock") => {}
            _ => names.push(name),
        }
    }
    Ok(())
}
