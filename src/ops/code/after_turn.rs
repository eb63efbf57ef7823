//! The turns of a session after a point, each with its snapshots before and after it: those that the session left behind as well, since what
//! they did is still in the folder.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::at::{found, is_a_persons_own};
use super::error::SnapshotError;
use super::restore_error::{Lack, RestoreError};
use crate::code::{CodeStore, Kept};
use crate::model::code::{CodeMoment, TurnKey};
use crate::model::{CommitKind, SessionId};
use crate::ops::{Error, Point, Query, Workspace};

/// A snapshot, and in which of the code stores it is.
pub(super) type Side = (usize, Kept);

/// A turn that changed files of a root.
pub(super) struct TurnSides {
    pub turn: u32,
    pub point: Point,
    /// When it began and ended, in seconds since 1970.
    pub time: (i64, i64),
    pub before: Side,
    /// The one before the next turn, where `is_shared`; none, if the folder as it is counts.
    pub after: Option<Side>,
    /// Whether the snapshot after it has what others did since, too.
    pub is_shared: bool,
    /// The snapshot after the turn before, where that before this one is torn.
    pub instead: Option<Side>,
}

/// The turns of a session after a point, by time.
pub(super) struct TurnsAfter {
    pub turns: Vec<TurnSides>,
    /// Since when what a restore made of a file is later than what is wanted, in seconds since 1970.
    pub since: i64,
    /// The snapshot that says how the files were then, if there is one.
    pub wanted: Option<Side>,
    /// The turns among these that worked in another folder.
    pub elsewhere: Vec<u32>,
    /// Codex's ids of these turns, and of those before.
    pub known: HashSet<TurnKey>,
}

impl TurnsAfter {
    /// The parts of the root that any of them is about; none where one is about all of it.
    pub fn parts(&self) -> Vec<Vec<u8>> {
        let sides = self.turns.iter().flat_map(|turn| [Some(&turn.before), turn.after.as_ref()]);
        let sides = sides.chain([self.wanted.as_ref()]).flatten();
        let parts: Vec<&[Vec<u8>]> = sides.map(|(_, kept)| kept.snapshot.parts.as_slice()).collect();
        let all: BTreeSet<&Vec<u8>> = parts.iter().copied().flatten().collect();
        if parts.iter().any(|parts| parts.is_empty()) { Vec::new() } else { all.into_iter().cloned().collect() }
    }
}

impl TurnSides {
    /// The snapshots between which the turn worked.
    pub fn pair<'a>(&'a self, now: &'a Side) -> (&'a Side, &'a Side) {
        (self.instead.as_ref().unwrap_or(&self.before), self.after.as_ref().unwrap_or(now))
    }
}

impl Workspace {
    /// The turns of a session after a point that worked in a root, by time.
    ///
    /// # Errors
    /// When what one of them changed can't be told, or all worked elsewhere.
    pub(super) fn turns_in(
        &self,
        session: SessionId,
        (point, includes): (&Point, bool),
        stores: &[CodeStore],
        root: &Path,
    ) -> Result<TurnsAfter, Error> {
        use std::os::unix::ffi::OsStrExt;
        let is_here = |side: &Side| side.1.snapshot.root == root.as_os_str().as_bytes();
        let from = if includes { self.before_turn(point)? } else { point.clone() };
        // Where a session went back to a turn, what it left behind came after that turn.
        let from = self.turn_under(&from).unwrap_or(from);
        let (mut turns, mut lacking, mut elsewhere, mut there) = (Vec::new(), Vec::new(), Vec::new(), None);
        let mut last =
            if from.message.turn > 0 { found(stores, &self.keys_of(&from), CodeMoment::After)? } else { None };
        last = last.filter(is_here);
        let wanted = match includes {
            true => found(stores, &self.keys_of(point), CodeMoment::Before)?.filter(is_here),
            false => last.clone(),
        };
        let since = if includes { self.turn_under(point).unwrap_or_else(|| point.clone()) } else { from.clone() };
        let (points, known) = self.points_after(session, &from, since.author.started)?;
        for point in points {
            let (turn, keys) = (point.message.turn, self.keys_of(&point));
            let before = found(stores, &keys, CodeMoment::Before)?;
            let after = found(stores, &keys, CodeMoment::After)?;
            if let Some(side) = before.as_ref().or(after.as_ref()).filter(|side| !is_here(side)) {
                there = Some(side.1.snapshot.root.clone());
                elsewhere.push(turn);
                continue;
            }
            if let Some((_, kept)) = [&before, &after].into_iter().flatten().find(|(_, kept)| kept.snapshot.light) {
                return Err(SnapshotError::Light { turn, head: kept.snapshot.head }.into());
            }
            let lack = match (&before, &after) {
                (None, None) if is_a_persons_own(&point) => continue,
                (None, None) => Some(Lack::Both),
                (None, Some(_)) => Some(Lack::Before),
                (Some((_, kept)), _) if kept.snapshot.torn && !is_covered(last.as_ref(), kept) => Some(Lack::Whole),
                _ => None,
            };
            lacking.extend(lack.map(|lack| (turn, lack)));
            let Some(before) = before else { continue };
            let instead = last.take().filter(|last| before.1.snapshot.torn && is_covered(Some(last), &before.1));
            last.clone_from(&after);
            let time = (point.author.started, point.author.ended);
            turns.push(TurnSides { turn, point, time, before, is_shared: after.is_none(), after, instead });
        }
        if !lacking.is_empty() {
            return Err(RestoreError::Lacking { session, lacking }.into());
        }
        let restored_since = if includes { since.author.started } else { since.author.ended };
        match there {
            Some(there) if turns.is_empty() => {
                let there = std::ffi::OsStr::from_bytes(&there).into();
                Err(RestoreError::Elsewhere { session, there, here: root.to_owned() }.into())
            }
            _ => Ok(TurnsAfter { turns: with_the_next(turns), since: restored_since, wanted, elsewhere, known }),
        }
    }

    /// The session's other turns, those that it left behind included, as far as it is known what they changed in a root.
    pub(super) fn turns_before(
        &self,
        session: SessionId,
        after: &TurnsAfter,
        stores: &[CodeStore],
        root: &Path,
    ) -> Result<Vec<TurnSides>, Error> {
        use std::os::unix::ffi::OsStrExt;
        let Some(head) = self.head(session)? else { return Ok(Vec::new()) };
        let is_after = |id| after.turns.iter().any(|turn| turn.point.id == id);
        let mut turns = Vec::new();
        for entry in self.log_all(&head, &Query::default())?.turns {
            if entry.kind.is_none() || is_after(entry.commit) {
                continue;
            }
            let point = self.store.commit(entry.commit)?;
            let keys = self.keys_of(&point);
            let sides = found(stores, &keys, CodeMoment::Before)?.zip(found(stores, &keys, CodeMoment::After)?);
            let Some((before, after)) = sides else { continue };
            let kepts = [&before.1.snapshot, &after.1.snapshot];
            if kepts.iter().all(|kept| kept.root == root.as_os_str().as_bytes() && !kept.light) && !kepts[0].torn {
                let (turn, time) = (point.message.turn, (point.author.started, point.author.ended));
                turns.push(TurnSides {
                    turn,
                    point,
                    time,
                    before,
                    after: Some(after),
                    is_shared: false,
                    instead: None,
                });
            }
        }
        Ok(turns)
    }

    /// The point before the turn that one is at.
    fn before_turn(&self, point: &Point) -> Result<Point, Error> {
        match point.message.turn.checked_sub(1) {
            None => Ok(point.clone()),
            Some(0) => {
                let mut first = point.clone();
                for commit in self.store.history(point.id) {
                    first = commit?;
                }
                Ok(first)
            }
            Some(turn) => self.turn_of(point, turn),
        }
    }

    /// The turns that a session made after a point and since a time, by time; each once, however often its rollout was rewritten. And Codex's
    /// ids of all turns.
    fn points_after(
        &self,
        session: SessionId,
        from: &Point,
        since: i64,
    ) -> Result<(Vec<Point>, HashSet<TurnKey>), Error> {
        let head = self.head(session)?.unwrap_or_else(|| from.clone());
        let mut seen: HashSet<TurnKey> = HashSet::new();
        for commit in self.store.history(from.id) {
            seen.extend(self.own_keys(&commit?));
        }
        let query = Query { without: Some(from.clone()), ..Query::default() };
        let entries = self.log_all(&head, &query)?.turns;
        let mut points = Vec::new();
        // What a session left behind before that time is part of how the folder was then.
        for entry in entries.iter().rev().filter(|entry| entry.kind.is_some() && entry.started >= since) {
            let point = self.store.commit(entry.commit)?;
            let keys = self.own_keys(&point);
            if keys.is_empty() || keys.iter().any(|key| !seen.contains(key)) {
                seen.extend(keys);
                points.push(point);
            }
        }
        points.sort_by_key(|point| point.author.started);
        Ok((points, seen))
    }

    /// Codex's ids of the turn that a commit is.
    pub(super) fn own_keys(&self, point: &Point) -> Vec<TurnKey> {
        match &point.message.kind {
            CommitKind::Turn { .. } => self.keys_of(point),
            _ => Vec::new(),
        }
    }
}

/// Where nothing told of a turn's end, the snapshot before the next one counts that looked where the turn worked.
fn with_the_next(mut turns: Vec<TurnSides>) -> Vec<TurnSides> {
    for at in 0..turns.len() {
        if turns[at].after.is_none() {
            let (turn, later) = (&turns[at], turns.iter().skip(at + 1));
            turns[at].after =
                later.map(|next| &next.before).find(|next| is_covered(Some(next), &turn.before.1)).cloned();
        }
    }
    turns
}

/// Whether a snapshot looked wherever another did.
fn is_covered(by: Option<&Side>, kept: &Kept) -> bool {
    by.is_some_and(|(_, by)| by.snapshot.covers(&kept.snapshot))
}
