//! Taking snapshots: at the events of a turn, by the process that a hook leaves its work to, and when a person asks.

use std::path::Path;

use super::error::SnapshotError;
use super::switch::Switch;
use crate::code::{Bounds, CodeStore, Error as CodeError, Look, Root, Taken, is_rule};
use crate::codex::{HookEvent, HookKind, has_called};
use crate::model::code::{CodeMoment, TurnKey};
use crate::ops::{Error, Workspace};
use crate::rollout::RolloutName;

/// How far others go first while files are looked at.
const NICE: i32 = 10;

/// Folders lie in folders, and each takes some of the stack.
const STACK: usize = 32 << 20;

impl Workspace {
    /// Keeps the files of the project that an event happened in, if that is wanted and the event is one of a moment. With code off, nothing is
    /// looked at but the settings.
    ///
    /// # Errors
    /// When the files can't be kept.
    pub fn snapshot_after(&self, event: &HookEvent, bounds: &Bounds, now: i64) -> Result<Option<Taken>, Error> {
        let moment = match event.kind {
            HookKind::UserPromptSubmit => CodeMoment::Before,
            HookKind::Stop | HookKind::Interrupt => CodeMoment::After,
            _ => return Ok(None),
        };
        let Some((directory, rollout)) = event.cwd.as_deref().zip(event.rollout.as_deref()) else { return Ok(None) };
        let switch = self.code_switch(directory);
        if switch == Switch::Off {
            return Ok(None);
        }
        let name = rollout.file_name().and_then(|name| name.to_str()).and_then(RolloutName::parse);
        let key = name.and_then(|(name, _)| TurnKey::new(name.id, event.turn.as_deref()?));
        let Some(key) = key else { return Ok(None) };
        let is_torn = || moment == CodeMoment::Before && has_called(rollout, key.turn());
        let root = Root::of(directory, &self.bounds_of(directory, bounds))?;
        let light = switch == Switch::Light;
        let taken = self.look_at(
            &Look {
                root: &root,
                parts: root.part(),
                turn: Some(key.clone()),
                moment,
                light,
                budget: self.code_budget(),
                now,
                is_torn: &is_torn,
            },
            NICE,
        )?;
        if moment == CodeMoment::After && taken.is_some() {
            self.tidy_code(directory, bounds, now)?;
        }
        Ok(taken)
    }

    /// Keeps the files of the project that a directory is in as they are now, whether that is wanted at turns or not.
    ///
    /// # Errors
    /// When they can't be kept.
    pub fn snapshot(&self, directory: &Path, bounds: &Bounds, now: i64) -> Result<Taken, Error> {
        let root = Root::of(directory, &self.bounds_of(directory, bounds))?;
        self.snapshot_of((&root, root.part()), CodeMoment::Asked, now)
    }

    /// Keeps the files of a root as they are now; where that is too many, those of parts of it. Before files go back, none are too many.
    pub(super) fn snapshot_of(
        &self,
        (root, parts): (&Root, &[Vec<u8>]),
        moment: CodeMoment,
        now: i64,
    ) -> Result<Taken, Error> {
        CodeStore::make(self.home(), root)?.try_again(root, parts)?;
        let mut budget = self.code_budget();
        if moment == CodeMoment::Undo {
            (budget.files, budget.loose_files) = (u64::MAX, u64::MAX);
        }
        let look = Look { root, parts, turn: None, moment, light: false, budget, now, is_torn: &|| false };
        self.look_at(&look, 0)?.ok_or_else(|| SnapshotError::NoStore(root.path().to_owned()).into())
    }

    /// Has a root be looked at again at whose files there were too many or too much, and leaves its code store ready.
    ///
    /// # Errors
    /// When the root can't be kept, or the note can't be removed.
    pub fn try_code_again(&self, directory: &Path, bounds: &Bounds) -> Result<(), Error> {
        let root = Root::of(directory, &self.bounds_of(directory, bounds))?;
        match CodeStore::find(self.home(), &root)? {
            Some(store) => Ok(store.try_all_again()?),
            None => Ok(()),
        }
    }

    /// Leaves out of a project's snapshots from now on what a pattern matches.
    ///
    /// # Errors
    /// When the pattern matches nothing, the project is none that is kept, or the settings can't be written.
    pub fn ignore_code(&self, directory: &Path, bounds: &Bounds, pattern: &str) -> Result<(), Error> {
        if !is_rule(pattern) {
            return Err(CodeError::NoRule(pattern.to_owned()).into());
        }
        let root = Root::of(directory, &self.bounds_of(directory, bounds))?;
        let store = CodeStore::make(self.home(), &root)?;
        store.ignore(pattern)?;
        Ok(store.try_all_again()?)
    }

    /// Has a project's snapshots have again what a pattern matches. False if it was not left out.
    ///
    /// # Errors
    /// When the project has no code store, or the settings can't be written.
    pub fn ignore_code_no_longer(&self, directory: &Path, bounds: &Bounds, pattern: &str) -> Result<bool, Error> {
        Ok(self.code_store(directory, bounds)?.0.ignore_no_longer(pattern)?)
    }

    /// Looks at files in a thread of its own, after all that is more urgent on this machine.
    fn look_at(&self, look: &Look<'_>, nice: i32) -> Result<Option<Taken>, Error> {
        let home = self.home();
        let act = || {
            let_others_go_first(nice);
            CodeStore::make(home, look.root)?.take(look)
        };
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, act);
            let thread = thread.map_err(|source| CodeError::Io { doing: "look at", path: home.to_owned(), source })?;
            let interrupted = || std::io::ErrorKind::Interrupted.into();
            let broken = |_| CodeError::Io { doing: "look at", path: home.to_owned(), source: interrupted() };
            Ok(thread.join().map_err(broken)??)
        })
    }
}

/// A thread can be nicer than its process here; elsewhere a process can't be nice for a while.
#[cfg(target_os = "linux")]
fn let_others_go_first(nice: i32) {
    if nice > 0 {
        rustix::process::nice(nice).ok();
    }
}

#[cfg(not(target_os = "linux"))]
fn let_others_go_first(_: i32) {}
