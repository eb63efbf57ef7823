//! A look at a home: the names of its rollouts, taken once a command. Files are asked about only when somebody wants to know of them.
//!
//! Folders that are as the catalogue says are not read again, so that a look takes as long as there are folders, not files. Folders are followed
//! through links, each once; files are not.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::CodexHome;
use super::catalogue::Catalogue;
use super::folder::{Folder, FolderStamp};
use super::held::HeldFile;
use super::rollouts::{Rollouts, file_at, of_session};
use crate::disk::each::of_each;
use crate::model::SessionId;
use crate::rollout::{ACTIVE, ARCHIVED, Error, RolloutFile, RolloutName};

/// With so many names that are not in the catalogue as they are, it is worth writing anew; and with one in so many of all.
const MANY: usize = 256;
const SHARE: usize = 16;

/// So many files are worth a thread that asks about them.
const FILES: usize = 1000;

/// The names in a home's folders, as they were at one moment.
#[derive(Debug)]
pub struct Look {
    home: CodexHome,
    catalogue: Option<Catalogue>,
    /// Which of the catalogue's folders are as it says.
    same: Vec<bool>,
    /// The folders that were read, by their paths below the home.
    read: Vec<(PathBuf, Folder)>,
    /// Where the rollouts in them are, by each of the ids in their names.
    places: HashMap<SessionId, Vec<PathBuf>>,
    /// Files that are held or misnamed, wherever they are.
    others: Vec<PathBuf>,
    refused: Vec<(PathBuf, io::Error)>,
    /// Whether every folder was followed: none was left out, for whatever reason.
    is_complete: bool,
    /// All files, once somebody asked.
    all: OnceLock<Rollouts>,
    unsettled: OnceLock<Vec<SessionId>>,
    /// How far each rollout is gone on from, once somebody asked.
    pub(super) gone_on: OnceLock<HashMap<SessionId, u64>>,
    /// Another look, without the catalogue: it turned out to be damaged.
    without: OnceLock<Box<Look>>,
}

impl CodexHome {
    /// Looks at the home's folders.
    pub fn look(&self) -> Look {
        Look::at(self, self.catalogue().and_then(|path| Catalogue::open(path).ok()))
    }

    /// All rollouts, as they are now.
    pub fn rollouts(&self) -> Rollouts {
        self.look().into_all()
    }
}

impl Look {
    fn at(home: &CodexHome, catalogue: Option<Catalogue>) -> Self {
        let mut look = Self {
            home: home.clone(),
            same: vec![false; catalogue.as_ref().map_or(0, |catalogue| catalogue.folders().len())],
            catalogue,
            read: Vec::new(),
            places: HashMap::new(),
            others: Vec::new(),
            refused: Vec::new(),
            is_complete: true,
            all: OnceLock::new(),
            unsettled: OnceLock::new(),
            gone_on: OnceLock::new(),
            without: OnceLock::new(),
        };
        look.walk();
        tracing::info!(folders = look.read.len() + look.same.len(), read = look.read.len(), "looked at the codex home");
        look
    }

    fn walk(&mut self) {
        let mut folders: Vec<PathBuf> = [ACTIVE, ARCHIVED].map(PathBuf::from).into();
        let known = self.catalogue.as_ref().map_or(&[][..], Catalogue::folders);
        let stamps = FolderStamp::of_each(self.home.path(), known);
        if self.is_as_known(known, &stamps) {
            let of = |(path, folder): &(PathBuf, Folder)| {
                let full = self.home.path().join(path);
                folder.others.iter().map(|name| full.join(name)).collect::<Vec<_>>()
            };
            self.others = known.iter().flat_map(of).collect();
            self.same.fill(true);
            return;
        }
        // Links are followed last, so that a folder is found under its own name if it has one here.
        let (mut links, mut seen) = (Vec::new(), HashSet::new());
        while let Some(path) = folders.pop().or_else(|| links.pop()) {
            let full = self.home.path().join(&path);
            let known = self.catalogue.as_ref().and_then(|catalogue| catalogue.folder(&path));
            let stamp = known.map_or_else(|| stamp(&full), |(number, _)| stamps[number]);
            if stamp.is_some_and(|stamp| !seen.insert((stamp.device, stamp.inode))) {
                self.is_complete = false;
                continue;
            }
            let known = known.filter(|(_, folder)| stamp.is_some() && folder.stamp == stamp);
            let below = |names: &[_]| names.iter().map(|name| path.join(name)).collect::<Vec<_>>();
            let mut follow = |folder: &Folder| {
                folders.extend(below(&folder.folders));
                links.extend(below(&folder.links));
                folder.others.iter().map(|name| full.join(name)).collect::<Vec<_>>()
            };
            if let Some((number, folder)) = known {
                let others = follow(folder);
                self.others.extend(others);
                self.same[number] = true;
                continue;
            }
            match Folder::read(&full) {
                Ok(None) => {}
                Ok(Some(folder)) => {
                    self.others.extend(follow(&folder));
                    self.take(path, folder);
                }
                Err(Error::Io { source, .. }) => {
                    self.is_complete = false;
                    self.refused.push((full, source));
                }
                Err(error) => {
                    self.is_complete = false;
                    tracing::info!(%error, "a folder was left out");
                }
            }
        }
    }

    /// Whether the catalogue has all folders, and none changed since: then what is in them is what they held.
    fn is_as_known(&self, known: &[(PathBuf, Folder)], stamps: &[Option<FolderStamp>]) -> bool {
        let is_known = |root: &str| known.iter().any(|(path, _)| path.as_os_str() == root);
        let is_there = |root: &str| stamp(&self.home.path().join(root)).is_some();
        let is_same =
            |((_, folder), now): (&(PathBuf, Folder), &Option<FolderStamp>)| now.is_some() && folder.stamp == *now;
        self.catalogue.as_ref().is_some_and(|catalogue| catalogue.is_complete)
            && known.iter().zip(stamps).all(is_same)
            && [ACTIVE, ARCHIVED].into_iter().all(|root| is_known(root) || !is_there(root))
    }

    fn take(&mut self, path: PathBuf, folder: Folder) {
        for file in &folder.rollouts {
            let Some((name, _)) = RolloutName::parse(file) else { continue };
            let place = self.home.path().join(&path).join(file);
            if let Some(segment) = name.segment {
                self.places.entry(segment).or_default().push(place.clone());
            }
            self.places.entry(name.id).or_default().push(place);
        }
        self.read.push((path, folder));
    }

    /// The rollout of a session.
    pub fn session(&self, id: SessionId) -> Option<RolloutFile> {
        if let Some(all) = self.all.get() {
            return all.session(id).cloned();
        }
        let places = self.places(id);
        let files = places.iter().filter_map(|path| file_at(path).ok()).filter(|file| file.name.id == id);
        of_session(files.collect(), &mut |_| {})
    }

    /// The session that a rollout of this id is a file of.
    pub fn owner(&self, rollout: SessionId) -> Option<SessionId> {
        let name = |path: PathBuf| Some(RolloutName::parse(path.file_name()?.to_str()?)?.0);
        let names = self.places(rollout).into_iter().filter_map(name);
        names.filter(|name| name.rollout_id() == rollout).map(|name| name.id).min()
    }

    /// The sessions whose ids begin like this, in their order.
    pub fn like(&self, text: &str) -> Vec<SessionId> {
        let is_session = |(id, paths): &(&SessionId, &Vec<PathBuf>)| paths.iter().any(|path| is_of(path, **id));
        let read = self.places.iter().filter(|(id, _)| id.begins_with(text)).filter(is_session);
        let mut found: Vec<SessionId> = read.map(|(id, _)| *id).collect();
        found.extend(self.known_like(text).unwrap_or_else(|error| self.without(&error).like(text)));
        found.sort_unstable();
        found.dedup();
        found
    }

    fn known_like(&self, text: &str) -> io::Result<Vec<SessionId>> {
        let (Some(catalogue), Some(first)) = (&self.catalogue, SessionId::first_like(text)) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for row in catalogue.from(first)? {
            let (id, folder, name) = row?;
            if !id.begins_with(text) {
                break;
            }
            found.extend((self.same[folder] && is_of(Path::new(&name), id)).then_some(id));
        }
        Ok(found)
    }

    /// A folder that can't be read, if there is one: what lies below it may be there all the same.
    pub fn unread(&self) -> Option<Error> {
        let (path, error) = self.refused.first()?;
        Some(Error::io("read", path)(io::Error::from(error.kind())))
    }

    /// All held files.
    pub fn held(&self) -> Vec<HeldFile> {
        self.others.iter().filter_map(|path| HeldFile::at(path)).collect()
    }

    /// The held files of a session.
    pub fn held_of(&self, id: SessionId) -> Vec<HeldFile> {
        let text = id.to_string();
        let named = |path: &&PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.contains(&text));
        self.others.iter().filter(named).filter_map(|path| HeldFile::at(path)).collect()
    }

    /// A rollout of the youngest session, by the ids: one whose permissions a new one may have.
    pub fn youngest(&self) -> Option<PathBuf> {
        let read =
            self.places.iter().max_by_key(|(id, _)| **id).and_then(|(id, paths)| Some((*id, paths.first()?.clone())));
        let known = self.catalogue.as_ref().and_then(|catalogue| {
            let (id, folder, name) = catalogue.last().ok()??;
            self.same[folder].then(|| (id, self.home.path().join(catalogue.path(folder, &name))))
        });
        read.into_iter().chain(known).max().map(|(_, path)| path)
    }

    /// All rollouts. Each file is asked about once.
    pub fn all(&self) -> &Rollouts {
        self.all.get_or_init(|| match self.all_places() {
            Ok(places) => self.of_places(places),
            Err(error) => self.without(&error).all_again(),
        })
    }

    fn into_all(self) -> Rollouts {
        self.all();
        self.all.into_inner().unwrap_or_default()
    }

    fn all_again(&self) -> Rollouts {
        self.of_places(self.all_places().unwrap_or_default())
    }

    fn all_places(&self) -> io::Result<Vec<PathBuf>> {
        let own = |(path, folder): &(PathBuf, Folder)| {
            let full = self.home.path().join(path);
            folder.rollouts.iter().map(|name| full.join(name)).collect::<Vec<_>>()
        };
        let mut places: Vec<PathBuf> = self.read.iter().flat_map(own).collect();
        if let Some((catalogue, first)) = self.catalogue.as_ref().zip(SessionId::first_like("")) {
            let folders: Vec<PathBuf> =
                catalogue.folders().iter().map(|(path, _)| self.home.path().join(path)).collect();
            places.reserve(catalogue.len());
            for row in catalogue.from(first)? {
                let (id, folder, name) = row?;
                if self.same[folder] && RolloutName::is_of(&name, id) {
                    places.push(below(&folders[folder], &name));
                }
            }
        }
        Ok(places)
    }

    fn of_places(&self, places: Vec<PathBuf>) -> Rollouts {
        let mut refused: Vec<Error> =
            self.refused.iter().map(|(path, error)| Error::io("read", path)(io::Error::from(error.kind()))).collect();
        let held = self.held();
        let others = self.others.iter().filter(|path| !held.iter().any(|held| held.path == **path));
        let others: Vec<_> = others.map(|path| file_at(path)).collect();
        let mut files = Vec::with_capacity(places.len());
        for found in of_each(&places, FILES, |path| file_at(path)).into_iter().chain(others) {
            match found {
                Ok(file) => files.push(file),
                // A file that vanished since its folder was read was moved or deleted by Codex: it is simply not there.
                Err(Error::Io { .. }) => {}
                Err(error) => refused.push(error),
            }
        }
        Rollouts::of(files, refused, held)
    }

    /// Where the rollouts are that have an id in their names.
    fn places(&self, id: SessionId) -> Vec<PathBuf> {
        let mut places = self.places.get(&id).cloned().unwrap_or_default();
        let Some(catalogue) = &self.catalogue else { return places };
        match catalogue.of(id) {
            Ok(known) => {
                let known = known.into_iter().filter(|(folder, _)| self.same[*folder]);
                places.extend(known.map(|(folder, name)| self.home.path().join(catalogue.path(folder, &name))));
                places
            }
            Err(error) => self.without(&error).places(id),
        }
    }

    fn without(&self, error: &io::Error) -> &Self {
        self.without.get_or_init(|| {
            tracing::info!(%error, "the catalogue of the codex home can't be read");
            Box::new(Self::at(&self.home, None))
        })
    }

    /// The sessions that the catalogue does not have as they are: with a file that is new, or to be looked at again.
    pub fn unsettled(&self) -> &[SessionId] {
        self.unsettled.get_or_init(|| {
            let known = |id| self.catalogue.as_ref().and_then(|catalogue| catalogue.of(id).ok()).unwrap_or_default();
            let is_new = |(id, paths): (&SessionId, &Vec<PathBuf>)| {
                let known = known(*id);
                let is_known = |path: &PathBuf| known.iter().any(|(_, name)| path.ends_with(name));
                paths.iter().any(|path| is_of(path, *id) && !is_known(path)).then_some(*id)
            };
            let again = self.catalogue.iter().flat_map(|catalogue| catalogue.unsettled.iter().copied());
            let mut unsettled: Vec<SessionId> = self.places.iter().filter_map(is_new).chain(again).collect();
            unsettled.sort_unstable();
            unsettled.dedup();
            unsettled
        })
    }

    /// Whether so much is unsettled that all of the home may as well be looked through.
    pub fn is_mostly_new(&self) -> bool {
        let new = self.unsettled().len();
        self.catalogue.is_none() || new >= MANY || new * SHARE > self.known()
    }

    fn known(&self) -> usize {
        self.catalogue.as_ref().filter(|_| self.without.get().is_none()).map_or(0, Catalogue::len)
    }

    /// Writes the catalogue, if one is kept and worth it, after all that the home holds was recorded but for some sessions.
    pub fn remember(&self, mut unsettled: Vec<SessionId>) {
        unsettled.sort_unstable();
        let Some(place) = self.home.catalogue() else { return };
        let read: usize = self.read.iter().map(|(_, folder)| folder.len()).sum();
        let before = self.catalogue.as_ref().map_or(&[][..], |catalogue| &catalogue.unsettled);
        if !self.is_mostly_new() && read < MANY && read * SHARE <= self.known() && before == unsettled {
            return;
        }
        let written =
            self.folders().and_then(|folders| Catalogue::write(place, &folders, &unsettled, self.is_complete));
        if let Err(error) = written {
            tracing::info!(%error, "the catalogue of the codex home was not written");
        }
    }

    /// All folders with what they hold.
    fn folders(&self) -> io::Result<Vec<(PathBuf, Folder)>> {
        let mut folders = self.read.clone();
        let Some(catalogue) = &self.catalogue else { return Ok(folders) };
        let mut numbers = HashMap::new();
        for (number, (path, folder)) in catalogue.folders().iter().enumerate().filter(|(number, _)| self.same[*number])
        {
            numbers.insert(number, folders.len());
            folders.push((path.to_owned(), folder.clone()));
        }
        for row in SessionId::first_like("").map(|first| catalogue.from(first)).transpose()?.into_iter().flatten() {
            let (id, number, name) = row?;
            if let Some(at) = numbers.get(&number).filter(|_| is_of(Path::new(&name), id)) {
                folders[*at].1.rollouts.push(name);
            }
        }
        Ok(folders)
    }
}

/// The path of a file in a folder: made at once, and not as `join` does, which grows what it made.
fn below(folder: &Path, name: &str) -> PathBuf {
    let mut path = PathBuf::with_capacity(folder.as_os_str().len() + 1 + name.len());
    path.push(folder);
    path.push(name);
    path
}

/// What the system says of a folder.
fn stamp(folder: &Path) -> Option<FolderStamp> {
    fs::metadata(folder).ok().and_then(|data| FolderStamp::of(&data))
}

/// Whether a path ends in the name of one of a session's rollouts, and not in one that has its id as a segment's.
fn is_of(path: &Path, id: SessionId) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| RolloutName::is_of(name, id))
}
