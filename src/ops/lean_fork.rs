//! Lean forks: a session without the large outputs of tools and images in what the model gets, so that it has room to go on. The session that is
//! forked has all of them still.

use time::OffsetDateTime;

use super::fork::{Parts, new_session};
use super::lineage::turn_in;
use super::{Effect, Error, Forked, Point, Workspace};
use crate::model::{SaveName, TurnNumber};
use crate::rollout::{Elsewhere, Error as RolloutError, ForkOf, SessionMeta, fork_meta, lean};

/// What a lean fork left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOutput {
    /// How many outputs and images.
    pub count: usize,
    /// How many bytes they had.
    pub bytes: u64,
}

/// The turns of a lean fork.
#[derive(Default)]
struct Turns {
    lines: Vec<Vec<u8>>,
    /// So many of the first are as they were, and have ended.
    same: u32,
    left: LeftOutput,
}

impl Workspace {
    /// As [`Workspace::fork_elsewhere`], without outputs and images of more than `most` bytes in what the model gets.
    ///
    /// # Errors
    /// As [`Workspace::fork`].
    pub fn fork_lean(
        &self,
        point: &Point,
        most: usize,
        name: Option<&SaveName>,
        elsewhere: &Elsewhere,
        now: OffsetDateTime,
    ) -> Result<(Forked, LeftOutput), Error> {
        let from = point.message.session;
        let source = self.store.read_blob(self.store.meta_blob(point.tree)?)?;
        let too_old = || RolloutError::TooOld(from);
        SessionMeta::read(&source).filter(|meta| !meta.bare).ok_or_else(too_old)?;
        let parts = self.parts(point)?;
        let turns = self.lean_turns(point, &parts, most)?;
        // What stands before the first turn that changes is the other session's, too.
        let base = turn_in(&self.store, parts.base.id, turns.same)?.filter(|_| turns.same > 0);
        let session = new_session(now);
        let mut chunks = turns.lines.iter().rev().map(|turn| Ok(turn.clone()));
        let settled = self.settled(point, &mut chunks, (session, elsewhere), now)?.unwrap_or_default();
        let len = turns.lines.iter().map(Vec::len).sum::<usize>() + settled.len();
        let commit = base.as_ref().map_or(parts.base.id, |base| base.id);
        let of = ForkOf { session: from, commit, len: Some(len as u64) };
        let line = fork_meta(&source, session, &of, elsewhere, now).ok_or_else(too_old)?;
        let mut new = self.begin(session, from, now)?;
        new.write(&line)?;
        turns.lines.iter().try_for_each(|turn| new.write(turn))?;
        new.write(&settled)?;
        let path = new.publish()?;
        match base {
            Some(base) => {
                let same = turns.lines.iter().take(turns.same as usize).map(Vec::len).sum::<usize>();
                self.keep_if_recorded((session, &path), || self.record_fork(&path, base, (line.len() + same) as u64))?;
            }
            None => _ = self.keep_if_recorded((session, &path), || self.record_path(&path, Effect::Write))?,
        }
        let saved = self.name_first_point(session, name, now)?;
        let (turn, open) = (point.message.turn, point.message.kind.is_open());
        Ok((Forked { session, path, from, turn, open, saved }, turns.left))
    }

    /// The turns up to a point, made lean.
    fn lean_turns(&self, point: &Point, parts: &Parts, most: usize) -> Result<Turns, Error> {
        let mut turns = Turns::default();
        let ended = parts.base.message.turn;
        let last = if parts.changed.is_some() { ended } else { self.store.read_tree(point.tree)?.turns() };
        for turn in (1..=last).filter_map(TurnNumber::new) {
            let whole = format!("`codex-git show {} --turn {turn} --full` has it", point.message.session);
            let made = lean(&self.turn_bytes(point, turn)?, most, &whole);
            turns.left.count += made.left_out;
            turns.left.bytes += made.bytes;
            if turns.left.count == 0 && turn.get() <= ended {
                turns.same = turn.get();
            }
            turns.lines.push(made.lines);
        }
        turns.lines.extend(
            parts.changed.as_ref().map(|changed| lean(changed, most, "the session that was forked has it").lines),
        );
        Ok(turns)
    }
}
