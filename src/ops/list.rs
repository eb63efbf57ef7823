//! List: the sessions, newest first, from the table of sessions alone.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use super::{Error, Workspace};
use crate::model::{CommitKind, ObjectId, Origin, SaveName, SessionId};
use crate::rollout::{Compression, RolloutFile};
use crate::store::{Error as StoreError, Row, Table};

/// A session as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Its id.
    pub id: SessionId,
    /// When its last line was written, in seconds since 1970.
    pub changed: i64,
    /// How many turns it has, an unfinished one included.
    pub turns: u32,
    /// How many of them came with the fork that it is.
    pub inherited: u32,
    /// Where Codex worked, as far as that was not moved since.
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
    /// Whether it has a turn, or had one before it was rewound.
    pub(super) was_worked_in: bool,
    /// The commit of its last ended turn, and when the turns that it inherited ended.
    pub(super) tip: Option<ObjectId>,
    pub(super) forked_at: Option<i64>,
}

impl Listed {
    /// Whether nobody has typed anything into it, and no name stands on it: Codex leaves such a session wherever its terminal was opened and closed.
    pub fn is_empty(&self) -> bool {
        !self.was_worked_in && self.name.is_none() && self.saves.is_empty()
    }
}

/// The sessions of a store.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing {
    /// Those that were asked for and can be read, newest first.
    pub sessions: Vec<Listed>,
    /// Those that can't be, and why.
    pub broken: Vec<(SessionId, Error)>,
    /// How many there are in all directories.
    pub all: usize,
}

/// Rows of the table of sessions that were asked for, newest first; how many there are in all; and the sessions that can't be read.
pub(super) struct Rows {
    pub rows: Vec<Row>,
    pub all: usize,
    pub broken: Vec<(SessionId, Error)>,
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
    /// Not known: a folder of the codex home can't be read.
    Unknown,
}

impl Place {
    /// The place's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Compressed => "compressed",
            Self::StoreOnly => "store",
            Self::Unknown => "unknown",
        }
    }

    fn of(found: Option<&RolloutFile>) -> Self {
        match found {
            None => Self::StoreOnly,
            Some(found) if found.archived => Self::Archived,
            Some(found) if found.compression == Compression::Zstd => Self::Compressed,
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

    /// Sessions whose ids begin like a text, `most` at the most; all begin like none, and then they are the newest. Nothing is recorded first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn sessions_like(&self, text: &str, most: usize) -> Result<Vec<Row>, Error> {
        let Rows { rows, .. } = self.rows(&|table| match text {
            "" => table.newest()?.take(most).collect(),
            _ => Ok(table
                .like(text, most)?
                .into_iter()
                .filter_map(|id| table.row(id).transpose())
                .collect::<Result<_, _>>()?),
        })?;
        Ok(rows)
    }

    /// The sessions in a directory's project, or all of them; and those that can't be read, wherever they are.
    ///
    /// # Errors
    /// As [`Workspace::list`].
    pub fn listing(&self, directory: Option<&Path>) -> Result<Listing, Error> {
        let mut saves: HashMap<SessionId, Vec<SaveName>> = HashMap::new();
        for save in self.store.saves()? {
            saves.entry(save.session).or_default().push(save.name);
        }
        let (look, moves) = (self.look(), self.moves());
        let names = self.names();
        // Of all sessions, each file is asked about once, and not by its session.
        let all_files = directory.is_none().then(|| look.all());
        let is_partial = look.unread().is_some();
        let place = |id| {
            let place = match all_files {
                Some(files) => Place::of(files.session(id)),
                None => Place::of(look.session(id).as_ref()),
            };
            if is_partial && place == Place::StoreOnly { Place::Unknown } else { place }
        };
        let listed = |row: Row| Listed {
            id: row.id,
            changed: row.changed,
            turns: row.turns,
            inherited: row.inherited,
            cwd: row.cwd.map(|cwd| if moves.is_empty() { cwd } else { moves.now(&cwd).into_owned() }),
            title: row.title,
            model: row.model,
            origin: row.origin,
            name: names.get(&row.id).cloned(),
            saves: saves.get(&row.id).cloned().unwrap_or_default(),
            place: place(row.id),
            was_worked_in: row.turns > 0 || !self.is_at_start(row.heads.0),
            tip: row.heads.0,
            forked_at: row.forked_at,
        };
        let Some(directory) = directory else {
            // Of all sessions, rows and what is listed are not in memory at once.
            let ((sessions, all), broken) = self.store.ask_table(|table| {
                let mut sessions = Vec::with_capacity(table.count());
                for row in table.newest()? {
                    sessions.push(listed(row?));
                }
                Ok((sessions, table.count()))
            })?;
            return Ok(Listing { sessions, broken: told(broken), all });
        };
        let Rows { rows, all, broken } = self.rows_in(directory)?;
        Ok(Listing { sessions: rows.into_iter().map(listed).collect(), broken, all })
    }

    /// Whether a commit is that of a first line, after which no turn ever came.
    fn is_at_start(&self, commit: Option<ObjectId>) -> bool {
        let commit = commit.and_then(|commit| self.store.commit(commit).ok());
        commit.is_some_and(|commit| commit.message.kind == CommitKind::Start)
    }

    /// The rows of the sessions that were last in a directory's project.
    pub(super) fn rows_in(&self, directory: &Path) -> Result<Rows, Error> {
        let (project, moves) = (self.project_of(&self.now_at(directory)), self.moves());
        let holds = |directories: &[&str]| {
            let now: Vec<Cow<'_, str>> = directories.iter().map(|directory| moves.now(directory)).collect();
            project.holds(&now.iter().map(AsRef::as_ref).collect::<Vec<_>>())
        };
        self.rows(&|table| table.in_directories(&holds))
    }

    /// The rows of all sessions, the newest first.
    pub(super) fn all_rows(&self) -> Result<Rows, Error> {
        self.rows(&|table| table.newest()?.collect())
    }

    /// The rows that the table is asked for.
    pub(super) fn rows(&self, ask: &dyn Fn(&Table) -> Result<Vec<Row>, StoreError>) -> Result<Rows, Error> {
        let ((rows, all), broken) = self.store.ask_table(|table| Ok((ask(table)?, table.count())))?;
        Ok(Rows { rows, all, broken: told(broken) })
    }
}

/// Sessions that can't be read, and why.
fn told(broken: Vec<(SessionId, StoreError)>) -> Vec<(SessionId, Error)> {
    broken.into_iter().map(|(id, error)| (id, error.into())).collect()
}
