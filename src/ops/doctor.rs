//! Doctor: what is there, what it takes, and what is wrong with it.

use std::path::Path;

use super::{Error, Workspace};
use crate::model::Leftover;
use crate::rollout::{CodexHome, Found, HooksFile, SessionMeta};
use crate::store::{LeftOut, Size, git_version};

/// What an examination found.
#[derive(Debug)]
pub struct Checkup {
    /// Whether the codex home is there.
    pub home: bool,
    /// How many rollouts it has, and how many bytes of them.
    pub rollouts: (usize, u64),
    /// Rollouts that can't be recorded.
    pub unreadable: Vec<Error>,
    /// At how many events Codex's hooks file runs codex-git, and at how many it should; or why that can't be told.
    pub hooks: Result<(usize, usize), Error>,
    /// The version of `git`.
    pub git: Option<String>,
    /// The store, or why it can't be opened.
    pub store: Result<Stored, Error>,
}

/// What is in a store.
#[derive(Debug)]
pub struct Stored {
    /// How many sessions.
    pub sessions: usize,
    /// How many saves.
    pub saves: usize,
    /// What it takes.
    pub size: Size,
    /// What kills left behind.
    pub leftovers: Vec<Leftover>,
    /// Packs that can't be read.
    pub left_out: Vec<LeftOut>,
}

/// Examines a codex home and a store; nothing is written.
pub fn examine(home: &Path, store: &Path) -> Checkup {
    let codex = CodexHome::new(home);
    let (found, refused) = codex.rollouts().unwrap_or_else(|error| (Vec::new(), vec![error]));
    let broken = found.iter().filter_map(|found| SessionMeta::of(found).err());
    Checkup {
        home: home.is_dir(),
        rollouts: (found.len(), found.iter().map(|found: &Found| found.len).sum()),
        unreadable: refused.into_iter().chain(broken).map(Error::from).collect(),
        hooks: HooksFile::read(home)
            .map(|file| file.events())
            .map(|(ours, all)| (ours.len(), all.len()))
            .map_err(Error::from),
        git: git_version(),
        store: Workspace::open(home, store).and_then(|workspace| workspace.stored()),
    }
}

impl Workspace {
    fn stored(&self) -> Result<Stored, Error> {
        Ok(Stored {
            sessions: self.store.session_ids()?.len(),
            saves: self.store.saves()?.len(),
            size: self.store.size()?,
            leftovers: self.leftovers()?,
            left_out: self.store.left_out()?,
        })
    }
}
