//! Moving this machine's refs at a remote: again after another process moved them too, and as branches where a host takes no other names.

use super::Exchange;
use super::settings::Remote;
use super::there::There;
use crate::model::ObjectId;
use crate::ops::{Error, Workspace};
use crate::store::{Answer, Namespace, Part, RemoteMove};

/// How often is tried again after another process of this machine pushed, too.
const ATTEMPTS: usize = 5;

impl Workspace {
    /// Moves what `act` moves of what stands at a remote; gives what that says when all moved.
    pub(super) fn move_there<T>(
        &self,
        remote: &Remote,
        exchange: &Exchange,
        mut act: impl FnMut(&There) -> Result<(Answer, T), Error>,
    ) -> Result<T, Error> {
        let mut remote = remote.clone();
        for _ in 0..ATTEMPTS {
            let there = self.look_there(&remote, exchange)?;
            match act(&there)? {
                (Answer::All, done) => {
                    self.set_namespace(&remote)?;
                    return Ok(done);
                }
                (Answer::Moved, _) => {}
                (Answer::Refused(reason), _) if there.namespace == Namespace::Own && is_about_names(&reason) => {
                    remote.namespace = Namespace::Heads;
                }
                (Answer::Refused(reason), _) => return Err(Error::NotTaken { remote: remote.name, reason }),
                (Answer::NotTogether, _) => break,
            }
        }
        Err(Error::Busy(format!("this machine's refs at {}", remote.name)))
    }
}

impl There {
    /// A ref of this machine that is to move.
    pub(super) fn moved(&self, part: Part, to: Option<ObjectId>) -> RemoteMove {
        RemoteMove { name: self.namespace.of(&self.machine, part), to, lease: None }
    }

    /// Moves this machine's refs, and notes what is pushed then.
    pub(super) fn send(
        &self,
        moves: &[RemoteMove],
        index: ObjectId,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Answer, Error> {
        self.side.set_about_to_push(index)?;
        let answer = self.move_all(moves, progress)?;
        if answer == Answer::All {
            self.side.set_pushed(Some(index))?;
        }
        Ok(answer)
    }

    /// Moves refs together, or one after the other, in their order.
    pub(super) fn move_all(
        &self,
        moves: &[RemoteMove],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Answer, Error> {
        let mut push =
            |moves: &[RemoteMove], is_together| self.transport.push(self.side.path(), moves, is_together, progress);
        let mut answer = push(moves, true)?;
        if answer == Answer::NotTogether {
            for one in moves {
                answer = push(std::slice::from_ref(one), false)?;
                if answer != Answer::All {
                    break;
                }
            }
        }
        Ok(answer)
    }
}

/// Whether a host does not want refs of such names: some take branches and tags only.
fn is_about_names(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["hidden ref", "funny refname", "illegal", "not allowed", "invalid ref", "hook declined", "refname", "namespace"]
        .iter()
        .any(|word| reason.contains(word))
}
