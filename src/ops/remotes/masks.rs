//! Masked forks that go in the place of sessions that are held back.

use super::Exchange;
use super::outgoing::Outgoing;
use super::settings::Remote;
use super::there::There;
use crate::model::{SessionId, ShareRule};
use crate::ops::list::Rows;
use crate::ops::{Effect, Error, Workspace};

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
        let (mut forks, mut remote) = (Vec::new(), remote.clone());
        for held in &outgoing.secrets.held {
            let Some(branch) = self.store.branch(*held)? else { continue };
            match self.masked(branch.last()) {
                Ok(fork) => forks.push((*held, fork.message.session)),
                Err(error) => outgoing.broken.push((*held, error)),
            }
        }
        remote.share.extend(forks.iter().map(|(_, fork)| ShareRule::Session(*fork)));
        let broken = std::mem::take(&mut outgoing.broken);
        let mut outgoing = self.outgoing(&remote, (there, &there.own), progress)?;
        outgoing.broken.extend(broken);
        // What could not be masked is held back as well, and goes under neither name.
        forks.retain(|(_, fork)| outgoing.index.lines.contains_key(fork));
        for (held, fork) in &forks {
            outgoing.secrets.held.remove(held);
            let earlier = self.masked_forks(*held)?.into_iter().filter(|earlier| earlier != fork);
            earlier.for_each(|earlier| drop(outgoing.index.lines.remove(&earlier)));
        }
        let masked = forks.into_iter().map(|(of, fork)| MaskedSession { of, fork: Some(fork) }).collect();
        Ok((outgoing, masked))
    }

    /// The masked forks of a session.
    pub(super) fn masked_forks(&self, session: SessionId) -> Result<Vec<SessionId>, Error> {
        let Rows { rows, .. } = self.rows(&|table| table.forks_of(session))?;
        Ok(rows.into_iter().map(|row| row.id).filter(|id| id.is_masked()).collect())
    }
}
