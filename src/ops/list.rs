//! List: the sessions, newest first, from the table of sessions alone.

use std::collections::HashMap;
use std::path::Path;

use super::{Error, Workspace};
use crate::model::{Origin, SaveName, SessionId};
use crate::rollout::{Packing, RolloutFile};
use crate::store::Row;

/// A session as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: SessionId,
    /// When its last line was written, in seconds since 1970.
    pub changed: i64,
    /// How many turns it has, an unfinished one included.
    pub turns: u32,
    /// How many of them came with the fork that it is.
    pub inherited: u32,
    /// Where Codex worked.
    pub cwd: Option<String>,
    /// Its first prompt.
    pub title: Option<String>,
    /// The model last used.
    pub model: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// Its name in Codex.
    pub name: Option<String>,
    /// The saves on its turns.
    pub saves: Vec<SaveName>,
    /// Where its rollout is.
    pub place: Place,
}

/// The sessions of a store.
#[derive(Debug)]
pub struct Listing {
    /// Those that were asked for and can be read, newest first.
    pub sessions: Vec<Listed>,
    /// Those that can't be, and why.
    pub broken: Vec<(SessionId, Error)>,
    /// How many there are in all directories.
    pub all: usize,
}

/// Where a session's rollout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among Codex's sessions.
    Active,
    /// In Codex's archive.
    Archived,
    /// Among Codex's sessions, compressed.
    Compressed,
    /// Only in the store.
    StoreOnly,
}

impl Place {
    /// The place's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Compressed => "compressed",
            Self::StoreOnly => "store",
        }
    }

    fn of(found: Option<&RolloutFile>) -> Self {
        match found {
            None => Self::StoreOnly,
            Some(found) if found.archived => Self::Archived,
            Some(found) if found.packing == Packing::Zstd => Self::Compressed,
            Some(_) => Self::Active,
        }
    }
}

impl Workspace {
    /// All sessions of the store, newest first. Nothing is recorded first: see [`Workspace::record_all`].
    ///
    /// # Errors
    /// When the store or the codex home can't be read.
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        Ok(self.listing(None)?.sessions)
    }

    /// The sessions in a directory, or all of them; and those that can't be read, wherever they are.
    ///
    /// # Errors
    /// As [`Workspace::list`].
    pub fn listing(&self, directory: Option<&Path>) -> Result<Listing, Error> {
        let mut saves: HashMap<SessionId, Vec<SaveName>> = HashMap::new();
        for save in self.store.saves()? {
            saves.entry(save.session).or_default().push(save.name);
        }
        // Where sessions lie is known if they were recorded just now.
        let recorded = self.rollouts.borrow_mut().take();
        let rollouts = recorded.unwrap_or_else(|| self.home.rollouts());
        let mut names = self.names();
        let canonical = directory.and_then(|directory| directory.canonicalize().ok());
        let ((rows, all), broken) = self.store.ask_table(|table| {
            let rows = match directory {
                None => table.newest()?.collect::<Result<Vec<Row>, _>>()?,
                Some(directory) => {
                    table.in_directories(&mut |cwd| is_same(Path::new(cwd), directory, canonical.as_deref()))?
                }
            };
            Ok((rows, table.count()))
        })?;
        let listed = |row: Row| Listed {
            id: row.id,
            changed: row.changed,
            turns: row.turns,
            inherited: row.inherited,
            cwd: row.cwd,
            title: row.title,
            model: row.model,
            origin: row.origin,
            name: names.remove(&row.id),
            saves: saves.remove(&row.id).unwrap_or_default(),
            place: Place::of(rollouts.session(row.id)),
        };
        let sessions = rows.into_iter().map(listed).collect();
        let broken = broken.into_iter().map(|(id, error)| (id, error.into())).collect();
        Ok(Listing { sessions, broken, all })
    }
}

/// Whether a directory that a session was in is another, by its name or in truth.
fn is_same(cwd: &Path, directory: &Path, canonical: Option<&Path>) -> bool {
    cwd == directory || (canonical.is_some() && cwd.canonicalize().ok().as_deref() == canonical)
}
