//! The order of edits and states. A commit says when it was written and when it was made as it is, and both only by the second; which of the
//! edits between these times it holds is seen in its lines.

use std::collections::HashMap;

use super::event::bare;
use super::replay::{new_lines, old_lines, stand};
use super::state::{Origin, State};
use crate::model::patch::{Change, Edit};

/// An edit that is known, and not played yet.
#[derive(Clone, Copy)]
pub(super) struct Waiting<'t> {
    /// When it was made, in seconds since 1970.
    pub at: i64,
    pub number: usize,
    pub change: &'t Change,
}

/// How many of the edits that wait, in the order of time, a state holds that can have been from `since` on.
pub(super) fn held(state: &State<'_>, waiting: &[Waiting<'_>], since: i64, lines: &[&str]) -> usize {
    let older = waiting.partition_point(|edit| edit.at < since);
    let open = &waiting[older..];
    if open.is_empty() {
        return older;
    }
    let mut tried = state.clone();
    waiting[..older].iter().for_each(|edit| tried.play(edit));
    let mut best = (0, unlike(&tried, lines));
    for (at, edit) in open.iter().enumerate() {
        // Of a file that is not known whole, only what the edit itself says can be looked for.
        let is_whole = tried.is_whole;
        tried.play(edit);
        let is_better = match is_whole {
            true => unlike(&tried, lines) <= best.1,
            false => is_in(edit.change, lines),
        };
        if is_better {
            best = (at + 1, unlike(&tried, lines));
        }
    }
    older + best.0
}

impl<'t> State<'t> {
    /// An edit changes the file.
    pub fn play(&mut self, edit: &Waiting<'t>) {
        match &edit.change.edit {
            Edit::Add(lines) => {
                self.hold(lines.iter().map(|line| bare(line)), Origin::Edit(edit.number));
                self.at = edit.at;
            }
            Edit::Delete(_) => {
                self.hold(std::iter::empty(), Origin::Edit(edit.number));
                self.at = edit.at;
            }
            Edit::Update { hunks, .. } => self.update(hunks, edit.number, edit.at),
        }
    }
}

/// How many lines a file and a state don't share.
fn unlike(state: &State<'_>, lines: &[&str]) -> usize {
    let mut surplus: HashMap<&str, isize> = HashMap::new();
    state.lines.iter().flatten().for_each(|line| *surplus.entry(line.text).or_default() += 1);
    lines.iter().for_each(|line| *surplus.entry(line).or_default() -= 1);
    surplus.values().map(|count| count.unsigned_abs()).sum()
}

/// Whether lines are as an edit left them: the longer of what it found and what it left tells.
fn is_in(change: &Change, lines: &[&str]) -> bool {
    match &change.edit {
        Edit::Add(added) => added.iter().map(|line| bare(line)).eq(lines.iter().copied()),
        Edit::Delete(_) => lines.is_empty(),
        Edit::Update { hunks, .. } => hunks.iter().all(|hunk| {
            let (old, new) = (old_lines(hunk), new_lines(hunk));
            stand(lines, &new) && !(old.len() > new.len() && stand(lines, &old))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::patch::hunks;

    const TWO: &str = "@@ -2 +2,2 @@\n b\n+two\n";
    const THREE: &str = "@@ -3 +3,2 @@\n two\n+three\n";

    /// How many edits, made in the seconds 1, 2 and so on, a state holds that can have been from a second on.
    fn found(before: Option<&str>, diffs: &[&str], since: i64, lines: &str) -> usize {
        let update = |diff: &&str| Change { path: "f".into(), edit: Edit::Update { to: None, hunks: hunks(diff) } };
        let changes: Vec<Change> = diffs.iter().map(update).collect();
        let waiting: Vec<Waiting<'_>> =
            (1..).zip(&changes).map(|(at, change)| Waiting { at, number: 0, change }).collect();
        let mut state = State::unknown();
        if let Some(before) = before {
            state.become_known(&before.split(' ').collect::<Vec<_>>(), Origin::Commit(0), 0);
        }
        held(&state, &waiting, since, &lines.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn a_state_holds_the_edits_whose_lines_it_has() {
        for (lines, count) in [("a b", 0), ("a b two", 1), ("a b two three", 2), ("new a b two", 1)] {
            assert_eq!(found(Some("a b"), &[TWO, THREE], 0, lines), count, "{lines}");
        }
        assert_eq!(found(Some("a b"), &[TWO, THREE], 2, "a b"), 1, "what is older was there");
    }

    #[test]
    fn before_a_file_is_known_whole_an_edit_tells_by_itself() {
        for (lines, count) in [("a b c d", 0), ("a b two c d", 1), ("a b two three c d", 2)] {
            assert_eq!(found(None, &[TWO, THREE], 0, lines), count, "{lines}");
        }
        let removes = "@@ -2,2 +2 @@\n b\n-c\n";
        assert_eq!((found(None, &[removes], 0, "a b c"), found(None, &[removes], 0, "a b")), (0, 1));
    }
}
