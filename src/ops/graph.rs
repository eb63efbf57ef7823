//! Graph: the turns of whole families, each once, with the turn that it follows; and the forks and agents that hang on them.

use std::collections::{HashMap, HashSet};

use super::family::Family;
use super::filter::Filter;
use super::log_entry::{LogEntry, Superseded};
use super::marks::{Agents, Broken, taken_back};
use super::{Error, Point, Workspace};
use crate::model::{CommitKind, ObjectId, SessionId};
use crate::store::{Commit, Row};

/// Turns and what hangs on them. A node stands behind the one that it follows.
#[derive(Debug, Default)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The sessions that can't be read, and why.
    pub broken: Broken,
}

/// A point of a graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// The node that it follows: always a turn.
    pub parent: Option<usize>,
    /// What it is.
    pub what: NodeKind,
    /// Whether it is in the conversation that was asked about.
    pub is_own: bool,
}

/// What a point of a graph is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A turn.
    Turn {
        /// What the log says of it.
        entry: Box<LogEntry>,
        /// Whether a session stands there.
        is_head: bool,
    },
    /// A fork that has no turn of its own yet.
    Fork(Leaf),
    /// A session that the turn started. Its turns are in a graph of its own.
    Agent(Leaf),
}

/// A session that is told in a row of its own.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The session.
    pub session: SessionId,
    /// When its last line was written, in seconds since 1970.
    pub changed: i64,
    /// How many turns it has.
    pub turns: u32,
    /// Its first prompt.
    pub title: Option<String>,
}

impl Leaf {
    fn of(row: &Row) -> Self {
        Self { session: row.id, changed: row.changed, turns: row.turns, title: row.title.clone() }
    }
}

impl Node {
    /// When it ended, in seconds since 1970.
    pub fn ended(&self) -> i64 {
        match &self.what {
            NodeKind::Turn { entry, .. } => entry.ended,
            NodeKind::Fork(leaf) | NodeKind::Agent(leaf) => leaf.changed,
        }
    }

    /// The turn, if it is one.
    pub fn turn(&self) -> Option<&LogEntry> {
        if let NodeKind::Turn { entry, .. } = &self.what { Some(entry) } else { None }
    }
}

impl Workspace {
    /// The family of a point, or all families: the turns that are wanted, and where nothing is filtered, the forks and agents without turns.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn graph(&self, of: Option<&Point>, filter: &Filter) -> Result<Graph, Error> {
        let family = match of {
            Some(point) => self.family(point.message.session)?,
            None => self.all_families()?,
        };
        let mut forest = Forest::new(self, &family)?;
        let own = of.and_then(|point| forest.grow(point.id, None));
        let heads: Vec<_> = family.rows.iter().map(|row| (row, self.head_of(row, &mut forest))).collect();
        for (row, head) in heads {
            if let Some(head) = head {
                let node = forest.grow(head, None);
                forest.stand(row, node);
            }
        }
        while let Some(left) = forest.left.pop() {
            forest.grow(left, Some(Superseded::LeftBehind));
        }
        let mut graph = forest.into_graph(family.broken)?;
        graph.own(own);
        if !filter.wants_all() {
            graph.keep(|node| node.turn().is_some_and(|turn| self.wants(filter, turn)));
        }
        Ok(graph)
    }

    /// The commit that a session stands at: an unfinished turn counts.
    fn head_of(&self, row: &Row, forest: &mut Forest<'_>) -> Option<ObjectId> {
        let open = row.heads.1.and_then(|open| forest.commit(open, row.id));
        let open = open.filter(|open| open.message.kind.is_open() || open.message.kind.is_pending());
        open.filter(|open| Some(open.parents.as_slice()) == row.heads.0.as_ref().map(std::slice::from_ref))
            .map(|open| open.id)
            .or(row.heads.0)
    }
}

impl Graph {
    /// All turns.
    pub fn turns_mut(&mut self) -> impl Iterator<Item = &mut LogEntry> {
        self.nodes.iter_mut().filter_map(|node| match &mut node.what {
            NodeKind::Turn { entry, .. } => Some(entry.as_mut()),
            _ => None,
        })
    }

    /// The turns, the newest first: by their ends, but none before one that follows it, whatever the clocks said.
    pub fn newest_first(&self) -> Vec<&LogEntry> {
        let mut keys: Vec<(i64, usize)> = Vec::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            let parent = node.parent.map_or(i64::MIN, |parent| keys[parent].0);
            keys.push((node.ended().max(parent), at));
        }
        keys.sort_unstable_by(|a, b| b.cmp(a));
        keys.into_iter().filter_map(|(_, at)| self.nodes[at].turn()).collect()
    }

    /// Marks the conversation that ends at a node.
    fn own(&mut self, mut node: Option<usize>) {
        while let Some(at) = node {
            self.nodes[at].is_own = true;
            node = self.nodes[at].parent;
        }
    }

    /// Keeps some nodes; each follows the nearest of them that it followed.
    fn keep(&mut self, wanted: impl Fn(&Node) -> bool) {
        // Where each node went, or what stands for it.
        let mut place: Vec<Option<usize>> = Vec::with_capacity(self.nodes.len());
        let mut kept = Vec::new();
        for mut node in std::mem::take(&mut self.nodes) {
            let parent = node.parent.and_then(|parent| place[parent]);
            if wanted(&node) {
                node.parent = parent;
                place.push(Some(kept.len()));
                kept.push(node);
            } else {
                place.push(parent);
            }
        }
        self.nodes = kept;
    }
}

/// A graph in the making.
struct Forest<'w> {
    workspace: &'w Workspace,
    nodes: Vec<Node>,
    /// The turn at or below each commit that was met.
    seen: HashMap<ObjectId, Option<usize>>,
    /// Commits that were read ahead.
    read: HashMap<ObjectId, Commit>,
    /// What sessions left behind.
    left: Vec<ObjectId>,
    agents: Agents,
    /// The rows of the agents that no turn is found for yet.
    rows: HashMap<SessionId, Row>,
    broken: Broken,
}

impl<'w> Forest<'w> {
    fn new(workspace: &'w Workspace, family: &Family) -> Result<Self, Error> {
        let with_turns: HashSet<SessionId> = family.rows.iter().map(|row| row.id).collect();
        let (mut agents, mut rows) = (Agents::default(), HashMap::new());
        for row in family.agents.iter().filter(|row| !with_turns.contains(&row.id)) {
            row.origin.parent.into_iter().for_each(|parent| agents.add(parent, row.id));
            rows.insert(row.id, row.clone());
        }
        let tips: Vec<_> = family.rows.iter().filter_map(|row| Some((row.id, row.heads.0?))).collect();
        let read = workspace.store.own_histories(&tips)?;
        Ok(Self {
            workspace,
            nodes: Vec::new(),
            seen: HashMap::new(),
            read,
            left: Vec::new(),
            agents,
            rows,
            broken: Vec::new(),
        })
    }

    /// Reads a commit; one that can't be read makes its session a broken one.
    fn commit(&mut self, id: ObjectId, session: SessionId) -> Option<Commit> {
        let read = self.workspace.store.commit(id);
        read.map_err(|error| self.broken.push((session, error.into()))).ok()
    }

    /// Takes in the conversation that ends at a commit, as far as it is not there yet. Gives the turn at its end.
    fn grow(&mut self, from: ObjectId, aside: Option<Superseded>) -> Option<usize> {
        let (mut line, mut base): (Vec<Commit>, _) = (Vec::new(), None);
        let mut next = Some(from);
        while let Some(id) = next {
            if let Some(known) = self.seen.get(&id) {
                base = *known;
                break;
            }
            match self.read.remove(&id).map_or_else(|| self.workspace.store.commit(id), Ok) {
                Ok(commit) => {
                    next = commit.before();
                    line.push(commit);
                }
                Err(error) => {
                    self.broken.extend(line.last().map(|last| (last.message.session, error.into())));
                    break;
                }
            }
        }
        let gone = taken_back(&line);
        self.left.extend(line.iter().filter_map(Commit::left_behind));
        for commit in line.into_iter().rev() {
            let (id, is_turn) = (commit.id, matches!(commit.message.kind, CommitKind::Turn { .. }));
            if is_turn {
                let taken_back = gone.contains(&id).then_some(Superseded::TakenBack);
                let entry = Box::new(LogEntry { superseded: taken_back.or(aside), ..LogEntry::of(commit) });
                base = Some(self.add(base, NodeKind::Turn { entry, is_head: false }));
            }
            self.seen.insert(id, base);
        }
        base
    }

    /// Hangs the agents on the turns that started them; one that was made while none ran, on the last that began before.
    fn add_agents(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let started = |at: usize| Some((self.nodes[at].turn()?.started, at));
        let mut turns: Vec<(i64, usize)> = (0..self.nodes.len()).filter_map(started).collect();
        turns.sort_unstable();
        for is_loose in [false, true] {
            for (started, at) in turns.iter().rev() {
                let NodeKind::Turn { entry, .. } = &mut self.nodes[*at].what else { continue };
                let agents = if is_loose { self.agents.since(entry.session, *started) } else { self.agents.of(entry) };
                entry.agents.extend(&agents);
                for row in agents.iter().filter_map(|agent| self.rows.remove(agent)).collect::<Vec<_>>() {
                    self.add(Some(*at), NodeKind::Agent(Leaf::of(&row)));
                }
            }
        }
    }

    /// A session stands at a turn, or is a fork without a turn of its own.
    fn stand(&mut self, row: &Row, node: Option<usize>) {
        let Some(node) = node else { return };
        match &mut self.nodes[node].what {
            NodeKind::Turn { entry, is_head } if entry.session == row.id => *is_head = true,
            _ => drop(self.add(Some(node), NodeKind::Fork(Leaf::of(row)))),
        }
    }

    fn add(&mut self, parent: Option<usize>, what: NodeKind) -> usize {
        self.nodes.push(Node { parent, what, is_own: false });
        self.nodes.len() - 1
    }

    /// The graph, with what stands on its turns.
    fn into_graph(mut self, mut broken: Broken) -> Result<Graph, Error> {
        broken.append(&mut self.broken);
        self.add_agents();
        for (commit, names) in self.workspace.saves_by_turn()? {
            if let Some(Some(at)) = self.seen.get(&commit)
                && let NodeKind::Turn { entry, .. } = &mut self.nodes[*at].what
            {
                // Saves of a fork without a turn of its own stand on its base's, too.
                entry.saves.extend(names);
                entry.saves.sort_unstable();
            }
        }
        for at in 0..self.nodes.len() {
            let Some(parent) = self.nodes[at].parent else { continue };
            let fork = match &self.nodes[at].what {
                NodeKind::Turn { entry, .. } => Some(entry.session),
                NodeKind::Fork(leaf) => Some(leaf.session),
                NodeKind::Agent(_) => None,
            };
            let commit = self.nodes[parent].turn().map(|turn| turn.commit);
            if let NodeKind::Turn { entry, .. } = &mut self.nodes[at].what {
                entry.parent = commit;
            }
            if let NodeKind::Turn { entry, .. } = &mut self.nodes[parent].what {
                let is_new = |fork: &SessionId| *fork != entry.session && !entry.forks.contains(fork);
                entry.forks.extend(fork.filter(is_new));
            }
        }
        Ok(Graph { nodes: self.nodes, broken })
    }
}
