//! Timeline: when sessions were worked in, where they began from, and which turns of theirs were saved.
//!
//! It comes from the table of sessions. Commits are read only where that can't tell: of a fork back to where it began, of a session whose id has no
//! time in it back to its first turn, and the one that a save stands on. No chunk is read.

use std::collections::HashMap;

use super::list::Listed;
use super::marks::Broken;
use super::{Error, Workspace};
use crate::model::{SaveName, SessionId};
use crate::store::Commit;

/// A session and when it was worked in.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// What a listing says of it.
    pub listed: Listed,
    /// When it was made, in seconds since 1970; of a session whose id does not tell, when its first own turn began.
    pub started: i64,
    /// When its last line was written.
    pub ended: i64,
    /// The session that it began from as a fork or was started by as an agent, and when that was.
    pub from: Option<(SessionId, i64)>,
    /// The saves on its own turns, and when these ended.
    pub saves: Vec<(SaveName, i64)>,
}

/// Sessions over time.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The sessions, the newest first.
    pub lifetimes: Vec<Lifetime>,
    /// Those that can't be read, and why.
    pub broken: Broken,
}

/// How the commits of a session begin.
#[derive(Default)]
struct Beginning {
    /// When the first own turn began.
    started: Option<i64>,
    /// The commit of another session that it goes on from.
    base: Option<Commit>,
}

impl Lifetime {
    fn of(listed: Listed, made: Option<i64>, beginning: Beginning, saves: Vec<(SaveName, i64)>) -> Self {
        let ended = listed.changed;
        let started = made.or(beginning.started).unwrap_or(ended).min(ended);
        let base = beginning.base.map(|base| (base.message.session, base.author.ended));
        // What shares no turn with what it began from still names it.
        let named = listed.origin.forked_from.or(listed.origin.parent).map(|named| (named, started));
        Self { started, ended, from: base.or(named), saves, listed }
    }
}

impl Workspace {
    /// All sessions over time. Nothing is recorded first.
    ///
    /// # Errors
    /// When the store or the codex home can't be read.
    pub fn timeline(&self) -> Result<Timeline, Error> {
        let listing = self.listing(None)?;
        let mut saves = self.saved_turns()?;
        let mut timeline = Timeline { lifetimes: Vec::with_capacity(listing.sessions.len()), broken: listing.broken };
        for listed in listing.sessions {
            let made = listed.id.made().filter(|made| *made <= listed.changed);
            let is_fork = listed.inherited > 0 || listed.origin.forked_from.is_some();
            let beginning =
                if is_fork || made.is_none() { self.beginning(&listed) } else { Ok(Beginning::default()) };
            let beginning = beginning.unwrap_or_else(|error| {
                timeline.broken.push((listed.id, error));
                Beginning::default()
            });
            let saves = saves.remove(&listed.id).unwrap_or_default();
            timeline.lifetimes.push(Lifetime::of(listed, made, beginning, saves));
        }
        Ok(timeline)
    }

    /// Reads a session's own commits.
    fn beginning(&self, listed: &Listed) -> Result<Beginning, Error> {
        let mut beginning = Beginning::default();
        for commit in listed.tip.into_iter().flat_map(|tip| self.store.history(tip)) {
            let commit = commit?;
            if commit.message.session != listed.id {
                beginning.base = Some(commit);
                break;
            }
            beginning.started = Some(commit.author.started);
        }
        Ok(beginning)
    }

    /// The saves on each session's own turns, with when the turns ended. A save whose turn can't be read is left out.
    fn saved_turns(&self) -> Result<HashMap<SessionId, Vec<(SaveName, i64)>>, Error> {
        let mut saved: HashMap<SessionId, Vec<(SaveName, i64)>> = HashMap::new();
        for save in self.store.saves()? {
            if let Ok(commit) = self.store.commit(save.commit) {
                saved.entry(commit.message.session).or_default().push((save.name, commit.author.ended));
            }
        }
        Ok(saved)
    }
}
