//! Moving this machine's refs at a remote: again after another process moved them too, and as branches where a host takes no other names.

use super::Exchange;
use super::settings::Remote;
use super::there::There;
use crate::model::ObjectId;
use crate::ops::{Error, Workspace};
use crate::store::{Answer, Namespace, Part, RemoteMove, Shortcut};

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

    /// Moves this machine's refs, and notes what is pushed then. `shortcut`: what the remote has of what they are to hold.
    pub(super) fn send(
        &self,
        moves: &[RemoteMove],
        index: ObjectId,
        shortcut: Option<&Shortcut>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Answer, Error> {
        self.side.set_about_to_push(index)?;
        let answer = self.move_all(moves, shortcut, progress)?;
        if answer == Answer::All {
            self.side.set_pushed(Some(index))?;
        }
        Ok(answer)
    }

    /// Moves refs together, or one after the other, in their order.
    pub(super) fn move_all(
        &self,
        moves: &[RemoteMove],
        shortcut: Option<&Shortcut>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Answer, Error> {
        let mut push = |moves: &[RemoteMove], how| self.transport.push(self.side.path(), moves, how, progress);
        let mut answer = push(moves, (true, shortcut))?;
        if answer == Answer::NotTogether {
            for one in moves {
                answer = push(std::slice::from_ref(one), (false, shortcut))?;
                if answer != Answer::All {
                    break;
                }
            }
        }
        match answer {
            // Somebody else may have written there what only this machine does: then it lacks what it is taken to have.
            Answer::Refused(reason) if shortcut.is_some() && is_about_objects(&reason) => {
                tracing::info!(reason, "the remote is sent all that it may lack");
                self.move_all(moves, None, progress)
            }
            answer => Ok(answer),
        }
    }
}

/// Whether a host did not get all objects that it needs.
fn is_about_objects(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["missing", "unpack", "index-pack", "unresolved", "connectivity", "shallow"]
        .iter()
        .any(|word| reason.contains(word))
}

/// Whether a host does not want refs of such names: some take branches and tags only.
fn is_about_names(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["hidden ref", "funny refname", "illegal", "not allowed", "invalid ref", "hook declined", "refname", "namespace"]
        .iter()
        .any(|word| reason.contains(word))
}
