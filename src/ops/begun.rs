//! Begun: a point within a turn, as a save made while the turn ran, has the first part of what another point has whole.

use std::collections::HashSet;

use super::{Error, Point, Workspace};
use crate::model::{Item, TurnNumber, What};
use crate::rollout::Reader;

/// The turn that a point stands in, and what of it was done by then.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    /// Which turn.
    pub turn: u32,
    /// The lines that tell of the patches and commands that were done.
    done: HashSet<(usize, bool)>,
}

impl Workspace {
    /// What a point has of a turn that goes on in `whole`; `None` if it does not stand within a turn, or the other has another turn there.
    pub(super) fn begun(&self, point: &Point, whole: &Point) -> Result<Option<Begun>, Error> {
        let turn = point.message.turn;
        let number = TurnNumber::new(turn).filter(|_| point.message.kind.is_open() && turn <= whole.message.turn);
        let Some(number) = number else { return Ok(None) };
        let begun = self.turn_bytes(point, number)?;
        if !self.turn_bytes(whole, number)?.starts_with(&begun) {
            return Ok(None);
        }
        let done = Reader::default().items(&begun).iter().filter_map(told).collect();
        Ok(Some(Begun { turn, done }))
    }
}

impl Begun {
    /// What came after it in the turn: the patches and the commands that were done by then are left out.
    pub fn rest(&self, items: Vec<Item>) -> Vec<Item> {
        items.into_iter().filter(|item| told(item).is_none_or(|told| !self.done.contains(&told))).collect()
    }
}

/// The line that tells of a patch or a command that is done, and whether it is a patch.
fn told(item: &Item) -> Option<(usize, bool)> {
    let is_patch = matches!(&item.what, What::Patch(patch) if patch.is_done());
    (is_patch || is_ended(&item.what)).then_some((item.line, is_patch))
}

fn is_ended(what: &What) -> bool {
    matches!(what, What::Command(command) if command.exit.is_some() || command.output.is_some() || command.refused.is_some())
}
