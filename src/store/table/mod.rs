//! The table of sessions: a row for each, so that no listing, decoration or look-up reads every session's commits.
//!
//! It is derived from the refs and their commits, private to this program, and no part of the store's format: it is made anew where it is
//! missing, damaged or of another version, and nothing is ever taken from it that the refs do not prove. Each row says what the
//! session's refs held; as long as the system says that nothing about the refs changed since the table was written, the rows count. Else
//! the refs that may have moved are read, and only sessions whose refs hold something else have their commits read.
//!
//! Recording never writes it; who reads does, once enough has changed.

mod file;
mod ref_stamps;
mod row;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::PathBuf;

use file::{Facts, TableFile};
use ref_stamps::RefStamps;
pub use row::Row;

use super::{Error, Heads, Store, Stray};
use crate::disk::durable;
use crate::git::refs::packed;
use crate::model::SessionId;

/// The file in the store's folder.
const NAME: &str = "codex-git.sessions";

/// With so many rows that are not what the refs say, the table is written anew; and with one in so many of all, unless they are few: to write
/// takes as long as to read some commits.
const MANY: usize = 64;
const FEW: usize = 8;

/// A session and its row, if it has a branch, or why that can't be read.
type Told = (SessionId, Result<Option<Row>, Error>);

/// The sessions whose refs name what can't be read, and why.
pub type Broken = Vec<(SessionId, Error)>;

/// The sessions of a store, as they are now.
pub struct Table {
    /// What was written; `None` where all rows are in `changed`.
    file: Option<TableFile>,
    /// The rows that are not in the file as they are now; `None` for a session that is gone.
    changed: BTreeMap<SessionId, Option<Row>>,
    broken: Broken,
    /// Whether the packed refs are known to be good.
    tidy: bool,
}

impl Store {
    /// The table of the store's sessions.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn table(&self) -> Result<Table, Error> {
        let now = RefStamps::of(self.path());
        let file = TableFile::open(&self.table_path()).ok();
        match file.map(|file| self.proven(file, &now)) {
            Some(Ok(table)) => return Ok(table),
            Some(Err(error)) if !error.is_damage() => return Err(error),
            _ => {}
        }
        self.new_table(&now, &HashMap::new())
    }

    /// The table of a file, brought up to what the refs hold now.
    fn proven(&self, file: TableFile, now: &RefStamps) -> Result<Table, Error> {
        let io = || Error::io("read the table of sessions");
        if file.stamps.prove(now, file.written().map_err(io())?) {
            // Only what could not be read then is worth another look.
            let broken = file.broken().map_err(io())?;
            return self.with_changes(file, broken, &HashMap::new(), now);
        }
        if !file.stamps.same_packed(now) {
            let known = file.newest().map(|row| row.map(|row| (row.id, row))).collect::<io::Result<_>>();
            return self.new_table(now, &known.map_err(io())?);
        }
        let heads = self.loose_heads()?;
        let mut suspects: HashSet<SessionId> = heads.keys().copied().collect();
        suspects.extend(file.loose().map_err(io())?);
        suspects.extend(file.broken().map_err(io())?);
        self.with_changes(file, suspects.into_iter().collect(), &heads, now)
    }

    /// The table of a file with what changed: the suspects whose refs hold something else than their rows say. `loose` is what loose refs hold.
    fn with_changes(
        &self,
        file: TableFile,
        suspects: Vec<SessionId>,
        loose: &HashMap<SessionId, Heads>,
        now: &RefStamps,
    ) -> Result<Table, Error> {
        let mut changed = Vec::new();
        for id in suspects {
            let row = file.row(id).map_err(unreadable())?;
            // One ref can be loose while the other is packed.
            let heads = match loose.get(&id) {
                Some((Some(tip), Some(open))) => (Some(*tip), Some(*open)),
                _ => self.heads(id)?,
            };
            match row {
                Some(row) if row.heads == heads => {}
                None if heads.0.is_none() => {}
                row => changed.push((id, self.row_of(id, heads, row.as_ref()))),
            }
        }
        let stale = changed.len() >= MANY || (changed.len() >= FEW && changed.len() * MANY > file.len());
        let tidy = file.tidy;
        let mut table = Table { file: Some(file), changed: BTreeMap::new(), broken: Vec::new(), tidy };
        changed.into_iter().for_each(|(id, row)| table.take(id, row));
        if stale {
            let rows = table.newest()?.collect::<Result<Vec<_>, Error>>()?;
            self.write_table(rows, &table, loose.keys().copied().collect(), now);
        }
        Ok(table)
    }

    /// A table made from all refs; rows whose refs hold what they held are taken as they were.
    fn new_table(&self, now: &RefStamps, known: &HashMap<SessionId, Row>) -> Result<Table, Error> {
        let tidy = self.stray_refs()?.is_empty();
        let mut table = Table { file: None, changed: BTreeMap::new(), broken: Vec::new(), tidy };
        let loose = self.loose_heads()?.into_keys().collect();
        let mut unknown = Vec::new();
        for (id, heads) in self.all_heads()? {
            match known.get(&id) {
                Some(row) if row.heads == heads => drop(table.changed.insert(id, Some(row.clone()))),
                _ => unknown.push((id, heads)),
            }
        }
        self.rows_of(unknown, known)?.into_iter().for_each(|(id, row)| table.take(id, row));
        // What tells that the packed refs were lost stays until they are back.
        if !self.packed_refs_are_lost() {
            let rows: Vec<Row> = table.changed.values().flatten().cloned().collect();
            self.write_table(rows, &table, loose, now);
        }
        Ok(table)
    }

    /// Asks the table something, and tells which sessions can't be read and so are not in it. One that turns out to be damaged is made anew,
    /// and asked again.
    ///
    /// # Errors
    /// When the refs can't be read, and when `ask` fails.
    pub fn ask_table<T>(&self, ask: impl Fn(&Table) -> Result<T, Error>) -> Result<(T, Broken), Error> {
        let mut table = self.table()?;
        let answer = match ask(&table) {
            Err(error) if error.is_damage() => {
                table = self.new_table(&RefStamps::of(self.path()), &HashMap::new())?;
                ask(&table)?
            }
            answer => answer?,
        };
        Ok((answer, table.broken))
    }

    /// The refs that hold no id or belong to another, without reading packed refs that were found to be good before and have not changed since.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn new_stray_refs(&self) -> Result<Vec<Stray>, Error> {
        if self.table()?.is_tidy() { self.strays_among(self.refs.look_at_loose("refs/")?) } else { self.stray_refs() }
    }

    /// The rows of many sessions, read by several threads. `known` are those that they had before.
    fn rows_of(&self, mut heads: Vec<(SessionId, Heads)>, known: &HashMap<SessionId, Row>) -> Result<Vec<Told>, Error> {
        heads.sort_unstable_by_key(|(id, _)| *id);
        self.by_parts(&heads, |store, part| {
            part.iter().map(|(id, heads)| (*id, store.row_of(*id, *heads, known.get(id)))).collect()
        })
    }

    /// The row of a session; where a fork began is read once and stays, as long as it has the same turns from there.
    fn row_of(&self, id: SessionId, heads: Heads, before: Option<&Row>) -> Result<Option<Row>, Error> {
        let Some(branch) = self.branch_of(id, heads)? else { return Ok(None) };
        let message = &branch.tip.message;
        let forked_at = match before.filter(|before| before.inherited == message.inherited) {
            Some(before) => before.forked_at,
            None if message.inherited == 0 && message.origin.forked_from.is_none() => None,
            // What can't be read there hides nothing of the session itself.
            None => self.beginning(id, branch.tip.id).ok().and_then(|beginning| beginning.base_ended),
        };
        Ok(Some(Row::of(&branch, forked_at)))
    }

    /// Writes the table. One that can't be written is made anew the next time.
    fn write_table(&self, mut rows: Vec<Row>, table: &Table, loose: Vec<SessionId>, stamps: &RefStamps) {
        let broken = table.broken.iter().map(|(id, _)| *id).collect();
        let facts = Facts { stamps, tidy: table.tidy, loose, broken };
        let written = file::render(&mut rows, &facts).and_then(|bytes| durable::replace(&self.table_path(), &bytes));
        if let Err(error) = written {
            tracing::info!(%error, "the table of sessions was not written");
        }
    }

    /// Asks before a branch is made: where most were lost, it would hide what its session had.
    ///
    /// # Errors
    /// [`Error::LostRefs`].
    pub fn refuse_if_refs_are_lost(&self) -> Result<(), Error> {
        if self.packed_refs_are_lost() { Err(Error::LostRefs) } else { Ok(()) }
    }

    /// Whether the packed refs are gone that there were when the table was written.
    pub(super) fn packed_refs_are_lost(&self) -> bool {
        let has_packed = || self.path().join(packed::NAME).exists();
        !has_packed() && TableFile::open(&self.table_path()).is_ok_and(|file| file.stamps.has_packed())
    }

    /// Forgets the table: it is made anew when it is asked for, of what refs there are then.
    pub fn forget_table(&self) {
        if let Err(error) = durable::remove_file(&self.table_path()) {
            tracing::info!(%error, "the table of sessions stays");
        }
    }

    fn table_path(&self) -> PathBuf {
        self.path().join(NAME)
    }
}

impl Table {
    /// The sessions that can't be read and so are not in it.
    pub fn into_broken(self) -> Broken {
        self.broken
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        let Some(file) = &self.file else { return self.changed.values().flatten().count() };
        let there = |id: &SessionId| file.row(*id).is_ok_and(|row| row.is_some());
        let (new, gone) = self.changed.iter().fold((0, 0), |(new, gone), (id, row)| match (row, there(id)) {
            (Some(_), false) => (new + 1, gone),
            (None, true) => (new, gone + 1),
            _ => (new, gone),
        });
        file.len() + new - gone
    }

    /// Whether no ref was astray when the packed refs were last read.
    pub fn is_tidy(&self) -> bool {
        self.tidy
    }

    /// The sessions whose ids begin like this, in their order, `most` at the most. Hyphens stand where they stand in an id.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn like(&self, text: &str, most: usize) -> Result<Vec<SessionId>, Error> {
        let Some(first) = SessionId::first_like(text) else { return Ok(Vec::new()) };
        let fits = |id: &SessionId| id.begins_with(text);
        let mut found: Vec<SessionId> = Vec::new();
        if let Some(file) = &self.file {
            for id in file.ids_from(first).map_err(unreadable())? {
                let id = id.map_err(unreadable())?;
                if found.len() > most || !fits(&id) {
                    break;
                }
                found.extend((!self.changed.contains_key(&id)).then_some(id));
            }
        }
        let new = self.changed.range(first..).take_while(|(id, _)| fits(id)).filter(|(_, row)| row.is_some());
        found.extend(new.map(|(id, _)| *id));
        let broken = self.broken.iter().map(|(id, _)| *id).filter(fits);
        found.extend(broken);
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    /// The row of a session.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn row(&self, id: SessionId) -> Result<Option<Row>, Error> {
        match (self.changed.get(&id), &self.file) {
            (Some(changed), _) => Ok(changed.clone()),
            (None, Some(file)) => file.row(id).map_err(unreadable()),
            (None, None) => Ok(None),
        }
    }

    /// All rows, the newest session first.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn newest(&self) -> Result<impl Iterator<Item = Result<Row, Error>>, Error> {
        let mut new: Vec<&Row> = self.changed.values().flatten().collect();
        new.sort_by_key(|row| order(row));
        let mut new = new.into_iter().cloned().peekable();
        let old = self.file.iter().flat_map(TableFile::newest).map(|row| row.map_err(unreadable()));
        let mut old = old.filter(|row| row.as_ref().map_or(true, |row| !self.changed.contains_key(&row.id))).peekable();
        Ok(std::iter::from_fn(move || match (old.peek(), new.peek()) {
            (Some(Ok(a)), Some(b)) if order(b) < order(a) => new.next().map(Ok),
            (None, Some(_)) => new.next().map(Ok),
            _ => old.next(),
        }))
    }

    /// The rows of the sessions in the directories that fit, the newest first.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn in_directories(&self, fit: &dyn Fn(&[&str]) -> Vec<bool>) -> Result<Vec<Row>, Error> {
        let mut rows = match &self.file {
            Some(file) => file.in_directories(fit).map_err(unreadable())?,
            None => Vec::new(),
        };
        rows.retain(|row| !self.changed.contains_key(&row.id));
        let new = || self.changed.values().flatten().filter_map(|row| Some((row.cwd.as_deref()?, row)));
        let fits = fit(&new().map(|(cwd, _)| cwd).collect::<Vec<_>>());
        rows.extend(new().zip(fits).filter(|(_, fits)| *fits).map(|((_, row), _)| row.clone()));
        rows.sort_by_key(order);
        Ok(rows)
    }

    /// The rows of the forks of a session.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn forks_of(&self, id: SessionId) -> Result<Vec<Row>, Error> {
        self.related(TableFile::forks_of, id, |row| row.origin.forked_from)
    }

    /// The rows of the sessions that a session started.
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn agents_of(&self, id: SessionId) -> Result<Vec<Row>, Error> {
        self.related(TableFile::agents_of, id, |row| row.origin.parent)
    }

    fn related(
        &self,
        listed: impl Fn(&TableFile, SessionId) -> io::Result<Vec<SessionId>>,
        id: SessionId,
        to: impl Fn(&Row) -> Option<SessionId>,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        if let Some(file) = &self.file {
            for other in listed(file, id).map_err(unreadable())? {
                if !self.changed.contains_key(&other) {
                    rows.extend(file.row(other).map_err(unreadable())?);
                }
            }
        }
        rows.extend(self.changed.values().flatten().filter(|row| to(row) == Some(id)).cloned());
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    fn take(&mut self, id: SessionId, row: Result<Option<Row>, Error>) {
        match row {
            Ok(row) => drop(self.changed.insert(id, row)),
            Err(error) => {
                tracing::warn!(%error, session = %id, "a session can't be read");
                self.changed.insert(id, None);
                self.broken.push((id, error));
            }
        }
    }
}

/// The newest first; of two of the same second, the one that was made later.
fn order(row: &Row) -> std::cmp::Reverse<(i64, SessionId)> {
    std::cmp::Reverse((row.changed, row.id))
}

fn unreadable() -> impl FnOnce(io::Error) -> Error {
    Error::io("read the table of sessions")
}
