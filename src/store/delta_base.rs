//! Which earlier object a new one is like, known from what they are: so packs get small without a search.
//!
//! A turn is like the turn that its run of turns began with; a tree is like the tree it was made from, a commit like its parent.
//! A session's first line and first turn are like those of another session: of the same version of Codex, in the same directory.
//! Git wants an object that others are made of in the same pack, so one that is in an earlier pack is forgotten.

use std::sync::Arc;

use crate::git::Base;
use crate::git::object::Kind;
use crate::model::ObjectId;

/// Every so many turns one is stored whole, for those after it.
const RUN: u32 = 32;

/// Larger objects are compared with nothing, and nothing with them.
const LARGE: usize = 1 << 20;

/// How many deltas are applied to read a tree, a commit, a turn.
const TREE_DEPTH: u8 = 40;
const COMMIT_DEPTH: u8 = 4;
const TURN_DEPTH: u8 = 5;
const KIN_DEPTH: u8 = 4;

/// How many trees are remembered: a session's root and its last folder, and the same of the session that it is forked from.
const TREES: usize = 4;

/// How many first lines and first turns are remembered, and of how many bytes at the most.
const KIN: usize = 8;
const LARGE_KIN: usize = 256 << 10;

/// What an object is, as far as that says what it is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A session's first line.
    Meta,
    /// A part of a turn's chunk.
    Chunk { turn: u32, part: u64 },
    /// A tree, made from another.
    Tree { from: Option<ObjectId> },
    /// A commit and its parent.
    Commit { parent: Option<ObjectId> },
    /// Anything else.
    Other,
}

impl Role {
    /// The kind of an object in this role.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Meta | Self::Chunk { .. } | Self::Other => Kind::Blob,
            Self::Tree { .. } => Kind::Tree,
            Self::Commit { .. } => Kind::Commit,
        }
    }
}

type Known = (ObjectId, Arc<Base>);

/// Objects of one role in sessions that need not have anything to do with each other: of several that are alike one.
#[derive(Default)]
struct Kin(Vec<Known>);

impl Kin {
    /// The one that has most of an object's bytes, if that is a quarter of them.
    fn of(&mut self, bytes: &[u8], is_usable: impl Fn(&Known) -> bool) -> Option<Known> {
        self.0.retain(is_usable);
        let (at, _) = self.nearest(bytes).filter(|(_, shared)| *shared >= Base::PLACES / 4)?;
        // Who was of use last is the last to be forgotten.
        self.0[..=at].rotate_right(1);
        self.0.first().cloned()
    }

    /// Takes an object that has much that none of them has.
    fn add(&mut self, bytes: &[u8], known: impl FnOnce() -> Known) {
        let is_new = self.nearest(bytes).is_none_or(|(_, shared)| shared < Base::PLACES * 3 / 4);
        if is_new && bytes.len() <= LARGE_KIN {
            self.0.insert(0, known());
            self.0.truncate(KIN);
        }
    }

    fn nearest(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let shared = self.0.iter().map(|(_, base)| base.places_shared(bytes));
        shared.enumerate().max_by_key(|(at, shared)| (*shared, usize::MAX - at))
    }
}

/// The objects that came last in their roles.
#[derive(Default)]
pub(super) struct DeltaBases {
    metas: Kin,
    firsts: Kin,
    /// The turn that began the run, and the one that came last.
    key: Option<(u32, Known)>,
    last: u32,
    trees: Vec<Known>,
    commit: Option<Known>,
}

impl DeltaBases {
    /// The object that one in this role is likely to be like, and how deep a delta may get there. `depth` tells how many deltas
    /// an object is away from one that is whole, if it is in the pack that is being written.
    pub fn of(
        &mut self,
        role: Role,
        bytes: &[u8],
        depth: impl Fn(ObjectId) -> Option<u8>,
    ) -> Option<(ObjectId, Arc<Base>, u8)> {
        let is_usable = |known: &Known, most| depth(known.0).is_some_and(|depth| depth < most);
        // What can't be a base any more is forgotten, so that what comes now takes its place.
        let (known, most) = match role {
            Role::Meta => (self.metas.of(bytes, |known| is_usable(known, KIN_DEPTH)), KIN_DEPTH),
            Role::Chunk { turn: 1, part: 0 } => (self.firsts.of(bytes, |known| is_usable(known, KIN_DEPTH)), KIN_DEPTH),
            Role::Chunk { turn, part: 0 } if self.goes_on(turn) => {
                self.key = self.key.take().filter(|(_, key)| is_usable(key, TURN_DEPTH));
                (self.key.as_ref().map(|(_, key)| key.clone()), TURN_DEPTH)
            }
            Role::Tree { from } => (self.tree(from?), TREE_DEPTH),
            Role::Commit { parent } => (self.commit.clone().filter(|(id, _)| Some(*id) == parent), COMMIT_DEPTH),
            _ => return None,
        };
        known.map(|(id, base)| (id, base, most))
    }

    /// Takes an object as the last of its role.
    pub fn add(&mut self, role: Role, id: ObjectId, bytes: &[u8]) {
        if bytes.len() > LARGE {
            return;
        }
        let known = || (id, Arc::new(Base::new(bytes.to_vec())));
        match role {
            Role::Meta => self.metas.add(bytes, known),
            Role::Chunk { turn, part: 0 } => {
                if turn == 1 || !self.goes_on(turn) {
                    let key = known();
                    if turn == 1 {
                        self.firsts.add(bytes, || key.clone());
                    }
                    self.key = Some((turn, key));
                }
                self.last = turn;
            }
            Role::Tree { .. } => {
                self.trees.insert(0, known());
                self.trees.truncate(TREES);
            }
            Role::Commit { .. } => self.commit = Some(known()),
            Role::Chunk { .. } | Role::Other => {}
        }
    }

    /// The bytes of a tree that came lately.
    pub fn tree_bytes(&self, id: ObjectId) -> Option<Vec<u8>> {
        self.tree(id).map(|(_, base)| base.bytes().to_vec())
    }

    fn tree(&self, id: ObjectId) -> Option<Known> {
        self.trees.iter().find(|(known, _)| *known == id).cloned()
    }

    /// Whether a turn goes on with the run.
    fn goes_on(&self, turn: u32) -> bool {
        self.key.as_ref().is_some_and(|(key, _)| turn == self.last + 1 && turn < key + RUN)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use crate::model::TurnNumber;
    use crate::store::Store;

    /// A first line: what the version of Codex tells each session alike, and what only this session has.
    fn meta(version: u32, session: u32) -> Vec<u8> {
        let sentence = |n: u32| format!("Version {version} does {} and then {}. ", n * n * 31 % 977, n * 7919 % 991);
        let told: String = (0..300).map(sentence).collect();
        format!("{{\"session\":\"{session:08}\",\"instructions\":\"{told}\"}}\n").into_bytes()
    }

    /// How many objects of the packs are deltas of hardly any bytes.
    fn deltas(store: &Store) -> usize {
        let folder = store.path().join("objects/pack").read_dir().unwrap();
        let packs = folder
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "idx"));
        let count = |pack| {
            let shown = Command::new("git").args(["verify-pack", "-v"]).arg(pack).output().unwrap();
            assert!(shown.status.success());
            // An object's line: its id, kind, size, size in the pack, place, and of a delta its depth and base.
            let told = String::from_utf8(shown.stdout).unwrap();
            let fields = told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            fields.filter(|fields| fields.len() == 7 && fields[3].parse::<u32>().unwrap() < 200).count()
        };
        packs.map(count).sum()
    }

    #[test]
    fn in_each_pack_one_first_line_of_each_version_is_stored_for_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::init(&folder.path().join("s.git")).unwrap();
        let pack = store.begin_pack().unwrap();
        store.write_into(&pack);
        for round in 0..3 {
            for session in 0..10 {
                // Versions take turns, as they do when several are in use.
                store.write_meta(&meta(session % 2, round * 100 + session)).unwrap();
            }
            pack.finish(|| (), drop).map_err(|(_, error)| error).unwrap();
            assert_eq!(deltas(&store), 8 * (round as usize + 1));
        }
    }

    #[test]
    fn a_run_of_turns_goes_on_in_the_next_pack_with_a_turn_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::init(&folder.path().join("s.git")).unwrap();
        let pack = store.begin_pack().unwrap();
        store.write_into(&pack);
        for turn in 1..=8 {
            store.write_chunk(TurnNumber::new(turn).unwrap(), 0, &meta(1, turn)).unwrap();
            if turn == 4 {
                pack.finish(|| (), drop).map_err(|(_, error)| error).unwrap();
            }
        }
        pack.finish(|| (), drop).map_err(|(_, error)| error).unwrap();
        assert_eq!(deltas(&store), 6);
    }
}
