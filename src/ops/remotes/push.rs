//! Push: what this machine has of the sessions that a remote gets, and nothing that holds a secret for sure.

use super::Exchange;
use super::masks::MaskedSession;
use super::outgoing::Outgoing;
use super::settings::Remote;
use super::there::There;
use crate::model::{IndexLine, ObjectId, SessionId, text};
use crate::ops::{Effect, Error, Secrets, Workspace};
use crate::store::{Answer, Index, Part, RemoteMove};

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
    /// The sessions that are not told there any more.
    pub withdrawn: Vec<SessionId>,
    /// What was looked at for secrets, and what is held back for that.
    pub secrets: Secrets,
    /// The sessions that are held back and went masked.
    pub masked: Vec<MaskedSession>,
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
        let pushed = self.move_there(remote, exchange, |there| {
            check_branches(remote, there)?;
            let (outgoing, masked) = self.outgoing_masked(remote, there, exchange, progress)?;
            let (index, pushed) = told(there, outgoing);
            let pushed = Pushed { masked, ..pushed };
            if there.last.is_none() && index.is_empty() {
                return Ok((Answer::All, Pushed { is_new: !pushed.masked.is_empty(), ..pushed }));
            }
            let commit = there.side.write_index(
                &index,
                (there.last, there.told.map(|told| (told, &there.own))),
                VERSION,
                exchange.now,
            )?;
            // What was told there can stand while what kept it is gone.
            let commit = commit.or(there.last.filter(|_| there.lacks_keep(&index)));
            let Some(commit) = commit.filter(|_| exchange.effect == Effect::Write) else {
                let would_mask = exchange.effect == Effect::Pretend && !pushed.masked.is_empty();
                let is_new = commit.is_some() || would_mask;
                return Ok((Answer::All, Pushed { is_new, ..pushed }));
            };
            let kept = self.to_keep(&remote.name, &index, there.keep.and(Some(&there.own)));
            let keep = there.side.write_keep(there.keep, &kept, |id| self.ended(id))?;
            let shortcut = self.shortcut(there, &kept)?;
            there.side.settle()?;
            let moves = keep.map(|keep| there.moved(Part::Keep, Some(keep)));
            let told = (there.last != Some(commit)).then(|| there.moved(Part::Index, Some(commit)));
            let moves: Vec<RemoteMove> = moves.into_iter().chain(told).collect();
            let answer = there.send(&moves, commit, shortcut.as_ref(), progress)?;
            if answer == Answer::All {
                there.side.tidy();
            }
            Ok((answer, Pushed { is_new: true, ..pushed }))
        })?;
        if exchange.effect == Effect::Write {
            self.note_held(&remote.name, pushed.secrets.held.len());
        }
        Ok(pushed)
    }

    /// When a commit's last line was written.
    pub(super) fn ended(&self, id: ObjectId) -> i64 {
        self.store.commit(id).map_or(0, |commit| commit.author.ended)
    }
}

/// A repository that has branches, and that no machine has shared anything with, may be a project's: then it must be meant.
pub(super) fn check_branches(remote: &Remote, there: &There) -> Result<(), Error> {
    if remote.is_project || there.last.is_some() || !there.keeps.is_empty() {
        return Ok(());
    }
    match there.side.other_branch(&there.transport)? {
        Some(branch) => Err(Error::HasBranches(remote.name.clone(), text::plain(&branch).into_owned())),
        None => Ok(()),
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
    pushed.sessions.sort_by(|a, b| a.line.newest_first(&b.line));
    let is_gone = |session: &&SessionId| !index.lines.contains_key(session);
    pushed.withdrawn = there.own.lines.keys().filter(is_gone).copied().collect();
    pushed.saves = index.saves.keys().filter(|tag| !there.own.saves.contains_key(tag)).count();
    (index, pushed)
}
