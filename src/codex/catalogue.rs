//! The catalogue of a home: the names in its folders as they were once, so that a folder that did not change since need not be read again.
//!
//! It is derived, private to this program, and made anew where it is missing, damaged or of another version. The names are rows that are found
//! by the ids in them; the folders stand in the head, each with what the system said of it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::folder::{Folder, FolderStamp};
use crate::disk::fields::{Fields, put_number, put_text};
use crate::disk::sorted::{self, Magic, SortedFile};
use crate::model::SessionId;
use crate::rollout::RolloutName;

/// What the file begins with; the number goes up when the layout changes.
const MAGIC: Magic = *b"codex-git home 2";

/// The names in a home's folders as they were when the catalogue was written.
#[derive(Debug)]
pub(super) struct Catalogue {
    file: SortedFile,
    /// The folders, without the rollouts in them.
    folders: Vec<(PathBuf, Folder)>,
    /// Their numbers, once somebody looked for one.
    numbers: OnceLock<HashMap<PathBuf, usize>>,
    /// The sessions that were to be looked at again.
    pub unsettled: Vec<SessionId>,
    /// Whether it has every folder of the home, and none was reached through a link, which may lead elsewhere by now.
    pub is_complete: bool,
}

impl Catalogue {
    /// Opens a catalogue.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = SortedFile::open(path, &MAGIC)?;
        let head = file.head()?;
        let mut left = Fields(&head);
        let folders = left.list(|left| {
            let path = PathBuf::from(left.text()?);
            let [device, inode] = [u64::from_le_bytes(left.array()?), u64::from_le_bytes(left.array()?)];
            let [written, changed] = [i64::from_le_bytes(left.array()?), i64::from_le_bytes(left.array()?)];
            let stamp = Some(FolderStamp { device, inode, written, changed });
            let mut names = || left.list(|left| Ok(OsString::from(left.text()?)));
            let (folders, links, others) = (names()?, names()?, names()?);
            Ok((path, Folder { stamp, folders, links, others, rollouts: Vec::new() }))
        })?;
        let unsettled = left.list(|left| Ok(SessionId::from_bytes(left.array()?)))?;
        let is_complete = left.array::<1>()? == [1];
        Ok(Self { file, folders, numbers: OnceLock::new(), unsettled, is_complete })
    }

    /// The number of a folder, and what it holds, rollouts aside.
    pub fn folder(&self, path: &Path) -> Option<(usize, &Folder)> {
        let by_path = || self.folders.iter().enumerate().map(|(number, (path, _))| (path.clone(), number)).collect();
        let number = *self.numbers.get_or_init(by_path).get(path)?;
        Some((number, &self.folders[number].1))
    }

    /// All folders, in the order of their numbers, without the rollouts in them.
    pub fn folders(&self) -> &[(PathBuf, Folder)] {
        &self.folders
    }

    /// How many rollouts there are, those that have two ids twice.
    pub fn len(&self) -> usize {
        self.file.len()
    }

    /// The rollouts that have an id in their names: the folder's number, and the name.
    pub fn of(&self, id: SessionId) -> io::Result<Vec<(usize, String)>> {
        self.file.of(id.to_bytes())?.iter().map(|row| read_row(row)).collect()
    }

    /// The same for all ids from this one on.
    pub fn from(
        &self,
        id: SessionId,
    ) -> io::Result<impl Iterator<Item = io::Result<(SessionId, usize, String)>> + use<'_>> {
        let rows = self.file.from(id.to_bytes())?;
        Ok(rows.map(|row| {
            let (key, row) = row?;
            let (folder, name) = read_row(&row)?;
            Ok((SessionId::from_bytes(key), folder, name))
        }))
    }

    /// The last of them.
    pub fn last(&self) -> io::Result<Option<(SessionId, usize, String)>> {
        let Some((key, row)) = self.file.last()? else { return Ok(None) };
        let (folder, name) = read_row(&row)?;
        Ok(Some((SessionId::from_bytes(key), folder, name)))
    }

    /// Where a file of a folder is, below the home.
    pub fn path(&self, folder: usize, name: &str) -> PathBuf {
        self.folders[folder].0.join(name)
    }

    /// Writes a catalogue of what folders hold. One whose state can't be told from one that may follow is left out. `are_all` says that the home
    /// has no other.
    pub fn write(
        place: &Path,
        folders: &[(PathBuf, Folder)],
        unsettled: &[SessionId],
        are_all: bool,
    ) -> io::Result<()> {
        let known: Vec<(&str, &Folder, FolderStamp)> = folders
            .iter()
            .filter_map(|(path, folder)| {
                let stamp = folder.stamp?;
                is_text(folder).then_some((path.to_str()?, folder, stamp))
            })
            .collect();
        let (mut head, mut rows) = (Vec::new(), Vec::new());
        put_number(&mut head, known.len());
        for (number, (path, folder, stamp)) in known.iter().enumerate() {
            put_text(&mut head, path);
            [stamp.device, stamp.inode].iter().for_each(|number| head.extend(number.to_le_bytes()));
            [stamp.written, stamp.changed].iter().for_each(|time| head.extend(time.to_le_bytes()));
            for names in [&folder.folders, &folder.links, &folder.others] {
                put_number(&mut head, names.len());
                names.iter().filter_map(|name| name.to_str()).for_each(|name| put_text(&mut head, name));
            }
            for file in &folder.rollouts {
                let Some((name, _)) = RolloutName::parse(file) else { continue };
                let mut row = Vec::with_capacity(file.len() + 8);
                put_number(&mut row, number);
                put_text(&mut row, file);
                rows.extend(name.segment.map(|segment| (segment.to_bytes(), row.clone())));
                rows.push((name.id.to_bytes(), row));
            }
        }
        put_number(&mut head, unsettled.len());
        unsettled.iter().for_each(|id| head.extend(id.to_bytes()));
        let is_complete =
            are_all && known.len() == folders.len() && known.iter().all(|(_, folder, _)| folder.links.is_empty());
        head.push(u8::from(is_complete));
        sorted::write(place, &MAGIC, &head, rows)
    }
}

/// Whether all names in a folder are text.
fn is_text(folder: &Folder) -> bool {
    [&folder.folders, &folder.links, &folder.others].into_iter().flatten().all(|name| name.to_str().is_some())
}

fn read_row(row: &[u8]) -> io::Result<(usize, String)> {
    let mut left = Fields(row);
    Ok((left.number()?, left.text()?))
}
