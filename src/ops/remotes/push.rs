//! Push: what this machine has of the sessions that a remote gets, and nothing that holds a secret for sure.

use super::Exchange;
use super::outgoing::Outgoing;
use super::settings::Remote;
use super::there::There;
use crate::model::{IndexLine, ObjectId, SessionId};
use crate::ops::{Effect, Error, Secrets, Workspace};
use crate::store::{Index, Namespace, Part, Pushed as Told, RemoteMove};

/// How often is tried again after another process of this machine pushed, too.
const ATTEMPTS: usize = 5;

/// What an index says wrote it.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a push came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Pushed {
    /// The sessions that are there now as they are here, of those that were not before; the newest first.
    pub sessions: Vec<PushedSession>,
    /// How many sessions this machine tells there in all.
    pub all: usize,
    /// How many saves are there that were not.
    pub saves: usize,
    /// How many sessions are not told there any more.
    pub withdrawn: usize,
    /// What was looked at for secrets, and what is held back for that.
    pub secrets: Secrets,
    /// The sessions that can't be read, and why.
    pub broken: Vec<(SessionId, Error)>,
    /// Whether this machine got a new name: another store had its.
    pub is_renamed: bool,
    /// Whether anything was to be pushed at all.
    pub is_new: bool,
}

/// A session that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushedSession {
    /// What is told of it.
    pub line: IndexLine,
    /// How many turns the remote had of it from here.
    pub before: Option<u32>,
}

impl Workspace {
    /// Pushes the sessions that a remote gets. They are recorded before: see [`Workspace::record_all`].
    ///
    /// # Errors
    /// When nothing is shared with it, when it can't be reached or takes nothing, and when it lost what was there before.
    pub fn push(
        &self,
        remote: &Remote,
        exchange: &Exchange,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Pushed, Error> {
        if remote.share.is_empty() {
            return Err(Error::NothingShared(remote.name.clone()));
        }
        let mut remote = remote.clone();
        for _ in 0..ATTEMPTS {
            let there = self.look_there(&remote, exchange)?;
            let (index, pushed) = told(&there, self.outgoing(&remote, &there, progress)?);
            let commit = there.side.write_index(&index, there.last, VERSION, exchange.now)?;
            let Some(commit) = commit.filter(|_| exchange.effect == Effect::Write) else {
                return Ok(Pushed { is_new: commit.is_some(), ..pushed });
            };
            let mut kept = self.to_keep(&index);
            if there.keep.is_some() {
                let before = self.to_keep(&there.own);
                kept.retain(|id| !before.contains(id));
            }
            let keep = there.side.write_keep(there.keep, &kept, |id| self.ended(id))?;
            there.side.settle()?;
            let moves = keep.map(|keep| there.moved(Part::Keep, Some(keep)));
            let moves: Vec<RemoteMove> = moves.into_iter().chain([there.moved(Part::Index, Some(commit))]).collect();
            match there.send(&moves, commit, progress)? {
                Told::All => {
                    self.set_namespace(&remote)?;
                    there.side.tidy();
                    return Ok(Pushed { is_new: true, ..pushed });
                }
                Told::Moved => {}
                Told::Refused(reason) if there.namespace == Namespace::Own && is_about_names(&reason) => {
                    remote.namespace = Namespace::Heads;
                }
                Told::Refused(reason) => return Err(Error::NotTaken { remote: remote.name, reason }),
                Told::NotTogether => return Err(Error::Busy(format!("this machine's refs at {}", remote.name))),
            }
        }
        Err(Error::Busy(format!("this machine's refs at {}", remote.name)))
    }

    /// When a commit's last line was written.
    pub(super) fn ended(&self, id: ObjectId) -> i64 {
        self.store.commit(id).map_or(0, |commit| commit.author.ended)
    }
}

/// What is told of a push.
fn told(there: &There, outgoing: Outgoing) -> (Index, Pushed) {
    let Outgoing { index, secrets, broken } = outgoing;
    let mut pushed =
        Pushed { all: index.lines.len(), secrets, broken, is_renamed: there.is_renamed, ..Pushed::default() };
    for line in index.lines.values() {
        let before = there.own.lines.get(&line.session);
        if before.is_none_or(|before| before.head() != line.head()) {
            pushed.sessions.push(PushedSession { line: line.clone(), before: before.map(|before| before.turns) });
        }
    }
    pushed.sessions.sort_by_key(|one| std::cmp::Reverse((one.line.changed, one.line.session)));
    pushed.withdrawn = there.own.lines.keys().filter(|session| !index.lines.contains_key(session)).count();
    pushed.saves = index.saves.keys().filter(|tag| !there.own.saves.contains_key(tag)).count();
    (index, pushed)
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
    ) -> Result<Told, Error> {
        self.side.set_about_to_push(index)?;
        let told = self.move_all(moves, progress)?;
        if told == Told::All {
            self.side.set_pushed(Some(index))?;
        }
        Ok(told)
    }

    /// Moves refs together, or one after the other, in their order.
    pub(super) fn move_all(&self, moves: &[RemoteMove], progress: &mut dyn FnMut(usize, usize)) -> Result<Told, Error> {
        let mut push =
            |moves: &[RemoteMove], is_together| self.transport.push(self.side.path(), moves, is_together, progress);
        let mut told = push(moves, true)?;
        if told == Told::NotTogether {
            for one in moves {
                told = push(std::slice::from_ref(one), false)?;
                if told != Told::All {
                    break;
                }
            }
        }
        Ok(told)
    }
}

/// Whether a host does not want refs of such names: some take branches and tags only.
fn is_about_names(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["hidden ref", "funny refname", "illegal", "not allowed", "invalid ref", "hook declined", "refname", "namespace"]
        .iter()
        .any(|word| reason.contains(word))
}
