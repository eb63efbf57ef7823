//! Pull: what other machines tell at a remote and this one has not is fetched, proven, and given its place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Exchange;
use super::fetch::{Fetched, Source};
use super::settings::Remote;
use crate::model::{IndexLine, MachineId, ObjectId, SessionId};
use crate::ops::arrival::{Arrival, refs_of};
use crate::ops::retry::retry;
use crate::ops::{Effect, Error, Point, Workspace};
use crate::store::{Commit, Incoming, Index, Machine, NewBranch, Side, Store};

/// What a pull came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Pulled {
    /// The sessions of which something came, newest first.
    pub sessions: Vec<PulledSession>,
    /// What was told and not taken, and why.
    pub left_out: Vec<LeftOut>,
    /// How many saves of other machines are new here.
    pub saves: usize,
    /// How many machines tell something at the remote, besides this one.
    pub machines: usize,
}

/// A session of which something came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PulledSession {
    /// What the other machine tells of it.
    pub line: IndexLine,
    /// What that machine is called.
    pub from: String,
    /// The session's last commit there.
    pub head: Point,
    /// What became of it.
    pub arrival: Arrival,
}

/// What was told and not taken.
#[derive(Debug)]
#[non_exhaustive]
pub struct LeftOut {
    /// The machine that tells it.
    pub machine: MachineId,
    /// What the machine is called that tells it; its id, if not even that can be read.
    pub from: String,
    /// The session; `None` for all that the machine tells.
    pub session: Option<SessionId>,
    /// Why.
    pub reason: String,
}

/// What a machine tells that is news.
struct News {
    machine: MachineId,
    commit: ObjectId,
    index: Index,
}

/// The end of a session that a machine tells of.
struct Told {
    machine: MachineId,
    from: String,
    line: IndexLine,
}

impl Workspace {
    /// Takes in what other machines have at a remote.
    ///
    /// # Errors
    /// When it can't be reached, or the store can't be read or written. What is wrong with what others tell is left out, and told.
    pub fn pull(
        &self,
        remote: &Remote,
        exchange: &Exchange,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Pulled, Error> {
        let (side, transport) = (self.store.side(&remote.name)?, remote.transport(exchange.asks)?);
        let keeps = side.look(&transport, progress)?;
        let own = self.machine(&remote.name)?;
        let mut machines = side.machines()?;
        machines.retain(|machine| machine.id != own);
        let mut pulled = Pulled { machines: machines.len(), ..Pulled::default() };
        let news = news(&side, &machines, &mut pulled)?;
        if news.is_empty() {
            return Ok(pulled);
        }
        let told = self.told(remote, &news)?;
        let wanted = self.wanted(&told, &news);
        let known = self.known_heads(&told)?;
        let from = Source { side: &side, transport: &transport, keeps: keeps.into_values().collect() };
        let fetched = self.fetch_proven(&from, &wanted, &known, progress)?;
        self.record_told(&told)?;
        match exchange.effect {
            Effect::Pretend => self.foresee(told, &fetched, &mut pulled)?,
            Effect::Write => self.take(told, fetched, &mut pulled)?,
        }
        pulled.sessions.sort_by(|a, b| a.line.newest_first(&b.line));
        if exchange.effect == Effect::Write {
            self.take_names(&news)?;
            self.finish(&side, &news, &mut pulled)?;
        }
        Ok(pulled)
    }

    /// The ends of sessions that are told and are not where these end here; each once, the newest first.
    fn told(&self, remote: &Remote, news: &[News]) -> Result<Vec<Told>, Error> {
        let here = self.store.all_heads()?;
        let parents = self.parents_told(remote, news.iter().flat_map(|news| news.index.lines.values()))?;
        let mut met = HashSet::new();
        let mut told = Vec::new();
        for News { machine, index, .. } in news {
            for line in index.lines.values() {
                let is_here = here.get(&line.session).is_some_and(|heads| *heads == (Some(line.tip), line.open));
                if !is_here && remote.takes(line, &parents) && met.insert((line.session, line.heads())) {
                    told.push(Told { machine: machine.clone(), from: index.label.clone(), line: line.clone() });
                }
            }
        }
        // Of several ends of a session that is new here, the newest becomes what it is.
        told.sort_by(|a, b| b.line.changed.cmp(&a.line.changed).then_with(|| b.line.head().cmp(&a.line.head())));
        Ok(told)
    }

    /// What is to be fetched for that, by the machines that tell of it.
    fn wanted(&self, told: &[Told], news: &[News]) -> BTreeMap<MachineId, BTreeSet<ObjectId>> {
        let mut wanted: BTreeMap<MachineId, BTreeSet<ObjectId>> = BTreeMap::new();
        for Told { machine, line, .. } in told.iter().filter(|told| !self.store.has_so_far(told.line.head())) {
            wanted.entry(machine.clone()).or_default().insert(line.head());
        }
        let taken: HashSet<SessionId> = told.iter().map(|told| told.line.session).collect();
        for News { machine, index, .. } in news {
            let saves = index.saves.values().filter_map(|bytes| Store::read_tag(bytes));
            let missing = saves.filter(|save| taken.contains(&save.session) && !self.store.has(save.commit));
            let missing: Vec<ObjectId> = missing.map(|save| save.commit).collect();
            if !missing.is_empty() {
                wanted.entry(machine.clone()).or_default().extend(missing);
            }
        }
        wanted
    }

    /// Where the sessions that are told of end here.
    fn known_heads(&self, told: &[Told]) -> Result<Vec<ObjectId>, Error> {
        let here = self.store.all_heads()?;
        let known = told.iter().filter_map(|told| here.get(&told.line.session)?.0);
        Ok(known.collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// Records the sessions that are told of, as far as they are here.
    fn record_told(&self, told: &[Told]) -> Result<(), Error> {
        let look = self.look_anew();
        for session in told.iter().map(|told| told.line.session).collect::<BTreeSet<_>>() {
            if look.session(session).is_some()
                && let Err(error) = self.record_session(session, Effect::Write)
            {
                tracing::info!(%error, %session, "what came meets what was recorded before");
            }
        }
        Ok(())
    }

    /// Tells what would become of all that came.
    fn foresee(&self, told: Vec<Told>, fetched: &Fetched, pulled: &mut Pulled) -> Result<(), Error> {
        for told in told {
            let came = fetched.incoming.iter().map(Incoming::side).find(|side| side.has(told.line.head()));
            let store = came.unwrap_or(&self.store);
            if let Some(head) = self.told_head(store, &told, fetched, pulled) {
                let (arrival, _) = self.arrival(store, &head)?;
                add(pulled, told, head, arrival);
            }
        }
        Ok(())
    }

    /// Gives all that came its place.
    fn take(&self, told: Vec<Told>, mut fetched: Fetched, pulled: &mut Pulled) -> Result<(), Error> {
        // Until the refs stand, it is kept by hand.
        let settled: Vec<_> = std::mem::take(&mut fetched.incoming)
            .into_iter()
            .map(|one| one.settle(&self.store))
            .collect::<Result<_, _>>()?;
        let mut heads: Vec<(Told, Commit)> = Vec::new();
        for told in told {
            if let Some(head) = self.told_head(&self.store, &told, &fetched, pulled) {
                heads.push((told, head));
            }
        }
        let added = self.add_new(&heads)?;
        // Rollouts follow: should that be stopped, the next command sees to it.
        let look = self.look();
        let known = heads.iter().filter(|(_, head)| !added.contains(&head.id)).map(|(told, _)| told.line.session);
        self.wait_for_all(&known.filter(|session| look.session(*session).is_some()).collect::<Vec<_>>(), true)?;
        let mut still = Vec::new();
        for (told, head) in heads {
            let arrival = if added.contains(&head.id) { Arrival::New } else { self.settle(&head)? };
            if matches!(arrival, Arrival::Known | Arrival::Strand { .. }) {
                still.push(told.line.session);
            }
            add(pulled, told, head, arrival);
        }
        drop(settled);
        self.wait_for_all(&still, false)
    }

    /// Makes the branches of all sessions that are new here, at once. Gives the commits that they end with.
    fn add_new(&self, heads: &[(Told, Commit)]) -> Result<HashSet<ObjectId>, Error> {
        let here = self.store.all_heads()?;
        let mut first: HashMap<SessionId, &Commit> = HashMap::new();
        for (told, head) in heads.iter().filter(|(told, _)| !here.contains_key(&told.line.session)) {
            first.entry(told.line.session).or_insert(head);
        }
        let first: Vec<&Commit> = first.into_values().collect();
        let branch = |head: &&Commit| {
            let (tip, open) = refs_of(head);
            // Its rollout has no place that a log would have to tell.
            NewBranch { session: head.message.session, tip, open, note: None }
        };
        let new: Vec<NewBranch> = first.iter().map(branch).collect();
        self.store.refuse_if_refs_are_lost()?;
        let added = retry(|| Ok(self.store.add_branches(&new)?))?;
        Ok(first.iter().zip(added).filter_map(|(head, is_added)| is_added.then_some(head.id)).collect())
    }

    /// The commit that is told of, if it is what is told.
    fn told_head(&self, store: &Store, told: &Told, fetched: &Fetched, pulled: &mut Pulled) -> Option<Commit> {
        let line = &told.line;
        let mut leave_out = |reason: String| {
            let (machine, from) = (told.machine.clone(), told.from.clone());
            pulled.left_out.push(LeftOut { machine, from, session: Some(line.session), reason });
            None
        };
        if let Some(error) = fetched.refused.get(&line.head()) {
            return leave_out(error.to_string());
        }
        match store.commit(line.head()) {
            Ok(head) if head.message.session == line.session && refs_of(&head) == line.heads() => Some(head),
            Ok(_) => leave_out("it ends elsewhere than it is told to".to_owned()),
            Err(error) => leave_out(error.to_string()),
        }
    }

    /// Notes what sessions that are here are called elsewhere: a name can be new where no turn is.
    fn take_names(&self, news: &[News]) -> Result<(), Error> {
        let here = self.store.all_heads()?;
        let told = news.iter().flat_map(|news| news.index.lines.values());
        let named = told.filter(|line| here.contains_key(&line.session));
        self.note_names(named.filter_map(|line| Some((line.session, line.name.clone()?))));
        Ok(())
    }

    /// Takes the saves, and notes what was taken in of whom.
    fn finish(&self, side: &Side, news: &[News], pulled: &mut Pulled) -> Result<(), Error> {
        for News { machine, commit, .. } in news {
            pulled.saves += self.take_saves(machine)?;
            if !pulled.left_out.iter().any(|left| left.machine == *machine) {
                side.set_seen(machine, Some(*commit))?;
            }
        }
        side.tidy();
        Ok(())
    }
}

/// What machines tell that was not taken in yet.
fn news(side: &Side, machines: &[Machine], pulled: &mut Pulled) -> Result<Vec<News>, Error> {
    let mut news = Vec::new();
    for Machine { id, index: commit, .. } in machines {
        let seen = side.seen(id)?;
        if seen == Some(*commit) {
            continue;
        }
        match side.index_since(*commit, seen)? {
            Ok(index) => news.push(News { machine: id.clone(), commit: *commit, index }),
            Err(reason) => {
                let (machine, from) = (id.clone(), id.to_string());
                pulled.left_out.push(LeftOut { machine, from, session: None, reason });
            }
        }
    }
    Ok(news)
}

fn add(pulled: &mut Pulled, told: Told, head: Commit, arrival: Arrival) {
    if arrival != Arrival::Known {
        pulled.sessions.push(PulledSession { line: told.line, from: told.from, head, arrival });
    }
}
