//! Marks: what stands on turns. Saves are looked up by their commits, forks and agents in the table of sessions.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::lineage::turn_in;
use super::log_entry::{LogEntry, Superseded};
use super::{Error, Workspace};
use crate::model::{CommitKind, Kind, ObjectId, Save, SaveName, SessionId, Status, TurnNumber};
use crate::store::{Commit, Store};

/// The sessions that can't be read, and why.
pub(super) type Broken = Vec<(SessionId, Error)>;

/// What stands on the turns of some sessions.
#[derive(Default)]
pub(super) struct Marks {
    saves: HashMap<ObjectId, Vec<SaveName>>,
    /// The forks from a turn of a session, each with what it holds.
    forks: HashMap<(SessionId, u32), Vec<(SessionId, ObjectId)>>,
    agents: Agents,
}

/// The sessions that sessions started, and when.
#[derive(Default)]
pub(super) struct Agents(HashMap<SessionId, Vec<(i64, SessionId)>>);

impl Workspace {
    /// What stands on the turns of commits, and the sessions that can't be read: what they stand on is not known.
    pub(super) fn marks<'c>(&self, commits: impl IntoIterator<Item = &'c Commit>) -> Result<(Marks, Broken), Error> {
        let mut marks = Marks { saves: self.saves_by_turn()?, ..Marks::default() };
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
        agents.into_iter().for_each(|(parent, agent)| marks.agents.add(parent, agent));
        Ok((marks, broken.into_iter().map(|(session, error)| (session, error.into())).collect()))
    }

    /// The saves, by the commits of the turns that they stand on.
    pub(super) fn saves_by_turn(&self) -> Result<HashMap<ObjectId, Vec<SaveName>>, Error> {
        let mut saves: HashMap<ObjectId, Vec<SaveName>> = HashMap::new();
        for save in self.store.saves()? {
            let commit = self.ended_turn(&save).unwrap_or(save.commit);
            saves.entry(commit).or_default().push(save.name);
        }
        saves.values_mut().for_each(|names| names.sort_unstable());
        Ok(saves)
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
}

impl Marks {
    /// The turns of a conversation, newest first.
    pub fn entries(&mut self, store: &Store, history: Vec<Commit>) -> Vec<LogEntry> {
        let gone = taken_back(&history);
        let mut entries: Vec<LogEntry> = Vec::new();
        // A save on a file's own first commit belongs to the turn that the file goes on from.
        let mut above = Vec::new();
        for commit in history {
            let mut saves = self.saves.remove(&commit.id).unwrap_or_default();
            saves.splice(0..0, std::mem::take(&mut above));
            let is_turn = matches!(commit.message.kind, CommitKind::Turn { .. });
            match commit.message.kind {
                CommitKind::Start if saves.is_empty() => {}
                CommitKind::Turn { .. } | CommitKind::Start => {
                    if let Some(later) = entries.last_mut().filter(|_| is_turn) {
                        later.parent = Some(commit.id);
                    }
                    let superseded = gone.contains(&commit.id).then_some(Superseded::TakenBack);
                    let forks = self.forks_from(store, &commit);
                    let entry = LogEntry::of(commit);
                    let agents = self.agents.of(&entry);
                    entries.push(LogEntry { superseded, forks, agents, saves, ..entry });
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
}

impl Agents {
    /// Takes in a session that another started.
    pub fn add(&mut self, parent: SessionId, agent: SessionId) {
        self.0.entry(parent).or_default().extend(agent.made().map(|made| (made, agent)));
    }

    /// The sessions that a turn started: those that were made while it ran. One that runs may have started more than it says yet.
    pub fn of(&mut self, turn: &LogEntry) -> Vec<SessionId> {
        let Some(agents) = self.0.get_mut(&turn.session) else { return Vec::new() };
        let is_in = |made: i64| made >= turn.started && (made <= turn.ended || turn.status == Status::Open);
        let (own, others): (Vec<_>, Vec<_>) = agents.drain(..).partition(|(made, _)| is_in(*made));
        *agents = others;
        own.into_iter().map(|(_, id)| id).collect()
    }

    /// Those that a session started since, among the ones that are left.
    pub fn since(&mut self, session: SessionId, since: i64) -> Vec<SessionId> {
        let Some(agents) = self.0.get_mut(&session) else { return Vec::new() };
        let (started, earlier): (Vec<_>, Vec<_>) = agents.drain(..).partition(|(made, _)| *made >= since);
        *agents = earlier;
        started.into_iter().map(|(_, id)| id).collect()
    }
}

/// Which commits of a conversation, newest first, are taken back by later lines of it.
pub(super) fn taken_back(history: &[Commit]) -> HashSet<ObjectId> {
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
