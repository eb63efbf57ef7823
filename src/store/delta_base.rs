//! Which earlier object a new one is like, known from what they are: so packs get small without a search.
//!
//! A turn is like the turn that its run of turns began with, and a session's first turn like the first turn of another session;
//! a tree is like the tree it was made from, a commit like its parent, a first line like any other.

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
const TURN_DEPTH: u8 = 2;

/// How many trees are remembered: a session's root and its last folder, and the same of the session that it is forked from.
const TREES: usize = 4;

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

/// The objects that came last in their roles.
#[derive(Default)]
pub(super) struct DeltaBases {
    meta: Option<Known>,
    first: Option<Known>,
    /// The turn that began the run, and the one that came last.
    key: Option<(u32, Known)>,
    last: u32,
    trees: Vec<Known>,
    commit: Option<Known>,
}

impl DeltaBases {
    /// The object that one in this role is likely to be like, and how deep a delta may get there.
    pub fn of(&self, role: Role) -> Option<(ObjectId, Arc<Base>, u8)> {
        let with = |known: &Option<Known>, depth| known.clone().map(|(id, base)| (id, base, depth));
        match role {
            Role::Meta => with(&self.meta, 1),
            Role::Chunk { turn: 1, part: 0 } => with(&self.first, 1),
            Role::Chunk { turn, part: 0 } if self.goes_on(turn) => {
                with(&self.key.as_ref().map(|(_, key)| key.clone()), TURN_DEPTH)
            }
            Role::Tree { from } => with(&self.tree(from?), TREE_DEPTH),
            Role::Commit { parent } => with(&self.commit.clone().filter(|(id, _)| Some(*id) == parent), COMMIT_DEPTH),
            _ => None,
        }
    }

    /// Takes an object as the last of its role.
    pub fn add(&mut self, role: Role, id: ObjectId, bytes: &[u8]) {
        if bytes.len() > LARGE {
            return;
        }
        let known = || (id, Arc::new(Base::new(bytes.to_vec())));
        match role {
            Role::Meta => drop(self.meta.get_or_insert_with(known)),
            Role::Chunk { turn, part: 0 } => {
                if turn == 1 || !self.goes_on(turn) {
                    self.key = Some((turn, known()));
                }
                if turn == 1 && self.first.is_none() {
                    self.first = Some(known());
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
