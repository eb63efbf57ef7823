//! Lanes: in which order the nodes of a forest are drawn, and in which column each.
//!
//! Children stand above what they follow. Of several children one goes on in the lane of what it follows; each of the others has a lane one
//! to the right, drawn whole right above the turn that it joins. So a lane is as far to the right as forks are nested, and every lane to the
//! left of a row is one that goes on.

use std::cmp::Reverse;

/// What is to be drawn. Each node stands behind the one that it follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Node {
    /// The node that it follows.
    pub parent: Option<usize>,
    /// When it was, to have the newest first.
    pub at: i64,
    /// Of the children of a node, the one with the highest rank goes on in its lane.
    pub rank: u8,
    /// Whether it is drawn however long its line is.
    pub is_marked: bool,
}

/// A row of the drawing, from the top down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A node.
    Node {
        /// Which.
        index: usize,
        /// Its lane.
        lane: usize,
    },
    /// Nodes that are not drawn.
    Elided {
        /// How many.
        count: usize,
        /// Their lane.
        lane: usize,
    },
    /// The lane to the right joins this one.
    Join {
        /// The lane that goes on.
        lane: usize,
    },
    /// Another tree begins.
    Gap,
}

/// So many nodes of a line are left out together, or more: a row says so, and it has to be worth it.
const WORTH: usize = 4;

/// The rows of the drawing. `elide`: of lines to the right of the first, long runs are left out.
pub fn steps(nodes: &[Node], elide: bool) -> Vec<Step> {
    let tree = Tree::of(nodes);
    let mut roots: Vec<usize> = (0..nodes.len()).filter(|at| nodes[*at].parent.is_none()).collect();
    roots.sort_by_key(|root| Reverse((tree.newest[*root], *root)));
    let mut steps = Vec::with_capacity(nodes.len());
    for root in roots {
        if !steps.is_empty() {
            steps.push(Step::Gap);
        }
        tree.draw(root, elide, &mut steps);
    }
    steps
}

/// What is still to be drawn.
enum Work {
    /// A line, by its lowest node, and its lane.
    Line(usize, usize),
    Done(Step),
}

struct Tree<'n> {
    nodes: &'n [Node],
    /// When the newest node was of those that follow each.
    newest: Vec<i64>,
    /// What follows each node: what goes on in its lane last, the newest of the others first.
    children: Vec<Vec<usize>>,
}

impl<'n> Tree<'n> {
    fn of(nodes: &'n [Node]) -> Self {
        let mut newest: Vec<i64> = nodes.iter().map(|node| node.at).collect();
        let mut children = vec![Vec::new(); nodes.len()];
        for (at, node) in nodes.iter().enumerate().rev() {
            if let Some(parent) = node.parent {
                newest[parent] = newest[parent].max(newest[at]);
                children[parent].push(at);
            }
        }
        for children in &mut children {
            let key = |at: &usize| (nodes[*at].rank, newest[*at], *at);
            children.sort_by_key(|at| Reverse((newest[*at], *at)));
            if let Some(main) = children.iter().copied().max_by_key(key) {
                children.retain(|at| *at != main);
                children.push(main);
            }
        }
        Self { nodes, newest, children }
    }

    fn draw(&self, root: usize, elide: bool, steps: &mut Vec<Step>) {
        let mut left = vec![Work::Line(root, 0)];
        while let Some(work) = left.pop() {
            match work {
                Work::Done(step) => steps.push(step),
                Work::Line(lowest, lane) => self.line(lowest, lane, elide && lane > 0, &mut left),
            }
        }
    }

    /// Puts a line on the heap of work, its lowest node first, so that it is drawn last.
    fn line(&self, lowest: usize, lane: usize, elide: bool, left: &mut Vec<Work>) {
        let (mut next, mut run) = (Some(lowest), Vec::new());
        while let Some(at) = next {
            next = self.children[at].last().copied();
            let is_within = next.is_some() && at != lowest && self.children[at].len() == 1;
            if elide && is_within && !self.nodes[at].is_marked {
                run.push(at);
                continue;
            }
            flush(&mut run, lane, left);
            left.push(Work::Done(Step::Node { index: at, lane }));
            let sides = self.children[at].iter().rev().skip(1);
            left.extend(sides.flat_map(|side| [Work::Done(Step::Join { lane }), Work::Line(*side, lane + 1)]));
        }
    }
}

/// Puts nodes that could be left out on the heap: as one row if they are many.
fn flush(run: &mut Vec<usize>, lane: usize, left: &mut Vec<Work>) {
    if run.len() >= WORTH {
        left.push(Work::Done(Step::Elided { count: run.len(), lane }));
        return run.clear();
    }
    left.extend(run.drain(..).map(|index| Work::Done(Step::Node { index, lane })));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(parent: usize, at: i64, rank: u8) -> Node {
        Node { parent: parent.checked_sub(1), at, rank, is_marked: false }
    }

    /// The drawing with a letter a node.
    fn drawn(nodes: &[Node], elide: bool) -> String {
        let letter = |index: usize| char::from(b'a' + u8::try_from(index).unwrap());
        let row = |step: &Step| match *step {
            Step::Node { index, lane } => format!("{}{}", "|".repeat(lane), letter(index)),
            Step::Elided { count, lane } => format!("{}:{count}", "|".repeat(lane)),
            Step::Join { lane } => format!("{}|/", "|".repeat(lane)),
            Step::Gap => "-".to_owned(),
        };
        steps(nodes, elide).iter().map(row).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn forks_stand_above_the_turn_that_they_join() {
        // a ─ b ─ c, a fork d of a, its fork e, and f of another family.
        let nodes = [node(0, 1, 0), node(1, 2, 1), node(2, 3, 1), node(1, 9, 0), node(4, 5, 0), node(0, 7, 0)];
        assert_eq!(drawn(&nodes, false), "c b |e |d |/ a - f");
        assert_eq!(drawn(&[node(0, 1, 0), node(1, 2, 0), node(1, 3, 0), node(1, 4, 0)], false), "d |c |/ |b |/ a");
    }

    #[test]
    fn long_runs_to_the_right_are_left_out() {
        let mut nodes = vec![node(0, 1, 0), node(1, 2, 1)];
        nodes.push(node(1, 3, 0));
        nodes.extend((3..9).map(|parent| node(parent, 4, 0)));
        assert_eq!(drawn(&nodes, true), "b |i |:5 |c |/ a");
        nodes[5].is_marked = true;
        assert_eq!(drawn(&nodes, true), "b |i |h |g |f |e |d |c |/ a");
        assert_eq!(drawn(&nodes[..1], true), "a");
    }

    proptest! {
        #[test]
        fn each_node_stands_once_and_its_lane_leads_to_what_it_follows(
            shape in prop::collection::vec((any::<prop::sample::Index>(), 0..9_i64, 0..3_u8, any::<bool>()), 1..60),
            elide: bool,
        ) {
            let nodes: Vec<Node> = shape.iter().enumerate().map(|(at, (parent, time, rank, is_marked))| {
                let parent = (at > 0).then(|| parent.index(at + 1)).filter(|parent| *parent < at);
                Node { parent, at: *time, rank: *rank, is_marked: *is_marked }
            }).collect();
            let rows = steps(&nodes, elide);
            let mut drawn = vec![0; nodes.len()];
            let mut elided = 0;
            // What each lane above leads down from.
            let mut lanes: Vec<Option<usize>> = Vec::new();
            for row in rows {
                match row {
                    Step::Node { index, lane } => {
                        drawn[index] += 1;
                        prop_assert!(lanes.len() <= lane + 1, "no lane is cut off");
                        prop_assert!(lane < 1 || lanes.get(lane - 1).is_some(), "a lane to the left goes on");
                        lanes.resize(lane + 1, None);
                        let above = lanes[lane].replace(index);
                        if !elide {
                            prop_assert!(above.is_none_or(|above| nodes[above].parent == Some(index)));
                        }
                    }
                    Step::Elided { count, .. } => elided += count,
                    Step::Join { lane } => {
                        prop_assert_eq!(lanes.len(), lane + 2);
                        lanes.pop();
                    }
                    Step::Gap => {
                        prop_assert!(lanes.pop().flatten().is_some_and(|last| nodes[last].parent.is_none()));
                        prop_assert!(lanes.is_empty());
                    }
                }
            }
            prop_assert!(drawn.iter().all(|times| *times <= 1));
            prop_assert_eq!(drawn.iter().sum::<usize>() + elided, nodes.len());
            prop_assert!(elide || elided == 0);
        }
    }
}
