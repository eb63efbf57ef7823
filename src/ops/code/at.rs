//! The snapshot of a turn: in whichever code store it is, and what stands for it where the turn has none of its own.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::SnapshotError;
use crate::code::{Bounds, CodeStore, Error as CodeError, Kept};
use crate::model::code::{CodeMoment, TurnKey};
use crate::model::{CommitKind, Kind, ObjectId, SessionId};
use crate::ops::{Error, Point, Workspace};

/// So many digits of a snapshot's id are needed at least.
const SHORTEST: usize = 7;

/// Which snapshot of a turn is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The files as before the turn.
    Before,
    /// The files as after the turn.
    After,
}

impl Wanted {
    const fn moment(self) -> CodeMoment {
        match self {
            Self::Before => CodeMoment::Before,
            Self::After => CodeMoment::After,
        }
    }
}

/// A turn's snapshot.
#[non_exhaustive]
pub struct CodeAt {
    /// Where it is kept.
    pub store: CodeStore,
    /// The snapshot.
    pub kept: Kept,
    /// The turn's number.
    pub turn: u32,
    /// The moment that was asked for.
    pub moment: CodeMoment,
    /// Whether it is the one of the neighbouring turn: nothing told of the end of this one.
    pub is_neighbour: bool,
}

impl CodeAt {
    /// The same, if it has files.
    ///
    /// # Errors
    /// [`SnapshotError::Light`] when it is a light one.
    pub fn with_files(self) -> Result<Self, Error> {
        match self.kept.snapshot.light {
            true => Err(SnapshotError::Light { turn: self.turn, head: self.kept.snapshot.head }.into()),
            false => Ok(self),
        }
    }
}

impl Workspace {
    /// The snapshot of the turn that a point of a session is at.
    ///
    /// # Errors
    /// When there is none.
    pub fn code_at(&self, session: SessionId, point: &Point, wanted: Wanted) -> Result<CodeAt, Error> {
        let (turn, moment) = (point.message.turn, wanted.moment());
        let stores = self.code_stores();
        let keys = self.keys_of(point);
        if let Some((store, kept)) = found(&stores, &keys, moment)? {
            return Ok(CodeAt { store: self.again(&stores, store)?, kept, turn, moment, is_neighbour: false });
        }
        let neighbour = match wanted {
            Wanted::After => self
                .head(session)?
                .filter(|head| head.message.turn > turn)
                .and_then(|head| self.turn_of(&head, turn + 1).ok()),
            Wanted::Before => turn.checked_sub(1).and_then(|before| self.turn_of(point, before).ok()),
        };
        let (keys_beside, beside) = match wanted {
            Wanted::After => (neighbour.map(|point| self.keys_of(&point)), CodeMoment::Before),
            Wanted::Before => (neighbour.map(|point| self.keys_of(&point)), CodeMoment::After),
        };
        if let Some((store, kept)) = found(&stores, &keys_beside.unwrap_or_default(), beside)? {
            return Ok(CodeAt { store: self.again(&stores, store)?, kept, turn, moment, is_neighbour: true });
        }
        // What a person had Codex run is no turn that is looked at: what stood there before it counts.
        if let Some(before) = turn.checked_sub(1).filter(|_| self.is_own_turn(point))
            && let Ok(at) = self.turn_of(point, before).and_then(|before| self.code_at(session, &before, Wanted::After))
        {
            return Ok(CodeAt { turn, moment, is_neighbour: true, ..at });
        }
        let mut others = Vec::new();
        for other in [CodeMoment::Before, CodeMoment::After].into_iter().filter(|other| *other != moment) {
            others.extend(found(&stores, &keys, other)?.map(|_| other));
        }
        Err(SnapshotError::None { session, turn, moment, others }.into())
    }

    /// The snapshots of a directory's project that are of no turn, the newest first: those that somebody asked for, and those that were taken
    /// before a restore.
    ///
    /// # Errors
    /// When the project has no code store, or it can't be read.
    pub fn other_snapshots(&self, directory: &Path, bounds: &Bounds) -> Result<Vec<(Kept, CodeMoment)>, Error> {
        let (store, _) = self.code_store(directory, bounds)?;
        let all = store.apart()?.into_iter().map(|(commit, moment)| Ok((store.snapshot(commit)?, moment)));
        let mut all = all.collect::<Result<Vec<_>, CodeError>>()?;
        all.sort_by_key(|(kept, moment)| std::cmp::Reverse((kept.at, kept.commit, *moment)));
        Ok(all)
    }

    /// The snapshot of a directory's project whose commit's id begins like this; `None` if there is none, or more than one.
    ///
    /// # Errors
    /// When the code store can't be read.
    pub fn snapshot_like(&self, directory: &Path, bounds: &Bounds, text: &str) -> Result<Option<CodeAt>, Error> {
        if text.len() < SHORTEST || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let Ok((store, _)) = self.code_store(directory, bounds) else { return Ok(None) };
        let all: BTreeSet<ObjectId> = store.named()?.into_values().collect();
        let mut found = all.into_iter().filter(|commit| commit.to_string().starts_with(&text.to_ascii_lowercase()));
        let (Some(commit), None) = (found.next(), found.next()) else { return Ok(None) };
        let kept = store.snapshot(commit)?;
        Ok(Some(CodeAt { moment: kept.snapshot.moment, store, kept, turn: 0, is_neighbour: false }))
    }

    /// The last point up to one whose turn is no command, summary or review that a person had Codex run: such have no snapshots.
    pub fn pass_over_own_turns(&self, point: Point) -> Point {
        let mut point = point;
        while point.message.turn > 0 && self.is_own_turn(&point) {
            let Ok(before) = self.turn_of(&point, point.message.turn - 1) else { break };
            point = before;
        }
        point
    }

    fn is_own_turn(&self, point: &Point) -> bool {
        self.turn_under(point).is_some_and(|turn| turn.message.turn == point.message.turn && is_a_persons_own(&turn))
    }

    /// Codex's ids of the turn that a point is at; those of the last one that ended, where it is at none.
    pub(super) fn keys_of(&self, point: &Point) -> Vec<TurnKey> {
        let Some(turn) = self.turn_under(point) else { return Vec::new() };
        let CommitKind::Turn { ids, .. } = &turn.message.kind else { return Vec::new() };
        ids.iter().rev().filter_map(|id| TurnKey::new(turn.message.session, id)).collect()
    }

    /// The turn that a point is at. A fork, a rewind and lines that are no turn stand on the turn; what was put in another's place stands on both.
    pub(super) fn turn_under(&self, point: &Point) -> Option<Point> {
        let mut point = point.clone();
        loop {
            let below = match &point.message.kind {
                CommitKind::Turn { .. } => return Some(point),
                kind if kind.is_replacement() => point.parents.last(),
                _ => point.parents.first(),
            };
            point = self.store.commit(*below?).ok()?;
        }
    }

    fn again(&self, stores: &[CodeStore], at: usize) -> Result<CodeStore, Error> {
        let path = stores.get(at).map(|store| store.path().to_owned()).unwrap_or_default();
        Ok(CodeStore::open(&path)?.after(self.moves()))
    }
}

/// Whether no prompt of a turn sets off a look: what a person had Codex run, a summary, a review.
pub(super) fn is_a_persons_own(point: &Point) -> bool {
    let CommitKind::Turn { kind, .. } = &point.message.kind else { return true };
    matches!(kind, Kind::Shell | Kind::Compact | Kind::Review | Kind::Empty)
}

/// The snapshot of a turn's moment, and in which of the stores it is.
pub(super) fn found(
    stores: &[CodeStore],
    keys: &[TurnKey],
    moment: CodeMoment,
) -> Result<Option<(usize, Kept)>, Error> {
    for key in keys {
        for (at, store) in stores.iter().enumerate() {
            if let Some(kept) = store.of_turn(key, moment)? {
                return Ok(Some((at, kept)));
            }
        }
    }
    Ok(None)
}
