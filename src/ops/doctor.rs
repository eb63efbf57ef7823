//! Doctor: what is there, what it takes, and what is wrong with it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::record::open_as_stored;
use super::{Error, Hidden, Misfit, Workspace};
use crate::codex::{CodexHome, HeldFile, HooksFile, has_open};
use crate::disk::regular::is_program;
use crate::model::Leftover;
use crate::rollout::{Rollout, RolloutFile, SessionMeta};
use crate::store::{LeftOut, Size, git_version};

/// How long Codex may take to write the first line of a rollout that it made.
const FRESH: Duration = Duration::from_secs(60);

/// What an examination found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Checkup {
    /// Whether the codex home is there.
    pub home: bool,
    /// Its rollouts.
    pub rollouts: Amount,
    /// The evicted files that are held.
    pub held: Amount,
    /// In what time the first of those can go.
    pub held_for: Duration,
    /// Rollouts that can't be recorded.
    pub unreadable: Vec<Error>,
    /// Rollouts that hold nothing, and that nobody is about to write: what a Codex left that was stopped, or that had no room.
    pub hollow: Vec<PathBuf>,
    /// At how many events Codex's hooks file runs codex-git, and at how many it should; or why that can't be told.
    pub hooks: Result<(usize, usize), Error>,
    /// The version of `git`.
    pub git: Option<String>,
    /// The store, or why it can't be opened.
    pub store: Result<Stored, Error>,
}

/// What is in a store.
#[derive(Debug)]
#[non_exhaustive]
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
    /// What keeps branches of sessions from being read.
    pub unreadable: Vec<Error>,
    /// The sessions that Codex does not show here.
    pub hidden: Vec<Hidden>,
    /// How many rollouts have less than the store.
    pub behind: usize,
    /// Settings that make no sense, and count for nothing.
    pub misfits: Vec<Misfit>,
    /// Why git can't read the settings, if so.
    pub settings_damage: Option<String>,
}

/// How many files there are, and how large they are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// The files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Amount {
    pub(super) fn of(sizes: impl Iterator<Item = u64>) -> Self {
        sizes.fold(Self::default(), |amount, bytes| Self { files: amount.files + 1, bytes: amount.bytes + bytes })
    }
}

/// Examines a codex home and a store; nothing is written.
pub fn examine(home: &Path, store: &Path) -> Checkup {
    let codex = CodexHome::new(home);
    let rollouts = codex.rollouts();
    let refused = rollouts.take_refused();
    let found = rollouts.all();
    let opened = Workspace::open(home, store);
    let (mut unreadable, mut hollow): (Vec<Error>, Vec<_>) =
        (refused.into_iter().map(Error::from).collect(), Vec::new());
    for file in found {
        match SessionMeta::of(file) {
            Ok(_) => {}
            Err(error) if !error.is_of_nothing() => unreadable.push(error.into()),
            // Where the store can't be asked, nobody knows whether it lost something.
            Err(_) => match opened.as_ref().ok().map(|workspace| workspace.as_stored(file)) {
                // One that lost what it had is behind.
                Some(Some(known)) => unreadable.extend(known.err()),
                Some(None) if is_left(&codex, file) => hollow.push(file.path.clone()),
                Some(None) | None => {}
            },
        }
    }
    Checkup {
        home: home.is_dir(),
        rollouts: Amount::of(files(found).map(|file| file.len)),
        held: Amount::of(rollouts.held().iter().map(|file| file.len)),
        held_for: rollouts.held().iter().map(HeldFile::left).min().unwrap_or_default(),
        unreadable,
        hollow,
        hooks: HooksFile::read(home)
            .map(|file| file.events())
            .map(|(ours, all)| (ours.len(), all.len()))
            .map_err(Error::from),
        git: git_version(),
        store: opened.and_then(|workspace| workspace.stored()),
    }
}

/// Whether a rollout was left as it is: Codex may be about to write one that it made just now, or has open.
fn is_left(codex: &CodexHome, found: &RolloutFile) -> bool {
    found.modified.elapsed().is_ok_and(|since| since >= FRESH) && !has_open(codex, found)
}

/// The files of all sessions.
fn files(found: &[RolloutFile]) -> impl Iterator<Item = &RolloutFile> {
    found.iter().flat_map(RolloutFile::files)
}

impl Workspace {
    /// Opens a rollout that has no whole line for what the store has of its session; `None` if it has nothing.
    fn as_stored(&self, found: &RolloutFile) -> Option<Result<Rollout, Error>> {
        match self.store.branch(found.name.id) {
            Ok(branch) => branch.map(|branch| open_as_stored(&self.store, found, branch.last())),
            Err(error) => Some(Err(error.into())),
        }
    }

    fn stored(&self) -> Result<Stored, Error> {
        Ok(Stored {
            sessions: self.store.session_ids()?.len(),
            saves: self.store.saves()?.len(),
            size: self.store.size()?,
            leftovers: self.leftovers()?,
            program: self.store.noted_program().is_some_and(|program| is_program(&program)),
            left_out: self.store.left_out()?,
            unreadable: self.store.unreadable_branches()?.into_iter().map(Error::from).collect(),
            // That is no reason to tell nothing else.
            hidden: self.hidden().unwrap_or_default(),
            behind: self.unrecorded().map_or(0, |unrecorded| unrecorded.behind),
            misfits: self.misfits(),
            settings_damage: self.store.config().damage().map(str::to_owned),
        })
    }
}
