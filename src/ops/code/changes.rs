//! What turns changed in a project's files: between two snapshots, or between one and the folder as it is now.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::at::{CodeAt, Wanted};
use super::between::between;
use super::error::SnapshotError;
use super::file_change::FileChange;
use super::restore_error::RestoreError;
use super::span::Span;
use crate::code::{Bounds, CodeStore, Kept, Root};
use crate::model::code::{CodeMoment, TurnKey, lies_in};
use crate::model::{CommitKind, SessionId};
use crate::ops::{Error, Point, Workspace};

/// What a turn changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TurnChange {
    /// The turn's number.
    pub turn: u32,
    /// What was asked, on one line.
    pub subject: String,
    /// The snapshots before and after, as far as the turn has them.
    pub before: Option<Kept>,
    /// As above.
    pub after: Option<Kept>,
    /// Which of these are the neighbouring turn's: what was done in between is in them, too.
    pub neighbours: [bool; 2],
    /// The files; none, where one of the snapshots is missing.
    pub files: Vec<FileChange>,
}

impl TurnChange {
    /// The root of the snapshots.
    fn root(&self) -> Option<&[u8]> {
        self.after.as_ref().or(self.before.as_ref()).map(|kept| kept.snapshot.root.as_slice())
    }
}

impl Workspace {
    /// The files that differ between two snapshots of one project, with what they hold.
    ///
    /// # Errors
    /// When a snapshot can't be read.
    pub fn code_difference(
        &self,
        old: (&CodeStore, &Kept),
        new: (&CodeStore, &Kept),
    ) -> Result<Vec<FileChange>, Error> {
        let sides = [old, new];
        // A lender opens the project: of one store, one is enough.
        let (lender, other) = (new.0.lender(), (old.0.path() != new.0.path()).then(|| old.0.lender()));
        let lenders = [other.as_ref().unwrap_or(&lender), &lender];
        let concealed = [OnceCell::new(), OnceCell::new()];
        let hides = |side: usize, path: &[u8]| {
            let (store, kept) = sides[side];
            let concealed = concealed[side].get_or_init(|| store.concealed(kept.root(), kept));
            concealed.is_left_out(path) || concealed.is_ignored(path)
        };
        Ok(between(old, new)?.into_iter().map(|changed| FileChange::of(lenders, changed, &hides)).collect())
    }

    /// The files that differ between a snapshot and its root as it is now. The look at that leaves no name behind.
    ///
    /// # Errors
    /// When the root can't be looked at, or something can't be read.
    pub fn code_difference_now(&self, at: &CodeAt, bounds: &Bounds, now: i64) -> Result<Vec<FileChange>, Error> {
        let root = at.kept.root();
        let root = Root::of(root, &self.bounds_of(root, bounds))?;
        let taken = self.snapshot_of((&root, &at.kept.snapshot.parts), CodeMoment::Asked, now)?;
        let (store, _) = self.code_store(root.path(), bounds)?;
        let kept = store.snapshot(taken.commit)?;
        let files = self.code_difference((&at.store, &at.kept), (&store, &kept))?;
        store.unname(&taken)?;
        Ok(files)
    }

    /// What each turn of a session changed, as far as the turns up to a point have snapshots; of the last `most` such turns.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn code_log(&self, session: SessionId, point: &Point, most: Option<usize>) -> Result<Vec<TurnChange>, Error> {
        let (mut turns, mut points) = (Vec::new(), Vec::new());
        for turn in (1..=point.message.turn).rev() {
            if most.is_some_and(|most| turns.len() >= most) {
                break;
            }
            let Ok(point) = self.turn_of(point, turn) else { continue };
            let sides = [Wanted::Before, Wanted::After].map(|wanted| self.code_at(session, &point, wanted).ok());
            let sides = without_strangers(sides);
            if sides.iter().flatten().all(|at| at.is_neighbour) {
                continue;
            }
            let point = self.turn_under(&point).unwrap_or(point);
            let subject = match &point.message.kind {
                CommitKind::Turn { subject, .. } => subject.clone(),
                _ => String::new(),
            };
            let files = match &sides {
                [Some(before), Some(after)]
                    if before.store.path() == after.store.path() || before.kept.root() == after.kept.root() =>
                {
                    self.code_difference((&before.store, &before.kept), (&after.store, &after.kept))?
                }
                _ => Vec::new(),
            };
            let neighbours = sides.each_ref().map(|side| side.as_ref().is_some_and(|at| at.is_neighbour));
            let [before, after] = sides.map(|side| side.map(|at| at.kept));
            turns.push(TurnChange { turn, subject, before, after, neighbours, files });
            points.push(point);
        }
        turns.reverse();
        points.reverse();
        self.mark_unsure((session, point), &mut turns, &points)?;
        Ok(turns)
    }

    /// Marks the files of turns that another session may have changed: one worked in the same root at the same time, and the turn's own patches
    /// don't name them.
    fn mark_unsure(
        &self,
        (session, head): (SessionId, &Point),
        turns: &mut [TurnChange],
        points: &[Point],
    ) -> Result<(), Error> {
        let mut known: HashSet<TurnKey> = HashSet::new();
        for commit in self.store.history(head.id) {
            known.extend(self.own_keys(&commit?));
        }
        let span = |(turn, point): (&TurnChange, &Point)| {
            let time = (point.author.started, point.author.ended);
            Span::of(time, turn.before.as_ref(), turn.after.as_ref()).in_session(point.message.session)
        };
        let spans: Vec<Span> = turns.iter().zip(points).map(span).collect();
        let stores = self.code_stores();
        let roots: BTreeSet<Vec<u8>> = turns.iter().filter_map(TurnChange::root).map(<[u8]>::to_vec).collect();
        for root in roots {
            let folder = Path::new(OsStr::from_bytes(&root));
            let overlapped = self.overlapped(session, (&spans, &known), &stores, &root)?;
            let here = turns.iter_mut().zip(points).enumerate();
            let here = here.filter(|(at, (turn, _))| overlapped.contains(at) && turn.root() == Some(&root));
            for (_, (turn, point)) in here {
                let named = self.named_by_patches(point, folder)?;
                turn.files.iter_mut().for_each(|file| file.unsure = !named.contains(&file.path));
            }
        }
        Ok(())
    }

    /// The last turn up to a point of which there are snapshots before and after it.
    ///
    /// # Errors
    /// When there is none, or something can't be read.
    pub fn last_kept_turn(&self, session: SessionId, point: &Point) -> Result<Point, Error> {
        for turn in (1..=point.message.turn).rev() {
            let turn = self.turn_of(point, turn)?;
            let at = [Wanted::Before, Wanted::After].map(|wanted| self.code_at(session, &turn, wanted));
            if let [Ok(before), Ok(after)] = &at
                && !(before.is_neighbour && after.is_neighbour)
            {
                return Ok(turn);
            }
        }
        self.code_at(session, point, Wanted::After).map(|_| point.clone())
    }

    /// A file's bytes in a snapshot.
    ///
    /// # Errors
    /// When it has no such file, or the bytes are gone.
    pub fn code_file(&self, at: &CodeAt, path: &[u8]) -> Result<Vec<u8>, Error> {
        let path_told = || crate::model::code::quoted(path);
        if at.kept.snapshot.is_beside(path) {
            return Err(RestoreError::Beside(path_told()).into());
        }
        let files = at.store.files(at.kept.tree)?;
        let left = at.kept.snapshot.left_out.iter().find(|left| lies_in(path, &left.path));
        let (_, id) = files.get(path).ok_or_else(|| match left {
            Some(left) => SnapshotError::LeftOut { path: path_told(), reason: left.reason },
            None => SnapshotError::NoFile { path: path_told(), turn: at.turn, moment: at.moment },
        })?;
        Ok(at.store.lender().bytes(path, *id)?)
    }
}

/// The snapshots of a turn, but for a neighbour's that did not look where the turn worked.
fn without_strangers([before, after]: [Option<CodeAt>; 2]) -> [Option<CodeAt>; 2] {
    let looks_there = |one: &CodeAt, other: &Option<CodeAt>| {
        !one.is_neighbour || other.as_ref().is_none_or(|other| one.kept.snapshot.covers(&other.kept.snapshot))
    };
    let keeps = [
        before.as_ref().is_some_and(|one| looks_there(one, &after)),
        after.as_ref().is_some_and(|one| looks_there(one, &before)),
    ];
    [before.filter(|_| keeps[0]), after.filter(|_| keeps[1])]
}
