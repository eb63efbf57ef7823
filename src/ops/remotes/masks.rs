//! Masked forks that go in the place of sessions that are held back.

use super::Exchange;
use super::outgoing::Outgoing;
use super::settings::Remote;
use super::there::There;
use crate::model::{SessionId, ShareRule};
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
            self.withdraw_masked(&mut outgoing.index.lines, *held, Some(*fork))?;
        }
        // What is told of what is held back is not told of what goes masked.
        let held = &outgoing.secrets.held;
        outgoing.secrets.found.retain(|found| held.contains(&found.session));
        let masked = forks.into_iter().map(|(of, fork)| MaskedSession { of, fork: Some(fork) }).collect();
        Ok((outgoing, masked))
    }
}
