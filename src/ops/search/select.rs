//! Which turns are searched, and under which session each is told.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::corpus::Corpus;
use super::question::{Search, Searched};
use crate::model::{ObjectId, SessionId};
use crate::store::TextRow;

/// The turns that are searched.
pub(super) struct Selection {
    /// Of rows that hold a text, the row that it is told as.
    told_as: HashMap<usize, usize>,
    /// Rows whose turns have the same bytes as those of the row that holds the text.
    pub twins: HashMap<usize, Vec<usize>>,
    /// The sessions, newest first, each with when its newest turn ended and the units that its turns are in.
    pub sessions: Vec<(SessionId, i64, Vec<usize>)>,
    /// How many turns there are, each once, and sessions; those without a text, or without a turn of their own, included.
    turns: usize,
    count: usize,
}

impl Selection {
    pub fn of(corpus: &Corpus, search: &Search, point: Option<ObjectId>) -> Self {
        let point = point.map(|point| Conversation::up_to(corpus, point));
        let is_wanted = |at: usize| {
            let row = &corpus.rows[at];
            corpus.is_there(row)
                && point.as_ref().is_none_or(|point| point.holds(row))
                && search.filter.takes(row.ended, row.model.as_deref(), row.cwd.as_deref())
        };
        let twins = twins(corpus);
        let mut lines = Lines { corpus, rows: HashMap::new() };
        let (mut told_as, mut sessions) = (HashMap::new(), BTreeMap::<SessionId, (i64, Vec<usize>)>::new());
        for (unit, rows) in corpus.units.iter().map(|unit| unit.rows.clone()).enumerate() {
            for holder in rows.filter(|at| corpus.has_text(*at)) {
                let best = match twins.get(&holder) {
                    None => is_wanted(holder).then_some(holder),
                    Some(twins) => twins.iter().copied().filter(|at| is_wanted(*at)).min_by_key(|at| lines.rank(*at)),
                };
                let Some(best) = best else { continue };
                told_as.insert(holder, best);
                let row = &corpus.rows[best];
                let (ended, units) = sessions.entry(row.session).or_insert((i64::MIN, Vec::new()));
                *ended = row.ended.max(*ended);
                if units.last() != Some(&unit) {
                    units.push(unit);
                }
            }
        }
        // A turn that has no text yet counts as well, as it does in lists.
        let wanted = || (0..corpus.rows.len()).filter(|at| is_wanted(*at)).map(|at| &corpus.rows[at]);
        for row in wanted() {
            sessions.entry(row.session).and_modify(|(ended, _)| *ended = row.ended.max(*ended));
        }
        let mut sessions: Vec<_> = sessions.into_iter().map(|(id, (ended, units))| (id, ended, units)).collect();
        // Within a second, ids tell which is newer, as in lists.
        sessions.sort_by_key(|(id, ended, _)| Reverse((*ended, *id)));
        let all: HashSet<SessionId> = wanted().map(|row| row.session).collect();
        let turns: HashSet<ObjectId> = wanted().filter_map(|row| row.chunk).collect();
        Self { told_as, twins, sessions, turns: turns.len(), count: all.len() }
    }

    /// The row that a text is told as, if it is searched.
    pub fn told_as(&self, holder: usize) -> Option<usize> {
        self.told_as.get(&holder).copied()
    }

    /// The units, in the order in which sessions need them; then those that the text log has yet to be told.
    pub fn order(&self, corpus: &Corpus) -> Vec<usize> {
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        let new = (0..corpus.units.len()).filter(|unit| corpus.is_new(*unit));
        for unit in self.sessions.iter().flat_map(|(.., units)| units.iter().copied()).chain(new) {
            if seen.insert(unit) {
                order.push(unit);
            }
        }
        order
    }

    /// What is searched.
    pub fn searched(&self) -> Searched {
        Searched { turns: self.turns, sessions: self.count, ..Searched::default() }
    }
}

/// For rows that hold a text: all rows whose turns have the same bytes, if there are others.
fn twins(corpus: &Corpus) -> HashMap<usize, Vec<usize>> {
    let mut holders: HashMap<ObjectId, usize> = HashMap::new();
    let chunks = || corpus.rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.chunk?)));
    for (at, chunk) in chunks().filter(|(at, _)| corpus.has_text(*at)) {
        holders.entry(chunk).or_insert(at);
    }
    let mut twins: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, chunk) in chunks() {
        match holders.get(&chunk) {
            Some(holder) if *holder != at => twins.entry(*holder).or_insert_with(|| vec![*holder]).push(at),
            _ => {}
        }
    }
    twins
}

/// The conversations of sessions, each looked up once.
struct Lines<'c> {
    corpus: &'c Corpus,
    rows: HashMap<SessionId, HashSet<usize>>,
}

impl Lines<'_> {
    /// Of turns with the same bytes, the one is told that is still in its conversation, in the session that was made first.
    fn rank(&mut self, at: usize) -> (bool, Option<i64>, SessionId, ObjectId) {
        let row = &self.corpus.rows[at];
        let own = self.rows.entry(row.session).or_insert_with(|| {
            self.corpus.head(row.session).into_iter().flat_map(|head| self.corpus.conversation(head)).collect()
        });
        (!own.contains(&at), row.session.made(), row.session, row.commit)
    }
}

/// The turns of one conversation.
struct Conversation {
    commits: HashSet<ObjectId>,
    /// The session that stands at its end: what it left behind belongs to it.
    session: Option<SessionId>,
}

impl Conversation {
    fn up_to(corpus: &Corpus, point: ObjectId) -> Self {
        let at = corpus.row(point);
        let session = at.map(|at| corpus.rows[at].session).filter(|session| corpus.head(*session) == at);
        let commits = at.into_iter().flat_map(|at| corpus.conversation(at)).map(|at| corpus.rows[at].commit);
        Self { commits: commits.collect(), session }
    }

    fn holds(&self, row: &TextRow) -> bool {
        self.session == Some(row.session) || self.commits.contains(&row.commit)
    }
}
