//! A graph of turns as rows behind their lanes.

#[cfg(feature = "ui")]
use std::convert::Infallible;
use std::io::{self, Write};

use codex_git::model::Status;
use codex_git::ops::{Graph, Leaf, LogEntry, Node, NodeKind};
use codex_git::render::{self, Glyph, Lanes, Line, Row, Rows, Step, Style, steps};

use super::history::{Follower, Teller};
use super::words::{count, short};
use crate::ui::paint;

/// A graph that is laid out.
pub struct Picture<'g> {
    graph: &'g Graph,
    steps: Vec<Step>,
}

impl<'g> Picture<'g> {
    /// Lays out a graph, up to so many turns. `whole`: nothing of it is left out.
    pub fn of(graph: &'g Graph, whole: bool, most: Option<usize>) -> Self {
        let nodes: Vec<render::Node> = graph.nodes.iter().map(|node| lane_node(node, graph)).collect();
        let mut steps = steps(&nodes, !whole);
        let is_turn = |step: &Step| matches!(step, Step::Node { index, .. } if graph.nodes[*index].turn().is_some());
        if let Some(most) = most {
            let end = steps.iter().enumerate().filter(|(_, step)| is_turn(step)).nth(most).map(|(at, _)| at);
            steps.truncate(end.unwrap_or(steps.len()));
            let drawn = steps.iter().rposition(|step| matches!(step, Step::Node { .. } | Step::Elided { .. }));
            steps.truncate(drawn.map_or(0, |at| at + 1));
        }
        Self { graph, steps }
    }

    /// The turns, from the top down.
    pub fn turns(&self) -> impl Iterator<Item = &'g LogEntry> {
        let graph = self.graph;
        self.steps.iter().filter_map(move |step| match step {
            Step::Node { index, .. } => graph.nodes[*index].turn(),
            _ => None,
        })
    }

    /// Writes it.
    pub fn write(
        &self,
        out: &mut dyn Write,
        (lanes, width): (Lanes, Option<usize>),
        teller: &Teller<'_>,
        follower: &Follower<'_>,
    ) -> io::Result<()> {
        self.each_line((lanes, width), teller, &mut |line, node| {
            paint(out, &line)?;
            let Some((lane, node)) = node else { return Ok(()) };
            let Some(entry) = node.turn() else { return Ok(()) };
            let beside = lanes.beside(lane, node.parent.is_some()).with(Style::Plain, "  ");
            follower.write(out, &beside, entry)
        })
    }

    /// Its lines, without what follows turns.
    #[cfg(feature = "ui")]
    pub fn lines(&self, lanes: Lanes, width: usize, teller: &Teller<'_>) -> Vec<Line> {
        let mut lines = Vec::new();
        let taken: Result<(), Infallible> = self.each_line((lanes, Some(width)), teller, &mut |line, _| {
            lines.push(line);
            Ok(())
        });
        let Ok(()) = taken;
        lines
    }

    /// Hands over each line, and the node that it tells, with its lane.
    fn each_line<E>(
        &self,
        (lanes, width): (Lanes, Option<usize>),
        teller: &Teller<'_>,
        take: &mut dyn FnMut(Line, Option<(usize, &'g Node)>) -> Result<(), E>,
    ) -> Result<(), E> {
        let row = |step: &Step| match *step {
            Step::Node { index, lane } => Some(self.row(index, lane, lanes, teller)),
            _ => None,
        };
        let rows: Vec<Option<Row>> = self.steps.iter().map(row).collect();
        let layout = Rows::of(rows.iter().flatten(), width);
        for (step, row) in self.steps.iter().zip(&rows) {
            match (*step, row) {
                (Step::Node { index, lane }, Some(row)) => {
                    take(layout.line(row), Some((lane, &self.graph.nodes[index])))?;
                }
                (Step::Elided { count: turns, lane }, _) => {
                    let words = format!("    {}", count(turns, "turn"));
                    take(lanes.elided(lane).with(Style::Dim, &words).fit(width), None)?;
                }
                (Step::Join { lane }, _) => take(lanes.join(lane).fit(width), None)?,
                _ => take(Line::default(), None)?,
            }
        }
        Ok(())
    }

    fn row(&self, index: usize, lane: usize, lanes: Lanes, teller: &Teller<'_>) -> Row {
        let node = &self.graph.nodes[index];
        let (glyph, row) = match &node.what {
            NodeKind::Turn { entry, is_head } => (glyph(entry), teller.row_in_graph(entry, *is_head)),
            NodeKind::Fork(leaf) => (Glyph::Fork, leaf_row(leaf, "no turn of its own yet", "fork", teller)),
            NodeKind::Agent(leaf) => {
                let turns = count(leaf.turns as usize, "turn");
                let words = leaf.title.as_ref().map_or_else(|| turns.clone(), |title| format!("{turns}: {title}"));
                (Glyph::Agent, leaf_row(leaf, &words, "agent", teller))
            }
        };
        Row { before: lanes.node(lane, glyph).with(Style::Plain, "  "), ..row }
    }
}

fn glyph(turn: &LogEntry) -> Glyph {
    match turn.status {
        _ if turn.superseded.is_some() => Glyph::Superseded,
        Status::Complete => Glyph::Turn,
        Status::Open => Glyph::Open,
        Status::Aborted(_) | Status::Error | Status::Unterminated => Glyph::Failed,
    }
}

fn leaf_row(leaf: &Leaf, words: &str, what: &str, teller: &Teller<'_>) -> Row {
    Row {
        words: format!("{}  {words}", short(leaf.session)),
        is_aside: true,
        marks: vec![(Style::Dim, what.to_owned())],
        columns: vec![String::new(), teller.dates.brief(leaf.changed, teller.context)],
        ..Row::default()
    }
}

/// What of a node counts for its place. The conversation that was asked about goes straight down, then a session's own, then one that counts.
fn lane_node(node: &Node, graph: &Graph) -> render::Node {
    let follows = node.parent.and_then(|parent| graph.nodes[parent].turn());
    let (rank, is_marked) = match &node.what {
        NodeKind::Turn { .. } if node.is_own => (5, true),
        NodeKind::Turn { entry, is_head } => {
            let rank = match (entry.superseded.is_some(), follows.is_some_and(|turn| turn.session == entry.session)) {
                (true, _) => 2,
                (false, false) => 3,
                (false, true) => 4,
            };
            (rank, *is_head || !entry.saves.is_empty())
        }
        NodeKind::Fork(_) => (1, true),
        NodeKind::Agent(_) => (0, true),
    };
    render::Node { parent: node.parent, at: node.ended(), rank, is_marked }
}
