//! Doctor: what is there, what it takes, and what is wrong with it.

use std::path::Path;
use std::time::Duration;

use super::{Error, Workspace};
use crate::codex::{CodexHome, HeldFile, HooksFile};
use crate::model::Leftover;
use crate::rollout::{RolloutFile, SessionMeta};
use crate::store::{LeftOut, Size, git_version};

/// What an examination found.
#[derive(Debug)]
pub struct Checkup {
    /// Whether the codex home is there.
    pub home: bool,
    /// How many rollouts it has, and how many bytes of them.
    pub rollouts: (usize, u64),
    /// How many evicted files are held, how many bytes they have, and in what time the first can go.
    pub held: (usize, u64, Duration),
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
    /// Whether the program is there that git was told to run.
    pub program: bool,
    /// Packs that can't be read.
    pub left_out: Vec<LeftOut>,
}

/// Examines a codex home and a store; nothing is written.
pub fn examine(home: &Path, store: &Path) -> Checkup {
    let codex = CodexHome::new(home);
    let rollouts = codex.rollouts();
    let refused = rollouts.take_refused();
    let found = rollouts.all();
    let broken = found.iter().filter_map(|found| SessionMeta::of(found).err());
    Checkup {
        home: home.is_dir(),
        rollouts: (files(found).count(), files(found).map(|file| file.len).sum()),
        held: (
            rollouts.held().len(),
            rollouts.held().iter().map(|file| file.len).sum(),
            rollouts.held().iter().map(HeldFile::left).min().unwrap_or_default(),
        ),
        unreadable: refused.into_iter().chain(broken).map(Error::from).collect(),
        hooks: HooksFile::read(home)
            .map(|file| file.events())
            .map(|(ours, all)| (ours.len(), all.len()))
            .map_err(Error::from),
        git: git_version(),
        store: Workspace::open(home, store).and_then(|workspace| workspace.stored()),
    }
}

/// The files of all sessions.
fn files(found: &[RolloutFile]) -> impl Iterator<Item = &RolloutFile> {
    found.iter().flat_map(RolloutFile::files)
}

impl Workspace {
    fn stored(&self) -> Result<Stored, Error> {
        Ok(Stored {
            sessions: self.store.session_ids()?.len(),
            saves: self.store.saves()?.len(),
            size: self.store.size()?,
            leftovers: self.leftovers()?,
            program: self.store.noted_program().is_some_and(|program| program.is_file()),
            left_out: self.store.left_out()?,
        })
    }
}
