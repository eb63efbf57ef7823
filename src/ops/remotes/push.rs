//! Push: what this machine has of the sessions that a remote gets, and nothing that holds a secret for sure.

use std::collections::{BTreeMap, BTreeSet};

use super::Exchange;
use super::lines::others;
use super::settings::Remote;
use crate::model::config_key::LABEL;
use crate::model::repository_address::same_address;
use crate::model::{IndexLine, MachineId, ObjectId, SessionId, label};
use crate::ops::list::Rows;
use crate::ops::{Effect, Error, Scope, Secrets, Workspace};
use crate::store::{Index, Namespace, Pushed as Told, RemoteMove, Side, Store, Transport};

/// How often is tried again after another process of this machine pushed, too.
const ATTEMPTS: usize = 5;

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
    /// What was looked at for secrets, and what is held back for that.
    pub secrets: Secrets,
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

/// What stands at a remote, as far as a push must know.
struct There {
    side: Side,
    transport: Transport,
    machine: MachineId,
    namespace: Namespace,
    /// The last commit of this machine's index.
    last: Option<ObjectId>,
    /// What that says.
    own: Index,
    /// What the others say.
    others: Vec<(MachineId, Index)>,
    is_renamed: bool,
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
        let (mut remote, mut is_moved) = (remote.clone(), false);
        for _ in 0..ATTEMPTS {
            let there = self.look_there(&remote, exchange, is_moved)?;
            let (index, pushed) = self.to_push(&remote, &there, exchange, progress)?;
            let commit = there.side.write_index(&index, there.last, VERSION, exchange.now)?;
            let Some(commit) = commit.filter(|_| exchange.effect == Effect::Write) else {
                return Ok(Pushed { is_new: commit.is_some(), ..pushed });
            };
            there.side.settle()?;
            match send(&there, commit, &index, progress)? {
                Told::All => {
                    there.side.set_pushed(Some(commit))?;
                    self.set_namespace(&remote)?;
                    return Ok(Pushed { is_new: true, ..pushed });
                }
                Told::Moved => is_moved = true,
                Told::Refused(reason) if there.namespace == Namespace::Own && is_about_names(&reason) => {
                    remote.namespace = Namespace::Heads;
                }
                Told::Refused(reason) => return Err(Error::NotTaken { remote: remote.name, reason }),
                Told::NotTogether => {
                    let reason = "it takes several refs neither together nor one by one".to_owned();
                    return Err(Error::NotTaken { remote: remote.name, reason });
                }
            }
        }
        Err(Error::Busy(format!("this machine's refs at {}", remote.name)))
    }

    /// Looks what the remote has. `is_moved`: what this machine keeps there is not what its index says, because a push ended half-way.
    fn look_there(&self, remote: &Remote, exchange: &Exchange, is_moved: bool) -> Result<There, Error> {
        let (side, transport) = (self.store.side(&remote.name)?, remote.transport(exchange.asks)?);
        side.fetch_indexes(&transport, &mut |_, _| {})?;
        let (mut machine, mut is_renamed) = (self.store.machine()?, false);
        let (mut last, mut own, mut others) = (None, Index::default(), Vec::new());
        for (of, _, commit) in side.machines()? {
            // What can't be read of others is for pull to tell.
            let read = side.index(commit)?.unwrap_or_default();
            if of == machine {
                (last, own) = (Some(commit), read);
            } else {
                others.push((of, read));
            }
        }
        self.check_own(remote, &side, last, exchange)?;
        if last.is_some() && last != side.pushed()? && !self.is_ours(&own) {
            // A copy of this store pushed under its name: what stands there is that one's.
            others.push((machine, std::mem::take(&mut own)));
            (machine, last, is_renamed) = (self.store.new_machine()?, None, true);
            side.set_pushed(None)?;
        }
        if let Some(keep) = own.keep.filter(|keep| !side.has(*keep)) {
            let known: Vec<ObjectId> = own.lines.values().map(|line| line.tip).collect();
            side.fetch_commit(&transport, keep, &known)?;
        }
        if is_moved {
            side.fetch_keeps(&transport, &[(machine.clone(), remote.namespace)], &mut |_, _| {})?;
            own.keep = side.kept(&machine)?.or(own.keep);
        }
        own.label = self.label(exchange);
        Ok(There { side, transport, machine, namespace: remote.namespace, last, own, others, is_renamed })
    }

    /// What this machine pushed before must still be there.
    fn check_own(
        &self,
        remote: &Remote,
        side: &Side,
        last: Option<ObjectId>,
        exchange: &Exchange,
    ) -> Result<(), Error> {
        let Some(pushed) = side.pushed()? else { return Ok(()) };
        let is_there = last == Some(pushed) || last.map_or(Ok(false), |last| side.comes_after(last, pushed))?;
        if is_there || exchange.anew {
            return Ok(());
        }
        Err(Error::Emptied(remote.name.clone()))
    }

    /// Whether all that an index tells is in this store.
    fn is_ours(&self, index: &Index) -> bool {
        index.lines.values().all(|line| self.store.has(line.head()))
    }

    /// What this machine is called.
    fn label(&self, exchange: &Exchange) -> String {
        let set = self.configured(&LABEL).or_else(|| label(&exchange.host));
        set.unwrap_or_else(|| "machine".to_owned())
    }

    /// What is to stand at the remote, and what is new of it.
    fn to_push(
        &self,
        remote: &Remote,
        there: &There,
        exchange: &Exchange,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(Index, Pushed), Error> {
        let Rows { rows, .. } = self.rows(&|table| table.newest()?.collect())?;
        let before = &there.own.lines;
        let selected = self.selected(remote, &rows, before)?;
        let mut lines = self.lines((&rows, &selected), before, (&there.machine, &others(&there.others)))?;
        self.check_project(remote, &lines)?;
        let new: Vec<(SessionId, Vec<ObjectId>)> = lines
            .values()
            .filter(|line| before.get(&line.session) != Some(line))
            .map(|line| (line.session, line.open.into_iter().chain([line.tip]).collect()))
            .collect();
        let secrets = if new.is_empty() { Secrets::default() } else { self.secrets(Scope::Heads(&new), progress)? };
        for held in &secrets.held {
            match before.get(held) {
                Some(line) => drop(lines.insert(*held, line.clone())),
                None => drop(lines.remove(held)),
            }
        }
        let saves = self.saves_of(&lines, &secrets.held, &there.own.saves)?;
        let mut pushed = Pushed { all: lines.len(), secrets, is_renamed: there.is_renamed, ..Pushed::default() };
        for row in &rows {
            let Some(line) = lines.get(&row.id) else { continue };
            let told = before.get(&row.id);
            if told.is_none_or(|told| told.head() != line.head()) {
                pushed.sessions.push(PushedSession { line: line.clone(), before: told.map(|told| told.turns) });
            }
        }
        pushed.saves = saves.keys().filter(|tag| !there.own.saves.contains_key(tag)).count();
        let keep = self.keep(there, &lines, &saves, exchange.anew)?;
        Ok((Index { label: there.own.label.clone(), lines, saves, keep }, pushed))
    }

    /// A project's own repository is read by others than its conversations are meant for.
    fn check_project(&self, remote: &Remote, lines: &BTreeMap<SessionId, IndexLine>) -> Result<(), Error> {
        let own = same_address(&remote.address);
        let is_own = |line: &IndexLine| line.project.as_deref() == Some(own.as_str());
        if remote.is_project || !lines.values().any(is_own) {
            return Ok(());
        }
        Err(Error::OwnRepository { remote: remote.name.clone(), project: own })
    }

    /// Writes what keeps at the remote what was not kept there yet.
    fn keep(
        &self,
        there: &There,
        lines: &BTreeMap<SessionId, IndexLine>,
        saves: &BTreeMap<ObjectId, Vec<u8>>,
        anew: bool,
    ) -> Result<Option<ObjectId>, Error> {
        let heads = |lines: &BTreeMap<SessionId, IndexLine>| -> BTreeSet<ObjectId> {
            lines.values().flat_map(|line| line.open.into_iter().chain([line.tip])).collect()
        };
        let on = |saves: &BTreeMap<ObjectId, Vec<u8>>| -> BTreeSet<ObjectId> {
            saves.values().filter_map(|bytes| Some(Store::read_tag(bytes)?.commit)).collect()
        };
        let mut kept: BTreeSet<ObjectId> = heads(lines);
        kept.extend(on(saves).into_iter().filter(|commit| self.store.has(*commit)));
        if !anew || there.last.is_some() {
            let before: BTreeSet<ObjectId> = heads(&there.own.lines).into_iter().chain(on(&there.own.saves)).collect();
            kept.retain(|id| !before.contains(id));
        }
        let when = |id| self.store.commit(id).map_or(0, |commit| commit.author.ended);
        Ok(there.side.write_keep(there.own.keep, &kept, when)?)
    }
}

/// What an index says wrote it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Moves this machine's two refs: together, or first what keeps and then what tells of it.
fn send(there: &There, index: ObjectId, said: &Index, progress: &mut dyn FnMut(usize, usize)) -> Result<Told, Error> {
    let to = |name: &str, to: ObjectId| RemoteMove {
        name: there.namespace.of(&there.machine, name),
        to: Some(to),
        lease: None,
    };
    let moves: Vec<RemoteMove> =
        said.keep.map(|keep| to("keep", keep)).into_iter().chain([to("index", index)]).collect();
    let (path, transport) = (there.side.path(), &there.transport);
    match transport.push(path, &moves, true, progress)? {
        Told::NotTogether => {}
        told => return Ok(told),
    }
    for one in moves {
        match transport.push(path, &[one], false, progress)? {
            Told::All => {}
            told => return Ok(told),
        }
    }
    Ok(Told::All)
}

/// Whether a host does not want refs of such names: some take branches and tags only.
fn is_about_names(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["hidden ref", "funny refname", "illegal", "not allowed", "invalid ref", "hook declined", "refname", "namespace"]
        .iter()
        .any(|word| reason.contains(word))
}
