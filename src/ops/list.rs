//! List: the sessions, newest first, from their last commits alone.

use std::collections::HashMap;

use super::{Error, Workspace};
use crate::model::{Origin, SaveName, SessionId};
use crate::rollout::{Packing, RolloutFile};

/// A session as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: SessionId,
    /// When its last line was written, in seconds since 1970.
    pub changed: i64,
    /// How many turns it has, an unfinished one included.
    pub turns: u32,
    /// How many of them came with the fork that it is.
    pub inherited: u32,
    /// Where Codex worked.
    pub cwd: Option<String>,
    /// Its first prompt.
    pub title: Option<String>,
    /// The model last used.
    pub model: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// Its name in Codex.
    pub name: Option<String>,
    /// The saves on its turns.
    pub saves: Vec<SaveName>,
    /// Where its rollout is.
    pub place: Place,
}

/// The sessions of a store.
#[derive(Debug)]
pub struct Listing {
    /// Those that can be read, newest first.
    pub sessions: Vec<Listed>,
    /// The others, and why they can't be.
    pub broken: Vec<(SessionId, Error)>,
}

/// Where a session's rollout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among Codex's sessions.
    Active,
    /// In Codex's archive.
    Archived,
    /// Among Codex's sessions, compressed.
    Compressed,
    /// Only in the store.
    StoreOnly,
}

impl Place {
    /// The place's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Compressed => "compressed",
            Self::StoreOnly => "store",
        }
    }

    fn of(found: Option<&RolloutFile>) -> Self {
        match found {
            None => Self::StoreOnly,
            Some(found) if found.archived => Self::Archived,
            Some(found) if found.packing == Packing::Zstd => Self::Compressed,
            Some(_) => Self::Active,
        }
    }
}

impl Workspace {
    /// All sessions of the store, newest first. Nothing is recorded first: see [`Workspace::record_all`].
    ///
    /// # Errors
    /// When the store or the codex home can't be read.
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        Ok(self.listing()?.sessions)
    }

    /// As [`Workspace::list`], with the sessions that can't be read.
    ///
    /// # Errors
    /// As [`Workspace::list`].
    pub fn listing(&self) -> Result<Listing, Error> {
        let mut saves: HashMap<SessionId, Vec<SaveName>> = HashMap::new();
        for save in self.store.saves()? {
            saves.entry(save.session).or_default().push(save.name);
        }
        // Where sessions lie is known if they were recorded just now.
        let recorded = self.rollouts.borrow_mut().take();
        let rollouts = recorded.unwrap_or_else(|| self.home.rollouts());
        let mut names = self.names();
        let (mut sessions, mut broken) = (Vec::new(), Vec::new());
        for (id, branch) in self.all_tips()? {
            let branch = match branch {
                Ok(branch) => branch,
                Err(error) => {
                    broken.push((id, error));
                    continue;
                }
            };
            let changed = branch.last().author.ended;
            let message = super::revision::head(&branch).message.clone();
            sessions.push(Listed {
                id,
                changed,
                turns: message.turn,
                inherited: message.inherited,
                cwd: message.cwd,
                title: message.title,
                model: message.model,
                origin: message.origin,
                name: names.remove(&id),
                saves: saves.remove(&id).unwrap_or_default(),
                place: Place::of(rollouts.session(id)),
            });
        }
        sessions.sort_by_key(|session| (std::cmp::Reverse(session.changed), session.id));
        Ok(Listing { sessions, broken })
    }
}
