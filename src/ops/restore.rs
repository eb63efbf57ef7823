//! Restore: put a session's rollout back where Codex finds it, byte for byte, with the files that it goes on from.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::known::Known;
use super::lineage::{StoredFile, continues, name};
use super::record::{damaged, open_as_stored, shorter_by};
use super::{Effect, Error, Point, Workspace};
use crate::codex::{AppServer, CodexHome, Look, NewRollout};
use crate::model::SessionId;
use crate::rollout::{Error as RolloutError, RolloutFile, RolloutName, SessionMeta};
use crate::store::{Commit, Error as StoreError};

/// How long Codex may take to take notice of restored sessions: to start, and for each.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(500));

/// A file of a session that was to be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// The session.
    pub session: SessionId,
    /// The file.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether it was missing, and was (or would be) written.
    pub written: bool,
}

/// Restores one session after the other into a home that is looked through once.
struct Restorer<'a> {
    workspace: &'a Workspace,
    home: CodexHome,
    there: Arc<Look>,
    known: Known,
    /// What was written since.
    written: HashSet<PathBuf>,
}

impl Workspace {
    /// Writes a session's missing files, and those that it goes on from, back where they were, or into another folder, laid out as a codex
    /// home. The session's own file comes last.
    ///
    /// # Errors
    /// [`Error::Exists`] when a file is there with other bytes; when the session is not in the store, or can't be written.
    pub fn restore(&self, session: SessionId, into: Option<&Path>, effect: Effect) -> Result<Vec<Restored>, Error> {
        Restorer::new(self, into)?.session(session, effect)
    }

    /// As [`Workspace::restore`], for what a session was at a point that it left behind: only into another folder, since Codex can have but
    /// one state of a session.
    ///
    /// # Errors
    /// As [`Workspace::restore`].
    pub fn restore_state(&self, state: &Point, into: Option<&Path>, effect: Effect) -> Result<Vec<Restored>, Error> {
        Restorer::new(self, into)?.state(state, effect)
    }

    /// As [`Workspace::restore`], for all sessions of which no file is left in the codex home; an outcome for each. One that can't be
    /// restored does not stop the others.
    ///
    /// # Errors
    /// When the store or the codex home can't be read.
    pub fn restore_missing(
        &self,
        into: Option<&Path>,
        effect: Effect,
    ) -> Result<Vec<Result<Vec<Restored>, Error>>, Error> {
        let mut restorer = Restorer::new(self, into)?;
        Ok(self.missing()?.into_iter().map(|session| restorer.session(session, effect)).collect())
    }

    /// Whether a point is a part of its session as it is.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn is_current(&self, point: &Point) -> Result<bool, Error> {
        let Some(branch) = self.store.branch(point.message.session)? else { return Ok(false) };
        for commit in self.store.history(branch.last().id) {
            if commit?.id == point.id {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The sessions of which no file is left in the codex home.
    ///
    /// # Errors
    /// When the store or the codex home can't be read.
    pub fn missing(&self) -> Result<Vec<SessionId>, Error> {
        let look = self.look_anew();
        if let Some(error) = look.unread() {
            return Err(error.into());
        }
        let there: HashSet<SessionId> = look.like("").into_iter().collect();
        Ok(self.store.session_ids()?.into_iter().filter(|session| !there.contains(session)).collect())
    }

    /// Makes sure that a session's files are on disk; writes back what is missing. Gives the file that the session goes on in, and whether
    /// anything was missing.
    ///
    /// # Errors
    /// When the session is neither on disk nor in the store, can't be written back, or is too old for any Codex to resume.
    pub fn ensure_on_disk(&self, session: SessionId) -> Result<(PathBuf, bool), Error> {
        let (found, branch) = (self.look_anew().session(session), self.store.branch(session)?);
        if let (Some(found), None) = (&found, &branch) {
            return Ok((found.path.clone(), false));
        }
        if let Some(branch) = branch
            && let Some(meta) = SessionMeta::read(&self.store.read_blob(self.store.meta_blob(branch.tip.tree)?)?)
            && meta.bare
        {
            return Err(RolloutError::TooOld(session).into());
        }
        let restored = self.restore(session, None, Effect::Write)?;
        let missing = restored.iter().any(|file| file.written);
        let own = restored.into_iter().next_back().map(|file| file.path);
        Ok((found.map(|found| found.path).or(own).unwrap_or_default(), missing))
    }

    /// Has Codex (`codex`, a program) take notice of sessions whose files are back, under the names that they had. Tells of which it does not.
    ///
    /// # Errors
    /// When Codex can't be asked.
    pub fn register(&self, codex: &Path, sessions: &[SessionId]) -> Result<Vec<SessionId>, Error> {
        let patience = PATIENCE.0 + PATIENCE.1 * u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        let mut server = AppServer::start(codex, self.home(), patience)?;
        let names = self.names();
        let mut register = |session: &SessionId| match names.get(session) {
            Some(name) => server.set_name(*session, name),
            None => server.read(*session),
        };
        Ok(sessions.iter().filter(|session| register(session).is_err()).copied().collect())
    }

    /// Where a file was last seen, or where Codex would put it.
    fn place(&self, home: &CodexHome, known: &Known, name: &RolloutName) -> PathBuf {
        let note = self.store.last_note(name.id);
        let noted = note.as_deref().and_then(|note| note.split_once(": ")).map(|(_, path)| path);
        let mut seen = known.place(name.rollout_id()).into_iter().chain(noted);
        seen.find_map(|path| home.place_from(path, name)).unwrap_or_else(|| home.place_of(name))
    }

    /// Where the rollout of a session that has none was last seen, or where Codex would put it.
    pub(super) fn last_place(&self, commit: &Commit) -> Result<PathBuf, Error> {
        Ok(self.place(&self.home, &Known::load(self), &name_of(commit)?))
    }
}

fn name_of(commit: &Commit) -> Result<RolloutName, Error> {
    let (tree, text) = (commit.tree, &commit.message.rollout);
    let wrong = || StoreError::Layout { tree, problem: format!("`{text}` is not a rollout's name") };
    Ok(name(commit).ok_or_else(wrong)?)
}

impl<'a> Restorer<'a> {
    fn new(workspace: &'a Workspace, into: Option<&Path>) -> Result<Self, Error> {
        let (home, there) = match into {
            None => (workspace.home.clone(), workspace.look_anew()),
            Some(into) => (CodexHome::new(into), Arc::new(CodexHome::new(into).look())),
        };
        Ok(Self { workspace, home, there, known: Known::load(workspace), written: HashSet::new() })
    }

    fn session(&mut self, session: SessionId, effect: Effect) -> Result<Vec<Restored>, Error> {
        let not_found = || Error::NotFound { text: session.to_string(), near: Vec::new() };
        let branch = self.workspace.store.branch(session)?.ok_or_else(not_found)?;
        self.state(branch.last(), effect)
    }

    fn state(&mut self, state: &Commit, effect: Effect) -> Result<Vec<Restored>, Error> {
        let parts = self.workspace.with_bases(state)?;
        let plans = parts.into_iter().map(|file| self.plan(file)).collect::<Result<Vec<_>, Error>>()?;
        // Nothing is written unless all can be.
        for (file, restored) in &plans {
            if restored.written && effect == Effect::Write {
                self.write(file, &restored.path)?;
                self.written.insert(restored.path.clone());
            }
        }
        Ok(plans.into_iter().map(|(_, restored)| restored).collect())
    }

    /// What is to be done for a file.
    fn plan(&self, file: StoredFile) -> Result<(StoredFile, Restored), Error> {
        let message = &file.last.message;
        let name = name_of(&file.last)?;
        let of_session = self.there.session(name.id);
        let same = of_session.iter().flat_map(RolloutFile::files).find(|part| part.name.segment == name.segment);
        let (session, bytes) = (message.session, file.len);
        if let Some(found) = same {
            let (store, last) = (&self.workspace.store, &file.last);
            let there = open_as_stored(store, found, last).map_err(|error| damaged(store, session, error))?;
            if !continues(store, &there, last)? {
                let shorter = shorter_by(store, &there, last)?;
                return Err(match shorter {
                    Some(shorter) => Error::Behind { session, turns: shorter.turns },
                    None => Error::Exists { session, path: found.path.clone() },
                });
            }
            return Ok((file, Restored { session, path: found.path.clone(), bytes, written: false }));
        }
        let path = self.workspace.place(&self.home, &self.known, &name);
        let written = !self.written.contains(&path);
        if written && path.exists() {
            return Err(Error::Exists { session, path });
        }
        Ok((file, Restored { session, path, bytes, written }))
    }

    fn write(&self, file: &StoredFile, path: &Path) -> Result<(), Error> {
        // One that was moved aside and grew since is more than the store has of it. One that did not grow is the file itself, and an old Codex
        // that looks for a session's id in file names would find it beside a copy.
        let held = self.there.held_of(file.last.message.session);
        let mut held = held.iter().filter(|held| held.place == path);
        if let Some(held) = held.find(|held| held.is_touched() || held.len == file.len) {
            return Ok(held.put_back()?);
        }
        let mut new = NewRollout::create(path, self.there.youngest().as_deref())?;
        self.workspace.stream_file(file, &mut |bytes| Ok(new.write(bytes)?))?;
        // Codex sorts sessions that it does not know by the time of their last write.
        let ended = u64::try_from(file.last.author.ended).unwrap_or(0);
        new.written_at(SystemTime::UNIX_EPOCH + Duration::from_secs(ended))?;
        Ok(new.publish().map(drop)?)
    }
}
