//! What threads find, put together session by session.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::corpus::Corpus;
use super::found::{FoundSession, FoundTurn};
use super::hits::TurnHits;
use super::select::Selection;
use crate::model::{ObjectId, SessionId};
use crate::ops::marks::taken_back;
use crate::ops::{Error, Superseded, Workspace};
use crate::store::{Commit, Table};

/// Sessions in the making.
pub(super) struct Gather<'s> {
    selection: &'s Selection,
    names: HashMap<SessionId, String>,
    /// What the first prompts are looked up in.
    table: &'s Table,
    /// Which units were looked at.
    done: HashSet<usize>,
    /// How many sessions are complete.
    next: usize,
    found: HashMap<SessionId, Vec<TurnHits>>,
    /// The forks from each row's session, by the row that they go on from.
    forks: HashMap<SessionId, Vec<(usize, SessionId)>>,
}

impl<'s> Gather<'s> {
    pub fn new(workspace: &Workspace, corpus: &Corpus, selection: &'s Selection, table: &'s Table) -> Self {
        let names = workspace.names();
        Self { selection, names, table, done: HashSet::new(), next: 0, found: HashMap::new(), forks: forks(corpus) }
    }

    /// Takes what was found in a unit, and hands over the sessions that are complete by that. Tells whether to go on.
    pub fn take(
        &mut self,
        workspace: &Workspace,
        corpus: &Corpus,
        unit: usize,
        found: Vec<TurnHits>,
        take: &mut dyn FnMut(FoundSession) -> bool,
    ) -> Result<bool, Error> {
        self.done.insert(unit);
        for turn in found {
            self.found.entry(corpus.rows[turn.row].session).or_default().push(turn);
        }
        while let Some((session, ended, units)) = self.selection.sessions.get(self.next)
            && units.iter().all(|unit| self.done.contains(unit))
        {
            self.next += 1;
            let Some(turns) = self.found.remove(session) else { continue };
            if !take(self.session(workspace, corpus, (*session, *ended), turns)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn session(
        &self,
        workspace: &Workspace,
        corpus: &Corpus,
        (session, ended): (SessionId, i64),
        turns: Vec<TurnHits>,
    ) -> FoundSession {
        let line: Vec<usize> = corpus.head(session).into_iter().flat_map(|head| corpus.conversation(head)).collect();
        let places: HashMap<usize, usize> = line.iter().enumerate().map(|(place, row)| (*row, place)).collect();
        let gone = gone(workspace, corpus, &line);
        let bases = RefCell::default();
        let forks = Forks { corpus, places: &places, all: &self.forks, selection: self.selection, bases };
        let told = |turn: TurnHits| {
            let row = &corpus.rows[turn.row];
            let superseded = match places.contains_key(&turn.row) {
                false => Some(Superseded::LeftBehind),
                true => gone.contains(&row.commit).then_some(Superseded::TakenBack),
            };
            let subject = || workspace.store.commit(row.commit).map(|commit| commit.message.subject());
            FoundTurn {
                commit: row.commit,
                turn: row.turn,
                ended: row.ended,
                prompt: turn.prompt.unwrap_or_else(|| subject().unwrap_or_default()),
                hits: turn.hits,
                lines: turn.lines,
                superseded,
                also: forks.with(turn.row, turn.holder),
            }
        };
        let mut turns: Vec<FoundTurn> = turns.into_iter().map(told).collect();
        turns.sort_by_key(|turn| (turn.superseded == Some(Superseded::LeftBehind), Reverse((turn.turn, turn.ended))));
        let first = || self.table.row(session).ok()??.title;
        let title = self.names.get(&session).cloned().or_else(first);
        FoundSession { session, title, ended, turns }
    }
}

/// The turns of a conversation that later lines take back. Commits are read only where some do.
fn gone(workspace: &Workspace, corpus: &Corpus, line: &[usize]) -> HashSet<ObjectId> {
    if !line.iter().any(|at| corpus.rows[*at].takes_back) {
        return HashSet::new();
    }
    let Some(head) = line.first().map(|at| corpus.rows[*at].commit) else { return HashSet::new() };
    let history: Vec<Commit> = workspace.store.history(head).map_while(Result::ok).collect();
    taken_back(&history)
}

/// Which sessions go on from which rows of others, by those rows' sessions.
fn forks(corpus: &Corpus) -> HashMap<SessionId, Vec<(usize, SessionId)>> {
    let mut forks: HashMap<SessionId, Vec<(usize, SessionId)>> = HashMap::new();
    for row in corpus.rows.iter().filter(|row| corpus.is_there(row)) {
        let Some(before) = row.before.and_then(|before| corpus.row(before)) else { continue };
        let base = corpus.rows[before].session;
        if base != row.session {
            forks.entry(base).or_default().push((before, row.session));
        }
    }
    forks
}

/// Who has the turns of a session, too.
struct Forks<'g> {
    corpus: &'g Corpus,
    /// The places of the session's rows in its conversation, the newest first.
    places: &'g HashMap<usize, usize>,
    all: &'g HashMap<SessionId, Vec<(usize, SessionId)>>,
    selection: &'g Selection,
    /// By a row, the row of another session that it goes on from in the end.
    bases: RefCell<HashMap<usize, Option<usize>>>,
}

impl Forks<'_> {
    /// The other sessions that have a row's turn.
    fn with(&self, row: usize, holder: usize) -> Vec<SessionId> {
        let own = self.corpus.rows[row].session;
        let mut also: Vec<SessionId> = Vec::new();
        self.add_forks(row, &mut also);
        let twins = self.selection.twins.get(&holder);
        for twin in twins.into_iter().flatten().filter(|twin| self.corpus.is_there(&self.corpus.rows[**twin])) {
            also.push(self.corpus.rows[*twin].session);
            self.add_forks(*twin, &mut also);
        }
        also.retain(|session| *session != own);
        also.sort_unstable();
        also.dedup();
        also
    }

    /// The sessions that go on from a row or a later one, and those that go on from them while they had its turn.
    fn add_forks(&self, row: usize, also: &mut Vec<SessionId>) {
        let session = self.corpus.rows[row].session;
        let (mut left, mut seen) = (vec![session], HashSet::from([session]));
        while let Some(of) = left.pop() {
            for (point, fork) in self.all.get(&of).into_iter().flatten() {
                if !seen.contains(fork) && self.holds(*point, row) {
                    seen.insert(*fork);
                    also.push(*fork);
                    left.push(*fork);
                }
            }
        }
    }

    /// The same of a row of any session: a fork that was rewound to before its base has nothing of it, and neither has what goes on from there.
    fn holds(&self, point: usize, row: usize) -> bool {
        let (rows, mut at) = (&self.corpus.rows, point);
        // A damaged log could lead back to where it began.
        for _ in 0..rows.len() {
            if rows[at].session == rows[row].session {
                return self.is_before(row, at);
            }
            let base = || self.corpus.conversation(at).find(|before| rows[*before].session != rows[at].session);
            let Some(base) = *self.bases.borrow_mut().entry(at).or_insert_with(base) else { return false };
            at = base;
        }
        false
    }

    /// Whether a conversation that ends at `point` holds `row`.
    fn is_before(&self, row: usize, point: usize) -> bool {
        match (self.places.get(&row), self.places.get(&point)) {
            (Some(row), Some(point)) => point <= row,
            _ => self.corpus.conversation(point).any(|at| at == row),
        }
    }
}
