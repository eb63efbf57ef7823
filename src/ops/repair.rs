//! Repair: put right what is broken in a store, from other copies in it and from the rollouts that are still there.
//!
//! The same rollout gives the same objects, so what is lost of a session is made anew by recording its rollout once more, beside
//! the store. Each object is proven by its hash; nothing is removed before all that it held is proven elsewhere.

use std::collections::{BTreeMap, HashSet};

use super::record::Recorder;
use super::{Effect, Error, Progress, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::rollout::RolloutFile;
use crate::store::{Damage, Error as StoreError, Mended, SetBack, TakenOff, fsck};

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// Objects that were lost, and that recording the rollouts gave back.
    pub recovered: usize,
    /// What was put right from good copies.
    pub mended: Mended,
    /// Refs that stand again where they stood.
    pub refs: Vec<String>,
    /// Commits that codex-git did not make, taken off the branches of sessions.
    pub taken_off: Vec<TakenOff>,
    /// Objects that no rollout and no copy gave back.
    pub lost: Vec<ObjectId>,
}

impl Repaired {
    /// Whether it did anything.
    pub fn changed(&self) -> bool {
        self.recovered > 0 || self.mended != Mended::default() || !self.refs.is_empty() || !self.taken_off.is_empty()
    }
}

impl Workspace {
    /// Puts right what is broken in the store, as far as other copies and the rollouts go. [`Workspace::verify`] tells what is left.
    ///
    /// # Errors
    /// When something can't be read or written; what was not put right then is as it was.
    pub fn repair(&self, progress: &mut dyn FnMut(Progress)) -> Result<Repaired, Error> {
        let mut repaired = Repaired::default();
        repaired.mended.indexes = self.store.mend_indexes()?;
        let lost_refs = self.store.lost_refs()? && self.reopen()?.store.lost_refs()?;
        repaired.refs = self.mend_refs(false)?;
        let mut look = || -> Result<Damage, Error> {
            let mut progress = |done, total| progress(Progress { done, total });
            let damage = self.store.damage(&mut progress)?;
            if damage.is_none() {
                return Ok(damage);
            }
            // Others may have recorded meanwhile: only what is broken at a second look is.
            Ok(damage.confirmed_by(&self.reopen()?.store.damage(&mut progress)?))
        };
        let mut damage = look()?;
        // What comes to light leads to more that may be lost.
        while !damage.lost.is_empty() {
            let recovered = self.recover(&damage.lost)?;
            if recovered == 0 {
                break;
            }
            repaired.recovered += recovered;
            damage = look()?;
        }
        repaired.refs.extend(self.mend_refs(true)?);
        repaired.taken_off = self.take_foreign_off()?;
        if lost_refs {
            repaired.refs.extend(self.put_branches_back()?);
            self.store.forget_table();
            repaired.refs.extend(self.mend_head()?);
        }
        repaired.lost = damage.lost.clone();
        let has_needless = !damage.needless.is_empty();
        repaired.mended += self.store.mend(&Damage { needless: Vec::new(), ..damage })?;
        // What a ref that was not there yet leads to is not needless: so all is looked at once more, with every ref in its place.
        if has_needless && self.store.broken_refs()?.is_empty() && self.gone_branches()?.is_empty() {
            repaired.mended += self.store.mend(&look()?)?;
        }
        // It lacks what could not be read.
        if repaired.changed() || self.store.text_log().frames().iter().flatten().any(|row| row.is_unread) {
            self.forget_text_log();
        }
        Ok(repaired)
    }

    /// Records all rollouts beside the store, and takes from there what is lost. Tells how many objects that gave.
    fn recover(&self, lost: &[ObjectId]) -> Result<usize, Error> {
        let look = self.look_anew();
        let (rollouts, held) = (look.all(), look.held());
        let held = held.iter().filter_map(|file| file.file().ok()).collect::<Vec<_>>();
        let sessions: HashSet<SessionId> = rollouts.all().iter().chain(&held).map(|found| found.name.id).collect();
        let scratch = self.store.scratch(|session| sessions.contains(&session))?;
        let beside = Self::open(self.home(), &scratch.path())?;
        let mut report = beside.record_all(Effect::Write, &mut |_| {});
        // What was evicted and is held yet is as good a copy as any.
        held.iter().for_each(|found| report.add(Recorder::new(&beside).record(found)));
        report.failed.iter().for_each(|error| tracing::info!(%error, "not recorded anew"));
        let mut recovered = 0;
        for id in lost {
            recovered += usize::from(self.store.take_from(&beside.store, *id)?);
        }
        self.store.settle_taken()?;
        Ok(recovered)
    }

    /// Puts broken refs back on what their logs say. What is still broken when all objects are back is put back on what its own words and
    /// the objects tell, or made `anew` from its session's rollout. Tells which were put back.
    fn mend_refs(&self, anew: bool) -> Result<Vec<String>, Error> {
        let (mut mended, mut of_others) = (Vec::new(), Vec::new());
        if anew {
            // Such a branch goes then, and without a log nothing would tell that it was there.
            of_others = self.store.branches_of_others()?;
            mended.extend(self.store.mend_strays()?);
        }
        let mut broken = self.store.broken_refs()?;
        if !broken.is_empty() {
            let still = self.reopen()?.store.broken_refs()?;
            broken.retain(|name| still.contains(name));
        }
        broken.retain(|name| !of_others.contains(name));
        for name in of_others.iter().chain(&broken) {
            let is_back = self.store.put_ref_back(name)?
                || (of_others.contains(name) && self.put_gone_back(name)?)
                || (anew && self.ref_anew(name)?);
            if is_back {
                mended.push(name.clone());
            }
        }
        for back in self.refs_set_back()? {
            self.store.put_forward(&back)?;
            mended.push(back.name);
        }
        mended.extend(self.mend_head()?);
        Ok(mended)
    }

    /// Takes what codex-git did not make off the branches of sessions. A session of which the store has nothing else is recorded anew.
    fn take_foreign_off(&self) -> Result<Vec<TakenOff>, Error> {
        let mut taken_off = Vec::new();
        for (session, commit) in self.store.foreign_tips()? {
            let Some(mut taken) = self.store.take_off(session, commit)? else { continue };
            if taken.back_on.is_none() {
                if !self.put_gone_back(&format!("refs/heads/{session}"))?
                    && let Err(error) = self.record_session(session, Effect::Write)
                {
                    tracing::info!(%session, %error, "is not recorded anew");
                }
                taken.back_on = self.store.heads(session)?.0;
            }
            taken_off.push(taken);
        }
        Ok(taken_off)
    }

    /// Points HEAD at a branch, if it names none.
    fn mend_head(&self) -> Result<Option<String>, Error> {
        if self.store.has_head() {
            return Ok(None);
        }
        let Some(session) = self.store.session_ids()?.first().copied() else { return Ok(None) };
        self.store.point_head(session)?;
        Ok(Some("HEAD".to_owned()))
    }

    /// The branches that stand before what they held last, where no rollout gives that back: else recording does, as after a kill.
    pub(super) fn refs_set_back(&self) -> Result<Vec<SetBack>, Error> {
        let mut back = self.store.refs_set_back()?;
        let look = if back.is_empty() { return Ok(back) } else { self.look_anew() };
        back.retain(|SetBack { to, .. }| {
            let found = look.session(to.message.session);
            let is_it = |file: &&RolloutFile| file.name.to_string() == to.message.rollout;
            !found.is_some_and(|found| {
                found.files().find(is_it).is_some_and(|file| file.packed_or_longer(to.message.offset))
            })
        });
        Ok(back)
    }

    /// Puts branches back that neither a log nor a rollout tells of, where their last commits lie.
    fn put_branches_back(&self) -> Result<Vec<String>, Error> {
        let mut gone = self.gone_branches()?;
        if !gone.is_empty() {
            // Others may have recorded meanwhile: objects come before their refs.
            let still = self.reopen()?.gone_branches()?;
            gone.retain(|name, tip| still.get(name) == Some(tip));
        }
        for (name, tip) in &gone {
            self.store.put_branch_back(name, *tip)?;
        }
        Ok(gone.into_keys().collect())
    }

    /// Puts a branch back that is gone without a log, where its session's last commit lies. False if none does.
    fn put_gone_back(&self, name: &str) -> Result<bool, Error> {
        let gone = self.gone_branches()?;
        let Some(tip) = gone.get(name) else { return Ok(false) };
        self.store.put_branch_back(name, *tip)?;
        Ok(true)
    }

    fn gone_branches(&self) -> Result<BTreeMap<String, ObjectId>, Error> {
        Ok(self.store.gone_branches(&fsck(self.store.path())?.unreachable)?)
    }

    fn ref_anew(&self, name: &str) -> Result<bool, Error> {
        let session =
            ["refs/heads/", "refs/open/"].iter().find_map(|folder| SessionId::parse(name.strip_prefix(folder)?));
        let Some(session) = session else { return Ok(false) };
        let Some(found) = self.look_anew().session(session) else { return Ok(false) };
        tracing::info!(name, rollout = %found.path.display(), "is recorded anew");
        self.store.forget_ref(name)?;
        match self.record_session(session, Effect::Write) {
            Ok(recorded) => Ok(recorded.is_some()),
            // Its other ref is broken as well, and is next.
            Err(Error::Store(error)) if StoreError::is_damage(&error) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
