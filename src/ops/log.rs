//! Log: the turns up to a point, newest first, with the names and forks that stand on them.

use std::collections::HashMap;

use super::{Error, Point, Recorded, Workspace};
use crate::model::{Kind, ObjectId, SaveName, SessionId, Status, Step};
use crate::store::Commit;

/// A turn as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its commit.
    pub commit: ObjectId,
    /// The session that it was made in.
    pub session: SessionId,
    /// Its number; 0 is the session's first line, shown only where a save stands on it.
    pub turn: u32,
    /// What it was; `None` for the first line.
    pub kind: Option<Kind>,
    /// How it ended.
    pub status: Status,
    /// The model that answered.
    pub model: Option<String>,
    /// Its tokens.
    pub tokens: Option<u64>,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// When it ended, in seconds since 1970.
    pub ended: i64,
    /// What was asked, on one line.
    pub subject: String,
    /// The saves on it.
    pub saves: Vec<SaveName>,
    /// The sessions that were forked from it.
    pub forks: Vec<SessionId>,
}

impl Workspace {
    /// The turns up to a point, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn log(&self, from: &Point) -> Result<Vec<LogEntry>, Error> {
        let mut marks = self.marks()?;
        let mut entries = Vec::new();
        // A save on a fork's own first commit belongs to the turn that the fork stands on.
        let mut above = Vec::new();
        for commit in self.store.history(from.id) {
            let commit = commit?;
            let mut saves = marks.saves.remove(&commit.id).unwrap_or_default();
            saves.splice(0..0, std::mem::take(&mut above));
            match commit.message.step {
                Step::Turn { .. } => entries.push(marks.entry(commit, saves)),
                Step::Start if !saves.is_empty() => entries.push(marks.entry(commit, saves)),
                Step::Fork | Step::Pending { .. } => above = saves,
                Step::Start => {}
            }
        }
        Ok(entries)
    }

    /// The turns that a recording added, oldest first, without what stands on them.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn last_turns(&self, recorded: &Recorded) -> Result<Vec<LogEntry>, Error> {
        let Some(branch) = self.store.branch(recorded.session)? else { return Ok(Vec::new()) };
        let mut turns = Vec::new();
        for commit in self.store.history(branch.tip.id) {
            if turns.len() == recorded.turns as usize {
                break;
            }
            let commit = commit?;
            if matches!(commit.message.step, Step::Turn { .. }) {
                turns.push(Marks::default().entry(commit, Vec::new()));
            }
        }
        turns.reverse();
        Ok(turns)
    }

    fn marks(&self) -> Result<Marks, Error> {
        let mut marks = Marks::default();
        for save in self.store.saves()? {
            marks.saves.entry(save.commit).or_default().push(save.name);
        }
        for (id, branch) in self.tips()? {
            let message = branch.tip.message;
            if let (Some(base), true) = (message.origin.forked_from, message.inherited > 0) {
                marks.forks.entry((base, message.inherited)).or_default().push(id);
            }
        }
        Ok(marks)
    }
}

#[derive(Default)]
struct Marks {
    saves: HashMap<ObjectId, Vec<SaveName>>,
    forks: HashMap<(SessionId, u32), Vec<SessionId>>,
}

impl Marks {
    fn entry(&mut self, commit: Commit, saves: Vec<SaveName>) -> LogEntry {
        let message = commit.message;
        let subject = message.subject();
        let (kind, status, tokens) = match message.step {
            Step::Turn { kind, status, tokens, .. } => (Some(kind), status, tokens),
            _ => (None, Status::Complete, None),
        };
        LogEntry {
            commit: commit.id,
            session: message.session,
            turn: message.turn,
            kind,
            status,
            model: message.model,
            tokens,
            started: commit.author.started,
            ended: commit.author.ended,
            subject,
            saves,
            forks: self.forks.remove(&(message.session, message.turn)).unwrap_or_default(),
        }
    }
}
