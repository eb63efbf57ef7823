//! A history from elsewhere, taken in beside the store: it is read like one of its own, and is no part of it until it is settled.

use std::io::Read;
use std::path::PathBuf;

use super::scratch::Scratch;
use super::{Error, Store};
use crate::git::bundle::Bundled;
use crate::git::headers::Header;
use crate::git::incoming::{Arrived, take_in};
use crate::git::pack::keep::Kept;
use crate::git::transport::Transport;
use crate::model::{CHUNK_LIMIT, ObjectId};

/// What the name of its folder begins with.
const ASIDE: &str = ".tmp-incoming-";

/// Larger commits and trees than any of ours.
const COMMIT: u64 = 1 << 20;
const TREE: u64 = 8 << 20;

/// A history from elsewhere.
pub struct Incoming {
    /// A store for a while, which borrows what the store has.
    side: Store,
    scratch: Scratch,
    packs: Vec<Arrived>,
    /// Its commits.
    commits: Vec<ObjectId>,
}

/// Objects that came in: until this goes, git leaves them alone although no ref names them yet.
pub struct Settled(#[allow(dead_code, reason = "it counts as long as it is held")] Vec<Option<Kept>>);

impl Store {
    /// Takes a pack in, beside the store. `most`: how many bytes it may have.
    ///
    /// # Errors
    /// When it can't be written, git refuses it, or it holds what no store of ours does.
    pub fn take_in(&self, pack: &mut dyn Read, most: u64) -> Result<Incoming, Error> {
        let scratch = self.borrower(ASIDE)?;
        let pack = take_in(&scratch.path(), pack, most)?;
        Incoming::of(scratch, vec![pack])
    }

    /// Fetches commits by their ids, beside the store. `known`: commits of the store that they may go on from.
    ///
    /// # Errors
    /// When the remote can't be reached or does not give them, or what it gives holds what no store of ours does.
    pub fn fetch_in(
        &self,
        transport: &Transport,
        wanted: &[ObjectId],
        known: &[ObjectId],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Incoming, Error> {
        let scratch = self.borrower(ASIDE)?;
        transport.fetch_ids(&scratch.path(), wanted, known, progress)?;
        let packs = Arrived::all_in(&scratch.path())?;
        Incoming::of(scratch, packs)
    }

    /// Whether the store has an object.
    pub fn has(&self, id: ObjectId) -> bool {
        self.odb.knows(id)
    }

    /// Whether the store has an object, as far as it was looked at: of one that came in since, this may not know.
    pub fn has_so_far(&self, id: ObjectId) -> bool {
        self.odb.knows_so_far(id)
    }

    /// Writes a bundle of all that a commit reaches.
    ///
    /// # Errors
    /// When git can't be run, or `out` takes nothing more.
    pub fn write_bundle(&self, bundled: &Bundled, out: &mut dyn std::io::Write) -> Result<(), Error> {
        Ok(bundled.write(self.path(), out)?)
    }
}

impl Incoming {
    fn of(scratch: Scratch, packs: Vec<Arrived>) -> Result<Self, Error> {
        let mut headers = Vec::new();
        for pack in &packs {
            headers.extend(pack.headers(&scratch.path())?);
        }
        if let Some(Header { id, kind, size }) = headers.iter().find(|header| !is_ours(header)).cloned() {
            return Err(Error::Foreign { id, kind, size });
        }
        let commits = headers.into_iter().filter(|header| header.kind == "commit").map(|header| header.id).collect();
        let side = Self::open(&scratch)?;
        Ok(Self { side, scratch, packs, commits })
    }

    /// Opens the store that reads it once more, for another thread.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn reopen(&self) -> Result<Store, Error> {
        Self::open(&self.scratch)
    }

    fn open(scratch: &Scratch) -> Result<Store, Error> {
        let mut side = Store::open(&scratch.path())?;
        // What is made of it is only compared.
        side.write_aside()?;
        Ok(side)
    }

    /// The store that reads it.
    pub fn side(&self) -> &Store {
        &self.side
    }

    /// All commits that came.
    pub fn commits(&self) -> &[ObjectId] {
        &self.commits
    }

    /// How many bytes came.
    pub fn bytes(&self) -> u64 {
        self.packs.iter().map(Arrived::bytes).sum()
    }

    /// A folder for files that are needed for a while.
    pub fn folder(&self) -> PathBuf {
        self.scratch.folder()
    }

    /// Makes its objects part of a store.
    ///
    /// # Errors
    /// When they can't be put there.
    pub fn settle(self, store: &Store) -> Result<Settled, Error> {
        let kept = self.packs.into_iter().map(|pack| pack.put_into(&store.odb)).collect::<Result<_, _>>()?;
        Ok(Settled(kept))
    }
}

/// Whether a store of ours can hold such an object.
fn is_ours(header: &Header) -> bool {
    let most = match header.kind.as_str() {
        "blob" => CHUNK_LIMIT,
        "tree" => TREE,
        "commit" => COMMIT,
        _ => return false,
    };
    header.size <= most
}
