//! The parts of what is scanned: chunks and first lines, which are read later, and titles, names and saves, which are short and scanned at once.
//!
//! A walk goes from a head back to what is known to be clean. It is clean itself if all that it met is, and all that walks before it met first.

use std::collections::{BTreeSet, HashMap};

use super::found::{Gather, Spot};
use super::part::{Part, Read};
use super::scanned::Scanned;
use super::scope::Scope;
use crate::model::{ObjectId, SessionId};
use crate::ops::{Error, Workspace};
use crate::secrets::{Finding, Rules};
use crate::store::{Commit, Heads};

/// A walk from the heads of a session.
#[derive(Default)]
struct Walk {
    session: Option<SessionId>,
    heads: Vec<ObjectId>,
    /// The walks that met something of this one first.
    others: Vec<usize>,
    is_dirty: bool,
    /// Whether what it met keeps it from leaving.
    is_held: bool,
}

/// What is to be scanned.
pub(super) struct Parts<'w> {
    workspace: &'w Workspace,
    rules: &'w Rules,
    scanned: &'w Scanned,
    parts: Vec<Part>,
    /// What short texts hold, with the walk that met them; nobody meets names and saves.
    texts: Vec<(Spot, Finding, Option<usize>)>,
    walks: Vec<Walk>,
    /// Which walk met a commit or a blob.
    met: HashMap<ObjectId, usize>,
    broken: Vec<(SessionId, Error)>,
    held: BTreeSet<SessionId>,
    suspects: BTreeSet<SessionId>,
}

impl<'w> Parts<'w> {
    pub fn new(workspace: &'w Workspace, rules: &'w Rules, scanned: &'w Scanned) -> Self {
        let (parts, texts, walks, met, broken) = (Vec::new(), Vec::new(), Vec::new(), HashMap::new(), Vec::new());
        Self {
            workspace,
            rules,
            scanned,
            parts,
            texts,
            walks,
            met,
            broken,
            held: BTreeSet::new(),
            suspects: BTreeSet::new(),
        }
    }

    /// Finds all parts of what is to be scanned.
    pub fn gather(&mut self, scope: Scope<'_>) -> Result<(), Error> {
        match scope {
            Scope::UpTo(point) => {
                let session = point.message.session;
                self.walk(session, &[point.id])?;
                if let Some(tree) = self.workspace.open_lines(point, point.id, session) {
                    self.add_tree(session, tree)?;
                    self.walks.last_mut().into_iter().for_each(|walk| walk.heads.clear());
                }
                self.add_names(|of, turn| of == session && turn <= point.message.turn)
            }
            Scope::All => {
                let mut all: Vec<(SessionId, Heads)> = self.workspace.store.all_heads()?.into_iter().collect();
                // Earlier sessions first: what forks have from them is told there.
                all.sort_unstable_by_key(|(session, _)| *session);
                for (session, (tip, open)) in all {
                    let heads: Vec<ObjectId> = open.into_iter().chain(tip).collect();
                    self.walk_of(session, &heads);
                }
                self.add_names(|_, _| true)
            }
            Scope::Leaving(all) => {
                for leaving in all {
                    self.walk_of(leaving.session, &leaving.heads);
                    for (place, text) in &leaving.texts {
                        self.texts_in(Spot { session: leaving.session, turn: 0, place }, text);
                    }
                }
                Ok(())
            }
        }
    }

    /// Goes back from the heads of one of several sessions: what can't be read of it is no reason not to look at the others.
    fn walk_of(&mut self, session: SessionId, heads: &[ObjectId]) {
        if let Err(error) = self.walk(session, heads) {
            self.walks.last_mut().into_iter().for_each(|walk| (walk.is_dirty, walk.is_held) = (true, true));
            self.broken.push((session, error));
        }
    }

    /// The parts that are to be read.
    pub fn unread(&self) -> &[Part] {
        &self.parts
    }

    /// How many sessions were looked at.
    pub fn sessions(&self) -> usize {
        self.walks.len()
    }

    /// The sessions that can't be read.
    pub fn take_broken(&mut self) -> Vec<(SessionId, Error)> {
        std::mem::take(&mut self.broken)
    }

    /// The sessions that are kept from leaving.
    pub fn take_held(&mut self) -> BTreeSet<SessionId> {
        std::mem::take(&mut self.held)
    }

    /// Those that are kept from leaving for what others hold that they share something with: what they share may not be that.
    pub fn take_suspects(&mut self) -> BTreeSet<SessionId> {
        std::mem::take(&mut self.suspects)
    }

    /// Tells what was found, and gives what is clean.
    pub fn told(&mut self, read: Vec<Read>, gather: &mut Gather) -> Vec<ObjectId> {
        let mut clean = Vec::new();
        for (part, read) in self.parts.iter().zip(read) {
            gather.count(read.is_ok());
            let walk = &mut self.walks[part.walk];
            match read {
                Ok(hits) if hits.is_empty() => clean.extend(&part.blobs),
                Ok(hits) => {
                    walk.is_dirty = true;
                    for (place, finding) in hits {
                        let spot = Spot { session: part.session, turn: part.turn, place };
                        walk.is_held |= gather.take(spot, &finding);
                    }
                }
                Err(error) => {
                    (walk.is_dirty, walk.is_held) = (true, true);
                    tracing::info!(%error, session = %part.session, turn = part.turn, "a turn can't be scanned");
                }
            }
        }
        for (spot, finding, walk) in &self.texts {
            if gather.take(*spot, finding) {
                self.held.insert(spot.session);
                walk.iter().for_each(|walk| self.walks[*walk].is_held = true);
            }
        }
        // A walk that met something of another came after it.
        for at in 0..self.walks.len() {
            let of_others = |is: fn(&Walk) -> bool| self.walks[at].others.iter().any(|other| is(&self.walks[*other]));
            let (is_dirty, is_held) = (of_others(|walk| walk.is_dirty), of_others(|walk| walk.is_held));
            let walk = &mut self.walks[at];
            walk.is_dirty |= is_dirty;
            if is_held && !walk.is_held {
                self.suspects.extend(walk.session);
            }
            walk.is_held |= is_held;
            self.held.extend(walk.session.filter(|_| walk.is_held));
        }
        clean.extend(self.walks.iter().filter(|walk| !walk.is_dirty).flat_map(|walk| &walk.heads));
        clean
    }

    /// Goes back from the heads of a session.
    fn walk(&mut self, session: SessionId, heads: &[ObjectId]) -> Result<(), Error> {
        self.walks.push(Walk { session: Some(session), heads: heads.to_vec(), ..Walk::default() });
        let mut next: Vec<ObjectId> = heads.iter().rev().copied().collect();
        let mut title = None;
        while let Some(head) = next.pop() {
            let mut is_first = true;
            for commit in self.workspace.store.history(head) {
                let commit = commit?;
                if self.scanned.has(commit.id) || !self.is_first_met(commit.id) {
                    break;
                }
                if std::mem::take(&mut is_first) {
                    self.add_tree(session, commit.tree)?;
                } else if commit.message.kind.begins_a_file() {
                    let meta = self.workspace.store.meta_blob(commit.tree)?;
                    self.add_part(session, 0, vec![meta]);
                }
                self.add_words(session, &commit, &mut title);
                next.extend(commit.left_behind());
            }
        }
        Ok(())
    }

    /// Whether nobody met an object before. Who did, knows whether it is clean.
    fn is_first_met(&mut self, id: ObjectId) -> bool {
        let walk = self.walks.len() - 1;
        match self.met.insert(id, walk) {
            None => true,
            Some(first) => {
                self.met.insert(id, first);
                self.walks[walk].others.extend((first != walk).then_some(first));
                false
            }
        }
    }

    fn add_tree(&mut self, session: SessionId, tree: ObjectId) -> Result<(), Error> {
        let tree = self.workspace.store.read_tree(tree)?;
        self.add_part(session, 0, vec![tree.meta]);
        for chunk in tree.chunks.chunk_by(|a, b| a.path.turn == b.path.turn) {
            let turn = chunk.first().map_or(0, |first| first.path.turn.get());
            self.add_part(session, turn, chunk.iter().map(|part| part.blob).collect());
        }
        Ok(())
    }

    fn add_part(&mut self, session: SessionId, turn: u32, blobs: Vec<ObjectId>) {
        let Some(first) = blobs.first().copied() else { return };
        if !blobs.iter().all(|blob| self.scanned.has(*blob)) && self.is_first_met(first) {
            self.parts.push(Part { blobs, session, turn, walk: self.walks.len() - 1 });
        }
    }

    /// Scans what a commit says of its turn.
    fn add_words(&mut self, session: SessionId, commit: &Commit, last_title: &mut Option<String>) {
        let spot = Spot { session, turn: commit.message.turn, place: "title" };
        self.scan(spot, &commit.message.subject(), (commit.tree, commit.message.turn));
        if commit.message.title != *last_title {
            last_title.clone_from(&commit.message.title);
            self.scan(spot, last_title.as_deref().unwrap_or_default(), (commit.tree, 1));
        }
    }

    /// Scans the names of sessions, and saves.
    fn add_names(&mut self, is_wanted: impl Fn(SessionId, u32) -> bool) -> Result<(), Error> {
        for (session, name) in self.workspace.names() {
            if is_wanted(session, 0) {
                self.texts_in(Spot { session, turn: 0, place: "name" }, &name);
            }
        }
        for save in self.workspace.store.saves()? {
            if is_wanted(save.session, save.turn) {
                let text = format!("{}\n{}\n{}", save.name, save.subject, save.note.unwrap_or_default());
                self.texts_in(Spot { session: save.session, turn: save.turn, place: "save" }, &text);
            }
        }
        Ok(())
    }

    /// Scans what a commit says of a prompt. A secret that the text was cut in is the one that the prompt has.
    fn scan(&mut self, spot: Spot, text: &str, (tree, turn): (ObjectId, u32)) {
        let (before, walk) = (self.texts.len(), self.walks.len() - 1);
        self.texts_in(spot, text);
        if self.texts.len() == before {
            return;
        }
        let mut whole = Vec::new();
        let prompt = self.workspace.whole(text, || Some(tree), turn).unwrap_or_default();
        self.rules.scan_text(&prompt, &mut |finding| whole.push(finding));
        for (_, found, met) in &mut self.texts[before..] {
            if found.is_cut_in(text)
                && let Some(whole) = whole.iter().find(|whole| whole.begins_with(found))
            {
                found.clone_from(whole);
            }
            *met = Some(walk);
        }
        self.walks[walk].is_dirty = true;
    }

    fn texts_in(&mut self, spot: Spot, text: &str) {
        let texts = &mut self.texts;
        self.rules.scan_text(text, &mut |finding| texts.push((spot, finding, None)));
    }
}
