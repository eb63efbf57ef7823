//! Status: what is kept, what is not recorded yet, and what only the store has.

use super::{Amount, Auto, Error, Here, Unrecorded, Workspace};
use crate::model::{RemoteName, Save, SessionId};
use crate::rollout::RolloutFile;
use crate::store::Note;

/// How things stand.
#[derive(Debug)]
#[non_exhaustive]
pub struct Status {
    /// How many sessions the store has.
    pub sessions: usize,
    /// What is not recorded; or why that can't be told.
    pub unrecorded: Result<Unrecorded, Error>,
    /// How many sessions only the store has; `None` where a folder of the codex home can't be read.
    pub only_kept: Option<usize>,
    /// The rollouts of the codex home.
    pub rollouts: Amount,
    /// How many bytes the store takes on disk.
    pub store_bytes: u64,
    /// When the newest line that is recorded was written, in seconds since 1970.
    pub newest: Option<i64>,
    /// The last time that all was verified.
    pub verified: Option<Verified>,
    /// How many saves there are.
    pub saves: usize,
    /// The save that was made last.
    pub last_save: Option<Save>,
    /// The session that the person is in.
    pub current: Option<Current>,
    /// How many sessions the gate held back when they were to go to a remote by themselves.
    pub held_back: Vec<(RemoteName, usize)>,
}

/// A verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// When, in seconds since 1970.
    pub at: i64,
    /// How many problems there were.
    pub problems: usize,
}

/// The session that the person is in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Current {
    /// The session.
    pub session: SessionId,
    /// Its name in Codex, else its first prompt.
    pub title: Option<String>,
    /// Its last turn.
    pub turn: u32,
    /// Its save that was made last.
    pub save: Option<Save>,
}

impl Workspace {
    /// How things stand. Nothing is recorded and nothing is written.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn status(&self, here: &Here) -> Result<Status, Error> {
        // It looks at the home; all that follows stands on the same look.
        let unrecorded = self.unrecorded();
        let look = self.look();
        let files = look.all().all().iter().flat_map(RolloutFile::files);
        let ids = self.store.session_ids()?;
        let saves = self.saves()?;
        let newest = self.sessions_like("", 1)?.into_iter().next();
        Ok(Status {
            sessions: ids.len(),
            only_kept: look
                .unread()
                .is_none()
                .then(|| ids.iter().filter(|id| look.all().session(**id).is_none()).count()),
            unrecorded,
            rollouts: Amount::of(files.map(|file| file.len)),
            store_bytes: self.store.size()?.bytes,
            newest: newest.map(|row| row.changed),
            verified: self.last_verified(),
            current: self.current(here).ok().and_then(|session| self.current_of(session, &saves)),
            saves: saves.len(),
            last_save: saves.into_iter().next(),
            held_back: self.held_back_by_itself(),
        })
    }

    /// The remotes that sessions go to by themselves, and how many of them the gate held back the last time, where it did.
    pub fn held_back_by_itself(&self) -> Vec<(RemoteName, usize)> {
        let automatic = self.remotes().unwrap_or_default().into_iter().filter(|remote| remote.auto != Auto::Off);
        let held = automatic.map(|remote| (self.held_back(&remote.name), remote.name));
        held.filter(|(sessions, _)| *sessions > 0).map(|(sessions, name)| (name, sessions)).collect()
    }

    /// What is told of the current session; `None` if nothing of it is recorded. `saves` are the newest first.
    fn current_of(&self, session: SessionId, saves: &[Save]) -> Option<Current> {
        let message = self.head(session).ok()??.message;
        let title = self.names().remove(&session).or_else(|| message.called().map(str::to_owned));
        let save = saves.iter().find(|save| save.session == session).cloned();
        Some(Current { session, title, turn: message.turn, save })
    }

    /// Takes note that all was verified.
    pub fn note_verified(&self, verified: Verified) {
        let Verified { at, problems } = verified;
        if let Err(error) = self.store.write_note(Note::Verified, &format!("{at} {problems}\n")) {
            tracing::info!(%error, "the verification was not noted");
        }
    }

    fn last_verified(&self) -> Option<Verified> {
        let note = self.store.read_note(Note::Verified);
        let (at, problems) = note.trim_end().split_once(' ')?;
        Some(Verified { at: at.parse().ok()?, problems: problems.parse().ok()? })
    }
}
