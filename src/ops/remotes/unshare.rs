//! Unshare: this machine no longer has a session at a remote, as far as that is in its hands.

use std::collections::{BTreeSet, HashSet};

use super::Exchange;
use super::push::VERSION;
use super::settings::{Remote, Rules};
use super::there::There;
use crate::model::{ObjectId, SessionId, ShareRule};
use crate::ops::{Error, Workspace};
use crate::store::{Answer, Index, Machine, Part, ReadIndex, RemoteMove};

/// What unsharing a session came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unshared {
    /// Nobody finds it by what this machine has there.
    Gone,
    /// The same, but for its turns in sessions that took them over and are shared themselves.
    In(BTreeSet<SessionId>),
    /// It was not there from here.
    WasNot,
    /// The remote takes back nothing: all is still there.
    Denied,
}

impl Workspace {
    /// Takes a session back from a remote, with those that it started, and keeps it from going there again.
    ///
    /// # Errors
    /// When the remote can't be reached, or the settings can't be written.
    pub fn unshare(&self, remote: &Remote, session: SessionId, exchange: &Exchange) -> Result<Unshared, Error> {
        self.add_rule(remote, Rules::Exclude, &ShareRule::Session(session))?;
        let remote = self.remote(Some(remote.name.as_str()))?;
        let there = self.look_there(&remote, exchange)?;
        let meant = self.with_started(session)?;
        let is_told = meant.iter().any(|session| there.own.lines.contains_key(session));
        let is_linked = || self.linked(&remote.name).iter().any(|commit| meant.contains(&commit.message.session));
        if !is_told && !is_linked() && !self.is_kept(&there, session)? {
            return Ok(Unshared::WasNot);
        }
        // Before it is taken out: nothing may put it there again.
        self.forget_links(&remote.name, Some(&meant))?;
        // All that stays there is put there once more, so all of it is looked at once more.
        let index = self.outgoing(&remote, (&there, &Index::default()), &mut |_, _| {})?.index;
        // A keep and an index of their own: what came before them held the session, too.
        let keep = there.side.write_keep(None, &self.to_keep(&remote.name, &index, None), |id| self.ended(id))?;
        let commit = there.side.write_index(&index, (None, None), VERSION, exchange.now)?;
        let Some(commit) = commit else { return Ok(Unshared::WasNot) };
        there.side.settle()?;
        let index_moves = RemoteMove { lease: there.last, ..there.moved(Part::Index, Some(commit)) };
        let keep_moves = RemoteMove { lease: there.keep, ..there.moved(Part::Keep, keep) };
        let is_there = keep.is_some() || there.keep.is_some();
        let moves: Vec<RemoteMove> = [index_moves].into_iter().chain(is_there.then_some(keep_moves)).collect();
        if there.send(&moves, commit, None, &mut |_, _| {})? == Answer::All
            || self.leave((&remote, &there), (keep, commit), exchange)?
        {
            return self.still_in(&remote, &index, session);
        }
        Ok(Unshared::Denied)
    }

    /// Takes out all that another machine has at a remote: one that is gone, or the store's own name from before it was lost. Tells whether the
    /// remote lets it go.
    ///
    /// # Errors
    /// When there is no such machine, or it has what this store does not.
    pub fn drop_machine(&self, remote: &Remote, typed: &str, exchange: &Exchange) -> Result<bool, Error> {
        let there = self.look_there(remote, exchange)?;
        let mut others = there.side.indexes(&[])?;
        others.retain(|(machine, _)| machine.id != there.machine);
        let label = |index: &ReadIndex| index.as_ref().map_or_else(|_| String::new(), |index| index.label.clone());
        let is_meant = |(machine, index): &&(Machine, ReadIndex)| machine.id.as_str() == typed || label(index) == typed;
        let meant: Vec<&(Machine, ReadIndex)> = others.iter().filter(is_meant).collect();
        let [(machine, index)] = meant[..] else {
            let known = others.iter().map(|(machine, index)| format!("{} ({})", machine.id, label(index))).collect();
            return Err(Error::NoSuchMachine { typed: typed.to_owned(), is_many: meant.len() > 1, known });
        };
        let lines = index.as_ref().map(|index| &index.lines);
        let lacking = lines.map_or(0, |lines| lines.values().filter(|line| !self.store.has(line.head())).count());
        if lacking > 0 || index.is_err() {
            return Err(Error::NotPulled { machine: typed.to_owned(), remote: remote.name.clone(), sessions: lacking });
        }
        let gone = |part| RemoteMove { name: machine.namespace.of(&machine.id, part), to: None, lease: None };
        let keep = there.keeps.contains_key(&machine.id).then(|| gone(Part::Keep));
        let moves: Vec<RemoteMove> = [gone(Part::Index)].into_iter().chain(keep).collect();
        Ok(there.move_all(&moves, None, &mut |_, _| {})? == Answer::All)
    }

    /// Whether what this machine keeps at a remote reaches a session, or a masked fork of it.
    fn is_kept(&self, there: &There, session: SessionId) -> Result<bool, Error> {
        let Some(keep) = there.keep else { return Ok(false) };
        for one in self.masked_forks(session)?.into_iter().chain([session]) {
            if let Some(first) = self.first_commit(one)?
                && there.side.reaches(keep, first)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first commit that is a session's own.
    fn first_commit(&self, session: SessionId) -> Result<Option<ObjectId>, Error> {
        let Some(branch) = self.store.branch(session)? else { return Ok(None) };
        let mut first = branch.tip.id;
        for commit in self.store.history(branch.tip.id) {
            let commit = commit?;
            if commit.message.session != session {
                break;
            }
            first = commit.id;
        }
        Ok(Some(first))
    }

    /// The shared sessions that took over turns of one that was taken back.
    fn still_in(&self, remote: &Remote, index: &Index, session: SessionId) -> Result<Unshared, Error> {
        let linked: HashSet<SessionId> =
            self.linked(&remote.name).into_iter().map(|commit| commit.message.session).collect();
        let offspring = self.offspring(session)?;
        // Masked forks stand alone.
        let has_turns = |one: &SessionId| !one.is_masked() && (index.lines.contains_key(one) || linked.contains(one));
        let shared: BTreeSet<SessionId> = offspring.into_iter().filter(has_turns).collect();
        Ok(if shared.is_empty() { Unshared::Gone } else { Unshared::In(shared) })
    }

    /// Goes on at a remote under another name, with this keep and this index, and has the refs of the old one dropped. False if they stay.
    fn leave(
        &self,
        (remote, there): (&Remote, &There),
        (keep, index): (Option<ObjectId>, ObjectId),
        exchange: &Exchange,
    ) -> Result<bool, Error> {
        let old = there.keep.map(|_| there.moved(Part::Keep, None));
        let gone: Vec<RemoteMove> = [there.moved(Part::Index, None)].into_iter().chain(old).collect();
        let answer = there.move_all(&gone, None, &mut |_, _| {})?;
        let anew = Exchange { anew: true, ..exchange.clone() };
        let after = self.look_there(remote, &anew)?;
        if after.last.is_some() && answer != Answer::All {
            return Ok(false);
        }
        // Where one of the two is left, nobody writes it any more.
        self.new_machine(&remote.name)?;
        after.side.set_pushed(None)?;
        self.move_there(remote, &anew, |there| {
            let keep = keep.map(|keep| there.moved(Part::Keep, Some(keep)));
            let moves: Vec<RemoteMove> = keep.into_iter().chain([there.moved(Part::Index, Some(index))]).collect();
            Ok((there.send(&moves, index, None, &mut |_, _| {})?, ()))
        })?;
        Ok(answer == Answer::All)
    }
}
