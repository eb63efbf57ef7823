//! What goes to a remote: the lines of the sessions that a rule names, without those that hold a secret, and their saves.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::settings::Remote;
use super::there::There;
use crate::model::repository_address::same_address;
use crate::model::{IndexLine, ObjectId, RemoteName, SessionId};
use crate::ops::list::Rows;
use crate::ops::{Error, Leaving, Scope, Secrets, Workspace};
use crate::store::{Index, Store};

/// What is to stand at a remote.
pub(super) struct Outgoing {
    pub index: Index,
    /// What was looked at for secrets, and what is held back.
    pub secrets: Secrets,
    /// The sessions that can't be read; what was told of them stays.
    pub broken: Vec<(SessionId, Error)>,
}

/// The tags of the saves of sessions.
type Saves = BTreeMap<SessionId, BTreeMap<ObjectId, Vec<u8>>>;

impl Workspace {
    /// What is to stand at a remote from this machine. `known`: what needs not be looked at once more, because it is there.
    pub(super) fn outgoing(
        &self,
        remote: &Remote,
        (there, known): (&There, &Index),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Outgoing, Error> {
        let Rows { rows, broken, .. } = self.all_rows()?;
        let selected = self.selected(remote, &rows, there.listed())?;
        let mut lines = self.lines((&rows, &selected), there.listed(), &there.others)?;
        check_project(remote, lines.values().filter_map(|line| line.project.as_deref()))?;
        let mut saves = self.saves_of(&selected)?;
        let leaving = leaving(&lines, &saves, known);
        let secrets = match leaving.is_empty() {
            true => Secrets::default(),
            false => self.secrets(Scope::Leaving(&leaving), progress)?,
        };
        for held in &secrets.held {
            match there.listed().get(held) {
                Some(line) => drop(lines.insert(*held, line.clone())),
                None => drop(lines.remove(held)),
            }
            saves.entry(*held).or_default().retain(|tag, _| known.saves.contains_key(tag));
        }
        // What was told of a session that can't be read stays.
        let is_left = |line: &&IndexLine| broken.iter().any(|(session, _)| *session == line.session);
        for line in there.listed().values().filter(is_left) {
            lines.insert(line.session, line.clone());
        }
        self.withdraw_needless(&mut lines, &secrets.held)?;
        let saves = saves.into_values().flatten().collect();
        let index = Index { label: there.own.label.clone(), lines, saves };
        Ok(Outgoing { index, secrets, broken })
    }

    /// Whether the rules of a remote let a session go there.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn shares(&self, remote: &Remote, session: SessionId) -> Result<bool, Error> {
        let Rows { rows, .. } = self.all_rows()?;
        Ok(self.selected(remote, &rows, &BTreeMap::new())?.contains(&session))
    }

    /// The tags of the saves of these sessions.
    fn saves_of(&self, selected: &HashSet<SessionId>) -> Result<Saves, Error> {
        let mut saves = Saves::new();
        for save in self.store.saves()?.into_iter().filter(|save| selected.contains(&save.session)) {
            // One that stands on nothing is of no use to anybody.
            if let Some((tag, bytes)) = self.store.save_tag(&save.name)?.filter(|_| self.store.has(save.commit)) {
                saves.entry(save.session).or_default().insert(tag, bytes);
            }
        }
        Ok(saves)
    }

    /// The commits that are to be kept at the remote for what an index tells, without those that are for what is told there already; where nothing
    /// is kept yet, those that links name, too.
    pub(super) fn to_keep(&self, remote: &RemoteName, index: &Index, kept: Option<&Index>) -> BTreeSet<ObjectId> {
        let linked = if kept.is_none() { self.linked(remote) } else { Vec::new() };
        let is_new = |line: &&IndexLine| {
            kept.and_then(|kept| kept.lines.get(&line.session)).is_none_or(|kept| kept.heads() != line.heads())
        };
        let told = index.lines.values().filter(is_new).flat_map(IndexLine::commits);
        let saves = index.saves.iter().filter(|(tag, _)| kept.is_none_or(|kept| !kept.saves.contains_key(tag)));
        let saved = saves.filter_map(|(_, bytes)| Some(Store::read_tag(bytes)?.commit));
        let linked = linked.into_iter().map(|commit| commit.id);
        told.chain(saved.filter(|commit| self.store.has(*commit))).chain(linked).collect()
    }
}

/// A project's own repository is read by others than its conversations are meant for.
pub(super) fn check_project<'p>(remote: &Remote, mut projects: impl Iterator<Item = &'p str>) -> Result<(), Error> {
    let own = same_address(&remote.address);
    if remote.is_project || !projects.any(|project| project.eq_ignore_ascii_case(&own)) {
        return Ok(());
    }
    Err(Error::OwnRepository { remote: remote.name.clone(), project: own })
}

/// What leaves that the remote does not have: of each session where it ends, what its saves stand on, and all words that go along.
fn leaving(lines: &BTreeMap<SessionId, IndexLine>, saves: &Saves, known: &Index) -> Vec<Leaving> {
    let (mut all, none) = (Vec::new(), BTreeMap::new());
    let sessions: BTreeSet<SessionId> = lines.keys().chain(saves.keys()).copied().collect();
    for session in sessions {
        let (line, saves) = (lines.get(&session), saves.get(&session).unwrap_or(&none));
        let is_known = saves.keys().all(|tag| known.saves.contains_key(tag));
        if is_known && line.is_none_or(|line| known.lines.get(&session) == Some(line)) {
            continue;
        }
        let saved = saves.values().filter_map(|bytes| Some(Store::read_tag(bytes)?.commit));
        let name = line.and_then(|line| line.name.clone()).map(|name| ("name", name));
        let tags = saves.values().map(|bytes| ("save", String::from_utf8_lossy(bytes).into_owned()));
        all.push(Leaving {
            session,
            heads: line.into_iter().flat_map(IndexLine::commits).chain(saved).collect(),
            texts: name.into_iter().chain(tags).collect(),
        });
    }
    all
}
