//! How one session is recorded: find where to go on, prove that its rollout goes on there, write the commits, move the refs.

use std::collections::HashSet;

use super::ahead::{Ahead, Later};
use super::commits::Commits;
use super::record::{Extent, News};
use super::retry::retry;
use super::standing::{Standing, is_after};
use super::{Effect, Error, Recorded, Workspace};
use crate::model::{ObjectId, SessionId, Step};
use crate::rollout::{Found, OpenLines, Rollout, Split};
use crate::store::{Branch, Commit, Error as StoreError, Store};

pub(super) struct Recorder<'a> {
    pub workspace: &'a Workspace,
    pub effect: Effect,
    pub extent: Extent,
    /// Whether all bytes that are recorded are compared, where the file may have been written to without growing.
    pub thorough: bool,
    /// The home's rollouts, where they are known already.
    pub found: Option<&'a [Found]>,
    /// Where the refs to move are put, if they are moved later.
    pub later: Option<&'a Later>,
}

/// Where a file goes on.
pub(super) enum Start {
    /// At the session's branch.
    Branch(Commit),
    /// At another session's commit, which the new session is a fork of; the position in the fork's rollout.
    Fork(Commit, u64),
    /// At an earlier turn of the session; what it was before.
    Revert(Commit, Box<Commit>),
    /// With the first line.
    Nothing,
}

/// A session as far as it is written; the lines after its last turn are not yet.
struct Written {
    rollout: Rollout,
    tip: Commit,
    open: Option<OpenLines>,
    turns: u32,
    news: Option<News>,
}

impl<'a> Recorder<'a> {
    /// A recorder of all that rollouts hold, which moves refs at once.
    pub fn new(workspace: &'a Workspace, effect: Effect) -> Self {
        Self { workspace, effect, extent: Extent::All, thorough: false, found: None, later: None }
    }

    /// Records a session that was found.
    pub fn found(&self, found: &Found) -> Result<Recorded, Error> {
        self.session(found, &mut Vec::new())
    }

    /// Records a session, whose forks are being recorded already.
    pub(super) fn session(&self, found: &Found, forks: &mut Vec<SessionId>) -> Result<Recorded, Error> {
        let session = found.name.id;
        retry(|| {
            // The branch is read before the file's length: another process may record what Codex appends meanwhile, and the
            // file must never seem shorter than what was recorded of it.
            let branch = self.workspace.store.branch(session)?;
            let standing = branch.as_ref().map(|branch| self.standing(found, branch, forks)).transpose()?;
            if let (Some(Standing::Same), Some(branch)) = (&standing, &branch) {
                return Ok(same(&branch.tip));
            }
            if self.effect == Effect::Pretend {
                return self.pretended(found, branch.as_ref(), standing);
            }
            let written = match (standing, &branch) {
                (Some(Standing::GoesOn(rollout)), Some(branch)) => {
                    let written = self.write(*rollout, Start::Branch(branch.tip.clone()))?;
                    self.follow(written, found.files().filter(|file| is_after(file, &branch.tip)), forks)?
                }
                (Some(Standing::WentOn), Some(branch)) => {
                    let mut files = found.files().filter(|file| is_after(file, &branch.tip));
                    let written = self.next(branch.last(), files.next().unwrap_or(found), forks)?;
                    self.follow(written, files, forks)?
                }
                (Some(Standing::Replaced(news)), Some(branch)) => self.replace(found, branch, news, forks)?,
                _ => self.anew(found, forks)?,
            };
            if self.extent == Extent::Ended && written.turns == 0 && written.news.is_none() {
                return Ok(same(&written.tip));
            }
            self.carry_out(&written, branch.as_ref())
        })
    }

    /// Records a fork that was written just now: its first bytes need not be compared with its base's. Should somebody else have recorded
    /// it already, it is recorded like any other.
    pub fn fork(&self, found: &Found, base: Commit, shared: u64) -> Result<Recorded, Error> {
        let written = self.write(Rollout::open(found)?, Start::Fork(base, shared));
        match written.and_then(|written| self.carry_out(&written, None)) {
            Err(Error::Store(StoreError::LostRace(_))) => self.found(found),
            outcome => outcome,
        }
    }

    /// Records a session from its first line on.
    fn anew(&self, found: &Found, forks: &mut Vec<SessionId>) -> Result<Written, Error> {
        let mut files = found.files();
        let mut first = Rollout::open(files.next().unwrap_or(found))?;
        let start = self.start(&mut first, None, forks)?;
        let written = self.write(first, start)?;
        self.follow(written, files, forks)
    }

    /// Records what the files are now, and puts it into the place of what the branch holds.
    fn replace(
        &self,
        found: &Found,
        branch: &Branch,
        news: News,
        forks: &mut Vec<SessionId>,
    ) -> Result<Written, Error> {
        let store = &self.workspace.store;
        let now = self.anew(found, forks)?;
        let commits = Commits { store, rollout: &now.rollout };
        let step = if news == News::Joined { Step::Joined } else { Step::Rewritten };
        let tip = commits.replacement(step, branch.last(), &now.tip)?;
        let known: HashSet<ObjectId> = ids(store, branch.tip.id).collect::<Result<_, _>>()?;
        let mut turns = 0;
        for id in ids(store, now.tip.id) {
            turns += u32::from(!known.contains(&id?));
        }
        Ok(Written { tip, turns: now.turns.min(turns), news: Some(news), ..now })
    }

    /// Records the files that a session went on in, one after the other.
    fn follow<'f>(
        &self,
        mut written: Written,
        files: impl Iterator<Item = &'f Found>,
        forks: &mut Vec<SessionId>,
    ) -> Result<Written, Error> {
        for file in files {
            let next = self.next(&self.last(&written)?, file, forks)?;
            written = Written { turns: written.turns + next.turns, ..next };
        }
        Ok(written)
    }

    /// Records the file that a session went on in after what it was before.
    fn next(&self, before: &Commit, file: &Found, forks: &mut Vec<SessionId>) -> Result<Written, Error> {
        let mut rollout = Rollout::open(file)?;
        let start = self.start(&mut rollout, Some(before), forks)?;
        let replaces = matches!(start, Start::Nothing);
        let mut next = self.write(rollout, start)?;
        next.news = Some(News::Reverted(next.tip.message.turn - next.turns));
        if replaces {
            let commits = Commits { store: &self.workspace.store, rollout: &next.rollout };
            next.tip = commits.replacement(Step::Rewritten, before, &next.tip)?;
            next.news = Some(News::Rewritten);
        }
        Ok(next)
    }

    fn split(&self, rollout: &Rollout, start: &Start) -> Result<Split, Error> {
        let store = &self.workspace.store;
        let (from, total, base) = match start {
            Start::Branch(tip) => (tip.message.offset, tip.message.total_tokens, Some(tip.id)),
            Start::Fork(base, position) => (*position, base.message.total_tokens, Some(base.id)),
            Start::Revert(base, _) => (rollout.meta().len(), base.message.total_tokens, Some(base.id)),
            Start::Nothing => (rollout.meta().len(), None, None),
        };
        let mut failed = None;
        let mut closed_before = |id: &str| {
            let held = base.map_or(Ok(false), |base| holds_turn(store, base, id));
            held.unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        };
        let split = rollout.split(from, total, &mut closed_before)?;
        failed.map_or(Ok(split), |error| Err(error.into()))
    }

    /// Writes the commits of a file's turns.
    fn write(&self, rollout: Rollout, start: Start) -> Result<Written, Error> {
        let split = self.split(&rollout, &start)?;
        let missing = matches!(start, Start::Nothing).then_some(rollout.meta().base).flatten();
        let commits = Commits { store: &self.workspace.store, rollout: &rollout };
        let mut tip = commits.start(&start)?;
        for turn in &split.turns {
            tip = commits.turn(&tip, turn)?;
        }
        let turns = split.turns.len() as u32;
        let news = missing.map(|base| News::MissingBase(base.rollout));
        Ok(Written { rollout, tip, open: split.open, turns, news })
    }

    /// A session's last commit, the lines after its last turn included.
    fn last(&self, written: &Written) -> Result<Commit, Error> {
        let commits = Commits { store: &self.workspace.store, rollout: &written.rollout };
        written.open.as_ref().map_or_else(|| Ok(written.tip.clone()), |open| commits.open(&written.tip, open))
    }

    /// Moves the refs to what was written, or leaves that for later.
    fn carry_out(&self, written: &Written, branch: Option<&Branch>) -> Result<Recorded, Error> {
        let home = &self.workspace.home;
        let Written { rollout, tip, turns, news, .. } = written;
        let last = self.last(written)?;
        let place = home.relative(rollout.path()).unwrap_or_default();
        let ahead = Ahead {
            session: rollout.session(),
            turns: *turns,
            last: tip.message.turn,
            news: *news,
            orphan: tip.message.missing_base.is_some(),
            note: format!("record turn {}: {place}", tip.message.turn),
            in_usual_place: home.place_of(rollout.name()) == rollout.path(),
            tip: (branch.map(|branch| branch.tip.id), tip.id),
            open: (branch.and_then(|branch| branch.open_ref), (last.id != tip.id).then_some(last.id)),
        };
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

    /// What recording a session would do, as far as that can be told without writing.
    fn pretended(&self, found: &Found, branch: Option<&Branch>, standing: Option<Standing>) -> Result<Recorded, Error> {
        let (rollout, start, news) = match (standing, branch) {
            (Some(Standing::GoesOn(rollout)), Some(branch)) => (*rollout, Start::Branch(branch.tip.clone()), None),
            (Some(Standing::Replaced(news)), _) => (Rollout::open(found)?, Start::Nothing, Some(news)),
            _ => {
                let mut rollout = Rollout::open(found.files().next().unwrap_or(found))?;
                let start = self.start(&mut rollout, None, &mut Vec::new())?;
                (rollout, start, None)
            }
        };
        let before = match &start {
            Start::Branch(tip) | Start::Fork(tip, _) | Start::Revert(tip, _) => tip.message.turn,
            Start::Nothing => 0,
        };
        let split = self.split(&rollout, &start)?;
        let turns = split.turns.len() as u32;
        let known = branch.and_then(|branch| branch.open.as_ref());
        let open_grew = match (&split.open, known) {
            (Some(open), Some(known)) => rollout.reach(open.span.end).offset != known.message.offset,
            (open, known) => open.is_some() != known.is_some(),
        };
        let goes_on = matches!(start, Start::Branch(_)) && rollout.path() == found.path;
        let changed = !goes_on || turns > 0 || open_grew;
        Ok(Recorded { session: found.name.id, turns, last: before + turns, changed, news, orphan: false })
    }
}

/// Nothing is new after a session's last turn.
fn same(tip: &Commit) -> Recorded {
    Recorded::same(tip.message.session, tip.message.turn, tip.message.missing_base.is_some())
}

/// The ids of a commit and those before it in the conversation.
fn ids(store: &Store, from: ObjectId) -> impl Iterator<Item = Result<ObjectId, StoreError>> {
    store.history(from).map(|commit| Ok(commit?.id))
}

/// Whether one of the turns up to a commit has this id.
pub(super) fn holds_turn(store: &Store, from: ObjectId, id: &str) -> Result<bool, StoreError> {
    for commit in store.history(from) {
        if matches!(commit?.message.step, Step::Turn { ids, .. } if ids.iter().any(|known| known == id)) {
            return Ok(true);
        }
    }
    Ok(false)
}
