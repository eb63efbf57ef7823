//! Masked forks that go in the place of sessions that are held back.

use super::Exchange;
use super::outgoing::Outgoing;
use super::settings::Remote;
use super::there::There;
use crate::model::{SessionId, ShareRule};
use crate::ops::list::Rows;
use crate::ops::{Effect, Error, Point, Workspace};
use crate::store::Branch;

/// A session that is held back, and goes masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaskedSession {
    /// The session.
    pub of: SessionId,
    /// The masked fork; `None` if it would only be made.
    pub fork: Option<SessionId>,
}

impl Workspace {
    /// What is to stand at a remote, with masked forks in the place of what is held back, if that is wanted.
    pub(super) fn outgoing_masked(
        &self,
        remote: &Remote,
        there: &There,
        exchange: &Exchange,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(Outgoing, Vec<MaskedSession>), Error> {
        let mut outgoing = self.outgoing(remote, (there, &there.own), progress)?;
        self.withdraw_needless(&mut outgoing)?;
        if !exchange.masks || outgoing.secrets.held.is_empty() {
            return Ok((outgoing, Vec::new()));
        }
        if exchange.effect == Effect::Pretend {
            let held = std::mem::take(&mut outgoing.secrets.held);
            return Ok((outgoing, held.into_iter().map(|of| MaskedSession { of, fork: None }).collect()));
        }
        let branches = outgoing.secrets.held.iter().map(|held| self.store.branch(*held));
        let branches: Vec<Branch> = branches.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let points: Vec<Point> = branches.iter().map(|branch| branch.last().clone()).collect();
        let (mut forks, mut remote) = (Vec::new(), remote.clone());
        for (point, fork) in points.iter().zip(self.masked_together(&points)?) {
            match fork {
                Ok(fork) => forks.push((point.message.session, fork.message.session)),
                Err(error) => outgoing.broken.push((point.message.session, error)),
            }
        }
        remote.share.extend(forks.iter().map(|(_, fork)| ShareRule::Session(*fork)));
        let broken = std::mem::take(&mut outgoing.broken);
        let mut outgoing = self.outgoing(&remote, (there, &there.own), progress)?;
        outgoing.broken.extend(broken);
        forks.retain(|(_, fork)| outgoing.index.lines.contains_key(fork));
        for (held, fork) in &forks {
            outgoing.secrets.held.remove(held);
            self.withdraw_masked(&mut outgoing, *held, Some(*fork))?;
        }
        // What is told of what is held back is not told of what goes masked.
        let held = &outgoing.secrets.held;
        outgoing.secrets.found.retain(|found| held.contains(&found.session));
        let masked = forks.into_iter().map(|(of, fork)| MaskedSession { of, fork: Some(fork) }).collect();
        Ok((outgoing, masked))
    }

    /// Has nothing be told any more of the masked forks of sessions that go themselves.
    fn withdraw_needless(&self, outgoing: &mut Outgoing) -> Result<(), Error> {
        let masked: Vec<SessionId> = outgoing.index.lines.keys().copied().filter(|id| id.is_masked()).collect();
        let Rows { rows, .. } =
            self.rows(&|table| masked.iter().filter_map(|id| table.row(*id).transpose()).collect())?;
        for of in rows.into_iter().filter_map(|row| row.origin.forked_from) {
            if outgoing.index.lines.contains_key(&of) && !outgoing.secrets.held.contains(&of) {
                self.withdraw_masked(outgoing, of, None)?;
            }
        }
        Ok(())
    }

    /// Has nothing be told any more of the masked forks of a session, but for one. One with which somebody goes on here stays.
    pub(super) fn withdraw_masked(
        &self,
        outgoing: &mut Outgoing,
        session: SessionId,
        but: Option<SessionId>,
    ) -> Result<(), Error> {
        for fork in self.masked_forks(session)?.into_iter().filter(|fork| Some(*fork) != but) {
            if self.look().session(fork).is_none() {
                outgoing.index.lines.remove(&fork);
            }
        }
        Ok(())
    }

    /// The masked forks of a session.
    pub(super) fn masked_forks(&self, session: SessionId) -> Result<Vec<SessionId>, Error> {
        let Rows { rows, .. } = self.rows(&|table| table.forks_of(session))?;
        Ok(rows.into_iter().map(|row| row.id).filter(|id| id.is_masked()).collect())
    }
}
