//! What one look at a project may cost. A look that would cost more keeps nothing: there is never part of a tree that passes for all of it.

use std::time::Duration;

/// The limits of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// How long it may take.
    pub time: Duration,
    /// How large a file may be of which the project's commit does not have the bytes.
    pub file: u64,
    /// How much may be new in all.
    pub new: u64,
    /// How many files there may be.
    pub files: u64,
    /// How many there may be where no repository says what belongs to the project.
    pub loose_files: u64,
    /// How much may be new there.
    pub loose_new: u64,
    /// How large a project's code store may get.
    pub store: u64,
    /// How much room must be left on the disk.
    pub room: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            file: 10 << 20,
            new: 200 << 20,
            files: 300_000,
            loose_files: 20_000,
            loose_new: 500 << 20,
            store: 2 << 30,
            room: 1 << 30,
        }
    }
}

/// The limit that a look went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exceeded {
    /// It took longer.
    Time(Duration),
    /// More was new.
    New(u64),
    /// There were more files.
    Files(u64),
    /// The code store is as large as it may get.
    Store(u64),
    /// The disk has less room.
    Room(u64),
}
