//! How one rollout is recorded: find where to go on, prove that it goes on there, write the commits, move the refs.

use super::ahead::{Ahead, Later};
use super::commits::Commits;
use super::record::Extent;
use super::retry::retry;
use super::{Effect, Error, Recorded, Workspace};
use crate::model::{ObjectId, SessionId, Span, Step};
use crate::rollout::{Found, Rollout, Split};
use crate::store::{Branch, Commit, Error as StoreError, Store};

pub(super) struct Recorder<'a> {
    pub workspace: &'a Workspace,
    pub effect: Effect,
    pub extent: Extent,
    /// The home's rollouts, where they are known already.
    pub found: Option<&'a [Found]>,
    /// Where the refs to move are put, if they are moved later.
    pub later: Option<&'a Later>,
}

/// Where a recording goes on.
pub(super) enum Start {
    /// At the session's branch.
    Branch(Commit),
    /// At another session's commit, which the new session is a fork of; the offset in the fork's rollout.
    Fork(Commit, u64),
    /// With the first line.
    Nothing,
}

struct Plan {
    branch: Option<Branch>,
    start: Start,
    split: Split,
}

impl<'a> Recorder<'a> {
    /// A recorder of all that rollouts hold, which moves refs at once.
    pub fn new(workspace: &'a Workspace, effect: Effect) -> Self {
        Self { workspace, effect, extent: Extent::All, found: None, later: None }
    }

    /// Records a rollout that was found.
    pub fn found(&self, found: &Found) -> Result<Recorded, Error> {
        self.rollout(&Rollout::open(found)?, &mut Vec::new())
    }

    /// Records a rollout, whose forks are being recorded already.
    pub fn rollout(&self, rollout: &Rollout, forks: &mut Vec<SessionId>) -> Result<Recorded, Error> {
        retry(|| {
            // The branch is read before the file's length: another process may record what Codex appends meanwhile, and the
            // file must never seem shorter than what was recorded of it.
            let branch = self.workspace.store.branch(rollout.meta().id)?;
            if let Some(branch) = &branch {
                self.prove(rollout, &branch.tip)?;
                if self.holds_all(rollout, branch)? {
                    let tip = &branch.tip.message;
                    return Ok(Recorded { session: tip.session, turns: 0, last: tip.turn, changed: false });
                }
            }
            let start = match &branch {
                Some(branch) => Start::Branch(branch.tip.clone()),
                None => self.first(rollout, forks)?,
            };
            let plan = self.plan(rollout, branch, start)?;
            if self.extent == Extent::Ended && plan.split.turns.is_empty() {
                return Ok(Recorded { changed: false, ..pretended(rollout, &plan) });
            }
            match self.effect {
                Effect::Write => self.carry_out(rollout, &plan),
                Effect::Pretend => Ok(pretended(rollout, &plan)),
            }
        })
    }

    /// Whether a branch, whose tip is proven, holds all that the rollout has.
    fn holds_all(&self, rollout: &Rollout, branch: &Branch) -> Result<bool, Error> {
        let whole = branch.last().message.offset == rollout.len()?;
        let tidy = branch.open_ref == branch.open.as_ref().map(|open| open.id);
        Ok(whole && tidy && branch.open.as_ref().is_none_or(|open| self.prove(rollout, open).is_ok()))
    }

    /// Records a fork that was written just now: its first bytes need not be compared with its base's. Should somebody else have recorded
    /// it already, it is recorded like any other.
    pub fn fork(&self, rollout: &Rollout, base: Commit, shared: u64) -> Result<Recorded, Error> {
        match self.plan(rollout, None, Start::Fork(base, shared)).and_then(|plan| self.carry_out(rollout, &plan)) {
            Err(Error::Store(StoreError::LostRace(_))) => self.rollout(rollout, &mut Vec::new()),
            outcome => outcome,
        }
    }

    fn plan(&self, rollout: &Rollout, branch: Option<Branch>, start: Start) -> Result<Plan, Error> {
        let store = &self.workspace.store;
        let (from, total, base) = match &start {
            Start::Branch(tip) => (tip.message.offset, tip.message.total_tokens, Some(tip.id)),
            Start::Fork(base, offset) => (*offset, base.message.total_tokens, Some(base.id)),
            Start::Nothing => (rollout.meta().len(), None, None),
        };
        let mut closed_before = |id: &str| base.is_some_and(|base| holds_turn(store, base, id));
        let split = rollout.split(from, total, &mut closed_before)?;
        Ok(Plan { branch, start, split })
    }

    /// Proves that a rollout continues what a commit holds.
    fn prove(&self, rollout: &Rollout, commit: &Commit) -> Result<(), Error> {
        let message = &commit.message;
        let continues = rollout.len()? >= message.offset
            && self.workspace.store.meta_blob(commit.tree)? == Store::blob_id(&rollout.meta().line)
            && Store::blob_id(&rollout.tail(message.offset)?) == message.tail;
        let rewritten = || Error::Rewritten { session: message.session, path: rollout.path().to_owned() };
        continues.then_some(()).ok_or_else(rewritten)
    }

    /// Where a session that is not in the store begins. A fork's base is recorded before the fork.
    fn first(&self, rollout: &Rollout, forks: &mut Vec<SessionId>) -> Result<Start, Error> {
        let meta = rollout.meta();
        let (Some(at), Some(from)) = (meta.forked_at, meta.origin.forked_from) else { return Ok(Start::Nothing) };
        if !forks.contains(&meta.id) {
            forks.push(meta.id);
            if let Err(error) = self.base(from, forks) {
                tracing::info!(%error, base = %from, "the base of a fork could not be recorded");
            }
        }
        let Ok(base) = self.workspace.store.commit(at) else { return Ok(Start::Nothing) };
        let offset = if base.message.session == from { self.shared_end(rollout, &base)? } else { None };
        Ok(offset.map_or(Start::Nothing, |offset| Start::Fork(base, offset)))
    }

    fn base(&self, id: SessionId, forks: &mut Vec<SessionId>) -> Result<(), Error> {
        if self.is_ahead(id) {
            return Ok(());
        }
        let found = match self.found {
            Some(found) => found.iter().find(|found| found.name.id == id).cloned(),
            None => self.workspace.home.rollout_of(id)?,
        };
        let Some(found) = found else { return Ok(()) };
        self.rollout(&Rollout::open(&found)?, forks).map(drop)
    }

    /// Whether a session's commits are written already, for its refs to be moved later.
    pub fn is_ahead(&self, id: SessionId) -> bool {
        self.later.is_some_and(|later| later.all().iter().any(|ahead| ahead.session == id))
    }

    /// Where the bytes of the base's turns end in a fork's rollout; `None` if it doesn't hold them.
    fn shared_end(&self, rollout: &Rollout, base: &Commit) -> Result<Option<u64>, Error> {
        let store = &self.workspace.store;
        let mut at = rollout.meta().len();
        for chunk in store.read_tree(base.tree)?.chunks {
            let bytes = store.read_blob(chunk.blob)?;
            let span = Span { start: at, end: at + bytes.len() as u64 };
            if span.end > rollout.len()? || rollout.read(span)? != bytes {
                return Ok(None);
            }
            at = span.end;
        }
        Ok(Some(at))
    }

    /// Writes a plan's commits, and moves the refs, or leaves that for later.
    fn carry_out(&self, rollout: &Rollout, plan: &Plan) -> Result<Recorded, Error> {
        let ahead = self.write(rollout, plan)?;
        let recorded = ahead.recorded();
        match self.later.filter(|_| recorded.changed) {
            Some(later) => later.all().push(ahead),
            None => {
                self.workspace.settle(&ahead)?;
                self.workspace.point_head(&recorded);
            }
        }
        Ok(recorded)
    }

    fn write(&self, rollout: &Rollout, plan: &Plan) -> Result<Ahead, Error> {
        let commits = Commits { store: &self.workspace.store, rollout };
        let first = commits.start(&plan.start)?;
        let mut tip = first.clone();
        for turn in &plan.split.turns {
            tip = commits.turn(&tip, turn)?;
        }
        let open = plan.split.open.as_ref().map(|open| commits.open(&tip, open)).transpose()?;
        let home = &self.workspace.home;
        let place = home.relative(rollout.path()).unwrap_or_default();
        Ok(Ahead {
            session: rollout.meta().id,
            turns: tip.message.turn - first.message.turn,
            last: tip.message.turn,
            note: format!("record turn {}: {place}", tip.message.turn),
            in_usual_place: home.place_of(rollout.name()) == rollout.path(),
            tip: (plan.branch.as_ref().map(|branch| branch.tip.id), tip.id),
            open: (plan.branch.as_ref().and_then(|branch| branch.open_ref), open.map(|open| open.id)),
        })
    }
}

fn pretended(rollout: &Rollout, plan: &Plan) -> Recorded {
    let before = match &plan.start {
        Start::Branch(tip) => tip.message.turn,
        Start::Fork(base, _) => base.message.turn,
        Start::Nothing => 0,
    };
    let turns = plan.split.turns.len() as u32;
    let open_grew = match (&plan.split.open, plan.branch.as_ref().and_then(|branch| branch.open.as_ref())) {
        (Some(open), Some(known)) => open.span.end != known.message.offset,
        (open, known) => open.is_some() != known.is_some(),
    };
    let new = !matches!(plan.start, Start::Branch(_));
    Recorded { session: rollout.meta().id, turns, last: before + turns, changed: new || turns > 0 || open_grew }
}

/// Whether one of the turns up to a commit has this id.
pub(super) fn holds_turn(store: &Store, from: ObjectId, id: &str) -> bool {
    let mut history = store.history(from);
    history.any(|commit| {
        commit.is_ok_and(
            |commit| matches!(commit.message.step, Step::Turn { ids, .. } if ids.iter().any(|known| known == id)),
        )
    })
}
