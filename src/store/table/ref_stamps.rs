//! RefStamps: what the system says of the places where refs are kept. While that is the same, the refs are.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What the system says of `packed-refs`, and of the folders of branches and of open lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RefStamps {
    packed: [u64; 3],
    heads: [u64; 3],
    open: [u64; 3],
}

/// A folder that changed less than that before the table was written may have changed again, in the same tick of the system's clock.
const TICK: Duration = Duration::from_secs(2);

impl RefStamps {
    /// How many bytes they take.
    pub const LEN: usize = 72;

    /// Those of a repository now.
    pub fn of(repository: &Path) -> Self {
        let stamp = |name: &str| stamp(&repository.join(name));
        Self { packed: stamp("packed-refs"), heads: stamp("refs/heads"), open: stamp("refs/open") }
    }

    /// Whether the packed refs are the same. Whoever changes them makes another file.
    pub fn same_packed(&self, other: &Self) -> bool {
        self.packed == other.packed
    }

    /// Whether there are packed refs. Git and codex-git replace them, and never remove them.
    pub fn has_packed(&self) -> bool {
        self.packed != [0; 3]
    }

    /// Whether all is the same, and was long enough when a table was written.
    pub fn prove(&self, now: &Self, written: SystemTime) -> bool {
        let since = written.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let settled = |folder: [u64; 3]| since.saturating_sub(TICK) > Duration::from_nanos(folder[0]);
        self == now && settled(self.heads) && settled(self.open)
    }

    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let numbers = [self.packed, self.heads, self.open];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers.as_flattened()) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    pub fn read(bytes: [u8; Self::LEN]) -> Self {
        let mut numbers = bytes.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk));
        let mut next = || [(); 3].map(|()| numbers.next().unwrap_or_default());
        Self { packed: next(), heads: next(), open: next() }
    }
}

/// When it was last written, in nanoseconds since 1970, its length and its inode; zeros where there is nothing.
fn stamp(path: &Path) -> [u64; 3] {
    let Ok(data) = fs::metadata(path) else { return [0; 3] };
    let written = data.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    [written.map_or(0, |at| at.as_nanos() as u64), data.len(), inode(&data)]
}

#[cfg(unix)]
fn inode(data: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(data)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}
