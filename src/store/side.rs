//! A side repository: where a store meets a remote. It borrows the store's objects and has few refs, so that git is fast there however many sessions
//! there are. It may go at any time: all that it knows comes back from the remote.
//!
//! What machines have at the remote stands below `refs/remotes/`, under the namespace that it stands in there; what was taken in of each, below
//! `refs/seen/`; what this machine pushed last, below `refs/own/`. Git writes none of these refs: it only tells what the remote has, and fetches
//! objects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::retry::retry;
use super::{Error, Store};
use crate::disk::regular;
use crate::git::alternates::ALTERNATES;
use crate::git::headers::Headers;
use crate::git::refs::transaction::Edit;
use crate::git::transport::Transport;
use crate::git::{Error as GitError, Odb, Refs, program, repository};
use crate::model::{MachineId, ObjectId, RemoteName};

/// The folder of the side repositories in a store.
pub(super) const SIDES: &str = "remotes";

/// Where stands what machines have at the remote.
const REMOTES: &str = "refs/remotes/";

/// What this machine pushed last, and what it is about to push.
const OWN: &str = "refs/own/index";
const NEXT: &str = "refs/own/next";

/// The indexes that were taken in.
const SEEN: &str = "refs/seen/";

/// More than any of its own files has that is read here.
const MOST: u64 = 1 << 16;

/// With so many files of packs, or so many objects in one of 256 folders, all of them are put into one pack.
const MANY_FILES: usize = 90;
const MANY_LOOSE: usize = 8;

/// More machines than these are no people's.
const MOST_MACHINES: usize = 256;

/// What a store's objects are to a side repository's.
const LENDER: &str = "../../../objects\n";

/// Where a remote keeps what machines push: not every host takes refs of all names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// `refs/codex/<machine>/`.
    Own,
    /// `refs/heads/codex/<machine>/`.
    Heads,
}

/// A side repository.
pub struct Side {
    pub(super) odb: Odb,
    refs: Refs,
    /// What git says of its objects before any is read.
    pub(super) headers: Headers,
    path: PathBuf,
}

impl Namespace {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Own, Self::Heads];

    /// The word for it in settings, and in the names of refs here.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "codex",
            Self::Heads => "heads",
        }
    }

    /// A machine's ref at a remote.
    pub fn of(self, machine: &MachineId, part: Part) -> String {
        let name = part.name();
        match self {
            Self::Own => format!("refs/codex/{machine}/{name}"),
            Self::Heads => format!("refs/heads/codex/{machine}/{name}"),
        }
    }

    /// The machine and the kind of a ref that a remote has, if it is one of ours.
    fn read(name: &str) -> Option<(Self, MachineId, Part)> {
        let (namespace, rest) = match name.strip_prefix("refs/heads/codex/") {
            Some(rest) => (Self::Heads, rest),
            None => (Self::Own, name.strip_prefix("refs/codex/")?),
        };
        let (machine, part) = rest.split_once('/')?;
        Some((namespace, MachineId::parse(machine)?, Part::named(part)?))
    }
}

/// What a machine has at a remote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What tells of its sessions.
    Index,
    /// What keeps their commits.
    Keep,
}

impl Part {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Keep => "keep",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Index, Self::Keep].into_iter().find(|part| part.name() == name)
    }
}

/// A machine that has something at a remote.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its id.
    pub id: MachineId,
    /// Where its refs stand there.
    pub namespace: Namespace,
    /// The last commit of its index.
    pub index: ObjectId,
}

/// The last commits of what machines keep at a remote. They are not here.
pub type Keeps = BTreeMap<MachineId, ObjectId>;

impl Store {
    /// The side repository of a remote, made if it is not there.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn side(&self, remote: &RemoteName) -> Result<Side, Error> {
        let path = self.side_path(remote);
        if !is_whole(&path) {
            self.drop_side(remote)?;
            make(&path)?;
        }
        Ok(Side { odb: Odb::at(&path), refs: Refs::at(&path), headers: Headers::of(&path), path })
    }

    /// Removes what is known of a remote.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn drop_side(&self, remote: &RemoteName) -> Result<(), Error> {
        match fs::remove_dir_all(self.side_path(remote)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("remove what is known of a remote")(error))
            }
            _ => Ok(()),
        }
    }

    fn side_path(&self, remote: &RemoteName) -> PathBuf {
        self.path().join(SIDES).join(format!("{remote}.git"))
    }
}

/// Whether git takes a folder for a repository, and it borrows.
fn is_whole(path: &Path) -> bool {
    let begins =
        |name: &str, text: &[u8]| regular::read(&path.join(name), MOST).is_ok_and(|file| file.starts_with(text));
    begins("HEAD", b"ref: ")
        && begins("config", b"[")
        && begins("objects/info/alternates", LENDER.as_bytes())
        && path.join("refs").is_dir()
}

fn make(path: &Path) -> Result<(), Error> {
    let io = || Error::io("make a repository for a remote");
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(io())?;
    let aside = tempfile::Builder::new().prefix(".tmp-").tempdir_in(folder).map_err(io())?;
    repository::init(aside.path(), "What codex-git knows of a remote; it may be removed")?;
    let alternates = aside.path().join("objects").join(ALTERNATES);
    fs::create_dir_all(alternates.parent().unwrap_or(&alternates)).map_err(io())?;
    fs::write(&alternates, LENDER).map_err(io())?;
    match fs::rename(aside.path(), path) {
        Err(error) if !path.exists() => Err(io()(error)),
        // Another process made it meanwhile.
        _ => Ok(()),
    }
}

impl Side {
    /// The repository's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks what machines have at the remote, and fetches the indexes that are new. Gives what the machines keep there.
    ///
    /// # Errors
    /// When it can't be reached, or more machines have something there than there can be.
    pub fn look(&self, transport: &Transport, progress: &mut dyn FnMut(usize, usize)) -> Result<Keeps, Error> {
        let refs = transport.refs(&self.path, &["refs/codex/*", "refs/heads/codex/*"])?;
        let (mut indexes, mut keeps) = (BTreeMap::new(), Keeps::new());
        for (name, id) in refs {
            match Namespace::read(&name) {
                Some((namespace, machine, Part::Index)) => {
                    indexes.insert(format!("{REMOTES}{}/{machine}/index", namespace.word()), id);
                }
                Some((_, machine, Part::Keep)) => {
                    keeps.insert(machine, id);
                }
                None => {}
            }
        }
        if indexes.len() > MOST_MACHINES {
            let said = b"it has more machines than can share a remote";
            return Err(GitError::said("fetch from the remote", said).into());
        }
        let missing: Vec<ObjectId> = indexes.values().copied().filter(|id| !self.has(*id)).collect();
        self.fetch(transport, &missing, &[], progress)?;
        self.take_down(&indexes)?;
        Ok(keeps)
    }

    /// A branch at a remote that is none of codex-git's, if there is one.
    ///
    /// # Errors
    /// When the remote can't be reached.
    pub fn other_branch(&self, transport: &Transport) -> Result<Option<String>, Error> {
        let refs = transport.refs(&self.path, &["refs/heads/*"])?;
        let branches =
            refs.into_iter().filter_map(|(name, _)| Some(name.strip_prefix(super::branches::HEADS)?.to_owned()));
        Ok(branches.into_iter().find(|branch| !branch.starts_with("codex/")))
    }

    /// Has the refs say what the remote has.
    fn take_down(&self, there: &BTreeMap<String, ObjectId>) -> Result<(), Error> {
        patiently(|| {
            let before = self.refs.below(REMOTES)?;
            let gone = before.keys().filter(|name| !there.contains_key(*name)).map(|name| (name, None));
            let now = there.iter().map(|(name, id)| (name, Some(*id)));
            let edit = |(name, to): (&String, Option<ObjectId>)| {
                let from = before.get(name).copied();
                (from != to).then(|| Edit { name: name.clone(), from, to, note: None })
            };
            let edits: Vec<Edit> = gone.chain(now).filter_map(edit).collect();
            self.refs.commit(&edits, None, &self.odb)
        })
    }

    /// Fetches commits by their ids, with all that these do not reach.
    ///
    /// # Errors
    /// As [`Side::look`].
    pub fn fetch(
        &self,
        transport: &Transport,
        ids: &[ObjectId],
        known: &[ObjectId],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        transport.fetch_ids(&self.path, ids, known, progress)?;
        Ok(self.odb.reopen_packs()?)
    }

    /// The machines that have an index at the remote, as it was looked at last.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn machines(&self) -> Result<Vec<Machine>, Error> {
        let mut machines: BTreeMap<MachineId, Machine> = BTreeMap::new();
        // Whose host took branches alone from some time on has both: the second counts.
        for namespace in Namespace::ALL {
            let folder = format!("{REMOTES}{}/", namespace.word());
            for (name, index) in self.refs.below(&folder)? {
                if let Some(id) = name[folder.len()..].strip_suffix("/index").and_then(MachineId::parse) {
                    machines.insert(id.clone(), Machine { id, namespace, index });
                }
            }
        }
        Ok(machines.into_values().collect())
    }

    /// The index that this machine pushed last.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn pushed(&self) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(OWN)?)
    }

    /// The index that it was about to push, when it was ended.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn about_to_push(&self) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(NEXT)?)
    }

    /// Notes what this machine is about to push.
    ///
    /// # Errors
    /// When the ref can't be written.
    pub fn set_about_to_push(&self, index: ObjectId) -> Result<(), Error> {
        self.put(NEXT, Some(index))
    }

    /// Notes what this machine pushed last; `None` where it is as if it never had.
    ///
    /// # Errors
    /// When the ref can't be written.
    pub fn set_pushed(&self, index: Option<ObjectId>) -> Result<(), Error> {
        self.put(OWN, index)?;
        self.put(NEXT, None)
    }

    /// The index of a machine that was taken in last.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn seen(&self, machine: &MachineId) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(&format!("{SEEN}{machine}"))?)
    }

    /// Notes that all of a machine's index was taken in.
    ///
    /// # Errors
    /// When the ref can't be written.
    pub fn set_seen(&self, machine: &MachineId, index: Option<ObjectId>) -> Result<(), Error> {
        self.put(&format!("{SEEN}{machine}"), index)
    }

    /// Forgets what was taken in: the next look takes in all that is new.
    ///
    /// # Errors
    /// When a ref can't be written.
    pub fn forget_seen(&self) -> Result<(), Error> {
        self.refs.below(SEEN)?.into_keys().try_for_each(|name| self.put(&name, None))
    }

    /// Whether it has an object of its own, or the store has.
    pub fn has(&self, id: ObjectId) -> bool {
        self.odb.knows(id)
    }

    /// Whether a commit reaches another.
    ///
    /// # Errors
    /// When git can't be run.
    pub fn reaches(&self, commit: ObjectId, other: ObjectId) -> Result<bool, Error> {
        Ok(program::reaches(&self.path, commit, other)?)
    }

    /// Puts what came in many packs into one. That it can't be is nobody's business: it is only slower then.
    pub fn tidy(&self) {
        let packs = fs::read_dir(self.odb.pack_folder()).map_or(0, Iterator::count);
        let loose = self.odb.ids_with(0).map_or(0, |ids| ids.len());
        if (packs > MANY_FILES || loose > MANY_LOOSE)
            && let Err(error) = program::repack(&self.path)
        {
            tracing::info!(%error, "what is known of a remote could not be tidied");
        }
    }

    fn put(&self, name: &str, to: Option<ObjectId>) -> Result<(), Error> {
        patiently(|| {
            let from = self.refs.read(name)?;
            let edit = Edit { name: name.to_owned(), from, to, note: None };
            if from == to { Ok(()) } else { self.refs.commit(&[edit], None, &self.odb) }
        })
    }
}

/// Does it again until nobody else is faster: who comes last is right.
fn patiently(act: impl Fn() -> Result<(), GitError>) -> Result<(), Error> {
    Ok(retry(|error| matches!(error, GitError::LostRace(_)), act)?)
}
