//! Begun: a point within a turn, as a save made while the turn ran, has the first part of what another point has whole.

use super::{Error, Point, Workspace};
use crate::model::{Item, TurnNumber, What};
use crate::rollout::Reader;

/// The turn that a point stands in, and how much of it was done by then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    /// Which turn.
    pub turn: u32,
    patches: usize,
    commands: usize,
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
        let items = Reader::default().items(&begun);
        let count = |is_it: fn(&What) -> bool| items.iter().filter(|item| is_it(&item.what)).count();
        Ok(Some(Begun { turn, patches: count(is_patched), commands: count(is_ended) }))
    }
}

impl Begun {
    /// What came after it in the turn: the patches and the commands that were done by then are left out.
    pub fn rest(self, items: Vec<Item>) -> Vec<Item> {
        let (mut patches, mut commands) = (self.patches, self.commands);
        let mut is_new = |what: &What| {
            let left = match what {
                what if is_patched(what) => &mut patches,
                what if is_ended(what) => &mut commands,
                _ => return true,
            };
            let is_new = *left == 0;
            *left = left.saturating_sub(1);
            is_new
        };
        items.into_iter().filter(|item| is_new(&item.what)).collect()
    }
}

fn is_patched(what: &What) -> bool {
    matches!(what, What::Patch(patch) if patch.is_done())
}

fn is_ended(what: &What) -> bool {
    matches!(what, What::Command(command) if command.exit.is_some() || command.output.is_some() || command.refused.is_some())
}
