//! The table on disk: rows, and what they are found by. A look-up reads a few pages, however many sessions there are.
//!
//! After the head come the rows, the newest session first, then lists of fixed width: that order, forks by what they are forks of, agents by
//! who started them, the directories, each with its sessions, and ids in their order. All numbers are little-endian.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::ref_stamps::RefStamps;
use super::row::Row;
use crate::disk::fields::{Fields, put_number};
use crate::disk::paged::{self, Paged};
use crate::model::SessionId;

/// What the file begins with; the number goes up when the layout changes, and an older table is made anew.
const MAGIC: &[u8; 24] = b"codex-git sessions  v5\n\n";

/// How long the head is: what the file begins with, the stamps, and where each list is.
const HEAD: usize = MAGIC.len() + RefStamps::LEN + 7 * 16 + 1;

const ID: usize = 16;
const AT: usize = 8;

/// Where a list begins, and how many entries it has.
#[derive(Clone, Copy, Debug, Default)]
struct List {
    at: u64,
    count: u64,
}

/// A directory, and where the places of its sessions' rows are.
struct Directory {
    name: String,
    sessions: List,
}

/// The lists of a table, in the order in which they stand in the head.
#[derive(Clone, Copy, Debug, Default)]
struct Lists {
    ids: List,
    newest: List,
    forks: List,
    agents: List,
    directories: List,
    loose: List,
    broken: List,
}

/// A table, open.
pub(super) struct TableFile {
    pages: Paged,
    pub stamps: RefStamps,
    /// Whether no ref was astray when the packed refs were read.
    pub tidy: bool,
    lists: Lists,
}

impl TableFile {
    /// Opens a table.
    pub fn open(path: &Path) -> io::Result<Self> {
        let pages = Paged::open(path)?;
        let head = pages.read(0, HEAD)?;
        let mut left = Fields(&head);
        if left.array::<24>()? != *MAGIC {
            return Err(ErrorKind::InvalidData.into());
        }
        let stamps = RefStamps::read(left.array()?);
        let mut list = || -> io::Result<List> {
            Ok(List { at: u64::from_le_bytes(left.array()?), count: u64::from_le_bytes(left.array()?) })
        };
        let [ids, newest, forks] = [list()?, list()?, list()?];
        let [agents, directories, loose, broken] = [list()?, list()?, list()?, list()?];
        let lists = Lists { ids, newest, forks, agents, directories, loose, broken };
        let tidy = left.array::<1>()? == [1];
        Ok(Self { pages, stamps, tidy, lists })
    }

    /// When the table was written, by the clock of its file system.
    pub fn written(&self) -> io::Result<std::time::SystemTime> {
        self.pages.file().metadata()?.modified()
    }

    /// How many sessions it has.
    pub fn len(&self) -> usize {
        self.lists.ids.count as usize
    }

    /// The row of a session.
    pub fn row(&self, id: SessionId) -> io::Result<Option<Row>> {
        let at = self.first_from(self.lists.ids, ID + AT, &id.to_bytes())?;
        match self.id_at(at)? {
            Some((found, row)) if found == id => self.row_at(row).map(Some),
            _ => Ok(None),
        }
    }

    /// The ids from this one on, in their order.
    pub fn ids_from(&self, id: SessionId) -> io::Result<impl Iterator<Item = io::Result<SessionId>>> {
        let first = self.first_from(self.lists.ids, ID + AT, &id.to_bytes())?;
        Ok((first..self.lists.ids.count)
            .filter_map(|at| self.id_at(at).map(|found| found.map(|(id, _)| id)).transpose()))
    }

    /// All rows, the newest session first.
    pub fn newest(&self) -> impl Iterator<Item = io::Result<Row>> {
        let list = self.lists.newest;
        (0..list.count).map(move |at| self.row_at(u64::from_le_bytes(self.entry(list, AT, at)?)))
    }

    /// The sessions that are forks of one.
    pub fn forks_of(&self, id: SessionId) -> io::Result<Vec<SessionId>> {
        self.pairs(self.lists.forks, id)
    }

    /// The sessions that one started.
    pub fn agents_of(&self, id: SessionId) -> io::Result<Vec<SessionId>> {
        self.pairs(self.lists.agents, id)
    }

    /// The rows of the sessions in the directories that fit, the newest of each first. All directories are asked about at once.
    pub fn in_directories(&self, fit: &dyn Fn(&[&str]) -> Vec<bool>) -> io::Result<Vec<Row>> {
        let directories = self.directories()?;
        let names: Vec<&str> = directories.iter().map(|directory| directory.name.as_str()).collect();
        let mut rows = Vec::new();
        for (directory, fits) in directories.iter().zip(fit(&names)) {
            if fits {
                let sessions = self.pages.read(directory.sessions.at, directory.sessions.count as usize * AT)?;
                let mut left = Fields(&sessions);
                for _ in 0..directory.sessions.count {
                    rows.push(self.row_at(u64::from_le_bytes(left.array()?))?);
                }
            }
        }
        Ok(rows)
    }

    fn directories(&self) -> io::Result<Vec<Directory>> {
        let mut at = self.lists.directories.at;
        let mut next = || {
            let head = self.pages.read(at, 8)?;
            let mut left = Fields(&head);
            let (len, count) = (left.number()?, left.number()?);
            let name = self.pages.read(at + 8, len)?;
            let name = std::str::from_utf8(&name).map_err(|_| ErrorKind::InvalidData)?.to_owned();
            let sessions = List { at: at + 8 + len as u64, count: count as u64 };
            at = sessions.at + (count * AT) as u64;
            Ok(Directory { name, sessions })
        };
        (0..self.lists.directories.count).map(|_| next()).collect()
    }

    /// The sessions whose refs had files of their own when the table was made.
    pub fn loose(&self) -> io::Result<Vec<SessionId>> {
        self.ids_in(self.lists.loose)
    }

    /// The sessions that could not be read then.
    pub fn broken(&self) -> io::Result<Vec<SessionId>> {
        self.ids_in(self.lists.broken)
    }

    fn ids_in(&self, list: List) -> io::Result<Vec<SessionId>> {
        (0..list.count).map(|at| Ok(SessionId::from_bytes(self.entry(list, ID, at)?))).collect()
    }

    fn row_at(&self, at: u64) -> io::Result<Row> {
        let len = Fields(&self.pages.read(at, 4)?).number()?;
        Row::read(&self.pages.read(at + 4, len)?)
    }

    fn id_at(&self, at: u64) -> io::Result<Option<(SessionId, u64)>> {
        if at >= self.lists.ids.count {
            return Ok(None);
        }
        let entry: [u8; ID + AT] = self.entry(self.lists.ids, ID + AT, at)?;
        let mut left = Fields(&entry);
        Ok(Some((SessionId::from_bytes(left.array()?), u64::from_le_bytes(left.array()?))))
    }

    /// The ids that stand after one in a list of pairs.
    fn pairs(&self, list: List, id: SessionId) -> io::Result<Vec<SessionId>> {
        let first = self.first_from(list, 2 * ID, &id.to_bytes())?;
        let mut found = Vec::new();
        for at in first..list.count {
            let entry: [u8; 2 * ID] = self.entry(list, 2 * ID, at)?;
            let mut left = Fields(&entry);
            if SessionId::from_bytes(left.array()?) != id {
                break;
            }
            found.push(SessionId::from_bytes(left.array()?));
        }
        Ok(found)
    }

    /// The number of the first entry that is not before a key.
    fn first_from(&self, list: List, width: usize, key: &[u8; ID]) -> io::Result<u64> {
        self.pages.first_from(list.at, list.count, width, key)
    }

    fn entry<const N: usize>(&self, list: List, width: usize, at: u64) -> io::Result<[u8; N]> {
        Fields(&self.pages.read(list.at + at * width as u64, N)?).array()
    }
}

/// What a table is made of, besides its rows.
pub(super) struct Facts<'a> {
    pub stamps: &'a RefStamps,
    pub tidy: bool,
    pub loose: Vec<SessionId>,
    pub broken: Vec<SessionId>,
}

/// The bytes of a table.
pub(super) fn render(rows: &mut [Row], facts: &Facts<'_>) -> io::Result<Vec<u8>> {
    let mut out = vec![0; HEAD];
    let mut lists = Lists::default();
    // A listing of all reads them in this order, so that it reads each page once.
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.changed, row.id)));
    let mut places = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        places.push((row.id, out.len() as u64));
        row.write(&mut out);
    }
    lists.newest = list(&mut out, places.iter(), |(_, at), out| out.extend(at.to_le_bytes()));
    let pairs = |of: &dyn Fn(&Row) -> Option<SessionId>| {
        let mut pairs: Vec<_> = rows.iter().filter_map(|row| Some((of(row)?, row.id))).collect();
        pairs.sort_unstable();
        pairs
    };
    let put =
        |(a, b): (SessionId, SessionId), out: &mut Vec<u8>| out.extend([a.to_bytes(), b.to_bytes()].as_flattened());
    lists.forks = list(&mut out, pairs(&|row| row.origin.forked_from).into_iter(), put);
    lists.agents = list(&mut out, pairs(&|row| row.origin.parent).into_iter(), put);
    let mut directories: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (row, (_, at)) in rows.iter().zip(&places) {
        if let Some(cwd) = &row.cwd {
            directories.entry(cwd).or_default().push(*at);
        }
    }
    lists.directories = list(&mut out, directories.iter(), |(cwd, places), out| {
        put_number(out, cwd.len());
        put_number(out, places.len());
        out.extend(cwd.as_bytes());
        places.iter().for_each(|at| out.extend(at.to_le_bytes()));
    });
    places.sort_unstable();
    lists.ids = list(&mut out, places.iter(), |(id, at), out| {
        out.extend(id.to_bytes());
        out.extend(at.to_le_bytes());
    });
    lists.loose = list(&mut out, facts.loose.iter(), |id, out| out.extend(id.to_bytes()));
    lists.broken = list(&mut out, facts.broken.iter(), |id, out| out.extend(id.to_bytes()));
    let mut start = MAGIC.to_vec();
    start.extend(facts.stamps.to_bytes());
    let Lists { ids, newest, forks, agents, directories, loose, broken } = lists;
    for List { at, count } in [ids, newest, forks, agents, directories, loose, broken] {
        start.extend(at.to_le_bytes());
        start.extend(count.to_le_bytes());
    }
    start.push(u8::from(facts.tidy));
    out[..HEAD].copy_from_slice(&start);
    let mut pages = Vec::with_capacity(out.len() + out.len() / 512 + 4096);
    paged::write(&out, &mut pages)?;
    Ok(pages)
}

/// Adds a list, and tells where it is.
fn list<T>(out: &mut Vec<u8>, entries: impl Iterator<Item = T>, mut put: impl FnMut(T, &mut Vec<u8>)) -> List {
    let (at, mut count) = (out.len() as u64, 0);
    for entry in entries {
        put(entry, out);
        count += 1;
    }
    List { at, count }
}
