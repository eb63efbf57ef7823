//! Log: the turns up to a point, newest first, with the names and forks that stand on them.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::lineage::turn_in;
use super::{Error, Point, Recorded, Workspace};
use crate::model::{CommitKind, Kind, ObjectId, Save, SaveName, SessionId, Status, TurnNumber};
use crate::store::{Commit, Store};

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
    /// The sessions that it started.
    pub agents: Vec<SessionId>,
    /// Why it is no part of the conversation any more, if so.
    pub superseded: Option<Superseded>,
}

/// Why a turn is no part of a conversation any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Superseded {
    /// A later line of the rollout takes it back.
    TakenBack,
    /// The session went back to an earlier turn, or its rollout was replaced.
    LeftBehind,
}

impl Superseded {
    /// The reason's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TakenBack => "taken-back",
            Self::LeftBehind => "left-behind",
        }
    }
}

/// The turns up to a point.
#[derive(Debug, Default)]
pub struct Log {
    /// The turns, newest first.
    pub turns: Vec<LogEntry>,
    /// The sessions that can't be read, and why: forks and agents of these turns can be among them.
    pub broken: Vec<(SessionId, Error)>,
}

impl Workspace {
    /// The turns up to a point, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn log(&self, from: &Point) -> Result<Log, Error> {
        self.log_last(from, None)
    }

    /// The last turns up to a point, newest first: as many as that, or all. The commits of earlier ones are not read.
    ///
    /// # Errors
    /// As [`Workspace::log`].
    pub fn log_last(&self, from: &Point, turns: Option<usize>) -> Result<Log, Error> {
        let (mut history, mut left) = (Vec::new(), turns.unwrap_or(usize::MAX));
        for commit in self.store.history(from.id) {
            if left == 0 {
                break;
            }
            let commit = commit?;
            left -= usize::from(matches!(commit.message.kind, CommitKind::Turn { .. }));
            history.push(commit);
        }
        let (mut marks, broken) = self.marks(&history)?;
        Ok(Log { turns: marks.entries(&self.store, history), broken })
    }

    /// The turns up to a point, newest first, and after them those that the session left behind when it went back to an earlier turn or its
    /// rollout was replaced.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn log_all(&self, from: &Point) -> Result<Log, Error> {
        let (mut seen, mut left, mut lines) = (HashSet::new(), vec![from.id], Vec::new());
        while let Some(next) = left.pop() {
            let mut line = Vec::new();
            for commit in self.store.history(next) {
                let commit = commit?;
                if !seen.insert(commit.id) {
                    break;
                }
                line.push(commit);
            }
            left.extend(line.iter().rev().filter_map(Commit::left_behind));
            lines.push((next, line));
        }
        let (mut marks, broken) = self.marks(lines.iter().flat_map(|(_, line)| line))?;
        let mut entries = Vec::new();
        for (start, line) in lines {
            let superseded = (start != from.id).then_some(Superseded::LeftBehind);
            let turns = marks.entries(&self.store, line);
            entries.extend(
                turns.into_iter().map(|entry| LogEntry { superseded: entry.superseded.or(superseded), ..entry }),
            );
        }
        Ok(Log { turns: entries, broken })
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
            if matches!(commit.message.kind, CommitKind::Turn { .. }) {
                turns.push(Marks::default().entry(commit, Vec::new()));
            }
        }
        turns.reverse();
        Ok(turns)
    }

    /// The turn that a save stands on, if that had not ended when it was saved and has since: then its commit is another.
    fn ended_turn(&self, save: &Save) -> Option<ObjectId> {
        let saved = self.store.commit(save.commit).ok().filter(|commit| commit.message.kind.is_open())?;
        let branch = self.store.branch(saved.message.session).ok()??;
        if branch.last().id == saved.id {
            return None;
        }
        let ended = turn_in(&self.store, branch.tip.id, saved.message.turn).ok()??;
        (ended.before() == saved.before()).then_some(ended.id)
    }

    /// What stands on the turns of commits, and the sessions that can't be read: what they stand on is not known.
    fn marks<'c>(
        &self,
        commits: impl IntoIterator<Item = &'c Commit>,
    ) -> Result<(Marks, Vec<(SessionId, Error)>), Error> {
        let mut marks = Marks::default();
        for save in self.store.saves()? {
            let commit = self.ended_turn(&save).unwrap_or(save.commit);
            marks.saves.entry(commit).or_default().push(save.name);
        }
        let sessions: BTreeSet<SessionId> = commits.into_iter().map(|commit| commit.message.session).collect();
        let ((forks, agents), broken) = self.store.ask_table(|table| {
            let (mut forks, mut agents) = (Vec::new(), Vec::new());
            for session in &sessions {
                forks.extend(table.forks_of(*session)?.into_iter().map(|fork| (*session, fork)));
                agents.extend(table.agents_of(*session)?.into_iter().map(|agent| (*session, agent.id)));
            }
            Ok((forks, agents))
        })?;
        for (base, fork) in forks.into_iter().filter(|(_, fork)| fork.inherited > 0) {
            marks.forks.entry((base, fork.inherited)).or_default().push((fork.id, fork.tree));
        }
        for (parent, agent) in agents {
            marks.agents.entry(parent).or_default().extend(agent.made().map(|made| (made, agent)));
        }
        Ok((marks, broken.into_iter().map(|(session, error)| (session, error.into())).collect()))
    }
}

#[derive(Default)]
struct Marks {
    saves: HashMap<ObjectId, Vec<SaveName>>,
    /// The forks from a turn of a session, each with what it holds.
    forks: HashMap<(SessionId, u32), Vec<(SessionId, ObjectId)>>,
    /// The sessions that a session started, and when.
    agents: HashMap<SessionId, Vec<(i64, SessionId)>>,
}

/// Which commits of a conversation, newest first, are taken back by later lines of it.
fn taken_back(history: &[Commit]) -> HashSet<ObjectId> {
    let mut standing: Vec<&Commit> = Vec::new();
    let mut gone = HashSet::new();
    let mut drop = |standing: &mut Vec<&Commit>, mut prompts: u32| {
        while let Some(commit) = standing.pop_if(|_| prompts > 0) {
            gone.insert(commit.id);
            let prompt = matches!(commit.message.kind, CommitKind::Turn { kind: Kind::Prompt | Kind::Review, .. });
            prompts -= u32::from(prompt);
        }
    };
    for commit in history.iter().rev() {
        match commit.message.kind {
            CommitKind::Pending { taken_back } => drop(&mut standing, taken_back),
            CommitKind::Turn { taken_back, .. } => {
                drop(&mut standing, taken_back.before);
                standing.push(commit);
                drop(&mut standing, taken_back.after);
            }
            _ => {}
        }
    }
    gone
}

impl Marks {
    /// The turns of a conversation, newest first.
    fn entries(&mut self, store: &Store, history: Vec<Commit>) -> Vec<LogEntry> {
        let gone = taken_back(&history);
        let mut entries = Vec::new();
        // A save on a file's own first commit belongs to the turn that the file goes on from.
        let mut above = Vec::new();
        for commit in history {
            let mut saves = self.saves.remove(&commit.id).unwrap_or_default();
            saves.splice(0..0, std::mem::take(&mut above));
            let superseded = gone.contains(&commit.id).then_some(Superseded::TakenBack);
            match commit.message.kind {
                CommitKind::Start if saves.is_empty() => {}
                CommitKind::Turn { .. } | CommitKind::Start => {
                    let forks = self.forks_from(store, &commit);
                    entries.push(LogEntry { superseded, forks, ..self.entry(commit, saves) });
                }
                _ => above = saves,
            }
        }
        entries
    }

    /// The forks from a turn: those that hold its very bytes. After a rewind, another turn has the same number.
    fn forks_from(&mut self, store: &Store, commit: &Commit) -> Vec<SessionId> {
        let key = (commit.message.session, commit.message.turn);
        let Some(forks) = self.forks.get_mut(&key) else { return Vec::new() };
        let chunk = |tree: ObjectId| store.chunk_of(tree, TurnNumber::new(key.1)?).ok();
        let own = chunk(commit.tree);
        // A fork that went back to an earlier turn holds this one no more, and a tree can be damaged: then the number has to do.
        let same = |tree| own.is_none() || chunk(tree).is_none_or(|its| own.as_ref() == Some(&its));
        let (here, elsewhere) = forks.drain(..).partition(|(_, tree)| same(*tree));
        *forks = elsewhere;
        let here: Vec<(SessionId, ObjectId)> = here;
        here.into_iter().map(|(id, _)| id).collect()
    }

    /// The sessions that a session started since, among those that no later turn did.
    fn agents_since(&mut self, session: SessionId, since: i64) -> Vec<SessionId> {
        let Some(agents) = self.agents.get_mut(&session) else { return Vec::new() };
        let (started, earlier): (Vec<_>, Vec<_>) = agents.drain(..).partition(|(made, _)| *made >= since);
        *agents = earlier;
        started.into_iter().map(|(_, id)| id).collect()
    }

    fn entry(&mut self, commit: Commit, saves: Vec<SaveName>) -> LogEntry {
        let message = commit.message;
        let subject = message.subject();
        let (kind, status, tokens) = match message.kind {
            CommitKind::Turn { kind, status, tokens, .. } => (Some(kind), status, tokens),
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
            forks: Vec::new(),
            agents: self.agents_since(message.session, commit.author.started),
            superseded: None,
        }
    }
}
