//! Diff: up to which turn two points are the same conversation, and what each has done since.

use std::time::Duration;

use super::begun::Begun;
use super::log_entry::LogEntry;
use super::{Error, Point, Query, Workspace};
use crate::model::patch::{Touched, touched};
use crate::model::{Item, TurnNumber, What};
use crate::rollout::Reader;
use crate::store::SessionTree;

/// How two points differ.
#[derive(Debug)]
pub struct Difference {
    /// The last turn that both have, as the first of them has it.
    pub common: Option<LogEntry>,
    /// How many turns both have.
    pub both: u32,
    /// How many of these tell the same and are not the same bytes, as in files that another tool copied.
    pub alike: u32,
    /// What only the first has, and what only the second has.
    pub sides: [Side; 2],
}

/// What only one of two points has.
#[derive(Debug, Default)]
pub struct Side {
    /// Its turns, oldest first.
    pub turns: Vec<LogEntry>,
    /// The files that they touched, by path.
    pub files: Vec<Touched>,
    /// How many commands they ran.
    pub commands: usize,
    /// How many of these failed.
    pub failed: usize,
    /// How long they took.
    pub took: Duration,
}

impl Difference {
    /// Whether there is any.
    pub fn is_any(&self) -> bool {
        self.sides.iter().any(|side| !side.turns.is_empty())
    }
}

impl Side {
    /// The tokens of its turns.
    pub fn tokens(&self) -> u64 {
        self.turns.iter().filter_map(|turn| turn.tokens).sum()
    }

    /// The models that answered, in the order that they first did.
    pub fn models(&self) -> Vec<&str> {
        let mut models = Vec::new();
        for model in self.turns.iter().filter_map(|turn| turn.model.as_deref()) {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        models
    }
}

impl Workspace {
    /// How two points differ. Only chunks after the last turn that both have are read.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn diff(&self, a: &Point, b: &Point) -> Result<Difference, Error> {
        let same = same_turns(&self.store.read_tree(a.tree)?, &self.store.read_tree(b.tree)?);
        let both = self.alike_from(a, b, same)?;
        let last = Query { most: Some(1), ..Query::default() };
        let common = if both == 0 { None } else { self.log_of(&self.turn_of(a, both)?, &last)?.turns.pop() };
        let begun = [self.begun(a, b)?, self.begun(b, a)?];
        let mut sides = [self.side(a, both, begun[1].as_ref())?, self.side(b, both, begun[0].as_ref())?];
        // Of a turn that one of them has whole, the other has nothing else.
        for (side, begun) in sides.iter_mut().zip(begun) {
            if begun.is_some() {
                *side = Side::default();
            }
        }
        Ok(Difference { common, both, alike: both - same, sides })
    }

    /// Up to which turn two points tell the same, if they do up to `turn`.
    fn alike_from(&self, a: &Point, b: &Point, mut turn: u32) -> Result<u32, Error> {
        let most = a.message.turn.min(b.message.turn);
        let told = |point: &Point, number| -> Result<Vec<What>, Error> {
            let items = Reader::default().items(&self.turn_bytes(point, number)?);
            Ok(items.into_iter().map(|item| item.what).collect())
        };
        while let Some(next) = TurnNumber::new(turn + 1).filter(|next| next.get() <= most) {
            let (a, b) = (told(a, next)?, told(b, next)?);
            // Two turns that tell nothing are not the same for that.
            if a != b || !a.iter().any(|what| matches!(what, What::Answer { .. } | What::Command(_))) {
                break;
            }
            turn += 1;
        }
        Ok(turn)
    }

    /// What a point has after a turn, without what another one has `begun` of it.
    fn side(&self, point: &Point, after: u32, begun: Option<&Begun>) -> Result<Side, Error> {
        let count = usize::try_from(point.message.turn.saturating_sub(after)).unwrap_or(usize::MAX);
        let (mut side, mut files) = (Side::default(), Vec::new());
        for shown in self.show(point, Some(count))? {
            let mut shown = shown?;
            if let Some(begun) = begun.filter(|begun| begun.turn == shown.turn.turn) {
                shown.items = begun.rest(shown.items);
            }
            side.add(&shown.items);
            files.extend(shown.items.into_iter().filter(|item| matches!(item.what, What::Patch(_))));
            side.took += Duration::from_secs(u64::try_from(shown.turn.ended - shown.turn.started).unwrap_or(0));
            side.turns.push(shown.turn);
        }
        side.files = touched(&files);
        Ok(side)
    }
}

impl Side {
    fn add(&mut self, items: &[Item]) {
        for item in items {
            let What::Command(command) = &item.what else { continue };
            self.commands += 1;
            self.failed += usize::from(command.has_failed());
        }
    }
}

/// How many turns two trees begin with that are the same bytes.
fn same_turns(a: &SessionTree, b: &SessionTree) -> u32 {
    let mut at = 0;
    while a.chunks.get(at).is_some() && a.chunks.get(at) == b.chunks.get(at) {
        at += 1;
    }
    let turn = |tree: &SessionTree| tree.chunks.get(at).map(|chunk| chunk.path.turn.get());
    let last = a.chunks.last().map_or(0, |chunk| chunk.path.turn.get());
    // A turn that goes on in one of them is not the same.
    [turn(a), turn(b)].into_iter().flatten().min().map_or(last, |turn| turn - 1)
}
