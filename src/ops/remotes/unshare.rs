//! Unshare: this machine no longer has a session at a remote, as far as that is in its hands.

use super::Exchange;
use super::settings::{Remote, Rules};
use crate::model::{SessionId, ShareRule};
use crate::ops::{Error, Workspace};
use crate::store::{Namespace, Pushed as Told, RemoteMove};

/// What unsharing a session came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unshared {
    /// It is not among what this machine has there, and nobody finds it by this machine's refs.
    Gone,
    /// It was not there from here.
    WasNot,
    /// The remote takes back nothing: all is still there.
    Denied,
}

impl Workspace {
    /// Takes a session back from a remote, and keeps it from going there again.
    ///
    /// # Errors
    /// When the remote can't be reached, or the settings can't be written.
    pub fn unshare(&self, remote: &Remote, session: SessionId, exchange: &Exchange) -> Result<Unshared, Error> {
        self.add_rule(remote, Rules::Exclude, &ShareRule::Session(session))?;
        let remote = self.remote(Some(remote.name.as_str()))?;
        let (side, transport) = (self.store.side(&remote.name)?, remote.transport(exchange.asks)?);
        side.fetch_indexes(&transport, &mut |_, _| {})?;
        let own = self.store.machine()?;
        let Some((_, namespace, last)) = side.machines()?.into_iter().find(|(machine, ..)| *machine == own) else {
            return Ok(Unshared::WasNot);
        };
        let Ok(mut index) = side.index(last)? else { return Ok(Unshared::WasNot) };
        if index.lines.remove(&session).is_none() {
            return Ok(Unshared::WasNot);
        }
        index.saves.retain(|_, bytes| crate::store::Store::read_tag(bytes).is_none_or(|save| save.session != session));
        let kept = index.lines.values().flat_map(|line| line.open.into_iter().chain([line.tip])).collect();
        let when = |id| self.store.commit(id).map_or(0, |commit| commit.author.ended);
        // A keep of its own: what came before it held the session, too.
        let before = index.keep;
        index.keep = side.write_keep(None, &kept, when)?;
        let Some(commit) = side.write_index(&index, None, env!("CARGO_PKG_VERSION"), exchange.now)? else {
            return Ok(Unshared::WasNot);
        };
        side.settle()?;
        let to = |name, to, lease| RemoteMove { name: namespace.of(&own, name), to, lease };
        let mut moves = vec![to("index", Some(commit), Some(last))];
        moves.extend(before.map(|before| to("keep", index.keep, Some(before))));
        match transport.push(side.path(), &moves, true, &mut |_, _| {})? {
            Told::All => {
                side.set_pushed(Some(commit))?;
                Ok(Unshared::Gone)
            }
            // Where refs only move forward, others may still go.
            _ => self.leave(&remote, namespace, exchange),
        }
    }

    /// Goes on at a remote under another name, and has the refs of the old one dropped.
    fn leave(&self, remote: &Remote, namespace: Namespace, exchange: &Exchange) -> Result<Unshared, Error> {
        let (side, transport) = (self.store.side(&remote.name)?, remote.transport(exchange.asks)?);
        let own = self.store.machine()?;
        let gone = |name: &str| RemoteMove { name: namespace.of(&own, name), to: None, lease: None };
        let told = transport.push(side.path(), &[gone("index"), gone("keep")], false, &mut |_, _| {})?;
        if told != Told::All {
            return Ok(Unshared::Denied);
        }
        self.store.new_machine()?;
        side.set_pushed(None)?;
        self.push(remote, exchange, &mut |_, _| {})?;
        Ok(Unshared::Gone)
    }
}
