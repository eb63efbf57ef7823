//! Timeline: when sessions were worked in, where they began from, and which turns of theirs were saved.
//!
//! It comes from the table of sessions. Commits are read only where that can't tell: of a session whose id has no time in it back to its first turn,
//! and the one that a save stands on. No chunk is read.

use std::collections::HashMap;

use super::list::Listed;
use super::marks::Broken;
use super::{Error, Workspace};
use crate::model::{SaveName, SessionId};

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

impl Lifetime {
    fn of(listed: Listed, began: Option<i64>, saves: Vec<(SaveName, i64)>) -> Self {
        let ended = listed.changed;
        let started = began.unwrap_or(ended).min(ended);
        // What shares no turn with what it began from still names it.
        let named = listed.origin.forked_from.or(listed.origin.parent);
        let from = named.map(|named| (named, listed.forked_at.unwrap_or(started)));
        Self { started, ended, from, saves, listed }
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
            let saves = saves.remove(&listed.id).unwrap_or_default();
            let began = self.began(&listed).unwrap_or_else(|error| {
                timeline.broken.push((listed.id, error));
                None
            });
            timeline.lifetimes.push(Lifetime::of(listed, began, saves));
        }
        Ok(timeline)
    }

    /// When a session was made, or else its first own turn began.
    fn began(&self, listed: &Listed) -> Result<Option<i64>, Error> {
        let made = listed.id.made().filter(|made| *made <= listed.changed);
        match (made, listed.tip) {
            (None, Some(tip)) => Ok(self.store.beginning(listed.id, tip)?.started),
            (made, _) => Ok(made),
        }
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
