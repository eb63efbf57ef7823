//! How one session is recorded: find where to go on, prove that its rollout goes on there, write the commits, move the refs.

use std::collections::HashSet;

use super::base::Bases;
use super::commits::{Commits, Start, replacement};
use super::compare::{Comparison, compare, damaged};
use super::outcome::{Extent, News, Recorded};
use super::publish::{Pending, PendingSessions};
use super::rejoin::Rejoined;
use crate::codex::Look;
use crate::model::{CommitKind, ObjectId, SessionId};
use crate::ops::lineage::{States, is_after};
use crate::ops::retry::retry;
use crate::ops::{Error, Workspace};
use crate::rollout::{Error as RolloutError, OpenLines, Rollout, RolloutFile, Stamps};
use crate::store::{Branch, Commit, Error as StoreError, Store};

/// Records sessions of a workspace, one at a time.
pub(in crate::ops) struct Recorder<'a> {
    extent: Extent,
    /// What the system said of the session's files when all that they held was recorded last.
    seen: Option<Stamps>,
    /// Whether HEAD stays where it is.
    keeps_head: bool,
    pub(super) bases: Bases<'a>,
}

/// A session as far as it is written; the lines after its last turn are not yet.
struct Written {
    rollout: Rollout,
    tip: Commit,
    open: Option<OpenLines>,
    turns: u32,
    news: Option<News>,
}

/// Where a session's refs stand: open lines can be left of a branch that is gone.
struct Stands {
    branch: Option<Branch>,
    open: Option<ObjectId>,
}

impl<'a> Recorder<'a> {
    /// A recorder of all that rollouts hold, which moves refs at once.
    pub fn new(workspace: &'a Workspace) -> Self {
        Self { extent: Extent::All, seen: None, keeps_head: false, bases: Bases::of(workspace) }
    }

    /// The same, in a home whose rollouts are known already.
    pub fn knowing(workspace: &'a Workspace, look: &'a Look) -> Self {
        let mut recorder = Self::new(workspace);
        recorder.bases.known = Some(look);
        recorder
    }

    /// The same, which leaves the refs to be moved later.
    pub(super) fn pending(mut self, pending: Option<&'a PendingSessions>) -> Self {
        self.bases.pending = pending;
        self
    }

    /// The same, which knows what the system said of the session's files when all that they held was recorded last.
    pub(super) fn seen(mut self, seen: Option<Stamps>) -> Self {
        self.seen = seen;
        self
    }

    /// The same, which leaves HEAD where it is: nobody works in what is recorded.
    pub(super) fn keeping_head(mut self) -> Self {
        self.keeps_head = true;
        self
    }

    /// The same, which records nothing unless a turn has ended.
    pub(super) fn ended(mut self) -> Self {
        self.extent = Extent::Ended;
        self
    }

    /// Records a session that was found, after what it goes on from.
    pub fn record(&self, found: &RolloutFile) -> Result<Recorded, Error> {
        self.record_after(found, |branch| self.record_bases(found, branch))
    }

    fn record_bases(&self, found: &RolloutFile, branch: Option<&Branch>) {
        for session in self.bases.before(found, branch) {
            let Some(found) = self.bases.look().session(session) else { continue };
            let recorder = Recorder::knowing(self.workspace(), self.bases.look()).pending(self.bases.pending);
            if let Err(error) = recorder.record_after(&found, |_| {}) {
                tracing::info!(%error, %session, "the base of a fork could not be recorded");
            }
        }
    }

    fn workspace(&self) -> &'a Workspace {
        self.bases.workspace
    }

    fn record_after(&self, found: &RolloutFile, first: impl Fn(Option<&Branch>)) -> Result<Recorded, Error> {
        let session = found.name.id;
        let recorded = retry(|| {
            // The branch is read before the file's length: another process may record what Codex appends meanwhile, and the
            // file must never seem shorter than what was recorded of it.
            let Stands { branch, open } = self.branch(session)?;
            first(branch.as_ref());
            let written = match &branch {
                None => self.anew(found)?,
                Some(branch) => match self.rejoined(found, branch)? {
                    Some(written) => written,
                    None => match compare(&self.bases, self.seen.as_ref(), found, branch)? {
                        Comparison::UpToDate => return Ok(same(&branch.tip)),
                        Comparison::Behind(turns) => return Ok(behind(branch, turns)),
                        Comparison::Continues(rollout) => self.go_on(found, *rollout, branch)?,
                        Comparison::MovedOn => self.go_on_after(found, branch)?,
                        Comparison::Diverged => self.replace(self.anew(found)?, branch, News::Rewritten)?,
                    },
                },
            };
            if self.extent == Extent::Ended && written.turns == 0 && written.news.is_none() {
                return Ok(same(&written.tip));
            }
            self.publish(&written, branch.as_ref(), open)
        });
        recorded.map_err(|error| damaged(&self.workspace().store, session, error))
    }

    /// A session's branch, and what its open ref holds. A branch that was lost is put back first: begun anew, it would lack what only the store had.
    fn branch(&self, session: SessionId) -> Result<Stands, Error> {
        let store = &self.workspace().store;
        let heads = store.heads(session)?;
        let is_pretended = self.bases.pending.is_some_and(PendingSessions::is_pretended);
        if heads.0.is_some() || is_pretended {
            return Ok(Stands { branch: store.branch_of(session, heads)?, open: heads.1 });
        }
        if store.put_lost_branch_back(session, heads.1)? {
            tracing::warn!(%session, "its branch was lost, and stands again where it was");
            return Ok(Stands { branch: store.branch(session)?, open: heads.1 });
        }
        store.refuse_if_refs_are_lost()?;
        Ok(Stands { branch: None, open: heads.1 })
    }

    /// Records a fork that was written just now: its first bytes need not be compared with its base's. Should somebody else have recorded
    /// it already, it is recorded like any other.
    pub fn fork(&self, found: &RolloutFile, base: Commit, shared: u64) -> Result<Recorded, Error> {
        let mut states = States::of(&self.workspace().store, Vec::new());
        let written = self.write(Rollout::open(found)?, Start::Fork(base, shared), &mut states);
        match written.and_then(|written| self.publish(&written, None, None)) {
            Err(Error::Store(error)) if error.is_lost_race() => self.record(found),
            outcome => outcome,
        }
    }

    /// Records all files of a session once more, if some were missing when its branch was recorded and are there now; `None` if that changes
    /// nothing.
    fn rejoined(&self, found: &RolloutFile, branch: &Branch) -> Result<Option<Written>, Error> {
        let Some(rejoined) = Rejoined::of(&self.bases, self.seen.as_ref(), found, branch)? else { return Ok(None) };
        let now = self.anew(&rejoined.files)?;
        if !rejoined.is_news && now.tip.message.missing_base == branch.tip.message.missing_base {
            return Ok(None);
        }
        self.replace(now, branch, News::Joined).map(Some)
    }

    /// Records a session from its first line on.
    fn anew(&self, found: &RolloutFile) -> Result<Written, Error> {
        let mut states = States::of(&self.workspace().store, Vec::new());
        let mut files = found.files();
        let holds_something =
            |opened: &Result<_, RolloutError>| !opened.as_ref().is_err_and(RolloutError::is_of_nothing);
        let opened = files.by_ref().map(Rollout::open).find(holds_something);
        let mut first = opened.unwrap_or_else(|| Rollout::open(found))?;
        let start = self.bases.start(&mut first, None, &mut states)?;
        let written = self.write(first, start, &mut states)?;
        self.follow(written, files, &mut states)
    }

    /// Records what the file that the branch stands on gained, and the files after it.
    fn go_on(&self, found: &RolloutFile, rollout: Rollout, branch: &Branch) -> Result<Written, Error> {
        let mut states = States::of(&self.workspace().store, vec![branch.tip.id, branch.last().id]);
        let written = self.write(rollout, Start::Branch(branch.tip.clone()), &mut states)?;
        self.follow(written, found.files().filter(|file| is_after(file, &branch.tip)), &mut states)
    }

    /// Records the files after one that is gone.
    fn go_on_after(&self, found: &RolloutFile, branch: &Branch) -> Result<Written, Error> {
        let mut states = States::of(&self.workspace().store, vec![branch.tip.id, branch.last().id]);
        let mut files = found.files().filter(|file| is_after(file, &branch.tip));
        let written = self.next(branch.last(), files.next().unwrap_or(found), &mut states)?;
        self.follow(written, files, &mut states)
    }

    /// Puts what the files are now into the place of what the branch holds.
    fn replace(&self, now: Written, branch: &Branch, news: News) -> Result<Written, Error> {
        let store = &self.workspace().store;
        let kind = if news == News::Joined { CommitKind::Joined } else { CommitKind::Rewritten };
        let tip = replacement(store, kind, branch.last(), &now.tip)?;
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
        files: impl Iterator<Item = &'f RolloutFile>,
        states: &mut States<'_>,
    ) -> Result<Written, Error> {
        for file in files {
            let before = self.last(&written)?;
            states.add(&before);
            match self.next(&before, file, states) {
                Ok(next) => written = Written { turns: written.turns + next.turns, ..next },
                // It went on in none that holds nothing.
                Err(Error::Rollout(error)) if error.is_of_nothing() => tracing::info!(%error, "nothing to record"),
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Records the file that a session went on in after what it was before.
    fn next(&self, before: &Commit, file: &RolloutFile, states: &mut States<'_>) -> Result<Written, Error> {
        let mut rollout = Rollout::open(file)?;
        let start = self.bases.start(&mut rollout, Some(before), states)?;
        let replaces = matches!(start, Start::Nothing);
        if replaces {
            states.replace();
        }
        let mut next = self.write(rollout, start, states)?;
        next.news = Some(News::Reverted(next.tip.message.turn - next.turns));
        if replaces {
            next.tip = replacement(&self.workspace().store, CommitKind::Rewritten, before, &next.tip)?;
            next.news = Some(News::Rewritten);
        }
        Ok(next)
    }

    /// Writes the commits of a file's turns.
    fn write(&self, rollout: Rollout, start: Start, states: &mut States<'_>) -> Result<Written, Error> {
        let commits = Commits { store: &self.workspace().store, rollout: &rollout };
        let split = commits.split(&start)?;
        let missing = matches!(start, Start::Nothing).then_some(rollout.meta().base).flatten();
        let mut tip = commits.start(&start)?;
        states.add(&tip);
        for turn in &split.turns {
            tip = commits.turn(&tip, turn)?;
            states.add(&tip);
        }
        let turns = split.turns.len() as u32;
        let news = missing.map(|base| News::MissingBase(base.rollout));
        Ok(Written { rollout, tip, open: split.open, turns, news })
    }

    /// A session's last commit, the lines after its last turn included.
    fn last(&self, written: &Written) -> Result<Commit, Error> {
        let commits = Commits { store: &self.workspace().store, rollout: &written.rollout };
        written.open.as_ref().map_or_else(|| Ok(written.tip.clone()), |open| commits.open(&written.tip, open))
    }

    /// Moves the refs to what was written, or leaves that for later.
    fn publish(&self, written: &Written, branch: Option<&Branch>, open: Option<ObjectId>) -> Result<Recorded, Error> {
        let home = &self.workspace().home;
        let Written { rollout, tip, turns, news, .. } = written;
        let last = self.last(written)?;
        let place = home.relative(rollout.path()).unwrap_or_default();
        let pending = Pending {
            session: rollout.session(),
            turns: *turns,
            last: tip.message.turn,
            news: *news,
            orphan: tip.message.missing_base.is_some(),
            note: format!("record turn {}: {place}", tip.message.turn),
            in_usual_place: home.place_of(rollout.name()) == rollout.path(),
            tip: (branch.map(|branch| branch.tip.id), tip.id),
            open: (open, (last.id != tip.id).then_some(last.id)),
        };
        let recorded = pending.recorded();
        match self.bases.pending {
            _ if !recorded.changed => {}
            Some(sessions) => sessions.push(pending),
            None => self.workspace().publish(&pending, !self.keeps_head)?,
        }
        Ok(recorded)
    }
}

/// Nothing is new after a session's last turn.
fn same(tip: &Commit) -> Recorded {
    Recorded::same(tip.message.session, tip.message.turn, tip.message.missing_base.is_some())
}

/// The session's file has less than its branch.
fn behind(branch: &Branch, turns: u32) -> Recorded {
    Recorded { news: Some(News::Behind(turns)), ..same(&branch.tip) }
}

/// The ids of a commit and those before it in the conversation.
fn ids(store: &Store, from: ObjectId) -> impl Iterator<Item = Result<ObjectId, StoreError>> {
    store.history(from).map(|commit| Ok(commit?.id))
}
