//! A side repository: where a store meets a remote. It borrows the store's objects and has few refs, so that git is fast there however many sessions
//! there are. It may go at any time: all that it knows comes back from the remote.
//!
//! Other machines' indexes stand below `refs/remotes/`, under the namespace that the remote keeps them in; what was taken of each, below `refs/seen/`;
//! what this machine pushed last, below `refs/own/`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Store};
use crate::disk::regular;
use crate::git::alternates::ALTERNATES;
use crate::git::refs::transaction::Edit;
use crate::git::transport::Transport;
use crate::git::{Error as GitError, Odb, Refs, repository};
use crate::model::{MachineId, ObjectId, RemoteName};

/// The folder of the side repositories in a store.
const SIDES: &str = "remotes";

/// Where the indexes stand that a remote has.
const REMOTES: &str = "refs/remotes/";

/// What this machine pushed last.
const OWN: &str = "refs/own/index";

/// What machines keep at a remote that gives nothing by its id, and what this machine keeps at others.
const KEEPS: &str = "refs/keeps/";

/// The indexes that were taken in.
const SEEN: &str = "refs/seen/";

/// More than any of its own files has that is read here.
const MOST: u64 = 1 << 16;

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
    pub fn of(self, machine: &MachineId, name: &str) -> String {
        match self {
            Self::Own => format!("refs/codex/{machine}/{name}"),
            Self::Heads => format!("refs/heads/codex/{machine}/{name}"),
        }
    }

    /// What git is to fetch to know all indexes.
    const fn indexes(self) -> &'static str {
        match self {
            Self::Own => "+refs/codex/*/index:refs/remotes/codex/*/index",
            Self::Heads => "+refs/heads/codex/*/index:refs/remotes/heads/*/index",
        }
    }
}

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
        Ok(Side { odb: Odb::at(&path), refs: Refs::at(&path), path })
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

    /// Fetches the indexes that the remote has.
    ///
    /// # Errors
    /// When it can't be reached.
    pub fn fetch_indexes(&self, transport: &Transport, progress: &mut dyn FnMut(usize, usize)) -> Result<(), Error> {
        let refs: Vec<&str> = Namespace::ALL.into_iter().map(Namespace::indexes).collect();
        transport.fetch(&self.path, &refs, progress)?;
        self.odb.reopen_packs()?;
        if self.machines()?.len() > MOST_MACHINES {
            let said = b"it has more machines than can share a remote";
            return Err(GitError::said("fetch from the remote", said).into());
        }
        Ok(())
    }

    /// Fetches a commit by its id, with all that these do not reach.
    ///
    /// # Errors
    /// As [`Side::fetch_indexes`].
    pub fn fetch_commit(&self, transport: &Transport, id: ObjectId, known: &[ObjectId]) -> Result<(), Error> {
        transport.fetch_ids(&self.path, &[id], known, &mut |_, _| {})?;
        Ok(self.odb.reopen_packs()?)
    }

    /// Fetches all that machines keep at the remote.
    ///
    /// # Errors
    /// As [`Side::fetch_indexes`].
    pub fn fetch_keeps(
        &self,
        transport: &Transport,
        machines: &[(MachineId, Namespace)],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        let keep = |(machine, namespace): &(MachineId, Namespace)| {
            format!("+{}:{KEEPS}{machine}", namespace.of(machine, "keep"))
        };
        let refs: Vec<String> = machines.iter().map(keep).collect();
        transport.fetch(&self.path, &refs.iter().map(String::as_str).collect::<Vec<_>>(), progress)?;
        Ok(self.odb.reopen_packs()?)
    }

    /// What a machine keeps at the remote, as it was fetched last.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn kept(&self, machine: &MachineId) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(&format!("{KEEPS}{machine}"))?)
    }

    /// The machines that the remote has indexes of, each with the last commit of its index.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn machines(&self) -> Result<Vec<(MachineId, Namespace, ObjectId)>, Error> {
        let mut machines = Vec::new();
        for namespace in Namespace::ALL {
            let folder = format!("{REMOTES}{}/", namespace.word());
            for (name, id) in self.refs.below(&folder)? {
                let machine = name[folder.len()..].strip_suffix("/index").and_then(MachineId::parse);
                machines.extend(machine.map(|machine| (machine, namespace, id)));
            }
        }
        // Whose host took another name later has both; what it pushes to now was found out last.
        machines.sort_by(|a, b| a.0.cmp(&b.0));
        machines.dedup_by(|later, earlier| later.0 == earlier.0 && replace(earlier, later));
        Ok(machines)
    }

    /// The index that this machine pushed last.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn pushed(&self) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(OWN)?)
    }

    /// Notes what this machine pushed last; `None` where it is as if it never had.
    ///
    /// # Errors
    /// When the ref can't be written.
    pub fn set_pushed(&self, index: Option<ObjectId>) -> Result<(), Error> {
        self.put(OWN, index)
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

    fn put(&self, name: &str, to: Option<ObjectId>) -> Result<(), Error> {
        let from = self.refs.read(name)?;
        if from == to {
            return Ok(());
        }
        let edit = Edit { name: name.to_owned(), from, to, note: None };
        Ok(self.refs.commit(&[edit], None, &self.odb)?)
    }
}

/// Has the one that was found later stand where the other stood.
fn replace<T: Clone>(earlier: &mut T, later: &T) -> bool {
    earlier.clone_from(later);
    true
}
