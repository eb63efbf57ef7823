//! Seen: which rollouts were recorded just as they lie there, so that recording all of them again needs no look inside.
//!
//! A rollout is taken as seen only if the system says the same of its file as before it was recorded (length, times of change
//! and of the last write, inode), and the session's refs hold what they held then. Everything else is looked at. The note is
//! a help, not a part of the store: without it all rollouts are looked at.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Recorded, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::rollout::RolloutFile;
use crate::store::{Heads, Note};

const TITLE: &str = "codex-git seen 1";

/// What was seen of all sessions.
pub(super) struct Seen {
    sights: HashMap<SessionId, Sight>,
    heads: HashMap<SessionId, Heads>,
}

/// What was seen of a session.
pub(super) struct Sight {
    /// What the system said of its files when all that they held was recorded.
    pub stamp: String,
    tip: ObjectId,
    open: Option<ObjectId>,
    /// The last turn.
    last: u32,
}

impl Seen {
    /// Reads what was seen, and what the refs hold now.
    pub fn load(workspace: &Workspace) -> Self {
        let note = workspace.store.read_note(Note::Seen);
        let mut lines = note.lines();
        let known = lines.next() == Some(TITLE);
        let sights = lines.filter(|_| known).filter_map(read).collect();
        Self { sights, heads: workspace.store.all_heads().unwrap_or_default() }
    }

    /// The outcome of recording a rollout that is known not to have changed.
    pub fn unchanged(&self, found: &RolloutFile) -> Option<Recorded> {
        let session = found.name.id;
        self.sights.get(&session)?.unchanged(found, self.heads.get(&session)?)
    }

    /// What the system said of a session's files when all that they held was recorded.
    pub fn stamp(&self, session: SessionId) -> Option<String> {
        self.sights.get(&session).map(|sight| sight.stamp.clone())
    }

    /// Whether a rollout that was seen before may have been written to in another way than by adding to it.
    pub fn is_suspect(&self, found: &RolloutFile) -> bool {
        self.sights.get(&found.name.id).is_some_and(|sight| found.is_suspect_since(&sight.stamp))
    }

    /// Whether a rollout's session is in the store.
    pub fn is_kept(&self, found: &RolloutFile) -> bool {
        self.heads.get(&found.name.id).is_some_and(|heads| heads.0.is_some())
    }

    /// Notes the rollouts that were recorded just now, as they lay there before.
    pub fn note(mut self, workspace: &Workspace, fresh: &[RolloutFile], recorded: &[Recorded]) {
        if fresh.is_empty() {
            return;
        }
        // A session whose base is missing is looked at again and again: the base may be there.
        let whole = recorded.iter().filter(|recorded| !recorded.orphan);
        let last: HashMap<SessionId, u32> = whole.map(|recorded| (recorded.session, recorded.last)).collect();
        let heads = workspace.store.all_heads().unwrap_or_default();
        for found in fresh {
            let session = found.name.id;
            self.sights.remove(&session);
            if let (Some(stamp), Some(last), Some((Some(tip), open))) =
                (&found.stamp, last.get(&session), heads.get(&session))
            {
                let sight = Sight { stamp: stamp.clone(), tip: *tip, open: *open, last: *last };
                self.sights.insert(session, sight);
            }
        }
        if let Err(error) = workspace.store.write_note(Note::Seen, &self.render()) {
            tracing::info!(%error, "what was seen could not be noted");
        }
    }

    fn render(&self) -> String {
        let mut note = format!("{TITLE}\n");
        for (session, Sight { stamp, tip, open, last }) in &self.sights {
            let open = open.map_or("-".to_owned(), |open| open.to_string());
            // Writing to a string can't fail.
            let _ = writeln!(note, "{session} {tip} {open} {last} {stamp}");
        }
        note
    }
}

impl Sight {
    /// That of one session, without reading what was seen of the others.
    pub fn load(workspace: &Workspace, session: SessionId) -> Option<Self> {
        let (note, session) = (workspace.store.read_note(Note::Seen), session.to_string());
        let line = note.lines().find(|line| line.starts_with(&session)).filter(|_| note.starts_with(TITLE))?;
        read(line).map(|(_, sight)| sight)
    }

    /// The outcome of recording a rollout, if neither it nor what the session's refs hold changed since.
    pub fn unchanged(&self, found: &RolloutFile, heads: &Heads) -> Option<Recorded> {
        let same = found.stamp.as_deref() == Some(&self.stamp) && *heads == (Some(self.tip), self.open);
        same.then(|| Recorded::same(found.name.id, self.last, false))
    }
}

fn read(line: &str) -> Option<(SessionId, Sight)> {
    let mut words = line.splitn(5, ' ');
    let session = SessionId::parse(words.next()?)?;
    let tip = words.next()?.parse().ok()?;
    let open = match words.next()? {
        "-" => None,
        open => Some(open.parse().ok()?),
    };
    let last = words.next()?.parse().ok()?;
    Some((session, Sight { stamp: words.next()?.to_owned(), tip, open, last }))
}
