//! Sessions as trees: forks and agents below what they come from, trees with the newest session first.
//!
//! What comes from a session that is not listed stands below the nearest that is. Where sessions claim to come from each other in a circle,
//! one of them is taken for the first.

use std::collections::HashMap;

use super::Entry;

/// What each session comes from.
pub struct Tree {
    bases: Vec<Option<usize>>,
}

/// A session in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which one.
    pub entry: usize,
    /// The row of what it comes from.
    above: Option<usize>,
    pub depth: usize,
    /// Whether nothing more hangs on what it comes from.
    is_last: bool,
}

/// What is drawn before a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Whether branches at the left were left out.
    pub is_folded: bool,
    /// For each branch that is drawn: whether it goes on below.
    pub goes_on: Vec<bool>,
}

impl Tree {
    /// Finds out what each session comes from. Sessions stand newest first.
    pub fn of(entries: &[Entry]) -> Self {
        let places: HashMap<_, _> = entries.iter().enumerate().map(|(at, entry)| (entry.id, at)).collect();
        let base = |entry: &Entry| entry.base.and_then(|base| places.get(&base).copied());
        let mut bases: Vec<Option<usize>> = entries.iter().map(base).collect();
        // Which climb came by each session first.
        let mut seen = vec![usize::MAX; bases.len()];
        for start in 0..bases.len() {
            let mut at = start;
            while seen[at] == usize::MAX {
                seen[at] = start;
                let Some(next) = bases[at] else { break };
                if seen[next] == start {
                    bases[at] = None;
                    break;
                }
                at = next;
            }
        }
        Self { bases }
    }

    /// The sessions that are shown, in their places.
    pub fn rows(&self, is_shown: &[bool]) -> Vec<Row> {
        let above = self.nearest_shown(is_shown);
        let shown = || (0..above.len()).filter(|at| is_shown[*at]);
        // Sessions come newest first, so that the first that climbs by is the newest of a tree.
        let mut newest = vec![usize::MAX; above.len()];
        for start in shown() {
            let mut next = Some(start);
            while let Some(at) = next.filter(|at| newest[*at] == usize::MAX) {
                newest[at] = start;
                next = above[at];
            }
        }
        let (mut below, mut roots) = (vec![Vec::new(); above.len()], Vec::new());
        for at in shown() {
            above[at].map_or(&mut roots, |base| &mut below[base]).push(at);
        }
        below.iter_mut().chain([&mut roots]).for_each(|list| list.sort_by_key(|at| newest[*at]));
        let mut rows: Vec<Row> = Vec::new();
        let mut left: Vec<(usize, Option<usize>, bool)> = roots.iter().rev().map(|at| (*at, None, true)).collect();
        while let Some((entry, above, is_last)) = left.pop() {
            let depth = above.map_or(0, |above: usize| rows[above].depth + 1);
            let own = rows.len();
            rows.push(Row { entry, above, depth, is_last });
            let children = below[entry].iter().rev().enumerate();
            left.extend(children.map(|(number, child)| (*child, Some(own), number == 0)));
        }
        rows
    }

    /// For each session the nearest shown one that it comes from.
    fn nearest_shown(&self, is_shown: &[bool]) -> Vec<Option<usize>> {
        let mut nearest: Vec<Option<Option<usize>>> = vec![None; self.bases.len()];
        for start in 0..self.bases.len() {
            let (mut path, mut at) = (Vec::new(), start);
            let end = loop {
                if let Some(known) = nearest[at] {
                    break known;
                }
                path.push(at);
                match self.bases[at] {
                    Some(base) if is_shown[base] => break Some(base),
                    Some(base) => at = base,
                    None => break None,
                }
            };
            path.into_iter().for_each(|at| nearest[at] = Some(end));
        }
        nearest.into_iter().map(Option::flatten).collect()
    }
}

/// What is drawn before a row, of no more than so many branches.
pub fn branch(rows: &[Row], at: usize, most: usize) -> Branch {
    let mut goes_on = Vec::new();
    let mut next = rows.get(at);
    while let Some(row) = next.filter(|row| row.depth > 0 && goes_on.len() < most) {
        goes_on.push(!row.is_last);
        next = row.above.and_then(|above| rows.get(above));
    }
    goes_on.reverse();
    Branch { is_folded: rows.get(at).is_some_and(|row| row.depth > goes_on.len()), goes_on }
}

#[cfg(test)]
mod tests {
    use super::super::entry::made_up::entry;
    use super::*;

    fn told(bases: &[Option<usize>], hidden: &[usize]) -> Vec<(usize, usize)> {
        let entries: Vec<Entry> = bases.iter().enumerate().map(|(at, base)| entry(at, "", *base)).collect();
        let is_shown: Vec<bool> = (0..entries.len()).map(|at| !hidden.contains(&at)).collect();
        Tree::of(&entries).rows(&is_shown).iter().map(|row| (row.entry, row.depth)).collect()
    }

    #[test]
    fn forks_stand_below_their_bases_and_bring_them_up() {
        // 0 is a fork of 3, and 3 one of 4; 2 is a fork of 4, too.
        assert_eq!(told(&[Some(3), None, Some(4), Some(4), None], &[]), [(4, 0), (3, 1), (0, 2), (2, 1), (1, 0)]);
    }

    #[test]
    fn what_is_hidden_leaves_its_forks() {
        assert_eq!(told(&[Some(3), None, Some(4), Some(4), None], &[3]), [(4, 0), (0, 1), (2, 1), (1, 0)]);
        assert_eq!(told(&[Some(1), Some(2), None], &[1, 2]), [(0, 0)]);
    }

    #[test]
    fn sessions_that_come_from_each_other_are_all_there() {
        for bases in [vec![Some(1), Some(0)], vec![Some(0)], vec![Some(1), Some(2), Some(0), Some(1)]] {
            let mut all: Vec<usize> = told(&bases, &[]).into_iter().map(|(at, _)| at).collect();
            all.sort_unstable();
            assert_eq!(all, (0..bases.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_long_chain_takes_no_longer_than_it_is() {
        let bases: Vec<Option<usize>> = (0..20_000).map(|at| Some(at + 1).filter(|base| *base < 20_000)).collect();
        let rows = told(&bases, &[]);
        assert_eq!((rows.len(), rows[0], rows[19_999]), (20_000, (19_999, 0), (0, 19_999)));
    }

    #[test]
    fn branches_go_on_where_more_follows_and_are_folded_at_the_left() {
        let entries: Vec<Entry> =
            [Some(3), None, Some(4), Some(4), None].iter().enumerate().map(|(at, base)| entry(at, "", *base)).collect();
        let rows = Tree::of(&entries).rows(&[true; 5]);
        let at = |row, most| branch(&rows, row, most);
        assert_eq!(at(0, 9), Branch { is_folded: false, goes_on: vec![] });
        assert_eq!(at(1, 9).goes_on, [true]);
        assert_eq!(at(2, 9).goes_on, [true, false]);
        assert_eq!(at(2, 1), Branch { is_folded: true, goes_on: vec![false] });
        assert_eq!(at(3, 9).goes_on, [false]);
    }
}
