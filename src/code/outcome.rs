//! How looks end: whether there is room for one, which roots are looked at only in part as they have too many files, and which are looked at no more
//! because a limit was exceeded again and again.

use std::fs;
use std::path::Path;

use super::Error;
use super::error::exceeded_words;
use super::root::Root;
use super::store::CodeStore;
use crate::disk::durable;
use crate::model::code::{Budget, Exceeded};

/// So often in a row a look may go over a limit, until a root is looked at no more.
const TRIES: u32 = 3;

impl CodeStore {
    /// Whether there is room for more.
    pub(super) fn check_room(&self, root: &Root, budget: &Budget) -> Result<(), Error> {
        let exceeded = |exceeded| Err(Error::Exceeded { root: root.path().to_owned(), exceeded });
        if self.packed_size() > budget.store {
            return exceeded(Exceeded::Store(budget.store));
        }
        let Some((free, all)) = self.room() else { return Ok(()) };
        // On a small disk, a twentieth of it is enough.
        let least = budget.room.min(all / 20);
        if free < least { exceeded(Exceeded::Room(least)) } else { Ok(()) }
    }

    /// How many bytes are free on the disk, and how many it has; `None` if the system does not tell.
    fn room(&self) -> Option<(u64, u64)> {
        let disk = rustix::fs::statvfs(self.path()).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Some((bytes(disk.f_bavail), bytes(disk.f_blocks)))
    }

    /// Whether the packs can be written anew: until that is done, the disk holds them twice.
    pub(super) fn check_room_to_rewrite(&self) -> Result<(), Error> {
        let needed = self.packed_size();
        let Some((free, _)) = self.room() else { return Ok(()) };
        if free < needed { Err(Error::NoRoom { path: self.path().to_owned(), needed, free }) } else { Ok(()) }
    }

    /// Whether a root had too many files, so that only parts of it are looked at.
    pub fn is_wide(&self, root: &Root) -> bool {
        self.note_of(root, &[], "wide").exists()
    }

    /// Notes that a root has too many files, so that only a part of it is looked at, until somebody has all of it be looked at again.
    pub(super) fn note_wide(&self, root: &Root) {
        if let Err(error) = durable::replace(&self.note_of(root, &[], "wide"), b"") {
            tracing::info!(%error, "the next look is at all of the root first");
        }
    }

    /// Notes that a root has no more files than it may have.
    pub(super) fn note_narrow(&self, root: &Root) {
        if let Err(error) = self.remove_note(&self.note_of(root, &[], "wide")) {
            tracing::info!(%error, "parts of the root are looked at");
        }
    }

    /// Why a root is looked at no more for its directory, if so.
    pub fn given_up(&self, root: &Root) -> Option<String> {
        self.given_up_in(root, if self.is_wide(root) { root.part() } else { &[] })
    }

    /// The same of parts of it.
    pub(super) fn given_up_in(&self, root: &Root, parts: &[Vec<u8>]) -> Option<String> {
        let note = fs::read_to_string(self.note_of(root, parts, "refused")).ok()?;
        let (count, why) = note.split_once('\t')?;
        (count.parse::<u32>().ok()? >= TRIES).then(|| why.trim().to_owned())
    }

    /// Has a root be looked at again, all of it or these parts.
    ///
    /// # Errors
    /// When the note of why it was not can't be removed.
    pub fn try_again(&self, root: &Root, parts: &[Vec<u8>]) -> Result<(), Error> {
        self.remove_note(&self.note_of(root, &[], "refused"))?;
        self.remove_note(&self.note_of(root, parts, "refused"))
    }

    /// Has all of the project be looked at again, whatever was given up.
    ///
    /// # Errors
    /// As [`CodeStore::try_again`].
    pub fn try_all_again(&self) -> Result<(), Error> {
        let notes = fs::read_dir(self.notes()).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut notes = notes.filter(|path| path.extension().is_some_and(|is| is == "refused" || is == "wide"));
        notes.try_for_each(|path| self.remove_note(&path))
    }

    fn remove_note(&self, place: &Path) -> Result<(), Error> {
        durable::remove_file(place).map_err(Error::io("remove", place))
    }

    /// Counts looks that went over a limit, one after the other.
    pub(super) fn note_outcome(&self, (root, parts): (&Root, &[Vec<u8>]), error: Option<&Error>) {
        let place = self.note_of(root, parts, "refused");
        let noted = match error {
            None if !place.exists() => Ok(()),
            None => durable::remove_file(&place),
            Some(Error::Exceeded { exceeded, .. }) => {
                let before = fs::read_to_string(&place).ok();
                let count = before.and_then(|note| note.split_once('\t')?.0.parse::<u32>().ok()).unwrap_or(0);
                // A project that comes in over several turns goes on doing so.
                let count = if matches!(exceeded, Exceeded::Room(_)) { count } else { count.saturating_add(1) };
                durable::replace(&place, format!("{count}\t{}\n", exceeded_words(exceeded)).as_bytes())
            }
            Some(_) => Ok(()),
        };
        if let Err(error) = noted {
            tracing::info!(%error, "how the look ended was not noted");
        }
    }
}
