//! The snapshot of a turn: in whichever code store it is, and what stands for it where the turn has none of its own.

use super::error::SnapshotError;
use crate::code::{CodeStore, Error as CodeError, Kept};
use crate::model::code::{CodeMoment, TurnKey};
use crate::model::{CommitKind, SessionId};
use crate::ops::{Error, Point, Workspace};

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
        let mut others = Vec::new();
        for other in [CodeMoment::Before, CodeMoment::After].into_iter().filter(|other| *other != moment) {
            others.extend(found(&stores, &keys, other)?.map(|_| other));
        }
        Err(SnapshotError::None { session, turn, moment, others }.into())
    }

    /// All code stores that can be opened.
    pub(super) fn code_stores(&self) -> Vec<CodeStore> {
        let told = |error: &CodeError| tracing::info!(%error, "a code store is passed over");
        CodeStore::all(self.home()).into_iter().filter_map(|store| store.inspect_err(told).ok()).collect()
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
        Ok(CodeStore::open(&path)?)
    }
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
