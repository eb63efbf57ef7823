//! A code store: the bare repository that keeps the snapshots of one project, apart from the conversations, so that it can be forgotten.
//!
//! It borrows what the project's own commits have. Plain git reads that from the project by itself: the project is a remote that promised its
//! objects, and one that nothing is ever pushed to.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Error;
use super::ignored::outside;
use super::root::Root;
use crate::disk::lock::lock_within;
use crate::disk::{durable, private};
use crate::git::project::Project;
use crate::git::refs::transaction::Edit;
use crate::git::repository::{Settings, init};
use crate::git::{Error as GitError, Odb, Refs};
use crate::model::code::{CODE_FORMAT, Rule};
use crate::model::moves::Moves;

/// The folder of the code stores in a codex home.
const FOLDER: &str = "code";
/// What the name of a store begins with while it is made.
const ASIDE: &str = ".code-";
/// How long another look at the same project is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);
/// A ref's lock is nobody's after a second; then it is removed, and taken anew.
const STALE: Duration = Duration::from_secs(5);

const FORMAT_KEY: &str = "codexgit.code.format";
const PROJECT_KEY: &str = "codexgit.code.project";
const IGNORE_KEY: &str = "codexgit.code.ignore";

/// git must neither pack nor log here: what is forgotten is to be gone. And nothing is ever pushed to the project or fetched from here.
const CONFIG: [(&str, &str); 8] = [
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("core.logAllRefUpdates", "false"),
    ("core.commitGraph", "false"),
    ("transfer.hideRefs", "refs/"),
    ("remote.project.promisor", "true"),
    ("remote.project.pushurl", "disabled:"),
    ("remote.project.skipFetchAll", "true"),
];

/// Plain git writes exact bytes with these.
const ATTRIBUTES: &str = "* -text -eol -crlf -filter -ident -working-tree-encoding\n";

/// The code store of a project.
pub struct CodeStore {
    path: PathBuf,
    pub(super) odb: Odb,
    pub(super) refs: Refs,
    /// The directories that were moved, if the project was.
    pub(super) moves: Arc<Moves>,
    /// What a person told codex-git to leave out of the project where it was before.
    inherited: Vec<String>,
}

/// That nobody else works in a code store.
pub(super) struct Held {
    _file: File,
}

impl CodeStore {
    /// The code store of a root's project; `None` if there is none yet.
    ///
    /// # Errors
    /// When something else is in its place, or a later version made it.
    pub fn find(home: &Path, root: &Root) -> Result<Option<Self>, Error> {
        let path = home.join(FOLDER).join(format!("{}.git", root.key()));
        // That of a project that was moved has the key of where it was.
        let all = if root.moves.is_empty() { Vec::new() } else { Self::all(home) };
        let before = all.into_iter().flatten().map(|store| store.after(Arc::clone(&root.moves)));
        let mut before: Vec<Self> = before.filter(|store| store.path != path && store.is_of(root)).collect();
        if !path.exists() {
            return Ok(before.pop());
        }
        let inherited = before.iter().flat_map(Self::ignored).collect();
        Ok(Some(Self { inherited, ..Self::open(&path)? }))
    }

    /// Whether it is of a root's project, wherever that was before.
    pub fn is_of(&self, root: &Root) -> bool {
        let project = self.project().and_then(|project| fs::canonicalize(project).ok());
        project.as_deref() == Some(root.project())
    }

    /// The code store of a root's project, which is made if there is none.
    ///
    /// # Errors
    /// As [`CodeStore::find`], and when it can't be made.
    pub fn make(home: &Path, root: &Root) -> Result<Self, Error> {
        if let Some(store) = Self::find(home, root)? {
            return Ok(store);
        }
        let folder = home.join(FOLDER);
        private::make_folder(&folder).map_err(Error::io("make", &folder))?;
        let path = folder.join(format!("{}.git", root.key()));
        let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(&folder).map_err(Error::io("make", &path))?;
        fill(aside.path(), root)?;
        match fs::rename(aside.path(), &path) {
            Ok(()) => durable::sync_folder(&folder),
            // Another process was faster.
            Err(_) if path.exists() => {}
            Err(error) => return Err(Error::io("make", &path)(error)),
        }
        Self::open(&path)
    }

    /// All code stores of a codex home. What can't be opened is told.
    pub fn all(home: &Path) -> Vec<Result<Self, Error>> {
        let entries = fs::read_dir(home.join(FOLDER)).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "git"));
        paths.sort();
        paths.iter().map(|path| Self::open(path)).collect()
    }

    /// Opens the one at a path.
    ///
    /// # Errors
    /// As [`CodeStore::find`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let settings = Settings::of(path).map_err(|_| Error::NotACodeStore(path.to_owned()))?;
        let format = settings.number(FORMAT_KEY).ok_or_else(|| Error::NotACodeStore(path.to_owned()))?;
        if format > i64::from(CODE_FORMAT) {
            return Err(Error::NewerFormat { path: path.to_owned(), format });
        }
        Ok(Self {
            path: path.to_owned(),
            odb: Odb::at(path),
            refs: Refs::at(path),
            moves: Arc::default(),
            inherited: Vec::new(),
        })
    }

    /// The same, where directories were moved: if the project is no more where it was, it is where it was moved to, and so are the roots of the
    /// snapshots.
    #[must_use]
    pub fn after(self, moves: Arc<Moves>) -> Self {
        let is_gone = || self.project().is_some_and(|project| !project.exists());
        if !moves.is_empty() && is_gone() { Self { moves, ..self } } else { self }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The project's folder of git's, or the project's folder where it has none.
    pub fn project(&self) -> Option<PathBuf> {
        let project = Settings::of(&self.path).ok()?.text(PROJECT_KEY)?;
        Some(PathBuf::from(self.moves.now(&project).into_owned()))
    }

    /// What a person told codex-git to leave out.
    pub fn ignored(&self) -> Vec<String> {
        let all = Settings::of(&self.path).and_then(|settings| settings.all()).unwrap_or_default();
        let own = all.into_iter().filter(|(key, _)| key == IGNORE_KEY).map(|(_, value)| value);
        self.inherited.iter().cloned().chain(own).collect()
    }

    /// The ignore rules that stand outside of the folders of a project's root, as they are now.
    pub(super) fn rules_of(&self, project: &Project) -> Vec<Rule> {
        outside(&self.ignored(), &project.exclude_files())
    }

    /// Leaves out from now on what a pattern matches, written as in `.gitignore`.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn ignore(&self, pattern: &str) -> Result<(), Error> {
        if !self.ignored().iter().any(|known| known == pattern) {
            let mut settings = Settings::of(&self.path)?;
            self.refs.guarded(|| settings.add(IGNORE_KEY, pattern))?;
        }
        Ok(())
    }

    /// No longer leaves out what a pattern matches. False if it was not left out.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn ignore_no_longer(&self, pattern: &str) -> Result<bool, Error> {
        if !self.ignored().iter().any(|known| known == pattern) {
            return Ok(false);
        }
        let mut settings = Settings::of(&self.path)?;
        self.refs.guarded(|| settings.remove_value(IGNORE_KEY, pattern))?;
        Ok(true)
    }

    /// Waits until nobody else works in it, but not without an end.
    pub(super) fn hold(&self) -> Result<Held, Error> {
        let path = self.path.join("code.lock");
        let file = private::open_or_make(&path).map_err(Error::io("lock", &path))?;
        match lock_within(&file, PATIENCE) {
            Ok(()) => Ok(Held { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy(self.path.clone())),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }

    /// Moves refs. A lock that a kill left behind is waited for until it can't be anybody's.
    pub(super) fn move_refs(&self, edits: &[Edit]) -> Result<(), Error> {
        patiently(|| self.refs.commit(edits, None, &self.odb))
    }

    /// Gathers the refs in one file. A lock that a kill left behind is waited for as well.
    pub(super) fn pack_refs(&self) -> Result<(), Error> {
        patiently(|| self.refs.pack(|_, _| Ok(None)).map(drop))
    }

    /// The file of a root's, or of parts of it, with that ending, beside the repository's.
    pub(super) fn note_of(&self, root: &Root, parts: &[Vec<u8>], ending: &str) -> PathBuf {
        self.notes().join(format!("{}.{ending}", root.own_key(parts)))
    }

    /// The folder of what is derived, and of what is noted of roots.
    pub(super) fn notes(&self) -> PathBuf {
        self.path.join("roots")
    }

    /// Removes what kills left behind: files that were written aside, and packs that never got their index. Who holds the store is the only one who
    /// writes such, so they are nobody's.
    pub(super) fn remove_leftovers(&self, _: &Held) {
        let packs = self.odb.pack_folder();
        for folder in [&packs, &self.notes()] {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                let is_aside = name.starts_with("tmp_") || name.starts_with(".tmp");
                let is_lone = name.starts_with("pack-") && !path.with_extension("idx").exists();
                if is_aside || is_lone {
                    fs::remove_file(&path).ok();
                }
            }
        }
    }

    /// How many bytes its packs have: nearly all of it, told by few files.
    pub(super) fn packed_size(&self) -> u64 {
        size_of(&self.odb.pack_folder())
    }

    /// How many bytes its files have.
    pub fn size(&self) -> u64 {
        size_of(&self.path)
    }
}

fn patiently(act: impl Fn() -> Result<(), GitError>) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        match act() {
            Err(GitError::LostRace(_)) if began.elapsed() < STALE => thread::sleep(PAUSE),
            done => return Ok(done?),
        }
    }
}

fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => size_of(&entry.path()),
        Ok(data) => data.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}

/// Makes an empty code store where nobody looks, the format last: it is one only when all is there.
fn fill(path: &Path, root: &Root) -> Result<(), Error> {
    let project = root.project();
    init(path, "The files of a project at turns of Codex sessions, kept by codex-git")?;
    let close = fs::set_permissions(path, PermissionsExt::from_mode(0o700));
    close.map_err(Error::io("make", path))?;
    for folder in ["roots", "info"].map(|name| path.join(name)) {
        private::make_folder(&folder).map_err(Error::io("make", &folder))?;
    }
    let attributes = path.join("info/attributes");
    fs::write(&attributes, ATTRIBUTES).map_err(Error::io("write", &attributes))?;
    let mut settings = Settings::of(path)?;
    for (key, value) in CONFIG {
        settings.set(key, value)?;
    }
    // Settings hold text. A project whose path is none is read by codex-git alone.
    let named = project.to_str().unwrap_or_default();
    settings.set("remote.project.url", named)?;
    settings.set(PROJECT_KEY, named)?;
    Ok(settings.set_number(FORMAT_KEY, i64::from(CODE_FORMAT))?)
}
