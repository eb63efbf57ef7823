//! Reading snapshots: the files of one, what is different between two, and a file's bytes, wherever they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::store::CodeStore;
use super::{Error, names};
use crate::git::head::Head;
use crate::git::object::Kind;
use crate::git::pack::reader::PackFile;
use crate::git::project::Project;
use crate::git::tree::{FOLDER_MODE, RawEntry, parse_raw};
use crate::git::{Error as GitError, Odb};
use crate::model::ObjectId;
use crate::model::code::{CodeMoment, Snapshot, TurnKey, Version};

/// A snapshot that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// Its commit.
    pub commit: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// When it was taken first, in seconds since 1970.
    pub at: i64,
    /// What it says of itself, with its root where that is now.
    pub snapshot: Snapshot,
    /// The root as it was written.
    pub(super) written: Vec<u8>,
}

impl Kept {
    /// The root that it is of.
    pub fn root(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.snapshot.root))
    }
}

/// A path that two snapshots differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The path below the root.
    pub path: Vec<u8>,
    /// What it was; none, if there was no such file.
    pub old: Option<Version>,
    /// What it is.
    pub new: Option<Version>,
}

impl CodeStore {
    /// The snapshot of a commit.
    ///
    /// # Errors
    /// When the commit is none of a snapshot, or can't be read.
    pub fn snapshot(&self, commit: ObjectId) -> Result<Kept, Error> {
        let bytes = self.odb.read(Kind::Commit, commit)?;
        let text = String::from_utf8_lossy(&bytes);
        let head = Head::of(&text);
        let tree = head.ids("tree").next().ok_or(GitError::WrongKind(commit))?;
        let at = head.person("committer").map_or(0, |(_, at)| at);
        let mut snapshot = Snapshot::parse(head.message).ok_or(GitError::WrongKind(commit))?;
        let written = snapshot.root.clone();
        if let Ok(root) = std::str::from_utf8(&written) {
            snapshot.root = self.moves.now(root).into_owned().into_bytes();
        }
        Ok(Kept { commit, tree, at, snapshot, written })
    }

    /// The snapshot of a turn's moment.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of_turn(&self, key: &TurnKey, moment: CodeMoment) -> Result<Option<Kept>, Error> {
        let commit = self.refs.read(&names::of_turn(key, moment))?;
        commit.map(|commit| self.snapshot(commit)).transpose()
    }

    /// All refs of snapshots, with their commits.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn named(&self) -> Result<BTreeMap<String, ObjectId>, Error> {
        let mut all = self.refs.below(names::OF_TURNS)?;
        all.extend(self.refs.below(names::ASKED)?);
        all.extend(self.refs.below(names::UNDO)?);
        Ok(all)
    }

    /// The commits of snapshots that are of no turn, each with what it was kept for. What a restore was to make of a folder is none that was
    /// taken.
    ///
    /// # Errors
    /// As [`CodeStore::named`].
    pub fn apart(&self) -> Result<BTreeSet<(ObjectId, CodeMoment)>, Error> {
        let asked = self.refs.below(names::ASKED)?.into_values().map(|commit| (commit, CodeMoment::Asked));
        let undo = self.refs.below(names::UNDO)?.into_iter().filter(|(name, _)| names::order(name).is_some());
        Ok(asked.chain(undo.map(|(_, commit)| (commit, CodeMoment::Undo))).collect())
    }

    /// The turns that have snapshots, each with its moments.
    ///
    /// # Errors
    /// As [`CodeStore::named`].
    pub fn turns(&self) -> Result<BTreeSet<(TurnKey, CodeMoment)>, Error> {
        Ok(self.named()?.keys().filter_map(|name| names::parse(name)).collect())
    }

    /// The project that it borrows from.
    pub fn lender(&self) -> Lender<'_> {
        let packs = self.odb.packs_now().map(|packs| packs.all().to_vec()).unwrap_or_default();
        let project = self.project().filter(|path| path.join("objects").is_dir());
        let objects = project.as_deref().map(Odb::at);
        Lender { store: self, packs, objects, project: project.map(|path| Project::open(&path)) }
    }

    /// The lines of a tree.
    pub(super) fn entries(&self, tree: ObjectId) -> Result<Vec<RawEntry>, Error> {
        Ok(parse_raw(&self.odb.read(Kind::Tree, tree)?).ok_or(GitError::WrongKind(tree))?)
    }

    /// All files of a tree, by their paths.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn files(&self, tree: ObjectId) -> Result<BTreeMap<Vec<u8>, Version>, Error> {
        let mut files = BTreeMap::new();
        let mut waiting = vec![(Vec::new(), tree)];
        while let Some((folder, tree)) = waiting.pop() {
            for RawEntry { mode, name, id } in self.entries(tree)? {
                let path = [folder.as_slice(), &name].concat();
                match mode {
                    FOLDER_MODE => waiting.push(([&path[..], b"/"].concat(), id)),
                    mode => _ = files.insert(path, (mode, id)),
                }
            }
        }
        Ok(files)
    }

    /// The file at a path of a tree.
    ///
    /// # Errors
    /// As [`CodeStore::files`].
    pub fn file(&self, mut tree: ObjectId, path: &[u8]) -> Result<Option<Version>, Error> {
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            let found = self.entries(tree)?.into_iter().find(|entry| entry.name == name);
            match (found, names.peek()) {
                (Some(entry), Some(_)) if entry.mode == FOLDER_MODE => tree = entry.id,
                (Some(entry), None) if entry.mode != FOLDER_MODE => return Ok(Some((entry.mode, entry.id))),
                _ => break,
            }
        }
        Ok(None)
    }

    /// What is different between two trees, by path. Folders that are the same are not looked into.
    ///
    /// # Errors
    /// As [`CodeStore::files`].
    pub fn difference(&self, old: ObjectId, new: ObjectId) -> Result<Vec<Changed>, Error> {
        let mut changed = Vec::new();
        self.compare(b"", Some(old), Some(new), &mut changed)?;
        changed.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Ok(changed)
    }

    fn compare(
        &self,
        folder: &[u8],
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        changed: &mut Vec<Changed>,
    ) -> Result<(), Error> {
        if old == new {
            return Ok(());
        }
        let entries = |tree: Option<ObjectId>| tree.map_or(Ok(Vec::new()), |tree| self.entries(tree));
        let mut names: BTreeMap<Vec<u8>, [Option<Version>; 2]> = BTreeMap::new();
        for (side, tree) in [old, new].into_iter().enumerate() {
            for RawEntry { mode, name, id } in entries(tree)? {
                names.entry(name).or_default()[side] = Some((mode, id));
            }
        }
        for (name, [old, new]) in names.into_iter().filter(|(_, [old, new])| old != new) {
            let path = [folder, &name].concat();
            let tree = |version: Option<Version>| version.filter(|(mode, _)| *mode == FOLDER_MODE).map(|(_, id)| id);
            let file = |version: Option<Version>| version.filter(|(mode, _)| *mode != FOLDER_MODE);
            self.compare(&[&path[..], b"/"].concat(), tree(old), tree(new), changed)?;
            if file(old) != file(new) {
                changed.push(Changed { path, old: file(old), new: file(new) });
            }
        }
        Ok(())
    }
}

/// Where the bytes of files are: in a code store, or in the project that it borrows from.
pub struct Lender<'s> {
    store: &'s CodeStore,
    /// The store's packs: most files are in none of them, and to know that from these costs no look at the folder.
    packs: Vec<Arc<PackFile>>,
    /// The project's objects: what they hold is read and proven here in half the time that libgit2 takes.
    objects: Option<Odb>,
    /// The same, for what is not found so.
    project: Option<Project>,
}

impl Lender<'_> {
    /// The bytes of a file with a path, which is named if they are gone.
    ///
    /// # Errors
    /// When they are in neither place, or can't be read.
    pub fn bytes(&self, path: &[u8], id: ObjectId) -> Result<Vec<u8>, Error> {
        let is_own = self.packs.iter().any(|pack| pack.holds(id));
        let by_hand = |objects: &Odb| objects.read(Kind::Blob, id).ok();
        let lent = || self.objects.as_ref().and_then(by_hand).or_else(|| self.project.as_ref()?.blob(id));
        if !is_own && let Some(lent) = lent() {
            return Ok(lent);
        }
        match self.store.odb.read(Kind::Blob, id) {
            Err(GitError::Lost(_)) => Err(Error::Gone(path.to_vec())),
            read => Ok(read?),
        }
    }
}
