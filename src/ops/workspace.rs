//! A codex home and its store, opened together: what every verb works on.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Error;
use super::project::Project;
use crate::codex::{CodexHome, Look};
use crate::model::config_key::MAP;
use crate::model::moves::Moves;
use crate::store::{Commit, Store};

/// A point in a session.
pub type Point = Commit;

/// A codex home and the store that keeps its sessions.
pub struct Workspace {
    pub(super) home: CodexHome,
    pub(super) store: Store,
    /// The home's rollouts, as they were when somebody looked last.
    look: RefCell<Option<Arc<Look>>>,
    /// The project that was asked about last, with what is known of directories since.
    project: RefCell<Option<(PathBuf, Arc<Project>)>>,
    /// The directories that were moved, where somebody asked.
    moves: RefCell<Option<Arc<Moves>>>,
    created: bool,
}

impl Workspace {
    /// Opens the store at `store`, for the codex home at `home`.
    ///
    /// # Errors
    /// When there is no store, or it can't be read by this version.
    pub fn open(home: &Path, store: &Path) -> Result<Self, Error> {
        Ok(Self::of(home, Store::open(store)?, false))
    }

    /// Opens the store, and makes it first where there is none. Made twice, it is made once.
    ///
    /// # Errors
    /// When the store can't be made, or something else stands in its place.
    pub fn init(home: &Path, store: &Path) -> Result<Self, Error> {
        let (store, created) = Store::init(store)?;
        Ok(Self::of(home, store, created))
    }

    fn of(home: &Path, store: Store, created: bool) -> Self {
        let home = CodexHome::new(home).with_catalogue(store.catalogue_path());
        let (look, project, moves) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { home, store, look, project, moves, created }
    }

    /// The same workspace, opened once more, for another thread.
    pub(super) fn reopen(&self) -> Result<Self, Error> {
        Self::open(self.home(), self.store())
    }

    /// The home's rollouts, as the last look found them.
    pub(super) fn look(&self) -> Arc<Look> {
        self.look.borrow_mut().get_or_insert_with(|| Arc::new(self.home.look())).clone()
    }

    /// The home's rollouts as they are now. Verbs that record look anew, and so do those that write into the home; whatever else the same
    /// command does stands on that look.
    pub(super) fn look_anew(&self) -> Arc<Look> {
        self.forget_look();
        self.look()
    }

    /// The project that a directory is in, as it was at the last look.
    pub(super) fn project_of(&self, directory: &Path) -> Arc<Project> {
        let mut last = self.project.borrow_mut();
        match &*last {
            Some((known, project)) if known == directory => Arc::clone(project),
            _ => {
                let project = Arc::new(Project::of(directory));
                *last = Some((directory.to_owned(), Arc::clone(&project)));
                project
            }
        }
    }

    /// The directories that were moved, as the settings said when they were read.
    pub(super) fn moves(&self) -> Arc<Moves> {
        let read = || Arc::new(Moves::read(self.store.config().values(&MAP.in_git())).0);
        Arc::clone(self.moves.borrow_mut().get_or_insert_with(read))
    }

    /// Has the next who asks read them again.
    pub(super) fn forget_moves(&self) {
        self.moves.take();
        self.project.take();
    }

    /// The same workspace, opened once more, with the same look at the home.
    pub(super) fn reopen_looked_at(&self) -> Result<Self, Error> {
        let workspace = self.reopen()?;
        workspace.look.replace(Some(self.look()));
        Ok(workspace)
    }

    /// Has the next who asks look anew.
    pub(super) fn forget_look(&self) {
        self.look.take();
        self.project.take();
    }

    /// Has the verbs wait no longer than that for a lock of the store which another process holds.
    pub fn set_patience(&self, patience: Duration) {
        self.store.set_patience(patience);
    }

    /// Has plain git print conversations, by this program where that is known. Tells whether anything had to be written for that.
    ///
    /// # Errors
    /// When the store's settings can't be read or written.
    pub fn make_readable(&self, program: Option<&Path>) -> Result<bool, Error> {
        Ok(self.store.make_readable(program)?)
    }

    /// Whether [`Workspace::init`] made the store just now.
    pub fn created(&self) -> bool {
        self.created
    }

    /// The codex home's folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The store's folder.
    pub fn store(&self) -> &Path {
        self.store.path()
    }
}
