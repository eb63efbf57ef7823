//! Timeline: when sessions were worked in, where they began from, and which turns of theirs were saved. No chunk is read.

use std::collections::HashMap;

use super::filter::Filter;
use super::graph::{Graph, NodeKind};
use super::list::Listed;
use super::marks::Broken;
use super::{Error, Workspace};
use crate::model::{SaveName, SessionId};

/// A session and when it was worked in.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// What a listing says of it.
    pub listed: Listed,
    /// When its first own turn began, in seconds since 1970.
    pub started: i64,
    /// When its last own turn ended.
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

/// What a graph says of a session.
struct Life {
    started: i64,
    ended: i64,
    from: Option<(SessionId, i64)>,
    saves: Vec<(SaveName, i64)>,
}

impl Workspace {
    /// All sessions over time. Nothing is recorded first.
    ///
    /// # Errors
    /// When the store or the codex home can't be read.
    pub fn timeline(&self) -> Result<Timeline, Error> {
        let listing = self.listing(None)?;
        let graph = self.graph(None, &Filter::default())?;
        let mut lives = lives(&graph);
        let lifetime = |listed: Listed| {
            let Life { started, ended, from, saves } =
                lives.remove(&listed.id).unwrap_or_else(|| Life::at(listed.changed));
            // What shares no turn with what it began from still names it.
            let named = listed.origin.forked_from.or(listed.origin.parent);
            let from = from.or(named.map(|session| (session, started)));
            Lifetime { started, ended: ended.max(started), from, saves, listed }
        };
        let lifetimes = listing.sessions.into_iter().map(lifetime).collect();
        Ok(Timeline { lifetimes, broken: graph.broken })
    }
}

impl Life {
    fn at(moment: i64) -> Self {
        Self { started: moment, ended: moment, from: None, saves: Vec::new() }
    }
}

fn lives(graph: &Graph) -> HashMap<SessionId, Life> {
    let mut lives: HashMap<SessionId, Life> = HashMap::new();
    for node in &graph.nodes {
        let parent = node.parent.and_then(|parent| graph.nodes[parent].turn());
        match &node.what {
            NodeKind::Turn { entry, .. } => {
                let life = lives.entry(entry.session).or_insert_with(|| Life {
                    from: parent
                        .filter(|parent| parent.session != entry.session)
                        .map(|turn| (turn.session, turn.ended)),
                    ..Life::at(entry.started)
                });
                life.started = life.started.min(entry.started);
                life.ended = life.ended.max(entry.ended);
                life.saves.extend(entry.saves.iter().map(|save| (save.clone(), entry.ended)));
            }
            NodeKind::Fork(leaf) => {
                let from = parent.map(|turn| (turn.session, turn.ended));
                lives.insert(leaf.session, Life { from, ..Life::at(leaf.changed) });
            }
            NodeKind::Agent(leaf) => {
                let from = parent.map(|turn| (turn.session, turn.started));
                let started = parent.map_or(leaf.changed, |turn| turn.started).min(leaf.changed);
                lives.insert(leaf.session, Life { ended: leaf.changed, from, ..Life::at(started) });
            }
        }
    }
    lives
}
